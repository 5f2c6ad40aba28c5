/* Suite for the hybrid groups of crypto/group.h: what goes where, and what is refused. The halves
 * have suites of their own. */
#include "crypto/group.h"
#include "crypto/mlkem768.h"

#include <check.h>
#include <string.h>

/* RFC 10024 §3.1: of shares and secrets, ML-KEM's part and the curve's. */
static const struct subject {
    const struct group *group, *curve;
    bool mlkem_first;
} subjects[] = {
    { &group_x25519mlkem768, &group_x25519, true },
    { &group_secp256r1mlkem768, &group_secp256r1, false },
};

static uint8_t private[GROUP_PRIVATE_MAX], key[GROUP_ENCAPSULATION_KEY_MAX + 1];
static uint8_t ciphertext[GROUP_CIPHERTEXT_MAX + 1];
static uint8_t ours[GROUP_SHARED_MAX], theirs[GROUP_SHARED_MAX];

static struct bytes key_of(const struct group *g)
{
    return bytes_of(key, g->encapsulation_key_len);
}

static struct bytes ciphertext_of(const struct group *g)
{
    return bytes_of(ciphertext, g->ciphertext_len);
}

static void exchange(const struct group *g)
{
    ck_assert(g->generate(private, key, &random_system));
    ck_assert(g->encapsulate(ciphertext, theirs, key_of(g), &random_system));
    ck_assert(g->decapsulate(ours, private, ciphertext_of(g)));
}

static void check_wiped(const uint8_t *shared, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ck_assert_uint_eq(shared[i], 0);
}

START_TEST(c7_lengths_of_the_rfc)
{
    ck_assert_uint_eq(group_x25519mlkem768.encapsulation_key_len, 1216);
    ck_assert_uint_eq(group_x25519mlkem768.ciphertext_len, 1120);
    ck_assert_uint_eq(group_x25519mlkem768.shared_len, 64);
    ck_assert_uint_eq(group_secp256r1mlkem768.encapsulation_key_len, 1249);
    ck_assert_uint_eq(group_secp256r1mlkem768.ciphertext_len, 1153);
    ck_assert_uint_eq(group_secp256r1mlkem768.shared_len, 64);
    for (size_t i = 0; i < COUNT(subjects); i++) {
        const struct group *g = subjects[i].group;
        ck_assert_uint_le(g->private_len, GROUP_PRIVATE_MAX);
        ck_assert_uint_le(g->encapsulation_key_len, GROUP_ENCAPSULATION_KEY_MAX);
        ck_assert_uint_le(g->ciphertext_len, GROUP_CIPHERTEXT_MAX);
        ck_assert_uint_le(g->shared_len, GROUP_SHARED_MAX);
    }
}
END_TEST

START_TEST(both_sides_agree)
{
    const struct group *g = subjects[_i].group;
    for (size_t i = 0; i < 50; i++) {
        exchange(g);
        ck_assert_mem_eq(ours, theirs, g->shared_len);
    }
}
END_TEST

/* Each half of the secret is what that half alone makes of its part of key and ciphertext. */
START_TEST(order_of_the_halves)
{
    const struct subject *s = &subjects[_i];
    const struct group *c = s->curve;
    uint8_t curve_shared[GROUP_SHARED_MAX], mlkem_shared[MLKEM768_SHARED_LEN];
    uint8_t mlkem_key[MLKEM768_KEY_LEN];
    exchange(s->group);
    const uint8_t *seed = private + (s->mlkem_first ? 0 : c->private_len);
    const uint8_t *scalar = private + (s->mlkem_first ? MLKEM768_SEED_LEN + MLKEM768_HASH_LEN : 0);
    const uint8_t *mlkem_part = ciphertext + (s->mlkem_first ? 0 : c->ciphertext_len);
    const uint8_t *curve_part = ciphertext + (s->mlkem_first ? MLKEM768_CIPHERTEXT_LEN : 0);
    mlkem768_public_key(mlkem_key, seed);
    ck_assert_mem_eq(mlkem_key, key + (s->mlkem_first ? 0 : c->encapsulation_key_len),
                     sizeof mlkem_key);
    ck_assert(mlkem768_decapsulate(mlkem_shared, seed,
                                   bytes_of(mlkem_part, MLKEM768_CIPHERTEXT_LEN)));
    ck_assert(c->decapsulate(curve_shared, scalar, bytes_of(curve_part, c->ciphertext_len)));
    ck_assert_mem_eq(ours, s->mlkem_first ? mlkem_shared : curve_shared, 32);
    ck_assert_mem_eq(ours + 32, s->mlkem_first ? curve_shared : mlkem_shared, 32);
}
END_TEST

/* RFC 10024 §3.1.1, §3.1.2: every length but the right one. */
START_TEST(n15_wrong_lengths)
{
    const struct group *g = subjects[_i].group;
    exchange(g);
    for (size_t len = 0; len <= g->encapsulation_key_len + 1u; len++)
        ck_assert_int_eq(g->encapsulate(ciphertext, theirs, bytes_of(key, len), &random_system),
                         len == g->encapsulation_key_len);
    for (size_t len = 0; len <= g->ciphertext_len + 1u; len++)
        ck_assert_int_eq(g->decapsulate(ours, private, bytes_of(ciphertext, len)),
                         len == g->ciphertext_len);
}
END_TEST

/* FIPS 203 §7.2: the first coefficient is q. */
START_TEST(n15_mlkem_key_not_reduced)
{
    const struct subject *s = &subjects[_i];
    uint8_t *first = key + (s->mlkem_first ? 0 : s->curve->encapsulation_key_len);
    exchange(s->group);
    first[0] = 3329 & 0xff;
    first[1] = (uint8_t)((first[1] & 0xf0) | 3329 >> 8);
    ck_assert(!s->group->encapsulate(ciphertext, theirs, key_of(s->group), &random_system));
    check_wiped(theirs, s->group->shared_len);
}
END_TEST

/* A curve part of zeros: for X25519 the point that gives zero, for P-256 no point at all. */
START_TEST(curve_part_refused)
{
    const struct subject *s = &subjects[_i];
    const struct group *c = s->curve;
    exchange(s->group);
    memset(key + (s->mlkem_first ? MLKEM768_KEY_LEN : 0), 0, c->encapsulation_key_len);
    memset(ciphertext + (s->mlkem_first ? MLKEM768_CIPHERTEXT_LEN : 0), 0, c->ciphertext_len);
    ck_assert(!s->group->decapsulate(ours, private, ciphertext_of(s->group)));
    check_wiped(ours, s->group->shared_len);
    ck_assert(!s->group->encapsulate(ciphertext, theirs, key_of(s->group), &random_system));
    check_wiped(theirs, s->group->shared_len);
}
END_TEST

/* An altered ML-KEM ciphertext is not seen: the secrets differ, in that half only. */
START_TEST(mlkem_ciphertext_altered)
{
    const struct subject *s = &subjects[_i];
    size_t mlkem_half = s->mlkem_first ? 0 : 32;
    exchange(s->group);
    ciphertext[s->mlkem_first ? 0 : s->curve->ciphertext_len] ^= 1;
    ck_assert(s->group->decapsulate(ours, private, ciphertext_of(s->group)));
    ck_assert_mem_ne(ours + mlkem_half, theirs + mlkem_half, 32);
    ck_assert_mem_eq(ours + 32 - mlkem_half, theirs + 32 - mlkem_half, 32);
}
END_TEST

/* Gives as many bytes as `context` counts, then fails. */
static bool fill_until_empty(void *context, uint8_t *out, size_t len)
{
    size_t *left = context;
    if (len > *left)
        return false;
    *left -= len;
    memset(out, 7, len);
    return true;
}

/* Generating needs 64 + 32 bytes, encapsulating 32 + 32; with fewer there is no secret left. */
START_TEST(random_source_fails)
{
    const struct group *g = subjects[_i].group;
    size_t left;
    const struct random_source random = { fill_until_empty, &left };
    for (size_t have = 0; have <= 96; have += 32) {
        left = have;
        ck_assert_int_eq(g->generate(private, key, &random), have == 96);
        if (have < 96)
            check_wiped(private, g->private_len);
    }
    for (size_t have = 0; have <= 64; have += 32) {
        left = have;
        ck_assert_int_eq(g->encapsulate(ciphertext, theirs, key_of(g), &random), have == 64);
        if (have < 64)
            check_wiped(theirs, g->shared_len);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        both_sides_agree, order_of_the_halves, n15_wrong_lengths, n15_mlkem_key_not_reduced,
        curve_part_refused, mlkem_ciphertext_altered, random_source_fails,
    };
    Suite *suite = suite_create("hybrid");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, c7_lengths_of_the_rfc);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_loop_test(t, tests[i], 0, COUNT(subjects));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
