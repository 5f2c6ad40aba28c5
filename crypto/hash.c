/* crypto/hash.c - SHA-256, SHA-384 and SHA-512 over libsodium's compression functions, and SHA-256
 * over the processor's where it has one (crypto/sha256_fast.h).
 *
 * Implements  FIPS 180-4 (the same algorithms as RFC 6234).
 * Trusts      libsodium for the block functions, the padding and their constant time, where the
 *             processor's instructions do not take its place.
 * Secret      whatever is hashed; a state is wiped by its owner, except that `final` leaves
 *             nothing of the message in it.
 */
#include "crypto/hash.h"

#include "crypto/cpu.h"
#include "crypto/sha256_fast.h"
#include "crypto/wipe.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(struct hash_state), "state fits");
_Static_assert(sizeof(crypto_hash_sha512_state) <= sizeof(struct hash_state), "state fits");
_Static_assert(_Alignof(crypto_hash_sha512_state) <= _Alignof(struct hash_state), "aligned");

static crypto_hash_sha256_state *as_sha256(struct hash_state *state)
{
    return (crypto_hash_sha256_state *)(void *)state;
}

static crypto_hash_sha512_state *as_sha512(struct hash_state *state)
{
    return (crypto_hash_sha512_state *)(void *)state;
}

static void sha256_init(struct hash_state *state)
{
    crypto_hash_sha256_init(as_sha256(state));
}

static void sha256_update(struct hash_state *state, struct bytes in)
{
    if (in.len == 0)
        return;
#if SHA256_FAST
    if (cpu_supports(CPU_SHA)) {
        sha256_fast_update(as_sha256(state), in);
        return;
    }
#endif
    crypto_hash_sha256_update(as_sha256(state), in.at, in.len);
}

static void sha256_final(struct hash_state *state, uint8_t *out)
{
#if SHA256_FAST
    if (cpu_supports(CPU_SHA)) {
        sha256_fast_final(as_sha256(state), out);
        return;
    }
#endif
    crypto_hash_sha256_final(as_sha256(state), out);
}

static void sha512_init(struct hash_state *state)
{
    crypto_hash_sha512_init(as_sha512(state));
}

static void sha512_update(struct hash_state *state, struct bytes in)
{
    if (in.len > 0)
        crypto_hash_sha512_update(as_sha512(state), in.at, in.len);
}

static void sha512_final(struct hash_state *state, uint8_t *out)
{
    crypto_hash_sha512_final(as_sha512(state), out);
}

/* FIPS 180-4 §5.3.4: SHA-512 from another start; the first 64 bits of the fractional parts of the
 * square roots of the ninth to sixteenth primes (23 to 53). */
static void sha384_init(struct hash_state *state)
{
    static const uint64_t start[8] = {
        0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
        0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
    };
    crypto_hash_sha512_state *sha512 = as_sha512(state);
    crypto_hash_sha512_init(sha512);
    memcpy(sha512->state, start, sizeof start);
}

/* FIPS 180-4 §6.5: the left 384 bits. The other 128 would let an observer extend the message. */
static void sha384_final(struct hash_state *state, uint8_t *out)
{
    uint8_t whole[64];
    sha512_final(state, whole);
    memcpy(out, whole, 48);
    wipe(whole, sizeof whole);
}

const struct hash hash_sha256 = {
    .name = "SHA-256", .digest_len = 32, .block_len = 64,
    .init = sha256_init, .update = sha256_update, .final = sha256_final,
};

const struct hash hash_sha384 = {
    .name = "SHA-384", .digest_len = 48, .block_len = 128,
    .init = sha384_init, .update = sha512_update, .final = sha384_final,
};

const struct hash hash_sha512 = {
    .name = "SHA-512", .digest_len = 64, .block_len = 128,
    .init = sha512_init, .update = sha512_update, .final = sha512_final,
};

void hash_digest(const struct hash *h, uint8_t *out, struct bytes message)
{
    struct hash_state state;
    h->init(&state);
    h->update(&state, message);
    h->final(&state, out);
    wipe(&state, sizeof state);
}
