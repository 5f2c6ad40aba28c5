/* tests/interop/bearssl_algorithms.c - tls13/suite.c over again, with BearSSL's primitives.
 *
 * Linked in place of suite.c, it makes a sealtls whose every hash, AEAD, key exchange and signature
 * is BearSSL's (bearssl_signatures.c has those): between it and ours, or a third party, the key
 * schedule, nonces and transcripts are checked against primitives that we did not write. It says
 * nothing about BearSSL's own TLS.
 *
 * Leaves out  Ed25519 and ML-KEM, which BearSSL has not: not offered. HMAC and HKDF are ours, over
 *             its hashes.
 */
#include "tls13/suite.h"

#include "tests/interop/bearssl_signatures.h"

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

#define CURVE(NAME, CURVE_ID, LEN)                                                           \
    static bool NAME##_generate(uint8_t *private, uint8_t *public,                            \
                                const struct random_source *random)                           \
    {                                                                                         \
        br_hmac_drbg_context drbg;                                                            \
        return drbg_from(&drbg, random)                                                       \
            && br_ec_keygen(&drbg.vtable, &br_ec_prime_i31, NULL, private, CURVE_ID) == LEN   \
            && br_ec_prime_i31.mulgen(public, private, LEN, CURVE_ID) == 2 * LEN + 1;         \
    }                                                                                         \
    static bool NAME##_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes point) \
    {                                                                                         \
        uint8_t product[2 * LEN + 1];                                                         \
        if (point.len != sizeof product || point.at[0] != 4)                                  \
            return false;                                                                     \
        memcpy(product, point.at, sizeof product);                                            \
        if (!br_ec_prime_i31.mul(product, sizeof product, private, LEN, CURVE_ID))            \
            return false;                                                                     \
        memcpy(shared, product + 1, LEN);                                                     \
        return true;                                                                          \
    }                                                                                         \
    static bool NAME##_encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes public, \
                                   const struct random_source *random)                        \
    {                                                                                         \
        uint8_t private[LEN];                                                                 \
        return NAME##_generate(private, ciphertext, random)                                   \
            && NAME##_decapsulate(shared, private, public);                                   \
    }                                                                                         \
    static const struct group NAME##_group = { "BearSSL " #NAME, LEN, 2 * LEN + 1, 2 * LEN + 1, \
                                               LEN, NAME##_generate, NAME##_encapsulate,      \
                                               NAME##_decapsulate };

CURVE(secp256r1, BR_EC_secp256r1, 32)
CURVE(secp384r1, BR_EC_secp384r1, 48)

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

static const struct group x25519_group = { "BearSSL x25519", 32, 32, 32, 32, x25519_generate,
                                           x25519_encapsulate, x25519_decapsulate };

/* ---- what suite.c has ---- */

static const struct cipher_suite suite_list[] = {
    { 0x1301, "TLS_AES_128_GCM_SHA256", &aes_128_gcm, &sha256 },
    { 0x1302, "TLS_AES_256_GCM_SHA384", &aes_256_gcm, &sha384 },
    { 0x1303, "TLS_CHACHA20_POLY1305_SHA256", &chacha20_poly1305, &sha256 },
};
static const struct named_group group_list[] = {
    { 0x001d, "x25519", &x25519_group, false },
    { 0x0017, "secp256r1", &secp256r1_group, false },
    { 0x0018, "secp384r1", &secp384r1_group, false },
};
static const struct signature_scheme scheme_list[] = {
    { 0x0403, "ecdsa_secp256r1_sha256", &bearssl_ecdsa_p256, false },
    { 0x0503, "ecdsa_secp384r1_sha384", &bearssl_ecdsa_p384, false },
    { 0x0804, "rsa_pss_rsae_sha256", &bearssl_pss_sha256, false },
    { 0x0805, "rsa_pss_rsae_sha384", &bearssl_pss_sha384, false },
    { 0x0806, "rsa_pss_rsae_sha512", &bearssl_pss_sha512, false },
    { 0x0401, "rsa_pkcs1_sha256", &bearssl_pkcs1_sha256, true },
    { 0x0501, "rsa_pkcs1_sha384", &bearssl_pkcs1_sha384, true },
    { 0x0601, "rsa_pkcs1_sha512", &bearssl_pkcs1_sha512, true },
};

static const struct cipher_suite *const suites[] = {
    &suite_list[0], &suite_list[1], &suite_list[2],
};
static const struct named_group *const groups[] = {
    &group_list[0], &group_list[1], &group_list[2],
};
static const struct signature_scheme *const schemes[] = {
    &scheme_list[0], &scheme_list[1], &scheme_list[2], &scheme_list[3],
    &scheme_list[4], &scheme_list[5], &scheme_list[6], &scheme_list[7],
};

const struct algorithms algorithms_default = {
    .suites = suites, .suite_count = 3,
    .groups = groups, .group_count = 3,
    .schemes = schemes, .scheme_count = 8,
};

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

const struct signature_scheme *certificate_scheme_find(const struct algorithms *a,
                                                       uint16_t code_point)
{
    return scheme_find(a, code_point);
}
