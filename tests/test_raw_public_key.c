/* tests/test_raw_public_key.c - a bare key in place of a certificate (RFC 7250), believed by its
 * pin: what is agreed on, what is refused, and that a key that is not pinned is noticed (N20:
 * OpenSSL's CVE-2024-12797).
 */
#include "tests/editor.h"

#include "crypto/hash.h"
#include "tls13/certificate_type.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum key_type keys[] = { KEY_P256, KEY_ED25519, KEY_P384 };

/* Both ends show bare keys and take nothing else. */
static struct pair_setup bare(void)
{
    return (struct pair_setup){
        .pins = true, .key = KEY_P256, .client_key = KEY_P256,
        .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
        .shows = { SHOWS_RAW_KEY, SHOWS_RAW_KEY },
        .takes = { PEER_RAW_PUBLIC_KEY, PEER_RAW_PUBLIC_KEY },
    };
}

static void check_identity(const struct pair *p, unsigned who, struct bytes shown)
{
    uint8_t digest[32];
    hash_digest(&hash_sha256, digest, shown);
    struct tls_facts f = tls_facts(&p->end[who].tls);
    ck_assert(bytes_equal_public(f.peer_identity, bytes_of(digest, sizeof digest)));
}

START_TEST(deployment_without_x509)
{
    struct pair_setup s = bare();
    s.key = keys[_i % 3];
    s.client_key = keys[_i / 3];
    for (unsigned variant = 0; variant < 8; variant++) {
        s.hello_retry = variant & 1;
        s.client_signs_later = variant & 2;
        s.bite = variant & 4 ? 1 : 0;
        struct pair *p = pair_start(&s);
        pair_run(p);
        pair_connected(p);
        check_identity(p, CLIENT, p->party[SERVER].public_key);
        check_identity(p, SERVER, p->party[CLIENT].public_key);
        ck_assert_str_eq(tls_facts(&p->end[SERVER].tls).peer_subject, "");
        pair_send(p, CLIENT, bytes_of_string("no names at all"));
    }
}
END_TEST

/* ---- what is agreed on ---- */

struct agreement {
    const char *name;
    enum shown_certificate server_shows, client_shows;
    enum tls_peer_certificates client_takes, server_takes;
    bool server_bare, client_bare;           /* what comes of it */
    enum alert alert;                        /* ... or this, at that end */
    unsigned who;
};

static const struct agreement agreements[] = {
    { "X.509 both", SHOWS_X509, SHOWS_X509, PEER_X509, PEER_X509, false, false, ALERT_NONE, 0 },
    { "both have both", SHOWS_BOTH, SHOWS_BOTH, PEER_RAW_PUBLIC_KEY_OR_X509,
      PEER_RAW_PUBLIC_KEY_OR_X509, true, true, ALERT_NONE, 0 },
    { "the client wants X.509", SHOWS_BOTH, SHOWS_BOTH, PEER_X509, PEER_RAW_PUBLIC_KEY, false, true,
      ALERT_NONE, 0 },
    { "the server wants X.509", SHOWS_BOTH, SHOWS_BOTH, PEER_RAW_PUBLIC_KEY, PEER_X509, true, false,
      ALERT_NONE, 0 },
    { "the server has X.509 only", SHOWS_X509, SHOWS_RAW_KEY, PEER_RAW_PUBLIC_KEY_OR_X509,
      PEER_RAW_PUBLIC_KEY, false, true, ALERT_NONE, 0 },
    { "the client has X.509 only", SHOWS_RAW_KEY, SHOWS_X509, PEER_RAW_PUBLIC_KEY,
      PEER_RAW_PUBLIC_KEY_OR_X509, true, false, ALERT_NONE, 0 },
    { "bare wanted, X.509 there", SHOWS_X509, SHOWS_X509, PEER_RAW_PUBLIC_KEY, PEER_X509, false,
      false, ALERT_UNSUPPORTED_CERTIFICATE, SERVER },
    { "X.509 wanted, bare there", SHOWS_RAW_KEY, SHOWS_X509, PEER_X509, PEER_X509, false, false,
      ALERT_UNSUPPORTED_CERTIFICATE, SERVER },
    { "bare wanted of the client", SHOWS_X509, SHOWS_X509, PEER_X509, PEER_RAW_PUBLIC_KEY, false,
      false, ALERT_UNSUPPORTED_CERTIFICATE, SERVER },
    { "X.509 wanted of the client", SHOWS_X509, SHOWS_RAW_KEY, PEER_X509, PEER_X509, false, false,
      ALERT_UNSUPPORTED_CERTIFICATE, SERVER },
};

START_TEST(agreement)
{
    const struct agreement *a = &agreements[_i];
    struct pair_setup s = bare();
    s.shows[SERVER] = a->server_shows;
    s.shows[CLIENT] = a->client_shows;
    s.takes[CLIENT] = a->client_takes;
    s.takes[SERVER] = a->server_takes;
    struct pair *p = pair_start(&s);
    pair_run(p);
    if (a->alert != ALERT_NONE) {
        pair_failed(p, a->who, a->name, a->alert, "RFC 7250");
        return;
    }
    pair_connected(p);
    const struct pair_party *server = &p->party[SERVER], *client = &p->party[CLIENT];
    check_identity(p, CLIENT, a->server_bare ? server->public_key : server->chain[0]);
    check_identity(p, SERVER, a->client_bare ? client->public_key : client->chain[0]);
}
END_TEST

/* A server that asks for nothing is not troubled by what types its client has, and says nothing. */
START_TEST(client_type_is_not_answered_unasked)
{
    struct pair_setup s = bare();
    s.client_certificate = CLIENT_CERTIFICATE_NOT_ASKED;
    s.takes[SERVER] = PEER_X509;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(tls_facts(&p->end[SERVER].tls).peer_identity.len, 0);
}
END_TEST

/* A server that knows nothing of RFC 7250 answers with X.509; a client that takes no X.509 says so
 * when it comes. */
START_TEST(server_that_ignores_the_offer)
{
    static const struct edit ignore[] = {
        { EDIT_REMOVE_EXTENSION, ENCRYPTED_EXTENSIONS, 0, 20, NULL },
    };
    static struct misbehaving m;
    struct pair_setup s = bare();
    misbehave(&m, ignore, COUNT(ignore));
    s.editor[SERVER] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_failed(p, CLIENT, "no answer", ALERT_UNSUPPORTED_CERTIFICATE, "raw public keys only");
}
END_TEST

/* ---- N20: who is not believed ---- */

START_TEST(n20_key_that_is_not_pinned)
{
    for (unsigned who = 0; who < 2; who++) {
        struct pair_setup s = bare();
        struct pair *p = pair_start(&s);
        p->party[who].pin[0][0] ^= 1;
        pair_run(p);
        pair_failed(p, who, "not pinned", ALERT_CERTIFICATE_UNKNOWN, "RFC 7250");
        ck_assert_uint_eq(p->end[who].connected, 0);
        ck_assert_uint_eq(tls_facts(&p->end[who].tls).peer_identity.len, 0);
    }
}
END_TEST

/* Optional does not mean that what comes may be anybody's. */
START_TEST(n20_optional_key_that_is_not_pinned)
{
    struct pair_setup s = bare();
    s.client_certificate = CLIENT_CERTIFICATE_OPTIONAL;
    struct pair *p = pair_start(&s);
    p->party[SERVER].pin[0][0] ^= 1;
    pair_run(p);
    pair_failed(p, SERVER, "not pinned", ALERT_CERTIFICATE_UNKNOWN, "RFC 7250");
}
END_TEST

/* The pinned key is shown, and another one signs. */
START_TEST(n20_signature_of_another_key)
{
    for (unsigned who = 0; who < 2; who++) {
        struct pair_setup s = bare();
        struct pair *p = pair_start(&s);
        p->party[!who].key = p->party[who].key;
        pair_run(p);
        pair_failed(p, who, "another key", ALERT_DECRYPT_ERROR, "4.4.3");
    }
}
END_TEST

START_TEST(n20_settings_that_believe_nothing)
{
    static const struct x509_anchor anchor;
    static const uint8_t pins[1][X509_PIN_LEN];
    const struct x509_trust trusts[] = {
        { .anchors = &anchor, .anchor_count = 1 },
        { .anchors = &anchor, .anchor_count = 1, .pins = pins, .pin_count = 1 },
    };
    struct pair_setup s = bare();
    struct pair *p = pair_start(&s);
    for (size_t i = 0; i < COUNT(trusts); i++) {
        struct tls_settings settings = p->end[CLIENT].config.s;
        struct tls_config config;
        const char *reason = "";
        settings.trust = &trusts[i];
        ck_assert(!tls_config_client(&config, &settings, &reason));
        ck_assert_msg(strstr(reason, "peer_certificates: "), "%s", reason);
        settings = p->end[SERVER].config.s;
        settings.trust = &trusts[i];
        ck_assert(!tls_config_server(&config, &settings, &reason));
        ck_assert_msg(strstr(reason, "peer_certificates: "), "%s", reason);
    }
}
END_TEST

START_TEST(insecure_client)
{
    struct pair_setup s = bare();
    s.insecure = true;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
}
END_TEST

/* ---- messages that are wrong ---- */

struct rule { const char *name; unsigned from; enum alert alert; const char *keyword;
              struct edit edit; };

static const struct rule rules[] = {
    { "server's list is empty", SERVER, ALERT_DECODE_ERROR, "empty",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 000000" } },
    { "client's list is empty", CLIENT, ALERT_CERTIFICATE_REQUIRED, "",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 000000" } },
    { "two keys", SERVER, ALERT_ILLEGAL_PARAMETER, "more than one",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 00000c 000001 30 0000 000001 30 0000" } },
    { "two keys of the client", CLIENT, ALERT_ILLEGAL_PARAMETER, "more than one",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 00000c 000001 30 0000 000001 30 0000" } },
    { "no key", SERVER, ALERT_BAD_CERTIFICATE, "malformed",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 000006 000001 30 0000" } },
    { "a byte behind the key", SERVER, ALERT_DECODE_ERROR, "malformed",
      { EDIT_APPEND, CERTIFICATE, 0, 0, "00" } },
    { "type that was not offered", SERVER, ALERT_ILLEGAL_PARAMETER, "not offered",
      { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, 20, "00" } },
    { "unknown type", SERVER, ALERT_ILLEGAL_PARAMETER, "not offered",
      { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, 20, "07" } },
    { "client's type not offered", SERVER, ALERT_ILLEGAL_PARAMETER, "not offered",
      { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, 19, "01" } },
    { "two types", SERVER, ALERT_DECODE_ERROR, "malformed",
      { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, 20, "0202" } },
    { "no type", SERVER, ALERT_DECODE_ERROR, "malformed",
      { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, 20, "" } },
    { "empty list", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 20, "00" } },
    { "list too short", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 19, "02 02" } },
    { "bytes behind the list", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 20, "01 02 00" } },
    { "unknown types only", CLIENT, ALERT_UNSUPPORTED_CERTIFICATE, "in common",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 20, "03 01 03 ff" } },
    { "the client's unknown", CLIENT, ALERT_UNSUPPORTED_CERTIFICATE, "in common",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 19, "01 01" } },
};

START_TEST(rules_of_the_messages)
{
    static struct misbehaving m;
    const struct rule *r = &rules[_i];
    struct pair_setup s = bare();
    misbehave(&m, &r->edit, 1);
    s.editor[r->from] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    ck_assert(m.done);
    pair_failed(p, !r->from, r->name, r->alert, r->keyword);
}
END_TEST

/* RFC 9846 §6: a list that does not parse is decode_error, even of a certificate that is not asked
 * for, or where there will be none at all. */
START_TEST(lists_that_are_not_used_are_well_formed)
{
    static const struct edit edits[] = {
        { EDIT_FIRST_EXTENSION, CLIENT_HELLO, 0, 19, "02 02" },
        { EDIT_FIRST_EXTENSION, CLIENT_HELLO, 0, 19, "00" },
        { EDIT_FIRST_EXTENSION, CLIENT_HELLO, 0, 20, "01 02 00" },
    };
    static struct misbehaving m;
    for (unsigned resumed = 0; resumed < 2; resumed++) {
        struct pair_setup s = { .resumed = resumed };
        misbehave(&m, &edits[_i], 1);
        s.editor[CLIENT] = &m.editor;
        struct pair *p = pair_start(&s);
        pair_run(p);
        ck_assert(m.done);
        pair_failed(p, SERVER, "not used", ALERT_DECODE_ERROR, "malformed");
    }
}
END_TEST

/* A bare key has no name: it is shown to whoever asks for whomever; and a certificate beside it is
 * not, where bare keys are what was agreed on. */
START_TEST(key_beside_a_certificate)
{
    struct pair_setup s = bare();
    s.server_name = "third.example.org";
    s.refuse_unknown_names = true;
    struct pair *p = pair_start(&s);
    struct tls_credential both[2] = { p->party[SERVER].credential, p->party[SERVER].credential };
    both[0].public_key = bytes_of(NULL, 0);
    both[0].chain_count = 1;
    p->end[SERVER].config.s.credentials = both;
    p->end[SERVER].config.s.credential_count = 2;
    pair_run(p);
    pair_connected(p);
    check_identity(p, CLIENT, p->party[SERVER].public_key);
}
END_TEST

/* Unknown types in front are passed over. */
START_TEST(unknown_types_are_passed_over)
{
    static const struct edit edit = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 20, "04 ff 01 02 00" };
    static struct misbehaving m;
    struct pair_setup s = bare();
    misbehave(&m, &edit, 1);
    s.editor[CLIENT] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("raw_public_key");
    TCase *c = tcase_create("raw_public_key");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, deployment_without_x509, 0, 9);
    tcase_add_loop_test(c, agreement, 0, (int)COUNT(agreements));
    tcase_add_test(c, client_type_is_not_answered_unasked);
    tcase_add_test(c, server_that_ignores_the_offer);
    tcase_add_test(c, n20_key_that_is_not_pinned);
    tcase_add_test(c, n20_optional_key_that_is_not_pinned);
    tcase_add_test(c, n20_signature_of_another_key);
    tcase_add_test(c, n20_settings_that_believe_nothing);
    tcase_add_test(c, insecure_client);
    tcase_add_loop_test(c, rules_of_the_messages, 0, (int)COUNT(rules));
    tcase_add_loop_test(c, lists_that_are_not_used_are_well_formed, 0, 3);
    tcase_add_test(c, unknown_types_are_passed_over);
    tcase_add_test(c, key_beside_a_certificate);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
