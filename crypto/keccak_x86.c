/* crypto/keccak_x86.c - Keccak-f[1600] on four states at once, in AVX2's 256-bit vectors.
 *
 * Implements  FIPS 202 §3.3, by the rounds of crypto/keccak_round.h.
 * Secret      the states. The second state between rounds, registers, and what the compiler spills
 *             of them, are not wiped here.
 *
 * ML-KEM takes dozens of short outputs of SHAKE, all independent. There is no rotation in AVX2, so
 * this is not four times as fast as four single permutations, but three times.
 */
#include "crypto/keccak.h"

#include "crypto/cpu.h"

#if CPU_X86_64

typedef uint64_t word __attribute__((vector_size(32)));
#define INLINE static inline __attribute__((always_inline, target("avx2")))

#include "crypto/keccak_round.h"

__attribute__((target("avx2")))
void sponge4_permute_avx2(struct sponge4 *s)
{
    word *a = (word *)(void *)s->lane, b[KECCAK_LANES];
    for (size_t i = 0; i < 24; i += 2) {
        keccak_round(b, 1, a, 1, round_constant[i]);
        keccak_round(a, 1, b, 1, round_constant[i + 1]);
    }
}

#endif
