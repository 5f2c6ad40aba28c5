/* crypto/rsa.h - RSA signatures on message digests (RFC 8017): the interface below signature.h.
 *
 * RSASSA-PSS, which TLS 1.3 signs with, and RSASSA-PKCS1-v1_5, which most certificates are still
 * signed with. MGF1 uses the hash of the message (RFC 8446 §4.2.3).
 *
 * A modulus is odd and has 2048 to 8192 bits, in a private key at most 4096; an exponent e is odd,
 * 3 <= e < 2^33. Verifying has public inputs and is variable-time. Signing is constant-time in the
 * private key; the lengths of all its numbers are public.
 */
#ifndef SEALPOST_CRYPTO_RSA_H
#define SEALPOST_CRYPTO_RSA_H

#include "crypto/hash.h"

enum {
    RSA_BITS_MIN         = 2048,
    RSA_MODULUS_MAX      = 1024,         /* bytes of the largest public modulus: 8192 bits */
    RSA_SIGN_MODULUS_MAX = 512,          /* bytes of the largest modulus that we sign with */
    RSA_PRIME_MAX        = 256,          /* bytes of its primes */
    RSA_EXPONENT_MAX     = 5,            /* bytes of e < 2^33 */
};

/* Big-endian, without leading zeros. */
struct rsa_public_key { struct bytes modulus, exponent; };

/* The numbers of a private key, as RFC 8017 §3.2 names them; big-endian, without leading zeros. */
struct rsa_numbers { struct bytes n, e, p, q, dP, dQ, qInv; };

/* A private key in memory; p to qInv are secret. Wiped by its owner. */
struct rsa_private_key {
    uint16_t n_len, e_len, p_len, q_len;
    uint8_t n[RSA_SIGN_MODULUS_MAX], e[RSA_EXPONENT_MAX];
    uint8_t p[RSA_PRIME_MAX], dP[RSA_PRIME_MAX], qInv[RSA_PRIME_MAX];      /* p_len bytes each */
    uint8_t q[RSA_PRIME_MAX], dQ[RSA_PRIME_MAX];                           /* q_len bytes each */
};

/* True if a public key has the sizes above. Whether n is a product of two primes cannot be seen. */
bool rsa_public_key_valid(const struct rsa_public_key *key);

/* A view into `key`. */
struct rsa_public_key rsa_public(const struct rsa_private_key *key);

/* False, and *out is wiped, unless the sizes are those above and the private numbers undo the
 * public ones: a power is taken and checked, in the time of a signature. Stack: 12 KB. */
bool rsa_private_key_make(struct rsa_private_key *out, const struct rsa_numbers *numbers);

/* RFC 8017 §8.2.2, §8.1.2. `digest` has h->digest_len bytes. True only for a signature that is as
 * long as the modulus and below it; PKCS #1 v1.5 padding has one form, with the NULL; the salt of
 * PSS has exactly salt_len bytes. Stack: 9 KB. */
bool rsa_verify_pkcs1_vartime(const struct rsa_public_key *key, const struct hash *h,
                              const uint8_t *digest, struct bytes signature);
bool rsa_verify_pss_vartime(const struct rsa_public_key *key, const struct hash *h,
                            const uint8_t *digest, size_t salt_len, struct bytes signature);

/* RFC 8017 §8.2.1, §8.1.1. Writes key->n_len bytes. False if the key's sizes are not those above,
 * the salt does not fit, or the result does not verify, as after a fault or with a key whose
 * numbers do not belong together; then nothing of it is left in `out`. Stack: 11 KB. */
bool rsa_sign_pkcs1(uint8_t *out, const struct rsa_private_key *key, const struct hash *h,
                    const uint8_t *digest);
bool rsa_sign_pss(uint8_t *out, const struct rsa_private_key *key, const struct hash *h,
                  const uint8_t *digest, struct bytes salt);

#endif
