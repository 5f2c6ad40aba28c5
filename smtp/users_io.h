/* smtp/users_io.h - who may send, and whose mail is taken: a file of names and password hashes.
 *
 *     # a comment
 *     alice:$argon2id$v=19$m=19456,t=2,p=1$c2FsdA...$aGFzaA...
 *
 * A name is 1 to 64 of a-z 0-9 . _ + - and begins with a letter or digit, so it can stand in a
 * path; capitals in what a peer gives are folded. A hash is what `sealpostd user add` wrote:
 * Argon2id (RFC 9106) through libsodium, at 19 MiB and two passes (the OWASP password storage
 * minimum), some 20 ms of one core.
 *
 * The file must not be readable by everybody nor writable by others than its owner, and the owner
 * must be root or the one who runs the program.
 *
 * Secret: passwords. Whether a name exists does not show in the time that users_verify takes, as
 * long as all hashes were made with the same parameters.
 */
#ifndef SEALPOST_SMTP_USERS_IO_H
#define SEALPOST_SMTP_USERS_IO_H

#include "crypto/bytes.h"

enum { USERS_NAME_MAX = 64, USERS_REASON_MAX = 1400 };

struct users;

/* NULL, and a sentence with file, line and rule in `reason`, if the file cannot be trusted or
 * understood. */
struct users *users_load(const char *path, char reason[USERS_REASON_MAX]);
void users_free(struct users *u);

bool users_known(const struct users *u, struct bytes name);

/* Folds a name to the form it has in the file and in paths; false if it cannot be one. */
bool users_fold(char out[USERS_NAME_MAX + 1], struct bytes name);

/* Takes its time (see above); may run in several threads at once. */
bool users_verify(const struct users *u, struct bytes name, struct bytes password);

/* Adds a user, or gives one a new password. The file is made (0600) if it is not there, and is
 * replaced in one step: synced under another name, then renamed. */
bool users_set(const char *path, struct bytes name, struct bytes password,
               char reason[USERS_REASON_MAX]);

#endif
