/* vectors/run.h - a run: files with their cases, each asked of the subject and judged.
 *
 * A reader (wycheproof.c, nist.c, ...) goes through a file:
 *
 *     case_begin(f, "1", "comment", EXPECT_VALID);
 *     struct request q = { .operation = "hmac" };
 *     request_word(&q, "hash", "SHA-256"); ...
 *     check(f, &q, (struct bytes[]){ tag }, 1);
 *     case_end(f);
 *
 * check asks and compares; a case passes if each of its checks does. Everything is kept for the
 * reports, which are made when the run is over.
 */
#ifndef SEALPOST_VECTORS_RUN_H
#define SEALPOST_VECTORS_RUN_H

#include "vectors/subject.h"

enum expectation {
    EXPECT_VALID,                        /* accepted, with exactly the output stated */
    EXPECT_INVALID,                      /* refused */
    EXPECT_EITHER,                       /* refused, or accepted with the output stated */
};

enum outcome { PASSED, FAILED, SKIPPED, EXCLUDED, OUTCOMES };
extern const char *const outcome_name[OUTCOMES];

struct result {
    const char *id, *comment;
    enum outcome outcome;
    const char *reason;                  /* NULL if passed */
    const char *detail;                  /* of a failure: request, answer, what was expected */
};

enum mode { MODE_JUDGE, MODE_SELF_TEST, MODE_DIFF };

struct run {
    enum mode mode;
    struct subject *subject, *other;     /* other: MODE_DIFF */
    const struct exclusions *exclusions;
    const char *only;                    /* cases whose id has this in it; NULL: all */
    bool tls_policy;                     /* hold the subject to policy.h */
    bool progress;
    struct file *files;
    size_t file_count;
    size_t number;                       /* of cases so far */
};

enum { CASE_FLAGS_MAX = 16 };

struct file {
    struct run *run;
    const char *path;
    int64_t claimed;                     /* cases that the file says it has; -1: it does not say */
    const char *error;                   /* NULL, or why and where reading stopped */
    const char *ignored;                 /* NULL, or why a file in a folder was not read */
    struct result *results;
    size_t result_count;
    size_t count[OUTCOMES];
    size_t left_out;                     /* cases that --case did not choose */
    struct arena arena;                  /* lives until the run is over */
    /* the case at hand */
    struct result now;
    enum expectation expected;
    const char *flags[CASE_FLAGS_MAX];   /* words that exclusions may name */
    size_t flag_count, checks;
    struct arena scratch;                /* lives until the case is over */
};

struct file *run_file(struct run *run, const char *path);
void run_free(struct run *run);

/* A subject has gone: there is nobody to ask. */
bool run_over(const struct run *run);

/* The file is not what it should be: `place` is a line or a member. Sticks; the first one stays. */
void file_error(struct file *f, const char *place, const char *what);

/* No more cases: a file with none, with fewer or more than it claims, or with two of one id, is in
 * error. */
void file_end(struct file *f);

/* False if --case leaves it out; then there is nothing to check or to end. */
bool case_begin(struct file *f, const char *id, const char *comment, enum expectation expected);
void case_end(struct file *f);

/* A flag or feature of the case; the word lives until the case is over. */
void case_flag(struct file *f, const char *flag);

/* Asks, and expects exactly these values; with none, `valid`. What is expected of a case that is
 * invalid is always a refusal. */
void check(struct file *f, const struct request *q, const struct bytes *want, size_t want_count);

/* A MAC: computed in full, of which `want` is the first bytes. An invalid one must differ. */
void check_mac(struct file *f, const struct request *q, struct bytes want);

/* True unless the subject says that it does not support this: for readers that then ask in another
 * way. */
bool offered(struct file *f, const struct request *q);

/* The bare answer, for inputs that follow from outputs. False, and the case is skipped or failed,
 * unless it is one value. */
bool value_of(struct file *f, struct bytes *out, const struct request *q);

/* For an invalid case of several steps: does this step refuse, or give something else than `want`?
 * Unsupported and broken settle the case and count as a refusal. */
bool refuses(struct file *f, const struct request *q, struct bytes want);

/* What a reader finds out by itself. */
void case_pass(struct file *f);
void case_skip(struct file *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void case_fail(struct file *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* In a self-test a copy with one bit altered, chosen by the case's number; otherwise `b`. */
struct bytes altered(struct file *f, struct bytes b);

#endif
