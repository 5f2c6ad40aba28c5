/* tls13/x509/verify.h - is this chain to be believed, for this name, at this time?
 *
 * What the handshake asks of X.509, in one call: path building and validation (RFC 5280 §6), names
 * (RFC 9525), pins. The answer is an alert, a sentence that names certificate, field and rule,
 * and the leaf's public key. Nothing is allocated; views in the answer look into the chain.
 */
#ifndef SEALPOST_TLS13_X509_VERIFY_H
#define SEALPOST_TLS13_X509_VERIFY_H

#include "crypto/bytes.h"
#include "crypto/signature.h"
#include "tls13/alert.h"
#include "tls13/suite.h"

enum {
    X509_CHAIN_MAX  = 8,          /* certificates that a peer may send */
    X509_REASON_MAX = 240,        /* bytes of the sentence, with its NUL */
    X509_PIN_LEN    = 32,
};

/* A trust anchor: a name and a key (RFC 5280 §6.1.1 d), kept as the certificate that states them. */
struct x509_anchor {
    struct bytes certificate;     /* DER */
    struct bytes subject;         /* its subject Name, DER; a view into certificate */
};

/* What is believed. One of: anchors, pins, or both (then either a path or a pin suffices is NOT the
 * rule: both must hold). The caller owns all memory; trust_io.h makes one from files. */
struct x509_trust {
    const struct x509_anchor *anchors;
    size_t anchor_count;
    const uint8_t (*pins)[X509_PIN_LEN];     /* SHA-256 of the leaf's SubjectPublicKeyInfo */
    size_t pin_count;
};

enum x509_purpose { X509_SERVER, X509_CLIENT };       /* id-kp-serverAuth, id-kp-clientAuth */

struct x509_question {
    const struct x509_trust *trust;
    const struct algorithms *algorithms;     /* signature schemes that may appear in the path */
    const struct bytes *chain;               /* DER, the peer's own first */
    size_t chain_count;
    struct bytes name;                       /* "mail.example.org" or "192.0.2.1" or "2001:db8::1" */
    int64_t now;                             /* seconds since 1970-01-01 UTC */
    enum x509_purpose purpose;
};

struct x509_verdict {
    struct public_key key;                   /* the leaf's */
    char reason[X509_REASON_MAX];            /* why not; empty if believed */
};

/* ALERT_NONE if the chain is believed. With pins and no anchors, the leaf's key is the whole
 * trust: name, dates and signatures are not looked at, since the key was agreed on out of band. */
enum alert x509_verify(struct x509_verdict *out, const struct x509_question *question);

/* Only decodes the leaf and gives its key, believing nothing: for an explicitly insecure client. */
enum alert x509_leaf_key(struct x509_verdict *out, struct bytes leaf);

/* Is this text a name that can be checked: a DNS name of LDH labels (A-labels), or an IP literal?
 * If not, *reason says what is wrong with it. */
bool x509_name_usable(struct bytes name, const char **reason);
bool x509_name_is_ip(struct bytes name);

#endif
