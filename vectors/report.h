/* vectors/report.h - what a run found, for people and for programs. */
#ifndef SEALPOST_VECTORS_REPORT_H
#define SEALPOST_VECTORS_REPORT_H

#include "vectors/run.h"

#include <stdio.h>

struct totals { size_t cases, count[OUTCOMES], files, errors; };
struct totals totals_of(const struct run *run);

/* "sealvec: ours" and what was done with it. */
void report_title(FILE *out, const struct run *run);

/* A row per file, each failure with its request, and why cases were skipped or excluded. */
void report_table(FILE *out, const struct run *run);

/* Test Anything Protocol, version 13: a line per case, and one for each file that is in error. */
void report_tap(FILE *out, const struct run *run);

/* A testsuite per file, a testcase per case. */
void report_junit(FILE *out, const struct run *run);

/* Counts per file, and every case that did not pass. */
void report_json(FILE *out, const struct run *run);

#endif
