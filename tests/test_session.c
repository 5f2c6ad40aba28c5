/* tests/test_session.c - what a client makes of NewSessionTickets, and what it keeps (RFC 8446
 * §4.6.1). */
#include "tests/editor.h"
#include "tls13/session.h"
#include "tls13/x509/certificate.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct tls_session kept[2];
static struct middle middle;                 /* numbers the records that we add, and those behind */

static struct pair *connected(void)
{
    struct pair *p = pair_start(&(struct pair_setup){
        .client_alpn = { "smtp" }, .server_alpn = { "smtp" },
        .resumption = { .keep = kept, .keep_count = 2 } });
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(kept[0].len, 0);
    return p;
}

/* A NewSessionTicket with these fields; the rest is small. */
struct fields { uint32_t lifetime, age_add; const char *nonce, *ticket, *extensions; };

static struct bytes message_of(const struct fields *f)
{
    static uint8_t out[70000], hex[66000];
    struct writer w = writer_of(out, sizeof out);
    write_u8(&w, NEW_SESSION_TICKET);
    size_t message = write_vec_begin(&w, 3);
    write_u32(&w, f->lifetime);
    write_u32(&w, f->age_add);
    size_t mark = write_vec_begin(&w, 1);
    write_bytes(&w, bytes_of(hex, unhex(hex, sizeof hex, f->nonce)));
    write_vec_end(&w, mark, 1);
    mark = write_vec_begin(&w, 2);
    write_bytes(&w, bytes_of(hex, unhex(hex, sizeof hex, f->ticket)));
    write_vec_end(&w, mark, 2);
    mark = write_vec_begin(&w, 2);
    write_bytes(&w, bytes_of(hex, unhex(hex, sizeof hex, f->extensions)));
    write_vec_end(&w, mark, 2);
    write_vec_end(&w, message, 3);
    ck_assert(writer_done(&w));
    return writer_bytes(&w);
}

static const struct fields usual = { 7200, 0x01020304, "0005", "74 69 63 6b 65 74", "" };

static void still_works(struct pair *p)
{
    pair_send(p, CLIENT, bytes_of("hello", 5));
    pair_send(p, SERVER, bytes_of("world", 5));
}

/* ---- one ticket ---- */

/* PSK = HKDF-Expand-Label(resumption_master_secret, "resumption", ticket_nonce, Hash.length) */
static void psk_is_right(struct pair *p, const struct session *s, struct bytes nonce)
{
    const struct tap *tap = &p->end[CLIENT].tap;
    struct secret from = { { 0 } }, psk;
    for (size_t i = 0; i < tap->secret_count; i++)
        if (strcmp(tap->secret[i].label, "res master") == 0)
            memcpy(from.byte, tap->secret[i].byte, 32);
    hkdf_expand_label(&hash_sha256, psk.byte, 32, &from, "resumption", nonce);
    ck_assert_uint_eq(s->psk.len, 32);
    ck_assert_mem_eq(s->psk.at, psk.byte, 32);
}

START_TEST(a_ticket_becomes_a_session)
{
    struct session s;
    struct pair *p = connected();
    seal_for(p, CLIENT, HANDSHAKE, message_of(&usual), 0);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
    ck_assert(session_decode(&s, &kept[0]));
    ck_assert_int_eq(s.received, PAIR_NOW);
    ck_assert_int_eq(s.authenticated_until, PAIR_NOW + 604800);
    ck_assert_uint_eq(s.lifetime, 7200);
    ck_assert_uint_eq(s.age_add, 0x01020304);
    ck_assert(bytes_equal_public(s.ticket, bytes_of("ticket", 6)));
    ck_assert(bytes_equal_public(s.server_name, bytes_of_string("mail.example.org")));
    ck_assert(bytes_equal_public(s.alpn, bytes_of("smtp", 4)));
    psk_is_right(p, &s, bytes_of("\0\5", 2));
    ck_assert(session_fits(&s, &p->end[CLIENT].config, PAIR_NOW));
    still_works(p);
}
END_TEST

/* §4.6.1, last paragraph: it ends with the certificate, if that is earlier than in a week. By pins
 * alone nobody looks at dates. */
START_TEST(n8_no_session_outlives_the_certificate)
{
    struct pair_setup setup = { .resumption = { .keep = kept, .keep_count = 1 }, .tickets = 1 };
    struct x509_certificate leaf;
    struct session s;
    struct pair *p = pair_start(&setup);
    ck_assert_ptr_null(x509_certificate_decode(&leaf, p->party[SERVER].credential.chain[0]));
    setup.clock = leaf.not_after - PAIR_NOW - 3600;
    setup.pins = _i;
    p = pair_start(&setup);
    pair_run(p);
    pair_connected(p);
    ck_assert(session_decode(&s, &kept[0]));
    ck_assert_int_eq(s.authenticated_until, leaf.not_after + (_i ? 604800 - 3600 : 0));
    ck_assert(session_fits(&s, &p->end[CLIENT].config, leaf.not_after - 1));
    ck_assert_int_eq(session_fits(&s, &p->end[CLIENT].config, leaf.not_after), _i);
}
END_TEST

/* S18: any number of bytes to a record, down to one. */
START_TEST(in_pieces)
{
    static const size_t sizes[] = { 1, 2, 3, 4, 5, 9, 20 };
    struct bytes rest = message_of(&usual);
    struct pair *p = connected();
    for (size_t n; rest.len > 0; rest = bytes_of(rest.at + n, rest.len - n)) {
        ck_assert_uint_eq(p->end[CLIENT].tickets, 0);
        n = rest.len < sizes[_i] ? rest.len : sizes[_i];
        seal_for(p, CLIENT, HANDSHAKE, bytes_of(rest.at, n), 0);
    }
    ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
    ck_assert_uint_gt(kept[0].len, 0);
    still_works(p);
}
END_TEST

/* Three tickets and a KeyUpdate in one record: one event, and the two latest. */
START_TEST(s19_many_in_one_record)
{
    static const char *const names[] = { "01", "02", "03" };
    static uint8_t all[600];
    struct session s[2];
    size_t len = 0;
    struct pair *p = connected();
    for (size_t i = 0; i < 3; i++) {
        struct fields f = usual;
        f.ticket = names[i];
        struct bytes m = message_of(&f);
        memcpy(all + len, m.at, m.len);
        len += m.len;
    }
    seal_for(p, CLIENT, HANDSHAKE, bytes_of(all, len), 0);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
    ck_assert(session_decode(&s[0], &kept[0]) && session_decode(&s[1], &kept[1]));
    ck_assert_uint_eq(s[0].ticket.at[0], 3);
    ck_assert_uint_eq(s[1].ticket.at[0], 2);
    still_works(p);
}
END_TEST

/* ---- what it may say, and how long ---- */

static const struct {
    const char *what;
    struct fields fields;
    bool kept;
    enum alert alert;
    const char *keyword;
} tickets[] = {
    { "no nonce", { 7200, 0, "", "01", "" }, true, ALERT_NONE, "" },
    { "N10: discarded at once", { 0, 0, "00", "01", "" }, false, ALERT_NONE, "" },
    { "N10: a week", { 604800, 0, "00", "01", "" }, true, ALERT_NONE, "" },
    { "N10: more than a week", { 604801, 0, "00", "01", "" }, true, ALERT_NONE, "" },
    { "N10: for ever", { UINT32_MAX, UINT32_MAX, "00", "01", "" }, true, ALERT_NONE, "" },
    { "an extension that nobody knows", { 7200, 0, "00", "01", "fafa 0001 00" }, true, ALERT_NONE,
      "" },
    { "early data", { 7200, 0, "00", "01", "002a 0004 00004000" }, true, ALERT_NONE, "" },
    { "no ticket", { 7200, 0, "0000", "", "" }, false, ALERT_DECODE_ERROR, "malformed" },
    { "half an extension", { 7200, 0, "00", "01", "002a 0004 0000" }, false, ALERT_DECODE_ERROR,
      "malformed" },
    { "early data of three bytes", { 7200, 0, "00", "01", "002a 0003 000040" }, false,
      ALERT_DECODE_ERROR, "malformed" },
    { "N1: twice", { 7200, 0, "00", "01", "002a 0004 00000000 002a 0004 00000000" }, false,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "N1: twice, unknown", { 7200, 0, "00", "01", "fafa 0000 fafa 0000" }, false,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "N3: out of place", { 7200, 0, "00", "01", "0033 0000" }, false, ALERT_ILLEGAL_PARAMETER,
      "not specified for" },
};

START_TEST(fields)
{
    struct pair *p = connected();
    seal_for(p, CLIENT, HANDSHAKE, message_of(&tickets[_i].fields), 0);
    ck_assert_msg((kept[0].len > 0) == tickets[_i].kept, "%s", tickets[_i].what);
    ck_assert_uint_eq(p->end[CLIENT].tickets, tickets[_i].kept);
    if (tickets[_i].alert == ALERT_NONE) {
        still_works(p);
        return;
    }
    pair_run(p);
    pair_failed(p, CLIENT, tickets[_i].what, tickets[_i].alert, tickets[_i].keyword);
}
END_TEST

/* Every field one byte short or long, and the message itself. */
START_TEST(lengths)
{
    static const size_t length_at[] = { 4 + 8, 4 + 8 + 1 + 2 + 1, 4 + 8 + 1 + 2 + 2 + 6 + 1 };
    uint8_t message[64];
    struct bytes m = message_of(&usual);
    for (int delta = -1; delta <= 1; delta += 2) {
        struct pair *p = connected();
        memcpy(message, m.at, m.len);
        message[length_at[_i]] = (uint8_t)(message[length_at[_i]] + delta);
        seal_for(p, CLIENT, HANDSHAKE, bytes_of(message, m.len), 0);
        pair_run(p);
        pair_failed(p, CLIENT, "a length", ALERT_DECODE_ERROR, "malformed NewSessionTicket");
    }
}
END_TEST

/* What is too long for the place that was lent is passed over; the largest that fits is kept. */
START_TEST(size_is_bounded)
{
    static const size_t sizes[] = { 4077, 4078, 4079, 16000, 65535 };
    static char hex[2 * 65535 + 1];
    memset(hex, '5', 2 * sizes[_i]);
    hex[2 * sizes[_i]] = 0;
    struct fields f = usual;
    f.ticket = hex;
    struct pair *p = connected();
    struct bytes rest = message_of(&f);
    for (size_t n; rest.len > 0; rest = bytes_of(rest.at + n, rest.len - n)) {
        n = rest.len < RECORD_PLAINTEXT_MAX ? rest.len : RECORD_PLAINTEXT_MAX;
        seal_for(p, CLIENT, HANDSHAKE, bytes_of(rest.at, n), 0);
    }
    bool fits = 4 + 4 + 4 + 3 + 2 + sizes[_i] + 2 <= 4096;
    ck_assert_int_eq(kept[0].len > 0, fits);
    still_works(p);
    seal_for(p, CLIENT, HANDSHAKE, message_of(&usual), 0);          /* and the next is kept */
    ck_assert_uint_eq(p->end[CLIENT].tickets, fits ? 2 : 1);
}
END_TEST

/* A client that lent no place asks for no ticket, and ignores one: no event, no error. */
START_TEST(without_a_place)
{
    struct pair *p = pair_start(&(struct pair_setup){ .tickets = 1 });
    middle_join(&middle, p);
    pair_run(p);
    seal_for(p, CLIENT, HANDSHAKE, message_of(&usual), 0);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 0);
    still_works(p);
}
END_TEST

/* A ticket half of which came when the connection ended is none. */
START_TEST(half_a_ticket)
{
    struct pair *p = connected();
    seal_for(p, CLIENT, HANDSHAKE, bytes_of(message_of(&usual).at, 20), 0);
    ck_assert_int_eq(tls_receive_end(&p->end[CLIENT].tls), TLS_FAILED);
    ck_assert_uint_eq(kept[0].len, 0);
}
END_TEST

/* RFC 9846 §6: a connection that failed takes its tickets along. One that was cut has not failed in
 * that sense; not few servers end like that. */
START_TEST(failure_discards_tickets)
{
    enum { SENT_ALERT, RECEIVED_ALERT, CUT };
    static const struct tls_session none;
    struct pair *p = connected();
    seal_for(p, CLIENT, HANDSHAKE, message_of(&usual), 0);
    ck_assert_uint_gt(kept[0].len, 0);
    if (_i == CUT)
        ck_assert_int_eq(tls_receive_end(&p->end[CLIENT].tls), TLS_FAILED);
    else
        hex_for(p, CLIENT, _i == SENT_ALERT ? HANDSHAKE : ALERT, _i == SENT_ALERT ? "ff" : "0228");
    if (_i == SENT_ALERT)
        hex_for(p, CLIENT, HANDSHAKE, "000000");
    ck_assert(tls_failed(&p->end[CLIENT].tls));
    ck_assert_int_eq(memcmp(&kept[0], &none, sizeof none) != 0, _i == CUT);
}
END_TEST

/* ---- when it fits ---- */

static struct session a_session(const struct tls_config *config)
{
    static const uint8_t psk[32] = { 1 };
    return (struct session){
        .received = PAIR_NOW, .authenticated_until = PAIR_NOW + 1000000, .lifetime = 7200,
        .fingerprint = bytes_of(config->fingerprint, FINGERPRINT_LEN),
        .peer_identity = bytes_of(psk, PEER_IDENTITY_LEN),
        .psk = bytes_of(psk, sizeof psk), .server_name = bytes_of_string("mail.example.org"),
        .alpn = bytes_of("smtp", 4), .ticket = bytes_of("ticket", 6),
    };
}

static const struct { uint32_t lifetime; int64_t until, after; bool fits; } times[] = {
    { 7200, 1000000, 0, true }, { 7200, 1000000, 7199, true }, { 7200, 1000000, 7200, false },
    { 7200, 1000000, -1, false }, { 7200, 1000000, -4000000000, false },
    { 7200, 100, 99, true }, { 7200, 100, 100, false }, { 0, 1000000, 0, false },
    { 604800, 1000000, 604799, true }, { 604800, 1000000, 604800, false },
    { 604801, 1000000, 604800, false }, { UINT32_MAX, 1000000, 604799, true },
    { UINT32_MAX, 1000000, 604800, false }, { UINT32_MAX, 5000000, 50 * 86400, false },
};

START_TEST(n10_times)
{
    struct pair *p = connected();
    struct session s = a_session(&p->end[CLIENT].config);
    s.lifetime = times[_i].lifetime;
    s.authenticated_until = PAIR_NOW + times[_i].until;
    ck_assert_int_eq(session_fits(&s, &p->end[CLIENT].config, PAIR_NOW + times[_i].after),
                     times[_i].fits);
    s.received = INT64_MIN;
    ck_assert(!session_fits(&s, &p->end[CLIENT].config, PAIR_NOW));
}
END_TEST

/* §4.2.11.1: milliseconds, plus ticket_age_add, modulo 2^32. */
START_TEST(n10_obfuscated_age)
{
    ck_assert_uint_eq(session_obfuscated_age(100, 0, 100), 0);
    ck_assert_uint_eq(session_obfuscated_age(100, 7, 103), 3007);
    ck_assert_uint_eq(session_obfuscated_age(100, UINT32_MAX, 101), 999);
    ck_assert_uint_eq(session_obfuscated_age(0, 0, 604800), 604800000);
    ck_assert_uint_eq(session_obfuscated_age(0, 0xfff00000, 604800),
                      (uint32_t)(604800000u + 0xfff00000u));
}
END_TEST

/* The age on the wire, in both hellos. */
START_TEST(n10_age_in_the_hello)
{
    struct pair_setup s = { .resumed = true, .clock = 1234, .hello_retry = true };
    struct pair *p = pair_start(&s);
    uint32_t age = p->end[CLIENT].handshake.psk[0].obfuscated_ticket_age;
    ck_assert_uint_eq(age - p->end[CLIENT].handshake.session_age_add, 1234000);
    pair_run(p);
    pair_connected(p);
}
END_TEST

/* ---- as it is stored ---- */

START_TEST(stored_and_taken_back)
{
    static struct tls_session stored;
    struct session s, again;
    struct pair *p = connected();
    s = a_session(&p->end[CLIENT].config);
    ck_assert(session_encode(&stored, &s));
    ck_assert(session_decode(&again, &stored));
    ck_assert(session_fits(&again, &p->end[CLIENT].config, PAIR_NOW));
    ck_assert_int_eq(again.received, s.received);
    ck_assert_int_eq(again.authenticated_until, s.authenticated_until);
    ck_assert(bytes_equal_public(again.psk, s.psk) && bytes_equal_public(again.alpn, s.alpn)
              && bytes_equal_public(again.ticket, s.ticket));
    size_t whole = stored.len;
    for (size_t len = 0; len <= whole + 1; len++) {      /* each length but its own is refused */
        stored.len = (uint16_t)len;
        ck_assert_int_eq(session_decode(&again, &stored), len == whole);
    }
    stored.len = (uint16_t)whole;
    stored.bytes[0] = 2;                                 /* another version */
    ck_assert(!session_decode(&again, &stored));
    stored.len = TLS_SESSION_MAX + 1;
    ck_assert(!session_decode(&again, &stored));
}
END_TEST

/* RFC 8446 §4.1.2: with a PSK goes a suite of its hash, and without one no PSK. */
START_TEST(no_suite_of_its_hash)
{
    struct pair *p = connected();
    struct session s = a_session(&p->end[CLIENT].config);
    struct tls_config config = p->end[CLIENT].config;
    struct algorithms a = *config.s.algorithms;
    const struct cipher_suite *const sha384[] = { suite_find(&algorithms_default, 0x1302) };
    a.suites = sha384;
    a.suite_count = 1;
    ck_assert(session_fits(&s, &config, PAIR_NOW));
    config.s.algorithms = &a;
    ck_assert(!session_fits(&s, &config, PAIR_NOW));
}
END_TEST

/* Stored bytes that are not ours are not offered, whatever they say: no error. */
START_TEST(rubbish_is_not_offered)
{
    static struct tls_session stored;
    struct session s;
    struct pair *p = connected();
    s = a_session(&p->end[CLIENT].config);
    ck_assert(session_encode(&stored, &s));
    for (size_t i = 0; i < stored.len; i++) {
        static struct tls_session changed;
        changed = stored;
        changed.bytes[i] ^= 0x80;
        p = pair_start(&(struct pair_setup){
            .client_alpn = { "smtp" }, .server_alpn = { "smtp" },
            .resumption = { .offer = &changed } });
        ck_assert(!tls_failed(&p->end[CLIENT].tls));
        ck_assert_uint_le(p->end[CLIENT].handshake.psk_count, 1);
    }
}
END_TEST

/* The longest name, protocol and ticket fit. */
START_TEST(the_largest_session)
{
    static struct tls_session stored;
    static uint8_t name[253], alpn[255], psk[48], ticket[4096];
    struct session again, s = {
        .fingerprint = bytes_of(psk, FINGERPRINT_LEN),
        .peer_identity = bytes_of(psk, PEER_IDENTITY_LEN), .psk = bytes_of(psk, 48),
        .server_name = bytes_of(name, 253), .alpn = bytes_of(alpn, 255),
        .ticket = bytes_of(ticket, 4096),
    };
    ck_assert(session_encode(&stored, &s));
    ck_assert_uint_eq(stored.len, TLS_SESSION_MAX);
    ck_assert(session_decode(&again, &stored));
    static uint8_t longer[4097];
    s.ticket = bytes_of(longer, sizeof longer);
    ck_assert(!session_encode(&stored, &s));
    ck_assert_uint_eq(stored.len, 0);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("session");
    TCase *c = tcase_create("tickets");
    tcase_add_test(c, a_ticket_becomes_a_session);
    tcase_add_loop_test(c, n8_no_session_outlives_the_certificate, 0, 2);
    tcase_add_loop_test(c, in_pieces, 0, 7);
    tcase_add_test(c, s19_many_in_one_record);
    tcase_add_loop_test(c, fields, 0, (int)COUNT(tickets));
    tcase_add_loop_test(c, lengths, 0, 3);
    tcase_add_loop_test(c, size_is_bounded, 0, 5);
    tcase_add_test(c, without_a_place);
    tcase_add_test(c, half_a_ticket);
    tcase_add_loop_test(c, failure_discards_tickets, 0, 3);
    suite_add_tcase(s, c);
    c = tcase_create("sessions");
    tcase_add_loop_test(c, n10_times, 0, (int)COUNT(times));
    tcase_add_test(c, n10_obfuscated_age);
    tcase_add_test(c, n10_age_in_the_hello);
    tcase_add_test(c, stored_and_taken_back);
    tcase_add_test(c, no_suite_of_its_hash);
    tcase_add_test(c, rubbish_is_not_offered);
    tcase_add_test(c, the_largest_session);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
