/* crypto/ed25519.c - Ed25519, and the signature scheme made of it.
 *
 * Implements  RFC 8032 §5.1.5-5.1.7; RFC 8446 §4.2.3 (ed25519: pure, without a context).
 * Trusts      libsodium for the arithmetic and its constant time.
 * Secret      the seed and all that is derived from it except public key and signature.
 */
#include "crypto/ed25519.h"

#include "crypto/ct.h"
#include "crypto/signature.h"
#include "crypto/wipe.h"

#include <sodium.h>
#include <string.h>

void ed25519_public_key(uint8_t public[ED25519_PUBLIC_LEN], const uint8_t seed[ED25519_SEED_LEN])
{
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];                /* seed || public key */
    (void)crypto_sign_seed_keypair(public, expanded, seed);      /* has no way to fail */
    ct_public(public, ED25519_PUBLIC_LEN);
    wipe(expanded, sizeof expanded);
}

bool ed25519_sign(uint8_t out[ED25519_SIGNATURE_LEN], const uint8_t seed[ED25519_SEED_LEN],
                  struct bytes message)
{
    uint8_t public[ED25519_PUBLIC_LEN], expanded[crypto_sign_SECRETKEYBYTES];
    (void)crypto_sign_seed_keypair(public, expanded, seed);
    (void)crypto_sign_detached(out, NULL, message.at, message.len, expanded);
    wipe(expanded, sizeof expanded);

    ct_public(public, sizeof public);
    ct_public(out, ED25519_SIGNATURE_LEN);                       /* both are sent to the peer */
    bool ok = ed25519_verify(public, message, out);
    if (!ok)
        wipe(out, ED25519_SIGNATURE_LEN);
    return ok;
}

bool ed25519_verify(const uint8_t public[ED25519_PUBLIC_LEN], struct bytes message,
                    const uint8_t signature[ED25519_SIGNATURE_LEN])
{
    return crypto_sign_verify_detached(signature, message.at, message.len, public) == 0;
}

/* No randomness: RFC 8032's nonce is a hash of key and message. */
static bool sign(uint8_t *out, size_t *out_len, const struct private_key *key,
                 struct bytes message, const struct random_source *random)
{
    (void)random;
    uint8_t signature[ED25519_SIGNATURE_LEN];
    if (key->type != KEY_ED25519 || !ed25519_sign(signature, key->secret, message))
        return false;
    memcpy(out, signature, sizeof signature);
    *out_len = sizeof signature;
    return true;
}

static bool verify(const struct public_key *key, struct bytes message, struct bytes signature)
{
    return key->type == KEY_ED25519 && key->point.len == ED25519_PUBLIC_LEN
        && signature.len == ED25519_SIGNATURE_LEN
        && ed25519_verify(key->point.at, message, signature.at);
}

const struct signature signature_ed25519 = {
    .name = "ed25519", .key_type = KEY_ED25519, .sign = sign, .verify = verify,
};
