/* smtp/message.h - what a server looks at in a message, and what it writes on top of it.
 *
 * Sources: RFC 5322 §2.2 (fields), RFC 5321 §4.4 (trace), RFC 3848 (with), RFC 8314 §4.3 (tls).
 * The content itself passes through unchanged, byte for byte.
 */
#ifndef SEALPOST_SMTP_MESSAGE_H
#define SEALPOST_SMTP_MESSAGE_H

#include "crypto/bytes.h"

enum {
    MESSAGE_ID_LEN           = 26,
    MESSAGE_TRACE_MAX        = 1536,   /* two names of 255, a path of 254, and the fixed parts */
    MESSAGE_DATE_LEN         = 31,     /* "Sun, 22 Nov 2026 01:28:05 +0000" */
    MESSAGE_LINE_MAX         = 998,    /* RFC 5322 §2.1.1, without CRLF */
    MESSAGE_HEADER_BYTES_MAX = 65536,
    MESSAGE_HEADER_LINES_MAX = 1000,
    MESSAGE_HOPS_MAX         = 50,     /* Received: fields; RFC 5321 §6.3 */
};

/* 128 bits as 26 characters of Crockford's base32: 48 bits of milliseconds, then 80 random ones, so
 * that ids sort by time. For sessions, messages, file names, and `id` in Received:. */
void message_id(char out[MESSAGE_ID_LEN + 1], int64_t milliseconds, const uint8_t random[10]);

/* RFC 5322 §3.3, in UTC. `seconds` since 1970, years 1970 to 9999. */
void message_write_date(struct writer *w, int64_t seconds);

struct message_trace {
    struct bytes from;                 /* the name that the client gave itself */
    const char *by;
    bool esmtp, tls, authenticated;    /* with: SMTP, or ESMTP [S] [A] */
    const char *suite, *group, *scheme;
    const char *id;
    struct bytes recipient;            /* empty: leave out `for` (always, if there are several) */
    int64_t seconds;
};

/* One Received: field, folded, CRLF at its end. The client's address is left out: a submitter's
 * whereabouts are nobody's business; the log has it under the same id. */
void message_write_trace(struct writer *w, const struct message_trace *t);

/* Judges content while it streams by; the first defect found stays. */
enum message_defect {
    MESSAGE_SOUND,
    MESSAGE_EMPTY,                     /* no byte at all */
    MESSAGE_HAS_NUL,
    MESSAGE_LINE_TOO_LONG,             /* > 998 octets */
    MESSAGE_TOO_BIG,
    MESSAGE_BAD_HEADER,                /* first line is no field; or the header is too large */
    MESSAGE_LOOP,                      /* > 50 Received: fields */
};

struct message_check {
    uint64_t size, limit;
    uint32_t header_bytes, header_lines, hops;
    uint16_t line_len;                 /* of the present line, without its end */
    uint8_t name_len, defect;
    bool in_body, colon, name_ended, malformed, is_received;   /* of the present header line */
};

void message_check_start(struct message_check *c, uint64_t size_limit);
/* True while it is sound. Chunks may be split anywhere; line ends are CRLF (smtp/data.h). */
bool message_check(struct message_check *c, struct bytes chunk);
enum message_defect message_check_end(struct message_check *c);

#endif
