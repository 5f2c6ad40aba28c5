/* tests/stack.c - how much stack something takes, seen by what is left of the paint. */
#include "tests/stack.h"

#include <check.h>
#include <pthread.h>
#include <string.h>

static void do_nothing(void)
{
}

static void *run(void *operation)
{
    (*(void (**)(void))operation)();
    return NULL;
}

enum { STACK_LEN = 1 << 18, PAINT = 0xa5 };
static _Alignas(4096) uint8_t stack[STACK_LEN];

static void run_on_stack(void (*operation)(void))
{
    pthread_attr_t attributes;
    pthread_t thread;
    memset(stack, PAINT, sizeof stack);
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
    ck_assert_int_eq(pthread_attr_setstack(&attributes, stack, sizeof stack), 0);
    ck_assert_int_eq(pthread_create(&thread, &attributes, run, &operation), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
}

static size_t touched(void (*operation)(void))
{
    size_t untouched = 0;
    run_on_stack(operation);
    while (untouched < sizeof stack && stack[untouched] == PAINT)
        untouched++;
    return sizeof stack - untouched;
}

size_t stack_used(void (*operation)(void))
{
    (void)touched(do_nothing);                           /* what only the first thread does */
    return touched(operation) - touched(do_nothing);
}

size_t stack_left(void (*operation)(void), uint8_t value)
{
    size_t count = 0;
    run_on_stack(operation);
    for (size_t i = 0; i < sizeof stack; i++)
        count += stack[i] == value;
    return count;
}
