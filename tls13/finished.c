/* tls13/finished.c - the Finished message, made and checked.
 *
 * Implements  RFC 8446 §4.4.4.
 */
#include "tls13/finished.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"

enum alert finished_send(struct tls *t, const struct traffic_secret *base)
{
    const struct hash *hash = t->suite->hash;
    uint8_t digest[HASH_MAX], verify_data[HASH_MAX];
    transcript_hash(&t->handshake->transcript, digest);
    finished_verify_data(hash, verify_data, base, bytes_of(digest, hash->digest_len));
    struct outgoing m = message_begin(t, FINISHED);
    write_bytes(m.w, bytes_of(verify_data, hash->digest_len));
    return message_end(t, m);
}

enum alert finished_check(struct tls *t, const struct message *m,
                          const struct traffic_secret *base)
{
    const struct hash *hash = t->suite->hash;
    uint8_t verify_data[HASH_MAX];
    t->fault_at = m->body.at;
    if (m->body.len != hash->digest_len)
        return fail(t, ALERT_DECODE_ERROR, "Finished: wrong length (RFC 8446 §4.4.4)");
    finished_verify_data(hash, verify_data, base, bytes_of(m->hash_before, hash->digest_len));
    bool right = ct_verdict(ct_equal(verify_data, m->body.at, hash->digest_len));
    wipe(verify_data, sizeof verify_data);
    if (!right)
        return fail(t, ALERT_DECRYPT_ERROR,
                    "Finished: verify_data does not match: a message was changed on its way "
                    "(RFC 8446 §4.4.4)");
    t->handshake->proofs.finished = true;
    return ALERT_NONE;
}
