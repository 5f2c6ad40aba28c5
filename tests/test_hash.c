/* Suite for crypto/hash.h. */
#include "crypto/hash.h"

#include "crypto/cpu.h"
#include "tests/cavp.h"
#include "tests/stride.h"
#include "tests/vectors.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384, &hash_sha512 };

static const struct hash *hash_named(struct bytes name)
{
    for (size_t i = 0; i < COUNT(hashes); i++)
        if (bytes_equal_public(name, bytes_of_string(hashes[i]->name)))
            return hashes[i];
    ck_abort_msg("no hash of that name");
    return NULL;
}

START_TEST(sizes)
{
    ck_assert_uint_eq(hash_sha256.digest_len, 32);
    ck_assert_uint_eq(hash_sha384.digest_len, 48);
    ck_assert_uint_eq(hash_sha512.digest_len, HASH_MAX);
    ck_assert_uint_eq(hash_sha256.block_len, 64);
    ck_assert_uint_eq(hash_sha384.block_len, HASH_BLOCK_MAX);
    ck_assert_uint_eq(hash_sha512.block_len, HASH_BLOCK_MAX);
}
END_TEST

START_TEST(rfc6234)
{
    struct vectors v = vectors_open("vectors/rfc/sha2.txt");
    while (vectors_next(&v)) {
        const struct hash *h = hash_named(vector(&v, "hash"));
        uint8_t digest[HASH_MAX];
        struct hash_state state;
        h->init(&state);
        for (int64_t i = 0; i < vector_number(&v, "times"); i++)
            h->update(&state, vector(&v, "message"));
        h->final(&state, digest);
        ck_assert_uint_eq(vector(&v, "digest").len, h->digest_len);
        check_bytes(&v, "digest", digest, vector(&v, "digest"));
    }
    ck_assert_uint_eq(v.cases, 21);
    vectors_close(&v);
}
END_TEST

/* Any way to cut a message gives the digest of the whole; NULL with length 0 included. */
START_TEST(updates_join)
{
    const struct hash *h = hashes[_i];
    uint8_t message[300], whole[HASH_MAX], parts[HASH_MAX];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 7);
    hash_digest(h, whole, bytes_of(message, sizeof message));
    for (size_t cut = 0; cut <= sizeof message; cut++) {
        struct hash_state state;
        h->init(&state);
        h->update(&state, bytes_of(message, cut));
        h->update(&state, bytes_of(NULL, 0));
        h->update(&state, bytes_of(message + cut, sizeof message - cut));
        h->final(&state, parts);
        ck_assert_mem_eq(parts, whole, h->digest_len);
    }
}
END_TEST

/* A copied state goes its own way: how a transcript hash is taken (RFC 8446 §4.4.1). */
START_TEST(a_copy_forks)
{
    const struct hash *h = hashes[_i];
    uint8_t want[HASH_MAX], got[HASH_MAX];
    struct hash_state state, fork;
    h->init(&state);
    h->update(&state, bytes_of_string("ab"));
    fork = state;
    h->final(&fork, got);
    hash_digest(h, want, bytes_of_string("ab"));
    ck_assert_mem_eq(got, want, h->digest_len);
    h->update(&state, bytes_of_string("c"));
    h->final(&state, got);
    hash_digest(h, want, bytes_of_string("abc"));
    ck_assert_mem_eq(got, want, h->digest_len);
}
END_TEST

START_TEST(final_writes_digest_len_bytes)
{
    const struct hash *h = hashes[_i];
    uint8_t out[HASH_MAX + 1];
    memset(out, 0xa5, sizeof out);
    hash_digest(h, out, bytes_of(NULL, 0));
    for (size_t i = h->digest_len; i < sizeof out; i++)
        ck_assert_uint_eq(out[i], 0xa5);
}
END_TEST

/* SHA-256 by instructions is libsodium's SHA-256, at every length and every cut around a block. */
START_TEST(sha256_by_instructions)
{
    uint8_t message[300], want[32], got[32];
    if (!cpu_supports(CPU_SHA)) {
        printf("skipped: SHA-256 by instructions: this processor has none\n");
        return;
    }
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 167 + 13);
    for (size_t len = 0; len <= sizeof message; len += stride(7))
        for (size_t cut = 0; cut <= len; cut++) {
            struct hash_state state;
            crypto_hash_sha256(want, message, len);
            hash_sha256.init(&state);
            hash_sha256.update(&state, bytes_of(message, cut));
            hash_sha256.update(&state, bytes_of(message + cut, len - cut));
            hash_sha256.final(&state, got);
            ck_assert_mem_eq(got, want, sizeof want);
        }
}
END_TEST

/* And without them, on a machine that has them: the vectors once more. */
static void without_instructions(void)
{
    cpu_pretend(0);
}

/* ---- NIST CAVP (SHAVS) ---- */

static void messages(const struct hash *h, const char *file, size_t records)
{
    struct cavp c;
    if (!cavp_open(&c, file))
        return;
    while (cavp_next(&c)) {
        uint8_t digest[HASH_MAX];
        struct bytes message = cavp_bytes(&c, "Msg");
        message.len = (size_t)cavp_number(&c, "Len") / 8;      /* Len 0 stands beside Msg 00 */
        hash_digest(h, digest, message);
        cavp_check(&c, "MD", bytes_of(digest, h->digest_len));
        c.passed++;
    }
    cavp_close(&c, records);
}

/* SHAVS §6.4: 1000 times the digest of the last three digests; 100 such, each the next seed. */
static void monte_carlo(const struct hash *h, const char *file)
{
    struct cavp c;
    uint8_t seed[HASH_MAX], last[3 * HASH_MAX];
    const size_t n = h->digest_len;
    if (!cavp_open(&c, file))
        return;
    while (cavp_next(&c)) {
        if (cavp_has(&c, "Seed") && !cavp_has(&c, "MD")) {      /* the file's first record */
            memcpy(seed, cavp_bytes(&c, "Seed").at, n);
            c.records--;
            continue;
        }
        for (size_t i = 0; i < 3; i++)
            memcpy(last + n * i, seed, n);
        for (int i = 0; i < 1000; i++) {
            hash_digest(h, seed, bytes_of(last, 3 * n));
            memmove(last, last + n, 2 * n);
            memcpy(last + 2 * n, seed, n);
        }
        cavp_check(&c, "MD", bytes_of(seed, n));
        c.passed++;
    }
    cavp_close(&c, 100);
}

START_TEST(cavp_sha256)
{
    messages(&hash_sha256, "nist/sha2/SHA256ShortMsg.rsp", 65);
    messages(&hash_sha256, "nist/sha2/SHA256LongMsg.rsp", 64);
    monte_carlo(&hash_sha256, "nist/sha2/SHA256Monte.rsp");
}
END_TEST

START_TEST(cavp_sha512)
{
    messages(&hash_sha512, "nist/sha2/SHA512ShortMsg.rsp", 129);
    messages(&hash_sha512, "nist/sha2/SHA512LongMsg.rsp", 128);
    monte_carlo(&hash_sha512, "nist/sha2/SHA512Monte.rsp");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hash");
    TCase *t = tcase_create("hash");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, sizes);
    tcase_add_test(t, rfc6234);
    tcase_add_loop_test(t, updates_join, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, a_copy_forks, 0, (int)COUNT(hashes));
    tcase_add_loop_test(t, final_writes_digest_len_bytes, 0, (int)COUNT(hashes));
    tcase_add_test(t, cavp_sha256);
    tcase_add_test(t, cavp_sha512);
    tcase_add_test(t, sha256_by_instructions);
    suite_add_tcase(s, t);
    TCase *plain = tcase_create("plain");
    tcase_set_timeout(plain, 120);
    tcase_add_checked_fixture(plain, without_instructions, NULL);
    tcase_add_test(plain, rfc6234);
    tcase_add_loop_test(plain, updates_join, 0, (int)COUNT(hashes));
    tcase_add_test(plain, cavp_sha256);
    suite_add_tcase(s, plain);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
