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
 * Shifting a negative number right is arithmetic in every compiler that can build this.
 */
#include "crypto/mlkem_poly.h"

#include "crypto/keccak.h"
#include "crypto/wipe.h"

#include <string.h>

enum {
    Q = MLKEM_Q,
    Q_INVERSE = -3327,         /* check: -3327 * 3329 % 65536 == 1 */
    R_SQUARED = 1353,          /* check: 1353 == 2**32 % 3329 */
    R_SQUARED_OVER_128 = 1441, /* check: 1441 * 128 % 3329 == 2**32 % 3329 */
    ONE_OVER_Q = 20159,        /* check: 20159 == (2**26 + 3329 // 2) // 3329 */
};

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
    int16_t m = (int16_t)((int16_t)xy * Q_INVERSE);
    return (int16_t)((xy - (int32_t)m * Q) >> 16);
}

/* The same for a factor whose product with q^-1 is in the table. Gives |result| < 0.78 q, since
 * |zeta| <= q / 2 and |x| <= 2^15; and <= 0.03 |x| + q / 2 + 1. */
static inline int16_t multiply_zeta(int16_t x, struct mlkem_zeta zeta)
{
    int16_t m = (int16_t)(x * zeta.value_over_q);
    return (int16_t)(high_half(x, zeta.value) - high_half(m, Q));
}

/* x mod q, centred, for every x of 16 bits: -1664 <= result <= 1664 (all 2^16 were tried). */
static inline int16_t barrett(int16_t x)
{
    int16_t quotient = (int16_t)((high_half(x, ONE_OVER_Q) + 512) >> 10);
    return (int16_t)(x - quotient * Q);
}

/* x mod q as FIPS 203 writes it: 0 <= result < q. */
static inline int16_t canonical(int16_t x)
{
    int16_t r = barrett(x);
    return (int16_t)(r + (r >> 15 & Q));
}

/* ---- the NTT ---- */

/* The butterflies of one node, or eight of them: a compiler that knows the count takes them all at
 * once. */
static inline void split(int16_t *restrict a, int16_t *restrict b, size_t count,
                         struct mlkem_zeta zeta)
{
    for (size_t j = 0; j < count; j++) {
        int16_t t = multiply_zeta(b[j], zeta);
        b[j] = (int16_t)(a[j] - t);
        a[j] = (int16_t)(a[j] + t);
    }
}

static void split_by_8(int16_t *a, size_t len, struct mlkem_zeta zeta)
{
    for (size_t j = 0; j < len; j += 8)
        split(a + j, a + len + j, 8, zeta);
}

/* Alg. 9.
 * Needs    |c| < 2 q
 * Because  a layer adds less than 0.78 q to the bound: 2 q + 7 * 0.78 q < 7.5 q < 2^15
 * Gives    |c| <= 1664
 */
void poly_ntt(struct poly *p)
{
    const struct mlkem_zeta *zeta = mlkem_zetas + 1;
    for (size_t len = 128; len >= 8; len /= 2)
        for (size_t start = 0; start < MLKEM_N; start += 2 * len)
            split_by_8(p->c + start, len, *zeta++);
    for (size_t start = 0; start < MLKEM_N; start += 8)
        split(p->c + start, p->c + start + 4, 4, *zeta++);
    for (size_t start = 0; start < MLKEM_N; start += 4)
        split(p->c + start, p->c + start + 2, 2, *zeta++);
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = barrett(p->c[i]);
}

static inline void join(int16_t *restrict a, int16_t *restrict b, size_t count,
                        struct mlkem_zeta zeta)
{
    for (size_t j = 0; j < count; j++) {
        int16_t t = a[j];
        a[j] = barrett((int16_t)(t + b[j]));
        b[j] = multiply_zeta((int16_t)(b[j] - t), zeta);
    }
}

static void join_by_8(int16_t *a, size_t len, struct mlkem_zeta zeta)
{
    for (size_t j = 0; j < len; j += 8)
        join(a + j, a + len + j, 8, zeta);
}

/* Alg. 10. Its factor 128^-1 and the R that the products lack are one multiplication.
 * Needs    |c| < 2 q
 * Because  sums and differences in a layer are < 4 q, and leave it <= 0.03 * 4 q + q / 2 + 1
 * Gives    |c| < q
 */
void poly_inverse_ntt(struct poly *p)
{
    const struct mlkem_zeta *zeta = mlkem_zetas + 127;
    for (size_t start = 0; start < MLKEM_N; start += 4)
        join(p->c + start, p->c + start + 2, 2, *zeta--);
    for (size_t start = 0; start < MLKEM_N; start += 8)
        join(p->c + start, p->c + start + 4, 4, *zeta--);
    for (size_t len = 8; len <= 128; len *= 2)
        for (size_t start = 0; start < MLKEM_N; start += 2 * len)
            join_by_8(p->c + start, len, *zeta--);
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = montgomery(p->c[i] * R_SQUARED_OVER_128);
}

/* Alg. 12: (a0 + a1 X)(b0 + b1 X) modulo X^2 - gamma; added to sum.
 * Needs    |a| < q, |b| <= q / 2
 * Because  a1 b1 gives <= q^2 / 2 R + q / 2 + 1 < 0.53 q; the sums of two are < q^2 < 2^15 q
 * Adds     <= q^2 / R + q / 2 + 1 < 0.6 q
 */
static inline void multiply_pair(int16_t sum[2], const int16_t a[2], const int16_t b[2],
                                 int32_t gamma)
{
    int32_t a1b1 = montgomery(a[1] * b[1]);
    sum[0] = (int16_t)(sum[0] + montgomery(a[0] * b[0] + a1b1 * gamma));
    sum[1] = (int16_t)(sum[1] + montgomery(a[0] * b[1] + a[1] * b[0]));
}

/* Alg. 11: the leaves come in pairs, with gamma and -gamma; gamma is the zeta of their parent. */
void poly_multiply_add(struct poly *sum, const struct poly *a, const struct poly *b)
{
    for (size_t i = 0; i < MLKEM_N; i += 4) {
        int32_t gamma = mlkem_zetas[64 + i / 4].value;
        multiply_pair(sum->c + i, a->c + i, b->c + i, gamma);
        multiply_pair(sum->c + i + 2, a->c + i + 2, b->c + i + 2, -gamma);
    }
}

void poly_multiply(struct poly *a, const struct poly *b)
{
    for (size_t i = 0; i < MLKEM_N; i += 4) {
        int32_t gamma = mlkem_zetas[64 + i / 4].value;
        int16_t product[4] = { 0 };
        multiply_pair(product, a->c + i, b->c + i, gamma);
        multiply_pair(product + 2, a->c + i + 2, b->c + i + 2, -gamma);
        memcpy(a->c + i, product, sizeof product);
    }
}

void poly_reduce(struct poly *p)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = barrett(p->c[i]);
}

void poly_to_montgomery(struct poly *p)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = montgomery(p->c[i] * R_SQUARED);
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

/* ---- sampling ---- */

enum { PIECE = 24 };            /* bytes: whole lanes, whole candidates, a seventh of a block */

/* Takes the candidates of a piece: two numbers of 12 bits from each three bytes, those below q.
 * Each is stored before it is known to count, which spares a branch that goes either way; the
 * place behind the last one that counted is always free to write to. */
static size_t take_uniform(int16_t *c, size_t count, const uint8_t block[PIECE])
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

static size_t take_block(int16_t *c, size_t count, const struct sponge4 *s, size_t i)
{
    uint8_t piece[PIECE];
    for (size_t from = 0; from < SHAKE128_RATE && count < MLKEM_N; from += PIECE) {
        sponge4_read(s, i, from, piece, sizeof piece);
        count = take_uniform(c, count, piece);
    }
    return count;
}

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
            count[i] = take_block(out[i].c, count[i], &s, i);
        if (count[0] + count[1] + count[2] == 3 * MLKEM_N)
            break;
        sponge4_permute(&s);
    }
    wipe(&s, sizeof s);
}

/* Alg. 8 with eta = 2: each half of a byte is a coefficient, the sum of its two low bits less that
 * of its two high bits. */
void poly_from_noise(struct poly *out, const struct poly_noise *noise)
{
    for (size_t i = 0; i < sizeof noise->byte; i++) {
        unsigned x = noise->byte[i], sums = (x & 0x55u) + (x >> 1 & 0x55u);   /* four of two bits */
        out->c[2 * i] = (int16_t)((int)(sums & 3) - (int)(sums >> 2 & 3));
        out->c[2 * i + 1] = (int16_t)((int)(sums >> 4 & 3) - (int)(sums >> 6));
    }
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

/* ---- bytes ---- */

static void make_canonical(struct poly *p)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        p->c[i] = canonical(p->c[i]);
}

void poly_encode_12(uint8_t out[384], struct poly *p)
{
    make_canonical(p);
    for (size_t i = 0; i < MLKEM_N; i += 2, out += 3) {
        uint32_t two = (uint32_t)p->c[i] | (uint32_t)p->c[i + 1] << 12;
        out[0] = (uint8_t)two;
        out[1] = (uint8_t)(two >> 8);
        out[2] = (uint8_t)(two >> 16);
    }
}

void poly_decode_12(struct poly *out, const uint8_t in[384])
{
    for (size_t i = 0; i < MLKEM_N; i += 2, in += 3) {
        uint32_t two = in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
        out->c[i] = (int16_t)(two & 0xfff);
        out->c[i + 1] = (int16_t)(two >> 12);
    }
}

/* Compress_d(x) = round(2^d x / q) mod 2^d (§4.2.1, 4.7). q is odd: there is never a tie, and the
 * rounded quotient is (2^d x + 1664) / q rounded down.
 * Needs    0 <= x < q
 * Because  10321340 is 2^35 / q rounded up: right for all 3329 x and d = 1, 4 and 10
 *          (check: 10321340 == 2**35 // 3329 + 1) */
static inline uint32_t compress(int16_t x, unsigned d)
{
    uint64_t dividend = ((uint32_t)x << d) + Q / 2;
    return (uint32_t)(dividend * 10321340 >> 35) & ((1u << d) - 1);
}

/* Decompress_d(y) = round(q y / 2^d) (4.8); less than q. */
static inline int16_t decompress(uint32_t y, unsigned d)
{
    return (int16_t)((y * Q + (1u << (d - 1))) >> d);
}

void poly_compress_10(uint8_t out[320], struct poly *p)
{
    make_canonical(p);
    for (size_t i = 0; i < MLKEM_N; i += 4, out += 5) {
        uint64_t four = 0;
        for (size_t j = 4; j-- > 0;)
            four = four << 10 | compress(p->c[i + j], 10);
        for (size_t j = 0; j < 5; j++)
            out[j] = (uint8_t)(four >> 8 * j);
    }
}

void poly_decompress_10(struct poly *out, const uint8_t in[320])
{
    for (size_t i = 0; i < MLKEM_N; i += 4, in += 5) {
        uint64_t four = 0;
        for (size_t j = 5; j-- > 0;)
            four = four << 8 | in[j];
        for (size_t j = 0; j < 4; j++)
            out->c[i + j] = decompress((uint32_t)(four >> 10 * j) & 0x3ff, 10);
    }
}

void poly_compress_4(uint8_t out[128], struct poly *p)
{
    make_canonical(p);
    for (size_t i = 0; i < 128; i++)
        out[i] = (uint8_t)(compress(p->c[2 * i], 4) | compress(p->c[2 * i + 1], 4) << 4);
}

void poly_decompress_4(struct poly *out, const uint8_t in[128])
{
    for (size_t i = 0; i < 128; i++) {
        out->c[2 * i] = decompress(in[i] & 15, 4);
        out->c[2 * i + 1] = decompress(in[i] >> 4, 4);
    }
}

void poly_compress_1(uint8_t out[32], struct poly *p)
{
    make_canonical(p);
    memset(out, 0, 32);
    for (size_t i = 0; i < MLKEM_N; i++)
        out[i / 8] = (uint8_t)(out[i / 8] | compress(p->c[i], 1) << i % 8);
}

void poly_decompress_1(struct poly *out, const uint8_t in[32])
{
    for (size_t i = 0; i < MLKEM_N; i++)
        out->c[i] = decompress(in[i / 8] >> i % 8 & 1, 1);
}
