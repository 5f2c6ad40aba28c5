/* tests/interop/adapter_openssl.c - OpenSSL 3's libcrypto under sealvec. */
#include "tests/interop/adapter.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* ---- hashes ---- */

/* "SHA-512/256" is "SHA512-256" there; SHAKEs are asked for as what they are. */
static const EVP_MD *hash_named(const char *name)
{
    char text[32] = "";
    size_t n = 0;
    for (; *name && n + 1 < sizeof text; name++)
        if (!(*name == '-' && n == 3 && strncmp(text, "SHA3", 4) != 0))
            text[n++] = *name == '/' ? '-' : *name;
    const EVP_MD *md = strncmp(text, "SHAKE", 5) == 0 ? NULL : EVP_get_digestbyname(text);
    if (!md)
        unsupported("hash %s", text);
    return md;
}

static void on_hash(void)
{
    uint8_t out[EVP_MAX_MD_SIZE];
    unsigned len;
    const EVP_MD *md = hash_named(word("algorithm"));
    struct octets message = octets("message");
    if (md && EVP_Digest(message.at, message.len, out, &len, md, NULL))
        value(out, len);
}

static void on_xof(void)
{
    const EVP_MD *md = EVP_get_digestbyname(word("algorithm"));
    struct octets message = octets("message");
    size_t length = (size_t)number("length");
    if (!md || !(EVP_MD_flags(md) & EVP_MD_FLAG_XOF)) {
        unsupported("xof %s", word("algorithm"));
        return;
    }
    uint8_t *out = adapter_take(length);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    EVP_DigestInit_ex(c, md, NULL);
    EVP_DigestUpdate(c, message.at, message.len);
    EVP_DigestFinalXOF(c, out, length);
    EVP_MD_CTX_free(c);
    value(out, length);
}

static void mac(const char *algorithm, OSSL_PARAM *parameters)
{
    uint8_t out[EVP_MAX_MD_SIZE];
    size_t len;
    struct octets key = octets("key"), message = octets("message");
    EVP_MAC *fetched = EVP_MAC_fetch(NULL, algorithm, NULL);
    EVP_MAC_CTX *c = fetched ? EVP_MAC_CTX_new(fetched) : NULL;
    if (c && EVP_MAC_init(c, key.at, key.len, parameters)
        && EVP_MAC_update(c, message.at, message.len) && EVP_MAC_final(c, out, &len, sizeof out))
        value(out, len);
    else
        unsupported("mac %s", algorithm);
    EVP_MAC_CTX_free(c);
    EVP_MAC_free(fetched);
}

static void on_hmac(void)
{
    const EVP_MD *md = hash_named(word("hash"));
    if (!md)
        return;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string("digest", (char *)EVP_MD_get0_name(md), 0),
        OSSL_PARAM_construct_end(),
    };
    mac("HMAC", parameters);
}

static void on_mac(void)
{
    char *cipher = octets("key").len == 16 ? "AES-128-CBC"
                 : octets("key").len == 24 ? "AES-192-CBC" : "AES-256-CBC";
    OSSL_PARAM cmac[] = { OSSL_PARAM_construct_utf8_string("cipher", cipher, 0),
                          OSSL_PARAM_construct_end() };
    if (is("algorithm", "AES-CMAC") && (octets("key").len == 16 || octets("key").len == 24
                                        || octets("key").len == 32))
        mac("CMAC", cmac);
    else if (is("algorithm", "POLY1305"))
        mac("POLY1305", NULL);
    else
        unsupported("mac %s", word("algorithm"));
}

static void hkdf(int mode, struct octets key, struct octets salt, struct octets info,
                 size_t length)
{
    const EVP_MD *md = hash_named(word("hash"));
    if (!md)
        return;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string("digest", (char *)EVP_MD_get0_name(md), 0),
        OSSL_PARAM_construct_octet_string("key", key.at, key.len),
        OSSL_PARAM_construct_octet_string("salt", salt.at, salt.len),
        OSSL_PARAM_construct_octet_string("info", info.at, info.len),
        OSSL_PARAM_construct_int("mode", &mode),
        OSSL_PARAM_construct_end(),
    };
    if (length == 0)
        length = (size_t)EVP_MD_get_size(md);
    uint8_t *out = adapter_take(length);
    EVP_KDF *fetched = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *c = EVP_KDF_CTX_new(fetched);
    if (EVP_KDF_derive(c, out, length, parameters) == 1)
        value(out, length);
    else
        verdict(false);
    EVP_KDF_CTX_free(c);
    EVP_KDF_free(fetched);
}

static void on_hkdf(void)
{
    hkdf(EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, octets("ikm"), octets("salt"), octets("info"),
         (size_t)number("length"));
}

static void on_hkdf_extract(void)
{
    hkdf(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, octets("ikm"), octets("salt"), octets("none"), 0);
}

static void on_hkdf_expand(void)
{
    hkdf(EVP_KDF_HKDF_MODE_EXPAND_ONLY, octets("prk"), octets("none"), octets("info"),
         (size_t)number("length"));
}

static void on_pbkdf2(void)
{
    const EVP_MD *md = hash_named(word("hash"));
    struct octets password = octets("password"), salt = octets("salt");
    int length = (int)number("length");
    uint8_t *out = adapter_take((size_t)length);
    if (md && PKCS5_PBKDF2_HMAC((char *)password.at, (int)password.len, salt.at, (int)salt.len,
                                (int)number("iterations"), md, length, out))
        value(out, (size_t)length);
    else if (md)
        verdict(false);
}

/* ---- ciphers ---- */

static const EVP_CIPHER *aes(const char *mode)
{
    char name[32];
    size_t n = octets("key").len;
    if (n != 16 && n != 24 && n != 32) {
        unsupported("AES key of %zu bytes", n);
        return NULL;
    }
    snprintf(name, sizeof name, "AES-%zu-%s", 8 * n, mode);
    return EVP_get_cipherbyname(name);
}

static void block(int encrypt)
{
    struct octets key = octets("key"), in = octets("input");
    const EVP_CIPHER *cipher = is("algorithm", "AES") ? aes("ECB") : NULL;
    if (!is("algorithm", "AES"))
        unsupported("block cipher %s", word("algorithm"));
    if (!cipher)
        return;
    int len = 0;
    uint8_t *out = adapter_take(in.len + 16);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(c, cipher, NULL, key.at, NULL, encrypt);
    EVP_CIPHER_CTX_set_padding(c, 0);
    EVP_CipherUpdate(c, out, &len, in.at, (int)in.len);
    EVP_CIPHER_CTX_free(c);
    value(out, (size_t)len);
}

static void on_block_encrypt(void)
{
    block(1);
}

static void on_block_decrypt(void)
{
    block(0);
}

/* "AES-CBC-PKCS5" is "AES-128-CBC" with its padding; CFB128 is called CFB there, and XTS by half of
 * its key. */
static EVP_CIPHER *cipher_named(size_t key_len, bool *padded)
{
    char name[64], mode[32] = "", *dash;
    size_t family_len = strcspn(word("algorithm"), "-");
    snprintf(mode, sizeof mode, "%s", word("algorithm") + family_len);
    dash = *mode ? strchr(mode + 1, '-') : NULL;
    *padded = dash && strcmp(dash, "-PKCS5") == 0;
    if (*padded)
        *dash = 0;
    snprintf(name, sizeof name, "%.*s-%zu%s", (int)family_len, word("algorithm"),
             strcmp(mode, "-XTS") == 0 ? 4 * key_len : 8 * key_len,
             strcmp(mode, "-CFB128") == 0 ? "-CFB" : mode);
    return EVP_CIPHER_fetch(NULL, name, NULL);
}

static void cipher(int encrypt)
{
    bool padded;
    struct octets key = octets("key"), iv = octets("iv"), in = octets("input");
    EVP_CIPHER *fetched = cipher_named(key.len, &padded);
    int len = 0, rest = 0;
    uint8_t *out = adapter_take(in.len + 32);
    if (!fetched || (size_t)EVP_CIPHER_get_key_length(fetched) != key.len
        || (size_t)EVP_CIPHER_get_iv_length(fetched) != iv.len) {
        unsupported("cipher %s with key and IV of %zu and %zu bytes", word("algorithm"), key.len,
                    iv.len);
        EVP_CIPHER_free(fetched);
        return;
    }
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    bool good = EVP_CipherInit_ex(c, fetched, NULL, key.at, iv.at, encrypt)
        && EVP_CIPHER_CTX_set_padding(c, padded)
        && EVP_CipherUpdate(c, out, &len, in.at, (int)in.len)
        && EVP_CipherFinal_ex(c, out + len, &rest);
    if (good)
        value(out, (size_t)(len + rest));
    else
        verdict(false);
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(fetched);
}

static void on_cipher_encrypt(void)
{
    cipher(1);
}

static void on_cipher_decrypt(void)
{
    cipher(0);
}

/* OpenSSL's ChaCha20 takes the counter, little-endian, in front of the nonce. */
static void on_stream(void)
{
    struct octets key = octets("key"), nonce = octets("nonce"), in = octets("input");
    unsigned long counter = (unsigned long)number("counter");
    uint8_t iv[16], *out = adapter_take(in.len);
    int len = 0;
    if (!is("algorithm", "CHACHA20") || key.len != 32 || nonce.len != 12) {
        unsupported("stream cipher %s", word("algorithm"));
        return;
    }
    for (size_t i = 0; i < 4; i++)
        iv[i] = (uint8_t)(counter >> 8 * i);
    memcpy(iv + 4, nonce.at, 12);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(c, EVP_chacha20(), NULL, key.at, iv);
    EVP_EncryptUpdate(c, out, &len, in.at, (int)in.len);
    EVP_CIPHER_CTX_free(c);
    value(out, (size_t)len);
}

static const EVP_CIPHER *aead_named(size_t tag_len)
{
    bool gcm = is("algorithm", "AES-GCM"), chacha = is("algorithm", "CHACHA20-POLY1305");
    size_t nonce_len = octets("nonce").len;
    if (!gcm && !chacha)
        unsupported("aead %s", word("algorithm"));
    else if (chacha && (octets("key").len != 32 || nonce_len != 12 || tag_len != 16))
        unsupported("ChaCha20-Poly1305 with other sizes than 32, 12 and 16 bytes");
    else if (gcm && (nonce_len < 1 || nonce_len > 128 || tag_len < 1 || tag_len > 16))
        unsupported("AES-GCM nonce of %zu bytes, tag of %zu", nonce_len, tag_len);
    else
        return gcm ? aes("GCM") : EVP_chacha20_poly1305();
    return NULL;
}

static EVP_CIPHER_CTX *aead_start(const EVP_CIPHER *cipher, int seal)
{
    struct octets key = octets("key"), nonce = octets("nonce"), aad = octets("aad");
    int len;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    EVP_CipherInit_ex(c, cipher, NULL, NULL, NULL, seal);
    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_IVLEN, (int)nonce.len, NULL);
    EVP_CipherInit_ex(c, NULL, NULL, key.at, nonce.at, seal);
    EVP_CipherUpdate(c, NULL, &len, aad.at, (int)aad.len);
    return c;
}

static void on_aead_seal(void)
{
    struct octets in = octets("plaintext");
    uint8_t *out = adapter_take(in.len + 16), tag[16];
    size_t tag_len = (size_t)number("tag-length");
    const EVP_CIPHER *cipher = aead_named(tag_len);
    int len = 0, rest = 0;
    if (!cipher)
        return;
    EVP_CIPHER_CTX *c = aead_start(cipher, 1);
    EVP_CipherUpdate(c, out, &len, in.at, (int)in.len);
    EVP_CipherFinal_ex(c, out + len, &rest);
    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, (int)tag_len, tag);
    EVP_CIPHER_CTX_free(c);
    value(out, in.len);
    value(tag, tag_len);
}

static void on_aead_open(void)
{
    struct octets in = octets("ciphertext"), tag = octets("tag");
    uint8_t *out = adapter_take(in.len + 16);
    const EVP_CIPHER *cipher = aead_named(tag.len);
    int len = 0, rest = 0;
    if (!cipher)
        return;
    EVP_CIPHER_CTX *c = aead_start(cipher, 0);
    EVP_CipherUpdate(c, out, &len, in.at, (int)in.len);
    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, (int)tag.len, tag.at);
    if (EVP_CipherFinal_ex(c, out + len, &rest) > 0)
        value(out, in.len);
    else
        verdict(false);
    EVP_CIPHER_CTX_free(c);
}

/* ---- keys ---- */

static int raw_type(void)
{
    static const struct { const char *name; int type; } types[] = {
        { "X25519", EVP_PKEY_X25519 },   { "X448", EVP_PKEY_X448 },
        { "Ed25519", EVP_PKEY_ED25519 }, { "Ed448", EVP_PKEY_ED448 },
    };
    for (size_t i = 0; i < 4; i++)
        if (is("curve", types[i].name))
            return types[i].type;
    unsupported("curve %s", word("curve"));
    return 0;
}

static void derive(EVP_PKEY *private, EVP_PKEY *public)
{
    uint8_t out[200];
    size_t len = sizeof out;
    EVP_PKEY_CTX *c = private && public ? EVP_PKEY_CTX_new(private, NULL) : NULL;
    if (c && EVP_PKEY_derive_init(c) > 0 && EVP_PKEY_derive_set_peer(c, public) > 0
        && EVP_PKEY_derive(c, out, &len) > 0)
        value(out, len);
    else
        verdict(false);
    EVP_PKEY_CTX_free(c);
    EVP_PKEY_free(private);
    EVP_PKEY_free(public);
}

static void on_xdh(void)
{
    struct octets private = octets("private"), public = octets("public");
    int type = raw_type();
    if (type)
        derive(EVP_PKEY_new_raw_private_key(type, NULL, private.at, private.len),
               EVP_PKEY_new_raw_public_key(type, NULL, public.at, public.len));
}

static void on_raw_public(void)
{
    uint8_t out[64];
    size_t len = sizeof out;
    struct octets private = octets("private");
    int type = raw_type();
    EVP_PKEY *key = type ? EVP_PKEY_new_raw_private_key(type, NULL, private.at, private.len) : NULL;
    if (type && key && EVP_PKEY_get_raw_public_key(key, out, &len))
        value(out, len);
    else if (type)
        verdict(false);
    EVP_PKEY_free(key);
}

static void on_eddsa_verify(void)
{
    struct octets public = octets("public"), m = octets("message"), s = octets("signature");
    int type = raw_type();
    if (!type)
        return;
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(type, NULL, public.at, public.len);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    verdict(key && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key)
            && EVP_DigestVerify(c, s.at, s.len, m.at, m.len) == 1);
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
}

static void on_eddsa_sign(void)
{
    uint8_t out[128];
    size_t len = sizeof out;
    struct octets private = octets("private"), m = octets("message");
    int type = raw_type();
    if (!type)
        return;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(type, NULL, private.at, private.len);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (key && EVP_DigestSignInit(c, NULL, NULL, NULL, key)
        && EVP_DigestSign(c, out, &len, m.at, m.len))
        value(out, len);
    else
        verdict(false);
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
}

/* ---- curves ---- */

static EC_GROUP *group_named(void)
{
    char name[32];
    snprintf(name, sizeof name, "%s", word("curve"));
    int nid = EC_curve_nist2nid(name);
    if (nid == NID_undef)
        nid = OBJ_sn2nid(name);
    EC_GROUP *group = nid == NID_undef ? NULL : EC_GROUP_new_by_curve_name(nid);
    if (!group)
        unsupported("curve %s", name);
    return group;
}

static EVP_PKEY *ec_key(const EC_GROUP *group, struct octets point, struct octets scalar)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    BIGNUM *d = scalar.len ? BN_bin2bn(scalar.at, (int)scalar.len, NULL) : NULL;
    OSSL_PARAM_BLD_push_utf8_string(b, "group", OBJ_nid2sn(EC_GROUP_get_curve_name(group)), 0);
    if (point.len)
        OSSL_PARAM_BLD_push_octet_string(b, "pub", point.at, point.len);
    if (d)
        OSSL_PARAM_BLD_push_BN(b, "priv", d);
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(b);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (EVP_PKEY_fromdata_init(c) <= 0
        || EVP_PKEY_fromdata(c, &key, point.len ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                             parameters) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(b);
    BN_free(d);
    return key;
}

static const struct octets NOTHING = { NULL, 0 };

static void on_ecdh(void)
{
    EC_GROUP *group = group_named();
    if (!group)
        return;
    struct octets spki = octets("spki");
    const uint8_t *at = spki.at;
    EVP_PKEY *public = spki.len ? d2i_PUBKEY(NULL, &at, (long)spki.len)
                                : ec_key(group, octets("public"), NOTHING);
    derive(ec_key(group, NOTHING, integer("private")), public);
    EC_GROUP_free(group);
}

static void on_ec_public(void)
{
    uint8_t out[200];
    EC_GROUP *group = group_named();
    if (!group)
        return;
    struct octets d = integer("private");
    BIGNUM *scalar = BN_bin2bn(d.at, (int)d.len, NULL);
    EC_POINT *point = EC_POINT_new(group);
    bool good = !BN_is_zero(scalar) && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0
        && EC_POINT_mul(group, point, scalar, NULL, NULL, NULL);
    if (good)
        value(out, EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out,
                                      sizeof out, NULL));
    else
        verdict(false);
    EC_POINT_free(point);
    BN_free(scalar);
    EC_GROUP_free(group);
}

static void on_ec_check(void)
{
    EC_GROUP *group = group_named();
    struct octets in = octets("public");
    if (!group)
        return;
    EC_POINT *point = EC_POINT_new(group);
    verdict(EC_POINT_oct2point(group, point, in.at, in.len, NULL)
            && !EC_POINT_is_at_infinity(group, point));
    EC_POINT_free(point);
    EC_GROUP_free(group);
}

/* r || s as DER; empty if it has another length than twice the order's. */
static struct octets from_p1363(const EC_GROUP *group, struct octets raw)
{
    size_t n = (size_t)(EC_GROUP_order_bits(group) + 7) / 8;
    if (raw.len != 2 * n)
        return NOTHING;
    ECDSA_SIG *s = ECDSA_SIG_new();
    ECDSA_SIG_set0(s, BN_bin2bn(raw.at, (int)n, NULL), BN_bin2bn(raw.at + n, (int)n, NULL));
    uint8_t *der = adapter_take(2 * n + 32), *end = der;
    int len = i2d_ECDSA_SIG(s, &end);
    ECDSA_SIG_free(s);
    return (struct octets){ der, (size_t)len };
}

static void on_ecdsa_verify(void)
{
    EC_GROUP *group = group_named();
    const EVP_MD *md = group ? hash_named(word("hash")) : NULL;
    struct octets message = octets("message"), s = octets("signature");
    if (!md) {
        EC_GROUP_free(group);
        return;
    }
    if (is("format", "p1363"))
        s = from_p1363(group, s);
    EVP_PKEY *key = ec_key(group, octets("public"), NOTHING);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    verdict(key && EVP_DigestVerifyInit(m, NULL, md, NULL, key) == 1
            && EVP_DigestVerify(m, s.at, s.len, message.at, message.len) == 1);
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
    EC_GROUP_free(group);
}

/* ---- RSA ---- */

static EVP_PKEY *rsa_key(bool private)
{
    static const struct { const char *parameter, *openssl; } numbers[] = {
        { "modulus", "n" }, { "exponent", "e" }, { "private", "d" }, { "p", "rsa-factor1" },
        { "q", "rsa-factor2" }, { "dp", "rsa-exponent1" }, { "dq", "rsa-exponent2" },
        { "qinv", "rsa-coefficient1" },
    };
    EVP_PKEY *key = NULL;
    BIGNUM *number_of[8] = { NULL };
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    for (size_t i = 0; i < (private ? 8 : 2); i++) {
        struct octets x = integer(numbers[i].parameter);
        number_of[i] = BN_bin2bn(x.at, (int)x.len, NULL);
        OSSL_PARAM_BLD_push_BN(b, numbers[i].openssl, number_of[i]);
    }
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(b);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (EVP_PKEY_fromdata_init(c) <= 0
        || EVP_PKEY_fromdata(c, &key, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                             parameters) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(b);
    for (size_t i = 0; i < 8; i++)
        BN_free(number_of[i]);
    return key;
}

static void rsa_verify(bool pss)
{
    const EVP_MD *md = hash_named(word("hash"));
    const EVP_MD *mgf = md && pss ? hash_named(word("mgf-hash")) : md;
    struct octets message = octets("message"), s = octets("signature");
    if (!mgf)
        return;
    EVP_PKEY *key = rsa_key(false);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    EVP_PKEY_CTX *c = NULL;
    bool good = key && EVP_DigestVerifyInit(m, &c, md, NULL, key) == 1;
    if (good && pss)
        good = EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) > 0
            && EVP_PKEY_CTX_set_rsa_mgf1_md(c, mgf) > 0
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(c, (int)number("salt-length")) > 0;
    verdict(good && EVP_DigestVerify(m, s.at, s.len, message.at, message.len) == 1);
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
}

static void on_rsa_pkcs1_verify(void)
{
    rsa_verify(false);
}

static void on_rsa_pss_verify(void)
{
    rsa_verify(true);
}

static void on_rsa_pkcs1_sign(void)
{
    const EVP_MD *md = hash_named(word("hash"));
    struct octets message = octets("message");
    size_t len = 1024;
    uint8_t *out = adapter_take(len);
    if (!md)
        return;
    if (!*word("private")) {
        unsupported("RSA private key without its exponent");
        return;
    }
    EVP_PKEY *key = rsa_key(true);
    EVP_MD_CTX *m = EVP_MD_CTX_new();
    if (key && EVP_DigestSignInit(m, NULL, md, NULL, key) == 1
        && EVP_DigestSign(m, out, &len, message.at, message.len) == 1)
        value(out, len);
    else
        verdict(false);
    EVP_MD_CTX_free(m);
    EVP_PKEY_free(key);
}

/* ---- certificates ---- */

enum { CERTIFICATES = 256 };

static X509 *certificate(struct octets der)
{
    const uint8_t *at = der.at;
    return d2i_X509(NULL, &at, (long)der.len);
}

static void on_x509_verify(void)
{
    static struct octets chain[CERTIFICATES], anchors[CERTIFICATES];
    size_t count = list("chain", chain, CERTIFICATES);
    size_t anchor_count = list("anchors", anchors, CERTIFICATES);
    struct octets name = octets("name");
    char *text = adapter_take(name.len + 1);
    memcpy(text, name.at, name.len);
    text[name.len] = 0;
    if (*word("crls") || *word("depth") || count == 0) {
        unsupported("revocation lists and limits on a chain's length, here");
        return;
    }
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *leaf = certificate(chain[0]);
    for (size_t i = 0; i < anchor_count; i++) {
        X509 *anchor = certificate(anchors[i]);
        if (anchor)
            X509_STORE_add_cert(store, anchor);
        X509_free(anchor);
    }
    for (size_t i = 1; i < count; i++) {
        X509 *other = certificate(chain[i]);
        if (other)
            sk_X509_push(others, other);
    }
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    bool good = leaf && X509_STORE_CTX_init(c, store, leaf, others) == 1;
    if (good) {
        X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(c);
        X509_VERIFY_PARAM_set_time(p, number("time"));
        X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN);
        X509_STORE_CTX_set_purpose(c, is("purpose", "client") ? X509_PURPOSE_SSL_CLIENT
                                                              : X509_PURPOSE_SSL_SERVER);
        if (name.len > 0 && X509_VERIFY_PARAM_set1_ip_asc(p, text) != 1)
            X509_VERIFY_PARAM_set1_host(p, text, name.len);
        good = X509_verify_cert(c) == 1;
    }
    verdict(good);
    X509_STORE_CTX_free(c);
    X509_free(leaf);
    sk_X509_pop_free(others, X509_free);
    X509_STORE_free(store);
}

static const struct adapter_operation operations[] = {
    { "hash",             on_hash             },
    { "xof",              on_xof              },
    { "hmac",             on_hmac             },
    { "mac",              on_mac              },
    { "hkdf",             on_hkdf             },
    { "hkdf-extract",     on_hkdf_extract     },
    { "hkdf-expand",      on_hkdf_expand      },
    { "pbkdf2",           on_pbkdf2           },
    { "block-encrypt",    on_block_encrypt    },
    { "block-decrypt",    on_block_decrypt    },
    { "cipher-encrypt",   on_cipher_encrypt   },
    { "cipher-decrypt",   on_cipher_decrypt   },
    { "stream",           on_stream           },
    { "aead-seal",        on_aead_seal        },
    { "aead-open",        on_aead_open        },
    { "xdh",              on_xdh              },
    { "xdh-public",       on_raw_public       },
    { "ecdh",             on_ecdh             },
    { "ec-public",        on_ec_public        },
    { "ec-check",         on_ec_check         },
    { "ecdsa-verify",     on_ecdsa_verify     },
    { "eddsa-verify",     on_eddsa_verify     },
    { "eddsa-sign",       on_eddsa_sign       },
    { "eddsa-public",     on_raw_public       },
    { "rsa-pkcs1-verify", on_rsa_pkcs1_verify },
    { "rsa-pss-verify",   on_rsa_pss_verify   },
    { "rsa-pkcs1-sign",   on_rsa_pkcs1_sign   },
    { "x509-verify",      on_x509_verify      },
};

int main(void)
{
    return adapter_run(operations, sizeof operations / sizeof operations[0]);
}
