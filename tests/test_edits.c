/* tests/test_edits.c - every handshake message, edited: no edit ends in a finished handshake, and
 * each rule that a message can break ends in the alert that RFC 8446 asks for.
 *
 * The first half edits in the middle, bit by bit: the transcript refuses what no other check does.
 * The second half edits at the sender, one row per rule: the transcripts agree, so what refuses the
 * message is its own check and nothing else.
 */
#include "tests/editor.h"
#include "tests/stride.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- in the middle: nothing gets through ---- */

struct message_seen { unsigned from, type, nth; size_t len; };
static struct { struct message_seen message[20]; size_t count; } seen;
static struct middle middle;

static void note_messages(struct middle *m, unsigned from, struct items *items)
{
    (void)m;
    for (size_t i = 0; i < items->count; i++) {
        if (items->item[i].type != HANDSHAKE)
            continue;
        struct message_seen *s = &seen.message[seen.count];
        *s = (struct message_seen){ from, type_of_message(items->item[i].content), 0,
                                    items->item[i].content.len };
        for (size_t j = 0; j < seen.count; j++)
            s->nth += seen.message[j].type == s->type && seen.message[j].from == from;
        seen.count++;
    }
}

/* What passes in a connection that nobody disturbs. */
static void note_connection(const struct pair_setup *setup)
{
    struct pair *p = pair_start(setup);
    seen.count = 0;
    middle = (struct middle){ .change = note_messages };
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    middle.change = NULL;
}

/* The receiver of an edited message never finishes; and neither does a client, except where the
 * edit comes with its last words: its own Finished, and its certificate before that. */
static void try_edit(const struct pair_setup *setup, const struct message_seen *m,
                     struct edit edit)
{
    char what[120];
    edit.message = m->type;
    edit.nth = m->nth;
    struct pair *p = pair_start(setup);
    middle.edit = &edit;
    middle.from = m->from;
    middle_join(&middle, p);
    pair_run(p);
    if (!middle.done && edit.kind == EDIT_SWAP)
        return;                                          /* there is nothing behind it */
    snprintf(what, sizeof what, "%s %u, edit %d at %zu",
             m->from == CLIENT ? "client's" : "server's", m->type, edit.kind, edit.at);
    bool last_word = m->from == CLIENT && m->type != CLIENT_HELLO;
    for (unsigned i = 0; i < 2; i++) {
        struct end *e = &p->end[i];
        if (last_word && i == CLIENT)
            continue;
        if (e->connected || e->data_len || e->peer_closed || !middle.done)
            ck_abort_msg("%s: the %s finished", what, i == CLIENT ? "client" : "server");
        if (tls_receive_end(&e->tls) != TLS_FAILED
            || tls_failure(&e->tls).alert == ALERT_INTERNAL_ERROR)
            ck_abort_msg("%s: %s", what, tls_failure(&e->tls).reason);
        end_is_dead(e);
    }
}

/* Every bit; of a long certificate one bit in every byte. */
static void flip_all(const struct pair_setup *setup, const struct message_seen *m)
{
    size_t step = (m->type == CERTIFICATE ? 9 : 1) * stride(131);
    for (size_t bit = 0; bit < 8 * m->len; bit += step)
        try_edit(setup, m, (struct edit){ .kind = EDIT_FLIP, .at = bit });
}

static void cut_all(const struct pair_setup *setup, const struct message_seen *m)
{
    size_t step = (m->type == CERTIFICATE ? 7 : 1) * stride(29);
    for (size_t len = 0; len + 4 < m->len; len += step)
        try_edit(setup, m, (struct edit){ .kind = EDIT_KEEP, .at = len });
    for (size_t len = 1; len < m->len; len += step)
        try_edit(setup, m, (struct edit){ .kind = EDIT_CUT, .at = len });
}

static void insert_some(const struct pair_setup *setup, const struct message_seen *m)
{
    size_t body = m->len - 4;
    for (size_t i = 0; i <= 32; i += stride(8))
        try_edit(setup, m, (struct edit){ .kind = EDIT_INSERT, .at = body * i / 32,
                                          .with = i % 2 ? "00" : "a5" });
    try_edit(setup, m, (struct edit){ .kind = EDIT_APPEND, .with = "0000000000000000" });
    try_edit(setup, m, (struct edit){ .kind = EDIT_BEHIND, .with = "00" });
    try_edit(setup, m, (struct edit){ .kind = EDIT_BEHIND, .with = "08000002 0000" });
    try_edit(setup, m, (struct edit){ .kind = EDIT_BEFORE, .with = "18000001 00" });
}

static void move_all(const struct pair_setup *setup, const struct message_seen *m)
{
    static const enum edit_kind kinds[] = { EDIT_DROP, EDIT_REPEAT, EDIT_SWAP };
    for (size_t i = 0; i < COUNT(kinds); i++)
        try_edit(setup, m, (struct edit){ .kind = kinds[i] });
}

static const struct pair_setup flows[] = {
    { .suite = 0x1301 },
    { .suite = 0x1303, .hello_retry = true, .group = 0x001d },
    { .suite = 0x1302, .key = KEY_P256, .pins = true },
    { .client_certificate = CLIENT_CERTIFICATE_REQUIRED, .client_key = KEY_P256 },
    { .suite = 0x1301, .resumed = true },
    { .suite = 0x1302, .resumed = true, .hello_retry = true, .group = 0x001d },
};

static void (*const edits[])(const struct pair_setup *, const struct message_seen *) = {
    flip_all, cut_all, insert_some, move_all,
};

START_TEST(n16_no_edit_finishes)
{
    const struct pair_setup *flow = &flows[(size_t)_i % COUNT(flows)];
    note_connection(flow);
    ck_assert_uint_eq(seen.count, (flow->resumed ? 5u : flow->client_key ? 10u : 7u)
                                  + (flow->hello_retry ? 2u : 0u));
    for (size_t i = 0; i < seen.count; i++)
        edits[(size_t)_i / COUNT(flows)](flow, &seen.message[i]);
}
END_TEST

/* ---- at the sender: each rule has its alert ---- */

static struct cookie_keys cookie_keys;
static bool stateless;                      /* the server has cookies, and forgets */

enum { RETRY = 1, ALPN = 2, P256_GROUP = 4, P256_KEY = 8, X25519_HYBRID = 16, P256_HYBRID = 32,
       P384_GROUP = 64 };

static uint16_t group_of(unsigned flags)
{
    return flags & X25519_HYBRID ? 0x11ec : flags & P256_HYBRID ? 0x11eb
         : flags & P256_GROUP ? 0x0017 : flags & P384_GROUP ? 0x0018 : 0x001d;
}


struct row {
    const char *name;
    struct edit edit[2];                     /* the second may be nothing */
    unsigned flags;
    unsigned fails;                          /* who notices */
    enum alert alert;                        /* ALERT_NONE: it connects */
    const char *keyword;
};

static void run_row(const struct row *row)
{
    static struct misbehaving m;
    struct pair_setup s = {
        .hello_retry = row->flags & RETRY, .suite = 0x1301,
        .group = group_of(row->flags),
        .key = row->flags & P256_KEY ? KEY_P256 : KEY_ED25519,
        .client_alpn = { row->flags & ALPN ? "smtp" : NULL },
        .server_alpn = { row->flags & ALPN ? "smtp" : NULL },
    };
    if (stateless) {
        ck_assert(cookie_keys_make(&cookie_keys, &random_system, 60, PAIR_NOW));
        s.cookie_keys = &cookie_keys;
        s.forget = true;
    }
    misbehave(&m, row->edit, row->edit[1].kind == EDIT_NOTHING ? 1 : 2);
    unsigned type = row->edit[0].message;
    bool by_client = type == CLIENT_HELLO || (type == FINISHED && row->fails == SERVER);
    s.editor[by_client ? CLIENT : SERVER] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    if (!m.done)
        ck_abort_msg("%s: the message never came", row->name);
    if (row->alert == ALERT_NONE) {
        for (unsigned i = 0; i < 2; i++)
            if (!p->end[i].connected)
                ck_abort_msg("%s: %s", row->name, tls_failure(&p->end[i].tls).reason);
        return;
    }
    pair_failed(p, row->fails, row->name, row->alert, row->keyword);
    if (p->end[row->fails].connected || p->end[SERVER].connected)
        ck_abort_msg("%s: connected and then failed", row->name);
    if (!tls_failure(&p->end[!row->fails].tls).received)
        ck_abort_msg("%s: the alert did not arrive: %s", row->name,
                     tls_failure(&p->end[!row->fails].tls).reason);
}

#define CH(kind_, at_, with_)  { { kind_, CLIENT_HELLO, 0, at_, with_ } }
#define CH2(kind_, at_, with_) { { kind_, CLIENT_HELLO, 1, at_, with_ } }
#define SH(kind_, at_, with_)  { { kind_, SERVER_HELLO, 0, at_, with_ } }
#define HRR(kind_, at_, with_) { { kind_, HELLO_RETRY_REQUEST, 0, at_, with_ } }
#define EE(kind_, at_, with_)  { { kind_, ENCRYPTED_EXTENSIONS, 0, at_, with_ } }
#define CT(kind_, at_, with_)  { { kind_, CERTIFICATE, 0, at_, with_ } }
#define CV(kind_, at_, with_)  { { kind_, CERTIFICATE_VERIFY, 0, at_, with_ } }
#define FIN(kind_, at_, with_) { { kind_, FINISHED, 0, at_, with_ } }

#define SET    EDIT_SET_EXTENSION
#define ADD    EDIT_ADD_EXTENSION
#define REMOVE EDIT_REMOVE_EXTENSION

#define PSK_BODY "0008 0002 4141 00000000 0021 20" \
                 "4242424242424242424242424242424242424242424242424242424242424242"
#define B32 "0101010101010101010101010101010101010101010101010101010101010101"

static const struct row client_hello_rows[] = {
    /* fields, §4.1.2 */
    { "legacy_version of TLS 1.0, 9846 §4.2.2", CH(EDIT_OVERWRITE, 0, "0301"), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "legacy_version" },
    { "legacy_version 0x0304, 9846 §4.2.2", CH(EDIT_OVERWRITE, 0, "0304"), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "legacy_version" },
    { "legacy_version of SSL 3.0, §D.5", CH(EDIT_OVERWRITE, 0, "0300"), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "legacy_version" },
    { "legacy_version of SSL 2.0, §D.5", CH(EDIT_OVERWRITE, 0, "0002"), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "legacy_version" },
    { "session id of 33, N17", CH(EDIT_SESSION_ID, 0, B32 "01"), 0, SERVER, ALERT_DECODE_ERROR,
      "session id" },
    { "session id of 5", CH(EDIT_SESSION_ID, 0, "0102030405"), 0, SERVER, 0, "" },
    { "no suites", CH(EDIT_SUITES, 0, ""), 0, SERVER, ALERT_DECODE_ERROR, "ClientHello" },
    { "half a suite", CH(EDIT_SUITES, 0, "130113"), 0, SERVER, ALERT_DECODE_ERROR, "half" },
    { "no suite in common", CH(EDIT_SUITES, 0, "1304 1305 c02f"), 0, SERVER,
      ALERT_HANDSHAKE_FAILURE, "cipher suite" },
    { "GREASE suite, RFC 8701", CH(EDIT_SUITES, 0, "0a0a 1301 00ff 5600 1301"), 0, SERVER, 0, "" },
    { "no compression methods", CH(EDIT_COMPRESSION, 0, ""), 0, SERVER, ALERT_DECODE_ERROR, "" },
    { "compression, N17", CH(EDIT_COMPRESSION, 0, "01"), 0, SERVER, ALERT_ILLEGAL_PARAMETER,
      "compression" },
    { "compression beside none", CH(EDIT_COMPRESSION, 0, "0001"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "compression" },
    { "empty", CH(EDIT_BODY, 0, ""), 0, SERVER, ALERT_DECODE_ERROR, "malformed ClientHello" },
    { "trailing byte", CH(EDIT_APPEND, 0, "00"), 0, SERVER, ALERT_DECODE_ERROR, "malformed" },
    { "more in its record, §5.1", CH(EDIT_BEHIND, 0, "00"), 0, SERVER, ALERT_UNEXPECTED_MESSAGE,
      "bytes behind" },
    { "another message in its record", CH(EDIT_REPEAT, 0, ""), 0, SERVER,
      ALERT_UNEXPECTED_MESSAGE, "bytes behind" },
    { "longer than we take", CH(EDIT_BEFORE, 0, "01ffffff"), 0, SERVER, ALERT_DECODE_ERROR,
      "longer" },

    /* extension blocks, §4.2 */
    { "unknown extension", CH(ADD, 0x1234, "00"), 0, SERVER, 0, "" },
    { "status_request_v2, 9846 §4.5.1.1", CH(ADD, 17, "0007 02 0004 0000 0000"), 0, SERVER, 0, "" },
    { "GREASE extension", CH(EDIT_FIRST_EXTENSION, 0x0a0a, ""), 0, SERVER, 0, "" },
    { "padding, RFC 7685", CH(ADD, EXT_PADDING, B32 B32), 0, SERVER, 0, "" },
    { "extension twice", CH(ADD, EXT_SUPPORTED_GROUPS, "0002001d"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "unknown extension twice",
      { { ADD, CLIENT_HELLO, 0, 0x1234, "" },
        { ADD, CLIENT_HELLO, 0, 0x1234, "" } }, 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "block cut in a type", CH(EDIT_EXTENSION_BLOCK, 0, "00"), 0, SERVER, ALERT_DECODE_ERROR,
      "extension block" },
    { "block cut in a length", CH(EDIT_EXTENSION_BLOCK, 0, "1234 00"), 0, SERVER,
      ALERT_DECODE_ERROR, "extension block" },
    { "extension longer than its block", CH(EDIT_EXTENSION_BLOCK, 0, "1234 0002 00"), 0, SERVER,
      ALERT_DECODE_ERROR, "extension block" },
    { "no extensions at all", CH(EDIT_EXTENSION_BLOCK, 0, ""), 0, SERVER, ALERT_PROTOCOL_VERSION,
      "TLS 1.2 at most" },

    /* combinations, §9.2 */
    { "no supported_versions", CH(REMOVE, EXT_SUPPORTED_VERSIONS, ""), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "TLS 1.2 at most" },
    { "no signature_algorithms", CH(REMOVE, EXT_SIGNATURE_ALGORITHMS, ""), 0, SERVER,
      ALERT_MISSING_EXTENSION, "signature_algorithms" },
    { "no supported_groups", CH(REMOVE, EXT_SUPPORTED_GROUPS, ""), 0, SERVER,
      ALERT_MISSING_EXTENSION, "supported_groups" },
    { "no key_share", CH(REMOVE, EXT_KEY_SHARE, ""), 0, SERVER, ALERT_MISSING_EXTENSION,
      "key_share" },

    { "neither supported_groups nor key_share",
      { { REMOVE, CLIENT_HELLO, 0, EXT_SUPPORTED_GROUPS, "" },
        { REMOVE, CLIENT_HELLO, 0, EXT_KEY_SHARE, "" } }, 0, SERVER, ALERT_MISSING_EXTENSION,
      "supported_groups" },

    /* supported_versions, §4.2.1 */
    { "versions: only 1.2, S10", CH(SET, EXT_SUPPORTED_VERSIONS, "02 0303"), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "does not offer" },
    { "versions: a draft", CH(SET, EXT_SUPPORTED_VERSIONS, "02 7f1c"), 0, SERVER,
      ALERT_PROTOCOL_VERSION, "does not offer" },
    { "versions: 1.3 among others", CH(SET, EXT_SUPPORTED_VERSIONS, "08 5a5a 0303 0304 0302"), 0,
      SERVER, 0, "" },
    { "versions: none", CH(SET, EXT_SUPPORTED_VERSIONS, "00"), 0, SERVER, ALERT_DECODE_ERROR,
      "supported_versions" },
    { "versions: half of one", CH(SET, EXT_SUPPORTED_VERSIONS, "03 0304 03"), 0, SERVER,
      ALERT_DECODE_ERROR, "odd" },
    { "versions: empty body", CH(SET, EXT_SUPPORTED_VERSIONS, ""), 0, SERVER, ALERT_DECODE_ERROR,
      "supported_versions" },
    { "versions: trailing byte", CH(SET, EXT_SUPPORTED_VERSIONS, "02 0304 00"), 0, SERVER,
      ALERT_DECODE_ERROR, "supported_versions" },

    /* supported_groups, §4.2.7; signature_algorithms, §4.2.3 */
    { "groups: none, N2", CH(SET, EXT_SUPPORTED_GROUPS, "0000"), 0, SERVER, ALERT_DECODE_ERROR,
      "list of code points" },
    { "groups: odd", CH(SET, EXT_SUPPORTED_GROUPS, "0003 001d 00"), 0, SERVER, ALERT_DECODE_ERROR,
      "odd" },
    { "groups: trailing byte", CH(SET, EXT_SUPPORTED_GROUPS, "0002 001d 00"), 0, SERVER,
      ALERT_DECODE_ERROR, "list of code points" },
    { "groups: without that of the share, N2", CH(SET, EXT_SUPPORTED_GROUPS, "0002 0017"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "not in supported_groups" },
    { "groups: GREASE and one twice", CH(SET, EXT_SUPPORTED_GROUPS, "0008 1a1a 001d 001d 11ec"), 0,
      SERVER, 0, "" },
    { "groups: none in common",
      { { SET, CLIENT_HELLO, 0, EXT_SUPPORTED_GROUPS, "0004 0018 0019" },
        { SET, CLIENT_HELLO, 0, EXT_KEY_SHARE, "0000" } }, 0, SERVER,
      ALERT_HANDSHAKE_FAILURE, "group" },
    { "schemes: none", CH(SET, EXT_SIGNATURE_ALGORITHMS, "0000"), 0, SERVER, ALERT_DECODE_ERROR,
      "list of code points" },
    { "schemes: odd", CH(SET, EXT_SIGNATURE_ALGORITHMS, "0003 0807 08"), 0, SERVER,
      ALERT_DECODE_ERROR, "odd" },
    { "schemes: none in common", CH(SET, EXT_SIGNATURE_ALGORITHMS, "0006 0401 0403 0804"), 0,
      SERVER, ALERT_HANDSHAKE_FAILURE, "signature_algorithms" },
    { "schemes: GREASE", CH(SET, EXT_SIGNATURE_ALGORITHMS, "0004 0a0a 0807"), 0, SERVER, 0, "" },

    /* key_share, §4.2.8 */
    { "shares: empty body", CH(SET, EXT_KEY_SHARE, ""), 0, SERVER, ALERT_DECODE_ERROR,
      "key_share" },
    { "shares: trailing byte", CH(SET, EXT_KEY_SHARE, "0000 00"), 0, SERVER, ALERT_DECODE_ERROR,
      "key_share" },
    { "shares: half an entry", CH(SET, EXT_KEY_SHARE, "0003 001d 00"), 0, SERVER,
      ALERT_DECODE_ERROR, "KeyShareEntry" },
    { "shares: empty key_exchange", CH(SET, EXT_KEY_SHARE, "0004 001d 0000"), 0, SERVER,
      ALERT_DECODE_ERROR, "KeyShareEntry" },
    { "shares: two of a group", CH(SET, EXT_KEY_SHARE, "0048 001d 0020" B32 "001d 0020" B32), 0,
      SERVER, ALERT_ILLEGAL_PARAMETER, "second one" },
    { "shares: 31 bytes of x25519", CH(SET, EXT_KEY_SHARE, "0023 001d 001f"
      "01010101010101010101010101010101010101010101010101010101010101"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "valid value" },
    { "shares: 33 bytes of x25519", CH(SET, EXT_KEY_SHARE, "0025 001d 0021" B32 "01"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "valid value" },
    { "shares: none, so a retry names a group whose share the client had",
      CH(SET, EXT_KEY_SHARE, "0000"), 0, CLIENT, ALERT_ILLEGAL_PARAMETER, "whose share it has" },

    /* server_name, RFC 6066 §3 */
    { "name: empty body", CH(SET, EXT_SERVER_NAME, ""), 0, SERVER, ALERT_DECODE_ERROR,
      "server_name" },
    { "name: empty list", CH(SET, EXT_SERVER_NAME, "0000"), 0, SERVER, ALERT_DECODE_ERROR,
      "server_name" },
    { "name: of no length", CH(SET, EXT_SERVER_NAME, "0003 00 0000"), 0, SERVER,
      ALERT_DECODE_ERROR, "server_name" },
    { "name: trailing byte", CH(SET, EXT_SERVER_NAME, "0005 00 0002 6162 00"), 0, SERVER,
      ALERT_DECODE_ERROR, "server_name" },
    { "name: cut", CH(SET, EXT_SERVER_NAME, "0004 00 0002 61"), 0, SERVER, ALERT_DECODE_ERROR,
      "server_name" },
    { "name: of another type", CH(SET, EXT_SERVER_NAME, "0005 01 0002 6162"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "host name" },
    { "name: two", CH(SET, EXT_SERVER_NAME, "000a 00 0002 6162 00 0002 6163"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "more than one" },
    { "name: with a NUL", CH(SET, EXT_SERVER_NAME, "0006 00 0003 610062"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "host name" },
    { "name: two dots", CH(SET, EXT_SERVER_NAME, "0007 00 0004 612e2e62"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "host name" },
    { "name: ends in a dot", CH(SET, EXT_SERVER_NAME, "0007 00 0004 6162632e"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "host name" },
    { "name: an address", CH(SET, EXT_SERVER_NAME, "000c 00 0009 3139322e302e322e31"), 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "host name" },
    { "name: none", CH(REMOVE, EXT_SERVER_NAME, ""), 0, SERVER, 0, "" },
    { "name: one that nobody knows", CH(SET, EXT_SERVER_NAME, "0005 00 0002 6162"), 0, SERVER, 0,
      "" },

    /* certificate_authorities, §4.2.4 */
    { "authorities: one", CH(SET, EXT_CERTIFICATE_AUTHORITIES, "0004 0002 3000"), 0, SERVER, 0, "" },
    { "authorities: empty list", CH(SET, EXT_CERTIFICATE_AUTHORITIES, "0000"), 0, SERVER,
      ALERT_DECODE_ERROR, "certificate_authorities" },
    { "authorities: trailing byte", CH(SET, EXT_CERTIFICATE_AUTHORITIES, "0004 0002 3000 00"), 0,
      SERVER, ALERT_DECODE_ERROR, "certificate_authorities" },
    { "authorities: an empty name", CH(SET, EXT_CERTIFICATE_AUTHORITIES, "0006 0002 3000 0000"),
      0, SERVER, ALERT_DECODE_ERROR, "DistinguishedName" },
    { "authorities: name cut", CH(SET, EXT_CERTIFICATE_AUTHORITIES, "0003 0002 30"), 0, SERVER,
      ALERT_DECODE_ERROR, "DistinguishedName" },

    /* ALPN, RFC 7301 §3.1 */
    { "ALPN: empty body", CH(SET, EXT_ALPN, ""), ALPN, SERVER, ALERT_DECODE_ERROR, "ALPN" },
    { "ALPN: empty list", CH(SET, EXT_ALPN, "0000"), ALPN, SERVER, ALERT_DECODE_ERROR, "ALPN" },
    { "ALPN: empty name", CH(SET, EXT_ALPN, "0003 00 0161"), ALPN, SERVER, ALERT_DECODE_ERROR,
      "protocol name" },
    { "ALPN: name cut", CH(SET, EXT_ALPN, "0002 0261"), ALPN, SERVER, ALERT_DECODE_ERROR,
      "protocol name" },
    { "ALPN: trailing byte", CH(SET, EXT_ALPN, "0002 0161 00"), ALPN, SERVER, ALERT_DECODE_ERROR,
      "ALPN" },
    { "ALPN: nothing in common", CH(SET, EXT_ALPN, "0002 0161"), ALPN, SERVER,
      ALERT_NO_APPLICATION_PROTOCOL, "no application protocol" },

    /* pre-shared keys, which we do not take: §4.2.9, §4.2.11 */
    { "PSK: not the last",
      { { EDIT_FIRST_EXTENSION, CLIENT_HELLO, 0, EXT_PRE_SHARED_KEY, PSK_BODY },
        { ADD, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "0101" } }, 0, SERVER,
      ALERT_ILLEGAL_PARAMETER, "not the last" },
    { "PSK: without modes", CH(ADD, EXT_PRE_SHARED_KEY, PSK_BODY), 0, SERVER,
      ALERT_MISSING_EXTENSION, "modes" },
    { "PSK: a full handshake instead",
      { { ADD, CLIENT_HELLO, 0, EXT_PSK_KEY_EXCHANGE_MODES, "0101" },
        { ADD, CLIENT_HELLO, 0, EXT_PRE_SHARED_KEY, PSK_BODY } }, 0, SERVER, 0, "" },
    { "modes without PSK", CH(ADD, EXT_PSK_KEY_EXCHANGE_MODES, "0101"), 0, SERVER, 0, "" },
};

/* The second ClientHello (§4.1.2, §4.1.4): the server wants x25519, the first share was P-256. */
static const struct row second_hello_rows[] = {
    { "legacy_version", CH2(EDIT_OVERWRITE, 0, "0302"), RETRY, SERVER, ALERT_PROTOCOL_VERSION,
      "legacy_version" },
    { "random", CH2(EDIT_OVERWRITE, 2, B32), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER, "differs" },
    { "session id", CH2(EDIT_SESSION_ID, 0, B32), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "differs" },
    { "session id gone", CH2(EDIT_SESSION_ID, 0, ""), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "differs" },
    { "suites", CH2(EDIT_SUITES, 0, "1301 1302"), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "differs" },
    { "suites without ours", CH2(EDIT_SUITES, 0, "1302"), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "differs" },
    { "compression", CH2(EDIT_COMPRESSION, 0, "01"), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "compression" },
    { "server_name", CH2(SET, EXT_SERVER_NAME, "0005 00 0002 6162"), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "differs" },
    { "server_name gone", CH2(REMOVE, EXT_SERVER_NAME, ""), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "differs" },
    { "groups", CH2(SET, EXT_SUPPORTED_GROUPS, "0002 001d"), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "differs" },
    { "schemes", CH2(SET, EXT_SIGNATURE_ALGORITHMS, "0002 0807"), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "differs" },
    { "versions", CH2(SET, EXT_SUPPORTED_VERSIONS, "04 0304 0303"), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "differs" },
    { "versions gone", CH2(REMOVE, EXT_SUPPORTED_VERSIONS, ""), RETRY, SERVER,
      ALERT_PROTOCOL_VERSION, "TLS 1.2" },
    { "ALPN", CH2(SET, EXT_ALPN, "0002 0161"), RETRY | ALPN, SERVER, ALERT_ILLEGAL_PARAMETER,
      "differs" },
    { "a new extension", CH2(ADD, 0x1234, ""), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "differs" },
    { "early_data, §4.2.10", CH2(ADD, EXT_EARLY_DATA, ""), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "early_data" },
    { "padding may change", CH2(ADD, EXT_PADDING, "000000"), RETRY, SERVER, 0, "" },
    { "extensions in another order, §4.2",
      { { REMOVE, CLIENT_HELLO, 1, EXT_SUPPORTED_VERSIONS, "" },
        { EDIT_FIRST_EXTENSION, CLIENT_HELLO, 1, EXT_SUPPORTED_VERSIONS, "02 0304" } }, RETRY,
      SERVER, 0, "" },
    { "no share", CH2(SET, EXT_KEY_SHARE, "0000"), RETRY, SERVER, ALERT_ILLEGAL_PARAMETER,
      "exactly" },
    { "no key_share", CH2(REMOVE, EXT_KEY_SHARE, ""), RETRY, SERVER, ALERT_MISSING_EXTENSION,
      "key_share" },
    { "share of another group", CH2(SET, EXT_KEY_SHARE, "0005 0017 0001 04"), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "exactly" },
    { "a share too many", CH2(SET, EXT_KEY_SHARE, "0029 001d 0020" B32 "0017 0001 04"), RETRY,
      SERVER, ALERT_ILLEGAL_PARAMETER, "exactly" },
    { "the same share twice", CH2(SET, EXT_KEY_SHARE, "0048 001d 0020" B32 "001d 0020" B32),
      RETRY, SERVER, ALERT_ILLEGAL_PARAMETER, "second one" },
    { "share too short", CH2(SET, EXT_KEY_SHARE, "0005 001d 0001 04"), RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "valid value" },
    { "more in its record", CH2(EDIT_BEHIND, 0, "14"), RETRY, SERVER, ALERT_UNEXPECTED_MESSAGE,
      "bytes behind" },
    { "empty", CH2(EDIT_BODY, 0, ""), RETRY, SERVER, ALERT_DECODE_ERROR, "ClientHello" },
};

static const struct row server_hello_rows[] = {
    { "legacy_version", SH(EDIT_OVERWRITE, 0, "0301"), 0, CLIENT, ALERT_PROTOCOL_VERSION,
      "legacy_version" },
    { "legacy_version 0x0304", SH(EDIT_OVERWRITE, 0, "0304"), 0, CLIENT, ALERT_PROTOCOL_VERSION,
      "legacy_version" },
    { "legacy_version of SSL 3.0, §D.5", SH(EDIT_OVERWRITE, 0, "0300"), 0, CLIENT,
      ALERT_PROTOCOL_VERSION, "version" },
    { "no supported_versions", SH(REMOVE, EXT_SUPPORTED_VERSIONS, ""), 0, CLIENT,
      ALERT_PROTOCOL_VERSION, "TLS 1.2" },
    { "no extensions", SH(EDIT_EXTENSION_BLOCK, 0, ""), 0, CLIENT, ALERT_PROTOCOL_VERSION,
      "TLS 1.2" },
    { "supported_versions 1.2", SH(SET, EXT_SUPPORTED_VERSIONS, "0303"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "version" },
    { "supported_versions beyond 1.3", SH(SET, EXT_SUPPORTED_VERSIONS, "0305"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "version" },
    { "supported_versions cut", SH(SET, EXT_SUPPORTED_VERSIONS, "03"), 0, CLIENT,
      ALERT_DECODE_ERROR, "16-bit" },
    { "supported_versions long", SH(SET, EXT_SUPPORTED_VERSIONS, "030400"), 0, CLIENT,
      ALERT_DECODE_ERROR, "16-bit" },
    { "sentinel beside 1.3 says nothing", SH(EDIT_OVERWRITE, 26, "444f574e47524401"), 0, CLIENT,
      0, "" },
    { "session id, N17", SH(EDIT_SESSION_ID, 0, B32), 0, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "session_id" },
    { "session id gone", SH(EDIT_SESSION_ID, 0, ""), 0, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "session_id" },
    { "session id longer", SH(EDIT_SESSION_ID, 0, B32 "01"), 0, CLIENT, ALERT_DECODE_ERROR,
      "session id too long" },
    { "suite that was not offered", SH(EDIT_SUITES, 0, "1304"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "suite" },
    { "suite of TLS 1.2", SH(EDIT_SUITES, 0, "c02f"), 0, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "suite" },
    { "compression, N17", SH(EDIT_COMPRESSION, 0, "01"), 0, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "compression" },
    { "no key_share, S4", SH(REMOVE, EXT_KEY_SHARE, ""), 0, CLIENT, ALERT_MISSING_EXTENSION,
      "key_share" },
    { "share of a group without ours", SH(SET, EXT_KEY_SHARE, "0017 0001 04"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "no share for" },
    { "share of a group not offered, N2", SH(SET, EXT_KEY_SHARE, "0018 0001 04"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "no share for" },
    { "share as in a retry", SH(SET, EXT_KEY_SHARE, "001d"), 0, CLIENT, ALERT_DECODE_ERROR,
      "KeyShareEntry" },
    { "share empty", SH(SET, EXT_KEY_SHARE, "001d 0000"), 0, CLIENT, ALERT_DECODE_ERROR,
      "KeyShareEntry" },
    { "share trailing", SH(SET, EXT_KEY_SHARE, "001d 0020" B32 "00"), 0, CLIENT,
      ALERT_DECODE_ERROR, "KeyShareEntry" },
    { "share of 31", SH(SET, EXT_KEY_SHARE, "001d 001f"
      "01010101010101010101010101010101010101010101010101010101010101"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "valid value" },
    { "share of 33", SH(SET, EXT_KEY_SHARE, "001d 0021" B32 "00"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "valid value" },
    { "unknown extension", SH(ADD, 0x1234, ""), 0, CLIENT, ALERT_UNSUPPORTED_EXTENSION,
      "no offer" },
    { "GREASE extension", SH(ADD, 0x0a0a, ""), 0, CLIENT, ALERT_UNSUPPORTED_EXTENSION,
      "no offer" },
    { "PSK that was not offered", SH(ADD, EXT_PRE_SHARED_KEY, "0000"), 0, CLIENT,
      ALERT_UNSUPPORTED_EXTENSION, "no offer" },
    { "extension twice", SH(ADD, EXT_KEY_SHARE, "001d 0001 00"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "trailing byte", SH(EDIT_APPEND, 0, "00"), 0, CLIENT, ALERT_DECODE_ERROR, "ServerHello" },
    { "empty", SH(EDIT_BODY, 0, ""), 0, CLIENT, ALERT_DECODE_ERROR, "ServerHello" },
    { "a byte behind it, S7", SH(EDIT_BEHIND, 0, "08"), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE,
      "bytes behind" },
    { "a message behind it", SH(EDIT_BEHIND, 0, "08000002 0000"), 0, CLIENT,
      ALERT_UNEXPECTED_MESSAGE, "bytes behind" },
    { "another behind it", SH(EDIT_REPEAT, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE,
      "bytes behind" },
    { "EncryptedExtensions instead", SH(EDIT_BEFORE, 0, "08000002 0000"), 0, CLIENT,
      ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "another suite than in the retry", SH(EDIT_SUITES, 0, "1303"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "HelloRetryRequest" },
    { "another group than in the retry", SH(SET, EXT_KEY_SHARE, "0017 0001 04"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "no share for" },
    { "no version behind a retry, 9846 §4.2.4", SH(REMOVE, EXT_SUPPORTED_VERSIONS, ""), RETRY,
      CLIENT, ALERT_ILLEGAL_PARAMETER, "not the version" },
    { "another version than in the retry", SH(SET, EXT_SUPPORTED_VERSIONS, "0303"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "version" },
    { "a second retry", SH(EDIT_OVERWRITE, 2,
      "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"), RETRY, CLIENT,
      ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "a cookie in ServerHello", SH(ADD, EXT_COOKIE, "0001 61"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "not specified" },
};

/* The downgrade sentinels (§4.1.3), in a ServerHello that says TLS 1.2 by saying nothing. */
static const struct row downgrade_rows[] = {
    { "TLS 1.2, S10", { { REMOVE, SERVER_HELLO, 0, EXT_SUPPORTED_VERSIONS, "" },
                   { EDIT_OVERWRITE, SERVER_HELLO, 0, 26, "444f574e47524401" } }, 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "downgrade" },
    { "TLS 1.1, S10", { { REMOVE, SERVER_HELLO, 0, EXT_SUPPORTED_VERSIONS, "" },
                   { EDIT_OVERWRITE, SERVER_HELLO, 0, 26, "444f574e47524400" } }, 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "downgrade" },
    { "no such sentinel", { { REMOVE, SERVER_HELLO, 0, EXT_SUPPORTED_VERSIONS, "" },
                            { EDIT_OVERWRITE, SERVER_HELLO, 0, 26, "444f574e47524402" } }, 0,
      CLIENT, ALERT_PROTOCOL_VERSION, "TLS 1.2" },
};

static const struct row retry_rows[] = {
    { "legacy_version", HRR(EDIT_OVERWRITE, 0, "0301"), RETRY, CLIENT, ALERT_PROTOCOL_VERSION,
      "legacy_version" },
    { "session id", HRR(EDIT_SESSION_ID, 0, B32), RETRY, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "session_id" },
    { "suite that was not offered", HRR(EDIT_SUITES, 0, "1304"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "suite" },
    { "another suite than in ServerHello", HRR(EDIT_SUITES, 0, "1303"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "HelloRetryRequest" },
    { "compression", HRR(EDIT_COMPRESSION, 0, "01"), RETRY, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "compression" },
    { "no supported_versions", HRR(REMOVE, EXT_SUPPORTED_VERSIONS, ""), RETRY, CLIENT,
      ALERT_PROTOCOL_VERSION, "TLS 1.2" },
    { "version 1.2", HRR(SET, EXT_SUPPORTED_VERSIONS, "0303"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "version" },
    { "changes nothing", HRR(REMOVE, EXT_KEY_SHARE, ""), RETRY, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "change nothing" },
    { "group that was not offered", HRR(SET, EXT_KEY_SHARE, "0018"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "not offered" },
    { "group whose share it has", HRR(SET, EXT_KEY_SHARE, "0017"), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "whose share it has" },
    { "group cut", HRR(SET, EXT_KEY_SHARE, "00"), RETRY, CLIENT, ALERT_DECODE_ERROR, "16-bit" },
    { "group and a share", HRR(SET, EXT_KEY_SHARE, "001d 0020" B32), RETRY, CLIENT,
      ALERT_DECODE_ERROR, "16-bit" },
    { "unknown extension", HRR(ADD, 0x1234, ""), RETRY, CLIENT, ALERT_UNSUPPORTED_EXTENSION,
      "no offer" },
    { "extension of another message", HRR(ADD, EXT_ALPN, ""), RETRY, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "not specified" },
    { "extension twice", HRR(ADD, EXT_KEY_SHARE, "001d"), RETRY, CLIENT, ALERT_ILLEGAL_PARAMETER,
      "two extensions" },
    { "empty cookie", HRR(ADD, EXT_COOKIE, "0000"), RETRY, CLIENT, ALERT_DECODE_ERROR, "cookie" },
    { "cookie with a trailing byte", HRR(ADD, EXT_COOKIE, "0001 61 00"), RETRY, CLIENT,
      ALERT_DECODE_ERROR, "cookie" },
    { "a cookie", HRR(ADD, EXT_COOKIE, "0003 616263"), RETRY, CLIENT, 0, "" },
    { "a cookie and no group: the server did want one",
      { { REMOVE, HELLO_RETRY_REQUEST, 0, EXT_KEY_SHARE, "" },
        { ADD, HELLO_RETRY_REQUEST, 0, EXT_COOKIE, "0003 616263" } }, RETRY, SERVER,
      ALERT_ILLEGAL_PARAMETER, "exactly" },
    { "twice in a record", HRR(EDIT_REPEAT, 0, ""), RETRY, CLIENT, ALERT_UNEXPECTED_MESSAGE,
      "bytes behind" },
    { "trailing byte", HRR(EDIT_APPEND, 0, "00"), RETRY, CLIENT, ALERT_DECODE_ERROR,
      "ServerHello" },
};

static const struct row encrypted_extensions_rows[] = {
    { "empty", EE(EDIT_BODY, 0, ""), 0, CLIENT, ALERT_DECODE_ERROR, "EncryptedExtensions" },
    { "trailing byte", EE(EDIT_APPEND, 0, "00"), 0, CLIENT, ALERT_DECODE_ERROR,
      "EncryptedExtensions" },
    { "block cut", EE(EDIT_EXTENSION_BLOCK, 0, "0000 00"), 0, CLIENT, ALERT_DECODE_ERROR,
      "extension block" },
    { "unknown extension", EE(ADD, 0x1234, ""), 0, CLIENT, ALERT_UNSUPPORTED_EXTENSION,
      "no offer" },
    { "ALPN that was not offered", EE(ADD, EXT_ALPN, "0002 0161"), 0, CLIENT,
      ALERT_UNSUPPORTED_EXTENSION, "no offer" },
    { "early_data that was not offered", EE(ADD, EXT_EARLY_DATA, ""), 0, CLIENT,
      ALERT_UNSUPPORTED_EXTENSION, "no offer" },
    { "server_name left out", EE(REMOVE, EXT_SERVER_NAME, ""), 0, CLIENT, 0, "" },
    { "server_name with a body", EE(SET, EXT_SERVER_NAME, "0000"), 0, CLIENT,
      ALERT_DECODE_ERROR, "server_name" },
    { "supported_groups", EE(ADD, EXT_SUPPORTED_GROUPS, "0004 0018 001d"), 0, CLIENT, 0, "" },
    { "supported_groups malformed", EE(ADD, EXT_SUPPORTED_GROUPS, "0003 0018 00"), 0, CLIENT,
      ALERT_DECODE_ERROR, "odd" },
    { "extension twice", EE(EDIT_EXTENSION_BLOCK, 0, "0000 0000 0000 0000"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "ALPN: two protocols", EE(SET, EXT_ALPN, "000a 04736d7470 04736d7470"), ALPN, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "ALPN" },
    { "ALPN: one that was not offered", EE(SET, EXT_ALPN, "0002 0161"), ALPN, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "ALPN" },
    { "ALPN: none", EE(SET, EXT_ALPN, "0000"), ALPN, CLIENT, ALERT_DECODE_ERROR, "ALPN" },
    { "ALPN: an empty one", EE(SET, EXT_ALPN, "0002 0000"), ALPN, CLIENT, ALERT_DECODE_ERROR,
      "ALPN" },
    { "ALPN: trailing byte", EE(SET, EXT_ALPN, "0005 04736d7470 00"), ALPN, CLIENT,
      ALERT_DECODE_ERROR, "ALPN" },
    { "left out", EE(EDIT_DROP, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "twice", EE(EDIT_REPEAT, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
};

/* A CertificateRequest, which our server never sends, in front of its Certificate. */
static const struct row certificate_request_rows[] = {
    { "with a context", CT(EDIT_BEFORE, 0, "0d00000c 0161 0008 000d 0004 0002 0807"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "context" },
    { "without signature_algorithms", CT(EDIT_BEFORE, 0, "0d000003 00 0000"), 0, CLIENT,
      ALERT_MISSING_EXTENSION, "signature_algorithms" },
    { "empty", CT(EDIT_BEFORE, 0, "0d000000"), 0, CLIENT, ALERT_DECODE_ERROR,
      "CertificateRequest" },
    { "trailing byte", CT(EDIT_BEFORE, 0, "0d00000c 00 0008 000d 0004 0002 0807 00"), 0, CLIENT,
      ALERT_DECODE_ERROR, "CertificateRequest" },
    { "no schemes", CT(EDIT_BEFORE, 0, "0d000009 00 0006 000d 0002 0000"), 0, CLIENT,
      ALERT_DECODE_ERROR, "list of code points" },
    { "block cut", CT(EDIT_BEFORE, 0, "0d00000a 00 0007 000d 0004 0002 08"), 0, CLIENT,
      ALERT_DECODE_ERROR, "extension block" },
    { "extension of another message",
      CT(EDIT_BEFORE, 0, "0d00000f 00 000c 000d 0004 0002 0807 0033 0000"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "not specified" },
    { "extension twice",
      CT(EDIT_BEFORE, 0, "0d000013 00 0010 000d 0004 0002 0807 000d 0004 0002 0807"), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "two extensions" },
    { "twice", CT(EDIT_BEFORE, 0, "0d00000b 00 0008 000d 0004 0002 0807"
                                  "0d00000b 00 0008 000d 0004 0002 0807"), 0, CLIENT,
      ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "behind Certificate", CT(EDIT_BEHIND, 0, "0d00000b 00 0008 000d 0004 0002 0807"), 0,
      CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "before EncryptedExtensions", EE(EDIT_BEFORE, 0, "0d00000b 00 0008 000d 0004 0002 0807"),
      0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
};

#define ENTRY "000001 30 0000"

static const struct row certificate_rows[] = {
    { "empty", CT(EDIT_BODY, 0, ""), 0, CLIENT, ALERT_DECODE_ERROR, "malformed Certificate" },
    { "trailing byte", CT(EDIT_APPEND, 0, "00"), 0, CLIENT, ALERT_DECODE_ERROR,
      "malformed Certificate" },
    { "with a context", CT(EDIT_BODY, 0, "0161 000006" ENTRY), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "context" },
    { "no certificates, N21", CT(EDIT_BODY, 0, "00 000000"), 0, CLIENT, ALERT_DECODE_ERROR,
      "empty" },
    { "a certificate of no bytes", CT(EDIT_BODY, 0, "00 000005 000000 0000"), 0, CLIENT,
      ALERT_DECODE_ERROR, "malformed Certificate" },
    { "an entry cut", CT(EDIT_BODY, 0, "00 000005 000001 30 00"), 0, CLIENT, ALERT_DECODE_ERROR,
      "malformed Certificate" },
    { "a list cut", CT(EDIT_BODY, 0, "00 000007" ENTRY), 0, CLIENT, ALERT_DECODE_ERROR,
      "malformed Certificate" },
    { "not a certificate", CT(EDIT_BODY, 0, "00 000006" ENTRY), 0, CLIENT, ALERT_BAD_CERTIFICATE,
      "certificate" },
    { "nine certificates", CT(EDIT_BODY, 0, "00 000036" ENTRY ENTRY ENTRY ENTRY ENTRY ENTRY ENTRY
      ENTRY ENTRY), 0, CLIENT, ALERT_BAD_CERTIFICATE, "certificate 1" },
    { "unknown extension in an entry", CT(ADD, 0x1234, ""), 0, CLIENT,
      ALERT_UNSUPPORTED_EXTENSION, "no offer" },
    { "a staple that was not asked for", CT(ADD, EXT_STATUS_REQUEST, "01000000"), 0, CLIENT,
      ALERT_UNSUPPORTED_EXTENSION, "no offer" },
    { "extension of another message", CT(ADD, EXT_SERVER_NAME, ""), 0, CLIENT,
      ALERT_ILLEGAL_PARAMETER, "not specified" },
    { "extensions cut", CT(EDIT_EXTENSION_BLOCK, 0, "12 34 00"), 0, CLIENT, ALERT_DECODE_ERROR,
      "extension block" },
    { "left out", CT(EDIT_DROP, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
    { "twice", CT(EDIT_REPEAT, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
};

#define SCHEME(code, flags) \
    { "scheme " code, CV(EDIT_OVERWRITE, 0, code), flags, CLIENT, ALERT_ILLEGAL_PARAMETER, \
      "scheme" }

static const struct row certificate_verify_rows[] = {
    /* N19: with an Ed25519 key nothing but ed25519, with a P-256 key nothing but its ECDSA */
    SCHEME("0403", 0), SCHEME("0503", 0), SCHEME("0603", 0), SCHEME("0401", 0), SCHEME("0501", 0),
    SCHEME("0601", 0), SCHEME("0804", 0), SCHEME("0805", 0), SCHEME("0809", 0), SCHEME("0808", 0),
    SCHEME("0201", 0), SCHEME("0203", 0), SCHEME("0000", 0), SCHEME("ffff", 0),
    SCHEME("0807", P256_KEY), SCHEME("0503", P256_KEY), SCHEME("0603", P256_KEY),
    SCHEME("0203", P256_KEY), SCHEME("0401", P256_KEY), SCHEME("0804", P256_KEY),
    SCHEME("0808", P256_KEY),
    { "empty", CV(EDIT_BODY, 0, ""), 0, CLIENT, ALERT_DECODE_ERROR, "CertificateVerify" },
    { "cut", CV(EDIT_KEEP, 20, ""), 0, CLIENT, ALERT_DECODE_ERROR, "CertificateVerify" },
    { "trailing byte", CV(EDIT_APPEND, 0, "00"), 0, CLIENT, ALERT_DECODE_ERROR,
      "CertificateVerify" },
    { "no signature", CV(EDIT_BODY, 0, "0807 0000"), 0, CLIENT, ALERT_DECRYPT_ERROR,
      "signature" },
    { "short signature", CV(EDIT_BODY, 0, "0807 0020" B32), 0, CLIENT, ALERT_DECRYPT_ERROR,
      "signature" },
    { "long signature", CV(EDIT_BODY, 0, "0807 0041" B32 B32 "00"), 0, CLIENT,
      ALERT_DECRYPT_ERROR, "signature" },
    { "zero signature, X8", CV(EDIT_BODY, 0, "0403 0008 3006 020100 020100"), P256_KEY, CLIENT,
      ALERT_DECRYPT_ERROR, "signature" },
    { "not DER", CV(EDIT_BODY, 0, "0403 0002 3000"), P256_KEY, CLIENT, ALERT_DECRYPT_ERROR,
      "signature" },
    { "left out, S1", CV(EDIT_DROP, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE,
      "no transition" },
    { "twice", CV(EDIT_REPEAT, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "no transition" },
};

static const struct row finished_rows[] = {
    { "server's: a byte behind it", FIN(EDIT_BEHIND, 0, "04"), 0, CLIENT,
      ALERT_UNEXPECTED_MESSAGE, "bytes behind" },
    { "server's: a ticket behind it", FIN(EDIT_BEHIND, 0, "04000012 00001c20 00000000 00 0005"
      "0102030405 0000"), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE, "bytes behind" },
    { "server's: twice", FIN(EDIT_REPEAT, 0, ""), 0, CLIENT, ALERT_UNEXPECTED_MESSAGE,
      "bytes behind" },
    { "client's: a byte behind it", FIN(EDIT_BEHIND, 0, "18"), 0, SERVER,
      ALERT_UNEXPECTED_MESSAGE, "bytes behind" },
    { "client's: KeyUpdate behind it", FIN(EDIT_BEHIND, 0, "18000001 00"), 0, SERVER,
      ALERT_UNEXPECTED_MESSAGE, "bytes behind" },
    { "server's: KeyUpdate before it, S12", FIN(EDIT_BEFORE, 0, "18000001 00"), 0, CLIENT,
      ALERT_UNEXPECTED_MESSAGE, "no transition" },
};

#define TABLE(rows) { #rows, rows, COUNT(rows) }
static const struct { const char *name; const struct row *rows; size_t count; } tables[] = {
    TABLE(client_hello_rows), TABLE(second_hello_rows), TABLE(server_hello_rows),
    TABLE(downgrade_rows), TABLE(retry_rows), TABLE(encrypted_extensions_rows),
    TABLE(certificate_request_rows), TABLE(certificate_rows), TABLE(certificate_verify_rows),
    TABLE(finished_rows),
};

static int row_total(void)
{
    size_t n = 0;
    for (size_t i = 0; i < COUNT(tables); i++)
        n += tables[i].count;
    return (int)n;
}

START_TEST(each_rule_has_its_alert)
{
    size_t i = (size_t)_i, t = 0;
    for (; i >= tables[t].count; t++)
        i -= tables[t].count;
    run_row(&tables[t].rows[i]);
}
END_TEST

/* S8: a server that has forgotten the first hello judges the second in the same way. */
START_TEST(s8_second_hello_to_a_forgetful_server)
{
    stateless = true;
    run_row(&second_hello_rows[_i]);
    stateless = false;
}
END_TEST

/* ---- signatures and Finished, bit by bit with transcripts that agree ---- */

START_TEST(every_bit_of_a_signature)
{
    for (size_t bit = 0; bit < 8 * 64; bit += stride(67)) {
        struct row row = { "a bit of the signature", CV(EDIT_FLIP, 8 * 8 + bit, ""), 0, CLIENT,
                           ALERT_DECRYPT_ERROR, "signature" };
        run_row(&row);
    }
}
END_TEST

/* S2: the client's Finished can be told from the server's by who fails. */
START_TEST(s2_every_bit_and_length_of_finished)
{
    unsigned fails = (unsigned)_i;
    for (size_t bit = 0; bit < 8 * 32; bit += stride(37)) {
        struct row row = { "a bit of Finished", FIN(EDIT_FLIP, 8 * 4 + bit, ""), 0, fails,
                           ALERT_DECRYPT_ERROR, "verify_data" };
        run_row(&row);
    }
    for (size_t len = 0; len < 32; len++) {
        struct row row = { "short Finished", FIN(EDIT_KEEP, len, ""), 0, fails,
                           ALERT_DECODE_ERROR, "wrong length" };
        run_row(&row);
    }
    static const char *const more[] = { "00", "0000", B32, B32 "00" };
    for (size_t i = 0; i < COUNT(more); i++) {
        struct row row = { "long Finished", FIN(EDIT_APPEND, 0, more[i]), 0, fails,
                           ALERT_DECODE_ERROR, "wrong length" };
        run_row(&row);
    }
}
END_TEST

/* ---- shares that are no shares, both roles: §4.2.8.2, §7.4; C1 ---- */

/* The points of small order of Curve25519 and its twist, and their encodings modulo 2^255
 * (RFC 7748 §6.1 on what they do). */
static const char *const low_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/* Not points of P-256 in the one form allowed. */
static const struct { unsigned len; const char *hex; } bad_points[] = {
    { 65, "04" B32 B32 },                                             /* not on the curve */
    { 65, "04" "0000000000000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000000" },
    { 65, "04" "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"   /* x = p */
          "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4" },
    { 33, "02" "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" }, /* short G */
    { 65, "06" "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"    /* hybrid */
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5" },
    { 64, "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5" },
    { 66, "04" "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5" "00" },
    { 65, "05" "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
          "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5" },
    { 1, "00" },                                                      /* infinity */
};

#define B48 B32 "01010101010101010101010101010101"

/* The same of P-384. */
static const struct { unsigned len; const char *hex; } bad_points_p384[] = {
    { 97, "04" B48 B48 },                                             /* not on the curve */
    { 97, "04" "ffffffffffffffffffffffffffffffffffffffffffffffff"                   /* x = p */
          "fffffffffffffffeffffffff0000000000000000ffffffff"
          "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42d"
          "ea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1" },
    { 49, "02" B48 }, { 97, "06" B48 B48 }, { 96, B48 B48 }, { 98, "04" B48 B48 "01" }, { 1, "00" },
};

static void bad_share(unsigned fails, unsigned group, size_t len, const char *hex, unsigned flags)
{
    static char with[2700];
    int n = 0;
    if (fails == SERVER)
        n = snprintf(with, sizeof with, "%04zx ", len + 4);
    snprintf(with + n, sizeof with - (size_t)n, "%04x %04zx %s", group, len, hex);
    unsigned message = fails == SERVER ? CLIENT_HELLO : SERVER_HELLO;
    bool retry = flags & RETRY;
    struct row row = { hex, { { SET, message, retry && fails == SERVER, EXT_KEY_SHARE, with } },
                       flags, fails, ALERT_ILLEGAL_PARAMETER, "valid value" };
    run_row(&row);
}

START_TEST(c1_bad_shares)
{
    unsigned fails = (unsigned)_i % 2, retry = _i / 2 ? RETRY : 0;
    for (size_t i = 0; i < COUNT(low_order); i++)
        bad_share(fails, 0x001d, 32, low_order[i], retry);
    for (size_t i = 0; i < COUNT(bad_points); i++)
        bad_share(fails, 0x0017, bad_points[i].len, bad_points[i].hex, P256_GROUP | retry);
    for (size_t i = 0; i < COUNT(bad_points_p384); i++)
        bad_share(fails, 0x0018, bad_points_p384[i].len, bad_points_p384[i].hex,
                  P384_GROUP | retry);
}
END_TEST

/* N15, N16: every length but the right one. */
START_TEST(n15_share_lengths)
{
    char hex[2 * 70 + 1];
    for (size_t len = 1; len <= 68; len += stride(3)) {
        for (size_t i = 0; i < len; i++)
            memcpy(hex + 2 * i, i == 0 ? "04" : "11", 3);
        if (len != 32)
            bad_share((unsigned)_i, 0x001d, len, hex, 0);
        bad_share((unsigned)_i, 0x0017, len, hex, P256_GROUP);
    }
}
END_TEST

/* A share of `len` bytes, all of this value. */
static void bad_hybrid(unsigned fails, unsigned flags, size_t len, const char *byte)
{
    static char hex[2 * 1300 + 1];
    for (size_t i = 0; i < len; i++)
        memcpy(hex + 2 * i, byte, 3);
    bad_share(fails, group_of(flags), len, hex, flags);
}

/* N15; RFC 10024 §3.1. Zeros are a good key of ML-KEM, and as a ciphertext just a strange one, but
 * X25519 makes zero of them, and no point of P-256 begins so; 4095 is no coefficient. */
START_TEST(n15_hybrid_shares)
{
    static const struct { unsigned flags; size_t len[2]; } hybrids[] = {
        { X25519_HYBRID, { 1120, 1216 } }, { P256_HYBRID, { 1153, 1249 } },      /* by who fails */
    };
    for (size_t i = 0; i < COUNT(hybrids); i++) {
        unsigned fails = (unsigned)_i, flags = hybrids[i].flags;
        size_t right = hybrids[i].len[fails];
        const size_t lengths[] = { 1, 32, 65, 1088, 1184, right - 1, right + 1 };
        for (size_t j = 0; j < COUNT(lengths); j++)
            bad_hybrid(fails, flags, lengths[j], "04");
        bad_hybrid(fails, flags, right, "00");
        bad_hybrid(fails, flags | RETRY, right, "00");
        if (fails == SERVER)
            bad_hybrid(fails, flags, right, "ff");
    }
}
END_TEST

/* ---- extension x message, §4.2's table (N3) ---- */

enum { IN_FIRST_HELLO = 1, IN_SERVER_HELLO = 2, IN_ENCRYPTED = 4, IN_CERTIFICATE = 8,
       IN_REQUEST = 16, IN_RETRY = 32, IN_TICKET = 64 };

/* As it stands in RFC 8446 §4.2, with RFC 8449's and with server_name's CR of RFC 9846 §4.3. */
static const struct { uint16_t type; unsigned messages; } where[] = {
    { 0,  IN_FIRST_HELLO | IN_ENCRYPTED | IN_REQUEST },
    { 1,  IN_FIRST_HELLO | IN_ENCRYPTED },
    { 5,  IN_FIRST_HELLO | IN_REQUEST | IN_CERTIFICATE },
    { 10, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 13, IN_FIRST_HELLO | IN_REQUEST },
    { 14, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 15, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 16, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 18, IN_FIRST_HELLO | IN_REQUEST | IN_CERTIFICATE },
    { 19, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 20, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 21, IN_FIRST_HELLO },
    { 28, IN_FIRST_HELLO | IN_ENCRYPTED },
    { 41, IN_FIRST_HELLO | IN_SERVER_HELLO },
    { 42, IN_FIRST_HELLO | IN_ENCRYPTED | IN_TICKET },
    { 43, IN_FIRST_HELLO | IN_SERVER_HELLO | IN_RETRY },
    { 44, IN_FIRST_HELLO | IN_RETRY },
    { 45, IN_FIRST_HELLO },
    { 47, IN_FIRST_HELLO | IN_REQUEST },
    { 48, IN_REQUEST },
    { 49, IN_FIRST_HELLO },
    { 50, IN_FIRST_HELLO | IN_REQUEST },
    { 51, IN_FIRST_HELLO | IN_SERVER_HELLO | IN_RETRY },
};

/* What our client offers. */
static bool is_offered(uint16_t type)
{
    return type == 0 || type == 10 || type == 13 || type == 28 || type == 43 || type == 51;
}

/* The result of one more extension of this type, with an empty body, in this message. */
static struct tls_failure with_extension(uint16_t type, unsigned message)
{
    static struct misbehaving m;
    static char request[100];
    snprintf(request, sizeof request, "0d00000f 00 000c %04x 0000 000d 0004 0002 0807", type);
    struct edit edit = { ADD, message, 0, type, "" };
    if (message == CERTIFICATE_REQUEST)
        edit = (struct edit){ EDIT_BEFORE, CERTIFICATE, 0, 0, request };
    static struct tls_session kept;
    struct pair_setup s = { .hello_retry = message == HELLO_RETRY_REQUEST, .suite = 0x1301 };
    if (message == NEW_SESSION_TICKET) {
        s.tickets = 1;
        s.resumption = (struct tls_resumption){ .keep = &kept, .keep_count = 1 };
    }
    misbehave(&m, &edit, 1);
    unsigned from = message == CLIENT_HELLO ? CLIENT : SERVER;
    s.editor[from] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    ck_assert(m.done);
    return tls_failure(&p->end[!from].tls);
}

START_TEST(extension_in_every_message)
{
    static const struct { unsigned message, bit; bool answers; } messages[] = {
        { CLIENT_HELLO, IN_FIRST_HELLO, false }, { SERVER_HELLO, IN_SERVER_HELLO, true },
        { ENCRYPTED_EXTENSIONS, IN_ENCRYPTED, true }, { CERTIFICATE, IN_CERTIFICATE, true },
        { CERTIFICATE_REQUEST, IN_REQUEST, false }, { HELLO_RETRY_REQUEST, IN_RETRY, true },
        { NEW_SESSION_TICKET, IN_TICKET, false },
    };
    uint16_t type = where[_i].type;
    for (size_t i = 0; i < COUNT(messages); i++) {
        struct tls_failure f = with_extension(type, messages[i].message);
        bool allowed = where[_i].messages & messages[i].bit;
        bool twice = f.alert == ALERT_ILLEGAL_PARAMETER && strstr(f.reason, "two extensions");
        if (!allowed)
            ck_assert_msg(f.alert == ALERT_ILLEGAL_PARAMETER && strstr(f.reason, "not specified"),
                          "%u in %u: %s", type, messages[i].message, f.reason);
        else if (messages[i].answers && !is_offered(type)
                 && !(type == EXT_COOKIE && messages[i].message == HELLO_RETRY_REQUEST))
            ck_assert_msg(f.alert == ALERT_UNSUPPORTED_EXTENSION, "%u in %u: %s", type,
                          messages[i].message, f.reason);
        else
            ck_assert_msg(twice || (f.alert != ALERT_ILLEGAL_PARAMETER
                                    && f.alert != ALERT_UNSUPPORTED_EXTENSION),
                          "%u in %u: %s", type, messages[i].message, f.reason);
    }
}
END_TEST

/* ---- what takes more than an edit ---- */

static uint8_t said[4096];
static size_t said_len;
static unsigned wanted_from, wanted_type, wanted_nth;

static void keep_message(struct middle *m, unsigned from, struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (from == wanted_from && items->item[i].type == HANDSHAKE
            && items->item[i].content.at[0] == wanted_type && m->seen++ == wanted_nth) {
            said_len = items->item[i].content.len;
            memcpy(said, items->item[i].content.at, said_len);
        }
}

/* S9: a cookie comes back as it was, once. */
START_TEST(cookie_is_echoed)
{
    static const struct edit cookie = { ADD, HELLO_RETRY_REQUEST, 0, EXT_COOKIE,
                                        "0008 0102030405060708" };
    static struct misbehaving m;
    misbehave(&m, &cookie, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = true,
                                                      .editor = { NULL, &m.editor } });
    middle = (struct middle){ .change = keep_message };
    wanted_from = CLIENT;
    wanted_type = CLIENT_HELLO;
    wanted_nth = 1;
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    static const uint8_t want[] = { 0, 44, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
    ck_assert_ptr_nonnull(memmem(said, said_len, want, sizeof want));
}
END_TEST

/* §4.4.2: asked for a certificate, a client without one says so; our server, which did not ask,
 * refuses that message. Filters for certificate extensions (§4.2.5), a name, and what nobody knows
 * are passed over. */
START_TEST(certificate_request_is_answered)
{
    static const struct edit ask = { EDIT_BEFORE, CERTIFICATE, 0, 0,
                                     "0d000023 00 0020 000d 0004 0002 0807 1234 0002 aabb"
                                     "0030 000a 0008 03551d25 0002 3000 0000 0000" };
    static struct misbehaving m;
    misbehave(&m, &ask, 1);
    struct pair *p = pair_start(&(struct pair_setup){ .editor = { NULL, &m.editor } });
    middle = (struct middle){ .change = keep_message };
    wanted_from = CLIENT;
    wanted_type = CERTIFICATE;
    wanted_nth = 0;
    middle_join(&middle, p);
    pair_run(p);
    ck_assert_uint_eq(p->end[CLIENT].connected, 1);
    ck_assert_uint_eq(said_len, 8);
    ck_assert_mem_eq(said, "\13\0\0\4\0\0\0\0", 8);
    pair_failed(p, SERVER, "Certificate from a client", ALERT_UNEXPECTED_MESSAGE,
                "no transition");
}
END_TEST

/* RFC 9846 §4.3.8: shares are generated independently. RFC 10024 would let the X25519 half of a
 * hybrid share be the X25519 share beside it; ours are two. */
START_TEST(shares_are_independent)
{
    struct pair *p = pair_start(&(struct pair_setup){
        .groups = { { 0x11ec, 0x1d }, { 0x11ec, 0x1d } } });
    middle = (struct middle){ .change = keep_message };
    wanted_from = CLIENT;
    wanted_type = CLIENT_HELLO;
    wanted_nth = 0;
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    struct client_hello hello;
    struct fault fault = { 0 };
    struct bytes shares;
    ck_assert_int_eq(client_hello_decode(&hello, &fault, bytes_of(said + 4, said_len - 4)), 0);
    ck_assert_int_eq(decode_key_shares(&shares, &fault,
                                       extensions_body(&hello.extensions, EXT_KEY_SHARE)), 0);
    struct reader r = reader_of(shares);
    struct bytes hybrid = read_key_share(&r).key_exchange, x25519 = read_key_share(&r).key_exchange;
    ck_assert(reader_done(&r) && hybrid.len == 1184 + 32 && x25519.len == 32);
    ck_assert_mem_ne(hybrid.at + 1184, x25519.at, 32);
}
END_TEST

/* §4.2.7: a client without a share of the server's first group hears of all of its groups, whether
 * it knows them or not; others hear nothing. */
START_TEST(groups_are_told)
{
    static const struct { uint16_t groups[2][PAIR_GROUPS_MAX]; bool told; } cases[] = {
        { { { 0x11ec, 0x1d }, { 0x11ec, 0x11eb, 0x1d } }, false },
        { { { 0x1d }, { 0x11ec, 0x11eb, 0x1d } }, true },
        { { { 0x1d, 0x11eb }, { 0x11ec, 0x11eb, 0x1d } }, true },
        { { { 0x17, 0x18, 0x1d }, { 0x11ec, 0x11eb, 0x1d } }, true },            /* a retry */
    };
    static const uint8_t all[] = { 0, 10, 0, 8, 0, 6, 0x11, 0xec, 0x11, 0xeb, 0, 0x1d };
    struct pair_setup s = { .suite = 0x1301 };
    memcpy(s.groups, cases[_i].groups, sizeof s.groups);
    struct pair *p = pair_start(&s);
    middle = (struct middle){ .change = keep_message };
    wanted_from = SERVER;
    wanted_type = ENCRYPTED_EXTENSIONS;
    wanted_nth = 0;
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    struct bytes found;
    ck_assert_int_eq(extensions_find(&found, bytes_of(said + 6, said_len - 6),
                                     EXT_SUPPORTED_GROUPS), cases[_i].told);
    if (cases[_i].told)
        ck_assert_mem_eq(found.at - 4, all, sizeof all);
}
END_TEST

/* N1, N16: long lists cost a look each, and nothing more. */
START_TEST(n1_long_lists)
{
    static char hex[4 * 4000 + 20];
    size_t n = (size_t)snprintf(hex, sizeof hex, "%04x", 2 * 1000);
    for (size_t i = 0; i < 1000; i++)
        n += (size_t)snprintf(hex + n, sizeof hex - n, "%04zx", i == 999 ? 0x001d : 0x2000 + i);
    struct row groups = { "1,000 groups", CH(SET, EXT_SUPPORTED_GROUPS, hex), 0, SERVER, 0, "" };
    run_row(&groups);
    n = 0;
    for (size_t i = 0; i < 4000; i++)
        n += (size_t)snprintf(hex + n, sizeof hex - n, "%04x", i == 3999 ? 0x1301 : 0x1304);
    struct row suites = { "4,000 suites", CH(EDIT_SUITES, 0, hex), 0, SERVER, 0, "" };
    run_row(&suites);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("edits");
    TCase *c = tcase_create("in the middle");
    tcase_set_timeout(c, 300);
    tcase_add_loop_test(c, n16_no_edit_finishes, 0, (int)(COUNT(flows) * COUNT(edits)));
    suite_add_tcase(s, c);

    c = tcase_create("at the sender");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, each_rule_has_its_alert, 0, row_total());
    tcase_add_loop_test(c, s8_second_hello_to_a_forgetful_server, 0, (int)COUNT(second_hello_rows));
    tcase_add_test(c, every_bit_of_a_signature);
    tcase_add_loop_test(c, s2_every_bit_and_length_of_finished, 0, 2);
    tcase_add_loop_test(c, c1_bad_shares, 0, 4);
    tcase_add_loop_test(c, n15_share_lengths, 0, 2);
    tcase_add_loop_test(c, n15_hybrid_shares, 0, 2);
    tcase_add_loop_test(c, extension_in_every_message, 0, (int)COUNT(where));
    tcase_add_test(c, cookie_is_echoed);
    tcase_add_test(c, certificate_request_is_answered);
    tcase_add_test(c, shares_are_independent);
    tcase_add_loop_test(c, groups_are_told, 0, 4);
    tcase_add_test(c, n1_long_lists);
    suite_add_tcase(s, c);

    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
