/* smtp/data.c - dots and line ends, both ways.
 *
 * Implements  RFC 5321 §4.5.2 (transparency), §4.1.1.4 and §2.3.8 (only CRLF ends a line).
 * The receiving side is the table below: five states, four kinds of byte, and no other way to the
 * end of the content than CR LF . CR LF. It counts bytes, never C strings, and never looks at how
 * they were split.
 */
#include "smtp/data.h"

#include "smtp/line.h"

enum state { START, TEXT, AFTER_CR, DOT_SEEN, DOT_CR };      /* START: of a line */
enum kind  { CR, LF, DOT, OTHER };

/* What happens to the byte: it is content; it is dropped; it ends the content; it is an error. A CR
 * is passed on before its LF is seen: without one the whole content is refused. */
enum action { KEEP, DROP, END, BARE };

static const struct step { uint8_t action, then; } machine[5][4] = {
    /*               CR                  LF               "."                 other */
    [START]    = { { KEEP, AFTER_CR }, { BARE, 0 },     { DROP, DOT_SEEN }, { KEEP, TEXT } },
    [TEXT]     = { { KEEP, AFTER_CR }, { BARE, 0 },     { KEEP, TEXT },     { KEEP, TEXT } },
    [AFTER_CR] = { { BARE, 0 },        { KEEP, START }, { BARE, 0 },        { BARE, 0 }    },
    [DOT_SEEN] = { { DROP, DOT_CR },   { BARE, 0 },     { KEEP, TEXT },     { KEEP, TEXT } },
    [DOT_CR]   = { { BARE, 0 },        { END, START },  { BARE, 0 },        { BARE, 0 }    },
};

static enum kind kind_of(uint8_t c)
{
    return c == '\r' ? CR : c == '\n' ? LF : c == '.' ? DOT : OTHER;
}

void data_decoder_start(struct data_decoder *d)
{
    d->state = START;
}

enum data_event data_decode(struct data_decoder *d, struct bytes in, size_t *used,
                            struct bytes *chunk)
{
    size_t start = 0, i = 0;
    for (; i < in.len; i++) {
        struct step step = machine[d->state][kind_of(in.at[i])];
        if (step.action != KEEP && i > start)
            break;
        d->state = step.then;
        if (step.action == KEEP)
            continue;
        start = i + 1;
        if (step.action != DROP) {
            *used = start;
            return step.action == END ? DATA_END : DATA_BARE;
        }
    }
    *used = i;
    if (i == start)
        return DATA_MORE;
    *chunk = bytes_of(in.at + start, i - start);
    return DATA_CHUNK;
}

void data_scan_start(struct data_scan *s)
{
    *s = (struct data_scan){ 0 };
}

static void scan_line_end(struct data_scan *s)
{
    if (s->line_len > s->longest_line)
        s->longest_line = s->line_len;
    s->line_len = 0;
    s->size += 2;
}

void data_scan(struct data_scan *s, struct bytes chunk)
{
    for (size_t i = 0; i < chunk.len; i++) {
        uint8_t c = chunk.at[i];
        s->has_bare_cr |= s->cr && c != '\n';
        s->has_nul |= c == 0;
        s->has_8bit |= c >= 0x80;
        s->cr = c == '\r';
        if (c == '\n') {
            scan_line_end(s);
        } else if (c != '\r') {
            s->line_len++;
            s->size++;
        }
    }
}

void data_scan_end(struct data_scan *s)
{
    s->has_bare_cr |= s->cr;
    if (s->line_len > 0)
        scan_line_end(s);
}

void data_encoder_start(struct data_encoder *e)
{
    *e = (struct data_encoder){ .line_start = true };
}

size_t data_encode(struct data_encoder *e, struct writer *out, struct bytes in)
{
    size_t i = 0;
    for (; i < in.len && !e->bad && out->cap - out->len >= 2; i++) {
        uint8_t c = in.at[i];
        if (e->cr && c != '\n') {
            e->bad = true;
            break;
        }
        e->cr = c == '\r';
        if (c == '\n')
            write_text(out, "\r\n");
        else if (c == '.' && e->line_start)
            write_text(out, "..");
        else if (c != '\r')
            write_u8(out, c);
        if (c != '\r')
            e->line_start = c == '\n';
    }
    return i;
}

bool data_encode_end(struct data_encoder *e, struct writer *out)
{
    if (e->bad || e->cr)
        return false;
    if (!e->line_start)
        write_text(out, "\r\n");
    write_text(out, ".\r\n");
    return writer_done(out);
}
