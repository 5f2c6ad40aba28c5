/* crypto/cpu.h - which instructions the processor has.
 *
 * All of this may be called from any thread, at any time; nobody has to initialise anything.
 */
#ifndef SEALPOST_CRYPTO_CPU_H
#define SEALPOST_CRYPTO_CPU_H

#include <stdatomic.h>
#include <stdbool.h>

#if defined(__x86_64__)
#define CPU_X86_64 1
#else
#define CPU_X86_64 0
#endif

/* Big-endian ones have the instructions too, but no code here. */
#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define CPU_ARM64 1
#else
#define CPU_ARM64 0
#endif

/* What the processor has, as far as any code here makes use of it. Other architectures: nothing. */
enum {
    CPU_ASKED  = 1 << 0,
    CPU_AES_NI = 1 << 1,               /* AES-NI, PCLMULQDQ, SSSE3 and SSE4.1 */
    CPU_BMI    = 1 << 8,               /* BMI1: x & ~y in one instruction */
    CPU_ADX    = 1 << 2,               /* ADX and BMI2: two carry chains at a time */
    CPU_SHA    = 1 << 4,               /* the SHA extensions, SSSE3 and SSE4.1; ARM: SHA-256 */
    CPU_VAES256 = 1 << 5,              /* CPU_AES_NI, CPU_AVX2, VAES and VPCLMULQDQ */
    CPU_VAES512 = 1 << 6,              /* the same and AVX-512 F and BW; registers saved, too */
    CPU_ARM_AES = 1 << 7,              /* AES and polynomial multiplication of ARMv8 */
    CPU_AVX2   = 1 << 3,               /* and the operating system saves 256-bit registers */
};

/* For cpu_supports only: the answers once they are known. */
extern atomic_uint cpu_features;
unsigned cpu_ask(void);

/* All of `features` are there, whatever the environment says. CPUID is a trap to the hypervisor in
 * a virtual machine, tens of microseconds, so it is asked once. */
static inline bool cpu_supports(unsigned features)
{
    unsigned known = atomic_load_explicit(&cpu_features, memory_order_relaxed);
    if (known == 0)
        known = cpu_ask();
    return (known & features) == features;
}

/* For tests: from now on these, whatever the processor says. */
void cpu_pretend(unsigned features);

/* Lets libsodium choose its fastest code for this processor (sodium_init), at the first call. What
 * libsodium computes is right without it, only slower: X25519, ChaCha20 and Poly1305 have more
 * than one version. Those who call these call this first; hashes, Ed25519 and random bytes have
 * no use for it. */
void cpu_prepare_libsodium(void);

#endif
