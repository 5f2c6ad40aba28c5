/* tls13/alert.h - the error type of this layer: the alert that RFC 8446 §6 prescribes.
 *
 * A function that can fail on the peer's account returns the alert to send. Zero means success:
 * as a wire value it is close_notify, an orderly end and not an error. Only the engine
 * sends alerts, and in one place.
 */
#ifndef SEALPOST_TLS13_ALERT_H
#define SEALPOST_TLS13_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum alert {                                 /* RFC 8446 §6, RFC 9846 §6; values as on the wire */
    ALERT_NONE                            = 0,
    ALERT_CLOSE_NOTIFY                    = 0,
    ALERT_UNEXPECTED_MESSAGE              = 10,
    ALERT_BAD_RECORD_MAC                  = 20,
    ALERT_RECORD_OVERFLOW                 = 22,
    ALERT_HANDSHAKE_FAILURE               = 40,
    ALERT_BAD_CERTIFICATE                 = 42,
    ALERT_UNSUPPORTED_CERTIFICATE         = 43,
    ALERT_CERTIFICATE_REVOKED             = 44,
    ALERT_CERTIFICATE_EXPIRED             = 45,
    ALERT_CERTIFICATE_UNKNOWN             = 46,
    ALERT_ILLEGAL_PARAMETER               = 47,
    ALERT_UNKNOWN_CA                      = 48,
    ALERT_ACCESS_DENIED                   = 49,
    ALERT_DECODE_ERROR                    = 50,
    ALERT_DECRYPT_ERROR                   = 51,
    ALERT_PROTOCOL_VERSION                = 70,
    ALERT_INSUFFICIENT_SECURITY           = 71,
    ALERT_INTERNAL_ERROR                  = 80,
    ALERT_INAPPROPRIATE_FALLBACK          = 86,
    ALERT_USER_CANCELED                   = 90,
    ALERT_MISSING_EXTENSION               = 109,
    ALERT_UNSUPPORTED_EXTENSION           = 110,
    ALERT_UNRECOGNIZED_NAME               = 112,
    ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
    ALERT_UNKNOWN_PSK_IDENTITY            = 115,
    ALERT_CERTIFICATE_REQUIRED            = 116,
    ALERT_GENERAL_ERROR                   = 117,
    ALERT_NO_APPLICATION_PROTOCOL         = 120,
};

enum { ALERT_LEVEL_WARNING = 1, ALERT_LEVEL_FATAL = 2 };

/* The RFC's name, as "bad_record_mac"; "unknown alert" for a value that has none. */
const char *alert_name(uint8_t description);

/* The one macro that may return: passes an alert up. */
#define TRY(call) do { enum alert try_ = (call); if (try_ != ALERT_NONE) return try_; } while (0)

#endif
