/* smtp/reply.c - writing replies, and reading them within limits.
 *
 * Implements  RFC 5321 §4.2, §4.2.1; RFC 3463 §2; RFC 2034 §4.
 * Trusts      nothing of what it reads: what is kept for people is one line of printable ASCII
 *             (CVE-2020-8794 was a remote reply that became lines of a queue file).
 */
#include "smtp/reply.h"

#include "smtp/line.h"

#include <string.h>

static void write_code(struct writer *w, unsigned code, bool last)
{
    write_decimal(w, code);
    write_u8(w, last ? ' ' : '-');
}

void reply_write_line(struct writer *w, unsigned code, bool last, struct bytes text)
{
    write_code(w, code, last);
    write_bytes(w, text);
    write_text(w, "\r\n");
}

void reply_write(struct writer *w, const struct reply *r, const char *tag)
{
    write_code(w, r->code, true);
    if (r->enhanced[0]) {
        write_text(w, r->enhanced);
        write_u8(w, ' ');
    }
    write_text(w, r->text);
    if (tag) {
        write_text(w, " [");
        write_text(w, tag);
        write_u8(w, ']');
    }
    write_text(w, "\r\n");
}

/* RFC 3463 §2   class "." subject "." detail, the last two of 1 to 3 digits */
bool enhanced_code_read(struct reader *text, struct enhanced_code *out)
{
    struct reader r = *text;
    uint64_t part[3];
    for (int i = 0; i < 3; i++) {
        struct bytes digits = read_until(&r, i < 2 ? '.' : ' ');
        if (digits.len > 3 || !text_number(digits, &part[i]))
            part[0] = 0;
        if (part[0] != 2 && part[0] != 4 && part[0] != 5) {
            *out = (struct enhanced_code){ 0 };
            return false;
        }
    }
    *out = (struct enhanced_code){ (uint16_t)part[0], (uint16_t)part[1], (uint16_t)part[2] };
    *text = r;
    return true;
}

void reply_sanitise(char *out, size_t cap, size_t *len, struct bytes text)
{
    for (size_t i = 0; i < text.len && *len + 1 < cap; i++) {
        uint8_t c = text.at[i];
        out[(*len)++] = c < 0x20 || c > 0x7e ? '?' : (char)c;
    }
    out[*len] = 0;
}

void reply_reader_start(struct reply_reader *r)
{
    *r = (struct reply_reader){ .reason = "" };
}

static enum reply_event bad(struct reply_reader *r, const char *reason)
{
    r->reason = reason;
    return REPLY_BAD;
}

static void reply_begin(struct reply_reader *r)
{
    r->lines = r->bytes = 0;
    r->finished = false;
    r->code = 0;
    r->enhanced = (struct enhanced_code){ 0 };
    r->text_len = 0;
    r->text[0] = 0;
}

static void keep_text(struct reply_reader *r, struct bytes text)
{
    if (r->text_len > 0 && text.len > 0)
        reply_sanitise(r->text, sizeof r->text, &r->text_len, bytes_of_string(" / "));
    reply_sanitise(r->text, sizeof r->text, &r->text_len, text);
}

/* RFC 5321 §4.2   Reply-code = %x32-35 %x30-35 %x30-39; 0 if it is none */
static uint16_t reply_code(struct bytes line)
{
    if (line.len < 3 || line.at[0] < '2' || line.at[0] > '5' || line.at[1] < '0'
        || line.at[1] > '5' || line.at[2] < '0' || line.at[2] > '9')
        return 0;
    return (uint16_t)((line.at[0] - '0') * 100 + (line.at[1] - '0') * 10 + (line.at[2] - '0'));
}

/* The line is complete in r->line, without CRLF:  code [ ("-" / SP) text ] */
static enum reply_event take_line(struct reply_reader *r, struct bytes line)
{
    uint16_t code = reply_code(line);
    if (code == 0 || (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-'))
        return bad(r, "the server sent something that is no SMTP reply (RFC 5321 4.2)");
    if (r->lines > 0 && code != r->code)
        return bad(r, "the lines of one reply have different codes (RFC 5321 4.2.1)");
    if (++r->lines > REPLY_LINES_MAX)
        return bad(r, "a reply has more than 100 lines");
    r->code = code;
    size_t skip = line.len > 3 ? 4 : 3;
    struct reader text = reader_of(bytes_of(line.at + skip, line.len - skip));
    struct enhanced_code enhanced;
    if (enhanced_code_read(&text, &enhanced) && r->enhanced.class == 0)
        r->enhanced = enhanced;
    r->line_text = text.rest;
    keep_text(r, text.rest);
    r->finished = !(line.len > 3 && line.at[3] == '-');
    return r->finished ? REPLY_COMPLETE : REPLY_LINE;
}

enum reply_event reply_read(struct reply_reader *r, struct bytes in, size_t *used)
{
    if (r->finished)
        reply_begin(r);
    if (r->line_done)
        r->line_len = 0;
    r->line_done = false;
    for (*used = 0; *used < in.len; ) {
        uint8_t c = in.at[(*used)++];
        bool after_cr = r->line_len > 0 && r->line[r->line_len - 1] == '\r';
        if (after_cr != (c == '\n'))
            return bad(r, "a reply has a bare CR or LF (RFC 5321 2.3.8)");
        if (r->line_len == REPLY_LINE_MAX)
            return bad(r, "a reply line is longer than 2048 octets");
        if (++r->bytes > REPLY_BYTES_MAX)
            return bad(r, "a reply is longer than 65536 octets");
        r->line[r->line_len++] = c;
        if (c == '\n') {
            r->line_done = true;
            return take_line(r, bytes_of(r->line, r->line_len - 2));
        }
    }
    return REPLY_MORE;
}
