/* Constant time: every path of the symmetric primitives, X25519 and Ed25519 signing, with all that
 * is secret marked as such (crypto/ct.h).
 *
 * Built as usual it shows only that the paths run. Built with -DCT_VALGRIND and run by
 *
 *     CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_symmetric
 *
 * it fails if a branch or a memory address depends on a secret. With -DCT_PLANTED_LEAK as well it
 * has one such branch, and has to fail: that shows that the marks work.
 */
#include "crypto/aes_cbc.h"
#include "crypto/aes_gcm.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/ed25519.h"
#include "crypto/group.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"
#include "crypto/signature.h"
#include "crypto/x25519.h"
#include "tests/aes_gcm_emulated.h"
#include "tests/vectors.h"
#include "tls13/x509/encrypted_key.h"

#include <check.h>
#include <string.h>

/* Bytes that differ from one another, secret from here on. */
static void make_secret(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(i * 91 + 17);
    ct_secret(out, len);
}

/* For the test's own comparison. */
static void reveal(const void *p, size_t len)
{
    ct_public(p, len);
}

enum { TEXT_MAX = 1700 };
static const uint8_t nonce[AEAD_NONCE_LEN] = { 1, 2, 3 };
static const size_t lengths[] = { 0, 1, 16, 33, 128, 129, 300, TEXT_MAX };

static void check_text(const uint8_t *got, size_t len)
{
    uint8_t want[TEXT_MAX];
    make_secret(want, len);
    reveal(want, len);
    reveal(got, len);
    ck_assert_mem_eq(got, want, len);
}

/* Seals, opens, and opens what has been tampered with. Ciphertext and tag are public once sent. */
static void aes_gcm(const struct aes_gcm *gcm, size_t key_len)
{
    uint8_t key_bytes[32], text[TEXT_MAX + AEAD_TAG_LEN], out[TEXT_MAX];
    struct bytes aad = { nonce, 5 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct aead_key key;
        struct bytes sealed = { text, lengths[i] + AEAD_TAG_LEN };
        make_secret(key_bytes, sizeof key_bytes);
        make_secret(text, lengths[i]);
        gcm->init(&key, key_bytes, key_len);
        gcm->seal(&key, text, nonce, aad, bytes_of(text, lengths[i]));
        reveal(text, sealed.len);
        ck_assert(gcm->open(&key, out, nonce, aad, sealed));
        check_text(out, lengths[i]);
        text[0] ^= 1;
        ck_assert(!gcm->open(&key, out, nonce, aad, sealed));
    }
}

/* valgrind has no VAES (3.19), so it runs the widest version in an emulation. */
START_TEST(c4_aes_gcm_is_constant_time)
{
    const struct aes_gcm *next;
    for (size_t i = 0; (next = aes_gcm_available(i)) != NULL; i++) {
        aes_gcm(next, 16);
        aes_gcm(next, 32);
    }
#if CPU_X86_64
    if (cpu_supports(CPU_AES_NI)) {
        aes_gcm(&aes_gcm_emulated512, 16);
        aes_gcm(&aes_gcm_emulated512, 32);
    }
#endif
}
END_TEST

/* Each implementation; valgrind has AVX2. */
START_TEST(chacha20_poly1305_is_constant_time)
{
    uint8_t key_bytes[32], text[TEXT_MAX + AEAD_TAG_LEN], out[TEXT_MAX];
    const struct chacha20_poly1305 *next;
    for (size_t k = 0; (next = chacha20_poly1305_available(k)) != NULL; k++)
        for (size_t i = 0; i < COUNT(lengths); i++) {
            struct aead_key key;
            struct bytes sealed = { text, lengths[i] + AEAD_TAG_LEN };
            make_secret(key_bytes, sizeof key_bytes);
            make_secret(text, lengths[i]);
            aead_chacha20_poly1305.init(&key, key_bytes);
            next->seal(&key, text, nonce, bytes_of(nonce, 5), bytes_of(text, lengths[i]));
            reveal(text, sealed.len);
            ck_assert(next->open(&key, out, nonce, bytes_of(nonce, 5), sealed));
            check_text(out, lengths[i]);
            text[0] ^= 1;
            ck_assert(!next->open(&key, out, nonce, bytes_of(nonce, 5), sealed));
        }
}
END_TEST

START_TEST(c6_aeads_are_constant_time)
{
    const struct aead *const aeads[] = {
        &aead_aes_128_gcm, &aead_aes_256_gcm, &aead_chacha20_poly1305,
    };
    const struct aead *aead = aeads[_i];
    uint8_t key_bytes[AEAD_KEY_MAX], text[TEXT_MAX + AEAD_TAG_LEN], out[TEXT_MAX];
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct aead_key key;
        struct bytes sealed = { text, lengths[i] + AEAD_TAG_LEN };
        make_secret(key_bytes, sizeof key_bytes);
        make_secret(text, lengths[i]);
        aead->init(&key, key_bytes);
        aead->seal(&key, text, nonce, bytes_of(nonce, 5), bytes_of(text, lengths[i]));
        reveal(text, sealed.len);
        ck_assert(aead->open(&key, out, nonce, bytes_of(nonce, 5), sealed));
        check_text(out, lengths[i]);
        text[0] ^= 1;
        ck_assert(!aead->open(&key, out, nonce, bytes_of(nonce, 5), sealed));
    }
}
END_TEST

/* A password as long as a block takes, and a longer one, which is hashed first. */
START_TEST(pbkdf2_is_constant_time)
{
    static const size_t password_lens[] = { 0, 20, HASH_BLOCK_MAX, HASH_BLOCK_MAX + 1 };
    uint8_t password[HASH_BLOCK_MAX + 1], out[HASH_MAX + 1];
    for (size_t i = 0; i < COUNT(password_lens); i++) {
        make_secret(password, sizeof password);
        pbkdf2(&hash_sha256, out, sizeof out, bytes_of(password, password_lens[i]),
               bytes_of(nonce, sizeof nonce), 3);
        pbkdf2(&hash_sha512, out, sizeof out, bytes_of(password, password_lens[i]),
               bytes_of(nonce, sizeof nonce), 3);
    }
}
END_TEST

/* A key under a password (vectors/x509/encrypted_keys.txt, "AES-128, one iteration"): password, key
 * and PrivateKeyInfo are secret; the right password and a wrong one. */
START_TEST(encrypted_keys_are_constant_time)
{
    struct vectors v = vectors_open("vectors/x509/encrypted_keys.txt");
    ck_assert(vectors_next(&v) && vectors_next(&v));
    struct bytes right = vector(&v, "password");
    struct encrypted_key k;
    uint8_t password[32], key[32], info[512];
    size_t info_len;
    ck_assert_ptr_null(encrypted_key_decode(&k, vector(&v, "der")));
    ck_assert_uint_eq(k.iterations, 1);
    for (uint8_t change = 0; change < 8; change++) {
        memcpy(password, right.at, right.len);
        password[0] ^= change;
        ct_secret(password, right.len);
        pbkdf2(&hash_sha256, key, k.key_len, bytes_of(password, right.len), k.salt, k.iterations);
        const char *wrong = encrypted_key_open(info, &info_len, &k, key);
        ck_assert(!wrong == (change == 0));
    }
    make_secret(key, sizeof key);
    aes_cbc_decrypt(info, key, 32, k.iv.at, k.data);
    vectors_close(&v);
}
END_TEST

/* Secret salts too: the key schedule extracts with a secret for salt (RFC 8446 §7.1). */
START_TEST(hmac_and_hkdf_are_constant_time)
{
    const struct hash *const hashes[] = { &hash_sha256, &hash_sha384, &hash_sha512 };
    uint8_t key[200], message[TEXT_MAX], out[HASH_MAX], okm[100];
    make_secret(key, sizeof key);
    make_secret(message, sizeof message);
    for (size_t i = 0; i < COUNT(hashes); i++) {
        hmac_compute(hashes[i], out, bytes_of(key, 32), bytes_of(message, sizeof message));
        hmac_compute(hashes[i], out, bytes_of(key, sizeof key), bytes_of(message, 1));
        hkdf_extract(hashes[i], out, bytes_of(key, hashes[i]->digest_len),
                     bytes_of(message, 32));
        hkdf_expand(hashes[i], okm, sizeof okm, out, bytes_of_string("info"));
        (void)ct_verdict(ct_equal(okm, key, sizeof okm));      /* how a Finished is compared */
    }
}
END_TEST

static bool secret_fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    make_secret(out, len);
    return true;
}

START_TEST(x25519_is_constant_time)
{
    const struct random_source source = { .fill = secret_fill };
    const struct group *g = &group_x25519;
    uint8_t private[X25519_LEN], public[X25519_LEN], ciphertext[X25519_LEN];
    uint8_t a[X25519_LEN], b[X25519_LEN], zero[X25519_LEN] = { 0 };
    ck_assert(g->generate(private, public, &source));
    ck_assert(g->encapsulate(ciphertext, a, bytes_of(public, sizeof public), &source));
    ck_assert(g->decapsulate(b, private, bytes_of(ciphertext, sizeof ciphertext)));
    reveal(a, sizeof a);
    reveal(b, sizeof b);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert(!x25519(a, private, zero));
}
END_TEST

START_TEST(ed25519_signing_is_constant_time)
{
    struct private_key key = { .type = KEY_ED25519 };
    uint8_t public[ED25519_PUBLIC_LEN], out[SIGNATURE_MAX];
    size_t len;
    make_secret(key.secret, ED25519_SEED_LEN);
    ed25519_public_key(public, key.secret);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        static const uint8_t message[TEXT_MAX];
        ck_assert(signature_ed25519.sign(out, &len, &key, bytes_of(message, lengths[i]), NULL));
        ck_assert(ed25519_verify(public, bytes_of(message, lengths[i]), out));
    }
}
END_TEST

#ifdef CT_PLANTED_LEAK
START_TEST(planted_leak)
{
    uint8_t key[16];
    make_secret(key, sizeof key);
    if (key[3] & 1)
        ck_assert_uint_ne(key[4], key[3]);
}
END_TEST
#endif

int main(void)
{
    Suite *s = suite_create("ct_symmetric");
    TCase *t = tcase_create("ct_symmetric");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, c4_aes_gcm_is_constant_time);
    tcase_add_test(t, chacha20_poly1305_is_constant_time);
    tcase_add_loop_test(t, c6_aeads_are_constant_time, 0, 3);
    tcase_add_test(t, pbkdf2_is_constant_time);
    tcase_add_test(t, encrypted_keys_are_constant_time);
    tcase_add_test(t, hmac_and_hkdf_are_constant_time);
    tcase_add_test(t, x25519_is_constant_time);
    tcase_add_test(t, ed25519_signing_is_constant_time);
#ifdef CT_PLANTED_LEAK
    tcase_add_test(t, planted_leak);
#endif
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
