/* crypto/aes.c - AES by bit planes.
 *
 * Implements  FIPS 197 §5.1 (cipher), §5.2 (key expansion) and §5.3 (inverse cipher), for 128- and
 *             256-bit keys.
 * Secret      keys, round keys and blocks. Public: the key's length, and with it the rounds.
 *
 * The usual AES looks each byte up in a table, and which cache lines it touches tells the key.
 * Here instead the 128 bytes of eight blocks are turned on their side: plane[i] is one 128-bit
 * vector with bit i of every byte. An AND or XOR of two planes then does the same to all 128 bytes,
 * and the whole cipher becomes a Boolean circuit without tables or branches.
 *
 * A plane has the shape of a block in memory. FIPS 197 §3.4 draws a block as a state of 4 rows and
 * 4 columns, column after column in memory:
 *
 *     byte    0  1  2  3 |  4  5  6  7 |  8  9 10 11 | 12 13 14 15       bit b of each byte is
 *     row     0  1  2  3 |  0  1  2  3 |  0  1  2  3 |  0  1  2  3       of block b
 *              column 0  |   column 1  |   column 2  |   column 3
 *
 * so going down a column rotates the vector's 32-bit lanes by bytes (MixColumns), and going along
 * a row takes another lane (ShiftRows).
 *
 * ShiftRows is left out: rows would move by different distances, which is slow. So after n rounds
 * row r, column c of the state stands where row r, column c + n r would be. Round keys are stored
 * so, MixColumns looks for the other rows there, and the end puts all in order (the technique of
 * A. Adomnicai, T. Peyrin, "Fixslicing AES-like ciphers", 2020; IACR ePrint 2020/1123).
 */
#include "crypto/aes.h"

#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

/* Vectors as gcc and clang offer them on every machine: in SSE2 or NEON registers, or word by word
 * where there are none. LANES takes four lanes of x by number. */
#define UNROLL _Pragma("GCC unroll 8")
typedef aes_plane plane;
#ifdef __clang__
#define LANES(x, a, b, c, d) __builtin_shufflevector(x, x, a, b, c, d)
#else
#define LANES(x, a, b, c, d) __builtin_shuffle(x, (plane){ a, b, c, d })
#endif

/* ---- in and out of planes ---- */

/* Exchanges the bits of `a` that `mask << shift` selects with those of `b` that `mask` selects. */
static inline void swap_bits(plane *a, plane *b, unsigned shift, uint32_t mask)
{
    plane difference = ((*a >> shift) ^ *b) & mask;
    *a ^= difference << shift;
    *b ^= difference;
}

/* In every byte position, the 8 vectors hold an 8 x 8 matrix of bits: vector k, bit i. Transposes
 * all of them, by exchanging each of the three bits of k with the same bit of i. */
static inline void transpose(plane v[8])
{
    UNROLL for (unsigned k = 0; k < 8; k += 2)
        swap_bits(&v[k], &v[k + 1], 1, 0x55555555);
    UNROLL for (unsigned k = 0; k < 8; k++)
        if (!(k & 2))
            swap_bits(&v[k], &v[k + 2], 2, 0x33333333);
    UNROLL for (unsigned k = 0; k < 4; k++)
        swap_bits(&v[k], &v[k + 4], 4, 0x0f0f0f0f);
}

void aes_load(struct aes_planes *out, const uint8_t in[AES_BATCH_LEN])
{
    memcpy(out->plane, in, AES_BATCH_LEN);
    transpose(out->plane);
}

void aes_store(uint8_t out[AES_BATCH_LEN], const struct aes_planes *in)
{
    struct aes_planes t = *in;
    transpose(t.plane);
    memcpy(out, t.plane, AES_BATCH_LEN);
    wipe(&t, sizeof t);
}

/* ---- the round's four steps, FIPS 197 §5.1.1 - 5.1.4 ---- */

/* SubBytes: x becomes A x^-1 + 63 in GF(2^8), as a circuit of 32 ANDs and 83 XORs or NOTs.
 *
 * The gates are those published in J. Boyar, R. Peralta, "A new combinational logic minimization
 * technique with applications to cryptology" (SEA 2010; IACR ePrint 2009/191), with the paper's
 * names. Three parts: a linear map into a tower of fields, GF(((2^2)^2)^2), in which an
 * inverse in GF(2^8) costs an inverse in GF(2^4) and some multiplications; that inverse (t21 to
 * t45, where all but the first few ANDs are) and the products with it (z0 to z17); and a linear
 * map back, joined with A. The constant 63 is the four NOTs. U0 is the most significant bit.
 * test_aes.c compares all 256 values with the definition. */
void aes_sub_bytes(struct aes_planes *state)
{
    plane *p = state->plane;
    const plane u0 = p[7], u1 = p[6], u2 = p[5], u3 = p[4];
    const plane u4 = p[3], u5 = p[2], u6 = p[1], u7 = p[0];

    const plane y14 = u3 ^ u5,   y13 = u0 ^ u6,   y9  = u0 ^ u3,   y8  = u0 ^ u5;
    const plane t0  = u1 ^ u2,   y1  = t0 ^ u7,   y4  = y1 ^ u3,   y12 = y13 ^ y14;
    const plane y2  = y1 ^ u0,   y5  = y1 ^ u6,   y3  = y5 ^ y8,   t1  = u4 ^ y12;
    const plane y15 = t1 ^ u5,   y20 = t1 ^ u1,   y6  = y15 ^ u7,  y10 = y15 ^ t0;
    const plane y11 = y20 ^ y9,  y7  = u7 ^ y11,  y17 = y10 ^ y11, y19 = y10 ^ y8;
    const plane y16 = t0 ^ y11,  y21 = y13 ^ y16, y18 = u0 ^ y16;

    const plane t2  = y12 & y15, t3  = y3 & y6,   t4  = t3 ^ t2,   t5  = y4 & u7;
    const plane t6  = t5 ^ t2,   t7  = y13 & y16, t8  = y5 & y1,   t9  = t8 ^ t7;
    const plane t10 = y2 & y7,   t11 = t10 ^ t7,  t12 = y9 & y11,  t13 = y14 & y17;
    const plane t14 = t13 ^ t12, t15 = y8 & y10,  t16 = t15 ^ t12, t17 = t4 ^ t14;
    const plane t18 = t6 ^ t16,  t19 = t9 ^ t14,  t20 = t11 ^ t16, t21 = t17 ^ y20;
    const plane t22 = t18 ^ y19, t23 = t19 ^ y21, t24 = t20 ^ y18;

    const plane t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26, t28 = t25 & t27;
    const plane t29 = t28 ^ t22, t30 = t23 ^ t24, t31 = t22 ^ t26, t32 = t31 & t30;
    const plane t33 = t32 ^ t24, t34 = t23 ^ t33, t35 = t27 ^ t33, t36 = t24 & t35;
    const plane t37 = t36 ^ t34, t38 = t27 ^ t36, t39 = t29 & t38, t40 = t25 ^ t39;
    const plane t41 = t40 ^ t37, t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37;
    const plane t45 = t42 ^ t41;

    const plane z0  = t44 & y15, z1  = t37 & y6,  z2  = t33 & u7,  z3  = t43 & y16;
    const plane z4  = t40 & y1,  z5  = t29 & y7,  z6  = t42 & y11, z7  = t45 & y17;
    const plane z8  = t41 & y10, z9  = t44 & y12, z10 = t37 & y3,  z11 = t33 & y4;
    const plane z12 = t43 & y13, z13 = t40 & y5,  z14 = t29 & y2,  z15 = t42 & y9;
    const plane z16 = t45 & y14, z17 = t41 & y8;

    const plane t46 = z15 ^ z16, t47 = z10 ^ z11, t48 = z5 ^ z13,  t49 = z9 ^ z10;
    const plane t50 = z2 ^ z12,  t51 = z2 ^ z5,   t52 = z7 ^ z8,   t53 = z0 ^ z3;
    const plane t54 = z6 ^ z7,   t55 = z16 ^ z17, t56 = z12 ^ t48, t57 = t50 ^ t53;
    const plane t58 = z4 ^ t46,  t59 = z3 ^ t54,  t60 = t46 ^ t57, t61 = z14 ^ t57;
    const plane t62 = t52 ^ t58, t63 = t49 ^ t58, t64 = z4 ^ t59,  t65 = t61 ^ t62;
    const plane t66 = z1 ^ t63,  t67 = t64 ^ t65, s3  = t53 ^ t66;

    p[7] = t59 ^ t63;
    p[6] = ~(t64 ^ s3);
    p[5] = ~(t55 ^ t67);
    p[4] = s3;
    p[3] = t51 ^ t66;
    p[2] = t47 ^ t65;
    p[1] = ~(t56 ^ t62);
    p[0] = ~(t48 ^ t60);
}

/* In each place, the byte n rows further down its column. */
static inline plane rows_down(plane x, unsigned n)
{
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        return x >> 8 * n | x << (32 - 8 * n);
    return x << 8 * n | x >> (32 - 8 * n);
}

/* In each place, the byte n columns further along its row. */
static inline plane columns_along(plane x, unsigned n)
{
    switch (n % 4) {
    case 1:  return LANES(x, 1, 2, 3, 0);
    case 2:  return LANES(x, 2, 3, 0, 1);
    case 3:  return LANES(x, 3, 0, 1, 2);
    default: return x;
    }
}

/* MixColumns: row r becomes 2 a[r] + 3 a[r+1] + a[r+2] + a[r+3], which is
 * 2 (a[r] + a[r+1]) + a[r+1] + (a[r+2] + a[r+3]).
 * Doubling moves each plane up one; x^8 = x^4 + x^3 + x + 1 (FIPS 197 §4.2) brings plane 7 back.
 * After `shifts` omitted ShiftRows, a row further down stands as many columns further along. */
static inline void mix_columns(struct aes_planes *state, unsigned shifts)
{
    plane *a = state->plane;
    plane sum[8], rest[8];                        /* a[r] + a[r+1]; the part that is not doubled */
    UNROLL for (size_t i = 0; i < 8; i++) {
        plane next = columns_along(rows_down(a[i], 1), shifts);
        sum[i] = a[i] ^ next;
        rest[i] = next ^ columns_along(rows_down(sum[i], 2), 2 * shifts);
    }
    a[0] = sum[7] ^ rest[0];
    a[1] = sum[0] ^ sum[7] ^ rest[1];
    a[2] = sum[1] ^ rest[2];
    a[3] = sum[2] ^ sum[7] ^ rest[3];
    a[4] = sum[3] ^ sum[7] ^ rest[4];
    a[5] = sum[4] ^ rest[5];
    a[6] = sum[5] ^ rest[6];
    a[7] = sum[6] ^ rest[7];
}

static inline void add_round_key(struct aes_planes *state, const struct aes_planes *round_key)
{
    UNROLL for (size_t i = 0; i < 8; i++)
        state->plane[i] ^= round_key->plane[i];
}

/* A round but the last. */
static inline void do_round(struct aes_planes *state, const struct aes_planes *round_key,
                            unsigned shifts)
{
    aes_sub_bytes(state);
    mix_columns(state, shifts);
    add_round_key(state, round_key);
}

/* The two omitted ShiftRows that are left after the last round: 10 and 14 are 2 modulo 4, which
 * moves rows 1 and 3 by two columns, row 2 by four. */
static inline void shift_rows_twice(struct aes_planes *state)
{
    static const uint8_t odd_rows[4] = { 0, 0xff, 0, 0xff };
    uint32_t odd;
    memcpy(&odd, odd_rows, sizeof odd);
    UNROLL for (size_t i = 0; i < 8; i++) {
        plane x = state->plane[i];
        state->plane[i] = (x & ~odd) | (columns_along(x, 2) & odd);
    }
}

/* ---- keys ---- */

/* SubWord: the S-box on each of four bytes (FIPS 197 §5.2). */
static void sub_word(uint8_t word[4])
{
    uint8_t batch[AES_BATCH_LEN] = { 0 };
    struct aes_planes planes;
    memcpy(batch, word, 4);
    aes_load(&planes, batch);
    aes_sub_bytes(&planes);
    aes_store(batch, &planes);
    memcpy(word, batch, 4);
    wipe(batch, sizeof batch);
    wipe(&planes, sizeof planes);
}

static void rot_word(uint8_t word[4])
{
    uint8_t first = word[0];
    memmove(word, word + 1, 3);
    word[3] = first;
}

/* FIPS 197 §5.2, the pseudo code of KeyExpansion: word i is word i - Nk plus word i - 1, which is
 * first transformed when i is a multiple of Nk (and, in AES-256, midway between two of them). */
static void expand(uint8_t *words, size_t words_count, size_t nk)
{
    uint8_t rcon = 1, temp[4];                    /* x^(i/Nk - 1) in GF(2^8) */
    for (size_t i = nk; i < words_count; i++) {
        memcpy(temp, words + 4 * (i - 1), 4);
        if (i % nk == 0) {
            rot_word(temp);
            sub_word(temp);
            temp[0] ^= rcon;
            rcon = (uint8_t)(rcon << 1 ^ (rcon >> 7) * 0x1b);
        } else if (nk > 6 && i % nk == 4) {
            sub_word(temp);
        }
        for (size_t j = 0; j < 4; j++)
            words[4 * i + j] = words[4 * (i - nk) + j] ^ temp[j];
    }
    wipe(temp, sizeof temp);
}

/* Round key n as `n` omitted ShiftRows want it: column c of row r in column c + n r. */
static void arrange(uint8_t out[AES_BLOCK_LEN], const uint8_t round_key[AES_BLOCK_LEN], size_t n)
{
    for (size_t c = 0; c < 4; c++)
        for (size_t r = 0; r < 4; r++)
            out[4 * ((c + n * r) % 4) + r] = round_key[4 * c + r];
}

void aes_key_init(struct aes_key *out, const uint8_t *key, size_t key_len)
{
    assert(key_len == 16 || key_len == 32);
    uint8_t words[AES_BLOCK_LEN * (AES_ROUNDS_MAX + 1)];
    out->rounds = key_len == 16 ? 10 : 14;
    memcpy(words, key, key_len);
    expand(words, 4 * (out->rounds + 1), key_len / 4);
    for (size_t n = 0; n <= out->rounds; n++)
        arrange(out->round_key[n], words + AES_BLOCK_LEN * n, n);
    wipe(words, sizeof words);
}

/* A bit of a round key is the same for eight blocks: 255 times a byte of 0 or 1. */
void aes_schedule_init(struct aes_schedule *out, const struct aes_key *key)
{
    out->rounds = key->rounds;
    for (size_t n = 0; n <= key->rounds; n++) {
        plane round_key;
        memcpy(&round_key, key->round_key[n], sizeof round_key);
        for (size_t i = 0; i < 8; i++) {
            plane bit = round_key >> i & 0x01010101;
            out->round_key[n].plane[i] = (bit << 8) - bit;
        }
    }
}

/* ---- the cipher ---- */

void aes_encrypt(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                 const uint8_t in[AES_BATCH_LEN])
{
    struct aes_planes state;
    const struct aes_planes *key = schedule->round_key, *last = key + schedule->rounds;
    aes_load(&state, in);
    add_round_key(&state, key++);
    for (;; key += 4) {                           /* 9 or 13 rounds: one more than a multiple of 4 */
        do_round(&state, key, 1);
        if (key + 1 == last)
            break;
        do_round(&state, key + 1, 2);
        do_round(&state, key + 2, 3);
        do_round(&state, key + 3, 0);
    }
    aes_sub_bytes(&state);                        /* the last round has no MixColumns */
    add_round_key(&state, last);
    shift_rows_twice(&state);
    aes_store(out, &state);
    wipe(&state, sizeof state);
}

/* ---- the inverse cipher: the steps from the last to the first ---- */

/* The inverse of the affine half of SubBytes: bit i of B(x) is the sum of bits i + 2, i + 5 and
 * i + 7 (mod 8) of x + 63, which makes the constant 05. */
static void undo_affine(struct aes_planes *state)
{
    struct aes_planes x = *state;
    for (size_t i = 0; i < 8; i++) {
        plane sum = x.plane[(i + 2) % 8] ^ x.plane[(i + 5) % 8] ^ x.plane[(i + 7) % 8];
        state->plane[i] = 0x05 >> i & 1 ? ~sum : sum;
    }
    wipe(&x, sizeof x);
}

/* InvSubBytes. With S(x) = A(1/x) and B = A^-1:  S^-1(y) = 1/B(y) = B(S(B(y))). */
static void undo_sub_bytes(struct aes_planes *state)
{
    undo_affine(state);
    aes_sub_bytes(state);
    undo_affine(state);
}

/* InvMixColumns. The polynomial of MixColumns, 3x^3 + x^2 + x + 2, has the fourth power 1 modulo
 * x^4 + 1. So three times undo one. */
static void undo_mix_columns(struct aes_planes *state, unsigned shifts)
{
    for (int i = 0; i < 3; i++)
        mix_columns(state, shifts);
}

void aes_decrypt(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                 const uint8_t in[AES_BATCH_LEN])
{
    struct aes_planes state;
    aes_load(&state, in);
    shift_rows_twice(&state);
    add_round_key(&state, &schedule->round_key[schedule->rounds]);
    undo_sub_bytes(&state);
    for (uint32_t round = schedule->rounds - 1; round > 0; round--) {
        add_round_key(&state, &schedule->round_key[round]);
        undo_mix_columns(&state, round);
        undo_sub_bytes(&state);
    }
    add_round_key(&state, &schedule->round_key[0]);
    aes_store(out, &state);
    wipe(&state, sizeof state);
}
