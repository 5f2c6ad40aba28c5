/* tests/test_extensions.c - extension blocks (RFC 8446 §4.2). */
#include "tests/shape.h"

#include "tls13/extensions.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVERYTHING = -1, UNKNOWN_TYPE = 0x1a1a };

/* The table of RFC 8446 §4.2, in its order and words, with the code points of §4.2's enum; and
 * record_size_limit, which RFC 8449 §4 adds as CH, EE, and the CR that RFC 9846 §4.3 gives to
 * server_name. */
static const struct { uint16_t type; const char *name, *messages; } table[] = {
    {  0, "server_name",                            "CH, EE, CR"  },
    {  1, "max_fragment_length",                    "CH, EE"      },
    {  5, "status_request",                         "CH, CR, CT"  },
    { 10, "supported_groups",                       "CH, EE"      },
    { 13, "signature_algorithms",                   "CH, CR"      },
    { 14, "use_srtp",                               "CH, EE"      },
    { 15, "heartbeat",                              "CH, EE"      },
    { 16, "application_layer_protocol_negotiation", "CH, EE"      },
    { 18, "signed_certificate_timestamp",           "CH, CR, CT"  },
    { 19, "client_certificate_type",                "CH, EE"      },
    { 20, "server_certificate_type",                "CH, EE"      },
    { 21, "padding",                                "CH"          },
    { 51, "key_share",                              "CH, SH, HRR" },
    { 41, "pre_shared_key",                         "CH, SH"      },
    { 45, "psk_key_exchange_modes",                 "CH"          },
    { 42, "early_data",                             "CH, EE, NST" },
    { 44, "cookie",                                 "CH, HRR"     },
    { 43, "supported_versions",                     "CH, SH, HRR" },
    { 47, "certificate_authorities",                "CH, CR"      },
    { 48, "oid_filters",                            "CR"          },
    { 49, "post_handshake_auth",                    "CH"          },
    { 50, "signature_algorithms_cert",              "CH, CR"      },
    { 28, "record_size_limit",                      "CH, EE"      },
};

/* §4.2: CH, CR and NST ask; the others answer, and may hold only what was asked for. */
static const struct { unsigned in; const char *name; bool answers; } messages[] = {
    { IN_CH, "CH", false }, { IN_SH, "SH", true },  { IN_EE, "EE", true },   { IN_CT, "CT", true },
    { IN_CR, "CR", false }, { IN_NST, "NST", false }, { IN_HRR, "HRR", true },
};

static bool table_allows(size_t row, size_t m)
{
    return strstr(table[row].messages, messages[m].name) != NULL;
}

static void add_extension(struct writer *w, uint16_t type, const char *body)
{
    write_u16(w, type);
    write_u16(w, (uint16_t)strlen(body));
    write_bytes(w, bytes_of_string(body));
}

static enum alert decode_one(uint16_t type, unsigned message, uint32_t offered)
{
    uint8_t block[64];
    struct writer w = writer_of(block, sizeof block);
    struct extensions e;
    struct fault fault = { 0 };
    add_extension(&w, type, "body");
    enum alert alert = extensions_decode(&e, &fault, writer_bytes(&w), message, offered);
    if (alert == ALERT_NONE && extension_bit(type)) {
        ck_assert(extensions_have(&e, type));
        ck_assert(bytes_equal_public(extensions_body(&e, type), bytes_of_string("body")));
    }
    ck_assert(alert == ALERT_NONE || (fault.reason && fault.at == block));
    return alert;
}

START_TEST(table_row_by_row)
{
    for (size_t row = 0; row < COUNT(table); row++)
        for (size_t m = 0; m < COUNT(messages); m++) {
            enum alert want = table_allows(row, m) ? ALERT_NONE : ALERT_ILLEGAL_PARAMETER;
            enum alert got = decode_one(table[row].type, messages[m].in, (uint32_t)EVERYTHING);
            ck_assert_msg(got == want, "%s in %s: %s", table[row].name, messages[m].name,
                          alert_name((uint8_t)got));
        }
}
END_TEST

START_TEST(table_has_a_name_and_a_bit_for_each)
{
    uint32_t all = 0;
    ck_assert_uint_eq(COUNT(table), EXTENSION_COUNT);
    for (size_t i = 0; i < COUNT(table); i++) {
        uint32_t bit = extension_bit(table[i].type);
        ck_assert(bit != 0 && (bit & (bit - 1)) == 0 && !(all & bit));
        all |= bit;
        for (size_t j = 0; j < EXTENSION_COUNT; j++)
            if (extension_rules[j].type == table[i].type)
                ck_assert_str_eq(extension_rules[j].name, table[i].name);
    }
    ck_assert_uint_eq(extension_bit(UNKNOWN_TYPE), 0);
}
END_TEST

/* An answer to what was not asked is unsupported_extension; only a cookie in HRR needs no offer. */
START_TEST(unsolicited_answers)
{
    for (size_t row = 0; row < COUNT(table); row++)
        for (size_t m = 0; m < COUNT(messages); m++) {
            if (!table_allows(row, m))
                continue;
            bool cookie = table[row].type == 44 && messages[m].in == IN_HRR;
            uint32_t others = ~extension_bit(table[row].type);
            enum alert want = messages[m].answers && !cookie ? ALERT_UNSUPPORTED_EXTENSION
                                                             : ALERT_NONE;
            ck_assert_int_eq(decode_one(table[row].type, messages[m].in, others), want);
        }
}
END_TEST

/* Unknown ones: ignored in what asks, unsupported_extension in what answers. */
START_TEST(n22_unknown_types)
{
    for (size_t m = 0; m < COUNT(messages); m++)
        ck_assert_int_eq(decode_one(UNKNOWN_TYPE, messages[m].in, (uint32_t)EVERYTHING),
                         messages[m].answers ? ALERT_UNSUPPORTED_EXTENSION : ALERT_NONE);
}
END_TEST

START_TEST(n1_two_of_one_type)
{
    static const uint16_t types[] = { 0, 51, UNKNOWN_TYPE, 65535 };
    for (size_t i = 0; i < COUNT(types); i++) {
        uint8_t block[64];
        struct writer w = writer_of(block, sizeof block);
        struct extensions e;
        struct fault fault = { 0 };
        add_extension(&w, types[i], "one");
        add_extension(&w, 16, "between");
        size_t second = w.len;
        add_extension(&w, types[i], "two");
        ck_assert_int_eq(extensions_decode(&e, &fault, writer_bytes(&w), IN_CH, 0),
                         ALERT_ILLEGAL_PARAMETER);
        ck_assert_ptr_eq(fault.at, block + second);
    }
}
END_TEST

static size_t sample(uint8_t *block, size_t cap)
{
    struct writer w = writer_of(block, cap);
    add_extension(&w, 0, "name");
    add_extension(&w, 49, "");
    add_extension(&w, UNKNOWN_TYPE, "grease");
    add_extension(&w, 51, "share");
    return w.len;
}

START_TEST(bodies)
{
    uint8_t block[64];
    struct extensions e;
    struct fault fault = { 0 };
    size_t len = sample(block, sizeof block);
    ck_assert_int_eq(extensions_decode(&e, &fault, bytes_of(block, len), IN_CH, 0), ALERT_NONE);
    ck_assert(bytes_equal_public(extensions_body(&e, 0), bytes_of_string("name")));
    ck_assert(bytes_equal_public(extensions_body(&e, 51), bytes_of_string("share")));
    ck_assert(extensions_have(&e, 49) && extensions_body(&e, 49).len == 0);
    ck_assert(!extensions_have(&e, 43) && extensions_body(&e, 43).len == 0);
    ck_assert(!extensions_have(&e, UNKNOWN_TYPE) && e.has_unknown);
    ck_assert_uint_eq(e.last_type, 51);
    ck_assert_uint_eq(e.present, extension_bit(0) | extension_bit(49) | extension_bit(51));
}
END_TEST

START_TEST(empty_block)
{
    struct extensions e;
    struct fault fault = { 0 };
    for (size_t m = 0; m < COUNT(messages); m++)
        ck_assert_int_eq(extensions_decode(&e, &fault, bytes_of(NULL, 0), messages[m].in, 0),
                         ALERT_NONE);
    ck_assert_uint_eq(e.present, 0);
    ck_assert(!e.has_unknown);
}
END_TEST

static enum alert decode_block(struct bytes block)
{
    struct extensions e;
    struct fault fault = { 0 };
    enum alert alert = extensions_decode(&e, &fault, block, IN_CH, 0);
    ck_assert((alert == ALERT_NONE) == (fault.reason == NULL));
    return alert;
}

/* A block that ends behind an extension is whole; anywhere else it is decode_error. */
START_TEST(each_byte_missing)
{
    uint8_t block[64] = { 0 };
    size_t len = sample(block, sizeof block), whole = 0;
    for (size_t n = 0; n <= len; n++) {
        bool ends_behind_one = n == 0 || n == 8 || n == 12 || n == 22 || n == 31;
        whole += ends_behind_one;
        check_decoding(decode_block, bytes_of(block, n),
                       ends_behind_one ? ALERT_NONE : ALERT_DECODE_ERROR);
    }
    ck_assert_uint_eq(whole, 5);
    check_decoding(decode_block, bytes_of(block, len + 1), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(longest_body)
{
    static uint8_t block[4 + 65535] = { 0xfa, 0xfa, 0xff, 0xff };
    check_decoding(decode_block, bytes_of(block, sizeof block), ALERT_NONE);
    check_decoding(decode_block, bytes_of(block, sizeof block - 1), ALERT_DECODE_ERROR);
}
END_TEST

START_TEST(find_in_an_unjudged_block)
{
    uint8_t block[64];
    struct bytes body;
    size_t len = sample(block, sizeof block);
    ck_assert(extensions_find(&body, bytes_of(block, len), 51));
    ck_assert(bytes_equal_public(body, bytes_of_string("share")));
    ck_assert(extensions_find(&body, bytes_of(block, len - 1), 49));
    ck_assert(!extensions_find(&body, bytes_of(block, len - 1), 51));
    ck_assert(!extensions_find(&body, bytes_of(block, len), 43));
    ck_assert(!extensions_find(&body, bytes_of(NULL, 0), 0));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("extensions");
    TCase *c = tcase_create("extensions");
    tcase_add_test(c, table_row_by_row);
    tcase_add_test(c, table_has_a_name_and_a_bit_for_each);
    tcase_add_test(c, unsolicited_answers);
    tcase_add_test(c, n22_unknown_types);
    tcase_add_test(c, n1_two_of_one_type);
    tcase_add_test(c, bodies);
    tcase_add_test(c, empty_block);
    tcase_add_test(c, each_byte_missing);
    tcase_add_test(c, longest_body);
    tcase_add_test(c, find_in_an_unjudged_block);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
