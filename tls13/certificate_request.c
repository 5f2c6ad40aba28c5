/* tls13/certificate_request.c - the CertificateRequest message.
 *
 * Implements  RFC 8446 §4.3.2, with §4.2.3, §4.2.4, §4.2.5 (read, and no filter of it recognised)
 *             and §4.4.2.1 for its extensions.
 */
#include "tls13/certificate_request.h"

#include "tls13/hello.h"
#include "tls13/x509/chain.h"

/* §4.2.5   filters <0..2^16-1> of { certificate_extension_oid <1..2^8-1>,
 *          certificate_extension_values <0..2^16-1> }; those not recognised are ignored */
static enum alert check_oid_filters(struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    struct reader filters = reader_of(read_vec16(&r, 0));
    while (reader_more(&filters)) {
        read_vec8(&filters, 1);
        read_vec16(&filters, 0);
    }
    if (reader_done(&r) && reader_done(&filters))
        return ALERT_NONE;
    *fault = (struct fault){ "malformed oid_filters (RFC 8446 §4.2.5)", body.at };
    return ALERT_DECODE_ERROR;
}

static enum alert decode_optional(struct certificate_request *out, struct fault *fault,
                                  const struct extensions *e)
{
    out->certificate_schemes = out->schemes;
    out->status_requested = extensions_have(e, EXT_STATUS_REQUEST);
    if (extensions_body(e, EXT_STATUS_REQUEST).len > 0) {
        *fault = (struct fault){ "CertificateRequest: status_request is not empty "
                                 "(RFC 8446 §4.4.2.1)", extensions_body(e, EXT_STATUS_REQUEST).at };
        return ALERT_DECODE_ERROR;
    }
    if (extensions_have(e, EXT_SIGNATURE_ALGORITHMS_CERT))
        TRY(decode_u16_list(&out->certificate_schemes, fault,
                            extensions_body(e, EXT_SIGNATURE_ALGORITHMS_CERT)));
    if (extensions_have(e, EXT_CERTIFICATE_AUTHORITIES))
        TRY(decode_certificate_authorities(&out->authorities, fault,
                                           extensions_body(e, EXT_CERTIFICATE_AUTHORITIES)));
    return extensions_have(e, EXT_OID_FILTERS)
               ? check_oid_filters(fault, extensions_body(e, EXT_OID_FILTERS)) : ALERT_NONE;
}

/* RFC 8446 §4.3.2   CertificateRequest: certificate_request_context <0..2^8-1>,
 *                   extensions <2..2^16-1>; <0..2^16-1> in RFC 9846 */
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
    return decode_optional(out, fault, &e);
}

static void write_certificate_authorities(struct writer *w, const struct x509_trust *trust)
{
    write_u16(w, EXT_CERTIFICATE_AUTHORITIES);
    size_t body = write_vec_begin(w, 2);
    x509_authorities_encode(w, trust);
    write_vec_end(w, body, 2);
}

void certificate_request_encode(struct writer *w, const struct algorithms *algorithms,
                                const struct x509_trust *trust, const uint8_t *grease)
{
    write_u8(w, 0);
    size_t block = write_vec_begin(w, 2);
    write_signature_algorithms(w, algorithms,
                               grease ? grease_code_point(grease, GREASE_REQUEST_SCHEME) : 0);
    if (grease)
        write_extension(w, grease_code_point(grease, GREASE_REQUEST_EXTENSION), bytes_of("\0", 1));
    if (trust && trust->anchor_count > 0 && trust->anchor_count <= AUTHORITIES_MAX)
        write_certificate_authorities(w, trust);
    write_vec_end(w, block, 2);
}
