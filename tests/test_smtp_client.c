/* tests/test_smtp_client.c - the client session against a server that the test plays, and against
 * our own. Lessons are numbered as in tests/dialogs.
 */
#include "smtp/client.h"

#include "smtp/line.h"
#include "tests/mailroom.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GREETING "220 mx.test ESMTP\r\n"
#define OFFERS   "250-mx.test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n" \
                 "250-AUTH LOGIN PLAIN\r\n250 STARTTLS\r\n"
#define AUTH_OK  "235 2.7.0 ok\r\n"
#define PLAIN    "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n"
#define EHLO     "EHLO client.test\r\n"
#define ENVELOPE "MAIL FROM:<alice@mail.test> SIZE=12\r\nRCPT TO:<bob@mail.test>\r\n"

static struct smtp_client c;
static struct smtp_client_settings settings;
static struct smtp_client_recipient to[3];
static struct data_scan scan;
static const char *message;
static bool bytewise;
static char sent[1 << 16];                         /* all that the client has written */
static size_t sent_len, sent_read;
static enum smtp_client_event event;

static void set_message(const char *text)
{
    message = text;
    data_scan_start(&scan);
    data_scan(&scan, bytes_of_string(text));
    data_scan_end(&scan);
}

static void set_up(void)
{
    memset(to, 0, sizeof to);
    to[0].address = bytes_of_string("bob@mail.test");
    to[1].address = bytes_of_string("alice@mail.test");
    to[2].address = bytes_of_string("eve@mail.test");
    settings = (struct smtp_client_settings){
        .ehlo_name = "client.test", .implicit_tls = true,
        .user = bytes_of_string("alice"), .password = bytes_of_string("secret"),
        .sender = bytes_of_string("alice@mail.test"),
        .recipients = to, .recipient_count = 1, .message = &scan,
    };
    set_message("X: y\n\n.a\n");                   /* 12 octets with CRLF */
    bytewise = false;
}

static void start(void)
{
    sent_len = sent_read = 0;
    ck_assert_msg(smtp_client_start(&c, &settings), "%s", c.reason);
    if (settings.implicit_tls)
        smtp_client_tls(&c);
}

/* Gives `in` to the session; returns bytes that it left over. */
static size_t step(struct bytes in)
{
    for (;;) {
        size_t used;
        struct writer out = writer_of(sent + sent_len, sizeof sent - 1 - sent_len);
        event = smtp_client_step(&c, in, &used, &out);
        in = bytes_behind(in, used);
        if (event == SMTP_CLIENT_MESSAGE) {
            struct bytes rest = bytes_of_string(message);
            ck_assert_uint_eq(smtp_client_message(&c, rest, &out), rest.len);
            ck_assert(smtp_client_message_end(&c, &out));
        }
        sent_len += out.len;
        sent[sent_len] = 0;
        if (event != SMTP_CLIENT_MESSAGE && !(event == SMTP_CLIENT_WANTS_INPUT && in.len > 0))
            return in.len;
    }
}

static void feed(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; bytewise && i < len; i++)
        step(bytes_of(text + i, 1));
    if (!bytewise)
        step(bytes_of(text, len));
}

/* What the client has written since the last call. */
static const char *heard(void)
{
    const char *text = sent + sent_read;
    sent_read = sent_len;
    return text;
}

static void exchange(const char *reply, const char *command)
{
    feed(reply);
    ck_assert_str_eq(heard(), command);
}

static void expect_failure(const char *reply, enum smtp_exit code, const char *reason)
{
    feed(reply);
    if (event == SMTP_CLIENT_WANTS_INPUT) {
        ck_assert_str_eq(heard(), "QUIT\r\n");
        feed("221 bye\r\n");
    }
    ck_assert_int_eq(event, SMTP_CLIENT_FAILED);
    ck_assert_msg(c.exit_code == code, "exit %d: %s", (int)c.exit_code, c.reason);
    ck_assert_msg(strstr(c.reason, reason) != NULL, "%s", c.reason);
}

static void to_envelope(const char *offers)
{
    start();
    exchange(GREETING, EHLO);
    feed(offers);
    heard();
    feed(AUTH_OK);
}

/* ---- whole sessions ---- */

static void whole_session(void)
{
    start();
    exchange(GREETING, EHLO);
    exchange(OFFERS, PLAIN);
    exchange(AUTH_OK, ENVELOPE);
    exchange("250 2.1.0 ok\r\n250 2.1.5 ok\r\n", "DATA\r\n");
    exchange("354 go\r\n", "X: y\r\n\r\n..a\r\n.\r\n");
    exchange("250 2.0.0 queued as 17\r\n", "QUIT\r\n");
    ck_assert_int_eq(event, SMTP_CLIENT_WANTS_INPUT);
    feed("221 2.0.0 bye\r\n");
    ck_assert_int_eq(event, SMTP_CLIENT_DONE);
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_OK);
    ck_assert_str_eq(c.reply_text, "queued as 17");
    ck_assert_uint_eq(to[0].code, 250);
}

START_TEST(a_whole_session)
{
    set_up();
    whole_session();
    bytewise = true;
    whole_session();
}
END_TEST

START_TEST(starttls_session)
{
    set_up();
    settings.implicit_tls = false;
    start();
    exchange("220-mx.test\r\n220 ESMTP\r\n", EHLO);
    exchange(OFFERS, "STARTTLS\r\n");
    exchange("220-go\r\n220 ahead\r\n", "");        /* S02: several lines are legal */
    ck_assert_int_eq(event, SMTP_CLIENT_STARTTLS);
    smtp_client_tls(&c);
    exchange("", EHLO);
    exchange("250-mx.test\r\n250 AUTH PLAIN\r\n", PLAIN);
    exchange(AUTH_OK, "MAIL FROM:<alice@mail.test>\r\n");
    exchange("250 ok\r\n", "RCPT TO:<bob@mail.test>\r\n");
}
END_TEST

/* Both our sessions, joined; `piece` bytes at a time. What is stored is what was sent. */
static void join(struct mailroom *m, size_t piece)
{
    size_t passed = 0, heard_len = 0;
    start();
    step(bytes_of(NULL, 0));
    for (int turns = 0; turns < 100000 && event != SMTP_CLIENT_DONE; turns++) {
        ck_assert_int_ne(event, SMTP_CLIENT_FAILED);
        if (event == SMTP_CLIENT_STARTTLS && !c.tls) {
            mailroom_tls(m);
            smtp_client_tls(&c);
            step(bytes_of(NULL, 0));
        }
        size_t up = sent_len - passed < piece ? sent_len - passed : piece;
        mailroom_feed(m, bytes_of(sent + passed, up));
        passed += up;
        size_t down = m->replies.len - heard_len < piece ? m->replies.len - heard_len : piece;
        ck_assert_uint_eq(step(bytes_of(m->out + heard_len, down)), 0);
        heard_len += down;
    }
    ck_assert_int_eq(event, SMTP_CLIENT_DONE);
    ck_assert_uint_eq(m->stored_count, 1);
    ck_assert(m->closed);
}

START_TEST(our_client_and_our_server)
{
    static const char text[] = "Subject: x\r\n\r\n.\r\n..\r\n.dot\r\ngr\xc3\xbc\xc3\x9f\r\n\r\n";
    for (int implicit = 0; implicit < 2; implicit++) {
        for (size_t piece = 1; piece < 200; piece += piece < 10 ? 1 : 37) {
            set_up();
            settings.implicit_tls = implicit;
            settings.recipient_count = 2;
            set_message(text);
            struct mailroom *m = mailroom_new(implicit);
            mailroom_open(m);
            join(m, piece);
            ck_assert_uint_eq(m->stored_len, sizeof text - 1);
            ck_assert(memcmp(m->stored, text, m->stored_len) == 0);
            ck_assert_str_eq(m->recipients, "bob@mail.test\nalice@mail.test\n");
            free(m);
        }
    }
}
END_TEST

/* ---- S02, S03: STARTTLS ---- */

START_TEST(s02_bytes_behind_the_220)
{
    set_up();
    settings.implicit_tls = false;
    start();
    feed(GREETING);
    feed(OFFERS);
    heard();
    expect_failure("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n", SMTP_EXIT_PROTOCOL,
                   "bytes behind its reply to STARTTLS");
    ck_assert_str_eq(heard(), "");
}
END_TEST

static const struct { const char *ehlo, *starttls; enum smtp_exit code; } strippings[] = {
    { "250-mx.test\r\n250-AUTH PLAIN\r\n250 SIZE\r\n", NULL, SMTP_EXIT_UNAVAILABLE },
    { "250 STARTTLS\r\n", NULL, SMTP_EXIT_UNAVAILABLE },       /* that is the greeting line */
    { "502 5.5.1 what\r\n", NULL, SMTP_EXIT_UNAVAILABLE },
    { "421 4.3.2 later\r\n", NULL, SMTP_EXIT_TEMPORARY },
    { "502 5.5.1 no user, no TLS\r\n", NULL, SMTP_EXIT_UNAVAILABLE },
    { OFFERS, "454 4.7.0 no TLS now\r\n", SMTP_EXIT_TEMPORARY },
    { OFFERS, "502 5.5.1 no\r\n", SMTP_EXIT_PROTOCOL },
    { OFFERS, "354 go\r\n", SMTP_EXIT_PROTOCOL },
    { OFFERS, "250 fine\r\n", SMTP_EXIT_PROTOCOL },
};

START_TEST(s03_stripping)
{
    for (size_t i = 0; i < COUNT(strippings); i++) {
        set_up();
        settings.implicit_tls = false;
        if (strstr(strippings[i].ehlo, "no user"))
            settings.user = bytes_of(NULL, 0);
        start();
        feed(GREETING);
        heard();
        if (strippings[i].starttls)
            exchange(strippings[i].ehlo, "STARTTLS\r\n");
        expect_failure(strippings[i].starttls ? strippings[i].starttls : strippings[i].ehlo,
                       strippings[i].code, "");
        ck_assert(!strstr(sent, "AUTH") && !strstr(sent, "MAIL") && !strstr(sent, "HELO"));
    }
}
END_TEST

/* RFC 5321 §3.2: HELO, if EHLO is not known; but AUTH needs EHLO. */
START_TEST(helo_without_a_user_only)
{
    set_up();
    start();
    feed(GREETING);
    heard();
    expect_failure("502 5.5.1 what\r\n", SMTP_EXIT_UNAVAILABLE, "refused EHLO");
    settings.user = bytes_of(NULL, 0);
    start();
    exchange(GREETING, EHLO);
    exchange("502 5.5.1 what\r\n", "HELO client.test\r\n");
    exchange("250 mx.test\r\n", "MAIL FROM:<alice@mail.test>\r\n");
    start();
    exchange(GREETING, EHLO);
    expect_failure("451 4.3.0 later\r\n", SMTP_EXIT_TEMPORARY, "refused EHLO");
    start();
    exchange(GREETING, EHLO);
    feed("502 5.5.1 what\r\n");
    heard();
    expect_failure("550 5.7.1 go\r\n", SMTP_EXIT_UNAVAILABLE, "refused HELO");
}
END_TEST

/* What a man in the middle offers before TLS does not count after it. */
START_TEST(s04_offers_before_tls_are_forgotten)
{
    set_up();
    settings.implicit_tls = false;
    start();
    feed(GREETING OFFERS "220 go\r\n");
    ck_assert_int_eq(event, SMTP_CLIENT_STARTTLS);
    smtp_client_tls(&c);
    feed("");
    heard();
    expect_failure("250 mx.test\r\n", SMTP_EXIT_UNAVAILABLE, "neither AUTH PLAIN nor AUTH LOGIN");
}
END_TEST

START_TEST(implicit_tls_comes_first)
{
    set_up();
    ck_assert(smtp_client_start(&c, &settings));
    sent_len = sent_read = 0;
    feed(GREETING);
    ck_assert_int_eq(event, SMTP_CLIENT_STARTTLS);
    ck_assert_str_eq(heard(), "");
}
END_TEST

/* ---- AUTH ---- */

START_TEST(auth_login)
{
    set_up();
    start();
    feed(GREETING);
    heard();
    exchange("250-mx.test\r\n250 AUTH CRAM-MD5 LOGIN\r\n", "AUTH LOGIN\r\n");
    exchange("334 VXNlcm5hbWU6\r\n", "YWxpY2U=\r\n");
    exchange("334 UGFzc3dvcmQ6\r\n", "c2VjcmV0\r\n");
    exchange(AUTH_OK, "MAIL FROM:<alice@mail.test>\r\n");
    ck_assert_str_eq(c.mechanism, "LOGIN");
}
END_TEST

/* RFC 4954 §4: an initial response must fit the command line of 512 octets. */
START_TEST(auth_plain_without_initial_response)
{
    char password[374];
    memset(password, 'p', sizeof password);
    for (size_t len = 365; len <= 366; len++) {    /* 2 + 5 + 365 == 372 */
        set_up();
        settings.password = bytes_of(password, len);
        start();
        feed(GREETING OFFERS);
        if (len == 365) {
            ck_assert_uint_le(strlen(strstr(heard(), "AUTH")), 512);
            continue;
        }
        ck_assert_str_eq(heard(), EHLO "AUTH PLAIN\r\n");
        struct smtp_client before = c;
        expect_failure(AUTH_OK, SMTP_EXIT_PROTOCOL, "235");        /* it has seen no password */
        c = before;
        sent_len = sent_read = 0;
        feed("334 \r\n");
        ck_assert_uint_eq(strlen(heard()), 4 * ((2 + 5 + 366 + 2) / 3) + 2);
        exchange(AUTH_OK, ENVELOPE);
    }
}
END_TEST

static const struct { const char *reply; enum smtp_exit code; const char *reason; } auths[] = {
    { "535 5.7.8 bad\r\n", SMTP_EXIT_PERMISSION, "user name or password refused: 535 5.7.8 bad" },
    { "534 5.7.9 app password\r\n", SMTP_EXIT_PERMISSION, "534 5.7.9 app password" },
    { "454 4.7.0 later\r\n", SMTP_EXIT_TEMPORARY, "454 4.7.0 later" },
    { "250 fine\r\n", SMTP_EXIT_PROTOCOL, "" },
    { "535 you said secret\r\n", SMTP_EXIT_PERMISSION, "quote a secret" },
    { "535 AGFsaWNlAHNlY3JldA== is wrong\r\n", SMTP_EXIT_PERMISSION, "quote a secret" },
    { "535 AGFsaWNlAHN... is wrong\r\n", SMTP_EXIT_PERMISSION, "quote a secret" },
};

START_TEST(auth_refusals)
{
    for (size_t i = 0; i < COUNT(auths); i++) {
        set_up();
        start();
        feed(GREETING OFFERS);
        heard();
        expect_failure(auths[i].reply, auths[i].code, auths[i].reason);
        ck_assert(!strstr(c.reason, "said secret") && !strstr(c.reason, "AGFs"));
        ck_assert(!strstr(c.reply_text, "said secret") && !strstr(c.reply_text, "AGFs"));
    }
}
END_TEST

/* A password that is not ASCII is quoted with '?' for what reply_sanitise took out. And no reply in
 * the exchange is kept with a secret in it, were it the last one. */
START_TEST(auth_words_never_quote_a_secret)
{
    static const char *const replies[] = { "535 not gehe\xc3\xafm!\r\n",
                                           "334 gehe\xc3\xafm!\r\n", "235 gehe\xc3\xafm!\r\n" };
    for (size_t i = 0; i < COUNT(replies); i++) {
        set_up();
        settings.password = bytes_of_string("gehe\xc3\xafm!");
        start();
        feed(GREETING OFFERS);
        feed(replies[i]);
        smtp_client_end(&c, false);
        ck_assert_msg(!strstr(c.reason, "gehe"), "%s", c.reason);
        ck_assert_msg(!strstr(c.reply_text, "gehe"), "%s", c.reply_text);
    }
}
END_TEST

START_TEST(auth_unexpected_challenge_is_cancelled)
{
    set_up();
    start();
    feed(GREETING OFFERS);
    heard();
    exchange("334 YW5vdGhlcg==\r\n", "*\r\n");
    expect_failure("501 5.7.0 cancelled\r\n", SMTP_EXIT_PROTOCOL, "more than AUTH has to say");
}
END_TEST

/* ---- the envelope ---- */

START_TEST(size_and_8bit_are_known_before)
{
    set_up();
    to_envelope("250-mx.test\r\n250-AUTH PLAIN\r\n250 SIZE 12\r\n");
    ck_assert_str_eq(heard(), "MAIL FROM:<alice@mail.test> SIZE=12\r\n");
    set_up();
    start();
    feed(GREETING "250-mx.test\r\n250-AUTH PLAIN\r\n250 SIZE 11\r\n");
    heard();
    expect_failure(AUTH_OK, SMTP_EXIT_DATA, "larger than the server takes");
    set_up();
    set_message("X: \xc3\xbc\n");
    to_envelope(OFFERS);
    ck_assert_ptr_nonnull(strstr(heard(), "MAIL FROM:<alice@mail.test> SIZE=7 BODY=8BITMIME\r\n"));
    start();
    feed(GREETING "250-mx.test\r\n250 AUTH PLAIN\r\n");
    heard();
    expect_failure(AUTH_OK, SMTP_EXIT_DATA, "8BITMIME");
}
END_TEST

static const struct { const char *second; enum smtp_exit code; const char *reason; } rcpts[] = {
    { "550 5.1.1 unknown\r\n", SMTP_EXIT_NO_USER,
      "recipient <alice@mail.test> refused: 550: unknown" },
    { "550 unknown\r\n", SMTP_EXIT_NO_USER, "550" },
    { "550 5.7.1 relaying\r\n", SMTP_EXIT_UNAVAILABLE, "relaying" },
    { "452 4.5.3 too many\r\n", SMTP_EXIT_TEMPORARY, "too many" },
    { "354 what\r\n", SMTP_EXIT_PROTOCOL, "354" },
};

START_TEST(one_refused_recipient_refuses_all)
{
    for (size_t i = 0; i < COUNT(rcpts); i++) {
        set_up();
        settings.recipient_count = 3;
        to_envelope(OFFERS);
        ck_assert_str_eq(heard(), ENVELOPE "RCPT TO:<alice@mail.test>\r\n"
                                           "RCPT TO:<eve@mail.test>\r\n");
        feed("250 ok\r\n250 ok\r\n");
        feed(rcpts[i].second);
        ck_assert_str_eq(heard(), "");             /* eve is heard first */
        expect_failure("250 2.1.5 eve\r\n", rcpts[i].code, rcpts[i].reason);
        ck_assert(!strstr(sent, "DATA"));
        ck_assert_uint_eq(to[0].code, 250);
        ck_assert_str_eq(to[2].text, "eve");
    }
    set_up();                                      /* the permanent one counts */
    settings.recipient_count = 3;
    to_envelope(OFFERS);
    heard();
    expect_failure("250 ok\r\n450 busy\r\n250 ok\r\n550 5.1.1 no\r\n", SMTP_EXIT_NO_USER, "eve");
}
END_TEST

/* RFC 5321 §3.8, §4.2.2: 421 says that the server closes; the rest will not be answered. */
START_TEST(service_closes_in_the_envelope)
{
    static const char *const replies[] = { "421 4.7.0 too much\r\n",
                                           "250 ok\r\n250 ok\r\n421 4.7.0 too much\r\n" };
    for (size_t i = 0; i < COUNT(replies); i++) {
        set_up();
        settings.recipient_count = 3;
        to_envelope(OFFERS);
        feed(replies[i]);
        smtp_client_end(&c, false);
        feed("");
        ck_assert_int_eq(event, SMTP_CLIENT_FAILED);
        ck_assert_int_eq(c.exit_code, SMTP_EXIT_TEMPORARY);
        ck_assert_msg(strstr(c.reason, "too much") != NULL, "%s", c.reason);
    }
}
END_TEST

START_TEST(refused_sender)
{
    static const struct { const char *reply; enum smtp_exit code; } senders[] = {
        { "550 5.7.1 not yours\r\n", SMTP_EXIT_PERMISSION },
        { "530 5.7.0 auth\r\n", SMTP_EXIT_PERMISSION },
        { "552 5.3.4 big\r\n", SMTP_EXIT_DATA },
        { "553 5.1.8 domain\r\n", SMTP_EXIT_UNAVAILABLE },
        { "451 4.3.0 later\r\n", SMTP_EXIT_TEMPORARY },
        { "354 go\r\n", SMTP_EXIT_PROTOCOL },
    };
    for (size_t i = 0; i < COUNT(senders); i++) {
        set_up();
        to_envelope(OFFERS);
        heard();
        feed(senders[i].reply);
        feed("503 5.5.1 need MAIL\r\n");           /* the RCPT that was pipelined */
        ck_assert_int_eq(event, SMTP_CLIENT_WANTS_INPUT);
        expect_failure("", senders[i].code, "");
    }
}
END_TEST

START_TEST(data_and_content_refused)
{
    static const struct { const char *data, *content; enum smtp_exit code; } replies[] = {
        { "554 5.5.1 no\r\n", NULL, SMTP_EXIT_UNAVAILABLE },
        { "452 4.3.1 full\r\n", NULL, SMTP_EXIT_TEMPORARY },
        { "250 hm\r\n", NULL, SMTP_EXIT_PROTOCOL },
        { "354 go\r\n", "554 5.6.0 bad\r\n", SMTP_EXIT_DATA },
        { "354 go\r\n", "550 5.7.1 spam\r\n", SMTP_EXIT_UNAVAILABLE },
        { "354 go\r\n", "452 4.3.1 full\r\n", SMTP_EXIT_TEMPORARY },
        { "354 go\r\n", "354 go on\r\n", SMTP_EXIT_PROTOCOL },
    };
    for (size_t i = 0; i < COUNT(replies); i++) {
        set_up();
        to_envelope(OFFERS);
        feed("250 ok\r\n250 ok\r\n");
        if (replies[i].content)
            feed(replies[i].data);
        heard();
        expect_failure(replies[i].content ? replies[i].content : replies[i].data,
                       replies[i].code, "");
    }
}
END_TEST

/* ---- what the server may not do ---- */

static void expect_bad(const char *text, const char *reason)
{
    start();
    feed(text);
    ck_assert_int_eq(event, SMTP_CLIENT_FAILED);
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_PROTOCOL);
    ck_assert_msg(strstr(c.reason, reason) != NULL, "%s", c.reason);
    ck_assert_str_eq(heard(), "");
}

START_TEST(replies_out_of_shape)
{
    set_up();
    expect_bad("\x16\x03\x01\r\n", "no SMTP reply");
    expect_bad("22x hi\r\n", "no SMTP reply");
    expect_bad("220_hi\r\n", "no SMTP reply");
    expect_bad("120 hi\r\n", "no SMTP reply");
    expect_bad("220 hi\n", "bare CR or LF");
    expect_bad("220 h\ri\r\n", "bare CR or LF");
    expect_bad("220-hi\r\n250 hi\r\n", "different codes");
}
END_TEST

START_TEST(greeting_refused)
{
    set_up();
    start();
    expect_failure("554 5.7.1 go away\r\n", SMTP_EXIT_UNAVAILABLE, "554 5.7.1 go away");
    start();
    expect_failure("421 4.3.2 busy\r\n", SMTP_EXIT_TEMPORARY, "busy");
    start();
    expect_failure("250 hello\r\n", SMTP_EXIT_PROTOCOL, "hello");
}
END_TEST

START_TEST(s09_remote_text_is_one_printable_line)
{
    set_up();
    to_envelope(OFFERS);
    heard();
    expect_failure("250 ok\r\n553-\r\n553 a\x01\ttype: mda\xff\r\n", SMTP_EXIT_NO_USER, "refused");
    ck_assert_str_eq(to[0].text, "a??type: mda?");
}
END_TEST

START_TEST(s13_nothing_injects_a_line)
{
    static const char *const bad[] = { "a\r\nRCPT TO:<evil@z.test>@b.test", "x@y.test>\r\nDATA",
                                       "x@y.test> SIZE=1", "<x@y.test>", "x", "x@", "@y.test" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        set_up();
        to[0].address = bytes_of_string(bad[i]);
        ck_assert(!smtp_client_start(&c, &settings));
        ck_assert_int_eq(c.exit_code, SMTP_EXIT_DATA);
        set_up();
        settings.sender = bytes_of_string(bad[i]);
        ck_assert(!smtp_client_start(&c, &settings));
        set_up();
        settings.ehlo_name = bad[i][0] == 'x' && !bad[i][1] ? "x y" : bad[i];
        ck_assert(!smtp_client_start(&c, &settings));
        ck_assert_int_eq(c.exit_code, SMTP_EXIT_CONFIG);
    }
    set_up();
    settings.recipient_count = 0;
    ck_assert(!smtp_client_start(&c, &settings));
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_USAGE);
    set_up();
    settings.password = bytes_of("a\0b", 3);
    ck_assert(!smtp_client_start(&c, &settings));
    set_up();
    settings.user = bytes_of("a\0b", 3);
    ck_assert(!smtp_client_start(&c, &settings));
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_CONFIG);
    set_up();
    scan.has_nul = true;
    ck_assert(!smtp_client_start(&c, &settings));
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_DATA);
}
END_TEST

START_TEST(s06_message_that_cannot_be_sent)
{
    char line[1010];
    set_up();
    set_message("X: a\rb\n");
    ck_assert(!smtp_client_start(&c, &settings));
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_DATA);
    memset(line, 'x', sizeof line);
    strcpy(line + 999, "\r\n");
    set_message(line);
    ck_assert(!smtp_client_start(&c, &settings));
    set_message(line + 1);                         /* 998 */
    ck_assert(smtp_client_start(&c, &settings));
    set_up();                                      /* it changed after it was looked at */
    to_envelope(OFFERS);
    feed("250 ok\r\n250 ok\r\n");
    message = "";
    struct writer out = writer_of(sent, sizeof sent);
    size_t used;
    ck_assert_int_eq(smtp_client_step(&c, bytes_of_string("354 go\r\n"), &used, &out),
                     SMTP_CLIENT_MESSAGE);
    smtp_client_message(&c, bytes_of_string("X: a\rb"), &out);
    ck_assert_int_eq(smtp_client_step(&c, bytes_of(NULL, 0), &used, &out), SMTP_CLIENT_FAILED);
    ck_assert(!smtp_client_message_end(&c, &out));
    ck_assert_int_eq(smtp_client_step(&c, bytes_of(NULL, 0), &used, &out), SMTP_CLIENT_FAILED);
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_DATA);
}
END_TEST

START_TEST(ends)
{
    set_up();
    start();
    feed(GREETING);
    smtp_client_end(&c, false);
    feed("");
    ck_assert_int_eq(event, SMTP_CLIENT_FAILED);
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_TEMPORARY);         /* RFC 5321 §3.8 */
    ck_assert_str_eq(c.reason, "the connection ended during: EHLO");
    start();
    smtp_client_end(&c, true);
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_TEMPORARY);
    ck_assert_str_eq(c.reason, "no answer in time to: the greeting");
    to_envelope(OFFERS);
    feed("250 ok\r\n250 ok\r\n354 go\r\n");
    smtp_client_end(&c, false);
    ck_assert_int_eq(c.exit_code, SMTP_EXIT_TEMPORARY);
    ck_assert(strstr(c.reason, "may or may not") != NULL);
    to_envelope(OFFERS);
    feed("250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
    smtp_client_end(&c, true);
    feed("");
    ck_assert_int_eq(event, SMTP_CLIENT_DONE);
    to_envelope(OFFERS);
    ck_assert_uint_eq(to[0].code, 0);              /* the last session's is gone */
    feed("250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
    feed("\x15\r\n");                             /* to QUIT: the message has been taken */
    ck_assert_int_eq(event, SMTP_CLIENT_DONE);
    ck_assert_str_eq(c.reply_text, "queued");
}
END_TEST

START_TEST(back_pressure)
{
    set_up();
    start();
    char room[64];
    struct writer out = writer_of(room, sizeof room);
    size_t used;
    ck_assert_int_eq(smtp_client_step(&c, bytes_of_string(GREETING), &used, &out),
                     SMTP_CLIENT_WANTS_OUTPUT);
    ck_assert_uint_eq(used + out.len, 0);
}
END_TEST

/* A group of commands stops at what fits, and goes on when there is room; but no more are on their
 * way than a server can answer while nobody reads (RFC 2920 §3.1). */
START_TEST(pipelining_in_small_pieces)
{
    enum { MANY = 200 };
    static struct smtp_client_recipient many[MANY];
    char room[SMTP_CLIENT_OUTPUT_MIN];
    size_t commands = 0, answered = 0, most = 0, used;
    set_up();
    for (size_t i = 0; i < MANY; i++)
        many[i].address = bytes_of_string("a.rather.long.local.part@recipients.mail.test");
    settings.recipients = many;
    settings.recipient_count = MANY;
    start();
    feed(GREETING OFFERS);
    struct bytes in = bytes_of_string(AUTH_OK);
    while (commands <= MANY) {
        struct writer out = writer_of(room, sizeof room);
        event = smtp_client_step(&c, in, &used, &out);
        in = bytes_behind(in, used);
        ck_assert(writer_done(&out));
        ck_assert(out.len == 0 || out.at[out.len - 1] == '\n');
        for (size_t i = 0; i < out.len; i++)
            commands += out.at[i] == '\n';
        most = commands - answered > most ? commands - answered : most;
        if (out.len > 0)
            continue;
        ck_assert_uint_lt(answered++, commands);
        in = bytes_of_string("250 2.1.0 ok\r\n");
    }
    ck_assert_uint_eq(commands, MANY + 1);
    ck_assert_uint_eq(most, 64);
    ck_assert_int_eq(event, SMTP_CLIENT_WANTS_INPUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("smtp_client");
    TCase *cases = tcase_create("smtp_client");
    tcase_add_test(cases, a_whole_session);
    tcase_add_test(cases, starttls_session);
    tcase_add_test(cases, our_client_and_our_server);
    tcase_add_test(cases, s02_bytes_behind_the_220);
    tcase_add_test(cases, s03_stripping);
    tcase_add_test(cases, helo_without_a_user_only);
    tcase_add_test(cases, s04_offers_before_tls_are_forgotten);
    tcase_add_test(cases, implicit_tls_comes_first);
    tcase_add_test(cases, auth_login);
    tcase_add_test(cases, auth_plain_without_initial_response);
    tcase_add_test(cases, auth_refusals);
    tcase_add_test(cases, auth_words_never_quote_a_secret);
    tcase_add_test(cases, auth_unexpected_challenge_is_cancelled);
    tcase_add_test(cases, size_and_8bit_are_known_before);
    tcase_add_test(cases, one_refused_recipient_refuses_all);
    tcase_add_test(cases, service_closes_in_the_envelope);
    tcase_add_test(cases, refused_sender);
    tcase_add_test(cases, data_and_content_refused);
    tcase_add_test(cases, replies_out_of_shape);
    tcase_add_test(cases, greeting_refused);
    tcase_add_test(cases, s09_remote_text_is_one_printable_line);
    tcase_add_test(cases, s13_nothing_injects_a_line);
    tcase_add_test(cases, s06_message_that_cannot_be_sent);
    tcase_add_test(cases, ends);
    tcase_add_test(cases, back_pressure);
    tcase_add_test(cases, pipelining_in_small_pieces);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
