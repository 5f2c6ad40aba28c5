/* tests/cavp.c - NIST's CAVP response files for Check suites, over vectors/records.c. */
#include "tests/cavp.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool load(struct cavp *c, const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    ck_assert_int_eq(fstat(fileno(file), &info), 0);
    size_t len = (size_t)info.st_size;
    uint8_t *text = malloc(len + 1);
    c->decoded = malloc(len + 1);
    ck_assert(text && c->decoded && fread(text, 1, len, file) == len);
    fclose(file);
    c->text = bytes_of(text, len);
    c->fields = records_of(c->text);
    return true;
}

bool cavp_open(struct cavp *c, const char *name)
{
    char path[1024];
    const char *folder = getenv("SEALPOST_VECTORS");
    if (!folder)
        folder = "../shared/vectors";
    *c = (struct cavp){ .name = name };
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (load(c, path))
        return true;
    printf("skipped: %s: no such file below %s ($SEALPOST_VECTORS)\n", name, folder);
    return false;
}

bool cavp_next(struct cavp *c)
{
    bool more = records_next(&c->fields);
    c->line = c->fields.line;
    snprintf(c->section, sizeof c->section, "%.*s", (int)c->fields.section.len,
             (const char *)c->fields.section.at);
    if (c->fields.error)
        ck_abort_msg("%s:%zu: %s", c->name, c->line, c->fields.error);
    c->records += more;
    return more;
}

bool cavp_in(const struct cavp *c, const char *section)
{
    return strcmp(c->section, section) == 0;
}

bool cavp_has(const struct cavp *c, const char *name)
{
    return records_find(&c->fields, name) != NULL;
}

static struct bytes value(const struct cavp *c, const char *name)
{
    const struct record_field *field = records_find(&c->fields, name);
    if (!field)
        ck_abort_msg("%s:%zu: record has no %s", c->name, c->line, name);
    return field->value;
}

/* Where the value would be decoded is room for its text and a NUL. */
const char *cavp_text(const struct cavp *c, const char *name)
{
    struct bytes text = value(c, name);
    char *out = (char *)c->decoded + (text.at - c->text.at);
    memcpy(out, text.at, text.len);
    out[text.len] = 0;
    return out;
}

long cavp_number(const struct cavp *c, const char *name)
{
    return strtol(cavp_text(c, name), NULL, 10);
}

struct bytes cavp_bytes(struct cavp *c, const char *name)
{
    struct bytes text = value(c, name);
    uint8_t *out = c->decoded + (text.at - c->text.at);
    size_t n = records_bytes(out, text);
    if (n == SIZE_MAX)
        ck_abort_msg("%s:%zu: %s is not hex", c->name, c->line, name);
    return bytes_of(out, n);
}

void cavp_check(struct cavp *c, const char *name, struct bytes got)
{
    if (!bytes_equal_public(got, cavp_bytes(c, name)))
        ck_abort_msg("%s: record %zu (ends at line %zu): %s differs", c->name, c->records,
                     c->line, name);
}

void cavp_close(struct cavp *c, size_t records)
{
    free((uint8_t *)c->text.at);
    free(c->decoded);
    printf("%s: %zu records: %zu passed, 0 failed, %zu skipped, 0 excluded\n", c->name,
           c->records, c->passed, c->skipped);
    ck_assert_uint_eq(c->records, records);
    ck_assert_uint_eq(c->passed + c->skipped, records);
}
