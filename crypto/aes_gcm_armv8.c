/* crypto/aes_gcm_armv8.c - AES-GCM with AESE, AESMC and PMULL of 64-bit ARMv8.
 *
 * All of it is in crypto/aes_gcm_kernel.h; here is what a block is, and a vector is one block.
 *
 * AESE is AddRoundKey, ShiftRows and SubBytes; AESMC is MixColumns. So a round adds the key before
 * it, and the last key is left for the end. Processors run the two as one instruction where they
 * stand side by side.
 */
#include "crypto/aes_gcm.h"

#include "crypto/cpu.h"

#if CPU_ARM64

#include "crypto/arm64.h"

#include <string.h>

typedef uint64x2_t block;
#define V_NOW(x) __asm__ volatile("" : "+w"(x))

INLINE block block_of(uint64_t high, uint64_t low)
{
    return vcombine_u64(vcreate_u64(low), vcreate_u64(high));
}

INLINE block block_swap(block x) { return vextq_u64(x, x, 1); }
INLINE block block_up(block x) { return vextq_u64(block_of(0, 0), x, 1); }
INLINE block block_down(block x) { return vextq_u64(x, block_of(0, 0), 1); }

INLINE block block_up_word(block x)
{
    return vreinterpretq_u64_u32(vextq_u32(vdupq_n_u32(0), vreinterpretq_u32_u64(x), 3));
}

/* The bytes of each half, then the halves. */
INLINE block block_reverse(block x)
{
    return block_swap(vreinterpretq_u64_u8(vrev64q_u8(vreinterpretq_u8_u64(x))));
}

INLINE block block_clmul_low(block a, block b)
{
    return vreinterpretq_u64_p128(vmull_p64((poly64_t)vgetq_lane_u64(a, 0),
                                            (poly64_t)vgetq_lane_u64(b, 0)));
}

INLINE block block_clmul_high(block a, block b)
{
    return vreinterpretq_u64_p128(vmull_high_p64(vreinterpretq_p64_u64(a),
                                                 vreinterpretq_p64_u64(b)));
}

INLINE uint8x16_t aese(block x, block key)
{
    return vaeseq_u8(vreinterpretq_u8_u64(x), vreinterpretq_u8_u64(key));
}

INLINE block block_sub_words(block x) { return vreinterpretq_u64_u8(aese(x, block_of(0, 0))); }

INLINE block block_aes_begin(block x, block key)
{
    (void)key;
    return x;
}

INLINE block block_aes_round(block x, block before, block key)
{
    (void)key;
    return vreinterpretq_u64_u8(vaesmcq_u8(aese(x, before)));
}

INLINE block block_aes_end(block x, block before, block key)
{
    return vreinterpretq_u64_u8(aese(x, before)) ^ key;
}

#include "crypto/aes_gcm_single.h"

#include "crypto/aes_gcm_kernel.h"

const struct aes_gcm aes_gcm_armv8 = {
    .name = "armv8", .needs = CPU_ARM_AES, .init = init, .seal = seal, .open = open,
};

#endif
