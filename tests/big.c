/* tests/big.c - long integers, slow and obvious. */
#include "tests/big.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct big big_from(struct bytes in)
{
    struct big b = { { 0 } };
    ck_assert(in.len % 4 == 0 && in.len <= 4 * BIG_WORDS);
    for (size_t i = 0; i < in.len / 4; i++)
        b.word[i] = load_be32(in.at + in.len - 4 - 4 * i);
    return b;
}

void big_to(uint8_t *out, size_t len, const struct big *b)
{
    for (size_t i = 0; i < len / 4; i++)
        store_be32(out + len - 4 - 4 * i, b->word[i]);
}

struct big big_hex(const char *hex)
{
    struct big b = { { 0 } };
    size_t digits = strlen(hex);
    ck_assert(digits <= 8 * BIG_WORDS);
    for (size_t i = 0; i < digits; i++) {
        char digit[2] = { hex[digits - 1 - i], 0 };
        b.word[i / 8] |= (uint32_t)strtoul(digit, NULL, 16) << 4 * (i % 8);
    }
    return b;
}

struct big big_small(uint32_t x)
{
    return (struct big){ { x } };
}

struct big big_power_of_two(size_t k)
{
    struct big b = { { 0 } };
    b.word[k / 32] = (uint32_t)1 << k % 32;
    return b;
}

struct big big_add(struct big a, const struct big *b)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < BIG_WORDS; i++) {
        sum += (uint64_t)a.word[i] + b->word[i];
        a.word[i] = (uint32_t)sum;
        sum >>= 32;
    }
    return a;
}

bool big_less(const struct big *a, const struct big *b)
{
    for (size_t i = BIG_WORDS; i-- > 0; )
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i];
    return false;
}

struct big big_sub(struct big a, const struct big *b)
{
    int64_t rest = 0;
    for (size_t i = 0; i < BIG_WORDS; i++) {
        rest += (int64_t)a.word[i] - b->word[i];
        a.word[i] = (uint32_t)rest;
        rest >>= 32;
    }
    return a;
}

struct big big_mul(const struct big *a, const struct big *b)
{
    struct big out = { { 0 } };
    for (size_t i = 0; i < BIG_WORDS / 2; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < BIG_WORDS / 2; j++) {
            carry += (uint64_t)a->word[i] * b->word[j] + out.word[i + j];
            out.word[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        out.word[i + BIG_WORDS / 2] = (uint32_t)carry;
    }
    return out;
}

struct big big_mod(const struct big *a, const struct big *m)
{
    struct big rest = { { 0 } };
    for (size_t i = 32 * BIG_WORDS; i-- > 0; ) {
        rest = big_add(rest, &rest);
        rest.word[0] |= a->word[i / 32] >> i % 32 & 1;
        if (!big_less(&rest, m))
            rest = big_sub(rest, m);
    }
    return rest;
}
