/* vectors/json.c - members of JSON objects, with errors that say where. */
#include "vectors/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void place_set(struct place *p, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(p->path, sizeof p->path, format, arguments);
    va_end(arguments);
}

static const char *type_name(json_type type)
{
    switch (type) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY:  return "a list";
    case JSON_STRING: return "a string";
    default:          return "a number";
    }
}

static json_t *wrong(struct place *p, const char *name, const char *what)
{
    char path[200];
    snprintf(path, sizeof path, "%s%s%s", p->path, *p->path ? "." : "", name);
    file_error(p->f, path, what);
    return NULL;
}

json_t *json_optional(struct place *p, const json_t *object, const char *name, json_type type)
{
    char what[40];
    json_t *member = json_object_get(object, name);
    if (!member || json_is_null(member))
        return NULL;
    if (json_typeof(member) == type)
        return member;
    snprintf(what, sizeof what, "is not %s", type_name(type));
    return wrong(p, name, what);
}

json_t *json_member(struct place *p, const json_t *object, const char *name, json_type type)
{
    json_t *member = json_optional(p, object, name, type);
    return member || p->f->error ? member : wrong(p, name, "is missing");
}

struct bytes json_hex(struct place *p, const json_t *object, const char *name)
{
    struct bytes b = { (const uint8_t *)"", 0 };
    const json_t *text = json_member(p, object, name, JSON_STRING);
    if (text && !hex_decode(&p->f->arena, &b, json_string_value(text), json_string_length(text)))
        wrong(p, name, "is not an even number of hex digits");
    return b;
}

const char *json_text_or(struct place *p, const json_t *object, const char *name,
                         const char *otherwise)
{
    const json_t *text = json_optional(p, object, name, JSON_STRING);
    return text ? json_string_value(text) : otherwise;
}

const char *json_text(struct place *p, const json_t *object, const char *name)
{
    const json_t *text = json_member(p, object, name, JSON_STRING);
    return text ? json_string_value(text) : "";
}

int64_t json_number(struct place *p, const json_t *object, const char *name)
{
    const json_t *number = json_member(p, object, name, JSON_INTEGER);
    return number ? json_integer_value(number) : 0;
}

bool json_string_is(const json_t *object, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(object, name));
    return value && strcmp(value, text) == 0;
}

bool json_list_has(const json_t *list, const char *text)
{
    size_t i;
    const json_t *item;
    json_array_foreach (list, i, item)
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    return false;
}

void json_case_flags(struct file *f, const json_t *list)
{
    size_t i;
    const json_t *item;
    json_array_foreach (list, i, item)
        if (json_is_string(item))
            case_flag(f, json_string_value(item));
}

bool read_json(struct file *f, const char *text, size_t len)
{
    static const struct { const char *has; void (*read)(struct file *f, const json_t *root); }
    kinds[] = {
        { "testGroups", read_wycheproof }, { "testcases", read_limbo }, { "traces", read_traces },
        { "curves", read_rfc6979 },        { "tests", read_rfc8032 },
    };
    json_error_t error;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        char place[60];
        snprintf(place, sizeof place, "line %d, column %d", error.line, error.column);
        file_error(f, place, error.text);
        return true;
    }
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (json_object_get(root, kinds[i].has)) {
            kinds[i].read(f, root);
            json_decref(root);
            return true;
        }
    json_decref(root);
    return false;
}
