/* vectors/trace.h - RFC 8448: a handshake, value by value, as operations of the line protocol.
 *
 * Each step of a trace that states a value is a case. Transcript hashes, the keys in use and
 * the sequence numbers of records follow from the steps before.
 */
#ifndef SEALPOST_VECTORS_TRACE_H
#define SEALPOST_VECTORS_TRACE_H

#include "vectors/run.h"

enum { STEP_FIELDS_MAX = 12 };

struct step {
    bool server;                         /* the actor */
    const char *action;
    struct { const char *name; struct bytes value; } field[STEP_FIELDS_MAX];
    size_t field_count;
};

/* `prefix` comes before each case's id. Everything lives in f->arena. */
void trace_run(struct file *f, const char *prefix, const struct step *steps, size_t count);

#endif
