/* tls13/ticket.h - a server's tickets: all it has to know of a connection to resume it, sealed.
 *
 * The server keeps nothing but the keys (RFC 8446 §4.6.1 allows either). A key is random from the
 * start or there is none (N9 of the bug classes), seals for one lifetime of a ticket, opens for one
 * more, and is erased. So two keys can open and one of them seals, and what was sealed can be opened
 * as long as its lifetime lasts.
 */
#ifndef SEALPOST_TLS13_TICKET_H
#define SEALPOST_TLS13_TICKET_H

#include "crypto/random.h"
#include "tls13/key_schedule.h"

enum {
    TICKET_LIFETIME_MAX  = 604800,           /* seconds: 7 days, RFC 8446 §4.6.1 */
    TICKET_KEY_NAME_LEN  = 16,
    TICKET_KEY_LEN       = 32,               /* AES-256-GCM */
    FINGERPRINT_LEN      = 32,
    CLIENT_IDENTITY_LEN  = 32,
    /* name, nonce, version, PSK, issued, lifetime, authenticated_until, binding, client identity,
     * tag */
    TICKET_MAX = TICKET_KEY_NAME_LEN + 12 + 1 + 1 + SECRET_MAX + 8 + 4 + 8 + FINGERPRINT_LEN
               + CLIENT_IDENTITY_LEN + 16,
};

struct ticket_key {
    bool usable;
    uint8_t name[TICKET_KEY_NAME_LEN];       /* random too: says which key, and nothing else */
    uint8_t key[TICKET_KEY_LEN];             /* secret */
    int64_t made;
    uint32_t sealed;                         /* tickets */
};

/* Owned by the caller, and changed by every use: one thread at a time. */
struct ticket_keys {
    const struct random_source *random;
    uint32_t lifetime;                       /* of a ticket, and so the time that a key seals */
    uint32_t seal_limit;                     /* tickets under one key */
    struct ticket_key current, previous;
};

/* False if there are no random bytes, or the lifetime is not 1 to TICKET_LIFETIME_MAX seconds; then
 * nothing is sealed or opened. `random` has to outlive the keys. */
bool ticket_keys_make(struct ticket_keys *out, const struct random_source *random,
                      uint32_t lifetime, int64_t now);

void ticket_keys_wipe(struct ticket_keys *keys);

/* What stands in a ticket. Times are seconds since 1970. */
struct ticket {
    const struct hash *hash;                 /* of the connection that it was given on */
    struct secret psk;                       /* secret, hash->digest_len bytes */
    int64_t issued;
    uint32_t lifetime;
    int64_t authenticated_until;             /* however often it is resumed and renewed */
    uint8_t binding[FINGERPRINT_LEN];        /* name, protocol and settings that it is good for */
    uint8_t client_identity[CLIENT_IDENTITY_LEN];    /* zeros: none was asked for */
};

/* Seals under the current key. False if there is none: no random bytes. */
bool ticket_seal(struct ticket_keys *keys, uint8_t out[TICKET_MAX], size_t *out_len,
                 const struct ticket *ticket, int64_t now);

/* False if it was not sealed by one of the two keys, was changed, or its time is over or has not
 * come yet. Whoever sent it is never told which. */
bool ticket_open(struct ticket_keys *keys, struct ticket *out, struct bytes sealed, int64_t now);

#endif
