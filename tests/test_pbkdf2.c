/* Suite for crypto/pbkdf2.h. */
#include "crypto/pbkdf2.h"

#include "crypto/hmac.h"
#include "tests/stride.h"
#include "tests/vectors.h"

#include <check.h>
#include <signal.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384, &hash_sha512 };

/* Under valgrind the second one, of 80,000 iterations, is left to the other runs. */
START_TEST(rfc7914)
{
    uint8_t dk[64];
    struct vectors v = vectors_open("vectors/rfc/pbkdf2_sha256.txt");
    while (vectors_next(&v)) {
        uint32_t iterations = (uint32_t)vector_number(&v, "iterations");
        if (iterations > 80000 / stride(80000))
            continue;
        pbkdf2(&hash_sha256, dk, sizeof dk, vector(&v, "password"), vector(&v, "salt"),
               iterations);
        ck_assert_uint_eq(vector(&v, "dk").len, sizeof dk);
        check_bytes(&v, "dk", dk, vector(&v, "dk"));
    }
    ck_assert_uint_eq(v.cases, 2);
    vectors_close(&v);
}
END_TEST

/* RFC 8018 §5.2, step 3, spelled out with one-piece HMACs: several blocks, the last one cut. */
START_TEST(blocks_are_their_definition)
{
    const struct hash *h = hashes[_i];
    const size_t n = h->digest_len;
    uint8_t out[3 * HASH_MAX], want[HASH_MAX], u[HASH_MAX];
    struct bytes password = bytes_of_string("correct horse");
    pbkdf2(h, out, 3 * n - 1, password, bytes_of_string("salt"), 3);
    for (uint8_t i = 1; i <= 3; i++) {
        uint8_t salt_and_index[8] = { 's', 'a', 'l', 't', 0, 0, 0, i };
        hmac_compute(h, u, password, bytes_of(salt_and_index, 8));
        memcpy(want, u, n);
        for (int j = 2; j <= 3; j++) {
            hmac_compute(h, u, password, bytes_of(u, n));
            for (size_t k = 0; k < n; k++)
                want[k] ^= u[k];
        }
        ck_assert_mem_eq(out + (i - 1) * n, want, i == 3 ? n - 1 : n);
    }
}
END_TEST

START_TEST(every_length_is_a_prefix)
{
    uint8_t longest[100], out[101];
    struct bytes empty = { NULL, 0 };
    pbkdf2(&hash_sha256, longest, sizeof longest, empty, empty, 2);
    for (size_t len = 0; len <= sizeof longest; len++) {
        memset(out, 0xa5, sizeof out);
        pbkdf2(&hash_sha256, out, len, empty, empty, 2);
        ck_assert_mem_eq(out, longest, len);
        ck_assert_uint_eq(out[len], 0xa5);
    }
}
END_TEST

START_TEST(no_iteration_is_a_mistake)
{
    uint8_t out[32];
    pbkdf2(&hash_sha256, out, sizeof out, bytes_of_string("p"), bytes_of_string("s"), 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pbkdf2");
    TCase *t = tcase_create("pbkdf2");
    tcase_add_test(t, rfc7914);
    tcase_add_loop_test(t, blocks_are_their_definition, 0, (int)COUNT(hashes));
    tcase_add_test(t, every_length_is_a_prefix);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    if (srunner_fork_status(r) == CK_FORK)        /* the assertion ends its process */
        tcase_add_test_raise_signal(t, no_iteration_is_a_mistake, SIGABRT);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
