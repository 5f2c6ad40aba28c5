/* crypto/pbkdf2.c - PBKDF2 over HMAC.
 *
 * Implements  RFC 8018 §5.2:  DK = T_1 || T_2 || ...,  T_i = U_1 XOR U_2 XOR ... XOR U_c,
 *             U_1 = HMAC(P, S || i),  U_j = HMAC(P, U_j-1).
 * Secret      the password, every U and T, the result.
 */
#include "crypto/pbkdf2.h"

#include "crypto/hmac.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

/* T_i. `keyed` has taken the password in, once for all blocks, and is forked for each HMAC. */
static void block(const struct hmac *keyed, uint8_t t[HASH_MAX], struct bytes salt, uint32_t i,
                  uint32_t iterations)
{
    const uint8_t digest_len = keyed->hash->digest_len;
    uint8_t index[4], u[HASH_MAX];
    struct hmac m = *keyed;

    store_be32(index, i);
    hmac_update(&m, salt);
    hmac_update(&m, bytes_of(index, sizeof index));
    hmac_final(&m, u);
    memcpy(t, u, digest_len);
    for (uint32_t j = 1; j < iterations; j++) {
        m = *keyed;
        hmac_update(&m, bytes_of(u, digest_len));
        hmac_final(&m, u);
        for (size_t k = 0; k < digest_len; k++)
            t[k] ^= u[k];
    }
    wipe(u, sizeof u);
}

void pbkdf2(const struct hash *h, uint8_t *out, size_t out_len, struct bytes password,
            struct bytes salt, uint32_t iterations)
{
    assert(iterations >= 1);
    assert((out_len + h->digest_len - 1) / h->digest_len <= UINT32_MAX);
    struct hmac keyed;
    uint8_t t[HASH_MAX];

    hmac_init(&keyed, h, password);
    for (uint32_t i = 1; out_len > 0; i++) {
        size_t take = out_len < h->digest_len ? out_len : h->digest_len;
        block(&keyed, t, salt, i, iterations);
        memcpy(out, t, take);
        out += take;
        out_len -= take;
    }
    wipe(&keyed, sizeof keyed);
    wipe(t, sizeof t);
}
