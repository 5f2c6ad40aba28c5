/* tests/test_alerts.c - alerts, received and sent, and the orderly end (RFC 8446 §6, RFC 9846 §6;
 * S6, S15, S16, S17).
 */
#include "tests/editor.h"
#include "tests/stride.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pair *connected(void)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    pair_connected(p);
    return p;
}

/* ---- received ---- */

/* All values of a byte; where time is short, those that mean something and a few more. */
static unsigned next(unsigned value)
{
    return value + (unsigned)(value < 121 ? 1 : stride(45));
}

/* Every description at either level: the level says nothing, and what is not known is fatal. */
START_TEST(s16_every_description)
{
    static const uint8_t levels[] = { 1, 2 };
    unsigned who = (unsigned)_i % 2;
    for (unsigned description = 0; description < 256; description = next(description)) {
        uint8_t alert[2] = { levels[_i / 2], (uint8_t)description };
        struct pair *p = connected();
        struct end *e = &p->end[who];
        seal_for(p, who, ALERT, bytes_of(alert, 2), 0);
        pair_run(p);
        if (description == ALERT_CLOSE_NOTIFY) {
            ck_assert(e->peer_closed && !tls_failed(&e->tls));
        } else if (description == ALERT_USER_CANCELED) {
            ck_assert(!e->peer_closed && !tls_failed(&e->tls));
        } else {
            struct tls_failure f = tls_failure(&e->tls);
            ck_assert(tls_failed(&e->tls) && f.received && f.alert == (enum alert)description);
            end_is_dead(e);                              /* no alert answers an alert */
        }
    }
}
END_TEST

START_TEST(names_of_descriptions)
{
    ck_assert_str_eq(alert_name(0), "close_notify");
    ck_assert_str_eq(alert_name(120), "no_application_protocol");
    ck_assert_str_eq(alert_name(1), "unknown alert");
    ck_assert_str_eq(alert_name(255), "unknown alert");
}
END_TEST

/* The same before there are keys, where not even close_notify is a clean end. */
START_TEST(s16_every_description_in_the_clear)
{
    for (unsigned description = 0; description < 256; description = next(description)) {
        uint8_t alert[2] = { 1, (uint8_t)description };
        struct pair *p = pair_start(&(struct pair_setup){ 0 });
        struct end *e = &p->end[_i];
        plain_for(p, (unsigned)_i, ALERT, bytes_of(alert, 2));
        if (description == ALERT_USER_CANCELED) {
            ck_assert(!tls_failed(&e->tls));
            continue;
        }
        ck_assert(tls_failure(&e->tls).received && !e->peer_closed);
        end_is_dead(e);
    }
}
END_TEST

/* RFC 9846 §6: "an invalid enum" is illegal_parameter. No clean end comes of it, nor is it passed
 * over. */
START_TEST(no_such_level)
{
    static const uint8_t levels[] = { 0, 3, 42, 255 };
    static const uint8_t descriptions[] = { 0, 10, 90, 255 };
    for (size_t i = 0; i < 16; i++) {
        uint8_t alert[2] = { levels[i / 4], descriptions[i % 4] };
        struct pair *p = _i / 2 ? connected() : pair_start(&(struct pair_setup){ 0 });
        unsigned who = (unsigned)_i % 2;
        if (_i / 2)
            seal_for(p, who, ALERT, bytes_of(alert, 2), 0);
        else
            plain_for(p, who, ALERT, bytes_of(alert, 2));
        ck_assert(!p->end[who].peer_closed);
        pair_run(p);
        pair_failed(p, who, "level", ALERT_ILLEGAL_PARAMETER, "level");
    }
}
END_TEST

START_TEST(s16_lengths)
{
    static const struct { size_t len; enum alert alert; } cases[] = {
        { 0, ALERT_UNEXPECTED_MESSAGE }, { 1, ALERT_DECODE_ERROR }, { 3, ALERT_DECODE_ERROR },
        { 4, ALERT_DECODE_ERROR }, { 100, ALERT_DECODE_ERROR },
    };
    static const uint8_t alerts[100] = { 1, 0, 1, 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair *p = connected();
        seal_for(p, (unsigned)_i, ALERT, bytes_of(alerts, cases[i].len), 0);
        pair_run(p);
        pair_failed(p, (unsigned)_i, "length", cases[i].alert, "alert");
        ck_assert(!p->end[_i].peer_closed);
        p = pair_start(&(struct pair_setup){ 0 });
        plain_for(p, (unsigned)_i, ALERT, bytes_of(alerts, cases[i].len));
        pair_run(p);
        pair_failed(p, (unsigned)_i, "length", cases[i].alert, "alert");
    }
}
END_TEST

/* RFC 9846 §6.1: user_canceled is followed by close_notify, and is no end by itself. */
START_TEST(s16_user_canceled)
{
    struct pair *p = connected();
    hex_for(p, (unsigned)_i, ALERT, "015a");
    hex_for(p, (unsigned)_i, APPLICATION_DATA, "010203");
    ck_assert_uint_eq(p->end[_i].data_len, 3);
    hex_for(p, (unsigned)_i, ALERT, "015a");
    hex_for(p, (unsigned)_i, ALERT, "0100");
    ck_assert(p->end[_i].peer_closed);
    p = connected();
    for (unsigned i = 0; i < 4; i++)
        hex_for(p, (unsigned)_i, ALERT, "015a");
    ck_assert(!tls_failed(&p->end[_i].tls));
    hex_for(p, (unsigned)_i, ALERT, "015a");
    pair_run(p);
    pair_failed(p, (unsigned)_i, "5 user_canceled", ALERT_UNEXPECTED_MESSAGE, "in a row");
}
END_TEST

/* ---- forged ---- */

/* S6: in the clear behind the handshake, an alert is a stranger's: no clean end, no kill in the
 * peer's name. */
START_TEST(s6_forged_after_the_handshake)
{
    static const uint8_t descriptions[] = { 0, 40, 90 };
    for (size_t i = 0; i < COUNT(descriptions); i++) {
        uint8_t alert[2] = { 1, descriptions[i] };
        struct pair *p = connected();
        plain_for(p, (unsigned)_i, ALERT, bytes_of(alert, 2));
        ck_assert(!p->end[_i].peer_closed);
        pair_run(p);
        pair_failed(p, (unsigned)_i, "forged", ALERT_UNEXPECTED_MESSAGE, "in the clear");
    }
}
END_TEST

/* A client that failed before it had keys tells the server in the clear; not later. */
START_TEST(s6_plain_alert_to_a_server)
{
    uint8_t out[4000];
    for (unsigned later = 0; later < 2; later++) {
        struct pair *p = pair_start(&(struct pair_setup){ 0 });
        size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
        end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
        if (later)                                       /* half of its Finished has opened */
            hex_for(p, SERVER, HANDSHAKE, "14");
        plain_for(p, SERVER, ALERT, bytes_of("\2\62", 2));
        struct tls_failure f = tls_failure(&p->end[SERVER].tls);
        ck_assert(tls_failed(&p->end[SERVER].tls) && f.received == !later);
        ck_assert_int_eq(f.alert, later ? ALERT_UNEXPECTED_MESSAGE : ALERT_DECODE_ERROR);
    }
}
END_TEST

/* ---- the orderly end, at every point (S15, S17) ---- */

static size_t budget;                        /* bytes that the end still gets */

static void carry_within_budget(struct pair *p, unsigned from, struct bytes out)
{
    unsigned *who = p->carry_context;
    if (from != *who) {
        out.len = out.len < budget ? out.len : budget;
        budget -= out.len;
    }
    end_deliver(&p->end[!from], 0, out);
}

/* close_notify comes after each number of bytes, in the clear and protected: closed cleanly only if
 * it is the peer's, and behind a whole handshake; never a loop, never data. */
START_TEST(s15_close_notify_at_every_byte)
{
    unsigned who = (unsigned)_i % 2;
    bool protected = _i / 2;
    for (size_t cut = 0; cut < 900; cut += stride(41)) {
        struct pair *p = pair_start(&(struct pair_setup){ .pins = true });
        struct end *e = &p->end[who];
        budget = cut;
        p->carry = carry_within_budget;
        p->carry_context = &who;
        pair_run(p);
        bool between_records = e->wire_len == 0;
        if (protected && e->tap.keys[RECEIVED].aead)
            hex_for(p, who, ALERT, "0100");
        else
            plain_for(p, who, ALERT, bytes_of("\1\0", 2));
        bool genuine = protected && e->connected && between_records;
        ck_assert(e->peer_closed == genuine && e->data_len == 0);
        ck_assert_int_eq(tls_receive_end(&e->tls), genuine ? TLS_PEER_CLOSED : TLS_FAILED);
    }
}
END_TEST

/* ---- sent ---- */

/* Exactly one alert, in one record, even if asked for byte by byte and again and again; the other
 * end can read it. */
START_TEST(sent_once)
{
    uint8_t out[TLS_OUTPUT_MIN];
    struct pair *p = connected();
    struct end *e = &p->end[_i];
    e->tap.opens_records = true;
    hex_for(p, (unsigned)_i, HANDSHAKE, "ff000000");
    ck_assert(tls_failed(&e->tls) && tls_has_output(&e->tls));
    ck_assert_uint_eq(tls_output(&e->tls, out, TLS_OUTPUT_MIN - 1), 0);
    ck_assert(tls_has_output(&e->tls));
    size_t n = tls_output(&e->tls, out, sizeof out);
    ck_assert_uint_eq(n, 5 + 2 + 1 + 16);
    e->alert_records = 1;
    end_is_dead(e);
    ck_assert_uint_eq(e->tap.record_count, 1);
    ck_assert_mem_eq(e->tap.record[0].content.at, "\2\12", 2);
    end_deliver(&p->end[!_i], 0, bytes_of(out, n));
    ck_assert_int_eq(tls_failure(&p->end[!_i].tls).alert, ALERT_UNEXPECTED_MESSAGE);
    ck_assert(tls_failure(&p->end[!_i].tls).received);
}
END_TEST

/* §6.2: both ends can log an alert; the one that sends it knows why. */
static struct { unsigned count; enum direction direction; uint8_t alert; bool says_why; } noted[2];

static void note_alert(void *context, const struct observation *what)
{
    unsigned *who = context;
    if (what->kind != OBSERVE_ALERT)
        return;
    noted[*who].count++;
    noted[*who].direction = what->direction;
    noted[*who].alert = what->alert;
    noted[*who].says_why = what->reason[0] != 0;
}

START_TEST(alerts_are_observed)
{
    static struct observer observers[2][2];
    static unsigned names[2] = { CLIENT, SERVER };
    struct pair *p = connected();
    for (unsigned i = 0; i < 2; i++) {
        observers[i][0] = p->end[i].observer;
        observers[i][1] = (struct observer){ note_alert, &names[i] };
        p->end[i].config.s.observers = observers[i];
        p->end[i].config.s.observer_count = 2;
    }
    memset(noted, 0, sizeof noted);
    hex_for(p, (unsigned)_i, HANDSHAKE, "ff000000");
    pair_run(p);
    for (unsigned i = 0; i < 2; i++) {
        bool sent = i == (unsigned)_i;
        ck_assert(noted[i].count == 1 && noted[i].alert == ALERT_UNEXPECTED_MESSAGE);
        ck_assert(noted[i].direction == (sent ? SENT : RECEIVED) && noted[i].says_why == sent);
    }
}
END_TEST

/* The caller's own reason, at any time; a second one changes nothing. */
START_TEST(abort_by_the_caller)
{
    struct pair *p = _i < 2 ? connected() : pair_start(&(struct pair_setup){ 0 });
    struct end *e = &p->end[_i % 2];
    tls_abort(&e->tls, ALERT_ACCESS_DENIED, "not on Sundays");
    tls_abort(&e->tls, ALERT_INTERNAL_ERROR, "too late");
    ck_assert_int_eq(tls_failure(&e->tls).alert, ALERT_ACCESS_DENIED);
    ck_assert_str_eq(tls_failure(&e->tls).reason, "not on Sundays");
    pair_run(p);
    ck_assert_int_eq(tls_failure(&p->end[!(_i % 2)].tls).alert, ALERT_ACCESS_DENIED);
    ck_assert(tls_failure(&p->end[!(_i % 2)].tls).received);
    ck_assert_uint_eq(e->alert_records, 1);
}
END_TEST

/* Everything is refused afterwards, and changes nothing. */
START_TEST(dead_is_dead)
{
    uint8_t out[400];
    size_t taken = 1;
    struct tls_received got;
    struct pair *p = connected();
    struct end *e = &p->end[_i];
    hex_for(p, (unsigned)_i, HANDSHAKE, "ff000000");
    pair_run(p);
    ck_assert_uint_eq(tls_seal(&e->tls, out, sizeof out, bytes_of("x", 1), &taken), 0);
    ck_assert_uint_eq(taken, 0);
    ck_assert(!tls_update_keys(&e->tls, true));
    ck_assert(!tls_export(&e->tls, out, 32, "EXPORTER-x", bytes_of(NULL, 0)));
    tls_close(&e->tls);
    ck_assert_int_eq(tls_receive(&e->tls, out, sizeof out, &got), TLS_FAILED);
    ck_assert_uint_eq(got.used, 0);
    ck_assert_int_eq(tls_receive_end(&e->tls), TLS_FAILED);
    end_is_dead(e);
}
END_TEST

/* §6.1: after our close_notify there is nothing to send, not even an alert. */
START_TEST(no_alert_behind_close_notify)
{
    struct pair *p = connected();
    struct end *e = &p->end[_i];
    tls_close(&e->tls);
    pair_run(p);
    hex_for(p, (unsigned)_i, HANDSHAKE, "ff000000");
    ck_assert(tls_failed(&e->tls));
    ck_assert(!tls_has_output(&e->tls));
    pair_run(p);
    ck_assert_uint_eq(e->alert_records, 0);
}
END_TEST

/* C11: a connection that lives holds what it needs and none of the handshake's secrets. */
START_TEST(c11_handshake_secrets_are_gone)
{
    static const char *const kept[] = { "c ap traffic", "s ap traffic", "exp master" };
    struct pair *p = connected();
    struct end *e = &p->end[_i];
    for (size_t i = 0; i < e->tap.secret_count; i++) {
        bool may = false;
        for (size_t j = 0; j < COUNT(kept); j++)
            may |= strcmp(e->tap.secret[i].label, kept[j]) == 0;
        const void *there = memmem(&e->tls, sizeof e->tls, e->tap.secret[i].byte, 16);
        ck_assert_msg(may == (there != NULL), "%s", e->tap.secret[i].label);
    }
    const uint8_t *h = (const uint8_t *)&e->handshake;
    size_t set = 0;
    for (size_t i = 0; i < sizeof e->handshake; i++)
        set += h[i] != 0;
    ck_assert_uint_eq(set, 0);
}
END_TEST

/* §7.2: an updated secret replaces the one before. */
START_TEST(c11_updated_secrets_are_gone)
{
    struct pair *p = connected();
    ck_assert(tls_update_keys(&p->end[_i].tls, true));
    pair_run(p);
    for (unsigned i = 0; i < 2; i++) {
        struct end *e = &p->end[i];
        for (size_t j = 0; j < e->tap.secret_count; j++)
            if (strstr(e->tap.secret[j].label, "ap traffic"))
                ck_assert(!memmem(&e->tls, sizeof e->tls, e->tap.secret[j].byte, 16));
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("alerts");
    TCase *c = tcase_create("received");
    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, s16_every_description, 0, 4);
    tcase_add_loop_test(c, no_such_level, 0, 4);
    tcase_add_test(c, names_of_descriptions);
    tcase_add_loop_test(c, s16_every_description_in_the_clear, 0, 2);
    tcase_add_loop_test(c, s16_lengths, 0, 2);
    tcase_add_loop_test(c, s16_user_canceled, 0, 2);
    tcase_add_loop_test(c, s6_forged_after_the_handshake, 0, 2);
    tcase_add_test(c, s6_plain_alert_to_a_server);
    tcase_add_loop_test(c, s15_close_notify_at_every_byte, 0, 4);
    suite_add_tcase(s, c);

    c = tcase_create("sent");
    tcase_add_loop_test(c, sent_once, 0, 2);
    tcase_add_loop_test(c, alerts_are_observed, 0, 2);
    tcase_add_loop_test(c, abort_by_the_caller, 0, 4);
    tcase_add_loop_test(c, dead_is_dead, 0, 2);
    tcase_add_loop_test(c, no_alert_behind_close_notify, 0, 2);
    tcase_add_loop_test(c, c11_handshake_secrets_are_gone, 0, 2);
    tcase_add_loop_test(c, c11_updated_secrets_are_gone, 0, 2);
    suite_add_tcase(s, c);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
