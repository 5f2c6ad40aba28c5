/* tests/test_record.c - the record layer (RFC 8446 §5). */
#include "tests/connected.h"

#include "crypto/ct.h"
#include "tls13/record.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const uint16_t suites[] = { 0x1301, 0x1302, 0x1303 };

static uint8_t record[1 << 15], text[1 << 15];
static struct record_keys writer_keys, reader_keys;

static void start(uint16_t suite)
{
    const struct cipher_suite *s = suite_find(&algorithms_default, suite);
    struct traffic_secret secret;
    memset(&secret, 7, sizeof secret);
    record_keys_make(&writer_keys, s->aead, s->hash, &secret);
    record_keys_make(&reader_keys, s->aead, s->hash, &secret);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 11 + 1);
}

/* §5.2, §5.3 by hand: seals an inner plaintext of any form under a sequence number of any value. */
static size_t seal_by_hand(const struct record_keys *k, uint64_t sequence, struct bytes inner)
{
    uint8_t nonce[AEAD_NONCE_LEN];
    memcpy(nonce, k->iv, sizeof nonce);
    for (size_t i = 0; i < 8; i++)
        nonce[4 + i] ^= (uint8_t)(sequence >> (56 - 8 * i));
    record[0] = 23;
    record[1] = record[2] = 3;
    store_be16(record + 3, (uint16_t)(inner.len + AEAD_TAG_LEN));
    k->aead->seal(&k->key, record + 5, nonce, bytes_of(record, 5), inner);
    return 5 + inner.len + AEAD_TAG_LEN;
}

static void check_open(size_t len, uint8_t want_type, struct bytes want)
{
    uint8_t type;
    struct bytes content;
    ck_assert_int_eq(record_open(&reader_keys, record, len, &type, &content), ALERT_NONE);
    ck_assert_uint_eq(type, want_type);
    ck_assert(bytes_equal_public(content, want));
}

static void check_refused(size_t len, enum alert want)
{
    static const uint8_t zeros[sizeof record];
    uint8_t type;
    struct bytes content;
    ck_assert_int_eq(record_open(&reader_keys, record, len, &type, &content), want);
    ck_assert_mem_eq(record + 5, zeros, len - 5 < 16 ? 0 : len - 5 - 16);
}

/* ---- headers and records in the clear ---- */

START_TEST(the_version_is_ignored)
{
    for (unsigned version = 0; version < 65536; version += 257) {
        uint8_t header[5] = { 22, (uint8_t)(version >> 8), (uint8_t)version, 0x12, 0x34 };
        struct record_header h = record_header_decode(header);
        ck_assert(h.type == 22 && h.length == 0x1234);
    }
}
END_TEST

START_TEST(plaintext_records)
{
    static const size_t lengths[] = { 0, 1, 16384 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        size_t n = record_write_plaintext(record, 22, 0x0301, bytes_of(text, lengths[i]));
        uint8_t header[5] = { 22, 3, 1, (uint8_t)(lengths[i] >> 8), (uint8_t)lengths[i] };
        ck_assert_uint_eq(n, 5 + lengths[i]);
        ck_assert_mem_eq(record, header, 5);
        ck_assert_mem_eq(record + 5, text, lengths[i]);
    }
}
END_TEST

START_TEST(plaintext_too_long)
{
    record_write_plaintext(record, 22, 0x0303, bytes_of(text, 16385));
}
END_TEST

/* ---- protection ---- */

START_TEST(seal_and_open)
{
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 255, 256, 4096, 16383, 16384 };
    start(suites[_i]);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct bytes content = bytes_of(text, lengths[i]);
        size_t n = record_seal(&writer_keys, record, 23, content, 0);
        uint8_t header[5] = { 23, 3, 3 };
        store_be16(header + 3, (uint16_t)(lengths[i] + 17));
        ck_assert_uint_eq(n, lengths[i] + TLS_RECORD_OVERHEAD);
        ck_assert_mem_eq(record, header, 5);
        check_open(n, 23, content);
    }
}
END_TEST

START_TEST(every_content_type)
{
    start(0x1303);
    for (unsigned type = 1; type < 256; type++)
        check_open(record_seal(&writer_keys, record, (uint8_t)type, bytes_of(text, 10), 0),
                   (uint8_t)type, bytes_of(text, 10));
}
END_TEST

START_TEST(content_that_lies_in_place)
{
    start(0x1301);
    memcpy(record + TLS_RECORD_HEADER, text, 1000);
    size_t n = record_seal(&writer_keys, record, 23, bytes_of(record + 5, 1000), 0);
    check_open(n, 23, bytes_of(text, 1000));
}
END_TEST

/* Content that ends in zeros keeps them: the scan stops at the type. */
START_TEST(padding)
{
    static const size_t pads[] = { 0, 1, 2, 255, 1000, 16384 - 4 };
    start(0x1301);
    for (size_t i = 0; i < COUNT(pads); i++) {
        struct bytes content = bytes_of("a\0\0\0", 4);
        size_t n = record_seal(&writer_keys, record, 21, content, pads[i]);
        ck_assert_uint_eq(n, 4 + pads[i] + TLS_RECORD_OVERHEAD);
        check_open(n, 21, content);
    }
}
END_TEST

/* C8: every short length of content and padding, and each byte that may be the last. */
START_TEST(c8_type_anywhere)
{
    static uint8_t inner[64];
    start(0x1301);
    uint64_t sequence = 0;
    for (size_t i = 0; i < 40 * 40; i++) {
        size_t content = i / 40, pad = i % 40;
        memset(inner, 0, sizeof inner);
        memset(inner, content % 3 ? 0xa5 : 0, content);
        inner[content] = (uint8_t)(1 + i % 255);
        if (content + 1 + pad <= sizeof inner)
            check_open(seal_by_hand(&writer_keys, sequence++,
                                    bytes_of(inner, content + 1 + pad)), inner[content],
                       bytes_of(inner, content));
    }
}
END_TEST

START_TEST(sealing_too_much)
{
    start(0x1301);
    record_seal(&writer_keys, record, 23, bytes_of(text, 16384), 1);
}
END_TEST

/* §5.4: nothing but padding */
START_TEST(all_zero_inner_plaintext)
{
    static const uint8_t zeros[16385];
    static const size_t lengths[] = { 1, 2, 100, 16385 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        start(0x1301);
        size_t n = seal_by_hand(&writer_keys, 0, bytes_of(zeros, lengths[i]));
        check_refused(n, ALERT_UNEXPECTED_MESSAGE);
    }
}
END_TEST

/* §5.4: the full encoded TLSInnerPlaintext is at most 2^14 + 1 bytes, be it content or padding. */
START_TEST(inner_plaintext_limit)
{
    start(0x1302);
    text[16384] = 23;
    check_open(seal_by_hand(&writer_keys, 0, bytes_of(text, 16385)), 23, bytes_of(text, 16384));
    text[16384] = 1;
    text[16385] = 23;
    check_refused(seal_by_hand(&writer_keys, 1, bytes_of(text, 16386)), ALERT_RECORD_OVERFLOW);
}
END_TEST

START_TEST(padding_beyond_the_limit)
{
    static uint8_t padded[16386] = { 'a', 23 };
    start(0x1303);
    check_open(seal_by_hand(&writer_keys, 0, bytes_of(padded, 16385)), 23, bytes_of("a", 1));
    check_refused(seal_by_hand(&writer_keys, 1, bytes_of(padded, 16386)), ALERT_RECORD_OVERFLOW);
}
END_TEST

/* ---- nonces ---- */

START_TEST(c5_nonce_is_iv_xor_sequence_number)
{
    static const uint64_t sequences[] = {
        0, 1, 255, 256, 65535, 0xffffffff, 0x100000000, 0x0102030405060708, UINT64_MAX - 1,
    };
    uint8_t inner[11];
    start(suites[_i]);
    memcpy(inner, text, 10);
    inner[10] = 23;
    for (size_t i = 0; i < COUNT(sequences); i++) {
        uint8_t sealed[64];
        writer_keys.sequence = reader_keys.sequence = sequences[i];
        size_t n = record_seal(&writer_keys, sealed, 23, bytes_of(text, 10), 0);
        ck_assert_uint_eq(n, seal_by_hand(&reader_keys, sequences[i], bytes_of(inner, 11)));
        ck_assert_mem_eq(sealed, record, n);
        check_open(n, 23, bytes_of(text, 10));
        ck_assert_uint_eq(writer_keys.sequence, sequences[i] + 1);
        ck_assert_uint_eq(reader_keys.sequence, sequences[i] + 1);
    }
}
END_TEST

START_TEST(c5_sequence_numbers_do_not_wrap)
{
    start(0x1301);
    writer_keys.sequence = UINT64_MAX;
    record_seal(&writer_keys, record, 23, bytes_of(text, 1), 0);
}
END_TEST

START_TEST(records_out_of_order)
{
    start(0x1301);
    size_t n = record_seal(&writer_keys, record, 23, bytes_of(text, 10), 0);
    uint8_t first[64];
    memcpy(first, record, n);
    check_open(n, 23, bytes_of(text, 10));
    memcpy(record, first, n);
    check_refused(n, ALERT_BAD_RECORD_MAC);                          /* repeated */
    record_seal(&writer_keys, record, 23, bytes_of(text, 10), 0);
    record_seal(&writer_keys, record, 23, bytes_of(text, 10), 0);
    check_refused(n, ALERT_BAD_RECORD_MAC);                          /* one is missing */
}
END_TEST

START_TEST(keys_start_at_zero)
{
    start(0x1301);
    writer_keys.sequence = 5;
    start(0x1301);
    ck_assert_uint_eq(writer_keys.sequence, 0);
}
END_TEST

/* ---- what does not open ---- */

/* Any bit of header, ciphertext or tag; no plaintext is left, and the record does not count. */
START_TEST(flipped_bits)
{
    uint8_t good[64];
    start(suites[_i]);
    size_t n = record_seal(&writer_keys, good, 23, bytes_of(text, 20), 3);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        memcpy(record, good, n);
        record[bit / 8] ^= (uint8_t)(1 << bit % 8);
        check_refused(n, ALERT_BAD_RECORD_MAC);
        ck_assert_uint_eq(reader_keys.sequence, 0);
    }
    memcpy(record, good, n);
    check_open(n, 23, bytes_of(text, 20));
}
END_TEST

START_TEST(too_short_for_a_tag)
{
    start(suites[_i]);
    for (size_t n = 5; n <= 5 + 16; n++) {
        memset(record, 0, sizeof record);
        record[0] = 23;
        store_be16(record + 3, (uint16_t)(n - 5));
        check_refused(n, ALERT_BAD_RECORD_MAC);
    }
}
END_TEST

/* §5.4: it opens, and no octet in it is other than zero. */
START_TEST(a_tag_over_nothing)
{
    start(suites[_i]);
    check_refused(seal_by_hand(&writer_keys, 0, bytes_of(text, 0)), ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

START_TEST(truncated_records)
{
    uint8_t good[64];
    start(0x1301);
    size_t n = record_seal(&writer_keys, good, 23, bytes_of(text, 20), 0);
    for (size_t len = 5; len < n; len++) {
        memcpy(record, good, len);
        check_refused(len, ALERT_BAD_RECORD_MAC);
    }
}
END_TEST

/* ---- lengths, as the engine judges them from the header alone ---- */

static enum tls_event receive_header(struct tls *t, uint8_t type, uint16_t length)
{
    uint8_t header[5] = { type, 3, 3 };
    struct tls_received received;
    store_be16(header + 3, length);
    enum tls_event event = tls_receive(t, header, sizeof header, &received);
    if (event == TLS_NEED_INPUT)
        ck_assert_uint_eq(received.need, 5u + length);
    return event;
}

static void check_overflow(struct tls *t, uint8_t type, uint16_t length)
{
    ck_assert_int_eq(receive_header(t, type, length), TLS_FAILED);
    ck_assert_int_eq(tls_failure(t).alert, ALERT_RECORD_OVERFLOW);
}

START_TEST(protected_record_lengths)
{
    struct connected c;
    connected_start(&c, _i, 0x1301, (struct tls_limits){ 0 });
    ck_assert_int_eq(receive_header(&c.t, 23, 16640), TLS_NEED_INPUT);
    check_overflow(&c.t, 23, 16641);
    connected_start(&c, _i, 0x1301, (struct tls_limits){ 0 });
    check_overflow(&c.t, 23, 65535);
}
END_TEST

START_TEST(plaintext_record_lengths)
{
    struct connected c;
    struct tls t;
    struct tls_handshake handshake;
    uint8_t incoming[4096], outgoing[4096];
    static const uint8_t types[] = { 20, 21, 22 };
    connected_start(&c, _i, 0x1301, (struct tls_limits){ 0 });       /* for its configuration */
    for (size_t i = 0; i < COUNT(types); i++) {
        tls_start(&t, &c.config, &handshake, incoming, sizeof incoming, outgoing, sizeof outgoing);
        ck_assert_int_eq(receive_header(&t, types[i], 16384), TLS_NEED_INPUT);
        check_overflow(&t, types[i], 16385);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("record");
    TCase *c = tcase_create("record");
    tcase_add_test(c, the_version_is_ignored);
    tcase_add_test(c, plaintext_records);
    tcase_add_loop_test(c, seal_and_open, 0, COUNT(suites));
    tcase_add_test(c, every_content_type);
    tcase_add_test(c, content_that_lies_in_place);
    tcase_add_test(c, padding);
    tcase_add_test(c, c8_type_anywhere);
    tcase_add_test(c, all_zero_inner_plaintext);
    tcase_add_test(c, inner_plaintext_limit);
    tcase_add_test(c, padding_beyond_the_limit);
    tcase_add_loop_test(c, c5_nonce_is_iv_xor_sequence_number, 0, COUNT(suites));
    tcase_add_test(c, records_out_of_order);
    tcase_add_test(c, keys_start_at_zero);
    tcase_add_loop_test(c, flipped_bits, 0, COUNT(suites));
    tcase_add_loop_test(c, too_short_for_a_tag, 0, COUNT(suites));
    tcase_add_loop_test(c, a_tag_over_nothing, 0, COUNT(suites));
    tcase_add_test(c, truncated_records);
    tcase_add_loop_test(c, protected_record_lengths, 0, 2);
    tcase_add_loop_test(c, plaintext_record_lengths, 0, 2);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    if (srunner_fork_status(runner) == CK_FORK) {        /* an assertion ends its process */
        tcase_add_test_raise_signal(c, plaintext_too_long, SIGABRT);
        tcase_add_test_raise_signal(c, sealing_too_much, SIGABRT);
        tcase_add_test_raise_signal(c, c5_sequence_numbers_do_not_wrap, SIGABRT);
    }
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
