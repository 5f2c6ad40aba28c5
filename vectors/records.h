/* vectors/records.h - the one reader of text files of vectors: ours (README.md) and NIST's CAVP.
 *
 * A record is a run of lines `name = value`; an empty line ends it, and so does the name that it
 * began with. `[name = value]` sets a value
 * for the records below it, until set again; any other `[text]` opens a section. A line that is
 * one word (FAIL) is a field without a value. `#` begins a comment line. What the values mean is
 * for the caller; records_bytes knows the forms that occur. All fields are views into the text.
 */
#ifndef SEALPOST_VECTORS_RECORDS_H
#define SEALPOST_VECTORS_RECORDS_H

#include "crypto/bytes.h"

enum { RECORD_FIELDS_MAX = 48 };

struct record_field { struct bytes name, value; bool shared; };

struct records {
    struct bytes rest;
    struct record_field field[RECORD_FIELDS_MAX];
    size_t field_count;
    struct bytes section;
    size_t line;                         /* the last one read */
    const char *error;                   /* NULL, or what is wrong with that line */
};

static inline struct records records_of(struct bytes text)
{
    return (struct records){ .rest = text, .section = { (const uint8_t *)"", 0 } };
}

/* False at the end, and at a line that is wrong. */
bool records_next(struct records *r);

/* The record is no case but holds for those below it: all of its fields become shared. */
void records_hold(struct records *r);

/* The record is a case, and one of its fields holds for those below that do not have it. */
void records_hold_one(struct records *r, const char *name);

/* Case does not matter in names. NULL if there is none; the record's own before a shared one. */
const struct record_field *records_find(const struct records *r, const char *name);

bool record_text_is(struct bytes text, const char *s);          /* without regard to case */

/* A value's bytes: "quoted", +decimal (its digits), or hex, in which an odd number of digits is an
 * integer without its leading zero. `out` has room for value.len bytes; returns their number, or
 * SIZE_MAX if it is none of these. */
size_t records_bytes(uint8_t *out, struct bytes value);

#endif
