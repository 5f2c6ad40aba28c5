/* vectors/request.c - requests and answers, as structs and as lines. */
#include "vectors/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every other parameter is hex. */
static const struct { const char *name; enum parameter_kind kind; } kinds[] = {
    { "algorithm", PARAMETER_WORD },     { "hash", PARAMETER_WORD },
    { "mgf-hash", PARAMETER_WORD },      { "curve", PARAMETER_WORD },
    { "format", PARAMETER_WORD },        { "purpose", PARAMETER_WORD },
    { "length", PARAMETER_NUMBER },      { "tag-length", PARAMETER_NUMBER },
    { "salt-length", PARAMETER_NUMBER }, { "iterations", PARAMETER_NUMBER },
    { "counter", PARAMETER_NUMBER },     { "sequence", PARAMETER_NUMBER },
    { "type", PARAMETER_NUMBER },        { "time", PARAMETER_NUMBER },
    { "depth", PARAMETER_NUMBER },       { "version", PARAMETER_NUMBER },
    { "chain", PARAMETER_LIST },         { "anchors", PARAMETER_LIST },
    { "crls", PARAMETER_LIST },
};

static enum parameter_kind kind_of(const char *name)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return PARAMETER_HEX;
}

/* ---- making requests ---- */

static struct parameter *add(struct request *q, const char *name)
{
    if (q->parameter_count == PARAMETERS_MAX)
        abort();                                   /* no operation has that many */
    struct parameter *p = &q->parameter[q->parameter_count++];
    *p = (struct parameter){ .name = name };
    return p;
}

void request_bytes(struct request *q, const char *name, struct bytes value)
{
    add(q, name)->bytes = value;
}

void request_number(struct request *q, const char *name, int64_t value)
{
    add(q, name)->number = value;
}

void request_word(struct request *q, const char *name, const char *value)
{
    add(q, name)->word = value;
}

void request_list(struct request *q, const char *name, const struct bytes *list, size_t count)
{
    struct parameter *p = add(q, name);
    p->list = list;
    p->list_count = count;
}

const struct parameter *request_find(const struct request *q, const char *name)
{
    for (size_t i = 0; i < q->parameter_count; i++)
        if (strcmp(q->parameter[i].name, name) == 0)
            return &q->parameter[i];
    return NULL;
}

/* ---- making answers ---- */

void answer_value(struct answer *a, const void *bytes, size_t len)
{
    a->verdict = ANSWER_VALUE;
    a->value[a->value_count++] = arena_copy(a->arena, bytes_of(bytes, len));
}

void answer_verdict(struct answer *a, bool valid)
{
    a->verdict = valid ? ANSWER_VALID : ANSWER_INVALID;
}

void answer_unsupported(struct answer *a, const char *format, ...)
{
    char reason[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    a->verdict = ANSWER_UNSUPPORTED;
    a->reason = arena_print(a->arena, "%s", reason);
}

/* ---- hex ---- */

static char *put_hex(char *out, struct bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        *out++ = "0123456789abcdef"[b.at[i] >> 4];
        *out++ = "0123456789abcdef"[b.at[i] & 15];
    }
    *out = 0;
    return out;
}

char *hex_of(struct arena *arena, struct bytes b)
{
    char *text = arena_take(arena, 2 * b.len + 1);
    put_hex(text, b);
    return text;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_decode(struct arena *arena, struct bytes *out, const char *text, size_t len)
{
    uint8_t *bytes = arena_take(arena, len / 2 + 1);
    *out = bytes_of(bytes, len / 2);
    for (size_t i = 0; i < len / 2; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return len % 2 == 0;
}

/* ---- requests as lines ---- */

static size_t room_for(const struct parameter *p)
{
    size_t n = strlen(p->name) + 32 + 2 * p->bytes.len + (p->word ? strlen(p->word) : 0);
    for (size_t i = 0; i < p->list_count; i++)
        n += 2 * p->list[i].len + 1;
    return n;
}

static char *put_parameter(char *out, const struct parameter *p)
{
    out += sprintf(out, " %s=", p->name);
    switch (kind_of(p->name)) {
    case PARAMETER_NUMBER:
        return out + sprintf(out, "%lld", (long long)p->number);
    case PARAMETER_WORD:
        return out + sprintf(out, "%s", p->word);
    case PARAMETER_LIST:
        for (size_t i = 0; i < p->list_count; i++) {
            if (i > 0)
                *out++ = ',';
            out = put_hex(out, p->list[i]);
        }
        return out;
    case PARAMETER_HEX:
        break;
    }
    return put_hex(out, p->bytes);
}

char *request_line(struct arena *arena, const struct request *q)
{
    size_t room = strlen(q->operation) + 1;
    for (size_t i = 0; i < q->parameter_count; i++)
        room += room_for(&q->parameter[i]);
    char *line = arena_take(arena, room), *out = line + sprintf(line, "%s", q->operation);
    for (size_t i = 0; i < q->parameter_count; i++)
        out = put_parameter(out, &q->parameter[i]);
    *out = 0;
    return line;
}

static bool parse_list(struct arena *arena, struct parameter *p, char *text)
{
    struct bytes *list = arena_take(arena, LIST_MAX * sizeof *list);
    p->list = list;
    for (char *item = *text ? text : NULL; item; ) {
        char *comma = strchr(item, ',');
        size_t n = comma ? (size_t)(comma - item) : strlen(item);
        if (p->list_count == LIST_MAX || !hex_decode(arena, &list[p->list_count++], item, n))
            return false;
        item = comma ? comma + 1 : NULL;
    }
    return true;
}

static const char *parse_parameter(struct arena *arena, struct request *q, char *text)
{
    char *equals = strchr(text, '='), *end;
    if (!equals)
        return arena_print(arena, "no '=' in %.40s", text);
    *equals = 0;
    char *value = equals + 1;
    if (q->parameter_count == PARAMETERS_MAX || request_find(q, text))
        return arena_print(arena, "%.40s: once too often", text);
    struct parameter *p = add(q, text);
    bool good = true;
    switch (kind_of(text)) {
    case PARAMETER_NUMBER:
        p->number = strtoll(value, &end, 10);
        good = *value && !*end;
        break;
    case PARAMETER_WORD:
        p->word = value;
        break;
    case PARAMETER_LIST:
        good = parse_list(arena, p, value);
        break;
    case PARAMETER_HEX:
        good = hex_decode(arena, &p->bytes, value, strlen(value));
        break;
    }
    return good ? NULL : arena_print(arena, "%.40s: not a value of its kind", text);
}

const char *request_parse(struct arena *arena, struct request *out, char *line)
{
    char *rest = NULL;
    *out = (struct request){ .operation = strtok_r(line, " ", &rest) };
    if (!out->operation)
        return "an empty line";
    for (char *text = strtok_r(NULL, " ", &rest); text; text = strtok_r(NULL, " ", &rest)) {
        const char *wrong = parse_parameter(arena, out, text);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* ---- answers as lines ---- */

char *answer_line(const struct answer *a)
{
    switch (a->verdict) {
    case ANSWER_VALID:
        return "valid";
    case ANSWER_INVALID:
        return "invalid";
    case ANSWER_UNSUPPORTED:
    case ANSWER_BROKEN:
        return arena_print(a->arena, "unsupported %s", a->reason);
    case ANSWER_VALUE:
        break;
    }
    char *line = hex_of(a->arena, a->value[0]);
    for (size_t i = 1; i < a->value_count; i++)
        line = arena_print(a->arena, "%s %s", line, hex_of(a->arena, a->value[i]));
    return line;
}

static bool parse_values(struct answer *out, const char *line)
{
    out->verdict = ANSWER_VALUE;
    for (;;) {
        size_t n = strcspn(line, " ");
        if (out->value_count == VALUES_MAX
            || !hex_decode(out->arena, &out->value[out->value_count++], line, n))
            return false;
        if (line[n] == 0)
            return true;
        line += n + 1;
    }
}

void answer_parse(struct answer *out, const char *line)
{
    static const char unsupported[] = "unsupported";
    if (strcmp(line, "valid") == 0 || strcmp(line, "invalid") == 0) {
        answer_verdict(out, *line == 'v');
    } else if (strncmp(line, unsupported, strlen(unsupported)) == 0) {
        line += strlen(unsupported);
        answer_unsupported(out, "%s", *line == ' ' ? line + 1 : "the subject gives no reason");
    } else if (!parse_values(out, line)) {
        *out = (struct answer){ .verdict = ANSWER_BROKEN, .arena = out->arena };
        out->reason = arena_print(out->arena, "answered \"%.60s\", which is neither hex nor valid, "
                                  "invalid, unsupported", line);
    }
}
