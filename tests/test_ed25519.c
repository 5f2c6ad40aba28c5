/* Suite for crypto/ed25519.h and signature_ed25519. */
#include "crypto/ed25519.h"

#include "crypto/signature.h"
#include "tests/vectors.h"

#include <check.h>
#include <string.h>

START_TEST(rfc8032)
{
    uint8_t public[ED25519_PUBLIC_LEN], signature[ED25519_SIGNATURE_LEN];
    struct vectors v = vectors_open("vectors/rfc/ed25519.txt");
    while (vectors_next(&v)) {
        ed25519_public_key(public, vector(&v, "seed").at);
        check_bytes(&v, "public_key", public, vector(&v, "public_key"));
        ck_assert(ed25519_sign(signature, vector(&v, "seed").at, vector(&v, "message")));
        check_bytes(&v, "signature", signature, vector(&v, "signature"));
        ck_assert(ed25519_verify(public, vector(&v, "message"), signature));
    }
    ck_assert_uint_eq(v.cases, 5);
    vectors_close(&v);
}
END_TEST

/* ---- strictness ---- */

static struct private_key private_key = { .type = KEY_ED25519, .secret = { 1, 2, 3 } };
static uint8_t public[ED25519_PUBLIC_LEN], signed_by[ED25519_SIGNATURE_LEN];
static struct public_key public_key = { .type = KEY_ED25519 };

static struct bytes message(void)
{
    return bytes_of_string("the message");
}

static void setup(void)
{
    size_t len = 0;
    private_key.type = public_key.type = KEY_ED25519;
    ed25519_public_key(public, private_key.secret);
    public_key.point = bytes_of(public, sizeof public);
    ck_assert(signature_ed25519.sign(signed_by, &len, &private_key, message(), NULL));
    ck_assert_uint_eq(len, ED25519_SIGNATURE_LEN);
    ck_assert(signature_ed25519.verify(&public_key, message(), bytes_of(signed_by, len)));
}

START_TEST(every_flipped_bit_is_refused)
{
    uint8_t text[11];
    memcpy(text, message().at, sizeof text);
    struct { uint8_t *at; size_t len; } const parts[] = {
        { signed_by, sizeof signed_by }, { public, sizeof public }, { text, sizeof text },
    };
    for (size_t p = 0; p < COUNT(parts); p++)
        for (size_t bit = 0; bit < 8 * parts[p].len; bit++) {
            parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ck_assert(!ed25519_verify(public, bytes_of(text, sizeof text), signed_by));
            parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    ck_assert(ed25519_verify(public, bytes_of(text, sizeof text), signed_by));
}
END_TEST

/* RFC 8032 §5.1.7: S + L signs the same equation, and must be refused (8.4, malleability).
 * L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
START_TEST(s_beyond_the_order_is_refused)
{
    const uint8_t L[32] = {
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
        0xde, 0x14, [31] = 0x10,
    };
    unsigned carry = 0;
    for (size_t i = 0; i < sizeof L; i++) {
        carry += (unsigned)signed_by[32 + i] + L[i];
        signed_by[32 + i] = (uint8_t)carry;
        carry >>= 8;
    }
    ck_assert_uint_eq(carry, 0);
    ck_assert(!ed25519_verify(public, message(), signed_by));
}
END_TEST

/* With the neutral element as key and R, and S = 0, the equation holds for every message. The
 * second key is the same point encoded with y = p + 1, the third has y = -1, of order 2. */
START_TEST(small_order_is_refused)
{
    uint8_t signature[ED25519_SIGNATURE_LEN] = { 1 }, key[ED25519_PUBLIC_LEN] = { 1 };
    ck_assert(!ed25519_verify(key, message(), signature));
    memset(key, 0xff, sizeof key);
    key[0] = 0xee;
    key[31] = 0x7f;
    ck_assert(!ed25519_verify(key, message(), signature));
    key[0] = 0xec;
    ck_assert(!ed25519_verify(key, message(), signature));
}
END_TEST

START_TEST(other_lengths_are_refused)
{
    uint8_t longer[ED25519_SIGNATURE_LEN + 1] = { 0 };
    memcpy(longer, signed_by, sizeof signed_by);
    for (size_t len = 0; len <= sizeof longer; len++)
        ck_assert_int_eq(signature_ed25519.verify(&public_key, message(),
                                                  bytes_of(longer, len)),
                         len == sizeof signed_by);
    memcpy(longer, public, sizeof public);
    for (size_t len = 0; len <= ED25519_PUBLIC_LEN + 1; len++) {
        public_key.point = bytes_of(longer, len);
        ck_assert_int_eq(signature_ed25519.verify(&public_key, message(),
                                                  bytes_of(signed_by, sizeof signed_by)),
                         len == sizeof public);
    }
}
END_TEST

START_TEST(keys_of_other_types_are_refused)
{
    uint8_t out[SIGNATURE_MAX] = { 0x5a };
    size_t len = 7;
    private_key.type = KEY_P256;
    public_key.type = KEY_P256;
    ck_assert(!signature_ed25519.sign(out, &len, &private_key, message(), &random_system));
    ck_assert_uint_eq(out[0], 0x5a);                          /* nothing is written */
    ck_assert_uint_eq(len, 7);
    ck_assert(!signature_ed25519.verify(&public_key, message(),
                                        bytes_of(signed_by, sizeof signed_by)));
}
END_TEST

START_TEST(empty_message)
{
    uint8_t signature[ED25519_SIGNATURE_LEN];
    ck_assert(ed25519_sign(signature, private_key.secret, bytes_of(NULL, 0)));
    ck_assert(ed25519_verify(public, bytes_of(NULL, 0), signature));
    ck_assert(!ed25519_verify(public, bytes_of("", 1), signature));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ed25519");
    TCase *t = tcase_create("ed25519");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, rfc8032);
    tcase_add_test(t, every_flipped_bit_is_refused);
    tcase_add_test(t, s_beyond_the_order_is_refused);
    tcase_add_test(t, small_order_is_refused);
    tcase_add_test(t, other_lengths_are_refused);
    tcase_add_test(t, keys_of_other_types_are_refused);
    tcase_add_test(t, empty_message);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
