/* tls13/machine.h - the driver of both state machines, and what their handlers share.
 *
 * A machine is a table, a row per arrow of RFC 8446 Appendix A. A message that has no row in the
 * present state is unexpected_message. Private to tls13/.
 */
#ifndef SEALPOST_TLS13_MACHINE_H
#define SEALPOST_TLS13_MACHINE_H

#include "tls13/tls.h"

struct message {
    unsigned type;                           /* enum handshake_type; HELLO_RETRY_REQUEST its own */
    struct bytes whole;                      /* with the header */
    struct bytes body;
    uint8_t hash_before[HASH_MAX];           /* CertificateVerify, Finished: the transcript
                                                without this message */
    bool more_follows;                       /* its record goes on behind it */
    bool other_arrow;                        /* the handler takes the row's second arrow */
};

struct transition {
    enum tls_state state;
    unsigned message;
    bool (*when)(const struct tls *t);       /* NULL: always */
    enum alert (*handle)(struct tls *t, struct message *m);
    enum tls_state then;
    enum tls_state or_then;                  /* where other_arrow leads; `then` if there is none */
    bool ends_record;                        /* keys change behind it: RFC 8446 §5.1 */
};

struct machine { const struct transition *rows; size_t row_count; };
extern const struct machine client_machine, server_machine;

const char *handshake_type_name(unsigned type);

/* The type of a message with its header: its first byte, or HELLO_RETRY_REQUEST. */
unsigned handshake_message_type(struct bytes whole);

/* Guards: by what the server proves who it is. */
static inline bool using_psk(const struct tls *t)
{
    return t->resumed || t->imported_psk;
}

static inline bool using_certificate(const struct tls *t)
{
    return !using_psk(t);
}

/* Is there an arrow for this message in this state? */
const struct transition *machine_find(const struct tls *t, unsigned message);

/* One complete message: transcript, handler, state. `more_follows`: its record goes on. */
enum alert machine_step(struct tls *t, struct bytes whole, bool more_follows);

/* unexpected_message if the record goes on. The driver asks it of the rows that say so; a handler
 * may ask it by itself, to judge something else before. */
enum alert message_ends_record(struct tls *t, const struct message *m);

void set_state(struct tls *t, enum tls_state state);

/* Records why, and returns the alert: `return fail(t, ALERT_X, "field: rule (RFC ...)")`. */
enum alert fail(struct tls *t, enum alert alert, const char *reason);

/* The same for a decoder's fault. */
enum alert fail_fault(struct tls *t, enum alert alert, const struct fault *fault);

/* ---- our flight ---- */

/* Begins a handshake message in the flight; write its body to the writer that is returned. */
struct outgoing { struct writer *w; size_t start; size_t length_mark; };
struct outgoing message_begin(struct tls *t, enum handshake_type type);

/* Ends it: header, editor, transcript (if that has started), observers. internal_error if it did
 * not fit into the lent buffer. */
enum alert message_end(struct tls *t, struct outgoing m);

enum alert flight_add(struct tls *t, enum step_kind kind);
bool flight_sent(const struct tls_handshake *h);

/* A change_cipher_spec before our first protected bytes, once (§D.4). */
enum alert flight_change_cipher_spec(struct tls *t);

/* ---- keys ---- */

/* From the (EC)DHE result to both handshake traffic secrets and the master secret; wipes
 * `shared`. The transcript holds ClientHello..ServerHello. */
void make_handshake_secrets(struct tls *t, uint8_t *shared, size_t shared_len);

/* The handshake is to go on by this PSK: RFC 8446 §4.2.11. Its early secret is copied. */
void use_psk(struct tls *t, const struct psk *psk);

/* Both application traffic secrets and the exporter's; the transcript ends in the server's
 * Finished. */
void make_application_secrets(struct tls *t);

/* resumption_master_secret (§7.1); the transcript ends in the client's Finished. */
void make_resumption_secret(struct tls *t, struct secret *out);

void read_keys_install(struct tls *t, const struct traffic_secret *secret, const char *epoch);
void write_keys_install(struct tls *t, const struct traffic_secret *secret, const char *epoch);

/* The only way into CONNECTED; internal_error if a proof is missing. */
enum alert become_connected(struct tls *t);

/* ---- observers ---- */

static inline bool observed(const struct tls *t)
{
    return t->config->s.observer_count > 0;
}
void observe(const struct tls *t, const struct observation *what);
void observe_secret(const struct tls *t, const struct secret *secret, const char *label,
                    const char *key_log_label, struct bytes transcript_hash);
void observe_psk_secrets(const struct tls *t, const struct psk *psk);

#endif
