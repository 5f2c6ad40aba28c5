/* Suite for crypto/wipe.h. */
#include "crypto/wipe.h"

#include "tests/stack.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- wipe ---- */

START_TEST(exactly_these_bytes)
{
    uint8_t around[40];
    for (size_t len = 0; len <= 32; len++) {
        memset(around, 0x5e, sizeof around);
        wipe(around + 4, len);
        for (size_t i = 0; i < sizeof around; i++)
            ck_assert_uint_eq(around[i], i >= 4 && i < 4 + len ? 0 : 0x5e);
    }
}
END_TEST

/* ---- wipe_stack ---- */

enum { SECRET = 0x5e, DEEP = 4608 };             /* "below 4.5 KB", as wipe.h says of its deepest user */

__attribute__((noinline))
static void compute_with_secrets(void)
{
    volatile uint8_t secrets[DEEP];
    for (size_t i = 0; i < sizeof secrets; i++)
        secrets[i] = SECRET;
}

static void compute(void)
{
    compute_with_secrets();
}

static void compute_and_wipe(void)
{
    compute_with_secrets();
    wipe_stack();
}

START_TEST(the_stack_below)
{
    if (getenv("SEALPOST_QUICK") != NULL) {
        printf("skipped: wipe_stack: memcheck guards a thread's stack\n");
        return;
    }
    ck_assert_uint_ge(stack_left(compute, SECRET), DEEP / 2);       /* it is seen where it is left */
    size_t by_chance = stack_left(wipe_stack, SECRET);
    ck_assert_uint_le(stack_left(compute_and_wipe, SECRET), by_chance + 16);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("wipe");
    TCase *t = tcase_create("wipe");
    tcase_add_test(t, exactly_these_bytes);
    tcase_add_test(t, the_stack_below);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
