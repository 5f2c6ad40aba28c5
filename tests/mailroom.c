/* tests/mailroom.c - see tests/mailroom.h. */
#include "tests/mailroom.h"

#include "smtp/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fill_counting(void *context, uint8_t *out, size_t len)
{
    uint8_t *next = context;
    for (size_t i = 0; i < len; i++)
        out[i] = (*next)++;
    return true;
}

static uint8_t random_state;
static const struct random_source counting = { fill_counting, &random_state };

static int64_t fixed_now(void *context)
{
    (void)context;
    return 1795310885000;                          /* Sun, 22 Nov 2026 01:28:05 +0000 */
}

static enum smtp_verdict judge_sender(void *context, struct bytes user, const struct address *from)
{
    (void)context, (void)user;
    return text_is(address_local(from), "notmine") ? SMTP_NOT_YOURS : SMTP_ACCEPT;
}

static enum smtp_verdict judge_recipient(void *context, struct bytes user,
                                         const struct address *to)
{
    static const struct { const char *name; enum smtp_verdict verdict; } known[] = {
        { "alice", SMTP_ACCEPT }, { "bob", SMTP_ACCEPT }, { "postmaster", SMTP_ACCEPT },
        { "full", SMTP_MAILBOX_FULL }, { "off", SMTP_MAILBOX_OFF }, { "later", SMTP_TRY_LATER },
    };
    (void)context, (void)user;
    if (to->domain_len > 0 && !text_is(address_domain(to), "mail.test"))
        return SMTP_RELAY_DENIED;
    for (size_t i = 0; i < COUNT(known); i++)
        if (text_is(address_local(to), known[i].name))
            return known[i].verdict;
    return SMTP_UNKNOWN_USER;
}

static void take_log(void *context, const struct smtp_server *s, const struct smtp_log *e)
{
    struct mailroom *m = context;
    (void)s;
    int n = snprintf(m->log + m->log_len, sizeof m->log - m->log_len,
                     "%d %s %u %s %s user=%.*s from=%.*s to=%.*s id=%s count=%u\n",
                     (int)e->kind, e->stage, e->code, e->enhanced, e->reason,
                     (int)e->user.len, (const char *)e->user.at, (int)e->from.len,
                     (const char *)e->from.at, (int)e->to.len, (const char *)e->to.at, e->id,
                     e->count);
    m->log_len += (size_t)n;
    if (m->log_len > sizeof m->log / 2)
        m->log_len = 0;
}

struct mailroom *mailroom_new(bool implicit_tls)
{
    struct mailroom *m = calloc(1, sizeof *m);
    m->settings = (struct smtp_server_settings){
        .hostname = "mail.test", .implicit_tls = implicit_tls,
        .policy = { judge_sender, judge_recipient, NULL },
        .random = &counting, .now = fixed_now, .log = take_log, .log_context = m,
    };
    m->replies = writer_of(m->out, sizeof m->out - 1);
    random_state = 1;
    return m;
}

static void answer_password(struct mailroom *m)
{
    struct bytes user = smtp_server_user(&m->session);
    bool right = bytes_equal_public(smtp_server_password(&m->session), bytes_of_string("secret"));
    enum smtp_auth_result result = SMTP_AUTH_WRONG;
    if (m->hold_auth)
        return;
    if (bytes_equal_public(user, bytes_of_string("later")))
        result = SMTP_AUTH_LATER;
    else if (bytes_equal_public(user, bytes_of_string("off")))
        result = SMTP_AUTH_DISABLED;
    else if (bytes_equal_public(user, bytes_of_string("alice")) && right)
        result = SMTP_AUTH_OK;
    smtp_server_authenticated(&m->session, result);
}

static void begin_message(struct mailroom *m)
{
    m->begun++;
    m->draft_len = 0;
    smtp_server_opened(&m->session, m->open_result);
}

static void keep_envelope(struct mailroom *m)
{
    struct bytes sender = smtp_server_sender(&m->session);
    struct reader r = smtp_server_recipients(&m->session);
    struct writer to = writer_of(m->recipients, sizeof m->recipients - 1);
    struct writer trace = writer_of(m->trace, sizeof m->trace - 1);
    snprintf(m->sender, sizeof m->sender, "%.*s", (int)sender.len, (const char *)sender.at);
    while (reader_more(&r)) {
        write_bytes(&to, read_vec8(&r, 1));
        write_u8(&to, '\n');
    }
    m->recipients[to.len] = 0;
    smtp_server_trace(&m->session, &trace);
    m->trace[trace.len] = 0;
}

static void store_message(struct mailroom *m)
{
    if (m->store_result == SMTP_STORE_OK) {
        keep_envelope(m);
        memcpy(m->stored, m->draft, m->draft_len);
        m->stored_len = m->draft_len;
        m->stored_count++;
    }
    smtp_server_stored(&m->session, m->store_result);
}

/* False when there is nothing more to do for now. */
static bool act(struct mailroom *m, enum smtp_server_event event, struct bytes data)
{
    switch (event) {
    case SMTP_SERVER_WANTS_INPUT:   return m->in_len > 0;
    case SMTP_SERVER_WANTS_OUTPUT:  return false;
    case SMTP_SERVER_WAITS:         return false;
    case SMTP_SERVER_PAUSE:         m->pauses++; return true;
    case SMTP_SERVER_STARTTLS:      m->wants_tls = true; return false;
    case SMTP_SERVER_AUTHENTICATE:  answer_password(m); return true;
    case SMTP_SERVER_MESSAGE_BEGIN: begin_message(m); return true;
    case SMTP_SERVER_MESSAGE_BYTES:
        if (data.len <= sizeof m->draft - m->draft_len) {
            memcpy(m->draft + m->draft_len, data.at, data.len);
            m->draft_len += data.len;
        }
        return true;
    case SMTP_SERVER_MESSAGE_END:   store_message(m); return true;
    case SMTP_SERVER_MESSAGE_ABORT: m->aborted++; return true;
    case SMTP_SERVER_CLOSE:         m->closed = true; return false;
    }
    abort();
}

static void run(struct mailroom *m)
{
    bool more = true;
    while (more && !m->closed) {
        size_t used;
        struct bytes data;
        uint8_t content[MAILROOM_BYTES];
        enum smtp_server_event event = smtp_server_step(&m->session, bytes_of(m->in, m->in_len),
                                                        &used, &m->replies, &data);
        if (data.len > 0)
            data.at = memcpy(content, data.at, data.len);
        memmove(m->in, m->in + used, m->in_len - used);
        m->in_len -= used;
        more = act(m, event, data);
    }
    m->out[m->replies.len] = 0;
}

void mailroom_open(struct mailroom *m)
{
    static const struct smtp_tls_facts facts = { "TLS_AES_128_GCM_SHA256", "x25519", "ed25519" };
    if (!smtp_server_start(&m->session, &m->settings))
        abort();
    smtp_server_lend(&m->session, m->paths, sizeof m->paths);
    if (m->settings.implicit_tls)
        smtp_server_tls(&m->session, &facts);
    run(m);
}

void mailroom_feed(struct mailroom *m, struct bytes in)
{
    if (m->closed || in.len > sizeof m->in - m->in_len)
        return;
    if (in.len > 0)
        memcpy(m->in + m->in_len, in.at, in.len);
    m->in_len += in.len;
    run(m);
}

void mailroom_feed_text(struct mailroom *m, const char *text)
{
    mailroom_feed(m, bytes_of_string(text));
}

void mailroom_tls(struct mailroom *m)
{
    static const struct smtp_tls_facts facts = { "TLS_AES_128_GCM_SHA256", "x25519", "ed25519" };
    if (!m->wants_tls)
        abort();
    m->wants_tls = false;
    m->in_len = 0;                                 /* was ciphertext */
    smtp_server_tls(&m->session, &facts);
    run(m);
}

void mailroom_login(struct mailroom *m)
{
    mailroom_feed_text(m, "EHLO client.test\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
    mailroom_said(m);
}

void mailroom_end(struct mailroom *m, enum smtp_end why)
{
    smtp_server_end(&m->session, why);
    run(m);
}

const char *mailroom_said(struct mailroom *m)
{
    const char *said = (const char *)m->out + m->read;
    m->read = m->replies.len;
    return said;
}
