/* tests/test_data.c - dots and line ends, both ways (RFC 5321 §4.5.2; S06, S08). The table of
 * smuggling sequences is in test_smtp_server.c. */
#include "smtp/data.h"

#include <check.h>
#include <string.h>

static uint8_t content[1 << 12];
static size_t content_len, left;

/* Decodes in pieces; the first event that is neither MORE nor CHUNK, and the content before it. */
static enum data_event decode(struct bytes in, size_t piece)
{
    struct data_decoder d;
    data_decoder_start(&d);
    content_len = 0;
    while (in.len > 0) {
        size_t used = 0, n = in.len < piece ? in.len : piece;
        struct bytes chunk;
        enum data_event event = data_decode(&d, bytes_of(in.at, n), &used, &chunk);
        ck_assert_uint_gt(used, 0);
        in = bytes_of(in.at + used, in.len - used);
        if (event == DATA_CHUNK) {
            memcpy(content + content_len, chunk.at, chunk.len);
            content_len += chunk.len;
        } else if (event != DATA_MORE) {
            left = in.len;
            return event;
        }
    }
    return DATA_MORE;
}

static const struct { const char *wire, *content; } dots[] = {
    { ".\r\n", "" }, { "\r\n.\r\n", "\r\n" }, { ".x\r\n.\r\n", "x\r\n" }, { "..\r\n.\r\n",
    ".\r\n" },
    { "...\r\n.\r\n", "..\r\n" }, { "a.\r\n.\r\n", "a.\r\n" }, { ". \r\n.\r\n", " \r\n" },
    { "a\r\n..b.c\r\n\r\n.\r\n", "a\r\n.b.c\r\n\r\n" },
};

START_TEST(s08_dots)
{
    for (size_t i = 0; i < COUNT(dots); i++) {
        for (size_t piece = 1; piece < 30; piece++) {
            ck_assert_int_eq(decode(bytes_of_string(dots[i].wire), piece), DATA_END);
            ck_assert(bytes_equal_public(bytes_of(content, content_len),
                                         bytes_of_string(dots[i].content)));
            ck_assert_uint_eq(left, 0);
        }
    }
}
END_TEST

START_TEST(no_input_is_no_event)
{
    struct data_decoder d;
    struct bytes chunk = { 0 };
    size_t used = 1;
    data_decoder_start(&d);
    ck_assert_int_eq(data_decode(&d, bytes_of(NULL, 0), &used, &chunk), DATA_MORE);
    ck_assert_uint_eq(used + chunk.len, 0);
}
END_TEST

START_TEST(nothing_behind_the_end_is_taken)
{
    ck_assert_int_eq(decode(bytes_of_string("a\r\n.\r\nQUIT\r\n"), 100), DATA_END);
    ck_assert_uint_eq(left, 6);
}
END_TEST

/* All strings of length 1 to 7 over CR LF . x, each behind a start of line: the decoder agrees with
 * the definition, which is: split at CRLF; any other CR or LF is bare; "." alone ends. */
static enum data_event define(const uint8_t *s, size_t len, uint8_t *out, size_t *out_len,
                              size_t *end)
{
    size_t line = 0;
    *out_len = 0;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '\n' && (i == 0 || s[i - 1] != '\r' || i - 1 < line))
            return DATA_BARE;
        if (s[i] == '\r' && i + 1 < len && s[i + 1] != '\n')
            return DATA_BARE;
        if (s[i] != '\n')
            continue;
        *end = i + 1;
        if (i - line == 2 && s[line] == '.')
            return DATA_END;
        size_t skip = s[line] == '.';
        memcpy(out + *out_len, s + line + skip, i + 1 - line - skip);
        *out_len += i + 1 - line - skip;
        line = i + 1;
    }
    return DATA_MORE;
}

START_TEST(every_short_string)
{
    static const uint8_t letters[4] = { '\r', '\n', '.', 'x' };
    for (size_t len = 1; len <= 7; len++) {
        for (uint32_t code = 0; code < 1u << (2 * len); code++) {
            uint8_t s[8], want[8];
            size_t want_len, end = 0;
            for (size_t i = 0; i < len; i++)
                s[i] = letters[code >> (2 * i) & 3];
            enum data_event event = define(s, len, want, &want_len, &end);
            ck_assert_int_eq(decode(bytes_of(s, len), 8), event);
            if (event == DATA_END)
                ck_assert(len - end == left && content_len == want_len
                          && memcmp(content, want, want_len) == 0);
            ck_assert_int_eq(decode(bytes_of(s, len), 1), event);
        }
    }
}
END_TEST

static size_t encode(uint8_t *out, size_t cap, struct bytes in, bool *ok)
{
    struct data_encoder e;
    size_t len = 0;
    data_encoder_start(&e);
    while (in.len > 0 && !e.bad) {
        struct writer w = writer_of(out + len, cap);       /* `cap` bytes at a time */
        size_t used = data_encode(&e, &w, in);
        in = bytes_of(in.at + used, in.len - used);
        len += w.len;
    }
    struct writer w = writer_of(out + len, DATA_END_ROOM);
    *ok = data_encode_end(&e, &w);
    return len + w.len;
}

START_TEST(encoded)
{
    static const struct { const char *from, *to; } cases[] = {
        { "", ".\r\n" }, { "a", "a\r\n.\r\n" }, { "a\n", "a\r\n.\r\n" }, { "a\r\n", "a\r\n.\r\n" },
        { ".\n.a\r\n..", "..\r\n..a\r\n...\r\n.\r\n" }, { "\n\n", "\r\n\r\n.\r\n" },
    };
    uint8_t out[200];
    bool ok;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t cap = 2; cap < 20; cap++) {
            size_t len = encode(out, cap, bytes_of_string(cases[i].from), &ok);
            ck_assert(ok);
            ck_assert(bytes_equal_public(bytes_of(out, len), bytes_of_string(cases[i].to)));
        }
    }
    static const char *const bare[] = { "a\rb", "a\r", "\r\r\n" };
    for (size_t i = 0; i < COUNT(bare); i++) {
        encode(out, 20, bytes_of_string(bare[i]), &ok);
        ck_assert(!ok);
    }
}
END_TEST

/* Whatever can be encoded decodes to the same lines, and ends where it ends. */
START_TEST(encoding_round_trips)
{
    static const uint8_t letters[4] = { '\n', '.', 'x', 0 };
    for (uint32_t code = 0; code < 1u << 14; code++) {
        uint8_t s[8], out[64], want[32];
        size_t want_len = 0;
        bool ok;
        for (size_t i = 0; i < 7; i++) {
            s[i] = letters[code >> (2 * i) & 3];
            if (s[i] == '\n')
                want[want_len++] = '\r';
            want[want_len++] = s[i];
        }
        if (s[6] != '\n') {
            memcpy(want + want_len, "\r\n", 2);
            want_len += 2;
        }
        size_t len = encode(out, 16, bytes_of(s, 7), &ok);
        ck_assert(ok);
        ck_assert_int_eq(decode(bytes_of(out, len), 64), DATA_END);
        ck_assert(left == 0 && content_len == want_len && memcmp(content, want, want_len) == 0);
    }
}
END_TEST

START_TEST(scanned)
{
    struct data_scan s;
    data_scan_start(&s);
    data_scan(&s, bytes_of_string("ab\r"));
    data_scan(&s, bytes_of_string("\n.c\nx\x80"));
    data_scan_end(&s);
    ck_assert_uint_eq(s.size, 4 + 4 + 4);          /* RFC 1870 §5: CRLF counts, added dots do not */
    ck_assert(s.has_8bit && !s.has_nul && !s.has_bare_cr);
    ck_assert_uint_eq(s.longest_line, 2);
    data_scan_start(&s);
    data_scan(&s, bytes_of("a\0b\r", 4));
    data_scan_end(&s);
    ck_assert(s.has_bare_cr && s.has_nul && !s.has_8bit);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("data");
    TCase *cases = tcase_create("data");
    tcase_add_test(cases, s08_dots);
    tcase_add_test(cases, no_input_is_no_event);
    tcase_add_test(cases, nothing_behind_the_end_is_taken);
    tcase_add_test(cases, every_short_string);
    tcase_add_test(cases, encoded);
    tcase_add_test(cases, encoding_round_trips);
    tcase_add_test(cases, scanned);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
