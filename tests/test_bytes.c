/* Suite for crypto/bytes.h, crypto/ct.h and crypto/wipe.h. */
#include "crypto/ct.h"
#include "crypto/wipe.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- loads and stores ---- */

START_TEST(integers_are_big_endian)
{
    const uint8_t b[8] = { 0x81, 0x02, 0xf3, 0x04, 0x05, 0xf6, 0x07, 0x88 };
    uint8_t out[8];
    ck_assert_uint_eq(load_be16(b), 0x8102);
    ck_assert_uint_eq(load_be32(b), 0x8102f304);
    ck_assert_uint_eq(load_be64(b), 0x8102f30405f60788);
    store_be16(out, 0x8102);
    ck_assert_mem_eq(out, b, 2);
    store_be32(out, 0x8102f304);
    ck_assert_mem_eq(out, b, 4);
    store_be64(out, 0x8102f30405f60788);
    ck_assert_mem_eq(out, b, 8);
}
END_TEST

START_TEST(public_equality)
{
    ck_assert(bytes_equal_public(bytes_of("abc", 3), bytes_of_string("abc")));
    ck_assert(!bytes_equal_public(bytes_of("abc", 3), bytes_of("abd", 3)));
    ck_assert(!bytes_equal_public(bytes_of("abc", 3), bytes_of("abc", 2)));
    ck_assert(bytes_equal_public(bytes_of(NULL, 0), bytes_of_string("")));
}
END_TEST

/* ---- reader ---- */

/* Reads every field of `all`; the shape is one of each kind of read. */
static bool decode_each(struct bytes all)
{
    struct reader r = reader_of(all);
    uint8_t a = read_u8(&r);
    uint16_t b = read_u16(&r);
    uint32_t c = read_u24(&r), d = read_u32(&r);
    struct bytes e = read_bytes(&r, 2), f = read_vec8(&r, 1), g = read_vec16(&r, 1);
    struct bytes h = read_vec24(&r, 1);
    if (!reader_done(&r))
        return false;
    ck_assert_uint_eq(a, 0xa1);
    ck_assert_uint_eq(b, 0xb1b2);
    ck_assert_uint_eq(c, 0xc1c2c3);
    ck_assert_uint_eq(d, 0xd1d2d3d4);
    ck_assert(bytes_equal_public(e, bytes_of("ee", 2)));
    ck_assert(bytes_equal_public(f, bytes_of("f", 1)));
    ck_assert(bytes_equal_public(g, bytes_of("gg", 2)));
    ck_assert(bytes_equal_public(h, bytes_of("hhh", 3)));
    return true;
}

static const uint8_t each[] = {
    0xa1, 0xb1, 0xb2, 0xc1, 0xc2, 0xc3, 0xd1, 0xd2, 0xd3, 0xd4, 'e', 'e',
    1, 'f', 0, 2, 'g', 'g', 0, 0, 3, 'h', 'h', 'h', 0xff,
};
enum { EACH_LEN = sizeof each - 1 };      /* and one byte too many */

START_TEST(reader_takes_each_field)
{
    ck_assert(decode_each(bytes_of(each, EACH_LEN)));
    ck_assert(!decode_each(bytes_of(each, EACH_LEN + 1)));
}
END_TEST

/* Copies to memory of the exact size, so that a sanitizer sees each byte read too far. */
START_TEST(reader_fails_at_every_truncation)
{
    for (size_t n = 0; n < EACH_LEN; n++) {
        uint8_t *exact = malloc(n + (n == 0));
        memcpy(exact, each, n);
        ck_assert(!decode_each(bytes_of(exact, n)));
        free(exact);
    }
}
END_TEST

START_TEST(reader_failure_sticks_and_empties)
{
    struct reader r = reader_of(bytes_of(each, 3));
    ck_assert_uint_eq(read_u32(&r), 0);
    ck_assert(r.bad);
    ck_assert_uint_eq(r.rest.len, 0);
    ck_assert_uint_eq(read_u8(&r), 0);        /* three bytes were there; none is given now */
    ck_assert_uint_eq(read_bytes(&r, 0).len, 0);
    ck_assert(r.bad && !reader_more(&r) && !reader_done(&r));
}
END_TEST

START_TEST(reader_of_nothing)
{
    struct reader r = reader_of(bytes_of(NULL, 0));
    ck_assert(reader_done(&r) && !reader_more(&r));
    ck_assert_uint_eq(read_bytes(&r, 0).len, 0);
    ck_assert(reader_done(&r));
    read_u8(&r);
    ck_assert(!reader_done(&r));
}
END_TEST

START_TEST(reader_refuses_absurd_lengths)
{
    const size_t lengths[] = { 4, (size_t)1 << 31, SIZE_MAX - 1, SIZE_MAX };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct reader r = reader_of(bytes_of(each, 3));
        ck_assert_ptr_null(read_bytes(&r, lengths[i]).at);
        ck_assert(r.bad);
    }
}
END_TEST

/* A vector's minimum, from both sides, and its length one more than what is there. */
START_TEST(vector_bounds)
{
    const uint8_t v[] = { 0, 0, 2, 'a', 'b' };
    struct bytes (*const read[])(struct reader *, size_t) = { read_vec8, read_vec16, read_vec24 };
    for (size_t width = 1; width <= 3; width++) {
        struct bytes whole = bytes_of(v + 3 - width, width + 2);
        for (size_t min = 0; min <= 3; min++) {
            struct reader r = reader_of(whole);
            struct bytes got = read[width - 1](&r, min);
            ck_assert_int_eq(reader_done(&r), min <= 2);
            ck_assert_uint_eq(got.len, min <= 2 ? 2 : 0);
        }
        struct reader r = reader_of(bytes_of(whole.at, whole.len - 1));
        ck_assert_uint_eq(read[width - 1](&r, 0).len, 0);
        ck_assert(r.bad);
    }
}
END_TEST

START_TEST(empty_vector_is_a_vector)
{
    const uint8_t v[] = { 0, 0, 0, 0, 0, 0 };
    struct reader r = reader_of(bytes_of(v, sizeof v));
    ck_assert_uint_eq(read_vec8(&r, 0).len, 0);
    ck_assert_uint_eq(read_vec16(&r, 0).len, 0);
    ck_assert(reader_more(&r));
    ck_assert_uint_eq(read_vec24(&r, 0).len, 0);
    ck_assert(reader_done(&r));
}
END_TEST

START_TEST(largest_vectors_are_read)
{
    static uint8_t v[3 + 0xffffff];
    struct bytes (*const read[])(struct reader *, size_t) = { read_vec8, read_vec16, read_vec24 };
    memset(v, 0xff, 3);
    for (size_t width = 1; width <= 3; width++) {
        size_t len = ((size_t)1 << 8 * width) - 1;
        struct reader r = reader_of(bytes_of(v + 3 - width, width + len));
        ck_assert_uint_eq(read[width - 1](&r, len).len, len);
        ck_assert(reader_done(&r));
    }
}
END_TEST

/* ---- writer ---- */

static void encode_each(struct writer *w)
{
    write_u8(w, 0xa1);
    write_u16(w, 0xb1b2);
    write_bytes(w, bytes_of("\xc1\xc2\xc3", 3));
    write_u32(w, 0xd1d2d3d4);
    write_bytes(w, bytes_of("ee", 2));
    size_t mark = write_vec_begin(w, 1);
    write_u8(w, 'f');
    write_vec_end(w, mark, 1);
    mark = write_vec_begin(w, 2);
    write_bytes(w, bytes_of("gg", 2));
    write_vec_end(w, mark, 2);
    mark = write_vec_begin(w, 3);
    write_bytes(w, bytes_of("hhh", 3));
    write_vec_end(w, mark, 3);
}

START_TEST(writer_makes_what_the_reader_takes)
{
    uint8_t out[EACH_LEN];
    struct writer w = writer_of(out, sizeof out);
    encode_each(&w);
    ck_assert(writer_done(&w));
    ck_assert(bytes_equal_public(writer_bytes(&w), bytes_of(each, EACH_LEN)));
}
END_TEST

START_TEST(writer_stays_within_every_capacity)
{
    for (size_t cap = 0; cap < EACH_LEN; cap++) {
        uint8_t *exact = malloc(cap + (cap == 0));
        struct writer w = writer_of(exact, cap);
        encode_each(&w);
        ck_assert(!writer_done(&w));
        ck_assert_uint_le(w.len, cap);
        free(exact);
    }
}
END_TEST

START_TEST(writer_failure_sticks)
{
    uint8_t out[4];
    struct writer w = writer_of(out, sizeof out);
    ck_assert_ptr_null(write_space(&w, 5));
    write_u8(&w, 1);                           /* would fit */
    ck_assert(!writer_done(&w));
    ck_assert_uint_eq(w.len, 0);
    ck_assert_ptr_null(write_space(&w, 0));
}
END_TEST

START_TEST(writer_refuses_absurd_lengths)
{
    uint8_t out[4];
    struct writer w = writer_of(out, sizeof out);
    write_u8(&w, 1);
    ck_assert_ptr_null(write_space(&w, SIZE_MAX));      /* len + SIZE_MAX would wrap to 0 */
    ck_assert(!writer_done(&w));
}
END_TEST

START_TEST(writer_of_nothing)
{
    struct writer w = writer_of(NULL, 0);
    write_bytes(&w, bytes_of(NULL, 0));
    ck_assert(writer_done(&w));
    write_u8(&w, 1);
    ck_assert(!writer_done(&w));
}
END_TEST

START_TEST(vectors_nest)
{
    const uint8_t want[] = { 0, 6, 2, 'x', 'y', 0, 0, 0 };
    uint8_t out[sizeof want];
    struct writer w = writer_of(out, sizeof out);
    size_t outer = write_vec_begin(&w, 2), inner = write_vec_begin(&w, 1);
    write_bytes(&w, bytes_of("xy", 2));
    write_vec_end(&w, inner, 1);
    inner = write_vec_begin(&w, 3);
    write_vec_end(&w, inner, 3);
    write_vec_end(&w, outer, 2);
    ck_assert(writer_done(&w));
    ck_assert(bytes_equal_public(writer_bytes(&w), bytes_of(want, sizeof want)));
}
END_TEST

/* The largest length that each width can say, and one more. */
START_TEST(vector_too_long_for_its_length)
{
    static uint8_t out[3 + 0x1000000];
    for (unsigned width = 1; width <= 3; width++) {
        size_t most = ((size_t)1 << 8 * width) - 1;
        for (size_t len = most; len <= most + 1; len++) {
            struct writer w = writer_of(out, sizeof out);
            size_t mark = write_vec_begin(&w, width);
            ck_assert_ptr_nonnull(write_space(&w, len));
            write_vec_end(&w, mark, width);
            ck_assert_int_eq(writer_done(&w), len == most);
        }
    }
}
END_TEST

/* ---- masks ---- */

START_TEST(masks_are_all_or_nothing)
{
    const uint64_t x[] = { 1, 2, 0x80, 0x100, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 1 };
    ck_assert_uint_eq(ct_is_zero(0), UINT64_MAX);
    for (size_t i = 0; i < COUNT(x); i++) {
        ck_assert_uint_eq(ct_is_zero(x[i]), 0);
        ck_assert_uint_eq(ct_is_equal(x[i], x[i]), UINT64_MAX);
        ck_assert_uint_eq(ct_is_equal(x[i], x[i] ^ 1), 0);
        ck_assert_uint_eq(ct_select(UINT64_MAX, x[i], 7), x[i]);
        ck_assert_uint_eq(ct_select(0, 7, x[i]), x[i]);
    }
    ck_assert(ct_verdict(UINT64_MAX));
    ck_assert(!ct_verdict(0));
}
END_TEST

/* Each single bit decides, wherever it is. */
START_TEST(equality_sees_every_bit)
{
    uint8_t a[48], b[48];
    memset(a, 0x5a, sizeof a);
    memcpy(b, a, sizeof b);
    ck_assert_uint_eq(ct_equal(a, b, sizeof a), UINT64_MAX);
    ck_assert_uint_eq(ct_equal(a, b + 1, 0), UINT64_MAX);
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_uint_eq(ct_equal(a, b, sizeof a), 0);
        b[bit / 8] = a[bit / 8];
    }
}
END_TEST

START_TEST(selecting_bytes)
{
    uint8_t yes[] = "yes", no[] = "no!", out[3];
    ct_select_bytes(UINT64_MAX, out, yes, no, 3);
    ck_assert_mem_eq(out, yes, 3);
    ct_select_bytes(0, out, yes, no, 3);
    ck_assert_mem_eq(out, no, 3);
    ct_select_bytes(UINT64_MAX, no, yes, no, 3);
    ck_assert_mem_eq(no, yes, 3);
}
END_TEST

START_TEST(wiping)
{
    uint8_t a[5] = { 1, 2, 3, 4, 5 };
    wipe(a + 1, 3);
    ck_assert_mem_eq(a, ((uint8_t[]){ 1, 0, 0, 0, 5 }), 5);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("bytes");
    TCase *t = tcase_create("bytes");
    tcase_add_test(t, integers_are_big_endian);
    tcase_add_test(t, public_equality);
    tcase_add_test(t, reader_takes_each_field);
    tcase_add_test(t, reader_fails_at_every_truncation);
    tcase_add_test(t, reader_failure_sticks_and_empties);
    tcase_add_test(t, reader_of_nothing);
    tcase_add_test(t, reader_refuses_absurd_lengths);
    tcase_add_test(t, vector_bounds);
    tcase_add_test(t, empty_vector_is_a_vector);
    tcase_add_test(t, largest_vectors_are_read);
    tcase_add_test(t, writer_makes_what_the_reader_takes);
    tcase_add_test(t, writer_stays_within_every_capacity);
    tcase_add_test(t, writer_failure_sticks);
    tcase_add_test(t, writer_refuses_absurd_lengths);
    tcase_add_test(t, writer_of_nothing);
    tcase_add_test(t, vectors_nest);
    tcase_add_test(t, vector_too_long_for_its_length);
    tcase_add_test(t, masks_are_all_or_nothing);
    tcase_add_test(t, equality_sees_every_bit);
    tcase_add_test(t, selecting_bytes);
    tcase_add_test(t, wiping);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
