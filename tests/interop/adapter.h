/* tests/interop/adapter.h - what an adapter in C needs to answer sealvec (docs/sealvec.md).
 *
 * An adapter is a table of operations and adapter_run. It uses none of our code, so that a mistake
 * of ours cannot hide in both. A function gives one answer: one or two values, or yes or no, or
 * what is not supported. Nothing is freed: adapter_take's memory is used again for the next line.
 */
#ifndef SEALPOST_TESTS_ADAPTER_H
#define SEALPOST_TESTS_ADAPTER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct octets { uint8_t *at; size_t len; };

enum { ADAPTER_PARAMETERS = 20, ADAPTER_MEMORY = 1 << 24 };
static struct { const char *name, *value; } adapter_parameter[ADAPTER_PARAMETERS];
static size_t adapter_count;
static _Alignas(16) uint8_t adapter_memory[ADAPTER_MEMORY];
static size_t adapter_used, adapter_values;

static inline void *adapter_take(size_t n)
{
    void *taken = adapter_memory + adapter_used;
    n = (n + 31) / 16 * 16;
    if (n > ADAPTER_MEMORY - adapter_used) {
        fputs("adapter: a request that is too long\n", stderr);
        exit(1);
    }
    adapter_used += n;
    return taken;
}

/* ---- parameters: what is not there is empty, or 0 ---- */

static inline const char *word(const char *name)
{
    for (size_t i = 0; i < adapter_count; i++)
        if (strcmp(adapter_parameter[i].name, name) == 0)
            return adapter_parameter[i].value;
    return "";
}

static inline bool is(const char *name, const char *value)
{
    return strcmp(word(name), value) == 0;
}

static inline long number(const char *name)
{
    return strtol(word(name), NULL, 10);
}

static inline struct octets unhex(const char *text, size_t len)
{
    struct octets b = { adapter_take(len / 2), len / 2 };
    for (size_t i = 0; i < b.len; i++) {
        char digits[3] = { text[2 * i], text[2 * i + 1], 0 };
        b.at[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return b;
}

static inline struct octets octets(const char *name)
{
    return unhex(word(name), strlen(word(name)));
}

/* Integers: big-endian without leading zeros. */
static inline struct octets integer(const char *name)
{
    struct octets b = octets(name);
    for (; b.len > 0 && b.at[0] == 0; b.at++)
        b.len--;
    return b;
}

/* The items of a list, for at most `cap` of them. */
static inline size_t list(const char *name, struct octets *out, size_t cap)
{
    size_t count = 0;
    for (const char *item = word(name); *item && count < cap; ) {
        size_t n = strcspn(item, ",");
        out[count++] = unhex(item, n);
        item += n + (item[n] == ',');
    }
    return count;
}

/* ---- answers ---- */

static inline void value(const uint8_t *at, size_t len)
{
    if (adapter_values++ > 0)
        putchar(' ');
    for (size_t i = 0; i < len; i++)
        printf("%02x", at[i]);
}

static inline void verdict(bool valid)
{
    adapter_values++;
    fputs(valid ? "valid" : "invalid", stdout);
}

static inline void unsupported(const char *format, ...)
{
    va_list arguments;
    adapter_values++;
    fputs("unsupported ", stdout);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
}

/* ---- the loop ---- */

struct adapter_operation { const char *name; void (*run)(void); };

static inline void adapter_line(const struct adapter_operation *table, size_t count, char *line)
{
    char *rest = NULL;
    const char *operation = strtok_r(line, " \r\n", &rest);
    adapter_count = adapter_used = adapter_values = 0;
    for (char *text; (text = strtok_r(NULL, " \r\n", &rest)); ) {
        char *equals = strchr(text, '=');
        if (!equals || adapter_count == ADAPTER_PARAMETERS)
            continue;
        *equals = 0;
        adapter_parameter[adapter_count].name = text;
        adapter_parameter[adapter_count++].value = equals + 1;
    }
    for (size_t i = 0; operation && i < count; i++)
        if (strcmp(table[i].name, operation) == 0) {
            table[i].run();
            return;
        }
    unsupported("operation %s", operation ? operation : "");
}

static inline int adapter_run(const struct adapter_operation *table, size_t count)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) >= 0) {
        adapter_line(table, count, line);
        putchar('\n');
        fflush(stdout);
    }
    free(line);
    return 0;
}

#endif
