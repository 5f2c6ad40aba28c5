/* crypto/ct.c - comparing and choosing whole byte strings by mask. */
#include "crypto/ct.h"

#include "crypto/cpu.h"

void ct_select_bytes(ct_mask m, uint8_t *out, const uint8_t *yes, const uint8_t *no, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)ct_select(m, yes[i], no[i]);
}

ct_mask ct_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    uint64_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference |= (uint64_t)(a[i] ^ b[i]);
    return ct_is_zero(difference);
}

void ct_look_up_plain(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                      uint64_t index)
{
    for (size_t i = 0; i < limbs; i++)
        out[i] = 0;
    for (size_t k = 0; k < count; k++, table += limbs) {
        ct_mask here = ct_is_equal(k, index);
        for (size_t i = 0; i < limbs; i++)
            out[i] |= table[i] & here;
    }
}

void ct_look_up(uint64_t *out, const uint64_t *table, size_t limbs, size_t count, uint64_t index)
{
#if CPU_X86_64
    if (cpu_supports(CPU_AVX2)) {
        ct_look_up_avx2(out, table, limbs, count, index);
        return;
    }
#endif
    ct_look_up_plain(out, table, limbs, count, index);
}
