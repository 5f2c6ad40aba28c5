/* tests/big.h - slow arithmetic to hold fast arithmetic against: 32-bit words, schoolbook products,
 * long division bit by bit. Nothing in common with crypto/mont.c but the results.
 */
#ifndef SEALPOST_TESTS_BIG_H
#define SEALPOST_TESTS_BIG_H

#include "crypto/bytes.h"

enum { BIG_WORDS = 26 };                 /* 832 bits: a product of two of 384, and some to spare */

struct big { uint32_t word[BIG_WORDS]; };       /* least significant first */

/* Big-endian; the length is a multiple of four. */
struct big big_from(struct bytes in);
void big_to(uint8_t *out, size_t len, const struct big *b);
struct big big_hex(const char *hex);
struct big big_small(uint32_t x);
struct big big_power_of_two(size_t k);

/* Results must fit; big_mul takes factors of at most half the words. */
struct big big_add(struct big a, const struct big *b);
struct big big_sub(struct big a, const struct big *b);
bool big_less(const struct big *a, const struct big *b);
struct big big_mul(const struct big *a, const struct big *b);
struct big big_mod(const struct big *a, const struct big *m);

#endif
