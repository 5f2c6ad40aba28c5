/* crypto/sha256_armv8.c - SHA-256's compression with the SHA-2 instructions of 64-bit ARMv8.
 *
 * Implements  FIPS 180-4 §6.2.2.
 * Trusts      these instructions to take the same time for all operands, as their maker says.
 * Secret      the state and the text, where a key is hashed.
 *
 * SHA256H does four rounds and gives the new A, B, C, D; SHA256H2 the same four for E, F, G, H.
 * SHA256SU0 and SHA256SU1 are the sigmas of the message schedule
 *
 *      W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]
 *
 * for four t at once.
 */
#include "crypto/sha256_fast.h"

#if CPU_ARM64

#include "crypto/arm64.h"

enum { BLOCK = 64 };

/* Four words of the block, big-endian there. */
INLINE uint32x4_t load_words(const uint8_t *at)
{
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(at)));
}

/* Four rounds, from round 4 i on. */
INLINE void rounds(uint32x4_t *abcd, uint32x4_t *efgh, uint32x4_t w, size_t i)
{
    const uint32x4_t before = *abcd, t = vaddq_u32(w, vld1q_u32(sha256_fast_K + 4 * i));
    *abcd = vsha256hq_u32(before, *efgh, t);
    *efgh = vsha256h2q_u32(*efgh, before, t);
}

/* The next four words of the schedule, which take the place of the oldest four. */
INLINE uint32x4_t next_words(uint32x4_t w16, uint32x4_t w12, uint32x4_t w8, uint32x4_t w4)
{
    return vsha256su1q_u32(vsha256su0q_u32(w16, w12), w8, w4);
}

INLINE void compress(uint32x4_t *abcd, uint32x4_t *efgh, const uint8_t *block)
{
    const uint32x4_t abcd_before = *abcd, efgh_before = *efgh;
    uint32x4_t w[4];
    for (size_t i = 0; i < 4; i++) {
        w[i] = load_words(block + 16 * i);
        rounds(abcd, efgh, w[i], i);
    }
    for (size_t i = 4; i < 16; i += 4) {
        w[0] = next_words(w[0], w[1], w[2], w[3]);
        rounds(abcd, efgh, w[0], i);
        w[1] = next_words(w[1], w[2], w[3], w[0]);
        rounds(abcd, efgh, w[1], i + 1);
        w[2] = next_words(w[2], w[3], w[0], w[1]);
        rounds(abcd, efgh, w[2], i + 2);
        w[3] = next_words(w[3], w[0], w[1], w[2]);
        rounds(abcd, efgh, w[3], i + 3);
    }
    *abcd = vaddq_u32(*abcd, abcd_before);
    *efgh = vaddq_u32(*efgh, efgh_before);
}

ACCELERATED void sha256_fast_compress(uint32_t state[8], const uint8_t *at, size_t count)
{
    uint32x4_t abcd = vld1q_u32(state), efgh = vld1q_u32(state + 4);
    for (; count > 0; count--, at += BLOCK)
        compress(&abcd, &efgh, at);
    vst1q_u32(state, abcd);
    vst1q_u32(state + 4, efgh);
}

#endif
