/* tls13/machine.c - the driver of both state machines, and what their handlers share.
 *
 * Implements  RFC 8446 Appendix A (as the driver of client.c's and server.c's tables), §4.4.1
 *             (what is hashed when), §5.1 (messages do not span key changes), §D.4.
 * Because a message without a row is refused before its body is looked at, a state accepts exactly
 * what its rows say.
 */
#include "tls13/machine.h"

#include "crypto/wipe.h"

#include <string.h>

static const char *state_name(enum tls_state state)
{
    static const char *const names[TLS_STATE_COUNT] = {
        [WAIT_SH] = "WAIT_SH", [WAIT_EE] = "WAIT_EE", [WAIT_CERT_CR] = "WAIT_CERT_CR",
        [WAIT_SIGNATURE] = "WAIT_SIGNATURE", [WAIT_CH] = "WAIT_CH",
        [WAIT_SECOND_CH] = "WAIT_SECOND_CH", [NEGOTIATED] = "NEGOTIATED",
        [WAIT_CERT] = "WAIT_CERT", [WAIT_CV] = "WAIT_CV", [WAIT_FINISHED] = "WAIT_FINISHED",
        [CONNECTED] = "CONNECTED", [CLOSED] = "CLOSED",
    };
    return names[state];
}

const char *handshake_type_name(unsigned type)
{
    switch (type) {
    case CLIENT_HELLO:         return "ClientHello";
    case SERVER_HELLO:         return "ServerHello";
    case HELLO_RETRY_REQUEST:  return "HelloRetryRequest";
    case NEW_SESSION_TICKET:   return "NewSessionTicket";
    case END_OF_EARLY_DATA:    return "EndOfEarlyData";
    case ENCRYPTED_EXTENSIONS: return "EncryptedExtensions";
    case CERTIFICATE:          return "Certificate";
    case CERTIFICATE_REQUEST:  return "CertificateRequest";
    case CERTIFICATE_VERIFY:   return "CertificateVerify";
    case FINISHED:             return "Finished";
    case KEY_UPDATE:           return "KeyUpdate";
    default:                   return "unknown message";
    }
}

/* ---- observers ---- */

void observe(const struct tls *t, const struct observation *what)
{
    for (size_t i = 0; i < t->config->s.observer_count; i++)
        t->config->s.observers[i].see(t->config->s.observers[i].context, what);
}

static void observe_secret_of(const struct tls *t, const struct hash *hash,
                              const struct secret *secret, const char *label,
                              const char *key_log_label, struct bytes transcript_hash_)
{
    if (!observed(t))
        return;
    observe(t, &(struct observation){
        .kind = OBSERVE_SECRET, .label = label, .key_log_label = key_log_label,
        .bytes = bytes_of(secret->byte, hash->digest_len),
        .transcript_hash = transcript_hash_,
        .client_random = bytes_of(t->handshake ? t->handshake->client_random : NULL,
                                  t->handshake ? HELLO_RANDOM_LEN : 0),
    });
}

void observe_secret(const struct tls *t, const struct secret *secret, const char *label,
                    const char *key_log_label, struct bytes transcript_hash_)
{
    observe_secret_of(t, t->suite->hash, secret, label, key_log_label, transcript_hash_);
}

void observe_psk_secrets(const struct tls *t, const struct psk *psk)
{
    struct secret binder_key;
    if (!observed(t))
        return;
    psk_binder_key(psk, &binder_key);
    observe_secret_of(t, psk->hash, &psk->early.s, "early", NULL, bytes_of(NULL, 0));
    observe_secret_of(t, psk->hash, &binder_key, psk_binder_label(psk), NULL, bytes_of(NULL, 0));
    wipe(&binder_key, sizeof binder_key);
}

static void observe_keys(const struct tls *t, enum direction direction, const char *epoch)
{
    if (observed(t))
        observe(t, &(struct observation){
            .kind = OBSERVE_KEYS, .direction = direction, .label = epoch });
}

/* ---- failing, and moving ---- */

enum alert fail(struct tls *t, enum alert alert, const char *reason)
{
    t->reason = reason;
    return alert;
}

enum alert fail_fault(struct tls *t, enum alert alert, const struct fault *fault)
{
    t->fault_at = fault->at;
    return fail(t, alert, fault->reason);
}

void set_state(struct tls *t, enum tls_state state)
{
    if (t->state == state)
        return;
    t->state = state;
    if (observed(t))
        observe(t, &(struct observation){ .kind = OBSERVE_STATE, .label = state_name(state) });
}

/* A certificate is worth nothing without the signature, and the other way round: both or neither.
 * Neither will do for a client that was not asked, or need not have one. */
static bool authenticated(const struct tls *t)
{
    const struct proofs *p = &t->handshake->proofs;
    bool optional = t->config->is_server
                 && t->config->s.client_certificate != CLIENT_CERTIFICATE_REQUIRED;
    return p->psk
        || (p->certificate_chain == p->certificate_verify && (p->certificate_chain || optional));
}

/* S3 of the bug classes: the connected state can be entered only with every proof in hand, and
 * only here does the peer get an identity. */
enum alert become_connected(struct tls *t)
{
    const struct tls_handshake *h = t->handshake;
    if (!h->proofs.finished || !authenticated(t))
        return fail(t, ALERT_INTERNAL_ERROR, "the handshake ended without all its proofs");
    memcpy(t->peer_identity, h->peer_identity, sizeof t->peer_identity);
    set_state(t, CONNECTED);
    return ALERT_NONE;
}

/* ---- the driver ---- */

const struct transition *machine_find(const struct tls *t, unsigned message)
{
    const struct machine *m = t->config->is_server ? &server_machine : &client_machine;
    for (size_t i = 0; i < m->row_count; i++) {
        const struct transition *row = &m->rows[i];
        if (row->state == t->state && row->message == message && (!row->when || row->when(t)))
            return row;
    }
    return NULL;
}

/* §4.1.3: a ServerHello whose random says so is a HelloRetryRequest. Only the random is looked
 * at; decoding comes later. */
unsigned handshake_message_type(struct bytes whole)
{
    if (whole.at[0] == SERVER_HELLO && whole.len >= 4 + 2 + HELLO_RANDOM_LEN
        && memcmp(whole.at + 6, hello_retry_random, HELLO_RANDOM_LEN) == 0)
        return HELLO_RETRY_REQUEST;
    return whole.at[0];
}

enum alert message_ends_record(struct tls *t, const struct message *m)
{
    if (!m->more_follows)
        return ALERT_NONE;
    return fail(t, ALERT_UNEXPECTED_MESSAGE,
                "bytes behind a message after which keys change (RFC 8446 §5.1)");
}

/* §4.4.1: the transcript grows by every handshake message, in order; CertificateVerify and
 * Finished are over what came before them. So are the binders of a ClientHello, whose handler
 * therefore adds it by itself. */
static void transcript_grow(struct tls *t, struct message *m)
{
    struct tls_handshake *h = t->handshake;
    if (!h || !h->transcript.hash || m->type == CLIENT_HELLO)
        return;
    if (m->type == CERTIFICATE_VERIFY || m->type == FINISHED)
        transcript_hash(&h->transcript, m->hash_before);
    transcript_add(&h->transcript, m->whole);
}

static void locate_fault(struct tls *t, const struct message *m)
{
    t->failed_message = handshake_type_name(m->type);
    if (t->fault_at >= m->whole.at && t->fault_at <= m->whole.at + m->whole.len)
        t->fault_offset = (size_t)(t->fault_at - m->whole.at);
}

enum alert machine_step(struct tls *t, struct bytes whole, bool more_follows)
{
    struct message m = { .type = handshake_message_type(whole), .whole = whole,
                         .body = bytes_of(whole.at + 4, whole.len - 4),
                         .more_follows = more_follows };
    if (observed(t))
        observe(t, &(struct observation){
            .kind = OBSERVE_MESSAGE, .direction = RECEIVED, .bytes = whole });
    const struct transition *row = machine_find(t, m.type);
    enum alert alert = ALERT_UNEXPECTED_MESSAGE;
    t->fault_at = NULL;
    if (!row) {
        fail(t, alert, "no transition for this message in this state (RFC 8446 Appendix A)");
    } else if (!row->ends_record || (alert = message_ends_record(t, &m)) == ALERT_NONE) {
        transcript_grow(t, &m);
        alert = row->handle(t, &m);
    }
    if (alert != ALERT_NONE)
        locate_fault(t, &m);
    else
        set_state(t, m.other_arrow ? row->or_then : row->then);
    return alert;
}

/* ---- our flight ---- */

bool flight_sent(const struct tls_handshake *h)
{
    return h->flight.count == 0;
}

enum alert flight_add(struct tls *t, enum step_kind kind)
{
    struct flight *f = &t->handshake->flight;
    if (f->first + f->count == FLIGHT_STEPS_MAX)
        return fail(t, ALERT_INTERNAL_ERROR, "too many steps in one flight");
    f->step[f->first + f->count++] = (struct flight_step){ kind, f->messages.len };
    return ALERT_NONE;
}

enum alert flight_change_cipher_spec(struct tls *t)
{
    bool asked = t->handshake->session_id_len > 0 || t->config->s.always_change_cipher_spec;
    if (t->handshake->sent_change_cipher_spec || !asked)
        return ALERT_NONE;
    t->handshake->sent_change_cipher_spec = true;
    return flight_add(t, STEP_CHANGE_CIPHER_SPEC);
}

struct outgoing message_begin(struct tls *t, enum handshake_type type)
{
    struct writer *w = &t->handshake->flight.messages;
    struct outgoing m = { .w = w, .start = w->len };
    write_u8(w, (uint8_t)type);
    m.length_mark = write_vec_begin(w, 3);
    return m;
}

static void edit(struct tls *t, struct outgoing m)
{
    const struct tls_editor *editor = t->config->s.editor;
    if (editor)
        m.w->len = m.start + editor->edit(editor->context, m.w->at + m.start,
                                          m.w->len - m.start, m.w->cap - m.start);
}

enum alert message_end(struct tls *t, struct outgoing m)
{
    struct flight *f = &t->handshake->flight;
    write_vec_end(m.w, m.length_mark, 3);
    if (!writer_done(m.w))
        return fail(t, ALERT_INTERNAL_ERROR, "our flight does not fit into the lent buffer");
    edit(t, m);
    struct bytes whole = bytes_of(m.w->at + m.start, m.w->len - m.start);
    if (t->handshake->transcript.hash)
        transcript_add(&t->handshake->transcript, whole);
    if (observed(t) && whole.len > 0)
        observe(t, &(struct observation){
            .kind = OBSERVE_MESSAGE, .direction = SENT, .bytes = whole });
    struct flight_step *last = f->count ? &f->step[f->first + f->count - 1] : NULL;
    if (last && last->kind == STEP_MESSAGES) {
        last->end = m.w->len;
        return ALERT_NONE;
    }
    return flight_add(t, STEP_MESSAGES);
}

/* ---- keys ---- */

static void derive_traffic(struct tls *t, struct traffic_secret *out, const struct secret *from,
                           const char *label, const char *key_log_label, struct bytes hash)
{
    derive_secret(t->suite->hash, &out->s, from, label, hash);
    observe_secret(t, &out->s, label, key_log_label, hash);
}

void use_psk(struct tls *t, const struct psk *psk)
{
    t->handshake->early = psk->early;
    t->handshake->proofs.psk = true;
    t->imported_psk = psk->imported;
    t->resumed = !psk->imported;
    t->scheme = NULL;                        /* there will be no CertificateVerify */
}

void make_handshake_secrets(struct tls *t, uint8_t *shared, size_t shared_len)
{
    struct tls_handshake *h = t->handshake;
    const struct hash *hash = t->suite->hash;
    uint8_t digest[HASH_MAX];
    transcript_hash(&h->transcript, digest);
    struct bytes transcript_digest = bytes_of(digest, hash->digest_len);
    if (!using_psk(t)) {
        early_secret_make(hash, &h->early, bytes_of(NULL, 0));
        observe_secret(t, &h->early.s, "early", NULL, bytes_of(NULL, 0));
    }
    handshake_secret_make(hash, &h->handshake_secret, &h->early, bytes_of(shared, shared_len));
    wipe(shared, shared_len);
    observe_secret(t, &h->handshake_secret.s, "handshake", NULL, bytes_of(NULL, 0));
    derive_traffic(t, &h->client_secret, &h->handshake_secret.s, "c hs traffic",
                   "CLIENT_HANDSHAKE_TRAFFIC_SECRET", transcript_digest);
    derive_traffic(t, &h->server_secret, &h->handshake_secret.s, "s hs traffic",
                   "SERVER_HANDSHAKE_TRAFFIC_SECRET", transcript_digest);
    master_secret_make(hash, &h->master_secret, &h->handshake_secret);
    observe_secret(t, &h->master_secret.s, "master", NULL, bytes_of(NULL, 0));
}

void make_application_secrets(struct tls *t)
{
    struct tls_handshake *h = t->handshake;
    uint8_t digest[HASH_MAX];
    transcript_hash(&h->transcript, digest);
    struct bytes transcript_digest = bytes_of(digest, t->suite->hash->digest_len);
    derive_traffic(t, &h->client_application, &h->master_secret.s, "c ap traffic",
                   "CLIENT_TRAFFIC_SECRET_0", transcript_digest);
    derive_traffic(t, &h->server_application, &h->master_secret.s, "s ap traffic",
                   "SERVER_TRAFFIC_SECRET_0", transcript_digest);
    derive_secret(t->suite->hash, &t->exporter_secret, &h->master_secret.s, "exp master",
                  transcript_digest);
    observe_secret(t, &t->exporter_secret, "exp master", "EXPORTER_SECRET", transcript_digest);
}

void make_resumption_secret(struct tls *t, struct secret *out)
{
    uint8_t digest[HASH_MAX];
    transcript_hash(&t->handshake->transcript, digest);
    struct bytes transcript_digest = bytes_of(digest, t->suite->hash->digest_len);
    derive_secret(t->suite->hash, out, &t->handshake->master_secret.s, "res master",
                  transcript_digest);
    observe_secret(t, out, "res master", NULL, transcript_digest);
}

void read_keys_install(struct tls *t, const struct traffic_secret *secret, const char *epoch)
{
    record_keys_make(&t->read, t->suite->aead, t->suite->hash, secret);
    t->read_secret = *secret;
    observe_keys(t, RECEIVED, epoch);
}

void write_keys_install(struct tls *t, const struct traffic_secret *secret, const char *epoch)
{
    record_keys_make(&t->write, t->suite->aead, t->suite->hash, secret);
    t->write_secret = *secret;
    observe_keys(t, SENT, epoch);
}
