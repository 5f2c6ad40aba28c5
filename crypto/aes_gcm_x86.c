/* crypto/aes_gcm_x86.c - AES-GCM with AES-NI and PCLMULQDQ.
 *
 * All of it is in crypto/aes_gcm_kernel.h; here is what a vector is.
 */
#include "crypto/aes_gcm.h"

#include "crypto/cpu.h"

#if CPU_X86_64

#include <immintrin.h>

/* Only these functions are compiled for the instructions; they run once cpu.c has found them. */
#define ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

enum { LANES = 1 };
typedef __m128i vec;
#define V_NOW(x) __asm__ volatile("" : "+x"(x))

INLINE vec v_load(const uint8_t *at) { return _mm_loadu_si128((const vec *)(const void *)at); }
INLINE void v_store(uint8_t *at, vec x) { _mm_storeu_si128((vec *)(void *)at, x); }
INLINE vec v_all(__m128i x) { return x; }
INLINE vec v_first(__m128i x) { return x; }
INLINE vec v_xor(vec a, vec b) { return _mm_xor_si128(a, b); }
INLINE vec v_add32(vec a, vec b) { return _mm_add_epi32(a, b); }
INLINE vec v_swap(vec x) { return _mm_shuffle_epi32(x, 0x4e); }
INLINE vec v_aesenc(vec x, vec key) { return _mm_aesenc_si128(x, key); }
INLINE vec v_aesenclast(vec x, vec key) { return _mm_aesenclast_si128(x, key); }
INLINE vec v_clmul_low(vec a, vec b) { return _mm_clmulepi64_si128(a, b, 0x00); }
INLINE vec v_clmul_high(vec a, vec b) { return _mm_clmulepi64_si128(a, b, 0x11); }
INLINE __m128i v_fold(vec x) { return x; }

INLINE vec v_reverse(vec x)
{
    return _mm_shuffle_epi8(x, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_aesni = {
    .name = "aesni", .needs = CPU_AES_NI, .init = init, .seal = seal, .open = open,
};

#endif
