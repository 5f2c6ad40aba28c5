/* crypto/aes.h - the AES block cipher (FIPS 197), bitsliced, in constant time.
 *
 * No table is looked up and nothing branches, so neither cache nor clock shows anything of key or
 * data. Eight blocks go through at once, which is what counter mode wants. This is the readable
 * reference and what runs where there is no AES-NI. Decryption is for key files (aes_cbc.h): GCM
 * needs none.
 */
#ifndef SEALPOST_CRYPTO_AES_H
#define SEALPOST_CRYPTO_AES_H

#include "crypto/bytes.h"

enum {
    AES_BLOCK_LEN  = 16,                          /* bytes */
    AES_BATCH      = 8,                           /* blocks */
    AES_BATCH_LEN  = AES_BATCH * AES_BLOCK_LEN,
    AES_ROUNDS_MAX = 14,                          /* AES-256; FIPS 197 §5 */
};

/* 128 bytes, bitsliced: plane[i] has bit i of each of them. */
typedef uint32_t aes_plane __attribute__((vector_size(16)));
struct aes_planes { aes_plane plane[8]; };

/* A key, ready to be kept. 244 bytes; secret. */
struct aes_key {
    uint8_t round_key[AES_ROUNDS_MAX + 1][AES_BLOCK_LEN];
    uint32_t rounds;                              /* 10 or 14 */
};

/* A key, ready to be used: each round key in planes. 1936 bytes; secret. */
struct aes_schedule {
    struct aes_planes round_key[AES_ROUNDS_MAX + 1];
    uint32_t rounds;
};

/* FIPS 197 §5.2. key_len: 16 or 32 bytes (asserted). */
void aes_key_init(struct aes_key *out, const uint8_t *key, size_t key_len);

/* Unpacks a kept key; worth its time once per message. */
void aes_schedule_init(struct aes_schedule *out, const struct aes_key *key);

/* FIPS 197 §5.1 on each of eight blocks. `out` may be `in`. */
void aes_encrypt(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                 const uint8_t in[AES_BATCH_LEN]);

/* FIPS 197 §5.3, the same way back. Some three times as slow. */
void aes_decrypt(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                 const uint8_t in[AES_BATCH_LEN]);

/* The parts that a test checks against their definition: SubBytes on 128 bytes, in and out of
 * planes. */
void aes_load(struct aes_planes *out, const uint8_t in[AES_BATCH_LEN]);
void aes_store(uint8_t out[AES_BATCH_LEN], const struct aes_planes *in);
void aes_sub_bytes(struct aes_planes *state);

#endif
