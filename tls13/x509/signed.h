/* tls13/x509/signed.h - how certificates and status responses are signed.
 *
 * X.509 names a signature algorithm by an AlgorithmIdentifier, TLS by a code point (RFC 8446
 * §4.2.3); whoever checks a signature goes from the one to the other, and to the verifier that the
 * endpoint was given for it.
 */
#ifndef SEALPOST_TLS13_X509_SIGNED_H
#define SEALPOST_TLS13_X509_SIGNED_H

#include "crypto/bytes.h"
#include "crypto/signature.h"
#include "tls13/suite.h"

struct x509_signature_algorithm {
    struct bytes oid;
    const char *name;                    /* "ecdsa-with-SHA256" */
    uint16_t code_point;                 /* 0: of MD5 or SHA-1, which is never accepted */
    bool null_parameters;                /* NULL, as RSA has; else absent */
};

/* Reads an AlgorithmIdentifier (RFC 5280 §4.1.1.2), the whole DER of one. NULL, or what is wrong
 * with it. An algorithm that is not known leaves *out NULL, and its OID in *oid. */
const char *signature_algorithm_decode(const struct x509_signature_algorithm **out,
                                       struct bytes *oid, struct bytes whole);

/* RFC 4055 §2.1   AlgorithmIdentifier of a hash: OID, parameters NULL or absent */
struct bytes read_hash_algorithm(struct reader *r);

/* The verifier for a signature algorithm and the type of the signer's key; NULL if `algorithms`
 * has none, or `algorithm` is. An ECDSA OID names the hash alone (RFC 5758 §3.2), a code point of
 * TLS 1.3 the curve too. The two pairs that have none are allowed where there is a scheme with that
 * hash, and one with that curve; not if only what was offered will do. */
const struct signature *signature_verifier(const struct algorithms *algorithms,
                                           const struct x509_signature_algorithm *algorithm,
                                           enum key_type key, bool offered_only);

#endif
