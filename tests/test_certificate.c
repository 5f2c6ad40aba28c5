/* tests/test_certificate.c - what is in a certificate, and every way to spoil one
 * (tls13/x509/certificate.c and make.c: RFC 5280 §4).
 */
#include "tls13/x509/certificate.h"

#include "tests/party.h"
#include "tests/stride.h"
#include "tests/vectors.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/make.h"
#include "tls13/x509/name.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct x509_certificate c;

START_TEST(certificates_of_others)
{
    struct vectors v = vectors_open("vectors/x509/certificates.txt");
    while (vectors_next(&v)) {
        char name[X509_NAME_TEXT_MAX];
        ck_assert_pstr_eq(x509_certificate_decode(&c, vector(&v, "der")), NULL);
        ck_assert_uint_eq(c.version, 3);
        ck_assert(bytes_equal_public(c.serial, vector(&v, "serial")));
        ck_assert_int_eq(c.not_before, vector_number(&v, "not_before"));
        ck_assert_int_eq(c.not_after, vector_number(&v, "not_after"));
        ck_assert_int_eq(c.is_ca, vector_number(&v, "ca"));
        x509_name_text(name, c.subject);
        ck_assert(bytes_equal_public(bytes_of_string(name), vector(&v, "common_name")));
        ck_assert(bytes_equal_public(bytes_of_string(key_type_name(c.key.type)),
                                     vector(&v, "key")));
        ck_assert(bytes_equal_public(bytes_of_string(c.signature_algorithm->name),
                                     vector(&v, "signed_with")));
    }
    vectors_close(&v);
}
END_TEST

START_TEST(every_truncation_is_refused)
{
    struct vectors v = vectors_open("vectors/x509/certificates.txt");
    while (vectors_next(&v)) {
        uint8_t copy[4096] = { 0 };
        struct bytes der = vector(&v, "der");
        memcpy(copy, der.at, der.len);
        for (size_t len = 0; len < der.len; len++)
            ck_assert_ptr_nonnull(x509_certificate_decode(&c, bytes_of(copy, len)));
        ck_assert_ptr_nonnull(x509_certificate_decode(&c, bytes_of(copy, der.len + 1)));
    }
    vectors_close(&v);
}
END_TEST

/* Marks where the tag and length bytes of all values are, down to the eighth level. */
static void mark_headers(bool *mark, struct bytes whole)
{
    struct { struct reader r; } level[8] = { { reader_of(whole) } };
    size_t depth = 1;
    while (depth > 0) {
        struct reader *r = &level[depth - 1].r;
        if (!reader_more(r)) {
            depth--;
            continue;
        }
        const uint8_t *at = r->rest.at;
        uint8_t tag;
        struct bytes contents = der_read_any(r, &tag);
        for (const uint8_t *p = at; !r->bad && p < contents.at; p++)
            mark[p - whole.at] = true;
        if (tag & DER_CONSTRUCTED && depth < COUNT(level) && contents.len > 0)
            level[depth++].r = reader_of(contents);
    }
}

/* A changed length never fits: some value then has too much or too little. A changed tag may turn
 * one kind of text into another or an ignored extension's contents into nonsense, so only
 * those that are read as something are bound to fail; none may crash. */
static void change_headers(struct bytes der, unsigned step)
{
    uint8_t copy[4096];
    bool header[4096] = { false };
    size_t accepted = 0, changes = 0;
    ck_assert_uint_le(der.len, sizeof copy);
    memcpy(copy, der.at, der.len);
    mark_headers(header, bytes_of(copy, der.len));
    for (size_t i = 0; i < der.len; i++)
        for (unsigned change = 1; header[i] && change < 256; change += step) {
            copy[i] = (uint8_t)(der.at[i] ^ change);
            accepted += x509_certificate_decode(&c, bytes_of(copy, der.len)) == NULL;
            changes++;
            copy[i] = der.at[i];
        }
    /* One tag byte per attribute value and per skipped name; about 30 kinds fit each. */
    ck_assert_uint_lt(accepted * 10, changes);
}

START_TEST(x9_changed_headers)
{
    struct vectors v = vectors_open("vectors/x509/certificates.txt");
    while (vectors_next(&v))
        change_headers(vector(&v, "der"), 1);
    vectors_close(&v);
}
END_TEST

/* The same for chains that sites of the web have served. */
START_TEST(changed_headers_of_the_web)
{
    struct vectors v = vectors_open("vectors/x509/limbo.txt");
    size_t count = 0;
    while (vectors_next(&v)) {
        static const char *const names[] = { "sent1", "sent2", "sent3", "sent4", "anchor1" };
        if (memcmp(vector(&v, "id").at, "online:", 7) != 0)
            continue;
        for (size_t i = 0; i < COUNT(names); i++)
            if (vector_has(&v, names[i])) {
                change_headers(vector(&v, names[i]), (unsigned)stride(31));
                count++;
            }
    }
    ck_assert_uint_ge(count, 12);
    vectors_close(&v);
}
END_TEST

START_TEST(changed_bytes_do_not_crash)
{
    struct vectors v = vectors_open("vectors/x509/certificates.txt");
    while (vectors_next(&v)) {
        uint8_t copy[4096];
        struct bytes der = vector(&v, "der");
        memcpy(copy, der.at, der.len);
        for (size_t i = 0; i < der.len; i++)
            for (unsigned change = 1; change < 256; change++) {
                char name[X509_NAME_TEXT_MAX];
                copy[i] = (uint8_t)(der.at[i] ^ change);
                if (!x509_certificate_decode(&c, bytes_of(copy, der.len)))
                    x509_name_text(name, c.subject);
                copy[i] = der.at[i];
            }
    }
    vectors_close(&v);
}
END_TEST

/* ---- certificates of our own making ---- */

static uint8_t der[X509_MAKE_MAX];
static size_t der_len;
static struct private_key key;

static void setup(void)
{
    ck_assert(private_key_generate(&key, KEY_P256, &random_system));
}

static const char *remake(struct x509_recipe r)
{
    ck_assert(x509_make(der, &der_len, sizeof der, &r, &random_system));
    return x509_certificate_decode(&c, bytes_of(der, der_len));
}

static struct x509_recipe recipe(void)
{
    return x509_recipe_root("Root", &key, NOW);
}

START_TEST(what_was_asked_for_is_there)
{
    static const char *const dns[] = { "a.example.org", "b.example.org" }, *const ip[] = { "::1" },
        *const email[] = { "a@example.org" };
    struct x509_recipe r = party_ca_recipe("CA", &key, (struct x509_issuer){ 0 }, NOW);
    r.organization = "Example";
    r.extended_key_usage = X509_EKU_SERVER | X509_EKU_OTHER;
    r.dns = dns;
    r.dns_count = 2;
    r.ip = ip;
    r.ip_count = 1;
    r.email = email;
    r.email_count = 1;
    ck_assert_pstr_eq(remake(r), NULL);
    ck_assert(c.is_ca && c.has_path_len && c.path_len == 0);
    ck_assert_uint_eq(c.key_usage, X509_KEY_CERT_SIGN | X509_CRL_SIGN);
    ck_assert_uint_eq(c.extended_key_usage, X509_EKU_SERVER | X509_EKU_OTHER);
    ck_assert(alt_names_match(c.alt_names, bytes_of_string("b.example.org")));
    ck_assert(alt_names_match(c.alt_names, bytes_of_string("::1")));
    ck_assert(x509_self_issued(&c));
    ck_assert_uint_eq(c.subject_key_id.len, 20);
    ck_assert_uint_eq(c.serial.len, 16);
    ck_assert_int_eq(c.not_after - c.not_before, 1826 * 86400 + 3600);
}
END_TEST

START_TEST(times_of_both_kinds)
{
    struct x509_recipe r = recipe();
    r.not_before = 2524607999;                            /* the last second of 2049 */
    r.not_after = 2524608000;
    ck_assert_pstr_eq(remake(r), NULL);
    ck_assert_int_eq(c.not_before, 2524607999);
    ck_assert_int_eq(c.not_after, 2524608000);
}
END_TEST

START_TEST(does_not_fit)
{
    struct x509_recipe r = recipe();
    ck_assert_pstr_eq(remake(r), NULL);
    for (size_t cap = 0; cap < 300; cap += 7)
        ck_assert(!x509_make(der, &der_len, cap, &r, &random_system));
    static const char *const ip[] = { "not an address" };
    r.ip = ip;
    r.ip_count = 1;
    ck_assert(!x509_make(der, &der_len, sizeof der, &r, &random_system));
}
END_TEST

static bool fill_nothing(void *context, uint8_t *out, size_t len)
{
    (void)context, (void)out, (void)len;
    return false;
}

/* No certificate with a predictable serial number, for a key that we cannot encode, by a signer
 * that we do not have, or below something that is no certificate. */
START_TEST(recipes_that_cannot_be_made)
{
    static const struct random_source nothing = { fill_nothing, NULL };
    static const struct private_key rsa = { .type = KEY_RSA };
    struct x509_recipe r = recipe();
    ck_assert(!x509_make(der, &der_len, sizeof der, &r, &nothing));
    r.key = &rsa;
    ck_assert(!x509_make(der, &der_len, sizeof der, &r, &random_system));
    r.issuer.key = &key;
    ck_assert(!x509_make(der, &der_len, sizeof der, &r, &random_system));
    r = recipe();
    r.issuer.key = &rsa;
    ck_assert(!x509_make(der, &der_len, sizeof der, &r, &random_system));
    r = recipe();
    r.issuer.certificate = bytes_of("\x30\x00", 2);
    ck_assert(!x509_make(der, &der_len, sizeof der, &r, &random_system));
}
END_TEST

/* RFC 5280 §4.2.1.6: critical where the subject is empty, which an organization alone is not. */
START_TEST(subject_of_an_organization)
{
    static const char *const dns[] = { "a.example.org" };
    struct x509_recipe r = recipe();
    r.dns = dns;
    r.dns_count = 1;
    r.organization = "Example";
    r.common_name = NULL;
    ck_assert_pstr_eq(remake(r), NULL);
    ck_assert(!c.alt_names_critical && !name_empty(c.subject));
}
END_TEST

/* A root with one more extension. */
static const char *with(const char *oid, size_t oid_len, const char *value, size_t value_len)
{
    struct x509_extension e = { bytes_of(oid, oid_len), false, bytes_of(value, value_len) };
    struct x509_recipe r = recipe();
    r.basic_constraints = X509_NO_BASIC_CONSTRAINTS;
    r.key_usage = 0;
    r.no_key_identifiers = true;
    r.extra = &e;
    r.extra_count = 1;
    return remake(r);
}

#define WITH(last, value) with("\x55\x1d" last, 3, value, sizeof(value) - 1)

START_TEST(extensions_that_are_malformed)
{
    ck_assert_pstr_eq(WITH("\x13", "\x30\x03\x01\x01\xff"), NULL);
    ck_assert_pstr_eq(WITH("\x13", "\x30\x06\x01\x01\xff\x02\x01\x00"), NULL);
    ck_assert_pstr_eq(WITH("\x13", "\x30\x00"), NULL);
    ck_assert_ptr_nonnull(WITH("\x13", "\x30\x03\x01\x01\x00"));     /* FALSE is the default */
    ck_assert_ptr_nonnull(WITH("\x13", "\x30\x03\x01\x01\x01"));
    ck_assert_ptr_nonnull(WITH("\x13", "\x30\x03\x02\x01\x00"));     /* pathLen without cA */
    ck_assert_ptr_nonnull(WITH("\x13", "\x30\x06\x01\x01\xff\x02\x01\x80"));     /* negative */
    ck_assert_ptr_nonnull(WITH("\x13", "\x30\x03\x01\x01\xff\x00"));
    ck_assert_ptr_nonnull(WITH("\x13", ""));
    ck_assert_pstr_eq(WITH("\x13", "\x30\x07\x01\x01\xff\x02\x02\x01\x00"), NULL);
    ck_assert_uint_eq(c.path_len, 255);                              /* 256 is as good as none */

    ck_assert_pstr_eq(WITH("\x0f", "\x03\x02\x07\x80"), NULL);
    ck_assert_ptr_nonnull(WITH("\x0f", "\x03\x01\x00"));             /* no bit */
    ck_assert_ptr_nonnull(WITH("\x0f", "\x03\x02\x00\x80"));         /* trailing zero bits */
    ck_assert_ptr_nonnull(WITH("\x0f", "\x04\x01\x80"));

    ck_assert_pstr_eq(WITH("\x25", "\x30\x06\x06\x04\x55\x1d\x25\x00"), NULL);
    ck_assert_uint_eq(c.extended_key_usage, X509_EKU_ANY);
    ck_assert_ptr_nonnull(WITH("\x25", "\x30\x00"));
    ck_assert_ptr_nonnull(WITH("\x25", "\x30\x02\x05\x00"));

    ck_assert_pstr_eq(WITH("\x11", "\x30\x03\x82\x01" "a"), NULL);
    ck_assert_ptr_nonnull(WITH("\x11", "\x30\x00"));
    ck_assert_ptr_nonnull(WITH("\x11", "\x30\x05\x87\x03\x0a\x00\x01"));
    ck_assert_ptr_nonnull(WITH("\x11", "\x30\x03\x82\x01\xe9"));
    ck_assert_ptr_nonnull(WITH("\x11", "\x30\x03\x89\x01" "a"));

    ck_assert_pstr_eq(WITH("\x0e", "\x04\x01\x01"), NULL);
    ck_assert_ptr_nonnull(WITH("\x0e", "\x03\x01\x00"));
    ck_assert_pstr_eq(WITH("\x23", "\x30\x03\x80\x01\x01"), NULL);
    ck_assert_ptr_nonnull(WITH("\x23", "\x30\x03\x83\x01\x01"));
    ck_assert_ptr_nonnull(WITH("\x1e", "\x30\x00"));

    static const char no_check[] = "\x2b\x06\x01\x05\x05\x07\x30\x01\x05";
    ck_assert_pstr_eq(with(no_check, 9, "\x05\x00", 2), NULL);
    ck_assert_ptr_nonnull(with(no_check, 9, "\x05\x01\x00", 3));
    ck_assert_ptr_nonnull(with(no_check, 9, "\x05\x00\x05\x00", 4));
    ck_assert_ptr_nonnull(with(no_check, 9, "\x30\x00", 2));
}
END_TEST

START_TEST(extensions_twice)
{
    struct x509_extension twice[41];
    uint8_t oids[41][3];
    for (size_t i = 0; i < COUNT(twice); i++) {
        memcpy(oids[i], (const uint8_t[]){ 0x2a, 0x03, (uint8_t)i }, 3);
        twice[i] = (struct x509_extension){ bytes_of(oids[i], 3), false, bytes_of("\x05\x00", 2) };
    }
    struct x509_recipe r = recipe();
    r.extra = twice;
    r.extra_count = 37;                                   /* with three of its own: 40 */
    ck_assert_pstr_eq(remake(r), NULL);
    r.extra_count = 38;
    ck_assert_ptr_nonnull(strstr(remake(r), "more than 40"));
    r.extra_count = 2;
    twice[1].oid = twice[0].oid;
    ck_assert_ptr_nonnull(strstr(remake(r), "twice"));
    twice[1].oid = bytes_of("\x55\x1d\x13", 3);
    ck_assert_ptr_nonnull(strstr(remake(r), "twice"));
}
END_TEST

START_TEST(extension_that_is_unknown)
{
    struct x509_extension e = { bytes_of("\x2a\x03\x04", 3), true, bytes_of("?", 1) };
    struct x509_recipe r = recipe();
    r.extra = &e;
    r.extra_count = 1;
    ck_assert_pstr_eq(remake(r), NULL);
    ck_assert(bytes_equal_public(c.unknown_critical, e.oid));
    e.critical = false;
    ck_assert_pstr_eq(remake(r), NULL);
    ck_assert_uint_eq(c.unknown_critical.len, 0);
}
END_TEST

START_TEST(fields_that_are_wrong)
{
    struct x509_recipe r = recipe();
    r.algorithms_differ = true;
    ck_assert_ptr_nonnull(strstr(remake(r), "differ"));
    r = recipe();
    r.serial = bytes_of("\x00\x01", 2);
    ck_assert_ptr_nonnull(strstr(remake(r), "serialNumber"));
    r = recipe();
    r.issuer_name = bytes_of("\x30\x00", 2);
    ck_assert_ptr_nonnull(strstr(remake(r), "issuer"));
    r = recipe();
    r.version_1 = true;
    ck_assert_pstr_eq(remake(r), NULL);
    ck_assert_uint_eq(c.version, 1);
}
END_TEST

/* A field more than TBSCertificate has (RFC 5280 §4.1), signed with the others. */
START_TEST(a_field_too_many)
{
    static uint8_t longer[X509_MAKE_MAX];
    ck_assert_pstr_eq(remake(recipe()), NULL);
    struct reader inside = reader_of(c.tbs);
    struct writer w = writer_of(longer, sizeof longer);
    size_t tbs = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, der_read(&inside, DER_SEQUENCE));
    der_write(&w, DER_NULL, bytes_of(NULL, 0));
    der_end(&w, tbs);
    ck_assert(writer_done(&w));
    ck_assert(x509_sign(der, &der_len, sizeof der, writer_bytes(&w), &key, &random_system));
    const char *why = x509_certificate_decode(&c, bytes_of(der, der_len));
    ck_assert_ptr_nonnull(why);
    ck_assert_ptr_nonnull(strstr(why, "after the last field"));
}
END_TEST

/* RFC 8410 §10.2 itself encodes `critical FALSE`, which DER leaves out (X.690 §11.5). */
START_TEST(example_with_an_encoded_default)
{
    struct x509_extension e = { bytes_of("\x2a\x03\x04", 3), true, bytes_of("\x05\x00", 2) };
    struct x509_recipe r = recipe();
    r.extra = &e;
    r.extra_count = 1;
    ck_assert_pstr_eq(remake(r), NULL);
    uint8_t *critical = memmem(der, der_len, "\x2a\x03\x04\x01\x01\xff", 6);
    ck_assert_ptr_nonnull(critical);
    critical[5] = 0x00;
    ck_assert_ptr_nonnull(strstr(x509_certificate_decode(&c, bytes_of(der, der_len)),
                                 "extension is malformed"));
}
END_TEST

START_TEST(names_are_shown_safely)
{
    char text[X509_NAME_TEXT_MAX];
    struct x509_recipe r = recipe();
    r.common_name = "a\"b\\c\n\xc3\xa9";
    ck_assert_pstr_eq(remake(r), NULL);
    x509_name_text(text, c.subject);
    ck_assert_str_eq(text, "a\\x22b\\x5cc\\x0a\\xc3\\xa9");
    r.common_name = NULL;
    r.organization = "Only an organization";
    ck_assert_pstr_eq(remake(r), NULL);
    x509_name_text(text, c.subject);
    ck_assert_str_eq(text, "Only an organization");
    char longer[200];
    memset(longer, '\n', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    r.common_name = longer;
    ck_assert_pstr_eq(remake(r), NULL);
    x509_name_text(text, c.subject);
    ck_assert_ptr_nonnull(strstr(text, "..."));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("certificate");
    TCase *t = tcase_create("certificate");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, certificates_of_others);
    tcase_add_test(t, every_truncation_is_refused);
    tcase_add_test(t, x9_changed_headers);
    tcase_add_test(t, changed_headers_of_the_web);
    tcase_add_test(t, changed_bytes_do_not_crash);
    tcase_add_test(t, what_was_asked_for_is_there);
    tcase_add_test(t, times_of_both_kinds);
    tcase_add_test(t, does_not_fit);
    tcase_add_test(t, recipes_that_cannot_be_made);
    tcase_add_test(t, subject_of_an_organization);
    tcase_add_test(t, extensions_that_are_malformed);
    tcase_add_test(t, extensions_twice);
    tcase_add_test(t, extension_that_is_unknown);
    tcase_add_test(t, fields_that_are_wrong);
    tcase_add_test(t, a_field_too_many);
    tcase_add_test(t, example_with_an_encoded_default);
    tcase_add_test(t, names_are_shown_safely);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
