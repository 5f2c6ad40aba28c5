/* crypto/sha256_x86.c - SHA-256 with the SHA extensions of x86-64, on libsodium's own state.
 *
 * Implements  FIPS 180-4 §6.2.2 (the compression function), §5.1.1 (padding).
 * Trusts      these instructions to take the same time for all operands, as their makers say.
 * Secret      the state and the text, where a key is hashed; lengths are public.
 *
 * SHA256RNDS2 does two rounds on the eight working variables, kept as (A, B, E, F) and (C, D, G, H)
 * from the highest lane down: what two rounds leave in C, D, G, H is what A, B, E, F were, so the
 * two registers change places. SHA256MSG1 and SHA256MSG2 are the sigmas of the message schedule
 *
 *      W[t] = s1(W[t-2]) + W[t-7] + s0(W[t-15]) + W[t-16]
 *
 * for four t at once; W[t-7] comes from two neighbouring registers.
 */
#include "crypto/sha256_x86.h"

#include "crypto/cpu.h"
#include "crypto/wipe.h"

#if CPU_X86_64

#include <immintrin.h>
#include <string.h>

#define ACCELERATED __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

enum { BLOCK = 64 };

/* §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const _Alignas(16) uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

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
    const __m128i *k = (const __m128i *)(const void *)(K + 4 * i);
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
ACCELERATED static void compress_blocks(uint32_t state[8], const uint8_t *at, size_t count)
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

void sha256_update_x86(crypto_hash_sha256_state *s, struct bytes in)
{
    size_t used = s->count / 8 % BLOCK;
    s->count += (uint64_t)in.len * 8;
    if (used > 0) {
        size_t n = in.len < BLOCK - used ? in.len : BLOCK - used;
        memcpy(s->buf + used, in.at, n);
        if (used + n < BLOCK)
            return;
        compress_blocks(s->state, s->buf, 1);
        in = bytes_of(in.at + n, in.len - n);
    }
    compress_blocks(s->state, in.at, in.len / BLOCK);
    if (in.len % BLOCK > 0)
        memcpy(s->buf, in.at + in.len / BLOCK * BLOCK, in.len % BLOCK);
}

/* A one bit, zeros, and the length in bits in the last 8 bytes of a block (§5.1.1). */
void sha256_final_x86(crypto_hash_sha256_state *s, uint8_t out[32])
{
    size_t used = s->count / 8 % BLOCK;
    s->buf[used++] = 0x80;
    memset(s->buf + used, 0, BLOCK - used);
    if (used > BLOCK - 8) {
        compress_blocks(s->state, s->buf, 1);
        memset(s->buf, 0, BLOCK);
    }
    store_be64(s->buf + BLOCK - 8, s->count);
    compress_blocks(s->state, s->buf, 1);
    for (size_t i = 0; i < 8; i++)
        store_be32(out + 4 * i, s->state[i]);
    wipe(s, sizeof *s);
}

#endif
