/* crypto/aead.h - authenticated encryption (RFC 5116), one const struct per algorithm.
 *
 * All have a 96-bit nonce and a 128-bit tag, the only sizes TLS 1.3 uses (RFC 8446 §5.3).
 * Sealing and opening work in place: `out` may be the input's own address, or be clear of it.
 */
#ifndef SEALPOST_CRYPTO_AEAD_H
#define SEALPOST_CRYPTO_AEAD_H

#include "crypto/bytes.h"

enum {
    AEAD_NONCE_LEN = 12,
    AEAD_TAG_LEN   = 16,
    AEAD_KEY_MAX   = 32,      /* key bytes */
    /* Bytes of an expanded key: 15 AES round keys (240), eight powers of H (128), rounds (16). */
    AEAD_EXPANDED_LEN = 384,
};

/* An expanded key; secret. Wiped by its owner. */
struct aead_key { _Alignas(16) uint8_t state[AEAD_EXPANDED_LEN]; };

struct aead {
    const char *name;
    uint8_t key_len;                                        /* bytes */
    /* Records that one key may protect: RFC 8446 §5.5. UINT64_MAX where sequence numbers end
     * first. */
    uint64_t record_limit;

    void (*init)(struct aead_key *key, const uint8_t *key_bytes);

    /* Writes plaintext.len bytes of ciphertext, then the tag. `nonce` must be new for this key. */
    void (*seal)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext);

    /* Writes sealed.len - AEAD_TAG_LEN bytes of plaintext if the tag is right. If it is not, or if
     * `sealed` is shorter than a tag, returns false and leaves no plaintext: those bytes of `out`
     * are zero. The tag is compared in constant time. */
    bool (*open)(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed);
};

extern const struct aead aead_aes_128_gcm, aead_aes_256_gcm, aead_chacha20_poly1305;

#endif
