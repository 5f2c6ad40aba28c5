/* tls13/observer.h - sees everything, changes nothing.
 *
 * The trace, the key log and the connection log are observers. An endpoint takes a list of them;
 * with none, nothing is computed for them. Views are valid during the call only.
 */
#ifndef SEALPOST_TLS13_OBSERVER_H
#define SEALPOST_TLS13_OBSERVER_H

#include "crypto/bytes.h"
#include "crypto/hash.h"
#include "tls13/alert.h"

enum observation_kind {
    OBSERVE_RECORD,        /* a record was sent, or was received and opened */
    OBSERVE_MESSAGE,       /* a handshake message, with its 4-byte header, in the clear */
    OBSERVE_SECRET,        /* a secret was derived */
    OBSERVE_STATE,         /* the state machine moved */
    OBSERVE_ALERT,         /* an alert was sent or received */
    OBSERVE_KEYS,          /* new traffic keys are in use for one direction */
};

enum direction { RECEIVED, SENT };

struct observation {
    enum observation_kind kind;
    enum direction direction;        /* RECORD, MESSAGE, ALERT, KEYS */
    struct bytes bytes;              /* RECORD: header and fragment, as on the wire, but a protected
                                        one that was received is open by now: header, then content;
                                        MESSAGE; SECRET: the secret itself */
    uint8_t content_type;            /* RECORD: the inner type once opened */
    bool protected;                  /* RECORD: was encrypted */
    size_t content_len;              /* RECORD: bytes of content, without type and padding */
    uint64_t sequence;               /* RECORD: sequence number under its key */
    const char *label;               /* SECRET: RFC 8446 §7.1's: "c hs traffic"; STATE: the new state;
                                        KEYS: the epoch, "handshake" or "application" */
    struct bytes transcript_hash;    /* SECRET: the context that went in; empty if none */
    struct bytes client_random;      /* SECRET: 32 bytes, names the connection in a key log */
    const char *key_log_label;       /* SECRET: RFC 9850's name if it has one, else NULL */
    uint8_t alert;                   /* ALERT: the description */
    const char *reason;              /* ALERT: why, in words; "" if the peer sent it */
};

struct observer {
    void (*see)(void *context, const struct observation *what);
    void *context;
};

#endif
