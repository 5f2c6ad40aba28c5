/* tls13/server_psk.c - the server's PSKs: choosing one, and giving tickets.
 *
 * Implements  RFC 8446 §4.2.9 and §4.2.11 as a server's, §4.6.1 (NewSessionTicket), §E.6 (a guessed
 *             identity learns nothing where there are only PSKs).
 * Secret      PSKs; binders until they are compared.
 */
#include "tls13/server_psk.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"
#include "tls13/fingerprint.h"

#include <string.h>

static int64_t now(const struct tls *t)
{
    return t->config->s.now(t->config->s.now_context);
}

/* ---- choosing ---- */

enum alert server_check_psks(struct tls *t, const struct client_hello *hello)
{
    const struct extensions *e = &hello->extensions;
    struct tls_handshake *h = t->handshake;
    struct offered_psks offered = { .count = 0 };
    struct fault fault = { 0 };
    enum alert alert = ALERT_NONE;
    h->psk_dhe_ke = false;
    if (extensions_have(e, EXT_PSK_KEY_EXCHANGE_MODES))
        alert = decode_psk_modes(&h->psk_dhe_ke, &fault,
                                 extensions_body(e, EXT_PSK_KEY_EXCHANGE_MODES));
    if (alert == ALERT_NONE && extensions_have(e, EXT_PRE_SHARED_KEY))
        alert = decode_offered_psks(&offered, &fault, extensions_body(e, EXT_PRE_SHARED_KEY));
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (h->hello_retry && offered.count > h->first_hello_psks)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: PSKs that the first did not have (RFC 8446 §4.1.2)");
    if (h->first_hello_psk_fits && offered.count == 0)
        return fail(t, ALERT_MISSING_EXTENSION,
                    "second ClientHello: without pre_shared_key, and a PSK of the first one fits "
                    "the suite (RFC 8446 §4.1.2)");
    h->first_hello_psks = offered.count;
    return ALERT_NONE;
}

/* One that was found, and what it says of the connection that it came from. */
struct found_psk {
    struct psk psk;
    size_t index;
    int64_t authenticated_until;
    uint8_t peer_identity[PEER_IDENTITY_LEN];
};

/* N8: what a ticket is good for, besides its hash: this name, protocol, settings and listener. */
static void ticket_binding(const struct tls *t, uint8_t out[FINGERPRINT_LEN])
{
    struct fingerprint f;
    fingerprint_begin(&f, "ticket");
    fingerprint_add(&f, bytes_of(t->server_name, t->server_name_len));
    fingerprint_add(&f, t->alpn);
    fingerprint_add(&f, bytes_of(t->config->fingerprint, FINGERPRINT_LEN));
    fingerprint_end(&f, out);
}

static bool is_imported(const struct tls *t, struct found_psk *out, struct bytes identity)
{
    const struct tls_settings *s = &t->config->s;
    for (size_t i = 0; i < s->psk_count; i++) {
        const struct imported_psk *p = &s->psks[i];
        if (p->hash != t->suite->hash
            || !bytes_equal_public(identity, bytes_of(p->identity, p->identity_len)))
            continue;
        psk_make(&out->psk, p->hash, identity, bytes_of(p->key.byte, p->hash->digest_len));
        out->psk.imported = p;
        out->authenticated_until = now(t) + TICKET_LIFETIME_MAX;
        return true;
    }
    return false;
}

static bool is_ticket(const struct tls *t, struct found_psk *out, struct bytes identity)
{
    struct ticket_keys *keys = t->config->s.ticket_keys;
    struct ticket ticket;
    uint8_t binding[FINGERPRINT_LEN];
    if (!keys || !ticket_open(keys, &ticket, identity, now(t)))
        return false;
    ticket_binding(t, binding);
    bool fits = ticket.hash == t->suite->hash
             && memcmp(ticket.binding, binding, sizeof binding) == 0;
    if (fits) {
        psk_make(&out->psk, ticket.hash, identity,
                 bytes_of(ticket.psk.byte, ticket.hash->digest_len));
        out->authenticated_until = ticket.authenticated_until;
        memcpy(out->peer_identity, ticket.client_identity, PEER_IDENTITY_LEN);
    }
    wipe(&ticket, sizeof ticket);
    return fits;
}

static bool find_psk(const struct tls *t, struct found_psk *out,
                     const struct offered_psks *offered)
{
    struct reader r = reader_of(offered->identities);
    *out = (struct found_psk){ .index = 0 };
    for (; out->index < offered->count && out->index < PSK_LOOK_MAX; out->index++) {
        struct bytes identity = read_psk_identity(&r).identity;
        if (is_imported(t, out, identity) || is_ticket(t, out, identity))
            return true;
    }
    return false;
}

/* server_check_psks has found it well formed. */
static struct offered_psks offered_psks(const struct tls *t, const struct client_hello *hello)
{
    struct offered_psks offered = { .count = 0 };
    struct fault fault;
    if (t->handshake->psk_dhe_ke && extensions_have(&hello->extensions, EXT_PRE_SHARED_KEY))
        decode_offered_psks(&offered, &fault,
                            extensions_body(&hello->extensions, EXT_PRE_SHARED_KEY));
    return offered;
}

void server_note_psk(struct tls *t, const struct client_hello *hello)
{
    struct offered_psks offered = offered_psks(t, hello);
    struct found_psk found;
    t->handshake->first_hello_psk_fits = find_psk(t, &found, &offered);
    wipe(&found, sizeof found);
}

/* §4.2.11: one binder is looked at, that of the PSK that was chosen. */
static enum alert check_binder(struct tls *t, const struct psk *psk, size_t index,
                               const struct offered_psks *offered, struct bytes hello)
{
    uint8_t digest[HASH_MAX], binder[HASH_MAX];
    struct reader r = reader_of(offered->binders);
    struct bytes given = read_psk_binder(&r);
    for (size_t i = 0; i < index; i++)
        given = read_psk_binder(&r);
    psk_transcript_hash(digest, psk->hash, &t->handshake->transcript, hello,
                        offered->binders_len);
    psk_binder(psk, binder, bytes_of(digest, psk->hash->digest_len));
    bool right = given.len == psk->hash->digest_len
              && ct_verdict(ct_equal(binder, given.at, given.len));
    wipe(binder, sizeof binder);
    if (right)
        return ALERT_NONE;
    t->fault_at = given.at;
    return fail(t, ALERT_DECRYPT_ERROR,
                "ClientHello: the binder of the PSK is wrong (RFC 8446 §4.2.11.2)");
}

/* §E.6: a server that has only PSKs says the same of an unknown identity as of a wrong binder. */
static enum alert no_psk(struct tls *t, bool offered)
{
    t->authenticated_until = now(t) + TICKET_LIFETIME_MAX;
    if (!offered || t->config->s.credential_count > 0)
        return ALERT_NONE;
    return fail(t, ALERT_DECRYPT_ERROR, "ClientHello: no PSK that we know (RFC 8446 §4.2.11)");
}

enum alert server_choose_psk(struct tls *t, const struct client_hello *hello, struct bytes whole)
{
    struct tls_handshake *h = t->handshake;
    struct offered_psks offered = offered_psks(t, hello);
    struct found_psk found;
    if (!find_psk(t, &found, &offered))
        return no_psk(t, offered.count > 0);
    observe_psk_secrets(t, &found.psk);
    enum alert alert = check_binder(t, &found.psk, found.index, &offered, whole);
    if (alert == ALERT_NONE) {
        use_psk(t, &found.psk);
        h->selected_identity = (uint16_t)found.index;
        t->authenticated_until = found.authenticated_until;
        memcpy(h->peer_identity, found.peer_identity, sizeof h->peer_identity);
    }
    wipe(&found, sizeof found);
    return alert;
}

/* ---- giving ---- */

/* §4.6.1   NewSessionTicket: u32 ticket_lifetime, u32 ticket_age_add, ticket_nonce <0..255>,
 *          ticket <1..2^16-1>, extensions <0..2^16-2>; none of ours has one that means
 *          anything */
static enum alert send_new_session_ticket(struct tls *t, uint32_t age_add, uint8_t nonce,
                                          uint32_t lifetime, struct bytes ticket)
{
    struct outgoing m = message_begin(t, NEW_SESSION_TICKET);
    write_u32(m.w, lifetime);
    write_u32(m.w, age_add);
    write_u8(m.w, 1);
    write_u8(m.w, nonce);
    size_t mark = write_vec_begin(m.w, 2);
    write_bytes(m.w, ticket);
    write_vec_end(m.w, mark, 2);
    size_t extensions = write_vec_begin(m.w, 2);
    if (t->config->s.grease)                             /* RFC 8701 §4 */
        write_extension(m.w, grease_code_point(t->handshake->client_random,
                                               GREASE_TICKET_EXTENSION), bytes_of(NULL, 0));
    write_vec_end(m.w, extensions, 2);
    return message_end(t, m);
}

static uint32_t lifetime_left(const struct tls *t, uint32_t lifetime)
{
    int64_t left = t->authenticated_until - now(t);
    return left <= 0 ? 0 : left < lifetime ? (uint32_t)left : lifetime;
}

/* No ticket, where it cannot be made, is no failure: the connection goes on without. */
static enum alert give_ticket(struct tls *t, const struct secret *resumption, uint8_t nonce)
{
    const struct tls_settings *s = &t->config->s;
    const struct hash *hash = t->suite->hash;
    struct ticket ticket = {
        .hash = hash, .issued = now(t), .lifetime = lifetime_left(t, s->ticket_keys->lifetime),
        .authenticated_until = t->authenticated_until,
    };
    uint8_t sealed[TICKET_MAX], age_add[4];
    size_t len;
    hkdf_expand_label(hash, ticket.psk.byte, hash->digest_len, resumption, "resumption",
                      bytes_of(&nonce, 1));
    ticket_binding(t, ticket.binding);
    memcpy(ticket.client_identity, t->peer_identity, sizeof ticket.client_identity);
    bool made = ticket.lifetime > 0 && random_fill(s->random, age_add, sizeof age_add)
             && ticket_seal(s->ticket_keys, sealed, &len, &ticket, now(t));
    wipe(&ticket.psk, sizeof ticket.psk);
    return made ? send_new_session_ticket(t, load_be32(age_add), nonce, ticket.lifetime,
                                          bytes_of(sealed, len))
                : ALERT_NONE;
}

/* §4.2.9: no ticket for a client that could not use it. */
enum alert server_give_tickets(struct tls *t)
{
    const struct tls_settings *s = &t->config->s;
    struct tls_handshake *h = t->handshake;
    unsigned count = s->ticket_keys && h->psk_dhe_ke ? s->tickets : 0;
    struct secret resumption;
    enum alert alert = ALERT_NONE;
    if (count == 0 && !observed(t))
        return ALERT_NONE;
    make_resumption_secret(t, &resumption);
    h->flight.messages.len = h->flight.sent = h->flight.first = 0;
    for (unsigned i = 0; i < count && alert == ALERT_NONE; i++)
        alert = give_ticket(t, &resumption, (uint8_t)i);
    wipe(&resumption, sizeof resumption);
    return alert;
}
