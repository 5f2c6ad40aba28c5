/* crypto/cpu.h - which instructions may be used; decided once in a process and then fixed.
 *
 * Fixed, because an expanded AES key has the form of the implementation that made it.
 * The environment variable SEALPOST_AES=portable makes cpu_has_aes_ni say no on every machine:
 * for tests, measurements and teaching. It is ignored in set-user-ID programs.
 * All of this may be called from any thread, at any time; nobody has to initialise anything.
 */
#ifndef SEALPOST_CRYPTO_CPU_H
#define SEALPOST_CRYPTO_CPU_H

#include <stdbool.h>

#if defined(__x86_64__)
#define CPU_X86_64 1
#else
#define CPU_X86_64 0
#endif

/* The processor has AES-NI, PCLMULQDQ, SSSE3 and SSE4.1, whatever the environment says. */
bool cpu_supports_aes_ni(void);

/* It has, and SEALPOST_AES does not forbid it. The same answer for the life of the process. */
bool cpu_has_aes_ni(void);

/* Lets libsodium choose its fastest code for this processor (sodium_init), at the first call. What
 * libsodium computes is right without it, only slower: X25519, ChaCha20 and Poly1305 have more
 * than one version. Those who call these call this first; hashes, Ed25519 and random bytes have
 * no use for it. */
void cpu_prepare_libsodium(void);

#endif
