/* crypto/keccak.c - the permutation Keccak-f[1600] and the sponge around it.
 *
 * Implements  FIPS 202 §3.2 (the five steps of a round), §3.3 (Keccak-p[1600, 24]), §4 Alg. 8 (the
 *             sponge), §6.1 and §6.2 (SHA3-256, SHA3-512, SHAKE128, SHAKE256).
 * Secret      the state, when what is absorbed is. The permutation is and, xor, not and
 *             rotations by constants: there is nothing for timing to depend on.
 * Leaves out  messages that are not whole bytes; the other output lengths.
 *
 * The state is 5 x 5 lanes of 64 bits. A sponge lets the outside touch only its first `rate` bytes:
 *
 *        piece 1      piece 2                    out 1        out 2
 *           |            |                         ^            ^
 *     0 -->xor->[ f ]-->xor->[ f ]--> ...  [ f ]---+-->[ f ]----+--> ...      rate
 *     0 ------->[   ]------->[   ]--> ...  [   ]------>[   ]--------> ...     capacity
 *                  absorbing            |              squeezing
 *
 * What never leaves or enters directly, the capacity, is the strength: 2 x 256 bits for SHA3-256.
 */
#include "crypto/keccak.h"

#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

const struct sponge_kind sha3_256 = { "SHA3-256", 136, 0x06, 32 };     /* 01 and padding, §6.1 */
const struct sponge_kind sha3_512 = { "SHA3-512", 72, 0x06, 64 };
const struct sponge_kind shake128 = { "SHAKE128", SHAKE128_RATE, 0x1f, 0 };     /* 1111, §6.2 */
const struct sponge_kind shake256 = { "SHAKE256", 136, 0x1f, 0 };

/* ---- the permutation ---- */

/* FIPS 202 Alg. 5 and 6: bit 2^j - 1 of constant r is rc(j + 7 r). */
static const uint64_t round_constant[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static inline uint64_t rotate(uint64_t x, unsigned n)                  /* 0 < n < 64 */
{
    return x << n | x >> (64 - n);
}

/* Alg. 1, theta, its sums: d[x] is what every lane of column x has to be xored with, the parity of
 * the column on its left and, one bit on, that of the one on its right. */
static inline void theta(uint64_t d[5], const uint64_t a[25])
{
    uint64_t c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    uint64_t c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    uint64_t c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    uint64_t c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    uint64_t c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    d[0] = c4 ^ rotate(c1, 1);
    d[1] = c0 ^ rotate(c2, 1);
    d[2] = c1 ^ rotate(c3, 1);
    d[3] = c2 ^ rotate(c4, 1);
    d[4] = c3 ^ rotate(c0, 1);
}

/* Alg. 4, chi: the only step that is not linear, along a row of five. */
static inline void chi(uint64_t out[5], uint64_t b0, uint64_t b1, uint64_t b2, uint64_t b3,
                       uint64_t b4)
{
    out[0] = b0 ^ (~b1 & b2);
    out[1] = b1 ^ (~b2 & b3);
    out[2] = b2 ^ (~b3 & b4);
    out[3] = b3 ^ (~b4 & b0);
    out[4] = b4 ^ (~b0 & b1);
}

/* One round, out = iota(chi(pi(rho(theta(a))))): the lane that pi (Alg. 3) puts at (x, y) comes
 * from (x + 3 y, x), turned by rho's offset (Alg. 2, Table 2) for where it was. */
static inline void keccak_round(uint64_t out[25], const uint64_t a[25], uint64_t constant)
{
    uint64_t d[5];
    theta(d, a);
    chi(out,      a[0] ^ d[0],             rotate(a[6] ^ d[1], 44),  rotate(a[12] ^ d[2], 43),
                  rotate(a[18] ^ d[3], 21), rotate(a[24] ^ d[4], 14));
    chi(out + 5,  rotate(a[3] ^ d[3], 28),  rotate(a[9] ^ d[4], 20),  rotate(a[10] ^ d[0], 3),
                  rotate(a[16] ^ d[1], 45), rotate(a[22] ^ d[2], 61));
    chi(out + 10, rotate(a[1] ^ d[1], 1),   rotate(a[7] ^ d[2], 6),   rotate(a[13] ^ d[3], 25),
                  rotate(a[19] ^ d[4], 8),  rotate(a[20] ^ d[0], 18));
    chi(out + 15, rotate(a[4] ^ d[4], 27),  rotate(a[5] ^ d[0], 36),  rotate(a[11] ^ d[1], 10),
                  rotate(a[17] ^ d[2], 15), rotate(a[23] ^ d[3], 56));
    chi(out + 20, rotate(a[2] ^ d[2], 62),  rotate(a[8] ^ d[3], 55),  rotate(a[14] ^ d[4], 39),
                  rotate(a[15] ^ d[0], 41), rotate(a[21] ^ d[1], 2));
    out[0] ^= constant;                                                /* Alg. 6, iota */
}

/* Alg. 7 with w = 64 and 24 rounds, two at a time so that no round has to copy its result. */
static void permute(uint64_t lane[25])
{
    uint64_t a[25], b[25];
    memcpy(a, lane, sizeof a);
    for (size_t i = 0; i < 24; i += 2) {
        keccak_round(b, a, round_constant[i]);
        keccak_round(a, b, round_constant[i + 1]);
    }
    memcpy(lane, a, sizeof a);
    wipe(a, sizeof a);
    wipe(b, sizeof b);
}

/* ---- the sponge ---- */

static uint64_t load_le64(const uint8_t in[8])
{
    return (uint64_t)in[0] | (uint64_t)in[1] << 8 | (uint64_t)in[2] << 16 | (uint64_t)in[3] << 24
         | (uint64_t)in[4] << 32 | (uint64_t)in[5] << 40 | (uint64_t)in[6] << 48
         | (uint64_t)in[7] << 56;
}

static void store_le64(uint8_t out[8], uint64_t x)
{
    out[0] = (uint8_t)x;
    out[1] = (uint8_t)(x >> 8);
    out[2] = (uint8_t)(x >> 16);
    out[3] = (uint8_t)(x >> 24);
    out[4] = (uint8_t)(x >> 32);
    out[5] = (uint8_t)(x >> 40);
    out[6] = (uint8_t)(x >> 48);
    out[7] = (uint8_t)(x >> 56);
}

void sponge_start(struct sponge *s, const struct sponge_kind *kind)
{
    *s = (struct sponge){ .kind = kind };
}

static void next_block(struct sponge *s)
{
    permute(s->lane);
    s->at = 0;
}

/* Byte i of the state is byte i % 8 of lane i / 8, least significant first (§3.1.2, §B.1). */
static void xor_byte(struct sponge *s, size_t i, uint8_t x)
{
    s->lane[i / 8] ^= (uint64_t)x << 8 * (i % 8);
}

/* Whole lanes where possible; every rate is a multiple of 8. */
void sponge_absorb(struct sponge *s, struct bytes in)
{
    assert(!s->squeezing);
    while (in.len > 0) {
        size_t n = s->at % 8 == 0 && in.len >= 8 ? 8 : 1;
        if (n == 8)
            s->lane[s->at / 8] ^= load_le64(in.at);
        else
            xor_byte(s, s->at, *in.at);
        in = bytes_of(in.at + n, in.len - n);
        s->at = (uint8_t)(s->at + n);
        if (s->at == s->kind->rate)
            next_block(s);
    }
}

/* §5.1, pad10*1: its first 1 is in the suffix already, its last is the last bit of the block. */
static void pad(struct sponge *s)
{
    xor_byte(s, s->at, s->kind->suffix);
    xor_byte(s, s->kind->rate - 1u, 0x80);
    next_block(s);
    s->squeezing = true;
}

void sponge_squeeze(struct sponge *s, uint8_t *out, size_t out_len)
{
    if (!s->squeezing)
        pad(s);
    while (out_len > 0) {
        if (s->at == s->kind->rate)
            next_block(s);
        size_t n = s->at % 8 == 0 && out_len >= 8 ? 8 : 1;
        if (n == 8)
            store_le64(out, s->lane[s->at / 8]);
        else
            *out = (uint8_t)(s->lane[s->at / 8] >> 8 * (s->at % 8));
        out += n;
        out_len -= n;
        s->at = (uint8_t)(s->at + n);
    }
}

void sponge_digest(const struct sponge_kind *kind, uint8_t *out, size_t out_len,
                   struct bytes first, struct bytes second)
{
    struct sponge s;
    sponge_start(&s, kind);
    sponge_absorb(&s, first);
    sponge_absorb(&s, second);
    sponge_squeeze(&s, out, out_len);
    wipe(&s, sizeof s);
}
