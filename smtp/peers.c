/* smtp/peers.c - a hash table of addresses that forgets.
 *
 * Trusts      the caller for the clock.
 * Leaves out  exactness: when all entries that an address may stand in belong to addresses that are
 *             connected, it is told that there are too many.
 */
#include "smtp/peers.h"

#include <string.h>

enum { PROBES = 16, MINUTE_MS = 60000 };

uint64_t peers_key(struct bytes address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (address.len == 16 && memcmp(address.at, mapped, sizeof mapped) == 0)
        address = bytes_of(address.at + 12, 4);
    if (address.len == 16)
        return load_be64(address.at) != 0 ? load_be64(address.at) : 1;
    return 0xffffffff00000000u | load_be32(address.at);    /* as IPv6: multicast, no peer */
}

static size_t first_probe(const struct peers *p, uint64_t key)
{
    uint64_t x = (key ^ p->seed) * 0x9e3779b97f4a7c15u;    /* check: 2^64 / golden ratio, odd */
    return (size_t)(x >> 32) & (p->size - 1);
}

/* The entry of `key`; or, to `add` it, the best one to give up for it. NULL if there is none. */
static struct peer *find(struct peers *p, uint64_t key, bool add)
{
    struct peer *best = NULL;

    for (size_t i = 0; i < PROBES && i < p->size; i++) {
        struct peer *e = &p->table[(first_probe(p, key) + i) & (p->size - 1)];
        if (e->key == key)
            return e;
        if (e->open == 0 && (best == NULL || e->seen < best->seen))
            best = e;
    }
    if (!add || best == NULL)
        return NULL;
    *best = (struct peer){ .key = key };
    return best;
}

static void touch(struct peer *e, int64_t now_ms)
{
    e->seen = now_ms;
    if (now_ms - e->minute < MINUTE_MS)
        return;
    e->minute = now_ms;
    e->connections = e->auth_failures = 0;
}

enum peers_answer peers_enter(struct peers *p, uint64_t key, const struct peer_limits *limits,
                              int64_t now_ms)
{
    struct peer *e = find(p, key, true);

    if (e == NULL)
        return PEERS_TOO_MANY_OPEN;
    touch(e, now_ms);
    if (e->open >= limits->open)
        return PEERS_TOO_MANY_OPEN;
    if (e->auth_failures >= limits->auth_failures_per_minute)
        return PEERS_GUESSING;
    if (e->connections >= limits->connections_per_minute)
        return PEERS_TOO_FAST;
    e->connections++;
    e->open++;
    return PEERS_WELCOME;
}

void peers_leave(struct peers *p, uint64_t key)
{
    struct peer *e = find(p, key, false);
    if (e != NULL && e->open > 0)
        e->open--;
}

void peers_auth_failed(struct peers *p, uint64_t key, int64_t now_ms)
{
    struct peer *e = find(p, key, false);
    if (e == NULL)
        return;
    touch(e, now_ms);
    e->auth_failures++;
}

bool peers_may_authenticate(struct peers *p, uint64_t key, const struct peer_limits *limits,
                            int64_t now_ms)
{
    struct peer *e = find(p, key, false);
    if (e == NULL)
        return true;
    touch(e, now_ms);
    return e->auth_failures < limits->auth_failures_per_minute;
}
