/* vectors/subject.h - an implementation that vectors are run against. */
#ifndef SEALPOST_VECTORS_SUBJECT_H
#define SEALPOST_VECTORS_SUBJECT_H

#include "vectors/request.h"

struct subject {
    const char *name;                            /* as given to --subject */
    bool ours;                                   /* held to this project's policy (policy.h) */
    /* Fills *out, whose arena is set. */
    void (*ask)(struct subject *s, struct answer *out, const struct request *q);
    void (*close)(struct subject *s);
    struct program *program;                     /* of subject_program */
    bool gone;                                   /* it was given up: no answer will ever come */
};

/* "ours" and "libsodium" answer in this process, and so does "ours:NAME", with the back end
 * NAME forced, if it is the `only` subject; else that is this program again, serving. Anything
 * else is a command that speaks the line protocol on its standard input and output. NULL, after a
 * message, if it cannot be had. */
struct subject *subject_open(const char *name, int timeout_seconds, bool only);
void subject_close(struct subject *s);

extern const struct subject subject_ours, subject_libsodium;

/* Answers requests from standard input until it ends. Returns the exit status. */
int subject_serve(const char *name);

struct subject *subject_program(const char *name, const char *const *argv, int timeout_seconds);

/* ---- for those who answer ---- */

/* A row of a subject's table. `run` finds its parameters with the functions below. */
struct operation {
    const char *name;
    void (*run)(struct answer *out, const struct request *q);
};

void operations_ask(const struct operation *table, size_t count, struct answer *out,
                    const struct request *q);

/* Parameters; for one that is not there, nothing, 0 or "". */
struct bytes bytes_in(const struct request *q, const char *name);
int64_t number_in(const struct request *q, const char *name);
const char *word_in(const struct request *q, const char *name);
bool word_is(const struct request *q, const char *name, const char *word);

/* A number of bytes to make: what more than this is asked for is not supported. */
enum { OUTPUT_MAX = 1 << 20 };

#endif
