/* tls13/credential_choice.c - which of our credentials to show.
 *
 * Implements  RFC 8446 §4.4.2.2, §4.4.2.3, with §4.2.3 and §4.2.4; RFC 9846 §4.5.1.2; RFC 6066 §3
 *             and §8.
 * Decides     it must be of the type agreed on and able to sign as the peer asks. Among those the
 *             first of the best is taken: for the name, before from an authority, before with
 *             signatures that the peer knows. A server sends one in any case (§4.4.2.2), a client
 *             only to a server that names its authority, or names none, unless the credential is
 *             for any.
 */
#include "tls13/credential_choice.h"

#include "tls13/certificate.h"
#include "tls13/certificate_type.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/chain.h"
#include "tls13/x509/name.h"

/* How a credential fits, as a set; larger is better. */
enum { FITS_SIGNATURES = 1, FITS_AUTHORITIES = 2, FITS_NAME = 4, FITS_ALL = 7 };

static enum alert decode_list(struct tls *t, struct bytes *out, const struct extensions *e,
                              uint16_t type)
{
    struct fault fault = { 0 };
    enum alert alert = decode_u16_list(out, &fault, extensions_body(e, type));
    return alert == ALERT_NONE ? ALERT_NONE : fail_fault(t, alert, &fault);
}

enum alert decode_credential_wish(struct tls *t, struct credential_wish *out,
                                  const struct extensions *e)
{
    struct fault fault = { 0 };
    enum alert alert = ALERT_NONE;
    *out = (struct credential_wish){ .status_requested = false };
    if (extensions_have(e, EXT_SIGNATURE_ALGORITHMS))
        TRY(decode_list(t, &out->schemes, e, EXT_SIGNATURE_ALGORITHMS));
    out->certificate_schemes = out->schemes;
    if (extensions_have(e, EXT_SIGNATURE_ALGORITHMS_CERT))
        TRY(decode_list(t, &out->certificate_schemes, e, EXT_SIGNATURE_ALGORITHMS_CERT));
    if (extensions_have(e, EXT_CERTIFICATE_AUTHORITIES))
        alert = decode_certificate_authorities(&out->authorities, &fault,
                                               extensions_body(e, EXT_CERTIFICATE_AUTHORITIES));
    if (alert == ALERT_NONE && extensions_have(e, EXT_STATUS_REQUEST))
        alert = decode_status_request(&out->status_requested, &fault,
                                      extensions_body(e, EXT_STATUS_REQUEST));
    return alert == ALERT_NONE ? ALERT_NONE : fail_fault(t, alert, &fault);
}

static bool has_type(const struct tls_credential *c, enum certificate_type type)
{
    return type == CERTIFICATE_X509 ? c->chain_count > 0 : c->public_key.len > 0;
}

/* The first scheme, in our order, that the credential signs with and the peer's list has. */
static const struct signature_scheme *fitting_scheme(const struct tls_credential *c,
                                                     struct bytes schemes)
{
    for (size_t i = 0; i < c->scheme_count; i++)
        if (list_has_u16(schemes, c->schemes[i]->code_point))
            return c->schemes[i];
    return NULL;
}

static bool is_for(const struct tls_credential *c, struct bytes name)
{
    struct x509_certificate leaf;
    return name.len == 0 || (!x509_certificate_decode(&leaf, c->chain[0])
                             && alt_names_match(leaf.alt_names, name));
}

/* A bare key has neither name nor issuer, and no signature on it. */
static unsigned fitness(const struct tls *t, const struct tls_credential *c,
                        const struct credential_wish *wish)
{
    if (t->handshake->own_type == CERTIFICATE_RAW_PUBLIC_KEY)
        return FITS_ALL;
    bool below = wish->authorities.len == 0
              || x509_chain_below(c->chain, c->chain_count, wish->authorities);
    bool known = x509_chain_signed_with(c->chain, c->chain_count, wish->certificate_schemes);
    return (is_for(c, wish->name) ? FITS_NAME : 0) | (below ? FITS_AUTHORITIES : 0)
         | (known ? FITS_SIGNATURES : 0);
}

const struct signature_scheme *choose_credential(struct tls *t, const struct credential_wish *wish)
{
    const struct tls_settings *s = &t->config->s;
    const struct signature_scheme *chosen = NULL;
    unsigned best = 0;
    for (size_t i = 0; i < s->credential_count && best != FITS_ALL; i++) {
        const struct tls_credential *c = &s->credentials[i];
        const struct signature_scheme *scheme = fitting_scheme(c, wish->schemes);
        if (!scheme || !has_type(c, t->handshake->own_type))
            continue;
        bool only = t->config->is_server && s->credential_count == 1;
        unsigned fits = only ? 0 : fitness(t, c, wish);
        bool wanted = t->config->is_server || c->for_any_authority || (fits & FITS_AUTHORITIES);
        if (!wanted || (chosen && fits <= best))
            continue;
        t->handshake->credential = c;
        chosen = scheme;
        best = fits;
    }
    return chosen;
}

static enum alert no_credential(struct tls *t, const struct credential_wish *wish)
{
    if (wish->schemes.len == 0)
        return fail(t, ALERT_MISSING_EXTENSION,
                    "ClientHello: no PSK that we take, and no signature_algorithms "
                    "(RFC 8446 §4.2.3)");
    return fail(t, ALERT_HANDSHAKE_FAILURE,
                "no certificate of ours fits the peer's signature_algorithms "
                "(RFC 8446 §4.4.2.2)");
}

enum alert server_choose_credential(struct tls *t, const struct extensions *e,
                                    const struct credential_wish *wish)
{
    struct tls_handshake *h = t->handshake;
    struct credential_wish named = *wish;
    named.name = bytes_of(t->server_name, t->server_name_len);
    if (t->config->s.credential_count == 0)
        return no_credential(t, wish);
    TRY(certificate_types_choose(t, e));
    h->status_requested = wish->status_requested;
    t->scheme = choose_credential(t, &named);
    if (!t->scheme)
        return no_credential(t, wish);
    bool nameless = h->own_type == CERTIFICATE_RAW_PUBLIC_KEY;
    if (t->config->s.refuse_unknown_names && !nameless && !is_for(h->credential, named.name))
        return fail(t, ALERT_UNRECOGNIZED_NAME,
                    "server_name: no certificate of ours is for it (RFC 6066 §3)");
    return ALERT_NONE;
}
