/* tls13/x509/ocsp.h - has the issuer revoked this certificate? (RFC 6960)
 *
 * A server staples what a responder has said of its certificate to the certificate itself (RFC 8446
 * §4.4.2.1): signed by the issuer or by whom it has authorised, and good until a date. Nothing is
 * fetched here; what is not stapled is not known.
 */
#ifndef SEALPOST_TLS13_X509_OCSP_H
#define SEALPOST_TLS13_X509_OCSP_H

#include "crypto/bytes.h"
#include "tls13/alert.h"
#include "tls13/suite.h"
#include "tls13/x509/certificate.h"

enum ocsp_certificate_status { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

/* What a response says, all of it well formed; views into its bytes. */
struct ocsp_response {
    unsigned status;                     /* OCSPResponseStatus; beyond 0, nothing else is set */
    struct bytes tbs;                    /* ResponseData, header included: what is signed */
    struct bytes responder_name;         /* Name, DER; or empty, and then */
    struct bytes responder_key_hash;     /* SHA-1 of its key */
    struct bytes singles;                /* SingleResponse after SingleResponse: ocsp_next */
    bool unknown_critical;               /* an extension of the whole that we do not know */
    const struct x509_signature_algorithm *algorithm;    /* NULL: not known */
    struct bytes algorithm_oid, signature;
    struct bytes certificates;           /* the responder's, if any: one after the other */
};

/* What it says of one certificate. */
struct ocsp_single {
    struct bytes hash_oid, issuer_name_hash, issuer_key_hash, serial;    /* CertID */
    enum ocsp_certificate_status status;
    int64_t revoked_at;                  /* if revoked */
    int64_t this_update, next_update;    /* seconds since 1970-01-01 UTC */
    bool has_next_update;
    bool unknown_critical;
};

/* NULL, or which field breaks which rule; a string that needs no freeing. */
const char *ocsp_decode(struct ocsp_response *out, struct bytes der);

/* The next of `singles`; false at the end. Those of a response that was decoded do not fail. */
bool ocsp_next(struct reader *singles, struct ocsp_single *out);

struct ocsp_question {
    struct bytes response;                       /* DER */
    const struct x509_certificate *certificate;
    const struct x509_certificate *issuer;       /* whose key has signed it; believed */
    const struct algorithms *algorithms;
    bool offered_only;                           /* see verify.h */
    int64_t now;
    unsigned *signatures_left;                   /* the budget: each signature checked costs one */
};

enum { OCSP_REASON_MAX = 160 };

/* ALERT_NONE if a valid response says good. certificate_revoked if one says revoked; all else is
 * bad_certificate_status_response, which RFC 6066 §8 asks for whenever a response does not
 * satisfy: malformed, not from the issuer, not for this certificate, too old, unknown. */
enum alert ocsp_verify(char reason[OCSP_REASON_MAX], const struct ocsp_question *question);

#endif
