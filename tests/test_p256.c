/* tests/test_p256.c - P-256: the field against slow arithmetic, the group's laws, keys and ECDH.
 *
 * Vectors: vectors/nist/p256_multiples.txt; NIST CAVP KeyPair, PKV and ECC CDH validity.
 */
#include "crypto/cpu.h"
#include "crypto/p256_table.h"
#include "tests/curve_suite.h"
#include "tests/stride.h"

#include <stdio.h>
#include <string.h>

typedef struct p256_field element;

static void add(uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    p256_field_add((element *)out, (const element *)a, (const element *)b);
}

static void sub(uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    p256_field_sub((element *)out, (const element *)a, (const element *)b);
}

static void mul(uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    p256_field_mul((element *)out, (const element *)a, (const element *)b);
}

static void square(uint64_t *out, const uint64_t *a)
{
    p256_field_square((element *)out, (const element *)a);
}

static void invert(uint64_t *out, const uint64_t *a)
{
    p256_field_invert((element *)out, (const element *)a);
}

static ct_mask from_bytes(uint64_t *out, const uint8_t *in)
{
    return p256_field_from_bytes((element *)out, in);
}

static void to_bytes(uint8_t *out, const uint64_t *a)
{
    p256_field_to_bytes(out, (const element *)a);
}

/* The two ways of multiplying, on limbs that provoke carries and on any others. */
#if CPU_X86_64
static void draw(element *out)
{
    static const uint64_t edges[] = { 0, 1, 0xffffffff, 0x100000000, UINT64_MAX, UINT64_MAX - 1,
                                      P256_P3, P256_P3 - 1, (uint64_t)1 << 63 };
    static uint64_t x = 0x5ea1905751a7e5ed;              /* xorshift64 */
    uint64_t limb[4];
    for (size_t i = 0; i < 4; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        limb[i] = x % 3 == 0 ? edges[(x >> 32) % COUNT(edges)] : x;
    }
    p256_field_reduce(out, limb, 0);
}

START_TEST(multiplications_agree)
{
    element a, b, plain, adx;
    if (!cpu_supports(CPU_ADX)) {
        printf("skipped: multiplication by ADX: this processor has none\n");
        return;
    }
    for (size_t i = 0; i < 200000; i += stride(50)) {
        draw(&a);
        draw(&b);
        p256_field_mul_plain(&plain, &a, &b);
        p256_field_mul_adx(&adx, &a, &b);
        ck_assert_mem_eq(&plain, &adx, sizeof plain);
        p256_field_square_plain(&plain, &a);
        p256_field_square_adx(&adx, &a);
        ck_assert_mem_eq(&plain, &adx, sizeof plain);
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

/* The same modulus written in five limbs takes the road for any length: R is then 2^320. */
START_TEST(order_in_five_limbs)
{
    const struct mont *order = curve_p256.order;
    struct mont wide = { .limbs = 5, .minus_inverse = order->minus_inverse, .r_squared = { 1 } };
    memcpy(wide.modulus, order->modulus, 32);
    for (int i = 0; i < 2 * 320; i++)
        mont_add(&wide, wide.r_squared, wide.r_squared, wide.r_squared);
    static const uint64_t one[5] = { 1 };
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t a[5] = { i }, b[5] = { ~i, i << 32, ~i }, inverse[5], want[4];
        if (i >= 50)                                    /* n - i, n - i - 1, ... */
            for (size_t j = 0; j < 4; j++)
                a[j] = order->modulus[j] - (j == 0 ? i : 0);
        mont_enter(order, want, a);
        mont_mul(order, want, want, b);
        mont_enter(&wide, a, a);
        mont_invert(&wide, inverse, a);
        mont_mul(&wide, b, a, b);
        ck_assert(memcmp(b, want, 32) == 0 && b[4] == 0);
        mont_mul(&wide, a, a, inverse);
        mont_mul(&wide, a, a, one);
        ck_assert(a[0] == (i > 0) && (a[1] | a[2] | a[3] | a[4]) == 0);
    }
}
END_TEST

int main(void)
{
    const struct curve_subject subject = {
        .curve = &curve_p256,
        .group = &group_secp256r1,
        .field = { add, sub, mul, square, invert, from_bytes, to_bytes },
        .p = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        .n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        .sqrt_b = "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4",
        .multiples = "vectors/nist/p256_multiples.txt",
        .comb = p256_comb[0][0].x.limb,
        .odd_multiples = p256_odd_multiples[0].x.limb,
        .comb_blocks = P256_COMB_BLOCKS, .comb_columns = P256_COMB_COLUMNS,
        .comb_missing = P256_COMB_MISSING,
        .odd_count = P256_ODD_COUNT,
        .nist_ecdh = "EC - SHA256", .hash = &hash_sha256,
    };
    const TTest *const more[] = { order_in_five_limbs, multiplications_agree };
    int status = curve_suite_run(&subject, more, COUNT(more));
    cpu_pretend(0);                                  /* once more in plain C */
    return status | curve_suite_run(&subject, NULL, 0);
}
