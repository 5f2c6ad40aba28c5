/* crypto/mlkem_poly.c - polynomials modulo X^256 + 1 and q = 3329: the arithmetic under ML-KEM.
 *
 * Implements  FIPS 203 §4.2.1 (bytes, compression), §4.2.2 Alg. 7 and 8 (sampling), §4.3 Alg. 9 to
 *             12 (the NTT).
 * Trusts      its callers for the bounds on coefficients that the header asks for.
 * Secret      every coefficient but those of the matrix and of public keys. No division by q, whose
 *             time would tell of the number divided (KyberSlash, 2023): multiplications and shifts.
 *
 * Multiplying two polynomials the school way takes 256^2 products. But 17 is a 256th root of unity
 * modulo 3329, so X^256 + 1 = X^256 - 17^128 falls apart, and apart again:
 *
 *                                X^256 - 17^128
 *                               /              \
 *               X^128 - 17^64                    X^128 + 17^64           = X^128 - 17^192
 *               /          \                      /          \
 *      X^64 - 17^32    X^64 + 17^32      X^64 - 17^96    X^64 + 17^96
 *          ...             ...               ...             ...
 *      X^2 - 17^(2 BitRev7(i) + 1)     for i = 0 .. 127, seven layers down
 *
 * By the Chinese remainder theorem a polynomial is known by its 128 remainders at the leaves, each
 * of degree one, and a product is the 128 small products. One step from a node to its children: the
 * lower half a and the upper half b of the remainder (each `len` coefficients) become
 *
 *      a ---------+----- a + zeta b      remainder modulo X^len - zeta (X^len is zeta there)
 *                  \ /
 *                  / \
 *      b -- zeta ----+-- a - zeta b      remainder modulo X^len + zeta (X^len is -zeta there)
 *
 * the "butterfly"; zeta = 17^BitRev7(i) for the i-th node from the top. The way back up turns it
 * around: a + b and zeta (b - a) are twice what went in, so seven layers leave a factor of 128.
 *
 * Reductions. R = 2^16; both keep to 16-bit halves of products, so that compilers can do eight or
 * more at once:
 *
 *      Montgomery  of x y:  (x y - m q) / R,  m = x y q^-1 mod R, so that the low halves cancel
 *      Barrett     of x:    x - round(x / q) q, the quotient by a multiplication
 *
 * Shifting a negative number right is arithmetic in every compiler that can build this. All of it
 * but the sampling stands in crypto/mlkem_x86.c once more, sixteen coefficients at a time, with the
 * same reductions at the same places: the bounds that are proved here hold there.
 */
#include "crypto/mlkem_poly.h"

#include "crypto/cpu.h"
#include "crypto/keccak.h"
#include "crypto/wipe.h"

#include <string.h>

enum { Q = MLKEM_Q };

/* ---- one coefficient ---- */

static inline int16_t high_half(int16_t x, int16_t y)
{
    return (int16_t)((int32_t)x * y >> 16);
}

/* x y R^-1 mod q.
 * Needs    |x y| < 2^15 q
 * Because  x y and m q have the same low half: subtracting the high halves is exact
 * Gives    |result| <= |x y| / R + q / 2 + 1 < q
 */
static inline int16_t montgomery(int32_t xy)
{
    int16_t m = (int16_t)((int16_t)xy * MLKEM_Q_INVERSE);
    return (int16_t)((xy - (int32_t)m * Q) >> 16);
}

/* The same for a factor whose product with q^-1 is known. Gives |result| < 0.78 q, since
 * |factor| <= q / 2 and |x| <= 2^15; and <= 0.0255 |x| + q / 2 + 1. */
static inline int16_t multiply(int16_t x, struct mlkem_factor factor)
{
    int16_t m = (int16_t)(x * factor.value_over_q);
    return (int16_t)(high_half(x, factor.value) - high_half(m, Q));
}

/* x mod q, centred, for every x of 16 bits: -1664 <= result <= 1664 (all 2^16 were tried). */
static inline int16_t barrett(int16_t x)
{
    int16_t quotient = (int16_t)((high_half(x, MLKEM_ONE_OVER_Q) + 512) >> 10);
    return (int16_t)(x - quotient * Q);
}

/* x mod q as FIPS 203 writes it: 0 <= result < q. */
static inline int16_t canonical(int16_t x)
{
    int16_t r = barrett(x);
    return (int16_t)(r + (r >> 15 & Q));
}

/* ---- all coefficients ---- */

static void multiply_all(struct poly *p, struct mlkem_factor factor)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = multiply(p->c[i], factor);
}

void poly_reduce(struct poly *p)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = barrett(p->c[i]);
}

void poly_to_montgomery(struct poly *p)
{
    multiply_all(p, mlkem_r);
}

void poly_add(struct poly *sum, const struct poly *a)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        sum->c[i] = (int16_t)(sum->c[i] + a->c[i]);
}

void poly_subtract_from(struct poly *diff, const struct poly *a)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        diff->c[i] = (int16_t)(a->c[i] - diff->c[i]);
}

/* ---- the NTT ---- */

/* The butterflies of one node, or eight of them: a compiler that knows the count takes them all at
 * once. */
static inline void split(int16_t *restrict a, int16_t *restrict b, size_t count,
                         struct mlkem_factor zeta)
{
    for (size_t j = 0; j < count; j++) {
        int16_t t = multiply(b[j], zeta);
        b[j] = (int16_t)(a[j] - t);
        a[j] = (int16_t)(a[j] + t);
    }
}

static void split_by_8(int16_t *a, size_t len, struct mlkem_factor zeta)
{
    for (size_t j = 0; j < len; j += 8)
        split(a + j, a + len + j, 8, zeta);
}

/* Alg. 9.
 * Needs    |c| < 2 q
 * Because  a layer adds less than 0.78 q to the bound: 2 q + 7 * 0.78 q < 7.5 q < 2^15
 * Gives    |c| <= 1664
 */
static void ntt(struct poly *p)
{
    const struct mlkem_factor *zeta = mlkem_zetas + 1;
    for (size_t len = 128; len >= 8; len /= 2)
        for (size_t start = 0; start < MLKEM_N; start += 2 * len)
            split_by_8(p->c + start, len, *zeta++);
    for (size_t start = 0; start < MLKEM_N; start += 8)
        split(p->c + start, p->c + start + 4, 4, *zeta++);
    for (size_t start = 0; start < MLKEM_N; start += 4)
        split(p->c + start, p->c + start + 2, 2, *zeta++);
    poly_reduce(p);
}

static inline void join(int16_t *restrict a, int16_t *restrict b, size_t count,
                        struct mlkem_factor zeta)
{
    for (size_t j = 0; j < count; j++) {
        int16_t t = a[j];
        a[j] = (int16_t)(t + b[j]);
        b[j] = multiply((int16_t)(b[j] - t), zeta);
    }
}

static void join_by_8(int16_t *a, size_t len, struct mlkem_factor zeta)
{
    for (size_t j = 0; j < len; j += 8)
        join(a + j, a + len + j, 8, zeta);
}

/* Alg. 10. Its factor 128^-1 and the R that the products lack are one multiplication.
 * Needs    |c| < q
 * Because  a sum, or a difference, may be twice as large as what it is made of: after three layers
 *          |c| < 8 q < 2^15. A product with zeta is <= 0.0255 * 8 q + q / 2 + 1 < 0.71 q, and
 *          nothing is larger once the sums are reduced. Three layers more: < 5.7 q; reduced again,
 *          products are still smaller; the last: < 1.42 q
 * Gives    |c| < q
 */
static void inverse_ntt(struct poly *p)
{
    const struct mlkem_factor *zeta = mlkem_zetas + 127;
    for (size_t start = 0; start < MLKEM_N; start += 4)
        join(p->c + start, p->c + start + 2, 2, *zeta--);
    for (size_t start = 0; start < MLKEM_N; start += 8)
        join(p->c + start, p->c + start + 4, 4, *zeta--);
    for (size_t len = 8; len <= 128; len *= 2) {
        for (size_t start = 0; start < MLKEM_N; start += 2 * len)
            join_by_8(p->c + start, len, *zeta--);
        if (len == 8 || len == 64)
            poly_reduce(p);
    }
    multiply_all(p, mlkem_r_over_128);
}

/* ---- products in NTT form ---- */

/* Alg. 12 for two neighbours, (a0 + a1 X)(b0 + b1 X) modulo X^2 - gamma, and the same of the next
 * two modulo X^2 + gamma; added to sum.
 * Needs    |a| < q, |b| <= q / 2
 * Because  b1 gamma is <= 0.0255 q / 2 + q / 2 + 1 < 0.52 q
 * Adds     < 1.02 q^2
 */
static inline void multiply_pairs(int32_t sum[4], const int16_t a[4], const int16_t b[4],
                                  struct mlkem_factor gamma)
{
    sum[0] += a[0] * b[0] + a[1] * multiply(b[1], gamma);
    sum[1] += a[0] * b[1] + a[1] * b[0];
    sum[2] += a[2] * b[2] - a[3] * multiply(b[3], gamma);
    sum[3] += a[2] * b[3] + a[3] * b[2];
}

/* Alg. 11, three times. gamma is the zeta of the two neighbours' parent.
 * Because  the sums are < 3.06 q^2 < 2^15 q
 * Gives    |c| <= 3.06 q^2 / R + q / 2 + 1 < 0.7 q
 */
static void inner_product(struct poly *out, const struct poly a[3], const struct poly b[3])
{
    for (size_t i = 0; i < MLKEM_N; i += 4) {
        struct mlkem_factor gamma = mlkem_zetas[64 + i / 4];
        int32_t sum[4] = { 0 };
        multiply_pairs(sum, a[0].c + i, b[0].c + i, gamma);
        multiply_pairs(sum, a[1].c + i, b[1].c + i, gamma);
        multiply_pairs(sum, a[2].c + i, b[2].c + i, gamma);
        for (size_t k = 0; k < 4; k++)
            out->c[i + k] = montgomery(sum[k]);
    }
}

/* Adds |c| <= 1.02 q^2 / R + q / 2 + 1 < 0.6 q. */
static void multiply_add(struct poly *sum, const struct poly *a, const struct poly *b)
{
    for (size_t i = 0; i < MLKEM_N; i += 4) {
        int32_t product[4] = { 0 };
        multiply_pairs(product, a->c + i, b->c + i, mlkem_zetas[64 + i / 4]);
        for (size_t k = 0; k < 4; k++)
            sum->c[i + k] = (int16_t)(sum->c[i + k] + montgomery(product[k]));
    }
}

/* ---- sampling ---- */

enum { PIECE = MLKEM_PIECE };

/* Takes the candidates of a piece: two numbers of 12 bits from each three bytes, those below q.
 * Each is stored before it is known to count, which spares a branch that goes either way; the
 * place behind the last one that counted is always free to write to. */
static size_t take_piece(int16_t *c, size_t count, const uint8_t block[PIECE])
{
    for (size_t i = 0; i < PIECE && count < MLKEM_N; i += 3) {
        uint16_t d1 = (uint16_t)(block[i] | (block[i + 1] & 15) << 8);
        uint16_t d2 = (uint16_t)(block[i + 1] >> 4 | block[i + 2] << 4);
        c[count] = (int16_t)d1;
        count += d1 < Q;
        if (count < MLKEM_N) {
            c[count] = (int16_t)d2;
            count += d2 < Q;
        }
    }
    return count;
}

static size_t take_uniform(int16_t *c, size_t count, const struct sponge4 *s, size_t i, size_t from)
{
    uint8_t piece[PIECE];
    for (; from < SHAKE128_RATE && count < MLKEM_N; from += PIECE) {
        sponge4_read(s, i, from, piece, sizeof piece);
        count = take_piece(c, count, piece);
    }
    return count;
}

/* Alg. 8 with eta = 2: each half of a byte is a coefficient, the sum of its two low bits less that
 * of its two high bits. */
static void from_noise(struct poly *out, const struct poly_noise *noise)
{
    for (size_t i = 0; i < sizeof noise->byte; i++) {
        unsigned x = noise->byte[i], sums = (x & 0x55u) + (x >> 1 & 0x55u);   /* four of two bits */
        out->c[2 * i] = (int16_t)((int)(sums & 3) - (int)(sums >> 2 & 3));
        out->c[2 * i + 1] = (int16_t)((int)(sums >> 4 & 3) - (int)(sums >> 6));
    }
}

/* ---- bytes ---- */

static void make_canonical(struct poly *p)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = canonical(p->c[i]);
}

static void encode_12(uint8_t out[384], struct poly *p)
{
    make_canonical(p);
    for (size_t i = 0; i < MLKEM_N; i += 2, out += 3) {
        uint32_t two = (uint32_t)p->c[i] | (uint32_t)p->c[i + 1] << 12;
        out[0] = (uint8_t)two;
        out[1] = (uint8_t)(two >> 8);
        out[2] = (uint8_t)(two >> 16);
    }
}

static void decode_12(struct poly *out, const uint8_t in[384])
{
    for (size_t i = 0; i < MLKEM_N; i += 2, in += 3) {
        uint32_t two = in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
        out->c[i] = (int16_t)(two & 0xfff);
        out->c[i + 1] = (int16_t)(two >> 12);
    }
}

/* Compress_d(x) = round(2^d x / q) mod 2^d (§4.2.1, 4.7), in 16 bits and before it is taken mod
 * 2^d. q is odd, so there is never a tie.
 * Needs    0 <= x < q
 * Because  high_half is 2^13 x / q, rounded down and by 0.2 too large at most. For d = 4 and 1 that
 *          is enough (all 3329 were tried). For d = 10 the result may be one too many; then what is
 *          left of the dividend, between -q and q and so unharmed by the 16 bits, is negative */
static inline int16_t compress(int16_t x, unsigned d)
{
    int16_t y = (int16_t)((high_half((int16_t)(8 * x), MLKEM_ONE_OVER_Q) + (1 << (12 - d)))
                          >> (13 - d));
    int16_t left = (int16_t)((x << d) + Q / 2 - y * Q);
    return (int16_t)(d == 10 ? y + (left >> 15) : y);
}

static inline void compress_all(struct poly *p, unsigned d)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = (int16_t)(compress(canonical(p->c[i]), d) & ((1 << d) - 1));
}

/* Decompress_d(y) = round(q y / 2^d) (4.8); less than q. */
static inline int16_t decompress(int y, unsigned d)
{
    return (int16_t)((y * Q + (1 << (d - 1))) >> d);
}

static void compress_10(uint8_t out[320], struct poly *p)
{
    compress_all(p, 10);
    for (size_t i = 0; i < MLKEM_N; i += 4, out += 5) {
        const int16_t *c = p->c + i;
        out[0] = (uint8_t)c[0];
        out[1] = (uint8_t)(c[0] >> 8 | c[1] << 2);
        out[2] = (uint8_t)(c[1] >> 6 | c[2] << 4);
        out[3] = (uint8_t)(c[2] >> 4 | c[3] << 6);
        out[4] = (uint8_t)(c[3] >> 2);
    }
}

static void decompress_10(struct poly *out, const uint8_t in[320])
{
    for (size_t i = 0; i < MLKEM_N; i += 4, in += 5) {
        out->c[i] = decompress((in[0] | in[1] << 8) & 0x3ff, 10);
        out->c[i + 1] = decompress((in[1] >> 2 | in[2] << 6) & 0x3ff, 10);
        out->c[i + 2] = decompress((in[2] >> 4 | in[3] << 4) & 0x3ff, 10);
        out->c[i + 3] = decompress(in[3] >> 6 | in[4] << 2, 10);
    }
}

static void compress_4(uint8_t out[128], struct poly *p)
{
    compress_all(p, 4);
    for (size_t i = 0; i < 128; i++)
        out[i] = (uint8_t)(p->c[2 * i] | p->c[2 * i + 1] << 4);
}

static void decompress_4(struct poly *out, const uint8_t in[128])
{
    for (size_t i = 0; i < 128; i++) {
        out->c[2 * i] = decompress(in[i] & 15, 4);
        out->c[2 * i + 1] = decompress(in[i] >> 4, 4);
    }
}

static void compress_1(uint8_t out[32], struct poly *p)
{
    compress_all(p, 1);
    memset(out, 0, 32);
    for (size_t i = 0; i < MLKEM_N; i++)
        out[i / 8] = (uint8_t)(out[i / 8] | p->c[i] << i % 8);
}

static void decompress_1(struct poly *out, const uint8_t in[32])
{
    for (size_t i = 0; i < MLKEM_N; i++)
        out->c[i] = decompress(in[i / 8] >> i % 8 & 1, 1);
}

/* ---- this version or another ---- */

const struct poly_version poly_plain = {
    .ntt = ntt, .inverse_ntt = inverse_ntt,
    .inner_product = inner_product, .multiply_add = multiply_add,
    .take_uniform = take_uniform, .from_noise = from_noise,
    .encode_12 = encode_12, .decode_12 = decode_12,
    .compress_10 = compress_10, .decompress_10 = decompress_10,
    .compress_4 = compress_4, .decompress_4 = decompress_4,
    .compress_1 = compress_1, .decompress_1 = decompress_1,
};

static const struct poly_version *chosen(void)
{
#if CPU_X86_64
    if (cpu_supports(CPU_AVX2))
        return &poly_avx2;
#endif
    return &poly_plain;
}

void poly_ntt(struct poly *p) { chosen()->ntt(p); }
void poly_inverse_ntt(struct poly *p) { chosen()->inverse_ntt(p); }

void poly_inner_product(struct poly *out, const struct poly a[3], const struct poly b[3])
{
    chosen()->inner_product(out, a, b);
}

void poly_multiply_add(struct poly *sum, const struct poly *a, const struct poly *b)
{
    chosen()->multiply_add(sum, a, b);
}

void poly_from_noise(struct poly *p, const struct poly_noise *in) { chosen()->from_noise(p, in); }

void poly_encode_12(uint8_t out[384], struct poly *p) { chosen()->encode_12(out, p); }
void poly_decode_12(struct poly *out, const uint8_t in[384]) { chosen()->decode_12(out, in); }
void poly_compress_10(uint8_t out[320], struct poly *p) { chosen()->compress_10(out, p); }
void poly_decompress_10(struct poly *p, const uint8_t in[320]) { chosen()->decompress_10(p, in); }
void poly_compress_4(uint8_t out[128], struct poly *p) { chosen()->compress_4(out, p); }
void poly_decompress_4(struct poly *p, const uint8_t in[128]) { chosen()->decompress_4(p, in); }
void poly_compress_1(uint8_t out[32], struct poly *p) { chosen()->compress_1(out, p); }
void poly_decompress_1(struct poly *p, const uint8_t in[32]) { chosen()->decompress_1(p, in); }

/* ---- sampling by hashes ---- */

/* Alg. 7, SampleNTT, three times, and PRF_2(seed, n) = SHAKE256(seed || n) as the fourth. Three
 * blocks hold 336 candidates, of which 81 % count: mostly enough. */
void poly_sample_uniform_3(struct poly out[3], const uint8_t rho[32],
                           const uint8_t indices[3][2], struct poly_noise *noise,
                           const uint8_t seed[32], uint8_t n)
{
    struct sponge4 s;
    size_t count[3] = { 0 };
    for (size_t i = 0; i < 3; i++)
        sponge4_start(&s, i, &shake128, bytes_of(rho, 32), bytes_of(indices[i], 2));
    sponge4_start(&s, 3, &shake256, bytes_of(seed, 32), bytes_of(&n, 1));
    sponge4_permute(&s);
    sponge4_read(&s, 3, 0, noise->byte, sizeof noise->byte);
    for (;;) {
        for (size_t i = 0; i < 3; i++)
            count[i] = chosen()->take_uniform(out[i].c, count[i], &s, i, 0);
        if (count[0] + count[1] + count[2] == 3 * MLKEM_N)
            break;
        sponge4_permute(&s);
    }
    wipe(&s, sizeof s);
}

void poly_sample_noise(struct poly *out, const uint8_t seed[32], uint8_t n)
{
    struct poly_noise noise;
    sponge_digest(&shake256, noise.byte, sizeof noise, bytes_of(seed, 32), bytes_of(&n, 1));
    poly_from_noise(out, &noise);
    wipe(&noise, sizeof noise);
}

void poly_sample_noise_3(struct poly out[3], const uint8_t seed[32], uint8_t n)
{
    struct sponge4 s = { 0 };
    struct poly_noise noise;
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t number = (uint8_t)(n + i);
        sponge4_start(&s, i, &shake256, bytes_of(seed, 32), bytes_of(&number, 1));
    }
    sponge4_permute(&s);
    for (size_t i = 0; i < 3; i++) {
        sponge4_read(&s, i, 0, noise.byte, sizeof noise.byte);
        poly_from_noise(&out[i], &noise);
        poly_ntt(&out[i]);
    }
    wipe(&s, sizeof s);
    wipe(&noise, sizeof noise);
}
