/* tls13/send.c - bytes for the network: our flight, KeyUpdates, alerts, application data.
 *
 * Implements  RFC 8446 §5.1, §5.2 (fragments), §5.4 (padding), §5.5 (key usage limits), §6 (the one
 *             place that sends alerts), §D.4 (change_cipher_spec).
 */
#include "tls13/machine.h"
#include "tls13/post_handshake.h"
#include "tls13/receive.h"
#include "tls13/record_size.h"

#include "crypto/wipe.h"

enum { CHANGE_CIPHER_SPEC_RECORD = 6 };

/* §6.1: nothing follows our close_notify, not even a handshake that was going on. */
static bool flight_owed(const struct tls *t)
{
    return t->handshake && !flight_sent(t->handshake) && !t->write_closed;
}

bool tls_has_output(const struct tls *t)
{
    if (t->failed)
        return t->alert_owed;
    return flight_owed(t) || t->update_owed || t->close_owed;
}

static void observe_sent(const struct tls *t, struct bytes record, uint8_t type,
                         size_t content_len, bool protected)
{
    if (observed(t))
        observe(t, &(struct observation){
            .kind = OBSERVE_RECORD, .direction = SENT, .bytes = record, .content_type = type,
            .content_len = content_len, .protected = protected,
            .sequence = protected ? t->write.sequence - 1 : 0 });
}

/* One record in the present epoch, in room for `cap`. `version` matters in the clear only. */
static size_t write_record(struct tls *t, uint8_t *out, size_t cap, uint8_t type,
                           uint16_t version, struct bytes content)
{
    bool protected = t->write.aead != NULL;
    size_t room = cap - TLS_RECORD_OVERHEAD - content.len;
    size_t n = protected ? record_seal(&t->write, out, type, content,
                                       record_padding(t, content.len, room))
                         : record_write_plaintext(out, type, version, content);
    observe_sent(t, bytes_of(out, n), type, content.len, protected);
    return n;
}

static size_t write_alert(struct tls *t, uint8_t *out, size_t cap, uint8_t level,
                          uint8_t description)
{
    const uint8_t alert[] = { level, description };
    return write_record(t, out, cap, ALERT, VERSION_TLS12, bytes_of(alert, sizeof alert));
}

/* As much of our messages as fits into one record. §5.1: a first ClientHello may say 0x0301. */
static size_t write_messages(struct tls *t, const struct flight_step *step, uint8_t *out,
                             size_t cap)
{
    struct flight *f = &t->handshake->flight;
    size_t room = cap - TLS_RECORD_OVERHEAD;
    size_t n = step->end - f->sent;
    if (n > room)
        n = room;
    if (n > record_content_max(t))
        n = record_content_max(t);
    uint16_t version = t->state == WAIT_SH && !t->hello_retry ? VERSION_TLS10 : VERSION_TLS12;
    struct bytes piece = bytes_of(f->messages.at + f->sent, n);
    f->sent += n;
    return n == 0 ? 0 : write_record(t, out, cap, HANDSHAKE, version, piece);
}

/* §D.4: one byte, never protected. */
static size_t write_change_cipher_spec(struct tls *t, uint8_t *out)
{
    size_t n = record_write_plaintext(out, CHANGE_CIPHER_SPEC, VERSION_TLS12, bytes_of("\1", 1));
    observe_sent(t, bytes_of(out, n), CHANGE_CIPHER_SPEC, 1, false);
    return n;
}

static void install_application_keys(struct tls *t)
{
    const struct tls_handshake *h = t->handshake;
    write_keys_install(t, t->config->is_server ? &h->server_application : &h->client_application,
                       "application");
}

/* Does one step; true if there is nothing left of it. */
static bool do_step(struct tls *t, const struct flight_step *step, uint8_t *out, size_t cap,
                    size_t *written)
{
    struct flight *f = &t->handshake->flight;
    switch (step->kind) {
    case STEP_MESSAGES:
        *written = write_messages(t, step, out, cap);
        return f->sent == step->end;
    case STEP_CHANGE_CIPHER_SPEC:
        *written = write_change_cipher_spec(t, out);
        return true;
    case STEP_HANDSHAKE_KEYS:
        write_keys_install(t, &t->handshake->server_secret, "handshake");
        return true;
    case STEP_APPLICATION_KEYS:
        install_application_keys(t);
        return true;
    }
    return true;
}

static bool changes_keys(const struct flight_step *step)
{
    return step->kind == STEP_HANDSHAKE_KEYS || step->kind == STEP_APPLICATION_KEYS;
}

/* Does the flight's next step, and changes keys with it if they change behind it: an alert that
 * has to follow is then under the keys that the peer expects. There is room for TLS_OUTPUT_MIN. */
static size_t flight_step(struct tls *t, uint8_t *out, size_t cap)
{
    struct flight *f = &t->handshake->flight;
    size_t n = 0;
    while (f->count > 0 && (n == 0 || changes_keys(&f->step[f->first]))) {
        if (!do_step(t, &f->step[f->first], out, cap, &n))
            return n;
        f->first++;
        f->count--;
    }
    return n;
}

/* §4.6.3: under the old key, which it is the end of. */
static size_t write_key_update(struct tls *t, uint8_t *out, size_t cap)
{
    uint8_t message[KEY_UPDATE_MESSAGE_LEN];
    key_update_encode(t, message);
    size_t n = write_record(t, out, cap, HANDSHAKE, VERSION_TLS12,
                            bytes_of(message, sizeof message));
    key_update_sent(t);
    return n;
}

/* The next thing that is owed; 0 bytes if that step writes none. */
static size_t write_next(struct tls *t, uint8_t *out, size_t cap)
{
    if (flight_owed(t))
        return flight_step(t, out, cap);
    if (t->update_owed)
        return write_key_update(t, out, cap);
    t->close_owed = false;
    t->write_closed = true;
    return write_alert(t, out, cap, ALERT_LEVEL_WARNING, ALERT_CLOSE_NOTIFY);
}

/* §6.2: one fatal alert, and then nothing more. */
static size_t write_fatal_alert(struct tls *t, uint8_t *out, size_t cap)
{
    size_t n = 0;
    if (t->change_cipher_spec_owed)
        n = write_change_cipher_spec(t, out);
    if (t->alert_owed)
        n += write_alert(t, out + n, cap - n, ALERT_LEVEL_FATAL, (uint8_t)t->alert);
    t->alert_owed = t->change_cipher_spec_owed = false;
    wipe(&t->write, sizeof t->write);
    return n;
}

size_t tls_output(struct tls *t, uint8_t *out, size_t cap)
{
    size_t n = 0;
    if (cap < TLS_OUTPUT_MIN)
        return 0;
    if (t->failed)
        return write_fatal_alert(t, out, cap);
    while (tls_has_output(t) && cap - n >= TLS_OUTPUT_MIN)
        n += write_next(t, out + n, cap - n);
    if (t->state == CONNECTED && !flight_owed(t))
        tls_drop_handshake(t);
    return n;
}

/* §5.5: a KeyUpdate is owed when the key has one record left, which is that KeyUpdate. It is owed
 * as soon as that is so, and not when the next data comes: tls_has_output has to tell of it
 * before the caller puts that data where the KeyUpdate would go. */
static void update_before_limit(struct tls *t)
{
    uint64_t limit = t->config->s.limits.records_per_key;
    if (limit == 0 || limit > t->suite->aead->record_limit)
        limit = t->suite->aead->record_limit;
    if (t->write.sequence < limit - 1)
        return;
    if (key_update_allowed(t))
        t->update_owed = true;
    else
        tls_close(t);                                    /* RFC 9846 §5.5: or the end */
}

size_t tls_seal_max(const struct tls *t)
{
    return t->write_limit - 1u;
}

size_t tls_seal(struct tls *t, uint8_t *out, size_t cap, struct bytes plaintext, size_t *taken)
{
    *taken = 0;
    if (t->failed || t->state != CONNECTED || t->close_owed || t->write_closed)
        return 0;
    size_t n = 0;
    if (tls_has_output(t))
        n = tls_output(t, out, cap);
    if (tls_has_output(t) || cap - n <= TLS_RECORD_OVERHEAD || plaintext.len == 0)
        return n;
    size_t take = cap - n - TLS_RECORD_OVERHEAD;
    if (take > plaintext.len)
        take = plaintext.len;
    if (take > record_content_max(t))
        take = record_content_max(t);
    *taken = take;
    n += write_record(t, out + n, cap - n, APPLICATION_DATA, VERSION_TLS12,
                      bytes_of(plaintext.at, take));
    update_before_limit(t);
    return n;
}

void tls_close(struct tls *t)
{
    if (!t->failed && !t->write_closed)
        t->close_owed = true;
}

bool tls_update_keys(struct tls *t, bool request)
{
    if (t->failed || t->state != CONNECTED || t->close_owed || t->write_closed
        || !key_update_allowed(t))
        return false;
    t->update_owed = true;
    if (request && !t->request_outstanding)
        t->update_requests = true;
    return true;
}
