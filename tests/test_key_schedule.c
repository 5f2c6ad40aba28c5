/* tests/test_key_schedule.c - the key schedule (RFC 8446 §7), for SHA-256 and SHA-384.
 *
 * RFC 8448's values, for SHA-256, are in test_rfc8448.c. Here each step is compared with
 * what §7 says it is, put together from HKDF and HMAC alone.
 */
#include "tls13/key_schedule.h"

#include "crypto/ct.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384 };

static struct secret some_secret(uint8_t seed)
{
    struct secret s;
    for (size_t i = 0; i < sizeof s.byte; i++)
        s.byte[i] = (uint8_t)(seed + 7 * i);
    return s;
}

/* §7.1, literally: HKDF-Expand(Secret, HkdfLabel, Length) */
static void expand_label(const struct hash *h, uint8_t *out, size_t out_len, const uint8_t *secret,
                         const char *label, struct bytes context)
{
    uint8_t info[600];
    size_t n = strlen(label);
    info[0] = (uint8_t)(out_len >> 8);
    info[1] = (uint8_t)out_len;
    info[2] = (uint8_t)(6 + n);
    memcpy(info + 3, "tls13 ", 6);
    memcpy(info + 9, label, n);
    info[9 + n] = (uint8_t)context.len;
    if (context.len > 0)
        memcpy(info + 10 + n, context.at, context.len);
    hkdf_expand(h, out, out_len, secret, bytes_of(info, 10 + n + context.len));
}

static struct bytes hash_of(const struct hash *h, uint8_t out[HASH_MAX], const char *text)
{
    hash_digest(h, out, bytes_of_string(text));
    return bytes_of(out, h->digest_len);
}

START_TEST(expand_label_of_every_length)
{
    static const size_t lengths[] = { 1, 12, 16, 32, 48, 255, 256, 1000 };
    const struct hash *h = hashes[_i];
    struct secret secret = some_secret(1);
    uint8_t got[1000], want[1000];
    for (size_t i = 0; i < COUNT(lengths); i++) {
        hkdf_expand_label(h, got, lengths[i], &secret, "key", bytes_of_string("context"));
        expand_label(h, want, lengths[i], secret.byte, "key", bytes_of_string("context"));
        ck_assert_mem_eq(got, want, lengths[i]);
    }
}
END_TEST

/* label <7..255> with its prefix of 6, context <0..255> */
START_TEST(expand_label_at_its_limits)
{
    static char label[250];
    static uint8_t context[255];
    static uint8_t got[255 * 48], want[255 * 48];
    const struct hash *h = hashes[_i];
    struct secret secret = some_secret(2);
    memset(label, 'l', 249);
    hkdf_expand_label(h, got, 32, &secret, label, bytes_of(context, sizeof context));
    expand_label(h, want, 32, secret.byte, label, bytes_of(context, sizeof context));
    ck_assert_mem_eq(got, want, 32);
    hkdf_expand_label(h, got, 255u * h->digest_len, &secret, "l", bytes_of(NULL, 0));
    expand_label(h, want, 255u * h->digest_len, secret.byte, "l", bytes_of(NULL, 0));
    ck_assert_mem_eq(got, want, 255u * h->digest_len);
}
END_TEST

START_TEST(label_too_long)
{
    static char label[251];
    uint8_t out[32];
    struct secret secret = some_secret(3);
    memset(label, 'l', 250);
    hkdf_expand_label(&hash_sha256, out, sizeof out, &secret, label, bytes_of(NULL, 0));
}
END_TEST

START_TEST(context_too_long)
{
    static uint8_t context[256];
    uint8_t out[32];
    struct secret secret = some_secret(4);
    hkdf_expand_label(&hash_sha256, out, sizeof out, &secret, "l",
                      bytes_of(context, sizeof context));
}
END_TEST

START_TEST(output_too_long)
{
    static uint8_t out[255 * 32 + 1];
    struct secret secret = some_secret(5);
    hkdf_expand_label(&hash_sha256, out, sizeof out, &secret, "l", bytes_of(NULL, 0));
}
END_TEST

/* RFC 8448 §4: the early secret of a resumed handshake */
START_TEST(early_secret_of_a_psk)
{
    static const uint8_t psk[32] = {
        0x4e, 0xcd, 0x0e, 0xb6, 0xec, 0x3b, 0x4d, 0x87, 0xf5, 0xd6, 0x02, 0x8f, 0x92, 0x2c, 0xa4,
        0xc5, 0x85, 0x1a, 0x27, 0x7f, 0xd4, 0x13, 0x11, 0xc9, 0xe6, 0x2d, 0x2c, 0x94, 0x92, 0xe1,
        0xc4, 0xf3,
    };
    static const uint8_t want[32] = {
        0x9b, 0x21, 0x88, 0xe9, 0xb2, 0xfc, 0x6d, 0x64, 0xd7, 0x1d, 0xc3, 0x29, 0x90, 0x0e, 0x20,
        0xbb, 0x41, 0x91, 0x50, 0x00, 0xf6, 0x78, 0xaa, 0x83, 0x9c, 0xbb, 0x79, 0x7c, 0xb7, 0xd8,
        0x33, 0x2c,
    };
    struct early_secret early;
    early_secret_make(&hash_sha256, &early, bytes_of(psk, sizeof psk));
    ck_assert_mem_eq(early.s.byte, want, sizeof want);
}
END_TEST

/* The whole column of §7.1, from HKDF alone; and each stage is gone when the next one is there. */
START_TEST(the_stages)
{
    static const uint8_t zeros[HASH_MAX];
    const struct hash *h = hashes[_i];
    size_t n = h->digest_len;
    uint8_t want[HASH_MAX], salt[HASH_MAX], digest[HASH_MAX];
    struct bytes empty_hash = hash_of(h, digest, "");
    struct early_secret early;
    struct handshake_secret handshake;
    struct master_secret master;

    early_secret_make(h, &early, bytes_of(NULL, 0));
    hkdf_extract(h, want, bytes_of(zeros, n), bytes_of(zeros, n));
    ck_assert_mem_eq(early.s.byte, want, n);

    handshake_secret_make(h, &handshake, &early, bytes_of_string("(EC)DHE"));
    expand_label(h, salt, n, want, "derived", empty_hash);
    hkdf_extract(h, want, bytes_of(salt, n), bytes_of_string("(EC)DHE"));
    ck_assert_mem_eq(handshake.s.byte, want, n);
    ck_assert_mem_eq(early.s.byte, zeros, sizeof early.s.byte);

    master_secret_make(h, &master, &handshake);
    expand_label(h, salt, n, want, "derived", empty_hash);
    hkdf_extract(h, want, bytes_of(salt, n), bytes_of(zeros, n));
    ck_assert_mem_eq(master.s.byte, want, n);
    ck_assert_mem_eq(handshake.s.byte, zeros, sizeof handshake.s.byte);
}
END_TEST

START_TEST(derive_secret_is_expand_label_of_a_hash)
{
    const struct hash *h = hashes[_i];
    struct secret from = some_secret(6), out;
    uint8_t want[HASH_MAX], digest[HASH_MAX];
    struct bytes transcript = hash_of(h, digest, "messages");
    derive_secret(h, &out, &from, "c ap traffic", transcript);
    expand_label(h, want, h->digest_len, from.byte, "c ap traffic", transcript);
    ck_assert_mem_eq(out.byte, want, h->digest_len);
}
END_TEST

/* §7.2: application_traffic_secret_N+1 */
START_TEST(traffic_secrets_move_on)
{
    const struct hash *h = hashes[_i];
    struct traffic_secret s = { some_secret(7) };
    uint8_t want[HASH_MAX], next[HASH_MAX];
    memcpy(want, s.s.byte, h->digest_len);
    for (int i = 0; i < 3; i++) {
        traffic_secret_update(h, &s);
        expand_label(h, next, h->digest_len, want, "traffic upd", bytes_of(NULL, 0));
        memcpy(want, next, h->digest_len);
        ck_assert_mem_eq(s.s.byte, want, h->digest_len);
    }
}
END_TEST

/* §4.4.4: HMAC(finished_key, Transcript-Hash) */
START_TEST(verify_data)
{
    const struct hash *h = hashes[_i];
    struct traffic_secret base = { some_secret(8) };
    uint8_t got[HASH_MAX], want[HASH_MAX], key[HASH_MAX], digest[HASH_MAX];
    struct bytes transcript = hash_of(h, digest, "messages");
    finished_verify_data(h, got, &base, transcript);
    expand_label(h, key, h->digest_len, base.s.byte, "finished", bytes_of(NULL, 0));
    hmac_compute(h, want, bytes_of(key, h->digest_len), transcript);
    ck_assert_mem_eq(got, want, h->digest_len);
}
END_TEST

/* §7.5: HKDF-Expand-Label(Derive-Secret(Secret, label, ""), "exporter", Hash(context), length) */
START_TEST(exporters)
{
    const struct hash *h = hashes[_i];
    struct secret secret = some_secret(9);
    uint8_t got[100], want[100], derived[HASH_MAX], digest[HASH_MAX];
    exporter(h, got, sizeof got, &secret, "EXPORTER-Channel-Binding", bytes_of_string("context"));
    expand_label(h, derived, h->digest_len, secret.byte, "EXPORTER-Channel-Binding",
                 hash_of(h, digest, ""));
    expand_label(h, want, sizeof want, derived, "exporter", hash_of(h, digest, "context"));
    ck_assert_mem_eq(got, want, sizeof want);
    exporter(h, got, 32, &secret, "EXPORTER-Channel-Binding", bytes_of(NULL, 0));
    expand_label(h, want, 32, derived, "exporter", hash_of(h, digest, ""));
    ck_assert_mem_eq(got, want, 32);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("key_schedule");
    TCase *c = tcase_create("key_schedule");
    tcase_add_loop_test(c, expand_label_of_every_length, 0, COUNT(hashes));
    tcase_add_loop_test(c, expand_label_at_its_limits, 0, COUNT(hashes));
    tcase_add_test(c, early_secret_of_a_psk);
    tcase_add_loop_test(c, the_stages, 0, COUNT(hashes));
    tcase_add_loop_test(c, derive_secret_is_expand_label_of_a_hash, 0, COUNT(hashes));
    tcase_add_loop_test(c, traffic_secrets_move_on, 0, COUNT(hashes));
    tcase_add_loop_test(c, verify_data, 0, COUNT(hashes));
    tcase_add_loop_test(c, exporters, 0, COUNT(hashes));
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    if (srunner_fork_status(runner) == CK_FORK) {        /* an assertion ends its process */
        tcase_add_test_raise_signal(c, label_too_long, SIGABRT);
        tcase_add_test_raise_signal(c, context_too_long, SIGABRT);
        tcase_add_test_raise_signal(c, output_too_long, SIGABRT);
    }
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
