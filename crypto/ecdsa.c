/* crypto/ecdsa.c - ECDSA over P-256.
 *
 * Implements  FIPS 186-5 §6.4.1 (sign), §6.4.2 (verify); RFC 6979 §3.2 (nonces); X.690 §8.3, §10.1
 *             (DER); signature_ecdsa_p256_sha256 of RFC 8446 §4.2.3.
 * Trusts      HMAC and the curve.
 * Secret      the private key, the nonce k, and all between them and the finished (r, s).
 * Leaves out  hedged nonces: the random source is not used. A nonce is a function of key and
 *             message, so published vectors can be replayed and a broken generator cannot leak
 *             the key. What hedging would add, safety against faults, comes from checking each
 *             signature before it leaves.
 */
#include "crypto/ecdsa.h"

#include "crypto/hmac.h"
#include "crypto/signature.h"
#include "crypto/wipe.h"

#include <string.h>

/* ---- digests as integers ---- */

/* bits2int and reduction (RFC 6979 §2.3.2, §2.3.4; FIPS 186-5 §6.4.1 step 2): the leftmost 256 bits
 * of a longer digest, all of a shorter one, modulo n. */
static void scalar_from_digest(struct p256_scalar *out, struct bytes digest)
{
    uint8_t leftmost[P256_SCALAR_LEN] = { 0 };
    size_t len = digest.len < sizeof leftmost ? digest.len : sizeof leftmost;
    for (size_t i = 0; i < len; i++)
        leftmost[sizeof leftmost - len + i] = digest.at[i];
    p256_scalar_reduce(out, leftmost);
}

/* ---- nonces: RFC 6979 §3.2 ---- */

struct nonces {
    const struct hash *hash;
    uint8_t K[HASH_MAX], V[HASH_MAX];       /* the RFC's names; secret */
};

/* V = HMAC_K(V) */
static void next_v(struct nonces *n)
{
    struct bytes V = { n->V, n->hash->digest_len };
    hmac_compute(n->hash, n->V, bytes_of(n->K, n->hash->digest_len), V);
}

/* K = HMAC_K(V || separator || seed), V = HMAC_K(V); the steps d-e, f-g, and the end of h. */
static void absorb(struct nonces *n, uint8_t separator, struct bytes key, struct bytes digest)
{
    struct hmac m;
    hmac_init(&m, n->hash, bytes_of(n->K, n->hash->digest_len));
    hmac_update(&m, bytes_of(n->V, n->hash->digest_len));
    hmac_update(&m, bytes_of(&separator, 1));
    hmac_update(&m, key);
    hmac_update(&m, digest);
    hmac_final(&m, n->K);
    next_v(n);
}

/* Steps a to g. */
static void nonces_init(struct nonces *n, const struct hash *h, const uint8_t *private,
                        const struct p256_scalar *digest)
{
    uint8_t octets[P256_SCALAR_LEN];        /* bits2octets(h1) */
    struct bytes key = { private, P256_SCALAR_LEN }, reduced = { octets, sizeof octets };
    limbs_to_bytes(octets, digest->limb, 4);
    n->hash = h;
    memset(n->V, 1, sizeof n->V);
    memset(n->K, 0, sizeof n->K);
    absorb(n, 0, key, reduced);
    absorb(n, 1, key, reduced);
}

/* Step h: the next candidate; as digest_len >= 32, one V holds it. All ones if it is in range. */
static ct_mask nonces_next(struct nonces *n, struct p256_scalar *k)
{
    next_v(n);
    return p256_scalar_decode(k, n->V);
}

static void nonces_skip(struct nonces *n)
{
    absorb(n, 0, bytes_of(NULL, 0), bytes_of(NULL, 0));
}

/* ---- signing ---- */

/* (e + r d) / t mod n: for t = k this is s (FIPS 186-5 §6.4.1 step 9), for t = s it is k. */
static void divide_sum(struct p256_scalar *out, const struct p256_scalar *e,
                       const struct p256_scalar *r, const struct p256_scalar *d,
                       const struct p256_scalar *t)
{
    const struct mont *n = &p256_order;
    uint64_t sum[4], quotient[4];
    mont_enter(n, sum, r->limb);
    mont_mul(n, sum, sum, d->limb);         /* r R * d / R: plain again */
    mont_add(n, sum, sum, e->limb);
    mont_enter(n, quotient, t->limb);
    mont_invert(n, quotient, quotient);
    mont_mul(n, out->limb, quotient, sum);
    wipe(sum, sizeof sum);
    wipe(quotient, sizeof quotient);
}

/* r = x(k G) mod n, s = (e + r d) / k mod n. All ones unless one of them is zero. */
static ct_mask sign_with_nonce(struct p256_scalar *r, struct p256_scalar *s,
                               const struct p256_scalar *d, const struct p256_scalar *e,
                               const struct p256_scalar *k)
{
    struct p256_point kG;
    uint8_t encoded[P256_POINT_LEN];
    p256_multiply_base(&kG, k);
    (void)p256_point_encode(encoded, &kG);
    p256_scalar_reduce(r, encoded + 1);
    divide_sum(s, e, r, d, k);
    ct_mask good = ~limbs_zero(r->limb, 4) & ~limbs_zero(s->limb, 4);
    wipe(&kG, sizeof kG);
    wipe(encoded, sizeof encoded);
    return good;
}

/* The verification equation for one who knows d: u1 G + u2 Q = ((e + r d) / s) G must have x = r.
 * It is the same check as with the public key, by another road than signing took, and costs one
 * inversion and one multiplication of the base point: two fifths of the time of a signature, a
 * quarter of what deriving Q and verifying with it would take. That is worth paying, because a
 * fault while signing would hand out d: from two signatures with one nonce, or from a wrong d.
 * (D. Boneh, R. DeMillo, R. Lipton, "On the importance of checking", 1997.) */
static ct_mask check_own(const struct p256_scalar *r, const struct p256_scalar *s,
                         const struct p256_scalar *d, const struct p256_scalar *e)
{
    struct p256_scalar k;
    struct p256_point kG;
    divide_sum(&k, e, r, d, s);
    p256_multiply_base(&kG, &k);
    ct_mask good = p256_x_is(&kG, r);
    wipe(&k, sizeof k);
    wipe(&kG, sizeof kG);
    return good;
}

/* Candidates come until one gives a signature. That one was refused is public: its odds are 2^-32
 * (or, for r or s zero, 2^-256), and it says nothing about the one that is used. */
static bool sign_scalars(struct p256_scalar *r, struct p256_scalar *s, struct nonces *nonces,
                         const struct p256_scalar *d, const struct p256_scalar *e)
{
    enum { ATTEMPTS = 8 };                  /* all refused: 2^-256, or a fault in the machine */
    struct p256_scalar k;
    bool good = false;
    for (int i = 0; i < ATTEMPTS && !good; i++) {
        ct_mask in_range = nonces_next(nonces, &k);
        good = ct_verdict(in_range & sign_with_nonce(r, s, d, e, &k));
        if (!good)
            nonces_skip(nonces);
    }
    wipe(&k, sizeof k);
    return good;
}

bool ecdsa_p256_sign(struct ecdsa_p256 *out, const uint8_t private[P256_SCALAR_LEN],
                     const struct hash *h, const uint8_t *digest)
{
    struct p256_scalar d, e, r, s;
    struct nonces nonces;
    ct_mask good = p256_scalar_decode(&d, private);
    scalar_from_digest(&e, bytes_of(digest, h->digest_len));
    nonces_init(&nonces, h, private, &e);
    bool usable = sign_scalars(&r, &s, &nonces, &d, &e);
    (void)p256_scalar_decode(&d, private);  /* read again: the check shares no state with signing */
    good &= check_own(&r, &s, &d, &e);
    limbs_to_bytes(out->r, r.limb, 4);
    limbs_to_bytes(out->s, s.limb, 4);
    usable &= ct_verdict(good);
    if (!usable)
        wipe(out, sizeof *out);
    ct_public(out, sizeof *out);            /* the signature */
    wipe(&d, sizeof d);
    wipe(&s, sizeof s);
    wipe(&nonces, sizeof nonces);
    return usable;
}

/* ---- verifying ---- */

/* u1 = e / s, u2 = r / s, and x(u1 G + u2 Q) = r mod n (FIPS 186-5 §6.4.2). */
bool ecdsa_p256_verify(const struct ecdsa_p256 *signature, struct bytes point,
                       struct bytes digest)
{
    const struct mont *n = &p256_order;
    struct p256_scalar r, s, e, u1, u2;
    struct p256_point p;
    ct_mask in_range = p256_scalar_decode(&r, signature->r) & p256_scalar_decode(&s, signature->s);
    if (in_range == 0 || !p256_point_decode(&p, point))
        return false;
    scalar_from_digest(&e, digest);
    mont_enter(n, s.limb, s.limb);
    mont_invert(n, s.limb, s.limb);
    mont_mul(n, u1.limb, s.limb, e.limb);   /* R / s * e / R */
    mont_mul(n, u2.limb, s.limb, r.limb);
    p256_multiply_add_vartime(&p, &u1, &u2, &p);
    return p256_x_is(&p, &r) != 0;
}

/* ---- DER ---- */

enum { DER_INTEGER = 0x02, DER_SEQUENCE = 0x30 };

/* X.690 §8.3.2: as few bytes as keep the sign; ours are not negative, so a zero byte goes before a
 * set top bit. */
static void encode_integer(struct writer *w, const uint8_t x[P256_SCALAR_LEN])
{
    size_t skip = 0;
    while (skip < P256_SCALAR_LEN - 1 && x[skip] == 0)
        skip++;
    size_t pad = x[skip] >> 7;
    write_u8(w, DER_INTEGER);
    write_u8(w, (uint8_t)(P256_SCALAR_LEN - skip + pad));
    if (pad)
        write_u8(w, 0);
    write_bytes(w, bytes_of(x + skip, P256_SCALAR_LEN - skip));
}

size_t ecdsa_p256_encode(uint8_t out[ECDSA_P256_DER_MAX], const struct ecdsa_p256 *signature)
{
    struct writer w = writer_of(out, ECDSA_P256_DER_MAX);
    write_u8(&w, DER_SEQUENCE);
    size_t mark = write_vec_begin(&w, 1);   /* at most 70: a short-form length */
    encode_integer(&w, signature->r);
    encode_integer(&w, signature->s);
    write_vec_end(&w, mark, 1);
    return w.len;
}

/* One INTEGER that is not negative, minimal, and of at most 32 bytes after its sign. */
static bool decode_integer(struct reader *r, uint8_t out[P256_SCALAR_LEN])
{
    uint8_t tag = read_u8(r);
    struct bytes x = read_vec8(r, 1);
    if (r->bad || tag != DER_INTEGER || x.at[0] >= 0x80)
        return false;
    if (x.at[0] == 0 && x.len > 1) {
        if (x.at[1] < 0x80)
            return false;                   /* a zero that keeps no sign */
        x = bytes_of(x.at + 1, x.len - 1);
    }
    if (x.len > P256_SCALAR_LEN)
        return false;
    memset(out, 0, P256_SCALAR_LEN);
    memcpy(out + P256_SCALAR_LEN - x.len, x.at, x.len);
    return true;
}

/* Contents over 70 bytes cannot hold two such integers, so that a length byte of 0x80 or more,
 * which would begin the long form, always ends in a refusal below. */
bool ecdsa_p256_decode(struct ecdsa_p256 *out, struct bytes der)
{
    struct reader whole = reader_of(der);
    uint8_t tag = read_u8(&whole);
    struct reader contents = reader_of(read_vec8(&whole, 0));
    return reader_done(&whole) && tag == DER_SEQUENCE
        && decode_integer(&contents, out->r) && decode_integer(&contents, out->s)
        && reader_done(&contents);
}

/* ---- the scheme of signature.h ---- */

static bool sign_sha256(uint8_t *out, size_t *out_len, const struct private_key *key,
                        struct bytes message, const struct random_source *random)
{
    uint8_t digest[32];
    struct ecdsa_p256 signature;
    (void)random;                           /* RFC 6979: see the top of the file */
    if (key->type != KEY_P256)
        return false;
    hash_digest(&hash_sha256, digest, message);
    if (!ecdsa_p256_sign(&signature, key->secret, &hash_sha256, digest))
        return false;
    *out_len = ecdsa_p256_encode(out, &signature);
    return true;
}

static bool verify_sha256(const struct public_key *key, struct bytes message,
                          struct bytes signature)
{
    uint8_t digest[32];
    struct ecdsa_p256 r_s;
    if (key->type != KEY_P256 || !ecdsa_p256_decode(&r_s, signature))
        return false;
    hash_digest(&hash_sha256, digest, message);
    return ecdsa_p256_verify(&r_s, key->point, bytes_of(digest, sizeof digest));
}

const struct signature signature_ecdsa_p256_sha256 = {
    .name = "ecdsa_secp256r1_sha256",
    .key_type = KEY_P256,
    .sign = sign_sha256,
    .verify = verify_sha256,
};
