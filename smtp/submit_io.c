/* smtp/submit_io.c - one submission over a socket, from getaddrinfo to QUIT.
 *
 * Trusts      nothing that comes from the network; what is shown of it was made printable by
 *             smtp/reply.c.
 * Secret      the password, in the buffer that an AUTH line passes through; it is wiped.
 */
#include "smtp/submit_io.h"

#include "crypto/wipe.h"
#include "smtp/loop_io.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECT_SECONDS = 30, HANDSHAKE_SECONDS = 30, BLOCK_SECONDS = 180 };

struct submission {
    const struct submit_settings *settings;
    struct submit_result *result;
    struct channel_memory memory;
    struct channel channel;
    struct smtp_client smtp;
    int64_t reply_due;                       /* of the reply that is being read; 0: none yet */
    struct writer out;                       /* plaintext that is not sent yet */
    uint8_t text[CHANNEL_WRITE_MAX];
};

__attribute__((format(printf, 3, 4)))
static bool fail(struct submission *s, enum smtp_exit code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(s->result->reason, sizeof s->result->reason, format, args);
    va_end(args);
    s->result->exit_code = code;
    return false;
}

static int64_t deadline(const struct submission *s, unsigned standard)
{
    unsigned seconds = s->settings->timeout > 0 ? s->settings->timeout : standard;
    return loop_now() + (int64_t)seconds * 1000;
}

/* False when the time is up. */
static bool wait_for(int fd, short events, int64_t until)
{
    for (;;) {
        struct pollfd p = { .fd = fd, .events = events };
        int64_t left = until - loop_now();
        int n = left <= 0 ? 0 : poll(&p, 1, left > 60000 ? 60000 : (int)left);
        if (n > 0)
            return true;
        if (left <= 0 || (n < 0 && errno != EINTR))
            return false;
    }
}

/* ---- connecting ---- */

/* The socket, connected; -1 with errno. */
static int connect_to(const struct submission *s, const struct addrinfo *a)
{
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int error = 0, yes = 1;
    socklen_t len = sizeof error;

    if (fd < 0)
        return -1;
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        error = errno;
        if (error == EINPROGRESS) {
            if (!wait_for(fd, POLLOUT, deadline(s, CONNECT_SECONDS)))
                error = ETIMEDOUT;
            else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
                error = errno;
        }
    }
    if (error != 0) {
        close(fd);
        errno = error;
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return fd;
}

static bool open_connection(struct submission *s)
{
    const struct submit_settings *t = s->settings;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG }, *all;
    int fd = -1, error = getaddrinfo(t->host, t->port, &hints, &all);

    if (error == EAI_AGAIN)
        return fail(s, SMTP_EXIT_TEMPORARY, "the name cannot be looked up now");
    if (error != 0)
        return fail(s, SMTP_EXIT_NO_HOST, "%s", gai_strerror(error));
    for (const struct addrinfo *a = all; a != NULL && fd < 0; a = a->ai_next) {
        getnameinfo(a->ai_addr, a->ai_addrlen, s->result->address, sizeof s->result->address,
                    NULL, 0, NI_NUMERICHOST);
        fd = connect_to(s, a);
        if (fd < 0)
            fail(s, SMTP_EXIT_TEMPORARY, "port %s (%s): %s", t->port, s->result->address,
                 strerror(errno));
    }
    freeaddrinfo(all);
    if (fd < 0)
        return false;
    s->result->reason[0] = 0;
    s->result->exit_code = SMTP_EXIT_OK;
    channel_open(&s->channel, fd, &s->memory);
    return true;
}

/* ---- sending ---- */

static bool lost(struct submission *s, bool timed_out)
{
    smtp_client_end(&s->smtp, timed_out);
    return false;
}

static bool flush(struct submission *s)
{
    for (;;) {
        switch (channel_flush(&s->channel)) {
        case CHANNEL_SENT:
            return true;
        case CHANNEL_LOST:
            return lost(s, false);
        case CHANNEL_BLOCKED:
            if (!wait_for(s->channel.fd, POLLOUT, deadline(s, BLOCK_SECONDS)))
                return lost(s, true);
        }
    }
}

/* All of s->out; what it held may have been a password. */
static bool send_out(struct submission *s)
{
    size_t at = 0;
    bool ok = true;

    while (ok && at < s->out.len) {
        size_t n = channel_write(&s->channel, bytes_of(s->text + at, s->out.len - at));
        at += n;
        ok = flush(s) && (n > 0 || lost(s, false));
    }
    wipe(s->text, s->out.len);
    s->out.len = 0;
    return ok && flush(s);
}

/* ---- receiving ---- */

/* CHANNEL_WAITS means that the time was up. */
static enum channel_event hear(struct submission *s, int64_t until)
{
    for (;;) {
        enum channel_event event = channel_receive(&s->channel);
        if (event != CHANNEL_WAITS)
            return event;
        if (!flush(s))
            return CHANNEL_BROKEN;
        if (!wait_for(s->channel.fd, POLLIN, until))
            return CHANNEL_WAITS;
    }
}

/* ---- TLS ---- */

/* What the peer said instead of TLS, if it can be told. */
static const char *hint(const struct submission *s)
{
    if (s->channel.first_len >= 3 && memcmp(s->channel.first, "220", 3) == 0)
        return "; the server speaks plaintext here: use --tls starttls";
    if (s->channel.first_len >= 3 && memcmp(s->channel.first, "421", 3) == 0)
        return "; the server turned us away in plaintext (421): try later";
    return "";
}

static bool tls_failed_with(struct submission *s, enum channel_event event)
{
    struct tls_failure f = tls_failure(&s->channel.tls);
    char buffer[320];
    const char *reason = channel_reason(&s->channel, buffer, sizeof buffer);

    flush(s);                                            /* our alert */
    if (event == CHANNEL_WAITS)
        return fail(s, SMTP_EXIT_TEMPORARY, "TLS: the server does not answer in time");
    if (s->channel.truncated || event == CHANNEL_ENDED)
        return fail(s, SMTP_EXIT_TEMPORARY, "TLS: the server hung up during the handshake%s",
                    hint(s));
    if (f.alert == ALERT_NONE)
        return fail(s, SMTP_EXIT_TEMPORARY, "TLS: %s", reason);
    if (f.received)
        return fail(s, SMTP_EXIT_PROTOCOL, "TLS: the server refused with alert %s%s",
                    alert_name((uint8_t)f.alert), hint(s));
    return fail(s, SMTP_EXIT_PROTOCOL, "TLS: %s (alert %s sent)%s", reason,
                alert_name((uint8_t)f.alert), hint(s));
}

static bool secure(struct submission *s)
{
    int64_t began = loop_now(), until = deadline(s, HANDSHAKE_SECONDS);

    if (!channel_start_tls(&s->channel, s->settings->tls))
        return fail(s, SMTP_EXIT_OS, "TLS: out of memory");
    if (!flush(s))
        return fail(s, SMTP_EXIT_TEMPORARY, "TLS: the connection broke");
    enum channel_event event = hear(s, until);
    if (event != CHANNEL_SECURED)
        return tls_failed_with(s, event);
    s->result->handshake_ms = (unsigned)(loop_now() - began);
    s->result->secure = true;
    s->result->facts = tls_facts(&s->channel.tls);
    s->result->facts.alpn = s->result->facts.server_name = bytes_of(NULL, 0);
    smtp_client_tls(&s->smtp);
    return true;
}

/* ---- the message ---- */

/* The server hung up, or broke off with a reply, before the end of the message. That reply, if
 * there is one, says why; none can mean that the message was taken. */
static bool broke_off(struct submission *s)
{
    size_t used;

    if (channel_receive(&s->channel) != CHANNEL_BYTES)
        return lost(s, false);
    s->out.len = 0;
    smtp_client_message_end(&s->smtp, &s->out);
    smtp_client_step(&s->smtp, channel_input(&s->channel), &used, &s->out);
    channel_use(&s->channel, used);
    s->out.len = 0;
    if (s->smtp.exit_code == SMTP_EXIT_OK)
        smtp_client_abort(&s->smtp, SMTP_EXIT_PROTOCOL,
                          "the server answered before the end of the message");
    return false;
}

/* One bufferful of the encoded message; a server may break it off. */
static bool send_encoded(struct submission *s)
{
    enum channel_sent sent;

    if (channel_write(&s->channel, writer_bytes(&s->out)) < s->out.len)
        return lost(s, false);
    s->out.len = 0;
    while ((sent = channel_flush(&s->channel)) != CHANNEL_SENT) {
        if (sent == CHANNEL_LOST)
            return broke_off(s);
        if (!wait_for(s->channel.fd, POLLOUT, deadline(s, BLOCK_SECONDS)))
            return lost(s, true);
    }
    return true;
}

static bool send_piece(struct submission *s, struct bytes piece)
{
    while (piece.len > 0) {
        size_t taken = smtp_client_message(&s->smtp, piece, &s->out);
        piece = bytes_of(piece.at + taken, piece.len - taken);
        if (taken == 0 && s->out.len == 0)
            return false;                                /* a bare CR */
        if (!send_encoded(s))
            return false;
    }
    return true;
}

/* False if the session has failed, by itself or because of the file. */
static bool send_message(struct submission *s)
{
    uint8_t piece[8192];
    size_t n;

    if (!send_out(s))
        return false;
    rewind(s->settings->message);
    while ((n = fread(piece, 1, sizeof piece, s->settings->message)) > 0) {
        if (!send_piece(s, bytes_of(piece, n)))
            return false;
    }
    if (ferror(s->settings->message)) {
        smtp_client_abort(&s->smtp, SMTP_EXIT_IO, "the message cannot be read any more");
        return false;
    }
    return smtp_client_message_end(&s->smtp, &s->out);
}

/* ---- the session ---- */

/* Gets input for the session, or tells it that there is none. The time is for a whole reply, or a
 * server that sends a byte now and then would hold us for ever. */
static void await_reply(struct submission *s)
{
    if (s->reply_due == 0)
        s->reply_due = deadline(s, smtp_client_reply_seconds(&s->smtp));
    switch (hear(s, s->reply_due)) {
    case CHANNEL_BYTES:
    case CHANNEL_SECURED:
        return;
    case CHANNEL_WAITS:
        smtp_client_end(&s->smtp, true);
        return;
    case CHANNEL_ENDED:
    case CHANNEL_BROKEN:
        smtp_client_end(&s->smtp, false);
        return;
    }
}

static void converse(struct submission *s)
{
    size_t replies = 0;

    for (;;) {
        size_t used = 0;
        enum smtp_client_event event = smtp_client_step(&s->smtp, channel_input(&s->channel),
                                                        &used, &s->out);
        channel_use(&s->channel, used);
        if (s->smtp.replies != replies)
            s->reply_due = 0;
        replies = s->smtp.replies;
        switch (event) {
        case SMTP_CLIENT_WANTS_INPUT:
            if (s->out.len > 0)
                send_out(s);
            else
                await_reply(s);
            break;
        case SMTP_CLIENT_WANTS_OUTPUT:
            send_out(s);
            break;
        case SMTP_CLIENT_STARTTLS:
            if (!send_out(s) || !secure(s))
                return;
            break;
        case SMTP_CLIENT_MESSAGE:
            send_message(s);
            break;
        case SMTP_CLIENT_DONE:
        case SMTP_CLIENT_FAILED:
            send_out(s);
            return;
        }
    }
}

/* What happened, in the session's words unless TLS or the socket had some. */
static void conclude(struct submission *s)
{
    static const char implicit[] = "; if this port speaks TLS from the first byte on, use --tls "
                                   "implicit";
    struct submit_result *r = s->result;
    bool silent = !s->channel.secure && s->channel.bytes_in == 0;
    const struct tls_failure f = s->channel.secure ? tls_failure(&s->channel.tls)
                                                   : (struct tls_failure){ .reason = "" };

    if (r->exit_code == SMTP_EXIT_OK) {
        r->exit_code = s->smtp.exit_code;
        bool failed = r->exit_code != SMTP_EXIT_OK;
        snprintf(r->reason, sizeof r->reason, "%s%s%s%s", s->smtp.reason,
                 failed && f.reason[0] != 0 ? "; TLS: " : "", failed ? f.reason : "",
                 failed && silent ? implicit : "");
    }
    memcpy(r->reply, s->smtp.reply_text, sizeof r->reply);
    r->mechanism = s->smtp.mechanism;
    r->bytes_in = s->channel.bytes_in;
    r->bytes_out = s->channel.bytes_out;
}

static void run(struct submission *s)
{
    if (!smtp_client_start(&s->smtp, s->settings->smtp)) {
        s->result->nobody_asked = true;
        fail(s, s->smtp.exit_code, "%s", s->smtp.reason);
        return;
    }
    if (!open_connection(s))
        return;
    converse(s);
    channel_finish(&s->channel);
    channel_flush(&s->channel);
    conclude(s);
    channel_close(&s->channel);
}

void submit(struct submit_result *out, const struct submit_settings *settings)
{
    static struct submission s;
    int64_t began = loop_now();

    memset(out, 0, sizeof *out);
    memset(&s, 0, sizeof s);
    s.settings = settings;
    s.result = out;
    s.memory = channel_memory(1);
    s.out = writer_of(s.text, sizeof s.text);
    run(&s);
    channel_memory_free(&s.memory);
    out->total_ms = (unsigned)(loop_now() - began);
    wipe(&s, sizeof s);
}
