/* crypto/p256_field.h - the field of P-256: integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1.
 *
 * Implements  SP 800-186 §3.2.1.3 (the prime), Montgomery multiplication with R = 2^256.
 * Secret      every value. No branch, no index, no division depends on one.
 *
 * An element x is kept as x R mod p in four 64-bit limbs, least significant first, always fully
 * reduced: each value has one representation, so that zero and equality are comparisons of limbs.
 *
 *      limb      3                 2                 1                 0
 *      p       ffffffff00000001  0000000000000000  00000000ffffffff  ffffffffffffffff
 *
 * Functions are inline because the curve (crypto/p256.c) spends all its time in them.
 */
#ifndef SEALPOST_CRYPTO_P256_FIELD_H
#define SEALPOST_CRYPTO_P256_FIELD_H

#include "crypto/limb.h"

struct p256_field { uint64_t limb[4]; };

#define P256_P0 0xffffffffffffffffu
#define P256_P1 0x00000000ffffffffu
#define P256_P2 0x0000000000000000u
#define P256_P3 0xffffffff00000001u

/* R mod p, the Montgomery form of 1;  check: 2^256 - p */
static const struct p256_field p256_one = { {
    0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe } };

/* Gives    the five-limb value t, top (0 or 1) being its highest, minus p unless that is negative
 * Needs    t < 2 p
 */
static inline struct p256_field p256_field_reduce(const uint64_t t[4], uint64_t top)
{
    struct p256_field out;
    uint64_t borrow = 0;
    uint64_t d0 = limb_sub(t[0], P256_P0, &borrow), d1 = limb_sub(t[1], P256_P1, &borrow);
    uint64_t d2 = limb_sub(t[2], P256_P2, &borrow), d3 = limb_sub(t[3], P256_P3, &borrow);
    (void)limb_sub(top, 0, &borrow);                  /* a borrow is left only if t < p */
    ct_mask keep = 0 - ct_barrier(borrow);
    out.limb[0] = ct_select(keep, t[0], d0);
    out.limb[1] = ct_select(keep, t[1], d1);
    out.limb[2] = ct_select(keep, t[2], d2);
    out.limb[3] = ct_select(keep, t[3], d3);
    return out;
}

static inline struct p256_field p256_field_add(struct p256_field a, struct p256_field b)
{
    uint64_t t[4], carry = 0;
    for (int i = 0; i < 4; i++)
        t[i] = limb_add(a.limb[i], b.limb[i], &carry);
    return p256_field_reduce(t, carry);
}

/* a - b, plus p if that is negative. */
static inline struct p256_field p256_field_sub(struct p256_field a, struct p256_field b)
{
    uint64_t borrow = 0, carry = 0;
    for (int i = 0; i < 4; i++)
        a.limb[i] = limb_sub(a.limb[i], b.limb[i], &borrow);
    ct_mask below = 0 - ct_barrier(borrow);
    a.limb[0] = limb_add(a.limb[0], below & P256_P0, &carry);
    a.limb[1] = limb_add(a.limb[1], below & P256_P1, &carry);
    a.limb[2] = limb_add(a.limb[2], below & P256_P2, &carry);
    a.limb[3] = limb_add(a.limb[3], below & P256_P3, &carry);
    return a;
}

/* t = (t + u p) / 2^64 with u = t[0]. As p = -1 mod 2^64, u p clears the lowest limb, and
 *
 *      u p + u = u 2^96 + u p3 2^192       (p3 is the top limb of p, and p2 is zero)
 *
 * so what is left to add to limbs 1.. is u shifted by 32 bits, and u p3 at limb 3: one product.
 * Needs    a value in five limbs; a sixth, if there is one, is the caller's to add to t[4]
 * Gives    t in five limbs, the highest 0 or 1
 */
static inline void p256_field_reduce_step(uint64_t t[5])
{
    uint64_t u = t[0], carry = 0, high = 0;
    t[0] = limb_add(t[1], u << 32, &carry);
    t[1] = limb_add(t[2], u >> 32, &carry);
    t[2] = limb_mul_add(u, P256_P3, t[3], &high);
    t[2] = limb_add(t[2], 0, &carry);
    t[3] = limb_add(t[4], high, &carry);
    t[4] = carry;
}

/* a b / R mod p: four rows of the product, each followed by a step of reduction.
 * Because  with t < 2 p before a row, t + a_i b + u p < 2 p + 2 (2^64 - 1) p = 2^64 2 p,
 *          and a step divides by 2^64, so t < 2 p after each row and at the end
 */
static inline struct p256_field p256_field_mul(struct p256_field a, struct p256_field b)
{
    uint64_t t[6] = { 0 };
    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0, top = 0;
        for (int j = 0; j < 4; j++)
            t[j] = limb_mul_add(a.limb[i], b.limb[j], t[j], &carry);
        t[4] = limb_add(t[4], carry, &top);
        p256_field_reduce_step(t);
        t[4] += top;
    }
    return p256_field_reduce(t, t[4]);
}

static inline struct p256_field p256_field_square(struct p256_field a)
{
    return p256_field_mul(a, a);
}

static inline struct p256_field p256_field_select(ct_mask m, struct p256_field yes,
                                                  struct p256_field no)
{
    for (int i = 0; i < 4; i++)
        no.limb[i] = ct_select(m, yes.limb[i], no.limb[i]);
    return no;
}

static inline ct_mask p256_field_is_zero(struct p256_field a)
{
    return ct_is_zero(a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3]);
}

static inline ct_mask p256_field_is_equal(struct p256_field a, struct p256_field b)
{
    uint64_t difference = 0;
    for (int i = 0; i < 4; i++)
        difference |= a.limb[i] ^ b.limb[i];
    return ct_is_zero(difference);
}

/* 1 / a, and zero for zero. */
struct p256_field p256_field_invert(struct p256_field a);

/* 32 big-endian bytes; the mask says whether they were below p (else `out` is zero). */
ct_mask p256_field_from_bytes(struct p256_field *out, const uint8_t in[32]);
void p256_field_to_bytes(uint8_t out[32], struct p256_field a);

#endif
