/* tls13/server.h - the server's side of the handshake. Private to tls13/. */
#ifndef SEALPOST_TLS13_SERVER_H
#define SEALPOST_TLS13_SERVER_H

#include "tls13/machine.h"
#include "tls13/post_handshake.h"

void server_start(struct tls *t);

/* Our proof is made, or CertificateVerify in the flight: Finished; then WAIT_CERT or
 * WAIT_FINISHED. */
enum alert server_signed(struct tls *t);

#endif
