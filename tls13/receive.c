/* tls13/receive.c - bytes from the network: records, alerts, and messages in pieces.
 *
 * Implements  RFC 8446 §5 (what may come when, change_cipher_spec), §5.1 (fragments), §6 (alerts),
 *             §4.2.10 (passing over rejected early data); RFC 9846 §6 (every unknown alert ends it).
 * One call takes in at most one record. Whatever goes wrong becomes one alert, in tls_give_up.
 */
#include "tls13/receive.h"

#include "crypto/wipe.h"
#include "tls13/authentication.h"
#include "tls13/post_handshake.h"
#include "tls13/server.h"
#include "tls13/record_size.h"

#include <string.h>

/* ---- the end ---- */

void tls_drop_handshake(struct tls *t)
{
    if (t->handshake && t->handshake->session)
        wipe(t->handshake->session, sizeof *t->handshake->session);
    if (t->handshake)
        wipe(t->handshake, sizeof *t->handshake);
    t->handshake = NULL;
}

static void observe_alert(const struct tls *t, enum direction direction, uint8_t description,
                          const char *reason)
{
    if (observed(t))
        observe(t, &(struct observation){ .kind = OBSERVE_ALERT, .direction = direction,
                                          .alert = description, .reason = reason });
}

/* §D.4: a client's first protected record has one before it, even if it is this alert. */
static bool change_cipher_spec_owed(const struct tls *t)
{
    const struct tls_handshake *h = t->handshake;
    return h && !t->config->is_server && t->write.aead && h->session_id_len > 0
        && !h->sent_change_cipher_spec;
}

/* RFC 9846 §6: the PSKs of a failed connection's tickets "SHOULD be discarded". One that was cut is
 * none, as not few peers leave out close_notify. */
static void discard_tickets(struct tls *t)
{
    for (size_t i = 0; i < t->keep_count; i++)
        wipe(&t->keep[i], sizeof t->keep[i]);
}

enum tls_event tls_give_up(struct tls *t, enum alert alert, bool received)
{
    t->failed = true;
    t->alert = alert;
    t->alert_received = received;
    t->alert_owed = !received && alert != ALERT_NONE && !t->write_closed;
    t->change_cipher_spec_owed = t->alert_owed && change_cipher_spec_owed(t);
    if (!received && alert != ALERT_NONE)
        observe_alert(t, SENT, (uint8_t)alert, t->reason);
    if (alert != ALERT_NONE)
        discard_tickets(t);
    tls_drop_handshake(t);
    wipe(&t->read, sizeof t->read);
    wipe(&t->read_secret, sizeof t->read_secret);
    wipe(&t->write_secret, sizeof t->write_secret);
    wipe(&t->exporter_secret, sizeof t->exporter_secret);
    wipe(&t->resumption_secret, sizeof t->resumption_secret);
    if (!t->alert_owed)
        wipe(&t->write, sizeof t->write);
    set_state(t, CLOSED);
    return TLS_FAILED;
}

/* ---- handshake messages ---- */

/* A header is there: may this type come now, and is it short enough for the lent memory? Asked
 * before anything of the body is stored. */
static enum alert judge_message(struct tls *t, const uint8_t header[4])
{
    uint32_t len = (uint32_t)header[1] << 16 | load_be16(header + 2);
    t->failed_message = handshake_type_name(header[0]);
    if (!machine_find(t, header[0]))
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "no transition for this message in this state (RFC 8446 Appendix A)");
    if (len > t->handshake->incoming.cap - 4)
        return fail(t, ALERT_DECODE_ERROR, "a handshake message longer than we take");
    t->failed_message = NULL;
    return ALERT_NONE;
}

static size_t message_len(const uint8_t header[4])
{
    return 4 + ((size_t)header[1] << 16 | load_be16(header + 2));
}

/* One whole message; then the signer is asked, if it has led there: not where a PSK is proof
 * enough. */
static enum alert take_message(struct tls *t, struct bytes whole, bool more_follows)
{
    TRY(machine_step(t, whole, more_follows));
    if (!tls_wants_signature(t))
        return ALERT_NONE;
    return using_psk(t) ? server_signed(t) : certificate_verify_begin(t);
}

/* Moves bytes into the reassembly buffer until it holds `want`; true if it does. */
static bool gather(struct writer *incoming, struct reader *r, size_t want)
{
    size_t missing = want - incoming->len;
    write_bytes(incoming, read_bytes(r, missing < r->rest.len ? missing : r->rest.len));
    return incoming->len == want;
}

/* §5.1: messages may share records and may be split over them. A whole one is looked at where it
 * lies; only pieces are copied. */
static enum alert handshake_receive(struct tls *t, struct bytes content)
{
    struct reader r = reader_of(content);
    struct writer *incoming = &t->handshake->incoming;
    while (reader_more(&r)) {
        if (incoming->len == 0 && r.rest.len >= 4) {
            TRY(judge_message(t, r.rest.at));
            size_t len = message_len(r.rest.at);
            if (len <= r.rest.len) {
                struct bytes whole = read_bytes(&r, len);
                TRY(take_message(t, whole, reader_more(&r)));
                continue;
            }
        }
        if (incoming->len < 4) {
            if (!gather(incoming, &r, 4))
                break;
            TRY(judge_message(t, incoming->at));
        }
        if (gather(incoming, &r, message_len(incoming->at))) {
            struct bytes whole = writer_bytes(incoming);
            incoming->len = 0;
            TRY(take_message(t, whole, reader_more(&r)));
        }
    }
    return ALERT_NONE;
}

static bool message_pending(const struct tls *t)
{
    return t->state == CONNECTED ? post_handshake_pending(t)
                                 : t->handshake->incoming.len > 0;
}

static enum alert on_handshake(struct tls *t, struct bytes content)
{
    if (content.len == 0)
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "an empty handshake record (RFC 8446 §5.1)");
    return t->state == CONNECTED ? post_handshake_receive(t, content)
                                 : handshake_receive(t, content);
}

/* ---- the other content types ---- */

/* §5: dropped, if it is that one byte, comes in the clear, and between the first ClientHello and
 * the peer's Finished; counted, so that they are no way to keep us busy. */
static enum alert on_change_cipher_spec(struct tls *t, struct bytes content)
{
    struct tls_handshake *h = t->handshake;
    if (content.len != 1 || content.at[0] != 1)
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "change_cipher_spec: not the single byte 1 (RFC 8446 §5)");
    bool first = t->state == WAIT_CH && !t->config->s.cookie_keys;       /* §4.2.2: or a second */
    if (!h || first || t->state == CONNECTED || message_pending(t))
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "change_cipher_spec where none may be (RFC 8446 §5)");
    if (++h->change_cipher_specs > t->config->s.limits.change_cipher_specs)
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "change_cipher_spec: too many");
    return ALERT_NONE;
}

static enum alert count_empty(struct tls *t)
{
    if (++t->empty_records_in_a_row > t->config->s.limits.empty_records_in_a_row)
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "too many records without data in a row");
    return ALERT_NONE;
}

/* §4.4.4, §5: data flows after the peer's Finished and not before. */
static enum alert on_application_data(struct tls *t, struct bytes content)
{
    if (t->state != CONNECTED)
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "application data before the handshake is over (RFC 8446 §5)");
    if (content.len == 0)
        return count_empty(t);
    t->empty_records_in_a_row = t->key_updates_in_a_row = t->user_canceled_in_a_row = 0;
    return ALERT_NONE;
}

/* RFC 9846 §6.1: no end by itself, a close_notify follows. */
static enum alert on_user_canceled(struct tls *t)
{
    if (++t->user_canceled_in_a_row > t->config->s.limits.user_canceled_in_a_row)
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "user_canceled: too many alerts in a row");
    return ALERT_NONE;
}

/* §6: which of the two levels it is does not matter; close_notify and user_canceled apart, every alert
 * is the end. RFC 9846 §6: a value that the enum does not have is illegal_parameter. */
static enum alert on_alert(struct tls *t, struct bytes content)
{
    if (content.len == 0)
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "an empty alert record (RFC 8446 §5.1)");
    if (content.len != 2)
        return fail(t, ALERT_DECODE_ERROR, "an alert that is not two bytes (RFC 8446 §6)");
    if (content.at[0] != ALERT_LEVEL_WARNING && content.at[0] != ALERT_LEVEL_FATAL)
        return fail(t, ALERT_ILLEGAL_PARAMETER, "an alert of no known level (RFC 9846 §6)");
    uint8_t description = content.at[1];
    observe_alert(t, RECEIVED, description, "");
    if (description == ALERT_USER_CANCELED)
        return on_user_canceled(t);
    if (description == ALERT_CLOSE_NOTIFY && t->state == CONNECTED) {
        t->peer_closed = true;
        return ALERT_NONE;
    }
    t->alert_received = true;
    t->reason = description == ALERT_CLOSE_NOTIFY ? "the peer closed during the handshake"
                                                  : "the peer sent this alert";
    return (enum alert)description;
}

/* ---- records ---- */

/* S6 of the bug classes: behind ServerHello a client may fail before it has its keys, so a server
 * takes an alert in the clear until the first protected record has come. */
static bool plain_alert_allowed(const struct tls *t, uint8_t type)
{
    return type == ALERT && t->config->is_server && t->state != CONNECTED
           && t->read.sequence == 0;
}

static bool early_data_expected(const struct tls *t)
{
    return t->handshake && t->handshake->skips_early_data;
}

/* Early data that was refused keeps to no limit of this connection. */
static size_t fragment_max(const struct tls *t, bool protected)
{
    if (!protected)
        return RECORD_PLAINTEXT_MAX;
    return early_data_expected(t) ? RECORD_FRAGMENT_MAX : record_fragment_max(t);
}

/* What may be said of a record from its header alone. */
static enum alert judge_record(struct tls *t, const struct record_header *header)
{
    bool protected = header->type == APPLICATION_DATA
                  && (t->read.aead || early_data_expected(t));
    if (header->type < CHANGE_CIPHER_SPEC || header->type > APPLICATION_DATA)
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "not a TLS record: the peer may be speaking plain text (RFC 8446 §5.1)");
    if (header->length > fragment_max(t, protected))
        return fail(t, ALERT_RECORD_OVERFLOW,
                    "record too long (RFC 8446 §5.1, §5.2, RFC 8449 §4)");
    if (t->read.aead && !protected && header->type != CHANGE_CIPHER_SPEC
        && !plain_alert_allowed(t, header->type))
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "a record in the clear after keys were agreed on (RFC 8446 §5)");
    if (header->type == APPLICATION_DATA && !protected)
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "application data before any keys (RFC 8446 §5)");
    return ALERT_NONE;
}

/* §4.2.10: early data that was refused cannot be opened; up to the bound it is passed over. What
 * counts is the payload, as if there were no padding; a record without any counts for one byte. */
static enum alert skip_early_data(struct tls *t, size_t record_len)
{
    const size_t around = RECORD_HEADER_LEN + 1 + AEAD_TAG_LEN;      /* 1: the content type */
    size_t payload = record_len > around ? record_len - around : 1;
    if (payload > t->handshake->early_data_left)
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "more early data than we pass over (RFC 8446 §4.2.10)");
    t->handshake->early_data_left -= (uint32_t)payload;
    return ALERT_NONE;
}

static void observe_record(const struct tls *t, struct bytes record, uint8_t type,
                           size_t content_len, bool protected)
{
    if (observed(t))
        observe(t, &(struct observation){
            .kind = OBSERVE_RECORD, .direction = RECEIVED, .bytes = record,
            .content_type = type, .content_len = content_len, .protected = protected,
            .sequence = protected ? t->read.sequence - 1 : 0 });
}

static enum alert dispatch(struct tls *t, uint8_t type, struct bytes content,
                           struct tls_received *out)
{
    if (type != HANDSHAKE && message_pending(t))
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "another record inside a handshake message (RFC 8446 §5.1)");
    switch (type) {
    case HANDSHAKE:
        return on_handshake(t, content);
    case ALERT:
        return on_alert(t, content);
    case APPLICATION_DATA:
        TRY(on_application_data(t, content));
        out->data = content;
        return ALERT_NONE;
    default:
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "unknown content type (RFC 8446 §5.1)");
    }
}

static void note_opened(struct tls_handshake *h, size_t fragment_len)
{
    h->skips_early_data = false;
    if (fragment_len > h->longest_fragment)
        h->longest_fragment = (uint16_t)fragment_len;
}

static const char *why_not_opened(enum alert alert)
{
    switch (alert) {
    case ALERT_RECORD_OVERFLOW:    return "content and padding of a record are too long "
                                          "(RFC 8446 §5.4)";
    case ALERT_UNEXPECTED_MESSAGE: return "a record of nothing but padding (RFC 8446 §5.4)";
    default:                       return "a protected record that does not open (RFC 8446 §5.2)";
    }
}

static enum alert take_protected(struct tls *t, uint8_t *record, size_t len,
                                 struct tls_received *out)
{
    uint8_t type;
    struct bytes content;
    if (!t->read.aead && message_pending(t))
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "another record inside a handshake message (RFC 8446 §5.1)");
    if (!t->read.aead)
        return skip_early_data(t, len);
    enum alert alert = record_open(&t->read, record, len, &type, &content);
    if (alert == ALERT_BAD_RECORD_MAC && early_data_expected(t))
        return skip_early_data(t, len);
    if (alert != ALERT_NONE)
        return fail(t, alert, why_not_opened(alert));
    if (t->handshake)
        note_opened(t->handshake, len - RECORD_HEADER_LEN);
    observe_record(t, bytes_of(record, len), type, content.len, true);
    if (load_be16(record + 1) != VERSION_TLS12)
        return fail(t, ALERT_DECODE_ERROR,
                    "a protected record of another version than 0x0303 (RFC 8446 §5.2)");
    return dispatch(t, type, content, out);
}

static enum alert take_record(struct tls *t, uint8_t *record, size_t len, struct tls_received *out)
{
    uint8_t type = record[0];
    struct bytes content = bytes_of(record + RECORD_HEADER_LEN, len - RECORD_HEADER_LEN);
    if (type == APPLICATION_DATA)
        return take_protected(t, record, len, out);
    observe_record(t, bytes_of(record, len), type, content.len, false);
    if (type == CHANGE_CIPHER_SPEC)
        return on_change_cipher_spec(t, content);
    return dispatch(t, type, content, out);
}

/* What this record has come to. */
static enum tls_event event_after(struct tls *t, enum tls_state before,
                                  const struct tls_received *out)
{
    if (t->peer_closed)
        return TLS_PEER_CLOSED;
    if (t->state == CONNECTED && before != CONNECTED) {
        if (flight_sent(t->handshake))
            tls_drop_handshake(t);
        return TLS_CONNECTED;
    }
    if (out->data.len > 0)
        return TLS_DATA;
    bool ticket_came = t->ticket_came;
    t->ticket_came = false;
    return ticket_came ? TLS_TICKET : TLS_PROGRESS;
}

enum tls_event tls_receive(struct tls *t, uint8_t *in, size_t in_len, struct tls_received *out)
{
    *out = (struct tls_received){ .data = bytes_of(in, 0) };
    if (t->failed)
        return TLS_FAILED;
    if (t->peer_closed) {
        out->used = in_len;                              /* §6.1: what follows is ignored */
        return TLS_PEER_CLOSED;
    }
    if (t->state == WAIT_SIGNATURE)
        return TLS_NEED_SIGNATURE;
    out->need = RECORD_HEADER_LEN;
    if (in_len < RECORD_HEADER_LEN)
        return TLS_NEED_INPUT;
    struct record_header header = record_header_decode(in);
    enum alert alert = judge_record(t, &header);
    out->need += header.length;
    if (alert == ALERT_NONE && in_len < out->need)
        return TLS_NEED_INPUT;
    enum tls_state before = t->state;
    if (alert == ALERT_NONE) {
        out->used = out->need;
        alert = take_record(t, in, out->used, out);
    }
    if (alert != ALERT_NONE || t->alert_received)
        return tls_give_up(t, alert, t->alert_received);
    return event_after(t, before, out);
}

enum tls_event tls_receive_end(struct tls *t)
{
    if (t->failed)
        return TLS_FAILED;
    if (t->peer_closed)
        return TLS_PEER_CLOSED;
    t->reason = t->state == CONNECTED
                    ? "truncated: the connection ended without close_notify (RFC 8446 §6.1)"
                    : "the connection ended during the handshake";
    return tls_give_up(t, ALERT_NONE, false);
}

void tls_abort(struct tls *t, enum alert alert, const char *reason)
{
    if (!t->failed)
        tls_give_up(t, fail(t, alert, reason), false);
}

enum tls_event tls_signature(struct tls *t, struct bytes signature)
{
    if (t->failed)
        return TLS_FAILED;
    if (!tls_wants_signature(t))
        return TLS_PROGRESS;
    enum alert alert = certificate_verify_end(t, signature);
    if (alert != ALERT_NONE)
        return tls_give_up(t, alert, false);
    return t->state == CONNECTED ? TLS_CONNECTED : TLS_PROGRESS;
}
