/* tests/test_invert.c - inverses modulo odd numbers of every length, against what they mean.
 *
 * The moduli that are in use are also tried in test_p256.c and test_p384.c.
 */
#include "crypto/invert.h"

#include "crypto/bytes.h"
#include "tests/big.h"

#include <check.h>
#include <string.h>

static uint64_t draw(void)
{
    static uint64_t x = 0x5ea1905751a7e5ed;              /* xorshift64 */
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x;
}

/* All ones, all zeros and anything, limb by limb. */
static void draw_limbs(uint64_t *out, size_t limbs)
{
    for (size_t i = 0; i < limbs; i++) {
        uint64_t kind = draw() % 4;
        out[i] = kind == 0 ? 0 : kind == 1 ? UINT64_MAX : draw();
    }
}

static struct big big_of(const uint64_t *limb, size_t limbs)
{
    struct big b = { { 0 } };
    for (size_t i = 0; i < limbs; i++) {
        b.word[2 * i] = (uint32_t)limb[i];
        b.word[2 * i + 1] = (uint32_t)(limb[i] >> 32);
    }
    return b;
}

/* -1 / m mod 2^64, by trying bit after bit: m x = -1. */
static uint64_t minus_inverse(uint64_t m)
{
    uint64_t x = 0;
    for (unsigned bit = 0; bit < 64; bit++)
        if (((m * x ^ UINT64_MAX) >> bit & 1) != 0)
            x |= (uint64_t)1 << bit;
    return x;
}

static bool same(const struct big *a, const struct big *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static bool is_zero(struct big *b)
{
    static const struct big zero;
    return same(b, &zero);
}

/* gcd(a, b), b odd: binary. */
static struct big halved(struct big a)
{
    for (size_t i = 0; i < COUNT(a.word); i++)
        a.word[i] = a.word[i] >> 1 | (i + 1 < COUNT(a.word) ? a.word[i + 1] << 31 : 0);
    return a;
}

static bool coprime(struct big a, struct big b)
{
    struct big one = big_small(1);
    while (!is_zero(&a)) {
        while (a.word[0] % 2 == 0)
            a = halved(a);
        if (big_less(&a, &b)) {
            struct big t = a;
            a = b;
            b = t;
        }
        a = big_sub(a, &b);
    }
    return same(&b, &one);
}

static void check_inverse(const uint64_t *a, const uint64_t *m, size_t limbs)
{
    uint64_t inverse[INVERT_LIMBS_MAX];
    struct big big_a = big_of(a, limbs), big_m = big_of(m, limbs), one = big_small(1);
    memcpy(inverse, a, 8 * limbs);
    limbs_invert(inverse, inverse, m, minus_inverse(m[0]), limbs);
    struct big x = big_of(inverse, limbs);
    ck_assert(big_less(&x, &big_m));
    struct big product = big_mul(&big_a, &x);
    product = big_mod(&product, &big_m);
    if (coprime(big_a, big_m))
        ck_assert(same(&product, &one));
    if (is_zero(&big_a))
        ck_assert(is_zero(&x));
}

START_TEST(random_moduli)
{
    for (size_t limbs = 1; limbs <= INVERT_LIMBS_MAX; limbs++)
        for (int i = 0; i < 120; i++) {
            uint64_t m[INVERT_LIMBS_MAX], a[INVERT_LIMBS_MAX];
            draw_limbs(m, limbs);
            m[0] |= 1;
            m[limbs - 1] |= (uint64_t)1 << 40;
            draw_limbs(a, limbs);
            struct big big_a = big_of(a, limbs), big_m = big_of(m, limbs);
            big_a = big_mod(&big_a, &big_m);
            for (size_t j = 0; j < limbs; j++)
                a[j] = big_a.word[2 * j] | (uint64_t)big_a.word[2 * j + 1] << 32;
            check_inverse(a, m, limbs);
        }
}
END_TEST

/* Every number below every odd modulus up to 63. */
START_TEST(small_moduli)
{
    for (uint64_t m = 3; m < 64; m += 2)
        for (uint64_t a = 0; a < m; a++)
            check_inverse(&a, &m, 1);
}
END_TEST

/* Around zero and the modulus, and each single bit. */
START_TEST(edges)
{
    static const uint64_t moduli[2][6] = {
        { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
        { 0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe, UINT64_MAX, UINT64_MAX,
          UINT64_MAX },
    };
    for (size_t m = 0; m < COUNT(moduli); m++) {
        for (uint64_t i = 0; i < 20; i++) {
            uint64_t low[6] = { i }, high[6];
            memcpy(high, moduli[m], sizeof high);
            high[0] -= i + 1;
            check_inverse(low, moduli[m], 6);
            check_inverse(high, moduli[m], 6);
        }
        for (size_t bit = 0; bit < 383; bit++) {
            uint64_t a[6] = { 0 };
            a[bit / 64] = (uint64_t)1 << bit % 64;
            check_inverse(a, moduli[m], 6);
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invert");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, random_moduli);
    tcase_add_test(all, small_moduli);
    tcase_add_test(all, edges);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
