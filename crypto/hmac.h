/* crypto/hmac.h - HMAC over any struct hash (RFC 2104). */
#ifndef SEALPOST_CRYPTO_HMAC_H
#define SEALPOST_CRYPTO_HMAC_H

#include "crypto/hash.h"

struct hmac {
    const struct hash *hash;
    struct hash_state inner, outer;
};

/* `key` is secret and may have any length; longer than a block, it is hashed first. */
void hmac_init(struct hmac *m, const struct hash *h, struct bytes key);
void hmac_update(struct hmac *m, struct bytes in);
/* Writes h->digest_len bytes and wipes `m`. `out` may be memory that went in. */
void hmac_final(struct hmac *m, uint8_t *out);

/* One message at once; `out` gets h->digest_len bytes. */
void hmac_compute(const struct hash *h, uint8_t *out, struct bytes key, struct bytes message);

#endif
