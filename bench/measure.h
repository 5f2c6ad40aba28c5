/* bench/measure.h - how many times faster, measured side by side.
 *
 * The contenders of a row take turns in short slices, and each round gives one ratio for each peer;
 * what is printed is the median of these. So a slow second of the machine falls on all of them, and
 * ratios are repeatable to a few per cent where times are not. docs/performance.md has the method.
 */
#ifndef SEALPOST_BENCH_MEASURE_H
#define SEALPOST_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

enum { CONTENDERS_MAX = 5 };

struct contender {
    const char *who;                   /* "OpenSSL"; the first contender of a row is ours */
    void (*run)(size_t times);         /* the operation, `times` times */
};

struct row {
    const char *name;                  /* "AES-128-GCM seal, 16 KiB" */
    size_t bytes;                      /* of an operation, for GB/s; 0: none */
    struct contender contender[CONTENDERS_MAX];        /* those without `run` are left out */
};

/* Runs and prints those rows whose name has one of the words in it; all of them if no word is
 * given. */
void bench_rows(const struct row *rows, size_t rows_count, char **words, int words_count);

/* Ends the program if a contender gives a wrong result: what is fast has to be right as well. */
void bench_require(bool good, const char *what);

#endif
