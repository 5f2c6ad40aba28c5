/* Suite for crypto/mlkem768.h. */
#include "crypto/mlkem768.h"

#include "crypto/cpu.h"
#include "crypto/keccak.h"
#include "crypto/mlkem_poly.h"
#include "crypto/random.h"
#include "tests/stack.h"
#include "tests/stride.h"
#include "tests/vectors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint8_t seed[MLKEM768_SEED_LEN], m[MLKEM768_RANDOM_LEN];
static uint8_t key[MLKEM768_KEY_LEN], ciphertext[MLKEM768_CIPHERTEXT_LEN];
static uint8_t shared[MLKEM768_SHARED_LEN], again[MLKEM768_SHARED_LEN];

static struct bytes all_of_key(void)
{
    return bytes_of(key, sizeof key);
}

static struct bytes all_of_ciphertext(void)
{
    return bytes_of(ciphertext, sizeof ciphertext);
}

/* A deterministic pair, and a ciphertext for it. */
static void make(uint8_t number)
{
    memset(seed, number, sizeof seed);
    memset(m, 255 - number, sizeof m);
    mlkem768_public_key(key, seed);
    ck_assert(mlkem768_encapsulate(ciphertext, shared, all_of_key(), m));
}

/* ---- vectors ---- */

static void check_case(struct vectors *v)
{
    if (vector_has(v, "seed") && vector_has(v, "ek")) {
        mlkem768_public_key(key, vector(v, "seed").at);
        check_bytes(v, "ek", key, vector(v, "ek"));
    } else if (vector_has(v, "seed")) {
        ck_assert(mlkem768_decapsulate(shared, vector(v, "seed").at, vector(v, "c")));
        check_bytes(v, "K", shared, vector(v, "K"));
    } else if (vector_has(v, "refused")) {
        ck_assert_uint_eq(vector(v, "refused").len, MLKEM768_KEY_LEN);
        ck_assert(!mlkem768_encapsulate(ciphertext, shared, vector(v, "refused"),
                                        vector(v, "m").at));
    } else {
        ck_assert(mlkem768_encapsulate(ciphertext, shared, vector(v, "ek"), vector(v, "m").at));
        check_bytes(v, "c", ciphertext, vector(v, "c"));
        check_bytes(v, "K", shared, vector(v, "K"));
    }
}

START_TEST(wycheproof)
{
    struct vectors v = vectors_open("vectors/wycheproof/mlkem768.txt");
    while (vectors_next(&v))
        check_case(&v);
    ck_assert_uint_eq(v.cases, 10);
    vectors_close(&v);
}
END_TEST

/* The accumulated test of Go's crypto/mlkem (TestAccumulated), its short run and its result: all
 * inputs come from one SHAKE128, all outputs go into another; a hundred keys, ciphertexts and
 * random ciphertexts. */
START_TEST(accumulated)
{
    static const uint8_t want[32] = {
        0x11, 0x14, 0xb1, 0xb6, 0x69, 0x9e, 0xd1, 0x91, 0x73, 0x4f, 0xa3, 0x39, 0x37, 0x6a, 0xfa,
        0x7e, 0x28, 0x5c, 0x9e, 0x6a, 0xcf, 0x6f, 0xf0, 0x17, 0x7d, 0x34, 0x66, 0x96, 0xce, 0x56,
        0x44, 0x15,
    };
    struct sponge inputs, outputs;
    uint8_t got[sizeof want];
    sponge_start(&inputs, &shake128);
    sponge_start(&outputs, &shake128);
    for (size_t i = 0; i < 100; i++) {
        sponge_squeeze(&inputs, seed, sizeof seed);
        mlkem768_public_key(key, seed);
        sponge_absorb(&outputs, all_of_key());
        sponge_squeeze(&inputs, m, sizeof m);
        ck_assert(mlkem768_encapsulate(ciphertext, shared, all_of_key(), m));
        sponge_absorb(&outputs, all_of_ciphertext());
        sponge_absorb(&outputs, bytes_of(shared, sizeof shared));
        ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
        ck_assert_mem_eq(again, shared, sizeof shared);
        sponge_squeeze(&inputs, ciphertext, sizeof ciphertext);
        ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
        sponge_absorb(&outputs, bytes_of(again, sizeof again));
    }
    sponge_squeeze(&outputs, got, sizeof got);
    ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

/* ---- rules ---- */

START_TEST(both_sides_agree)
{
    for (size_t i = 0; i < 200; i += stride(20)) {
        ck_assert(random_fill(&random_system, seed, sizeof seed));
        ck_assert(random_fill(&random_system, m, sizeof m));
        mlkem768_public_key(key, seed);
        ck_assert(mlkem768_encapsulate(ciphertext, shared, all_of_key(), m));
        ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
        ck_assert_mem_eq(again, shared, sizeof shared);
    }
}
END_TEST

/* FIPS 203 Alg. 18 line 9: from a ciphertext that is not the sender's comes J(z || c). Every byte
 * counts, the lowest and the highest bit of it. */
START_TEST(c10_implicit_rejection)
{
    uint8_t want[MLKEM768_SHARED_LEN];
    make(1);
    for (size_t i = 0; i < sizeof ciphertext; i += stride(61)) {
        uint8_t bit = i % 2 ? 0x80 : 0x01;
        ciphertext[i] ^= bit;
        sponge_digest(&shake256, want, sizeof want, bytes_of(seed + 32, 32), all_of_ciphertext());
        ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
        ck_assert_mem_eq(again, want, sizeof want);
        ciphertext[i] ^= bit;
    }
    ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
    ck_assert_mem_eq(again, shared, sizeof shared);
}
END_TEST

/* z has a part in nothing but rejection; d has in everything. */
START_TEST(parts_of_the_seed)
{
    uint8_t first[MLKEM768_KEY_LEN];
    make(2);
    memcpy(first, key, sizeof key);
    seed[63] ^= 1;
    mlkem768_public_key(key, seed);
    ck_assert_mem_eq(key, first, sizeof key);
    ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
    ck_assert_mem_eq(again, shared, sizeof shared);
    seed[0] ^= 1;
    mlkem768_public_key(key, seed);
    ck_assert_mem_ne(key, first, sizeof key);
    ck_assert(mlkem768_decapsulate(again, seed, all_of_ciphertext()));
    ck_assert_mem_ne(again, shared, sizeof shared);
}
END_TEST

/* The hash of the key, kept, saves making it again; another one breaks the agreement. */
START_TEST(kept_hash)
{
    uint8_t hash[MLKEM768_HASH_LEN];
    make(6);
    mlkem768_key_hash(hash, key);
    ck_assert(mlkem768_decapsulate_hashed(again, seed, hash, all_of_ciphertext()));
    ck_assert_mem_eq(again, shared, sizeof shared);
    hash[31] ^= 1;
    ck_assert(mlkem768_decapsulate_hashed(again, seed, hash, all_of_ciphertext()));
    ck_assert_mem_ne(again, shared, sizeof shared);
    ck_assert(!mlkem768_decapsulate_hashed(again, seed, hash, bytes_of(ciphertext, 1087)));
}
END_TEST

/* In plain C, on a machine that has more: the vectors once more. */
static void without_instructions(void)
{
    cpu_pretend(0);
}

/* FIPS 203 §7.2, §7.3: every length from nothing to one too many, behind each of which a sanitizer
 * would see a read. */
START_TEST(lengths)
{
    make(3);
    for (size_t len = 0; len <= sizeof key + 1; len++) {
        uint8_t *exact = calloc(1, len + 1);
        memcpy(exact, key, len < sizeof key ? len : sizeof key);
        ck_assert_int_eq(mlkem768_encapsulate(ciphertext, shared, bytes_of(exact, len), m),
                         len == MLKEM768_KEY_LEN);
        free(exact);
    }
    for (size_t len = 0; len <= sizeof ciphertext + 1; len++) {
        uint8_t *exact = calloc(1, len + 1);
        ck_assert_int_eq(mlkem768_decapsulate(shared, seed, bytes_of(exact, len)),
                         len == MLKEM768_CIPHERTEXT_LEN);
        free(exact);
    }
}
END_TEST

static void set_coefficient(size_t i, unsigned value)
{
    uint8_t *at = key + i / 2 * 3;
    if (i % 2 == 0) {
        at[0] = (uint8_t)value;
        at[1] = (uint8_t)((at[1] & 0xf0) | value >> 8);
    } else {
        at[1] = (uint8_t)((at[1] & 0x0f) | value << 4);
        at[2] = (uint8_t)(value >> 4);
    }
}

/* FIPS 203 §7.2, the modulus check, at each of the 768 places: q - 1 passes, q and 4095 do not. */
START_TEST(coefficients)
{
    uint8_t good[MLKEM768_KEY_LEN];
    make(4);
    memcpy(good, key, sizeof key);
    for (size_t i = 0; i < 768; i++) {
        set_coefficient(i, MLKEM_Q - 1);
        ck_assert(mlkem768_encapsulate(ciphertext, shared, all_of_key(), m));
        memset(shared, 0, sizeof shared);
        set_coefficient(i, MLKEM_Q);
        ck_assert(!mlkem768_encapsulate(ciphertext, shared, all_of_key(), m));
        set_coefficient(i, 4095);
        ck_assert(!mlkem768_encapsulate(ciphertext, shared, all_of_key(), m));
        for (size_t j = 0; j < sizeof shared; j++)
            ck_assert_uint_eq(shared[j], 0);
        memcpy(key, good, sizeof key);
    }
}
END_TEST

/* ---- polynomials ---- */

/* In plain C, and by instructions where they are: each must keep to the bounds of the header, with
 * coefficients at those that it asks for. */
static const struct poly_version *const versions[] = {
    &poly_plain,
#if CPU_X86_64
    &poly_avx2,
#endif
};

static int version_count(void)
{
    return cpu_supports(CPU_AVX2) ? (int)COUNT(versions) : 1;
}

static int32_t mod_q(int64_t x)
{
    return (int32_t)((x % MLKEM_Q + MLKEM_Q) % MLKEM_Q);
}

static void check_bound(const struct poly *p, int bound)
{
    for (size_t i = 0; i < MLKEM_N; i++)
        ck_assert_int_lt(abs(p->c[i]), bound);
}

/* Coefficients of magnitude 0, 1, q / 2, the largest and others, of either sign: in some rounds all
 * the same, in some with the signs of a layer's halves, in some mixed. */
static void fill(struct poly *p, size_t round, int largest)
{
    const int edges[] = { largest, -largest, 0, 1, -1, MLKEM_Q / 2, -MLKEM_Q / 2, largest - 1 };
    for (size_t i = 0; i < MLKEM_N; i++) {
        size_t mixed = i * 7 + round * round * 5 + i * round;
        size_t edge = round < 8 ? round : round < 16 ? i >> (round - 8) & 1 : mixed % COUNT(edges);
        p->c[i] = (int16_t)edges[edge];
    }
}

/* 17^(2 BitRev7(i) + 1), FIPS 203 §4.3. */
static int32_t gamma_of(unsigned i)
{
    unsigned reversed = 0;
    int32_t power = 1;
    for (unsigned bit = 0; bit < 7; bit++)
        reversed |= (i >> bit & 1) << (6 - bit);
    for (unsigned k = 0; k < 2 * reversed + 1; k++)
        power = mod_q(power * 17);
    return power;
}

/* (4.9): the remainder modulo X^2 - gamma, for X^2 in sums of the even and of the odd powers. */
static void remainder_of(int32_t out[2], const struct poly *p, int32_t gamma)
{
    out[0] = out[1] = 0;
    for (size_t j = MLKEM_N; j > 0; j -= 2) {
        out[0] = mod_q((int64_t)out[0] * gamma + p->c[j - 2]);
        out[1] = mod_q((int64_t)out[1] * gamma + p->c[j - 1]);
    }
}

START_TEST(ntt)
{
    for (size_t round = 0; round < 40; round++) {
        struct poly p, form;
        fill(&p, round, 2 * MLKEM_Q - 1);
        form = p;
        versions[_i]->ntt(&form);
        check_bound(&form, MLKEM_Q / 2 + 1);
        for (unsigned i = 0; i < MLKEM_N / 2; i++) {
            int32_t want[2];
            remainder_of(want, &p, gamma_of(i));
            ck_assert_int_eq(mod_q(form.c[2 * i]), want[0]);
            ck_assert_int_eq(mod_q(form.c[2 * i + 1]), want[1]);
        }
    }
}
END_TEST

START_TEST(inverse_ntt)
{
    for (size_t round = 0; round < 40; round++) {
        struct poly form, p;
        fill(&form, round, MLKEM_Q - 1);
        p = form;
        versions[_i]->inverse_ntt(&p);
        check_bound(&p, MLKEM_Q);
        for (unsigned i = 0; i < MLKEM_N / 2; i++) {
            int32_t got[2];
            remainder_of(got, &p, gamma_of(i));
            ck_assert_int_eq(got[0], mod_q((int64_t)form.c[2 * i] * 65536));
            ck_assert_int_eq(got[1], mod_q((int64_t)form.c[2 * i + 1] * 65536));
        }
    }
}
END_TEST

/* Alg. 12, BaseCaseMultiply, exactly. */
static void base_multiply(int64_t out[2], const int16_t a[2], const int16_t b[2], int32_t gamma)
{
    out[0] = (int64_t)a[0] * b[0] + (int64_t)a[1] * b[1] * gamma;
    out[1] = (int64_t)a[0] * b[1] + (int64_t)a[1] * b[0];
}

/* The sum of three products, and the product that is added to something: times R they are exact.
 * Each round has all magnitudes and signs of one factor beside one of the other. */
START_TEST(products)
{
    for (size_t round = 0; round < 40; round++) {
        struct poly a[3], b[3], out, sum;
        for (size_t j = 0; j < 3; j++) {
            fill(&a[j], round, MLKEM_Q - 1);
            fill(&b[j], (round + j * 11) % 40, MLKEM_Q / 2);
        }
        fill(&sum, round, 2 * MLKEM_Q);
        struct poly before = sum;
        versions[_i]->inner_product(&out, a, b);
        versions[_i]->multiply_add(&sum, &a[0], &b[0]);
        check_bound(&out, MLKEM_Q * 7 / 10);
        for (unsigned i = 0; i < MLKEM_N; i++) {
            int64_t product[3][2];
            for (size_t j = 0; j < 3; j++)
                base_multiply(product[j], a[j].c + i / 2 * 2, b[j].c + i / 2 * 2, gamma_of(i / 2));
            ck_assert_int_eq(mod_q((int64_t)out.c[i] * 65536),
                             mod_q(product[0][i % 2] + product[1][i % 2] + product[2][i % 2]));
            ck_assert_int_lt(abs(sum.c[i] - before.c[i]), MLKEM_Q * 6 / 10);
            ck_assert_int_eq(mod_q((int64_t)(sum.c[i] - before.c[i]) * 65536),
                             mod_q(product[0][i % 2]));
        }
        versions[_i]->inner_product(&a[0], a, b);          /* in place of a factor */
        ck_assert_mem_eq(&a[0], &out, sizeof out);
    }
}
END_TEST

/* By all of them: a polynomial times another, the school way. */
static void school(int32_t out[MLKEM_N], const struct poly *a, const struct poly *b)
{
    int64_t sum[2 * MLKEM_N] = { 0 };
    for (size_t i = 0; i < MLKEM_N; i++)
        for (size_t j = 0; j < MLKEM_N; j++)
            sum[i + j] += a->c[i] * b->c[j];
    for (size_t i = 0; i < MLKEM_N; i++)                 /* X^256 is -1 */
        out[i] = mod_q(sum[i] - sum[i + MLKEM_N]);
}

START_TEST(there_and_back)
{
    for (size_t round = 0; round < 40; round += stride(7)) {
        struct poly a[3], b[3];
        int32_t want[MLKEM_N];
        fill(&a[0], round, 2 * MLKEM_Q - 1);
        fill(&b[0], 39 - round, 2 * MLKEM_Q - 1);
        school(want, &a[0], &b[0]);
        versions[_i]->ntt(&a[0]);
        versions[_i]->ntt(&b[0]);
        a[1] = a[2] = a[0];
        b[1] = b[2] = b[0];
        versions[_i]->inner_product(&a[0], a, b);
        versions[_i]->inverse_ntt(&a[0]);
        for (size_t i = 0; i < MLKEM_N; i++)
            ck_assert_int_eq(mod_q(a[0].c[i]), mod_q(3 * want[i]));
    }
}
END_TEST

/* Alg. 7: every candidate below q, in order, and no other; whatever was there before. */
START_TEST(uniform)
{
    struct sponge4 s;
    uint8_t block[SHAKE128_RATE];
    memset(&s, _i, sizeof s);
    for (size_t round = 0; round < 300; round += stride(30)) {
        struct poly p = { { 0 } };
        size_t from = round % 257, want = from, lane = round % 4;
        sponge4_permute(&s);
        s.lane[round % 21][lane] |= round % 3 ? 0 : ~UINT64_C(0);      /* candidates of 4095 */
        sponge4_read(&s, lane, 0, block, sizeof block);
        size_t count = versions[_i]->take_uniform(p.c, from, &s, lane, 0);
        for (size_t i = 0; i < sizeof block / 3 * 2 && want < MLKEM_N; i++) {
            const uint8_t *at = block + i / 2 * 3;
            int d = i % 2 ? at[1] >> 4 | at[2] << 4 : at[0] | (at[1] & 15) << 8;
            if (d < MLKEM_Q)
                ck_assert_int_eq(p.c[want++], d);
        }
        ck_assert_uint_eq(count, want);
        for (size_t i = 0; i < from; i++)
            ck_assert_int_eq(p.c[i], 0);
    }
}
END_TEST

/* A candidate of q is the first that does not count. */
START_TEST(uniform_limit)
{
    for (int d = MLKEM_Q - 2; d < MLKEM_Q + 2; d++) {
        struct poly p = { { 0 } };
        struct sponge4 s;
        memset(&s, 0, sizeof s);
        for (size_t i = 0; i < SHAKE128_RATE; i++) {
            uint8_t three[3] = { (uint8_t)d, (uint8_t)(d >> 8 | d << 4), (uint8_t)(d >> 4) };
            s.lane[i / 8][1] |= (uint64_t)three[i % 3] << 8 * (i % 8);
        }
        ck_assert_uint_eq(versions[_i]->take_uniform(p.c, 0, &s, 1, 0), d < MLKEM_Q ? 112 : 0);
        ck_assert(d >= MLKEM_Q || p.c[111] == d);
    }
}
END_TEST

/* Alg. 8 for each byte at each place: the sum of two bits less that of the next two. */
START_TEST(noise)
{
    for (unsigned first = 0; first < 256; first++) {
        struct poly_noise bytes;
        struct poly want, got;
        for (size_t i = 0; i < MLKEM_N; i++) {
            uint8_t byte = (uint8_t)(first + i / 2);
            int x = byte >> 4 * (i % 2);
            bytes.byte[i / 2] = byte;
            want.c[i] = (int16_t)((x & 1) + (x >> 1 & 1) - (x >> 2 & 1) - (x >> 3 & 1));
        }
        versions[_i]->from_noise(&got, &bytes);
        ck_assert_mem_eq(&got, &want, sizeof want);
    }
}
END_TEST

/* d bits of a string of them, least significant first (Alg. 5 and 6). */
static unsigned get_bits(const uint8_t *in, size_t i, unsigned d)
{
    unsigned value = 0;
    for (unsigned k = 0; k < d; k++)
        value |= (in[(i * d + k) / 8] >> (i * d + k) % 8 & 1u) << k;
    return value;
}

static void put_bits(uint8_t *out, size_t i, unsigned d, unsigned value)
{
    for (unsigned k = 0; k < d; k++)
        out[(i * d + k) / 8] |= (uint8_t)((value >> k & 1) << (i * d + k) % 8);
}

/* (4.7) and (4.8), with the divisions that the library avoids. */
static unsigned compressed(int x, unsigned d)
{
    return ((unsigned)mod_q(x) * (2u << d) / MLKEM_Q + 1) / 2 % (1u << d);
}

static int16_t decompressed(unsigned y, unsigned d)
{
    return (int16_t)((y * MLKEM_Q * 2 + (1u << d)) / (2u << d));
}

struct encoded { uint8_t twelve[384], ten[320], four[128], one[32]; };

/* Every number that 16 bits can hold; each stands at some place. */
START_TEST(encoding)
{
    for (int first = -32768; first < 32768; first += MLKEM_N * (int)stride(5)) {
        const struct poly_version *v = versions[_i];
        struct encoded want = { { 0 }, { 0 }, { 0 }, { 0 } }, got;
        struct poly p, twelve, ten, four;
        for (unsigned i = 0; i < MLKEM_N; i++) {
            p.c[i] = (int16_t)(first + (int)i);
            put_bits(want.twelve, i, 12, (unsigned)mod_q(p.c[i]));
            put_bits(want.ten, i, 10, compressed(p.c[i], 10));
            put_bits(want.four, i, 4, compressed(p.c[i], 4));
            put_bits(want.one, i, 1, compressed(p.c[i], 1));
        }
        twelve = ten = four = p;
        v->encode_12(got.twelve, &twelve);
        v->compress_10(got.ten, &ten);
        v->compress_4(got.four, &four);
        v->compress_1(got.one, &p);
        ck_assert_mem_eq(&got, &want, sizeof want);
    }
}
END_TEST

/* Every byte at every place. */
START_TEST(decoding)
{
    for (unsigned round = 0; round < 256; round += (unsigned)stride(5)) {
        const struct poly_version *v = versions[_i];
        struct poly want[4], got[4];
        uint8_t in[384];
        for (size_t i = 0; i < sizeof in; i++)
            in[i] = (uint8_t)(i * (2 * round + 1) + round);
        for (size_t i = 0; i < MLKEM_N; i++) {
            want[0].c[i] = (int16_t)get_bits(in, i, 12);
            want[1].c[i] = decompressed(get_bits(in, i, 10), 10);
            want[2].c[i] = decompressed(get_bits(in, i, 4), 4);
            want[3].c[i] = decompressed(get_bits(in, i, 1), 1);
        }
        v->decode_12(&got[0], in);
        v->decompress_10(&got[1], in);
        v->decompress_4(&got[2], in);
        v->decompress_1(&got[3], in);
        ck_assert_mem_eq(got, want, sizeof want);
    }
}
END_TEST

/* ---- stack ---- */

#if defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)      /* clang */
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static void do_public_key(void)
{
    mlkem768_public_key(key, seed);
}

static void do_encapsulate(void)
{
    (void)mlkem768_encapsulate(ciphertext, shared, all_of_key(), m);
}

static void do_decapsulate(void)
{
    (void)mlkem768_decapsulate(shared, seed, all_of_ciphertext());
}

/* The promise of mlkem768.h, for the optimised build: a sanitizer puts fences on the stack. */
START_TEST(stack)
{
    void (*const operations[])(void) = { do_public_key, do_encapsulate, do_decapsulate };
    make(5);
    for (size_t i = 0; i < COUNT(operations); i++) {
        size_t used = stack_used(operations[i]);
        ck_assert_uint_gt(used, 2048);
#if !SANITIZED && defined(__OPTIMIZE__)
        ck_assert_uint_lt(used, 6 * 1024);
#endif
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mlkem768");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, wycheproof);
    tcase_add_test(t, accumulated);
    tcase_add_test(t, both_sides_agree);
    tcase_add_test(t, c10_implicit_rejection);
    tcase_add_test(t, parts_of_the_seed);
    tcase_add_test(t, lengths);
    tcase_add_test(t, kept_hash);
    tcase_add_test(t, coefficients);
    tcase_add_loop_test(t, ntt, 0, version_count());
    tcase_add_loop_test(t, inverse_ntt, 0, version_count());
    tcase_add_loop_test(t, products, 0, version_count());
    tcase_add_loop_test(t, there_and_back, 0, version_count());
    tcase_add_loop_test(t, uniform, 0, version_count());
    tcase_add_loop_test(t, uniform_limit, 0, version_count());
    tcase_add_loop_test(t, noise, 0, version_count());
    tcase_add_loop_test(t, encoding, 0, version_count());
    tcase_add_loop_test(t, decoding, 0, version_count());
    if (stride(2) == 1)                                   /* memcheck guards a thread's stack */
        tcase_add_test(t, stack);
    suite_add_tcase(suite, t);
    TCase *plain = tcase_create("plain");
    tcase_set_timeout(plain, 120);
    tcase_add_checked_fixture(plain, without_instructions, NULL);
    tcase_add_test(plain, wycheproof);
    tcase_add_test(plain, accumulated);
    suite_add_tcase(suite, plain);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
