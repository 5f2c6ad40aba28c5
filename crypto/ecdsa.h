/* crypto/ecdsa.h - ECDSA over P-256 on message digests: the interface below signature.h.
 *
 * Implements FIPS 186-5 §6.4 with the deterministic nonces of RFC 6979, and the DER form of a
 * signature that TLS and X.509 carry (RFC 8446 §4.2.3, RFC 3279 §2.2.3).
 */
#ifndef SEALPOST_CRYPTO_ECDSA_H
#define SEALPOST_CRYPTO_ECDSA_H

#include "crypto/hash.h"
#include "crypto/p256.h"

/* r and s, each 32 bytes big-endian. */
struct ecdsa_p256 { uint8_t r[P256_SCALAR_LEN], s[P256_SCALAR_LEN]; };

/* SEQUENCE { INTEGER r, INTEGER s }: 2 + 2 (2 + 33) bytes, 33 with the zero before a top bit. */
enum { ECDSA_P256_DER_MAX = 72 };

/* Signs `digest`, h->digest_len bytes; h also drives the nonce (RFC 6979 §3.2) and has at least 32
 * bytes of digest. False, and zeros, if `private` is not in 1 .. n - 1 or the result does not
 * verify. Constant time in `private` and the nonce; the digest is public. */
bool ecdsa_p256_sign(struct ecdsa_p256 *out, const uint8_t private[P256_SCALAR_LEN],
                     const struct hash *h, const uint8_t *digest);

/* `point` as p256_point_decode wants it; any length of digest, of which the leftmost 256 bits
 * count. All public; variable time. */
bool ecdsa_p256_verify(const struct ecdsa_p256 *signature, struct bytes point,
                       struct bytes digest);

/* DER (X.690): returns the number of bytes written. */
size_t ecdsa_p256_encode(uint8_t out[ECDSA_P256_DER_MAX], const struct ecdsa_p256 *signature);

/* Takes the one encoding that ecdsa_p256_encode would give, and nothing else. Whether r and s are
 * in range is for ecdsa_p256_verify to say. */
bool ecdsa_p256_decode(struct ecdsa_p256 *out, struct bytes der);

#endif
