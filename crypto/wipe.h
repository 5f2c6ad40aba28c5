/* crypto/wipe.h - erasing secrets so that the compiler cannot leave it out. */
#ifndef SEALPOST_CRYPTO_WIPE_H
#define SEALPOST_CRYPTO_WIPE_H

#include <stddef.h>

/* Overwrites `len` bytes with zeros. Whoever makes a secret calls this on every path. */
void wipe(void *secret, size_t len);

/* Overwrites the stack below the caller's frame: what functions that have returned kept there, and
 * what the compiler put there without being asked. For the end of a long computation in small
 * steps, where wiping in each step would cost as much as the step itself.
 * The deepest such computation is a multiplication on P-384 under ecdsa_sign: below 4.5 KB. */
enum { WIPE_STACK_LEN = 5120 };
void wipe_stack(void);

#endif
