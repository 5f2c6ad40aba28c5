/* tests/bogo/expect.h - what a test says must have come of a handshake. */
#ifndef SEALPOST_TESTS_BOGO_EXPECT_H
#define SEALPOST_TESTS_BOGO_EXPECT_H

#include "tests/bogo/flags.h"
#include "tls13/tls.h"

/* False, and a line on standard error for each expectation that is not met. */
bool expectations_met(const struct flags *f, const struct tls *t);

#endif
