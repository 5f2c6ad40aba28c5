/* crypto/wipe.c - erasing secrets, through libsodium, whose calls no compiler may remove. */
#include "crypto/wipe.h"

#include <sodium.h>

void wipe(void *secret, size_t len)
{
    sodium_memzero(secret, len);
}

void wipe_stack(void)
{
    sodium_stackzero(WIPE_STACK_LEN);
}
