/* tls13/credential_choice.h - which of our credentials to show (RFC 8446 §4.4.2.2, §4.4.2.3).
 * Private to tls13/.
 */
#ifndef SEALPOST_TLS13_CREDENTIAL_CHOICE_H
#define SEALPOST_TLS13_CREDENTIAL_CHOICE_H

#include "tls13/machine.h"

/* What the peer says of the certificate that it would like; views into its message. */
struct credential_wish {
    struct bytes schemes;                    /* inside of signature_algorithms; empty: it has none */
    struct bytes certificate_schemes;        /* of signature_algorithms_cert, or the same */
    struct bytes authorities;                /* of certificate_authorities; empty: any */
    struct bytes name;                       /* whom it asked for; empty: anybody */
    bool status_requested;                   /* with an OCSP response */
};

/* The wish in a ClientHello; its name is left out. */
enum alert decode_credential_wish(struct tls *t, struct credential_wish *out,
                                  const struct extensions *e);

/* The credential that fits the wish best becomes the handshake's; returns how it is to sign, or
 * NULL if there is none that may be shown. */
const struct signature_scheme *choose_credential(struct tls *t,
                                                 const struct credential_wish *wish);

/* Server that has no PSK in common: both types of certificates, its credential and scheme. */
enum alert server_choose_credential(struct tls *t, const struct extensions *e,
                                    const struct credential_wish *wish);

#endif
