/* crypto/sha256_fast.c - SHA-256 around a compression by instructions, on libsodium's own state.
 *
 * Implements  FIPS 180-4 §5.1.1 (padding), §6.2.
 * Secret      the state and the text, where a key is hashed; lengths are public.
 */
#include "crypto/sha256_fast.h"

#include "crypto/wipe.h"

#include <string.h>

#if SHA256_FAST

enum { BLOCK = 64 };

/* §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const _Alignas(16) uint32_t sha256_fast_K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

void sha256_fast_update(crypto_hash_sha256_state *s, struct bytes in)
{
    size_t used = s->count / 8 % BLOCK;
    s->count += (uint64_t)in.len * 8;
    if (used > 0) {
        size_t n = in.len < BLOCK - used ? in.len : BLOCK - used;
        memcpy(s->buf + used, in.at, n);
        if (used + n < BLOCK)
            return;
        sha256_fast_compress(s->state, s->buf, 1);
        in = bytes_of(in.at + n, in.len - n);
    }
    sha256_fast_compress(s->state, in.at, in.len / BLOCK);
    if (in.len % BLOCK > 0)
        memcpy(s->buf, in.at + in.len / BLOCK * BLOCK, in.len % BLOCK);
}

/* A one bit, zeros, and the length in bits in the last 8 bytes of a block (§5.1.1). */
void sha256_fast_final(crypto_hash_sha256_state *s, uint8_t out[32])
{
    size_t used = s->count / 8 % BLOCK;
    s->buf[used++] = 0x80;
    memset(s->buf + used, 0, BLOCK - used);
    if (used > BLOCK - 8) {
        sha256_fast_compress(s->state, s->buf, 1);
        memset(s->buf, 0, BLOCK);
    }
    store_be64(s->buf + BLOCK - 8, s->count);
    sha256_fast_compress(s->state, s->buf, 1);
    for (size_t i = 0; i < 8; i++)
        store_be32(out + 4 * i, s->state[i]);
    wipe(s, sizeof *s);
}

#endif
