/* tls13/credential_io.c - loading certificate chains and private keys.
 *
 * Implements  RFC 8446 §4.4.2 (what a certificate_list is), RFC 7468 §5, §10, §13 (the files).
 * Trusts      libsodium's guarded memory to keep the key from neighbours and core dumps.
 * Secret      the key, in each buffer that it passes through; all are wiped.
 */
#include "tls13/credential_io.h"

#include "crypto/wipe.h"
#include "tls13/encrypted_key_io.h"
#include "tls13/secret_io.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/key.h"
#include "tls13/x509/ocsp.h"
#include "tls13/x509/pem.h"
#include "tls13/x509/trust_io.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_FILE_MAX = 1 << 20, OCSP_FILE_MAX = 64 << 10 };

_Static_assert((int)CREDENTIAL_ERROR_MAX == (int)TRUST_ERROR_MAX
               && (int)CREDENTIAL_ERROR_MAX == (int)SECRET_ERROR_MAX, "all write to one buffer");

/* ---- private keys ---- */

/* The first line of the password file is the password. */
static const char *decode_encrypted(struct private_key *out, struct bytes der,
                                    const char *password_path, char error[CREDENTIAL_ERROR_MAX])
{
    uint8_t text[SECRET_FILE_MAX];
    size_t len = 0;
    const char *reason = NULL;
    if (!password_path)
        return "the key is encrypted, and no file with its password is given";
    if (!secret_read(text, &len, password_path, "password", error))
        reason = error;
    const uint8_t *end = memchr(text, '\n', len);
    len = end ? (size_t)(end - text) : len;
    len -= len > 0 && text[len - 1] == '\r';
    if (!reason)
        reason = len > 0 ? encrypted_private_key_decode(out, der, bytes_of(text, len))
                         : "the first line of the password file is empty";
    wipe(text, sizeof text);
    return reason;
}

/* NULL, or what is wrong; that is `error` if it is about another file. */
static const char *decode_key_block(struct private_key *out, const struct pem_block *block,
                                    const char *password_path, char error[CREDENTIAL_ERROR_MAX])
{
    if (bytes_equal_public(block->label, bytes_of_string("PRIVATE KEY")))
        return private_key_decode(out, block->der, PRIVATE_KEY_PKCS8);
    if (bytes_equal_public(block->label, bytes_of_string("EC PRIVATE KEY")))
        return private_key_decode(out, block->der, PRIVATE_KEY_SEC1);
    if (bytes_equal_public(block->label, bytes_of_string("RSA PRIVATE KEY")))
        return private_key_decode(out, block->der, PRIVATE_KEY_PKCS1);
    if (bytes_equal_public(block->label, bytes_of_string("ENCRYPTED PRIVATE KEY")))
        return decode_encrypted(out, block->der, password_path, error);
    return "not a private key";
}

/* The one key in the text. OpenSSL puts EC PARAMETERS in front of a SEC 1 key; they say nothing
 * that the key does not. */
static bool decode_key_text(struct private_key *out, const char *path, struct bytes text,
                            const char *password_path, char error[CREDENTIAL_ERROR_MAX])
{
    uint8_t space[SECRET_FILE_MAX];
    struct pem pem = pem_of(text);
    struct pem_block block;
    const char *reason = NULL;
    enum pem_result result;
    do
        result = pem_next(&pem, &block, space, sizeof space, &reason);
    while (result == PEM_BLOCK
           && bytes_equal_public(block.label, bytes_of_string("EC PARAMETERS")));

    size_t line = result == PEM_BLOCK ? block.line : pem.line;
    if (result == PEM_BLOCK)
        reason = decode_key_block(out, &block, password_path, error);
    else if (result == PEM_END)
        reason = "no private key in this file";
    wipe(space, sizeof space);
    if (reason && reason != error)
        snprintf(error, CREDENTIAL_ERROR_MAX, "%s:%zu: %s", path, line, reason);
    return !reason;
}

bool private_key_load(struct private_key *out, const char *path, const char *password_path,
                      char error[CREDENTIAL_ERROR_MAX])
{
    uint8_t text[SECRET_FILE_MAX];
    size_t len;
    bool good = secret_read(text, &len, path, "private key", error)
             && decode_key_text(out, path, bytes_of(text, len), password_path, error);
    wipe(text, sizeof text);
    return good;
}

/* ---- credentials ---- */

static enum sign_result sign_in_memory(void *context, const struct signature_scheme *scheme,
                                       struct bytes content, uint8_t signature[SIGNATURE_MAX],
                                       size_t *signature_len)
{
    const struct credential *c = context;
    return scheme->signature->sign(signature, signature_len, c->key, content, &random_system)
         ? SIGN_DONE : SIGN_FAILED;
}

/* All that may stand in a CertificateVerify with a key of this type, best first. */
static size_t schemes_for(const struct signature_scheme *out[CREDENTIAL_SCHEMES_MAX],
                          enum key_type type)
{
    size_t count = 0;
    for (size_t i = 0; i < algorithms_default.scheme_count; i++) {
        const struct signature_scheme *scheme = algorithms_default.schemes[i];
        if (scheme->signature->key_type == type && !scheme->certificates_only
            && count < CREDENTIAL_SCHEMES_MAX)
            out[count++] = scheme;
    }
    return count;
}

/* NULL, or why this key cannot speak for this leaf. */
static const char *mismatch(struct bytes leaf, const struct private_key *key)
{
    struct x509_certificate c;
    uint8_t point[PUBLIC_POINT_MAX];
    size_t point_len = 0;
    struct rsa_public_key rsa = { { 0 }, { 0 } };
    const char *malformed = x509_certificate_decode(&c, leaf);
    if (malformed)
        return malformed;
    if (key->type == KEY_RSA)
        rsa = rsa_public(&key->rsa);
    else if (!private_key_public(point, &point_len, key))
        return "private key is not valid";
    if (c.key.type != key->type || !bytes_equal_public(c.key.point, bytes_of(point, point_len))
        || !bytes_equal_public(c.key.modulus, rsa.modulus)
        || !bytes_equal_public(c.key.exponent, rsa.exponent))
        return "private key does not belong to the first certificate";
    return NULL;
}

static bool copy_chain(struct credential *c, const struct bytes *chain, size_t chain_count)
{
    for (size_t i = 0; i < chain_count; i++) {
        uint8_t *der = malloc(chain[i].len + 1);
        if (!der)
            return false;
        memcpy(der, chain[i].at, chain[i].len);
        c->chain[i] = bytes_of(der, chain[i].len);
        c->tls.chain_count++;
    }
    return true;
}

static struct credential *make_credential(const struct bytes *chain, size_t chain_count,
                                          const struct private_key *key,
                                          char error[CREDENTIAL_ERROR_MAX])
{
    struct credential *c = calloc(1, sizeof *c);
    bool good = c && sodium_init() >= 0 && (c->key = sodium_malloc(sizeof *c->key)) != NULL
             && copy_chain(c, chain, chain_count);
    if (!good) {
        snprintf(error, CREDENTIAL_ERROR_MAX, "out of memory");
        credential_free(c);
        return NULL;
    }
    *c->key = *key;
    sodium_mprotect_readonly(c->key);
    c->tls.chain = c->chain;
    c->tls.schemes = c->schemes;
    c->tls.scheme_count = schemes_for(c->schemes, key->type);
    c->tls.signer = (struct tls_signer){ sign_in_memory, c };
    return c;
}

struct credential *credential_from_memory(const struct bytes *chain, size_t chain_count,
                                          const struct private_key *key,
                                          char error[CREDENTIAL_ERROR_MAX])
{
    const char *wrong = chain_count == 0 ? "there is no certificate"
                      : chain_count > X509_CHAIN_MAX ? "there are more than 40 certificates"
                      : mismatch(chain[0], key);
    if (wrong) {
        snprintf(error, CREDENTIAL_ERROR_MAX, "%s", wrong);
        return NULL;
    }
    return make_credential(chain, chain_count, key, error);
}

struct credential *credential_load_raw(const char *key_path, const char *password_path,
                                       char error[CREDENTIAL_ERROR_MAX])
{
    struct private_key key = { .type = KEY_NONE };
    struct credential *c = NULL;
    if (!private_key_load(&key, key_path, password_path, error))
        return NULL;
    if (key.type == KEY_RSA)
        snprintf(error, CREDENTIAL_ERROR_MAX, "%s: an RSA key needs a certificate", key_path);
    else
        c = make_credential(NULL, 0, &key, error);
    if (c) {
        struct writer w = writer_of(c->public_key, sizeof c->public_key);
        public_key_encode(&w, &key);
        c->tls.public_key = writer_bytes(&w);
    }
    wipe(&key, sizeof key);
    return c;
}

void credential_show_bare(struct credential *credential)
{
    struct x509_certificate leaf;
    if (credential->tls.chain_count > 0 && !x509_certificate_decode(&leaf, credential->chain[0]))
        credential->tls.public_key = leaf.spki;
}

bool credential_staple(struct credential *credential, const char *path,
                       char error[CREDENTIAL_ERROR_MAX])
{
    struct ocsp_response response;
    size_t len;
    uint8_t *der = file_read(path, OCSP_FILE_MAX, &len, error);
    if (!der)
        return false;
    const char *malformed = ocsp_decode(&response, bytes_of(der, len));
    if (malformed) {
        snprintf(error, CREDENTIAL_ERROR_MAX, "%s: %s", path, malformed);
        free(der);
        return false;
    }
    free(credential->ocsp_response);
    credential->ocsp_response = der;
    credential->tls.ocsp_response = bytes_of(der, len);
    return true;
}

void credential_free(struct credential *credential)
{
    if (!credential)
        return;
    for (size_t i = 0; i < credential->tls.chain_count; i++)
        free((void *)(uintptr_t)credential->chain[i].at);
    free(credential->ocsp_response);
    sodium_free(credential->key);
    free(credential);
}

/* Fills chain[] with views into `space`. */
static bool read_chain(struct bytes chain[X509_CHAIN_MAX], size_t *count, const char *path,
                       struct bytes text, uint8_t *space, size_t space_len,
                       char error[CREDENTIAL_ERROR_MAX])
{
    struct pem pem = pem_of(text);
    struct pem_block block;
    struct x509_certificate c;
    const char *reason = NULL;
    enum pem_result result;
    *count = 0;
    while ((result = pem_next(&pem, &block, space, space_len, &reason)) != PEM_END) {
        if (result == PEM_BLOCK)
            reason = !bytes_equal_public(block.label, bytes_of_string("CERTIFICATE"))
                   ? "not a CERTIFICATE block" : *count == X509_CHAIN_MAX
                   ? "more than 40 certificates" : x509_certificate_decode(&c, block.der);
        if (reason) {
            snprintf(error, CREDENTIAL_ERROR_MAX, "%s:%zu: certificate %zu: %s", path,
                     result == PEM_BAD ? pem.line : block.line, *count + 1, reason);
            return false;
        }
        chain[(*count)++] = block.der;
        space += block.der.len;
        space_len -= block.der.len;
    }
    if (*count == 0)
        snprintf(error, CREDENTIAL_ERROR_MAX, "%s: no certificate in this file", path);
    return *count > 0;
}

struct credential *credential_load(const char *chain_path, const char *key_path,
                                   const char *password_path, char error[CREDENTIAL_ERROR_MAX])
{
    struct bytes chain[X509_CHAIN_MAX];
    struct private_key key = { .type = KEY_NONE };
    struct credential *c = NULL;
    size_t text_len, count;
    char why[CREDENTIAL_ERROR_MAX / 2];
    uint8_t *text = file_read(chain_path, CHAIN_FILE_MAX, &text_len, error);
    if (!text)
        return NULL;
    uint8_t *space = malloc(text_len + 1);                /* DER is shorter than its PEM */
    if (!space)
        snprintf(error, CREDENTIAL_ERROR_MAX, "%s: out of memory", chain_path);
    else if (read_chain(chain, &count, chain_path, bytes_of(text, text_len), space, text_len,
                        error)
             && private_key_load(&key, key_path, password_path, error)) {
        c = credential_from_memory(chain, count, &key, error);
        if (!c) {
            snprintf(why, sizeof why, "%.*s", (int)sizeof why - 1, error);
            snprintf(error, CREDENTIAL_ERROR_MAX, "%.80s and %.80s: %s", chain_path, key_path,
                     why);
        }
    }
    wipe(&key, sizeof key);
    free(space);
    free(text);
    return c;
}
