/* crypto/modulus.c - arithmetic modulo a long odd number.
 *
 * Implements  Montgomery multiplication, column by column (Koc, Acar, Kaliski, "Analyzing and
 *             Comparing Montgomery Multiplication Algorithms", 1996: finely integrated product
 *             scanning), and exponentiation with a fixed window (HAC Alg. 14.82).
 * Trusts      its callers for lengths.
 * Secret      all values, the modulus, and the exponent of modulus_power; never a length.
 *
 * A product of n limbs by n limbs is a diamond of n^2 double-limb products. It is summed by
 * columns, from the right; u is the multiple of the modulus that clears the low half:
 *
 *         column    2n-2 ..    n    |  n-1  ..   1      0
 *                                   |
 *         a b       a3b3 ..  a1b3   |  a0b3 ..  a0b1   a0b0
 *                            a2b2   |  a1b2     a1b0             ui is chosen so that
 *                            a3b1   |  a2b1                      column i becomes 0 mod 2^64
 *         u m       u3m3 ..  u1m3   |  u0m3 ..  u0m1   u0m0
 *                             :     |   :        :
 *                   = the result    |  = zeros; dividing by R drops them
 *
 * Only the column's sum of three limbs is carried along; a result limb is stored once.
 */
#include "crypto/modulus.h"

#include "crypto/cpu.h"
#include "crypto/wipe.h"

#include <string.h>

/* ---- integers ---- */

void integer_from_bytes(uint64_t *out, size_t limbs, struct bytes in)
{
    memset(out, 0, limbs * sizeof *out);
    for (; in.len >= 8; in.len -= 8)
        *out++ = load_be64(in.at + in.len - 8);
    for (size_t i = 0; i < in.len; i++)
        *out |= (uint64_t)in.at[in.len - 1 - i] << 8 * i;
}

void integer_to_bytes(uint8_t *out, size_t len, const uint64_t *in)
{
    for (size_t i = 0; i < len; i++)
        out[len - 1 - i] = (uint8_t)(in[i / 8] >> 8 * (i % 8));
}

/* Row by row: what a row carries out becomes the limb above it.
 * Because  x b + out + carry <= (2^64 - 1)^2 + 2 (2^64 - 1) in each limb (limb_mul_add) */
void integer_multiply_add(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *c,
                          size_t limbs)
{
    memcpy(out, c, limbs * sizeof *out);
    for (size_t i = 0; i < limbs; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < limbs; j++)
            out[i + j] = limb_mul_add(a[i], b[j], out[i + j], &carry);
        out[i + limbs] = carry;
    }
}

/* ---- columns ---- */

/* The sum of a column in three limbs, and below them what it carries into the next one.
 * Because  a column has at most 2 n products < 2^128, n <= 128, and a carry < 2^73:  < 2^137 */
struct column { uint64_t limb[3]; };

/* c += x[0] y[0] + x[1] y[-1] + ... `count` products; four at a time, as loops cost too. */
__attribute__((always_inline))
static inline void add_products(struct column *c, const uint64_t *x, const uint64_t *y,
                                size_t count)
{
    uint64_t sum[3] = { c->limb[0], c->limb[1], c->limb[2] };
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        limb_sum_product(sum, x[i], *(y - i));
        limb_sum_product(sum, x[i + 1], *(y - i - 1));
        limb_sum_product(sum, x[i + 2], *(y - i - 2));
        limb_sum_product(sum, x[i + 3], *(y - i - 3));
    }
    for (; i < count; i++)
        limb_sum_product(sum, x[i], *(y - i));
    *c = (struct column){ { sum[0], sum[1], sum[2] } };
}

/* The same for the `count` products of a[from] a[i - from] to a[i - from] a[from], column i of a
 * square: each product of two different limbs occurs twice. */
__attribute__((always_inline))
static inline void add_squares(struct column *c, const uint64_t *a, size_t i, size_t from,
                               size_t count)
{
    struct column half = { { 0 } };
    uint64_t carry = 0;
    add_products(&half, a + from, a + i - from, count / 2);
    c->limb[0] = limb_add(c->limb[0], half.limb[0] << 1, &carry);
    c->limb[1] = limb_add(c->limb[1], half.limb[1] << 1 | half.limb[0] >> 63, &carry);
    c->limb[2] = limb_add(c->limb[2], half.limb[2] << 1 | half.limb[1] >> 63, &carry);
    if (count % 2 == 1)
        limb_sum_product(c->limb, a[i / 2], a[i / 2]);
}

/* The finished limb; the rest becomes the start of the next column. */
static inline uint64_t next_column(struct column *c)
{
    uint64_t finished = c->limb[0];
    c->limb[0] = c->limb[1];
    c->limb[1] = c->limb[2];
    c->limb[2] = 0;
    return finished;
}

/* ---- multiplication ---- */

/* out = (top 2^(64 n) + out) mod m for a value below 2 m. */
static void subtract_once(uint64_t *out, uint64_t top, const struct modulus *m)
{
    uint64_t borrow = 0, again = 0;
    for (size_t i = 0; i < m->limbs; i++)
        (void)limb_sub(out[i], m->m[i], &borrow);
    (void)limb_sub(top, 0, &borrow);                /* a borrow is left only if it is below m */
    ct_mask subtract = ct_barrier(borrow) - 1;
    for (size_t i = 0; i < m->limbs; i++)
        out[i] = limb_sub(out[i], m->m[i] & subtract, &again);
}

/* The drawing above; `square` is a constant where this is inlined.
 * Needs    a < R, b < m
 * Because  (a b + u m) / R < (R m + R m) / R
 * Gives    < 2 m before the subtraction
 */
__attribute__((always_inline))
static inline void multiply(const struct modulus *m, uint64_t *out, const uint64_t *a,
                            const uint64_t *b, bool square)
{
    uint64_t u[MODULUS_LIMBS_MAX];
    size_t n = m->limbs;
    struct column c = { { 0 } };
    for (size_t i = 0; i < n; i++) {
        if (square)
            add_squares(&c, a, i, 0, i + 1);
        else
            add_products(&c, a, b + i, i + 1);
        add_products(&c, u, m->m + i, i);
        u[i] = c.limb[0] * m->minus_inverse;
        limb_sum_product(c.limb, u[i], m->m[0]);
        (void)next_column(&c);
    }
    for (size_t i = n; i < 2 * n - 1; i++) {        /* u[i - n] is used up and takes the result */
        size_t from = i - n + 1, count = 2 * n - 1 - i;
        if (square)
            add_squares(&c, a, i, from, count);
        else
            add_products(&c, a + from, b + n - 1, count);
        add_products(&c, u + from, m->m + n - 1, count);
        u[i - n] = next_column(&c);
    }
    u[n - 1] = next_column(&c);
    memcpy(out, u, n * sizeof *out);
    subtract_once(out, c.limb[0], m);
    wipe(u, n * sizeof *u);
}

void modulus_multiply_plain(const struct modulus *m, uint64_t *out, const uint64_t *a,
                            const uint64_t *b)
{
    multiply(m, out, a, b, false);
}

void modulus_square_plain(const struct modulus *m, uint64_t *out, const uint64_t *a)
{
    multiply(m, out, a, a, true);
}

#if CPU_X86_64
static bool has_fast_rows(const struct modulus *m)
{
    return m->limbs % 8 == 0 && cpu_supports(CPU_ADX);
}

void modulus_multiply(const struct modulus *m, uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    if (has_fast_rows(m))
        modulus_multiply_adx(m, out, a, b);
    else
        modulus_multiply_plain(m, out, a, b);
}

void modulus_square(const struct modulus *m, uint64_t *out, const uint64_t *a)
{
    if (has_fast_rows(m))
        modulus_multiply_adx(m, out, a, a);
    else
        modulus_square_plain(m, out, a);
}
#else
void modulus_multiply(const struct modulus *m, uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    modulus_multiply_plain(m, out, a, b);
}

void modulus_square(const struct modulus *m, uint64_t *out, const uint64_t *a)
{
    modulus_square_plain(m, out, a);
}
#endif

static const uint64_t one[MODULUS_LIMBS_MAX] = { 1 };

/* x R = x R^2 / R. */
void modulus_enter(const struct modulus *m, uint64_t *out, const uint64_t *a)
{
    modulus_multiply(m, out, a, m->r_squared);
}

/* `one` is below every modulus that RSA could have. */
void modulus_leave(const struct modulus *m, uint64_t *out, const uint64_t *a)
{
    modulus_multiply(m, out, a, one);
}

void modulus_add(const struct modulus *m, uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < m->limbs; i++)
        out[i] = limb_add(a[i], b[i], &carry);
    subtract_once(out, carry, m);
}

/* a - b, and m again if that was below zero. */
void modulus_subtract(const struct modulus *m, uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    uint64_t borrow = 0, carry = 0;
    for (size_t i = 0; i < m->limbs; i++)
        out[i] = limb_sub(a[i], b[i], &borrow);
    ct_mask add = 0 - ct_barrier(borrow);
    for (size_t i = 0; i < m->limbs; i++)
        out[i] = limb_add(out[i], m->m[i] & add, &carry);
}

/* ---- a modulus ---- */

/* -1 / m0 mod 2^64. If x m0 = 1 + e, then x (2 - x m0) m0 = (1 + e)(1 - e) = 1 - e^2: each step
 * doubles the number of low bits that are right. m0 is its own inverse mod 8: 3, 6, 12, 24, 48, 96.
 */
static uint64_t minus_inverse(uint64_t m0)
{
    uint64_t x = m0;
    for (int bits = 3; bits < 64; bits *= 2)
        x *= 2 - x * m0;
    return 0 - x;
}

/* v = 2 v mod m, for v < m. */
static void double_once(const struct modulus *m, uint64_t *v)
{
    uint64_t top = 0;
    for (size_t i = 0; i < m->limbs; i++) {
        uint64_t next = v[i] >> 63;
        v[i] = v[i] << 1 | top;
        top = next;
    }
    subtract_once(v, top, m);
}

static void init_without_r_squared(struct modulus *out, struct bytes m, size_t limbs)
{
    out->limbs = limbs;
    integer_from_bytes(out->m, limbs, m);
    out->minus_inverse = minus_inverse(out->m[0]);
}

void modulus_init_public(struct modulus *out, struct bytes m)
{
    init_without_r_squared(out, m, modulus_limbs(m.len));
}

/* From 2^(8 (len - 1)) <= m, doubling gives R = 2^(64 n), and then R 2^n. That is 2^n in Montgomery
 * form; squared six times it is 2^(64 n) in Montgomery form, R R.
 * check: 2^6 == 64 */
void modulus_init(struct modulus *out, struct bytes m, size_t limbs)
{
    uint64_t v[MODULUS_LIMBS_MAX] = { 0 };
    size_t bit = 8 * (m.len - 1);
    init_without_r_squared(out, m, limbs);
    v[bit / 64] = (uint64_t)1 << bit % 64;
    for (; bit < 64 * limbs + limbs; bit++)
        double_once(out, v);
    for (int i = 0; i < 6; i++)
        modulus_square(out, v, v);
    memcpy(out->r_squared, v, limbs * sizeof *v);
    wipe(v, sizeof v);
}

/* ---- long division, for public values ---- */

/* floor((2^128 - 1) / d) - 2^64, for d >= 2^63, bit by bit (N. Moeller, T. Granlund, "Improved
 * division by invariant integers", 2011). */
static uint64_t reciprocal_vartime(uint64_t d)
{
    uint64_t rest = ~d, v = 0;
    for (int i = 0; i < 64; i++) {
        uint64_t top = rest >> 63;
        rest = rest << 1 | 1;
        v <<= 1;
        if (top || rest >= d) {
            rest -= d;
            v |= 1;
        }
    }
    return v;
}

/* floor((u1 2^64 + u0) / d) for u1 < d, by d's reciprocal v (the same, Algorithm 4). */
static uint64_t divide_vartime(uint64_t u1, uint64_t u0, uint64_t d, uint64_t v)
{
    uint64_t q, carry = 0;
    uint64_t low = limb_add(limb_mul(v, u1, &q), u0, &carry);
    q = limb_add(q, u1, &carry) + 1;
    uint64_t rest = u0 - q * d;
    if (rest > low) {
        q--;
        rest += d;
    }
    return rest >= d ? q + 1 : q;
}

/* t += x y; returns what goes into the limb above. */
static uint64_t add_row(uint64_t *t, uint64_t x, const uint64_t *y, size_t limbs)
{
    uint64_t carry = 0;
#if CPU_X86_64
    if (limbs % 8 == 0 && cpu_supports(CPU_ADX))
        return modulus_add_row_adx(t, x, y, limbs);
#endif
    for (size_t i = 0; i < limbs; i++)
        t[i] = limb_mul_add(x, y[i], t[i], &carry);
    return carry;
}

/* A number m to divide by, with its top bit set: R - m, m's top limb d, and the reciprocal of d. */
struct divisor { uint64_t minus_m[MODULUS_LIMBS_MAX], d, v; size_t limbs; };

/* m times the power of two that gives it its top bit. */
static unsigned divisor_init(struct divisor *out, const struct modulus *m)
{
    size_t n = m->limbs;
    unsigned shift = 0;
    uint64_t limb = 0, below = 0, borrow = 0;
    while (m->m[n - 1] << shift >> 63 == 0)
        shift++;
    for (size_t i = 0; i < n; i++) {
        limb = m->m[i] << shift | below;
        below = shift ? m->m[i] >> (64 - shift) : 0;
        out->minus_m[i] = limb_sub(0, limb, &borrow);
    }
    out->d = limb;
    out->v = reciprocal_vartime(limb);
    out->limbs = n;
    return shift;
}

/* t = t mod m, in a limb more than m has, where all but the lowest limb are below m.
 * Because  the quotient q of the top limbs is the true one or at most 2 more (Knuth, 4.3.1 Theorem
 *          B), and t + q (R - m) - q R = t - q m; what was too much is given back
 */
static void reduce_limb_vartime(uint64_t *t, const struct divisor *m)
{
    size_t n = m->limbs;
    uint64_t q = t[n] < m->d ? divide_vartime(t[n], t[n - 1], m->d, m->v) : UINT64_MAX;
    t[n] += add_row(t, q, m->minus_m, n) - q;
    while (t[n] != 0) {                                     /* below zero: add m */
        uint64_t borrow = 0;
        for (size_t i = 0; i < n; i++)
            t[i] = limb_sub(t[i], m->minus_m[i], &borrow);
        t[n] += 1 - borrow;
    }
}

/* Into Montgomery form without R^2: a R mod m, for a < m. Both times the divisor's power of two. */
static void enter_vartime(const struct modulus *m, uint64_t *out, const uint64_t *a)
{
    uint64_t t[2 * MODULUS_LIMBS_MAX] = { 0 };
    struct divisor divisor;
    size_t n = m->limbs;
    unsigned shift = divisor_init(&divisor, m);
    for (size_t i = 0; i < n; i++)
        t[n + i] = a[i] << shift | (shift && i > 0 ? a[i - 1] >> (64 - shift) : 0);
    for (size_t i = n; i-- > 0;)
        reduce_limb_vartime(t + i, &divisor);
    for (size_t i = 0; i < n; i++)
        out[i] = t[i] >> shift | (shift ? t[i + 1] << (64 - shift) : 0);
}

/* ---- exponentiation ---- */

/* From the top bit down: square, and multiply where the exponent has a one. The lowest bit is a
 * one, and there the factor is the plain `a`, which leaves Montgomery form in the same stroke. */
void modulus_power_vartime(const struct modulus *m, uint64_t *out, const uint64_t *a,
                           uint64_t exponent)
{
    uint64_t base[MODULUS_LIMBS_MAX], acc[MODULUS_LIMBS_MAX];
    int bit = 63;
    while (exponent >> bit == 0)
        bit--;
    enter_vartime(m, base, a);
    memcpy(acc, base, m->limbs * sizeof *acc);
    while (--bit > 0) {
        modulus_square(m, acc, acc);
        if (exponent >> bit & 1)
            modulus_multiply(m, acc, acc, base);
    }
    modulus_square(m, acc, acc);
    modulus_multiply(m, out, acc, a);
}

enum { WINDOW_BITS = 4, TABLE_SIZE = 1 << WINDOW_BITS };

/* Four bits of the exponent at a time, from the top: four squarings and one multiplication for each
 * digit, zero included, so that the sequence says nothing. Five bits would save 4 % of the
 * multiplications and spend it on reading a table twice as long. */
void modulus_power(const struct modulus *m, uint64_t *out, const uint64_t *a, struct bytes exponent)
{
    uint64_t table[TABLE_SIZE * MODULUS_SECRET_LIMBS_MAX];
    size_t n = m->limbs;
    uint64_t acc[MODULUS_SECRET_LIMBS_MAX], factor[MODULUS_SECRET_LIMBS_MAX];
    modulus_enter(m, table, one);
    for (size_t k = 1; k < TABLE_SIZE; k++)
        modulus_multiply(m, table + n * k, table + n * (k - 1), a);
    memcpy(acc, table, n * sizeof *acc);
    for (size_t i = 0; i < 2 * exponent.len; i++) {
        for (int k = 0; k < WINDOW_BITS; k++)
            modulus_square(m, acc, acc);
        uint64_t digit = exponent.at[i / 2] >> (i % 2 ? 0 : WINDOW_BITS) & (TABLE_SIZE - 1);
        ct_look_up(factor, table, n, TABLE_SIZE, digit);
        modulus_multiply(m, acc, acc, factor);
    }
    memcpy(out, acc, n * sizeof *out);
    wipe(table, sizeof table);
    wipe(acc, sizeof acc);
    wipe(factor, sizeof factor);
}
