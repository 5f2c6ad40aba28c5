/* tests/test_modulus.c - long modular arithmetic (crypto/modulus.h): laws of arithmetic at every
 * length and at the edges of limbs, and crypto/mont.c where both can do the same.
 *
 * Powers against published numbers are in test_rsa.c.
 */
#include "crypto/modulus.h"

#include "crypto/cpu.h"
#include "crypto/curve.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = MODULUS_LIMBS_MAX };

static uint64_t seed = 1;

static uint64_t next_random(void)                         /* xorshift64; deterministic */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* A limb that is zero, all ones or random: carries run far. */
static uint64_t edge(void)
{
    uint64_t r = next_random();
    return r % 4 == 0 ? 0 : r % 4 == 1 ? UINT64_MAX : next_random();
}

/* An odd modulus of exactly `len` bytes. */
static void random_modulus(struct modulus *m, size_t len)
{
    uint8_t bytes[8 * N];
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)edge();
    bytes[0] |= (uint8_t)(1 << next_random() % 8);
    bytes[len - 1] |= 1;
    modulus_init(m, bytes_of(bytes, len), modulus_limbs(len));
}

/* A value below m, in Montgomery form. */
static void random_value(const struct modulus *m, uint64_t *x)
{
    for (size_t i = 0; i < m->limbs; i++)
        x[i] = edge();
    modulus_enter(m, x, x);
}

static void same(const struct modulus *m, const uint64_t *x, const uint64_t *y)
{
    ck_assert_mem_eq(x, y, m->limbs * sizeof *x);
}

/* (a + b) c = a c + b c, (a - b) + b = a, a a = a^2, and back out of Montgomery form. */
START_TEST(laws)
{
    static struct modulus m;
    uint64_t a[N], b[N], c[N], x[N], y[N], z[N];
    for (size_t len = 8; len <= 8 * N; len += len < 80 ? 1 : 13) {
        random_modulus(&m, len);
        random_value(&m, a);
        random_value(&m, b);
        random_value(&m, c);
        modulus_add(&m, x, a, b);
        modulus_multiply(&m, x, x, c);
        modulus_multiply(&m, y, a, c);
        modulus_multiply(&m, z, b, c);
        modulus_add(&m, y, y, z);
        same(&m, x, y);
        modulus_subtract(&m, x, a, b);
        modulus_add(&m, x, x, b);
        same(&m, x, a);
        modulus_square(&m, x, a);
        modulus_multiply(&m, y, a, a);
        same(&m, x, y);
        modulus_leave(&m, x, a);
        modulus_enter(&m, x, x);
        same(&m, x, a);
    }
}
END_TEST

/* The largest value, m - 1, is -1: its square is 1, and its odd powers are itself. */
START_TEST(minus_one)
{
    static struct modulus m;
    uint64_t x[N], y[N];
    static const uint64_t one[N] = { 1 }, zero[N];
    for (size_t len = 8; len <= 8 * N; len += 31) {
        random_modulus(&m, len);
        modulus_subtract(&m, x, zero, one);
        uint64_t last = m.m[0] - 1;
        ck_assert_uint_eq(x[0], last);
        modulus_power_vartime(&m, y, x, 0x1ffffffff);
        same(&m, x, y);
        modulus_enter(&m, x, x);
        modulus_square(&m, x, x);
        modulus_leave(&m, x, x);
        same(&m, x, one);
    }
}
END_TEST

/* The secret power is the public one: a^65537, and a^0 = 1. */
START_TEST(powers_agree)
{
    static struct modulus m;
    uint64_t a[N], x[N], y[N];
    static const uint64_t one[N] = { 1 };
    for (size_t len = 8; len <= 8 * MODULUS_SECRET_LIMBS_MAX; len += 19) {
        random_modulus(&m, len);
        random_value(&m, a);
        modulus_power_vartime(&m, x, a, 65537);
        modulus_enter(&m, y, a);
        modulus_power(&m, y, y, bytes_of("\0\1\0\1", 4));
        modulus_leave(&m, y, y);
        same(&m, x, y);
        modulus_power(&m, y, a, bytes_of("\0", 1));
        modulus_leave(&m, y, y);
        same(&m, y, one);
    }
}
END_TEST

/* Modulo the orders of P-256 and P-384, with crypto/mont.c: other code, the same R. */
/* A public modulus, with the long division that takes the place of R^2 there: a^3, where carries
 * and wrong guesses of a quotient are likely. */
START_TEST(long_division)
{
    static struct modulus m, public;
    for (size_t len = 1; len <= 8 * N; len += 1 + len / 16)
        for (int i = 0; i < 30; i++) {
            uint8_t bytes[8 * N];
            uint64_t a[N], cube[N], x[N];
            random_modulus(&m, len);
            random_value(&m, a);
            if (i == 0) {                                           /* m - 1 */
                memcpy(a, m.m, sizeof a);
                a[0]--;
            }
            integer_to_bytes(bytes, len, m.m);
            modulus_init_public(&public, bytes_of(bytes, len));
            modulus_power_vartime(&public, cube, a, 3);
            modulus_enter(&m, x, a);
            modulus_square(&m, x, x);
            modulus_multiply(&m, x, x, a);
            same(&m, cube, x);
        }
}
END_TEST

static void same_as_mont(const struct mont *order)
{
    struct modulus m;
    uint8_t bytes[8 * MONT_LIMBS_MAX];
    uint64_t a[N], b[N], x[N], y[N];
    limbs_to_bytes(bytes, order->modulus, order->limbs);
    modulus_init(&m, bytes_of(bytes, 8 * order->limbs), order->limbs);
    same(&m, m.r_squared, order->r_squared);
    ck_assert_uint_eq(m.minus_inverse, order->minus_inverse);
    for (int i = 0; i < 1000; i++) {
        random_value(&m, a);
        random_value(&m, b);
        modulus_multiply(&m, x, a, b);
        mont_mul(order, y, a, b);
        same(&m, x, y);
    }
}

START_TEST(curve_orders)
{
    same_as_mont(curve_p256.order);
    same_as_mont(curve_p384.order);
}
END_TEST

/* (2^k - 1)^2 + 2^k - 1 = 2^k (2^k - 1). */
/* The two ways of multiplying, at all lengths that both take, values above m (but below R) included
 * for the first factor. */
#if CPU_X86_64
START_TEST(multiplications_agree)
{
    if (!cpu_supports(CPU_ADX)) {
        printf("skipped: multiplication by ADX: this processor has none\n");
        return;
    }
    for (size_t limbs = 8; limbs <= N; limbs += 8)
        for (int i = 0; i < 40; i++) {
            static struct modulus m;
            uint64_t a[N], b[N], plain[N], adx[N];
            random_modulus(&m, 8 * limbs - (size_t)i % 8);
            random_value(&m, b);
            for (size_t j = 0; j < limbs; j++)
                a[j] = edge();
            modulus_multiply_plain(&m, plain, a, b);
            modulus_multiply_adx(&m, adx, a, b);
            same(&m, plain, adx);
            modulus_square_plain(&m, plain, b);
            modulus_multiply_adx(&m, b, b, b);
            same(&m, plain, b);
        }
}
END_TEST
#else
START_TEST(multiplications_agree)
{
    printf("skipped: multiplication by ADX: not on this architecture\n");
}
END_TEST
#endif

START_TEST(multiply_add)
{
    uint64_t ones[N], out[2 * N];
    memset(ones, 0xff, sizeof ones);
    for (size_t limbs = 1; limbs <= N; limbs++) {
        integer_multiply_add(out, ones, ones, ones, limbs);
        for (size_t i = 0; i < 2 * limbs; i++)
            ck_assert_uint_eq(out[i], i < limbs ? 0 : UINT64_MAX);
    }
}
END_TEST

START_TEST(bytes_and_back)
{
    uint8_t in[40], out[40];
    uint64_t x[5];
    for (size_t len = 0; len <= sizeof in; len++) {
        for (size_t i = 0; i < len; i++)
            in[i] = (uint8_t)next_random();
        integer_from_bytes(x, 5, bytes_of(in, len));
        integer_to_bytes(out, len, x);
        ck_assert_int_eq(memcmp(in, out, len), 0);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        laws, minus_one, powers_agree, long_division, curve_orders, multiplications_agree,
        multiply_add, bytes_and_back,
    };
    Suite *s = suite_create("modulus");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
