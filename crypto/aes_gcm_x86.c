/* crypto/aes_gcm_x86.c - AES-GCM with AES-NI and PCLMULQDQ.
 *
 * All of it is in crypto/aes_gcm_kernel.h; here is what a vector is: one block.
 */
#include "crypto/aes_gcm.h"

#include "crypto/cpu.h"

#if CPU_X86_64

#include <string.h>

/* Only these functions are compiled for the instructions; they run once cpu.c has found them. */
#define ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

#include "crypto/aes_gcm_x86.h"

#define V_NOW(x) __asm__ volatile("" : "+x"(x))

#include "crypto/aes_gcm_single.h"

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_aesni = {
    .name = "aesni", .needs = CPU_AES_NI, .init = init, .seal = seal, .open = open,
};

#endif
