/* tests/test_reply.c - replies: RFC 5321 §4.2, RFC 3463 §2, and the bounds on what is read. */
#include "smtp/reply.h"

#include "smtp/line.h"

#include <check.h>
#include <string.h>

static struct reply_reader r;

/* All of `text`, as far as the first event that is not REPLY_LINE. */
static enum reply_event give(const char *text, size_t piece)
{
    struct bytes in = bytes_of_string(text);
    enum reply_event event = REPLY_MORE;
    while (in.len > 0 && (event == REPLY_MORE || event == REPLY_LINE)) {
        size_t used, n = in.len < piece ? in.len : piece;
        event = reply_read(&r, bytes_of(in.at, n), &used);
        in = bytes_of(in.at + used, in.len - used);
    }
    return event;
}

START_TEST(written)
{
    char text[200];
    struct writer w = writer_of(text, sizeof text);
    reply_write(&w, &(struct reply){ 550, "5.7.1", "no" }, "ID");
    reply_write(&w, &(struct reply){ 334, "", "" }, NULL);
    reply_write_line(&w, 250, false, bytes_of_string("a"));
    reply_write_line(&w, 250, true, bytes_of_string("b"));
    ck_assert(bytes_equal_public(writer_bytes(&w), bytes_of_string(
        "550 5.7.1 no [ID]\r\n334 \r\n250-a\r\n250 b\r\n")));
}
END_TEST

START_TEST(read_whole_and_in_pieces)
{
    for (size_t piece = 1; piece < 40; piece++) {
        reply_reader_start(&r);
        ck_assert_int_eq(give("250-2.1.5 one\r\n250-\r\n250 2.1.5 two\r\n", piece), REPLY_COMPLETE);
        ck_assert_uint_eq(r.code, 250);
        ck_assert_uint_eq(r.lines, 3);
        ck_assert(r.enhanced.class == 2 && r.enhanced.subject == 1 && r.enhanced.detail == 5);
        ck_assert_str_eq(r.text, "one / two");
        ck_assert_int_eq(give("354\r\n", piece), REPLY_COMPLETE);
        ck_assert_uint_eq(r.code, 354);
        ck_assert_uint_eq(r.enhanced.class, 0);
        ck_assert_str_eq(r.text, "");
    }
}
END_TEST

START_TEST(enhanced_codes)
{
    static const struct { const char *text; bool ok; } cases[] = {
        { "2.0.0 x", true }, { "5.7.11", true }, { "4.999.999 x", true }, { "3.0.0 x", false },
        { "2.0 x", false }, { "2.0.0x", false }, { "2.0.1000 x", false }, { "2..0 x", false },
        { "", false }, { "20.0.0 x", false }, { "2.0.0.0 x", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reader text = reader_of(bytes_of_string(cases[i].text));
        struct enhanced_code code;
        ck_assert_msg(enhanced_code_read(&text, &code) == cases[i].ok, "%s", cases[i].text);
        if (!cases[i].ok)
            ck_assert_uint_eq(text.rest.len, strlen(cases[i].text));
    }
}
END_TEST

START_TEST(not_replies)
{
    static const char *const bad[] = { "\r\n", "25\r\n", "2500 x\r\n", "260 x\r\n", "199 x\r\n",
        "600 x\r\n",
                                       "25x\r\n", "250\tx\r\n", "250 x\n", "250 \rx\r\n", "\n",
                                       "250-x\r\n251 y\r\n" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        reply_reader_start(&r);
        ck_assert_msg(give(bad[i], 1) == REPLY_BAD, "%zu", i);
        ck_assert(r.reason[0]);
    }
}
END_TEST

static enum reply_event line_of(size_t len, bool last)
{
    char text[REPLY_LINE_MAX + 10];
    memset(text, 'x', sizeof text);
    memcpy(text, last ? "250 " : "250-", 4);
    memcpy(text + len - 2, "\r\n", 3);
    return give(text, 100000);
}

START_TEST(bounds_both_sides)
{
    reply_reader_start(&r);
    ck_assert_int_eq(line_of(2048, true), REPLY_COMPLETE);
    ck_assert_uint_eq(r.text_len, REPLY_TEXT_MAX);
    ck_assert_int_eq(line_of(2049, true), REPLY_BAD);
    for (int lines = 100; lines <= 101; lines++) {
        reply_reader_start(&r);
        for (int i = 1; i < lines; i++)
            ck_assert_int_eq(line_of(10, false), REPLY_LINE);
        ck_assert_int_eq(line_of(10, true), lines == 100 ? REPLY_COMPLETE : REPLY_BAD);
    }
    for (size_t last = 2048; last <= 2049; last++) {       /* 65536, and one more */
        reply_reader_start(&r);
        for (int i = 0; i < 31; i++)
            ck_assert_int_eq(line_of(i == 0 && last == 2049 ? 2047 : 2048, false), REPLY_LINE);
        if (last == 2048) {
            ck_assert_int_eq(line_of(2048, true), REPLY_COMPLETE);
        } else {
            ck_assert_int_eq(line_of(2043, false), REPLY_LINE);
            ck_assert_int_eq(line_of(7, true), REPLY_BAD);
        }
    }
}
END_TEST

START_TEST(sanitised)
{
    char out[8];
    size_t len = 0;
    reply_sanitise(out, sizeof out, &len, bytes_of("a\0\r\n\x7f\xff" "bcdef", 11));
    ck_assert_str_eq(out, "a?????b");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *cases = tcase_create("reply");
    tcase_add_test(cases, written);
    tcase_add_test(cases, read_whole_and_in_pieces);
    tcase_add_test(cases, enhanced_codes);
    tcase_add_test(cases, not_replies);
    tcase_add_test(cases, bounds_both_sides);
    tcase_add_test(cases, sanitised);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
