/* tests/test_rsa.c - RSA signatures (crypto/rsa.h, RFC 8017), and the schemes made of them.
 *
 * Vectors: NIST CAVP SigVer, SigVerPSS and SigGen of FIPS 186-3 (vectors/nist/rsa.txt has a few and
 * their keys; the whole where $SEALPOST_VECTORS is), Wycheproof's key with e = 3, OpenSSL's sizes.
 */
#include "crypto/rsa.h"

#include "crypto/modulus.h"
#include "crypto/signature.h"
#include "tests/cavp.h"
#include "tests/vectors.h"
#include "tests/stride.h"

#include <check.h>
#include <string.h>

static const struct hash *hash_named(const char *name, size_t prefix)
{
    static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384, &hash_sha512 };
    static const char *const bits[] = { "256", "384", "512" };
    for (size_t i = 0; i < COUNT(hashes); i++)
        if (strcmp(name + prefix, bits[i]) == 0)
            return hashes[i];
    return NULL;
}

static const struct hash *digest_of(struct vectors *v, uint8_t digest[HASH_MAX])
{
    const struct hash *h = hash_named((const char *)vector(v, "hash").at, 4);       /* SHA-256 */
    ck_assert_ptr_nonnull(h);
    hash_digest(h, digest, vector(v, "message"));
    return h;
}

static struct rsa_numbers numbers_of(struct vectors *v)
{
    return (struct rsa_numbers){
        .n = vector(v, "n"), .e = vector(v, "e"), .p = vector(v, "p"), .q = vector(v, "q"),
        .dP = vector(v, "dP"), .dQ = vector(v, "dQ"), .qInv = vector(v, "qInv"),
    };
}

static bool is_pss(struct vectors *v)
{
    return bytes_equal_public(vector(v, "padding"), bytes_of_string("pss"));
}

static bool verifies(const struct rsa_public_key *key, bool pss, const struct hash *h,
                     const uint8_t *digest, size_t salt_len, struct bytes signature)
{
    return pss ? rsa_verify_pss_vartime(key, h, digest, salt_len, signature)
               : rsa_verify_pkcs1_vartime(key, h, digest, signature);
}

static struct rsa_public_key without_zeros(struct bytes n, struct bytes e)
{
    while (e.len > 0 && e.at[0] == 0)
        e = bytes_of(e.at + 1, e.len - 1);
    return (struct rsa_public_key){ n, e };
}

/* ---- vectors ---- */

START_TEST(nist_keys_sign)
{
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    while (vectors_next(&v)) {
        uint8_t digest[HASH_MAX], out[RSA_SIGN_MODULUS_MAX];
        struct rsa_private_key key;
        struct rsa_numbers numbers = numbers_of(&v);
        const struct hash *h = digest_of(&v, digest);
        struct bytes salt = is_pss(&v) ? vector(&v, "salt") : bytes_of(NULL, 0);
        ck_assert(rsa_private_key_make(&key, &numbers));
        ck_assert(is_pss(&v) ? rsa_sign_pss(out, &key, h, digest, salt)
                             : rsa_sign_pkcs1(out, &key, h, digest));
        check_bytes(&v, "S", out, vector(&v, "S"));
        struct rsa_public_key public = rsa_public(&key);
        struct bytes signature = { out, key.n_len };
        ck_assert(verifies(&public, is_pss(&v), h, digest, salt.len, signature));
        ck_assert(!verifies(&public, !is_pss(&v), h, digest, salt.len, signature));
        digest[h->digest_len - 1] ^= 1;
        ck_assert(!verifies(&public, is_pss(&v), h, digest, salt.len, signature));
    }
    vectors_close(&v);
}
END_TEST

START_TEST(wycheproof_exponent_3)
{
    struct vectors v = vectors_open("vectors/wycheproof/rsa_exponent_3.txt");
    while (vectors_next(&v)) {
        uint8_t digest[HASH_MAX], out[RSA_SIGN_MODULUS_MAX];
        struct rsa_private_key key;
        struct rsa_numbers numbers = numbers_of(&v);
        const struct hash *h = digest_of(&v, digest);
        ck_assert(rsa_private_key_make(&key, &numbers));
        ck_assert(rsa_sign_pkcs1(out, &key, h, digest));
        check_bytes(&v, "S", out, vector(&v, "S"));
    }
    vectors_close(&v);
}
END_TEST

/* 8192 bits; 2049 (the PSS block is a byte shorter than the modulus) and 2055 bits. */
START_TEST(sizes_at_the_edges)
{
    struct vectors v = vectors_open("vectors/openssl/rsa_sizes.txt");
    while (vectors_next(&v)) {
        uint8_t digest[HASH_MAX];
        const struct hash *h = digest_of(&v, digest);
        struct rsa_public_key key = { vector(&v, "n"), vector(&v, "e") };
        ck_assert(verifies(&key, is_pss(&v), h, digest, 32, vector(&v, "S")));
        ck_assert(!verifies(&key, !is_pss(&v), h, digest, 32, vector(&v, "S")));
        digest[0] ^= 1;
        ck_assert(!verifies(&key, is_pss(&v), h, digest, 32, vector(&v, "S")));
    }
    vectors_close(&v);
}
END_TEST

/* A record that is no case but the key of those below: n, or n and e, or p and q. */
static void keep_key(struct cavp *c, uint8_t n[RSA_MODULUS_MAX], struct rsa_public_key *key)
{
    static uint8_t e[RSA_EXPONENT_MAX];
    c->records--;
    if (!cavp_has(c, "n"))
        return;
    struct bytes modulus = cavp_bytes(c, "n");
    memcpy(n, modulus.at, modulus.len);
    key->modulus = bytes_of(n, modulus.len);
    if (cavp_has(c, "e")) {
        struct bytes exponent = cavp_bytes(c, "e");
        ck_assert_uint_le(exponent.len, sizeof e);
        memcpy(e, exponent.at, exponent.len);
        key->exponent = bytes_of(e, exponent.len);
    }
}

/* Skipped: 1024 and 1536 bits, SHA-1 and SHA-224. */
static void nist_verification(const char *file, bool pss, size_t records, size_t judged)
{
    struct cavp c;
    struct rsa_public_key key = { { 0 }, { 0 } };
    uint8_t n[RSA_MODULUS_MAX];
    if (!cavp_open(&c, file))
        return;
    while (cavp_next(&c)) {
        if (!cavp_has(&c, "SHAAlg")) {
            keep_key(&c, n, &key);
            continue;
        }
        const struct hash *h = hash_named(cavp_text(&c, "SHAAlg"), 3);              /* SHA256 */
        bool judge = h && cavp_number(&c, "mod") >= RSA_BITS_MIN;
        c.passed += judge;
        c.skipped += !judge;
        if (!judge)
            continue;
        uint8_t digest[HASH_MAX];
        if (cavp_has(&c, "e"))
            key = without_zeros(key.modulus, cavp_bytes(&c, "e"));
        size_t salt_len = pss ? cavp_bytes(&c, "SaltVal").len : 0;
        bool good = !cavp_has(&c, "Result") || cavp_text(&c, "Result")[0] == 'P';
        hash_digest(h, digest, cavp_bytes(&c, "Msg"));
        ck_assert_msg(verifies(&key, pss, h, digest, salt_len, cavp_bytes(&c, "S")) == good,
                      "%s:%zu", c.name, c.line);
    }
    ck_assert_uint_eq(c.passed, judged);
    cavp_close(&c, records);
}

START_TEST(nist_sigver15)
{
    nist_verification("nist/rsa/SigVer15_186-3.rsp", false, 450, 162);
}
END_TEST

START_TEST(nist_sigver_pss)
{
    nist_verification("nist/rsa/SigVerPSS_186-3.rsp", true, 450, 162);
}
END_TEST

START_TEST(nist_siggen15)
{
    nist_verification("nist/rsa/SigGen15_186-3.rsp", false, 250, 90);
}
END_TEST

/* ---- forgeries: blocks that a lenient check would take, under a key whose d we have ---- */

enum { K = 256 };                        /* bytes of that key */

struct forger {
    struct vectors v;
    struct rsa_public_key key;
    uint8_t digest[32], em[K], signature[K];
};

static struct forger *new_forger(void)
{
    static struct forger f;
    f.v = vectors_open("vectors/wycheproof/rsa_exponent_3.txt");
    ck_assert(vectors_next(&f.v));
    f.key = (struct rsa_public_key){ vector(&f.v, "n"), vector(&f.v, "e") };
    ck_assert_uint_eq(f.key.modulus.len, K);
    hash_digest(&hash_sha256, f.digest, bytes_of_string("message"));
    return &f;
}

/* signature = em^d mod n, without any of the checks in between. */
static struct bytes forge(struct forger *f)
{
    struct modulus n;
    uint64_t x[K / 8];
    modulus_init(&n, f->key.modulus, K / 8);
    integer_from_bytes(x, K / 8, bytes_of(f->em, K));
    modulus_enter(&n, x, x);
    modulus_power(&n, x, x, vector(&f->v, "d"));
    modulus_leave(&n, x, x);
    integer_to_bytes(f->signature, K, x);
    return bytes_of(f->signature, K);
}

/* §9.2 note 1, as in the RFC. */
static const uint8_t sha256_info[] = {
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
    0x00, 0x04, 0x20,
};
/* The same without NULL, and with the long form of a length. */
static const uint8_t no_null[] = {
    0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04,
    0x20,
};
static const uint8_t long_length[] = {
    0x30, 0x81, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    0x05, 0x00, 0x04, 0x20,
};

/* 00 type ff..ff separator info digest garbage, `after` bytes of garbage. */
static bool pkcs1_passes(struct forger *f, uint8_t type, uint8_t separator, const uint8_t *info,
                         size_t info_len, size_t after)
{
    size_t end = K - after;
    memset(f->em, 0xff, K);
    f->em[0] = 0;
    f->em[1] = type;
    memset(f->em + end, 0x5a, after);
    memcpy(f->em + end - 32, f->digest, 32);
    memcpy(f->em + end - 32 - info_len, info, info_len);
    f->em[end - 32 - info_len - 1] = separator;
    return rsa_verify_pkcs1_vartime(&f->key, &hash_sha256, f->digest, forge(f));
}

START_TEST(x7_pkcs1_forgeries)
{
    struct forger *f = new_forger();
    ck_assert(pkcs1_passes(f, 1, 0, sha256_info, sizeof sha256_info, 0));
    for (size_t after = 1; after < K - 3 - 8 - 32 - sizeof sha256_info; after += 20)
        ck_assert(!pkcs1_passes(f, 1, 0, sha256_info, sizeof sha256_info, after));
    ck_assert(!pkcs1_passes(f, 2, 0, sha256_info, sizeof sha256_info, 0));
    ck_assert(!pkcs1_passes(f, 0, 0, sha256_info, sizeof sha256_info, 0));
    ck_assert(!pkcs1_passes(f, 1, 1, sha256_info, sizeof sha256_info, 0));
    ck_assert(!pkcs1_passes(f, 1, 0xff, sha256_info, sizeof sha256_info, 0));
    ck_assert(!pkcs1_passes(f, 1, 0, no_null, sizeof no_null, 0));
    ck_assert(!pkcs1_passes(f, 1, 0, long_length, sizeof long_length, 0));
    ck_assert(!pkcs1_passes(f, 1, 0, sha256_info, 0, 0));
    vectors_close(&f->v);
}
END_TEST

/* Every bit of the block counts. */
START_TEST(x7_pkcs1_every_bit)
{
    struct forger *f = new_forger();
    ck_assert(pkcs1_passes(f, 1, 0, sha256_info, sizeof sha256_info, 0));
    for (size_t bit = 1; bit < 8 * K; bit += 7 * stride(13)) {
        f->em[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        if (memcmp(f->em, f->key.modulus.at, K) < 0)
            ck_assert(!rsa_verify_pkcs1_vartime(&f->key, &hash_sha256, f->digest, forge(f)));
        f->em[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
    vectors_close(&f->v);
}
END_TEST

/* A PSS block before its mask: zeros, 01, a salt of `salt_len` bytes. MGF1 is written again here,
 * from §B.2.1, for SHA-256. */
static void mask_block(struct forger *f)
{
    uint8_t seed[36], mask[32];
    memcpy(seed, f->em + K - 33, 32);
    for (size_t i = 0; i < K - 33; i++) {
        if (i % 32 == 0) {
            store_be32(seed + 32, (uint32_t)(i / 32));
            hash_digest(&hash_sha256, mask, bytes_of(seed, sizeof seed));
        }
        f->em[i] ^= mask[i % 32];
    }
    f->em[0] &= 0x7f;
    f->em[K - 1] = 0xbc;
}

static void pss_block(struct forger *f, size_t salt_len)
{
    uint8_t salted[8 + 32 + K] = { 0 };
    memcpy(salted + 8, f->digest, 32);
    memset(salted + 40, 0x77, salt_len);
    memset(f->em, 0, K);
    f->em[K - 33 - salt_len - 1] = 1;
    memset(f->em + K - 33 - salt_len, 0x77, salt_len);
    hash_digest(&hash_sha256, f->em + K - 33, bytes_of(salted, 40 + salt_len));
}

static bool pss_passes(struct forger *f, size_t salt_len)
{
    return rsa_verify_pss_vartime(&f->key, &hash_sha256, f->digest, salt_len, forge(f));
}

START_TEST(pss_forgeries)
{
    struct forger *f = new_forger();
    static const size_t salts[] = { 0, 1, 31, 32, 33, K - 34 };
    for (size_t i = 0; i < COUNT(salts); i++)
        for (size_t j = 0; j < COUNT(salts); j++) {
            pss_block(f, salts[i]);
            mask_block(f);
            ck_assert(pss_passes(f, salts[j]) == (i == j));
        }
    ck_assert(!pss_passes(f, K - 33));
    ck_assert(!pss_passes(f, K));
    ck_assert(!pss_passes(f, SIZE_MAX));

    pss_block(f, 32);
    f->em[10] = 1;                                        /* padding that is not zero */
    mask_block(f);
    ck_assert(!pss_passes(f, 32));
    pss_block(f, 32);
    f->em[K - 33 - 33] = 2;                               /* no 01 */
    mask_block(f);
    ck_assert(!pss_passes(f, 32));
    pss_block(f, 32);
    mask_block(f);
    f->em[K - 1] = 0xcc;                                  /* another trailer */
    ck_assert(!pss_passes(f, 32));
    pss_block(f, 32);
    mask_block(f);
    f->em[K - 2] ^= 1;                                    /* another H */
    ck_assert(!pss_passes(f, 32));
    for (int tries = 0; tries < 64; tries++) {            /* the top bit, where it stays below n */
        f->digest[0]++;
        pss_block(f, 32);
        mask_block(f);
        ck_assert(pss_passes(f, 32));
        f->em[0] |= 0x80;
        if (memcmp(f->em, f->key.modulus.at, K) < 0)
            ck_assert(!pss_passes(f, 32));
    }
    vectors_close(&f->v);
}
END_TEST

/* ---- bounds ---- */

START_TEST(signature_length_and_range)
{
    struct forger *f = new_forger();
    uint8_t longer[K + 1] = { 0 }, n[K];
    ck_assert(pkcs1_passes(f, 1, 0, sha256_info, sizeof sha256_info, 0));
    memcpy(longer + 1, f->signature, K);
    struct { const uint8_t *at; size_t len; } bad[] = {
        { longer, K + 1 }, { longer + 2, K - 1 }, { longer, K }, { longer, 0 },
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert(!rsa_verify_pkcs1_vartime(&f->key, &hash_sha256, f->digest,
                                            bytes_of(bad[i].at, bad[i].len)));
    memcpy(n, f->key.modulus.at, K);
    for (int below = 0; below < 3; below++, n[K - 1]--)   /* n, n - 1, n - 2; n is odd */
        ck_assert(!rsa_verify_pkcs1_vartime(&f->key, &hash_sha256, f->digest, bytes_of(n, K)));
    memset(n, 0, K);
    ck_assert(!rsa_verify_pkcs1_vartime(&f->key, &hash_sha256, f->digest, bytes_of(n, K)));
    n[K - 1] = 1;
    ck_assert(!rsa_verify_pss_vartime(&f->key, &hash_sha256, f->digest, 32, bytes_of(n, K)));
    vectors_close(&f->v);
}
END_TEST

/* s + n is the same number modulo n, and another signature: refused. */
START_TEST(signature_above_the_modulus)
{
    struct forger *f = new_forger();
    uint64_t s[K / 8], n[K / 8], carry = 1;
    for (int tries = 0; tries < 100 && carry != 0; tries++) {
        f->digest[0]++;
        ck_assert(pkcs1_passes(f, 1, 0, sha256_info, sizeof sha256_info, 0));
        integer_from_bytes(s, K / 8, bytes_of(f->signature, K));
        integer_from_bytes(n, K / 8, f->key.modulus);
        carry = 0;
        for (size_t i = 0; i < K / 8; i++)
            s[i] = limb_add(s[i], n[i], &carry);
    }
    ck_assert_uint_eq(carry, 0);                          /* it fits 256 bytes */
    integer_to_bytes(f->signature, K, s);
    ck_assert(!rsa_verify_pkcs1_vartime(&f->key, &hash_sha256, f->digest,
                                        bytes_of(f->signature, K)));
    vectors_close(&f->v);
}
END_TEST

static bool valid(const uint8_t *n, size_t n_len, uint64_t e)
{
    uint8_t bytes[8];
    store_be64(bytes, e);
    struct rsa_public_key key = without_zeros(bytes_of(n, n_len), bytes_of(bytes, 8));
    return rsa_public_key_valid(&key);
}

START_TEST(public_key_bounds)
{
    uint8_t n[RSA_MODULUS_MAX + 1];
    memset(n, 0xff, sizeof n);
    ck_assert(valid(n, 256, 3));
    ck_assert(valid(n, RSA_MODULUS_MAX, 65537));
    ck_assert(!valid(n, 255, 3));
    ck_assert(!valid(n, RSA_MODULUS_MAX + 1, 3));
    ck_assert(!valid(n, 0, 3));
    static const struct { uint64_t e; bool good; } exponents[] = {
        { 0, false }, { 1, false }, { 2, false }, { 3, true }, { 4, false }, { 5, true },
        { 65536, false }, { 65537, true }, { 0x1ffffffff, true }, { 0x200000000, false },
        { 0x200000001, false }, { 0xffffffffff, false }, { 0x10000000003, false },
    };
    for (size_t i = 0; i < COUNT(exponents); i++)
        ck_assert(valid(n, 256, exponents[i].e) == exponents[i].good);
    n[0] = 0x7f;
    ck_assert(!valid(n, 256, 3));                         /* 2047 bits */
    ck_assert(valid(n, 257, 3));                          /* 2055 */
    n[0] = 0;
    ck_assert(!valid(n, 257, 3));
    n[0] = 0x80;
    ck_assert(valid(n, 256, 3));
    n[255] = 0xfe;
    ck_assert(!valid(n, 256, 3));                         /* even */
}
END_TEST

/* ---- private keys and faults ---- */

static struct rsa_private_key nist_key(void)
{
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    struct rsa_private_key key;
    ck_assert(vectors_next(&v));
    struct rsa_numbers numbers = numbers_of(&v);
    ck_assert(rsa_private_key_make(&key, &numbers));
    while (vectors_next(&v))
        continue;
    vectors_close(&v);
    return key;
}

static void leaves_nothing(const struct rsa_private_key *key)
{
    static const uint8_t digest[32], zeros[RSA_SIGN_MODULUS_MAX];
    uint8_t out[RSA_SIGN_MODULUS_MAX] = { 0 };
    ck_assert(!rsa_sign_pkcs1(out, key, &hash_sha256, digest));
    ck_assert_mem_eq(out, zeros, sizeof out);
    ck_assert(!rsa_sign_pss(out, key, &hash_sha256, digest, bytes_of(digest, 32)));
    ck_assert_mem_eq(out, zeros, sizeof out);
}

/* A fault in one half: the signature would be right modulo the other prime, and would give it away.
 * Nothing leaves. */
START_TEST(c3_faults)
{
    struct rsa_private_key key = nist_key();
    uint8_t *const fields[] = { key.dP, key.dQ, key.qInv, key.p, key.q };
    for (size_t i = 0; i < COUNT(fields); i++)
        for (size_t at = 0; at < key.p_len; at += 31) {
            fields[i][at] ^= 0x10;
            leaves_nothing(&key);
            fields[i][at] ^= 0x10;
        }
    memset(key.p, 0, sizeof key.p);
    leaves_nothing(&key);
    memset(key.q, 0, sizeof key.q);
    leaves_nothing(&key);
}
END_TEST

START_TEST(sizes_of_a_key_in_memory)
{
    struct rsa_private_key key = nist_key(), bad = key;
    bad.n_len = 0;
    leaves_nothing(&bad);
    bad.n_len = RSA_SIGN_MODULUS_MAX + 1;
    leaves_nothing(&bad);
    bad = key;
    bad.p_len = 0;
    leaves_nothing(&bad);
    bad.p_len = RSA_PRIME_MAX + 1;
    leaves_nothing(&bad);
    bad = key;
    bad.q_len = UINT16_MAX;
    leaves_nothing(&bad);
    bad = key;
    bad.p_len = bad.q_len = 64;                           /* too short for n */
    leaves_nothing(&bad);
    bad = key;
    bad.e_len = 6;
    leaves_nothing(&bad);
    memset(&bad, 0xff, sizeof bad);
    leaves_nothing(&bad);
    memset(&bad, 0, sizeof bad);
    leaves_nothing(&bad);
}
END_TEST

START_TEST(numbers_that_make_no_key)
{
    static const struct rsa_private_key wiped;
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    struct rsa_private_key key;
    uint8_t long_number[RSA_SIGN_MODULUS_MAX + 1];
    memset(long_number, 0xff, sizeof long_number);
    ck_assert(vectors_next(&v));
    struct rsa_numbers good = numbers_of(&v), bad[9];
    for (size_t i = 0; i < COUNT(bad); i++)
        bad[i] = good;
    bad[0].n = bytes_of(long_number, sizeof long_number);
    bad[1].e = bytes_of("\2\0\0\0\1", 5);
    bad[2].p = bytes_of(long_number, RSA_PRIME_MAX + 1);
    bad[3].dP = good.dQ;
    bad[4].dQ = bytes_of(long_number, good.q.len + 1);
    bad[5].qInv = bytes_of("\1", 1);
    bad[6].p = good.q;
    bad[7].q.len -= 1;
    bad[8].e = bytes_of("\3", 1);
    for (size_t i = 0; i < COUNT(bad); i++) {
        memset(&key, 0xaa, sizeof key);
        ck_assert_msg(!rsa_private_key_make(&key, &bad[i]), "number set %zu", i);
        ck_assert_mem_eq(&key, &wiped, sizeof key);
    }
    ck_assert(rsa_private_key_make(&key, &good));
    while (vectors_next(&v))
        continue;
    vectors_close(&v);
}
END_TEST

START_TEST(salt_must_fit)
{
    struct rsa_private_key key = nist_key();
    uint8_t out[RSA_SIGN_MODULUS_MAX], salt[K] = { 0 }, digest[32] = { 0 };
    struct rsa_public_key public = rsa_public(&key);
    size_t most = K - 32 - 2;
    ck_assert(rsa_sign_pss(out, &key, &hash_sha256, digest, bytes_of(salt, most)));
    ck_assert(rsa_verify_pss_vartime(&public, &hash_sha256, digest, most, bytes_of(out, K)));
    ck_assert(!rsa_sign_pss(out, &key, &hash_sha256, digest, bytes_of(salt, most + 1)));
    ck_assert(rsa_sign_pss(out, &key, &hash_sha256, digest, bytes_of(NULL, 0)));
    ck_assert(rsa_verify_pss_vartime(&public, &hash_sha256, digest, 0, bytes_of(out, K)));
}
END_TEST

/* ---- the schemes ---- */

static bool refuse(void *context, uint8_t *out, size_t len)
{
    (void)context, (void)out, (void)len;
    return false;
}

static const struct random_source no_random = { refuse, NULL };

START_TEST(schemes)
{
    static const struct signature *const all[] = {
        &signature_rsa_pss_sha256, &signature_rsa_pss_sha384, &signature_rsa_pss_sha512,
        &signature_rsa_pkcs1_sha256, &signature_rsa_pkcs1_sha384, &signature_rsa_pkcs1_sha512,
    };
    struct private_key key = { .type = KEY_RSA };
    key.rsa = nist_key();
    struct rsa_public_key rsa = rsa_public(&key.rsa);
    struct public_key public = { .type = KEY_RSA, .modulus = rsa.modulus,
                                 .exponent = rsa.exponent };
    struct bytes message = bytes_of_string("a message");
    for (size_t i = 0; i < COUNT(all); i++) {
        uint8_t signature[SIGNATURE_MAX], again[SIGNATURE_MAX];
        size_t len = 0;
        ck_assert_int_eq(all[i]->key_type, KEY_RSA);
        ck_assert(all[i]->sign(signature, &len, &key, message, &random_system));
        ck_assert_uint_eq(len, K);
        for (size_t j = 0; j < COUNT(all); j++)
            ck_assert(all[j]->verify(&public, message, bytes_of(signature, len)) == (i == j));
        ck_assert(!all[i]->verify(&public, bytes_of(message.at, 8), bytes_of(signature, len)));
        ck_assert(all[i]->sign(again, &len, &key, message, &random_system));
        ck_assert((memcmp(again, signature, K) == 0) == (i >= 3));    /* PSS has a fresh salt */
        ck_assert(all[i]->sign(again, &len, &key, message, &no_random) == (i >= 3));
        key.type = public.type = KEY_ED25519;
        ck_assert(!all[i]->sign(again, &len, &key, message, &random_system));
        ck_assert(!all[i]->verify(&public, message, bytes_of(signature, K)));
        key.type = public.type = KEY_RSA;
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nist_keys_sign, wycheproof_exponent_3, sizes_at_the_edges, nist_sigver15,
        nist_sigver_pss, nist_siggen15, x7_pkcs1_forgeries, x7_pkcs1_every_bit, pss_forgeries,
        signature_length_and_range, signature_above_the_modulus, public_key_bounds, c3_faults,
        sizes_of_a_key_in_memory, numbers_that_make_no_key, salt_must_fit, schemes,
    };
    Suite *suite = suite_create("rsa");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 240);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
