/* tests/test_corpus.c - replays the corpora of the fuzzers (tests/fuzz/corpus) without libFuzzer.
 *
 * Each harness aborts where its decoder does what it never may; and under the sanitizers each input
 * stands alone in memory of its size. tests/fuzz/fuzz.py writes the corpora.
 */
#include "tests/vectors.h"

#include <check.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

typedef int harness(const uint8_t *data, size_t len);
harness replay_der, replay_ocsp, replay_pem_key, replay_psk, replay_smtp_client, replay_smtp_server,
        replay_tls_client, replay_tls_server, replay_verify, replay_x509;

static const struct { const char *corpus; harness *run; } harnesses[] = {
    { "tests/fuzz/corpus/der.txt",         replay_der         },
    { "tests/fuzz/corpus/ocsp.txt",        replay_ocsp        },
    { "tests/fuzz/corpus/pem_key.txt",     replay_pem_key     },
    { "tests/fuzz/corpus/psk.txt",         replay_psk         },
    { "tests/fuzz/corpus/smtp_client.txt", replay_smtp_client },
    { "tests/fuzz/corpus/smtp_server.txt", replay_smtp_server },
    { "tests/fuzz/corpus/tls_client.txt",  replay_tls_client  },
    { "tests/fuzz/corpus/tls_server.txt",  replay_tls_server  },
    { "tests/fuzz/corpus/verify.txt",      replay_verify      },
    { "tests/fuzz/corpus/x509.txt",        replay_x509        },
};

START_TEST(corpus_is_replayed)
{
    struct vectors v = vectors_open(harnesses[_i].corpus);
    while (vectors_next(&v)) {
        struct bytes input = vector(&v, "input");
        uint8_t *alone = malloc(input.len ? input.len : 1);
        ck_assert_ptr_nonnull(alone);
        memcpy(alone, input.at, input.len);
        ck_assert_int_eq(harnesses[_i].run(alone, input.len), 0);
        free(alone);
    }
    vectors_close(&v);
}
END_TEST

START_TEST(every_harness_has_a_corpus)
{
    glob_t found;
    ck_assert_int_eq(glob("tests/fuzz/*.c", 0, NULL, &found), 0);
    ck_assert_uint_eq(found.gl_pathc, COUNT(harnesses));
    globfree(&found);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("corpus");
    TCase *t = tcase_create("corpus");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, corpus_is_replayed, 0, (int)COUNT(harnesses));
    tcase_add_test(t, every_harness_has_a_corpus);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
