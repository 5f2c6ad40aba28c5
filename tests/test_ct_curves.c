/* tests/test_ct_curves.c - every secret path through P-256 and P-384, with its secrets marked.
 *
 * A normal build runs these as plain tests. Built with -DCT_VALGRIND and run as
 *
 *      CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_curves
 *
 * memcheck reports each branch and each index that depends on a private key, a nonce or a shared
 * secret. What the library releases by ct_public (public keys, finished signatures, verdicts) is
 * explained there; this file releases only what it compares.
 */
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/curve.h"
#include "crypto/group.h"
#include "crypto/signature.h"

#include <check.h>
#include <string.h>

/* Each test runs for these two, with and without the instructions that P-256 has uses for. */
enum { CURVES = 2, LOOPS = 2 * CURVES };
static const struct subject {
    const struct curve *curve;
    const struct group *group;
    enum key_type type;
    const struct signature *scheme;
} subjects[CURVES] = {
    { &curve_p256, &group_secp256r1, KEY_P256, &signature_ecdsa_p256_sha256 },
    { &curve_p384, &group_secp384r1, KEY_P384, &signature_ecdsa_p384_sha384 },
};

/* valgrind executes ADX, but says that it does not (3.19). */
static const struct subject *subject(int loop)
{
    bool plain = loop >= CURVES;
#ifdef CT_VALGRIND
    cpu_pretend(plain ? 0 : CPU_X86_64 ? CPU_AVX2 | CPU_ADX : 0);
#else
    if (plain)
        cpu_pretend(0);
#endif
    return &subjects[loop % CURVES];
}

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
    const struct group *g = subject(_i)->group;
    uint8_t private[GROUP_PRIVATE_MAX], ours[GROUP_SHARED_MAX], theirs[GROUP_SHARED_MAX];
    uint8_t share[GROUP_ENCAPSULATION_KEY_MAX], answer[GROUP_CIPHERTEXT_MAX];
    ck_assert(g->generate(private, share, &secret_random));
    ck_assert(g->encapsulate(answer, theirs, bytes_of(share, g->encapsulation_key_len),
                             &secret_random));
    ck_assert(g->decapsulate(ours, private, bytes_of(answer, g->ciphertext_len)));
    ck_assert(ct_verdict(ct_equal(ours, theirs, g->shared_len)));
}
END_TEST

START_TEST(c2_signing)
{
    static const struct bytes message = { (const uint8_t *)"a message", 9 };
    const struct signature *scheme = subject(_i)->scheme;
    struct private_key key;
    uint8_t point[PUBLIC_POINT_MAX], signature[SIGNATURE_MAX];
    size_t point_len, len;
    ck_assert(private_key_generate(&key, subject(_i)->type, &secret_random));
    ck_assert(private_key_public(point, &point_len, &key));
    ck_assert(scheme->sign(signature, &len, &key, message, &secret_random));
    struct public_key public = { .type = key.type, .point = bytes_of(point, point_len) };
    ck_assert(scheme->verify(&public, message, bytes_of(signature, len)));
}
END_TEST

/* Keys that are refused take the same road; only the verdict comes out. */
START_TEST(refused_keys)
{
    const struct group *g = subject(_i)->group;
    uint8_t private[GROUP_PRIVATE_MAX], shared[GROUP_SHARED_MAX];
    uint8_t share[GROUP_ENCAPSULATION_KEY_MAX];
    struct private_key key = { .type = subject(_i)->type };
    uint8_t signature[SIGNATURE_MAX];
    size_t len;
    ck_assert(g->generate(private, share, &random_system));
    memset(private, 0, sizeof private);
    ct_secret(private, sizeof private);
    ck_assert(!g->decapsulate(shared, private, bytes_of(share, g->ciphertext_len)));
    memset(key.secret, 0xff, sizeof key.secret);
    ct_secret(key.secret, sizeof key.secret);
    ck_assert(!subject(_i)->scheme->sign(signature, &len, &key, bytes_of(NULL, 0), NULL));
}
END_TEST

/* The layers below by themselves: a secret scalar times a secret point. */
START_TEST(c12_multiplication)
{
    const struct curve *c = subject(_i)->curve;
    uint8_t bytes[CURVE_SCALAR_MAX], encoded[CURVE_POINT_MAX];
    struct scalar k;
    union curve_point p;
    ck_assert(fill_secret(NULL, bytes, sizeof bytes));
    (void)curve_scalar_decode(c, &k, bytes);
    c->multiply_base(&p, &k);
    c->multiply(&p, &k, &p);
    ck_assert(ct_verdict(c->encode(encoded, &p)));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = { key_exchange, c2_signing, refused_keys, c12_multiplication };
    Suite *suite = suite_create("ct_curves");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_loop_test(all, tests[i], 0, LOOPS);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
