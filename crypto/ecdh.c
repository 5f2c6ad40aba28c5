/* crypto/ecdh.c - secp256r1 and secp384r1 as key exchange groups.
 *
 * Implements  RFC 8446 §4.2.8.2 (shares are uncompressed points), §7.4.2 (the secret is the x
 *             coordinate, with its leading zeros); SP 800-56A §5.7.1.2.
 * Trusts      the random source.
 * Secret      private keys and shared secrets; wiped where they may not leave.
 *
 * The groups have prime order, so a valid point times a scalar in 1 .. n - 1 is never infinity;
 * nothing that a peer may send gives a secret it could predict.
 */
#include "crypto/curve.h"
#include "crypto/group.h"
#include "crypto/wipe.h"

static bool generate(const struct curve *c, uint8_t *private, uint8_t *share,
                     const struct random_source *random)
{
    return curve_private_generate(c, private, random)
        && curve_private_public(c, share, private);
}

static bool agree(const struct curve *c, uint8_t *shared, const uint8_t *private,
                  struct bytes their_share)
{
    struct scalar k;
    union curve_point p;
    uint8_t encoded[CURVE_POINT_MAX];
    if (!c->decode(&p, their_share)) {
        wipe(shared, c->scalar_len);
        return false;
    }
    ct_mask good = curve_scalar_decode(c, &k, private);
    c->multiply(&p, &k, &p);
    good &= c->encode(encoded, &p);
    for (size_t i = 0; i < c->scalar_len; i++)
        shared[i] = (uint8_t)(encoded[1 + i] & good);
    wipe(&k, sizeof k);
    wipe(&p, sizeof p);
    wipe(encoded, sizeof encoded);
    wipe_stack();
    return ct_verdict(good);                 /* that our own key is unusable is no secret */
}

/* The answer is a fresh share of ours, and the secret is what agreeing on it gives. */
static bool answer(const struct curve *c, uint8_t *share, uint8_t *shared,
                   struct bytes their_share, const struct random_source *random)
{
    uint8_t private[CURVE_SCALAR_MAX];
    bool good = generate(c, private, share, random) && agree(c, shared, private, their_share);
    if (!good)
        wipe(shared, c->scalar_len);
    wipe(private, sizeof private);
    return good;
}

/* ---- the groups of group.h ---- */

static bool secp256r1_generate(uint8_t *private, uint8_t *encapsulation_key,
                               const struct random_source *random)
{
    return generate(&curve_p256, private, encapsulation_key, random);
}

static bool secp256r1_encapsulate(uint8_t *ciphertext, uint8_t *shared,
                                  struct bytes encapsulation_key,
                                  const struct random_source *random)
{
    return answer(&curve_p256, ciphertext, shared, encapsulation_key, random);
}

static bool secp256r1_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    return agree(&curve_p256, shared, private, ciphertext);
}

const struct group group_secp256r1 = {
    .name = "secp256r1",
    .private_len = 32, .encapsulation_key_len = 65, .ciphertext_len = 65, .shared_len = 32,
    .generate = secp256r1_generate,
    .encapsulate = secp256r1_encapsulate,
    .decapsulate = secp256r1_decapsulate,
};

static bool secp384r1_generate(uint8_t *private, uint8_t *encapsulation_key,
                               const struct random_source *random)
{
    return generate(&curve_p384, private, encapsulation_key, random);
}

static bool secp384r1_encapsulate(uint8_t *ciphertext, uint8_t *shared,
                                  struct bytes encapsulation_key,
                                  const struct random_source *random)
{
    return answer(&curve_p384, ciphertext, shared, encapsulation_key, random);
}

static bool secp384r1_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    return agree(&curve_p384, shared, private, ciphertext);
}

const struct group group_secp384r1 = {
    .name = "secp384r1",
    .private_len = 48, .encapsulation_key_len = 97, .ciphertext_len = 97, .shared_len = 48,
    .generate = secp384r1_generate,
    .encapsulate = secp384r1_encapsulate,
    .decapsulate = secp384r1_decapsulate,
};
