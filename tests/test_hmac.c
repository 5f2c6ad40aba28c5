/* Suite for crypto/hmac.h. */
#include "crypto/hmac.h"

#include "tests/vectors.h"

#include <check.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384, &hash_sha512 };

START_TEST(rfc4231)
{
    struct vectors v = vectors_open("vectors/rfc/hmac.txt");
    while (vectors_next(&v)) {
        for (size_t i = 0; i < COUNT(hashes); i++) {
            uint8_t mac[HASH_MAX];
            hmac_compute(hashes[i], mac, vector(&v, "key"), vector(&v, "data"));
            check_bytes(&v, hashes[i]->name, mac, vector(&v, hashes[i]->name));
        }
    }
    ck_assert_uint_eq(v.cases, 7);
    vectors_close(&v);
}
END_TEST

/* RFC 2104 §2 spelled out, with keys on both sides of a block, where the key's treatment changes:
 * shorter is padded with zeros, longer is hashed. */
START_TEST(key_lengths_around_a_block)
{
    const struct hash *h = hashes[_i];
    uint8_t key[HASH_BLOCK_MAX + 2];
    memset(key, 0x5e, sizeof key);
    for (size_t len = h->block_len - 1u; len <= h->block_len + 1u; len++) {
        uint8_t block[HASH_BLOCK_MAX] = { 0 }, text[HASH_BLOCK_MAX + HASH_MAX];
        uint8_t want[HASH_MAX], got[HASH_MAX];
        if (len > h->block_len)
            hash_digest(h, block, bytes_of(key, len));
        else
            memcpy(block, key, len);
        for (size_t i = 0; i < h->block_len; i++)
            text[i] = block[i] ^ 0x36;
        memcpy(text + h->block_len, "data", 4);
        hash_digest(h, want, bytes_of(text, h->block_len + 4u));
        for (size_t i = 0; i < h->block_len; i++)
            text[i] = block[i] ^ 0x5c;
        memcpy(text + h->block_len, want, h->digest_len);
        hash_digest(h, want, bytes_of(text, (size_t)h->block_len + h->digest_len));

        hmac_compute(h, got, bytes_of(key, len), bytes_of_string("data"));
        ck_assert_mem_eq(got, want, h->digest_len);
    }
}
END_TEST

START_TEST(updates_join)
{
    const struct hash *h = hashes[_i];
    uint8_t data[200] = { 1, 2, 3 }, whole[HASH_MAX], parts[HASH_MAX];
    hmac_compute(h, whole, bytes_of_string("key"), bytes_of(data, sizeof data));
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        struct hmac m;
        hmac_init(&m, h, bytes_of_string("key"));
        hmac_update(&m, bytes_of(data, cut));
        hmac_update(&m, bytes_of(data + cut, sizeof data - cut));
        hmac_final(&m, parts);
        ck_assert_mem_eq(parts, whole, h->digest_len);
    }
}
END_TEST

START_TEST(empty_key_and_message)
{
    uint8_t zeros[HASH_BLOCK_MAX] = { 0 }, a[HASH_MAX], b[HASH_MAX];
    hmac_compute(hashes[_i], a, bytes_of(NULL, 0), bytes_of(NULL, 0));
    hmac_compute(hashes[_i], b, bytes_of(zeros, hashes[_i]->block_len), bytes_of(NULL, 0));
    ck_assert_mem_eq(a, b, hashes[_i]->digest_len);      /* an empty key is padded with zeros */
}
END_TEST

START_TEST(final_wipes_and_may_overwrite_its_input)
{
    static const struct hmac wiped;
    uint8_t want[HASH_MAX], text[HASH_MAX] = { 9, 8, 7 };
    struct hmac m;
    hmac_compute(hashes[_i], want, bytes_of(text, 3), bytes_of(text, sizeof text));
    hmac_init(&m, hashes[_i], bytes_of(text, 3));
    hmac_update(&m, bytes_of(text, sizeof text));
    hmac_final(&m, text);
    ck_assert_mem_eq(text, want, hashes[_i]->digest_len);
    ck_assert_mem_eq(&m, &wiped, sizeof m);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hmac");
    TCase *t = tcase_create("hmac");
    tcase_add_test(t, rfc4231);
    tcase_add_loop_test(t, key_lengths_around_a_block, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, updates_join, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, empty_key_and_message, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, final_wipes_and_may_overwrite_its_input, 0, (int)COUNT(hashes));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
