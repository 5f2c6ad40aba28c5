/* tls13/x509/certificate.c - decoding X.509 certificates.
 *
 * Implements  RFC 5280 §4.1 (the basic fields) and §4.2.1 (extensions); algorithms as named by
 *             RFC 5758 §3.2, RFC 8410 §3, RFC 4055 §3.1, §5.
 * Trusts      nothing. Every byte is accounted for: no field may be left over.
 * Leaves out  extensions that we do not act on: ignored, or remembered as unknown if critical.
 */
#include "tls13/x509/certificate.h"

#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/name.h"

#include <stdio.h>
#include <string.h>

static const struct x509_signature_algorithm signature_algorithms[] = {
    { OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02), "ecdsa-with-SHA256", 0x0403, false },
    { OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03), "ecdsa-with-SHA384", 0x0503, false },
    { OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04), "ecdsa-with-SHA512", 0x0603, false },
    { OID(0x2b, 0x65, 0x70), "Ed25519", 0x0807, false },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b),
      "sha256WithRSAEncryption", 0x0401, true },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c),
      "sha384WithRSAEncryption", 0x0501, true },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d),
      "sha512WithRSAEncryption", 0x0601, true },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05),
      "sha1WithRSAEncryption", 0, true },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04),
      "md5WithRSAEncryption", 0, true },
    { OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01), "ecdsa-with-SHA1", 0, false },
};

static const struct bytes id_rsassa_pss = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a);
static const struct bytes id_mgf1 = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08);

/* The three parameter sets of id-RSASSA-PSS that TLS 1.3 has (RFC 8446 §4.2.3): one hash for
 * message and mask, a salt as long as its digest. */
static const struct { struct bytes hash; uint32_t salt; struct x509_signature_algorithm algorithm; }
pss_algorithms[] = {
    { OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01), 32,
      { { 0 }, "RSASSA-PSS with SHA-256", 0x0804, false } },
    { OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02), 48,
      { { 0 }, "RSASSA-PSS with SHA-384", 0x0805, false } },
    { OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03), 64,
      { { 0 }, "RSASSA-PSS with SHA-512", 0x0806, false } },
};

/* RFC 4055 §2.1   AlgorithmIdentifier of a hash: OID, parameters NULL or absent */
static struct bytes read_hash(struct reader *r)
{
    struct reader in = der_enter(r, DER_SEQUENCE);
    struct bytes null = { 0 }, oid = der_read_oid(&in);
    if (der_next_is(&in, DER_NULL))
        null = der_read(&in, DER_NULL);
    if (null.len != 0)
        in.bad = true;
    der_leave(r, &in);
    return oid;
}

/* RFC 4055 §3.1   RSASSA-PSS-params: [0] hashAlgorithm, [1] maskGenAlgorithm { id-mgf1, hash },
 *                 [2] saltLength, [3] trailerField DEFAULT 1
 * NULL unless they are one of the three sets; what is absent means SHA-1, which is not. */
static const struct x509_signature_algorithm *decode_pss_parameters(struct reader *parameters)
{
    struct reader in = der_enter(parameters, DER_SEQUENCE);
    struct reader wrapped = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 0);
    struct bytes hash = read_hash(&wrapped);
    der_leave(&in, &wrapped);
    wrapped = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
    struct reader mask = der_enter(&wrapped, DER_SEQUENCE);
    struct bytes mask_oid = der_read_oid(&mask), mask_hash = read_hash(&mask);
    der_leave(&wrapped, &mask);
    der_leave(&in, &wrapped);
    wrapped = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 2);
    uint32_t salt = der_read_small(&wrapped, HASH_MAX);
    der_leave(&in, &wrapped);
    der_leave(parameters, &in);
    if (!reader_done(parameters) || !bytes_equal_public(mask_oid, id_mgf1)
        || !bytes_equal_public(mask_hash, hash))
        return NULL;
    for (size_t i = 0; i < COUNT(pss_algorithms); i++)
        if (bytes_equal_public(hash, pss_algorithms[i].hash) && salt == pss_algorithms[i].salt)
            return &pss_algorithms[i].algorithm;
    return NULL;
}

/* RFC 5280 §4.1.1.2   AlgorithmIdentifier: algorithm OID, parameters ANY OPTIONAL */
static const char *decode_signature_algorithm(struct x509_certificate *out, struct bytes whole)
{
    struct reader r = reader_of(whole);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    out->signature_oid = der_read_oid(&in);
    if (in.bad)
        return "signatureAlgorithm is malformed (RFC 5280 §4.1.1.2)";

    if (bytes_equal_public(out->signature_oid, id_rsassa_pss)) {
        out->signature_algorithm = decode_pss_parameters(&in);
        return NULL;
    }
    for (size_t i = 0; i < COUNT(signature_algorithms); i++)
        if (bytes_equal_public(out->signature_oid, signature_algorithms[i].oid))
            out->signature_algorithm = &signature_algorithms[i];
    if (!out->signature_algorithm)
        return NULL;
    struct bytes null = { 0 };
    if (out->signature_algorithm->null_parameters)
        null = der_read(&in, DER_NULL);
    if (!reader_done(&in) || null.len != 0)
        return "signatureAlgorithm has the wrong parameters (RFC 5758 §3.2, RFC 4055 §5)";
    return NULL;
}

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
    if (der_next_is(&in, DER_CONTEXT | DER_CONSTRUCTED | 1))
        der_read(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
    if (der_next_is(&in, DER_CONTEXT | 2))
        der_read(&in, DER_CONTEXT | 2);
    der_leave(&r, &in);
    return reader_done(&r) ? NULL : "authorityKeyIdentifier is malformed (RFC 5280 §4.2.1.1)";
}

static const struct bytes subject_alt_name = OID(0x55, 0x1d, 0x11);

static const struct { struct bytes oid; decode_extension *decode; } extensions[] = {
    { OID(0x55, 0x1d, 0x0e), decode_subject_key_id },
    { OID(0x55, 0x1d, 0x0f), decode_key_usage },
    { OID(0x55, 0x1d, 0x11), decode_alt_names },
    { OID(0x55, 0x1d, 0x13), decode_basic_constraints },
    { OID(0x55, 0x1d, 0x1e), decode_name_constraints },
    { OID(0x55, 0x1d, 0x23), decode_authority_key_id },
    { OID(0x55, 0x1d, 0x25), decode_extended_key_usage },
};

static const char *decode_one_extension(struct x509_certificate *out, struct bytes oid,
                                        bool critical, struct bytes value)
{
    if (bytes_equal_public(oid, subject_alt_name))
        out->alt_names_critical = critical;
    for (size_t i = 0; i < COUNT(extensions); i++)
        if (bytes_equal_public(oid, extensions[i].oid))
            return extensions[i].decode(out, value);
    if (critical && out->unknown_critical.len == 0)
        out->unknown_critical = oid;
    return NULL;
}

/* What is seen is kept to find duplicates; real certificates have about ten. */
enum { EXTENSIONS_MAX = 40 };

/* RFC 5280 §4.1   Extensions: SEQUENCE SIZE (1..MAX) OF Extension: extnID OID,
 *                 critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING */
static const char *decode_extensions(struct x509_certificate *out, struct reader *r)
{
    struct bytes seen[EXTENSIONS_MAX];
    size_t count = 0;
    struct reader explicit = der_enter(r, DER_CONTEXT | DER_CONSTRUCTED | 3);
    struct reader list = der_enter(&explicit, DER_SEQUENCE);
    if (!reader_more(&list))
        return "extensions are malformed or empty (RFC 5280 §4.1.2.9)";
    while (reader_more(&list)) {
        struct reader one = der_enter(&list, DER_SEQUENCE);
        struct bytes oid = der_read_oid(&one);
        bool critical = der_read_default_false(&one);
        struct bytes value = der_read(&one, DER_OCTET_STRING);
        if (!reader_done(&one))
            return "an extension is malformed (RFC 5280 §4.2)";
        if (count == EXTENSIONS_MAX)
            return "more than 40 extensions";
        for (size_t i = 0; i < count; i++)
            if (bytes_equal_public(seen[i], oid))
                return "an extension is there twice (RFC 5280 §4.2)";
        seen[count++] = oid;
        const char *error = decode_one_extension(out, oid, critical, value);
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
    const char *error = decode_signature_algorithm(out, algorithm);
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
