/* tests/test_address.c - RFC 5321 §4.1.2, §4.1.3: what is a mailbox, and what is none (S09). */
#include "smtp/address.h"

#include <check.h>
#include <string.h>

static struct address a;

static const char *written(void)
{
    static char text[ADDRESS_TEXT_MAX + 1];
    struct writer w = writer_of(text, sizeof text - 1);
    address_write(&w, &a);
    ck_assert(writer_done(&w));
    text[w.len] = 0;
    return text;
}

START_TEST(mailboxes)
{
    static const char *const same[] = {
        "alice@example.org", "a.b.c@x", "!#$%&'*+-/=?^_`{|}~@x.test", "Alice+tag@x.test",
        "\"a b\"@x.test", "\"a..b\"@x.test", "\".a\"@x.test", "\"a\\\"\\\\b\"@x.test",
        "\"a@b\"@x.test",
        "a@[192.0.2.1]", "a@[255.255.255.255]", "a@[ipv6:::1]", "a@[ipv6:2001:db8::1]",
        "a@[ipv6:1:2:3:4:5:6:7:8]", "a@[ipv6:1:2:3:4:5:6:192.0.2.1]", "a@[ipv6:::192.0.2.1]",
        "a@1.2.3", "a@x-y.z9", "-@x.test",
    };
    for (size_t i = 0; i < COUNT(same); i++) {
        ck_assert_msg(address_parse(&a, bytes_of_string(same[i])) == ADDRESS_OK, "%s", same[i]);
        ck_assert_str_eq(written(), same[i]);
    }
}
END_TEST

/* §4.1.2: all quoted forms are equivalent; §2.4: the domain has no case */
START_TEST(equivalent_forms)
{
    static const struct { const char *from, *to; } forms[] = {
        { "\"alice\"@x.test", "alice@x.test" }, { "\"al\\ice\"@x.test", "alice@x.test" },
        { "\"a.b\"@X.TEST", "a.b@x.test" }, { "Alice@[IPv6:2001:DB8::1]",
        "Alice@[ipv6:2001:db8::1]" },
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        ck_assert_int_eq(address_parse(&a, bytes_of_string(forms[i].from)), ADDRESS_OK);
        ck_assert_str_eq(written(), forms[i].to);
    }
}
END_TEST

START_TEST(s09_not_in_the_grammar)
{
    static const char *const bad[] = {
        "", "@", "@x.test", "a@", "a@@x", "a@x@y", ";id;@x.test", "|/bin/sh@x.test/", "../../etc@x",
        ".a@x", "a.@x", "a..b@x", "a b@x", "a@x y", "a@x.", "a@.x", "a@x..y", "a@-x", "a@x-",
        "a@x_y",
        "\"\"@x", "\"a@x", "\"a\"b@x", "\"a\\\"@x", "a@[", "a@[]", "a@[1.2.3]", "a@[1.2.3.4.5]",
        "a@[256.1.1.1]", "a@[1.2.3.4", "a@[1.2.3.]", "a@[1.2.3.4]x", "a@[ipv6:]", "a@[ipv6::]",
        "a@[ipv6:1:2:3:4:5:6:7]", "a@[ipv6:1:2:3:4:5:6:7:8:9]", "a@[ipv6:1::2::3]",
        "a@[ipv6:12345::]",
        "a@[ipv6:1:2:3:4:5:6:7::]", "a@[ipv6:g::]", "a@[ipv6::::]", "a@[x:1]", "gr\xc3\xbc@x",
        "a@\xc3\xbc",
        "a\t@x", "a\r\n@x", "\"a\r\nb\"@x", "\"a\x7f\"@x", "a>@x", "<a@x>", " a@x", "a@x ",
        "a(c)@x",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(address_parse(&a, bytes_of_string(bad[i])) != ADDRESS_OK, "%s", bad[i]);
    ck_assert_int_eq(address_parse(&a, bytes_of("a\0@x", 4)), ADDRESS_SYNTAX);
    ck_assert_int_eq(address_parse(&a, bytes_of("a@x\0", 4)), ADDRESS_SYNTAX);
    ck_assert_int_eq(address_parse(&a, bytes_of("a@[1.2.3.4\0]", 12)), ADDRESS_SYNTAX);
    ck_assert_int_eq(address_parse(&a, bytes_of("a@[IPv6:::1.2.3.4\0]", 19)), ADDRESS_SYNTAX);
    ck_assert_int_eq(address_parse(&a, bytes_of_string("alice")), ADDRESS_NO_DOMAIN);
}
END_TEST

/* §4.5.3.1: 64, 255 and 256 with the brackets; RFC 1035: labels of 63 */
static enum address_error of_lengths(size_t local, size_t domain)
{
    char text[600];
    memset(text, 'a', sizeof text);
    for (size_t i = local + 1 + 60; i + 1 < local + 1 + domain; i += 61)
        text[i] = '.';
    text[local] = '@';
    return address_parse(&a, bytes_of(text, local + 1 + domain));
}

START_TEST(lengths_both_sides)
{
    ck_assert_int_eq(of_lengths(64, 100), ADDRESS_OK);
    ck_assert_int_eq(of_lengths(65, 100), ADDRESS_SYNTAX);
    ck_assert_int_eq(of_lengths(1, 252), ADDRESS_OK);
    ck_assert_int_eq(of_lengths(1, 253), ADDRESS_SYNTAX);
    char name[300];
    memset(name, 'a', sizeof name);
    ck_assert(address_is_domain(bytes_of(name, 63)));
    ck_assert(!address_is_domain(bytes_of(name, 64)));
    for (size_t i = 50; i < sizeof name; i += 51)
        name[i] = '.';
    ck_assert(address_is_domain(bytes_of(name, 254)));
    ck_assert(!address_is_domain(bytes_of(name, 256)));
    char quoted[80] = "\"";
    memset(quoted + 1, ' ', 62);
    memcpy(quoted + 63, "\"@x", 3);
    ck_assert_int_eq(address_parse(&a, bytes_of(quoted, 66)), ADDRESS_OK);
    memset(quoted + 1, ' ', 63);
    memcpy(quoted + 64, "\"@x", 3);
    ck_assert_int_eq(address_parse(&a, bytes_of(quoted, 67)), ADDRESS_SYNTAX);
}
END_TEST

static enum address_error reverse(const char *text, size_t *rest)
{
    struct reader r = reader_of(bytes_of_string(text));
    enum address_error error = address_read_reverse_path(&r, &a);
    *rest = r.rest.len;
    return error;
}

static enum address_error forward(const char *text)
{
    struct reader r = reader_of(bytes_of_string(text));
    return address_read_forward_path(&r, &a);
}

/* §4.5.3.1.3: 256 octets with punctuation, source route included */
START_TEST(path_length_both_sides)
{
    char text[260] = "<@", *end = text + 2;
    memset(end, 'r', 240);
    for (size_t i = 60; i < 240; i += 61)
        end[i] = '.';
    strcpy(end + 240, ":a@x.example>");
    size_t rest;
    ck_assert_uint_eq(strlen(text), 255);
    ck_assert_int_eq(reverse(text, &rest), ADDRESS_OK);
    strcpy(end + 240, ":ab@x.example>");
    ck_assert_int_eq(reverse(text, &rest), ADDRESS_OK);
    strcpy(end + 240, ":abc@x.example>");
    ck_assert_int_eq(reverse(text, &rest), ADDRESS_SYNTAX);
}
END_TEST

START_TEST(paths)
{
    size_t rest;
    ck_assert_int_eq(reverse("<> SIZE=1", &rest), ADDRESS_OK);
    ck_assert(address_is_null(&a) && rest == 7);
    ck_assert_int_eq(reverse("<a@x>", &rest), ADDRESS_OK);
    ck_assert_int_eq(reverse("<@r.test,@[1.2.3.4]:a@x>z", &rest), ADDRESS_OK);
    ck_assert_str_eq(written(), "a@x");            /* Appendix C: the route is ignored */
    ck_assert_uint_eq(rest, 1);
    static const char *const bad[] = { "", "<", "a@x", "<a@x", "< a@x>", "<a@x >", "<@r.test a@x>",
                                       "<@r.test>", "<@:a@x>", "<;id;>", "<\"\">", "<<a@x>>" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        ck_assert_msg(reverse(bad[i], &rest) == ADDRESS_SYNTAX, "%s", bad[i]);
        ck_assert_uint_eq(rest, 0);
    }
    ck_assert_int_eq(reverse("<alice>", &rest), ADDRESS_NO_DOMAIN);
    ck_assert_int_eq(forward("<>"), ADDRESS_SYNTAX);
    ck_assert_int_eq(forward("<POSTmaster>"), ADDRESS_OK);         /* §4.5.1 */
    ck_assert_uint_eq(a.domain_len, 0);
    ck_assert_int_eq(forward("<alice>"), ADDRESS_NO_DOMAIN);
    ck_assert_int_eq(forward("<postmaster"), ADDRESS_SYNTAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("address");
    TCase *cases = tcase_create("address");
    tcase_add_test(cases, mailboxes);
    tcase_add_test(cases, equivalent_forms);
    tcase_add_test(cases, s09_not_in_the_grammar);
    tcase_add_test(cases, lengths_both_sides);
    tcase_add_test(cases, path_length_both_sides);
    tcase_add_test(cases, paths);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
