/* tls13/client_psk.h - the client's PSKs: offering them, and keeping tickets.
 * Private to tls13/.
 */
#ifndef SEALPOST_TLS13_CLIENT_PSK_H
#define SEALPOST_TLS13_CLIENT_PSK_H

#include "tls13/machine.h"

/* Chooses what to offer: the session, if it fits, which is then used up; and what was imported. */
void client_gather_psks(struct tls *t, struct tls_session *session);

/* Their part of a ClientHello; and its binders, once all else of it is written. */
void client_offer_psks(const struct tls *t, struct client_offer *offer);
void client_bind_psks(struct tls *t, struct outgoing m);

/* After a HelloRetryRequest, whose suite is known: leaves out PSKs of another hash, and tells the
 * age anew. */
enum alert client_review_psks(struct tls *t);

/* ServerHello: has the server chosen one, and may it? */
enum alert client_take_psk(struct tls *t, const struct extensions *e);

/* The handshake is over: what tickets will need. */
void client_expect_tickets(struct tls *t);

/* A NewSessionTicket of `len` bytes begins, or goes on, as long as t->skip is not 0. */
void client_ticket_begin(struct tls *t, uint32_t len);
enum alert client_ticket_piece(struct tls *t, struct bytes piece, bool more_follows);
enum alert on_new_session_ticket(struct tls *t, struct message *m);

#endif
