/* tests/bogo/expect.h - what a test says must have come of a handshake. */
#ifndef SEALPOST_TESTS_BOGO_EXPECT_H
#define SEALPOST_TESTS_BOGO_EXPECT_H

#include "tests/bogo/endpoint.h"

/* False, and a line on standard error for the first expectation that is not met. `again`: it is not
 * the first connection, and so has to be a resumed one. */
bool expectations_met(const struct endpoint *e, const struct tls *t, bool again);

/* Returns `condition`, after that line if it is false. */
bool met(bool condition, const char *what);

#endif
