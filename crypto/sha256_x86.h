/* crypto/sha256_x86.h - SHA-256 by instructions, where cpu_supports(CPU_SHA); for hash.c and tests.
 *
 * On the state that crypto_hash_sha256_init made; nothing else of libsodium takes part. `in` may be
 * empty if its address is not NULL. After sha256_final_x86 the state is wiped.
 */
#ifndef SEALPOST_CRYPTO_SHA256_X86_H
#define SEALPOST_CRYPTO_SHA256_X86_H

#include "crypto/bytes.h"

#include <sodium.h>

void sha256_update_x86(crypto_hash_sha256_state *s, struct bytes in);
void sha256_final_x86(crypto_hash_sha256_state *s, uint8_t out[32]);

#endif
