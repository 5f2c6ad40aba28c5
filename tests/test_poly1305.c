/* Suite for crypto/poly1305.h, which needs integers of 128 bits: where there are none, nothing uses
 * it. */
#include "crypto/poly1305.h"

#include "tests/stride.h"
#include "tests/vectors.h"

#include <check.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#ifdef __SIZEOF_INT128__

static void authenticate(uint8_t tag[POLY1305_TAG_LEN], const uint8_t *key, struct bytes text)
{
    struct poly1305 p;
    poly1305_init(&p, key);
    poly1305_padded(&p, text);
    poly1305_final(&p, tag);
}

/* All ones, results at and around 2^130 - 5, carries out of every limb. */
START_TEST(rfc8439_edges)
{
    struct vectors v = vectors_open("vectors/rfc/poly1305.txt");
    while (vectors_next(&v)) {
        uint8_t tag[POLY1305_TAG_LEN];
        authenticate(tag, vector(&v, "key").at, vector(&v, "message"));
        check_bytes(&v, "answer", tag, vector(&v, "answer"));
    }
    ck_assert_uint_eq(v.cases, 8);
    vectors_close(&v);
}
END_TEST

static void agrees(const uint8_t key[POLY1305_KEY_LEN], struct bytes text)
{
    uint8_t tag[POLY1305_TAG_LEN], want[crypto_onetimeauth_BYTES];
    authenticate(tag, key, text);
    crypto_onetimeauth(want, text.at, text.len, key);
    ck_assert_mem_eq(tag, want, sizeof want);
}

/* With r = 1 the tag is the sum of the blocks, each with 2^128: here 2^128 k - 40 to 2^128 k + 39,
 * for k from 2 to 8, among them 2^130 - 5 and its double. */
START_TEST(sums_around_the_modulus)
{
    uint8_t key[POLY1305_KEY_LEN] = { 1 }, text[8 * POLY1305_BLOCK];
    for (size_t blocks = 1; blocks <= 8; blocks++)
        for (unsigned last = 0; last < 80; last++) {
            memset(text, 0, sizeof text);
            if (last >= 40)
                memset(text, 0xff, POLY1305_BLOCK);
            text[0] = (uint8_t)(last >= 40 ? 0xff - 79 + last : last);
            agrees(key, bytes_of(text, blocks * POLY1305_BLOCK));
            memset(key + 16, 0xff, 16);          /* s, so that this sum overflows, too */
            agrees(key, bytes_of(text, blocks * POLY1305_BLOCK));
            memset(key + 16, 0, 16);
        }
}
END_TEST

/* Limbs of the key and the text from those values that make the most carries. */
START_TEST(extreme_limbs)
{
    static const uint64_t limbs[] = {
        0, 1, 4, 5, UINT64_MAX, UINT64_MAX - 4, UINT64_MAX << 2, UINT64_MAX >> 4,
        UINT64_C(1) << 63, 0x0ffffffc0ffffffc,
    };
    uint64_t seed = 88172645463325252;
    for (unsigned run = 0; run < 20000; run += (unsigned)stride(11)) {
        uint8_t bytes[POLY1305_KEY_LEN + 6 * POLY1305_BLOCK];
        for (size_t i = 0; i < sizeof bytes; i += 8) {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            store_le64(bytes + i, run % 4 == 0 ? seed : limbs[seed % COUNT(limbs)]);
        }
        agrees(bytes, bytes_of(bytes + POLY1305_KEY_LEN, run % 7 * POLY1305_BLOCK));
    }
}
END_TEST

/* RFC 8439 §2.8: zeros up to a whole block are as if they were in the text. */
START_TEST(padding)
{
    uint8_t key[POLY1305_KEY_LEN], text[5 * POLY1305_BLOCK], tag[2][POLY1305_TAG_LEN];
    memset(key, 0x5a, sizeof key);
    for (size_t len = 0; len <= 4 * POLY1305_BLOCK; len++) {
        size_t whole = (len + POLY1305_BLOCK - 1) / POLY1305_BLOCK * POLY1305_BLOCK;
        memset(text, 0, sizeof text);
        memset(text, 0xa5, len);
        authenticate(tag[0], key, bytes_of(text, whole));
        memset(text + len, 0xff, sizeof text - len);
        authenticate(tag[1], key, bytes_of(text, len));
        ck_assert_mem_eq(tag[0], tag[1], sizeof tag[0]);
    }
}
END_TEST

static void add_tests(TCase *t)
{
    tcase_add_test(t, rfc8439_edges);
    tcase_add_test(t, sums_around_the_modulus);
    tcase_add_test(t, extreme_limbs);
    tcase_add_test(t, padding);
}

#else

static void add_tests(TCase *t)
{
    (void)t;
    printf("skipped: Poly1305: the compiler has no integers of 128 bits here\n");
}

#endif

int main(void)
{
    Suite *s = suite_create("poly1305");
    TCase *t = tcase_create("poly1305");
    add_tests(t);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
