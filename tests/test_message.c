/* tests/test_message.c - ids, dates, the trace field, checks on content (RFC 5321 §4.4, RFC 5322).
 */
#include "smtp/message.h"

#include <check.h>
#include <string.h>
#include <time.h>

START_TEST(ids)
{
    static const uint8_t zeros[10], ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };
    char id[MESSAGE_ID_LEN + 1];
    message_id(id, 0, zeros);
    ck_assert_str_eq(id, "00000000000000000000000000");
    message_id(id, 0xffffffffffff, ones);
    ck_assert_str_eq(id, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    message_id(id, 1, zeros);
    ck_assert_str_eq(id, "00000000010000000000000000");
    char later[MESSAGE_ID_LEN + 1];
    message_id(id, 1795310885000, ones);
    message_id(later, 1795310885001, zeros);
    ck_assert(strcmp(id, later) < 0);
}
END_TEST

/* Against strftime, on days around every kind of month and leap year. */
START_TEST(dates)
{
    char want[64], got[64];
    for (int64_t t = 0; t < 8200000000; t += 86400 * 3 + 4567) {
        time_t then = (time_t)t;
        struct tm tm;
        struct writer w = writer_of(got, sizeof got - 1);
        strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&then, &tm));
        message_write_date(&w, t);
        got[w.len] = 0;
        ck_assert_str_eq(got, want);
        ck_assert_uint_eq(w.len, MESSAGE_DATE_LEN);
    }
}
END_TEST

static const char *trace(struct message_trace t)
{
    static char text[MESSAGE_TRACE_MAX + 1];
    struct writer w = writer_of(text, MESSAGE_TRACE_MAX);
    message_write_trace(&w, &t);
    ck_assert(writer_done(&w));
    text[w.len] = 0;
    return text;
}

START_TEST(trace_fields)
{
    struct message_trace t = {
        .from = bytes_of_string("client.test"), .by = "mail.test", .esmtp = true, .tls = true,
        .authenticated = true, .suite = "TLS_CHACHA20_POLY1305_SHA256", .group = "secp256r1",
        .scheme = "ecdsa_secp256r1_sha256", .id = "ID", .recipient = bytes_of_string("a@b.test"),
        .seconds = 1795310885,
    };
    ck_assert_str_eq(trace(t), "Received: from client.test\r\n"
        "\tby mail.test (sealpost) with ESMTPSA\r\n\tid ID\r\n\tfor <a@b.test>\r\n"
        "\ttls TLS_CHACHA20_POLY1305_SHA256 group secp256r1 (TLSv1.3 ecdsa_secp256r1_sha256);\r\n"
        "\tSun, 22 Nov 2026 01:28:05 +0000\r\n");
    t.from = bytes_of_string("[192.0.2.7]");       /* the submitter's address stays with us */
    t.recipient = bytes_of(NULL, 0);
    t.authenticated = false;
    t.group = t.scheme = NULL;
    ck_assert_str_eq(trace(t), "Received: from unknown\r\n"
        "\tby mail.test (sealpost) with ESMTPS\r\n\tid ID\r\n\ttls TLS_CHACHA20_POLY1305_SHA256 (TLSv1.3);\r\n\tSun, 22 Nov 2026 01:28:05 +0000\r\n");
    t.from = bytes_of_string("x)\x01(y");
    t.esmtp = t.tls = false;
    ck_assert_str_eq(trace(t), "Received: from unknown\r\n"
        "\tby mail.test (sealpost) with SMTP\r\n\tid ID;\r\n\tSun, 22 Nov 2026 01:28:05 +0000\r\n");
}
END_TEST

START_TEST(longest_trace_fits)
{
    char name[254], path[255];
    memset(name, 'a', sizeof name);
    for (size_t i = 50; i < sizeof name; i += 51)
        name[i] = '.';
    name[253] = 0;
    memset(path, 'p', sizeof path);
    struct message_trace t = {
        .from = bytes_of(name, 253), .by = name, .esmtp = true, .tls = true, .authenticated = true,
        .suite = "TLS_CHACHA20_POLY1305_SHA256", .group = "SecP256r1MLKEM768",
        .scheme = "ecdsa_secp256r1_sha256", .id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        .recipient = bytes_of(path, 254), .seconds = 1,
    };
    ck_assert_uint_gt(strlen(trace(t)), 3 * 253);
}
END_TEST

static enum message_defect check_pieces(struct bytes in, uint64_t limit, size_t piece)
{
    struct message_check c;
    message_check_start(&c, limit);
    while (in.len > 0) {
        size_t n = in.len < piece ? in.len : piece;
        message_check(&c, bytes_of(in.at, n));
        in = bytes_of(in.at + n, in.len - n);
    }
    return message_check_end(&c);
}

static const struct { const char *text; size_t len; enum message_defect defect; } contents[] = {
#define CONTENT(text, defect) { text, sizeof text - 1, defect }
    CONTENT("", MESSAGE_EMPTY),
    CONTENT("\r\n", MESSAGE_SOUND),
    CONTENT("X: y\r\n", MESSAGE_SOUND),
    CONTENT("X : y\r\n", MESSAGE_SOUND),           /* RFC 5322 §4.5 */
    CONTENT("X:\r\n folded\r\nno colon later\r\n\r\nbody\r\n", MESSAGE_SOUND),
    CONTENT("body\r\n", MESSAGE_BAD_HEADER),
    CONTENT("From a@b Sun\r\nX: y\r\n", MESSAGE_BAD_HEADER),
    CONTENT(" X: y\r\n", MESSAGE_BAD_HEADER),
    CONTENT(": y\r\n", MESSAGE_BAD_HEADER),
    CONTENT("X\x80: y\r\n", MESSAGE_BAD_HEADER),
    CONTENT("X: \0\r\n", MESSAGE_HAS_NUL),
    CONTENT("\r\n\0\r\n", MESSAGE_HAS_NUL),
    CONTENT("X: y\r\n\r\ngr\xc3\xbc\xff\r\n", MESSAGE_SOUND),
#undef CONTENT
};

START_TEST(defects)
{
    for (size_t i = 0; i < COUNT(contents); i++) {
        struct bytes in = bytes_of(contents[i].text, contents[i].len);
        for (size_t piece = 1; piece < 40; piece++)
            ck_assert_msg(check_pieces(in, 1000, piece) == contents[i].defect, "%zu", i);
        if (in.len > 0 && contents[i].defect == MESSAGE_SOUND) {
            ck_assert_int_eq(check_pieces(in, in.len, 1), MESSAGE_SOUND);
            ck_assert_int_eq(check_pieces(in, in.len - 1, 1), MESSAGE_TOO_BIG);
        }
    }
}
END_TEST

/* 65536 octets of header, with its empty line, and one more */
START_TEST(header_bytes_both_sides)
{
    static char text[70000];
    for (size_t extra = 0; extra < 2; extra++) {
        size_t len = 0;
        while (len + 514 <= 65536 - 2) {           /* check: 127 * 514 == 65278 */
            memset(text + len, 'x', 512);
            text[len + 1] = ':';
            memcpy(text + len + 512, "\r\n", 2);
            len += 514;
        }
        size_t last = 65536 + extra - 2 - len;
        memset(text + len, 'x', last);
        memcpy(text + len + last - 2, "\r\n\r\n", 4);
        len += last + 2;
        ck_assert_uint_eq(len, 65536 + extra);
        ck_assert_int_eq(check_pieces(bytes_of(text, len), 1 << 20, 4096),
                         extra ? MESSAGE_BAD_HEADER : MESSAGE_SOUND);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *cases = tcase_create("message");
    tcase_add_test(cases, ids);
    tcase_add_test(cases, dates);
    tcase_add_test(cases, trace_fields);
    tcase_add_test(cases, longest_trace_fits);
    tcase_add_test(cases, defects);
    tcase_add_test(cases, header_bytes_both_sides);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
