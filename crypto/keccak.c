/* crypto/keccak.c - the permutation Keccak-f[1600] and the sponge around it.
 *
 * Implements  FIPS 202 §3.2 (the five steps of a round), §3.3 (Keccak-p[1600, 24]), §4 Alg. 8 (the
 *             sponge), §6.1 and §6.2 (SHA3-256, SHA3-512, SHAKE128, SHAKE256).
 * Secret      the state, when what is absorbed is. The permutation is and, xor, not and
 *             rotations by constants: there is nothing for timing to depend on. Registers, and what
 *             the compiler spills of them, are not wiped here.
 * Leaves out  messages that are not whole bytes; the other output lengths.
 *
 * The state is 5 x 5 lanes of 64 bits. A sponge lets the outside touch only its first `rate` bytes:
 *
 *        piece 1      piece 2                    out 1        out 2
 *           |            |                         ^            ^
 *     0 -->xor->[ f ]-->xor->[ f ]--> ...  [ f ]---+-->[ f ]----+--> ...      rate
 *     0 ------->[   ]------->[   ]--> ...  [   ]------>[   ]--------> ...     capacity
 *                  absorbing            |              squeezing
 *
 * What never leaves or enters directly, the capacity, is the strength: 2 x 256 bits for SHA3-256.
 */
#include "crypto/keccak.h"

#include "crypto/cpu.h"
#include "crypto/wipe.h"

#include <assert.h>
#include <string.h>

const struct sponge_kind sha3_256 = { "SHA3-256", 136, 0x06, 32 };     /* 01 and padding, §6.1 */
const struct sponge_kind sha3_512 = { "SHA3-512", 72, 0x06, 64 };
const struct sponge_kind shake128 = { "SHAKE128", SHAKE128_RATE, 0x1f, 0 };     /* 1111, §6.2 */
const struct sponge_kind shake256 = { "SHAKE256", 136, 0x1f, 0 };

/* ---- the permutation ---- */

typedef uint64_t word;
#define INLINE static inline __attribute__((always_inline))

#include "crypto/keccak_round.h"

/* Alg. 7 with w = 64 and 24 rounds, in place. */
INLINE void rounds(uint64_t a[25])
{
    for (size_t i = 0; i < 24; i += 4) {
        keccak_round(a, 2, a, 1, round_constant[i]);
        keccak_round(a, 4, a, 2, round_constant[i + 1]);
        keccak_round(a, 3, a, 4, round_constant[i + 2]);
        keccak_round(a, 1, a, 3, round_constant[i + 3]);
    }
}

static void permute_plain(uint64_t lane[25])
{
    rounds(lane);
}

#if CPU_X86_64
/* The same, where chi's negations cost nothing: a sixth of the time. */
__attribute__((target("bmi"))) static void permute_bmi(uint64_t lane[25])
{
    rounds(lane);
}
#endif

static void permute(uint64_t lane[25])
{
#if CPU_X86_64
    if (cpu_supports(CPU_BMI)) {
        permute_bmi(lane);
        return;
    }
#endif
    permute_plain(lane);
}

/* ---- the sponge ---- */

void sponge_start(struct sponge *s, const struct sponge_kind *kind)
{
    *s = (struct sponge){ .kind = kind };
}

static void next_block(struct sponge *s)
{
    permute(s->lane);
    s->at = 0;
}

/* Byte i of the state is byte i % 8 of lane i / 8, least significant first (§3.1.2, §B.1). */
static void xor_byte(struct sponge *s, size_t i, uint8_t x)
{
    s->lane[i / 8] ^= (uint64_t)x << 8 * (i % 8);
}

/* Whole lanes where possible; every rate is a multiple of 8. */
void sponge_absorb(struct sponge *s, struct bytes in)
{
    assert(!s->squeezing);
    while (in.len > 0) {
        size_t n = s->at % 8 == 0 && in.len >= 8 ? 8 : 1;
        if (n == 8)
            s->lane[s->at / 8] ^= load_le64(in.at);
        else
            xor_byte(s, s->at, *in.at);
        in = bytes_of(in.at + n, in.len - n);
        s->at = (uint8_t)(s->at + n);
        if (s->at == s->kind->rate)
            next_block(s);
    }
}

/* §5.1, pad10*1: its first 1 is in the suffix already, its last is the last bit of the block. */
static void pad(struct sponge *s)
{
    xor_byte(s, s->at, s->kind->suffix);
    xor_byte(s, s->kind->rate - 1u, 0x80);
    next_block(s);
    s->squeezing = true;
}

void sponge_squeeze(struct sponge *s, uint8_t *out, size_t out_len)
{
    if (!s->squeezing)
        pad(s);
    while (out_len > 0) {
        if (s->at == s->kind->rate)
            next_block(s);
        size_t n = s->at % 8 == 0 && out_len >= 8 ? 8 : 1;
        if (n == 8)
            store_le64(out, s->lane[s->at / 8]);
        else
            *out = (uint8_t)(s->lane[s->at / 8] >> 8 * (s->at % 8));
        out += n;
        out_len -= n;
        s->at = (uint8_t)(s->at + n);
    }
}

void sponge_digest(const struct sponge_kind *kind, uint8_t *out, size_t out_len,
                   struct bytes first, struct bytes second)
{
    struct sponge s;
    sponge_start(&s, kind);
    sponge_absorb(&s, first);
    sponge_absorb(&s, second);
    sponge_squeeze(&s, out, out_len);
    wipe(&s, sizeof s);
}

/* ---- four sponges side by side ---- */

/* A message that fits one block, and its padding (see `pad`). */
void sponge4_start(struct sponge4 *s, size_t i, const struct sponge_kind *kind, struct bytes first,
                   struct bytes second)
{
    size_t at = first.len + second.len;
    uint8_t block[8 * KECCAK_LANES] = { 0 };
    assert(at < kind->rate);
    memcpy(block, first.at, first.len);
    memcpy(block + first.len, second.at, second.len);
    block[at] = kind->suffix;
    block[kind->rate - 1u] ^= 0x80;
    for (size_t k = 0; k < KECCAK_LANES; k++)
        s->lane[k][i] = load_le64(block + 8 * k);
    wipe(block, sizeof block);
}

void sponge4_permute_plain(struct sponge4 *s)
{
    uint64_t one[KECCAK_LANES];
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < KECCAK_LANES; k++)
            one[k] = s->lane[k][i];
        permute_plain(one);
        for (size_t k = 0; k < KECCAK_LANES; k++)
            s->lane[k][i] = one[k];
    }
    wipe(one, sizeof one);
}

void sponge4_permute(struct sponge4 *s)
{
#if CPU_X86_64
    if (cpu_supports(CPU_AVX2)) {
        sponge4_permute_avx2(s);
        return;
    }
#endif
    sponge4_permute_plain(s);
}

void sponge4_read(const struct sponge4 *s, size_t i, size_t from, uint8_t *out, size_t out_len)
{
    for (size_t k = 0; k < out_len / 8; k++)
        store_le64(out + 8 * k, s->lane[from / 8 + k][i]);
}
