/* crypto/random.c - the operating system's random bytes, through libsodium.
 *
 * libsodium takes them from getrandom(2). It waits until the kernel's generator has been seeded,
 * and ends the program if there is none: so the call cannot fail quietly, and fill never returns
 * false here. It sets itself up on first use and needs no sodium_init.
 */
#include "crypto/random.h"

#include <sodium.h>

static bool system_fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    randombytes_buf(out, len);
    return true;
}

const struct random_source random_system = { .fill = system_fill };
