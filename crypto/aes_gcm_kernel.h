/* crypto/aes_gcm_kernel.h - AES-GCM by AES and carry-less multiplication instructions, for vectors
 * of one, two or four blocks. The body of crypto/aes_gcm_x86.c (AES-NI), aes_gcm_vaes256.c,
 * aes_gcm_vaes512.c, aes_gcm_armv8.c, and of tests/aes_gcm_emulated.c, which is the third one
 * without AVX-512. Little-endian machines only.
 *
 * Implements  what crypto/aes_gcm.c does (SP 800-38D).
 * Trusts      these instructions to take the same time for all operands, as their makers say.
 * Secret      as there. Values in registers, and those that the compiler spills, are not wiped;
 *             buffers and tables in memory are.
 *
 * AES: a round takes several cycles but new ones can start in each, so eight vectors of counter
 * blocks go through the rounds side by side. GHASH is woven between the rounds, since it keeps
 * other parts of the processor busy.
 *
 * GHASH: y = (((y + X1) H + X2) H + ... + Xn) H is the same as (y + X1) H^n + X2 H^(n-1) + ... +
 * Xn H, where the products do not wait for one another and are reduced once, after the sum.
 *
 *      blocks     X1   X2   X3   X4  |  X5   X6   X7   X8        two vectors of four
 *      powers     H^8  H^7  H^6  H^5 |  H^4  H^3  H^2  H         in the order of memory
 *                 -------- products, lane by lane, all added; then the four lanes: one block
 *
 * Mirrored products. A block read as an integer has x^0 on top (see aes_gcm.c). Let a'(z) be that
 * integer as a polynomial: a'(z) = z^127 a(1/z). The field polynomial P mirrored in 129 bits is
 *     Q(z) = z^128 P(1/z) = z^128 + z^127 + z^126 + z^121 + 1,
 * and for c = a b mod P we get c' = a' b' z^-127 mod Q. If b' is kept as b' z, then
 * c' = a' (b' z) z^-128 mod Q: a Montgomery product. So every power of H is kept times z, and a
 * reduction divides by z^128 where the portable version shifts by one bit and folds downwards.
 *
 * The file that includes it has defined before:
 *
 *      ACCELERATED              the attribute that lets a function use the instructions
 *      INLINE                   the same, for functions without an existence of their own
 *      block                    its type: two 64-bit lanes, [0] the lower, for ^, + and ==
 *      block_of                 one from its halves, the upper one first
 *      block_reverse            the bytes in the opposite order: between memory and the integer
 *                               that it reads as, big-endian
 *      block_swap, _up, _down   the halves exchanged; one moved to the other's place, over zeros
 *      block_up_word            32 bits up
 *      block_clmul_low, _high   the product of the low halves, or of the high halves
 *      block_sub_words          SubBytes, if all four columns are the same
 *      block_aes_begin, _round, _end
 *                               AES: AddRoundKey with the first key; a round; the last one. A
 *                               round is given the key before it and its own: x86 adds the latter
 *                               at the round's end, ARM the former at its beginning
 *
 *      LANES, vec               blocks in a vector; its type
 *      v_load, v_store          LANES blocks in memory, at any address
 *      v_all, v_first           one block in every lane; in the first, the others zero
 *      v_xor, v_add32           lane by lane
 *      v_reverse, v_swap, v_clmul_low, _high, v_aes_begin, _round, _end
 *                               as with one block, in each lane
 *      v_fold                   the sum (xor) of all lanes
 *      V_NOW(x)                 x is computed here, neither earlier nor later: compilers tend to
 *                               put all products behind all rounds, where they get in each
 *                               other's way
 */
#include "crypto/aes_gcm.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

#define UNROLL _Pragma("GCC unroll 8")

enum {
    BLOCK  = 16,                        /* bytes */
    STRIDE = 8 * BLOCK,                 /* what the powers in the key are enough for */
    WIDE   = 8 * LANES * BLOCK,         /* eight vectors */
    NARROW = 8 / LANES,                 /* vectors in a stride */
};

/* The same form for every width. */
struct gcm_key {
    block round_key[15];
    block power[8];                     /* H^8, H^7, ... H; mirrored, times z */
    uint32_t rounds;                    /* 10 or 14 */
};
_Static_assert(sizeof(struct gcm_key) <= sizeof(struct aead_key), "expanded key fits");
_Static_assert(_Alignof(struct gcm_key) <= _Alignof(struct aead_key), "and is aligned");

static const block zero_block = { 0, 0 };

INLINE block load(const uint8_t *at)
{
    block x;
    memcpy(&x, at, sizeof x);
    return x;
}

INLINE void store(uint8_t *at, block x)
{
    memcpy(at, &x, sizeof x);
}

/* gcc makes "rep movsq" of memcpy, and of a loop in which it sees one, which takes longer to start
 * than all of this. */
INLINE void copy(uint8_t *out, const uint8_t *in, size_t len)
{
    for (; len >= BLOCK; len -= BLOCK, out += BLOCK, in += BLOCK) {
        block x = load(in);
        V_NOW(x);
        store(out, x);
    }
    memcpy(out, in, len % BLOCK);
}

/* ---- GHASH ---- */

/* A sum of 256-bit products, not reduced: low + (middle - low - high) z^64 + high z^128. */
struct product { block low, middle, high; };
struct products { vec low, middle, high; };

/* Karatsuba: (a0 + a1)(b0 + b1) = low + high + what belongs in the middle. These two are taken off
 * at the end, once for all products. */
INLINE void add_product(struct product *sum, block a, block b)
{
    sum->low ^= block_clmul_low(a, b);
    sum->high ^= block_clmul_high(a, b);
    sum->middle ^= block_clmul_low(a ^ block_swap(a), b ^ block_swap(b));
}

/* b_sum: b0 + b1 in the low halves. */
INLINE void add_products(struct products *sum, vec a, vec b, vec b_sum)
{
    sum->low = v_xor(sum->low, v_clmul_low(a, b));
    sum->high = v_xor(sum->high, v_clmul_high(a, b));
    sum->middle = v_xor(sum->middle, v_clmul_low(v_xor(a, v_swap(a)), b_sum));
}

INLINE struct product collect(const struct products *sum)
{
    return (struct product){ v_fold(sum->low), v_fold(sum->middle), v_fold(sum->high) };
}

/* Divides by z^64, with x = x1 z^64 + x0:  x + x0 Q has no terms below z^64, since Q = 1 mod z^64.
 * What is left is x1 + x0 (z^57 + z^62 + z^63) + x0 z^64; 0xc2 << 56 are the three terms. */
INLINE block divide_z64(block x)
{
    return block_clmul_low(x, block_of(0, 0xc200000000000000)) ^ block_swap(x);
}

/* The sum divided by z^128 modulo Q: its lower half twice by z^64, the upper half moves down. */
INLINE block reduce(const struct product *sum)
{
    block middle = sum->middle ^ sum->low ^ sum->high;
    block low = sum->low ^ block_up(middle);
    block high = sum->high ^ block_down(middle);
    return high ^ divide_z64(divide_z64(low));
}

INLINE block multiply(block a, block b)
{
    struct product p = { zero_block, zero_block, zero_block };
    add_product(&p, a, b);
    return reduce(&p);
}

/* y takes in `count` blocks, 1 to 8; the first comes last, since y may not be there yet. */
ACCELERATED static block hash_blocks(block y, const struct gcm_key *key, const uint8_t *at,
                                     size_t count)
{
    struct product sum = { zero_block, zero_block, zero_block };
    const block *power = key->power + 8 - count;
    for (size_t i = count - 1; i > 0; i--)
        add_product(&sum, block_reverse(load(at + BLOCK * i)), power[i]);
    add_product(&sum, block_reverse(load(at)) ^ y, power[0]);
    return reduce(&sum);
}

/* y takes in a text, filled up with zeros to whole blocks. */
ACCELERATED static block hash_text(block y, const struct gcm_key *key, struct bytes text)
{
    size_t done = 0;
    for (; text.len - done >= STRIDE; done += STRIDE)
        y = hash_blocks(y, key, text.at + done, 8);
    size_t whole = (text.len - done) / BLOCK, left = (text.len - done) % BLOCK;
    if (whole > 0)
        y = hash_blocks(y, key, text.at + done, whole);
    if (left > 0) {
        uint8_t filled[BLOCK] = { 0 };
        copy(filled, text.at + text.len - left, left);
        y = hash_blocks(y, key, filled, 1);
    }
    return y;
}

/* ---- keys ---- */

INLINE block encrypt_block(const struct gcm_key *key, block x)
{
    const block *round_key = key->round_key;
    x = block_aes_begin(x, round_key[0]);
    for (uint32_t r = 1; r < key->rounds; r++)
        x = block_aes_round(x, round_key[r - 1], round_key[r]);
    return block_aes_end(x, round_key[key->rounds - 1], round_key[key->rounds]);
}

/* FIPS 197 §5.2, four words at once: word i of the new key is temp plus words 0 to i of the one Nk
 * words before. temp is made of the last word of the key before, in each of its words. */
ACCELERATED static void expand(struct gcm_key *out, const uint8_t *key, size_t key_len)
{
    typedef uint32_t words __attribute__((vector_size(BLOCK)));
    uint32_t nk = (uint32_t)key_len / BLOCK, rcon = 1;       /* nk in round keys: 1 or 2 */
    out->rounds = key_len == 16 ? 10 : 14;
    for (uint32_t i = 0; i < nk; i++)
        out->round_key[i] = load(key + BLOCK * i);
    for (uint32_t i = nk; i <= out->rounds; i++) {
        block sum = out->round_key[i - nk];
        words before = (words)out->round_key[i - 1];
        words last = { before[3], before[3], before[3], before[3] };
        words temp = (words)block_sub_words((block)last);
        if (i % nk == 0) {
            temp = (temp >> 8 | temp << 24) ^ rcon;          /* RotWord, Rcon */
            rcon = i == 8 * nk ? 0x1b : rcon << 1;
        }
        sum ^= block_up_word(sum);
        sum ^= block_up(sum);
        out->round_key[i] = sum ^ (block)temp;
    }
}

/* x z mod Q: one bit to the left; a bit that falls out is z^128 = z^127 + z^126 + z^121 + 1. */
INLINE block times_z(block x)
{
    uint64_t low = (uint64_t)x[0], high = (uint64_t)x[1], fell_out = 0 - (high >> 63);
    return block_of((high << 1 | low >> 63) ^ (fell_out & 0xc200000000000000),
                    low << 1 ^ (fell_out & 1));
}

ACCELERATED static void init(struct aead_key *key, const uint8_t *key_bytes, size_t key_len)
{
    assert(key_len == 16 || key_len == 32);
    struct gcm_key *out = (struct gcm_key *)(void *)key->state;
    expand(out, key_bytes, key_len);
    out->power[7] = times_z(block_reverse(encrypt_block(out, zero_block)));
    for (size_t i = 7; i-- > 0;)
        out->power[i] = multiply(out->power[i + 1], out->power[7]);
}

/* As many powers as eight vectors have lanes, H^(8 LANES) first, and the sums of their halves for
 * Karatsuba's trick. The last eight are the key's; eight more are eight times H^8. Secret; wiped by
 * the caller. */
struct powers { block power[8 * LANES], sum[8 * LANES]; };
enum { OF_KEY = 8 * (LANES - 1) };

/* Those from number `from` on: OF_KEY or 0. */
ACCELERATED static void powers_init(struct powers *out, const struct gcm_key *key, size_t from)
{
    UNROLL for (size_t i = 0; i < 8; i++)
        out->power[OF_KEY + i] = key->power[i];
    for (size_t i = OF_KEY; i-- > from;)
        out->power[i] = multiply(out->power[i + 8], key->power[0]);
    for (size_t i = from; i < 8 * LANES; i++)
        out->sum[i] = out->power[i] ^ block_swap(out->power[i]);
}

/* ---- counter mode and hash together ---- */

/* The number is a constant where a loop over vectors is inlined, but clang unrolls loops before that:
 * so their length is one already here. */
#define EACH_VECTOR(i) UNROLL for (int i = 0; i < 8; i++) if (i < vectors)

/* The first counter block, mirrored so that the counter is the lowest 32 bits; it belongs to the
 * tag. SP 800-38D §7.1 step 2. By words: a load of what smaller stores have just written waits for
 * them. */
INLINE block first_counter(const uint8_t nonce[AEAD_NONCE_LEN])
{
    uint64_t low;
    uint32_t middle;
    memcpy(&low, nonce, sizeof low);
    memcpy(&middle, nonce + sizeof low, sizeof middle);
    return block_reverse(block_of(UINT64_C(1) << 56 | middle, low));
}

/* LANES counters in a row. */
INLINE vec first_counters(block counter)
{
    block each[LANES];
    for (uint64_t i = 0; i < LANES; i++)
        each[i] = counter + block_of(0, i);
    return v_load((const uint8_t *)(const void *)each);
}

/* What makes the counters 2, 3, ... of a first vector those of one that is `by` further, if that
 * carries nothing out of the lowest byte: in memory's order. */
INLINE vec counters_step(uint64_t by)
{
    block each[LANES];
    UNROLL for (uint64_t i = 0; i < LANES; i++)
        each[i] = block_of(((2 + i + by) ^ (2 + i)) << 56, 0);
    return v_load((const uint8_t *)(const void *)each);
}

/* The counter blocks, begun. The first counter is 2 more than a multiple of the blocks here, so up
 * to the next such multiple, which only the last vector can reach, counting carries nothing out of
 * the bits that a constant changes: an exclusive or does it. */
INLINE void begin_vectors(vec b[8], vec counters, vec round_key, int vectors)
{
    const vec first = v_aes_begin(v_reverse(counters), round_key);
    EACH_VECTOR(i) {
        const int by = LANES * i;
        if (2 + by + LANES <= LANES * vectors)
            b[i] = v_xor(first, counters_step((uint64_t)by));
        else
            b[i] = v_aes_begin(v_reverse(v_add32(counters, v_all(block_of(0, (uint64_t)by)))),
                               round_key);
    }
}

/* LANES of these from number i on. */
INLINE vec lanes_of(const block *blocks, int i)
{
    return v_load((const uint8_t *)(const void *)(blocks + i));
}

/* Encrypts or decrypts `vectors` vectors with the counters from `counters` on. If `h` is not NULL, y
 * takes in as many blocks at `hashed`, with the powers from number `from` on; all of them are read
 * before the first is written to `out`, and the first is taken last, since y may not be there yet.
 * `vectors`, at most 8, and whether there are powers are constants where it is inlined. */
INLINE block crypt_vectors(const struct gcm_key *key, const struct powers *h, int from,
                           int vectors, vec counters, uint8_t *out, const uint8_t *in, block y,
                           const uint8_t *hashed)
{
    const vec zero = v_all(zero_block);
    struct products sum = { zero, zero, zero };
    vec b[8];
    begin_vectors(b, counters, v_all(key->round_key[0]), vectors);
    UNROLL for (int r = 1; r <= 8; r++) {
        vec before = v_all(key->round_key[r - 1]), own = v_all(key->round_key[r]);
        if (h && r <= vectors) {
            int i = LANES * (r % vectors);
            vec x = v_reverse(v_load(hashed + BLOCK * i));
            if (i == 0)
                x = v_xor(x, v_first(y));
            add_products(&sum, x, lanes_of(h->power, from + i), lanes_of(h->sum, from + i));
            if (LANES < 4 || r % 2 == 0) {      /* AVX-512 adds two in one operation */
                V_NOW(sum.low);
                V_NOW(sum.middle);
                V_NOW(sum.high);
            }
        }
        EACH_VECTOR(i) {
            b[i] = v_aes_round(b[i], before, own);
            V_NOW(b[i]);
        }
    }
    for (uint32_t r = 9; r < key->rounds; r++) {
        vec before = v_all(key->round_key[r - 1]), own = v_all(key->round_key[r]);
        EACH_VECTOR(i)
            b[i] = v_aes_round(b[i], before, own);
    }
    vec before = v_all(key->round_key[key->rounds - 1]);
    vec last = v_all(key->round_key[key->rounds]);
    EACH_VECTOR(i) {
        vec text = v_load(in + BLOCK * LANES * i);
        v_store(out + BLOCK * LANES * i, v_xor(v_aes_end(b[i], before, last), text));
    }
    if (!h)
        return y;
    struct product p = collect(&sum);
    return reduce(&p);
}

/* What the parts of one message share. */
struct progress {
    vec counters;                       /* of the next block */
    block y;                            /* the hash so far */
    size_t done, hashed;                /* bytes of the text */
};

/* Sealing: hashes each piece of ciphertext while it encrypts the next. */
INLINE void seal_pieces(struct progress *p, const struct gcm_key *key, const struct powers *h,
                        int from, int vectors, uint8_t *out, struct bytes text)
{
    const size_t piece = (size_t)(BLOCK * LANES * vectors);
    if (text.len - p->done < piece)
        return;
    const vec by = v_all(block_of(0, (uint64_t)(LANES * vectors)));
    crypt_vectors(key, NULL, 0, vectors, p->counters, out + p->done, text.at + p->done, p->y,
                  NULL);
    p->counters = v_add32(p->counters, by);
    p->done += piece;
    for (; text.len - p->done >= piece; p->done += piece, p->hashed += piece) {
        p->y = crypt_vectors(key, h, from, vectors, p->counters, out + p->done,
                             text.at + p->done, p->y, out + p->hashed);
        p->counters = v_add32(p->counters, by);
    }
    p->y = hash_text(p->y, key, bytes_of(out + p->hashed, p->done - p->hashed));
    p->hashed = p->done;
}

/* Opening: hashes each piece of ciphertext while it decrypts the same one. */
INLINE void open_pieces(struct progress *p, const struct gcm_key *key, const struct powers *h,
                        int from, int vectors, uint8_t *out, struct bytes text)
{
    const size_t piece = (size_t)(BLOCK * LANES * vectors);
    const vec by = v_all(block_of(0, (uint64_t)(LANES * vectors)));
    for (; text.len - p->done >= piece; p->done += piece) {
        p->y = crypt_vectors(key, h, from, vectors, p->counters, out + p->done,
                             text.at + p->done, p->y, text.at + p->done);
        p->counters = v_add32(p->counters, by);
    }
}

/* Where wider pieces pay for the powers that they need. */
enum { LONG = 2 * WIDE };

ACCELERATED static void seal_whole_strides(struct progress *p, const struct gcm_key *key,
                                           uint8_t *out, struct bytes text)
{
    const bool wide = LANES > 1 && text.len >= LONG;
    struct powers h;
    powers_init(&h, key, wide ? 0 : OF_KEY);
    if (wide)
        seal_pieces(p, key, &h, 0, 8, out, text);
    seal_pieces(p, key, &h, OF_KEY, NARROW, out, text);
    wipe(&h, sizeof h);
}

ACCELERATED static void open_whole_strides(struct progress *p, const struct gcm_key *key,
                                           uint8_t *out, struct bytes text)
{
    const bool wide = LANES > 1 && text.len >= LONG;
    struct powers h;
    powers_init(&h, key, wide ? 0 : OF_KEY);
    if (wide)
        open_pieces(p, key, &h, 0, 8, out, text);
    open_pieces(p, key, &h, OF_KEY, NARROW, out, text);
    wipe(&h, sizeof h);
}

/* ---- the end of a message ---- */

/* What is hashed last, in one sum where possible: additional data, if it is one block and the text
 * is short; up to eight blocks of text; the block of lengths. Secret until it is ciphertext. */
struct last { uint8_t byte[10 * BLOCK]; size_t blocks; };

/* Short additional data waits for the end of a short text; any other is hashed now. */
INLINE block begin_hash(struct last *last, const struct gcm_key *key, struct bytes aad,
                        size_t text_len)
{
    _Pragma("GCC unroll 10") for (size_t i = 0; i < sizeof last->byte; i += BLOCK)
        store(last->byte + i, zero_block);
    last->blocks = 0;
    if (aad.len == 0 || aad.len > BLOCK || text_len >= STRIDE)
        return hash_text(zero_block, key, aad);
    copy(last->byte, aad.at, aad.len);
    last->blocks = 1;
    return zero_block;
}

/* SP 800-38D §7.1 steps 5 and 6; `mask` is the first counter block encrypted. */
INLINE block make_tag(struct last *last, const struct gcm_key *key, block y, block mask,
                      size_t aad_len, size_t text_len)
{
    size_t blocks = last->blocks + 1, more = blocks > 8 ? blocks - 8 : 0;
    block lengths = block_of((uint64_t)aad_len * 8, (uint64_t)text_len * 8);
    store(last->byte + BLOCK * last->blocks, block_reverse(lengths));
    if (more > 0)
        y = hash_blocks(y, key, last->byte, more);
    y = hash_blocks(y, key, last->byte + BLOCK * more, blocks - more);
    return block_reverse(y) ^ mask;
}

/* Fewer than eight whole blocks. Leaves the ciphertext in `last`, filled up with zeros: what comes
 * out of `seal`, what went in of `open`. Block by block, since a vector would wait for the blocks
 * that were just written. */
INLINE void crypt_tail(struct last *last, const struct gcm_key *key, const struct progress *p,
                       uint8_t *out, struct bytes text, bool sealing)
{
    static const uint8_t no_text[STRIDE];
    uint8_t *hashed = last->byte + BLOCK * last->blocks, stream[STRIDE];
    const size_t len = text.len - p->done, left = len % BLOCK, whole = len - left;
    if (len == 0)
        return;
    const uint8_t *in = text.at + p->done;
    out += p->done;
    last->blocks += (len + BLOCK - 1) / BLOCK;
    crypt_vectors(key, NULL, 0, NARROW, p->counters, stream, no_text, zero_block, NULL);
    for (size_t at = 0; at < whole; at += BLOCK) {
        block before = load(in + at), after = before ^ load(stream + at);
        store(out + at, after);
        store(hashed + at, sealing ? after : before);
    }
    if (left > 0) {
        memcpy(hashed + whole, in + whole, left);
        store(stream + whole, load(hashed + whole) ^ load(stream + whole));
        memcpy(out + whole, stream + whole, left);
        if (sealing)
            memcpy(hashed + whole, stream + whole, left);
    }
    wipe(stream, sizeof stream);
}

/* ---- the AEAD ---- */

static const struct gcm_key *gcm_key(const struct aead_key *key)
{
    return (const struct gcm_key *)(const void *)key->state;
}

ACCELERATED static void seal(const struct aead_key *expanded, uint8_t *out,
                             const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                             struct bytes plaintext)
{
    assert(aes_gcm_fits(plaintext.len));
    const struct gcm_key *key = gcm_key(expanded);
    struct last last;
    const block j0 = first_counter(nonce);
    struct progress p = { .counters = first_counters(j0 + block_of(0, 1)) };
    p.y = begin_hash(&last, key, aad, plaintext.len);
    const block mask = encrypt_block(key, block_reverse(j0));
    if (plaintext.len >= STRIDE)
        seal_whole_strides(&p, key, out, plaintext);
    crypt_tail(&last, key, &p, out, plaintext, true);
    store(out + plaintext.len, make_tag(&last, key, p.y, mask, aad.len, plaintext.len));
}

/* The text is read once, so it is in `out` before the tag is known, and erased if the tag is
 * wrong. */
ACCELERATED static bool open(const struct aead_key *expanded, uint8_t *out,
                             const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                             struct bytes sealed)
{
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    struct bytes text = { sealed.at, sealed.len - AEAD_TAG_LEN };
    assert(aes_gcm_fits(text.len));
    const struct gcm_key *key = gcm_key(expanded);
    struct last last;
    uint8_t tag[AEAD_TAG_LEN];
    const block j0 = first_counter(nonce);
    struct progress p = { .counters = first_counters(j0 + block_of(0, 1)) };
    p.y = begin_hash(&last, key, aad, text.len);
    const block mask = encrypt_block(key, block_reverse(j0));
    if (text.len >= STRIDE)
        open_whole_strides(&p, key, out, text);
    crypt_tail(&last, key, &p, out, text, false);
    store(tag, make_tag(&last, key, p.y, mask, aad.len, text.len));

    bool ok = ct_verdict(ct_equal(tag, sealed.at + text.len, sizeof tag));
    if (!ok && text.len > 0)
        wipe(out, text.len);
    wipe(tag, sizeof tag);
    return ok;
}
