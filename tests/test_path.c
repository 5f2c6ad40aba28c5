/* tests/test_path.c - which chains are believed, and what is said of those that are not
 * (tls13/x509/path.c: RFC 5280 §6.1).
 */
#include "tls13/x509/verify.h"

#include "crypto/hash.h"
#include "tests/party.h"
#include "tests/vectors.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/make.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct party root, other_root, intermediate, leaf;
static const char *const host[] = { "mail.example.org" };

static struct x509_recipe root_recipe(void)
{
    return x509_recipe_root("Root", &root.key, NOW);
}

static struct x509_recipe intermediate_by(const struct party *issuer)
{
    return party_ca_recipe("Intermediate", &intermediate.key, party_issuer(issuer), NOW);
}

static struct x509_recipe intermediate_recipe(void)
{
    return intermediate_by(&root);
}

static struct x509_recipe leaf_recipe(const struct party *issuer)
{
    struct x509_recipe r = x509_recipe_server("Leaf", &leaf.key, party_issuer(issuer), NOW);
    r.dns = host;
    r.dns_count = 1;
    return r;
}

/* root <- intermediate <- leaf, and a root of the same name with another key. */
static void setup(void)
{
    party_generate(&root, KEY_P256);
    party_generate(&other_root, KEY_P256);
    party_generate(&intermediate, KEY_ED25519);
    party_generate(&leaf, KEY_P256);
    party_make(&root, root_recipe());
    party_make(&other_root, x509_recipe_root("Root", &other_root.key, NOW));
    party_make(&intermediate, intermediate_recipe());
    party_make(&leaf, leaf_recipe(&intermediate));
}

/* ---- asking ---- */

enum { ANCHORS = 12 };

struct ask {
    const struct party *sent[X509_CHAIN_MAX + 1];
    const struct party *anchors[ANCHORS];
    const char *name;
    int64_t now;
    enum x509_purpose purpose;
    struct x509_trust trust;                              /* pins, if any */
};

static struct x509_verdict verdict;

static enum alert verify(struct ask a)
{
    struct bytes chain[X509_CHAIN_MAX + 1];
    struct x509_anchor anchors[ANCHORS];
    struct x509_question q = {
        .trust = &a.trust,
        .algorithms = &algorithms_default,
        .chain = chain,
        .name = bytes_of_string(a.name ? a.name : host[0]),
        .now = a.now ? a.now : NOW,
        .purpose = a.purpose,
    };
    for (; q.chain_count < COUNT(a.sent) && a.sent[q.chain_count]; q.chain_count++)
        chain[q.chain_count] = party_der(a.sent[q.chain_count]);
    a.trust.anchors = anchors;
    for (size_t i = 0; i < ANCHORS && a.anchors[i]; i++) {
        struct x509_certificate c;
        ck_assert_ptr_null(x509_certificate_decode(&c, party_der(a.anchors[i])));
        anchors[a.trust.anchor_count++] = (struct x509_anchor){ c.der, c.subject };
    }
    return x509_verify(&verdict, &q);
}

static void believed(struct ask a)
{
    enum alert alert = verify(a);
    ck_assert_msg(alert == ALERT_NONE, "%s: %s", alert_name((uint8_t)alert), verdict.reason);
    ck_assert_str_eq(verdict.reason, "");
    ck_assert_int_ne(verdict.key.type, KEY_NONE);
}

/* Every refusal says which certificate it is, and the rule that it breaks. */
static void names_certificate_and_rule(void)
{
    const char *which = strstr(verdict.reason, "(certificate ");
    ck_assert_msg(which || strstr(verdict.reason, "(trust anchor)"), "%s", verdict.reason);
    ck_assert_msg(strstr(verdict.reason, "RFC ") || strstr(verdict.reason, "NIST ")
                  || strstr(verdict.reason, "not DER"), "%s", verdict.reason);
}

static void refused(struct ask a, enum alert alert, const char *why)
{
    enum alert got = verify(a);
    ck_assert_msg(got == alert, "%s, wanted %s: %s", alert_name((uint8_t)got),
                  alert_name((uint8_t)alert), verdict.reason);
    ck_assert_msg(strstr(verdict.reason, why) != NULL, "\"%s\" not in: %s", why, verdict.reason);
    ck_assert_int_eq(verdict.key.type, KEY_NONE);
    if (a.sent[0] && alert != ALERT_INTERNAL_ERROR)
        names_certificate_and_rule();
}

/* The leaf made by this recipe, with the usual intermediate and root. */
static struct ask with_leaf(struct x509_recipe r)
{
    party_make(&leaf, r);
    return (struct ask){ .sent = { &leaf, &intermediate }, .anchors = { &root } };
}

static struct ask with_intermediate(struct x509_recipe r)
{
    party_make(&intermediate, r);
    return with_leaf(leaf_recipe(&intermediate));
}

static struct ask with_root(struct x509_recipe r)
{
    party_make(&root, r);
    return with_intermediate(intermediate_recipe());
}

/* ---- the good cases ---- */

START_TEST(chain_is_believed)
{
    believed((struct ask){ .sent = { &leaf, &intermediate }, .anchors = { &root } });
    believed((struct ask){ .sent = { &leaf, &intermediate, &root }, .anchors = { &root } });
    believed((struct ask){ .sent = { &leaf }, .anchors = { &intermediate } });
}
END_TEST

START_TEST(root_alone_issues)
{
    party_make(&leaf, leaf_recipe(&root));
    believed((struct ask){ .sent = { &leaf }, .anchors = { &root } });
}
END_TEST

START_TEST(any_order_and_extra_certificates)
{
    struct party stranger = other_root, garbage = leaf;
    garbage.der[0] ^= 1;
    party_make(&stranger, x509_recipe_root("Stranger", &stranger.key, NOW));
    believed((struct ask){ .sent = { &leaf, &root, &stranger, &intermediate },
                           .anchors = { &root } });
    believed((struct ask){ .sent = { &leaf, &garbage, &intermediate }, .anchors = { &root } });
}
END_TEST

START_TEST(cross_signs_are_tried_in_turn)
{
    struct party a = intermediate, b = intermediate, ca_b = other_root;
    party_make(&ca_b, x509_recipe_root("Other", &ca_b.key, NOW));
    party_make(&a, intermediate_by(&root));
    party_make(&b, intermediate_by(&ca_b));
    believed((struct ask){ .sent = { &leaf, &a, &b }, .anchors = { &root } });
    believed((struct ask){ .sent = { &leaf, &a, &b }, .anchors = { &ca_b } });
    believed((struct ask){ .sent = { &leaf, &b, &a }, .anchors = { &root } });
}
END_TEST

/* One cross-sign leads to a root that nobody here knows, the other is what is wrong. */
START_TEST(broken_rule_says_more_than_a_dead_end)
{
    struct party a = intermediate, b = intermediate, ca_b = other_root;
    party_make(&ca_b, x509_recipe_root("Other", &ca_b.key, NOW));
    struct x509_recipe r = intermediate_recipe();
    r.not_after = NOW - DAY;
    party_make(&a, r);
    party_make(&b, intermediate_by(&ca_b));
    party_make(&leaf, leaf_recipe(&b));
    refused((struct ask){ .sent = { &leaf, &a, &b }, .anchors = { &root } },
            ALERT_CERTIFICATE_EXPIRED, "\"Intermediate\" (certificate 2 of 3)");
    refused((struct ask){ .sent = { &leaf, &b, &a }, .anchors = { &root } },
            ALERT_CERTIFICATE_EXPIRED, "\"Intermediate\" (certificate 3 of 3)");
}
END_TEST

/* Of two broken rules the one that is told is where the path had come further. */
START_TEST(refusal_that_came_furthest)
{
    struct party old = intermediate;                      /* an anchor, expired */
    struct x509_recipe r = x509_recipe_root("Intermediate", &old.key, NOW);
    r.not_after = NOW - DAY;
    party_make(&old, r);
    r = root_recipe();
    r.not_after = NOW - DAY;
    struct ask a = with_root(r);
    a.anchors[0] = &old;
    a.anchors[1] = &root;
    refused(a, ALERT_CERTIFICATE_EXPIRED, "\"Root\" (trust anchor)");
}
END_TEST

START_TEST(same_name_other_key_is_passed_over)
{
    believed((struct ask){ .sent = { &leaf, &intermediate }, .anchors = { &other_root, &root } });
    struct x509_recipe r = intermediate_recipe();
    r.no_key_identifiers = true;
    struct ask a = with_intermediate(r);
    a.anchors[0] = &other_root;
    a.anchors[1] = &root;
    believed(a);
}
END_TEST

START_TEST(dates_are_inclusive)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.not_before = NOW;
    r.not_after = NOW + 1;
    struct ask a = with_leaf(r);
    believed(a);
    a.now = NOW + 1;
    believed(a);
    a.now = NOW - 1;
    refused(a, ALERT_CERTIFICATE_EXPIRED, "not valid before 2026-09-21");
    a.now = NOW + 2;
    refused(a, ALERT_CERTIFICATE_EXPIRED, "certificate expired 2026-09-21");
}
END_TEST

START_TEST(self_signed_leaf_that_is_an_anchor)
{
    struct x509_recipe r = x509_recipe_server("Self", &leaf.key, (struct x509_issuer){ 0 }, NOW);
    r.dns = host;
    r.dns_count = 1;
    r.basic_constraints = X509_CA;                        /* as `openssl req -x509` makes them */
    party_make(&leaf, r);
    believed((struct ask){ .sent = { &leaf }, .anchors = { &leaf } });
    refused((struct ask){ .sent = { &leaf }, .anchors = { &leaf }, .name = "other.example.org" },
            ALERT_BAD_CERTIFICATE, "not for other.example.org but for mail.example.org");
    refused((struct ask){ .sent = { &leaf }, .anchors = { &leaf }, .now = NOW + 400 * DAY },
            ALERT_CERTIFICATE_EXPIRED, "expired");
}
END_TEST

/* ---- trust ---- */

START_TEST(unknown_issuer)
{
    struct party stranger = other_root;
    party_make(&stranger, x509_recipe_root("Stranger", &stranger.key, NOW));
    refused((struct ask){ .sent = { &leaf }, .anchors = { &root } }, ALERT_UNKNOWN_CA,
            "issuer \"Intermediate\" is neither");
    refused((struct ask){ .sent = { &leaf, &intermediate }, .anchors = { &stranger } },
            ALERT_UNKNOWN_CA, "issuer \"Root\" is neither");
    refused((struct ask){ .sent = { &leaf, &intermediate, &root }, .anchors = { &stranger } },
            ALERT_UNKNOWN_CA, "self-signed and is not a trust anchor (RFC 5280 §6.1): \"Root\" "
            "(certificate 3 of 3)");
}
END_TEST

START_TEST(self_signed_leaf)
{
    struct x509_recipe r = leaf_recipe(&root);
    r.issuer = (struct x509_issuer){ 0 };
    party_make(&leaf, r);
    refused((struct ask){ .sent = { &leaf }, .anchors = { &root } }, ALERT_UNKNOWN_CA,
            "self-signed and is not a trust anchor");
}
END_TEST

START_TEST(x5_anchor_with_the_name_but_another_key)
{
    struct x509_recipe r = intermediate_recipe();
    r.no_key_identifiers = true;
    struct ask a = with_intermediate(r);
    a.anchors[0] = &other_root;
    refused(a, ALERT_BAD_CERTIFICATE, "signature does not verify");
}
END_TEST

START_TEST(neither_anchor_nor_pin)
{
    refused((struct ask){ .sent = { &leaf, &intermediate } }, ALERT_INTERNAL_ERROR,
            "no trust anchor and no pin");
}
END_TEST

START_TEST(chain_length)
{
    struct ask a = { .sent = { &leaf, &intermediate }, .anchors = { &root } };
    for (size_t i = 2; i < X509_CHAIN_MAX; i++)
        a.sent[i] = &root;
    believed(a);
    a.sent[1] = &root;
    a.sent[X509_CHAIN_MAX] = &intermediate;               /* the first one that is not looked at */
    refused(a, ALERT_UNKNOWN_CA, "neither a trust anchor nor among the certificates sent");
    refused((struct ask){ .anchors = { &root } }, ALERT_BAD_CERTIFICATE, "no certificate");
}
END_TEST

START_TEST(malformed_leaf)
{
    leaf.len--;
    refused((struct ask){ .sent = { &leaf, &intermediate }, .anchors = { &root } },
            ALERT_BAD_CERTIFICATE, "malformed");
}
END_TEST

START_TEST(malformed_intermediate_is_named)
{
    intermediate.len--;
    refused((struct ask){ .sent = { &leaf, &intermediate }, .anchors = { &root } },
            ALERT_BAD_CERTIFICATE, "certificate 2 is malformed");
}
END_TEST

/* ---- the peer's certificate ---- */

START_TEST(wrong_name)
{
    struct ask a = { .sent = { &leaf, &intermediate }, .anchors = { &root } };
    a.name = "www.example.org";
    refused(a, ALERT_BAD_CERTIFICATE, "not for www.example.org but for mail.example.org");
    a.name = "192.0.2.1";
    refused(a, ALERT_BAD_CERTIFICATE, "not for 192.0.2.1");
    a.name = "MAIL.Example.ORG";
    believed(a);
    a.name = "a-name.of-more-than.sixty-four.characters-which.is-cut.in-a.report.example.org";
    refused(a, ALERT_BAD_CERTIFICATE, "not for a-name.of-more-than.sixty-four.characters-which."
            "is-cut.in-a.repo but for mail.example.org");
    a.name = "";
    refused(a, ALERT_INTERNAL_ERROR, "name is empty");
}
END_TEST

/* As many as fit into the sentence. */
START_TEST(certificate_for_many_names)
{
    static const char *const many[] = { "a.example.org", "b.example.org", "c.example.org",
                                        "d.example.org", "e.example.org" };
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.dns = many;
    r.dns_count = COUNT(many);
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE,
            "but for a.example.org, b.example.org, c.example.org, ... (RFC 9525 §6)");
}
END_TEST

START_TEST(common_name_does_not_count)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.common_name = host[0];
    r.dns_count = 0;
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "no subjectAltName");
}
END_TEST

START_TEST(address_names)
{
    static const char *const ip[] = { "192.0.2.1", "2001:db8::1" };
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.ip = ip;
    r.ip_count = 2;
    struct ask a = with_leaf(r);
    a.name = "192.0.2.1";
    believed(a);
    a.name = "2001:DB8:0::1";
    believed(a);
    a.name = "192.0.2.2";
    refused(a, ALERT_BAD_CERTIFICATE, "mail.example.org, 192.0.2.1, 2001:db8::1");
}
END_TEST

START_TEST(leaf_key_usage)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.key_usage = X509_KEY_ENCIPHERMENT;
    refused(with_leaf(r), ALERT_UNSUPPORTED_CERTIFICATE, "keyUsage does not allow digitalSig");
    r.key_usage = 0;
    believed(with_leaf(r));
}
END_TEST

START_TEST(leaf_extended_key_usage)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.extended_key_usage = X509_EKU_CLIENT;
    struct ask a = with_leaf(r);
    refused(a, ALERT_UNSUPPORTED_CERTIFICATE, "extKeyUsage does not allow serverAuth");
    a.purpose = X509_CLIENT;
    believed(a);
    r.extended_key_usage = X509_EKU_SERVER;
    a = with_leaf(r);
    a.purpose = X509_CLIENT;
    refused(a, ALERT_UNSUPPORTED_CERTIFICATE, "extKeyUsage does not allow clientAuth");
    r.extended_key_usage = X509_EKU_ANY;
    believed(with_leaf(r));
    r.extended_key_usage = X509_EKU_OTHER;
    refused(with_leaf(r), ALERT_UNSUPPORTED_CERTIFICATE, "extKeyUsage");
    r.extended_key_usage = 0;
    believed(with_leaf(r));
}
END_TEST

START_TEST(client_needs_no_name)
{
    struct x509_recipe r = x509_recipe_client("alice", &leaf.key, party_issuer(&intermediate), NOW);
    struct ask a = with_leaf(r);
    a.purpose = X509_CLIENT;
    a.name = "";
    believed(a);
}
END_TEST

START_TEST(unknown_critical_extension)
{
    struct x509_extension unknown = {
        .oid = bytes_of("\x2b\x06\x01\x04\x01\x87\x67\x01", 8), .critical = true,
        .value = bytes_of("\x05\x00", 2),
    };
    struct x509_recipe r = leaf_recipe(&intermediate), i = intermediate_recipe(),
                       o = root_recipe();
    r.extra = i.extra = o.extra = &unknown;
    r.extra_count = 1;
    refused(with_leaf(r), ALERT_UNSUPPORTED_CERTIFICATE,
            "critical extension 1.3.6.1.4.1.999.1 is not known (RFC 5280 §4.2): \"Leaf\"");
    struct x509_extension two[] = { unknown, unknown };
    two[1].oid = bytes_of("\x2a\x03", 2);
    r.extra = two;
    r.extra_count = 2;
    refused(with_leaf(r), ALERT_UNSUPPORTED_CERTIFICATE, "critical extension 1.3.6.1.4.1.999.1 ");
    r.extra = &unknown;
    r.extra_count = 1;
    unknown.critical = false;
    believed(with_leaf(r));
    unknown.critical = true;
    i.extra_count = 1;
    refused(with_intermediate(i), ALERT_UNSUPPORTED_CERTIFICATE, "critical extension");
    i.extra_count = 0;
    party_make(&intermediate, i);
    o.extra_count = 1;
    refused(with_root(o), ALERT_UNSUPPORTED_CERTIFICATE, "\"Root\" (trust anchor)");
}
END_TEST

START_TEST(version_and_serial)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.version_1 = true;
    refused(with_leaf(r), ALERT_UNSUPPORTED_CERTIFICATE, "version 1, not 3");
    r.version_1 = false;
    r.serial = bytes_of("\x00", 1);
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "serialNumber is not positive");
    r.serial = bytes_of("\x80", 1);
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "serialNumber is not positive");
    r.serial = bytes_of("\x7f", 1);
    believed(with_leaf(r));
    r.serial = bytes_of("\x01xxxxxxxxxxxxxxxxxxx", 20);
    believed(with_leaf(r));
    r.serial = bytes_of("\x01xxxxxxxxxxxxxxxxxxxx", 21);
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "longer than 20");
}
END_TEST

START_TEST(algorithms_that_differ)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.algorithms_differ = true;
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "two signatureAlgorithm fields differ");
}
END_TEST

START_TEST(empty_subject_needs_critical_names)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.common_name = NULL;
    believed(with_leaf(r));
    static const uint8_t names[] = { 0x30, 18, 0x82, 16, 'm', 'a', 'i', 'l', '.', 'e', 'x', 'a',
                                     'm', 'p', 'l', 'e', '.', 'o', 'r', 'g' };
    struct x509_extension e = { bytes_of("\x55\x1d\x11", 3), false,
                                bytes_of(names, sizeof names) };
    r.dns_count = 0;
    r.extra = &e;
    r.extra_count = 1;
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "subject is empty");
    r.extra_count = 0;
    refused(with_leaf(r), ALERT_BAD_CERTIFICATE, "subject is empty");
    r.extra_count = 1;
    e.critical = true;
    believed(with_leaf(r));
}
END_TEST

START_TEST(signatures)
{
    struct party forged = leaf;
    forged.der[forged.len - 1] ^= 1;
    refused((struct ask){ .sent = { &forged, &intermediate }, .anchors = { &root } },
            ALERT_BAD_CERTIFICATE, "signature does not verify");
    forged = intermediate;
    forged.der[forged.len - 1] ^= 1;
    refused((struct ask){ .sent = { &leaf, &forged }, .anchors = { &root } },
            ALERT_BAD_CERTIFICATE, "signature does not verify");
}
END_TEST

/* The algorithms of a question decide, not those of the build. */
START_TEST(algorithm_that_is_not_offered)
{
    const struct signature_scheme *p256[] = { scheme_find(&algorithms_default, 0x0403) };
    struct algorithms only_p256 = algorithms_default;
    only_p256.schemes = p256;
    only_p256.scheme_count = 1;
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(&root)));
    struct x509_anchor anchor = { c.der, c.subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&leaf), party_der(&intermediate) };
    struct x509_question q = { .trust = &trust, .algorithms = &only_p256, .chain = chain,
                               .chain_count = 2, .name = bytes_of_string(host[0]), .now = NOW };
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_UNSUPPORTED_CERTIFICATE);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "signature algorithm Ed25519 is not supported"));
}
END_TEST

/* RFC 5758 §3.2: the OID names a hash, the issuer's key a curve; both curves go with both. */
START_TEST(ecdsa_with_either_hash)
{
    const struct signature_scheme *sha256[] = { scheme_find(&algorithms_default, 0x0403) };
    struct algorithms only_p256 = algorithms_default;
    struct vectors v = vectors_open("vectors/x509/ecdsa_pairs.txt");
    only_p256.schemes = sha256;
    only_p256.scheme_count = 1;
    while (vectors_next(&v)) {
        uint8_t damaged[1024];
        struct x509_certificate c;
        struct bytes sent = vector(&v, "leaf");
        ck_assert_ptr_null(x509_certificate_decode(&c, vector(&v, "root")));
        ck_assert(bytes_equal_public(bytes_of_string(key_type_name(c.key.type)),
                                     vector(&v, "key")));
        struct x509_anchor anchor = { c.der, c.subject };
        struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
        struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default,
                                   .chain = &sent, .chain_count = 1,
                                   .name = bytes_of_string(host[0]), .now = NOW + 100 * DAY };
        ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_NONE);
        q.offered_only = true;                            /* RFC 8446 §4.2.3 has no such pair */
        bool sha256_oid = bytes_equal_public(vector(&v, "signed_with"),
                                             bytes_of_string("ecdsa-with-SHA256"));
        ck_assert_int_eq(x509_verify(&verdict, &q) == ALERT_NONE,
                         sha256_oid == (c.key.type == KEY_P256));
        q.offered_only = false;
        q.algorithms = &only_p256;                        /* neither the curve nor SHA-384 */
        ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_UNSUPPORTED_CERTIFICATE);
        q.algorithms = &algorithms_default;
        ck_assert_uint_le(sent.len, sizeof damaged);
        memcpy(damaged, sent.at, sent.len);
        damaged[sent.len - 1] ^= 1;                       /* in s */
        sent.at = damaged;
        ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_BAD_CERTIFICATE);
        ck_assert_ptr_nonnull(strstr(verdict.reason, "does not verify"));
    }
    vectors_close(&v);
}
END_TEST

/* ---- issuers ---- */

START_TEST(issuer_must_be_a_ca)
{
    struct x509_recipe r = intermediate_recipe();
    r.has_path_len = false;
    r.basic_constraints = X509_NOT_CA;
    refused(with_intermediate(r), ALERT_BAD_CERTIFICATE, "not a CA: basicConstraints says so");
    r.basic_constraints = X509_NO_BASIC_CONSTRAINTS;
    refused(with_intermediate(r), ALERT_BAD_CERTIFICATE, "basicConstraints is missing");
}
END_TEST

START_TEST(issuer_key_usage)
{
    struct x509_recipe r = intermediate_recipe();
    r.key_usage = X509_DIGITAL_SIGNATURE | X509_CRL_SIGN;
    refused(with_intermediate(r), ALERT_UNSUPPORTED_CERTIFICATE, "keyCertSign");
    r.key_usage = 0;
    believed(with_intermediate(r));
}
END_TEST

START_TEST(issuer_extended_key_usage_nests)
{
    struct x509_recipe r = intermediate_recipe();
    r.extended_key_usage = X509_EKU_CLIENT;
    refused(with_intermediate(r), ALERT_UNSUPPORTED_CERTIFICATE, "serverAuth");
    r.extended_key_usage = X509_EKU_CLIENT | X509_EKU_SERVER;
    believed(with_intermediate(r));
}
END_TEST

START_TEST(issuer_dates)
{
    struct x509_recipe r = intermediate_recipe();
    r.not_after = NOW - DAY;
    refused(with_intermediate(r), ALERT_CERTIFICATE_EXPIRED,
            "expired 2026-09-20 (RFC 5280 §6.1.3): \"Intermediate\" (certificate 2 of 2)");
    r.not_after = NOW + DAY;
    party_make(&intermediate, r);
    r = root_recipe();
    r.not_after = NOW - DAY;
    refused(with_root(r), ALERT_CERTIFICATE_EXPIRED, "\"Root\" (trust anchor)");
}
END_TEST

START_TEST(path_length)
{
    struct party below = intermediate;
    party_generate(&below, KEY_P256);
    struct x509_recipe r = party_ca_recipe("Below", &below.key,
                                           party_issuer(&intermediate), NOW);
    party_make(&below, r);
    party_make(&leaf, leaf_recipe(&below));
    struct ask a = { .sent = { &leaf, &below, &intermediate }, .anchors = { &root } };
    refused(a, ALERT_BAD_CERTIFICATE, "pathLenConstraint allows 0");

    struct x509_recipe longer = intermediate_recipe();
    longer.path_len = 1;
    party_make(&intermediate, longer);
    r.issuer = party_issuer(&intermediate);
    party_make(&below, r);
    party_make(&leaf, leaf_recipe(&below));
    believed(a);
}
END_TEST

START_TEST(self_issued_does_not_count)
{
    struct party rolled = intermediate;                   /* the same name, a new key */
    party_generate(&rolled, KEY_P256);
    struct x509_recipe r = party_ca_recipe("Intermediate", &rolled.key,
                                           party_issuer(&intermediate), NOW);
    party_make(&rolled, r);
    party_make(&leaf, leaf_recipe(&rolled));
    believed((struct ask){ .sent = { &leaf, &rolled, &intermediate }, .anchors = { &root } });
}
END_TEST

START_TEST(anchor_may_be_version_1)
{
    struct x509_recipe r = root_recipe();
    r.version_1 = true;
    r.serial = bytes_of("\x00", 1);
    believed(with_root(r));
}
END_TEST

/* The version becomes 2 where a version 1 certificate has none (RFC 5280 §4.1.2.1). */
static void set_version_2(struct party *p)
{
    uint8_t copy[X509_MAKE_MAX];
    memcpy(copy, p->der, p->len);
    struct reader r = reader_of(bytes_of(copy, p->len));
    struct reader certificate = der_enter(&r, DER_SEQUENCE);
    struct bytes fields = der_read(&certificate, DER_SEQUENCE);
    struct writer w = writer_of(p->der, sizeof p->der);
    size_t outer = der_begin(&w, DER_SEQUENCE), tbs = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, bytes_of("\xa0\x03\x02\x01\x01", 5));
    write_bytes(&w, fields);
    der_end(&w, tbs);
    write_bytes(&w, certificate.rest);
    der_end(&w, outer);
    p->len = w.len;
}

START_TEST(anchor_may_not_be_version_2)
{
    struct x509_recipe r = root_recipe();
    r.version_1 = true;
    struct ask a = with_root(r);
    set_version_2(&root);
    refused(a, ALERT_UNSUPPORTED_CERTIFICATE, "version 2, not 3");
}
END_TEST

/* An anchor that does not decode is of no use, and in nobody's way. */
START_TEST(malformed_anchor)
{
    struct bytes subject = party_certificate(&root).subject;
    struct x509_anchor anchors[] = { { bytes_of(root.der, root.len - 1), subject },
                                     { party_der(&root), subject } };
    struct x509_trust trust = { .anchors = anchors, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&leaf), party_der(&intermediate) };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 2, .name = bytes_of_string(host[0]), .now = NOW };
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_UNKNOWN_CA);
    trust.anchor_count = 2;
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_NONE);
    q.trust = NULL;
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_INTERNAL_ERROR);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "no trust anchor and no pin"));
}
END_TEST

/* A session may be believed until the first certificate below the anchor expires. */
START_TEST(good_until_the_first_date)
{
    struct x509_recipe r = intermediate_recipe();
    r.not_after = NOW + DAY;
    believed(with_intermediate(r));
    ck_assert_int_eq(verdict.good_until, NOW + DAY);
    r.not_after = NOW + 9999 * (int64_t)DAY;
    believed(with_intermediate(r));
    ck_assert_int_eq(verdict.good_until, party_certificate(&leaf).not_after);
}
END_TEST

START_TEST(name_constraints)
{
    static const char *const org[] = { "example.org" }, *const com[] = { "example.com" },
        *const mail[] = { "mail.example.org" };
    struct x509_recipe r = intermediate_recipe();
    r.permitted_dns = org;
    r.permitted_dns_count = 1;
    believed(with_intermediate(r));
    r.permitted_dns = com;
    refused(with_intermediate(r), ALERT_BAD_CERTIFICATE, "in no permitted subtree");
    r.permitted_dns = org;
    r.excluded_dns = mail;
    r.excluded_dns_count = 1;
    refused(with_intermediate(r), ALERT_BAD_CERTIFICATE, "in an excluded subtree");
}
END_TEST

/* ---- loops and meshes ---- */

START_TEST(loop_ends)
{
    struct party a = intermediate, b = other_root;
    struct x509_recipe ra = party_ca_recipe("A", &a.key, party_issuer(&a), NOW);
    ra.has_path_len = false;
    party_make(&a, ra);
    struct x509_recipe rb = party_ca_recipe("B", &b.key, party_issuer(&a), NOW);
    rb.has_path_len = false;
    party_make(&b, rb);
    ra.issuer = party_issuer(&b);
    party_make(&a, ra);
    party_make(&leaf, leaf_recipe(&a));
    refused((struct ask){ .sent = { &leaf, &a, &b }, .anchors = { &root } }, ALERT_UNKNOWN_CA,
            "issuer \"A\" has been issued by this certificate, in a circle");
}
END_TEST

/* One CA, certified by itself seven times over, is one step of a path and not 7! of them. */
START_TEST(copies_of_a_ca_are_one)
{
    static struct party sent[7];
    struct ask a = { .sent = { &leaf }, .anchors = { &other_root } };
    for (size_t i = 0; i < 7; i++) {
        struct x509_recipe r = x509_recipe_root("Copy", &root.key, NOW);
        party_make(&sent[i], r);
        sent[i].key = root.key;
        a.sent[1 + i] = &sent[i];
    }
    party_make(&leaf, leaf_recipe(&sent[0]));
    refused(a, ALERT_UNKNOWN_CA, "self-signed and is not a trust anchor");
}
END_TEST

/* ---- pins ---- */

static void pin_of(uint8_t out[X509_PIN_LEN], const struct party *p)
{
    struct x509_certificate c;
    uint8_t digest[HASH_MAX];
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(p)));
    hash_digest(&hash_sha256, digest, c.spki);
    memcpy(out, digest, X509_PIN_LEN);
}

START_TEST(x12_pins_alone)
{
    uint8_t pins[2][X509_PIN_LEN];
    pin_of(pins[0], &root);
    pin_of(pins[1], &leaf);
    struct x509_trust trust = { .pins = (const uint8_t (*)[X509_PIN_LEN])pins, .pin_count = 2 };
    believed((struct ask){ .sent = { &leaf }, .trust = trust, .name = "anything.example" });
    believed((struct ask){ .sent = { &leaf }, .trust = trust, .now = NOW + 9999 * (int64_t)DAY });
    trust.pin_count = 1;
    refused((struct ask){ .sent = { &leaf, &intermediate, &root }, .trust = trust },
            ALERT_CERTIFICATE_UNKNOWN, "not one of the pinned keys");
}
END_TEST

START_TEST(pins_and_anchors_must_both_hold)
{
    uint8_t pins[1][X509_PIN_LEN];
    pin_of(pins[0], &leaf);
    struct x509_trust trust = { .pins = (const uint8_t (*)[X509_PIN_LEN])pins, .pin_count = 1 };
    struct ask a = { .sent = { &leaf, &intermediate }, .anchors = { &root }, .trust = trust };
    believed(a);
    a.name = "other.example.org";
    refused(a, ALERT_BAD_CERTIFICATE, "not for other.example.org");
    a.name = NULL;
    pins[0][31] ^= 1;
    refused(a, ALERT_CERTIFICATE_UNKNOWN, "pinned");
}
END_TEST

START_TEST(leaf_key_has_to_sign)
{
    struct x509_recipe r = leaf_recipe(&intermediate);
    r.key_usage = X509_KEY_ENCIPHERMENT;
    struct ask a = with_leaf(r);
    ck_assert_int_eq(x509_leaf_key(&verdict, party_der(a.sent[0])), ALERT_UNSUPPORTED_CERTIFICATE);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "keyUsage"));
    ck_assert_int_eq(verdict.key.type, KEY_NONE);
}
END_TEST

START_TEST(leaf_key_believes_nothing)
{
    ck_assert_int_eq(x509_leaf_key(&verdict, party_der(&leaf)), ALERT_NONE);
    ck_assert_int_eq(verdict.key.type, KEY_P256);
    leaf.len--;
    ck_assert_int_eq(x509_leaf_key(&verdict, party_der(&leaf)), ALERT_BAD_CERTIFICATE);
    ck_assert_int_eq(verdict.key.type, KEY_NONE);
}
END_TEST

/* ---- mutations ---- */

/* No change of any one bit of any certificate is believed; a changed anchor may be, where the
 * change touches neither what is judged nor the key, as its own signature proves nothing. */
START_TEST(no_changed_bit_is_believed)
{
    struct ask a = { .sent = { &leaf, &intermediate }, .anchors = { &root } };
    struct party *changed[] = { &leaf, &intermediate };
    for (size_t p = 0; p < COUNT(changed); p++)
        for (size_t bit = 0; bit < 8 * changed[p]->len; bit++) {
            changed[p]->der[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ck_assert_msg(verify(a) != ALERT_NONE, "certificate %zu, bit %zu", p + 1, bit);
            changed[p]->der[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
}
END_TEST

START_TEST(no_truncation_is_believed)
{
    struct ask a = { .sent = { &leaf, &intermediate }, .anchors = { &root } };
    for (size_t len = leaf.len; len-- > 0;) {
        leaf.len = len;
        ck_assert_int_eq(verify(a), ALERT_BAD_CERTIFICATE);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("path");
    TCase *t = tcase_create("path");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, chain_is_believed);
    tcase_add_test(t, root_alone_issues);
    tcase_add_test(t, any_order_and_extra_certificates);
    tcase_add_test(t, cross_signs_are_tried_in_turn);
    tcase_add_test(t, broken_rule_says_more_than_a_dead_end);
    tcase_add_test(t, refusal_that_came_furthest);
    tcase_add_test(t, same_name_other_key_is_passed_over);
    tcase_add_test(t, dates_are_inclusive);
    tcase_add_test(t, self_signed_leaf_that_is_an_anchor);
    tcase_add_test(t, unknown_issuer);
    tcase_add_test(t, self_signed_leaf);
    tcase_add_test(t, x5_anchor_with_the_name_but_another_key);
    tcase_add_test(t, neither_anchor_nor_pin);
    tcase_add_test(t, chain_length);
    tcase_add_test(t, malformed_leaf);
    tcase_add_test(t, malformed_intermediate_is_named);
    tcase_add_test(t, wrong_name);
    tcase_add_test(t, certificate_for_many_names);
    tcase_add_test(t, common_name_does_not_count);
    tcase_add_test(t, address_names);
    tcase_add_test(t, leaf_key_usage);
    tcase_add_test(t, leaf_extended_key_usage);
    tcase_add_test(t, client_needs_no_name);
    tcase_add_test(t, unknown_critical_extension);
    tcase_add_test(t, version_and_serial);
    tcase_add_test(t, algorithms_that_differ);
    tcase_add_test(t, empty_subject_needs_critical_names);
    tcase_add_test(t, signatures);
    tcase_add_test(t, algorithm_that_is_not_offered);
    tcase_add_test(t, ecdsa_with_either_hash);
    tcase_add_test(t, issuer_must_be_a_ca);
    tcase_add_test(t, issuer_key_usage);
    tcase_add_test(t, issuer_extended_key_usage_nests);
    tcase_add_test(t, issuer_dates);
    tcase_add_test(t, path_length);
    tcase_add_test(t, self_issued_does_not_count);
    tcase_add_test(t, anchor_may_be_version_1);
    tcase_add_test(t, anchor_may_not_be_version_2);
    tcase_add_test(t, malformed_anchor);
    tcase_add_test(t, good_until_the_first_date);
    tcase_add_test(t, name_constraints);
    tcase_add_test(t, loop_ends);
    tcase_add_test(t, copies_of_a_ca_are_one);
    tcase_add_test(t, x12_pins_alone);
    tcase_add_test(t, pins_and_anchors_must_both_hold);
    tcase_add_test(t, leaf_key_believes_nothing);
    tcase_add_test(t, leaf_key_has_to_sign);
    tcase_add_test(t, no_changed_bit_is_believed);
    tcase_add_test(t, no_truncation_is_believed);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
