/* tests/mailroom.h - a server session with everything around it played in memory.
 *
 * Answers each event at once: passwords (alice, "secret"), the store (a buffer), the policy
 * (mail.test has alice, bob, postmaster; and full, off, later, which are what they say). Time and
 * randomness are fixed. What a test asks about afterwards is in the struct.
 */
#ifndef SEALPOST_TESTS_MAILROOM_H
#define SEALPOST_TESTS_MAILROOM_H

#include "smtp/server.h"

enum { MAILROOM_BYTES = 1 << 18 };

struct mailroom {
    struct smtp_server_settings settings;          /* may be changed before mailroom_open */
    struct smtp_server session;
    enum smtp_store_result open_result, store_result;
    bool hold_auth;                                /* leave AUTHENTICATE unanswered */

    uint8_t in[MAILROOM_BYTES]; size_t in_len;     /* offered, not used */
    uint8_t out[MAILROOM_BYTES];                   /* all replies so far, NUL-terminated */
    struct writer replies;
    size_t read;                                   /* of them, by mailroom_said */
    uint8_t draft[MAILROOM_BYTES]; size_t draft_len;
    uint8_t stored[MAILROOM_BYTES]; size_t stored_len;     /* content of the last one stored */
    char trace[MESSAGE_TRACE_MAX + 1];             /* its Received: */
    char sender[256], recipients[1024];            /* its envelope; recipients end in '\n' each */
    char log[1 << 16]; size_t log_len;             /* one line per entry */
    unsigned begun, stored_count, aborted, pauses;
    bool wants_tls, closed;
    uint8_t paths[1 << 15];
};

struct mailroom *mailroom_new(bool implicit_tls);  /* free() it */
void mailroom_open(struct mailroom *m);            /* greeting; TLS is up if implicit */
void mailroom_feed(struct mailroom *m, struct bytes in);
void mailroom_feed_text(struct mailroom *m, const char *text);
void mailroom_tls(struct mailroom *m);             /* answers STARTTLS */
void mailroom_login(struct mailroom *m);           /* EHLO, AUTH; forgets the replies to them */
void mailroom_end(struct mailroom *m, enum smtp_end why);

/* Replies since the last call, as a string. */
const char *mailroom_said(struct mailroom *m);

#endif
