/* crypto/mlkem_x86.c - crypto/mlkem_poly.c once more, in AVX2's vectors of sixteen coefficients.
 *
 * Implements  FIPS 203 §4.2.1, §4.2.2 Alg. 7 (lines 5 to 16) and 8, §4.3 Alg. 9 to 12.
 * Trusts      its callers for the bounds on coefficients. Every step is that of mlkem_poly.c, where
 *             the bounds are proved; what is argued here is where the coefficients are.
 * Secret      the coefficients. Registers, and what the compiler spills of them, are not wiped.
 *
 * A polynomial is sixteen vectors, its coefficients in order. The upper layers of the NTT work on
 * whole vectors. In the lower ones a butterfly's a and b are in the same vector, so two vectors
 * change halves, and then halves of halves, and back when all is done:
 *
 *             x                 y                        a                 b
 *      [ x0 x1 x2 x3 ]   [ y0 y1 y2 y3 ]          [ x0 x1 y0 y1 ]   [ x2 x3 y2 y3 ]
 */
#include "crypto/mlkem_poly.h"

#include "crypto/cpu.h"

#if CPU_X86_64

#include "crypto/keccak.h"

#include <immintrin.h>
#include <string.h>

#define ACCELERATED __attribute__((target("avx2")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED

enum { Q = MLKEM_Q, LANES = 16 };
typedef __m256i vec;

INLINE vec load(const void *at) { return _mm256_loadu_si256((const vec *)at); }
INLINE void store(void *at, vec x) { _mm256_storeu_si256((vec *)at, x); }
INLINE __m128i load_16(const void *at) { return _mm_loadu_si128((const __m128i *)at); }
INLINE __m128i load_8(const void *at) { return _mm_loadl_epi64((const __m128i *)at); }
INLINE __m128i low_half(vec x) { return _mm256_castsi256_si128(x); }
INLINE __m128i high_half(vec x) { return _mm256_extracti128_si256(x, 1); }

/* The same 16 bytes in both halves, as the orders of _mm256_shuffle_epi8 mostly are. */
INLINE vec twice(__m128i x) { return _mm256_broadcastsi128_si256(x); }

/* From each pair of coefficients the first of x, the second of y. */
INLINE vec first_second(vec x, vec y) { return _mm256_blend_epi16(x, y, 0xaa); }

/* ---- sixteen coefficients at once ---- */

INLINE vec all(int x) { return _mm256_set1_epi16((short)x); }
INLINE vec add(vec x, vec y) { return _mm256_add_epi16(x, y); }
INLINE vec subtract(vec x, vec y) { return _mm256_sub_epi16(x, y); }
INLINE vec product_low(vec x, vec y) { return _mm256_mullo_epi16(x, y); }
INLINE vec product_high(vec x, vec y) { return _mm256_mulhi_epi16(x, y); }

struct factors { vec value, value_over_q; };

INLINE vec multiply(vec x, struct factors f)
{
    vec m = product_low(x, f.value_over_q);
    return subtract(product_high(x, f.value), product_high(m, all(Q)));
}

/* Rounds as the plain one: _mm256_mulhrs_epi16(h, 2^5) is (h 2^5 + 2^14) >> 15. */
INLINE vec barrett(vec x)
{
    vec quotient = _mm256_mulhrs_epi16(product_high(x, all(MLKEM_ONE_OVER_Q)), all(1 << 5));
    return subtract(x, product_low(quotient, all(Q)));
}

INLINE vec canonical(vec x)
{
    vec r = barrett(x);
    return add(r, _mm256_and_si256(_mm256_srai_epi16(r, 15), all(Q)));
}

/* A bit for each coefficient of a comparison. */
INLINE uint16_t sixteen_bits(vec mask)
{
    return (uint16_t)_mm_movemask_epi8(_mm_packs_epi16(low_half(mask), high_half(mask)));
}

/* ---- factors ---- */

INLINE struct factors all_factors(struct mlkem_factor f)
{
    return (struct factors){ all(f.value), all(f.value_over_q) };
}

/* Eight factors, each for two neighbours: those of `some` whose numbers are in `which`. */
INLINE struct factors eight_factors(vec some, vec which)
{
    const vec values = twice(_mm_setr_epi8(0, 1, 0, 1, 4, 5, 4, 5, 8, 9, 8, 9, 12, 13, 12, 13));
    vec f = _mm256_permutevar8x32_epi32(some, which);
    return (struct factors){ _mm256_shuffle_epi8(f, values),
                             _mm256_shuffle_epi8(f, add(values, all(0x0202))) };
}

INLINE vec one_for_two(void) { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }
INLINE vec one_for_four(void) { return _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3); }
INLINE vec one_for_eight(void) { return _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1); }

/* ---- the NTT ---- */

INLINE void split(vec *a, vec *b, struct factors zeta)
{
    vec t = multiply(*b, zeta);
    *b = subtract(*a, t);
    *a = add(*a, t);
}

INLINE void join(vec *a, vec *b, struct factors zeta)
{
    vec t = *a;
    *a = add(t, *b);
    *b = multiply(subtract(*b, t), zeta);
}

/* Two vectors change the second half of one with the first of the other; and so do their halves of
 * 8, and those of 4 coefficients. Doing it again undoes it. */
INLINE void change_8(vec *x, vec *y)
{
    vec t = _mm256_permute2x128_si256(*x, *y, 0x20);
    *y = _mm256_permute2x128_si256(*x, *y, 0x31);
    *x = t;
}

INLINE void change_4(vec *x, vec *y)
{
    vec t = _mm256_unpacklo_epi64(*x, *y);
    *y = _mm256_unpackhi_epi64(*x, *y);
    *x = t;
}

INLINE void change_2(vec *x, vec *y)
{
    vec t = _mm256_blend_epi32(*x, _mm256_slli_epi64(*y, 32), 0xaa);
    *y = _mm256_blend_epi32(_mm256_srli_epi64(*x, 32), *y, 0xaa);
    *x = t;
}

/* The layers of len = 128, 64 and 32: in each a vector meets one of these eight. */
INLINE void split_upper(int16_t *c)
{
    const struct mlkem_factor *zeta = mlkem_zetas;
    vec v0 = load(c), v1 = load(c + 32), v2 = load(c + 64), v3 = load(c + 96);
    vec v4 = load(c + 128), v5 = load(c + 160), v6 = load(c + 192), v7 = load(c + 224);
    split(&v0, &v4, all_factors(zeta[1]));
    split(&v1, &v5, all_factors(zeta[1]));
    split(&v2, &v6, all_factors(zeta[1]));
    split(&v3, &v7, all_factors(zeta[1]));
    split(&v0, &v2, all_factors(zeta[2]));
    split(&v1, &v3, all_factors(zeta[2]));
    split(&v4, &v6, all_factors(zeta[3]));
    split(&v5, &v7, all_factors(zeta[3]));
    split(&v0, &v1, all_factors(zeta[4]));
    split(&v2, &v3, all_factors(zeta[5]));
    split(&v4, &v5, all_factors(zeta[6]));
    split(&v6, &v7, all_factors(zeta[7]));
    store(c, v0);
    store(c + 32, v1);
    store(c + 64, v2);
    store(c + 96, v3);
    store(c + 128, v4);
    store(c + 160, v5);
    store(c + 192, v6);
    store(c + 224, v7);
}

/* Those of len = 16, 8, 4 and 2, within the i-th 32 coefficients. */
INLINE void split_lower(int16_t *c, size_t i)
{
    vec x = load(c), y = load(c + LANES);
    split(&x, &y, all_factors(mlkem_zetas[8 + i]));
    change_8(&x, &y);
    split(&x, &y, eight_factors(load(mlkem_zetas + 16 + 2 * i), one_for_eight()));
    change_4(&x, &y);
    split(&x, &y, eight_factors(load(mlkem_zetas + 32 + 4 * i), one_for_four()));
    change_2(&x, &y);
    split(&x, &y, eight_factors(load(mlkem_zetas + 64 + 8 * i), one_for_two()));
    change_2(&x, &y);
    change_4(&x, &y);
    change_8(&x, &y);
    store(c, barrett(x));
    store(c + LANES, barrett(y));
}

ACCELERATED static void ntt(struct poly *p)
{
    split_upper(p->c);
    split_upper(p->c + LANES);
    for (size_t i = 0; i < 8; i++)
        split_lower(p->c + 32 * i, i);
}

/* On the way back the factors of a layer are taken from its end. */
INLINE vec from_end(vec which, int last)
{
    return _mm256_xor_si256(which, _mm256_set1_epi32(last));
}

/* The layers of len = 2, 4, 8 and 16. */
INLINE void join_lower(int16_t *c, size_t i)
{
    vec x = load(c), y = load(c + LANES);
    change_8(&x, &y);
    change_4(&x, &y);
    change_2(&x, &y);
    join(&x, &y, eight_factors(load(mlkem_zetas + 120 - 8 * i), from_end(one_for_two(), 7)));
    change_2(&x, &y);
    join(&x, &y, eight_factors(load(mlkem_zetas + 60 - 4 * i), from_end(one_for_four(), 3)));
    change_4(&x, &y);
    join(&x, &y, eight_factors(load(mlkem_zetas + 30 - 2 * i), from_end(one_for_eight(), 1)));
    x = barrett(x);
    change_8(&x, &y);
    join(&x, &y, all_factors(mlkem_zetas[15 - i]));
    store(c, x);
    store(c + LANES, y);
}

/* Those of len = 32, 64 and 128. */
INLINE void join_upper(int16_t *c)
{
    const struct mlkem_factor *zeta = mlkem_zetas;
    const struct factors last = all_factors(mlkem_r_over_128);
    vec v0 = load(c), v1 = load(c + 32), v2 = load(c + 64), v3 = load(c + 96);
    vec v4 = load(c + 128), v5 = load(c + 160), v6 = load(c + 192), v7 = load(c + 224);
    join(&v0, &v1, all_factors(zeta[7]));
    join(&v2, &v3, all_factors(zeta[6]));
    join(&v4, &v5, all_factors(zeta[5]));
    join(&v6, &v7, all_factors(zeta[4]));
    join(&v0, &v2, all_factors(zeta[3]));
    join(&v1, &v3, all_factors(zeta[3]));
    join(&v4, &v6, all_factors(zeta[2]));
    join(&v5, &v7, all_factors(zeta[2]));
    v0 = barrett(v0);
    v1 = barrett(v1);
    v4 = barrett(v4);
    v5 = barrett(v5);
    join(&v0, &v4, all_factors(zeta[1]));
    join(&v1, &v5, all_factors(zeta[1]));
    join(&v2, &v6, all_factors(zeta[1]));
    join(&v3, &v7, all_factors(zeta[1]));
    store(c, multiply(v0, last));
    store(c + 32, multiply(v1, last));
    store(c + 64, multiply(v2, last));
    store(c + 96, multiply(v3, last));
    store(c + 128, multiply(v4, last));
    store(c + 160, multiply(v5, last));
    store(c + 192, multiply(v6, last));
    store(c + 224, multiply(v7, last));
}

ACCELERATED static void inverse_ntt(struct poly *p)
{
    for (size_t i = 0; i < 8; i++)
        join_lower(p->c + 32 * i, i);
    join_upper(p->c);
    join_upper(p->c + LANES);
}

/* ---- products in NTT form ---- */

/* The sums of eight pairs, in 32 bits: of the coefficients of 1, and of those of X. */
struct pairs { vec first, second; };

/* gamma and -gamma, each for the two coefficients of a pair. */
INLINE struct factors gammas(size_t i)
{
    const vec signs = _mm256_set1_epi64x((long long)0xffffffff00010001);
    vec four = _mm256_castsi128_si256(load_16(mlkem_zetas + 64 + i / 4));
    struct factors f = eight_factors(four, one_for_four());
    return (struct factors){ _mm256_sign_epi16(f.value, signs),
                             _mm256_sign_epi16(f.value_over_q, signs) };
}

/* Alg. 12 for eight pairs: _mm256_madd_epi16 is a0 b0 + a1 b1 of each. */
INLINE void multiply_pairs(struct pairs *sum, vec a, vec b, struct factors gamma)
{
    vec b_gamma = first_second(b, multiply(b, gamma));
    vec b_swapped = _mm256_or_si256(_mm256_slli_epi32(b, 16), _mm256_srli_epi32(b, 16));
    sum->first = _mm256_add_epi32(sum->first, _mm256_madd_epi16(a, b_gamma));
    sum->second = _mm256_add_epi32(sum->second, _mm256_madd_epi16(a, b_swapped));
}

/* R times the result of Montgomery's reduction: the result, above 16 bits that are zero. m has its
 * 16 bits below such, so that _mm256_madd_epi16 is m q. */
INLINE vec montgomery(vec xy)
{
    vec m = product_low(xy, _mm256_set1_epi32(MLKEM_Q_INVERSE & 0xffff));
    return _mm256_sub_epi32(xy, _mm256_madd_epi16(m, all(Q)));
}

INLINE vec reduce_pairs(struct pairs sum)
{
    return first_second(_mm256_srli_epi32(montgomery(sum.first), 16), montgomery(sum.second));
}

INLINE struct pairs no_pairs(void)
{
    return (struct pairs){ _mm256_setzero_si256(), _mm256_setzero_si256() };
}

ACCELERATED static void inner_product(struct poly *out, const struct poly a[3],
                                      const struct poly b[3])
{
    for (size_t i = 0; i < MLKEM_N; i += LANES) {
        struct factors gamma = gammas(i);
        struct pairs sum = no_pairs();
        multiply_pairs(&sum, load(a[0].c + i), load(b[0].c + i), gamma);
        multiply_pairs(&sum, load(a[1].c + i), load(b[1].c + i), gamma);
        multiply_pairs(&sum, load(a[2].c + i), load(b[2].c + i), gamma);
        store(out->c + i, reduce_pairs(sum));
    }
}

ACCELERATED static void multiply_add(struct poly *sum, const struct poly *a, const struct poly *b)
{
    for (size_t i = 0; i < MLKEM_N; i += LANES) {
        struct pairs product = no_pairs();
        multiply_pairs(&product, load(a->c + i), load(b->c + i), gammas(i));
        store(sum->c + i, add(load(sum->c + i), reduce_pairs(product)));
    }
}

/* ---- sampling ---- */

/* Sixteen numbers of 12 bits: three bytes hold two, and so does each of the words that overlap in
 * their middle. The 24 bytes are given as 0 to 15 and 8 to 23. */
INLINE vec twelve_bits(vec bytes)
{
    const vec words = _mm256_setr_epi8(0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11,
                                       4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11, 12, 13, 14, 14, 15);
    vec two = _mm256_shuffle_epi8(bytes, words);
    return first_second(_mm256_and_si256(two, all(0xfff)), _mm256_srli_epi16(two, 4));
}

/* For each choice among four coefficients: the bytes that bring those chosen to the front. */
static const uint8_t chosen_first[16][8] = {
    { 0 },                      { 0, 1 },                   { 2, 3 },
    { 0, 1, 2, 3 },             { 4, 5 },                   { 0, 1, 4, 5 },
    { 2, 3, 4, 5 },             { 0, 1, 2, 3, 4, 5 },       { 6, 7 },
    { 0, 1, 6, 7 },             { 2, 3, 6, 7 },             { 0, 1, 2, 3, 6, 7 },
    { 4, 5, 6, 7 },             { 0, 1, 4, 5, 6, 7 },       { 2, 3, 4, 5, 6, 7 },
    { 0, 1, 2, 3, 4, 5, 6, 7 },
};
static const uint8_t how_many[16] = { 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4 };

/* Four candidates are stored, of which only those count that `choice` has a bit for. */
INLINE size_t take_four(int16_t *c, size_t count, __m128i candidates, unsigned choice)
{
    __m128i order = load_8(chosen_first[choice]);
    _mm_storel_epi64((__m128i *)(void *)(c + count), _mm_shuffle_epi8(candidates, order));
    return count + how_many[choice];
}

/* As long as there is room for all of a piece; then by the plain version. */
ACCELERATED static size_t take_uniform(int16_t *c, size_t count, const struct sponge4 *s, size_t i,
                                       size_t from)
{
    for (; from < SHAKE128_RATE && count + LANES <= MLKEM_N; from += MLKEM_PIECE) {
        const uint64_t (*lane)[4] = s->lane + from / 8;
        __m128i l0 = load_8(&lane[0][i]), l1 = load_8(&lane[1][i]), l2 = load_8(&lane[2][i]);
        vec d = twelve_bits(_mm256_setr_m128i(_mm_unpacklo_epi64(l0, l1),
                                              _mm_unpacklo_epi64(l1, l2)));
        unsigned mask = sixteen_bits(_mm256_cmpgt_epi16(all(Q), d));
        count = take_four(c, count, low_half(d), mask & 15);
        count = take_four(c, count, _mm_srli_si128(low_half(d), 8), mask >> 4 & 15);
        count = take_four(c, count, high_half(d), mask >> 8 & 15);
        count = take_four(c, count, _mm_srli_si128(high_half(d), 8), mask >> 12);
    }
    return poly_plain.take_uniform(c, count, s, i, from);
}

/* Sixteen coefficients from bytes. */
INLINE void store_widened(int16_t *c, __m128i x) { store(c, _mm256_cvtepi8_epi16(x)); }

/* 32 bytes at a time. Of the four numbers of two bits in a byte, the sums, two are subtracted from
 * the two others, to which 3 was added. */
ACCELERATED static void from_noise(struct poly *out, const struct poly_noise *noise)
{
    const vec ones = _mm256_set1_epi8(0x55), twos = _mm256_set1_epi8(0x33);
    const vec fours = _mm256_set1_epi8(0x0f), three = _mm256_set1_epi8(3);
    for (size_t i = 0; i < sizeof noise->byte; i += 32) {
        int16_t *c = out->c + 2 * i;
        vec x = load(noise->byte + i);
        vec sums = add(_mm256_and_si256(x, ones), _mm256_and_si256(_mm256_srli_epi16(x, 1), ones));
        vec d = subtract(add(_mm256_and_si256(sums, twos), twos),
                         _mm256_and_si256(_mm256_srli_epi16(sums, 2), twos));
        vec even = _mm256_sub_epi8(_mm256_and_si256(d, fours), three);
        vec odd = _mm256_sub_epi8(_mm256_and_si256(_mm256_srli_epi16(d, 4), fours), three);
        vec low = _mm256_unpacklo_epi8(even, odd), high = _mm256_unpackhi_epi8(even, odd);
        store_widened(c, low_half(low));
        store_widened(c + 16, low_half(high));
        store_widened(c + 32, high_half(low));
        store_widened(c + 48, high_half(high));
    }
}

/* ---- bytes ---- */

/* Neighbours put together as first + second * 2^bits, in 32 bits. */
INLINE vec pack_two(vec x, int bits)
{
    return _mm256_madd_epi16(x, _mm256_set1_epi32(1 << (16 + bits) | 1));
}

INLINE void store_first(uint8_t *out, __m128i x, size_t n) { memcpy(out, &x, n); }

ACCELERATED static void encode_12(uint8_t out[384], struct poly *p)
{
    const vec order = twice(_mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    for (size_t i = 0; i < MLKEM_N; i += LANES, out += 24) {
        vec x = _mm256_shuffle_epi8(pack_two(canonical(load(p->c + i)), 12), order);
        store_first(out, low_half(x), 12);
        store_first(out + 12, high_half(x), 12);
    }
}

ACCELERATED static void decode_12(struct poly *out, const uint8_t in[384])
{
    for (size_t i = 0; i < MLKEM_N; i += LANES, in += 24)
        store(out->c + i, twelve_bits(_mm256_setr_m128i(load_16(in), load_16(in + 8))));
}

/* 0 <= x < q; without the reduction mod 2^d. */
INLINE vec compress(vec x, int d)
{
    vec t = add(product_high(_mm256_slli_epi16(x, 3), all(MLKEM_ONE_OVER_Q)), all(1 << (12 - d)));
    vec y = _mm256_srli_epi16(t, 13 - d);
    vec left = subtract(add(_mm256_slli_epi16(x, d), all(Q / 2)), product_low(y, all(Q)));
    return d == 10 ? add(y, _mm256_srai_epi16(left, 15)) : y;
}

/* Four of 10 bits are 20 and 20, then 40, the lowest five bytes of eight. */
ACCELERATED static void compress_10(uint8_t out[320], struct poly *p)
{
    const vec order = twice(_mm_setr_epi8(0, 1, 2, 3, 4, 8, 9, 10, 11, 12, -1, -1, -1, -1, -1, -1));
    const vec to_join = _mm256_set1_epi64x(12);          /* the first 20 bits, not the others */
    for (size_t i = 0; i < MLKEM_N; i += LANES, out += 20) {
        vec x = _mm256_and_si256(compress(canonical(load(p->c + i)), 10), all(0x3ff));
        x = _mm256_sllv_epi32(pack_two(x, 10), to_join);
        x = _mm256_shuffle_epi8(_mm256_srli_epi64(x, 12), order);
        store_first(out, low_half(x), 10);
        store_first(out + 10, high_half(x), 10);
    }
}

/* round(q y / 2^d) is _mm256_mulhrs_epi16 of q and y 2^(15 - d), which is (q y 2^(15 - d) + 2^14)
 * / 2^15: y comes in the upper bits of a word. */
INLINE vec decompress(vec y) { return _mm256_mulhrs_epi16(y, all(Q)); }

/* Each coefficient is in two bytes, from bit 0, 2, 4 or 6 on; it goes to bits 5 to 14. */
ACCELERATED static void decompress_10(struct poly *out, const uint8_t in[320])
{
    const vec words = _mm256_setr_epi8(0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9,
                                       6, 7, 7, 8, 8, 9, 9, 10, 11, 12, 12, 13, 13, 14, 14, 15);
    const vec to_top = _mm256_set1_epi64x(0x0001000400100040);
    for (size_t i = 0; i < MLKEM_N; i += LANES, in += 20) {
        vec x = _mm256_setr_m128i(load_16(in), load_16(in + 4));
        x = product_low(_mm256_shuffle_epi8(x, words), to_top);
        x = _mm256_and_si256(_mm256_srli_epi16(x, 1), all(0x3ff << 5));
        store(out->c + i, decompress(x));
    }
}

ACCELERATED static void compress_4(uint8_t out[128], struct poly *p)
{
    const vec order = twice(_mm_setr_epi32(0x0c080400, -1, -1, -1));
    for (size_t i = 0; i < MLKEM_N; i += LANES, out += 8) {
        vec x = _mm256_and_si256(compress(canonical(load(p->c + i)), 4), all(15));
        x = _mm256_shuffle_epi8(pack_two(x, 4), order);
        store_first(out, low_half(x), 4);
        store_first(out + 4, high_half(x), 4);
    }
}

/* A byte in 32 bits: its low half goes to bits 11 to 14, its high half to bits 27 to 30. */
ACCELERATED static void decompress_4(struct poly *out, const uint8_t in[128])
{
    for (size_t i = 0; i < MLKEM_N; i += LANES, in += 8) {
        vec x = _mm256_cvtepu8_epi32(load_8(in));
        x = _mm256_or_si256(_mm256_slli_epi32(x, 11), _mm256_slli_epi32(x, 23));
        store(out->c + i, decompress(_mm256_and_si256(x, all(15 << 11))));
    }
}

/* 1 from q / 4 to 3 q / 4, which is, centred, from q / 4 in either direction. */
ACCELERATED static void compress_1(uint8_t out[32], struct poly *p)
{
    for (size_t i = 0; i < MLKEM_N; i += LANES, out += 2) {
        vec magnitude = _mm256_abs_epi16(barrett(load(p->c + i)));
        uint16_t bits = sixteen_bits(_mm256_cmpgt_epi16(magnitude, all(Q / 4)));
        memcpy(out, &bits, sizeof bits);
    }
}

ACCELERATED static void decompress_1(struct poly *out, const uint8_t in[32])
{
    const vec bit = _mm256_setr_epi16(1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7,
                                      1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14,
                                      (short)(1 << 15));
    for (size_t i = 0; i < MLKEM_N; i += LANES, in += 2) {
        vec x = _mm256_and_si256(all(in[0] | in[1] << 8), bit);
        store(out->c + i, _mm256_and_si256(_mm256_cmpeq_epi16(x, bit), all((Q + 1) / 2)));
    }
}

const struct poly_version poly_avx2 = {
    .ntt = ntt, .inverse_ntt = inverse_ntt,
    .inner_product = inner_product, .multiply_add = multiply_add,
    .take_uniform = take_uniform, .from_noise = from_noise,
    .encode_12 = encode_12, .decode_12 = decode_12,
    .compress_10 = compress_10, .decompress_10 = decompress_10,
    .compress_4 = compress_4, .decompress_4 = decompress_4,
    .compress_1 = compress_1, .decompress_1 = decompress_1,
};

#endif
