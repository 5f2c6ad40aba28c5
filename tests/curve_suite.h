/* tests/curve_suite.h - what is tested alike on every curve: the field against slow arithmetic,
 * integers modulo n, the group's laws, tables, keys as bytes, ECDH, NIST's cases.
 */
#ifndef SEALPOST_TESTS_CURVE_SUITE_H
#define SEALPOST_TESTS_CURVE_SUITE_H

#include "crypto/curve.h"
#include "crypto/group.h"
#include "crypto/hash.h"

#include <check.h>

/* A field as functions on curve->limbs limbs, in Montgomery form. */
struct curve_field {
    void (*add)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    void (*sub)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    void (*mul)(uint64_t *out, const uint64_t *a, const uint64_t *b);
    void (*square)(uint64_t *out, const uint64_t *a);
    void (*invert)(uint64_t *out, const uint64_t *a);
    ct_mask (*from_bytes)(uint64_t *out, const uint8_t *in);
    void (*to_bytes)(uint8_t *out, const uint64_t *a);
};

struct curve_subject {
    const struct curve *curve;
    const struct group *group;
    struct curve_field field;
    const char *p, *n, *sqrt_b;              /* hex; (0, sqrt_b) is a point */
    const char *multiples;                   /* vector file: k, x, y */
    const uint64_t *comb, *odd_multiples;    /* the tables' limbs; six teeth */
    size_t comb_blocks, comb_columns, comb_missing, odd_count;
    const char *nist_ecdh;                   /* section of the KAS file */
    const struct hash *hash;                 /* of that section */
};

/* Runs them and `more`; the exit status of the program. */
int curve_suite_run(const struct curve_subject *s, const TTest *const *more, size_t more_count);

#endif
