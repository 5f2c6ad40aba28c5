/* tls13/x509/trust_io.h - what is believed, from files and from the command line.
 *
 * A trust store is filled by any of the three calls below, and owns all of its memory until
 * trust_free. A name and a key are all that matters of an anchor, so anchors whose own signature
 * algorithm we do not know are kept.
 *
 * On failure a call returns false, `error` holds a sentence with file and line, and the store is
 * as it was before.
 */
#ifndef SEALPOST_TLS13_X509_TRUST_IO_H
#define SEALPOST_TLS13_X509_TRUST_IO_H

#include "tls13/x509/verify.h"

#define TRUST_SYSTEM_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

enum { TRUST_ERROR_MAX = 400 };

struct trust_store {
    struct x509_trust trust;             /* what to hand to the engine */
    size_t skipped;                      /* certificates of the system bundle that do not decode */
    struct x509_anchor *anchors;
    uint8_t (*pins)[X509_PIN_LEN];
};

/* All certificates of a PEM file. Anything in it that is not one is an error, as is a file without
 * any. */
bool trust_add_file(struct trust_store *store, const char *path, char error[TRUST_ERROR_MAX]);

/* The operating system's bundle; what does not decode there is skipped and counted. */
bool trust_add_system(struct trust_store *store, char error[TRUST_ERROR_MAX]);

/* "sha256/" and the base64 of the SHA-256 of a SubjectPublicKeyInfo, as `sealtls cert show` prints
 * it. */
bool trust_add_pin(struct trust_store *store, const char *pin, char error[TRUST_ERROR_MAX]);

/* `{ 0 }` is an empty store; after this the store is that again. */
void trust_free(struct trust_store *store);

enum { PIN_TEXT_MAX = 7 + 44 + 1 };      /* "sha256/", base64 of 32 bytes, NUL */
void pin_text(char out[PIN_TEXT_MAX], struct bytes spki);

/* A whole file in memory from malloc, at most `max` bytes. NULL and a sentence if it cannot be. */
uint8_t *file_read(const char *path, size_t max, size_t *len, char error[TRUST_ERROR_MAX]);

#endif
