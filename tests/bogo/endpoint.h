/* tests/bogo/endpoint.h - our client or server as the flags describe it. */
#ifndef SEALPOST_TESTS_BOGO_ENDPOINT_H
#define SEALPOST_TESTS_BOGO_ENDPOINT_H

#include "tests/bogo/flags.h"
#include "tests/bogo/witness.h"
#include "tls13/certificate_request.h"
#include "tls13/credential_io.h"
#include "tls13/psk_importer.h"
#include "tls13/tls.h"

enum { ALPN_MAX = 8 };

/* What lives on from one connection of a test to the next. */
struct memory {
    int64_t clock;                           /* that -resumption-delay moves */
    struct ticket_keys ticket_keys;          /* the server's */
    struct tls_session kept, offered;        /* the client's latest; the one that is lent */
    bool disbelieved;                        /* the peer of the session, though accepted */
    int64_t ticket_given;                    /* by the server, at this time */
    uint32_t ticket_age_add;
};

struct endpoint;

/* One of our certificates, and how its key may be used. */
struct own_certificate {
    struct endpoint *endpoint;
    int number;                              /* as the flags count */
    struct credential *loaded;
    uint8_t ocsp_response[1024];
    const struct signature_scheme *signing[LIST_MAX];
};

/* What the checked settings look into. */
struct endpoint {
    const struct flags *flags;
    struct memory *memory;
    struct tls_config config;
    struct algorithms algorithms;
    const struct cipher_suite *suites[LIST_MAX];
    struct named_group group_copies[LIST_MAX];
    const struct named_group *groups[LIST_MAX];
    const struct signature_scheme *schemes[LIST_MAX];
    struct bytes alpn[ALPN_MAX];
    size_t alpn_count;
    struct own_certificate own[1 + X509_MAX];
    struct tls_credential credentials[1 + X509_MAX];
    size_t credential_count;
    int signed_by;                           /* the number of the one that did; -1: none */
    struct imported_psk psks[2 * PSKS_MAX];  /* each for both hashes */
    size_t psk_count;
    struct x509_trust pinned;
    uint8_t pin[1][X509_PIN_LEN];
    struct x509_trust authorities;           /* only named */
    struct x509_anchor anchors[AUTHORITIES_MAX];
    uint8_t anchor_bytes[4096];
    struct tls_verifier verifier;
    bool chain_differs;                      /* from that of -expect-peer-cert-file */
    struct witness witness;
    struct observer observer;
};

/* Ends the process as "unimplemented" if the flags ask for what we do not have. */
void endpoint_make(struct endpoint *e, const struct flags *flags, struct memory *memory);
void endpoint_free(struct endpoint *e);

/* "This is not for us", which the runner counts apart from success and failure. */
_Noreturn void unimplemented(const char *what);

/* Our own trouble, or an expectation that is not met: never the outcome that a test waits for. */
_Noreturn void broken(const char *what);

#endif
