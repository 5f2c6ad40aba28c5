/* tests/fuzz/pem_key.c - any text as PEM, and what is in it as private and public keys (libFuzzer).
 *
 * Keys under the password "password" are opened, and others with a key of zeros.
 * A block that is taken, and a private key, must be written and read back as itself.
 * Seeds: key and certificate files.
 */
#include "crypto/pbkdf2.h"
#include "tls13/x509/encrypted_key.h"
#include "tls13/x509/key.h"
#include "tls13/x509/pem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_private(struct bytes der, enum private_key_form form)
{
    struct private_key key, again;
    uint8_t space[PRIVATE_KEY_DER_MAX];
    struct writer w = writer_of(space, sizeof space);
    if (private_key_decode(&key, der, form) != NULL || key.type == KEY_RSA)
        return;                          /* RSA keys are read only */
    private_key_encode(&w, &key);
    if (!writer_done(&w)
        || private_key_decode(&again, writer_bytes(&w), PRIVATE_KEY_PKCS8) != NULL
        || memcmp(again.secret, key.secret, sizeof key.secret) != 0)
        abort();
}

/* Derived only where that is quick; a seed has one iteration. */
static void check_encrypted(struct bytes der)
{
    static uint8_t info[4096];
    uint8_t secret[32] = { 0 };
    struct encrypted_key k;
    size_t len = SIZE_MAX;
    if (encrypted_key_decode(&k, der) != NULL || k.data.len > sizeof info)
        return;
    if (k.iterations > 0 && k.iterations < 100)
        pbkdf2(&hash_sha256, secret, k.key_len, bytes_of_string("password"), k.salt, k.iterations);
    if (encrypted_key_open(info, &len, &k, secret) != NULL)
        return;
    if (len >= k.data.len)
        abort();
    check_private(bytes_of(info, len), PRIVATE_KEY_PKCS8);
}

/* A label that is longer than PEM_LEN counts with may need more room than there is. */
static void check_block(const struct pem_block *block)
{
    static char label[33];
    static uint8_t text[PEM_LEN(4096)], der[4096];
    struct writer w = writer_of(text, sizeof text);
    struct pem_block again;
    const char *reason;
    if (block->label.len >= sizeof label)
        return;
    memcpy(label, block->label.at, block->label.len);
    label[block->label.len] = '\0';
    pem_write(&w, label, block->der);
    struct pem pem = pem_of(writer_bytes(&w));
    if (!writer_done(&w) || pem_next(&pem, &again, der, sizeof der, &reason) != PEM_BLOCK
        || !bytes_equal_public(again.der, block->der)
        || !bytes_equal_public(again.label, block->label))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static uint8_t space[4096];
    struct pem pem = pem_of(bytes_of(data, len));
    struct pem_block block;
    struct public_key public;
    const char *reason;
    enum pem_result result;
    while ((result = pem_next(&pem, &block, space, sizeof space, &reason)) != PEM_END) {
        if (result == PEM_BAD)
            continue;
        check_block(&block);
        check_private(block.der, PRIVATE_KEY_PKCS8);
        check_private(block.der, PRIVATE_KEY_SEC1);
        check_private(block.der, PRIVATE_KEY_PKCS1);
        check_encrypted(block.der);
        public_key_decode(&public, block.der);
    }
    check_private(bytes_of(data, len), PRIVATE_KEY_PKCS8);
    check_private(bytes_of(data, len), PRIVATE_KEY_SEC1);
    check_private(bytes_of(data, len), PRIVATE_KEY_PKCS1);
    check_encrypted(bytes_of(data, len));
    public_key_decode(&public, bytes_of(data, len));
    return 0;
}
