/* vectors/subject_ours.c - this project's own crypto/ and tls13/, in this process.
 *
 * One function for each operation of docs/sealvec.md. Each refuses as unsupported what the library
 * has no form for, and leaves all else, good or bad, to the library.
 */
#include "vectors/subject.h"

#include "crypto/aead.h"
#include "crypto/aes.h"
#include "crypto/aes_cbc.h"
#include "crypto/ecdsa.h"
#include "crypto/ed25519.h"
#include "crypto/group.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/keccak.h"
#include "crypto/mlkem768.h"
#include "crypto/pbkdf2.h"
#include "crypto/x25519.h"
#include "tls13/record.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/key.h"
#include "tls13/x509/verify.h"

#include <string.h>

/* ---- hashes ---- */

static const struct { const char *name; const struct hash *hash; } hashes[] = {
    { "SHA-256", &hash_sha256 }, { "SHA-384", &hash_sha384 }, { "SHA-512", &hash_sha512 },
};

static const struct { const char *name; const struct sponge_kind *kind; } sponges[] = {
    { "SHA3-256", &sha3_256 }, { "SHA3-512", &sha3_512 },
    { "SHAKE128", &shake128 }, { "SHAKE256", &shake256 },
};

static const struct hash *find_hash(const char *name)
{
    for (size_t i = 0; i < COUNT(hashes); i++)
        if (strcmp(name, hashes[i].name) == 0)
            return hashes[i].hash;
    return NULL;
}

static const struct sponge_kind *find_sponge(const char *name)
{
    for (size_t i = 0; i < COUNT(sponges); i++)
        if (strcmp(name, sponges[i].name) == 0)
            return sponges[i].kind;
    return NULL;
}

/* The parameter "hash"; NULL, and the answer is given, if it is not one of ours. */
static const struct hash *hash_in(struct answer *out, const struct request *q)
{
    const struct hash *h = find_hash(word_in(q, "hash"));
    if (!h)
        answer_unsupported(out, "hash %s", word_in(q, "hash"));
    return h;
}

/* A length of output; SIZE_MAX, and the answer is given, if it is not one to make. */
static size_t length_in(struct answer *out, const struct request *q)
{
    int64_t length = number_in(q, "length");
    if (length >= 0 && length <= OUTPUT_MAX)
        return (size_t)length;
    answer_unsupported(out, "output of %lld bytes", (long long)length);
    return SIZE_MAX;
}

static void on_hash(struct answer *out, const struct request *q)
{
    uint8_t digest[HASH_MAX];
    const struct hash *h = find_hash(word_in(q, "algorithm"));
    const struct sponge_kind *s = find_sponge(word_in(q, "algorithm"));
    if (h) {
        hash_digest(h, digest, bytes_in(q, "message"));
        answer_value(out, digest, h->digest_len);
    } else if (s && s->digest_len > 0) {
        sponge_digest(s, digest, s->digest_len, bytes_in(q, "message"), bytes_of(NULL, 0));
        answer_value(out, digest, s->digest_len);
    } else {
        answer_unsupported(out, "hash %s", word_in(q, "algorithm"));
    }
}

static void on_xof(struct answer *out, const struct request *q)
{
    const struct sponge_kind *s = find_sponge(word_in(q, "algorithm"));
    size_t length = length_in(out, q);
    if (!s || s->digest_len > 0) {
        answer_unsupported(out, "xof %s", word_in(q, "algorithm"));
    } else if (length != SIZE_MAX) {
        uint8_t *output = arena_take(out->arena, length);
        sponge_digest(s, output, length, bytes_in(q, "message"), bytes_of(NULL, 0));
        answer_value(out, output, length);
    }
}

static void on_hmac(struct answer *out, const struct request *q)
{
    uint8_t mac[HASH_MAX];
    const struct hash *h = hash_in(out, q);
    if (!h)
        return;
    hmac_compute(h, mac, bytes_in(q, "key"), bytes_in(q, "message"));
    answer_value(out, mac, h->digest_len);
}

/* RFC 5869 §2.3 bounds the length; the library asserts that bound, so it is refused here. */
static void expand(struct answer *out, const struct request *q, const struct hash *h,
                   const uint8_t *prk)
{
    size_t length = length_in(out, q);
    if (length == SIZE_MAX)
        return;
    if (length > 255 * (size_t)h->digest_len) {
        answer_verdict(out, false);
        return;
    }
    uint8_t *okm = arena_take(out->arena, length);
    hkdf_expand(h, okm, length, prk, bytes_in(q, "info"));
    answer_value(out, okm, length);
}

static void on_hkdf(struct answer *out, const struct request *q)
{
    uint8_t prk[HASH_MAX];
    const struct hash *h = hash_in(out, q);
    if (!h)
        return;
    hkdf_extract(h, prk, bytes_in(q, "salt"), bytes_in(q, "ikm"));
    expand(out, q, h, prk);
}

static void on_hkdf_extract(struct answer *out, const struct request *q)
{
    uint8_t prk[HASH_MAX];
    const struct hash *h = hash_in(out, q);
    if (!h)
        return;
    hkdf_extract(h, prk, bytes_in(q, "salt"), bytes_in(q, "ikm"));
    answer_value(out, prk, h->digest_len);
}

static void on_hkdf_expand(struct answer *out, const struct request *q)
{
    const struct hash *h = hash_in(out, q);
    struct bytes prk = bytes_in(q, "prk");
    if (h && prk.len == h->digest_len)
        expand(out, q, h, prk.at);
    else if (h)
        answer_unsupported(out, "pseudorandom key of %zu bytes", prk.len);
}

static void on_pbkdf2(struct answer *out, const struct request *q)
{
    const struct hash *h = hash_in(out, q);
    int64_t iterations = number_in(q, "iterations");
    size_t length = h ? length_in(out, q) : SIZE_MAX;
    if (length == SIZE_MAX)
        return;
    if (iterations < 1 || iterations > UINT32_MAX) {
        answer_unsupported(out, "%lld iterations", (long long)iterations);
        return;
    }
    uint8_t *key = arena_take(out->arena, length);
    pbkdf2(h, key, length, bytes_in(q, "password"), bytes_in(q, "salt"), (uint32_t)iterations);
    answer_value(out, key, length);
}

/* ---- ciphers ---- */

static void block_cipher(struct answer *out, const struct request *q,
                         void cipher(const struct aes_schedule *, uint8_t *, const uint8_t *))
{
    struct aes_key key;
    struct aes_schedule schedule;
    struct bytes k = bytes_in(q, "key"), in = bytes_in(q, "input");
    if (!word_is(q, "algorithm", "AES") || (k.len != 16 && k.len != 32)) {
        answer_unsupported(out, "block cipher %s with a key of %zu bytes", word_in(q, "algorithm"),
                           k.len);
        return;
    }
    if (in.len % AES_BLOCK_LEN != 0) {
        answer_verdict(out, false);
        return;
    }
    uint8_t *output = arena_take(out->arena, in.len + AES_BATCH_LEN);
    aes_key_init(&key, k.at, k.len);
    aes_schedule_init(&schedule, &key);
    for (size_t done = 0; done < in.len; done += AES_BATCH_LEN) {
        uint8_t batch[AES_BATCH_LEN] = { 0 };
        size_t n = in.len - done < sizeof batch ? in.len - done : sizeof batch;
        memcpy(batch, in.at + done, n);
        cipher(&schedule, output + done, batch);
    }
    answer_value(out, output, in.len);
}

static void on_block_encrypt(struct answer *out, const struct request *q)
{
    block_cipher(out, q, aes_encrypt);
}

static void on_block_decrypt(struct answer *out, const struct request *q)
{
    block_cipher(out, q, aes_decrypt);
}

/* CBC, for encrypted private keys, without its padding: that is part of reading such a key. */
static void on_cipher_decrypt(struct answer *out, const struct request *q)
{
    struct bytes key = bytes_in(q, "key"), iv = bytes_in(q, "iv"), in = bytes_in(q, "input");
    if (!word_is(q, "algorithm", "AES-CBC") || (key.len != 16 && key.len != 32)) {
        answer_unsupported(out, "cipher %s with a key of %zu bytes", word_in(q, "algorithm"),
                           key.len);
        return;
    }
    if (iv.len != AES_BLOCK_LEN || in.len % AES_BLOCK_LEN != 0) {
        answer_verdict(out, false);
        return;
    }
    uint8_t *output = arena_take(out->arena, in.len);
    aes_cbc_decrypt(output, key.at, key.len, iv.at, in);
    answer_value(out, output, in.len);
}

static const struct { const char *name; const struct aead *aead; } aeads[] = {
    { "AES-GCM", &aead_aes_128_gcm }, { "AES-GCM", &aead_aes_256_gcm },
    { "CHACHA20-POLY1305", &aead_chacha20_poly1305 },
};

/* NULL, and the answer is given, unless key, nonce and tag are of the sizes that TLS uses. */
static const struct aead *aead_in(struct answer *out, const struct request *q, size_t tag_len)
{
    const struct aead *aead = NULL;
    const char *name = word_in(q, "algorithm");
    struct bytes key = bytes_in(q, "key"), nonce = bytes_in(q, "nonce");
    bool named = false;
    for (size_t i = 0; i < COUNT(aeads); i++)
        if (strcmp(name, aeads[i].name) == 0) {
            named = true;
            if (aeads[i].aead->key_len == key.len)
                aead = aeads[i].aead;
        }
    if (!named)
        answer_unsupported(out, "aead %s", name);
    else if (!aead)
        answer_unsupported(out, "%s key of %zu bits", name, 8 * key.len);
    else if (nonce.len != AEAD_NONCE_LEN)
        answer_unsupported(out, "%s nonce of other than 96 bits", name);
    else if (tag_len != AEAD_TAG_LEN)
        answer_unsupported(out, "%s tag of other than 128 bits", name);
    else
        return aead;
    return NULL;
}

static void on_aead_seal(struct answer *out, const struct request *q)
{
    struct aead_key key;
    struct bytes plaintext = bytes_in(q, "plaintext");
    const struct aead *aead = aead_in(out, q, (size_t)number_in(q, "tag-length"));
    if (!aead)
        return;
    uint8_t *sealed = arena_take(out->arena, plaintext.len + AEAD_TAG_LEN);
    aead->init(&key, bytes_in(q, "key").at);
    aead->seal(&key, sealed, bytes_in(q, "nonce").at, bytes_in(q, "aad"), plaintext);
    answer_value(out, sealed, plaintext.len);
    answer_value(out, sealed + plaintext.len, AEAD_TAG_LEN);
}

/* A refusal that leaves plaintext behind is no refusal: it is answered as if it were accepted. */
static void on_aead_open(struct answer *out, const struct request *q)
{
    struct aead_key key;
    struct bytes ciphertext = bytes_in(q, "ciphertext"), tag = bytes_in(q, "tag");
    const struct aead *aead = aead_in(out, q, tag.len);
    if (!aead)
        return;
    uint8_t *sealed = arena_take(out->arena, ciphertext.len + AEAD_TAG_LEN);
    uint8_t *plaintext = arena_take(out->arena, ciphertext.len);
    uint8_t left = 0;
    if (ciphertext.len > 0)
        memcpy(sealed, ciphertext.at, ciphertext.len);
    memcpy(sealed + ciphertext.len, tag.at, AEAD_TAG_LEN);
    aead->init(&key, bytes_in(q, "key").at);
    bool good = aead->open(&key, plaintext, bytes_in(q, "nonce").at, bytes_in(q, "aad"),
                           bytes_of(sealed, ciphertext.len + AEAD_TAG_LEN));
    for (size_t i = 0; !good && i < ciphertext.len; i++)
        left |= plaintext[i];
    if (good || left)
        answer_value(out, plaintext, ciphertext.len);
    else
        answer_verdict(out, false);
}

/* ---- key agreement ---- */

static bool xdh_known(struct answer *out, const struct request *q)
{
    if (word_is(q, "curve", "X25519"))
        return true;
    answer_unsupported(out, "curve %s", word_in(q, "curve"));
    return false;
}

static void on_xdh(struct answer *out, const struct request *q)
{
    uint8_t shared[X25519_LEN];
    struct bytes private = bytes_in(q, "private"), public = bytes_in(q, "public");
    if (!xdh_known(out, q))
        return;
    if (private.len != X25519_LEN || public.len != X25519_LEN
        || !x25519(shared, private.at, public.at))
        answer_verdict(out, false);
    else
        answer_value(out, shared, sizeof shared);
}

static void on_xdh_public(struct answer *out, const struct request *q)
{
    uint8_t public[X25519_LEN];
    struct bytes private = bytes_in(q, "private");
    if (!xdh_known(out, q))
        return;
    if (private.len != X25519_LEN) {
        answer_verdict(out, false);
        return;
    }
    x25519_public_key(public, private.at);
    answer_value(out, public, sizeof public);
}

static const struct ec {
    const char *name;
    enum key_type type;
    const struct curve *curve;
    const struct group *group;
} curves[] = {
    { "P-256", KEY_P256, &curve_p256, &group_secp256r1 },
    { "P-384", KEY_P384, &curve_p384, &group_secp384r1 },
};

static const struct ec *curve_in(struct answer *out, const struct request *q)
{
    for (size_t i = 0; i < COUNT(curves); i++)
        if (word_is(q, "curve", curves[i].name))
            return &curves[i];
    answer_unsupported(out, "curve %s", word_in(q, "curve"));
    return NULL;
}

/* The point of a named-curve SubjectPublicKeyInfo, or an empty one. */
static struct bytes point_in(const struct ec *ec, const struct request *q)
{
    struct public_key key;
    if (!request_find(q, "spki"))
        return bytes_in(q, "public");
    if (public_key_decode(&key, bytes_in(q, "spki")) || key.type != ec->type)
        return bytes_of(NULL, 0);
    return key.point;
}

/* Private keys come as integers, with or without leading zeros; ours have all of their bytes. */
static bool scalar_in(const struct curve *c, uint8_t out[CURVE_SCALAR_MAX],
                      const struct request *q)
{
    struct bytes b = bytes_in(q, "private");
    for (; b.len > c->scalar_len && b.at[0] == 0; b.at++)
        b.len--;
    memset(out, 0, CURVE_SCALAR_MAX);
    if (b.len > 0 && b.len <= c->scalar_len)
        memcpy(out + c->scalar_len - b.len, b.at, b.len);
    return b.len <= c->scalar_len;
}

static void on_ecdh(struct answer *out, const struct request *q)
{
    uint8_t scalar[CURVE_SCALAR_MAX], shared[CURVE_SCALAR_MAX];
    const struct ec *ec = curve_in(out, q);
    if (!ec)
        return;
    if (!scalar_in(ec->curve, scalar, q)
        || !ec->group->decapsulate(shared, scalar, point_in(ec, q)))
        answer_verdict(out, false);
    else
        answer_value(out, shared, ec->group->shared_len);
}

static void on_ec_public(struct answer *out, const struct request *q)
{
    uint8_t scalar[CURVE_SCALAR_MAX], point[CURVE_POINT_MAX];
    const struct ec *ec = curve_in(out, q);
    if (!ec)
        return;
    if (!scalar_in(ec->curve, scalar, q) || !curve_private_public(ec->curve, point, scalar))
        answer_verdict(out, false);
    else
        answer_value(out, point, ec->curve->point_len);
}

static void on_ec_check(struct answer *out, const struct request *q)
{
    union curve_point p;
    const struct ec *ec = curve_in(out, q);
    if (ec)
        answer_verdict(out, ec->curve->decode(&p, bytes_in(q, "public")));
}

/* ---- signatures ---- */

/* ECDSA takes any digest, so SHA-3 will do as well. Its length; 0, and the answer is given, if the
 * hash is not one of ours. */
static size_t digest_in(struct answer *out, uint8_t digest[HASH_MAX], const struct request *q)
{
    const char *name = word_in(q, "hash");
    const struct hash *h = find_hash(name);
    const struct sponge_kind *s = find_sponge(name);
    if (h) {
        hash_digest(h, digest, bytes_in(q, "message"));
        return h->digest_len;
    }
    if (s && s->digest_len > 0) {
        sponge_digest(s, digest, s->digest_len, bytes_in(q, "message"), bytes_of(NULL, 0));
        return s->digest_len;
    }
    answer_unsupported(out, "hash %s", name);
    return 0;
}

/* IEEE P1363: r and s, each as long as the order. */
static bool p1363_decode(const struct curve *c, struct ecdsa *out, struct bytes raw)
{
    memset(out, 0, sizeof *out);
    if (raw.len != 2 * c->scalar_len)
        return false;
    memcpy(out->r, raw.at, c->scalar_len);
    memcpy(out->s, raw.at + c->scalar_len, c->scalar_len);
    return true;
}

static void on_ecdsa_verify(struct answer *out, const struct request *q)
{
    uint8_t digest[HASH_MAX];
    struct ecdsa signature;
    const struct ec *ec = curve_in(out, q);
    size_t digest_len = ec ? digest_in(out, digest, q) : 0;
    if (digest_len == 0)
        return;
    bool decoded = (word_is(q, "format", "p1363") ? p1363_decode : ecdsa_decode)
        (ec->curve, &signature, bytes_in(q, "signature"));
    answer_verdict(out, decoded && ecdsa_verify(ec->curve, &signature, bytes_in(q, "public"),
                                                bytes_of(digest, digest_len)));
}

static void on_ecdsa_sign(struct answer *out, const struct request *q)
{
    uint8_t digest[HASH_MAX], scalar[CURVE_SCALAR_MAX], der[ECDSA_DER_MAX];
    struct ecdsa signature;
    const struct ec *ec = curve_in(out, q);
    const struct hash *h = ec ? hash_in(out, q) : NULL;
    if (!h)
        return;
    hash_digest(h, digest, bytes_in(q, "message"));
    if (!scalar_in(ec->curve, scalar, q) || !ecdsa_sign(ec->curve, &signature, scalar, h, digest))
        answer_verdict(out, false);
    else
        answer_value(out, der, ecdsa_encode(ec->curve, der, &signature));
}

static bool eddsa_known(struct answer *out, const struct request *q)
{
    if (word_is(q, "curve", "Ed25519"))
        return true;
    answer_unsupported(out, "curve %s", word_in(q, "curve"));
    return false;
}

static void on_eddsa_verify(struct answer *out, const struct request *q)
{
    struct bytes public = bytes_in(q, "public"), signature = bytes_in(q, "signature");
    if (eddsa_known(out, q))
        answer_verdict(out, public.len == ED25519_PUBLIC_LEN
                            && signature.len == ED25519_SIGNATURE_LEN
                            && ed25519_verify(public.at, bytes_in(q, "message"), signature.at));
}

static void on_eddsa_sign(struct answer *out, const struct request *q)
{
    uint8_t signature[ED25519_SIGNATURE_LEN];
    struct bytes seed = bytes_in(q, "private");
    if (!eddsa_known(out, q))
        return;
    if (seed.len != ED25519_SEED_LEN || !ed25519_sign(signature, seed.at, bytes_in(q, "message")))
        answer_verdict(out, false);
    else
        answer_value(out, signature, sizeof signature);
}

static void on_eddsa_public(struct answer *out, const struct request *q)
{
    uint8_t public[ED25519_PUBLIC_LEN];
    struct bytes seed = bytes_in(q, "private");
    if (!eddsa_known(out, q))
        return;
    if (seed.len != ED25519_SEED_LEN) {
        answer_verdict(out, false);
        return;
    }
    ed25519_public_key(public, seed.at);
    answer_value(out, public, sizeof public);
}

/* ---- RSA ---- */

static struct bytes without_zeros(struct bytes b)
{
    while (b.len > 0 && b.at[0] == 0) {
        b.at++;
        b.len--;
    }
    return b;
}

static size_t bits(struct bytes b)
{
    size_t n = 8 * b.len;
    for (uint8_t top = b.len ? b.at[0] : 0; n > 0 && !(top & 0x80); top = (uint8_t)(top << 1))
        n--;
    return n;
}

/* False, and the answer is given, unless the sizes are those of crypto/rsa.h. */
static bool rsa_key_in(struct answer *out, struct rsa_public_key *key, const struct request *q)
{
    key->modulus = without_zeros(bytes_in(q, "modulus"));
    key->exponent = without_zeros(bytes_in(q, "exponent"));
    size_t n = bits(key->modulus), e = bits(key->exponent);
    if (n < RSA_BITS_MIN || n > 8 * RSA_MODULUS_MAX)
        answer_unsupported(out, "RSA modulus of %zu bits", n);
    else if (e > 33)
        answer_unsupported(out, "RSA exponent of more than 33 bits");
    else
        return true;
    return false;
}

static void on_rsa_pkcs1_verify(struct answer *out, const struct request *q)
{
    uint8_t digest[HASH_MAX];
    struct rsa_public_key key;
    const struct hash *h = hash_in(out, q);
    if (!h || !rsa_key_in(out, &key, q))
        return;
    hash_digest(h, digest, bytes_in(q, "message"));
    answer_verdict(out, rsa_verify_pkcs1_vartime(&key, h, digest, bytes_in(q, "signature")));
}

static void on_rsa_pss_verify(struct answer *out, const struct request *q)
{
    uint8_t digest[HASH_MAX];
    struct rsa_public_key key;
    const struct hash *h = hash_in(out, q);
    if (!h || !rsa_key_in(out, &key, q))
        return;
    if (!word_is(q, "mgf-hash", word_in(q, "hash"))) {
        answer_unsupported(out, "MGF1 with another hash than the message's");
        return;
    }
    hash_digest(h, digest, bytes_in(q, "message"));
    answer_verdict(out, number_in(q, "salt-length") >= 0
                        && rsa_verify_pss_vartime(&key, h, digest,
                                                  (size_t)number_in(q, "salt-length"),
                                                  bytes_in(q, "signature")));
}

/* False, and the answer is given, unless it is a key that we sign with. */
static bool rsa_private_in(struct answer *out, struct rsa_private_key *key,
                           const struct request *q)
{
    struct rsa_public_key public;
    struct rsa_numbers numbers = {
        .p = without_zeros(bytes_in(q, "p")),   .q = without_zeros(bytes_in(q, "q")),
        .dP = without_zeros(bytes_in(q, "dp")), .dQ = without_zeros(bytes_in(q, "dq")),
        .qInv = without_zeros(bytes_in(q, "qinv")),
    };
    if (!rsa_key_in(out, &public, q))
        return false;
    numbers.n = public.modulus;
    numbers.e = public.exponent;
    if (numbers.n.len > RSA_SIGN_MODULUS_MAX)
        answer_unsupported(out, "signing with an RSA modulus of %zu bits", bits(numbers.n));
    else if (numbers.p.len == 0 || numbers.q.len == 0)
        answer_unsupported(out, "RSA private key without its primes");
    else if (!rsa_private_key_make(key, &numbers))
        answer_verdict(out, false);
    else
        return true;
    return false;
}

static void on_rsa_sign(struct answer *out, const struct request *q)
{
    uint8_t digest[HASH_MAX], signature[RSA_SIGN_MODULUS_MAX];
    struct rsa_private_key key;
    const struct hash *h = hash_in(out, q);
    if (!h || !rsa_private_in(out, &key, q))
        return;
    hash_digest(h, digest, bytes_in(q, "message"));
    bool signed_it = strcmp(q->operation, "rsa-pss-sign") == 0
        ? rsa_sign_pss(signature, &key, h, digest, bytes_in(q, "salt"))
        : rsa_sign_pkcs1(signature, &key, h, digest);
    if (signed_it)
        answer_value(out, signature, key.n_len);
    else
        answer_verdict(out, false);
}

/* ---- ML-KEM ---- */

static bool mlkem_known(struct answer *out, const struct request *q)
{
    if (word_is(q, "algorithm", "ML-KEM-768"))
        return true;
    answer_unsupported(out, "%s", word_in(q, "algorithm"));
    return false;
}

static void on_mlkem_keygen(struct answer *out, const struct request *q)
{
    uint8_t key[MLKEM768_KEY_LEN];
    struct bytes seed = bytes_in(q, "seed");
    if (!mlkem_known(out, q))
        return;
    if (seed.len != MLKEM768_SEED_LEN) {
        answer_verdict(out, false);
        return;
    }
    mlkem768_public_key(key, seed.at);
    answer_value(out, key, sizeof key);
}

static void on_mlkem_encaps(struct answer *out, const struct request *q)
{
    uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN], shared[MLKEM768_SHARED_LEN];
    struct bytes m = bytes_in(q, "random");
    if (!mlkem_known(out, q))
        return;
    if (m.len != MLKEM768_RANDOM_LEN
        || !mlkem768_encapsulate(ciphertext, shared, bytes_in(q, "public"), m.at)) {
        answer_verdict(out, false);
        return;
    }
    answer_value(out, ciphertext, sizeof ciphertext);
    answer_value(out, shared, sizeof shared);
}

static void on_mlkem_decaps(struct answer *out, const struct request *q)
{
    uint8_t shared[MLKEM768_SHARED_LEN];
    struct bytes seed = bytes_in(q, "seed");
    if (!mlkem_known(out, q))
        return;
    if (!request_find(q, "seed")) {
        answer_unsupported(out, "ML-KEM private key other than as a seed");
        return;
    }
    if (seed.len != MLKEM768_SEED_LEN
        || !mlkem768_decapsulate(shared, seed.at, bytes_in(q, "ciphertext")))
        answer_verdict(out, false);
    else
        answer_value(out, shared, sizeof shared);
}

/* ---- TLS 1.3 ---- */

static bool secret_in(struct answer *out, struct secret *secret, const struct hash *h,
                      const struct request *q)
{
    struct bytes b = bytes_in(q, "secret");
    if (h->digest_len > SECRET_MAX || b.len != h->digest_len) {
        answer_unsupported(out, "secret of %zu bytes", b.len);
        return false;
    }
    memcpy(secret->byte, b.at, b.len);
    return true;
}

static void on_tls13_expand_label(struct answer *out, const struct request *q)
{
    struct secret secret;
    char label[250];
    const struct hash *h = hash_in(out, q);
    struct bytes text = bytes_in(q, "label"), context = bytes_in(q, "context");
    size_t length = h ? length_in(out, q) : SIZE_MAX;
    if (length == SIZE_MAX || !secret_in(out, &secret, h, q))
        return;
    if (length > 255 * (size_t)h->digest_len || text.len >= sizeof label || context.len > 255) {
        answer_verdict(out, false);
        return;
    }
    memcpy(label, text.at, text.len);
    label[text.len] = 0;
    uint8_t *output = arena_take(out->arena, length);
    hkdf_expand_label(h, output, length, &secret, label, context);
    answer_value(out, output, length);
}

/* Seals, and opens what was sealed; what does not come back the same is no value. */
static void on_tls13_record(struct answer *out, const struct request *q)
{
    struct record_keys keys, reading;
    struct traffic_secret secret;
    struct bytes content = bytes_in(q, "content"), opened;
    const struct hash *h = hash_in(out, q);
    const struct aead *aead = !h ? NULL
        : word_is(q, "algorithm", "AES-128-GCM") ? &aead_aes_128_gcm
        : word_is(q, "algorithm", "AES-256-GCM") ? &aead_aes_256_gcm
        : word_is(q, "algorithm", "CHACHA20-POLY1305") ? &aead_chacha20_poly1305 : NULL;
    uint8_t type = (uint8_t)number_in(q, "type");
    if (h && !aead)
        answer_unsupported(out, "aead %s", word_in(q, "algorithm"));
    if (!aead || !secret_in(out, &secret.s, h, q))
        return;
    if (content.len > RECORD_PLAINTEXT_MAX || number_in(q, "sequence") < 0) {
        answer_verdict(out, false);
        return;
    }
    uint8_t *record = arena_take(out->arena, content.len + 256);
    record_keys_make(&keys, aead, h, &secret);
    keys.sequence = (uint64_t)number_in(q, "sequence");
    reading = keys;
    size_t n = record_seal(&keys, record, type, content, 0);
    answer_value(out, record, n);
    if (record_open(&reading, record, n, &type, &opened) != ALERT_NONE
        || type != number_in(q, "type") || !bytes_equal_public(opened, content)) {
        out->value_count = 0;
        answer_verdict(out, false);
    }
}

static void on_tls13_plaintext_record(struct answer *out, const struct request *q)
{
    struct bytes content = bytes_in(q, "content");
    if (content.len > RECORD_PLAINTEXT_MAX) {
        answer_verdict(out, false);
        return;
    }
    uint8_t *record = arena_take(out->arena, content.len + RECORD_HEADER_LEN);
    answer_value(out, record, record_write_plaintext(record, (uint8_t)number_in(q, "type"),
                                                     (uint16_t)number_in(q, "version"), content));
}

/* ---- certificates ---- */

static void on_x509_verify(struct answer *out, const struct request *q)
{
    const struct parameter *chain = request_find(q, "chain"), *given = request_find(q, "anchors");
    struct x509_anchor anchors[LIST_MAX];
    struct x509_trust trust = { .anchors = anchors };
    struct x509_verdict verdict;
    for (size_t i = 0; given && i < given->list_count; i++) {
        struct x509_certificate c;
        if (!x509_certificate_decode(&c, given->list[i]))
            anchors[trust.anchor_count++] = (struct x509_anchor){ c.der, c.subject };
    }
    if (!chain || request_find(q, "crls")) {
        answer_unsupported(out, chain ? "certificate revocation lists" : "empty chain");
        return;
    }
    struct x509_budget budget = x509_budget_default;
    if (request_find(q, "depth"))
        budget.intermediates = (unsigned)number_in(q, "depth");
    struct x509_question question = {
        .trust = &trust, .algorithms = &algorithms_default, .chain = chain->list,
        .chain_count = chain->list_count, .name = bytes_in(q, "name"),
        .now = number_in(q, "time"), .budget = &budget,
        .purpose = word_is(q, "purpose", "client") ? X509_CLIENT : X509_SERVER,
    };
    bool believed = x509_verify(&verdict, &question) == ALERT_NONE;
    answer_verdict(out, believed);
    if (!believed)
        out->reason = arena_print(out->arena, "%s", verdict.reason);
}

static const struct operation operations[] = {
    { "hash",               on_hash               },
    { "xof",                on_xof                },
    { "hmac",               on_hmac               },
    { "hkdf",               on_hkdf               },
    { "hkdf-extract",       on_hkdf_extract       },
    { "hkdf-expand",        on_hkdf_expand        },
    { "pbkdf2",             on_pbkdf2             },
    { "block-encrypt",      on_block_encrypt      },
    { "block-decrypt",      on_block_decrypt      },
    { "cipher-decrypt",     on_cipher_decrypt     },
    { "aead-seal",          on_aead_seal          },
    { "aead-open",          on_aead_open          },
    { "xdh",                on_xdh                },
    { "xdh-public",         on_xdh_public         },
    { "ecdh",               on_ecdh               },
    { "ec-public",          on_ec_public          },
    { "ec-check",           on_ec_check           },
    { "ecdsa-verify",       on_ecdsa_verify       },
    { "ecdsa-sign",         on_ecdsa_sign         },
    { "eddsa-verify",       on_eddsa_verify       },
    { "eddsa-sign",         on_eddsa_sign         },
    { "eddsa-public",       on_eddsa_public       },
    { "rsa-pkcs1-verify",   on_rsa_pkcs1_verify   },
    { "rsa-pss-verify",     on_rsa_pss_verify     },
    { "rsa-pkcs1-sign",     on_rsa_sign           },
    { "rsa-pss-sign",       on_rsa_sign           },
    { "mlkem-keygen",       on_mlkem_keygen       },
    { "mlkem-encaps",       on_mlkem_encaps       },
    { "mlkem-decaps",       on_mlkem_decaps       },
    { "tls13-expand-label", on_tls13_expand_label },
    { "tls13-record",       on_tls13_record       },
    { "tls13-plaintext-record", on_tls13_plaintext_record },
    { "x509-verify",        on_x509_verify        },
};

static void ask(struct subject *s, struct answer *out, const struct request *q)
{
    (void)s;
    operations_ask(operations, COUNT(operations), out, q);
}

const struct subject subject_ours = { .name = "ours", .ours = true, .ask = ask };
