/* tls13/x509/der.c - reading and writing DER.
 *
 * Implements  X.690 §8 (BER), with the restrictions of §10 and §11 (DER); times as RFC 5280
 *             §4.1.2.5 narrows them.
 * Trusts      nothing: each rule of canonical form is checked where the form is read.
 * Leaves out  multi-byte tags, REAL, constructed strings: no certificate may hold them.
 */
#include "tls13/x509/der.h"

#include <stdio.h>
#include <string.h>

/* Zero, so that a read that fails can return it. */
static int fail(struct reader *r)
{
    *r = (struct reader){ .bad = true };
    return 0;
}

static struct bytes failed(struct reader *r)
{
    fail(r);
    return (struct bytes){ 0 };
}

bool der_next_is(const struct reader *r, uint8_t tag)
{
    return reader_more(r) && r->rest.at[0] == tag;
}

/* X.690 §8.1.3 and §10.1: definite form, in the fewest bytes. Three length bytes are enough for
 * anything that fits in a handshake message (RFC 8446 §4). */
static size_t read_length(struct reader *r)
{
    uint8_t first = read_u8(r);
    uint32_t len = first;
    if (first == 0x81)
        len = read_u8(r);
    else if (first == 0x82)
        len = read_u16(r);
    else if (first == 0x83)
        len = read_u24(r);
    else if (first >= 0x80)
        fail(r);

    if ((first == 0x81 && len < 0x80) || (first == 0x82 && len < 0x100)
        || (first == 0x83 && len < 0x10000))
        fail(r);
    return len;
}

struct bytes der_read_any(struct reader *r, uint8_t *tag)
{
    *tag = read_u8(r);
    if ((*tag & 0x1f) == 0x1f)
        return failed(r);
    size_t len = read_length(r);
    return read_bytes(r, len);
}

struct bytes der_read(struct reader *r, uint8_t tag)
{
    uint8_t found;
    struct bytes contents = der_read_any(r, &found);
    return r->bad || found != tag ? failed(r) : contents;
}

struct bytes der_read_whole(struct reader *r, uint8_t tag)
{
    struct bytes before = r->rest;
    der_read(r, tag);
    return r->bad ? (struct bytes){ 0 } : bytes_of(before.at, before.len - r->rest.len);
}

struct reader der_enter(struct reader *r, uint8_t tag)
{
    struct bytes contents = der_read(r, tag);
    return (struct reader){ .rest = contents, .bad = r->bad };
}

void der_leave(struct reader *outer, const struct reader *inner)
{
    if (!reader_done(inner))
        fail(outer);
}

bool der_read_boolean(struct reader *r)
{
    struct bytes b = der_read(r, DER_BOOLEAN);
    if (b.len != 1 || (b.at[0] != 0x00 && b.at[0] != 0xff))        /* X.690 §11.1 */
        return fail(r);
    return b.at[0] == 0xff;
}

bool der_read_default_false(struct reader *r)
{
    if (!der_next_is(r, DER_BOOLEAN))
        return false;
    if (!der_read_boolean(r))
        fail(r);
    return !r->bad;
}

struct bytes der_read_integer(struct reader *r)
{
    struct bytes b = der_read(r, DER_INTEGER);
    if (b.len == 0)
        return failed(r);
    /* X.690 §8.3.2: the first nine bits are neither all ones nor all zero. */
    if (b.len > 1 && ((b.at[0] == 0x00 && b.at[1] < 0x80) || (b.at[0] == 0xff && b.at[1] >= 0x80)))
        return failed(r);
    return b;
}

struct bytes der_read_unsigned(struct reader *r)
{
    struct bytes b = der_read_integer(r);
    if (b.len == 0 || b.at[0] >= 0x80)
        return failed(r);
    return b.at[0] == 0 ? bytes_of(b.at + 1, b.len - 1) : b;
}

uint32_t der_read_small(struct reader *r, uint32_t max)
{
    struct bytes b = der_read_unsigned(r);
    uint32_t x = 0;
    for (size_t i = 0; i < b.len && b.len <= 4; i++)
        x = x << 8 | b.at[i];
    if (b.len > 4 || x > max)
        fail(r);
    return r->bad ? 0 : x;
}

struct bytes der_read_bits(struct reader *r, unsigned *unused)
{
    struct reader in = der_enter(r, DER_BIT_STRING);
    *unused = read_u8(&in);
    if (in.bad || *unused > 7 || (*unused > 0 && in.rest.len == 0))
        return failed(r);
    if (*unused > 0 && (in.rest.at[in.rest.len - 1] & ((1u << *unused) - 1)) != 0)
        return failed(r);
    return in.rest;
}

struct bytes der_read_bit_bytes(struct reader *r)
{
    unsigned unused;
    struct bytes b = der_read_bits(r, &unused);
    return r->bad || unused != 0 ? failed(r) : b;
}

unsigned der_read_named_bits(struct reader *r)
{
    unsigned unused, bits = 0;
    struct bytes b = der_read_bits(r, &unused);
    if (r->bad || b.len > 2 || (b.len > 0 && (b.at[b.len - 1] >> unused & 1) == 0))
        return (unsigned)fail(r);
    for (size_t i = 0; i < 8 * b.len; i++)
        if (b.at[i / 8] & 0x80 >> i % 8)
            bits |= 1u << i;
    return bits;
}

struct bytes der_read_oid(struct reader *r)
{
    struct bytes b = der_read(r, DER_OID);
    bool begins = true;
    for (size_t i = 0; i < b.len; i++) {
        if (begins && b.at[i] == 0x80)
            return failed(r);
        begins = b.at[i] < 0x80;
    }
    return b.len == 0 || !begins ? failed(r) : b;
}

/* ---- time ---- */

/* Days from 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that
 * the leap day ends one; 400 of them have 146097 days, and 719468 lie before 1970-01-01. */
static int64_t days_from_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y + 400) / 400 - 1, of_era = y - era * 400;      /* y is -1 at the least */
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static int read_digits(struct reader *r, size_t count)
{
    struct bytes b = read_bytes(r, count);
    int x = 0;
    for (size_t i = 0; i < b.len; i++) {
        if (b.at[i] < '0' || b.at[i] > '9')
            return fail(r);
        x = 10 * x + b.at[i] - '0';
    }
    return x;
}

/* YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ: no fractions, no offset (RFC 5280 §4.1.2.5). */
static int64_t read_time(struct reader *r, bool utc, int *year)
{
    struct reader in = der_enter(r, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME);
    *year = read_digits(&in, utc ? 2 : 4);
    if (utc)
        *year += *year < 50 ? 2000 : 1900;
    int month = read_digits(&in, 2), day = read_digits(&in, 2);
    int hour = read_digits(&in, 2), minute = read_digits(&in, 2), second = read_digits(&in, 2);
    bool ends = read_u8(&in) == 'Z';
    der_leave(r, &in);
    if (r->bad || !ends || month < 1 || month > 12 || day < 1 || day > days_in_month(*year, month)
        || hour > 23 || minute > 59 || second > 59)
        return fail(r);
    return days_from_date(*year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

int64_t der_read_time(struct reader *r)
{
    int year;
    bool utc = der_next_is(r, DER_UTC_TIME);
    int64_t time = read_time(r, utc, &year);
    /* Dates through 2049 are UTCTime, so that each has one form. */
    return !utc && year >= 1950 && year < 2050 ? fail(r) : time;
}

int64_t der_read_generalized_time(struct reader *r)
{
    int year;
    return read_time(r, false, &year);
}

/* The inverse of days_from_date, for dates from year 0 to 9999; others become these. */
struct der_date der_date_of(int64_t seconds)
{
    int64_t first = days_from_date(0, 3, 1) * 86400, last = days_from_date(9999, 12, 31) * 86400;
    seconds = seconds < first ? first : seconds > last + 86399 ? last + 86399 : seconds;

    int64_t days = (seconds - first) / 86400, rest = (seconds - first) % 86400;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    int month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    return (struct der_date){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(of_year - (153 * from_march + 2) / 5 + 1),
        .hour = (int)(rest / 3600),
        .minute = (int)(rest / 60 % 60),
        .second = (int)(rest % 60),
    };
}

/* ---- writing ---- */

size_t der_begin(struct writer *w, uint8_t tag)
{
    write_u8(w, tag);
    size_t mark = w->len;
    write_u8(w, 0);
    return mark;
}

/* One length byte was reserved; contents of 128 bytes and more move up to make room. */
void der_end(struct writer *w, size_t mark)
{
    if (w->bad)
        return;
    size_t len = w->len - mark - 1;
    unsigned more = len < 0x80 ? 0 : len < 0x100 ? 1 : len < 0x10000 ? 2 : 3;
    if (len >= 0x1000000 || !write_space(w, more)) {
        w->bad = true;
        return;
    }
    memmove(w->at + mark + 1 + more, w->at + mark + 1, len);
    w->at[mark] = (uint8_t)(more == 0 ? len : 0x80 | more);
    for (size_t i = more; i > 0; i--, len >>= 8)
        w->at[mark + i] = (uint8_t)len;
}

void der_write(struct writer *w, uint8_t tag, struct bytes contents)
{
    size_t mark = der_begin(w, tag);
    write_bytes(w, contents);
    der_end(w, mark);
}

void der_write_true(struct writer *w)
{
    der_write(w, DER_BOOLEAN, bytes_of("\xff", 1));
}

void der_write_unsigned(struct writer *w, struct bytes big_endian)
{
    while (big_endian.len > 0 && big_endian.at[0] == 0)
        big_endian = bytes_of(big_endian.at + 1, big_endian.len - 1);
    size_t mark = der_begin(w, DER_INTEGER);
    if (big_endian.len == 0 || big_endian.at[0] >= 0x80)
        write_u8(w, 0);
    write_bytes(w, big_endian);
    der_end(w, mark);
}

void der_write_small(struct writer *w, uint32_t value)
{
    uint8_t be[4];
    store_be32(be, value);
    der_write_unsigned(w, bytes_of(be, 4));
}

void der_write_bit_bytes(struct writer *w, struct bytes contents)
{
    size_t mark = der_begin(w, DER_BIT_STRING);
    write_u8(w, 0);
    write_bytes(w, contents);
    der_end(w, mark);
}

void der_write_named_bits(struct writer *w, unsigned bits)
{
    unsigned count = 0;                                   /* bits up to the last one that is set */
    uint8_t out[2] = { 0 };
    for (unsigned i = 0; i < 16; i++)
        if (bits & 1u << i) {
            out[i / 8] |= (uint8_t)(0x80 >> i % 8);
            count = i + 1;
        }
    size_t mark = der_begin(w, DER_BIT_STRING);
    write_u8(w, (uint8_t)((8 - count % 8) % 8));
    write_bytes(w, bytes_of(out, (count + 7) / 8));
    der_end(w, mark);
}

void der_write_time(struct writer *w, int64_t seconds)
{
    struct der_date d = der_date_of(seconds);
    bool utc = d.year >= 1950 && d.year < 2050;
    char text[80];
    int len = snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", d.year, d.month, d.day,
                       d.hour, d.minute, d.second);
    struct bytes all = bytes_of(text, (size_t)len);
    if (utc)
        all = bytes_of(all.at + 2, all.len - 2);
    der_write(w, utc ? DER_UTC_TIME : DER_GENERALIZED_TIME, all);
}

/* ---- showing ---- */

void der_oid_text(char out[DER_OID_TEXT_MAX], struct bytes oid)
{
    size_t len = 0;
    uint64_t arc = 0;
    out[0] = '\0';
    for (size_t i = 0; i < oid.len; i++) {
        if (arc >> 57 != 0 || len + 26 >= DER_OID_TEXT_MAX) {   /* a dot, 20 digits, "...", NUL */
            memcpy(out + len, "...", 4);
            return;
        }
        arc = arc << 7 | (oid.at[i] & 0x7f);
        if (oid.at[i] >= 0x80)
            continue;
        if (len == 0) {                                   /* X.690 §8.19.4: 40 * first + second */
            uint64_t top = arc < 80 ? arc / 40 : 2;
            len += (size_t)snprintf(out, DER_OID_TEXT_MAX, "%u.%llu", (unsigned)top,
                                    (unsigned long long)(arc - 40 * top));
        } else {
            len += (size_t)snprintf(out + len, DER_OID_TEXT_MAX - len, ".%llu",
                                    (unsigned long long)arc);
        }
        arc = 0;
    }
}
