/* tests/curve_suite.c - the tests of P-256, which are also those of P-384. */
#include "tests/curve_suite.h"

#include "tests/big.h"
#include "tests/cavp.h"
#include "tests/vectors.h"
#include "tests/stride.h"

#include <stdlib.h>
#include <string.h>

static const struct curve_subject *subject;
static const struct curve *curve;
static const struct curve_field *field;
static size_t scalar_len, point_len;

struct element { uint64_t limb[CURVE_LIMBS_MAX]; };

static struct big big_p(void) { return big_hex(subject->p); }
static struct big big_n(void) { return big_hex(subject->n); }

/* ---- values to try ---- */

/* Bytes that look random and are the same in each run: SHA-384 of a counter. */
static void draw(uint8_t out[HASH_MAX])
{
    static uint32_t counter;
    uint8_t seed[4];
    store_be32(seed, counter++);
    hash_digest(&hash_sha384, out, bytes_of(seed, sizeof seed));
}

static struct big draw_below(const struct big *m)
{
    uint8_t bytes[HASH_MAX];
    draw(bytes);
    struct big b = big_from(bytes_of(bytes, scalar_len));
    return big_mod(&b, m);
}

/* Around 0, the modulus and the ends of words and limbs, and some that are random. */
enum { VALUES_MAX = 96 };
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
    for (size_t k = 32; k < 8 * scalar_len; k += 32) {
        struct big power = big_power_of_two(k);
        out[count++] = big_sub(power, &one);
        out[count++] = power;
        out[count++] = big_add(power, &one);
        out[count++] = big_sub(*modulus, &power);
    }
    struct big high = big_power_of_two(8 * scalar_len - 1);
    out[count++] = high;
    out[count++] = big_sub(high, &one);
    for (int i = 0; i < 16; i++)
        out[count++] = draw_below(modulus);
    return count;
}

static struct element element_from(const struct big *b)
{
    uint8_t bytes[CURVE_SCALAR_MAX];
    struct element e = { { 0 } };
    big_to(bytes, scalar_len, b);
    ck_assert(field->from_bytes(e.limb, bytes) != 0);
    return e;
}

static void check_element(const struct element *got, const struct big *want, const char *what)
{
    uint8_t got_bytes[CURVE_SCALAR_MAX], want_bytes[CURVE_SCALAR_MAX];
    field->to_bytes(got_bytes, got->limb);
    big_to(want_bytes, scalar_len, want);
    ck_assert_msg(memcmp(got_bytes, want_bytes, scalar_len) == 0, "%s", what);
}

static bool element_zero(const struct element *e) { return limbs_zero(e->limb, curve->limbs) != 0; }

static bool same_element(const struct element *a, const struct element *b)
{
    return memcmp(a->limb, b->limb, scalar_len) == 0;        /* one representation each */
}

/* ---- the field ---- */

static void check_pair(const struct big *a, const struct big *b, const struct big *p)
{
    struct element x = element_from(a), y = element_from(b), out;
    struct big sum = big_add(*a, b), product = big_mul(a, b);
    struct big difference = big_add(*a, p);
    difference = big_sub(difference, b);
    sum = big_mod(&sum, p);
    product = big_mod(&product, p);
    difference = big_mod(&difference, p);
    field->add(out.limb, x.limb, y.limb);
    check_element(&out, &sum, "sum");
    field->sub(out.limb, x.limb, y.limb);
    check_element(&out, &difference, "difference");
    field->mul(out.limb, x.limb, y.limb);
    check_element(&out, &product, "product");
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
 * zeros: the product of raw a and b must be a b / R, that is, times R it must be a b. Number
 * 0 .. 6^limbs - 1 names a choice of a pattern for each limb. */
static bool raw_value(struct element *e, struct big *b, size_t number)
{
    static const uint64_t pattern[6] = {
        0, 1, 0xffffffff, 0xffffffff00000000, 0xfffffffffffffffe, 0xffffffffffffffff };
    struct big p = big_p();
    for (size_t i = 0; i < curve->limbs; i++, number /= 6) {
        e->limb[i] = pattern[number % 6];
        b->word[2 * i] = (uint32_t)e->limb[i];
        b->word[2 * i + 1] = (uint32_t)(e->limb[i] >> 32);
    }
    return big_less(b, &p);
}

static void check_raw(const struct element *got, const struct big *a, const struct big *b)
{
    struct big p = big_p(), want = big_mul(a, b), raw = { { 0 } }, back = { { 0 } };
    for (size_t i = 0; i < 2 * curve->limbs; i++) {
        raw.word[i] = (uint32_t)(got->limb[i / 2] >> 32 * (i % 2));
        back.word[2 * curve->limbs + i] = raw.word[i];           /* times R */
    }
    want = big_mod(&want, &p);
    back = big_mod(&back, &p);
    ck_assert(memcmp(&want, &back, scalar_len) == 0);
    ck_assert(big_less(&raw, &p));
}

static void check_raw_value(const struct element *a, const struct big *raw_a, size_t number,
                            size_t numbers)
{
    struct element b = { { 0 } }, out = { { 0 } }, zero = { { 0 } };
    struct big raw_b = { { 0 } };
    field->square(out.limb, a->limb);
    check_raw(&out, raw_a, raw_a);
    field->mul(out.limb, a->limb, a->limb);
    check_raw(&out, raw_a, raw_a);
    for (size_t j = number % 7; j < numbers; j += 1 + numbers / 32) {
        if (!raw_value(&b, &raw_b, j))
            continue;
        field->mul(out.limb, a->limb, b.limb);
        check_raw(&out, raw_a, &raw_b);
    }
    field->sub(out.limb, zero.limb, a->limb);
    field->add(out.limb, out.limb, a->limb);
    ck_assert(element_zero(&out));
}

/* All choices for four limbs, about as many of those for six. */
START_TEST(field_carries)
{
    struct element a = { { 0 } };
    struct big raw_a = { { 0 } };
    size_t numbers = curve->limbs == 4 ? 6 * 6 * 6 * 6 : 6 * 6 * 6 * 6 * 6 * 6;
    for (size_t i = 0; i < numbers; i += stride(23) * (curve->limbs == 4 ? 1 : 31))
        if (raw_value(&a, &raw_a, i))
            check_raw_value(&a, &raw_a, i, numbers);
}
END_TEST

START_TEST(field_squares)
{
    struct element square, product;
    struct big p = big_p();
    for (int i = 0; i < 2000; i++) {
        struct big b = draw_below(&p);
        struct element a = element_from(&b);
        field->square(square.limb, a.limb);
        field->mul(product.limb, a.limb, a.limb);
        ck_assert(same_element(&square, &product));
    }
}
END_TEST

START_TEST(c12_field_inverts)
{
    struct big p = big_p(), value[VALUES_MAX];
    size_t count = edge_values(value, &p);
    for (size_t i = 0; i < count; i++) {
        struct element a = element_from(&value[i]), one = element_from(&value[1]);
        struct element inverse, product;
        field->invert(inverse.limb, a.limb);
        field->mul(product.limb, a.limb, inverse.limb);
        ck_assert(same_element(&product, i == 0 ? &a : &one));
    }
}
END_TEST

START_TEST(field_bytes_are_below_p)
{
    uint8_t bytes[CURVE_SCALAR_MAX];
    struct element f;
    struct big p = big_p(), one = big_small(1), above = big_add(p, &one);
    struct big below = big_sub(p, &one);
    big_to(bytes, scalar_len, &below);
    ck_assert(field->from_bytes(f.limb, bytes) != 0);
    big_to(bytes, scalar_len, &p);
    ck_assert(field->from_bytes(f.limb, bytes) == 0);
    ck_assert(element_zero(&f));
    big_to(bytes, scalar_len, &above);
    ck_assert(field->from_bytes(f.limb, bytes) == 0);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert(field->from_bytes(f.limb, bytes) == 0);
}
END_TEST

/* ---- integers modulo n ---- */

static void limbs_from_big(uint64_t out[CURVE_LIMBS_MAX], const struct big *b)
{
    uint8_t bytes[CURVE_SCALAR_MAX];
    big_to(bytes, scalar_len, b);
    limbs_from_bytes(out, curve->limbs, bytes);
}

START_TEST(order_constants)
{
    struct big n = big_n(), r2 = { { 0 } };
    uint64_t want[CURVE_LIMBS_MAX];
    limbs_from_big(want, &n);
    ck_assert(memcmp(want, curve->order->modulus, scalar_len) == 0);
    r2.word[4 * curve->limbs] = 1;                              /* R^2 */
    r2 = big_mod(&r2, &n);
    limbs_from_big(want, &r2);
    ck_assert(memcmp(want, curve->order->r_squared, scalar_len) == 0);
    ck_assert(curve->order->minus_inverse * curve->order->modulus[0] == UINT64_MAX);
}
END_TEST

static void check_order_pair(const struct big *a, const struct big *b, const struct big *n)
{
    uint64_t x[CURVE_LIMBS_MAX], y[CURVE_LIMBS_MAX], got[CURVE_LIMBS_MAX], want[CURVE_LIMBS_MAX];
    struct big sum = big_add(*a, b), product = big_mul(a, b);
    limbs_from_big(x, a);
    limbs_from_big(y, b);
    sum = big_mod(&sum, n);
    mont_add(curve->order, got, x, y);
    limbs_from_big(want, &sum);
    ck_assert(memcmp(got, want, scalar_len) == 0);
    product = big_mod(&product, n);
    mont_enter(curve->order, got, x);
    mont_mul(curve->order, got, got, y);
    limbs_from_big(want, &product);
    ck_assert(memcmp(got, want, scalar_len) == 0);
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
    static const uint64_t one[CURVE_LIMBS_MAX] = { 1 }, zero[CURVE_LIMBS_MAX] = { 0 };
    struct big n = big_n(), value[VALUES_MAX];
    size_t count = edge_values(value, &n);
    for (size_t i = 0; i < count; i++) {
        uint64_t a[CURVE_LIMBS_MAX], inverse[CURVE_LIMBS_MAX];
        limbs_from_big(a, &value[i]);
        mont_enter(curve->order, a, a);
        mont_invert(curve->order, inverse, a);
        mont_mul(curve->order, a, a, inverse);
        mont_mul(curve->order, a, a, one);
        ck_assert(memcmp(a, i == 0 ? zero : one, scalar_len) == 0);
    }
}
END_TEST

/* mont_enter takes any number below R, also above n. */
START_TEST(order_enters_above_n)
{
    struct big n = big_n(), all = big_power_of_two(8 * scalar_len), one = big_small(1);
    static const uint64_t plain_one[CURVE_LIMBS_MAX] = { 1 };
    uint64_t a[CURVE_LIMBS_MAX], want[CURVE_LIMBS_MAX];
    all = big_sub(all, &one);
    limbs_from_big(a, &all);
    all = big_mod(&all, &n);
    limbs_from_big(want, &all);
    mont_enter(curve->order, a, a);
    mont_mul(curve->order, a, a, plain_one);
    ck_assert(memcmp(a, want, scalar_len) == 0);
}
END_TEST

/* ---- the group ---- */

static struct scalar scalar_from(const struct big *b)
{
    struct scalar s = { { 0 } };
    limbs_from_big(s.limb, b);
    return s;
}

static struct scalar scalar_small(uint64_t k)
{
    return (struct scalar){ { k } };
}

static struct scalar scalar_minus(uint32_t k)              /* n - k */
{
    struct big n = big_n(), small = big_small(k);
    n = big_sub(n, &small);
    return scalar_from(&n);
}

static union curve_point base(uint64_t k)
{
    struct scalar s = scalar_small(k);
    union curve_point p;
    curve->multiply_base(&p, &s);
    return p;
}

/* X, Y, Z of a point: limbs in a row. */
static uint64_t *coordinate(union curve_point *p, size_t i)
{
    return (uint64_t *)(void *)p + curve->limbs * i;
}

static union curve_point negative(union curve_point p)
{
    static const struct element zero;
    field->sub(coordinate(&p, 1), zero.limb, coordinate(&p, 1));
    return p;
}

static bool is_infinity(union curve_point *p)
{
    size_t limbs = curve->limbs;
    return limbs_zero(coordinate(p, 2), limbs) && limbs_zero(coordinate(p, 0), limbs)
        && !limbs_zero(coordinate(p, 1), limbs);
}

static bool same_point(const union curve_point *a, const union curve_point *b)
{
    uint8_t a_bytes[CURVE_POINT_MAX], b_bytes[CURVE_POINT_MAX];
    ct_mask a_finite = curve->encode(a_bytes, a), b_finite = curve->encode(b_bytes, b);
    return a_finite == b_finite && memcmp(a_bytes, b_bytes, point_len) == 0;
}

static union curve_point sum(const union curve_point *a, const union curve_point *b)
{
    union curve_point out;
    curve->add(&out, a, b);
    return out;
}

START_TEST(addition_is_complete)
{
    union curve_point O = base(0), P = base(7), minus_P = negative(P), Q = base(1000), out, twice;
    ck_assert(is_infinity(&O));
    out = sum(&P, &O);
    ck_assert(same_point(&out, &P));
    out = sum(&O, &P);
    ck_assert(same_point(&out, &P));
    out = sum(&O, &O);
    ck_assert(is_infinity(&out));
    out = sum(&P, &minus_P);
    ck_assert(is_infinity(&out));
    curve->twice(&out, &O);
    ck_assert(is_infinity(&out));
    curve->twice(&twice, &P);
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
    union curve_point left, right;
    for (uint64_t i = 0; i < 6; i++)
        for (uint64_t j = 0; j < 6; j++)
            for (uint64_t k = 0; k < 6; k++) {
                union curve_point a = base(i), b = negative(base(j)), c = base(k);
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
    struct scalar last = scalar_minus(1), one = scalar_small(1), zero = scalar_small(0);
    union curve_point G = base(1), out, minus_G = negative(G);
    uint8_t encoded[CURVE_POINT_MAX], zeros[2 * CURVE_SCALAR_MAX] = { 0 };
    curve->multiply_base(&out, &last);                            /* (n - 1) G = -G */
    ck_assert(same_point(&out, &minus_G));
    curve->multiply(&out, &last, &G);
    ck_assert(same_point(&out, &minus_G));
    out = sum(&out, &G);                                        /* n G */
    ck_assert(is_infinity(&out));
    ck_assert(curve->encode(encoded, &out) == 0);
    ck_assert(memcmp(encoded + 1, zeros, point_len - 1) == 0);
    curve->multiply(&out, &zero, &G);
    ck_assert(is_infinity(&out));
    curve->multiply_add_vartime(&out, &one, &last, &G);           /* G + (n - 1) G */
    ck_assert(is_infinity(&out));
    ck_assert(curve->x_is(&out, &zero) == 0);
    curve->multiply_add_vartime(&out, &zero, &zero, &G);
    ck_assert(is_infinity(&out));
}
END_TEST

START_TEST(multiples_of_base)
{
    struct vectors v = vectors_open(subject->multiples);
    union curve_point G = base(1), out;
    uint8_t encoded[CURVE_POINT_MAX];
    while (vectors_next(&v)) {
        struct scalar k, zero = scalar_small(0);
        ck_assert(curve_scalar_decode(curve, &k, vector(&v, "k").at) != 0);
        for (int way = 0; way < 4; way++) {
            if (way == 0)
                curve->multiply_base(&out, &k);
            else if (way == 1)
                curve->multiply(&out, &k, &G);
            else
                curve->multiply_add_vartime(&out, way == 2 ? &k : &zero, way == 2 ? &zero : &k, &G);
            ck_assert(curve->encode(encoded, &out) != 0);
            check_bytes(&v, "x", encoded + 1, vector(&v, "x"));
            check_bytes(&v, "y", encoded + 1 + scalar_len, vector(&v, "y"));
        }
    }
    vectors_close(&v);
}
END_TEST

/* Scalars for which an addition on the way meets two equal points, opposite ones, or infinity, if
 * it is not prevented: k, n - k and their places at the end of each window and each tooth. Each
 * multiple is the one before plus the point, by the complete addition. */
START_TEST(multiples_at_both_ends)
{
    union curve_point P = base(5), minus_P = negative(P), up = base(0), down = base(0), out;
    struct scalar zero = scalar_small(0);
    for (uint32_t k = 0; k <= 130; k += (uint32_t)stride(3)) {
        struct scalar low = scalar_small(k), high = k > 0 ? scalar_minus(k) : zero;
        curve->multiply(&out, &low, &P);
        ck_assert(same_point(&out, &up));
        curve->multiply_add_vartime(&out, &zero, &low, &P);
        ck_assert(same_point(&out, &up));
        curve->multiply(&out, &high, &P);
        ck_assert(same_point(&out, &down));
        curve->multiply_add_vartime(&out, &zero, &high, &P);
        ck_assert(same_point(&out, &down));
        struct scalar five = scalar_small(5 * (uint64_t)k);
        curve->multiply_base(&out, &five);
        ck_assert(same_point(&out, &up));
        five = k > 0 ? scalar_minus(5 * k) : zero;
        curve->multiply_base(&out, &five);
        ck_assert(same_point(&out, &down));
        curve->multiply_add_vartime(&out, &five, &low, &P);              /* -5 k G + k P */
        ck_assert(is_infinity(&out));
        curve->multiply_add_vartime(&out, &five, &high, &P);             /* twice -5 k G */
        curve->twice(&P, &down);
        ck_assert(same_point(&out, &P));
        P = base(5);
        for (size_t i = 0; i < stride(3); i++) {
            up = sum(&up, &P);
            down = sum(&down, &minus_P);
        }
    }
}
END_TEST

/* Infinity times anything. */
START_TEST(multiples_of_infinity)
{
    union curve_point O = base(0), out;
    struct scalar one = scalar_small(1), last = scalar_minus(1), zero = scalar_small(0);
    curve->multiply(&out, &one, &O);
    ck_assert(is_infinity(&out));
    curve->multiply(&out, &last, &O);
    ck_assert(is_infinity(&out));
    curve->multiply_add_vartime(&out, &zero, &last, &O);
    ck_assert(is_infinity(&out));
}
END_TEST

/* All ways to multiply give the same point, for scalars with long runs of bits and random ones. */
START_TEST(multiplications_agree)
{
    struct big n = big_n(), value[VALUES_MAX];
    size_t count = edge_values(value, &n);
    union curve_point G = base(1), P = base(0x123456789abcdef), a, b, c;
    for (size_t i = 0; i < count; i++) {
        struct scalar u = scalar_from(&value[i]), v = scalar_from(&value[count - 1 - i]);
        curve->multiply_base(&a, &u);
        curve->multiply(&b, &u, &G);
        ck_assert(same_point(&a, &b));
        curve->multiply(&b, &v, &P);
        a = sum(&a, &b);
        curve->multiply_add_vartime(&c, &u, &v, &P);
        ck_assert(same_point(&a, &c));
    }
}
END_TEST

/* ---- the generated table ---- */

/* Entry number i of a table of affine points. */
static bool is_affine(const uint64_t *table, size_t i, const union curve_point *p)
{
    struct big one = big_small(1);
    struct element z = element_from(&one);
    union curve_point q;
    memcpy(coordinate(&q, 0), table + 2 * curve->limbs * i, 2 * scalar_len);
    memcpy(coordinate(&q, 2), z.limb, scalar_len);
    return same_point(&q, p);
}

/* 2^k G by doubling. */
static union curve_point doubled_base(size_t k)
{
    union curve_point p = base(1);
    while (k-- > 0)
        curve->twice(&p, &p);
    return p;
}

/* The sum that p256_table.h states, from doublings and additions only. */
START_TEST(comb_entries)
{
    enum { TEETH = 6, ENTRIES = 1 << (TEETH - 1) };
    union curve_point tooth[TEETH];
    for (size_t block = 0; block < subject->comb_blocks; block++) {
        size_t missing = block == 0 ? subject->comb_missing : 0;
        for (size_t i = missing; i < TEETH; i++)
            tooth[i] = doubled_base(subject->comb_columns
                                    * (TEETH * block + i - subject->comb_missing));
        for (size_t m = 0; m < ENTRIES; m++) {
            union curve_point want = tooth[TEETH - 1];
            for (size_t i = missing; i < TEETH - 1; i++) {
                union curve_point term = m >> i & 1 ? tooth[i] : negative(tooth[i]);
                want = sum(&want, &term);
            }
            ck_assert(is_affine(subject->comb, ENTRIES * block + m, &want));
        }
    }
}
END_TEST

/* Twice the last block's entry with all signs +, one of the few scalars for which the addition that
 * comes last meets two equal points (mod n; the sum before it is the entry - n). */
START_TEST(comb_ends_with_a_doubling)
{
    enum { TEETH = 6 };
    struct scalar k = scalar_small(0);
    union curve_point want = base(0), out;
    for (size_t i = 0; i < TEETH; i++) {
        size_t at = subject->comb_columns * (TEETH * (subject->comb_blocks - 1) + i
                                             - subject->comb_missing);
        union curve_point term = doubled_base(at + 1);
        k.limb[(at + 1) / 64] |= (uint64_t)1 << (at + 1) % 64;
        want = sum(&want, &term);
    }
    curve->multiply_base(&out, &k);
    ck_assert(same_point(&out, &want));
}
END_TEST

START_TEST(odd_multiples_of_base)
{
    union curve_point want = base(1), two = base(2);
    for (size_t i = 0; i < subject->odd_count; i++) {
        ck_assert(is_affine(subject->odd_multiples, i, &want));
        want = sum(&want, &two);
    }
}
END_TEST

/* ---- points as bytes ---- */

static void good_point(uint8_t out[CURVE_POINT_MAX + 1])
{
    union curve_point P = base(99);
    memset(out, 0, point_len + 1);
    ck_assert(curve->encode(out, &P) != 0);
}

START_TEST(decode_wants_the_whole_point)
{
    uint8_t bytes[CURVE_POINT_MAX + 1];
    union curve_point p;
    good_point(bytes);
    for (size_t len = 0; len <= point_len + 1; len++)
        ck_assert(curve->decode(&p, bytes_of(bytes, len)) == (len == point_len));
}
END_TEST

START_TEST(decode_wants_04)
{
    uint8_t bytes[CURVE_POINT_MAX + 1];
    union curve_point p;
    good_point(bytes);
    for (unsigned first = 0; first < 256; first++) {
        bytes[0] = (uint8_t)first;
        ck_assert(curve->decode(&p, bytes_of(bytes, point_len)) == (first == 4));
    }
}
END_TEST

START_TEST(c1_decode_wants_a_point_on_the_curve)
{
    uint8_t bytes[CURVE_POINT_MAX + 1];
    union curve_point p;
    good_point(bytes);
    for (size_t bit = 8; bit < point_len * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!curve->decode(&p, bytes_of(bytes, point_len)));
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memset(bytes + 1, 0, point_len - 1);
    ck_assert(!curve->decode(&p, bytes_of(bytes, point_len)));
}
END_TEST

/* The points with x = 0 are (0, +-sqrt b); x = p, which is 0 modulo p, must be refused. */
START_TEST(decode_wants_coordinates_below_p)
{
    uint8_t bytes[CURVE_POINT_MAX] = { 4 };
    struct big y = big_hex(subject->sqrt_b), p = big_p(), one = big_small(1);
    struct big plus_p = big_add(p, &one);
    union curve_point point;
    big_to(bytes + 1 + scalar_len, scalar_len, &y);
    ck_assert(curve->decode(&point, bytes_of(bytes, point_len)));
    big_to(bytes + 1, scalar_len, &p);
    ck_assert(!curve->decode(&point, bytes_of(bytes, point_len)));
    big_to(bytes + 1, scalar_len, &plus_p);
    ck_assert(!curve->decode(&point, bytes_of(bytes, point_len)));
    memset(bytes + 1, 0, scalar_len);
    big_to(bytes + 1 + scalar_len, scalar_len, &p);
    ck_assert(!curve->decode(&point, bytes_of(bytes, point_len)));
}
END_TEST

/* ---- scalars and keys ---- */

START_TEST(scalars_are_in_1_to_n_minus_1)
{
    uint8_t bytes[CURVE_SCALAR_MAX] = { 0 };
    struct scalar s;
    struct big n = big_n(), one = big_small(1), last = big_sub(n, &one), above = big_add(n, &one);
    ck_assert(curve_scalar_decode(curve, &s, bytes) == 0);
    bytes[scalar_len - 1] = 1;
    ck_assert(curve_scalar_decode(curve, &s, bytes) != 0);
    big_to(bytes, scalar_len, &last);
    ck_assert(curve_scalar_decode(curve, &s, bytes) != 0);
    big_to(bytes, scalar_len, &n);
    ck_assert(curve_scalar_decode(curve, &s, bytes) == 0);
    ck_assert(s.limb[0] == 1 && limbs_zero(s.limb + 1, curve->limbs - 1));
    big_to(bytes, scalar_len, &above);
    ck_assert(curve_scalar_decode(curve, &s, bytes) == 0);
    memset(bytes, 0xff, sizeof bytes);
    ck_assert(curve_scalar_decode(curve, &s, bytes) == 0);
}
END_TEST

/* A source that plays back pieces and fails when there are no more. */
struct playback { const uint8_t (*piece)[CURVE_SCALAR_MAX]; size_t count; };

static bool play(void *context, uint8_t *out, size_t len)
{
    struct playback *p = context;
    ck_assert_uint_eq(len, scalar_len);
    if (p->count == 0)
        return false;
    memcpy(out, *p->piece, len);
    p->piece++;
    p->count--;
    return true;
}

START_TEST(generate_takes_the_bytes_and_refuses_out_of_range)
{
    uint8_t piece[4][CURVE_SCALAR_MAX] = { { 0 } }, private[CURVE_SCALAR_MAX];
    struct big n = big_n(), one = big_small(1), last = big_sub(n, &one);
    big_to(piece[1], scalar_len, &n);
    memset(piece[2], 0xff, scalar_len);
    big_to(piece[3], scalar_len, &last);
    struct playback p = { piece, 4 };
    struct random_source source = { play, &p };
    ck_assert(curve_private_generate(curve, private, &source));
    ck_assert(memcmp(private, piece[3], scalar_len) == 0);
    ck_assert_uint_eq(p.count, 0);
}
END_TEST

START_TEST(generate_gives_up)
{
    static const uint8_t piece[100][CURVE_SCALAR_MAX];
    uint8_t private[CURVE_SCALAR_MAX], zeros[CURVE_SCALAR_MAX] = { 0 };
    struct playback p = { piece, 100 }, empty = { piece, 0 };
    struct random_source source = { play, &p }, none = { play, &empty };
    memset(private, 0xaa, sizeof private);
    ck_assert(!curve_private_generate(curve, private, &source));
    ck_assert(p.count > 0);
    ck_assert(memcmp(private, zeros, scalar_len) == 0);
    memset(private, 0xaa, sizeof private);
    ck_assert(!curve_private_generate(curve, private, &none));
    ck_assert(memcmp(private, zeros, scalar_len) == 0);
}
END_TEST

/* ---- the key exchange group ---- */

START_TEST(ecdh_commutes)
{
    const struct group *g = subject->group;
    uint8_t share[CURVE_POINT_MAX], answer[CURVE_POINT_MAX];
    uint8_t private[CURVE_SCALAR_MAX], ours[CURVE_SCALAR_MAX], theirs[CURVE_SCALAR_MAX];
    for (int i = 0; i < 20; i++) {
        ck_assert(g->generate(private, share, &random_system));
        ck_assert(g->encapsulate(answer, theirs, bytes_of(share, point_len), &random_system));
        ck_assert(g->decapsulate(ours, private, bytes_of(answer, point_len)));
        ck_assert(memcmp(ours, theirs, scalar_len) == 0);
    }
}
END_TEST

START_TEST(ecdh_refuses_and_leaves_nothing)
{
    const struct group *g = subject->group;
    uint8_t share[CURVE_POINT_MAX + 1], answer[CURVE_POINT_MAX];
    uint8_t private[CURVE_SCALAR_MAX], shared[CURVE_SCALAR_MAX], zeros[CURVE_SCALAR_MAX] = { 0 };
    struct random_source none = { play, &(struct playback){ NULL, 0 } };
    ck_assert(g->generate(private, share, &random_system));
    memset(shared, 0xaa, scalar_len);
    ck_assert(!g->encapsulate(answer, shared, bytes_of(share, point_len), &none));
    ck_assert(memcmp(shared, zeros, scalar_len) == 0);
    share[point_len - 1] ^= 1;
    memset(shared, 0xaa, scalar_len);
    ck_assert(!g->encapsulate(answer, shared, bytes_of(share, point_len), &random_system));
    ck_assert(memcmp(shared, zeros, scalar_len) == 0);
    memset(shared, 0xaa, scalar_len);
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, point_len)));
    ck_assert(memcmp(shared, zeros, scalar_len) == 0);
    share[point_len - 1] ^= 1;
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, point_len - 1)));
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, point_len + 1)));
    memset(shared, 0xaa, scalar_len);
    ck_assert(!g->decapsulate(shared, zeros, bytes_of(share, point_len)));       /* no key */
    ck_assert(memcmp(shared, zeros, scalar_len) == 0);
}
END_TEST

/* ---- NIST's cases ---- */

/* 04 || x || y from two integers of a file; one that needs more than scalar_len bytes makes the
 * encoding too long, and that too must be refused. */
static struct bytes nist_point(uint8_t out[256], struct cavp *c, const char *x, const char *y)
{
    const char *name[2] = { x, y };
    size_t len = 0;
    out[len++] = 4;
    for (int i = 0; i < 2; i++) {
        struct bytes b = cavp_bytes(c, name[i]);
        size_t pad = b.len < scalar_len ? scalar_len - b.len : 0;
        memset(out + len, 0, pad);
        memcpy(out + len + pad, b.at, b.len);
        len += pad + b.len;
    }
    return bytes_of(out, len);
}

/* Counts the record; false if it is of another curve. */
static bool ours(struct cavp *c, const char *section, size_t least_fields)
{
    bool take = cavp_in(c, section) && c->fields.field_count >= least_fields;
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
        uint8_t want[256], got[CURVE_POINT_MAX];
        if (!ours(&c, curve->name, 3))              /* each curve opens with a record "N = 10" */
            continue;
        (void)nist_point(want, &c, "Qx", "Qy");
        ck_assert(curve_private_public(curve, got, cavp_bytes(&c, "d").at));
        ck_assert(memcmp(got, want, point_len) == 0);
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
        union curve_point p;
        if (ours(&c, curve->name, 3))
            check_result(&c, curve->decode(&p, nist_point(bytes, &c, "Qx", "Qy")));
    }
    ck_assert_uint_eq(c.passed, 12);
    cavp_close(&c, 180);
}
END_TEST

/* Cases fail for a wrong public key of either side, or for a wrong Z or a wrong hash of it. */
static bool nist_agreement(struct cavp *c)
{
    uint8_t theirs[256], own[256], computed[CURVE_POINT_MAX];
    uint8_t shared[CURVE_SCALAR_MAX], hashed[HASH_MAX];
    (void)nist_point(own, c, "QsIUTx", "QsIUTy");
    if (!curve_private_public(curve, computed, cavp_bytes(c, "dsIUT").at)
        || memcmp(computed, own, point_len) != 0
        || !subject->group->decapsulate(shared, cavp_bytes(c, "dsIUT").at,
                                        nist_point(theirs, c, "QsCAVSx", "QsCAVSy")))
        return false;
    hash_digest(subject->hash, hashed, bytes_of(shared, scalar_len));
    return memcmp(shared, cavp_bytes(c, "Z").at, scalar_len) == 0
        && memcmp(hashed, cavp_bytes(c, "CAVSHashZZ").at, subject->hash->digest_len) == 0;
}

START_TEST(c7_nist_ecdh)
{
    struct cavp c;
    if (!cavp_open(&c, "nist/ecdh/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax"))
        return;
    while (cavp_next(&c))
        if (ours(&c, subject->nist_ecdh, 9))
            check_result(&c, nist_agreement(&c));
    ck_assert_uint_eq(c.passed, 30);
    cavp_close(&c, 150);
}
END_TEST

int curve_suite_run(const struct curve_subject *s, const TTest *const *more, size_t more_count)
{
    const TTest *const tests[] = {
        field_matches_slow_arithmetic, field_carries, field_squares, c12_field_inverts,
        field_bytes_are_below_p, order_constants, order_matches_slow_arithmetic, order_inverts,
        order_enters_above_n, addition_is_complete, addition_is_associative,
        order_times_base_is_infinity, multiples_of_base, multiples_at_both_ends,
        multiples_of_infinity, multiplications_agree, comb_entries,
        comb_ends_with_a_doubling, odd_multiples_of_base,
        decode_wants_the_whole_point, decode_wants_04,
        c1_decode_wants_a_point_on_the_curve, decode_wants_coordinates_below_p,
        scalars_are_in_1_to_n_minus_1, generate_takes_the_bytes_and_refuses_out_of_range,
        generate_gives_up, ecdh_commutes, ecdh_refuses_and_leaves_nothing, nist_key_pair,
        nist_public_key_validation, c7_nist_ecdh,
    };
    subject = s;
    curve = s->curve;
    field = &s->field;
    scalar_len = curve->scalar_len;
    point_len = curve->point_len;
    Suite *suite = suite_create(curve->name);
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(all, tests[i]);
    for (size_t i = 0; i < more_count; i++)
        tcase_add_test(all, more[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
