/* crypto/hybrid.c - X25519MLKEM768 and SecP256r1MLKEM768: two key exchanges side by side.
 *
 * Implements  RFC 10024 (draft-ietf-tls-ecdhe-mlkem) §3.1: shares and secrets are those of the two,
 *             one behind the other.
 * Trusts      the two groups, each to check what it is sent.
 * Secret      private keys and shared secrets.
 *
 * Whoever wants the traffic secrets must break both halves: the curve, which stands if ML-KEM
 * should turn out weak, and ML-KEM, which stands against a quantum computer. The order differs:
 *
 *      X25519MLKEM768      share   ML-KEM || X25519        secret   ML-KEM || X25519
 *      SecP256r1MLKEM768   share   P-256  || ML-KEM        secret   P-256  || ML-KEM
 */
#include "crypto/ct.h"
#include "crypto/group.h"
#include "crypto/mlkem768.h"
#include "crypto/wipe.h"

/* ---- ML-KEM-768 as a group ---- */

/* A private key is the seed and, so that it need not be made again to be hashed, the hash of the
 * encapsulation key. */
enum { MLKEM_PRIVATE_LEN = MLKEM768_SEED_LEN + MLKEM768_HASH_LEN };

static bool mlkem_generate(uint8_t *private, uint8_t *encapsulation_key,
                           const struct random_source *random)
{
    if (!random_fill(random, private, MLKEM768_SEED_LEN))
        return false;
    mlkem768_public_key(encapsulation_key, private);
    mlkem768_key_hash(private + MLKEM768_SEED_LEN, encapsulation_key);
    return true;
}

static bool mlkem_encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes encapsulation_key,
                              const struct random_source *random)
{
    uint8_t m[MLKEM768_RANDOM_LEN];
    bool ok = random_fill(random, m, sizeof m)
           && mlkem768_encapsulate(ciphertext, shared, encapsulation_key, m);
    wipe(m, sizeof m);
    return ok;
}

static bool mlkem_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    return mlkem768_decapsulate_hashed(shared, private, private + MLKEM768_SEED_LEN, ciphertext);
}

static const struct group mlkem768 = {
    .name = "MLKEM768",
    .private_len = MLKEM_PRIVATE_LEN, .encapsulation_key_len = MLKEM768_KEY_LEN,
    .ciphertext_len = MLKEM768_CIPHERTEXT_LEN, .shared_len = MLKEM768_SHARED_LEN,
    .generate = mlkem_generate, .encapsulate = mlkem_encapsulate,
    .decapsulate = mlkem_decapsulate,
};

/* ---- two groups as one ---- */

static bool generate(const struct group *a, const struct group *b, uint8_t *private,
                     uint8_t *encapsulation_key, const struct random_source *random)
{
    bool ok = a->generate(private, encapsulation_key, random)
           && b->generate(private + a->private_len,
                          encapsulation_key + a->encapsulation_key_len, random);
    if (!ok)
        wipe(private, (size_t)a->private_len + b->private_len);
    return ok;
}

/* The length is that of both, exactly (§3.1.1); each half checks what is in its own. */
static bool encapsulate(const struct group *a, const struct group *b, uint8_t *ciphertext,
                        uint8_t *shared, struct bytes key, const struct random_source *random)
{
    size_t a_len = a->encapsulation_key_len, b_len = b->encapsulation_key_len;
    if (key.len != a_len + b_len)
        return false;
    bool ok = a->encapsulate(ciphertext, shared, bytes_of(key.at, a_len), random)
           && b->encapsulate(ciphertext + a->ciphertext_len, shared + a->shared_len,
                             bytes_of(key.at + a_len, b_len), random);
    if (!ok)
        wipe(shared, (size_t)a->shared_len + b->shared_len);
    return ok;
}

static bool decapsulate(const struct group *a, const struct group *b, uint8_t *shared,
                        const uint8_t *private, struct bytes ciphertext)
{
    size_t a_len = a->ciphertext_len, b_len = b->ciphertext_len;
    if (ciphertext.len != a_len + b_len)
        return false;
    bool ok = a->decapsulate(shared, private, bytes_of(ciphertext.at, a_len))
           && b->decapsulate(shared + a->shared_len, private + a->private_len,
                             bytes_of(ciphertext.at + a_len, b_len));
    if (!ok)
        wipe(shared, (size_t)a->shared_len + b->shared_len);
    return ok;
}

/* ---- X25519MLKEM768 ---- */

static bool x25519_generate(uint8_t *private, uint8_t *encapsulation_key,
                            const struct random_source *random)
{
    return generate(&mlkem768, &group_x25519, private, encapsulation_key, random);
}

static bool x25519_encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes key,
                               const struct random_source *random)
{
    return encapsulate(&mlkem768, &group_x25519, ciphertext, shared, key, random);
}

static bool x25519_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    return decapsulate(&mlkem768, &group_x25519, shared, private, ciphertext);
}

const struct group group_x25519mlkem768 = {
    .name = "X25519MLKEM768",
    .private_len = MLKEM_PRIVATE_LEN + 32, .encapsulation_key_len = MLKEM768_KEY_LEN + 32,
    .ciphertext_len = MLKEM768_CIPHERTEXT_LEN + 32, .shared_len = MLKEM768_SHARED_LEN + 32,
    .generate = x25519_generate, .encapsulate = x25519_encapsulate,
    .decapsulate = x25519_decapsulate,
};

/* ---- SecP256r1MLKEM768 ---- */

static bool secp256r1_generate(uint8_t *private, uint8_t *encapsulation_key,
                               const struct random_source *random)
{
    return generate(&group_secp256r1, &mlkem768, private, encapsulation_key, random);
}

static bool secp256r1_encapsulate(uint8_t *ciphertext, uint8_t *shared, struct bytes key,
                                  const struct random_source *random)
{
    return encapsulate(&group_secp256r1, &mlkem768, ciphertext, shared, key, random);
}

static bool secp256r1_decapsulate(uint8_t *shared, const uint8_t *private, struct bytes ciphertext)
{
    return decapsulate(&group_secp256r1, &mlkem768, shared, private, ciphertext);
}

const struct group group_secp256r1mlkem768 = {
    .name = "SecP256r1MLKEM768",
    .private_len = 32 + MLKEM_PRIVATE_LEN, .encapsulation_key_len = 65 + MLKEM768_KEY_LEN,
    .ciphertext_len = 65 + MLKEM768_CIPHERTEXT_LEN, .shared_len = 32 + MLKEM768_SHARED_LEN,
    .generate = secp256r1_generate, .encapsulate = secp256r1_encapsulate,
    .decapsulate = secp256r1_decapsulate,
};
