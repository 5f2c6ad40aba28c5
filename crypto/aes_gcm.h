/* crypto/aes_gcm.h - the implementations of AES-GCM, for aead.c and for tests that compare them.
 *
 * Everyone else uses aead_aes_128_gcm and aead_aes_256_gcm (crypto/aead.h), whose contract this
 * is too. An expanded key belongs to the implementation that expanded it. Which one that is, is
 * fixed for a process (crypto/cpu.h), so the key does not say.
 */
#ifndef SEALPOST_CRYPTO_AES_GCM_H
#define SEALPOST_CRYPTO_AES_GCM_H

#include "crypto/aead.h"

struct aes_gcm {
    const char *name;

    /* key_len: 16 or 32 bytes. */
    void (*init)(struct aead_key *key, const uint8_t *key_bytes, size_t key_len);

    /* As in struct aead. plaintext.len <= 2^36 - 32 (SP 800-38D §5.2.1.1) is asserted. */
    void (*seal)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext);
    bool (*open)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed);
};

extern const struct aes_gcm aes_gcm_portable;

/* AES-NI and PCLMULQDQ; NULL if this processor does not have them. */
const struct aes_gcm *aes_gcm_accelerated(void);

/* The one that this process uses. */
const struct aes_gcm *aes_gcm_chosen(void);

/* SP 800-38D §5.2.1.1: 2^39 - 256 bits of plaintext, after which counter blocks would repeat. */
static inline bool aes_gcm_fits(size_t plaintext_len)
{
    uint64_t len = plaintext_len;            /* a comparison that 32-bit compilers do not warn of */
    return len <= (UINT64_C(1) << 36) - 32;
}

#endif
