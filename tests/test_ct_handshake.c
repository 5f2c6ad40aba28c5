/* tests/test_ct_handshake.c - whole handshakes in both roles with every secret marked: a suite and
 * a kind of key each, a hybrid group, resumption, data and a KeyUpdate in both directions.
 *
 * A normal build runs these as plain tests. Built with -DCT_VALGRIND and run as
 *
 *      CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_handshake
 *
 * memcheck reports each branch and each index that depends on what either end drew at random (but
 * what it sends in the clear), on its private key, or on anything that was derived from them. What
 * travels is released here, by travel(), since everybody sees it.
 */
#include "crypto/ct.h"
#include "tests/rsa_key.h"
#include "tests/vectors.h"
#include "tls13/tls.h"
#include "tls13/x509/make.h"

#include <check.h>
#include <string.h>

enum { NOW = 1800000000, CLIENT = 0, SERVER = 1 };

static bool fill_secret(void *context, uint8_t *out, size_t len)
{
    bool good = random_fill(&random_system, out, len);
    (void)context;
    ct_secret(out, len);
    return good;
}

static const struct random_source secret_random = { fill_secret, NULL };

static int64_t now(void *context)
{
    (void)context;
    return NOW;
}

/* ---- the key, the server's, and the client's where it is asked for one ---- */

static struct private_key key;
static uint8_t certificate[X509_MAKE_MAX];
static struct bytes chain[1];

static enum sign_result sign(void *context, const struct signature_scheme *scheme,
                             struct bytes content, uint8_t signature[SIGNATURE_MAX],
                             size_t *signature_len)
{
    (void)context;
    return scheme->signature->sign(signature, signature_len, &key, content, &secret_random)
               ? SIGN_DONE : SIGN_FAILED;
}

static void load_rsa_credential(void)
{
    struct vectors v = vectors_open("vectors/x509/rsa_server.txt");
    ck_assert(vectors_next(&v));
    struct bytes der = vector(&v, "certificate");
    ck_assert_uint_le(der.len, sizeof certificate);
    memcpy(certificate, der.at, der.len);
    chain[0] = bytes_of(certificate, der.len);
    ck_assert(!vectors_next(&v));
    vectors_close(&v);
    key = rsa_secret_key();
}

static void make_credential(enum key_type type)
{
    if (type == KEY_RSA) {
        load_rsa_credential();
        return;
    }
    static const char *const dns[] = { "mail.example.org" };
    size_t len;
    ck_assert(private_key_generate(&key, type, &secret_random));
    struct x509_recipe r = x509_recipe_server("Leaf", &key, (struct x509_issuer){ .key = &key },
                                              NOW - 1000);
    r.dns = dns;
    r.dns_count = COUNT(dns);
    ck_assert(x509_make(certificate, &len, sizeof certificate, &r, &random_system));
    chain[0] = bytes_of(certificate, len);
}

/* ---- two ends ---- */

static struct end {
    struct tls tls;
    struct tls_config config;
    struct tls_handshake handshake;
    uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];
    uint8_t wire[2 * TLS_RECORD_MAX];
    size_t wire_len;
    size_t data_len;
    bool connected;
} ends[2];

static void receive_all(struct end *e)
{
    struct tls_received got;
    while (e->wire_len > 0) {
        enum tls_event event = tls_receive(&e->tls, e->wire, e->wire_len, &got);
        ck_assert_msg(event != TLS_FAILED, "%s", tls_failure(&e->tls).reason);
        if (event == TLS_NEED_INPUT)
            return;
        e->connected |= event == TLS_CONNECTED;
        e->data_len += got.data.len;
        e->wire_len -= got.used;
        memmove(e->wire, e->wire + got.used, e->wire_len);
    }
}

/* From here on everybody knows these bytes. */
static void travel(struct end *to, const uint8_t *bytes, size_t len)
{
    ct_public(bytes, len);
    ck_assert_uint_le(to->wire_len + len, sizeof to->wire);
    memcpy(to->wire + to->wire_len, bytes, len);
    to->wire_len += len;
    receive_all(to);
}

static void run(void)
{
    static uint8_t out[TLS_RECORD_MAX];
    for (unsigned quiet = 0, from = CLIENT; quiet < 2; from = !from) {
        size_t n = tls_output(&ends[from].tls, out, sizeof out);
        quiet = n == 0 ? quiet + 1 : 0;
        if (n > 0)
            travel(&ends[!from], out, n);
    }
}

static void send_data(unsigned from)
{
    static uint8_t out[TLS_RECORD_MAX], secret[1000];
    size_t taken, before = ends[!from].data_len;
    ck_assert(fill_secret(NULL, secret, sizeof secret));
    size_t n = tls_seal(&ends[from].tls, out, sizeof out, bytes_of(secret, sizeof secret), &taken);
    ck_assert_uint_eq(taken, sizeof secret);
    travel(&ends[!from], out, n);
    ck_assert_uint_eq(ends[!from].data_len, before + sizeof secret);
}

/* ---- a handshake ---- */

struct setup {
    uint16_t suite, group;
    enum key_type type;
    uint16_t pad_records_to;
    enum tls_client_certificate client_certificate;
};

static void start(unsigned i, struct tls_resumption *resumption)
{
    struct end *e = &ends[i];
    e->wire_len = e->data_len = 0;
    e->connected = false;
    tls_start_resuming(&e->tls, &e->config, &e->handshake, e->incoming, sizeof e->incoming,
                       e->outgoing, sizeof e->outgoing, resumption);
}

static void configure(const struct setup *s, struct ticket_keys *tickets)
{
    static struct algorithms algorithms;
    static const struct cipher_suite *suites[1];
    static const struct named_group *groups[1];
    static const struct signature_scheme *schemes[1];
    static struct tls_credential credential;
    const char *reason = "";
    algorithms = algorithms_default;
    suites[0] = suite_find(&algorithms_default, s->suite);
    groups[0] = group_find(&algorithms_default, s->group);
    algorithms.suites = suites;
    algorithms.groups = groups;
    algorithms.suite_count = algorithms.group_count = 1;
    for (size_t i = 0; i < algorithms_default.scheme_count; i++)
        if (!algorithms_default.schemes[i]->certificates_only
            && algorithms_default.schemes[i]->signature->key_type == s->type)
            schemes[0] = algorithms_default.schemes[i];
    credential = (struct tls_credential){ .chain = chain, .chain_count = 1, .schemes = schemes,
                                          .scheme_count = 1, .signer = { sign, NULL } };
    struct tls_settings client = {
        .algorithms = &algorithms, .random = &secret_random, .now = now,
        .server_name = "mail.example.org", .insecure_accept_any_certificate = true,
        .credentials = &credential, .credential_count = 1, .pad_records_to = s->pad_records_to,
    };
    struct tls_settings server = {
        .algorithms = &algorithms, .random = &secret_random, .now = now,
        .credentials = &credential, .credential_count = 1, .ticket_keys = tickets, .tickets = 1,
        .insecure_accept_any_certificate = s->client_certificate != CLIENT_CERTIFICATE_NOT_ASKED,
        .client_certificate = s->client_certificate, .pad_records_to = s->pad_records_to,
    };
    ck_assert_msg(tls_config_client(&ends[CLIENT].config, &client, &reason), "%s", reason);
    ck_assert_msg(tls_config_server(&ends[SERVER].config, &server, &reason), "%s", reason);
}

static void connect_and_talk(bool resumed)
{
    run();
    ck_assert(ends[CLIENT].connected && ends[SERVER].connected);
    ck_assert(tls_facts(&ends[CLIENT].tls).resumed == resumed);
    for (unsigned i = 0; i < 2; i++) {
        send_data(i);
        ck_assert(tls_update_keys(&ends[i].tls, true));
        run();
        send_data(i);
    }
    for (unsigned i = 0; i < 2; i++)
        tls_close(&ends[i].tls);
    run();
}

static const struct setup setups[] = {
    { 0x1301, 0x001d, KEY_ED25519, 0, CLIENT_CERTIFICATE_NOT_ASKED },
    { 0x1302, 0x0017, KEY_P256, 0, CLIENT_CERTIFICATE_NOT_ASKED },
    { 0x1303, 0x0018, KEY_P384, 0, CLIENT_CERTIFICATE_NOT_ASKED },
    { 0x1301, 0x11ec, KEY_P256, 512, CLIENT_CERTIFICATE_NOT_ASKED },
    { 0x1301, 0x001d, KEY_RSA, 0, CLIENT_CERTIFICATE_REQUIRED },
};

START_TEST(full_and_resumed)
{
    static struct ticket_keys tickets;
    static struct tls_session session;
    struct tls_resumption first = { .keep = &session, .keep_count = 1 };
    struct tls_resumption second = { .offer = &session };
    ck_assert(ticket_keys_make(&tickets, &secret_random, 3600, NOW));
    make_credential(setups[_i].type);
    configure(&setups[_i], &tickets);
    start(CLIENT, &first);
    start(SERVER, &(struct tls_resumption){ 0 });
    connect_and_talk(false);
    start(CLIENT, &second);
    start(SERVER, &(struct tls_resumption){ 0 });
    connect_and_talk(true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ct_handshake");
    TCase *t = tcase_create("all");
    tcase_set_timeout(t, 240);
    tcase_add_loop_test(t, full_and_resumed, 0, COUNT(setups));
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
