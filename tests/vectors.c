/* tests/vectors.c - reads the project's vector files (vectors/README.md has the format). */
#include "tests/vectors.h"

#include <check.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void fail_line(const struct vectors *v, const char *what)
{
    ck_abort_msg("%s:%zu: %s", v->path, v->line, what);
}

static void clear_fields(struct vector_field *fields, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        free(fields[i].at);
    *count = 0;
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

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The value's bytes: "quoted" and +decimal are kept as text, hex is decoded. */
static void set_value(const struct vectors *v, struct vector_field *f, const char *value)
{
    size_t n = strlen(value);
    f->at = malloc(n + 1);
    ck_assert_ptr_nonnull(f->at);
    if (value[0] == '"' || value[0] == '+') {
        if (value[0] == '"' && (n < 2 || value[n - 1] != '"'))
            fail_line(v, "string without its closing quote");
        f->len = value[0] == '"' ? n - 2 : n - 1;
        memcpy(f->at, value + 1, f->len);
        f->at[f->len] = 0;
        return;
    }
    f->len = n / 2;
    for (size_t i = 0; i < n / 2; i++) {
        int high = hex_digit(value[2 * i]), low = hex_digit(value[2 * i + 1]);
        if (high < 0 || low < 0)
            fail_line(v, "not hex");
        f->at[i] = (uint8_t)(high << 4 | low);
    }
    if (n % 2)
        fail_line(v, "odd number of hex digits");
    f->at[f->len] = 0;
}

static void add_field(const struct vectors *v, struct vector_field *fields, size_t *count,
                      char *line)
{
    char *equals = strchr(line, '=');
    if (!equals)
        fail_line(v, "no '=' in line");
    *equals = 0;
    const char *name = trim(line);
    if (*count == VECTOR_FIELDS_MAX || strlen(name) >= sizeof fields->name)
        fail_line(v, "too many fields, or too long a name");
    struct vector_field *f = &fields[(*count)++];
    strcpy(f->name, name);
    set_value(v, f, trim(equals + 1));
}

/* [name = value] replaces an earlier value of that name. */
static void add_shared(struct vectors *v, char *line)
{
    size_t n = strlen(line);
    if (line[n - 1] != ']')
        fail_line(v, "no ']' at the end of the line");
    line[n - 1] = 0;
    add_field(v, v->shared, &v->shared_count, line + 1);
    for (size_t i = 0; i + 1 < v->shared_count; i++) {
        struct vector_field *last = &v->shared[v->shared_count - 1];
        if (strcmp(v->shared[i].name, last->name) == 0) {
            free(v->shared[i].at);
            v->shared[i] = *last;
            v->shared_count--;
        }
    }
}

struct vectors vectors_open(const char *path)
{
    struct vectors v = { .path = path, .file = fopen(path, "r") };
    if (!v.file)
        ck_abort_msg("%s: cannot be opened (tests run from the top of the tree)", path);
    return v;
}

bool vectors_next(struct vectors *v)
{
    char *line = NULL;
    size_t room = 0;
    clear_fields(v->own, &v->own_count);
    while (getline(&line, &room, v->file) >= 0) {
        v->line++;
        char *s = trim(line);
        if (*s == '#')
            continue;
        if (*s == 0 && v->own_count > 0)
            break;
        if (*s == '[')
            add_shared(v, s);
        else if (*s)
            add_field(v, v->own, &v->own_count, s);
    }
    free(line);
    v->cases += v->own_count > 0;
    return v->own_count > 0;
}

void vectors_close(struct vectors *v)
{
    clear_fields(v->own, &v->own_count);
    clear_fields(v->shared, &v->shared_count);
    fclose(v->file);
    if (v->cases == 0)
        ck_abort_msg("%s: has no case", v->path);
}

static const struct vector_field *find(const struct vectors *v, const char *name)
{
    for (size_t i = 0; i < v->own_count; i++)
        if (strcmp(v->own[i].name, name) == 0)
            return &v->own[i];
    for (size_t i = 0; i < v->shared_count; i++)
        if (strcmp(v->shared[i].name, name) == 0)
            return &v->shared[i];
    return NULL;
}

bool vector_has(struct vectors *v, const char *name)
{
    return find(v, name) != NULL;
}

struct bytes vector(struct vectors *v, const char *name)
{
    const struct vector_field *f = find(v, name);
    if (!f)
        ck_abort_msg("%s:%zu: case %zu has no '%s'", v->path, v->line, v->cases, name);
    return bytes_of(f->at, f->len);
}

long vector_number(struct vectors *v, const char *name)
{
    return strtol((const char *)vector(v, name).at, NULL, 10);
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
