/* crypto/ed25519.h - Ed25519 (RFC 8032 §5.1, pure), over libsodium.
 *
 * A private key is a seed of 32 bytes: secret, wiped by its owner. Signing is deterministic and
 * its timing does not depend on the seed. The scheme that TLS uses is signature_ed25519
 * (crypto/signature.h).
 */
#ifndef SEALPOST_CRYPTO_ED25519_H
#define SEALPOST_CRYPTO_ED25519_H

#include "crypto/bytes.h"

enum {
    ED25519_SEED_LEN      = 32,      /* bytes */
    ED25519_PUBLIC_LEN    = 32,
    ED25519_SIGNATURE_LEN = 64,
};

/* RFC 8032 §5.1.5. Every seed is a valid one. */
void ed25519_public_key(uint8_t public[ED25519_PUBLIC_LEN], const uint8_t seed[ED25519_SEED_LEN]);

/* RFC 8032 §5.1.6. False if the signature does not verify (a fault in the machine); then `out` is
 * zero, because a faulty signature can give the seed away. */
bool ed25519_sign(uint8_t out[ED25519_SIGNATURE_LEN], const uint8_t seed[ED25519_SEED_LEN],
                  struct bytes message);

/* RFC 8032 §5.1.7, with its strict reading: S below the group's order, and neither the public key
 * nor R of small order or encoded other than in the one canonical way. All inputs are public. */
bool ed25519_verify(const uint8_t public[ED25519_PUBLIC_LEN], struct bytes message,
                    const uint8_t signature[ED25519_SIGNATURE_LEN]);

#endif
