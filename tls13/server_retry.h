/* tls13/server_retry.h - HelloRetryRequest, from the server's side. Private to tls13/. */
#ifndef SEALPOST_TLS13_SERVER_RETRY_H
#define SEALPOST_TLS13_SERVER_RETRY_H

#include "tls13/machine.h"

/* Asks for a share of t->group, if `wants_share`, and for a cookie to come back, if we give any.
 * The transcript is empty before, and is to go on with the second hello after. */
enum alert send_hello_retry_request(struct tls *t, struct message *m,
                                    const struct client_hello *hello, bool wants_share);

/* The second hello, at a connection that knows the first: repeats it where it has to. */
enum alert check_second_hello(struct tls *t, const struct message *m,
                              const struct client_hello *hello);

/* The second hello, at one that does not: does it say that it is one? Then it is judged in the
 * same way, and suite, group (if a share was asked for) and transcript are again what they were. */
bool has_cookie_of_ours(const struct tls *t, const struct client_hello *hello);
enum alert resume_from_cookie(struct tls *t, const struct message *m,
                              const struct client_hello *hello);

#endif
