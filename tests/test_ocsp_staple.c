/* tests/test_ocsp_staple.c - OCSP responses in the handshake (RFC 8446 §4.4.2.1, RFC 6066 §8): only
 * for who asks, only in an entry's extension, and judged. What a response may say is test_ocsp.c's.
 */
#include "tests/editor.h"

#include "crypto/hash.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/ocsp.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTEXT_0 = 0xa0, CONTEXT_1 = 0xa1, ENUMERATED = 0x0a, GOOD = 0x80, UNKNOWN = 0x82 };

/* ---- a response of the pair's root (RFC 6960 §4.2.1) ---- */

static void write_time(struct writer *w, int64_t seconds)
{
    struct der_date d = der_date_of(seconds);
    char text[40];
    snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", d.year, d.month, d.day, d.hour,
             d.minute, d.second);
    der_write(w, DER_GENERALIZED_TIME, bytes_of_string(text));
}

static void write_cert_id(struct writer *w, const struct x509_certificate *issuer,
                          struct bytes serial)
{
    static const uint8_t sha256_oid[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
    uint8_t name[32], key[32];
    hash_digest(&hash_sha256, name, issuer->subject);
    hash_digest(&hash_sha256, key, issuer->key.point);
    size_t id = der_begin(w, DER_SEQUENCE), algorithm = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, bytes_of(sha256_oid, sizeof sha256_oid));
    der_end(w, algorithm);
    der_write(w, DER_OCTET_STRING, bytes_of(name, sizeof name));
    der_write(w, DER_OCTET_STRING, bytes_of(key, sizeof key));
    der_write(w, DER_INTEGER, serial);
    der_end(w, id);
}

static void write_status(struct writer *w, uint8_t status)
{
    if (status != CONTEXT_1) {
        der_write(w, status, bytes_of(NULL, 0));
        return;
    }
    size_t revoked = der_begin(w, CONTEXT_1);
    write_time(w, PAIR_NOW - 500);
    der_end(w, revoked);
}

static void write_response_data(struct writer *w, const struct x509_certificate *issuer,
                                struct bytes serial, uint8_t status, int64_t this_update)
{
    size_t data = der_begin(w, DER_SEQUENCE), responder = der_begin(w, CONTEXT_1);
    write_bytes(w, issuer->subject);
    der_end(w, responder);
    write_time(w, this_update);
    size_t responses = der_begin(w, DER_SEQUENCE), single = der_begin(w, DER_SEQUENCE);
    write_cert_id(w, issuer, serial);
    write_status(w, status);
    write_time(w, this_update);
    size_t next = der_begin(w, CONTEXT_0);
    write_time(w, this_update + 86400);
    der_end(w, next);
    der_end(w, single);
    der_end(w, responses);
    der_end(w, data);
}

/* What the root says of that certificate; a view into memory of its own. */
static struct bytes response(struct bytes leaf, uint8_t status, int64_t this_update)
{
    static const uint8_t basic_oid[] = { 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1 };
    static uint8_t out[4000];
    uint8_t data[2000], signed_data[3000];
    struct x509_issuer root = pair_root();
    struct x509_certificate c, issuer;
    struct writer tbs = writer_of(data, sizeof data), w = writer_of(out, sizeof out);
    size_t signed_len;
    ck_assert_ptr_null(x509_certificate_decode(&c, leaf));
    ck_assert_ptr_null(x509_certificate_decode(&issuer, root.certificate));
    write_response_data(&tbs, &issuer, c.serial, status, this_update);
    ck_assert(x509_sign(signed_data, &signed_len, sizeof signed_data, writer_bytes(&tbs), root.key,
                        &random_system));
    size_t whole = der_begin(&w, DER_SEQUENCE);
    der_write(&w, ENUMERATED, bytes_of("\0", 1));
    size_t explicit = der_begin(&w, CONTEXT_0), bytes = der_begin(&w, DER_SEQUENCE);
    der_write(&w, DER_OID, bytes_of(basic_oid, sizeof basic_oid));
    der_write(&w, DER_OCTET_STRING, bytes_of(signed_data, signed_len));
    der_end(&w, bytes);
    der_end(&w, explicit);
    der_end(&w, whole);
    ck_assert(writer_done(&tbs) && writer_done(&w));
    return writer_bytes(&w);
}

/* ---- in a handshake ---- */

static const struct pair_setup asking = { .request_status = true };

static struct bytes servers_leaf(void)
{
    return pair_start(&asking)->party[SERVER].chain[0];
}

static struct pair *with_staple(struct bytes staple)
{
    struct pair_setup s = asking;
    s.ocsp_response[SERVER] = staple;
    struct pair *p = pair_start(&s);
    pair_run(p);
    return p;
}

START_TEST(good)
{
    struct pair *p = with_staple(response(servers_leaf(), GOOD, PAIR_NOW - 100));
    pair_connected(p);
    ck_assert(tls_facts(&p->end[CLIENT].tls).status_good);
    ck_assert(!tls_facts(&p->end[SERVER].tls).status_good);
}
END_TEST

/* Nothing is good before the peer has proved that the certificate is its own. */
START_TEST(good_only_with_the_proof)
{
    static const struct edit cut = { EDIT_DROP, CERTIFICATE_VERIFY, 0, 0, NULL };
    static struct middle middle;
    struct pair_setup s = asking;
    s.ocsp_response[SERVER] = response(servers_leaf(), GOOD, PAIR_NOW - 100);
    struct pair *p = pair_start(&s);
    middle = (struct middle){ .edit = &cut, .from = SERVER };
    middle_join(&middle, p);
    pair_run(p);
    ck_assert(middle.done);
    ck_assert(!tls_facts(&p->end[CLIENT].tls).status_good);
}
END_TEST

START_TEST(revoked)
{
    struct pair *p = with_staple(response(servers_leaf(), CONTEXT_1, PAIR_NOW - 100));
    pair_failed(p, CLIENT, "revoked", ALERT_CERTIFICATE_REVOKED, "revoked");
}
END_TEST

START_TEST(not_satisfying)
{
    uint8_t changed[4000];
    struct bytes r = response(servers_leaf(), GOOD, PAIR_NOW - 100);
    memcpy(changed, r.at, r.len);
    changed[r.len - 1] ^= 1;
    struct pair *p = with_staple(bytes_of(changed, r.len));
    pair_failed(p, CLIENT, "changed", ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "");
    p = with_staple(response(servers_leaf(), UNKNOWN, PAIR_NOW - 100));
    pair_failed(p, CLIENT, "unknown", ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "");
    p = with_staple(response(servers_leaf(), GOOD, PAIR_NOW - 1000000));
    pair_failed(p, CLIENT, "old", ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "");
    p = with_staple(response(pair_start(&asking)->party[CLIENT].chain[0], GOOD, PAIR_NOW - 100));
    pair_failed(p, CLIENT, "another's", ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "");
    p = with_staple(bytes_of("x", 1));
    pair_failed(p, CLIENT, "no DER", ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "");
}
END_TEST

/* A certificate need not be stapled; a server without a response sends none. */
START_TEST(none)
{
    struct pair *p = with_staple(bytes_of(NULL, 0));
    pair_connected(p);
    ck_assert(!tls_facts(&p->end[CLIENT].tls).status_good);
}
END_TEST

static size_t certificate_len;

static size_t measure(void *context, uint8_t *message, size_t len, size_t cap)
{
    (void)context;
    (void)cap;
    if (message[0] == CERTIFICATE)
        certificate_len = len;
    return len;
}

/* §4.4.2.1, §4.2: nothing is stapled for who has not asked. */
START_TEST(only_for_who_asks)
{
    static const struct tls_editor see = { measure, NULL };
    struct pair_setup s = { .editor = { NULL, &see } };
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    size_t without = certificate_len;
    s.ocsp_response[SERVER] = response(servers_leaf(), CONTEXT_1, PAIR_NOW - 100);
    p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(certificate_len, without);
}
END_TEST

/* RFC 7633: a certificate that says that it is always stapled. */
START_TEST(must_staple)
{
    static const uint8_t feature_oid[] = { 0x2b, 6, 1, 5, 5, 7, 1, 0x18 };
    static const char *const host[] = { "mail.example.org" };
    static const struct x509_extension feature = {
        { feature_oid, sizeof feature_oid }, false, { (const uint8_t *)"\x30\x03\x02\x01\x05", 5 },
    };
    static uint8_t leaf[X509_MAKE_MAX];
    size_t len;
    for (unsigned stapled = 0; stapled < 2; stapled++) {
        struct pair_setup s = asking;
        struct pair *p = pair_start(&s);
        struct x509_recipe r = x509_recipe_server("Leaf", p->party[SERVER].key, pair_root(),
                                                  PAIR_NOW - 1000);
        r.dns = host;
        r.dns_count = 1;
        r.extra = &feature;
        r.extra_count = 1;
        ck_assert(x509_make(leaf, &len, sizeof leaf, &r, &random_system));
        p->party[SERVER].chain[0] = bytes_of(leaf, len);
        if (stapled)
            p->party[SERVER].credential.ocsp_response =
                response(bytes_of(leaf, len), GOOD, PAIR_NOW - 100);
        pair_run(p);
        if (stapled)
            pair_connected(p);
        else
            pair_failed(p, CLIENT, "must staple", ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "7633");
    }
}
END_TEST

/* ---- messages that are wrong ---- */

struct rule { const char *name; unsigned from; enum alert alert; const char *keyword;
              struct edit edit; };

static const struct rule rules[] = {
    { "empty status", SERVER, ALERT_DECODE_ERROR, "CertificateStatus",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 00000a 000001 30 0004 0005 0000" } },
    { "empty response", SERVER, ALERT_DECODE_ERROR, "CertificateStatus",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 00000e 000001 30 0008 0005 0004 01 000000" } },
    { "byte behind the response", SERVER, ALERT_DECODE_ERROR, "CertificateStatus",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 000010 000001 30 000a 0005 0006 01 000001 30 00" } },
    { "another kind", SERVER, ALERT_ILLEGAL_PARAMETER, "kind",
      { EDIT_BODY, CERTIFICATE, 0, 0, "00 00000f 000001 30 0009 0005 0005 02 000001 30" } },
    { "empty request", CLIENT, ALERT_DECODE_ERROR, "status_request",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 5, "" } },
    { "half a request", CLIENT, ALERT_DECODE_ERROR, "status_request",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 5, "01 0000" } },
    { "byte behind the request", CLIENT, ALERT_DECODE_ERROR, "status_request",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 5, "01 0000 0000 00" } },
    { "empty responder", CLIENT, ALERT_DECODE_ERROR, "status_request",
      { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 5, "01 0002 0000 0000" } },
};

START_TEST(rules_of_the_messages)
{
    static struct misbehaving m;
    const struct rule *r = &rules[_i];
    struct pair_setup s = asking;
    misbehave(&m, &r->edit, 1);
    s.editor[r->from] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    ck_assert(m.done);
    pair_failed(p, !r->from, r->name, r->alert, r->keyword);
}
END_TEST

/* Another kind of status may be asked for; there is none of that. Responders are not looked at. */
START_TEST(other_requests)
{
    static const char *const requests[] = { "02", "00 1234", "01 0006 0004 01020304 0002 0500" };
    for (size_t i = 0; i < COUNT(requests); i++) {
        static struct misbehaving m;
        struct edit edit = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, 5, requests[i] };
        struct pair_setup s = asking;
        misbehave(&m, &edit, 1);
        s.editor[CLIENT] = &m.editor;
        s.ocsp_response[SERVER] = response(servers_leaf(), GOOD, PAIR_NOW - 100);
        struct pair *p = pair_start(&s);
        pair_run(p);
        pair_connected(p);
        ck_assert(tls_facts(&p->end[CLIENT].tls).status_good == (i == 2));
    }
}
END_TEST

/* §4.4.2.1: a server that asks its client (ours does not) gets the client's. */
START_TEST(status_of_a_client)
{
    static const struct edit asks = { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 5, "" };
    static const struct edit wrong = { EDIT_SET_EXTENSION, CERTIFICATE_REQUEST, 0, 5, "01" };
    static struct misbehaving m;
    struct pair_setup s = { .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
                            .client_key = KEY_P256 };
    s.ocsp_response[CLIENT] = bytes_of("response", 8);
    misbehave(&m, &asks, 1);
    s.editor[SERVER] = &m.editor;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "asked by an edit", ALERT_UNSUPPORTED_EXTENSION, "no offer");
    s.editor[SERVER] = NULL;
    p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    misbehave(&m, &wrong, 1);
    s.editor[SERVER] = &m.editor;
    p = pair_start(&s);
    pair_run(p);
    pair_failed(p, CLIENT, "not empty", ALERT_DECODE_ERROR, "4.4.2.1");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ocsp_staple");
    TCase *c = tcase_create("ocsp_staple");
    tcase_set_timeout(c, 60);
    tcase_add_test(c, good);
    tcase_add_test(c, good_only_with_the_proof);
    tcase_add_test(c, revoked);
    tcase_add_test(c, not_satisfying);
    tcase_add_test(c, none);
    tcase_add_test(c, only_for_who_asks);
    tcase_add_test(c, must_staple);
    tcase_add_loop_test(c, rules_of_the_messages, 0, (int)COUNT(rules));
    tcase_add_test(c, other_requests);
    tcase_add_test(c, status_of_a_client);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
