/* crypto/p256_field.c - multiplication, inversion and byte form of elements of P-256's field.
 *
 * Implements  p256_field.h.
 * Trusts      nothing.
 * Secret      every value.
 */
#include "crypto/p256_field.h"

#include "crypto/cpu.h"
#include "crypto/invert.h"
#include "crypto/mont.h"
#include "crypto/wipe.h"

/* One step of reduction: t = (t + u p) / 2^64 with u = t[0]. As p = -1 mod 2^64, adding u p clears
 * the lowest limb, and
 *
 *      u p + u = u 2^96 + u p3 2^192       (p3 is the top limb of p; p2 is zero)
 *
 * so that what is left to add is u shifted by 32 bits, at limb 1, and the product u p3 at limb 3.
 * Returns the carry out of limb 4.
 */
static inline uint64_t reduce_step(uint64_t t[5], uint64_t t4)
{
    uint64_t u = t[0], high, carry = 0;
    uint64_t low = limb_mul(u, P256_P3, &high);
    t[0] = limb_add(t[1], u << 32, &carry);
    t[1] = limb_add(t[2], u >> 32, &carry);
    t[2] = limb_add(t[3], low, &carry);
    t[3] = limb_add(t4, high, &carry);
    return carry;
}

/* One row of a product and its reduction: t = (t + x b + u p) / 2^64. The four double-limb products
 * are added as two chains, low halves and high halves:
 *
 *      limb      4     3     2     1     0
 *      low             x b3  x b2  x b1  x b0
 *      high      x b3  x b2  x b1  x b0
 *
 * Needs    t < 2 p in five limbs, b < p
 * Because  t + x b + u p < 2 p + 2 (2^64 - 1) p = 2^64 2 p
 * Gives    t < 2 p in five limbs, the highest 0 or 1
 */
static inline void mul_row(uint64_t t[5], uint64_t x, const uint64_t b[4])
{
    uint64_t h0, h1, h2, h3, carry = 0, top = 0;
    uint64_t l0 = limb_mul(x, b[0], &h0), l1 = limb_mul(x, b[1], &h1);
    uint64_t l2 = limb_mul(x, b[2], &h2), l3 = limb_mul(x, b[3], &h3);
    t[0] = limb_add(t[0], l0, &carry);
    t[1] = limb_add(t[1], l1, &carry);
    t[2] = limb_add(t[2], l2, &carry);
    t[3] = limb_add(t[3], l3, &carry);
    uint64_t t4 = t[4] + carry;                        /* t[4] was 0 or 1 */
    t[1] = limb_add(t[1], h0, &top);
    t[2] = limb_add(t[2], h1, &top);
    t[3] = limb_add(t[3], h2, &top);
    t4   = limb_add(t4, h3, &top);
    t[4] = reduce_step(t, t4) + top;
}

void p256_field_mul_plain(struct p256_field *out, const struct p256_field *a,
                          const struct p256_field *b)
{
    uint64_t t[5] = { 0 };
    mul_row(t, a->limb[0], b->limb);
    mul_row(t, a->limb[1], b->limb);
    mul_row(t, a->limb[2], b->limb);
    mul_row(t, a->limb[3], b->limb);
    p256_field_reduce(out, t, t[4]);
}

/* a a has six products that occur twice and four that occur once:
 *
 *      limb      7     6     5     4     3     2     1     0
 *      twice               a2 a3 a1 a3 a0 a3 a0 a2 a0 a1
 *                                      a1 a2
 *      once          a3 a3       a2 a2       a1 a1       a0 a0     (each reaches one limb higher)
 *
 * and then four steps of reduction; the upper half joins at the end.
 * Because  the lower half, below 2^256, becomes (it + u p) / 2^256 with u < 2^256, so < p + 1, and
 *          the upper is at most (p - 1)^2 / 2^256 < p - 1: the sum is < 2 p
 */
void p256_field_square_plain(struct p256_field *out, const struct p256_field *a)
{
    const uint64_t *x = a->limb;
    uint64_t t[8], h01, h02, h03, h12, h13, h23, carry = 0;
    uint64_t l01 = limb_mul(x[0], x[1], &h01), l02 = limb_mul(x[0], x[2], &h02);
    uint64_t l03 = limb_mul(x[0], x[3], &h03), l12 = limb_mul(x[1], x[2], &h12);
    uint64_t l13 = limb_mul(x[1], x[3], &h13), l23 = limb_mul(x[2], x[3], &h23);
    t[1] = l01;
    t[2] = limb_add(l02, h01, &carry);
    t[3] = limb_add(l03, h02, &carry);
    t[4] = limb_add(l13, h03, &carry);
    t[5] = limb_add(l23, h13, &carry);
    t[6] = h23 + carry;
    carry = 0;
    t[3] = limb_add(t[3], l12, &carry);
    t[4] = limb_add(t[4], h12, &carry);
    t[5] = limb_add(t[5], 0, &carry);
    t[6] += carry;

    t[7] = t[6] >> 63;
    t[6] = t[6] << 1 | t[5] >> 63;
    t[5] = t[5] << 1 | t[4] >> 63;
    t[4] = t[4] << 1 | t[3] >> 63;
    t[3] = t[3] << 1 | t[2] >> 63;
    t[2] = t[2] << 1 | t[1] >> 63;
    t[1] <<= 1;

    uint64_t h0, h1, h2, h3;
    t[0] = limb_mul(x[0], x[0], &h0);
    uint64_t l1 = limb_mul(x[1], x[1], &h1), l2 = limb_mul(x[2], x[2], &h2);
    uint64_t l3 = limb_mul(x[3], x[3], &h3);
    carry = 0;
    t[1] = limb_add(t[1], h0, &carry);
    t[2] = limb_add(t[2], l1, &carry);
    t[3] = limb_add(t[3], h1, &carry);
    t[4] = limb_add(t[4], l2, &carry);
    t[5] = limb_add(t[5], h2, &carry);
    t[6] = limb_add(t[6], l3, &carry);
    t[7] = limb_add(t[7], h3, &carry);

    for (int i = 0; i < 4; i++)
        (void)reduce_step(t, 0);                       /* t < 2^256, so none carries out */
    carry = 0;
    t[0] = limb_add(t[0], t[4], &carry);
    t[1] = limb_add(t[1], t[5], &carry);
    t[2] = limb_add(t[2], t[6], &carry);
    t[3] = limb_add(t[3], t[7], &carry);
    p256_field_reduce(out, t, carry);
}

#if CPU_X86_64
void p256_field_mul(struct p256_field *out, const struct p256_field *a,
                    const struct p256_field *b)
{
    if (cpu_supports(CPU_ADX))
        p256_field_mul_adx(out, a, b);
    else
        p256_field_mul_plain(out, a, b);
}

void p256_field_square(struct p256_field *out, const struct p256_field *a)
{
    if (cpu_supports(CPU_ADX))
        p256_field_square_adx(out, a);
    else
        p256_field_square_plain(out, a);
}
#else
void p256_field_mul(struct p256_field *out, const struct p256_field *a,
                    const struct p256_field *b)
{
    p256_field_mul_plain(out, a, b);
}

void p256_field_square(struct p256_field *out, const struct p256_field *a)
{
    p256_field_square_plain(out, a);
}
#endif

static const uint64_t p[4] = { P256_P0, P256_P1, P256_P2, P256_P3 };

static const struct p256_field r_squared = { {          /* check: 2^512 mod p */
    0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd } };

/* 1 / (a R), twice times R^2 / R, is R / a.  check: 1 * p == -1 mod 2^64 */
void p256_field_invert(struct p256_field *out, const struct p256_field *a)
{
    limbs_invert(out->limb, a->limb, p, 1, 4);
    p256_field_mul(out, out, &r_squared);
    p256_field_mul(out, out, &r_squared);
}

ct_mask p256_field_from_bytes(struct p256_field *out, const uint8_t in[32])
{
    limbs_from_bytes(out->limb, 4, in);
    ct_mask below = limbs_less(out->limb, p, 4);
    for (int i = 0; i < 4; i++)
        out->limb[i] &= below;
    p256_field_mul(out, out, &r_squared);
    return below;
}

/* Multiplication by the plain integer 1 divides by R and so leaves Montgomery form. */
void p256_field_to_bytes(uint8_t out[32], const struct p256_field *a)
{
    static const struct p256_field plain_one = { { 1 } };
    struct p256_field plain;
    p256_field_mul(&plain, a, &plain_one);
    limbs_to_bytes(out, plain.limb, 4);
    wipe(&plain, sizeof plain);
}
