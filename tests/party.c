/* tests/party.c - certificates with their keys. */
#include "tests/party.h"

#include "tls13/x509/der.h"

#include <check.h>
#include <string.h>

void party_generate(struct party *p, enum key_type type)
{
    ck_assert(private_key_generate(&p->key, type, &random_system));
}

void party_make(struct party *p, struct x509_recipe r)
{
    ck_assert(x509_make(p->der, &p->len, sizeof p->der, &r, &random_system));
}

struct bytes party_der(const struct party *p)
{
    return bytes_of(p->der, p->len);
}

struct x509_issuer party_issuer(const struct party *p)
{
    return (struct x509_issuer){ party_der(p), &p->key };
}

struct x509_certificate party_certificate(const struct party *p)
{
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, party_der(p)));
    return c;
}

void party_root(struct party *p, const char *name)
{
    party_generate(p, KEY_P256);
    party_make(p, x509_recipe_root(name, &p->key, NOW));
}

struct x509_recipe party_ca_recipe(const char *common_name, const struct private_key *key,
                                   struct x509_issuer issuer, int64_t now)
{
    struct x509_recipe r = x509_recipe_root(common_name, key, now);
    r.issuer = issuer;
    r.not_after = now + (int64_t)1826 * DAY;
    r.has_path_len = true;
    return r;
}

void party_intermediate(struct party *p, const char *name, const struct party *issuer)
{
    party_generate(p, KEY_P256);
    party_make(p, party_ca_recipe(name, &p->key, party_issuer(issuer), NOW));
}

struct x509_recipe party_server_recipe(const struct party *p, const struct party *issuer,
                                       const char *const *host)
{
    struct x509_recipe r = x509_recipe_server("Leaf", &p->key, party_issuer(issuer), NOW);
    r.dns = host;
    r.dns_count = 1;
    return r;
}

void party_set_algorithm(struct party *p, struct bytes algorithm)
{
    uint8_t copy[X509_MAKE_MAX];
    memcpy(copy, p->der, p->len);
    struct reader r = reader_of(bytes_of(copy, p->len));
    struct reader certificate = der_enter(&r, DER_SEQUENCE);
    struct reader tbs = der_enter(&certificate, DER_SEQUENCE);
    struct bytes version = der_read_whole(&tbs, DER_CONTEXT | DER_CONSTRUCTED | 0);
    struct bytes serial = der_read_whole(&tbs, DER_INTEGER);
    der_read(&tbs, DER_SEQUENCE);
    der_read(&certificate, DER_SEQUENCE);
    ck_assert(!tbs.bad && !certificate.bad);

    struct writer w = writer_of(p->der, sizeof p->der);
    size_t outer = der_begin(&w, DER_SEQUENCE), inner = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, version);
    write_bytes(&w, serial);
    write_bytes(&w, algorithm);
    write_bytes(&w, tbs.rest);
    der_end(&w, inner);
    write_bytes(&w, algorithm);
    write_bytes(&w, certificate.rest);
    der_end(&w, outer);
    ck_assert(writer_done(&w));
    p->len = w.len;
}
