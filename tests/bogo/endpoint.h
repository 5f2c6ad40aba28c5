/* tests/bogo/endpoint.h - our client or server as the flags describe it. */
#ifndef SEALPOST_TESTS_BOGO_ENDPOINT_H
#define SEALPOST_TESTS_BOGO_ENDPOINT_H

#include "tests/bogo/flags.h"
#include "tls13/credential_io.h"
#include "tls13/tls.h"

enum { ALPN_MAX = 8 };

/* What the checked settings look into. */
struct endpoint {
    const struct flags *flags;
    struct tls_config config;
    struct algorithms algorithms;
    const struct cipher_suite *suites[LIST_MAX];
    const struct named_group *groups[LIST_MAX];
    const struct signature_scheme *schemes[LIST_MAX];
    struct bytes alpn[ALPN_MAX];
    size_t alpn_count;
    struct credential *credential;           /* NULL: none was given */
    struct tls_credential offered;           /* the same under -signing-prefs */
    const struct signature_scheme *signing[LIST_MAX];
};

/* Ends the process as "unimplemented" if the flags ask for what we do not have. */
void endpoint_make(struct endpoint *e, const struct flags *flags);
void endpoint_free(struct endpoint *e);

/* "This is not for us", which the runner counts apart from success and failure. */
_Noreturn void unimplemented(const char *what);

/* Our own trouble: never the outcome that a test waits for. */
_Noreturn void broken(const char *what);

#endif
