/* tests/interop/bearssl_algorithms.c - tls13/suite.c over again, with BearSSL's primitives.
 *
 * Linked in place of suite.c, it makes a sealtls whose every hash, AEAD, key exchange and signature
 * is BearSSL's: between it and ours, or a third party, the key schedule, nonces and transcripts are
 * checked against primitives that we did not write. It says nothing about BearSSL's own TLS.
 *
 * Leaves out  Ed25519, which BearSSL has not: not offered. HMAC and HKDF are ours, over its hashes.
 */
#include "tls13/suite.h"

#include <bearssl.h>
#include <string.h>

/* ---- hashes ---- */

#define HASH(NAME, LEN, BLOCK)                                                              \
    _Static_assert(sizeof(br_##NAME##_context) <= sizeof(struct hash_state), #NAME);        \
    static void NAME##_begin(struct hash_state *s)                                          \
    {                                                                                       \
        br_##NAME##_init((br_##NAME##_context *)(void *)s);                                 \
    }                                                                                       \
    static void NAME##_add(struct hash_state *s, struct bytes in)                           \
    {                                                                                       \
        br_##NAME##_update((br_##NAME##_context *)(void *)s, in.at, in.len);                \
    }                                                                                       \
    static void NAME##_end(struct hash_state *s, uint8_t *out)                              \
    {                                                                                       \
        br_##NAME##_out((br_##NAME##_context *)(void *)s, out);                             \
    }                                                                                       \
    static const struct hash NAME = { "BearSSL " #NAME, LEN, BLOCK, NAME##_begin, NAME##_add, \
                                      NAME##_end };

HASH(sha256, 32, 64)
HASH(sha384, 48, 128)

/* ---- AEADs: the expanded key is the key itself ---- */

static void keep_16(struct aead_key *key, const uint8_t *bytes) { memcpy(key->state, bytes, 16); }
static void keep_32(struct aead_key *key, const uint8_t *bytes) { memcpy(key->state, bytes, 32); }

static void gcm(const struct aead_key *key, size_t key_len, uint8_t *data, size_t len,
                const uint8_t *nonce, struct bytes aad, int encrypt, uint8_t tag[AEAD_TAG_LEN])
{
    br_aes_ct64_ctr_keys aes;
    br_gcm_context c;
    br_aes_ct64_ctr_init(&aes, key->state, key_len);
    br_gcm_init(&c, &aes.vtable, br_ghash_ctmul64);
    br_gcm_reset(&c, nonce, AEAD_NONCE_LEN);
    br_gcm_aad_inject(&c, aad.at, aad.len);
    br_gcm_flip(&c);
    br_gcm_run(&c, encrypt, data, len);
    br_gcm_get_tag(&c, tag);
}

static void chacha(const struct aead_key *key, size_t key_len, uint8_t *data, size_t len,
                   const uint8_t *nonce, struct bytes aad, int encrypt, uint8_t tag[AEAD_TAG_LEN])
{
    (void)key_len;
    br_poly1305_ctmul_run(key->state, nonce, data, len, aad.at, aad.len, tag, br_chacha20_ct_run,
                          encrypt);
}

typedef void (*run)(const struct aead_key *, size_t, uint8_t *, size_t, const uint8_t *,
                    struct bytes, int, uint8_t *);

static void seal(run run_aead, const struct aead_key *key, size_t key_len, uint8_t *out,
                 const uint8_t *nonce, struct bytes aad, struct bytes plaintext)
{
    memmove(out, plaintext.at, plaintext.len);
    run_aead(key, key_len, out, plaintext.len, nonce, aad, 1, out + plaintext.len);
}

static bool open(run run_aead, const struct aead_key *key, size_t key_len, uint8_t *out,
                 const uint8_t *nonce, struct bytes aad, struct bytes sealed)
{
    uint8_t tag[AEAD_TAG_LEN], difference = 0;
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    size_t len = sealed.len - AEAD_TAG_LEN;
    memmove(out, sealed.at, len);
    run_aead(key, key_len, out, len, nonce, aad, 0, tag);
    for (size_t i = 0; i < AEAD_TAG_LEN; i++)
        difference |= tag[i] ^ sealed.at[len + i];
    if (difference != 0)
        memset(out, 0, len);
    return difference == 0;
}

#define AEAD(NAME, RUN, KEY_LEN, LIMIT)                                                     \
    static void NAME##_seal(const struct aead_key *key, uint8_t *out, const uint8_t *nonce, \
                            struct bytes aad, struct bytes plaintext)                       \
    {                                                                                       \
        seal(RUN, key, KEY_LEN, out, nonce, aad, plaintext);                                \
    }                                                                                       \
    static bool NAME##_open(const struct aead_key *key, uint8_t *out, const uint8_t *nonce, \
                            struct bytes aad, struct bytes sealed)                          \
    {                                                                                       \
        return open(RUN, key, KEY_LEN, out, nonce, aad, sealed);                            \
    }                                                                                       \
    static const struct aead NAME = { "BearSSL " #NAME, KEY_LEN, LIMIT, keep_##KEY_LEN,     \
                                      NAME##_seal, NAME##_open };

AEAD(aes_128_gcm, gcm, 16, (uint64_t)1 << 24)
AEAD(aes_256_gcm, gcm, 32, (uint64_t)1 << 24)
AEAD(chacha20_poly1305, chacha, 32, UINT64_MAX)

/* ---- groups ---- */

static bool drbg_from(br_hmac_drbg_context *drbg, const struct random_source *random)
{
    uint8_t seed[32];
    if (!random_fill(random, seed, sizeof seed))
        return false;
    br_hmac_drbg_init(drbg, &br_sha256_vtable, seed, sizeof seed);
    return true;
}

static bool p256_generate(uint8_t *private, uint8_t *public, const struct random_source *random)
{
    br_hmac_drbg_context drbg;
    return drbg_from(&drbg, random)
        && br_ec_keygen(&drbg.vtable, &br_ec_p256_m31, NULL, private, BR_EC_secp256r1) == 32
        && br_ec_p256_m31.mulgen(public, private, 32, BR_EC_secp256r1) == 65;
}

static bool p256_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes point)
{
    uint8_t product[65];
    if (point.len != sizeof product || point.at[0] != 4)
        return false;
    memcpy(product, point.at, sizeof product);
    if (!br_ec_p256_m31.mul(product, sizeof product, private, 32, BR_EC_secp256r1))
        return false;
    memcpy(shared, product + 1, 32);
    return true;
}

static bool p256_encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes public,
                             const struct random_source *random)
{
    uint8_t private[32];
    return p256_generate(private, ciphertext, random) && p256_decapsulate(shared, private, public);
}

static bool x25519_generate(uint8_t *private, uint8_t *public, const struct random_source *random)
{
    return random_fill(random, private, 32)
        && br_ec_c25519_m31.mulgen(public, private, 32, BR_EC_curve25519) == 32;
}

/* BearSSL takes an all-zero result for a good one; RFC 8446 §7.4.2 does not. */
static bool x25519_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes public)
{
    uint8_t any = 0;
    if (public.len != 32)
        return false;
    memcpy(shared, public.at, 32);
    if (!br_ec_c25519_m31.mul(shared, 32, private, 32, BR_EC_curve25519))
        return false;
    for (size_t i = 0; i < 32; i++)
        any |= shared[i];
    return any != 0;
}

static bool x25519_encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes public,
                               const struct random_source *random)
{
    uint8_t private[32];
    return x25519_generate(private, ciphertext, random)
        && x25519_decapsulate(shared, private, public);
}

static const struct group p256_group = { "BearSSL secp256r1", 32, 65, 65, 32, p256_generate,
                                         p256_encapsulate, p256_decapsulate };
static const struct group x25519_group = { "BearSSL x25519", 32, 32, 32, 32, x25519_generate,
                                           x25519_encapsulate, x25519_decapsulate };

/* ---- signatures ---- */

static void digest(uint8_t out[32], struct bytes message)
{
    br_sha256_context c;
    br_sha256_init(&c);
    br_sha256_update(&c, message.at, message.len);
    br_sha256_out(&c, out);
}

static bool ecdsa_sign(uint8_t *out, size_t *out_len, const struct private_key *key,
                       struct bytes message, const struct random_source *random)
{
    uint8_t scalar[32], hash[32];
    (void)random;                                         /* RFC 6979 */
    memcpy(scalar, key->secret, sizeof scalar);
    br_ec_private_key secret = { BR_EC_secp256r1, scalar, sizeof scalar };
    digest(hash, message);
    *out_len = br_ecdsa_i31_sign_asn1(&br_ec_p256_m31, &br_sha256_vtable, hash, &secret, out);
    return *out_len > 0;
}

static bool ecdsa_verify(const struct public_key *key, struct bytes message,
                         struct bytes signature)
{
    uint8_t point[65], hash[32];
    if (key->point.len != sizeof point)
        return false;
    memcpy(point, key->point.at, sizeof point);
    br_ec_public_key public = { BR_EC_secp256r1, point, sizeof point };
    digest(hash, message);
    return br_ecdsa_i31_vrfy_asn1(&br_ec_p256_m31, hash, sizeof hash, &public, signature.at,
                                  signature.len) == 1;
}

static const struct signature ecdsa = { "BearSSL ECDSA P-256", KEY_P256, ecdsa_sign,
                                        ecdsa_verify };

/* ---- what suite.c has ---- */

static const struct cipher_suite suite_list[] = {
    { 0x1301, "TLS_AES_128_GCM_SHA256", &aes_128_gcm, &sha256 },
    { 0x1302, "TLS_AES_256_GCM_SHA384", &aes_256_gcm, &sha384 },
    { 0x1303, "TLS_CHACHA20_POLY1305_SHA256", &chacha20_poly1305, &sha256 },
};
static const struct named_group group_list[] = {
    { 0x001d, "x25519", &x25519_group, false },
    { 0x0017, "secp256r1", &p256_group, false },
};
static const struct signature_scheme scheme = { 0x0403, "ecdsa_secp256r1_sha256", &ecdsa, false };

static const struct cipher_suite *const suites[] = { &suite_list[0], &suite_list[1],
                                                     &suite_list[2] };
static const struct named_group *const groups[] = { &group_list[0], &group_list[1] };
static const struct signature_scheme *const schemes[] = { &scheme };

const struct algorithms algorithms_default = { suites, 3, groups, 2, schemes, 1 };

const struct cipher_suite *suite_find(const struct algorithms *a, uint16_t code_point)
{
    for (size_t i = 0; i < a->suite_count; i++)
        if (a->suites[i]->code_point == code_point)
            return a->suites[i];
    return NULL;
}

const struct named_group *group_find(const struct algorithms *a, uint16_t code_point)
{
    for (size_t i = 0; i < a->group_count; i++)
        if (a->groups[i]->code_point == code_point)
            return a->groups[i];
    return NULL;
}

const struct signature_scheme *scheme_find(const struct algorithms *a, uint16_t code_point)
{
    for (size_t i = 0; i < a->scheme_count; i++)
        if (a->schemes[i]->code_point == code_point)
            return a->schemes[i];
    return NULL;
}
