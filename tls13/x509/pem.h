/* tls13/x509/pem.h - the textual encoding of keys and certificates (RFC 7468).
 *
 * Strict inside of a block (RFC 7468 §3, stricttextualmsg): equal labels, base64 lines of 64
 * characters and a last one that may be shorter, canonical padding, no headers. Lines end in LF
 * or CRLF. Text between blocks is skipped, as bundles have comments there.
 */
#ifndef SEALPOST_TLS13_X509_PEM_H
#define SEALPOST_TLS13_X509_PEM_H

#include "crypto/bytes.h"

/* A text being read, from its beginning: pem_of(text). */
struct pem { struct bytes rest; size_t line; };

static inline struct pem pem_of(struct bytes text)
{
    return (struct pem){ .rest = text };
}

struct pem_block {
    struct bytes label;                  /* "CERTIFICATE"; a view into the text */
    struct bytes der;                    /* in the caller's memory */
    size_t line;                         /* of its BEGIN, counted from 1 */
};

enum pem_result { PEM_BLOCK, PEM_END, PEM_BAD };

/* The next block, decoded into `space`. PEM_BAD: *reason says what is wrong in line `pem->line`,
 * and reading may go on after it. Private keys pass through here: `space` is the caller's to
 * wipe. */
enum pem_result pem_next(struct pem *pem, struct pem_block *out, uint8_t *space, size_t cap,
                         const char **reason);

/* Appends a block: BEGIN, lines of 64, END. */
void pem_write(struct writer *w, const char *label, struct bytes der);

/* Bytes that pem_write needs for `der_len` bytes under a label of up to 32 characters. */
#define PEM_LEN(der_len) (((der_len) + 2) / 3 * 4 + (der_len) / 48 + 2 + 2 * (16 + 32))

#endif
