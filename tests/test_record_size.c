/* tests/test_record_size.c - record_size_limit (RFC 8449) and padding (RFC 8446 §5.4), on the wire
 * of whole connections.
 */
#include "tests/editor.h"
#include "tests/stride.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_MAX = 16385, TAG = 16 };

static const uint16_t limits[] = { 64, 65, 100, 511, 1025, 16384, 16385 };

static uint8_t pattern[40000];

/* What passes, as anybody on the wire sees it. */
static struct { size_t longest, shortest, count; uint16_t length[2000]; } passed[2];

static void carry_and_measure(struct pair *p, unsigned from, struct bytes out)
{
    for (struct reader r = reader_of(out); reader_more(&r);) {
        uint8_t type = read_u8(&r);
        read_u16(&r);
        struct bytes fragment = read_vec16(&r, 0);
        ck_assert(!r.bad);                               /* output is whole records */
        if (type != APPLICATION_DATA)
            continue;
        if (fragment.len > passed[from].longest)
            passed[from].longest = fragment.len;
        ck_assert_uint_lt(passed[from].count, COUNT(passed[from].length));
        passed[from].length[passed[from].count++] = (uint16_t)fragment.len;
    }
    end_deliver(&p->end[!from], p->setup.bite, out);
}

static struct pair *start(const struct pair_setup *setup)
{
    struct pair *p = pair_start(setup);
    memset(passed, 0, sizeof passed);
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 31 + i / 256);
    p->carry = carry_and_measure;
    return p;
}

static struct pair *connected(const struct pair_setup *setup)
{
    struct pair *p = start(setup);
    pair_run(p);
    pair_connected(p);
    return p;
}

/* ---- both ends keep to the other's limit ---- */

/* From the first protected record on, and with records as long as they may be. */
START_TEST(every_pair_of_limits)
{
    uint16_t client = limits[(size_t)_i % COUNT(limits)];
    uint16_t server = limits[(size_t)_i / COUNT(limits)];
    struct pair *p = connected(&(struct pair_setup){
        .record_size_limit = { client, server }, .hello_retry = _i % 3 == 0 });
    ck_assert_uint_le(passed[SERVER].longest, client + TAG);
    ck_assert_uint_le(passed[CLIENT].longest, server + TAG);
    ck_assert_uint_eq(tls_seal_max(&p->end[CLIENT].tls), server - 1);
    ck_assert_uint_eq(tls_seal_max(&p->end[SERVER].tls), client - 1);
    for (unsigned from = 0; from < 2; from++) {
        size_t n = from == CLIENT ? server : client;
        pair_send(p, from, bytes_of(pattern, 2 * n));
    }
    ck_assert_uint_eq(passed[SERVER].longest, client + TAG);
    ck_assert_uint_eq(passed[CLIENT].longest, server + TAG);
}
END_TEST

/* Memory: the buffer that RFC 8449 is for. */
START_TEST(a_small_buffer_is_enough)
{
    enum { LIMIT = 128 };
    uint8_t small[TLS_RECORD_LEN(LIMIT)];
    static uint8_t out[40000];
    struct tls_received got;
    size_t taken, received = 0;
    struct pair *p = connected(&(struct pair_setup){ .record_size_limit = { LIMIT, LIMIT } });
    for (size_t sent = 0, at, len; sent < 5000; sent += taken) {
        len = tls_seal(&p->end[SERVER].tls, out, sizeof out,
                       bytes_of(pattern + sent, 5000 - sent), &taken);
        ck_assert_uint_le(len, sizeof small);
        memcpy(small, out, len);
        for (at = 0; at < len; at += got.used) {
            ck_assert_int_eq(tls_receive(&p->end[CLIENT].tls, small + at, len - at, &got), TLS_DATA);
            ck_assert_mem_eq(got.data.at, pattern + received, got.data.len);
            received += got.data.len;
        }
    }
    ck_assert_uint_eq(received, 5000);
}
END_TEST

/* ---- a peer that does not ---- */

/* RFC 8449 §4: the limit counts content, type and padding. */
START_TEST(records_beyond_our_limit)
{
    unsigned who = (unsigned)_i % 2;
    uint16_t limit = limits[(size_t)_i / 2];
    const struct pair_setup setup = { .record_size_limit = { limit, limit } };
    for (size_t padding = 0; padding < 60; padding += 59) {
        struct pair *p = connected(&setup);
        seal_for(p, who, APPLICATION_DATA, bytes_of(pattern, limit - 1 - padding), padding);
        ck_assert_uint_eq(p->end[who].data_len, limit - 1 - padding);
        if (limit == LIMIT_MAX)
            return;                          /* longer ones are the business of test_record.c */
        seal_for(p, who, APPLICATION_DATA, bytes_of(pattern, limit - padding), padding);
        pair_run(p);
        pair_failed(p, who, "one byte more", ALERT_RECORD_OVERFLOW, "too long");
    }
    struct pair *p = connected(&setup);
    uint8_t header[5] = { APPLICATION_DATA, 3, 3 };
    store_be16(header + 3, (uint16_t)(limit + TAG + 1));
    end_deliver(&p->end[who], 0, bytes_of(header, sizeof header));
    pair_run(p);
    pair_failed(p, who, "its header", ALERT_RECORD_OVERFLOW, "too long");
}
END_TEST

/* Handshake records, too: here the client's Finished, padded, and the server's flight. */
START_TEST(handshake_records_beyond_our_limit)
{
    static struct middle middle;
    struct pair *p = pair_start(&(struct pair_setup){ .record_size_limit = { 0, 64 } });
    middle = (struct middle){ .padding = 40 };
    middle_join(&middle, p);
    pair_run(p);
    pair_failed(p, SERVER, "Finished with 40 zeros", ALERT_RECORD_OVERFLOW, "too long");
    p = pair_start(&(struct pair_setup){ .record_size_limit = { 64, 0 } });
    middle = (struct middle){ .padding = 200, .fragment = 1 };
    middle_join(&middle, p);
    pair_run(p);
    pair_failed(p, CLIENT, "EncryptedExtensions with 200 zeros", ALERT_RECORD_OVERFLOW,
                "before this");
}
END_TEST

/* A server that does not know the extension sends what it likes, and we do. */
START_TEST(not_negotiated)
{
    static const struct edit forget = { EDIT_REMOVE_EXTENSION, 0, 0, EXT_RECORD_SIZE_LIMIT, "" };
    static struct misbehaving m;
    struct edit edit = forget;
    unsigned who = _i ? SERVER : CLIENT;     /* who forgets to speak of it */
    edit.message = who == CLIENT ? CLIENT_HELLO : ENCRYPTED_EXTENSIONS;
    struct pair_setup setup = { .record_size_limit = { 64, 64 } };
    misbehave(&m, &edit, 1);
    setup.editor[who] = &m.editor;
    if (who == SERVER)
        setup.record_size_limit[SERVER] = 0;             /* it means not to enforce one */
    struct pair *p = start(&setup);
    if (who == SERVER)
        p->end[SERVER].config.s.record_size_limit = LIMIT_MAX;
    pair_run(p);
    ck_assert(m.done);
    pair_connected(p);
    pair_send(p, CLIENT, bytes_of(pattern, 20000));
    ck_assert_uint_eq(passed[CLIENT].longest, 16385 + TAG);
    if (who == CLIENT) {
        pair_send(p, SERVER, bytes_of(pattern, 20000));
        ck_assert_uint_eq(passed[SERVER].longest, 16385 + TAG);
    } else {
        seal_for(p, CLIENT, APPLICATION_DATA, bytes_of(pattern, 16384), 0);
        ck_assert_uint_eq(p->end[CLIENT].data_len, 16384);
    }
}
END_TEST

/* ---- the extension itself ---- */

static struct pair *with_limit(unsigned from, const char *hex, enum edit_kind kind)
{
    static struct misbehaving m;
    struct edit edit = { kind, from == CLIENT ? CLIENT_HELLO : ENCRYPTED_EXTENSIONS, 0,
                         EXT_RECORD_SIZE_LIMIT, hex };
    struct pair_setup setup = { 0 };
    misbehave(&m, &edit, 1);
    setup.editor[from] = &m.editor;
    struct pair *p = start(&setup);
    pair_run(p);
    ck_assert(m.done);
    return p;
}

START_TEST(values_and_lengths)
{
    static const struct { const char *hex; enum alert to_client, to_server; } cases[] = {
        { "",       ALERT_DECODE_ERROR,      ALERT_DECODE_ERROR },
        { "40",     ALERT_DECODE_ERROR,      ALERT_DECODE_ERROR },
        { "400100", ALERT_DECODE_ERROR,      ALERT_DECODE_ERROR },
        { "0000",   ALERT_ILLEGAL_PARAMETER, ALERT_ILLEGAL_PARAMETER },
        { "003f",   ALERT_ILLEGAL_PARAMETER, ALERT_ILLEGAL_PARAMETER },
        { "0040",   ALERT_NONE,              ALERT_NONE },
        { "4001",   ALERT_NONE,              ALERT_NONE },
        { "4002",   ALERT_ILLEGAL_PARAMETER, ALERT_NONE },           /* a client may know more */
        { "ffff",   ALERT_ILLEGAL_PARAMETER, ALERT_NONE },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair *p = with_limit(SERVER, cases[i].hex, EDIT_SET_EXTENSION);
        if (cases[i].to_client)
            pair_failed(p, CLIENT, cases[i].hex, cases[i].to_client, "record_size_limit");
        else
            pair_connected(p);
        p = with_limit(CLIENT, cases[i].hex, EDIT_SET_EXTENSION);
        if (cases[i].to_server)
            pair_failed(p, SERVER, cases[i].hex, cases[i].to_server, "record_size_limit");
        else
            pair_connected(p);
    }
    struct pair *p = with_limit(CLIENT, "ffff", EDIT_SET_EXTENSION);
    pair_send(p, SERVER, bytes_of(pattern, 20000));      /* "MUST NOT ... larger", §4 */
    ck_assert_uint_eq(passed[SERVER].longest, 16385 + TAG);
}
END_TEST

/* N3: an answer to no offer. §5: who offers max_fragment_length as well gets no answer to it. */
START_TEST(unasked_for_and_beside_its_predecessor)
{
    static const struct edit remove = { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0,
                                        EXT_RECORD_SIZE_LIMIT, "" };
    static const struct edit add = { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0,
                                     EXT_RECORD_SIZE_LIMIT, "4001" };
    static const struct edit both = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0,
                                      EXT_MAX_FRAGMENT_LENGTH, "01" };
    static struct misbehaving client, server;
    misbehave(&client, &remove, 1);
    misbehave(&server, &add, 1);
    struct pair *p = start(&(struct pair_setup){ .editor = { &client.editor, &server.editor } });
    pair_run(p);
    pair_failed(p, CLIENT, "unasked for", ALERT_UNSUPPORTED_EXTENSION, "no offer");
    misbehave(&client, &both, 1);
    p = connected(&(struct pair_setup){ .editor = { &client.editor, NULL } });
    pair_send(p, SERVER, bytes_of(pattern, 20000));
    ck_assert_uint_eq(passed[SERVER].longest, 16385 + TAG);
}
END_TEST

/* ---- padding, RFC 8446 §5.4 ---- */

/* Every protected record is a multiple, or as long as the peer allows; what is inside arrives. */
START_TEST(padded_to_a_multiple)
{
    static const uint16_t multiples[] = { 1, 2, 64, 100, 512, 4096, 16384, 65535 };
    uint16_t pad = multiples[_i];
    static const size_t lengths[] = { 1, 63, 64, 99, 1000, 4095, 4096, 16383, 16384, 20000 };
    for (unsigned small = 0; small < 2; small++) {
        uint16_t limit = small ? 300 : LIMIT_MAX;
        struct pair *p = connected(&(struct pair_setup){
            .pad_records_to = { pad, pad }, .record_size_limit = { limit, limit } });
        for (size_t i = 0; i < COUNT(lengths); i++) {
            pair_send(p, CLIENT, bytes_of(pattern, lengths[i]));
            pair_send(p, SERVER, bytes_of(pattern, lengths[i]));
        }
        ck_assert(tls_update_keys(&p->end[CLIENT].tls, true));
        tls_close(&p->end[SERVER].tls);
        pair_run(p);
        ck_assert(p->end[CLIENT].peer_closed);
        for (unsigned from = 0; from < 2; from++)
            for (size_t i = 0; i < passed[from].count; i++) {
                size_t inner = passed[from].length[i] - (size_t)TAG;
                ck_assert(inner % pad == 0 || inner == limit);
            }
    }
}
END_TEST

/* An alert, too, looks like all else. */
START_TEST(an_alert_is_padded)
{
    struct pair *p = connected(&(struct pair_setup){ .pad_records_to = { 256, 256 } });
    size_t before = passed[_i].count;
    hex_for(p, (unsigned)_i, HANDSHAKE, "ff000000");
    pair_run(p);
    ck_assert_uint_eq(passed[_i].count, before + 1);
    ck_assert_uint_eq(passed[_i].length[before], 256 + TAG);
    ck_assert(tls_failure(&p->end[!_i].tls).received);
}
END_TEST

/* Padding never makes a record longer than the caller's memory, and never takes data's place. */
START_TEST(padding_in_every_capacity)
{
    static uint8_t out[1000];
    struct pair *p = connected(&(struct pair_setup){ .pad_records_to = { 128, 0 } });
    for (size_t cap = 0; cap < 600; cap += stride(7)) {
        size_t taken, len = cap % 150 + 1, before = p->end[SERVER].data_len;
        memset(out, 0xee, sizeof out);
        size_t n = tls_seal(&p->end[CLIENT].tls, out, cap, bytes_of(pattern, len), &taken);
        ck_assert_uint_le(n, cap);
        for (size_t i = cap; i < cap + 200; i++)
            ck_assert_uint_eq(out[i], 0xee);
        ck_assert_uint_eq(taken, cap <= 22 ? 0 : cap - 22 < len ? cap - 22 : len);
        end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
        ck_assert_uint_eq(p->end[SERVER].data_len, before + taken);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("record_size");
    TCase *c = tcase_create("limits");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, every_pair_of_limits, 0, (int)(COUNT(limits) * COUNT(limits)));
    tcase_add_test(c, a_small_buffer_is_enough);
    tcase_add_loop_test(c, records_beyond_our_limit, 0, 2 * (int)COUNT(limits));
    tcase_add_test(c, handshake_records_beyond_our_limit);
    tcase_add_loop_test(c, not_negotiated, 0, 2);
    tcase_add_test(c, values_and_lengths);
    tcase_add_test(c, unasked_for_and_beside_its_predecessor);
    suite_add_tcase(s, c);
    c = tcase_create("padding");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, padded_to_a_multiple, 0, 8);
    tcase_add_loop_test(c, an_alert_is_padded, 0, 2);
    tcase_add_test(c, padding_in_every_capacity);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
