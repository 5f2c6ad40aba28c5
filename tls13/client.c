/* tls13/client.c - the client's side of the handshake.
 *
 * Implements  RFC 8446 Appendix A.1 as a table, and for each of its arrows §4.1.2 to §4.1.4,
 *             §4.2.8, §4.3.1, §4.4.4; the downgrade check of §4.1.3.
 * Secret      the ephemeral private keys and all that is derived from them, wiped with the lent
 *             memory.
 */
#include "tls13/client.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"
#include "tls13/authentication.h"
#include "tls13/certificate_type.h"
#include "tls13/client_psk.h"
#include "tls13/finished.h"
#include "tls13/record_size.h"

#include <string.h>

static const struct algorithms *algorithms(const struct tls *t)
{
    return t->config->s.algorithms;
}

/* ---- ClientHello ---- */

/* What an answer may contain depends on what we really sent: the editor may have changed it. */
static void remember_offer(struct tls *t, struct bytes whole)
{
    struct tls_handshake *h = t->handshake;
    struct client_hello hello;
    struct fault fault = { 0 };
    if (whole.len < 4 || client_hello_decode(&hello, &fault, bytes_of(whole.at + 4,
                                                                      whole.len - 4)))
        return;                              /* an editor's malformed hello is the peer's to judge */
    h->offered = hello.extensions.present;
    h->session_id_len = (uint8_t)hello.legacy_session_id.len;
    if (h->session_id_len > 0)
        memcpy(h->session_id, hello.legacy_session_id.at, h->session_id_len);
    memcpy(h->client_random, hello.random.at, HELLO_RANDOM_LEN);
}

/* One more fresh share (RFC 9846 §4.3.8: they are not reused), of this group. */
static enum alert add_share(struct tls *t, const struct named_group *group)
{
    struct tls_handshake *h = t->handshake;
    struct client_share *share = &h->share[h->share_count];
    share->group = group;
    if (!group->group->generate(share->private_key, share->key_exchange, t->config->s.random))
        return fail(t, ALERT_INTERNAL_ERROR, "no random bytes for the key share");
    h->share_count++;
    return ALERT_NONE;
}

static void wipe_shares(struct tls_handshake *h)
{
    wipe(h->share, sizeof h->share);
    h->share_count = 0;
}

/* A share of the group that we like best, and one of the first group of the other class: not every
 * server knows a hybrid, and one that does may insist on it. Bytes against a round trip. */
static enum alert make_first_shares(struct tls *t)
{
    const struct algorithms *a = algorithms(t);
    TRY(add_share(t, a->groups[0]));
    for (size_t i = 1; i < a->group_count; i++)
        if (a->groups[i]->strength != a->groups[0]->strength)
            return add_share(t, a->groups[i]);
    return ALERT_NONE;
}

/* Our share of that group; NULL if we sent none. */
static struct client_share *find_share(struct tls_handshake *h, uint16_t group)
{
    for (size_t i = 0; i < h->share_count; i++)
        if (h->share[i].group->code_point == group)
            return &h->share[i];
    return NULL;
}

static void offer_shares(struct client_offer *offer, const struct tls_handshake *h)
{
    for (size_t i = 0; i < h->share_count; i++) {
        const struct client_share *s = &h->share[i];
        offer->shares[i] = (struct key_share_entry){
            s->group->code_point, bytes_of(s->key_exchange, s->group->group->encapsulation_key_len),
        };
    }
    offer->share_count = h->share_count;
}

static enum alert send_client_hello(struct tls *t, struct bytes cookie)
{
    struct tls_handshake *h = t->handshake;
    const struct tls_settings *s = &t->config->s;
    struct bytes name = bytes_of_string(s->server_name ? s->server_name : "");
    struct client_offer offer = {
        .random = bytes_of(h->client_random, HELLO_RANDOM_LEN),
        .session_id = bytes_of(h->session_id, h->session_id_len),
        .algorithms = s->algorithms,
        .server_name = x509_name_is_ip(name) ? bytes_of(NULL, 0) : name,   /* RFC 6066 §3 */
        .alpn = s->alpn, .alpn_count = s->alpn_count,
        .cookie = cookie, .record_size_limit = s->record_size_limit,
        .grease = s->grease, .grease_share = h->grease_share,
        .request_status = s->request_status,
    };
    uint8_t types[16];
    struct writer types_writer = writer_of(types, sizeof types);
    certificate_types_offer(t, &types_writer);
    offer.certificate_types = writer_bytes(&types_writer);
    offer_shares(&offer, h);
    client_offer_psks(t, &offer);
    struct outgoing m = message_begin(t, CLIENT_HELLO);
    client_hello_encode(m.w, &offer);
    client_bind_psks(t, m);
    TRY(message_end(t, m));
    remember_offer(t, bytes_of(m.w->at + m.start, m.w->len - m.start));
    return ALERT_NONE;
}

enum alert client_start(struct tls *t, struct tls_session *session)
{
    struct tls_handshake *h = t->handshake;
    const struct random_source *random = t->config->s.random;
    h->session_id_len = SESSION_ID_MAX;                  /* §D.4: never empty */
    if (!random_fill(random, h->client_random, HELLO_RANDOM_LEN)
        || !random_fill(random, h->session_id, SESSION_ID_MAX))
        return fail(t, ALERT_INTERNAL_ERROR, "no random bytes for the ClientHello");
    h->grease_share = t->config->s.grease;
    ct_public(h->client_random, HELLO_RANDOM_LEN);       /* both are sent in the clear */
    ct_public(h->session_id, SESSION_ID_MAX);
    TRY(make_first_shares(t));
    client_gather_psks(t, session);
    TRY(send_client_hello(t, bytes_of(NULL, 0)));
    h->hello_len = h->flight.messages.len;               /* hashed once the suite is known */
    return ALERT_NONE;
}

/* ---- ServerHello and HelloRetryRequest ---- */

/* §4.1.3: a server that knows TLS 1.3 and yet answers with less marks its random; seeing the mark
 * means that somebody changed our hello. */
static enum alert refuse_old_version(struct tls *t, const struct server_hello *sh)
{
    if (random_has_downgrade_sentinel(sh->random))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "downgrade: the server knows TLS 1.3 but was made to answer with less "
                    "(RFC 8446 §4.1.3)");
    if (t->handshake->hello_retry)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: not the version of the HelloRetryRequest (RFC 9846 §4.2.4)");
    return fail(t, ALERT_PROTOCOL_VERSION,
                "the server chose TLS 1.2 or less (RFC 8446 §4.1.3, §E.2 of RFC 9846)");
}

/* §4.2.1: the version is what supported_versions says, and only that; it is looked at before all
 * else, since an older ServerHello may carry what this one may not. */
static enum alert check_version(struct tls *t, const struct server_hello *sh)
{
    struct fault fault = { 0 };
    struct bytes body;
    uint16_t version;
    if (!extensions_find(&body, sh->extension_block, EXT_SUPPORTED_VERSIONS))
        return refuse_old_version(t, sh);
    enum alert alert = decode_selected_u16(&version, &fault, body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (version != VERSION_TLS13)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: a version that was not offered (RFC 8446 §4.2.1)");
    if (sh->legacy_version != VERSION_TLS12)
        return fail(t, ALERT_PROTOCOL_VERSION,
                    "ServerHello: legacy_version is not 0x0303 (RFC 9846 §4.2.3)");
    return ALERT_NONE;
}

/* What ServerHello and HelloRetryRequest have in common (§4.1.3, §4.1.4). A TLS 1.2 server may well
 * have its Certificate in the same record, and is to be told of the version. */
static enum alert check_server_hello(struct tls *t, const struct server_hello *sh,
                                     const struct message *m)
{
    struct tls_handshake *h = t->handshake;
    TRY(check_version(t, sh));
    TRY(message_ends_record(t, m));
    if (!bytes_equal_public(sh->legacy_session_id_echo,
                            bytes_of(h->session_id, h->session_id_len)))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: legacy_session_id_echo is not ours (RFC 8446 §4.1.3)");
    if (sh->legacy_compression_method != 0)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: legacy_compression_method is not zero (RFC 8446 §4.1.3)");
    if (!suite_find(algorithms(t), sh->cipher_suite))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: a cipher suite that was not offered (RFC 8446 §4.1.3)");
    if (h->hello_retry && sh->cipher_suite != h->retry_suite)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: not the suite of the HelloRetryRequest (RFC 8446 §4.1.4)");
    return ALERT_NONE;
}

static enum alert decode_hello(struct tls *t, struct server_hello *sh, struct extensions *e,
                               const struct message *m)
{
    struct fault fault = { 0 };
    enum alert alert = server_hello_decode(sh, &fault, m->body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (!flight_sent(t->handshake))
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "an answer to a hello that is not out yet");
    TRY(check_server_hello(t, sh, m));
    alert = extensions_decode(e, &fault, sh->extension_block, sh->is_retry ? IN_HRR : IN_SH,
                              t->handshake->offered);
    return alert == ALERT_NONE ? ALERT_NONE : fail_fault(t, alert, &fault);
}

/* The suite is known now, and with it the hash: the transcript begins, with ClientHello1. */
static void begin_transcript(struct tls *t, uint16_t cipher_suite)
{
    struct tls_handshake *h = t->handshake;
    t->suite = suite_find(algorithms(t), cipher_suite);
    transcript_start(&h->transcript, t->suite->hash);
    transcript_add(&h->transcript, bytes_of(h->flight.messages.at, h->hello_len));
}

/* §4.1.4: the group must be one we offered and sent no share for. */
static enum alert check_retry_group(struct tls *t, struct bytes body,
                                    const struct named_group **group)
{
    struct fault fault = { 0 };
    uint16_t selected;
    enum alert alert = decode_selected_u16(&selected, &fault, body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    *group = group_find(algorithms(t), selected);
    if (!*group || find_share(t->handshake, selected))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "HelloRetryRequest: a group that was not offered, or whose share it has "
                    "(RFC 8446 §4.2.8)");
    return ALERT_NONE;
}

static enum alert on_hello_retry_request(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    struct server_hello sh;
    struct extensions e;
    struct bytes cookie = bytes_of(NULL, 0);
    const struct named_group *group = NULL;              /* none: the shares stay (§4.1.2) */
    struct fault fault = { 0 };
    TRY(decode_hello(t, &sh, &e, m));
    if (extensions_have(&e, EXT_KEY_SHARE))
        TRY(check_retry_group(t, extensions_body(&e, EXT_KEY_SHARE), &group));
    if (extensions_have(&e, EXT_COOKIE)) {
        enum alert alert = decode_cookie(&cookie, &fault, extensions_body(&e, EXT_COOKIE));
        if (alert != ALERT_NONE)
            return fail_fault(t, alert, &fault);
    }
    if (!group && cookie.len == 0)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "HelloRetryRequest: would change nothing (RFC 8446 §4.1.4)");
    begin_transcript(t, sh.cipher_suite);
    transcript_replace_with_message_hash(&h->transcript);
    transcript_add(&h->transcript, m->whole);
    h->hello_retry = t->hello_retry = true;
    h->retry_suite = sh.cipher_suite;
    h->flight.messages.len = h->flight.sent = h->flight.first = 0;
    TRY(flight_change_cipher_spec(t));
    TRY(client_review_psks(t));
    if (group) {
        h->grease_share = false;                         /* §4.2.8: exactly one */
        wipe_shares(h);
        TRY(add_share(t, group));
    }
    return send_client_hello(t, cookie);
}

/* §4.2.8: the server's share, of the group of one of ours (after a retry there is but that one). */
static enum alert decapsulate(struct tls *t, const struct extensions *e)
{
    struct tls_handshake *h = t->handshake;
    struct fault fault = { 0 };
    struct key_share_entry share;
    uint8_t shared[GROUP_SHARED_MAX];
    if (!extensions_have(e, EXT_KEY_SHARE))
        return fail(t, ALERT_MISSING_EXTENSION, "ServerHello: no key_share (RFC 8446 §9.2)");
    enum alert alert = decode_key_share_entry(&share, &fault, extensions_body(e, EXT_KEY_SHARE));
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    t->fault_at = share.key_exchange.at;
    const struct client_share *own = find_share(h, share.group);
    if (!own)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: key_share of a group that we sent no share for "
                    "(RFC 8446 §4.2.8)");
    const struct group *group = own->group->group;
    if (!group->decapsulate(shared, own->private_key, share.key_exchange))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ServerHello: key_exchange is not a valid value of its group "
                    "(RFC 8446 §4.2.8.2, §7.4)");
    t->group = own->group;
    wipe_shares(h);
    make_handshake_secrets(t, shared, group->shared_len);
    return ALERT_NONE;
}

static enum alert on_server_hello(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    struct server_hello sh;
    struct extensions e;
    TRY(decode_hello(t, &sh, &e, m));
    if (!h->hello_retry) {
        begin_transcript(t, sh.cipher_suite);
        transcript_add(&h->transcript, m->whole);
    }
    TRY(client_take_psk(t, &e));
    TRY(decapsulate(t, &e));
    read_keys_install(t, &h->server_secret, "handshake");
    write_keys_install(t, &h->client_secret, "handshake");
    return ALERT_NONE;
}

/* ---- the server's parameters ---- */

/* RFC 7301 §3.1: exactly one protocol, and one that we offered. */
static enum alert accept_alpn(struct tls *t, struct bytes body)
{
    struct fault fault = { 0 };
    struct bytes list;
    enum alert alert = decode_alpn(&list, &fault, body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    struct reader r = reader_of(list);
    struct bytes chosen = read_vec8(&r, 1);
    for (size_t i = 0; reader_done(&r) && i < t->config->s.alpn_count; i++)
        if (bytes_equal_public(chosen, t->config->s.alpn[i]))
            t->alpn = t->config->s.alpn[i];
    if (t->alpn.len == 0)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "EncryptedExtensions: ALPN is not one of the protocols offered "
                    "(RFC 7301 §3.1)");
    return ALERT_NONE;
}

/* §4.3.1   EncryptedExtensions: extensions <0..2^16-1> */
static enum alert on_encrypted_extensions(struct tls *t, struct message *m)
{
    struct reader r = reader_of(m->body);
    struct fault fault = { "malformed EncryptedExtensions (RFC 8446 §4.3.1)", m->body.at };
    struct extensions e;
    struct bytes block = read_vec16(&r, 0);
    if (!reader_done(&r))
        return fail_fault(t, ALERT_DECODE_ERROR, &fault);
    enum alert alert = extensions_decode(&e, &fault, block, IN_EE, t->handshake->offered);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    if (extensions_body(&e, EXT_SERVER_NAME).len > 0)    /* RFC 6066 §3: empty */
        return fail(t, ALERT_DECODE_ERROR, "EncryptedExtensions: server_name is not empty");
    if (extensions_have(&e, EXT_SUPPORTED_GROUPS)) {     /* §4.2.7: may be sent; not acted on */
        struct bytes groups;
        alert = decode_u16_list(&groups, &fault, extensions_body(&e, EXT_SUPPORTED_GROUPS));
        if (alert != ALERT_NONE)
            return fail_fault(t, alert, &fault);
    }
    if (extensions_have(&e, EXT_RECORD_SIZE_LIMIT))
        TRY(record_size_limit_accept(t, extensions_body(&e, EXT_RECORD_SIZE_LIMIT)));
    TRY(certificate_types_accept(t, &e));
    if (t->resumed)
        TRY(ask_verifier(t, NULL, 0));
    return extensions_have(&e, EXT_ALPN) ? accept_alpn(t, extensions_body(&e, EXT_ALPN))
                                         : ALERT_NONE;
}

/* ---- the end ---- */

/* Our Finished is the last thing that we say in the handshake. */
static enum alert finish(struct tls *t)
{
    TRY(become_connected(t));
    TRY(finished_send(t, &t->handshake->client_secret));
    TRY(flight_add(t, STEP_APPLICATION_KEYS));
    client_expect_tickets(t);
    return ALERT_NONE;
}

enum alert client_signed(struct tls *t)
{
    return finish(t);
}

/* §4.4.2: asked for a certificate and having none, a client says so with an empty list; with one it
 * has to sign before it can finish. */
static enum alert on_finished(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    TRY(finished_check(t, m, &h->server_secret));
    make_application_secrets(t);
    read_keys_install(t, &h->server_application, "application");
    h->flight.messages.len = h->flight.sent = h->flight.first = 0;
    TRY(flight_change_cipher_spec(t));
    if (h->certificate_requested)
        TRY(send_certificate(t));
    m->other_arrow = h->credential != NULL;
    return m->other_arrow ? ALERT_NONE : finish(t);
}

/* ---- the machine ---- */

static bool first_hello(const struct tls *t)
{
    return !t->handshake->hello_retry;       /* §4.1.4: a second retry is unexpected */
}

static const struct transition client_rows[] = {         /* RFC 8446 Appendix A.1 */
    /* in state      received              when         handled by               then
     *                                                                   or then    ends record */
    { WAIT_SH,       HELLO_RETRY_REQUEST,  first_hello, on_hello_retry_request,  WAIT_SH,
                                                                         WAIT_SH,   false },
    { WAIT_SH,       SERVER_HELLO,         NULL,        on_server_hello,         WAIT_EE,
                                                                         WAIT_EE,   false },
    /* those two end their record as well: check_server_hello sees to it */
    { WAIT_EE,       ENCRYPTED_EXTENSIONS, using_psk,   on_encrypted_extensions, WAIT_FINISHED,
                                                                         WAIT_FINISHED, false },
    { WAIT_EE,       ENCRYPTED_EXTENSIONS, using_certificate, on_encrypted_extensions,
                                                        WAIT_CERT_CR,    WAIT_CERT_CR, false },
    { WAIT_CERT_CR,  CERTIFICATE_REQUEST,  NULL,        on_certificate_request,  WAIT_CERT,
                                                                         WAIT_CERT, false },
    { WAIT_CERT_CR,  CERTIFICATE,          NULL,        on_certificate,          WAIT_CV,
                                                                         WAIT_CV,   false },
    { WAIT_CERT,     CERTIFICATE,          NULL,        on_certificate,          WAIT_CV,
                                                                         WAIT_CV,   false },
    { WAIT_CV,       CERTIFICATE_VERIFY,   NULL,        on_certificate_verify,   WAIT_FINISHED,
                                                                         WAIT_FINISHED, false },
    { WAIT_FINISHED, FINISHED,             NULL,        on_finished,             CONNECTED,
                                                                         WAIT_SIGNATURE, true },
    /* WAIT_SIGNATURE waits for ours; client_signed goes on to CONNECTED */
    { CONNECTED,     NEW_SESSION_TICKET,   NULL,        on_new_session_ticket,   CONNECTED,
                                                                         CONNECTED, false },
    { CONNECTED,     KEY_UPDATE,           NULL,        on_key_update,           CONNECTED,
                                                                         CONNECTED, true },
};
const struct machine client_machine = { client_rows, COUNT(client_rows) };
