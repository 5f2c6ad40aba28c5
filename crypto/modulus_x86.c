/* crypto/modulus_x86.c - Montgomery multiplication of long numbers with MULX, ADCX and ADOX.
 *
 * Implements  modulus_multiply of crypto/modulus.c, row by row (Koc, Acar, Kaliski: coarsely
 *             integrated operand scanning).
 * Trusts      those instructions to take the same time for all operands, as their maker says.
 * Secret      all values and the modulus; never a length.
 *
 * A row adds x y to t. The low halves of the products are added on one carry chain (ADCX), the high
 * halves, one limb further up, on another (ADOX), and neither waits for the other:
 *
 *      t          ..     t3     t2     t1     t0
 *      low        ..    x y3   x y2   x y1   x y0       carries in CF
 *      high       ..    x y2   x y1   x y0              carries in OF
 *
 * which makes four instructions for each product where the columns in C take five or more. gcc
 * and clang do not use ADOX, so this is assembly: RSA signs in half the time with it.
 */
#include "crypto/modulus.h"

#include "crypto/cpu.h"
#include "crypto/wipe.h"

#if CPU_X86_64

#include <string.h>

/* One limb at `at` bytes: the sum of t, the low half, and the high half of the limb below. */
#define LIMB(at, high_below, high)               \
    "mulxq  " at "(%[y]), %[low], %[" high "]\n" \
    "adcxq  " at "(%[t]), %[low]\n"              \
    "adoxq  %[" high_below "], %[low]\n"         \
    "movq   %[low], " at "(%[t])\n"

/* t += x y over 8 `eights` limbs; returns what goes into the limb above.
 * Because  x y + t <= (2^64 - 1)(R - 1) + R - 1 < 2^64 R:  what is left is one limb
 * LEA and JRCXZ leave both carries alone, as no other way to end a loop does.
 */
__attribute__((always_inline))
static inline uint64_t add_row(uint64_t *t, uint64_t x, const uint64_t *y, size_t eights)
{
    uint64_t low, even, odd;
    __asm__("xorl   %k[even], %k[even]\n"        /* and CF = OF = 0 */
            "1:\n"
            LIMB("0", "even", "odd")
            LIMB("8", "odd", "even")
            LIMB("16", "even", "odd")
            LIMB("24", "odd", "even")
            LIMB("32", "even", "odd")
            LIMB("40", "odd", "even")
            LIMB("48", "even", "odd")
            LIMB("56", "odd", "even")
            "leaq   64(%[t]), %[t]\n"
            "leaq   64(%[y]), %[y]\n"
            "leaq   -1(%%rcx), %%rcx\n"
            "jrcxz  2f\n"
            "jmp    1b\n"
            "2:\n"
            "movl   $0, %k[low]\n"
            "adcxq  %[low], %[even]\n"
            "adoxq  %[low], %[even]\n"
            : [t] "+r"(t), [y] "+r"(y), [low] "=&r"(low), [even] "=&r"(even), [odd] "=&r"(odd),
              "+c"(eights)
            : "d"(x)
            : "cc", "memory");
    return even;
}

uint64_t modulus_add_row_adx(uint64_t *t, uint64_t x, const uint64_t *y, size_t limbs)
{
    return add_row(t, x, y, limbs / 8);
}

/* So gcc keeps a borrow in CF. */
#define UNROLL _Pragma("GCC unroll 8")

/* As in modulus.c: multiply. In each step a row of the product comes in, and the row of the modulus
 * that clears the lowest limb, which then is left behind.
 * Needs    a < R, b < m, m->limbs a multiple of 8
 * Because  t < 2 m before a step, and t + (2^64 - 1) b + (2^64 - 1) m < 2^64 2 m after it
 */
void modulus_multiply_adx(const struct modulus *m, uint64_t *out, const uint64_t *a,
                          const uint64_t *b)
{
    uint64_t t[2 * MODULUS_LIMBS_MAX + 1];
    size_t n = m->limbs;
    memset(t, 0, (n + 1) * sizeof *t);
    for (size_t i = 0; i < n; i++) {
        uint64_t carry = 0, again = 0;
        uint64_t high = add_row(t + i, a[i], b, n / 8);
        t[i + n] = limb_add(t[i + n], high, &carry);
        high = add_row(t + i, t[i] * m->minus_inverse, m->m, n / 8);
        t[i + n] = limb_add(t[i + n], high, &again);
        t[i + n + 1] = carry + again;
    }
    uint64_t borrow = 0;
    for (size_t i = 0; i < n; i += 8)
        UNROLL for (size_t j = i; j < i + 8; j++)
            out[j] = limb_sub(t[n + j], m->m[j], &borrow);
    (void)limb_sub(t[2 * n], 0, &borrow);          /* a borrow is left only if t is below m */
    ct_mask keep = 0 - ct_barrier(borrow);
    for (size_t i = 0; i < n; i += 8)
        UNROLL for (size_t j = i; j < i + 8; j++)
            out[j] = ct_select(keep, t[n + j], out[j]);
    wipe(t, (2 * n + 1) * sizeof *t);
}

#endif
