/* crypto/signature.c - what private keys of every type have in common: making one, and finding
 * its public half.
 *
 * Implements  FIPS 186-5 A.2.2 (P-256, P-384), RFC 8032 §5.1.5 (Ed25519: any 32 bytes are a key).
 * Secret      the private key; the public half is released.
 */
#include "crypto/signature.h"

#include "crypto/curve.h"
#include "crypto/ed25519.h"
#include "crypto/wipe.h"

bool private_key_public(uint8_t out[PUBLIC_POINT_MAX], size_t *out_len,
                        const struct private_key *key)
{
    switch (key->type) {
    case KEY_P256:
        *out_len = curve_p256.point_len;
        return curve_private_public(&curve_p256, out, key->secret);
    case KEY_P384:
        *out_len = curve_p384.point_len;
        return curve_private_public(&curve_p384, out, key->secret);
    case KEY_ED25519:
        *out_len = ED25519_PUBLIC_LEN;
        ed25519_public_key(out, key->secret);
        return true;
    case KEY_NONE:
    case KEY_RSA:
        break;
    }
    return false;
}

static bool fill_secret(struct private_key *out, enum key_type type,
                        const struct random_source *random)
{
    switch (type) {
    case KEY_P256:
        return curve_private_generate(&curve_p256, out->secret, random);
    case KEY_P384:
        return curve_private_generate(&curve_p384, out->secret, random);
    case KEY_ED25519:
        return random_fill(random, out->secret, ED25519_SEED_LEN);
    case KEY_NONE:
    case KEY_RSA:
        break;
    }
    return false;
}

bool private_key_generate(struct private_key *out, enum key_type type,
                          const struct random_source *random)
{
    *out = (struct private_key){ .type = type };
    bool good = fill_secret(out, type, random);
    if (!good) {
        wipe(out, sizeof *out);
        out->type = KEY_NONE;
    }
    return good;
}
