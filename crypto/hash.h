/* crypto/hash.h - SHA-256, SHA-384 and SHA-512 (FIPS 180-4), one const struct each.
 *
 * The compression functions are libsodium's, or the processor's; SHA-384 is SHA-512 with another
 * initial state, truncated (FIPS 180-4 §5.3.4, §6.5). Copying a `struct hash_state` forks the hash:
 * that is how a transcript hash is taken without ending it.
 * Timing depends on lengths only. States that saw a secret are wiped by whoever owns them.
 */
#ifndef SEALPOST_CRYPTO_HASH_H
#define SEALPOST_CRYPTO_HASH_H

#include "crypto/bytes.h"

enum {
    HASH_MAX       = 64,      /* digest bytes of SHA-512 */
    HASH_BLOCK_MAX = 128,     /* its block */
};

/* 208 bytes hold libsodium's and BearSSL's largest context; asserted in hash.c. */
struct hash_state { uint64_t word[26]; };

struct hash {
    const char *name;
    uint8_t digest_len;       /* bytes: 32, 48, 64 */
    uint8_t block_len;        /* bytes: 64, 128, 128 */
    void (*init)(struct hash_state *state);
    void (*update)(struct hash_state *state, struct bytes in);
    void (*final)(struct hash_state *state, uint8_t *out);      /* digest_len bytes; ends state */
};

extern const struct hash hash_sha256, hash_sha384, hash_sha512;

/* One message at once. */
void hash_digest(const struct hash *h, uint8_t *out, struct bytes message);

#endif
