/* tls13/x509/certificate.c - decoding X.509 certificates.
 *
 * Implements  RFC 5280 §4.1 (the basic fields) and §4.2.1 (extensions); RFC 7633 §4 (TLS feature).
 * Trusts      nothing. Every byte is accounted for: no field may be left over.
 * Leaves out  extensions that we do not act on: ignored, or remembered as unknown if critical.
 */
#include "tls13/x509/certificate.h"

#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/name.h"

#include <stdio.h>
#include <string.h>

/* ---- extensions ---- */

typedef const char *decode_extension(struct x509_certificate *out, struct bytes value);

/* RFC 5280 §4.2.1.9   BasicConstraints: cA BOOLEAN DEFAULT FALSE, pathLenConstraint OPTIONAL */
static const char *decode_basic_constraints(struct x509_certificate *out, struct bytes value)
{
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    struct bytes path_len = { 0 };
    out->has_basic_constraints = true;
    out->is_ca = der_read_default_false(&in);
    out->has_path_len = der_next_is(&in, DER_INTEGER);
    if (out->has_path_len)
        path_len = der_read_unsigned(&in);
    out->path_len = path_len.len == 0 ? 0 : path_len.len == 1 ? path_len.at[0] : 255;
    der_leave(&r, &in);
    if (!reader_done(&r))
        return "basicConstraints is malformed (RFC 5280 §4.2.1.9)";
    if (out->has_path_len && !out->is_ca)
        return "basicConstraints has a pathLenConstraint without cA (RFC 5280 §4.2.1.9)";
    return NULL;
}

/* RFC 5280 §4.2.1.3   KeyUsage: BIT STRING, at least one bit set */
static const char *decode_key_usage(struct x509_certificate *out, struct bytes value)
{
    struct reader r = reader_of(value);
    out->has_key_usage = true;
    out->key_usage = der_read_named_bits(&r);
    if (!reader_done(&r) || out->key_usage == 0)
        return "keyUsage is malformed or empty (RFC 5280 §4.2.1.3)";
    return NULL;
}

static const struct { struct bytes oid; unsigned use; } extended_key_usages[] = {
    { OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01), X509_EKU_SERVER },
    { OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02), X509_EKU_CLIENT },
    { OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09), X509_EKU_OCSP },
    { OID(0x55, 0x1d, 0x25, 0x00), X509_EKU_ANY },
};

/* RFC 5280 §4.2.1.12   ExtKeyUsageSyntax: SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER */
static const char *decode_extended_key_usage(struct x509_certificate *out, struct bytes value)
{
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    out->has_extended_key_usage = true;
    while (reader_more(&in)) {
        struct bytes oid = der_read_oid(&in);
        unsigned use = X509_EKU_OTHER;
        for (size_t i = 0; i < COUNT(extended_key_usages); i++)
            if (bytes_equal_public(oid, extended_key_usages[i].oid))
                use = extended_key_usages[i].use;
        out->extended_key_usage |= use;
    }
    der_leave(&r, &in);
    if (!reader_done(&r) || out->extended_key_usage == 0)
        return "extKeyUsage is malformed or empty (RFC 5280 §4.2.1.12)";
    return NULL;
}

/* RFC 5280 §4.2.1.6   GeneralNames: SEQUENCE SIZE (1..MAX) OF GeneralName */
static const char *decode_alt_names(struct x509_certificate *out, struct bytes value)
{
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    out->has_alt_names = true;
    out->alt_names = in.rest;
    while (reader_more(&in)) {
        struct general_name name = read_general_name(&in);
        if (name.tag == GENERAL_IP && name.value.len != 4 && name.value.len != 16)
            return "subjectAltName has an iPAddress of neither 4 nor 16 bytes (RFC 5280 §4.2.1.6)";
    }
    der_leave(&r, &in);
    if (!reader_done(&r) || out->alt_names.len == 0)
        return "subjectAltName is malformed or empty (RFC 5280 §4.2.1.6)";
    return NULL;
}

static const char *decode_name_constraints(struct x509_certificate *out, struct bytes value)
{
    out->has_name_constraints = true;
    if (!name_constraints_decode(&out->permitted, &out->excluded, value))
        return "nameConstraints is malformed or empty (RFC 5280 §4.2.1.10)";
    return NULL;
}

/* RFC 5280 §4.2.1.2   SubjectKeyIdentifier: OCTET STRING */
static const char *decode_subject_key_id(struct x509_certificate *out, struct bytes value)
{
    struct reader r = reader_of(value);
    out->subject_key_id = der_read(&r, DER_OCTET_STRING);
    return reader_done(&r) ? NULL : "subjectKeyIdentifier is malformed (RFC 5280 §4.2.1.2)";
}

/* RFC 5280 §4.2.1.1   AuthorityKeyIdentifier: [0] keyIdentifier, [1] authorityCertIssuer,
 *                     [2] authorityCertSerialNumber, all OPTIONAL */
static const char *decode_authority_key_id(struct x509_certificate *out, struct bytes value)
{
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    if (der_next_is(&in, DER_CONTEXT | 0))
        out->authority_key_id = der_read(&in, DER_CONTEXT | 0);
    bool has_issuer = der_next_is(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
    if (has_issuer)
        der_read(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
    bool has_serial = der_next_is(&in, DER_CONTEXT | 2);
    if (has_serial)
        der_read(&in, DER_CONTEXT | 2);
    der_leave(&r, &in);
    if (!reader_done(&r))
        return "authorityKeyIdentifier is malformed (RFC 5280 §4.2.1.1)";
    if (has_issuer != has_serial)
        return "authorityKeyIdentifier has authorityCertIssuer or authorityCertSerialNumber without "
               "the other (RFC 5280 §4.2.1.1)";
    return NULL;
}

/* RFC 7633 §4   Features: SEQUENCE OF INTEGER, the numbers of TLS extensions */
static const char *decode_tls_feature(struct x509_certificate *out, struct bytes value)
{
    enum { STATUS_REQUEST = 5 };                          /* RFC 6066 §8 */
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    while (reader_more(&in))
        out->must_staple |= der_read_small(&in, 0xffff) == STATUS_REQUEST;
    der_leave(&r, &in);
    return reader_done(&r) ? NULL : "tlsFeature is malformed (RFC 7633 §4)";
}

/* RFC 6960 §4.2.2.2.1   id-pkix-ocsp-nocheck: NULL. That a responder's own certificate need not be
 * looked up is no news to somebody who never would. */
static const char *decode_ocsp_no_check(struct x509_certificate *out, struct bytes value)
{
    (void)out;
    struct reader r = reader_of(value);
    struct bytes null = der_read(&r, DER_NULL);
    return reader_done(&r) && null.len == 0 ? NULL
                                            : "id-pkix-ocsp-nocheck is not NULL (RFC 6960 §4.2.2.2.1)";
}

/* RFC 5280 §4.2.2.1   SEQUENCE SIZE (1..MAX) OF AccessDescription: accessMethod OID,
 *                     accessLocation GeneralName. Nothing is fetched from there. */
static const char *decode_authority_info_access(struct x509_certificate *out, struct bytes value)
{
    (void)out;
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    bool empty = !reader_more(&in);
    while (reader_more(&in)) {
        struct reader one = der_enter(&in, DER_SEQUENCE);
        der_read_oid(&one);
        read_general_name(&one);
        der_leave(&in, &one);
    }
    der_leave(&r, &in);
    return reader_done(&r) && !empty ? NULL
         : "authorityInfoAccess is malformed or empty (RFC 5280 §4.2.2.1)";
}

/* What RFC 5280 says of the critical flag. Policies are not computed: a constraint on them, which
 * has to be critical, is one that we do not know. */
enum criticality { EITHER, MUST, MUST_NOT };

static const struct {
    struct bytes oid;
    decode_extension *decode;            /* NULL: not known */
    enum criticality criticality;
    const char *wrong;                   /* and the reason if it is not so */
} extensions[] = {
    { OID(0x55, 0x1d, 0x0e), decode_subject_key_id, MUST_NOT,
      "subjectKeyIdentifier is critical (RFC 5280 §4.2.1.2)" },
    { OID(0x55, 0x1d, 0x0f), decode_key_usage, EITHER, NULL },
    { OID(0x55, 0x1d, 0x11), decode_alt_names, EITHER, NULL },
    { OID(0x55, 0x1d, 0x13), decode_basic_constraints, EITHER, NULL },
    { OID(0x55, 0x1d, 0x1e), decode_name_constraints, EITHER, NULL },
    { OID(0x55, 0x1d, 0x23), decode_authority_key_id, MUST_NOT,
      "authorityKeyIdentifier is critical (RFC 5280 §4.2.1.1)" },
    { OID(0x55, 0x1d, 0x24), NULL, MUST, "policyConstraints is not critical (RFC 5280 §4.2.1.11)" },
    { OID(0x55, 0x1d, 0x25), decode_extended_key_usage, EITHER, NULL },
    { OID(0x55, 0x1d, 0x36), NULL, MUST, "inhibitAnyPolicy is not critical (RFC 5280 §4.2.1.14)" },
    { OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01), decode_authority_info_access, MUST_NOT,
      "authorityInfoAccess is critical (RFC 5280 §4.2.2.1)" },
    { OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18), decode_tls_feature, EITHER, NULL },
    { OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x05), decode_ocsp_no_check, EITHER,
      NULL },
};

static const char *decode_one_extension(struct x509_certificate *out,
                                        const struct x509_extension *e)
{
    size_t i = 0;
    while (i < COUNT(extensions) && !bytes_equal_public(e->oid, extensions[i].oid))
        i++;
    bool known = i < COUNT(extensions) && extensions[i].decode;
    if (i < COUNT(extensions) && extensions[i].criticality == (e->critical ? MUST_NOT : MUST))
        return extensions[i].wrong;
    if (known && extensions[i].decode == decode_alt_names)
        out->alt_names_critical = e->critical;
    if (known)
        return extensions[i].decode(out, e->value);
    if (e->critical && out->unknown_critical.len == 0)
        out->unknown_critical = e->oid;
    return NULL;
}

struct x509_extension read_extension(struct reader *list)
{
    struct reader in = der_enter(list, DER_SEQUENCE);
    struct x509_extension e = { .oid = der_read_oid(&in) };
    e.critical = der_read_default_false(&in);
    e.value = der_read(&in, DER_OCTET_STRING);
    der_leave(list, &in);
    return e;
}

/* What is seen is kept to find duplicates; real certificates have about ten. */
enum { EXTENSIONS_MAX = 40 };

/* RFC 5280 §4.1   Extensions: SEQUENCE SIZE (1..MAX) OF Extension */
static const char *decode_extensions(struct x509_certificate *out, struct reader *r)
{
    struct bytes seen[EXTENSIONS_MAX];
    size_t count = 0;
    struct reader explicit = der_enter(r, DER_CONTEXT | DER_CONSTRUCTED | 3);
    struct reader list = der_enter(&explicit, DER_SEQUENCE);
    if (!reader_more(&list))
        return "extensions are malformed or empty (RFC 5280 §4.1.2.9)";
    while (reader_more(&list)) {
        struct x509_extension e = read_extension(&list);
        if (list.bad)
            return "an extension is malformed (RFC 5280 §4.2)";
        if (count == EXTENSIONS_MAX)
            return "more than 40 extensions";
        for (size_t i = 0; i < count; i++)
            if (bytes_equal_public(seen[i], e.oid))
                return "an extension is there twice (RFC 5280 §4.2)";
        seen[count++] = e.oid;
        const char *error = decode_one_extension(out, &e);
        if (error)
            return error;
    }
    der_leave(&explicit, &list);
    der_leave(r, &explicit);
    return r->bad ? "extensions are malformed (RFC 5280 §4.1.2.9)" : NULL;
}

/* ---- the certificate ---- */

/* [0] EXPLICIT Version DEFAULT v1; an encoded v1 is not DER (X.690 §11.5). */
static unsigned read_version(struct reader *r)
{
    if (!der_next_is(r, DER_CONTEXT | DER_CONSTRUCTED | 0))
        return 1;
    struct reader in = der_enter(r, DER_CONTEXT | DER_CONSTRUCTED | 0);
    uint32_t version = der_read_small(&in, 2);
    der_leave(r, &in);
    return version == 0 ? 0 : version + 1;
}

/* RFC 5280 §4.1   TBSCertificate: [0] version, serialNumber, signature, issuer, validity, subject,
 *                 subjectPublicKeyInfo, [1] issuerUniqueID, [2] subjectUniqueID, [3] extensions */
static const char *decode_tbs(struct x509_certificate *out, struct bytes outer_algorithm)
{
    struct reader whole = reader_of(out->tbs);
    struct reader r = der_enter(&whole, DER_SEQUENCE);
    out->version = read_version(&r);
    if (r.bad || out->version == 0)
        return "version is malformed (RFC 5280 §4.1.2.1)";
    out->serial = der_read_integer(&r);
    if (r.bad)
        return "serialNumber is malformed (RFC 5280 §4.1.2.2)";
    struct bytes inner_algorithm = der_read_whole(&r, DER_SEQUENCE);
    if (!bytes_equal_public(inner_algorithm, outer_algorithm))
        return "the two signatureAlgorithm fields differ (RFC 5280 §4.1.1.2)";
    out->issuer = der_read_whole(&r, DER_SEQUENCE);
    if (!name_well_formed(out->issuer) || name_empty(out->issuer))
        return "issuer is malformed or empty (RFC 5280 §4.1.2.4)";

    struct reader validity = der_enter(&r, DER_SEQUENCE);
    out->not_before = der_read_time(&validity);
    out->not_after = der_read_time(&validity);
    der_leave(&r, &validity);
    if (r.bad)
        return "validity is malformed (RFC 5280 §4.1.2.5)";
    out->subject = der_read_whole(&r, DER_SEQUENCE);
    if (!name_well_formed(out->subject))
        return "subject is malformed (RFC 5280 §4.1.2.6)";
    out->spki = der_read_whole(&r, DER_SEQUENCE);
    const char *error = public_key_decode(&out->key, out->spki);
    if (error)
        return error;

    for (uint8_t id = 1; id <= 2 && out->version >= 2; id++)      /* UniqueIdentifier, ignored */
        if (der_next_is(&r, DER_CONTEXT | id))
            der_read(&r, DER_CONTEXT | id);
    if (out->version == 3 && reader_more(&r) && (error = decode_extensions(out, &r)) != NULL)
        return error;
    der_leave(&whole, &r);
    return reader_done(&whole) ? NULL : "there are bytes after the last field (RFC 5280 §4.1)";
}

/* RFC 5280 §4.1   Certificate: tbsCertificate, signatureAlgorithm, signatureValue BIT STRING */
const char *x509_certificate_decode(struct x509_certificate *out, struct bytes der)
{
    *out = (struct x509_certificate){ .der = der };
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    out->tbs = der_read_whole(&in, DER_SEQUENCE);
    struct bytes algorithm = der_read_whole(&in, DER_SEQUENCE);
    out->signature = der_read_bit_bytes(&in);
    der_leave(&r, &in);
    if (!reader_done(&r))
        return "it is not the DER of a certificate (RFC 5280 §4.1)";
    const char *error = signature_algorithm_decode(&out->signature_algorithm, &out->signature_oid,
                                                   algorithm);
    return error ? error : decode_tbs(out, algorithm);
}

bool x509_self_issued(const struct x509_certificate *c)
{
    return bytes_equal_public(c->subject, c->issuer);
}

/* ---- showing ---- */

static const struct bytes common_name = OID(0x55, 0x04, 0x03);
static const struct bytes organization = OID(0x55, 0x04, 0x0a);

void x509_name_text(char out[X509_NAME_TEXT_MAX], struct bytes name)
{
    struct bytes text = name_find(name, common_name);
    if (text.len == 0)
        text = name_find(name, organization);
    if (text.len == 0)
        text = bytes_of_string("no common name");

    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool plain = c >= 0x20 && c < 0x7f && c != '\\' && c != '"';
        if (len + 8 > X509_NAME_TEXT_MAX) {               /* four for \xHH, "...", NUL */
            memcpy(out + len, "...", 4);
            return;
        }
        if (plain)
            out[len++] = (char)c;
        else
            len += (size_t)snprintf(out + len, 5, "\\x%02x", c);
    }
    out[len] = '\0';
}
