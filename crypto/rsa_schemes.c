/* crypto/rsa_schemes.c - RSA under the names of signature.h: two paddings, three hashes.
 *
 * Implements  RFC 8446 §4.2.3: rsa_pss_rsae_*, a salt as long as the digest; rsa_pkcs1_*.
 * Secret      as crypto/rsa.h says; the salt is not.
 */
#include "crypto/random.h"
#include "crypto/rsa.h"
#include "crypto/signature.h"

_Static_assert((int)SIGNATURE_MAX >= (int)RSA_SIGN_MODULUS_MAX, "a signature fits");

/* ---- PSS ---- */

static bool sign_pss(const struct hash *h, uint8_t *out, size_t *out_len,
                     const struct private_key *key, struct bytes message,
                     const struct random_source *random)
{
    uint8_t digest[HASH_MAX], salt[HASH_MAX];
    if (key->type != KEY_RSA || !random_fill(random, salt, h->digest_len))
        return false;
    hash_digest(h, digest, message);
    if (!rsa_sign_pss(out, &key->rsa, h, digest, bytes_of(salt, h->digest_len)))
        return false;
    *out_len = key->rsa.n_len;
    return true;
}

static bool verify_pss(const struct hash *h, const struct public_key *key, struct bytes message,
                       struct bytes signature)
{
    uint8_t digest[HASH_MAX];
    struct rsa_public_key rsa = { key->modulus, key->exponent };
    if (key->type != KEY_RSA)
        return false;
    hash_digest(h, digest, message);
    return rsa_verify_pss_vartime(&rsa, h, digest, h->digest_len, signature);
}

static bool sign_pss_sha256(uint8_t *out, size_t *out_len, const struct private_key *key,
                            struct bytes message, const struct random_source *random)
{
    return sign_pss(&hash_sha256, out, out_len, key, message, random);
}

static bool sign_pss_sha384(uint8_t *out, size_t *out_len, const struct private_key *key,
                            struct bytes message, const struct random_source *random)
{
    return sign_pss(&hash_sha384, out, out_len, key, message, random);
}

static bool sign_pss_sha512(uint8_t *out, size_t *out_len, const struct private_key *key,
                            struct bytes message, const struct random_source *random)
{
    return sign_pss(&hash_sha512, out, out_len, key, message, random);
}

static bool verify_pss_sha256(const struct public_key *key, struct bytes message,
                              struct bytes signature)
{
    return verify_pss(&hash_sha256, key, message, signature);
}

static bool verify_pss_sha384(const struct public_key *key, struct bytes message,
                              struct bytes signature)
{
    return verify_pss(&hash_sha384, key, message, signature);
}

static bool verify_pss_sha512(const struct public_key *key, struct bytes message,
                              struct bytes signature)
{
    return verify_pss(&hash_sha512, key, message, signature);
}

/* ---- PKCS #1 v1.5 ---- */

static bool sign_pkcs1(const struct hash *h, uint8_t *out, size_t *out_len,
                       const struct private_key *key, struct bytes message)
{
    uint8_t digest[HASH_MAX];
    if (key->type != KEY_RSA)
        return false;
    hash_digest(h, digest, message);
    if (!rsa_sign_pkcs1(out, &key->rsa, h, digest))
        return false;
    *out_len = key->rsa.n_len;
    return true;
}

static bool verify_pkcs1(const struct hash *h, const struct public_key *key, struct bytes message,
                         struct bytes signature)
{
    uint8_t digest[HASH_MAX];
    struct rsa_public_key rsa = { key->modulus, key->exponent };
    if (key->type != KEY_RSA)
        return false;
    hash_digest(h, digest, message);
    return rsa_verify_pkcs1_vartime(&rsa, h, digest, signature);
}

static bool sign_pkcs1_sha256(uint8_t *out, size_t *out_len, const struct private_key *key,
                              struct bytes message, const struct random_source *random)
{
    (void)random;
    return sign_pkcs1(&hash_sha256, out, out_len, key, message);
}

static bool sign_pkcs1_sha384(uint8_t *out, size_t *out_len, const struct private_key *key,
                              struct bytes message, const struct random_source *random)
{
    (void)random;
    return sign_pkcs1(&hash_sha384, out, out_len, key, message);
}

static bool sign_pkcs1_sha512(uint8_t *out, size_t *out_len, const struct private_key *key,
                              struct bytes message, const struct random_source *random)
{
    (void)random;
    return sign_pkcs1(&hash_sha512, out, out_len, key, message);
}

static bool verify_pkcs1_sha256(const struct public_key *key, struct bytes message,
                                struct bytes signature)
{
    return verify_pkcs1(&hash_sha256, key, message, signature);
}

static bool verify_pkcs1_sha384(const struct public_key *key, struct bytes message,
                                struct bytes signature)
{
    return verify_pkcs1(&hash_sha384, key, message, signature);
}

static bool verify_pkcs1_sha512(const struct public_key *key, struct bytes message,
                                struct bytes signature)
{
    return verify_pkcs1(&hash_sha512, key, message, signature);
}

/* ---- the schemes ---- */

const struct signature signature_rsa_pss_sha256 = {
    "rsa_pss_rsae_sha256", KEY_RSA, sign_pss_sha256, verify_pss_sha256,
};
const struct signature signature_rsa_pss_sha384 = {
    "rsa_pss_rsae_sha384", KEY_RSA, sign_pss_sha384, verify_pss_sha384,
};
const struct signature signature_rsa_pss_sha512 = {
    "rsa_pss_rsae_sha512", KEY_RSA, sign_pss_sha512, verify_pss_sha512,
};
const struct signature signature_rsa_pkcs1_sha256 = {
    "rsa_pkcs1_sha256", KEY_RSA, sign_pkcs1_sha256, verify_pkcs1_sha256,
};
const struct signature signature_rsa_pkcs1_sha384 = {
    "rsa_pkcs1_sha384", KEY_RSA, sign_pkcs1_sha384, verify_pkcs1_sha384,
};
const struct signature signature_rsa_pkcs1_sha512 = {
    "rsa_pkcs1_sha512", KEY_RSA, sign_pkcs1_sha512, verify_pkcs1_sha512,
};
