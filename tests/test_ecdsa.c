/* tests/test_ecdsa.c - ECDSA over P-256 and P-384: signing, verifying, DER.
 *
 * Each test runs once a curve. Vectors: RFC 6979 A.2.5 and A.2.6 (vectors/rfc); NIST CAVP SigVer.
 */
#include "crypto/ecdsa.h"

#include "crypto/signature.h"
#include "tests/big.h"
#include "tests/cavp.h"
#include "tests/vectors.h"
#include "tests/stride.h"

#include <check.h>
#include <string.h>

/* What differs; `subjects[_i]` in each test. */
static const struct subject {
    const struct curve *curve;
    const struct hash *hash;                /* of the curve's scheme */
    const char *rfc6979;
    uint8_t beyond;                         /* (n + beyond, y) is a point */
    const char *y;
    size_t der_max;
} subjects[] = {
    { &curve_p256, &hash_sha256, "vectors/rfc/ecdsa_p256_rfc6979.txt", 3,
      "484f0c0fda434ef0a808458914f328715d7a545e198ac7eee31dffe861b5d23f", 72 },
    { &curve_p384, &hash_sha384, "vectors/rfc/ecdsa_p384_rfc6979.txt", 2,
      "674db71d55d1948b3c7d4c562474ad137465f9605bc7c67c"
      "b9fab6bf9f3ca2ef87d56a8d920568aa26f7eaf13ee70a45", 104 },
};

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

START_TEST(rfc6979)
{
    const struct curve *c = subjects[_i].curve;
    struct vectors v = vectors_open(subjects[_i].rfc6979);
    while (vectors_next(&v)) {
        uint8_t digest[HASH_MAX], point[CURVE_POINT_MAX];
        struct ecdsa signature;
        const uint8_t *x = vector(&v, "x").at;
        const struct hash *h = hash_named((const char *)vector(&v, "hash").at);
        ck_assert_ptr_nonnull(h);
        hash_digest(h, digest, vector(&v, "message"));
        ck_assert(curve_private_public(c, point, x));
        check_bytes(&v, "Ux", point + 1, vector(&v, "Ux"));
        check_bytes(&v, "Uy", point + 1 + c->scalar_len, vector(&v, "Uy"));
        ck_assert(ecdsa_sign(c, &signature, x, h, digest));
        check_bytes(&v, "r", signature.r, vector(&v, "r"));
        check_bytes(&v, "s", signature.s, vector(&v, "s"));
        ck_assert(ecdsa_verify(c, &signature, bytes_of(point, c->point_len),
                               bytes_of(digest, h->digest_len)));
    }
    vectors_close(&v);
}
END_TEST

/* The published k gives the published r: x(k G) mod n. */
START_TEST(c2_rfc6979_nonces)
{
    const struct curve *c = subjects[_i].curve;
    struct vectors v = vectors_open(subjects[_i].rfc6979);
    while (vectors_next(&v)) {
        uint8_t point[CURVE_POINT_MAX], r_bytes[CURVE_SCALAR_MAX];
        struct scalar r;
        ck_assert(curve_private_public(c, point, vector(&v, "k").at));
        curve_scalar_reduce(c, &r, point + 1);
        curve_scalar_encode(c, r_bytes, &r);
        check_bytes(&v, "r", r_bytes, vector(&v, "r"));
    }
    vectors_close(&v);
}
END_TEST

/* ---- NIST ---- */

/* Of a section "P-256,SHA-384"; NULL if it is of another curve or a hash that we have not. */
static const struct hash *hash_of_section(const struct cavp *v, const struct curve *c)
{
    size_t n = strlen(c->name);
    return strncmp(v->section, c->name, n) == 0 && v->section[n] == ','
         ? hash_named(v->section + n + 1) : NULL;
}

static void nist_integer(uint8_t *out, size_t len, struct cavp *c, const char *name)
{
    struct bytes b = cavp_bytes(c, name);
    memset(out, 0, len);
    ck_assert_uint_le(b.len, len);
    memcpy(out + len - b.len, b.at, b.len);
}

static bool nist_verifies(struct cavp *v, const struct curve *c, const struct hash *h)
{
    uint8_t point[CURVE_POINT_MAX] = { 4 }, digest[HASH_MAX];
    struct ecdsa signature;
    nist_integer(point + 1, c->scalar_len, v, "Qx");
    nist_integer(point + 1 + c->scalar_len, c->scalar_len, v, "Qy");
    nist_integer(signature.r, c->scalar_len, v, "R");
    nist_integer(signature.s, c->scalar_len, v, "S");
    hash_digest(h, digest, cavp_bytes(v, "Msg"));
    return ecdsa_verify(c, &signature, bytes_of(point, c->point_len),
                        bytes_of(digest, h->digest_len));
}

/* Skipped: other curves, and SHA-1 and SHA-224, which no hash of ours computes. */
START_TEST(nist_signature_verification)
{
    const struct curve *c = subjects[_i].curve;
    struct cavp v;
    if (!cavp_open(&v, "nist/ecdsa/SigVer.rsp"))
        return;
    while (cavp_next(&v)) {
        const struct hash *h = hash_of_section(&v, c);
        v.passed += h != NULL;
        v.skipped += h == NULL;
        if (h)
            ck_assert_msg(nist_verifies(&v, c, h) == (cavp_text(&v, "Result")[0] == 'P'),
                          "%s:%zu", v.name, v.line);
    }
    ck_assert_uint_eq(v.passed, 45);
    cavp_close(&v, 1125);
}
END_TEST

/* ---- verification ---- */

struct example {
    const struct curve *curve;
    const struct hash *hash;
    size_t len, point_len;                  /* of a scalar, of the point */
    uint8_t private[CURVE_SCALAR_MAX], point[CURVE_POINT_MAX], digest[HASH_MAX];
    struct ecdsa signature;
};

static struct example blank(const struct subject *s)
{
    return (struct example){ .curve = s->curve, .hash = s->hash, .len = s->curve->scalar_len,
                             .point_len = s->curve->point_len };
}

static bool sign(struct example *e)
{
    return ecdsa_sign(e->curve, &e->signature, e->private, e->hash, e->digest);
}

static struct example example(const struct subject *s)
{
    struct example e = blank(s);
    memcpy(e.private, (uint8_t[3]){ 1, 2, 3 }, 3);
    memcpy(e.digest, (uint8_t[3]){ 4, 5, 6 }, 3);
    ck_assert(curve_private_public(e.curve, e.point, e.private));
    ck_assert(sign(&e));
    return e;
}

static bool verifies(const struct example *e)
{
    return ecdsa_verify(e->curve, &e->signature, bytes_of(e->point, e->point_len),
                        bytes_of(e->digest, e->hash->digest_len));
}

static void flip_each_bit(struct example *e, uint8_t *field, size_t len)
{
    for (size_t bit = 0; bit < 8 * len; bit += stride(5)) {
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!verifies(e));
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert(verifies(e));
}

START_TEST(every_bit_counts)
{
    struct example e = example(&subjects[_i]);
    flip_each_bit(&e, e.signature.r, e.len);
    flip_each_bit(&e, e.signature.s, e.len);
    flip_each_bit(&e, e.digest, e.len);
    flip_each_bit(&e, e.point, e.point_len);
}
END_TEST

/* n - minus, for what its last byte (0x51, 0x73) allows. */
static void set_order(const struct curve *c, uint8_t *out, int minus)
{
    limbs_to_bytes(out, c->order->modulus, c->limbs);
    out[c->scalar_len - 1] = (uint8_t)(out[c->scalar_len - 1] - minus);
}

/* 1 <= r, s < n (FIPS 186-5 §6.4.2 step 1). */
START_TEST(x8_r_and_s_are_in_range)
{
    struct example e = example(&subjects[_i]), bad = e;
    memset(bad.signature.r, 0, e.len);
    ck_assert(!verifies(&bad));
    set_order(e.curve, bad.signature.r, 0);
    ck_assert(!verifies(&bad));
    memset(bad.signature.r, 0xff, e.len);
    ck_assert(!verifies(&bad));
    bad = e;
    memset(bad.signature.s, 0, e.len);
    ck_assert(!verifies(&bad));
    set_order(e.curve, bad.signature.s, 0);
    ck_assert(!verifies(&bad));
    set_order(e.curve, bad.signature.s, 1);                     /* in range, and wrong */
    ck_assert(!verifies(&bad));
}
END_TEST

/* u1 G + u2 Q = infinity must not pass: with Q = G, e = -r. */
START_TEST(infinity_is_no_signature)
{
    struct example e = blank(&subjects[_i]);
    e.private[e.len - 1] = 1;
    ck_assert(curve_private_public(e.curve, e.point, e.private));
    e.signature.r[e.len - 1] = 7;
    e.signature.s[e.len - 1] = 9;
    set_order(e.curve, e.digest, 7);
    ck_assert(!verifies(&e));
}
END_TEST

/* x(R) may be n or above, and r is then x - n, a small number. Here Q = (n + r, y); with e = 0 and
 * s = r, u1 = 0 and u2 = 1, so that R is Q itself.  check: y^2 == x^3 - 3 x + b mod p */
START_TEST(r_wraps_around_n)
{
    struct example e = blank(&subjects[_i]);
    struct big y = big_hex(subjects[_i].y);
    uint8_t beyond = subjects[_i].beyond;
    e.point[0] = 4;
    set_order(e.curve, e.point + 1, -beyond);
    big_to(e.point + 1 + e.len, e.len, &y);
    e.signature.r[e.len - 1] = e.signature.s[e.len - 1] = beyond;
    ck_assert(verifies(&e));
    e.signature.r[e.len - 1] = e.signature.s[e.len - 1] = beyond ^ 1;
    ck_assert(!verifies(&e));
}
END_TEST

START_TEST(verify_wants_a_valid_key)
{
    struct example e = example(&subjects[_i]);
    struct bytes digest = { e.digest, e.len };
    ck_assert(!ecdsa_verify(e.curve, &e.signature, bytes_of(e.point, e.point_len - 1), digest));
    ck_assert(!ecdsa_verify(e.curve, &e.signature, bytes_of(NULL, 0), digest));
    e.point[0] = 2;
    ck_assert(!verifies(&e));
}
END_TEST

/* Of a digest longer than n its leftmost bits count, a shorter one counts as it is. */
START_TEST(digest_is_cut_to_the_bits_of_n)
{
    struct example e = example(&subjects[_i]);
    struct bytes point = { e.point, e.point_len };
    uint8_t longer[64];
    memset(longer, 0x5a, sizeof longer);
    memcpy(longer, e.digest, e.len);
    ck_assert(ecdsa_verify(e.curve, &e.signature, point, bytes_of(longer, 64)));
    memset(e.digest, 0, e.len);
    e.digest[e.len - 2] = 7;
    ck_assert(sign(&e));
    ck_assert(ecdsa_verify(e.curve, &e.signature, point, bytes_of(e.digest + e.len - 2, 2)));
}
END_TEST

/* ---- signing ---- */

START_TEST(sign_refuses_an_invalid_key)
{
    static const struct ecdsa nothing;
    struct example e = blank(&subjects[_i]);
    memset(&e.signature, 0xaa, sizeof e.signature);
    ck_assert(!sign(&e));
    ck_assert(memcmp(&e.signature, &nothing, sizeof nothing) == 0);
    set_order(e.curve, e.private, 0);
    ck_assert(!sign(&e));
    set_order(e.curve, e.private, 1);
    ck_assert(sign(&e));
}
END_TEST

START_TEST(signatures_are_deterministic_and_verify)
{
    struct example e = example(&subjects[_i]);
    for (size_t i = 0; i < 100; i++) {
        e.digest[i % e.len]++;
        e.private[i % (e.len - 1)]++;
        ck_assert(curve_private_public(e.curve, e.point, e.private));
        ck_assert(sign(&e));
        struct ecdsa first = e.signature;
        ck_assert(sign(&e));
        ck_assert(memcmp(&first, &e.signature, sizeof first) == 0);
        ck_assert(verifies(&e));
    }
}
END_TEST

/* ---- DER ---- */

/* r = 0x80, s = 1: a zero before the top bit, and none elsewhere. */
static const uint8_t small_der[] = { 0x30, 7, 2, 2, 0, 0x80, 2, 1, 1 };

static bool decodes(const struct curve *c, const uint8_t *der, size_t len)
{
    struct ecdsa s;
    uint8_t again[ECDSA_DER_MAX];
    if (!ecdsa_decode(c, &s, bytes_of(der, len)))
        return false;
    ck_assert_uint_eq(ecdsa_encode(c, again, &s), len);       /* the one encoding there is */
    ck_assert(memcmp(again, der, len) == 0);
    return true;
}

START_TEST(der_small)
{
    const struct curve *c = subjects[_i].curve;
    struct ecdsa s = { { 0 }, { 0 } }, back;
    uint8_t der[ECDSA_DER_MAX];
    s.r[c->scalar_len - 1] = 0x80;
    s.s[c->scalar_len - 1] = 1;
    ck_assert_uint_eq(ecdsa_encode(c, der, &s), sizeof small_der);
    ck_assert(memcmp(der, small_der, sizeof small_der) == 0);
    ck_assert(ecdsa_decode(c, &back, bytes_of(small_der, sizeof small_der)));
    ck_assert(memcmp(&back, &s, sizeof s) == 0);
}
END_TEST

START_TEST(der_largest)
{
    const struct curve *c = subjects[_i].curve;
    struct ecdsa s = { { 0 }, { 0 } }, back;
    uint8_t der[ECDSA_DER_MAX];
    memset(s.r, 0xff, c->scalar_len);
    memset(s.s, 0xff, c->scalar_len);
    ck_assert_uint_eq(ecdsa_encode(c, der, &s), subjects[_i].der_max);
    ck_assert(ecdsa_decode(c, &back, bytes_of(der, subjects[_i].der_max)));
    ck_assert(memcmp(&back, &s, sizeof s) == 0);
}
END_TEST

START_TEST(der_truncated_or_longer)
{
    const struct curve *c = subjects[_i].curve;
    uint8_t der[sizeof small_der + 1] = { 0 };
    memcpy(der, small_der, sizeof small_der);
    for (size_t len = 0; len <= sizeof der; len++)
        ck_assert(decodes(c, der, len) == (len == sizeof small_der));
}
END_TEST

/* Every value of every byte: what is taken is canonical (decodes checks), tags and lengths are
 * right, and no first byte of an INTEGER is negative. */
START_TEST(der_every_byte)
{
    const struct curve *c = subjects[_i].curve;
    uint8_t der[sizeof small_der];
    size_t accepted = 0;
    for (size_t i = 0; i < sizeof der; i++)
        for (unsigned value = 0; value < 256; value++) {
            memcpy(der, small_der, sizeof der);
            der[i] = (uint8_t)value;
            bool good = decodes(c, der, sizeof der);
            ck_assert(!good || i == 4 || i == 5 || i == 8 || der[i] == small_der[i]);
            accepted += good;
        }
    /* unchanged in 6 places; 0x00-0x7f before 0x80; 0x80-0xff after 00; 0x00-0x7f alone */
    ck_assert_uint_eq(accepted, 6 + 128 + 128 + 128);
}
END_TEST

START_TEST(x8_der_refuses_other_forms)
{
    const struct curve *c = subjects[_i].curve;
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
        ck_assert_msg(!decodes(c, bad[i].der, bad[i].len), "form %zu", i);
}
END_TEST

/* SEQUENCE of an INTEGER of `len` bytes that begin with `first` and `second`, and of 1. */
static size_t der_of_length(uint8_t *der, size_t len, uint8_t first, uint8_t second)
{
    memset(der, 0, ECDSA_DER_MAX);
    memcpy(der, (uint8_t[6]){ 0x30, (uint8_t)(2 + len + 3), 2, (uint8_t)len, first, second }, 6);
    memcpy(der + 4 + len, (uint8_t[3]){ 2, 1, 1 }, 3);
    return 4 + len + 3;
}

/* One byte more than n has, after the zero that keeps the sign or without it. */
START_TEST(der_integer_too_long)
{
    const struct curve *c = subjects[_i].curve;
    uint8_t der[ECDSA_DER_MAX];
    size_t len = c->scalar_len;
    ck_assert(!decodes(c, der, der_of_length(der, len + 2, 0, 0x80)));
    ck_assert(!decodes(c, der, der_of_length(der, len + 1, 1, 0)));
    ck_assert(decodes(c, der, der_of_length(der, len + 1, 0, 0x80)));
    ck_assert(decodes(c, der, der_of_length(der, len, 1, 0)));
}
END_TEST

/* ---- nonces and faults: the curve is a table of functions, one of which is replaced ---- */

static const struct curve *true_curve;
static uint8_t seen_nonce[CURVE_SCALAR_MAX];
static unsigned calls, faulty_call;          /* 0: none */

static void watched_multiply_base(union curve_point *out, const struct scalar *k)
{
    curve_scalar_encode(true_curve, seen_nonce, k);
    true_curve->multiply_base(out, k);
    if (++calls == faulty_call)
        true_curve->twice(out, out);         /* a point all the same, and the wrong one */
}

static void faulty_multiply_add(union curve_point *out, const struct scalar *u,
                                const struct scalar *v, const union curve_point *p)
{
    (void)out, (void)u, (void)v, (void)p;
    ck_abort_msg("signing verifies with secrets in variable time");
}

static struct curve watched(const struct curve *c)
{
    struct curve copy = *c;
    true_curve = c;
    calls = faulty_call = 0;
    copy.multiply_base = watched_multiply_base;
    copy.multiply_add_vartime = faulty_multiply_add;
    return copy;
}

/* C2. RFC 6979 gives nonces without bias: each of the 32 top bits is set in about half of them, and
 * each value of the top four bits turns up about as often. Bounds of five standard deviations; the
 * messages are always the same ones, and so is the outcome. */
START_TEST(c2_nonces_have_no_bias)
{
    enum { NONCES = 2048, TOP_BITS = 32 };
    struct curve c = watched(subjects[_i].curve);
    const struct hash *h = subjects[_i].hash;
    unsigned set[TOP_BITS] = { 0 }, nibble[16] = { 0 };
    uint8_t private[CURVE_SCALAR_MAX] = { 0 }, digest[HASH_MAX];
    struct ecdsa signature;
    size_t count = NONCES / stride(16);
    memset(private + 1, 0x5c, c.scalar_len - 1u);
    for (size_t i = 0; i < count; i++) {
        uint8_t message[2] = { (uint8_t)(i >> 8), (uint8_t)i };
        hash_digest(h, digest, bytes_of(message, sizeof message));
        calls = 0;
        ck_assert(ecdsa_sign(&c, &signature, private, h, digest) && calls > 0);
        for (size_t bit = 0; bit < TOP_BITS; bit++)
            set[bit] += seen_nonce[bit / 8] >> (7 - bit % 8) & 1;
        nibble[seen_nonce[0] >> 4]++;
    }
    for (size_t bit = 0; bit < TOP_BITS; bit++) {        /* 25 * variance, n / 4 */
        long off = 2 * (long)set[bit] - (long)count;
        ck_assert_msg(off * off < 25 * (long)count, "bit %zu: %u of %zu", bit, set[bit], count);
    }
    for (size_t i = 0; i < 16; i++) {                    /* n * 15 / 256 */
        long off = 16 * (long)nibble[i] - (long)count;
        ck_assert_msg(off * off < 25 * 15 * (long)count, "%zu: %u of %zu", i, nibble[i], count);
    }
}
END_TEST

/* A fault in k G: the wrong r with a right s gives the key away. Nothing leaves. */
START_TEST(c2_faults_leave_nothing)
{
    const struct curve *c = subjects[_i].curve;
    struct curve faulty = watched(c);
    const struct hash *h = subjects[_i].hash;
    uint8_t private[CURVE_SCALAR_MAX] = { 0 }, digest[HASH_MAX];
    struct ecdsa signature, none = { { 0 }, { 0 } };
    memset(private + 1, 0x5c, c->scalar_len - 1u);
    hash_digest(h, digest, bytes_of_string("a message"));
    ck_assert(ecdsa_sign(&faulty, &signature, private, h, digest));
    unsigned all = calls;
    ck_assert_uint_ge(all, 2);                           /* once to sign, once to check */
    for (faulty_call = 1; faulty_call <= all; faulty_call++) {
        calls = 0;
        memset(&signature, 0xff, sizeof signature);
        ck_assert(!ecdsa_sign(&faulty, &signature, private, h, digest));
        ck_assert_mem_eq(&signature, &none, sizeof none);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        rfc6979, c2_rfc6979_nonces, nist_signature_verification, every_bit_counts,
        x8_r_and_s_are_in_range, infinity_is_no_signature, r_wraps_around_n,
        verify_wants_a_valid_key, digest_is_cut_to_the_bits_of_n, sign_refuses_an_invalid_key,
        signatures_are_deterministic_and_verify, der_small, der_largest, der_truncated_or_longer,
        der_every_byte, x8_der_refuses_other_forms, der_integer_too_long, c2_nonces_have_no_bias,
        c2_faults_leave_nothing,
    };
    Suite *suite = suite_create("ecdsa");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_loop_test(all, tests[i], 0, COUNT(subjects));
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
