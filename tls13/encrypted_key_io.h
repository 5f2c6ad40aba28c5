/* tls13/encrypted_key_io.h - a private key under a password. */
#ifndef SEALPOST_TLS13_ENCRYPTED_KEY_IO_H
#define SEALPOST_TLS13_ENCRYPTED_KEY_IO_H

#include "crypto/signature.h"

/* `der` is an EncryptedPrivateKeyInfo of at most ENCRYPTED_KEY_MAX bytes (tls13/x509/encrypted_key.h
 * says which). NULL, or what is wrong; `out` is secret and the caller's to wipe. scrypt takes its
 * memory, at most 64 MiB, from the system; and where in it scrypt reads depends on the password, as
 * its definition has it (RFC 7914 §4, §5), which shows to who shares the processor's caches. */
enum { ENCRYPTED_KEY_MAX = 16 << 10 };
const char *encrypted_private_key_decode(struct private_key *out, struct bytes der,
                                         struct bytes password);

#endif
