/* tests/test_p256.c - P-256: the field against slow arithmetic, the group's laws, keys and ECDH.
 *
 * Vectors: vectors/nist/p256_multiples.txt; NIST CAVP KeyPair, PKV and ECC CDH validity.
 */
#include "crypto/p256.h"

#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/p256_table.h"
#include "tests/cavp.h"
#include "tests/vectors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- slow arithmetic: 32-bit words, schoolbook product, long division bit by bit ---- */

enum { WORDS = 17 };
struct big { uint32_t word[WORDS]; };

static struct big big_from(const uint8_t in[32])
{
    struct big b = { { 0 } };
    for (size_t i = 0; i < 8; i++)
        b.word[i] = load_be32(in + 28 - 4 * i);
    return b;
}

static void big_to(uint8_t out[32], const struct big *b)
{
    for (size_t i = 0; i < 8; i++)
        store_be32(out + 28 - 4 * i, b->word[i]);
}

static struct big big_hex(const char *hex)
{
    uint8_t bytes[32];
    for (size_t i = 0; i < 32; i++) {
        char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 };
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return big_from(bytes);
}

static struct big big_p(void)
{
    return big_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
}

static struct big big_n(void)
{
    return big_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
}

static struct big big_small(uint32_t x)
{
    return (struct big){ { x } };
}

static struct big big_power_of_two(size_t k)
{
    struct big b = { { 0 } };
    b.word[k / 32] = (uint32_t)1 << k % 32;
    return b;
}

static struct big big_add(struct big a, const struct big *b)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < WORDS; i++) {
        sum += (uint64_t)a.word[i] + b->word[i];
        a.word[i] = (uint32_t)sum;
        sum >>= 32;
    }
    return a;
}

static bool big_less(const struct big *a, const struct big *b)
{
    for (size_t i = WORDS; i-- > 0; )
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i];
    return false;
}

static struct big big_sub(struct big a, const struct big *b)
{
    int64_t rest = 0;
    for (size_t i = 0; i < WORDS; i++) {
        rest += (int64_t)a.word[i] - b->word[i];
        a.word[i] = (uint32_t)rest;
        rest >>= 32;
    }
    return a;
}

static struct big big_mul(const struct big *a, const struct big *b)
{
    struct big out = { { 0 } };
    for (size_t i = 0; i < 8; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < 8; j++) {
            carry += (uint64_t)a->word[i] * b->word[j] + out.word[i + j];
            out.word[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        out.word[i + 8] = (uint32_t)carry;
    }
    return out;
}

static struct big big_mod(const struct big *a, const struct big *m)
{
    struct big rest = { { 0 } };
    for (size_t i = 32 * WORDS; i-- > 0; ) {
        rest = big_add(rest, &rest);
        rest.word[0] |= a->word[i / 32] >> i % 32 & 1;
        if (!big_less(&rest, m))
            rest = big_sub(rest, m);
    }
    return rest;
}

/* ---- values to try ---- */

/* Bytes that look random and are the same in each run: SHA-256 of a counter. */
static void draw(uint8_t out[32])
{
    static uint32_t counter;
    uint8_t seed[4];
    store_be32(seed, counter++);
    hash_digest(&hash_sha256, out, bytes_of(seed, sizeof seed));
}

static struct big draw_below(const struct big *m)
{
    uint8_t bytes[32];
    draw(bytes);
    struct big b = big_from(bytes);
    return big_mod(&b, m);
}

/* Around 0, the modulus and the ends of words and limbs, and some that are random. */
enum { VALUES_MAX = 80 };
static size_t edge_values(struct big *out, const struct big *modulus)
{
    size_t count = 0;
    struct big one = big_small(1);
    for (uint32_t i = 0; i < 4; i++)
        out[count++] = big_small(i);
    for (uint32_t i = 1; i < 4; i++) {
        struct big small = big_small(i);
        out[count++] = big_sub(*modulus, &small);
    }
    for (size_t k = 32; k < 256; k += 32) {
        struct big power = big_power_of_two(k);
        out[count++] = big_sub(power, &one);
        out[count++] = power;
        out[count++] = big_add(power, &one);
        out[count++] = big_sub(*modulus, &power);
    }
    struct big high = big_power_of_two(255);
    out[count++] = high;
    out[count++] = big_sub(high, &one);
    while (count < 56)
        out[count++] = draw_below(modulus);
    return count;
}

static struct p256_field field_from(const struct big *b)
{
    uint8_t bytes[32];
    struct p256_field f;
    big_to(bytes, b);
    ck_assert(p256_field_from_bytes(&f, bytes) != 0);
    return f;
}

static void check_field(const struct p256_field *got, const struct big *want, const char *what)
{
    uint8_t got_bytes[32], want_bytes[32];
    p256_field_to_bytes(got_bytes, got);
    big_to(want_bytes, want);
    ck_assert_msg(memcmp(got_bytes, want_bytes, 32) == 0, "%s", what);
}

/* ---- the field ---- */

static void check_pair(const struct big *a, const struct big *b, const struct big *p)
{
    struct p256_field x = field_from(a), y = field_from(b), out;
    struct big sum = big_add(*a, b), product = big_mul(a, b);
    struct big difference = big_add(*a, p);
    difference = big_sub(difference, b);
    sum = big_mod(&sum, p);
    product = big_mod(&product, p);
    difference = big_mod(&difference, p);
    p256_field_add(&out, &x, &y);
    check_field(&out, &sum, "sum");
    p256_field_sub(&out, &x, &y);
    check_field(&out, &difference, "difference");
    p256_field_mul(&out, &x, &y);
    check_field(&out, &product, "product");
}

START_TEST(field_matches_slow_arithmetic)
{
    struct big p = big_p(), value[VALUES_MAX];
    size_t count = edge_values(value, &p);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            check_pair(&value[i], &value[j], &p);
}
END_TEST

/* Limbs set directly, in Montgomery form, so that each carry of each row meets all ones and all
 * zeros: the product of raw a and b must be a b / R, that is, times R it must be a b. */
static bool raw_value(struct p256_field *f, struct big *b, size_t number)
{
    static const uint64_t pattern[6] = {
        0, 1, 0xffffffff, 0xffffffff00000000, 0xfffffffffffffffe, 0xffffffffffffffff };
    struct big p = big_p();
    for (size_t i = 0; i < 4; i++, number /= 6) {
        f->limb[i] = pattern[number % 6];
        b->word[2 * i] = (uint32_t)f->limb[i];
        b->word[2 * i + 1] = (uint32_t)(f->limb[i] >> 32);
    }
    return big_less(b, &p);
}

static void check_raw(const struct p256_field *got, const struct big *a, const struct big *b)
{
    uint64_t limb[4] = { got->limb[0], got->limb[1], got->limb[2], got->limb[3] };
    struct big p = big_p(), want = big_mul(a, b), back = { { 0 } };
    for (size_t i = 0; i < 4; i++) {
        back.word[8 + 2 * i] = (uint32_t)limb[i];               /* times R = 2^256 */
        back.word[9 + 2 * i] = (uint32_t)(limb[i] >> 32);
    }
    want = big_mod(&want, &p);
    back = big_mod(&back, &p);
    ck_assert(memcmp(&want, &back, sizeof want) == 0);
    ck_assert(limbs_less(limb, (const uint64_t[4]){ P256_P0, P256_P1, P256_P2, P256_P3 }, 4) != 0);
}

START_TEST(field_carries)
{
    struct p256_field a, b, out, zero = { { 0 } };
    struct big raw_a = { { 0 } }, raw_b = { { 0 } };
    for (size_t i = 0; i < 6 * 6 * 6 * 6; i++) {
        if (!raw_value(&a, &raw_a, i))
            continue;
        p256_field_square(&out, &a);
        check_raw(&out, &raw_a, &raw_a);
        p256_field_mul(&out, &a, &a);
        check_raw(&out, &raw_a, &raw_a);
        for (size_t j = i % 7; j < 6 * 6 * 6 * 6; j += 41) {
            if (!raw_value(&b, &raw_b, j))
                continue;
            p256_field_mul(&out, &a, &b);
            check_raw(&out, &raw_a, &raw_b);
        }
        p256_field_sub(&out, &zero, &a);
        p256_field_add(&out, &out, &a);
        ck_assert(p256_field_is_zero(&out) != 0);
    }
}
END_TEST

START_TEST(field_squares)
{
    struct p256_field square, product;
    struct big p = big_p();
    for (int i = 0; i < 2000; i++) {
        struct big b = draw_below(&p);
        struct p256_field a = field_from(&b);
        p256_field_square(&square, &a);
        p256_field_mul(&product, &a, &a);
        ck_assert(p256_field_is_equal(&square, &product) != 0);
    }
}
END_TEST

START_TEST(field_inverts)
{
    struct big p = big_p(), value[VALUES_MAX];
    size_t count = edge_values(value, &p);
    for (size_t i = 0; i < count; i++) {
        struct p256_field a = field_from(&value[i]), inverse, one;
        p256_field_invert(&inverse, &a);
        p256_field_mul(&one, &a, &inverse);
        ck_assert(p256_field_is_equal(&one, i == 0 ? &a : &p256_one) != 0);
    }
}
END_TEST

START_TEST(field_bytes_are_below_p)
{
    uint8_t bytes[32];
    struct p256_field f;
    struct big p = big_p(), one = big_small(1), above = big_add(p, &one);
    struct big below = big_sub(p, &one);
    big_to(bytes, &below);
    ck_assert(p256_field_from_bytes(&f, bytes) != 0);
    big_to(bytes, &p);
    ck_assert(p256_field_from_bytes(&f, bytes) == 0);
    ck_assert(p256_field_is_zero(&f) != 0);
    big_to(bytes, &above);
    ck_assert(p256_field_from_bytes(&f, bytes) == 0);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert(p256_field_from_bytes(&f, bytes) == 0);
}
END_TEST

/* ---- integers modulo n ---- */

static void limbs_from_big(uint64_t out[4], const struct big *b)
{
    uint8_t bytes[32];
    big_to(bytes, b);
    limbs_from_bytes(out, 4, bytes);
}

START_TEST(order_constants)
{
    struct big n = big_n(), r2 = { { 0 } };
    uint64_t want[4];
    limbs_from_big(want, &n);
    ck_assert(memcmp(want, p256_order.modulus, sizeof want) == 0);
    r2.word[16] = 1;                                            /* 2^512 */
    r2 = big_mod(&r2, &n);
    limbs_from_big(want, &r2);
    ck_assert(memcmp(want, p256_order.r_squared, sizeof want) == 0);
    ck_assert(p256_order.minus_inverse * p256_order.modulus[0] == UINT64_MAX);
}
END_TEST

static void check_order_pair(const struct big *a, const struct big *b, const struct big *n)
{
    uint64_t x[4], y[4], got[4], want[4];
    struct big sum = big_add(*a, b), product = big_mul(a, b);
    limbs_from_big(x, a);
    limbs_from_big(y, b);
    sum = big_mod(&sum, n);
    mont_add(&p256_order, got, x, y);
    limbs_from_big(want, &sum);
    ck_assert(memcmp(got, want, sizeof want) == 0);
    product = big_mod(&product, n);
    mont_enter(&p256_order, got, x);
    mont_mul(&p256_order, got, got, y);
    limbs_from_big(want, &product);
    ck_assert(memcmp(got, want, sizeof want) == 0);
}

START_TEST(order_matches_slow_arithmetic)
{
    struct big n = big_n(), value[VALUES_MAX];
    size_t count = edge_values(value, &n);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            check_order_pair(&value[i], &value[j], &n);
}
END_TEST

START_TEST(order_inverts)
{
    static const uint64_t one[4] = { 1 }, zero[4] = { 0 };
    struct big n = big_n(), value[VALUES_MAX];
    size_t count = edge_values(value, &n);
    for (size_t i = 0; i < count; i++) {
        uint64_t a[4], inverse[4];
        limbs_from_big(a, &value[i]);
        mont_enter(&p256_order, a, a);
        mont_invert(&p256_order, inverse, a);
        mont_mul(&p256_order, a, a, inverse);
        mont_leave(&p256_order, a, a);
        ck_assert(memcmp(a, i == 0 ? zero : one, sizeof a) == 0);
    }
}
END_TEST

/* mont_enter takes any 256-bit number, also above n. */
START_TEST(order_enters_above_n)
{
    struct big n = big_n(), all = big_power_of_two(256), one = big_small(1);
    uint64_t a[4], want[4];
    all = big_sub(all, &one);
    limbs_from_big(a, &all);
    all = big_mod(&all, &n);
    limbs_from_big(want, &all);
    mont_enter(&p256_order, a, a);
    mont_leave(&p256_order, a, a);
    ck_assert(memcmp(a, want, sizeof a) == 0);
}
END_TEST

/* The same modulus written in six limbs takes the road for any length: R is then 2^384. */
START_TEST(order_in_six_limbs)
{
    struct mont wide = { .limbs = 6, .minus_inverse = p256_order.minus_inverse,
                         .r_squared = { 1 } };
    struct big n = big_n(), value[VALUES_MAX];
    size_t count = edge_values(value, &n);
    memcpy(wide.modulus, p256_order.modulus, 32);
    for (int i = 0; i < 2 * 384; i++)
        mont_add(&wide, wide.r_squared, wide.r_squared, wide.r_squared);
    for (size_t i = 0; i < count; i++) {
        uint64_t a[6] = { 0 }, b[6] = { 0 }, inverse[6], want[4];
        limbs_from_big(a, &value[i]);
        limbs_from_big(b, &value[count - 1 - i]);
        mont_enter(&p256_order, want, a);
        mont_mul(&p256_order, want, want, b);
        mont_enter(&wide, a, a);
        mont_invert(&wide, inverse, a);
        mont_mul(&wide, b, a, b);
        ck_assert(memcmp(b, want, 32) == 0 && (b[4] | b[5]) == 0);
        mont_mul(&wide, a, a, inverse);
        mont_leave(&wide, a, a);
        ck_assert(a[0] == (i > 0) && (a[1] | a[2] | a[3] | a[4] | a[5]) == 0);
    }
}
END_TEST

/* ---- the group ---- */

static struct p256_scalar scalar_from(const struct big *b)
{
    struct p256_scalar s;
    limbs_from_big(s.limb, b);
    return s;
}

static struct p256_scalar scalar_small(uint64_t k)
{
    return (struct p256_scalar){ { k } };
}

static struct p256_scalar scalar_minus(uint32_t k)              /* n - k */
{
    struct big n = big_n(), small = big_small(k);
    n = big_sub(n, &small);
    return scalar_from(&n);
}

static struct p256_point base(uint64_t k)
{
    struct p256_scalar s = scalar_small(k);
    struct p256_point p;
    p256_multiply_base(&p, &s);
    return p;
}

static struct p256_point negative(struct p256_point p)
{
    p256_field_negate_if(&p.y, ~(ct_mask)0);
    return p;
}

static bool is_infinity(const struct p256_point *p)
{
    return p256_field_is_zero(&p->z) != 0 && p256_field_is_zero(&p->x) != 0
        && p256_field_is_zero(&p->y) == 0;
}

static bool same_point(const struct p256_point *a, const struct p256_point *b)
{
    uint8_t a_bytes[65], b_bytes[65];
    ct_mask a_finite = p256_point_encode(a_bytes, a), b_finite = p256_point_encode(b_bytes, b);
    return a_finite == b_finite && memcmp(a_bytes, b_bytes, 65) == 0;
}

static struct p256_point sum(const struct p256_point *a, const struct p256_point *b)
{
    struct p256_point out;
    p256_add(&out, a, b);
    return out;
}

START_TEST(addition_is_complete)
{
    struct p256_point O = base(0), P = base(7), minus_P = negative(P), Q = base(1000), out, twice;
    ck_assert(is_infinity(&O));
    out = sum(&P, &O);
    ck_assert(same_point(&out, &P));
    out = sum(&O, &P);
    ck_assert(same_point(&out, &P));
    out = sum(&O, &O);
    ck_assert(is_infinity(&out));
    out = sum(&P, &minus_P);
    ck_assert(is_infinity(&out));
    p256_double(&out, &O);
    ck_assert(is_infinity(&out));
    p256_double(&twice, &P);
    out = sum(&P, &P);
    ck_assert(same_point(&out, &twice));
    out = base(14);
    ck_assert(same_point(&out, &twice));
    out = sum(&P, &Q);
    twice = sum(&Q, &P);
    ck_assert(same_point(&out, &twice));
    out = sum(&out, &minus_P);
    ck_assert(same_point(&out, &Q));
}
END_TEST

START_TEST(addition_is_associative)
{
    struct p256_point left, right;
    for (uint64_t i = 0; i < 6; i++)
        for (uint64_t j = 0; j < 6; j++)
            for (uint64_t k = 0; k < 6; k++) {
                struct p256_point a = base(i), b = negative(base(j)), c = base(k);
                left = sum(&a, &b);
                left = sum(&left, &c);
                right = sum(&b, &c);
                right = sum(&a, &right);
                ck_assert(same_point(&left, &right));
            }
}
END_TEST

START_TEST(order_times_base_is_infinity)
{
    struct p256_scalar last = scalar_minus(1), one = scalar_small(1), zero = scalar_small(0);
    struct p256_point G = base(1), out, minus_G = negative(G);
    uint8_t encoded[65], zeros[64] = { 0 };
    p256_multiply_base(&out, &last);                            /* (n - 1) G = -G */
    ck_assert(same_point(&out, &minus_G));
    p256_multiply(&out, &last, &G);
    ck_assert(same_point(&out, &minus_G));
    out = sum(&out, &G);                                        /* n G */
    ck_assert(is_infinity(&out));
    ck_assert(p256_point_encode(encoded, &out) == 0);
    ck_assert(memcmp(encoded + 1, zeros, 64) == 0);
    p256_multiply(&out, &zero, &G);
    ck_assert(is_infinity(&out));
    p256_multiply_add_vartime(&out, &one, &last, &G);           /* G + (n - 1) G */
    ck_assert(is_infinity(&out));
    ck_assert(p256_x_is(&out, &zero) == 0);
    p256_multiply_add_vartime(&out, &zero, &zero, &G);
    ck_assert(is_infinity(&out));
}
END_TEST

START_TEST(multiples_of_base)
{
    struct vectors v = vectors_open("vectors/nist/p256_multiples.txt");
    struct p256_point G = base(1), out;
    uint8_t encoded[65];
    while (vectors_next(&v)) {
        struct p256_scalar k, zero = scalar_small(0);
        ck_assert(p256_scalar_decode(&k, vector(&v, "k").at) != 0);
        for (int way = 0; way < 4; way++) {
            if (way == 0)
                p256_multiply_base(&out, &k);
            else if (way == 1)
                p256_multiply(&out, &k, &G);
            else
                p256_multiply_add_vartime(&out, way == 2 ? &k : &zero, way == 2 ? &zero : &k, &G);
            ck_assert(p256_point_encode(encoded, &out) != 0);
            check_bytes(&v, "x", encoded + 1, vector(&v, "x"));
            check_bytes(&v, "y", encoded + 33, vector(&v, "y"));
        }
    }
    vectors_close(&v);
}
END_TEST

/* All ways to multiply give the same point, for scalars with long runs of bits and random ones. */
START_TEST(multiplications_agree)
{
    struct big n = big_n(), value[VALUES_MAX];
    size_t count = edge_values(value, &n);
    struct p256_point G = base(1), P = base(0x123456789abcdef), a, b, c;
    for (size_t i = 0; i < count; i++) {
        struct p256_scalar u = scalar_from(&value[i]), v = scalar_from(&value[count - 1 - i]);
        p256_multiply_base(&a, &u);
        p256_multiply(&b, &u, &G);
        ck_assert(same_point(&a, &b));
        p256_multiply(&b, &v, &P);
        a = sum(&a, &b);
        p256_multiply_add_vartime(&c, &u, &v, &P);
        ck_assert(same_point(&a, &c));
    }
}
END_TEST

/* ---- the generated table ---- */

static bool is_affine(const struct p256_affine *entry, const struct p256_point *p)
{
    struct p256_point q = { entry->x, entry->y, p256_one };
    return same_point(&q, p);
}

/* 2^k G by doubling. */
static struct p256_point doubled_base(size_t k)
{
    struct p256_point p = base(1);
    while (k-- > 0)
        p256_double(&p, &p);
    return p;
}

/* The sum that p256_table.h states, from doublings and additions only. */
START_TEST(comb_entries)
{
    struct p256_point tooth[P256_COMB_TEETH];
    for (size_t block = 0; block < P256_COMB_BLOCKS; block++) {
        for (size_t i = 0; i < P256_COMB_TEETH; i++)
            tooth[i] = doubled_base(P256_COMB_COLUMNS * (P256_COMB_TEETH * block + i));
        for (size_t m = 0; m < COUNT(p256_comb[block]); m++) {
            struct p256_point want = tooth[P256_COMB_TEETH - 1];
            for (size_t i = 0; i < P256_COMB_TEETH - 1; i++) {
                struct p256_point term = m >> i & 1 ? tooth[i] : negative(tooth[i]);
                want = sum(&want, &term);
            }
            ck_assert(is_affine(&p256_comb[block][m], &want));
        }
    }
}
END_TEST

START_TEST(odd_multiples_of_base)
{
    struct p256_point want = base(1), two = base(2);
    for (size_t i = 0; i < P256_ODD_COUNT; i++) {
        ck_assert(is_affine(&p256_odd_multiples[i], &want));
        want = sum(&want, &two);
    }
}
END_TEST

/* ---- points as bytes ---- */

static void good_point(uint8_t out[66])
{
    struct p256_point P = base(99);
    memset(out, 0, 66);
    ck_assert(p256_point_encode(out, &P) != 0);
}

START_TEST(decode_wants_65_bytes)
{
    uint8_t bytes[66];
    struct p256_point p;
    good_point(bytes);
    for (size_t len = 0; len <= 66; len++)
        ck_assert(p256_point_decode(&p, bytes_of(bytes, len)) == (len == 65));
}
END_TEST

START_TEST(decode_wants_04)
{
    uint8_t bytes[66];
    struct p256_point p;
    good_point(bytes);
    for (unsigned first = 0; first < 256; first++) {
        bytes[0] = (uint8_t)first;
        ck_assert(p256_point_decode(&p, bytes_of(bytes, 65)) == (first == 4));
    }
}
END_TEST

START_TEST(decode_wants_a_point_on_the_curve)
{
    uint8_t bytes[66];
    struct p256_point p;
    good_point(bytes);
    for (size_t bit = 8; bit < 65 * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!p256_point_decode(&p, bytes_of(bytes, 65)));
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(bytes + 1, 0, 64);
    ck_assert(!p256_point_decode(&p, bytes_of(bytes, 65)));
}
END_TEST

/* The points with x = 0 are (0, +-sqrt b); x = p, which is 0 modulo p, must be refused. */
START_TEST(decode_wants_coordinates_below_p)
{
    static const char root[] = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4";
    uint8_t bytes[65] = { 4 };
    struct big y = big_hex(root), p = big_p(), one = big_small(1), plus_p = big_add(p, &one);
    struct p256_point point;
    big_to(bytes + 33, &y);
    ck_assert(p256_point_decode(&point, bytes_of(bytes, 65)));
    big_to(bytes + 1, &p);
    ck_assert(!p256_point_decode(&point, bytes_of(bytes, 65)));
    big_to(bytes + 1, &plus_p);
    ck_assert(!p256_point_decode(&point, bytes_of(bytes, 65)));
    memset(bytes + 1, 0, 32);
    big_to(bytes + 33, &p);
    ck_assert(!p256_point_decode(&point, bytes_of(bytes, 65)));
}
END_TEST

/* ---- scalars and keys ---- */

START_TEST(scalars_are_in_1_to_n_minus_1)
{
    uint8_t bytes[32] = { 0 };
    struct p256_scalar s;
    struct big n = big_n(), one = big_small(1), last = big_sub(n, &one), above = big_add(n, &one);
    ck_assert(p256_scalar_decode(&s, bytes) == 0);
    bytes[31] = 1;
    ck_assert(p256_scalar_decode(&s, bytes) != 0);
    big_to(bytes, &last);
    ck_assert(p256_scalar_decode(&s, bytes) != 0);
    big_to(bytes, &n);
    ck_assert(p256_scalar_decode(&s, bytes) == 0);
    ck_assert(s.limb[0] == 1 && (s.limb[1] | s.limb[2] | s.limb[3]) == 0);
    big_to(bytes, &above);
    ck_assert(p256_scalar_decode(&s, bytes) == 0);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert(p256_scalar_decode(&s, bytes) == 0);
}
END_TEST

/* A source that plays back 32-byte pieces and fails when there are no more. */
struct playback { const uint8_t (*piece)[32]; size_t count; };

static bool play(void *context, uint8_t *out, size_t len)
{
    struct playback *p = context;
    ck_assert_uint_eq(len, 32);
    if (p->count == 0)
        return false;
    memcpy(out, *p->piece, len);
    p->piece++;
    p->count--;
    return true;
}

START_TEST(generate_takes_the_bytes_and_refuses_out_of_range)
{
    uint8_t piece[4][32] = { { 0 } }, private[32];
    struct big n = big_n(), one = big_small(1), last = big_sub(n, &one);
    big_to(piece[1], &n);
    memset(piece[2], 0xff, 32);
    big_to(piece[3], &last);
    struct playback p = { piece, 4 };
    struct random_source source = { play, &p };
    ck_assert(p256_private_generate(private, &source));
    ck_assert(memcmp(private, piece[3], 32) == 0);
    ck_assert_uint_eq(p.count, 0);
}
END_TEST

START_TEST(generate_gives_up)
{
    static const uint8_t piece[100][32];
    uint8_t private[32], zeros[32] = { 0 };
    struct playback p = { piece, 100 }, empty = { piece, 0 };
    struct random_source source = { play, &p }, none = { play, &empty };
    memset(private, 0xaa, sizeof private);
    ck_assert(!p256_private_generate(private, &source));
    ck_assert(p.count > 0);
    ck_assert(memcmp(private, zeros, 32) == 0);
    memset(private, 0xaa, sizeof private);
    ck_assert(!p256_private_generate(private, &none));
    ck_assert(memcmp(private, zeros, 32) == 0);
}
END_TEST

/* ---- the key exchange group ---- */

START_TEST(ecdh_commutes)
{
    const struct group *g = &group_secp256r1;
    uint8_t private[32], share[65], answer[65], ours[32], theirs[32];
    for (int i = 0; i < 20; i++) {
        ck_assert(g->generate(private, share, &random_system));
        ck_assert(g->encapsulate(answer, theirs, bytes_of(share, 65), &random_system));
        ck_assert(g->decapsulate(ours, private, bytes_of(answer, 65)));
        ck_assert(memcmp(ours, theirs, 32) == 0);
    }
}
END_TEST

START_TEST(ecdh_refuses_and_leaves_nothing)
{
    const struct group *g = &group_secp256r1;
    uint8_t private[32], share[66], answer[65], shared[32], zeros[32] = { 0 };
    struct random_source none = { play, &(struct playback){ NULL, 0 } };
    ck_assert(g->generate(private, share, &random_system));
    memset(shared, 0xaa, 32);
    ck_assert(!g->encapsulate(answer, shared, bytes_of(share, 65), &none));
    ck_assert(memcmp(shared, zeros, 32) == 0);
    share[64] ^= 1;
    memset(shared, 0xaa, 32);
    ck_assert(!g->encapsulate(answer, shared, bytes_of(share, 65), &random_system));
    ck_assert(memcmp(shared, zeros, 32) == 0);
    memset(shared, 0xaa, 32);
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, 65)));
    ck_assert(memcmp(shared, zeros, 32) == 0);
    share[64] ^= 1;
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, 64)));
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, 66)));
    memset(shared, 0xaa, 32);
    ck_assert(!g->decapsulate(shared, zeros, bytes_of(share, 65)));      /* not a private key */
    ck_assert(memcmp(shared, zeros, 32) == 0);
}
END_TEST

/* ---- NIST's cases ---- */

/* 04 || x || y from two integers of a file; one that needs more than 32 bytes makes the encoding
 * too long, and that too must be refused. */
static struct bytes nist_point(uint8_t out[256], struct cavp *c, const char *x, const char *y)
{
    const char *name[2] = { x, y };
    size_t len = 0;
    out[len++] = 4;
    for (int i = 0; i < 2; i++) {
        struct bytes b = cavp_bytes(c, name[i]);
        size_t pad = b.len < 32 ? 32 - b.len : 0;
        memset(out + len, 0, pad);
        memcpy(out + len + pad, b.at, b.len);
        len += pad + b.len;
    }
    return bytes_of(out, len);
}

/* Counts the record; false if it is of another curve. */
static bool ours(struct cavp *c, const char *section, size_t least_fields)
{
    bool take = cavp_in(c, section) && c->field_count >= least_fields;
    c->passed += take;
    c->skipped += !take;
    return take;
}

static void check_result(const struct cavp *c, bool good)
{
    ck_assert_msg(good == (cavp_text(c, "Result")[0] == 'P'), "%s:%zu: %s", c->name, c->line,
                  cavp_text(c, "Result"));
}

START_TEST(nist_key_pair)
{
    struct cavp c;
    if (!cavp_open(&c, "nist/ecdsa/KeyPair.rsp"))
        return;
    while (cavp_next(&c)) {
        uint8_t want[256], got[65];
        if (!ours(&c, "P-256", 3))                  /* each curve opens with a record "N = 10" */
            continue;
        (void)nist_point(want, &c, "Qx", "Qy");
        ck_assert(p256_private_public(got, cavp_bytes(&c, "d").at));
        ck_assert(memcmp(got, want, 65) == 0);
    }
    ck_assert_uint_eq(c.passed, 10);
    cavp_close(&c, 150 + 15);
}
END_TEST

START_TEST(nist_public_key_validation)
{
    struct cavp c;
    if (!cavp_open(&c, "nist/ecdsa/PKV.rsp"))
        return;
    while (cavp_next(&c)) {
        uint8_t bytes[256];
        struct p256_point p;
        if (ours(&c, "P-256", 3))
            check_result(&c, p256_point_decode(&p, nist_point(bytes, &c, "Qx", "Qy")));
    }
    ck_assert_uint_eq(c.passed, 12);
    cavp_close(&c, 180);
}
END_TEST

/* Cases fail for a wrong public key of either side, or for a wrong Z or a wrong hash of it. */
static bool nist_agreement(struct cavp *c)
{
    uint8_t theirs[256], own[256], computed[65], shared[32], hashed[32];
    (void)nist_point(own, c, "QsIUTx", "QsIUTy");
    if (!p256_private_public(computed, cavp_bytes(c, "dsIUT").at)
        || memcmp(computed, own, 65) != 0
        || !group_secp256r1.decapsulate(shared, cavp_bytes(c, "dsIUT").at,
                                        nist_point(theirs, c, "QsCAVSx", "QsCAVSy")))
        return false;
    hash_digest(&hash_sha256, hashed, bytes_of(shared, 32));
    return memcmp(shared, cavp_bytes(c, "Z").at, 32) == 0
        && memcmp(hashed, cavp_bytes(c, "CAVSHashZZ").at, 32) == 0;
}

START_TEST(nist_ecdh)
{
    struct cavp c;
    if (!cavp_open(&c, "nist/ecdh/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax"))
        return;
    while (cavp_next(&c))
        if (ours(&c, "EC - SHA256", 9))
            check_result(&c, nist_agreement(&c));
    ck_assert_uint_eq(c.passed, 30);
    cavp_close(&c, 150);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        field_matches_slow_arithmetic, field_carries, field_squares, field_inverts,
        field_bytes_are_below_p, order_constants, order_matches_slow_arithmetic, order_inverts,
        order_enters_above_n, order_in_six_limbs, addition_is_complete,
        addition_is_associative,
        order_times_base_is_infinity, multiples_of_base, multiplications_agree, comb_entries,
        odd_multiples_of_base, decode_wants_65_bytes, decode_wants_04,
        decode_wants_a_point_on_the_curve, decode_wants_coordinates_below_p,
        scalars_are_in_1_to_n_minus_1, generate_takes_the_bytes_and_refuses_out_of_range,
        generate_gives_up, ecdh_commutes, ecdh_refuses_and_leaves_nothing, nist_key_pair,
        nist_public_key_validation, nist_ecdh,
    };
    Suite *suite = suite_create("p256");
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
