/* tls13/cookie.c - a server's cookies, made and read.
 *
 * Implements  RFC 8446 §4.2.2 (state that is offloaded to the client).
 * Secret      the keys, and the tag that we compute until the two are known to be the same.
 */
#include "tls13/cookie.h"

#include "crypto/ct.h"
#include "crypto/hmac.h"
#include "crypto/wipe.h"

#include <string.h>

enum { COOKIE_VERSION = 1, FLAG_EARLY_DATA = 1 };

static bool key_make(struct cookie_key *key, const struct random_source *random, int64_t now)
{
    *key = (struct cookie_key){ .made = now };
    key->usable = random_fill(random, key->key, sizeof key->key);
    return key->usable;
}

bool cookie_keys_make(struct cookie_keys *out, const struct random_source *random,
                      uint32_t lifetime, int64_t now)
{
    *out = (struct cookie_keys){ .random = random, .lifetime = lifetime };
    return lifetime > 0 && key_make(&out->current, random, now);
}

void cookie_keys_wipe(struct cookie_keys *keys)
{
    wipe(keys, sizeof *keys);
}

/* N10: no difference of times is taken before it is known to have a sign. */
static bool younger_than(int64_t made, uint64_t seconds, int64_t now)
{
    return now >= made && (uint64_t)now - (uint64_t)made < seconds;
}

/* A clock that was set back ends a key too: nobody knows how long it has been used. */
static void turn(struct cookie_keys *keys, int64_t now)
{
    uint64_t lifetime = keys->lifetime;
    if (!younger_than(keys->previous.made, 2 * lifetime, now))
        wipe(&keys->previous, sizeof keys->previous);
    if (keys->current.usable && younger_than(keys->current.made, lifetime, now))
        return;
    if (keys->current.usable && younger_than(keys->current.made, 2 * lifetime, now))
        keys->previous = keys->current;
    key_make(&keys->current, keys->random, now);
}

static void tag_make(const struct cookie_key *key, uint8_t out[COOKIE_TAG_LEN],
                     struct bytes content, struct bytes context)
{
    struct hmac m;
    uint8_t context_len[4];
    store_be32(context_len, (uint32_t)context.len);
    hmac_init(&m, &hash_sha256, bytes_of(key->key, sizeof key->key));
    hmac_update(&m, bytes_of(context_len, sizeof context_len));
    hmac_update(&m, context);
    hmac_update(&m, content);
    hmac_final(&m, out);
}

static void write_digest(struct writer *w, const uint8_t *digest, uint8_t len)
{
    write_u8(w, len);
    write_bytes(w, bytes_of(digest, len));
}

/* u8 version, u8 flags, u64 issued, u16 suite, u16 group, hello_digest <1..64>, fixed_part <1..64>;
 * behind it the tag */
bool cookie_make(struct cookie_keys *keys, uint8_t out[COOKIE_MAX], size_t *out_len,
                 const struct cookie *cookie, struct bytes context, int64_t now)
{
    struct writer w = writer_of(out, COOKIE_MAX);
    turn(keys, now);
    if (!keys->current.usable)
        return false;
    write_u8(&w, COOKIE_VERSION);
    write_u8(&w, cookie->early_data ? FLAG_EARLY_DATA : 0);
    write_u32(&w, (uint32_t)((uint64_t)now >> 32));
    write_u32(&w, (uint32_t)now);
    write_u16(&w, cookie->suite);
    write_u16(&w, cookie->group);
    write_digest(&w, cookie->hello_digest, cookie->digest_len);
    write_digest(&w, cookie->fixed_part, cookie->digest_len);
    tag_make(&keys->current, out + w.len, writer_bytes(&w), context);
    *out_len = w.len + COOKIE_TAG_LEN;
    return true;
}

static bool made_by(const struct cookie_key *key, struct bytes content, struct bytes context,
                    const uint8_t *tag)
{
    uint8_t want[COOKIE_TAG_LEN];
    if (!key->usable)
        return false;
    tag_make(key, want, content, context);
    bool same = ct_verdict(ct_equal(want, tag, COOKIE_TAG_LEN));
    wipe(want, sizeof want);
    return same;
}

/* We made it, so what is in it is well formed, if it is of this version. */
static bool decode(struct cookie *out, int64_t *issued, struct bytes content)
{
    struct reader r = reader_of(content);
    uint8_t version = read_u8(&r), flags = read_u8(&r);
    uint64_t high = read_u32(&r);
    *issued = (int64_t)(high << 32 | read_u32(&r));
    *out = (struct cookie){ .early_data = flags & FLAG_EARLY_DATA };
    out->suite = read_u16(&r);
    out->group = read_u16(&r);
    struct bytes hello_digest = read_vec8(&r, 1), fixed_part = read_vec8(&r, 1);
    if (!reader_done(&r) || version != COOKIE_VERSION || hello_digest.len > HASH_MAX
        || fixed_part.len != hello_digest.len)
        return false;
    out->digest_len = (uint8_t)hello_digest.len;
    memcpy(out->hello_digest, hello_digest.at, hello_digest.len);
    memcpy(out->fixed_part, fixed_part.at, fixed_part.len);
    return true;
}

bool cookie_read(struct cookie_keys *keys, struct cookie *out, struct bytes sealed,
                 struct bytes context, int64_t now)
{
    int64_t issued;
    if (sealed.len <= COOKIE_TAG_LEN || sealed.len > COOKIE_MAX)
        return false;
    struct bytes content = bytes_of(sealed.at, sealed.len - COOKIE_TAG_LEN);
    const uint8_t *tag = sealed.at + content.len;
    turn(keys, now);
    return (made_by(&keys->current, content, context, tag)
            || made_by(&keys->previous, content, context, tag))
           && decode(out, &issued, content) && younger_than(issued, keys->lifetime, now);
}
