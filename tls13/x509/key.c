/* tls13/x509/key.c - SubjectPublicKeyInfo, PKCS #8, ECPrivateKey and RSAPrivateKey.
 *
 * Implements  RFC 5480 §2 (EC keys, named curves only), RFC 8410 §4, §7 (Ed25519),
 *             RFC 3279 §2.3.1 (RSA), RFC 5958 §2 (OneAsymmetricKey), RFC 5915 §3, RFC 8017 §A.1.
 * Secret      private keys: their contents are copied and compared, never branched on.
 * Leaves out  encrypted keys (encrypted_key.h), explicit curve parameters, compressed points.
 */
#include "tls13/x509/key.h"

#include "crypto/wipe.h"
#include "tls13/x509/der.h"

#include <string.h>

static const struct bytes id_ec_public_key = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);

/* RFC 5480 §2.1.1.1: the named curves that we know; bytes of a scalar and of a coordinate. */
static const struct named_curve { struct bytes oid; enum key_type type; size_t len; } curves[] = {
    { OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07), KEY_P256, 32 },
    { OID(0x2b, 0x81, 0x04, 0x00, 0x22), KEY_P384, 48 },
};

static const struct bytes id_ed25519 = OID(0x2b, 0x65, 0x70);
static const struct bytes rsa_encryption = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
                                               0x01);

enum { ED25519_LEN = 32 };

const char *key_type_name(enum key_type type)
{
    static const char *const names[] = {
        [KEY_NONE] = "unknown", [KEY_P256] = "P-256", [KEY_P384] = "P-384",
        [KEY_ED25519] = "Ed25519", [KEY_RSA] = "RSA",
    };
    return names[type];
}

static const struct named_curve *curve_of_oid(struct bytes oid)
{
    for (size_t i = 0; i < COUNT(curves); i++)
        if (bytes_equal_public(oid, curves[i].oid))
            return &curves[i];
    return NULL;
}

static const struct named_curve *curve_of_type(enum key_type type)
{
    for (size_t i = 0; i < COUNT(curves); i++)
        if (curves[i].type == type)
            return &curves[i];
    return NULL;
}

/* ---- public keys ---- */

/* RFC 5480 §2.1.1   ECParameters: namedCurve OBJECT IDENTIFIER
 * RFC 5480 §2.2     ECPoint: 04 || x || y */
static const char *decode_ec(struct public_key *out, struct reader *parameters, struct bytes point)
{
    if (!der_next_is(parameters, DER_OID))
        return "EC parameters are not a named curve (RFC 5480 §2.1.1)";
    struct bytes curve = der_read_oid(parameters);
    if (!reader_done(parameters))
        return "EC parameters are malformed (RFC 5480 §2.1.1)";

    const struct named_curve *known = curve_of_oid(curve);
    if (!known)
        return NULL;
    *out = (struct public_key){ .type = known->type, .point = point };
    if (point.len != 1 + 2 * known->len || point.at[0] != 0x04)
        return "EC public key is not an uncompressed point of its curve (RFC 5480 §2.2)";
    return NULL;
}

/* RFC 3279 §2.3.1   parameters NULL */
static bool read_rsa_parameters(struct reader *parameters)
{
    struct bytes null = der_read(parameters, DER_NULL);
    return reader_done(parameters) && null.len == 0;
}

/* RFC 3279 §2.3.1   RSAPublicKey: modulus INTEGER, publicExponent INTEGER */
static const char *decode_rsa(struct public_key *out, struct bytes key)
{
    struct reader r = reader_of(key);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    struct bytes modulus = der_read_unsigned(&in), exponent = der_read_unsigned(&in);
    der_leave(&r, &in);
    if (!reader_done(&r) || modulus.len == 0 || exponent.len == 0)
        return "RSA public key is malformed (RFC 3279 §2.3.1)";
    *out = (struct public_key){ .type = KEY_RSA, .modulus = modulus, .exponent = exponent };
    return NULL;
}

static const char *decode_ed25519(struct public_key *out, struct reader *parameters,
                                  struct bytes key)
{
    if (!reader_done(parameters))
        return "Ed25519 has parameters (RFC 8410 §3)";
    if (key.len != ED25519_LEN)
        return "Ed25519 public key is not 32 bytes (RFC 8410 §4)";
    *out = (struct public_key){ .type = KEY_ED25519, .point = key };
    return NULL;
}

/* RFC 5280 §4.1   SubjectPublicKeyInfo: algorithm { OID, parameters },
 *                 subjectPublicKey BIT STRING */
const char *public_key_decode(struct public_key *out, struct bytes spki)
{
    *out = (struct public_key){ .type = KEY_NONE };
    struct reader r = reader_of(spki);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    struct reader algorithm = der_enter(&in, DER_SEQUENCE);
    struct bytes oid = der_read_oid(&algorithm);
    struct bytes key = der_read_bit_bytes(&in);
    der_leave(&r, &in);
    if (!reader_done(&r) || algorithm.bad)
        return "subjectPublicKeyInfo is malformed (RFC 5280 §4.1.2.7)";

    if (bytes_equal_public(oid, id_ec_public_key))
        return decode_ec(out, &algorithm, key);
    if (bytes_equal_public(oid, rsa_encryption))
        return !read_rsa_parameters(&algorithm) ? "RSA parameters are not NULL (RFC 3279 §2.3.1)"
                                                : decode_rsa(out, key);
    if (bytes_equal_public(oid, id_ed25519))
        return decode_ed25519(out, &algorithm, key);
    return NULL;
}

bool public_key_weak(const struct public_key *key)
{
    struct rsa_public_key rsa = { key->modulus, key->exponent };
    return key->type == KEY_RSA && !rsa_public_key_valid(&rsa);
}

static void write_algorithm(struct writer *w, enum key_type type)
{
    size_t algorithm = der_begin(w, DER_SEQUENCE);
    const struct named_curve *curve = curve_of_type(type);
    der_write(w, DER_OID, curve ? id_ec_public_key : id_ed25519);
    if (curve)
        der_write(w, DER_OID, curve->oid);
    der_end(w, algorithm);
}

void public_key_encode(struct writer *w, const struct private_key *key)
{
    uint8_t point[PUBLIC_POINT_MAX];
    size_t point_len = 0;
    if ((!curve_of_type(key->type) && key->type != KEY_ED25519)
        || !private_key_public(point, &point_len, key)) {
        w->bad = true;
        return;
    }
    size_t spki = der_begin(w, DER_SEQUENCE);
    write_algorithm(w, key->type);
    der_write_bit_bytes(w, bytes_of(point, point_len));
    der_end(w, spki);
}

/* ---- private keys ---- */

/* The scalar is in range if it has a public half, and a public key that came along is that. */
static const char *check_public(const struct private_key *key, struct bytes given)
{
    uint8_t point[PUBLIC_POINT_MAX];
    size_t point_len = 0;
    if (!private_key_public(point, &point_len, key))
        return "private key is zero or not below the group order";
    if (given.len != 0 && !bytes_equal_public(given, bytes_of(point, point_len)))
        return "the public key in the file does not belong to the private key";
    return NULL;
}

#define OTHER_CURVE "EC key is on another curve than P-256 and P-384, which is not supported"

/* RFC 5915 §3   ECPrivateKey: version 1, privateKey OCTET STRING, [0] parameters OPTIONAL,
 *               [1] publicKey BIT STRING OPTIONAL
 * `known` is the curve that PKCS #8 has named around it, or NULL. */
static const char *decode_sec1(struct private_key *out, struct bytes der,
                               const struct named_curve *known)
{
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    uint32_t version = der_read_small(&in, 1);
    struct bytes scalar = der_read(&in, DER_OCTET_STRING), public = { 0 };
    if (der_next_is(&in, DER_CONTEXT | DER_CONSTRUCTED | 0)) {
        struct reader parameters = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 0);
        struct bytes curve = der_read_oid(&parameters);
        der_leave(&in, &parameters);
        const struct named_curve *named = curve_of_oid(curve);
        if (!in.bad && !named)
            return OTHER_CURVE;
        if (!in.bad && known && named != known)
            return "EC key names two curves (RFC 5915 §3)";
        known = named;
    }
    if (der_next_is(&in, DER_CONTEXT | DER_CONSTRUCTED | 1)) {
        struct reader wrapped = der_enter(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
        public = der_read_bit_bytes(&wrapped);
        der_leave(&in, &wrapped);
    }
    der_leave(&r, &in);
    if (!reader_done(&r) || version != 1)
        return "ECPrivateKey is malformed (RFC 5915 §3)";
    if (!known)
        return "EC key does not name its curve (RFC 5915 §3)";
    if (scalar.len != known->len)
        return known->type == KEY_P256 ? "P-256 private key is not 32 bytes (RFC 5915 §3)"
                                       : "P-384 private key is not 48 bytes (RFC 5915 §3)";
    out->type = known->type;
    memcpy(out->secret, scalar.at, scalar.len);
    return check_public(out, public);
}

/* RFC 8410 §7   CurvePrivateKey: OCTET STRING (the seed) */
static const char *decode_ed25519_seed(struct private_key *out, struct bytes der,
                                       struct bytes public)
{
    struct reader r = reader_of(der);
    struct bytes seed = der_read(&r, DER_OCTET_STRING);
    if (!reader_done(&r) || seed.len != ED25519_LEN)
        return "Ed25519 private key is not 32 bytes (RFC 8410 §7)";
    out->type = KEY_ED25519;
    memcpy(out->secret, seed.at, ED25519_LEN);
    return check_public(out, public);
}

/* RFC 8017 §A.1.2   RSAPrivateKey: version 0, n, e, d, p, q, dP, dQ, qInv; version 1 has more than
 *                   two primes. d is not used. */
static const char *decode_rsa_private(struct private_key *out, struct bytes der,
                                      struct bytes public)
{
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    der_read_small(&in, 0);                               /* version */
    struct rsa_numbers x = { .n = der_read_unsigned(&in) };
    struct public_key given;
    x.e = der_read_unsigned(&in);
    (void)der_read_unsigned(&in);
    x.p = der_read_unsigned(&in);
    x.q = der_read_unsigned(&in);
    x.dP = der_read_unsigned(&in);
    x.dQ = der_read_unsigned(&in);
    x.qInv = der_read_unsigned(&in);
    der_leave(&r, &in);
    if (!reader_done(&r))
        return "RSAPrivateKey is malformed or has more than two primes (RFC 8017 §A.1.2)";
    if (public.len != 0 && (decode_rsa(&given, public) || !bytes_equal_public(given.modulus, x.n)
                            || !bytes_equal_public(given.exponent, x.e)))
        return "the public key in the file does not belong to the private key";
    if (!rsa_private_key_make(&out->rsa, &x))
        return "RSA key does not have 2048 to 4096 bits, or its numbers do not belong together";
    out->type = KEY_RSA;
    return NULL;
}

/* RFC 5958 §2   OneAsymmetricKey: version 0 or 1, privateKeyAlgorithm, privateKey OCTET STRING,
 *               [0] attributes OPTIONAL, [1] publicKey BIT STRING OPTIONAL (version 1) */
static const char *decode_pkcs8(struct private_key *out, struct bytes der)
{
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    uint32_t version = der_read_small(&in, 1);
    struct reader algorithm = der_enter(&in, DER_SEQUENCE);
    struct bytes oid = der_read_oid(&algorithm);
    struct bytes key = der_read(&in, DER_OCTET_STRING), public = { 0 };
    if (der_next_is(&in, DER_CONTEXT | DER_CONSTRUCTED | 0))
        der_read(&in, DER_CONTEXT | DER_CONSTRUCTED | 0);
    if (version == 1 && der_next_is(&in, DER_CONTEXT | 1)) {
        struct bytes bits = der_read(&in, DER_CONTEXT | 1);          /* IMPLICIT BIT STRING */
        if (bits.len < 2 || bits.at[0] != 0)
            return "PKCS #8 public key is malformed (RFC 5958 §2)";
        public = bytes_of(bits.at + 1, bits.len - 1);
    }
    der_leave(&r, &in);
    if (!reader_done(&r) || algorithm.bad)
        return "PKCS #8 key is malformed (RFC 5958 §2)";

    if (bytes_equal_public(oid, id_ed25519))
        return algorithm.rest.len != 0 ? "Ed25519 has parameters (RFC 8410 §3)"
                                       : decode_ed25519_seed(out, key, public);
    if (bytes_equal_public(oid, rsa_encryption))
        return !read_rsa_parameters(&algorithm) ? "RSA parameters are not NULL (RFC 8017 §A.1)"
                                                : decode_rsa_private(out, key, public);
    if (!bytes_equal_public(oid, id_ec_public_key))
        return "private key is not P-256, P-384, Ed25519 or RSA, and others are not supported";
    const struct named_curve *curve = curve_of_oid(der_read_oid(&algorithm));
    if (!reader_done(&algorithm) || !curve)
        return OTHER_CURVE;
    const char *error = decode_sec1(out, key, curve);
    return error ? error : check_public(out, public);
}

const char *private_key_decode(struct private_key *out, struct bytes der,
                               enum private_key_form form)
{
    *out = (struct private_key){ .type = KEY_NONE };
    const char *error = form == PRIVATE_KEY_SEC1  ? decode_sec1(out, der, NULL)
                      : form == PRIVATE_KEY_PKCS1 ? decode_rsa_private(out, der, bytes_of(NULL, 0))
                      : decode_pkcs8(out, der);
    if (error)
        wipe(out, sizeof *out);
    return error;
}

static void write_sec1(struct writer *w, const struct private_key *key)
{
    uint8_t point[PUBLIC_POINT_MAX];
    size_t point_len = 0;
    if (!private_key_public(point, &point_len, key)) {
        w->bad = true;
        return;
    }
    size_t sec1 = der_begin(w, DER_SEQUENCE);
    der_write_small(w, 1);
    der_write(w, DER_OCTET_STRING, bytes_of(key->secret, curve_of_type(key->type)->len));
    size_t public = der_begin(w, DER_CONTEXT | DER_CONSTRUCTED | 1);
    der_write_bit_bytes(w, bytes_of(point, point_len));
    der_end(w, public);
    der_end(w, sec1);
}

void private_key_encode(struct writer *w, const struct private_key *key)
{
    size_t pkcs8 = der_begin(w, DER_SEQUENCE);
    der_write_small(w, 0);
    write_algorithm(w, key->type);
    size_t octets = der_begin(w, DER_OCTET_STRING);
    if (curve_of_type(key->type))
        write_sec1(w, key);
    else if (key->type == KEY_ED25519)
        der_write(w, DER_OCTET_STRING, bytes_of(key->secret, ED25519_LEN));
    else
        w->bad = true;
    der_end(w, octets);
    der_end(w, pkcs8);
}
