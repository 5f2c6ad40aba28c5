/* tests/pair.c - a client and a server of ours in one process, joined by memory. */
#include "tests/pair.h"

#include "crypto/hash.h"
#include "tls13/machine.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/make.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct pair the_pair;

/* Check reports every assertion that holds to its parent process; too slow for what is asked a
 * million times. */
#define MUST(condition) \
    do { if (!(condition)) ck_abort_msg("%s", #condition); } while (0)

/* ---- what is made once ---- */

static struct {
    bool made;
    struct private_key root_key;
    uint8_t root[X509_MAKE_MAX];
    size_t root_len;
    struct x509_certificate root_certificate;
    struct leaf {
        struct private_key key;
        uint8_t der[X509_MAKE_MAX];
        size_t len;
        struct bytes public_key;
        uint8_t pin[X509_PIN_LEN];
    } leaf[2][3];                        /* by end and key type */
    struct ticket_keys ticket_keys;
} house;

static const struct { enum key_type type; uint16_t scheme; } leaf_types[3] = {
    { KEY_P256, 0x0403 }, { KEY_ED25519, 0x0807 }, { KEY_P384, 0x0503 },
};

/* splitmix64: every end draws its own, always the same, sequence. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static bool fill_house(void *context, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)next_random(context);
    return true;
}

static bool fill_end(void *context, uint8_t *out, size_t len)
{
    struct end *e = context;
    if (e->random_left && --e->random_left == 0) {
        e->random_left = 1;
        return false;
    }
    return fill_house(&e->random_state, out, len);
}

static void make_leaf(unsigned who, size_t i, const struct random_source *random)
{
    static const char *const names[] = { "mail.example.org", "*.wild.example.org" };
    static const char *const addresses[] = { "192.0.2.1" };
    static const char *const emails[] = { "alice@example.org" };
    struct leaf *leaf = &house.leaf[who][i];
    struct x509_certificate c;
    ck_assert(private_key_generate(&leaf->key, leaf_types[i].type, random));
    struct x509_issuer root = { bytes_of(house.root, house.root_len), &house.root_key };
    struct x509_recipe r = x509_recipe_server("Leaf", &leaf->key, root, PAIR_NOW - 1000);
    r.dns = names;
    r.dns_count = COUNT(names);
    r.ip = addresses;
    r.ip_count = COUNT(addresses);
    if (who == CLIENT) {
        r = x509_recipe_client("Alice", &leaf->key, root, PAIR_NOW - 1000);
        r.email = emails;
        r.email_count = COUNT(emails);
    }
    ck_assert(x509_make(leaf->der, &leaf->len, sizeof leaf->der, &r, random));
    ck_assert_ptr_null(x509_certificate_decode(&c, bytes_of(leaf->der, leaf->len)));
    leaf->public_key = c.spki;
    hash_digest(&hash_sha256, leaf->pin, c.spki);
}

static struct leaf *leaf_of(unsigned who, enum key_type type)
{
    for (size_t i = 0; i < COUNT(leaf_types); i++)
        if (leaf_types[i].type == type)
            return &house.leaf[who][i];
    ck_abort_msg("no leaf with that key type");
    return NULL;
}

static void make_house(void)
{
    static uint64_t state = 1;
    static const struct random_source random = { fill_house, &state };
    if (house.made)
        return;
    ck_assert(private_key_generate(&house.root_key, KEY_ED25519, &random));
    struct x509_recipe r = x509_recipe_root("Root", &house.root_key, PAIR_NOW - 1000);
    ck_assert(x509_make(house.root, &house.root_len, sizeof house.root, &r, &random));
    ck_assert_ptr_null(x509_certificate_decode(&house.root_certificate,
                                               bytes_of(house.root, house.root_len)));
    for (unsigned i = 0; i < 2 * COUNT(leaf_types); i++)
        make_leaf(i < COUNT(leaf_types) ? SERVER : CLIENT, i % COUNT(leaf_types), &random);
    ck_assert(ticket_keys_make(&house.ticket_keys, &random, 86400, PAIR_NOW));
    house.made = true;
}

/* ---- the tap ---- */

/* The secret that new keys come from: the latest of that epoch and sender, or of an update. */
static size_t secret_of_keys(const struct tap *tap, enum direction direction, const char *epoch)
{
    bool client = tap->tls->config->is_server == (direction == RECEIVED);
    bool handshake = strcmp(epoch, "handshake") == 0;
    const char *label = handshake ? (client ? "c hs traffic" : "s hs traffic")
                                  : (client ? "c ap traffic" : "s ap traffic");
    if (!handshake && tap->key_changes[direction] >= 2)
        label = "traffic upd";
    for (size_t i = tap->secret_count; i-- > 0;)
        if (strcmp(tap->secret[i % PAIR_SECRETS_MAX].label, label) == 0)
            return i % PAIR_SECRETS_MAX;
    ck_abort_msg("keys without a secret: %s", label);
    return 0;
}

static void see_keys(struct tap *tap, const struct observation *what)
{
    const struct cipher_suite *suite = tap->tls->suite;
    struct traffic_secret secret;
    size_t i = secret_of_keys(tap, what->direction, what->label);
    memcpy(secret.s.byte, tap->secret[i].byte, sizeof secret.s.byte);
    record_keys_make(&tap->keys[what->direction], suite->aead, suite->hash, &secret);
    tap->key_changes[what->direction]++;
}

static void see_secret(struct tap *tap, const struct observation *what)
{
    size_t i = tap->secret_count++ % PAIR_SECRETS_MAX;
    memcpy(tap->secret[i].byte, what->bytes.at, what->bytes.len);
    tap->secret[i].len = what->bytes.len;
    tap->secret[i].label = what->label;
}

static void see_sent_record(struct tap *tap, const struct observation *what)
{
    uint8_t *copy = tap->arena + tap->arena_len;
    struct sent_record r = { .type = what->content_type, .protected = what->protected,
                             .content = bytes_of(copy + 5, what->bytes.len - 5) };
    MUST(tap->arena_len + what->bytes.len <= sizeof tap->arena);
    MUST(tap->record_count < PAIR_RECORDS_MAX);
    memcpy(copy, what->bytes.at, what->bytes.len);
    tap->arena_len += what->bytes.len;
    if (r.protected) {
        MUST(copy[0] == APPLICATION_DATA);
        MUST(tap->keys[SENT].sequence == what->sequence);
        MUST(record_open(&tap->keys[SENT], copy, what->bytes.len, &r.type, &r.content)
             == ALERT_NONE);
    }
    MUST(r.type == what->content_type && r.content.len == what->content_len);
    tap->record[tap->record_count++] = r;
}

static void see(void *context, const struct observation *what)
{
    struct tap *tap = context;
    switch (what->kind) {
    case OBSERVE_SECRET:
        see_secret(tap, what);
        break;
    case OBSERVE_KEYS:
        see_keys(tap, what);
        break;
    case OBSERVE_RECORD:
        if (what->direction == SENT && tap->opens_records)
            see_sent_record(tap, what);
        break;
    default:
        break;
    }
}

/* ---- beginning ---- */

static int64_t clock_of_pair(void *context)
{
    (void)context;
    return PAIR_NOW + the_pair.setup.clock;
}

static enum sign_result sign(void *context, const struct signature_scheme *scheme,
                             struct bytes content, uint8_t *signature, size_t *signature_len)
{
    struct pair_party *party = context;
    struct pair *p = party->pair;
    unsigned who = party == &p->party[SERVER];
    struct random_source random = { fill_end, &p->end[who] };
    if (who == SERVER ? p->setup.sign_later : p->setup.client_signs_later) {
        MUST(content.len <= sizeof party->to_sign);
        memcpy(party->to_sign, content.at, content.len);
        party->to_sign_len = content.len;
        return SIGN_LATER;
    }
    return scheme->signature->sign(signature, signature_len, party->key, content, &random)
               ? SIGN_DONE : SIGN_FAILED;
}

/* Who this end is, and whom it believes. */
static void make_party(struct pair *p, unsigned who, enum key_type type, enum key_type other)
{
    struct pair_party *party = &p->party[who];
    struct leaf *leaf = leaf_of(who, type);
    size_t i = (size_t)(leaf - house.leaf[who]);
    *party = (struct pair_party){
        .pair = p, .key = &leaf->key,
        .chain = { bytes_of(leaf->der, leaf->len) }, .public_key = leaf->public_key,
        .scheme = { scheme_find(&algorithms_default, leaf_types[i].scheme) },
    };
    party->credential = (struct tls_credential){
        .chain = party->chain, .chain_count = p->setup.shows[who] != SHOWS_RAW_KEY,
        .schemes = party->scheme, .scheme_count = 1, .signer = { sign, party },
        .ocsp_response = p->setup.ocsp_response[who],
    };
    if (p->setup.shows[who] != SHOWS_X509)
        party->credential.public_key = party->public_key;
    memcpy(party->pin[0], leaf_of(!who, other)->pin, X509_PIN_LEN);
    p->anchor = (struct x509_anchor){ house.root_certificate.der, house.root_certificate.subject };
    party->trust = p->setup.pins
        ? (struct x509_trust){ .pins = (const uint8_t (*)[X509_PIN_LEN])party->pin, .pin_count = 1 }
        : (struct x509_trust){ .anchors = &p->anchor, .anchor_count = 1 };
}

static void make_parties(struct pair *p)
{
    enum key_type server = p->setup.key ? p->setup.key : KEY_ED25519;
    enum key_type client = p->setup.client_key ? p->setup.client_key : KEY_ED25519;
    make_party(p, SERVER, server, client);
    make_party(p, CLIENT, client, server);
}

static void set_groups(struct pair *p, unsigned i, const uint16_t *code_points, size_t count)
{
    for (size_t j = 0; j < count; j++)
        p->groups[i][j] = group_find(&algorithms_default, code_points[j]);
    p->algorithms[i].groups = p->groups[i];
    p->algorithms[i].group_count = count;
}

/* One that a client with both sends its share of, if it is the first: of each class there is
 * one. */
static uint16_t other_group(uint16_t wanted, bool same_class)
{
    if (same_class && group_find(&algorithms_default, wanted)->strength > 0)
        return wanted == 0x11ec ? 0x11eb : 0x11ec;
    return wanted == 0x001d ? 0x0017 : 0x001d;
}

/* Both know the two groups; what differs is the client's first choice, and so its share. */
static void choose_two_groups(struct pair *p)
{
    const struct pair_setup *s = &p->setup;
    uint16_t wanted = s->group ? s->group : 0x001d;
    uint16_t other = other_group(wanted, s->hello_retry);
    for (unsigned i = 0; i < 2; i++) {
        bool second = i == CLIENT && s->hello_retry;
        uint16_t two[] = { second ? other : wanted, second ? wanted : other };
        set_groups(p, i, two, i == SERVER && s->hello_retry ? 1 : 2);
    }
}

static void choose_algorithms(struct pair *p)
{
    const struct pair_setup *s = &p->setup;
    const struct algorithms *all = &algorithms_default;
    p->algorithms[CLIENT] = p->algorithms[SERVER] = *all;
    choose_two_groups(p);
    for (unsigned i = 0; i < 2; i++) {
        size_t count = 0;
        while (count < PAIR_GROUPS_MAX && s->groups[i][count])
            count++;
        if (count > 0)
            set_groups(p, i, s->groups[i], count);
    }
    if (!s->suite)
        return;
    p->suites[0] = suite_find(all, s->suite);
    p->algorithms[SERVER].suites = p->suites;
    p->algorithms[SERVER].suite_count = 1;
}

static struct tls_settings common_settings(struct pair *p, unsigned i)
{
    struct end *e = &p->end[i];
    static struct random_source random[2];
    random[i] = (struct random_source){ fill_end, e };
    e->observer = (struct observer){ see, &e->tap };
    const char *const *alpn = i == CLIENT ? p->setup.client_alpn : p->setup.server_alpn;
    size_t alpn_count = 0;
    for (; alpn_count < 3 && alpn[alpn_count]; alpn_count++)
        p->alpn[i][alpn_count] = bytes_of_string(alpn[alpn_count]);
    return (struct tls_settings){
        .algorithms = &p->algorithms[i], .random = &random[i], .now = clock_of_pair,
        .alpn = p->alpn[i], .alpn_count = alpn_count,
        .observers = &e->observer, .observer_count = 1,
        .limits = p->setup.limits, .editor = p->setup.editor[i],
        .psks = p->setup.psks[i], .psk_count = p->setup.psk_count[i],
        .record_size_limit = p->setup.record_size_limit[i],
        .pad_records_to = p->setup.pad_records_to[i], .grease = p->setup.grease,
    };
}

static void configure_client(struct pair *p)
{
    const char *reason = "";
    struct tls_settings s = common_settings(p, CLIENT);
    s.server_name = p->setup.server_name ? p->setup.server_name : "mail.example.org";
    s.trust = p->setup.insecure || p->setup.verifier ? NULL : &p->party[CLIENT].trust;
    s.verifier = p->setup.verifier;
    s.insecure_accept_any_certificate = p->setup.insecure;
    s.peer_certificates = p->setup.takes[CLIENT];
    s.request_status = p->setup.request_status;
    s.credentials = &p->party[CLIENT].credential;
    s.credential_count = p->setup.client_key != KEY_NONE;
    if (p->setup.psk_only[CLIENT]) {
        s.server_name = NULL;
        s.trust = NULL;
    }
    if (!tls_config_client(&p->end[CLIENT].config, &s, &reason))
        ck_abort_msg("%s", reason);
}

static void configure_server(struct pair *p)
{
    const char *reason = "";
    struct tls_settings s = common_settings(p, SERVER);
    s.credentials = &p->party[SERVER].credential;
    s.credential_count = p->setup.psk_only[SERVER] ? 0 : 1;
    s.ticket_keys = p->setup.ticket_keys ? p->setup.ticket_keys : &house.ticket_keys;
    s.cookie_keys = p->setup.cookie_keys;
    s.demand_cookie = p->setup.demand_cookie;
    s.tickets = p->setup.tickets;
    s.listener = bytes_of_string(p->setup.listener ? p->setup.listener : "");
    s.refuse_unknown_names = p->setup.refuse_unknown_names;
    s.ignore_server_name = p->setup.ignore_server_name;
    s.always_change_cipher_spec = p->setup.always_change_cipher_spec;
    s.client_certificate = p->setup.client_certificate;
    if (s.client_certificate != CLIENT_CERTIFICATE_NOT_ASKED) {
        s.trust = p->setup.client_insecure ? NULL : &p->party[SERVER].trust;
        s.insecure_accept_any_certificate = p->setup.client_insecure;
        s.peer_certificates = p->setup.takes[SERVER];
    }
    if (!tls_config_server(&p->end[SERVER].config, &s, &reason))
        ck_abort_msg("%s", reason);
}

static void carry_unchanged(struct pair *p, unsigned from, struct bytes out)
{
    end_deliver(&p->end[!from], p->setup.bite, out);
}

/* Sets to nothing all but the large buffers, which need none. */
static void reset_end(struct end *e, unsigned i, unsigned random_fails_at)
{
    e->wire_len = e->data_len = e->alert_records = 0;
    e->connected = e->tickets = 0;
    e->peer_closed = false;
    e->random_state = i + 100;
    e->random_left = random_fails_at;
    struct tap *tap = &e->tap;
    tap->tls = &e->tls;
    tap->secret_count = tap->record_count = tap->arena_len = 0;
    tap->key_changes[0] = tap->key_changes[1] = 0;
    tap->opens_records = false;
    memset(tap->keys, 0, sizeof tap->keys);
}

/* A session of a connection like this one, but undisturbed; made anew when the setup is another. */
static struct tls_session session_for(const struct pair_setup *setup)
{
    static struct pair_setup made_for;
    static struct tls_session made;
    if (made.len > 0 && memcmp(&made_for, setup, sizeof made_for) == 0)
        return made;
    struct pair_setup first = *setup;
    first.resumed = first.sign_later = false;
    first.editor[CLIENT] = first.editor[SERVER] = NULL;
    first.random_fails_at[CLIENT] = first.random_fails_at[SERVER] = 0;
    first.clock = 0;
    first.tickets = 1;
    first.resumption = (struct tls_resumption){ .keep = &made, .keep_count = 1 };
    pair_run(pair_start(&first));
    pair_connected(&the_pair);
    memcpy(&made_for, setup, sizeof made_for);
    return made;
}

struct x509_issuer pair_root(void)
{
    make_house();
    return (struct x509_issuer){ bytes_of(house.root, house.root_len), &house.root_key };
}

struct pair *pair_start(const struct pair_setup *setup)
{
    struct pair *p = &the_pair;
    make_house();
    p->session = setup->resumed ? session_for(setup) : (struct tls_session){ .len = 0 };
    p->setup = *setup;
    if (setup->resumed)
        p->setup.resumption.offer = &p->session;
    p->carry = carry_unchanged;
    for (unsigned i = 0; i < 2; i++)
        reset_end(&p->end[i], i, setup->random_fails_at[i]);
    choose_algorithms(p);
    make_parties(p);
    configure_client(p);
    configure_server(p);
    for (unsigned i = 0; i < 2; i++) {
        struct end *e = &p->end[i];
        tls_start_resuming(&e->tls, &e->config, &e->handshake, e->incoming, sizeof e->incoming,
                           e->outgoing, sizeof e->outgoing,
                           i == CLIENT ? &p->setup.resumption : &(struct tls_resumption){ 0 });
    }
    tls_bind_cookie(&p->end[SERVER].tls, setup->cookie_context);
    return p;
}

/* ---- moving bytes ---- */

static void keep_data(struct end *e, struct bytes data)
{
    if (e->data_len + data.len <= PAIR_DATA_MAX)
        memcpy(e->data + e->data_len, data.at, data.len);
    e->data_len += data.len;
}

/* One call of the engine; every call gets on, or says what it waits for (S15). */
static bool take_one(struct end *e)
{
    struct tls_received got;
    bool connected_before = e->connected > 0;
    switch (tls_receive(&e->tls, e->wire, e->wire_len, &got)) {
    case TLS_NEED_INPUT:
        MUST(got.used == 0 && got.need > e->wire_len);
        return false;
    case TLS_NEED_SIGNATURE:
        MUST(got.used == 0 && tls_wants_signature(&e->tls));
        return false;
    case TLS_FAILED:
        MUST(tls_failed(&e->tls));
        return false;
    case TLS_PEER_CLOSED:
        e->peer_closed = true;
        break;
    case TLS_CONNECTED:
        e->connected++;
        break;
    case TLS_DATA:
        MUST(connected_before && got.data.len > 0);
        keep_data(e, got.data);
        break;
    case TLS_TICKET:
        MUST(connected_before);
        e->tickets++;
        break;
    case TLS_PROGRESS:
        break;
    }
    MUST(got.used > 0 && got.used <= e->wire_len);
    e->wire_len -= got.used;
    memmove(e->wire, e->wire + got.used, e->wire_len);
    return e->wire_len > 0;
}

void end_deliver(struct end *e, size_t bite, struct bytes in)
{
    for (size_t n; in.len > 0; in = bytes_of(in.at + n, in.len - n)) {
        n = bite && bite < in.len ? bite : in.len;
        if (tls_failed(&e->tls))
            return;
        MUST(e->wire_len + n <= PAIR_WIRE_MAX);
        memcpy(e->wire + e->wire_len, in.at, n);
        e->wire_len += n;
        while (take_one(e))
            ;
    }
}

/* Everything of the server's connection but its settings is lost. */
static void forget(struct pair *p)
{
    struct end *e = &p->end[SERVER];
    MUST(e->wire_len == 0);
    memset(&e->tls, 0xee, sizeof e->tls);
    memset(&e->handshake, 0xee, sizeof e->handshake);
    memset(e->incoming, 0xee, sizeof e->incoming);
    memset(e->outgoing, 0xee, sizeof e->outgoing);
    tls_start(&e->tls, &e->config, &e->handshake, e->incoming, sizeof e->incoming, e->outgoing,
              sizeof e->outgoing);
    tls_bind_cookie(&e->tls, p->setup.cookie_context);
}

static bool pull(struct pair *p, unsigned from)
{
    static uint8_t out[40000];
    struct end *e = &p->end[from];
    size_t cap = p->setup.cap ? p->setup.cap : sizeof out;
    bool moved = false;
    for (size_t n; (n = tls_output(&e->tls, out, cap)) > 0; moved = true) {
        MUST(n <= cap);
        e->alert_records += tls_failed(&e->tls);
        p->carry(p, from, bytes_of(out, n));
    }
    MUST(!tls_has_output(&e->tls));
    if (p->setup.forget && from == SERVER && tls_may_forget(&e->tls))
        forget(p);
    return moved;
}

/* What came while the signer took its time is taken in after that. */
static bool answer_signature(struct pair *p, unsigned who)
{
    struct end *e = &p->end[who];
    struct pair_party *party = &p->party[who];
    uint8_t signature[SIGNATURE_MAX];
    size_t len = 0;
    struct random_source random = { fill_end, e };
    if (!(who == SERVER ? p->setup.sign_later : p->setup.client_signs_later)
        || !tls_wants_signature(&e->tls))
        return false;
    MUST(party->scheme[0]->signature->sign(signature, &len, party->key,
                                           bytes_of(party->to_sign, party->to_sign_len), &random));
    enum tls_event event = tls_signature(&e->tls, bytes_of(signature, len));
    MUST(event == (who == SERVER ? TLS_PROGRESS : TLS_CONNECTED));
    e->connected += event == TLS_CONNECTED;
    while (take_one(e))
        ;
    return true;
}

bool pair_step(struct pair *p)
{
    bool moved = pull(p, CLIENT);
    return pull(p, SERVER) || moved;
}

void pair_run(struct pair *p)
{
    bool moved = true;
    for (size_t rounds = 0; moved; rounds++) {
        moved = pair_step(p);
        if (!moved)
            moved = answer_signature(p, SERVER) || answer_signature(p, CLIENT);
        MUST(rounds < 1000);
    }
}

void pair_send(struct pair *p, unsigned from, struct bytes data)
{
    static uint8_t out[40000];
    struct end *to = &p->end[!from];
    size_t before = to->data_len;
    for (struct bytes rest = data; rest.len > 0;) {
        size_t taken;
        size_t cap = p->setup.cap ? p->setup.cap : sizeof out;
        size_t n = tls_seal(&p->end[from].tls, out, cap, rest, &taken);
        if (n == 0)
            ck_abort_msg("cannot send: %s", tls_failure(&p->end[from].tls).reason);
        p->carry(p, from, bytes_of(out, n));
        rest = bytes_of(rest.at + taken, rest.len - taken);
    }
    pair_run(p);
    if (to->data_len != before + data.len)
        ck_abort_msg("not all data came: %s", tls_failure(&to->tls).reason);
    if (to->data_len <= PAIR_DATA_MAX)
        MUST(memcmp(to->data + before, data.at, data.len) == 0);
}

/* ---- judging ---- */

void pair_connected(struct pair *p)
{
    for (unsigned i = 0; i < 2; i++) {
        struct tls_failure f = tls_failure(&p->end[i].tls);
        if (p->end[i].connected != 1 || tls_failed(&p->end[i].tls))
            ck_abort_msg("%s not connected: %s %s (%s)", i == CLIENT ? "client" : "server",
                         alert_name((uint8_t)f.alert), f.reason, f.message);
        MUST(tls_handshake_over(&p->end[i].tls));
    }
}

void pair_failed(struct pair *p, unsigned who, const char *name, enum alert alert,
                 const char *keyword)
{
    struct tls_failure f = tls_failure(&p->end[who].tls);
    if (!tls_failed(&p->end[who].tls))
        ck_abort_msg("%s: the %s did not fail", name, who == CLIENT ? "client" : "server");
    if (f.alert != alert || f.received)
        ck_abort_msg("%s: %s%s, not %s: %s", name, f.received ? "received " : "",
                     alert_name((uint8_t)f.alert), alert_name((uint8_t)alert), f.reason);
    if (!strstr(f.reason, keyword))
        ck_abort_msg("%s: \"%s\" not in: %s", name, keyword, f.reason);
    end_is_dead(&p->end[who]);
}

static void no_trace(const struct end *e, const char *what, const uint8_t *bytes, size_t len)
{
    if (memmem(&e->tls, sizeof e->tls, bytes, len))
        ck_abort_msg("still there: %s", what);
}

void end_is_dead(struct end *e)
{
    uint8_t out[64], zeros[16] = { 0 };
    struct tls_failure f = tls_failure(&e->tls);
    MUST(e->alert_records == (f.received || f.alert == ALERT_NONE ? 0 : 1));
    MUST(!tls_has_output(&e->tls) && tls_output(&e->tls, out, sizeof out) == 0);
    size_t n = e->tap.secret_count < PAIR_SECRETS_MAX ? e->tap.secret_count : PAIR_SECRETS_MAX;
    for (size_t i = 0; i < n; i++)
        no_trace(e, e->tap.secret[i].label, e->tap.secret[i].byte, 16);
    for (size_t i = 0; i < 2; i++)
        if (e->tap.keys[i].aead) {
            no_trace(e, "an IV", e->tap.keys[i].iv, AEAD_NONCE_LEN);
            if (memcmp(e->tap.keys[i].key.state, zeros, 16) != 0)
                no_trace(e, "a key", e->tap.keys[i].key.state, 16);
        }
    const uint8_t *h = (const uint8_t *)&e->handshake;
    for (size_t i = 0; i < sizeof e->handshake; i++)
        MUST(h[i] == 0);                                 /* the lent memory was wiped */
}
