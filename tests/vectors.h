/* tests/vectors.h - vector files (format: vectors/README.md) for Check suites.
 *
 * A file is text. `#` begins a comment line. `name = value` lines make up a case; an empty line
 * ends it. `[name = value]` sets a value for all the cases below it. Values are hex, or
 * a "string" in quotes, or a decimal number with a leading `+`.
 *
 *     struct vectors v = vectors_open("vectors/rfc/hkdf_sha256.txt");
 *     while (vectors_next(&v))
 *         ... vector(&v, "IKM") ...
 *     vectors_close(&v);                 fails the test if the file had no case
 *
 * A missing file or a malformed line fails the running Check test with file and line.
 */
#ifndef SEALPOST_TESTS_VECTORS_H
#define SEALPOST_TESTS_VECTORS_H

#include "vectors/records.h"

#include <stdio.h>

struct vectors {
    const char *path;
    struct bytes text;
    uint8_t *decoded;                    /* a value, where it stands in the text */
    struct records records;
    size_t line, cases;
};

struct vectors vectors_open(const char *path);
bool vectors_next(struct vectors *v);
void vectors_close(struct vectors *v);

/* A field of the present case, or else of the [ ] lines above it; fails the test if there is none.
 * The view lives until the next vectors_next. */
struct bytes vector(struct vectors *v, const char *name);
bool vector_has(struct vectors *v, const char *name);
int64_t vector_number(struct vectors *v, const char *name);

/* The values of the present case's own fields, in their order. */
struct bytes vector_own(struct vectors *v, size_t i);

/* Fails the test, naming file, case, field and first differing byte, unless got equals want. */
void check_bytes(const struct vectors *v, const char *field, const uint8_t *got,
                 struct bytes want);

#endif
