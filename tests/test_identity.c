/* tests/test_identity.c - who a peer is, to compare and to show (tls13/x509/identity.c). */
#include "tls13/x509/identity.h"

#include "tests/party.h"
#include "tests/vectors.h"
#include "tls13/x509/der.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct party root, client;
static struct x509_identity who;

static void setup(void)
{
    party_root(&root, "Root");
    party_generate(&client, KEY_P256);
}

static struct x509_recipe client_recipe(void)
{
    return x509_recipe_client("Alice", &client.key, party_issuer(&root), NOW);
}

static void identify(struct x509_recipe r)
{
    party_make(&client, r);
    ck_assert(x509_identity_of(&who, party_der(&client)));
}

static void check_text(struct bytes got, const char *want)
{
    ck_assert_msg(bytes_equal_public(got, bytes_of_string(want)), "%.*s, wanted %s", (int)got.len,
                  (const char *)got.at, want);
}

START_TEST(names_and_key)
{
    static const char *const email[] = { "alice@example.org", "other@example.org" };
    static const char *const dns[] = { "laptop.example.org", "other.example.org" };
    struct x509_recipe r = client_recipe();
    uint8_t pin[X509_PIN_LEN];
    r.organization = "Example";
    r.email = email;
    r.dns = dns;
    r.email_count = r.dns_count = 2;
    identify(r);
    check_text(who.email, email[0]);
    check_text(who.dns, dns[0]);
    x509_pin(pin, party_certificate(&client).spki);
    ck_assert_mem_eq(who.key, pin, sizeof pin);
    ck_assert(bytes_equal_public(who.subject, party_certificate(&client).subject));
    ck_assert_str_eq(who.text, "CN=Alice,O=Example");
}
END_TEST

START_TEST(names_that_are_not_there)
{
    identify(client_recipe());
    ck_assert_uint_eq(who.email.len, 0);
    ck_assert_uint_eq(who.dns.len, 0);
    ck_assert(!x509_identity_of(&who, bytes_of(client.der, client.len - 1)));
}
END_TEST

/* What could be read in two ways is nobody's name. */
START_TEST(malformed_names_are_passed_over)
{
    static const char *const email[] = { "no at", "@example.org", "a b@example.org",
        "a\nb@example.org", "a@-example.org", "a@b@example.org", "", "a\x7f@example.org",
        "bob@example.org" };
    static const char *const dns[] = { "*.example.org", "under_score.example.org", "a..b", "",
                                       "host.example.org" };
    struct x509_recipe r = client_recipe();
    r.email = email;
    r.email_count = COUNT(email);
    r.dns = dns;
    r.dns_count = COUNT(dns);
    identify(r);
    check_text(who.email, "bob@example.org");
    check_text(who.dns, "host.example.org");
}
END_TEST

/* ---- RFC 4514 ---- */

/* Appends one attribute, in an RDN of its own. */
static void attribute(struct writer *w, struct bytes type, uint8_t tag, const char *value)
{
    size_t set = der_begin(w, DER_SET), one = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, type);
    der_write(w, tag, bytes_of_string(value));
    der_end(w, one);
    der_end(w, set);
}

static const struct bytes cn = OID(0x55, 0x04, 0x03), dc = OID(0x09, 0x92, 0x26, 0x89, 0x93, 0xf2,
    0x2c, 0x64, 0x01, 0x19), private_type = OID(0x2b, 0x06, 0x01, 0x04, 0x01, 0x8b, 0x3a, 0x00);

static const char *one_value(uint8_t tag, struct bytes type, const char *value)
{
    static char text[X509_SUBJECT_TEXT_MAX];
    uint8_t space[1000];
    struct writer w = writer_of(space, sizeof space);
    size_t name = der_begin(&w, DER_SEQUENCE);
    attribute(&w, type, tag, value);
    der_end(&w, name);
    ck_assert(x509_name_write(text, sizeof text, writer_bytes(&w)));
    return text;
}

/* RFC 4514 §4 has the second, the fourth (with \0D) and the fifth. */
START_TEST(special_characters_are_escaped)
{
    ck_assert_str_eq(one_value(DER_UTF8_STRING, cn, "plain = text"), "CN=plain = text");
    ck_assert_str_eq(one_value(DER_UTF8_STRING, cn, "James \"Jim\" Smith, III"),
                     "CN=James \\\"Jim\\\" Smith\\, III");
    ck_assert_str_eq(one_value(DER_UTF8_STRING, cn, " #a+b;<c>\\ "),
                     "CN=\\ #a\\+b\\;\\<c\\>\\\\\\ ");
    ck_assert_str_eq(one_value(DER_PRINTABLE_STRING, cn, "Before\rAfter"), "CN=Before\\0dAfter");
    ck_assert_str_eq(one_value(DER_UTF8_STRING, cn, "Lu\xc4\x8di\xc4\x87"),
                     "CN=Lu\\c4\\8di\\c4\\87");
    ck_assert_str_eq(one_value(DER_UTF8_STRING, cn, "#1"), "CN=\\#1");
    ck_assert_str_eq(one_value(DER_IA5_STRING, dc, "example"), "DC=example");
    ck_assert_str_eq(one_value(DER_OCTET_STRING, private_type, "Hi"),
                     "1.3.6.1.4.1.1466.0=#04024869");
}
END_TEST

START_TEST(last_part_comes_first)
{
    uint8_t space[200];
    char text[X509_SUBJECT_TEXT_MAX];
    struct writer w = writer_of(space, sizeof space);
    size_t name = der_begin(&w, DER_SEQUENCE);
    attribute(&w, dc, DER_IA5_STRING, "net");
    attribute(&w, dc, DER_IA5_STRING, "example");
    attribute(&w, cn, DER_UTF8_STRING, "Steve");
    der_end(&w, name);
    ck_assert(x509_name_write(text, sizeof text, writer_bytes(&w)));
    ck_assert_str_eq(text, "CN=Steve,DC=example,DC=net");
}
END_TEST

/* RFC 4514 §4: UID=jsmith+... Two attributes in one RDN. */
START_TEST(parts_of_several_attributes)
{
    static const uint8_t name[] = {
        0x30, 0x1a, 0x31, 0x18,
        0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x0b, 0x0c, 0x03, 'a', 'b', 'c',
        0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x03, 'd', 'e', 'f',
    };
    char text[X509_SUBJECT_TEXT_MAX];
    ck_assert(x509_name_write(text, sizeof text, bytes_of(name, sizeof name)));
    ck_assert_str_eq(text, "OU=abc+CN=def");
    ck_assert(x509_name_write(text, sizeof text, bytes_of("\x30\x00", 2)));
    ck_assert_str_eq(text, "");
}
END_TEST

/* At every length of the room: whole, or its beginning and "...". */
START_TEST(cut_off_is_marked)
{
    static const uint8_t name[] = {
        0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x03, 'a', 'b', 'c',
    };
    static const char whole[] = "CN=abc";
    for (size_t cap = 4; cap < 12; cap++) {
        char text[12];
        memset(text, 'x', sizeof text);
        bool fits = x509_name_write(text, cap, bytes_of(name, sizeof name));
        ck_assert_int_eq(fits, cap >= sizeof whole);
        ck_assert_uint_lt(strlen(text), cap);
        if (fits)
            ck_assert_str_eq(text, whole);
        else
            ck_assert_str_eq(text + strlen(text) - 3, "...");
    }
}
END_TEST

/* The part that does not fit is left out with its own beginning; what is in front of it stays. */
START_TEST(cut_off_between_parts)
{
    uint8_t space[400];
    char text[40], long_value[200];
    memset(long_value, 'x', sizeof long_value);
    long_value[sizeof long_value - 1] = 0;
    for (unsigned hex = 0; hex < 2; hex++) {
        struct writer w = writer_of(space, sizeof space);
        size_t name = der_begin(&w, DER_SEQUENCE);
        attribute(&w, cn, DER_UTF8_STRING, "behind");
        attribute(&w, private_type, hex ? DER_OCTET_STRING : DER_UTF8_STRING, long_value);
        attribute(&w, cn, DER_UTF8_STRING, "first");
        der_end(&w, name);
        ck_assert(!x509_name_write(text, sizeof text, writer_bytes(&w)));
        ck_assert_uint_lt(strlen(text), sizeof text);
        ck_assert_int_eq(strncmp(text, "CN=first,1.3.6.1.4.1.1466.0=", 28), 0);
        ck_assert_str_eq(text + strlen(text) - 3, "...");
        ck_assert_ptr_null(strstr(text, "behind"));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("identity");
    TCase *t = tcase_create("identity");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, names_and_key);
    tcase_add_test(t, names_that_are_not_there);
    tcase_add_test(t, malformed_names_are_passed_over);
    tcase_add_test(t, special_characters_are_escaped);
    tcase_add_test(t, last_part_comes_first);
    tcase_add_test(t, parts_of_several_attributes);
    tcase_add_test(t, cut_off_is_marked);
    tcase_add_test(t, cut_off_between_parts);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
