/* tls13/transcript.c - the running hash over the handshake's messages.
 *
 * Implements  RFC 8446 §4.4.1.
 * Public      everything here: a transcript hash is seen by anyone who can see the messages.
 */
#include "tls13/transcript.h"

#include "tls13/codepoints.h"

void transcript_start(struct transcript *t, const struct hash *hash)
{
    t->hash = hash;
    hash->init(&t->state);
}

void transcript_add(struct transcript *t, struct bytes message)
{
    t->hash->update(&t->state, message);
}

void transcript_hash(const struct transcript *t, uint8_t *out)
{
    struct hash_state fork = t->state;
    t->hash->final(&fork, out);
}

void transcript_replace_with_message_hash(struct transcript *t)
{
    uint8_t digest[HASH_MAX];
    transcript_hash(t, digest);
    transcript_start(t, t->hash);
    transcript_add_message_hash(t, bytes_of(digest, t->hash->digest_len));
}

void transcript_add_message_hash(struct transcript *t, struct bytes hello_digest)
{
    const uint8_t header[4] = { MESSAGE_HASH, 0, 0, (uint8_t)hello_digest.len };
    transcript_add(t, bytes_of(header, sizeof header));
    transcript_add(t, hello_digest);
}
