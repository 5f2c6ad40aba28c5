/* tls13/clock_io.h - the system's clock, for tls_settings.now (tls.h).
 *
 * The engine reads none by itself: a machine whose clock is not to be believed gives another one.
 */
#ifndef SEALPOST_TLS13_CLOCK_IO_H
#define SEALPOST_TLS13_CLOCK_IO_H

#include <stdint.h>

/* Seconds since 1970 UTC. */
int64_t clock_system(void *unused);

#endif
