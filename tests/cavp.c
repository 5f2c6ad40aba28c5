/* tests/cavp.c - reads NIST's CAVP response files. */
#include "tests/cavp.h"

#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool cavp_open(struct cavp *c, const char *name)
{
    char path[1024];
    const char *folder = getenv("SEALPOST_VECTORS");
    if (!folder)
        folder = "../shared/vectors";
    *c = (struct cavp){ .name = name };
    snprintf(path, sizeof path, "%s/%s", folder, name);
    c->file = fopen(path, "r");
    if (!c->file)
        printf("skipped: %s: no such file below %s ($SEALPOST_VECTORS)\n", name, folder);
    return c->file != NULL;
}

static void drop(struct cavp *c, size_t i)
{
    free(c->field[i].name);
    free(c->field[i].text);
    free(c->field[i].decoded);
    c->field[i] = c->field[--c->field_count];
}

static void drop_own(struct cavp *c)
{
    for (size_t i = c->field_count; i > 0; i--)
        if (!c->field[i - 1].shared)
            drop(c, i - 1);
}

static struct cavp_field *find(const struct cavp *c, const char *name)
{
    for (size_t i = 0; i < c->field_count; i++)
        if (strcmp(c->field[i].name, name) == 0)
            return (struct cavp_field *)&c->field[i];
    return NULL;
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1]))
        s[--n] = 0;
    return s;
}

/* "NAME = value" or "NAME"; a later value takes the place of an earlier one. */
static void add(struct cavp *c, char *s, bool shared)
{
    char *equals = strchr(s, '=');
    if (equals)
        *equals = 0;
    const char *name = trim(s), *text = equals ? trim(equals + 1) : "";
    struct cavp_field *earlier = find(c, name);
    if (earlier)
        drop(c, (size_t)(earlier - c->field));
    if (c->field_count == CAVP_FIELDS_MAX)
        ck_abort_msg("%s:%zu: too many fields", c->name, c->line);
    c->field[c->field_count++] = (struct cavp_field){
        .name = strdup(name), .text = strdup(text), .shared = shared,
    };
}

/* What stands between brackets. A method, as [B.4.2 ...] below a curve in KeyPair.rsp, opens no
 * section. */
static void add_bracket(struct cavp *c, char *s)
{
    if (strchr(s, '='))
        add(c, s, true);
    else if (strncmp(s, "B.", 2) != 0)
        snprintf(c->section, sizeof c->section, "%s", s);
}

bool cavp_next(struct cavp *c)
{
    char *line = NULL;
    size_t room = 0, own = 0;
    drop_own(c);
    while (getline(&line, &room, c->file) >= 0) {
        c->line++;
        char *s = trim(line);
        if (*s == 0 && own > 0)
            break;
        if (*s == 0 || *s == '#')
            continue;
        char *bracket = *s == '[' ? strchr(s, ']') : NULL;
        if (bracket) {
            *bracket = 0;
            add_bracket(c, s + 1);
            continue;
        }
        add(c, s, false);
        own++;
    }
    free(line);
    c->records += own > 0;
    return own > 0;
}

bool cavp_in(const struct cavp *c, const char *section)
{
    return strcmp(c->section, section) == 0;
}

bool cavp_has(const struct cavp *c, const char *name)
{
    return find(c, name) != NULL;
}

static struct cavp_field *need(const struct cavp *c, const char *name)
{
    struct cavp_field *f = find(c, name);
    if (!f)
        ck_abort_msg("%s:%zu: record has no %s", c->name, c->line, name);
    return f;
}

const char *cavp_text(const struct cavp *c, const char *name)
{
    return need(c, name)->text;
}

long cavp_number(const struct cavp *c, const char *name)
{
    return strtol(cavp_text(c, name), NULL, 10);
}

struct bytes cavp_bytes(struct cavp *c, const char *name)
{
    struct cavp_field *f = need(c, name);
    size_t n = strlen(f->text), odd = n % 2;
    if (strspn(f->text, "0123456789abcdefABCDEF") != n)
        ck_abort_msg("%s:%zu: %s is not hex", c->name, c->line, name);
    if (!f->decoded)
        f->decoded = malloc(n / 2 + 1);
    for (size_t i = 0; i < n + odd; i += 2) {
        char digits[3] = { i < odd ? '0' : f->text[i - odd], f->text[i + 1 - odd], 0 };
        f->decoded[i / 2] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return bytes_of(f->decoded, (n + odd) / 2);
}

void cavp_check(struct cavp *c, const char *name, struct bytes got)
{
    if (!bytes_equal_public(got, cavp_bytes(c, name)))
        ck_abort_msg("%s: record %zu (ends at line %zu): %s differs", c->name, c->records,
                     c->line, name);
}

void cavp_close(struct cavp *c, size_t records)
{
    while (c->field_count > 0)
        drop(c, 0);
    fclose(c->file);
    printf("%s: %zu records: %zu passed, 0 failed, %zu skipped, 0 excluded\n", c->name,
           c->records, c->passed, c->skipped);
    ck_assert_uint_eq(c->records, records);
    ck_assert_uint_eq(c->passed + c->skipped, records);
}
