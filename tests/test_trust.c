/* tests/test_trust.c - pinned keys, and bare keys (tls13/x509/trust.c). */
#include "tls13/x509/verify.h"

#include "tests/party.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct party root, leaf;
static const char *const host[] = { "mail.example.org" };
static uint8_t pins[2][X509_PIN_LEN];
static struct x509_anchor anchor;
static struct x509_verdict verdict;

static struct bytes spki_of(const struct party *p)
{
    return party_certificate(p).spki;
}

static void setup(void)
{
    party_root(&root, "Root");
    party_generate(&leaf, KEY_P256);
    party_make(&leaf, party_server_recipe(&leaf, &root, host));
    x509_pin(pins[0], spki_of(&root));
    x509_pin(pins[1], spki_of(&leaf));
    anchor = (struct x509_anchor){ party_der(&root), party_certificate(&root).subject };
}

static struct x509_trust pinned(size_t count)
{
    return (struct x509_trust){ .pins = (const uint8_t (*)[X509_PIN_LEN])pins,
                                .pin_count = count };
}

static void refused(const struct x509_trust *trust, struct bytes spki, enum alert alert,
                    const char *why)
{
    enum alert got = x509_spki_verify(&verdict, trust, &algorithms_default, spki);
    ck_assert_msg(got == alert, "%s, wanted %s: %s", alert_name((uint8_t)got),
                  alert_name((uint8_t)alert), verdict.reason);
    ck_assert_msg(strstr(verdict.reason, why) != NULL, "\"%s\" not in: %s", why, verdict.reason);
    ck_assert_int_eq(verdict.key.type, KEY_NONE);
}

START_TEST(pinned_raw_key_is_believed)
{
    struct x509_trust trust = pinned(2);
    ck_assert_int_eq(x509_spki_verify(&verdict, &trust, &algorithms_default, spki_of(&leaf)),
                     ALERT_NONE);
    ck_assert_str_eq(verdict.reason, "");
    ck_assert_int_eq(verdict.key.type, KEY_P256);
    ck_assert_uint_eq(verdict.key.point.len, 65);
}
END_TEST

START_TEST(other_raw_keys_are_not)
{
    struct x509_trust trust = pinned(1);
    refused(&trust, spki_of(&leaf), ALERT_CERTIFICATE_UNKNOWN, "not one of the pinned keys");
    pins[0][31] ^= 1;
    refused(&trust, spki_of(&root), ALERT_CERTIFICATE_UNKNOWN, "not one of the pinned keys");
}
END_TEST

START_TEST(without_pins_there_is_no_answer)
{
    struct x509_trust none = { 0 };
    refused(&none, spki_of(&leaf), ALERT_INTERNAL_ERROR, "no pin");
    refused(NULL, spki_of(&leaf), ALERT_INTERNAL_ERROR, "no pin");
}
END_TEST

/* Both must hold, and a bare key has no path. */
START_TEST(raw_key_beside_anchors)
{
    struct x509_trust trust = pinned(2);
    trust.anchors = &anchor;
    trust.anchor_count = 1;
    refused(&trust, spki_of(&leaf), ALERT_UNSUPPORTED_CERTIFICATE, "no path");
}
END_TEST

START_TEST(malformed_raw_keys)
{
    uint8_t copy[200];
    struct bytes spki = spki_of(&leaf);
    struct x509_trust trust = pinned(2);
    for (size_t len = 0; len < spki.len; len++)
        refused(&trust, bytes_of(spki.at, len), ALERT_BAD_CERTIFICATE, "malformed");
    memcpy(copy, spki.at, spki.len);
    copy[spki.len] = 0;
    refused(&trust, bytes_of(copy, spki.len + 1), ALERT_BAD_CERTIFICATE, "malformed");
    copy[spki.len - 65] = 0x02;                           /* a compressed point */
    refused(&trust, bytes_of(copy, spki.len), ALERT_BAD_CERTIFICATE, "uncompressed point");
}
END_TEST

/* id-X25519: a key that signs nothing. */
START_TEST(raw_key_of_an_unknown_type)
{
    uint8_t spki[] = { 0x30, 0x0a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x01, 0x00 };
    struct x509_trust trust = pinned(1);
    x509_pin(pins[0], bytes_of(spki, sizeof spki));
    refused(&trust, bytes_of(spki, sizeof spki), ALERT_UNSUPPORTED_CERTIFICATE, "unknown type");
}
END_TEST

START_TEST(raw_key_of_a_type_not_offered)
{
    const struct signature_scheme *only[] = { scheme_find(&algorithms_default, 0x0807) };
    struct algorithms ed25519 = algorithms_default;
    struct x509_trust trust = pinned(2);
    ed25519.schemes = only;
    ed25519.scheme_count = 1;
    ck_assert_int_eq(x509_spki_verify(&verdict, &trust, &ed25519, spki_of(&leaf)),
                     ALERT_UNSUPPORTED_CERTIFICATE);
}
END_TEST

/* A pin does not make a weak key strong: a modulus of 1024 bits. */
START_TEST(weak_pinned_key)
{
    struct x509_trust trust = pinned(1);
    uint8_t space[300], modulus[128];
    memset(modulus, 0xab, sizeof modulus);
    static const uint8_t rsa_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                             0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
    static const uint8_t exponent[] = { 0x02, 0x03, 0x01, 0x00, 0x01 };
    static const uint8_t lengths[] = { 0x30, 0x81, 0x9f };
    static const uint8_t key[] = { 0x03, 0x81, 0x8d, 0x00, 0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0 };
    struct writer w = writer_of(space, sizeof space);
    write_bytes(&w, bytes_of(lengths, sizeof lengths));
    write_bytes(&w, bytes_of(rsa_algorithm, sizeof rsa_algorithm));
    write_bytes(&w, bytes_of(key, sizeof key));
    write_bytes(&w, bytes_of(modulus, sizeof modulus));
    write_bytes(&w, bytes_of(exponent, sizeof exponent));
    x509_pin(pins[0], writer_bytes(&w));
    refused(&trust, writer_bytes(&w), ALERT_UNSUPPORTED_CERTIFICATE, "2048");
}
END_TEST

START_TEST(decoding_alone_believes_nothing)
{
    ck_assert_int_eq(x509_spki_decode(&verdict, spki_of(&leaf)), ALERT_NONE);
    ck_assert_int_eq(verdict.key.type, KEY_P256);
    ck_assert_int_eq(x509_spki_decode(&verdict, bytes_of("\x30", 1)), ALERT_BAD_CERTIFICATE);
    ck_assert_int_eq(verdict.key.type, KEY_NONE);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("trust");
    TCase *t = tcase_create("trust");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, pinned_raw_key_is_believed);
    tcase_add_test(t, other_raw_keys_are_not);
    tcase_add_test(t, without_pins_there_is_no_answer);
    tcase_add_test(t, raw_key_beside_anchors);
    tcase_add_test(t, malformed_raw_keys);
    tcase_add_test(t, raw_key_of_an_unknown_type);
    tcase_add_test(t, raw_key_of_a_type_not_offered);
    tcase_add_test(t, weak_pinned_key);
    tcase_add_test(t, decoding_alone_believes_nothing);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
