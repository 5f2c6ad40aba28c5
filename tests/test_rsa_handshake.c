/* tests/test_rsa_handshake.c - RSA keys of either end in CertificateVerify (RFC 8446 §4.2.3,
 * §4.4.3): PSS with each hash, and PKCS #1 v1.5 never. The key is one of NIST's
 * (vectors/nist/rsa.txt).
 */
#include "tests/editor.h"
#include "tests/vectors.h"

#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct private_key key;
static uint8_t chain[2][X509_MAKE_MAX];

static void read_key(void)
{
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    ck_assert(vectors_next(&v));
    struct rsa_numbers numbers = {
        .n = vector(&v, "n"), .e = vector(&v, "e"), .p = vector(&v, "p"), .q = vector(&v, "q"),
        .dP = vector(&v, "dP"), .dQ = vector(&v, "dQ"), .qInv = vector(&v, "qInv"),
    };
    key.type = KEY_RSA;
    ck_assert(rsa_private_key_make(&key.rsa, &numbers));
    while (vectors_next(&v))
        continue;
    vectors_close(&v);
}

/* RFC 3279 §2.3.1 */
static void write_spki(struct writer *w)
{
    static const uint8_t algorithm[] = { 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1,
                                         0x05, 0x00 };
    struct rsa_public_key public = rsa_public(&key.rsa);
    size_t spki = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_SEQUENCE, bytes_of(algorithm, sizeof algorithm));
    size_t bits = der_begin(w, DER_BIT_STRING);
    write_u8(w, 0);
    size_t numbers = der_begin(w, DER_SEQUENCE);
    der_write_unsigned(w, public.modulus);
    der_write_unsigned(w, public.exponent);
    der_end(w, numbers);
    der_end(w, bits);
    der_end(w, spki);
}

/* What the pair has made for that end, with our key in the place of its own, signed by the root. */
static struct bytes with_our_key(unsigned who, struct bytes der)
{
    static uint8_t space[X509_MAKE_MAX];
    struct x509_certificate c;
    struct writer w = writer_of(space, sizeof space);
    size_t len;
    ck_assert_ptr_null(x509_certificate_decode(&c, der));
    struct reader r = reader_of(c.tbs);
    struct bytes fields = der_read(&r, DER_SEQUENCE);
    size_t before = (size_t)(c.spki.at - fields.at), behind = before + c.spki.len;
    size_t tbs = der_begin(&w, DER_SEQUENCE);
    write_bytes(&w, bytes_of(fields.at, before));
    write_spki(&w);
    write_bytes(&w, bytes_of(fields.at + behind, fields.len - behind));
    der_end(&w, tbs);
    ck_assert(writer_done(&w));
    ck_assert(x509_sign(chain[who], &len, sizeof chain[who], writer_bytes(&w), pair_root().key,
                        &random_system));
    return bytes_of(chain[who], len);
}

/* Both ends prove that they have the key, by this scheme. */
static struct pair *start(const struct tls_editor *editor, unsigned who, uint16_t code_point)
{
    struct pair_setup s = { .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
                            .client_key = KEY_P256, .key = KEY_P256 };
    s.editor[who] = editor;
    struct pair *p = pair_start(&s);
    for (unsigned i = 0; i < 2; i++) {
        p->party[i].key = &key;
        p->party[i].chain[0] = with_our_key(i, p->party[i].chain[0]);
        p->party[i].scheme[0] = scheme_find(&algorithms_default, code_point);
    }
    return p;
}

START_TEST(each_hash)
{
    static const uint16_t schemes[] = { 0x0804, 0x0805, 0x0806 };
    read_key();
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct pair *p = start(NULL, 0, schemes[i]);
        pair_run(p);
        pair_connected(p);
        for (unsigned who = 0; who < 2; who++) {
            struct tls_facts f = tls_facts(&p->end[who].tls);
            ck_assert_uint_eq(f.scheme->code_point, schemes[i]);
            ck_assert_uint_eq(f.client_scheme->code_point, schemes[i]);
            pair_send(p, who, bytes_of("proved", 6));
        }
    }
}
END_TEST

static const struct { struct edit edit; enum alert alert; const char *keyword; } wrong[] = {
    { { EDIT_FLIP, CERTIFICATE_VERIFY, 0, 8 * 100, NULL }, ALERT_DECRYPT_ERROR, "4.4.3" },
    { { EDIT_OVERWRITE, CERTIFICATE_VERIFY, 0, 0, "0805" }, ALERT_DECRYPT_ERROR, "4.4.3" },
    { { EDIT_OVERWRITE, CERTIFICATE_VERIFY, 0, 0, "0401" }, ALERT_ILLEGAL_PARAMETER, "4.4.3" },
    { { EDIT_OVERWRITE, CERTIFICATE_VERIFY, 0, 0, "0403" }, ALERT_ILLEGAL_PARAMETER, "4.4.3" },
    { { EDIT_OVERWRITE, CERTIFICATE_VERIFY, 0, 0, "0809" }, ALERT_ILLEGAL_PARAMETER, "4.4.3" },
};

/* Another bit, another hash, and schemes that no key of an rsaEncryption certificate has here. */
START_TEST(n19_other_schemes_of_rsa)
{
    static struct misbehaving m;
    read_key();
    for (unsigned from = 0; from < 2; from++) {
        misbehave(&m, &wrong[_i].edit, 1);
        struct pair *p = start(&m.editor, from, 0x0804);
        pair_run(p);
        ck_assert(m.done);
        pair_failed(p, !from, "CertificateVerify", wrong[_i].alert, wrong[_i].keyword);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rsa_handshake");
    TCase *t = tcase_create("rsa_handshake");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, each_hash);
    tcase_add_loop_test(t, n19_other_schemes_of_rsa, 0, (int)COUNT(wrong));
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
