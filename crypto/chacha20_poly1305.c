/* crypto/chacha20_poly1305.c - ChaCha20-Poly1305 by libsodium, and the choice of who computes it.
 *
 * Implements  RFC 8439 §2.8 as an AEAD (crypto/aead.h); RFC 8446 §5.5 (no limit).
 * Trusts      libsodium, which is the reference for the version beside it, and runs everywhere.
 * Secret      keys and plaintext. Whether a tag was right is public from the comparison on: the
 *             peer sees the connection end.
 */
#include "crypto/chacha20_poly1305.h"

#include "crypto/cpu.h"
#include "crypto/ct.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- libsodium's ---- */

static void sodium_seal(const struct aead_key *key, uint8_t *out,
                        const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                        struct bytes plaintext)
{
    cpu_prepare_libsodium();
    (void)crypto_aead_chacha20poly1305_ietf_encrypt_detached(
        out, out + plaintext.len, NULL, plaintext.at, plaintext.len, aad.at, aad.len, NULL,
        nonce, key->state);
}

/* In two steps, so that nothing is decrypted before the tag has been found right: without a place
 * for the plaintext libsodium only verifies. The text begins at block 1 (RFC 8439 §2.8). */
static bool sodium_open(const struct aead_key *key, uint8_t *out,
                        const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                        struct bytes sealed)
{
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    cpu_prepare_libsodium();
    size_t len = sealed.len - AEAD_TAG_LEN;
    int refused = crypto_aead_chacha20poly1305_ietf_decrypt_detached(
        NULL, NULL, sealed.at, len, sealed.at + len, aad.at, aad.len, nonce, key->state);
    ct_public(&refused, sizeof refused);
    if (!refused)
        (void)crypto_stream_chacha20_ietf_xor_ic(out, sealed.at, len, nonce, 1, key->state);
    else if (len > 0)
        memset(out, 0, len);
    return !refused;
}

const struct chacha20_poly1305 chacha20_poly1305_libsodium = {
    .name = "libsodium", .seal = sodium_seal, .open = sodium_open,
};

/* ---- the choice ---- */

static const struct chacha20_poly1305 *const implementations[] = {
    &chacha20_poly1305_libsodium,
#if CPU_X86_64
    &chacha20_poly1305_avx2,
#endif
};

const struct chacha20_poly1305 *chacha20_poly1305_available(size_t i)
{
    for (size_t k = 0; k < COUNT(implementations); k++)
        if (cpu_supports(implementations[k]->needs) && i-- == 0)
            return implementations[k];
    return NULL;
}

/* The one that is wished for, or the best. */
static const struct chacha20_poly1305 *choose(const char *wish)
{
    const struct chacha20_poly1305 *best = NULL, *next;
    for (size_t i = 0; (next = chacha20_poly1305_available(i)) != NULL; i++) {
        if (wish && strcmp(wish, next->name) == 0)
            return next;
        best = next;
    }
    return best;
}

/* As aes_gcm_chosen, of two threads' answers the first stands. */
const struct chacha20_poly1305 *chacha20_poly1305_chosen(void)
{
    static _Atomic(const struct chacha20_poly1305 *) chosen;
    const struct chacha20_poly1305 *known = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!known) {
        const struct chacha20_poly1305 *choice = choose(secure_getenv("SEALPOST_CHACHA"));
        if (atomic_compare_exchange_strong(&chosen, &known, choice))
            known = choice;
    }
    return known;
}

const char *chacha20_poly1305_refused_wish(void)
{
    const char *wish = secure_getenv("SEALPOST_CHACHA");
    return wish && strcmp(wish, chacha20_poly1305_chosen()->name) != 0 ? wish : NULL;
}

/* ---- the AEAD ---- */

static void init(struct aead_key *key, const uint8_t *key_bytes)
{
    memcpy(key->state, key_bytes, CHACHA20_POLY1305_KEY_LEN);
}

static void seal(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext)
{
    chacha20_poly1305_chosen()->seal(key, out, nonce, aad, plaintext);
}

static bool open(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed)
{
    return chacha20_poly1305_chosen()->open(key, out, nonce, aad, sealed);
}

/* RFC 8446 §5.5: the sequence number would wrap before a limit is reached. */
const struct aead aead_chacha20_poly1305 = {
    .name = "ChaCha20-Poly1305", .key_len = CHACHA20_POLY1305_KEY_LEN, .record_limit = UINT64_MAX,
    .init = init, .seal = seal, .open = open,
};
