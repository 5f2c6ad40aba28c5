/* vectors/names.h - the names of algorithms, as the line protocol spells them.
 *
 * Vector files write SHA256, SHA-256 or HMACSHA256, secp256r1, P-256 or [P-256,SHA256]. A name that
 * is not known is passed on as it stands, so that a subject may know it.
 */
#ifndef SEALPOST_VECTORS_NAMES_H
#define SEALPOST_VECTORS_NAMES_H

#include "vectors/memory.h"

/* "SHA-256", "SHA-512/256", "SHA3-256", "SHAKE128", ... */
const char *hash_name(struct arena *a, const char *text);

/* "P-256", "X25519", "Ed25519", ... */
const char *curve_name(struct arena *a, const char *text);

/* In upper case: "AES-GCM", "CHACHA20-POLY1305". */
const char *cipher_name(struct arena *a, const char *text);

/* Bytes of a coordinate and of the order on a curve that is named so; 0 if not known. */
size_t curve_len(const char *name);

#endif
