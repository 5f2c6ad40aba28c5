/* tls13/hello.h - ClientHello, ServerHello and HelloRetryRequest: decode and encode
 * (RFC 8446 §4.1), with the bodies of the extensions that negotiate (§4.2.1 to §4.2.8).
 *
 * Decoding fills structs with views into the message and checks syntax; judging what they say is
 * for client.c, server.c and negotiate.c. Encoding writes bodies; the caller adds the
 * handshake header.
 */
#ifndef SEALPOST_TLS13_HELLO_H
#define SEALPOST_TLS13_HELLO_H

#include "tls13/codepoints.h"
#include "tls13/extensions.h"
#include "tls13/psk.h"
#include "tls13/suite.h"

enum { HELLO_RANDOM_LEN = 32, SESSION_ID_MAX = 32 };
enum { CLIENT_SHARES_MAX = 2 };              /* that we send */

struct client_hello {
    uint16_t legacy_version;
    struct bytes random, legacy_session_id, cipher_suites, legacy_compression_methods;
    struct extensions extensions;
};

struct server_hello {
    uint16_t legacy_version;
    struct bytes random, legacy_session_id_echo;
    uint16_t cipher_suite;
    uint8_t legacy_compression_method;
    struct bytes extension_block;            /* what may stand in it depends on is_retry */
    bool is_retry;                           /* the random is that of §4.1.3 */
};

struct key_share_entry { uint16_t group; struct bytes key_exchange; };

/* `body` is a handshake message without its header. */
enum alert client_hello_decode(struct client_hello *out, struct fault *fault, struct bytes body);
enum alert server_hello_decode(struct server_hello *out, struct fault *fault, struct bytes body);

/* A list of 16-bit code points (cipher_suites, supported_groups, signature_algorithms,
 * supported_versions) holds this one. `list` is the inside of the vector. */
bool list_has_u16(struct bytes list, uint16_t code_point);

/* Bodies of ClientHello extensions: the inside of their one vector. decode_error if the vector is
 * malformed, shorter than the RFC allows, of odd length, or not the whole body. */
enum alert decode_u16_list(struct bytes *out, struct fault *fault, struct bytes body);
enum alert decode_supported_versions(struct bytes *out, struct fault *fault, struct bytes body);
enum alert decode_key_shares(struct bytes *out, struct fault *fault, struct bytes body);
enum alert decode_server_name(struct bytes *out, struct fault *fault, struct bytes body);
enum alert decode_alpn(struct bytes *out, struct fault *fault, struct bytes body);
enum alert decode_cookie(struct bytes *out, struct fault *fault, struct bytes body);
enum alert decode_certificate_authorities(struct bytes *out, struct fault *fault,
                                          struct bytes body);

/* Bodies of ServerHello and HelloRetryRequest extensions. */
enum alert decode_selected_u16(uint16_t *out, struct fault *fault, struct bytes body);
enum alert decode_key_share_entry(struct key_share_entry *out, struct fault *fault,
                                  struct bytes body);

/* The next entry of a KeyShareClientHello's list. */
struct key_share_entry read_key_share(struct reader *r);

/* What a client offers; writes a whole ClientHello body. */
struct client_offer {
    struct bytes random, session_id;
    const struct algorithms *algorithms;
    struct bytes server_name;                /* empty: no server_name extension */
    const struct bytes *alpn;
    size_t alpn_count;
    struct key_share_entry shares[CLIENT_SHARES_MAX];
    size_t share_count;
    struct bytes cookie;                     /* of the HelloRetryRequest; empty: none */
    bool no_certificate;                     /* no signature_algorithms: only a PSK will do */
    bool psk_modes;                          /* psk_dhe_ke, for PSKs and to be given tickets */
    const struct psk *psks;
    size_t psk_count;
    uint16_t record_size_limit;
    bool grease, grease_share;               /* RFC 8701: values that nobody knows, everywhere */
    bool request_status;
    struct bytes certificate_types;          /* extensions that are encoded already */
};
void client_hello_encode(struct writer *w, const struct client_offer *offer);

/* RFC 8701: a value that nobody knows, for one of the places where there may be one: those of a
 * ClientHello, then those of a CertificateRequest and a NewSessionTicket. */
enum grease_place { GREASE_SUITE, GREASE_GROUP, GREASE_SCHEME, GREASE_VERSION, GREASE_PROTOCOL,
                    GREASE_FIRST_EXTENSION, GREASE_LAST_EXTENSION,
                    GREASE_REQUEST_SCHEME, GREASE_REQUEST_EXTENSION, GREASE_TICKET_EXTENSION };
uint16_t grease_code_point(const uint8_t random[HELLO_RANDOM_LEN], enum grease_place place);

/* The whole of any extension. */
void write_extension(struct writer *w, uint16_t type, struct bytes body);

/* The whole supported_groups extension; EncryptedExtensions may have it too. */
void write_supported_groups(struct writer *w, const struct algorithms *a, uint16_t grease);

/* The whole signature_algorithms extension, and signature_algorithms_cert if that differs;
 * CertificateRequest has them too. */
void write_signature_algorithms(struct writer *w, const struct algorithms *a, uint16_t grease);

/* ServerHello, or HelloRetryRequest when `is_retry`: then `share` names only the group. */
struct server_answer {
    struct bytes random, session_id_echo;
    uint16_t cipher_suite;
    bool is_retry;
    struct key_share_entry share;            /* of a retry only the group; 0: none is asked for */
    struct bytes cookie;                     /* of a retry; empty: none */
    bool psk;                                /* one was chosen: */
    uint16_t selected_identity;
};
void server_hello_encode(struct writer *w, const struct server_answer *answer);

/* RFC 8449 §4: the whole extension, for ClientHello and EncryptedExtensions. */
void write_record_size_limit(struct writer *w, uint16_t limit);

/* §4.1.3: the random of a HelloRetryRequest, SHA-256("HelloRetryRequest"). */
extern const uint8_t hello_retry_random[HELLO_RANDOM_LEN];

/* §4.1.3: does the random end in one of the two downgrade sentinels? */
bool random_has_downgrade_sentinel(struct bytes random);

#endif
