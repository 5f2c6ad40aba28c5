/* crypto/mlkem768.h - ML-KEM-768, the post-quantum key encapsulation of FIPS 203 (August 2024).
 *
 * A decapsulation key is its seed d || z, 64 bytes, and better with the hash of the encapsulation
 * key, 32 more; the 2,400 bytes of FIPS 203 are made again from the seed, as far as needed.
 * Randomness is handed in: the caller draws it fresh for each key and each encapsulation, and
 * wipes it.
 *
 * Timing depends on no secret. An encapsulation key, a ciphertext and rho, the matrix's part of the
 * key, are public. Stack: less than 6 KiB (tests/test_mlkem768.c measures). No allocation.
 */
#ifndef SEALPOST_CRYPTO_MLKEM768_H
#define SEALPOST_CRYPTO_MLKEM768_H

#include "crypto/bytes.h"

enum {
    MLKEM768_SEED_LEN = 64,        /* d || z */
    MLKEM768_HASH_LEN = 32,        /* H(ek) */
    MLKEM768_RANDOM_LEN = 32,      /* m */
    MLKEM768_KEY_LEN = 1184,       /* ek: 3 polynomials of 384 bytes, and rho */
    MLKEM768_CIPHERTEXT_LEN = 1088,
    MLKEM768_SHARED_LEN = 32,
};

/* The encapsulation key of a seed (FIPS 203 Alg. 16). Cannot fail. */
void mlkem768_public_key(uint8_t key[MLKEM768_KEY_LEN], const uint8_t seed[MLKEM768_SEED_LEN]);

/* The ciphertext for a peer's key, and the secret (Alg. 17, 20). False, and nothing is written, if
 * the key has the wrong length or a coefficient that is not below q (the checks of §7.2). */
bool mlkem768_encapsulate(uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                          uint8_t shared[MLKEM768_SHARED_LEN], struct bytes key,
                          const uint8_t m[MLKEM768_RANDOM_LEN]);

/* The same secret from the seed (Alg. 18, 21). False only for a ciphertext of the wrong length
 * (§7.3): from one that was changed comes a secret that nobody else knows, and no sign of it. */
bool mlkem768_decapsulate(uint8_t shared[MLKEM768_SHARED_LEN],
                          const uint8_t seed[MLKEM768_SEED_LEN], struct bytes ciphertext);

/* The same for whoever has kept the hash of the encapsulation key, in little more than half of the
 * time. With a hash that is not this key's, no secret agrees. */
void mlkem768_key_hash(uint8_t hash[MLKEM768_HASH_LEN], const uint8_t key[MLKEM768_KEY_LEN]);
bool mlkem768_decapsulate_hashed(uint8_t shared[MLKEM768_SHARED_LEN],
                                 const uint8_t seed[MLKEM768_SEED_LEN],
                                 const uint8_t key_hash[MLKEM768_HASH_LEN],
                                 struct bytes ciphertext);

#endif
