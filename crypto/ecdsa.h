/* crypto/ecdsa.h - ECDSA on message digests: the interface below signature.h.
 *
 * Implements FIPS 186-5 §6.4 with the deterministic nonces of RFC 6979, and the DER form of a
 * signature that TLS and X.509 carry (RFC 8446 §4.2.3, RFC 3279 §2.2.3), over either curve.
 */
#ifndef SEALPOST_CRYPTO_ECDSA_H
#define SEALPOST_CRYPTO_ECDSA_H

#include "crypto/curve.h"
#include "crypto/hash.h"

/* r and s, big-endian in the first scalar_len bytes of each; the others are zero. */
struct ecdsa { uint8_t r[CURVE_SCALAR_MAX], s[CURVE_SCALAR_MAX]; };

/* SEQUENCE { INTEGER r, INTEGER s }: 2 + 2 (2 + 49) bytes, 49 with the zero before a top bit; 72
 * bytes at most for P-256. */
enum { ECDSA_DER_MAX = 104 };

/* Signs `digest`, h->digest_len bytes; h also drives the nonce (RFC 6979 §3.2). False, and zeros,
 * if `private`, scalar_len bytes, is not in 1 .. n - 1 or the result does not verify. Constant
 * time in `private` and the nonce; the digest is public. */
bool ecdsa_sign(const struct curve *c, struct ecdsa *out, const uint8_t *private,
                const struct hash *h, const uint8_t *digest);

/* `point` as c->decode wants it; any length of digest, of which the leftmost scalar_len bytes
 * count. All public; variable time. */
bool ecdsa_verify(const struct curve *c, const struct ecdsa *signature, struct bytes point,
                  struct bytes digest);

/* DER (X.690): returns the number of bytes written. */
size_t ecdsa_encode(const struct curve *c, uint8_t out[ECDSA_DER_MAX],
                    const struct ecdsa *signature);

/* Takes the one encoding that ecdsa_encode would give, and nothing else. Whether r and s are in
 * range is for ecdsa_verify to say. */
bool ecdsa_decode(const struct curve *c, struct ecdsa *out, struct bytes der);

#endif
