/* smtp/line.h - lines that end in CRLF, and in nothing else (RFC 5321 §2.3.8).
 *
 * Bytes are collected until CRLF; the line is then valid until the next call. Length counts all
 * octets with the CRLF (§4.5.3.1.4). A line may hold NULs and any other byte but CR and LF: judging
 * content is the caller's. What is longer than LINE_KEPT_MAX is counted, not kept, so that a caller
 * with a larger limit (AUTH, RFC 4954 §4) can skip such a line in step; memory is bounded
 * whatever the peer sends.
 *
 * The small helpers for text below serve all of smtp/.
 */
#ifndef SEALPOST_SMTP_LINE_H
#define SEALPOST_SMTP_LINE_H

#include "crypto/bytes.h"

enum { LINE_KEPT_MAX = 2048 };         /* with CRLF */

enum line_event {
    LINE_MORE,                         /* all input used, no end yet */
    LINE_COMPLETE,                     /* see line_text and `len` */
    LINE_TOO_LONG,                     /* `limit` octets without an end; may be called again with a
                                          larger limit */
    LINE_BARE,                         /* a CR without LF, or an LF without CR */
};

struct line_reader {
    size_t len;                        /* octets of the present line so far, CRLF included */
    bool cr, complete;
    uint8_t at[LINE_KEPT_MAX];         /* its first ones */
};

void line_reader_start(struct line_reader *r);

/* Takes bytes up to the end of the line off `in`; never more than `limit` octets for one line. */
enum line_event line_read(struct line_reader *r, struct bytes in, size_t *used, size_t limit);

/* What is kept of the line, without CRLF. */
struct bytes line_text(const struct line_reader *r);

/* Nothing of a line has been read. */
bool line_is_empty(const struct line_reader *r);

/* Erases the kept bytes: they were a password, or belong to another layer. */
void line_wipe(struct line_reader *r);

/* ---- text ---- */

void write_text(struct writer *w, const char *s);
void write_decimal(struct writer *w, uint64_t x);

/* `b` is the word `lower` (lower case ASCII) in any case. */
bool text_is(struct bytes b, const char *lower);

/* One decimal number, 1 to 20 digits, nothing else; false if it does not fit. */
bool text_number(struct bytes b, uint64_t *out);

/* What is left of `b` behind its first `n` bytes. */
static inline struct bytes bytes_behind(struct bytes b, size_t n)
{
    return n == 0 ? b : bytes_of(b.at + n, b.len - n);
}

/* Takes off the front of `r` what stands before the next `separator`, and the separator. */
struct bytes read_until(struct reader *r, uint8_t separator);

#endif
