/* tests/test_smtp_server.c - the server session: what scripts in tests/dialogs cannot say (tables
 * of byte sequences, limits, endings, walks over states). The s.. in names are numbered as there.
 */
#include "smtp/server.h"

#include "smtp/command.h"
#include "smtp/line.h"
#include "smtp/sasl.h"
#include "tests/mailroom.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENVELOPE "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\nDATA\r\n"
#define LOGIN    "EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
#define SECOND   "MAIL FROM:<evil@b.test>\r\nRCPT TO:<alice@mail.test>\r\nDATA\r\n" \
                 "X: smuggled\r\n\r\n.\r\n"

static struct mailroom *m;

static void close_room(void)
{
    free(m);
    m = NULL;
}

static void open_room(void)
{
    m = mailroom_new(true);
    mailroom_open(m);
    mailroom_login(m);
}

static void reopen(void)
{
    close_room();
    open_room();
}

static void begin_content(void)
{
    mailroom_feed_text(m, ENVELOPE);
    const char *said = mailroom_said(m);
    ck_assert_msg(strstr(said, "354 "), "%s", said);
}

static bool said_code(const char *code)
{
    const char *said = mailroom_said(m);
    return strncmp(said, code, strlen(code)) == 0 && strstr(said, "\r\n")[2] == 0;
}

static void good_message(void)
{
    unsigned before = m->stored_count;
    begin_content();
    mailroom_feed_text(m, "Subject: x\r\n\r\ny\r\n.\r\n");
    ck_assert(said_code("250 2.0.0 queued as "));
    ck_assert_uint_eq(m->stored_count, before + 1);
}

/* ---- S06 ---- */

static const struct { const char *bytes; size_t len; const char *reply; } sequences[] = {
#define SEQUENCE(s, reply) { s, sizeof s - 1, reply }
    SEQUENCE("\n.\n", "521 5.5.2"),       SEQUENCE("\n.\r\n", "521 5.5.2"),
    SEQUENCE("\r\n.\n", "521 5.5.2"),     SEQUENCE("\r.\r", "521 5.5.2"),
    SEQUENCE("\r\n.\r", "521 5.5.2"),     SEQUENCE("\r.\r\n", "521 5.5.2"),
    SEQUENCE("\r.\n", "521 5.5.2"),       SEQUENCE("\n.\r", "521 5.5.2"),
    SEQUENCE("\r\r\n.\r\r\n", "521 5.5.2"), SEQUENCE("\n\n.\r\n", "521 5.5.2"),
    SEQUENCE("\r\n\r.\r\n", "521 5.5.2"), SEQUENCE("\r\n.\r\r\n", "521 5.5.2"),
    SEQUENCE("\r\n\0.\r\n", "554 5.6.0"), SEQUENCE("\r\n.\0\r\n", "554 5.6.0"),
    SEQUENCE("\r\n.\r\0\n", "521 5.5.2"),
    SEQUENCE("\r\n. \r\n", "250 2.0.0"),  SEQUENCE("\r\n..\r\n", "250 2.0.0"),
#undef SEQUENCE
};

/* The sequence with a whole second envelope behind it; then the true end. */
static size_t smuggle(uint8_t *out, size_t i)
{
    struct writer w = writer_of(out, 4096);
    write_text(&w, "Subject: x\r\n\r\nbody");
    write_bytes(&w, bytes_of(sequences[i].bytes, sequences[i].len));
    write_text(&w, SECOND);
    return w.len;
}

static void check_smuggled(size_t i)
{
    const char *said = mailroom_said(m);
    ck_assert_msg(strncmp(said, sequences[i].reply, 9) == 0, "%zu: %s", i, said);
    bool passes = sequences[i].reply[0] == '2';
    ck_assert_uint_eq(m->stored_count, passes ? 1 : 0);
    ck_assert_str_eq(strstr(said, "\r\n") + 2, "");
    ck_assert(m->closed == (strncmp(said, "521", 3) == 0));
    ck_assert_uint_eq(m->aborted, passes ? 0 : 1);
    if (passes)                                    /* the second envelope is content */
        ck_assert(memmem(m->stored, m->stored_len, "evil@b.test", 11) != NULL);
}

START_TEST(s06_smuggling)
{
    uint8_t bytes[4096];
    for (size_t i = 0; i < COUNT(sequences); i++) {
        size_t len = smuggle(bytes, i);
        for (size_t split = 0; split <= len; split++) {
            reopen();
            begin_content();
            mailroom_feed(m, bytes_of(bytes, split));
            mailroom_feed(m, bytes_of(bytes + split, len - split));
            check_smuggled(i);
        }
        reopen();
        begin_content();
        for (size_t at = 0; at < len; at++)
            mailroom_feed(m, bytes_of(bytes + at, 1));
        check_smuggled(i);
    }
}
END_TEST

/* ---- S07 ---- */

START_TEST(s07_oversize_is_read_to_its_end)
{
    m->settings.limits.message_size = 100;
    char line[] = "0123456789012345678901234567890123456789\r\n";
    begin_content();
    mailroom_feed_text(m, "X: y\r\n\r\n");
    for (int i = 0; i < 200; i++)
        mailroom_feed_text(m, line);
    mailroom_feed_text(m, "..\r\nMAIL FROM:<evil@b.test>\r\n.x\r\n");
    ck_assert_str_eq(mailroom_said(m), "");
    ck_assert_uint_eq(m->aborted, 1);
    mailroom_feed_text(m, ".\r\n");
    ck_assert(said_code("552 5.3.4"));
    mailroom_feed_text(m, "RCPT TO:<alice@mail.test>\r\n");
    ck_assert(said_code("503 5.5.1"));
    good_message();
}
END_TEST

START_TEST(s07_bare_lf_behind_the_limit)
{
    m->settings.limits.message_size = 10;
    begin_content();
    mailroom_feed_text(m, "X: 0123456789\r\n\n.\nMAIL FROM:<evil@b.test>\r\n");
    ck_assert(said_code("521 5.5.2"));
    ck_assert(m->closed && m->stored_count == 0 && m->aborted == 1);
}
END_TEST

/* "X: " and CRLF around 5 more octets: the limit, and one more */
START_TEST(size_limit_both_sides)
{
    m->settings.limits.message_size = 10;
    begin_content();
    mailroom_feed_text(m, "X: 12345\r\n.\r\n");
    ck_assert(said_code("250 "));
    begin_content();
    mailroom_feed_text(m, "X: 123456\r\n.\r\n");
    ck_assert(said_code("552 5.3.4"));
}
END_TEST

/* ---- S11 ---- */

static void feed_line(const char *prefix, size_t len)
{
    char *line = malloc(len + 1);
    memset(line, 'x', len);
    memcpy(line, prefix, strlen(prefix));
    memcpy(line + len - 2, "\r\n", 3);
    mailroom_feed_text(m, line);
    free(line);
}

START_TEST(s11_command_line_length)
{
    feed_line("NOOP ", 2048);
    ck_assert(said_code("250 2.0.0"));
    feed_line("NOOP ", 2049);
    ck_assert(said_code("500 5.5.2 Line too long"));
    ck_assert(m->closed);
}
END_TEST

START_TEST(ehlo_name_length)
{
    feed_line("EHLO ", 5 + 255 + 2);
    ck_assert(strncmp(mailroom_said(m), "250-", 4) == 0);
    ck_assert_uint_eq(m->session.ehlo_len, 255);
    feed_line("EHLO ", 5 + 256 + 2);
    ck_assert(said_code("501 5.5.4"));
    ck_assert_uint_eq(m->session.ehlo_len, 255);
}
END_TEST

START_TEST(s11_line_without_end)
{
    uint8_t block[1024];
    memset(block, 'a', sizeof block);
    size_t fed = 0;
    while (!m->closed && fed < 1 << 23) {
        mailroom_feed(m, bytes_of(block, sizeof block));
        fed += sizeof block;
    }
    ck_assert(m->closed);
    ck_assert_uint_le(fed, 65536);
}
END_TEST

static void open_unauthenticated(void)
{
    close_room();
    m = mailroom_new(true);
    mailroom_open(m);
    mailroom_feed_text(m, "EHLO x\r\n");
    mailroom_said(m);
}

START_TEST(s11_auth_line_length)
{
    open_unauthenticated();
    feed_line("AUTH PLAIN ", 12288);
    ck_assert(said_code("500 5.5.6"));
    mailroom_feed_text(m, "AUTH PLAIN\r\n");
    ck_assert(said_code("334 "));
    feed_line("", 12288);
    ck_assert(said_code("500 5.5.6"));
    ck_assert(!m->closed);
    mailroom_feed_text(m, "AUTH PLAIN\r\n");
    ck_assert(said_code("334 "));
    feed_line("", 12289);
    ck_assert(said_code("500 5.5.6"));
    ck_assert(m->closed);
    open_unauthenticated();
    feed_line("AUTH PLAIN ", 20000);
    ck_assert(said_code("500 5.5.6"));
    ck_assert(m->closed);
}
END_TEST

/* Too long to be kept or not, AUTH of somebody who is somebody already changes nothing. */
START_TEST(s11_long_auth_line_keeps_the_user)
{
    static const char *const before[] = { "", "MAIL FROM:<a@b.test>\r\n" };
    for (size_t i = 0; i < COUNT(before); i++) {
        mailroom_feed_text(m, before[i]);
        mailroom_said(m);
        feed_line("AUTH PLAIN ", 2049);
        ck_assert(said_code("500 5.5.6"));
        ck_assert(bytes_equal_public(smtp_server_user(&m->session), bytes_of_string("alice")));
    }
}
END_TEST

START_TEST(s11_text_line_length)
{
    char line[999];
    memset(line, 'x', sizeof line);
    for (size_t len = 998; len <= 999; len++) {
        begin_content();
        mailroom_feed_text(m, "X: y\r\n\r\n");
        mailroom_feed(m, bytes_of(line, len));
        mailroom_feed_text(m, "\r\n.\r\n");
        ck_assert(said_code(len == 998 ? "250 2.0.0" : "554 5.6.0 Line longer than 998"));
    }
    ck_assert_uint_eq(m->stored_len, 8 + 998 + 2);
}
END_TEST

/* ---- S15 ---- */

static const struct { const char *content, *reply; } refused_bodies[] = {
    { ".\r\n", "554 5.6.0" },
    { "no field here\r\n.\r\n", "554 5.6.0" },
    { " X: y\r\n.\r\n", "554 5.6.0" },
    { ": y\r\n.\r\n", "554 5.6.0" },
};

static void check_reset(void)
{
    mailroom_feed_text(m, "RCPT TO:<alice@mail.test>\r\n");
    ck_assert(said_code("503 5.5.1 Send MAIL first"));
    mailroom_feed_text(m, "DATA\r\n");
    ck_assert(said_code("503 5.5.1 Send MAIL first"));
    ck_assert(!smtp_server_in_transaction(&m->session));
    m->session.errors = 0;
}

START_TEST(s15_refused_content_resets)
{
    for (size_t i = 0; i < COUNT(refused_bodies); i++) {
        begin_content();
        mailroom_feed_text(m, refused_bodies[i].content);
        ck_assert(said_code(refused_bodies[i].reply));
        check_reset();
    }
    good_message();
}
END_TEST

START_TEST(s15_failing_store_resets)
{
    static const enum smtp_store_result results[] = { SMTP_STORE_NO_SPACE, SMTP_STORE_FAILED };
    static const char *const replies[] = { "452 4.3.1", "451 4.3.0" };
    for (size_t i = 0; i < 2; i++) {
        m->store_result = results[i];
        begin_content();
        mailroom_feed_text(m, "X: y\r\n.\r\n");
        ck_assert(said_code(replies[i]));
        check_reset();
        m->store_result = SMTP_STORE_OK;
        m->open_result = results[i];
        mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n");
        mailroom_said(m);
        mailroom_feed_text(m, "DATA\r\n");
        ck_assert(said_code(replies[i]));
        check_reset();
        m->open_result = SMTP_STORE_OK;
    }
    ck_assert_uint_eq(m->stored_count, 0);
    ck_assert_uint_eq(m->aborted, 0);
    good_message();
}
END_TEST

START_TEST(s24_headers)
{
    char text[64];
    begin_content();                               /* headers without a body */
    mailroom_feed_text(m, "Subject: x\r\n.\r\n");
    ck_assert(said_code("250 "));
    begin_content();                               /* no header at all, an empty line */
    mailroom_feed_text(m, "\r\nbody\r\n.\r\n");
    ck_assert(said_code("250 "));
    for (unsigned hops = 50; hops <= 51; hops++) {
        begin_content();
        for (unsigned i = 0; i < hops; i++) {
            snprintf(text, sizeof text, "ReceiVed %s: x\r\n\tfolded: %u\r\n", i % 2 ? " " : "", i);
            mailroom_feed_text(m, text);
        }
        mailroom_feed_text(m, "\r\nReceived: in the body\r\n.\r\n");
        ck_assert(said_code(hops == 50 ? "250 " : "554 5.4.6"));
    }
    for (unsigned lines = 1000; lines <= 1001; lines++) {
        begin_content();
        for (unsigned i = 0; i < lines; i++)
            mailroom_feed_text(m, "X: y\r\n");
        mailroom_feed_text(m, "\r\n.\r\n");
        ck_assert(said_code(lines == 1000 ? "250 " : "554 5.6.0"));
    }
}
END_TEST

/* ---- S17 ---- */

START_TEST(s17_truncated_content_is_dropped)
{
    static const enum smtp_end ends[] = { SMTP_END_CLOSED, SMTP_END_TRUNCATED,
                                          SMTP_END_TIMEOUT, SMTP_END_SHUTDOWN };
    static const char *const words[] = { "", "", "421 4.4.2", "421 4.3.2" };
    for (size_t i = 0; i < COUNT(ends); i++) {
        reopen();
        begin_content();
        mailroom_feed_text(m, "X: y\r\n\r\nhalf a message\r\n");
        mailroom_end(m, ends[i]);
        ck_assert(m->closed);
        ck_assert_uint_eq(m->aborted, 1);
        ck_assert(strncmp(mailroom_said(m), words[i], strlen(words[i])) == 0);
        size_t used;
        struct bytes data;
        mailroom_feed_text(m, ".\r\n");
        ck_assert_int_eq(smtp_server_step(&m->session, bytes_of_string("\r\n.\r\nNOOP\r\n"), &used,
                                          &m->replies, &data), SMTP_SERVER_CLOSE);
        ck_assert_uint_eq(used, 0);
        ck_assert_uint_eq(m->stored_count, 0);
        ck_assert(strstr(m->log, i == 1 ? "truncated" : "") != NULL);
    }
}
END_TEST

/* The caller has answered; before there is room for the reply the connection is gone. */
static enum smtp_server_event step(const char *text, struct writer *out)
{
    size_t used;
    struct bytes data;
    return smtp_server_step(&m->session, bytes_of_string(text), &used, out, &data);
}

START_TEST(s17_end_behind_the_answer_to_begin)
{
    static const enum smtp_store_result results[] = { SMTP_STORE_OK, SMTP_STORE_FAILED };
    uint8_t room[16];
    struct writer full = writer_of(room, sizeof room);
    for (size_t i = 0; i < COUNT(results); i++) {
        reopen();
        mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n");
        ck_assert_int_eq(step("DATA\r\n", &m->replies), SMTP_SERVER_MESSAGE_BEGIN);
        smtp_server_opened(&m->session, results[i]);
        ck_assert_int_eq(step("", &full), SMTP_SERVER_WANTS_OUTPUT);
        smtp_server_end(&m->session, SMTP_END_TRUNCATED);
        if (results[i] == SMTP_STORE_OK)
            ck_assert_int_eq(step("", &full), SMTP_SERVER_MESSAGE_ABORT);
        ck_assert_int_eq(step("", &full), SMTP_SERVER_CLOSE);
    }
}
END_TEST

START_TEST(s17_end_behind_the_answer_to_end)
{
    uint8_t room[16];
    struct writer full = writer_of(room, sizeof room);
    begin_content();
    mailroom_feed_text(m, "X: y\r\n");
    ck_assert_int_eq(step(".\r\n", &m->replies), SMTP_SERVER_MESSAGE_END);
    smtp_server_stored(&m->session, SMTP_STORE_OK);
    ck_assert_int_eq(step("", &full), SMTP_SERVER_WANTS_OUTPUT);
    smtp_server_end(&m->session, SMTP_END_TRUNCATED);
    ck_assert_int_eq(step("", &full), SMTP_SERVER_CLOSE);
    ck_assert(strstr(m->log, "1 data 250 2.0.0  user=alice from=a@b.test") != NULL);
}
END_TEST

/* Answers that come after the end are dropped; what the caller may have opened is aborted. */
START_TEST(s17_late_answers)
{
    open_unauthenticated();
    ck_assert_int_eq(step("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n", &m->replies),
                     SMTP_SERVER_AUTHENTICATE);
    smtp_server_end(&m->session, SMTP_END_CLOSED);
    smtp_server_authenticated(&m->session, SMTP_AUTH_OK);
    ck_assert_int_eq(step("", &m->replies), SMTP_SERVER_CLOSE);
    ck_assert(!(m->session.facts & AUTHENTICATED));
    reopen();
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n");
    ck_assert_int_eq(step("DATA\r\n", &m->replies), SMTP_SERVER_MESSAGE_BEGIN);
    smtp_server_end(&m->session, SMTP_END_CLOSED);
    smtp_server_opened(&m->session, SMTP_STORE_OK);
    ck_assert_int_eq(step("", &m->replies), SMTP_SERVER_MESSAGE_ABORT);
    ck_assert_int_eq(step("", &m->replies), SMTP_SERVER_CLOSE);
    reopen();
    begin_content();
    ck_assert_int_eq(step("X: y\r\n", &m->replies), SMTP_SERVER_MESSAGE_BYTES);
    ck_assert_int_eq(step(".\r\n", &m->replies), SMTP_SERVER_MESSAGE_END);
    smtp_server_end(&m->session, SMTP_END_CLOSED);
    smtp_server_stored(&m->session, SMTP_STORE_OK);
    ck_assert_int_eq(step("", &m->replies), SMTP_SERVER_CLOSE);
    mailroom_feed_text(m, "");
    ck_assert_str_eq(mailroom_said(m), "");
}
END_TEST

/* One last reply and one entry in the log, however often the end is told. */
START_TEST(the_end_is_said_once)
{
    ck_assert_int_eq(step("QUIT\r\n", &m->replies), SMTP_SERVER_CLOSE);
    smtp_server_end(&m->session, SMTP_END_TIMEOUT);
    mailroom_feed_text(m, "");
    ck_assert(said_code("221"));
    const char *entry = strstr(m->log, "3 quit");
    ck_assert(entry && !strstr(entry + 1, "\n3 "));
}
END_TEST

/* Behind the 220 to STARTTLS the wire is TLS's. */
START_TEST(nothing_in_the_clear_behind_starttls)
{
    close_room();
    m = mailroom_new(false);
    mailroom_open(m);
    mailroom_feed_text(m, "EHLO x\r\nSTARTTLS\r\n");
    mailroom_said(m);
    mailroom_end(m, SMTP_END_TIMEOUT);
    ck_assert(m->closed);
    ck_assert_str_eq(mailroom_said(m), "");
}
END_TEST

/* RFC 5321 §4.5.3.2.7; a line, once begun, has its own limit. */
START_TEST(seconds)
{
    ck_assert_uint_eq(smtp_server_idle_seconds(&m->session), 300);
    ck_assert_uint_eq(smtp_server_line_seconds(&m->session), 0);
    mailroom_feed_text(m, "NO");
    ck_assert_uint_eq(smtp_server_line_seconds(&m->session), 60);
    mailroom_feed_text(m, "OP\r\n");
    ck_assert_uint_eq(smtp_server_line_seconds(&m->session), 0);
    begin_content();
    mailroom_feed_text(m, "X: ");
    ck_assert_uint_eq(smtp_server_idle_seconds(&m->session), 300);
    ck_assert_uint_eq(smtp_server_line_seconds(&m->session), 0);
    open_unauthenticated();
    mailroom_feed_text(m, "AUTH PLAIN\r\n");
    ck_assert_uint_eq(smtp_server_line_seconds(&m->session), 0);
    mailroom_feed_text(m, "A");
    ck_assert_uint_eq(smtp_server_line_seconds(&m->session), 60);
}
END_TEST

/* Who failed to log in is nobody; a wrong password is an error like others. */
START_TEST(s18_failures_leave_no_user)
{
    static const char *const lines[] = {
        "AUTH PLAIN AGFsaWNlAHdyb25n\r\n", "AUTH LOGIN YWxpY2U=\r\n*\r\n",
        "AUTH PLAIN cm9vdABhbGljZQBzZWNyZXQ=\r\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        open_unauthenticated();
        for (const char *c = lines[i]; *c; c++)
            mailroom_feed(m, bytes_of(c, 1));
        ck_assert_uint_eq(smtp_server_user(&m->session).len, 0);
    }
    open_unauthenticated();
    m->settings.limits.auth_failures = 100;
    for (int i = 0; i < 10; i++)
        mailroom_feed_text(m, lines[0]);
    ck_assert(strstr(mailroom_said(m), "421 4.7.0 Too many errors [") != NULL);
    ck_assert(m->closed);
}
END_TEST

/* `len` bytes of LOGIN's answer, in base64; one of them a NUL if `nul`. */
static void feed_login(size_t len, bool nul)
{
    char text[2048];
    uint8_t message[1280];
    struct writer w = writer_of(text, sizeof text - 1);
    memset(message, 'u', sizeof message);
    if (nul)
        message[len / 2] = 0;
    sasl_encode(&w, bytes_of(message, len));
    write_text(&w, "\r\n");
    mailroom_feed(m, writer_bytes(&w));
}

/* RFC 4616 §2 has the bounds; LOGIN has the same here. */
START_TEST(s18_login_bounds)
{
    static const struct { size_t user, password; bool nul; const char *reply; } bounds[] = {
        { 255, 0, false, "334 " }, { 256, 0, false, "501 5.5.4" }, { 3, 0, true, "501 5.5.4" },
        { 1, 1024, false, "535 5.7.8" }, { 1, 1025, false, "501 5.5.4" },
        { 1, 3, true, "501 5.5.4" },
    };
    for (size_t i = 0; i < COUNT(bounds); i++) {
        open_unauthenticated();
        mailroom_feed_text(m, "AUTH LOGIN\r\n");
        mailroom_said(m);
        feed_login(bounds[i].user, bounds[i].nul && bounds[i].password == 0);
        if (bounds[i].password > 0) {
            ck_assert(said_code("334 "));
            feed_login(bounds[i].password, bounds[i].nul);
        }
        ck_assert_msg(said_code(bounds[i].reply), "%zu", i);
    }
}
END_TEST

/* RFC 3207 §4.2 */
START_TEST(s04_nothing_is_remembered_across_tls)
{
    close_room();
    m = mailroom_new(false);
    mailroom_open(m);
    mailroom_feed_text(m, "EHLO x\r\nSTARTTLS\r\n");
    mailroom_tls(m);
    ck_assert_uint_eq(m->session.facts, ENCRYPTED);
    ck_assert_uint_eq(m->session.ehlo_len, 0);
    ck_assert(!m->session.esmtp);
}
END_TEST

/* An answer that is none of the enum's is a no. */
START_TEST(s18_only_ok_authenticates)
{
    open_unauthenticated();
    m->hold_auth = true;
    mailroom_feed_text(m, "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
    smtp_server_authenticated(&m->session, (enum smtp_auth_result)77);
    mailroom_feed_text(m, "");
    ck_assert(said_code("454 4.7.0"));
    ck_assert(!(m->session.facts & AUTHENTICATED));
}
END_TEST

START_TEST(s17_end_while_the_password_is_checked)
{
    open_unauthenticated();
    m->hold_auth = true;
    mailroom_feed_text(m, "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
    ck_assert_uint_eq(smtp_server_idle_seconds(&m->session), 0);
    ck_assert(memmem(&m->session, sizeof m->session, "secret", 6) != NULL);
    mailroom_end(m, SMTP_END_TRUNCATED);
    ck_assert(memmem(&m->session, sizeof m->session, "secret", 6) == NULL);
    smtp_server_authenticated(&m->session, SMTP_AUTH_OK);
    ck_assert(m->closed);
    ck_assert(!(m->session.facts & AUTHENTICATED));
}
END_TEST

/* An end with no room for last words, and with a full output buffer, is still an end. */
START_TEST(end_with_full_output)
{
    uint8_t room[16];
    struct writer full = writer_of(room, sizeof room);
    size_t used;
    struct bytes data;
    ck_assert_int_eq(smtp_server_step(&m->session, bytes_of_string("NOOP\r\n"), &used, &full,
                                      &data), SMTP_SERVER_WANTS_OUTPUT);
    ck_assert_uint_eq(used, 0);
    smtp_server_end(&m->session, SMTP_END_TIMEOUT);
    ck_assert_int_eq(smtp_server_step(&m->session, bytes_of(NULL, 0), &used, &full, &data),
                     SMTP_SERVER_CLOSE);
    ck_assert_uint_eq(full.len, 0);
}
END_TEST

/* ---- S05, S18: secrets ---- */

START_TEST(s18_no_secret_stays)
{
    static const char *const ways[] = {
        "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n", "AUTH PLAIN AGFsaWNlAHNlY3JldAB4\r\n",
        "AUTH PLAIN cm9vdABhbGljZQBzZWNyZXQ=\r\n",
    };
    for (size_t i = 0; i < COUNT(ways); i++) {
        open_unauthenticated();
        mailroom_feed_text(m, ways[i]);
        ck_assert(memmem(&m->session, sizeof m->session, "secret", 6) == NULL);
        ck_assert(memmem(&m->session, sizeof m->session, "AGFsaW", 6) == NULL);
        ck_assert(strstr(m->log, "secret") == NULL && strstr(m->log, "c2Vj") == NULL);
    }
    close_room();
    m = mailroom_new(false);                       /* in the clear: refused, and forgotten */
    mailroom_open(m);
    mailroom_feed_text(m, "EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
    ck_assert(memmem(&m->session, sizeof m->session, "AGFsaW", 6) == NULL);
    ck_assert(strstr(m->log, "AGFs") == NULL);
}
END_TEST

/* Nor where the line did not get as far as AUTH, or was none. */
START_TEST(s18_no_secret_stays_in_a_refused_line)
{
    static const struct { const char *line; size_t len; const char *reply; } lines[] = {
#define LINE(s, reply) { s "\r\n", sizeof s + 1, reply }
        LINE("AUTH XOAUTH2 AGFsaWNlAHNlY3JldA==", "504 5.5.4"),
        LINE("AUTH\tPLAIN AGFsaWNlAHNlY3JldA==", "500 5.5.2"),
        LINE("AUTH PLAIN AGFsaWNlAHNlY3JldA==\0", "501 5.5.2"),
        LINE("AGFsaWNlAHNlY3JldA==", "500 5.5.2"),
#undef LINE
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        open_unauthenticated();
        mailroom_feed(m, bytes_of(lines[i].line, lines[i].len));
        ck_assert(said_code(lines[i].reply));
        ck_assert(memmem(&m->session, sizeof m->session, "AGFsaW", 6) == NULL);
        ck_assert(strstr(m->log, "AGFs") == NULL);
    }
}
END_TEST

START_TEST(s18_bytes_behind_a_challenge)
{
    static const char *const lines[] = {
        "AUTH PLAIN\r\nAGFsaWNlAHNlY3JldA==\r\n", "AUTH LOGIN\r\nYWxpY2U=\r\n",
        "AUTH LOGIN YWxpY2U=\r\nc2VjcmV0\r\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++) {
        open_unauthenticated();
        mailroom_feed_text(m, lines[i]);
        ck_assert(said_code("501 5.5.1 Bytes behind AUTH"));
        ck_assert(m->closed);
    }
}
END_TEST

/* ---- limits ---- */

START_TEST(s19_junk)
{
    m->settings.limits.junk = 5;
    for (int i = 0; i < 4; i++)                    /* the EHLO of the login was one */
        mailroom_feed_text(m, i % 2 ? "NOOP\r\n" : "RSET\r\n");
    ck_assert(strstr(mailroom_said(m), "421") == NULL);
    mailroom_feed_text(m, "HELP\r\nNOOP\r\n");
    ck_assert(said_code("421 4.7.0"));
    ck_assert(m->closed);
}
END_TEST

START_TEST(s19_a_message_is_no_junk)
{
    m->settings.limits.junk = 5;
    for (int i = 0; i < 4; i++) {
        mailroom_feed_text(m, "NOOP\r\nRSET\r\nNOOP\r\n");
        mailroom_said(m);
        good_message();
    }
}
END_TEST

/* One last reply, whichever limits are reached with it. */
START_TEST(one_reason_to_close)
{
    m->session.errors = 9;
    mailroom_feed_text(m, "NOOP\n");
    ck_assert(said_code("521 5.5.2"));
}
END_TEST

START_TEST(errors_slow_down_then_end)
{
    for (int i = 1; i <= 9; i++) {
        mailroom_feed_text(m, "XYZZY\r\n");
        ck_assert(said_code("500 5.5.2"));
        ck_assert_uint_eq(m->pauses, i < 5 ? 0 : (unsigned)i - 4);
    }
    mailroom_feed_text(m, "XYZZY\r\nNOOP\r\n");
    const char *said = mailroom_said(m);
    ck_assert(strncmp(said, "500", 3) == 0);
    ck_assert(strstr(said, "\r\n421 4.7.0 Too many errors [") != NULL);
    ck_assert(strstr(said, "250") == NULL);
    ck_assert(m->closed);
}
END_TEST

START_TEST(recipient_limits)
{
    uint8_t small[32];
    m->settings.limits.recipients = 1;
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\n");
    mailroom_said(m);
    mailroom_feed_text(m, "RCPT TO:<alice@mail.test>\r\n");
    ck_assert(said_code("250"));
    mailroom_feed_text(m, "RCPT TO:<alice@mail.test>\r\n");
    ck_assert(said_code("250"));                   /* the same again is no other one */
    mailroom_feed_text(m, "RCPT TO:<bob@mail.test>\r\n");
    ck_assert(said_code("452 4.5.3"));
    mailroom_feed_text(m, "RSET\r\n");
    mailroom_said(m);
    m->settings.limits.recipients = 0;
    smtp_server_lend(&m->session, small, sizeof small);
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n");
    mailroom_said(m);
    mailroom_feed_text(m, "RCPT TO:<bob@mail.test>\r\n");
    ck_assert(said_code("250"));                   /* 1 + 15 + 1 + 13 <= 32 */
    mailroom_feed_text(m, "RCPT TO:<postmaster>\r\n");
    ck_assert(said_code("452 4.5.3"));
    for (size_t room = 29; room <= 30; room++) {
        mailroom_feed_text(m, "RSET\r\n");
        smtp_server_lend(&m->session, small, room);
        mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n");
        mailroom_said(m);
        mailroom_feed_text(m, "RCPT TO:<bob@mail.test>\r\n");
        ck_assert(said_code(room == 30 ? "250" : "452 4.5.3"));
    }
}
END_TEST

static enum smtp_verdict accept_all(void *context, struct bytes user, const struct address *to)
{
    (void)context, (void)user, (void)to;
    return SMTP_ACCEPT;
}

/* What server.h says in brackets. */
START_TEST(default_limits)
{
    char line[64];
    m->session.messages = 99;
    good_message();
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\n");
    ck_assert(said_code("421 4.7.0"));
    reopen();
    for (int i = 0; i < 49; i++)                   /* the EHLO of the login was one */
        mailroom_feed_text(m, "NOOP\r\n");
    ck_assert(strstr(mailroom_said(m), "421") == NULL);
    mailroom_feed_text(m, "NOOP\r\n");
    ck_assert(said_code("421 4.7.0"));
    reopen();
    m->settings.policy.recipient = accept_all;
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\n");
    for (int i = 1; i <= 501; i++) {
        mailroom_said(m);
        snprintf(line, sizeof line, "RCPT TO:<r%d@mail.test>\r\n", i);
        mailroom_feed_text(m, line);
        ck_assert(said_code(i <= 500 ? "250" : "452 4.5.3"));
    }
}
END_TEST

static bool fill_nothing(void *context, uint8_t *out, size_t len)
{
    (void)context, (void)out, (void)len;
    return false;
}

/* Without an id there is no message, and no session. */
START_TEST(no_random_numbers)
{
    static const struct random_source broken = { fill_nothing, NULL };
    struct smtp_server other;
    m->settings.random = &broken;
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n");
    mailroom_said(m);
    mailroom_feed_text(m, "DATA\r\n");
    ck_assert(said_code("451 4.3.0"));
    ck_assert_uint_eq(m->begun, 0);
    ck_assert(!smtp_server_in_transaction(&m->session));
    ck_assert(!smtp_server_start(&other, &m->settings));
}
END_TEST

START_TEST(no_policy)
{
    m->settings.policy = (struct smtp_policy){ 0 };
    mailroom_feed_text(m, "MAIL FROM:<notmine@b.test>\r\n");
    ck_assert(said_code("250 2.1.0"));
    mailroom_feed_text(m, "RCPT TO:<alice@mail.test>\r\n");
    ck_assert(said_code("550 5.7.1"));
}
END_TEST

START_TEST(message_limit)
{
    m->settings.limits.messages = 2;
    good_message();
    good_message();
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\n");
    ck_assert(said_code("421 4.7.0"));
    ck_assert(m->closed);
}
END_TEST

/* ---- the trace field, the envelope, the log ---- */

START_TEST(trace_field)
{
    good_message();
    ck_assert_str_eq(m->recipients, "alice@mail.test\n");
    char want[512];
    snprintf(want, sizeof want,
             "Received: from client.test\r\n\tby mail.test (sealpost) with ESMTPSA\r\n"
             "\tid %.26s\r\n\tfor <alice@mail.test>\r\n"
             "\ttls TLS_AES_128_GCM_SHA256 group x25519 (TLSv1.3 ed25519);\r\n"
             "\tSun, 22 Nov 2026 01:28:05 +0000\r\n", strstr(m->trace, "id ") + 3);
    ck_assert_str_eq(m->trace, want);
    snprintf(want, sizeof want, "queued as %.26s\r\n", strstr(m->trace, "id ") + 3);
    ck_assert(strstr((char *)m->out, want) != NULL);
    mailroom_feed_text(m, "MAIL FROM:<>\r\nRCPT TO:<alice@mail.test>\r\n"
                          "RCPT TO:<\"bob\"@Mail.Test>\r\nDATA\r\n");
    mailroom_feed_text(m, "X: y\r\n.\r\n");
    ck_assert_str_eq(m->sender, "");
    ck_assert_str_eq(m->recipients, "alice@mail.test\nbob@mail.test\n");
    ck_assert(strstr(m->trace, "for <") == NULL);  /* Bcc */
}
END_TEST

START_TEST(log_entries)
{
    good_message();
    mailroom_feed_text(m, "MAIL FROM:<a@b.test>\r\nRCPT TO:<x@y.test>\r\nQUIT\r\n");
    ck_assert(strstr(m->log, "0 auth 235 2.7.0 Authentication successful user=alice") != NULL);
    ck_assert(strstr(m->log, "1 data 250 2.0.0  user=alice from=a@b.test to= id=0") != NULL);
    ck_assert(strstr(m->log, "2 rcpt 550 5.7.1 Relaying denied user=alice from=a@b.test "
                             "to=x@y.test") != NULL);
    ck_assert(strstr(m->log, "3 quit 0  quit user=alice") != NULL);
}
END_TEST

START_TEST(nothing_before_implicit_tls)
{
    uint8_t room[2048];
    struct writer out = writer_of(room, sizeof room);
    size_t used;
    struct bytes data;
    ck_assert(smtp_server_start(&m->session, &m->settings));
    ck_assert_int_eq(smtp_server_step(&m->session, bytes_of_string("EHLO x\r\n"), &used, &out,
                                      &data), SMTP_SERVER_WAITS);
    smtp_server_end(&m->session, SMTP_END_TIMEOUT);
    ck_assert_int_eq(smtp_server_step(&m->session, bytes_of(NULL, 0), &used, &out, &data),
                     SMTP_SERVER_CLOSE);
    ck_assert_uint_eq(out.len, 0);
}
END_TEST

/* ---- walks ---- */

/* Every command in every reachable set of facts does what its row says, and nothing else. */
static const struct { unsigned facts; const char *script; bool implicit; } places[] = {
    { 0, "", false },
    { IDENTIFIED, "EHLO x\r\n", false },
    { ENCRYPTED, "", true },
    { ENCRYPTED | IDENTIFIED, "EHLO x\r\n", true },
    { ENCRYPTED | IDENTIFIED | AUTHENTICATED, LOGIN, true },
    { ENCRYPTED | IDENTIFIED | AUTHENTICATED | HAS_SENDER,
      LOGIN "MAIL FROM:<a@b.test>\r\n", true },
    { ENCRYPTED | IDENTIFIED | AUTHENTICATED | HAS_SENDER | HAS_RECIPIENT,
      LOGIN "MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@mail.test>\r\n", true },
};

static const char *const samples[VERB_COUNT] = {
    [VERB_EHLO] = "ehlo y", [VERB_HELO] = "helo y", [VERB_STARTTLS] = "starttls",
    [VERB_AUTH] = "auth login", [VERB_MAIL] = "mail from:<c@d.test>",
    [VERB_RCPT] = "rcpt to:<bob@mail.test>", [VERB_DATA] = "data", [VERB_RSET] = "rset",
    [VERB_NOOP] = "noop", [VERB_HELP] = "help", [VERB_VRFY] = "vrfy x", [VERB_EXPN] = "expn x",
    [VERB_QUIT] = "quit",
};
static const char *const accepted_codes[VERB_COUNT] = {
    [VERB_EHLO] = "250", [VERB_HELO] = "250", [VERB_STARTTLS] = "220", [VERB_AUTH] = "334",
    [VERB_MAIL] = "250", [VERB_RCPT] = "250", [VERB_DATA] = "354", [VERB_RSET] = "250",
    [VERB_NOOP] = "250", [VERB_HELP] = "214", [VERB_VRFY] = "252", [VERB_EXPN] = "502",
    [VERB_QUIT] = "221", [VERB_NOT_DONE] = "502", [VERB_FOREIGN] = "502",
};

enum { NO_TRANSACTION = IDENTIFIED | ENCRYPTED | AUTHENTICATED };

static unsigned facts_after(enum verb id, unsigned facts)
{
    switch (id) {
    case VERB_EHLO:
    case VERB_HELO:    return (facts | IDENTIFIED) & NO_TRANSACTION;
    case VERB_RSET:
    case VERB_QUIT:
    case VERB_FOREIGN: return facts & NO_TRANSACTION;
    case VERB_MAIL:    return facts | HAS_SENDER;
    case VERB_RCPT:    return facts | HAS_RECIPIENT;
    default:           return facts;
    }
}

static void check_place(size_t place, const struct command *c)
{
    char line[64];
    unsigned facts = places[place].facts;
    bool may = !(c->needs & ~facts) && !(c->forbids & facts);
    close_room();
    m = mailroom_new(places[place].implicit);
    mailroom_open(m);
    mailroom_feed_text(m, places[place].script);
    mailroom_said(m);
    ck_assert_uint_eq(m->session.facts, facts);
    snprintf(line, sizeof line, "%s\r\n", samples[c->id] ? samples[c->id] : c->verb);
    mailroom_feed_text(m, line);
    const char *said = mailroom_said(m);
    if (may) {
        ck_assert_msg(strncmp(said, accepted_codes[c->id], 3) == 0, "%zu %s: %s", place, line,
                      said);
        ck_assert_uint_eq(m->session.facts, facts_after(c->id, facts));
    } else {
        ck_assert_msg(strncmp(said, "503", 3) == 0 || strncmp(said, "530", 3) == 0
                          || strncmp(said, "538", 3) == 0, "%zu %s: %s", place, line, said);
        ck_assert_uint_eq(m->session.facts, facts);
    }
}

START_TEST(every_command_in_every_state)
{
    for (size_t place = 0; place < COUNT(places); place++)
        for (size_t i = 0; i < command_count; i++)
            check_place(place, &commands[i]);
}
END_TEST

/* Random sequences against a model of RFC 5321 §4.1.4 in a few lines: classes of replies, facts.
 * The generator is a fixed xorshift, so a failure repeats. */
static uint32_t seed = 2463534242u;

static uint32_t next_random(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

struct model { bool hello, sender, recipient; };

static const char *model_step(struct model *o, unsigned action)
{
    switch (action) {
    case 0: *o = (struct model){ .hello = true }; return "2";
    case 1: if (!o->hello || o->sender) return "5"; o->sender = true; return "2";
    case 2: if (!o->sender) return "5"; o->recipient = true; return "2";
    case 3: return "5";
    case 4: o->sender = o->recipient = false; return "2";
    case 5: return "2";
    case 6: if (!o->recipient) return "5"; o->sender = o->recipient = false; return "3";
    default: return "5";
    }
}

static const char *const actions[] = {
    "EHLO x\r\n", "MAIL FROM:<a@b.test>\r\n", "RCPT TO:<alice@mail.test>\r\n",
    "RCPT TO:<nobody@mail.test>\r\n", "RSET\r\n", "NOOP\r\n", "DATA\r\n", "MAIL FROM:oops\r\n",
};

START_TEST(random_commands_agree_with_a_model)
{
    m->settings.limits = (struct smtp_limits){ .errors = 1u << 30, .junk = 1u << 30,
                                               .messages = 1u << 30 };
    struct model model = { .hello = true };
    unsigned stored = 0;
    for (int i = 0; i < 20000; i++) {
        unsigned action = next_random(COUNT(actions));
        const char *class = model_step(&model, action);
        m->replies.len = m->read = 0;
        mailroom_feed_text(m, actions[action]);
        const char *said = mailroom_said(m);
        ck_assert_msg(said[0] == class[0], "step %d, %s: %s", i, actions[action], said);
        if (class[0] == '3') {
            bool good = next_random(2);
            mailroom_feed_text(m, good ? "X: y\r\n.\r\n" : "no field\r\n.\r\n");
            ck_assert(said_code(good ? "250" : "554"));
            stored += good;
        }
        ck_assert(smtp_server_in_transaction(&m->session) == model.sender);
        ck_assert(!m->session.tx.recipients == !model.recipient);
    }
    ck_assert_uint_gt(stored, 10);
    ck_assert_uint_eq(m->stored_count, stored);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smtp_server");
    TCase *cases = tcase_create("smtp_server");
    tcase_add_checked_fixture(cases, open_room, close_room);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, s06_smuggling);
    tcase_add_test(cases, s07_oversize_is_read_to_its_end);
    tcase_add_test(cases, s07_bare_lf_behind_the_limit);
    tcase_add_test(cases, size_limit_both_sides);
    tcase_add_test(cases, s11_command_line_length);
    tcase_add_test(cases, ehlo_name_length);
    tcase_add_test(cases, s11_line_without_end);
    tcase_add_test(cases, s11_auth_line_length);
    tcase_add_test(cases, s11_long_auth_line_keeps_the_user);
    tcase_add_test(cases, s11_text_line_length);
    tcase_add_test(cases, s15_refused_content_resets);
    tcase_add_test(cases, s15_failing_store_resets);
    tcase_add_test(cases, s24_headers);
    tcase_add_test(cases, s17_truncated_content_is_dropped);
    tcase_add_test(cases, s17_end_behind_the_answer_to_begin);
    tcase_add_test(cases, s17_end_behind_the_answer_to_end);
    tcase_add_test(cases, s17_late_answers);
    tcase_add_test(cases, the_end_is_said_once);
    tcase_add_test(cases, nothing_in_the_clear_behind_starttls);
    tcase_add_test(cases, seconds);
    tcase_add_test(cases, s18_failures_leave_no_user);
    tcase_add_test(cases, s18_login_bounds);
    tcase_add_test(cases, s04_nothing_is_remembered_across_tls);
    tcase_add_test(cases, s18_only_ok_authenticates);
    tcase_add_test(cases, s17_end_while_the_password_is_checked);
    tcase_add_test(cases, end_with_full_output);
    tcase_add_test(cases, s18_no_secret_stays);
    tcase_add_test(cases, s18_no_secret_stays_in_a_refused_line);
    tcase_add_test(cases, s18_bytes_behind_a_challenge);
    tcase_add_test(cases, s19_junk);
    tcase_add_test(cases, s19_a_message_is_no_junk);
    tcase_add_test(cases, one_reason_to_close);
    tcase_add_test(cases, errors_slow_down_then_end);
    tcase_add_test(cases, recipient_limits);
    tcase_add_test(cases, default_limits);
    tcase_add_test(cases, no_random_numbers);
    tcase_add_test(cases, no_policy);
    tcase_add_test(cases, message_limit);
    tcase_add_test(cases, trace_field);
    tcase_add_test(cases, log_entries);
    tcase_add_test(cases, nothing_before_implicit_tls);
    tcase_add_test(cases, every_command_in_every_state);
    tcase_add_test(cases, random_commands_agree_with_a_model);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
