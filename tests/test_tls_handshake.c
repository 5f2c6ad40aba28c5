/* tests/test_tls_handshake.c - whole connections between our two ends in memory: every suite,
 * group, key and retry, in every split; data, keys, and the orderly end (RFC 8446 §2, §4.6, §5,
 * §6).
 */
#include "tests/editor.h"
#include "tests/stride.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct middle middle;
static uint8_t pattern[100000];

static void make_pattern(void)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 251);
}

static void both_ways(struct pair *p)
{
    static const size_t lengths[] = { 1, 1000, 16384, 16385, 40000 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        pair_send(p, CLIENT, bytes_of(pattern, lengths[i]));
        pair_send(p, SERVER, bytes_of(pattern, lengths[i]));
    }
}

static void same_exports(struct pair *p)
{
    uint8_t a[80], b[80], c[80];
    struct bytes context = bytes_of("context", 7);
    ck_assert(tls_export(&p->end[CLIENT].tls, a, sizeof a, "EXPORTER-test", context));
    ck_assert(tls_export(&p->end[SERVER].tls, b, sizeof b, "EXPORTER-test", context));
    ck_assert(tls_export(&p->end[SERVER].tls, c, sizeof c, "EXPORTER-other", context));
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_mem_ne(a, c, sizeof a);
    ck_assert(tls_export(&p->end[CLIENT].tls, a, 32, "EXPORTER-Channel-Binding",
                         bytes_of(NULL, 0)));            /* RFC 9266 §2 */
    ck_assert(tls_exporter_binding(&p->end[SERVER].tls, b));
    ck_assert_mem_eq(a, b, 32);
}

/* §6.1: each side closes its own direction; the other still flows. */
static void close_both(struct pair *p)
{
    size_t taken;
    uint8_t out[100];
    tls_close(&p->end[CLIENT].tls);
    pair_run(p);
    ck_assert(p->end[SERVER].peer_closed && !p->end[CLIENT].peer_closed);
    ck_assert_uint_eq(tls_seal(&p->end[CLIENT].tls, out, sizeof out, bytes_of("x", 1), &taken), 0);
    pair_send(p, SERVER, bytes_of("still flows", 11));
    tls_close(&p->end[SERVER].tls);
    pair_run(p);
    ck_assert(p->end[CLIENT].peer_closed);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(tls_receive_end(&p->end[i].tls), TLS_PEER_CLOSED);
        ck_assert(!tls_failed(&p->end[i].tls));
    }
}

static void whole_connection(struct pair *p)
{
    pair_run(p);
    pair_connected(p);
    both_ways(p);
    same_exports(p);
    close_both(p);
}

/* ---- combinations ---- */

static const uint16_t suites[] = { 0x1301, 0x1302, 0x1303 };
static const uint16_t groups[] = { 0x001d, 0x0017, 0x0018, 0x11ec, 0x11eb };
static const enum key_type keys[] = { KEY_P256, KEY_ED25519 };

static const struct split { size_t cap, bite; } splits[] = {
    { 0, 0 }, { 0, 1 }, { TLS_OUTPUT_MIN, 0 }, { 100, 7 }, { 127, 1 },
};

static void facts_are(struct pair *p, const struct pair_setup *s)
{
    for (unsigned i = 0; i < 2; i++) {
        struct tls_facts f = tls_facts(&p->end[i].tls);
        ck_assert_uint_eq(f.suite->code_point, s->suite);
        ck_assert_uint_eq(f.group->code_point, s->group);
        ck_assert_uint_eq(f.scheme->code_point, s->key == KEY_P256 ? 0x0403 : 0x0807);
        ck_assert(f.hello_retry == s->hello_retry);
    }
}

START_TEST(every_combination)
{
    struct pair_setup s = {
        .suite = suites[_i % 3], .group = groups[_i / 3 % 5], .key = keys[_i / 15 % 2],
        .hello_retry = _i / 30 % 2, .cap = splits[_i / 60].cap, .bite = splits[_i / 60].bite,
    };
    struct pair *p = pair_start(&s);
    whole_connection(p);
    facts_are(p, &s);
}
END_TEST

/* N14: the class of strength first, in the server's order; then the shares that are there. A client
 * sends a share of its first group, and of the first that is of the other class. */
static const struct {
    uint16_t groups[2][PAIR_GROUPS_MAX], chosen;
    bool hello_retry;
} choices[] = {
    { { { 0x11ec, 0x11eb, 0x1d, 0x17 }, { 0x11ec, 0x11eb, 0x1d, 0x17 } }, 0x11ec, false },
    { { { 0x11ec, 0x11eb, 0x1d, 0x17 }, { 0x1d, 0x17 } }, 0x1d, false },     /* its second share */
    { { { 0x11ec, 0x11eb, 0x1d, 0x17 }, { 0x17 } }, 0x17, true },
    { { { 0x11ec, 0x18, 0x1d }, { 0x1d, 0x18 } }, 0x18, false },
    { { { 0x11ec, 0x11eb }, { 0x11eb, 0x1d } }, 0x11eb, true },
    { { { 0x11eb, 0x1d }, { 0x11ec, 0x11eb, 0x1d } }, 0x11eb, false },
    { { { 0x11ec, 0x11eb, 0x1d }, { 0x11eb, 0x11ec, 0x1d } }, 0x11ec, false }, /* has its share */
    { { { 0x1d, 0x11ec }, { 0x11ec, 0x11eb, 0x1d } }, 0x11ec, false },         /* its second share */
    { { { 0x1d, 0x17, 0x11ec }, { 0x11ec, 0x1d } }, 0x11ec, false },
    { { { 0x1d, 0x11ec, 0x11eb }, { 0x11eb, 0x1d } }, 0x11eb, true },          /* worth a retry */
    { { { 0x1d, 0x11ec }, { 0x1d, 0x11ec } }, 0x1d, false },                   /* not to this one */
    { { { 0x1d, 0x17 }, { 0x11ec, 0x17, 0x1d } }, 0x1d, false },
    { { { 0x17, 0x1d }, { 0x1d, 0x17, 0x18 } }, 0x17, false },
};

START_TEST(n14_choice_of_group)
{
    struct pair_setup s = { .suite = 0x1301 };
    memcpy(s.groups, choices[_i].groups, sizeof s.groups);
    struct pair *p = pair_start(&s);
    whole_connection(p);
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(tls_facts(&p->end[i].tls).group->code_point, choices[_i].chosen);
        ck_assert_int_eq(tls_facts(&p->end[i].tls).hello_retry, choices[_i].hello_retry);
    }
}
END_TEST

/* Where each group is a class of its own, the server's order is all that counts. */
START_TEST(strict_order_of_groups)
{
    static const struct { uint16_t client[2], chosen; bool hello_retry; } cases[] = {
        { { 0x17, 0x1d }, 0x1d, true }, { { 0x1d, 0x17 }, 0x1d, false }, { { 0x17 }, 0x17, false },
    };
    struct named_group own[2] = { *group_find(&algorithms_default, 0x1d),
                                  *group_find(&algorithms_default, 0x17) };
    struct pair_setup s = { .groups = { [SERVER] = { 0x1d, 0x17 } } };
    memcpy(s.groups[CLIENT], cases[_i].client, sizeof cases[_i].client);
    struct pair *p = pair_start(&s);
    for (size_t i = 0; i < 2; i++) {
        own[i].strength = (uint8_t)(2 - i);
        p->groups[SERVER][i] = &own[i];
    }
    whole_connection(p);
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).group->code_point, cases[_i].chosen);
    ck_assert_int_eq(tls_facts(&p->end[SERVER].tls).hello_retry, cases[_i].hello_retry);
}
END_TEST

/* S18: messages of many records and records of many messages, with and without padding. */
static const struct { size_t fragment; bool together; size_t padding; } shapes[] = {
    { 0, false, 0 }, { 1, false, 0 }, { 2, false, 0 }, { 3, false, 1 }, { 7, false, 100 },
    { 0, true, 0 }, { 1, true, 0 }, { 7, true, 0 }, { 100, true, 16284 }, { 0, false, 1000 },
};

START_TEST(s18_every_fragmentation)
{
    for (unsigned retry = 0; retry < 2; retry++) {
        struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = retry, .key = KEY_P256 });
        middle = (struct middle){ .fragment = shapes[_i].fragment, .together = shapes[_i].together,
                                  .padding = shapes[_i].padding };
        middle_join(&middle, p);
        pair_run(p);
        pair_connected(p);
        pair_send(p, CLIENT, bytes_of(pattern, 100));
        pair_send(p, SERVER, bytes_of(pattern, 100));
    }
}
END_TEST

START_TEST(trust_by_pin_and_by_nothing)
{
    struct pair *p = pair_start(&(struct pair_setup){ .pins = true });
    whole_connection(p);
    p = pair_start(&(struct pair_setup){ .insecure = true });
    whole_connection(p);
    p = pair_start(&(struct pair_setup){ .pins = true });
    p->party[CLIENT].pin[0][0] ^= 1;
    pair_run(p);
    ck_assert(tls_failed(&p->end[CLIENT].tls) && p->end[SERVER].connected == 0);
}
END_TEST

/* A caller who judges by himself: sees the chain, and chooses the alert. */
struct own_judgement { enum alert alert; size_t asked; struct bytes leaf; };

static enum alert judge_leaf(void *context, const struct bytes *chain, size_t chain_count,
                             const char **reason)
{
    struct own_judgement *own = context;
    own->asked++;
    ck_assert_uint_eq(chain_count, 1);
    own->leaf = chain[0];
    if (own->alert != ALERT_NONE)
        *reason = "not in the TLSA record";
    return own->alert;
}

START_TEST(trust_by_own_judgement)
{
    static const enum alert alerts[] = { ALERT_NONE, ALERT_UNKNOWN_CA, ALERT_HANDSHAKE_FAILURE };
    struct own_judgement own = { .alert = alerts[_i] };
    struct tls_verifier verifier = { judge_leaf, &own };
    struct pair *p = pair_start(&(struct pair_setup){ .verifier = &verifier });
    pair_run(p);
    ck_assert_uint_eq(own.asked, 1);
    ck_assert_uint_eq(own.leaf.len, p->party[SERVER].chain[0].len);
    if (_i == 0)
        pair_connected(p);
    else
        pair_failed(p, CLIENT, "own judgement", alerts[_i], "TLSA");
}
END_TEST

/* Whatever the caller says of it, what is not a certificate is none. */
START_TEST(judgement_of_what_does_not_decode)
{
    static const struct edit garbage = { EDIT_BODY, CERTIFICATE, 0, 0, "00 000006 000001 aa 0000" };
    static struct misbehaving m;
    struct own_judgement own = { .alert = _i ? ALERT_DECODE_ERROR : ALERT_NONE };
    struct tls_verifier verifier = { judge_leaf, &own };
    misbehave(&m, &garbage, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .verifier = &verifier,
                                                      .editor = { [SERVER] = &m.editor } });
    pair_run(p);
    ck_assert_uint_eq(own.asked, 1);
    if (_i)
        pair_failed(p, CLIENT, "garbage", ALERT_DECODE_ERROR, "TLSA");
    else
        pair_failed(p, CLIENT, "garbage", ALERT_BAD_CERTIFICATE, "malformed");
}
END_TEST

START_TEST(wrong_name)
{
    struct pair *p = pair_start(&(struct pair_setup){ .server_name = "other.example.org" });
    pair_run(p);
    pair_failed(p, CLIENT, "other name", ALERT_BAD_CERTIFICATE, "other.example.org");
    ck_assert(tls_failure(&p->end[SERVER].tls).received);
}
END_TEST

START_TEST(no_data_before_the_end_of_the_handshake)
{
    uint8_t out[200];
    size_t taken;
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_eq(tls_seal(&p->end[i].tls, out, sizeof out, bytes_of("x", 1), &taken), 0);
        ck_assert(!tls_export(&p->end[i].tls, out, 16, "EXPORTER-x", bytes_of(NULL, 0)));
        ck_assert(!tls_update_keys(&p->end[i].tls, true));
    }
}
END_TEST

/* ---- the signer ---- */

START_TEST(signature_later)
{
    struct pair *p = pair_start(&(struct pair_setup){ .sign_later = true, .key = keys[_i % 2],
                                                      .hello_retry = _i / 2, .bite = 1 });
    whole_connection(p);
}
END_TEST

static void until_signature_is_wanted(struct pair *p)
{
    uint8_t out[4000];
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    ck_assert(tls_wants_signature(&p->end[SERVER].tls));
}

START_TEST(signature_never)
{
    struct pair *p = pair_start(&(struct pair_setup){ .sign_later = true });
    until_signature_is_wanted(p);
    ck_assert_int_eq(tls_signature(&p->end[SERVER].tls, bytes_of(NULL, 0)), TLS_FAILED);
    pair_run(p);
    pair_failed(p, SERVER, "no signature", ALERT_INTERNAL_ERROR, "signer");
    ck_assert(tls_failure(&p->end[CLIENT].tls).received);
}
END_TEST

/* While the signer thinks, the peer has nothing to say but change_cipher_spec and alerts. */
START_TEST(message_while_the_signer_thinks)
{
    struct pair *p = pair_start(&(struct pair_setup){ .sign_later = true });
    until_signature_is_wanted(p);
    plain_for(p, SERVER, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    ck_assert(!tls_failed(&p->end[SERVER].tls));
    hex_for(p, SERVER, HANDSHAKE, "14000020"
            "0000000000000000000000000000000000000000000000000000000000000000");
    pair_run(p);
    pair_failed(p, SERVER, "Finished while signing", ALERT_UNEXPECTED_MESSAGE, "no transition");
    ck_assert_int_eq(tls_signature(&p->end[SERVER].tls, bytes_of("late", 4)), TLS_FAILED);
}
END_TEST

static enum sign_result refuse_to_sign(void *context, const struct signature_scheme *scheme,
                                       struct bytes content, uint8_t *signature,
                                       size_t *signature_len)
{
    (void)context, (void)scheme, (void)content, (void)signature, (void)signature_len;
    return SIGN_FAILED;
}

START_TEST(signer_fails)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    p->party[SERVER].credential.signer.sign = refuse_to_sign;
    pair_run(p);
    pair_failed(p, SERVER, "signer fails", ALERT_INTERNAL_ERROR, "signer");
}
END_TEST

/* C9: no random bytes, no handshake. */
START_TEST(c9_random_fails_at_every_draw)
{
    unsigned failed[2] = { 0, 0 };
    for (unsigned who = 0; who < 2; who++)
        for (unsigned draw = 1; draw < 10; draw++) {
            struct pair_setup s = { .group = groups[_i], .hello_retry = true, .key = KEY_P256 };
            s.random_fails_at[who] = draw;
            struct pair *p = pair_start(&s);
            pair_run(p);
            if (p->end[CLIENT].connected)
                break;
            pair_failed(p, who, "random", ALERT_INTERNAL_ERROR, who == CLIENT ? "random" : "");
            failed[who]++;
        }
    ck_assert_uint_ge(failed[CLIENT], 4);        /* random, session id, share, second share */
    ck_assert_uint_ge(failed[SERVER], 2);        /* random, share */
}
END_TEST

/* ---- memory ---- */

static const struct pair_setup memory_cases[] = {
    { .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256 },
    { .hello_retry = true, .group = 0x11ec },
    { .resumed = true },
};

/* A message that does not fit into the lent memory is internal_error, whichever it is; with enough
 * of it all goes well. */
START_TEST(memory_for_every_message)
{
    for (unsigned who = 0; who < 2; who++) {
        unsigned failed = 0;
        for (;; failed++) {
            struct pair *p = pair_start(&memory_cases[_i]);
            p->end[who].handshake.flight.messages.cap = 31 * failed;      /* less than a Finished */
            pair_run(p);
            if (p->end[CLIENT].connected)
                break;
            pair_failed(p, who, "memory", ALERT_INTERNAL_ERROR, "does not fit");
        }
        ck_assert_uint_ge(failed, 2);
    }
}
END_TEST

/* Observers are for those who want to see. */
START_TEST(nobody_observes)
{
    static const struct pair_setup setups[] = {
        { .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256 },
        { .hello_retry = true }, { .resumed = true },
    };
    for (size_t i = 0; i < COUNT(setups); i++) {
        struct pair *p = pair_start(&setups[i]);
        size_t seen = p->end[CLIENT].tap.secret_count;    /* of PSKs, when the hello was made */
        p->end[CLIENT].config.s.observer_count = p->end[SERVER].config.s.observer_count = 0;
        pair_run(p);
        pair_connected(p);
        pair_send(p, CLIENT, bytes_of("unseen", 6));
        ck_assert_uint_eq(p->end[CLIENT].tap.secret_count, seen);
        ck_assert_uint_eq(p->end[SERVER].tap.secret_count, 0);
    }
}
END_TEST

/* ---- ALPN and SNI ---- */

static const struct {
    const char *client[3], *server[3];
    const char *agreed;                                  /* NULL: none */
    bool fails;
} alpn_cases[] = {
    { { "smtp" },        { "smtp" },        "smtp", false },
    { { "a", "b" },      { "b", "a" },      "b",    false },       /* the server's order */
    { { "a", "b", "c" }, { "c" },           "c",    false },
    { { NULL },          { "smtp" },        NULL,   false },
    { { "smtp" },        { NULL },          NULL,   false },
    { { "smtp" },        { "smt", "smtpx" }, NULL,  true },
};

START_TEST(alpn)
{
    struct pair_setup s = { 0 };
    memcpy(s.client_alpn, alpn_cases[_i].client, sizeof s.client_alpn);
    memcpy(s.server_alpn, alpn_cases[_i].server, sizeof s.server_alpn);
    struct pair *p = pair_start(&s);
    pair_run(p);
    if (alpn_cases[_i].fails) {
        pair_failed(p, SERVER, "ALPN", ALERT_NO_APPLICATION_PROTOCOL, "application protocol");
        ck_assert_int_eq(tls_failure(&p->end[CLIENT].tls).alert, ALERT_NO_APPLICATION_PROTOCOL);
        return;
    }
    pair_connected(p);
    struct bytes want = bytes_of_string(alpn_cases[_i].agreed ? alpn_cases[_i].agreed : "");
    for (unsigned i = 0; i < 2; i++)
        ck_assert(bytes_equal_public(tls_facts(&p->end[i].tls).alpn, want));
}
END_TEST

START_TEST(server_name)
{
    static const struct { const char *asked, *seen; } cases[] = {
        { "mail.example.org", "mail.example.org" },
        { "a.wild.example.org", "a.wild.example.org" },
        { "192.0.2.1", "" },                             /* RFC 6066 §3: no literal addresses */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair *p = pair_start(&(struct pair_setup){ .server_name = cases[i].asked });
        pair_run(p);
        pair_connected(p);
        ck_assert(bytes_equal_public(tls_facts(&p->end[SERVER].tls).server_name,
                                     bytes_of_string(cases[i].seen)));
    }
}
END_TEST

/* RFC 6066 §3: a name that was heard is acknowledged by an empty extension, and only that. */
START_TEST(server_name_is_acknowledged)
{
    struct pair *p = pair_start(&(struct pair_setup){ .server_name = _i ? "192.0.2.1" : NULL });
    p->end[SERVER].tap.opens_records = true;
    pair_run(p);
    pair_connected(p);
    struct bytes extensions = p->end[SERVER].tap.record[2].content;
    ck_assert_int_eq(extensions.at[0], ENCRYPTED_EXTENSIONS);
    ck_assert_uint_eq(load_be16(extensions.at + 4), _i ? 6 : 4 + 6);       /* record_size_limit */
    ck_assert(_i || memcmp(extensions.at + 6, "\0\0\0\0", 4) == 0);
}
END_TEST

/* RFC 6066 §3: a server that makes no use of the name does not acknowledge it; but it has to be
 * one. */
START_TEST(server_name_is_ignored)
{
    static const struct edit none = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_SERVER_NAME, "00" };
    static struct misbehaving m;
    struct pair_setup s = { .ignore_server_name = true };
    struct pair *p = pair_start(&s);
    p->end[SERVER].tap.opens_records = true;
    pair_run(p);
    pair_connected(p);
    struct bytes extensions = p->end[SERVER].tap.record[2].content;
    ck_assert_uint_eq(load_be16(extensions.at + 4), 6);                    /* record_size_limit */
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).server_name.len, 0);
    misbehave(&m, &none, 1);
    s.editor[CLIENT] = &m.editor;
    p = pair_start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "malformed", ALERT_DECODE_ERROR, "server_name");
}
END_TEST

/* A client that puts ChaCha20-Poly1305 before AES has no fast AES; else the server's order
 * counts. */
START_TEST(chacha20_for_who_asks_first)
{
    static const struct { const char *offered; uint16_t chosen; } cases[] = {
        { "1303 1301", 0x1303 }, { "0a0a 1303 1301", 0x1303 }, { "1302 1303 1301", 0x1301 },
        { "1302 1303", 0x1302 }, { "1303", 0x1303 },
    };
    static struct misbehaving m;
    struct edit edit = { EDIT_SUITES, CLIENT_HELLO, 0, 0, cases[_i].offered };
    misbehave(&m, &edit, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .editor = { &m.editor } });
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).suite->code_point, cases[_i].chosen);
}
END_TEST

/* ---- middlebox compatibility, §D.4 ---- */

/* What one end sends, record by record: type, and '*' if protected. */
static const char *flight_of(struct pair *p, unsigned who)
{
    static char text[200];
    size_t n = 0;
    const struct tap *tap = &p->end[who].tap;
    for (size_t i = 0; i < tap->record_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%d%s ", tap->record[i].type,
                              tap->record[i].protected ? "*" : "");
    return text;
}

START_TEST(change_cipher_spec_positions)
{
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = _i });
    p->end[CLIENT].tap.opens_records = p->end[SERVER].tap.opens_records = true;
    pair_run(p);
    pair_connected(p);
    /* client: before its second flight, be that Finished or the second ClientHello; server: right
     * behind its first message, be that ServerHello or HelloRetryRequest */
    ck_assert_str_eq(flight_of(p, CLIENT), _i ? "22 20 22 22* " : "22 20 22* ");
    ck_assert_str_eq(flight_of(p, SERVER), _i ? "22 20 22 22* " : "22 20 22* ");
    struct bytes client_hello = p->end[CLIENT].tap.record[0].content;
    struct bytes answer = p->end[SERVER].tap.record[0].content;
    ck_assert_int_eq(client_hello.at[38], 32);           /* never empty, and echoed */
    ck_assert_mem_eq(client_hello.at + 38, answer.at + 38, 33);
}
END_TEST

/* A client that refuses the server's first protected message: its alert is protected, too, and the
 * first thing that is. */
START_TEST(change_cipher_spec_before_an_alert)
{
    static const struct edit malformed = { EDIT_BODY, ENCRYPTED_EXTENSIONS, 0, 0, "00" };
    static struct misbehaving m;
    misbehave(&m, &malformed, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .editor = { [SERVER] = &m.editor } });
    p->end[CLIENT].tap.opens_records = true;
    pair_run(p);
    ck_assert_int_eq(tls_failure(&p->end[CLIENT].tls).alert, ALERT_DECODE_ERROR);
    ck_assert_str_eq(flight_of(p, CLIENT), "22 20 21* ");
    ck_assert(tls_failure(&p->end[SERVER].tls).received);
}
END_TEST

/* A client without a session id does not ask for it, and gets no change_cipher_spec; unless the
 * server is to send one "at any time". */
START_TEST(no_compatibility_unless_asked_for)
{
    static const struct edit empty = { EDIT_SESSION_ID, CLIENT_HELLO, 0, 0, "" };
    static struct misbehaving m;
    misbehave(&m, &empty, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .always_change_cipher_spec = _i,
                                                      .editor = { &m.editor } });
    p->end[CLIENT].tap.opens_records = p->end[SERVER].tap.opens_records = true;
    pair_run(p);
    ck_assert(m.done);
    pair_connected(p);
    ck_assert_str_eq(flight_of(p, CLIENT), "22 22* ");
    ck_assert_str_eq(flight_of(p, SERVER), _i ? "22 20 22* " : "22 22* ");
}
END_TEST

/* ---- KeyUpdate, §4.6.3 ---- */

START_TEST(key_update_by_request)
{
    struct pair *p = pair_start(&(struct pair_setup){ .suite = suites[_i % 3] });
    unsigned who = (unsigned)_i / 3 % 2;
    bool request = _i / 6;
    pair_run(p);
    pair_connected(p);
    for (unsigned i = 1; i <= 20; i++) {
        ck_assert(tls_update_keys(&p->end[who].tls, request));
        pair_run(p);
        both_ways(p);
        ck_assert_uint_eq(p->end[who].tap.key_changes[SENT], 2 + i);
        ck_assert_uint_eq(p->end[!who].tap.key_changes[RECEIVED], 2 + i);
        ck_assert_uint_eq(p->end[!who].tap.key_changes[SENT], request ? 2 + i : 2);
    }
    same_exports(p);
    close_both(p);
}
END_TEST

/* RFC 9846 §4.7.3: no second request until the first is answered. */
START_TEST(one_request_at_a_time)
{
    uint8_t out[400];
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    p->end[CLIENT].tap.opens_records = true;
    for (unsigned i = 0; i < 3; i++) {
        ck_assert(tls_update_keys(&p->end[CLIENT].tls, true));
        size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
        end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
        struct bytes update = p->end[CLIENT].tap.record[i].content;
        ck_assert_mem_eq(update.at, i == 0 ? "\x18\0\0\1\1" : "\x18\0\0\1\0", 5);
    }
    pair_run(p);
    ck_assert_uint_eq(p->end[SERVER].tap.key_changes[SENT], 3);      /* answered once */
    ck_assert(tls_update_keys(&p->end[CLIENT].tls, true));
    pair_run(p);
    ck_assert_uint_eq(p->end[SERVER].tap.key_changes[SENT], 4);
}
END_TEST

/* S12: answered once, however often it is asked while our answer cannot go out. */
START_TEST(s12_answers_do_not_pile_up)
{
    uint8_t out[4000];
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    for (unsigned i = 0; i < 32; i++)
        hex_for(p, SERVER, HANDSHAKE, "18000001 01");
    ck_assert(!tls_failed(&p->end[SERVER].tls));
    size_t n = tls_output(&p->end[SERVER].tls, out, sizeof out);
    ck_assert_uint_eq(n, 5 + 5 + 1 + 16);
}
END_TEST

/* S13: keys change by themselves before the limit, in both directions, without end. */
START_TEST(automatic_key_update)
{
    struct pair *p = pair_start(&(struct pair_setup){ .suite = suites[_i],
                                                      .limits.records_per_key = 8 });
    pair_run(p);
    pair_connected(p);
    const unsigned rounds = (unsigned)(5000 / stride(25));
    for (unsigned i = 0; i < rounds; i++) {
        pair_send(p, CLIENT, bytes_of(pattern + i, 3));
        pair_send(p, SERVER, bytes_of(pattern + i, 5));
    }
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_uint_ge(p->end[i].tap.key_changes[SENT], rounds / 7);
        ck_assert_uint_le(p->end[i].tap.key_changes[SENT], rounds / 7 + 5);
    }
    close_both(p);
}
END_TEST

START_TEST(key_update_in_pieces)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    static const char *const pieces[] = { "18", "0000", "01", "01" };
    for (size_t i = 0; i < COUNT(pieces); i++)
        hex_for(p, _i ? SERVER : CLIENT, HANDSHAKE, pieces[i]);
    pair_run(p);
    unsigned who = _i ? SERVER : CLIENT;
    ck_assert_msg(!tls_failed(&p->end[who].tls), "%s", tls_failure(&p->end[who].tls).reason);
    ck_assert_uint_eq(p->end[who].tap.key_changes[RECEIVED], 3);
    ck_assert_uint_eq(p->end[who].tap.key_changes[SENT], 3);
}
END_TEST

/* What does not fit now is said later. */
START_TEST(no_room_for_an_update)
{
    uint8_t out[200];
    size_t taken = 1;
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    ck_assert(tls_update_keys(&p->end[_i].tls, true));
    ck_assert_uint_eq(tls_seal(&p->end[_i].tls, out, TLS_OUTPUT_MIN - 1, bytes_of("x", 1), &taken),
                      0);
    ck_assert_uint_eq(taken, 0);
    pair_send(p, (unsigned)_i, bytes_of("x", 1));
    ck_assert_uint_eq(p->end[_i].tap.key_changes[SENT], 3);
}
END_TEST

/* A signature that nobody waits for changes nothing. */
START_TEST(signature_unasked_for)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_int_eq(tls_signature(&p->end[i].tls, bytes_of("x", 1)), TLS_PROGRESS);
    both_ways(p);
}
END_TEST

/* ---- tickets: never an error, never seen (§4.6.1) ---- */

START_TEST(tickets_are_passed_over)
{
    static const char ticket[] = "04000013 00001c20 00000000 01aa 0005 0102030405 0000";
    struct pair *p = pair_start(&(struct pair_setup){ .bite = _i ? 1 : 0 });
    uint8_t bytes[64];
    pair_run(p);
    size_t n = unhex(bytes, sizeof bytes, ticket);
    for (unsigned i = 0; i < 50; i++) {
        hex_for(p, CLIENT, HANDSHAKE, ticket);
        for (size_t j = 0; j < n; j++)                   /* and in pieces of a byte */
            seal_for(p, CLIENT, HANDSHAKE, bytes_of(bytes + j, 1), 0);
    }
    hex_for(p, CLIENT, APPLICATION_DATA, "01020304");
    ck_assert_uint_eq(p->end[CLIENT].data_len, 4);
    ck_assert(!tls_failed(&p->end[CLIENT].tls));
}
END_TEST

/* The largest there can be: 128 KiB, of which nothing is stored. */
START_TEST(largest_ticket)
{
    static uint8_t ticket[4 + 131337];
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    memcpy(ticket, "\4\2\1\11", 4);                      /* 0x020109 == 131337 */
    for (size_t i = 0; i < sizeof ticket; i += 16384)
        seal_for(p, CLIENT, HANDSHAKE,
                 bytes_of(ticket + i, i + 16384 < sizeof ticket ? 16384 : sizeof ticket - i), 0);
    hex_for(p, CLIENT, APPLICATION_DATA, "01020304");
    ck_assert_msg(p->end[CLIENT].data_len == 4, "%s", tls_failure(&p->end[CLIENT].tls).reason);
}
END_TEST

/* ---- records that say nothing ---- */

START_TEST(padding_is_taken_off)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    static const size_t paddings[] = { 1, 2, 255, 256, 16384 - 3 };
    for (size_t i = 0; i < COUNT(paddings); i++) {
        size_t before = p->end[_i].data_len;
        seal_for(p, (unsigned)_i, APPLICATION_DATA, bytes_of("abc", 3), paddings[i]);
        ck_assert_uint_eq(p->end[_i].data_len, before + 3);
    }
    seal_for(p, (unsigned)_i, APPLICATION_DATA, bytes_of(pattern, 16384), 0);
    ck_assert(!tls_failed(&p->end[_i].tls));
}
END_TEST

/* §5.4: a record that opens, and has no content type in it, is told apart from one that does
 * not. */
START_TEST(nothing_but_padding)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    seal_for(p, (unsigned)_i, 0, bytes_of(NULL, 0), 9);
    pair_run(p);
    pair_failed(p, (unsigned)_i, "ten zeros", ALERT_UNEXPECTED_MESSAGE, "nothing but padding");
}
END_TEST

/* §5.4: content, its type and padding are 2^14+1 bytes at the most. */
START_TEST(too_much_inside_a_record)
{
    uint8_t record[5 + 16386 + AEAD_TAG_LEN] = { 0x17, 3, 3, 0x40, 0x12, 'a', 23 };
    uint8_t nonce[AEAD_NONCE_LEN];
    struct pair *p = pair_start(&(struct pair_setup){ .suite = 0x1303 });
    pair_run(p);
    struct record_keys *reads = &p->end[_i].tap.keys[RECEIVED];
    memcpy(nonce, reads->iv, sizeof nonce);
    for (unsigned i = 0; i < 8; i++)
        nonce[AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(reads->sequence >> 8 * i);
    reads->aead->seal(&reads->key, record + 5, nonce, bytes_of(record, 5),
                      bytes_of(record + 5, 16386));
    end_deliver(&p->end[_i], 0, bytes_of(record, sizeof record));
    pair_run(p);
    pair_failed(p, (unsigned)_i, "2^14+2 bytes", ALERT_RECORD_OVERFLOW, "too long");
}
END_TEST

/* S14: 32 in a row and no more; data begins a new row. */
START_TEST(s14_empty_records_are_bounded)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    for (unsigned row = 0; row < 3; row++) {
        for (unsigned i = 0; i < 32; i++)
            seal_for(p, (unsigned)_i, APPLICATION_DATA, bytes_of(NULL, 0), i);
        ck_assert(!tls_failed(&p->end[_i].tls));
        if (row < 2)
            seal_for(p, (unsigned)_i, APPLICATION_DATA, bytes_of("x", 1), 0);
    }
    seal_for(p, (unsigned)_i, APPLICATION_DATA, bytes_of(NULL, 0), 0);
    pair_run(p);
    pair_failed(p, (unsigned)_i, "33 empty records", ALERT_UNEXPECTED_MESSAGE, "in a row");
}
END_TEST

START_TEST(s12_key_updates_are_bounded)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    for (unsigned row = 0; row < 3; row++) {
        for (unsigned i = 0; i < 32; i++)
            hex_for(p, (unsigned)_i, HANDSHAKE, i % 2 ? "18000001 00" : "18000001 01");
        ck_assert(!tls_failed(&p->end[_i].tls));
        if (row < 2)
            hex_for(p, (unsigned)_i, APPLICATION_DATA, "55");
    }
    hex_for(p, (unsigned)_i, HANDSHAKE, "18000001 00");
    pair_run(p);
    pair_failed(p, (unsigned)_i, "33 KeyUpdates", ALERT_UNEXPECTED_MESSAGE, "too many");
}
END_TEST

/* ---- early data that we refuse, §4.2.10 ---- */

static struct misbehaving offers_early_data;

static struct pair *with_early_data_limit(bool retry, uint32_t limit)
{
    static const struct edit offer = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_EARLY_DATA, "" };
    uint8_t out[4000];
    misbehave(&offers_early_data, &offer, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = retry,
                                                      .limits.early_data_skipped = limit,
                                                      .editor = { &offers_early_data.editor } });
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    return p;
}

static struct pair *with_early_data_offer(bool retry)
{
    return with_early_data_limit(retry, 0);
}

START_TEST(n12_early_data_is_passed_over)
{
    struct pair *p = with_early_data_offer(_i);
    for (unsigned i = 0; i < 16; i++)
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1000));
    pair_run(p);
    pair_connected(p);
    both_ways(p);
    ck_assert_uint_eq(p->end[CLIENT].data_len, p->end[SERVER].data_len);
}
END_TEST

/* A record that can hold nothing but its content type counts for one byte. */
START_TEST(early_data_without_any)
{
    struct pair *p = with_early_data_offer(_i);
    for (unsigned i = 0; i < 100; i++)
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1 + 16));
    for (unsigned i = 0; i < 16; i++)
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1000 + 1 + 16));
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 284 + 1 + 16));
    ck_assert(!tls_failed(&p->end[SERVER].tls));         /* 16,384 in all */
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1 + 16));
    pair_run(p);
    pair_failed(p, SERVER, "one byte more", ALERT_UNEXPECTED_MESSAGE, "more early data");
}
END_TEST

/* The bound is one of payload: what a ticket with max_early_data_size 16384 lets a client send. */
START_TEST(early_data_of_a_full_record)
{
    static const uint8_t record[5 + 16384 + 1 + 16] = { 0x17, 3, 3, 0x40, 0x11 };
    struct pair *p = with_early_data_offer(_i);
    end_deliver(&p->end[SERVER], 0, bytes_of(record, sizeof record));
    pair_run(p);
    pair_connected(p);
}
END_TEST

START_TEST(n12_early_data_is_bounded)
{
    struct pair *p = with_early_data_offer(_i);
    for (unsigned i = 0; i < 17; i++)
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1000));
    pair_run(p);
    pair_failed(p, SERVER, "17,000 bytes of early data", ALERT_UNEXPECTED_MESSAGE,
                "more early data");
}
END_TEST

/* "up to the configured max_early_data_size" */
START_TEST(early_data_up_to_a_limit)
{
    for (unsigned more = 0; more < 2; more++) {
        struct pair *p = with_early_data_limit(_i, 1000);
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1000 + more + 1 + 16));
        pair_run(p);
        if (more)
            pair_failed(p, SERVER, "1001 bytes", ALERT_UNEXPECTED_MESSAGE, "more early data");
        else
            pair_connected(p);
    }
}
END_TEST

START_TEST(early_data_without_an_offer)
{
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = _i });
    uint8_t out[4000];
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1000));
    pair_run(p);
    pair_failed(p, SERVER, "early data",
                _i ? ALERT_UNEXPECTED_MESSAGE : ALERT_BAD_RECORD_MAC, "");
}
END_TEST

/* Passed over or not, a record has a largest length. */
START_TEST(early_data_in_a_record_too_long)
{
    struct pair *p = with_early_data_offer(_i);
    end_deliver(&p->end[SERVER], 0, bytes_of("\27\3\3\101\1", 5));     /* 16,641 */
    pair_run(p);
    pair_failed(p, SERVER, "16,641 bytes", ALERT_RECORD_OVERFLOW, "too long");
}
END_TEST

/* Once a record of the handshake has opened, nothing is passed over any more. */
START_TEST(n12_early_data_ends_with_the_handshake)
{
    struct pair *p = with_early_data_offer(false);
    pair_run(p);
    pair_connected(p);
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(pattern, 1000));
    pair_run(p);
    pair_failed(p, SERVER, "late early data", ALERT_BAD_RECORD_MAC, "does not open");
}
END_TEST

/* ---- the end ---- */

/* The bytes that one end receives in a whole connection with a little data and close_notify. */
static struct { uint8_t at[8192]; size_t len, handshake_len; } heard;

static void carry_and_keep(struct pair *p, unsigned from, struct bytes out)
{
    unsigned *who = p->carry_context;
    if (from != *who) {
        ck_assert_uint_le(heard.len + out.len, sizeof heard.at);
        memcpy(heard.at + heard.len, out.at, out.len);
        heard.len += out.len;
    }
    end_deliver(&p->end[!from], 0, out);
}

/* Runs it again, but `who` hears only the first `limit` bytes. */
static size_t still_allowed;

static void carry_limited(struct pair *p, unsigned from, struct bytes out)
{
    unsigned *who = p->carry_context;
    if (from != *who) {
        if (out.len > still_allowed)
            out.len = still_allowed;
        still_allowed -= out.len;
    }
    end_deliver(&p->end[!from], 0, out);
}

static struct pair *conversation(unsigned *who, bool retry,
                                 void (*carry)(struct pair *, unsigned, struct bytes))
{
    uint8_t out[200];
    size_t taken;
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = retry });
    p->carry = carry;
    p->carry_context = who;
    pair_run(p);
    struct tls *other = &p->end[!*who].tls;
    size_t n = tls_seal(other, out, sizeof out, bytes_of("the last words", 14), &taken);
    if (n > 0)
        carry(p, !*who, bytes_of(out, n));
    tls_close(other);
    pair_run(p);
    return p;
}

/* S17: cut anywhere, the stream is truncated and never closed cleanly. */
START_TEST(s17_truncated_at_every_byte)
{
    unsigned who = (unsigned)_i % 2;
    bool retry = _i / 2;
    heard.len = 0;
    struct pair *p = conversation(&who, retry, carry_and_keep);
    ck_assert_int_eq(tls_receive_end(&p->end[who].tls), TLS_PEER_CLOSED);
    size_t whole = heard.len;
    for (size_t cut = 0; cut < whole; cut += stride(41)) {
        still_allowed = cut;
        p = conversation(&who, retry, carry_limited);
        struct end *e = &p->end[who];
        ck_assert(!e->peer_closed);
        ck_assert_int_eq(tls_receive_end(&e->tls), TLS_FAILED);
        struct tls_failure f = tls_failure(&e->tls);
        ck_assert(strstr(f.reason, e->connected ? "truncated" : "ended during the handshake"));
        ck_assert(f.alert == ALERT_NONE && !f.received);
        end_is_dead(e);
    }
}
END_TEST

/* close_notify in the middle of the handshake is no clean end for the peer (§6.1). */
START_TEST(close_during_the_handshake)
{
    unsigned who = (unsigned)_i % 2;
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = who == SERVER });
    uint8_t out[4000];
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    tls_close(&p->end[who].tls);
    pair_run(p);
    struct tls_failure f = tls_failure(&p->end[!who].tls);
    ck_assert(tls_failed(&p->end[!who].tls) && f.received);
    ck_assert_ptr_nonnull(strstr(f.reason, "closed during the handshake"));
    ck_assert(!p->end[!who].peer_closed);
    end_is_dead(&p->end[!who]);
}
END_TEST

/* Nothing is sent behind a close_notify, whatever still comes in (§6.1). */
START_TEST(nothing_behind_close_notify)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    uint8_t hello[4000], out[4000];
    size_t n = tls_output(&p->end[CLIENT].tls, hello, sizeof hello);
    tls_close(&p->end[CLIENT].tls);
    ck_assert_uint_eq(tls_output(&p->end[CLIENT].tls, out, sizeof out), 7);
    end_deliver(&p->end[SERVER], 0, bytes_of(hello, n));
    n = tls_output(&p->end[SERVER].tls, out, sizeof out);
    end_deliver(&p->end[CLIENT], 0, bytes_of(out, n));
    ck_assert_uint_eq(tls_output(&p->end[CLIENT].tls, out, sizeof out), 0);
    hex_for(p, CLIENT, HANDSHAKE, "18000001 01");
    ck_assert_uint_eq(tls_output(&p->end[CLIENT].tls, out, sizeof out), 0);
}
END_TEST

START_TEST(data_behind_close_notify_is_ignored)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    pair_run(p);
    hex_for(p, (unsigned)_i, ALERT, "0100");
    ck_assert(p->end[_i].peer_closed);
    hex_for(p, (unsigned)_i, APPLICATION_DATA, "010203");
    plain_for(p, (unsigned)_i, ALERT, bytes_of("\2\50", 2));
    ck_assert_uint_eq(p->end[_i].data_len, 0);
    ck_assert(!tls_failed(&p->end[_i].tls));
    pair_send(p, (unsigned)_i, bytes_of("our direction is open", 21));
}
END_TEST

int main(void)
{
    make_pattern();
    Suite *s = suite_create("tls_handshake");
    TCase *c = tcase_create("whole connections");
    tcase_set_timeout(c, 120);
    for (int i = 0; i < 60 * (int)COUNT(splits); i += (int)stride(7))
        tcase_add_loop_test(c, every_combination, i, i + 1);
    tcase_add_loop_test(c, n14_choice_of_group, 0, COUNT(choices));
    tcase_add_loop_test(c, strict_order_of_groups, 0, 3);
    tcase_add_loop_test(c, s18_every_fragmentation, 0, (int)COUNT(shapes));
    tcase_add_test(c, trust_by_pin_and_by_nothing);
    tcase_add_loop_test(c, trust_by_own_judgement, 0, 3);
    tcase_add_loop_test(c, judgement_of_what_does_not_decode, 0, 2);
    tcase_add_test(c, wrong_name);
    tcase_add_test(c, no_data_before_the_end_of_the_handshake);
    tcase_add_loop_test(c, signature_later, 0, 4);
    tcase_add_test(c, signature_never);
    tcase_add_test(c, message_while_the_signer_thinks);
    tcase_add_test(c, signer_fails);
    tcase_add_loop_test(c, c9_random_fails_at_every_draw, 0, 2);
    tcase_add_loop_test(c, memory_for_every_message, 0, (int)COUNT(memory_cases));
    tcase_add_test(c, nobody_observes);
    tcase_add_loop_test(c, alpn, 0, (int)COUNT(alpn_cases));
    tcase_add_test(c, server_name);
    tcase_add_loop_test(c, server_name_is_acknowledged, 0, 2);
    tcase_add_test(c, server_name_is_ignored);
    tcase_add_loop_test(c, chacha20_for_who_asks_first, 0, 5);
    tcase_add_loop_test(c, change_cipher_spec_positions, 0, 2);
    tcase_add_test(c, change_cipher_spec_before_an_alert);
    tcase_add_loop_test(c, no_compatibility_unless_asked_for, 0, 2);
    suite_add_tcase(s, c);

    c = tcase_create("after the handshake");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, key_update_by_request, 0, 12);
    tcase_add_test(c, one_request_at_a_time);
    tcase_add_test(c, s12_answers_do_not_pile_up);
    tcase_add_loop_test(c, automatic_key_update, 0, 3);
    tcase_add_loop_test(c, key_update_in_pieces, 0, 2);
    tcase_add_loop_test(c, no_room_for_an_update, 0, 2);
    tcase_add_test(c, signature_unasked_for);
    tcase_add_loop_test(c, tickets_are_passed_over, 0, 2);
    tcase_add_test(c, largest_ticket);
    tcase_add_loop_test(c, padding_is_taken_off, 0, 2);
    tcase_add_loop_test(c, nothing_but_padding, 0, 2);
    tcase_add_loop_test(c, too_much_inside_a_record, 0, 2);
    tcase_add_loop_test(c, s14_empty_records_are_bounded, 0, 2);
    tcase_add_loop_test(c, s12_key_updates_are_bounded, 0, 2);
    suite_add_tcase(s, c);

    c = tcase_create("early data");
    tcase_add_loop_test(c, n12_early_data_is_passed_over, 0, 2);
    tcase_add_loop_test(c, early_data_without_any, 0, 2);
    tcase_add_loop_test(c, early_data_of_a_full_record, 0, 2);
    tcase_add_loop_test(c, n12_early_data_is_bounded, 0, 2);
    tcase_add_loop_test(c, early_data_up_to_a_limit, 0, 2);
    tcase_add_loop_test(c, early_data_without_an_offer, 0, 2);
    tcase_add_loop_test(c, early_data_in_a_record_too_long, 0, 2);
    tcase_add_test(c, n12_early_data_ends_with_the_handshake);
    suite_add_tcase(s, c);

    c = tcase_create("the end");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, s17_truncated_at_every_byte, 0, 4);
    tcase_add_loop_test(c, close_during_the_handshake, 0, 2);
    tcase_add_test(c, nothing_behind_close_notify);
    tcase_add_loop_test(c, data_behind_close_notify_is_ignored, 0, 2);
    suite_add_tcase(s, c);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
