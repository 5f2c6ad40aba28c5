/* tls13/psk.c - pre-shared keys: how they are offered, bound to a hello, and chosen.
 *
 * Implements  RFC 8446 §4.2.9 (psk_key_exchange_modes), §4.2.11 (pre_shared_key), §4.2.11.2
 *             (binders), §7.1 (binder_key); RFC 9258 §5.2 ("imp binder").
 * Secret      keys and all that is derived from them but the binders, which are sent.
 * Leaves out  psk_ke: without (EC)DHE there is no forward secrecy.
 */
#include "tls13/psk.h"

#include "crypto/wipe.h"
#include "tls13/codepoints.h"

#include <assert.h>
#include <string.h>

void psk_make(struct psk *out, const struct hash *hash, struct bytes identity, struct bytes key)
{
    assert(key.len == hash->digest_len);
    *out = (struct psk){ .hash = hash, .identity = identity };
    early_secret_make(hash, &out->early, key);
}

const char *psk_binder_label(const struct psk *psk)
{
    return psk->imported ? "imp binder" : "res binder";
}

void psk_binder_key(const struct psk *psk, struct secret *out)
{
    uint8_t empty_hash[HASH_MAX];
    hash_digest(psk->hash, empty_hash, bytes_of(NULL, 0));
    derive_secret(psk->hash, out, &psk->early.s, psk_binder_label(psk),
                  bytes_of(empty_hash, psk->hash->digest_len));
}

/* §4.2.11.2: made like a Finished, with binder_key for the base key. */
void psk_binder(const struct psk *psk, uint8_t *out, struct bytes transcript_hash)
{
    struct traffic_secret binder_key;
    psk_binder_key(psk, &binder_key.s);
    finished_verify_data(psk->hash, out, &binder_key, transcript_hash);
    wipe(&binder_key, sizeof binder_key);
}

void psk_transcript_hash(uint8_t out[HASH_MAX], const struct hash *hash,
                         const struct transcript *before, struct bytes hello, size_t binders_len)
{
    struct transcript t;
    if (before)
        t = *before;
    else
        transcript_start(&t, hash);
    assert(t.hash == hash);
    transcript_add(&t, bytes_of(hello.at, hello.len - binders_len));
    transcript_hash(&t, out);
}

/* ---- encoding ---- */

/* §4.2.9   ke_modes <1..255> */
void psk_modes_encode(struct writer *w)
{
    static const uint8_t extension[] = { 0, EXT_PSK_KEY_EXCHANGE_MODES, 0, 2, 1, PSK_DHE_KE };
    write_bytes(w, bytes_of(extension, sizeof extension));
}

/* The length of the binders list, its two length bytes included. */
static size_t binders_len(const struct psk *psks, size_t count)
{
    size_t len = 2;
    for (size_t i = 0; i < count; i++)
        len += 1u + psks[i].hash->digest_len;
    return len;
}

/* §4.2.11   OfferedPsks: identities <7..2^16-1> of { identity <1..2^16-1>, u32 age },
 *           binders <33..2^16-1> of opaque <32..255> */
void psk_offer_encode(struct writer *w, const struct psk *psks, size_t count)
{
    if (count == 0)
        return;
    write_u16(w, EXT_PRE_SHARED_KEY);
    size_t body = write_vec_begin(w, 2), list = write_vec_begin(w, 2);
    for (size_t i = 0; i < count; i++) {
        size_t identity = write_vec_begin(w, 2);
        write_bytes(w, psks[i].identity);
        write_vec_end(w, identity, 2);
        write_u32(w, psks[i].obfuscated_ticket_age);
    }
    write_vec_end(w, list, 2);
    uint8_t *binders = write_space(w, binders_len(psks, count));
    if (binders)
        memset(binders, 0, binders_len(psks, count));
    write_vec_end(w, body, 2);
}

void psk_fill_binders(uint8_t *hello, size_t hello_len, const struct psk *psks, size_t count,
                      const struct transcript *before)
{
    size_t len = binders_len(psks, count);
    struct writer w = writer_of(hello + hello_len - len, len);
    size_t list = write_vec_begin(&w, 2);
    for (size_t i = 0; i < count; i++) {
        uint8_t digest[HASH_MAX];
        psk_transcript_hash(digest, psks[i].hash, before, bytes_of(hello, hello_len), len);
        write_u8(&w, psks[i].hash->digest_len);
        psk_binder(&psks[i], write_space(&w, psks[i].hash->digest_len),
                   bytes_of(digest, psks[i].hash->digest_len));
    }
    write_vec_end(&w, list, 2);
    assert(writer_done(&w) && w.len == len);
}

/* ---- decoding ---- */

struct psk_identity read_psk_identity(struct reader *r)
{
    struct psk_identity out;
    out.identity = read_vec16(r, 1);
    out.obfuscated_ticket_age = read_u32(r);
    return out;
}

struct bytes read_psk_binder(struct reader *r)
{
    return read_vec8(r, PSK_BINDER_MIN);
}

enum alert decode_offered_psks(struct offered_psks *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    size_t binders = 0;
    *out = (struct offered_psks){ .identities = read_vec16(&r, 7) };
    out->binders_len = r.rest.len;
    out->binders = read_vec16(&r, PSK_BINDER_MIN + 1);
    struct reader identity = reader_of(out->identities), binder = reader_of(out->binders);
    for (; reader_more(&identity); out->count++)
        read_psk_identity(&identity);
    for (; reader_more(&binder); binders++)
        read_psk_binder(&binder);
    if (!reader_done(&r) || !reader_done(&identity) || !reader_done(&binder)) {
        *fault = (struct fault){ "malformed pre_shared_key (RFC 8446 §4.2.11)", body.at };
        return ALERT_DECODE_ERROR;
    }
    if (out->count != binders) {
        *fault = (struct fault){ "pre_shared_key: not a binder for each identity "
                                 "(RFC 8446 §4.2.11)", out->binders.at };
        return ALERT_ILLEGAL_PARAMETER;
    }
    return ALERT_NONE;
}

enum alert decode_psk_modes(bool *dhe, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    struct bytes modes = read_vec8(&r, 1);
    if (!reader_done(&r)) {
        *fault = (struct fault){ "malformed psk_key_exchange_modes (RFC 8446 §4.2.9)", body.at };
        return ALERT_DECODE_ERROR;
    }
    *dhe = memchr(modes.at, PSK_DHE_KE, modes.len) != NULL;
    return ALERT_NONE;
}
