/* tls13/server.c - the server's side of the handshake.
 *
 * Implements  RFC 8446 Appendix A.2 as a table, and for each of its arrows §4.1.1 to §4.1.4, §4.2,
 *             §4.3.1, §4.4.4; RFC 9846 §4.2.2 on the second ClientHello.
 * Secret      the (EC)DHE result and all that is derived from it, wiped with the lent memory.
 * Leaves out  0-RTT (early data is passed over, within a bound).
 */
#include "tls13/server.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"
#include "tls13/authentication.h"
#include "tls13/certificate_type.h"
#include "tls13/finished.h"
#include "tls13/record_size.h"
#include "tls13/server_psk.h"
#include "tls13/server_retry.h"
#include "tls13/u16_set.h"

#include <string.h>

/* ---- what the client offers ---- */

struct offer {
    struct client_hello hello;
    struct bytes groups, shares;             /* the insides of their vectors */
    struct credential_wish credential;
};

/* What the server makes of it: a pure function of the offer and the configuration. */
struct choice {
    const struct cipher_suite *suite;
    const struct named_group *group;
    struct bytes key_exchange;               /* empty: the client has no share of that group */
};

/* RFC 9846 §E.2: version first; an older hello is refused before anything else is judged. */
static enum alert check_version(struct tls *t, const struct client_hello *hello)
{
    struct fault fault = { 0 };
    struct bytes versions;
    if (!extensions_have(&hello->extensions, EXT_SUPPORTED_VERSIONS))
        return fail(t, ALERT_PROTOCOL_VERSION,
                    "the peer offers TLS 1.2 at most (RFC 8446 §4.2.1, §D.2)");
    enum alert alert = decode_supported_versions(
        &versions, &fault, extensions_body(&hello->extensions, EXT_SUPPORTED_VERSIONS));
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (!list_has_u16(versions, VERSION_TLS13))
        return fail(t, ALERT_PROTOCOL_VERSION,
                    "the peer does not offer TLS 1.3 (RFC 8446 §4.2.1)");
    if (hello->legacy_version != VERSION_TLS12)
        return fail(t, ALERT_PROTOCOL_VERSION,
                    "ClientHello: legacy_version is not 0x0303 (RFC 9846 §4.2.2)");
    if (!bytes_equal_public(hello->legacy_compression_methods, bytes_of("\0", 1)))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ClientHello: compression is offered (RFC 8446 §4.1.2)");
    return ALERT_NONE;
}

/* §9.2: combinations that must be there; §4.2.9, §4.2.11: what must go with a PSK. */
static enum alert check_combinations(struct tls *t, const struct extensions *e)
{
    bool psk = extensions_have(e, EXT_PRE_SHARED_KEY);
    if (psk && e->last_type != EXT_PRE_SHARED_KEY)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ClientHello: pre_shared_key is not the last extension (RFC 8446 §4.2.11)");
    if (psk && !extensions_have(e, EXT_PSK_KEY_EXCHANGE_MODES))
        return fail(t, ALERT_MISSING_EXTENSION,
                    "ClientHello: pre_shared_key without its modes (RFC 8446 §4.2.9)");
    bool groups = extensions_have(e, EXT_SUPPORTED_GROUPS), shares = extensions_have(e, EXT_KEY_SHARE);
    if (groups != shares || (!psk && (!groups || !extensions_have(e, EXT_SIGNATURE_ALGORITHMS))))
        return fail(t, ALERT_MISSING_EXTENSION,
                    "ClientHello: no signature_algorithms, supported_groups or key_share "
                    "(RFC 8446 §9.2)");
    if (!groups)
        return fail(t, ALERT_HANDSHAKE_FAILURE,
                    "ClientHello: a PSK without (EC)DHE is all that it offers (RFC 8446 §4.2.9)");
    return ALERT_NONE;
}

/* §4.2.8: each share's group is among supported_groups, and no group has two. Each share takes
 * its group out of the set, so a second one finds it gone. */
static enum alert check_shares(struct tls *t, const struct offer *o)
{
    struct u16_set groups = { { 0 } };
    for (struct reader r = reader_of(o->groups); reader_more(&r);)
        u16_set_add(&groups, read_u16(&r));
    for (struct reader r = reader_of(o->shares); reader_more(&r);) {
        t->fault_at = r.rest.at;
        struct key_share_entry share = read_key_share(&r);
        if (!u16_set_has(&groups, share.group))
            return fail(t, ALERT_ILLEGAL_PARAMETER,
                        "ClientHello: a share of a group that is not in supported_groups, or a "
                        "second one of its group (RFC 8446 §4.2.8)");
        u16_set_remove(&groups, share.group);
    }
    return ALERT_NONE;
}

static enum alert decode_lists(struct tls *t, struct offer *o)
{
    const struct extensions *e = &o->hello.extensions;
    struct fault fault = { 0 };
    enum alert alert = decode_u16_list(&o->groups, &fault,
                                       extensions_body(e, EXT_SUPPORTED_GROUPS));
    if (alert == ALERT_NONE)
        alert = decode_key_shares(&o->shares, &fault, extensions_body(e, EXT_KEY_SHARE));
    return alert == ALERT_NONE ? ALERT_NONE : fail_fault(t, alert, &fault);
}

/* What we recognise and make no use of, or not always: a vector's length field (0: the body is
 * empty), its least length and that of an element. */
static const struct { uint16_t type; uint8_t length_bytes, min, element; } unused_extensions[] = {
    { EXT_COOKIE,                    2, 1, 1 },          /* §4.2.2, without cookie_keys */
    { EXT_EARLY_DATA,                0, 0, 1 },          /* §4.2.10 */
    { EXT_POST_HANDSHAKE_AUTH,       0, 0, 1 },          /* §4.2.6 */
    { EXT_CLIENT_CERTIFICATE_TYPE,   1, 1, 1 },          /* RFC 7250 §3; where one is asked for */
    { EXT_SERVER_CERTIFICATE_TYPE,   1, 1, 1 },          /* where there is no PSK */
};

/* RFC 9846 §6: what cannot be parsed is decode_error, used or not. */
static enum alert check_unused(struct tls *t, const struct extensions *e)
{
    for (size_t i = 0; i < COUNT(unused_extensions); i++) {
        struct bytes body = extensions_body(e, unused_extensions[i].type), vector = { 0 };
        struct reader r = reader_of(body);
        if (!extensions_have(e, unused_extensions[i].type))
            continue;
        if (unused_extensions[i].length_bytes == 1)
            vector = read_vec8(&r, unused_extensions[i].min);
        if (unused_extensions[i].length_bytes == 2)
            vector = read_vec16(&r, unused_extensions[i].min);
        if (!reader_done(&r) || vector.len % unused_extensions[i].element) {
            t->fault_at = body.at;
            return fail(t, ALERT_DECODE_ERROR,
                        "ClientHello: a malformed extension (RFC 8446 §4.2)");
        }
    }
    return ALERT_NONE;
}

static enum alert decode_offer(struct tls *t, struct offer *o, struct bytes body)
{
    struct fault fault = { 0 };
    struct extensions *e = &o->hello.extensions;
    enum alert alert = client_hello_decode(&o->hello, &fault, body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    t->fault_at = body.at;
    TRY(check_version(t, &o->hello));
    TRY(check_combinations(t, e));
    TRY(decode_lists(t, o));
    TRY(check_unused(t, e));
    TRY(decode_credential_wish(t, &o->credential, e));
    TRY(server_check_psks(t, &o->hello));
    return check_shares(t, o);
}

/* ---- what the server chooses ---- */

/* What the client likes best of what we have. */
static const struct cipher_suite *clients_first(const struct algorithms *a, struct bytes offered)
{
    for (struct reader r = reader_of(offered); reader_more(&r);) {
        const struct cipher_suite *suite = suite_find(a, read_u16(&r));
        if (suite)
            return suite;
    }
    return NULL;
}

/* Our order of preference, among what the client can do. But a client that puts ChaCha20-Poly1305
 * before AES has no hardware for AES, and a software AES is slow on it: its wish counts. */
static const struct cipher_suite *choose_suite(const struct algorithms *a, struct bytes offered)
{
    const struct cipher_suite *first = clients_first(a, offered);
    if (first && first->aead == &aead_chacha20_poly1305)
        return first;
    for (size_t i = 0; i < a->suite_count; i++)
        if (list_has_u16(offered, a->suites[i]->code_point))
            return a->suites[i];
    return NULL;
}

/* The share of this group; empty if there is none. */
static struct bytes find_share(struct bytes shares, uint16_t group)
{
    for (struct reader r = reader_of(shares); reader_more(&r);) {
        struct key_share_entry share = read_key_share(&r);
        if (share.group == group)
            return share.key_exchange;
    }
    return bytes_of(NULL, 0);
}

/* The class of strength comes first: that of our first group that the client can do. Within it a
 * share that is there saves a round trip: our first group that has one. So whoever takes away a
 * hybrid share wins a HelloRetryRequest, and not a weaker group. */
static void choose_group(struct choice *c, const struct algorithms *a, const struct offer *o)
{
    for (size_t i = 0; i < a->group_count && c->key_exchange.len == 0; i++) {
        const struct named_group *group = a->groups[i];
        if (!list_has_u16(o->groups, group->code_point)
            || (c->group && c->group->strength != group->strength))
            continue;
        struct bytes share = find_share(o->shares, group->code_point);
        if (!c->group || share.len > 0)
            c->group = group;
        c->key_exchange = share;
    }
}

static enum alert choose(struct tls *t, struct choice *c, const struct offer *o)
{
    const struct tls_settings *s = &t->config->s;
    *c = (struct choice){ .suite = choose_suite(s->algorithms, o->hello.cipher_suites) };
    choose_group(c, s->algorithms, o);
    if (!c->suite)
        return fail(t, ALERT_HANDSHAKE_FAILURE,
                    "no cipher suite in common (RFC 8446 §4.1.1)");
    if (!c->group)
        return fail(t, ALERT_HANDSHAKE_FAILURE, "no group in common (RFC 8446 §4.1.1)");
    return ALERT_NONE;
}

/* RFC 7301 §3.2: our first protocol that the client offers too; none is fatal. */
static enum alert choose_alpn(struct tls *t, const struct extensions *e)
{
    const struct tls_settings *s = &t->config->s;
    struct fault fault = { 0 };
    struct bytes list;
    if (!extensions_have(e, EXT_ALPN))
        return ALERT_NONE;
    enum alert alert = decode_alpn(&list, &fault, extensions_body(e, EXT_ALPN));
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    for (size_t i = 0; i < s->alpn_count; i++)
        for (struct reader r = reader_of(list); reader_more(&r);)
            if (bytes_equal_public(read_vec8(&r, 1), s->alpn[i])) {
                t->alpn = s->alpn[i];
                return ALERT_NONE;
            }
    if (s->alpn_count == 0)
        return ALERT_NONE;
    return fail(t, ALERT_NO_APPLICATION_PROTOCOL,
                "no application protocol in common (RFC 7301 §3.2)");
}

static enum alert keep_server_name(struct tls *t, const struct extensions *e)
{
    struct fault fault = { 0 };
    struct bytes name;
    if (!extensions_have(e, EXT_SERVER_NAME))
        return ALERT_NONE;
    enum alert alert = decode_server_name(&name, &fault, extensions_body(e, EXT_SERVER_NAME));
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (t->config->s.ignore_server_name)
        return ALERT_NONE;
    memcpy(t->server_name, name.at, name.len);           /* a usable name has <= 253 bytes */
    t->server_name_len = (uint8_t)name.len;
    return ALERT_NONE;
}

/* ---- ServerHello to Finished ---- */

/* Encapsulation does not say whether it was the peer's key or our random source that failed; this
 * source remembers. */
struct watched_source { const struct random_source *random; bool failed; };

static bool fill_watched(void *context, uint8_t *out, size_t len)
{
    struct watched_source *w = context;
    w->failed |= !random_fill(w->random, out, len);
    return !w->failed;
}

static enum alert send_server_hello(struct tls *t, struct bytes peer_key_exchange)
{
    struct watched_source watched = { t->config->s.random, false };
    const struct random_source random = { fill_watched, &watched };
    const struct group *group = t->group->group;
    uint8_t server_random[HELLO_RANDOM_LEN];
    uint8_t ciphertext[GROUP_CIPHERTEXT_MAX], shared[GROUP_SHARED_MAX];
    bool good = random_fill(&random, server_random, sizeof server_random)
             && group->encapsulate(ciphertext, shared, peer_key_exchange, &random);
    if (watched.failed)
        return fail(t, ALERT_INTERNAL_ERROR, "no random bytes for the ServerHello");
    if (!good) {
        t->fault_at = peer_key_exchange.at;
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ClientHello: key_exchange is not a valid value of its group "
                    "(RFC 8446 §4.2.8.2, §7.4)");
    }
    ct_public(server_random, sizeof server_random);      /* all three are sent in the clear */
    ct_public(&good, sizeof good);
    ct_public(ciphertext, sizeof ciphertext);
    const struct tls_handshake *h = t->handshake;
    struct server_answer answer = {
        .random = bytes_of(server_random, sizeof server_random),
        .session_id_echo = bytes_of(h->session_id, h->session_id_len),
        .cipher_suite = t->suite->code_point,
        .share = { t->group->code_point, bytes_of(ciphertext, group->ciphertext_len) },
        .psk = using_psk(t), .selected_identity = h->selected_identity,
    };
    struct outgoing m = message_begin(t, SERVER_HELLO);
    server_hello_encode(m.w, &answer);
    enum alert alert = message_end(t, m);
    if (alert == ALERT_NONE)
        make_handshake_secrets(t, shared, group->shared_len);
    wipe(shared, sizeof shared);
    return alert;
}

/* §4.3.1. RFC 6066 §3: a name that we heard is acknowledged by an empty extension, but not when a
 * session is resumed. §4.2.7: who came without a share of the group that we like best is told of
 * our groups. */
static enum alert send_encrypted_extensions(struct tls *t)
{
    const struct algorithms *a = t->config->s.algorithms;
    struct outgoing m = message_begin(t, ENCRYPTED_EXTENSIONS);
    size_t block = write_vec_begin(m.w, 2);
    if (t->server_name_len > 0 && !t->resumed) {
        write_u16(m.w, EXT_SERVER_NAME);
        write_u16(m.w, 0);
    }
    if (t->group != a->groups[0])
        write_supported_groups(m.w, a, 0);
    if (t->alpn.len > 0) {
        write_u16(m.w, EXT_ALPN);
        write_u16(m.w, (uint16_t)(t->alpn.len + 3));
        write_u16(m.w, (uint16_t)(t->alpn.len + 1));
        write_u8(m.w, (uint8_t)t->alpn.len);
        write_bytes(m.w, t->alpn);
    }
    record_size_limit_answer(t, m.w);
    if (using_certificate(t))
        certificate_types_answer(t, m.w);
    write_vec_end(m.w, block, 2);
    return message_end(t, m);
}

/* When the session that is resumed began. */
static bool peer_was_believed(const struct tls *t)
{
    static const uint8_t nobody[PEER_IDENTITY_LEN];
    return memcmp(t->handshake->peer_identity, nobody, sizeof nobody) != 0;
}

/* ServerHello .. Certificate; what is behind it follows from take_message. */
static enum alert send_parameters(struct tls *t, const struct offer *o, struct message *m,
                                  struct bytes peer_key_exchange)
{
    TRY(server_choose_psk(t, &o->hello, m->whole));
    if (t->resumed && peer_was_believed(t))
        TRY(ask_verifier(t, NULL, 0));
    if (using_certificate(t))
        TRY(server_choose_credential(t, &o->hello.extensions, &o->credential));
    transcript_add(&t->handshake->transcript, m->whole);
    TRY(send_server_hello(t, peer_key_exchange));
    TRY(flight_add(t, STEP_HANDSHAKE_KEYS));
    TRY(flight_change_cipher_spec(t));                   /* which is never protected */
    TRY(send_encrypted_extensions(t));
    if (using_certificate(t) && t->config->s.client_certificate != CLIENT_CERTIFICATE_NOT_ASKED)
        TRY(send_certificate_request(t));
    if (using_certificate(t))
        TRY(send_certificate(t));
    read_keys_install(t, &t->handshake->client_secret, "handshake");
    return ALERT_NONE;
}

/* §4.2.2, §5: if the hello to come may be a second one, early data and a change_cipher_spec may come
 * before it. */
void server_start(struct tls *t)
{
    t->handshake->skips_early_data = t->config->s.cookie_keys != NULL;
    t->handshake->early_data_left = t->config->s.limits.early_data_skipped;
}

enum alert server_signed(struct tls *t)
{
    TRY(finished_send(t, &t->handshake->server_secret));
    make_application_secrets(t);
    TRY(flight_add(t, STEP_APPLICATION_KEYS));
    set_state(t, t->handshake->certificate_requested ? WAIT_CERT : WAIT_FINISHED);
    return ALERT_NONE;
}

/* ---- the handlers ---- */

static void keep_hello(struct tls *t, const struct client_hello *hello)
{
    struct tls_handshake *h = t->handshake;
    memcpy(h->client_random, hello->random.at, HELLO_RANDOM_LEN);
    h->session_id_len = (uint8_t)hello->legacy_session_id.len;
    if (h->session_id_len > 0)
        memcpy(h->session_id, hello->legacy_session_id.at, h->session_id_len);
}

/* §4.1.2, §4.2.8: with exactly the share that was asked for, or those that were there. */
static enum alert answer_second_hello(struct tls *t, struct message *m, const struct offer *offer)
{
    struct tls_handshake *h = t->handshake;
    struct reader r = reader_of(offer->shares);
    struct key_share_entry share = read_key_share(&r);
    h->skips_early_data = false;
    if (h->retry_group == 0)
        return send_parameters(t, offer, m, find_share(offer->shares, t->group->code_point));
    if (!reader_done(&r) || share.group != h->retry_group)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: not exactly the share that was asked for "
                    "(RFC 8446 §4.2.8)");
    return send_parameters(t, offer, m, share.key_exchange);
}

/* What this hello comes to by itself; a cookie has brought back what an earlier one came to. */
static enum alert negotiate(struct tls *t, struct choice *choice, const struct offer *offer,
                            bool second)
{
    TRY(choose(t, choice, offer));
    if (second && choice->suite != t->suite)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: our settings are others than at the first");
    TRY(choose_alpn(t, &offer->hello.extensions));
    TRY(keep_server_name(t, &offer->hello.extensions));
    TRY(record_size_limit_keep(t, &offer->hello.extensions));
    t->suite = choice->suite;
    if (!second || t->handshake->retry_group == 0)
        t->group = choice->group;
    return ALERT_NONE;
}

static enum alert on_client_hello(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    struct offer offer;
    struct choice choice;
    TRY(decode_offer(t, &offer, m->body));
    keep_hello(t, &offer.hello);
    bool second = has_cookie_of_ours(t, &offer.hello);
    if (second)
        TRY(resume_from_cookie(t, m, &offer.hello));
    TRY(negotiate(t, &choice, &offer, second));
    if (second)
        return answer_second_hello(t, m, &offer);
    transcript_start(&h->transcript, t->suite->hash);
    h->skips_early_data = extensions_have(&offer.hello.extensions, EXT_EARLY_DATA);
    bool wants_share = choice.key_exchange.len == 0;
    if (wants_share || t->config->s.demand_cookie) {
        server_note_psk(t, &offer.hello);
        return send_hello_retry_request(t, m, &offer.hello, wants_share);
    }
    return send_parameters(t, &offer, m, choice.key_exchange);
}

static enum alert on_second_client_hello(struct tls *t, struct message *m)
{
    struct offer offer;
    TRY(decode_offer(t, &offer, m->body));
    TRY(check_second_hello(t, m, &offer.hello));
    return answer_second_hello(t, m, &offer);
}

static enum alert on_client_finished(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    if (!flight_sent(h))
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "a Finished that answers what is not out yet");
    TRY(finished_check(t, m, &h->client_secret));
    TRY(become_connected(t));
    read_keys_install(t, &h->client_application, "application");
    return server_give_tickets(t);
}

/* ---- the machine ---- */

static const struct transition server_rows[] = {         /* RFC 8446 Appendix A.2 */
    /* in state        received      when  handled by               then
     *                                                     or then          ends record */
    { WAIT_CH,         CLIENT_HELLO, NULL, on_client_hello,         NEGOTIATED,
                                                           WAIT_SECOND_CH,  true },
    { WAIT_SECOND_CH,  CLIENT_HELLO, NULL, on_second_client_hello,  NEGOTIATED,
                                                           NEGOTIATED,      true },
    /* NEGOTIATED waits for the signature, if there is to be one; server_signed goes on to
     * WAIT_FINISHED, or, if a certificate was asked for, to WAIT_CERT */
    { WAIT_CERT,       CERTIFICATE,  NULL, on_certificate,          WAIT_CV,
                                                           WAIT_FINISHED,   false },
    { WAIT_CV,  CERTIFICATE_VERIFY,  NULL, on_certificate_verify,   WAIT_FINISHED,
                                                           WAIT_FINISHED,   false },
    { WAIT_FINISHED,   FINISHED,     NULL, on_client_finished,      CONNECTED,
                                                           CONNECTED,       true },
    { CONNECTED,       KEY_UPDATE,   NULL, on_key_update,           CONNECTED,
                                                           CONNECTED,       true },
};
const struct machine server_machine = { server_rows, COUNT(server_rows) };
