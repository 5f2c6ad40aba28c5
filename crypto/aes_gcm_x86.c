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

#include "crypto/aes_gcm_x86.h"

enum { LANES = 1 };
typedef block vec;
#define V_NOW(x) __asm__ volatile("" : "+x"(x))

INLINE vec v_load(const uint8_t *at) { return _mm_loadu_si128((const vec *)(const void *)at); }
INLINE void v_store(uint8_t *at, vec x) { _mm_storeu_si128((vec *)(void *)at, x); }
INLINE vec v_all(block x) { return x; }
INLINE vec v_first(block x) { return x; }
INLINE vec v_xor(vec a, vec b) { return a ^ b; }
INLINE vec v_add32(vec a, vec b) { return _mm_add_epi32(a, b); }
INLINE vec v_reverse(vec x) { return block_reverse(x); }
INLINE vec v_swap(vec x) { return block_swap(x); }
INLINE vec v_clmul_low(vec a, vec b) { return block_clmul_low(a, b); }
INLINE vec v_clmul_high(vec a, vec b) { return block_clmul_high(a, b); }
INLINE vec v_aes_begin(vec x, vec key) { return block_aes_begin(x, key); }
INLINE vec v_aes_round(vec x, vec before, vec key) { return block_aes_round(x, before, key); }
INLINE vec v_aes_end(vec x, vec before, vec key) { return block_aes_end(x, before, key); }
INLINE block v_fold(vec x) { return x; }

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_aesni = {
    .name = "aesni", .needs = CPU_AES_NI, .init = init, .seal = seal, .open = open,
};

#endif
