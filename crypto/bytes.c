/* crypto/bytes.c - views, loads, and the bounded reader and writer.
 *
 * Implements  the presentation language's integers and vectors, RFC 8446 §3.
 * Because every foreign byte is touched here and nowhere else, bounds are checked here and
 * nowhere else.
 */
#include "crypto/bytes.h"

#include <string.h>

struct bytes bytes_of_string(const char *s)
{
    return bytes_of(s, strlen(s));
}

bool bytes_equal_public(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

uint16_t load_be16(const uint8_t in[2])
{
    return (uint16_t)(in[0] << 8 | in[1]);
}

uint32_t load_be32(const uint8_t in[4])
{
    return (uint32_t)load_be16(in) << 16 | load_be16(in + 2);
}

uint64_t load_be64(const uint8_t in[8])
{
    return (uint64_t)load_be32(in) << 32 | load_be32(in + 4);
}

void store_be16(uint8_t out[2], uint16_t x)
{
    out[0] = (uint8_t)(x >> 8);
    out[1] = (uint8_t)x;
}

void store_be32(uint8_t out[4], uint32_t x)
{
    store_be16(out, (uint16_t)(x >> 16));
    store_be16(out + 2, (uint16_t)x);
}

void store_be64(uint8_t out[8], uint64_t x)
{
    store_be32(out, (uint32_t)(x >> 32));
    store_be32(out + 4, (uint32_t)x);
}

struct bytes read_bytes(struct reader *r, size_t n)
{
    if (r->bad || n > r->rest.len) {
        *r = (struct reader){ .rest = { r->rest.at, 0 }, .bad = true };
        return (struct bytes){ 0 };
    }
    struct bytes taken = { r->rest.at, n };
    if (n > 0)
        r->rest = (struct bytes){ r->rest.at + n, r->rest.len - n };
    return taken;
}

static uint32_t read_integer(struct reader *r, size_t width)
{
    struct bytes b = read_bytes(r, width);
    uint32_t x = 0;
    for (size_t i = 0; i < b.len; i++)
        x = x << 8 | b.at[i];
    return x;
}

uint8_t read_u8(struct reader *r)
{
    return (uint8_t)read_integer(r, 1);
}

uint16_t read_u16(struct reader *r)
{
    return (uint16_t)read_integer(r, 2);
}

uint32_t read_u24(struct reader *r)
{
    return read_integer(r, 3);
}

uint32_t read_u32(struct reader *r)
{
    return read_integer(r, 4);
}

static struct bytes read_vec(struct reader *r, size_t length_bytes, size_t min)
{
    uint32_t len = read_integer(r, length_bytes);
    if (len < min)
        *r = (struct reader){ .rest = { r->rest.at, 0 }, .bad = true };
    return read_bytes(r, len);
}

struct bytes read_vec8(struct reader *r, size_t min)
{
    return read_vec(r, 1, min);
}

struct bytes read_vec16(struct reader *r, size_t min)
{
    return read_vec(r, 2, min);
}

struct bytes read_vec24(struct reader *r, size_t min)
{
    return read_vec(r, 3, min);
}

uint8_t *write_space(struct writer *w, size_t n)
{
    if (w->bad || n > w->cap - w->len) {
        w->bad = true;
        return NULL;
    }
    uint8_t *space = n > 0 ? w->at + w->len : w->at;      /* a writer of nothing has no address */
    w->len += n;
    return space;
}

static void write_integer(struct writer *w, uint32_t x, size_t width)
{
    uint8_t *out = write_space(w, width);
    for (size_t i = width; out && i > 0; i--, x >>= 8)
        out[i - 1] = (uint8_t)x;
}

void write_u8(struct writer *w, uint8_t x)
{
    write_integer(w, x, 1);
}

void write_u16(struct writer *w, uint16_t x)
{
    write_integer(w, x, 2);
}

void write_u32(struct writer *w, uint32_t x)
{
    write_integer(w, x, 4);
}

void write_bytes(struct writer *w, struct bytes b)
{
    uint8_t *out = write_space(w, b.len);
    if (out && b.len > 0)
        memcpy(out, b.at, b.len);
}

size_t write_vec_begin(struct writer *w, unsigned length_bytes)
{
    size_t mark = w->len;
    write_space(w, length_bytes);
    return mark;
}

void write_vec_end(struct writer *w, size_t mark, unsigned length_bytes)
{
    if (w->bad)
        return;
    size_t len = w->len - mark - length_bytes;
    if (len >> (8 * length_bytes)) {
        w->bad = true;
        return;
    }
    for (size_t i = length_bytes; i > 0; i--, len >>= 8)
        w->at[mark + i - 1] = (uint8_t)len;
}
