/* tests/fuzz/der.c - any bytes as DER values of every type that tls13/x509/der.h reads (libFuzzer).
 *
 * DER has one form for each value (X.690 §10, §11): what a reader takes and the writer writes again
 * has to be the bytes that were there. Constructed values are entered, a few levels deep.
 * Seeds: keys, certificates and OCSP responses.
 */
#include "tls13/x509/der.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { DEPTH_MAX = 12 };

static void must(bool what)
{
    if (!what)
        abort();
}

static void same(const struct writer *w, struct bytes value)
{
    must(writer_done(w) && bytes_equal_public(writer_bytes(w), value));
}

/* `value` is one value with its header. Each reader has it alone, and must leave nothing of it. */
static void check_number(struct bytes value)
{
    uint8_t space[8];
    struct reader r = reader_of(value);
    struct writer w = writer_of(space, sizeof space);
    uint32_t small = der_read_small(&r, UINT32_MAX);
    if (reader_done(&r)) {
        der_write_small(&w, small);
        same(&w, value);
    }
    r = reader_of(value);
    uint8_t boolean[] = { DER_BOOLEAN, 1, der_read_boolean(&r) ? 0xff : 0 };
    must(!reader_done(&r) || bytes_equal_public(bytes_of(boolean, sizeof boolean), value));
    r = reader_of(value);
    must(der_read_small(&r, 5) <= 5);
}

static void check_integer(struct bytes value, struct writer w)
{
    struct reader r = reader_of(value);
    struct bytes integer = der_read_unsigned(&r);
    if (!reader_done(&r))
        return;
    must(integer.len == 0 || integer.at[0] != 0);
    der_write_unsigned(&w, integer);
    same(&w, value);
}

static void check_bits(struct bytes value, struct writer w)
{
    struct writer named = w;
    struct reader r = reader_of(value);
    unsigned unused = 0;
    struct bytes bits = der_read_bits(&r, &unused);
    must(!reader_done(&r) || (unused < 8 && (unused == 0 || bits.len > 0)));
    r = reader_of(value);
    bits = der_read_bit_bytes(&r);
    if (reader_done(&r)) {
        der_write_bit_bytes(&w, bits);
        same(&w, value);
    }
    r = reader_of(value);
    unsigned set = der_read_named_bits(&r);
    if (reader_done(&r)) {
        der_write_named_bits(&named, set);
        same(&named, value);
    }
}

/* A time is written as RFC 5280 has it, so that a GeneralizedTime before 2050 does not come
 * back. */
static void check_time(struct bytes value, struct writer w)
{
    struct reader r = reader_of(value);
    int64_t time = der_read_time(&r);
    if (!reader_done(&r))
        return;
    der_write_time(&w, time);
    same(&w, value);
    struct der_date date = der_date_of(time);
    must(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
}

static void check_oid(struct bytes value, struct writer w)
{
    char text[DER_OID_TEXT_MAX];
    struct reader r = reader_of(value);
    struct bytes oid = der_read_oid(&r);
    if (!reader_done(&r))
        return;
    der_oid_text(text, oid);
    must(memchr(text, '\0', sizeof text) != NULL && strchr(text, '.') != NULL);
    der_write(&w, DER_OID, oid);
    same(&w, value);
}

static void check_values(struct reader *r, unsigned depth);

/* Header and contents; then what the contents are. */
static void check_value(struct bytes value, unsigned depth)
{
    uint8_t space[1 << 16];
    struct writer w = writer_of(space, sizeof space), again = w;
    struct reader r = reader_of(value);
    uint8_t tag;
    struct bytes contents = der_read_any(&r, &tag);
    must(reader_done(&r));
    der_write(&again, tag, contents);
    same(&again, value);
    check_number(value);
    check_integer(value, w);
    check_bits(value, w);
    check_time(value, w);
    check_oid(value, w);
    r = reader_of(value);
    (void)der_read_generalized_time(&r);
    if ((tag & DER_CONSTRUCTED) && depth < DEPTH_MAX) {
        r = reader_of(value);
        struct reader in = der_enter(&r, tag);
        check_values(&in, depth + 1);
        der_leave(&r, &in);
    }
}

static void check_values(struct reader *r, unsigned depth)
{
    while (reader_more(r)) {
        uint8_t tag = r->rest.at[0];
        struct bytes value = der_read_whole(r, tag);
        if (!r->bad)
            check_value(value, depth);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct reader r = reader_of(bytes_of(data, len));
    if (len < 1 << 16)
        check_values(&r, 0);
    return 0;
}
