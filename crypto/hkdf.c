/* crypto/hkdf.c - HKDF over HMAC.
 *
 * Implements  RFC 5869 §2.2 (extract) and §2.3 (expand).
 * Secret      everything but salt, info and the lengths.
 */
#include "crypto/hkdf.h"

#include "crypto/hmac.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

void hkdf_extract(const struct hash *h, uint8_t *prk, struct bytes salt, struct bytes ikm)
{
    hmac_compute(h, prk, salt, ikm);
}

/* T(n) = HMAC(PRK, T(n-1) || info || n), with T(0) empty; the output is T(1) || T(2) || ...
 * The HMAC is keyed once and forked for each block. */
void hkdf_expand(const struct hash *h, uint8_t *out, size_t out_len,
                 const uint8_t *prk, struct bytes info)
{
    assert(out_len <= 255 * (size_t)h->digest_len);              /* RFC 5869 §2.3: L */
    struct hmac keyed, m;
    uint8_t t[HASH_MAX];
    size_t t_len = 0;

    hmac_init(&keyed, h, bytes_of(prk, h->digest_len));
    for (uint8_t n = 1; out_len > 0; n++) {
        m = keyed;
        hmac_update(&m, bytes_of(t, t_len));
        hmac_update(&m, info);
        hmac_update(&m, bytes_of(&n, 1));
        hmac_final(&m, t);
        t_len = h->digest_len;

        size_t take = out_len < t_len ? out_len : t_len;
        memcpy(out, t, take);
        out += take;
        out_len -= take;
    }
    wipe(&keyed, sizeof keyed);
    wipe(t, sizeof t);
}
