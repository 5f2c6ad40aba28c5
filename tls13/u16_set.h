/* tls13/u16_set.h - a set of 16-bit code points, so that a long list costs one look an entry.
 * 8 KiB, on the stack of the function that needs it.
 */
#ifndef SEALPOST_TLS13_U16_SET_H
#define SEALPOST_TLS13_U16_SET_H

#include <stdbool.h>
#include <stdint.h>

struct u16_set { uint64_t word[65536 / 64]; };

static inline bool u16_set_has(const struct u16_set *s, uint16_t x)
{
    return s->word[x / 64] >> (x % 64) & 1;
}

static inline void u16_set_add(struct u16_set *s, uint16_t x)
{
    s->word[x / 64] |= (uint64_t)1 << (x % 64);
}

static inline void u16_set_remove(struct u16_set *s, uint16_t x)
{
    s->word[x / 64] &= ~((uint64_t)1 << (x % 64));
}

#endif
