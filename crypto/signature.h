/* crypto/signature.h - signature algorithms, and the keys they take.
 *
 * Messages are whole and unhashed, because Ed25519 wants them so. Public keys are views into
 * the certificate or memory they came from.
 */
#ifndef SEALPOST_CRYPTO_SIGNATURE_H
#define SEALPOST_CRYPTO_SIGNATURE_H

#include "crypto/bytes.h"
#include "crypto/random.h"
#include "crypto/rsa.h"

enum key_type {
    KEY_NONE,
    KEY_P256,
    KEY_P384,
    KEY_ED25519,
    KEY_RSA,
};

struct public_key {
    enum key_type type;
    struct bytes point;                  /* P-256, P-384: 04 || x || y; Ed25519: 32 bytes */
    struct bytes modulus, exponent;      /* RSA: big-endian, without leading zeros */
};

enum {
    PRIVATE_KEY_MAX = 48,                /* bytes of the largest scalar or seed */
    SIGNATURE_MAX   = 512,               /* bytes of the largest signature (RSA-4096) */
};

/* A private key in memory; all of it but `type` is secret. Wiped by its owner. */
struct private_key {
    enum key_type type;
    union {
        struct rsa_private_key rsa;
        /* P-256, P-384: scalar, 32 or 48 bytes big-endian; Ed25519: seed, 32. */
        uint8_t secret[PRIVATE_KEY_MAX];
    };
};

struct signature {
    const char *name;
    enum key_type key_type;

    /* Writes at most SIGNATURE_MAX bytes. False if the key is of another type or not valid, the
     * random source fails, or the result does not verify; then nothing is written. NULL for what
     * is only verified. */
    bool (*sign)(uint8_t *out, size_t *out_len, const struct private_key *key,
                 struct bytes message, const struct random_source *random);

    /* True only for a valid signature in its one canonical encoding. All inputs are public. */
    bool (*verify)(const struct public_key *key, struct bytes message, struct bytes signature);
};

extern const struct signature signature_ecdsa_p256_sha256;     /* FIPS 186-5, RFC 6979; DER */
extern const struct signature signature_ecdsa_p384_sha384;
extern const struct signature signature_ed25519;               /* RFC 8032 */
extern const struct signature signature_rsa_pss_sha256;        /* RFC 8017; salt of digest length */
extern const struct signature signature_rsa_pss_sha384;
extern const struct signature signature_rsa_pss_sha512;
extern const struct signature signature_rsa_pkcs1_sha256;      /* RFC 8017 */
extern const struct signature signature_rsa_pkcs1_sha384;
extern const struct signature signature_rsa_pkcs1_sha512;

/* No schemes of TLS 1.3, which binds curve and hash; certificates are signed so (RFC 5758). */
extern const struct signature signature_ecdsa_p256_sha384;
extern const struct signature signature_ecdsa_p384_sha256;

/* The public half of a key that is a point: P-256 65 bytes, P-384 97, Ed25519 32. False if the key
 * is not valid, or an RSA key, for which there is rsa_public. */
enum { PUBLIC_POINT_MAX = 97 };
bool private_key_public(uint8_t out[PUBLIC_POINT_MAX], size_t *out_len,
                        const struct private_key *key);

/* A new key of `type` (KEY_P256, KEY_P384 or KEY_ED25519). */
bool private_key_generate(struct private_key *out, enum key_type type,
                          const struct random_source *random);

#endif
