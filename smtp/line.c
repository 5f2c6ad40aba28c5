/* smtp/line.c - the CRLF line reader, and helpers for text.
 *
 * Implements  RFC 5321 §2.3.8 (lines), §4.5.3.1.4 (limits).
 * Because a CR or LF of its own is an error here, and not a character or a line end, no two parties
 * can see different lines in the same bytes.
 */
#include "smtp/line.h"

#include "crypto/wipe.h"

#include <string.h>

void line_reader_start(struct line_reader *r)
{
    r->len = 0;
    r->cr = r->complete = false;
}

enum line_event line_read(struct line_reader *r, struct bytes in, size_t *used, size_t limit)
{
    if (r->complete)
        line_reader_start(r);
    for (*used = 0; *used < in.len; ) {
        if (r->len >= limit)
            return LINE_TOO_LONG;
        uint8_t c = in.at[(*used)++];
        if (r->cr != (c == '\n'))
            return LINE_BARE;
        if (r->len < LINE_KEPT_MAX)
            r->at[r->len] = c;
        r->len++;
        r->cr = c == '\r';
        if (c == '\n') {
            r->complete = true;
            return LINE_COMPLETE;
        }
    }
    return LINE_MORE;
}

struct bytes line_text(const struct line_reader *r)
{
    size_t len = r->complete ? r->len - 2 : r->len;
    return bytes_of(r->at, len < LINE_KEPT_MAX ? len : LINE_KEPT_MAX);
}

bool line_is_empty(const struct line_reader *r)
{
    return r->len == 0 || r->complete;
}

void line_wipe(struct line_reader *r)
{
    wipe(r->at, sizeof r->at);
    line_reader_start(r);
}

void write_text(struct writer *w, const char *s)
{
    write_bytes(w, bytes_of_string(s));
}

void write_decimal(struct writer *w, uint64_t x)
{
    uint8_t digits[20];                                  /* check: 2^64 has 20 digits */
    size_t first = sizeof digits;
    do
        digits[--first] = (uint8_t)('0' + x % 10);
    while ((x /= 10) > 0);
    write_bytes(w, bytes_of(digits + first, sizeof digits - first));
}

bool text_is(struct bytes b, const char *lower)
{
    if (b.len != strlen(lower))
        return false;
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.at[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != lower[i])
            return false;
    }
    return true;
}

bool text_number(struct bytes b, uint64_t *out)
{
    uint64_t x = 0;
    for (size_t i = 0; i < b.len; i++) {
        unsigned digit = (unsigned)(b.at[i] - '0');
        if (b.at[i] < '0' || digit > 9 || x > (UINT64_MAX - digit) / 10)
            return false;
        x = x * 10 + digit;
    }
    *out = x;
    return b.len >= 1 && b.len <= 20;
}

struct bytes read_until(struct reader *r, uint8_t separator)
{
    const uint8_t *end = r->rest.len ? memchr(r->rest.at, separator, r->rest.len) : NULL;
    struct bytes taken = read_bytes(r, end ? (size_t)(end - r->rest.at) : r->rest.len);
    if (end)
        read_u8(r);
    return taken;
}
