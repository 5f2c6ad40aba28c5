/* tls13/credential_io.h - a certificate chain and its private key, from files.
 *
 * The key lives in guarded memory (libsodium's) of this process and signs at once; a key that lives
 * elsewhere is another struct tls_signer (tls.h). A credential owns all its memory until
 * credential_free, which wipes the key.
 */
#ifndef SEALPOST_TLS13_CREDENTIAL_IO_H
#define SEALPOST_TLS13_CREDENTIAL_IO_H

#include "tls13/tls.h"
#include "tls13/x509/verify.h"

enum {
    CREDENTIAL_ERROR_MAX   = 400,
    CREDENTIAL_SCHEMES_MAX = 3,          /* rsa_pss_rsae_sha256, _sha384, _sha512 */
    CREDENTIAL_PUBLIC_KEY_MAX = 128,     /* a SubjectPublicKeyInfo of P-384 has 120 bytes */
};

struct credential {
    struct tls_credential tls;           /* what to hand to the engine */
    struct bytes chain[X509_CHAIN_MAX];  /* each from malloc */
    const struct signature_scheme *schemes[CREDENTIAL_SCHEMES_MAX];
    struct private_key *key;             /* guarded memory; secret */
    uint8_t public_key[CREDENTIAL_PUBLIC_KEY_MAX];       /* of a credential that is only a key */
    uint8_t *ocsp_response;              /* from malloc, or NULL */
};

/* From PEM files: the chain leaf first, the key PKCS #8, SEC 1 or PKCS #1, in a file that its owner
 * alone can read. A key may be encrypted PKCS #8 (tls13/x509/encrypted_key.h); then the first line of
 * the file `password_path` is its password. Else `password_path` is not looked at, and may be NULL.
 * NULL, and `error` holds a sentence with file, line and reason, unless all is good and the key is
 * the leaf's. */
struct credential *credential_load(const char *chain_path, const char *key_path,
                                   const char *password_path, char error[CREDENTIAL_ERROR_MAX]);

/* The same from memory; the chain and the key are copied. */
struct credential *credential_from_memory(const struct bytes *chain, size_t chain_count,
                                          const struct private_key *key,
                                          char error[CREDENTIAL_ERROR_MAX]);

/* A private key without a certificate, to be shown as a raw public key (RFC 7250). Not RSA: its
 * public key is read from a certificate. */
struct credential *credential_load_raw(const char *key_path, const char *password_path,
                                       char error[CREDENTIAL_ERROR_MAX]);

/* Lets a credential with a certificate show its key bare as well, to peers that take it so. */
void credential_show_bare(struct credential *credential);

/* An OCSP response (DER) from a file, to be stapled. False, and a sentence, if it is not one. */
bool credential_staple(struct credential *credential, const char *path,
                       char error[CREDENTIAL_ERROR_MAX]);

/* NULL is allowed. */
void credential_free(struct credential *credential);

/* Reads a private key file as credential_load does. `out` is secret and the caller's to wipe. */
bool private_key_load(struct private_key *out, const char *path, const char *password_path,
                      char error[CREDENTIAL_ERROR_MAX]);

#endif
