/* tests/connected.c - one end of a connection, as it is after a handshake, made without one. */
#include "tests/connected.h"

#include "tls13/machine.h"

#include <check.h>
#include <string.h>

static int64_t no_time(void *context)
{
    (void)context;
    return 0;
}

static enum sign_result no_signature(void *context, const struct signature_scheme *scheme,
                                     struct bytes content, uint8_t signature[SIGNATURE_MAX],
                                     size_t *signature_len)
{
    (void)context;
    (void)scheme;
    (void)content;
    (void)signature;
    *signature_len = 0;
    return SIGN_FAILED;
}

static void configure(struct connected *c, bool is_server, struct tls_limits limits)
{
    static const struct bytes chain[] = { { (const uint8_t *)"leaf", 4 } };
    static const struct tls_credential credential = {
        .chain = chain, .chain_count = 1, .signer = { no_signature, NULL },
    };
    struct tls_credential one = credential;
    const char *reason;
    one.schemes = algorithms_default.schemes;
    one.scheme_count = 1;
    struct tls_settings s = {
        .now = no_time, .server_name = "mail.example.org",
        .insecure_accept_any_certificate = !is_server, .limits = limits,
        .credentials = &one, .credential_count = 1,
    };
    ck_assert((is_server ? tls_config_server : tls_config_client)(&c->config, &s, &reason));
    c->config.s.credentials = NULL;          /* they served the check, and are not used again */
    c->config.s.credential_count = 0;
}

static struct traffic_secret *peer_write_secret(struct connected *c)
{
    return c->config.is_server ? &c->client : &c->server;
}

static struct traffic_secret *peer_read_secret(struct connected *c)
{
    return c->config.is_server ? &c->server : &c->client;
}

static void make_peer_keys(struct connected *c, struct record_keys *keys,
                           const struct traffic_secret *secret)
{
    record_keys_make(keys, c->suite->aead, c->suite->hash, secret);
}

void connected_start(struct connected *c, bool is_server, uint16_t suite, struct tls_limits limits)
{
    memset(c, 0, sizeof *c);
    memset(&c->client, 0xcc, sizeof c->client);
    memset(&c->server, 0x55, sizeof c->server);
    configure(c, is_server, limits);
    c->suite = c->t.suite = suite_find(&algorithms_default, suite);
    c->t.config = &c->config;
    c->t.state = CONNECTED;
    c->t.reason = c->t.failed_message = "";
    c->t.read_limit = c->t.write_limit = RECORD_INNER_MAX;
    read_keys_install(&c->t, peer_write_secret(c), "application");
    write_keys_install(&c->t, peer_read_secret(c), "application");
    make_peer_keys(c, &c->peer_write, peer_write_secret(c));
    make_peer_keys(c, &c->peer_read, peer_read_secret(c));
}

void connected_update_peer_write(struct connected *c)
{
    traffic_secret_update(c->suite->hash, peer_write_secret(c));
    make_peer_keys(c, &c->peer_write, peer_write_secret(c));
}

void connected_update_peer_read(struct connected *c)
{
    traffic_secret_update(c->suite->hash, peer_read_secret(c));
    make_peer_keys(c, &c->peer_read, peer_read_secret(c));
}

enum tls_event connected_receive(struct connected *c, uint8_t content_type, struct bytes content,
                                 struct tls_received *received)
{
    static uint8_t record[TLS_RECORD_MAX];
    size_t n = record_seal(&c->peer_write, record, content_type, content, 0);
    return tls_receive(&c->t, record, n, received);
}
