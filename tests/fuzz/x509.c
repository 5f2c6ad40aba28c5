/* tests/fuzz/x509.c - any bytes as a chain of certificates (libFuzzer).
 *
 * The input is cut into DER values; they are the chain, and the last of them is also the anchor.
 * What is believed must at least have decoded, and a refusal must come with a sentence.
 * Seeds: chains of DER certificates, one after the other.
 */
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/name.h"
#include "tls13/x509/verify.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t cut(struct bytes chain[X509_CHAIN_MAX], struct bytes all)
{
    struct reader r = reader_of(all);
    size_t count = 0;
    while (count < X509_CHAIN_MAX && reader_more(&r)) {
        struct bytes whole = der_read_whole(&r, DER_SEQUENCE);
        chain[count++] = r.bad ? all : whole;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct bytes chain[X509_CHAIN_MAX];
    struct x509_certificate c;
    struct x509_verdict verdict;
    char text[X509_NAME_TEXT_MAX];
    size_t count = cut(chain, bytes_of(data, len));
    if (count == 0)
        return 0;
    bool decodes = x509_certificate_decode(&c, chain[count - 1]) == NULL;
    struct x509_anchor anchor = { chain[count - 1], decodes ? c.subject : (struct bytes){ 0 } };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct x509_question question = {
        .trust = &trust, .algorithms = &algorithms_default, .chain = chain, .chain_count = count,
        .name = bytes_of_string("localhost"), .now = 1800000000,
    };
    if (decodes)
        x509_name_text(text, c.subject);
    enum alert alert = x509_verify(&verdict, &question);
    bool leaf_decodes = x509_certificate_decode(&c, chain[0]) == NULL;
    if (alert == ALERT_NONE ? !leaf_decodes || verdict.reason[0] != '\0'
                            : verdict.reason[0] == '\0' || verdict.key.type != KEY_NONE)
        abort();
    return 0;
}
