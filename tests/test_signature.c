/* tests/test_signature.c - keys and signature schemes as their users see them (signature.h). */
#include "crypto/signature.h"

#include "crypto/wipe.h"
#include "tests/vectors.h"

#include <check.h>
#include <string.h>

static const struct { const struct signature *scheme; enum key_type type; size_t public_len; }
schemes[] = {
    { &signature_ecdsa_p256_sha256, KEY_P256, 65 },
    { &signature_ecdsa_p384_sha384, KEY_P384, 97 },
    { &signature_ed25519, KEY_ED25519, 32 },
};

static const struct bytes message = { (const uint8_t *)"a message", 9 };

static bool refuse(void *context, uint8_t *out, size_t len)
{
    (void)context, (void)out, (void)len;
    return false;
}

static const struct random_source no_random = { refuse, NULL };

struct pair { struct private_key private; struct public_key public; uint8_t point[97]; };

static void make_pair(struct pair *p, enum key_type type)
{
    size_t len;
    ck_assert(private_key_generate(&p->private, type, &random_system));
    ck_assert(private_key_public(p->point, &len, &p->private));
    p->public = (struct public_key){ .type = type, .point = bytes_of(p->point, len) };
}

START_TEST(what_is_signed_verifies)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        const struct signature *s = schemes[i].scheme;
        uint8_t signature[SIGNATURE_MAX], again[SIGNATURE_MAX];
        size_t len, again_len;
        struct pair p;
        make_pair(&p, schemes[i].type);
        ck_assert_uint_eq(p.public.point.len, schemes[i].public_len);
        ck_assert(s->sign(signature, &len, &p.private, message, &random_system));
        ck_assert(s->verify(&p.public, message, bytes_of(signature, len)));
        ck_assert(s->sign(again, &again_len, &p.private, message, &no_random));
        ck_assert(again_len == len && memcmp(again, signature, len) == 0);   /* deterministic */
        ck_assert(s->sign(again, &again_len, &p.private, bytes_of(NULL, 0), &no_random));
        ck_assert(s->verify(&p.public, bytes_of(NULL, 0), bytes_of(again, again_len)));
    }
}
END_TEST

START_TEST(signature_of_something_else_does_not_verify)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        const struct signature *s = schemes[i].scheme;
        uint8_t signature[SIGNATURE_MAX + 1] = { 0 };
        size_t len;
        struct pair p, other;
        make_pair(&p, schemes[i].type);
        make_pair(&other, schemes[i].type);
        ck_assert(s->sign(signature, &len, &p.private, message, &random_system));
        ck_assert(!s->verify(&other.public, message, bytes_of(signature, len)));
        ck_assert(!s->verify(&p.public, bytes_of(message.at, 8), bytes_of(signature, len)));
        for (size_t shorter = 0; shorter < len; shorter++)
            ck_assert(!s->verify(&p.public, message, bytes_of(signature, shorter)));
        ck_assert(!s->verify(&p.public, message, bytes_of(signature, len + 1)));
        for (size_t bit = 0; bit < 8 * len; bit++) {
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
            ck_assert(!s->verify(&p.public, message, bytes_of(signature, len)));
            signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}
END_TEST

START_TEST(keys_of_another_type_are_refused)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        const struct signature *s = schemes[i].scheme;
        uint8_t signature[SIGNATURE_MAX];
        size_t len;
        struct pair p;
        make_pair(&p, schemes[i].type);
        ck_assert_int_eq(s->key_type, schemes[i].type);
        ck_assert(s->sign(signature, &len, &p.private, message, &random_system));
        static const enum key_type types[] = { KEY_NONE, KEY_P256, KEY_P384, KEY_ED25519, KEY_RSA };
        for (size_t j = 0; j < COUNT(types); j++) {
            bool same = types[j] == schemes[i].type;
            uint8_t unused[SIGNATURE_MAX];
            p.private.type = p.public.type = types[j];
            ck_assert(s->sign(unused, &len, &p.private, message, &random_system) == same);
            ck_assert(s->verify(&p.public, message, bytes_of(signature, len)) == same);
        }
    }
}
END_TEST

START_TEST(ecdsa_refuses_keys_out_of_range)
{
    for (size_t i = 0; i < COUNT(schemes); i++) {
        const struct signature *s = schemes[i].scheme;
        struct private_key zero = { .type = schemes[i].type }, high = zero;
        uint8_t out[SIGNATURE_MAX], point[PUBLIC_POINT_MAX];
        size_t len;
        if (schemes[i].type == KEY_ED25519)                  /* takes any bytes */
            continue;
        memset(high.secret, 0xff, sizeof high.secret);
        ck_assert(!s->sign(out, &len, &zero, message, &random_system));
        ck_assert(!s->sign(out, &len, &high, message, &random_system));
        ck_assert(!private_key_public(point, &len, &zero));
        ck_assert(!private_key_public(point, &len, &high));
    }
}
END_TEST

START_TEST(generate_says_when_it_cannot)
{
    static const enum key_type none[] = { KEY_NONE, KEY_RSA };
    static const uint8_t zeros[PRIVATE_KEY_MAX];
    uint8_t point[PUBLIC_POINT_MAX];
    size_t len;
    for (size_t i = 0; i < COUNT(none); i++) {
        struct private_key key = { .type = KEY_P256 };
        ck_assert(!private_key_generate(&key, none[i], &random_system));
        ck_assert_int_eq(key.type, KEY_NONE);
        key.type = none[i];
        ck_assert(!private_key_public(point, &len, &key));
    }
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct private_key key;
        memset(&key, 0xaa, sizeof key);
        ck_assert(!private_key_generate(&key, schemes[i].type, &no_random));
        ck_assert_int_eq(key.type, KEY_NONE);
        ck_assert(memcmp(key.secret, zeros, sizeof zeros) == 0);
    }
}
END_TEST

/* RFC 6979 A.2.5: the public key of the published x; RFC 8032 §7.1 test 1: that of the seed. */
START_TEST(public_keys_of_published_ones)
{
    struct vectors v = vectors_open("vectors/rfc/ecdsa_p256_rfc6979.txt");
    struct private_key key = { .type = KEY_P256 };
    uint8_t point[PUBLIC_POINT_MAX];
    size_t len;
    ck_assert(vectors_next(&v));
    memcpy(key.secret, vector(&v, "x").at, 32);
    ck_assert(private_key_public(point, &len, &key));
    ck_assert(len == 65 && point[0] == 4);
    check_bytes(&v, "Ux", point + 1, vector(&v, "Ux"));
    check_bytes(&v, "Uy", point + 33, vector(&v, "Uy"));
    vectors_close(&v);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_signed_verifies, signature_of_something_else_does_not_verify,
        keys_of_another_type_are_refused, ecdsa_refuses_keys_out_of_range,
        generate_says_when_it_cannot, public_keys_of_published_ones,
    };
    Suite *suite = suite_create("signature");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    for (size_t i = 0; i < COUNT(tests); i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
