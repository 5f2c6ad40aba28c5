/* smtp/client.h - one SMTP submission session, seen from the client; no I/O.
 *
 * Sends one message: greeting, EHLO, STARTTLS, EHLO again, AUTH, MAIL, RCPT, DATA, QUIT (RFC 5321,
 * 3207, 4954, 4616, 2920, 1870, 6152). TLS is not an option: without implicit_tls the server must
 * offer STARTTLS and it must work; nothing but EHLO, STARTTLS and QUIT ever leaves in the clear.
 *
 *     smtp_client_start(&c, &settings);
 *     if (implicit) smtp_client_tls(&c);                   once the handshake is over
 *     for (;;) {
 *         event = smtp_client_step(&c, in, &used, &out);
 *         drop `used` bytes from the front of `in`, send `out`, then act on the event
 *     }
 *
 * Bytes not `used` are offered again. Commands are appended to `out`; with less than
 * SMTP_CLIENT_OUTPUT_MIN free, step returns SMTP_CLIENT_WANTS_OUTPUT until there is room.
 *
 * All or nothing: the message goes to every recipient or to none. If the server refuses one, the
 * session ends before DATA, with the answer to each recipient beside it; so the exit status means
 * one thing, and a repeated run never sends a copy twice. For the same reason MAIL and RCPT are
 * pipelined and DATA is not: after a 354 there is no way back (RFC 2920 §3.1).
 *
 * Secrets: the password stays in the caller's memory; the encoded AUTH line is in `out` only, and
 * the caller wipes that buffer after sending. Neither is ever part of a reason: the words of a
 * server about AUTH are shown only if they do not quote one of them.
 */
#ifndef SEALPOST_SMTP_CLIENT_H
#define SEALPOST_SMTP_CLIENT_H

#include "smtp/address.h"
#include "smtp/data.h"
#include "smtp/reply.h"

enum {
    SMTP_CLIENT_OUTPUT_MIN = 2048,     /* the longest command line, AUTH PLAIN, and some */
    SMTP_REASON_MAX        = 640,
};

/* sysexits.h, by the meaning they have here. */
enum smtp_exit {
    SMTP_EXIT_OK          = 0,
    SMTP_EXIT_USAGE       = 64,
    SMTP_EXIT_DATA        = 65,        /* the message or an address cannot be sent as it is */
    SMTP_EXIT_NO_USER     = 67,        /* recipient unknown (5xx with 5.1.x) */
    SMTP_EXIT_NO_HOST     = 68,
    SMTP_EXIT_UNAVAILABLE = 69,        /* refused for good; no STARTTLS; no usable AUTH */
    SMTP_EXIT_SOFTWARE    = 70,
    SMTP_EXIT_OS          = 71,
    SMTP_EXIT_IO          = 74,        /* a file or pipe of our own cannot be read */
    SMTP_EXIT_TEMPORARY   = 75,        /* any 4xx, or the connection broke (RFC 5321 §3.8) */
    SMTP_EXIT_PROTOCOL    = 76,        /* the peer does not speak SMTP as it should; TLS failed */
    SMTP_EXIT_PERMISSION  = 77,        /* user or password refused */
    SMTP_EXIT_CONFIG      = 78,
};

/* Input: `address`, a mailbox without brackets that address_parse takes. The rest is the result. */
struct smtp_client_recipient {
    struct bytes address;
    uint16_t code;                     /* of the reply to RCPT; 0: none came */
    struct enhanced_code enhanced;
    char text[REPLY_TEXT_MAX + 1];     /* the server's words, sanitised */
};

struct smtp_client_settings {
    const char *ehlo_name;             /* a domain name or address literal */
    bool implicit_tls;                 /* the connection is TLS from its first byte */
    struct bytes user, password;       /* empty user: do not authenticate */
    struct bytes sender;               /* a mailbox without brackets; empty: <> */
    struct smtp_client_recipient *recipients;
    size_t recipient_count;
    const struct data_scan *message;   /* size and 8-bit-ness, from data_scan over the message */
};

enum smtp_client_event {
    SMTP_CLIENT_WANTS_INPUT,
    SMTP_CLIENT_WANTS_OUTPUT,
    SMTP_CLIENT_STARTTLS,              /* start TLS, then smtp_client_tls; until then step says
                                          this again (with implicit_tls at once). All of `in` has
                                          been used: bytes behind the 220 are an error */
    SMTP_CLIENT_MESSAGE,               /* give the message by smtp_client_message */
    SMTP_CLIENT_DONE,                  /* the server has taken responsibility: close */
    SMTP_CLIENT_FAILED,                /* see exit_code and reason: close */
};

struct smtp_client {
    const struct smtp_client_settings *settings;
    unsigned state;                    /* enum state in client.c */
    struct reply_reader reply;
    struct data_encoder data;
    bool tls;
    bool pipelining, starttls, has_size, eightbitmime, auth_plain, auth_login;     /* offered */
    bool ehlo_greeting_seen;           /* the first line of the reply to EHLO */
    uint64_t size_limit;               /* the server's, 0: none said */
    size_t written, answered;          /* of MAIL and the RCPTs, in that order */
    size_t replies;                    /* complete ones */
    const char *mechanism;             /* "PLAIN" or "LOGIN" once used, else NULL */
    enum smtp_exit exit_code;
    char reason[SMTP_REASON_MAX];      /* one line, printable ASCII */
    uint16_t code;                     /* of the last reply, for the log */
    struct enhanced_code enhanced;
    char reply_text[REPLY_TEXT_MAX + 1];       /* the final reply: "2.0.0 queued as ..." */
};

/* Checks the settings (names and addresses by the grammar, no CR, LF or NUL anywhere): false, with
 * exit_code and reason, if they cannot be sent. */
bool smtp_client_start(struct smtp_client *c, const struct smtp_client_settings *settings);

enum smtp_client_event smtp_client_step(struct smtp_client *c, struct bytes in, size_t *used,
                                        struct writer *out);

/* TLS is up: once, after SMTP_CLIENT_STARTTLS, or before the first step with implicit_tls. */
void smtp_client_tls(struct smtp_client *c);

/* After SMTP_CLIENT_MESSAGE: dot-stuffs `in` (LF or CRLF line ends) into `out`, as much as fits;
 * returns bytes taken. Then smtp_client_message_end, which needs DATA_END_ROOM, and step again.
 * Both fail the session at a bare CR: the next step says FAILED, and the connection is to be
 * dropped as it is, for nothing but the missing dot keeps a server from taking half a message.
 * So does smtp_client_abort, when the message breaks off. */
size_t smtp_client_message(struct smtp_client *c, struct bytes in, struct writer *out);
bool   smtp_client_message_end(struct smtp_client *c, struct writer *out);
void   smtp_client_abort(struct smtp_client *c, enum smtp_exit code, const char *reason);

/* The transport ended or timed out; the next step says DONE or FAILED. After the final dot the
 * outcome is unknown: that is said, with exit code 75. While QUIT is unanswered it is known. */
void smtp_client_end(struct smtp_client *c, bool timed_out);

/* Seconds to wait for the reply that is due (RFC 5321 §4.5.3.2). */
unsigned smtp_client_reply_seconds(const struct smtp_client *c);

#endif
