/* tests/cavp.h - NIST's CAVP response files for Check suites, where the developer has them.
 *
 * They are large and not part of this tree: $SEALPOST_VECTORS names their folder, by default
 * ../shared/vectors. Without them a test says "skipped: ..." on standard output and passes.
 * vectors/records.h says what a record is.
 *
 *     struct cavp c;
 *     if (!cavp_open(&c, "nist/sha2/SHA256ShortMsg.rsp"))
 *         return;
 *     while (cavp_next(&c))
 *         ... cavp_bytes(&c, "Msg") ...
 *     cavp_close(&c, 65);                     counts what the file is known to hold
 */
#ifndef SEALPOST_TESTS_CAVP_H
#define SEALPOST_TESTS_CAVP_H

#include "vectors/records.h"

#include <stdio.h>

struct cavp {
    const char *name;
    struct bytes text;
    uint8_t *decoded;                    /* a value, where it stands in the text */
    struct records fields;
    size_t line;
    char section[64];                    /* the last [NAME] */
    /* Every record is one of these; the test counts, cavp_close adds up. */
    size_t records, passed, skipped;
};

/* False, after saying why, if the file is not there. */
bool cavp_open(struct cavp *c, const char *name);
bool cavp_next(struct cavp *c);

bool cavp_in(const struct cavp *c, const char *section);
bool cavp_has(const struct cavp *c, const char *name);
const char *cavp_text(const struct cavp *c, const char *name);
long cavp_number(const struct cavp *c, const char *name);
/* Hex decoded; an odd number of digits is an integer without its leading zero. Lives until the
 * next record. */
struct bytes cavp_bytes(struct cavp *c, const char *name);

/* Fails the test, naming file, line and field, unless the field is these bytes. */
void cavp_check(struct cavp *c, const char *name, struct bytes got);

/* Prints the counts; fails unless there were `records` and passed + skipped is that. */
void cavp_close(struct cavp *c, size_t records);

#endif
