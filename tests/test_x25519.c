/* Suite for crypto/x25519.h and group_x25519. */
#include "crypto/x25519.h"

#include "crypto/group.h"
#include "tests/vectors.h"

#include <check.h>
#include <string.h>

static const uint8_t zeros[X25519_LEN];

START_TEST(rfc7748)
{
    uint8_t out[X25519_LEN];
    const uint8_t base[X25519_LEN] = { 9 };
    struct vectors v = vectors_open("vectors/rfc/x25519.txt");
    while (vectors_next(&v)) {
        const uint8_t *scalar = vector(&v, "scalar").at, *u = vector(&v, "u").at;
        ck_assert(x25519(out, scalar, u));
        check_bytes(&v, "result", out, vector(&v, "result"));
        if (memcmp(u, base, sizeof base) == 0) {
            x25519_public_key(out, scalar);
            check_bytes(&v, "result", out, vector(&v, "result"));
        }
    }
    ck_assert_uint_eq(v.cases, 6);
    vectors_close(&v);
}
END_TEST

START_TEST(rfc7748_iterated)
{
    struct vectors v = vectors_open("vectors/rfc/x25519_iterated.txt");
    while (vectors_next(&v)) {
        uint8_t k[X25519_LEN], u[X25519_LEN], next[X25519_LEN];
        memcpy(k, vector(&v, "start").at, sizeof k);
        memcpy(u, k, sizeof u);
        for (int64_t i = 0; i < vector_number(&v, "times"); i++) {
            ck_assert(x25519(next, k, u));
            memcpy(u, k, sizeof u);
            memcpy(k, next, sizeof k);
        }
        check_bytes(&v, "result", k, vector(&v, "result"));
    }
    ck_assert_uint_eq(v.cases, 2);
    vectors_close(&v);
}
END_TEST

/* RFC 7748 §6.1: the u of the points whose order divides 8, on curve and twist: 0, 1, p - 1, the
 * two of order 8, and p and p + 1, which are 0 and 1 not reduced. All give zero; all are
 * refused. */
static const char *const small_order[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

static void from_hex(uint8_t out[X25519_LEN], const char *hex)
{
    for (size_t i = 0; i < X25519_LEN; i++) {
        unsigned byte;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        out[i] = (uint8_t)byte;
    }
}

/* ---- as a group ---- */

/* A source that gives 1, 2, 3, ... and can be out of order. */
static bool counting(void *context, uint8_t *out, size_t len)
{
    uint8_t *next = context;
    for (size_t i = 0; i < len; i++)
        out[i] = ++*next;
    return true;
}

static bool broken(void *context, uint8_t *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
    return false;
}

static const struct random_source no_random = { .fill = broken };

START_TEST(c1_small_order_is_refused)
{
    uint8_t u[X25519_LEN], shared[X25519_LEN], ciphertext[X25519_LEN], private[X25519_LEN];
    memset(private, 0x42, sizeof private);
    for (int high_bit = 0; high_bit <= 1; high_bit++) {      /* bit 255 is ignored (§5) */
        from_hex(u, small_order[_i]);
        u[31] |= (uint8_t)(high_bit << 7);
        memset(shared, 0xa5, sizeof shared);
        ck_assert(!x25519(shared, private, u));
        ck_assert_mem_eq(shared, zeros, sizeof zeros);
        memset(shared, 0xa5, sizeof shared);
        ck_assert(!group_x25519.encapsulate(ciphertext, shared, bytes_of(u, sizeof u),
                                            &random_system));
        ck_assert_mem_eq(shared, zeros, sizeof zeros);
        ck_assert(!group_x25519.decapsulate(shared, private, bytes_of(u, sizeof u)));
    }
}
END_TEST

START_TEST(both_sides_get_one_secret)
{
    const struct group *g = &group_x25519;
    uint8_t private[X25519_LEN], public[X25519_LEN], ciphertext[X25519_LEN];
    uint8_t ours[X25519_LEN], theirs[X25519_LEN];
    for (int i = 0; i < 20; i++) {
        ck_assert(g->generate(private, public, &random_system));
        ck_assert(g->encapsulate(ciphertext, theirs, bytes_of(public, sizeof public),
                                 &random_system));
        ck_assert(g->decapsulate(ours, private, bytes_of(ciphertext, sizeof ciphertext)));
        ck_assert_mem_eq(ours, theirs, sizeof ours);
        ck_assert_mem_ne(ciphertext, public, sizeof public);
    }
}
END_TEST

/* The private key is the source's first 32 bytes: what the replay of RFC 8448 relies on. */
START_TEST(private_key_is_what_the_source_gives)
{
    uint8_t next = 0, private[X25519_LEN], public[X25519_LEN], want[X25519_LEN];
    struct random_source source = { .fill = counting, .context = &next };
    ck_assert(group_x25519.generate(private, public, &source));
    for (size_t i = 0; i < sizeof private; i++)
        ck_assert_uint_eq(private[i], i + 1);
    x25519_public_key(want, private);
    ck_assert_mem_eq(public, want, sizeof want);
}
END_TEST

START_TEST(sizes)
{
    ck_assert_uint_eq(group_x25519.private_len, 32);
    ck_assert_uint_eq(group_x25519.encapsulation_key_len, 32);
    ck_assert_uint_eq(group_x25519.ciphertext_len, 32);
    ck_assert_uint_eq(group_x25519.shared_len, 32);
    ck_assert_uint_le(group_x25519.private_len, GROUP_PRIVATE_MAX);
}
END_TEST

START_TEST(other_lengths_are_refused)
{
    uint8_t key[X25519_LEN + 1] = { 9 }, private[X25519_LEN] = { 1 }, out[X25519_LEN],
            shared[X25519_LEN];
    for (size_t len = 0; len <= sizeof key; len++) {
        bool fits = len == X25519_LEN;
        ck_assert_int_eq(group_x25519.decapsulate(shared, private, bytes_of(key, len)), fits);
        ck_assert_int_eq(group_x25519.encapsulate(out, shared, bytes_of(key, len),
                                                  &random_system), fits);
    }
}
END_TEST

START_TEST(no_random_no_key)
{
    uint8_t private[X25519_LEN], public[X25519_LEN], shared[X25519_LEN] = { 0 };
    const uint8_t base[X25519_LEN] = { 9 };
    ck_assert(!group_x25519.generate(private, public, &no_random));
    ck_assert(!group_x25519.encapsulate(public, shared, bytes_of(base, sizeof base),
                                        &no_random));
    ck_assert_mem_eq(shared, zeros, sizeof zeros);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("x25519");
    TCase *t = tcase_create("x25519");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, rfc7748);
    tcase_add_test(t, rfc7748_iterated);
    tcase_add_loop_test(t, c1_small_order_is_refused, 0, (int)COUNT(small_order));
    tcase_add_test(t, both_sides_get_one_secret);
    tcase_add_test(t, private_key_is_what_the_source_gives);
    tcase_add_test(t, sizes);
    tcase_add_test(t, other_lengths_are_refused);
    tcase_add_test(t, no_random_no_key);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
