/* crypto/mlkem_poly.h - the polynomials of ML-KEM: their arithmetic, and their forms as bytes.
 *
 * A polynomial has 256 coefficients modulo q = 3329 and lives modulo X^256 + 1 (FIPS 203 §2.4.4).
 * It is held in 16 bits a coefficient, mostly not reduced: each function says what it needs and
 * what it gives, |c| being the largest absolute value of a coefficient. "NTT form" is that of
 * FIPS 203 §4.3: 128 remainders of degree one, in which a product is cheap.
 *
 *     coefficients --- poly_ntt ---> NTT form --- poly_multiply_add ---> NTT form * R^-1
 *          ^                                                                  |
 *          +--------------------- poly_inverse_ntt ---------------------------+
 *
 * Nothing here fails. Timing depends on no coefficient, except in poly_sample_uniform (public by
 * nature) and poly_decode_12 (public keys). For mlkem768.c; nothing else should need it.
 */
#ifndef SEALPOST_CRYPTO_MLKEM_POLY_H
#define SEALPOST_CRYPTO_MLKEM_POLY_H

#include "crypto/bytes.h"

enum { MLKEM_N = 256, MLKEM_Q = 3329 };

struct poly { int16_t c[MLKEM_N]; };
struct poly_noise { uint8_t byte[MLKEM_N / 2]; };

struct mlkem_zeta { int16_t value, value_over_q; };    /* crypto/mlkem_table.py says what */
extern const struct mlkem_zeta mlkem_zetas[128];

/* ---- arithmetic ---- */

/* To NTT form (Alg. 9). Needs |c| < 2 q. Gives |c| < q / 2. */
void poly_ntt(struct poly *p);

/* Back from it (Alg. 10), times R = 2^16. Needs |c| < 2 q. Gives |c| < q. */
void poly_inverse_ntt(struct poly *p);

/* sum += a b R^-1, in NTT form (Alg. 11). Needs |c| < q in a, |c| <= q / 2 in b. Adds |c| < 0.6 q:
 * three such products may be added up. */
void poly_multiply_add(struct poly *sum, const struct poly *a, const struct poly *b);

/* a = a b R^-1 likewise. Gives |c| < 0.6 q. */
void poly_multiply(struct poly *a, const struct poly *b);

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

/* Encoding needs |c| < 9 q and leaves 0 <= c < q behind. */

/* ByteEncode and ByteDecode (Alg. 5, 6) with 12 bits a coefficient; decoding is public. */
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

#endif
