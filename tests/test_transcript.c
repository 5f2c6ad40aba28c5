/* tests/test_transcript.c - the transcript hash (RFC 8446 §4.4.1). */
#include "tls13/transcript.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384 };

static const struct bytes hello1 = { (const uint8_t *)"\1\0\0\5first", 9 };
static const struct bytes retry  = { (const uint8_t *)"\2\0\0\5again", 9 };
static const struct bytes hello2 = { (const uint8_t *)"\1\0\0\6second", 10 };

static void check_is_hash_of(const struct transcript *t, struct bytes all)
{
    uint8_t got[HASH_MAX], want[HASH_MAX];
    transcript_hash(t, got);
    hash_digest(t->hash, want, all);
    ck_assert_mem_eq(got, want, t->hash->digest_len);
}

START_TEST(is_the_hash_of_all_messages)
{
    struct transcript t;
    uint8_t all[64];
    struct writer w = writer_of(all, sizeof all);
    const struct bytes messages[] = { hello1, retry, hello2 };
    transcript_start(&t, hashes[_i]);
    check_is_hash_of(&t, bytes_of(NULL, 0));
    for (size_t i = 0; i < COUNT(messages); i++) {
        write_bytes(&w, messages[i]);
        transcript_add(&t, messages[i]);
        check_is_hash_of(&t, writer_bytes(&w));
        check_is_hash_of(&t, writer_bytes(&w));          /* asking does not change it */
    }
}
END_TEST

START_TEST(an_empty_message_adds_nothing)
{
    struct transcript t;
    transcript_start(&t, hashes[_i]);
    transcript_add(&t, hello1);
    transcript_add(&t, bytes_of(NULL, 0));
    check_is_hash_of(&t, hello1);
}
END_TEST

/* §4.4.1: Hash(message_hash || 00 00 Hash.length || Hash(ClientHello1) || HelloRetryRequest ..) */
START_TEST(hello_retry_request_replaces_the_first_hello)
{
    struct transcript t;
    uint8_t all[128];
    struct writer w = writer_of(all, sizeof all);
    uint8_t digest_len = hashes[_i]->digest_len;
    write_u8(&w, 254);
    size_t body = write_vec_begin(&w, 3);
    hash_digest(hashes[_i], write_space(&w, digest_len), hello1);
    write_vec_end(&w, body, 3);
    transcript_start(&t, hashes[_i]);
    transcript_add(&t, hello1);
    transcript_replace_with_message_hash(&t);
    check_is_hash_of(&t, writer_bytes(&w));
    transcript_add(&t, retry);
    transcript_add(&t, hello2);
    write_bytes(&w, retry);
    write_bytes(&w, hello2);
    check_is_hash_of(&t, writer_bytes(&w));
}
END_TEST

START_TEST(starting_again_forgets)
{
    struct transcript t;
    transcript_start(&t, hashes[_i]);
    transcript_add(&t, hello1);
    transcript_start(&t, hashes[_i]);
    transcript_add(&t, hello2);
    check_is_hash_of(&t, hello2);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("transcript");
    TCase *c = tcase_create("transcript");
    tcase_add_loop_test(c, is_the_hash_of_all_messages, 0, COUNT(hashes));
    tcase_add_loop_test(c, an_empty_message_adds_nothing, 0, COUNT(hashes));
    tcase_add_loop_test(c, hello_retry_request_replaces_the_first_hello, 0, COUNT(hashes));
    tcase_add_loop_test(c, starting_again_forgets, 0, COUNT(hashes));
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
