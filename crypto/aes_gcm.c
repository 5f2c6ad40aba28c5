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
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

/* ---- multiplication without carries ---- */

/* The low 64 bits of the product of two polynomials, bit i being the coefficient of x^i.
 *
 * An integer multiplication is the right one spoilt by carries. So they are given room: each
 * operand is cut into four, every fourth bit in each part, leaving three empty bits ("holes").
 * Needs    nothing
 * Because  a column of a product of two such parts counts at most 16 pairs of bits, and in
 *          columns 0 to 59 at most 15, which four bits hold; the column of 16 is the one at bit 60,
 *          and its carry leaves the word. The bit wanted is the lowest of the four.
 *          A product of parts i and j has its columns at bits i + j (mod 4).
 * Gives    exact coefficients of x^0 to x^63
 */
static uint64_t multiply_low(uint64_t a, uint64_t b)
{
    const uint64_t every4th = 0x1111111111111111;
    uint64_t product = 0;
    for (unsigned column = 0; column < 4; column++) {
        uint64_t sum = 0;
        for (unsigned i = 0; i < 4; i++)
            sum ^= (a & every4th << i) * (b & every4th << (column - i) % 4);
        product |= sum & every4th << column;
    }
    return product;
}

/* The bits of x in the opposite order: neighbours first, then pairs, nibbles, and so on. */
static uint64_t mirror(uint64_t x)
{
    x = (x & 0x5555555555555555) << 1  | (x >> 1  & 0x5555555555555555);
    x = (x & 0x3333333333333333) << 2  | (x >> 2  & 0x3333333333333333);
    x = (x & 0x0f0f0f0f0f0f0f0f) << 4  | (x >> 4  & 0x0f0f0f0f0f0f0f0f);
    x = (x & 0x00ff00ff00ff00ff) << 8  | (x >> 8  & 0x00ff00ff00ff00ff);
    x = (x & 0x0000ffff0000ffff) << 16 | (x >> 16 & 0x0000ffff0000ffff);
    return x << 32 | x >> 32;
}

/* The hash key in halves, with their sum for Karatsuba's trick, and all three mirrored. */
struct hash_key { uint64_t h[3], mirrored[3]; };      /* left half, right half, their sum */

static void halves(uint64_t out[3], const uint8_t block[AES_BLOCK_LEN])
{
    out[0] = load_be64(block);
    out[1] = load_be64(block + 8);
    out[2] = out[0] ^ out[1];
}

static void hash_key_init(struct hash_key *out, const uint8_t h[AES_BLOCK_LEN])
{
    halves(out->h, h);
    for (size_t i = 0; i < 3; i++)
        out->mirrored[i] = mirror(out->h[i]);
}

/* y = y H modulo x^128 + x^7 + x^2 + x + 1 (SP 800-38D §6.3).
 *
 * Each product of two halves has 127 bits. Its low 64 come from multiply_low; the product of the
 * mirrored halves is the mirrored product, whose low bits are the high ones wanted, and the shift
 * makes up for 127 not being 128. Karatsuba: the two middle products are one product of sums, less
 * the outer two. Mirrored, the 255 bits stand at the low end of 256, so they move up by one.
 * Then word[0] has the coefficients of x^0 to x^63, ... word[3] those of x^192 to x^255, top bit
 * first; and x^128 = 1 + x + x^2 + x^7 folds the words 3 and 2 onto the ones two places up, where a
 * factor x is a shift to the right and what falls out goes into the next word. */
static void multiply(uint64_t y[2], const struct hash_key *key)
{
    const uint64_t in[3] = { y[0], y[1], y[0] ^ y[1] };
    uint64_t low[3], high[3];
    for (size_t i = 0; i < 3; i++) {
        low[i] = multiply_low(in[i], key->h[i]);
        high[i] = mirror(multiply_low(mirror(in[i]), key->mirrored[i])) >> 1;
    }
    uint64_t middle_low = low[0] ^ low[1] ^ low[2];
    uint64_t middle_high = high[0] ^ high[1] ^ high[2];

    uint64_t word[5] = { high[0], low[0] ^ middle_high, high[1] ^ middle_low, low[1], 0 };
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

/* SP 800-38D §6.4, continued: y takes in `text`, filled up with zeros to whole blocks. */
static void ghash(uint64_t y[2], const struct hash_key *key, struct bytes text)
{
    for (size_t done = 0; done < text.len; done += AES_BLOCK_LEN) {
        uint8_t block[AES_BLOCK_LEN] = { 0 };
        size_t left = text.len - done;
        memcpy(block, text.at + done, left < sizeof block ? left : sizeof block);
        y[0] ^= load_be64(block);
        y[1] ^= load_be64(block + 8);
        multiply(y, key);
    }
}

/* Four counter blocks from `counter` on: nonce || counter (SP 800-38D §7.1 step 2). */
static void keystream(uint8_t out[AES_BATCH_LEN], const struct aes_schedule *schedule,
                      const uint8_t nonce[AEAD_NONCE_LEN], uint32_t counter)
{
    for (uint32_t i = 0; i < AES_BATCH; i++) {
        memcpy(out + AES_BLOCK_LEN * i, nonce, AEAD_NONCE_LEN);
        store_be32(out + AES_BLOCK_LEN * i + AEAD_NONCE_LEN, counter + i);
    }
    aes_encrypt(schedule, out, out);
}

/* SP 800-38D §6.5, from counter 2: the block with counter 1 belongs to the tag. */
static void gctr(uint8_t *out, const struct aes_schedule *schedule,
                 const uint8_t nonce[AEAD_NONCE_LEN], struct bytes text)
{
    uint8_t stream[AES_BATCH_LEN];
    uint32_t counter = 2;
    for (size_t done = 0; done < text.len; counter += AES_BATCH) {
        keystream(stream, schedule, nonce, counter);
        for (size_t i = 0; i < sizeof stream && done < text.len; i++, done++)
            out[done] = text.at[done] ^ stream[i];
    }
    wipe(stream, sizeof stream);
}

/* ---- the AEAD ---- */

struct portable_key {
    struct aes_key aes;
    struct hash_key hash;
};
_Static_assert(sizeof(struct portable_key) <= sizeof(struct aead_key), "expanded key fits");
_Static_assert(_Alignof(struct portable_key) <= _Alignof(struct aead_key), "and is aligned");

static const struct portable_key *portable(const struct aead_key *key)
{
    return (const struct portable_key *)(const void *)key->state;
}

static void init(struct aead_key *key, const uint8_t *key_bytes, size_t key_len)
{
    struct portable_key *out = (struct portable_key *)(void *)key->state;
    struct aes_schedule schedule;
    uint8_t h[AES_BATCH_LEN] = { 0 };              /* H encrypts the zero block; four times here */
    aes_key_init(&out->aes, key_bytes, key_len);
    aes_schedule_init(&schedule, &out->aes);
    aes_encrypt(&schedule, h, h);
    hash_key_init(&out->hash, h);
    wipe(&schedule, sizeof schedule);
    wipe(h, sizeof h);
}

/* SP 800-38D §7.1 steps 5 and 6: GHASH over AAD, ciphertext and their lengths in bits, masked with
 * the first counter block encrypted. */
static void make_tag(uint8_t out[AEAD_TAG_LEN], const struct portable_key *key,
                     const struct aes_schedule *schedule, const uint8_t nonce[AEAD_NONCE_LEN],
                     struct bytes aad, struct bytes ciphertext)
{
    uint8_t lengths[AES_BLOCK_LEN], mask[AES_BATCH_LEN];
    uint64_t y[2] = { 0, 0 };
    store_be64(lengths, (uint64_t)aad.len * 8);
    store_be64(lengths + 8, (uint64_t)ciphertext.len * 8);
    ghash(y, &key->hash, aad);
    ghash(y, &key->hash, ciphertext);
    ghash(y, &key->hash, bytes_of(lengths, sizeof lengths));

    keystream(mask, schedule, nonce, 1);
    store_be64(out, y[0] ^ load_be64(mask));
    store_be64(out + 8, y[1] ^ load_be64(mask + 8));
    wipe(mask, sizeof mask);
    wipe(y, sizeof y);
}

static void seal(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes plaintext)
{
    assert(aes_gcm_fits(plaintext.len));
    struct aes_schedule schedule;
    aes_schedule_init(&schedule, &portable(key)->aes);
    gctr(out, &schedule, nonce, plaintext);
    make_tag(out + plaintext.len, portable(key), &schedule, nonce, aad,
             bytes_of(out, plaintext.len));
    wipe(&schedule, sizeof schedule);
}

/* SP 800-38D §7.2; decrypts only after the tag has been found right. */
static bool open(const struct aead_key *key, uint8_t *out, const uint8_t nonce[AEAD_NONCE_LEN],
                 struct bytes aad, struct bytes sealed)
{
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    struct bytes ciphertext = { sealed.at, sealed.len - AEAD_TAG_LEN };
    assert(aes_gcm_fits(ciphertext.len));
    struct aes_schedule schedule;
    uint8_t tag[AEAD_TAG_LEN];
    aes_schedule_init(&schedule, &portable(key)->aes);
    make_tag(tag, portable(key), &schedule, nonce, aad, ciphertext);
    bool ok = ct_verdict(ct_equal(tag, sealed.at + ciphertext.len, sizeof tag));
    if (ok)
        gctr(out, &schedule, nonce, ciphertext);
    else if (ciphertext.len > 0)
        memset(out, 0, ciphertext.len);
    wipe(&schedule, sizeof schedule);
    wipe(tag, sizeof tag);
    return ok;
}

const struct aes_gcm aes_gcm_portable = {
    .name = "portable", .needs = 0, .init = init, .seal = seal, .open = open,
};
