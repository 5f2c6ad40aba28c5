/* crypto/p384_table.h - multiples of the base point G of P-384, made by crypto/curve_table.py.
 *
 * As crypto/p256_table.h, with a comb half as wide: the table is 9 KiB. Block b, index m holds
 *
 *      ( 2^e(5)  +  sum over i < 5 of  (+1 if bit i of m else -1) 2^e(i) ) G,   e(i) = 32 (6 b + i)
 *
 * The odd multiples G, 3 G, 5 G, ... 63 G serve verification. All are public constants.
 */
#ifndef SEALPOST_CRYPTO_P384_TABLE_H
#define SEALPOST_CRYPTO_P384_TABLE_H

#include "crypto/p384_field.h"

struct p384_affine { struct p384_field x, y; };

enum {
    P384_COMB_TEETH   = 6,
    P384_COMB_BLOCKS  = 2,
    P384_COMB_COLUMNS = 32,        /* 6 * 2 * 32 = 384 bits */
    P384_COMB_MISSING = 0,
    P384_ODD_COUNT    = 32,
};

extern const struct p384_affine p384_comb[P384_COMB_BLOCKS][1 << (P384_COMB_TEETH - 1)];
extern const struct p384_affine p384_odd_multiples[P384_ODD_COUNT];

#endif
