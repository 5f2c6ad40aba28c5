/* tests/test_certificate_message.c - Certificate, CertificateVerify (RFC 8446 §4.4.2, §4.4.3). */
#include "tests/shape.h"

#include "tls13/certificate.h"
#include "tls13/certificate_verify.h"
#include "tls13/codepoints.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint8_t memory[1 << 18];

/* ---- Certificate ---- */

static enum alert decode(struct bytes body)
{
    struct certificate_message m;
    struct fault fault = { 0 };
    enum alert alert = certificate_decode(&m, &fault, body, 0);
    ck_assert((alert == ALERT_NONE) == (fault.reason == NULL));
    return alert;
}

#define TWO_ENTRIES "\3ctx" "\0\0\x0f" "\0\0\4leaf" "\0\0" "\0\0\1c" "\0\0"

START_TEST(certificate_shape)
{
    check_shape(decode, bytes_of(TWO_ENTRIES, sizeof TWO_ENTRIES - 1), NO_OTHER);
    check_shape(decode, bytes_of("\0\0\0\0", 4), NO_OTHER);              /* an empty list */
}
END_TEST

START_TEST(certificate_fields)
{
    struct certificate_message m;
    struct fault fault = { 0 };
    struct bytes body = bytes_of(TWO_ENTRIES, sizeof TWO_ENTRIES - 1);
    ck_assert_int_eq(certificate_decode(&m, &fault, body, 0), ALERT_NONE);
    ck_assert(bytes_equal_public(m.certificate_request_context, bytes_of_string("ctx")));
    ck_assert_uint_eq(m.chain_count, 2);
    ck_assert(bytes_equal_public(m.chain[0], bytes_of_string("leaf")));
    ck_assert(bytes_equal_public(m.chain[1], bytes_of_string("c")));
}
END_TEST

/* The list is whole, and what is in it is not. */
START_TEST(certificate_with_a_bad_entry)
{
    check_decoding(decode, bytes_of("\0" "\0\0\5" "\0\0\0" "\0\0", 9), ALERT_DECODE_ERROR);
    check_decoding(decode, bytes_of("\0" "\0\0\4" "\0\0\1a", 8), ALERT_DECODE_ERROR);
    check_decoding(decode, bytes_of("\0" "\0\0\5" "\0\0\1a" "\0", 9), ALERT_DECODE_ERROR);
    check_decoding(decode, bytes_of("\0" "\0\0\7" "\0\0\2a" "\0\0", 10), ALERT_DECODE_ERROR);
    check_decoding(decode, bytes_of("\0" "\0\0\6" "\0\0\1a" "\0\1", 10), ALERT_DECODE_ERROR);
}
END_TEST

static struct bytes certificate_of(size_t context_len, size_t entries, size_t cert_len)
{
    struct writer w = writer_of(memory, sizeof memory);
    write_u8(&w, (uint8_t)context_len);
    memset(write_space(&w, context_len), 'c', context_len);
    size_t list = write_vec_begin(&w, 3);
    for (size_t i = 0; i < entries; i++) {
        size_t cert_data = write_vec_begin(&w, 3);
        memset(write_space(&w, cert_len), 'x', cert_len);
        write_vec_end(&w, cert_data, 3);
        write_u16(&w, 0);
    }
    write_vec_end(&w, list, 3);
    return writer_bytes(&w);
}

START_TEST(certificate_bounds)
{
    check_decoding(decode, certificate_of(255, 1, 1), ALERT_NONE);
    check_decoding(decode, certificate_of(0, 1, 100000), ALERT_NONE);
    check_decoding(decode, certificate_of(0, X509_CHAIN_MAX, 10), ALERT_NONE);
    struct certificate_message m;
    struct fault fault;
    ck_assert_int_eq(certificate_decode(&m, &fault, certificate_of(0, 50, 10), 0), ALERT_NONE);
    ck_assert_uint_eq(m.chain_count, X509_CHAIN_MAX);
}
END_TEST

/* §4.4.2: extensions in an entry answer ours; §4.2's table has the column CT. */
static enum alert decode_with_extension(uint16_t type, uint32_t offered)
{
    struct certificate_message m;
    struct fault fault = { 0 };
    struct writer w = writer_of(memory, sizeof memory);
    bool status = type == EXT_STATUS_REQUEST;
    write_bytes(&w, status ? bytes_of("\0" "\0\0\x0f" "\0\0\1a" "\0\x9", 10)
                           : bytes_of("\0" "\0\0\x0a" "\0\0\1a" "\0\4", 10));
    write_u16(&w, type);
    write_bytes(&w, status ? bytes_of("\0\5" "\1" "\0\0\1" "x", 7)
                           : bytes_of("\0\0", 2));
    return certificate_decode(&m, &fault, writer_bytes(&w), offered);
}

START_TEST(certificate_extensions)
{
    uint32_t status = extension_bit(EXT_STATUS_REQUEST);
    ck_assert_int_eq(decode_with_extension(EXT_STATUS_REQUEST, status), ALERT_NONE);
    ck_assert_int_eq(decode_with_extension(EXT_STATUS_REQUEST, 0), ALERT_UNSUPPORTED_EXTENSION);
    ck_assert_int_eq(decode_with_extension(0x1a1a, status), ALERT_UNSUPPORTED_EXTENSION);
    ck_assert_int_eq(decode_with_extension(EXT_KEY_SHARE, ~(uint32_t)0), ALERT_ILLEGAL_PARAMETER);
}
END_TEST

/* RFC 8446 §4.4.2.1: each entry may have a response; the one that is about the peer is the
 * first's. */
START_TEST(status_of_each_entry)
{
    static const char two[] = "\0" "\0\0\x1e"
        "\0\0\1a" "\0\x9" "\0\5" "\0\5" "\1" "\0\0\1" "x"
        "\0\0\1b" "\0\x9" "\0\5" "\0\5" "\1" "\0\0\1" "y";
    struct certificate_message m;
    struct fault fault = { 0 };
    ck_assert_int_eq(certificate_decode(&m, &fault, bytes_of(two, sizeof two - 1),
                                        extension_bit(EXT_STATUS_REQUEST)), ALERT_NONE);
    ck_assert_uint_eq(m.entry_count, 2);
    ck_assert(bytes_equal_public(m.ocsp_response, bytes_of_string("x")));
}
END_TEST

START_TEST(certificate_encoding)
{
    const struct bytes chain[] = { bytes_of_string("leaf"), bytes_of_string("c") };
    struct writer w = writer_of(memory, sizeof memory);
    certificate_encode(&w, bytes_of_string("ctx"), chain, COUNT(chain), bytes_of(NULL, 0));
    ck_assert_uint_eq(w.len, sizeof TWO_ENTRIES - 1);
    ck_assert_mem_eq(memory, TWO_ENTRIES, w.len);
    w = writer_of(memory, sizeof memory);
    certificate_encode(&w, bytes_of(NULL, 0), NULL, 0, bytes_of(NULL, 0));
    ck_assert_uint_eq(w.len, 4);
    ck_assert_mem_eq(memory, "\0\0\0\0", 4);
}
END_TEST

/* ---- CertificateVerify ---- */

static enum alert decode_verify(struct bytes body)
{
    struct certificate_verify cv;
    struct fault fault = { 0 };
    enum alert alert = certificate_verify_decode(&cv, &fault, body);
    ck_assert((alert == ALERT_NONE) == (fault.reason == NULL));
    return alert;
}

START_TEST(certificate_verify_shape)
{
    struct certificate_verify cv;
    struct fault fault = { 0 };
    struct bytes good = bytes_of("\4\3" "\0\4sign", 8);
    check_shape(decode_verify, good, NO_OTHER);
    check_shape(decode_verify, bytes_of("\4\3\0\0", 4), NO_OTHER);       /* <0..2^16-1> */
    ck_assert_int_eq(certificate_verify_decode(&cv, &fault, good), ALERT_NONE);
    ck_assert_uint_eq(cv.algorithm, 0x0403);
    ck_assert(bytes_equal_public(cv.signature, bytes_of_string("sign")));
}
END_TEST

START_TEST(certificate_verify_longest_signature)
{
    memset(memory, 0xff, 4 + 65535);
    check_decoding(decode_verify, bytes_of(memory, 4 + 65535), ALERT_NONE);
    check_decoding(decode_verify, bytes_of(memory, 4 + 65534), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(certificate_verify_encoding)
{
    struct certificate_verify cv = { 0x0807, bytes_of_string("signature") };
    struct writer w = writer_of(memory, sizeof memory);
    certificate_verify_encode(&w, &cv);
    ck_assert_uint_eq(w.len, 13);
    ck_assert_mem_eq(memory, "\x08\7" "\0\x09" "signature", 13);
}
END_TEST

/* The example of §4.4.3: a transcript hash of 32 bytes 01. */
START_TEST(certificate_verify_signed_content)
{
    static const uint8_t server[] = {
        0x54, 0x4c, 0x53, 0x20, 0x31, 0x2e, 0x33, 0x2c, 0x20, 0x73, 0x65, 0x72, 0x76, 0x65, 0x72,
        0x20, 0x43, 0x65, 0x72, 0x74, 0x69, 0x66, 0x69, 0x63, 0x61, 0x74, 0x65, 0x56, 0x65, 0x72,
        0x69, 0x66, 0x79, 0x00,
    };
    uint8_t out[SIGNED_CONTENT_MAX], spaces[64], hash[HASH_MAX];
    memset(spaces, 0x20, sizeof spaces);
    memset(hash, 1, sizeof hash);
    struct bytes content = certificate_verify_content(out, true, bytes_of(hash, 32));
    ck_assert_uint_eq(content.len, 64 + sizeof server + 32);
    ck_assert_mem_eq(content.at, spaces, 64);
    ck_assert_mem_eq(content.at + 64, server, sizeof server);
    ck_assert_mem_eq(content.at + 64 + sizeof server, hash, 32);
    content = certificate_verify_content(out, false, bytes_of(hash, 48));
    ck_assert_uint_eq(content.len, 64 + 34 + 48);
    ck_assert_mem_eq(content.at + 64, "TLS 1.3, client CertificateVerify", 34);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("certificate_message");
    TCase *c = tcase_create("certificate_message");
    tcase_add_test(c, certificate_shape);
    tcase_add_test(c, certificate_fields);
    tcase_add_test(c, certificate_with_a_bad_entry);
    tcase_add_test(c, certificate_bounds);
    tcase_add_test(c, certificate_extensions);
    tcase_add_test(c, status_of_each_entry);
    tcase_add_test(c, certificate_encoding);
    tcase_add_test(c, certificate_verify_shape);
    tcase_add_test(c, certificate_verify_longest_signature);
    tcase_add_test(c, certificate_verify_encoding);
    tcase_add_test(c, certificate_verify_signed_content);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
