/* tls13/channel_io.h - a socket that carries plain bytes, and from some moment on TLS.
 *
 * Both programs use it, non-blocking: it says when it would have to wait, and for what. There is no
 * way back from TLS to plain bytes: after close_notify, an alert or an error the channel has ended
 * (Exim's CVE-2026-45185 was such a way back).
 *
 * Memory is lent while bytes are in flight: a record buffer for what has arrived and is not used
 * yet, one for what waits to be sent, and the handshake's memory until the handshake is over. A
 * channel that is idle holds none of them.
 *
 *     channel_open        a connected socket; plain bytes
 *     channel_start_tls   from now on TLS
 *     channel_receive     what there is: bytes, the end, or nothing yet
 *     channel_write       takes plaintext to be sent; channel_flush sends it
 *     channel_finish      close_notify; then flush, then channel_drain until it has ended
 *     channel_close       gives everything back
 */
#ifndef SEALPOST_TLS13_CHANNEL_IO_H
#define SEALPOST_TLS13_CHANNEL_IO_H

#include "tls13/tls.h"

/* ---- memory that is lent ---- */

/* Blocks of one size; `keep` of them are held for the next one who asks. They are wiped when they
 * come back, for mail and passwords pass through them. */
struct lender {
    size_t size, keep;
    size_t lent, kept;
    void *first;
};

void *lender_take(struct lender *l);             /* NULL: no memory */
void lender_give(struct lender *l, void *block); /* NULL is allowed */
void lender_free(struct lender *l);              /* frees the blocks that are kept */

enum {
    CHANNEL_BUFFER_LEN = TLS_RECORD_MAX,
    CHANNEL_WRITE_MAX  = 8192,                   /* plaintext that channel_write takes at once */
};

struct channel_handshake {
    struct tls_handshake handshake;
    uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];
};

/* What the channels of a program have in common. */
struct channel_memory {
    struct lender buffers;
    struct lender handshakes;
};
struct channel_memory channel_memory(size_t keep);
void channel_memory_free(struct channel_memory *m);

/* ---- a channel ---- */

enum channel_event {
    CHANNEL_WAITS,         /* nothing more until the socket is readable */
    CHANNEL_BYTES,         /* plaintext, see channel_input */
    CHANNEL_SECURED,       /* the TLS handshake is over */
    CHANNEL_ENDED,         /* the peer ended in order: FIN in the clear, close_notify in TLS */
    CHANNEL_BROKEN,        /* truncated, refused or failed: see channel_reason */
};

struct channel {
    int fd;
    struct channel_memory *memory;
    bool secure, finished, truncated;
    const char *trouble;                         /* not TLS's: "out of memory", "read"; or NULL */
    int error;                                   /* errno that goes with it, or 0 */
    uint8_t *in;                                 /* lent; bytes in_at..in_len are not used yet */
    size_t in_at, in_len;
    size_t plain_len;                            /* of them, plaintext from `plain_at` on */
    size_t plain_at;
    uint8_t *out;                                /* lent; bytes out_at..out_len wait to be sent */
    size_t out_at, out_len;
    size_t drained;                              /* bytes thrown away at the end */
    uint64_t bytes_in, bytes_out;                /* on the wire */
    uint8_t first[8];                            /* the first bytes under TLS, for a hint */
    uint8_t first_len;
    struct channel_handshake *handshake;         /* lent */
    struct tls tls;
};

/* Takes over `fd`, which must be non-blocking. */
void channel_open(struct channel *c, int fd, struct channel_memory *memory);

/* Everything that came before must have been used and sent. A client then has output. False if there
 * is no memory. */
bool channel_start_tls(struct channel *c, const struct tls_config *config);

/* The same for a client that resumes: see tls_start_resuming. */
bool channel_start_resuming(struct channel *c, const struct tls_config *config,
                            const struct tls_resumption *resumption);

/* A server that tls_may_forget begins anew in the same memory: its cookie says the rest. */
void channel_forget(struct channel *c, const struct tls_config *config);

/* Takes in what has arrived, one record at a time. Bytes that it has given stay until
 * channel_use. */
enum channel_event channel_receive(struct channel *c);
struct bytes channel_input(const struct channel *c);
void channel_use(struct channel *c, size_t used);

/* Takes up to CHANNEL_WRITE_MAX bytes if nothing is waiting to be sent, else none; returns how many.
 * 0 with channel_has_output false: no memory, or the channel is over. */
size_t channel_write(struct channel *c, struct bytes plaintext);

enum channel_sent { CHANNEL_SENT, CHANNEL_BLOCKED, CHANNEL_LOST };
/* Sends what is waiting, TLS's own records included, as few writes as may be. BLOCKED: when the
 * socket is writable again. */
enum channel_sent channel_flush(struct channel *c);
bool channel_has_output(const struct channel *c);

/* No more plaintext will be written: queues close_notify. */
void channel_finish(struct channel *c);

/* After the last flush: tells the peer that nothing follows, and throws away what still comes, so
 * that what was sent is not lost to a reset. True once the peer has closed too, or has sent more
 * than `limit` bytes in all to be thrown away. */
bool channel_drain(struct channel *c, size_t limit);

void channel_close(struct channel *c);

/* Why it is BROKEN, in words; `buffer` is used if they must be put together. */
const char *channel_reason(const struct channel *c, char *buffer, size_t cap);

#endif
