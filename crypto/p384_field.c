/* crypto/p384_field.c - arithmetic of P-384's field.
 *
 * Implements  p384_field.h.
 * Trusts      nothing.
 * Secret      every value.
 */
#include "crypto/p384_field.h"

#include "crypto/invert.h"
#include "crypto/mont.h"
#include "crypto/wipe.h"

enum { LIMBS = 6 };

static const uint64_t p[LIMBS] = {
    0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
};

/* ---- sums ---- */

/* out = t - p, or t if that is negative; `top` is a bit above t's six limbs.
 * Needs    t < 2 p
 */
static inline void reduce(struct p384_field *out, const uint64_t t[6], uint64_t top)
{
    uint64_t borrow = 0;
    uint64_t d0 = limb_sub(t[0], p[0], &borrow), d1 = limb_sub(t[1], p[1], &borrow);
    uint64_t d2 = limb_sub(t[2], p[2], &borrow), d3 = limb_sub(t[3], p[3], &borrow);
    uint64_t d4 = limb_sub(t[4], p[4], &borrow), d5 = limb_sub(t[5], p[5], &borrow);
    (void)limb_sub(top, 0, &borrow);                  /* a borrow is left only if t < p */
    ct_mask keep = 0 - ct_barrier(borrow);
    out->limb[0] = ct_select(keep, t[0], d0);
    out->limb[1] = ct_select(keep, t[1], d1);
    out->limb[2] = ct_select(keep, t[2], d2);
    out->limb[3] = ct_select(keep, t[3], d3);
    out->limb[4] = ct_select(keep, t[4], d4);
    out->limb[5] = ct_select(keep, t[5], d5);
}

/* t += a; the carry out is returned. */
static inline uint64_t accumulate(uint64_t t[6], const uint64_t a[6])
{
    uint64_t carry = 0;
    t[0] = limb_add(t[0], a[0], &carry);
    t[1] = limb_add(t[1], a[1], &carry);
    t[2] = limb_add(t[2], a[2], &carry);
    t[3] = limb_add(t[3], a[3], &carry);
    t[4] = limb_add(t[4], a[4], &carry);
    t[5] = limb_add(t[5], a[5], &carry);
    return carry;
}

void p384_field_add(struct p384_field *out, const struct p384_field *a,
                    const struct p384_field *b)
{
    struct p384_field t = *a;
    uint64_t top = accumulate(t.limb, b->limb);
    reduce(out, t.limb, top);
}

/* a - b, plus p if that is negative. */
void p384_field_sub(struct p384_field *out, const struct p384_field *a,
                    const struct p384_field *b)
{
    uint64_t borrow = 0, carry = 0;
    uint64_t t0 = limb_sub(a->limb[0], b->limb[0], &borrow);
    uint64_t t1 = limb_sub(a->limb[1], b->limb[1], &borrow);
    uint64_t t2 = limb_sub(a->limb[2], b->limb[2], &borrow);
    uint64_t t3 = limb_sub(a->limb[3], b->limb[3], &borrow);
    uint64_t t4 = limb_sub(a->limb[4], b->limb[4], &borrow);
    uint64_t t5 = limb_sub(a->limb[5], b->limb[5], &borrow);
    ct_mask below = 0 - ct_barrier(borrow);
    out->limb[0] = limb_add(t0, below & p[0], &carry);
    out->limb[1] = limb_add(t1, below & p[1], &carry);
    out->limb[2] = limb_add(t2, below & p[2], &carry);
    out->limb[3] = limb_add(t3, below & p[3], &carry);
    out->limb[4] = limb_add(t4, below & p[4], &carry);
    out->limb[5] = limb_add(t5, below & p[5], &carry);
}

/* ---- products ---- */

/* One step of reduction: t = (t + u p) / 2^64, where u = -t[0] / p mod 2^64 makes that exact. No
 * product is needed, as p = 2^384 - 2^128 - 2^96 + 2^32 - 1 is a sum of powers of two and its
 * lowest limb 2^32 - 1 has the inverse -(2^32 + 1):
 *
 *      u = t[0] (2^32 + 1) mod 2^64,   q = (t[0] + u 2^32 - u) / 2^64,   which is exact,
 *
 *      (t + u p) / 2^64 = (t[6] .. t[1]) + u 2^320 - w,   w = u 2^64 + u 2^32 - q
 *
 * Because  t[0] = u - u 2^32 mod 2^64, so q is the high half of u 2^32, and one more if the low
 *          half is above u. Where the high half is zero, q <= the low half: `high` is not negative
 * Gives    in t[6] what is above six limbs, -1 if the caller holds one back for it
 */
__attribute__((always_inline))
static inline void reduce_step(uint64_t t[7])
{
    uint64_t u = t[0] + (t[0] << 32), more = 0, borrow = 0, carry = 0;
    (void)limb_sub(u, u << 32, &more);
    uint64_t w0 = limb_sub(u << 32, (u >> 32) + more, &borrow);
    uint64_t high = (u >> 32) - borrow;
    uint64_t w1 = limb_add(u, high, &carry);
    borrow = 0;
    t[0] = limb_sub(t[1], w0, &borrow);
    t[1] = limb_sub(t[2], w1, &borrow);
    t[2] = limb_sub(t[3], carry, &borrow);
    t[3] = limb_sub(t[4], 0, &borrow);
    t[4] = limb_sub(t[5], 0, &borrow);
    uint64_t t5 = limb_sub(t[6], 0, &borrow);
    carry = 0;
    t[5] = limb_add(t5, u, &carry);
    t[6] = carry - borrow;
}

/* One row of a product and its reduction: t = (t + x b + u p) / 2^64.
 * Needs    t < 2 p in seven limbs, b < p
 * Because  t + x b + u p < 2 p + 2 (2^64 - 1) p = 2^64 2 p
 * Gives    t < 2 p in seven limbs, the highest 0 or 1
 */
__attribute__((always_inline))
static inline void mul_row(uint64_t t[7], uint64_t x, const uint64_t b[6])
{
    uint64_t top = limbs_add_row_6(t, x, b);
    reduce_step(t);
    t[6] += top;
}

void p384_field_mul(struct p384_field *out, const struct p384_field *a,
                    const struct p384_field *b)
{
    uint64_t t[7] = { 0 };
    mul_row(t, a->limb[0], b->limb);
    mul_row(t, a->limb[1], b->limb);
    mul_row(t, a->limb[2], b->limb);
    mul_row(t, a->limb[3], b->limb);
    mul_row(t, a->limb[4], b->limb);
    mul_row(t, a->limb[5], b->limb);
    reduce(out, t, t[6]);
}

/* t[0 .. n] += x b[0 .. n - 1] for n from 5 down to 1. */
__attribute__((always_inline))
static inline void add_part_row(uint64_t *t, uint64_t x, const uint64_t *b, size_t n)
{
    uint64_t carry = 0;
    t[0] = limb_mul_add(x, b[0], t[0], &carry);
    if (n > 1)
        t[1] = limb_mul_add(x, b[1], t[1], &carry);
    if (n > 2)
        t[2] = limb_mul_add(x, b[2], t[2], &carry);
    if (n > 3)
        t[3] = limb_mul_add(x, b[3], t[3], &carry);
    if (n > 4)
        t[4] = limb_mul_add(x, b[4], t[4], &carry);
    t[n] = carry;
}

/* Limbs 2 i and 2 i + 1 of 2 t + x^2; `bit` travels from limb to limb as the carry does. */
__attribute__((always_inline))
static inline void double_add_square(uint64_t t[2], uint64_t x, uint64_t *bit, uint64_t *carry)
{
    uint64_t high, low = limb_mul(x, x, &high);
    uint64_t even = t[0] << 1 | *bit, odd = t[1] << 1 | t[0] >> 63;
    *bit = t[1] >> 63;
    t[0] = limb_add(even, low, carry);
    t[1] = limb_add(odd, high, carry);
}

/* a a has 15 products of different limbs, which occur twice, and six squares; then six steps of
 * reduction of the lower half, which the upper half joins at the end.
 * Because  the lower half, below 2^384, becomes (it + u p) / 2^384 with u < 2^384, so < p + 1, and
 *          the upper is at most (p - 1)^2 / 2^384 < p - 1: the sum is < 2 p
 */
void p384_field_square(struct p384_field *out, const struct p384_field *a)
{
    const uint64_t *x = a->limb;
    uint64_t t[12] = { 0 }, bit = 0, carry = 0;
    add_part_row(t + 1, x[0], x + 1, 5);
    add_part_row(t + 3, x[1], x + 2, 4);
    add_part_row(t + 5, x[2], x + 3, 3);
    add_part_row(t + 7, x[3], x + 4, 2);
    add_part_row(t + 9, x[4], x + 5, 1);
    double_add_square(t, x[0], &bit, &carry);
    double_add_square(t + 2, x[1], &bit, &carry);
    double_add_square(t + 4, x[2], &bit, &carry);
    double_add_square(t + 6, x[3], &bit, &carry);
    double_add_square(t + 8, x[4], &bit, &carry);
    double_add_square(t + 10, x[5], &bit, &carry);

    uint64_t lower[7] = { t[0], t[1], t[2], t[3], t[4], t[5], 0 };
    reduce_step(lower);
    reduce_step(lower);
    reduce_step(lower);
    reduce_step(lower);
    reduce_step(lower);
    reduce_step(lower);
    reduce(out, lower, accumulate(lower, t + 6));
}

static const struct p384_field r_squared = { {          /* check: 2^768 mod p */
    0xfffffffe00000001, 0x0000000200000000, 0xfffffffe00000000, 0x0000000200000000, 1, 0 } };

/* 1 / (a R), twice times R^2 / R, is R / a.  check: 0x100000001 * p == -1 mod 2^64 */
void p384_field_invert(struct p384_field *out, const struct p384_field *a)
{
    limbs_invert(out->limb, a->limb, p, 0x100000001, LIMBS);
    p384_field_mul(out, out, &r_squared);
    p384_field_mul(out, out, &r_squared);
}

ct_mask p384_field_from_bytes(struct p384_field *out, const uint8_t in[48])
{
    limbs_from_bytes(out->limb, LIMBS, in);
    ct_mask below = limbs_less(out->limb, p, LIMBS);
    for (int i = 0; i < LIMBS; i++)
        out->limb[i] &= below;
    p384_field_mul(out, out, &r_squared);
    return below;
}

/* Multiplication by the plain integer 1 divides by R and so leaves Montgomery form. */
void p384_field_to_bytes(uint8_t out[48], const struct p384_field *a)
{
    static const struct p384_field plain_one = { { 1 } };
    struct p384_field plain;
    p384_field_mul(&plain, a, &plain_one);
    limbs_to_bytes(out, plain.limb, LIMBS);
    wipe(&plain, sizeof plain);
}
