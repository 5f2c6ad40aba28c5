/* vectors/json.h - members of JSON objects, with errors that say where.
 *
 * A `struct place` is a path into the document, kept by the readers as they go down: it is what a
 * person searches for, since the parser keeps no line numbers. An access that fails makes the file
 * an error (file_error) and gives an empty value, so a reader asks once, before it uses what it
 * got, whether f->error is set.
 */
#ifndef SEALPOST_VECTORS_JSON_H
#define SEALPOST_VECTORS_JSON_H

#include "vectors/run.h"

#include <jansson.h>

struct place { struct file *f; char path[120]; };

void place_set(struct place *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

json_t *json_member(struct place *p, const json_t *object, const char *name, json_type type);

/* The same, where it may be missing (NULL) but not be of another type. */
json_t *json_optional(struct place *p, const json_t *object, const char *name, json_type type);

struct bytes json_hex(struct place *p, const json_t *object, const char *name);
const char *json_text(struct place *p, const json_t *object, const char *name);    /* or "" */
const char *json_text_or(struct place *p, const json_t *object, const char *name,
                         const char *otherwise);
int64_t json_number(struct place *p, const json_t *object, const char *name);

bool json_string_is(const json_t *object, const char *name, const char *text);
bool json_list_has(const json_t *list, const char *text);

/* Tells the case's flags, a list of strings. */
void json_case_flags(struct file *f, const json_t *list);

/* The readers, each for what json_file recognised. */
void read_wycheproof(struct file *f, const json_t *root);
void read_limbo(struct file *f, const json_t *root);
void read_traces(struct file *f, const json_t *root);
void read_rfc6979(struct file *f, const json_t *root);
void read_rfc8032(struct file *f, const json_t *root);

/* False if it is JSON of none of these kinds. */
bool read_json(struct file *f, const char *text, size_t len);

#endif
