/* tests/test_name.c - which names match, and which are names at all
 * (tls13/x509/name.c: RFC 9525 §6; name_constraints.c: RFC 5280 §4.2.1.10).
 */
#include "tls13/x509/name.h"

#include "tls13/x509/der.h"
#include "tls13/x509/verify.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." \
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

START_TEST(dns_names_match)
{
    static const struct { const char *presented, *reference; bool match; } cases[] = {
        { "example.org", "example.org", true },
        { "EXAMPLE.org", "example.ORG", true },
        { "xn--bcher-kva.example.org", "XN--Bcher-kva.example.org", true },
        { "example.org", "www.example.org", false },
        { "www.example.org", "example.org", false },
        { "example.org.", "example.org", false },
        { "*.example.org", "mail.example.org", true },
        { "*.EXAMPLE.org", "mail.example.ORG", true },
        { "*.example.org", "example.org", false },
        { "*.example.org", "a.mail.example.org", false },
        { "*.example.org", "mailexample.org", false },
        { "*.org", "example.org", false },
        { "*", "org", false },
        { "*.", "org", false },
        { "*.*.example.org", "a.b.example.org", false },
        { "mail.*.org", "mail.example.org", false },
        { "m*.example.org", "mail.example.org", false },
        { "*l.example.org", "mail.example.org", false },
        { "xn--*.example.org", "xn--a.example.org", false },
        { "**.example.org", "mail.example.org", false },
        { "under_score.example.org", "under_score.example.org", false },
        { "mail .example.org", "mail .example.org", false },
        { "mail..example.org", "mail..example.org", false },
        { ".example.org", "mail.example.org", false },
        { "", "", false },
        { "localhost", "localhost", true },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(dns_name_matches(bytes_of_string(cases[i].presented),
                                       bytes_of_string(cases[i].reference)) == cases[i].match,
                      "%s for %s", cases[i].presented, cases[i].reference);
    ck_assert(!dns_name_matches(bytes_of("example.org\0.evil.org", 21),
                                bytes_of_string("example.org")));
    ck_assert(!dns_name_matches(bytes_of("example.org\0", 12), bytes_of_string("example.org")));
}
END_TEST

START_TEST(usable_names)
{
    static const char *const good[] = {
        "example.org", "localhost", "a", "mail-1.example.org", "xn--bcher-kva.example", "1.a",
        "mail1", "mail.a1",
        "192.0.2.1", "::1", "2001:db8::1", "::ffff:192.0.2.1", LABEL_63 ".org", NAME_253,
    };
    static const char *const bad[] = {
        "", ".", "example.org.", "example..org", ".example.org", "-a.org", "a-.org",
        "*.example.org", "exa mple.org", "under_score.org", "b\xc3\xbc" "cher.example",
        "a" LABEL_63 ".org", NAME_253 "a", NAME_253 "ab", "192.0.2.256", "192.0.2", "1",
        "192.0.2.01", "0x7f.0.0.1.", "[::1]", "::1%eth0", ":::", "2001:db8::1::",
        "https://example.org", "example.org:25", "user@example.org", "example.org/",
    };
    const char *reason;
    for (size_t i = 0; i < COUNT(good); i++) {
        ck_assert_msg(x509_name_usable(bytes_of_string(good[i]), &reason), "%s", good[i]);
        ck_assert_ptr_null(reason);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        ck_assert_msg(!x509_name_usable(bytes_of_string(bad[i]), &reason), "%s", bad[i]);
        ck_assert_ptr_nonnull(reason);
    }
    ck_assert(!x509_name_usable(bytes_of("a\0b", 3), &reason));
    ck_assert(!x509_name_usable(bytes_of("::1\0", 4), &reason));
}
END_TEST

/* Nothing decodes punycode: what is behind xn-- compares like any letters (RFC 5890 §2.3.2.4), be
 * it of no name at all. */
START_TEST(x10_a_labels_are_only_letters)
{
    static const char *const labels[] = {
        "xn--bcher-kva.example", "xn--0.example", "xn--99999999999999999999999999999999.example",
    };
    for (size_t i = 0; i < COUNT(labels); i++) {
        struct bytes label = bytes_of_string(labels[i]);
        const char *reason;
        ck_assert(x509_name_usable(label, &reason));
        ck_assert(dns_name_matches(label, label));
        ck_assert(!dns_name_matches(bytes_of_string("b\xc3\xbc" "cher.example"), label));
        ck_assert(!dns_name_matches(bytes_of_string("xn--*.example"), label));
    }
}
END_TEST

START_TEST(addresses)
{
    uint8_t ip[16];
    char text[IP_TEXT_MAX];
    ck_assert_uint_eq(ip_parse(ip, bytes_of_string("192.0.2.1")), 4);
    ck_assert_mem_eq(ip, "\xc0\x00\x02\x01", 4);
    ck_assert_uint_eq(ip_parse(ip, bytes_of_string("2001:DB8::1")), 16);
    ip_text(text, bytes_of(ip, 16));
    ck_assert_str_eq(text, "2001:db8::1");
    ip_text(text, bytes_of(ip, 5));
    ck_assert_str_eq(text, "");
    ck_assert(x509_name_is_ip(bytes_of_string("::1")));
    ck_assert(!x509_name_is_ip(bytes_of_string("example.org")));
}
END_TEST

/* ---- alternative names ---- */

static uint8_t space[2][1024];

static struct bytes general_name(uint8_t *out, uint8_t tag, struct bytes value)
{
    struct writer w = writer_of(out, sizeof space[0]);
    der_write(&w, tag, value);
    return writer_bytes(&w);
}

START_TEST(kinds_do_not_mix)
{
    struct bytes host = bytes_of_string("192.0.2.1"), octets = bytes_of("\xc0\x00\x02\x01", 4);
    ck_assert(!alt_names_match(general_name(space[0], GENERAL_DNS, host), host));
    ck_assert(alt_names_match(general_name(space[0], GENERAL_IP, octets), host));
    ck_assert(!alt_names_match(general_name(space[0], GENERAL_IP, bytes_of_string("mail")),
                               bytes_of_string("mail")));
    ck_assert(!alt_names_match(general_name(space[0], GENERAL_URI, bytes_of_string("a.org")),
                               bytes_of_string("a.org")));
    ck_assert(!alt_names_match(general_name(space[0], GENERAL_EMAIL, bytes_of_string("a.org")),
                               bytes_of_string("a.org")));
    ck_assert(!alt_names_match((struct bytes){ 0 }, bytes_of_string("a.org")));
    /* An IPv4 address is not its IPv6 mapping. */
    ck_assert(!alt_names_match(general_name(space[0], GENERAL_IP, octets),
                               bytes_of_string("::ffff:192.0.2.1")));
}
END_TEST

START_TEST(general_names_are_well_formed)
{
    static const struct { uint8_t tag; const char *value; size_t len; bool good; } cases[] = {
        { GENERAL_DNS, "a", 1, true },          { GENERAL_DNS, "\xc3", 1, false },
        { GENERAL_EMAIL, "a", 1, true },        { GENERAL_EMAIL, "\x80", 1, false },
        { GENERAL_URI, "\xff", 1, false },      { GENERAL_IP, "\xff\xff\xff\xff", 4, true },
        { GENERAL_ID, "\x2a", 1, true },        { GENERAL_OTHER, "", 0, true },
        { GENERAL_DIRECTORY, "\x30\x00", 2, true }, { GENERAL_DIRECTORY, "\x31\x00", 2, false },
        { GENERAL_DIRECTORY, "\x30\x02\x31\x00", 4, false },     /* an empty SET */
        { 0x89, "", 0, false }, { 0xa2, "", 0, false }, { 0x80, "", 0, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reader r = reader_of(general_name(space[0], cases[i].tag,
                                                 bytes_of(cases[i].value, cases[i].len)));
        read_general_name(&r);
        ck_assert_msg(!r.bad == cases[i].good, "case %zu", i);
    }
}
END_TEST

/* ---- constraints ---- */

enum where { PERMITTED, EXCLUDED };

/* Whether one name is refused by one constraint. */
static bool constrained(enum where where, uint8_t tag, struct bytes base, uint8_t name_tag,
                        struct bytes name)
{
    unsigned budget = 100;
    struct writer w = writer_of(space[0], sizeof space[0]);
    size_t one = der_begin(&w, DER_SEQUENCE);
    der_write(&w, tag, base);
    der_end(&w, one);
    struct bytes trees = writer_bytes(&w), none = { 0 };
    struct bytes subject = bytes_of("\x30\x00", 2);
    struct bytes names = general_name(space[1], name_tag, name);
    if (name_tag == GENERAL_DIRECTORY) {
        subject = name;
        names = none;
    }
    return name_constraints_refuse(where == PERMITTED ? trees : none,
                                   where == EXCLUDED ? trees : none, subject, names, &budget)
        != NULL;
}

START_TEST(text_constraints)
{
    static const struct { uint8_t tag; const char *tree, *name; bool permitted, excluded; }
    cases[] = {                                           /* the name passes if so constrained */
        { GENERAL_DNS, "example.org", "example.org", true, false },
        { GENERAL_DNS, "example.org", "mail.EXAMPLE.org", true, false },
        { GENERAL_DNS, "example.org", "badexample.org", false, true },
        { GENERAL_DNS, "example.org", "org", false, true },
        { GENERAL_DNS, "", "example.org", true, false },
        { GENERAL_DNS, "example.org", "*.example.org", true, false },
        { GENERAL_DNS, "mail.example.org", "*.example.org", false, false },
        { GENERAL_DNS, "example.com", "*.example.org", false, true },
        { GENERAL_DNS, "example.org", "under_score.example.org", false, false },
        { GENERAL_DNS, "example.org", ".example.org", false, false },
        { GENERAL_EMAIL, "a@example.org", "a@EXAMPLE.org", true, false },
        { GENERAL_EMAIL, "a@example.org", "A@example.org", false, true },
        { GENERAL_EMAIL, "example.org", "a@example.org", true, false },
        { GENERAL_EMAIL, "example.org", "a@mail.example.org", false, true },
        { GENERAL_EMAIL, ".example.org", "a@mail.example.org", true, false },
        { GENERAL_EMAIL, ".example.org", "a@example.org", false, true },
        { GENERAL_EMAIL, ".example.org", "a@mail.example.net", false, true },
        { GENERAL_EMAIL, "", "a@example.org", true, false },
        { GENERAL_EMAIL, "example.org", "a@b@example.org", false, false },
        { GENERAL_EMAIL, "example.org", "@example.org", false, false },
        { GENERAL_EMAIL, "example.org", "", false, false },
        { GENERAL_URI, "example.org", "https://example.org", false, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes tree = bytes_of_string(cases[i].tree), name = bytes_of_string(cases[i].name);
        ck_assert_msg(constrained(PERMITTED, cases[i].tag, tree, cases[i].tag, name)
                      != cases[i].permitted, "permitted %s: %s", cases[i].tree, cases[i].name);
        ck_assert_msg(constrained(EXCLUDED, cases[i].tag, tree, cases[i].tag, name)
                      != cases[i].excluded, "excluded %s: %s", cases[i].tree, cases[i].name);
    }
    struct bytes dns = bytes_of_string("example.org");
    ck_assert(!constrained(PERMITTED, GENERAL_EMAIL, dns, GENERAL_DNS, dns));
    struct bytes uri = bytes_of_string("https://example.com");
    ck_assert(!constrained(PERMITTED, GENERAL_DNS, dns, GENERAL_URI, uri));
}
END_TEST

START_TEST(address_constraints)
{
    struct bytes net = bytes_of("\xc0\x00\x02\x00\xff\xff\xff\x00", 8);
    ck_assert(!constrained(PERMITTED, GENERAL_IP, net, GENERAL_IP, bytes_of("\xc0\0\2\x07", 4)));
    ck_assert(constrained(PERMITTED, GENERAL_IP, net, GENERAL_IP, bytes_of("\xc0\0\3\x07", 4)));
    ck_assert(constrained(EXCLUDED, GENERAL_IP, net, GENERAL_IP, bytes_of("\xc0\0\2\x07", 4)));
    ck_assert(constrained(PERMITTED, GENERAL_IP, net, GENERAL_IP,
                          bytes_of("\xc0\0\2\7\0\0\0\0\0\0\0\0\0\0\0\0", 16)));
}
END_TEST

/* A Name of one RDN with one attribute, CN or O. */
static struct bytes name_of(uint8_t *out, size_t cap, uint8_t type, uint8_t tag, const char *text)
{
    uint8_t oid[] = { 0x55, 0x04, type };
    struct writer w = writer_of(out, cap);
    size_t name = der_begin(&w, DER_SEQUENCE), set = der_begin(&w, DER_SET);
    size_t attribute = der_begin(&w, DER_SEQUENCE);
    der_write(&w, DER_OID, bytes_of(oid, sizeof oid));
    der_write(&w, tag, bytes_of_string(text));
    der_end(&w, attribute);
    der_end(&w, set);
    der_end(&w, name);
    return writer_bytes(&w);
}

enum { CN = 3, O = 10, OU = 11, BMP = 0x1e };

START_TEST(directory_constraints)
{
    uint8_t a[100], b[100];
    struct bytes tree = name_of(a, sizeof a, O, DER_UTF8_STRING, "Good  Company");
    struct bytes same = name_of(b, sizeof b, O, DER_PRINTABLE_STRING, " good company ");
    ck_assert(!constrained(PERMITTED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, same));
    ck_assert(constrained(EXCLUDED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, same));
    struct bytes other = name_of(b, sizeof b, O, DER_UTF8_STRING, "Good Companyx");
    ck_assert(constrained(PERMITTED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, other));
    ck_assert(!constrained(EXCLUDED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, other));
    struct bytes kind = name_of(b, sizeof b, CN, DER_UTF8_STRING, "Good Company");
    ck_assert(constrained(PERMITTED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, kind));
    /* What cannot be compared is neither permitted nor let through. */
    struct bytes odd = name_of(b, sizeof b, O, BMP, "Good Company");
    ck_assert(constrained(PERMITTED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, odd));
    ck_assert(constrained(EXCLUDED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, odd));
}
END_TEST

/* RFC 5280 §7.1: attribute values compare without case and by their words, whatever the kind of
 * string; of one that is no text, nothing but the same bytes of the same kind are the same. */
START_TEST(attribute_values)
{
    enum { TEXT = DER_UTF8_STRING, IA5 = DER_IA5_STRING };
    static const struct {
        uint8_t tree_tag, tag; const char *tree, *name; bool permitted, excluded;
    } cases[] = {
        { TEXT, IA5, "Room 101-b", "room 101-B", true, false },
        { TEXT, IA5, "Room 101-b", "room 101-c", false, true },
        { TEXT, TEXT, "  Company", "Company", true, false },
        { TEXT, TEXT, " ", "   ", true, false },          /* RFC 4518 §2.6.1 */
        { TEXT, TEXT, "Company", " ", false, true },
        { BMP, BMP, "\x01" "A", "\x01" "A", true, false },
        { BMP, BMP, "\x01" "A", "\x01" "a", false, true },
        { BMP, TEXT, "Company", "Company", false, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t a[100], b[100];
        struct bytes tree = name_of(a, sizeof a, O, cases[i].tree_tag, cases[i].tree);
        struct bytes name = name_of(b, sizeof b, O, cases[i].tag, cases[i].name);
        ck_assert_msg(constrained(PERMITTED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, name)
                      != cases[i].permitted, "permitted, case %zu", i);
        ck_assert_msg(constrained(EXCLUDED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, name)
                      != cases[i].excluded, "excluded, case %zu", i);
    }
}
END_TEST

static void write_attribute(struct writer *w, uint8_t type, const char *text)
{
    size_t attribute = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, bytes_of(((uint8_t[]){ 0x55, 0x04, type }), 3));
    der_write(w, DER_UTF8_STRING, bytes_of_string(text));
    der_end(w, attribute);
}

/* A Name from text like "O=a/CN=b+OU=c", where a slash begins a RelativeDistinguishedName. */
static struct bytes name_of_rdns(uint8_t *out, size_t cap, const char *text)
{
    struct writer w = writer_of(out, cap);
    size_t name = der_begin(&w, DER_SEQUENCE), set = der_begin(&w, DER_SET);
    for (const char *at = text; *at; at += strcspn(at, "+/")) {
        if (*at == '/') {
            der_end(&w, set);
            set = der_begin(&w, DER_SET);
        }
        at += *at == '/' || *at == '+';
        uint8_t type = at[0] == 'C' ? CN : at[1] == 'U' ? OU : O;
        char value[] = { strchr(at, '=')[1], 0 };
        write_attribute(&w, type, value);
    }
    der_end(&w, set);
    der_end(&w, name);
    return writer_bytes(&w);
}

/* RFC 5280 §4.2.1.10, §7.1: a name is in the tree of its first RDNs, each of them whole. */
START_TEST(directory_trees)
{
    static const struct { const char *tree, *name; bool within; } cases[] = {
        { "O=a", "O=a", true },
        { "O=a", "O=a/CN=b", true },
        { "O=a/OU=b", "O=a/OU=b/CN=c", true },
        { "O=a/OU=b", "O=a", false },
        { "O=a/OU=b", "OU=b/O=a", false },
        { "O=a+OU=b", "O=a+OU=b", true },
        { "O=a+OU=b", "O=a/OU=b", false },
        { "O=a/OU=b", "O=a+OU=b", false },
        { "O=a", "O=a+OU=b", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t a[100], b[100];
        struct bytes tree = name_of_rdns(a, sizeof a, cases[i].tree);
        struct bytes name = name_of_rdns(b, sizeof b, cases[i].name);
        ck_assert(name_well_formed(tree) && name_well_formed(name));
        ck_assert_msg(constrained(PERMITTED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, name)
                      != cases[i].within, "permitted %s: %s", cases[i].tree, cases[i].name);
        ck_assert_msg(constrained(EXCLUDED, GENERAL_DIRECTORY, tree, GENERAL_DIRECTORY, name)
                      == cases[i].within, "excluded %s: %s", cases[i].tree, cases[i].name);
    }
}
END_TEST

/* One subtree that holds the name is enough, wherever it stands. */
START_TEST(several_trees)
{
    static const char trees[] = "\x30\x07\x82\x05" "a.org" "\x30\x07\x82\x05" "b.org";
    static const char *const names[] = { "\x82\x05" "a.org", "\x82\x05" "b.org",
                                         "\x82\x05" "c.org" };
    struct bytes both = bytes_of(trees, sizeof trees - 1), none = { 0 };
    struct bytes subject = bytes_of("\x30\x00", 2);
    for (size_t i = 0; i < COUNT(names); i++) {
        unsigned budget = 100;
        struct bytes name = bytes_of_string(names[i]);
        ck_assert_int_eq(!name_constraints_refuse(both, none, subject, name, &budget), i < 2);
        ck_assert_int_eq(!name_constraints_refuse(none, both, subject, name, &budget), i == 2);
    }
}
END_TEST

START_TEST(constraints_are_well_formed)
{
    static const struct { const char *der; size_t len; bool good; } cases[] = {
        { "\x30\x09\xa0\x07\x30\x05\x82\x03" "a.b", 11, true },
        { "\x30\x09\xa1\x07\x30\x05\x82\x03" "a.b", 11, true },
        { "\x30\x00", 2, false },                                    /* neither list */
        { "\x30\x02\xa0\x00", 4, false },
        { "\x30\x09\xa0\x07\x30\x05\x82\x03" ".ab", 11, false },     /* leading dot */
        { "\x30\x09\xa0\x07\x30\x05\x82\x03" "*.b", 11, false },
        { "\x30\x0c\xa0\x0a\x30\x08\x82\x03" "a.b\x80\x01\x00", 14, false },     /* minimum */
        { "\x30\x0c\xa0\x0a\x30\x08\x82\x03" "a.b\x81\x01\x05", 14, false },     /* maximum */
        { "\x30\x0e\xa0\x0c\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\x00\x00\x00", 16, true },
        { "\x30\x0e\xa0\x0c\x30\x0a\x87\x08\x0a\x00\x00\x00\xff\x00\xff\x00", 16, false },
        { "\x30\x0a\xa0\x08\x30\x06\x87\x04\x0a\x00\x00\x00", 12, false },
        { "\x30\x26\xa0\x24\x30\x22\x87\x20\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0"
          "\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0", 40, true },
        { "\x30\x06\xa0\x04\x30\x02\x82\x00", 8, true },                /* every DNS name */
        { "\x30\x10\xa0\x0e\x30\x05\x82\x03" ".ab" "\x30\x05\x82\x03" "a.b", 18, false },
        { "\x30\x06\xa0\x04\x31\x02\x82\x00", 8, false },
        { "\x30\x09\xa0\x07\x30\x05\x82\x03" "a.b\x00", 12, false },
    };
    struct bytes permitted, excluded;
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(name_constraints_decode(&permitted, &excluded,
                                              bytes_of(cases[i].der, cases[i].len))
                      == cases[i].good, "case %zu", i);
}
END_TEST

START_TEST(comparisons_are_counted)
{
    unsigned budget = 3;
    static const char names[] = "\x82\x01" "a\x82\x01" "b\x82\x01" "c\x82\x01" "d";
    struct bytes tree = bytes_of("\x30\x02\x82\x00", 4), none = { 0 };
    ck_assert_ptr_eq(name_constraints_refuse(tree, none, bytes_of("\x30\x00", 2),
                                             bytes_of(names, sizeof names - 1), &budget),
                     NAMES_TOO_MANY);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("name");
    TCase *t = tcase_create("name");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, dns_names_match);
    tcase_add_test(t, usable_names);
    tcase_add_test(t, x10_a_labels_are_only_letters);
    tcase_add_test(t, addresses);
    tcase_add_test(t, kinds_do_not_mix);
    tcase_add_test(t, general_names_are_well_formed);
    tcase_add_test(t, text_constraints);
    tcase_add_test(t, address_constraints);
    tcase_add_test(t, directory_constraints);
    tcase_add_test(t, attribute_values);
    tcase_add_test(t, directory_trees);
    tcase_add_test(t, several_trees);
    tcase_add_test(t, constraints_are_well_formed);
    tcase_add_test(t, comparisons_are_counted);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
