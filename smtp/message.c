/* smtp/message.c - ids, dates, the trace field, and the checks on content.
 *
 * Implements  RFC 5321 §4.4 (Received:), RFC 3848 (with), RFC 8314 §4.3 (tls), RFC 5322 §2.1.1,
 *             §2.2, §3.3; limits as in the header.
 * Trusts      its callers for names: by, suite, group, scheme and id are ours, `from` and
 *             `recipient` have been through address.c or are left out.
 */
#include "smtp/message.h"

#include "smtp/address.h"
#include "smtp/line.h"

void message_id(char out[MESSAGE_ID_LEN + 1], int64_t milliseconds, const uint8_t random[10])
{
    uint8_t id[16];
    for (unsigned i = 0; i < 6; i++)
        id[i] = (uint8_t)((uint64_t)milliseconds >> (40 - 8 * i));
    for (unsigned i = 0; i < 10; i++)
        id[6 + i] = random[i];
    for (unsigned i = 0; i < MESSAGE_ID_LEN; i++) {      /* check: 26 * 5 == 128 + 2 zero bits */
        unsigned value = 0;
        for (unsigned bit = 5 * i; bit < 5 * i + 5; bit++)
            value = value << 1 | (bit < 2 ? 0 : id[(bit - 2) / 8] >> (7 - (bit - 2) % 8) & 1);
        out[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value];
    }
    out[MESSAGE_ID_LEN] = 0;
}

struct date { int64_t year; unsigned month, day; };

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The Gregorian date of a day counted from 1970-01-01. */
static struct date date_of(int64_t day)
{
    static const uint8_t month_days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    struct date d = { 1970, 0, 0 };
    int64_t cycles = day / 146097;                       /* check: 400 * 365 + 97 == 146097 */
    d.year += 400 * cycles;
    day -= 146097 * cycles;
    for (; day >= 365 + is_leap(d.year); d.year++)
        day -= 365 + is_leap(d.year);
    for (; ; d.month++) {
        int64_t days = month_days[d.month] + (d.month == 1 && is_leap(d.year));
        if (day < days)
            break;
        day -= days;
    }
    d.day = (unsigned)day + 1;
    return d;
}

static void write_two_digits(struct writer *w, int64_t x)
{
    write_u8(w, (uint8_t)('0' + x / 10));
    write_u8(w, (uint8_t)('0' + x % 10));
}

/* date-time = [ day-of-week "," ] date time; two digits for the day, zone in numbers */
void message_write_date(struct writer *w, int64_t seconds)
{
    static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    if (seconds < 0)
        seconds = 0;
    struct date d = date_of(seconds / 86400);
    write_text(w, days[seconds / 86400 % 7]);            /* day 0 was a Thursday */
    write_text(w, ", ");
    write_two_digits(w, d.day);
    write_u8(w, ' ');
    write_text(w, months[d.month]);
    write_u8(w, ' ');
    write_decimal(w, (uint64_t)d.year);
    write_u8(w, ' ');
    write_two_digits(w, seconds / 3600 % 24);
    write_u8(w, ':');
    write_two_digits(w, seconds / 60 % 60);
    write_u8(w, ':');
    write_two_digits(w, seconds % 60);
    write_text(w, " +0000");
}

/* RFC 3848: ESMTP, then S for TLS and A for AUTH */
static void write_protocol(struct writer *w, const struct message_trace *t)
{
    write_text(w, t->esmtp ? "ESMTP" : "SMTP");
    if (t->esmtp && t->tls)
        write_u8(w, 'S');
    if (t->esmtp && t->authenticated)
        write_u8(w, 'A');
}

/* RFC 8314 §4.3   tls-cipher-clause = CFWS "tls" FWS tls-cipher [ CFWS "group" FWS dh-group ]; what
 * has no clause of its own stands in a comment behind it. */
static void write_tls_clause(struct writer *w, const struct message_trace *t)
{
    write_text(w, "\r\n\ttls ");
    write_text(w, t->suite);
    if (t->group) {
        write_text(w, " group ");
        write_text(w, t->group);
    }
    write_text(w, " (TLSv1.3");
    if (t->scheme) {
        write_u8(w, ' ');
        write_text(w, t->scheme);
    }
    write_u8(w, ')');
}

/* RFC 5321 §4.4   Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time. The from clause has
 * to be there, but an address literal in it would tell the address that we keep to ourselves: then
 * it says "unknown". */
void message_write_trace(struct writer *w, const struct message_trace *t)
{
    write_text(w, "Received: from ");
    write_bytes(w, address_is_domain(t->from) ? t->from : bytes_of_string("unknown"));
    write_text(w, "\r\n\tby ");
    write_text(w, t->by);
    write_text(w, " (sealpost) with ");
    write_protocol(w, t);
    write_text(w, "\r\n\tid ");
    write_text(w, t->id);
    if (t->recipient.len > 0) {
        write_text(w, "\r\n\tfor <");
        write_bytes(w, t->recipient);
        write_u8(w, '>');
    }
    if (t->tls && t->suite)
        write_tls_clause(w, t);
    write_text(w, ";\r\n\t");
    message_write_date(w, t->seconds);
    write_text(w, "\r\n");
}

void message_check_start(struct message_check *c, uint64_t size_limit)
{
    *c = (struct message_check){ .limit = size_limit, .is_received = true };
}

static void defect(struct message_check *c, enum message_defect found)
{
    if (c->defect == MESSAGE_SOUND)
        c->defect = (uint8_t)found;
}

/* RFC 5322 §2.2   field-name = printable, no colon; then ":"; §4.5 allows blanks before it */
static void check_field_name(struct message_check *c, uint8_t byte)
{
    static const char received[] = "received";
    bool blank = byte == ' ' || byte == '\t';
    if (byte == ':' && c->name_len > 0) {
        c->colon = true;
        c->hops += c->name_len == sizeof received - 1 && c->is_received;
    } else if (blank && c->name_len > 0) {
        c->name_ended = true;
    } else if (byte < 33 || byte > 126 || byte == ':' || c->name_ended) {
        c->malformed = true;
    } else {
        c->is_received &= c->name_len < sizeof received - 1
                          && (byte | 0x20) == received[c->name_len];
        if (c->name_len < UINT8_MAX)
            c->name_len++;
    }
}

/* The end of a header line; an empty one ends the header. Only a first line that is no field makes
 * the header bad: with our field on top it would be a continuation, or the end of nothing. */
static void end_header_line(struct message_check *c)
{
    if (c->line_len == 0)
        c->in_body = true;
    else if (c->header_lines++ == 0 && !c->colon)
        defect(c, MESSAGE_BAD_HEADER);
    if (c->header_bytes > MESSAGE_HEADER_BYTES_MAX || c->header_lines > MESSAGE_HEADER_LINES_MAX)
        defect(c, MESSAGE_BAD_HEADER);
    if (c->hops > MESSAGE_HOPS_MAX)
        defect(c, MESSAGE_LOOP);
    c->name_len = 0;
    c->colon = c->name_ended = c->malformed = false;
    c->is_received = true;
}

static void check_byte(struct message_check *c, uint8_t byte)
{
    c->size++;
    if (!c->in_body)
        c->header_bytes++;
    if (byte == '\n') {
        if (!c->in_body)
            end_header_line(c);
        c->line_len = 0;
    } else if (byte != '\r') {
        if (++c->line_len > MESSAGE_LINE_MAX)
            defect(c, MESSAGE_LINE_TOO_LONG);
        if (byte == 0)
            defect(c, MESSAGE_HAS_NUL);
        if (!c->in_body && !c->colon && !c->malformed)
            check_field_name(c, byte);
    }
}

bool message_check(struct message_check *c, struct bytes chunk)
{
    for (size_t i = 0; i < chunk.len && c->defect == MESSAGE_SOUND; i++)
        check_byte(c, chunk.at[i]);
    if (c->size > c->limit)
        defect(c, MESSAGE_TOO_BIG);
    return c->defect == MESSAGE_SOUND;
}

enum message_defect message_check_end(struct message_check *c)
{
    if (c->size == 0)
        defect(c, MESSAGE_EMPTY);
    return c->defect;
}
