/* tests/fuzz/verify.c - any bytes as public key, message and signature, for every scheme
 * (libFuzzer).
 *
 * Input: one byte that chooses the scheme; the SubjectPublicKeyInfo and the message, each behind a
 * 16-bit length; the rest is the signature.
 * What may never be: a signature by a key of another type, or by a key that public_key_weak warns
 * of; a second form of a signature that is valid (a byte more or less, another bit), or the same
 * for another message. Seeds, with valid ones among them: tests/fuzz/fuzz.py.
 */
#include "crypto/curve.h"
#include "crypto/ecdsa.h"
#include "tls13/x509/key.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MESSAGE_MAX = 1024, SIGNATURE_LEN_MAX = RSA_MODULUS_MAX + 1 };

static const struct signature *const schemes[] = {
    &signature_ecdsa_p256_sha256, &signature_ecdsa_p256_sha384, &signature_ecdsa_p384_sha256,
    &signature_ecdsa_p384_sha384, &signature_ed25519,           &signature_rsa_pss_sha256,
    &signature_rsa_pss_sha384,    &signature_rsa_pss_sha512,    &signature_rsa_pkcs1_sha256,
    &signature_rsa_pkcs1_sha384,  &signature_rsa_pkcs1_sha512,
};

static void must(bool what)
{
    if (!what)
        abort();
}

/* What is decoded can be written again in one way only. */
static void check_ecdsa_form(const struct curve *c, struct bytes signature)
{
    struct ecdsa decoded;
    uint8_t again[ECDSA_DER_MAX];
    if (ecdsa_decode(c, &decoded, signature))
        must(bytes_equal_public(bytes_of(again, ecdsa_encode(c, again, &decoded)), signature));
}

/* Bits are changed in the first half: for ECDSA (r, n - s) is as good as (r, s), and n - s may be
 * one bit away. */
static void only_this_signature(const struct signature *scheme, const struct public_key *key,
                                struct bytes message, struct bytes signature)
{
    static uint8_t other[SIGNATURE_LEN_MAX + 1];
    memcpy(other, signature.at, signature.len);
    other[signature.len] = 0;
    must(!scheme->verify(key, message, bytes_of(other, signature.len + 1)));
    must(!scheme->verify(key, message, bytes_of(other, signature.len - 1)));
    for (size_t i = 0; i < 4; i++) {
        size_t at = i * signature.len / 8;
        other[at] ^= 1;
        must(!scheme->verify(key, message, bytes_of(other, signature.len)));
        other[at] ^= 1;
    }
}

static void only_this_message(const struct signature *scheme, const struct public_key *key,
                              struct bytes message, struct bytes signature)
{
    static uint8_t other[MESSAGE_MAX + 1];
    if (message.len > 0)
        memcpy(other, message.at, message.len);
    other[message.len] = 0;
    must(!scheme->verify(key, bytes_of(other, message.len + 1), signature));
    if (message.len == 0)
        return;
    must(!scheme->verify(key, bytes_of(other, message.len - 1), signature));
    other[message.len / 2] ^= 0x80;
    must(!scheme->verify(key, bytes_of(other, message.len), signature));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct reader r = reader_of(bytes_of(data, len));
    const struct signature *scheme = schemes[read_u8(&r) % COUNT(schemes)];
    struct bytes spki = read_vec16(&r, 0), message = read_vec16(&r, 0), signature = r.rest;
    struct public_key key;
    if (r.bad || message.len > MESSAGE_MAX || signature.len > SIGNATURE_LEN_MAX)
        return 0;
    check_ecdsa_form(&curve_p256, signature);
    check_ecdsa_form(&curve_p384, signature);
    const char *malformed = public_key_decode(&key, spki);
    if (malformed || !scheme->verify(&key, message, signature))
        return 0;
    must(key.type == scheme->key_type && !public_key_weak(&key));
    only_this_signature(scheme, &key, message, signature);
    only_this_message(scheme, &key, message, signature);
    return 0;
}
