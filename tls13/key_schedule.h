/* tls13/key_schedule.h - from shared secrets to traffic keys (RFC 8446 §7).
 *
 *             0                          one type per stage: a step made out of order does
 *             |                          not compile, and each step erases the stage before it
 *   PSK -> Extract = early_secret
 *             | "derived"
 *   (EC)DHE -> Extract = handshake_secret --+-> "c hs traffic", "s hs traffic"
 *             | "derived"
 *   0 ->    Extract = master_secret --------+-> "c ap traffic", "s ap traffic",
 *                                               "exp master", "res master"
 *
 * All secrets have hash->digest_len bytes. Timing depends on lengths only.
 */
#ifndef SEALPOST_TLS13_KEY_SCHEDULE_H
#define SEALPOST_TLS13_KEY_SCHEDULE_H

#include "crypto/hash.h"

enum { SECRET_MAX = 48 };                /* SHA-384, the longest hash of a TLS 1.3 suite */

struct secret           { uint8_t byte[SECRET_MAX]; };
struct early_secret     { struct secret s; };
struct handshake_secret { struct secret s; };
struct master_secret    { struct secret s; };
struct traffic_secret   { struct secret s; };

/* HKDF-Expand-Label (§7.1): fills `out`. `label` without its "tls13 " prefix, at most 249
 * bytes; `context` at most 255. Both limits are asserted. */
void hkdf_expand_label(const struct hash *h, uint8_t *out, size_t out_len,
                       const struct secret *from, const char *label, struct bytes context);

/* Derive-Secret (§7.1), given the transcript hash of its messages. */
void derive_secret(const struct hash *h, struct secret *out, const struct secret *from,
                   const char *label, struct bytes transcript_hash);

/* An empty `psk` is the string of digest_len zeros. */
void early_secret_make(const struct hash *h, struct early_secret *out, struct bytes psk);

/* Erases `early`. `shared` is the (EC)DHE result; it is never empty (psk_ke is left out). */
void handshake_secret_make(const struct hash *h, struct handshake_secret *out,
                           struct early_secret *early, struct bytes shared);

/* Erases `handshake`. */
void master_secret_make(const struct hash *h, struct master_secret *out,
                        struct handshake_secret *handshake);

/* §7.2: the next application_traffic_secret, in place of this one. */
void traffic_secret_update(const struct hash *h, struct traffic_secret *s);

/* §4.4.4: verify_data, digest_len bytes, under the finished_key of a handshake traffic secret. */
void finished_verify_data(const struct hash *h, uint8_t *out, const struct traffic_secret *base,
                          struct bytes transcript_hash);

/* §7.5: TLS-Exporter(label, context, out_len), from "exp master". */
void exporter(const struct hash *h, uint8_t *out, size_t out_len, const struct secret *exp_master,
              const char *label, struct bytes context);

#endif
