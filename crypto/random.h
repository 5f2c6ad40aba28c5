/* crypto/random.h - where random bytes come from.
 *
 * Nothing in crypto/ or tls13/ draws randomness by itself: it is handed a source, so a test can
 * replay a published trace. Production passes &random_system.
 */
#ifndef SEALPOST_CRYPTO_RANDOM_H
#define SEALPOST_CRYPTO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random_source {
    /* Fills all of `out`, or returns false, and then the caller refuses to go on. */
    bool (*fill)(void *context, uint8_t *out, size_t len);
    void *context;
};

/* The operating system's generator, through libsodium. */
extern const struct random_source random_system;

static inline bool random_fill(const struct random_source *random, uint8_t *out, size_t len)
{
    return random->fill(random->context, out, len);
}

#endif
