/* tests/test_psk_importer.c - external PSKs, imported (RFC 9258). */
#include "tests/vectors.h"

#include "tls13/psk.h"
#include "tls13/psk_importer.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct hash *hash_named(struct bytes name)
{
    return memcmp(name.at, "sha256", 6) == 0 ? &hash_sha256 : &hash_sha384;
}

START_TEST(derivation)
{
    struct vectors v = vectors_open("vectors/rfc/rfc9258_importer.txt");
    while (vectors_next(&v)) {
        const struct hash *target = hash_named(vector(&v, "target"));
        struct external_psk epsk = { vector(&v, "identity"), vector(&v, "context"),
                                     vector(&v, "key"), hash_named(vector(&v, "hash")) };
        struct imported_psk imported;
        struct psk psk;
        struct secret binder_key;
        uint8_t binder[HASH_MAX];
        const char *reason = "";
        ck_assert_msg(psk_import(&imported, &epsk, target, &reason), "%s", reason);
        ck_assert_uint_eq(imported.identity_len, vector(&v, "ImportedIdentity").len);
        check_bytes(&v, "ImportedIdentity", imported.identity, vector(&v, "ImportedIdentity"));
        check_bytes(&v, "ipskx", imported.key.byte, vector(&v, "ipskx"));
        psk_make(&psk, target, bytes_of(NULL, 0), vector(&v, "ipskx"));
        psk.imported = &imported;
        psk_binder_key(&psk, &binder_key);
        check_bytes(&v, "binder_key", binder_key.byte, vector(&v, "binder_key"));
        psk_binder(&psk, binder, vector(&v, "transcript_hash"));
        check_bytes(&v, "binder", binder, vector(&v, "binder"));
    }
    ck_assert_uint_eq(v.cases, 20);
    vectors_close(&v);
}
END_TEST

/* RFC 9258 §5.1: an EPSK without a hash of its own is one of SHA-256. */
START_TEST(sha256_unless_said)
{
    struct external_psk epsk = { bytes_of("id", 2), bytes_of(NULL, 0),
                                 bytes_of("0123456789abcdef", 16), NULL };
    struct imported_psk one, other;
    const char *reason;
    ck_assert(psk_import(&one, &epsk, &hash_sha384, &reason));
    epsk.hash = &hash_sha256;
    ck_assert(psk_import(&other, &epsk, &hash_sha384, &reason));
    ck_assert_mem_eq(one.key.byte, other.key.byte, 48);
}
END_TEST

static const uint8_t bytes[300] = { 1 };

static const struct {
    size_t identity, context, key;
    const struct hash *hash, *target;
    const char *keyword;                     /* NULL: good */
} bounds[] = {
    { 1, 0, 16, NULL, &hash_sha256, NULL },
    { 255, 255, 300, &hash_sha384, &hash_sha384, NULL },
    { 0, 0, 16, NULL, &hash_sha256, "identity" },
    { 256, 0, 16, NULL, &hash_sha256, "identity" },
    { 1, 256, 16, NULL, &hash_sha256, "context" },
    { 1, 0, 15, NULL, &hash_sha256, "128 bits" },
    { 1, 0, 0, NULL, &hash_sha256, "128 bits" },
    { 1, 0, 16, &hash_sha512, &hash_sha256, "hash" },
    { 1, 0, 16, NULL, &hash_sha512, "hash" },
};

START_TEST(lengths_and_hashes)
{
    struct external_psk epsk = { bytes_of(bytes, bounds[_i].identity),
                                 bytes_of(bytes, bounds[_i].context),
                                 bytes_of(bytes, bounds[_i].key), bounds[_i].hash };
    struct imported_psk out;
    const char *reason = "";
    bool good = psk_import(&out, &epsk, bounds[_i].target, &reason);
    ck_assert_int_eq(good, bounds[_i].keyword == NULL);
    ck_assert_ptr_nonnull(strstr(reason, good ? "" : bounds[_i].keyword));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("psk_importer");
    TCase *c = tcase_create("all");
    tcase_add_test(c, derivation);
    tcase_add_test(c, sha256_unless_said);
    tcase_add_loop_test(c, lengths_and_hashes, 0, (int)COUNT(bounds));
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
