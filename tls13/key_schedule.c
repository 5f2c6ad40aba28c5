/* tls13/key_schedule.c - from shared secrets to traffic keys.
 *
 * Implements  RFC 8446 §7.1 (Extract and Expand-Label), §7.2 (updates), §4.4.4 (Finished), §7.5.
 * Trusts      its callers for order: the types make a wrong order fail to compile.
 * Secret      every input and output except labels and transcript hashes; each stage is
 *             erased as the next one is made, so at most one is alive.
 * Leaves out  0-RTT secrets and binders.
 */
#include "tls13/key_schedule.h"

#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

/* RFC 8446 §7.1   HkdfLabel: u16 length, label <7..255> = "tls13 " + label, context <0..255> */
void hkdf_expand_label(const struct hash *h, uint8_t *out, size_t out_len,
                       const struct secret *from, const char *label, struct bytes context)
{
    uint8_t info[2 + 1 + 255 + 1 + 255];
    struct writer w = writer_of(info, sizeof info);
    write_u16(&w, (uint16_t)out_len);
    size_t mark = write_vec_begin(&w, 1);
    write_bytes(&w, bytes_of_string("tls13 "));
    write_bytes(&w, bytes_of_string(label));
    write_vec_end(&w, mark, 1);
    mark = write_vec_begin(&w, 1);
    write_bytes(&w, context);
    write_vec_end(&w, mark, 1);
    assert(writer_done(&w) && out_len <= 255u * h->digest_len);
    hkdf_expand(h, out, out_len, from->byte, writer_bytes(&w));
}

void derive_secret(const struct hash *h, struct secret *out, const struct secret *from,
                   const char *label, struct bytes transcript_hash)
{
    hkdf_expand_label(h, out->byte, h->digest_len, from, label, transcript_hash);
}

/* §7.1: between two stages stands Derive-Secret(., "derived", ""). */
static void derive_salt(const struct hash *h, struct secret *out, const struct secret *from)
{
    uint8_t empty_hash[HASH_MAX];
    hash_digest(h, empty_hash, bytes_of(NULL, 0));
    derive_secret(h, out, from, "derived", bytes_of(empty_hash, h->digest_len));
}

void early_secret_make(const struct hash *h, struct early_secret *out, struct bytes psk)
{
    static const uint8_t zeros[HASH_MAX];
    if (psk.len == 0)
        psk = bytes_of(zeros, h->digest_len);
    hkdf_extract(h, out->s.byte, bytes_of(NULL, 0), psk);
}

void handshake_secret_make(const struct hash *h, struct handshake_secret *out,
                           struct early_secret *early, struct bytes shared)
{
    struct secret salt;
    assert(shared.len > 0);
    derive_salt(h, &salt, &early->s);
    hkdf_extract(h, out->s.byte, bytes_of(salt.byte, h->digest_len), shared);
    wipe(&salt, sizeof salt);
    wipe(early, sizeof *early);
}

void master_secret_make(const struct hash *h, struct master_secret *out,
                        struct handshake_secret *handshake)
{
    static const uint8_t zeros[HASH_MAX];
    struct secret salt;
    derive_salt(h, &salt, &handshake->s);
    hkdf_extract(h, out->s.byte, bytes_of(salt.byte, h->digest_len),
                 bytes_of(zeros, h->digest_len));
    wipe(&salt, sizeof salt);
    wipe(handshake, sizeof *handshake);
}

void traffic_secret_update(const struct hash *h, struct traffic_secret *s)
{
    struct secret next;
    hkdf_expand_label(h, next.byte, h->digest_len, &s->s, "traffic upd", bytes_of(NULL, 0));
    memcpy(s->s.byte, next.byte, h->digest_len);
    wipe(&next, sizeof next);
}

void finished_verify_data(const struct hash *h, uint8_t *out, const struct traffic_secret *base,
                          struct bytes transcript_hash)
{
    struct secret finished_key;
    hkdf_expand_label(h, finished_key.byte, h->digest_len, &base->s, "finished",
                      bytes_of(NULL, 0));
    hmac_compute(h, out, bytes_of(finished_key.byte, h->digest_len), transcript_hash);
    wipe(&finished_key, sizeof finished_key);
}

void exporter(const struct hash *h, uint8_t *out, size_t out_len, const struct secret *exp_master,
              const char *label, struct bytes context)
{
    struct secret derived;
    uint8_t hash[HASH_MAX];
    hash_digest(h, hash, bytes_of(NULL, 0));
    derive_secret(h, &derived, exp_master, label, bytes_of(hash, h->digest_len));
    hash_digest(h, hash, context);
    hkdf_expand_label(h, out, out_len, &derived, "exporter", bytes_of(hash, h->digest_len));
    wipe(&derived, sizeof derived);
}
