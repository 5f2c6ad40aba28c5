/* tls13/authentication.c - Certificate and CertificateVerify, sent and judged, in both roles.
 *
 * Implements  RFC 8446 §4.3.2, §4.4.2, §4.4.3; RFC 7250; RFC 6066 §8.
 * Trusts      x509/verify.h for whether a chain is to be believed.
 * Secret      nothing: the private key is behind the signer.
 */
#include "tls13/authentication.h"

#include "crypto/ct.h"
#include "tls13/certificate.h"
#include "tls13/certificate_request.h"
#include "tls13/certificate_type.h"
#include "tls13/certificate_verify.h"
#include "tls13/client.h"
#include "tls13/server.h"
#include "tls13/x509/identity.h"

#include <string.h>

enum { PEER_NAME_MAX = 90 };                 /* both of them leave a third of the room */

static const struct algorithms *algorithms(const struct tls *t)
{
    return t->config->s.algorithms;
}

/* ---- the request ---- */

enum alert send_certificate_request(struct tls *t)
{
    struct tls_handshake *h = t->handshake;
    const struct tls_settings *s = &t->config->s;
    h->certificate_requested = true;
    struct outgoing m = message_begin(t, CERTIFICATE_REQUEST);
    certificate_request_encode(m.w, algorithms(t),
                               h->peer_type == CERTIFICATE_X509 ? s->trust : NULL,
                               s->grease ? h->client_random : NULL);
    return message_end(t, m);
}

enum alert on_certificate_request(struct tls *t, struct message *m)
{
    struct certificate_request request;
    struct fault fault = { 0 };
    enum alert alert = certificate_request_decode(&request, &fault, m->body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    t->fault_at = m->body.at;
    if (request.certificate_request_context.len > 0)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "CertificateRequest: a context within the handshake (RFC 8446 §4.3.2)");
    struct credential_wish wish = {
        .schemes = request.schemes, .certificate_schemes = request.certificate_schemes,
        .authorities = request.authorities, .status_requested = request.status_requested,
    };
    t->handshake->certificate_requested = true;
    t->handshake->status_requested = wish.status_requested;
    t->client_scheme = choose_credential(t, &wish);
    if (!t->client_scheme && t->config->s.never_anonymous)
        return fail(t, ALERT_HANDSHAKE_FAILURE,
                    "CertificateRequest: no certificate of ours fits (RFC 8446 §4.4.2.3)");
    return ALERT_NONE;
}

/* ---- the peer's proofs ---- */

/* The key outlives the message that it came in. */
static enum alert keep_peer_key(struct tls *t, const struct public_key *key)
{
    struct tls_handshake *h = t->handshake;
    struct writer w = writer_of(h->peer_key_bytes, sizeof h->peer_key_bytes);
    write_bytes(&w, key->point);
    write_bytes(&w, key->modulus);
    write_bytes(&w, key->exponent);
    if (!writer_done(&w))
        return fail(t, ALERT_UNSUPPORTED_CERTIFICATE, "certificate: the key is too large");
    const uint8_t *at = h->peer_key_bytes;
    h->peer_key = (struct public_key){
        .type = key->type,
        .point = bytes_of(at, key->point.len),
        .modulus = bytes_of(at + key->point.len, key->modulus.len),
        .exponent = bytes_of(at + key->point.len + key->modulus.len, key->exponent.len),
    };
    return ALERT_NONE;
}

enum alert ask_verifier(struct tls *t, const struct bytes *chain, size_t chain_count)
{
    const struct tls_verifier *v = t->config->s.verifier;
    const char *reason = "the caller does not believe the certificate";
    enum alert alert = v ? v->verify(v->context, chain, chain_count, &reason) : ALERT_NONE;
    return alert == ALERT_NONE ? ALERT_NONE : fail(t, alert, reason);
}

static enum alert judge_chain(struct tls *t, struct x509_verdict *verdict,
                              const struct certificate_message *certificate)
{
    const struct tls_settings *s = &t->config->s;
    struct x509_question question = {
        .trust = s->trust, .algorithms = s->algorithms,
        .chain = certificate->chain, .chain_count = certificate->chain_count,
        .now = s->now(s->now_context),
        .purpose = t->config->is_server ? X509_CLIENT : X509_SERVER,
        .status_requested = !t->config->is_server && s->request_status,
        .ocsp_response = certificate->ocsp_response,
    };
    if (!t->config->is_server && s->server_name)
        question.name = bytes_of_string(s->server_name);
    return s->insecure_accept_any_certificate || s->verifier
               ? x509_leaf_key(verdict, certificate->chain[0])
               : x509_verify(verdict, &question);
}

/* RFC 7250; N20: what CVE-2024-12797 did not notice ends the handshake here like any other. */
static enum alert judge_raw_public_key(struct tls *t, struct x509_verdict *verdict,
                                       const struct certificate_message *certificate)
{
    const struct tls_settings *s = &t->config->s;
    return s->insecure_accept_any_certificate
               ? x509_spki_decode(verdict, certificate->chain[0])
               : x509_spki_verify(verdict, s->trust, s->algorithms, certificate->chain[0]);
}

/* Three strings, each with its NUL: e-mail, DNS name (whole, or empty), and the subject, cut off
 * where there is no more room. */
static void keep_names(struct tls *t, struct bytes leaf)
{
    struct x509_identity identity;
    struct writer w = writer_of(t->text, sizeof t->text);
    if (t->handshake->peer_type != CERTIFICATE_X509 || !x509_identity_of(&identity, leaf))
        identity = (struct x509_identity){ .text = "" };
    if (identity.email.len <= PEER_NAME_MAX)
        write_bytes(&w, identity.email);
    write_u8(&w, 0);
    if (identity.dns.len <= PEER_NAME_MAX)
        write_bytes(&w, identity.dns);
    write_u8(&w, 0);
    struct bytes subject = bytes_of_string(identity.text);
    size_t room = w.cap - w.len - 1;
    write_bytes(&w, bytes_of(subject.at, subject.len < room ? subject.len : room));
    write_u8(&w, 0);
}

/* §4.4.2: nothing but the type that was agreed on; and of bare keys there is one. */
static enum alert check_type(struct tls *t, const struct certificate_message *certificate)
{
    enum certificate_type type = t->handshake->peer_type;
    if (!certificate_type_taken(t, type))
        return fail(t, ALERT_UNSUPPORTED_CERTIFICATE,
                    "Certificate: X.509, and we take raw public keys only (RFC 7250 §4.2)");
    if (type == CERTIFICATE_RAW_PUBLIC_KEY && certificate->entry_count > 1)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "Certificate: more than one raw public key (RFC 8446 §4.4.2)");
    return ALERT_NONE;
}

static enum alert believe(struct tls *t, const struct certificate_message *certificate)
{
    struct x509_verdict verdict;
    TRY(check_type(t, certificate));
    TRY(ask_verifier(t, certificate->chain, certificate->chain_count));
    enum alert alert = t->handshake->peer_type == CERTIFICATE_X509
                           ? judge_chain(t, &verdict, certificate)
                           : judge_raw_public_key(t, &verdict, certificate);
    if (alert != ALERT_NONE) {
        memcpy(t->text, verdict.reason, sizeof t->text);
        return fail(t, alert, t->text);
    }
    t->status_good = verdict.status_good;
    keep_names(t, certificate->chain[0]);
    hash_digest(&hash_sha256, t->handshake->peer_identity, certificate->chain[0]);
    if (verdict.good_until != 0 && verdict.good_until < t->authenticated_until)
        t->authenticated_until = verdict.good_until;     /* §4.6.1: no ticket outlives it */
    t->handshake->proofs.certificate_chain = true;
    return keep_peer_key(t, &verdict.key);
}

/* §4.4.2.4: a server always has a certificate; a client may say that it has none. */
static enum alert on_empty_certificate(struct tls *t, struct message *m)
{
    if (!t->config->is_server)
        return fail(t, ALERT_DECODE_ERROR,
                    "Certificate: the server's list is empty (RFC 8446 §4.4.2.4)");
    if (t->config->s.client_certificate == CLIENT_CERTIFICATE_REQUIRED)
        return fail(t, ALERT_CERTIFICATE_REQUIRED,
                    "Certificate: the client has none, and has to (RFC 8446 §4.4.2.4)");
    m->other_arrow = true;
    return ALERT_NONE;
}

enum alert on_certificate(struct tls *t, struct message *m)
{
    struct certificate_message certificate;
    struct fault fault = { 0 };
    enum alert alert = certificate_decode(&certificate, &fault, m->body, t->handshake->offered);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    t->fault_at = m->body.at;
    if (certificate.certificate_request_context.len > 0)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "Certificate: a context within the handshake (RFC 8446 §4.4.2)");
    if (t->config->is_server && !flight_sent(t->handshake))
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "a Certificate that answers what is not out yet");
    return certificate.chain_count > 0 ? believe(t, &certificate) : on_empty_certificate(t, m);
}

enum alert on_certificate_verify(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    struct certificate_verify cv;
    struct fault fault = { 0 };
    uint8_t content[SIGNED_CONTENT_MAX];
    enum alert alert = certificate_verify_decode(&cv, &fault, m->body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    t->fault_at = m->body.at;
    const struct signature_scheme *scheme = scheme_find(algorithms(t), cv.algorithm);
    if (!scheme || scheme->certificates_only
        || scheme->signature->key_type != h->peer_key.type)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "CertificateVerify: a scheme that was not offered or does not fit the key "
                    "(RFC 8446 §4.4.3)");
    struct bytes signed_content = certificate_verify_content(
        content, !t->config->is_server, bytes_of(m->hash_before, t->suite->hash->digest_len));
    ct_public(signed_content.at, signed_content.len);    /* a hash; our Finished in it is sent */
    if (!scheme->signature->verify(&h->peer_key, signed_content, cv.signature))
        return fail(t, ALERT_DECRYPT_ERROR,
                    "CertificateVerify: the signature is not valid (RFC 8446 §4.4.3)");
    *(t->config->is_server ? &t->client_scheme : &t->scheme) = scheme;
    h->proofs.certificate_verify = true;
    return ALERT_NONE;
}

/* ---- our proofs ---- */

/* §4.4.2: asked for a certificate and having none, a client says so with an empty list. §4.4.2.1: a
 * status for who asked for it, and with X.509 only. */
enum alert send_certificate(struct tls *t)
{
    static const struct tls_credential none;
    const struct tls_handshake *h = t->handshake;
    const struct tls_credential *c = h->credential ? h->credential : &none;
    const struct bytes nothing = bytes_of(NULL, 0);
    struct outgoing m = message_begin(t, CERTIFICATE);
    if (h->own_type == CERTIFICATE_RAW_PUBLIC_KEY)
        certificate_encode(m.w, nothing, &c->public_key, h->credential ? 1 : 0, nothing);
    else
        certificate_encode(m.w, nothing, c->chain, c->chain_count,
                           h->status_requested ? c->ocsp_response : nothing);
    return message_end(t, m);
}

/* Of our own CertificateVerify. */
static const struct signature_scheme *own_scheme(const struct tls *t)
{
    return t->config->is_server ? t->scheme : t->client_scheme;
}

enum alert certificate_verify_begin(struct tls *t)
{
    struct tls_handshake *h = t->handshake;
    uint8_t content[SIGNED_CONTENT_MAX], digest[HASH_MAX], signature[SIGNATURE_MAX];
    size_t signature_len = 0;
    transcript_hash(&h->transcript, digest);
    struct bytes to_sign = certificate_verify_content(content, t->config->is_server,
                                                      bytes_of(digest, t->suite->hash->digest_len));
    const struct tls_signer *signer = &h->credential->signer;
    switch (signer->sign(signer->context, own_scheme(t), to_sign, signature, &signature_len)) {
    case SIGN_DONE:  return certificate_verify_end(t, bytes_of(signature, signature_len));
    case SIGN_LATER: return ALERT_NONE;
    default:         return certificate_verify_end(t, bytes_of(NULL, 0));
    }
}

enum alert certificate_verify_end(struct tls *t, struct bytes signature)
{
    if (signature.len == 0)
        return fail(t, ALERT_INTERNAL_ERROR, "the signer did not give a signature");
    struct certificate_verify cv = { own_scheme(t)->code_point, signature };
    struct outgoing m = message_begin(t, CERTIFICATE_VERIFY);
    certificate_verify_encode(m.w, &cv);
    TRY(message_end(t, m));
    return t->config->is_server ? server_signed(t) : client_signed(t);
}
