/* crypto/rsa.c - RSA signatures: the two powers, and the two paddings.
 *
 * Implements  RFC 8017 §5.2 (RSASP1 with the Chinese remainder theorem, RSAVP1), §9.1 (EMSA-PSS),
 *             §9.2 (EMSA-PKCS1-v1_5), §B.2.1 (MGF1).
 * Trusts      nothing of a key: each signature is checked with the public key before it leaves.
 * Secret      p, q, dP, dQ, qInv, and all between them and the finished signature.
 * Leaves out  blinding. It hides from the clock which number a variable-time exponentiation works
 *             on; ours does the same operations on the same addresses for every number
 *             (crypto/modulus.h), so there is nothing to hide, and no randomness to depend on.
 *             It would also blur power and radiation, which are outside our threat model.
 */
#include "crypto/rsa.h"

#include "crypto/modulus.h"
#include "crypto/wipe.h"

#include <string.h>

_Static_assert(8 * MODULUS_LIMBS_MAX == RSA_MODULUS_MAX, "a modulus fits");
_Static_assert(8 * MODULUS_SECRET_LIMBS_MAX == RSA_PRIME_MAX, "a prime fits");

/* ---- keys ---- */

/* Bits of the modulus, whose first byte is not zero. */
static size_t modulus_bits(struct bytes n)
{
    size_t bits = 8 * n.len;
    for (uint8_t top = n.at[0]; top < 0x80; top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

/* 0 if it is longer than we take. */
static uint64_t exponent_value(struct bytes e)
{
    uint64_t value = 0;
    for (size_t i = 0; i < e.len && e.len <= RSA_EXPONENT_MAX; i++)
        value = value << 8 | e.at[i];
    return value;
}

bool rsa_public_key_valid(const struct rsa_public_key *key)
{
    struct bytes n = key->modulus;
    uint64_t e = exponent_value(key->exponent);
    return n.len <= RSA_MODULUS_MAX && n.len > 0 && n.at[0] != 0
        && modulus_bits(n) >= RSA_BITS_MIN && n.at[n.len - 1] % 2 == 1
        && e >= 3 && e < (uint64_t)1 << 33 && e % 2 == 1;
}

struct rsa_public_key rsa_public(const struct rsa_private_key *key)
{
    return (struct rsa_public_key){ bytes_of(key->n, key->n_len), bytes_of(key->e, key->e_len) };
}

/* ---- the public power ---- */

/* RSAVP1 (§5.2.2): m = s^e mod n, as long as the modulus. False if s is not, or not below n. */
static bool public_power(uint8_t *m, const struct rsa_public_key *key, struct bytes s)
{
    struct modulus n;
    uint64_t x[MODULUS_LIMBS_MAX];
    size_t k = key->modulus.len;
    if (!rsa_public_key_valid(key) || s.len != k || memcmp(s.at, key->modulus.at, k) >= 0)
        return false;
    modulus_init_public(&n, key->modulus);
    integer_from_bytes(x, n.limbs, s);
    modulus_power_vartime(&n, x, x, exponent_value(key->exponent));
    integer_to_bytes(m, k, x);
    return true;
}

/* ---- the private power ---- */

/* out = c R mod m, for c < R R in 2 n limbs, which is c1 R + c0: c1 R R + c0 R. */
static void reduce_and_enter(const struct modulus *m, uint64_t *out, const uint64_t *c)
{
    uint64_t low[MODULUS_SECRET_LIMBS_MAX];
    modulus_enter(m, low, c);
    modulus_enter(m, out, c + m->limbs);
    modulus_enter(m, out, out);
    modulus_add(m, out, out, low);
    wipe(low, sizeof low);
}

/* s = c^d mod n (§5.1.2 step 2.b) from the powers modulo p and q, half as long and thus four times
 * as fast each:
 *
 *      m1 = c^dP mod p,  m2 = c^dQ mod q,  h = (m1 - m2) qInv mod p,  s = m2 + q h
 *
 * c and s have 2 `limbs` limbs; p and q fit `limbs`.
 * Because  m2 < q and h < p:  s <= q - 1 + q (p - 1) < n
 */
static void private_power(uint64_t *s, const struct rsa_private_key *key, const uint64_t *c,
                          size_t limbs)
{
    struct modulus prime;
    uint64_t m2[MODULUS_SECRET_LIMBS_MAX], h[MODULUS_SECRET_LIMBS_MAX];
    uint64_t t[MODULUS_SECRET_LIMBS_MAX];
    modulus_init(&prime, bytes_of(key->q, key->q_len), limbs);
    reduce_and_enter(&prime, m2, c);
    modulus_power(&prime, m2, m2, bytes_of(key->dQ, key->q_len));
    modulus_leave(&prime, m2, m2);

    modulus_init(&prime, bytes_of(key->p, key->p_len), limbs);
    reduce_and_enter(&prime, h, c);
    modulus_power(&prime, h, h, bytes_of(key->dP, key->p_len));
    modulus_enter(&prime, t, m2);
    modulus_subtract(&prime, h, h, t);
    integer_from_bytes(t, limbs, bytes_of(key->qInv, key->p_len));
    modulus_multiply(&prime, h, t, h);                 /* qInv * h R / R: plain again */

    integer_from_bytes(t, limbs, bytes_of(key->q, key->q_len));
    integer_multiply_add(s, h, t, m2, limbs);
    wipe(&prime, sizeof prime);
    wipe(m2, sizeof m2);
    wipe(h, sizeof h);
    wipe(t, sizeof t);
}

/* Both are big-endian, n_len bytes, and may be the same. */
static void private_power_bytes(uint8_t *s, const struct rsa_private_key *key, const uint8_t *c)
{
    uint64_t in[2 * MODULUS_SECRET_LIMBS_MAX], out[2 * MODULUS_SECRET_LIMBS_MAX];
    size_t limbs = modulus_limbs(key->p_len > key->q_len ? key->p_len : key->q_len);
    integer_from_bytes(in, 2 * limbs, bytes_of(c, key->n_len));
    private_power(out, key, in, limbs);
    integer_to_bytes(s, key->n_len, out);
    wipe(out, sizeof out);
}

/* RSASP1 (§5.2.1), and RSAVP1 to see that it gives `em` again. One signature with a fault in one
 * half would be right modulo one prime and wrong modulo the other, and gcd(s^e - em, n) that prime
 * (D. Boneh, R. DeMillo, R. Lipton, "On the importance of checking", 1997). */
static bool sign(uint8_t *out, const struct rsa_private_key *key, const uint8_t *em)
{
    uint8_t again[RSA_SIGN_MODULUS_MAX];
    struct rsa_public_key public = rsa_public(key);
    private_power_bytes(out, key, em);
    ct_public(out, key->n_len);          /* a signature; a wrong one never leaves this function */
    ct_public(em, key->n_len);           /* what it is of, PSS's salt too: em = s^e */
    bool good = public_power(again, &public, bytes_of(out, key->n_len))
             && memcmp(again, em, key->n_len) == 0;
    wipe(again, sizeof again);
    if (!good)
        wipe(out, key->n_len);
    return good;
}

/* Sizes in which nothing overruns; whether the numbers belong together, `sign` sees. */
static bool sizes_valid(const struct rsa_private_key *key)
{
    struct rsa_public_key public = rsa_public(key);
    size_t longer = key->p_len > key->q_len ? key->p_len : key->q_len;
    return key->n_len <= RSA_SIGN_MODULUS_MAX && key->e_len <= RSA_EXPONENT_MAX
        && rsa_public_key_valid(&public)
        && key->p_len > 0 && key->q_len > 0 && longer <= RSA_PRIME_MAX
        && modulus_limbs(key->n_len) <= 2 * modulus_limbs(longer);      /* c < n < R R */
}

/* `in` right-aligned in `len` bytes; false if it is longer. */
static bool copy_number(uint8_t *out, size_t len, struct bytes in)
{
    if (in.len > len)
        return false;
    memset(out, 0, len - in.len);
    memcpy(out + len - in.len, in.at, in.len);
    return true;
}

static bool copy_numbers(struct rsa_private_key *out, const struct rsa_numbers *from)
{
    if (from->n.len > sizeof out->n || from->e.len > sizeof out->e
        || from->p.len > sizeof out->p || from->q.len > sizeof out->q)
        return false;
    out->n_len = (uint16_t)from->n.len;
    out->e_len = (uint16_t)from->e.len;
    out->p_len = (uint16_t)from->p.len;
    out->q_len = (uint16_t)from->q.len;
    return copy_number(out->n, out->n_len, from->n) && copy_number(out->e, out->e_len, from->e)
        && copy_number(out->p, out->p_len, from->p) && copy_number(out->q, out->q_len, from->q)
        && copy_number(out->dP, out->p_len, from->dP) && copy_number(out->dQ, out->q_len, from->dQ)
        && copy_number(out->qInv, out->p_len, from->qInv);
}

bool rsa_private_key_make(struct rsa_private_key *out, const struct rsa_numbers *numbers)
{
    uint8_t em[RSA_SIGN_MODULUS_MAX] = { 0 }, s[RSA_SIGN_MODULUS_MAX];
    *out = (struct rsa_private_key){ 0 };
    bool good = copy_numbers(out, numbers) && sizes_valid(out);
    if (good) {
        em[out->n_len - 1] = 2;
        good = sign(s, out, em);
        wipe(s, sizeof s);
    }
    if (!good)
        wipe(out, sizeof *out);
    return good;
}

/* ---- EMSA-PKCS1-v1_5: 00 01 ff..ff 00 DigestInfo (§9.2) ---- */

/* §9.2 note 1: SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.x, NULL }, OCTET STRING }. x is 1 for
 * SHA-256, 2 for SHA-384, 3 for SHA-512, which is the number of 16 bytes in a digest, less one. */
static void write_digest_info(struct writer *w, const struct hash *h, const uint8_t *digest)
{
    static const uint8_t oid[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };
    write_u16(w, (uint16_t)(0x3000 + 17 + h->digest_len));
    write_u32(w, 0x300d0609);
    write_bytes(w, bytes_of(oid, sizeof oid));
    write_u8(w, (uint8_t)(h->digest_len / 16 - 1));
    write_u16(w, 0x0500);
    write_u16(w, (uint16_t)(0x0400 + h->digest_len));
    write_bytes(w, bytes_of(digest, h->digest_len));
}

/* Fills all of em; 256 bytes or more hold 3 + 19 + 64 and over eight ff. */
static void encode_pkcs1(uint8_t *em, size_t em_len, const struct hash *h, const uint8_t *digest)
{
    size_t info_len = 19u + h->digest_len;
    struct writer w = writer_of(em, em_len);
    write_u16(&w, 0x0001);
    memset(write_space(&w, em_len - info_len - 3), 0xff, em_len - info_len - 3);
    write_u8(&w, 0);
    write_digest_info(&w, h, digest);
}

/* §8.2.2: the block is made again and compared. Nothing of what is received is parsed, so there is
 * nothing to parse leniently (D. Bleichenbacher's forgery for e = 3, 2006). */
bool rsa_verify_pkcs1_vartime(const struct rsa_public_key *key, const struct hash *h,
                              const uint8_t *digest, struct bytes signature)
{
    uint8_t em[RSA_MODULUS_MAX], want[RSA_MODULUS_MAX];
    if (!public_power(em, key, signature))
        return false;
    encode_pkcs1(want, signature.len, h, digest);
    return memcmp(em, want, signature.len) == 0;
}

bool rsa_sign_pkcs1(uint8_t *out, const struct rsa_private_key *key, const struct hash *h,
                    const uint8_t *digest)
{
    uint8_t em[RSA_SIGN_MODULUS_MAX];
    if (!sizes_valid(key))
        return false;
    encode_pkcs1(em, key->n_len, h, digest);
    return sign(out, key, em);
}

/* ---- EMSA-PSS (§9.1): (zeros 01 salt) xor MGF1(H), H, bc ----
 *
 *        |<---------------- em_len bytes, em_bits = bits of n - 1 ------------------>|
 *        +--------------------------------------------------+----------------+-------+
 *        |  DB = 00 .. 00 01 salt, masked with MGF1(H)      | H, digest_len  |  bc   |
 *        +--------------------------------------------------+----------------+-------+
 *         top bits beyond em_bits are zero                    H = hash(8 zeros, digest, salt)
 */

struct pss_block { uint8_t *at; size_t len, db_len; uint8_t top_mask; };

/* The block within the k bytes of a number below n: all of them or, if n has a bit more than whole
 * bytes, all but the first, which is zero then. */
static struct pss_block pss_block(uint8_t *number, struct bytes n, const struct hash *h)
{
    size_t em_bits = modulus_bits(n) - 1, len = (em_bits + 7) / 8;
    return (struct pss_block){
        .at = number + n.len - len, .len = len, .db_len = len - h->digest_len - 1,
        .top_mask = (uint8_t)(0xff >> (8 * len - em_bits)),
    };
}

static bool salt_fits(const struct pss_block *b, size_t salt_len)
{
    return salt_len < b->db_len;         /* beside the 01 */
}

/* DB ^= MGF1(H) (§B.2.1), and the bits above em_bits become zero. */
static void mask_db(const struct pss_block *b, const struct hash *h)
{
    uint8_t mask[HASH_MAX], counter[4];
    struct hash_state state;
    for (size_t i = 0; i < b->db_len; i++) {
        if (i % h->digest_len == 0) {
            store_be32(counter, (uint32_t)(i / h->digest_len));
            h->init(&state);
            h->update(&state, bytes_of(b->at + b->db_len, h->digest_len));
            h->update(&state, bytes_of(counter, sizeof counter));
            h->final(&state, mask);
        }
        b->at[i] ^= mask[i % h->digest_len];
    }
    b->at[0] &= b->top_mask;
}

/* H = hash(8 zeros || digest || salt) */
static void hash_salted(uint8_t *out, const struct hash *h, const uint8_t *digest,
                        struct bytes salt)
{
    static const uint8_t zeros[8];
    struct hash_state state;
    h->init(&state);
    h->update(&state, bytes_of(zeros, sizeof zeros));
    h->update(&state, bytes_of(digest, h->digest_len));
    h->update(&state, salt);
    h->final(&state, out);
}

bool rsa_sign_pss(uint8_t *out, const struct rsa_private_key *key, const struct hash *h,
                  const uint8_t *digest, struct bytes salt)
{
    uint8_t em[RSA_SIGN_MODULUS_MAX] = { 0 };
    if (!sizes_valid(key))
        return false;
    struct pss_block b = pss_block(em, bytes_of(key->n, key->n_len), h);
    if (!salt_fits(&b, salt.len))
        return false;
    uint8_t *salt_at = b.at + b.db_len - salt.len;
    salt_at[-1] = 0x01;
    if (salt.len > 0)
        memcpy(salt_at, salt.at, salt.len);
    hash_salted(b.at + b.db_len, h, digest, salt);
    b.at[b.len - 1] = 0xbc;
    mask_db(&b, h);
    return sign(out, key, em);
}

/* §9.1.2 steps 4 to 11, on a DB that mask_db has uncovered. */
static bool db_valid(const struct pss_block *b, size_t salt_len)
{
    size_t zeros = b->db_len - salt_len - 1;
    for (size_t i = 0; i < zeros; i++)
        if (b->at[i] != 0)
            return false;
    return b->at[zeros] == 0x01;
}

bool rsa_verify_pss_vartime(const struct rsa_public_key *key, const struct hash *h,
                            const uint8_t *digest, size_t salt_len, struct bytes signature)
{
    uint8_t em[RSA_MODULUS_MAX], H[HASH_MAX];
    if (!public_power(em, key, signature))
        return false;
    struct pss_block b = pss_block(em, key->modulus, h);
    if (!salt_fits(&b, salt_len) || (b.at != em && em[0] != 0)
        || (b.at[0] & ~b.top_mask) != 0 || b.at[b.len - 1] != 0xbc)
        return false;
    mask_db(&b, h);
    hash_salted(H, h, digest, bytes_of(b.at + b.db_len - salt_len, salt_len));
    return db_valid(&b, salt_len) && memcmp(H, b.at + b.db_len, h->digest_len) == 0;
}
