/* vectors/memory.h - memory that is given back all at once, when a file or request is done with. */
#ifndef SEALPOST_VECTORS_MEMORY_H
#define SEALPOST_VECTORS_MEMORY_H

#include "crypto/bytes.h"

struct arena { struct arena_piece *pieces; };

/* `n` bytes, aligned for any type; ends the program if there are none. */
void *arena_take(struct arena *a, size_t n);
char *arena_print(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct bytes arena_copy(struct arena *a, struct bytes b);
void arena_free(struct arena *a);

/* realloc for an array that doubles: room for one more than `count`. */
void *grown(void *array, size_t count, size_t item_len);

#endif
