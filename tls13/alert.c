/* tls13/alert.c - the names of the alerts.
 *
 * Implements  RFC 8446 §6 and RFC 9846 §6: AlertDescription, spelled as there.
 */
#include "tls13/alert.h"

#include "crypto/bytes.h"

static const struct { enum alert alert; const char *name; } alerts[] = {
    { ALERT_CLOSE_NOTIFY,                    "close_notify" },
    { ALERT_UNEXPECTED_MESSAGE,              "unexpected_message" },
    { ALERT_BAD_RECORD_MAC,                  "bad_record_mac" },
    { ALERT_RECORD_OVERFLOW,                 "record_overflow" },
    { ALERT_HANDSHAKE_FAILURE,               "handshake_failure" },
    { ALERT_BAD_CERTIFICATE,                 "bad_certificate" },
    { ALERT_UNSUPPORTED_CERTIFICATE,         "unsupported_certificate" },
    { ALERT_CERTIFICATE_REVOKED,             "certificate_revoked" },
    { ALERT_CERTIFICATE_EXPIRED,             "certificate_expired" },
    { ALERT_CERTIFICATE_UNKNOWN,             "certificate_unknown" },
    { ALERT_ILLEGAL_PARAMETER,               "illegal_parameter" },
    { ALERT_UNKNOWN_CA,                      "unknown_ca" },
    { ALERT_ACCESS_DENIED,                   "access_denied" },
    { ALERT_DECODE_ERROR,                    "decode_error" },
    { ALERT_DECRYPT_ERROR,                   "decrypt_error" },
    { ALERT_PROTOCOL_VERSION,                "protocol_version" },
    { ALERT_INSUFFICIENT_SECURITY,           "insufficient_security" },
    { ALERT_INTERNAL_ERROR,                  "internal_error" },
    { ALERT_INAPPROPRIATE_FALLBACK,          "inappropriate_fallback" },
    { ALERT_USER_CANCELED,                   "user_canceled" },
    { ALERT_MISSING_EXTENSION,               "missing_extension" },
    { ALERT_UNSUPPORTED_EXTENSION,           "unsupported_extension" },
    { ALERT_UNRECOGNIZED_NAME,               "unrecognized_name" },
    { ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "bad_certificate_status_response" },
    { ALERT_UNKNOWN_PSK_IDENTITY,            "unknown_psk_identity" },
    { ALERT_CERTIFICATE_REQUIRED,            "certificate_required" },
    { ALERT_GENERAL_ERROR,                   "general_error" },
    { ALERT_NO_APPLICATION_PROTOCOL,         "no_application_protocol" },
};

const char *alert_name(uint8_t description)
{
    for (size_t i = 0; i < COUNT(alerts); i++)
        if (alerts[i].alert == (enum alert)description)
            return alerts[i].name;
    return "unknown alert";
}
