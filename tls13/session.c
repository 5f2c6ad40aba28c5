/* tls13/session.c - what a client keeps of a ticket.
 *
 * Implements  RFC 8446 §4.6.1 and §4.2.11.1 as a client's: how long, and for whom.
 * Secret      the PSK; a stored session is as good as the key of its connections to come.
 */
#include "tls13/session.h"

#include "crypto/wipe.h"

#include <string.h>

enum { SESSION_VERSION = 1 };

static void write_u64(struct writer *w, uint64_t x)
{
    write_u32(w, (uint32_t)(x >> 32));
    write_u32(w, (uint32_t)x);
}

static uint64_t read_u64(struct reader *r)
{
    uint64_t high = read_u32(r);
    return high << 32 | read_u32(r);
}

static void write_vec8(struct writer *w, struct bytes b)
{
    size_t mark = write_vec_begin(w, 1);
    write_bytes(w, b);
    write_vec_end(w, mark, 1);
}

/* version, u64 received, u64 authenticated_until, u32 lifetime, u32 age_add, fingerprint[32],
 * peer_identity[32], psk <32..48>, server_name <0..253>, alpn <0..255>, ticket <1..2^16-1> */
_Static_assert(TLS_SESSION_HEAD == 1 + 8 + 8 + 4 + 4 + FINGERPRINT_LEN + PEER_IDENTITY_LEN
                                   + 1 + SECRET_MAX + 1 + SERVER_NAME_MAX + 1 + 255 + 2,
               "TLS_SESSION_HEAD");

bool session_encode(struct tls_session *out, const struct session *s)
{
    struct writer w = writer_of(out->bytes, sizeof out->bytes);
    write_u8(&w, SESSION_VERSION);
    write_u64(&w, (uint64_t)s->received);
    write_u64(&w, (uint64_t)s->authenticated_until);
    write_u32(&w, s->lifetime);
    write_u32(&w, s->age_add);
    write_bytes(&w, s->fingerprint);
    write_bytes(&w, s->peer_identity);
    write_vec8(&w, s->psk);
    write_vec8(&w, s->server_name);
    write_vec8(&w, s->alpn);
    write_u16(&w, (uint16_t)s->ticket.len);
    uint8_t *ticket = write_space(&w, s->ticket.len);
    if (ticket)
        memmove(ticket, s->ticket.at, s->ticket.len);
    out->len = writer_done(&w) ? (uint16_t)w.len : 0;
    return out->len > 0;
}

bool session_decode(struct session *out, const struct tls_session *in)
{
    if (in->len > sizeof in->bytes)
        return false;
    struct reader r = reader_of(bytes_of(in->bytes, in->len));
    uint8_t version = read_u8(&r);
    out->received = (int64_t)read_u64(&r);
    out->authenticated_until = (int64_t)read_u64(&r);
    out->lifetime = read_u32(&r);
    out->age_add = read_u32(&r);
    out->fingerprint = read_bytes(&r, FINGERPRINT_LEN);
    out->peer_identity = read_bytes(&r, PEER_IDENTITY_LEN);
    out->psk = read_vec8(&r, 1);
    out->server_name = read_vec8(&r, 0);
    out->alpn = read_vec8(&r, 0);
    out->ticket = read_vec16(&r, 1);
    return reader_done(&r) && version == SESSION_VERSION;
}

const struct hash *session_hash(const struct session *s, const struct algorithms *a)
{
    for (size_t i = 0; i < a->suite_count; i++)
        if (a->suites[i]->hash->digest_len == s->psk.len)
            return a->suites[i]->hash;
    return NULL;
}

/* N10: no difference of times is taken before it is known to have a sign. An age of exactly the
 * lifetime is not "greater" (§4.2.11.1), but a server may count from a moment earlier. */
static bool in_its_time(const struct session *s, int64_t now)
{
    return s->received >= 0 && now >= s->received && now - s->received < s->lifetime
           && now - s->received < TICKET_LIFETIME_MAX && now < s->authenticated_until;
}

/* §4.6.1: for the name that it was given under. The protocol that was agreed on has to be offered
 * again, else the server could not agree on it. */
bool session_fits(const struct session *s, const struct tls_config *config, int64_t now)
{
    const struct tls_settings *settings = &config->s;
    bool alpn_offered = s->alpn.len == 0;
    for (size_t i = 0; i < settings->alpn_count; i++)
        alpn_offered |= bytes_equal_public(s->alpn, settings->alpn[i]);
    return alpn_offered && in_its_time(s, now)
           && bytes_equal_public(s->server_name, bytes_of_string(settings->server_name
                                                                 ? settings->server_name : ""))
           && bytes_equal_public(s->fingerprint, bytes_of(config->fingerprint, FINGERPRINT_LEN))
           && session_hash(s, settings->algorithms);
}

uint32_t session_obfuscated_age(int64_t received, uint32_t age_add, int64_t now)
{
    return (uint32_t)((uint64_t)(now - received) * 1000) + age_add;
}
