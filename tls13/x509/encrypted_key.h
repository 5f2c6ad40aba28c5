/* tls13/x509/encrypted_key.h - private keys under a password: PKCS #8's EncryptedPrivateKeyInfo
 * (RFC 5958 §3) with PBES2 (RFC 8018 §6.2).
 *
 * The key is derived by PBKDF2 with HMAC-SHA-256 or by scrypt (RFC 7914), and decrypts with AES-128
 * or AES-256 in CBC mode: what `openssl pkcs8 -topk8` and `openssl genpkey` write today. In two
 * steps, as scrypt needs memory, which its caller has (tls13/encrypted_key_io.h).
 *
 * Functions return NULL, or what is wrong as a string that needs no freeing.
 */
#ifndef SEALPOST_TLS13_X509_ENCRYPTED_KEY_H
#define SEALPOST_TLS13_X509_ENCRYPTED_KEY_H

#include "crypto/bytes.h"

enum {
    ENCRYPTED_KEY_ITERATIONS_MAX = 10000000,             /* of PBKDF2: some seconds */
    ENCRYPTED_KEY_MEMORY_MAX     = 64 << 20,             /* of scrypt: 128 N r bytes */
    ENCRYPTED_KEY_WORK_MAX       = 256 << 20,            /* of scrypt: 128 N r p bytes */
};

/* Views into the DER; all of it public. */
struct encrypted_key {
    struct bytes salt, iv, data;
    uint32_t iterations;                 /* of PBKDF2; 0: it is scrypt */
    uint32_t n, r, p;                    /* of scrypt, RFC 7914 §2; N is a power of two */
    size_t key_len;                      /* 16 or 32 */
};

/* Only what can be derived within the bounds above. */
const char *encrypted_key_decode(struct encrypted_key *out, struct bytes der);

/* Decrypts with key_len bytes of `key` into `out`, which has room for data.len bytes; *out_len are
 * the PrivateKeyInfo, for private_key_decode. Nothing protects the data but their shape (RFC 8018
 * §6.1.1: padding; and a DER header), so a wrong password and damaged data look the same. `out` is
 * secret and the caller's to wipe, whatever is returned. */
const char *encrypted_key_open(uint8_t *out, size_t *out_len, const struct encrypted_key *from,
                               const uint8_t *key);

#endif
