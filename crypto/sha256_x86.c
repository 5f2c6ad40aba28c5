/* crypto/sha256_x86.c - SHA-256's compression with the SHA extensions of x86-64.
 *
 * Implements  FIPS 180-4 §6.2.2.
 * Trusts      these instructions to take the same time for all operands, as their makers say.
 * Secret      the state and the text, where a key is hashed.
 *
 * SHA256RNDS2 does two rounds on the eight working variables, kept as (A, B, E, F) and (C, D, G, H)
 * from the highest lane down: what two rounds leave in C, D, G, H is what A, B, E, F were, so the
 * two registers change places. SHA256MSG1 and SHA256MSG2 are the sigmas of the message schedule
 *
 *      W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]
 *
 * for four t at once; W[t-7] comes from two neighbouring registers.
 */
#include "crypto/sha256_fast.h"

#if CPU_X86_64

#include <immintrin.h>

#define ACCELERATED __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

enum { BLOCK = 64 };

/* Four words of the block, big-endian there. */
INLINE __m128i load_words(const uint8_t *at)
{
    const __m128i swap = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), swap);
}

/* The next four words of the schedule, which take the place of the oldest four. */
INLINE __m128i next_words(__m128i w16, __m128i w12, __m128i w8, __m128i w4)
{
    __m128i t = _mm_add_epi32(_mm_sha256msg1_epu32(w16, w12), _mm_alignr_epi8(w4, w8, 4));
    return _mm_sha256msg2_epu32(t, w4);
}

/* Four rounds, from round 4 i on. */
INLINE void rounds(__m128i *abef, __m128i *cdgh, __m128i w, size_t i)
{
    const __m128i *k = (const __m128i *)(const void *)(sha256_fast_K + 4 * i);
    __m128i t = _mm_add_epi32(w, _mm_load_si128(k));
    *cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, t);
    *abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(t, 0x0e));
}

INLINE void compress(__m128i *abef, __m128i *cdgh, const uint8_t *block)
{
    const __m128i abef_before = *abef, cdgh_before = *cdgh;
    __m128i w[4];
    for (size_t i = 0; i < 4; i++) {
        w[i] = load_words(block + 16 * i);
        rounds(abef, cdgh, w[i], i);
    }
    for (size_t i = 4; i < 16; i += 4) {
        w[0] = next_words(w[0], w[1], w[2], w[3]);
        rounds(abef, cdgh, w[0], i);
        w[1] = next_words(w[1], w[2], w[3], w[0]);
        rounds(abef, cdgh, w[1], i + 1);
        w[2] = next_words(w[2], w[3], w[0], w[1]);
        rounds(abef, cdgh, w[2], i + 2);
        w[3] = next_words(w[3], w[0], w[1], w[2]);
        rounds(abef, cdgh, w[3], i + 3);
    }
    *abef = _mm_add_epi32(*abef, abef_before);
    *cdgh = _mm_add_epi32(*cdgh, cdgh_before);
}

/* From a, b, c, d and e, f, g, h, lowest lane first, and back. */
ACCELERATED void sha256_fast_compress(uint32_t state[8], const uint8_t *at, size_t count)
{
    __m128i *out = (__m128i *)(void *)state;
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(out), 0xb1);          /* lanes: b a d c */
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(out + 1), 0x1b);      /* h g f e */
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);                         /* f e b a */
    __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);                      /* h g d c */
    for (; count > 0; count--, at += BLOCK)
        compress(&abef, &cdgh, at);
    __m128i abfe = _mm_shuffle_epi32(abef, 0x1b);                          /* a b e f */
    __m128i ghcd = _mm_shuffle_epi32(cdgh, 0xb1);                          /* g h c d */
    _mm_storeu_si128(out, _mm_blend_epi16(abfe, ghcd, 0xf0));              /* a b c d */
    _mm_storeu_si128(out + 1, _mm_alignr_epi8(ghcd, abfe, 8));             /* e f g h */
}

#endif
