/* tests/test_ecdsa.c - ECDSA over P-256: signing, verifying, DER.
 *
 * Vectors: RFC 6979 A.2.5 (vectors/rfc/ecdsa_p256_rfc6979.txt); NIST CAVP SigVer.
 */
#include "crypto/ecdsa.h"

#include "crypto/signature.h"
#include "tests/cavp.h"
#include "tests/vectors.h"

#include <check.h>
#include <string.h>

static const struct hash *hash_named(const char *name)
{
    static const struct { const char *name; const struct hash *hash; } names[] = {
        { "SHA-256", &hash_sha256 }, { "SHA-384", &hash_sha384 }, { "SHA-512", &hash_sha512 },
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].hash;
    return NULL;
}

/* ---- RFC 6979 ---- */

START_TEST(rfc6979_p256)
{
    struct vectors v = vectors_open("vectors/rfc/ecdsa_p256_rfc6979.txt");
    while (vectors_next(&v)) {
        uint8_t digest[HASH_MAX], point[65];
        struct ecdsa_p256 signature;
        const uint8_t *x = vector(&v, "x").at;
        const struct hash *h = hash_named((const char *)vector(&v, "hash").at);
        ck_assert_ptr_nonnull(h);
        hash_digest(h, digest, vector(&v, "message"));
        ck_assert(p256_private_public(point, x));
        check_bytes(&v, "Ux", point + 1, vector(&v, "Ux"));
        check_bytes(&v, "Uy", point + 33, vector(&v, "Uy"));
        ck_assert(ecdsa_p256_sign(&signature, x, h, digest));
        check_bytes(&v, "r", signature.r, vector(&v, "r"));
        check_bytes(&v, "s", signature.s, vector(&v, "s"));
        ck_assert(ecdsa_p256_verify(&signature, bytes_of(point, 65),
                                    bytes_of(digest, h->digest_len)));
    }
    vectors_close(&v);
}
END_TEST

/* The published k gives the published r: x(k G) mod n. */
START_TEST(rfc6979_nonces)
{
    struct vectors v = vectors_open("vectors/rfc/ecdsa_p256_rfc6979.txt");
    while (vectors_next(&v)) {
        uint8_t point[65], r_bytes[32];
        struct p256_scalar r;
        ck_assert(p256_private_public(point, vector(&v, "k").at));
        p256_scalar_reduce(&r, point + 1);
        limbs_to_bytes(r_bytes, r.limb, 4);
        check_bytes(&v, "r", r_bytes, vector(&v, "r"));
    }
    vectors_close(&v);
}
END_TEST

/* ---- NIST ---- */

static const struct hash *hash_of_section(const struct cavp *c)
{
    return strncmp(c->section, "P-256,", 6) == 0 ? hash_named(c->section + 6) : NULL;
}

static void nist_integer(uint8_t out[32], struct cavp *c, const char *name)
{
    struct bytes b = cavp_hex(c, name);
    memset(out, 0, 32);
    ck_assert_uint_le(b.len, 32);
    memcpy(out + 32 - b.len, b.at, b.len);
}

START_TEST(nist_signature_verification)
{
    static struct cavp c;
    size_t passed = 0, skipped = 0;
    if (!cavp_open(&c, "nist/ecdsa/SigVer.rsp"))
        return;
    while (cavp_next(&c)) {
        uint8_t point[65] = { 4 }, digest[HASH_MAX];
        struct ecdsa_p256 signature;
        const struct hash *h = hash_of_section(&c);
        if (!h) {
            skipped += strncmp(c.section, "P-256,", 6) == 0;    /* SHA-1, SHA-224: not offered */
            continue;
        }
        nist_integer(point + 1, &c, "Qx");
        nist_integer(point + 33, &c, "Qy");
        nist_integer(signature.r, &c, "R");
        nist_integer(signature.s, &c, "S");
        hash_digest(h, digest, cavp_hex(&c, "Msg"));
        bool good = ecdsa_p256_verify(&signature, bytes_of(point, 65),
                                      bytes_of(digest, h->digest_len));
        ck_assert_msg(good == (cavp_text(&c, "Result")[0] == 'P'), "%s:%zu", c.name, c.line);
        passed++;
    }
    cavp_close(&c, passed, skipped);
}
END_TEST

/* ---- verification ---- */

struct example { uint8_t private[32], point[65], digest[32]; struct ecdsa_p256 signature; };

static struct example example(void)
{
    struct example e = { .private = { 1, 2, 3 }, .digest = { 4, 5, 6 } };
    ck_assert(p256_private_public(e.point, e.private));
    ck_assert(ecdsa_p256_sign(&e.signature, e.private, &hash_sha256, e.digest));
    return e;
}

static bool verifies(const struct example *e)
{
    return ecdsa_p256_verify(&e->signature, bytes_of(e->point, 65), bytes_of(e->digest, 32));
}

static void flip_each_bit(struct example *e, uint8_t *field, size_t len)
{
    for (size_t bit = 0; bit < 8 * len; bit++) {
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!verifies(e));
        field[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert(verifies(e));
}

START_TEST(every_bit_counts)
{
    struct example e = example();
    flip_each_bit(&e, e.signature.r, 32);
    flip_each_bit(&e, e.signature.s, 32);
    flip_each_bit(&e, e.digest, 32);
    flip_each_bit(&e, e.point, 65);
}
END_TEST

static void set_order(uint8_t out[32], int minus)
{
    limbs_to_bytes(out, p256_order.modulus, 4);
    out[31] = (uint8_t)(out[31] - minus);                       /* n ends in 51 */
}

/* 1 <= r, s < n (FIPS 186-5 §6.4.2 step 1). */
START_TEST(r_and_s_are_in_range)
{
    struct example e = example(), bad = e;
    memset(bad.signature.r, 0, 32);
    ck_assert(!verifies(&bad));
    set_order(bad.signature.r, 0);
    ck_assert(!verifies(&bad));
    memset(bad.signature.r, 0xff, 32);
    ck_assert(!verifies(&bad));
    bad = e;
    memset(bad.signature.s, 0, 32);
    ck_assert(!verifies(&bad));
    set_order(bad.signature.s, 0);
    ck_assert(!verifies(&bad));
    set_order(bad.signature.s, 1);                              /* in range, and wrong */
    ck_assert(!verifies(&bad));
}
END_TEST

/* u1 G + u2 Q = infinity must not pass: with Q = G, e = -r. */
START_TEST(infinity_is_no_signature)
{
    struct example e = { .private = { 0 } };
    memset(e.private, 0, 32);
    e.private[31] = 1;
    ck_assert(p256_private_public(e.point, e.private));
    e.signature.r[31] = 7;
    e.signature.s[31] = 9;
    set_order(e.digest, 7);
    ck_assert(!verifies(&e));
}
END_TEST

/* x(R) may be n or above, and r is then x - n, a small number. For R = (5 + n, y) such an x exists
 * on the curve; with e = 0 and s = r, u1 = 0 and u2 = 1, so R itself is the public key. */
START_TEST(r_wraps_around_n)
{
    static const uint8_t zero[32];
    size_t found = 0;
    for (uint8_t small = 1; small < 40; small++) {
        uint8_t point[65] = { 4 };
        struct ecdsa_p256 signature = { { 0 }, { 0 } };
        struct p256_field x, y, t;
        uint64_t sum[4], carry = 0, addend = small;
        for (size_t i = 0; i < 4; i++, addend = 0)
            sum[i] = limb_add(p256_order.modulus[i], addend, &carry);
        limbs_to_bytes(point + 1, sum, 4);
        ck_assert(p256_field_from_bytes(&x, point + 1) != 0);
        /* y = (x^3 - 3 x + b)^((p + 1) / 4), p + 1 over 4 being 2^254 - 2^222 + 2^190 + 2^94;
         * b from G: b = Gy^2 - Gx^3 + 3 Gx */
        struct p256_point G;
        struct p256_scalar one = { { 1 } };
        p256_multiply_base(&G, &one);
        uint8_t g[65];
        struct p256_field gx, gy, right;
        ck_assert(p256_point_encode(g, &G) != 0);
        (void)p256_field_from_bytes(&gx, g + 1);
        (void)p256_field_from_bytes(&gy, g + 33);
        p256_field_square(&right, &gy);
        for (int sign = 0; sign < 2; sign++) {
            const struct p256_field *z = sign ? &x : &gx;
            struct p256_field cube, three;
            p256_field_square(&cube, z);
            p256_field_mul(&cube, &cube, z);
            p256_field_add(&three, z, z);
            p256_field_add(&three, &three, z);
            p256_field_sub(&cube, &cube, &three);
            if (sign)
                p256_field_add(&right, &right, &cube);
            else
                p256_field_sub(&right, &right, &cube);
        }
        struct p256_field power = right, product = p256_one;
        for (int bit = 0; bit < 256; bit++) {
            bool set = bit == 94 || (bit >= 190 && bit < 222) || bit == 254;
            if (bit == 190)
                set = true;
            if (set && bit != 254)
                p256_field_mul(&product, &product, &power);
            p256_field_square(&power, &power);
        }
        y = product;
        p256_field_square(&t, &y);
        if (p256_field_is_equal(&t, &right) == 0)
            continue;
        p256_field_to_bytes(point + 33, &y);
        signature.r[31] = signature.s[31] = small;
        ck_assert(ecdsa_p256_verify(&signature, bytes_of(point, 65), bytes_of(zero, 32)));
        found++;
    }
    ck_assert(found > 5);
}
END_TEST
