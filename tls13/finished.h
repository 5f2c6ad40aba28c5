/* tls13/finished.h - the Finished message, made and checked (RFC 8446 §4.4.4). Private to tls13/. */
#ifndef SEALPOST_TLS13_FINISHED_H
#define SEALPOST_TLS13_FINISHED_H

#include "tls13/machine.h"

/* Adds our Finished to the flight, under the handshake traffic secret of our side. */
enum alert finished_send(struct tls *t, const struct traffic_secret *base);

/* Checks the peer's, and sets that proof: decode_error for a wrong length, decrypt_error for a
 * wrong value; compared in constant time. */
enum alert finished_check(struct tls *t, const struct message *m,
                          const struct traffic_secret *base);

#endif
