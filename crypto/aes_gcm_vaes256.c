/* crypto/aes_gcm_vaes256.c - AES-GCM with VAES and VPCLMULQDQ on 256-bit registers.
 *
 * All of it is in crypto/aes_gcm_kernel.h; here is what a vector is.
 */
#include "crypto/aes_gcm.h"

#include "crypto/cpu.h"

#if CPU_X86_64

#include <immintrin.h>

/* Only these functions are compiled for the instructions; they run once cpu.c has found them. */
#define ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1,avx2,vaes,vpclmulqdq")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

#include "crypto/aes_gcm_x86.h"

enum { LANES = 2 };
typedef __m256i vec;
#define V_NOW(x) __asm__ volatile("" : "+x"(x))

INLINE vec v_load(const uint8_t *at) { return _mm256_loadu_si256((const vec *)(const void *)at); }
INLINE void v_store(uint8_t *at, vec x) { _mm256_storeu_si256((vec *)(void *)at, x); }
INLINE vec v_all(block x) { return _mm256_broadcastsi128_si256(x); }
INLINE vec v_first(block x) { return _mm256_zextsi128_si256(x); }
INLINE vec v_xor(vec a, vec b) { return a ^ b; }
INLINE vec v_add32(vec a, vec b) { return _mm256_add_epi32(a, b); }
INLINE vec v_swap(vec x) { return _mm256_shuffle_epi32(x, 0x4e); }
INLINE vec v_clmul_low(vec a, vec b) { return _mm256_clmulepi64_epi128(a, b, 0x00); }
INLINE vec v_clmul_high(vec a, vec b) { return _mm256_clmulepi64_epi128(a, b, 0x11); }

INLINE vec v_aes_begin(vec x, vec key) { return x ^ key; }

INLINE vec v_aes_round(vec x, vec before, vec key)
{
    (void)before;
    return _mm256_aesenc_epi128(x, key);
}

INLINE vec v_aes_end(vec x, vec before, vec key)
{
    (void)before;
    return _mm256_aesenclast_epi128(x, key);
}

INLINE vec v_reverse(vec x)
{
    const block order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm256_shuffle_epi8(x, v_all(order));
}

INLINE block v_fold(vec x)
{
    return _mm_xor_si128(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
}

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_vaes256 = {
    .name = "vaes256", .needs = CPU_VAES256, .init = init, .seal = seal, .open = open,
};

#endif
