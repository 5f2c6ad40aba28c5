/* tls13/certificate.h - the Certificate message (RFC 8446 §4.4.2), and the OCSP status in it
 * (§4.4.2.1, RFC 6066 §8).
 */
#ifndef SEALPOST_TLS13_CERTIFICATE_H
#define SEALPOST_TLS13_CERTIFICATE_H

#include "tls13/extensions.h"
#include "tls13/x509/verify.h"

struct certificate_message {
    struct bytes certificate_request_context;
    struct bytes chain[X509_CHAIN_MAX];      /* DER, the sender's own first; or a raw public key */
    size_t chain_count;                      /* 0: an empty certificate_list */
    size_t entry_count;                      /* of all entries, those not kept included */
    struct bytes ocsp_response;              /* of the sender's own; empty: none */
};

/* decode_error for bad syntax; what extensions_decode says of each entry's extensions, given those
 * we offered. Entries beyond X509_CHAIN_MAX are checked and not kept. */
enum alert certificate_decode(struct certificate_message *out, struct fault *fault,
                              struct bytes body, uint32_t offered);

/* Writes a body. Its only extension is the first entry's status, if there is an OCSPResponse. */
void certificate_encode(struct writer *w, struct bytes certificate_request_context,
                        const struct bytes *chain, size_t chain_count, struct bytes ocsp_response);

/* status_request in a ClientHello: `ocsp` if that is the kind of status it asks for. */
enum alert decode_status_request(bool *ocsp, struct fault *fault, struct bytes body);

/* The whole extension: any responder will do. */
void write_status_request(struct writer *w);

#endif
