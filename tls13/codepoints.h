/* tls13/codepoints.h - the IANA numbers of TLS 1.3 by their RFC 8446 names. */
#ifndef SEALPOST_TLS13_CODEPOINTS_H
#define SEALPOST_TLS13_CODEPOINTS_H

enum protocol_version {                      /* RFC 8446 §4.2.1, §5.1 */
    VERSION_TLS10 = 0x0301,                  /* legacy_record_version of a first ClientHello */
    VERSION_TLS12 = 0x0303,                  /* legacy_version everywhere else */
    VERSION_TLS13 = 0x0304,
};

enum content_type {                          /* RFC 8446 §5.1 */
    CHANGE_CIPHER_SPEC = 20,
    ALERT              = 21,
    HANDSHAKE          = 22,
    APPLICATION_DATA   = 23,
};

enum handshake_type {                        /* RFC 8446 §4 */
    CLIENT_HELLO         = 1,
    SERVER_HELLO         = 2,
    NEW_SESSION_TICKET   = 4,
    END_OF_EARLY_DATA    = 5,
    ENCRYPTED_EXTENSIONS = 8,
    CERTIFICATE          = 11,
    CERTIFICATE_REQUEST  = 13,
    CERTIFICATE_VERIFY   = 15,
    FINISHED             = 20,
    KEY_UPDATE           = 24,
    MESSAGE_HASH         = 254,              /* never on the wire: §4.4.1 */
    HELLO_RETRY_REQUEST  = 256,              /* on the wire a ServerHello with a special random */
};

enum extension_type {                        /* RFC 8446 §4.2, RFC 8449 */
    EXT_SERVER_NAME               = 0,
    EXT_MAX_FRAGMENT_LENGTH       = 1,
    EXT_STATUS_REQUEST            = 5,
    EXT_SUPPORTED_GROUPS          = 10,
    EXT_SIGNATURE_ALGORITHMS      = 13,
    EXT_USE_SRTP                  = 14,
    EXT_HEARTBEAT                 = 15,
    EXT_ALPN                      = 16,
    EXT_SIGNED_CERTIFICATE_TIMESTAMP = 18,
    EXT_CLIENT_CERTIFICATE_TYPE   = 19,
    EXT_SERVER_CERTIFICATE_TYPE   = 20,
    EXT_PADDING                   = 21,
    EXT_RECORD_SIZE_LIMIT         = 28,
    EXT_PRE_SHARED_KEY            = 41,
    EXT_EARLY_DATA                = 42,
    EXT_SUPPORTED_VERSIONS        = 43,
    EXT_COOKIE                    = 44,
    EXT_PSK_KEY_EXCHANGE_MODES    = 45,
    EXT_CERTIFICATE_AUTHORITIES   = 47,
    EXT_OID_FILTERS               = 48,
    EXT_POST_HANDSHAKE_AUTH       = 49,
    EXT_SIGNATURE_ALGORITHMS_CERT = 50,
    EXT_KEY_SHARE                 = 51,
};

enum certificate_type {                      /* RFC 7250 §7 */
    CERTIFICATE_X509           = 0,
    CERTIFICATE_RAW_PUBLIC_KEY = 2,
};

#endif
