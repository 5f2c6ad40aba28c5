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

/* Products against the school method, with coefficients at the bounds that the header states. */
static int16_t edge(size_t i, size_t j)
{
    static const int16_t edges[] = { 0, 1, -1, MLKEM_Q / 2, -MLKEM_Q / 2, MLKEM_Q - 1, 1 - MLKEM_Q,
                                     MLKEM_Q, 2 * MLKEM_Q - 1, 1 - 2 * MLKEM_Q };
    return edges[(i * 7 + j * j * 5 + i * j) % COUNT(edges)];
}

static void school(int32_t out[MLKEM_N], const struct poly *a, const struct poly *b)
{
    int64_t sum[2 * MLKEM_N] = { 0 };
    for (size_t i = 0; i < MLKEM_N; i++)
        for (size_t j = 0; j < MLKEM_N; j++)
            sum[i + j] += a->c[i] * b->c[j];
    for (size_t i = 0; i < MLKEM_N; i++)                 /* X^256 is -1 */
        out[i] = (int32_t)((sum[i] - sum[i + MLKEM_N]) % MLKEM_Q + MLKEM_Q) % MLKEM_Q;
}

START_TEST(products)
{
    for (size_t round = 0; round < 40; round++) {
        struct poly a, b, sum = { { 0 } };
        int32_t want[MLKEM_N];
        for (size_t i = 0; i < MLKEM_N; i++) {
            a.c[i] = round < 10 ? edge(round, 0) : edge(round, i);
            b.c[i] = round < 10 ? edge(0, i) : edge(i, round);
        }
        school(want, &a, &b);
        poly_ntt(&a);
        poly_ntt(&b);
        for (size_t i = 0; i < 3; i++)
            poly_multiply_add(&sum, &a, &b);
        poly_inverse_ntt(&sum);
        for (size_t i = 0; i < MLKEM_N; i++) {
            ck_assert_int_lt(abs(sum.c[i]), MLKEM_Q);
            ck_assert_int_eq((sum.c[i] + MLKEM_Q) % MLKEM_Q, 3 * want[i] % MLKEM_Q);
        }
    }
}
END_TEST

/* §4.2.1 (4.7), (4.8) for every coefficient, with the division that the library avoids; and every
 * representative of it that 16 bits can hold gives the same. */
START_TEST(compression)
{
    struct poly p, back;
    uint8_t bytes[320], nibbles[128], bits[32];
    for (int x = -9 * MLKEM_Q; x < 9 * MLKEM_Q; x += (int)stride(37)) {
        unsigned r = (unsigned)((x + 9 * MLKEM_Q) % MLKEM_Q);
        for (size_t i = 0; i < MLKEM_N; i++)
            p.c[i] = (int16_t)x;
        unsigned ten = (r * 1024 + MLKEM_Q / 2) / MLKEM_Q % 1024;
        unsigned four = (r * 16 + MLKEM_Q / 2) / MLKEM_Q % 16;
        unsigned one = (r * 2 + MLKEM_Q / 2) / MLKEM_Q % 2;
        struct poly same = p, too = p;
        poly_compress_10(bytes, &p);
        poly_compress_4(nibbles, &same);
        poly_compress_1(bits, &too);
        ck_assert_uint_eq(bytes[0] | (bytes[1] & 3u) << 8, ten);
        ck_assert_uint_eq(bytes[318] >> 6 | bytes[319] << 2, ten);
        ck_assert_uint_eq(nibbles[0], four * 17);
        ck_assert_uint_eq(bits[31], one * 255);
        poly_decompress_10(&back, bytes);
        ck_assert_int_eq(back.c[255], (int)((ten * MLKEM_Q * 2 + 1024) / 2048));
        poly_decompress_4(&back, nibbles);
        ck_assert_int_eq(back.c[255], (int)((four * MLKEM_Q * 2 + 16) / 32));
        poly_decompress_1(&back, bits);
        ck_assert_int_eq(back.c[255], (int)(one * (MLKEM_Q + 1) / 2));
    }
}
END_TEST

/* ByteEncode_12 writes 0 .. q - 1 whatever the representative. */
START_TEST(twelve_bits)
{
    for (int x = -9 * MLKEM_Q; x < 9 * MLKEM_Q; x += (int)stride(37)) {
        struct poly p, back;
        uint8_t bytes[384];
        for (size_t i = 0; i < MLKEM_N; i++)
            p.c[i] = (int16_t)x;
        poly_encode_12(bytes, &p);
        poly_decode_12(&back, bytes);
        ck_assert_int_eq(back.c[0], (x + 9 * MLKEM_Q) % MLKEM_Q);
        ck_assert_int_eq(back.c[255], (x + 9 * MLKEM_Q) % MLKEM_Q);
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
    tcase_add_test(t, products);
    tcase_add_test(t, compression);
    tcase_add_test(t, twelve_bits);
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
