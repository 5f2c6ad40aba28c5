/* crypto/ct_x86.c - ct_look_up with AVX2: four limbs at a time, the mask made where it is used.
 *
 * It reads a table of P-256 (32 entries of 64 bytes) in a fifth of the instructions of the plain
 * one. A signature reads 88 of them.
 */
#include "crypto/cpu.h"
#include "crypto/ct.h"

#if CPU_X86_64

#include <immintrin.h>

#define ACCELERATED __attribute__((target("avx2")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

/* Eight limbs of the entry, of which the first is at `table`. */
INLINE void columns_8(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                      __m256i index)
{
    __m256i a = _mm256_setzero_si256(), b = a, k = a;
    for (; count > 0; count--, table += limbs) {
        const __m256i *at = (const __m256i *)(const void *)table;
        __m256i here = _mm256_cmpeq_epi64(k, index);
        a = _mm256_or_si256(a, _mm256_and_si256(here, _mm256_loadu_si256(at)));
        b = _mm256_or_si256(b, _mm256_and_si256(here, _mm256_loadu_si256(at + 1)));
        k = _mm256_add_epi64(k, _mm256_set1_epi64x(1));
    }
    _mm256_storeu_si256((__m256i *)(void *)out, a);
    _mm256_storeu_si256((__m256i *)(void *)out + 1, b);
}

/* The last 1 to 7, of which the first four or fewer: others are neither read nor written. */
INLINE void columns_4(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                      __m256i index, size_t columns)
{
    __m256i a = _mm256_setzero_si256(), k = a;
    __m256i some = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)columns),
                                      _mm256_set_epi64x(3, 2, 1, 0));
    for (; count > 0; count--, table += limbs) {
        __m256i entry = _mm256_maskload_epi64((const long long *)(const void *)table, some);
        a = _mm256_or_si256(a, _mm256_and_si256(_mm256_cmpeq_epi64(k, index), entry));
        k = _mm256_add_epi64(k, _mm256_set1_epi64x(1));
    }
    _mm256_maskstore_epi64((long long *)(void *)out, some, a);
}

ACCELERATED void ct_look_up_avx2(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                                 uint64_t index)
{
    __m256i wanted = _mm256_set1_epi64x((long long)index);
    size_t i = 0;
    for (; i + 8 <= limbs; i += 8)
        columns_8(out + i, table + i, limbs, count, wanted);
    for (; i < limbs; i += 4)
        columns_4(out + i, table + i, limbs, count, wanted, limbs - i);
}

#endif
