/* crypto/p256.c - the curve P-256 (secp256r1).
 *
 * Implements  SP 800-186 §3.2.1.3 (the constants); the arithmetic is crypto/weierstrass.h.
 * Trusts      crypto/p256_table.c, whose entries the tests recompute.
 * Secret      see weierstrass.h.
 */
#include "crypto/curve.h"

#include "crypto/p256_table.h"
#include "crypto/wipe.h"

typedef struct p256_field field;
typedef struct p256_point point;
typedef struct p256_affine affine;

enum {
    LIMBS = 4, SCALAR_LEN = 32, POINT_LEN = 65,
    COMB_TEETH = P256_COMB_TEETH, COMB_BLOCKS = P256_COMB_BLOCKS, COMB_COLUMNS = P256_COMB_COLUMNS,
    COMB_MISSING = P256_COMB_MISSING,
    BASE_WIDTH = 8,
    WINDOW = 5, WINDOWS = 52,               /* 260 bits, 256 rounded up to whole windows */
};

static point *own(union curve_point *p)                   { return &p->p256; }
static const point *own_const(const union curve_point *p) { return &p->p256; }

static void add(field *out, const field *a, const field *b) { p256_field_add(out, a, b); }
static void sub(field *out, const field *a, const field *b) { p256_field_sub(out, a, b); }
static void mul(field *out, const field *a, const field *b) { p256_field_mul(out, a, b); }
static void square(field *out, const field *a)              { p256_field_square(out, a); }
static void invert(field *out, const field *a)              { p256_field_invert(out, a); }
static ct_mask from_bytes(field *out, const uint8_t *in) { return p256_field_from_bytes(out, in); }
static void to_bytes(uint8_t *out, const field *a)       { p256_field_to_bytes(out, a); }

/* n;  check: minus_inverse * n == -1 mod 2^64, r_squared == 2^512 mod n */
static const struct mont order = {
    .limbs = 4,
    .modulus = { 0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000 },
    .r_squared = { 0x83244c95be79eea2, 0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620 },
    .minus_inverse = 0xccd1c8aaee00bc4f,
};

/* b R mod p;
 * check: b == 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b */
static const field curve_b = { {
    0xd89cdf6229c4bddf, 0xacf005cd78843090, 0xe5a220abf7212ed6, 0xdc30061d04874834 } };

static const point infinity = { .y = { {            /* R mod p;  check: 2^256 mod p */
    0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe } } };

static const uint64_t prime[LIMBS] = { P256_P0, P256_P1, P256_P2, P256_P3 };

static const affine (*const comb)[1 << (COMB_TEETH - 1)] = p256_comb;
static const affine *const odd_base = p256_odd_multiples;

#include "crypto/weierstrass.h"

const struct curve curve_p256 = {
    .name = "P-256",
    .limbs = LIMBS, .scalar_len = SCALAR_LEN, .point_len = POINT_LEN,
    .order = &order,
    .decode = curve_decode, .encode = curve_encode, .x_is = curve_x_is,
    .add = curve_add, .twice = curve_twice,
    .multiply_base = curve_multiply_base, .multiply = curve_multiply,
    .multiply_add_vartime = curve_multiply_add_vartime,
};
