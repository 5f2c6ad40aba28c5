/* tls13/x509/make.h - making certificates (RFC 5280 §4): good ones for `sealtls cert`, and any
 * kind of bad one for tests.
 *
 * A recipe says everything that goes into a certificate. Start from one of the three below, which
 * give what RFC 5280 asks of a root, a server and a client, and change a field to break a rule:
 *
 *     struct x509_recipe r = x509_recipe_server("mail", &key, ca, now);
 *     r.dns = (const char *const[]){ "mail.example.org" };
 *     r.dns_count = 1;
 *     r.not_after = now - 1;                       // expired
 *     x509_make(der, &der_len, sizeof der, &r, random);
 *
 * Pure: no allocation, no clock, no files. All memory named in a recipe is the caller's.
 */
#ifndef SEALPOST_TLS13_X509_MAKE_H
#define SEALPOST_TLS13_X509_MAKE_H

#include "crypto/bytes.h"
#include "crypto/random.h"
#include "crypto/signature.h"

#include <stdint.h>

enum {
    X509_MAKE_MAX = 4096,                /* room enough for anything but hundreds of names */
};

/* RFC 5280 §4.2.1.3; bit n of the BIT STRING is 1 << n here. */
enum x509_key_usage {
    X509_DIGITAL_SIGNATURE = 1 << 0,
    X509_NON_REPUDIATION   = 1 << 1,
    X509_KEY_ENCIPHERMENT  = 1 << 2,
    X509_KEY_AGREEMENT     = 1 << 4,
    X509_KEY_CERT_SIGN     = 1 << 5,
    X509_CRL_SIGN          = 1 << 6,
};

/* RFC 5280 §4.2.1.12, as a set. */
enum x509_extended_key_usage {
    X509_EKU_SERVER = 1 << 0,            /* id-kp-serverAuth */
    X509_EKU_CLIENT = 1 << 1,            /* id-kp-clientAuth */
    X509_EKU_ANY    = 1 << 2,            /* anyExtendedKeyUsage */
    X509_EKU_OTHER  = 1 << 3,            /* any other; made as id-kp-codeSigning */
    X509_EKU_OCSP   = 1 << 4,            /* id-kp-OCSPSigning (RFC 6960 §4.2.2.2) */
};

enum x509_basic_constraints {
    X509_NO_BASIC_CONSTRAINTS,           /* leave the extension out */
    X509_NOT_CA,
    X509_CA,
};

struct x509_extension {
    struct bytes oid;                    /* contents, without tag and length */
    bool critical;
    struct bytes value;                  /* DER, what goes inside the OCTET STRING */
};

/* Who signs: its certificate (for the issuer name and key identifier) and its key. An empty
 * certificate: self-signed, by the subject's own key. */
struct x509_issuer {
    struct bytes certificate;            /* DER */
    const struct private_key *key;
};

struct x509_recipe {
    const char *common_name;             /* NULL: an empty subject */
    const char *organization;            /* NULL: none */
    const struct private_key *key;       /* the subject's; only its public half goes in */
    struct x509_issuer issuer;

    int64_t not_before, not_after;       /* seconds since 1970-01-01 UTC */

    enum x509_basic_constraints basic_constraints;      /* critical if X509_CA */
    bool has_path_len;                   /* else no pathLenConstraint */
    unsigned path_len;
    unsigned key_usage;                  /* enum x509_key_usage; 0: leave the extension out */
    unsigned extended_key_usage;         /* enum x509_extended_key_usage; 0: leave it out */

    /* subjectAltName: left out if there are none. */
    const char *const *dns;    size_t dns_count;        /* written as they are, unchecked */
    const char *const *ip;     size_t ip_count;         /* "192.0.2.1", "2001:db8::1" */
    const char *const *email;  size_t email_count;      /* rfc822Name */

    /* nameConstraints, critical: left out if there are none. */
    const char *const *permitted_dns; size_t permitted_dns_count;
    const char *const *excluded_dns;  size_t excluded_dns_count;

    const struct x509_extension *extra;  size_t extra_count;     /* after all of the above */

    /* What only a test would change. */
    struct bytes serial;                 /* contents of the INTEGER; empty: 16 random bytes */
    struct bytes issuer_name;            /* Name, DER; empty: the issuer's subject */
    bool version_1;                      /* no version field, no extensions */
    bool no_key_identifiers;             /* neither SKI nor AKI */
    bool algorithms_differ;              /* inner signatureAlgorithm names another algorithm */
};

/* A self-signed root: CA, keyCertSign and cRLSign, ten years from now. */
struct x509_recipe x509_recipe_root(const char *common_name, const struct private_key *key,
                                    int64_t now);

/* digitalSignature and serverAuth, one year; names are the caller's to add. */
struct x509_recipe x509_recipe_server(const char *common_name, const struct private_key *key,
                                      struct x509_issuer issuer, int64_t now);

/* digitalSignature and clientAuth, one year. */
struct x509_recipe x509_recipe_client(const char *common_name, const struct private_key *key,
                                      struct x509_issuer issuer, int64_t now);

/* Writes the certificate (DER). False if it does not fit in `cap`, a key is not valid, an ip is
 * not one, the issuer's certificate does not decode or random fails. */
bool x509_make(uint8_t *out, size_t *out_len, size_t cap, const struct x509_recipe *recipe,
               const struct random_source *random);

/* Only the last step: Certificate = tbs, the algorithm of `key`, its signature over `tbs`. For
 * tests that edit a TBSCertificate and sign it anew. */
bool x509_sign(uint8_t *out, size_t *out_len, size_t cap, struct bytes tbs,
               const struct private_key *key, const struct random_source *random);

#endif
