/* tests/test_rsa_chain.c - chains signed with RSA (tls13/x509/path.c, RFC 4055), and RSA keys in
 * files (tls13/x509/key.c, RFC 8017 §A.1).
 *
 * Vectors: OpenSSL's certificates (vectors/x509/rsa.txt); keys of NIST (vectors/nist/rsa.txt).
 */
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/verify.h"

#include "crypto/hash.h"
#include "tests/vectors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1800000000 };                                /* 2027-01-15 */

static enum alert verify(struct vectors *v, struct x509_verdict *verdict, struct bytes leaf)
{
    struct x509_certificate root;
    ck_assert_ptr_null(x509_certificate_decode(&root, vector(v, "root")));
    struct x509_anchor anchor = { root.der, root.subject };
    struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    struct x509_question q = {
        .trust = &trust, .algorithms = &algorithms_default, .chain = &leaf, .chain_count = 1,
        .name = bytes_of_string("rsa.test"), .now = NOW, .purpose = X509_SERVER,
    };
    return x509_verify(verdict, &q);
}

START_TEST(chains)
{
    struct vectors v = vectors_open("vectors/x509/rsa.txt");
    while (vectors_next(&v)) {
        struct x509_verdict verdict;
        bool believed = verify(&v, &verdict, vector(&v, "leaf")) == ALERT_NONE;
        const char *id = (const char *)vector(&v, "id").at;
        ck_assert_msg(believed == (vector_number(&v, "believed") == 1), "%s: %s", id,
                      verdict.reason);
        if (!believed)
            ck_assert_msg(strstr(verdict.reason, (const char *)vector(&v, "reason").at) != NULL,
                          "%s: %s", id, verdict.reason);
    }
    vectors_close(&v);
}
END_TEST

/* A pinned key is a key, and has to be one that can be believed. */
START_TEST(pinned_keys)
{
    struct vectors v = vectors_open("vectors/x509/rsa.txt");
    while (vectors_next(&v)) {
        struct x509_certificate c;
        struct x509_verdict verdict;
        uint8_t pin[1][X509_PIN_LEN];
        struct bytes leaf = vector(&v, "leaf");
        ck_assert_ptr_null(x509_certificate_decode(&c, leaf));
        hash_digest(&hash_sha256, pin[0], c.spki);
        struct x509_trust trust = { .pins = (const uint8_t (*)[X509_PIN_LEN])pin, .pin_count = 1 };
        struct x509_question q = { .trust = &trust, .algorithms = &algorithms_default,
                                   .chain = &leaf, .chain_count = 1, .now = NOW };
        ck_assert_int_eq(x509_verify(&verdict, &q), c.key.type == KEY_RSA && c.key.modulus.len < 256
                         ? ALERT_UNSUPPORTED_CERTIFICATE : ALERT_NONE);
    }
    vectors_close(&v);
}
END_TEST

START_TEST(altered_signatures)
{
    struct vectors v = vectors_open("vectors/x509/rsa.txt");
    while (vectors_next(&v)) {
        uint8_t copy[2048];
        struct x509_verdict verdict;
        struct bytes leaf = vector(&v, "leaf");
        ck_assert_uint_le(leaf.len, sizeof copy);
        memcpy(copy, leaf.at, leaf.len);
        copy[leaf.len - 1] ^= 1;
        ck_assert_int_ne(verify(&v, &verdict, bytes_of(copy, leaf.len)), ALERT_NONE);
    }
    vectors_close(&v);
}
END_TEST

/* ---- private keys ---- */

static const struct bytes rsa_encryption =
    OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01);
static uint8_t der[6000], wrapped[6000];
static struct private_key key;

/* RSAPrivateKey; d is not looked at and may be anything. */
static struct bytes pkcs1(struct vectors *v, uint32_t version)
{
    static const char *const fields[] = { "n", "e", "n", "p", "q", "dP", "dQ", "qInv" };
    struct writer w = writer_of(der, sizeof der);
    size_t sequence = der_begin(&w, DER_SEQUENCE);
    der_write_small(&w, version);
    for (size_t i = 0; i < COUNT(fields); i++)
        der_write_unsigned(&w, vector(v, fields[i]));
    der_end(&w, sequence);
    return writer_bytes(&w);
}

/* OneAsymmetricKey around `inner`; a `public` that is not empty makes it version 1. */
static struct bytes pkcs8(struct bytes inner, bool null_parameters, struct bytes public)
{
    struct writer w = writer_of(wrapped, sizeof wrapped);
    size_t sequence = der_begin(&w, DER_SEQUENCE);
    der_write_small(&w, public.len > 0);
    size_t algorithm = der_begin(&w, DER_SEQUENCE);
    der_write(&w, DER_OID, rsa_encryption);
    if (null_parameters)
        der_write(&w, DER_NULL, bytes_of(NULL, 0));
    der_end(&w, algorithm);
    der_write(&w, DER_OCTET_STRING, inner);
    if (public.len > 0) {
        size_t bits = der_begin(&w, DER_CONTEXT | 1);
        write_u8(&w, 0);
        write_bytes(&w, public);
        der_end(&w, bits);
    }
    der_end(&w, sequence);
    return writer_bytes(&w);
}

START_TEST(private_keys)
{
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    while (vectors_next(&v)) {
        struct bytes inner = pkcs1(&v, 0);
        ck_assert_ptr_null(private_key_decode(&key, inner, PRIVATE_KEY_PKCS1));
        ck_assert_int_eq(key.type, KEY_RSA);
        struct rsa_public_key public = rsa_public(&key.rsa);
        check_bytes(&v, "n", public.modulus.at, vector(&v, "n"));
        ck_assert(bytes_equal_public(public.exponent, vector(&v, "e")));
        ck_assert_ptr_null(private_key_decode(&key, pkcs8(inner, true, bytes_of(NULL, 0)),
                                              PRIVATE_KEY_PKCS8));
        ck_assert_ptr_nonnull(private_key_decode(&key, pkcs8(inner, false, bytes_of(NULL, 0)),
                                                 PRIVATE_KEY_PKCS8));
        ck_assert_ptr_nonnull(private_key_decode(&key, pkcs1(&v, 1), PRIVATE_KEY_PKCS1));
    }
    vectors_close(&v);
}
END_TEST

/* The public key that PKCS #8 may carry along is compared. */
START_TEST(public_key_beside)
{
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    while (vectors_next(&v)) {
        uint8_t space[600];
        struct writer w = writer_of(space, sizeof space);
        size_t sequence = der_begin(&w, DER_SEQUENCE);
        der_write_unsigned(&w, vector(&v, "n"));
        der_write_unsigned(&w, vector(&v, "e"));
        der_end(&w, sequence);
        struct bytes inner = pkcs1(&v, 0);
        ck_assert_ptr_null(private_key_decode(&key, pkcs8(inner, true, writer_bytes(&w)),
                                              PRIVATE_KEY_PKCS8));
        const size_t changed[] = { 0, w.len / 2, w.len - 1 };     /* the form, modulus, exponent */
        for (size_t i = 0; i < COUNT(changed); i++) {
            space[changed[i]] ^= 2;
            const char *error = private_key_decode(&key, pkcs8(inner, true, writer_bytes(&w)),
                                                   PRIVATE_KEY_PKCS8);
            ck_assert_ptr_nonnull(error);
            ck_assert_ptr_nonnull(strstr(error, "does not belong"));
            space[changed[i]] ^= 2;
        }
    }
    vectors_close(&v);
}
END_TEST

START_TEST(damaged_keys)
{
    static const struct private_key wiped;
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    ck_assert(vectors_next(&v));
    struct bytes inner = pkcs1(&v, 0);
    for (size_t len = 0; len < inner.len; len++)
        ck_assert_ptr_nonnull(private_key_decode(&key, bytes_of(der, len), PRIVATE_KEY_PKCS1));
    ck_assert_ptr_nonnull(private_key_decode(&key, bytes_of(der, inner.len + 1),
                                             PRIVATE_KEY_PKCS1));
    for (size_t at = inner.len - 1; at > inner.len - 600; at -= 100) {
        der[at] ^= 1;                                     /* q, dP, dQ, qInv */
        ck_assert_ptr_nonnull(private_key_decode(&key, inner, PRIVATE_KEY_PKCS1));
        ck_assert_mem_eq(&key, &wiped, sizeof key);
        der[at] ^= 1;
    }
    ck_assert_ptr_null(private_key_decode(&key, inner, PRIVATE_KEY_PKCS1));
    while (vectors_next(&v))
        continue;
    vectors_close(&v);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        chains, pinned_keys, altered_signatures, private_keys, public_key_beside, damaged_keys,
    };
    Suite *s = suite_create("rsa_chain");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
