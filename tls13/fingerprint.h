/* tls13/fingerprint.h - a hash of the settings that decide whom an endpoint believes.
 *
 * Sessions and tickets are bound to it, so that a resumption never outlives a change of trust (N8 of
 * the bug classes). Private to tls13/.
 */
#ifndef SEALPOST_TLS13_FINGERPRINT_H
#define SEALPOST_TLS13_FINGERPRINT_H

#include "tls13/tls.h"

/* Whatever is added to the settings and has a part in authentication has to be added to it. */
void config_fingerprint(uint8_t out[FINGERPRINT_LEN], const struct tls_config *config);

/* Fields, each with its length before it, so that no two lists of them are the same bytes. */
struct fingerprint { struct hash_state state; };
void fingerprint_begin(struct fingerprint *f, const char *purpose);
void fingerprint_add(struct fingerprint *f, struct bytes field);
void fingerprint_end(struct fingerprint *f, uint8_t out[FINGERPRINT_LEN]);

#endif
