/* vectors/subject_libsodium.c - libsodium's primitives, in this process.
 *
 * What crypto/ takes from libsodium it takes with checks of its own; here it stands alone, and with
 * what crypto/ does not use: AES-256-GCM where the processor has it, HMAC, ChaCha20, Poly1305.
 */
#include "vectors/subject.h"

#include <sodium.h>
#include <string.h>

static void on_hash(struct answer *out, const struct request *q)
{
    uint8_t digest[crypto_hash_sha512_BYTES];
    struct bytes m = bytes_in(q, "message");
    if (word_is(q, "algorithm", "SHA-256")) {
        crypto_hash_sha256(digest, m.at, m.len);
        answer_value(out, digest, crypto_hash_sha256_BYTES);
    } else if (word_is(q, "algorithm", "SHA-512")) {
        crypto_hash_sha512(digest, m.at, m.len);
        answer_value(out, digest, crypto_hash_sha512_BYTES);
    } else {
        answer_unsupported(out, "hash %s", word_in(q, "algorithm"));
    }
}

static void on_hmac(struct answer *out, const struct request *q)
{
    uint8_t mac[crypto_auth_hmacsha512_BYTES];
    struct bytes key = bytes_in(q, "key"), m = bytes_in(q, "message");
    if (word_is(q, "hash", "SHA-256")) {
        crypto_auth_hmacsha256_state state;
        crypto_auth_hmacsha256_init(&state, key.at, key.len);
        crypto_auth_hmacsha256_update(&state, m.at, m.len);
        crypto_auth_hmacsha256_final(&state, mac);
        answer_value(out, mac, crypto_auth_hmacsha256_BYTES);
    } else if (word_is(q, "hash", "SHA-512")) {
        crypto_auth_hmacsha512_state state;
        crypto_auth_hmacsha512_init(&state, key.at, key.len);
        crypto_auth_hmacsha512_update(&state, m.at, m.len);
        crypto_auth_hmacsha512_final(&state, mac);
        answer_value(out, mac, crypto_auth_hmacsha512_BYTES);
    } else {
        answer_unsupported(out, "HMAC with %s", word_in(q, "hash"));
    }
}

static void on_mac(struct answer *out, const struct request *q)
{
    uint8_t mac[crypto_onetimeauth_BYTES];
    struct bytes key = bytes_in(q, "key"), m = bytes_in(q, "message");
    if (!word_is(q, "algorithm", "POLY1305") || key.len != crypto_onetimeauth_KEYBYTES) {
        answer_unsupported(out, "mac %s", word_in(q, "algorithm"));
        return;
    }
    crypto_onetimeauth(mac, m.at, m.len, key.at);
    answer_value(out, mac, sizeof mac);
}

static void on_stream(struct answer *out, const struct request *q)
{
    struct bytes key = bytes_in(q, "key"), nonce = bytes_in(q, "nonce"), in = bytes_in(q, "input");
    int64_t counter = number_in(q, "counter");
    if (!word_is(q, "algorithm", "CHACHA20") || key.len != crypto_stream_chacha20_ietf_KEYBYTES
        || nonce.len != crypto_stream_chacha20_ietf_NONCEBYTES || counter < 0
        || counter > UINT32_MAX) {
        answer_unsupported(out, "stream cipher %s", word_in(q, "algorithm"));
        return;
    }
    uint8_t *output = arena_take(out->arena, in.len);
    crypto_stream_chacha20_ietf_xor_ic(output, in.at, in.len, nonce.at, (uint32_t)counter, key.at);
    answer_value(out, output, in.len);
}

/* ---- AEADs ---- */

typedef int seal_function(unsigned char *c, unsigned char *mac, unsigned long long *mac_len,
                          const unsigned char *m, unsigned long long m_len,
                          const unsigned char *ad, unsigned long long ad_len,
                          const unsigned char *secret_nonce, const unsigned char *nonce,
                          const unsigned char *key);
typedef int open_function(unsigned char *m, unsigned char *secret_nonce, const unsigned char *c,
                          unsigned long long c_len, const unsigned char *mac,
                          const unsigned char *ad, unsigned long long ad_len,
                          const unsigned char *nonce, const unsigned char *key);

static const struct sodium_aead {
    const char *name;
    size_t nonce_len;
    seal_function *seal;
    open_function *open;
} aeads[] = {
    { "AES-GCM", 12, crypto_aead_aes256gcm_encrypt_detached,
      crypto_aead_aes256gcm_decrypt_detached },
    { "CHACHA20-POLY1305", 12, crypto_aead_chacha20poly1305_ietf_encrypt_detached,
      crypto_aead_chacha20poly1305_ietf_decrypt_detached },
    { "XCHACHA20-POLY1305", 24, crypto_aead_xchacha20poly1305_ietf_encrypt_detached,
      crypto_aead_xchacha20poly1305_ietf_decrypt_detached },
};

static const struct sodium_aead *aead_in(struct answer *out, const struct request *q,
                                         size_t tag_len)
{
    const char *name = word_in(q, "algorithm");
    size_t key_len = bytes_in(q, "key").len, nonce_len = bytes_in(q, "nonce").len;
    for (size_t i = 0; i < COUNT(aeads); i++) {
        if (strcmp(aeads[i].name, name) != 0)
            continue;
        if (i == 0 && !crypto_aead_aes256gcm_is_available())
            answer_unsupported(out, "AES-GCM on this processor");
        else if (key_len != 32)
            answer_unsupported(out, "%s key of %zu bits", name, 8 * key_len);
        else if (nonce_len != aeads[i].nonce_len)
            answer_unsupported(out, "%s nonce of other than %zu bits", name,
                               8 * aeads[i].nonce_len);
        else if (tag_len != 16)
            answer_unsupported(out, "%s tag of other than 128 bits", name);
        else
            return &aeads[i];
        return NULL;
    }
    answer_unsupported(out, "aead %s", name);
    return NULL;
}

static void on_aead_seal(struct answer *out, const struct request *q)
{
    uint8_t tag[16];
    struct bytes plaintext = bytes_in(q, "plaintext"), aad = bytes_in(q, "aad");
    const struct sodium_aead *aead = aead_in(out, q, (size_t)number_in(q, "tag-length"));
    if (!aead)
        return;
    uint8_t *ciphertext = arena_take(out->arena, plaintext.len);
    aead->seal(ciphertext, tag, NULL, plaintext.at, plaintext.len, aad.at, aad.len, NULL,
               bytes_in(q, "nonce").at, bytes_in(q, "key").at);
    answer_value(out, ciphertext, plaintext.len);
    answer_value(out, tag, sizeof tag);
}

static void on_aead_open(struct answer *out, const struct request *q)
{
    struct bytes ciphertext = bytes_in(q, "ciphertext"), aad = bytes_in(q, "aad");
    const struct sodium_aead *aead = aead_in(out, q, bytes_in(q, "tag").len);
    if (!aead)
        return;
    uint8_t *plaintext = arena_take(out->arena, ciphertext.len);
    if (aead->open(plaintext, NULL, ciphertext.at, ciphertext.len, bytes_in(q, "tag").at, aad.at,
                   aad.len, bytes_in(q, "nonce").at, bytes_in(q, "key").at) == 0)
        answer_value(out, plaintext, ciphertext.len);
    else
        answer_verdict(out, false);
}

/* ---- curves ---- */

static bool curve_is(struct answer *out, const struct request *q, const char *curve)
{
    if (word_is(q, "curve", curve))
        return true;
    answer_unsupported(out, "curve %s", word_in(q, "curve"));
    return false;
}

static void on_xdh(struct answer *out, const struct request *q)
{
    uint8_t shared[crypto_scalarmult_BYTES];
    struct bytes private = bytes_in(q, "private"), public = bytes_in(q, "public");
    if (!curve_is(out, q, "X25519"))
        return;
    if (private.len != 32 || public.len != 32
        || crypto_scalarmult(shared, private.at, public.at) != 0)
        answer_verdict(out, false);
    else
        answer_value(out, shared, sizeof shared);
}

static void on_xdh_public(struct answer *out, const struct request *q)
{
    uint8_t public[crypto_scalarmult_BYTES];
    struct bytes private = bytes_in(q, "private");
    if (!curve_is(out, q, "X25519"))
        return;
    if (private.len != 32 || crypto_scalarmult_base(public, private.at) != 0)
        answer_verdict(out, false);
    else
        answer_value(out, public, sizeof public);
}

static void on_eddsa_verify(struct answer *out, const struct request *q)
{
    struct bytes public = bytes_in(q, "public"), signature = bytes_in(q, "signature");
    struct bytes m = bytes_in(q, "message");
    if (curve_is(out, q, "Ed25519"))
        answer_verdict(out, public.len == 32 && signature.len == 64
                            && crypto_sign_verify_detached(signature.at, m.at, m.len,
                                                           public.at) == 0);
}

static void eddsa_key(uint8_t public[32], uint8_t secret[64], const struct request *q)
{
    crypto_sign_seed_keypair(public, secret, bytes_in(q, "private").at);
}

static void on_eddsa_sign(struct answer *out, const struct request *q)
{
    uint8_t public[32], secret[64], signature[64];
    struct bytes m = bytes_in(q, "message");
    if (!curve_is(out, q, "Ed25519"))
        return;
    if (bytes_in(q, "private").len != 32) {
        answer_verdict(out, false);
        return;
    }
    eddsa_key(public, secret, q);
    crypto_sign_detached(signature, NULL, m.at, m.len, secret);
    answer_value(out, signature, sizeof signature);
}

static void on_eddsa_public(struct answer *out, const struct request *q)
{
    uint8_t public[32], secret[64];
    if (!curve_is(out, q, "Ed25519"))
        return;
    if (bytes_in(q, "private").len != 32) {
        answer_verdict(out, false);
        return;
    }
    eddsa_key(public, secret, q);
    answer_value(out, public, sizeof public);
}

static const struct operation operations[] = {
    { "hash",         on_hash         },
    { "hmac",         on_hmac         },
    { "mac",          on_mac          },
    { "stream",       on_stream       },
    { "aead-seal",    on_aead_seal    },
    { "aead-open",    on_aead_open    },
    { "xdh",          on_xdh          },
    { "xdh-public",   on_xdh_public   },
    { "eddsa-verify", on_eddsa_verify },
    { "eddsa-sign",   on_eddsa_sign   },
    { "eddsa-public", on_eddsa_public },
};

static void ask(struct subject *s, struct answer *out, const struct request *q)
{
    (void)s;
    if (sodium_init() < 0)
        answer_unsupported(out, "anything: sodium_init failed");
    else
        operations_ask(operations, COUNT(operations), out, q);
}

const struct subject subject_libsodium = { .name = "libsodium", .ask = ask };
