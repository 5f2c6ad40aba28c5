/* vectors/text.c - text files of vectors: which record is of which kind.
 *
 * What a record is follows from the names of its fields, and which algorithm it is for from the
 * file's name and opening comment, since NIST's files say neither elsewhere. A record of no
 * known kind is a skipped case, except those that only hold values for the ones below them.
 */
#include "vectors/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- fields ---- */

static void field_error(struct text *t, const char *name, const char *what)
{
    char place[80];
    snprintf(place, sizeof place, "record that ends at line %zu, %.30s", t->r.line, name);
    file_error(t->f, place, what);
}

bool field_has(const struct text *t, const char *name)
{
    return records_find(&t->r, name) != NULL;
}

static struct bytes field_value(struct text *t, const char *name)
{
    const struct record_field *field = records_find(&t->r, name);
    if (field)
        return field->value;
    field_error(t, name, "is missing");
    return bytes_of("", 0);
}

struct bytes field_bytes(struct text *t, const char *name)
{
    struct bytes value = field_value(t, name);
    uint8_t *out = arena_take(&t->f->scratch, value.len + 1);
    size_t n = records_bytes(out, value);
    if (n == SIZE_MAX)
        field_error(t, name, "is not hex");
    return bytes_of(out, n == SIZE_MAX ? 0 : n);
}

/* Without the quotes of our own format, or its plus. */
const char *field_text(struct text *t, const char *name)
{
    struct bytes value = field_value(t, name);
    if (value.len > 0 && (value.at[0] == '"' || value.at[0] == '+')) {
        bool quoted = value.at[0] == '"' && value.len > 1 && value.at[value.len - 1] == '"';
        value = bytes_of(value.at + 1, value.len - 1 - quoted);
    }
    return arena_print(&t->f->scratch, "%.*s", (int)value.len, (const char *)value.at);
}

int64_t field_number(struct text *t, const char *name)
{
    char *end;
    const char *text = field_text(t, name);
    int64_t number = strtoll(text, &end, 10);
    if (!*text || *end)
        field_error(t, name, "is not a number");
    return number;
}

/* ---- what the file is about ---- */

bool about_has(const struct text *t, const char *word)
{
    return strcasestr(t->about, word) || strcasestr(t->folder, word);
}

const char *about_hash(struct text *t)
{
    /* Those that have another one's name in them come first. */
    static const char *const spellings[] = {
        "SHA512_224", "SHA512_256", "SHA-512/224", "SHA-512/256", "SHA3_224", "SHA3_256",
        "SHA3_384", "SHA3_512", "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128",
        "SHAKE256", "SHA224", "SHA256", "SHA384", "SHA512", "SHA-224", "SHA-256", "SHA-384",
        "SHA-512", "SHA1", "SHA-1", "MD5",
    };
    const char *const places[] = { t->about, t->folder };
    for (size_t k = 0; k < COUNT(places); k++)
        for (size_t i = 0; i < COUNT(spellings); i++)
            if (strcasestr(places[k], spellings[i]))
                return hash_name(&t->f->scratch, spellings[i]);
    return "unnamed";
}

/* The name of the folder, the name of the file and the lines before the first record or bracket. */
static void read_about(struct text *t, struct bytes text)
{
    struct arena *a = &t->f->arena;
    char *path = arena_print(a, "%s", t->f->path), *slash = strrchr(path, '/');
    size_t n = 0;
    while (n < text.len && n < 4096 && (text.at[n] == '#' || isspace(text.at[n]))) {
        const uint8_t *end = memchr(text.at + n, '\n', text.len - n);
        n = end ? (size_t)(end - text.at) + 1 : text.len;
    }
    t->about = arena_print(a, "%s\n%.*s", slash ? slash + 1 : path, (int)n,
                           (const char *)text.at);
    if (slash)
        *slash = 0;
    const char *above = slash ? strrchr(path, '/') : NULL;
    t->folder = !slash ? "" : above ? above + 1 : path;
}

/* ---- kinds ---- */

static bool has_one_of(const struct text *t, const char *names, size_t len)
{
    char name[64];
    for (size_t from = 0; from < len; ) {
        size_t n = strcspn(names + from, "| ");
        snprintf(name, sizeof name, "%.*s", (int)n, names + from);
        if (field_has(t, name))
            return true;
        from += n + 1;
    }
    return false;
}

static bool is_of(const struct text *t, const struct record_kind *kind)
{
    for (const char *names = kind->fields; *names; ) {
        size_t n = strcspn(names, " ");
        if (!has_one_of(t, names, n))
            return false;
        names += n + (names[n] == ' ');
    }
    return true;
}

static const struct record_kind *find_kind(const struct text *t)
{
    const struct record_kind *const tables[] = { other_kinds, rsa_kinds, curve_kinds,
                                                 symmetric_kinds };
    for (size_t i = 0; i < COUNT(tables); i++)
        for (const struct record_kind *kind = tables[i]; kind->fields; kind++)
            if (is_of(t, kind))
                return kind;
    return NULL;
}

/* Parts of a key, a seed, the inputs to what the next lines give: values for the records below. */
static bool only_holds(const struct records *r)
{
    static const char *const holders[] = {
        "n", "e", "d", "p", "q", "Seed", "Msg", "COUNT", "Hash", "IKM", "salt", "info", "L",
    };
    for (size_t i = 0; i < r->field_count; i++) {
        bool found = r->field[i].shared;
        for (size_t k = 0; !found && k < COUNT(holders); k++)
            found = record_text_is(r->field[i].name, holders[k]);
        if (!found)
            return false;
    }
    return true;
}

/* A field is NAME = VALUE, but for a lone word as FAIL: lines without any value are prose. */
static void skip_unknown(struct text *t)
{
    char names[120] = "", place[40];
    size_t n = 0;
    bool valued = false;
    for (size_t i = 0; i < t->r.field_count && n < sizeof names; i++)
        if (!t->r.field[i].shared) {
            n += (size_t)snprintf(names + n, sizeof names - n, " %.*s",
                                  (int)t->r.field[i].name.len,
                                  (const char *)t->r.field[i].name.at);
            valued |= t->r.field[i].value.at > t->r.field[i].name.at + t->r.field[i].name.len;
        }
    snprintf(place, sizeof place, "record that ends at line %zu", t->r.line);
    if (valued)
        case_skip(t->f, "record of no known kind:%s", names);
    else
        file_error(t->f, place, "has no NAME = VALUE");
}

static void run_record(struct text *t, size_t number)
{
    char where[120];
    const struct record_kind *kind = find_kind(t);
    if (!kind && only_holds(&t->r)) {
        records_hold(&t->r);
        return;
    }
    const char *id = field_has(t, "id") ? field_text(t, "id")
                                        : arena_print(&t->f->scratch, "%zu", number);
    snprintf(where, sizeof where, "ends at line %zu%s%.*s", t->r.line,
             t->r.section.len ? ", " : "", t->r.section.len > 60 ? 60 : (int)t->r.section.len,
             (const char *)t->r.section.at);
    if (!case_begin(t->f, id, where, EXPECT_VALID))
        return;
    if (kind)
        kind->run(t);
    else
        skip_unknown(t);
    if (!t->f->error)
        case_end(t->f);
}

static bool is_trace(const struct text *t)
{
    struct text first = *t;
    return records_next(&first.r) && field_has(&first, "actor") && field_has(&first, "action");
}

bool text_known(struct file *f, struct bytes text)
{
    struct text t = { .f = f, .r = records_of(text) };
    if (is_trace(&t))
        return true;
    while (records_next(&t.r)) {
        if (find_kind(&t))
            return true;
        if (only_holds(&t.r))
            records_hold(&t.r);
    }
    return false;
}

void read_text(struct file *f, struct bytes text)
{
    struct text t = { .f = f, .r = records_of(text) };
    read_about(&t, text);
    if (is_trace(&t))
        read_text_trace(&t);
    while (!f->error && records_next(&t.r))
        run_record(&t, f->result_count + f->left_out + 1);
    if (t.r.error) {
        char place[40];
        snprintf(place, sizeof place, "line %zu", t.r.line);
        file_error(f, place, t.r.error);
    }
}
