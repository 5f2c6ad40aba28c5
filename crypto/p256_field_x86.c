/* crypto/p256_field_x86.c - multiplication in P-256's field with the instructions MULX, ADCX, ADOX.
 *
 * Implements  p256_field_mul and p256_field_square of p256_field.c, by the same steps.
 * Trusts      those instructions to take the same time for all operands, as their maker says.
 * Secret      every value.
 *
 * A row of a product is added in two chains, low halves and high halves. On most processors each
 * chain needs the carry flag for itself, and compilers save and restore it in between. ADCX takes
 * its carry from CF and ADOX from OF, and MULX touches neither, so that here both run side by
 * side. No compiler that we know writes ADOX by itself; this, in assembly, is 1.7 times as fast as
 * what gcc makes of the C beside it (Zen 3, 41 instead of 68 cycles).
 */
#include "crypto/p256_field.h"

#include "crypto/cpu.h"

#if CPU_X86_64

/* t4 .. t0 += x b, where x is in rdx; t5 becomes 0.
 * Because  t < 2 p and x b < 2^64 p:  the sum fits five limbs, and no carry leaves t4
 */
#define ADD_ROW(b, t0, t1, t2, t3, t4, t5)       \
    "xorl   %k[" t5 "], %k[" t5 "]\n"            /* and CF = OF = 0 */ \
    "mulxq  0(%[" b "]), %[lo], %[hi]\n"         \
    "adcxq  %[lo], %[" t0 "]\n"                  \
    "adoxq  %[hi], %[" t1 "]\n"                  \
    "mulxq  8(%[" b "]), %[lo], %[hi]\n"         \
    "adcxq  %[lo], %[" t1 "]\n"                  \
    "adoxq  %[hi], %[" t2 "]\n"                  \
    "mulxq  16(%[" b "]), %[lo], %[hi]\n"        \
    "adcxq  %[lo], %[" t2 "]\n"                  \
    "adoxq  %[hi], %[" t3 "]\n"                  \
    "mulxq  24(%[" b "]), %[lo], %[hi]\n"        \
    "adcxq  %[lo], %[" t3 "]\n"                  \
    "adoxq  %[hi], %[" t4 "]\n"                  \
    "adcxq  %[" t5 "], %[" t4 "]\n"

/* p256_field.c: reduce_step, with u = t0; what is left is in t4 .. t1. The carry is in CF. */
#define REDUCE(t0, t1, t2, t3, t4)               \
    "movq   %[" t0 "], %%rdx\n"                  \
    "movq   %[" t0 "], %[lo]\n"                  \
    "movq   %[" t0 "], %[hi]\n"                  \
    "shlq   $32, %[lo]\n"                        \
    "shrq   $32, %[hi]\n"                        \
    "addq   %[lo], %[" t1 "]\n"                  \
    "adcq   %[hi], %[" t2 "]\n"                  \
    "mulxq  %[p3], %[lo], %[hi]\n"               \
    "adcq   %[lo], %[" t3 "]\n"                  \
    "adcq   %[hi], %[" t4 "]\n"

/* t3 .. t0 less p, unless that is negative; t4 is a bit more on top. Spoils t4, t5, lo, hi, rdx. */
#define SUBTRACT_ONCE(t0, t1, t2, t3, t4, t5)    \
    "movq   %[" t0 "], %[lo]\n"                  \
    "movq   %[" t1 "], %[hi]\n"                  \
    "movq   %[" t2 "], %%rdx\n"                  \
    "movq   %[" t3 "], %[" t5 "]\n"              \
    "subq   $-1, %[" t0 "]\n"                    \
    "sbbq   %[p1], %[" t1 "]\n"                  \
    "sbbq   $0, %[" t2 "]\n"                     \
    "sbbq   %[p3], %[" t3 "]\n"                  \
    "sbbq   $0, %[" t4 "]\n"                     \
    "cmovcq %[lo], %[" t0 "]\n"                  \
    "cmovcq %[hi], %[" t1 "]\n"                  \
    "cmovcq %%rdx, %[" t2 "]\n"                  \
    "cmovcq %[" t5 "], %[" t3 "]\n"

static const uint64_t p1 = P256_P1, p3 = P256_P3;

/* p256_field.c: mul_row four times. The names of t0 .. t5 move on by one with each row. */
void p256_field_mul_adx(struct p256_field *out, const struct p256_field *a,
                        const struct p256_field *b)
{
    uint64_t t0, t1, t2, t3, t4, t5, lo, hi;
    __asm__("movq   0(%[a]), %%rdx\n"
            "xorl   %k[t0], %k[t0]\n"
            "xorl   %k[t1], %k[t1]\n"
            "xorl   %k[t2], %k[t2]\n"
            "xorl   %k[t3], %k[t3]\n"
            "xorl   %k[t4], %k[t4]\n"
            ADD_ROW("b", "t0", "t1", "t2", "t3", "t4", "t5")
            REDUCE("t0", "t1", "t2", "t3", "t4")
            "adcq   $0, %[t5]\n"
            "movq   8(%[a]), %%rdx\n"
            ADD_ROW("b", "t1", "t2", "t3", "t4", "t5", "t0")
            REDUCE("t1", "t2", "t3", "t4", "t5")
            "adcq   $0, %[t0]\n"
            "movq   16(%[a]), %%rdx\n"
            ADD_ROW("b", "t2", "t3", "t4", "t5", "t0", "t1")
            REDUCE("t2", "t3", "t4", "t5", "t0")
            "adcq   $0, %[t1]\n"
            "movq   24(%[a]), %%rdx\n"
            ADD_ROW("b", "t3", "t4", "t5", "t0", "t1", "t2")
            REDUCE("t3", "t4", "t5", "t0", "t1")
            "adcq   $0, %[t2]\n"
            SUBTRACT_ONCE("t4", "t5", "t0", "t1", "t2", "t3")
            : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4),
              [t5] "=&r"(t5), [lo] "=&r"(lo), [hi] "=&r"(hi)
            : [a] "r"(a->limb), [b] "r"(b->limb), [p1] "m"(p1), [p3] "m"(p3), "m"(*a), "m"(*b)
            : "rdx", "cc");
    out->limb[0] = t4;
    out->limb[1] = t5;
    out->limb[2] = t0;
    out->limb[3] = t1;
}

/* The six products that occur twice, doubled while the squares come in on the other chain; then
 * four steps of reduction, and the upper half joins (p256_field_square in p256_field.c). */
void p256_field_square_adx(struct p256_field *out, const struct p256_field *a)
{
    uint64_t t0, t1, t2, t3, t4, t5, t6, t7, lo, hi;
    __asm__("movq   0(%[a]), %%rdx\n"
            "mulxq  8(%[a]), %[t1], %[t2]\n"             /* a0 a1 */
            "mulxq  16(%[a]), %[lo], %[t3]\n"            /* a0 a2 */
            "addq   %[lo], %[t2]\n"
            "mulxq  24(%[a]), %[lo], %[t4]\n"            /* a0 a3 */
            "adcq   %[lo], %[t3]\n"
            "movq   24(%[a]), %%rdx\n"
            "mulxq  8(%[a]), %[lo], %[t5]\n"             /* a1 a3 */
            "adcq   %[lo], %[t4]\n"
            "mulxq  16(%[a]), %[lo], %[t6]\n"            /* a2 a3 */
            "adcq   %[lo], %[t5]\n"
            "adcq   $0, %[t6]\n"
            "movq   8(%[a]), %%rdx\n"
            "mulxq  16(%[a]), %[lo], %[hi]\n"            /* a1 a2 */
            "addq   %[lo], %[t3]\n"
            "adcq   %[hi], %[t4]\n"
            "adcq   $0, %[t5]\n"
            "adcq   $0, %[t6]\n"
            "xorl   %k[t7], %k[t7]\n"
            "movq   0(%[a]), %%rdx\n"
            "mulxq  %%rdx, %[t0], %[hi]\n"               /* a0 a0 */
            "adcxq  %[t1], %[t1]\n"
            "adoxq  %[hi], %[t1]\n"
            "movq   8(%[a]), %%rdx\n"
            "mulxq  %%rdx, %[lo], %[hi]\n"               /* a1 a1 */
            "adcxq  %[t2], %[t2]\n"
            "adoxq  %[lo], %[t2]\n"
            "adcxq  %[t3], %[t3]\n"
            "adoxq  %[hi], %[t3]\n"
            "movq   16(%[a]), %%rdx\n"
            "mulxq  %%rdx, %[lo], %[hi]\n"               /* a2 a2 */
            "adcxq  %[t4], %[t4]\n"
            "adoxq  %[lo], %[t4]\n"
            "adcxq  %[t5], %[t5]\n"
            "adoxq  %[hi], %[t5]\n"
            "movq   24(%[a]), %%rdx\n"
            "mulxq  %%rdx, %[lo], %[hi]\n"               /* a3 a3 */
            "adcxq  %[t6], %[t6]\n"
            "adoxq  %[lo], %[t6]\n"
            "adcxq  %[t7], %[t7]\n"
            "adoxq  %[hi], %[t7]\n"
            /* Now 2^256 u + rest: the lower half goes down four limbs; the limb on top of it, empty
             * to begin with, is the one that was cleared. */
            "movq   %[t0], %%rdx\n"
            "movq   %[t0], %[lo]\n"
            "movq   %[t0], %[hi]\n"
            "shlq   $32, %[lo]\n"
            "shrq   $32, %[hi]\n"
            "addq   %[lo], %[t1]\n"
            "adcq   %[hi], %[t2]\n"
            "mulxq  %[p3], %[lo], %[t0]\n"
            "adcq   %[lo], %[t3]\n"
            "adcq   $0, %[t0]\n"
            "movq   %[t1], %%rdx\n"
            "movq   %[t1], %[lo]\n"
            "movq   %[t1], %[hi]\n"
            "shlq   $32, %[lo]\n"
            "shrq   $32, %[hi]\n"
            "addq   %[lo], %[t2]\n"
            "adcq   %[hi], %[t3]\n"
            "mulxq  %[p3], %[lo], %[t1]\n"
            "adcq   %[lo], %[t0]\n"
            "adcq   $0, %[t1]\n"
            "movq   %[t2], %%rdx\n"
            "movq   %[t2], %[lo]\n"
            "movq   %[t2], %[hi]\n"
            "shlq   $32, %[lo]\n"
            "shrq   $32, %[hi]\n"
            "addq   %[lo], %[t3]\n"
            "adcq   %[hi], %[t0]\n"
            "mulxq  %[p3], %[lo], %[t2]\n"
            "adcq   %[lo], %[t1]\n"
            "adcq   $0, %[t2]\n"
            "movq   %[t3], %%rdx\n"
            "movq   %[t3], %[lo]\n"
            "movq   %[t3], %[hi]\n"
            "shlq   $32, %[lo]\n"
            "shrq   $32, %[hi]\n"
            "addq   %[lo], %[t0]\n"
            "adcq   %[hi], %[t1]\n"
            "mulxq  %[p3], %[lo], %[t3]\n"
            "adcq   %[lo], %[t2]\n"
            "adcq   $0, %[t3]\n"
            "addq   %[t4], %[t0]\n"
            "adcq   %[t5], %[t1]\n"
            "adcq   %[t6], %[t2]\n"
            "adcq   %[t7], %[t3]\n"
            "movl   $0, %k[t4]\n"
            "adcq   $0, %[t4]\n"
            SUBTRACT_ONCE("t0", "t1", "t2", "t3", "t4", "t5")
            : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4),
              [t5] "=&r"(t5), [t6] "=&r"(t6), [t7] "=&r"(t7), [lo] "=&r"(lo), [hi] "=&r"(hi)
            : [a] "r"(a->limb), [p1] "m"(p1), [p3] "m"(p3), "m"(*a)
            : "rdx", "cc");
    out->limb[0] = t0;
    out->limb[1] = t1;
    out->limb[2] = t2;
    out->limb[3] = t3;
}

#endif
