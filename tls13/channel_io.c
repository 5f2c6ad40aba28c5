/* tls13/channel_io.c - bytes between a socket and whoever speaks on it, plain or through TLS.
 *
 * Trusts      the TLS engine to refuse whatever is not TLS; nothing here looks into records.
 * Secret      plaintext in the buffers: they are wiped when they are given back.
 */
#include "tls13/channel_io.h"

#include "crypto/wipe.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- memory that is lent ---- */

/* A kept block begins with the pointer to the next one. */
void *lender_take(struct lender *l)
{
    void *block = l->first;

    if (block != NULL) {
        memcpy(&l->first, block, sizeof l->first);
        l->kept--;
    } else {
        block = malloc(l->size);
    }
    l->lent += block != NULL;
    return block;
}

void lender_give(struct lender *l, void *block)
{
    if (block == NULL)
        return;
    wipe(block, l->size);
    l->lent--;
    if (l->kept >= l->keep) {
        free(block);
        return;
    }
    memcpy(block, &l->first, sizeof l->first);
    l->first = block;
    l->kept++;
}

void lender_free(struct lender *l)
{
    while (l->first != NULL) {
        void *block = l->first;
        memcpy(&l->first, block, sizeof l->first);
        free(block);
    }
    l->kept = 0;
}

struct channel_memory channel_memory(size_t keep)
{
    return (struct channel_memory){
        .buffers    = { .size = CHANNEL_BUFFER_LEN, .keep = 2 * keep },
        .handshakes = { .size = sizeof(struct channel_handshake), .keep = keep },
    };
}

void channel_memory_free(struct channel_memory *m)
{
    lender_free(&m->buffers);
    lender_free(&m->handshakes);
}

/* ---- life ---- */

void channel_open(struct channel *c, int fd, struct channel_memory *memory)
{
    memset(c, 0, sizeof *c);
    c->fd = fd;
    c->memory = memory;
}

static void give_input(struct channel *c)
{
    lender_give(&c->memory->buffers, c->in);
    c->in = NULL;
    c->in_at = c->in_len = c->plain_at = c->plain_len = 0;
}

static void give_output(struct channel *c)
{
    lender_give(&c->memory->buffers, c->out);
    c->out = NULL;
    c->out_at = c->out_len = 0;
}

static void give_handshake(struct channel *c)
{
    lender_give(&c->memory->handshakes, c->handshake);
    c->handshake = NULL;
}

void channel_close(struct channel *c)
{
    if (c->fd < 0)
        return;
    close(c->fd);
    c->fd = -1;
    give_input(c);
    give_output(c);
    give_handshake(c);
    wipe(&c->tls, sizeof c->tls);
}

static enum channel_event broken(struct channel *c, const char *trouble, int error)
{
    c->trouble = trouble;
    c->error = error;
    return CHANNEL_BROKEN;
}

bool channel_start_tls(struct channel *c, const struct tls_config *config)
{
    return channel_start_resuming(c, config, &(struct tls_resumption){ 0 });
}

bool channel_start_resuming(struct channel *c, const struct tls_config *config,
                            const struct tls_resumption *resumption)
{
    assert(!c->secure && c->plain_len == 0 && c->in_at == c->in_len && c->out_at == c->out_len);
    c->handshake = lender_take(&c->memory->handshakes);
    if (c->handshake == NULL) {
        broken(c, "out of memory", 0);
        return false;
    }
    give_input(c);
    c->secure = true;
    tls_start_resuming(&c->tls, config, &c->handshake->handshake,
                       c->handshake->incoming, sizeof c->handshake->incoming,
                       c->handshake->outgoing, sizeof c->handshake->outgoing, resumption);
    return true;
}

void channel_forget(struct channel *c, const struct tls_config *config)
{
    tls_start(&c->tls, config, &c->handshake->handshake,
              c->handshake->incoming, sizeof c->handshake->incoming,
              c->handshake->outgoing, sizeof c->handshake->outgoing);
}

/* ---- receiving ---- */

struct bytes channel_input(const struct channel *c)
{
    return bytes_of(c->plain_len > 0 ? c->in + c->plain_at : NULL, c->plain_len);
}

void channel_use(struct channel *c, size_t used)
{
    assert(used <= c->plain_len);
    c->plain_at += used;
    c->plain_len -= used;
    if (!c->secure)
        c->in_at += used;
    if (c->plain_len == 0 && c->in_at == c->in_len)
        give_input(c);
}

/* The bytes that are not used yet move to the front, and the socket fills up the rest. Returns
 * CHANNEL_BYTES if there are more than before. */
static enum channel_event fill(struct channel *c)
{
    if (c->in == NULL && (c->in = lender_take(&c->memory->buffers)) == NULL)
        return broken(c, "out of memory", 0);
    if (c->in_at > 0) {
        memmove(c->in, c->in + c->in_at, c->in_len - c->in_at);
        c->in_len -= c->in_at;
        c->in_at = 0;
    }
    ssize_t n;
    do
        n = recv(c->fd, c->in + c->in_len, CHANNEL_BUFFER_LEN - c->in_len, 0);
    while (n < 0 && errno == EINTR);
    int error = errno;
    if (n <= 0 && c->in_len == 0)
        give_input(c);
    if (n < 0)
        return error == EAGAIN ? CHANNEL_WAITS : broken(c, "connection", error);
    if (n == 0)
        return CHANNEL_ENDED;
    c->in_len += (size_t)n;
    c->bytes_in += (uint64_t)n;
    return CHANNEL_BYTES;
}

static void remember_first(struct channel *c)
{
    while (c->first_len < sizeof c->first && c->in_at + c->first_len < c->in_len) {
        c->first[c->first_len] = c->in[c->in_at + c->first_len];
        c->first_len++;
    }
}

/* The transport has ended. In the clear that is all there is to an orderly end; in TLS it is one only
 * after a close_notify (RFC 8446 §6.1). */
static enum channel_event on_end(struct channel *c)
{
    if (!c->secure)
        return CHANNEL_ENDED;
    if (tls_receive_end(&c->tls) == TLS_PEER_CLOSED)
        return CHANNEL_ENDED;
    c->truncated = true;
    return CHANNEL_BROKEN;
}

/* One record, if a whole one is there. CHANNEL_WAITS: the socket has to give more. */
static enum channel_event take_record(struct channel *c)
{
    struct tls_received got;
    uint8_t *at = c->in != NULL ? c->in + c->in_at : c->first;      /* of no bytes */

    for (;;) {
        enum tls_event event = tls_receive(&c->tls, at, c->in_len - c->in_at, &got);
        c->in_at += got.used;
        at += got.used;
        if (c->handshake != NULL && tls_handshake_over(&c->tls))
            give_handshake(c);
        switch (event) {
        case TLS_NEED_INPUT:
        case TLS_NEED_SIGNATURE:
            return CHANNEL_WAITS;
        case TLS_CONNECTED:
            return CHANNEL_SECURED;
        case TLS_PEER_CLOSED:
            return CHANNEL_ENDED;
        case TLS_FAILED:
            return CHANNEL_BROKEN;
        case TLS_DATA:
            if (got.data.len == 0)
                continue;
            c->plain_at = (size_t)(got.data.at - c->in);
            c->plain_len = got.data.len;
            return CHANNEL_BYTES;
        case TLS_TICKET:
        case TLS_PROGRESS:
            continue;
        }
    }
}

enum channel_event channel_receive(struct channel *c)
{
    if (c->trouble != NULL || c->truncated || (c->secure && tls_failed(&c->tls)))
        return CHANNEL_BROKEN;
    for (;;) {
        if (c->plain_len > 0)
            return CHANNEL_BYTES;
        enum channel_event event = CHANNEL_WAITS;
        if (c->secure && c->in_len > c->in_at)
            event = take_record(c);
        if (event != CHANNEL_WAITS)
            return event;
        if (c->in_at == c->in_len)
            give_input(c);
        event = fill(c);
        if (event == CHANNEL_ENDED)
            return on_end(c);
        if (event != CHANNEL_BYTES)
            return event;
        if (c->secure) {
            remember_first(c);
        } else {
            c->plain_at = c->in_at;
            c->plain_len = c->in_len - c->in_at;
        }
    }
}

/* ---- sending ---- */

bool channel_has_output(const struct channel *c)
{
    return c->out_len > c->out_at || (c->secure && tls_has_output(&c->tls));
}

static bool lend_output(struct channel *c)
{
    if (c->out == NULL && (c->out = lender_take(&c->memory->buffers)) == NULL) {
        broken(c, "out of memory", 0);
        return false;
    }
    return true;
}

/* As many records as it takes, or as there is room for; returns how much of `plaintext` is in
 * them. */
static size_t seal(struct channel *c, struct bytes plaintext)
{
    size_t taken = 0;
    for (size_t n, more = 1; more > 0 && taken < plaintext.len; taken += more) {
        n = tls_seal(&c->tls, c->out + c->out_len, CHANNEL_BUFFER_LEN - c->out_len,
                     bytes_of(plaintext.at + taken, plaintext.len - taken), &more);
        c->out_len += n;
    }
    return taken;
}

size_t channel_write(struct channel *c, struct bytes plaintext)
{
    size_t taken = 0;

    if (plaintext.len == 0 || c->finished || c->out_len > c->out_at || !lend_output(c))
        return 0;
    if (plaintext.len > CHANNEL_WRITE_MAX)
        plaintext.len = CHANNEL_WRITE_MAX;
    if (c->secure) {
        taken = seal(c, plaintext);
    } else {
        memcpy(c->out, plaintext.at, plaintext.len);
        c->out_len = taken = plaintext.len;
    }
    if (c->out_len == 0)
        give_output(c);
    return taken;
}

void channel_finish(struct channel *c)
{
    if (c->secure && !c->finished && !tls_failed(&c->tls))
        tls_close(&c->tls);
    c->finished = true;
}

/* Puts TLS's own records behind what is waiting already. */
static bool add_tls_output(struct channel *c)
{
    while (c->secure && tls_has_output(&c->tls)) {
        if (!lend_output(c))
            return false;
        if (CHANNEL_BUFFER_LEN - c->out_len < TLS_OUTPUT_MIN)
            return true;
        size_t n = tls_output(&c->tls, c->out + c->out_len, CHANNEL_BUFFER_LEN - c->out_len);
        if (n == 0)
            return true;
        c->out_len += n;
    }
    return true;
}

static enum channel_sent send_waiting(struct channel *c)
{
    while (c->out_at < c->out_len) {
        ssize_t n = send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return CHANNEL_BLOCKED;
        if (n < 0) {
            broken(c, "connection", errno);
            return CHANNEL_LOST;
        }
        c->out_at += (size_t)n;
        c->bytes_out += (uint64_t)n;
    }
    c->out_at = c->out_len = 0;
    return CHANNEL_SENT;
}

enum channel_sent channel_flush(struct channel *c)
{
    do {
        if (!add_tls_output(c))
            return CHANNEL_LOST;
        enum channel_sent sent = send_waiting(c);
        if (sent != CHANNEL_SENT)
            return sent;
    } while (c->secure && tls_has_output(&c->tls));
    give_output(c);
    return CHANNEL_SENT;
}

bool channel_drain(struct channel *c, size_t limit)
{
    uint8_t scrap[4096];

    c->finished = true;
    give_input(c);
    shutdown(c->fd, SHUT_WR);
    for (;;) {
        ssize_t n = recv(c->fd, scrap, sizeof scrap, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 || errno != EAGAIN;
        c->drained += (size_t)n;
        if (c->drained > limit)
            return true;
    }
}

/* ---- words ---- */

/* A server that refuses before its first message may know TLS 1.2 at most. Not all of those say
 * protocol_version (RFC 8446 §D.2): BearSSL and GnuTLS say handshake_failure. NULL: not so. */
static const char *old_server(const struct channel *c, const struct tls_failure *f)
{
    if (!f->received || c->tls.config->is_server || tls_facts(&c->tls).suite != NULL)
        return NULL;
    if (f->alert == ALERT_PROTOCOL_VERSION)
        return "the server refused with protocol_version before a ServerHello: it does not know "
               "TLS 1.3";
    if (f->alert == ALERT_HANDSHAKE_FAILURE)
        return "the server refused with handshake_failure before a ServerHello: it may not know "
               "TLS 1.3";
    return NULL;
}

const char *channel_reason(const struct channel *c, char *buffer, size_t cap)
{
    struct tls_failure f = c->secure ? tls_failure(&c->tls) : (struct tls_failure){ 0 };

    if (c->trouble != NULL && c->error != 0)
        snprintf(buffer, cap, "%s: %s", c->trouble, strerror(c->error));
    else if (c->trouble != NULL)
        return c->trouble;
    else if (f.reason == NULL || (f.reason[0] == 0 && f.alert == ALERT_NONE))
        return c->truncated ? "the stream ended without close_notify" : "";
    else if (old_server(c, &f) != NULL)
        return old_server(c, &f);
    else if (f.received)
        snprintf(buffer, cap, "the peer sent alert %s", alert_name((uint8_t)f.alert));
    else
        return f.reason;
    return buffer;
}
