/* tests/test_der.c - canonical form and nothing else (tls13/x509/der.c: X.690 §8, §10, §11). */
#include "tls13/x509/der.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define DER(...) \
    bytes_of((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

typedef void read_one(struct reader *r);

/* The whole of `b` is one value that `read` accepts. */
static bool accepts(struct bytes b, read_one *read)
{
    struct reader r = reader_of(b);
    read(&r);
    return reader_done(&r);
}

static void any(struct reader *r)        { uint8_t tag; der_read_any(r, &tag); }
static void octets(struct reader *r)     { der_read(r, DER_OCTET_STRING); }
static void boolean(struct reader *r)    { der_read_boolean(r); }
static void by_default(struct reader *r) { der_read_default_false(r); }
static void integer(struct reader *r)    { der_read_integer(r); }
static void not_negative(struct reader *r) { der_read_unsigned(r); }
static void below_256(struct reader *r)  { der_read_small(r, 255); }
static void bits(struct reader *r)       { unsigned unused; der_read_bits(r, &unused); }
static void whole_bits(struct reader *r) { der_read_bit_bytes(r); }
static void named_bits(struct reader *r) { der_read_named_bits(r); }
static void oid(struct reader *r)        { der_read_oid(r); }

START_TEST(x9_lengths_take_the_fewest_bytes)
{
    static uint8_t big[70000] = { 0x04 };
    ck_assert(accepts(DER(0x04, 0x00), octets));
    ck_assert(accepts(DER(0x04, 0x01, 0xaa), octets));
    ck_assert(!accepts(DER(0x04, 0x02, 0xaa), octets));
    ck_assert(!accepts(DER(0x04, 0x01, 0xaa, 0xbb), octets));
    ck_assert(!accepts(DER(0x04, 0x81, 0x01, 0xaa), octets));
    ck_assert(!accepts(DER(0x04, 0x80, 0x00, 0x00), octets));        /* indefinite */
    ck_assert(!accepts(DER(0x04, 0x84, 0x00, 0x00, 0x00, 0x00), octets));
    ck_assert(!accepts(DER(0x04, 0xff), octets));

    static const struct { size_t len; uint8_t header[5]; size_t header_len; bool good; } cases[] = {
        { 127,   { 0x04, 0x7f }, 2, true },
        { 127,   { 0x04, 0x81, 0x7f }, 3, false },
        { 128,   { 0x04, 0x81, 0x80 }, 3, true },
        { 255,   { 0x04, 0x81, 0xff }, 3, true },
        { 255,   { 0x04, 0x82, 0x00, 0xff }, 4, false },
        { 256,   { 0x04, 0x82, 0x01, 0x00 }, 4, true },
        { 65535, { 0x04, 0x82, 0xff, 0xff }, 4, true },
        { 65535, { 0x04, 0x83, 0x00, 0xff, 0xff }, 5, false },
        { 65536, { 0x04, 0x83, 0x01, 0x00, 0x00 }, 5, true },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        memcpy(big, cases[i].header, cases[i].header_len);
        struct bytes b = bytes_of(big, cases[i].header_len + cases[i].len);
        ck_assert_msg(accepts(b, octets) == cases[i].good, "case %zu", i);
        b.len--;
        ck_assert(!accepts(b, octets));
    }
}
END_TEST

START_TEST(tags)
{
    ck_assert(accepts(DER(0x9e, 0x00), any));
    ck_assert(!accepts(DER(0x1f, 0x00), any));                       /* more tag bytes follow */
    ck_assert(!accepts(DER(0xbf, 0x21, 0x00), any));
    ck_assert(!accepts(DER(0x05, 0x00), octets));
    ck_assert(!accepts(DER(0x04), any));
    ck_assert(!accepts(bytes_of("", 0), any));
}
END_TEST

START_TEST(booleans)
{
    struct reader yes = reader_of(DER(0x01, 0x01, 0xff)), no = reader_of(DER(0x01, 0x01, 0x00));
    ck_assert(der_read_boolean(&yes) && reader_done(&yes));
    ck_assert(!der_read_boolean(&no) && reader_done(&no));
    ck_assert(!accepts(DER(0x01, 0x01, 0x01), boolean));
    ck_assert(!accepts(DER(0x01, 0x00), boolean));
    ck_assert(!accepts(DER(0x01, 0x02, 0xff, 0xff), boolean));
}
END_TEST

START_TEST(default_false_is_not_encoded)
{
    struct reader absent = reader_of(DER(0x04, 0x00));
    ck_assert(!der_read_default_false(&absent) && !absent.bad);
    ck_assert(accepts(DER(0x01, 0x01, 0xff), by_default));
    ck_assert(!accepts(DER(0x01, 0x01, 0x00), by_default));
    ck_assert(accepts(bytes_of("", 0), by_default));
}
END_TEST

START_TEST(integers_are_minimal)
{
    ck_assert(accepts(DER(0x02, 0x01, 0x00), integer));
    ck_assert(accepts(DER(0x02, 0x01, 0x80), integer));
    ck_assert(accepts(DER(0x02, 0x02, 0x00, 0x80), integer));
    ck_assert(accepts(DER(0x02, 0x02, 0xff, 0x7f), integer));
    ck_assert(!accepts(DER(0x02, 0x00), integer));
    ck_assert(!accepts(DER(0x02, 0x02, 0x00, 0x7f), integer));
    ck_assert(!accepts(DER(0x02, 0x02, 0xff, 0x80), integer));
    ck_assert(accepts(DER(0x02, 0x01, 0x7f), not_negative));
    ck_assert(!accepts(DER(0x02, 0x01, 0x80), not_negative));
    struct reader r = reader_of(DER(0x02, 0x02, 0x00, 0x80));
    ck_assert(bytes_equal_public(der_read_unsigned(&r), DER(0x80)));
    r = reader_of(DER(0x02, 0x01, 0x00));
    ck_assert_uint_eq(der_read_unsigned(&r).len, 0);
    ck_assert(reader_done(&r));
}
END_TEST

START_TEST(small_integers_are_bounded)
{
    struct reader r = reader_of(DER(0x02, 0x02, 0x00, 0xff));
    ck_assert_uint_eq(der_read_small(&r, 255), 255);
    ck_assert(accepts(DER(0x02, 0x02, 0x00, 0xff), below_256));
    ck_assert(!accepts(DER(0x02, 0x02, 0x01, 0x00), below_256));
    ck_assert(!accepts(DER(0x02, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00), below_256));
}
END_TEST

START_TEST(bit_strings)
{
    ck_assert(accepts(DER(0x03, 0x01, 0x00), bits));
    ck_assert(accepts(DER(0x03, 0x02, 0x07, 0x80), bits));
    ck_assert(!accepts(DER(0x03, 0x00), bits));
    ck_assert(!accepts(DER(0x03, 0x01, 0x01), bits));                /* unused bits of nothing */
    ck_assert(!accepts(DER(0x03, 0x02, 0x08, 0x00), bits));
    ck_assert(!accepts(DER(0x03, 0x02, 0x01, 0x01), bits));          /* an unused bit is set */
    ck_assert(accepts(DER(0x03, 0x02, 0x00, 0x01), whole_bits));
    ck_assert(!accepts(DER(0x03, 0x02, 0x01, 0x02), whole_bits));
}
END_TEST

START_TEST(named_bits_drop_trailing_zeros)
{
    struct reader r = reader_of(DER(0x03, 0x02, 0x01, 0x06));
    ck_assert_uint_eq(der_read_named_bits(&r), 1u << 5 | 1u << 6);
    r = reader_of(DER(0x03, 0x03, 0x07, 0x00, 0x80));
    ck_assert_uint_eq(der_read_named_bits(&r), 1u << 8);
    ck_assert(accepts(DER(0x03, 0x01, 0x00), named_bits));
    ck_assert(!accepts(DER(0x03, 0x02, 0x00, 0x06), named_bits));
    ck_assert(!accepts(DER(0x03, 0x02, 0x00, 0x00), named_bits));
    ck_assert(!accepts(DER(0x03, 0x04, 0x00, 0x00, 0x00, 0x01), named_bits));
}
END_TEST

START_TEST(object_identifiers)
{
    char text[DER_OID_TEXT_MAX];
    ck_assert(accepts(DER(0x06, 0x03, 0x55, 0x1d, 0x0f), oid));
    ck_assert(!accepts(DER(0x06, 0x00), oid));
    ck_assert(!accepts(DER(0x06, 0x02, 0x55, 0x81), oid));           /* ends inside of an arc */
    ck_assert(!accepts(DER(0x06, 0x03, 0x55, 0x80, 0x01), oid));     /* padded arc */
    der_oid_text(text, DER(0x55, 0x1d, 0x0f));
    ck_assert_str_eq(text, "2.5.29.15");
    der_oid_text(text, DER(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
    ck_assert_str_eq(text, "1.2.840.10045.4.3.2");
    der_oid_text(text, DER(0x88, 0x37, 0x03));
    ck_assert_str_eq(text, "2.999.3");
    der_oid_text(text, DER(0x55, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f));
    ck_assert_str_eq(text, "2.5.18446744073709551615");
    der_oid_text(text, DER(0x69, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01));
    ck_assert_str_eq(text, "2.25...");                               /* not 2.25.1: 2^64 + 1 */
    uint8_t many[100];
    memset(many, 0x7f, sizeof many);
    der_oid_text(text, bytes_of(many, sizeof many));
    ck_assert_ptr_nonnull(strstr(text, "..."));
}
END_TEST

START_TEST(x9_nesting_is_left_at_its_end)
{
    struct reader r = reader_of(DER(0x30, 0x04, 0x05, 0x00, 0x05, 0x00));
    struct reader in = der_enter(&r, DER_SEQUENCE);
    der_read(&in, DER_NULL);
    struct reader early = r;
    der_leave(&early, &in);
    ck_assert(early.bad);
    der_read(&in, DER_NULL);
    der_leave(&r, &in);
    ck_assert(reader_done(&r));
}
END_TEST

/* ---- time ---- */

static bool time_is(uint8_t tag, const char *text, int64_t want)
{
    uint8_t space[40];
    struct writer w = writer_of(space, sizeof space);
    der_write(&w, tag, bytes_of_string(text));
    struct reader r = reader_of(writer_bytes(&w));
    int64_t got = der_read_time(&r);
    return reader_done(&r) && got == want;
}

static bool time_refused(uint8_t tag, const char *text)
{
    uint8_t space[40];
    struct writer w = writer_of(space, sizeof space);
    der_write(&w, tag, bytes_of_string(text));
    struct reader r = reader_of(writer_bytes(&w));
    der_read_time(&r);
    return r.bad;
}

/* Seconds as GNU date gives them. */
START_TEST(times)
{
    ck_assert(time_is(DER_UTC_TIME, "700101000000Z", 0));
    ck_assert(time_is(DER_UTC_TIME, "500101000000Z", -631152000));
    ck_assert(time_is(DER_UTC_TIME, "491231235959Z", 2524607999));
    ck_assert(time_is(DER_UTC_TIME, "000229120000Z", 951825600));
    ck_assert(time_is(DER_UTC_TIME, "260301000000Z", 1772323200));
    ck_assert(time_is(DER_UTC_TIME, "380119031408Z", 2147483648));
    ck_assert(time_is(DER_GENERALIZED_TIME, "20500101000000Z", 2524608000));
    ck_assert(time_is(DER_GENERALIZED_TIME, "99991231235959Z", 253402300799));
    ck_assert(time_is(DER_GENERALIZED_TIME, "19491231235959Z", -631152001));
    ck_assert(time_is(DER_GENERALIZED_TIME, "21000228235959Z", 4107542399));
}
END_TEST

START_TEST(times_refused)
{
    static const char *const utc[] = {
        "", "7001010000Z", "700101000000", "700101000000+0000", "700101000000.0Z",
        "700101000000z", "700001000000Z", "701301000000Z", "700100000000Z", "700132000000Z",
        "700431000000Z", "010229000000Z", "700101240000Z", "700101006000Z", "700101000060Z",
        "70010100000 Z", "7001010000:0Z", "-00101000000Z", "700101000000ZZ",
    };
    for (size_t i = 0; i < COUNT(utc); i++)
        ck_assert_msg(time_refused(DER_UTC_TIME, utc[i]), "%s", utc[i]);
    static const char *const generalized[] = {
        "20260301000000Z", "19500101000000Z", "20491231235959Z", "2050010100Z",
        "20500101000000.5Z", "20500101000000+0100", "21000229000000Z", "205001010000Z",
        "20500101000000",
    };
    for (size_t i = 0; i < COUNT(generalized); i++)
        ck_assert_msg(time_refused(DER_GENERALIZED_TIME, generalized[i]), "%s", generalized[i]);
    ck_assert(time_refused(DER_OCTET_STRING, "700101000000Z"));
}
END_TEST

START_TEST(dates_go_both_ways)
{
    for (int64_t t = -1262304000; t < 253402300800; t += 86400 * 29 + 3607) {
        uint8_t space[40];
        struct writer w = writer_of(space, sizeof space);
        der_write_time(&w, t);
        struct reader r = reader_of(writer_bytes(&w));
        ck_assert_int_eq(der_read_time(&r), t);
        ck_assert(reader_done(&r));
    }
    struct der_date d = der_date_of(951825600);
    ck_assert(d.year == 2000 && d.month == 2 && d.day == 29 && d.hour == 12);
    ck_assert_int_eq(der_date_of(INT64_MAX).year, 9999);
    ck_assert_int_eq(der_date_of(INT64_MIN).year, 0);
}
END_TEST

/* ---- writing ---- */

START_TEST(written_lengths_are_canonical)
{
    static uint8_t space[70000], contents[66000];
    static const size_t lens[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
    for (size_t i = 0; i < COUNT(lens); i++) {
        struct writer w = writer_of(space, sizeof space);
        size_t outer = der_begin(&w, DER_SEQUENCE);
        der_write(&w, DER_OCTET_STRING, bytes_of(contents, lens[i]));
        der_end(&w, outer);
        ck_assert(writer_done(&w));
        struct reader r = reader_of(writer_bytes(&w));
        struct reader in = der_enter(&r, DER_SEQUENCE);
        ck_assert_uint_eq(der_read(&in, DER_OCTET_STRING).len, lens[i]);
        der_leave(&r, &in);
        ck_assert(reader_done(&r));
        struct writer exact = writer_of(space, 2 + lens[i]);      /* for the short form alone */
        der_write(&exact, DER_OCTET_STRING, bytes_of(contents, lens[i]));
        ck_assert_int_eq(writer_done(&exact), lens[i] < 128);
        for (size_t cap = 0; cap < w.len; cap += 1 + w.len / 50) {
            struct writer small = writer_of(space, cap);
            der_write(&small, DER_OCTET_STRING, bytes_of(contents, lens[i] + 3));
            ck_assert(!writer_done(&small));
        }
    }
}
END_TEST

START_TEST(written_values_are_canonical)
{
    uint8_t space[64];
    struct writer w = writer_of(space, sizeof space);
    der_write_small(&w, 0);
    der_write_small(&w, 128);
    der_write_small(&w, 0x12345678);
    der_write_named_bits(&w, 1u << 5 | 1u << 6);
    der_write_named_bits(&w, 1u << 8);
    der_write_true(&w);
    ck_assert(bytes_equal_public(writer_bytes(&w), DER(
        0x02, 0x01, 0x00, 0x02, 0x02, 0x00, 0x80, 0x02, 0x04, 0x12, 0x34, 0x56, 0x78,
        0x03, 0x02, 0x01, 0x06, 0x03, 0x03, 0x07, 0x00, 0x80, 0x01, 0x01, 0xff)));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("der");
    TCase *t = tcase_create("der");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, x9_lengths_take_the_fewest_bytes);
    tcase_add_test(t, tags);
    tcase_add_test(t, booleans);
    tcase_add_test(t, default_false_is_not_encoded);
    tcase_add_test(t, integers_are_minimal);
    tcase_add_test(t, small_integers_are_bounded);
    tcase_add_test(t, bit_strings);
    tcase_add_test(t, named_bits_drop_trailing_zeros);
    tcase_add_test(t, object_identifiers);
    tcase_add_test(t, x9_nesting_is_left_at_its_end);
    tcase_add_test(t, times);
    tcase_add_test(t, times_refused);
    tcase_add_test(t, dates_go_both_ways);
    tcase_add_test(t, written_lengths_are_canonical);
    tcase_add_test(t, written_values_are_canonical);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
