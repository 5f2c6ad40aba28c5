/* tests/test_hello.c - ClientHello, ServerHello, HelloRetryRequest and their extensions' bodies
 * (RFC 8446 §4.1, §4.2; RFC 6066 §3; RFC 7301 §3.1).
 */
#include "tests/shape.h"

#include "tls13/hello.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint8_t memory[1 << 18];              /* one input at a time is built here */

static struct writer new_input(void)
{
    memset(memory, 0, sizeof memory);
    return writer_of(memory, sizeof memory);
}

static void write_repeated(struct writer *w, uint8_t x, size_t n)
{
    memset(write_space(w, n), x, n);
}

/* ---- ClientHello ---- */

struct lengths { size_t session_id, suites, compressions; };

/* Up to and without the extensions. */
static struct writer client_hello_start(struct lengths n)
{
    struct writer w = new_input();
    write_u16(&w, 0x0303);
    write_repeated(&w, 0xaa, 32);
    write_u8(&w, (uint8_t)n.session_id);
    write_repeated(&w, 0xbb, n.session_id);
    write_u16(&w, (uint16_t)n.suites);
    write_repeated(&w, 0x13, n.suites);
    write_u8(&w, (uint8_t)n.compressions);
    write_repeated(&w, 0, n.compressions);
    return w;
}

static struct bytes client_hello(struct lengths n)
{
    struct writer w = client_hello_start(n);
    write_bytes(&w, bytes_of("\0\x0b" "\0\x2b\0\3\2\3\4" "\xda\xda\0\0", 13));
    return writer_bytes(&w);
}

static enum alert decode_client(struct bytes body)
{
    struct client_hello hello;
    struct fault fault = { 0 };
    enum alert alert = client_hello_decode(&hello, &fault, body);
    ck_assert((alert == ALERT_NONE) == (fault.reason == NULL));
    return alert;
}

/* A hello may end behind the compression methods: so did those from before extensions. */
START_TEST(client_hello_shape)
{
    struct lengths n = { 32, 6, 1 };
    size_t without_extensions = client_hello_start(n).len;
    check_shape(decode_client, client_hello(n), (long)without_extensions);
}
END_TEST

START_TEST(client_hello_fields)
{
    struct client_hello hello;
    struct fault fault = { 0 };
    struct bytes body = client_hello((struct lengths){ 5, 4, 2 });
    ck_assert_int_eq(client_hello_decode(&hello, &fault, body), ALERT_NONE);
    ck_assert_uint_eq(hello.legacy_version, 0x0303);
    ck_assert_ptr_eq(hello.random.at, body.at + 2);
    ck_assert_uint_eq(hello.random.len, 32);
    ck_assert_ptr_eq(hello.legacy_session_id.at, body.at + 35);
    ck_assert_uint_eq(hello.legacy_session_id.len, 5);
    ck_assert_ptr_eq(hello.cipher_suites.at, body.at + 42);
    ck_assert_uint_eq(hello.cipher_suites.len, 4);
    ck_assert_ptr_eq(hello.legacy_compression_methods.at, body.at + 47);
    ck_assert_uint_eq(hello.legacy_compression_methods.len, 2);
    ck_assert_uint_eq(extensions_body(&hello.extensions, EXT_SUPPORTED_VERSIONS).len, 3);
    ck_assert(hello.extensions.has_unknown);
}
END_TEST

START_TEST(n16_client_hello_bounds)
{
    static const struct { struct lengths n; enum alert alert; } cases[] = {
        { {  0, 2, 1 },     ALERT_NONE         },
        { { 32, 2, 1 },     ALERT_NONE         },        /* legacy_session_id <0..32> */
        { { 33, 2, 1 },     ALERT_DECODE_ERROR },
        { { 255, 2, 1 },    ALERT_DECODE_ERROR },
        { {  0, 0, 1 },     ALERT_DECODE_ERROR },        /* cipher_suites <2..2^16-2> */
        { {  0, 1, 1 },     ALERT_DECODE_ERROR },
        { {  0, 3, 1 },     ALERT_DECODE_ERROR },
        { {  0, 65534, 1 }, ALERT_NONE         },
        { {  0, 65535, 1 }, ALERT_DECODE_ERROR },
        { {  0, 2, 0 },     ALERT_DECODE_ERROR },        /* compression_methods <1..2^8-1> */
        { {  0, 2, 255 },   ALERT_NONE         },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_decoding(decode_client, client_hello(cases[i].n), cases[i].alert);
}
END_TEST

/* What is wrong with an extension block is told as of a ClientHello. */
START_TEST(client_hello_judges_its_extensions)
{
    struct writer w = client_hello_start((struct lengths){ 0, 2, 1 });
    write_bytes(&w, bytes_of("\0\4" "\0\x30\0\0", 6));               /* oid_filters: CR only */
    check_decoding(decode_client, writer_bytes(&w), ALERT_ILLEGAL_PARAMETER);
}
END_TEST

/* ---- ServerHello ---- */

static struct bytes server_hello(const uint8_t random[32], size_t session_id)
{
    struct writer w = new_input();
    write_u16(&w, 0x0303);
    write_bytes(&w, bytes_of(random, 32));
    write_u8(&w, (uint8_t)session_id);
    write_repeated(&w, 0xbb, session_id);
    write_u16(&w, 0x1301);
    write_u8(&w, 0);
    write_bytes(&w, bytes_of("\0\6" "\0\x2b\0\2\3\4", 8));
    return writer_bytes(&w);
}

static const uint8_t plain_random[32] = { 1, 2, 3 };

static enum alert decode_server(struct bytes body)
{
    struct server_hello hello;
    struct fault fault = { 0 };
    enum alert alert = server_hello_decode(&hello, &fault, body);
    ck_assert((alert == ALERT_NONE) == (fault.reason == NULL));
    return alert;
}

/* It may end without extensions, as servers of TLS 1.2 may: the judge of its version sees to it. */
START_TEST(server_hello_shape)
{
    struct bytes good = server_hello(plain_random, 32);
    check_shape(decode_server, good, (long)good.len - 8);
}
END_TEST

START_TEST(server_hello_fields)
{
    struct server_hello hello;
    struct fault fault = { 0 };
    struct bytes body = server_hello(plain_random, 3);
    ck_assert_int_eq(server_hello_decode(&hello, &fault, body), ALERT_NONE);
    ck_assert_uint_eq(hello.legacy_version, 0x0303);
    ck_assert_mem_eq(hello.random.at, plain_random, 32);
    ck_assert_ptr_eq(hello.legacy_session_id_echo.at, body.at + 35);
    ck_assert_uint_eq(hello.legacy_session_id_echo.len, 3);
    ck_assert_uint_eq(hello.cipher_suite, 0x1301);
    ck_assert_uint_eq(hello.legacy_compression_method, 0);
    ck_assert_uint_eq(hello.extension_block.len, 6);
    ck_assert(!hello.is_retry);
}
END_TEST

START_TEST(server_hello_session_id_bounds)
{
    check_decoding(decode_server, server_hello(plain_random, 0), ALERT_NONE);
    check_decoding(decode_server, server_hello(plain_random, 32), ALERT_NONE);
    check_decoding(decode_server, server_hello(plain_random, 33), ALERT_DECODE_ERROR);
}
END_TEST

/* §4.1.3: the special random is SHA-256 of "HelloRetryRequest"; any other is a ServerHello's. */
START_TEST(hello_retry_request_is_known_by_its_random)
{
    struct server_hello hello;
    struct fault fault = { 0 };
    uint8_t random[32];
    hash_digest(&hash_sha256, random, bytes_of_string("HelloRetryRequest"));
    ck_assert_mem_eq(random, hello_retry_random, 32);
    ck_assert_int_eq(server_hello_decode(&hello, &fault, server_hello(random, 0)), ALERT_NONE);
    ck_assert(hello.is_retry);
    random[31] ^= 1;
    ck_assert_int_eq(server_hello_decode(&hello, &fault, server_hello(random, 0)), ALERT_NONE);
    ck_assert(!hello.is_retry);
}
END_TEST

/* §4.1.3: 44 4F 57 4E 47 52 44 01 (TLS 1.2), ... 00 (TLS 1.1 and below), as the last eight bytes */
START_TEST(downgrade_sentinels)
{
    uint8_t random[32] = { 0 };
    memcpy(random + 24, "DOWNGRD", 7);
    for (unsigned last = 0; last < 256; last++) {
        random[31] = (uint8_t)last;
        ck_assert_int_eq(random_has_downgrade_sentinel(bytes_of(random, 32)), last <= 1);
    }
    random[31] = 1;
    for (size_t i = 24; i < 31; i++) {
        random[i] ^= 1;
        ck_assert(!random_has_downgrade_sentinel(bytes_of(random, 32)));
        random[i] ^= 1;
    }
    memmove(random, random + 24, 8);
    random[24] = 0;
    ck_assert(!random_has_downgrade_sentinel(bytes_of(random, 32)));
}
END_TEST

/* ---- bodies of extensions ---- */

#define DECODER(name, type, function)                                                            \
    static enum alert name(struct bytes body)                                                    \
    {                                                                                            \
        type out;                                                                                \
        struct fault fault = { 0 };                                                              \
        enum alert alert = function(&out, &fault, body);                                         \
        ck_assert((alert == ALERT_NONE) == (fault.reason == NULL));                              \
        return alert;                                                                            \
    }
DECODER(u16_list, struct bytes, decode_u16_list)
DECODER(versions, struct bytes, decode_supported_versions)
DECODER(key_shares, struct bytes, decode_key_shares)
DECODER(key_share_entry, struct key_share_entry, decode_key_share_entry)
DECODER(server_name, struct bytes, decode_server_name)
DECODER(alpn, struct bytes, decode_alpn)
DECODER(cookie, struct bytes, decode_cookie)
DECODER(selected, uint16_t, decode_selected_u16)

/* A vector whose length has `prefix` bytes, of `n` bytes 0x41. */
static struct bytes vector_of(unsigned prefix, size_t n)
{
    struct writer w = new_input();
    size_t mark = write_vec_begin(&w, prefix);
    write_repeated(&w, 'A', n);
    write_vec_end(&w, mark, prefix);
    return writer_bytes(&w);
}

START_TEST(code_point_lists)
{
    check_shape(u16_list, bytes_of("\0\4\0\x1d\0\x17", 6), NO_OTHER);
    check_decoding(u16_list, vector_of(2, 0), ALERT_DECODE_ERROR);         /* <2..2^16-2> */
    check_decoding(u16_list, vector_of(2, 1), ALERT_DECODE_ERROR);
    check_decoding(u16_list, vector_of(2, 2), ALERT_NONE);
    check_decoding(u16_list, vector_of(2, 3), ALERT_DECODE_ERROR);
    check_decoding(u16_list, vector_of(2, 65534), ALERT_NONE);
    check_decoding(u16_list, vector_of(2, 65535), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(supported_versions)
{
    check_shape(versions, bytes_of("\4\3\4\3\3", 5), NO_OTHER);
    check_decoding(versions, vector_of(1, 0), ALERT_DECODE_ERROR);         /* <2..254> */
    check_decoding(versions, vector_of(1, 1), ALERT_DECODE_ERROR);
    check_decoding(versions, vector_of(1, 2), ALERT_NONE);
    check_decoding(versions, vector_of(1, 254), ALERT_NONE);
    check_decoding(versions, vector_of(1, 255), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(list_membership)
{
    struct bytes list = bytes_of("\0\x1d\0\x17\x1d\x00", 6);
    ck_assert(list_has_u16(list, 0x001d) && list_has_u16(list, 0x0017));
    ck_assert(list_has_u16(list, 0x1d00));
    ck_assert(!list_has_u16(list, 0x1d17) && !list_has_u16(list, 0x171d));
    ck_assert(!list_has_u16(bytes_of(NULL, 0), 0));
    ck_assert(!list_has_u16(bytes_of("\0\x1d\0", 3), 0));        /* half an entry is none */
}
END_TEST

START_TEST(client_key_shares)
{
    struct bytes out;
    struct fault fault = { 0 };
    struct bytes two = bytes_of("\0\x0c" "\0\x1d\0\2ab" "\0\x17\0\2cd", 14);
    check_shape(key_shares, two, NO_OTHER);
    check_shape(key_shares, bytes_of("\0\0", 2), NO_OTHER);                /* <0..2^16-1> */
    ck_assert_int_eq(decode_key_shares(&out, &fault, two), ALERT_NONE);
    struct reader r = reader_of(out);
    struct key_share_entry first = read_key_share(&r), second = read_key_share(&r);
    ck_assert_uint_eq(first.group, 0x001d);
    ck_assert(bytes_equal_public(first.key_exchange, bytes_of_string("ab")));
    ck_assert_uint_eq(second.group, 0x0017);
    ck_assert(bytes_equal_public(second.key_exchange, bytes_of_string("cd")));
    ck_assert(reader_done(&r));
}
END_TEST

/* The list is whole and an entry in it is not. */
START_TEST(client_key_shares_with_a_bad_entry)
{
    check_decoding(key_shares, bytes_of("\0\4" "\0\x1d\0\0", 6), ALERT_DECODE_ERROR);
    check_decoding(key_shares, bytes_of("\0\5" "\0\x1d\0\2a", 7), ALERT_DECODE_ERROR);
    check_decoding(key_shares, bytes_of("\0\7" "\0\x1d\0\2ab" "\0", 9), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(one_key_share)
{
    check_shape(key_share_entry, bytes_of("\0\x1d\0\3abc", 7), NO_OTHER);
    check_decoding(key_share_entry, bytes_of("\0\x1d\0\0", 4), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(n18_names_of_servers)
{
    struct bytes out;
    struct fault fault = { 0 };
    struct bytes good = bytes_of("\0\x13" "\0\0\x10" "mail.example.org", 21);
    check_shape(server_name, good, NO_OTHER);
    ck_assert_int_eq(decode_server_name(&out, &fault, good), ALERT_NONE);
    ck_assert(bytes_equal_public(out, bytes_of_string("mail.example.org")));
    check_decoding(server_name, bytes_of("\0\0", 2), ALERT_DECODE_ERROR);
    check_decoding(server_name, bytes_of("\0\3\0\0\0", 5), ALERT_DECODE_ERROR);
    check_decoding(server_name, bytes_of("\0\4\0\0\2a", 6), ALERT_DECODE_ERROR);
}
END_TEST

/* RFC 1035 §2.3.4: 253 characters, as it is written here, and no more. */
START_TEST(n18_longest_name)
{
    for (size_t len = 253; len <= 254; len++) {
        struct writer w = new_input();
        write_u16(&w, (uint16_t)(len + 3));
        write_u8(&w, 0);
        write_u16(&w, (uint16_t)len);
        for (size_t i = 1; i <= len; i++)
            write_u8(&w, i % 64 ? 'a' : '.');
        check_decoding(server_name, writer_bytes(&w),
                       len == 253 ? ALERT_NONE : ALERT_ILLEGAL_PARAMETER);
    }
}
END_TEST

/* RFC 6066 §3: one host_name, a DNS name, not an address. */
START_TEST(n18_names_that_are_none)
{
    check_decoding(server_name, bytes_of("\0\x08" "\0\0\1a" "\0\0\1b", 10),
                   ALERT_ILLEGAL_PARAMETER);
    check_decoding(server_name, bytes_of("\0\4\1\0\1a", 6), ALERT_ILLEGAL_PARAMETER);
    check_decoding(server_name, bytes_of("\0\x0c" "\0\0\x09" "192.0.2.1", 14),
                   ALERT_ILLEGAL_PARAMETER);
    check_decoding(server_name, bytes_of("\0\6" "\0\0\3" "a b", 8), ALERT_ILLEGAL_PARAMETER);
    check_decoding(server_name, bytes_of("\0\6" "\0\0\3" "a\0b", 8), ALERT_ILLEGAL_PARAMETER);
}
END_TEST

START_TEST(application_protocols)
{
    struct bytes out;
    struct fault fault = { 0 };
    struct bytes good = bytes_of("\0\x08" "\4smtp" "\2h2", 10);
    check_shape(alpn, good, NO_OTHER);
    ck_assert_int_eq(decode_alpn(&out, &fault, good), ALERT_NONE);
    ck_assert_uint_eq(out.len, 8);
    check_decoding(alpn, bytes_of("\0\0", 2), ALERT_DECODE_ERROR);         /* <2..2^16-1> */
    check_decoding(alpn, bytes_of("\0\1\0", 3), ALERT_DECODE_ERROR);
    check_decoding(alpn, bytes_of("\0\2\1a", 4), ALERT_NONE);              /* of <1..2^8-1> */
    check_decoding(alpn, bytes_of("\0\3\1a\0", 5), ALERT_DECODE_ERROR);
    check_decoding(alpn, bytes_of("\0\3\3ab", 5), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(cookies)
{
    check_shape(cookie, bytes_of("\0\3abc", 5), NO_OTHER);
    check_decoding(cookie, vector_of(2, 0), ALERT_DECODE_ERROR);           /* <1..2^16-1> */
    check_decoding(cookie, vector_of(2, 1), ALERT_NONE);
    check_decoding(cookie, vector_of(2, 65535), ALERT_NONE);
}
END_TEST

START_TEST(single_code_points)
{
    uint16_t out;
    struct fault fault = { 0 };
    check_shape(selected, bytes_of("\3\4", 2), NO_OTHER);
    ck_assert_int_eq(decode_selected_u16(&out, &fault, bytes_of("\3\4", 2)), ALERT_NONE);
    ck_assert_uint_eq(out, 0x0304);
}
END_TEST

/* ---- encoding ---- */

static const struct bytes protocols[] = { { (const uint8_t *)"smtp", 4 },
                                          { (const uint8_t *)"h2", 2 } };

static struct client_offer whole_offer(void)
{
    return (struct client_offer){
        .random = bytes_of(plain_random, 32), .session_id = bytes_of("session", 7),
        .algorithms = &algorithms_default, .server_name = bytes_of_string("mail.example.org"),
        .alpn = protocols, .alpn_count = 2,
        .shares = { { 0x11ec, bytes_of_string("first") }, { 0x001d, bytes_of_string("share") } },
        .share_count = 2, .cookie = bytes_of_string("crumb"),
        .record_size_limit = 0x1234,
    };
}

/* RFC 8446 §B.3.1.4: what is reserved there is of older versions. */
START_TEST(groups_that_are_gone)
{
    static const uint16_t curves[] = { 0x001a, 0x001b, 0x001c, 0xff01, 0xff02 };
    for (uint16_t group = 0; group <= 0x0016; group++)
        ck_assert_ptr_null(group_find(&algorithms_default, group));
    for (size_t i = 0; i < COUNT(curves); i++)
        ck_assert_ptr_null(group_find(&algorithms_default, curves[i]));
}
END_TEST

/* All fields, in this order, written from §4.1.2 and §4.2. */
START_TEST(client_hello_encoding)
{
    static const char head[] = "\3\3";
    static const char rest[] =
        "\7session" "\0\6\x13\1\x13\2\x13\3" "\1\0" "\0\x7f"
        "\0\0" "\0\x15" "\0\x13" "\0" "\0\x10" "mail.example.org"
        "\0\x0a" "\0\x0c" "\0\x0a" "\x11\xec\x11\xeb\0\x1d\0\x17\0\x18"
        "\0\x0d" "\0\x14" "\0\x12" "\4\3\x08\7\5\3\x08\4\x08\5\x08\6\4\1\5\1\6\1"
        "\0\x10" "\0\x0a" "\0\x08" "\4smtp" "\2h2"
        "\0\x2b" "\0\3" "\2" "\3\4"
        "\0\x33" "\0\x14" "\0\x12" "\x11\xec" "\0\5" "first" "\0\x1d" "\0\5share"
        "\0\x1c" "\0\2" "\x12\x34"
        "\0\x2c" "\0\7" "\0\5crumb";
    struct client_offer offer = whole_offer();
    struct writer w = new_input();
    client_hello_encode(&w, &offer);
    ck_assert_uint_eq(w.len, 2 + 32 + sizeof rest - 1);
    ck_assert_mem_eq(memory, head, 2);
    ck_assert_mem_eq(memory + 2, plain_random, 32);
    ck_assert_mem_eq(memory + 34, rest, sizeof rest - 1);
}
END_TEST

START_TEST(client_hello_without_what_is_optional)
{
    struct client_hello hello;
    struct fault fault = { 0 };
    struct client_offer offer = whole_offer();
    struct writer w = new_input();
    offer.server_name = offer.cookie = offer.session_id = bytes_of(NULL, 0);
    offer.alpn_count = 0;
    client_hello_encode(&w, &offer);
    ck_assert_int_eq(client_hello_decode(&hello, &fault, writer_bytes(&w)), ALERT_NONE);
    ck_assert_uint_eq(hello.legacy_session_id.len, 0);
    ck_assert_uint_eq(hello.extensions.present,
                      extension_bit(EXT_SUPPORTED_GROUPS) | extension_bit(EXT_KEY_SHARE)
                      | extension_bit(EXT_SIGNATURE_ALGORITHMS)
                      | extension_bit(EXT_SUPPORTED_VERSIONS)
                      | extension_bit(EXT_RECORD_SIZE_LIMIT));
}
END_TEST

START_TEST(encoding_into_too_little_room)
{
    struct client_offer offer = whole_offer();
    struct writer whole = new_input();
    client_hello_encode(&whole, &offer);
    for (size_t cap = 0; cap < whole.len; cap++) {
        struct writer w = writer_of(memory, cap);
        client_hello_encode(&w, &offer);
        ck_assert(!writer_done(&w));
        ck_assert_uint_le(w.len, cap);
    }
}
END_TEST

/* The ServerHello is compared with RFC 8448's in test_rfc8448_engine.c; here its retry form. */
START_TEST(hello_retry_request_encoding)
{
    static const char rest[] = "\2id" "\x13\1" "\0" "\0\x0c"
                               "\0\x33" "\0\2" "\0\x17" "\0\x2b" "\0\2" "\3\4";
    struct server_answer answer = {
        .random = bytes_of(hello_retry_random, 32), .session_id_echo = bytes_of("id", 2),
        .cipher_suite = 0x1301, .is_retry = true, .share = { .group = 0x0017 },
    };
    struct writer w = new_input();
    server_hello_encode(&w, &answer);
    ck_assert_uint_eq(w.len, 34 + sizeof rest - 1);
    ck_assert_mem_eq(memory + 34, rest, sizeof rest - 1);
    answer.is_retry = false;
    answer.share.key_exchange = bytes_of_string("share");
    w = new_input();
    server_hello_encode(&w, &answer);
    ck_assert_uint_eq(w.len, 34 + sizeof rest - 1 + 2 + 5);
    ck_assert_mem_eq(memory + 42, "\0\x33" "\0\x09" "\0\x17" "\0\5share", 13);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hello");
    TCase *c = tcase_create("hello");
    tcase_add_test(c, client_hello_shape);
    tcase_add_test(c, client_hello_fields);
    tcase_add_test(c, n16_client_hello_bounds);
    tcase_add_test(c, client_hello_judges_its_extensions);
    tcase_add_test(c, server_hello_shape);
    tcase_add_test(c, server_hello_fields);
    tcase_add_test(c, server_hello_session_id_bounds);
    tcase_add_test(c, hello_retry_request_is_known_by_its_random);
    tcase_add_test(c, downgrade_sentinels);
    tcase_add_test(c, code_point_lists);
    tcase_add_test(c, supported_versions);
    tcase_add_test(c, list_membership);
    tcase_add_test(c, client_key_shares);
    tcase_add_test(c, client_key_shares_with_a_bad_entry);
    tcase_add_test(c, one_key_share);
    tcase_add_test(c, n18_names_of_servers);
    tcase_add_test(c, n18_names_that_are_none);
    tcase_add_test(c, n18_longest_name);
    tcase_add_test(c, application_protocols);
    tcase_add_test(c, cookies);
    tcase_add_test(c, single_code_points);
    tcase_add_test(c, groups_that_are_gone);
    tcase_add_test(c, client_hello_encoding);
    tcase_add_test(c, client_hello_without_what_is_optional);
    tcase_add_test(c, encoding_into_too_little_room);
    tcase_add_test(c, hello_retry_request_encoding);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
