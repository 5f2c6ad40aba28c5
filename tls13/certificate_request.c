/* tls13/certificate_request.c - the CertificateRequest message.
 *
 * Implements  RFC 8446 §4.3.2.
 */
#include "tls13/certificate_request.h"

#include "tls13/hello.h"

/* RFC 8446 §4.3.2   CertificateRequest: certificate_request_context <0..2^8-1>,
 *                   extensions <2..2^16-1> */
enum alert certificate_request_decode(struct certificate_request *out, struct fault *fault,
                                      struct bytes body)
{
    struct reader r = reader_of(body);
    struct extensions e;
    *out = (struct certificate_request){ .certificate_request_context = read_vec8(&r, 0) };
    struct bytes block = read_vec16(&r, 0);
    *fault = (struct fault){ "malformed CertificateRequest (RFC 8446 §4.3.2)", r.rest.at };
    if (!reader_done(&r))
        return ALERT_DECODE_ERROR;
    TRY(extensions_decode(&e, fault, block, IN_CR, 0));
    if (!extensions_have(&e, EXT_SIGNATURE_ALGORITHMS)) {
        *fault = (struct fault){ "CertificateRequest: no signature_algorithms (RFC 8446 §4.3.2)",
                                 body.at };
        return ALERT_MISSING_EXTENSION;
    }
    TRY(decode_u16_list(&out->schemes, fault, extensions_body(&e, EXT_SIGNATURE_ALGORITHMS)));
    struct bytes authorities;                /* §4.2.4: a hint, which must parse */
    return extensions_have(&e, EXT_CERTIFICATE_AUTHORITIES)
         ? decode_certificate_authorities(&authorities, fault,
                                          extensions_body(&e, EXT_CERTIFICATE_AUTHORITIES))
         : ALERT_NONE;
}

void certificate_request_encode(struct writer *w, const struct algorithms *algorithms)
{
    write_u8(w, 0);
    size_t block = write_vec_begin(w, 2);
    write_signature_algorithms(w, algorithms, 0);
    write_vec_end(w, block, 2);
}
