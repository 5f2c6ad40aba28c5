/* crypto/ecdh.c - secp256r1 as a key exchange group.
 *
 * Implements  RFC 8446 §4.2.8.2 (shares are uncompressed points), §7.4.2 (the secret is the x
 *             coordinate, with its leading zeros); SP 800-56A §5.7.1.2.
 * Trusts      the random source.
 * Secret      private keys and shared secrets; wiped where they may not leave.
 *
 * The group has prime order, so a valid point times a scalar in 1 .. n - 1 is never infinity;
 * nothing that a peer may send gives a secret it could predict.
 */
#include "crypto/group.h"
#include "crypto/p256.h"
#include "crypto/wipe.h"

static bool secp256r1_generate(uint8_t *private, uint8_t *encapsulation_key,
                               const struct random_source *random)
{
    if (!p256_private_generate(private, random))
        return false;
    return p256_private_public(encapsulation_key, private);
}

static bool secp256r1_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    struct p256_scalar k;
    struct p256_point p;
    uint8_t encoded[P256_POINT_LEN];
    if (!p256_point_decode(&p, ciphertext)) {
        wipe(shared, P256_SCALAR_LEN);
        return false;
    }
    ct_mask good = p256_scalar_decode(&k, private);
    p256_multiply(&p, &k, &p);
    good &= p256_point_encode(encoded, &p);
    for (size_t i = 0; i < P256_SCALAR_LEN; i++)
        shared[i] = (uint8_t)(encoded[1 + i] & good);
    wipe(&k, sizeof k);
    wipe(&p, sizeof p);
    wipe(encoded, sizeof encoded);
    return ct_verdict(good);                 /* that our own key is unusable is no secret */
}

/* The answer is a fresh share of ours, and the secret is what decapsulating with it gives. */
static bool secp256r1_encapsulate(uint8_t *ciphertext, uint8_t *shared,
                                  struct bytes encapsulation_key,
                                  const struct random_source *random)
{
    uint8_t private[P256_SCALAR_LEN];
    bool good = secp256r1_generate(private, ciphertext, random)
             && secp256r1_decapsulate(shared, private, encapsulation_key);
    if (!good)
        wipe(shared, P256_SCALAR_LEN);
    wipe(private, sizeof private);
    return good;
}

const struct group group_secp256r1 = {
    .name = "secp256r1",
    .private_len = P256_SCALAR_LEN,
    .encapsulation_key_len = P256_POINT_LEN,
    .ciphertext_len = P256_POINT_LEN,
    .shared_len = 32,
    .generate = secp256r1_generate,
    .encapsulate = secp256r1_encapsulate,
    .decapsulate = secp256r1_decapsulate,
};
