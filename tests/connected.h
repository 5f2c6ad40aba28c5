/* tests/connected.h - one end of a connection, as it is after a handshake, made without one.
 *
 * For tests of what happens to records and messages later on. Its peer is a pair of record_keys in
 * the test's hands, made from the two traffic secrets below.
 */
#ifndef SEALPOST_TESTS_CONNECTED_H
#define SEALPOST_TESTS_CONNECTED_H

#include "tls13/tls.h"

struct connected {
    struct tls t;
    struct tls_config config;
    const struct cipher_suite *suite;
    struct traffic_secret client, server;    /* what the peer writes with, and reads with */
    struct record_keys peer_write, peer_read;
};

/* Limits that are 0 get their defaults. */
void connected_start(struct connected *c, bool is_server, uint16_t suite, struct tls_limits limits);

/* The peer's secret in one direction moves on, and with it its keys (RFC 8446 §7.2). */
void connected_update_peer_write(struct connected *c);
void connected_update_peer_read(struct connected *c);

/* The peer seals one record and our end takes it in; the record lies in memory of the module. */
enum tls_event connected_receive(struct connected *c, uint8_t content_type, struct bytes content,
                                 struct tls_received *received);

#endif
