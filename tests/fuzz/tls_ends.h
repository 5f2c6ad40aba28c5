/* tests/fuzz/tls_ends.h - both our ends in memory for the harnesses of the engine: some records of
 * a genuine handshake, and then whatever the fuzzer says.
 *
 * Input: one byte for how many genuine records the end gets first (its low 4 bits) and which PSKs
 * there are; one byte of flags; with EDITED, which message of the other end is changed, and three
 * times an offset and what is added to the byte there; then chunks of a content type, a 16-bit
 * length and as many bytes, each sent as a record under the keys that the end reads with at that
 * moment; or, with RAW, bytes as they are.
 *
 * What may never be: a call that does not get on (S15), data or a connection that no peer made,
 * output after a failure other than one alert.
 */
#ifndef SEALPOST_TESTS_FUZZ_TLS_ENDS_H
#define SEALPOST_TESTS_FUZZ_TLS_ENDS_H

#include "tls13/ticket.h"
#include "tls13/tls.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/make.h"

#include <stdlib.h>
#include <string.h>

enum { CLIENT, SERVER };
enum { RAW = 1, RETRY = 2, BY_BYTES = 4, SIGN_NEVER = 8, EARLY = 16, ASK = 32, BARE = 64,
       EDITED = 128 };

/* PSKs that the client offers; with STRANGE the server has other keys under the same names. */
enum { EXTERNAL = 16, RESUMES = 32, STRANGE = 64 };

static const int64_t NOW = 1790000000;

static struct fuzz_end {
    struct tls tls;
    struct tls_handshake handshake;
    struct tls_config config;
    uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];
    uint8_t wire[4 * TLS_RECORD_MAX];
    size_t wire_len;
} ends[2];

static struct private_key key;
static uint8_t certificate[X509_MAKE_MAX];
static size_t certificate_len;
static uint64_t counter;
static uint8_t flags, psks;

static void must(bool what)
{
    if (!what)
        abort();
}

static bool fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)((counter += 0x9e3779b97f4a7c15) >> 56);
    return true;
}

static const struct random_source repeating = { fill, NULL };

static int64_t now(void *context)
{
    (void)context;
    return NOW;
}

static enum sign_result sign(void *context, const struct signature_scheme *scheme,
                             struct bytes content, uint8_t *signature, size_t *signature_len)
{
    (void)context;
    if (flags & SIGN_NEVER)
        return SIGN_LATER;
    must(scheme->signature->sign(signature, signature_len, &key, content, &repeating));
    return SIGN_DONE;
}

/* Offers early data, first of all extensions, of which the server then passes some over. */
static size_t offer_early_data(void *context, uint8_t *message, size_t len, size_t cap)
{
    static const uint8_t extension[] = { 0, EXT_EARLY_DATA, 0, 0 };
    (void)context;
    size_t block = 4 + 2 + 32;
    if (message[0] != CLIENT_HELLO || len + sizeof extension > cap)
        return len;
    block += 1u + message[block];
    block += 2u + load_be16(message + block);
    block += 1u + message[block];
    memmove(message + block + 2 + sizeof extension, message + block + 2, len - block - 2);
    memcpy(message + block + 2, extension, sizeof extension);
    store_be16(message + block, (uint16_t)(load_be16(message + block) + sizeof extension));
    store_be16(message + 2, (uint16_t)(load_be16(message + 2) + sizeof extension));
    return len + sizeof extension;
}

static struct { uint8_t left; uint16_t offset[3]; uint8_t add[3]; } edits;

/* Before the message is hashed: a peer that misbehaves, and knows what it has said. */
static size_t change_bytes(void *context, uint8_t *message, size_t len, size_t cap)
{
    (void)context, (void)cap;
    if (edits.left > 0 && --edits.left == 0)
        for (size_t i = 0; i < COUNT(edits.offset); i++)
            if (edits.offset[i] < len)
                message[edits.offset[i]] = (uint8_t)(message[edits.offset[i]] + edits.add[i]);
    return len;
}

static void make_certificate(void)
{
    static const char *const names[] = { "mail.example.org" };
    if (certificate_len > 0)
        return;
    must(private_key_generate(&key, KEY_ED25519, &repeating));
    struct x509_recipe r = x509_recipe_root("Fuzz", &key, NOW - 1000);
    r.key_usage |= X509_DIGITAL_SIGNATURE;
    r.dns = names;
    r.dns_count = 1;
    must(x509_make(certificate, &certificate_len, sizeof certificate, &r, &repeating));
}

/* A key that both have, or that the server has not. */
static void make_psks(struct tls_settings *of_client, struct tls_settings *of_server)
{
    static const uint8_t secrets[2][32] = { { 1 }, { 2 } };
    static struct imported_psk imported[2][2];
    static struct ticket_keys ticket_keys[2];
    const char *reason;
    for (size_t i = 0; i < 2 && imported[i][0].hash == NULL; i++) {
        struct external_psk epsk = { .identity = bytes_of_string("an identity"),
                                     .key = bytes_of(secrets[i], sizeof secrets[i]) };
        must(psk_import(&imported[i][0], &epsk, &hash_sha256, &reason)
             && psk_import(&imported[i][1], &epsk, &hash_sha384, &reason)
             && ticket_keys_make(&ticket_keys[i], &repeating, 3600, NOW));
    }
    bool strange = psks & STRANGE;
    of_client->psks = imported[0];
    of_server->psks = imported[strange];
    of_client->psk_count = of_server->psk_count = psks & EXTERNAL ? 2 : 0;
    of_server->ticket_keys = psks & RESUMES ? &ticket_keys[strange] : NULL;
    of_server->tickets = psks & RESUMES ? 1 : 0;
}

static void configure(unsigned target)
{
    static struct bytes chain[1], alpn[1];
    static const struct signature_scheme *schemes[1];
    static struct tls_credential credential;
    static const struct tls_editor early = { offer_early_data, NULL };
    static const struct tls_editor change = { change_bytes, NULL };
    static const struct named_group *groups[2];
    static struct algorithms one_group;
    static struct x509_anchor anchor;
    static const struct x509_trust trust = { .anchors = &anchor, .anchor_count = 1 };
    const char *reason;
    chain[0] = bytes_of(certificate, certificate_len);
    alpn[0] = bytes_of_string("smtp");
    schemes[0] = scheme_find(&algorithms_default, 0x0807);
    credential = (struct tls_credential){ .chain = chain, .chain_count = 1, .schemes = schemes,
                                          .scheme_count = 1, .signer = { sign, NULL },
                                          .ocsp_response = bytes_of_string("a response") };
    struct x509_certificate decoded;
    must(!x509_certificate_decode(&decoded, chain[0]));
    if (flags & BARE)
        credential.public_key = decoded.spki;
    anchor = (struct x509_anchor){ chain[0], decoded.subject };
    groups[0] = algorithms_default.groups[flags & RETRY ? 1 : 0];
    one_group = algorithms_default;
    one_group.groups = groups;
    one_group.group_count = 1;
    struct tls_settings s = { .random = &repeating, .now = now, .alpn = alpn, .alpn_count = 1 };
    struct tls_settings of_client = s, of_server = s;
    of_client.server_name = "mail.example.org";
    of_client.insecure_accept_any_certificate = true;
    of_client.editor = flags & EARLY ? &early : NULL;
    of_server.algorithms = &one_group;
    of_server.credentials = &credential;
    of_server.credential_count = 1;
    if ((flags & ASK) && !(flags & BARE)) {              /* who asks for a status has anchors */
        of_client.request_status = true;
        of_client.insecure_accept_any_certificate = false;
        of_client.trust = &trust;
    }
    if (flags & ASK) {
        of_client.credentials = &credential;
        of_client.credential_count = 1;
        of_server.client_certificate = CLIENT_CERTIFICATE_OPTIONAL;
        of_server.insecure_accept_any_certificate = true;
    }
    if (flags & EDITED)
        *(target == CLIENT ? &of_server.editor : &of_client.editor) = &change;
    make_psks(&of_client, &of_server);
    if (flags & BARE)
        of_client.peer_certificates = of_server.peer_certificates = PEER_RAW_PUBLIC_KEY_OR_X509;
    must(tls_config_client(&ends[CLIENT].config, &of_client, &reason));
    must(tls_config_server(&ends[SERVER].config, &of_server, &reason));
}

/* Takes in what is there; every call gets on, or says what it waits for. */
static bool take(struct fuzz_end *e)
{
    bool connected = false;
    while (e->wire_len > 0 && !tls_failed(&e->tls)) {
        struct tls_received got;
        enum tls_event event = tls_receive(&e->tls, e->wire, e->wire_len, &got);
        connected |= event == TLS_CONNECTED;
        must(got.used <= e->wire_len);
        if (event == TLS_NEED_INPUT) {
            must(got.used == 0 && got.need > e->wire_len && got.need <= TLS_RECORD_MAX);
            break;
        }
        if (event == TLS_NEED_SIGNATURE) {
            must(got.used == 0 && tls_wants_signature(&e->tls));
            break;
        }
        must(event == TLS_FAILED || got.used > 0);
        must(event != TLS_DATA || (got.data.at >= e->wire && got.data.len > 0
                                   && got.data.at + got.data.len <= e->wire + got.used));
        e->wire_len -= got.used;
        memmove(e->wire, e->wire + got.used, e->wire_len);
    }
    return connected;
}

static bool deliver(struct fuzz_end *e, struct bytes in, size_t bite)
{
    bool connected = false;
    for (size_t n; in.len > 0; in = bytes_of(in.at + n, in.len - n)) {
        n = in.len < bite ? in.len : bite;
        if (tls_failed(&e->tls) || e->wire_len + n > sizeof e->wire)
            break;
        memcpy(e->wire + e->wire_len, in.at, n);
        e->wire_len += n;
        connected |= take(e);
    }
    return connected;
}

/* Everything that `from` has to say; of it `budget` records reach the other. */
static bool relay(unsigned from, unsigned *budget)
{
    uint8_t out[4096];
    bool moved = false;
    for (size_t n; (n = tls_output(&ends[from].tls, out, sizeof out)) > 0; moved = true)
        for (size_t at = 0, len; at < n; at += len) {
            len = 5u + load_be16(out + at + 3);
            if (*budget == 0)
                continue;
            --*budget;
            deliver(&ends[!from], bytes_of(out + at, len), len);
        }
    return moved;
}

static void genuine_records(unsigned target, unsigned records)
{
    unsigned to_target = records, to_other = 100;
    bool moved = true;
    while (moved) {
        moved = relay(!target, &to_target);
        moved |= relay(target, &to_other);
    }
}

/* A record under the keys that the end reads with now; in the clear if it has none. */
static bool say(struct fuzz_end *e, uint8_t type, struct bytes content)
{
    uint8_t record[TLS_RECORD_MAX];
    struct record_keys keys = e->tls.read;
    if (content.len > TLS_PLAINTEXT_MAX)
        content.len = TLS_PLAINTEXT_MAX;
    size_t n = keys.aead && type != CHANGE_CIPHER_SPEC
                   ? record_seal(&keys, record, type, content, 0)
                   : record_write_plaintext(record, type, VERSION_TLS12, content);
    return deliver(e, bytes_of(record, n), flags & BY_BYTES ? 1 : n);
}

static bool say_all(struct fuzz_end *e, struct bytes input)
{
    bool connected = false;
    if (flags & RAW)
        return deliver(e, input, flags & BY_BYTES ? 1 : 4096);
    for (struct reader r = reader_of(input); reader_more(&r) && !tls_failed(&e->tls);) {
        uint8_t type = read_u8(&r);
        size_t len = read_u16(&r);
        if (r.bad)
            break;
        connected |= say(e, type, read_bytes(&r, len < r.rest.len ? len : r.rest.len));
    }
    return connected;
}

static void finish(struct fuzz_end *e)
{
    uint8_t out[TLS_OUTPUT_MIN];
    size_t records = 0;
    while (tls_output(&e->tls, out, sizeof out) > 0)
        must(++records < 2000);
    must(!tls_failed(&e->tls) || records <= 1);
    must(!tls_has_output(&e->tls));
    (void)tls_receive_end(&e->tls);
}

static void start(unsigned target, const struct tls_resumption *of_client)
{
    static const struct tls_resumption none;
    counter = 1;
    configure(target);
    for (unsigned i = 0; i < 2; i++) {
        struct fuzz_end *e = &ends[i];
        e->wire_len = 0;
        tls_start_resuming(&e->tls, &e->config, &e->handshake, e->incoming, sizeof e->incoming,
                           e->outgoing, sizeof e->outgoing, i == CLIENT ? of_client : &none);
    }
}

/* A session of a connection that nobody disturbed; made once. */
static struct tls_session session(void)
{
    static struct tls_session made;
    if (made.len == 0) {
        flags = 0;
        psks = RESUMES;
        start(CLIENT, &(struct tls_resumption){ .keep = &made, .keep_count = 1 });
        genuine_records(CLIENT, 100);
        must(made.len > 0);
    }
    return made;
}

static int fuzz_end(unsigned target, const uint8_t *data, size_t len)
{
    static struct tls_session kept;
    struct reader r = reader_of(bytes_of(data, len));
    unsigned first = read_u8(&r);
    make_certificate();
    struct tls_session offer = session();
    flags = read_u8(&r);
    psks = (uint8_t)first;
    edits.left = flags & EDITED ? read_u8(&r) : 0;
    for (size_t i = 0; edits.left > 0 && i < COUNT(edits.offset); i++) {
        edits.offset[i] = read_u16(&r);
        edits.add[i] = read_u8(&r);
    }
    if (r.bad)
        return 0;
    start(target, &(struct tls_resumption){ .offer = psks & RESUMES ? &offer : NULL, .keep = &kept,
                                            .keep_count = 1 });
    genuine_records(target, first % 16);
    must(!say_all(&ends[target], r.rest));                        /* nobody knows the Finished */
    finish(&ends[target]);
    return 0;
}

#endif
