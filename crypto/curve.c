/* crypto/curve.c - scalars and keys of any curve, as bytes.
 *
 * Implements  FIPS 186-5 A.2.2 (key pairs by testing candidates), SEC 1 §2.3.7 (integers).
 * Trusts      the random source.
 * Secret      scalars and private keys; wiped where they may not leave.
 */
#include "crypto/curve.h"

#include "crypto/wipe.h"

/* ---- scalars ---- */

ct_mask curve_scalar_decode(const struct curve *c, struct scalar *out, const uint8_t *in)
{
    *out = (struct scalar){ { 0 } };
    limbs_from_bytes(out->limb, c->limbs, in);
    ct_mask good = limbs_less(out->limb, c->order->modulus, c->limbs)
                 & ~limbs_zero(out->limb, c->limbs);
    for (size_t i = 0; i < c->limbs; i++)
        out->limb[i] = ct_select(good, out->limb[i], i == 0);
    return good;
}

/* 2^(64 limbs) < 2 n on both curves, so one subtraction is enough. */
void curve_scalar_reduce(const struct curve *c, struct scalar *out, const uint8_t *in)
{
    *out = (struct scalar){ { 0 } };
    limbs_from_bytes(out->limb, c->limbs, in);
    limbs_subtract_once(out->limb, out->limb, 0, c->order->modulus, c->limbs);
}

void curve_scalar_encode(const struct curve *c, uint8_t *out, const struct scalar *k)
{
    limbs_to_bytes(out, k->limb, c->limbs);
}

/* ---- keys ---- */

bool curve_private_generate(const struct curve *c, uint8_t *private,
                            const struct random_source *random)
{
    enum { ATTEMPTS = 8 };                  /* each is refused with probability 2^-32 or less */
    struct scalar k;
    bool good = false;
    for (int i = 0; i < ATTEMPTS && !good; i++) {
        if (!random_fill(random, private, c->scalar_len))
            break;
        /* Only that a candidate was refused becomes known, and it is not the key. */
        good = ct_verdict(curve_scalar_decode(c, &k, private));
    }
    if (!good)
        wipe(private, c->scalar_len);
    wipe(&k, sizeof k);
    return good;
}

bool curve_private_public(const struct curve *c, uint8_t *point, const uint8_t *private)
{
    struct scalar k;
    union curve_point p;
    ct_mask good = curve_scalar_decode(c, &k, private);
    c->multiply_base(&p, &k);
    good &= c->encode(point, &p);
    ct_public(point, c->point_len);         /* the public key */
    wipe(&k, sizeof k);
    wipe(&p, sizeof p);
    wipe_stack();
    return ct_verdict(good);                /* that a key is unusable is no secret */
}
