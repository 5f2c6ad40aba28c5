/* vectors/memory.c - memory that is given back all at once. */
#include "vectors/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_piece {
    struct arena_piece *next;
    size_t used, room;
    _Alignas(max_align_t) uint8_t at[];
};

enum { PIECE = 1 << 16 };

static _Noreturn void out_of_memory(void)
{
    fputs("sealvec: out of memory\n", stderr);
    exit(2);
}

void *arena_take(struct arena *a, size_t n)
{
    const size_t align = _Alignof(max_align_t);
    n = (n + align - 1) / align * align;
    if (!a->pieces || a->pieces->room - a->pieces->used < n) {
        size_t room = n > PIECE ? n : PIECE;
        struct arena_piece *piece = malloc(sizeof *piece + room);
        if (!piece)
            out_of_memory();
        *piece = (struct arena_piece){ .next = a->pieces, .room = room };
        a->pieces = piece;
    }
    void *taken = a->pieces->at + a->pieces->used;
    a->pieces->used += n;
    return taken;
}

char *arena_print(struct arena *a, const char *format, ...)
{
    va_list measure, print;
    va_start(print, format);
    va_copy(measure, print);
    int n = vsnprintf(NULL, 0, format, measure);
    char *text = arena_take(a, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, print);
    va_end(measure);
    va_end(print);
    return text;
}

struct bytes arena_copy(struct arena *a, struct bytes b)
{
    uint8_t *copy = arena_take(a, b.len);
    if (b.len > 0)
        memcpy(copy, b.at, b.len);
    return bytes_of(copy, b.len);
}

void arena_free(struct arena *a)
{
    while (a->pieces) {
        struct arena_piece *next = a->pieces->next;
        free(a->pieces);
        a->pieces = next;
    }
}

void *grown(void *array, size_t count, size_t item_len)
{
    if ((count & (count - 1)) != 0)              /* full exactly at powers of two */
        return array;
    void *larger = realloc(array, (count ? 2 * count : 1) * item_len);
    if (!larger)
        out_of_memory();
    return larger;
}
