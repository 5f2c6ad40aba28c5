/* tests/test_line.c - CRLF lines within limits (RFC 5321 §2.3.8, §4.5.3.1.4), and text helpers. */
#include "smtp/line.h"

#include <check.h>
#include <string.h>

static struct line_reader r;
static size_t used;

static enum line_event give(const char *text, size_t limit)
{
    return line_read(&r, bytes_of_string(text), &used, limit);
}

static void expect_text(const char *text)
{
    ck_assert(bytes_equal_public(line_text(&r), bytes_of_string(text)));
}

START_TEST(lines_in_order)
{
    line_reader_start(&r);
    ck_assert(line_is_empty(&r));
    ck_assert_int_eq(give("EHLO x\r\nNOOP\r\n", 100), LINE_COMPLETE);
    ck_assert_uint_eq(used, 8);
    expect_text("EHLO x");
    ck_assert(line_is_empty(&r));
    ck_assert_int_eq(give("NO", 100), LINE_MORE);
    ck_assert(!line_is_empty(&r));
    ck_assert_int_eq(give("OP\r", 100), LINE_MORE);
    ck_assert_int_eq(give("\n", 100), LINE_COMPLETE);
    expect_text("NOOP");
    ck_assert_int_eq(give("\r\n", 100), LINE_COMPLETE);
    expect_text("");
}
END_TEST

START_TEST(bare_line_ends)
{
    static const char *const bad[] = { "\n", "a\n", "\r\r\n", "a\rb" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        line_reader_start(&r);
        ck_assert_int_eq(give(bad[i], 100), LINE_BARE);
    }
    line_reader_start(&r);
    ck_assert_int_eq(give("a\r", 100), LINE_MORE);
    ck_assert_int_eq(give("b", 100), LINE_BARE);
}
END_TEST

START_TEST(limit_both_sides)
{
    line_reader_start(&r);
    ck_assert_int_eq(give("123\r\n", 5), LINE_COMPLETE);
    ck_assert_int_eq(give("1234\r\n", 5), LINE_TOO_LONG);
    ck_assert_uint_eq(used, 5);
    ck_assert_int_eq(give("\n", 5), LINE_TOO_LONG);
    ck_assert_int_eq(give("\n", 6), LINE_COMPLETE);        /* a larger limit goes on */
    expect_text("1234");
}
END_TEST

START_TEST(more_than_is_kept)
{
    char text[LINE_KEPT_MAX + 100];
    memset(text, 'x', sizeof text);
    line_reader_start(&r);
    ck_assert_int_eq(line_read(&r, bytes_of(text, sizeof text), &used, 10000), LINE_MORE);
    ck_assert_int_eq(give("\r\n", 10000), LINE_COMPLETE);
    ck_assert_uint_eq(r.len, sizeof text + 2);
    ck_assert_uint_eq(line_text(&r).len, LINE_KEPT_MAX);
    line_wipe(&r);
    ck_assert(line_is_empty(&r));
    for (size_t i = 0; i < sizeof r.at; i++)
        ck_assert_uint_eq(r.at[i], 0);
}
END_TEST

START_TEST(nul_is_a_byte)
{
    line_reader_start(&r);
    ck_assert_int_eq(line_read(&r, bytes_of("a\0b\r\n", 5), &used, 100), LINE_COMPLETE);
    ck_assert(bytes_equal_public(line_text(&r), bytes_of("a\0b", 3)));
}
END_TEST

START_TEST(numbers)
{
    static const struct { const char *text; bool ok; uint64_t value; } cases[] = {
        { "0", true, 0 }, { "007", true, 7 }, { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 }, { "99999999999999999999", false, 0 },
        { "", false, 0 }, { "-1", false, 0 }, { "1 ", false, 0 }, { "1a", false, 0 },
        { "000000000000000000001", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t value = 0;
        ck_assert_msg(text_number(bytes_of_string(cases[i].text), &value) == cases[i].ok,
                      "%s", cases[i].text);
        if (!cases[i].ok)
            continue;
        ck_assert_uint_eq(value, cases[i].value);
    }
    uint8_t room[21];
    struct writer w = writer_of(room, sizeof room);
    write_decimal(&w, UINT64_MAX);
    write_decimal(&w, 0);
    ck_assert(bytes_equal_public(writer_bytes(&w), bytes_of_string("184467440737095516150")));
}
END_TEST

START_TEST(words)
{
    ck_assert(text_is(bytes_of_string("EhLo"), "ehlo"));
    ck_assert(!text_is(bytes_of_string("ehlo "), "ehlo"));
    ck_assert(!text_is(bytes_of_string("ehl"), "ehlo"));
    struct reader list = reader_of(bytes_of_string("a  b"));
    ck_assert(bytes_equal_public(read_until(&list, ' '), bytes_of_string("a")));
    ck_assert_uint_eq(read_until(&list, ' ').len, 0);
    ck_assert(bytes_equal_public(read_until(&list, ' '), bytes_of_string("b")));
    ck_assert(reader_done(&list));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("line");
    TCase *cases = tcase_create("line");
    tcase_add_test(cases, lines_in_order);
    tcase_add_test(cases, bare_line_ends);
    tcase_add_test(cases, limit_both_sides);
    tcase_add_test(cases, more_than_is_kept);
    tcase_add_test(cases, nul_is_a_byte);
    tcase_add_test(cases, numbers);
    tcase_add_test(cases, words);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
