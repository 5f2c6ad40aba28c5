/* tests/stack.h - how much stack something takes. */
#ifndef SEALPOST_TESTS_STACK_H
#define SEALPOST_TESTS_STACK_H

#include <stddef.h>

/* Bytes that a thread running this wrote to its stack, which was painted before, less what a thread
 * that does nothing writes. Not under memcheck, which guards a thread's stack; under a sanitizer it
 * says more than the code takes. */
size_t stack_used(void (*operation)(void));

#endif
