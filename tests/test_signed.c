/* tests/test_signed.c - AlgorithmIdentifiers of signatures (tls13/x509/signed.c): the form of each
 * (RFC 5758 §3.2, RFC 8410 §3, RFC 4055 §3.1, §5), and who may verify it.
 */
#include "tls13/x509/signed.h"

#include "tls13/x509/der.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct x509_signature_algorithm *algorithm;
static struct bytes oid;

#define DECODE(der) signature_algorithm_decode(&algorithm, &oid, bytes_of(der, sizeof(der) - 1))

#define RSA_SHA256   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
#define ECDSA_SHA256 "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define ED25519      "\x06\x03\x2b\x65\x70"
#define RSASSA_PSS   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"

/* RSA has NULL there (RFC 4055 §5), ECDSA and Ed25519 have nothing. */
START_TEST(parameters_of_each)
{
    ck_assert_ptr_null(DECODE("\x30\x0d" RSA_SHA256 "\x05\x00"));
    ck_assert_uint_eq(algorithm->code_point, 0x0401);
    ck_assert_ptr_null(DECODE("\x30\x0a" ECDSA_SHA256));
    ck_assert_uint_eq(algorithm->code_point, 0x0403);
    ck_assert_ptr_null(DECODE("\x30\x05" ED25519));
    ck_assert_uint_eq(algorithm->code_point, 0x0807);
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x0b" RSA_SHA256), "wrong parameters"));
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x0e" RSA_SHA256 "\x05\x01\x00"), "wrong parameters"));
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x0c" ECDSA_SHA256 "\x05\x00"), "wrong parameters"));
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x07" ED25519 "\x05\x00"), "wrong parameters"));
    ck_assert_ptr_null(DECODE("\x30\x05\x06\x01\x2a\x05\x00"));       /* of whom we know nothing */
    ck_assert_ptr_null(algorithm);
}
END_TEST

START_TEST(malformed)
{
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x00"), "malformed"));
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x02\x05\x00"), "malformed"));
    ck_assert_ptr_nonnull(strstr(DECODE("\x31\x05" ED25519), "malformed"));
    ck_assert_ptr_nonnull(strstr(DECODE("\x30\x05" ED25519 "\x00"), "malformed"));
}
END_TEST

/* ---- RSASSA-PSS ---- */

#define HASH_OID(last) "\x60\x86\x48\x01\x65\x03\x04\x02" last
#define SHA224 HASH_OID("\x04")
#define SHA256 HASH_OID("\x01")
#define SHA384 HASH_OID("\x02")
#define SHA512 HASH_OID("\x03")
#define MGF1   "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define NO_MGF "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x09"

struct pss {
    const char *hash, *mask, *mask_hash;
    uint32_t salt;
    bool full_null, trailer;             /* a NULL with something in it; an encoded DEFAULT */
    uint16_t code_point;                 /* 0: not one that TLS 1.3 has */
};

static void write_hash(struct writer *w, const char *hash, bool full_null)
{
    size_t sequence = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, bytes_of(hash, 9));
    der_write(w, DER_NULL, bytes_of("\x00", full_null));
    der_end(w, sequence);
}

static struct bytes write_pss(struct writer *w, const struct pss *p)
{
    enum { FIELD = DER_CONTEXT | DER_CONSTRUCTED };
    size_t whole = der_begin(w, DER_SEQUENCE);
    write_bytes(w, bytes_of_string(RSASSA_PSS));
    size_t parameters = der_begin(w, DER_SEQUENCE), field = der_begin(w, FIELD | 0);
    write_hash(w, p->hash, p->full_null);
    der_end(w, field);
    field = der_begin(w, FIELD | 1);
    size_t mask = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_OID, bytes_of(p->mask, 9));
    write_hash(w, p->mask_hash, false);
    der_end(w, mask);
    der_end(w, field);
    field = der_begin(w, FIELD | 2);
    der_write_small(w, p->salt);
    der_end(w, field);
    if (p->trailer) {
        field = der_begin(w, FIELD | 3);
        der_write_small(w, 1);
        der_end(w, field);
    }
    der_end(w, parameters);
    der_end(w, whole);
    return writer_bytes(w);
}

/* RFC 8446 §4.2.3: one hash for message and mask, a salt as long as its digest. */
START_TEST(pss_parameters)
{
    static const struct pss cases[] = {
        { SHA256, MGF1, SHA256, 32, false, false, 0x0804 },
        { SHA384, MGF1, SHA384, 48, false, false, 0x0805 },
        { SHA512, MGF1, SHA512, 64, false, false, 0x0806 },
        { SHA224, MGF1, SHA224, 28, false, false, 0 },
        { SHA256, MGF1, SHA384, 32, false, false, 0 },
        { SHA256, NO_MGF, SHA256, 32, false, false, 0 },
        { SHA256, MGF1, SHA256, 20, false, false, 0 },
        { SHA256, MGF1, SHA256, 48, false, false, 0 },
        { SHA384, MGF1, SHA384, 32, false, false, 0 },
        { SHA256, MGF1, SHA256, 65, false, false, 0 },
        { SHA256, MGF1, SHA256, 32, true, false, 0 },
        { SHA256, MGF1, SHA256, 32, false, true, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t space[100];
        struct writer w = writer_of(space, sizeof space);
        ck_assert_ptr_null(signature_algorithm_decode(&algorithm, &oid, write_pss(&w, &cases[i])));
        ck_assert_msg((algorithm ? algorithm->code_point : 0) == cases[i].code_point, "case %zu", i);
    }
    ck_assert_ptr_null(DECODE("\x30\x0b" RSASSA_PSS));    /* RFC 4055 §3.1: "MUST be present" */
    ck_assert_ptr_null(algorithm);
    ck_assert_ptr_null(DECODE("\x30\x0d" RSASSA_PSS "\x30\x00"));      /* its hash is SHA-1 */
    ck_assert(algorithm && algorithm->code_point == 0);
}
END_TEST

/* ---- verifiers ---- */

static const struct signature *verifier(const struct algorithms *a, enum key_type key)
{
    return signature_verifier(a, algorithm, key, false);
}

/* What signature_algorithms_cert lists counts for certificates, if it is there (RFC 8446
 * §4.2.3). */
START_TEST(certificate_schemes)
{
    const struct signature_scheme *ecdsa[] = { scheme_find(&algorithms_default, 0x0403) };
    const struct signature_scheme *rsa[] = { scheme_find(&algorithms_default, 0x0401) };
    struct algorithms only = { .schemes = ecdsa, .scheme_count = 1 };
    ck_assert_ptr_null(DECODE("\x30\x0d" RSA_SHA256 "\x05\x00"));
    ck_assert_ptr_null(verifier(&only, KEY_RSA));
    only.certificate_schemes = rsa;
    only.certificate_scheme_count = 1;
    ck_assert_ptr_eq(verifier(&only, KEY_RSA), rsa[0]->signature);
    ck_assert_ptr_null(DECODE("\x30\x0a" ECDSA_SHA256));
    ck_assert_ptr_null(verifier(&only, KEY_P256));
}
END_TEST

/* SHA-256 by a P-384 key needs the hash, and the curve. */
START_TEST(curve_that_nobody_verifies)
{
    const struct signature_scheme *p256[] = { scheme_find(&algorithms_default, 0x0403) };
    struct algorithms only = { .schemes = p256, .scheme_count = 1 };
    ck_assert_ptr_null(DECODE("\x30\x0a" ECDSA_SHA256));
    ck_assert_int_eq(verifier(&algorithms_default, KEY_P384)->key_type, KEY_P384);
    ck_assert_int_ne(verifier(&only, KEY_P384)->key_type, KEY_P384);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("signed");
    TCase *t = tcase_create("signed");
    tcase_add_test(t, parameters_of_each);
    tcase_add_test(t, malformed);
    tcase_add_test(t, pss_parameters);
    tcase_add_test(t, certificate_schemes);
    tcase_add_test(t, curve_that_nobody_verifies);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
