/* crypto/chacha20_poly1305_x86.c - ChaCha20-Poly1305 with AVX2: eight blocks of key stream at a
 * time, and the tag meanwhile.
 *
 * Implements  RFC 8439 §2.1 to §2.4 (ChaCha20), §2.6 (the one-time key), §2.8 (the AEAD).
 * Trusts      these instructions to take the same time for all operands, as their makers say.
 * Secret      key, key stream, text, accumulator. What the compiler spills from registers is not
 *             wiped; `struct message` is.
 *
 * ChaCha20 keeps the vector units of a processor busy and Poly1305 its multiplier of 64 bits, and
 * neither has use for the other's. So blocks of ciphertext are hashed between the rounds that make
 * the key stream for the next, and for a long text that costs hardly more than the rounds alone:
 *
 *      key stream of piece    0    1    2    3    4    -
 *      hashed meanwhile       -    0    1    2    3    4
 *
 * A piece is eight blocks of 64 bytes, but for the first, since block 0 of the key stream is the
 * one-time key. Short records need one pass or two and have their key with the first.
 */
#include "crypto/chacha20_poly1305.h"

#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/poly1305.h"
#include "crypto/wipe.h"

#if CPU_X86_64

#include <assert.h>
#include <immintrin.h>
#include <string.h>

/* Only these functions are compiled for the instructions; they run once cpu.c has found them. */
#define ACCELERATED __attribute__((target("avx2")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED
#define UNROLL      _Pragma("GCC unroll 16")

enum {
    BLOCK = 64,                         /* bytes */
    LANES = 8,                          /* words of 32 bits in a vector, one of each block */
    PIECE = LANES * BLOCK,
};

typedef __m256i vec;

/* Secret; wiped by its owner. */
struct message {
    uint32_t state[16];                 /* §2.3; word 12 counts the blocks */
    struct poly1305 mac;
    uint8_t stream[2][PIECE];           /* the key stream of this piece and of the next */
};

INLINE vec load(const uint8_t *at) { return _mm256_loadu_si256((const vec *)(const void *)at); }
INLINE void store(uint8_t *at, vec x) { _mm256_storeu_si256((vec *)(void *)at, x); }

/* ---- ChaCha20 ---- */

/* Each word by n bits to the left; whole bytes are moved, which takes one instruction. */
INLINE vec rotate(vec x, int n)
{
    const vec by_16 = _mm256_set_epi64x(0x0d0c0f0e09080b0a, 0x0504070601000302,
                                        0x0d0c0f0e09080b0a, 0x0504070601000302);
    const vec by_8 = _mm256_set_epi64x(0x0e0d0c0f0a09080b, 0x0605040702010003,
                                       0x0e0d0c0f0a09080b, 0x0605040702010003);
    if (n == 16)
        return _mm256_shuffle_epi8(x, by_16);
    if (n == 8)
        return _mm256_shuffle_epi8(x, by_8);
    return _mm256_or_si256(_mm256_slli_epi32(x, n), _mm256_srli_epi32(x, 32 - n));
}

/* §2.1, of eight blocks */
INLINE void quarter_round(vec *a, vec *b, vec *c, vec *d)
{
    *a = _mm256_add_epi32(*a, *b);  *d = rotate(_mm256_xor_si256(*d, *a), 16);
    *c = _mm256_add_epi32(*c, *d);  *b = rotate(_mm256_xor_si256(*b, *c), 12);
    *a = _mm256_add_epi32(*a, *b);  *d = rotate(_mm256_xor_si256(*d, *a), 8);
    *c = _mm256_add_epi32(*c, *d);  *b = rotate(_mm256_xor_si256(*b, *c), 7);
}

/* §2.3: a round on the columns (by = 0) or on the diagonals (by = 1) of the four by four words. */
INLINE void round_(vec x[16], int by)
{
    UNROLL for (int i = 0; i < 4; i++)
        quarter_round(&x[i], &x[4 + (i + by) % 4], &x[8 + (i + 2 * by) % 4],
                      &x[12 + (i + 3 * by) % 4]);
}

/* The words of the state in all lanes, and each block's own counter. */
INLINE vec initial(const uint32_t state[16], int i)
{
    const vec lane = _mm256_set_epi32(7, 6, 5, 4, 3, 2, 1, 0);
    vec word = _mm256_set1_epi32((int)state[i]);
    return i == 12 ? _mm256_add_epi32(word, lane) : word;
}

/* Half of each block: x[i] has word i of all blocks, and block j gets its eight words in a row.
 * Words 0, 1, 2 of block j are here 0j, 1j, 2j; the instructions work on halves of four lanes.
 *
 *      x[0]     00 01 02 03 | 04 05 06 07        x[1]  10 11 12 13 | 14 15 16 17     ...
 *      pairs    00 10 01 11 | 04 14 05 15              02 12 03 13 | 06 16 07 17
 *      fours    00 10 20 30 | 04 14 24 34              01 11 21 31 | 05 15 25 35     ...
 *      blocks   00 10 20 30 | 40 50 60 70   (0)        04 14 24 34 | 44 54 64 74  (4)
 */
INLINE void store_transposed(uint8_t *out, const vec x[8])
{
    vec pairs[8], fours[8];
    UNROLL for (int i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_epi32(x[i], x[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_epi32(x[i], x[i + 1]);
    }
    UNROLL for (int i = 0; i < 8; i += 4) {
        fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
    UNROLL for (int j = 0; j < 4; j++) {
        store(out + BLOCK * j, _mm256_permute2x128_si256(fours[j], fours[j + 4], 0x20));
        store(out + BLOCK * (j + 4), _mm256_permute2x128_si256(fours[j], fours[j + 4], 0x31));
    }
}

/* ---- both together ---- */

/* Two blocks between two rounds: more, and they would wait for one another for longer than there
 * are vector operations to fill the time. */
enum { AT_A_TIME = 2 * POLY1305_BLOCK, MOST_HASHED = 20 * AT_A_TIME };

INLINE void hash_some(struct poly1305 *mac, struct bytes *text)
{
    if (text->len == 0)
        return;
    poly1305_block(mac, text->at);
    poly1305_block(mac, text->at + POLY1305_BLOCK);
    *text = bytes_of(text->at + AT_A_TIME, text->len - AT_A_TIME);
}

/* The next eight blocks of key stream (§2.3), while the tag takes in `hashed`. */
ACCELERATED static void key_stream(uint8_t out[PIECE], struct message *m, struct bytes hashed)
{
    assert(hashed.len % AT_A_TIME == 0 && hashed.len <= MOST_HASHED);
    struct poly1305 mac = m->mac;                       /* for the compiler: nobody else's */
    vec x[16];
    UNROLL for (int i = 0; i < 16; i++)
        x[i] = initial(m->state, i);
    for (int i = 0; i < 10; i++) {
        round_(x, 0);
        hash_some(&mac, &hashed);
        round_(x, 1);
        hash_some(&mac, &hashed);
    }
    UNROLL for (int i = 0; i < 16; i++)
        x[i] = _mm256_add_epi32(x[i], initial(m->state, i));
    store_transposed(out, x);
    store_transposed(out + BLOCK / 2, x + 8);
    m->state[12] += LANES;
    m->mac = mac;
}

/* §2.4 */
INLINE void xor_stream(uint8_t *out, const uint8_t *text, const uint8_t *stream, size_t len)
{
    size_t i = 0;
    for (; len - i >= sizeof(vec); i += sizeof(vec))
        store(out + i, _mm256_xor_si256(load(text + i), load(stream + i)));
    for (; i < len; i++)
        out[i] = text[i] ^ stream[i];
}

/* The whole text. The ciphertext is hashed: behind the encryption, or ahead of the decryption,
 * which may be in the same place. */
INLINE void crypt(struct message *m, uint8_t *out, struct bytes text, bool sealing)
{
    const uint8_t *stream = m->stream[0] + BLOCK;
    size_t room = PIECE - BLOCK;
    for (int next = 1;; next = !next) {
        size_t len = text.len < room ? text.len : room;
        struct bytes ciphertext = { sealing ? out : text.at, len };
        bool last = text.len == len;
        if (sealing)
            xor_stream(out, text.at, stream, len);
        if (last)
            poly1305_padded(&m->mac, ciphertext);
        else
            key_stream(m->stream[next], m, ciphertext);
        if (!sealing)
            xor_stream(out, text.at, stream, len);
        if (last)
            return;
        out += len;
        text = bytes_of(text.at + len, text.len - len);
        stream = m->stream[next];
        room = PIECE;
    }
}

/* ---- the AEAD ---- */

/* §2.6: the first 32 bytes of key stream are the key of the tag. §2.8: additional data first. */
INLINE void begin(struct message *m, const struct aead_key *key,
                  const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad)
{
    static const uint8_t constants[16] = "expand 32-byte k";
    memcpy(m->state, constants, sizeof constants);
    memcpy(m->state + 4, key->state, CHACHA20_POLY1305_KEY_LEN);
    m->state[12] = 0;
    memcpy(m->state + 13, nonce, AEAD_NONCE_LEN);
    memset(&m->mac, 0, sizeof m->mac);
    key_stream(m->stream[0], m, bytes_of(NULL, 0));
    poly1305_init(&m->mac, m->stream[0]);
    poly1305_padded(&m->mac, aad);
}

/* §2.8: both lengths in bytes, as two numbers of 64 bits. */
INLINE void end(struct message *m, uint8_t tag[AEAD_TAG_LEN], size_t aad_len, size_t text_len)
{
    poly1305_step(&m->mac, aad_len, text_len, 1);
    poly1305_final(&m->mac, tag);
    wipe(m, sizeof *m);
}

/* §2.8: the counter has 32 bits, and block 0 is the one-time key. */
static bool fits(size_t text_len)
{
    return text_len <= UINT64_C(64) * UINT32_MAX;
}

ACCELERATED static void seal(const struct aead_key *key, uint8_t *out,
                             const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                             struct bytes plaintext)
{
    struct message m;
    assert(fits(plaintext.len));
    begin(&m, key, nonce, aad);
    crypt(&m, out, plaintext, true);
    end(&m, out + plaintext.len, aad.len, plaintext.len);
}

/* The text is read once, so it is in `out` before the tag is known, and erased if the tag is
 * wrong. */
ACCELERATED static bool open(const struct aead_key *key, uint8_t *out,
                             const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                             struct bytes sealed)
{
    struct message m;
    uint8_t tag[AEAD_TAG_LEN];
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    struct bytes text = { sealed.at, sealed.len - AEAD_TAG_LEN };
    assert(fits(text.len));
    begin(&m, key, nonce, aad);
    crypt(&m, out, text, false);
    end(&m, tag, aad.len, text.len);

    bool ok = ct_verdict(ct_equal(tag, sealed.at + text.len, sizeof tag));
    if (!ok && text.len > 0)
        wipe(out, text.len);
    wipe(tag, sizeof tag);
    return ok;
}

const struct chacha20_poly1305 chacha20_poly1305_avx2 = {
    .name = "avx2", .needs = CPU_AVX2, .seal = seal, .open = open,
};

#endif
