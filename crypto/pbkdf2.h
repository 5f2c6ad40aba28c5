/* crypto/pbkdf2.h - PBKDF2 (RFC 8018 §5.2) with HMAC over any struct hash: a key from a password. */
#ifndef SEALPOST_CRYPTO_PBKDF2_H
#define SEALPOST_CRYPTO_PBKDF2_H

#include "crypto/hash.h"

/* Fills all of `out`. `password` is secret and may have any length; salt, iterations and lengths are
 * public, and timing depends on them only. iterations >= 1 and out_len <= (2^32 - 1) * digest_len
 * (RFC 8018 §5.2, step 1) are asserted. Takes 2 * iterations compressions for each digest_len
 * bytes of output, so a caller that is given `iterations` by a peer bounds it first. */
void pbkdf2(const struct hash *h, uint8_t *out, size_t out_len, struct bytes password,
            struct bytes salt, uint32_t iterations);

#endif
