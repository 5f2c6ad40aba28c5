/* tls13/transcript.h - the running hash over the handshake's messages (RFC 8446 §4.4.1). */
#ifndef SEALPOST_TLS13_TRANSCRIPT_H
#define SEALPOST_TLS13_TRANSCRIPT_H

#include "crypto/hash.h"

struct transcript {
    const struct hash *hash;             /* NULL until the suite, and so the hash, is known */
    struct hash_state state;
};

void transcript_start(struct transcript *t, const struct hash *hash);

/* A whole handshake message, with its 4-byte header. */
void transcript_add(struct transcript *t, struct bytes message);

/* Writes digest_len bytes: the hash of all messages so far, which then goes on. */
void transcript_hash(const struct transcript *t, uint8_t *out);

/* After a HelloRetryRequest, ClientHello1 counts as a synthetic message_hash message:
 * 254, 00 00 digest_len, Hash(ClientHello1). To be called when it is all there is. */
void transcript_replace_with_message_hash(struct transcript *t);

/* The same for whoever knows ClientHello1 by its hash only: the transcript is still empty. */
void transcript_add_message_hash(struct transcript *t, struct bytes hello_digest);

#endif
