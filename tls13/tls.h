/* tls13/tls.h - a TLS 1.3 connection (RFC 8446): bytes in, bytes out.
 *
 * The engine allocates nothing, does no I/O, reads no clock and draws no randomness by itself.
 * The caller owns everything: the connection (struct tls), the memory that the handshake needs
 * until it is over (struct tls_handshake and two buffers), and every buffer that records are
 * received in or written to. An idle connection is its struct tls and nothing else.
 *
 *     tls_config_client / tls_config_server      check the settings; an unsafe set does not build
 *     tls_start                                  begin; a client then has output
 *     tls_output                                 bytes for the network, until it returns 0
 *     tls_receive                                bytes from the network: one record, one event
 *     tls_seal                                   application data -> records
 *     tls_close, tls_receive_end                 the two sides of an orderly end
 *     tls_abort                                  an end for the caller's own reason
 *
 * A fatal error is an alert to send, a reason in words, and the message and offset where it was
 * noticed (tls_failure). After it nothing but that alert comes out, and the secrets are wiped.
 */
#ifndef SEALPOST_TLS13_TLS_H
#define SEALPOST_TLS13_TLS_H

#include "crypto/random.h"
#include "tls13/alert.h"
#include "tls13/cookie.h"
#include "tls13/observer.h"
#include "tls13/psk_importer.h"
#include "tls13/suite.h"
#include "tls13/ticket.h"
#include "tls13/x509/verify.h"

enum {
    TLS_RECORD_HEADER   = 5,
    TLS_PLAINTEXT_MAX   = 16384,                   /* 2^14, RFC 8446 §5.1 */
    TLS_RECORD_MAX      = 5 + 16384 + 256,         /* a whole protected record, §5.2 */
    TLS_RECORD_OVERHEAD = 5 + 1 + 16,              /* header, inner type, tag */
    TLS_OUTPUT_MIN      = 64,                      /* least room that tls_output asks for */
    TLS_INCOMING_LEN    = 16384,                   /* default sizes of the lent buffers */
    TLS_OUTGOING_LEN    = 16384,
};

/* ---- keys ---- */

enum sign_result { SIGN_DONE, SIGN_LATER, SIGN_FAILED };

/* A private key is a function: it may live in another process. `content` is what RFC 8446 §4.4.3
 * has signed. SIGN_LATER: the caller gives the signature to tls_signature when it has it. */
struct tls_signer {
    enum sign_result (*sign)(void *context, const struct signature_scheme *scheme,
                             struct bytes content, uint8_t signature[SIGNATURE_MAX],
                             size_t *signature_len);
    void *context;
};

struct tls_credential {
    const struct bytes *chain;                     /* DER, leaf first */
    size_t chain_count;                            /* 0: only a raw public key */
    struct bytes public_key;                       /* SubjectPublicKeyInfo, DER: shown bare to who
                                                      takes it so (RFC 7250); empty: not */
    struct bytes ocsp_response;                    /* stapled for who asks; empty: none */
    bool for_any_authority;                        /* a client's: shown even to a server that names
                                                      authorities, none of which has issued it */
    const struct signature_scheme *const *schemes; /* what the key can sign with, best first */
    size_t scheme_count;
    struct tls_signer signer;
};

/* A caller that judges the peer's chain by itself, as for DANE or for trust on first use. ALERT_NONE
 * believes it; else this is the alert to send, and *reason, which outlives the connection, says why.
 * The chain is as it came: not even its leaf need be a certificate, which is looked at afterwards.
 * An empty chain: a session is resumed, whose chain was judged when it began. That the peer has the
 * key of the leaf, and that the leaf may sign, is checked in any case. */
struct tls_verifier {
    enum alert (*verify)(void *context, const struct bytes *chain, size_t chain_count,
                         const char **reason);
    void *context;
};

/* ---- settings ---- */

/* Numbers that bound what a peer can make us do; 0 means the default in brackets. */
struct tls_limits {
    uint32_t key_updates_in_a_row;     /* received without application data between [32] */
    uint32_t empty_records_in_a_row;   /* [32] */
    uint32_t user_canceled_in_a_row;   /* alerts [4] */
    uint32_t change_cipher_specs;      /* [4] */
    uint64_t records_per_key;          /* sent; then KeyUpdate by itself [the AEAD's] */
    uint32_t early_data_skipped;       /* payload that a server passes over [16384 bytes] */
};

/* Rewrites a handshake message that is about to be hashed and sent: `message` holds `len` bytes in
 * room for `cap`; returns the new length, 0 to drop it. For tests and teaching: it breaks
 * handshakes on purpose, with a transcript that agrees. */
struct tls_editor {
    size_t (*edit)(void *context, uint8_t *message, size_t len, size_t cap);
    void *context;
};

/* Whether a server asks its clients for a certificate (RFC 8446 §4.3.2). One that comes must be
 * believed, even an optional one. */
enum tls_client_certificate {
    CLIENT_CERTIFICATE_NOT_ASKED,
    CLIENT_CERTIFICATE_OPTIONAL,
    CLIENT_CERTIFICATE_REQUIRED,           /* certificate_required without one */
};

/* What a peer may show of itself (RFC 7250). A bare key is believed if it is pinned, and then there
 * can be no anchors. */
enum tls_peer_certificates { PEER_X509, PEER_RAW_PUBLIC_KEY, PEER_RAW_PUBLIC_KEY_OR_X509 };

struct tls_settings {
    const struct algorithms *algorithms;           /* NULL: algorithms_default */
    const struct random_source *random;            /* NULL: random_system */
    int64_t (*now)(void *context);                 /* seconds since 1970 UTC; required */
    void *now_context;
    const struct bytes *alpn;                      /* protocol names, best first */
    size_t alpn_count;
    const struct observer *observers;
    size_t observer_count;
    struct tls_limits limits;
    const struct tls_editor *editor;               /* NULL in production */
    const struct imported_psk *psks;               /* psk_import makes them; a client has at most 4 */
    size_t psk_count;
    uint16_t record_size_limit;                    /* RFC 8449: of the protected records that we
                                                      take, 64 to 2^14+1; 0: 2^14+1 */
    uint16_t pad_records_to;                       /* RFC 8446 §5.4: pad what we send to a multiple
                                                      of so many bytes, or to the limit; 0: not */

    /* Who we are: a server has one credential at least, unless it has psks; a client may have some,
     * for a server that asks for a certificate. The first that fits what the peer can verify is
     * used. */
    const struct tls_credential *credentials;
    size_t credential_count;

    /* Whom we believe: the server, or the clients that are asked for a certificate. */
    const struct x509_trust *trust;
    const struct tls_verifier *verifier;           /* instead of trust: the caller judges; a server
                                                      only names the anchors of its trust then */
    bool grease;                                   /* RFC 8701: offer what nobody knows, too */
    bool insecure_accept_any_certificate;          /* instead of trust; says what it does */
    enum tls_peer_certificates peer_certificates;

    /* client; with psks it needs neither name nor trust, and without trust takes no certificate */
    const char *server_name;                       /* whom we mean to talk to: DNS name or IP */
    bool never_anonymous;                          /* handshake_failure, rather than to tell a server
                                                      that asks that no certificate of ours fits */
    bool request_status;                           /* ask for an OCSP response; what comes must say
                                                      good, and must come if the certificate says so.
                                                      Needs anchors, which say who may respond */

    /* server */
    enum tls_client_certificate client_certificate;
    bool ignore_server_name;                       /* RFC 6066 §3 leaves it to a server whether it
                                                      makes use of the name, and says so */
    bool refuse_unknown_names;                     /* server_name that no certificate of ours is for:
                                                      unrecognized_name, not the first one */
    struct ticket_keys *ticket_keys;               /* NULL: no resumption. The one thing here that
                                                      connections change; one thread at a time */
    unsigned tickets;                              /* given on each connection, at most 8 */
    struct cookie_keys *cookie_keys;               /* NULL: a HelloRetryRequest has no cookie. Else as
                                                      ticket_keys; see tls_may_forget */
    bool demand_cookie;                            /* retry every hello that comes without one */
    bool always_change_cipher_spec;                /* RFC 8446 §D.4: even to a client without a
                                                      session id, which does not ask for it */
    struct bytes listener;                         /* where it listens: a ticket is no good at
                                                      another listener; may be empty */
};

/* Checked settings; shared by any number of connections, never changed. The memory that the
 * settings point to stays the caller's and must outlive it. */
struct tls_config {
    bool is_server;
    struct tls_settings s;
    uint8_t fingerprint[FINGERPRINT_LEN];          /* of what authentication rests on */
};

/* False, and *reason says which setting and why, if a connection made from these could not be
 * secure: no name, no trust, no clock, no key, an empty algorithm list. */
bool tls_config_client(struct tls_config *out, const struct tls_settings *s, const char **reason);
bool tls_config_server(struct tls_config *out, const struct tls_settings *s, const char **reason);

/* ---- a connection ---- */

struct tls;                                        /* complete in tls13/connection.h, below */
struct tls_handshake;

#include "tls13/connection.h"

/* Lends the memory that a handshake needs and begins it. `incoming` reassembles messages that come
 * in several records (4 KiB at least; a longer message is refused), `outgoing` holds our flight:
 * our chain, its OCSP response and 2 KiB; for a client its ALPN names and any cookie that it has to
 * echo; for a server that asks for certificates the names of its anchors, if there are 16 at most.
 * What does not fit is internal_error. All of it may be reused once tls_handshake_over says so. */
void tls_start(struct tls *t, const struct tls_config *config, struct tls_handshake *handshake,
               uint8_t *incoming, size_t incoming_len, uint8_t *outgoing, size_t outgoing_len);

bool tls_handshake_over(const struct tls *t);

/* A server with cookie_keys has sent its HelloRetryRequest, and all that it has to know is in the
 * cookie: the struct tls and what was lent may go. The second ClientHello is then for a new one that
 * was begun by tls_start, with equal settings; it may be the same one, too. */
bool tls_may_forget(const struct tls *t);

/* To be called behind tls_start: what this connection's cookie is good for besides its ClientHello, such
 * as the client's address. The bytes are the caller's and outlive the handshake. */
void tls_bind_cookie(struct tls *t, struct bytes context);

enum {
    TLS_TICKETS_MAX  = 8,
    TLS_SESSION_HEAD = 650,                        /* all of it but the ticket, at the most */
    TLS_SESSION_MAX  = TLS_SESSION_HEAD + 4096,    /* a longer NewSessionTicket is passed over */
};

/* What a client needs to resume, made of a ticket: `len` bytes to be stored and given back as they
 * are; 0: empty. As secret as a private key. It says by itself when, with whom and under which
 * settings it may be used; where it does not fit it is not offered, and that is no error. */
struct tls_session {
    uint16_t len;
    uint8_t bytes[TLS_SESSION_MAX];
};

/* tls_start of a client that resumes. A session is used once (RFC 8446 §C.4): it is empty as soon as
 * it is offered, and stays lent until the handshake is over. Tickets that come go to `keep` in turn, so
 * that it has the latest `keep_count`; TLS_TICKET says that there is one more. Those that are still
 * there when an alert ends the connection are wiped (RFC 9846 §6). Each may be left out: without a
 * place for tickets none are asked for, and those that come are passed over. */
struct tls_resumption {
    struct tls_session *offer;
    struct tls_session *keep;
    uint8_t keep_count;
};
void tls_start_resuming(struct tls *t, const struct tls_config *config,
                        struct tls_handshake *handshake, uint8_t *incoming, size_t incoming_len,
                        uint8_t *outgoing, size_t outgoing_len,
                        const struct tls_resumption *resumption);

enum tls_event {
    TLS_NEED_INPUT,        /* not a whole record yet: call again with `need` bytes or more */
    TLS_PROGRESS,          /* a record was taken in; there may be output */
    TLS_CONNECTED,         /* this record completed the handshake (reported once) */
    TLS_DATA,              /* application data, in `data` */
    TLS_TICKET,            /* a session was kept; only where a place was lent. May be ignored */
    TLS_NEED_SIGNATURE,    /* a client takes nothing in until its signer is done: tls_signature */
    TLS_PEER_CLOSED,       /* close_notify came: the peer sends nothing more */
    TLS_FAILED,            /* see tls_failure; send what tls_output has, and close */
};

struct tls_received {
    size_t used;           /* bytes of the input that are done with */
    size_t need;           /* NEED_INPUT: bytes that the next call needs to get on, at the least */
    struct bytes data;     /* DATA: decrypted in place, inside the input; else empty */
};

/* Takes one record from the front of `in`, and opens it in place. Bytes not `used` stay the
 * caller's, to be offered again in front of what follows. */
enum tls_event tls_receive(struct tls *t, uint8_t *in, size_t in_len, struct tls_received *out);

/* The transport has ended. TLS_PEER_CLOSED after a close_notify; otherwise the stream was truncated
 * and this is TLS_FAILED: nothing unfinished may be believed. */
enum tls_event tls_receive_end(struct tls *t);

/* Writes pending handshake records, KeyUpdates and alerts; returns their length, 0 when there are
 * none. `cap` is TLS_OUTPUT_MIN or more. */
size_t tls_output(struct tls *t, uint8_t *out, size_t cap);
bool   tls_has_output(const struct tls *t);

/* Protects application data: writes first what tls_output would, then one record with as much of
 * `plaintext` as fits. Returns bytes written and sets *taken. Returns 0 before the handshake
 * is over, after tls_close and after a failure. `plaintext` may lie at out + TLS_RECORD_HEADER if
 * it has tls_seal_max bytes at most and tls_has_output says that nothing else is pending, else must
 * be clear of `out`. Room beyond the plaintext is used for padding, if that is configured. */
size_t tls_seal(struct tls *t, uint8_t *out, size_t cap, struct bytes plaintext, size_t *taken);

/* The most application data that goes into one record: 2^14 bytes, or what the peer's
 * record_size_limit leaves. A record that is received needs a buffer of TLS_RECORD_LEN(limit) bytes,
 * with our own limit; but the hellos, which are not protected, may be longer. */
size_t tls_seal_max(const struct tls *t);
#define TLS_RECORD_LEN(record_size_limit) ((record_size_limit) + 5 + 16)

/* Answers SIGN_LATER; an empty signature means that the signer failed. For a client it completes
 * the handshake: TLS_CONNECTED. */
enum tls_event tls_signature(struct tls *t, struct bytes signature);
bool tls_wants_signature(const struct tls *t);

/* Queues close_notify; nothing can be sent after it. */
void tls_close(struct tls *t);

/* Gives up with a fatal alert of the caller's choice, as after a failure of the engine's own: for what
 * only the caller can know, such as access_denied; not with close_notify or user_canceled, which are
 * no errors (RFC 8446 §6.1). `reason` outlives the connection. */
void tls_abort(struct tls *t, enum alert alert, const char *reason);

/* Queues a KeyUpdate; `request` asks the peer to update as well, unless such a request is still
 * unanswered (RFC 8446 §4.6.3). Returns false before the handshake is over, after tls_close and
 * after a failure, and once 2^48-1 updates were sent (RFC 9846 §4.7.3). */
bool tls_update_keys(struct tls *t, bool request);

struct tls_failure {
    enum alert alert;
    bool received;                 /* the peer sent it; else we noticed */
    const char *reason;            /* in words, with the rule */
    const char *message;           /* the handshake message it was noticed in, or "" */
    size_t offset;                 /* byte offset in that message */
};

/* What went wrong; alert is ALERT_NONE and reason "" if nothing did. A truncated stream has
 * ALERT_NONE and a reason. */
struct tls_failure tls_failure(const struct tls *t);
bool tls_failed(const struct tls *t);

/* Facts of a connection, for logs and headers. NULL or empty until they are known. */
struct tls_facts {
    const struct cipher_suite *suite;
    const struct named_group *group;
    const struct signature_scheme *scheme;         /* of the server's CertificateVerify */
    const struct signature_scheme *client_scheme;  /* of the client's, if there was one */
    struct bytes alpn;                             /* the protocol agreed on */
    struct bytes server_name;                      /* server: whom the client asked for */
    bool hello_retry;
    bool resumed;                                  /* by a ticket, in place of certificates */
    const struct imported_psk *imported_psk;       /* ... or by this PSK of the settings */
    /* Once connected: SHA-256 of the certificate (or raw public key) that the peer proved to have
     * the key of, or had when the session began; empty if it did not have to. */
    struct bytes peer_identity;
    const char *peer_subject;                      /* to be shown; may be cut off */
    const char *peer_email, *peer_dns;             /* its first ones, whole, or "" */
    bool status_good;                              /* an OCSP response said so */
};
struct tls_facts tls_facts(const struct tls *t);

/* RFC 8446 §7.5. False before the handshake is over, and after a failure. `label` has at most 249
 * bytes, out_len is at most 255 hashes. */
bool tls_export(const struct tls *t, uint8_t *out, size_t out_len, const char *label,
                struct bytes context);

/* The channel binding "tls-exporter" (RFC 9266 §2), as SCRAM-*-PLUS uses it. */
enum { TLS_EXPORTER_BINDING_LEN = 32 };
bool tls_exporter_binding(const struct tls *t, uint8_t out[TLS_EXPORTER_BINDING_LEN]);

#endif
