/* tests/fuzz/tls_server.c - our server against a client that begins well and then says anything
 * (libFuzzer). Input and what is asserted: tests/fuzz/tls_ends.h.
 */
#include "tests/fuzz/tls_ends.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return fuzz_end(SERVER, data, len);
}
