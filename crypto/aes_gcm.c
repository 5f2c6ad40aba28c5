/* crypto/aes_gcm.c - AES-GCM in plain C: the readable reference.
 *
 * Implements  SP 800-38D §6.3 (multiplication), §6.4 (GHASH), §6.5 (GCTR), §7.1 (encryption) and
 *             §7.2 (decryption), with 96-bit nonces and 128-bit tags.
 * Trusts      the processor's 64-bit multiplication to take the same time for all operands. So it
 *             is on every processor made for a desk or a server; some small cores (ARM Cortex-M3,
 *             old PowerPC) end early on small operands, and there the hash key would leak.
 * Secret      the key and what is made of it, the plaintext, and tags until they are compared.
 *
 * A block is a polynomial over GF(2): the first bit of the first byte is the coefficient of x^0,
 * the last bit of the last byte that of x^127. GHASH takes the text as coefficients of another
 * polynomial and evaluates it at the secret H. Read as a big-endian integer the bits
 * come out mirrored: the top bit of the integer is x^0. All that follows works on that form.
 */
#include "crypto/aes_gcm.h"

#include "crypto/aes.h"
#include "crypto/ct.h"
#include "crypto/limb.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

#define UNROLL _Pragma("GCC unroll 4")

/* ---- multiplication without carries ---- */

/* A polynomial of 64 terms, cut up as one factor of a product. */
struct factor { uint64_t part[5]; };

static const uint64_t every4th = 0x1111111111111111;

static void cut(struct factor *out, uint64_t b)
{
    const uint64_t top = (uint64_t)0xf << 60;
    for (unsigned j = 0; j < 4; j++)
        out->part[j] = b & every4th << j & ~top;
    out->part[4] = b & top;
}

/* sum += a b, bit i being the coefficient of x^i; sum[1] has x^64 and above.
 *
 * An integer multiplication is the right one spoilt by carries. So they are given room: each
 * operand is cut into parts with every fourth bit, which leaves three empty bits ("holes").
 * Needs    nothing
 * Because  a column of a product of two such parts counts at most 15 pairs of bits, since b's
 *          part has no more, which four bits hold; the bit wanted is the lowest of the four. A
 *          product of parts i and j has its columns at bits i + j (mod 4).
 *          The last part, b's top four bits as they stand, meets bits four apart: no two pairs in
 *          a column.
 * Gives    exact coefficients of x^0 to x^126
 */
static inline void add_product(uint64_t sum[2], uint64_t a, const struct factor *b)
{
    UNROLL for (unsigned column = 0; column < 4; column++) {
        uint64_t low = 0, high = 0, h;
        UNROLL for (unsigned i = 0; i < 4; i++) {
            low ^= limb_mul(a & every4th << i, b->part[(column - i) % 4], &h);
            high ^= h;
        }
        sum[0] ^= low & every4th << column;
        sum[1] ^= high & every4th << column;
        sum[0] ^= limb_mul(a & every4th << column, b->part[4], &h);
        sum[1] ^= h;
    }
}

/* A power of the hash key, ready to be multiplied with: its left half, its right half, and their
 * sum for Karatsuba's trick. */
struct power { struct factor half[3]; };

static void power_init(struct power *out, const uint64_t h[2])
{
    cut(&out->half[0], h[0]);
    cut(&out->half[1], h[1]);
    cut(&out->half[2], h[0] ^ h[1]);
}

/* A sum of products of blocks, before Karatsuba's middle is put right and before reduction:
 * left halves, right halves, sums of halves. */
struct sum { uint64_t of[3][2]; };

static inline void add_block(struct sum *s, const uint64_t x[2], const struct power *h)
{
    add_product(s->of[0], x[0], &h->half[0]);
    add_product(s->of[1], x[1], &h->half[1]);
    add_product(s->of[2], x[0] ^ x[1], &h->half[2]);
}

/* y = the sum modulo x^128 + x^7 + x^2 + x + 1 (SP 800-38D §6.3).
 *
 * Karatsuba: the two middle products are one product of sums, less the outer two. A product of two
 * 128-bit integers has 255 bits at the low end of 256, so they move up by one.
 * Then word[0] has the coefficients of x^0 to x^63, ... word[3] those of x^192 to x^255, top bit
 * first; and x^128 = 1 + x + x^2 + x^7 folds the words 3 and 2 onto the ones two places up, where a
 * factor x is a shift to the right and what falls out goes into the next word. */
static inline void reduce(uint64_t y[2], const struct sum *s)
{
    uint64_t middle_low = s->of[0][0] ^ s->of[1][0] ^ s->of[2][0];
    uint64_t middle_high = s->of[0][1] ^ s->of[1][1] ^ s->of[2][1];

    uint64_t word[5] = {
        s->of[0][1], s->of[0][0] ^ middle_high, s->of[1][1] ^ middle_low, s->of[1][0], 0,
    };
    for (size_t i = 0; i < 4; i++)
        word[i] = word[i] << 1 | word[i + 1] >> 63;
    for (size_t i = 3; i >= 2; i--) {
        uint64_t w = word[i];
        word[i - 1] ^= w << 63 ^ w << 62 ^ w << 57;
        word[i - 2] ^= w ^ w >> 1 ^ w >> 2 ^ w >> 7;
    }
    y[0] = word[0];
    y[1] = word[1];
}

/* ---- GHASH and GCTR ---- */

enum { POWERS = 4 };                              /* of H; blocks that are reduced together */

/* y takes in `count` blocks, 1 to 4, each times its power: h[0] is H, h[1] is H^2. Their products
 * do not wait for one another. */
static void ghash_blocks(uint64_t y[2], const struct power *h, const uint8_t *at, size_t count)
{
    struct sum sum = { { { 0 } } };
    for (size_t i = 0; i < count; i++, at += AES_BLOCK_LEN) {
        const uint64_t x[2] = { load_be64(at) ^ y[0], load_be64(at + 8) ^ y[1] };
        y[0] = y[1] = 0;
        add_block(&sum, x, &h[count - 1 - i]);
    }
    reduce(y, &sum);
}

/* SP 800-38D §6.4, continued: y takes in `text`, filled up with zeros to whole blocks. */
static void ghash(uint64_t y[2], const struct power *h, struct bytes text)
{
    uint8_t end[POWERS * AES_BLOCK_LEN] = { 0 };
    for (; text.len >= sizeof end; text = bytes_of(text.at + sizeof end, text.len - sizeof end))
        ghash_blocks(y, h, text.at, POWERS);
    if (text.len > 0) {
        memcpy(end, text.at, text.len);
        ghash_blocks(y, h, end, (text.len + AES_BLOCK_LEN - 1) / AES_BLOCK_LEN);
    }
}

static void xor_bytes(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t len)
{
    size_t i = 0;
    for (; len - i >= 8; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        x ^= y;
        memcpy(out + i, &x, 8);
    }
    for (; i < len; i++)
        out[i] = a[i] ^ b[i];
}

/* ---- a message ---- */

struct portable_key {
    struct aes_key aes;
    uint64_t h[POWERS][2];                        /* H, H^2, ... in halves */
};
_Static_assert(sizeof(struct portable_key) <= sizeof(struct aead_key), "expanded key fits");
_Static_assert(_Alignof(struct portable_key) <= _Alignof(struct aead_key), "and is aligned");

/* What the parts of one message share. Secret; wiped by `seal` and `open`. */
struct message {
    struct aes_schedule schedule;
    struct power h[POWERS];
    uint8_t nonce[AEAD_NONCE_LEN], mask[AES_BLOCK_LEN];
    uint8_t stream[AES_BATCH_LEN];                /* eight blocks of it */
};

/* The counter blocks from `counter` on, nonce || counter (SP 800-38D §7.1 step 2), encrypted. */
static void next_stream(struct message *m, uint32_t counter)
{
    uint8_t *block = m->stream;
    for (uint32_t i = 0; i < AES_BATCH; i++, block += AES_BLOCK_LEN) {
        memcpy(block, m->nonce, AEAD_NONCE_LEN);
        store_be32(block + AEAD_NONCE_LEN, counter + i);
    }
    aes_encrypt(&m->schedule, m->stream, m->stream);
}

/* The block with counter 1 belongs to the tag, those after it to the text. */
static void begin(struct message *m, const struct portable_key *key,
                  const uint8_t nonce[AEAD_NONCE_LEN])
{
    aes_schedule_init(&m->schedule, &key->aes);
    for (size_t i = 0; i < POWERS; i++)
        power_init(&m->h[i], key->h[i]);
    memcpy(m->nonce, nonce, AEAD_NONCE_LEN);
    next_stream(m, 1);
    memcpy(m->mask, m->stream, AES_BLOCK_LEN);
}

/* SP 800-38D §6.5; once in a message. */
static void gctr(struct message *m, uint8_t *out, struct bytes text)
{
    size_t used = AES_BLOCK_LEN;
    uint32_t counter = 1;
    for (size_t done = 0, len; done < text.len; done += len, used = 0) {
        if (done > 0)
            next_stream(m, counter += AES_BATCH);
        len = text.len - done < AES_BATCH_LEN - used ? text.len - done : AES_BATCH_LEN - used;
        xor_bytes(out + done, text.at + done, m->stream + used, len);
    }
}

/* SP 800-38D §7.1 steps 5 and 6: GHASH over AAD, ciphertext and their lengths in bits, masked with
 * the first counter block encrypted. */
static void make_tag(uint8_t out[AEAD_TAG_LEN], const struct message *m, struct bytes aad,
                     struct bytes ciphertext)
{
    uint8_t lengths[AES_BLOCK_LEN];
    uint64_t y[2] = { 0, 0 };
    store_be64(lengths, (uint64_t)aad.len * 8);
    store_be64(lengths + 8, (uint64_t)ciphertext.len * 8);
    ghash(y, m->h, aad);
    ghash(y, m->h, ciphertext);
    ghash(y, m->h, bytes_of(lengths, sizeof lengths));
    store_be64(out, y[0] ^ load_be64(m->mask));
    store_be64(out + 8, y[1] ^ load_be64(m->mask + 8));
    wipe(y, sizeof y);
}

/* ---- the AEAD ---- */

static const struct portable_key *portable(const struct aead_key *key)
{
    return (const struct portable_key *)(const void *)key->state;
}

/* H encrypts the zero block. A power times H, as a block of its own, is the next one. */
static void init(struct aead_key *key, const uint8_t *key_bytes, size_t key_len)
{
    struct portable_key *out = (struct portable_key *)(void *)key->state;
    struct aes_schedule schedule;
    struct power power;
    uint8_t h[AES_BATCH_LEN] = { 0 };
    aes_key_init(&out->aes, key_bytes, key_len);
    aes_schedule_init(&schedule, &out->aes);
    aes_encrypt(&schedule, h, h);
    out->h[0][0] = load_be64(h);
    out->h[0][1] = load_be64(h + 8);
    power_init(&power, out->h[0]);
    for (size_t i = 1; i < POWERS; i++) {
        struct sum sum = { { { 0 } } };
        add_block(&sum, out->h[i - 1], &power);
        reduce(out->h[i], &sum);
    }
    wipe(&schedule, sizeof schedule);
    wipe(&power, sizeof power);
    wipe(h, sizeof h);
}

static void seal(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext)
{
    assert(aes_gcm_fits(plaintext.len));
    struct message m;
    begin(&m, portable(key), nonce);
    gctr(&m, out, plaintext);
    make_tag(out + plaintext.len, &m, aad, bytes_of(out, plaintext.len));
    wipe(&m, sizeof m);
}

/* SP 800-38D §7.2; decrypts only after the tag has been found right. */
static bool open(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed)
{
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    struct bytes ciphertext = { sealed.at, sealed.len - AEAD_TAG_LEN };
    assert(aes_gcm_fits(ciphertext.len));
    struct message m;
    uint8_t tag[AEAD_TAG_LEN];
    begin(&m, portable(key), nonce);
    make_tag(tag, &m, aad, ciphertext);
    bool ok = ct_verdict(ct_equal(tag, sealed.at + ciphertext.len, sizeof tag));
    if (ok)
        gctr(&m, out, ciphertext);
    else if (ciphertext.len > 0)
        memset(out, 0, ciphertext.len);
    wipe(&m, sizeof m);
    wipe(tag, sizeof tag);
    return ok;
}

const struct aes_gcm aes_gcm_portable = {
    .name = "portable", .needs = 0, .init = init, .seal = seal, .open = open,
};
