/* tls13/server.h - the server's side of the handshake. Private to tls13/. */
#ifndef SEALPOST_TLS13_SERVER_H
#define SEALPOST_TLS13_SERVER_H

#include "tls13/machine.h"
#include "tls13/post_handshake.h"

/* In NEGOTIATED: asks the signer. On SIGN_LATER the state stays, and server_signed goes on. */
enum alert server_sign(struct tls *t);

/* CertificateVerify with this signature, and Finished; then WAIT_FINISHED. */
enum alert server_signed(struct tls *t, struct bytes signature);

#endif
