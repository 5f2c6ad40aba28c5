/* tests/test_post_handshake.c - messages after the handshake (RFC 8446 §4.6). */
#include "tests/connected.h"

#include "tls13/machine.h"
#include "tls13/post_handshake.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct connected c;

static void start(bool is_server)
{
    connected_start(&c, is_server, 0x1301, (struct tls_limits){ 0 });
}

static enum tls_event receive(uint8_t content_type, struct bytes content)
{
    struct tls_received received;
    enum tls_event event = connected_receive(&c, content_type, content, &received);
    if (event == TLS_DATA)
        ck_assert(bytes_equal_public(received.data, content));
    return event;
}

static void check_failed(enum tls_event event, enum alert alert)
{
    ck_assert_int_eq(event, TLS_FAILED);
    ck_assert_msg(tls_failure(&c.t).alert == alert, "%s: %s",
                  alert_name((uint8_t)tls_failure(&c.t).alert), tls_failure(&c.t).reason);
    ck_assert(!tls_failure(&c.t).received);
}

/* What our end has to send is one record with this content. */
static void check_output(uint8_t content_type, struct bytes want)
{
    uint8_t out[1024], type;
    struct bytes content;
    size_t n = tls_output(&c.t, out, sizeof out);
    ck_assert_int_eq(record_open(&c.peer_read, out, n, &type, &content), ALERT_NONE);
    ck_assert_uint_eq(type, content_type);
    ck_assert(bytes_equal_public(content, want));
}

static void check_no_output(void)
{
    ck_assert(!tls_has_output(&c.t));
}

/* Application data passes in both directions, with the keys that both ends are at. */
static void check_data_flows(void)
{
    uint8_t out[256], type;
    struct bytes content, text = bytes_of_string("data");
    size_t taken;
    ck_assert_int_eq(receive(APPLICATION_DATA, text), TLS_DATA);
    size_t n = tls_seal(&c.t, out, sizeof out, text, &taken);
    ck_assert_int_eq(record_open(&c.peer_read, out, n, &type, &content), ALERT_NONE);
    ck_assert(type == APPLICATION_DATA && bytes_equal_public(content, text));
}

static const uint8_t update[]  = { KEY_UPDATE, 0, 0, 1, 0 };           /* update_not_requested */
static const uint8_t request[] = { KEY_UPDATE, 0, 0, 1, 1 };           /* update_requested */
static const struct bytes key_update = { update, 5 }, key_update_request = { request, 5 };

/* ---- NewSessionTicket ---- */

static uint8_t memory[1 << 18];

/* Of the smallest possible form: an empty nonce, one byte of ticket, no extensions. */
static struct bytes ticket(uint32_t len)
{
    struct writer w = writer_of(memory, sizeof memory);
    write_u8(&w, NEW_SESSION_TICKET);
    size_t body = write_vec_begin(&w, 3);
    memset(write_space(&w, len), 0, len);
    write_vec_end(&w, body, 3);
    return writer_bytes(&w);
}

START_TEST(ticket_is_passed_over)
{
    start(false);
    ck_assert_int_eq(receive(HANDSHAKE, ticket(200)), TLS_PROGRESS);
    ck_assert(!post_handshake_pending(&c.t));
    check_no_output();
    check_data_flows();
}
END_TEST

START_TEST(ticket_in_pieces_of_every_size)
{
    struct bytes whole = ticket(60);
    for (size_t size = 1; size <= whole.len; size++) {
        start(false);
        for (size_t at = 0; at < whole.len; at += size) {
            size_t n = whole.len - at < size ? whole.len - at : size;
            ck_assert_int_eq(receive(HANDSHAKE, bytes_of(whole.at + at, n)), TLS_PROGRESS);
            ck_assert_int_eq(post_handshake_pending(&c.t), at + n < whole.len);
        }
        check_data_flows();
    }
}
END_TEST

START_TEST(two_tickets_in_one_record)
{
    uint8_t two[2 * 24];
    struct bytes one = ticket(20);
    memcpy(two, one.at, 24);
    memcpy(two + 24, one.at, 24);
    start(false);
    ck_assert_int_eq(receive(HANDSHAKE, bytes_of(two, sizeof two)), TLS_PROGRESS);
    check_data_flows();
}
END_TEST

/* The longest: 4 + 4 + 1 + 255 + 2 + 65535 + 2 + 65534 bytes, in records of 2^14. */
START_TEST(longest_ticket)
{
    struct bytes whole = ticket(131337);
    start(false);
    for (size_t at = 0; at < whole.len; at += 16384) {
        size_t n = whole.len - at < 16384 ? whole.len - at : 16384;
        ck_assert_int_eq(receive(HANDSHAKE, bytes_of(whole.at + at, n)), TLS_PROGRESS);
    }
    check_data_flows();
}
END_TEST

START_TEST(ticket_lengths)
{
    static const struct { uint32_t len; bool good; } cases[] = {
        { 0, false }, { 13, false }, { 14, true }, { 131337, true }, { 131338, false },
        { 0xffffff, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t header[4] = { NEW_SESSION_TICKET, (uint8_t)(cases[i].len >> 16) };
        store_be16(header + 2, (uint16_t)cases[i].len);
        start(false);
        enum tls_event event = receive(HANDSHAKE, bytes_of(header, sizeof header));
        if (cases[i].good)
            ck_assert_int_eq(event, TLS_PROGRESS);
        else
            check_failed(event, ALERT_DECODE_ERROR);
    }
}
END_TEST

START_TEST(ticket_to_a_server)
{
    start(true);
    check_failed(receive(HANDSHAKE, ticket(20)), ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

/* §5.1: no other content type inside a handshake message. */
START_TEST(another_record_inside_a_message)
{
    static const uint8_t types[] = { APPLICATION_DATA, ALERT, CHANGE_CIPHER_SPEC };
    for (size_t i = 0; i < COUNT(types); i++)
        for (size_t cut = 1; cut < 24; cut += 3) {
            start(false);
            ck_assert_int_eq(receive(HANDSHAKE, bytes_of(ticket(20).at, cut)), TLS_PROGRESS);
            check_failed(receive(types[i], bytes_of("\1\0", 2)), ALERT_UNEXPECTED_MESSAGE);
        }
}
END_TEST

/* ---- KeyUpdate ---- */

START_TEST(key_update_not_requested)
{
    start(_i);
    ck_assert_int_eq(receive(HANDSHAKE, key_update), TLS_PROGRESS);
    connected_update_peer_write(&c);
    check_no_output();
    check_data_flows();
}
END_TEST

START_TEST(key_update_requested)
{
    start(_i);
    ck_assert_int_eq(receive(HANDSHAKE, key_update_request), TLS_PROGRESS);
    connected_update_peer_write(&c);
    check_output(HANDSHAKE, key_update);
    connected_update_peer_read(&c);
    check_no_output();
    check_data_flows();
}
END_TEST

START_TEST(key_update_in_pieces)
{
    for (size_t first = 1; first < 5; first++)
        for (size_t second = 1; first + second < 5; second++) {
            start(false);
            receive(HANDSHAKE, bytes_of(update, first));
            receive(HANDSHAKE, bytes_of(update + first, second));
            ck_assert(post_handshake_pending(&c.t));
            receive(HANDSHAKE, bytes_of(update + first + second, 5 - first - second));
            ck_assert(!post_handshake_pending(&c.t));
            connected_update_peer_write(&c);
            check_data_flows();
        }
}
END_TEST

/* §5.1: keys change behind it, so nothing may follow in its record. */
START_TEST(s7_key_update_with_something_behind_it)
{
    uint8_t two[10];
    memcpy(two, update, 5);
    memcpy(two + 5, update, 5);
    for (size_t n = 6; n <= 10; n++) {
        start(false);
        check_failed(receive(HANDSHAKE, bytes_of(two, n)), ALERT_UNEXPECTED_MESSAGE);
    }
}
END_TEST

START_TEST(key_update_behind_a_ticket)
{
    uint8_t both[24 + 5];
    memcpy(both, ticket(20).at, 24);
    memcpy(both + 24, update, 5);
    start(false);
    ck_assert_int_eq(receive(HANDSHAKE, bytes_of(both, sizeof both)), TLS_PROGRESS);
    connected_update_peer_write(&c);
    check_data_flows();
}
END_TEST

START_TEST(key_update_lengths)
{
    for (unsigned len = 0; len < 4; len++) {
        uint8_t message[8] = { KEY_UPDATE, 0, 0, (uint8_t)len };
        start(false);
        enum tls_event event = receive(HANDSHAKE, bytes_of(message, 4 + len));
        if (len == 1)
            ck_assert_int_eq(event, TLS_PROGRESS);
        else
            check_failed(event, ALERT_DECODE_ERROR);
    }
}
END_TEST

START_TEST(key_update_values)
{
    for (unsigned value = 2; value < 256; value++) {
        uint8_t message[5] = { KEY_UPDATE, 0, 0, 1, (uint8_t)value };
        start(true);
        check_failed(receive(HANDSHAKE, bytes_of(message, 5)), ALERT_ILLEGAL_PARAMETER);
    }
}
END_TEST

/* After a KeyUpdate the old keys open nothing. */
START_TEST(old_keys_are_gone)
{
    start(false);
    ck_assert_int_eq(receive(HANDSHAKE, key_update), TLS_PROGRESS);
    check_failed(receive(APPLICATION_DATA, bytes_of_string("data")), ALERT_BAD_RECORD_MAC);
}
END_TEST

/* RFC 9846 §4.7.3: and new keys open nothing before the KeyUpdate under the old ones. */
START_TEST(new_keys_without_an_update)
{
    start(_i);
    connected_update_peer_write(&c);
    check_failed(receive(APPLICATION_DATA, bytes_of_string("data")), ALERT_BAD_RECORD_MAC);
}
END_TEST

/* §4.6.3: requests that pile up while we are silent are answered once. */
START_TEST(s12_many_requests_one_answer)
{
    start(false);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(receive(HANDSHAKE, key_update_request), TLS_PROGRESS);
        connected_update_peer_write(&c);
    }
    check_output(HANDSHAKE, key_update);
    connected_update_peer_read(&c);
    check_no_output();
    check_data_flows();
}
END_TEST

START_TEST(too_many_without_data)
{
    connected_start(&c, false, 0x1303, (struct tls_limits){ .key_updates_in_a_row = 3 });
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(receive(HANDSHAKE, key_update), TLS_PROGRESS);
            connected_update_peer_write(&c);
        }
        ck_assert_int_eq(receive(APPLICATION_DATA, bytes_of_string("data")), TLS_DATA);
    }
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(receive(HANDSHAKE, key_update), TLS_PROGRESS);
        connected_update_peer_write(&c);
    }
    check_failed(receive(HANDSHAKE, key_update), ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

/* ---- our own ---- */

START_TEST(our_update)
{
    start(_i);
    ck_assert(tls_update_keys(&c.t, false));
    check_output(HANDSHAKE, key_update);
    connected_update_peer_read(&c);
    check_no_output();
    check_data_flows();
}
END_TEST

/* One request at a time; it is answered by any KeyUpdate of the peer's. */
START_TEST(our_requests)
{
    start(false);
    ck_assert(tls_update_keys(&c.t, true));
    check_output(HANDSHAKE, key_update_request);
    connected_update_peer_read(&c);
    ck_assert(tls_update_keys(&c.t, true));
    check_output(HANDSHAKE, key_update);
    connected_update_peer_read(&c);
    ck_assert_int_eq(receive(HANDSHAKE, key_update), TLS_PROGRESS);
    connected_update_peer_write(&c);
    check_no_output();
    ck_assert(tls_update_keys(&c.t, true));
    check_output(HANDSHAKE, key_update_request);
    connected_update_peer_read(&c);
    check_data_flows();
}
END_TEST

START_TEST(no_update_after_close)
{
    start(false);
    tls_close(&c.t);
    ck_assert(!tls_update_keys(&c.t, false));
    check_output(ALERT, bytes_of("\1\0", 2));
    ck_assert(!tls_update_keys(&c.t, false));
    ck_assert_int_eq(receive(HANDSHAKE, key_update_request), TLS_PROGRESS);
    check_no_output();                       /* closed for writing: nothing is owed */
}
END_TEST

/* The peer opens the next of the records at `out`; returns where the one behind it begins. */
static size_t open_next(uint8_t *out, uint8_t *type, struct bytes *content)
{
    size_t n = TLS_RECORD_HEADER + (size_t)load_be16(out + 3);
    ck_assert_int_eq(record_open(&c.peer_read, out, n, type, content), ALERT_NONE);
    return n;
}

/* §4.6.3: the answer goes before the next data, and under the key that it ends. */
START_TEST(an_answer_before_data)
{
    uint8_t out[256], type;
    struct bytes content;
    size_t taken;
    start(_i);
    ck_assert_int_eq(receive(HANDSHAKE, key_update_request), TLS_PROGRESS);
    size_t n = tls_seal(&c.t, out, sizeof out, bytes_of_string("data"), &taken);
    size_t first = open_next(out, &type, &content);
    ck_assert(type == HANDSHAKE && bytes_equal_public(content, key_update));
    connected_update_peer_read(&c);
    ck_assert_uint_eq(first + open_next(out + first, &type, &content), n);
    ck_assert(type == APPLICATION_DATA && bytes_equal_public(content, bytes_of_string("data")));
}
END_TEST

/* RFC 8446 §5.5: with three records per key, every third one is a KeyUpdate under the old key. */
START_TEST(update_before_the_limit_of_a_key)
{
    struct bytes content, text = bytes_of_string("data");
    size_t taken, updates = 0;
    connected_start(&c, true, 0x1302, (struct tls_limits){ .records_per_key = 3 });
    for (size_t i = 0; i < 8; i++) {
        uint8_t out[256], type;
        size_t n = tls_seal(&c.t, out, sizeof out, text, &taken), first;
        first = open_next(out, &type, &content);
        if (type == HANDSHAKE) {
            ck_assert(bytes_equal_public(content, key_update));
            ck_assert_uint_eq(c.peer_read.sequence, 3);
            connected_update_peer_read(&c);
            first += open_next(out + first, &type, &content);
            updates++;
        }
        ck_assert_uint_eq(first, n);
        ck_assert(type == APPLICATION_DATA && bytes_equal_public(content, text));
    }
    ck_assert_uint_eq(updates, 3);
}
END_TEST

/* RFC 9846 §4.7.3: the last of our 2^48-1 updates goes out. After it a request is ignored, although
 * the peer's update counts, and we ask for none ourselves. */
START_TEST(s13_updates_end_at_their_cap)
{
    start(_i);
    c.t.key_updates_sent = ((uint64_t)1 << 48) - 2;
    ck_assert(tls_update_keys(&c.t, false));
    check_output(HANDSHAKE, key_update);
    connected_update_peer_read(&c);
    ck_assert(!tls_update_keys(&c.t, false));
    ck_assert_int_eq(receive(HANDSHAKE, key_update_request), TLS_PROGRESS);
    connected_update_peer_write(&c);
    check_no_output();
    check_data_flows();
}
END_TEST

/* RFC 9846 §4.7.3: the cap is the sender's; a receiver goes along with any number. */
START_TEST(s13_the_peers_updates_have_no_cap)
{
    start(_i);
    c.t.key_updates_sent = ((uint64_t)1 << 48) - 1;
    for (int i = 0; i < 1000; i++) {
        ck_assert_int_eq(receive(HANDSHAKE, i % 2 ? key_update : key_update_request), TLS_PROGRESS);
        connected_update_peer_write(&c);
        ck_assert_int_eq(receive(APPLICATION_DATA, bytes_of_string("data")), TLS_DATA);
    }
    check_no_output();
}
END_TEST

/* RFC 9846 §5.5: a key that has reached its limit and cannot be updated ends in close_notify. */
START_TEST(s13_no_update_left_at_the_limit_of_a_key)
{
    uint8_t out[256];
    size_t taken;
    connected_start(&c, _i, 0x1301, (struct tls_limits){ .records_per_key = 2 });
    c.t.key_updates_sent = ((uint64_t)1 << 48) - 1;
    size_t n = tls_seal(&c.t, out, sizeof out, bytes_of_string("last"), &taken);
    ck_assert_uint_eq(taken, 4);
    ck_assert_uint_eq(n, 5 + 4 + 1 + 16);
    c.peer_read.sequence++;
    check_output(ALERT, bytes_of("\1\0", 2));
    ck_assert_uint_eq(tls_seal(&c.t, out, sizeof out, bytes_of_string("more"), &taken), 0);
}
END_TEST

/* ---- what has no place here ---- */

START_TEST(other_messages)
{
    static const uint8_t types[] = {
        0, CLIENT_HELLO, SERVER_HELLO, END_OF_EARLY_DATA, ENCRYPTED_EXTENSIONS, CERTIFICATE,
        CERTIFICATE_REQUEST, CERTIFICATE_VERIFY, FINISHED, MESSAGE_HASH, 255,
    };
    for (size_t i = 0; i < COUNT(types); i++)
        for (int is_server = 0; is_server < 2; is_server++) {
            uint8_t header[4] = { types[i], 0, 0, 4 };
            start(is_server);
            check_failed(receive(HANDSHAKE, bytes_of(header, 4)), ALERT_UNEXPECTED_MESSAGE);
            ck_assert_str_eq(tls_failure(&c.t).message, handshake_type_name(types[i]));
        }
}
END_TEST

/* §5.1: zero-length fragments of handshake messages are not allowed. */
START_TEST(an_empty_handshake_record)
{
    start(false);
    check_failed(receive(HANDSHAKE, bytes_of(NULL, 0)), ALERT_UNEXPECTED_MESSAGE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("post_handshake");
    TCase *t = tcase_create("post_handshake");
    tcase_add_test(t, ticket_is_passed_over);
    tcase_add_test(t, ticket_in_pieces_of_every_size);
    tcase_add_test(t, two_tickets_in_one_record);
    tcase_add_test(t, longest_ticket);
    tcase_add_test(t, ticket_lengths);
    tcase_add_test(t, ticket_to_a_server);
    tcase_add_test(t, another_record_inside_a_message);
    tcase_add_loop_test(t, key_update_not_requested, 0, 2);
    tcase_add_loop_test(t, key_update_requested, 0, 2);
    tcase_add_test(t, key_update_in_pieces);
    tcase_add_test(t, s7_key_update_with_something_behind_it);
    tcase_add_test(t, key_update_behind_a_ticket);
    tcase_add_test(t, key_update_lengths);
    tcase_add_test(t, key_update_values);
    tcase_add_test(t, old_keys_are_gone);
    tcase_add_loop_test(t, new_keys_without_an_update, 0, 2);
    tcase_add_test(t, s12_many_requests_one_answer);
    tcase_add_loop_test(t, an_answer_before_data, 0, 2);
    tcase_add_test(t, too_many_without_data);
    tcase_add_loop_test(t, our_update, 0, 2);
    tcase_add_test(t, our_requests);
    tcase_add_test(t, no_update_after_close);
    tcase_add_test(t, update_before_the_limit_of_a_key);
    tcase_add_loop_test(t, s13_updates_end_at_their_cap, 0, 2);
    tcase_add_loop_test(t, s13_the_peers_updates_have_no_cap, 0, 2);
    tcase_add_loop_test(t, s13_no_update_left_at_the_limit_of_a_key, 0, 2);
    tcase_add_test(t, other_messages);
    tcase_add_test(t, an_empty_handshake_record);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
