/* tests/fuzz/smtp_server.c - any bytes as a client's side of a session (libFuzzer).
 *
 * The first byte chooses: bit 0 implicit TLS, bit 1 logged in before, the rest the size of pieces.
 * What may never be: a message stored that was not ended by CR LF . CR LF, a reply that does not
 * end in CRLF, a password in memory when none is being checked, a step that makes no progress.
 */
#include "smtp/command.h"
#include "smtp/server.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char login[] = "EHLO x\r\nAUTH PLAIN AGEAYg==\r\n";

static bool fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    memset(out, 7, len);
    return true;
}

static int64_t now(void *context)
{
    (void)context;
    return 1795310885000;
}

static enum smtp_verdict accept(void *context, struct bytes user, const struct address *a)
{
    (void)context, (void)user;
    return a->local_len % 3 == 2 ? SMTP_UNKNOWN_USER : SMTP_ACCEPT;
}

static const struct random_source fixed = { fill, NULL };
static struct smtp_server_settings settings = {
    .hostname = "mail.test", .policy = { accept, accept, NULL }, .random = &fixed, .now = now,
};
static struct smtp_server s;
static size_t content_len;

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void write_trace(void)
{
    uint8_t space[MESSAGE_TRACE_MAX];
    struct writer w = writer_of(space, sizeof space);
    smtp_server_trace(&s, &w);
    check(writer_done(&w) && w.len > 2 && w.at[w.len - 1] == '\n');
}

/* False at the end, and when there is nothing to do without more input. */
static bool act(enum smtp_server_event event, struct bytes data)
{
    static const struct smtp_tls_facts facts = { "TLS_AES_128_GCM_SHA256", "x25519", "ed25519" };
    switch (event) {
    case SMTP_SERVER_STARTTLS:      smtp_server_tls(&s, &facts); return true;
    case SMTP_SERVER_AUTHENTICATE:
        smtp_server_authenticated(&s, smtp_server_password(&s).len % 4);
        return true;
    case SMTP_SERVER_MESSAGE_BEGIN:
        content_len = 0;
        check(s.tx.recipients > 0 && (s.facts & AUTHENTICATED));
        write_trace();
        smtp_server_opened(&s, SMTP_STORE_OK);
        return true;
    case SMTP_SERVER_MESSAGE_BYTES: content_len += data.len; return data.len > 0;
    case SMTP_SERVER_MESSAGE_END:
        check(content_len == s.message.size);
        smtp_server_stored(&s, content_len % 3);
        return true;
    case SMTP_SERVER_PAUSE:
    case SMTP_SERVER_MESSAGE_ABORT: return true;
    default:                        return false;
    }
}

static void feed(struct bytes in)
{
    enum smtp_server_event event;
    do {
        uint8_t space[4096];
        struct writer out = writer_of(space, sizeof space);
        struct bytes data;
        size_t used;
        event = smtp_server_step(&s, in, &used, &out, &data);
        check(out.len == 0 || out.at[out.len - 1] == '\n');
        check(used <= in.len && writer_done(&out));
        check(event != SMTP_SERVER_WANTS_INPUT || used == in.len);
        in = used ? bytes_of(in.at + used, in.len - used) : in;
        if (event == SMTP_SERVER_WANTS_OUTPUT && (used > 0 || out.len > 0))
            continue;
        if (!act(event, data))
            break;
    } while (true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t paths[4096];
    static const struct smtp_tls_facts facts = { NULL, NULL, NULL };
    if (len < 1)
        return 0;
    settings.implicit_tls = data[0] & 1;
    size_t piece = data[0] >> 2 ? data[0] >> 2 : len;
    check(smtp_server_start(&s, &settings));
    smtp_server_lend(&s, paths, sizeof paths);
    if (settings.implicit_tls)
        smtp_server_tls(&s, &facts);
    if (settings.implicit_tls && (data[0] & 2))
        feed(bytes_of(login, sizeof login - 1));
    for (size_t at = 1; at < len; at += piece)
        feed(bytes_of(data + at, len - at < piece ? len - at : piece));
    smtp_server_end(&s, len % 4);
    feed(bytes_of(NULL, 0));
    check(s.over && !s.store_open && s.password.len == 0);
    return 0;
}
