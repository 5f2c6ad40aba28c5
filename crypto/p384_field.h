/* crypto/p384_field.h - the field of P-384: integers modulo p = 2^384 - 2^128 - 2^96 + 2^32 - 1.
 *
 * Implements  SP 800-186 §3.2.1.4 (the prime), Montgomery multiplication with R = 2^384.
 * Secret      every value. No branch, no index, no division depends on one.
 *
 * The sibling of crypto/p256_field.h: an element x is kept as x R mod p, here in six 64-bit limbs,
 * least significant first, always fully reduced.
 *
 *      limb   5      4      3      2                 1                 0
 *      p    ff..ff ff..ff ff..ff fffffffffffffffe  ffffffff00000000  00000000ffffffff
 *
 * Outputs may be inputs.
 */
#ifndef SEALPOST_CRYPTO_P384_FIELD_H
#define SEALPOST_CRYPTO_P384_FIELD_H

#include "crypto/limb.h"

struct p384_field { uint64_t limb[6]; };

void p384_field_add(struct p384_field *out, const struct p384_field *a,
                    const struct p384_field *b);
void p384_field_sub(struct p384_field *out, const struct p384_field *a,
                    const struct p384_field *b);

/* a b / R mod p; a a / R mod p. */
void p384_field_mul(struct p384_field *out, const struct p384_field *a,
                    const struct p384_field *b);
void p384_field_square(struct p384_field *out, const struct p384_field *a);

/* 1 / a, and zero for zero. */
void p384_field_invert(struct p384_field *out, const struct p384_field *a);

/* 48 big-endian bytes; the mask says whether they were below p (else `out` is zero). */
ct_mask p384_field_from_bytes(struct p384_field *out, const uint8_t in[48]);
void p384_field_to_bytes(uint8_t out[48], const struct p384_field *a);

#endif
