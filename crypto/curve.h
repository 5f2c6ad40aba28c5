/* crypto/curve.h - elliptic curves of prime order, and their scalars and keys as bytes.
 *
 * Implements SP 800-186 §3.2.1.3 (P-256) and §3.2.1.4 (P-384):  y^2 = x^3 - 3 x + b  over a prime
 * field. The points form a group of prime order n, so every point but infinity generates it and no
 * cofactor exists. Signatures (crypto/ecdsa.c) and key exchange (crypto/ecdh.c) are written once,
 * over `struct curve`.
 *
 * A point is held as X : Y : Z, standing for (X/Z, Y/Z); Z = 0 is infinity, 0 : 1 : 0. Addition
 * and doubling are complete: right for every pair of points, equal, opposite, infinity.
 *
 * Scalars and points made from them are secret, and timing tells nothing about them, except in
 * the function that ends in _vartime. Points and encodings received are public.
 */
#ifndef SEALPOST_CRYPTO_CURVE_H
#define SEALPOST_CRYPTO_CURVE_H

#include "crypto/mont.h"
#include "crypto/p256_field.h"
#include "crypto/p384_field.h"
#include "crypto/random.h"

enum {
    CURVE_LIMBS_MAX  = 6,
    CURVE_SCALAR_MAX = 8 * CURVE_LIMBS_MAX,               /* bytes, big-endian */
    CURVE_POINT_MAX  = 1 + 2 * CURVE_SCALAR_MAX,          /* 04 || x || y */
};

struct scalar { uint64_t limb[CURVE_LIMBS_MAX]; };        /* an integer below n; unused limbs: 0 */

struct p256_point { struct p256_field x, y, z; };
struct p384_point { struct p384_field x, y, z; };
union curve_point { struct p256_point p256; struct p384_point p384; };

struct curve {
    const char *name;                    /* SP 800-186's: "P-256" */
    size_t limbs;                        /* of a scalar, and of a coordinate */
    size_t scalar_len, point_len;        /* bytes: 8 limbs, 1 + 16 limbs */
    const struct mont *order;            /* n */

    /* Only the uncompressed form of a point on the curve (SEC 1 §2.3.4, RFC 8446 §4.2.8.2): exactly
     * point_len bytes, first 04, coordinates below p, curve equation holds. Public. */
    bool (*decode)(union curve_point *out, struct bytes in);

    /* The same form; all ones unless the point is infinity, whose bytes come out as 04 00 .. 00. */
    ct_mask (*encode)(uint8_t *out, const union curve_point *p);

    /* All ones if p is not infinity and its x coordinate is r modulo n: what ends an ECDSA
     * verification (FIPS 186-5 §6.4.2, step 8), without a division. */
    ct_mask (*x_is)(const union curve_point *p, const struct scalar *r);

    /* The group; outputs may be inputs. */
    void (*add)(union curve_point *out, const union curve_point *a, const union curve_point *b);
    void (*twice)(union curve_point *out, const union curve_point *a);

    /* out = k G, and out = k P. */
    void (*multiply_base)(union curve_point *out, const struct scalar *k);
    void (*multiply)(union curve_point *out, const struct scalar *k, const union curve_point *p);

    /* out = u G + v P, for public values only: verification. */
    void (*multiply_add_vartime)(union curve_point *out, const struct scalar *u,
                                 const struct scalar *v, const union curve_point *p);
};

extern const struct curve curve_p256, curve_p384;

/* ---- scalars as bytes: c->scalar_len of them ---- */

/* All ones if the bytes are in 1 .. n - 1; otherwise `out` is 1, so that what follows can run and
 * be thrown away. */
ct_mask curve_scalar_decode(const struct curve *c, struct scalar *out, const uint8_t *in);

/* Any bytes, modulo n. */
void curve_scalar_reduce(const struct curve *c, struct scalar *out, const uint8_t *in);

void curve_scalar_encode(const struct curve *c, uint8_t *out, const struct scalar *k);

/* ---- keys as bytes ---- */

/* Draws scalar_len bytes until they are in 1 .. n - 1 (FIPS 186-5 A.2.2, testing candidates); the
 * bytes themselves are the key. False if the source fails, and `private` is then zero. */
bool curve_private_generate(const struct curve *c, uint8_t *private,
                            const struct random_source *random);

/* The public point, released with ct_public. False if the scalar is not in 1 .. n - 1. */
bool curve_private_public(const struct curve *c, uint8_t *point, const uint8_t *private);

#endif
