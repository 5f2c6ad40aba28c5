/* smtp/peers.h - how much one address has asked of us lately.
 *
 * An address is an IPv4 address or the /64 of an IPv6 one: a network gives a customer no less.
 * Counters are for the running minute. The table has a fixed size; an address that is connected is
 * never forgotten, of the others the one seen longest ago goes first.
 */
#ifndef SEALPOST_SMTP_PEERS_H
#define SEALPOST_SMTP_PEERS_H

#include "crypto/bytes.h"

struct peer {
    uint64_t key;                      /* 0: the entry is free */
    int64_t seen, minute;              /* milliseconds: last seen; the minute began */
    uint32_t open, connections, auth_failures;
};

struct peers {
    struct peer *table;                /* the caller's, zeroed; `size` is a power of two */
    size_t size;
    uint64_t seed;                     /* random: nobody can aim at one part of the table */
};

struct peer_limits { uint64_t open, connections_per_minute, auth_failures_per_minute; };

enum peers_answer { PEERS_WELCOME, PEERS_TOO_MANY_OPEN, PEERS_TOO_FAST, PEERS_GUESSING };

/* The key of 4 or 16 address bytes; an IPv4-mapped IPv6 address is the IPv4 address. */
uint64_t peers_key(struct bytes address);

/* Counts a new connection and, if welcome, holds it open until peers_leave. */
enum peers_answer peers_enter(struct peers *p, uint64_t key, const struct peer_limits *limits,
                              int64_t now_ms);
void peers_leave(struct peers *p, uint64_t key);

void peers_auth_failed(struct peers *p, uint64_t key, int64_t now_ms);
bool peers_may_authenticate(struct peers *p, uint64_t key, const struct peer_limits *limits,
                            int64_t now_ms);

#endif
