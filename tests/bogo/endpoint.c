/* tests/bogo/endpoint.c - from flags to the engine's settings.
 *
 * Where BoringSSL's defaults differ from ours and tests rely on them, the shim takes BoringSSL's:
 * ed25519 is off unless it is asked for.
 */
#include "tests/bogo/endpoint.h"

#include "crypto/cpu.h"
#include "tls13/certificate_type.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/trust_io.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_UNIMPLEMENTED = 89, STATUS_BROKEN = 90 };
enum { TLS13 = 0x0304, ED25519 = 0x0807, CHACHA20 = 0x1303 };

/* BoringSSL's own number for the signatures of TLS 1.0, which never goes over the wire. */
enum { MD5_WITH_SHA1 = 0xff01, PKCS1_LEGACY = 0x0420 };

void unimplemented(const char *what)
{
    printf("not run: %s\n", what);
    exit(STATUS_UNIMPLEMENTED);
}

void broken(const char *what)
{
    fprintf(stderr, "shim: %s\n", what);
    exit(STATUS_BROKEN);
}

static int64_t now(void *context)
{
    return ((const struct memory *)context)->clock;
}

/* ---- algorithms ---- */

/* AES first where it is fast, else ChaCha20, as the tests expect of -expect-cipher-*. */
static void choose_suites(struct endpoint *e)
{
    const struct algorithms *a = &algorithms_default;
    size_t n = 0;
    if (!cpu_supports(CPU_AES_NI))
        e->suites[n++] = suite_find(a, CHACHA20);
    for (size_t i = 0; i < a->suite_count; i++)
        if (n == 0 || a->suites[i] != e->suites[0])
            e->suites[n++] = a->suites[i];
    e->algorithms.suites = e->suites;
    e->algorithms.suite_count = n;
}

/* BoringSSL's servers go by their order alone, whatever share is there: each group is a class of
 * its own. Clients send a share of each of two classes. */
static void add_group(struct endpoint *e, const struct named_group *group)
{
    size_t n = e->algorithms.group_count++;
    e->group_copies[n] = *group;
    if (e->flags->server)
        e->group_copies[n].strength = (uint8_t)(LIST_MAX - n);
    e->groups[n] = &e->group_copies[n];
}

static void choose_groups(struct endpoint *e)
{
    const struct code_points *curves = &e->flags->curves;
    e->algorithms.groups = e->groups;
    e->algorithms.group_count = 0;
    for (size_t i = 0; i < curves->count; i++) {
        const struct named_group *group = group_find(&algorithms_default, curves->at[i]);
        if (!group)
            unimplemented("a group that we do not have");
        add_group(e, group);
    }
    for (size_t i = 0; curves->count == 0 && i < algorithms_default.group_count; i++)
        add_group(e, algorithms_default.groups[i]);
}

/* A scheme that we know of and never use, such as those with SHA-1: offered when a test asks for
 * that, so that the peer may try it. */
static const struct signature_scheme *refused_scheme(uint16_t code_point)
{
    static struct signature_scheme refused[LIST_MAX];
    static size_t count;
    if (count == LIST_MAX)
        broken("too many schemes");
    refused[count] = (struct signature_scheme){
        code_point, "refused", &signature_rsa_pkcs1_sha256, true,
    };
    return &refused[count++];
}

static bool is_refused(uint16_t code_point)
{
    static const uint16_t refused[] = { 0x0201, 0x0203, MD5_WITH_SHA1, PKCS1_LEGACY };
    for (size_t i = 0; i < COUNT(refused); i++)
        if (refused[i] == code_point)
            return true;
    return false;
}

static const struct signature_scheme *scheme_of(uint16_t code_point)
{
    const struct signature_scheme *known = scheme_find(&algorithms_default, code_point);
    if (!known && !is_refused(code_point))
        unimplemented("a signature scheme that we do not have");
    return known ? known : refused_scheme(code_point);
}

static bool list_has(const struct code_points *list, uint16_t code_point)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i] == code_point)
            return true;
    return false;
}

/* RFC 9963: PKCS #1 v1.5 in a client's CertificateVerify, which we have in neither role. */
static void refuse_legacy_clients(const struct flags *f)
{
    bool wanted = f->server && list_has(&f->verify_prefs, PKCS1_LEGACY);
    for (size_t i = 0; !f->server && i <= f->x509_count; i++)
        wanted |= list_has(&f->x509[i].signing_prefs, PKCS1_LEGACY);
    if (wanted)
        unimplemented("rsa_pkcs1_sha256_legacy");
}

static void choose_schemes(struct endpoint *e)
{
    const struct code_points *prefs = &e->flags->verify_prefs;
    size_t n = 0;
    for (size_t i = 0; i < prefs->count; i++)
        if (prefs->at[i] != MD5_WITH_SHA1)
            e->schemes[n++] = scheme_of(prefs->at[i]);
    for (size_t i = 0; prefs->count == 0 && i < algorithms_default.scheme_count; i++)
        if (algorithms_default.schemes[i]->code_point != ED25519)
            e->schemes[n++] = algorithms_default.schemes[i];
    e->algorithms.schemes = e->schemes;
    e->algorithms.scheme_count = n;
}

/* ---- names and protocols ---- */

/* "\x03foo\x03bar" */
static void choose_alpn_client(struct endpoint *e)
{
    struct reader r = reader_of(bytes_of_string(e->flags->advertise_alpn));
    while (reader_more(&r) && e->alpn_count < ALPN_MAX)
        e->alpn[e->alpn_count++] = read_vec8(&r, 1);
    if (!reader_done(&r))
        broken("-advertise-alpn: not a list of protocols");
}

static void choose_alpn(struct endpoint *e)
{
    if (e->flags->server && e->flags->reject_alpn)
        e->alpn[e->alpn_count++] = bytes_of_string("a protocol that nobody offers");
    else if (e->flags->server && e->flags->select_alpn)
        e->alpn[e->alpn_count++] = bytes_of_string(e->flags->select_alpn);
    else if (!e->flags->server && e->flags->advertise_alpn)
        choose_alpn_client(e);
}

/* ---- credentials ---- */

/* The settings take no scheme that may not stand in a CertificateVerify. In place of those that a
 * test wants is one that no peer asks for. */
static void choose_signing(struct own_certificate *own, struct tls_credential *credential,
                           const struct code_points *prefs)
{
    static const struct signature_scheme nobodys = { 0xfe00, "private use", NULL, false };
    for (size_t i = 0; i < prefs->count; i++) {
        const struct signature_scheme *scheme = scheme_of(prefs->at[i]);
        own->signing[i] = scheme->certificates_only ? &nobodys : scheme;
    }
    if (prefs->count > 0) {
        credential->schemes = own->signing;
        credential->scheme_count = prefs->count;
    }
}

static enum sign_result sign(void *context, const struct signature_scheme *scheme,
                             struct bytes content, uint8_t signature[SIGNATURE_MAX],
                             size_t *signature_len)
{
    const struct own_certificate *own = context;
    const struct tls_signer *signer = &own->loaded->tls.signer;
    own->endpoint->signed_by = own->number;
    return signer->sign(signer->context, scheme, content, signature, signature_len);
}

static struct bytes from_base64(uint8_t *out, size_t cap, const char *text)
{
    size_t len = 0;
    if (text && sodium_base642bin(out, cap, text, strlen(text), NULL, &len, NULL,
                                  sodium_base64_VARIANT_ORIGINAL) != 0)
        broken("not base64");
    return bytes_of(out, len);
}

/* Our servers choose by the client's order, and our clients show a bare key rather than a chain. */
static void refuse_x509_before_raw(const struct flags *f)
{
    for (size_t i = 1; i < f->x509_count; i++)
        if (!f->x509[i].raw_public_key && f->x509[i + 1].raw_public_key)
            unimplemented("a certificate rather than a raw public key");
}

static void load_credential(struct endpoint *e, const struct x509_flags *f)
{
    char error[CREDENTIAL_ERROR_MAX];
    struct own_certificate *own = &e->own[e->credential_count];
    struct tls_credential *credential = &e->credentials[e->credential_count++];
    own->endpoint = e;
    own->number = f->number;
    own->loaded = f->raw_public_key ? credential_load_raw(f->key_file, NULL, error)
                                    : credential_load(f->cert_file, f->key_file, NULL, error);
    if (!own->loaded)
        unimplemented(error);
    *credential = own->loaded->tls;
    credential->signer = (struct tls_signer){ sign, own };
    credential->for_any_authority = !f->must_match_issuer;       /* as BoringSSL has it */
    if (!e->flags->decline_ocsp_callback)
        credential->ocsp_response = from_base64(own->ocsp_response, sizeof own->ocsp_response,
                                                f->ocsp_response);
    choose_signing(own, credential, &f->signing_prefs);
}

static void load_credentials(struct endpoint *e)
{
    refuse_x509_before_raw(e->flags);
    for (size_t i = 1; i <= e->flags->x509_count; i++)
        load_credential(e, &e->flags->x509[i]);
    if (e->flags->x509[0].cert_file)
        load_credential(e, &e->flags->x509[0]);
}

/* ---- PSKs ---- */

/* Each key for the suites of either hash (RFC 9258 §5.1). */
static void import_psk(struct endpoint *e, const struct psk_flags *f)
{
    const struct hash *const targets[] = { &hash_sha256, &hash_sha384 };
    uint8_t key[HASH_MAX], identity[EXTERNAL_IDENTITY_MAX], context[PSK_CONTEXT_MAX];
    struct external_psk epsk = {
        .key = from_base64(key, sizeof key, f->key),
        .identity = from_base64(identity, sizeof identity, f->identity),
        .context = from_base64(context, sizeof context, f->context),
        .hash = f->sha384 ? &hash_sha384 : &hash_sha256,
    };
    for (size_t i = 0; i < COUNT(targets); i++) {
        const char *reason;
        if (!psk_import(&e->psks[e->psk_count++], &epsk, targets[i], &reason))
            unimplemented(reason);
    }
}

static void choose_psks(struct endpoint *e)
{
    for (size_t i = 0; i < e->flags->psk_count; i++)
        import_psk(e, &e->flags->psk[i]);
    if (e->flags->server && e->psk_count > 0 && e->flags->x509[1].number == 1)
        unimplemented("a certificate rather than a PSK");
}

/* ---- the peer's certificate ---- */

/* Under none of the flags that make it count, a verdict is kept and not acted on. */
static bool verdict_counts(const struct flags *f)
{
    return f->verify_peer || f->require_any_client_certificate;
}

static bool same_chain(const char *path, const struct bytes *chain, size_t chain_count)
{
    struct trust_store store = { 0 };
    char error[TRUST_ERROR_MAX];
    if (!trust_add_file(&store, path, error))
        broken(error);
    bool same = store.trust.anchor_count == chain_count;
    for (size_t i = 0; same && i < chain_count; i++)
        same = bytes_equal_public(store.trust.anchors[i].certificate, chain[i]);
    trust_free(&store);
    return same;
}

/* The tests have decode_error for a leaf that is no certificate. */
static bool is_garbage(struct bytes leaf)
{
    struct x509_certificate certificate;
    return x509_certificate_decode(&certificate, leaf) != NULL;
}

/* As the tests have it, who is believed is not a matter of certificates but of flags. */
static enum alert verify(void *context, const struct bytes *chain, size_t chain_count,
                         const char **reason)
{
    struct endpoint *e = context;
    const struct flags *f = e->flags;
    if (chain_count == 0 && !f->reverify_on_resume)
        return ALERT_NONE;
    if (chain_count > 0 && is_garbage(chain[0])) {
        *reason = "the leaf is no certificate";
        return ALERT_DECODE_ERROR;
    }
    if (chain_count > 0 && f->expect_peer_cert_file)
        e->chain_differs = !same_chain(f->expect_peer_cert_file, chain, chain_count);
    e->memory->disbelieved = f->verify_fail;
    *reason = "the flags say so";
    if (!f->verify_fail || !verdict_counts(f))
        return ALERT_NONE;
    return f->use_custom_verify_callback ? ALERT_CERTIFICATE_UNKNOWN : ALERT_HANDSHAKE_FAILURE;
}

/* Bare keys are believed by pins, and only by them: one that the test expects, or, to be refused,
 * one that nobody has. What it has no opinion of is anybody's. */
static void choose_peer_types(struct tls_settings *s, struct endpoint *e)
{
    const struct flags *f = e->flags;
    const struct code_points *types = &f->accepted_peer_cert_types;
    if (types->count == 0 || (types->count == 1 && types->at[0] == CERTIFICATE_X509))
        return;
    if (types->at[0] == CERTIFICATE_X509)
        unimplemented("a certificate rather than a raw public key");
    s->peer_certificates = types->count == 1 ? PEER_RAW_PUBLIC_KEY : PEER_RAW_PUBLIC_KEY_OR_X509;
    if (f->server && s->client_certificate == CLIENT_CERTIFICATE_NOT_ASKED)
        unimplemented("bare keys of clients that are not asked");
    s->verifier = NULL;
    s->insecure_accept_any_certificate = !f->expect_peer_rpk_sha256 && !f->verify_fail;
    from_base64(e->pin[0], sizeof e->pin[0], f->expect_peer_rpk_sha256);
    e->pinned = (struct x509_trust){ .pins = (const uint8_t (*)[X509_PIN_LEN])e->pin,
                                     .pin_count = 1 };
    s->trust = s->insecure_accept_any_certificate ? NULL : &e->pinned;
}

/* ---- all of it ---- */

static void refuse_versions(const struct flags *f)
{
    if (f->no_tls13 || (f->max_version && f->max_version < TLS13))
        unimplemented("a version before TLS 1.3");
}

/* Names in hex, with commas between them; or <EMPTY>, <NULL>. */
static void name_authorities(struct endpoint *e, const char *list)
{
    size_t used = 0;
    for (; list && *list && *list != '<'; list += *list == ',') {
        size_t n = e->authorities.anchor_count++, len;
        if (n == AUTHORITIES_MAX
            || sodium_hex2bin(e->anchor_bytes + used, sizeof e->anchor_bytes - used, list,
                              strcspn(list, ","), NULL, &len, &list) != 0)
            broken("-use-client-ca-list");
        e->anchors[n].subject = bytes_of(e->anchor_bytes + used, len);
        used += len;
    }
    e->authorities.anchors = e->anchors;
}

static void prepare_server(struct tls_settings *s, struct endpoint *e)
{
    const struct flags *f = e->flags;
    name_authorities(e, f->use_client_ca_list);
    s->trust = e->authorities.anchor_count > 0 ? &e->authorities : NULL;
    s->grease = s->always_change_cipher_spec = true;             /* as BoringSSL's do unasked */
    s->ignore_server_name = f->no_server_name_ack;
    s->limits.early_data_skipped = 16384 - TLS_RECORD_OVERHEAD;      /* BoringSSL counts records */
    s->client_certificate = f->verify_peer ? CLIENT_CERTIFICATE_OPTIONAL
                          : f->require_any_client_certificate ? CLIENT_CERTIFICATE_REQUIRED
                          : CLIENT_CERTIFICATE_NOT_ASKED;
    s->verifier = s->client_certificate == CLIENT_CERTIFICATE_NOT_ASKED ? NULL : &e->verifier;
    if (f->no_ticket)
        return;
    s->ticket_keys = &e->memory->ticket_keys;
    s->tickets = 1;
}

void endpoint_make(struct endpoint *e, const struct flags *flags, struct memory *memory)
{
    const char *reason;
    *e = (struct endpoint){
        .flags = flags, .memory = memory, .algorithms = algorithms_default, .signed_by = -1,
        .verifier = { verify, e }, .witness.server = flags->server,
    };
    e->observer = witness_observer(&e->witness);
    refuse_versions(flags);
    refuse_legacy_clients(flags);
    choose_suites(e);
    choose_groups(e);
    choose_schemes(e);
    choose_alpn(e);
    load_credentials(e);
    choose_psks(e);
    struct tls_settings s = {
        .algorithms = &e->algorithms, .now = now, .now_context = memory,
        .alpn = e->alpn, .alpn_count = e->alpn_count, .verifier = &e->verifier,
        .observers = &e->observer, .observer_count = 1,
        .psks = e->psks, .psk_count = e->psk_count, .grease = flags->enable_grease,
        /* without a name, an address: which is never sent (RFC 6066 §3) */
        .server_name = flags->host_name ? flags->host_name : "127.0.0.1",
        .credentials = e->credentials, .credential_count = e->credential_count,
        .never_anonymous = e->credential_count > 0 && !flags->server,
    };
    if (e->psk_count > 0 && !flags->verify_peer)
        s.verifier = NULL;                               /* a PSK or nothing */
    if (flags->server)
        prepare_server(&s, e);
    choose_peer_types(&s, e);
    if (!(flags->server ? tls_config_server : tls_config_client)(&e->config, &s, &reason))
        unimplemented(reason);
}

void endpoint_free(struct endpoint *e)
{
    for (size_t i = 0; i < e->credential_count; i++)
        credential_free(e->own[i].loaded);
}
