/* crypto/keccak_round.h - one round of Keccak-f[1600]: the body of crypto/keccak.c, where a lane is
 * 64 bits, and of crypto/keccak_x86.c, where it is four of them in a vector.
 *
 * Implements  FIPS 202 §3.2 (the five steps of a round).
 *
 * The file that includes it has defined INLINE, how functions are declared, and the type `word`, on
 * which the operators ^ & ~ << >> work.
 */

/* FIPS 202 Alg. 5 and 6: bit 2^j - 1 of constant r is rc(j + 7 r). */
static const uint64_t round_constant[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

INLINE word rotate(word x, unsigned n)                  /* 0 < n < 64 */
{
    return x << n | x >> (64 - n);
}

/* Alg. 1, theta, its sums: d[x] is what every lane of column x has to be xored with, the parity of
 * the column on its left and, one bit on, that of the one on its right. */
INLINE void theta(word d[5], const word a[25])
{
    word c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    word c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    word c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    word c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    word c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    d[0] = c4 ^ rotate(c1, 1);
    d[1] = c0 ^ rotate(c2, 1);
    d[2] = c1 ^ rotate(c3, 1);
    d[3] = c2 ^ rotate(c4, 1);
    d[4] = c3 ^ rotate(c0, 1);
}

/* Alg. 4, chi: the only step that is not linear, along a row of five. */
INLINE void chi(word out[5], word b0, word b1, word b2, word b3, word b4)
{
    out[0] = b0 ^ (~b1 & b2);
    out[1] = b1 ^ (~b2 & b3);
    out[2] = b2 ^ (~b3 & b4);
    out[3] = b3 ^ (~b4 & b0);
    out[4] = b4 ^ (~b0 & b1);
}

/* One round, out = iota(chi(pi(rho(theta(a))))): the lane that pi (Alg. 3) puts at (x, y) comes
 * from (x + 3 y, x), turned by rho's offset (Alg. 2, Table 2) for where it was. */
INLINE void keccak_round(word out[25], const word a[25], uint64_t constant)
{
    word d[5];
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
