/* vectors/wycheproof.c - Project Wycheproof's JSON, schemas v1.
 *
 * A group type has a row in the table at the end; what has none is skipped with its name. Names of
 * algorithms are passed to the subject, which says by itself what it does not support: a
 * file for AES-CCM needs nothing here.
 */
#include "vectors/json.h"

#include "tls13/x509/der.h"
#include "vectors/key_forms.h"
#include "vectors/names.h"
#include "vectors/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One case, and what it shares with its group. */
struct wycheproof {
    struct file *f;
    struct place at;                     /* the case */
    struct place group_at;
    const json_t *root, *group, *test;
    const char *algorithm;
};

static struct bytes test_hex(struct wycheproof *w, const char *name)
{
    return json_hex(&w->at, w->test, name);
}

static const char *group_hash(struct wycheproof *w, const char *name)
{
    return hash_name(&w->f->arena, json_text(&w->group_at, w->group, name));
}

static const char *group_curve(struct wycheproof *w)
{
    return curve_name(&w->f->arena, json_text(&w->group_at, w->group, "curve"));
}

/* ---- symmetric ---- */

static const struct bytes none = { (const uint8_t *)"", 0 };

static void check_aead(struct wycheproof *w, const char *name, struct bytes aad, struct bytes msg,
                       struct bytes ct)
{
    struct request open = { .operation = "aead-open", .forge = "tag" };
    struct request seal = { .operation = "aead-seal" };
    struct request *const both[] = { &open, &seal };
    struct bytes tag = test_hex(w, "tag");
    for (size_t i = 0; i < 2; i++) {
        request_word(both[i], "algorithm", name);
        request_bytes(both[i], "key", test_hex(w, "key"));
        request_bytes(both[i], "nonce", test_hex(w, "iv"));
        request_bytes(both[i], "aad", aad);
    }
    request_bytes(&open, "ciphertext", ct);
    request_bytes(&open, "tag", tag);
    request_bytes(&seal, "plaintext", msg);
    request_number(&seal, "tag-length", (int64_t)tag.len);
    if (w->f->error)
        return;
    check(w->f, &open, &msg, 1);
    if (w->f->expected == EXPECT_VALID)
        check(w->f, &seal, (struct bytes[]){ ct, tag }, 2);
}

static void on_aead(struct wycheproof *w)
{
    check_aead(w, cipher_name(&w->f->arena, w->algorithm), test_hex(w, "aad"), test_hex(w, "msg"),
               test_hex(w, "ct"));
}

/* AES-GMAC is AES-GCM without a plaintext (SP 800-38D §3), and is asked for as that of a subject
 * that does not have it by its name. */
static void on_mac_with_iv(struct wycheproof *w)
{
    struct request q = { .operation = "mac" };
    const char *name = cipher_name(&w->f->arena, w->algorithm);
    struct bytes tag = test_hex(w, "tag"), msg = test_hex(w, "msg");
    request_word(&q, "algorithm", name);
    request_bytes(&q, "key", test_hex(w, "key"));
    request_bytes(&q, "nonce", test_hex(w, "iv"));
    request_bytes(&q, "message", msg);
    request_number(&q, "length", (int64_t)tag.len);
    if (w->f->error)
        return;
    if (strcmp(name, "AES-GMAC") == 0 && !offered(w->f, &q))
        check_aead(w, "AES-GCM", msg, none, none);
    else
        check_mac(w->f, &q, tag);
}

/* "HMACSHA256" is an operation of its own; "AES-CMAC", "KMAC128", ... are names of a `mac`. */
static void on_mac(struct wycheproof *w)
{
    static const char hmac[] = "HMAC";
    bool is_hmac = strncmp(w->algorithm, hmac, strlen(hmac)) == 0;
    struct request q = { .operation = is_hmac ? "hmac" : "mac" };
    if (is_hmac)
        request_word(&q, "hash", hash_name(&w->f->arena, w->algorithm + strlen(hmac)));
    else
        request_word(&q, "algorithm", cipher_name(&w->f->arena, w->algorithm));
    request_bytes(&q, "key", test_hex(w, "key"));
    request_bytes(&q, "message", test_hex(w, "msg"));
    struct bytes tag = test_hex(w, "tag");
    if (!is_hmac)
        request_number(&q, "length", (int64_t)tag.len);      /* of which KMAC's output depends */
    if (!w->f->error)
        check_mac(w->f, &q, tag);
}

/* The part of an algorithm's name that names the hash: "HKDF-SHA-256", "PBKDF2-HMACSHA256". */
static const char *hash_behind(struct wycheproof *w, const char *prefix)
{
    size_t n = strlen(prefix);
    return hash_name(&w->f->arena,
                     strncmp(w->algorithm, prefix, n) == 0 ? w->algorithm + n : w->algorithm);
}

static void on_hkdf(struct wycheproof *w)
{
    struct request q = { .operation = "hkdf" };
    request_word(&q, "hash", hash_behind(w, "HKDF-"));
    request_bytes(&q, "ikm", test_hex(w, "ikm"));
    request_bytes(&q, "salt", test_hex(w, "salt"));
    request_bytes(&q, "info", test_hex(w, "info"));
    request_number(&q, "length", json_number(&w->at, w->test, "size"));
    struct bytes okm = test_hex(w, "okm");
    if (!w->f->error)
        check(w->f, &q, &okm, 1);
}

static void on_pbkdf2(struct wycheproof *w)
{
    struct request q = { .operation = "pbkdf2" };
    request_word(&q, "hash", hash_behind(w, "PBKDF2-HMAC"));
    request_bytes(&q, "password", test_hex(w, "password"));
    request_bytes(&q, "salt", test_hex(w, "salt"));
    request_number(&q, "iterations", json_number(&w->at, w->test, "iterationCount"));
    request_number(&q, "length", json_number(&w->at, w->test, "dkLen"));
    struct bytes dk = test_hex(w, "dk");
    if (!w->f->error)
        check(w->f, &q, &dk, 1);
}

enum { BLOCK_LEN = 16 };

/* PKCS #7's, RFC 5652 §6.3 */
static struct bytes padded(struct wycheproof *w, struct bytes msg)
{
    size_t pad = BLOCK_LEN - msg.len % BLOCK_LEN;
    uint8_t *out = arena_take(&w->f->scratch, msg.len + pad);
    memcpy(out, msg.at, msg.len);
    memset(out + msg.len, (int)pad, pad);
    return bytes_of(out, msg.len + pad);
}

/* Decrypted, and encrypted if the subject does that. One that has no padding is asked for what is
 * padded; it cannot refuse a wrong padding. */
static void check_cipher(struct wycheproof *w, const char *name, struct bytes key,
                         struct bytes msg)
{
    struct request both[] = { { .operation = "cipher-decrypt" },
                              { .operation = "cipher-encrypt" } };
    struct bytes text[] = { test_hex(w, "ct"), msg };
    for (size_t i = 0; i < 2; i++) {
        request_word(&both[i], "algorithm", name);
        request_bytes(&both[i], "key", key);
        request_bytes(&both[i], "iv", test_hex(w, "iv"));
        request_bytes(&both[i], "input", text[i]);
    }
    if (w->f->error)
        return;
    if (strcmp(name, "AES-CBC-PKCS5") == 0 && w->f->expected == EXPECT_VALID
        && !offered(w->f, &both[0])) {
        check_cipher(w, "AES-CBC", key, padded(w, msg));
        return;
    }
    check(w->f, &both[0], &text[1], 1);
    if (w->f->expected == EXPECT_VALID && offered(w->f, &both[1]))
        check(w->f, &both[1], &text[0], 1);
}

static void on_cipher(struct wycheproof *w)
{
    check_cipher(w, cipher_name(&w->f->arena, w->algorithm), test_hex(w, "key"),
                 test_hex(w, "msg"));
}

/* "PbeWithHmacSha256AndAes_128" (RFC 8018 §6.2): PBKDF2, and AES-CBC under what it gives. */
static void on_pbes2(struct wycheproof *w)
{
    struct request q = { .operation = "pbkdf2" };
    struct bytes key;
    const char *hash = hash_behind(w, "PbeWithHmac"), *bits = strrchr(w->algorithm, '_');
    request_word(&q, "hash", hash_name(&w->f->arena, arena_print(&w->f->arena, "%.*s",
                                                                 (int)strcspn(hash, "A"), hash)));
    request_bytes(&q, "password", test_hex(w, "password"));
    request_bytes(&q, "salt", test_hex(w, "salt"));
    request_number(&q, "iterations", json_number(&w->at, w->test, "iterationCount"));
    request_number(&q, "length", bits ? strtol(bits + 1, NULL, 10) / 8 : 0);
    if (!w->f->error && value_of(w->f, &key, &q))
        check_cipher(w, "AES-CBC-PKCS5", key, test_hex(w, "msg"));
}

/* ---- key agreement ---- */

static void check_agreement(struct wycheproof *w, const char *operation, struct bytes private,
                            const char *public_name, struct bytes public)
{
    struct request q = { .operation = operation };
    struct bytes shared = test_hex(w, "shared");
    request_word(&q, "curve", group_curve(w));
    request_bytes(&q, "private", private);
    request_bytes(&q, public_name, public);
    if (!w->f->error)
        check(w->f, &q, &shared, 1);
}

static void on_xdh(struct wycheproof *w)
{
    check_agreement(w, "xdh", test_hex(w, "private"), "public", test_hex(w, "public"));
}

static void skip_form(struct wycheproof *w)
{
    case_skip(w->f, "key in a form that only a subject that reads it can judge");
}

static void on_xdh_der(struct wycheproof *w, struct bytes private_der, struct bytes public_der)
{
    struct bytes private, public;
    const char *curve = group_curve(w);
    if (xdh_from_pkcs8(&private, curve, private_der) && xdh_from_spki(&public, curve, public_der))
        check_agreement(w, "xdh", private, "public", public);
    else
        skip_form(w);
}

static void on_xdh_asn(struct wycheproof *w)
{
    on_xdh_der(w, test_hex(w, "private"), test_hex(w, "public"));
}

static bool test_pem(struct wycheproof *w, struct bytes *der, const char *name)
{
    return pem_decode(&w->f->arena, der, json_text(&w->at, w->test, name));
}

static void on_xdh_pem(struct wycheproof *w)
{
    struct bytes private, public;
    if (test_pem(w, &private, "private") && test_pem(w, &public, "public"))
        on_xdh_der(w, private, public);
    else
        skip_form(w);
}

/* RFC 7517, RFC 8037 §2: a member of a key, which has to be of that type and curve. */
static bool jwk_member(struct wycheproof *w, struct bytes *out, const char *key_name,
                       const char *type, const char *member)
{
    const json_t *key = json_member(&w->at, w->test, key_name, JSON_OBJECT);
    const char *curve = json_string_value(json_object_get(key, "crv"));
    const char *text = json_string_value(json_object_get(key, member));
    return json_string_is(key, "kty", type) && curve && text
        && strcmp(curve_name(&w->f->arena, curve), group_curve(w)) == 0
        && base64url_decode(&w->f->arena, out, text);
}

static void on_xdh_jwk(struct wycheproof *w)
{
    struct bytes private, public;
    if (jwk_member(w, &private, "private", "OKP", "d")
        && jwk_member(w, &public, "public", "OKP", "x"))
        check_agreement(w, "xdh", private, "public", public);
    else
        skip_form(w);
}

static void on_ecdh_jwk(struct wycheproof *w)
{
    struct bytes d, x, y;
    size_t n = curve_len(group_curve(w));
    if (!jwk_member(w, &d, "private", "EC", "d") || !jwk_member(w, &x, "public", "EC", "x")
        || !jwk_member(w, &y, "public", "EC", "y") || x.len != n || y.len != n) {
        skip_form(w);
        return;
    }
    uint8_t *point = arena_take(&w->f->arena, 1 + 2 * n);
    point[0] = 4;
    memcpy(point + 1, x.at, n);
    memcpy(point + 1 + n, y.at, n);
    check_agreement(w, "ecdh", d, "public", bytes_of(point, 1 + 2 * n));
}

/* The point of a named-curve SubjectPublicKeyInfo whose every other byte is the usual one; empty
 * for any other. For subjects that take points only. */
static struct bytes plain_point(const char *curve, struct bytes spki)
{
    static const uint8_t p256[] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    };
    static const uint8_t p384[] = {
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
    };
    static const uint8_t p521[] = {
        0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
    };
    static const struct { const char *curve; struct bytes header; } headers[] = {
        { "P-256", { p256, sizeof p256 } }, { "P-384", { p384, sizeof p384 } },
        { "P-521", { p521, sizeof p521 } },
    };
    for (size_t i = 0; i < COUNT(headers); i++) {
        struct bytes h = headers[i].header;
        if (strcmp(headers[i].curve, curve) == 0
            && spki.len == h.len + 1 + 2 * curve_len(curve)
            && bytes_equal_public(bytes_of(spki.at, h.len), h))
            return bytes_of(spki.at + h.len, spki.len - h.len);
    }
    return bytes_of(NULL, 0);
}

/* A subject that does not read SubjectPublicKeyInfo is asked with the point of a usual one. */
static void check_spki(struct wycheproof *w, struct bytes private, struct bytes spki)
{
    struct request q = { .operation = "ecdh" };
    request_word(&q, "curve", group_curve(w));
    request_bytes(&q, "private", private);
    request_bytes(&q, "spki", spki);
    struct bytes point = plain_point(group_curve(w), spki);
    if (w->f->error)
        return;
    if (point.len > 0 && !offered(w->f, &q))
        check_agreement(w, "ecdh", private, "public", point);
    else
        check_agreement(w, "ecdh", private, "spki", spki);
}

static void on_ecdh(struct wycheproof *w)
{
    struct bytes private = test_hex(w, "private"), public = test_hex(w, "public");
    if (json_string_is(w->group, "encoding", "ecpoint"))
        check_agreement(w, "ecdh", private, "public", public);
    else
        check_spki(w, private, public);
}

static void on_ecdh_pem(struct wycheproof *w)
{
    struct bytes pkcs8, private, public;
    if (test_pem(w, &pkcs8, "private") && ec_from_pkcs8(&private, pkcs8)
        && test_pem(w, &public, "public"))
        check_spki(w, private, public);
    else
        skip_form(w);
}

/* ---- signatures ---- */

static const json_t *public_key(struct wycheproof *w)
{
    return json_member(&w->group_at, w->group, "publicKey", JSON_OBJECT);
}

static void add_message_and_signature(struct wycheproof *w, struct request *q)
{
    request_bytes(q, "message", test_hex(w, "msg"));
    request_bytes(q, "signature", test_hex(w, "sig"));
    if (!w->f->error)
        check(w->f, q, NULL, 0);
}

static void verify_ecdsa(struct wycheproof *w, const char *format)
{
    struct request q = { .operation = "ecdsa-verify", .forge = "signature" };
    const json_t *key = public_key(w);
    request_word(&q, "curve", curve_name(&w->f->arena, json_text(&w->group_at, key, "curve")));
    request_word(&q, "hash", group_hash(w, "sha"));
    request_word(&q, "format", format);
    request_bytes(&q, "public", json_hex(&w->group_at, key, "uncompressed"));
    add_message_and_signature(w, &q);
}

static void on_ecdsa(struct wycheproof *w)
{
    verify_ecdsa(w, "der");
}

static void on_ecdsa_p1363(struct wycheproof *w)
{
    verify_ecdsa(w, "p1363");
}

static void on_eddsa(struct wycheproof *w)
{
    struct request q = { .operation = "eddsa-verify", .forge = "signature" };
    const json_t *key = public_key(w);
    request_word(&q, "curve", curve_name(&w->f->arena, json_text(&w->group_at, key, "curve")));
    request_bytes(&q, "public", json_hex(&w->group_at, key, "pk"));
    add_message_and_signature(w, &q);
}

static void add_rsa_public(struct wycheproof *w, struct request *q, const char *member)
{
    const json_t *key = json_member(&w->group_at, w->group, member, JSON_OBJECT);
    request_word(q, "hash", group_hash(w, "sha"));
    request_bytes(q, "modulus", json_hex(&w->group_at, key, "modulus"));
    request_bytes(q, "exponent", json_hex(&w->group_at, key, "publicExponent"));
}

static void on_rsa_pkcs1(struct wycheproof *w)
{
    struct request q = { .operation = "rsa-pkcs1-verify", .forge = "signature" };
    add_rsa_public(w, &q, "publicKey");
    add_message_and_signature(w, &q);
}

static void on_rsa_pss(struct wycheproof *w)
{
    struct request q = { .operation = "rsa-pss-verify", .forge = "signature" };
    if (!json_string_is(w->group, "mgf", "MGF1")) {
        case_skip(w->f, "RSA-PSS with %s", json_text(&w->group_at, w->group, "mgf"));
        return;
    }
    add_rsa_public(w, &q, "publicKey");
    request_word(&q, "mgf-hash", group_hash(w, "mgfSha"));
    request_number(&q, "salt-length", json_number(&w->group_at, w->group, "sLen"));
    add_message_and_signature(w, &q);
}

/* RFC 8017 A.1.2 inside of RFC 5208 §5: the numbers of a private key, each an INTEGER. */
static bool add_rsa_private(struct request *q, struct bytes pkcs8)
{
    static const char *const names[] = { "modulus", "exponent", "private", "p", "q", "dp", "dq",
                                         "qinv" };
    struct reader outer = reader_of(pkcs8);
    struct reader info = der_enter(&outer, DER_SEQUENCE);
    (void)der_read_unsigned(&info);                               /* version */
    (void)der_read(&info, DER_SEQUENCE);
    struct reader octets = reader_of(der_read(&info, DER_OCTET_STRING));
    struct reader key = der_enter(&octets, DER_SEQUENCE);
    (void)der_read_unsigned(&key);
    for (size_t i = 0; i < COUNT(names); i++)
        request_bytes(q, names[i], der_read_unsigned(&key));
    return reader_done(&key);
}

static void on_rsa_generate(struct wycheproof *w)
{
    struct request q = { .operation = "rsa-pkcs1-sign" };
    struct bytes sig = test_hex(w, "sig");
    request_word(&q, "hash", group_hash(w, "sha"));
    bool good = add_rsa_private(&q, json_hex(&w->group_at, w->group, "privateKeyPkcs8"));
    request_bytes(&q, "message", test_hex(w, "msg"));
    if (w->f->error)
        return;
    if (good)
        check(w->f, &q, &sig, 1);
    else
        file_error(w->f, w->group_at.path, "privateKeyPkcs8 is no RSA key");
}

/* ---- ML-KEM ---- */

static void add_parameter_set(struct wycheproof *w, struct request *q)
{
    request_word(q, "algorithm", cipher_name(&w->f->arena,
                                             json_text(&w->group_at, w->group, "parameterSet")));
}

static void on_mlkem_keygen(struct wycheproof *w)
{
    struct request q = { .operation = "mlkem-keygen", .optional = 1 };
    add_parameter_set(w, &q);
    request_bytes(&q, "seed", test_hex(w, "seed"));
    struct bytes want[] = { test_hex(w, "ek"), test_hex(w, "dk") };
    if (!w->f->error)
        check(w->f, &q, want, COUNT(want));
}

static void on_mlkem_encaps(struct wycheproof *w)
{
    struct request q = { .operation = "mlkem-encaps" };
    add_parameter_set(w, &q);
    request_bytes(&q, "public", test_hex(w, "ek"));
    request_bytes(&q, "random", test_hex(w, "m"));
    struct bytes want[] = { test_hex(w, "c"), test_hex(w, "K") };
    if (!w->f->error)
        check(w->f, &q, want, COUNT(want));
}

/* With a seed, or with the expanded private key. */
static void on_mlkem_decaps(struct wycheproof *w)
{
    bool seed = json_object_get(w->test, "seed") != NULL;
    struct request q = { .operation = "mlkem-decaps" };
    add_parameter_set(w, &q);
    request_bytes(&q, seed ? "seed" : "private", test_hex(w, seed ? "seed" : "dk"));
    request_bytes(&q, "ciphertext", test_hex(w, "c"));
    struct bytes shared = w->f->expected == EXPECT_INVALID ? bytes_of("", 0) : test_hex(w, "K");
    if (!w->f->error)
        check(w->f, &q, &shared, 1);
}

/* ---- files ---- */

static const struct { const char *type; void (*run)(struct wycheproof *w); } types[] = {
    { "AeadTest",                      on_aead         },
    { "IndCpaTest",                    on_cipher       },
    { "PbeTest",                       on_pbes2        },
    { "MacTest",                       on_mac          },
    { "MacWithIvTest",                 on_mac_with_iv  },
    { "HkdfTest",                      on_hkdf         },
    { "PbkdfTest",                     on_pbkdf2       },
    { "XdhComp",                       on_xdh          },
    { "EcdhTest",                      on_ecdh         },
    { "EcdhEcpointTest",               on_ecdh         },
    { "EcdhPemTest",                   on_ecdh_pem     },
    { "EcdhWebcryptoTest",             on_ecdh_jwk     },
    { "XdhAsnComp",                    on_xdh_asn      },
    { "XdhPemComp",                    on_xdh_pem      },
    { "XdhJwkComp",                    on_xdh_jwk      },
    { "EcdsaVerify",                   on_ecdsa        },
    { "EcdsaP1363Verify",              on_ecdsa_p1363  },
    { "EddsaVerify",                   on_eddsa        },
    { "RsassaPkcs1Verify",             on_rsa_pkcs1    },
    { "RsassaPssVerify",               on_rsa_pss      },
    { "RsassaPssWithParametersVerify", on_rsa_pss      },
    { "RsassaPkcs1Generate",           on_rsa_generate },
    { "MLKEMKeyGen",                   on_mlkem_keygen },
    { "MLKEMEncapsTest",               on_mlkem_encaps },
    { "MLKEMTest",                     on_mlkem_decaps },
    { "MLKEMDecapsValidationTest",     on_mlkem_decaps },
};

static enum expectation expectation_of(struct wycheproof *w)
{
    const char *result = json_text(&w->at, w->test, "result");
    const json_t *flags = json_optional(&w->at, w->test, "flags", JSON_ARRAY);
    if (strcmp(result, "valid") == 0)
        return EXPECT_VALID;
    if (strcmp(result, "invalid") == 0)
        return EXPECT_INVALID;
    if (strcmp(result, "acceptable") != 0 && !w->f->error)
        file_error(w->f, w->at.path, "result is not valid, invalid or acceptable");
    return w->f->run->tls_policy && policy_refuses(flags) ? EXPECT_INVALID : EXPECT_EITHER;
}

static void run_test(struct wycheproof *w, const char *type)
{
    char id[40];
    snprintf(id, sizeof id, "%lld", (long long)json_number(&w->at, w->test, "tcId"));
    enum expectation expected = expectation_of(w);
    const char *comment = json_text_or(&w->at, w->test, "comment", "");
    if (w->f->error || !case_begin(w->f, id, comment, expected))
        return;
    json_case_flags(w->f, json_object_get(w->test, "flags"));
    size_t i = 0;
    while (i < COUNT(types) && strcmp(types[i].type, type) != 0)
        i++;
    if (i < COUNT(types))
        types[i].run(w);
    else
        case_skip(w->f, "group type %s", type);
    if (!w->f->error)
        case_end(w->f);
}

static void run_group(struct wycheproof *w, size_t number)
{
    size_t i;
    const json_t *test;
    place_set(&w->group_at, "testGroups[%zu]", number);
    const char *type = json_text(&w->group_at, w->group, "type");
    const json_t *tests = json_member(&w->group_at, w->group, "tests", JSON_ARRAY);
    json_array_foreach (tests, i, test) {
        place_set(&w->at, "testGroups[%zu].tests[%zu]", number, i);
        w->test = test;
        if (!w->f->error)
            run_test(w, type);
    }
}

void read_wycheproof(struct file *f, const json_t *root)
{
    struct wycheproof w = { .f = f, .at = { .f = f }, .group_at = { .f = f }, .root = root };
    size_t i;
    const json_t *groups = json_member(&w.at, root, "testGroups", JSON_ARRAY);
    f->claimed = json_number(&w.at, root, "numberOfTests");
    if (f->claimed < 0 && !f->error)
        file_error(f, "numberOfTests", "is negative");
    w.algorithm = json_text_or(&w.at, root, "algorithm", "");
    json_array_foreach (groups, i, w.group)
        if (!f->error)
            run_group(&w, i);
}
