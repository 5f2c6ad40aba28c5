/* crypto/hkdf.h - HKDF (RFC 5869): extract concentrates a secret, expand derives from it. */
#ifndef SEALPOST_CRYPTO_HKDF_H
#define SEALPOST_CRYPTO_HKDF_H

#include "crypto/hash.h"

/* RFC 5869 §2.2. `prk` gets h->digest_len bytes. An empty salt means digest_len zeros, which HMAC's
 * key padding makes the same. */
void hkdf_extract(const struct hash *h, uint8_t *prk, struct bytes salt, struct bytes ikm);

/* RFC 5869 §2.3. Fills all of `out`; out_len <= 255 * digest_len is asserted. `prk` has digest_len
 * bytes. Timing depends on lengths only. */
void hkdf_expand(const struct hash *h, uint8_t *out, size_t out_len,
                 const uint8_t *prk, struct bytes info);

#endif
