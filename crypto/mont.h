/* crypto/mont.h - Montgomery arithmetic modulo an odd number that is known beforehand.
 *
 * A value x is kept as x R mod m with R = 2^(64 limbs). Multiplying two of them and dividing by R,
 * which is exact and needs no quotient, gives the product in the same form (P. Montgomery, 1985;
 * HAC Alg. 14.36). It serves the orders of elliptic curve groups; fields that are on the hot path
 * have a reduction of their own (crypto/p256_field.h, p384_field.h).
 *
 * All values are arrays of `m->limbs` limbs, least significant first, and below the modulus unless
 * said otherwise; outputs may be inputs. Constant time in the values; the modulus and exponents
 * are public.
 */
#ifndef SEALPOST_CRYPTO_MONT_H
#define SEALPOST_CRYPTO_MONT_H

#include "crypto/limb.h"

enum { MONT_LIMBS_MAX = 6 };                   /* 384 bits */

struct mont {
    size_t limbs;
    uint64_t modulus[MONT_LIMBS_MAX];
    uint64_t r_squared[MONT_LIMBS_MAX];        /* R^2 mod modulus */
    uint64_t minus_inverse;                    /* -1 / modulus mod 2^64 */
};

/* Into Montgomery form, from any value below R, which is reduced. Out of it leads a product with a
 * plain integer. */
void mont_enter(const struct mont *m, uint64_t *out, const uint64_t *a);

void mont_add(const struct mont *m, uint64_t *out, const uint64_t *a, const uint64_t *b);
void mont_mul(const struct mont *m, uint64_t *out, const uint64_t *a, const uint64_t *b);

/* 1 / a, all in Montgomery form; zero gives zero. */
void mont_invert(const struct mont *m, uint64_t *out, const uint64_t *a);

/* Plain integers: big-endian bytes, 8 to a limb, and comparison. */
void limbs_from_bytes(uint64_t *out, size_t limbs, const uint8_t *in);
void limbs_to_bytes(uint8_t *out, const uint64_t *in, size_t limbs);
ct_mask limbs_less(const uint64_t *a, const uint64_t *b, size_t limbs);
ct_mask limbs_zero(const uint64_t *a, size_t limbs);

/* a mod m for a < 2 m, where `top` (0 or 1) is one more bit above a. */
void limbs_subtract_once(uint64_t *out, const uint64_t *a, uint64_t top,
                         const uint64_t *modulus, size_t limbs);

#endif
