/* tls13/certificate_request.h - the CertificateRequest message (RFC 8446 §4.3.2). */
#ifndef SEALPOST_TLS13_CERTIFICATE_REQUEST_H
#define SEALPOST_TLS13_CERTIFICATE_REQUEST_H

#include "tls13/extensions.h"
#include "tls13/suite.h"

struct certificate_request {
    struct bytes certificate_request_context;
    struct bytes schemes;                    /* inside of signature_algorithms */
};

/* decode_error for bad syntax; what extensions_decode says; missing_extension without
 * signature_algorithms, which must be there. */
enum alert certificate_request_decode(struct certificate_request *out, struct fault *fault,
                                      struct bytes body);

/* Writes a body with an empty context, as it has to be within the handshake. */
void certificate_request_encode(struct writer *w, const struct algorithms *algorithms);

#endif
