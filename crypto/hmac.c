/* crypto/hmac.c - HMAC: a hash keyed inside and outside.
 *
 * Implements  RFC 2104 §2:  H(K XOR opad, H(K XOR ipad, text)).
 * Secret      the key, both states, and the result until its user decides otherwise.
 */
#include "crypto/hmac.h"

#include "crypto/wipe.h"

#include <string.h>

enum { IPAD = 0x36, OPAD = 0x5c };

static void start(struct hash_state *state, const struct hash *h, uint8_t block[HASH_BLOCK_MAX],
                  uint8_t pad)
{
    for (size_t i = 0; i < HASH_BLOCK_MAX; i++)          /* of which block_len bytes are used */
        block[i] ^= pad;
    h->init(state);
    h->update(state, bytes_of(block, h->block_len));
}

void hmac_init(struct hmac *m, const struct hash *h, struct bytes key)
{
    uint8_t block[HASH_BLOCK_MAX] = { 0 };
    if (key.len > h->block_len)
        hash_digest(h, block, key);
    else if (key.len > 0)
        memcpy(block, key.at, key.len);

    m->hash = h;
    start(&m->inner, h, block, IPAD);
    start(&m->outer, h, block, IPAD ^ OPAD);      /* takes the inner padding off again */
    wipe(block, sizeof block);
}

void hmac_update(struct hmac *m, struct bytes in)
{
    m->hash->update(&m->inner, in);
}

void hmac_final(struct hmac *m, uint8_t *out)
{
    const struct hash *h = m->hash;
    uint8_t inner[HASH_MAX];
    h->final(&m->inner, inner);
    h->update(&m->outer, bytes_of(inner, h->digest_len));
    h->final(&m->outer, out);
    wipe(inner, sizeof inner);
    wipe(m, sizeof *m);
}

void hmac_compute(const struct hash *h, uint8_t *out, struct bytes key, struct bytes message)
{
    struct hmac m;
    hmac_init(&m, h, key);
    hmac_update(&m, message);
    hmac_final(&m, out);
}
