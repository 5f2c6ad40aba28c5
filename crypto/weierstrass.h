/* crypto/weierstrass.h - the arithmetic of a curve y^2 = x^3 - 3 x + b of prime order: points,
 * scalar multiplication. The body of crypto/p256.c and crypto/p384.c, and of nothing else.
 *
 * Implements  SEC 1 §2.3 (encoding). Addition: J. Renes, C. Costello, L. Batina, "Complete addition
 *             formulas for prime order elliptic curves", 2016, Alg. 4 and 5 (a = -3); and the usual
 *             ones in Jacobian coordinates where they are enough.
 * Trusts      the field, the constants and the tables of the file that includes it.
 * Secret      scalars and all points made from them until they are published. Scalars, tables and
 *             results are wiped by whoever made them; what field operations and additions leave on
 *             the stack is not: whoever calls with a secret ends with wipe_stack.
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
 *      prime                           p, as limbs
 *      order, curve_b, infinity        n as struct mont; b; 0 : 1 : 0, whose Y serves as 1
 *      comb, odd_base                  multiples of G (crypto/curve_table.py)
 *      COMB_TEETH, _BLOCKS, _COLUMNS   the shape of the comb, which covers every bit; the lowest
 *      COMB_MISSING                    teeth of block 0 that are not there, as that is too many
 *      BASE_WIDTH                      odd_base holds 2^(BASE_WIDTH - 2) entries
 *      WINDOW, WINDOWS                 bits of a digit, and how many cover every bit
 */

/* ---- the field, as far as it is the same for all ---- */

static void triple(field *out, const field *a)
{
    field twice;
    add(&twice, a, a);
    add(out, &twice, a);
}

/* out = out / 2: p is odd, so of out and out + p one is even, whose bits move down by one. */
static void halve(field *out)
{
    uint64_t odd = 0 - ct_barrier(out->limb[0] & 1), carry = 0;
    for (int i = 0; i < LIMBS; i++)
        out->limb[i] = limb_add(out->limb[i], prime[i] & odd, &carry);
    for (int i = 0; i < LIMBS; i++)
        out->limb[i] = out->limb[i] >> 1 | (i < LIMBS - 1 ? out->limb[i + 1] : carry) << 63;
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

/* ---- points in Jacobian coordinates ----
 *
 * X : Y : Z stands for (X/Z^2, Y/Z^3), and Z = 0 for infinity. A doubling takes 8 products where a
 * complete one takes 13, and an addition 16 or 11 where that takes 14 or 13 and three times as many
 * sums. In return the addition is right only for two points that are neither equal nor opposite,
 * nor one of them infinity. Who uses it has to say why that cannot happen.
 */

struct jacobian { field x, y, z; };

/* With d = Z^2, s = 4 X Y^2 and m = 3 (X - d)(X + d):
 *
 *      X3 = m^2 - 2 s,   Y3 = m (s - X3) - 8 Y^4,   Z3 = 2 Y Z
 *
 * Infinity gives infinity; no other point does, as none has order two. */
static void double_jacobian(struct jacobian *p)
{
    field d, m, s, t, yy;
    square(&d, &p->z);
    mul(&p->z, &p->y, &p->z);
    add(&p->z, &p->z, &p->z);
    add(&t, &p->x, &d);
    sub(&d, &p->x, &d);
    mul(&t, &t, &d);
    triple(&m, &t);
    add(&t, &p->y, &p->y);
    square(&yy, &t);                        /* 4 Y^2 */
    mul(&s, &p->x, &yy);
    square(&yy, &yy);                       /* 16 Y^4 */
    square(&t, &m);
    sub(&t, &t, &s);
    sub(&p->x, &t, &s);
    sub(&s, &s, &p->x);
    mul(&s, &m, &s);
    halve(&yy);
    sub(&p->y, &s, &yy);
}

/* The end of both additions. With both points brought to the same Z, where their coordinates are
 * u1, s1 and u1 + h, s1 + r:
 *
 *      X3 = r^2 - h^3 - 2 u1 h^2,   Y3 = r (u1 h^2 - X3) - s1 h^3          (Z3 = that Z times h)
 */
static void add_same_z(struct jacobian *out, const field *u1, const field *s1, const field *h,
                       const field *r)
{
    field hh, hhh, v, t;
    square(&hh, h);
    mul(&hhh, &hh, h);
    mul(&v, u1, &hh);
    square(&t, r);
    sub(&t, &t, &hhh);
    sub(&t, &t, &v);
    mul(&hhh, s1, &hhh);
    sub(&out->x, &t, &v);
    sub(&v, &v, &out->x);
    mul(&v, r, &v);
    sub(&out->y, &v, &hhh);
}

/* The differences h and r, from which it can be seen whether the addition is allowed: equal points
 * have h = r = 0, opposite ones only h = 0. */
struct differences { field u1, s1, h, r; };

static void compare_jacobian(struct differences *d, const struct jacobian *a,
                             const struct jacobian *b)
{
    field aa, bb, t;
    square(&aa, &a->z);
    square(&bb, &b->z);
    mul(&d->u1, &a->x, &bb);
    mul(&t, &b->x, &aa);
    sub(&d->h, &t, &d->u1);
    mul(&bb, &bb, &b->z);
    mul(&aa, &aa, &a->z);
    mul(&d->s1, &a->y, &bb);
    mul(&t, &b->y, &aa);
    sub(&d->r, &t, &d->s1);
}

/* Needs a and b neither equal nor opposite, neither infinity (or both, which gives infinity). */
static void add_jacobian(struct jacobian *out, const struct jacobian *a, const struct jacobian *b)
{
    struct differences d;
    compare_jacobian(&d, a, b);
    mul(&out->z, &a->z, &b->z);
    mul(&out->z, &out->z, &d.h);
    add_same_z(out, &d.u1, &d.s1, &d.h, &d.r);
}

/* The same for b with Z = 1, where u1 and s1 are a's own coordinates. */
static void compare_jacobian_affine(struct differences *d, const struct jacobian *a,
                                    const affine *b)
{
    field aa, t;
    square(&aa, &a->z);
    mul(&t, &b->x, &aa);
    sub(&d->h, &t, &a->x);
    mul(&aa, &aa, &a->z);
    mul(&t, &b->y, &aa);
    sub(&d->r, &t, &a->y);
    d->u1 = a->x;
    d->s1 = a->y;
}

static void add_jacobian_affine(struct jacobian *out, const struct jacobian *a, const affine *b)
{
    struct differences d;
    compare_jacobian_affine(&d, a, b);
    mul(&out->z, &a->z, &d.h);
    add_same_z(out, &d.u1, &d.s1, &d.h, &d.r);
}

/* (X Z, Y Z^2, Z), because X Z / Z^2 = X / Z and Y Z^2 / Z^3 = Y / Z. */
static void to_jacobian(struct jacobian *out, const point *p)
{
    field zz;
    square(&zz, &p->z);
    mul(&out->x, &p->x, &p->z);
    mul(&out->y, &p->y, &zz);
    out->z = p->z;
}

/* (X Z, Y, Z^3), because X / Z^2 = X Z / Z^3. Infinity is given the Y = 1 that it has there. */
static void from_jacobian(point *out, const struct jacobian *p)
{
    field zz;
    ct_mask none = is_zero(&p->z);
    square(&zz, &p->z);
    mul(&out->x, &p->x, &p->z);
    mul(&out->z, &zz, &p->z);
    for (int i = 0; i < LIMBS; i++)
        out->y.limb[i] = ct_select(none, infinity.y.limb[i], p->y.limb[i]);
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
 *      k' = sum (2 b_i - 1) 2^i = 2 B - (2^bits - 1),   so   B = (k' - 1) / 2 + 2^(bits - 1)
 *
 * for k' = k, or k - n if k is even: odd, and -n <= k' < n. A window of such bits is an odd number:
 * no digit is zero, no table holds infinity, and every step of a multiplication is the same.
 * Because  (k' - 1) / 2 is k' shifted right, in two's complement, and the power of two turns the
 *          sign bit around; bits >= 64 LIMBS
 */
struct recoded { uint64_t limb[LIMBS + 1]; };

static void recode(struct recoded *out, const struct scalar *k, size_t bits)
{
    uint64_t even = ct_barrier(k->limb[0] & 1) - 1, borrow = 0;
    for (size_t i = 0; i < LIMBS; i++)
        out->limb[i] = limb_sub(k->limb[i], order.modulus[i] & even, &borrow);
    out->limb[LIMBS] = 0 - borrow;
    for (size_t i = 0; i < LIMBS; i++)
        out->limb[i] = out->limb[i] >> 1 | out->limb[i + 1] << 63;
    out->limb[(bits - 1) / 64] ^= (uint64_t)1 << (bits - 1) % 64;
}

static uint64_t bit(const uint64_t *b, size_t at)
{
    return b[at / 64] >> (at % 64) & 1;
}

/* A digit of `bits` bits, the highest being the sign: with that bit clear the others are read
 * inverted, because  -(sum of s_i 2^i) = sum of (-s_i) 2^i. */
static uint64_t digit_index(uint64_t digit, int bits, ct_mask *negative)
{
    *negative = ct_is_zero(digit >> (bits - 1));
    return (digit ^ *negative) & ((1u << (bits - 1)) - 1);
}

/* The entry for one column of one block of the comb: a bit from each tooth, any bit from those that
 * are missing. */
static void comb_entry(affine *out, const struct recoded *b, size_t block, size_t column)
{
    uint64_t digit = 0;
    ct_mask negative;
    for (size_t tooth = block == 0 ? COMB_MISSING : 0; tooth < COMB_TEETH; tooth++) {
        size_t at = column + COMB_COLUMNS * (COMB_TEETH * block + tooth - COMB_MISSING);
        digit |= bit(b->limb, at) << tooth;
    }
    uint64_t index = digit_index(digit, COMB_TEETH, &negative);
    ct_look_up((uint64_t *)(void *)out, (const uint64_t *)(const void *)comb[block], 2 * LIMBS,
               COUNT(comb[block]), index);
    negate_if(&out->y, negative);
}

/* k' = sum of s_i 2^i, where each s_i is +1 or -1. These N bits are dealt to COMB_BLOCKS blocks of
 * COMB_TEETH teeth of COMB_COLUMNS bits, block 0 being short of COMB_MISSING teeth. Column by column
 * from the top: double, then add each block's table entry. Only the very last addition has to be a
 * complete one. In the others, to acc = M G is added E G, and M, E and M +- E are sums of
 * +-(distinct powers of two), which are not zero; and they are less than n in absolute value, so
 * that they are not zero modulo n either.
 * Because  with the top tooth of column 0 at bit e, where 2^e < n / 15, all teeth of column c weigh
 *          below 1.07 * 2^(e + c), and the columns below c together below that.
 *          In column c >= 1, 2^c M is k' without the columns below c and the blocks still to come:
 *          |M +- E| < (n + 2.14 * 2^(e + c)) / 2^c + 1.07 * 2^e < n / 2 + 3.21 * n / 15 < n.
 *          In column 0, M + E = k' - R, where R is the blocks to come. R has the sign s_e, and
 *          0.93 * 2^e < |R| < 1.07 * 2^e. With k' of that sign, |k' - R| < n - 0.93 * 2^e. With k'
 *          of the other, |k'| < 2^N - 2^(e + 1) and |k' - R| < 2^N - 0.93 * 2^e < n - 0.92 * 2^e.
 *          M - E is 2 |E| away at most, and |E| < 0.01 * 2^e in all blocks but the last
 */
static void multiply_base(point *out, const struct scalar *k)
{
    struct recoded b;
    affine entry;
    struct jacobian acc;
    size_t column = COMB_COLUMNS - 1, block = 1;
    recode(&b, k, 64 * LIMBS);
    comb_entry(&entry, &b, 0, column);
    acc = (struct jacobian){ entry.x, entry.y, infinity.y };
    for (;;) {
        for (; block < COMB_BLOCKS - (column == 0); block++) {
            comb_entry(&entry, &b, block, column);
            add_jacobian_affine(&acc, &acc, &entry);
        }
        if (column-- == 0)
            break;
        double_jacobian(&acc);
        block = 0;
    }
    from_jacobian(out, &acc);
    comb_entry(&entry, &b, COMB_BLOCKS - 1, 0);
    add_affine(out, out, &entry);
    wipe(&b, sizeof b);
    wipe(&entry, sizeof entry);
    wipe(&acc, sizeof acc);
}

/* table[i] = (2 i + 1) P: sums of different small multiples, or all of them infinity. */
static void odd_multiples(struct jacobian *table, size_t count, const point *p)
{
    struct jacobian twice;
    to_jacobian(&table[0], p);
    twice = table[0];
    double_jacobian(&twice);
    for (size_t i = 1; i < count; i++)
        add_jacobian(&table[i], &table[i - 1], &twice);
}

static void window_entry(struct jacobian *out, const struct jacobian *table,
                         const struct recoded *b, size_t window)
{
    uint64_t digit = 0;
    ct_mask negative;
    for (size_t i = 0; i < WINDOW; i++)
        digit |= bit(b->limb, WINDOW * window + i) << i;
    uint64_t index = digit_index(digit, WINDOW, &negative);
    ct_look_up((uint64_t *)(void *)out, (const uint64_t *)(const void *)table, 3 * LIMBS,
               1 << (WINDOW - 1), index);
    negate_if(&out->y, negative);
}

/* Windows of five bits from the top; each is an odd number d in -31 .. 31, times a power of two.
 * Only the last addition has to be a complete one: before it, acc = M P with M a multiple of 32,
 * not zero, so not +-d either, and both less than n together.
 * Because  32^w M' = k' less the windows below w, once window w is added: |M'| < n / 32^w + 1, odd.
 *          For w >= 1:  |M +- d| <= 32 (n / 32^(w + 1) + 1) + 31 < n
 */
static void multiply(point *out, const struct scalar *k, const point *p)
{
    struct recoded b;
    struct jacobian table[1 << (WINDOW - 1)], entry, acc;
    point last;
    odd_multiples(table, COUNT(table), p);
    recode(&b, k, WINDOW * WINDOWS);
    window_entry(&acc, table, &b, WINDOWS - 1);
    for (size_t window = WINDOWS - 1; window-- > 0; ) {
        for (int i = 0; i < WINDOW; i++)
            double_jacobian(&acc);
        window_entry(&entry, table, &b, window);
        if (window > 0)
            add_jacobian(&acc, &acc, &entry);
    }
    from_jacobian(out, &acc);
    from_jacobian(&last, &entry);
    add_points(out, out, &last);
    wipe(&b, sizeof b);
    wipe(table, sizeof table);
    wipe(&entry, sizeof entry);
    wipe(&acc, sizeof acc);
    wipe(&last, sizeof last);
}

/* ---- verification, variable time ---- */

enum { NAF_LEN = 64 * LIMBS + 1 };          /* digits of a scalar: one more than its bits */

static uint64_t scalar_bit(const struct scalar *k, size_t at)
{
    return at < 64 * LIMBS ? bit(k->limb, at) : 0;
}

/* k = sum digit[i] 2^i where each digit is zero or odd, |digit| < 2^(width - 1), and each non-zero
 * one is followed by at least width - 1 zeros (HAC Alg. 14.121 extended; Solinas' w-NAF). */
static void naf_vartime(int8_t digit[NAF_LEN], const struct scalar *k, unsigned width)
{
    unsigned carry = 0;
    for (size_t i = 0; i < NAF_LEN; i++)
        digit[i] = 0;
    for (size_t i = 0; i < NAF_LEN; ) {
        if ((scalar_bit(k, i) ^ carry) == 0) {        /* an even rest: this digit is zero */
            i++;
            continue;
        }
        int value = (int)carry;
        for (unsigned j = 0; j < width; j++)
            value += (int)(scalar_bit(k, i + j) << j);
        carry = (unsigned)value >> (width - 1) & 1;
        digit[i] = (int8_t)(value - (int)(carry << width));
        i += width;
    }
}

/* What an addition has to do for equal and opposite points; true if it did. */
static bool exceptional_vartime(struct jacobian *acc, const struct differences *d)
{
    if (!is_zero(&d->h))
        return false;
    if (is_zero(&d->r))
        double_jacobian(acc);
    else
        acc->z = (field){ { 0 } };
    return true;
}

static void add_digit_vartime(struct jacobian *acc, const struct jacobian *odd, int digit)
{
    struct jacobian entry = odd[(digit < 0 ? -digit : digit) / 2];
    struct differences d;
    negate_if(&entry.y, digit < 0 ? ~(ct_mask)0 : 0);
    if (is_zero(&acc->z)) {
        *acc = entry;
        return;
    }
    compare_jacobian(&d, acc, &entry);
    if (is_zero(&entry.z) || exceptional_vartime(acc, &d))
        return;
    mul(&acc->z, &acc->z, &entry.z);
    mul(&acc->z, &acc->z, &d.h);
    add_same_z(acc, &d.u1, &d.s1, &d.h, &d.r);
}

static void add_base_digit_vartime(struct jacobian *acc, int digit)
{
    affine entry = odd_base[(digit < 0 ? -digit : digit) / 2];
    struct differences d;
    negate_if(&entry.y, digit < 0 ? ~(ct_mask)0 : 0);
    if (is_zero(&acc->z)) {
        *acc = (struct jacobian){ entry.x, entry.y, infinity.y };
        return;
    }
    compare_jacobian_affine(&d, acc, &entry);
    if (exceptional_vartime(acc, &d))
        return;
    mul(&acc->z, &acc->z, &d.h);
    add_same_z(acc, &d.u1, &d.s1, &d.h, &d.r);
}

/* Both sums share their doublings. */
static void multiply_add_vartime(point *out, const struct scalar *u, const struct scalar *v,
                                 const point *p)
{
    int8_t base_digit[NAF_LEN], digit[NAF_LEN];
    struct jacobian odd[1 << (WINDOW - 2)], acc = { .z = { { 0 } } };
    naf_vartime(base_digit, u, BASE_WIDTH);         /* |digit| < 2^(BASE_WIDTH - 1): odd_base */
    naf_vartime(digit, v, WINDOW);
    odd_multiples(odd, COUNT(odd), p);
    for (size_t i = NAF_LEN; i-- > 0; ) {
        if (!is_zero(&acc.z))
            double_jacobian(&acc);
        if (base_digit[i] != 0)
            add_base_digit_vartime(&acc, base_digit[i]);
        if (digit[i] != 0)
            add_digit_vartime(&acc, odd, digit[i]);
    }
    from_jacobian(out, &acc);
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
