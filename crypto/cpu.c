/* crypto/cpu.c - which instructions may be used.
 *
 * Each answer is computed at the first question and kept in an atomic. Two threads that ask at once
 * compute the same answer twice, so there is nothing to lock.
 */
#include "crypto/cpu.h"

#include <sodium.h>

#if CPU_X86_64
#include <cpuid.h>
#elif CPU_ARM64
#include <sys/auxv.h>
#endif

atomic_uint cpu_features;

#if CPU_X86_64 || CPU_ARM64
/* `feature` if all bits of `wanted` are in the register. */
static unsigned if_all(unsigned feature, unsigned long reg, unsigned long wanted)
{
    return (reg & wanted) == wanted ? feature : 0;
}
#endif

#if CPU_X86_64

/* The parts of the register file that the operating system saves when it switches processes, and so
 * lets us use (Intel SDM vol. 1, §13.3): bit 1 the XMM registers, bit 2 the upper halves of YMM,
 * bits 5 to 7 what AVX-512 adds.
 * XGETBV may be asked only where CPUID says that the system has enabled it. */
static unsigned saved_registers(unsigned leaf_1_ecx)
{
    unsigned eax = 0, edx;
    if (leaf_1_ecx & bit_OSXSAVE)
        __asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
    return eax;
}

enum { SAVED_YMM = 0x06, SAVED_ZMM = 0xe6 };

/* CPUID leaves 1 and 7. Nothing has to be enabled for what uses only general and XMM registers. */
static unsigned ask_processor(void)
{
    unsigned eax, ebx, ecx, edx, found = 0, saved;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
        return 0;
    saved = saved_registers(ecx);
    unsigned sse = if_all(CPU_SHA, ecx, bit_SSSE3 | bit_SSE4_1);
    found |= if_all(CPU_AES_NI, ecx, bit_AES | bit_PCLMUL | bit_SSSE3 | bit_SSE4_1);
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
        return found;
    found |= if_all(CPU_BMI, ebx, bit_BMI);
    found |= if_all(CPU_ADX, ebx, bit_ADX | bit_BMI2);
    found |= if_all(sse, ebx, bit_SHA);
    if ((saved & SAVED_YMM) == SAVED_YMM)
        found |= if_all(CPU_AVX2, ebx, bit_AVX2);
    if ((found & CPU_AES_NI) && (found & CPU_AVX2))
        found |= if_all(CPU_VAES256, ecx, bit_VAES | bit_VPCLMULQDQ);
    if ((found & CPU_VAES256) && (saved & SAVED_ZMM) == SAVED_ZMM)
        found |= if_all(CPU_VAES512, ebx, bit_AVX512F | bit_AVX512BW);
    return found;
}
#elif CPU_ARM64
/* Which instructions programs may use, the kernel says: the registers that know are its own. */
static unsigned ask_processor(void)
{
    unsigned long said = getauxval(AT_HWCAP);
    return if_all(CPU_ARM_AES, said, HWCAP_AES | HWCAP_PMULL) | if_all(CPU_SHA, said, HWCAP_SHA2);
}
#else
static unsigned ask_processor(void)
{
    return 0;
}
#endif

void cpu_pretend(unsigned features)
{
    atomic_store_explicit(&cpu_features, features | CPU_ASKED, memory_order_relaxed);
}

unsigned cpu_ask(void)
{
    unsigned found = ask_processor();
    cpu_pretend(found);
    return found;
}

/* sodium_init takes a lock and may be called again; the flag only saves that lock. If it fails, the
 * slower versions stay chosen. */
void cpu_prepare_libsodium(void)
{
    static atomic_bool prepared;
    if (atomic_load_explicit(&prepared, memory_order_acquire))
        return;
    (void)!sodium_init();
    atomic_store_explicit(&prepared, true, memory_order_release);
}
