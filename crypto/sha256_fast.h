/* crypto/sha256_fast.h - SHA-256 by instructions, where cpu_supports(CPU_SHA); for hash.c.
 *
 * On the state that crypto_hash_sha256_init made; nothing else of libsodium takes part. `in` may be
 * empty if its address is not NULL. After sha256_fast_final the state is wiped.
 */
#ifndef SEALPOST_CRYPTO_SHA256_FAST_H
#define SEALPOST_CRYPTO_SHA256_FAST_H

#include "crypto/bytes.h"
#include "crypto/cpu.h"

#include <sodium.h>

#if CPU_X86_64 || CPU_ARM64
#define SHA256_FAST 1
#else
#define SHA256_FAST 0
#endif

void sha256_fast_update(crypto_hash_sha256_state *s, struct bytes in);
void sha256_fast_final(crypto_hash_sha256_state *s, uint8_t out[32]);

/* FIPS 180-4 §6.2.2 for `count` blocks: sha256_x86.c or sha256_armv8.c. */
void sha256_fast_compress(uint32_t state[8], const uint8_t *at, size_t count);

extern const uint32_t sha256_fast_K[64];

#endif
