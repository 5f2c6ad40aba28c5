/* crypto/aes_gcm_x86.c - AES-GCM with the AES-NI and PCLMULQDQ instructions.
 *
 * Implements  what crypto/aes_gcm.c does (SP 800-38D), eight blocks at a time.
 * Trusts      these instructions to take the same time for all operands, as their makers say.
 * Secret      as there. Values in registers, and those that the compiler spills, are not wiped; the
 *             tail's buffer is.
 *
 * AES: an AESENC takes several cycles but a new one can start in each, so eight counter blocks go
 * through the rounds side by side. GHASH is woven between the rounds, since it keeps other parts of
 * the processor busy.
 *
 * GHASH: y = (((y + X1) H + X2) H + ... + X8) H is the same as (y + X1) H^8 + X2 H^7 + ... + X8 H,
 * where the products do not wait for one another and are reduced once, after the sum.
 *
 * Mirrored products. A block read as an integer has x^0 on top (see aes_gcm.c). Let a'(z) be that
 * integer as a polynomial: a'(z) = z^127 a(1/z). The field polynomial P mirrored in 129 bits is
 *     Q(z) = z^128 P(1/z) = z^128 + z^127 + z^126 + z^121 + 1,
 * and for c = a b mod P we get c' = a' b' z^-127 mod Q. If b' is kept as b' z, then
 * c' = a' (b' z) z^-128 mod Q: a Montgomery product. So every power of H is kept times z, and a
 * reduction divides by z^128 where the portable version shifts by one bit and folds downwards.
 */
#include "crypto/aes_gcm.h"

#include "crypto/cpu.h"
#include "crypto/ct.h"
#include "crypto/wipe.h"

#if CPU_X86_64

#include <assert.h>
#include <immintrin.h>
#include <string.h>

/* Only these functions are compiled for the instructions; they run once cpu.c has found them. */
#define ACCELERATED __attribute__((target("aes,pclmul,ssse3,sse4.1")))
#define INLINE      static inline __attribute__((always_inline)) ACCELERATED
#define UNROLL      _Pragma("GCC unroll 8")

enum {
    BLOCK  = 16,             /* bytes */
    WIDE   = 8,              /* blocks side by side */
    STRIDE = WIDE * BLOCK,
};

struct accelerated_key {
    __m128i round_key[15];
    __m128i power[WIDE];     /* power[i] is H^(i+1), mirrored, times z */
    uint32_t rounds;         /* 10 or 14 */
};
_Static_assert(sizeof(struct accelerated_key) <= sizeof(struct aead_key), "expanded key fits");
_Static_assert(_Alignof(struct accelerated_key) <= _Alignof(struct aead_key), "and is aligned");

static const struct accelerated_key *accelerated(const struct aead_key *key)
{
    return (const struct accelerated_key *)(const void *)key->state;
}

INLINE __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

INLINE void store(uint8_t *at, __m128i x)
{
    _mm_storeu_si128((__m128i *)(void *)at, x);
}

/* Bytes in the opposite order: between memory and the integer that it reads as, big-endian. */
INLINE __m128i reverse_bytes(__m128i x)
{
    return _mm_shuffle_epi8(x, _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/* ---- GHASH ---- */

/* A sum of 256-bit products, not reduced: low + middle z^64 + high z^128. */
struct product { __m128i low, middle, high; };

INLINE void add_product(struct product *sum, __m128i a, __m128i b)
{
    sum->low = _mm_xor_si128(sum->low, _mm_clmulepi64_si128(a, b, 0x00));
    sum->high = _mm_xor_si128(sum->high, _mm_clmulepi64_si128(a, b, 0x11));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x01));
    sum->middle = _mm_xor_si128(sum->middle, _mm_clmulepi64_si128(a, b, 0x10));
}

/* Divides by z^64, with x = x1 z^64 + x0:  x + x0 Q has no terms below z^64, since Q = 1 mod z^64.
 * What is left is x1 + x0 (z^57 + z^62 + z^63) + x0 z^64; 0xc2 << 56 are the three terms. */
INLINE __m128i divide_z64(__m128i x)
{
    const __m128i terms = _mm_set_epi64x(0, (long long)0xc200000000000000);
    return _mm_xor_si128(_mm_clmulepi64_si128(x, terms, 0x00), _mm_shuffle_epi32(x, 0x4e));
}

/* The sum divided by z^128 modulo Q: its lower half twice by z^64, the upper half moves down. */
INLINE __m128i reduce(const struct product *sum)
{
    __m128i low = _mm_xor_si128(sum->low, _mm_slli_si128(sum->middle, 8));
    __m128i high = _mm_xor_si128(sum->high, _mm_srli_si128(sum->middle, 8));
    return _mm_xor_si128(high, divide_z64(divide_z64(low)));
}

/* y takes in `count` <= 8 whole blocks. */
INLINE __m128i hash_blocks(__m128i y, const struct accelerated_key *key, const uint8_t *at,
                           size_t count)
{
    struct product sum = { 0 };
    for (size_t i = 0; i < count; i++) {
        __m128i block = reverse_bytes(load(at + BLOCK * i));
        add_product(&sum, i == 0 ? _mm_xor_si128(block, y) : block, key->power[count - 1 - i]);
    }
    return reduce(&sum);
}

/* y takes in a text, filled up with zeros to whole blocks. */
ACCELERATED static __m128i hash_text(__m128i y, const struct accelerated_key *key,
                                     struct bytes text)
{
    size_t done = 0;
    for (; text.len - done >= STRIDE; done += STRIDE)
        y = hash_blocks(y, key, text.at + done, WIDE);
    if (done < text.len) {
        uint8_t tail[STRIDE] = { 0 };
        memcpy(tail, text.at + done, text.len - done);
        y = hash_blocks(y, key, tail, (text.len - done + BLOCK - 1) / BLOCK);
    }
    return y;
}

/* ---- keys ---- */

INLINE __m128i encrypt_block(const struct accelerated_key *key, __m128i block)
{
    block = _mm_xor_si128(block, key->round_key[0]);
    for (uint32_t r = 1; r < key->rounds; r++)
        block = _mm_aesenc_si128(block, key->round_key[r]);
    return _mm_aesenclast_si128(block, key->round_key[key->rounds]);
}

/* FIPS 197 §5.2, four words at once. AESENCLAST is SubBytes, ShiftRows and AddRoundKey; on four
 * equal columns ShiftRows changes nothing, which leaves SubWord and the addition of Rcon.
 * Then word i of the new key is temp plus words 0 to i of the one Nk words before. */
ACCELERATED static void expand(struct accelerated_key *out, const uint8_t *key, size_t key_len)
{
    uint32_t nk = (uint32_t)key_len / BLOCK;                 /* in round keys: 1 or 2 */
    __m128i rcon = _mm_set1_epi32(1);
    out->rounds = key_len == 16 ? 10 : 14;
    for (uint32_t i = 0; i < nk; i++)
        out->round_key[i] = load(key + BLOCK * i);
    for (uint32_t i = nk; i <= out->rounds; i++) {
        __m128i sum = out->round_key[i - nk];
        __m128i temp = _mm_shuffle_epi32(out->round_key[i - 1], 0xff);      /* its last word */
        if (i % nk == 0) {
            temp = _mm_or_si128(_mm_srli_epi32(temp, 8), _mm_slli_epi32(temp, 24));   /* RotWord */
            temp = _mm_aesenclast_si128(temp, rcon);
            rcon = i == 8 * nk ? _mm_set1_epi32(0x1b) : _mm_slli_epi32(rcon, 1);
        } else {
            temp = _mm_aesenclast_si128(temp, _mm_setzero_si128());
        }
        sum = _mm_xor_si128(sum, _mm_slli_si128(sum, 4));
        sum = _mm_xor_si128(sum, _mm_slli_si128(sum, 8));
        out->round_key[i] = _mm_xor_si128(sum, temp);
    }
}

/* x z mod Q: one bit to the left; a bit that falls out is z^128 = z^127 + z^126 + z^121 + 1. */
INLINE __m128i times_z(__m128i x)
{
    __m128i carries = _mm_srli_epi64(x, 63);
    __m128i shifted = _mm_or_si128(_mm_slli_epi64(x, 1), _mm_slli_si128(carries, 8));
    __m128i fell_out = _mm_srai_epi32(_mm_shuffle_epi32(x, 0xff), 31);       /* a mask */
    __m128i q = _mm_set_epi64x((long long)0xc200000000000000, 1);
    return _mm_xor_si128(shifted, _mm_and_si128(fell_out, q));
}

ACCELERATED static void init(struct aead_key *key, const uint8_t *key_bytes, size_t key_len)
{
    assert(key_len == 16 || key_len == 32);
    struct accelerated_key *out = (struct accelerated_key *)(void *)key->state;
    expand(out, key_bytes, key_len);
    out->power[0] = times_z(reverse_bytes(encrypt_block(out, _mm_setzero_si128())));
    for (size_t i = 1; i < WIDE; i++) {
        struct product next = { 0 };
        add_product(&next, out->power[i - 1], out->power[0]);
        out->power[i] = reduce(&next);
    }
}

/* ---- counter mode and hash together ---- */

/* The first counter block, mirrored so that the counter is the lowest 32 bits; it belongs to the
 * tag. SP 800-38D §7.1 step 2. */
INLINE __m128i first_counter(const uint8_t nonce[AEAD_NONCE_LEN])
{
    uint8_t block[BLOCK];
    memcpy(block, nonce, AEAD_NONCE_LEN);
    store_be32(block + AEAD_NONCE_LEN, 1);
    return reverse_bytes(load(block));
}

INLINE __m128i count(__m128i counter, int by)
{
    return _mm_add_epi32(counter, _mm_set_epi32(0, 0, 0, by));
}

/* Encrypts or decrypts eight blocks with the counters from `counter` on. If `hashed` is not NULL,
 * y takes in the eight blocks there, all of them read before the first is written to `out`. */
INLINE __m128i crypt_stride(const struct accelerated_key *key, __m128i counter, uint8_t *out,
                            const uint8_t *in, __m128i y, const uint8_t *hashed)
{
    __m128i b[WIDE];
    struct product sum = { 0 };
    UNROLL for (int i = 0; i < WIDE; i++)
        b[i] = _mm_xor_si128(reverse_bytes(count(counter, i)), key->round_key[0]);

    UNROLL for (int r = 1; r <= WIDE; r++) {
        UNROLL for (int i = 0; i < WIDE; i++)
            b[i] = _mm_aesenc_si128(b[i], key->round_key[r]);
        if (hashed) {
            __m128i block = reverse_bytes(load(hashed + BLOCK * (r - 1)));
            add_product(&sum, r == 1 ? _mm_xor_si128(block, y) : block, key->power[WIDE - r]);
        }
    }
    for (uint32_t r = WIDE + 1; r < key->rounds; r++) {
        UNROLL for (int i = 0; i < WIDE; i++)
            b[i] = _mm_aesenc_si128(b[i], key->round_key[r]);
    }
    UNROLL for (int i = 0; i < WIDE; i++)
        b[i] = _mm_aesenclast_si128(b[i], key->round_key[key->rounds]);

    UNROLL for (int i = 0; i < WIDE; i++)
        store(out + BLOCK * i, _mm_xor_si128(b[i], load(in + BLOCK * i)));
    return hashed ? reduce(&sum) : y;
}

/* The last, incomplete stride: fewer than eight whole blocks. */
ACCELERATED static void crypt_tail(const struct accelerated_key *key, __m128i counter,
                                   uint8_t *out, struct bytes text)
{
    uint8_t tail[STRIDE] = { 0 };
    if (text.len == 0)
        return;
    memcpy(tail, text.at, text.len);
    crypt_stride(key, counter, tail, tail, counter, NULL);
    memcpy(out, tail, text.len);
    wipe(tail, sizeof tail);
}

/* SP 800-38D §7.1 steps 5 and 6, from the hash of AAD and ciphertext on. */
INLINE __m128i make_tag(const struct accelerated_key *key, __m128i y, __m128i j0,
                        size_t aad_len, size_t ciphertext_len)
{
    __m128i lengths = _mm_set_epi64x((long long)((uint64_t)aad_len * 8),
                                     (long long)((uint64_t)ciphertext_len * 8));
    struct product sum = { 0 };
    add_product(&sum, _mm_xor_si128(y, lengths), key->power[0]);
    return _mm_xor_si128(reverse_bytes(reduce(&sum)), encrypt_block(key, reverse_bytes(j0)));
}

/* ---- the AEAD ---- */

/* Hashes each stride of ciphertext while it encrypts the next. */
ACCELERATED static void seal(const struct aead_key *expanded, uint8_t *out,
                             const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                             struct bytes plaintext)
{
    assert(aes_gcm_fits(plaintext.len));
    const struct accelerated_key *key = accelerated(expanded);
    const __m128i j0 = first_counter(nonce);
    __m128i counter = count(j0, 1);
    __m128i y = hash_text(_mm_setzero_si128(), key, aad);
    size_t done = 0, hashed = 0;
    for (; plaintext.len - done >= STRIDE; done += STRIDE, counter = count(counter, WIDE)) {
        if (done == 0) {
            crypt_stride(key, counter, out, plaintext.at, y, NULL);
            continue;
        }
        y = crypt_stride(key, counter, out + done, plaintext.at + done, y, out + hashed);
        hashed += STRIDE;
    }
    if (done < plaintext.len)
        crypt_tail(key, counter, out + done,
                   bytes_of(plaintext.at + done, plaintext.len - done));
    y = hash_text(y, key, bytes_of(out + hashed, plaintext.len - hashed));
    store(out + plaintext.len, make_tag(key, y, j0, aad.len, plaintext.len));
}

/* Hashes each stride of ciphertext while it decrypts the same one. The text is read once, so it is
 * in `out` before the tag is known, and erased if the tag is wrong. */
ACCELERATED static bool open(const struct aead_key *expanded, uint8_t *out,
                             const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad,
                             struct bytes sealed)
{
    if (sealed.len < AEAD_TAG_LEN)
        return false;
    const size_t len = sealed.len - AEAD_TAG_LEN;
    assert(aes_gcm_fits(len));
    const struct accelerated_key *key = accelerated(expanded);
    const __m128i j0 = first_counter(nonce);
    __m128i counter = count(j0, 1);
    __m128i y = hash_text(_mm_setzero_si128(), key, aad);
    size_t done = 0;
    for (; len - done >= STRIDE; done += STRIDE, counter = count(counter, WIDE))
        y = crypt_stride(key, counter, out + done, sealed.at + done, y, sealed.at + done);
    struct bytes tail = { sealed.at + done, len - done };
    y = hash_text(y, key, tail);
    crypt_tail(key, counter, out + done, tail);

    uint8_t tag[AEAD_TAG_LEN];
    store(tag, make_tag(key, y, j0, aad.len, len));
    bool ok = ct_verdict(ct_equal(tag, sealed.at + len, sizeof tag));
    if (!ok && len > 0)
        wipe(out, len);
    wipe(tag, sizeof tag);
    return ok;
}

static const struct aes_gcm aes_gcm_x86 = {
    .name = "AES-NI", .init = init, .seal = seal, .open = open,
};

const struct aes_gcm *aes_gcm_accelerated(void)
{
    return cpu_supports(CPU_AES_NI) ? &aes_gcm_x86 : NULL;
}

#endif
