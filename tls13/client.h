/* tls13/client.h - the client's side of the handshake. Private to tls13/. */
#ifndef SEALPOST_TLS13_CLIENT_H
#define SEALPOST_TLS13_CLIENT_H

#include "tls13/machine.h"
#include "tls13/post_handshake.h"

/* Puts the ClientHello into the flight; `session` may be NULL. */
enum alert client_start(struct tls *t, struct tls_session *session);

/* Our CertificateVerify is in the flight: Finished; then CONNECTED. */
enum alert client_signed(struct tls *t);

#endif
