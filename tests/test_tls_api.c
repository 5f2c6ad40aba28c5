/* tests/test_tls_api.c - what tls.h promises to an application that calls at odd moments.
 *
 * The other suites change what the peer sends; this one keeps the peer honest and calls the engine
 * in every order and with the smallest memory that its header allows.
 */
#include "tests/editor.h"

#include "tls13/machine.h"
#include "tls13/receive.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint8_t out[40000];

static size_t output(struct pair *p, unsigned who, size_t cap)
{
    return tls_output(&p->end[who].tls, out, cap);
}

static void deliver(struct pair *p, unsigned to, size_t n)
{
    end_deliver(&p->end[to], 0, bytes_of(out, n));
}

/* ---- an alert, wherever the flight stands ---- */

/* A record that never opens, or has no place in the clear. */
static const uint8_t garbage[] = { 0x17, 3, 3, 0, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
                                   15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
                                   31, 32 };

/* Pulls `pieces` of the flight of `who`, breaks it with garbage, and delivers its alert. False if
 * the flight was over before. */
static bool alert_behind(struct pair *p, unsigned who, unsigned pieces)
{
    struct end *e = &p->end[who], *peer = &p->end[!who];
    for (unsigned i = 0; i < pieces; i++) {
        size_t n = output(p, who, TLS_OUTPUT_MIN);
        deliver(p, !who, n);
        if (n == 0)
            return false;
    }
    end_deliver(e, 0, bytes_of(garbage, sizeof garbage));
    ck_assert(tls_failed(&e->tls));
    deliver(p, !who, output(p, who, sizeof out));
    struct tls_failure f = tls_failure(&peer->tls);
    bool split = !tls_handshake_over(&peer->tls) && peer->handshake.incoming.len > 0;
    if (!split && !strstr(f.reason, "inside a handshake message"))
        ck_assert_msg(f.received && f.alert == tls_failure(&e->tls).alert,
                      "behind %u pieces: %s", pieces, f.reason);
    return true;
}

/* The peer opens the alert, whatever has gone out: keys change with the last byte before that. */
START_TEST(alert_behind_each_piece_of_a_flight)
{
    unsigned pieces = 0;
    bool more = true;
    for (; more; pieces++) {
        struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = _i & 1 });
        deliver(p, SERVER, output(p, CLIENT, sizeof out));
        if (_i & 1) {
            deliver(p, CLIENT, output(p, SERVER, sizeof out));
            deliver(p, SERVER, output(p, CLIENT, sizeof out));
        }
        if (_i & 2)
            deliver(p, CLIENT, output(p, SERVER, sizeof out));
        more = alert_behind(p, _i & 2 ? CLIENT : SERVER, pieces);
    }
    ck_assert_uint_ge(pieces, 3);
}
END_TEST

/* ---- small memory ---- */

/* tls_output has something to give for as long as tls_has_output says so. */
START_TEST(output_until_there_is_none)
{
    struct pair *p = pair_start(&(struct pair_setup){ .cap = TLS_OUTPUT_MIN });
    for (unsigned i = 0; i < 200; i++)
        for (unsigned who = 0; who < 2; who++)
            if (tls_has_output(&p->end[who].tls)) {
                size_t n = output(p, who, TLS_OUTPUT_MIN);
                ck_assert_uint_gt(n, 0);
                deliver(p, !who, n);
            }
    pair_connected(p);
}
END_TEST

START_TEST(output_needs_its_least_room)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    ck_assert_uint_eq(output(p, CLIENT, TLS_OUTPUT_MIN - 1), 0);
    ck_assert(tls_has_output(&p->end[CLIENT].tls));
    pair_run(p);
    pair_connected(p);
}
END_TEST

/* ---- sealing in place ---- */

/* With `plaintext` at out + 5, as tls.h allows when nothing is pending; automatic KeyUpdates, too,
 * must be announced by tls_has_output, or they would overwrite what they stand in front of. */
START_TEST(seal_in_place)
{
    static uint8_t text[4000];
    struct pair *p = pair_start(&(struct pair_setup){ .limits.records_per_key = (uint64_t)_i });
    struct end *e = &p->end[CLIENT];
    pair_run(p);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7);
    for (size_t i = 0, taken; i < 40; i++) {
        while (tls_has_output(&e->tls))
            deliver(p, SERVER, output(p, CLIENT, sizeof out));
        memcpy(out + TLS_RECORD_HEADER, text, 100 * i + 1);
        size_t n = tls_seal(&e->tls, out, sizeof out,
                            bytes_of(out + TLS_RECORD_HEADER, 100 * i + 1), &taken);
        ck_assert_uint_eq(taken, 100 * i + 1);
        p->end[SERVER].data_len = 0;
        deliver(p, SERVER, n);
        ck_assert_uint_eq(p->end[SERVER].data_len, taken);
        ck_assert_mem_eq(p->end[SERVER].data, text, taken);
    }
}
END_TEST

/* Nothing to send is no record; and a limit beyond that of the suite is that of the suite. */
START_TEST(seal_nothing)
{
    size_t taken = 1;
    struct pair *p = pair_start(&(struct pair_setup){ .limits.records_per_key = UINT64_MAX });
    pair_run(p);
    ck_assert_uint_eq(tls_seal(&p->end[CLIENT].tls, out, sizeof out, bytes_of(NULL, 0), &taken), 0);
    ck_assert_uint_eq(taken, 0);
    pair_send(p, CLIENT, bytes_of("something", 9));
}
END_TEST

/* At each size of the caller's memory: what it says it wrote fits, and what it took arrives. */
START_TEST(seal_into_every_capacity)
{
    static uint8_t text[300];
    struct pair *p = pair_start(&(struct pair_setup){ .limits.records_per_key = 5 });
    pair_run(p);
    for (size_t cap = 0; cap < 300; cap++) {
        size_t taken, before = p->end[SERVER].data_len;
        memset(out, 0xee, sizeof out);
        if (cap % 3 == 0)
            tls_update_keys(&p->end[CLIENT].tls, cap % 2);
        size_t n = tls_seal(&p->end[CLIENT].tls, out, cap, bytes_of(text, sizeof text), &taken);
        ck_assert_uint_le(n, cap);
        for (size_t i = cap; i < cap + 100; i++)
            ck_assert_uint_eq(out[i], 0xee);
        deliver(p, SERVER, n);
        ck_assert_uint_eq(p->end[SERVER].data_len, before + taken);
        if (cap <= TLS_RECORD_OVERHEAD)
            ck_assert_uint_eq(taken, 0);
    }
    pair_run(p);
    pair_connected(p);
}
END_TEST

/* ---- KeyUpdate ---- */

/* RFC 9846 §4.7.3: what answers a request asks for nothing, even if the application was about to
 * ask by itself. */
START_TEST(an_answer_does_not_ask)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    p->end[CLIENT].tap.opens_records = true;
    ck_assert(tls_update_keys(&p->end[CLIENT].tls, true));
    hex_for(p, CLIENT, HANDSHAKE, "18000001 01");
    size_t n = output(p, CLIENT, sizeof out);
    ck_assert_uint_eq(n, TLS_RECORD_OVERHEAD + 5);
    ck_assert_mem_eq(p->end[CLIENT].tap.record[0].content.at, "\x18\0\0\1\0", 5);
    ck_assert(tls_update_keys(&p->end[CLIENT].tls, true));           /* nothing is outstanding */
    output(p, CLIENT, sizeof out);
    ck_assert_mem_eq(p->end[CLIENT].tap.record[1].content.at, "\x18\0\0\1\1", 5);
}
END_TEST

/* A client that has its keys while its own flight has not gone out yet. */
START_TEST(update_while_the_flight_waits)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    deliver(p, CLIENT, output(p, SERVER, sizeof out));
    ck_assert_uint_eq(p->end[CLIENT].connected, 1);
    ck_assert(!tls_handshake_over(&p->end[CLIENT].tls));
    hex_for(p, CLIENT, HANDSHAKE, "18000001 00");
    ck_assert(tls_update_keys(&p->end[CLIENT].tls, false));
    size_t n = output(p, CLIENT, sizeof out);
    ck_assert(tls_handshake_over(&p->end[CLIENT].tls));
    deliver(p, SERVER, n);
    ck_assert(!tls_failed(&p->end[SERVER].tls));
    ck_assert_uint_eq(p->end[SERVER].tap.key_changes[RECEIVED], 3);
    ck_assert_uint_eq(p->end[CLIENT].tap.key_changes[SENT], 3);
}
END_TEST

/* ---- calls before, after and in between ---- */

START_TEST(nothing_before_the_end_of_the_handshake)
{
    uint8_t exported[32];
    size_t taken = 1;
    struct pair *p = pair_start(&(struct pair_setup){ .sign_later = true });
    for (unsigned round = 0; p->end[_i].connected == 0 && round < 8; round++) {
        struct tls *t = &p->end[_i].tls;
        ck_assert(!tls_update_keys(t, true));
        ck_assert(!tls_export(t, exported, sizeof exported, "EXPORTER-x", bytes_of(NULL, 0)));
        ck_assert(!tls_exporter_binding(t, exported));
        ck_assert(!tls_handshake_over(t));
        ck_assert_uint_eq(tls_seal(t, out, sizeof out, bytes_of("x", 1), &taken), 0);
        ck_assert_uint_eq(taken, 0);
        if (!tls_wants_signature(t))
            ck_assert_int_eq(tls_signature(t, bytes_of("x", 1)), TLS_PROGRESS);
        p->setup.sign_later = round > 2 ? p->setup.sign_later : false;
        for (unsigned who = 0; who < 2; who++)
            deliver(p, !who, output(p, who, sizeof out));
        p->setup.sign_later = true;
        if (round > 2)
            pair_run(p);
    }
    pair_run(p);
    pair_connected(p);
}
END_TEST

/* Closing at any moment of the handshake ends in close_notify, and then silence. */
START_TEST(close_at_each_moment)
{
    for (unsigned steps = 0; steps < 5; steps++) {
        size_t taken;
        struct pair *p = pair_start(&(struct pair_setup){ 0 });
        for (unsigned i = 0; i < steps; i++)
            deliver(p, !(i % 2), output(p, i % 2, sizeof out));
        struct end *e = &p->end[_i];
        tls_close(&e->tls);
        tls_close(&e->tls);
        ck_assert_uint_eq(tls_seal(&e->tls, out, sizeof out, bytes_of("x", 1), &taken), 0);
        ck_assert(!tls_update_keys(&e->tls, true));
        pair_run(p);
        struct tls *peer = &p->end[!_i].tls;
        ck_assert(p->end[!_i].peer_closed || tls_failed(peer));
        ck_assert(!tls_has_output(&e->tls));
        ck_assert_uint_eq(output(p, (unsigned)_i, sizeof out), 0);
        tls_close(&e->tls);                              /* it has been said, or cannot be */
        tls_close(peer);
        ck_assert(!tls_has_output(&e->tls) && tls_failed(peer) != tls_has_output(peer));
        if (tls_failed(peer) && tls_failure(peer).alert == ALERT_NONE)
            ck_assert_ptr_nonnull(strstr(tls_failure(peer).reason, "closed during"));
    }
}
END_TEST

/* After the peer's close_notify our side still sends (RFC 8446 §6.1); what comes is ignored. */
START_TEST(half_closed)
{
    struct tls_received got;
    uint8_t in[] = { 1, 2, 3 };
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    tls_close(&p->end[CLIENT].tls);
    pair_run(p);
    ck_assert(p->end[SERVER].peer_closed);
    pair_send(p, SERVER, bytes_of("still here", 10));
    ck_assert_int_eq(tls_receive(&p->end[SERVER].tls, in, sizeof in, &got), TLS_PEER_CLOSED);
    ck_assert_uint_eq(got.used, sizeof in);
    ck_assert_int_eq(tls_receive_end(&p->end[SERVER].tls), TLS_PEER_CLOSED);
    ck_assert(tls_update_keys(&p->end[SERVER].tls, true));
    pair_send(p, SERVER, bytes_of("under new keys", 14));
    tls_close(&p->end[SERVER].tls);
    pair_run(p);
    ck_assert(p->end[CLIENT].peer_closed);
}
END_TEST

/* tls.h: after a failure the secrets are wiped; at once, if there is no alert to send. */
START_TEST(received_alert_wipes_at_once)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    struct end *e = &p->end[_i];
    pair_run(p);
    ck_assert_ptr_nonnull(memmem(&e->tls, sizeof e->tls, e->tap.keys[SENT].iv, AEAD_NONCE_LEN));
    hex_for(p, (unsigned)_i, ALERT, "02 28");
    ck_assert(tls_failed(&e->tls) && tls_failure(&e->tls).received);
    for (unsigned d = 0; d < 2; d++)
        ck_assert_ptr_null(memmem(&e->tls, sizeof e->tls, e->tap.keys[d].iv, AEAD_NONCE_LEN));
}
END_TEST

/* ---- bounds ---- */

/* The limit is the one configured, beyond 8 bits, too. */
START_TEST(change_cipher_specs_up_to_any_limit)
{
    struct pair *p = pair_start(&(struct pair_setup){
        .limits.change_cipher_specs = (uint32_t)_i });
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    for (int i = 0; i < _i; i++)
        plain_for(p, SERVER, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    ck_assert(!tls_failed(&p->end[SERVER].tls));
    plain_for(p, SERVER, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    pair_run(p);
    pair_failed(p, SERVER, "one too many", ALERT_UNEXPECTED_MESSAGE, "too many");
}
END_TEST

/* ---- beside early data ---- */

static struct misbehaving offers_early_data;

/* A server that has answered a hello with early_data in it by a HelloRetryRequest. */
static struct pair *retry_with_early_data(void)
{
    static const struct edit offer = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_EARLY_DATA, "" };
    misbehave(&offers_early_data, &offer, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = true,
                                                      .editor = { &offers_early_data.editor } });
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    return p;
}

/* §5.1: early data that is expected makes no other record longer. */
START_TEST(plaintext_length_beside_early_data)
{
    struct pair *p = retry_with_early_data();
    end_deliver(&p->end[SERVER], 0, bytes_of("\x16\3\3\x40\1", 5));      /* 16,385 */
    output(p, SERVER, sizeof out);
    ck_assert_int_eq(tls_failure(&p->end[SERVER].tls).alert, ALERT_RECORD_OVERFLOW);
}
END_TEST

/* §5.1: nor may it come between the pieces of a message. */
START_TEST(early_data_inside_a_message)
{
    struct pair *p = retry_with_early_data();
    plain_for(p, SERVER, HANDSHAKE, bytes_of("\1\0", 2));
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(garbage, sizeof garbage));
    output(p, SERVER, sizeof out);
    ck_assert_int_eq(tls_failure(&p->end[SERVER].tls).alert, ALERT_UNEXPECTED_MESSAGE);
    ck_assert_ptr_nonnull(strstr(tls_failure(&p->end[SERVER].tls).reason, "inside"));
}
END_TEST

/* Behind the second ClientHello there is none that could be on its way. */
START_TEST(early_data_behind_the_second_hello)
{
    struct pair *p = retry_with_early_data();
    deliver(p, CLIENT, output(p, SERVER, sizeof out));
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(garbage, sizeof garbage));
    ck_assert(!tls_failed(&p->end[SERVER].tls));                     /* passed over */
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(garbage, sizeof garbage));
    pair_run(p);
    pair_failed(p, SERVER, "too late", ALERT_BAD_RECORD_MAC, "does not open");
}
END_TEST

/* §4.2.10: the first record that opens is the last that trial was needed for. */
START_TEST(early_data_behind_a_record_that_opened)
{
    static const struct edit offer = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_EARLY_DATA, "" };
    misbehave(&offers_early_data, &offer, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .editor = { &offers_early_data.editor } });
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    deliver(p, CLIENT, output(p, SERVER, sizeof out));
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(garbage, sizeof garbage));
    ck_assert(!tls_failed(&p->end[SERVER].tls));                     /* passed over */
    hex_for(p, SERVER, ALERT, "01 5a");                  /* user_canceled */
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(garbage, sizeof garbage));
    pair_run(p);
    pair_failed(p, SERVER, "too late", ALERT_BAD_RECORD_MAC, "does not open");
}
END_TEST

/* ---- rules that one end or one moment could miss ---- */

/* §5.1: to both ends a KeyUpdate ends its record. */
START_TEST(s7_two_updates_in_a_record)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    hex_for(p, (unsigned)_i, HANDSHAKE, "18000001 00 18000001 00");
    pair_run(p);
    pair_failed(p, (unsigned)_i, "two updates", ALERT_UNEXPECTED_MESSAGE, "bytes behind");
}
END_TEST

/* §5: a client has the server's Finished; that its own is still waiting to go out opens no gap. */
START_TEST(change_cipher_spec_while_the_flight_waits)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    deliver(p, CLIENT, output(p, SERVER, sizeof out));
    ck_assert(p->end[CLIENT].connected && !tls_handshake_over(&p->end[CLIENT].tls));
    plain_for(p, CLIENT, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    pair_run(p);
    pair_failed(p, CLIENT, "behind Finished", ALERT_UNEXPECTED_MESSAGE, "where none may be");
}
END_TEST

/* RFC 8446 §5: the client's first protected record ends the time in which it may not have had keys
 * for its alert. */
START_TEST(plain_alert_behind_a_protected_record)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    deliver(p, SERVER, output(p, CLIENT, sizeof out));
    deliver(p, CLIENT, output(p, SERVER, sizeof out));
    hex_for(p, SERVER, ALERT, "01 5a");                  /* user_canceled */
    ck_assert(!tls_failed(&p->end[SERVER].tls));
    plain_for(p, SERVER, ALERT, bytes_of("\2\x28", 2));
    pair_run(p);
    pair_failed(p, SERVER, "in the clear", ALERT_UNEXPECTED_MESSAGE, "in the clear");
}
END_TEST

/* Refused by its header: nobody has to buffer a record that cannot be. */
START_TEST(s5_application_data_before_any_keys)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    end_deliver(&p->end[_i], 0, bytes_of("\x17\3\3\0\x20", 5));
    pair_run(p);
    pair_failed(p, (unsigned)_i, "a header", ALERT_UNEXPECTED_MESSAGE, "before any keys");
}
END_TEST

/* §4.2.3: a scheme that was offered for certificates does not make a CertificateVerify valid. */
START_TEST(certificates_only_in_certificate_verify)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    static const struct signature_scheme only = { 0x0807, "only", &signature_ed25519, true };
    static const struct signature_scheme other = { 0x08ff, "other", &signature_ed25519, false };
    static const struct signature_scheme *const schemes[] = { &only, &other };
    p->algorithms[CLIENT].schemes = schemes;
    p->algorithms[CLIENT].scheme_count = COUNT(schemes);
    pair_run(p);
    pair_failed(p, CLIENT, "for certificates", ALERT_ILLEGAL_PARAMETER, "CertificateVerify");
}
END_TEST

/* ---- extensions that a server makes no use of ---- */

static const struct { uint16_t type; const char *body; bool good; } unused[] = {
    { EXT_PSK_KEY_EXCHANGE_MODES, "01 01", true },
    { EXT_PSK_KEY_EXCHANGE_MODES, "03 0a 00 01", true },
    { EXT_PSK_KEY_EXCHANGE_MODES, "00", false },
    { EXT_PSK_KEY_EXCHANGE_MODES, "02 01", false },
    { EXT_PSK_KEY_EXCHANGE_MODES, "01 01 00", false },
    { EXT_COOKIE, "0001 00", true },
    { EXT_COOKIE, "0000", false },
    { EXT_COOKIE, "0001 00 00", false },
    { EXT_EARLY_DATA, "", true },
    { EXT_EARLY_DATA, "00", false },
    { EXT_POST_HANDSHAKE_AUTH, "", true },
    { EXT_POST_HANDSHAKE_AUTH, "00", false },
};

/* RFC 9846 §6: they have to parse all the same. */
START_TEST(unused_extensions_are_well_formed)
{
    static struct misbehaving m;
    const struct edit add = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, unused[_i].type,
                              unused[_i].body };
    misbehave(&m, &add, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .editor = { &m.editor } });
    pair_run(p);
    if (unused[_i].good)
        pair_connected(p);
    else
        pair_failed(p, SERVER, unused[_i].body, ALERT_DECODE_ERROR, "malformed");
}
END_TEST

/* ---- HelloRetryRequest with a cookie and nothing else ---- */

static uint8_t hello[2][2000];
static size_t hello_len[2];
static unsigned hello_count;

static void keep_hellos(struct middle *m, unsigned from, struct items *items)
{
    (void)m;
    for (size_t i = 0; i < items->count; i++) {
        struct bytes content = items->item[i].content;
        if (from != CLIENT || items->item[i].type != HANDSHAKE || content.at[0] != CLIENT_HELLO)
            continue;
        ck_assert(hello_count < 2 && content.len <= sizeof hello[0]);
        memcpy(hello[hello_count], content.at, content.len);
        hello_len[hello_count++] = content.len;
    }
}

/* §4.1.2: only what was asked for may change, so the share is the same one; a server that compares
 * the two hellos must find them equal but for the cookie. */
START_TEST(cookie_alone_keeps_the_share)
{
    static struct middle middle;
    static const struct edit retry[] = {
        { EDIT_ADD_EXTENSION, HELLO_RETRY_REQUEST, 0, EXT_COOKIE, "0002 c00c" },
        { EDIT_REMOVE_EXTENSION, HELLO_RETRY_REQUEST, 0, EXT_KEY_SHARE, "" },
    };
    static struct misbehaving m;
    misbehave(&m, retry, 2);
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = true,
                                                      .editor = { NULL, &m.editor } });
    middle = (struct middle){ .change = keep_hellos };
    hello_count = 0;
    middle_join(&middle, p);
    pair_run(p);
    ck_assert(m.done && hello_count == 2);
    const size_t cookie = 4 + 2 + 2, fixed = 4 + 2 + 32 + 1 + 32;
    ck_assert_uint_eq(hello_len[1], hello_len[0] + cookie);
    const size_t block = fixed + 2 + load_be16(hello[0] + fixed) + 2;    /* its length field */
    ck_assert_mem_eq(hello[0] + 4, hello[1] + 4, block - 4);
    ck_assert_mem_eq(hello[0] + block + 2, hello[1] + block + 2, hello_len[0] - block - 2);
    ck_assert_mem_eq(hello[1] + hello_len[0], "\0\x2c\0\4\0\2\xc0\x0c", cookie);
}
END_TEST

/* RFC 9846 §4.3.8: who sees a share for the second time has to permit it. The random bytes of a
 * pair repeat, and so does this client's first hello; of the cookie before nothing is left in it
 * (§4.2.2). */
START_TEST(same_hello_in_another_connection)
{
    static struct middle middle;
    static uint8_t before[sizeof hello[0]];
    static const struct edit cookie = { EDIT_ADD_EXTENSION, HELLO_RETRY_REQUEST, 0, EXT_COOKIE,
                                        "0002 c00c" };
    size_t before_len = 0;
    for (unsigned i = 0; i < 2; i++) {
        static struct misbehaving m;
        misbehave(&m, &cookie, 1);
        struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = true,
                                                          .editor = { NULL, &m.editor } });
        middle = (struct middle){ .change = keep_hellos };
        hello_count = 0;
        middle_join(&middle, p);
        pair_run(p);
        pair_connected(p);
        ck_assert_uint_eq(hello_count, 2);
        ck_assert_uint_eq(hello[0][4 + 2 + 32], 32);     /* legacy_session_id, §D.4 */
        ck_assert(i == 0 || (hello_len[0] == before_len
                             && memcmp(hello[0], before, before_len) == 0));
        ck_assert_ptr_null(memmem(hello[0], hello_len[0], "\0\x2c\0\4\0\2\xc0\x0c", 8));
        ck_assert_ptr_nonnull(memmem(hello[1], hello_len[1], "\0\x2c\0\4\0\2\xc0\x0c", 8));
        before_len = hello_len[0];
        memcpy(before, hello[0], before_len);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_api");
    TCase *tc = tcase_create("flight");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, alert_behind_each_piece_of_a_flight, 0, 4);
    tcase_add_test(tc, output_until_there_is_none);
    tcase_add_test(tc, output_needs_its_least_room);
    suite_add_tcase(suite, tc);

    tc = tcase_create("data");
    tcase_add_loop_test(tc, seal_in_place, 2, 6);
    tcase_add_test(tc, seal_into_every_capacity);
    tcase_add_test(tc, seal_nothing);
    tcase_add_test(tc, an_answer_does_not_ask);
    tcase_add_test(tc, update_while_the_flight_waits);
    suite_add_tcase(suite, tc);

    tc = tcase_create("moments");
    tcase_add_loop_test(tc, nothing_before_the_end_of_the_handshake, 0, 2);
    tcase_add_loop_test(tc, close_at_each_moment, 0, 2);
    tcase_add_test(tc, half_closed);
    tcase_add_loop_test(tc, received_alert_wipes_at_once, 0, 2);
    suite_add_tcase(suite, tc);

    tc = tcase_create("bounds");
    tcase_add_loop_test(tc, change_cipher_specs_up_to_any_limit, 254, 258);
    tcase_add_test(tc, plaintext_length_beside_early_data);
    tcase_add_test(tc, early_data_inside_a_message);
    tcase_add_test(tc, early_data_behind_the_second_hello);
    tcase_add_test(tc, early_data_behind_a_record_that_opened);
    tcase_add_loop_test(tc, s7_two_updates_in_a_record, 0, 2);
    tcase_add_test(tc, change_cipher_spec_while_the_flight_waits);
    tcase_add_test(tc, plain_alert_behind_a_protected_record);
    tcase_add_loop_test(tc, s5_application_data_before_any_keys, 0, 2);
    tcase_add_test(tc, certificates_only_in_certificate_verify);
    tcase_add_test(tc, cookie_alone_keeps_the_share);
    tcase_add_test(tc, same_hello_in_another_connection);
    tcase_add_loop_test(tc, unused_extensions_are_well_formed, 0, (int)COUNT(unused));
    suite_add_tcase(suite, tc);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
