/* Suite for crypto/aes_cbc.h. */
#include "crypto/aes_cbc.h"

#include "tests/vectors.h"

#include <check.h>

START_TEST(sp800_38a)
{
    uint8_t out[64];
    struct vectors v = vectors_open("vectors/nist/aes_cbc.txt");
    while (vectors_next(&v)) {
        struct bytes key = vector(&v, "key"), ciphertext = vector(&v, "ciphertext");
        ck_assert_uint_eq(ciphertext.len, sizeof out);
        aes_cbc_decrypt(out, key.at, key.len, vector(&v, "iv").at, ciphertext);
        check_bytes(&v, "plaintext", out, vector(&v, "plaintext"));
    }
    ck_assert_uint_eq(v.cases, 2);
    vectors_close(&v);
}
END_TEST

/* P_j needs C_j and C_j-1 only, so every run of blocks can be decrypted from the block before
 * it. */
START_TEST(any_run_of_blocks)
{
    uint8_t key[32] = { 7 }, ciphertext[11 * AES_BLOCK_LEN], all[10 * AES_BLOCK_LEN];
    uint8_t some[sizeof all + 1];
    for (size_t i = 0; i < sizeof ciphertext; i++)
        ciphertext[i] = (uint8_t)(i * i + i / 16);
    const uint8_t *blocks = ciphertext + AES_BLOCK_LEN;        /* the first is the IV */
    aes_cbc_decrypt(all, key, 32, ciphertext, bytes_of(blocks, sizeof all));
    for (size_t from = 0; from <= sizeof all; from += AES_BLOCK_LEN)
        for (size_t n = 0; from + n <= sizeof all; n += AES_BLOCK_LEN) {
            some[n] = 0xa5;
            aes_cbc_decrypt(some, key, 32, ciphertext + from, bytes_of(blocks + from, n));
            ck_assert_mem_eq(some, all + from, n);
            ck_assert_uint_eq(some[n], 0xa5);
        }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("aes_cbc");
    TCase *t = tcase_create("aes_cbc");
    tcase_add_test(t, sp800_38a);
    tcase_add_test(t, any_run_of_blocks);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
