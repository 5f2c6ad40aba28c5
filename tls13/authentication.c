/* tls13/authentication.c - Certificate and CertificateVerify, sent and judged, in both roles.
 *
 * Implements  RFC 8446 §4.3.2, §4.4.2, §4.4.3.
 * Trusts      x509/verify.h for whether a chain is to be believed.
 * Secret      nothing: the private key is behind the signer.
 */
#include "tls13/authentication.h"

#include "tls13/certificate.h"
#include "tls13/certificate_request.h"
#include "tls13/certificate_verify.h"
#include "tls13/client.h"
#include "tls13/server.h"

#include <string.h>

static const struct algorithms *algorithms(const struct tls *t)
{
    return t->config->s.algorithms;
}

/* ---- the request ---- */

enum alert send_certificate_request(struct tls *t)
{
    t->handshake->certificate_requested = true;
    struct outgoing m = message_begin(t, CERTIFICATE_REQUEST);
    certificate_request_encode(m.w, algorithms(t));
    return message_end(t, m);
}

/* The first scheme, in our order, that the credential signs with and the peer's list has. */
static const struct signature_scheme *fitting_scheme(const struct tls_credential *c,
                                                     struct bytes schemes)
{
    for (size_t i = 0; i < c->scheme_count; i++)
        if (list_has_u16(schemes, c->schemes[i]->code_point))
            return c->schemes[i];
    return NULL;
}

const struct signature_scheme *choose_credential(struct tls *t, struct bytes schemes)
{
    const struct tls_settings *s = &t->config->s;
    for (size_t i = 0; i < s->credential_count; i++) {
        const struct signature_scheme *scheme = fitting_scheme(&s->credentials[i], schemes);
        if (scheme) {
            t->handshake->credential = &s->credentials[i];
            return scheme;
        }
    }
    return NULL;
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
    t->handshake->certificate_requested = true;
    t->client_scheme = choose_credential(t, request.schemes);
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

static enum alert believe(struct tls *t, const struct certificate_message *certificate)
{
    const struct tls_settings *s = &t->config->s;
    struct x509_verdict verdict;
    struct x509_question question = {
        .trust = s->trust, .algorithms = s->algorithms,
        .chain = certificate->chain, .chain_count = certificate->chain_count,
        .name = bytes_of_string(s->server_name ? s->server_name : ""),
        .now = s->now(s->now_context),
        .purpose = t->config->is_server ? X509_CLIENT : X509_SERVER,
    };
    enum alert alert = s->insecure_accept_any_certificate || s->verifier
                           ? x509_leaf_key(&verdict, certificate->chain[0])
                           : x509_verify(&verdict, &question);
    if (alert != ALERT_NONE) {
        memcpy(t->reason_text, verdict.reason, sizeof t->reason_text);
        return fail(t, alert, t->reason_text);
    }
    TRY(ask_verifier(t, certificate->chain, certificate->chain_count));
    hash_digest(&hash_sha256, t->handshake->peer_identity, certificate->chain[0]);
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
    if (!scheme->signature->verify(&h->peer_key, signed_content, cv.signature))
        return fail(t, ALERT_DECRYPT_ERROR,
                    "CertificateVerify: the signature is not valid (RFC 8446 §4.4.3)");
    *(t->config->is_server ? &t->client_scheme : &t->scheme) = scheme;
    h->proofs.certificate_verify = true;
    return ALERT_NONE;
}

/* ---- our proofs ---- */

/* §4.4.2: asked for a certificate and having none, a client says so with an empty list. */
enum alert send_certificate(struct tls *t)
{
    const struct tls_credential *credential = t->handshake->credential;
    struct outgoing m = message_begin(t, CERTIFICATE);
    certificate_encode(m.w, bytes_of(NULL, 0), credential ? credential->chain : NULL,
                       credential ? credential->chain_count : 0);
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
