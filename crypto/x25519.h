/* crypto/x25519.h - X25519 (RFC 7748 §5, §6.1), over libsodium.
 *
 * Private keys are any 32 bytes (the clamping is part of the function); they and the shared secret
 * are secret, and wiped by their owner. Timing does not depend on them.
 * The group that TLS uses is group_x25519 (crypto/group.h).
 */
#ifndef SEALPOST_CRYPTO_X25519_H
#define SEALPOST_CRYPTO_X25519_H

#include "crypto/bytes.h"

enum { X25519_LEN = 32 };      /* bytes of a private key, a public key, a shared secret */

/* public = X25519(private, 9). */
void x25519_public_key(uint8_t public[X25519_LEN], const uint8_t private[X25519_LEN]);

/* shared = X25519(private, public). False, and `shared` is zero, if the result is all zeros: the
 * peer sent a point of small order, and the secret would be no secret (RFC 7748 §6.1,
 * RFC 8446 §7.4.2). Every other 32 bytes are a valid public key. */
bool x25519(uint8_t shared[X25519_LEN], const uint8_t private[X25519_LEN],
            const uint8_t public[X25519_LEN]);

#endif
