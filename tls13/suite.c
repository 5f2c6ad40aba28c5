/* tls13/suite.c - the algorithms of this build, best first, under their TLS code points.
 *
 * Implements  RFC 8446 §B.4 (cipher suites), §4.2.7 (groups), §4.2.3 (signature schemes);
 *             RFC 10024 (hybrid groups).
 */
#include "tls13/suite.h"

static const struct cipher_suite aes_128_gcm_sha256 = {
    0x1301, "TLS_AES_128_GCM_SHA256", &aead_aes_128_gcm, &hash_sha256,
};
static const struct cipher_suite aes_256_gcm_sha384 = {
    0x1302, "TLS_AES_256_GCM_SHA384", &aead_aes_256_gcm, &hash_sha384,
};
static const struct cipher_suite chacha20_poly1305_sha256 = {
    0x1303, "TLS_CHACHA20_POLY1305_SHA256", &aead_chacha20_poly1305, &hash_sha256,
};

/* RFC 10024 §5 */
static const struct named_group x25519mlkem768 = {
    0x11ec, "X25519MLKEM768", &group_x25519mlkem768, 1,
};
static const struct named_group secp256r1mlkem768 = {
    0x11eb, "SecP256r1MLKEM768", &group_secp256r1mlkem768, 1,
};
static const struct named_group x25519    = { 0x001d, "x25519", &group_x25519, 0 };
static const struct named_group secp256r1 = { 0x0017, "secp256r1", &group_secp256r1, 0 };
static const struct named_group secp384r1 = { 0x0018, "secp384r1", &group_secp384r1, 0 };

static const struct signature_scheme ecdsa_secp256r1_sha256 = {
    0x0403, "ecdsa_secp256r1_sha256", &signature_ecdsa_p256_sha256, false,
};
static const struct signature_scheme ed25519 = {
    0x0807, "ed25519", &signature_ed25519, false,
};

static const struct signature_scheme ecdsa_secp384r1_sha384 = {
    0x0503, "ecdsa_secp384r1_sha384", &signature_ecdsa_p384_sha384, false,
};
static const struct signature_scheme rsa_pss_rsae_sha256 = {
    0x0804, "rsa_pss_rsae_sha256", &signature_rsa_pss_sha256, false,
};
static const struct signature_scheme rsa_pss_rsae_sha384 = {
    0x0805, "rsa_pss_rsae_sha384", &signature_rsa_pss_sha384, false,
};
static const struct signature_scheme rsa_pss_rsae_sha512 = {
    0x0806, "rsa_pss_rsae_sha512", &signature_rsa_pss_sha512, false,
};
static const struct signature_scheme rsa_pkcs1_sha256 = {
    0x0401, "rsa_pkcs1_sha256", &signature_rsa_pkcs1_sha256, true,
};
static const struct signature_scheme rsa_pkcs1_sha384 = {
    0x0501, "rsa_pkcs1_sha384", &signature_rsa_pkcs1_sha384, true,
};
static const struct signature_scheme rsa_pkcs1_sha512 = {
    0x0601, "rsa_pkcs1_sha512", &signature_rsa_pkcs1_sha512, true,
};

static const struct cipher_suite *const suites[] = {
    &aes_128_gcm_sha256, &aes_256_gcm_sha384, &chacha20_poly1305_sha256,
};
static const struct named_group *const groups[] = {
    &x25519mlkem768, &secp256r1mlkem768, &x25519, &secp256r1, &secp384r1,
};
static const struct signature_scheme *const schemes[] = {
    &ecdsa_secp256r1_sha256, &ed25519, &ecdsa_secp384r1_sha384,
    &rsa_pss_rsae_sha256, &rsa_pss_rsae_sha384, &rsa_pss_rsae_sha512,
    &rsa_pkcs1_sha256, &rsa_pkcs1_sha384, &rsa_pkcs1_sha512,
};

const struct algorithms algorithms_default = {
    .suites  = suites,  .suite_count  = COUNT(suites),
    .groups  = groups,  .group_count  = COUNT(groups),
    .schemes = schemes, .scheme_count = COUNT(schemes),
};

const struct cipher_suite *suite_find(const struct algorithms *a, uint16_t code_point)
{
    for (size_t i = 0; i < a->suite_count; i++)
        if (a->suites[i]->code_point == code_point)
            return a->suites[i];
    return NULL;
}

const struct named_group *group_find(const struct algorithms *a, uint16_t code_point)
{
    for (size_t i = 0; i < a->group_count; i++)
        if (a->groups[i]->code_point == code_point)
            return a->groups[i];
    return NULL;
}

const struct signature_scheme *scheme_find(const struct algorithms *a, uint16_t code_point)
{
    for (size_t i = 0; i < a->scheme_count; i++)
        if (a->schemes[i]->code_point == code_point)
            return a->schemes[i];
    return NULL;
}

const struct signature_scheme *certificate_scheme_find(const struct algorithms *a,
                                                       uint16_t code_point)
{
    if (a->certificate_scheme_count == 0)
        return scheme_find(a, code_point);
    for (size_t i = 0; i < a->certificate_scheme_count; i++)
        if (a->certificate_schemes[i]->code_point == code_point)
            return a->certificate_schemes[i];
    return NULL;
}
