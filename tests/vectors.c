/* tests/vectors.c - the project's vector files for Check suites, over vectors/records.c. */
#include "tests/vectors.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct vectors vectors_open(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "r");
    if (!file || fstat(fileno(file), &info) != 0)
        ck_abort_msg("%s: cannot be opened (tests run from the top of the tree)", path);
    size_t len = (size_t)info.st_size;
    uint8_t *text = malloc(len + 1);
    struct vectors v = { .path = path, .decoded = malloc(len + 1) };
    ck_assert(text && v.decoded && fread(text, 1, len, file) == len);
    fclose(file);
    v.text = bytes_of(text, len);
    v.records = records_of(v.text);
    return v;
}

bool vectors_next(struct vectors *v)
{
    bool more = records_next(&v->records);
    v->line = v->records.line;
    if (v->records.error)
        ck_abort_msg("%s:%zu: %s", v->path, v->line, v->records.error);
    v->cases += more;
    return more;
}

void vectors_close(struct vectors *v)
{
    free((uint8_t *)v->text.at);
    free(v->decoded);
    if (v->cases == 0)
        ck_abort_msg("%s: has no case", v->path);
}

bool vector_has(struct vectors *v, const char *name)
{
    return records_find(&v->records, name) != NULL;
}

/* Decoded values are not longer than the text, and have a NUL behind them. */
static struct bytes decode(struct vectors *v, const struct record_field *field)
{
    struct bytes text = field->value;
    uint8_t *out = v->decoded + (text.at - v->text.at);
    size_t n = records_bytes(out, text);
    bool hex = text.len > 0 && text.at[0] != '"' && text.at[0] != '+';
    if (n == SIZE_MAX || (hex && text.len % 2))
        ck_abort_msg("%s:%zu: %.*s is not whole bytes of hex", v->path, v->line,
                     (int)field->name.len, (const char *)field->name.at);
    out[n] = 0;
    return bytes_of(out, n);
}

struct bytes vector(struct vectors *v, const char *name)
{
    const struct record_field *field = records_find(&v->records, name);
    if (!field)
        ck_abort_msg("%s:%zu: case %zu has no '%s'", v->path, v->line, v->cases, name);
    return decode(v, field);
}

struct bytes vector_own(struct vectors *v, size_t i)
{
    for (size_t k = 0; k < v->records.field_count; k++)
        if (!v->records.field[k].shared && i-- == 0)
            return decode(v, &v->records.field[k]);
    ck_abort_msg("%s:%zu: case %zu has fewer fields", v->path, v->line, v->cases);
    return bytes_of(NULL, 0);
}

int64_t vector_number(struct vectors *v, const char *name)
{
    return strtoll((const char *)vector(v, name).at, NULL, 10);
}

void check_bytes(const struct vectors *v, const char *field, const uint8_t *got,
                 struct bytes want)
{
    for (size_t i = 0; i < want.len; i++)
        if (got[i] != want.at[i])
            ck_abort_msg("%s: case %zu (ends at line %zu): %s differs at byte %zu: "
                         "got %02x, want %02x", v->path, v->cases, v->line, field, i,
                         got[i], want.at[i]);
}
