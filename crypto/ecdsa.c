/* crypto/ecdsa.c - ECDSA over the curves of crypto/curve.h.
 *
 * Implements  FIPS 186-5 §6.4.1 (sign), §6.4.2 (verify); RFC 6979 §3.2 (nonces); X.690 §8.3, §10.1
 *             (DER); the ecdsa_ schemes of RFC 8446 §4.2.3 and, for certificates, RFC 5758 §3.2.
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

/* bits2int and reduction (RFC 6979 §2.3.2, §2.3.4; FIPS 186-5 §6.4.1 step 2): the leftmost bits of
 * a longer digest, as many as n has, and all of a shorter one, modulo n. */
static void scalar_from_digest(const struct curve *c, struct scalar *out, struct bytes digest)
{
    uint8_t leftmost[CURVE_SCALAR_MAX] = { 0 };
    size_t len = digest.len < c->scalar_len ? digest.len : c->scalar_len;
    for (size_t i = 0; i < len; i++)
        leftmost[c->scalar_len - len + i] = digest.at[i];
    curve_scalar_reduce(c, out, leftmost);
}

/* ---- nonces: RFC 6979 §3.2 ---- */

struct nonces {
    const struct curve *curve;
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
static void nonces_init(struct nonces *n, const struct curve *c, const struct hash *h,
                        const uint8_t *private, const struct scalar *digest)
{
    uint8_t octets[CURVE_SCALAR_MAX];       /* bits2octets(h1) */
    struct bytes key = { private, c->scalar_len }, reduced = { octets, c->scalar_len };
    curve_scalar_encode(c, octets, digest);
    n->curve = c;
    n->hash = h;
    memset(n->V, 1, sizeof n->V);
    memset(n->K, 0, sizeof n->K);
    absorb(n, 0, key, reduced);
    absorb(n, 1, key, reduced);
}

/* Step h: the next candidate T, as many V's as fill it. All ones if it is in range. */
static ct_mask nonces_next(struct nonces *n, struct scalar *k)
{
    uint8_t T[CURVE_SCALAR_MAX];
    size_t tlen = n->curve->scalar_len, len = 0;
    while (len < tlen) {
        size_t part = tlen - len < n->hash->digest_len ? tlen - len : n->hash->digest_len;
        next_v(n);
        memcpy(T + len, n->V, part);
        len += part;
    }
    ct_mask good = curve_scalar_decode(n->curve, k, T);
    wipe(T, sizeof T);
    return good;
}

static void nonces_skip(struct nonces *n)
{
    absorb(n, 0, bytes_of(NULL, 0), bytes_of(NULL, 0));
}

/* ---- signing ---- */

/* e + r d mod n */
static void sum(const struct mont *n, struct scalar *out, const struct scalar *e,
                const struct scalar *r, const struct scalar *d)
{
    *out = (struct scalar){ { 0 } };
    mont_enter(n, out->limb, r->limb);
    mont_mul(n, out->limb, out->limb, d->limb);         /* r R * d / R: plain again */
    mont_add(n, out->limb, out->limb, e->limb);
}

/* r = x(k G) mod n, s = (e + r d) / k mod n. All ones unless one of them is zero. */
static ct_mask sign_with_nonce(const struct curve *c, struct scalar *r, struct scalar *s,
                               const struct scalar *d, const struct scalar *e,
                               const struct scalar *k)
{
    union curve_point kG;
    uint8_t encoded[CURVE_POINT_MAX];
    struct scalar inverse;
    c->multiply_base(&kG, k);
    (void)c->encode(encoded, &kG);
    curve_scalar_reduce(c, r, encoded + 1);
    sum(c->order, s, e, r, d);
    mont_enter(c->order, inverse.limb, k->limb);
    mont_invert(c->order, inverse.limb, inverse.limb);
    mont_mul(c->order, s->limb, inverse.limb, s->limb);
    ct_mask good = ~limbs_zero(r->limb, c->limbs) & ~limbs_zero(s->limb, c->limbs);
    wipe(&kG, sizeof kG);
    wipe(encoded, sizeof encoded);
    wipe(&inverse, sizeof inverse);
    return good;
}

/* The verification equation for one who knows d and k: (e + r d) / s is k, and k G has x = r. It is
 * the same check as with the public key, and costs one multiplication of the base point: a third of
 * the time of a signature, a fifth of what deriving Q and verifying with it would take. That is
 * worth paying, because a fault while signing would hand out d: from two signatures with one
 * nonce, or from a wrong d. (D. Boneh, R. DeMillo, R. Lipton, "On the importance of checking",
 * 1997.) */
static ct_mask check_own(const struct curve *c, const struct scalar *r, const struct scalar *s,
                         const struct scalar *d, const struct scalar *e, const struct scalar *k)
{
    struct scalar left, right;
    union curve_point kG;
    ct_mask good = ~(ct_mask)0;
    mont_enter(c->order, left.limb, s->limb);
    mont_mul(c->order, left.limb, left.limb, k->limb);
    sum(c->order, &right, e, r, d);
    for (size_t i = 0; i < c->limbs; i++)
        good &= ct_is_equal(left.limb[i], right.limb[i]);
    c->multiply_base(&kG, k);
    good &= c->x_is(&kG, r);
    wipe(&left, sizeof left);
    wipe(&right, sizeof right);
    wipe(&kG, sizeof kG);
    return good;
}

/* Candidates come until one gives a signature. That one was refused is public: its odds are 2^-32
 * (or, for r or s zero, 2^-256), and it says nothing about the one that is used. */
static bool sign_scalars(struct scalar *r, struct scalar *s, struct scalar *k,
                         struct nonces *nonces, const struct scalar *d, const struct scalar *e)
{
    enum { ATTEMPTS = 8 };                  /* all refused: 2^-256, or a fault in the machine */
    bool good = false;
    for (int i = 0; i < ATTEMPTS && !good; i++) {
        ct_mask in_range = nonces_next(nonces, k);
        good = ct_verdict(in_range & sign_with_nonce(nonces->curve, r, s, d, e, k));
        if (!good)
            nonces_skip(nonces);
    }
    return good;
}

bool ecdsa_sign(const struct curve *c, struct ecdsa *out, const uint8_t *private,
                const struct hash *h, const uint8_t *digest)
{
    struct scalar d, e, k, r = { { 0 } }, s = { { 0 } };
    struct nonces nonces;
    ct_mask good = curve_scalar_decode(c, &d, private);
    scalar_from_digest(c, &e, bytes_of(digest, h->digest_len));
    nonces_init(&nonces, c, h, private, &e);
    bool usable = sign_scalars(&r, &s, &k, &nonces, &d, &e);
    (void)curve_scalar_decode(c, &d, private);          /* again: the check shares no state */
    good &= check_own(c, &r, &s, &d, &e, &k);
    *out = (struct ecdsa){ { 0 }, { 0 } };
    curve_scalar_encode(c, out->r, &r);
    curve_scalar_encode(c, out->s, &s);
    usable &= ct_verdict(good);
    if (!usable)
        wipe(out, sizeof *out);
    ct_public(out, sizeof *out);            /* the signature */
    wipe(&d, sizeof d);
    wipe(&k, sizeof k);
    wipe(&s, sizeof s);
    wipe(&nonces, sizeof nonces);
    wipe_stack();
    return usable;
}

/* ---- verifying ---- */

/* u1 = e / s, u2 = r / s, and x(u1 G + u2 Q) = r mod n (FIPS 186-5 §6.4.2). */
bool ecdsa_verify(const struct curve *c, const struct ecdsa *signature, struct bytes point,
                  struct bytes digest)
{
    const struct mont *n = c->order;
    struct scalar r, s, e, u1, u2;
    union curve_point p;
    ct_mask in_range = curve_scalar_decode(c, &r, signature->r)
                     & curve_scalar_decode(c, &s, signature->s);
    if (in_range == 0 || !c->decode(&p, point))
        return false;
    scalar_from_digest(c, &e, digest);
    mont_enter(n, s.limb, s.limb);
    mont_invert(n, s.limb, s.limb);
    mont_mul(n, u1.limb, s.limb, e.limb);   /* R / s * e / R */
    mont_mul(n, u2.limb, s.limb, r.limb);
    c->multiply_add_vartime(&p, &u1, &u2, &p);
    return c->x_is(&p, &r) != 0;
}

/* ---- DER ---- */

enum { DER_INTEGER = 0x02, DER_SEQUENCE = 0x30 };

/* X.690 §8.3.2: as few bytes as keep the sign; ours are not negative, so a zero byte goes before a
 * set top bit. */
static void encode_integer(struct writer *w, const uint8_t *x, size_t len)
{
    size_t skip = 0;
    while (skip < len - 1 && x[skip] == 0)
        skip++;
    size_t pad = x[skip] >> 7;
    write_u8(w, DER_INTEGER);
    write_u8(w, (uint8_t)(len - skip + pad));
    if (pad)
        write_u8(w, 0);
    write_bytes(w, bytes_of(x + skip, len - skip));
}

size_t ecdsa_encode(const struct curve *c, uint8_t out[ECDSA_DER_MAX],
                    const struct ecdsa *signature)
{
    struct writer w = writer_of(out, ECDSA_DER_MAX);
    write_u8(&w, DER_SEQUENCE);
    size_t mark = write_vec_begin(&w, 1);   /* at most 102: a short-form length */
    encode_integer(&w, signature->r, c->scalar_len);
    encode_integer(&w, signature->s, c->scalar_len);
    write_vec_end(&w, mark, 1);
    return w.len;
}

/* One INTEGER that is not negative, minimal, and of at most `len` bytes after its sign. */
static bool decode_integer(struct reader *r, uint8_t *out, size_t len)
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
    if (x.len > len)
        return false;
    memset(out, 0, len);
    memcpy(out + len - x.len, x.at, x.len);
    return true;
}

/* Contents over 102 bytes cannot hold two such integers, so that a length byte of 0x80 or more,
 * which would begin the long form, always ends in a refusal below. */
bool ecdsa_decode(const struct curve *c, struct ecdsa *out, struct bytes der)
{
    *out = (struct ecdsa){ { 0 }, { 0 } };
    struct reader whole = reader_of(der);
    uint8_t tag = read_u8(&whole);
    struct reader contents = reader_of(read_vec8(&whole, 0));
    return reader_done(&whole) && tag == DER_SEQUENCE
        && decode_integer(&contents, out->r, c->scalar_len)
        && decode_integer(&contents, out->s, c->scalar_len)
        && reader_done(&contents);
}

/* ---- the schemes of signature.h ---- */

static bool sign(const struct curve *c, const struct hash *h, uint8_t *out, size_t *out_len,
                 const uint8_t *private, struct bytes message)
{
    uint8_t digest[HASH_MAX];
    struct ecdsa signature;
    hash_digest(h, digest, message);
    if (!ecdsa_sign(c, &signature, private, h, digest))
        return false;
    *out_len = ecdsa_encode(c, out, &signature);
    return true;
}

static bool verify(const struct curve *c, const struct hash *h, struct bytes point,
                   struct bytes message, struct bytes signature)
{
    uint8_t digest[HASH_MAX];
    struct ecdsa r_s;
    if (!ecdsa_decode(c, &r_s, signature))
        return false;
    hash_digest(h, digest, message);
    return ecdsa_verify(c, &r_s, point, bytes_of(digest, h->digest_len));
}

static bool sign_p256_sha256(uint8_t *out, size_t *out_len, const struct private_key *key,
                             struct bytes message, const struct random_source *random)
{
    (void)random;                           /* RFC 6979: see the top of the file */
    return key->type == KEY_P256
        && sign(&curve_p256, &hash_sha256, out, out_len, key->secret, message);
}

static bool sign_p384_sha384(uint8_t *out, size_t *out_len, const struct private_key *key,
                             struct bytes message, const struct random_source *random)
{
    (void)random;                           /* RFC 6979: see the top of the file */
    return key->type == KEY_P384
        && sign(&curve_p384, &hash_sha384, out, out_len, key->secret, message);
}

static bool verify_p256_sha256(const struct public_key *key, struct bytes message,
                               struct bytes signature)
{
    return key->type == KEY_P256
        && verify(&curve_p256, &hash_sha256, key->point, message, signature);
}

static bool verify_p384_sha384(const struct public_key *key, struct bytes message,
                               struct bytes signature)
{
    return key->type == KEY_P384
        && verify(&curve_p384, &hash_sha384, key->point, message, signature);
}

static bool verify_p256_sha384(const struct public_key *key, struct bytes message,
                               struct bytes signature)
{
    return key->type == KEY_P256
        && verify(&curve_p256, &hash_sha384, key->point, message, signature);
}

static bool verify_p384_sha256(const struct public_key *key, struct bytes message,
                               struct bytes signature)
{
    return key->type == KEY_P384
        && verify(&curve_p384, &hash_sha256, key->point, message, signature);
}

const struct signature signature_ecdsa_p256_sha256 = {
    .name = "ecdsa_secp256r1_sha256",
    .key_type = KEY_P256,
    .sign = sign_p256_sha256,
    .verify = verify_p256_sha256,
};

const struct signature signature_ecdsa_p384_sha384 = {
    .name = "ecdsa_secp384r1_sha384",
    .key_type = KEY_P384,
    .sign = sign_p384_sha384,
    .verify = verify_p384_sha384,
};

const struct signature signature_ecdsa_p256_sha384 = {
    .name = "ecdsa-with-SHA384 on P-256",
    .key_type = KEY_P256,
    .verify = verify_p256_sha384,
};

const struct signature signature_ecdsa_p384_sha256 = {
    .name = "ecdsa-with-SHA256 on P-384",
    .key_type = KEY_P384,
    .verify = verify_p384_sha256,
};
