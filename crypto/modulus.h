/* crypto/modulus.h - arithmetic modulo an odd number of 64 to 8192 bits that is met at run time:
 * what RSA is made of.
 *
 * As in crypto/mont.h, x is kept as x R mod m with R = 2^(64 limbs), its Montgomery form, and a
 * product is divided by R, exactly and without a quotient. There the modulus is a constant of a few
 * limbs; here it may be long, and it may be secret: the primes of an RSA key are.
 *
 * Values are arrays of `m->limbs` limbs, least significant first; outputs may be inputs. Nothing is
 * allocated; each function says what it needs of the stack.
 *
 * Constant time in the values and in the modulus; lengths are public. modulus_power_vartime has a
 * public exponent. If the modulus is even, results mean nothing, but nothing else goes wrong: a
 * caller with a secret modulus checks what comes out instead of what went in.
 */
#ifndef SEALPOST_CRYPTO_MODULUS_H
#define SEALPOST_CRYPTO_MODULUS_H

#include "crypto/limb.h"

enum { MODULUS_LIMBS_MAX = 128 };              /* 8192 bits */

struct modulus {
    size_t limbs;
    uint64_t minus_inverse;                    /* -1 / m mod 2^64 */
    uint64_t m[MODULUS_LIMBS_MAX];
    uint64_t r_squared[MODULUS_LIMBS_MAX];     /* R^2 mod m */
};

/* The limbs that `len` bytes fill. */
static inline size_t modulus_limbs(size_t len)
{
    return (len + 7) / 8;
}

/* out = the integer `in`, big-endian, which must fit. */
void integer_from_bytes(uint64_t *out, size_t limbs, struct bytes in);

/* The low `len` bytes of `in`, big-endian. */
void integer_to_bytes(uint8_t *out, size_t len, const uint64_t *in);

/* `m` is big-endian, its first byte not zero; `limbs` is at least modulus_limbs(m.len) and at most
 * MODULUS_LIMBS_MAX. The struct is as secret as the modulus. Stack: 3.4 KB. */
void modulus_init(struct modulus *out, struct bytes m, size_t limbs);

/* The same for a public modulus, in as many limbs as it fills; without R^2, so for
 * modulus_power_vartime only. In a tenth of the time. */
void modulus_init_public(struct modulus *out, struct bytes m);

/* Into Montgomery form, from any value below R; and back. */
void modulus_enter(const struct modulus *m, uint64_t *out, const uint64_t *a);
void modulus_leave(const struct modulus *m, uint64_t *out, const uint64_t *a);

/* a b / R mod m, and a^2 / R mod m: products of Montgomery forms. a < R and b < m; for the square,
 * a < m. Stack: 2.3 KB. */
void modulus_multiply(const struct modulus *m, uint64_t *out, const uint64_t *a,
                      const uint64_t *b);
void modulus_square(const struct modulus *m, uint64_t *out, const uint64_t *a);

/* How it is done: in plain C, and by instructions that cpu_supports(CPU_ADX) asks for (on x86-64
 * only), for limbs in multiples of 8. For tests; everyone else leaves the choice to the above. */
void modulus_multiply_plain(const struct modulus *m, uint64_t *out, const uint64_t *a,
                            const uint64_t *b);
void modulus_square_plain(const struct modulus *m, uint64_t *out, const uint64_t *a);
void modulus_multiply_adx(const struct modulus *m, uint64_t *out, const uint64_t *a,
                          const uint64_t *b);

/* t += x y, for `limbs` limbs of y; returns what goes into the limb above. By the same instructions,
 * under the same conditions. */
uint64_t modulus_add_row_adx(uint64_t *t, uint64_t x, const uint64_t *y, size_t limbs);

/* (a + b) mod m and (a - b) mod m, for a, b < m. */
void modulus_add(const struct modulus *m, uint64_t *out, const uint64_t *a, const uint64_t *b);
void modulus_subtract(const struct modulus *m, uint64_t *out, const uint64_t *a,
                      const uint64_t *b);

/* a^exponent mod m, `a` < m and the result plain; all three are public, the exponent odd and at
 * least 3, the highest limb of the modulus not zero.
 * Stack: 5.3 KB. */
void modulus_power_vartime(const struct modulus *m, uint64_t *out, const uint64_t *a,
                           uint64_t exponent);

/* a^exponent mod m, `a` and the result in Montgomery form; the exponent is secret, big-endian, its
 * length public. At most MODULUS_SECRET_LIMBS_MAX limbs. Stack: 7.1 KB. */
enum { MODULUS_SECRET_LIMBS_MAX = 32 };        /* 2048 bits: a prime of RSA-4096 */
void modulus_power(const struct modulus *m, uint64_t *out, const uint64_t *a,
                   struct bytes exponent);

/* out = a b + c, 2 `limbs` limbs; a, b and c have `limbs`. `out` may not be an input. */
void integer_multiply_add(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *c,
                          size_t limbs);

#endif
