/* crypto/limb.h - the 64-bit steps that all our long arithmetic is made of.
 *
 * A long integer is an array of 64-bit limbs, least significant first. A carry or borrow is 0 or 1
 * and travels from limb to limb through a pointer. Each step has a version for machines that have
 * it as an instruction and one spelled out in plain C, which runs everywhere, 32-bit machines
 * included; -DLIMB_PORTABLE asks for the latter. Nothing else knows which of the two it got.
 *
 * Constant time: no comparison, no branch; on the machines we build for a multiplication takes
 * the same time for all operands.
 */
#ifndef SEALPOST_CRYPTO_LIMB_H
#define SEALPOST_CRYPTO_LIMB_H

#include "crypto/ct.h"

#if defined(__x86_64__) && !defined(LIMB_PORTABLE)
#include <immintrin.h>

/* a + b + *carry. The instruction itself, because compilers miss it in any other spelling. */
static inline uint64_t limb_add(uint64_t a, uint64_t b, uint64_t *carry)
{
    unsigned long long sum;
    *carry = _addcarry_u64((unsigned char)*carry, a, b, &sum);
    return sum;
}

/* a - b - *borrow. */
static inline uint64_t limb_sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
    unsigned long long difference;
    *borrow = _subborrow_u64((unsigned char)*borrow, a, b, &difference);
    return difference;
}

#else

/* The carry out of the top bit is the majority of a's, b's and the complement of the sum's. */
static inline uint64_t limb_add(uint64_t a, uint64_t b, uint64_t *carry)
{
    uint64_t sum = a + b + *carry;
    *carry = ((a & b) | ((a | b) & ~sum)) >> 63;
    return sum;
}

static inline uint64_t limb_sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
    uint64_t difference = a - b - *borrow;
    *borrow = ((~a & b) | ((~a | b) & difference)) >> 63;
    return difference;
}

#endif

#if defined(__SIZEOF_INT128__) && !defined(LIMB_PORTABLE)

/* a * b: low half returned, high half in *high. */
static inline uint64_t limb_mul(uint64_t a, uint64_t b, uint64_t *high)
{
    __extension__ typedef unsigned __int128 pair;
    pair product = (pair)a * b;
    *high = (uint64_t)(product >> 64);
    return (uint64_t)product;
}

/* sum += a * b, for a sum of many products: three limbs. Compilers see the one carry chain only
 * when the lower two are one number. */
static inline void limb_sum_product(uint64_t sum[3], uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 pair;
    pair low = (pair)sum[1] << 64 | sum[0];
    sum[2] += __builtin_add_overflow(low, (pair)a * b, &low);
    sum[0] = (uint64_t)low;
    sum[1] = (uint64_t)(low >> 64);
}

#else

/* a * b from four products of 32-bit halves:
 *
 *      a1 b1 | a1 b1 |   .   |   .
 *        .   | a0 b1 | a0 b1 |   .
 *        .   | a1 b0 | a1 b0 |   .
 *        .   |   .   | a0 b0 | a0 b0
 *
 * Because  middle sums one product, <= (2^32 - 1)^2, and two halves <= 2^32 - 1: < 2^64 */
static inline uint64_t limb_mul(uint64_t a, uint64_t b, uint64_t *high)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, cross = a1 * b0;
    uint64_t middle = a0 * b1 + (low >> 32) + (uint32_t)cross;
    *high = a1 * b1 + (cross >> 32) + (middle >> 32);
    return middle << 32 | (uint32_t)low;
}

static inline void limb_sum_product(uint64_t sum[3], uint64_t a, uint64_t b)
{
    uint64_t high, carry = 0, low = limb_mul(a, b, &high);
    sum[0] = limb_add(sum[0], low, &carry);
    sum[1] = limb_add(sum[1], high, &carry);
    sum[2] += carry;
}

#endif

/* a * b + c + *carry: low half returned, high half left in *carry, which is a whole limb here.
 * Because (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1, it always fits. */
static inline uint64_t limb_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t *carry)
{
    uint64_t high, c1 = 0, c2 = 0;
    uint64_t low = limb_mul(a, b, &high);
    low = limb_add(low, c, &c1);
    low = limb_add(low, *carry, &c2);
    *carry = high + c1 + c2;
    return low;
}

/* t += x y, one row of a product of six limbs: the double-limb products are added as two chains,
 * low halves and high halves, which do not wait for each other. Returns the carry out of t[6].
 *
 *      limb      6     5     4     3     2     1     0
 *      low             x y5  x y4  x y3  x y2  x y1  x y0
 *      high      x y5  x y4  x y3  x y2  x y1  x y0
 */
__attribute__((always_inline))
static inline uint64_t limbs_add_row_6(uint64_t t[7], uint64_t x, const uint64_t y[6])
{
    uint64_t h0, h1, h2, h3, h4, h5, carry = 0, top = 0;
    uint64_t l0 = limb_mul(x, y[0], &h0), l1 = limb_mul(x, y[1], &h1);
    uint64_t l2 = limb_mul(x, y[2], &h2), l3 = limb_mul(x, y[3], &h3);
    uint64_t l4 = limb_mul(x, y[4], &h4), l5 = limb_mul(x, y[5], &h5);
    t[0] = limb_add(t[0], l0, &carry);
    t[1] = limb_add(t[1], l1, &carry);
    t[2] = limb_add(t[2], l2, &carry);
    t[3] = limb_add(t[3], l3, &carry);
    t[4] = limb_add(t[4], l4, &carry);
    t[5] = limb_add(t[5], l5, &carry);
    t[6] = limb_add(t[6], 0, &carry);
    t[1] = limb_add(t[1], h0, &top);
    t[2] = limb_add(t[2], h1, &top);
    t[3] = limb_add(t[3], h2, &top);
    t[4] = limb_add(t[4], h3, &top);
    t[5] = limb_add(t[5], h4, &top);
    t[6] = limb_add(t[6], h5, &top);
    return carry + top;
}

#endif
