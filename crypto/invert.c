/* crypto/invert.c - modular inversion by divsteps.
 *
 * Implements  D. J. Bernstein, B.-Y. Yang, "Fast constant-time gcd computation and modular
 *             inversion", 2019, in the variant that starts at delta = 1/2; steps in batches, as in
 *             P. Wuille, "The safegcd implementation in libsecp256k1 explained", 2021.
 * Trusts      the proofs of how many steps are enough.
 * Secret      everything but the modulus and the lengths.
 *
 * Euclid's algorithm with the decisions at the low end, where numbers can be shifted instead of
 * divided. f is odd, g anything; one step:
 *
 *      delta > 0 and g odd:   delta, f, g  =  1 - delta,  g,  (g - f) / 2
 *      otherwise:             delta, f, g  =  1 + delta,  f,  (g + (g mod 2) f) / 2
 *
 * keeps the gcd, and after so many steps that only the length of the inputs says how many, g is 0
 * and f is the gcd, or less that. We start with f = modulus and g = a, and carry along d and e with
 *
 *      f = d a,   g = e a     modulo the modulus;     d = 0,  e = 1 at the start
 *
 * so that at the end 1 = +-d a, and +-d is the inverse.
 *
 * BITS steps look at no more than the low BITS bits of f and g. So they are done on single words
 * first, and what they amount to is kept as a matrix, which then is applied to the long numbers:
 *
 *      ( u  v )                   ( f )       ( f )                    2^-BITS ( d )
 *      ( q  r )   with   2^-BITS *(   ) becomes (   ),   and the same for      (   ) mod modulus
 *                                 ( g )       ( g )                            ( e )
 *
 * Long numbers are signed: COUNT digits of BITS bits, not negative, but for the highest.
 * Shifting a negative number right is arithmetic in every compiler that can build this.
 */
#include "crypto/invert.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"

enum { BITS = 30 };
enum { DIGITS_MAX = (64 * INVERT_LIMBS_MAX + 2 + BITS - 1) / BITS };   /* sign and twice as much */
static const uint32_t low_bits = (UINT32_C(1) << BITS) - 1;

struct number { int32_t at[DIGITS_MAX]; };
struct matrix { int32_t u, v, q, r; };

/* ---- long numbers ---- */

/* Bits BITS i and on of `limbs` limbs. */
static int32_t digit_of(const uint64_t *a, size_t limbs, size_t i)
{
    size_t bit = BITS * i, limb = bit / 64, shift = bit % 64;
    uint64_t x = limb < limbs ? a[limb] >> shift : 0;
    if (shift > 0 && limb + 1 < limbs)
        x |= a[limb + 1] << (64 - shift);
    return (int32_t)((uint32_t)x & low_bits);
}

static void load(struct number *out, size_t count, const uint64_t *a, size_t limbs)
{
    for (size_t i = 0; i < count; i++)
        out->at[i] = digit_of(a, limbs, i);
}

/* A number that is not negative and fits. */
static void store(uint64_t *out, size_t limbs, const struct number *a, size_t count)
{
    for (size_t i = 0; i < limbs; i++)
        out[i] = 0;
    for (size_t i = 0; i < count; i++) {
        size_t bit = BITS * i, limb = bit / 64, shift = bit % 64;
        if (limb < limbs)
            out[limb] |= (uint64_t)a->at[i] << shift;
        if (limb + 1 < limbs && shift + BITS > 64)
            out[limb + 1] |= (uint64_t)a->at[i] >> (64 - shift);
    }
}

/* a = (negate ? -a : a) + (add ? b : 0), the conditions as masks; digits are made whole again. */
static void adjust(struct number *a, size_t count, uint32_t negate, const struct number *b,
                   uint32_t add)
{
    int32_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t sum = (((uint32_t)a->at[i] ^ negate) - negate) + ((uint32_t)b->at[i] & add)
                     + (uint32_t)carry;
        carry = (int32_t)sum >> BITS;
        a->at[i] = i < count - 1 ? (int32_t)(sum & low_bits) : (int32_t)sum;
    }
}

/* All ones if x is negative. The barrier, here and below, is for clang, which makes a branch of it
 * where it can. */
static uint32_t sign_mask(int32_t x)
{
    return 0 - (uint32_t)ct_barrier((uint32_t)x >> 31);
}

/* ---- steps ---- */

/* Two numbers of 32 bits in one word, low + 2^32 high, so that one addition adds both. */
static void unpack(int32_t *low, int32_t *high, uint64_t pair)
{
    *low = (int32_t)(uint32_t)pair;
    *high = (int32_t)(uint32_t)((pair - (uint64_t)(int64_t)*low) >> 32);
}

/* BITS steps on the low bits of f and g; zeta is -(delta + 1/2), so that delta > 0 is zeta < 0. The
 * rows of the matrix are pairs. Gives the new zeta.
 * Because  each step doubles |u| + |v| and |q| + |r| at most: <= 2^BITS
 */
static int32_t divsteps(struct matrix *out, int32_t zeta, uint32_t f, uint32_t g)
{
    uint64_t uv = 1, qr = (uint64_t)1 << 32;
    for (int i = 0; i < BITS; i++) {
        uint64_t swap = 0 - ct_barrier((uint32_t)zeta >> 31), odd = 0 - ct_barrier(g & 1);
        g += ((f ^ (uint32_t)swap) - (uint32_t)swap) & (uint32_t)odd;
        qr += ((uv ^ swap) - swap) & odd;
        swap &= odd;
        zeta = (int32_t)((uint32_t)zeta ^ (uint32_t)swap) - 1;
        f += g & (uint32_t)swap;                /* g - f + f: what g was */
        uv += qr & swap;
        g >>= 1;
        uv <<= 1;
    }
    unpack(&out->u, &out->v, uv);
    unpack(&out->q, &out->r, qr);
    return zeta;
}

/* (f, g) = 2^-BITS t (f, g): exact, the low digits being zero.
 * Because  |f| and |g| never grow beyond the modulus; a column's sum is < 2 * 2^(2 BITS) < 2^63
 */
static void update_fg(struct number *f, struct number *g, size_t count, const struct matrix *t)
{
    int64_t cf = (int64_t)t->u * f->at[0] + (int64_t)t->v * g->at[0];
    int64_t cg = (int64_t)t->q * f->at[0] + (int64_t)t->r * g->at[0];
    for (size_t i = 1; i < count; i++) {
        int32_t fi = f->at[i], gi = g->at[i];
        cf = (cf >> BITS) + (int64_t)t->u * fi + (int64_t)t->v * gi;
        cg = (cg >> BITS) + (int64_t)t->q * fi + (int64_t)t->r * gi;
        f->at[i - 1] = (int32_t)((uint32_t)cf & low_bits);
        g->at[i - 1] = (int32_t)((uint32_t)cg & low_bits);
    }
    f->at[count - 1] = (int32_t)(cf >> BITS);
    g->at[count - 1] = (int32_t)(cg >> BITS);
}

/* (d, e) = 2^-BITS t (d, e) modulo m, exact because a multiple of m is added that clears the low
 * digits: md m and me m.
 * Needs    -2 m < d, e < m;  `inverse` = 1 / m mod 2^BITS
 * Because  a negative d or e counts m more, which makes -m < d, e < m; then |u| + |v| <= 2^BITS
 *          bounds the sum by 2^BITS m, and the multiple taken off is below 2^BITS m
 * Gives    -2 m < d, e < m
 */
static void update_de(struct number *d, struct number *e, size_t count, const struct matrix *t,
                      const struct number *m, uint32_t inverse)
{
    uint32_t sd = sign_mask(d->at[count - 1]), se = sign_mask(e->at[count - 1]);
    uint32_t md = ((uint32_t)t->u & sd) + ((uint32_t)t->v & se);
    uint32_t me = ((uint32_t)t->q & sd) + ((uint32_t)t->r & se);
    int64_t cd = (int64_t)t->u * d->at[0] + (int64_t)t->v * e->at[0];
    int64_t ce = (int64_t)t->q * d->at[0] + (int64_t)t->r * e->at[0];
    md -= (inverse * (uint32_t)cd + md) & low_bits;
    me -= (inverse * (uint32_t)ce + me) & low_bits;
    cd += (int64_t)m->at[0] * (int32_t)md;
    ce += (int64_t)m->at[0] * (int32_t)me;
    for (size_t i = 1; i < count; i++) {
        int64_t di = d->at[i], ei = e->at[i], mi = m->at[i];
        cd = (cd >> BITS) + t->u * di + t->v * ei + mi * (int32_t)md;
        ce = (ce >> BITS) + t->q * di + t->r * ei + mi * (int32_t)me;
        d->at[i - 1] = (int32_t)((uint32_t)cd & low_bits);
        e->at[i - 1] = (int32_t)((uint32_t)ce & low_bits);
    }
    d->at[count - 1] = (int32_t)(cd >> BITS);
    e->at[count - 1] = (int32_t)(ce >> BITS);
}

/* Batches that are enough for 64 `limbs` bits: (45907 bits + 26313) / 19929 steps, rounded up
 * (Wuille, from hulls of all that can be reached: 591 for 256 bits, 886 for 384). */
static size_t batches(size_t limbs)
{
    size_t steps = (45907 * 64 * limbs + 26313) / 19929 + 1;
    return (steps + BITS - 1) / BITS;
}

void limbs_invert(uint64_t *out, const uint64_t *a, const uint64_t *modulus,
                  uint64_t minus_inverse, size_t limbs)
{
    size_t count = (64 * limbs + 2 + BITS - 1) / BITS;
    struct number m, f, g, d = { { 0 } }, e = { { 1 } };
    struct matrix t;
    int32_t zeta = -1;
    load(&m, count, modulus, limbs);
    load(&g, count, a, limbs);
    f = m;
    for (size_t i = batches(limbs); i > 0; i--) {
        zeta = divsteps(&t, zeta, (uint32_t)f.at[0], (uint32_t)g.at[0]);
        update_de(&d, &e, count, &t, &m, (0 - (uint32_t)minus_inverse) & low_bits);
        update_fg(&f, &g, count, &t);
    }
    adjust(&d, count, 0, &m, sign_mask(d.at[count - 1]));              /* -m < d < m */
    adjust(&d, count, sign_mask(f.at[count - 1]), &m, 0);              /* times f, which is +-1 */
    adjust(&d, count, 0, &m, sign_mask(d.at[count - 1]));
    store(out, limbs, &d, count);
    wipe(&f, sizeof f);
    wipe(&g, sizeof g);
    wipe(&d, sizeof d);
    wipe(&e, sizeof e);
    wipe(&t, sizeof t);
}
