/* tls13/session.h - what a client keeps of a ticket: the content of a struct tls_session.
 * Private to tls13/; the struct itself, which callers store as it is, is in tls.h.
 */
#ifndef SEALPOST_TLS13_SESSION_H
#define SEALPOST_TLS13_SESSION_H

#include "tls13/tls.h"

/* The content, decoded; views look into the struct tls_session. */
struct session {
    int64_t received;                        /* seconds since 1970 */
    int64_t authenticated_until;
    uint32_t lifetime, age_add;
    struct bytes fingerprint;                /* of the configuration that it was made under */
    struct bytes psk;                        /* secret; its length tells the hash */
    struct bytes peer_identity;              /* of the certificate that was shown */
    struct bytes server_name, alpn;
    struct bytes ticket;
};

/* Into `out`, whose own memory the ticket may lie in, behind TLS_SESSION_HEAD bytes. False, and `out`
 * is empty, if it does not fit. */
bool session_encode(struct tls_session *out, const struct session *s);

/* False if it is empty, of another version, or malformed. */
bool session_decode(struct session *out, const struct tls_session *in);

/* May it be offered now, by a client so configured? */
bool session_fits(const struct session *s, const struct tls_config *config, int64_t now);

/* The hash of its suite, if that is one of a suite that is offered; or NULL. */
const struct hash *session_hash(const struct session *s, const struct algorithms *a);

/* §4.2.11.1 */
uint32_t session_obfuscated_age(int64_t received, uint32_t age_add, int64_t now);

#endif
