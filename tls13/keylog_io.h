/* tls13/keylog_io.h - the observer that writes a key log (RFC 9850, "SSLKEYLOGFILE").
 *
 * Whoever has that file can read the connections that it names. It is written only where a user asks
 * for it by name, never because of the environment, and is created readable by its owner alone.
 */
#ifndef SEALPOST_TLS13_KEYLOG_IO_H
#define SEALPOST_TLS13_KEYLOG_IO_H

#include "tls13/observer.h"

#include <stdio.h>

/* Opens for appending; NULL with errno set if that fails. */
FILE *keylog_open(const char *path);

struct observer keylog_observer(FILE *to);

#endif
