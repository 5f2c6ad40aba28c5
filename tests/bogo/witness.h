/* tests/bogo/witness.h - an observer that keeps what the tests ask for and the facts of a
 * connection do not tell: what the peer said in its hello, and the traffic secrets.
 */
#ifndef SEALPOST_TESTS_BOGO_WITNESS_H
#define SEALPOST_TESTS_BOGO_WITNESS_H

#include "tls13/tls.h"

enum { WITNESSED_MAX = 8192 };

struct witnessed { uint8_t byte[WITNESSED_MAX]; size_t len; };       /* a message; 0: never seen */
struct traffic { uint8_t byte[HASH_MAX]; size_t len; };

struct witness {
    bool server;                             /* which end we are */
    struct witnessed client_hello, certificate_request, certificate, ticket; /* the peer's latest */
    struct traffic client_secret, server_secret;                     /* the first of each */
    uint32_t ticket_age_add;                 /* of the latest ticket that we gave */
};

struct observer witness_observer(struct witness *w);

/* The body of an extension in the peer's ClientHello or CertificateRequest; empty if not there. */
struct bytes witness_extension(const struct witness *w, uint16_t type);

/* Whom the client asked for; empty: nobody. */
struct bytes witness_server_name(const struct witness *w);

/* The first entry of the peer's Certificate; empty: none came. */
struct bytes witness_leaf(const struct witness *w);

/* max_early_data_size of the latest ticket that was received; 0: it does not say. */
uint32_t witness_max_early_data(const struct witness *w);

/* What the client says is the age of its first PSK: its ticket_age, in milliseconds. */
uint32_t witness_ticket_age(const struct witness *w, uint32_t ticket_age_add);

#endif
