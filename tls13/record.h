/* tls13/record.h - the record layer (RFC 8446 §5): framing, protection, nonces, padding.
 *
 * A `struct record_keys` protects one direction. The nonce is its IV XOR its own 64-bit counter,
 * and no call uses the key without stepping that counter, so no nonce can be used twice.
 */
#ifndef SEALPOST_TLS13_RECORD_H
#define SEALPOST_TLS13_RECORD_H

#include "crypto/aead.h"
#include "tls13/alert.h"
#include "tls13/codepoints.h"
#include "tls13/key_schedule.h"

enum {
    RECORD_HEADER_LEN    = 5,
    RECORD_PLAINTEXT_MAX = 1 << 14,                            /* §5.1 */
    RECORD_INNER_MAX     = RECORD_PLAINTEXT_MAX + 1,           /* §5.4: content, type, padding */
    RECORD_FRAGMENT_MAX  = RECORD_PLAINTEXT_MAX + 256,         /* §5.2 */
};

struct record_keys {
    const struct aead *aead;             /* NULL: this direction is not protected yet */
    struct aead_key key;
    uint8_t iv[AEAD_NONCE_LEN];
    uint64_t sequence;                   /* of the next record */
};

/* §7.3: [sender]_write_key and _iv from a traffic secret; the sequence number starts at 0. */
void record_keys_make(struct record_keys *k, const struct aead *aead, const struct hash *h,
                      const struct traffic_secret *secret);

/* §5.1, §5.2: a header. The version is ignored, as §5.1 asks; §5.2 has but one, which is looked at when
 * the record has been opened. */
struct record_header { uint8_t type; uint16_t length; };
struct record_header record_header_decode(const uint8_t in[RECORD_HEADER_LEN]);

/* Writes a whole plaintext record: header and content. Returns its length. */
size_t record_write_plaintext(uint8_t *out, uint8_t type, uint16_t version, struct bytes content);

/* Writes a whole protected record: header, ciphertext of content || type || `padding` zeros, tag.
 * `out` has room for content.len + padding + TLS_RECORD_OVERHEAD; content may lie at out + 5.
 * Returns its length. Content and padding are at most RECORD_PLAINTEXT_MAX together. */
size_t record_seal(struct record_keys *k, uint8_t *out, uint8_t type, struct bytes content,
                   size_t padding);

/* Opens a whole protected record in place: *type and *content of its TLSInnerPlaintext.
 * bad_record_mac, record_overflow (inner plaintext too long), or unexpected_message (no
 * content type among the padding). On failure no plaintext is left. */
enum alert record_open(struct record_keys *k, uint8_t *record, size_t len, uint8_t *type,
                       struct bytes *content);

#endif
