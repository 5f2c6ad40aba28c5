/* tests/test_ct_rsa.c - every secret path through RSA signing, with its secrets marked.
 *
 * A normal build runs these as plain tests. Built with -DCT_VALGRIND and run as
 *
 *      CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_rsa
 *
 * memcheck reports each branch and each index that depends on p, q, dP, dQ or qInv. Lengths are
 * public, and so are the modulus and the finished signature.
 */
#include "crypto/cpu.h"
#include "crypto/signature.h"
#include "tests/rsa_key.h"

#include <check.h>

/* With the instructions that there are uses for, and without. valgrind executes ADX, but says that
 * it does not (3.19). */
static void choose(int loop)
{
    if (loop == 1)
        cpu_pretend(0);
#ifdef CT_VALGRIND
    else
        cpu_pretend(CPU_X86_64 ? CPU_AVX2 | CPU_ADX : 0);
#endif
}

START_TEST(c3_signing)
{
    choose(_i);
    static const struct signature *const schemes[] = {
        &signature_rsa_pss_sha256, &signature_rsa_pkcs1_sha512,
    };
    struct bytes message = bytes_of_string("a message");
    struct private_key key = rsa_secret_key();
    struct rsa_public_key rsa = rsa_public(&key.rsa);
    struct public_key public = { .type = KEY_RSA, .modulus = rsa.modulus,
                                 .exponent = rsa.exponent };
    for (size_t i = 0; i < COUNT(schemes); i++) {
        uint8_t signature[SIGNATURE_MAX];
        size_t len;
        ck_assert(schemes[i]->sign(signature, &len, &key, message, &random_system));
        ck_assert(schemes[i]->verify(&public, message, bytes_of(signature, len)));
    }
}
END_TEST

/* A key that is wrong takes the same road; only the verdict comes out. */
START_TEST(refused_key)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t len;
    struct private_key key = rsa_secret_key();
    key.rsa.dP[3] ^= 1;
    ck_assert(!signature_rsa_pkcs1_sha256.sign(signature, &len, &key, bytes_of(NULL, 0), NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ct_rsa");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 240);
    tcase_add_loop_test(all, c3_signing, 0, 2);
    tcase_add_test(all, refused_key);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
