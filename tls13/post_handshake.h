/* tls13/post_handshake.h - messages after the handshake (RFC 8446 §4.6). Private to tls13/.
 *
 * They are taken in as a stream, without the handshake's memory: a KeyUpdate is five bytes, and a
 * NewSessionTicket goes to the memory that was lent for it, or is passed over (RFC 9846 §4.7.1).
 */
#ifndef SEALPOST_TLS13_POST_HANDSHAKE_H
#define SEALPOST_TLS13_POST_HANDSHAKE_H

#include "tls13/machine.h"

/* The content of one handshake record in CONNECTED. */
enum alert post_handshake_receive(struct tls *t, struct bytes content);

/* Is a message begun and not ended? Then no other content type may come (§5.1). */
bool post_handshake_pending(const struct tls *t);

enum alert on_key_update(struct tls *t, struct message *m);

/* May we send one more? At the cap of RFC 9846 §4.7.3 requests for one are ignored. */
#define KEY_UPDATES_SENT_MAX (((uint64_t)1 << 48) - 1)
bool key_update_allowed(const struct tls *t);

/* Our KeyUpdate, and what has to be done once it is out under the old keys. */
void key_update_encode(const struct tls *t, uint8_t out[KEY_UPDATE_MESSAGE_LEN]);
void key_update_sent(struct tls *t);

#endif
