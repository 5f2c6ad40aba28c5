/* tests/interop/adapter_bearssl.c - BearSSL 0.6's primitives under sealvec. */
#include "tests/interop/adapter.h"

#include <bearssl.h>

static const struct { const char *name; const br_hash_class *hash; const unsigned char *oid; }
hashes[] = {
    { "SHA-1",   &br_sha1_vtable,   BR_HASH_OID_SHA1   },
    { "SHA-224", &br_sha224_vtable, BR_HASH_OID_SHA224 },
    { "SHA-256", &br_sha256_vtable, BR_HASH_OID_SHA256 },
    { "SHA-384", &br_sha384_vtable, BR_HASH_OID_SHA384 },
    { "SHA-512", &br_sha512_vtable, BR_HASH_OID_SHA512 },
};

static const br_hash_class *hash_named(const char *name, const unsigned char **oid)
{
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        if (strcmp(hashes[i].name, name) == 0) {
            if (oid)
                *oid = hashes[i].oid;
            return hashes[i].hash;
        }
    unsupported("hash %s", name);
    return NULL;
}

static size_t digest_len(const br_hash_class *h)
{
    return h->desc >> BR_HASHDESC_OUT_OFF & BR_HASHDESC_OUT_MASK;
}

static void digest(const br_hash_class *h, uint8_t out[64], struct octets message)
{
    br_hash_compat_context c;
    h->init(&c.vtable);
    h->update(&c.vtable, message.at, message.len);
    h->out(&c.vtable, out);
}

static void on_hash(void)
{
    uint8_t out[64];
    const br_hash_class *h = hash_named(word("algorithm"), NULL);
    if (!h)
        return;
    digest(h, out, octets("message"));
    value(out, digest_len(h));
}

static void on_hmac(void)
{
    br_hmac_key_context key;
    br_hmac_context c;
    uint8_t out[64];
    const br_hash_class *h = hash_named(word("hash"), NULL);
    struct octets k = octets("key"), message = octets("message");
    if (!h)
        return;
    br_hmac_key_init(&key, h, k.at, k.len);
    br_hmac_init(&c, &key, 0);
    br_hmac_update(&c, message.at, message.len);
    value(out, br_hmac_out(&c, out));
}

/* BearSSL gives fewer bytes than asked for where RFC 5869 has no more. */
static void on_hkdf(void)
{
    br_hkdf_context c;
    const br_hash_class *h = hash_named(word("hash"), NULL);
    struct octets ikm = octets("ikm"), salt = octets("salt"), info = octets("info");
    size_t length = (size_t)number("length");
    if (!h)
        return;
    uint8_t *out = adapter_take(length);
    br_hkdf_init(&c, h, salt.at, salt.len);
    br_hkdf_inject(&c, ikm.at, ikm.len);
    br_hkdf_flip(&c);
    if (br_hkdf_produce(&c, info.at, info.len, out, length) == length)
        value(out, length);
    else
        verdict(false);
}

/* ---- ciphers ---- */

static bool cbc_known(struct octets key, struct octets iv, struct octets in)
{
    if (is("algorithm", "AES-CBC") && (key.len == 16 || key.len == 24 || key.len == 32)
        && iv.len == 16 && in.len % 16 == 0)
        return true;
    unsupported("cipher %s with a key of %zu bytes", word("algorithm"), key.len);
    return false;
}

static void on_cipher_encrypt(void)
{
    br_aes_ct64_cbcenc_keys keys;
    struct octets key = octets("key"), iv = octets("iv"), in = octets("input");
    if (!cbc_known(key, iv, in))
        return;
    br_aes_ct64_cbcenc_init(&keys, key.at, key.len);
    br_aes_ct64_cbcenc_run(&keys, iv.at, in.at, in.len);
    value(in.at, in.len);
}

static void on_cipher_decrypt(void)
{
    br_aes_ct64_cbcdec_keys keys;
    struct octets key = octets("key"), iv = octets("iv"), in = octets("input");
    if (!cbc_known(key, iv, in))
        return;
    br_aes_ct64_cbcdec_init(&keys, key.at, key.len);
    br_aes_ct64_cbcdec_run(&keys, iv.at, in.at, in.len);
    value(in.at, in.len);
}

/* ---- AEADs ---- */

static bool gcm_known(size_t tag_len)
{
    size_t key_len = octets("key").len;
    if (key_len != 16 && key_len != 24 && key_len != 32)
        unsupported("AES key of %zu bytes", key_len);
    else if (octets("nonce").len == 0)
        unsupported("AES-GCM nonce of no bytes");
    else if (tag_len < 4 || tag_len > 16)
        unsupported("AES-GCM tag of %zu bytes", tag_len);
    else
        return true;
    return false;
}

static void gcm_start(br_gcm_context *c, br_aes_ct64_ctr_keys *aes)
{
    struct octets key = octets("key"), nonce = octets("nonce"), aad = octets("aad");
    br_aes_ct64_ctr_init(aes, key.at, key.len);
    br_gcm_init(c, &aes->vtable, br_ghash_ctmul64);
    br_gcm_reset(c, nonce.at, nonce.len);
    br_gcm_aad_inject(c, aad.at, aad.len);
    br_gcm_flip(c);
}

static void gcm_seal(void)
{
    br_aes_ct64_ctr_keys aes;
    br_gcm_context c;
    uint8_t tag[16];
    struct octets text = octets("plaintext");
    if (!gcm_known((size_t)number("tag-length")))
        return;
    gcm_start(&c, &aes);
    br_gcm_run(&c, 1, text.at, text.len);
    br_gcm_get_tag(&c, tag);
    value(text.at, text.len);
    value(tag, (size_t)number("tag-length"));
}

static void gcm_open(void)
{
    br_aes_ct64_ctr_keys aes;
    br_gcm_context c;
    struct octets text = octets("ciphertext"), tag = octets("tag");
    if (!gcm_known(tag.len))
        return;
    gcm_start(&c, &aes);
    br_gcm_run(&c, 0, text.at, text.len);
    if (br_gcm_check_tag_trunc(&c, tag.at, tag.len))
        value(text.at, text.len);
    else
        verdict(false);
}

/* The tag of what `text` is turned into, or comes from. */
static bool chacha(struct octets text, bool seal, size_t tag_len, uint8_t tag[16])
{
    struct octets key = octets("key"), nonce = octets("nonce"), aad = octets("aad");
    if (key.len != 32 || nonce.len != 12 || tag_len != 16) {
        unsupported("ChaCha20-Poly1305 with other sizes than 32, 12 and 16 bytes");
        return false;
    }
    br_poly1305_ctmul_run(key.at, nonce.at, text.at, text.len, aad.at, aad.len, tag,
                          br_chacha20_ct_run, seal);
    return true;
}

static void on_aead_seal(void)
{
    uint8_t tag[16];
    struct octets text = octets("plaintext");
    if (is("algorithm", "AES-GCM")) {
        gcm_seal();
    } else if (!is("algorithm", "CHACHA20-POLY1305")) {
        unsupported("aead %s", word("algorithm"));
    } else if (chacha(text, true, (size_t)number("tag-length"), tag)) {
        value(text.at, text.len);
        value(tag, sizeof tag);
    }
}

static void on_aead_open(void)
{
    uint8_t tag[16];
    struct octets text = octets("ciphertext"), stated = octets("tag");
    if (is("algorithm", "AES-GCM")) {
        gcm_open();
    } else if (!is("algorithm", "CHACHA20-POLY1305")) {
        unsupported("aead %s", word("algorithm"));
    } else if (chacha(text, false, stated.len, tag)) {
        if (memcmp(tag, stated.at, sizeof tag) == 0)
            value(text.at, text.len);
        else
            verdict(false);
    }
}

/* ---- curves ---- */

static const br_ec_impl *const ec = &br_ec_all_m31;

/* A result of zeros is for BearSSL's caller to refuse. */
static void on_xdh(void)
{
    struct octets private = octets("private"), u = octets("public");
    uint8_t any = 0;
    if (!is("curve", "X25519")) {
        unsupported("curve %s", word("curve"));
        return;
    }
    if (private.len != 32 || u.len != 32) {
        verdict(false);
        return;
    }
    bool good = ec->mul(u.at, 32, private.at, 32, BR_EC_curve25519);
    for (size_t i = 0; i < 32; i++)
        any |= u.at[i];
    if (good && any)
        value(u.at, 32);
    else
        verdict(false);
}

static int curve_in(size_t *coordinate_len)
{
    static const struct { const char *name; int curve; size_t len; } curves[] = {
        { "P-256", BR_EC_secp256r1, 32 }, { "P-384", BR_EC_secp384r1, 48 },
        { "P-521", BR_EC_secp521r1, 66 },
    };
    for (size_t i = 0; i < 3; i++)
        if (is("curve", curves[i].name)) {
            *coordinate_len = curves[i].len;
            return curves[i].curve;
        }
    unsupported("curve %s", word("curve"));
    return 0;
}

static void on_ecdh(void)
{
    size_t n;
    int curve = curve_in(&n);
    struct octets point = octets("public"), scalar = integer("private");
    if (!curve)
        return;
    if (*word("spki"))
        unsupported("SubjectPublicKeyInfo");
    else if (point.len == 1 + 2 * n && ec->mul(point.at, point.len, scalar.at, scalar.len, curve))
        value(point.at + 1, n);
    else
        verdict(false);
}

static void on_ec_public(void)
{
    size_t n;
    uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];
    int curve = curve_in(&n);
    struct octets scalar = integer("private");
    if (curve)
        value(point, ec->mulgen(point, scalar.at, scalar.len, curve));
}

static void on_ecdsa_verify(void)
{
    size_t n;
    uint8_t hashed[64];
    struct octets point = octets("public"), signature = octets("signature");
    int curve = curve_in(&n);
    const br_hash_class *h = curve ? hash_named(word("hash"), NULL) : NULL;
    if (!h)
        return;
    br_ec_public_key key = { .curve = curve, .q = point.at, .qlen = point.len };
    digest(h, hashed, octets("message"));
    verdict((is("format", "p1363") ? br_ecdsa_i31_vrfy_raw : br_ecdsa_i31_vrfy_asn1)
            (ec, hashed, digest_len(h), &key, signature.at, signature.len));
}

static void on_ecdsa_sign(void)
{
    size_t n;
    uint8_t hashed[64], signature[160];
    struct octets scalar = integer("private");
    int curve = curve_in(&n);
    const br_hash_class *h = curve ? hash_named(word("hash"), NULL) : NULL;
    if (!h)
        return;
    br_ec_private_key key = { .curve = curve, .x = scalar.at, .xlen = scalar.len };
    digest(h, hashed, octets("message"));
    size_t len = br_ecdsa_i31_sign_asn1(ec, h, hashed, &key, signature);
    if (len > 0)
        value(signature, len);
    else
        verdict(false);
}

/* ---- RSA ---- */

/* As it is built, BearSSL has room for 4096 bits. */
static bool rsa_known(void)
{
    if (integer("modulus").len <= 512)
        return true;
    unsupported("RSA modulus of more than 4096 bits");
    return false;
}

static void on_rsa_pkcs1_verify(void)
{
    uint8_t hashed[64], found[64];
    const unsigned char *oid;
    struct octets signature = octets("signature");
    const br_hash_class *h = hash_named(word("hash"), &oid);
    struct octets n = integer("modulus"), e = integer("exponent");
    if (!h || !rsa_known())
        return;
    br_rsa_public_key key = { .n = n.at, .nlen = n.len, .e = e.at, .elen = e.len };
    digest(h, hashed, octets("message"));
    verdict(br_rsa_i31_pkcs1_vrfy(signature.at, signature.len, oid, digest_len(h), &key, found)
            && memcmp(found, hashed, digest_len(h)) == 0);
}

static void on_rsa_pkcs1_sign(void)
{
    uint8_t hashed[64];
    const unsigned char *oid;
    const br_hash_class *h = hash_named(word("hash"), &oid);
    struct octets n = integer("modulus"), p = integer("p"), q = integer("q"), dp = integer("dp");
    struct octets dq = integer("dq"), iq = integer("qinv");
    if (!h || !rsa_known())
        return;
    br_rsa_private_key key = {
        .n_bitlen = (uint32_t)(8 * n.len), .p = p.at, .plen = p.len, .q = q.at, .qlen = q.len,
        .dp = dp.at, .dplen = dp.len, .dq = dq.at, .dqlen = dq.len, .iq = iq.at, .iqlen = iq.len,
    };
    for (uint8_t top = n.len ? n.at[0] : 0; top && !(top & 0x80); top = (uint8_t)(top << 1))
        key.n_bitlen--;
    uint8_t *signature = adapter_take(n.len + 8);
    digest(h, hashed, octets("message"));
    if (br_rsa_i31_pkcs1_sign(oid, hashed, digest_len(h), &key, signature))
        value(signature, n.len);
    else
        verdict(false);
}

static const struct adapter_operation operations[] = {
    { "hash",             on_hash             },
    { "hmac",             on_hmac             },
    { "hkdf",             on_hkdf             },
    { "cipher-encrypt",   on_cipher_encrypt   },
    { "cipher-decrypt",   on_cipher_decrypt   },
    { "aead-seal",        on_aead_seal        },
    { "aead-open",        on_aead_open        },
    { "xdh",              on_xdh              },
    { "ecdh",             on_ecdh             },
    { "ec-public",        on_ec_public        },
    { "ecdsa-verify",     on_ecdsa_verify     },
    { "ecdsa-sign",       on_ecdsa_sign       },
    { "rsa-pkcs1-verify", on_rsa_pkcs1_verify },
    { "rsa-pkcs1-sign",   on_rsa_pkcs1_sign   },
};

int main(void)
{
    return adapter_run(operations, sizeof operations / sizeof operations[0]);
}
