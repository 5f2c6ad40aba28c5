/* tests/pair.h - a client and a server of ours in one process, joined by memory.
 *
 *     struct pair *p = pair_start(&(struct pair_setup){ .suite = 0x1301 });
 *     pair_run(p);
 *     pair_connected(p);
 *
 * Everything repeats: the random bytes come from a counter, the clock stands still, certificates
 * are made once. `cap` and `bite` choose how output is pulled and input is fed. A `carry` function
 * stands between the two ends: by default it delivers, tests/editor.h puts a man in the middle.
 * What an end's observer saw (its secrets, the records it sent, opened) is in its `tap`.
 *
 * There is one pair at a time; pair_start begins it anew.
 */
#ifndef SEALPOST_TESTS_PAIR_H
#define SEALPOST_TESTS_PAIR_H

#include "tls13/tls.h"
#include "tls13/x509/make.h"

enum { CLIENT, SERVER };

enum {
    PAIR_WIRE_MAX    = 1 << 18,          /* bytes on their way to one end */
    PAIR_DATA_MAX    = 1 << 17,          /* application data that one end got */
    PAIR_SECRETS_MAX = 64,               /* the latest so many */
    PAIR_RECORDS_MAX = 1024,
    PAIR_GROUPS_MAX  = 6,
};

static const int64_t PAIR_NOW = 1790000000;              /* 2026-09-21 */

/* One record as its sender meant it. */
struct sent_record {
    uint8_t type;                        /* the inner type, if it was protected */
    bool protected;
    struct bytes content;                /* in the tap's arena */
};

/* What an observer of one end learned. */
struct tap {
    const struct tls *tls;
    struct { uint8_t byte[HASH_MAX]; size_t len; const char *label; } secret[PAIR_SECRETS_MAX];
    size_t secret_count;                 /* of all times; the latest stand at count % MAX */
    struct record_keys keys[2];          /* by enum direction; aead NULL before the first */
    bool opens_records;                  /* fill `record` */
    struct sent_record record[PAIR_RECORDS_MAX];
    size_t record_count;
    uint8_t arena[PAIR_WIRE_MAX];
    size_t arena_len;
    unsigned key_changes[2];             /* by enum direction */
};

struct end {
    struct tls tls;
    struct tls_handshake handshake;
    struct tls_config config;
    struct observer observer;
    uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];
    uint8_t wire[PAIR_WIRE_MAX];         /* came, and not taken in yet */
    size_t wire_len;
    uint8_t data[PAIR_DATA_MAX];         /* application data, the first so many bytes */
    size_t data_len;                     /* of all of it */
    unsigned connected;                  /* times that it was reported */
    unsigned tickets;                    /* the same */
    bool peer_closed;
    size_t alert_records;                /* records that it put out after it failed */
    struct tap tap;
    uint64_t random_state;
    unsigned random_left;                /* draws until the source fails; 0: never */
};

enum shown_certificate { SHOWS_X509, SHOWS_RAW_KEY, SHOWS_BOTH };

struct pair_setup {
    uint16_t suite;                      /* 0: the first of algorithms_default */
    uint16_t group;                      /* both know it and one more; 0: x25519 */
    bool hello_retry;                    /* the client's first share is of another group */
    uint16_t groups[2][PAIR_GROUPS_MAX]; /* instead of the two above: a list for each end */
    enum key_type key;                   /* the server's; KEY_NONE: KEY_ED25519 */
    enum tls_client_certificate client_certificate;      /* whether the server asks for one */
    enum key_type client_key;            /* KEY_NONE: the client has no certificate */
    const char *client_alpn[3], *server_alpn[3];
    const char *server_name;             /* NULL: mail.example.org */
    bool pins;                           /* instead of the root, at both ends */
    const struct tls_verifier *verifier; /* instead of the root */
    enum shown_certificate shows[2];     /* by end */
    enum tls_peer_certificates takes[2];
    struct bytes ocsp_response[2];       /* that an end staples */
    bool request_status;                 /* the client asks for one */
    bool refuse_unknown_names, ignore_server_name, always_change_cipher_spec;    /* the server */
    bool insecure, client_insecure;      /* the client; the server */
    bool sign_later, client_signs_later;
    struct tls_limits limits;
    uint16_t record_size_limit[2];       /* by end; 0: the largest */
    uint16_t pad_records_to[2];
    struct cookie_keys *cookie_keys;     /* the server's */
    bool demand_cookie;
    bool grease;                         /* both */
    struct bytes cookie_context;
    bool forget;                         /* the server begins anew behind a HelloRetryRequest */
    const struct tls_editor *editor[2];  /* by end */
    int64_t clock;                       /* seconds after PAIR_NOW */
    bool resumed;                        /* the client offers a ticket of a connection before */
    struct tls_resumption resumption;    /* the client's */
    struct ticket_keys *ticket_keys;     /* the server's; NULL: keys of the pair's own */
    unsigned tickets;
    const char *listener;
    const struct imported_psk *psks[2];  /* by end */
    size_t psk_count[2];
    unsigned random_fails_at[2];         /* draw number, from 1 on; 0: none */
    bool psk_only[2];                    /* neither name nor trust; no credential */
    size_t cap;                          /* output is pulled by so many bytes; 0: 40,000 */
    size_t bite;                         /* input is fed by so many bytes; 0: all there is */
};

/* Who one end is: a certificate from the one root, and its key. */
struct pair_party {
    struct pair *pair;
    const struct private_key *key;
    struct bytes chain[1], public_key;
    const struct signature_scheme *scheme[1];
    struct tls_credential credential;
    uint8_t pin[1][X509_PIN_LEN];        /* of the other party's key */
    struct x509_trust trust;             /* whom this one believes */
    uint8_t to_sign[256];                /* held while the signer takes its time */
    size_t to_sign_len;
};

struct pair {
    struct pair_setup setup;
    struct end end[2];
    void (*carry)(struct pair *p, unsigned from, struct bytes out);
    void *carry_context;
    const struct cipher_suite *suites[1];
    const struct named_group *groups[2][PAIR_GROUPS_MAX];
    struct algorithms algorithms[2];
    struct bytes alpn[2][3];
    struct x509_anchor anchor;
    struct pair_party party[2];          /* by end */
    struct tls_session session;          /* that is offered, if `resumed` */
};

/* The root that has signed the certificates of both. */
struct x509_issuer pair_root(void);

struct pair *pair_start(const struct pair_setup *setup);

/* Gives bytes to one end, as from the network, in bites; it takes in what it can. */
void end_deliver(struct end *e, size_t bite, struct bytes in);

/* Moves bytes once in each direction; false if there were none. */
bool pair_step(struct pair *p);

/* Moves bytes until both ends have nothing more to say; the signer answers when all else rests. */
void pair_run(struct pair *p);

/* Sends application data from one end; the other must get it, and nothing else. */
void pair_send(struct pair *p, unsigned from, struct bytes data);

/* Fail the running test, with the reasons of both ends, unless so. */
void pair_connected(struct pair *p);
void pair_failed(struct pair *p, unsigned who, const char *name, enum alert alert,
                 const char *keyword);

/* After a failure: exactly one alert went out, nothing more does, and no secret is left. */
void end_is_dead(struct end *e);

#endif
