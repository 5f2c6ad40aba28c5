/* tls13/server_psk.h - the server's PSKs: choosing one, and giving tickets. Private to tls13/. */
#ifndef SEALPOST_TLS13_SERVER_PSK_H
#define SEALPOST_TLS13_SERVER_PSK_H

#include "tls13/machine.h"

/* What a ClientHello says of PSKs has to be well formed, used or not. */
enum alert server_check_psks(struct tls *t, const struct client_hello *hello);

/* Before a HelloRetryRequest: is there a PSK that fits, as server_choose_psk has it? Then the second
 * ClientHello has to come with one (RFC 8446 §4.1.2). */
void server_note_psk(struct tls *t, const struct client_hello *hello);

/* Takes the first PSK that fits the suite, the name, the protocol and our settings, if its binder is
 * right. None is no failure; a wrong binder is. The transcript ends before this hello, and suite, name
 * and protocol are chosen. */
enum alert server_choose_psk(struct tls *t, const struct client_hello *hello, struct bytes whole);

/* Puts as many NewSessionTickets as the settings say into the flight. The client has finished. */
enum alert server_give_tickets(struct tls *t);

#endif
