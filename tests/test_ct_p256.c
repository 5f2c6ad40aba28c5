/* tests/test_ct_p256.c - every secret path through P-256, with its secrets marked.
 *
 * A normal build runs these as plain tests. Built with -DCT_VALGRIND and run as
 *
 *      CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_p256
 *
 * memcheck reports each branch and each index that depends on a private key, a nonce or a shared
 * secret. What the library releases by ct_public (public keys, finished signatures, verdicts) is
 * explained there; this file releases only what it compares.
 */
#include "crypto/ct.h"
#include "crypto/group.h"
#include "crypto/p256.h"
#include "crypto/signature.h"

#include <check.h>
#include <string.h>

/* A random source whose bytes are secret from the start. */
static bool fill_secret(void *context, uint8_t *out, size_t len)
{
    bool good = random_fill(&random_system, out, len);
    (void)context;
    ct_secret(out, len);
    return good;
}

static const struct random_source secret_random = { fill_secret, NULL };

START_TEST(key_exchange)
{
    const struct group *g = &group_secp256r1;
    uint8_t private[32], share[65], answer[65], ours[32], theirs[32];
    ck_assert(g->generate(private, share, &secret_random));
    ck_assert(g->encapsulate(answer, theirs, bytes_of(share, 65), &secret_random));
    ck_assert(g->decapsulate(ours, private, bytes_of(answer, 65)));
    ck_assert(ct_verdict(ct_equal(ours, theirs, 32)));
}
END_TEST

START_TEST(signing)
{
    static const struct bytes message = { (const uint8_t *)"a message", 9 };
    struct private_key key;
    uint8_t point[PUBLIC_POINT_MAX], signature[SIGNATURE_MAX];
    size_t point_len, len;
    ck_assert(private_key_generate(&key, KEY_P256, &secret_random));
    ck_assert(private_key_public(point, &point_len, &key));
    ck_assert(signature_ecdsa_p256_sha256.sign(signature, &len, &key, message, &secret_random));
    struct public_key public = { .type = KEY_P256, .point = bytes_of(point, point_len) };
    ck_assert(signature_ecdsa_p256_sha256.verify(&public, message, bytes_of(signature, len)));
}
END_TEST

/* Keys that are refused take the same road; only the verdict comes out. */
START_TEST(refused_keys)
{
    uint8_t private[32], share[65], shared[32];
    struct private_key key = { .type = KEY_P256 };
    uint8_t signature[SIGNATURE_MAX];
    size_t len;
    ck_assert(group_secp256r1.generate(private, share, &random_system));
    memset(private, 0, sizeof private);
    ct_secret(private, sizeof private);
    ck_assert(!group_secp256r1.decapsulate(shared, private, bytes_of(share, 65)));
    memset(key.secret, 0xff, sizeof key.secret);
    ct_secret(key.secret, sizeof key.secret);
    ck_assert(!signature_ecdsa_p256_sha256.sign(signature, &len, &key, bytes_of(NULL, 0), NULL));
}
END_TEST

/* The layers below by themselves: a secret scalar times a secret point. */
START_TEST(multiplication)
{
    uint8_t bytes[32], encoded[65];
    struct p256_scalar k;
    struct p256_point p;
    ck_assert(fill_secret(NULL, bytes, sizeof bytes));
    (void)p256_scalar_decode(&k, bytes);
    p256_multiply_base(&p, &k);
    p256_multiply(&p, &k, &p);
    ck_assert(ct_verdict(p256_point_encode(encoded, &p)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { key_exchange, signing, refused_keys, multiplication };
    Suite *suite = suite_create("ct_p256");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
