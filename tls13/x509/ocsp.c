/* tls13/x509/ocsp.c - stapled status responses.
 *
 * Implements  RFC 6960 §3.2, §4.2 (basic responses); RFC 6066 §8 (what does not satisfy ends the
 *             handshake).
 * Trusts      the issuer's key, which has signed the certificate in question. Nobody else.
 * Decides     a response without nextUpdate is refused: it could be replayed for ever, and a
 *             stapled one comes from whom it is about. Clocks may differ by five minutes. A
 *             responder's own certificate is not asked about: its dates are what limits it.
 * Leaves out  nonces (RFC 9654): nobody asked for a stapled response.
 *
 * SHA-1 is here, in this file only, because CertID and ResponderID name their keys by it. It tells
 * one CA from another, no more: whoever found a second input would still need the issuer's key to
 * sign with. No signature is ever checked over it.
 */
#include "tls13/x509/ocsp.h"

#include "crypto/hash.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/name.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    CLOCK_TOLERANCE = 300,
    SHA1_LEN        = 20,
};

/* ---- SHA-1 as a name (FIPS 180-4 §6.1) ---- */

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static void sha1_block(uint32_t h[5], const uint8_t block[64])
{
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (size_t t = 0; t < 16; t++)
        w[t] = load_be32(block + 4 * t);
    for (size_t t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (size_t t = 0; t < 80; t++) {
        uint32_t f = t < 20 ? ((b & c) ^ (~b & d)) + 0x5a827999
                   : t < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                   : t < 60 ? ((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc
                            : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotate(a, 5) + f + e + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

static void sha1(uint8_t *out, struct bytes message)
{
    uint32_t h[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
    uint8_t last[128] = { 0 };
    size_t whole = message.len / 64, rest = message.len % 64, padded = rest < 56 ? 64 : 128;
    for (size_t i = 0; i < whole; i++)
        sha1_block(h, message.at + 64 * i);
    if (rest > 0)
        memcpy(last, message.at + 64 * whole, rest);
    last[rest] = 0x80;
    store_be64(last + padded - 8, 8 * (uint64_t)message.len);
    for (size_t i = 0; i < padded; i += 64)
        sha1_block(h, last + i);
    for (size_t i = 0; i < 5; i++)
        store_be32(out + 4 * i, h[i]);
}

static void sha256(uint8_t *out, struct bytes message)
{
    hash_digest(&hash_sha256, out, message);
}

/* RFC 6960 §4.3 has responders take SHA-1; some give SHA-256. */
static const struct id_hash { struct bytes oid; size_t len; void (*digest)(uint8_t *, struct bytes); }
id_hashes[] = {
    { OID(0x2b, 0x0e, 0x03, 0x02, 0x1a), SHA1_LEN, sha1 },
    { OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01), 32, sha256 },
};

static bool is_digest(struct bytes digest, const struct id_hash *hash, struct bytes message)
{
    uint8_t computed[HASH_MAX];
    hash->digest(computed, message);
    return bytes_equal_public(digest, bytes_of(computed, hash->len));
}

/* KeyHash: of the subjectPublicKey without tag, length and number of unused bits. */
static struct bytes key_bits(const struct x509_certificate *c)
{
    struct reader r = reader_of(c->spki);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    der_read(&in, DER_SEQUENCE);
    return der_read_bit_bytes(&in);
}

/* ---- decoding ---- */

enum {
    CONTEXT_0 = DER_CONTEXT | DER_CONSTRUCTED | 0,
    CONTEXT_1 = DER_CONTEXT | DER_CONSTRUCTED | 1,
    CONTEXT_2 = DER_CONTEXT | DER_CONSTRUCTED | 2,
};

/* [1] EXPLICIT Extensions OPTIONAL. None of those that RFC 6960 §4.4 has changes what is said of a
 * certificate; *critical becomes true if one claims to. */
static void read_extensions(struct reader *r, bool *critical)
{
    if (!der_next_is(r, CONTEXT_1))
        return;
    struct reader explicit = der_enter(r, CONTEXT_1);
    struct reader list = der_enter(&explicit, DER_SEQUENCE);
    while (reader_more(&list))
        *critical |= read_extension(&list).critical;
    der_leave(&explicit, &list);
    der_leave(r, &explicit);
}

/* RFC 6960 §4.1.1   CertID: hashAlgorithm AlgorithmIdentifier, issuerNameHash OCTET STRING,
 *                   issuerKeyHash OCTET STRING, serialNumber INTEGER */
static void read_cert_id(struct reader *r, struct ocsp_single *out)
{
    struct reader in = der_enter(r, DER_SEQUENCE);
    out->hash_oid = read_hash_algorithm(&in);
    out->issuer_name_hash = der_read(&in, DER_OCTET_STRING);
    out->issuer_key_hash = der_read(&in, DER_OCTET_STRING);
    out->serial = der_read_integer(&in);
    der_leave(r, &in);
}

/* RFC 6960 §4.2.1   CertStatus: good [0] IMPLICIT NULL, revoked [1] IMPLICIT SEQUENCE {
 *                   revocationTime, [0] EXPLICIT CRLReason OPTIONAL }, unknown [2] IMPLICIT NULL */
static void read_cert_status(struct reader *r, struct ocsp_single *out)
{
    if (der_next_is(r, CONTEXT_1)) {
        struct reader in = der_enter(r, CONTEXT_1);
        out->status = OCSP_REVOKED;
        out->revoked_at = der_read_generalized_time(&in);
        if (der_next_is(&in, CONTEXT_0)) {
            struct reader reason = der_enter(&in, CONTEXT_0);
            if (der_read(&reason, DER_ENUMERATED).len != 1)
                reason.bad = true;
            der_leave(&in, &reason);
        }
        der_leave(r, &in);
        return;
    }
    bool good = der_next_is(r, DER_CONTEXT | 0);
    out->status = good ? OCSP_GOOD : OCSP_UNKNOWN;
    if (der_read(r, good ? DER_CONTEXT | 0 : DER_CONTEXT | 2).len != 0)
        *r = (struct reader){ .bad = true };
}

/* RFC 6960 §4.2.1   SingleResponse: certID, certStatus, thisUpdate,
 *                   [0] EXPLICIT nextUpdate OPTIONAL, [1] EXPLICIT singleExtensions OPTIONAL */
bool ocsp_next(struct reader *singles, struct ocsp_single *out)
{
    *out = (struct ocsp_single){ 0 };
    if (!reader_more(singles))
        return false;
    struct reader in = der_enter(singles, DER_SEQUENCE);
    read_cert_id(&in, out);
    read_cert_status(&in, out);
    out->this_update = der_read_generalized_time(&in);
    out->has_next_update = der_next_is(&in, CONTEXT_0);
    if (out->has_next_update) {
        struct reader explicit = der_enter(&in, CONTEXT_0);
        out->next_update = der_read_generalized_time(&explicit);
        der_leave(&in, &explicit);
    }
    read_extensions(&in, &out->unknown_critical);
    der_leave(singles, &in);
    return !singles->bad;
}

/* RFC 6960 §4.2.1   ResponderID: byName [1] EXPLICIT Name, byKey [2] EXPLICIT OCTET STRING */
static void read_responder_id(struct reader *r, struct ocsp_response *out)
{
    bool by_name = der_next_is(r, CONTEXT_1);
    struct reader explicit = der_enter(r, by_name ? CONTEXT_1 : CONTEXT_2);
    if (by_name)
        out->responder_name = der_read_whole(&explicit, DER_SEQUENCE);
    else
        out->responder_key_hash = der_read(&explicit, DER_OCTET_STRING);
    if (by_name ? !name_well_formed(out->responder_name) : out->responder_key_hash.len != SHA1_LEN)
        explicit.bad = true;
    der_leave(r, &explicit);
}

/* RFC 6960 §4.2.1   ResponseData: [0] EXPLICIT version DEFAULT v1, responderID, producedAt,
 *                   responses SEQUENCE OF SingleResponse, [1] EXPLICIT responseExtensions */
static const char *decode_response_data(struct ocsp_response *out)
{
    struct reader whole = reader_of(out->tbs);
    struct reader r = der_enter(&whole, DER_SEQUENCE);
    if (der_next_is(&r, CONTEXT_0))
        return "version is encoded, which v1 is not (RFC 6960 §4.2.2.3, X.690 §11.5)";
    read_responder_id(&r, out);
    if (r.bad)
        return "responderID is malformed (RFC 6960 §4.2.1)";
    der_read_generalized_time(&r);
    if (r.bad)
        return "producedAt is malformed (RFC 6960 §4.2.2.1)";
    struct reader singles = der_enter(&r, DER_SEQUENCE);
    struct ocsp_single single;
    out->singles = singles.rest;
    while (ocsp_next(&singles, &single))
        ;
    if (singles.bad)
        return "a SingleResponse is malformed (RFC 6960 §4.2.1)";
    der_leave(&r, &singles);
    read_extensions(&r, &out->unknown_critical);
    der_leave(&whole, &r);
    return reader_done(&whole) ? NULL : "responseExtensions are malformed (RFC 6960 §4.2.1)";
}

/* RFC 6960 §4.2.1   BasicOCSPResponse: tbsResponseData, signatureAlgorithm, signature BIT STRING,
 *                   [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL */
static const char *decode_basic(struct ocsp_response *out, struct bytes der)
{
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    out->tbs = der_read_whole(&in, DER_SEQUENCE);
    struct bytes algorithm = der_read_whole(&in, DER_SEQUENCE);
    out->signature = der_read_bit_bytes(&in);
    if (der_next_is(&in, CONTEXT_0)) {
        struct reader explicit = der_enter(&in, CONTEXT_0);
        struct reader list = der_enter(&explicit, DER_SEQUENCE);
        out->certificates = list.rest;
        while (reader_more(&list))
            der_read_whole(&list, DER_SEQUENCE);
        der_leave(&explicit, &list);
        der_leave(&in, &explicit);
    }
    der_leave(&r, &in);
    if (!reader_done(&r))
        return "BasicOCSPResponse is malformed (RFC 6960 §4.2.1)";
    const char *error = signature_algorithm_decode(&out->algorithm, &out->algorithm_oid, algorithm);
    return error ? error : decode_response_data(out);
}

static const struct bytes ocsp_basic = OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01);

/* RFC 6960 §4.2.1   OCSPResponse: responseStatus ENUMERATED, [0] EXPLICIT ResponseBytes OPTIONAL
 *                   ResponseBytes: responseType OID, response OCTET STRING */
const char *ocsp_decode(struct ocsp_response *out, struct bytes der)
{
    *out = (struct ocsp_response){ 0 };
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    struct bytes status = der_read(&in, DER_ENUMERATED), type = { 0 }, response = { 0 };
    bool has_bytes = der_next_is(&in, CONTEXT_0);
    if (has_bytes) {
        struct reader explicit = der_enter(&in, CONTEXT_0);
        struct reader bytes = der_enter(&explicit, DER_SEQUENCE);
        type = der_read_oid(&bytes);
        response = der_read(&bytes, DER_OCTET_STRING);
        der_leave(&explicit, &bytes);
        der_leave(&in, &explicit);
    }
    der_leave(&r, &in);
    if (!reader_done(&r) || status.len != 1)
        return "it is not the DER of an OCSPResponse (RFC 6960 §4.2.1)";
    out->status = status.at[0];
    if (has_bytes != (out->status == 0))
        return "responseStatus and responseBytes do not go together (RFC 6960 §4.2.1)";
    if (out->status != 0)
        return NULL;
    if (!bytes_equal_public(type, ocsp_basic))
        return "responseType is not id-pkix-ocsp-basic (RFC 6960 §4.2.1)";
    return decode_basic(out, response);
}

/* ---- judging ---- */

__attribute__((format(printf, 2, 3)))
static enum alert unsatisfied(char reason[OCSP_REASON_MAX], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, OCSP_REASON_MAX, format, arguments);
    va_end(arguments);
    return ALERT_BAD_CERTIFICATE_STATUS_RESPONSE;
}

/* RFC 6960 §3.2 (1): name and key of the issuer, and the serial number. */
static bool is_about(const struct ocsp_single *single, const struct ocsp_question *q)
{
    if (!bytes_equal_public(single->serial, q->certificate->serial))
        return false;
    for (size_t i = 0; i < COUNT(id_hashes); i++)
        if (bytes_equal_public(single->hash_oid, id_hashes[i].oid))
            return is_digest(single->issuer_name_hash, &id_hashes[i], q->issuer->subject)
                && is_digest(single->issuer_key_hash, &id_hashes[i], key_bits(q->issuer));
    return false;
}

static bool find_single(struct ocsp_single *out, const struct ocsp_response *response,
                        const struct ocsp_question *q)
{
    struct reader r = reader_of(response->singles);
    while (ocsp_next(&r, out))
        if (is_about(out, q))
            return true;
    return false;
}

/* ResponderID "MUST correspond to the certificate that was used to sign" (RFC 6960 §4.2.2.3). */
static bool is_responder(const struct ocsp_response *response, const struct x509_certificate *c)
{
    if (response->responder_name.len > 0)
        return bytes_equal_public(response->responder_name, c->subject);
    return is_digest(response->responder_key_hash, &id_hashes[0], key_bits(c));
}

/* One signature, if the budget has one left. */
static bool signature_holds(const struct ocsp_question *q, const struct public_key *key,
                            const struct x509_signature_algorithm *algorithm, struct bytes tbs,
                            struct bytes signature)
{
    const struct signature *verifier = signature_verifier(q->algorithms, algorithm, key->type,
                                                          q->offered_only);
    if (!verifier || verifier->key_type != key->type || *q->signatures_left == 0)
        return false;
    --*q->signatures_left;
    return verifier->verify(key, tbs, signature);
}

/* RFC 6960 §4.2.2.2: issued by the same issuer with the same key, for just this purpose. */
static bool is_delegate(const struct x509_certificate *c, const struct ocsp_question *q)
{
    return c->version == 3 && (c->extended_key_usage & X509_EKU_OCSP)
        && (!c->has_key_usage || (c->key_usage & X509_DIGITAL_SIGNATURE))
        && c->unknown_critical.len == 0 && !public_key_weak(&c->key)
        && q->now >= c->not_before && q->now <= c->not_after
        && bytes_equal_public(c->issuer, q->issuer->subject)
        && signature_holds(q, &q->issuer->key, c->signature_algorithm, c->tbs, c->signature);
}

static bool signed_by(const struct ocsp_response *response, const struct ocsp_question *q,
                      const struct x509_certificate *c)
{
    return signature_holds(q, &c->key, response->algorithm, response->tbs, response->signature);
}

/* The issuer, or one of the certificates that came along. */
static enum alert judge_signer(char reason[OCSP_REASON_MAX], const struct ocsp_response *response,
                               const struct ocsp_question *q)
{
    bool authorised = is_responder(response, q->issuer);
    if (authorised && signed_by(response, q, q->issuer))
        return ALERT_NONE;
    struct reader r = reader_of(response->certificates);
    while (reader_more(&r)) {
        struct x509_certificate c;
        struct bytes der = der_read_whole(&r, DER_SEQUENCE);
        if (x509_certificate_decode(&c, der) != NULL || !is_responder(response, &c)
            || !is_delegate(&c, q))
            continue;
        authorised = true;
        if (signed_by(response, q, &c))
            return ALERT_NONE;
    }
    return unsatisfied(reason, authorised
                       ? "OCSP response: signature does not verify (RFC 6960 §3.2)"
                       : "OCSP response: responderID is neither the issuer nor one that it has "
                         "authorised (RFC 6960 §4.2.2.2)");
}

static enum alert judge_times(char reason[OCSP_REASON_MAX], const struct ocsp_single *single,
                              int64_t now)
{
    struct der_date d = der_date_of(single->this_update);
    if (single->this_update > now + CLOCK_TOLERANCE)
        return unsatisfied(reason, "OCSP response: thisUpdate is only %04d-%02d-%02d "
                           "(RFC 6960 §3.2)", d.year, d.month, d.day);
    if (!single->has_next_update)
        return unsatisfied(reason, "OCSP response: nextUpdate is missing, so that it could be "
                           "replayed for ever (RFC 6960 §3.2)");
    d = der_date_of(single->next_update);
    if (single->next_update < now - CLOCK_TOLERANCE)
        return unsatisfied(reason, "OCSP response: nextUpdate was %04d-%02d-%02d (RFC 6960 §3.2)",
                           d.year, d.month, d.day);
    return ALERT_NONE;
}

static enum alert judge_status(char reason[OCSP_REASON_MAX], const struct ocsp_single *single)
{
    struct der_date d = der_date_of(single->revoked_at);
    switch (single->status) {
    case OCSP_GOOD:
        return ALERT_NONE;
    case OCSP_REVOKED:
        unsatisfied(reason, "certificate was revoked %04d-%02d-%02d, says its OCSP response "
                    "(RFC 6960 §2.2)", d.year, d.month, d.day);
        return ALERT_CERTIFICATE_REVOKED;
    case OCSP_UNKNOWN:
        break;
    }
    return unsatisfied(reason, "OCSP response: the responder does not know the certificate "
                       "(RFC 6960 §2.2)");
}

/* RFC 6960 §4.2.1; 4 is not used. */
static const char *status_name(unsigned status)
{
    static const char *const names[] = {
        "successful", "malformedRequest", "internalError", "tryLater", "4", "sigRequired",
        "unauthorized",
    };
    return status < COUNT(names) ? names[status] : "not known";
}

enum alert ocsp_verify(char reason[OCSP_REASON_MAX], const struct ocsp_question *q)
{
    struct ocsp_response response;
    struct ocsp_single single;
    const char *malformed = ocsp_decode(&response, q->response);
    if (malformed)
        return unsatisfied(reason, "OCSP response is malformed: %s", malformed);
    if (response.status != 0)
        return unsatisfied(reason, "OCSP response: responseStatus is %s (RFC 6960 §4.2.1)",
                           status_name(response.status));
    if (!find_single(&single, &response, q))
        return unsatisfied(reason, "OCSP response is not about this certificate (RFC 6960 §3.2)");
    if (response.unknown_critical || single.unknown_critical)
        return unsatisfied(reason, "OCSP response has a critical extension that is not known "
                           "(RFC 6960 §4.4)");
    TRY(judge_signer(reason, &response, q));
    TRY(judge_times(reason, &single, q->now));
    return judge_status(reason, &single);
}
