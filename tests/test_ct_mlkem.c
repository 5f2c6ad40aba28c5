/* tests/test_ct_mlkem.c - every secret path through Keccak, ML-KEM-768 and the hybrid groups, with
 * its secrets marked.
 *
 * A normal build runs these as plain tests. Built with -DCT_VALGRIND and run as
 *
 *      CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_mlkem
 *
 * memcheck reports each branch and each index that depends on a seed, on the noise, on a message or
 * on whether a ciphertext was accepted. What the library releases (rho, finished keys and
 * ciphertexts) is explained there; this file releases only what it compares.
 */
#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/group.h"
#include "crypto/keccak.h"
#include "crypto/mlkem768.h"

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

static uint8_t seed[MLKEM768_SEED_LEN], m[MLKEM768_RANDOM_LEN];
static uint8_t key[MLKEM768_KEY_LEN], ciphertext[MLKEM768_CIPHERTEXT_LEN];
static uint8_t ours[GROUP_SHARED_MAX], theirs[GROUP_SHARED_MAX];

START_TEST(sponges)
{
    static const struct sponge_kind *const kinds[] = { &sha3_256, &sha3_512, &shake128, &shake256 };
    uint8_t in[200], out[200];
    ck_assert(fill_secret(NULL, in, sizeof in));
    for (size_t i = 0; i < COUNT(kinds); i++)
        sponge_digest(kinds[i], out, sizeof out, bytes_of(in, 99), bytes_of(in + 99, 101));
}
END_TEST

/* By whatever there is, and in plain C. */
enum { WAYS = 2 };

static void choose_way(int way)
{
    (void)cpu_ask();
    if (way > 0)
        cpu_pretend(0);
}

static void encapsulate(void)
{
    ck_assert(fill_secret(NULL, seed, sizeof seed));
    ck_assert(fill_secret(NULL, m, sizeof m));
    mlkem768_public_key(key, seed);
    ck_assert(mlkem768_encapsulate(ciphertext, theirs, bytes_of(key, sizeof key), m));
}

static bool agree(void)
{
    ck_assert(mlkem768_decapsulate(ours, seed, bytes_of(ciphertext, sizeof ciphertext)));
    return ct_verdict(ct_equal(ours, theirs, MLKEM768_SHARED_LEN));
}

START_TEST(accepted)
{
    choose_way(_i);
    encapsulate();
    ck_assert(agree());
}
END_TEST

/* Rejection takes the same road. */
START_TEST(c10_rejected)
{
    choose_way(_i % WAYS);
    encapsulate();
    ciphertext[_i / WAYS * 1000] ^= 1;
    ck_assert(!agree());
}
END_TEST

static const struct group *const groups[] = { &group_x25519mlkem768, &group_secp256r1mlkem768 };

START_TEST(hybrids)
{
    const struct group *g = groups[_i];
    uint8_t private[GROUP_PRIVATE_MAX], share[GROUP_ENCAPSULATION_KEY_MAX];
    uint8_t answer[GROUP_CIPHERTEXT_MAX];
    ck_assert(g->generate(private, share, &secret_random));
    ck_assert(g->encapsulate(answer, theirs, bytes_of(share, g->encapsulation_key_len),
                             &secret_random));
    ck_assert(g->decapsulate(ours, private, bytes_of(answer, g->ciphertext_len)));
    ck_assert(ct_verdict(ct_equal(ours, theirs, g->shared_len)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ct_mlkem");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, sponges);
    tcase_add_loop_test(t, hybrids, 0, COUNT(groups));
    tcase_add_loop_test(t, accepted, 0, WAYS);
    tcase_add_loop_test(t, c10_rejected, 0, 2 * WAYS);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
