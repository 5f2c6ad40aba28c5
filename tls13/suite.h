/* tls13/suite.h - cipher suites, groups and signature schemes: TLS code points for the
 * algorithms of crypto/, as const structs (RFC 8446 §B.4, §4.2.7, §4.2.3).
 *
 * An endpoint is given a `struct algorithms`; production uses algorithms_default. A test may build
 * another one, every primitive of which comes from elsewhere.
 */
#ifndef SEALPOST_TLS13_SUITE_H
#define SEALPOST_TLS13_SUITE_H

#include "crypto/aead.h"
#include "crypto/group.h"
#include "crypto/hash.h"
#include "crypto/signature.h"

struct cipher_suite {
    uint16_t code_point;
    const char *name;                    /* the RFC's: "TLS_AES_128_GCM_SHA256" */
    const struct aead *aead;
    const struct hash *hash;
};

struct named_group {
    uint16_t code_point;
    const char *name;                    /* the RFC's: "x25519" */
    const struct group *group;
    uint8_t strength;                    /* a class: of groups of one, a share that is there counts
                                            for more than the order. 1: with ML-KEM; 0: the others */
};

struct signature_scheme {
    uint16_t code_point;
    const char *name;                    /* the RFC's: "ecdsa_secp256r1_sha256" */
    const struct signature *signature;
    bool certificates_only;              /* not for CertificateVerify (rsa_pkcs1_*) */
};

/* Each list is in order of preference. */
struct algorithms {
    const struct cipher_suite     *const *suites;  size_t suite_count;
    const struct named_group      *const *groups;  size_t group_count;
    const struct signature_scheme *const *schemes; size_t scheme_count;
    /* Of signatures in certificates, where they are others (RFC 8446 §4.2.3); none: the same. */
    const struct signature_scheme *const *certificate_schemes; size_t certificate_scheme_count;
};

extern const struct algorithms algorithms_default;

/* The entry with that code point, or NULL. */
const struct cipher_suite     *suite_find(const struct algorithms *a, uint16_t code_point);
const struct named_group      *group_find(const struct algorithms *a, uint16_t code_point);
const struct signature_scheme *scheme_find(const struct algorithms *a, uint16_t code_point);

/* The same for a signature in a certificate. */
const struct signature_scheme *certificate_scheme_find(const struct algorithms *a,
                                                       uint16_t code_point);

#endif
