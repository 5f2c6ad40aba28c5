/* tls13/tls.c - settings, beginning, and the facts of a connection.
 *
 * An unsafe configuration does not build: a client without a name or without trust would accept
 * whoever answers, and a server without a key would accept nobody.
 */
#include "tls13/tls.h"

#include "tls13/client.h"
#include "tls13/fingerprint.h"
#include "tls13/receive.h"
#include "tls13/record_size.h"
#include "tls13/server.h"
#include "tls13/x509/chain.h"

#include <assert.h>
#include <string.h>

/* ---- settings ---- */

static bool refuse(const char **reason, const char *why)
{
    *reason = why;
    return false;
}

static uint32_t default_to(uint32_t value, uint32_t otherwise)
{
    return value ? value : otherwise;
}

static void fill_defaults(struct tls_settings *s)
{
    if (!s->algorithms)
        s->algorithms = &algorithms_default;
    if (!s->random)
        s->random = &random_system;
    if (s->record_size_limit == 0)
        s->record_size_limit = RECORD_INNER_MAX;         /* RFC 8449 §4: "SHOULD advertise" */
    s->limits.key_updates_in_a_row = default_to(s->limits.key_updates_in_a_row, 32);
    s->limits.empty_records_in_a_row = default_to(s->limits.empty_records_in_a_row, 32);
    s->limits.user_canceled_in_a_row = default_to(s->limits.user_canceled_in_a_row, 4);
    s->limits.change_cipher_specs = default_to(s->limits.change_cipher_specs, 4);
    s->limits.early_data_skipped = default_to(s->limits.early_data_skipped, 16384);
}

static bool has_group_twice(const struct algorithms *a)
{
    for (size_t i = 0; i < a->group_count; i++)
        for (size_t j = 0; j < i; j++)
            if (a->groups[i]->code_point == a->groups[j]->code_point)
                return true;
    return false;
}

static bool check_common(const struct tls_settings *s, const char **reason)
{
    const struct algorithms *a = s->algorithms;
    if (!s->now)
        return refuse(reason, "now: a clock is required, to judge certificates by");
    if (a->suite_count == 0 || a->group_count == 0 || a->scheme_count == 0)
        return refuse(reason, "algorithms: a list is empty");
    if (has_group_twice(a))
        return refuse(reason, "algorithms: a group is there twice (RFC 9846 §4.3.7)");
    if (s->record_size_limit < RECORD_SIZE_LIMIT_MIN || s->record_size_limit > RECORD_INNER_MAX)
        return refuse(reason, "record_size_limit: from 64 to 2^14+1 (RFC 8449 §4)");
    if (s->limits.records_per_key == 1)
        return refuse(reason, "limits: a key needs two records, one of them for KeyUpdate");
    for (size_t i = 0; i < s->alpn_count; i++)
        if (s->alpn[i].len < 1 || s->alpn[i].len > 255)
            return refuse(reason, "alpn: a protocol name has 1 to 255 bytes (RFC 7301 §3.1)");
    return true;
}

static bool check_trust(const struct tls_settings *s, bool needed, const char **reason)
{
    if (s->insecure_accept_any_certificate && (s->trust || s->verifier))
        return refuse(reason, "insecure_accept_any_certificate: makes no sense beside trust");
    if (s->trust ? s->trust->anchor_count == 0 && s->trust->pin_count == 0
                 : !s->verifier && !s->insecure_accept_any_certificate && needed)
        return refuse(reason, "trust: neither anchors nor pins are given");
    if (s->peer_certificates != PEER_X509
        && (s->verifier || (s->trust && (s->trust->pin_count == 0 || s->trust->anchor_count > 0))))
        return refuse(reason, "peer_certificates: raw public keys are believed by pins alone "
                              "(RFC 7250 §4)");
    return true;
}

/* §4.2.3: what signs certificates only has no place in CertificateVerify. */
static bool can_sign(const struct tls_credential *c)
{
    for (size_t i = 0; i < c->scheme_count; i++)
        if (c->schemes[i]->certificates_only)
            return false;
    return c->scheme_count > 0 && c->signer.sign;
}

/* §4.4.2.2: what no peer would believe. Whether it decodes is not asked here. */
static bool leaf_may_not_sign(const struct tls_credential *c)
{
    struct x509_verdict verdict;
    return c->chain_count > 0
        && x509_leaf_key(&verdict, c->chain[0]) == ALERT_UNSUPPORTED_CERTIFICATE;
}

static bool check_credentials(const struct tls_settings *s, const char **reason)
{
    for (size_t i = 0; i < s->credential_count; i++) {
        const struct tls_credential *c = &s->credentials[i];
        if (c->chain_count > X509_CHAIN_MAX || (c->chain_count == 0 && c->public_key.len == 0))
            return refuse(reason, "credentials: a chain has 1 to 40 certificates");
        if (!can_sign(c))
            return refuse(reason, "credentials: a key without a signer, or without a signature "
                                  "scheme for CertificateVerify (RFC 8446 §4.2.3)");
        if (leaf_may_not_sign(c))
            return refuse(reason, "credentials: keyUsage of the certificate does not allow "
                                  "digitalSignature (RFC 8446 §4.4.2.2)");
    }
    return true;
}

bool tls_config_client(struct tls_config *out, const struct tls_settings *s, const char **reason)
{
    *out = (struct tls_config){ .is_server = false, .s = *s };
    fill_defaults(&out->s);
    if (!check_common(&out->s, reason))
        return false;
    if (s->psk_count > PSK_OFFER_MAX - 1)
        return refuse(reason, "psks: a client offers at most four");
    if (s->verifier && s->trust)
        return refuse(reason, "verifier: makes no sense beside trust");
    if (!s->server_name && (s->psk_count == 0 || s->trust))
        return refuse(reason, "server_name: a client has to know whom it means to talk to");
    if (s->server_name && !x509_name_usable(bytes_of_string(s->server_name), reason))
        return false;
    if (s->client_certificate != CLIENT_CERTIFICATE_NOT_ASKED)
        return refuse(reason, "client_certificate: is a server's setting");
    if (s->request_status && !(s->trust && s->trust->anchor_count > 0))
        return refuse(reason, "request_status: without anchors nobody could judge the response");
    if (!check_trust(s, s->psk_count == 0, reason) || !check_credentials(s, reason))
        return false;
    config_fingerprint(out->fingerprint, out);
    return true;
}

/* N20: whoever says whom to trust means to have them prove it. */
static bool check_clients(const struct tls_settings *s, const char **reason)
{
    if (s->client_certificate != CLIENT_CERTIFICATE_NOT_ASKED)
        return check_trust(s, true, reason);
    if (s->trust || s->verifier || s->insecure_accept_any_certificate)
        return refuse(reason, "trust: in clients, but client_certificate does not ask for theirs");
    return true;
}

/* A server shows what it has, if nothing better fits: RFC 9846 §4.5.1.2. */
static bool has_broken_chain(const struct tls_settings *s)
{
    for (size_t i = 0; i < s->credential_count; i++)
        if (x509_chain_hash_is_broken(s->credentials[i].chain, s->credentials[i].chain_count))
            return true;
    return false;
}

bool tls_config_server(struct tls_config *out, const struct tls_settings *s, const char **reason)
{
    *out = (struct tls_config){ .is_server = true, .s = *s };
    fill_defaults(&out->s);
    if (!check_common(&out->s, reason))
        return false;
    if (s->credential_count == 0 && s->psk_count == 0)
        return refuse(reason, "credentials: a server needs a certificate and its key");
    if (!check_clients(s, reason) || !check_credentials(s, reason))
        return false;
    if (has_broken_chain(s))
        return refuse(reason, "credentials: a certificate is signed with SHA-1 or MD5 "
                              "(RFC 9846 §4.5.1.2)");
    if (s->refuse_unknown_names && s->ignore_server_name)
        return refuse(reason, "refuse_unknown_names: makes no sense beside ignore_server_name");
    if (s->demand_cookie && !s->cookie_keys)
        return refuse(reason, "demand_cookie: needs cookie_keys");
    if (s->tickets > TLS_TICKETS_MAX || (s->tickets > 0 && !s->ticket_keys))
        return refuse(reason, "tickets: more than eight, or without ticket_keys");
    config_fingerprint(out->fingerprint, out);
    return true;
}

/* ---- beginning ---- */

void tls_start(struct tls *t, const struct tls_config *config, struct tls_handshake *handshake,
               uint8_t *incoming, size_t incoming_len, uint8_t *outgoing, size_t outgoing_len)
{
    tls_start_resuming(t, config, handshake, incoming, incoming_len, outgoing, outgoing_len,
                       &(struct tls_resumption){ 0 });
}

void tls_start_resuming(struct tls *t, const struct tls_config *config,
                        struct tls_handshake *handshake, uint8_t *incoming, size_t incoming_len,
                        uint8_t *outgoing, size_t outgoing_len,
                        const struct tls_resumption *resumption)
{
    memset(t, 0, sizeof *t);
    memset(handshake, 0, sizeof *handshake);
    assert(incoming_len >= 4096 && outgoing_len >= 2048);
    t->config = config;
    t->handshake = handshake;
    t->reason = t->failed_message = "";
    handshake->incoming = writer_of(incoming, incoming_len);
    handshake->flight.messages = writer_of(outgoing, outgoing_len);
    t->state = config->is_server ? WAIT_CH : WAIT_SH;
    t->keep = resumption->keep;
    t->keep_count = resumption->keep_count;
    for (size_t i = 0; i < t->keep_count; i++)
        t->keep[i].len = 0;
    t->read_limit = t->write_limit = RECORD_INNER_MAX;
    if (config->is_server)
        server_start(t);
    enum alert alert = config->is_server ? ALERT_NONE : client_start(t, resumption->offer);
    if (alert != ALERT_NONE)
        tls_give_up(t, alert, false);
}

/* ---- facts ---- */

bool tls_handshake_over(const struct tls *t)
{
    return t->handshake == NULL;
}

bool tls_wants_signature(const struct tls *t)
{
    return t->state == NEGOTIATED || t->state == WAIT_SIGNATURE;
}

bool tls_failed(const struct tls *t)
{
    return t->failed;
}

struct tls_failure tls_failure(const struct tls *t)
{
    if (!t->failed)
        return (struct tls_failure){ .reason = "", .message = "" };
    return (struct tls_failure){
        .alert = t->alert, .received = t->alert_received, .reason = t->reason,
        .message = t->failed_message ? t->failed_message : "", .offset = t->fault_offset,
    };
}

static bool has_identity(const struct tls *t)
{
    static const uint8_t none[PEER_IDENTITY_LEN];
    return memcmp(t->peer_identity, none, sizeof none) != 0;
}

struct tls_facts tls_facts(const struct tls *t)
{
    /* keep_names has written them, one behind the other; zeros, if there was no certificate */
    const char *email = has_identity(t) ? t->text : "";
    const char *dns = has_identity(t) ? email + strlen(email) + 1 : "";
    const char *subject = has_identity(t) ? dns + strlen(dns) + 1 : "";
    return (struct tls_facts){
        .suite = t->suite, .group = t->group, .scheme = t->scheme,
        .client_scheme = t->client_scheme, .alpn = t->alpn,
        .server_name = bytes_of(t->server_name, t->server_name_len),
        .hello_retry = t->hello_retry, .resumed = t->resumed, .imported_psk = t->imported_psk,
        .peer_identity = bytes_of(t->peer_identity, has_identity(t) ? PEER_IDENTITY_LEN : 0),
        .peer_email = email, .peer_dns = dns, .peer_subject = subject,
        .status_good = t->status_good && has_identity(t),
    };
}

bool tls_export(const struct tls *t, uint8_t *out, size_t out_len, const char *label,
                struct bytes context)
{
    if (t->failed || t->state != CONNECTED)
        return false;
    exporter(t->suite->hash, out, out_len, &t->exporter_secret, label, context);
    return true;
}

bool tls_exporter_binding(const struct tls *t, uint8_t out[TLS_EXPORTER_BINDING_LEN])
{
    return tls_export(t, out, TLS_EXPORTER_BINDING_LEN, "EXPORTER-Channel-Binding",
                      bytes_of(NULL, 0));
}
