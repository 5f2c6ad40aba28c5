/* crypto/p256_table.h - multiples of the base point G of P-256, made by crypto/curve_table.py.
 *
 * The comb serves secret scalars (crypto/weierstrass.h: multiply_base): block b, index m holds
 *
 *      ( 2^e(5) + sum over i < 5 of  (+1 if bit i of m else -1) 2^e(i) ) G,  e(i) = 4 (6 b + i - 2)
 *
 * in 22 KiB; in block 0 the terms of the two teeth with e(i) < 0 are missing. The odd multiples
 * G, 3 G, 5 G, ... 127 G serve verification. All are public constants.
 */
#ifndef SEALPOST_CRYPTO_P256_TABLE_H
#define SEALPOST_CRYPTO_P256_TABLE_H

#include "crypto/p256_field.h"

struct p256_affine { struct p256_field x, y; };

enum {
    P256_COMB_TEETH   = 6,
    P256_COMB_BLOCKS  = 11,
    P256_COMB_COLUMNS = 4,
    P256_COMB_MISSING = 2,         /* (6 * 11 - 2) * 4 = 256 bits */
    P256_ODD_COUNT    = 64,
};

extern const struct p256_affine p256_comb[P256_COMB_BLOCKS][1 << (P256_COMB_TEETH - 1)];
extern const struct p256_affine p256_odd_multiples[P256_ODD_COUNT];

#endif
