/* tls13/cookie.h - what a server has to know of a first ClientHello to judge the second, sealed
 * into a HelloRetryRequest's cookie (RFC 8446 §4.2.2).
 *
 * A server that hands out cookies may forget the connection until the second hello comes: the
 * state is with the client, under a key that only the server has. What is in a cookie is public;
 * what counts is that nobody else can make one, or use it for another hello, from another place or
 * at another time (S9 of the bug classes). Within its lifetime a cookie may come back more than
 * once; whoever replays it with its hello gets a ServerHello, and can do no more with it than
 * before.
 */
#ifndef SEALPOST_TLS13_COOKIE_H
#define SEALPOST_TLS13_COOKIE_H

#include "crypto/hash.h"
#include "crypto/random.h"

enum {
    COOKIE_KEY_LEN = 32,
    COOKIE_TAG_LEN = 32,                     /* HMAC-SHA256 */
    /* version, flags, issued, suite, group, two digests, tag */
    COOKIE_MAX = 1 + 1 + 8 + 2 + 2 + 2 * (1 + HASH_MAX) + COOKIE_TAG_LEN,
};

struct cookie_key {
    bool usable;
    uint8_t key[COOKIE_KEY_LEN];             /* secret */
    int64_t made;
};

/* Owned by the caller, and changed by every use: one thread at a time. A key is random from the
 * start or there is none; it makes cookies for one lifetime and believes them for one more. */
struct cookie_keys {
    const struct random_source *random;
    uint32_t lifetime;                       /* of a cookie, in seconds */
    struct cookie_key current, previous;
};

/* False if there are no random bytes or the lifetime is zero. `random` has to outlive the keys. */
bool cookie_keys_make(struct cookie_keys *out, const struct random_source *random,
                      uint32_t lifetime, int64_t now);
void cookie_keys_wipe(struct cookie_keys *keys);

struct cookie {
    uint16_t suite, group;                   /* chosen; group 0: the client's shares may stay */
    bool early_data;                         /* was offered: it has to be passed over */
    uint8_t digest_len;                      /* of both: */
    uint8_t hello_digest[HASH_MAX];          /* Hash(ClientHello1), as §4.4.1 has it */
    uint8_t fixed_part[HASH_MAX];            /* of what the second hello has to repeat */
};

/* `context` is what else a cookie is bound to, such as the client's address. False if there is no
 * key: no random bytes. */
bool cookie_make(struct cookie_keys *keys, uint8_t out[COOKIE_MAX], size_t *out_len,
                 const struct cookie *cookie, struct bytes context, int64_t now);

/* False if neither key made it with this context, or its time is over or has not come yet. */
bool cookie_read(struct cookie_keys *keys, struct cookie *out, struct bytes sealed,
                 struct bytes context, int64_t now);

#endif
