/* tls13/certificate_type.c - X.509 certificates or raw public keys.
 *
 * Implements  RFC 7250 §3, §4 as RFC 8446 §4.2 and §4.4.2 place it: answers stand in
 *             EncryptedExtensions.
 * Decides     a list is sent where it says more than X.509; a type that stands in no list is not
 *             taken, and without any list there is only X.509.
 */
#include "tls13/certificate_type.h"

/* Types in the order of preference. */
struct types { uint8_t type[2]; size_t count; };

static void add(struct types *types, enum certificate_type type)
{
    types->type[types->count++] = (uint8_t)type;
}

/* What we can show: a bare key is there because somebody asked for it, and is cheaper. */
static struct types own_types(const struct tls_settings *s)
{
    struct types types = { .count = 0 };
    bool raw = false, x509 = false;
    for (size_t i = 0; i < s->credential_count; i++) {
        raw |= s->credentials[i].public_key.len > 0;
        x509 |= s->credentials[i].chain_count > 0;
    }
    if (raw)
        add(&types, CERTIFICATE_RAW_PUBLIC_KEY);
    if (x509)
        add(&types, CERTIFICATE_X509);
    return types;
}

static struct types peer_types(const struct tls_settings *s)
{
    struct types types = { .count = 0 };
    if (s->peer_certificates != PEER_X509)
        add(&types, CERTIFICATE_RAW_PUBLIC_KEY);
    if (s->peer_certificates != PEER_RAW_PUBLIC_KEY)
        add(&types, CERTIFICATE_X509);
    return types;
}

static bool has_type(const struct types *types, unsigned type)
{
    for (size_t i = 0; i < types->count; i++)
        if (types->type[i] == type)
            return true;
    return false;
}

bool certificate_type_taken(const struct tls *t, enum certificate_type type)
{
    struct types types = peer_types(&t->config->s);
    return has_type(&types, type);
}

/* RFC 7250 §3   client_certificate_types, server_certificate_types <1..2^8-1> */
static void write_types(struct writer *w, uint16_t extension, struct types types)
{
    if (!has_type(&types, CERTIFICATE_RAW_PUBLIC_KEY))
        return;                                          /* §4.1: X.509 alone is not said */
    write_u16(w, extension);
    size_t body = write_vec_begin(w, 2);
    size_t list = write_vec_begin(w, 1);
    write_bytes(w, bytes_of(types.type, types.count));
    write_vec_end(w, list, 1);
    write_vec_end(w, body, 2);
}

void certificate_types_offer(const struct tls *t, struct writer *w)
{
    write_types(w, EXT_CLIENT_CERTIFICATE_TYPE, own_types(&t->config->s));
    write_types(w, EXT_SERVER_CERTIFICATE_TYPE, peer_types(&t->config->s));
}

/* The first type in the client's list, which is well formed, that is also in ours. */
static enum alert choose(struct tls *t, enum certificate_type *out, const struct extensions *e,
                         uint16_t extension, struct types ours)
{
    static const uint8_t only_x509[] = { CERTIFICATE_X509 };
    struct bytes list = bytes_of(only_x509, 1);
    if (extensions_have(e, extension)) {
        struct reader r = reader_of(extensions_body(e, extension));
        list = read_vec8(&r, 1);
        t->fault_at = list.at;
    }
    for (size_t i = 0; i < list.len; i++)
        if (has_type(&ours, list.at[i])) {
            *out = (enum certificate_type)list.at[i];
            return ALERT_NONE;
        }
    return fail(t, ALERT_UNSUPPORTED_CERTIFICATE,
                "no certificate type in common (RFC 7250 §4.2)");
}

enum alert certificate_types_choose(struct tls *t, const struct extensions *e)
{
    const struct tls_settings *s = &t->config->s;
    struct tls_handshake *h = t->handshake;
    h->types_offered = e->present & (extension_bit(EXT_CLIENT_CERTIFICATE_TYPE)
                                     | extension_bit(EXT_SERVER_CERTIFICATE_TYPE));
    TRY(choose(t, &h->own_type, e, EXT_SERVER_CERTIFICATE_TYPE, own_types(s)));
    if (s->client_certificate == CLIENT_CERTIFICATE_NOT_ASKED)
        return ALERT_NONE;
    return choose(t, &h->peer_type, e, EXT_CLIENT_CERTIFICATE_TYPE, peer_types(s));
}

static void answer(const struct tls *t, struct writer *w, uint16_t extension,
                   enum certificate_type type)
{
    if (!(t->handshake->types_offered & extension_bit(extension)))
        return;
    write_u16(w, extension);
    write_u16(w, 1);
    write_u8(w, (uint8_t)type);
}

/* RFC 7250 §4.2: of the client's type only if a certificate is asked for. */
void certificate_types_answer(const struct tls *t, struct writer *w)
{
    if (t->config->s.client_certificate != CLIENT_CERTIFICATE_NOT_ASKED)
        answer(t, w, EXT_CLIENT_CERTIFICATE_TYPE, t->handshake->peer_type);
    answer(t, w, EXT_SERVER_CERTIFICATE_TYPE, t->handshake->own_type);
}

static enum alert accept(struct tls *t, enum certificate_type *out, const struct extensions *e,
                         uint16_t extension, struct types ours)
{
    if (!extensions_have(e, extension))
        return ALERT_NONE;
    struct reader r = reader_of(extensions_body(e, extension));
    uint8_t type = read_u8(&r);
    t->fault_at = r.rest.at;
    if (!reader_done(&r))
        return fail(t, ALERT_DECODE_ERROR,
                    "EncryptedExtensions: malformed certificate type (RFC 7250 §3)");
    if (!has_type(&ours, type))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "EncryptedExtensions: a certificate type that was not offered "
                    "(RFC 7250 §4.2)");
    *out = (enum certificate_type)type;
    return ALERT_NONE;
}

enum alert certificate_types_accept(struct tls *t, const struct extensions *e)
{
    struct tls_handshake *h = t->handshake;
    TRY(accept(t, &h->own_type, e, EXT_CLIENT_CERTIFICATE_TYPE, own_types(&t->config->s)));
    return accept(t, &h->peer_type, e, EXT_SERVER_CERTIFICATE_TYPE, peer_types(&t->config->s));
}
