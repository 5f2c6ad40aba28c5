/* smtp/client.c - the client's side of a submission session.
 *
 * Implements  RFC 5321 §3, §4.1.1, §4.2; RFC 3207 §4; RFC 4954 §4; RFC 2920 §3.1; RFC 1870 §3, §5;
 *             RFC 6152 §3.
 * Trusts      nothing that the server says: replies are bounded and sanitised (smtp/reply.c), what
 *             it offered before TLS is forgotten, and bytes behind the 220 to STARTTLS end it.
 * Secret      the password, and the AUTH lines made of it, which are in `out` only.
 * Invariant   AUTH, MAIL and what follows are written under TLS only (asserted where they are).
 */
#include "smtp/client.h"

#include "crypto/wipe.h"
#include "smtp/line.h"
#include "smtp/sasl.h"

#include <assert.h>
#include <string.h>

enum state {                           /* the reply that is awaited, or what is done instead */
    GREETING, EHLO, HELO, STARTTLS, TLS_WAIT,
    AUTH_PLAIN, AUTH_PLAIN_LINE, AUTH_LOGIN, AUTH_LOGIN_USER, AUTH_LOGIN_PASSWORD, AUTH_CANCELLED,
    ENVELOPE, DATA, MESSAGE, FINAL_DOT, QUIT,
    OVER,
};

/* What each state waits for, in words, and how long (RFC 5321 §4.5.3.2). */
static const struct { const char *what; unsigned seconds; } awaited[] = {
    [GREETING]            = { "the greeting",       300 },
    [EHLO]                = { "EHLO",               300 },
    [HELO]                = { "HELO",               300 },
    [STARTTLS]            = { "STARTTLS",            60 },
    [TLS_WAIT]            = { "the TLS handshake",   30 },
    [AUTH_PLAIN]          = { "AUTH",               300 },
    [AUTH_PLAIN_LINE]     = { "AUTH",               300 },
    [AUTH_LOGIN]          = { "AUTH",               300 },
    [AUTH_LOGIN_USER]     = { "AUTH",               300 },
    [AUTH_LOGIN_PASSWORD] = { "AUTH",               300 },
    [AUTH_CANCELLED]      = { "AUTH",               300 },
    [ENVELOPE]            = { "MAIL or RCPT",       300 },
    [DATA]                = { "DATA",               120 },
    [MESSAGE]             = { "the message",        180 },
    [FINAL_DOT]           = { "the message",        600 },
    [QUIT]                = { "QUIT",                10 },
    [OVER]                = { "nothing",              0 },
};

/* ---- outcomes ---- */

static void set_reason(struct smtp_client *c, const char *what, const char *words)
{
    size_t len = 0;
    reply_sanitise(c->reason, sizeof c->reason, &len, bytes_of_string(what));
    if (words[0]) {
        reply_sanitise(c->reason, sizeof c->reason, &len, bytes_of_string(": "));
        reply_sanitise(c->reason, sizeof c->reason, &len, bytes_of_string(words));
    }
}

/* Nothing more is written: the peer is out of step, or gone. */
static void fail_now(struct smtp_client *c, enum smtp_exit code, const char *what,
                     const char *words)
{
    c->exit_code = code;
    set_reason(c, what, words);
    c->state = OVER;
}

/* The outcome is known; QUIT ends the session in order (RFC 5321 §4.1.1.10). */
static void finish(struct smtp_client *c, struct writer *out, enum smtp_exit code,
                   const char *what, const char *words)
{
    fail_now(c, code, what, words);
    write_text(out, "QUIT\r\n");
    c->state = QUIT;
}

/* Permanent or not decides before the particular meaning of a permanent failure. */
static enum smtp_exit exit_for(uint16_t code, enum smtp_exit permanent)
{
    return code >= 500 ? permanent : code >= 400 ? SMTP_EXIT_TEMPORARY : SMTP_EXIT_PROTOCOL;
}

/* "550 5.7.1 words", from the reply just read. */
static void status_words(const struct smtp_client *c, char words[REPLY_TEXT_MAX + 32])
{
    struct writer w = writer_of(words, REPLY_TEXT_MAX + 31);
    const struct enhanced_code *e = &c->reply.enhanced;
    write_decimal(&w, c->reply.code);
    write_u8(&w, ' ');
    if (e->class > 0) {
        write_decimal(&w, e->class);
        write_u8(&w, '.');
        write_decimal(&w, e->subject);
        write_u8(&w, '.');
        write_decimal(&w, e->detail);
        write_u8(&w, ' ');
    }
    write_text(&w, c->reply.text);
    words[w.len] = 0;
}

static void refused(struct smtp_client *c, struct writer *out, enum smtp_exit permanent,
                    const char *what)
{
    char words[REPLY_TEXT_MAX + 32];
    status_words(c, words);
    finish(c, out, exit_for(c->reply.code, permanent), what, words);
}

/* ---- EHLO ---- */

static void forget_offers(struct smtp_client *c)
{
    c->pipelining = c->starttls = c->has_size = c->eightbitmime = false;
    c->auth_plain = c->auth_login = c->ehlo_greeting_seen = false;
    c->size_limit = 0;
}

static void write_line(struct writer *out, const char *verb, const char *argument)
{
    write_text(out, verb);
    write_text(out, argument);
    write_text(out, "\r\n");
}

static void send_ehlo(struct smtp_client *c, struct writer *out)
{
    forget_offers(c);
    write_line(out, "EHLO ", c->settings->ehlo_name);
    c->state = EHLO;
}

static void take_auth_offer(struct smtp_client *c, struct reader *r)
{
    while (reader_more(r)) {
        struct bytes mechanism = read_until(r, ' ');
        c->auth_plain |= text_is(mechanism, "plain");
        c->auth_login |= text_is(mechanism, "login");
    }
}

/* RFC 5321 §4.1.1.1   ehlo-line = ehlo-keyword *( SP ehlo-param ); the first line is a greeting. */
static void take_offer(struct smtp_client *c)
{
    struct reader r = reader_of(c->reply.line_text);
    struct bytes keyword = read_until(&r, ' ');
    if (!c->ehlo_greeting_seen) {
        c->ehlo_greeting_seen = true;
        return;
    }
    c->pipelining   |= text_is(keyword, "pipelining");
    c->starttls     |= text_is(keyword, "starttls");
    c->eightbitmime |= text_is(keyword, "8bitmime");
    if (text_is(keyword, "auth"))
        take_auth_offer(c, &r);
    if (text_is(keyword, "size")) {
        c->has_size = true;
        if (!text_number(r.rest, &c->size_limit))
            c->size_limit = 0;
    }
}

/* ---- AUTH ---- */

/* A command line has 512 octets (RFC 5321 §4.5.3.1.4); a longer response goes in a line of its own
 * (RFC 4954 §4). check: 4 * 372 / 3 + 11 + 2 <= 512 */
enum { INITIAL_RESPONSE_MAX = 372 };

static void send_plain_response(struct smtp_client *c, struct writer *out)
{
    sasl_plain_write(out, c->settings->user, c->settings->password);
    write_text(out, "\r\n");
}

static void send_auth(struct smtp_client *c, struct writer *out)
{
    const struct smtp_client_settings *s = c->settings;
    assert(c->tls);
    if (!c->auth_plain && !c->auth_login) {
        finish(c, out, SMTP_EXIT_UNAVAILABLE,
               "the server offers neither AUTH PLAIN nor AUTH LOGIN", "");
        return;
    }
    c->mechanism = c->auth_plain ? "PLAIN" : "LOGIN";
    if (!c->auth_plain) {
        write_text(out, "AUTH LOGIN\r\n");
        c->state = AUTH_LOGIN;
    } else if (2 + s->user.len + s->password.len > INITIAL_RESPONSE_MAX) {
        write_text(out, "AUTH PLAIN\r\n");
        c->state = AUTH_PLAIN;
    } else {
        write_text(out, "AUTH PLAIN ");
        send_plain_response(c, out);
        c->state = AUTH_PLAIN_LINE;
    }
}

/* The server's words, sanitised, hold the password, or the front of the base64 that carried it. */
static bool quotes_secret(const struct smtp_client *c, struct bytes words)
{
    const struct smtp_client_settings *s = c->settings;
    uint8_t encoded[2 * SASL_PLAIN_MAX];
    char password[SASL_PASSWORD_MAX + 1];
    size_t password_len = 0;
    struct writer w = writer_of(encoded, sizeof encoded);
    reply_sanitise(password, sizeof password, &password_len, s->password);
    if (c->mechanism[0] == 'P')
        sasl_plain_write(&w, s->user, s->password);
    else
        sasl_encode(&w, s->password);
    bool quoted = memmem(words.at, words.len, password, password_len) != NULL
               || memmem(words.at, words.len, encoded, w.len < 8 ? w.len : 8) != NULL;
    wipe(encoded, sizeof encoded);
    wipe(password, sizeof password);
    return quoted;
}

/* Whatever a reply in the exchange says, its words may be shown or logged. */
static void hide_secret(struct smtp_client *c)
{
    if (quotes_secret(c, bytes_of(c->reply.text, c->reply.text_len))) {
        c->reply.text_len = 0;
        reply_sanitise(c->reply.text, sizeof c->reply.text, &c->reply.text_len,
                       bytes_of_string("(the server's words quote a secret)"));
    }
}

/* RFC 4954 §6 */
static void auth_refused(struct smtp_client *c, struct writer *out)
{
    refused(c, out, SMTP_EXIT_PERMISSION, c->reply.code == 535 ? "user name or password refused"
                                                               : "authentication failed");
}

/* ---- MAIL, RCPT ---- */

static void send_mail(struct smtp_client *c, struct writer *out)
{
    const struct smtp_client_settings *s = c->settings;
    write_text(out, "MAIL FROM:<");
    write_bytes(out, s->sender);
    write_u8(out, '>');
    if (c->has_size) {
        write_text(out, " SIZE=");
        write_decimal(out, s->message->size);
    }
    if (s->message->has_8bit)
        write_text(out, " BODY=8BITMIME");
    write_text(out, "\r\n");
}

static void send_rcpt(struct writer *out, struct bytes to)
{
    write_text(out, "RCPT TO:<");
    write_bytes(out, to);
    write_text(out, ">\r\n");
}

/* Commands on their way. RFC 2920 §3.1: what both sides have in flight must fit into the windows, or
 * each waits for the other to read; replies of 512 octets to these are 32 KiB. */
enum { PIPELINED_MAX = 64 };

/* With PIPELINING as many as fit, without it one at a time. */
static void send_envelope(struct smtp_client *c, struct writer *out)
{
    assert(c->tls);
    while (c->written <= c->settings->recipient_count
           && out->cap - out->len >= REPLY_SENT_LINE_MAX
           && c->written - c->answered < (c->pipelining ? PIPELINED_MAX : 1)) {
        if (c->written == 0)
            send_mail(c, out);
        else
            send_rcpt(out, c->settings->recipients[c->written - 1].address);
        c->written++;
    }
}

/* RFC 1870 §6.1 and RFC 6152 §3 let a client know before it sends anything. */
static void begin_envelope(struct smtp_client *c, struct writer *out)
{
    const struct data_scan *message = c->settings->message;
    if (c->size_limit > 0 && message->size > c->size_limit) {
        finish(c, out, SMTP_EXIT_DATA, "the message is larger than the server takes", "");
    } else if (message->has_8bit && !c->eightbitmime) {
        finish(c, out, SMTP_EXIT_DATA,
               "the message has 8-bit bytes, and the server does not offer 8BITMIME", "");
    } else {
        c->state = ENVELOPE;
        c->written = c->answered = 0;
    }
}

/* The reply just counted; the one to MAIL was the first. */
static void take_recipient_reply(struct smtp_client *c)
{
    struct smtp_client_recipient *to = &c->settings->recipients[c->answered - 2];
    to->code = c->reply.code;
    to->enhanced = c->reply.enhanced;
    memcpy(to->text, c->reply.text, sizeof to->text);
}

/* A user unknown (RFC 3463 §3.2: subject 1), or a server without enhanced codes that says what then
 * means the same; all else is a refusal. */
static enum smtp_exit recipient_exit(const struct smtp_client_recipient *to)
{
    bool mailbox = to->enhanced.class > 0 ? to->enhanced.subject == 1
                                          : to->code == 550 || to->code == 551 || to->code == 553;
    return exit_for(to->code, mailbox ? SMTP_EXIT_NO_USER : SMTP_EXIT_UNAVAILABLE);
}

static const struct smtp_client_recipient *worst_recipient(const struct smtp_client *c)
{
    const struct smtp_client_recipient *worst = NULL;
    for (size_t i = 0; i < c->settings->recipient_count; i++) {
        const struct smtp_client_recipient *to = &c->settings->recipients[i];
        if (to->code >= 300 && (!worst || (to->code >= 500 && worst->code < 500)))
            worst = to;
    }
    return worst;
}

static void recipient_refused(struct smtp_client *c, struct writer *out,
                              const struct smtp_client_recipient *to)
{
    char what[ADDRESS_TEXT_MAX + 40];
    struct writer w = writer_of(what, sizeof what - 1);
    write_text(&w, "recipient <");
    write_bytes(&w, to->address);
    write_text(&w, "> refused: ");
    write_decimal(&w, to->code);
    what[w.len] = 0;
    finish(c, out, recipient_exit(to), what, to->text);
}

static void sender_refused(struct smtp_client *c, struct writer *out)
{
    bool security = c->reply.code == 530 || c->reply.enhanced.subject == 7;
    bool size = c->reply.code == 552;
    refused(c, out, security ? SMTP_EXIT_PERMISSION : size ? SMTP_EXIT_DATA : SMTP_EXIT_UNAVAILABLE,
            "the server refused the sender");
}

/* All recipients are asked before anything is decided: the user hears of each. But 421 is the last
 * thing that a server says (RFC 5321 §3.8). */
static void on_envelope_reply(struct smtp_client *c, struct writer *out)
{
    bool accepted = c->reply.code >= 200 && c->reply.code <= 299;
    if (c->answered++ > 0)
        take_recipient_reply(c);
    else if (!accepted)
        sender_refused(c, out);
    if (c->state == ENVELOPE && c->reply.code == 421)
        refused(c, out, SMTP_EXIT_UNAVAILABLE, "the server ends the session");
    if (c->state != ENVELOPE || c->answered <= c->settings->recipient_count)
        return;
    const struct smtp_client_recipient *worst = worst_recipient(c);
    if (worst) {
        recipient_refused(c, out, worst);
    } else {
        write_text(out, "DATA\r\n");
        c->state = DATA;
    }
}

/* ---- the dialogue ---- */

static void on_greeting(struct smtp_client *c, struct writer *out)
{
    if (c->reply.code != 220)
        refused(c, out, SMTP_EXIT_UNAVAILABLE, "the server does not want to talk to us");
    else
        send_ehlo(c, out);
}

static void after_offers(struct smtp_client *c, struct writer *out)
{
    if (c->tls && c->settings->user.len > 0) {
        send_auth(c, out);
    } else if (c->tls) {
        begin_envelope(c, out);
    } else if (!c->starttls) {
        finish(c, out, SMTP_EXIT_UNAVAILABLE, "the server does not offer STARTTLS", "");
    } else {
        write_text(out, "STARTTLS\r\n");
        c->state = STARTTLS;
    }
}

/* Without EHLO there is neither STARTTLS nor AUTH: HELO will do only where neither is needed. */
static void on_ehlo(struct smtp_client *c, struct writer *out)
{
    if (c->reply.code == 250) {
        take_offer(c);
        after_offers(c, out);
    } else if (c->reply.code >= 500 && c->tls && c->settings->user.len == 0) {
        write_line(out, "HELO ", c->settings->ehlo_name);
        c->state = HELO;
    } else {
        refused(c, out, SMTP_EXIT_UNAVAILABLE, "the server refused EHLO");
    }
}

static void on_helo(struct smtp_client *c, struct writer *out)
{
    forget_offers(c);
    if (c->reply.code == 250)
        begin_envelope(c, out);
    else
        refused(c, out, SMTP_EXIT_UNAVAILABLE, "the server refused HELO");
}

static void on_starttls(struct smtp_client *c, struct writer *out, size_t bytes_behind)
{
    if (c->reply.code != 220)
        refused(c, out, SMTP_EXIT_PROTOCOL, "the server offered STARTTLS but refused it");
    else if (bytes_behind > 0)
        fail_now(c, SMTP_EXIT_PROTOCOL,
                 "the server sent bytes behind its reply to STARTTLS (RFC 3207)", "");
    else
        c->state = TLS_WAIT;
}

/* A challenge where none was due: cancelled (RFC 4954 §4), and the reply to that is awaited. */
static void on_auth(struct smtp_client *c, struct writer *out)
{
    bool more = c->reply.code == 334;
    if (more && c->state == AUTH_PLAIN) {
        send_plain_response(c, out);
        c->state = AUTH_PLAIN_LINE;
    } else if (more && c->state == AUTH_LOGIN) {
        sasl_encode(out, c->settings->user);
        write_text(out, "\r\n");
        c->state = AUTH_LOGIN_USER;
    } else if (more && c->state == AUTH_LOGIN_USER) {
        sasl_encode(out, c->settings->password);
        write_text(out, "\r\n");
        c->state = AUTH_LOGIN_PASSWORD;
    } else if (more) {
        write_text(out, "*\r\n");
        c->state = AUTH_CANCELLED;
    } else if (c->reply.code == 235 && (c->state == AUTH_PLAIN_LINE
                                        || c->state == AUTH_LOGIN_PASSWORD)) {
        begin_envelope(c, out);
    } else {
        auth_refused(c, out);
    }
}

static void on_data(struct smtp_client *c, struct writer *out)
{
    if (c->reply.code != 354) {
        refused(c, out, SMTP_EXIT_UNAVAILABLE, "the server refused DATA");
        return;
    }
    data_encoder_start(&c->data);
    c->state = MESSAGE;
}

static void on_final_reply(struct smtp_client *c, struct writer *out)
{
    if (c->reply.code >= 200 && c->reply.code <= 299) {
        finish(c, out, SMTP_EXIT_OK, "", "");
        return;
    }
    bool content = c->reply.enhanced.subject == 6 || c->reply.code == 552;
    refused(c, out, content ? SMTP_EXIT_DATA : SMTP_EXIT_UNAVAILABLE,
            "the server refused the message");
}

/* Replies to what had been pipelined before QUIT come first. */
static void on_quit_reply(struct smtp_client *c)
{
    if (c->answered < c->written)
        c->answered++;
    else
        c->state = OVER;
}

static void keep_status(struct smtp_client *c)
{
    c->code = c->reply.code;
    c->enhanced = c->reply.enhanced;
    memcpy(c->reply_text, c->reply.text, sizeof c->reply_text);
}

static void on_reply(struct smtp_client *c, struct writer *out, size_t bytes_behind)
{
    switch ((enum state)c->state) {
    case GREETING:            on_greeting(c, out); break;
    case EHLO:                on_ehlo(c, out); break;
    case HELO:                on_helo(c, out); break;
    case STARTTLS:            on_starttls(c, out, bytes_behind); break;
    case AUTH_PLAIN:
    case AUTH_PLAIN_LINE:
    case AUTH_LOGIN:
    case AUTH_LOGIN_USER:
    case AUTH_LOGIN_PASSWORD:
        hide_secret(c);
        on_auth(c, out);
        break;
    case AUTH_CANCELLED:
        hide_secret(c);
        finish(c, out, SMTP_EXIT_PROTOCOL, "the server asked for more than AUTH has to say", "");
        break;
    case ENVELOPE:            on_envelope_reply(c, out); break;
    case DATA:                on_data(c, out); break;
    case FINAL_DOT:           on_final_reply(c, out); break;
    case QUIT:                on_quit_reply(c); return;
    case TLS_WAIT:
    case MESSAGE:
    case OVER:                return;
    }
    keep_status(c);
}

/* ---- the session ---- */

static bool refuse_settings(struct smtp_client *c, enum smtp_exit code, const char *what)
{
    fail_now(c, code, what, "");
    return false;
}

static bool refuse_address(struct smtp_client *c, const char *what, struct bytes address)
{
    char words[ADDRESS_TEXT_MAX + 1];
    struct writer w = writer_of(words, sizeof words - 1);
    write_bytes(&w, bytes_of(address.at, address.len < w.cap ? address.len : w.cap));
    words[w.len] = 0;
    fail_now(c, SMTP_EXIT_DATA, what, words);
    return false;
}

static bool is_mailbox(struct bytes text)
{
    struct address a;
    return address_parse(&a, text) == ADDRESS_OK;
}

static bool check_message(struct smtp_client *c, const struct data_scan *m)
{
    if (m->has_bare_cr)
        return refuse_settings(c, SMTP_EXIT_DATA, "the message has a CR that ends no line");
    if (m->has_nul)
        return refuse_settings(c, SMTP_EXIT_DATA, "the message has a NUL byte");
    if (m->longest_line > 998)
        return refuse_settings(c, SMTP_EXIT_DATA,
                               "the message has a line longer than 998 bytes (RFC 5322 2.1.1)");
    return true;
}

static bool check_settings(struct smtp_client *c, const struct smtp_client_settings *s)
{
    struct bytes name = bytes_of_string(s->ehlo_name);
    if (!address_is_domain(name) && !address_is_literal(name))
        return refuse_settings(c, SMTP_EXIT_CONFIG, "our own name is no domain name");
    if (s->user.len > 0 && (!sasl_field_is_valid(s->user, SASL_USER_MAX)
                            || !sasl_field_is_valid(s->password, SASL_PASSWORD_MAX)))
        return refuse_settings(c, SMTP_EXIT_CONFIG,
                               "user or password is empty, too long, or has a NUL byte");
    if (s->sender.len > 0 && !is_mailbox(s->sender))
        return refuse_address(c, "the sender is no mail address", s->sender);
    if (s->recipient_count == 0)
        return refuse_settings(c, SMTP_EXIT_USAGE, "there is no recipient");
    for (size_t i = 0; i < s->recipient_count; i++)
        if (!is_mailbox(s->recipients[i].address))
            return refuse_address(c, "a recipient is no mail address",
                                  s->recipients[i].address);
    return check_message(c, s->message);
}

bool smtp_client_start(struct smtp_client *c, const struct smtp_client_settings *settings)
{
    *c = (struct smtp_client){ .settings = settings,
                               .state = settings->implicit_tls ? TLS_WAIT : GREETING };
    reply_reader_start(&c->reply);
    for (size_t i = 0; i < settings->recipient_count; i++) {
        settings->recipients[i].code = 0;
        settings->recipients[i].enhanced = (struct enhanced_code){ 0 };
        settings->recipients[i].text[0] = 0;
    }
    return check_settings(c, settings);
}

void smtp_client_tls(struct smtp_client *c)
{
    assert(c->state == TLS_WAIT && !c->tls);
    c->tls = true;
    reply_reader_start(&c->reply);
    if (c->settings->implicit_tls)
        c->state = GREETING;
}

static enum smtp_client_event outcome(const struct smtp_client *c)
{
    return c->exit_code == SMTP_EXIT_OK ? SMTP_CLIENT_DONE : SMTP_CLIENT_FAILED;
}

/* Reads to the end of one reply line, and acts if it was the last of its reply. */
static bool read_reply(struct smtp_client *c, struct bytes in, size_t *used, struct writer *out)
{
    size_t n = 0;
    enum reply_event event = reply_read(&c->reply, bytes_behind(in, *used), &n);
    *used += n;
    switch (event) {
    case REPLY_MORE:
        return false;
    case REPLY_LINE:
        if (c->state == EHLO && c->reply.code == 250)
            take_offer(c);
        break;
    case REPLY_COMPLETE:
        c->replies++;
        on_reply(c, out, in.len - *used);
        break;
    case REPLY_BAD:
        if (c->state == QUIT)
            c->state = OVER;
        else
            fail_now(c, SMTP_EXIT_PROTOCOL, c->reply.reason, "");
        break;
    }
    return true;
}

enum smtp_client_event smtp_client_step(struct smtp_client *c, struct bytes in, size_t *used,
                                        struct writer *out)
{
    *used = 0;
    for (;;) {
        if (c->state == OVER)
            return outcome(c);
        if (c->state == MESSAGE)
            return SMTP_CLIENT_MESSAGE;
        if (out->cap - out->len < SMTP_CLIENT_OUTPUT_MIN)
            return SMTP_CLIENT_WANTS_OUTPUT;
        if (c->state == TLS_WAIT) {
            if (!c->tls)
                return SMTP_CLIENT_STARTTLS;
            send_ehlo(c, out);
        }
        if (c->state == ENVELOPE)
            send_envelope(c, out);
        if (!read_reply(c, in, used, out))
            return SMTP_CLIENT_WANTS_INPUT;
    }
}

size_t smtp_client_message(struct smtp_client *c, struct bytes in, struct writer *out)
{
    if (c->state != MESSAGE)
        return 0;
    size_t taken = data_encode(&c->data, out, in);
    if (c->data.bad)
        fail_now(c, SMTP_EXIT_DATA, "the message has a CR that ends no line", "");
    return taken;
}

bool smtp_client_message_end(struct smtp_client *c, struct writer *out)
{
    if (c->state != MESSAGE)
        return false;
    if (!data_encode_end(&c->data, out)) {
        fail_now(c, SMTP_EXIT_DATA, "the message has a CR that ends no line", "");
        return false;
    }
    c->state = FINAL_DOT;
    return true;
}

void smtp_client_abort(struct smtp_client *c, enum smtp_exit code, const char *reason)
{
    fail_now(c, code, reason, "");
}

void smtp_client_end(struct smtp_client *c, bool timed_out)
{
    if (c->state == QUIT)
        c->state = OVER;
    if (c->state == OVER)
        return;
    const char *what = timed_out ? "no answer in time to" : "the connection ended during";
    char words[96];
    struct writer w = writer_of(words, sizeof words - 1);
    write_text(&w, awaited[c->state].what);
    if (c->state == FINAL_DOT)
        write_text(&w, "; it may or may not have been delivered");
    words[w.len] = 0;
    fail_now(c, SMTP_EXIT_TEMPORARY, what, words);          /* RFC 5321 §3.8, §4.5.3.2 */
}

unsigned smtp_client_reply_seconds(const struct smtp_client *c)
{
    return awaited[c->state].seconds;
}
