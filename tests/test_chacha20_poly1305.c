/* Suite for aead_chacha20_poly1305 (crypto/aead.h). */
#include "crypto/aead.h"

#include "tests/vectors.h"

#include <check.h>
#include <string.h>

static const struct aead *const chacha = &aead_chacha20_poly1305;

START_TEST(the_table)
{
    ck_assert_uint_eq(chacha->key_len, 32);
    ck_assert_uint_eq(chacha->record_limit, UINT64_MAX);      /* RFC 8446 §5.5 */
}
END_TEST

START_TEST(rfc8439)
{
    struct vectors v = vectors_open("vectors/rfc/chacha20_poly1305.txt");
    while (vectors_next(&v)) {
        struct aead_key key;
        uint8_t out[512], back[512];
        struct bytes plaintext = vector(&v, "plaintext");
        const uint8_t *nonce = vector(&v, "nonce").at;
        ck_assert_uint_le(plaintext.len + AEAD_TAG_LEN, sizeof out);
        chacha->init(&key, vector(&v, "key").at);
        chacha->seal(&key, out, nonce, vector(&v, "aad"), plaintext);
        check_bytes(&v, "ciphertext", out, vector(&v, "ciphertext"));
        check_bytes(&v, "tag", out + plaintext.len, vector(&v, "tag"));
        ck_assert(chacha->open(&key, back, nonce, vector(&v, "aad"),
                               bytes_of(out, plaintext.len + AEAD_TAG_LEN)));
        check_bytes(&v, "plaintext", back, plaintext);
    }
    ck_assert_uint_eq(v.cases, 2);
    vectors_close(&v);
}
END_TEST

static const uint8_t key_bytes[32] = { 1, 2, 3 }, nonce[AEAD_NONCE_LEN] = { 4, 5, 6 };
static uint8_t text[1024];

static void start(struct aead_key *key)
{
    chacha->init(key, key_bytes);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 31 + 7);
}

/* Apart and in place, at every length over several blocks, and not a byte beyond. */
START_TEST(every_length_in_place_and_apart)
{
    struct aead_key key;
    uint8_t sealed[sizeof text + AEAD_TAG_LEN + 1], back[sizeof sealed];
    start(&key);
    for (size_t len = 0; len <= sizeof text; len++) {
        struct bytes aad = { text, len % 37 };
        memset(sealed, 0xa5, sizeof sealed);
        chacha->seal(&key, sealed, nonce, aad, bytes_of(text, len));
        ck_assert_uint_eq(sealed[len + AEAD_TAG_LEN], 0xa5);
        memcpy(back, text, len);
        chacha->seal(&key, back, nonce, aad, bytes_of(back, len));
        ck_assert_mem_eq(back, sealed, len + AEAD_TAG_LEN);
        ck_assert(chacha->open(&key, back, nonce, aad, bytes_of(back, len + AEAD_TAG_LEN)));
        ck_assert_mem_eq(back, text, len);
        memset(back, 0xa5, sizeof back);
        ck_assert(chacha->open(&key, back, nonce, aad, bytes_of(sealed, len + AEAD_TAG_LEN)));
        ck_assert_mem_eq(back, text, len);
        ck_assert_uint_eq(back[len], 0xa5);
    }
}
END_TEST

static void refused(const struct aead_key *key, const uint8_t *n, struct bytes aad,
                    struct bytes sealed)
{
    static const uint8_t zeros[sizeof text];
    uint8_t out[sizeof text + AEAD_TAG_LEN];
    size_t len = sealed.len < AEAD_TAG_LEN ? 0 : sealed.len - AEAD_TAG_LEN;
    memset(out, 0xa5, sizeof out);
    ck_assert(!chacha->open(key, out, n, aad, sealed));
    ck_assert_mem_eq(out, zeros, len);
    ck_assert_uint_eq(out[len], 0xa5);
}

START_TEST(every_flipped_bit_is_refused)
{
    struct aead_key key;
    uint8_t sealed[100 + AEAD_TAG_LEN], aad[5] = { 9 }, n[AEAD_NONCE_LEN];
    start(&key);
    memcpy(n, nonce, sizeof n);
    chacha->seal(&key, sealed, n, bytes_of(aad, 5), bytes_of(text, 100));
    struct { uint8_t *at; size_t len; } const parts[] = {
        { sealed, sizeof sealed }, { aad, sizeof aad }, { n, sizeof n },
    };
    for (size_t p = 0; p < COUNT(parts); p++)
        for (size_t bit = 0; bit < 8 * parts[p].len; bit++) {
            parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refused(&key, n, bytes_of(aad, 5), bytes_of(sealed, sizeof sealed));
            parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    uint8_t out[100];
    ck_assert(chacha->open(&key, out, n, bytes_of(aad, 5), bytes_of(sealed, sizeof sealed)));
}
END_TEST

START_TEST(other_lengths_are_refused)
{
    struct aead_key key;
    uint8_t sealed[100 + AEAD_TAG_LEN + 1] = { 0 };
    start(&key);
    chacha->seal(&key, sealed, nonce, bytes_of(text, 5), bytes_of(text, 100));
    for (size_t len = 0; len <= sizeof sealed; len++)
        if (len != 100 + AEAD_TAG_LEN)
            refused(&key, nonce, bytes_of(text, 5), bytes_of(sealed, len));
    for (size_t len = 0; len <= 20; len++)
        if (len != 5)
            refused(&key, nonce, bytes_of(text, len), bytes_of(sealed, 100 + AEAD_TAG_LEN));
}
END_TEST

START_TEST(refused_in_place_leaves_zeros)
{
    static const uint8_t zeros[500];
    struct aead_key key;
    uint8_t buffer[500 + AEAD_TAG_LEN];
    start(&key);
    chacha->seal(&key, buffer, nonce, bytes_of(NULL, 0), bytes_of(text, 500));
    buffer[499] ^= 1;
    ck_assert(!chacha->open(&key, buffer, nonce, bytes_of(NULL, 0),
                            bytes_of(buffer, sizeof buffer)));
    ck_assert_mem_eq(buffer, zeros, sizeof zeros);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chacha20_poly1305");
    TCase *t = tcase_create("chacha20_poly1305");
    tcase_add_test(t, the_table);
    tcase_add_test(t, rfc8439);
    tcase_add_test(t, every_length_in_place_and_apart);
    tcase_add_test(t, every_flipped_bit_is_refused);
    tcase_add_test(t, other_lengths_are_refused);
    tcase_add_test(t, refused_in_place_leaves_zeros);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
