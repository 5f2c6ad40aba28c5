/* tls13/record.c - the record layer: framing, protection, nonces, padding.
 *
 * Implements  RFC 8446 §5.1 to §5.4 and §7.3.
 * Secret      keys, IVs (never compared or printed) and plaintext. How much of a record is padding
 *             does not show in the time that this takes; that there is none does.
 */
#include "tls13/record.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

void record_keys_make(struct record_keys *k, const struct aead *aead, const struct hash *h,
                      const struct traffic_secret *secret)
{
    uint8_t key[AEAD_KEY_MAX];
    hkdf_expand_label(h, key, aead->key_len, &secret->s, "key", bytes_of(NULL, 0));
    hkdf_expand_label(h, k->iv, AEAD_NONCE_LEN, &secret->s, "iv", bytes_of(NULL, 0));
    aead->init(&k->key, key);
    k->aead = aead;
    k->sequence = 0;
    wipe(key, sizeof key);
}

/* §5.3: the sequence number, left-padded to the length of the IV, XOR the IV. Steps it; a
 * counter that would wrap is a bug of ours, since keys are updated long before. */
static void next_nonce(struct record_keys *k, uint8_t nonce[AEAD_NONCE_LEN])
{
    assert(k->sequence < UINT64_MAX);
    memcpy(nonce, k->iv, AEAD_NONCE_LEN);
    for (size_t i = 0; i < 8; i++)
        nonce[AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(k->sequence >> (8 * i));
    k->sequence++;
}

struct record_header record_header_decode(const uint8_t in[RECORD_HEADER_LEN])
{
    return (struct record_header){ .type = in[0], .length = load_be16(in + 3) };
}

static void record_header_encode(uint8_t *out, uint8_t type, uint16_t version, size_t length)
{
    out[0] = type;
    store_be16(out + 1, version);
    store_be16(out + 3, (uint16_t)length);
}

size_t record_write_plaintext(uint8_t *out, uint8_t type, uint16_t version, struct bytes content)
{
    assert(content.len <= RECORD_PLAINTEXT_MAX);
    if (content.len > 0)
        memmove(out + RECORD_HEADER_LEN, content.at, content.len);
    record_header_encode(out, type, version, content.len);
    return RECORD_HEADER_LEN + content.len;
}

size_t record_seal(struct record_keys *k, uint8_t *out, uint8_t type, struct bytes content,
                   size_t padding)
{
    uint8_t nonce[AEAD_NONCE_LEN];
    uint8_t *inner = out + RECORD_HEADER_LEN;
    size_t inner_len = content.len + 1 + padding;
    assert(inner_len <= RECORD_INNER_MAX);
    if (content.len > 0)
        memmove(inner, content.at, content.len);
    inner[content.len] = type;
    memset(inner + content.len + 1, 0, padding);
    record_header_encode(out, APPLICATION_DATA, VERSION_TLS12, inner_len + AEAD_TAG_LEN);
    next_nonce(k, nonce);
    k->aead->seal(&k->key, inner, nonce, bytes_of(out, RECORD_HEADER_LEN),   /* §5.2: AAD */
                  bytes_of(inner, inner_len));
    return RECORD_HEADER_LEN + inner_len + AEAD_TAG_LEN;
}

/* The length up to the last byte that is not zero (§5.4). Where there is padding all of it is looked
 * at, eight bytes at a time: padding is there to hide lengths. */
static size_t without_padding(const uint8_t *inner, size_t n)
{
    uint64_t last = 0, end = 0;              /* the last eight bytes that are not all zero, and
                                                where they end */
    size_t i = 0;
    if (n > 0 && !ct_verdict(ct_is_zero(inner[n - 1])))  /* that there is none may be seen */
        return n;
    for (; i + 8 <= n; i += 8) {
        uint64_t word = load_be64(inner + i);
        ct_mask zero = ct_is_zero(word);
        last = ct_select(zero, last, word);
        end = ct_select(zero, end, i + 8);
    }
    ct_mask trailing = ~ct_is_zero(last);
    for (unsigned bits = 0; bits < 64; bits += 8) {
        trailing &= ct_is_zero(last >> bits & 0xff);
        end -= trailing & 1;
    }
    for (; i < n; i++)
        end = ct_select(ct_is_zero(inner[i]), end, i + 1);
    ct_public(&end, sizeof end);             /* the caller gets that much */
    return (size_t)end;
}

enum alert record_open(struct record_keys *k, uint8_t *record, size_t len, uint8_t *type,
                       struct bytes *content)
{
    uint8_t nonce[AEAD_NONCE_LEN];
    uint8_t *inner = record + RECORD_HEADER_LEN;
    struct bytes sealed = bytes_of(inner, len - RECORD_HEADER_LEN);
    if (sealed.len < AEAD_TAG_LEN)
        return ALERT_BAD_RECORD_MAC;
    next_nonce(k, nonce);
    if (!k->aead->open(&k->key, inner, nonce, bytes_of(record, RECORD_HEADER_LEN), sealed)) {
        k->sequence--;                                   /* only an opened record counts */
        return ALERT_BAD_RECORD_MAC;
    }
    size_t n = sealed.len - AEAD_TAG_LEN;
    if (n > RECORD_INNER_MAX) {                          /* §5.4 */
        wipe(inner, n);
        return ALERT_RECORD_OVERFLOW;
    }
    n = without_padding(inner, n);
    ct_public(inner, n);                                 /* opened, for who reads what it says */
    if (n == 0)
        return ALERT_UNEXPECTED_MESSAGE;                 /* §5.4: nothing but padding */
    *type = inner[n - 1];
    *content = bytes_of(inner, n - 1);
    return ALERT_NONE;
}
