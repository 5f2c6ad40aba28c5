/* tests/fuzz/tls_client.c - our client against a server that begins well and then says anything
 * (libFuzzer). Input and what is asserted: tests/fuzz/tls_ends.h.
 */
#include "tests/fuzz/tls_ends.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return fuzz_end(CLIENT, data, len);
}
