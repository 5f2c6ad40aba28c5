/* tests/fuzz/x509.c - any bytes as a chain of certificates (libFuzzer).
 *
 * The input is cut into DER values; they are the chain, and the last of them is also the anchor.
 * What is believed must at least have decoded, and a refusal must come with a sentence.
 * Seeds: chains of DER certificates, one after the other.
 */
#include "tls13/x509/certificate.h"
#include "tls13/x509/chain.h"
#include "tls13/x509/der.h"
#include "tls13/x509/identity.h"
#include "tls13/x509/verify.h"

#include <stdlib.h>
#include <string.h>

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

/* What else is done with chains: showing whose they are, and choosing among our own. */
static void show(const struct bytes *chain, size_t count, struct bytes data)
{
    static const uint8_t schemes[] = { 0x04, 0x03, 0x08, 0x07, 0x08, 0x04 };
    struct x509_identity who;
    struct bytes authorities;
    if (x509_identity_of(&who, chain[0]) && strlen(who.text) >= sizeof who.text)
        abort();
    x509_chain_signed_with(chain, count, bytes_of(schemes, sizeof schemes));
    if (x509_authorities_decode(&authorities, data))
        x509_chain_below(chain, count, authorities);
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
    show(chain, count, bytes_of(data, len));
    enum alert alert = x509_verify(&verdict, &question);
    bool leaf_decodes = x509_certificate_decode(&c, chain[0]) == NULL;
    if (alert == ALERT_NONE ? !leaf_decodes || verdict.reason[0] != '\0'
                            : verdict.reason[0] == '\0' || verdict.key.type != KEY_NONE)
        abort();
    return 0;
}
