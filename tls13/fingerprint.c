/* tls13/fingerprint.c - a hash of the settings that decide whom an endpoint believes. */
#include "tls13/fingerprint.h"

#include "crypto/wipe.h"

void fingerprint_begin(struct fingerprint *f, const char *purpose)
{
    hash_sha256.init(&f->state);
    fingerprint_add(f, bytes_of_string(purpose));
}

void fingerprint_add(struct fingerprint *f, struct bytes field)
{
    uint8_t len[4];
    store_be32(len, (uint32_t)field.len);
    hash_sha256.update(&f->state, bytes_of(len, sizeof len));
    if (field.len > 0)
        hash_sha256.update(&f->state, field);
}

void fingerprint_end(struct fingerprint *f, uint8_t out[FINGERPRINT_LEN])
{
    hash_sha256.final(&f->state, out);
    wipe(f, sizeof *f);
}

static void add_trust(struct fingerprint *f, const struct x509_trust *trust)
{
    fingerprint_add(f, bytes_of_string(trust ? "trust" : "no trust"));
    for (size_t i = 0; trust && i < trust->anchor_count; i++)
        fingerprint_add(f, trust->anchors[i].certificate);
    fingerprint_add(f, bytes_of_string("pins"));
    for (size_t i = 0; trust && i < trust->pin_count; i++)
        fingerprint_add(f, bytes_of(trust->pins[i], X509_PIN_LEN));
}

/* Who we are is a part of it as well: what a peer was told by another certificate of ours, it
 * has to be told again by this one. */
static void add_credentials(struct fingerprint *f, const struct tls_settings *s)
{
    fingerprint_add(f, bytes_of_string("credentials"));
    for (size_t i = 0; i < s->credential_count; i++) {
        const struct tls_credential *c = &s->credentials[i];
        fingerprint_add(f, c->chain_count > 0 ? c->chain[0] : bytes_of(NULL, 0));
        fingerprint_add(f, c->public_key);
    }
}

/* With the keys: a key that was replaced under its old name is not believed any more. */
static void add_psks(struct fingerprint *f, const struct tls_settings *s)
{
    fingerprint_add(f, bytes_of_string("psks"));
    for (size_t i = 0; i < s->psk_count; i++) {
        const struct imported_psk *psk = &s->psks[i];
        fingerprint_add(f, bytes_of(psk->identity, psk->identity_len));
        fingerprint_add(f, bytes_of(psk->key.byte, psk->hash->digest_len));
    }
}

/* What a peer had to sign with to be believed, and what else had to be so. */
static void add_demands(struct fingerprint *f, const struct tls_settings *s)
{
    const struct algorithms *a = s->algorithms;
    const uint8_t demands[] = { s->request_status, s->never_anonymous, s->refuse_unknown_names };
    uint8_t code_point[2];
    fingerprint_add(f, bytes_of(demands, sizeof demands));
    for (size_t i = 0; i < a->scheme_count + a->certificate_scheme_count; i++) {
        const struct signature_scheme *scheme =
            i < a->scheme_count ? a->schemes[i] : a->certificate_schemes[i - a->scheme_count];
        store_be16(code_point, scheme->code_point);
        fingerprint_add(f, bytes_of(code_point, sizeof code_point));
    }
}

void config_fingerprint(uint8_t out[FINGERPRINT_LEN], const struct tls_config *config)
{
    const struct tls_settings *s = &config->s;
    struct fingerprint f;
    fingerprint_begin(&f, config->is_server ? "server" : "client");
    fingerprint_add(&f, bytes_of_string(s->insecure_accept_any_certificate ? "insecure"
                                      : s->verifier ? "verifier" : ""));
    const uint8_t client_certificate = (uint8_t)s->client_certificate;
    const uint8_t peer_certificates = (uint8_t)s->peer_certificates;
    fingerprint_add(&f, bytes_of(&client_certificate, 1));
    fingerprint_add(&f, bytes_of(&peer_certificates, 1));
    add_demands(&f, s);
    add_trust(&f, s->trust);
    add_credentials(&f, s);
    add_psks(&f, s);
    fingerprint_add(&f, s->listener);
    fingerprint_end(&f, out);
}
