/* tls13/psk_importer.c - external PSKs, imported.
 *
 * Implements  RFC 9258 §5.1; RFC 9257 §4 (the least length of a key).
 * Secret      the key, and what it becomes.
 */
#include "tls13/psk_importer.h"

#include "crypto/hkdf.h"
#include "crypto/wipe.h"
#include "tls13/codepoints.h"

enum { HKDF_SHA256 = 0x0001, HKDF_SHA384 = 0x0002 };     /* RFC 9258 §10, TLS KDF identifiers */

static bool refuse(const char **reason, const char *why)
{
    *reason = why;
    return false;
}

/* RFC 9258 §5.1   ImportedIdentity: external_identity <1..2^16-1>, context <0..2^16-1>,
 *                 u16 target_protocol, u16 target_kdf */
static void imported_identity_encode(struct imported_psk *out, const struct external_psk *epsk)
{
    struct writer w = writer_of(out->identity, sizeof out->identity);
    size_t mark = write_vec_begin(&w, 2);
    write_bytes(&w, epsk->identity);
    write_vec_end(&w, mark, 2);
    mark = write_vec_begin(&w, 2);
    write_bytes(&w, epsk->context);
    write_vec_end(&w, mark, 2);
    write_u16(&w, VERSION_TLS13);
    write_u16(&w, out->hash == &hash_sha256 ? HKDF_SHA256 : HKDF_SHA384);
    out->identity_len = (uint16_t)w.len;
}

bool psk_import(struct imported_psk *out, const struct external_psk *epsk,
                const struct hash *target, const char **reason)
{
    const struct hash *hash = epsk->hash ? epsk->hash : &hash_sha256;
    struct secret epskx;
    uint8_t digest[HASH_MAX];
    if (epsk->identity.len < 1 || epsk->identity.len > EXTERNAL_IDENTITY_MAX)
        return refuse(reason, "external PSK: an identity has 1 to 255 bytes");
    if (epsk->context.len > PSK_CONTEXT_MAX)
        return refuse(reason, "external PSK: a context has at most 255 bytes");
    if (epsk->key.len < EXTERNAL_PSK_MIN)
        return refuse(reason, "external PSK: a key has 128 bits at least (RFC 9257 §4)");
    if ((hash != &hash_sha256 && hash != &hash_sha384)
        || (target != &hash_sha256 && target != &hash_sha384))
        return refuse(reason, "external PSK: the hash is neither SHA-256 nor SHA-384");
    *out = (struct imported_psk){ .hash = target };
    imported_identity_encode(out, epsk);
    hash_digest(hash, digest, bytes_of(out->identity, out->identity_len));
    hkdf_extract(hash, epskx.byte, bytes_of(NULL, 0), epsk->key);
    hkdf_expand_label(hash, out->key.byte, target->digest_len, &epskx, "derived psk",
                      bytes_of(digest, hash->digest_len));
    wipe(&epskx, sizeof epskx);
    return true;
}
