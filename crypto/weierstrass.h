/* crypto/weierstrass.h - the arithmetic of a curve y^2 = x^3 - 3 x + b of prime order: points,
 * scalar multiplication. The body of crypto/p256.c and crypto/p384.c, and of nothing else.
 *
 * Implements  SEC 1 §2.3 (encoding). Addition: J. Renes, C. Costello, L. Batina, "Complete addition
 *             formulas for prime order elliptic curves", 2016, Alg. 4 and 5 (a = -3).
 * Trusts      the field, the constants and the tables of the file that includes it.
 * Secret      scalars and all points made from them until they are published. Scalars, tables, and
 *             results are wiped by whoever made them; not the stack of single field operations
 *             and additions, each of which overwrites the one before.
 *
 * Each curve compiles it with a field of its own, so that field operations are inlined and the
 * number of limbs is a constant; behind pointers P-256 would be slower. The file that includes
 * it has defined before:
 *
 *      field, point, affine            types: limbs; x, y, z; x, y
 *      own, own_const                  the point inside a union curve_point
 *      add, sub, mul, square           field operations (out, a, b); outputs may be inputs
 *      invert, from_bytes, to_bytes    likewise
 *      LIMBS, SCALAR_LEN, POINT_LEN    of an element; bytes of a scalar and of a point
 *      order, curve_b, infinity        n as struct mont; b; 0 : 1 : 0, whose Y serves as 1
 *      comb, odd_base                  multiples of G (crypto/curve_table.py)
 *      COMB_TEETH, _BLOCKS, _COLUMNS   the shape of the comb, which covers every bit
 *      BASE_WIDTH                      odd_base holds 2^(BASE_WIDTH - 2) entries
 *      WINDOW, WINDOWS                 bits of a digit, and how many cover every bit
 *      comb_ones, window_ones          2^bits - 1 mod n for the bits that the two cover
 */

/* ---- the field, as far as it is the same for all ---- */

static void triple(field *out, const field *a)
{
    field twice;
    add(&twice, a, a);
    add(out, &twice, a);
}

static ct_mask is_zero(const field *a) { return limbs_zero(a->limb, LIMBS); }

static ct_mask is_equal(const field *a, const field *b)
{
    uint64_t difference = 0;
    for (int i = 0; i < LIMBS; i++)
        difference |= a->limb[i] ^ b->limb[i];
    return ct_is_zero(difference);
}

/* out = -out where the mask is set. */
static inline void negate_if(field *out, ct_mask m)
{
    static const field zero = { { 0 } };
    field negative;
    sub(&negative, &zero, out);
    for (int i = 0; i < LIMBS; i++)
        out->limb[i] = ct_select(m, negative.limb[i], out->limb[i]);
}

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

static void add_from_products(point *out, const struct products *s)
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

static void add_points(point *out, const point *a, const point *b)
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
static void add_affine(point *out, const point *a,
                       const affine *b)
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
static void double_jacobian(point *p)
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
static void double_times(point *out, const point *a, int times)
{
    field z2;
    point p = *a;
    square(&z2, &p.z);
    mul(&p.x, &p.x, &p.z);
    mul(&p.y, &p.y, &z2);
    while (times-- > 0)
        double_jacobian(&p);
    ct_mask none = is_zero(&p.z);
    square(&z2, &p.z);
    mul(&out->x, &p.x, &p.z);
    mul(&out->z, &z2, &p.z);
    for (int i = 0; i < LIMBS; i++)
        out->y.limb[i] = ct_select(none, infinity.y.limb[i], p.y.limb[i]);
}

static void double_point(point *out, const point *a)
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
static ct_mask on_curve(const point *p)
{
    field left, right, x3;
    square(&left, &p->y);
    square(&right, &p->x);
    mul(&right, &right, &p->x);
    triple(&x3, &p->x);
    sub(&right, &right, &x3);
    add(&right, &right, &curve_b);
    return is_equal(&left, &right);
}

static bool decode(point *out, struct bytes in)
{
    if (in.len != POINT_LEN || in.at[0] != 4)
        return false;
    ct_mask good = from_bytes(&out->x, in.at + 1);
    good &= from_bytes(&out->y, in.at + 1 + SCALAR_LEN);
    out->z = infinity.y;
    return (good & on_curve(out)) != 0;
}

static ct_mask encode(uint8_t *out, const point *p)
{
    field inverse, t;
    invert(&inverse, &p->z);                  /* zero for infinity */
    out[0] = 4;
    mul(&t, &p->x, &inverse);
    to_bytes(out + 1, &t);
    mul(&t, &p->y, &inverse);
    to_bytes(out + 1 + SCALAR_LEN, &t);
    wipe(&inverse, sizeof inverse);
    wipe(&t, sizeof t);
    return ~is_zero(&p->z);
}

/* x = X / Z is below p, and n < p < 2 n, so x = r mod n means x = r or x = r + n, the latter only
 * where r + n < p. Both are compared as r Z = X. */
static ct_mask x_is(const point *p, const struct scalar *r)
{
    uint8_t bytes[SCALAR_LEN];
    uint64_t sum[LIMBS], carry = 0;
    field x, x_plus_n;
    limbs_to_bytes(bytes, r->limb, LIMBS);
    (void)from_bytes(&x, bytes);              /* r < n < p */
    for (size_t i = 0; i < LIMBS; i++)
        sum[i] = limb_add(r->limb[i], order.modulus[i], &carry);
    limbs_to_bytes(bytes, sum, LIMBS);
    ct_mask fits = from_bytes(&x_plus_n, bytes) & ct_is_zero(carry);
    mul(&x, &x, &p->z);
    mul(&x_plus_n, &x_plus_n, &p->z);
    ct_mask same = is_equal(&x, &p->x)
                 | (fits & is_equal(&x_plus_n, &p->x));
    return same & ~is_zero(&p->z);
}

/* ---- scalar multiplication, constant time ---- */

/* Writes k as a sum over `bits` places in which every bit counts +1 or -1, never 0:
 *
 *      k = sum (2 b_i - 1) 2^i = 2 B - (2^bits - 1)   mod n,   so   B = (k + 2^bits - 1) / 2
 *
 * A window of such bits is an odd number: no digit is zero, no table holds infinity, and every
 * step of a multiplication is the same. `ones` is 2^bits - 1 mod n. */
static void recode(uint64_t out[LIMBS], const struct scalar *k, const uint64_t ones[LIMBS])
{
    uint64_t sum[LIMBS], carry = 0;
    mont_add(&order, sum, k->limb, ones);
    uint64_t odd = 0 - ct_barrier(sum[0] & 1);
    for (size_t i = 0; i < LIMBS; i++)
        sum[i] = limb_add(sum[i], order.modulus[i] & odd, &carry);
    for (size_t i = 0; i < LIMBS; i++)
        out[i] = sum[i] >> 1 | (i < LIMBS - 1 ? sum[i + 1] : carry) << 63;
    wipe(sum, sizeof sum);
}

/* Bit `at` of the recoded scalar; places above its limbs hold zero (which counts -1). */
static uint64_t bit(const uint64_t b[LIMBS], size_t at)
{
    return at < 64 * LIMBS ? b[at / 64] >> (at % 64) & 1 : 0;
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
    for (int i = 0; i < LIMBS; i++)
        out->limb[i] |= a->limb[i] & m;
}

/* Every entry is read, whichever is wanted. */
static void look_up_affine(affine *out, const affine *entry, size_t count,
                           uint64_t index)
{
    *out = (affine){ { { 0 } }, { { 0 } } };
    for (size_t i = 0; i < count; i++) {
        ct_mask here = ct_is_equal(i, index);
        or_masked(&out->x, &entry[i].x, here);
        or_masked(&out->y, &entry[i].y, here);
    }
}

static void look_up(point *out, const point *entry, size_t count,
                    uint64_t index)
{
    *out = (point){ .x = { { 0 } } };
    for (size_t i = 0; i < count; i++) {
        ct_mask here = ct_is_equal(i, index);
        or_masked(&out->x, &entry[i].x, here);
        or_masked(&out->y, &entry[i].y, here);
        or_masked(&out->z, &entry[i].z, here);
    }
}

/* The digit of one column of one block of the comb: a bit from each tooth. */
static uint64_t comb_digit(const uint64_t b[LIMBS], size_t block, size_t column)
{
    uint64_t digit = 0;
    for (size_t tooth = 0; tooth < COMB_TEETH; tooth++) {
        size_t at = column + COMB_COLUMNS * (COMB_TEETH * block + tooth);
        digit |= bit(b, at) << tooth;
    }
    return digit;
}

/* The bits are dealt to COMB_BLOCKS blocks of COMB_TEETH teeth of COMB_COLUMNS bits. Column by
 * column from the top: double, then add each block's table entry. */
static void multiply_base(point *out, const struct scalar *k)
{
    uint64_t b[LIMBS];
    affine entry;
    point acc = infinity;
    recode(b, k, comb_ones);
    for (size_t column = COMB_COLUMNS; column-- > 0; ) {
        if (column < COMB_COLUMNS - 1)
            double_point(&acc, &acc);
        for (size_t block = 0; block < COMB_BLOCKS; block++) {
            ct_mask negative;
            uint64_t index = digit_index(comb_digit(b, block, column), COMB_TEETH, &negative);
            look_up_affine(&entry, comb[block], COUNT(comb[block]), index);
            negate_if(&entry.y, negative);
            add_affine(&acc, &acc, &entry);
        }
    }
    *out = acc;
    wipe(b, sizeof b);
    wipe(&entry, sizeof entry);
    wipe(&acc, sizeof acc);
}

/* table[i] = (2 i + 1) P */
static void odd_multiples(point *table, size_t count, const point *p)
{
    point twice;
    double_point(&twice, p);
    table[0] = *p;
    for (size_t i = 1; i < count; i++)
        add_points(&table[i], &table[i - 1], &twice);
}

/* Windows of five bits from the top; each is an odd number in -31 .. 31, times a power of two. */
static void multiply(point *out, const struct scalar *k,
                   const point *p)
{
    uint64_t b[LIMBS];
    point table[1 << (WINDOW - 1)], entry, acc = infinity;
    odd_multiples(table, COUNT(table), p);
    recode(b, k, window_ones);
    for (size_t window = WINDOWS; window-- > 0; ) {
        uint64_t digit = 0;
        ct_mask negative;
        for (size_t i = 0; i < WINDOW; i++)
            digit |= bit(b, WINDOW * window + i) << i;
        uint64_t index = digit_index(digit, WINDOW, &negative);
        look_up(&entry, table, COUNT(table), index);
        negate_if(&entry.y, negative);
        if (window < WINDOWS - 1)
            double_times(&acc, &acc, WINDOW);
        add_points(&acc, &acc, &entry);
    }
    *out = acc;
    wipe(b, sizeof b);
    wipe(table, sizeof table);
    wipe(&entry, sizeof entry);
    wipe(&acc, sizeof acc);
}

/* ---- verification, variable time ---- */

enum { NAF_LEN = 64 * LIMBS + 1 };          /* digits of a scalar: one more than its bits */

/* k = sum digit[i] 2^i where each digit is zero or odd, |digit| < 2^(width - 1), and each non-zero
 * one is followed by at least width - 1 zeros (HAC Alg. 14.121 extended; Solinas' w-NAF). */
static void naf_vartime(int8_t digit[NAF_LEN], const struct scalar *k, unsigned width)
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

static void add_digit_vartime(point *acc, const point *odd, int digit)
{
    point entry = odd[(digit < 0 ? -digit : digit) / 2];
    negate_if(&entry.y, digit < 0 ? ~(ct_mask)0 : 0);
    add_points(acc, acc, &entry);
}

static void add_base_digit_vartime(point *acc, int digit)
{
    affine entry = odd_base[(digit < 0 ? -digit : digit) / 2];
    negate_if(&entry.y, digit < 0 ? ~(ct_mask)0 : 0);
    add_affine(acc, acc, &entry);
}

/* Both sums share their doublings, which are saved up until there is something to add. */
static void multiply_add_vartime(point *out, const struct scalar *u,
                               const struct scalar *v, const point *p)
{
    int8_t base_digit[NAF_LEN], digit[NAF_LEN];
    point odd[1 << (WINDOW - 2)], acc = infinity;
    int doublings = 0;
    naf_vartime(base_digit, u, BASE_WIDTH);         /* |digit| < 2^(BASE_WIDTH - 1): odd_base */
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

/* ---- as crypto/curve.h has them ---- */

static bool curve_decode(union curve_point *out, struct bytes in) { return decode(own(out), in); }

static ct_mask curve_encode(uint8_t *out, const union curve_point *p)
{
    return encode(out, own_const(p));
}

static ct_mask curve_x_is(const union curve_point *p, const struct scalar *r)
{
    return x_is(own_const(p), r);
}

static void curve_add(union curve_point *out, const union curve_point *a,
                      const union curve_point *b)
{
    add_points(own(out), own_const(a), own_const(b));
}

static void curve_twice(union curve_point *out, const union curve_point *a)
{
    double_point(own(out), own_const(a));
}

static void curve_multiply_base(union curve_point *out, const struct scalar *k)
{
    multiply_base(own(out), k);
}

static void curve_multiply(union curve_point *out, const struct scalar *k,
                           const union curve_point *p)
{
    multiply(own(out), k, own_const(p));
}

static void curve_multiply_add_vartime(union curve_point *out, const struct scalar *u,
                                       const struct scalar *v, const union curve_point *p)
{
    multiply_add_vartime(own(out), u, v, own_const(p));
}
