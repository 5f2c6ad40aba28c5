/* tests/stack.h - how much stack something takes, and what it leaves there. */
#ifndef SEALPOST_TESTS_STACK_H
#define SEALPOST_TESTS_STACK_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that a thread running this wrote to its stack, which was painted before, less what a thread
 * that does nothing writes. Not under memcheck, which guards a thread's stack; under a sanitizer it
 * says more than the code takes. */
size_t stack_used(void (*operation)(void));

/* Bytes of this value that stand on such a stack when the thread is over. The same holds. */
size_t stack_left(void (*operation)(void), uint8_t value);

#endif
