/* crypto/arm64.h - the ARMv8 cryptographic instructions, for the files that are written in them.
 *
 * Only functions marked ACCELERATED or INLINE are compiled for the instructions; they run once
 * cpu.c has found them.
 */
#ifndef SEALPOST_CRYPTO_ARM64_H
#define SEALPOST_CRYPTO_ARM64_H

/* clang before version 16 declares the intrinsics only if the whole file is compiled for them, and
 * all spell the target without gcc's plus sign. */
#ifdef __clang__
#ifndef __ARM_FEATURE_AES
#define __ARM_FEATURE_AES 1
#endif
#ifndef __ARM_FEATURE_SHA2
#define __ARM_FEATURE_SHA2 1
#endif
#define ACCELERATED __attribute__((target("aes,sha2")))
#else
#define ACCELERATED __attribute__((target("+crypto")))
#endif
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

#include <arm_neon.h>

#endif
