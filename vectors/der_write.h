/* vectors/der_write.h - ECDSA signatures in DER, from files that give r and s apart. */
#ifndef SEALPOST_VECTORS_DER_WRITE_H
#define SEALPOST_VECTORS_DER_WRITE_H

#include "tls13/x509/der.h"
#include "vectors/memory.h"

/* SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 §2.2.3); leading zeros do not matter. */
static inline struct bytes der_two_integers(struct arena *arena, struct bytes r, struct bytes s)
{
    size_t room = r.len + s.len + 64;
    struct writer w = writer_of(arena_take(arena, room), room);
    struct bytes both[] = { r, s };
    size_t mark = der_begin(&w, DER_SEQUENCE);
    for (size_t i = 0; i < 2; i++) {
        while (both[i].len > 0 && both[i].at[0] == 0)
            both[i] = bytes_of(both[i].at + 1, both[i].len - 1);
        der_write_unsigned(&w, both[i]);
    }
    der_end(&w, mark);
    return writer_bytes(&w);
}

#endif
