/* bench/bench_primitives.c - our primitives beside those of OpenSSL, libsodium and BearSSL.
 *
 * Each contender does what a TLS stack on it would do for one record, one handshake step: OpenSSL
 * through EVP, as its users must since 3.0; where EVP costs much more than the arithmetic below it,
 * the deprecated functions stand beside it ("low level"), as what its arithmetic can do. Keys are
 * expanded beforehand on all sides; nonces change with each record.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "bench/measure.h"

#include "crypto/aes_gcm.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/cpu.h"
#include "crypto/curve.h"
#include "crypto/ecdsa.h"
#include "crypto/ed25519.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/mlkem768.h"
#include "crypto/signature.h"
#include "crypto/x25519.h"

#include <bearssl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { RECORD = 16384, AAD_LEN = 5 };

static uint8_t text[RECORD + AEAD_TAG_LEN];
static uint8_t nonce[AEAD_NONCE_LEN];
static const uint8_t aad[AAD_LEN] = { 23, 3, 3, 64, 16 }, key_bytes[32] = { 1, 2, 3 };

static void next_nonce(void)
{
    uint64_t number;
    memcpy(&number, nonce + 4, sizeof number);
    number++;
    memcpy(nonce + 4, &number, sizeof number);
}

/* ---- records ---- */

#define LONG_SHORT(ROW, ...) ROW(16384, __VA_ARGS__) ROW(64, __VA_ARGS__)
#define LENGTHS(ROW, ...) LONG_SHORT(ROW, __VA_ARGS__) ROW(1024, __VA_ARGS__)

static struct aead_key gcm_128, gcm_256, chacha, gcm_portable, gcm_accelerated;

#define SEAL_OURS(LEN, NAME, AEAD, KEY)                                                     \
    static void seal_##NAME##_##LEN(size_t times)                                           \
    {                                                                                       \
        for (; times > 0; times--, next_nonce())                                            \
            (AEAD)->seal(&(KEY), text, nonce, bytes_of(aad, AAD_LEN), bytes_of(text, LEN)); \
    }
LENGTHS(SEAL_OURS, aes_128, &aead_aes_128_gcm, gcm_128)
LENGTHS(SEAL_OURS, aes_256, &aead_aes_256_gcm, gcm_256)
LENGTHS(SEAL_OURS, chacha, &aead_chacha20_poly1305, chacha)
LONG_SHORT(SEAL_OURS, portable, &aes_gcm_portable, gcm_portable)
LONG_SHORT(SEAL_OURS, accelerated, &aes_gcm_aesni, gcm_accelerated)

static EVP_CIPHER_CTX *evp_aes_128, *evp_aes_256, *evp_chacha;

static void evp_seal(EVP_CIPHER_CTX *ctx, int len)
{
    int n;
    EVP_EncryptInit_ex(ctx, NULL, NULL, NULL, nonce);
    EVP_EncryptUpdate(ctx, NULL, &n, aad, AAD_LEN);
    EVP_EncryptUpdate(ctx, text, &n, text, len);
    EVP_EncryptFinal_ex(ctx, text + n, &n);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_LEN, text + len);
}

#define SEAL_EVP(LEN, NAME)                                    \
    static void evp_##NAME##_##LEN(size_t times)               \
    {                                                          \
        for (; times > 0; times--, next_nonce())               \
            evp_seal(evp_##NAME, LEN);                         \
    }
LENGTHS(SEAL_EVP, aes_128)
LENGTHS(SEAL_EVP, aes_256)
LENGTHS(SEAL_EVP, chacha)

#define SEAL_SODIUM_CHACHA(LEN, NAME)                                                       \
    static void sodium_##NAME##_##LEN(size_t times)                                         \
    {                                                                                       \
        for (; times > 0; times--, next_nonce())                                            \
            crypto_aead_chacha20poly1305_ietf_encrypt(text, NULL, text, LEN, aad, AAD_LEN,  \
                                                      NULL, nonce, key_bytes);              \
    }
LENGTHS(SEAL_SODIUM_CHACHA, chacha)

static crypto_aead_aes256gcm_state sodium_gcm;

#define SEAL_SODIUM_AES(LEN, NAME)                                                           \
    static void sodium_##NAME##_##LEN(size_t times)                                          \
    {                                                                                        \
        for (; times > 0; times--, next_nonce())                                             \
            crypto_aead_aes256gcm_encrypt_afternm(text, NULL, text, LEN, aad, AAD_LEN, NULL, \
                                                  nonce, &sodium_gcm);                       \
    }
LENGTHS(SEAL_SODIUM_AES, aes_256)

static br_gcm_context bear_aes_128, bear_aes_256, bear_portable;

static void bear_seal(br_gcm_context *gcm, size_t len)
{
    br_gcm_reset(gcm, nonce, sizeof nonce);
    br_gcm_aad_inject(gcm, aad, AAD_LEN);
    br_gcm_flip(gcm);
    br_gcm_run(gcm, 1, text, len);
    br_gcm_get_tag(gcm, text + len);
}

#define SEAL_BEAR(LEN, NAME)                                   \
    static void bear_##NAME##_##LEN(size_t times)              \
    {                                                          \
        for (; times > 0; times--, next_nonce())               \
            bear_seal(&bear_##NAME, LEN);                      \
    }
LENGTHS(SEAL_BEAR, aes_128)
LENGTHS(SEAL_BEAR, aes_256)
LONG_SHORT(SEAL_BEAR, portable)

#define SEAL_BEAR_CHACHA(LEN, NAME)                                                         \
    static void bear_##NAME##_##LEN(size_t times)                                           \
    {                                                                                       \
        br_chacha20_run stream = br_chacha20_sse2_get();                                    \
        br_poly1305_run poly = br_poly1305_ctmulq_get();                                    \
        for (; times > 0; times--, next_nonce())                                            \
            poly(key_bytes, nonce, text, LEN, aad, AAD_LEN, text + LEN, stream, 1);         \
    }
LENGTHS(SEAL_BEAR_CHACHA, chacha)

static void open_aes_128_16384(size_t times)
{
    static uint8_t sealed[RECORD + AEAD_TAG_LEN];
    aead_aes_128_gcm.seal(&gcm_128, sealed, nonce, bytes_of(aad, AAD_LEN), bytes_of(text, RECORD));
    for (; times > 0; times--)
        bench_require(aead_aes_128_gcm.open(&gcm_128, text, nonce, bytes_of(aad, AAD_LEN),
                                            bytes_of(sealed, sizeof sealed)), "open");
}

static EVP_CIPHER_CTX *evp_open_aes_128;

static void evp_open_aes_128_16384(size_t times)
{
    static uint8_t sealed[RECORD + AEAD_TAG_LEN];
    int n;
    aead_aes_128_gcm.seal(&gcm_128, sealed, nonce, bytes_of(aad, AAD_LEN), bytes_of(text, RECORD));
    for (; times > 0; times--) {
        EVP_DecryptInit_ex(evp_open_aes_128, NULL, NULL, NULL, nonce);
        EVP_DecryptUpdate(evp_open_aes_128, NULL, &n, aad, AAD_LEN);
        EVP_DecryptUpdate(evp_open_aes_128, text, &n, sealed, RECORD);
        EVP_CIPHER_CTX_ctrl(evp_open_aes_128, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG_LEN,
                            sealed + RECORD);
        bench_require(EVP_DecryptFinal_ex(evp_open_aes_128, text + n, &n) == 1, "EVP open");
    }
}

static void bear_init(br_gcm_context *gcm, br_aes_x86ni_ctr_keys *keys, size_t key_len)
{
    br_aes_x86ni_ctr_init(keys, key_bytes, key_len);
    br_gcm_init(gcm, &keys->vtable, br_ghash_pclmul_get());
}

static EVP_CIPHER_CTX *evp_cipher(const EVP_CIPHER *cipher, int encrypt)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(ctx, cipher, NULL, key_bytes, nonce, encrypt);
    return ctx;
}

static void records_init(void)
{
    static br_aes_x86ni_ctr_keys bear_128, bear_256;
    static br_aes_ct64_ctr_keys bear_ct64;
    aead_aes_128_gcm.init(&gcm_128, key_bytes);
    aead_aes_256_gcm.init(&gcm_256, key_bytes);
    aead_chacha20_poly1305.init(&chacha, key_bytes);
    aes_gcm_portable.init(&gcm_portable, key_bytes, 16);
    if (cpu_supports(CPU_AES_NI))
        aes_gcm_aesni.init(&gcm_accelerated, key_bytes, 16);
    evp_aes_128 = evp_cipher(EVP_aes_128_gcm(), 1);
    evp_aes_256 = evp_cipher(EVP_aes_256_gcm(), 1);
    evp_chacha = evp_cipher(EVP_chacha20_poly1305(), 1);
    evp_open_aes_128 = evp_cipher(EVP_aes_128_gcm(), 0);
    crypto_aead_aes256gcm_beforenm(&sodium_gcm, key_bytes);
    bear_init(&bear_aes_128, &bear_128, 16);
    bear_init(&bear_aes_256, &bear_256, 32);
    br_aes_ct64_ctr_init(&bear_ct64, key_bytes, 16);
    br_gcm_init(&bear_portable, &bear_ct64.vtable, br_ghash_ctmul64);
}

/* ---- hashes ---- */

static uint8_t digest[64];

#define HASH_OURS(LEN, NAME, HASH)                             \
    static void NAME##_##LEN(size_t times)                     \
    {                                                          \
        for (; times > 0; times--)                             \
            hash_digest(HASH, digest, bytes_of(text, LEN));    \
    }
LONG_SHORT(HASH_OURS, sha256, &hash_sha256)
LONG_SHORT(HASH_OURS, sha384, &hash_sha384)

static EVP_MD_CTX *evp_md;
static EVP_MD *evp_sha256, *evp_sha384;

#define HASH_EVP(LEN, NAME)                                    \
    static void evp_##NAME##_##LEN(size_t times)               \
    {                                                          \
        for (; times > 0; times--) {                           \
            EVP_DigestInit_ex(evp_md, evp_##NAME, NULL);       \
            EVP_DigestUpdate(evp_md, text, LEN);               \
            EVP_DigestFinal_ex(evp_md, digest, NULL);          \
        }                                                      \
    }
LONG_SHORT(HASH_EVP, sha256)
LONG_SHORT(HASH_EVP, sha384)

#define HASH_SODIUM(LEN, NAME)                                 \
    static void sodium_##NAME##_##LEN(size_t times)            \
    {                                                          \
        for (; times > 0; times--)                             \
            crypto_hash_sha256(digest, text, LEN);             \
    }
LONG_SHORT(HASH_SODIUM, sha256)

#define HASH_BEAR(LEN, NAME)                                   \
    static void bear_##NAME##_##LEN(size_t times)              \
    {                                                          \
        for (; times > 0; times--) {                           \
            br_##NAME##_context c;                             \
            br_##NAME##_init(&c);                              \
            br_##NAME##_update(&c, text, LEN);                 \
            br_##NAME##_out(&c, digest);                       \
        }                                                      \
    }
LONG_SHORT(HASH_BEAR, sha256)
LONG_SHORT(HASH_BEAR, sha384)

/* ---- X25519 and Ed25519 ---- */

static uint8_t x_private[32] = { 5, 6, 7 }, x_public[32], shared[64];

static void x25519_keygen(size_t times)
{
    for (; times > 0; times--)
        x25519_public_key(x_public, x_private);
}

static void x25519_derive(size_t times)
{
    for (; times > 0; times--)
        bench_require(x25519(shared, x_private, x_public), "x25519");
}

static void evp_x25519_keygen(size_t times)
{
    for (; times > 0; times--) {
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
        EVP_PKEY_free(key);
    }
}

static void evp_x25519_derive(size_t times)
{
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, x_private, 32);
    size_t len = sizeof shared;
    for (; times > 0; times--) {
        EVP_PKEY *peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, x_public, 32);
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
        EVP_PKEY_derive_init(ctx);
        EVP_PKEY_derive_set_peer(ctx, peer);
        bench_require(EVP_PKEY_derive(ctx, shared, &len) == 1, "EVP X25519");
        EVP_PKEY_CTX_free(ctx);
        EVP_PKEY_free(peer);
    }
    EVP_PKEY_free(own);
}

static void sodium_x25519_keygen(size_t times)
{
    for (; times > 0; times--)
        crypto_scalarmult_curve25519_base(x_public, x_private);
}

static void sodium_x25519_derive(size_t times)
{
    for (; times > 0; times--)
        bench_require(crypto_scalarmult_curve25519(shared, x_private, x_public) == 0, "sodium");
}

static const uint8_t ed_seed[32] = { 9 };
static uint8_t ed_public[32], ed_secret[64], ed_signature[64];

static void ed25519_sign_64(size_t times)
{
    for (; times > 0; times--)
        bench_require(ed25519_sign(ed_signature, ed_seed, bytes_of(text, 64)), "Ed25519");
}

static void ed25519_verify_64(size_t times)
{
    for (; times > 0; times--)
        bench_require(ed25519_verify(ed_public, bytes_of(text, 64), ed_signature), "Ed25519");
}

static void sodium_ed25519_sign_64(size_t times)
{
    for (; times > 0; times--)
        crypto_sign_detached(ed_signature, NULL, text, 64, ed_secret);
}

static void sodium_ed25519_verify_64(size_t times)
{
    for (; times > 0; times--)
        bench_require(crypto_sign_verify_detached(ed_signature, text, 64, ed_public) == 0,
                      "sodium Ed25519");
}

/* ---- the NIST curves ---- */

struct subject {
    const struct curve *curve;
    const struct group *group;
    const struct hash *hash;
    int nid, bear_curve;
    const char *openssl_name;
    uint8_t private[CURVE_SCALAR_MAX], point[CURVE_POINT_MAX], digest[HASH_MAX];
    struct ecdsa signature;
    uint8_t der[ECDSA_DER_MAX];
    size_t der_len;
    EVP_PKEY *evp;
    EC_KEY *ec;
};

static struct subject p256 = { .curve = &curve_p256, .group = &group_secp256r1,
    .hash = &hash_sha256, .nid = NID_X9_62_prime256v1, .bear_curve = BR_EC_secp256r1,
    .openssl_name = "P-256" };
static struct subject p384 = { .curve = &curve_p384, .group = &group_secp384r1,
    .hash = &hash_sha384, .nid = NID_secp384r1, .bear_curve = BR_EC_secp384r1,
    .openssl_name = "P-384" };

static void keygen(struct subject *s)
{
    uint8_t private[CURVE_SCALAR_MAX], point[CURVE_POINT_MAX];
    bench_require(s->group->generate(private, point, &random_system), "keygen");
}

static void evp_keygen(struct subject *s)
{
    EVP_PKEY_free(EVP_PKEY_Q_keygen(NULL, NULL, "EC", s->openssl_name));
}

static void low_keygen(struct subject *s)
{
    EC_KEY *key = EC_KEY_new_by_curve_name(s->nid);
    EC_KEY_generate_key(key);
    EC_KEY_free(key);
}

static void sign(struct subject *s)
{
    bench_require(ecdsa_sign(s->curve, &s->signature, s->private, s->hash, s->digest), "sign");
}

static void evp_sign(struct subject *s)
{
    uint8_t out[ECDSA_DER_MAX];
    size_t len = sizeof out;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(s->evp, NULL);
    EVP_PKEY_sign_init(ctx);
    bench_require(EVP_PKEY_sign(ctx, out, &len, s->digest, s->hash->digest_len) == 1, "EVP sign");
    EVP_PKEY_CTX_free(ctx);
}

static void low_sign(struct subject *s)
{
    ECDSA_SIG_free(ECDSA_do_sign(s->digest, s->hash->digest_len, s->ec));
}

static void bear_sign(struct subject *s)
{
    uint8_t out[ECDSA_DER_MAX];
    const br_ec_private_key key = { s->bear_curve, s->private, s->curve->scalar_len };
    br_ecdsa_i31_sign_raw(br_ec_get_default(), s->nid == p256.nid ? &br_sha256_vtable
                                                                   : &br_sha384_vtable,
                          s->digest, &key, out);
}

static void verify(struct subject *s)
{
    bench_require(ecdsa_verify(s->curve, &s->signature, bytes_of(s->point, s->curve->point_len),
                               bytes_of(s->digest, s->hash->digest_len)), "verify");
}

static void evp_verify(struct subject *s)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(s->evp, NULL);
    EVP_PKEY_verify_init(ctx);
    bench_require(EVP_PKEY_verify(ctx, s->der, s->der_len, s->digest, s->hash->digest_len) == 1,
                  "EVP verify");
    EVP_PKEY_CTX_free(ctx);
}

static void low_verify(struct subject *s)
{
    bench_require(ECDSA_verify(0, s->digest, s->hash->digest_len, s->der, (int)s->der_len, s->ec)
                  == 1, "ECDSA_verify");
}

static void bear_verify(struct subject *s)
{
    const br_ec_public_key key = { s->bear_curve, s->point, s->curve->point_len };
    bench_require(br_ecdsa_i31_vrfy_asn1(br_ec_get_default(), s->digest, s->hash->digest_len, &key,
                                         s->der, s->der_len) == 1, "BearSSL verify");
}

static void agree(struct subject *s)
{
    bench_require(s->group->decapsulate(shared, s->private,
                                        bytes_of(s->point, s->curve->point_len)), "ECDH");
}

static void evp_agree(struct subject *s)
{
    size_t len = sizeof shared;
    EVP_PKEY *peer = EVP_PKEY_new();
    EVP_PKEY_copy_parameters(peer, s->evp);
    EVP_PKEY_set1_encoded_public_key(peer, s->point, s->curve->point_len);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(s->evp, NULL);
    EVP_PKEY_derive_init(ctx);
    EVP_PKEY_derive_set_peer(ctx, peer);
    bench_require(EVP_PKEY_derive(ctx, shared, &len) == 1, "EVP ECDH");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(peer);
}

static void low_agree(struct subject *s)
{
    EC_POINT *peer = EC_POINT_new(EC_KEY_get0_group(s->ec));
    EC_POINT_oct2point(EC_KEY_get0_group(s->ec), peer, s->point, s->curve->point_len, NULL);
    bench_require(ECDH_compute_key(shared, s->curve->scalar_len, peer, s->ec, NULL) > 0, "ECDH");
    EC_POINT_free(peer);
}

static void bear_agree(struct subject *s)
{
    uint8_t point[CURVE_POINT_MAX];
    memcpy(point, s->point, s->curve->point_len);
    br_ec_get_default()->mul(point, s->curve->point_len, s->private, s->curve->scalar_len,
                             s->bear_curve);
}

#define CURVE_OPERATION(OP)                                                                       \
    static void OP##_p256(size_t times) { for (; times > 0; times--) OP(&p256); }                 \
    static void OP##_p384(size_t times) { for (; times > 0; times--) OP(&p384); }
CURVE_OPERATION(keygen) CURVE_OPERATION(evp_keygen) CURVE_OPERATION(low_keygen)
CURVE_OPERATION(sign) CURVE_OPERATION(evp_sign) CURVE_OPERATION(low_sign)
CURVE_OPERATION(bear_sign)
CURVE_OPERATION(verify) CURVE_OPERATION(evp_verify) CURVE_OPERATION(low_verify)
CURVE_OPERATION(bear_verify)
CURVE_OPERATION(agree) CURVE_OPERATION(evp_agree) CURVE_OPERATION(low_agree)
CURVE_OPERATION(bear_agree)

static void subject_init(struct subject *s)
{
    memset(s->private, 0x5a, sizeof s->private);
    memset(s->digest, 0x77, sizeof s->digest);
    curve_private_public(s->curve, s->point, s->private);
    sign(s);
    s->der_len = ecdsa_encode(s->curve, s->der, &s->signature);

    s->ec = EC_KEY_new_by_curve_name(s->nid);
    BIGNUM *private = BN_bin2bn(s->private, (int)s->curve->scalar_len, NULL);
    EC_POINT *point = EC_POINT_new(EC_KEY_get0_group(s->ec));
    EC_POINT_oct2point(EC_KEY_get0_group(s->ec), point, s->point, s->curve->point_len, NULL);
    EC_KEY_set_private_key(s->ec, private);
    EC_KEY_set_public_key(s->ec, point);

    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, s->openssl_name, 0);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, private);
    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, s->point,
                                     s->curve->point_len);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY_fromdata_init(ctx);
    bench_require(EVP_PKEY_fromdata(ctx, &s->evp, EVP_PKEY_KEYPAIR, params) == 1, "EVP key");
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EC_POINT_free(point);
    BN_free(private);
}

/* ---- RSA-2048, PKCS #1 v1.5 with SHA-256 ---- */

static struct rsa_private_key rsa;
static EVP_PKEY *evp_rsa;
static uint8_t rsa_signature[256];
static br_rsa_private_key bear_rsa;
static br_rsa_public_key bear_rsa_public;

static void rsa_sign(size_t times)
{
    for (; times > 0; times--)
        bench_require(rsa_sign_pkcs1(rsa_signature, &rsa, &hash_sha256, digest), "RSA");
}

static void rsa_verify(size_t times)
{
    struct rsa_public_key public = rsa_public(&rsa);
    for (; times > 0; times--)
        bench_require(rsa_verify_pkcs1_vartime(&public, &hash_sha256, digest,
                                               bytes_of(rsa_signature, 256)), "RSA");
}

static EVP_PKEY_CTX *rsa_context(void)
{
    return EVP_PKEY_CTX_new(evp_rsa, NULL);
}

static void rsa_parameters(EVP_PKEY_CTX *ctx)
{
    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING);
    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256());
}

static void evp_rsa_sign(size_t times)
{
    for (; times > 0; times--) {
        uint8_t out[256];
        size_t len = sizeof out;
        EVP_PKEY_CTX *ctx = rsa_context();
        EVP_PKEY_sign_init(ctx);
        rsa_parameters(ctx);
        bench_require(EVP_PKEY_sign(ctx, out, &len, digest, 32) == 1, "EVP RSA");
        EVP_PKEY_CTX_free(ctx);
    }
}

static void evp_rsa_verify(size_t times)
{
    for (; times > 0; times--) {
        EVP_PKEY_CTX *ctx = rsa_context();
        EVP_PKEY_verify_init(ctx);
        rsa_parameters(ctx);
        bench_require(EVP_PKEY_verify(ctx, rsa_signature, 256, digest, 32) == 1, "EVP RSA");
        EVP_PKEY_CTX_free(ctx);
    }
}

static void bear_rsa_sign(size_t times)
{
    uint8_t out[256];
    br_rsa_pkcs1_sign sign_it = br_rsa_pkcs1_sign_get_default();
    for (; times > 0; times--)
        bench_require(sign_it(BR_HASH_OID_SHA256, digest, 32, &bear_rsa, out) == 1, "BearSSL RSA");
}

static void bear_rsa_verify(size_t times)
{
    uint8_t out[32];
    br_rsa_pkcs1_vrfy verify_it = br_rsa_pkcs1_vrfy_get_default();
    for (; times > 0; times--)
        bench_require(verify_it(rsa_signature, 256, BR_HASH_OID_SHA256, 32, &bear_rsa_public, out)
                      == 1, "BearSSL RSA");
}

static struct bytes rsa_number(uint8_t *out, size_t len, const char *name)
{
    BIGNUM *number = NULL;
    bench_require(EVP_PKEY_get_bn_param(evp_rsa, name, &number) == 1, name);
    BN_bn2binpad(number, out, (int)len);
    BN_free(number);
    return bytes_of(out, len);
}

static void rsa_init(void)
{
    static uint8_t n[256], e[3], p[128], q[128], dP[128], dQ[128], qInv[128];
    evp_rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    struct rsa_numbers numbers = {
        .n = rsa_number(n, sizeof n, "n"), .e = rsa_number(e, sizeof e, "e"),
        .p = rsa_number(p, sizeof p, OSSL_PKEY_PARAM_RSA_FACTOR1),
        .q = rsa_number(q, sizeof q, OSSL_PKEY_PARAM_RSA_FACTOR2),
        .dP = rsa_number(dP, sizeof dP, OSSL_PKEY_PARAM_RSA_EXPONENT1),
        .dQ = rsa_number(dQ, sizeof dQ, OSSL_PKEY_PARAM_RSA_EXPONENT2),
        .qInv = rsa_number(qInv, sizeof qInv, OSSL_PKEY_PARAM_RSA_COEFFICIENT1),
    };
    bench_require(rsa_private_key_make(&rsa, &numbers), "RSA key");
    bear_rsa = (br_rsa_private_key){ 2048, p, 128, q, 128, dP, 128, dQ, 128, qInv, 128 };
    bear_rsa_public = (br_rsa_public_key){ n, 256, e, 3 };
}

/* ---- ML-KEM-768: no peer here has it ---- */

static uint8_t mlkem_seed[MLKEM768_SEED_LEN], mlkem_key[MLKEM768_KEY_LEN];
static uint8_t mlkem_ciphertext[MLKEM768_CIPHERTEXT_LEN], mlkem_hash[MLKEM768_HASH_LEN];

static void mlkem_keygen(size_t times)
{
    for (; times > 0; times--)
        mlkem768_public_key(mlkem_key, mlkem_seed);
}

static void mlkem_encapsulate(size_t times)
{
    for (; times > 0; times--)
        bench_require(mlkem768_encapsulate(mlkem_ciphertext, shared,
                                           bytes_of(mlkem_key, sizeof mlkem_key), mlkem_seed),
                      "ML-KEM");
}

static void mlkem_decapsulate(size_t times)
{
    for (; times > 0; times--)
        bench_require(mlkem768_decapsulate_hashed(shared, mlkem_seed, mlkem_hash,
                                                  bytes_of(mlkem_ciphertext,
                                                           sizeof mlkem_ciphertext)), "ML-KEM");
}

/* ---- the table ---- */

#define OURS(F)   { "Sealpost", F }
#define EVP(F)    { "OpenSSL", F }
#define LOW(F)    { "OpenSSL low level", F }
#define SODIUM(F) { "libsodium", F }
#define BEAR(F)   { "BearSSL", F }

static const struct row rows[] = {
#define AES_128(LEN, SIZE) { "AES-128-GCM seal, " SIZE, LEN,                                  \
    { OURS(seal_aes_128_##LEN), EVP(evp_aes_128_##LEN), BEAR(bear_aes_128_##LEN) } }
#define AES_256(LEN, SIZE) { "AES-256-GCM seal, " SIZE, LEN,                                  \
    { OURS(seal_aes_256_##LEN), EVP(evp_aes_256_##LEN), SODIUM(sodium_aes_256_##LEN),         \
      BEAR(bear_aes_256_##LEN) } }
#define CHACHA(LEN, SIZE) { "ChaCha20-Poly1305 seal, " SIZE, LEN,                             \
    { OURS(seal_chacha_##LEN), EVP(evp_chacha_##LEN), SODIUM(sodium_chacha_##LEN),            \
      BEAR(bear_chacha_##LEN) } }
#define SHA_256(LEN, SIZE) { "SHA-256, " SIZE, LEN,                                           \
    { OURS(sha256_##LEN), EVP(evp_sha256_##LEN), SODIUM(sodium_sha256_##LEN),                 \
      BEAR(bear_sha256_##LEN) } }
#define SHA_384(LEN, SIZE) { "SHA-384, " SIZE, LEN,                                           \
    { OURS(sha384_##LEN), EVP(evp_sha384_##LEN), BEAR(bear_sha384_##LEN) } }
    AES_128(16384, "16 KiB"), AES_128(1024, "1 KiB"), AES_128(64, "64 B"),
    { "AES-128-GCM open, 16 KiB", RECORD,
      { OURS(open_aes_128_16384), EVP(evp_open_aes_128_16384) } },
    AES_256(16384, "16 KiB"), AES_256(1024, "1 KiB"), AES_256(64, "64 B"),
    { "AES-128-GCM, AES-NI, 16 KiB", 16384,
      { OURS(seal_accelerated_16384), BEAR(bear_aes_128_16384) } },
    { "AES-128-GCM, AES-NI, 64 B", 64,
      { OURS(seal_accelerated_64), BEAR(bear_aes_128_64) } },
    { "AES-128-GCM, portable, 16 KiB", 16384,
      { OURS(seal_portable_16384), BEAR(bear_portable_16384) } },
    { "AES-128-GCM, portable, 64 B", 64,
      { OURS(seal_portable_64), BEAR(bear_portable_64) } },
    CHACHA(16384, "16 KiB"), CHACHA(1024, "1 KiB"), CHACHA(64, "64 B"),
    SHA_256(16384, "16 KiB"), SHA_256(64, "64 B"), SHA_384(16384, "16 KiB"), SHA_384(64, "64 B"),
    { "X25519 keygen", 0,
      { OURS(x25519_keygen), EVP(evp_x25519_keygen), SODIUM(sodium_x25519_keygen) } },
    { "X25519 derive", 0,
      { OURS(x25519_derive), EVP(evp_x25519_derive), SODIUM(sodium_x25519_derive) } },
    { "Ed25519 sign", 0, { OURS(ed25519_sign_64), SODIUM(sodium_ed25519_sign_64) } },
    { "Ed25519 verify", 0, { OURS(ed25519_verify_64), SODIUM(sodium_ed25519_verify_64) } },
#define CURVE(NAME, P)                                                                        \
    { NAME " keygen", 0, { OURS(keygen_##P), EVP(evp_keygen_##P), LOW(low_keygen_##P) } },    \
    { NAME " sign", 0,                                                                        \
      { OURS(sign_##P), EVP(evp_sign_##P), LOW(low_sign_##P), BEAR(bear_sign_##P) } },        \
    { NAME " verify", 0,                                                                      \
      { OURS(verify_##P), EVP(evp_verify_##P), LOW(low_verify_##P), BEAR(bear_verify_##P) } },\
    { NAME " ECDH", 0,                                                                        \
      { OURS(agree_##P), EVP(evp_agree_##P), LOW(low_agree_##P), BEAR(bear_agree_##P) } }
    CURVE("P-256", p256), CURVE("P-384", p384),
    { "RSA-2048 sign", 0, { OURS(rsa_sign), EVP(evp_rsa_sign), BEAR(bear_rsa_sign) } },
    { "RSA-2048 verify", 0, { OURS(rsa_verify), EVP(evp_rsa_verify), BEAR(bear_rsa_verify) } },
    { "ML-KEM-768 keygen", 0, { OURS(mlkem_keygen) } },
    { "ML-KEM-768 encapsulate", 0, { OURS(mlkem_encapsulate) } },
    { "ML-KEM-768 decapsulate", 0, { OURS(mlkem_decapsulate) } },
};

int main(int argc, char **argv)
{
    bench_require(sodium_init() >= 0, "sodium_init");
    records_init();
    evp_md = EVP_MD_CTX_new();
    evp_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    evp_sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
    x25519_public_key(x_public, x_private);
    crypto_sign_seed_keypair(ed_public, ed_secret, ed_seed);
    ed25519_sign_64(1);
    subject_init(&p256);
    subject_init(&p384);
    rsa_init();
    rsa_sign(1);
    mlkem_keygen(1);
    mlkem768_key_hash(mlkem_hash, mlkem_key);
    mlkem_encapsulate(1);
    printf("Here: AES-GCM by %s, ChaCha20-Poly1305 by %s.\n"
           "A ratio is the peer's time over ours: above 1, ours is faster.\n",
           aes_gcm_chosen()->name, chacha20_poly1305_chosen()->name);
    bench_rows(rows, sizeof rows / sizeof *rows, argv + 1, argc - 1);
    return 0;
}
