/* tls13/x509/key.h - keys as they are written down.
 *
 * Public keys are SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), private ones PKCS #8 (RFC 5208, 5958)
 * or SEC 1's ECPrivateKey (RFC 5915) or PKCS #1's RSAPrivateKey (RFC 8017). P-256, P-384 and
 * Ed25519 (RFC 5480, RFC 8410) both ways; RSA keys (RFC 3279 §2.3.1) are read.
 *
 * Decoders return NULL, or what is wrong as a string that needs no freeing.
 */
#ifndef SEALPOST_TLS13_X509_KEY_H
#define SEALPOST_TLS13_X509_KEY_H

#include "crypto/bytes.h"
#include "crypto/signature.h"

/* `spki` is the whole DER. A key of an algorithm or on a curve that we do not know gives KEY_NONE
 * and no error: it may stand in a certificate that nobody needs. Views look into `spki`.
 * That a point is on its curve is checked where it is used. */
const char *public_key_decode(struct public_key *out, struct bytes spki);

/* Nothing that the key has signed should be relied on: RSA below 2048 bits (NIST SP 800-131A §3), or
 * of a size or exponent that we do not compute with. */
bool public_key_weak(const struct public_key *key);

/* "P-256", "RSA": for messages. */
const char *key_type_name(enum key_type type);

/* Appends the SubjectPublicKeyInfo of the public half of `key`: EC or Ed25519; a key that
 * is not valid makes the writer bad. */
void public_key_encode(struct writer *w, const struct private_key *key);

/* How a private key file may be labelled. */
enum private_key_form {
    PRIVATE_KEY_PKCS8,                   /* "PRIVATE KEY" */
    PRIVATE_KEY_SEC1,                    /* "EC PRIVATE KEY" */
    PRIVATE_KEY_PKCS1,                   /* "RSA PRIVATE KEY" */
};

/* The curve must be P-256 or P-384, the scalar in range, a public key that is given along the
 * right one; the numbers of an RSA key must be of sizes that we sign with, and belong together.
 * After an error *out is wiped. */
const char *private_key_decode(struct private_key *out, struct bytes der,
                               enum private_key_form form);

/* Appends PKCS #8, with SEC 1 (and its public key) inside for P-256 and P-384. Secret. An RSA key
 * makes the writer bad: we make none. */
void private_key_encode(struct writer *w, const struct private_key *key);

enum { PRIVATE_KEY_DER_MAX = 192 };      /* bytes of that; P-384 is the longest one, 185 */

#endif
