/* tls13/certificate.h - the Certificate message (RFC 8446 §4.4.2). */
#ifndef SEALPOST_TLS13_CERTIFICATE_H
#define SEALPOST_TLS13_CERTIFICATE_H

#include "tls13/extensions.h"
#include "tls13/x509/verify.h"

struct certificate_message {
    struct bytes certificate_request_context;
    struct bytes chain[X509_CHAIN_MAX];      /* DER, the sender's own first */
    size_t chain_count;                      /* 0: an empty certificate_list */
};

/* decode_error for bad syntax; what extensions_decode says of each entry's extensions, given those
 * we offered. Entries beyond X509_CHAIN_MAX are left out. */
enum alert certificate_decode(struct certificate_message *out, struct fault *fault,
                              struct bytes body, uint32_t offered);

/* Writes a body without extensions in its entries. */
void certificate_encode(struct writer *w, struct bytes certificate_request_context,
                        const struct bytes *chain, size_t chain_count);

#endif
