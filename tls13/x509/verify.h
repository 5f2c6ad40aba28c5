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
    X509_CHAIN_MAX         = 40,  /* certificates sent that are looked at, from the front */
    X509_INTERMEDIATES_MAX = 10,  /* certificates between the peer's and an anchor's, at the most */
    X509_REASON_MAX        = 240, /* bytes of the sentence, with its NUL */
    X509_PIN_LEN           = 32,
};

/* ---- what is believed ---- */

/* A trust anchor: a name and a key (RFC 5280 §6.1.1 d), kept as the certificate that states them. */
struct x509_anchor {
    struct bytes certificate;     /* DER */
    struct bytes subject;         /* its subject Name, DER; a view into certificate */
};

/* What is believed. The caller owns all memory; trust_io.h makes one from files.
 *
 *   anchors alone     a path to one of them, names, dates: the web's rules
 *   pins alone        the peer's key is the whole trust, in a certificate or bare (RFC 7250). It
 *                     was agreed on out of band, so that names, dates, uses and signatures of a
 *                     certificate around it say nothing more, as in RFC 7671 §5.1. The
 *                     certificate must decode, and the key be one that we rely on
 *   both              both must hold: a path, and a pinned key at its lower end
 */
struct x509_trust {
    const struct x509_anchor *anchors;
    size_t anchor_count;
    const uint8_t (*pins)[X509_PIN_LEN];     /* of the peer's own key: see x509_pin */
    size_t pin_count;
};

/* SHA-256 of a SubjectPublicKeyInfo (DER). */
void x509_pin(uint8_t out[X509_PIN_LEN], struct bytes spki);
bool x509_pinned(const struct x509_trust *trust, struct bytes spki);

/* ---- certificates ---- */

enum x509_purpose { X509_SERVER, X509_CLIENT };       /* id-kp-serverAuth, id-kp-clientAuth */

/* How much a stranger may make us work. What goes beyond is refused as too complex. */
struct x509_budget {
    unsigned signatures;                     /* checks of a signature */
    unsigned candidates;                     /* certificates looked at as somebody's issuer */
    unsigned comparisons;                    /* of a name with a name constraint */
    unsigned intermediates;                  /* in a path, less those that are self-issued (RFC 5280
                                                §6.1.4 l); X509_INTERMEDIATES_MAX in all */
};

/* 100 signatures, 1000 candidates, 10000 comparisons, 6 intermediates: ten times what the web needs,
 * and some 10 ms (0.2 s where all keys have RSA's largest size). */
extern const struct x509_budget x509_budget_default;

struct x509_question {
    const struct x509_trust *trust;
    const struct algorithms *algorithms;     /* signature schemes that may appear in the path */
    bool offered_only;                       /* see below */
    const struct bytes *chain;               /* DER, the peer's own first */
    size_t chain_count;
    struct bytes name;                       /* "mail.example.org" or "192.0.2.1" or "2001:db8::1";
                                                a client's may be empty: any */
    int64_t now;                             /* seconds since 1970-01-01 UTC */
    enum x509_purpose purpose;
    bool status_requested;                   /* we asked for a stapled status (RFC 6066 §8) */
    struct bytes ocsp_response;              /* what came: OCSPResponse, DER; empty: nothing */
    const struct x509_budget *budget;        /* NULL: x509_budget_default */
};

struct x509_verdict {
    struct public_key key;                   /* the leaf's */
    bool status_good;                        /* a stapled OCSP response says so */
    int64_t good_until;                      /* the first notAfter in the path; 0: not looked at */
    char reason[X509_REASON_MAX];            /* why not; empty if believed */
};

/* ALERT_NONE if the chain is believed, for the purpose and the name.
 *
 * An OCSP response, where there is one, must satisfy; where there is none, a certificate that must
 * be stapled (RFC 7633) is refused if status_requested.
 *
 * offered_only: each signature in the path is of a scheme in `algorithms`, curve and hash (RFC 8446
 * §4.4.2.2 asks that of a peer that can). Without it ECDSA with the other curve's hash, for which
 * TLS 1.3 has no code point, will do where each half is offered. */
enum alert x509_verify(struct x509_verdict *out, const struct x509_question *question);

/* Only decodes the leaf and gives its key, believing nothing: for who judges chains by himself, or
 * not at all. KEY_NONE for a key of a type that is not known; unsupported_certificate if the leaf may
 * not sign. */
enum alert x509_leaf_key(struct x509_verdict *out, struct bytes leaf);

/* Whether a peer with a key of that type could sign a CertificateVerify for us. */
bool x509_key_supported(const struct algorithms *algorithms, enum key_type type);

/* ---- raw public keys (RFC 7250) ---- */

/* The same for a bare SubjectPublicKeyInfo (DER): it must be one of the pins, and there must be no
 * anchors, since both would have to hold. So whoever offers RawPublicKey has pins alone. */
enum alert x509_spki_verify(struct x509_verdict *out, const struct x509_trust *trust,
                            const struct algorithms *algorithms, struct bytes spki);

/* Only decodes it, strictly, believing nothing. */
enum alert x509_spki_decode(struct x509_verdict *out, struct bytes spki);

/* ---- reference names ---- */

/* Is this text a name that can be checked: a DNS name of LDH labels (A-labels), or an IP literal?
 * If not, *reason says what is wrong with it. */
bool x509_name_usable(struct bytes name, const char **reason);
bool x509_name_is_ip(struct bytes name);

#endif
