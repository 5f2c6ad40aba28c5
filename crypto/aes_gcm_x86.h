/* crypto/aes_gcm_x86.h - what a block is on x86-64, for crypto/aes_gcm_kernel.h, which says what
 * each operation does. The file that includes it has defined INLINE.
 */
#ifndef SEALPOST_CRYPTO_AES_GCM_X86_H
#define SEALPOST_CRYPTO_AES_GCM_X86_H

#include <immintrin.h>
#include <stdint.h>

typedef __m128i block;

INLINE block block_of(uint64_t high, uint64_t low)
{
    return _mm_set_epi64x((long long)high, (long long)low);
}

INLINE block block_reverse(block x)
{
    return _mm_shuffle_epi8(x, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

INLINE block block_swap(block x) { return _mm_shuffle_epi32(x, 0x4e); }
INLINE block block_up(block x) { return _mm_slli_si128(x, 8); }
INLINE block block_up_word(block x) { return _mm_slli_si128(x, 4); }
INLINE block block_down(block x) { return _mm_srli_si128(x, 8); }
INLINE block block_clmul_low(block a, block b) { return _mm_clmulepi64_si128(a, b, 0x00); }
INLINE block block_clmul_high(block a, block b) { return _mm_clmulepi64_si128(a, b, 0x11); }
INLINE block block_sub_words(block x) { return _mm_aesenclast_si128(x, _mm_setzero_si128()); }
INLINE block block_aes_begin(block x, block key) { return _mm_xor_si128(x, key); }

INLINE block block_aes_round(block x, block before, block key)
{
    (void)before;
    return _mm_aesenc_si128(x, key);
}

INLINE block block_aes_end(block x, block before, block key)
{
    (void)before;
    return _mm_aesenclast_si128(x, key);
}

#endif
