/* smtp/line.h - lines that end in CRLF, and in nothing else (RFC 5321 §2.3.8).
 *
 * Bytes are collected until CRLF; the line is then valid until the next call. Length counts all
 * octets with the CRLF (§4.5.3.1.4). A line may hold NULs and any other byte but CR and LF:
 * judging content is the caller's. What is longer than LINE_MAX is counted, not kept, so that a
 * caller with a larger limit (AUTH, RFC 4954 §4) can skip such a line in step; memory is bounded
 * whatever the peer sends.
 */
#ifndef SEALPOST_SMTP_LINE_H
#define SEALPOST_SMTP_LINE_H

#include "crypto/bytes.h"

enum { LINE_MAX_LEN = 2048 };          /* kept, with CRLF */

enum line_event {
    LINE_MORE,                         /* all input used, no end yet */
    LINE_COMPLETE,                     /* see line_text and `len` */
    LINE_TOO_LONG,                     /* more than `limit` octets without an end */
    LINE_BARE,                         /* a CR without LF, or an LF without CR */
};

struct line_reader {
    size_t len;                        /* octets of the present line so far, CRLF included */
    bool cr, complete;
    uint8_t at[LINE_MAX_LEN];          /* its first ones */
};

void line_reader_start(struct line_reader *r);

/* Takes bytes up to the end of the line off `in`. */
enum line_event line_read(struct line_reader *r, struct bytes in, size_t *used, size_t limit);

/* After LINE_COMPLETE: without CRLF; cut to what was kept. */
struct bytes line_text(const struct line_reader *r);

/* Nothing of a line has been read. */
bool line_is_empty(const struct line_reader *r);

/* Erases the kept bytes: they were a password, or belong to another layer. */
void line_wipe(struct line_reader *r);

#endif
