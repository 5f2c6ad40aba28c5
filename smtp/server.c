/* smtp/server.c - the server's side of a submission session.
 *
 * Implements  RFC 5321 §3, §4.1.1, §4.1.4; RFC 3207 §4; RFC 4954 §4; RFC 6409 §4.3; RFC 2920 §3.2;
 *             RFC 1870 §6; RFC 6152 §3.
 * Order       what a command needs and forbids is in smtp/command.c; a handler is called when that
 *             holds, checks its arguments, changes the session last, and writes one reply.
 * Invariant   tx_reset is the only writer of an empty transaction, and every way out of one goes
 *             through it: a recipient without a sender cannot be (asserted in reply_to_rcpt).
 * Secret      the password and the AUTH lines: in `line` only, wiped with it.
 */
#include "smtp/server.h"

#include "crypto/wipe.h"
#include "smtp/command.h"
#include "smtp/sasl.h"

#include <assert.h>
#include <string.h>

enum state {
    GREETING,                          /* nothing written yet */
    COMMAND,
    AUTH_PLAIN, AUTH_LOGIN_USER, AUTH_LOGIN_PASSWORD,      /* 334 written, a line is due */
    AUTH_WAIT, AUTH_ANSWERED,
    TLS_WAIT,
    OPEN_WAIT, OPEN_ANSWERED,          /* MESSAGE_BEGIN */
    CONTENT,
    STORE_WAIT, STORE_ANSWERED,        /* MESSAGE_END */
    CLOSING,
};

/* What run() does next: an event for the caller, or another turn. */
enum { GO_ON = -1 };

static uint64_t or_default(uint64_t set, uint64_t standard)
{
    return set > 0 ? set : standard;
}

static uint64_t size_limit(const struct smtp_server *s)
{
    return or_default(s->settings->limits.message_size, 36700160);
}

/* ---- replies and the log ---- */

static void write_log(struct smtp_server *s, struct smtp_log entry)
{
    if (!s->settings->log)
        return;
    entry.stage = s->stage;
    entry.enhanced = entry.enhanced ? entry.enhanced : "";
    entry.reason = entry.reason ? entry.reason : "";
    entry.id = s->tx.id;
    entry.user = bytes_of(s->user, s->user_len);
    entry.from = bytes_of(s->tx.sender, s->tx.sender_len);
    s->settings->log(s->settings->log_context, s, &entry);
}

static void close_session(struct smtp_server *s, const char *reason)
{
    s->state = CLOSING;
    if (s->end_reason[0] == 0)
        s->end_reason = reason;
}

static const struct reply too_many_errors = { 421, "4.7.0", "Too many errors" };

static void count_error(struct smtp_server *s, struct writer *out, const struct reply *r)
{
    if (r->code < 500 || s->state == CLOSING)
        return;
    s->errors++;
    s->pausing = s->errors >= 5;
    if (s->errors >= or_default(s->settings->limits.errors, 10)) {
        reply_write(out, &too_many_errors, s->sid);
        close_session(s, "errors");
    }
}

/* Says no, logs it, counts it; `to` is the recipient in question, if any. */
static void refuse(struct smtp_server *s, struct writer *out, const struct reply *r,
                   struct bytes to)
{
    reply_write(out, r, s->sid);
    write_log(s, (struct smtp_log){ .kind = SMTP_LOG_REJECT, .code = r->code, .to = to,
                                    .enhanced = r->enhanced, .reason = r->text });
    count_error(s, out, r);
}

static void say(struct smtp_server *s, struct writer *out, uint16_t code, const char *enhanced,
                const char *text)
{
    struct reply r = { code, enhanced, text };
    if (code >= 400)
        refuse(s, out, &r, bytes_of(NULL, 0));
    else
        reply_write(out, &r, NULL);
}

/* A refusal after which no byte of the input may be believed. */
static void say_and_close(struct smtp_server *s, struct writer *out, uint16_t code,
                          const char *enhanced, const char *text, const char *reason)
{
    close_session(s, reason);
    say(s, out, code, enhanced, text);
}

/* ---- the transaction ---- */

static void tx_reset(struct smtp_server *s)
{
    struct writer paths = { .at = s->tx.paths.at, .cap = s->tx.paths.cap };
    s->tx = (struct smtp_transaction){ .paths = paths };
    s->facts &= ~(unsigned)(HAS_SENDER | HAS_RECIPIENT);
    s->aborting |= s->store_open;
    s->store_open = false;
}

/* RFC 3207 §4.2: nothing that the client said before counts any more. */
static void forget_client(struct smtp_server *s)
{
    tx_reset(s);
    s->facts &= ~(unsigned)IDENTIFIED;
    s->ehlo_len = 0;
    s->esmtp = false;
    line_wipe(&s->line);
}

static bool make_id(const struct smtp_server *s, char out[MESSAGE_ID_LEN + 1])
{
    const struct random_source *random = s->settings->random ? s->settings->random
                                                             : &random_system;
    uint8_t entropy[10];
    out[0] = 0;
    if (!random_fill(random, entropy, sizeof entropy))
        return false;
    message_id(out, s->settings->now(s->settings->now_context), entropy);
    return true;
}

/* ---- EHLO, STARTTLS ---- */

static bool is_graphic(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] < 33 || b.at[i] > 126)
            return false;
    return true;
}

static void write_extensions(const struct smtp_server *s, struct writer *out)
{
    reply_write_line(out, 250, false, bytes_of_string(s->settings->hostname));
    reply_write_line(out, 250, false, bytes_of_string("PIPELINING"));
    write_text(out, "250-SIZE ");
    write_decimal(out, size_limit(s));
    write_text(out, "\r\n");
    reply_write_line(out, 250, false, bytes_of_string("8BITMIME"));
    if (!(s->facts & ENCRYPTED))
        reply_write_line(out, 250, false, bytes_of_string("STARTTLS"));
    else if (!(s->facts & AUTHENTICATED))
        reply_write_line(out, 250, false, bytes_of_string("AUTH PLAIN LOGIN"));
    reply_write_line(out, 250, true, bytes_of_string("ENHANCEDSTATUSCODES"));
}

/* RFC 5321 §4.1.1.1; a domain is not insisted on: it is used for the trace field, if it is one. */
static void identify(struct smtp_server *s, struct writer *out, struct bytes name, bool esmtp)
{
    if (name.len < 1 || name.len > SMTP_EHLO_NAME_MAX || !is_graphic(name)) {
        say(s, out, 501, "5.5.4", "One domain name or address literal, please");
        return;
    }
    tx_reset(s);
    memcpy(s->ehlo, name.at, name.len);
    s->ehlo_len = (uint8_t)name.len;
    s->esmtp = esmtp;
    s->facts |= IDENTIFIED;
    if (esmtp)
        write_extensions(s, out);
    else
        reply_write_line(out, 250, true, bytes_of_string(s->settings->hostname));
}

static int on_ehlo(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)rest;
    identify(s, out, argument, true);
    return GO_ON;
}

static int on_helo(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)rest;
    identify(s, out, argument, false);
    return GO_ON;
}

/* RFC 3207 §4; bytes behind the command would be commands that TLS seems to have protected
 * (CVE-2011-0411): the session ends there. */
static int on_starttls(struct smtp_server *s, struct bytes argument, struct bytes rest,
                       struct writer *out)
{
    (void)argument;
    if (rest.len > 0) {
        say_and_close(s, out, 501, "5.5.1", "Bytes behind STARTTLS", "starttls-injection");
        return GO_ON;
    }
    say(s, out, 220, "2.0.0", "Ready to start TLS");
    s->state = TLS_WAIT;
    return SMTP_SERVER_STARTTLS;
}

/* ---- AUTH ---- */

static void end_auth(struct smtp_server *s)
{
    s->password = bytes_of(NULL, 0);
    if (s->state != CLOSING)
        s->state = COMMAND;
}

static void log_auth(struct smtp_server *s, const struct reply *r)
{
    write_log(s, (struct smtp_log){ .kind = SMTP_LOG_AUTH, .code = r->code,
                                    .enhanced = r->enhanced, .reason = r->text,
                                    .mechanism = s->mechanism, .count = s->auth_failures });
}

/* A malformed or cancelled exchange. */
static int break_auth(struct smtp_server *s, struct writer *out, const struct reply *r)
{
    end_auth(s);
    s->user_len = 0;
    refuse(s, out, r, bytes_of(NULL, 0));
    return GO_ON;
}

static const struct reply
    auth_base64    = { 501, "5.5.2", "Cannot decode base64" },
    auth_malformed = { 501, "5.5.4", "Malformed response" },
    auth_cancelled = { 501, "5.7.0", "Authentication cancelled" },
    auth_too_long  = { 500, "5.5.6", "Authentication exchange line is too long" },
    auth_wrong     = { 535, "5.7.8", "Authentication credentials invalid" },
    auth_later     = { 454, "4.7.0", "Temporary authentication failure" },
    auth_disabled  = { 525, "5.7.13", "User account disabled" };

static int auth_failed(struct smtp_server *s, struct writer *out, const struct reply *r)
{
    if (r->code >= 500)
        s->auth_failures++;
    log_auth(s, r);
    end_auth(s);
    s->user_len = 0;
    reply_write(out, r, s->sid);
    count_error(s, out, r);
    if (s->auth_failures >= or_default(s->settings->limits.auth_failures, 3)
        && s->state != CLOSING)
        say_and_close(s, out, 421, "4.7.0", "Too many authentication failures", "auth-failures");
    return GO_ON;
}

static int ask_caller(struct smtp_server *s, struct bytes password)
{
    s->password = password;
    s->state = AUTH_WAIT;
    return SMTP_SERVER_AUTHENTICATE;
}

static void keep_user(struct smtp_server *s, struct bytes user)
{
    memcpy(s->user, user.at, user.len);
    s->user_len = (uint8_t)user.len;
}

/* RFC 4616 §2. An authorization identity other than the user's own is never granted. */
static int take_plain(struct smtp_server *s, struct writer *out, struct bytes message)
{
    struct sasl_plain plain;
    if (!sasl_plain_decode(&plain, message))
        return break_auth(s, out, &auth_malformed);
    keep_user(s, plain.user);
    if (plain.authorization.len > 0 && !bytes_equal_public(plain.authorization, plain.user))
        return auth_failed(s, out, &auth_wrong);
    return ask_caller(s, plain.password);
}

static int take_login_user(struct smtp_server *s, struct writer *out, struct bytes user)
{
    if (!sasl_field_is_valid(user, SMTP_USER_MAX))
        return break_auth(s, out, &auth_malformed);
    keep_user(s, user);
    say(s, out, 334, "", SASL_LOGIN_PASSWORD);
    s->state = AUTH_LOGIN_PASSWORD;
    return GO_ON;
}

static int take_login_password(struct smtp_server *s, struct writer *out, struct bytes password)
{
    if (!sasl_field_is_valid(password, SASL_PASSWORD_MAX))
        return break_auth(s, out, &auth_malformed);
    return ask_caller(s, password);
}

/* One response, in base64: `len` bytes, `at` bytes into the line; decoded where it stands. */
static int take_response(struct smtp_server *s, struct writer *out, size_t at, size_t len)
{
    if (!sasl_decode(s->line.at + at, len, &len))
        return break_auth(s, out, &auth_base64);
    struct bytes response = bytes_of(s->line.at + at, len);
    switch (s->state) {
    case AUTH_PLAIN:      return take_plain(s, out, response);
    case AUTH_LOGIN_USER: return take_login_user(s, out, response);
    default:              return take_login_password(s, out, response);
    }
}

/* RFC 4954 §4: after a challenge nothing may have been sent ahead. */
static int challenge(struct smtp_server *s, struct bytes rest, struct writer *out,
                     const char *text)
{
    if (rest.len > 0) {
        end_auth(s);
        say_and_close(s, out, 501, "5.5.1", "Bytes behind AUTH", "auth-pipelining");
    } else {
        say(s, out, 334, "", text);
    }
    return GO_ON;
}

/* AUTH mechanism [initial-response]; "=" is an empty response, which neither mechanism takes. */
static int on_auth(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    struct reader r = reader_of(argument);
    struct bytes mechanism = read_until(&r, ' '), initial = r.rest;
    bool plain = text_is(mechanism, "plain");
    if (!plain && !text_is(mechanism, "login")) {
        say(s, out, 504, "5.5.4", "Authentication mechanism is not supported");
        return GO_ON;
    }
    s->mechanism = plain ? "PLAIN" : "LOGIN";
    s->state = plain ? AUTH_PLAIN : AUTH_LOGIN_USER;
    if (initial.len == 0)
        return challenge(s, rest, out, plain ? "" : SASL_LOGIN_USER);
    if (initial.len == 1 && initial.at[0] == '=')
        return break_auth(s, out, &auth_malformed);
    if (!plain && rest.len > 0)
        return challenge(s, rest, out, "");
    return take_response(s, out, (size_t)(initial.at - s->line.at), initial.len);
}

static int on_auth_line(struct smtp_server *s, struct writer *out)
{
    struct bytes line = line_text(&s->line);
    if (s->line.len > LINE_KEPT_MAX)
        return break_auth(s, out, &auth_too_long);
    if (line.len == 1 && line.at[0] == '*')
        return break_auth(s, out, &auth_cancelled);
    return take_response(s, out, 0, line.len);
}

static const struct reply *auth_refusal(uint8_t answer)
{
    switch ((enum smtp_auth_result)answer) {
    case SMTP_AUTH_OK:       return NULL;
    case SMTP_AUTH_WRONG:    return &auth_wrong;
    case SMTP_AUTH_DISABLED: return &auth_disabled;
    case SMTP_AUTH_LATER:    break;
    }
    return &auth_later;
}

static int auth_answered(struct smtp_server *s, struct writer *out)
{
    static const struct reply ok = { 235, "2.7.0", "Authentication successful" };
    const struct reply *refusal = auth_refusal(s->answer);
    if (refusal)
        return auth_failed(s, out, refusal);
    s->facts |= AUTHENTICATED;
    log_auth(s, &ok);
    end_auth(s);
    reply_write(out, &ok, NULL);
    return GO_ON;
}

/* ---- MAIL, RCPT ---- */

/* RFC 5321 §4.1.2   esmtp-keyword ["=" esmtp-value] */
static bool read_parameter(struct reader *r, struct bytes *keyword, struct bytes *value)
{
    struct reader parameter = reader_of(read_until(r, ' '));
    *keyword = read_until(&parameter, '=');
    *value = parameter.rest;
    return keyword->len > 0 && is_graphic(*keyword) && is_graphic(*value);
}

struct mail_arguments {
    struct address from;
    uint64_t size;
    bool has_size, has_body, has_auth, body_8bit;
};

static const struct reply
    mail_ok           = { 250, "2.1.0", "Sender ok" },
    mail_syntax       = { 501, "5.1.7", "Syntax: MAIL FROM:<address>" },
    mail_no_domain    = { 501, "5.1.8", "Sender address has no domain" },
    parameter_unknown = { 555, "5.5.4", "Parameter is not supported" },
    parameter_bad     = { 501, "5.5.4", "Bad or repeated parameter" },
    too_big           = { 552, "5.3.4", "Message is larger than the server takes" };

/* RFC 1870 §3, RFC 6152 §2, RFC 4954 §5; each at most once (RFC 5321 §4.1.1.11). What AUTH= says is
 * checked for form only: we trust no client to vouch for others (RFC 4954 §5). */
static const struct reply *parse_mail_parameter(struct mail_arguments *m, struct bytes keyword,
                                                struct bytes value)
{
    bool ok;
    if (text_is(keyword, "size")) {
        ok = !m->has_size && text_number(value, &m->size);
        m->has_size = true;
    } else if (text_is(keyword, "body")) {
        m->body_8bit = text_is(value, "8bitmime");
        ok = !m->has_body && (m->body_8bit || text_is(value, "7bit"));
        m->has_body = true;
    } else if (text_is(keyword, "auth")) {
        ok = !m->has_auth && value.len > 0;
        m->has_auth = true;
    } else {
        return &parameter_unknown;
    }
    return ok ? NULL : &parameter_bad;
}

/* "FROM:" or "TO:", and no blank on either side of the colon (RFC 5321 §4.1.1.2, §4.1.1.3) */
static bool read_prefix(struct reader *r, const char *lower)
{
    return text_is(read_bytes(r, strlen(lower)), lower);
}

/* What must follow a path: nothing, or a blank and parameters. */
static bool read_space(struct reader *r)
{
    return r->rest.len == 0 || (read_u8(r) == ' ' && r->rest.len > 0);
}

static const struct reply *parse_mail(struct mail_arguments *m, struct bytes argument)
{
    struct reader r = reader_of(argument);
    *m = (struct mail_arguments){ 0 };
    if (!read_prefix(&r, "from:"))
        return &mail_syntax;
    enum address_error error = address_read_reverse_path(&r, &m->from);
    if (error != ADDRESS_OK)
        return error == ADDRESS_NO_DOMAIN ? &mail_no_domain : &mail_syntax;
    if (!read_space(&r))
        return &mail_syntax;
    while (reader_more(&r)) {
        struct bytes keyword, value;
        if (!read_parameter(&r, &keyword, &value))
            return &parameter_bad;
        const struct reply *refusal = parse_mail_parameter(m, keyword, value);
        if (refusal)
            return refusal;
    }
    return NULL;
}

static const struct reply *verdict_reply(enum smtp_verdict verdict)
{
    static const struct reply replies[] = {
        [SMTP_UNKNOWN_USER] = { 550, "5.1.1", "No such user here" },
        [SMTP_RELAY_DENIED] = { 550, "5.7.1", "Relaying denied" },
        [SMTP_MAILBOX_OFF]  = { 550, "5.2.1", "Mailbox is disabled" },
        [SMTP_MAILBOX_FULL] = { 452, "4.2.2", "Mailbox is full" },
        [SMTP_TRY_LATER]    = { 451, "4.3.0", "Try again later" },
        [SMTP_NOT_YOURS]    = { 550, "5.7.1", "Sender address is not yours" },
    };
    return verdict == SMTP_ACCEPT ? NULL : &replies[verdict];
}

static const struct reply *judge_mail(const struct smtp_server *s, const struct mail_arguments *m)
{
    const struct smtp_policy *policy = &s->settings->policy;
    if (m->size > size_limit(s))
        return &too_big;
    if (!policy->sender)
        return NULL;
    return verdict_reply(policy->sender(policy->context, bytes_of(s->user, s->user_len),
                                        &m->from));
}

static int on_mail(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)rest;
    struct mail_arguments m;
    if (s->messages >= or_default(s->settings->limits.messages, 100)) {
        say_and_close(s, out, 421, "4.7.0", "Too many messages in one session", "messages");
        return GO_ON;
    }
    const struct reply *refusal = parse_mail(&m, argument);
    if (!refusal)
        refusal = judge_mail(s, &m);
    if (refusal) {
        refuse(s, out, refusal, bytes_of(NULL, 0));
        return GO_ON;
    }
    struct writer sender = writer_of(s->tx.sender, sizeof s->tx.sender);
    address_write(&sender, &m.from);
    s->tx.sender_len = (uint8_t)sender.len;
    s->tx.declared_size = m.size;
    s->tx.body_8bit = m.body_8bit;
    s->facts |= HAS_SENDER;
    reply_write(out, &mail_ok, NULL);
    return GO_ON;
}

static const struct reply
    rcpt_ok        = { 250, "2.1.5", "Recipient ok" },
    rcpt_syntax    = { 501, "5.1.3", "Syntax: RCPT TO:<address>" },
    rcpt_no_domain = { 501, "5.1.2", "Recipient address has no domain" },
    rcpt_too_many  = { 452, "4.5.3", "Too many recipients" };

static const struct reply *parse_rcpt(struct address *to, struct bytes argument)
{
    struct reader r = reader_of(argument);
    if (!read_prefix(&r, "to:"))
        return &rcpt_syntax;
    enum address_error error = address_read_forward_path(&r, to);
    if (error != ADDRESS_OK)
        return error == ADDRESS_NO_DOMAIN ? &rcpt_no_domain : &rcpt_syntax;
    if (!read_space(&r))
        return &rcpt_syntax;
    return r.rest.len > 0 ? &parameter_unknown : NULL;
}

static const struct reply *judge_rcpt(const struct smtp_server *s, const struct address *to)
{
    const struct smtp_policy *policy = &s->settings->policy;
    if (!policy->recipient)
        return verdict_reply(SMTP_RELAY_DENIED);
    return verdict_reply(policy->recipient(policy->context, bytes_of(s->user, s->user_len), to));
}

static bool is_known_recipient(const struct smtp_server *s, struct bytes path)
{
    struct reader r = smtp_server_recipients(s);
    while (reader_more(&r))
        if (bytes_equal_public(read_vec8(&r, 1), path))
            return true;
    return false;
}

/* Said twice, a recipient still gets one copy. */
static const struct reply *add_recipient(struct smtp_server *s, struct bytes path)
{
    struct writer *paths = &s->tx.paths;
    if (is_known_recipient(s, path))
        return NULL;
    if (s->tx.recipients >= or_default(s->settings->limits.recipients, 500)
        || paths->cap - paths->len < 1 + path.len)
        return &rcpt_too_many;
    write_u8(paths, (uint8_t)path.len);
    write_bytes(paths, path);
    s->tx.recipients++;
    s->facts |= HAS_RECIPIENT;
    return NULL;
}

static int on_rcpt(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)rest;
    assert(s->facts & HAS_SENDER);
    struct address to = { 0 };
    uint8_t text[ADDRESS_TEXT_MAX];
    struct writer path = writer_of(text, sizeof text);
    const struct reply *refusal = parse_rcpt(&to, argument);
    if (!refusal) {
        address_write(&path, &to);
        refusal = judge_rcpt(s, &to);
    }
    if (!refusal)
        refusal = add_recipient(s, writer_bytes(&path));
    if (refusal) {
        s->tx.refused++;
        refuse(s, out, refusal, writer_bytes(&path));
        return GO_ON;
    }
    reply_write(out, &rcpt_ok, NULL);
    return GO_ON;
}

/* ---- DATA ---- */

/* RFC 2920 §3.1 makes DATA the last of a group: what comes before the 354 was not meant as content
 * by anybody who keeps to it. */
static int on_data(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)argument;
    if (rest.len > 0) {
        say_and_close(s, out, 554, "5.5.0", "SMTP protocol synchronization", "data-pipelining");
        return GO_ON;
    }
    if (!make_id(s, s->tx.id)) {
        say(s, out, 451, "4.3.0", "No random numbers");
        tx_reset(s);
        return GO_ON;
    }
    s->state = OPEN_WAIT;
    return SMTP_SERVER_MESSAGE_BEGIN;
}

static const struct reply
    store_no_space = { 452, "4.3.1", "Insufficient system storage" },
    store_failed   = { 451, "4.3.0", "Message could not be stored" };

static const struct reply *store_reply(uint8_t answer)
{
    return answer == SMTP_STORE_NO_SPACE ? &store_no_space : &store_failed;
}

static int open_answered(struct smtp_server *s, struct writer *out)
{
    if (s->answer != SMTP_STORE_OK) {
        s->state = COMMAND;
        refuse(s, out, store_reply(s->answer), bytes_of(NULL, 0));
        tx_reset(s);
        return GO_ON;
    }
    s->store_open = true;
    data_decoder_start(&s->data);
    message_check_start(&s->message, size_limit(s));
    say(s, out, 354, "", "End data with <CR><LF>.<CR><LF>");
    s->state = CONTENT;
    return GO_ON;
}

/* The end of DATA in every outcome: one reply, an empty transaction. */
static void end_message(struct smtp_server *s, struct writer *out, const struct reply *refusal)
{
    if (refusal)
        refuse(s, out, refusal, bytes_of(NULL, 0));
    tx_reset(s);
}

static const struct reply *defect_reply(enum message_defect defect)
{
    static const struct reply replies[] = {
        [MESSAGE_EMPTY]         = { 554, "5.6.0", "Empty message" },
        [MESSAGE_HAS_NUL]       = { 554, "5.6.0", "Message has a NUL byte" },
        [MESSAGE_LINE_TOO_LONG] = { 554, "5.6.0", "Line longer than 998" },
        [MESSAGE_TOO_BIG]       = { 552, "5.3.4", "Message is larger than the server takes" },
        [MESSAGE_BAD_HEADER]    = { 554, "5.6.0", "Message does not begin with a header field, or "
                                                  "its header is too large" },
        [MESSAGE_LOOP]          = { 554, "5.4.6", "Too many hops" },
    };
    return defect == MESSAGE_SOUND ? NULL : &replies[defect];
}

static int end_content(struct smtp_server *s, struct writer *out)
{
    const struct reply *refusal = defect_reply(message_check_end(&s->message));
    if (!refusal) {
        s->store_open = false;
        s->state = STORE_WAIT;
        return SMTP_SERVER_MESSAGE_END;
    }
    s->state = COMMAND;
    end_message(s, out, refusal);
    return GO_ON;
}

/* Once a defect has been found the store is told, and the rest is read to its true end. */
static int pass_content(struct smtp_server *s, struct bytes chunk, struct bytes *data)
{
    bool sound = message_check(&s->message, chunk);
    if (sound) {
        *data = chunk;
        return SMTP_SERVER_MESSAGE_BYTES;
    }
    s->aborting |= s->store_open;
    s->store_open = false;
    return GO_ON;
}

static int on_content(struct smtp_server *s, struct bytes in, size_t *used, struct writer *out,
                      struct bytes *data)
{
    struct bytes chunk = { 0 };
    size_t n = 0;
    s->stage = "data";
    enum data_event event = data_decode(&s->data, bytes_behind(in, *used), &n,
                                        &chunk);
    *used += n;
    switch (event) {
    case DATA_MORE:  return SMTP_SERVER_WANTS_INPUT;
    case DATA_CHUNK: return pass_content(s, chunk, data);
    case DATA_END:   return end_content(s, out);
    case DATA_BARE:  break;
    }
    say_and_close(s, out, 521, "5.5.2", "Bare CR or LF", "bare-line-end");
    tx_reset(s);
    return GO_ON;
}

static int store_answered(struct smtp_server *s, struct writer *out)
{
    s->state = COMMAND;
    if (s->answer != SMTP_STORE_OK) {
        end_message(s, out, store_reply(s->answer));
        return GO_ON;
    }
    write_text(out, "250 2.0.0 queued as ");
    write_text(out, s->tx.id);
    write_text(out, "\r\n");
    s->messages++;
    s->junk = 0;
    end_message(s, out, NULL);
    return GO_ON;
}

/* ---- the other commands ---- */

static int on_rset(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)argument, (void)rest;
    tx_reset(s);
    say(s, out, 250, "2.0.0", "Forgotten");
    return GO_ON;
}

static int on_noop(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)argument, (void)rest;
    say(s, out, 250, "2.0.0", "Nothing done");
    return GO_ON;
}

static int on_help(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)argument, (void)rest;
    say(s, out, 214, "2.0.0", "EHLO STARTTLS AUTH MAIL RCPT DATA RSET NOOP QUIT; see RFC 5321");
    return GO_ON;
}

static int on_vrfy(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)argument, (void)rest;
    say(s, out, 252, "2.0.0", "Cannot verify, but will take a message and try");
    return GO_ON;
}

static int on_not_done(struct smtp_server *s, struct bytes argument, struct bytes rest,
                       struct writer *out)
{
    (void)argument, (void)rest;
    say(s, out, 502, "5.5.1", "Command is not implemented");
    return GO_ON;
}

static int on_foreign(struct smtp_server *s, struct bytes argument, struct bytes rest,
                      struct writer *out)
{
    (void)argument, (void)rest;
    say_and_close(s, out, 502, "5.7.0", "This is SMTP", "wrong-protocol");
    return GO_ON;
}

static int on_quit(struct smtp_server *s, struct bytes argument, struct bytes rest,
                   struct writer *out)
{
    (void)argument, (void)rest;
    tx_reset(s);
    say(s, out, 221, "2.0.0", "Bye");
    close_session(s, "quit");
    return GO_ON;
}

/* `rest` is the input behind the command: for the commands that must be the last of a group. */
static int (*const handlers[VERB_COUNT])(struct smtp_server *s, struct bytes argument,
                                         struct bytes rest, struct writer *out) = {
    [VERB_EHLO] = on_ehlo, [VERB_HELO] = on_helo, [VERB_STARTTLS] = on_starttls,
    [VERB_AUTH] = on_auth, [VERB_MAIL] = on_mail, [VERB_RCPT] = on_rcpt, [VERB_DATA] = on_data,
    [VERB_RSET] = on_rset, [VERB_NOOP] = on_noop, [VERB_HELP] = on_help, [VERB_VRFY] = on_vrfy,
    [VERB_EXPN] = on_not_done, [VERB_QUIT] = on_quit, [VERB_NOT_DONE] = on_not_done,
    [VERB_FOREIGN] = on_foreign,
};

/* ---- lines ---- */

static const struct reply
    need_ehlo       = { 503, "5.5.1", "Send EHLO first" },
    need_tls        = { 530, "5.7.0", "Must issue a STARTTLS command first" },
    need_tls_auth   = { 538, "5.7.11", "Encryption required for authentication" },
    need_auth       = { 530, "5.7.0", "Authentication required" },
    need_mail       = { 503, "5.5.1", "Send MAIL first" },
    need_rcpt       = { 503, "5.5.1", "Send RCPT first" },
    no_valid_rcpt   = { 554, "5.5.1", "No valid recipients" },
    out_of_sequence = { 503, "5.5.1", "Not now" },
    no_argument     = { 501, "5.5.4", "Command takes no argument" };

static const struct reply *order_refusal(const struct smtp_server *s, const struct command *c,
                                         struct bytes argument)
{
    switch (command_lacks(c, s->facts)) {
    case IDENTIFIED:    return &need_ehlo;
    case ENCRYPTED:     return c->id == VERB_AUTH ? &need_tls_auth : &need_tls;
    case AUTHENTICATED: return &need_auth;
    case HAS_SENDER:    return &need_mail;
    case HAS_RECIPIENT: return s->tx.refused > 0 ? &no_valid_rcpt : &need_rcpt;
    }
    if (c->forbids & s->facts)
        return &out_of_sequence;
    return argument.len > 0 && !c->takes_argument ? &no_argument : NULL;
}

static bool has_nul(struct bytes line)
{
    return line.len > 0 && memchr(line.at, 0, line.len) != NULL;
}

static int run_command(struct smtp_server *s, struct bytes rest, struct writer *out)
{
    struct bytes argument, line = line_text(&s->line);
    s->commands++;
    if (has_nul(line)) {
        say(s, out, 501, "5.5.2", "NUL not allowed");
        return GO_ON;
    }
    const struct command *c = command_find(line, &argument);
    if (!c) {
        say(s, out, 500, "5.5.2", "Command is not recognised");
        return GO_ON;
    }
    s->stage = c->verb;
    if (c->is_junk && ++s->junk > or_default(s->settings->limits.junk, 50)) {
        say_and_close(s, out, 421, "4.7.0", "Too many commands without a message", "junk");
        return GO_ON;
    }
    const struct reply *refusal = order_refusal(s, c, argument);
    if (refusal) {
        refuse(s, out, refusal, bytes_of(NULL, 0));
        return GO_ON;
    }
    return handlers[c->id](s, argument, rest, out);
}

static bool in_auth_exchange(const struct smtp_server *s)
{
    return s->state == AUTH_PLAIN || s->state == AUTH_LOGIN_USER
        || s->state == AUTH_LOGIN_PASSWORD;
}

static bool is_auth_line(const struct smtp_server *s)
{
    return in_auth_exchange(s) || (s->line.len >= 5 && text_is(bytes_of(s->line.at, 5), "auth "));
}

/* Lines of AUTH may have RFC 4954's length; but what the reader keeps is enough for the longest user
 * and password of our mechanisms (check: 11 + 4 * 1281 / 3 + 2 <= 2048), so longer ones are counted
 * to their end and refused. */
static enum line_event read_line(struct smtp_server *s, struct bytes in, size_t *used)
{
    size_t n = 0;
    enum line_event event = line_read(&s->line, bytes_behind(in, *used), &n,
                                      in_auth_exchange(s) ? SASL_LINE_MAX : LINE_KEPT_MAX);
    *used += n;
    if (event == LINE_TOO_LONG && is_auth_line(s)) {
        event = line_read(&s->line, bytes_behind(in, *used), &n, SASL_LINE_MAX);
        *used += n;
    }
    return event;
}

/* A whole line: a command, or a response in an AUTH exchange. */
static int on_line(struct smtp_server *s, struct bytes rest, struct writer *out)
{
    if (in_auth_exchange(s))
        return on_auth_line(s, out);
    s->stage = "";
    if (s->line.len > LINE_KEPT_MAX) {
        refuse(s, out, &auth_too_long, bytes_of(NULL, 0));
        return GO_ON;
    }
    return run_command(s, rest, out);
}

/* No line stays longer than its reply is written, AUTH or not: a client that is out of step may
 * send a password as anything. */
static int on_line_bytes(struct smtp_server *s, struct bytes in, size_t *used, struct writer *out)
{
    static const struct reply too_long = { 500, "5.5.2", "Line too long" };
    const struct reply *refusal;
    if (line_is_empty(&s->line) && *used < in.len && in.at[*used] == 0x16)
        return on_foreign(s, in, in, out);               /* a TLS handshake record */
    switch (read_line(s, in, used)) {
    case LINE_MORE:
        return SMTP_SERVER_WANTS_INPUT;
    case LINE_COMPLETE:
        break;
    case LINE_TOO_LONG:
        refusal = is_auth_line(s) ? &auth_too_long : &too_long;
        close_session(s, "line-too-long");
        refuse(s, out, refusal, bytes_of(NULL, 0));
        return GO_ON;
    case LINE_BARE:
        say_and_close(s, out, 521, "5.5.2", "Bare CR or LF", "bare-line-end");
        return GO_ON;
    }
    int event = on_line(s, bytes_behind(in, *used), out);
    if (s->state != AUTH_WAIT)                           /* the password is in it */
        line_wipe(&s->line);
    return event;
}

/* ---- the session ---- */

bool smtp_server_start(struct smtp_server *s, const struct smtp_server_settings *settings)
{
    *s = (struct smtp_server){ .settings = settings, .end_reason = "", .stage = "" };
    line_reader_start(&s->line);
    return make_id(s, s->sid);
}

void smtp_server_lend(struct smtp_server *s, uint8_t *memory, size_t len)
{
    assert(!smtp_server_in_transaction(s));
    s->tx.paths = writer_of(memory, len);
}

bool smtp_server_in_transaction(const struct smtp_server *s)
{
    return (s->facts & HAS_SENDER) != 0;
}

void smtp_server_tls(struct smtp_server *s, const struct smtp_tls_facts *facts)
{
    assert(s->state == TLS_WAIT || (s->state == GREETING && s->settings->implicit_tls));
    forget_client(s);
    s->facts |= ENCRYPTED;
    s->tls = *facts;
    if (s->state == TLS_WAIT)
        s->state = COMMAND;
}

static void greet(struct smtp_server *s, struct writer *out)
{
    write_text(out, "220 ");
    write_text(out, s->settings->hostname);
    write_text(out, " ESMTP sealpost\r\n");
    s->state = COMMAND;
}

static int finish(struct smtp_server *s, struct writer *out)
{
    if (s->last_words && out->cap - out->len >= REPLY_SENT_LINE_MAX)
        reply_write(out, s->last_words, s->sid);
    s->last_words = NULL;
    tx_reset(s);
    line_wipe(&s->line);
    if (s->aborting)
        return GO_ON;
    if (!s->over)
        write_log(s, (struct smtp_log){ .kind = SMTP_LOG_DISCONNECT, .reason = s->end_reason });
    s->over = true;
    return SMTP_SERVER_CLOSE;
}

/* Nothing may be said before TLS on a listener that begins with it. */
static bool is_clear(const struct smtp_server *s)
{
    return s->settings->implicit_tls && !(s->facts & ENCRYPTED);
}

static int turn(struct smtp_server *s, struct bytes in, size_t *used, struct writer *out,
                struct bytes *data)
{
    switch ((enum state)s->state) {
    case GREETING:
        if (is_clear(s))
            return SMTP_SERVER_WAITS;
        greet(s, out);
        return GO_ON;
    case AUTH_WAIT:
    case TLS_WAIT:
    case OPEN_WAIT:
    case STORE_WAIT:     return SMTP_SERVER_WAITS;
    case AUTH_ANSWERED:  return auth_answered(s, out);
    case OPEN_ANSWERED:  return open_answered(s, out);
    case STORE_ANSWERED: return store_answered(s, out);
    case CONTENT:        return on_content(s, in, used, out, data);
    case CLOSING:        return finish(s, out);
    case COMMAND:
    case AUTH_PLAIN:
    case AUTH_LOGIN_USER:
    case AUTH_LOGIN_PASSWORD:
        break;
    }
    return on_line_bytes(s, in, used, out);
}

static int due_event(struct smtp_server *s, const struct writer *out)
{
    if (s->aborting) {
        s->aborting = false;
        return SMTP_SERVER_MESSAGE_ABORT;
    }
    if (s->pausing) {
        s->pausing = false;
        return SMTP_SERVER_PAUSE;
    }
    bool has_room = out->cap - out->len >= SMTP_SERVER_OUTPUT_MIN;
    return has_room || s->state == CLOSING ? GO_ON : SMTP_SERVER_WANTS_OUTPUT;
}

enum smtp_server_event smtp_server_step(struct smtp_server *s, struct bytes in, size_t *used,
                                        struct writer *out, struct bytes *data)
{
    int event;
    size_t before = out->len;
    *used = 0;
    *data = bytes_of(NULL, 0);
    do {
        event = due_event(s, out);
        if (event == GO_ON)
            event = turn(s, in, used, out, data);
    } while (event == GO_ON);
    s->bytes_in += *used;
    s->bytes_out += out->len - before;
    return (enum smtp_server_event)event;
}

struct bytes smtp_server_user(const struct smtp_server *s)
{
    return bytes_of(s->user, s->user_len);
}

struct bytes smtp_server_password(const struct smtp_server *s)
{
    return s->password;
}

/* An answer that comes after the session has ended finds another state, and is dropped. */
static void answer(struct smtp_server *s, enum state asked, enum state answered, uint8_t value)
{
    if (s->state != asked)
        return;
    s->answer = value;
    s->state = answered;
}

void smtp_server_authenticated(struct smtp_server *s, enum smtp_auth_result result)
{
    if (s->state != AUTH_WAIT)
        return;
    answer(s, AUTH_WAIT, AUTH_ANSWERED, (uint8_t)result);
    s->password = bytes_of(NULL, 0);
    line_wipe(&s->line);
}

void smtp_server_opened(struct smtp_server *s, enum smtp_store_result result)
{
    answer(s, OPEN_WAIT, OPEN_ANSWERED, (uint8_t)result);
}

void smtp_server_stored(struct smtp_server *s, enum smtp_store_result result)
{
    if (s->state == STORE_WAIT && result == SMTP_STORE_OK)
        write_log(s, (struct smtp_log){ .kind = SMTP_LOG_MAIL, .code = 250, .enhanced = "2.0.0",
                                        .size = s->message.size, .count = s->tx.recipients });
    answer(s, STORE_WAIT, STORE_ANSWERED, (uint8_t)result);
}

struct bytes smtp_server_sender(const struct smtp_server *s)
{
    return bytes_of(s->tx.sender, s->tx.sender_len);
}

struct reader smtp_server_recipients(const struct smtp_server *s)
{
    return reader_of(writer_bytes(&s->tx.paths));
}

const char *smtp_server_message_id(const struct smtp_server *s)
{
    return s->tx.id;
}

/* `for` only with a single recipient: with more it would tell each of the others (Bcc). */
void smtp_server_trace(const struct smtp_server *s, struct writer *w)
{
    struct reader recipients = smtp_server_recipients(s);
    struct bytes first = read_vec8(&recipients, 1);
    struct message_trace trace = {
        .from          = bytes_of(s->ehlo, s->ehlo_len),
        .by            = s->settings->hostname,
        .esmtp         = s->esmtp,
        .tls           = s->facts & ENCRYPTED,
        .authenticated = s->facts & AUTHENTICATED,
        .suite = s->tls.suite, .group = s->tls.group, .scheme = s->tls.scheme,
        .id            = s->tx.id,
        .recipient     = s->tx.recipients == 1 ? first : bytes_of(NULL, 0),
        .seconds       = s->settings->now(s->settings->now_context) / 1000,
    };
    message_write_trace(w, &trace);
}

void smtp_server_end(struct smtp_server *s, enum smtp_end why)
{
    static const struct { const char *reason; struct reply words; } ends[] = {
        [SMTP_END_CLOSED]    = { "closed",    { 0, "", "" } },
        [SMTP_END_TRUNCATED] = { "truncated", { 0, "", "" } },
        [SMTP_END_TIMEOUT]   = { "timeout",   { 421, "4.4.2", "Timeout" } },
        [SMTP_END_SHUTDOWN]  = { "shutdown",  { 421, "4.3.2", "Shutting down" } },
    };
    if (s->state == CLOSING)
        return;
    if (s->state == OPEN_WAIT || (s->state == OPEN_ANSWERED && s->answer == SMTP_STORE_OK))
        s->store_open = true;                            /* the caller may have opened it */
    if (ends[why].words.code > 0 && s->state != TLS_WAIT && !is_clear(s))
        s->last_words = &ends[why].words;
    s->password = bytes_of(NULL, 0);
    line_wipe(&s->line);
    close_session(s, ends[why].reason);
}

unsigned smtp_server_idle_seconds(const struct smtp_server *s)
{
    bool waits = s->state == AUTH_WAIT || s->state == OPEN_WAIT || s->state == STORE_WAIT;
    return waits ? 0 : 300;
}

unsigned smtp_server_line_seconds(const struct smtp_server *s)
{
    bool reads = s->state == COMMAND || in_auth_exchange(s);
    return reads && !line_is_empty(&s->line) ? 60 : 0;
}
