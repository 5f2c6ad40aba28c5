/* tls13/x509/make.c - writing certificates.
 *
 * Implements  RFC 5280 §4.1 and the extensions of §4.2.1 that a small CA needs; key identifiers
 *             as in its §4.2.1.2 (1), with the first 20 bytes of SHA-256 (RFC 7093 §2).
 * Trusts      the recipe: it may ask for nonsense, and gets it.
 * Secret      the two private keys, which only crypto/signature.h looks into.
 */
#include "tls13/x509/make.h"

#include "crypto/hash.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/name.h"

enum { DAY = 86400, KEY_ID_LEN = 20, SERIAL_LEN = 16, SPKI_MAX = 128 };

static const struct bytes common_name_oid = OID(0x55, 0x04, 0x03);
static const struct bytes organization_oid = OID(0x55, 0x04, 0x0a);
static const struct bytes subject_key_id_oid = OID(0x55, 0x1d, 0x0e);
static const struct bytes key_usage_oid = OID(0x55, 0x1d, 0x0f);
static const struct bytes alt_names_oid = OID(0x55, 0x1d, 0x11);
static const struct bytes basic_constraints_oid = OID(0x55, 0x1d, 0x13);
static const struct bytes name_constraints_oid = OID(0x55, 0x1d, 0x1e);
static const struct bytes authority_key_id_oid = OID(0x55, 0x1d, 0x23);
static const struct bytes extended_key_usage_oid = OID(0x55, 0x1d, 0x25);

/* How a key of each type signs here (RFC 5758 §3.2, RFC 8410 §3). */
static const struct signer {
    enum key_type type;
    struct bytes oid;
    const struct signature *signature;
} signers[] = {
    { KEY_P256, OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02), &signature_ecdsa_p256_sha256 },
    { KEY_P384, OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03), &signature_ecdsa_p384_sha384 },
    { KEY_ED25519, OID(0x2b, 0x65, 0x70), &signature_ed25519 },
};

static const struct { unsigned use; struct bytes oid; } key_purposes[] = {
    { X509_EKU_SERVER, OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01) },
    { X509_EKU_CLIENT, OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02) },
    { X509_EKU_ANY,    OID(0x55, 0x1d, 0x25, 0x00) },
    { X509_EKU_OTHER,  OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03) },
    { X509_EKU_OCSP,   OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09) },
};

/* ---- recipes ---- */

/* Valid from an hour ago, for clocks that are a little behind. */
static struct x509_recipe recipe(const char *common_name, const struct private_key *key,
                                 struct x509_issuer issuer, int64_t now, int days)
{
    return (struct x509_recipe){
        .common_name = common_name,
        .key = key,
        .issuer = issuer,
        .not_before = now - 3600,
        .not_after = now + (int64_t)days * DAY,
    };
}

struct x509_recipe x509_recipe_root(const char *common_name, const struct private_key *key,
                                    int64_t now)
{
    struct x509_recipe r = recipe(common_name, key, (struct x509_issuer){ .key = key }, now, 3650);
    r.basic_constraints = X509_CA;
    r.key_usage = X509_KEY_CERT_SIGN | X509_CRL_SIGN;
    return r;
}

struct x509_recipe x509_recipe_server(const char *common_name, const struct private_key *key,
                                      struct x509_issuer issuer, int64_t now)
{
    struct x509_recipe r = recipe(common_name, key, issuer, now, 365);
    r.basic_constraints = X509_NOT_CA;
    r.key_usage = X509_DIGITAL_SIGNATURE;
    r.extended_key_usage = X509_EKU_SERVER;
    return r;
}

struct x509_recipe x509_recipe_client(const char *common_name, const struct private_key *key,
                                      struct x509_issuer issuer, int64_t now)
{
    struct x509_recipe r = x509_recipe_server(common_name, key, issuer, now);
    r.extended_key_usage = X509_EKU_CLIENT;
    return r;
}

/* ---- names and algorithms ---- */

static void write_attribute(struct writer *w, struct bytes type, const char *value)
{
    if (!value)
        return;
    size_t set = der_begin(w, DER_SET), attribute = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, type);
    der_write(w, DER_UTF8_STRING, bytes_of_string(value));
    der_end(w, attribute);
    der_end(w, set);
}

static void write_subject(struct writer *w, const struct x509_recipe *r)
{
    size_t name = der_begin(w, DER_SEQUENCE);
    write_attribute(w, organization_oid, r->organization);
    write_attribute(w, common_name_oid, r->common_name);
    der_end(w, name);
}

static const struct signer *signer_of(enum key_type type)
{
    for (size_t i = 0; i < COUNT(signers); i++)
        if (signers[i].type == type)
            return &signers[i];
    return NULL;
}

static void write_signature_algorithm(struct writer *w, enum key_type type)
{
    const struct signer *signer = signer_of(type);
    size_t algorithm = der_begin(w, DER_SEQUENCE);
    if (signer)
        der_write(w, DER_OID, signer->oid);
    else
        w->bad = true;
    der_end(w, algorithm);
}

/* ---- extensions ---- */

/* Begins one; the marks are ended, innermost first, by end_extension. */
struct open_extension { size_t outer, value; };

static struct open_extension begin_extension(struct writer *w, struct bytes oid, bool critical)
{
    struct open_extension e = { .outer = der_begin(w, DER_SEQUENCE) };
    der_write(w, DER_OID, oid);
    if (critical)
        der_write_true(w);
    e.value = der_begin(w, DER_OCTET_STRING);
    return e;
}

static void end_extension(struct writer *w, struct open_extension e)
{
    der_end(w, e.value);
    der_end(w, e.outer);
}

static void write_basic_constraints(struct writer *w, const struct x509_recipe *r)
{
    if (r->basic_constraints == X509_NO_BASIC_CONSTRAINTS)
        return;
    bool ca = r->basic_constraints == X509_CA;
    struct open_extension e = begin_extension(w, basic_constraints_oid, ca);
    size_t sequence = der_begin(w, DER_SEQUENCE);
    if (ca)
        der_write_true(w);
    if (r->has_path_len)
        der_write_small(w, r->path_len);
    der_end(w, sequence);
    end_extension(w, e);
}

static void write_key_usage(struct writer *w, const struct x509_recipe *r)
{
    if (r->key_usage == 0)
        return;
    struct open_extension e = begin_extension(w, key_usage_oid, true);
    der_write_named_bits(w, r->key_usage);
    end_extension(w, e);
}

static void write_extended_key_usage(struct writer *w, const struct x509_recipe *r)
{
    if (r->extended_key_usage == 0)
        return;
    struct open_extension e = begin_extension(w, extended_key_usage_oid, false);
    size_t sequence = der_begin(w, DER_SEQUENCE);
    for (size_t i = 0; i < COUNT(key_purposes); i++)
        if (r->extended_key_usage & key_purposes[i].use)
            der_write(w, DER_OID, key_purposes[i].oid);
    der_end(w, sequence);
    end_extension(w, e);
}

static void write_alt_names(struct writer *w, const struct x509_recipe *r)
{
    if (r->dns_count + r->ip_count + r->email_count == 0)
        return;
    bool nameless = !r->common_name && !r->organization;             /* RFC 5280 §4.2.1.6 */
    struct open_extension e = begin_extension(w, alt_names_oid, nameless);
    size_t sequence = der_begin(w, DER_SEQUENCE);
    for (size_t i = 0; i < r->dns_count; i++)
        der_write(w, GENERAL_DNS, bytes_of_string(r->dns[i]));
    for (size_t i = 0; i < r->ip_count; i++) {
        uint8_t address[16];
        size_t len = ip_parse(address, bytes_of_string(r->ip[i]));
        if (len == 0)
            w->bad = true;
        der_write(w, GENERAL_IP, bytes_of(address, len));
    }
    for (size_t i = 0; i < r->email_count; i++)
        der_write(w, GENERAL_EMAIL, bytes_of_string(r->email[i]));
    der_end(w, sequence);
    end_extension(w, e);
}

static void write_subtrees(struct writer *w, uint8_t tag, const char *const *dns, size_t dns_count)
{
    if (dns_count == 0)
        return;
    size_t subtrees = der_begin(w, tag);
    for (size_t i = 0; i < dns_count; i++) {
        size_t subtree = der_begin(w, DER_SEQUENCE);
        der_write(w, GENERAL_DNS, bytes_of_string(dns[i]));
        der_end(w, subtree);
    }
    der_end(w, subtrees);
}

static void write_name_constraints(struct writer *w, const struct x509_recipe *r)
{
    if (r->permitted_dns_count + r->excluded_dns_count == 0)
        return;
    struct open_extension e = begin_extension(w, name_constraints_oid, true);
    size_t sequence = der_begin(w, DER_SEQUENCE);
    write_subtrees(w, DER_CONTEXT | DER_CONSTRUCTED | 0, r->permitted_dns, r->permitted_dns_count);
    write_subtrees(w, DER_CONTEXT | DER_CONSTRUCTED | 1, r->excluded_dns, r->excluded_dns_count);
    der_end(w, sequence);
    end_extension(w, e);
}

/* The subject's is a digest of its key, the authority's what the issuer's certificate says; a root
 * is its own authority and names only the first (RFC 5280 §4.2.1.1 allows it). */
static void write_key_ids(struct writer *w, const struct x509_recipe *r, struct bytes spki,
                          struct bytes issuer_key_id)
{
    uint8_t digest[HASH_MAX];
    if (r->no_key_identifiers)
        return;
    hash_digest(&hash_sha256, digest, spki);
    struct open_extension e = begin_extension(w, subject_key_id_oid, false);
    der_write(w, DER_OCTET_STRING, bytes_of(digest, KEY_ID_LEN));
    end_extension(w, e);
    if (issuer_key_id.len == 0)
        return;
    e = begin_extension(w, authority_key_id_oid, false);
    size_t sequence = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_CONTEXT | 0, issuer_key_id);
    der_end(w, sequence);
    end_extension(w, e);
}

static void write_extensions(struct writer *w, const struct x509_recipe *r, struct bytes spki,
                             struct bytes issuer_key_id)
{
    if (r->version_1)
        return;
    size_t explicit = der_begin(w, DER_CONTEXT | DER_CONSTRUCTED | 3);
    size_t list = der_begin(w, DER_SEQUENCE);
    write_basic_constraints(w, r);
    write_key_usage(w, r);
    write_extended_key_usage(w, r);
    write_alt_names(w, r);
    write_name_constraints(w, r);
    write_key_ids(w, r, spki, issuer_key_id);
    for (size_t i = 0; i < r->extra_count; i++) {
        struct open_extension e = begin_extension(w, r->extra[i].oid, r->extra[i].critical);
        write_bytes(w, r->extra[i].value);
        end_extension(w, e);
    }
    der_end(w, list);
    der_end(w, explicit);
}

/* ---- the certificate ---- */

/* 127 random bits, so that the INTEGER is positive in 16 octets. */
static bool write_serial(struct writer *w, const struct x509_recipe *r,
                         const struct random_source *random)
{
    uint8_t serial[SERIAL_LEN];
    if (r->serial.len > 0) {
        der_write(w, DER_INTEGER, r->serial);
        return true;
    }
    if (!random_fill(random, serial, sizeof serial))
        return false;
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
    der_write(w, DER_INTEGER, bytes_of(serial, sizeof serial));
    return true;
}

static void write_issuer(struct writer *w, const struct x509_recipe *r,
                         const struct x509_certificate *issuer)
{
    if (r->issuer_name.len > 0)
        write_bytes(w, r->issuer_name);
    else if (r->issuer.certificate.len > 0)
        write_bytes(w, issuer->subject);
    else
        write_subject(w, r);
}

static bool write_tbs(struct writer *w, const struct x509_recipe *r, enum key_type signer,
                      const struct x509_certificate *issuer, const struct random_source *random)
{
    uint8_t space[SPKI_MAX];
    struct writer spki = writer_of(space, sizeof space);
    public_key_encode(&spki, r->key);
    if (!writer_done(&spki))
        return false;

    size_t tbs = der_begin(w, DER_SEQUENCE);
    if (!r->version_1) {
        size_t version = der_begin(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
        der_write_small(w, 2);
        der_end(w, version);
    }
    if (!write_serial(w, r, random))
        return false;
    enum key_type other = signer == KEY_P256 ? KEY_ED25519 : KEY_P256;
    write_signature_algorithm(w, r->algorithms_differ ? other : signer);
    write_issuer(w, r, issuer);
    size_t validity = der_begin(w, DER_SEQUENCE);
    der_write_time(w, r->not_before);
    der_write_time(w, r->not_after);
    der_end(w, validity);
    write_subject(w, r);
    write_bytes(w, writer_bytes(&spki));
    write_extensions(w, r, writer_bytes(&spki), issuer->subject_key_id);
    der_end(w, tbs);
    return writer_done(w);
}

bool x509_sign(uint8_t *out, size_t *out_len, size_t cap, struct bytes tbs,
               const struct private_key *key, const struct random_source *random)
{
    const struct signer *signer = signer_of(key->type);
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_len = 0;
    if (!signer || !signer->signature->sign(signature, &signature_len, key, tbs, random))
        return false;
    struct writer w = writer_of(out, cap);
    size_t certificate = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, tbs);
    write_signature_algorithm(&w, key->type);
    der_write_bit_bytes(&w, bytes_of(signature, signature_len));
    der_end(&w, certificate);
    *out_len = w.len;
    return writer_done(&w);
}

bool x509_make(uint8_t *out, size_t *out_len, size_t cap, const struct x509_recipe *r,
               const struct random_source *random)
{
    uint8_t space[X509_MAKE_MAX];
    struct writer tbs = writer_of(space, sizeof space);
    struct x509_certificate issuer = { 0 };
    const struct private_key *signer = r->issuer.key ? r->issuer.key : r->key;
    if (r->issuer.certificate.len > 0
        && x509_certificate_decode(&issuer, r->issuer.certificate) != NULL)
        return false;
    return write_tbs(&tbs, r, signer->type, &issuer, random)
        && x509_sign(out, out_len, cap, writer_bytes(&tbs), signer, random);
}
