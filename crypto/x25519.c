/* crypto/x25519.c - X25519, and the key exchange group made of it.
 *
 * Implements  RFC 7748 §6.1 with the check of RFC 8446 §7.4.2; RFC 8446 §4.2.8.2 (key shares).
 * Trusts      libsodium for the scalar multiplication and its constant time.
 * Secret      private keys and shared secrets. Whether a result was all zeros is public: it
 *             depends on the peer's point alone, and the handshake visibly ends there.
 */
#include "crypto/x25519.h"

#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/group.h"
#include "crypto/wipe.h"

#include <sodium.h>

void x25519_public_key(uint8_t public[X25519_LEN], const uint8_t private[X25519_LEN])
{
    cpu_prepare_libsodium();
    (void)crypto_scalarmult_curve25519_base(public, private);    /* has no way to fail */
}

bool x25519(uint8_t shared[X25519_LEN], const uint8_t private[X25519_LEN],
            const uint8_t public[X25519_LEN])
{
    cpu_prepare_libsodium();
    int refused = crypto_scalarmult_curve25519(shared, private, public);
    ct_public(&refused, sizeof refused);      /* the peer knows the order of its own point */
    if (refused)
        wipe(shared, X25519_LEN);
    return !refused;
}

static bool generate(uint8_t *private, uint8_t *encapsulation_key,
                     const struct random_source *random)
{
    if (!random_fill(random, private, X25519_LEN))
        return false;
    x25519_public_key(encapsulation_key, private);
    ct_public(encapsulation_key, X25519_LEN);                    /* goes on the wire */
    return true;
}

static bool decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    return ciphertext.len == X25519_LEN && x25519(shared, private, ciphertext.at);
}

/* A Diffie-Hellman group as a KEM: the ciphertext is the public key of a pair made for it. */
static bool encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes encapsulation_key,
                        const struct random_source *random)
{
    uint8_t private[X25519_LEN];
    bool ok = generate(private, ciphertext, random)
           && decapsulate(shared, private, encapsulation_key);
    wipe(private, sizeof private);
    return ok;
}

const struct group group_x25519 = {
    .name = "x25519",
    .private_len = X25519_LEN, .encapsulation_key_len = X25519_LEN,
    .ciphertext_len = X25519_LEN, .shared_len = X25519_LEN,
    .generate = generate, .encapsulate = encapsulate, .decapsulate = decapsulate,
};
