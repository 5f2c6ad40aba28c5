/* tls13/x509/chain.c - choosing among our own chains by what the peer knows.
 *
 * Implements  RFC 8446 §4.2.3, §4.2.4, §4.4.2.2, §4.4.2.3.
 */
#include "tls13/x509/chain.h"

#include "tls13/x509/certificate.h"
#include "tls13/x509/name.h"

/* ---- signature_algorithms_cert ---- */

/* An issuer with its own name and key: as a trust anchor its signature is not looked at, so that
 * any algorithm may have made it (RFC 8446 §4.4.2.2). */
static bool self_signed(const struct x509_certificate *c)
{
    return x509_self_issued(c)
        && (c->authority_key_id.len == 0
            || bytes_equal_public(c->authority_key_id, c->subject_key_id));
}

/* The ECDSA OIDs name a hash, the code points the curve of the issuer's key as well (RFC 8446
 * §4.2.3). An issuer that is not in the chain may have the curve that goes with the hash. */
static bool curve_agrees(uint16_t code_point, enum key_type issuer)
{
    switch (code_point) {
    case 0x0403: return issuer == KEY_P256 || issuer == KEY_NONE;
    case 0x0503: return issuer == KEY_P384 || issuer == KEY_NONE;
    default:     return true;
    }
}

/* `code_point` is not 0, which half an entry at the end would be read as. */
static bool in_list(struct bytes schemes, uint16_t code_point)
{
    struct reader r = reader_of(schemes);
    while (reader_more(&r))
        if (read_u16(&r) == code_point)
            return true;
    return false;
}

/* The key that signed `child`: of the certificate after it, if that is the one. */
static enum key_type issuer_key(const struct x509_certificate *child, const struct bytes *next)
{
    struct x509_certificate issuer;
    if (!next || x509_certificate_decode(&issuer, *next) != NULL
        || !bytes_equal_public(issuer.subject, child->issuer))
        return KEY_NONE;
    return issuer.key.type;
}

bool x509_chain_signed_with(const struct bytes *chain, size_t chain_count, struct bytes schemes)
{
    for (size_t i = 0; i < chain_count; i++) {
        struct x509_certificate c;
        if (x509_certificate_decode(&c, chain[i]) != NULL)
            return false;
        if (self_signed(&c))
            continue;
        enum key_type key = issuer_key(&c, i + 1 < chain_count ? &chain[i + 1] : NULL);
        const struct x509_signature_algorithm *algorithm = c.signature_algorithm;
        if (!algorithm || algorithm->code_point == 0 || !curve_agrees(algorithm->code_point, key)
            || !in_list(schemes, algorithm->code_point))
            return false;
    }
    return true;
}

bool x509_chain_hash_is_broken(const struct bytes *chain, size_t chain_count)
{
    for (size_t i = 0; i < chain_count; i++) {
        struct x509_certificate c;
        if (x509_certificate_decode(&c, chain[i]) == NULL && !self_signed(&c)
            && c.signature_algorithm && c.signature_algorithm->code_point == 0)
            return true;
    }
    return false;
}

/* ---- certificate_authorities ---- */

/* RFC 8446 §4.2.4   opaque DistinguishedName<1..2^16-1>;
 *                   DistinguishedName authorities<3..2^16-1> */
bool x509_authorities_decode(struct bytes *out, struct bytes extension_data)
{
    struct reader r = reader_of(extension_data);
    *out = read_vec16(&r, 3);
    struct reader list = reader_of(*out);
    while (reader_more(&list))
        if (!name_well_formed(read_vec16(&list, 1)))
            list.bad = true;
    return reader_done(&r) && reader_done(&list);
}

static bool in_authorities(struct bytes authorities, struct bytes name)
{
    struct reader r = reader_of(authorities);
    while (reader_more(&r))
        if (bytes_equal_public(read_vec16(&r, 1), name))
            return true;
    return false;
}

bool x509_chain_below(const struct bytes *chain, size_t chain_count, struct bytes authorities)
{
    for (size_t i = 0; i < chain_count; i++) {
        struct x509_certificate c;
        if (x509_certificate_decode(&c, chain[i]) == NULL && in_authorities(authorities, c.issuer))
            return true;
    }
    return false;
}

/* Anchors that share a name are few and often side by side; a large list costs its square once. */
static bool named_before(const struct x509_trust *trust, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes_equal_public(trust->anchors[i].subject, trust->anchors[n].subject))
            return true;
    return false;
}

void x509_authorities_encode(struct writer *w, const struct x509_trust *trust)
{
    size_t all = write_vec_begin(w, 2);
    for (size_t i = 0; i < trust->anchor_count; i++) {
        if (named_before(trust, i))
            continue;
        size_t one = write_vec_begin(w, 2);
        write_bytes(w, trust->anchors[i].subject);
        write_vec_end(w, one, 2);
    }
    write_vec_end(w, all, 2);
}
