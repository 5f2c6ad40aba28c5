/* tests/bogo/expect.h - what a test says must have come of a handshake. */
#ifndef SEALPOST_TESTS_BOGO_EXPECT_H
#define SEALPOST_TESTS_BOGO_EXPECT_H

#include "tests/bogo/endpoint.h"

/* Each ends the process as failed, whatever the test waits for, if an expectation is not met. */

/* `again`: it is not the first connection, and so has to be a resumed one. */
void check_connection(const struct endpoint *e, const struct tls *t, bool again);

void expect(bool condition, const char *what);

#endif
