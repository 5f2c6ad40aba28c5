/* crypto/aes_gcm.h - the implementations of AES-GCM, for aead.c and for tests that compare them.
 *
 * Everyone else uses aead_aes_128_gcm and aead_aes_256_gcm (crypto/aead.h), whose contract this
 * is too. An expanded key belongs to the implementation that expanded it. Which one that is, is
 * decided once in a process, so the key does not say: the best that the processor has, or the
 * one that the environment variable SEALPOST_AES names (portable, aesni, vaes256, vaes512, armv8),
 * for tests, measurements and teaching. A wish that this processor cannot grant is passed
 * over, and aes_gcm_refused_wish tells a program so. The variable is ignored in set-user-ID
 * programs.
 */
#ifndef SEALPOST_CRYPTO_AES_GCM_H
#define SEALPOST_CRYPTO_AES_GCM_H

#include "crypto/aead.h"

struct aes_gcm {
    const char *name;
    unsigned needs;                     /* of the processor: cpu.h */

    /* key_len: 16 or 32 bytes. */
    void (*init)(struct aead_key *key, const uint8_t *key_bytes, size_t key_len);

    /* As in struct aead. plaintext.len <= 2^36 - 32 (SP 800-38D §5.2.1.1) is asserted. */
    void (*seal)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext);
    bool (*open)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed);
};

/* Number i of those that this processor can run, the portable one first and the best last; NULL
 * behind the last. */
const struct aes_gcm *aes_gcm_available(size_t i);

/* The one that this process uses. */
const struct aes_gcm *aes_gcm_chosen(void);

/* What SEALPOST_AES asked for in vain; NULL if nothing. */
const char *aes_gcm_refused_wish(void);

/* For the table in aead.c; those of other processors do not exist. */
extern const struct aes_gcm aes_gcm_portable;
extern const struct aes_gcm aes_gcm_aesni, aes_gcm_vaes256, aes_gcm_vaes512, aes_gcm_armv8;

/* SP 800-38D §5.2.1.1: 2^39 - 256 bits of plaintext, after which counter blocks would repeat. */
static inline bool aes_gcm_fits(size_t plaintext_len)
{
    uint64_t len = plaintext_len;            /* a comparison that 32-bit compilers do not warn of */
    return len <= (UINT64_C(1) << 36) - 32;
}

#endif
