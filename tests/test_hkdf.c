/* Suite for crypto/hkdf.h. */
#include "crypto/hkdf.h"

#include "crypto/hmac.h"
#include "tests/vectors.h"

#include <check.h>
#include <signal.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384, &hash_sha512 };

START_TEST(rfc5869)
{
    uint8_t prk[HASH_MAX], okm[255];
    struct vectors v = vectors_open("vectors/rfc/hkdf_sha256.txt");
    while (vectors_next(&v)) {
        struct bytes want = vector(&v, "OKM");
        hkdf_extract(&hash_sha256, prk, vector(&v, "salt"), vector(&v, "IKM"));
        check_bytes(&v, "PRK", prk, vector(&v, "PRK"));
        hkdf_expand(&hash_sha256, okm, want.len, prk, vector(&v, "info"));
        check_bytes(&v, "OKM", okm, want);
    }
    ck_assert_uint_eq(v.cases, 3);
    vectors_close(&v);
}
END_TEST

/* RFC 5869 §2.2: no salt is digest_len zeros. */
START_TEST(empty_salt_is_zeros)
{
    const struct hash *h = hashes[_i];
    uint8_t zeros[HASH_MAX] = { 0 }, a[HASH_MAX], b[HASH_MAX];
    hkdf_extract(h, a, bytes_of(NULL, 0), bytes_of_string("ikm"));
    hkdf_extract(h, b, bytes_of(zeros, h->digest_len), bytes_of_string("ikm"));
    ck_assert_mem_eq(a, b, h->digest_len);
}
END_TEST

/* RFC 5869 §2.3: each block is the HMAC of the one before, info and a counter; up to the largest L,
 * in which the counter reaches 255. */
START_TEST(expand_is_its_definition)
{
    const struct hash *h = hashes[_i];
    static uint8_t okm[255 * HASH_MAX];
    const size_t n = h->digest_len, most = 255 * n;
    uint8_t prk[HASH_MAX], block[HASH_MAX + 5];
    memset(prk, 0x77, sizeof prk);
    hkdf_expand(h, okm, most, prk, bytes_of("info", 4));
    for (size_t i = 0; i < 255; i++) {
        size_t before = i == 0 ? 0 : n;
        memcpy(block, okm + (i - (i > 0)) * n, before);
        memcpy(block + before, "info", 4);
        block[before + 4] = (uint8_t)(i + 1);
        uint8_t want[HASH_MAX];
        hmac_compute(h, want, bytes_of(prk, n), bytes_of(block, before + 5));
        ck_assert_mem_eq(okm + i * n, want, n);
    }
}
END_TEST

START_TEST(every_length_is_a_prefix)
{
    const struct hash *h = hashes[_i];
    uint8_t prk[HASH_MAX] = { 1 }, longest[200], out[201];
    hkdf_expand(h, longest, sizeof longest, prk, bytes_of(NULL, 0));
    for (size_t len = 0; len <= sizeof longest; len++) {
        memset(out, 0xa5, sizeof out);
        hkdf_expand(h, out, len, prk, bytes_of(NULL, 0));
        ck_assert_mem_eq(out, longest, len);
        ck_assert_uint_eq(out[len], 0xa5);
    }
}
END_TEST

START_TEST(longer_than_255_blocks_is_a_mistake)
{
    static uint8_t out[255 * HASH_MAX + 1];
    const uint8_t prk[HASH_MAX] = { 0 };
    hkdf_expand(&hash_sha256, out, 255 * 32 + 1, prk, bytes_of(NULL, 0));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hkdf");
    TCase *t = tcase_create("hkdf");
    tcase_add_test(t, rfc5869);
    tcase_add_loop_test(t, empty_salt_is_zeros, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, expand_is_its_definition, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, every_length_is_a_prefix, 0, (int)COUNT(hashes));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    if (srunner_fork_status(r) == CK_FORK)        /* the assertion ends its process */
        tcase_add_test_raise_signal(t, longer_than_255_blocks_is_a_mistake, SIGABRT);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
