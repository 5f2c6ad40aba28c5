/* tests/aes_gcm_emulated.c - a 512-bit vector as four of 128: see aes_gcm_emulated.h.
 *
 * What is not tested by this are the operations at the top of crypto/aes_gcm_vaes512.c:
 * tests/avx512 runs those.
 */
#include "tests/aes_gcm_emulated.h"

#include "crypto/cpu.h"

#if CPU_X86_64

#include <immintrin.h>

#define ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1")))
#define INLINE      static inline ACCELERATED
#define OPERATION   static ACCELERATED __attribute__((noinline))    /* or sanitizers take minutes */

#include "crypto/aes_gcm_x86.h"

enum { LANES = 4 };
typedef struct { block lane[LANES]; } vec;
#define V_NOW(x) ((void)0)

#define LANE_BY_LANE(call)              \
    vec out;                            \
    for (int i = 0; i < LANES; i++)     \
        out.lane[i] = call;             \
    return out

OPERATION vec v_load(const uint8_t *at)
{
    LANE_BY_LANE(_mm_loadu_si128((const block *)(const void *)at + i));
}

OPERATION void v_store(uint8_t *at, vec x)
{
    for (int i = 0; i < LANES; i++)
        _mm_storeu_si128((block *)(void *)at + i, x.lane[i]);
}

OPERATION vec v_all(block x) { LANE_BY_LANE(x); }
OPERATION vec v_first(block x) { LANE_BY_LANE(i == 0 ? x : block_of(0, 0)); }
OPERATION vec v_xor(vec a, vec b) { LANE_BY_LANE(a.lane[i] ^ b.lane[i]); }
OPERATION vec v_add32(vec a, vec b) { LANE_BY_LANE(_mm_add_epi32(a.lane[i], b.lane[i])); }
OPERATION vec v_reverse(vec x) { LANE_BY_LANE(block_reverse(x.lane[i])); }
OPERATION vec v_swap(vec x) { LANE_BY_LANE(block_swap(x.lane[i])); }
OPERATION vec v_clmul_low(vec a, vec b) { LANE_BY_LANE(block_clmul_low(a.lane[i], b.lane[i])); }
OPERATION vec v_clmul_high(vec a, vec b) { LANE_BY_LANE(block_clmul_high(a.lane[i], b.lane[i])); }
OPERATION vec v_aes_begin(vec x, vec key) { LANE_BY_LANE(block_aes_begin(x.lane[i], key.lane[i])); }

OPERATION vec v_aes_round(vec x, vec before, vec key)
{
    LANE_BY_LANE(block_aes_round(x.lane[i], before.lane[i], key.lane[i]));
}

OPERATION vec v_aes_end(vec x, vec before, vec key)
{
    LANE_BY_LANE(block_aes_end(x.lane[i], before.lane[i], key.lane[i]));
}

OPERATION block v_fold(vec x) { return x.lane[0] ^ x.lane[1] ^ x.lane[2] ^ x.lane[3]; }

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_emulated512 = {
    .name = "vaes512, emulated", .needs = CPU_AES_NI, .init = init, .seal = seal, .open = open,
};

#endif
