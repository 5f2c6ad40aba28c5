/* crypto/wipe.h - erasing secrets so that the compiler cannot leave it out. */
#ifndef SEALPOST_CRYPTO_WIPE_H
#define SEALPOST_CRYPTO_WIPE_H

#include <stddef.h>

/* Overwrites `len` bytes with zeros. Whoever makes a secret calls this on every path. */
void wipe(void *secret, size_t len);

#endif
