/* crypto/p256.h - the curve P-256 (secp256r1): points, scalars, and keys as bytes.
 *
 * Implements SP 800-186 §3.2.1.3:  y^2 = x^3 - 3 x + b  over the field of p256_field.h; the points
 * form a group of prime order n, so every point but infinity generates it and no cofactor exists.
 *
 * A point is held as X : Y : Z, standing for (X/Z, Y/Z); Z = 0 is infinity, 0 : 1 : 0. Addition
 * and doubling are complete: right for every pair of points, equal, opposite, infinity.
 *
 * Scalars and points made from them are secret, and timing tells nothing about them, except in
 * the function that ends in _vartime. Points and encodings received are public.
 */
#ifndef SEALPOST_CRYPTO_P256_H
#define SEALPOST_CRYPTO_P256_H

#include "crypto/mont.h"
#include "crypto/p256_field.h"
#include "crypto/random.h"

enum {
    P256_SCALAR_LEN = 32,          /* bytes, big-endian */
    P256_POINT_LEN  = 65,          /* 04 || x || y */
};

struct p256_point  { struct p256_field x, y, z; };
struct p256_scalar { uint64_t limb[4]; };             /* an integer below n */

extern const struct mont p256_order;                  /* n */

/* ---- points as bytes ---- */

/* Only the uncompressed form of a point on the curve (SEC 1 §2.3.4, RFC 8446 §4.2.8.2): exactly 65
 * bytes, first 04, coordinates below p, curve equation holds. Public. */
bool p256_point_decode(struct p256_point *out, struct bytes in);

/* The same form; all ones unless the point is infinity, whose bytes come out as 04 00 .. 00. */
ct_mask p256_point_encode(uint8_t out[P256_POINT_LEN], const struct p256_point *p);

/* All ones if p is not infinity and its x coordinate is r modulo n: what ends an ECDSA verification
 * (FIPS 186-5 §6.4.2, step 8), without a division. */
ct_mask p256_x_is(const struct p256_point *p, const struct p256_scalar *r);

/* ---- scalars ---- */

/* All ones if the 32 bytes are in 1 .. n - 1; otherwise `out` is 1, so that what follows can run
 * and be thrown away. */
ct_mask p256_scalar_decode(struct p256_scalar *out, const uint8_t in[P256_SCALAR_LEN]);

/* Any 32 bytes, modulo n. */
void p256_scalar_reduce(struct p256_scalar *out, const uint8_t in[P256_SCALAR_LEN]);

/* ---- the group; outputs may be inputs ---- */

void p256_add(struct p256_point *out, const struct p256_point *a, const struct p256_point *b);
void p256_double(struct p256_point *out, const struct p256_point *a);

/* out = k G, and out = k P. */
void p256_multiply_base(struct p256_point *out, const struct p256_scalar *k);
void p256_multiply(struct p256_point *out, const struct p256_scalar *k,
                   const struct p256_point *p);

/* out = u G + v P, for public values only: verification. */
void p256_multiply_add_vartime(struct p256_point *out, const struct p256_scalar *u,
                               const struct p256_scalar *v, const struct p256_point *p);

/* ---- keys as bytes ---- */

/* Draws 32 bytes until they are in 1 .. n - 1 (FIPS 186-5 A.2.2, testing candidates); the bytes
 * themselves are the key. False if the source fails, and `private` is then zero. */
bool p256_private_generate(uint8_t private[P256_SCALAR_LEN], const struct random_source *random);

/* The public point, released with ct_public. False if the scalar is not in 1 .. n - 1. */
bool p256_private_public(uint8_t point[P256_POINT_LEN], const uint8_t private[P256_SCALAR_LEN]);

#endif
