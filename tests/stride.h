/* tests/stride.h - the step of a long loop: 1, or `quick` where SEALPOST_QUICK asks for less, as
 * the runs under valgrind do. */
#ifndef SEALPOST_TESTS_STRIDE_H
#define SEALPOST_TESTS_STRIDE_H

#include <stddef.h>
#include <stdlib.h>

static inline size_t stride(size_t quick)
{
    return getenv("SEALPOST_QUICK") ? quick : 1;
}

#endif
