/* tests/test_client_auth.c - clients that prove who they are (RFC 8446 §4.3.2, §4.4): asked or not,
 * believed or not, and every way of falling silent that other stacks had (S1, S3, N19, N20, N21).
 */
#include "tests/editor.h"

#include "crypto/hash.h"
#include "tls13/certificate_request.h"
#include "tls13/machine.h"
#include "tls13/x509/make.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const enum key_type keys[] = { KEY_P256, KEY_ED25519, KEY_P384 };
static const uint16_t own_schemes[] = { 0x0403, 0x0807, 0x0503 };

static struct pair_setup with_key(enum key_type key)
{
    return (struct pair_setup){ .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
                                .client_key = key };
}

static struct bytes identity(const struct pair *p, unsigned who)
{
    return tls_facts(&p->end[who].tls).peer_identity;
}

/* ---- who is there ---- */

static void check_identity(const struct pair *p, unsigned who)
{
    uint8_t digest[32];
    hash_digest(&hash_sha256, digest, p->party[!who].chain[0]);
    ck_assert(bytes_equal_public(identity(p, who), bytes_of(digest, sizeof digest)));
}

static void check_connection(const struct pair_setup *s, size_t key)
{
    struct pair *p = pair_start(s);
    pair_run(p);
    pair_connected(p);
    check_identity(p, CLIENT);
    check_identity(p, SERVER);
    for (unsigned i = 0; i < 2; i++) {
        struct tls_facts f = tls_facts(&p->end[i].tls);
        ck_assert_uint_eq(f.client_scheme->code_point, own_schemes[key]);
        ck_assert_uint_eq(f.scheme->code_point, 0x0807);
        pair_send(p, i, bytes_of_string("and now data"));
    }
}

START_TEST(known_client)
{
    struct pair_setup s = with_key(keys[_i]);
    for (unsigned variant = 0; variant < 64; variant++) {
        s.client_certificate = variant & 1 ? CLIENT_CERTIFICATE_OPTIONAL
                                           : CLIENT_CERTIFICATE_REQUIRED;
        s.pins = variant & 2;
        s.client_signs_later = variant & 4;
        s.sign_later = variant & 8;
        s.hello_retry = variant & 16;
        s.bite = variant & 32 ? 1 : 0;
        s.cap = variant & 32 ? TLS_OUTPUT_MIN : 0;
        check_connection(&s, (size_t)_i);
    }
}
END_TEST

/* §4.4.2: asked and having none, it says so with an empty list. */
START_TEST(client_without_a_certificate)
{
    struct pair_setup s = { .client_certificate = CLIENT_CERTIFICATE_OPTIONAL };
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(identity(p, SERVER).len, 0);
    ck_assert_ptr_null(tls_facts(&p->end[SERVER].tls).client_scheme);
    ck_assert_ptr_null(tls_facts(&p->end[CLIENT].tls).client_scheme);
    pair_send(p, CLIENT, bytes_of_string("nobody in particular"));
}
END_TEST

/* N21: §4.4.2.4. */
START_TEST(n21_no_certificate_where_one_is_required)
{
    struct pair *p = pair_start(&(struct pair_setup){
        .client_certificate = CLIENT_CERTIFICATE_REQUIRED });
    pair_run(p);
    pair_failed(p, SERVER, "empty list", ALERT_CERTIFICATE_REQUIRED, "4.4.2.4");
    ck_assert_uint_eq(p->end[SERVER].connected, 0);
    ck_assert(tls_failure(&p->end[CLIENT].tls).received);
    ck_assert_int_eq(tls_failure(&p->end[CLIENT].tls).alert, ALERT_CERTIFICATE_REQUIRED);
}
END_TEST

/* A client that is not asked does not tell who it is. */
START_TEST(client_that_is_not_asked)
{
    struct pair *p = pair_start(&(struct pair_setup){ .client_key = KEY_P256 });
    pair_run(p);
    pair_connected(p);
    check_identity(p, CLIENT);
    ck_assert_uint_eq(identity(p, SERVER).len, 0);
    ck_assert_ptr_null(tls_facts(&p->end[CLIENT].tls).client_scheme);
}
END_TEST

/* N20: there is no identity before all is proved, and none is left after a failure. */
START_TEST(n20_no_identity_without_the_proof)
{
    static const struct edit flip = { EDIT_FLIP, FINISHED, 0, 8 * 9, NULL };
    static struct middle middle;
    struct pair_setup s = with_key(KEY_P256);
    struct pair *p = pair_start(&s);
    middle = (struct middle){ .edit = &flip, .from = CLIENT };
    middle_join(&middle, p);
    pair_run(p);
    pair_failed(p, SERVER, "Finished", ALERT_DECRYPT_ERROR, "verify_data");
    ck_assert_uint_eq(identity(p, SERVER).len, 0);
}
END_TEST

/* ---- who is not believed ---- */

static bool count_up(void *context, uint8_t *out, size_t len)
{
    uint8_t *next = context;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(*next = (uint8_t)(*next * 5 + 17));
    return true;
}

enum stranger { SELF_SIGNED, OTHER_ROOT, EXPIRED, A_SERVER, BROKEN_DER, STRANGERS };

static uint8_t stranger_der[X509_MAKE_MAX], root_der[X509_MAKE_MAX];

/* A certificate for the client's own key, that nobody here should believe. */
static struct bytes make_stranger(const struct pair *p, enum stranger kind)
{
    uint8_t seed = 1;
    struct random_source random = { count_up, &seed };
    struct private_key other;
    size_t root_len, len;
    ck_assert(private_key_generate(&other, KEY_ED25519, &random));
    struct x509_recipe root = x509_recipe_root("Root", &other, PAIR_NOW - 1000);
    ck_assert(x509_make(root_der, &root_len, sizeof root_der, &root, &random));
    struct x509_issuer issuer = { bytes_of(root_der, root_len), &other };
    if (kind == SELF_SIGNED)
        issuer = (struct x509_issuer){ { 0 }, p->party[CLIENT].key };
    struct x509_recipe r = x509_recipe_client("Mallory", p->party[CLIENT].key, issuer,
                                              PAIR_NOW - 1000);
    ck_assert(x509_make(stranger_der, &len, sizeof stranger_der, &r, &random));
    if (kind == BROKEN_DER)
        return bytes_of(stranger_der, len - 1);
    return bytes_of(stranger_der, len);
}

static int64_t in_two_years(void *context)
{
    (void)context;
    return PAIR_NOW + (int64_t)2 * 365 * 86400;
}

static const struct { const char *name; enum alert alert; const char *keyword; } strangers[] = {
    [SELF_SIGNED] = { "self-signed", ALERT_UNKNOWN_CA, "" },
    [OTHER_ROOT]  = { "another root of the same name", ALERT_BAD_CERTIFICATE, "signature" },
    [EXPIRED]     = { "expired", ALERT_CERTIFICATE_EXPIRED, "expired" },
    [A_SERVER]    = { "a server's", ALERT_UNSUPPORTED_CERTIFICATE, "clientAuth" },
    [BROKEN_DER]  = { "broken", ALERT_BAD_CERTIFICATE, "" },
};

/* A certificate that comes has to be believed, required or not (§4.4.2.4 lets a server choose). */
START_TEST(n20_strangers)
{
    static const struct edit no_names = { EDIT_REMOVE_EXTENSION, CERTIFICATE_REQUEST, 0, 47, NULL };
    static struct misbehaving m;
    for (unsigned optional = 0; optional < 2; optional++) {
        struct pair_setup s = with_key(KEY_P256);
        s.client_certificate = optional ? CLIENT_CERTIFICATE_OPTIONAL
                                        : CLIENT_CERTIFICATE_REQUIRED;
        misbehave(&m, &no_names, 1);
        s.editor[SERVER] = &m.editor;
        struct pair *p = pair_start(&s);
        struct pair_party *client = &p->party[CLIENT];
        if (_i == A_SERVER) {
            client->chain[0] = p->party[SERVER].chain[0];
            client->key = p->party[SERVER].key;
            client->scheme[0] = p->party[SERVER].scheme[0];
        } else if (_i == EXPIRED) {
            p->end[SERVER].config.s.now = in_two_years;
        } else {
            client->chain[0] = make_stranger(p, (enum stranger)_i);
        }
        pair_run(p);
        pair_failed(p, SERVER, strangers[_i].name, strangers[_i].alert, strangers[_i].keyword);
        ck_assert_uint_eq(p->end[SERVER].connected, 0);
        ck_assert_uint_eq(identity(p, SERVER).len, 0);
    }
}
END_TEST

START_TEST(n20_key_that_is_not_pinned)
{
    struct pair_setup s = with_key(KEY_P256);
    s.pins = true;
    struct pair *p = pair_start(&s);
    p->party[SERVER].pin[0][31] ^= 1;
    pair_run(p);
    pair_failed(p, SERVER, "not pinned", ALERT_CERTIFICATE_UNKNOWN, "pin");
}
END_TEST

/* The insecure setting believes any certificate, but still wants its key's signature. */
START_TEST(insecure_server)
{
    struct pair_setup s = with_key(KEY_P256);
    s.client_insecure = true;
    struct pair *p = pair_start(&s);
    p->party[CLIENT].chain[0] = make_stranger(p, OTHER_ROOT);
    pair_run(p);
    pair_connected(p);
    check_identity(p, SERVER);
}
END_TEST

/* ---- messages left out, put in, or changed by the client ---- */

/* The edits, made by the client or the server before hashing; what the other end says to it. */
static void refused(const char *name, unsigned from, struct pair_setup s, const struct edit *edit,
                    size_t count, enum alert alert, const char *keyword)
{
    static struct misbehaving m;
    misbehave(&m, edit, count);
    s.editor[from] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    ck_assert(m.done);
    pair_failed(p, !from, name, alert, keyword);
    ck_assert_uint_eq(p->end[!from].connected, 0);
    ck_assert_uint_eq(p->end[!from].data_len, 0);
}

/* S1: wolfSSL's CVE-2022-25640 and CVE-2020-24613: no CertificateVerify, and all is well. */
START_TEST(s1_skipped_messages)
{
    static const struct edit no_verify = { .kind = EDIT_DROP, .message = CERTIFICATE_VERIFY };
    static const struct edit no_certificate = { .kind = EDIT_DROP, .message = CERTIFICATE };
    struct pair_setup s = with_key(KEY_P256);
    struct pair_setup none = { .client_certificate = CLIENT_CERTIFICATE_OPTIONAL };
    for (unsigned optional = 0; optional < 2; optional++) {
        s.client_certificate = optional ? CLIENT_CERTIFICATE_OPTIONAL
                                        : CLIENT_CERTIFICATE_REQUIRED;
        refused("no CertificateVerify", CLIENT, s, &no_verify, 1, ALERT_UNEXPECTED_MESSAGE,
                "no transition");
        refused("no Certificate", CLIENT, s, &no_certificate, 1, ALERT_UNEXPECTED_MESSAGE,
                "no transition");
    }
    refused("neither", CLIENT, none, &no_certificate, 1, ALERT_UNEXPECTED_MESSAGE,
            "no transition");
    refused("server's CertificateVerify", SERVER, s, &no_verify, 1, ALERT_UNEXPECTED_MESSAGE,
            "no transition");
}
END_TEST

START_TEST(s1_unasked_messages)
{
    static const struct edit certificate = { EDIT_BEFORE, FINISHED, 0, 0, "0b000004 00 000000" };
    static const struct edit verify = { EDIT_BEFORE, FINISHED, 0, 0, "0f000004 0403 0000" };
    static const struct edit twice = { .kind = EDIT_REPEAT, .message = CERTIFICATE };
    static const struct edit verify_twice = { .kind = EDIT_REPEAT, .message = CERTIFICATE_VERIFY };
    static const struct edit request_twice = { .kind = EDIT_REPEAT,
                                               .message = CERTIFICATE_REQUEST };
    struct pair_setup nothing = { .client_key = KEY_P256 };
    struct pair_setup none = { .client_certificate = CLIENT_CERTIFICATE_OPTIONAL };
    refused("Certificate unasked", CLIENT, nothing, &certificate, 1, ALERT_UNEXPECTED_MESSAGE, "");
    refused("verify unasked", CLIENT, nothing, &verify, 1, ALERT_UNEXPECTED_MESSAGE, "");
    refused("verify of nothing", CLIENT, none, &verify, 1, ALERT_UNEXPECTED_MESSAGE, "");
    refused("second Certificate", CLIENT, with_key(KEY_P256), &twice, 1,
            ALERT_UNEXPECTED_MESSAGE, "");
    refused("second CertificateVerify", CLIENT, with_key(KEY_P256), &verify_twice, 1,
            ALERT_UNEXPECTED_MESSAGE, "");
    refused("second CertificateRequest", SERVER, with_key(KEY_P256), &request_twice, 1,
            ALERT_UNEXPECTED_MESSAGE, "");
}
END_TEST

struct rule { const char *name; unsigned from; enum alert alert; const char *keyword;
              struct edit edit[2]; };

static const struct rule rules[] = {
    /* §4.4.2: the context is the CertificateRequest's, which is empty in the handshake */
    { "client's context", CLIENT, ALERT_ILLEGAL_PARAMETER, "context",
      { { EDIT_OVERWRITE, CERTIFICATE, 0, 0, "01" }, { EDIT_INSERT, CERTIFICATE, 0, 1, "aa" } } },
    { "server's context", SERVER, ALERT_ILLEGAL_PARAMETER, "context",
      { { EDIT_OVERWRITE, CERTIFICATE, 0, 0, "01" }, { EDIT_INSERT, CERTIFICATE, 0, 1, "aa" } } },
    { "context of the request", SERVER, ALERT_ILLEGAL_PARAMETER, "context",
      { { EDIT_OVERWRITE, CERTIFICATE_REQUEST, 0, 0, "01" },
        { EDIT_INSERT, CERTIFICATE_REQUEST, 0, 1, "aa" } } },
    /* N21 */
    { "server's empty list", SERVER, ALERT_DECODE_ERROR, "empty",
      { { EDIT_BODY, CERTIFICATE, 0, 0, "00 000000" } } },
    { "client's empty list", CLIENT, ALERT_CERTIFICATE_REQUIRED, "",
      { { EDIT_BODY, CERTIFICATE, 0, 0, "00 000000" } } },
    { "empty certificate", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_BODY, CERTIFICATE, 0, 0, "00 000005 000000 0000" } } },
    { "a byte behind the list", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_APPEND, CERTIFICATE, 0, 0, "00" } } },
    { "no bytes at all", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_BODY, CERTIFICATE, 0, 0, "" } } },
    { "request: no bytes", SERVER, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_BODY, CERTIFICATE_REQUEST, 0, 0, "" } } },
    { "request: a byte behind", SERVER, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_APPEND, CERTIFICATE_REQUEST, 0, 0, "00" } } },
    /* §4.3.2 */
    { "request without signature_algorithms", SERVER, ALERT_MISSING_EXTENSION, "4.3.2",
      { { EDIT_REMOVE_EXTENSION, CERTIFICATE_REQUEST, 0, 13, NULL } } },
    { "request without any extension", SERVER, ALERT_MISSING_EXTENSION, "4.3.2",
      { { EDIT_BODY, CERTIFICATE_REQUEST, 0, 0, "00 0000" } } },
    { "request: signature_algorithms empty", SERVER, ALERT_DECODE_ERROR, "",
      { { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 13, "0000" } } },
    { "request: signature_algorithms odd", SERVER, ALERT_DECODE_ERROR, "",
      { { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 13, "0003 040304" } } },
    { "request: signature_algorithms twice", SERVER, ALERT_ILLEGAL_PARAMETER, "two extensions",
      { { EDIT_ADD_EXTENSION, CERTIFICATE_REQUEST, 0, 13, "0002 0403" } } },
    { "request: key_share", SERVER, ALERT_ILLEGAL_PARAMETER, "not specified",
      { { EDIT_ADD_EXTENSION, CERTIFICATE_REQUEST, 0, 51, "" } } },
    { "request: empty certificate_authorities", SERVER, ALERT_DECODE_ERROR, "authorities",
      { { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 47, "0000" } } },
    { "request: certificate_authorities and a byte", SERVER, ALERT_DECODE_ERROR, "authorities",
      { { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 47, "0004 0002 3000 00" } } },
    { "request: an authority cut", SERVER, ALERT_DECODE_ERROR, "DistinguishedName",
      { { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 47, "0003 0002 30" } } },
    /* §4.4.3 */
    { "server: signature changed", SERVER, ALERT_DECRYPT_ERROR, "4.4.3",
      { { EDIT_FLIP, CERTIFICATE_VERIFY, 0, 8 * 40 + 3, NULL } } },
    { "signature changed", CLIENT, ALERT_DECRYPT_ERROR, "4.4.3",
      { { EDIT_FLIP, CERTIFICATE_VERIFY, 0, 8 * 40 + 3, NULL } } },
    { "no signature", CLIENT, ALERT_DECRYPT_ERROR, "4.4.3",
      { { EDIT_BODY, CERTIFICATE_VERIFY, 0, 0, "0403 0000" } } },
    { "a byte behind the signature", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_APPEND, CERTIFICATE_VERIFY, 0, 0, "00" } } },
    { "half a signature", CLIENT, ALERT_DECODE_ERROR, "malformed",
      { { EDIT_KEEP, CERTIFICATE_VERIFY, 0, 20, NULL } } },
};

START_TEST(rules_of_the_messages)
{
    const struct rule *r = &rules[_i];
    struct pair_setup s = with_key(KEY_P256);
    s.key = KEY_P256;
    refused(r->name, r->from, s, r->edit, r->edit[1].kind == EDIT_NOTHING ? 1 : 2, r->alert,
            r->keyword);
}
END_TEST

/* §4.2, S3: what stands in an entry of the client's answers what the server asked for: nothing. */
START_TEST(extensions_of_an_entry)
{
    static const struct { const char *extension; enum alert alert; } cases[] = {
        { "0004 0005 0000", ALERT_UNSUPPORTED_EXTENSION },
        { "0004 0012 0000", ALERT_UNSUPPORTED_EXTENSION },
        { "0004 1234 0000", ALERT_UNSUPPORTED_EXTENSION },
        { "0004 000d 0000", ALERT_ILLEGAL_PARAMETER },
        { "0003 000500", ALERT_DECODE_ERROR },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char body[80];
        unsigned n = cases[i].alert == ALERT_DECODE_ERROR ? 9 : 10;
        snprintf(body, sizeof body, "00 %06x 000001 30 %s", n, cases[i].extension);
        struct edit edit = { EDIT_BODY, CERTIFICATE, 0, 0, body };
        refused(cases[i].extension, CLIENT, with_key(KEY_P256), &edit, 1, cases[i].alert, "");
    }
}
END_TEST

/* ---- N19: the scheme must be offered, not a legacy one, and right for the key ---- */

START_TEST(n19_each_scheme_with_each_key)
{
    static const uint16_t schemes[] = {
        0x0201, 0x0203, 0x0401, 0x0403, 0x0501, 0x0503, 0x0601, 0x0603, 0x0804, 0x0805, 0x0806,
        0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0000, 0xffff,
    };
    unsigned from = (unsigned)_i % 2;
    size_t key = (size_t)_i / 2;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        char hex[5];
        snprintf(hex, sizeof hex, "%04x", schemes[i]);
        struct edit edit = { EDIT_OVERWRITE, CERTIFICATE_VERIFY, 0, 0, hex };
        struct pair_setup s = with_key(keys[key]);
        s.key = keys[key];
        if (schemes[i] != own_schemes[key])
            refused(hex, from, s, &edit, 1, ALERT_ILLEGAL_PARAMETER, "4.4.3");
    }
}
END_TEST

/* §4.4.3: the client's context string is not the server's. */
static enum sign_result sign_as_a_server(void *context, const struct signature_scheme *scheme,
                                         struct bytes content, uint8_t *signature,
                                         size_t *signature_len)
{
    struct pair_party *party = context;
    uint8_t changed[256];
    memcpy(changed, content.at, content.len);
    memcpy(changed + 64, "TLS 1.3, server CertificateVerify", 33);
    return scheme->signature->sign(signature, signature_len, party->key,
                                   bytes_of(changed, content.len), &random_system)
               ? SIGN_DONE : SIGN_FAILED;
}

static enum sign_result refuse_to_sign(void *context, const struct signature_scheme *scheme,
                                       struct bytes content, uint8_t *signature,
                                       size_t *signature_len)
{
    (void)context, (void)scheme, (void)content, (void)signature, (void)signature_len;
    return SIGN_FAILED;
}

START_TEST(signature_of_another_role)
{
    struct pair_setup s = with_key(KEY_P256);
    struct pair *p = pair_start(&s);
    p->party[CLIENT].credential.signer.sign = sign_as_a_server;
    pair_run(p);
    pair_failed(p, SERVER, "as a server", ALERT_DECRYPT_ERROR, "4.4.3");
}
END_TEST

/* Somebody else's certificate, without its key. */
START_TEST(signature_of_another_key)
{
    struct pair_setup s = with_key(KEY_P256);
    s.key = KEY_P256;
    struct pair *p = pair_start(&s);
    p->party[CLIENT].key = p->party[SERVER].key;
    pair_run(p);
    pair_failed(p, SERVER, "another key", ALERT_DECRYPT_ERROR, "4.4.3");
}
END_TEST

/* ---- the client's signer ---- */

START_TEST(signer_fails)
{
    struct pair_setup s = with_key(KEY_P256);
    struct pair *p = pair_start(&s);
    p->party[CLIENT].credential.signer.sign = refuse_to_sign;
    pair_run(p);
    pair_failed(p, CLIENT, "signer fails", ALERT_INTERNAL_ERROR, "signer");
    ck_assert_uint_eq(p->end[CLIENT].connected, 0);
    ck_assert_uint_eq(p->end[SERVER].connected, 0);
}
END_TEST

static struct pair *client_that_waits_for_its_signer(void)
{
    struct pair_setup s = with_key(KEY_P256);
    s.client_signs_later = true;
    struct pair *p = pair_start(&s);
    while (!tls_wants_signature(&p->end[CLIENT].tls))
        pair_step(p);
    return p;
}

START_TEST(signer_fails_later)
{
    struct pair *p = client_that_waits_for_its_signer();
    struct tls *t = &p->end[CLIENT].tls;
    ck_assert_int_eq(tls_signature(t, bytes_of(NULL, 0)), TLS_FAILED);
    pair_run(p);
    pair_failed(p, CLIENT, "signer fails", ALERT_INTERNAL_ERROR, "signer");
    ck_assert_uint_eq(p->end[SERVER].connected, 0);
    ck_assert_int_eq(tls_signature(t, bytes_of("late", 4)), TLS_FAILED);
}
END_TEST

/* While it waits the client is not connected: nothing is sent, exported or updated. */
START_TEST(nothing_works_while_the_client_signs)
{
    uint8_t out[100];
    size_t taken;
    struct pair *p = client_that_waits_for_its_signer();
    struct tls *t = &p->end[CLIENT].tls;
    ck_assert_int_eq(t->state, WAIT_SIGNATURE);
    ck_assert(!tls_handshake_over(t) && !tls_update_keys(t, false));
    ck_assert(!tls_export(t, out, 10, "label", bytes_of(NULL, 0)));
    tls_seal(t, out, sizeof out, bytes_of("x", 1), &taken);
    ck_assert_uint_eq(taken, 0);
    ck_assert_uint_eq(tls_facts(t).peer_identity.len, 0);
    ck_assert_int_eq(tls_receive_end(t), TLS_FAILED);
}
END_TEST

START_TEST(signature_that_is_wrong)
{
    struct pair *p = client_that_waits_for_its_signer();
    ck_assert_int_eq(tls_signature(&p->end[CLIENT].tls, bytes_of("wrong", 5)), TLS_CONNECTED);
    pair_run(p);
    pair_failed(p, SERVER, "wrong signature", ALERT_DECRYPT_ERROR, "4.4.3");
}
END_TEST

/* ---- what the client chooses ---- */

/* The request asks for these schemes; the key of this type is what the client answers with. */
static void check_choice(const char *schemes, enum key_type expected)
{
    static struct misbehaving m;
    struct tls_credential three[3];
    struct pair_party parties[3];
    const struct edit edit = { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 13, schemes };
    struct pair_setup s = with_key(KEY_P256);
    misbehave(&m, &edit, 1);
    s.editor[SERVER] = &m.editor;
    s.client_certificate = CLIENT_CERTIFICATE_OPTIONAL;
    struct pair *p = NULL;
    for (size_t i = 0; i < 3; i++) {
        s.client_key = keys[i];
        p = pair_start(&s);
        parties[i] = p->party[CLIENT];
    }
    for (size_t i = 0; i < 3; i++) {
        parties[i].credential.chain = parties[i].chain;
        parties[i].credential.schemes = parties[i].scheme;
        parties[i].credential.signer.context = &parties[i];
        three[i] = parties[i].credential;
    }
    p->end[CLIENT].config.s.credentials = three;
    p->end[CLIENT].config.s.credential_count = 3;
    pair_run(p);
    pair_connected(p);
    const struct signature_scheme *got = tls_facts(&p->end[SERVER].tls).client_scheme;
    ck_assert_int_eq(got ? got->signature->key_type : KEY_NONE, expected);
}

START_TEST(choice_by_signature_algorithms)
{
    check_choice("0002 0403", KEY_P256);
    check_choice("0002 0807", KEY_ED25519);
    check_choice("0002 0503", KEY_P384);
    check_choice("0006 0503 0807 0403", KEY_P256);       /* the client's own order */
    check_choice("0004 0503 0807", KEY_ED25519);
    check_choice("0006 0804 0503 ffff", KEY_P384);
    check_choice("0002 0804", KEY_NONE);                 /* none fits: an empty list */
    check_choice("0002 0401", KEY_NONE);
}
END_TEST

/* A client that would rather not connect than connect as nobody. */
START_TEST(never_anonymous)
{
    struct pair *p = pair_start(&(struct pair_setup){
        .client_certificate = _i ? CLIENT_CERTIFICATE_OPTIONAL : CLIENT_CERTIFICATE_NOT_ASKED });
    p->end[CLIENT].config.s.never_anonymous = true;
    pair_run(p);
    if (_i)
        pair_failed(p, CLIENT, "as nobody", ALERT_HANDSHAKE_FAILURE, "no certificate of ours");
    else
        pair_connected(p);
}
END_TEST

/* §4.2.4: to a server that names authorities, only what one of them has issued. */
START_TEST(choice_by_certificate_authorities)
{
    static const char *const others[] = {
        "0012 0010 300e310c300a06035504030c03 466f6f",   /* CN=Foo */
        "0003 0001 00",
    };
    struct pair_setup s = with_key(KEY_P256);
    s.client_certificate = CLIENT_CERTIFICATE_OPTIONAL;
    for (size_t i = 0; i < COUNT(others); i++) {
        static struct misbehaving m;
        struct edit edit = { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 47, others[i] };
        misbehave(&m, &edit, 1);
        s.editor[SERVER] = &m.editor;
        struct pair *p = pair_start(&s);
        pair_run(p);
        pair_connected(p);
        ck_assert_uint_eq(identity(p, SERVER).len, 0);
        misbehave(&m, &edit, 1);
        p = pair_start(&s);
        p->party[CLIENT].credential.for_any_authority = true;
        pair_run(p);
        pair_connected(p);
        check_identity(p, SERVER);
    }
}
END_TEST

static unsigned authorities_seen;

static void see_authorities(struct middle *m, unsigned from, struct items *items)
{
    (void)m;
    for (size_t i = 0; from == SERVER && i < items->count; i++) {
        struct bytes message = items->item[i].content, body;
        if (items->item[i].type != HANDSHAKE || message.at[0] != CERTIFICATE_REQUEST)
            continue;
        struct reader r = reader_of(bytes_of(message.at + 5, message.len - 5));
        ck_assert(extensions_find(&body, read_vec16(&r, 0), EXT_CERTIFICATE_AUTHORITIES));
        ck_assert(bytes_equal_public(body, bytes_of("\0\4\0\2\60\0", 6)));
        authorities_seen++;
    }
}

/* A caller who judges: nobody, or everybody. */
static enum alert judge(void *context, const struct bytes *chain, size_t chain_count,
                        const char **reason)
{
    (void)chain;
    (void)chain_count;
    *reason = "the caller does not know this one";
    return *(const enum alert *)context;
}

/* §4.2.4: what a server's anchors are beside a verifier is names in its request, and no judges. */
START_TEST(anchors_are_only_named_beside_a_verifier)
{
    static struct middle middle;
    enum alert verdict = _i ? ALERT_UNKNOWN_CA : ALERT_NONE;
    struct tls_verifier verifier = { judge, &verdict };
    struct pair_setup s = with_key(KEY_P256);
    s.client_certificate = CLIENT_CERTIFICATE_REQUIRED;
    struct pair *p = pair_start(&s);
    struct x509_anchor stranger = { bytes_of(NULL, 0), bytes_of("\x30\x00", 2) };
    struct x509_trust names = { .anchors = &stranger, .anchor_count = 1 };
    p->end[SERVER].config.s.verifier = &verifier;
    p->end[SERVER].config.s.trust = &names;
    p->party[CLIENT].credential.for_any_authority = true;
    middle = (struct middle){ .change = see_authorities };
    middle_join(&middle, p);
    authorities_seen = 0;
    pair_run(p);
    ck_assert_uint_eq(authorities_seen, 1);
    if (_i)
        pair_failed(p, SERVER, "judged", ALERT_UNKNOWN_CA, "does not know");
    else
        pair_connected(p);
}
END_TEST

/* §4.2.5: filters for extensions that are not recognised, which is all of them, are ignored.
 * §4.2.3: what the server says of certificates has to parse, and is a wish. */
START_TEST(oid_filters)
{
    static const struct { uint16_t extension; const char *body; enum alert alert; } cases[] = {
        { 48, "0000", ALERT_NONE },
        { 48, "000b 03551d0f 0004 03020780 00", ALERT_DECODE_ERROR },
        { 48, "000a 03551d0f 0004 03020780", ALERT_NONE },
        { 48, "", ALERT_DECODE_ERROR },
        { 48, "0003 00 0000", ALERT_DECODE_ERROR },
        { 48, "0000 00", ALERT_DECODE_ERROR },
        { 50, "0002 0401", ALERT_NONE },
        { 50, "0000", ALERT_DECODE_ERROR },
        { 47, "0000", ALERT_DECODE_ERROR },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct misbehaving m;
        struct edit edit = { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, cases[i].extension,
                             cases[i].body };
        struct pair_setup s = with_key(KEY_P256);
        misbehave(&m, &edit, 1);
        s.editor[SERVER] = &m.editor;
        struct pair *p = pair_start(&s);
        pair_run(p);
        if (cases[i].alert == ALERT_NONE)
            pair_connected(p);
        else
            pair_failed(p, CLIENT, cases[i].body, cases[i].alert, "");
    }
}
END_TEST

/* What the caller is told of a peer, besides the digest. */
START_TEST(names_of_both)
{
    struct pair_setup s = with_key(KEY_P256);
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    struct tls_facts of_client = tls_facts(&p->end[SERVER].tls);
    struct tls_facts of_server = tls_facts(&p->end[CLIENT].tls);
    ck_assert_str_eq(of_client.peer_email, "alice@example.org");
    ck_assert_str_eq(of_client.peer_dns, "");
    ck_assert_str_eq(of_client.peer_subject, "CN=Alice");
    ck_assert_str_eq(of_server.peer_email, "");
    ck_assert_str_eq(of_server.peer_dns, "mail.example.org");
    ck_assert_str_eq(of_server.peer_subject, "CN=Leaf");
}
END_TEST

/* A name that has no room is left out whole, and the subject is what it was. */
START_TEST(names_that_are_too_long)
{
    static const char host[] = "a-host-name-of-more.than-ninety-characters.which-is-what-there."
                               "is-room-for.in-a-connection.example.org";
    static const char *const names[] = { host };
    static uint8_t der[2][X509_MAKE_MAX];
    char email[COUNT(host) + 2];
    const char *const emails[] = { email };
    snprintf(email, sizeof email, "a@%s", host);
    struct pair_setup s = with_key(KEY_P256);
    s.server_name = host;
    struct pair *p = pair_start(&s);
    for (unsigned i = 0; i < 2; i++) {
        size_t len;
        struct x509_recipe r = i == CLIENT
            ? x509_recipe_client("Alice", p->party[i].key, pair_root(), PAIR_NOW - 1000)
            : x509_recipe_server("Leaf", p->party[i].key, pair_root(), PAIR_NOW - 1000);
        r.email = emails;
        r.dns = names;
        r.email_count = r.dns_count = 1;
        ck_assert(x509_make(der[i], &len, sizeof der[i], &r, &random_system));
        p->party[i].chain[0] = bytes_of(der[i], len);
    }
    pair_run(p);
    pair_connected(p);
    for (unsigned i = 0; i < 2; i++) {
        struct tls_facts f = tls_facts(&p->end[i].tls);
        ck_assert_str_eq(f.peer_email, "");
        ck_assert_str_eq(f.peer_dns, "");
        ck_assert_str_eq(f.peer_subject, i == SERVER ? "CN=Alice" : "CN=Leaf");
    }
}
END_TEST

/* §4.2.4: a list that is too long for us to send is not sent, and the client chooses by itself. */
START_TEST(more_authorities_than_are_named)
{
    static struct x509_anchor anchors[AUTHORITIES_MAX + 1];
    for (size_t count = AUTHORITIES_MAX; count <= AUTHORITIES_MAX + 1; count++) {
        struct pair_setup s = with_key(KEY_P256);
        struct pair *p = pair_start(&s);
        for (size_t i = 0; i < count; i++)
            anchors[i] = p->anchor;
        p->party[SERVER].trust.anchors = anchors;
        p->party[SERVER].trust.anchor_count = count;
        pair_run(p);
        pair_connected(p);
        check_identity(p, SERVER);
    }
}
END_TEST

/* N8: a ticket carries the identity, and is good for nothing where another answer is required. */
START_TEST(n8_ticket_of_a_known_client)
{
    static struct ticket_keys ticket_keys;
    static struct tls_session sessions[2][1];
    uint8_t first[PEER_IDENTITY_LEN];
    ck_assert(ticket_keys_make(&ticket_keys, &random_system, 86400, PAIR_NOW));
    struct pair_setup s = with_key(KEY_P256);
    s.ticket_keys = &ticket_keys;
    s.tickets = 1;
    s.resumption = (struct tls_resumption){ .keep = sessions[0], .keep_count = 1 };
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    memcpy(first, identity(p, SERVER).at, sizeof first);
    s.resumption = (struct tls_resumption){ .offer = sessions[0], .keep = sessions[1],
                                            .keep_count = 1 };
    p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert(tls_facts(&p->end[SERVER].tls).resumed);
    ck_assert(bytes_equal_public(identity(p, SERVER), bytes_of(first, sizeof first)));
    ck_assert_ptr_null(tls_facts(&p->end[SERVER].tls).client_scheme);
    s.client_certificate = CLIENT_CERTIFICATE_OPTIONAL;  /* another setting: a full handshake */
    s.resumption = (struct tls_resumption){ .offer = sessions[1], .keep = sessions[0],
                                            .keep_count = 1 };
    p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert(!tls_facts(&p->end[SERVER].tls).resumed);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("client_auth");
    TCase *c = tcase_create("client_auth");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, known_client, 0, (int)COUNT(keys));
    tcase_add_test(c, client_without_a_certificate);
    tcase_add_test(c, n21_no_certificate_where_one_is_required);
    tcase_add_test(c, client_that_is_not_asked);
    tcase_add_test(c, n20_no_identity_without_the_proof);
    tcase_add_loop_test(c, n20_strangers, 0, STRANGERS);
    tcase_add_test(c, n20_key_that_is_not_pinned);
    tcase_add_test(c, insecure_server);
    tcase_add_test(c, s1_skipped_messages);
    tcase_add_test(c, s1_unasked_messages);
    tcase_add_loop_test(c, rules_of_the_messages, 0, (int)COUNT(rules));
    tcase_add_test(c, extensions_of_an_entry);
    tcase_add_loop_test(c, n19_each_scheme_with_each_key, 0, 2 * (int)COUNT(keys));
    tcase_add_test(c, signature_of_another_role);
    tcase_add_test(c, signature_of_another_key);
    tcase_add_test(c, signer_fails);
    tcase_add_test(c, signer_fails_later);
    tcase_add_test(c, nothing_works_while_the_client_signs);
    tcase_add_test(c, signature_that_is_wrong);
    tcase_add_test(c, choice_by_signature_algorithms);
    tcase_add_loop_test(c, never_anonymous, 0, 2);
    tcase_add_test(c, choice_by_certificate_authorities);
    tcase_add_loop_test(c, anchors_are_only_named_beside_a_verifier, 0, 2);
    tcase_add_test(c, oid_filters);
    tcase_add_test(c, names_of_both);
    tcase_add_test(c, names_that_are_too_long);
    tcase_add_test(c, more_authorities_than_are_named);
    tcase_add_test(c, n8_ticket_of_a_known_client);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
