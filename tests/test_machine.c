/* tests/test_machine.c - every state, every message, every record: what Appendix A of RFC 8446 has
 * an arrow for is looked at, and all else is unexpected_message (§5, §6.2; S1, S5, S6, S18, S20).
 *
 * The expectations are written from the RFC's text, not from the tables in tls13/.
 */
#include "tests/editor.h"
#include "tests/stride.h"
#include "tls13/machine.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- bringing a pair to a state ---- */

/* A state, and the message before which the connection is stopped to be in it. */
struct stop {
    const char *name;
    enum tls_state state;
    unsigned who;
    bool retry, request, sign_later;
    unsigned from, message, nth;             /* message 0: not stopped at all */
    unsigned accepted[2];                    /* by Appendix A; 0: none */
    enum tls_client_certificate certificate; /* that the server asks for; the client has one */
    bool has_none;                           /* the client has not */
    bool spoken;                             /* protected records have come */
};

static const struct stop stops[] = {
    /* Appendix A.1; a client without a PSK */
    { "client WAIT_SH", WAIT_SH, CLIENT,
      .from = SERVER, .message = SERVER_HELLO,
      .accepted = { SERVER_HELLO, HELLO_RETRY_REQUEST } },
    { "client WAIT_SH again", WAIT_SH, CLIENT,
      .retry = true, .from = SERVER, .message = SERVER_HELLO,
      .accepted = { SERVER_HELLO } },                    /* §4.1.4: one retry, not two */
    { "client WAIT_EE", WAIT_EE, CLIENT,
      .from = SERVER, .message = ENCRYPTED_EXTENSIONS, .accepted = { ENCRYPTED_EXTENSIONS } },
    { "client WAIT_CERT_CR", WAIT_CERT_CR, CLIENT,
      .from = SERVER, .message = CERTIFICATE,
      .accepted = { CERTIFICATE, CERTIFICATE_REQUEST } },
    { "client WAIT_CERT", WAIT_CERT, CLIENT,
      .request = true, .from = SERVER, .message = CERTIFICATE, .accepted = { CERTIFICATE } },
    { "client WAIT_CV", WAIT_CV, CLIENT,
      .from = SERVER, .message = CERTIFICATE_VERIFY, .accepted = { CERTIFICATE_VERIFY } },
    { "client WAIT_FINISHED", WAIT_FINISHED, CLIENT,
      .from = SERVER, .message = FINISHED, .accepted = { FINISHED } },
    { "client CONNECTED", CONNECTED, CLIENT,
      .accepted = { NEW_SESSION_TICKET, KEY_UPDATE } },  /* §4.6; no post_handshake_auth */
    /* Appendix A.2 */
    { "server START", WAIT_CH, SERVER,
      .from = CLIENT, .message = CLIENT_HELLO, .accepted = { CLIENT_HELLO } },
    { "server START after a retry", WAIT_SECOND_CH, SERVER,
      .retry = true, .from = CLIENT, .message = CLIENT_HELLO, .nth = 1,
      .accepted = { CLIENT_HELLO } },
    { "server NEGOTIATED", NEGOTIATED, SERVER, .sign_later = true },
    { "server WAIT_FINISHED", WAIT_FINISHED, SERVER,
      .from = CLIENT, .message = FINISHED, .accepted = { FINISHED } },
    { "server CONNECTED", CONNECTED, SERVER,
      .accepted = { KEY_UPDATE } },
    /* the same, if a certificate is asked for */
    { "server WAIT_CERT", WAIT_CERT, SERVER,
      .from = CLIENT, .message = CERTIFICATE, .accepted = { CERTIFICATE },
      .certificate = CLIENT_CERTIFICATE_REQUIRED },
    { "server WAIT_CERT, optional", WAIT_CERT, SERVER,
      .from = CLIENT, .message = CERTIFICATE, .accepted = { CERTIFICATE },
      .certificate = CLIENT_CERTIFICATE_OPTIONAL },
    { "server WAIT_CV", WAIT_CV, SERVER,
      .from = CLIENT, .message = CERTIFICATE_VERIFY, .accepted = { CERTIFICATE_VERIFY },
      .certificate = CLIENT_CERTIFICATE_REQUIRED, .spoken = true },
    { "server WAIT_CV, optional", WAIT_CV, SERVER,
      .from = CLIENT, .message = CERTIFICATE_VERIFY, .accepted = { CERTIFICATE_VERIFY },
      .certificate = CLIENT_CERTIFICATE_OPTIONAL, .spoken = true },
    { "server WAIT_FINISHED, client known", WAIT_FINISHED, SERVER,
      .from = CLIENT, .message = FINISHED, .accepted = { FINISHED },
      .certificate = CLIENT_CERTIFICATE_REQUIRED, .spoken = true },
    { "server WAIT_FINISHED, client has none", WAIT_FINISHED, SERVER,
      .from = CLIENT, .message = FINISHED, .accepted = { FINISHED },
      .certificate = CLIENT_CERTIFICATE_OPTIONAL, .has_none = true, .spoken = true },
    { "server CONNECTED, client known", CONNECTED, SERVER,
      .accepted = { KEY_UPDATE }, .certificate = CLIENT_CERTIFICATE_REQUIRED, .spoken = true },
    { "client WAIT_FINISHED, asked", WAIT_FINISHED, CLIENT,
      .from = SERVER, .message = FINISHED, .accepted = { FINISHED },
      .certificate = CLIENT_CERTIFICATE_REQUIRED, .spoken = true },
    { "client CONNECTED, known", CONNECTED, CLIENT,
      .accepted = { NEW_SESSION_TICKET, KEY_UPDATE },
      .certificate = CLIENT_CERTIFICATE_REQUIRED, .spoken = true },
};

static struct middle middle;
static const struct stop *stopping;
static bool stopped;
static unsigned passed;

/* Lets everything through up to the message; from then on nothing, but alerts. */
static void stop_before(struct middle *m, unsigned from, struct items *items)
{
    size_t kept = 0;
    (void)m;
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->item[i];
        stopped |= from == stopping->from && item->type == HANDSHAKE
                && type_of_message(item->content) == stopping->message
                && passed++ == stopping->nth;
        if (!stopped)
            items->item[kept++] = *item;
    }
    items->count = kept;
}

static bool has_keys(const struct end *e)
{
    return e->tap.keys[RECEIVED].aead != NULL;
}

static struct pair *pair_in(const struct stop *s)
{
    static const struct edit request = { EDIT_BEFORE, CERTIFICATE, 0, 0,
                                         "0d00000b 00 0008 000d 0004 0002 0807" };
    static struct misbehaving m;
    uint8_t out[4000];
    struct pair_setup setup = { .hello_retry = s->retry, .sign_later = s->sign_later };
    misbehave(&m, &request, 1);
    setup.editor[SERVER] = s->request ? &m.editor : NULL;
    setup.client_certificate = s->certificate;
    setup.client_key = s->certificate && !s->has_none ? KEY_P256 : KEY_NONE;
    struct pair *p = pair_start(&setup);
    stopping = s;
    stopped = false;
    passed = 0;
    middle = (struct middle){ .change = s->message ? stop_before : NULL };
    middle_join(&middle, p);
    if (s->sign_later) {
        size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
        end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    } else {
        pair_run(p);
    }
    if (p->end[s->who].tls.state != s->state || tls_failed(&p->end[s->who].tls))
        ck_abort_msg("%s: not reached: %s", s->name, tls_failure(&p->end[s->who].tls).reason);
    return p;
}

/* As the peer would send it in this state: protected if there are keys. */
static void give(struct pair *p, unsigned who, uint8_t type, struct bytes content)
{
    if (has_keys(&p->end[who]))
        seal_for(p, who, type, content, 0);
    else
        plain_for(p, who, type, content);
}

/* ---- state x handshake type ---- */

/* All values of a byte; where time is short, those that mean something and a few more. */
static unsigned next(unsigned value)
{
    return value + (unsigned)(value < 30 ? 1 : stride(45));
}

static struct bytes message_of(uint8_t *out, unsigned type, size_t body)
{
    memset(out, 0, 4 + body);
    out[0] = type == HELLO_RETRY_REQUEST ? SERVER_HELLO : (uint8_t)type;
    store_be16(out + 2, (uint16_t)body);
    if (type == HELLO_RETRY_REQUEST)
        memcpy(out + 6, hello_retry_random, HELLO_RANDOM_LEN);
    return bytes_of(out, 4 + body);
}

/* Accepted means looked at: it is malformed, and that is what is said of it. */
static void try_message(const struct stop *s, unsigned type, size_t body)
{
    uint8_t message[300];
    struct pair *p = pair_in(s);
    struct end *e = &p->end[s->who];
    unsigned connected = e->connected;
    give(p, s->who, HANDSHAKE, message_of(message, type, body));
    struct tls_failure f = tls_failure(&e->tls);
    bool accepted = type != 0 && (type == s->accepted[0] || type == s->accepted[1]);
    bool refused = f.alert == ALERT_UNEXPECTED_MESSAGE && strstr(f.reason, "no transition");
    if (!tls_failed(&e->tls) || accepted == refused || e->connected != connected)
        ck_abort_msg("%s: message %u: %s: %s", s->name, type, alert_name((uint8_t)f.alert),
                     f.reason);
    if (accepted && f.alert != ALERT_DECODE_ERROR)
        ck_abort_msg("%s: message %u: %s", s->name, type, f.reason);
    pair_run(p);
    end_is_dead(e);
}

START_TEST(every_message_in_every_state)
{
    for (unsigned type = 0; type < 256; type = next(type))
        try_message(&stops[_i], type, 0);
    try_message(&stops[_i], HELLO_RETRY_REQUEST, 2 + HELLO_RANDOM_LEN);
}
END_TEST

/* What is refused is refused when its header is there, whatever its length says; and split anywhere
 * in it. */
START_TEST(s18_refused_by_its_header)
{
    static const char *const headers[] = { "fe", "ff", "ff", "ff" };
    struct pair *p = pair_in(&stops[_i]);
    struct end *e = &p->end[stops[_i].who];
    for (size_t i = 0; i < 4; i++) {
        uint8_t byte;
        ck_assert(!tls_failed(&e->tls));
        unhex(&byte, 1, headers[i]);
        give(p, stops[_i].who, HANDSHAKE, bytes_of(&byte, 1));
    }
    pair_run(p);
    pair_failed(p, stops[_i].who, stops[_i].name, ALERT_UNEXPECTED_MESSAGE, "no transition");
}
END_TEST

/* S18: what may come but is longer than the memory we were lent is refused as early. */
START_TEST(s18_too_long_by_its_header)
{
    const struct stop *s = &stops[_i];
    if (!s->accepted[0])
        return;
    uint8_t header[4] = { (uint8_t)s->accepted[0], 0xff, 0xff, 0xff };
    struct pair *p = pair_in(s);
    give(p, s->who, HANDSHAKE, bytes_of(header, 4));
    pair_run(p);
    pair_failed(p, s->who, s->name, ALERT_DECODE_ERROR, "");
}
END_TEST

/* ---- state x content type ---- */

enum what { FAILS, ALERTED, DROPPED, TAKEN };

/* §5, §D.4: in the clear. */
static enum what plain_expected(const struct stop *s, unsigned type)
{
    bool keys = s->state != WAIT_SH && s->state != WAIT_CH && s->state != WAIT_SECOND_CH;
    if (type == CHANGE_CIPHER_SPEC)
        return s->state == WAIT_CH || s->state == CONNECTED ? FAILS : DROPPED;
    if (type == ALERT)                                   /* S6: the exception is the server's */
        return !keys || (s->who == SERVER && s->state != CONNECTED && !s->spoken) ? ALERTED : FAILS;
    return FAILS;
}

/* §5.2, §5.4: the type inside of a protected record. */
static enum what inner_expected(const struct stop *s, unsigned type)
{
    if (type == ALERT)
        return ALERTED;
    return type == APPLICATION_DATA && s->state == CONNECTED ? TAKEN : FAILS;
}

static void judge(const struct stop *s, struct pair *p, unsigned type, enum what expected,
                  bool inner)
{
    struct end *e = &p->end[s->who];
    struct tls_failure f = tls_failure(&e->tls);
    bool good = false;
    switch (expected) {
    case FAILS:
        good = tls_failed(&e->tls) && !f.received
            && (f.alert == ALERT_UNEXPECTED_MESSAGE
                || (f.alert == ALERT_BAD_RECORD_MAC && !inner && type == APPLICATION_DATA));
        break;
    case ALERTED:
        good = tls_failed(&e->tls) && f.received && f.alert == ALERT_HANDSHAKE_FAILURE;
        break;
    case DROPPED:
        good = !tls_failed(&e->tls) && e->tls.state == s->state;
        break;
    case TAKEN:
        good = !tls_failed(&e->tls) && e->data_len == 1;
        break;
    }
    if (!good || (expected != TAKEN && e->data_len > 0) || e->peer_closed)
        ck_abort_msg("%s: %s content type %u: %s %s", s->name, inner ? "inner" : "outer", type,
                     alert_name((uint8_t)f.alert), f.reason);
}

/* A body that is right for the type, as far as it has one. */
static struct bytes content_for(unsigned type)
{
    return type == ALERT ? bytes_of("\2\50", 2) : bytes_of("\1", 1);
}

START_TEST(every_content_type_in_every_state)
{
    const struct stop *s = &stops[_i];
    for (unsigned type = 0; type < 256; type = next(type)) {
        if (type == HANDSHAKE && !has_keys(&pair_in(s)->end[s->who]))
            continue;                                    /* what may come: the tests above */
        struct pair *p = pair_in(s);
        plain_for(p, s->who, (uint8_t)type, content_for(type));
        judge(s, p, type, plain_expected(s, type), false);
    }
    for (unsigned type = 0; type < 256; type = next(type)) {
        struct pair *p = pair_in(s);
        if (!has_keys(&p->end[s->who]))
            return;
        if (type == HANDSHAKE)
            continue;
        seal_for(p, s->who, (uint8_t)type, content_for(type), 3);
        judge(s, p, type, inner_expected(s, type), true);
    }
}
END_TEST

/* S14: §5.1, §5.4: nothing inside, of any type but data. */
START_TEST(s14_empty_records)
{
    static const struct { uint8_t type; const char *keyword; } cases[] = {
        { HANDSHAKE, "empty handshake" }, { ALERT, "empty alert" },
    };
    const struct stop *s = &stops[_i];
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair *p = pair_in(s);
        give(p, s->who, cases[i].type, bytes_of(NULL, 0));
        pair_run(p);
        pair_failed(p, s->who, s->name, ALERT_UNEXPECTED_MESSAGE, cases[i].keyword);
    }
    struct pair *p = pair_in(s);
    if (!has_keys(&p->end[s->who]))
        return;
    seal_for(p, s->who, 0, bytes_of(NULL, 0), 100);
    pair_run(p);
    pair_failed(p, s->who, s->name, ALERT_UNEXPECTED_MESSAGE, "padding");
}
END_TEST

/* ---- change_cipher_spec, §5 and §D.4; S11 ---- */

START_TEST(s11_change_cipher_spec_contents)
{
    static const struct bytes bad[] = {
        { (const uint8_t *)"", 0 }, { (const uint8_t *)"\0", 1 }, { (const uint8_t *)"\2", 1 },
        { (const uint8_t *)"\1\1", 2 }, { (const uint8_t *)"\1\0", 2 },
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct pair *p = pair_in(&stops[_i]);
        plain_for(p, stops[_i].who, CHANGE_CIPHER_SPEC, bad[i]);
        pair_run(p);
        pair_failed(p, stops[_i].who, stops[_i].name, ALERT_UNEXPECTED_MESSAGE,
                    "change_cipher_spec");
    }
}
END_TEST

START_TEST(s11_change_cipher_spec_is_bounded)
{
    const struct stop *s = &stops[_i];
    if (s->state == WAIT_CH || s->state == CONNECTED)
        return;
    struct pair *p = pair_in(s);
    for (unsigned i = p->end[s->who].handshake.change_cipher_specs; i < 4; i++) {
        plain_for(p, s->who, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
        ck_assert(!tls_failed(&p->end[s->who].tls));
    }
    plain_for(p, s->who, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    pair_run(p);
    pair_failed(p, s->who, s->name, ALERT_UNEXPECTED_MESSAGE, "too many");
}
END_TEST

/* §5.1: nothing comes between the pieces of a handshake message. */
START_TEST(s18_nothing_inside_a_message)
{
    static const uint8_t between[] = { CHANGE_CIPHER_SPEC, ALERT, APPLICATION_DATA };
    const struct stop *s = &stops[_i];
    if (!s->accepted[0])
        return;
    uint8_t half[3] = { (uint8_t)s->accepted[0], 0, 0 };
    for (size_t i = 0; i < COUNT(between); i++) {
        struct pair *p = pair_in(s);
        give(p, s->who, HANDSHAKE, bytes_of(half, sizeof half));
        ck_assert(!tls_failed(&p->end[s->who].tls));
        if (between[i] == CHANGE_CIPHER_SPEC)
            plain_for(p, s->who, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
        else
            give(p, s->who, between[i], content_for(between[i]));
        pair_run(p);
        pair_failed(p, s->who, s->name, ALERT_UNEXPECTED_MESSAGE, "");
        ck_assert_uint_eq(p->end[s->who].data_len, 0);
    }
}
END_TEST

/* ---- records, S20 ---- */

START_TEST(s20_record_lengths)
{
    static uint8_t record[5 + 20000] = { 0, 3, 3 };
    static const struct { uint8_t type; uint16_t length; bool fails; } cases[] = {
        { HANDSHAKE, 16384, false }, { HANDSHAKE, 16385, true }, { HANDSHAKE, 65535, true },
        { ALERT, 16385, true }, { APPLICATION_DATA, 16640, false },
        { APPLICATION_DATA, 16641, true }, { APPLICATION_DATA, 65535, true },
    };
    const struct stop *s = &stops[_i];
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair *p = pair_in(s);
        struct end *e = &p->end[s->who];
        bool keys = has_keys(e);
        if ((cases[i].type == APPLICATION_DATA) != keys)
            continue;
        record[0] = cases[i].type;
        store_be16(record + 3, cases[i].length);
        end_deliver(e, 0, bytes_of(record, 5));          /* its header is enough */
        ck_assert(tls_failed(&e->tls) == cases[i].fails);
        if (cases[i].fails) {
            pair_run(p);
            pair_failed(p, s->who, s->name, ALERT_RECORD_OVERFLOW, "too long");
        }
    }
}
END_TEST

/* §5.1: in the clear legacy_record_version "MUST be ignored for all purposes". */
START_TEST(s20_record_versions)
{
    static const uint16_t versions[] = { 0x0000, 0x0300, 0x0301, 0x0302, 0x0304, 0xffff };
    const struct stop *s = &stops[_i];
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct pair *p = pair_in(s);
        uint8_t record[] = { ALERT, 0, 0, 0, 2, 2, 40 };
        if (has_keys(&p->end[s->who]))
            return;
        store_be16(record + 1, versions[i]);
        end_deliver(&p->end[s->who], 0, bytes_of(record, sizeof record));
        ck_assert(tls_failure(&p->end[s->who].tls).received);
    }
}
END_TEST

/* An alert as the peer would have sealed it, but with this version in its header. */
static size_t seal_alert(uint8_t *record, const struct record_keys *k, uint16_t version)
{
    static const uint8_t inner[] = { 2, 40, ALERT };
    uint8_t nonce[AEAD_NONCE_LEN];
    memcpy(nonce, k->iv, sizeof nonce);
    nonce[AEAD_NONCE_LEN - 1] ^= (uint8_t)k->sequence;
    record[0] = APPLICATION_DATA;
    store_be16(record + 1, version);
    store_be16(record + 3, sizeof inner + AEAD_TAG_LEN);
    k->aead->seal(&k->key, record + 5, nonce, bytes_of(record, 5),
                  bytes_of(inner, sizeof inner));
    return 5 + sizeof inner + AEAD_TAG_LEN;
}

/* §5.2: a protected record says 0x0303; RFC 9846 §E: that "MAY be validated". Who changes it on the
 * way breaks the seal. */
START_TEST(record_versions_under_keys)
{
    static const uint16_t versions[] = { 0x0303, 0x0000, 0x0301, 0x0304, 0x03ff, 0xffff };
    const struct stop *s = &stops[_i];
    for (size_t i = 0; i < COUNT(versions); i++) {
        uint8_t record[5 + 3 + AEAD_TAG_LEN];
        struct pair *p = pair_in(s);
        struct end *e = &p->end[s->who];
        if (!has_keys(e))
            return;
        size_t n = seal_alert(record, &e->tap.keys[RECEIVED], versions[i]);
        end_deliver(e, 0, bytes_of(record, n));
        if (i == 0) {
            ck_assert(tls_failure(&e->tls).received);
            continue;
        }
        pair_run(p);
        pair_failed(p, s->who, s->name, ALERT_DECODE_ERROR, "version");
        p = pair_in(s);
        n = seal_alert(record, &e->tap.keys[RECEIVED], 0x0303);
        store_be16(record + 1, versions[i]);
        end_deliver(e, 0, bytes_of(record, n));
        pair_run(p);
        pair_failed(p, s->who, s->name, ALERT_BAD_RECORD_MAC, "does not open");
    }
}
END_TEST

/* Somebody who does not speak TLS is told so. */
START_TEST(not_tls_at_all)
{
    static const char *const texts[] = { "GET / HTTP/1.0\r\n\r\n", "220 mail ESMTP\r\n",
                                         "\200\56\1\3\1" };
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct pair *p = pair_in(&stops[_i]);
        end_deliver(&p->end[stops[_i].who], 0, bytes_of_string(texts[i]));
        pair_run(p);
        pair_failed(p, stops[_i].who, texts[i], ALERT_UNEXPECTED_MESSAGE, "plain text");
    }
}
END_TEST

/* S6: keys are there; what comes without them, or with others, is never taken for the peer's. */
START_TEST(s6_records_of_a_stranger)
{
    const struct stop *s = &stops[_i];
    uint8_t garbage[100] = { 0 };
    struct pair *p = pair_in(s);
    if (!has_keys(&p->end[s->who]))
        return;
    plain_for(p, s->who, APPLICATION_DATA, bytes_of(garbage, sizeof garbage));
    pair_run(p);
    pair_failed(p, s->who, s->name, ALERT_BAD_RECORD_MAC, "does not open");
    for (size_t len = 0; len <= 17; len++) {
        p = pair_in(s);
        plain_for(p, s->who, APPLICATION_DATA, bytes_of(garbage, len));
        pair_run(p);
        pair_failed(p, s->who, s->name, ALERT_BAD_RECORD_MAC, "does not open");
    }
}
END_TEST

/* ---- records of ours ---- */

static unsigned hellos;

/* §5.1, as anybody on the wire sees it: the four types and no others, something in each record, and
 * 0x0303, but for the records of a first ClientHello, which say 0x0301. */
static void carry_and_judge(struct pair *p, unsigned from, struct bytes out)
{
    for (struct reader r = reader_of(out); reader_more(&r);) {
        uint8_t type = read_u8(&r);
        uint16_t version = read_u16(&r);
        struct bytes fragment = read_vec16(&r, 1);
        bool first = from == CLIENT && p->end[SERVER].tls.state == WAIT_CH && type == HANDSHAKE;
        hellos += first;
        ck_assert(!r.bad && type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA);
        ck_assert_uint_eq(version, first ? 0x0301 : 0x0303);
        ck_assert(type != APPLICATION_DATA || fragment.len > AEAD_TAG_LEN + 1);
    }
    end_deliver(&p->end[!from], 0, out);
}

START_TEST(headers_of_our_records)
{
    static const struct edit malformed = { EDIT_BODY, SERVER_HELLO, 0, 0, "" };
    static struct misbehaving m;
    misbehave(&m, &malformed, 1);
    struct pair_setup setup = { .hello_retry = _i & 1, .cap = _i & 2 ? 100 : 0 };
    setup.editor[SERVER] = _i & 4 ? &m.editor : NULL;
    struct pair *p = pair_start(&setup);
    hellos = 0;
    p->carry = carry_and_judge;
    pair_run(p);
    ck_assert_uint_ge(hellos, _i & 2 ? 2 : 1);
    if (_i & 4) {                                        /* an alert in the clear */
        ck_assert(tls_failure(&p->end[SERVER].tls).received);
        return;
    }
    pair_connected(p);
    pair_send(p, CLIENT, bytes_of("data", 4));
    ck_assert(tls_update_keys(&p->end[SERVER].tls, true));
    tls_close(&p->end[CLIENT].tls);
    pair_run(p);
    ck_assert(p->end[SERVER].peer_closed);
}
END_TEST

/* ---- the way into CONNECTED, S3 ---- */

/* Whether these proofs (chain 1, CertificateVerify 2, Finished 4, PSK 8) are enough: a PSK, or a
 * server's certificate and signature to a client; a client's to a server that requires them, and
 * whenever one of the two is there; Finished to both. */
static bool proofs_suffice(unsigned who, enum tls_client_certificate asked, unsigned set)
{
    bool certificate = (set & 3) == 3, half = (set & 3) == 1 || (set & 3) == 2;
    bool optional = who == SERVER && asked != CLIENT_CERTIFICATE_REQUIRED;
    return set & 4 && (set & 8 || certificate || (optional && !half));
}

START_TEST(s3_connected_needs_every_proof)
{
    enum tls_client_certificate asked = (enum tls_client_certificate)_i;
    for (unsigned set = 0; set < 16; set++)
        for (unsigned who = 0; who < 2; who++) {
            struct pair *p = pair_start(&(struct pair_setup){ .client_certificate = asked });
            struct tls *t = &p->end[who].tls;
            t->handshake->proofs = (struct proofs){ set & 8, set & 1, set & 2, set & 4 };
            memset(t->handshake->peer_identity, 7, PEER_IDENTITY_LEN);
            bool enough = proofs_suffice(who, asked, set);
            ck_assert_int_eq(become_connected(t), enough ? ALERT_NONE : ALERT_INTERNAL_ERROR);
            ck_assert((t->state == CONNECTED) == enough);
            ck_assert_uint_eq(t->peer_identity[31], enough ? 7 : 0);
        }
}
END_TEST

/* ---- WAIT_SIGNATURE ---- */

/* §4.4.3, and SIGN_LATER at the client: no record is taken in, and none of the input is lost: the
 * server's data, which may come by now, is there behind the signature. */
START_TEST(nothing_comes_in_while_the_client_signs)
{
    for (unsigned type = 0; type < 256; type = next(type)) {
        struct pair *p = pair_start(&(struct pair_setup){
            .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256,
            .client_signs_later = true });
        struct end *e = &p->end[CLIENT];
        middle = (struct middle){ 0 };
        middle_join(&middle, p);
        while (!tls_wants_signature(&e->tls))
            pair_step(p);
        ck_assert_int_eq(e->tls.state, WAIT_SIGNATURE);
        seal_for(p, CLIENT, (uint8_t)type, content_for(type), 0);
        ck_assert(!tls_failed(&e->tls) && e->data_len == 0 && e->wire_len > 0);
        pair_run(p);
        ck_assert_uint_eq(e->connected, 1);
        ck_assert_uint_eq(e->data_len, type == APPLICATION_DATA);
    }
}
END_TEST

/* ---- answers to what is not out yet ---- */

START_TEST(answer_before_the_hello)
{
    static uint8_t hello[4 + 2 + 32 + 1 + 2 + 1 + 2] = { SERVER_HELLO, 0, 0, 40, 3, 3 };
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    if (_i)
        memcpy(hello + 6, hello_retry_random, HELLO_RANDOM_LEN);
    plain_for(p, CLIENT, HANDSHAKE, bytes_of(hello, sizeof hello));
    pair_run(p);
    pair_failed(p, CLIENT, "too early", ALERT_UNEXPECTED_MESSAGE, "not out yet");
}
END_TEST

START_TEST(finished_before_the_flight)
{
    uint8_t out[4000], finished[36] = { FINISHED, 0, 0, 32 };
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    ck_assert(tls_has_output(&p->end[SERVER].tls));
    seal_for(p, SERVER, HANDSHAKE, bytes_of(finished, sizeof finished), 0);
    pair_run(p);
    pair_failed(p, SERVER, "too early", ALERT_UNEXPECTED_MESSAGE, "not out yet");
}
END_TEST

START_TEST(certificate_before_the_flight)
{
    uint8_t out[4000];
    struct pair *p = pair_start(&(struct pair_setup){
        .client_certificate = CLIENT_CERTIFICATE_OPTIONAL });
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    ck_assert(tls_has_output(&p->end[SERVER].tls));
    hex_for(p, SERVER, HANDSHAKE, "0b000004 00 000000");
    pair_run(p);
    pair_failed(p, SERVER, "too early", ALERT_UNEXPECTED_MESSAGE, "not out yet");
}
END_TEST

/* §5: "before the first ClientHello", which one without cookies can tell, no change_cipher_spec. */
START_TEST(change_cipher_spec_before_the_hello)
{
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    plain_for(p, SERVER, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    pair_run(p);
    pair_failed(p, SERVER, "first of all", ALERT_UNEXPECTED_MESSAGE, "where none may be");
}
END_TEST

/* ---- what is too much for us ---- */

START_TEST(flight_larger_than_the_lent_buffer)
{
    struct bytes chain[8];
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    struct end *e = &p->end[SERVER];
    for (size_t i = 0; i < 8; i++)
        chain[i] = p->party[SERVER].chain[0];
    p->party[SERVER].credential.chain = chain;
    p->party[SERVER].credential.chain_count = 8;
    tls_start(&e->tls, &e->config, &e->handshake, e->incoming, sizeof e->incoming, e->outgoing,
              2048);
    pair_run(p);
    pair_failed(p, SERVER, "8 certificates in 2 KiB", ALERT_INTERNAL_ERROR, "does not fit");
    ck_assert(tls_failure(&p->end[CLIENT].tls).received);
}
END_TEST

int main(void)
{
    const struct { const char *name; const TTest *test; } tests[] = {
        { "messages", every_message_in_every_state }, { "headers", s18_refused_by_its_header },
        { "long messages", s18_too_long_by_its_header },
        { "content types", every_content_type_in_every_state }, { "empty", s14_empty_records },
        { "change_cipher_spec", s11_change_cipher_spec_contents },
        { "how many", s11_change_cipher_spec_is_bounded },
        { "interleaving", s18_nothing_inside_a_message },
        { "lengths", s20_record_lengths }, { "versions", s20_record_versions },
        { "versions under keys", record_versions_under_keys },
        { "not TLS", not_tls_at_all }, { "strangers", s6_records_of_a_stranger },
    };
    Suite *s = suite_create("machine");
    for (size_t i = 0; i < COUNT(tests); i++) {
        TCase *each = tcase_create(tests[i].name);
        tcase_set_timeout(each, 120);
        for (size_t stop = i % stride(3); stop < COUNT(stops); stop += stride(3))
            tcase_add_loop_test(each, tests[i].test, (int)stop, (int)stop + 1);
        suite_add_tcase(s, each);
    }
    TCase *c = tcase_create("rules of their own");
    tcase_add_loop_test(c, headers_of_our_records, 0, 8);
    tcase_add_loop_test(c, s3_connected_needs_every_proof, 0, 3);
    tcase_add_test(c, nothing_comes_in_while_the_client_signs);
    tcase_add_loop_test(c, answer_before_the_hello, 0, 2);
    tcase_add_test(c, finished_before_the_flight);
    tcase_add_test(c, certificate_before_the_flight);
    tcase_add_test(c, change_cipher_spec_before_the_hello);
    tcase_add_test(c, flight_larger_than_the_lent_buffer);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
