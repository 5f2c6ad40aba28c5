/* tls13/x509/encrypted_key.c - EncryptedPrivateKeyInfo with PBES2.
 *
 * Implements  RFC 5958 §3, RFC 8018 §A.2 (PBKDF2-params), §A.4 (PBES2-params), §B.2.5 (AES-CBC-Pad),
 *             §6.2.2 (decryption), RFC 7914 §7 (scrypt-params).
 * Secret      the key and what is decrypted; whether it has the shape of a key, and its length, are
 *             public.
 * Leaves out  PBES1, triple DES, AES-192; HMAC-SHA-1, which is PBKDF2's default.
 */
#include "tls13/x509/encrypted_key.h"

#include "crypto/aes_cbc.h"
#include "crypto/ct.h"
#include "tls13/x509/der.h"

static const struct bytes id_pbes2 = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d);
static const struct bytes id_pbkdf2 = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c);
static const struct bytes id_scrypt = OID(0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b);
static const struct bytes id_hmac_sha256 = OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09);

static const struct cipher { struct bytes oid; size_t key_len; } ciphers[] = {
    { OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02), 16 },        /* aes128-CBC-PAD */
    { OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a), 32 },
};

/* keyLength INTEGER OPTIONAL, which says what the cipher says. */
static const char *check_key_length(struct reader *r, size_t key_len)
{
    if (der_next_is(r, DER_INTEGER) && der_read_small(r, UINT32_MAX) != key_len && !r->bad)
        return "encrypted key: keyLength is not the cipher's (RFC 8018 §6.2.1)";
    return NULL;
}

/* RFC 8018 §A.2   PBKDF2-params: salt CHOICE { OCTET STRING, otherSource }, iterationCount,
 *                 keyLength OPTIONAL, prf AlgorithmIdentifier DEFAULT hmacWithSHA1
 * RFC 8018 §B.1.2 its parameters are NULL */
static const char *decode_pbkdf2(struct encrypted_key *out, struct reader *r)
{
    out->salt = der_read(r, DER_OCTET_STRING);
    out->iterations = der_read_small(r, UINT32_MAX);
    const char *wrong = check_key_length(r, out->key_len);
    if (wrong)
        return wrong;
    if (!r->bad && r->rest.len == 0)
        return "encrypted key: PBKDF2 with HMAC-SHA-1 is not supported; -v2prf hmacWithSHA256 is";
    struct reader prf = der_enter(r, DER_SEQUENCE);
    struct bytes oid = der_read_oid(&prf);
    if (!prf.bad && !bytes_equal_public(oid, id_hmac_sha256))
        return "encrypted key: PBKDF2 with another function than HMAC-SHA-256 is not supported";
    if (der_read(&prf, DER_NULL).len != 0)
        prf.bad = true;
    der_leave(r, &prf);
    if (!reader_done(r))
        return "encrypted key: PBKDF2 parameters are malformed (RFC 8018 §A.2)";
    if (out->iterations == 0 || out->iterations > ENCRYPTED_KEY_ITERATIONS_MAX)
        return "encrypted key: PBKDF2 iterations are not 1 to 10,000,000";
    return NULL;
}

/* RFC 7914 §2: N is a power of two above 1 and below 2^(128 r / 8). RFC 7914 §6:
 * p <= (2^32 - 1) * 32 / (128 r) */
static bool scrypt_bounded(const struct encrypted_key *k)
{
    uint64_t block = 128 * (uint64_t)k->r;
    return k->n > 1 && (k->n & (k->n - 1)) == 0 && (k->n < 1 << 16 || k->r > 1)
        && k->r > 0 && k->p > 0
        && block <= ENCRYPTED_KEY_MEMORY_MAX / k->n
        && k->p <= ENCRYPTED_KEY_WORK_MAX / (block * k->n);
}

/* RFC 7914 §7   scrypt-params: salt OCTET STRING, costParameter, blockSize,
 *               parallelizationParameter, keyLength OPTIONAL */
static const char *decode_scrypt(struct encrypted_key *out, struct reader *r)
{
    out->salt = der_read(r, DER_OCTET_STRING);
    out->n = der_read_small(r, UINT32_MAX);
    out->r = der_read_small(r, UINT32_MAX);
    out->p = der_read_small(r, UINT32_MAX);
    const char *wrong = check_key_length(r, out->key_len);
    if (wrong)
        return wrong;
    if (!reader_done(r))
        return "encrypted key: scrypt parameters are malformed (RFC 7914 §7)";
    return scrypt_bounded(out) ? NULL
         : "encrypted key: scrypt's N is no power of two below 2^(16 r), or N, r and p ask for "
           "too much";
}

static const char *decode_cipher(struct encrypted_key *out, struct reader *r)
{
    struct bytes oid = der_read_oid(r);
    for (size_t i = 0; i < COUNT(ciphers); i++)
        if (bytes_equal_public(oid, ciphers[i].oid))
            out->key_len = ciphers[i].key_len;
    if (out->key_len == 0)
        return "encrypted key: another cipher than AES-128-CBC and AES-256-CBC is not supported";
    out->iv = der_read(r, DER_OCTET_STRING);
    return reader_done(r) && out->iv.len == AES_BLOCK_LEN
         ? NULL : "encrypted key: the cipher's IV is malformed (RFC 8018 §B.2.5)";
}

static const char *decode_kdf(struct encrypted_key *out, struct reader *r)
{
    struct bytes oid = der_read_oid(r);
    bool pbkdf2 = bytes_equal_public(oid, id_pbkdf2), scrypt = bytes_equal_public(oid, id_scrypt);
    if (!pbkdf2 && !scrypt)
        return "encrypted key: another derivation than PBKDF2 and scrypt is not supported";
    struct reader parameters = der_enter(r, DER_SEQUENCE);
    const char *wrong = pbkdf2 ? decode_pbkdf2(out, &parameters) : decode_scrypt(out, &parameters);
    if (!wrong && !reader_done(r))
        wrong = "encrypted key: keyDerivationFunc is malformed (RFC 8018 §A.4)";
    return wrong;
}

/* RFC 5958 §3     encryptionAlgorithm AlgorithmIdentifier, encryptedData OCTET STRING
 * RFC 8018 §A.4   PBES2-params: keyDerivationFunc, encryptionScheme, each { OID, parameters } */
const char *encrypted_key_decode(struct encrypted_key *out, struct bytes der)
{
    *out = (struct encrypted_key){ 0 };
    struct reader r = reader_of(der);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    struct reader algorithm = der_enter(&in, DER_SEQUENCE);
    struct bytes oid = der_read_oid(&algorithm);
    out->data = der_read(&in, DER_OCTET_STRING);
    der_leave(&r, &in);
    if (!reader_done(&r) || algorithm.bad)
        return "encrypted key is malformed (RFC 5958 §3)";
    if (!bytes_equal_public(oid, id_pbes2))
        return "encrypted key: another scheme than PBES2 is not supported (RFC 8018 §6.2)";
    struct reader pbes2 = der_enter(&algorithm, DER_SEQUENCE);
    struct reader kdf = der_enter(&pbes2, DER_SEQUENCE);
    struct reader cipher = der_enter(&pbes2, DER_SEQUENCE);
    der_leave(&algorithm, &pbes2);
    if (!reader_done(&algorithm))
        return "encrypted key: PBES2 parameters are malformed (RFC 8018 §A.4)";
    const char *wrong = decode_cipher(out, &cipher);
    if (!wrong)
        wrong = decode_kdf(out, &kdf);
    if (!wrong && (out->data.len == 0 || out->data.len % AES_BLOCK_LEN != 0))
        wrong = "encrypted key: encryptedData are not whole blocks (RFC 8018 §6.2.2)";
    return wrong;
}

/* RFC 8018 §6.1.1 step 4: 1 to 16 bytes, each of them their number. All 16 are looked at, so that
 * a wrong password shows nothing of the plaintext but that it is wrong. */
static ct_mask padding_valid(const uint8_t last[AES_BLOCK_LEN])
{
    uint64_t n = last[AES_BLOCK_LEN - 1];
    ct_mask good = ~ct_is_zero(n) & ct_is_zero((n - 1) >> 4);
    for (uint64_t i = 0; i < AES_BLOCK_LEN; i++) {
        ct_mask within = 0 - ((i - n) >> 63);            /* i < n */
        good &= ~within | ct_is_equal(last[AES_BLOCK_LEN - 1 - i], n);
    }
    return good;
}

const char *encrypted_key_open(uint8_t *out, size_t *out_len, const struct encrypted_key *from,
                               const uint8_t *key)
{
    static const char wrong[] = "wrong password, or the encrypted key is damaged";
    aes_cbc_decrypt(out, key, from->key_len, from->iv.at, from->data);
    if (!ct_verdict(padding_valid(out + from->data.len - AES_BLOCK_LEN)))
        return wrong;
    ct_public(out + from->data.len - 1, 1);              /* how long the key is */
    *out_len = from->data.len - out[from->data.len - 1];
    ct_public(out, *out_len < 4 ? *out_len : 4);         /* the header of a SEQUENCE */
    struct reader r = reader_of(bytes_of(out, *out_len));
    (void)der_read(&r, DER_SEQUENCE);
    return reader_done(&r) ? NULL : wrong;
}
