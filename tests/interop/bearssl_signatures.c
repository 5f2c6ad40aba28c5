/* tests/interop/bearssl_signatures.c - ECDSA, RSASSA-PSS and PKCS #1 v1.5 by BearSSL.
 *
 * BearSSL 0.6 has no PSS. The padding of RFC 8017 §9.1 is composed here once more, of its hashes
 * and around its RSA powers: no line of crypto/rsa.c is in it.
 */
#include "tests/interop/bearssl_signatures.h"

#include <bearssl.h>
#include <string.h>

struct kind {
    const br_hash_class *hash;
    size_t len;                          /* of the digest */
    const unsigned char *oid;            /* BearSSL's name of it in PKCS #1 v1.5 */
};

static const struct kind sha256 = { &br_sha256_vtable, 32, BR_HASH_OID_SHA256 };
static const struct kind sha384 = { &br_sha384_vtable, 48, BR_HASH_OID_SHA384 };
static const struct kind sha512 = { &br_sha512_vtable, 64, BR_HASH_OID_SHA512 };

static void digest_three(const struct kind *k, uint8_t *out, struct bytes a, struct bytes b,
                         struct bytes c)
{
    br_hash_compat_context h;
    k->hash->init(&h.vtable);
    k->hash->update(&h.vtable, a.at, a.len);
    k->hash->update(&h.vtable, b.at, b.len);
    k->hash->update(&h.vtable, c.at, c.len);
    k->hash->out(&h.vtable, out);
}

static void digest(const struct kind *k, uint8_t *out, struct bytes message)
{
    digest_three(k, out, message, bytes_of(NULL, 0), bytes_of(NULL, 0));
}

/* ---- ECDSA ---- */

static bool ecdsa_sign(const struct kind *k, int curve, uint8_t *out, size_t *out_len,
                       const struct private_key *key, struct bytes message)
{
    uint8_t scalar[48], hash[64];
    memcpy(scalar, key->secret, k->len);             /* here digest and scalar are as long */
    br_ec_private_key secret = { curve, scalar, k->len };
    digest(k, hash, message);
    *out_len = br_ecdsa_i31_sign_asn1(&br_ec_prime_i31, k->hash, hash, &secret, out);
    return *out_len > 0;
}

static bool ecdsa_verify(const struct kind *k, int curve, const struct public_key *key,
                         struct bytes message, struct bytes signature)
{
    uint8_t point[97], hash[64];
    if (key->point.len != 2 * k->len + 1)
        return false;
    memcpy(point, key->point.at, key->point.len);
    br_ec_public_key public = { curve, point, key->point.len };
    digest(k, hash, message);
    return br_ecdsa_i31_vrfy_asn1(&br_ec_prime_i31, hash, k->len, &public, signature.at,
                                  signature.len) == 1;
}

/* ---- RSA ---- */

static br_rsa_public_key public_of(const struct public_key *key)
{
    return (br_rsa_public_key){ (unsigned char *)key->modulus.at, key->modulus.len,
                                (unsigned char *)key->exponent.at, key->exponent.len };
}

static uint32_t bits_of(struct bytes modulus)
{
    uint32_t bits = (uint32_t)modulus.len * 8;
    for (unsigned top = modulus.at[0]; top < 0x80; top <<= 1)
        bits--;
    return bits;
}

/* RFC 8017 §B.2.1: data ^= MGF1(seed) */
static void mask(const struct kind *k, uint8_t *data, size_t len, const uint8_t *seed)
{
    uint8_t counter[4] = { 0 }, block[64];
    for (size_t i = 0; i < len; i++) {
        if (i % k->len == 0) {
            digest_three(k, block, bytes_of(seed, k->len), bytes_of(counter, 4),
                         bytes_of(NULL, 0));
            counter[3]++;
        }
        data[i] ^= block[i % k->len];
    }
}

/* §9.1.1, steps 5 to 12: zeros, 01 and the salt, masked; the hash; bc. Together em_bits bits. */
static void pss_encode(const struct kind *k, uint8_t *em, size_t em_len, uint32_t em_bits,
                       const uint8_t *message_digest, const uint8_t *salt)
{
    static const uint8_t zeros[8];
    size_t db_len = em_len - k->len - 1;
    uint8_t *hash = em + db_len;
    digest_three(k, hash, bytes_of(zeros, 8), bytes_of(message_digest, k->len),
                 bytes_of(salt, k->len));
    memset(em, 0, db_len);
    em[db_len - k->len - 1] = 1;
    memcpy(em + db_len - k->len, salt, k->len);
    mask(k, em, db_len, hash);
    em[0] &= (uint8_t)(0xff >> (8 * em_len - em_bits));
    em[em_len - 1] = 0xbc;
}

/* x = x^d mod n, checked by the power e: RFC 9846 §C.3, since BearSSL's CRT checks no fault. */
static bool private_power(uint8_t *x, const struct rsa_private_key *key, uint32_t bits)
{
    struct rsa_private_key k = *key;                 /* BearSSL's keys are not const */
    uint8_t em[RSA_SIGN_MODULUS_MAX], power[RSA_SIGN_MODULUS_MAX];
    br_rsa_private_key secret = { bits, k.p, k.p_len, k.q, k.q_len, k.dP, k.p_len, k.dQ, k.q_len,
                                  k.qInv, k.p_len };
    br_rsa_public_key public = { k.n, k.n_len, k.e, k.e_len };
    memcpy(em, x, k.n_len);
    if (!br_rsa_i31_private(x, &secret))
        return false;
    memcpy(power, x, k.n_len);
    return br_rsa_i31_public(power, k.n_len, &public) && memcmp(power, em, k.n_len) == 0;
}

static bool pss_sign(const struct kind *k, uint8_t *out, size_t *out_len,
                     const struct private_key *key, struct bytes message,
                     const struct random_source *random)
{
    size_t n_len = key->rsa.n_len;
    uint32_t bits = bits_of(bytes_of(key->rsa.n, n_len));
    size_t em_len = (bits + 6) / 8;                  /* of bits - 1 */
    uint8_t hash[64], salt[64];
    if (!random_fill(random, salt, k->len))
        return false;
    digest(k, hash, message);
    memset(out, 0, n_len);
    pss_encode(k, out + n_len - em_len, em_len, bits - 1, hash, salt);
    *out_len = n_len;
    return private_power(out, &key->rsa, bits);
}

/* The salt is read out of the block, which is then built again and compared as a whole. */
static bool pss_verify(const struct kind *k, const struct public_key *key, struct bytes message,
                       struct bytes signature)
{
    uint8_t power[RSA_MODULUS_MAX], db[RSA_MODULUS_MAX], want[RSA_MODULUS_MAX] = { 0 }, hash[64];
    br_rsa_public_key public = public_of(key);
    uint32_t bits = bits_of(key->modulus);
    size_t n_len = key->modulus.len, em_len = (bits + 6) / 8, db_len = em_len - k->len - 1;
    if (signature.len != n_len)
        return false;
    memcpy(power, signature.at, n_len);
    if (!br_rsa_i31_public(power, n_len, &public))
        return false;
    const uint8_t *em = power + n_len - em_len;
    memcpy(db, em, db_len);
    mask(k, db, db_len, em + db_len);
    digest(k, hash, message);
    pss_encode(k, want + n_len - em_len, em_len, bits - 1, hash, db + db_len - k->len);
    return memcmp(want, power, n_len) == 0;
}

static bool pkcs1_verify(const struct kind *k, const struct public_key *key, struct bytes message,
                         struct bytes signature)
{
    uint8_t hash[64], found[64];
    br_rsa_public_key public = public_of(key);
    digest(k, hash, message);
    return br_rsa_i31_pkcs1_vrfy(signature.at, signature.len, k->oid, k->len, &public, found) == 1
        && memcmp(hash, found, k->len) == 0;
}

/* ---- under their names ---- */

#define ECDSA(NAME, KIND, CURVE, KEY)                                                          \
    static bool NAME##_sign(uint8_t *out, size_t *out_len, const struct private_key *key,      \
                            struct bytes message, const struct random_source *random)          \
    {                                                                                          \
        (void)random;                                                  /* RFC 6979 */          \
        return ecdsa_sign(&KIND, CURVE, out, out_len, key, message);                           \
    }                                                                                          \
    static bool NAME##_verify(const struct public_key *key, struct bytes message,              \
                              struct bytes signature)                                          \
    {                                                                                          \
        return ecdsa_verify(&KIND, CURVE, key, message, signature);                            \
    }                                                                                          \
    const struct signature bearssl_##NAME = { "BearSSL " #NAME, KEY, NAME##_sign, NAME##_verify };

#define RSA(KIND)                                                                              \
    static bool pss_##KIND##_sign(uint8_t *out, size_t *out_len, const struct private_key *key, \
                                  struct bytes message, const struct random_source *random)    \
    {                                                                                          \
        return pss_sign(&KIND, out, out_len, key, message, random);                            \
    }                                                                                          \
    static bool pss_##KIND##_verify(const struct public_key *key, struct bytes message,        \
                                    struct bytes signature)                                    \
    {                                                                                          \
        return pss_verify(&KIND, key, message, signature);                                     \
    }                                                                                          \
    static bool pkcs1_##KIND##_verify(const struct public_key *key, struct bytes message,      \
                                      struct bytes signature)                                  \
    {                                                                                          \
        return pkcs1_verify(&KIND, key, message, signature);                                   \
    }                                                                                          \
    const struct signature bearssl_pss_##KIND = { "BearSSL RSA-PSS " #KIND, KEY_RSA,           \
                                                  pss_##KIND##_sign, pss_##KIND##_verify };    \
    const struct signature bearssl_pkcs1_##KIND = { "BearSSL PKCS #1 " #KIND, KEY_RSA, NULL,   \
                                                    pkcs1_##KIND##_verify };

ECDSA(ecdsa_p256, sha256, BR_EC_secp256r1, KEY_P256)
ECDSA(ecdsa_p384, sha384, BR_EC_secp384r1, KEY_P384)
RSA(sha256)
RSA(sha384)
RSA(sha512)
