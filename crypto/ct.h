/* crypto/ct.h - secret yes/no values as masks, and marks that let a test prove the discipline.
 *
 * A secret condition is never a bool: it is a ct_mask, all ones for yes and zero for no, and is
 * used with `&` and ct_select. ct_barrier keeps the compiler from turning masks back into
 * branches.
 *
 * ct_secret marks bytes as secret and ct_public releases them. In a normal build both are
 * nothing; built with -DCT_VALGRIND the bytes become undefined memory to valgrind's memcheck,
 * which then reports each branch and each index that depends on one (`make ctcheck`).
 * Every ct_public says why its value may be known.
 */
#ifndef SEALPOST_CRYPTO_CT_H
#define SEALPOST_CRYPTO_CT_H

#include "crypto/bytes.h"

#ifdef CT_VALGRIND
#include <valgrind/memcheck.h>
static inline void ct_secret(const void *p, size_t n) { (void)VALGRIND_MAKE_MEM_UNDEFINED(p, n); }
static inline void ct_public(const void *p, size_t n) { (void)VALGRIND_MAKE_MEM_DEFINED(p, n); }
#else
static inline void ct_secret(const void *p, size_t n) { (void)p; (void)n; }
static inline void ct_public(const void *p, size_t n) { (void)p; (void)n; }
#endif

typedef uint64_t ct_mask;                                /* all ones: yes; zero: no */

static inline uint64_t ct_barrier(uint64_t x)
{
    __asm__("" : "+r"(x));
    return x;
}

static inline ct_mask ct_is_zero(uint64_t x)
{
    return 0 - ct_barrier((~x & (x - 1)) >> 63);
}

static inline ct_mask ct_is_equal(uint64_t a, uint64_t b)
{
    return ct_is_zero(a ^ b);
}

static inline uint64_t ct_select(ct_mask m, uint64_t yes, uint64_t no)
{
    return no ^ (m & (yes ^ no));
}

/* out = yes or no, byte for byte; `out` may be either. */
void ct_select_bytes(ct_mask m, uint8_t *out, const uint8_t *yes, const uint8_t *no, size_t len);

/* All ones if the `len` bytes are the same; timing depends on `len` only. */
ct_mask ct_equal(const uint8_t *a, const uint8_t *b, size_t len);

/* out = table[index], where an entry has `limbs` 64-bit words; all `count` entries are read, so
 * that the cache sees nothing of the index. `out` may not be in the table. */
void ct_look_up(uint64_t *out, const uint64_t *table, size_t limbs, size_t count, uint64_t index);

/* How it is done: in plain C, and by instructions that cpu_supports(CPU_AVX2) asks for (on x86-64
 * only). For tests; everyone else leaves the choice to ct_look_up. */
void ct_look_up_plain(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                      uint64_t index);
void ct_look_up_avx2(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                     uint64_t index);

/* The mask as a bool, for a verdict that is public from here on. */
static inline bool ct_verdict(ct_mask m)
{
    ct_public(&m, sizeof m);
    return m != 0;
}

#endif
