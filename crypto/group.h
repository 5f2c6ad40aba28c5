/* crypto/group.h - key exchange groups, all shaped as a KEM (RFC 9846's wording):
 * the client generates, the server encapsulates to what it got, the client decapsulates.
 * A Diffie-Hellman group is the special case in which the ciphertext is the server's own share.
 */
#ifndef SEALPOST_CRYPTO_GROUP_H
#define SEALPOST_CRYPTO_GROUP_H

#include "crypto/bytes.h"
#include "crypto/random.h"

enum {
    GROUP_PRIVATE_MAX      = 128,    /* bytes, over all groups here: a scalar and 96 for ML-KEM */
    GROUP_ENCAPSULATION_KEY_MAX = 65 + 1184,
    GROUP_CIPHERTEXT_MAX   = 65 + 1088,
    GROUP_SHARED_MAX       = 64,
};

struct group {
    const char *name;
    uint16_t private_len, encapsulation_key_len, ciphertext_len, shared_len;    /* bytes */

    /* A fresh key pair. False if the random source fails. `private` is secret. */
    bool (*generate)(uint8_t *private, uint8_t *encapsulation_key,
                     const struct random_source *random);

    /* What the answering side sends back, and the secret. False if the random source fails or if
     * the peer's key is not valid (wrong length, point not on the curve, all-zero result); then
     * nothing secret is left in the outputs. */
    bool (*encapsulate)(uint8_t *ciphertext, uint8_t *shared, struct bytes encapsulation_key,
                        const struct random_source *random);

    /* The same secret on the side that generated. False for a ciphertext that is not valid. */
    bool (*decapsulate)(uint8_t *shared, const uint8_t *private, struct bytes ciphertext);
};

extern const struct group group_x25519;        /* RFC 7748; an all-zero result is refused */
/* Uncompressed points; shared is x (RFC 8446 §4.2.8.2, §7.4.2). */
extern const struct group group_secp256r1;
extern const struct group group_secp384r1;
/* RFC 10024: either curve with ML-KEM-768, whose private key is its seed and the hash of its public
 * key. A ciphertext that was altered but has the right length is not refused: the two sides then
 * have other secrets. */
extern const struct group group_x25519mlkem768;
extern const struct group group_secp256r1mlkem768;

#endif
