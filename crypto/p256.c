/* crypto/p256.c - the curve P-256: point arithmetic, scalar multiplication, keys.
 *
 * Implements  SP 800-186 §3.2.1.3 (curve), SEC 1 §2.3 (encoding), FIPS 186-5 A.2.2 (key pairs).
 *             Addition: J. Renes, C. Costello, L. Batina, "Complete addition formulas for prime
 *             order elliptic curves", 2016, Alg. 4 and 5 (a = -3).
 * Trusts      crypto/p256_table.c, whose entries the tests recompute.
 * Secret      scalars and all points made from them until they are published. Scalars, tables, and
 *             results are wiped by whoever made them; not the stack of single field operations
 *             and additions, each of which overwrites the one before.
 */
#include "crypto/p256.h"

#include "crypto/p256_table.h"
#include "crypto/wipe.h"

typedef struct p256_field field;

static void add(field *out, const field *a, const field *b) { p256_field_add(out, a, b); }
static void sub(field *out, const field *a, const field *b) { p256_field_sub(out, a, b); }
static void mul(field *out, const field *a, const field *b) { p256_field_mul(out, a, b); }
static void square(field *out, const field *a)              { p256_field_square(out, a); }

static void triple(field *out, const field *a)
{
    field twice;
    add(&twice, a, a);
    add(out, &twice, a);
}

/* n;  check: minus_inverse * n == -1 mod 2^64, r_squared == 2^512 mod n */
const struct mont p256_order = {
    .limbs = 4,
    .modulus = { 0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000 },
    .r_squared = { 0x83244c95be79eea2, 0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620 },
    .minus_inverse = 0xccd1c8aaee00bc4f,
};

/* b R mod p;
 * check: b == 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b */
static const field curve_b = { {
    0xd89cdf6229c4bddf, 0xacf005cd78843090, 0xe5a220abf7212ed6, 0xdc30061d04874834 } };

static const struct p256_point infinity = { .y = { {
    0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe } } };

/* ---- points ---- */

/* The end that both additions share. With the six symmetric sums of products of coordinates
 *
 *      xx = X1 X2             yy = Y1 Y2             zz = Z1 Z2
 *      xy = X1 Y2 + X2 Y1     yz = Y1 Z2 + Y2 Z1     xz = X1 Z2 + X2 Z1
 *
 * and   u = 3 (xz - b zz),   v = 3 (b xz - 3 zz - xx),   w = 3 (xx - zz),
 *
 *      X3 = xy (yy + u) - yz v
 *      Y3 = (yy + u) (yy - u) + w v
 *      Z3 = yz (yy - u) + xy w
 *
 * On a curve without a point of order two these are never all zero: complete. */
struct products { field xx, yy, zz, xy, yz, xz; };

static void add_from_products(struct p256_point *out, const struct products *s)
{
    field u, v, w, zz3, plus, minus, t;
    triple(&zz3, &s->zz);
    mul(&t, &curve_b, &s->zz);
    sub(&t, &s->xz, &t);
    triple(&u, &t);
    mul(&t, &curve_b, &s->xz);
    sub(&t, &t, &zz3);
    sub(&t, &t, &s->xx);
    triple(&v, &t);
    triple(&w, &s->xx);
    sub(&w, &w, &zz3);
    add(&plus, &s->yy, &u);
    sub(&minus, &s->yy, &u);

    mul(&out->x, &s->xy, &plus);
    mul(&t, &s->yz, &v);
    sub(&out->x, &out->x, &t);
    mul(&out->y, &plus, &minus);
    mul(&t, &w, &v);
    add(&out->y, &out->y, &t);
    mul(&out->z, &s->yz, &minus);
    mul(&t, &s->xy, &w);
    add(&out->z, &out->z, &t);
}

/* out = a1 b2 + a2 b1 for one product more: (a1 + b1)(a2 + b2) - a1 a2 - b1 b2. */
static void cross(field *out, const field *a1, const field *b1, const field *a2, const field *b2,
                  const field *a1a2, const field *b1b2)
{
    field left, right;
    add(&left, a1, b1);
    add(&right, a2, b2);
    mul(&left, &left, &right);
    sub(&left, &left, a1a2);
    sub(out, &left, b1b2);
}

void p256_add(struct p256_point *out, const struct p256_point *a, const struct p256_point *b)
{
    struct products s;
    mul(&s.xx, &a->x, &b->x);
    mul(&s.yy, &a->y, &b->y);
    mul(&s.zz, &a->z, &b->z);
    cross(&s.xy, &a->x, &a->y, &b->x, &b->y, &s.xx, &s.yy);
    cross(&s.yz, &a->y, &a->z, &b->y, &b->z, &s.yy, &s.zz);
    cross(&s.xz, &a->x, &a->z, &b->x, &b->z, &s.xx, &s.zz);
    add_from_products(out, &s);
}

/* The same with Z2 = 1; b is never infinity, which has no affine form. */
static void add_affine(struct p256_point *out, const struct p256_point *a,
                       const struct p256_affine *b)
{
    struct products s = { .zz = a->z };
    mul(&s.xx, &a->x, &b->x);
    mul(&s.yy, &a->y, &b->y);
    cross(&s.xy, &a->x, &a->y, &b->x, &b->y, &s.xx, &s.yy);
    mul(&s.yz, &b->y, &a->z);
    add(&s.yz, &s.yz, &a->y);
    mul(&s.xz, &b->x, &a->z);
    add(&s.xz, &s.xz, &a->x);
    add_from_products(out, &s);
}

/* One doubling in Jacobian coordinates, in which x = X/Z^2 and y = Y/Z^3:
 *
 *      d = Z^2,  g = Y^2,  e = X g,  s = 3 (X - d)(X + d)
 *      X3 = s^2 - 8 e,   Z3 = (Y + Z)^2 - g - d,   Y3 = s (4 e - X3) - 8 g^2
 */
static void double_jacobian(struct p256_point *p)
{
    field d, g, e, s, t;
    square(&d, &p->z);
    square(&g, &p->y);
    mul(&e, &p->x, &g);
    sub(&s, &p->x, &d);
    add(&t, &p->x, &d);
    mul(&t, &s, &t);
    triple(&s, &t);
    add(&t, &p->y, &p->z);
    square(&t, &t);
    sub(&t, &t, &g);
    sub(&p->z, &t, &d);
    add(&e, &e, &e);
    add(&e, &e, &e);                        /* 4 e */
    square(&t, &s);
    sub(&t, &t, &e);
    sub(&p->x, &t, &e);
    sub(&t, &e, &p->x);
    mul(&t, &s, &t);
    add(&g, &g, &g);
    square(&g, &g);
    add(&g, &g, &g);                        /* 8 g^2 = 2 (2 g)^2 */
    sub(&p->y, &t, &g);
}

/* out = 2^times a. In Jacobian coordinates doublings in a row take 8 products each, where a
 * complete one takes 13; six more pay for going there and back:
 *
 *      there   (X Z, Y Z^2, Z)      because X Z / Z^2 = X / Z and Y Z^2 / Z^3 = Y / Z
 *      back    (X Z, Y, Z^3)        because X / Z^2 = X Z / Z^3
 *
 * Infinity comes back as 0 : 0 : 0 and is given its Y = 1 again. No other point has Z = 0, and none
 * doubles to infinity, as none has order two. */
static void double_times(struct p256_point *out, const struct p256_point *a, int times)
{
    field z2;
    struct p256_point p = *a;
    square(&z2, &p.z);
    mul(&p.x, &p.x, &p.z);
    mul(&p.y, &p.y, &z2);
    while (times-- > 0)
        double_jacobian(&p);
    ct_mask none = p256_field_is_zero(&p.z);
    square(&z2, &p.z);
    mul(&out->x, &p.x, &p.z);
    mul(&out->z, &z2, &p.z);
    for (int i = 0; i < 4; i++)
        out->y.limb[i] = ct_select(none, p256_one.limb[i], p.y.limb[i]);
}

void p256_double(struct p256_point *out, const struct p256_point *a)
{
    struct products s;
    square(&s.xx, &a->x);
    square(&s.yy, &a->y);
    square(&s.zz, &a->z);
    mul(&s.xy, &a->x, &a->y);
    mul(&s.yz, &a->y, &a->z);
    mul(&s.xz, &a->x, &a->z);
    add(&s.xy, &s.xy, &s.xy);
    add(&s.yz, &s.yz, &s.yz);
    add(&s.xz, &s.xz, &s.xz);
    add_from_products(out, &s);
}

/* ---- points as bytes ---- */

/* y^2 = x^3 - 3 x + b, for a point with Z = 1. */
static ct_mask on_curve(const struct p256_point *p)
{
    field left, right, x3;
    square(&left, &p->y);
    square(&right, &p->x);
    mul(&right, &right, &p->x);
    triple(&x3, &p->x);
    sub(&right, &right, &x3);
    add(&right, &right, &curve_b);
    return p256_field_is_equal(&left, &right);
}

bool p256_point_decode(struct p256_point *out, struct bytes in)
{
    if (in.len != P256_POINT_LEN || in.at[0] != 4)
        return false;
    ct_mask good = p256_field_from_bytes(&out->x, in.at + 1);
    good &= p256_field_from_bytes(&out->y, in.at + 33);
    out->z = p256_one;
    return (good & on_curve(out)) != 0;
}

ct_mask p256_point_encode(uint8_t out[P256_POINT_LEN], const struct p256_point *p)
{
    field inverse, t;
    p256_field_invert(&inverse, &p->z);                  /* zero for infinity */
    out[0] = 4;
    mul(&t, &p->x, &inverse);
    p256_field_to_bytes(out + 1, &t);
    mul(&t, &p->y, &inverse);
    p256_field_to_bytes(out + 33, &t);
    wipe(&inverse, sizeof inverse);
    wipe(&t, sizeof t);
    return ~p256_field_is_zero(&p->z);
}

/* x = X / Z is below p, and p < 2 n, so x = r mod n means x = r or x = r + n, the latter only where
 * r + n < p. Both are compared as r Z = X. */
ct_mask p256_x_is(const struct p256_point *p, const struct p256_scalar *r)
{
    uint8_t bytes[P256_SCALAR_LEN];
    uint64_t sum[4], carry = 0;
    field x, x_plus_n;
    limbs_to_bytes(bytes, r->limb, 4);
    (void)p256_field_from_bytes(&x, bytes);              /* r < n < p */
    for (size_t i = 0; i < 4; i++)
        sum[i] = limb_add(r->limb[i], p256_order.modulus[i], &carry);
    limbs_to_bytes(bytes, sum, 4);
    ct_mask fits = p256_field_from_bytes(&x_plus_n, bytes) & ct_is_zero(carry);
    mul(&x, &x, &p->z);
    mul(&x_plus_n, &x_plus_n, &p->z);
    ct_mask same = p256_field_is_equal(&x, &p->x)
                 | (fits & p256_field_is_equal(&x_plus_n, &p->x));
    return same & ~p256_field_is_zero(&p->z);
}

/* ---- scalars ---- */

ct_mask p256_scalar_decode(struct p256_scalar *out, const uint8_t in[P256_SCALAR_LEN])
{
    limbs_from_bytes(out->limb, 4, in);
    ct_mask good = limbs_less(out->limb, p256_order.modulus, 4) & ~limbs_zero(out->limb, 4);
    for (size_t i = 0; i < 4; i++)
        out->limb[i] = ct_select(good, out->limb[i], i == 0);
    return good;
}

/* 2^256 < 2 n, so one subtraction is enough. */
void p256_scalar_reduce(struct p256_scalar *out, const uint8_t in[P256_SCALAR_LEN])
{
    limbs_from_bytes(out->limb, 4, in);
    limbs_subtract_once(out->limb, out->limb, 0, p256_order.modulus, 4);
}

/* ---- scalar multiplication, constant time ---- */

/* Writes k as a sum over `bits` places in which every bit counts +1 or -1, never 0:
 *
 *      k = sum (2 b_i - 1) 2^i = 2 B - (2^bits - 1)   mod n,   so   B = (k + 2^bits - 1) / 2
 *
 * A window of such bits is an odd number: no digit is zero, no table holds infinity, and every
 * step of a multiplication is the same. `ones` is 2^bits - 1 mod n. */
static void recode(uint64_t out[4], const struct p256_scalar *k, const uint64_t ones[4])
{
    uint64_t sum[4], carry = 0;
    mont_add(&p256_order, sum, k->limb, ones);
    uint64_t odd = 0 - ct_barrier(sum[0] & 1);
    for (size_t i = 0; i < 4; i++)
        sum[i] = limb_add(sum[i], p256_order.modulus[i] & odd, &carry);
    for (size_t i = 0; i < 4; i++)
        out[i] = sum[i] >> 1 | (i < 3 ? sum[i + 1] : carry) << 63;
    wipe(sum, sizeof sum);
}

/* Bit `at` of the recoded scalar; places from 256 up hold zero (which counts -1). */
static uint64_t bit(const uint64_t b[4], size_t at)
{
    return at < 256 ? b[at / 64] >> (at % 64) & 1 : 0;
}

/* A digit of `bits` bits, the highest being the sign: with that bit clear the others are read
 * inverted, because  -(sum of s_i 2^i) = sum of (-s_i) 2^i. */
static uint64_t digit_index(uint64_t digit, int bits, ct_mask *negative)
{
    *negative = ct_is_zero(digit >> (bits - 1));
    return (digit ^ *negative) & ((1u << (bits - 1)) - 1);
}

static void or_masked(field *out, const field *a, ct_mask m)
{
    for (int i = 0; i < 4; i++)
        out->limb[i] |= a->limb[i] & m;
}

/* Every entry is read, whichever is wanted. */
static void look_up_affine(struct p256_affine *out, const struct p256_affine *entry, size_t count,
                           uint64_t index)
{
    *out = (struct p256_affine){ { { 0 } }, { { 0 } } };
    for (size_t i = 0; i < count; i++) {
        ct_mask here = ct_is_equal(i, index);
        or_masked(&out->x, &entry[i].x, here);
        or_masked(&out->y, &entry[i].y, here);
    }
}

static void look_up(struct p256_point *out, const struct p256_point *entry, size_t count,
                    uint64_t index)
{
    *out = (struct p256_point){ .x = { { 0 } } };
    for (size_t i = 0; i < count; i++) {
        ct_mask here = ct_is_equal(i, index);
        or_masked(&out->x, &entry[i].x, here);
        or_masked(&out->y, &entry[i].y, here);
        or_masked(&out->z, &entry[i].z, here);
    }
}

/* The digit of one column of one block of the comb: a bit from each tooth. */
static uint64_t comb_digit(const uint64_t b[4], size_t block, size_t column)
{
    uint64_t digit = 0;
    for (size_t tooth = 0; tooth < P256_COMB_TEETH; tooth++) {
        size_t at = column + P256_COMB_COLUMNS * (P256_COMB_TEETH * block + tooth);
        digit |= bit(b, at) << tooth;
    }
    return digit;
}

/* The 264 bits are dealt to 4 blocks of 6 teeth of 11 bits. Column by column from the top: double,
 * then add each block's table entry. */
void p256_multiply_base(struct p256_point *out, const struct p256_scalar *k)
{
    static const uint64_t ones[4] = {       /* check: (2^264 - 1) mod n */
        0x46353d039cdaaeff, 0x19055258e8617b0c, 0x0000000000000043, 0x000000ffffffff00 };
    uint64_t b[4];
    struct p256_affine entry;
    struct p256_point acc = infinity;
    recode(b, k, ones);
    for (size_t column = P256_COMB_COLUMNS; column-- > 0; ) {
        if (column < P256_COMB_COLUMNS - 1)
            p256_double(&acc, &acc);
        for (size_t block = 0; block < P256_COMB_BLOCKS; block++) {
            ct_mask negative;
            uint64_t index = digit_index(comb_digit(b, block, column), P256_COMB_TEETH, &negative);
            look_up_affine(&entry, p256_comb[block], COUNT(p256_comb[block]), index);
            p256_field_negate_if(&entry.y, negative);
            add_affine(&acc, &acc, &entry);
        }
    }
    *out = acc;
    wipe(b, sizeof b);
    wipe(&entry, sizeof entry);
    wipe(&acc, sizeof acc);
}

/* table[i] = (2 i + 1) P */
static void odd_multiples(struct p256_point *table, size_t count, const struct p256_point *p)
{
    struct p256_point twice;
    p256_double(&twice, p);
    table[0] = *p;
    for (size_t i = 1; i < count; i++)
        p256_add(&table[i], &table[i - 1], &twice);
}

enum { WINDOW = 5, WINDOWS = 52 };          /* 260 bits, 256 rounded up to whole windows */

/* Windows of five bits from the top; each is an odd number in -31 .. 31, times a power of two. */
void p256_multiply(struct p256_point *out, const struct p256_scalar *k,
                   const struct p256_point *p)
{
    static const uint64_t ones[4] = {       /* check: (2^260 - 1) mod n */
        0xc46353d039cdaaef, 0x319055258e8617b0, 0x0000000000000004, 0x0000000ffffffff0 };
    uint64_t b[4];
    struct p256_point table[1 << (WINDOW - 1)], entry, acc = infinity;
    odd_multiples(table, COUNT(table), p);
    recode(b, k, ones);
    for (size_t window = WINDOWS; window-- > 0; ) {
        uint64_t digit = 0;
        ct_mask negative;
        for (size_t i = 0; i < WINDOW; i++)
            digit |= bit(b, WINDOW * window + i) << i;
        uint64_t index = digit_index(digit, WINDOW, &negative);
        look_up(&entry, table, COUNT(table), index);
        p256_field_negate_if(&entry.y, negative);
        if (window < WINDOWS - 1)
            double_times(&acc, &acc, WINDOW);
        p256_add(&acc, &acc, &entry);
    }
    *out = acc;
    wipe(b, sizeof b);
    wipe(table, sizeof table);
    wipe(&entry, sizeof entry);
    wipe(&acc, sizeof acc);
}

/* ---- verification, variable time ---- */

enum { NAF_LEN = 257 };                     /* digits of a 256-bit number: one more than bits */

/* k = sum digit[i] 2^i where each digit is zero or odd, |digit| < 2^(width - 1), and each non-zero
 * one is followed by at least width - 1 zeros (HAC Alg. 14.121 extended; Solinas' w-NAF). */
static void naf_vartime(int8_t digit[NAF_LEN], const struct p256_scalar *k, unsigned width)
{
    unsigned carry = 0;
    for (size_t i = 0; i < NAF_LEN; i++)
        digit[i] = 0;
    for (size_t i = 0; i < NAF_LEN; ) {
        if ((bit(k->limb, i) ^ carry) == 0) {        /* an even rest: this digit is zero */
            i++;
            continue;
        }
        int value = (int)carry;
        for (unsigned j = 0; j < width; j++)
            value += (int)(bit(k->limb, i + j) << j);
        carry = (unsigned)value >> (width - 1) & 1;
        digit[i] = (int8_t)(value - (int)(carry << width));
        i += width;
    }
}

static void add_digit_vartime(struct p256_point *acc, const struct p256_point *odd, int digit)
{
    struct p256_point entry = odd[(digit < 0 ? -digit : digit) / 2];
    p256_field_negate_if(&entry.y, digit < 0 ? ~(ct_mask)0 : 0);
    p256_add(acc, acc, &entry);
}

static void add_base_digit_vartime(struct p256_point *acc, int digit)
{
    struct p256_affine entry = p256_odd_multiples[(digit < 0 ? -digit : digit) / 2];
    p256_field_negate_if(&entry.y, digit < 0 ? ~(ct_mask)0 : 0);
    add_affine(acc, acc, &entry);
}

/* Both sums share their doublings, which are saved up until there is something to add. */
void p256_multiply_add_vartime(struct p256_point *out, const struct p256_scalar *u,
                               const struct p256_scalar *v, const struct p256_point *p)
{
    int8_t base_digit[NAF_LEN], digit[NAF_LEN];
    struct p256_point odd[1 << (WINDOW - 2)], acc = infinity;
    int doublings = 0;
    naf_vartime(base_digit, u, 8);          /* |digit| <= 127: the 64 entries of the table */
    naf_vartime(digit, v, WINDOW);
    odd_multiples(odd, COUNT(odd), p);
    for (size_t i = NAF_LEN; i-- > 0; ) {
        if (base_digit[i] != 0 || digit[i] != 0) {
            double_times(&acc, &acc, doublings);
            doublings = 0;
        }
        if (base_digit[i] != 0)
            add_base_digit_vartime(&acc, base_digit[i]);
        if (digit[i] != 0)
            add_digit_vartime(&acc, odd, digit[i]);
        doublings += i > 0;
    }
    double_times(out, &acc, doublings);
}

/* ---- keys as bytes ---- */

bool p256_private_generate(uint8_t private[P256_SCALAR_LEN], const struct random_source *random)
{
    enum { ATTEMPTS = 8 };                  /* each is refused with probability 2^-32 */
    struct p256_scalar k;
    bool good = false;
    for (int i = 0; i < ATTEMPTS && !good; i++) {
        if (!random_fill(random, private, P256_SCALAR_LEN))
            break;
        /* Only that a candidate was refused becomes known, and it is not the key. */
        good = ct_verdict(p256_scalar_decode(&k, private));
    }
    if (!good)
        wipe(private, P256_SCALAR_LEN);
    wipe(&k, sizeof k);
    return good;
}

bool p256_private_public(uint8_t point[P256_POINT_LEN], const uint8_t private[P256_SCALAR_LEN])
{
    struct p256_scalar k;
    struct p256_point p;
    ct_mask good = p256_scalar_decode(&k, private);
    p256_multiply_base(&p, &k);
    good &= p256_point_encode(point, &p);
    ct_public(point, P256_POINT_LEN);       /* the public key */
    wipe(&k, sizeof k);
    wipe(&p, sizeof p);
    return ct_verdict(good);                /* that a key is unusable is no secret */
}
