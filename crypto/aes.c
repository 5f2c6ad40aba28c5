/* crypto/aes.c - AES by bit planes.
 *
 * Implements  FIPS 197 §5.1 (cipher), §5.2 (key expansion) and §5.3 (inverse cipher), for 128- and
 *             256-bit keys.
 * Secret      keys, round keys and blocks. Public: the key's length, and with it the rounds.
 *
 * The usual AES looks each byte up in a table, and which cache lines it touches tells the key.
 * Here instead the 64 bytes of four blocks are turned on their side: plane[i] is one 64-bit word
 * with bit i of every byte. An AND or XOR of two planes then does the same to all 64 bytes, and
 * the whole cipher becomes a Boolean circuit without tables or branches.
 *
 * FIPS 197 §3.4 draws a block as a state of 4 rows and 4 columns. Where the byte in row r and
 * column c of block b stands in a plane:
 *
 *     bit   63            48 47            32 31            16 15             0
 *          |     row 0      |     row 1      |     row 2      |     row 3      |
 *     each row, as 4 nibbles:     block 3, block 2, block 1, block 0
 *     each nibble:                column 3, 2, 1, 0
 *
 * so the bit is 16 (3 - r) + 4 b + c. Going down a row rotates the word by 16 bits (MixColumns);
 * going along the columns rotates nibbles (ShiftRows); a round key is copied into all four
 * blocks by one multiplication with 0x1111.
 */
#include "crypto/aes.h"

#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

/* ---- in and out of planes ---- */

/* Moves the four bytes of x to bytes 0, 2, 4 and 6; gather takes them back. */
static uint64_t spread(uint32_t x)
{
    uint64_t s = (x | (uint64_t)x << 16) & 0x0000ffff0000ffff;
    return (s | s << 8) & 0x00ff00ff00ff00ff;
}

static uint32_t gather(uint64_t s)
{
    s &= 0x00ff00ff00ff00ff;
    s = (s | s >> 8) & 0x0000ffff0000ffff;
    return (uint32_t)(s | s >> 16);
}

/* Exchanges the bits of `a` that `mask << shift` selects with those of `b` that `mask` selects. */
static void swap_bits(uint64_t *a, uint64_t *b, unsigned shift, uint64_t mask)
{
    uint64_t difference = ((*a >> shift) ^ *b) & mask;
    *a ^= difference << shift;
    *b ^= difference;
}

/* In every byte position, the 8 words hold an 8 x 8 matrix of bits: word k, bit i. Transposes all
 * eight matrices, by exchanging each of the three bits of k with the same bit of i. */
static void transpose(uint64_t w[8])
{
    for (unsigned k = 0; k < 8; k += 2)
        swap_bits(&w[k], &w[k + 1], 1, 0x5555555555555555);
    for (unsigned k = 0; k < 8; k++)
        if (!(k & 2))
            swap_bits(&w[k], &w[k + 2], 2, 0x3333333333333333);
    for (unsigned k = 0; k < 4; k++)
        swap_bits(&w[k], &w[k + 4], 4, 0x0f0f0f0f0f0f0f0f);
}

/* Word k = 4 (b mod 2) + c first holds a column of block b in its even bytes and the same column of
 * block b + 2 in its odd ones, row 0 on top; transposing makes k the low bits of the place. */
void aes_load(struct aes_planes *out, const uint8_t in[AES_BATCH_LEN])
{
    for (size_t k = 0; k < 8; k++)
        out->plane[k] = spread(load_be32(in + 4 * k)) | spread(load_be32(in + 32 + 4 * k)) << 8;
    transpose(out->plane);
}

void aes_store(uint8_t out[AES_BATCH_LEN], const struct aes_planes *in)
{
    struct aes_planes t = *in;
    transpose(t.plane);
    for (size_t k = 0; k < 8; k++) {
        store_be32(out + 4 * k, gather(t.plane[k]));
        store_be32(out + 32 + 4 * k, gather(t.plane[k] >> 8));
    }
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
    uint64_t *p = state->plane;
    const uint64_t u0 = p[7], u1 = p[6], u2 = p[5], u3 = p[4];
    const uint64_t u4 = p[3], u5 = p[2], u6 = p[1], u7 = p[0];

    const uint64_t y14 = u3 ^ u5,   y13 = u0 ^ u6,   y9  = u0 ^ u3,   y8  = u0 ^ u5;
    const uint64_t t0  = u1 ^ u2,   y1  = t0 ^ u7,   y4  = y1 ^ u3,   y12 = y13 ^ y14;
    const uint64_t y2  = y1 ^ u0,   y5  = y1 ^ u6,   y3  = y5 ^ y8,   t1  = u4 ^ y12;
    const uint64_t y15 = t1 ^ u5,   y20 = t1 ^ u1,   y6  = y15 ^ u7,  y10 = y15 ^ t0;
    const uint64_t y11 = y20 ^ y9,  y7  = u7 ^ y11,  y17 = y10 ^ y11, y19 = y10 ^ y8;
    const uint64_t y16 = t0 ^ y11,  y21 = y13 ^ y16, y18 = u0 ^ y16;

    const uint64_t t2  = y12 & y15, t3  = y3 & y6,   t4  = t3 ^ t2,   t5  = y4 & u7;
    const uint64_t t6  = t5 ^ t2,   t7  = y13 & y16, t8  = y5 & y1,   t9  = t8 ^ t7;
    const uint64_t t10 = y2 & y7,   t11 = t10 ^ t7,  t12 = y9 & y11,  t13 = y14 & y17;
    const uint64_t t14 = t13 ^ t12, t15 = y8 & y10,  t16 = t15 ^ t12, t17 = t4 ^ t14;
    const uint64_t t18 = t6 ^ t16,  t19 = t9 ^ t14,  t20 = t11 ^ t16, t21 = t17 ^ y20;
    const uint64_t t22 = t18 ^ y19, t23 = t19 ^ y21, t24 = t20 ^ y18;

    const uint64_t t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26, t28 = t25 & t27;
    const uint64_t t29 = t28 ^ t22, t30 = t23 ^ t24, t31 = t22 ^ t26, t32 = t31 & t30;
    const uint64_t t33 = t32 ^ t24, t34 = t23 ^ t33, t35 = t27 ^ t33, t36 = t24 & t35;
    const uint64_t t37 = t36 ^ t34, t38 = t27 ^ t36, t39 = t29 & t38, t40 = t25 ^ t39;
    const uint64_t t41 = t40 ^ t37, t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37;
    const uint64_t t45 = t42 ^ t41;

    const uint64_t z0  = t44 & y15, z1  = t37 & y6,  z2  = t33 & u7,  z3  = t43 & y16;
    const uint64_t z4  = t40 & y1,  z5  = t29 & y7,  z6  = t42 & y11, z7  = t45 & y17;
    const uint64_t z8  = t41 & y10, z9  = t44 & y12, z10 = t37 & y3,  z11 = t33 & y4;
    const uint64_t z12 = t43 & y13, z13 = t40 & y5,  z14 = t29 & y2,  z15 = t42 & y9;
    const uint64_t z16 = t45 & y14, z17 = t41 & y8;

    const uint64_t t46 = z15 ^ z16, t47 = z10 ^ z11, t48 = z5 ^ z13,  t49 = z9 ^ z10;
    const uint64_t t50 = z2 ^ z12,  t51 = z2 ^ z5,   t52 = z7 ^ z8,   t53 = z0 ^ z3;
    const uint64_t t54 = z6 ^ z7,   t55 = z16 ^ z17, t56 = z12 ^ t48, t57 = t50 ^ t53;
    const uint64_t t58 = z4 ^ t46,  t59 = z3 ^ t54,  t60 = t46 ^ t57, t61 = z14 ^ t57;
    const uint64_t t62 = t52 ^ t58, t63 = t49 ^ t58, t64 = z4 ^ t59,  t65 = t61 ^ t62;
    const uint64_t t66 = z1 ^ t63,  t67 = t64 ^ t65, s3  = t53 ^ t66;

    p[7] = t59 ^ t63;
    p[6] = ~(t64 ^ s3);
    p[5] = ~(t55 ^ t67);
    p[4] = s3;
    p[3] = t51 ^ t66;
    p[2] = t47 ^ t65;
    p[1] = ~(t56 ^ t62);
    p[0] = ~(t48 ^ t60);
}

/* ShiftRows: column c of row r takes column c + r (mod 4). */
static void shift_rows(struct aes_planes *state)
{
    for (size_t i = 0; i < 8; i++) {
        uint64_t x = state->plane[i];
        state->plane[i] = (x      & 0xffff000000000000)
                        | (x >> 1 & 0x0000777700000000) | (x << 3 & 0x0000888800000000)
                        | (x >> 2 & 0x0000000033330000) | (x << 2 & 0x00000000cccc0000)
                        | (x >> 3 & 0x0000000000001111) | (x << 1 & 0x000000000000eeee);
    }
}

/* In each place, the byte n rows further down its column. */
static uint64_t rows_down(uint64_t x, unsigned n)
{
    return x << 16 * n | x >> (64 - 16 * n);
}

/* MixColumns: row r becomes 2 a[r] + 3 a[r+1] + a[r+2] + a[r+3], which is
 * 2 (a[r] + a[r+1]) + a[r+1] + (a[r+2] + a[r+3]).
 * Doubling moves each plane up one; x^8 = x^4 + x^3 + x + 1 (FIPS 197 §4.2) brings plane 7 back. */
static void mix_columns(struct aes_planes *state)
{
    uint64_t *a = state->plane;
    uint64_t sum[8], rest[8];                     /* a[r] + a[r+1]; the part that is not doubled */
    for (size_t i = 0; i < 8; i++) {
        sum[i] = a[i] ^ rows_down(a[i], 1);
        rest[i] = rows_down(a[i], 1) ^ rows_down(sum[i], 2);
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

static void add_round_key(struct aes_planes *state, const struct aes_planes *round_key)
{
    for (size_t i = 0; i < 8; i++)
        state->plane[i] ^= round_key->plane[i];
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

void aes_key_init(struct aes_key *out, const uint8_t *key, size_t key_len)
{
    assert(key_len == 16 || key_len == 32);
    uint8_t words[4 * AES_BATCH_LEN] = { 0 };     /* 16 round keys; the last 5, or 1, stay zero */
    out->rounds = key_len == 16 ? 10 : 14;
    memcpy(words, key, key_len);
    expand(words, 4 * (out->rounds + 1), key_len / 4);
    for (size_t i = 0; i < COUNT(out->round_keys); i++)
        aes_load(&out->round_keys[i], words + AES_BATCH_LEN * i);
    wipe(words, sizeof words);
}

/* Round key n stands where block n mod 4 of its planes would: that nibble of each row is taken, and
 * the product with 0x1111 puts it into all four. */
void aes_schedule_init(struct aes_schedule *out, const struct aes_key *key)
{
    out->rounds = key->rounds;
    for (size_t n = 0; n <= key->rounds; n++) {
        const uint64_t *packed = key->round_keys[n / AES_BATCH].plane;
        for (size_t i = 0; i < 8; i++)
            out->round_key[n].plane[i] =
                (packed[i] >> 4 * (n % AES_BATCH) & 0x000f000f000f000f) * 0x1111;
    }
}

/* ---- the cipher ---- */

void aes_encrypt(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                 const uint8_t in[AES_BATCH_LEN])
{
    struct aes_planes state;
    aes_load(&state, in);
    add_round_key(&state, &schedule->round_key[0]);
    for (uint32_t round = 1; round < schedule->rounds; round++) {
        aes_sub_bytes(&state);
        shift_rows(&state);
        mix_columns(&state);
        add_round_key(&state, &schedule->round_key[round]);
    }
    aes_sub_bytes(&state);                        /* the last round has no MixColumns */
    shift_rows(&state);
    add_round_key(&state, &schedule->round_key[schedule->rounds]);
    aes_store(out, &state);
    wipe(&state, sizeof state);
}

/* ---- the inverse cipher ---- */

/* The inverse of the affine half of SubBytes: bit i of B(x) is the sum of bits i + 2, i + 5 and
 * i + 7 (mod 8) of x + 63, which makes the constant 05. */
static void undo_affine(struct aes_planes *state)
{
    struct aes_planes x = *state;
    for (size_t i = 0; i < 8; i++) {
        uint64_t sum = x.plane[(i + 2) % 8] ^ x.plane[(i + 5) % 8] ^ x.plane[(i + 7) % 8];
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

/* ShiftRows done four times changes nothing, and neither does MixColumns, whose polynomial
 * 3x^3 + x^2 + x + 2 has the fourth power 1 modulo x^4 + 1. So three times undo one. */
static void undo(void step(struct aes_planes *), struct aes_planes *state)
{
    for (int i = 0; i < 3; i++)
        step(state);
}

void aes_decrypt(const struct aes_schedule *schedule, uint8_t out[AES_BATCH_LEN],
                 const uint8_t in[AES_BATCH_LEN])
{
    struct aes_planes state;
    aes_load(&state, in);
    add_round_key(&state, &schedule->round_key[schedule->rounds]);
    for (uint32_t round = schedule->rounds - 1; round > 0; round--) {
        undo(shift_rows, &state);
        undo_sub_bytes(&state);
        add_round_key(&state, &schedule->round_key[round]);
        undo(mix_columns, &state);
    }
    undo(shift_rows, &state);
    undo_sub_bytes(&state);
    add_round_key(&state, &schedule->round_key[0]);
    aes_store(out, &state);
    wipe(&state, sizeof state);
}
