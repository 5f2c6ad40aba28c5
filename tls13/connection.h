/* tls13/connection.h - what a connection is made of. Complete so that a caller can place one; the
 * fields are private to tls13/. Included by tls.h.
 */
#ifndef SEALPOST_TLS13_CONNECTION_H
#define SEALPOST_TLS13_CONNECTION_H

#include "tls13/hello.h"
#include "tls13/key_schedule.h"
#include "tls13/psk.h"
#include "tls13/record.h"
#include "tls13/ticket.h"
#include "tls13/transcript.h"
#include "tls13/x509/verify.h"

struct tls_config;
struct tls_session;

/* RFC 8446 Appendix A. Client states, then server states, then those of both. In WAIT_SIGNATURE,
 * the client's, and NEGOTIATED, the server's, our own signature is being made. */
enum tls_state {
    WAIT_SH, WAIT_EE, WAIT_CERT_CR, WAIT_SIGNATURE,
    WAIT_CH, WAIT_SECOND_CH, NEGOTIATED,
    WAIT_CERT, WAIT_CV, WAIT_FINISHED, CONNECTED, CLOSED,
    TLS_STATE_COUNT,
};

/* Our flight is a buffer of messages and this list of what to do with them, in order. */
enum step_kind { STEP_MESSAGES, STEP_CHANGE_CIPHER_SPEC, STEP_HANDSHAKE_KEYS, STEP_APPLICATION_KEYS };
struct flight_step { enum step_kind kind; size_t end; };     /* MESSAGES: up to this offset */
enum { FLIGHT_STEPS_MAX = 8 };

struct flight {
    struct writer messages;                  /* handshake messages, back to back */
    size_t sent;                             /* bytes of them that are out */
    struct flight_step step[FLIGHT_STEPS_MAX];
    size_t first, count;                     /* steps still to do */
};

/* What must have been verified before application data may flow; see become_connected. */
struct proofs { bool psk, certificate_chain, certificate_verify, finished; };

enum { PEER_IDENTITY_LEN = CLIENT_IDENTITY_LEN };            /* SHA-256 */
enum { PEER_KEY_MAX = 1024 + 8 };            /* an RSA-8192 modulus and its exponent */

/* A key pair of ours, the public half as it was sent. */
struct client_share {
    const struct named_group *group;
    uint8_t private_key[GROUP_PRIVATE_MAX];
    uint8_t key_exchange[GROUP_ENCAPSULATION_KEY_MAX];
};

/* The memory that only a handshake needs. */
struct tls_handshake {
    struct transcript transcript;
    struct flight flight;
    struct writer incoming;                  /* a message that is not complete yet */
    struct proofs proofs;
    struct early_secret early;               /* of the PSK in use */
    struct handshake_secret handshake_secret;
    struct master_secret master_secret;
    struct traffic_secret client_secret, server_secret;          /* of the handshake */
    struct traffic_secret client_application, server_application;
    uint8_t client_random[HELLO_RANDOM_LEN];
    uint8_t session_id[SESSION_ID_MAX];
    uint8_t session_id_len;
    uint32_t change_cipher_specs;            /* received */
    bool sent_change_cipher_spec;
    bool hello_retry;                        /* one was sent or received */
    uint16_t retry_suite;
    /* authentication */
    const struct tls_credential *credential; /* ours; a client's may be NULL */
    bool certificate_requested;              /* of the client, by a CertificateRequest */
    bool status_requested;                   /* of us: an OCSP response with our certificate */
    enum certificate_type own_type, peer_type;
    uint32_t types_offered;                  /* server: which of the two extensions came */
    uint8_t peer_key_bytes[PEER_KEY_MAX];
    struct public_key peer_key;
    uint8_t peer_identity[PEER_IDENTITY_LEN];            /* the connection's, with all proofs */
    /* client */
    struct client_share share[CLIENT_SHARES_MAX];                /* of our last ClientHello */
    size_t share_count;
    bool grease_share;                       /* one more, of a group that nobody knows */
    size_t hello_len;                        /* of ClientHello1, in flight.messages */
    uint32_t offered;                        /* extensions in our last ClientHello */
    struct psk psk[PSK_OFFER_MAX];           /* what we offer, a session first */
    size_t psk_count;
    struct tls_session *session;             /* lent: holds the ticket; wiped when it is out */
    int64_t session_received, session_until;
    uint32_t session_age_add;
    struct bytes session_peer;               /* its peer_identity; in the session */
    uint16_t longest_fragment;               /* of the protected records so far */
    /* server */
    uint8_t first_hello_digest[HASH_MAX];    /* of what a second ClientHello must repeat */
    uint16_t retry_group;                    /* what a retry has asked for; 0: no share */
    struct bytes cookie_context;             /* lent; see tls_bind_cookie */
    size_t first_hello_psks;                 /* a second ClientHello has no more of them, */
    bool first_hello_psk_fits;               /* and one, if one was good for something */
    bool psk_dhe_ke;                         /* the client takes PSKs in the way that we do */
    uint16_t selected_identity;
    uint16_t client_record_limit;            /* 0: it named none */
    bool skips_early_data;                   /* rejected: what does not open is passed over, */
    uint32_t early_data_left;                /* up to so many bytes */
};

enum { SERVER_NAME_MAX = 253 };              /* RFC 1035 §2.3.4, as text */
enum { KEY_UPDATE_MESSAGE_LEN = 5 };         /* a header, and its body of one byte */

struct tls {
    const struct tls_config *config;
    struct tls_handshake *handshake;         /* lent; NULL once it is over */
    enum tls_state state;

    struct record_keys read, write;
    uint16_t read_limit, write_limit;        /* of protected records, as in record_size.h */
    struct traffic_secret read_secret, write_secret;             /* application; for KeyUpdate */
    struct secret exporter_secret;
    struct secret resumption_secret;         /* client that keeps tickets */

    const struct cipher_suite *suite;
    const struct named_group *group;
    const struct signature_scheme *scheme, *client_scheme;       /* of each CertificateVerify */
    struct bytes alpn;                       /* a view into the configuration */
    bool hello_retry;
    bool resumed;
    const struct imported_psk *imported_psk; /* in the configuration; NULL: not by one */
    int64_t authenticated_until;             /* what comes of this connection is no good after */
    uint8_t server_name[SERVER_NAME_MAX];    /* server: whom the client asked for */
    uint8_t server_name_len;
    uint8_t peer_identity[PEER_IDENTITY_LEN];            /* see tls_facts; zeros: none proved */

    /* post-handshake messages, which may come in pieces */
    uint8_t held[KEY_UPDATE_MESSAGE_LEN];
    uint8_t held_len;
    uint32_t skip;                           /* bytes of a NewSessionTicket still to come */
    uint16_t ticket_len;                     /* ... that have come and are kept; 0: passed over */
    uint8_t keep_count, keep_next;
    struct tls_session *keep;                /* client: where tickets go */
    bool ticket_came;

    uint32_t key_updates_in_a_row, empty_records_in_a_row, user_canceled_in_a_row;
    uint64_t key_updates_sent;
    bool update_owed;                        /* we have to send a KeyUpdate */
    bool update_requests;                    /* ... which asks for one in return */
    bool request_outstanding;                /* we asked and the peer has not yet updated */

    bool close_owed, write_closed;           /* our close_notify */
    bool peer_closed;                        /* the peer's */
    bool alert_owed;                         /* failure.alert has to go out */
    bool change_cipher_spec_owed;            /* ... and before it this */

    enum alert alert;                        /* failure */
    bool failed, alert_received;
    const char *reason, *failed_message;
    const uint8_t *fault_at;                 /* where decoding stopped, during a step */
    size_t fault_offset;
    char text[X509_REASON_MAX];              /* the verdict's sentence; else names: see peer_names */
    bool status_good;
};

/* What an idle connection costs; the promise of docs/architecture.md. */
_Static_assert(sizeof(struct tls) <= 2048, "an idle connection is at most 2 KiB");

#endif
