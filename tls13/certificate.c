/* tls13/certificate.c - the Certificate message, and the OCSP status in it.
 *
 * Implements  RFC 8446 §4.4.2, §4.4.2.1; RFC 6066 §8.
 */
#include "tls13/certificate.h"

#include "tls13/codepoints.h"

enum { STATUS_TYPE_OCSP = 1 };               /* RFC 6066 §8; it is the only one */

/* RFC 6066 §8   CertificateStatusRequest: u8 status_type, and for ocsp
 *               responder_id_list <0..2^16-1> of ResponderID <1..2^16-1>,
 *               request_extensions <0..2^16-1> */
enum alert decode_status_request(bool *ocsp, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *ocsp = read_u8(&r) == STATUS_TYPE_OCSP;
    if (!r.bad && !*ocsp)
        return ALERT_NONE;                   /* of another kind, whose form is not known */
    struct reader responders = reader_of(read_vec16(&r, 0));
    read_vec16(&r, 0);
    while (reader_more(&responders))
        read_vec16(&responders, 1);
    if (reader_done(&r) && reader_done(&responders))
        return ALERT_NONE;
    *fault = (struct fault){ "malformed status_request (RFC 6066 §8)", body.at };
    return ALERT_DECODE_ERROR;
}

void write_status_request(struct writer *w)
{
    write_u16(w, EXT_STATUS_REQUEST);
    write_u16(w, 5);
    write_u8(w, STATUS_TYPE_OCSP);
    write_u16(w, 0);
    write_u16(w, 0);
}

/* RFC 6066 §8   CertificateStatus: u8 status_type, OCSPResponse <1..2^24-1> */
static enum alert decode_status(struct bytes *response, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    uint8_t type = read_u8(&r);
    *response = read_vec24(&r, 1);
    fault->at = body.at;
    if (!r.bad && type != STATUS_TYPE_OCSP) {
        fault->reason = "Certificate: a status of a kind that was not asked for (RFC 6066 §8)";
        return ALERT_ILLEGAL_PARAMETER;
    }
    if (reader_done(&r))
        return ALERT_NONE;
    fault->reason = "malformed CertificateStatus (RFC 6066 §8)";
    return ALERT_DECODE_ERROR;
}

/* RFC 8446 §4.4.2   CertificateEntry: cert_data <1..2^24-1>, extensions <0..2^16-1> */
static enum alert decode_entry(struct certificate_message *out, struct fault *fault,
                               struct reader *list, uint32_t offered)
{
    struct extensions extensions;
    struct bytes response;
    struct bytes cert_data = read_vec24(list, 1);
    struct bytes block = read_vec16(list, 0);
    if (list->bad)
        return ALERT_NONE;                   /* the caller's check at the end of the list */
    TRY(extensions_decode(&extensions, fault, block, IN_CT, offered));
    if (extensions_have(&extensions, EXT_STATUS_REQUEST)) {
        TRY(decode_status(&response, fault, extensions_body(&extensions, EXT_STATUS_REQUEST)));
        if (out->entry_count == 0)
            out->ocsp_response = response;
    }
    if (out->chain_count < X509_CHAIN_MAX)   /* more are checked for syntax, and not looked at */
        out->chain[out->chain_count++] = cert_data;
    out->entry_count++;
    return ALERT_NONE;
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

static void write_status(struct writer *w, struct bytes ocsp_response)
{
    write_u16(w, EXT_STATUS_REQUEST);
    size_t body = write_vec_begin(w, 2);
    write_u8(w, STATUS_TYPE_OCSP);
    size_t response = write_vec_begin(w, 3);
    write_bytes(w, ocsp_response);
    write_vec_end(w, response, 3);
    write_vec_end(w, body, 2);
}

void certificate_encode(struct writer *w, struct bytes certificate_request_context,
                        const struct bytes *chain, size_t chain_count, struct bytes ocsp_response)
{
    size_t context = write_vec_begin(w, 1);
    write_bytes(w, certificate_request_context);
    write_vec_end(w, context, 1);
    size_t list = write_vec_begin(w, 3);
    for (size_t i = 0; i < chain_count; i++) {
        size_t cert_data = write_vec_begin(w, 3);
        write_bytes(w, chain[i]);
        write_vec_end(w, cert_data, 3);
        size_t extensions = write_vec_begin(w, 2);
        if (i == 0 && ocsp_response.len > 0)
            write_status(w, ocsp_response);
        write_vec_end(w, extensions, 2);
    }
    write_vec_end(w, list, 3);
}
