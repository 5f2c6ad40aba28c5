/* crypto/invert.h - 1 / a modulo an odd number, in constant time.
 *
 *   out, a            `limbs` limbs each, least significant first; out may be a
 *   modulus           odd; public; limbs <= INVERT_LIMBS_MAX
 *   minus_inverse     -1 / modulus mod 2^64
 *
 * `a` is below the modulus and secret. What has no inverse gives something below the modulus; zero
 * gives zero. Cannot fail. Timing depends on `limbs` only; nothing of `a` is left behind.
 *
 * Four to ten times as fast as the power a^(modulus - 2), which needs a prime as well.
 */
#ifndef SEALPOST_CRYPTO_INVERT_H
#define SEALPOST_CRYPTO_INVERT_H

#include <stddef.h>
#include <stdint.h>

enum { INVERT_LIMBS_MAX = 6 };

void limbs_invert(uint64_t *out, const uint64_t *a, const uint64_t *modulus,
                  uint64_t minus_inverse, size_t limbs);

#endif
