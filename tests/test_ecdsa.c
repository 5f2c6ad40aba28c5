/* tests/test_ecdsa.c - ECDSA over P-256: signing, verifying, DER.
 *
 * Vectors: RFC 6979 A.2.5 (vectors/rfc/ecdsa_p256_rfc6979.txt); NIST CAVP SigVer.
 */
#include "crypto/ecdsa.h"

#include "crypto/signature.h"
#include "tests/cavp.h"
#include "tests/vectors.h"

#include <check.h>
#include <string.h>

static const struct hash *hash_named(const char *name)
{
    static const struct { const char *name; const struct hash *hash; } names[] = {
        { "SHA-256", &hash_sha256 }, { "SHA-384", &hash_sha384 }, { "SHA-512", &hash_sha512 },
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].hash;
    return NULL;
}

/* ---- RFC 6979 ---- */

START_TEST(rfc6979_p256)
{
    struct vectors v = vectors_open("vectors/rfc/ecdsa_p256_rfc6979.txt");
    while (vectors_next(&v)) {
        uint8_t digest[HASH_MAX], point[65];
        struct ecdsa_p256 signature;
        const uint8_t *x = vector(&v, "x").at;
        const struct hash *h = hash_named((const char *)vector(&v, "hash").at);
        ck_assert_ptr_nonnull(h);
        hash_digest(h, digest, vector(&v, "message"));
        ck_assert(p256_private_public(point, x));
        check_bytes(&v, "Ux", point + 1, vector(&v, "Ux"));
        check_bytes(&v, "Uy", point + 33, vector(&v, "Uy"));
        ck_assert(ecdsa_p256_sign(&signature, x, h, digest));
        check_bytes(&v, "r", signature.r, vector(&v, "r"));
        check_bytes(&v, "s", signature.s, vector(&v, "s"));
        ck_assert(ecdsa_p256_verify(&signature, bytes_of(point, 65),
                                    bytes_of(digest, h->digest_len)));
    }
    vectors_close(&v);
}
END_TEST

/* The published k gives the published r: x(k G) mod n. */
START_TEST(rfc6979_nonces)
{
    struct vectors v = vectors_open("vectors/rfc/ecdsa_p256_rfc6979.txt");
    while (vectors_next(&v)) {
        uint8_t point[65], r_bytes[32];
        struct p256_scalar r;
        ck_assert(p256_private_public(point, vector(&v, "k").at));
        p256_scalar_reduce(&r, point + 1);
        limbs_to_bytes(r_bytes, r.limb, 4);
        check_bytes(&v, "r", r_bytes, vector(&v, "r"));
    }
    vectors_close(&v);
}
END_TEST

/* ---- NIST ---- */

static const struct hash *hash_of_section(const struct cavp *c)
{
    return strncmp(c->section, "P-256,", 6) == 0 ? hash_named(c->section + 6) : NULL;
}

static void nist_integer(uint8_t out[32], struct cavp *c, const char *name)
{
    struct bytes b = cavp_bytes(c, name);
    memset(out, 0, 32);
    ck_assert_uint_le(b.len, 32);
    memcpy(out + 32 - b.len, b.at, b.len);
}

static bool nist_verifies(struct cavp *c, const struct hash *h)
{
    uint8_t point[65] = { 4 }, digest[HASH_MAX];
    struct ecdsa_p256 signature;
    nist_integer(point + 1, c, "Qx");
    nist_integer(point + 33, c, "Qy");
    nist_integer(signature.r, c, "R");
    nist_integer(signature.s, c, "S");
    hash_digest(h, digest, cavp_bytes(c, "Msg"));
    return ecdsa_p256_verify(&signature, bytes_of(point, 65), bytes_of(digest, h->digest_len));
}

/* Skipped: other curves, and P-256 with SHA-1 and SHA-224, which no hash of ours computes. */
START_TEST(nist_signature_verification)
{
    struct cavp c;
    if (!cavp_open(&c, "nist/ecdsa/SigVer.rsp"))
        return;
    while (cavp_next(&c)) {
        const struct hash *h = hash_of_section(&c);
        c.passed += h != NULL;
        c.skipped += h == NULL;
        if (h)
            ck_assert_msg(nist_verifies(&c, h) == (cavp_text(&c, "Result")[0] == 'P'),
                          "%s:%zu", c.name, c.line);
    }
    ck_assert_uint_eq(c.passed, 45);
    cavp_close(&c, 1125);
}
END_TEST

/* ---- verification ---- */

struct example { uint8_t private[32], point[65], digest[32]; struct ecdsa_p256 signature; };

static struct example example(void)
{
    struct example e = { .private = { 1, 2, 3 }, .digest = { 4, 5, 6 } };
    ck_assert(p256_private_public(e.point, e.private));
    ck_assert(ecdsa_p256_sign(&e.signature, e.private, &hash_sha256, e.digest));
    return e;
}

static bool verifies(const struct example *e)
{
    return ecdsa_p256_verify(&e->signature, bytes_of(e->point, 65), bytes_of(e->digest, 32));
}

static void flip_each_bit(struct example *e, uint8_t *field, size_t len)
{
    for (size_t bit = 0; bit < 8 * len; bit++) {
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!verifies(e));
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert(verifies(e));
}

START_TEST(every_bit_counts)
{
    struct example e = example();
    flip_each_bit(&e, e.signature.r, 32);
    flip_each_bit(&e, e.signature.s, 32);
    flip_each_bit(&e, e.digest, 32);
    flip_each_bit(&e, e.point, 65);
}
END_TEST

static void set_order(uint8_t out[32], int minus)
{
    limbs_to_bytes(out, p256_order.modulus, 4);
    out[31] = (uint8_t)(out[31] - minus);                       /* n ends in 51 */
}

/* 1 <= r, s < n (FIPS 186-5 §6.4.2 step 1). */
START_TEST(r_and_s_are_in_range)
{
    struct example e = example(), bad = e;
    memset(bad.signature.r, 0, 32);
    ck_assert(!verifies(&bad));
    set_order(bad.signature.r, 0);
    ck_assert(!verifies(&bad));
    memset(bad.signature.r, 0xff, 32);
    ck_assert(!verifies(&bad));
    bad = e;
    memset(bad.signature.s, 0, 32);
    ck_assert(!verifies(&bad));
    set_order(bad.signature.s, 0);
    ck_assert(!verifies(&bad));
    set_order(bad.signature.s, 1);                              /* in range, and wrong */
    ck_assert(!verifies(&bad));
}
END_TEST

/* u1 G + u2 Q = infinity must not pass: with Q = G, e = -r. */
START_TEST(infinity_is_no_signature)
{
    struct example e = { .private = { 0 } };
    memset(e.private, 0, 32);
    e.private[31] = 1;
    ck_assert(p256_private_public(e.point, e.private));
    e.signature.r[31] = 7;
    e.signature.s[31] = 9;
    set_order(e.digest, 7);
    ck_assert(!verifies(&e));
}
END_TEST

/* x(R) may be n or above, and r is then x - n, a small number. Here Q = (n + 3, y); with e = 0 and
 * s = r, u1 = 0 and u2 = 1, so that R is Q itself.  check: y^2 == x^3 - 3 x + b mod p */
START_TEST(r_wraps_around_n)
{
    static const uint64_t y[4] = { 0xe31dffe861b5d23f, 0x5d7a545e198ac7ee,
                                   0xa808458914f32871, 0x484f0c0fda434ef0 };
    struct example e = { .point = { 4 } };
    limbs_to_bytes(e.point + 1, p256_order.modulus, 4);
    e.point[32] = (uint8_t)(e.point[32] + 3);
    limbs_to_bytes(e.point + 33, y, 4);
    e.signature.r[31] = e.signature.s[31] = 3;
    ck_assert(verifies(&e));
    e.signature.r[31] = e.signature.s[31] = 3 + 1;
    ck_assert(!verifies(&e));
}
END_TEST

START_TEST(verify_wants_a_valid_key)
{
    struct example e = example();
    struct bytes digest = { e.digest, 32 };
    ck_assert(!ecdsa_p256_verify(&e.signature, bytes_of(e.point, 64), digest));
    ck_assert(!ecdsa_p256_verify(&e.signature, bytes_of(NULL, 0), digest));
    e.point[0] = 2;
    ck_assert(!verifies(&e));
}
END_TEST

/* Of a digest longer than n its leftmost 256 bits count, a shorter one counts as it is. */
START_TEST(digest_is_cut_to_256_bits)
{
    struct example e = example();
    uint8_t longer[64] = { 0 };
    memcpy(longer, e.digest, 32);
    memset(longer + 32, 0x5a, 32);
    ck_assert(ecdsa_p256_verify(&e.signature, bytes_of(e.point, 65), bytes_of(longer, 64)));
    memset(e.digest, 0, 32);
    e.digest[30] = 7;
    ck_assert(ecdsa_p256_sign(&e.signature, e.private, &hash_sha256, e.digest));
    ck_assert(ecdsa_p256_verify(&e.signature, bytes_of(e.point, 65), bytes_of(e.digest + 30, 2)));
}
END_TEST

/* ---- signing ---- */

START_TEST(sign_refuses_an_invalid_key)
{
    static const uint8_t digest[32];
    static const struct ecdsa_p256 nothing;
    uint8_t private[32] = { 0 };
    struct ecdsa_p256 signature;
    memset(&signature, 0xaa, sizeof signature);
    ck_assert(!ecdsa_p256_sign(&signature, private, &hash_sha256, digest));
    ck_assert(memcmp(&signature, &nothing, sizeof nothing) == 0);
    set_order(private, 0);
    ck_assert(!ecdsa_p256_sign(&signature, private, &hash_sha256, digest));
    set_order(private, 1);
    ck_assert(ecdsa_p256_sign(&signature, private, &hash_sha256, digest));
}
END_TEST

START_TEST(signatures_are_deterministic_and_verify)
{
    struct example e = example();
    struct ecdsa_p256 again;
    for (int i = 0; i < 100; i++) {
        e.digest[i % 32]++;
        e.private[i % 31]++;
        ck_assert(p256_private_public(e.point, e.private));
        ck_assert(ecdsa_p256_sign(&e.signature, e.private, &hash_sha256, e.digest));
        ck_assert(ecdsa_p256_sign(&again, e.private, &hash_sha256, e.digest));
        ck_assert(memcmp(&again, &e.signature, sizeof again) == 0);
        ck_assert(verifies(&e));
    }
}
END_TEST

/* ---- DER ---- */

/* r = 0x80, s = 1: a zero before the top bit, and none elsewhere. */
static const uint8_t small_der[] = { 0x30, 7, 2, 2, 0, 0x80, 2, 1, 1 };

static bool decodes(const uint8_t *der, size_t len)
{
    struct ecdsa_p256 s;
    uint8_t again[ECDSA_P256_DER_MAX];
    if (!ecdsa_p256_decode(&s, bytes_of(der, len)))
        return false;
    ck_assert_uint_eq(ecdsa_p256_encode(again, &s), len);       /* the one encoding there is */
    ck_assert(memcmp(again, der, len) == 0);
    return true;
}

START_TEST(der_small)
{
    struct ecdsa_p256 s = { { 0 }, { 0 } }, back;
    uint8_t der[ECDSA_P256_DER_MAX];
    s.r[31] = 0x80;
    s.s[31] = 1;
    ck_assert_uint_eq(ecdsa_p256_encode(der, &s), sizeof small_der);
    ck_assert(memcmp(der, small_der, sizeof small_der) == 0);
    ck_assert(ecdsa_p256_decode(&back, bytes_of(small_der, sizeof small_der)));
    ck_assert(memcmp(&back, &s, sizeof s) == 0);
}
END_TEST

START_TEST(der_largest)
{
    struct ecdsa_p256 s, back;
    uint8_t der[ECDSA_P256_DER_MAX];
    memset(&s, 0xff, sizeof s);
    ck_assert_uint_eq(ecdsa_p256_encode(der, &s), ECDSA_P256_DER_MAX);
    ck_assert(ecdsa_p256_decode(&back, bytes_of(der, sizeof der)));
    ck_assert(memcmp(&back, &s, sizeof s) == 0);
}
END_TEST

START_TEST(der_truncated_or_longer)
{
    uint8_t der[sizeof small_der + 1] = { 0 };
    memcpy(der, small_der, sizeof small_der);
    for (size_t len = 0; len <= sizeof der; len++)
        ck_assert(decodes(der, len) == (len == sizeof small_der));
}
END_TEST

/* Every value of every byte: what is taken is canonical (decodes checks), tags and lengths are
 * right, and no first byte of an INTEGER is negative. */
START_TEST(der_every_byte)
{
    uint8_t der[sizeof small_der];
    size_t accepted = 0;
    for (size_t i = 0; i < sizeof der; i++)
        for (unsigned value = 0; value < 256; value++) {
            memcpy(der, small_der, sizeof der);
            der[i] = (uint8_t)value;
            bool good = decodes(der, sizeof der);
            ck_assert(!good || i == 4 || i == 5 || i == 8 || der[i] == small_der[i]);
            accepted += good;
        }
    /* unchanged in 6 places; 0x00-0x7f before 0x80; 0x80-0xff after 00; 0x00-0x7f alone */
    ck_assert_uint_eq(accepted, 6 + 128 + 128 + 128);
}
END_TEST

START_TEST(der_refuses_other_forms)
{
    static const struct { uint8_t len, der[12]; } bad[] = {
        { 10, { 0x30, 0x81, 7, 2, 2, 0, 0x80, 2, 1, 1 } },            /* long-form length */
        { 10, { 0x30, 8, 2, 0x81, 2, 0, 0x80, 2, 1, 1 } },
        { 11, { 0x30, 0x80, 2, 2, 0, 0x80, 2, 1, 1, 0, 0 } },         /* indefinite length */
        { 10, { 0x30, 8, 2, 2, 0, 0x80, 2, 2, 0, 1 } },               /* zero without need */
        { 10, { 0x30, 8, 2, 3, 0, 0, 0x80, 2, 1, 1 } },
        { 8, { 0x30, 6, 2, 1, 0x80, 2, 1, 1 } },                      /* negative r */
        { 8, { 0x30, 6, 2, 1, 1, 2, 1, 0xff } },                      /* negative s */
        { 7, { 0x30, 5, 2, 0, 2, 1, 1 } },                            /* empty r */
        { 7, { 0x30, 5, 2, 1, 1, 2, 0 } },
        { 5, { 0x30, 3, 2, 1, 1 } },                                  /* no s */
        { 11, { 0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1 } },               /* three integers */
        { 10, { 0x30, 8, 2, 1, 1, 2, 1, 1, 5, 0 } },                  /* something after s */
        { 2, { 0x30, 0 } },
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!decodes(bad[i].der, bad[i].len), "form %zu", i);
}
END_TEST

/* 33 bytes after the sign byte's rule: too long for a number below 2^256. */
START_TEST(der_integer_of_33_bytes)
{
    uint8_t der[2 + 2 + 34 + 3] = { 0x30, 39, 2, 34, 0, 0x80 };
    memcpy(der + 38, (uint8_t[3]){ 2, 1, 1 }, 3);
    ck_assert(!decodes(der, sizeof der));
    uint8_t shorter[2 + 2 + 33 + 3] = { 0x30, 38, 2, 33, 1 };
    memcpy(shorter + 37, (uint8_t[3]){ 2, 1, 1 }, 3);
    ck_assert(!decodes(shorter, sizeof shorter));
    shorter[4] = 0;
    shorter[5] = 0x80;
    ck_assert(decodes(shorter, sizeof shorter));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rfc6979_p256, rfc6979_nonces, nist_signature_verification, every_bit_counts,
        r_and_s_are_in_range, infinity_is_no_signature, r_wraps_around_n,
        verify_wants_a_valid_key, digest_is_cut_to_256_bits, sign_refuses_an_invalid_key,
        signatures_are_deterministic_and_verify, der_small, der_largest, der_truncated_or_longer,
        der_every_byte, der_refuses_other_forms, der_integer_of_33_bytes,
    };
    Suite *suite = suite_create("ecdsa");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
