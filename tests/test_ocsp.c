/* tests/test_ocsp.c - stapled status responses (tls13/x509/ocsp.c, RFC 6960): OpenSSL's, and bad
 * ones of our own making; as x509_verify judges them.
 */
#include "tls13/x509/ocsp.h"

#include "tests/party.h"
#include "tests/stride.h"
#include "tests/vectors.h"
#include "tls13/x509/der.h"
#include "tls13/x509/verify.h"

#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char *const host[] = { "mail.example.org" };
static struct x509_verdict verdict;

/* What x509_verify says of a leaf that the root has issued, with this stapled to it. */
static enum alert ask(struct bytes leaf, struct bytes root, struct bytes response, int64_t now)
{
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, root));
    struct x509_anchor anchor = { root, c.subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct x509_question q = {
        .trust = &trust, .algorithms = &algorithms_default, .chain = &leaf, .chain_count = 1,
        .name = bytes_of_string(host[0]), .now = now,
        .status_requested = true, .ocsp_response = response,
    };
    return x509_verify(&verdict, &q);
}

static void check_answer(enum alert got, const char *alert, const char *why)
{
    const char *name = got == ALERT_NONE ? "none" : alert_name((uint8_t)got);
    ck_assert_msg(strcmp(name, alert) == 0, "%s, wanted %s: %s", name, alert, verdict.reason);
    ck_assert_msg(strstr(verdict.reason, why) != NULL, "\"%s\" not in: %s", why, verdict.reason);
    ck_assert_int_eq(verdict.key.type != KEY_NONE, got == ALERT_NONE);
    ck_assert(got == ALERT_NONE || strstr(verdict.reason, "(certificate 1 of 1)"));
}

/* ---- OpenSSL's ---- */

START_TEST(responses_of_others)
{
    struct vectors v = vectors_open("vectors/x509/ocsp.txt");
    while (vectors_next(&v)) {
        char alert[64], why[64];
        snprintf(alert, sizeof alert, "%s", (const char *)vector(&v, "alert").at);
        snprintf(why, sizeof why, "%s", (const char *)vector(&v, "reason").at);
        enum alert got = ask(vector(&v, "leaf"), vector(&v, "root"), vector(&v, "response"),
                             vector_number(&v, "now"));
        check_answer(got, alert, why);
        ck_assert_int_eq(verdict.status_good, got == ALERT_NONE);
    }
    vectors_close(&v);
}
END_TEST

/* The first case of the file: signed by the issuer, nothing else in it. */
static struct bytes first_response(struct bytes *leaf, struct bytes *root, int64_t *now)
{
    static uint8_t response[1000], leaf_der[1000], root_der[1000];
    struct vectors v = vectors_open("vectors/x509/ocsp.txt");
    ck_assert(vectors_next(&v));
    struct bytes r = vector(&v, "response"), l = vector(&v, "leaf"), c = vector(&v, "root");
    memcpy(response, r.at, r.len);
    memcpy(leaf_der, l.at, l.len);
    memcpy(root_der, c.at, c.len);
    *leaf = bytes_of(leaf_der, l.len);
    *root = bytes_of(root_der, c.len);
    *now = vector_number(&v, "now");
    vectors_close(&v);
    return bytes_of(response, r.len);
}

START_TEST(no_changed_bit_satisfies)
{
    struct bytes leaf, root;
    int64_t now;
    struct bytes good = first_response(&leaf, &root, &now);
    uint8_t copy[1000];
    memcpy(copy, good.at, good.len);
    for (size_t bit = 0; bit < 8 * good.len; bit += stride(13)) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert_msg(ask(leaf, root, bytes_of(copy, good.len), now) != ALERT_NONE, "bit %zu", bit);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}
END_TEST

START_TEST(no_other_length_satisfies)
{
    struct bytes leaf, root;
    int64_t now;
    struct bytes good = first_response(&leaf, &root, &now);
    uint8_t longer[1000] = { 0 };
    struct ocsp_response decoded;
    for (size_t len = 0; len < good.len; len++)
        ck_assert_ptr_nonnull(ocsp_decode(&decoded, bytes_of(good.at, len)));
    memcpy(longer, good.at, good.len);
    ck_assert_ptr_null(ocsp_decode(&decoded, bytes_of(longer, good.len)));
    ck_assert_ptr_nonnull(ocsp_decode(&decoded, bytes_of(longer, good.len + 1)));
}
END_TEST

/* RFC 6960 §3.2 (6), with five minutes for clocks that differ; the response holds a week. */
START_TEST(dates)
{
    enum { WEEK = 7 * DAY, TOLERANCE = 300 };
    struct bytes leaf, root;
    int64_t now;
    struct bytes good = first_response(&leaf, &root, &now);
    struct ocsp_response decoded;
    struct ocsp_single single;
    ck_assert_ptr_null(ocsp_decode(&decoded, good));
    struct reader r = reader_of(decoded.singles);
    ck_assert(ocsp_next(&r, &single));
    ck_assert_int_eq(single.next_update - single.this_update, WEEK);
    check_answer(ask(leaf, root, good, single.next_update + TOLERANCE), "none", "");
    check_answer(ask(leaf, root, good, single.next_update + TOLERANCE + 1),
                 "bad_certificate_status_response", "nextUpdate was 2026-12-03");
}
END_TEST

/* ---- our own ---- */

static struct party root, leaf, delegate, stranger;

#define BYTES(text) { (const uint8_t *)(text), sizeof(text) - 1 }

static const uint8_t basic_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01 };
static const uint8_t sha256_oid[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01 };
enum { CONTEXT_0 = 0xa0, CONTEXT_1 = 0xa1, CONTEXT_2 = 0xa2, ENUMERATED = 0x0a };

/* A response to be made. Zeros: good, signed by the root, which is the responder. */
struct answer {
    enum ocsp_certificate_status status;
    const struct party *signer, *responder;      /* whose key, whose name; NULL: the root */
    const struct party *enclosed;                /* in certs; NULL: nobody */
    int64_t this_update;                         /* 0: NOW */
    bool no_next_update, version, extension, single_extension, critical, after_another;
    struct bytes status_der;                     /* instead of the status */
    struct bytes reason;                         /* for the revocation, inside its [0] */
    struct bytes behind;                         /* responses */
    const struct party *issuer;                  /* that CertID names; NULL: the root */
    struct bytes issuer_sha1;                    /* or by this, both its name and its key */
};

static void write_generalized(struct writer *w, int64_t seconds)
{
    struct der_date d = der_date_of(seconds);
    char text[40];
    snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", d.year, d.month, d.day, d.hour,
             d.minute, d.second);
    der_write(w, DER_GENERALIZED_TIME, bytes_of_string(text));
}

static void write_extensions(struct writer *w, bool critical)
{
    static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x7f };
    size_t explicit = der_begin(w, CONTEXT_1), list = der_begin(w, DER_SEQUENCE);
    size_t one = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, bytes_of(oid, sizeof oid));
    if (critical)
        der_write_true(w);
    der_write(w, DER_OCTET_STRING, bytes_of("\x05\x00", 2));
    der_end(w, one);
    der_end(w, list);
    der_end(w, explicit);
}

static void write_sha1_cert_id(struct writer *w, struct bytes digest, struct bytes serial)
{
    size_t id = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_SEQUENCE, bytes_of("\x06\x05\x2b\x0e\x03\x02\x1a", 7));
    der_write(w, DER_OCTET_STRING, digest);
    der_write(w, DER_OCTET_STRING, digest);
    der_write(w, DER_INTEGER, serial);
    der_end(w, id);
}

static void write_cert_id(struct writer *w, const struct answer *a, struct bytes serial)
{
    if (a->issuer_sha1.len > 0) {
        write_sha1_cert_id(w, a->issuer_sha1, serial);
        return;
    }
    struct x509_certificate issuer = party_certificate(a->issuer ? a->issuer : &root);
    uint8_t name[32], key[32];
    crypto_hash_sha256(name, issuer.subject.at, issuer.subject.len);
    crypto_hash_sha256(key, issuer.key.point.at, issuer.key.point.len);
    size_t id = der_begin(w, DER_SEQUENCE), algorithm = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, bytes_of(sha256_oid, sizeof sha256_oid));
    der_end(w, algorithm);
    der_write(w, DER_OCTET_STRING, bytes_of(name, sizeof name));
    der_write(w, DER_OCTET_STRING, bytes_of(key, sizeof key));
    der_write(w, DER_INTEGER, serial);
    der_end(w, id);
}

static void write_single(struct writer *w, const struct answer *a, struct bytes serial)
{
    int64_t this_update = a->this_update ? a->this_update : NOW;
    size_t single = der_begin(w, DER_SEQUENCE);
    write_cert_id(w, a, serial);
    if (a->status_der.len > 0) {
        write_bytes(w, a->status_der);
    } else if (a->status == OCSP_REVOKED) {
        size_t revoked = der_begin(w, CONTEXT_1);
        write_generalized(w, NOW - DAY);
        if (a->reason.len > 0)
            der_write(w, CONTEXT_0, a->reason);
        der_end(w, revoked);
    } else {
        der_write(w, a->status == OCSP_GOOD ? 0x80 : 0x82, bytes_of(NULL, 0));
    }
    write_generalized(w, this_update);
    if (!a->no_next_update) {
        size_t next = der_begin(w, CONTEXT_0);
        write_generalized(w, this_update + DAY);
        der_end(w, next);
    }
    if (a->single_extension)
        write_extensions(w, a->critical);
    der_end(w, single);
}

static void write_response_data(struct writer *w, const struct answer *a)
{
    size_t data = der_begin(w, DER_SEQUENCE);
    if (a->version) {
        size_t version = der_begin(w, CONTEXT_0);
        der_write_small(w, 0);
        der_end(w, version);
    }
    size_t responder = der_begin(w, CONTEXT_1);
    write_bytes(w, party_certificate(a->responder ? a->responder : &root).subject);
    der_end(w, responder);
    write_generalized(w, NOW);
    size_t responses = der_begin(w, DER_SEQUENCE);
    if (a->after_another)
        write_single(w, a, bytes_of("\x01", 1));
    write_single(w, a, party_certificate(&leaf).serial);
    der_end(w, responses);
    if (a->extension)
        write_extensions(w, a->critical);
    write_bytes(w, a->behind);
    der_end(w, data);
}

static struct bytes make_answer(struct answer a)
{
    static uint8_t response[8000];
    uint8_t data[2000], signed_data[3000];
    struct writer tbs = writer_of(data, sizeof data), w = writer_of(response, sizeof response);
    size_t signed_len;
    write_response_data(&tbs, &a);
    ck_assert(writer_done(&tbs));
    ck_assert(x509_sign(signed_data, &signed_len, sizeof signed_data, writer_bytes(&tbs),
                        a.signer ? &a.signer->key : &root.key, &random_system));
    struct reader inside = reader_of(bytes_of(signed_data, signed_len));
    struct bytes basic = der_read(&inside, DER_SEQUENCE);

    size_t outer = der_begin(&w, DER_SEQUENCE);
    der_write(&w, ENUMERATED, bytes_of("\x00", 1));
    size_t explicit = der_begin(&w, CONTEXT_0), bytes = der_begin(&w, DER_SEQUENCE);
    der_write(&w, DER_OID, bytes_of(basic_oid, sizeof basic_oid));
    size_t octets = der_begin(&w, DER_OCTET_STRING), sequence = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, basic);
    if (a.enclosed) {
        size_t certs = der_begin(&w, CONTEXT_0), list = der_begin(&w, DER_SEQUENCE);
        write_bytes(&w, party_der(a.enclosed));
        der_end(&w, list);
        der_end(&w, certs);
    }
    der_end(&w, sequence);
    der_end(&w, octets);
    der_end(&w, bytes);
    der_end(&w, explicit);
    der_end(&w, outer);
    ck_assert(writer_done(&w));
    return writer_bytes(&w);
}

static struct x509_recipe delegate_recipe(void)
{
    struct x509_recipe r = x509_recipe_server("Responder", &delegate.key, party_issuer(&root), NOW);
    r.extended_key_usage = X509_EKU_OCSP;
    return r;
}

static void setup(void)
{
    party_root(&root, "Root");
    party_root(&stranger, "Root");
    party_generate(&leaf, KEY_P256);
    party_make(&leaf, party_server_recipe(&leaf, &root, host));
    party_generate(&delegate, KEY_ED25519);
    party_make(&delegate, delegate_recipe());
}

static enum alert answered(struct answer a)
{
    return ask(party_der(&leaf), party_der(&root), make_answer(a), NOW);
}

static void good(struct answer a)
{
    check_answer(answered(a), "none", "");
    ck_assert(verdict.status_good);
}

static void bad(struct answer a, const char *why)
{
    check_answer(answered(a), "bad_certificate_status_response", why);
    ck_assert(!verdict.status_good);
}

START_TEST(answers)
{
    good((struct answer){ .status = OCSP_GOOD });
    good((struct answer){ .after_another = true });
    good((struct answer){ .extension = true, .single_extension = true });
    good((struct answer){ .enclosed = &leaf });           /* of no use, no harm */
    bad((struct answer){ .status = OCSP_UNKNOWN }, "does not know the certificate");
    check_answer(answered((struct answer){ .status = OCSP_REVOKED }), "certificate_revoked",
                 "certificate was revoked 2026-09-20, says its OCSP response (RFC 6960 §2.2): "
                 "\"Leaf\"");
    check_answer(answered((struct answer){ .status = OCSP_REVOKED,
                                           .reason = BYTES("\x0a\x01\x01") }),
                 "certificate_revoked", "revoked 2026-09-20");
}
END_TEST

/* Names and keys of several lengths, and SHA-1 of each: FIPS 180-2's examples, and the message
 * of 512 bits of NIST's SHA1ShortMsg.rsp. The signer is not who is meant so, but the answer was
 * about us. */
START_TEST(issuers_are_named_by_sha1)
{
    static const struct { struct bytes message, digest; } cases[] = {
        { BYTES("abc"), BYTES("\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c"
                              "\x9c\xd0\xd8\x9d") },
        { BYTES("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
          BYTES("\x84\x98\x3e\x44\x1c\x3b\xd2\x6e\xba\xae\x4a\xa1\xf9\x51\x29\xe5"
                "\xe5\x46\x70\xf1") },
        { BYTES("\x45\x92\x7e\x32\xdd\xf8\x01\xca\xf3\x5e\x18\xe7\xb5\x07\x8b\x7f\x54\x35\x27\x82"
                "\x12\xec\x6b\xb9\x9d\xf8\x84\xf4\x9b\x32\x7c\x64\x86\xfe\xae\x46\xba\x18\x7d\xc1"
                "\xcc\x91\x45\x12\x1e\x14\x92\xe6\xb0\x6e\x90\x07\x39\x4d\xc3\x3b\x77\x48\xf8\x6a"
                "\xc3\x20\x7c\xfe"),
          BYTES("\xa7\x0c\xfb\xfe\x75\x63\xdd\x0e\x66\x5c\x7c\x67\x15\xa9\x6a\x8d"
                "\x75\x69\x50\xc0") },
    };
    struct x509_certificate certificate = party_certificate(&leaf);
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t space[100], digest[20];
        char reason[OCSP_REASON_MAX];
        unsigned left = 9;
        struct writer spki = writer_of(space, sizeof space);
        size_t sequence = der_begin(&spki, DER_SEQUENCE);
        der_write(&spki, DER_SEQUENCE, bytes_of(NULL, 0));
        der_write_bit_bytes(&spki, cases[i].message);
        der_end(&spki, sequence);
        struct x509_certificate issuer = { .subject = cases[i].message,
                                           .spki = writer_bytes(&spki) };
        struct ocsp_question q = { .certificate = &certificate, .issuer = &issuer, .now = NOW,
                                   .algorithms = &algorithms_default, .signatures_left = &left };
        q.response = make_answer((struct answer){ .issuer_sha1 = cases[i].digest });
        ck_assert_int_ne(ocsp_verify(reason, &q), ALERT_NONE);
        ck_assert_msg(strstr(reason, "responderID"), "%s", reason);
        memcpy(digest, cases[i].digest.at, sizeof digest);
        digest[19] ^= 1;
        q.response = make_answer((struct answer){ .issuer_sha1 = bytes_of(digest, 20) });
        ck_assert_int_ne(ocsp_verify(reason, &q), ALERT_NONE);
        ck_assert_msg(strstr(reason, "not about this certificate"), "%s", reason);
    }
}
END_TEST

/* The issuer is the next one of the path, not the anchor (RFC 6960 §3.2). */
START_TEST(answer_about_a_longer_chain)
{
    static struct party middle;
    party_intermediate(&middle, "Middle", &root);
    party_make(&leaf, party_server_recipe(&leaf, &middle, host));
    struct bytes chain[] = { party_der(&leaf), party_der(&middle) };
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = chain,
                               .chain_count = 2, .name = bytes_of_string(host[0]), .now = NOW,
                               .status_requested = true };
    q.ocsp_response = make_answer((struct answer){ .issuer = &middle, .responder = &middle,
                                                   .signer = &middle });
    ck_assert_msg(x509_verify(&verdict, &q) == ALERT_NONE, "%s", verdict.reason);
    ck_assert(verdict.status_good);
    q.ocsp_response = make_answer((struct answer){ .issuer = &middle });
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_BAD_CERTIFICATE_STATUS_RESPONSE);
    q.ocsp_response = make_answer((struct answer){ .issuer = &root });
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_BAD_CERTIFICATE_STATUS_RESPONSE);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "not about this certificate"));
}
END_TEST

START_TEST(answers_out_of_time)
{
    enum { TOLERANCE = 300 };
    good((struct answer){ .this_update = NOW + TOLERANCE });
    bad((struct answer){ .this_update = NOW + TOLERANCE + 1 }, "thisUpdate is only 2026-09-21");
    good((struct answer){ .this_update = NOW - DAY - TOLERANCE });
    bad((struct answer){ .this_update = NOW - DAY - TOLERANCE - 1 }, "nextUpdate was 2026-09-21");
    bad((struct answer){ .no_next_update = true }, "nextUpdate is missing");
}
END_TEST

START_TEST(answers_that_are_malformed)
{
    bad((struct answer){ .version = true }, "version is encoded");
    bad((struct answer){ .status_der = BYTES("\x83\x00") }, "SingleResponse is malformed");
    bad((struct answer){ .status_der = BYTES("\xa1\x00") }, "SingleResponse is malformed");
    bad((struct answer){ .status_der = BYTES("\x80\x01\x00") }, "SingleResponse is malformed");
    bad((struct answer){ .status_der = BYTES("\x82\x01\x00") }, "SingleResponse is malformed");
    bad((struct answer){ .behind = BYTES("\x05\x00") }, "responseExtensions are malformed");
    bad((struct answer){ .status = OCSP_REVOKED, .reason = BYTES("\x0a\x02\x00\x01") },
        "SingleResponse is malformed");
    bad((struct answer){ .status = OCSP_REVOKED, .reason = BYTES("\x02\x01\x01") },
        "SingleResponse is malformed");
    bad((struct answer){ .extension = true, .critical = true }, "critical extension");
    bad((struct answer){ .single_extension = true, .critical = true }, "critical extension");
}
END_TEST

/* RFC 6960 §4.2.2.2: the issuer, or whom it has issued a certificate for this. */
START_TEST(signers)
{
    good((struct answer){ .signer = &delegate, .responder = &delegate, .enclosed = &delegate });
    bad((struct answer){ .signer = &delegate, .responder = &delegate }, "responderID");
    bad((struct answer){ .signer = &delegate, .responder = &delegate, .enclosed = &leaf },
        "responderID");
    bad((struct answer){ .signer = &delegate }, "signature does not verify");
    bad((struct answer){ .signer = &stranger }, "signature does not verify");
    bad((struct answer){ .signer = &stranger, .enclosed = &stranger }, "signature does not verify");
    bad((struct answer){ .signer = &leaf, .responder = &leaf, .enclosed = &leaf }, "responderID");
    bad((struct answer){ .signer = &root, .responder = &delegate, .enclosed = &delegate },
        "signature does not verify");
}
END_TEST

START_TEST(delegates_that_are_not)
{
    struct answer a = { .signer = &delegate, .responder = &delegate, .enclosed = &delegate };
    struct x509_recipe r = delegate_recipe();
    r.extended_key_usage = X509_EKU_ANY | X509_EKU_SERVER;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.extended_key_usage = 0;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.not_after = NOW - 1;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.not_before = NOW + 1;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.key_usage = X509_KEY_AGREEMENT;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.version_1 = true;
    party_make(&delegate, r);
    bad(a, "responderID");
    struct x509_extension unknown = { bytes_of("\x2a\x03", 2), true, bytes_of("\x05\x00", 2) };
    r = delegate_recipe();
    r.extra = &unknown;
    r.extra_count = 1;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.issuer_name = party_certificate(&leaf).subject;     /* the key, another name */
    party_make(&delegate, r);
    bad(a, "responderID");
    memcpy(delegate.der, "\x30\x00", delegate.len = 2);   /* no certificate at all */
    a.responder = NULL;
    bad(a, "signature does not verify");
    a.responder = &delegate;
    r = delegate_recipe();
    r.issuer = party_issuer(&stranger);                   /* the name, another key */
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.issuer.key = &leaf.key;
    party_make(&delegate, r);
    bad(a, "responderID");
    r = delegate_recipe();
    r.key_usage = 0;                                      /* which forbids nothing */
    party_make(&delegate, r);
    good(a);
    party_make(&delegate, delegate_recipe());
    good(a);
}
END_TEST

START_TEST(responses_of_no_answer)
{
    static const struct { const char *der; size_t len; const char *why; } cases[] = {
        { "\x30\x03\x0a\x01\x03", 5, "responseStatus is tryLater" },
        { "\x30\x03\x0a\x01\x06", 5, "responseStatus is unauthorized" },
        { "\x30\x03\x0a\x01\x07", 5, "responseStatus is not known" },
        { "\x30\x03\x0a\x01\x00", 5, "do not go together" },
        { "\x30\x04\x0a\x02\x00\x03", 6, "not the DER of an OCSPResponse" },
        { "\x30\x0e\x0a\x01\x00\xa0\x09\x30\x07\x06\x03\x55\x04\x03\x04\x00", 16,
          "not id-pkix-ocsp-basic" },
        { "\x30\x0e\x0a\x01\x03\xa0\x09\x30\x07\x06\x03\x55\x04\x03\x04\x00", 16,
          "do not go together" },
        { "\x00", 1, "not the DER of an OCSPResponse" },
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_answer(ask(party_der(&leaf), party_der(&root),
                         bytes_of(cases[i].der, cases[i].len), NOW),
                     "bad_certificate_status_response", cases[i].why);
}
END_TEST

/* Each signature checked counts, here those of the chain and the response together. */
START_TEST(signatures_are_counted)
{
    struct answer a = { .signer = &delegate, .responder = &delegate, .enclosed = &delegate };
    struct bytes response = make_answer(a);
    struct x509_certificate certificate = party_certificate(&leaf);
    struct x509_certificate issuer = party_certificate(&root);
    for (unsigned budget = 0; budget < 4; budget++) {
        char reason[OCSP_REASON_MAX];
        unsigned left = budget;
        struct ocsp_question q = { .response = response, .certificate = &certificate,
                                   .issuer = &issuer, .algorithms = &algorithms_default,
                                   .now = NOW, .signatures_left = &left };
        ck_assert_int_eq(ocsp_verify(reason, &q) == ALERT_NONE, budget >= 2);
        ck_assert_uint_eq(left, budget >= 2 ? budget - 2 : 0);
    }
}
END_TEST

/* ---- must-staple (RFC 7633) ---- */

static const uint8_t feature_oid[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18 };

static struct x509_extension tls_feature(const char *value, size_t len)
{
    return (struct x509_extension){ .oid = bytes_of(feature_oid, sizeof feature_oid),
                                    .value = bytes_of(value, len) };
}

START_TEST(must_staple)
{
    struct x509_extension feature = tls_feature("\x30\x03\x02\x01\x05", 5);
    struct x509_recipe r = party_server_recipe(&leaf, &root, host);
    r.extra = &feature;
    r.extra_count = 1;
    party_make(&leaf, r);
    struct bytes none = { 0 };
    check_answer(ask(party_der(&leaf), party_der(&root), none, NOW),
                 "bad_certificate_status_response", "none was stapled (RFC 7633");
    good((struct answer){ .status = OCSP_GOOD });
}
END_TEST

/* RFC 7633 §4.1: it binds a server to what the client has asked for. */
START_TEST(must_staple_that_nobody_asked_for)
{
    struct x509_extension feature = tls_feature("\x30\x03\x02\x01\x05", 5);
    struct x509_recipe r = party_server_recipe(&leaf, &root, host);
    r.extra = &feature;
    r.extra_count = 1;
    party_make(&leaf, r);
    struct bytes chain = party_der(&leaf);
    struct x509_anchor anchor = { party_der(&root), party_certificate(&root).subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default, .chain = &chain,
                               .chain_count = 1, .name = bytes_of_string(host[0]), .now = NOW };
    ck_assert_int_eq(x509_verify(&verdict, &q), ALERT_NONE);
    ck_assert(!verdict.status_good);
}
END_TEST

START_TEST(features_are_well_formed)
{
    static const struct { const char *value; size_t len; bool good, staple; } cases[] = {
        { "\x30\x03\x02\x01\x05", 5, true, true },
        { "\x30\x03\x02\x01\x11", 5, true, false },       /* status_request_v2, of TLS 1.2 */
        { "\x30\x06\x02\x01\x11\x02\x01\x05", 8, true, true },
        { "\x30\x00", 2, true, false },
        { "\x30\x03\x02\x01\x85", 5, false, false },      /* negative */
        { "\x30\x05\x02\x03\x01\x00\x00", 7, false, false },
        { "\x30\x03\x02\x01\x05\x00", 6, false, false },
        { "\x02\x01\x05", 3, false, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct x509_extension feature = tls_feature(cases[i].value, cases[i].len);
        struct x509_recipe r = party_server_recipe(&leaf, &root, host);
        struct x509_certificate c;
        r.extra = &feature;
        r.extra_count = 1;
        party_make(&leaf, r);
        const char *error = x509_certificate_decode(&c, party_der(&leaf));
        ck_assert_msg((error == NULL) == cases[i].good, "case %zu: %s", i, error);
        ck_assert(error || c.must_staple == cases[i].staple);
    }
}
END_TEST

/* RFC 7633 §4.2.2: a CA with the feature has it in all that it issues. */
START_TEST(feature_of_a_ca)
{
    struct x509_extension feature = tls_feature("\x30\x03\x02\x01\x05", 5);
    struct x509_recipe r = x509_recipe_root("Root", &root.key, NOW);
    r.extra = &feature;
    r.extra_count = 1;
    party_make(&root, r);
    party_make(&leaf, party_server_recipe(&leaf, &root, host));
    check_answer(answered((struct answer){ .status = OCSP_GOOD }), "bad_certificate",
                 "tlsFeature of the issuer is missing");
    r = party_server_recipe(&leaf, &root, host);
    r.extra = &feature;
    r.extra_count = 1;
    party_make(&leaf, r);
    good((struct answer){ .status = OCSP_GOOD });
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ocsp");
    TCase *t = tcase_create("ocsp");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, responses_of_others);
    tcase_add_test(t, no_changed_bit_satisfies);
    tcase_add_test(t, no_other_length_satisfies);
    tcase_add_test(t, dates);
    tcase_add_test(t, answers);
    tcase_add_test(t, issuers_are_named_by_sha1);
    tcase_add_test(t, answer_about_a_longer_chain);
    tcase_add_test(t, answers_out_of_time);
    tcase_add_test(t, answers_that_are_malformed);
    tcase_add_test(t, signers);
    tcase_add_test(t, delegates_that_are_not);
    tcase_add_test(t, responses_of_no_answer);
    tcase_add_test(t, signatures_are_counted);
    tcase_add_test(t, must_staple);
    tcase_add_test(t, must_staple_that_nobody_asked_for);
    tcase_add_test(t, features_are_well_formed);
    tcase_add_test(t, feature_of_a_ca);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
