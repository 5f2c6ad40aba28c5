/* tests/bogo/shim.c - our end of BoringSSL's protocol tests; docs/bogo.md says how to run them.
 *
 * The runner starts this program once for each test, as client or server, and is the peer: over
 * one connection, or over several that resume. What it wants comes in flags; what went wrong goes
 * to standard error, as the alert and the reason that the engine gave.
 */
#include "tests/bogo/endpoint.h"
#include "tests/bogo/expect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TICKET_LIFETIME = 2 * 86400 };        /* BoringSSL's */
enum { INCOMING_LEN = 128 << 10 };           /* the longest chain has 51 RSA certificates */
enum { OUTGOING_LEN = 32 << 10, EXPORT_MAX = 4096 };

struct link {
    const struct flags *flags;
    struct endpoint endpoint;
    int socket;
    struct tls tls;
    struct tls_handshake handshake;
    uint8_t incoming[INCOMING_LEN], outgoing[OUTGOING_LEN];
    uint8_t in[TLS_RECORD_MAX], out[TLS_RECORD_MAX];
    size_t in_len;
    uint8_t unfinished[TLS_OUTPUT_MIN];      /* a record, and how much of it is not out yet */
    size_t unfinished_len;
};

/* ---- the socket ---- */

static int connect_to_runner(const struct flags *f)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)f->port),
                                .sin6_addr = in6addr_loopback };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)f->port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(f->ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) != 0
        || connect(fd, f->ipv6 ? (struct sockaddr *)&six : (struct sockaddr *)&four,
                   f->ipv6 ? sizeof six : sizeof four) != 0)
        broken("no connection to the runner");
    return fd;
}

/* A runner that has gone away is noticed when we read. */
static void send_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n <= 0)
            return;
        at += n;
        len -= (size_t)n;
    }
}

/* First our half, then to the end of theirs: a reset could overtake our alert. */
static void close_gently(int fd)
{
    char unread[1024];
    shutdown(fd, SHUT_WR);
    while (read(fd, unread, sizeof unread) > 0)
        continue;
    close(fd);
}

/* ---- records ---- */

/* Room for a record, or less under -max-send-fragment. */
static size_t room(const struct link *l)
{
    return l->flags->max_send_fragment > 0
         ? (size_t)l->flags->max_send_fragment + TLS_RECORD_OVERHEAD : sizeof l->out;
}

static void flush(struct link *l)
{
    size_t n;
    while ((n = tls_output(&l->tls, l->out, room(l))) > 0)
        send_all(l->socket, l->out, n);
}

static bool seal(struct link *l, struct bytes data)
{
    while (data.len > 0) {
        size_t taken;
        size_t n = tls_seal(&l->tls, l->out, room(l), data, &taken);
        if (n == 0)
            return false;
        send_all(l->socket, l->out, n);
        data = bytes_of(data.at + taken, data.len - taken);
    }
    return true;
}

/* The next event that is not NEED_INPUT. What it refers to is there until `consume`. */
static enum tls_event receive(struct link *l, struct tls_received *got)
{
    for (;;) {
        enum tls_event event = tls_receive(&l->tls, l->in, l->in_len, got);
        if (event != TLS_NEED_INPUT)
            return event;
        size_t want = l->flags->async ? 1 : got->need - l->in_len;
        ssize_t n = read(l->socket, l->in + l->in_len, want);
        if (n <= 0)
            return tls_receive_end(&l->tls);
        l->in_len += (size_t)n;
    }
}

/* Forgets the bytes that are done with. */
static void consume(struct link *l, const struct tls_received *got)
{
    l->in_len -= got->used;
    memmove(l->in, l->in + got->used, l->in_len);
}

/* ---- one connection ---- */

static bool handshake(struct link *l)
{
    enum tls_event event;
    struct tls_received got;
    do {
        flush(l);
        event = receive(l, &got);
        consume(l, &got);
    } while (event == TLS_PROGRESS);
    flush(l);
    return event == TLS_CONNECTED;
}

static bool write_exported(struct link *l)
{
    const struct flags *f = l->flags;
    uint8_t secret[EXPORT_MAX];
    size_t len = (size_t)f->export_keying_material;
    if (len > sizeof secret)
        unimplemented("a longer export");
    return tls_export(&l->tls, secret, len, f->export_label ? f->export_label : "",
                      bytes_of_string(f->export_context ? f->export_context : ""))
        && seal(l, bytes_of(secret, len));
}

/* Their length in two bytes, little-endian; the one that we read with, and our own. */
static bool write_traffic_secrets(struct link *l)
{
    const struct witness *w = &l->endpoint.witness;
    const struct traffic *own = l->flags->server ? &w->server_secret : &w->client_secret;
    const struct traffic *peer = l->flags->server ? &w->client_secret : &w->server_secret;
    uint8_t len[2] = { (uint8_t)own->len, (uint8_t)(own->len >> 8) };
    return seal(l, bytes_of(len, sizeof len)) && seal(l, bytes_of(peer->byte, peer->len))
        && seal(l, bytes_of(own->byte, own->len));
}

/* A record of which one byte goes out now, and the others once something was received. */
static bool begin_write(struct link *l, struct bytes data)
{
    size_t taken;
    size_t n = tls_seal(&l->tls, l->unfinished, sizeof l->unfinished, data, &taken);
    if (n == 0 || taken < data.len)
        return false;
    send_all(l->socket, l->unfinished, 1);
    l->unfinished_len = n - 1;
    return true;
}

static void end_write(struct link *l)
{
    send_all(l->socket, l->unfinished + 1, l->unfinished_len);
    l->unfinished_len = 0;
}

static bool write_first(struct link *l)
{
    struct bytes hello = bytes_of_string("hello");
    return l->flags->read_with_unfinished_write ? begin_write(l, hello)
         : !l->flags->shim_writes_first || seal(l, hello);
}

/* As a program would that reads so much at a time. */
static bool echo(struct link *l, struct bytes data)
{
    uint8_t copy[TLS_PLAINTEXT_MAX];
    size_t read_size = l->flags->read_size > 0 ? (size_t)l->flags->read_size : 512;
    end_write(l);
    for (struct reader r = reader_of(data); reader_more(&r);) {
        struct bytes piece = read_bytes(&r, r.rest.len < read_size ? r.rest.len : read_size);
        for (size_t i = 0; i < piece.len; i++)
            copy[i] = piece.at[i] ^ 0xff;
        if (l->flags->key_update && !tls_update_keys(&l->tls, false))
            return false;
        if (!seal(l, bytes_of(copy, piece.len)))
            return false;
    }
    return true;
}

/* Until the peer has nothing more to say, in good order or not. KeyUpdates are answered in front of
 * the data that follows, as RFC 8446 §4.6.3 asks, and so once for as many as came. */
static bool echo_all(struct link *l)
{
    for (;;) {
        struct tls_received got;
        enum tls_event event = receive(l, &got);
        bool good = event != TLS_DATA || echo(l, got.data);
        consume(l, &got);
        if (event == TLS_PEER_CLOSED)
            return true;
        if (event == TLS_FAILED || !good)
            return false;
    }
}

static bool truncated(const struct link *l)
{
    struct tls_failure f = tls_failure(&l->tls);
    return tls_failed(&l->tls) && f.alert == ALERT_NONE;
}

/* Our close_notify, and then the peer's. */
static bool close_orderly(struct link *l)
{
    struct tls_received got;
    enum tls_event event;
    tls_close(&l->tls);
    flush(l);
    do {
        event = receive(l, &got);
        consume(l, &got);
    } while (event == TLS_PROGRESS || event == TLS_TICKET);
    return event == TLS_PEER_CLOSED;
}

static bool send_alert(struct link *l)
{
    enum { DECOMPRESSION_FAILURE = 30 };
    tls_abort(&l->tls, (enum alert)DECOMPRESSION_FAILURE, "the flags say so");
    return true;
}

static bool exchange(struct link *l, bool again)
{
    const struct flags *f = l->flags;
    if (!handshake(l))
        return false;
    check_connection(&l->endpoint, &l->tls, again);
    if (f->export_traffic_secrets && !write_traffic_secrets(l))
        return false;
    if (f->export_keying_material > 0 && !write_exported(l))
        return false;
    if (f->send_alert)
        return send_alert(l);
    if (!write_first(l))
        return false;
    if (!f->shim_shuts_down && !echo_all(l) && !(truncated(l) && !f->check_close_notify))
        return false;
    return !f->check_close_notify || close_orderly(l);
}

static void report(const struct tls *t)
{
    struct tls_failure f = tls_failure(t);
    if (!tls_failed(t))
        return;
    fprintf(stderr, "%s %s: %s, in %s\n", f.received ? "received" : "sent",
            f.alert == ALERT_NONE ? "nothing" : alert_name((uint8_t)f.alert), f.reason,
            *f.message ? f.message : "no message");
}

/* A client that got no ticket has nothing for the next connection. */
static void check_session(const struct flags *f, const struct memory *memory,
                          const struct witness *witness)
{
    bool expected = !f->server && !f->expect_no_session && !f->no_ticket;
    expect(f->send_alert || f->shim_shuts_down || expected == (memory->kept.len > 0),
           "a session to resume");
    expect(!f->expect_ticket_supports_early_data || witness_max_early_data(witness) > 0,
           "a ticket for early data");
}

static void start(struct link *l, struct memory *memory)
{
    struct tls_resumption r = { .offer = &memory->offered, .keep = &memory->kept, .keep_count = 1 };
    memory->offered = memory->kept;
    memory->kept.len = 0;
    size_t incoming_len = l->flags->max_cert_list > 0 ? (size_t)l->flags->max_cert_list
                                                      : sizeof l->incoming;
    if (l->flags->server || l->flags->no_ticket)
        tls_start(&l->tls, &l->endpoint.config, &l->handshake, l->incoming, incoming_len,
                  l->outgoing, sizeof l->outgoing);
    else
        tls_start_resuming(&l->tls, &l->endpoint.config, &l->handshake, l->incoming, incoming_len,
                           l->outgoing, sizeof l->outgoing, &r);
}

static void say_who(const struct link *l)
{
    uint8_t shim_id[8] = { 0 };
    for (size_t i = 0; i < 4; i++)
        shim_id[i] = (uint8_t)((unsigned)l->flags->shim_id >> (8 * i));
    send_all(l->socket, shim_id, sizeof shim_id);
}

static void remember_ticket(struct memory *memory, const struct witness *w)
{
    memory->ticket_given = memory->clock;
    memory->ticket_age_add = w->ticket_age_add;
}

static bool run_connection(const struct flags *f, bool again, struct memory *memory)
{
    struct link *l = calloc(1, sizeof *l);
    if (!l)
        broken("out of memory");
    l->flags = f;
    endpoint_make(&l->endpoint, f, memory);
    l->socket = connect_to_runner(f);
    say_who(l);
    start(l, memory);
    bool good = exchange(l, again);
    flush(l);
    if (good)
        check_session(f, memory, &l->endpoint.witness);
    else
        report(&l->tls);
    remember_ticket(memory, &l->endpoint.witness);
    close_gently(l->socket);
    endpoint_free(&l->endpoint);
    free(l);
    return good;
}

static void say_done(void)
{
    fputs("--- DONE ---\n", stderr);       /* what comes after it is a sanitizer's */
}

int main(int argc, char **argv)
{
    static struct flag_sets sets;
    const char *unknown = flags_parse(&sets, argc, argv);
    if (unknown)
        unimplemented(unknown);
    if (sets.initial.is_handshaker_supported)
        return puts("No") < 0;
    signal(SIGPIPE, SIG_IGN);
    atexit(say_done);
    static struct memory memory;
    memory.clock = time(NULL);
    if (!ticket_keys_make(&memory.ticket_keys, &random_system, TICKET_LIFETIME, memory.clock))
        broken("no random bytes");
    for (int i = 0; i <= sets.initial.resume_count; i++) {
        const struct flags *f = i == 0 ? &sets.initial : &sets.resume;
        if (!run_connection(f, i > 0, &memory))
            return 1;
        memory.clock += f->resumption_delay;
    }
    return 0;
}
