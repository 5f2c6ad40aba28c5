/* crypto/limb.h - the three 64-bit steps that all our long arithmetic is made of.
 *
 * A long integer is an array of 64-bit limbs, least significant first. A carry or borrow is 0 or 1
 * and travels from limb to limb through a pointer. With a 128-bit type the compiler has add-with-
 * carry and widening multiplication at hand; elsewhere (32-bit machines) the same three functions
 * are spelled out in 64 bits. Nothing else in crypto/ knows which of the two it got.
 *
 * Constant time: no comparison, no branch; on the machines we build for a multiplication takes
 * the same time for all operands.
 */
#ifndef SEALPOST_CRYPTO_LIMB_H
#define SEALPOST_CRYPTO_LIMB_H

#include "crypto/ct.h"

#if defined(__SIZEOF_INT128__) && !defined(LIMB_PORTABLE)

__extension__ typedef unsigned __int128 limb_pair;

/* a + b + *carry, at most 2^65 - 1. */
static inline uint64_t limb_add(uint64_t a, uint64_t b, uint64_t *carry)
{
    limb_pair sum = (limb_pair)a + b + *carry;
    *carry = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

/* a - b - *borrow. */
static inline uint64_t limb_sub(uint64_t a, uint64_t b, uint64_t *borrow)
{
    limb_pair difference = (limb_pair)a - b - *borrow;
    *borrow = (uint64_t)(difference >> 64) & 1;
    return (uint64_t)difference;
}

/* a * b + c + *carry: low half returned, high half left in *carry, which is a whole limb here.
 * Because (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1, it always fits. */
static inline uint64_t limb_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t *carry)
{
    limb_pair sum = (limb_pair)a * b + c + *carry;
    *carry = (uint64_t)(sum >> 64);
    return (uint64_t)sum;
}

#else

/* The carry out of the top bit, from the three top bits of a sum (majority of a, b and not sum). */
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

/* a * b from four products of 32-bit halves:
 *
 *      a1 b1 | a1 b1 |   .   |   .
 *        .   | a0 b1 | a0 b1 |   .
 *        .   | a1 b0 | a1 b0 |   .
 *        .   |   .   | a0 b0 | a0 b0
 *
 * Because  middle sums one product, < 2^64 - 2^33 + 2, and two halves < 2^32: fits 64 bits. */
static inline uint64_t limb_mul_add(uint64_t a, uint64_t b, uint64_t c, uint64_t *carry)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t low = a0 * b0, cross = a1 * b0;
    uint64_t middle = a0 * b1 + (low >> 32) + (uint32_t)cross;
    uint64_t high = a1 * b1 + (cross >> 32) + (middle >> 32);
    uint64_t c1 = 0, c2 = 0;
    low = limb_add(middle << 32 | (uint32_t)low, c, &c1);
    low = limb_add(low, *carry, &c2);
    *carry = high + c1 + c2;
    return low;
}

#endif

#endif
