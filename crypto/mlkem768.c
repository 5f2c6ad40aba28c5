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
 * A is nine polynomials, made out of rho by hashing. Each is made when its turn in a sum comes, in
 * the place of the one before: three polynomials of a vector, one sum, one factor are all that is
 * alive (2,560 bytes), instead of some fifteen. Making it twice in a decapsulation is what the
 * 64-byte seed costs.
 */
#include "crypto/mlkem768.h"

#include "crypto/ct.h"
#include "crypto/keccak.h"
#include "crypto/mlkem_poly.h"
#include "crypto/wipe.h"

#include <string.h>

enum { K = 3, POLY_LEN = 384, U_LEN = 320, V_LEN = 128 };

_Static_assert(K * POLY_LEN + 32 == MLKEM768_KEY_LEN, "t and rho");
_Static_assert(K * U_LEN + V_LEN == MLKEM768_CIPHERTEXT_LEN, "u and v");

/* What is alive at a time, secret; lent downwards and wiped by whoever places it. */
struct work {
    struct poly small[K];          /* s of the receiver or y of the sender, in NTT form */
    struct poly sum, factor;
};

/* ---- K-PKE, the encryption underneath ---- */

/* Three noise polynomials in NTT form, numbered from 0. */
static void make_small(struct poly small[K], const uint8_t seed[32])
{
    for (uint8_t j = 0; j < K; j++) {
        poly_sample_noise(&small[j], seed, j);
        poly_ntt(&small[j]);
    }
}

/* sum = row i of A, or of its transpose, times small; R^-1 is left in it. A[i][j] is made of
 * rho || j || i (Alg. 13 line 5). */
static void matrix_row(struct work *w, const uint8_t rho[32], uint8_t i, bool transposed)
{
    memset(&w->sum, 0, sizeof w->sum);
    for (uint8_t j = 0; j < K; j++) {
        poly_sample_uniform(&w->factor, rho, transposed ? i : j, transposed ? j : i);
        poly_multiply_add(&w->sum, &w->factor, &w->small[j]);
    }
}

/* Alg. 13, K-PKE.KeyGen: the key of d, and s for whoever goes on to decrypt. */
static void pke_keygen(struct work *w, uint8_t key[MLKEM768_KEY_LEN], const uint8_t d[32])
{
    static const uint8_t k = K;
    uint8_t rho_sigma[64];
    const uint8_t *rho = rho_sigma, *sigma = rho_sigma + 32;
    sponge_digest(&sha3_512, rho_sigma, sizeof rho_sigma, bytes_of(d, 32), bytes_of(&k, 1));
    ct_public(rho, 32);                                  /* goes on the wire, in the key */
    make_small(w->small, sigma);
    for (uint8_t i = 0; i < K; i++) {
        matrix_row(w, rho, i, false);
        poly_to_montgomery(&w->sum);
        poly_sample_noise(&w->factor, sigma, (uint8_t)(K + i));
        poly_ntt(&w->factor);
        poly_add(&w->sum, &w->factor);
        poly_encode_12(key + i * POLY_LEN, &w->sum);
    }
    memcpy(key + K * POLY_LEN, rho, 32);
    wipe(rho_sigma, sizeof rho_sigma);
}

/* Alg. 14, K-PKE.Encrypt, in pieces of the ciphertext, with y in w->small and e1, e2 from the same
 * r; the coefficients in `key` are below q. First row i of u: A^T y + e1 (lines 19 and 22). */
static void encrypt_row(struct work *w, uint8_t u[U_LEN], const uint8_t key[MLKEM768_KEY_LEN],
                        const uint8_t r[32], uint8_t i)
{
    matrix_row(w, key + K * POLY_LEN, i, true);
    poly_inverse_ntt(&w->sum);
    poly_sample_noise(&w->factor, r, (uint8_t)(K + i));
    poly_add(&w->sum, &w->factor);
    poly_compress_10(u, &w->sum);
}

/* Then v: t^T y + e2 + m (lines 20, 21 and 23). */
static void encrypt_message(struct work *w, uint8_t v[V_LEN], const uint8_t key[MLKEM768_KEY_LEN],
                            const uint8_t m[32], const uint8_t r[32])
{
    memset(&w->sum, 0, sizeof w->sum);
    for (size_t j = 0; j < K; j++) {
        poly_decode_12(&w->factor, key + j * POLY_LEN);
        poly_multiply_add(&w->sum, &w->factor, &w->small[j]);
    }
    poly_inverse_ntt(&w->sum);
    poly_sample_noise(&w->factor, r, 2 * K);
    poly_add(&w->sum, &w->factor);
    poly_decompress_1(&w->factor, m);
    poly_add(&w->sum, &w->factor);
    poly_compress_4(v, &w->sum);
}

static void pke_encrypt(struct work *w, uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                        const uint8_t key[MLKEM768_KEY_LEN], const uint8_t m[32],
                        const uint8_t r[32])
{
    make_small(w->small, r);
    for (uint8_t i = 0; i < K; i++)
        encrypt_row(w, ciphertext + i * U_LEN, key, r, i);
    encrypt_message(w, ciphertext + K * U_LEN, key, m, r);
}

/* The same, to compare each piece with what was received instead of keeping it. */
static ct_mask pke_encrypts_to(struct work *w, const uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                               const uint8_t key[MLKEM768_KEY_LEN], const uint8_t m[32],
                               const uint8_t r[32])
{
    uint8_t piece[U_LEN];
    ct_mask same = ~(ct_mask)0;
    make_small(w->small, r);
    for (uint8_t i = 0; i < K; i++) {
        encrypt_row(w, piece, key, r, i);
        same &= ct_equal(piece, ciphertext + i * U_LEN, U_LEN);
    }
    encrypt_message(w, piece, key, m, r);
    same &= ct_equal(piece, ciphertext + K * U_LEN, V_LEN);
    wipe(piece, sizeof piece);
    return same;
}

/* Alg. 15, K-PKE.Decrypt, with s in w->small. */
static void pke_decrypt(struct work *w, uint8_t m[32],
                        const uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN])
{
    memset(&w->sum, 0, sizeof w->sum);
    for (size_t j = 0; j < K; j++) {
        poly_decompress_10(&w->factor, ciphertext + j * U_LEN);
        poly_ntt(&w->factor);
        poly_multiply_add(&w->sum, &w->factor, &w->small[j]);
    }
    poly_inverse_ntt(&w->sum);
    poly_decompress_4(&w->factor, ciphertext + K * U_LEN);
    poly_subtract_from(&w->sum, &w->factor);
    poly_compress_1(m, &w->sum);
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

/* §7.2, the modulus check. Decoding and encoding again, as written there, asks just this. */
static bool coefficients_below_q(struct poly *p, const uint8_t key[MLKEM768_KEY_LEN])
{
    bool below = true;
    for (size_t j = 0; j < K; j++) {
        poly_decode_12(p, key + j * POLY_LEN);
        for (size_t i = 0; i < MLKEM_N; i++)
            below &= p->c[i] < MLKEM_Q;
    }
    return below;
}

/* (K, r) = G(m || H(ek)): lines 1 of Alg. 17 and 6 of Alg. 18. */
static void derive(uint8_t shared_r[64], const uint8_t m[32], const uint8_t key[MLKEM768_KEY_LEN])
{
    uint8_t h[32];
    sponge_digest(&sha3_256, h, sizeof h, bytes_of(key, MLKEM768_KEY_LEN), bytes_of(NULL, 0));
    sponge_digest(&sha3_512, shared_r, 64, bytes_of(m, 32), bytes_of(h, sizeof h));
}

/* Alg. 20 and 17, with m from the caller. */
bool mlkem768_encapsulate(uint8_t ciphertext[MLKEM768_CIPHERTEXT_LEN],
                          uint8_t shared[MLKEM768_SHARED_LEN], struct bytes key,
                          const uint8_t m[MLKEM768_RANDOM_LEN])
{
    struct work w;
    uint8_t shared_r[64];
    if (key.len != MLKEM768_KEY_LEN || !coefficients_below_q(&w.factor, key.at))
        return false;
    derive(shared_r, m, key.at);
    pke_encrypt(&w, ciphertext, key.at, m, shared_r + 32);
    ct_public(ciphertext, MLKEM768_CIPHERTEXT_LEN);      /* goes on the wire */
    memcpy(shared, shared_r, MLKEM768_SHARED_LEN);
    wipe(&w, sizeof w);
    wipe(shared_r, sizeof shared_r);
    return true;
}

/* Alg. 21 and 18. Whether the ciphertexts agree stays secret: it would tell who changes one what m
 * became. */
bool mlkem768_decapsulate(uint8_t shared[MLKEM768_SHARED_LEN],
                          const uint8_t seed[MLKEM768_SEED_LEN], struct bytes ciphertext)
{
    struct work w;
    uint8_t key[MLKEM768_KEY_LEN], m[32], shared_r[64];
    if (ciphertext.len != MLKEM768_CIPHERTEXT_LEN)
        return false;
    pke_keygen(&w, key, seed);
    pke_decrypt(&w, m, ciphertext.at);
    derive(shared_r, m, key);
    ct_mask same = pke_encrypts_to(&w, ciphertext.at, key, m, shared_r + 32);
    sponge_digest(&shake256, shared, MLKEM768_SHARED_LEN,                /* J(z || c) */
                  bytes_of(seed + 32, 32), ciphertext);
    ct_select_bytes(same, shared, shared_r, shared, MLKEM768_SHARED_LEN);
    wipe(&w, sizeof w);
    wipe(m, sizeof m);
    wipe(shared_r, sizeof shared_r);
    return true;
}
