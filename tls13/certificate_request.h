/* tls13/certificate_request.h - the CertificateRequest message (RFC 8446 §4.3.2). */
#ifndef SEALPOST_TLS13_CERTIFICATE_REQUEST_H
#define SEALPOST_TLS13_CERTIFICATE_REQUEST_H

#include "tls13/extensions.h"
#include "tls13/suite.h"
#include "tls13/x509/verify.h"

struct certificate_request {
    struct bytes certificate_request_context;
    struct bytes schemes;                    /* inside of signature_algorithms */
    struct bytes certificate_schemes;        /* of signature_algorithms_cert, or the same */
    struct bytes authorities;                /* of certificate_authorities; empty: any will do */
    bool status_requested;                   /* §4.4.2.1 */
};

/* decode_error for bad syntax; what extensions_decode says; missing_extension without
 * signature_algorithms, which must be there. */
enum alert certificate_request_decode(struct certificate_request *out, struct fault *fault,
                                      struct bytes body);

/* Writes a body with an empty context, as it has to be within the handshake. The names of the
 * anchors of `trust` go with it, unless it is NULL or there are more than so many. `grease`: the
 * client's random, to choose values by that nobody knows (RFC 8701 §4); NULL: none. */
enum { AUTHORITIES_MAX = 16 };
void certificate_request_encode(struct writer *w, const struct algorithms *algorithms,
                                const struct x509_trust *trust, const uint8_t *grease);

#endif
