/* tls13/ticket.c - a server's tickets, sealed and opened.
 *
 * Implements  RFC 8446 §4.6.1 (self-contained tickets, lifetimes); the advice of RFC 5077 §4 and §5.5
 *             on keys; SP 800-38D §8.3 (random nonces: at most 2^32 messages under one key).
 * Secret      the keys, and the PSK in a ticket. The rest of a ticket's content is not, but nobody
 *             else is told.
 */
#include "tls13/ticket.h"

#include "crypto/aead.h"
#include "crypto/ct.h"
#include "crypto/wipe.h"

#include <string.h>

enum { TICKET_VERSION = 1, TICKET_OPEN_AT = TICKET_KEY_NAME_LEN + AEAD_NONCE_LEN };

_Static_assert(TICKET_MAX >= TICKET_OPEN_AT + AEAD_TAG_LEN, "TICKET_MAX");

static bool key_make(struct ticket_key *key, const struct random_source *random, int64_t now)
{
    *key = (struct ticket_key){ .made = now };
    key->usable = random_fill(random, key->name, sizeof key->name)
               && random_fill(random, key->key, sizeof key->key);
    ct_public(key->name, sizeof key->name);              /* stands in front of each ticket */
    return key->usable;
}

bool ticket_keys_make(struct ticket_keys *out, const struct random_source *random,
                      uint32_t lifetime, int64_t now)
{
    *out = (struct ticket_keys){ .random = random, .lifetime = lifetime,
                                 .seal_limit = UINT32_MAX };
    return lifetime >= 1 && lifetime <= TICKET_LIFETIME_MAX
           && key_make(&out->current, random, now);
}

void ticket_keys_wipe(struct ticket_keys *keys)
{
    wipe(keys, sizeof *keys);
}

/* N10: seconds since then, without overflow. A moment that is still to come was too long ago: the clock
 * was set back, and nobody knows by how much. */
static uint64_t age(int64_t since, int64_t now)
{
    return now < since ? UINT64_MAX : (uint64_t)now - (uint64_t)since;
}

/* Erases the key that has opened for long enough, and makes a new one in place of the one that has
 * sealed for long enough. Without random bytes there is then no key that seals. */
static void turn(struct ticket_keys *keys, int64_t now)
{
    struct ticket_key *current = &keys->current, *previous = &keys->previous;
    uint64_t opens = 2 * (uint64_t)keys->lifetime;
    if (age(previous->made, now) >= opens)
        wipe(previous, sizeof *previous);
    if (current->usable && age(current->made, now) < keys->lifetime
        && current->sealed < keys->seal_limit)
        return;
    if (current->usable && age(current->made, now) < opens)
        *previous = *current;
    wipe(current, sizeof *current);
    key_make(current, keys->random, now);
}

static void write_u64(struct writer *w, uint64_t x)
{
    write_u32(w, (uint32_t)(x >> 32));
    write_u32(w, (uint32_t)x);
}

static uint64_t read_u64(struct reader *r)
{
    uint64_t high = read_u32(r);
    return high << 32 | read_u32(r);
}

/* version, psk <32..48>, u64 issued, u32 lifetime, u64 authenticated_until, binding[32],
 * client_identity[32] */
static void ticket_encode(struct writer *w, const struct ticket *ticket)
{
    write_u8(w, TICKET_VERSION);
    write_u8(w, ticket->hash->digest_len);
    write_bytes(w, bytes_of(ticket->psk.byte, ticket->hash->digest_len));
    write_u64(w, (uint64_t)ticket->issued);
    write_u32(w, ticket->lifetime);
    write_u64(w, (uint64_t)ticket->authenticated_until);
    write_bytes(w, bytes_of(ticket->binding, FINGERPRINT_LEN));
    write_bytes(w, bytes_of(ticket->client_identity, CLIENT_IDENTITY_LEN));
}

static void copy(uint8_t *out, struct bytes b)
{
    if (b.len > 0)
        memcpy(out, b.at, b.len);
}

static bool ticket_decode(struct ticket *out, struct bytes content)
{
    ct_public(content.at, content.len);                  /* what it says is ours; but for the PSK */
    struct reader r = reader_of(content);
    uint8_t version = read_u8(&r);
    struct bytes psk = read_vec8(&r, 0);
    *out = (struct ticket){ .hash = psk.len == hash_sha256.digest_len ? &hash_sha256
                                                                      : &hash_sha384 };
    out->issued = (int64_t)read_u64(&r);
    out->lifetime = read_u32(&r);
    out->authenticated_until = (int64_t)read_u64(&r);
    copy(out->binding, read_bytes(&r, FINGERPRINT_LEN));
    copy(out->client_identity, read_bytes(&r, CLIENT_IDENTITY_LEN));
    if (!reader_done(&r) || version != TICKET_VERSION || psk.len != out->hash->digest_len)
        return false;
    copy(out->psk.byte, psk);
    ct_secret(out->psk.byte, sizeof out->psk.byte);
    return true;
}

bool ticket_seal(struct ticket_keys *keys, uint8_t out[TICKET_MAX], size_t *out_len,
                 const struct ticket *ticket, int64_t now)
{
    struct writer w = writer_of(out, TICKET_MAX);
    struct aead_key expanded;
    turn(keys, now);
    write_bytes(&w, bytes_of(keys->current.name, TICKET_KEY_NAME_LEN));
    uint8_t *nonce = write_space(&w, AEAD_NONCE_LEN);
    if (!keys->current.usable || !random_fill(keys->random, nonce, AEAD_NONCE_LEN))
        return false;
    keys->current.sealed++;
    ticket_encode(&w, ticket);
    *out_len = w.len + AEAD_TAG_LEN;
    aead_aes_256_gcm.init(&expanded, keys->current.key);
    aead_aes_256_gcm.seal(&expanded, out + TICKET_OPEN_AT, nonce,
                          bytes_of(out, TICKET_KEY_NAME_LEN),
                          bytes_of(out + TICKET_OPEN_AT, w.len - TICKET_OPEN_AT));
    wipe(&expanded, sizeof expanded);
    return true;
}

static const struct ticket_key *key_named(const struct ticket_keys *keys, struct bytes name)
{
    if (keys->current.usable
        && bytes_equal_public(name, bytes_of(keys->current.name, TICKET_KEY_NAME_LEN)))
        return &keys->current;
    if (keys->previous.usable
        && bytes_equal_public(name, bytes_of(keys->previous.name, TICKET_KEY_NAME_LEN)))
        return &keys->previous;
    return NULL;
}

static bool in_its_time(const struct ticket *t, int64_t now)
{
    return t->lifetime <= TICKET_LIFETIME_MAX && age(t->issued, now) < t->lifetime
           && now < t->authenticated_until;
}

bool ticket_open(struct ticket_keys *keys, struct ticket *out, struct bytes sealed, int64_t now)
{
    uint8_t content[TICKET_MAX];
    struct aead_key expanded;
    struct reader r = reader_of(sealed);
    *out = (struct ticket){ 0 };
    turn(keys, now);
    struct bytes name = read_bytes(&r, TICKET_KEY_NAME_LEN);
    struct bytes nonce = read_bytes(&r, AEAD_NONCE_LEN);
    const struct ticket_key *key = r.bad ? NULL : key_named(keys, name);
    if (!key || r.rest.len < AEAD_TAG_LEN || r.rest.len > sizeof content)
        return false;
    aead_aes_256_gcm.init(&expanded, key->key);
    bool good = aead_aes_256_gcm.open(&expanded, content, nonce.at, name, r.rest)
             && ticket_decode(out, bytes_of(content, r.rest.len - AEAD_TAG_LEN))
             && in_its_time(out, now);
    if (!good)
        wipe(out, sizeof *out);
    wipe(&expanded, sizeof expanded);
    wipe(content, sizeof content);
    return good;
}
