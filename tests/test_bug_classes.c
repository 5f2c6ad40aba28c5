/* tests/test_bug_classes.c - what other stacks got wrong about certificates, each with chains of
 * its own making. The x-numbers name the classes; what is not here is tested beside its code:
 *
 *   x5   test_path, test_path_more
 *   x7   test_rsa
 *   x8   test_ecdsa
 *   x9   test_certificate, test_der
 *   x10  test_name (nothing decodes punycode)
 *   x12  test_path (what DANE's usage 3 comes to)
 */
#include "tls13/x509/verify.h"

#include "tests/party.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct party root, middle, leaf;
static const char *const host[] = { "mail.example.org" };
static struct x509_verdict verdict;

static void setup(void)
{
    party_root(&root, "Root");
    party_intermediate(&middle, "Middle", &root);
    party_generate(&leaf, KEY_P256);
    party_make(&leaf, party_server_recipe(&leaf, &middle, host));
}

static enum alert ask_for(const char *name, size_t name_len)
{
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&leaf), party_der(&middle) };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 2, .name = bytes_of(name, name_len), .now = NOW };
    return x509_verify(&verdict, &q);
}

static void believed(void)
{
    enum alert alert = ask_for(host[0], strlen(host[0]));
    ck_assert_msg(alert == ALERT_NONE, "%s", verdict.reason);
}

static void refused_for(const char *name, enum alert alert, const char *why)
{
    enum alert got = ask_for(name, strlen(name));
    ck_assert_msg(got == alert, "%s, wanted %s: %s", alert_name((uint8_t)got),
                  alert_name((uint8_t)alert), verdict.reason);
    ck_assert_msg(strstr(verdict.reason, why) != NULL, "\"%s\" not in: %s", why, verdict.reason);
    ck_assert_int_eq(verdict.key.type, KEY_NONE);         /* x6: one verdict, and no key with a no */
}

static void refused(enum alert alert, const char *why)
{
    refused_for(host[0], alert, why);
}

/* An extension by its last OID arcs under 2.5.29, and its value in DER. */
static struct x509_extension extension(uint8_t id, bool critical, const char *value, size_t len)
{
    static uint8_t oids[256][3];
    memcpy(oids[id], (const uint8_t[]){ 0x55, 0x1d, id }, 3);
    return (struct x509_extension){ bytes_of(oids[id], 3), critical, bytes_of(value, len) };
}

#define DER(text) text, sizeof(text) - 1
enum { ALT_NAMES = 0x11, NAME_CONSTRAINTS = 0x1e, POLICY_CONSTRAINTS = 0x24, ANY_POLICY = 0x36,
       SUBJECT_KEY_ID = 0x0e, AUTHORITY_KEY_ID = 0x23 };

/* ---- x1: host names ---- */

/* The recipe's C strings hold no NUL: an extension of our own does. */
START_TEST(x1_nul_in_a_name)
{
    struct x509_extension names = extension(ALT_NAMES, false,
                                            DER("\x30\x19\x82\x17mail.example.org\0.a.net"));
    struct x509_recipe r = x509_recipe_server("mail.example.org", &leaf.key, party_issuer(&middle),
                                              NOW);
    r.extra = &names;
    r.extra_count = 1;
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "(malformed)");
    ck_assert_int_eq(ask_for("mail.example.org\0.a.net", 23), ALERT_INTERNAL_ERROR);
}
END_TEST

/* However long the name in the way is: the common name is no way around it. */
START_TEST(x1_common_name_is_never_used)
{
    static char longest[1500];
    static const char *const names[] = { longest };
    memset(longest, 'a', sizeof longest - 1);
    struct x509_recipe r = x509_recipe_server("mail.example.org", &leaf.key, party_issuer(&middle),
                                              NOW);
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "no subjectAltName");
    r.dns = names;
    r.dns_count = 1;
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "not for mail.example.org");
}
END_TEST

START_TEST(x1_characters_outside_of_host_names)
{
    static const char *const names[] = { "mail.example.org ", " mail.example.org",
        "mail.example.org.", "mail_.example.org", "mail.example.org\x01", "m*.example.org",
        "*il.example.org", "*.*.org", "mail.*.org", "*", "*.org", "mail..example.org" };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct x509_recipe r = party_server_recipe(&leaf, &middle, &names[i]);
        party_make(&leaf, r);
        refused(ALERT_BAD_CERTIFICATE, "not for mail.example.org");
    }
}
END_TEST

/* RFC 9525 §6.5: an address is an iPAddress. */
START_TEST(x1_address_as_dns_name)
{
    static const char *const names[] = { "192.0.2.1" };
    party_make(&leaf, party_server_recipe(&leaf, &middle, names));
    refused_for("192.0.2.1", ALERT_BAD_CERTIFICATE, "(an address as a dNSName)");
}
END_TEST

/* ---- x2: name constraints ---- */

/* The middle CA with these constraints, and the leaf with these alternative names and this common
 * name. */
static void constrain(const char *constraints, size_t len, const char *alt_names, size_t names_len,
                      const char *common_name)
{
    struct x509_extension c = extension(NAME_CONSTRAINTS, true, constraints, len);
    struct x509_extension names = extension(ALT_NAMES, false, alt_names, names_len);
    struct x509_recipe r = party_ca_recipe("Middle", &middle.key, party_issuer(&root),
                                           NOW);
    r.extra = &c;
    r.extra_count = 1;
    party_make(&middle, r);
    r = x509_recipe_server(common_name, &leaf.key, party_issuer(&middle), NOW);
    r.extra = &names;
    r.extra_count = 1;
    party_make(&leaf, r);
}

#define PERMIT_DNS  DER("\x30\x11\xa0\x0f\x30\x0d\x82\x0b" "EXAMPLE.org")
#define EXCLUDE_DNS DER("\x30\x11\xa1\x0f\x30\x0d\x82\x0b" "EXAMPLE.org")
#define HOST_DNS    "\x82\x10mail.example.org"

START_TEST(x2_case_does_not_matter)
{
    constrain(PERMIT_DNS, DER("\x30\x12" HOST_DNS), "Leaf");
    believed();
    constrain(EXCLUDE_DNS, DER("\x30\x12" HOST_DNS), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "excluded");
}
END_TEST

/* Every name has to be permitted, not the one that was asked for. */
START_TEST(x2_each_name_counts)
{
    constrain(PERMIT_DNS, DER("\x30\x1b" HOST_DNS "\x82\x07" "a.b.net"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "in no permitted subtree");
}
END_TEST

/* All CAs above have to permit it, in whatever order they narrow. */
START_TEST(x2_each_ca_counts)
{
    static const char *const org[] = { "example.org" }, *const net[] = { "example.net" };
    struct x509_recipe r = x509_recipe_root("Root", &root.key, NOW);
    r.permitted_dns = net;
    r.permitted_dns_count = 1;
    party_make(&root, r);
    r = party_ca_recipe("Middle", &middle.key, party_issuer(&root), NOW);
    r.permitted_dns = org;
    r.permitted_dns_count = 1;
    party_make(&middle, r);
    party_make(&leaf, party_server_recipe(&leaf, &middle, host));
    refused(ALERT_BAD_CERTIFICATE, "in no permitted subtree");
}
END_TEST

/* A kind that cannot be compared (URI, otherName, registeredID) is refused if it is constrained. */
START_TEST(x2_kinds_that_are_not_compared)
{
    constrain(DER("\x30\x0d\xa0\x0b\x30\x09\x86\x07" ".b.test"),
              DER("\x30\x23" HOST_DNS "\x86\x0fhttps://a.test/"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "cannot be compared");
    constrain(DER("\x30\x0d\xa1\x0b\x30\x09\x86\x07" ".b.test"),
              DER("\x30\x23" HOST_DNS "\x86\x0fhttps://a.test/"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "cannot be compared");
    constrain(DER("\x30\x09\xa1\x07\x30\x05\x88\x03\x2a\x03\x04"),
              DER("\x30\x17" HOST_DNS "\x88\x03\x2a\x03\x05"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "cannot be compared");
    constrain(DER("\x30\x09\xa1\x07\x30\x05\x88\x03\x2a\x03\x04"),
              DER("\x30\x12" HOST_DNS), "Leaf");
    believed();
}
END_TEST

/* RFC 9525: nobody reads the common name, so that it needs no constraint; and it opens no way. */
START_TEST(x2_common_name_is_no_way_around)
{
    constrain(EXCLUDE_DNS, DER("\x30\x09\x82\x07" "a.b.net"), "mail.example.org");
    refused(ALERT_BAD_CERTIFICATE, "not for mail.example.org");
}
END_TEST

START_TEST(x2_wildcards)
{
    constrain(DER("\x30\x16\xa1\x14\x30\x12\x82\x10mail.example.org"),
              DER("\x30\x0f\x82\x0d*.example.org"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "excluded");           /* some of its names are */
    constrain(DER("\x30\x16\xa0\x14\x30\x12\x82\x10mail.example.org"),
              DER("\x30\x0f\x82\x0d*.example.org"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "in no permitted");    /* not all are */
    constrain(PERMIT_DNS, DER("\x30\x0f\x82\x0d*.example.org"), "Leaf");
    believed();
}
END_TEST

/* An address is permitted by addresses alone, IPv4 by IPv4. */
START_TEST(x2_addresses)
{
    constrain(DER("\x30\x0e\xa0\x0c\x30\x0a\x87\x08\xc0\x00\x02\x00\xff\xff\xff\x00"),
              DER("\x30\x18" HOST_DNS "\x87\x04\xc0\x00\x02\x07"), "Leaf");
    believed();
    constrain(DER("\x30\x0e\xa0\x0c\x30\x0a\x87\x08\xc0\x00\x02\x00\xff\xff\xff\x00"),
              DER("\x30\x18" HOST_DNS "\x87\x04\xc0\x00\x03\x07"), "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "in no permitted");
    constrain(DER("\x30\x0e\xa0\x0c\x30\x0a\x87\x08\xc0\x00\x02\x00\xff\xff\xff\x00"),
              DER("\x30\x24" HOST_DNS "\x87\x10\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x07"),
              "Leaf");
    refused(ALERT_BAD_CERTIFICATE, "in no permitted");
}
END_TEST

/* RFC 5280 §4.2.1.10: they are a CA's. */
START_TEST(x2_constraints_of_a_leaf)
{
    struct x509_extension c = extension(NAME_CONSTRAINTS, true, PERMIT_DNS);
    struct x509_recipe r = party_server_recipe(&leaf, &middle, host);
    r.extra = &c;
    r.extra_count = 1;
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "nameConstraints are not those of a CA");
    r.basic_constraints = X509_CA;
    party_make(&leaf, r);
    refused(ALERT_UNSUPPORTED_CERTIFICATE, "is a CA's");
}
END_TEST

/* ---- x3: work ---- */

static void budget_ends(const struct bytes *chain, size_t count, const struct x509_trust *trust,
                        const char *why)
{
    struct x509_question q = { .trust = trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = count, .name = bytes_of_string(host[0]), .now = NOW };
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_CERTIFICATE_UNKNOWN);
    ck_assert_msg(strstr(verdict.reason, why) != NULL, "%s", verdict.reason);
}

enum { CROSS = 10 };

/* Ten CAs that all sign each other. None of the certificates (those that are looked at) leads to
 * the anchor, and there are more ways through them than anyone could try. */
START_TEST(x3_mesh_of_cross_signs)
{
    static struct party ca[CROSS], signs[CROSS][CROSS];
    struct bytes chain[1 + CROSS * CROSS];
    for (size_t i = 0; i < CROSS; i++) {
        char name[] = { 'C', (char)('0' + i), 0 };
        party_root(&ca[i], name);
    }
    for (size_t i = 0; i < CROSS; i++)
        for (size_t j = 0; j < CROSS; j++) {
            char name[] = { 'C', (char)('0' + i), 0 };
            struct x509_recipe r = party_ca_recipe(name, &ca[i].key, party_issuer(&ca[j]),
                                                   NOW);
            r.has_path_len = false;
            party_make(&signs[i][j], r);
            chain[1 + CROSS * i + j] = party_der(&signs[i][j]);
        }
    party_make(&leaf, party_server_recipe(&leaf, &ca[0], host));
    chain[0] = party_der(&leaf);
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    budget_ends(chain, COUNT(chain), &trust, "too complex");
}
END_TEST

/* A hundred anchors have the name of the issuer and another key: with the issuer's own signature
 * that is one check too many. */
START_TEST(x3_anchors_of_one_name)
{
    static struct party anchors[10];
    struct x509_anchor list[100];
    for (size_t i = 0; i < 10; i++)
        party_root(&anchors[i], "Middle");                /* the name of the issuer, other keys */
    for (size_t i = 0; i < 100; i++)
        list[i] = (struct x509_anchor){ party_der(&anchors[i % 10]),
                                        party_certificate(&anchors[i % 10]).subject };
    struct x509_trust trust = { .anchors = list, .anchor_count = 100 };
    struct bytes chain[] = { party_der(&leaf), party_der(&middle) };
    budget_ends(chain, 2, &trust, "too complex");
}
END_TEST

/* 90 names under 120 constraints are more than 10000 comparisons. */
START_TEST(x3_constraint_bomb)
{
    static char text[210][16];
    const char *names[90], *trees[120];
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(text[i], sizeof text[i], "n%zu.org", i);
        names[i] = i == 0 ? host[0] : text[i];
    }
    for (size_t i = 0; i < COUNT(trees); i++) {
        snprintf(text[COUNT(names) + i], sizeof text[0], "t%zu.net", i);
        trees[i] = text[COUNT(names) + i];
    }
    struct x509_recipe r = x509_recipe_root("Root", &root.key, NOW);
    r.excluded_dns = trees;
    r.excluded_dns_count = COUNT(trees);
    party_make(&root, r);
    r = party_server_recipe(&leaf, &root, host);
    r.dns = names;
    r.dns_count = COUNT(names);
    party_make(&leaf, r);
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain = party_der(&leaf);
    budget_ends(&chain, 1, &trust, "too complex");
}
END_TEST

/* Each number of the budget decides by itself, and exactly. */
START_TEST(x3_budget_is_a_parameter)
{
    static const struct { struct x509_budget budget; enum alert alert; const char *why; }
    cases[] = {
        { { 2, 2, 10, 1 }, ALERT_NONE, "" },
        { { 1, 2, 10, 1 }, ALERT_CERTIFICATE_UNKNOWN, "within 1 signature checks, 2 candidates" },
        { { 2, 1, 10, 1 }, ALERT_CERTIFICATE_UNKNOWN, "within 2 signature checks, 1 candidates" },
        { { 2, 2, 3, 1 }, ALERT_NONE, "" },
        { { 2, 2, 2, 1 }, ALERT_CERTIFICATE_UNKNOWN, "and 2 name comparisons" },
        { { 2, 2, 10, 0 }, ALERT_CERTIFICATE_UNKNOWN, "more than 0 intermediate" },
    };
    constrain(PERMIT_DNS, DER("\x30\x12" HOST_DNS), "Leaf");
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&leaf), party_der(&middle) };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default,
                                   .chain = chain, .chain_count = 2, .budget = &cases[i].budget,
                                   .name = bytes_of_string(host[0]), .now = NOW };
        enum alert alert = x509_verify(&verdict, &q);
        ck_assert_msg(alert == cases[i].alert && strstr(verdict.reason, cases[i].why),
                      "case %zu: %s", i, verdict.reason);
    }
}
END_TEST

/* RFC 5280 §6.1.4 (l): a CA that certifies its own next key does not lengthen the path. */
START_TEST(x3_self_issued_do_not_count)
{
    static struct party next;
    party_generate(&next, KEY_P256);
    party_make(&next, party_ca_recipe("Root", &next.key, party_issuer(&root), NOW));
    party_make(&leaf, party_server_recipe(&leaf, &next, host));
    struct x509_budget none = { .signatures = 10, .candidates = 10, .comparisons = 10 };
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&leaf), party_der(&next) };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 2, .budget = &none,
                               .name = bytes_of_string(host[0]), .now = NOW };
    enum alert alert = x509_verify(&verdict, &q);
    ck_assert_msg(alert == ALERT_NONE, "%s", verdict.reason);
}
END_TEST

/* ---- x4: who may issue ---- */

START_TEST(x4_ca_as_leaf)
{
    struct x509_recipe r = party_server_recipe(&leaf, &middle, host);
    r.basic_constraints = X509_CA;
    r.key_usage |= X509_KEY_CERT_SIGN;
    party_make(&leaf, r);
    refused(ALERT_UNSUPPORTED_CERTIFICATE, "certificate is a CA's");
}
END_TEST

START_TEST(x4_leaf_as_ca)
{
    static struct party below;
    party_generate(&below, KEY_P256);
    party_make(&below, party_server_recipe(&below, &leaf, host));
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct bytes chain[] = { party_der(&below), party_der(&leaf), party_der(&middle) };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 3, .name = bytes_of_string(host[0]), .now = NOW };
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_BAD_CERTIFICATE);
    ck_assert_msg(strstr(verdict.reason, "issuer is not a CA: basicConstraints"), "%s",
                  verdict.reason);
    ck_assert_msg(strstr(verdict.reason, "\"Leaf\" (certificate 2 of 3)"), "%s", verdict.reason);
}
END_TEST

/* RFC 5280 §4.2.1.9: keyCertSign without cA is no certificate of a peer either. */
START_TEST(x4_cert_sign_without_ca)
{
    struct x509_recipe r = party_server_recipe(&leaf, &middle, host);
    r.key_usage |= X509_KEY_CERT_SIGN;
    r.basic_constraints = X509_NOT_CA;
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "keyCertSign, but basicConstraints no cA");
    r.basic_constraints = X509_NO_BASIC_CONSTRAINTS;
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "keyCertSign, but basicConstraints no cA");
}
END_TEST

/* ---- x11: times ---- */

START_TEST(x11_times)
{
    static const struct { const char *der; size_t len; bool good; int64_t seconds; } cases[] = {
        { DER("\x17\x0d" "700101000000Z"), true, 0 },
        { DER("\x17\x0d" "491231235959Z"), true, 2524607999 },     /* beyond 2^31 */
        { DER("\x17\x0d" "500101000000Z"), true, -631152000 },     /* 1950 */
        { DER("\x18\x0f" "99991231235959Z"), true, 253402300799 }, /* no end: RFC 5280 §4.1.2.5 */
        { DER("\x18\x0f" "20500101000000Z"), true, 2524608000 },
        { DER("\x18\x0f" "20491231235959Z"), false, 0 },           /* has to be UTCTime */
        { DER("\x18\x11" "20500101000000.0Z"), false, 0 },
        { DER("\x18\x13" "20500101000000+0100"), false, 0 },
        { DER("\x18\x0e" "20500101000000"), false, 0 },
        { DER("\x17\x0b" "7001010000Z"), false, 0 },
        { DER("\x17\x11" "700101000000+0000"), false, 0 },
        { DER("\x17\x0d" "700230000000Z"), false, 0 },
        { DER("\x17\x0d" "700101240000Z"), false, 0 },
        { DER("\x17\x0d" "700101000060Z"), false, 0 },
        { DER("\x17\x0d" "7001010000 0Z"), false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reader r = reader_of(bytes_of(cases[i].der, cases[i].len));
        int64_t seconds = der_read_time(&r);
        ck_assert_msg(reader_done(&r) == cases[i].good, "case %zu", i);
        ck_assert_msg(!cases[i].good || seconds == cases[i].seconds, "case %zu: %lld", i,
                      (long long)seconds);
    }
}
END_TEST

/* ---- x13: what contradicts itself ---- */

START_TEST(x13_inner_and_outer_algorithm)
{
    struct x509_recipe r = party_server_recipe(&leaf, &middle, host);
    r.algorithms_differ = true;
    party_make(&leaf, r);
    refused(ALERT_BAD_CERTIFICATE, "two signatureAlgorithm fields differ");
}
END_TEST

/* RSA's numbers: 2048 bits and odd, or not at all. */
START_TEST(x13_rsa_keys)
{
    static uint8_t modulus[1100];
    static const struct { size_t len; uint8_t top, bottom; const char *e; size_t e_len; bool weak; }
    cases[] = {
        { 256, 0x80, 1, "\x01\x00\x01", 3, false }, { 1024, 0xff, 1, "\x03", 1, false },
        { 255, 0xff, 1, "\x01\x00\x01", 3, true },  { 256, 0x7f, 1, "\x01\x00\x01", 3, true },
        { 256, 0x80, 2, "\x01\x00\x01", 3, true },  { 1025, 0x01, 1, "\x01\x00\x01", 3, true },
        { 1, 0x0f, 0x0f, "\x03", 1, true },         { 256, 0x80, 1, "\x01", 1, true },
        { 256, 0x80, 1, "\x02", 1, true },
        { 256, 0x80, 1, "\x01\x00\x00\x00\x00\x01", 6, true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        memset(modulus, 0x55, sizeof modulus);
        modulus[0] = cases[i].top;
        modulus[cases[i].len - 1] = cases[i].bottom;
        struct public_key key = { .type = KEY_RSA, .modulus = bytes_of(modulus, cases[i].len),
                                  .exponent = bytes_of(cases[i].e, cases[i].e_len) };
        ck_assert_msg(public_key_weak(&key) == cases[i].weak, "case %zu", i);
    }
}
END_TEST

START_TEST(x13_explicit_curve)
{
    static const char spki[] = "\x30\x1b\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x30\x08"
                               "\x02\x01\x01\x30\x03\x06\x01\x2a\x03\x04\x00\x04\x00\x00";
    struct public_key key;
    const char *why = public_key_decode(&key, bytes_of(spki, sizeof spki - 1));
    ck_assert_ptr_nonnull(why);
    ck_assert_msg(strstr(why, "not a named curve") != NULL, "%s", why);
}
END_TEST

/* ---- extensions that are not as RFC 5280 has them ---- */

START_TEST(extensions_with_the_wrong_flag)
{
    const struct { struct x509_extension e; const char *why; } cases[] = {
        { extension(SUBJECT_KEY_ID, true, DER("\x04\x01\x01")),
          "subjectKeyIdentifier is critical" },
        { extension(AUTHORITY_KEY_ID, true, DER("\x30\x03\x80\x01\x01")),
          "authorityKeyIdentifier is critical" },
        { extension(AUTHORITY_KEY_ID, false, DER("\x30\x03\x82\x01\x01")), "without the other" },
        { extension(AUTHORITY_KEY_ID, false, DER("\x30\x02\xa1\x00")), "without the other" },
        { extension(POLICY_CONSTRAINTS, false, DER("\x30\x03\x80\x01\x00")),
          "policyConstraints is not critical" },
        { extension(POLICY_CONSTRAINTS, true, DER("\x30\x03\x80\x01\x00")),
          "critical extension 2.5.29.36 is not known" },
        { extension(ANY_POLICY, false, DER("\x02\x01\x00")), "inhibitAnyPolicy is not critical" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct x509_recipe r = party_server_recipe(&leaf, &middle, host);
        r.extra = &cases[i].e;
        r.extra_count = 1;
        r.no_key_identifiers = true;
        party_make(&leaf, r);
        ck_assert_int_ne(ask_for(host[0], strlen(host[0])), ALERT_NONE);
        ck_assert_msg(strstr(verdict.reason, cases[i].why), "case %zu: %s", i, verdict.reason);
    }
}
END_TEST

START_TEST(authority_info_access)
{
    static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01 };
    #define AT(text) DER("\x30\x12\x30\x10\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x04" text)
    static const struct { const char *value; size_t len; bool critical; const char *why; }
    cases[] = {
        { AT("a:b/"), false, "" },
        { AT("a:b/"), true, "authorityInfoAccess is critical" },
        { DER("\x30\x00"), false, "authorityInfoAccess is malformed or empty" },
        { DER("\x04\x01\x00"), false, "authorityInfoAccess is malformed" },
        { DER("malformed"), false, "authorityInfoAccess is malformed" },
        { AT("\x80:b/"), false, "authorityInfoAccess is malformed" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct x509_extension e = { bytes_of(oid, sizeof oid), cases[i].critical,
                                    bytes_of(cases[i].value, cases[i].len) };
        struct x509_recipe r = party_server_recipe(&leaf, &middle, host);
        r.extra = &e;
        r.extra_count = 1;
        party_make(&leaf, r);
        enum alert alert = ask_for(host[0], strlen(host[0]));
        ck_assert_msg((alert == ALERT_NONE) == (cases[i].why[0] == '\0'), "case %zu: %s", i,
                      verdict.reason);
        ck_assert_msg(strstr(verdict.reason, cases[i].why), "case %zu: %s", i, verdict.reason);
        ck_assert(alert == ALERT_NONE || strstr(verdict.reason, "\"Leaf\" (certificate 1)"));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bug_classes");
    TCase *t = tcase_create("bug_classes");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, x1_nul_in_a_name);
    tcase_add_test(t, x1_common_name_is_never_used);
    tcase_add_test(t, x1_characters_outside_of_host_names);
    tcase_add_test(t, x1_address_as_dns_name);
    tcase_add_test(t, x2_case_does_not_matter);
    tcase_add_test(t, x2_each_name_counts);
    tcase_add_test(t, x2_each_ca_counts);
    tcase_add_test(t, x2_kinds_that_are_not_compared);
    tcase_add_test(t, x2_common_name_is_no_way_around);
    tcase_add_test(t, x2_wildcards);
    tcase_add_test(t, x2_addresses);
    tcase_add_test(t, x2_constraints_of_a_leaf);
    tcase_add_test(t, x3_mesh_of_cross_signs);
    tcase_add_test(t, x3_anchors_of_one_name);
    tcase_add_test(t, x3_constraint_bomb);
    tcase_add_test(t, x3_budget_is_a_parameter);
    tcase_add_test(t, x3_self_issued_do_not_count);
    tcase_add_test(t, x4_ca_as_leaf);
    tcase_add_test(t, x4_leaf_as_ca);
    tcase_add_test(t, x4_cert_sign_without_ca);
    tcase_add_test(t, x11_times);
    tcase_add_test(t, x13_inner_and_outer_algorithm);
    tcase_add_test(t, x13_rsa_keys);
    tcase_add_test(t, x13_explicit_curve);
    tcase_add_test(t, extensions_with_the_wrong_flag);
    tcase_add_test(t, authority_info_access);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
