/* crypto/cpu.c - which instructions may be used.
 *
 * Each answer is computed at the first question and kept in an atomic. Two threads that ask at once
 * compute the same answer twice, so there is nothing to lock.
 */
#include "crypto/cpu.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if CPU_X86_64
#include <cpuid.h>
#endif

enum { UNKNOWN, NO, YES };                       /* answers */

#if CPU_X86_64
/* CPUID leaf 1, ECX. The operating system has nothing to enable for these: they use only the XMM
 * registers that every x86-64 process has. */
static int ask_processor(void)
{
    const unsigned wanted = bit_AES | bit_PCLMUL | bit_SSSE3 | bit_SSE4_1;
    unsigned eax, ebx, ecx, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & wanted) == wanted ? YES : NO;
}
#else
static int ask_processor(void)
{
    return NO;
}
#endif

/* Asked once per record, and CPUID is a trap to the hypervisor in a virtual machine: tens of
 * microseconds, many times what the record itself takes. */
bool cpu_supports_aes_ni(void)
{
    static atomic_int answer = UNKNOWN;
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == UNKNOWN) {
        known = ask_processor();
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == YES;
}

bool cpu_has_aes_ni(void)
{
    static atomic_int answer = UNKNOWN;
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == UNKNOWN) {
        const char *wish = secure_getenv("SEALPOST_AES");
        bool portable = wish && strcmp(wish, "portable") == 0;
        known = !portable && cpu_supports_aes_ni() ? YES : NO;
        int expected = UNKNOWN;         /* the first answer stands, should the environment change */
        if (!atomic_compare_exchange_strong(&answer, &expected, known))
            known = expected;
    }
    return known == YES;
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
