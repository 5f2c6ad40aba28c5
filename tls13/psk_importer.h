/* tls13/psk_importer.h - external PSKs, in the one form that they are taken in: imported
 * (RFC 9258).
 *
 * A key that two people agreed on by other means becomes one PSK for each hash of TLS 1.3: its
 * identity on the wire says for which, and in which context. So one key is never used with two
 * hashes, and not as it was given. The context names who is who: where a node plays both roles, let
 * it differ by direction, and nobody can reflect its own hellos at it (RFC 9257 §4, RFC 9258
 * Appendix A).
 */
#ifndef SEALPOST_TLS13_PSK_IMPORTER_H
#define SEALPOST_TLS13_PSK_IMPORTER_H

#include "tls13/key_schedule.h"

enum {
    EXTERNAL_PSK_MIN      = 16,              /* bytes of key: 128 bits, RFC 9257 §4 */
    EXTERNAL_IDENTITY_MAX = 255,
    PSK_CONTEXT_MAX       = 255,
    IMPORTED_IDENTITY_MAX = 2 + EXTERNAL_IDENTITY_MAX + 2 + PSK_CONTEXT_MAX + 2 + 2,
};

/* What was agreed on: an EPSK. */
struct external_psk {
    struct bytes identity;                   /* public, 1 byte or more */
    struct bytes context;                    /* public, may be empty */
    struct bytes key;                        /* secret; of full entropy, not a password */
    const struct hash *hash;                 /* NULL: SHA-256 */
};

struct imported_psk {
    const struct hash *hash;                 /* the suites that it may be used with */
    uint8_t identity[IMPORTED_IDENTITY_MAX];
    uint16_t identity_len;
    struct secret key;                       /* ipskx; wiped by its owner */
};

/* Imports an EPSK for the suites of a hash: SHA-256 or SHA-384, and usually both. False, and
 * *reason says why, if a length or the hash is out of range. */
bool psk_import(struct imported_psk *out, const struct external_psk *epsk,
                const struct hash *target, const char **reason);

#endif
