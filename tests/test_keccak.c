/* Suite for crypto/keccak.h. */
#include "crypto/keccak.h"

#include "crypto/cpu.h"
#include "tests/cavp.h"
#include "tests/vectors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct sponge_kind *const kinds[] = { &sha3_256, &sha3_512, &shake128, &shake256 };

enum { OUTPUT_MAX = 1024 };

static void digest(const struct sponge_kind *kind, uint8_t *out, size_t out_len, struct bytes in)
{
    sponge_digest(kind, out, out_len, in, bytes_of(NULL, 0));
}

/* FIPS 202 §6: capacity is twice the strength, and the state is 1600 bits. */
START_TEST(sizes)
{
    ck_assert_uint_eq(sha3_256.rate, (1600 - 2 * 256) / 8);
    ck_assert_uint_eq(sha3_512.rate, (1600 - 2 * 512) / 8);
    ck_assert_uint_eq(shake128.rate, (1600 - 2 * 128) / 8);
    ck_assert_uint_eq(shake256.rate, (1600 - 2 * 256) / 8);
    ck_assert_uint_eq(sha3_256.digest_len, 32);
    ck_assert_uint_eq(sha3_512.digest_len, 64);
}
END_TEST

/* By the instructions that there are, and in plain C. */
START_TEST(examples)
{
    if (_i > 0)
        cpu_pretend(0);
    struct vectors v = vectors_open("vectors/nist/sha3.txt");
    while (vectors_next(&v)) {
        const struct sponge_kind *kind = NULL;
        uint8_t out[OUTPUT_MAX];
        for (size_t i = 0; i < COUNT(kinds); i++)
            if (bytes_equal_public(vector(&v, "kind"), bytes_of_string(kinds[i]->name)))
                kind = kinds[i];
        ck_assert_ptr_nonnull(kind);
        digest(kind, out, vector(&v, "output").len, vector(&v, "message"));
        check_bytes(&v, "output", out, vector(&v, "output"));
    }
    ck_assert_uint_eq(v.cases, 20);
    vectors_close(&v);
    (void)cpu_ask();
}
END_TEST

/* However the input is cut in two, and the output, the bytes are the same. */
START_TEST(pieces_join)
{
    const struct sponge_kind *kind = kinds[_i];
    uint8_t in[350], whole[400], parts[400];
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (uint8_t)(i * 7);
    digest(kind, whole, sizeof whole, bytes_of(in, sizeof in));
    for (size_t cut = 0; cut <= sizeof in; cut++) {
        struct sponge s;
        sponge_start(&s, kind);
        sponge_absorb(&s, bytes_of(in, cut));
        sponge_absorb(&s, bytes_of(in + cut, sizeof in - cut));
        sponge_squeeze(&s, parts, cut);
        sponge_squeeze(&s, parts + cut, sizeof parts - cut);
        ck_assert_mem_eq(parts, whole, sizeof whole);
        sponge_digest(kind, parts, sizeof parts, bytes_of(in, cut),
                      bytes_of(in + cut, sizeof in - cut));
        ck_assert_mem_eq(parts, whole, sizeof whole);
    }
}
END_TEST

/* A shorter output is the beginning of a longer one (FIPS 202 §A.2). */
START_TEST(outputs_are_prefixes)
{
    uint8_t whole[400], part[400];
    digest(kinds[_i], whole, sizeof whole, bytes_of("abc", 3));
    for (size_t len = 0; len <= sizeof part; len++) {
        digest(kinds[_i], part, len, bytes_of("abc", 3));
        ck_assert_mem_eq(part, whole, len);
    }
}
END_TEST

START_TEST(output_over_input)
{
    uint8_t both[32] = { 1, 2, 3 }, in[32] = { 1, 2, 3 }, want[32];
    digest(&sha3_256, want, sizeof want, bytes_of(in, sizeof in));
    digest(&sha3_256, both, sizeof both, bytes_of(both, sizeof both));
    ck_assert_mem_eq(both, want, sizeof want);
}
END_TEST

/* ---- NIST CAVP ---- */

static const struct cavp_file {
    const char *name, *output;
    const struct sponge_kind *kind;
    size_t records;
} cavp_files[] = {
    { "nist/sha3/SHA3_256ShortMsg.rsp", "MD", &sha3_256, 137 },
    { "nist/sha3/SHA3_512ShortMsg.rsp", "MD", &sha3_512, 73 },
    { "nist/sha3/SHAKE128ShortMsg.rsp", "Output", &shake128, 337 },
    { "nist/sha3/SHAKE256ShortMsg.rsp", "Output", &shake256, 273 },
    { "nist/sha3/SHAKE128VariableOut.rsp", "Output", &shake128, 1126 },
    { "nist/sha3/SHAKE256VariableOut.rsp", "Output", &shake256, 1246 },
};

/* ShortMsg states the message's length in bits, since "Msg = 00" stands for the empty one as well;
 * VariableOut that of the output. */
START_TEST(cavp_messages)
{
    const struct cavp_file *f = &cavp_files[_i];
    struct cavp c;
    uint8_t out[OUTPUT_MAX];
    if (!cavp_open(&c, f->name))
        return;
    while (cavp_next(&c)) {
        struct bytes message = cavp_bytes(&c, "Msg");
        size_t len = cavp_bytes(&c, f->output).len;
        if (cavp_has(&c, "Len"))
            message.len = (size_t)cavp_number(&c, "Len") / 8;
        digest(f->kind, out, len, message);
        cavp_check(&c, f->output, bytes_of(out, len));
        c.passed++;
    }
    cavp_close(&c, f->records);
}
END_TEST

static const struct cavp_file monte_files[] = {
    { "nist/sha3/SHA3_256Monte.rsp", "MD", &sha3_256, 101 },
    { "nist/sha3/SHA3_512Monte.rsp", "MD", &sha3_512, 101 },
};

/* SHA3VS §6.2.3: the first record is the seed; each other is a thousand hashes on from the one
 * before. */
START_TEST(cavp_monte)
{
    const struct cavp_file *f = &monte_files[_i];
    struct cavp c;
    uint8_t md[64];
    size_t len = f->kind->digest_len;
    if (!cavp_open(&c, f->name))
        return;
    while (cavp_next(&c)) {
        bool seed = cavp_has(&c, "Seed");
        if (seed)
            memcpy(md, cavp_bytes(&c, "Seed").at, len);
        for (size_t i = 0; !seed && i < 1000; i++)
            digest(f->kind, md, len, bytes_of(md, len));
        if (!seed)
            cavp_check(&c, "MD", bytes_of(md, len));
        c.passed++;
    }
    cavp_close(&c, f->records);
}
END_TEST

/* Four side by side give what each gives alone, over two blocks of output, in either way; the
 * message lengths go up to a block less one. */
static void four(void (*permute)(struct sponge4 *))
{
    uint8_t message[SHAKE128_RATE], want[2 * SHAKE128_RATE], got[SHAKE128_RATE];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 29 + 3);
    for (size_t len = 0; len < SHAKE128_RATE; len++) {
        struct sponge4 s;
        for (size_t i = 0; i < 4; i++) {
            size_t n = len < kinds[i]->rate ? len : kinds[i]->rate - 1u;
            sponge4_start(&s, i, kinds[i], bytes_of(message, n / 3),
                          bytes_of(message + n / 3, n - n / 3));
        }
        for (size_t block = 0; block < 2; block++) {
            permute(&s);
            for (size_t i = 0; i < 4; i++) {
                size_t rate = kinds[i]->rate, n = len < rate ? len : rate - 1;
                sponge_digest(kinds[i], want, 2 * rate, bytes_of(message, n), bytes_of(NULL, 0));
                sponge4_read(&s, i, 8, got, rate - 8);
                ck_assert_mem_eq(got, want + block * rate + 8, rate - 8);
                sponge4_read(&s, i, 0, got, 8);
                ck_assert_mem_eq(got, want + block * rate, 8);
            }
        }
    }
}

START_TEST(four_at_a_time)
{
    four(sponge4_permute_plain);
    four(sponge4_permute);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keccak");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, sizes);
    tcase_add_loop_test(t, examples, 0, 2);
    tcase_add_loop_test(t, pieces_join, 0, COUNT(kinds));
    tcase_add_loop_test(t, outputs_are_prefixes, 0, COUNT(kinds));
    tcase_add_test(t, output_over_input);
    tcase_add_loop_test(t, cavp_messages, 0, COUNT(cavp_files));
    tcase_add_loop_test(t, cavp_monte, 0, COUNT(monte_files));
    tcase_add_test(t, four_at_a_time);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
