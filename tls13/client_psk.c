/* tls13/client_psk.c - the client's PSKs: offering them, and keeping tickets.
 *
 * Implements  RFC 8446 §4.2.11 as a client's, §4.1.2 and §4.1.4 (what a retry changes), §4.6.1
 *             (NewSessionTicket); §C.4 (a ticket is used once).
 * Secret      PSKs and the resumption secret.
 */
#include "tls13/client_psk.h"

#include "crypto/wipe.h"
#include "tls13/session.h"

#include <string.h>

static int64_t now(const struct tls *t)
{
    return t->config->s.now(t->config->s.now_context);
}

/* ---- offering ---- */

static void add_psk(struct tls *t, const struct hash *hash, struct bytes identity,
                    struct bytes key, const struct imported_psk *imported)
{
    struct tls_handshake *h = t->handshake;
    struct psk *psk = &h->psk[h->psk_count++];
    psk_make(psk, hash, identity, key);
    psk->imported = imported;
}

/* The session is empty from now on, whatever becomes of the handshake; its bytes stay until the
 * ticket has been sent for the last time. */
static void add_session(struct tls *t, struct tls_session *session)
{
    struct tls_handshake *h = t->handshake;
    struct session s;
    if (!session_decode(&s, session) || !session_fits(&s, t->config, now(t)))
        return;
    add_psk(t, session_hash(&s, t->config->s.algorithms), s.ticket, s.psk, NULL);
    h->psk[0].obfuscated_ticket_age = session_obfuscated_age(s.received, s.age_add, now(t));
    h->session = session;
    h->session_received = s.received;
    h->session_age_add = s.age_add;
    h->session_until = s.authenticated_until;
    h->session_peer = s.peer_identity;
    session->len = 0;
}

void client_gather_psks(struct tls *t, struct tls_session *session)
{
    const struct tls_settings *s = &t->config->s;
    if (session)
        add_session(t, session);
    for (size_t i = 0; i < s->psk_count; i++)
        add_psk(t, s->psks[i].hash, bytes_of(s->psks[i].identity, s->psks[i].identity_len),
                bytes_of(s->psks[i].key.byte, s->psks[i].hash->digest_len), &s->psks[i]);
    for (size_t i = 0; i < t->handshake->psk_count; i++)
        observe_psk_secrets(t, &t->handshake->psk[i]);
}

static bool wants_certificate(const struct tls *t)
{
    const struct tls_settings *s = &t->config->s;
    return s->trust || s->verifier || s->insecure_accept_any_certificate;
}

/* §4.1.2: a second hello keeps the modes of the first, even if no PSK is left to go with them. */
void client_offer_psks(const struct tls *t, struct client_offer *offer)
{
    offer->psks = t->handshake->psk;
    offer->psk_count = t->handshake->psk_count;
    offer->psk_modes = offer->psk_count > 0 || t->keep_count > 0
                    || (t->handshake->offered & extension_bit(EXT_PSK_KEY_EXCHANGE_MODES)) != 0;
    offer->no_certificate = !wants_certificate(t);
}

/* §4.2.11.2: the header is part of what is hashed, with its length as it will be. */
void client_bind_psks(struct tls *t, struct outgoing m)
{
    struct tls_handshake *h = t->handshake;
    write_vec_end(m.w, m.length_mark, 3);
    if (h->psk_count > 0 && writer_done(m.w))
        psk_fill_binders(m.w->at + m.start, m.w->len - m.start, h->psk, h->psk_count,
                         h->transcript.hash ? &h->transcript : NULL);
}

/* ---- answers ---- */

static void wipe_psks(struct tls_handshake *h)
{
    wipe(h->psk, sizeof h->psk);
    h->psk_count = 0;
    if (h->session)
        wipe(h->session, sizeof *h->session);
    h->session = NULL;
}

enum alert client_review_psks(struct tls *t)
{
    struct tls_handshake *h = t->handshake;
    size_t kept = 0;
    for (size_t i = 0; i < h->psk_count; i++)
        if (h->psk[i].hash == t->suite->hash)
            h->psk[kept++] = h->psk[i];
    wipe(&h->psk[kept], (PSK_OFFER_MAX - kept) * sizeof h->psk[0]);
    h->psk_count = kept;
    if (kept > 0 && !h->psk[0].imported)
        h->psk[0].obfuscated_ticket_age =
            session_obfuscated_age(h->session_received, h->session_age_add, now(t));
    if (kept == 0 && !wants_certificate(t))
        return fail(t, ALERT_HANDSHAKE_FAILURE,
                    "HelloRetryRequest: a suite that none of our PSKs is for (RFC 8446 §4.1.4)");
    return ALERT_NONE;
}

/* §4.2.11: in range, of the suite's hash, and with a key_share, since psk_dhe_ke is the only mode
 * that we offer. */
static enum alert check_choice(struct tls *t, const struct extensions *e, uint16_t *selected)
{
    struct tls_handshake *h = t->handshake;
    struct fault fault = { 0 };
    enum alert alert = decode_selected_u16(selected, &fault,
                                           extensions_body(e, EXT_PRE_SHARED_KEY));
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (*selected >= h->psk_count)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: a PSK that was not offered (RFC 8446 §4.2.11)");
    if (h->psk[*selected].hash != t->suite->hash)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: the suite's hash is not that of the PSK (RFC 8446 §4.2.11)");
    if (!extensions_have(e, EXT_KEY_SHARE))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: a PSK without key_share, and psk_ke was not offered "
                    "(RFC 8446 §4.2.9)");
    return ALERT_NONE;
}

enum alert client_take_psk(struct tls *t, const struct extensions *e)
{
    struct tls_handshake *h = t->handshake;
    uint16_t selected;
    if (!extensions_have(e, EXT_PRE_SHARED_KEY)) {
        wipe_psks(h);
        if (!wants_certificate(t))
            return fail(t, ALERT_HANDSHAKE_FAILURE,
                        "ServerHello: the server knows none of our PSKs, and we take no "
                        "certificate");
        t->authenticated_until = now(t) + TICKET_LIFETIME_MAX;
        return ALERT_NONE;
    }
    TRY(check_choice(t, e, &selected));
    use_psk(t, &h->psk[selected]);
    t->authenticated_until = t->imported_psk ? now(t) + TICKET_LIFETIME_MAX : h->session_until;
    if (t->resumed)
        memcpy(h->peer_identity, h->session_peer.at, PEER_IDENTITY_LEN);
    wipe_psks(h);
    return ALERT_NONE;
}

/* ---- tickets ---- */

void client_expect_tickets(struct tls *t)
{
    if (t->keep_count > 0 || observed(t))
        make_resumption_secret(t, &t->resumption_secret);
    if (t->keep_count == 0)
        wipe(&t->resumption_secret, sizeof t->resumption_secret);
}

/* A ticket too long to be kept is passed over as if none had been asked for. */
void client_ticket_begin(struct tls *t, uint32_t len)
{
    t->ticket_len = 0;
    if (t->keep_count == 0 || 4 + len > TLS_SESSION_MAX - TLS_SESSION_HEAD)
        return;
    struct tls_session *slot = &t->keep[t->keep_next];
    slot->len = 0;                           /* the oldest makes room */
    memcpy(slot->bytes + TLS_SESSION_HEAD, t->held, 4);
    t->ticket_len = 4;
}

enum alert client_ticket_piece(struct tls *t, struct bytes piece, bool more_follows)
{
    if (t->ticket_len == 0)
        return ALERT_NONE;
    uint8_t *message = t->keep[t->keep_next].bytes + TLS_SESSION_HEAD;
    memcpy(message + t->ticket_len, piece.at, piece.len);
    t->ticket_len = (uint16_t)(t->ticket_len + piece.len);
    return t->skip > 0 ? ALERT_NONE
                       : machine_step(t, bytes_of(message, t->ticket_len), more_follows);
}

struct new_session_ticket {
    uint32_t ticket_lifetime, ticket_age_add;
    struct bytes ticket_nonce, ticket;
    struct extensions extensions;
};

/* §4.6.1   NewSessionTicket: u32 ticket_lifetime, u32 ticket_age_add, ticket_nonce <0..255>,
 *          ticket <1..2^16-1>, extensions <0..2^16-2>
 * §4.2.10  early_data in it: u32 max_early_data_size; not used */
static enum alert new_session_ticket_decode(struct new_session_ticket *out, struct fault *fault,
                                            struct bytes body)
{
    struct reader r = reader_of(body);
    out->ticket_lifetime = read_u32(&r);
    out->ticket_age_add = read_u32(&r);
    out->ticket_nonce = read_vec8(&r, 0);
    out->ticket = read_vec16(&r, 1);
    struct bytes block = read_vec16(&r, 0);
    *fault = (struct fault){ "malformed NewSessionTicket (RFC 8446 §4.6.1)", r.rest.at };
    if (!reader_done(&r))
        return ALERT_DECODE_ERROR;
    TRY(extensions_decode(&out->extensions, fault, block, IN_NST, 0));
    if (extensions_have(&out->extensions, EXT_EARLY_DATA)
        && extensions_body(&out->extensions, EXT_EARLY_DATA).len != 4)
        return ALERT_DECODE_ERROR;
    return ALERT_NONE;
}

/* §4.6.1: PSK = HKDF-Expand-Label(resumption_master_secret, "resumption", ticket_nonce, Hash.length) */
static void keep_session(struct tls *t, const struct new_session_ticket *n)
{
    const struct hash *hash = t->suite->hash;
    const struct tls_settings *s = &t->config->s;
    struct secret psk;
    hkdf_expand_label(hash, psk.byte, hash->digest_len, &t->resumption_secret, "resumption",
                      n->ticket_nonce);
    struct session session = {
        .received = now(t), .authenticated_until = t->authenticated_until,
        .lifetime = n->ticket_lifetime, .age_add = n->ticket_age_add,
        .fingerprint = bytes_of(t->config->fingerprint, FINGERPRINT_LEN),
        .peer_identity = bytes_of(t->peer_identity, PEER_IDENTITY_LEN),
        .psk = bytes_of(psk.byte, hash->digest_len),
        .server_name = bytes_of_string(s->server_name ? s->server_name : ""),
        .alpn = t->alpn, .ticket = n->ticket,
    };
    if (session_encode(&t->keep[t->keep_next], &session)) {
        t->keep_next = (uint8_t)((t->keep_next + 1) % t->keep_count);
        t->ticket_came = true;
    }
    wipe(&psk, sizeof psk);
}

/* A ticket_lifetime of zero: "should be discarded immediately". */
enum alert on_new_session_ticket(struct tls *t, struct message *m)
{
    struct new_session_ticket n;
    struct fault fault = { 0 };
    enum alert alert = new_session_ticket_decode(&n, &fault, m->body);
    t->ticket_len = 0;
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (n.ticket_lifetime > 0)
        keep_session(t, &n);
    return ALERT_NONE;
}
