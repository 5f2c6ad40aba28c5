/* tls13/x509/certificate.h - what an X.509 certificate says (RFC 5280 §4).
 *
 * Decoding is strict about form and decides nothing: dates, uses and names are judged by path.c.
 * All views look into the bytes that were decoded; nothing is allocated. Certificates are public.
 */
#ifndef SEALPOST_TLS13_X509_CERTIFICATE_H
#define SEALPOST_TLS13_X509_CERTIFICATE_H

#include "crypto/bytes.h"
#include "crypto/signature.h"
#include "tls13/x509/make.h"             /* enum x509_key_usage, x509_extended_key_usage */
#include "tls13/x509/signed.h"

struct x509_certificate {
    struct bytes der;
    struct bytes tbs;                    /* TBSCertificate, header included: what is signed */
    unsigned version;                    /* 1, 2 or 3 */
    struct bytes serial;                 /* contents of the INTEGER */
    struct bytes signature_oid;
    const struct x509_signature_algorithm *signature_algorithm;     /* NULL: not known */
    struct bytes signature;
    struct bytes issuer, subject;        /* Name, DER */
    int64_t not_before, not_after;       /* seconds since 1970-01-01 UTC */
    struct bytes spki;                   /* SubjectPublicKeyInfo, DER */
    struct public_key key;               /* KEY_NONE: of a kind that is not known */

    bool has_basic_constraints, is_ca, has_path_len;
    uint32_t path_len;                   /* if has_path_len; at most 255, larger ones become that */
    bool has_key_usage;
    unsigned key_usage;                  /* enum x509_key_usage */
    bool has_extended_key_usage;
    unsigned extended_key_usage;         /* enum x509_extended_key_usage */
    bool has_alt_names, alt_names_critical;
    struct bytes alt_names;              /* GeneralNames, contents: see name.h */
    bool has_name_constraints;
    struct bytes permitted, excluded;    /* GeneralSubtrees, contents; empty: absent */
    struct bytes subject_key_id, authority_key_id;       /* empty: absent */
    bool must_staple;                    /* TLS feature status_request (RFC 7633 §4.2.3.1) */
    struct bytes unknown_critical;       /* OID of the first critical extension not among these */
};

/* NULL, or which field breaks which rule; a string that needs no freeing. */
const char *x509_certificate_decode(struct x509_certificate *out, struct bytes der);

/* RFC 5280 §4.1   Extension: extnID OID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING */
struct x509_extension read_extension(struct reader *list);

/* Subject and issuer are the same name, byte for byte. */
bool x509_self_issued(const struct x509_certificate *c);

enum { X509_NAME_TEXT_MAX = 80 };

/* The common name, or else the organization, or else a note that there is neither; characters
 * that are not printable ASCII as \xHH, cut off with "..." if it is long. `name` is a Name, DER. */
void x509_name_text(char out[X509_NAME_TEXT_MAX], struct bytes name);

#endif
