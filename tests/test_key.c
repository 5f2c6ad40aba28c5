/* tests/test_key.c - keys read and written (tls13/x509/key.c: RFC 5958, 5915, 8410, 5480). */
#include "tls13/x509/key.h"

#include "tests/vectors.h"
#include "tls13/x509/der.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct private_key key;

static const char *decode(struct vectors *v, struct bytes der)
{
    bool sec1 = bytes_equal_public(vector(v, "form"), bytes_of_string("sec1"));
    return private_key_decode(&key, der, sec1 ? PRIVATE_KEY_SEC1 : PRIVATE_KEY_PKCS8);
}

START_TEST(private_keys)
{
    struct vectors v = vectors_open("vectors/x509/keys.txt");
    while (vectors_next(&v)) {
        uint8_t point[PUBLIC_POINT_MAX];
        size_t point_len;
        ck_assert_ptr_null(decode(&v, vector(&v, "der")));
        ck_assert(bytes_equal_public(bytes_of_string(key_type_name(key.type)),
                                     vector(&v, "type")));
        check_bytes(&v, "secret", key.secret, vector(&v, "secret"));
        ck_assert(private_key_public(point, &point_len, &key));
        ck_assert_uint_eq(point_len, vector(&v, "public").len);
        check_bytes(&v, "public", point, vector(&v, "public"));
    }
    vectors_close(&v);
}
END_TEST

START_TEST(public_keys)
{
    struct vectors v = vectors_open("vectors/x509/keys.txt");
    while (vectors_next(&v)) {
        struct public_key public;
        uint8_t space[PRIVATE_KEY_DER_MAX];
        struct writer w = writer_of(space, sizeof space);
        struct bytes spki = vector(&v, "spki");
        ck_assert_ptr_null(public_key_decode(&public, spki));
        ck_assert(bytes_equal_public(public.point, vector(&v, "public")));
        ck_assert_ptr_null(decode(&v, vector(&v, "der")));
        public_key_encode(&w, &key);
        ck_assert_uint_eq(w.len, spki.len);
        check_bytes(&v, "spki", space, spki);
        for (size_t len = 0; len < spki.len; len++)
            ck_assert_ptr_nonnull(public_key_decode(&public, bytes_of(spki.at, len)));
    }
    vectors_close(&v);
}
END_TEST

START_TEST(written_keys_are_read)
{
    struct vectors v = vectors_open("vectors/x509/keys.txt");
    while (vectors_next(&v)) {
        uint8_t space[PRIVATE_KEY_DER_MAX];
        struct writer w = writer_of(space, sizeof space);
        ck_assert_ptr_null(decode(&v, vector(&v, "der")));
        private_key_encode(&w, &key);
        ck_assert(writer_done(&w));
        ck_assert_ptr_null(private_key_decode(&key, writer_bytes(&w), PRIVATE_KEY_PKCS8));
        check_bytes(&v, "secret", key.secret, vector(&v, "secret"));
    }
    vectors_close(&v);
}
END_TEST

/* What OpenSSL writes is what we write. */
START_TEST(pkcs8_is_the_same_as_others_write)
{
    struct vectors v = vectors_open("vectors/x509/keys.txt");
    while (vectors_next(&v)) {
        uint8_t space[PRIVATE_KEY_DER_MAX];
        struct writer w = writer_of(space, sizeof space);
        struct bytes der = vector(&v, "der");
        bool pkcs8 = bytes_equal_public(vector(&v, "form"), bytes_of_string("pkcs8"));
        ck_assert_ptr_null(decode(&v, der));
        private_key_encode(&w, &key);
        if (pkcs8 && der.at[4] == 0)                      /* version 0: no public key beside it */
            ck_assert(bytes_equal_public(writer_bytes(&w), der));
    }
    vectors_close(&v);
}
END_TEST

START_TEST(damage_is_refused_and_nothing_is_left)
{
    struct vectors v = vectors_open("vectors/x509/keys.txt");
    while (vectors_next(&v)) {
        uint8_t copy[512] = { 0 };
        struct bytes der = vector(&v, "der");
        memcpy(copy, der.at, der.len);
        for (size_t len = 0; len < der.len; len++)
            ck_assert_ptr_nonnull(decode(&v, bytes_of(copy, len)));
        ck_assert_ptr_nonnull(decode(&v, bytes_of(copy, der.len + 1)));
        static const struct private_key wiped;
        ck_assert_mem_eq(&key, &wiped, sizeof key);
        copy[der.len - 1] ^= 1;                           /* the end of a key, public or private */
        const char *error = decode(&v, bytes_of(copy, der.len));
        if (!error)
            ck_assert_mem_ne(key.secret, vector(&v, "secret").at, 32);
    }
    vectors_close(&v);
}
END_TEST

START_TEST(public_key_that_is_another_one)
{
    struct vectors v = vectors_open("vectors/x509/keys.txt");
    while (vectors_next(&v)) {
        uint8_t copy[512];
        struct bytes der = vector(&v, "der"), public = vector(&v, "public");
        memcpy(copy, der.at, der.len);
        uint8_t *at = memmem(copy, der.len, public.at, public.len);
        if (!at)
            continue;
        at[public.len - 1] ^= 1;
        const char *error = decode(&v, bytes_of(copy, der.len));
        ck_assert_ptr_nonnull(error);
        ck_assert_ptr_nonnull(strstr(error, "does not belong"));
    }
    vectors_close(&v);
}
END_TEST

static const struct bytes prime256v1 = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
static const struct bytes prime192v1 = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01);
static const struct bytes secp384r1 = OID(0x2b, 0x81, 0x04, 0x00, 0x22);
static const struct bytes no_curve = { 0 };
static const struct bytes id_ec_public_key = OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);

static void write_sec1(struct writer *w, uint32_t version, uint8_t fill, size_t len,
                       struct bytes curve)
{
    uint8_t scalar[50];
    memset(scalar, fill, sizeof scalar);
    size_t sequence = der_begin(w, DER_SEQUENCE);
    der_write_small(w, version);
    der_write(w, DER_OCTET_STRING, bytes_of(scalar, len));
    if (curve.len > 0) {
        size_t parameters = der_begin(w, DER_CONTEXT | DER_CONSTRUCTED | 0);
        der_write(w, DER_OID, curve);
        der_end(w, parameters);
    }
    der_end(w, sequence);
}

/* A SEC 1 key with this scalar and this curve OID. */
static const char *decode_scalar(uint8_t fill, size_t len, struct bytes curve)
{
    uint8_t space[200];
    struct writer w = writer_of(space, sizeof space);
    write_sec1(&w, 1, fill, len, curve);
    return private_key_decode(&key, writer_bytes(&w), PRIVATE_KEY_SEC1);
}

/* The same in PKCS #8, which names a curve too (RFC 5958 §2). */
static const char *decode_wrapped(size_t len, struct bytes outer, struct bytes inner)
{
    uint8_t space[200];
    struct writer w = writer_of(space, sizeof space);
    size_t sequence = der_begin(&w, DER_SEQUENCE);
    der_write_small(&w, 0);
    size_t algorithm = der_begin(&w, DER_SEQUENCE);
    der_write(&w, DER_OID, id_ec_public_key);
    der_write(&w, DER_OID, outer);
    der_end(&w, algorithm);
    size_t octets = der_begin(&w, DER_OCTET_STRING);
    write_sec1(&w, 1, 0x11, len, inner);
    der_end(&w, octets);
    der_end(&w, sequence);
    return private_key_decode(&key, writer_bytes(&w), PRIVATE_KEY_PKCS8);
}

START_TEST(scalars_and_curves)
{
    ck_assert_ptr_null(decode_scalar(0x11, 32, prime256v1));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x00, 32, prime256v1), "group order"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0xff, 32, prime256v1), "group order"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x11, 31, prime256v1), "not 32 bytes"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x11, 33, prime256v1), "not 32 bytes"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x11, 32, prime192v1), "another curve"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x11, 32, no_curve), "does not name its curve"));
    ck_assert_ptr_null(decode_scalar(0x11, 48, secp384r1));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x00, 48, secp384r1), "group order"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0xff, 48, secp384r1), "group order"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x11, 47, secp384r1), "not 48 bytes"));
    ck_assert_ptr_nonnull(strstr(decode_scalar(0x11, 49, secp384r1), "not 48 bytes"));
}
END_TEST

START_TEST(curve_named_twice)
{
    ck_assert_ptr_null(decode_wrapped(48, secp384r1, no_curve));
    ck_assert_ptr_null(decode_wrapped(48, secp384r1, secp384r1));
    ck_assert_ptr_nonnull(strstr(decode_wrapped(48, secp384r1, prime256v1), "two curves"));
    ck_assert_ptr_nonnull(strstr(decode_wrapped(32, prime256v1, secp384r1), "two curves"));
    ck_assert_ptr_nonnull(strstr(decode_wrapped(48, secp384r1, prime192v1), "another curve"));
    ck_assert_ptr_nonnull(strstr(decode_wrapped(24, prime192v1, no_curve), "another curve"));
}
END_TEST

/* ECPrivateKey (RFC 5915 §3) has version 1, and one curve OID in [0] if that is there. */
START_TEST(sec1_forms)
{
    uint8_t space[200];
    for (uint32_t version = 0; version < 3; version++) {
        struct writer w = writer_of(space, sizeof space);
        write_sec1(&w, version, 0x11, 32, prime256v1);
        const char *error = private_key_decode(&key, writer_bytes(&w), PRIVATE_KEY_SEC1);
        ck_assert(version == 1 ? !error : strstr(error, "ECPrivateKey is malformed") != NULL);
    }
    struct writer w = writer_of(space, sizeof space);
    write_sec1(&w, 1, 0x11, 32, prime256v1);
    uint8_t *oid = memmem(space, w.len, "\x06\x08\x2a", 3);
    *oid = DER_OCTET_STRING;
    ck_assert_ptr_nonnull(strstr(private_key_decode(&key, writer_bytes(&w), PRIVATE_KEY_SEC1),
                                 "ECPrivateKey is malformed"));
}
END_TEST

/* OneAsymmetricKey (RFC 5958 §2): the contents of its algorithm, of its OCTET STRING, and what is
 * behind that. */
static const char *decode_pkcs8(uint32_t version, struct bytes algorithm, struct bytes octets,
                                struct bytes rest)
{
    uint8_t space[300];
    struct writer w = writer_of(space, sizeof space);
    size_t sequence = der_begin(&w, DER_SEQUENCE);
    der_write_small(&w, version);
    der_write(&w, DER_SEQUENCE, algorithm);
    der_write(&w, DER_OCTET_STRING, octets);
    write_bytes(&w, rest);
    der_end(&w, sequence);
    return private_key_decode(&key, writer_bytes(&w), PRIVATE_KEY_PKCS8);
}

/* SubjectPublicKeyInfo with these algorithm and key bytes. */
static const char *decode_spki(struct public_key *out, const char *algorithm, size_t algorithm_len,
                               const uint8_t *point, size_t point_len)
{
    static uint8_t space[600];
    struct writer w = writer_of(space, sizeof space);
    size_t sequence = der_begin(&w, DER_SEQUENCE);
    der_write(&w, DER_SEQUENCE, bytes_of(algorithm, algorithm_len));
    der_write_bit_bytes(&w, bytes_of(point, point_len));
    der_end(&w, sequence);
    return public_key_decode(out, writer_bytes(&w));
}

#define EC    "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"
#define P256  "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define P384  "\x06\x05\x2b\x81\x04\x00\x22"
#define P521  "\x06\x05\x2b\x81\x04\x00\x23"
#define RSA   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define ED    "\x06\x03\x2b\x65\x70"
#define DECODE(algorithm, point, len) \
    decode_spki(&public, algorithm, sizeof(algorithm) - 1, point, len)

#define BYTES(text) bytes_of(text, sizeof(text) - 1)
#define SEED  "\x04\x20" "0123456789abcdef0123456789abcdef"

START_TEST(pkcs8_forms)
{
    struct bytes ed = BYTES(ED), seed = BYTES(SEED), none = { 0 };
    struct { const char *why; uint32_t version; struct bytes algorithm, octets, rest; } cases[] = {
        { NULL, 0, ed, seed, none },
        { NULL, 1, ed, seed, none },                      /* version 1 without a public key */
        { "PKCS #8 key is malformed", 2, ed, seed, none },
        { "PKCS #8 key is malformed", 0, ed, seed, BYTES("\x81\x02\x00\x02") },
        { "public key is malformed", 1, ed, seed, BYTES("\x81\x01\x00") },
        { "public key is malformed", 1, ed, seed, BYTES("\x81\x02\x01\x02") },
        { "does not belong", 1, ed, seed, BYTES("\x81\x02\x00\x02") },
        { "PKCS #8 key is malformed", 0, BYTES("\x05\x00"), seed, none },
        { "Ed25519 has parameters", 0, BYTES(ED "\x05\x00"), seed, none },
        { "others are not supported", 0, BYTES("\x06\x03\x2b\x65\x6e"), seed, none }, /* X25519 */
        { "is not 32 bytes", 0, ed, BYTES("\x04\x03" "abc"), none },
        { "is not 32 bytes", 0, ed, BYTES("abc"), none },
        { "another curve", 0, BYTES(EC P256 "\x05\x00"), seed, none },
        { "not NULL", 0, BYTES(RSA "\x05\x01\x00"), seed, none },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *error = decode_pkcs8(cases[i].version, cases[i].algorithm, cases[i].octets,
                                         cases[i].rest);
        ck_assert_msg(cases[i].why ? error && strstr(error, cases[i].why) : !error,
                      "case %zu: %s", i, error);
    }
}
END_TEST

/* A key without a public half, or of a kind that we do not make, is not written. */
START_TEST(keys_that_are_not_written)
{
    static const enum key_type types[] = { KEY_NONE, KEY_P256, KEY_P384, KEY_RSA };
    for (size_t i = 0; i < COUNT(types); i++) {
        uint8_t space[PRIVATE_KEY_DER_MAX];
        struct private_key zero = { .type = types[i] };
        struct writer w = writer_of(space, sizeof space), v = writer_of(space, sizeof space);
        private_key_encode(&w, &zero);
        ck_assert(!writer_done(&w));
        public_key_encode(&v, &zero);
        ck_assert(!writer_done(&v));
    }
}
END_TEST

START_TEST(public_key_forms)
{
    struct public_key public;
    uint8_t point[200] = { 0x04, 1, 2, 3 };
    ck_assert_ptr_null(DECODE(EC P256, point, 65));
    ck_assert_int_eq(public.type, KEY_P256);
    ck_assert_ptr_nonnull(DECODE(EC P256, point, 64));
    ck_assert_ptr_nonnull(DECODE(EC P256, point, 97));
    ck_assert_ptr_null(DECODE(EC P384, point, 97));
    ck_assert_int_eq(public.type, KEY_P384);
    ck_assert_ptr_null(DECODE(EC P521, point, 133));
    ck_assert_int_eq(public.type, KEY_NONE);
    ck_assert_ptr_nonnull(strstr(DECODE(EC "\x30\x00", point, 65), "named curve"));
    ck_assert_ptr_nonnull(DECODE(EC "\x05\x00", point, 65));
    ck_assert_ptr_nonnull(DECODE(EC, point, 65));
    ck_assert_ptr_nonnull(DECODE(EC P256 "\x05\x00", point, 65));
    ck_assert_ptr_null(DECODE(ED, point, 32));
    ck_assert_ptr_nonnull(DECODE(ED, point, 31));
    ck_assert_ptr_nonnull(DECODE(ED, point, 33));
    ck_assert_ptr_nonnull(DECODE(ED "\x05\x00", point, 32));
    point[0] = 0x02;                                      /* a compressed point */
    ck_assert_ptr_nonnull(DECODE(EC P256, point, 33));
    ck_assert_ptr_nonnull(DECODE(EC P256, point, 65));

    static const uint8_t rsa[] = { 0x30, 8, 2, 3, 0x00, 0x80, 0x01, 2, 1, 3 };
    ck_assert_ptr_null(DECODE(RSA "\x05\x00", rsa, sizeof rsa));
    ck_assert_int_eq(public.type, KEY_RSA);
    ck_assert(bytes_equal_public(public.modulus, bytes_of("\x80\x01", 2)));
    ck_assert(bytes_equal_public(public.exponent, bytes_of("\x03", 1)));
    ck_assert_ptr_nonnull(strstr(DECODE(RSA, rsa, sizeof rsa), "not NULL"));
    ck_assert_ptr_nonnull(DECODE(RSA "\x05\x00", rsa, sizeof rsa - 1));
    ck_assert_ptr_nonnull(strstr(DECODE(RSA "\x05\x01\x00", rsa, sizeof rsa), "not NULL"));
    static const uint8_t no_modulus[] = { 0x30, 6, 2, 1, 0, 2, 1, 3 };
    static const uint8_t no_exponent[] = { 0x30, 8, 2, 3, 0x00, 0x80, 0x01, 2, 1, 0 };
    ck_assert_ptr_nonnull(DECODE(RSA "\x05\x00", no_modulus, sizeof no_modulus));
    ck_assert_ptr_nonnull(DECODE(RSA "\x05\x00", no_exponent, sizeof no_exponent));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("key");
    TCase *t = tcase_create("key");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, private_keys);
    tcase_add_test(t, public_keys);
    tcase_add_test(t, written_keys_are_read);
    tcase_add_test(t, pkcs8_is_the_same_as_others_write);
    tcase_add_test(t, damage_is_refused_and_nothing_is_left);
    tcase_add_test(t, public_key_that_is_another_one);
    tcase_add_test(t, scalars_and_curves);
    tcase_add_test(t, curve_named_twice);
    tcase_add_test(t, sec1_forms);
    tcase_add_test(t, pkcs8_forms);
    tcase_add_test(t, keys_that_are_not_written);
    tcase_add_test(t, public_key_forms);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
