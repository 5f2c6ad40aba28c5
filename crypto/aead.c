/* crypto/aead.c - AES-GCM as an AEAD, by the best implementation.
 *
 * Implements  RFC 5116 §5.1, §5.2 (AES-GCM); RFC 8446 §5.5 (limits).
 * Secret      keys and plaintext.
 */
#include "crypto/aead.h"

#include "crypto/aes_gcm.h"
#include "crypto/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const struct aes_gcm *const implementations[] = {
    &aes_gcm_portable,
#if CPU_X86_64
    &aes_gcm_aesni, &aes_gcm_vaes256, &aes_gcm_vaes512,
#elif CPU_ARM64
    &aes_gcm_armv8,
#endif
};

const struct aes_gcm *aes_gcm_available(size_t i)
{
    for (size_t k = 0; k < COUNT(implementations); k++)
        if (cpu_supports(implementations[k]->needs) && i-- == 0)
            return implementations[k];
    return NULL;
}

/* The one that is wished for, or the best. */
static const struct aes_gcm *choose(const char *wish)
{
    const struct aes_gcm *best = &aes_gcm_portable, *next;
    for (size_t i = 0; (next = aes_gcm_available(i)) != NULL; i++) {
        if (wish && strcmp(wish, next->name) == 0)
            return next;
        best = next;
    }
    return best;
}

/* Two threads that ask at once both choose; the first answer stands, should the environment have
 * changed in between. */
const struct aes_gcm *aes_gcm_chosen(void)
{
    static _Atomic(const struct aes_gcm *) chosen;
    const struct aes_gcm *known = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!known) {
        const struct aes_gcm *choice = choose(secure_getenv("SEALPOST_AES"));
        if (atomic_compare_exchange_strong(&chosen, &known, choice))
            known = choice;
    }
    return known;
}

const char *aes_gcm_refused_wish(void)
{
    const char *wish = secure_getenv("SEALPOST_AES");
    return wish && strcmp(wish, aes_gcm_chosen()->name) != 0 ? wish : NULL;
}

static void aes_128_init(struct aead_key *key, const uint8_t *key_bytes)
{
    aes_gcm_chosen()->init(key, key_bytes, 16);
}

static void aes_256_init(struct aead_key *key, const uint8_t *key_bytes)
{
    aes_gcm_chosen()->init(key, key_bytes, 32);
}

static void aes_seal(const struct aead_key *key, uint8_t *out,
                     const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                     struct bytes plaintext)
{
    aes_gcm_chosen()->seal(key, out, nonce, aad, plaintext);
}

static bool aes_open(const struct aead_key *key, uint8_t *out,
                     const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad, struct bytes sealed)
{
    return aes_gcm_chosen()->open(key, out, nonce, aad, sealed);
}

/* RFC 8446 §5.5: 2^24.5 records of full size. check: 23726566 == floor(2^24.5) */
enum { AES_GCM_RECORDS = 23726566 };

const struct aead aead_aes_128_gcm = {
    .name = "AES-128-GCM", .key_len = 16, .record_limit = AES_GCM_RECORDS,
    .init = aes_128_init, .seal = aes_seal, .open = aes_open,
};

const struct aead aead_aes_256_gcm = {
    .name = "AES-256-GCM", .key_len = 32, .record_limit = AES_GCM_RECORDS,
    .init = aes_256_init, .seal = aes_seal, .open = aes_open,
};
