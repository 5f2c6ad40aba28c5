/* crypto/keccak.h - SHA3-256, SHA3-512, SHAKE128 and SHAKE256 (FIPS 202), for ML-KEM.
 *
 * All four are one sponge with other numbers: absorb any number of pieces, then squeeze any
 * number of pieces; the first squeeze pads. How the bytes are cut does not matter. For SHA-3
 * squeeze exactly digest_len bytes; a SHAKE may be squeezed for ever.
 *
 * Cannot fail. Timing depends on lengths only. A sponge that took in a secret is secret; its owner
 * wipes it (sponge_digest does so by itself). Source: FIPS 202, of August 2015.
 */
#ifndef SEALPOST_CRYPTO_KECCAK_H
#define SEALPOST_CRYPTO_KECCAK_H

#include "crypto/bytes.h"

enum { KECCAK_LANES = 25, SHAKE128_RATE = 168 };

struct sponge_kind {
    const char *name;
    uint8_t rate;                  /* bytes taken in or given out for each permutation */
    uint8_t suffix;                /* what follows the message: domain bits, first bit of padding */
    uint8_t digest_len;            /* bytes; 0: as many as are asked for */
};

extern const struct sponge_kind sha3_256, sha3_512, shake128, shake256;

struct sponge {
    uint64_t lane[KECCAK_LANES];   /* lane[x + 5 y] of FIPS 202 §3.1.2 */
    const struct sponge_kind *kind;
    uint8_t at;                    /* bytes of the present block that are done with */
    bool squeezing;
};

void sponge_start(struct sponge *s, const struct sponge_kind *kind);
void sponge_absorb(struct sponge *s, struct bytes in);              /* before any squeeze */
void sponge_squeeze(struct sponge *s, uint8_t *out, size_t out_len);

/* All of it at once: out = kind(first || second). Either may be empty; `out` may be one of them. */
void sponge_digest(const struct sponge_kind *kind, uint8_t *out, size_t out_len,
                   struct bytes first, struct bytes second);

/* Four sponges side by side, for messages shorter than a block: with AVX2 one permutation of all
 * four costs little more than that of one. Sponge i gets its message, all are permuted, then its
 * output is read, from any place to no more than its rate, in multiples of 8; permuted again, the
 * next.
 * Any of the four may be left alone. All wiped by the owner. */
struct sponge4 { _Alignas(32) uint64_t lane[KECCAK_LANES][4]; };

void sponge4_start(struct sponge4 *s, size_t i, const struct sponge_kind *kind, struct bytes first,
                   struct bytes second);
void sponge4_permute(struct sponge4 *s);
void sponge4_read(const struct sponge4 *s, size_t i, size_t from, uint8_t *out, size_t out_len);

/* How it is done: in plain C, and by instructions that cpu_supports(CPU_AVX2) asks for (on x86-64
 * only). For tests. */
void sponge4_permute_plain(struct sponge4 *s);
void sponge4_permute_avx2(struct sponge4 *s);

#endif
