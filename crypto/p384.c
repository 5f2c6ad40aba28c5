/* crypto/p384.c - the curve P-384 (secp384r1).
 *
 * Implements  SP 800-186 §3.2.1.4 (the constants); the arithmetic is crypto/weierstrass.h.
 * Trusts      crypto/p384_table.c, whose entries the tests recompute.
 * Secret      see weierstrass.h.
 */
#include "crypto/curve.h"

#include "crypto/p384_table.h"
#include "crypto/wipe.h"

typedef struct p384_field field;
typedef struct p384_point point;
typedef struct p384_affine affine;

enum {
    LIMBS = 6, SCALAR_LEN = 48, POINT_LEN = 97,
    COMB_TEETH = P384_COMB_TEETH, COMB_BLOCKS = P384_COMB_BLOCKS, COMB_COLUMNS = P384_COMB_COLUMNS,
    COMB_MISSING = P384_COMB_MISSING,
    BASE_WIDTH = 7,
    WINDOW = 5, WINDOWS = 77,               /* 385 bits, 384 rounded up to whole windows */
};

static point *own(union curve_point *p)                   { return &p->p384; }
static const point *own_const(const union curve_point *p) { return &p->p384; }

static void add(field *out, const field *a, const field *b) { p384_field_add(out, a, b); }
static void sub(field *out, const field *a, const field *b) { p384_field_sub(out, a, b); }
static void mul(field *out, const field *a, const field *b) { p384_field_mul(out, a, b); }
static void square(field *out, const field *a)              { p384_field_square(out, a); }
static void invert(field *out, const field *a)              { p384_field_invert(out, a); }
static ct_mask from_bytes(field *out, const uint8_t *in) { return p384_field_from_bytes(out, in); }
static void to_bytes(uint8_t *out, const field *a)       { p384_field_to_bytes(out, a); }

/* n;  check: minus_inverse * n == -1 mod 2^64, r_squared == 2^768 mod n */
static const struct mont order = {
    .limbs = 6,
    .modulus = { 0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf,
                 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff },
    .r_squared = { 0x2d319b2419b409a9, 0xff3d81e5df1aa419, 0xbc3e483afcb82947,
                   0xd40d49174aab1cc5, 0x3fb05b7a28266895, 0x0c84ee012b39bf21 },
    .minus_inverse = 0x6ed46089e88fdc45,
};

/* b R mod p;
 * check: b == 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe814112
 *               0314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef */
static const field curve_b = { {
    0x081188719d412dcc, 0xf729add87a4c32ec, 0x77f2209b1920022e,
    0xe3374bee94938ae2, 0xb62b21f41f022094, 0xcd08114b604fbff9 } };

static const point infinity = { .y = { {            /* R mod p;  check: 2^384 mod p */
    0xffffffff00000001, 0x00000000ffffffff, 0x0000000000000001, 0, 0, 0 } } };

static const uint64_t prime[LIMBS] = {
    0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff };

static const affine (*const comb)[1 << (COMB_TEETH - 1)] = p384_comb;
static const affine *const odd_base = p384_odd_multiples;

#include "crypto/weierstrass.h"

const struct curve curve_p384 = {
    .name = "P-384",
    .limbs = LIMBS, .scalar_len = SCALAR_LEN, .point_len = POINT_LEN,
    .order = &order,
    .decode = curve_decode, .encode = curve_encode, .x_is = curve_x_is,
    .add = curve_add, .twice = curve_twice,
    .multiply_base = curve_multiply_base, .multiply = curve_multiply,
    .multiply_add_vartime = curve_multiply_add_vartime,
};
