/* tls13/x509/signed.c - signature algorithms as X.509 names them.
 *
 * Implements  RFC 5758 §3.2 (ECDSA), RFC 8410 §3 (Ed25519), RFC 4055 §3.1, §5 (RSA).
 */
#include "tls13/x509/signed.h"

#include "tls13/x509/der.h"
#include "tls13/x509/verify.h"

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

static const struct x509_signature_algorithm pss_sha1 = { { 0 }, "RSASSA-PSS with SHA-1", 0, false };

struct bytes read_hash_algorithm(struct reader *r)
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
 * NULL unless they are one of the three sets, or without a hash, which means SHA-1. */
static const struct x509_signature_algorithm *decode_pss_parameters(struct reader *parameters)
{
    struct reader in = der_enter(parameters, DER_SEQUENCE);
    if (!in.bad && !der_next_is(&in, DER_CONTEXT | DER_CONSTRUCTED | 0))
        return &pss_sha1;
    struct reader wrapped = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 0);
    struct bytes hash = read_hash_algorithm(&wrapped);
    der_leave(&in, &wrapped);
    wrapped = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
    struct reader mask = der_enter(&wrapped, DER_SEQUENCE);
    struct bytes mask_oid = der_read_oid(&mask);
    struct bytes mask_hash = read_hash_algorithm(&mask);
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

const char *signature_algorithm_decode(const struct x509_signature_algorithm **out,
                                       struct bytes *oid, struct bytes whole)
{
    struct reader r = reader_of(whole);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    *out = NULL;
    *oid = der_read_oid(&in);
    if (in.bad || !reader_done(&r))
        return "signatureAlgorithm is malformed (RFC 5280 §4.1.1.2)";

    if (bytes_equal_public(*oid, id_rsassa_pss)) {
        *out = decode_pss_parameters(&in);
        return NULL;
    }
    for (size_t i = 0; i < COUNT(signature_algorithms); i++)
        if (bytes_equal_public(*oid, signature_algorithms[i].oid))
            *out = &signature_algorithms[i];
    if (!*out)
        return NULL;
    struct bytes null = { 0 };
    if ((*out)->null_parameters)
        null = der_read(&in, DER_NULL);
    if (!reader_done(&in) || null.len != 0)
        return "signatureAlgorithm has the wrong parameters (RFC 5758 §3.2, RFC 4055 §5)";
    return NULL;
}

const struct signature *signature_verifier(const struct algorithms *algorithms,
                                           const struct x509_signature_algorithm *algorithm,
                                           enum key_type key, bool offered_only)
{
    static const struct { uint16_t code_point; const struct signature *signature; } pairs[] = {
        { 0x0403, &signature_ecdsa_p384_sha256 }, { 0x0503, &signature_ecdsa_p256_sha384 },
    };
    if (!algorithm)
        return NULL;
    const struct signature_scheme *scheme = certificate_scheme_find(algorithms,
                                                                    algorithm->code_point);
    for (size_t i = 0; scheme && !offered_only && i < COUNT(pairs); i++)
        if (pairs[i].code_point == algorithm->code_point && pairs[i].signature->key_type == key
            && x509_key_supported(algorithms, key))
            return pairs[i].signature;
    return scheme ? scheme->signature : NULL;
}
