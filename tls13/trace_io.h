/* tls13/trace_io.h - the observer that tells a handshake as text, a line per thing that happens:
 * records, messages with their sizes, the key schedule's steps by label, states, alerts.
 * Never the value of a secret.
 */
#ifndef SEALPOST_TLS13_TRACE_IO_H
#define SEALPOST_TLS13_TRACE_IO_H

#include "tls13/observer.h"

#include <stdio.h>

struct trace {
    FILE *to;
    const char *prefix;                  /* stands in front of each line; "" for none */
};

/* The observer that writes to `trace`, which must outlive it. */
struct observer trace_observer(struct trace *trace);

#endif
