/* tests/aes_gcm_emulated.c - a 512-bit vector as four of 128: see aes_gcm_emulated.h.
 *
 * What is not tested by this are the operations at the top of crypto/aes_gcm_vaes512.c.
 */
#include "tests/aes_gcm_emulated.h"

#include "crypto/cpu.h"

#if CPU_X86_64

#include <immintrin.h>

#define ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1")))
#define INLINE      static inline ACCELERATED
#define OPERATION   static ACCELERATED __attribute__((noinline))    /* or sanitizers take minutes */

enum { LANES = 4 };
typedef struct { __m128i lane[LANES]; } vec;
#define V_NOW(x) ((void)0)

#define LANE_BY_LANE(call)              \
    vec out;                            \
    for (int i = 0; i < LANES; i++)     \
        out.lane[i] = call;             \
    return out

OPERATION vec v_load(const uint8_t *at)
{
    LANE_BY_LANE(_mm_loadu_si128((const __m128i *)(const void *)at + i));
}

OPERATION void v_store(uint8_t *at, vec x)
{
    for (int i = 0; i < LANES; i++)
        _mm_storeu_si128((__m128i *)(void *)at + i, x.lane[i]);
}

OPERATION vec v_all(__m128i x) { LANE_BY_LANE(x); }
OPERATION vec v_first(__m128i x) { LANE_BY_LANE(i == 0 ? x : _mm_setzero_si128()); }
OPERATION vec v_xor(vec a, vec b) { LANE_BY_LANE(_mm_xor_si128(a.lane[i], b.lane[i])); }
OPERATION vec v_add32(vec a, vec b) { LANE_BY_LANE(_mm_add_epi32(a.lane[i], b.lane[i])); }
OPERATION vec v_swap(vec x) { LANE_BY_LANE(_mm_shuffle_epi32(x.lane[i], 0x4e)); }
OPERATION vec v_aesenc(vec x, vec k) { LANE_BY_LANE(_mm_aesenc_si128(x.lane[i], k.lane[i])); }

OPERATION vec v_aesenclast(vec x, vec k)
{
    LANE_BY_LANE(_mm_aesenclast_si128(x.lane[i], k.lane[i]));
}

OPERATION vec v_clmul_low(vec a, vec b)
{
    LANE_BY_LANE(_mm_clmulepi64_si128(a.lane[i], b.lane[i], 0x00));
}

OPERATION vec v_clmul_high(vec a, vec b)
{
    LANE_BY_LANE(_mm_clmulepi64_si128(a.lane[i], b.lane[i], 0x11));
}

OPERATION vec v_reverse(vec x)
{
    const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    LANE_BY_LANE(_mm_shuffle_epi8(x.lane[i], order));
}

OPERATION __m128i v_fold(vec x)
{
    return _mm_xor_si128(_mm_xor_si128(x.lane[0], x.lane[1]),
                         _mm_xor_si128(x.lane[2], x.lane[3]));
}

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_emulated512 = {
    .name = "vaes512, emulated", .needs = CPU_AES_NI, .init = init, .seal = seal, .open = open,
};

#endif
