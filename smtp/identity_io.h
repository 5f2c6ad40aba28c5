/* smtp/identity_io.h - whom a server is, and whom it knows: certificate, key and users.
 *
 * Loaded together and replaced together, all or nothing. What began with one identity keeps it: it
 * is counted, and goes with the last one that holds it.
 */
#ifndef SEALPOST_SMTP_IDENTITY_IO_H
#define SEALPOST_SMTP_IDENTITY_IO_H

#include "smtp/config_io.h"
#include "smtp/users_io.h"
#include "tls13/credential_io.h"
#include "tls13/tls.h"

struct identity {
    unsigned references;
    struct credential *credential;
    struct tls_config tls;
    struct users *users;
};

/* NULL, and a sentence with the file in `reason`, if one of its files is not as it has to be. The
 * caller holds what it gets. */
struct identity *identity_load(const struct config *config, char reason[CONFIG_REASON_MAX]);

/* Only in the loop's thread: the count is not locked. */
struct identity *identity_hold(struct identity *identity);
void identity_release(struct identity *identity);

#endif
