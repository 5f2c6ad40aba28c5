/* crypto/ct.c - comparing and choosing whole byte strings by mask. */
#include "crypto/ct.h"

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

ct_mask ct_all_zero(const uint8_t *a, size_t len)
{
    uint64_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= a[i];
    return ct_is_zero(any);
}
