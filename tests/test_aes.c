/* Suite for crypto/aes.h. */
#include "crypto/aes.h"

#include "tests/cavp.h"
#include "tests/vectors.h"

#include <check.h>
#include <string.h>

typedef void cipher(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                    const uint8_t in[AES_BATCH_LEN]);

/* Any number of whole blocks, a batch at a time; the last one may be partly zeros. */
static void all_blocks(cipher *f, uint8_t *out, struct bytes key, struct bytes in)
{
    struct aes_key k;
    struct aes_schedule schedule;
    aes_key_init(&k, key.at, key.len);
    aes_schedule_init(&schedule, &k);
    for (size_t done = 0; done < in.len; done += AES_BATCH_LEN) {
        uint8_t batch[AES_BATCH_LEN] = { 0 };
        size_t n = in.len - done < sizeof batch ? in.len - done : sizeof batch;
        memcpy(batch, in.at + done, n);
        f(&schedule, batch, batch);
        memcpy(out + done, batch, n);
    }
}

static void encrypt_all(uint8_t *out, struct bytes key, struct bytes plaintext)
{
    all_blocks(aes_encrypt, out, key, plaintext);
}

START_TEST(fips197_and_sp800_38a)
{
    uint8_t out[AES_BATCH_LEN];
    struct vectors v = vectors_open("vectors/nist/aes.txt");
    while (vectors_next(&v)) {
        ck_assert_uint_le(vector(&v, "plaintext").len, sizeof out);
        encrypt_all(out, vector(&v, "key"), vector(&v, "plaintext"));
        check_bytes(&v, "ciphertext", out, vector(&v, "ciphertext"));
        all_blocks(aes_decrypt, out, vector(&v, "key"), vector(&v, "ciphertext"));
        check_bytes(&v, "plaintext", out, vector(&v, "plaintext"));
    }
    ck_assert_uint_eq(v.cases, 5);
    vectors_close(&v);
}
END_TEST

/* ---- the S-box by its definition, FIPS 197 §4.2 and §5.1.1 ---- */

static uint8_t field_product(uint8_t a, uint8_t b)
{
    unsigned product = 0;
    for (unsigned bit = 0; bit < 8; bit++)
        if (b >> bit & 1)
            product ^= (unsigned)a << bit;
    for (unsigned bit = 14; bit >= 8; bit--)
        if (product >> bit & 1)
            product ^= 0x11bu << (bit - 8);
    return (uint8_t)product;
}

static uint8_t s_box(uint8_t x)
{
    unsigned inverse = 0, out = 0;
    for (unsigned y = 1; y < 256 && x != 0; y++)
        if (field_product(x, (uint8_t)y) == 1)
            inverse = y;
    for (unsigned i = 0; i < 8; i++) {      /* b'i = bi + b(i+4) + b(i+5) + b(i+6) + b(i+7) + ci */
        unsigned bit = 0x63 >> i;
        for (unsigned j = 0; j <= 7; j += j == 0 ? 4 : 1)
            bit ^= inverse >> (i + j) % 8;
        out |= (bit & 1) << i;
    }
    return (uint8_t)out;
}

START_TEST(sub_bytes_is_its_definition)
{
    ck_assert_uint_eq(s_box(0x53), 0xed);      /* the example of FIPS 197 §5.1.1 */
    for (unsigned first = 0; first < 256; first += AES_BATCH_LEN) {
        uint8_t bytes[AES_BATCH_LEN];
        struct aes_planes planes;
        for (unsigned i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(first + i);
        aes_load(&planes, bytes);
        aes_sub_bytes(&planes);
        aes_store(bytes, &planes);
        for (unsigned i = 0; i < sizeof bytes; i++)
            ck_assert_uint_eq(bytes[i], s_box((uint8_t)(first + i)));
    }
}
END_TEST

/* Byte j of plane i holds bit i of byte j of each block, block b in bit b: for all 1024 bits. */
START_TEST(planes_are_where_aes_c_draws_them)
{
    for (unsigned bit = 0; bit < 8 * AES_BATCH_LEN; bit++) {
        uint8_t in[AES_BATCH_LEN] = { 0 }, out[AES_BATCH_LEN];
        uint8_t want[8][AES_BLOCK_LEN] = { 0 };
        struct aes_planes planes;
        unsigned at = bit / 8, block = at / AES_BLOCK_LEN;
        in[at] = (uint8_t)(1 << bit % 8);
        want[bit % 8][at % AES_BLOCK_LEN] = (uint8_t)(1 << block);
        aes_load(&planes, in);
        ck_assert_mem_eq(planes.plane, want, sizeof want);
        aes_store(out, &planes);
        ck_assert_mem_eq(out, in, sizeof in);
    }
}
END_TEST

START_TEST(the_blocks_of_a_batch_are_independent)
{
    uint8_t key[32] = { 1, 2, 3 }, in[AES_BATCH_LEN], together[AES_BATCH_LEN], alone[16];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i * i + 3);
    encrypt_all(together, bytes_of(key, 32), bytes_of(in, sizeof in));
    for (size_t b = 0; b < AES_BATCH; b++) {
        encrypt_all(alone, bytes_of(key, 32), bytes_of(in + 16 * b, 16));
        ck_assert_mem_eq(alone, together + 16 * b, 16);
    }
}
END_TEST

/* NIST CAVP (AESAVS). */
static void ecb(const char *file, size_t records)
{
    static uint8_t out[1024];
    struct cavp c;
    if (!cavp_open(&c, file))
        return;
    while (cavp_next(&c)) {
        bool back = cavp_in(&c, "DECRYPT");
        struct bytes in = cavp_bytes(&c, back ? "CIPHERTEXT" : "PLAINTEXT");
        all_blocks(back ? aes_decrypt : aes_encrypt, out, cavp_bytes(&c, "KEY"), in);
        cavp_check(&c, back ? "PLAINTEXT" : "CIPHERTEXT", bytes_of(out, in.len));
        c.passed++;
    }
    cavp_close(&c, records);
}

START_TEST(cavp_aes_ecb)
{
    ecb("nist/aes_ecb/ECBGFSbox128.rsp", 14);
    ecb("nist/aes_ecb/ECBGFSbox256.rsp", 10);
    ecb("nist/aes_ecb/ECBKeySbox128.rsp", 42);
    ecb("nist/aes_ecb/ECBKeySbox256.rsp", 32);
    ecb("nist/aes_ecb/ECBVarKey128.rsp", 256);
    ecb("nist/aes_ecb/ECBVarKey256.rsp", 512);
    ecb("nist/aes_ecb/ECBVarTxt128.rsp", 256);
    ecb("nist/aes_ecb/ECBVarTxt256.rsp", 256);
    ecb("nist/aes_ecb/ECBMMT128.rsp", 20);
    ecb("nist/aes_ecb/ECBMMT256.rsp", 20);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("aes");
    TCase *t = tcase_create("aes");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, fips197_and_sp800_38a);
    tcase_add_test(t, sub_bytes_is_its_definition);
    tcase_add_test(t, planes_are_where_aes_c_draws_them);
    tcase_add_test(t, the_blocks_of_a_batch_are_independent);
    tcase_add_test(t, cavp_aes_ecb);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
