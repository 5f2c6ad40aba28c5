/* tests/test_sasl.c - PLAIN and its base64: RFC 4616 §2, RFC 4648 §4 and §10, RFC 4954 §4. */
#include "smtp/sasl.h"

#include <check.h>
#include <string.h>

/* RFC 4648 §10 */
static const struct { const char *plain, *encoded; } vectors[] = {
    { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
    { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "Username:", SASL_LOGIN_USER },
    { "Password:", SASL_LOGIN_PASSWORD },
};

START_TEST(base64_rfc4648)
{
    for (size_t i = 0; i < COUNT(vectors); i++) {
        uint8_t text[32];
        struct writer w = writer_of(text, sizeof text);
        sasl_encode(&w, bytes_of_string(vectors[i].plain));
        ck_assert(bytes_equal_public(writer_bytes(&w), bytes_of_string(vectors[i].encoded)));
        size_t len;
        ck_assert(sasl_decode(text, w.len, &len));
        ck_assert(bytes_equal_public(bytes_of(text, len), bytes_of_string(vectors[i].plain)));
    }
}
END_TEST

START_TEST(base64_is_strict)
{
    static const char *const bad[] = { "Zg", "Zg=", "Zg===", "Zm9v=", "=AAA", "AAA=BBB", "Zg==Zg==",
                                       "Zh==", "Zm9=", "Z m9", "Zm9v\n", "Zm-_", "A", "====",
                                       "Zm9v " };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t text[32];
        size_t len = strlen(bad[i]), out_len;
        memcpy(text, bad[i], len);
        ck_assert_msg(!sasl_decode(text, len, &out_len), "%s", bad[i]);
        for (size_t k = 0; k < len; k++)
            ck_assert_uint_eq(text[k], 0);
    }
}
END_TEST

static bool plain(struct sasl_plain *p, const char *text, size_t len)
{
    return sasl_plain_decode(p, bytes_of(text, len));
}
#define PLAIN(p, text) plain(p, text, sizeof text - 1)

START_TEST(plain_messages)
{
    struct sasl_plain p;
    ck_assert(PLAIN(&p, "\0tim\0tanstaaftanstaaf"));       /* RFC 4616 §4 */
    ck_assert_uint_eq(p.authorization.len, 0);
    ck_assert(bytes_equal_public(p.user, bytes_of_string("tim")));
    ck_assert(bytes_equal_public(p.password, bytes_of_string("tanstaaftanstaaf")));
    ck_assert(PLAIN(&p, "Ursel\0Kurt\0xipj3plmq"));
    ck_assert(bytes_equal_public(p.authorization, bytes_of_string("Ursel")));
    ck_assert(!PLAIN(&p, ""));
    ck_assert(!PLAIN(&p, "tim"));
    ck_assert(!PLAIN(&p, "\0tim"));
    ck_assert(!PLAIN(&p, "\0tim\0"));
    ck_assert(!PLAIN(&p, "\0\0pw"));
    ck_assert(!PLAIN(&p, "\0tim\0pw\0x"));                 /* S10 */
    ck_assert(!PLAIN(&p, "\0tim\0pw\0"));
}
END_TEST

START_TEST(plain_lengths_both_sides)
{
    char text[2000] = { 0 };
    struct sasl_plain p;
    for (size_t user = 255; user <= 256; user++) {
        memset(text, 0, sizeof text);
        memset(text + 1, 'u', user);
        text[user + 2] = 'p';
        ck_assert(plain(&p, text, user + 3) == (user == 255));
    }
    for (size_t authorization = 255; authorization <= 256; authorization++) {
        memset(text, 0, sizeof text);
        memset(text, 'a', authorization);
        text[authorization + 1] = 'u';
        text[authorization + 3] = 'p';
        ck_assert(plain(&p, text, authorization + 4) == (authorization == 255));
    }
    for (size_t password = 1024; password <= 1025; password++) {
        memset(text, 0, sizeof text);
        text[1] = 'u';
        memset(text + 3, 'p', password);
        ck_assert(plain(&p, text, 3 + password) == (password == 1024));
    }
}
END_TEST

START_TEST(plain_written)
{
    char text[64];
    struct writer w = writer_of(text, sizeof text);
    ck_assert(sasl_plain_write(&w, bytes_of_string("alice"), bytes_of_string("secret")));
    ck_assert(bytes_equal_public(writer_bytes(&w), bytes_of_string("AGFsaWNlAHNlY3JldA==")));
    w = writer_of(text, 20);                       /* the coder's own NUL does not fit */
    ck_assert(!sasl_plain_write(&w, bytes_of_string("alice"), bytes_of_string("secret")));
    w = writer_of(text, sizeof text);
    ck_assert(!sasl_plain_write(&w, bytes_of_string(""), bytes_of_string("secret")));
    ck_assert(!sasl_plain_write(&w, bytes_of_string("alice"), bytes_of("a\0b", 3)));
    ck_assert_uint_eq(w.len, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sasl");
    TCase *cases = tcase_create("sasl");
    tcase_add_test(cases, base64_rfc4648);
    tcase_add_test(cases, base64_is_strict);
    tcase_add_test(cases, plain_messages);
    tcase_add_test(cases, plain_lengths_both_sides);
    tcase_add_test(cases, plain_written);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
