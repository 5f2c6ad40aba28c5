/* tests/test_path_more.c - signatures with broken hashes, and names that hide behind others
 * (tls13/x509/path.c, name_constraints.c).
 */
#include "tls13/x509/verify.h"

#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/make.h"
#include "tls13/x509/name.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const int64_t NOW = 1790000000;                    /* 2026-09-21 */

/* ---- signatures ---- */

static struct private_key root_key, leaf_key;
static uint8_t root[X509_MAKE_MAX], leaf[X509_MAKE_MAX];
static size_t root_len, leaf_len;

static void make_chain(void)
{
    static const char *const host[] = { "mail.example.org" };
    ck_assert(private_key_generate(&root_key, KEY_P256, &random_system));
    ck_assert(private_key_generate(&leaf_key, KEY_P256, &random_system));
    struct x509_recipe r = x509_recipe_root("Root", &root_key, NOW);
    ck_assert(x509_make(root, &root_len, sizeof root, &r, &random_system));
    r = x509_recipe_server("Leaf", &leaf_key,
                           (struct x509_issuer){ bytes_of(root, root_len), &root_key }, NOW);
    r.dns = host;
    r.dns_count = 1;
    ck_assert(x509_make(leaf, &leaf_len, sizeof leaf, &r, &random_system));
}

/* The leaf says that it was signed in another way: both AlgorithmIdentifiers become this one. */
static void set_algorithm(struct bytes algorithm)
{
    uint8_t copy[X509_MAKE_MAX];
    memcpy(copy, leaf, leaf_len);
    struct reader r = reader_of(bytes_of(copy, leaf_len));
    struct reader certificate = der_enter(&r, DER_SEQUENCE);
    struct reader tbs = der_enter(&certificate, DER_SEQUENCE);
    struct bytes version = der_read_whole(&tbs, DER_CONTEXT | DER_CONSTRUCTED | 0);
    struct bytes serial = der_read_whole(&tbs, DER_INTEGER);
    der_read(&tbs, DER_SEQUENCE);
    der_read(&certificate, DER_SEQUENCE);
    ck_assert(!tbs.bad && !certificate.bad);

    struct writer w = writer_of(leaf, sizeof leaf);
    size_t outer = der_begin(&w, DER_SEQUENCE), inner = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, version);
    write_bytes(&w, serial);
    write_bytes(&w, algorithm);
    write_bytes(&w, tbs.rest);
    der_end(&w, inner);
    write_bytes(&w, algorithm);
    write_bytes(&w, certificate.rest);
    der_end(&w, outer);
    ck_assert(writer_done(&w));
    leaf_len = w.len;
}

static struct x509_verdict verdict;

static enum alert verify(void)
{
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, bytes_of(root, root_len)));
    struct x509_anchor anchor = { c.der, c.subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { bytes_of(leaf, leaf_len) };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 1, .name = bytes_of_string("mail.example.org"),
                               .now = NOW };
    return x509_verify(&verdict, &q);
}

#define RSA_OID(last) "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01" last "\x05\x00"

static const struct { const char *der; size_t len; enum alert alert; const char *why; } ways[] = {
    { RSA_OID("\x04"), 15, ALERT_BAD_CERTIFICATE, "md5WithRSAEncryption is broken" },
    { RSA_OID("\x05"), 15, ALERT_BAD_CERTIFICATE, "sha1WithRSAEncryption is broken" },
    { "\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01", 11, ALERT_BAD_CERTIFICATE,
      "ecdsa-with-SHA1 is broken" },
    { RSA_OID("\x02"), 15, ALERT_UNSUPPORTED_CERTIFICATE, "is not supported" },        /* MD2 */
    { "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x01", 12, ALERT_UNSUPPORTED_CERTIFICATE,
      "is not supported" },                                               /* ecdsa-with-SHA224 */
};

/* RFC 9846 §4.5.1.3: MD5, and as recommended SHA-1, is bad_certificate. */
START_TEST(broken_hashes)
{
    make_chain();
    ck_assert_int_eq(verify(), ALERT_NONE);
    set_algorithm(bytes_of(ways[_i].der, ways[_i].len));
    enum alert alert = verify();
    ck_assert_msg(alert == ways[_i].alert && strstr(verdict.reason, ways[_i].why), "%s: %s",
                  alert_name((uint8_t)alert), verdict.reason);
}
END_TEST

/* An anchor's own signature proves nothing, so its hash does not matter. */
START_TEST(broken_hash_of_an_anchor)
{
    make_chain();
    uint8_t good_leaf[X509_MAKE_MAX];
    size_t good_len = leaf_len;
    memcpy(good_leaf, leaf, leaf_len);
    memcpy(leaf, root, root_len);
    leaf_len = root_len;
    set_algorithm(bytes_of(ways[0].der, ways[0].len));
    memcpy(root, leaf, leaf_len);
    root_len = leaf_len;
    memcpy(leaf, good_leaf, good_len);
    leaf_len = good_len;
    ck_assert_msg(verify() == ALERT_NONE, "%s", verdict.reason);
}
END_TEST

/* ---- constraints ---- */

#define EMAIL(address) "\x31\x16\x30\x14\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01\x16\x07" address

/* RFC 5280 §4.2.1.10: every emailAddress of the subject is constrained, not just the first. */
START_TEST(each_email_attribute_counts)
{
    static const char both[] = "\x30\x30" EMAIL("a@b.org") EMAIL("a@c.org");
    static const char permit_b[] = "\x30\x07\x81\x05" "b.org";
    static const char exclude_c[] = "\x30\x07\x81\x05" "c.org";
    struct bytes subject = bytes_of(both, sizeof both - 1), none = { 0 };
    unsigned budget = 100;
    ck_assert(name_well_formed(subject));
    ck_assert_ptr_nonnull(name_constraints_refuse(bytes_of(permit_b, 9), none, subject, none,
                                                  &budget));
    ck_assert_ptr_nonnull(name_constraints_refuse(none, bytes_of(exclude_c, 9), subject, none,
                                                  &budget));
    static const char one[] = "\x30\x18" EMAIL("a@b.org");
    subject = bytes_of(one, sizeof one - 1);
    ck_assert_ptr_null(name_constraints_refuse(bytes_of(permit_b, 9), bytes_of(exclude_c, 9),
                                               subject, none, &budget));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("path_more");
    TCase *c = tcase_create("signatures");
    tcase_add_loop_test(c, broken_hashes, 0, (int)COUNT(ways));
    tcase_add_test(c, broken_hash_of_an_anchor);
    suite_add_tcase(suite, c);

    c = tcase_create("constraints");
    tcase_add_test(c, each_email_attribute_counts);
    suite_add_tcase(suite, c);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
