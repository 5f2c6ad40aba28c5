/* tls13/encrypted_key_io.c - from a password to a private key.
 *
 * Implements  RFC 8018 §6.2.2, with libsodium's scrypt, which takes memory.
 * Secret      the password, the key made of it, the PrivateKeyInfo.
 */
#include "tls13/encrypted_key_io.h"

#include "crypto/pbkdf2.h"
#include "crypto/wipe.h"
#include "tls13/x509/encrypted_key.h"
#include "tls13/x509/key.h"

#include <sodium.h>

static bool derive(uint8_t key[32], const struct encrypted_key *k, struct bytes password)
{
    if (k->iterations > 0) {
        pbkdf2(&hash_sha256, key, k->key_len, password, k->salt, k->iterations);
        return true;
    }
    return crypto_pwhash_scryptsalsa208sha256_ll(password.at, password.len, k->salt.at, k->salt.len,
                                                 k->n, k->r, k->p, key, k->key_len) == 0;
}

const char *encrypted_private_key_decode(struct private_key *out, struct bytes der,
                                         struct bytes password)
{
    uint8_t key[32], info[ENCRYPTED_KEY_MAX];
    size_t info_len = 0;
    struct encrypted_key k;
    const char *wrong = encrypted_key_decode(&k, der);
    if (wrong)
        return wrong;
    if (k.data.len > sizeof info)
        wrong = "encrypted key is too large";
    else if (!derive(key, &k, password))
        wrong = "encrypted key: no memory for scrypt";
    else
        wrong = encrypted_key_open(info, &info_len, &k, key);
    if (!wrong)
        wrong = private_key_decode(out, bytes_of(info, info_len), PRIVATE_KEY_PKCS8);
    wipe(key, sizeof key);
    wipe(info, sizeof info);
    return wrong;
}
