/* tests/test_path_more.c - broken hashes, names that hide behind others, and each budget by itself
 * (tls13/x509/path.c, name_constraints.c).
 */
#include "tls13/x509/verify.h"

#include "crypto/hash.h"
#include "tests/party.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/make.h"
#include "tls13/x509/name.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- signatures ---- */

static struct party root, leaf;

static void make_chain(void)
{
    static const char *const host[] = { "mail.example.org" };
    party_root(&root, "Root");
    party_generate(&leaf, KEY_P256);
    party_make(&leaf, party_server_recipe(&leaf, &root, host));
}

static struct x509_verdict verdict;

static enum alert verify(void)
{
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(&root)));
    struct x509_anchor anchor = { c.der, c.subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&leaf) };
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
    { "\x30\x05\x06\x03\x2b\x65\x70", 7, ALERT_UNSUPPORTED_CERTIFICATE,
      "does not go with the issuer's" },                                  /* Ed25519, by P-256 */
};

/* RFC 9846 §4.5.1.3: MD5, and as recommended SHA-1, is bad_certificate. */
START_TEST(broken_hashes)
{
    make_chain();
    ck_assert_int_eq(verify(), ALERT_NONE);
    party_set_algorithm(&leaf, bytes_of(ways[_i].der, ways[_i].len));
    enum alert alert = verify();
    ck_assert_msg(alert == ways[_i].alert && strstr(verdict.reason, ways[_i].why), "%s: %s",
                  alert_name((uint8_t)alert), verdict.reason);
}
END_TEST

/* An anchor's own signature proves nothing, so its hash does not matter. */
START_TEST(broken_hash_of_an_anchor)
{
    make_chain();
    party_set_algorithm(&root, bytes_of(ways[0].der, ways[0].len));
    ck_assert_msg(verify() == ALERT_NONE, "%s", verdict.reason);
}
END_TEST

/* ---- constraints ---- */

#define EMAIL(address) \
    "\x31\x16\x30\x14\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01\x16\x07" address

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

/* ---- chaining, and the budgets ---- */

enum { MANY = 1001 };

/* Asks with the root as an anchor, `count` times over, and perhaps `sent` behind the leaf. */
static enum alert verify_among(size_t count, struct bytes sent)
{
    static struct x509_anchor anchors[MANY];
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(&root)));
    for (size_t i = 0; i < count; i++)
        anchors[i] = (struct x509_anchor){ c.der, c.subject };
    struct x509_trust trust = { .anchors = anchors, .anchor_count = count };
    struct bytes chain[] = { party_der(&leaf), sent };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = sent.len ? 2 : 1,
                               .name = bytes_of_string("mail.example.org"), .now = NOW };
    return x509_verify(&verdict, &q);
}

static void too_complex(size_t enough, size_t too_many, const char *why_before)
{
    verify_among(enough, bytes_of(NULL, 0));
    ck_assert_msg(strstr(verdict.reason, why_before), "%s", verdict.reason);
    ck_assert_int_eq(verify_among(too_many, bytes_of(NULL, 0)), ALERT_CERTIFICATE_UNKNOWN);
    ck_assert_msg(strstr(verdict.reason, "too complex"), "%s", verdict.reason);
}

START_TEST(signature_checks_are_bounded)
{
    make_chain();
    party_generate(&root, KEY_P256);
    party_make(&root, x509_recipe_root("Root", &root.key, NOW));  /* the name, and another key */
    too_complex(100, 101, "does not verify");
}
END_TEST

START_TEST(candidates_are_bounded)
{
    make_chain();
    struct x509_recipe r = x509_recipe_root("Root", &root.key, NOW);
    r.not_after = NOW - 1;
    party_make(&root, r);
    too_complex(1000, 1001, "expired");
}
END_TEST

/* 30 names in 30 subtrees, where all but the last name have to go to the last subtree. */
START_TEST(comparisons_are_bounded)
{
    const char *trees[30], *names[30];
    for (size_t i = 0; i < 30; i++) {
        trees[i] = i < 29 ? "a.net" : "example.org";
        names[i] = i < 29 ? "mail.example.org" : "b.net";
    }
    make_chain();
    struct x509_recipe r = x509_recipe_root("Root", &root.key, NOW);
    r.permitted_dns = trees;
    r.permitted_dns_count = 30;
    party_make(&root, r);
    r = x509_recipe_server("Leaf", &leaf.key, party_issuer(&root), NOW);
    r.dns = names;
    r.dns_count = 30;
    party_make(&leaf, r);
    too_complex(10, 11, "in no permitted subtree");       /* 30 more for the subject */
}
END_TEST

/* RFC 5280 §6.1.3 (b): the peer's own certificate is constrained even if it is self-issued. */
START_TEST(self_issued_leaf_is_constrained)
{
    static const char *const tree[] = { "other.example" }, *const host[] = { "mail.example.org" };
    make_chain();
    struct x509_recipe r = x509_recipe_root("Root", &root.key, NOW);
    r.permitted_dns = tree;
    r.permitted_dns_count = 1;
    party_make(&root, r);
    r = x509_recipe_server("Root", &leaf.key, party_issuer(&root), NOW);
    r.dns = host;
    r.dns_count = 1;
    party_make(&leaf, r);
    ck_assert_int_eq(verify(), ALERT_BAD_CERTIFICATE);
    ck_assert_msg(strstr(verdict.reason, "in no permitted subtree"), "%s", verdict.reason);
}
END_TEST

/* RFC 5280 §6.1.3 (a)(4): the right key under another name is no issuer. */
START_TEST(names_have_to_chain)
{
    static const char *const host[] = { "mail.example.org" };
    static const char other[] = "\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x03\x0c\x05" "Other";
    static struct private_key middle_key;
    static uint8_t middle[X509_MAKE_MAX];
    size_t middle_len;
    make_chain();
    ck_assert(private_key_generate(&middle_key, KEY_P256, &random_system));
    struct x509_issuer by_root = party_issuer(&root);
    struct x509_recipe r = party_ca_recipe("Middle", &middle_key, by_root, NOW);
    ck_assert(x509_make(middle, &middle_len, sizeof middle, &r, &random_system));
    struct bytes sent = bytes_of(middle, middle_len);
    r = x509_recipe_server("Leaf", &leaf.key, (struct x509_issuer){ sent, &middle_key }, NOW);
    r.dns = host;
    r.dns_count = 1;
    party_make(&leaf, r);
    ck_assert_int_eq(verify_among(1, sent), ALERT_NONE);
    r.issuer_name = bytes_of(other, sizeof other - 1);
    party_make(&leaf, r);
    ck_assert_int_eq(verify_among(1, sent), ALERT_UNKNOWN_CA);

    r.issuer = by_root;                                   /* nor is it as an anchor */
    party_make(&leaf, r);
    ck_assert_int_eq(verify_among(1, bytes_of(NULL, 0)), ALERT_UNKNOWN_CA);
}
END_TEST

/* X5 of the bug classes: trust is in the certificate, not in its name. */
START_TEST(x5_name_of_an_anchor_is_no_anchor)
{
    static const char *const host[] = { "mail.example.org" };
    make_chain();
    struct x509_recipe r = x509_recipe_server("Root", &leaf.key, (struct x509_issuer){ 0 }, NOW);
    r.dns = host;
    r.dns_count = 1;
    party_make(&leaf, r);
    ck_assert_int_eq(verify(), ALERT_BAD_CERTIFICATE);
    ck_assert_msg(strstr(verdict.reason, "does not verify"), "%s", verdict.reason);
}
END_TEST

/* A pin says whose key it is; that we can verify with it is another question. */
START_TEST(pinned_key_of_another_type)
{
    const struct signature_scheme *schemes[] = { scheme_find(&algorithms_default, 0x0807) };
    struct algorithms only = algorithms_default;
    struct x509_certificate c;
    uint8_t pin[1][X509_PIN_LEN];
    make_chain();
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(&leaf)));
    hash_digest(&hash_sha256, pin[0], c.spki);
    only.schemes = schemes;
    only.scheme_count = 1;
    struct x509_trust trust = { .pins = (const uint8_t (*)[X509_PIN_LEN])pin, .pin_count = 1 };
    struct bytes chain[] = { party_der(&leaf) };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 1, .now = NOW };
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_NONE);
    q.algorithms = &only;
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_UNSUPPORTED_CERTIFICATE);
}
END_TEST

/* So many certificates are sent, and a root is above. */
static void ask_for_path(size_t count, size_t too_many, bool self_issued, const char *why)
{
    static const char *const host[] = { "mail.example.org" };
    static struct private_key key[X509_CHAIN_MAX];
    static uint8_t der[X509_CHAIN_MAX][X509_MAKE_MAX];
    size_t len[X509_CHAIN_MAX];
    struct bytes chain[X509_CHAIN_MAX];
    make_chain();
    struct x509_issuer issuer = party_issuer(&root);
    for (size_t i = count; i-- > 0;) {
        const char name[] = { 'C', self_issued && i > 0 ? 0 : (char)('0' + i), 0 };
        ck_assert(private_key_generate(&key[i], KEY_P256, &random_system));
        struct x509_recipe r = i == 0 ? x509_recipe_server(name, &key[i], issuer, NOW)
                                      : party_ca_recipe(name, &key[i], issuer, NOW);
        r.has_path_len = false;
        r.dns = host;
        r.dns_count = i == 0;
        ck_assert(x509_make(der[i], &len[i], sizeof der[i], &r, &random_system));
        chain[i] = bytes_of(der[i], len[i]);
        issuer = (struct x509_issuer){ chain[i], &key[i] };
    }
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(&root)));
    struct x509_anchor anchor = { c.der, c.subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = count, .name = bytes_of_string(host[0]), .now = NOW };
    enum alert alert = x509_verify(&verdict, &q);
    ck_assert_msg(alert == (count < too_many ? ALERT_NONE : ALERT_CERTIFICATE_UNKNOWN), "%zu: %s",
                  count, verdict.reason);
    ck_assert_msg(count < too_many || strstr(verdict.reason, why), "%s", verdict.reason);
}

/* Six intermediate certificates and no more. */
START_TEST(longest_path)
{
    ask_for_path((size_t)_i, 8, false, "more than 6 intermediate");
}
END_TEST

/* Those that are self-issued do not count (RFC 5280 §6.1.4 l), but they do have to fit. */
START_TEST(longest_path_of_self_issued)
{
    ask_for_path((size_t)_i, 12, true, "more than 10 intermediate");
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

    c = tcase_create("paths");
    tcase_add_test(c, signature_checks_are_bounded);
    tcase_add_test(c, candidates_are_bounded);
    tcase_add_test(c, comparisons_are_bounded);
    tcase_add_test(c, self_issued_leaf_is_constrained);
    tcase_add_test(c, names_have_to_chain);
    tcase_add_test(c, x5_name_of_an_anchor_is_no_anchor);
    tcase_add_test(c, pinned_key_of_another_type);
    tcase_add_loop_test(c, longest_path, 6, 9);
    tcase_add_loop_test(c, longest_path_of_self_issued, 11, 13);
    suite_add_tcase(suite, c);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
