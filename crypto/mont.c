/* crypto/mont.c - Montgomery arithmetic modulo an odd number.
 *
 * Implements  HAC Alg. 14.36 (Montgomery multiplication).
 * Trusts      the constants in struct mont, which tests recompute.
 * Secret      all values; never the modulus.
 */
#include "crypto/mont.h"

#include "crypto/invert.h"

void limbs_from_bytes(uint64_t *out, size_t limbs, const uint8_t *in)
{
    for (size_t i = 0; i < limbs; i++)
        out[i] = load_be64(in + 8 * (limbs - 1 - i));
}

void limbs_to_bytes(uint8_t *out, const uint64_t *in, size_t limbs)
{
    for (size_t i = 0; i < limbs; i++)
        store_be64(out + 8 * (limbs - 1 - i), in[i]);
}

ct_mask limbs_less(const uint64_t *a, const uint64_t *b, size_t limbs)
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < limbs; i++)
        (void)limb_sub(a[i], b[i], &borrow);
    return 0 - ct_barrier(borrow);
}

ct_mask limbs_zero(const uint64_t *a, size_t limbs)
{
    uint64_t any = 0;
    for (size_t i = 0; i < limbs; i++)
        any |= a[i];
    return ct_is_zero(any);
}

void limbs_subtract_once(uint64_t *out, const uint64_t *a, uint64_t top,
                         const uint64_t *modulus, size_t limbs)
{
    uint64_t less[MONT_LIMBS_MAX], borrow = 0;
    for (size_t i = 0; i < limbs; i++)
        less[i] = limb_sub(a[i], modulus[i], &borrow);
    (void)limb_sub(top, 0, &borrow);                    /* a borrow is left only if a < modulus */
    ct_mask keep = 0 - ct_barrier(borrow);
    for (size_t i = 0; i < limbs; i++)
        out[i] = ct_select(keep, a[i], less[i]);
}

void mont_add(const struct mont *m, uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    uint64_t sum[MONT_LIMBS_MAX], carry = 0;
    for (size_t i = 0; i < m->limbs; i++)
        sum[i] = limb_add(a[i], b[i], &carry);
    limbs_subtract_once(out, sum, carry, m->modulus, m->limbs);
}

/* t = (t + x y + u m) / 2^64: one row of the product and one step of its reduction, u being the
 * multiple of the modulus that clears the lowest limb.
 * Needs    t < 2 m in n + 1 limbs, y < m
 * Because  t + x y + u m < 2 m + (2^64 - 1) m + (2^64 - 1) m = 2^64 2 m
 * Gives    t < 2 m
 */
static void multiply_step(const struct mont *m, uint64_t *t, uint64_t x, const uint64_t *y)
{
    size_t n = m->limbs;
    uint64_t high = 0, top = 0, again = 0;
    for (size_t j = 0; j < n; j++)
        t[j] = limb_mul_add(x, y[j], t[j], &high);
    t[n] = limb_add(t[n], high, &top);

    uint64_t u = t[0] * m->minus_inverse;
    high = 0;
    (void)limb_mul_add(u, m->modulus[0], t[0], &high);
    for (size_t j = 1; j < n; j++)
        t[j - 1] = limb_mul_add(u, m->modulus[j], t[j], &high);
    t[n - 1] = limb_add(t[n], high, &again);
    t[n] = top + again;
}

/* t += x y for four limbs: double-limb products are added as two chains, their low halves and, one
 * limb higher, their high halves. Returns the carry out of t[4]. */
__attribute__((always_inline))
static inline uint64_t add_row_4(uint64_t t[5], uint64_t x, const uint64_t y[4])
{
    uint64_t h0, h1, h2, h3, carry = 0, top = 0;
    uint64_t l0 = limb_mul(x, y[0], &h0), l1 = limb_mul(x, y[1], &h1);
    uint64_t l2 = limb_mul(x, y[2], &h2), l3 = limb_mul(x, y[3], &h3);
    t[0] = limb_add(t[0], l0, &carry);
    t[1] = limb_add(t[1], l1, &carry);
    t[2] = limb_add(t[2], l2, &carry);
    t[3] = limb_add(t[3], l3, &carry);
    t[4] = limb_add(t[4], 0, &carry);
    t[1] = limb_add(t[1], h0, &top);
    t[2] = limb_add(t[2], h1, &top);
    t[3] = limb_add(t[3], h2, &top);
    t[4] = limb_add(t[4], h3, &top);
    return carry + top;
}

__attribute__((always_inline))
static inline void multiply_step_4(const struct mont *m, uint64_t t[5], uint64_t x,
                                   const uint64_t y[4])
{
    uint64_t top = add_row_4(t, x, y);
    top += add_row_4(t, t[0] * m->minus_inverse, m->modulus);
    t[0] = t[1];
    t[1] = t[2];
    t[2] = t[3];
    t[3] = t[4];
    t[4] = top;
}

/* Four limbs, the length in use most, without loops and without calls: twice as fast. */
static void multiply_4(const struct mont *m, uint64_t out[4], const uint64_t a[4],
                       const uint64_t b[4])
{
    uint64_t t[5] = { 0 }, borrow = 0;
    multiply_step_4(m, t, a[0], b);
    multiply_step_4(m, t, a[1], b);
    multiply_step_4(m, t, a[2], b);
    multiply_step_4(m, t, a[3], b);
    uint64_t d0 = limb_sub(t[0], m->modulus[0], &borrow);
    uint64_t d1 = limb_sub(t[1], m->modulus[1], &borrow);
    uint64_t d2 = limb_sub(t[2], m->modulus[2], &borrow);
    uint64_t d3 = limb_sub(t[3], m->modulus[3], &borrow);
    (void)limb_sub(t[4], 0, &borrow);
    ct_mask keep = 0 - ct_barrier(borrow);
    out[0] = ct_select(keep, t[0], d0);
    out[1] = ct_select(keep, t[1], d1);
    out[2] = ct_select(keep, t[2], d2);
    out[3] = ct_select(keep, t[3], d3);
}

__attribute__((always_inline))
static inline void multiply_step_6(const struct mont *m, uint64_t t[7], uint64_t x,
                                   const uint64_t y[6])
{
    uint64_t top = limbs_add_row_6(t, x, y);
    top += limbs_add_row_6(t, t[0] * m->minus_inverse, m->modulus);
    t[0] = t[1];
    t[1] = t[2];
    t[2] = t[3];
    t[3] = t[4];
    t[4] = t[5];
    t[5] = t[6];
    t[6] = top;
}

/* Six limbs likewise: the order of P-384. */
static void multiply_6(const struct mont *m, uint64_t out[6], const uint64_t a[6],
                       const uint64_t b[6])
{
    uint64_t t[7] = { 0 };
    for (size_t i = 0; i < 6; i++)
        multiply_step_6(m, t, a[i], b);
    limbs_subtract_once(out, t, t[6], m->modulus, 6);
}

/* Needs a < R and b < m. */
void mont_mul(const struct mont *m, uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    uint64_t t[MONT_LIMBS_MAX + 1] = { 0 };
    if (m->limbs == 4) {
        multiply_4(m, out, a, b);
        return;
    }
    if (m->limbs == 6) {
        multiply_6(m, out, a, b);
        return;
    }
    for (size_t i = 0; i < m->limbs; i++)
        multiply_step(m, t, a[i], b);
    limbs_subtract_once(out, t, t[m->limbs], m->modulus, m->limbs);
}

/* x R = x R^2 / R; x < R may be above the modulus, R^2 mod m is below it. */
void mont_enter(const struct mont *m, uint64_t *out, const uint64_t *a)
{
    mont_mul(m, out, a, m->r_squared);
}

/* 1 / (a R), twice times R^2 / R, is R / a. */
void mont_invert(const struct mont *m, uint64_t *out, const uint64_t *a)
{
    limbs_invert(out, a, m->modulus, m->minus_inverse, m->limbs);
    mont_mul(m, out, out, m->r_squared);
    mont_mul(m, out, out, m->r_squared);
}
