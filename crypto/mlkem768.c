/* crypto/mlkem768.c - ML-KEM-768: a lattice, and what makes a safe key exchange of it.
 *
 * Implements  FIPS 203 §5 Alg. 13 to 15 (K-PKE) and §6, §7 Alg. 16 to 21 (ML-KEM) for k = 3,
 *             eta1 = eta2 = 2, du = 10, dv = 4 (§8, Table 2).
 * Secret      seeds, m, the noise, and all made of them until it is a key or a ciphertext. rho is
 *             public, though the secret d makes it: it is part of the encapsulation key.
 * Leaves out  ML-KEM-512 and -1024; expanded decapsulation keys and the checks that those need.
 *
 * The key pair is a matrix A of random polynomials and t = A s + e, with s and e small: to find s
 * in it is the hard problem. To send m, take small y, e1, e2 and give u = A^T y + e1 and
 * v = t^T y + e2 + m, where a bit of m is 0 or q / 2. Who has s computes
 *
 *      v - s^T u  =  m + (e^T y + e2 - s^T e1)   and rounds:
 *
 *           0          q/4         q/2        3q/4         q
 *           |-----------|-----------|-----------|----------|
 *           bit 0 ......|........ bit 1 ........|..... bit 0     the brackets above are small
 *
 * That alone falls to whoever may send altered ciphertexts and watch. So all the randomness of the
 * sender comes from m and the key by hashing; the receiver, once it has m, makes the ciphertext
 * again, and if it is not the same gives out a secret that is as good as random (implicit
 * rejection), in the same time.
 *
 * A is nine polynomials, made out of rho by hashing: a row at a time, in the place of the one
 * before. Three polynomials of a vector, three of a row and one sum are all that is alive (3,584
 * bytes), instead of some fifteen.
 */
#include "crypto/mlkem768.h"

#include "crypto/ct.h"
#include "crypto/keccak.h"
#include "crypto/mlkem_poly.h"
#include "crypto/wipe.h"

#include <string.h>

enum { K = 3, POLY_LEN = 384, U_LEN = 320, V_LEN = 128 };

_Static_assert(POLY_LEN <= sizeof(struct poly), "any piece fits where a polynomial was");

_Static_assert(K * POLY_LEN + 32 == MLKEM768_KEY_LEN, "t and rho");
_Static_assert(K * U_LEN + V_LEN == MLKEM768_CIPHERTEXT_LEN, "u and v");

/* What is alive at a time, secret; lent downwards and wiped by whoever places it. */
struct work {
    struct poly small[K];          /* s of the receiver or y of the sender, in NTT form */
    struct poly row[K];            /* entries of A; the first becomes their sum */
    struct poly other;
    struct poly_noise noise;
};

/* ---- K-PKE, the encryption underneath ---- */

/* w->row[0] = row i of A, or of its transpose, times small; R^-1 is left in it. A[i][j] is made of
 * rho || j || i (Alg. 13 line 5). w->noise is number n of `seed`. */
static void matrix_row(struct work *w, const uint8_t rho[32], uint8_t i, bool transposed,
                       const uint8_t seed[32], uint8_t n)
{
    uint8_t indices[K][2];
    for (uint8_t j = 0; j < K; j++) {
        indices[j][0] = transposed ? i : j;
        indices[j][1] = transposed ? j : i;
    }
    poly_sample_uniform_3(w->row, rho, (const uint8_t (*)[2])indices, &w->noise, seed, n);
    poly_inner_product(&w->row[0], w->row, w->small);
}

/* rho and sigma of d (Alg. 13 line 1). */
static void expand_seed(uint8_t rho_sigma[64], const uint8_t d[32])
{
    static const uint8_t k = K;
    sponge_digest(&sha3_512, rho_sigma, 64, bytes_of(d, 32), bytes_of(&k, 1));
    ct_public(rho_sigma, 32);                            /* goes on the wire, in the key */
}

/* Row i of t, with s in w->small. */
static void make_row(struct work *w, uint8_t out[POLY_LEN], const uint8_t rho[32],
                     const uint8_t sigma[32], uint8_t i)
{
    matrix_row(w, rho, i, false, sigma, (uint8_t)(K + i));
    poly_to_montgomery(&w->row[0]);
    poly_from_noise(&w->other, &w->noise);
    poly_ntt(&w->other);
    poly_add(&w->row[0], &w->other);
    poly_encode_12(out, &w->row[0]);
}

/* Alg. 13, K-PKE.KeyGen, of which t and rho are all that we keep. */
static void pke_keygen(struct work *w, uint8_t key[MLKEM768_KEY_LEN], const uint8_t d[32])
{
    uint8_t rho_sigma[64];
    const uint8_t *rho = rho_sigma, *sigma = rho_sigma + 32;
    expand_seed(rho_sigma, d);
    poly_sample_noise_3(w->small, sigma, 0);
    for (uint8_t i = 0; i < K; i++)
        make_row(w, key + i * POLY_LEN, rho, sigma, i);
    memcpy(key + K * POLY_LEN, rho, 32);
    wipe(rho_sigma, sizeof rho_sigma);
}

/* u, with a polynomial of A^T y and e1 (lines 19 and 22). */
static void encrypt_u(uint8_t u[U_LEN], struct poly *product, struct poly *e1)
{
    poly_inverse_ntt(product);
    poly_add(product, e1);
    poly_compress_10(u, product);
}

/* v, with t^T y and e2 (lines 20, 21 and 23). */
static void encrypt_v(uint8_t v[V_LEN], struct poly *product, struct poly *spare,
                      const uint8_t m[32], const uint8_t r[32])
{
    poly_inverse_ntt(product);
    poly_sample_noise(spare, r, 2 * K);
    poly_add(product, spare);
    poly_decompress_1(spare, m);
    poly_add(product, spare);
    poly_compress_4(v, product);
}

/* Alg. 14, K-PKE.Encrypt, with y in w->small and e1, e2 from the same r; the coefficients in `key`
 * are below q. */
static void pke_encrypt(struct work *w, uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                        const uint8_t key[MLKEM768_KEY_LEN], const uint8_t m[32],
                        const uint8_t r[32])
{
    struct poly *sum = &w->row[0];
    poly_sample_noise_3(w->small, r, 0);
    for (uint8_t i = 0; i < K; i++) {
        matrix_row(w, key + K * POLY_LEN, i, true, r, (uint8_t)(K + i));
        poly_from_noise(&w->other, &w->noise);
        encrypt_u(ciphertext + i * U_LEN, sum, &w->other);
    }
    for (size_t j = 0; j < K; j++)
        poly_decode_12(&w->row[j], key + j * POLY_LEN);
    poly_inner_product(sum, w->row, w->small);
    encrypt_v(ciphertext + K * U_LEN, sum, &w->other, m, r);
}

/* The same by the receiver, to compare each piece with what was received instead of keeping it.
 * Who has s and e needs no t, and so makes each entry of A only once:
 *
 *      t^T y = (A s + e)^T y = s^T (A^T y) + e^T y
 *
 * where the rows of A^T y are at hand, because u is made of them.
 * Because  t^T y sums six products: < 0.7 q + 3 * 0.6 q, which poly_reduce takes
 */
static ct_mask pke_encrypts_to(struct work *w, const uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                               const uint8_t rho[32], const uint8_t sigma[32],
                               const uint8_t m[32], const uint8_t r[32])
{
    struct poly *row = w->row, *t_y = &w->other;
    uint8_t *piece = (uint8_t *)(void *)&row[2];         /* done with where a piece is made */
    ct_mask same = ~(ct_mask)0;
    poly_sample_noise_3(w->small, r, 0);
    poly_sample_noise_3(row, sigma, K);                  /* e */
    poly_inner_product(t_y, row, w->small);
    for (uint8_t i = 0; i < K; i++) {
        matrix_row(w, rho, i, true, sigma, i);           /* and the bytes of s[i] */
        row[1] = row[0];
        poly_sample_noise(&row[2], r, (uint8_t)(K + i));
        encrypt_u(piece, &row[1], &row[2]);
        same &= ct_equal(piece, ciphertext + i * U_LEN, U_LEN);
        poly_to_montgomery(&row[0]);
        poly_from_noise(&row[1], &w->noise);
        poly_ntt(&row[1]);
        poly_multiply_add(t_y, &row[0], &row[1]);
    }
    poly_reduce(t_y);
    encrypt_v(piece, t_y, &row[0], m, r);
    same &= ct_equal(piece, ciphertext + K * U_LEN, V_LEN);
    return same;
}

/* Alg. 15, K-PKE.Decrypt. */
static void pke_decrypt(struct work *w, uint8_t m[32],
                        const uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                        const uint8_t sigma[32])
{
    struct poly *u = w->row, *sum = &w->row[0], *v = &w->row[1];
    poly_sample_noise_3(w->small, sigma, 0);             /* s */
    for (size_t j = 0; j < K; j++) {
        poly_decompress_10(&u[j], ciphertext + j * U_LEN);
        poly_ntt(&u[j]);
    }
    poly_inner_product(sum, u, w->small);
    poly_inverse_ntt(sum);
    poly_decompress_4(v, ciphertext + K * U_LEN);
    poly_subtract_from(sum, v);
    poly_compress_1(m, sum);
}

/* ---- ML-KEM ---- */

/* Alg. 16, of which the encapsulation key is all that we keep. */
void mlkem768_public_key(uint8_t key[MLKEM768_KEY_LEN], const uint8_t seed[MLKEM768_SEED_LEN])
{
    struct work w;
    pke_keygen(&w, key, seed);
    ct_public(key, MLKEM768_KEY_LEN);                    /* goes on the wire */
    wipe(&w, sizeof w);
}

/* §7.2, the modulus check. Decoding and encoding again, as written there, asks just this. (By
 * itself, because clang takes a KB of stack to do it for many coefficients at once.) */
__attribute__((noinline))
static bool coefficients_below_q(struct poly *p, const uint8_t key[MLKEM768_KEY_LEN])
{
    int left = 0;
    for (size_t j = 0; j < K; j++) {
        poly_decode_12(p, key + j * POLY_LEN);
        for (size_t i = 0; i < MLKEM_N; i++)
            left |= MLKEM_Q - 1 - p->c[i];               /* negative if one of them is */
    }
    return left >= 0;
}

/* H(ek) */
void mlkem768_key_hash(uint8_t hash[MLKEM768_HASH_LEN], const uint8_t key[MLKEM768_KEY_LEN])
{
    sponge_digest(&sha3_256, hash, MLKEM768_HASH_LEN, bytes_of(key, MLKEM768_KEY_LEN),
                  bytes_of(NULL, 0));
}

/* (K, r) = G(m || H(ek)): lines 1 of Alg. 17 and 6 of Alg. 18. */
static void derive(uint8_t shared_r[64], const uint8_t m[32], const uint8_t key_hash[32])
{
    sponge_digest(&sha3_512, shared_r, 64, bytes_of(m, 32), bytes_of(key_hash, 32));
}

/* Alg. 20 and 17, with m from the caller. */
bool mlkem768_encapsulate(uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                          uint8_t shared[MLKEM768_SHARED_LEN], struct bytes key,
                          const uint8_t m[MLKEM768_RANDOM_LEN])
{
    struct work w;
    uint8_t shared_r[64], key_hash[MLKEM768_HASH_LEN];
    if (key.len != MLKEM768_KEY_LEN || !coefficients_below_q(&w.other, key.at))
        return false;
    mlkem768_key_hash(key_hash, key.at);
    derive(shared_r, m, key_hash);
    pke_encrypt(&w, ciphertext, key.at, m, shared_r + 32);
    ct_public(ciphertext, MLKEM768_CIPHERTEXT_LEN);      /* goes on the wire */
    memcpy(shared, shared_r, MLKEM768_SHARED_LEN);
    wipe(&w, sizeof w);
    wipe(shared_r, sizeof shared_r);
    return true;
}

/* Alg. 21 and 18. Whether the ciphertexts agree stays secret: it would tell who changes one what m
 * became. */
bool mlkem768_decapsulate_hashed(uint8_t shared[MLKEM768_SHARED_LEN],
                                 const uint8_t seed[MLKEM768_SEED_LEN],
                                 const uint8_t key_hash[MLKEM768_HASH_LEN],
                                 struct bytes ciphertext)
{
    struct work w;
    uint8_t rho_sigma[64], m[32], shared_r[64];
    const uint8_t *rho = rho_sigma, *sigma = rho_sigma + 32;
    if (ciphertext.len != MLKEM768_CIPHERTEXT_LEN)
        return false;
    expand_seed(rho_sigma, seed);
    pke_decrypt(&w, m, ciphertext.at, sigma);
    derive(shared_r, m, key_hash);
    ct_mask same = pke_encrypts_to(&w, ciphertext.at, rho, sigma, m, shared_r + 32);
    sponge_digest(&shake256, shared, MLKEM768_SHARED_LEN,                /* J(z || c) */
                  bytes_of(seed + 32, 32), ciphertext);
    ct_select_bytes(same, shared, shared_r, shared, MLKEM768_SHARED_LEN);
    wipe(&w, sizeof w);
    wipe(rho_sigma, sizeof rho_sigma);
    wipe(m, sizeof m);
    wipe(shared_r, sizeof shared_r);
    return true;
}

/* H(ek) of the key that Alg. 13 makes of d, row by row, so that the key needs no place. (By itself,
 * so that its stack is free again when decapsulation needs its own.) */
__attribute__((noinline))
static void hash_of_seed(uint8_t key_hash[MLKEM768_HASH_LEN], const uint8_t d[32])
{
    struct work w;
    struct sponge s;
    uint8_t rho_sigma[64], *piece = (uint8_t *)(void *)&w.row[1];
    expand_seed(rho_sigma, d);
    sponge_start(&s, &sha3_256);
    poly_sample_noise_3(w.small, rho_sigma + 32, 0);
    for (uint8_t i = 0; i < K; i++) {
        make_row(&w, piece, rho_sigma, rho_sigma + 32, i);
        sponge_absorb(&s, bytes_of(piece, POLY_LEN));
    }
    sponge_absorb(&s, bytes_of(rho_sigma, 32));
    sponge_squeeze(&s, key_hash, MLKEM768_HASH_LEN);
    wipe(&w, sizeof w);
    wipe(rho_sigma, sizeof rho_sigma);
}

bool mlkem768_decapsulate(uint8_t shared[MLKEM768_SHARED_LEN],
                          const uint8_t seed[MLKEM768_SEED_LEN], struct bytes ciphertext)
{
    uint8_t key_hash[MLKEM768_HASH_LEN];
    hash_of_seed(key_hash, seed);
    return mlkem768_decapsulate_hashed(shared, seed, key_hash, ciphertext);
}
