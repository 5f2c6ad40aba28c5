/* crypto/chacha20_poly1305.h - ChaCha20-Poly1305's implementations, for tests to compare.
 *
 * Everyone else uses aead_chacha20_poly1305 (crypto/aead.h), whose contract this is too. Which one
 * that is, is decided once in a process: the best that the processor has, or the one that the
 * environment variable SEALPOST_CHACHA names (libsodium, avx2), as crypto/aes_gcm.h says of
 * SEALPOST_AES. The expanded key is the key itself, for all of them.
 */
#ifndef SEALPOST_CRYPTO_CHACHA20_POLY1305_H
#define SEALPOST_CRYPTO_CHACHA20_POLY1305_H

#include "crypto/aead.h"

enum { CHACHA20_POLY1305_KEY_LEN = 32 };

struct chacha20_poly1305 {
    const char *name;
    unsigned needs;                     /* of the processor: cpu.h */

    /* As in struct aead. plaintext.len <= 64 (2^32 - 1) (RFC 8439 §2.8) is asserted. */
    void (*seal)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext);
    bool (*open)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed);
};

/* Number i of those that this processor can run, libsodium's first and the best last; NULL behind
 * the last. */
const struct chacha20_poly1305 *chacha20_poly1305_available(size_t i);

/* The one that this process uses. */
const struct chacha20_poly1305 *chacha20_poly1305_chosen(void);

/* What SEALPOST_CHACHA asked for in vain; NULL if nothing. */
const char *chacha20_poly1305_refused_wish(void);

/* The latter on x86-64 only. */
extern const struct chacha20_poly1305 chacha20_poly1305_libsodium, chacha20_poly1305_avx2;

#endif
