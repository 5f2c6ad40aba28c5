/* tls13/secret_io.h - files that hold a secret: private keys, external PSKs, sessions.
 *
 * They are regular files that nobody but their owner can read, and are refused otherwise. On failure
 * `error` holds a sentence that begins with the path.
 */
#ifndef SEALPOST_TLS13_SECRET_IO_H
#define SEALPOST_TLS13_SECRET_IO_H

#include "tls13/psk_importer.h"
#include "tls13/tls.h"

enum { SECRET_ERROR_MAX = 400, SECRET_FILE_MAX = 16 << 10 };

/* All of the file, less than SECRET_FILE_MAX bytes. `what` names it: "private key". */
bool secret_read(uint8_t out[SECRET_FILE_MAX], size_t *len, const char *path, const char *what,
                 char error[SECRET_ERROR_MAX]);

/* In place of what was there, as a whole or not at all. */
bool secret_write(const char *path, struct bytes content, char error[SECRET_ERROR_MAX]);

/* A session as it was stored; the file is removed, since a session is used once. */
bool session_take_file(struct tls_session *out, const char *path, char error[SECRET_ERROR_MAX]);

/* An external PSK, imported for both hashes. The file has one line: identity, key in hexadecimal, and
 * perhaps a context, with blanks between them. */
bool psk_load(struct imported_psk out[2], const char *path, char error[SECRET_ERROR_MAX]);

#endif
