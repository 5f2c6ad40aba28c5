/* tests/test_ct_look_up.c - reading a table at a secret place: what comes out, and what shows.
 *
 * A normal build compares each version with the table itself. Built with -DCT_VALGRIND and run as
 *
 *      CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_look_up
 *
 * memcheck reports each branch and each address that depends on the index.
 */
#include "crypto/cpu.h"
#include "crypto/ct.h"

#include <check.h>
#include <string.h>

typedef void look_up(uint64_t *out, const uint64_t *table, size_t limbs, size_t count,
                     uint64_t index);

enum { LIMBS_MAX = 40, COUNT_MAX = 33 };

static void every_index(look_up *f, size_t limbs, size_t count)
{
    static uint64_t table[LIMBS_MAX * COUNT_MAX];
    for (size_t i = 0; i < COUNT(table); i++)
        table[i] = i * 0x9e3779b97f4a7c15;
    for (uint64_t index = 0; index < count; index++) {
        uint64_t out[LIMBS_MAX + 1], secret = index;
        memset(out, 0xa5, sizeof out);
        ct_secret(&secret, sizeof secret);
        f(out, table, limbs, count, secret);
        ct_public(out, sizeof out);
        ck_assert_mem_eq(out, table + limbs * index, 8 * limbs);
        ck_assert_uint_eq(out[limbs], 0xa5a5a5a5a5a5a5a5);
    }
}

static void every_size(look_up *f)
{
    static const size_t counts[] = { 1, 2, 16, 32, 33 };
    for (size_t limbs = 1; limbs <= LIMBS_MAX; limbs++)
        for (size_t i = 0; i < COUNT(counts); i++)
            every_index(f, limbs, counts[i]);
}

START_TEST(plain)
{
    every_size(ct_look_up_plain);
}
END_TEST

START_TEST(chosen)
{
    every_size(ct_look_up);
}
END_TEST

/* An index that is not there gives zeros. */
START_TEST(outside)
{
    static const uint64_t table[6] = { 1, 2, 3, 4, 5, 6 };
    uint64_t out[3] = { 7, 7, 7 };
    ct_look_up(out, table, 3, 2, 2);
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
    ct_look_up_plain(out, table, 3, 2, UINT64_MAX);
    ck_assert(out[0] == 0 && out[1] == 0 && out[2] == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ct_look_up");
    TCase *all = tcase_create("all");
    tcase_add_test(all, plain);
    tcase_add_test(all, chosen);
    tcase_add_test(all, outside);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
