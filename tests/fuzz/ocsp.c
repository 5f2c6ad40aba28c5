/* tests/fuzz/ocsp.c - any bytes as a stapled status response (libFuzzer).
 *
 * The input is cut into DER values: the response, and perhaps the certificate that it is about and
 * its issuer. What was decoded must walk without a failure, and a refusal must come with a
 * sentence. Seeds: a response, or all three one after the other.
 */
#include "tls13/x509/ocsp.h"

#include "tls13/x509/der.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void walk(const struct ocsp_response *response)
{
    struct reader singles = reader_of(response->singles);
    struct ocsp_single single;
    while (ocsp_next(&singles, &single))
        if (single.serial.len == 0)
            abort();
    if (!reader_done(&singles))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct reader r = reader_of(bytes_of(data, len));
    struct bytes der[3];
    for (size_t i = 0; i < 3; i++)
        der[i] = der_read_whole(&r, DER_SEQUENCE);

    struct ocsp_response response;
    struct x509_certificate certificate, issuer;
    unsigned signatures_left = 4;
    char reason[OCSP_REASON_MAX] = "";
    if (ocsp_decode(&response, der[0]) == NULL && response.status == 0)
        walk(&response);
    if (x509_certificate_decode(&certificate, der[1]) != NULL
        || x509_certificate_decode(&issuer, der[2]) != NULL)
        return 0;
    struct ocsp_question q = { .response = der[0], .certificate = &certificate, .issuer = &issuer,
                               .algorithms = &algorithms_default, .now = 1800000000,
                               .signatures_left = &signatures_left };
    if ((ocsp_verify(reason, &q) == ALERT_NONE) != (reason[0] == '\0'))
        abort();
    return 0;
}
