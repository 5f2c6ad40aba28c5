/* tls13/receive.h - giving up, as both directions need it. Private to tls13/. */
#ifndef SEALPOST_TLS13_RECEIVE_H
#define SEALPOST_TLS13_RECEIVE_H

#include "tls13/tls.h"

/* The connection is over: `alert` has to go out (unless it came from the peer), and no secret but
 * the keys that protect it stays. */
enum tls_event tls_give_up(struct tls *t, enum alert alert, bool received);

/* The handshake's memory is the caller's again; it is wiped first. */
void tls_drop_handshake(struct tls *t);

#endif
