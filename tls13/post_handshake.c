/* tls13/post_handshake.c - messages after the handshake.
 *
 * Implements  RFC 8446 §4.6.1 (how tickets come), §4.6.3 (KeyUpdate), §7.2; §5.1 for messages
 *             that come in pieces; the flood bounds of struct tls_limits.
 */
#include "tls13/post_handshake.h"

#include "tls13/client_psk.h"

#include <string.h>

enum {
    HEADER_LEN = 4,
    KEY_UPDATE_LEN = 1,
    /* §4.6.1   NewSessionTicket: u32 ticket_lifetime, u32 ticket_age_add, ticket_nonce <0..255>,
     *          ticket <1..2^16-1>, extensions <0..2^16-2> */
    BODY_MIN = 4 + 4 + 1 + 2 + 1 + 2,
    BODY_MAX = 4 + 4 + 1 + 255 + 2 + 65535 + 2 + 65534,
};

enum key_update_request { UPDATE_NOT_REQUESTED = 0, UPDATE_REQUESTED = 1 };

bool post_handshake_pending(const struct tls *t)
{
    return t->held_len > 0 || t->skip > 0;
}

/* RFC 9846 §4.7.3: a sender's cap, and not one that a receiver enforces. */
bool key_update_allowed(const struct tls *t)
{
    return t->key_updates_sent < KEY_UPDATES_SENT_MAX;
}

/* §4.6.3   KeyUpdate: u8 request_update */
enum alert on_key_update(struct tls *t, struct message *m)
{
    uint8_t request = m->body.at[0];
    if (request != UPDATE_NOT_REQUESTED && request != UPDATE_REQUESTED)
        return fail(t, ALERT_ILLEGAL_PARAMETER, "KeyUpdate: neither 0 nor 1 (RFC 8446 §4.6.3)");
    if (++t->key_updates_in_a_row > t->config->s.limits.key_updates_in_a_row)
        return fail(t, ALERT_UNEXPECTED_MESSAGE, "KeyUpdate: too many without any data");
    t->request_outstanding = false;
    if (request == UPDATE_REQUESTED && !t->write_closed && key_update_allowed(t)) {
        t->update_owed = true;               /* once, however often it is asked for meanwhile */
        t->update_requests = false;          /* an answer does not ask: the peer just updated */
    }
    traffic_secret_update(t->suite->hash, &t->read_secret);
    observe_secret(t, &t->read_secret.s, "traffic upd", NULL, bytes_of(NULL, 0));
    read_keys_install(t, &t->read_secret, "application");
    return ALERT_NONE;
}

void key_update_encode(const struct tls *t, uint8_t out[KEY_UPDATE_MESSAGE_LEN])
{
    const uint8_t message[KEY_UPDATE_MESSAGE_LEN] = {
        KEY_UPDATE, 0, 0, KEY_UPDATE_LEN,
        t->update_requests ? UPDATE_REQUESTED : UPDATE_NOT_REQUESTED,
    };
    memcpy(out, message, sizeof message);
    if (observed(t))
        observe(t, &(struct observation){ .kind = OBSERVE_MESSAGE, .direction = SENT,
                                          .bytes = bytes_of(message, sizeof message) });
}

void key_update_sent(struct tls *t)
{
    t->request_outstanding |= t->update_requests;
    t->update_owed = t->update_requests = false;
    t->key_updates_sent++;
    traffic_secret_update(t->suite->hash, &t->write_secret);
    observe_secret(t, &t->write_secret.s, "traffic upd", NULL, bytes_of(NULL, 0));
    write_keys_install(t, &t->write_secret, "application");
}

/* A header is complete: is there an arrow for this type, and can it have this length? */
static enum alert judge_header(struct tls *t)
{
    uint32_t len = (uint32_t)t->held[1] << 16 | load_be16(t->held + 2);
    t->failed_message = handshake_type_name(t->held[0]);
    if (!machine_find(t, t->held[0]))
        return fail(t, ALERT_UNEXPECTED_MESSAGE,
                    "no transition for this message after the handshake (RFC 8446 §4.6)");
    if (t->held[0] == KEY_UPDATE && len != KEY_UPDATE_LEN)
        return fail(t, ALERT_DECODE_ERROR, "KeyUpdate: wrong length (RFC 8446 §4.6.3)");
    if (t->held[0] == NEW_SESSION_TICKET) {
        if (len < BODY_MIN || len > BODY_MAX)
            return fail(t, ALERT_DECODE_ERROR,
                        "NewSessionTicket: impossible length (RFC 8446 §4.6.1)");
        client_ticket_begin(t, len);
        t->skip = len;
        t->held_len = 0;
    }
    t->failed_message = NULL;
    return ALERT_NONE;
}

enum alert post_handshake_receive(struct tls *t, struct bytes content)
{
    struct reader r = reader_of(content);
    while (reader_more(&r)) {
        if (t->skip > 0) {
            size_t n = r.rest.len < t->skip ? r.rest.len : t->skip;
            t->skip -= (uint32_t)n;
            struct bytes piece = read_bytes(&r, n);
            TRY(client_ticket_piece(t, piece, reader_more(&r)));
            continue;
        }
        t->held[t->held_len++] = read_u8(&r);
        if (t->held_len == HEADER_LEN)
            TRY(judge_header(t));
        if (t->held_len == KEY_UPDATE_MESSAGE_LEN) {
            t->held_len = 0;
            TRY(machine_step(t, bytes_of(t->held, KEY_UPDATE_MESSAGE_LEN), reader_more(&r)));
        }
    }
    return ALERT_NONE;
}
