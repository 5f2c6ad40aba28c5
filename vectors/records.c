/* vectors/records.c - text files of vectors. */
#include "vectors/records.h"

#include <string.h>
#include <strings.h>

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct bytes trimmed(struct bytes b)
{
    while (b.len > 0 && is_space(b.at[0])) {
        b.at++;
        b.len--;
    }
    while (b.len > 0 && is_space(b.at[b.len - 1]))
        b.len--;
    return b;
}

bool record_text_is(struct bytes text, const char *s)
{
    return text.len == strlen(s) && strncasecmp((const char *)text.at, s, text.len) == 0;
}

static struct bytes take_line(struct records *r)
{
    const uint8_t *end = memchr(r->rest.at, '\n', r->rest.len);
    size_t n = end ? (size_t)(end - r->rest.at) : r->rest.len;
    struct bytes line = { r->rest.at, n };
    n += end != NULL;
    r->rest = bytes_of(r->rest.at + n, r->rest.len - n);
    r->line++;
    return trimmed(line);
}

/* ---- fields ---- */

static void keep_shared(struct records *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->field_count; i++)
        if (r->field[i].shared)
            r->field[kept++] = r->field[i];
    r->field_count = kept;
}

static bool same_name(struct bytes a, struct bytes b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* A later value takes the place of an earlier one of its kind. */
static void put(struct records *r, struct record_field new)
{
    for (size_t i = 0; i < r->field_count; i++)
        if (r->field[i].shared == new.shared && same_name(r->field[i].name, new.name)) {
            r->field[i] = new;
            return;
        }
    if (r->field_count == RECORD_FIELDS_MAX)
        r->error = "too many fields in one record";
    else
        r->field[r->field_count++] = new;
}

static struct record_field field_of(struct bytes line, bool shared)
{
    const uint8_t *equals = memchr(line.at, '=', line.len);
    size_t n = equals ? (size_t)(equals - line.at) : line.len;
    struct record_field new = { trimmed(bytes_of(line.at, n)), { line.at + line.len, 0 }, shared };
    if (equals)
        new.value = trimmed(bytes_of(equals + 1, line.len - n - 1));
    return new;
}

static bool is_first(const struct records *r, struct bytes name)
{
    for (size_t i = 0; i < r->field_count; i++)
        if (!r->field[i].shared)
            return same_name(r->field[i].name, name);
    return false;
}

/* A method, as [B.4.2 Key Pair Generation ...] below a curve in KeyPair.rsp, opens no section. NIST
 * forgets a ']' now and then. */
static void add_bracket(struct records *r, struct bytes line)
{
    const uint8_t *end = memchr(line.at, ']', line.len);
    size_t n = end ? (size_t)(end - line.at) : line.len;
    struct bytes inside = trimmed(bytes_of(line.at + 1, n - 1));
    if (memchr(inside.at, '=', inside.len))
        put(r, field_of(inside, true));
    else if (inside.len < 2 || memcmp(inside.at, "B.", 2) != 0)
        r->section = inside;
}

bool records_next(struct records *r)
{
    size_t own = 0;
    keep_shared(r);
    while (r->rest.len > 0 && !r->error) {
        const struct bytes before = r->rest;
        struct bytes line = take_line(r);
        if (line.len == 0 && own > 0)
            break;
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (line.at[0] == '[') {
            add_bracket(r, line);
            continue;
        }
        struct record_field new = field_of(line, false);
        if (is_first(r, new.name)) {
            r->rest = before;
            r->line--;
            break;
        }
        put(r, new);
        own++;
    }
    return own > 0 && !r->error;
}

void records_hold(struct records *r)
{
    const struct records before = *r;
    keep_shared(r);
    for (size_t i = 0; i < before.field_count; i++) {
        struct record_field f = before.field[i];
        f.shared = true;
        put(r, f);
    }
}

void records_hold_one(struct records *r, const char *name)
{
    const struct record_field *field = records_find(r, name);
    if (field && !field->shared) {
        struct record_field f = *field;
        f.shared = true;
        put(r, f);
    }
}

const struct record_field *records_find(const struct records *r, const char *name)
{
    const struct record_field *found = NULL;
    for (size_t i = 0; i < r->field_count; i++)
        if (record_text_is(r->field[i].name, name) && (!found || found->shared))
            found = &r->field[i];
    return found;
}

/* ---- values ---- */

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t records_bytes(uint8_t *out, struct bytes value)
{
    if (value.len > 0 && (value.at[0] == '"' || value.at[0] == '+')) {
        bool quoted = value.at[0] == '"';
        if (quoted && (value.len < 2 || value.at[value.len - 1] != '"'))
            return SIZE_MAX;
        size_t n = value.len - 1 - quoted;
        memcpy(out, value.at + 1, n);
        return n;
    }
    size_t n = 0;
    uint8_t byte = 0;
    bool low = value.len % 2;            /* the first digit is the second of its byte */
    for (size_t i = 0; i < value.len; i++, low = !low) {
        int d = digit(value.at[i]);
        if (d < 0)
            return SIZE_MAX;
        byte = (uint8_t)(byte << 4 | d);
        if (low)
            out[n++] = byte;
    }
    return n;
}
