/* vectors/text.h - the kinds of records in text files of vectors, and what is asked for each. */
#ifndef SEALPOST_VECTORS_TEXT_H
#define SEALPOST_VECTORS_TEXT_H

#include "vectors/names.h"
#include "vectors/records.h"
#include "vectors/run.h"

struct text {
    struct file *f;
    struct records r;
    /* What names the algorithm: the file's name and opening comment, or else its folder. */
    const char *about, *folder;
    struct bytes chained;                /* Monte Carlo: what the next record starts from */
    int64_t chained_len;                 /* and how long its output is */
};

/* A row: records that have all these fields, and how they are run. */
struct record_kind {
    const char *fields;                  /* names with spaces between them; "a|b" is either */
    void (*run)(struct text *t);
};

/* Fields, as what they are; an error of the file if one is missing or not that. */
struct bytes field_bytes(struct text *t, const char *name);
int64_t field_number(struct text *t, const char *name);
const char *field_text(struct text *t, const char *name);
bool field_has(const struct text *t, const char *name);

/* The hash that the file names. */
const char *about_hash(struct text *t);
bool about_has(const struct text *t, const char *word);

extern const struct record_kind symmetric_kinds[], curve_kinds[], rsa_kinds[], other_kinds[];

void read_text(struct file *f, struct bytes text);

/* Does a record in it have a kind? */
bool text_known(struct file *f, struct bytes text);

/* Records that are the steps of one trace, with an actor and an action each. */
void read_text_trace(struct text *t);

/* RSA Laboratories' pss-vect.txt, which has a form of its own. */
bool looks_like_pss_vect(struct bytes text);
void read_pss_vect(struct file *f, struct bytes text);

#endif
