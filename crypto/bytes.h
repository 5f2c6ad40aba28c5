/* crypto/bytes.h - views of bytes, and the only two things that read or write foreign ones.
 *
 * A `struct bytes` is a view: it owns nothing and dies with the memory it looks into.
 * A `struct reader` takes fields off the front of a view. A failed read empties the reader and
 * sticks, so a decoder is a list of reads with one check at its end (reader_done); rest.at still
 * tells where it failed.
 * A `struct writer` appends to memory that the caller lends; an append that does not fit sticks
 * in the same way, and writer_done says so. Neither ever touches a byte outside its memory.
 *
 * All integers are big-endian, as on the wire (RFC 8446 §3.1). Vectors are RFC 8446 §3.4:
 * a length in 1, 2 or 3 bytes, then that many bytes.
 * Timing depends on lengths only; contents are never branched on, except by bytes_equal_public.
 */
#ifndef SEALPOST_CRYPTO_BYTES_H
#define SEALPOST_CRYPTO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct bytes { const uint8_t *at; size_t len; };

static inline struct bytes bytes_of(const void *at, size_t len)
{
    return (struct bytes){ at, len };
}

/* The characters of a C string, without its NUL. */
struct bytes bytes_of_string(const char *s);

/* Equality of public bytes (names, code points, certificates); stops at the first difference.
 * Secrets are compared with ct_equal (crypto/ct.h). */
bool bytes_equal_public(struct bytes a, struct bytes b);

uint16_t load_be16(const uint8_t in[2]);
uint32_t load_be32(const uint8_t in[4]);
uint64_t load_be64(const uint8_t in[8]);
void store_be16(uint8_t out[2], uint16_t x);
void store_be32(uint8_t out[4], uint32_t x);
void store_be64(uint8_t out[8], uint64_t x);

/* Little-endian; here, since they stand in innermost loops, where compilers make one load or
 * store of each. */
static inline uint64_t load_le64(const uint8_t in[8])
{
    return (uint64_t)in[0] | (uint64_t)in[1] << 8 | (uint64_t)in[2] << 16 | (uint64_t)in[3] << 24
         | (uint64_t)in[4] << 32 | (uint64_t)in[5] << 40 | (uint64_t)in[6] << 48
         | (uint64_t)in[7] << 56;
}

static inline void store_le64(uint8_t out[8], uint64_t x)
{
    out[0] = (uint8_t)x;
    out[1] = (uint8_t)(x >> 8);
    out[2] = (uint8_t)(x >> 16);
    out[3] = (uint8_t)(x >> 24);
    out[4] = (uint8_t)(x >> 32);
    out[5] = (uint8_t)(x >> 40);
    out[6] = (uint8_t)(x >> 48);
    out[7] = (uint8_t)(x >> 56);
}

/* ---- reading ---- */

struct reader { struct bytes rest; bool bad; };

static inline struct reader reader_of(struct bytes b)
{
    return (struct reader){ .rest = b };
}

uint8_t  read_u8(struct reader *r);
uint16_t read_u16(struct reader *r);
uint32_t read_u24(struct reader *r);
uint32_t read_u32(struct reader *r);
struct bytes read_bytes(struct reader *r, size_t n);

/* A vector with a length of 1, 2 or 3 bytes; shorter than `min` is a failed read. The upper bound
 * is the length field's own unless the caller checks a smaller one. */
struct bytes read_vec8(struct reader *r, size_t min);
struct bytes read_vec16(struct reader *r, size_t min);
struct bytes read_vec24(struct reader *r, size_t min);

/* True while there is something to read; false after a failure. For lists. */
static inline bool reader_more(const struct reader *r)
{
    return !r->bad && r->rest.len > 0;
}

/* Nothing failed, and nothing is left over. */
static inline bool reader_done(const struct reader *r)
{
    return !r->bad && r->rest.len == 0;
}

/* ---- writing ---- */

struct writer { uint8_t *at; size_t len, cap; bool bad; };

static inline struct writer writer_of(void *at, size_t cap)
{
    return (struct writer){ .at = at, .cap = cap };
}

void write_u8(struct writer *w, uint8_t x);
void write_u16(struct writer *w, uint16_t x);
void write_u32(struct writer *w, uint32_t x);
void write_bytes(struct writer *w, struct bytes b);

/* Room for `n` bytes that the caller fills at once; NULL (and the writer is bad) if it does not
 * fit. */
uint8_t *write_space(struct writer *w, size_t n);

/* A vector whose length is not known yet: begin reserves the 1, 2 or 3 length bytes and returns
 * the mark that end is given; end fills them in. Vectors nest. */
size_t write_vec_begin(struct writer *w, unsigned length_bytes);
void   write_vec_end(struct writer *w, size_t mark, unsigned length_bytes);

static inline struct bytes writer_bytes(const struct writer *w)
{
    return (struct bytes){ w->at, w->len };
}

/* Everything fitted. */
static inline bool writer_done(const struct writer *w)
{
    return !w->bad;
}

#endif
