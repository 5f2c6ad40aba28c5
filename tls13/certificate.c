/* tls13/certificate.c - the Certificate message.
 *
 * Implements  RFC 8446 §4.4.2.
 */
#include "tls13/certificate.h"

/* RFC 8446 §4.4.2   CertificateEntry: cert_data <1..2^24-1>, extensions <0..2^16-1> */
static enum alert decode_entry(struct certificate_message *out, struct fault *fault,
                               struct reader *list, uint32_t offered)
{
    struct extensions extensions;
    struct bytes cert_data = read_vec24(list, 1);
    struct bytes block = read_vec16(list, 0);
    if (list->bad)
        return ALERT_NONE;                   /* the caller's check at the end of the list */
    if (out->chain_count < X509_CHAIN_MAX)   /* more are checked for syntax, and not looked at */
        out->chain[out->chain_count++] = cert_data;
    return extensions_decode(&extensions, fault, block, IN_CT, offered);
}

/* RFC 8446 §4.4.2   Certificate: certificate_request_context <0..2^8-1>,
 *                   certificate_list <0..2^24-1> of CertificateEntry */
enum alert certificate_decode(struct certificate_message *out, struct fault *fault,
                              struct bytes body, uint32_t offered)
{
    struct reader r = reader_of(body);
    *out = (struct certificate_message){ .certificate_request_context = read_vec8(&r, 0) };
    struct reader list = reader_of(read_vec24(&r, 0));
    if (reader_done(&r))
        while (reader_more(&list))
            TRY(decode_entry(out, fault, &list, offered));
    if (reader_done(&r) && reader_done(&list))
        return ALERT_NONE;
    *fault = (struct fault){ "malformed Certificate (RFC 8446 §4.4.2)",
                             list.bad ? list.rest.at : r.rest.at };
    return ALERT_DECODE_ERROR;
}

void certificate_encode(struct writer *w, struct bytes certificate_request_context,
                        const struct bytes *chain, size_t chain_count)
{
    size_t context = write_vec_begin(w, 1);
    write_bytes(w, certificate_request_context);
    write_vec_end(w, context, 1);
    size_t list = write_vec_begin(w, 3);
    for (size_t i = 0; i < chain_count; i++) {
        size_t cert_data = write_vec_begin(w, 3);
        write_bytes(w, chain[i]);
        write_vec_end(w, cert_data, 3);
        write_u16(w, 0);                                 /* no extensions */
    }
    write_vec_end(w, list, 3);
}
