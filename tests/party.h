/* tests/party.h - certificates with their keys, for suites that build chains. */
#ifndef SEALPOST_TESTS_PARTY_H
#define SEALPOST_TESTS_PARTY_H

#include "tls13/x509/certificate.h"
#include "tls13/x509/make.h"
#include "tls13/x509/verify.h"

static const int64_t NOW = 1790000000;                    /* 2026-09-21 */
enum { DAY = 86400 };

struct party {
    struct private_key key;
    uint8_t der[X509_MAKE_MAX];
    size_t len;
};

void party_generate(struct party *p, enum key_type type);
void party_make(struct party *p, struct x509_recipe r);
struct bytes party_der(const struct party *p);
struct x509_issuer party_issuer(const struct party *p);

/* Its certificate, decoded. */
struct x509_certificate party_certificate(const struct party *p);

/* A generated key and a self-signed root. */
void party_root(struct party *p, const char *name);

/* A CA below `issuer`, with pathLenConstraint 0, five years. */
struct x509_recipe party_ca_recipe(const char *common_name, const struct private_key *key,
                                   struct x509_issuer issuer, int64_t now);

/* A generated key and a CA below `issuer`, with pathLenConstraint 0. */
void party_intermediate(struct party *p, const char *name, const struct party *issuer);

/* The recipe of a server for that host, which needs to outlive it. */
struct x509_recipe party_server_recipe(const struct party *p, const struct party *issuer,
                                       const char *const *host);

/* Its certificate says that it was signed in another way: both AlgorithmIdentifiers become this. */
void party_set_algorithm(struct party *p, struct bytes algorithm);

#endif
