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

INLINE word rotate(word x, unsigned n)                  /* n < 64 */
{
    return x << n | x >> (-n & 63);
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

/* Where lane (x, y) is, in a state of layout m; that of FIPS 202 §3.1.2 has m = 1. */
INLINE unsigned place(unsigned m, unsigned x, unsigned y)
{
    return x + 5 * (((m + 4) * x + m * y) % 5);
}

/* Row y after a round, and after chi (Alg. 4), the only step that is not linear: the lane that pi
 * (Alg. 3) puts at (x, y) comes from (x + 3 y, x), turned by rho's offset (Alg. 2, Table 2) for where
 * it was. */
INLINE void row(word out[25], unsigned m_out, const word a[25], unsigned m, const word d[5],
                unsigned y, unsigned n0, unsigned n1, unsigned n2, unsigned n3, unsigned n4)
{
    unsigned x0 = 3 * y % 5, x1 = (x0 + 1) % 5, x2 = (x0 + 2) % 5, x3 = (x0 + 3) % 5;
    unsigned x4 = (x0 + 4) % 5;
    word b0 = rotate(a[place(m, x0, 0)] ^ d[x0], n0), b1 = rotate(a[place(m, x1, 1)] ^ d[x1], n1);
    word b2 = rotate(a[place(m, x2, 2)] ^ d[x2], n2), b3 = rotate(a[place(m, x3, 3)] ^ d[x3], n3);
    word b4 = rotate(a[place(m, x4, 4)] ^ d[x4], n4);
    out[place(m_out, 0, y)] = b0 ^ (~b1 & b2);
    out[place(m_out, 1, y)] = b1 ^ (~b2 & b3);
    out[place(m_out, 2, y)] = b2 ^ (~b3 & b4);
    out[place(m_out, 3, y)] = b3 ^ (~b4 & b0);
    out[place(m_out, 4, y)] = b4 ^ (~b0 & b1);
}

/* One round, out = iota(chi(pi(rho(theta(a))))). `out` may be `a` if m_out is 2 m modulo 5: of layout
 * m, a row of the result is made of five lanes, one in each column, and then takes their places.
 *
 *      lane (x', x) is at height    (m - 1) x' + m x
 *      and for x = x' - 3 y that is (2 m - 1) x' - 3 m y = (2 m - 1) x' + 2 m y modulo 5
 *
 * After four such rounds m is 2^4 times what it was, which is the same again. */
INLINE void keccak_round(word out[25], unsigned m_out, const word a[25], unsigned m,
                         uint64_t constant)
{
    word d[5];
    theta(d, a);
    row(out, m_out, a, m, d, 0, 0, 44, 43, 21, 14);
    row(out, m_out, a, m, d, 1, 28, 20, 3, 45, 61);
    row(out, m_out, a, m, d, 2, 1, 6, 25, 8, 18);
    row(out, m_out, a, m, d, 3, 27, 36, 10, 15, 56);
    row(out, m_out, a, m, d, 4, 62, 55, 39, 41, 2);
    out[0] ^= constant;                                                /* Alg. 6, iota */
}
