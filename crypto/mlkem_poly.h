/* crypto/mlkem_poly.h - the polynomials of ML-KEM: their arithmetic, and their forms as bytes.
 *
 * A polynomial has 256 coefficients modulo q = 3329 and lives modulo X^256 + 1 (FIPS 203 §2.4.4).
 * It is held in 16 bits a coefficient, mostly not reduced: each function says what it needs and
 * what it gives, |c| being the largest absolute value of a coefficient. "NTT form" is that of
 * FIPS 203 §4.3: 128 remainders of degree one, in which a product is cheap.
 *
 *     coefficients --- poly_ntt ---> NTT form --- poly_inner_product ---> NTT form * R^-1
 *          ^                                                                   |
 *          +--------------------- poly_inverse_ntt ----------------------------+
 *
 * Nothing here fails. Timing depends on no coefficient, except in poly_sample_uniform_3, whose
 * results are public by nature. For mlkem768.c; nothing else should need it.
 */
#ifndef SEALPOST_CRYPTO_MLKEM_POLY_H
#define SEALPOST_CRYPTO_MLKEM_POLY_H

#include "crypto/bytes.h"

enum { MLKEM_N = 256, MLKEM_Q = 3329 };

struct poly { int16_t c[MLKEM_N]; };
struct poly_noise { uint8_t byte[MLKEM_N / 2]; };

/* ---- arithmetic ---- */

/* To NTT form (Alg. 9). Needs |c| < 2 q. Gives |c| < q / 2. */
void poly_ntt(struct poly *p);

/* Back from it (Alg. 10), times R = 2^16. Needs |c| < q. Gives |c| < q. */
void poly_inverse_ntt(struct poly *p);

/* out = (a[0] b[0] + a[1] b[1] + a[2] b[2]) R^-1, in NTT form (Alg. 11). Needs |c| < q in a,
 * |c| <= q / 2 in b. Gives |c| < 0.7 q. `out` may be one of them. */
void poly_inner_product(struct poly *out, const struct poly a[3], const struct poly b[3]);

/* sum += a b R^-1 likewise. Adds |c| < 0.6 q. */
void poly_multiply_add(struct poly *sum, const struct poly *a, const struct poly *b);

/* Gives |c| <= q / 2, of any 16 bits. */
void poly_reduce(struct poly *p);

/* p = p R, which undoes the R^-1 of the products. Gives |c| < q. */
void poly_to_montgomery(struct poly *p);

/* sum = sum + a, diff = a - diff. The caller watches the 16 bits. */
void poly_add(struct poly *sum, const struct poly *a);
void poly_subtract_from(struct poly *diff, const struct poly *a);

/* ---- sampling ---- */

/* Three entries of the matrix A, in NTT form (Alg. 7): out[i] is that of indices[i], the seed being
 * rho || indices[i][0] || indices[i][1]. Gives 0 <= c < q. rho is public.
 * On the way, as four hashes cost little more than three, the bytes of one noise polynomial. */
void poly_sample_uniform_3(struct poly out[3], const uint8_t rho[32],
                           const uint8_t indices[3][2], struct poly_noise *noise,
                           const uint8_t seed[32], uint8_t n);

/* Small noise from a secret seed: Alg. 8 with eta = 2 of PRF(seed, n). Gives |c| <= 2. The bytes
 * can wait, being a quarter of the polynomial. */
void poly_sample_noise(struct poly *out, const uint8_t seed[32], uint8_t n);
void poly_from_noise(struct poly *out, const struct poly_noise *noise);

/* out[i] = noise number n + i, three at a time; in NTT form. */
void poly_sample_noise_3(struct poly out[3], const uint8_t seed[32], uint8_t n);

/* ---- bytes ---- */

/* Encoding uses the polynomial up, and takes any 16 bits. */

/* ByteEncode and ByteDecode (Alg. 5, 6) with 12 bits a coefficient. */
void poly_encode_12(uint8_t out[384], struct poly *p);
void poly_decode_12(struct poly *out, const uint8_t in[384]);        /* gives 0 <= c < 2^12 */

/* ByteEncode_d(Compress_d(p)) and Decompress_d(ByteDecode_d(in)) (§4.2.1) for d = 10, 4 and 1.
 * Decoding gives 0 <= c < q. */
void poly_compress_10(uint8_t out[320], struct poly *p);
void poly_decompress_10(struct poly *out, const uint8_t in[320]);
void poly_compress_4(uint8_t out[128], struct poly *p);
void poly_decompress_4(struct poly *out, const uint8_t in[128]);
void poly_compress_1(uint8_t out[32], struct poly *p);
void poly_decompress_1(struct poly *out, const uint8_t in[32]);

/* ---- how it is done ---- */

/* A number to multiply by, with what Montgomery's reduction wants to know of it. */
struct mlkem_factor {
    int16_t value;                 /* f R mod q, |value| <= q / 2 */
    int16_t value_over_q;          /* value q^-1 mod 2^16 */
};

extern const struct mlkem_factor mlkem_zetas[128];     /* 17^BitRev7(i) (crypto/mlkem_table.py) */

/* check: 1353 == 2**32 % 3329 and 1441 * 128 % 3329 == 1353
 * check: 20553 * 3329 % 65536 == 1353 and -10079 * 3329 % 65536 == 1441 */
static const struct mlkem_factor mlkem_r = { 1353, 20553 }, mlkem_r_over_128 = { 1441, -10079 };

enum {
    MLKEM_Q_INVERSE = -3327,       /* check: -3327 * 3329 % 65536 == 1 */
    MLKEM_ONE_OVER_Q = 20159,      /* check: 20159 == (2**26 + 3329 // 2) // 3329 */
    MLKEM_PIECE = 24,              /* bytes: whole lanes, whole candidates, a seventh of a block */
};

struct sponge4;

/* In plain C, and by instructions that cpu_supports(CPU_AVX2) asks for (on x86-64 only). For tests;
 * everyone else leaves the choice to the functions above. take_uniform is lines 5 to 16 of Alg. 7:
 * it adds to the `count` coefficients there are those that sponge i has from byte `from` on, and
 * returns their number. */
struct poly_version {
    void (*ntt)(struct poly *p);
    void (*inverse_ntt)(struct poly *p);
    void (*inner_product)(struct poly *out, const struct poly a[3], const struct poly b[3]);
    void (*multiply_add)(struct poly *sum, const struct poly *a, const struct poly *b);
    size_t (*take_uniform)(int16_t *c, size_t count, const struct sponge4 *s, size_t i,
                           size_t from);
    void (*from_noise)(struct poly *out, const struct poly_noise *noise);
    void (*encode_12)(uint8_t out[384], struct poly *p);
    void (*decode_12)(struct poly *out, const uint8_t in[384]);
    void (*compress_10)(uint8_t out[320], struct poly *p);
    void (*decompress_10)(struct poly *out, const uint8_t in[320]);
    void (*compress_4)(uint8_t out[128], struct poly *p);
    void (*decompress_4)(struct poly *out, const uint8_t in[128]);
    void (*compress_1)(uint8_t out[32], struct poly *p);
    void (*decompress_1)(struct poly *out, const uint8_t in[32]);
};

extern const struct poly_version poly_plain, poly_avx2;

#endif
