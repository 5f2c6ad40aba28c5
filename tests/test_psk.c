/* tests/test_psk.c - resumption and PSKs in whole handshakes (RFC 8446 §2.2, §4.2.9 to §4.2.11).
 *
 * Names begin with the class of bug that a test is about, where there is one.
 */
#include "tests/editor.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ticket_keys keys;
static struct tls_session session, kept[3];
static uint64_t random_state;

/* A counter through a multiplication: other bytes each time, the same in each run. */
static bool fill(void *context, uint8_t *out, size_t len)
{
    uint64_t *state = context;
    for (size_t i = 0; i < len; i++) {
        *state = *state * 6364136223846793005 + 1442695040888963407;
        out[i] = (uint8_t)(*state >> 56);
    }
    return true;
}

static const struct random_source random_source = { fill, &random_state };

static void fresh(void)
{
    random_state = 7;
    memset(kept, 0, sizeof kept);
    ck_assert(ticket_keys_make(&keys, &random_source, 86400, PAIR_NOW));
}

/* A connection on which the client gets a ticket; `session` is what it keeps of it. */
static struct pair *first_connection(const struct pair_setup *setup)
{
    struct pair_setup s = *setup;
    s.resumption = (struct tls_resumption){ .keep = kept, .keep_count = 1 };
    s.ticket_keys = &keys;
    s.tickets = 1;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
    ck_assert_uint_gt(kept[0].len, 0);
    session = kept[0];
    return p;
}

/* One that offers it. */
static struct pair *second_connection(const struct pair_setup *setup)
{
    struct pair_setup s = *setup;
    s.resumption = (struct tls_resumption){ .offer = &session, .keep = kept, .keep_count = 1 };
    s.ticket_keys = s.ticket_keys ? s.ticket_keys : &keys;
    s.tickets = 1;
    return pair_start(&s);
}

/* Its time is over, and there are no random bytes for the next key. */
static bool fill_nothing(void *context, uint8_t *out, size_t len)
{
    (void)context;
    (void)out;
    (void)len;
    return false;
}

static void end_the_key(void)
{
    static const struct random_source nothing = { fill_nothing, NULL };
    keys.random = &nothing;
    keys.current.made -= 86400;
}

static void is_resumed(struct pair *p, bool resumed)
{
    pair_connected(p);
    for (unsigned i = 0; i < 2; i++) {
        struct tls_facts f = tls_facts(&p->end[i].tls);
        ck_assert_int_eq(f.resumed, resumed);
        ck_assert_ptr_null(f.imported_psk);
        ck_assert_int_eq(f.scheme == NULL, resumed);
    }
    pair_send(p, CLIENT, bytes_of("hello", 5));
    pair_send(p, SERVER, bytes_of("world", 5));
}

/* ---- resumption that works ---- */

/* The caller's judgement is asked for again, without a chain. */
struct judgement { enum alert alert; size_t asked, empty; };

static enum alert judge(void *context, const struct bytes *chain, size_t chain_count,
                        const char **reason)
{
    struct judgement *j = context;
    (void)chain;
    j->asked++;
    j->empty += chain_count == 0;
    if (chain_count > 0 || j->alert == ALERT_NONE)
        return ALERT_NONE;
    *reason = "the record was withdrawn";
    return j->alert;
}

START_TEST(client_judged_again_when_resumed)
{
    struct judgement j = { .alert = _i ? ALERT_CERTIFICATE_REVOKED : ALERT_NONE };
    struct tls_verifier verifier = { judge, &j };
    struct pair_setup s = { .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
                            .client_key = KEY_P256 };
    fresh();
    first_connection(&s);
    struct pair *p = second_connection(&s);
    p->end[SERVER].config.s.trust = NULL;
    p->end[SERVER].config.s.verifier = &verifier;
    pair_run(p);
    ck_assert_uint_eq(j.asked, 1);
    ck_assert_uint_eq(j.empty, 1);
    if (_i == 0)
        is_resumed(p, true);
    else
        pair_failed(p, SERVER, "judged again", ALERT_CERTIFICATE_REVOKED, "withdrawn");
}
END_TEST

START_TEST(judged_again_when_resumed)
{
    struct judgement j = { .alert = _i ? ALERT_CERTIFICATE_UNKNOWN : ALERT_NONE };
    struct tls_verifier verifier = { judge, &j };
    struct pair_setup s = { .verifier = &verifier };
    fresh();
    first_connection(&s);
    struct pair *p = second_connection(&s);
    pair_run(p);
    ck_assert_uint_eq(j.asked, 2);
    ck_assert_uint_eq(j.empty, 1);
    if (_i == 0)
        is_resumed(p, true);
    else
        pair_failed(p, CLIENT, "judged again", ALERT_CERTIFICATE_UNKNOWN, "withdrawn");
}
END_TEST

static const uint16_t suites[] = { 0x1301, 0x1302, 0x1303 };

START_TEST(every_suite)
{
    fresh();
    struct pair_setup s = { .suite = suites[_i % 3], .hello_retry = _i >= 3 };
    is_resumed(first_connection(&s), false);
    for (int again = 0; again < 3; again++) {            /* by the ticket of the one before */
        struct pair *p = second_connection(&s);
        ck_assert_uint_eq(session.len, 0);
        pair_run(p);
        is_resumed(p, true);
        ck_assert(tls_facts(&p->end[SERVER].tls).hello_retry == s.hello_retry);
        ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
        session = kept[0];
    }
}
END_TEST

/* At every size of what is pulled and fed. */
START_TEST(in_pieces)
{
    static const size_t sizes[][2] = { { 64, 1 }, { 65, 2 }, { 100, 7 }, { 1000, 100 } };
    struct pair_setup s = { .cap = sizes[_i][0], .bite = sizes[_i][1], .hello_retry = true };
    fresh();
    first_connection(&s);
    struct pair *p = second_connection(&s);
    pair_run(p);
    is_resumed(p, true);
}
END_TEST

/* §4.6.1: "a cipher suite that has the same KDF hash algorithm", and not the same suite. */
START_TEST(another_suite_of_the_same_hash)
{
    fresh();
    first_connection(&(struct pair_setup){ .suite = 0x1301 });
    struct pair *p = second_connection(&(struct pair_setup){ .suite = 0x1303 });
    pair_run(p);
    is_resumed(p, true);
}
END_TEST

START_TEST(n5_another_hash_is_a_full_handshake)
{
    struct pair_setup other = { .suite = 0x1302, .hello_retry = _i };
    fresh();
    first_connection(&(struct pair_setup){ .suite = 0x1301 });
    struct pair *p = second_connection(&other);
    pair_run(p);
    is_resumed(p, false);
    ck_assert_uint_eq(session.len, 0);                   /* it was offered, and so is used up */
}
END_TEST

/* §4.1.2: a retry may cost the client its last PSK, and yet all else stays as it was; with the
 * modes, which it does not need any more. Our server would refuse a hello that is another one. */
START_TEST(s8_modes_stay_when_no_psk_is_left)
{
    struct pair_setup other = { .suite = 0x1302, .hello_retry = true, .ticket_keys = &keys,
                                .resumption = { .offer = &session } };
    fresh();
    first_connection(&(struct pair_setup){ .suite = 0x1301 });
    struct pair *p = pair_start(&other);
    pair_run(p);
    is_resumed(p, false);
}
END_TEST

/* N4, §9.2: where no PSK will do there has to be a certificate, and for it signature_algorithms. */
START_TEST(n4_no_psk_and_no_signature_algorithms)
{
    static struct misbehaving m;
    static const struct edit edit = { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0,
                                      EXT_SIGNATURE_ALGORITHMS, NULL };
    fresh();
    first_connection(&(struct pair_setup){ .suite = 0x1301 });
    misbehave(&m, &edit, 1);
    struct pair *p = second_connection(&(struct pair_setup){ .suite = 0x1302,
                                                             .editor = { &m.editor } });
    pair_run(p);
    pair_failed(p, SERVER, "nothing", ALERT_MISSING_EXTENSION, "signature_algorithms");
}
END_TEST

/* §4.2.9: who cannot use a ticket is given none. */
START_TEST(no_ticket_for_who_has_no_mode_of_ours)
{
    static struct misbehaving m;
    static const struct edit edits[] = {
        { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "01 00" },
        { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, NULL },
        { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "03 00 ff 01" },
    };
    misbehave(&m, &edits[_i], 1);
    struct pair *p = pair_start(&(struct pair_setup){
        .editor = { &m.editor }, .tickets = 1, .resumption = { .keep = kept, .keep_count = 1 } });
    pair_run(p);
    is_resumed(p, false);
    ck_assert_uint_eq(p->end[CLIENT].tickets, _i == 2 ? 1 : 0);
}
END_TEST

/* ---- what a ticket is bound to ---- */

static const struct {
    const char *what;
    struct pair_setup first, second;
    bool offered;                            /* it is the server who does not want it */
} strangers[] = {
    { "another name", { .server_name = "mail.example.org" },
      { .server_name = "a.wild.example.org" }, false },
    { "pins instead of anchors", { 0 }, { .pins = true }, false },
    { "anything goes, and then not", { .insecure = true }, { 0 }, false },
    { "not that protocol any more", { .client_alpn = { "smtp" }, .server_alpn = { "smtp" } },
      { .client_alpn = { "imap" }, .server_alpn = { "imap" } }, false },
    { "another protocol is chosen", { .client_alpn = { "smtp", "imap" }, .server_alpn = { "smtp" } },
      { .client_alpn = { "smtp", "imap" }, .server_alpn = { "imap" } }, true },
    { "a protocol where there was none", { .client_alpn = { "smtp" } },
      { .client_alpn = { "smtp" }, .server_alpn = { "smtp" } }, true },
    { "another listener", { .listener = "submission" }, { .listener = "submissions" }, true },
    { "another certificate of the server", { .key = KEY_P256 }, { .key = KEY_ED25519 }, true },
    { "a client certificate is required now", { 0 },
      { .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256 }, false },
    { "only the server asks for one now", { .client_key = KEY_P256 },
      { .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256 }, true },
    { "one was optional, and is required",
      { .client_certificate = CLIENT_CERTIFICATE_OPTIONAL, .client_key = KEY_P256 },
      { .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256 }, true },
    { "a client with another certificate", { .client_key = KEY_P256 }, { .client_key = KEY_ED25519 },
      false },
    { "another hash", { .suite = 0x1302 }, { .suite = 0x1303 }, true },
};

/* A mismatch is a full handshake, and never an error. */
START_TEST(n8_strangers)
{
    fresh();
    first_connection(&strangers[_i].first);
    struct pair *p = second_connection(&strangers[_i].second);
    ck_assert_msg((session.len == 0) == strangers[_i].offered, "%s", strangers[_i].what);
    pair_run(p);
    is_resumed(p, false);
    first_connection(&strangers[_i].first);              /* and it is that which made it so */
    p = second_connection(&strangers[_i].first);
    pair_run(p);
    is_resumed(p, true);
}
END_TEST

/* The server judges by itself: here the client says another name with its old ticket. */
START_TEST(n8_another_name_to_the_server)
{
    static struct misbehaving m;
    static const struct edit name = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_SERVER_NAME,
                                      "000f 00 000c 6f746865722e6578616d706c" };
    struct pair_setup s = { .editor = { &m.editor } };
    fresh();
    first_connection(&(struct pair_setup){ 0 });
    misbehave(&m, &name, 1);
    struct pair *p = second_connection(&s);
    pair_run(p);
    is_resumed(p, false);
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).server_name.len, 12);
}
END_TEST

/* N8: whom they proved to be goes with the ticket, and with what the client keeps of it. */
START_TEST(n8_both_stay_who_they_were)
{
    static const struct pair_setup s = { .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
                                         .client_key = KEY_P256 };
    uint8_t identity[PEER_IDENTITY_LEN], server[PEER_IDENTITY_LEN];
    fresh();
    struct pair *p = first_connection(&s);
    struct tls_facts f = tls_facts(&p->end[SERVER].tls);
    ck_assert_uint_eq(f.peer_identity.len, sizeof identity);
    memcpy(identity, f.peer_identity.at, sizeof identity);
    f = tls_facts(&p->end[CLIENT].tls);
    ck_assert_uint_eq(f.peer_identity.len, sizeof server);
    memcpy(server, f.peer_identity.at, sizeof server);
    for (int again = 0; again < 2; again++) {
        p = second_connection(&s);
        pair_run(p);
        is_resumed(p, true);
        f = tls_facts(&p->end[SERVER].tls);
        ck_assert(bytes_equal_public(f.peer_identity, bytes_of(identity, sizeof identity)));
        f = tls_facts(&p->end[CLIENT].tls);
        ck_assert(bytes_equal_public(f.peer_identity, bytes_of(server, sizeof server)));
        session = kept[0];
    }
}
END_TEST

START_TEST(n9_keys_of_another_server)
{
    static struct ticket_keys other;
    fresh();
    first_connection(&(struct pair_setup){ 0 });
    ck_assert(ticket_keys_make(&other, &random_source, 86400, PAIR_NOW));
    struct pair *p = second_connection(&(struct pair_setup){ .ticket_keys = &other });
    pair_run(p);
    is_resumed(p, false);
}
END_TEST

/* ---- time ---- */

enum { DAY = 86400 };

static const struct { int64_t clock; bool offered, resumed; } times[] = {
    { 0, true, true }, { 1, true, true }, { DAY - 1, true, true },
    { DAY, false, false }, { 50 * DAY, false, false }, { INT64_C(1) << 40, false, false },
    { -1, false, false }, { -50 * DAY, false, false },
};

/* The client's clock and the server's are the same one here. */
START_TEST(n10_ticket_lifetime)
{
    fresh();
    first_connection(&(struct pair_setup){ 0 });
    struct pair *p = second_connection(&(struct pair_setup){ .clock = times[_i].clock });
    ck_assert_int_eq(session.len == 0, times[_i].offered);
    if (times[_i].clock > 300 * DAY || times[_i].clock < -1000)
        return;                                          /* the certificate is no good then */
    pair_run(p);
    is_resumed(p, times[_i].resumed);
}
END_TEST

/* §4.6.1, last paragraph: renewed each time, a session still ends a week after the certificate was
 * shown. */
START_TEST(n10_renewal_ends)
{
    int64_t clock = 0;
    fresh();
    first_connection(&(struct pair_setup){ 0 });
    for (int i = 0; i < 8; i++) {
        clock += DAY - 10;
        struct pair *p = second_connection(&(struct pair_setup){ .clock = clock });
        pair_run(p);
        is_resumed(p, i < 7);
        ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
        session = kept[0];
    }
}
END_TEST

/* ---- how tickets are given ---- */

static struct {
    struct { unsigned from, type; uint8_t bytes[1000]; size_t len; } message[40];
    size_t count;
} seen;

static void note(struct middle *m, unsigned from, struct items *items)
{
    (void)m;
    for (size_t i = 0; i < items->count; i++) {
        struct bytes b = items->item[i].content;
        if (items->item[i].type != HANDSHAKE || seen.count == COUNT(seen.message))
            continue;
        seen.message[seen.count].from = from;
        seen.message[seen.count].type = type_of_message(b);
        seen.message[seen.count].len = b.len < 1000 ? b.len : 1000;
        memcpy(seen.message[seen.count].bytes, b.at, seen.message[seen.count].len);
        seen.count++;
    }
}

static struct middle middle;

static struct pair *watched(const struct pair_setup *setup)
{
    struct pair *p = pair_start(setup);
    seen.count = 0;
    middle = (struct middle){ .change = note };
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    return p;
}

static const unsigned ticket_counts[] = { 0, 1, 2, 8 };

/* As many as the settings say, and none before the client's Finished; each has an age_add of its
 * own and a nonce of its own (§4.6.1). None has extensions. */
START_TEST(s19_tickets_as_many_as_set)
{
    static struct tls_session many[8];
    unsigned count = ticket_counts[_i], finished = 0, given = 0;
    uint32_t age_add[8];
    struct pair *p = watched(&(struct pair_setup){
        .tickets = count, .resumption = { .keep = many, .keep_count = 8 } });
    for (size_t i = 0; i < seen.count; i++) {
        finished += seen.message[i].from == CLIENT && seen.message[i].type == FINISHED;
        if (seen.message[i].type != NEW_SESSION_TICKET)
            continue;
        const uint8_t *m = seen.message[i].bytes;
        ck_assert_uint_eq(finished, 1);
        ck_assert_uint_eq(load_be32(m + 4), DAY);
        age_add[given] = load_be32(m + 8);
        ck_assert_uint_eq(m[12], 1);
        ck_assert_uint_eq(m[13], given);                 /* the nonce */
        ck_assert_uint_eq(load_be16(m + seen.message[i].len - 2), 0);
        for (unsigned j = 0; j < given; j++)
            ck_assert(age_add[j] != age_add[given]);
        given++;
    }
    ck_assert_uint_eq(given, count);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_int_eq(many[i].len > 0, i < count);
    for (unsigned i = 0; i < count; i++) {               /* and each of them is good */
        p = pair_start(&(struct pair_setup){ .resumption = { .offer = &many[i] } });
        pair_run(p);
        is_resumed(p, true);
    }
}
END_TEST

/* The latest are kept. */
START_TEST(s19_older_tickets_make_room)
{
    fresh();
    struct pair_setup s = { .tickets = 8, .ticket_keys = &keys,
                            .resumption = { .keep = kept, .keep_count = 3 } };
    pair_run(pair_start(&s));
    for (int i = 0; i < 3; i++) {
        session = kept[i];
        struct pair *p = second_connection(&(struct pair_setup){ 0 });
        ck_assert_uint_eq(session.len, 0);
        pair_run(p);
        is_resumed(p, true);
        fresh();
        pair_run(pair_start(&s));
    }
}
END_TEST

START_TEST(s19_a_client_sends_no_ticket)
{
    uint8_t ticket[] = { NEW_SESSION_TICKET, 0, 0, 14, 0, 0, 0, 9, 1, 2, 3, 4, 0, 0, 1, 7, 0, 0 };
    struct pair *p = pair_start(&(struct pair_setup){ .tickets = 1 });
    pair_run(p);
    seal_for(p, SERVER, HANDSHAKE, bytes_of(ticket, sizeof ticket), 0);
    pair_run(p);
    pair_failed(p, SERVER, "a ticket", ALERT_UNEXPECTED_MESSAGE, "no transition");
}
END_TEST

/* Without random bytes there is no ticket, and nothing else goes wrong. */
START_TEST(n9_no_ticket_without_randomness)
{
    fresh();
    end_the_key();
    struct pair *p = pair_start(&(struct pair_setup){
        .ticket_keys = &keys, .tickets = 2, .resumption = { .keep = kept, .keep_count = 2 } });
    pair_run(p);
    is_resumed(p, false);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 0);
}
END_TEST

/* Nor if it is only the connection's source that fails, once the handshake needs it no more. */
START_TEST(n9_no_ticket_without_randomness_for_its_age)
{
    fresh();
    struct pair *p = pair_start(&(struct pair_setup){
        .ticket_keys = &keys, .tickets = 1, .resumption = { .keep = kept, .keep_count = 1 } });
    pair_step(p);                                        /* the server's flight is out */
    p->end[SERVER].random_left = 1;
    pair_run(p);
    is_resumed(p, false);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 0);
}
END_TEST

/* N10: a handshake that took longer than what it could be resumed for leads to no ticket. */
START_TEST(n10_no_ticket_after_its_time)
{
    fresh();
    struct pair *p = pair_start(&(struct pair_setup){
        .ticket_keys = &keys, .tickets = 1, .resumption = { .keep = kept, .keep_count = 1 } });
    pair_step(p);
    p->setup.clock = 7 * DAY + _i;
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 0);
}
END_TEST

/* A session is used once: whatever becomes of the handshake, it is empty, and wiped in the end. */
START_TEST(a_session_is_used_once)
{
    static const struct tls_session nothing;
    struct pair_setup s = { .hello_retry = true };
    fresh();
    first_connection(&s);
    struct pair *p = second_connection(&s);
    ck_assert_uint_eq(session.len, 0);
    if (_i == 0) {
        pair_run(p);
        is_resumed(p, true);
    } else {
        plain_for(p, CLIENT, ALERT, bytes_of("\2\50", 2));
        ck_assert(tls_failed(&p->end[CLIENT].tls));
    }
    ck_assert_mem_eq(&session, &nothing, sizeof session);
    struct pair *third = second_connection(&s);
    pair_run(third);
    is_resumed(third, false);
}
END_TEST

/* ---- what a hello may say of PSKs ---- */

#define BINDER "20 0000000000000000000000000000000000000000000000000000000000000000"
#define UNKNOWN "0001 aa 00000000"

static const struct { const char *what, *body; enum alert alert; const char *keyword; } offers[] = {
    { "nothing", "", ALERT_DECODE_ERROR, "malformed pre_shared_key" },
    { "no identities", "0000 0021" BINDER, ALERT_DECODE_ERROR, "malformed pre_shared_key" },
    { "an empty identity", "0006 0000 00000000 0021" BINDER, ALERT_DECODE_ERROR, "malformed" },
    { "half an age", "0005 0001 aa 0000 0021" BINDER, ALERT_DECODE_ERROR, "malformed" },
    { "an identity beyond the list", "0007 0002 aa 00000000 0021" BINDER, ALERT_DECODE_ERROR,
      "malformed" },
    { "no binders at all", "0007" UNKNOWN, ALERT_DECODE_ERROR, "malformed" },
    { "an empty list of binders", "0007" UNKNOWN "0000", ALERT_DECODE_ERROR, "malformed" },
    { "a binder of 31 bytes", "0007" UNKNOWN "0020 1f"
      "00000000000000000000000000000000000000000000000000000000000000", ALERT_DECODE_ERROR,
      "malformed" },
    { "a binder beyond its list", "0007" UNKNOWN "0021 21"
      "0000000000000000000000000000000000000000000000000000000000000000", ALERT_DECODE_ERROR,
      "malformed" },
    { "a byte behind it", "0007" UNKNOWN "0021" BINDER "00", ALERT_DECODE_ERROR, "malformed" },
    { "two identities, one binder", "000e" UNKNOWN UNKNOWN "0021" BINDER,
      ALERT_ILLEGAL_PARAMETER, "a binder for each" },
    { "one identity, two binders", "0007" UNKNOWN "0042" BINDER BINDER,
      ALERT_ILLEGAL_PARAMETER, "a binder for each" },
    { "one that nobody knows", "0007" UNKNOWN "0021" BINDER, ALERT_NONE, "" },
    { "a long binder", "0007" UNKNOWN "0022 21 00"
      "0000000000000000000000000000000000000000000000000000000000000000", ALERT_NONE, "" },
};

static struct pair *edited(const struct pair_setup *setup, unsigned who, const struct edit *edit,
                           size_t count)
{
    static struct misbehaving m;
    struct pair_setup s = *setup;
    misbehave(&m, edit, count);
    s.editor[who] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    ck_assert(m.done);
    return p;
}

/* Looked at in both hellos where there are two. */
START_TEST(n5_offers)
{
    int i = _i / 2;
    const struct edit edit = { EDIT_SET_EXTENSION, CLIENT_HELLO, (unsigned)_i % 2, EXT_PRE_SHARED_KEY,
                               offers[i].body };
    struct pair *p = edited(&(struct pair_setup){ .resumed = true, .hello_retry = _i % 2 }, CLIENT,
                            &edit, 1);
    if (offers[i].alert == ALERT_NONE)
        is_resumed(p, false);
    else
        pair_failed(p, SERVER, offers[i].what, offers[i].alert, offers[i].keyword);
}
END_TEST

static const struct {
    const char *what;
    struct edit edit;
    enum alert alert;
    const char *keyword;
} hellos[] = {
    { "not the last", { EDIT_ADD_EXTENSION, CLIENT_HELLO, 0, 0xfafa, "00" },
      ALERT_ILLEGAL_PARAMETER, "not the last" },
    { "without modes", { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, NULL },
      ALERT_MISSING_EXTENSION, "without its modes" },
    { "an empty list of modes",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "00" },
      ALERT_DECODE_ERROR, "malformed psk_key_exchange_modes" },
    { "modes and a byte", { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "01 01 00" },
      ALERT_DECODE_ERROR, "malformed psk_key_exchange_modes" },
    { "N4: no key_share", { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0, EXT_KEY_SHARE, NULL },
      ALERT_MISSING_EXTENSION, "key_share" },
    { "N4: no supported_groups", { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0, EXT_SUPPORTED_GROUPS, NULL },
      ALERT_MISSING_EXTENSION, "supported_groups" },
    { "N6: not what was bound", { EDIT_FIRST_EXTENSION, CLIENT_HELLO, 0, 0xfafa, "00" },
      ALERT_DECRYPT_ERROR, "binder" },
    { "N6: another age", { EDIT_FLIP, CLIENT_HELLO, 0, 0, NULL }, ALERT_DECRYPT_ERROR, "binder" },
    { "N6: another random", { EDIT_FLIP, CLIENT_HELLO, 0, 8 * 10, NULL }, ALERT_DECRYPT_ERROR,
      "binder" },
};

/* Where the obfuscated age of the one PSK stands: 4 bytes before the binders. */
static size_t age_at(size_t hello_len)
{
    return hello_len - (2 + 1 + 32) - 4;
}

START_TEST(n5_n6_hellos)
{
    struct edit edit = hellos[_i].edit;
    if (edit.kind == EDIT_FLIP && edit.at == 0) {
        watched(&(struct pair_setup){ .resumed = true, .suite = 0x1301 });
        edit.at = 8 * age_at(seen.message[0].len);
    }
    struct pair *p = edited(&(struct pair_setup){ .resumed = true, .suite = 0x1301 }, CLIENT, &edit,
                            1);
    pair_failed(p, SERVER, hellos[_i].what, hellos[_i].alert, hellos[_i].keyword);
}
END_TEST

/* S8: a second hello may leave PSKs out, and not add any. */
START_TEST(s8_psks_of_the_second_hello)
{
    static const struct { const char *first, *second; bool good; } cases[] = {
        { "000e" UNKNOWN UNKNOWN "0042" BINDER BINDER, "0007" UNKNOWN "0021" BINDER, true },
        { "0007" UNKNOWN "0021" BINDER, "000e" UNKNOWN UNKNOWN "0042" BINDER BINDER, false },
        { NULL, "0007" UNKNOWN "0021" BINDER, false },
    };
    static struct middle in_between;
    struct pair_setup s = { .resumed = true, .hello_retry = true };
    struct edit first = { cases[_i].first ? EDIT_SET_EXTENSION : EDIT_REMOVE_EXTENSION,
                          CLIENT_HELLO, 0, EXT_PRE_SHARED_KEY, cases[_i].first };
    struct edit second = { EDIT_SET_EXTENSION, CLIENT_HELLO, 1, EXT_PRE_SHARED_KEY,
                           cases[_i].second };
    struct misbehaving m;
    misbehave(&m, &first, 1);
    s.editor[CLIENT] = &m.editor;
    struct pair *p = pair_start(&s);
    in_between = (struct middle){ .edit = &second, .from = CLIENT };
    middle_join(&in_between, p);
    pair_run(p);
    ck_assert(in_between.done);
    if (cases[_i].good)                      /* what was changed in between shows in the end */
        ck_assert_int_eq(tls_failure(&p->end[SERVER].tls).received, true);
    else
        pair_failed(p, SERVER, "more PSKs", ALERT_ILLEGAL_PARAMETER, "did not have");
}
END_TEST

/* §4.2.9: psk_ke alone is a mode that we do not have. With key_share there is a full handshake. */
START_TEST(s4_psk_ke_is_not_ours)
{
    static const struct edit edits[] = {
        { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "01 00" },
        { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0, EXT_KEY_SHARE, NULL },
        { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 0, EXT_SUPPORTED_GROUPS, NULL },
    };
    struct pair *p = edited(&(struct pair_setup){ .resumed = true }, CLIENT, edits, 1);
    is_resumed(p, false);
    p = edited(&(struct pair_setup){ .resumed = true }, CLIENT, edits, 3);
    pair_failed(p, SERVER, "psk_ke", ALERT_HANDSHAKE_FAILURE, "without (EC)DHE");
}
END_TEST

/* N6: every bit of the binder counts, in the first hello and in the second. */
START_TEST(n6_every_bit_of_the_binder)
{
    struct pair_setup s = { .resumed = true, .hello_retry = _i, .suite = 0x1302 };
    watched(&s);
    size_t hello_len = seen.message[_i ? 2 : 0].len;
    ck_assert_uint_lt(hello_len, 1000);
    for (size_t bit = 0; bit < 8 * 48; bit++) {
        struct edit edit = { EDIT_FLIP, CLIENT_HELLO, (unsigned)_i, 8 * (hello_len - 48) + bit,
                             NULL };
        pair_failed(edited(&s, CLIENT, &edit, 1), SERVER, "a bit of the binder",
                    ALERT_DECRYPT_ERROR, "binder");
    }
}
END_TEST

/* §4.2.11: a binder has the length of the hash of its PSK. */
START_TEST(n6_length_of_the_binder)
{
    static char hex[2 * 1000 + 1];
    struct pair_setup s = { .resumed = true, .suite = 0x1301 };
    struct client_hello hello;
    struct fault fault;
    watched(&s);
    struct bytes whole = bytes_of(seen.message[0].bytes, seen.message[0].len);
    ck_assert_int_eq(client_hello_decode(&hello, &fault, bytes_of(whole.at + 4, whole.len - 4)),
                     ALERT_NONE);
    struct bytes offer = extensions_body(&hello.extensions, EXT_PRE_SHARED_KEY);
    size_t identities = offer.len - (2 + 1 + 32);
    for (size_t i = 0; i < identities; i++)
        snprintf(hex + 2 * i, 3, "%02x", offer.at[i]);
    snprintf(hex + 2 * identities, 2 * (2 + 1 + 33) + 1, "%04x%02x%066x", 1 + 33, 33, 0);
    const struct edit edit = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PRE_SHARED_KEY, hex };
    pair_failed(edited(&s, CLIENT, &edit, 1), SERVER, "a binder of 33 bytes", ALERT_DECRYPT_ERROR,
                "binder");
}
END_TEST

/* N6: a binder made without the HelloRetryRequest is not a binder of the second hello. Here the
 * server has been sent another HelloRetryRequest than the one that the client saw. */
START_TEST(n6_the_retry_is_bound)
{
    static struct edit edit = { EDIT_SET_EXTENSION, HELLO_RETRY_REQUEST, 0, EXT_COOKIE,
                                "0001 aa" };
    struct pair *p = pair_start(&(struct pair_setup){ .resumed = true, .hello_retry = true });
    middle = (struct middle){ .edit = &edit, .from = SERVER };
    middle_join(&middle, p);
    pair_run(p);
    ck_assert(middle.done);
    pair_failed(p, SERVER, "another retry", ALERT_DECRYPT_ERROR, "binder");
}
END_TEST

/* ---- what a ServerHello may say of them ---- */

static const struct {
    const char *what;
    struct edit edit[2];
    enum alert alert;
    const char *keyword;
} answers[] = {
    { "S4: a PSK without key_share", { { EDIT_REMOVE_EXTENSION, SERVER_HELLO, 0, EXT_KEY_SHARE, NULL } },
      ALERT_ILLEGAL_PARAMETER, "without key_share" },
    { "S4: neither", { { EDIT_REMOVE_EXTENSION, SERVER_HELLO, 0, EXT_KEY_SHARE, NULL },
                       { EDIT_REMOVE_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY, NULL } },
      ALERT_MISSING_EXTENSION, "no key_share" },
    { "N5: out of range", { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY, "0001" } },
      ALERT_ILLEGAL_PARAMETER, "not offered" },
    { "N5: far out of range", { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY, "ffff" } },
      ALERT_ILLEGAL_PARAMETER, "not offered" },
    { "one byte", { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY, "00" } },
      ALERT_DECODE_ERROR, "16-bit" },
    { "three bytes", { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY, "000000" } },
      ALERT_DECODE_ERROR, "16-bit" },
    { "N5: a suite of another hash", { { EDIT_SUITES, SERVER_HELLO, 0, 0, "1302" } },
      ALERT_ILLEGAL_PARAMETER, "hash" },
    { "N3: in a retry", { { EDIT_SET_EXTENSION, HELLO_RETRY_REQUEST, 0, EXT_PRE_SHARED_KEY, "0000" } },
      ALERT_ILLEGAL_PARAMETER, "not specified for" },
    { "N3: in EncryptedExtensions",
      { { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, EXT_PRE_SHARED_KEY, "0000" } },
      ALERT_ILLEGAL_PARAMETER, "not specified for" },
    { "modes from a server",
      { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "01 01" } },
      ALERT_ILLEGAL_PARAMETER, "not specified for" },
    { "early_data that was not asked for",
      { { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, EXT_EARLY_DATA, "" } },
      ALERT_UNSUPPORTED_EXTENSION, "no offer" },
    { "a certificate nevertheless",
      { { EDIT_BEFORE, FINISHED, 0, 0, "0b000004 00 000000" } },
      ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "a request for one", { { EDIT_BEFORE, FINISHED, 0, 0, "0d00000b 00 0008 000d 0004 0002 0807" } },
      ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "S2: Finished of another length", { { EDIT_APPEND, FINISHED, 0, 0, "00" } },
      ALERT_DECODE_ERROR, "wrong length" },
};

START_TEST(s4_n5_answers)
{
    const struct edit *edit = answers[_i].edit;
    bool retry = edit[0].message == HELLO_RETRY_REQUEST;
    struct pair *p = edited(&(struct pair_setup){ .resumed = true, .suite = 0x1301,
                                                  .hello_retry = retry }, SERVER, edit,
                            edit[1].message ? 2 : 1);
    pair_failed(p, CLIENT, answers[_i].what, answers[_i].alert, answers[_i].keyword);
}
END_TEST

START_TEST(n3_a_psk_that_nobody_offered)
{
    static const struct edit edit = { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY,
                                      "0000" };
    struct pair *p = edited(&(struct pair_setup){ 0 }, SERVER, &edit, 1);
    pair_failed(p, CLIENT, "no offer", ALERT_UNSUPPORTED_EXTENSION, "no offer");
}
END_TEST

/* A server that says that it does not resume, and does: the keys are not the same. */
START_TEST(s4_the_choice_is_taken_away)
{
    static const struct edit edit = { EDIT_REMOVE_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY,
                                      NULL };
    struct pair *p = edited(&(struct pair_setup){ .resumed = true }, SERVER, &edit, 1);
    pair_failed(p, CLIENT, "taken away", ALERT_BAD_RECORD_MAC, "does not open");
}
END_TEST

/* ---- Appendix A: a state and every message, where a PSK is used ---- */

static const struct { enum tls_state state; unsigned who, before, accepted; } walks[] = {
    { WAIT_EE, CLIENT, ENCRYPTED_EXTENSIONS, ENCRYPTED_EXTENSIONS },
    { WAIT_FINISHED, CLIENT, FINISHED, FINISHED },
    { WAIT_FINISHED, SERVER, FINISHED, FINISHED },
};
static unsigned stop_at, stop_from;
static bool stopped;

static void stop_before(struct middle *m, unsigned from, struct items *items)
{
    size_t kept_count = 0;
    (void)m;
    for (size_t i = 0; i < items->count; i++) {
        stopped |= from == stop_from && items->item[i].type == HANDSHAKE
                && type_of_message(items->item[i].content) == stop_at;
        if (!stopped)
            items->item[kept_count++] = items->item[i];
    }
    items->count = kept_count;
}

START_TEST(s1_every_message)
{
    unsigned who = walks[_i].who;
    for (unsigned type = 0; type < 256; type++) {
        uint8_t message[4] = { (uint8_t)type, 0, 0, 0 };
        struct pair *p = pair_start(&(struct pair_setup){ .resumed = true });
        stop_at = walks[_i].before;
        stop_from = !who;
        stopped = false;
        middle = (struct middle){ .change = stop_before };
        middle_join(&middle, p);
        pair_run(p);
        ck_assert_int_eq(p->end[who].tls.state, walks[_i].state);
        seal_for(p, who, HANDSHAKE, bytes_of(message, sizeof message), 0);
        pair_run(p);
        if (type == walks[_i].accepted)
            pair_failed(p, who, "looked at", ALERT_DECODE_ERROR, "");
        else
            pair_failed(p, who, "refused", ALERT_UNEXPECTED_MESSAGE, "no transition");
    }
}
END_TEST

/* ---- external PSKs ---- */

static struct imported_psk imported[5][2];   /* five keys, for two hashes */

static void import(size_t i, const char *identity, const char *context, const char *key)
{
    const char *reason;
    struct external_psk epsk = { bytes_of_string(identity), bytes_of_string(context),
                                 bytes_of_string(key), NULL };
    ck_assert(psk_import(&imported[i][0], &epsk, &hash_sha256, &reason));
    ck_assert(psk_import(&imported[i][1], &epsk, &hash_sha384, &reason));
}

static void import_all(void)
{
    import(0, "mailer", "out", "0123456789abcdef0123456789abcdef");
    import(1, "mailer", "in", "0123456789abcdef0123456789abcdef");
    import(2, "mailer", "out", "another key of the same identity");
    import(3, "sailor", "out", "0123456789abcdef0123456789abcdef");
    import(4, "tailor", "out", "0123456789abcdef0123456789abcdef");
}

/* Each end with one key, for both hashes. */
static struct pair_setup with_psks(size_t client, size_t server)
{
    return (struct pair_setup){
        .psks = { imported[client], imported[server] }, .psk_count = { 2, 2 },
        .psk_only = { true, true },
    };
}

static void is_by_psk(struct pair *p, const struct imported_psk *client,
                      const struct imported_psk *server)
{
    const struct imported_psk *expected[2] = { client, server };
    pair_connected(p);
    for (unsigned i = 0; i < 2; i++) {
        struct tls_facts f = tls_facts(&p->end[i].tls);
        ck_assert(!f.resumed && !f.scheme);
        ck_assert_ptr_eq(f.imported_psk, expected[i]);
    }
    pair_send(p, CLIENT, bytes_of("hello", 5));
    pair_send(p, SERVER, bytes_of("world", 5));
}

START_TEST(external_psk_with_every_suite)
{
    import_all();
    struct pair_setup s = with_psks(0, 0);
    s.suite = suites[_i % 3];
    s.hello_retry = _i >= 3;
    s.tickets = 1;
    s.resumption = (struct tls_resumption){ .keep = kept, .keep_count = 1 };
    struct pair *p = pair_start(&s);
    pair_run(p);
    size_t which = s.suite == 0x1302;
    is_by_psk(p, &imported[0][which], &imported[0][which]);
    session = kept[0];                                   /* and resumed from there */
    s.resumption.offer = &session;
    p = pair_start(&s);
    pair_run(p);
    is_resumed(p, true);
}
END_TEST

/* §4.2.11: a server does not look at the age of an external PSK. The second hello says one. */
START_TEST(external_psk_of_any_age)
{
    uint8_t out[4000];
    import_all();
    struct pair_setup s = with_psks(0, 0);
    s.hello_retry = true;
    struct pair *p = pair_start(&s);
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    p->end[CLIENT].handshake.psk[0].obfuscated_ticket_age = 0x89abcdef;
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    seen.count = 0;
    middle = (struct middle){ .change = note };
    middle_join(&middle, p);
    pair_run(p);
    is_by_psk(p, &imported[0][0], &imported[0][0]);
    bool said = false;
    for (size_t i = 0; i < seen.count; i++)
        said |= seen.message[i].type == CLIENT_HELLO
             && memmem(seen.message[i].bytes, seen.message[i].len, "\x89\xab\xcd\xef", 4);
    ck_assert(said);
}
END_TEST

/* §4.3.2: nor is a client that has proved itself by a PSK asked for more; one that has not is. */
START_TEST(external_psk_asks_for_no_certificate)
{
    import_all();
    struct pair_setup s = with_psks(0, _i ? 3 : 0);
    s.psk_only[CLIENT] = s.psk_only[SERVER] = false;
    s.client_certificate = CLIENT_CERTIFICATE_REQUIRED;
    s.client_key = KEY_P256;
    struct pair *p = watched(&s);
    size_t requests = 0;
    for (size_t i = 0; i < seen.count; i++)
        requests += seen.message[i].type == CERTIFICATE_REQUEST;
    ck_assert_uint_eq(requests, (unsigned)_i);
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).peer_identity.len, _i ? PEER_IDENTITY_LEN : 0);
    if (_i == 0)
        is_by_psk(p, &imported[0][0], &imported[0][0]);
}
END_TEST

/* N13: another context, as the other direction has, is another key. And RFC 8446 §E.6: where there
 * is nothing but PSKs, an unknown identity and a wrong key look the same. */
START_TEST(n13_wrong_psks)
{
    import_all();
    struct pair_setup s = with_psks(0, (size_t)_i);
    struct pair *p = pair_start(&s);
    pair_run(p);
    if (_i == 0)
        is_by_psk(p, &imported[0][0], &imported[0][0]);
    else
        pair_failed(p, SERVER, "wrong PSK", ALERT_DECRYPT_ERROR, "PSK");
}
END_TEST

/* N13: a client's own hello comes back to it. */
START_TEST(n13_reflected)
{
    uint8_t out[4000];
    import_all();
    struct pair_setup s = with_psks(0, 0);
    struct pair *p = pair_start(&s);
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[CLIENT], 0, bytes_of(out, n));
    pair_run(p);
    pair_failed(p, CLIENT, "reflected", ALERT_UNEXPECTED_MESSAGE, "no transition");
}
END_TEST

/* One side would take certificates as well. */
START_TEST(psk_or_certificate)
{
    import_all();
    struct pair_setup s = with_psks(0, 0);
    s.psk_only[CLIENT] = s.psk_only[SERVER] = false;
    struct pair *p = pair_start(&s);
    pair_run(p);
    is_by_psk(p, &imported[0][0], &imported[0][0]);
    s.psks[SERVER] = imported[3];                        /* none in common */
    p = pair_start(&s);
    pair_run(p);
    is_resumed(p, false);
    s.psk_only[CLIENT] = true;                           /* §4.2.3: no signature_algorithms */
    p = pair_start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "no certificates", ALERT_MISSING_EXTENSION, "signature_algorithms");
    s.psk_only[CLIENT] = false;
    s.psk_only[SERVER] = true;
    p = pair_start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "no PSK in common", ALERT_DECRYPT_ERROR, "no PSK");
    s.psk_count[CLIENT] = 0;
    p = pair_start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "no PSK at all", ALERT_HANDSHAKE_FAILURE, "no certificate");
}
END_TEST

/* A client that takes no certificate believes no ServerHello without a PSK. */
START_TEST(s3_a_psk_is_proof_or_there_is_none)
{
    static const struct edit edit = { EDIT_REMOVE_EXTENSION, SERVER_HELLO, 0, EXT_PRE_SHARED_KEY,
                                      NULL };
    import_all();
    struct pair_setup s = with_psks(0, 0);
    pair_failed(edited(&s, SERVER, &edit, 1), CLIENT, "no PSK", ALERT_HANDSHAKE_FAILURE,
                "none of our PSKs");
}
END_TEST

/* §4.1.4: after a retry the suite is known, and PSKs of another hash are left out. */
START_TEST(n5_a_retry_with_another_hash)
{
    import_all();
    struct pair_setup s = with_psks(0, 0);
    s.hello_retry = true;
    s.suite = 0x1302;
    watched(&s);
    ck_assert_uint_eq(seen.message[2].type, CLIENT_HELLO);
    ck_assert_uint_eq(seen.message[2].bytes[seen.message[2].len - 49], 48);
    ck_assert_uint_eq(load_be16(seen.message[2].bytes + seen.message[2].len - 51), 49);
    s.psk_count[CLIENT] = 1;                             /* that for SHA-256 */
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_failed(p, CLIENT, "none left", ALERT_HANDSHAKE_FAILURE, "none of our PSKs");
}
END_TEST

/* §4.1.2: what a second hello may leave out are PSKs that do not fit the suite, and not the one
 * that does: of a ticket, or imported. */
START_TEST(s8_a_second_hello_without_its_psk)
{
    static const struct edit gone = { EDIT_REMOVE_EXTENSION, CLIENT_HELLO, 1, EXT_PRE_SHARED_KEY,
                                      NULL };
    struct pair_setup s = { .resumed = true };
    if (_i) {
        import_all();
        s = with_psks(0, 0);
        s.psk_only[CLIENT] = s.psk_only[SERVER] = false;
    }
    s.hello_retry = true;
    struct pair *p = edited(&s, CLIENT, &gone, 1);
    pair_failed(p, SERVER, "without its PSK", ALERT_MISSING_EXTENSION, "without pre_shared_key");
}
END_TEST

/* One that it was free to leave out: the server knows it, and has chosen a suite of the other
 * hash. */
START_TEST(s8_a_second_hello_without_one_that_does_not_fit)
{
    import_all();
    struct pair_setup s = with_psks(0, 0);
    s.psk_only[CLIENT] = s.psk_only[SERVER] = false;
    s.psk_count[CLIENT] = 1;                             /* that for SHA-256 */
    s.hello_retry = true;
    s.suite = 0x1302;
    watched(&s);
    ck_assert_uint_eq(seen.message[2].type, CLIENT_HELLO);
    struct bytes second = bytes_of(seen.message[2].bytes + 4, seen.message[2].len - 4);
    struct client_hello hello;
    struct fault fault;
    ck_assert(!client_hello_decode(&hello, &fault, second));
    ck_assert(!extensions_have(&hello.extensions, EXT_PRE_SHARED_KEY));
    is_resumed(watched(&s), false);
}
END_TEST

/* N8: the ticket of a first hello makes nobody of who comes without it in the second. */
START_TEST(n8_another_psk_in_the_second_hello)
{
    static const struct edit other = { EDIT_SET_EXTENSION, CLIENT_HELLO, 1, EXT_PRE_SHARED_KEY,
                                       "0007" UNKNOWN "0021" BINDER };
    struct pair_setup s = { .client_certificate = CLIENT_CERTIFICATE_OPTIONAL,
                            .client_key = KEY_P256, .hello_retry = true };
    static struct misbehaving m;
    fresh();
    first_connection(&s);
    misbehave(&m, &other, 1);
    s.editor[CLIENT] = &m.editor;
    struct pair *p = second_connection(&s);
    p->end[CLIENT].config.s.credential_count = 0;
    pair_run(p);
    ck_assert(m.done);
    pair_connected(p);
    ck_assert(!tls_facts(&p->end[SERVER].tls).resumed);
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).peer_identity.len, 0);
}
END_TEST

/* §4.2.11: the last extension, in both hellos, the session before the others; and an external PSK
 * has no age. */
START_TEST(our_psks_come_last)
{
    import_all();
    struct pair_setup s = { .resumed = true, .hello_retry = true, .suite = 0x1302,
                            .client_alpn = { "smtp" }, .server_alpn = { "smtp" },
                            .psks = { imported[0], NULL }, .psk_count = { 2, 0 } };
    watched(&s);
    for (unsigned i = 0; i < 2; i++) {
        struct client_hello hello;
        struct offered_psks offered;
        struct fault fault;
        ck_assert_uint_eq(seen.message[2 * i].type, CLIENT_HELLO);
        ck_assert_uint_lt(seen.message[2 * i].len, 1000);
        ck_assert(!client_hello_decode(&hello, &fault, bytes_of(seen.message[2 * i].bytes + 4,
                                                                seen.message[2 * i].len - 4)));
        ck_assert_uint_eq(hello.extensions.last_type, EXT_PRE_SHARED_KEY);
        ck_assert(!decode_offered_psks(&offered, &fault,
                                       extensions_body(&hello.extensions, EXT_PRE_SHARED_KEY)));
        ck_assert_uint_eq(offered.count, i == 0 ? 3 : 2);
        struct reader r = reader_of(offered.identities);
        ck_assert_uint_gt(read_psk_identity(&r).identity.len, 100);
        while (reader_more(&r))
            ck_assert_uint_eq(read_psk_identity(&r).obfuscated_ticket_age, 0);
    }
}
END_TEST

/* N7: four identities are looked at, and no more. Ours are a session and four that were imported;
 * the server knows the last but one, and then only the last. */
START_TEST(n7_so_many_identities)
{
    static struct imported_psk four[4];
    import_all();
    for (size_t i = 0; i < 4; i++)
        four[i] = imported[i == 2 ? 4 : i][0];
    struct pair_setup s = { .resumed = true, .suite = 0x1301, .psks = { four, NULL },
                            .psk_count = { 4, 0 } };
    struct pair *p = pair_start(&s);
    pair_run(p);
    is_resumed(p, true);                                 /* the session is the first */
    for (int last = 0; last < 2; last++) {
        s.resumption.offer = NULL;
        p = pair_start(&s);
        ck_assert_uint_eq(p->end[CLIENT].handshake.psk_count, 5);
        p->end[SERVER].config.s.ticket_keys = NULL;
        p->end[SERVER].config.s.psks = last ? &four[3] : &four[2];
        p->end[SERVER].config.s.psk_count = 1;
        pair_run(p);
        if (last)
            is_resumed(p, false);
        else
            is_by_psk(p, &four[2], &four[2]);
    }
}
END_TEST

START_TEST(n7_two_hundred_identities)
{
    static char body[20000];
    size_t n = (size_t)sprintf(body, "%04x", 200 * 7);
    for (int i = 0; i < 200; i++)
        n += (size_t)sprintf(body + n, "0001%02x00000000", i);
    n += (size_t)sprintf(body + n, "%04x", 200 * 33);
    for (int i = 0; i < 200; i++)
        n += (size_t)sprintf(body + n, "20%064d", 0);
    const struct edit edit = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_PRE_SHARED_KEY, body };
    is_resumed(edited(&(struct pair_setup){ .resumed = true }, CLIENT, &edit, 1), false);
}
END_TEST

/* N7: the binder of the PSK that was chosen is the one that counts, right or wrong. */
START_TEST(n7_one_binder)
{
    import_all();
    struct pair_setup s = with_psks(0, 0);
    s.suite = 0x1302;                                    /* the second of the two */
    watched(&s);
    size_t len = seen.message[0].len;
    ck_assert_uint_lt(len, 1000);
    struct edit other = { EDIT_FLIP, CLIENT_HELLO, 0, 8 * (len - 48 - 1 - 32), NULL };
    struct edit own = { EDIT_FLIP, CLIENT_HELLO, 0, 8 * (len - 48), NULL };
    is_by_psk(edited(&s, CLIENT, &other, 1), &imported[0][1], &imported[0][1]);
    pair_failed(edited(&s, CLIENT, &own, 1), SERVER, "its own", ALERT_DECRYPT_ERROR, "binder");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("psk");
    TCase *c = tcase_create("resumption");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, every_suite, 0, 6);
    tcase_add_loop_test(c, judged_again_when_resumed, 0, 2);
    tcase_add_loop_test(c, client_judged_again_when_resumed, 0, 2);
    tcase_add_loop_test(c, in_pieces, 0, 4);
    tcase_add_test(c, another_suite_of_the_same_hash);
    tcase_add_test(c, s8_modes_stay_when_no_psk_is_left);
    tcase_add_test(c, n4_no_psk_and_no_signature_algorithms);
    tcase_add_loop_test(c, n5_another_hash_is_a_full_handshake, 0, 2);
    tcase_add_loop_test(c, no_ticket_for_who_has_no_mode_of_ours, 0, 3);
    tcase_add_loop_test(c, n8_strangers, 0, (int)COUNT(strangers));
    tcase_add_test(c, n8_another_name_to_the_server);
    tcase_add_test(c, n8_both_stay_who_they_were);
    tcase_add_test(c, n9_keys_of_another_server);
    tcase_add_loop_test(c, n10_ticket_lifetime, 0, (int)COUNT(times));
    tcase_add_test(c, n10_renewal_ends);
    tcase_add_loop_test(c, s19_tickets_as_many_as_set, 0, (int)COUNT(ticket_counts));
    tcase_add_test(c, s19_older_tickets_make_room);
    tcase_add_test(c, s19_a_client_sends_no_ticket);
    tcase_add_test(c, n9_no_ticket_without_randomness);
    tcase_add_test(c, n9_no_ticket_without_randomness_for_its_age);
    tcase_add_loop_test(c, n10_no_ticket_after_its_time, 0, 2);
    tcase_add_loop_test(c, a_session_is_used_once, 0, 2);
    suite_add_tcase(s, c);
    c = tcase_create("messages");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, n5_offers, 0, 2 * (int)COUNT(offers));
    tcase_add_loop_test(c, n5_n6_hellos, 0, (int)COUNT(hellos));
    tcase_add_loop_test(c, s8_psks_of_the_second_hello, 0, 3);
    tcase_add_loop_test(c, s8_a_second_hello_without_its_psk, 0, 2);
    tcase_add_test(c, s8_a_second_hello_without_one_that_does_not_fit);
    tcase_add_test(c, n8_another_psk_in_the_second_hello);
    tcase_add_test(c, s4_psk_ke_is_not_ours);
    tcase_add_loop_test(c, n6_every_bit_of_the_binder, 0, 2);
    tcase_add_test(c, n6_length_of_the_binder);
    tcase_add_test(c, n6_the_retry_is_bound);
    tcase_add_loop_test(c, s4_n5_answers, 0, (int)COUNT(answers));
    tcase_add_test(c, n3_a_psk_that_nobody_offered);
    tcase_add_test(c, s4_the_choice_is_taken_away);
    tcase_add_loop_test(c, s1_every_message, 0, (int)COUNT(walks));
    suite_add_tcase(s, c);
    c = tcase_create("external");
    tcase_add_loop_test(c, external_psk_with_every_suite, 0, 6);
    tcase_add_test(c, external_psk_of_any_age);
    tcase_add_loop_test(c, external_psk_asks_for_no_certificate, 0, 2);
    tcase_add_loop_test(c, n13_wrong_psks, 0, 4);
    tcase_add_test(c, n13_reflected);
    tcase_add_test(c, psk_or_certificate);
    tcase_add_test(c, s3_a_psk_is_proof_or_there_is_none);
    tcase_add_test(c, n5_a_retry_with_another_hash);
    tcase_add_test(c, our_psks_come_last);
    tcase_add_test(c, n7_so_many_identities);
    tcase_add_test(c, n7_two_hundred_identities);
    tcase_add_test(c, n7_one_binder);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
