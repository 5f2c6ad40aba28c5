/* tls13/x509/identity.h - who a peer is, once its chain is believed.
 *
 * A server that asks for a client's certificate has no name to check; it is told who came, and
 * decides for itself what that one may do. What it compares is whole or not there at all: an
 * identity that was cut off could be another's.
 */
#ifndef SEALPOST_TLS13_X509_IDENTITY_H
#define SEALPOST_TLS13_X509_IDENTITY_H

#include "crypto/bytes.h"
#include "tls13/x509/verify.h"

enum { X509_SUBJECT_TEXT_MAX = 256 };

struct x509_identity {
    /* To be compared. Views into the certificate; empty if there is none. */
    struct bytes subject;                    /* Name, DER */
    struct bytes email, dns;                 /* the first rfc822Name and the first dNSName of the
                                                alternative names, each well formed: a mailbox of
                                                printable ASCII, LDH labels without a wildcard */
    uint8_t key[X509_PIN_LEN];               /* x509_pin of its public key */

    /* To be shown: the subject as RFC 4514 writes it, "CN=Alice,O=Example"; what is not printable
     * ASCII as \XX. Ends in "..." if it is cut off; empty as the subject may be. */
    char text[X509_SUBJECT_TEXT_MAX];
};

/* False if it does not decode. Believes nothing: ask x509_verify first. */
bool x509_identity_of(struct x509_identity *out, struct bytes leaf);

/* A Name (DER) as above; false if it was cut off. */
bool x509_name_write(char *out, size_t cap, struct bytes name);

#endif
