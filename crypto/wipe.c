/* crypto/wipe.c - erasing secrets, through libsodium, whose call no compiler may remove. */
#include "crypto/wipe.h"

#include <sodium.h>

void wipe(void *secret, size_t len)
{
    sodium_memzero(secret, len);
}
