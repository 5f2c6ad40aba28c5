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
 * Outputs may be inputs. Elements go by address, not by value: compilers copy such structs through
 * memory in pieces that processors are slow to put together again.
 */
#ifndef SEALPOST_CRYPTO_P256_FIELD_H
#define SEALPOST_CRYPTO_P256_FIELD_H

#include "crypto/limb.h"

struct p256_field { uint64_t limb[4]; };

#define P256_P0 0xffffffffffffffffu
#define P256_P1 0x00000000ffffffffu
#define P256_P2 0x0000000000000000u
#define P256_P3 0xffffffff00000001u

/* a b / R mod p; a a / R mod p. */
void p256_field_mul(struct p256_field *out, const struct p256_field *a,
                    const struct p256_field *b);
void p256_field_square(struct p256_field *out, const struct p256_field *a);

/* How the two are done: in plain C, and by instructions that cpu_supports(CPU_ADX) asks for (on
 * x86-64 only). For tests; everyone else leaves the choice to the two above. */
void p256_field_mul_plain(struct p256_field *out, const struct p256_field *a,
                          const struct p256_field *b);
void p256_field_square_plain(struct p256_field *out, const struct p256_field *a);
void p256_field_mul_adx(struct p256_field *out, const struct p256_field *a,
                        const struct p256_field *b);
void p256_field_square_adx(struct p256_field *out, const struct p256_field *a);

/* 1 / a, and zero for zero. */
void p256_field_invert(struct p256_field *out, const struct p256_field *a);

/* 32 big-endian bytes; the mask says whether they were below p (else `out` is zero). */
ct_mask p256_field_from_bytes(struct p256_field *out, const uint8_t in[32]);
void p256_field_to_bytes(uint8_t out[32], const struct p256_field *a);

/* out = t - p, or t if that is negative; `top` is a bit above t's four limbs.
 * Needs    t < 2 p
 */
static inline void p256_field_reduce(struct p256_field *out, const uint64_t t[4], uint64_t top)
{
    uint64_t borrow = 0;
    uint64_t d0 = limb_sub(t[0], P256_P0, &borrow), d1 = limb_sub(t[1], P256_P1, &borrow);
    uint64_t d2 = limb_sub(t[2], P256_P2, &borrow), d3 = limb_sub(t[3], P256_P3, &borrow);
    (void)limb_sub(top, 0, &borrow);                  /* a borrow is left only if t < p */
    ct_mask keep = 0 - ct_barrier(borrow);
    out->limb[0] = ct_select(keep, t[0], d0);
    out->limb[1] = ct_select(keep, t[1], d1);
    out->limb[2] = ct_select(keep, t[2], d2);
    out->limb[3] = ct_select(keep, t[3], d3);
}

static inline void p256_field_add(struct p256_field *out, const struct p256_field *a,
                                  const struct p256_field *b)
{
    uint64_t t[4], carry = 0;
    t[0] = limb_add(a->limb[0], b->limb[0], &carry);
    t[1] = limb_add(a->limb[1], b->limb[1], &carry);
    t[2] = limb_add(a->limb[2], b->limb[2], &carry);
    t[3] = limb_add(a->limb[3], b->limb[3], &carry);
    p256_field_reduce(out, t, carry);
}

/* a - b, plus p if that is negative. */
static inline void p256_field_sub(struct p256_field *out, const struct p256_field *a,
                                  const struct p256_field *b)
{
    uint64_t borrow = 0, carry = 0;
    uint64_t t0 = limb_sub(a->limb[0], b->limb[0], &borrow);
    uint64_t t1 = limb_sub(a->limb[1], b->limb[1], &borrow);
    uint64_t t2 = limb_sub(a->limb[2], b->limb[2], &borrow);
    uint64_t t3 = limb_sub(a->limb[3], b->limb[3], &borrow);
    ct_mask below = 0 - ct_barrier(borrow);
    out->limb[0] = limb_add(t0, below & P256_P0, &carry);
    out->limb[1] = limb_add(t1, below & P256_P1, &carry);
    out->limb[2] = limb_add(t2, below & P256_P2, &carry);
    out->limb[3] = limb_add(t3, below & P256_P3, &carry);
}

#endif
