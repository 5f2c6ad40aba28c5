/* tests/test_p384.c - P-384: the field against slow arithmetic, the group's laws, keys and ECDH.
 *
 * Vectors: vectors/nist/p384_multiples.txt; NIST CAVP KeyPair, PKV and ECC CDH validity.
 */
#include "crypto/p384_table.h"
#include "tests/curve_suite.h"

typedef struct p384_field element;

static void add(uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    p384_field_add((element *)out, (const element *)a, (const element *)b);
}

static void sub(uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    p384_field_sub((element *)out, (const element *)a, (const element *)b);
}

static void mul(uint64_t *out, const uint64_t *a, const uint64_t *b)
{
    p384_field_mul((element *)out, (const element *)a, (const element *)b);
}

static void square(uint64_t *out, const uint64_t *a)
{
    p384_field_square((element *)out, (const element *)a);
}

static void invert(uint64_t *out, const uint64_t *a)
{
    p384_field_invert((element *)out, (const element *)a);
}

static ct_mask from_bytes(uint64_t *out, const uint8_t *in)
{
    return p384_field_from_bytes((element *)out, in);
}

static void to_bytes(uint8_t *out, const uint64_t *a)
{
    p384_field_to_bytes(out, (const element *)a);
}

int main(void)
{
    const struct curve_subject subject = {
        .curve = &curve_p384,
        .group = &group_secp384r1,
        .field = { add, sub, mul, square, invert, from_bytes, to_bytes },
        .p = "ffffffffffffffffffffffffffffffffffffffffffffffff"
              "fffffffffffffffeffffffff0000000000000000ffffffff",
        .n = "ffffffffffffffffffffffffffffffffffffffffffffffff"
              "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        .sqrt_b = "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42d"
              "ea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1",
        .multiples = "vectors/nist/p384_multiples.txt",
        .comb = p384_comb[0][0].x.limb,
        .odd_multiples = p384_odd_multiples[0].x.limb,
        .comb_blocks = P384_COMB_BLOCKS, .comb_columns = P384_COMB_COLUMNS,
        .comb_missing = P384_COMB_MISSING,
        .odd_count = P384_ODD_COUNT,
        .nist_ecdh = "ED - SHA384", .hash = &hash_sha384,
    };
    return curve_suite_run(&subject, NULL, 0);
}
