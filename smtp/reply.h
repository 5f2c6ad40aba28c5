/* smtp/reply.h - SMTP replies: three digits, an enhanced code, lines of text.
 *
 * Sources: RFC 5321 §4.2 (shape), §4.2.1 (digits); RFC 3463 (enhanced codes), RFC 2034 (where
 * they stand). A server writes replies with reply_write; a client reads them with a reply_reader,
 * which keeps a bounded, sanitised excerpt and has hard limits on what the peer can make it read.
 */
#ifndef SEALPOST_SMTP_REPLY_H
#define SEALPOST_SMTP_REPLY_H

#include "crypto/bytes.h"

enum {
    REPLY_SENT_LINE_MAX = 512,         /* with CRLF: RFC 5321 §4.5.3.1.5 */
    REPLY_LINE_MAX      = 2048,        /* what we read: one line, with CRLF */
    REPLY_LINES_MAX     = 100,
    REPLY_BYTES_MAX     = 65536,       /* all lines of one reply */
    REPLY_TEXT_MAX      = 512,         /* what is kept for the user */
};

/* class.subject.detail; class 0: there is none. */
struct enhanced_code { uint16_t class, subject, detail; };

/* What a server says: `enhanced` is "" where RFC 2034 has none (220, 250 to EHLO, 3xx). */
struct reply { uint16_t code; const char *enhanced; const char *text; };

/* One line: "code enhanced text CRLF"; `tag` in brackets at the end if it is not NULL, so that a
 * user's report finds the session in the log. */
void reply_write(struct writer *w, const struct reply *r, const char *tag);

/* One line of a multi-line reply; `last` decides between "250-" and "250 ". */
void reply_write_line(struct writer *w, unsigned code, bool last, struct bytes text);

/* "5.7.1" at the front of a text line; false, and class 0, if there is none (RFC 2034 §4). */
bool enhanced_code_read(struct reader *text, struct enhanced_code *out);

enum reply_event {
    REPLY_MORE,            /* all input used, no whole line yet */
    REPLY_LINE,            /* one line: its text is in line_text; more lines follow */
    REPLY_COMPLETE,        /* the last line; see code, enhanced and text */
    REPLY_BAD,             /* not a reply, or past a limit: see reason; the connection is useless */
};

struct reply_reader {
    uint8_t line[REPLY_LINE_MAX];
    size_t line_len;
    size_t lines, bytes;
    bool finished;                     /* the next byte begins another reply */
    bool line_done;                    /* the next byte begins another line */
    uint16_t code;
    struct enhanced_code enhanced;     /* of the first line that has one */
    struct bytes line_text;            /* after code and separator; dies with the next read */
    char text[REPLY_TEXT_MAX + 1];     /* all lines joined by " / "; printable ASCII only */
    size_t text_len;
    const char *reason;
};

void reply_reader_start(struct reply_reader *r);

/* Takes bytes up to the end of one line off `in`. Bare CR and LF are not line ends but errors. */
enum reply_event reply_read(struct reply_reader *r, struct bytes in, size_t *used);

/* Appends remote text as printable ASCII; anything else becomes '?'. Never overflows `out`. */
void reply_sanitise(char *out, size_t cap, size_t *len, struct bytes text);

#endif
