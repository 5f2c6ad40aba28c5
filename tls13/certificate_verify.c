/* tls13/certificate_verify.c - the CertificateVerify message.
 *
 * Implements  RFC 8446 §4.4.3.
 */
#include "tls13/certificate_verify.h"

#include <string.h>

/* RFC 8446 §4.4.3   CertificateVerify: u16 algorithm, signature <0..2^16-1> */
enum alert certificate_verify_decode(struct certificate_verify *out, struct fault *fault,
                                     struct bytes body)
{
    struct reader r = reader_of(body);
    out->algorithm = read_u16(&r);
    out->signature = read_vec16(&r, 0);
    if (reader_done(&r))
        return ALERT_NONE;
    *fault = (struct fault){ "malformed CertificateVerify (RFC 8446 §4.4.3)", r.rest.at };
    return ALERT_DECODE_ERROR;
}

void certificate_verify_encode(struct writer *w, const struct certificate_verify *cv)
{
    write_u16(w, cv->algorithm);
    size_t signature = write_vec_begin(w, 2);
    write_bytes(w, cv->signature);
    write_vec_end(w, signature, 2);
}

struct bytes certificate_verify_content(uint8_t out[SIGNED_CONTENT_MAX], bool server_signs,
                                        struct bytes transcript_hash)
{
    struct writer w = writer_of(out, SIGNED_CONTENT_MAX);
    memset(write_space(&w, 64), 0x20, 64);
    write_bytes(&w, bytes_of_string(server_signs ? "TLS 1.3, server CertificateVerify"
                                                 : "TLS 1.3, client CertificateVerify"));
    write_u8(&w, 0);
    write_bytes(&w, transcript_hash);
    return writer_bytes(&w);
}
