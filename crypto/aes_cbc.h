/* crypto/aes_cbc.h - AES in the mode of cipher block chaining (SP 800-38A §6.2), decryption only. */
#ifndef SEALPOST_CRYPTO_AES_CBC_H
#define SEALPOST_CRYPTO_AES_CBC_H

#include "crypto/aes.h"

/* Fills ciphertext.len bytes of `out`, which may not overlap the ciphertext. Key of 16 or 32 bytes;
 * whole blocks (asserted). Key and plaintext are secret; timing depends on lengths only. The mode
 * protects nothing from being changed. */
void aes_cbc_decrypt(uint8_t *out, const uint8_t *key, size_t key_len,
                     const uint8_t iv[AES_BLOCK_LEN], struct bytes ciphertext);

#endif
