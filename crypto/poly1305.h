/* crypto/poly1305.h - the one-time authenticator Poly1305, for a cipher that computes it beside its
 * own rounds: crypto/chacha20_poly1305_x86.c. All of it is in-line, so that the accumulator stays in
 * registers. (Where libsodium encrypts, it authenticates, too.)
 *
 * Implements  RFC 8439 §2.5, on texts that are padded to whole blocks (§2.8).
 * Secret      everything but lengths.
 *
 * The text is cut into blocks of 16 bytes; each is a number x below 2^128 (little-endian) to which
 * 2^128 is added. With P = 2^130 - 5, the tag is
 *
 *      ((x1 r^n + x2 r^(n-1) + ... + xn r) mod P) + s  mod 2^128
 *
 * by Horner's rule: a = a r + x for each block, and a = a r at the end. (The RFC says a = (a + x) r.
 * Here the block is added where the processor would wait for a carry.)
 */
#ifndef SEALPOST_CRYPTO_POLY1305_H
#define SEALPOST_CRYPTO_POLY1305_H

#include "crypto/limb.h"

#include <string.h>

#ifdef __SIZEOF_INT128__

#define POLY1305_INLINE static inline __attribute__((always_inline))
__extension__ typedef unsigned __int128 poly1305_pair;

enum { POLY1305_BLOCK = 16, POLY1305_KEY_LEN = 32, POLY1305_TAG_LEN = 16 };

/* Secret. Wiped by its owner. */
struct poly1305 {
    uint64_t a0, a1, a2;                /* a = a0 + 2^64 a1 + 2^128 a2 */
    uint64_t r0, r1, q;                 /* r = r0 + 2^64 r1;  q = 5/4 r1 */
    uint64_t s0, s1;
};

/* §2.5.1: "clamping" leaves r0 and r1 below 2^60, and r1 a multiple of 4. */
POLY1305_INLINE void poly1305_init(struct poly1305 *p, const uint8_t key[POLY1305_KEY_LEN])
{
    uint64_t r1 = load_le64(key + 8) & 0x0ffffffc0ffffffc;
    *p = (struct poly1305){
        .r0 = load_le64(key) & 0x0ffffffc0fffffff, .r1 = r1, .q = r1 + (r1 >> 2),
        .s0 = load_le64(key + 16), .s1 = load_le64(key + 24),
    };
}

/* a = a r + x mod P, not fully reduced, for x = x0 + 2^64 x1 + 2^128 x2.
 *
 *                 2^192    2^128     2^64        1
 *      a0 r                        a0 r1    a0 r0          2^128 a1 r1 = 2^130 a1 r1/4 = a1 q
 *      a1 r               a1 r1    a1 r0                   2^192 a2 r1 = 2^64 a2 q
 *      a2 r      a2 r1    a2 r0
 *                            d2       d1       d0
 *
 * Needs    a2 <= 6, x2 <= 1
 * Because  d0 = a0 r0 + a1 q < 9/4 2^124;  so e = a2 q + upper half of d0 < 10 2^60, one limb
 *          d1 = a0 r1 + a1 r0 + e: upper half < 2^61;  so d2 < 6 2^60 + 2^61 + 2 = 2^63 + 2
 *          d2 = 4 c + its two lowest bits, and 2^128 4 c = 5 c mod P;  5 c <= 5/4 d2 < 2^64
 * Gives    a2 <= 3 + x2 + two carries <= 5 + x2
 */
POLY1305_INLINE void poly1305_step(struct poly1305 *p, uint64_t x0, uint64_t x1, uint64_t x2)
{
    poly1305_pair sum_0 = (poly1305_pair)p->a0 * p->r0 + (poly1305_pair)p->a1 * p->q;
    poly1305_pair sum_1 = (poly1305_pair)p->a0 * p->r1 + (poly1305_pair)p->a1 * p->r0;
    uint64_t carry = 0, d0 = (uint64_t)sum_0, e = p->a2 * p->q + (uint64_t)(sum_0 >> 64);
    uint64_t d2 = p->a2 * p->r0 + (uint64_t)(sum_1 >> 64);
    uint64_t d1 = limb_add((uint64_t)sum_1, e, &carry);
    d2 = limb_add(d2, 0, &carry);

    uint64_t five_c = (d2 & ~UINT64_C(3)) + (d2 >> 2);
    d2 &= 3;
    carry = 0;
    d0 = limb_add(d0, x0, &carry);
    d1 = limb_add(d1, x1, &carry);
    d2 = limb_add(d2, x2, &carry);
    carry = 0;
    p->a0 = limb_add(d0, five_c, &carry);
    p->a1 = limb_add(d1, 0, &carry);
    p->a2 = limb_add(d2, 0, &carry);
}

POLY1305_INLINE void poly1305_block(struct poly1305 *p, const uint8_t at[POLY1305_BLOCK])
{
    poly1305_step(p, load_le64(at), load_le64(at + 8), 1);
}

/* All of `text`, and zeros up to a whole block: §2.8. */
POLY1305_INLINE void poly1305_padded(struct poly1305 *mac, struct bytes text)
{
    struct poly1305 p = *mac;                           /* in registers */
    uint8_t last[POLY1305_BLOCK] = { 0 };
    for (; text.len >= POLY1305_BLOCK; text.at += POLY1305_BLOCK, text.len -= POLY1305_BLOCK)
        poly1305_block(&p, text.at);
    if (text.len > 0) {
        memcpy(last, text.at, text.len);
        poly1305_block(&p, last);
    }
    *mac = p;
}

/* Because  a < 6 2^128 < 2 P after the last step:  a mod P is a, or a - P = a + 5 - 2^130 if that is
 *          not negative, which is when a + 5 reaches 2^130 */
POLY1305_INLINE void poly1305_final(struct poly1305 *p, uint8_t tag[POLY1305_TAG_LEN])
{
    uint64_t carry = 0;
    poly1305_step(p, 0, 0, 0);
    uint64_t b0 = limb_add(p->a0, 5, &carry), b1 = limb_add(p->a1, 0, &carry);
    ct_mask reduce = 0 - ct_barrier((p->a2 + carry) >> 2);
    carry = 0;
    uint64_t t0 = limb_add(ct_select(reduce, b0, p->a0), p->s0, &carry);
    uint64_t t1 = limb_add(ct_select(reduce, b1, p->a1), p->s1, &carry);
    store_le64(tag, t0);
    store_le64(tag + 8, t1);
}

#endif
#endif
