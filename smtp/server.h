/* smtp/server.h - one SMTP submission session, seen from the server; no I/O.
 *
 * Implements RFC 5321 and RFC 6409 for a listener that takes mail from its own users: STARTTLS
 * (RFC 3207) or implicit TLS (RFC 8314), AUTH PLAIN and LOGIN (RFC 4954, 4616), PIPELINING
 * (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152), ENHANCEDSTATUSCODES (RFC 2034).
 * AUTH only under TLS, MAIL only after AUTH; nothing switches that off.
 *
 * The session allocates nothing, reads no clock by itself, and never waits: where it needs
 * something from outside it returns an event, and goes on when it has been answered.
 *
 *     smtp_server_start(&s, &settings);
 *     if (implicit) smtp_server_tls(&s, &facts);          once the handshake is over
 *     for (;;) {
 *         event = smtp_server_step(&s, in, &used, &out);  first: writes the greeting
 *         drop `used` bytes from the front of `in`, then act on the event
 *     }
 *
 * Bytes that were not `used` stay the caller's and are offered again in front of what follows; the
 * session itself keeps at most one partial command line. `out` is the caller's buffer of replies
 * waiting to be sent: the session appends, the caller empties it (out.len = 0, or moves the rest
 * down). Back-pressure: with less than SMTP_SERVER_OUTPUT_MIN free the session uses no input and
 * returns SMTP_SERVER_WANTS_OUTPUT.
 *
 * Secrets: a password is in the session only between the arrival of its line and the answer to
 * SMTP_SERVER_AUTHENTICATE; it is wiped then, and in smtp_server_end. It is never in a log entry.
 * The caller's own input buffers hold it too, and are the caller's to wipe.
 */
#ifndef SEALPOST_SMTP_SERVER_H
#define SEALPOST_SMTP_SERVER_H

#include "crypto/random.h"
#include "smtp/address.h"
#include "smtp/data.h"
#include "smtp/line.h"
#include "smtp/message.h"
#include "smtp/reply.h"

enum {
    SMTP_SERVER_OUTPUT_MIN = 1024,     /* more than the longest reply, the one to EHLO */
    SMTP_EHLO_NAME_MAX     = 255,
    SMTP_USER_MAX          = 255,      /* RFC 4616 §2: up to 255 octets */
};

/* ---- settings: shared by all sessions of a listener, never changed ---- */

/* 0 means the default in brackets. */
struct smtp_limits {
    uint64_t message_size;             /* [36700160] octets, as RFC 1870 counts them */
    unsigned recipients;               /* [500] per message; then 452 4.5.3 */
    unsigned messages;                 /* [100] per session; then 421 4.7.0 and close */
    unsigned errors;                   /* [10] replies of 5xx to commands; then 421 4.7.0 */
    unsigned junk;                     /* [50] NOOP, RSET, HELP ... since a message; then 421 */
    unsigned auth_failures;            /* [3]; then 421 4.7.0 */
};

enum smtp_verdict {                    /* what a policy says of an address */
    SMTP_ACCEPT,
    SMTP_UNKNOWN_USER,                 /* 550 5.1.1 */
    SMTP_RELAY_DENIED,                 /* 550 5.7.1: not a domain of ours */
    SMTP_MAILBOX_OFF,                  /* 550 5.2.1 */
    SMTP_MAILBOX_FULL,                 /* 452 4.2.2 */
    SMTP_TRY_LATER,                    /* 451 4.3.0 */
    SMTP_NOT_YOURS,                    /* 550 5.7.1: a sender that is not this user's */
};

/* Both are pure look-ups, answered at once. `user` is the account that authenticated. The null
 * reverse-path is a sender too (address_is_null). NULL: accept every sender, refuse every
 * recipient. */
struct smtp_policy {
    enum smtp_verdict (*sender)(void *context, struct bytes user, const struct address *from);
    enum smtp_verdict (*recipient)(void *context, struct bytes user, const struct address *to);
    void *context;
};

/* A fact worth a line in the log. Strings are static; views die when the call returns, may hold any
 * byte, and are the log's to escape. None holds a password or any part of an AUTH exchange but
 * the user's name. */
enum smtp_log_kind {
    SMTP_LOG_AUTH,                     /* code 235 or else; user, mechanism, count of failures */
    SMTP_LOG_MAIL,                     /* code 250: id, from, size, recipients */
    SMTP_LOG_REJECT,                   /* stage, code, enhanced, reason; from and to if known */
    SMTP_LOG_DISCONNECT,               /* reason: how it ended; counters in the session */
};

struct smtp_log {
    enum smtp_log_kind kind;
    const char *stage;                 /* verb in lower case: "rcpt", "data", "" before any */
    uint16_t code;
    const char *enhanced, *reason;     /* "" if none */
    const char *mechanism;             /* AUTH */
    struct bytes user, from, to;
    const char *id;                    /* of the message, "" if none */
    uint64_t size;                     /* of the content received */
    unsigned count;                    /* recipients; failures for AUTH */
};

struct smtp_server;

struct smtp_server_settings {
    const char *hostname;              /* in the greeting and the trace field; a domain name */
    bool implicit_tls;                 /* submissions; else submission with STARTTLS */
    struct smtp_limits limits;
    struct smtp_policy policy;
    const struct random_source *random;            /* for ids; NULL: random_system */
    int64_t (*now)(void *context);                 /* milliseconds since 1970 UTC; required */
    void *now_context;
    void (*log)(void *context, const struct smtp_server *s, const struct smtp_log *entry);
    void *log_context;                 /* see also smtp_server.user_data */
};

/* Names for the trace field and the log, all static: "TLS_AES_128_GCM_SHA256", "x25519",
 * "ecdsa_secp256r1_sha256". NULL if unknown. */
struct smtp_tls_facts { const char *suite, *group, *scheme; };

/* ---- events ---- */

enum smtp_server_event {
    SMTP_SERVER_WANTS_INPUT,           /* offer more bytes when they come */
    SMTP_SERVER_WANTS_OUTPUT,          /* make room in `out`, then step again */
    SMTP_SERVER_WAITS,                 /* an answer is outstanding; no input is used until then */
    SMTP_SERVER_PAUSE,                 /* too many errors: step again after a second; to step at
                                          once is harmless */
    SMTP_SERVER_STARTTLS,              /* send `out` in the clear, then start TLS; then
                                          smtp_server_tls. All of `in` has been used: what has
                                          not arrived yet belongs to TLS */
    SMTP_SERVER_AUTHENTICATE,          /* check smtp_server_user and _password; answer with
                                          smtp_server_authenticated, at once or later */
    SMTP_SERVER_MESSAGE_BEGIN,         /* DATA: the envelope is known. Open the store, write the
                                          trace fields; answer with smtp_server_opened */
    SMTP_SERVER_MESSAGE_BYTES,         /* content, unstuffed, CRLF as received, in `data` */
    SMTP_SERVER_MESSAGE_END,           /* commit durably; answer with smtp_server_stored. The only
                                          event after which anything may be delivered */
    SMTP_SERVER_MESSAGE_ABORT,         /* forget the open message: refused, or the session ended */
    SMTP_SERVER_CLOSE,                 /* send `out`, close (with close_notify); repeats forever */
};

/* ---- the session ---- */

/* The mail transaction (RFC 5321 §3.3). tx_reset in server.c is the only writer of an empty one. */
struct smtp_transaction {
    bool has_sender;
    uint8_t sender_len;                        /* 0: the null reverse-path */
    uint8_t sender[ADDRESS_TEXT_MAX];
    uint64_t declared_size;                    /* SIZE=, 0 if not given */
    bool body_8bit;
    unsigned recipients, refused;              /* accepted, and refused */
    struct writer paths;                       /* accepted ones: a length byte, then the mailbox */
    char id[MESSAGE_ID_LEN + 1];               /* made when DATA is accepted */
};

struct smtp_server {
    const struct smtp_server_settings *settings;
    void *user_data;                           /* the caller's own; the session never looks */
    char sid[MESSAGE_ID_LEN + 1];              /* names the session in the log and in replies */
    unsigned state;                            /* enum state in server.c */
    unsigned facts;                            /* what the session has: smtp/command.h */
    struct smtp_tls_facts tls;
    struct line_reader line;
    struct data_decoder data;
    struct message_check message;
    struct smtp_transaction tx;
    uint8_t ehlo_len, user_len;
    uint8_t ehlo[SMTP_EHLO_NAME_MAX], user[SMTP_USER_MAX];
    const char *mechanism;                     /* of the AUTH exchange that is going on */
    struct bytes password;                     /* inside `line`, while it is being checked */
    bool esmtp, pausing, aborting;             /* events that are due before all else */
    bool store_open, over;                     /* a message is open; DISCONNECT has been logged */
    uint8_t answer;                            /* the caller's, until step writes the reply */
    const char *end_reason;                    /* for the log */
    const struct reply *last_words;            /* 421 to be written at the end, or NULL */
    const char *stage;                         /* verb of the command that is being handled */
    unsigned commands, errors, junk, auth_failures, messages;
    uint64_t bytes_in, bytes_out;
};

/* `settings` must outlive the session. Draws randomness for the session's id; false if the source
 * failed. */
bool smtp_server_start(struct smtp_server *s, const struct smtp_server_settings *settings);

/* Lends the memory that recipients are kept in; an idle session needs none. Without it, or when it
 * is full, recipients get 452. 100 paths, RFC 5321's minimum, need 25500 bytes at the very most;
 * paths are seldom longer than 40. May be taken back (NULL, 0) whenever
 * smtp_server_in_transaction is false. */
void smtp_server_lend(struct smtp_server *s, uint8_t *memory, size_t len);
bool smtp_server_in_transaction(const struct smtp_server *s);

/* TLS is up: everything that the client said before is forgotten (RFC 3207 §4.2). Once per session:
 * after SMTP_SERVER_STARTTLS, or before the first step with implicit_tls. */
void smtp_server_tls(struct smtp_server *s, const struct smtp_tls_facts *facts);

/* Goes on with the bytes in `in`, which may be empty; returns the next event. MESSAGE_BYTES sets
 * *data, a view into `in`. */
enum smtp_server_event smtp_server_step(struct smtp_server *s, struct bytes in, size_t *used,
                                        struct writer *out, struct bytes *data);

/* For AUTHENTICATE: valid until the answer. Both may hold any byte but NUL. */
struct bytes smtp_server_user(const struct smtp_server *s);
struct bytes smtp_server_password(const struct smtp_server *s);

enum smtp_auth_result { SMTP_AUTH_OK, SMTP_AUTH_WRONG, SMTP_AUTH_LATER, SMTP_AUTH_DISABLED };
void smtp_server_authenticated(struct smtp_server *s, enum smtp_auth_result result);

/* The envelope, from MESSAGE_BEGIN until the answer to MESSAGE_END. The sender is a mailbox
 * without brackets, empty for the null path. Each recipient is a vector with one length byte:
 *     struct reader r = smtp_server_recipients(s);
 *     while (reader_more(&r)) { struct bytes to = read_vec8(&r, 1); ... }                */
struct bytes  smtp_server_sender(const struct smtp_server *s);
struct reader smtp_server_recipients(const struct smtp_server *s);
const char   *smtp_server_message_id(const struct smtp_server *s);    /* of the store and the log */

/* The Received: field of this message, CRLF at its end (and within); MESSAGE_TRACE_MAX bytes are
 * enough. It goes above the content, under the store's own fields; all below it is the content. */
void smtp_server_trace(const struct smtp_server *s, struct writer *w);

enum smtp_store_result {
    SMTP_STORE_OK,
    SMTP_STORE_NO_SPACE,               /* 452 4.3.1 */
    SMTP_STORE_FAILED,                 /* 451 4.3.0 */
};
/* Answers MESSAGE_BEGIN; anything but OK refuses DATA, and no other event comes for the message. */
void smtp_server_opened(struct smtp_server *s, enum smtp_store_result result);
/* Answers MESSAGE_END. After anything but OK the caller has undone the store by itself. */
void smtp_server_stored(struct smtp_server *s, enum smtp_store_result result);

/* The connection is over or has to be; step then gives MESSAGE_ABORT if a message was open, and
 * CLOSE. A message whose end had been reported is the caller's to finish or to drop. */
enum smtp_end {
    SMTP_END_CLOSED,                   /* the peer closed in order */
    SMTP_END_TRUNCATED,                /* a TLS stream ended without close_notify, or broke */
    SMTP_END_TIMEOUT,                  /* 421 4.4.2 */
    SMTP_END_SHUTDOWN,                 /* 421 4.3.2 */
};
void smtp_server_end(struct smtp_server *s, enum smtp_end why);

/* Seconds that the peer may be silent now (RFC 5321 §4.5.3.2.7: at least 5 minutes); seconds that a
 * command line, once begun, must be complete in. 0: no limit now, the session waits for its
 * caller, or no line has been begun. */
unsigned smtp_server_idle_seconds(const struct smtp_server *s);
unsigned smtp_server_line_seconds(const struct smtp_server *s);

#endif
