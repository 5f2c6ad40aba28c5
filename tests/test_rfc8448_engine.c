/* tests/test_rfc8448_engine.c - RFC 8448 sections 3, 5 and 7 through the whole engines.
 *
 * Our client is fed with the recorded server's records and our server with the recorded client's.
 * Randomness is scripted: it gives the recorded randoms and private keys. Where our own messages
 * would differ, since we offer less (ClientHello), send no cookie (HelloRetryRequest) and
 * say less (EncryptedExtensions), the editor puts the recorded one in their place; all others have
 * to come out as recorded by themselves. The RSA signature comes in through the signer, and
 * rsa_pss_rsae_sha256 stands in the test's own algorithms with a verify that knows just that one.
 * What is compared: every record that comes out, every message and every secret observed.
 */
#include "tests/vectors.h"

#include "tls13/certificate_verify.h"
#include "tls13/machine.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDED_MAX = 1 << 18, CERTIFICATE_HEADER = 4 + 1 + 3 + 3, CERTIFICATE_TAIL = 2 };

static int64_t clock_2018(void *context)
{
    (void)context;
    return 1514764800;                       /* 2018-01-01; RFC 8448 is of January 2019 */
}

/* ---- the trace ---- */

static uint8_t recorded_bytes[RECORDED_MAX];
static size_t recorded_len;

static bool step_is(struct vectors *v, const char *actor, const char *action)
{
    return strncmp((const char *)vector(v, "action").at, action, strlen(action)) == 0
           && (!actor || strcmp((const char *)vector(v, "actor").at, actor) == 0);
}

/* A copy of a field of the nth step of that kind, or of the one behind actor and action if `name`
 * is NULL. Empty if there are not so many. */
static struct bytes recorded(const char *path, const char *actor, const char *action, size_t n,
                             const char *name)
{
    struct vectors v = vectors_open(path);
    struct bytes copy = bytes_of(NULL, 0);
    while (vectors_next(&v)) {
        if (!step_is(&v, actor, action) || n-- > 0)
            continue;
        struct bytes b = name ? vector(&v, name) : vector_own(&v, 2);
        ck_assert_uint_le(b.len, RECORDED_MAX - recorded_len);
        copy = bytes_of(memcpy(recorded_bytes + recorded_len, b.at, b.len), b.len);
        recorded_len += b.len;
        break;
    }
    vectors_close(&v);
    return copy;
}

static struct bytes message(const char *path, const char *actor, size_t n)
{
    return recorded(path, actor, "construct a", n, NULL);
}

/* ---- the recorded signature ---- */

static struct bytes signature, signed_content;   /* of the trace that is being replayed */
static uint8_t signed_content_bytes[SIGNED_CONTENT_MAX];

/* RFC 8446 §4.4.3: what the recorded server signed, over its messages up to Certificate. */
static void prepare_signature(const char *path)
{
    struct transcript transcript;
    uint8_t digest[HASH_MAX];
    transcript_start(&transcript, &hash_sha256);
    for (size_t n = 0;; n++) {
        struct bytes m = message(path, NULL, n);
        if (m.at[0] == SERVER_HELLO && memcmp(m.at + 6, hello_retry_random, HELLO_RANDOM_LEN) == 0)
            transcript_replace_with_message_hash(&transcript);
        if (m.at[0] == CERTIFICATE_VERIFY) {
            signature = bytes_of(m.at + 8, m.len - 8);
            break;
        }
        transcript_add(&transcript, m);
    }
    transcript_hash(&transcript, digest);
    signed_content = certificate_verify_content(signed_content_bytes, true, bytes_of(digest, 32));
}

static bool verify_recorded(const struct public_key *key, struct bytes content, struct bytes given)
{
    return key->type == KEY_RSA && key->modulus.len == 1024 / 8
           && bytes_equal_public(content, signed_content) && bytes_equal_public(given, signature);
}

static enum sign_result sign_recorded(void *context, const struct signature_scheme *scheme,
                                      struct bytes content, uint8_t out[SIGNATURE_MAX],
                                      size_t *out_len)
{
    (void)context;
    ck_assert_uint_eq(scheme->code_point, 0x0804);
    ck_assert(bytes_equal_public(content, signed_content));
    memcpy(out, signature.at, signature.len);
    *out_len = signature.len;
    return SIGN_DONE;
}

static const struct signature rsa_pss_of_the_trace = {
    .name = "the recorded RSA signature", .key_type = KEY_RSA, .verify = verify_recorded,
};
static const struct signature_scheme rsa_pss_rsae_sha256 = {
    0x0804, "rsa_pss_rsae_sha256", &rsa_pss_of_the_trace, false,
};
static const struct signature_scheme *const schemes[] = { &rsa_pss_rsae_sha256 };

/* ---- one of our engines, among recorded peers ---- */

struct end {
    const char *path, *actor;
    bool is_server, ticket;                  /* ticket: the trace has one, at its end */
    struct random_source source;
    struct tls_editor editor;
    struct observer observer;
    struct bytes certificate;
    struct tls_credential credential;
    struct tls_config config;
    struct tls t;
    struct tls_handshake handshake;
    uint8_t incoming[4096], outgoing[4096];
    uint8_t random[128];                     /* the script */
    size_t random_len, random_used;
    size_t messages_sent, messages_seen, secrets_seen;
    uint8_t out[4096];                       /* what came out and was not compared yet */
    size_t out_len, out_used;
    bool connected;
};

static void script(struct end *e, struct bytes b)
{
    ck_assert_uint_le(e->random_len + b.len, sizeof e->random);
    memcpy(e->random + e->random_len, b.at, b.len);
    e->random_len += b.len;
}

static bool fill_from_script(void *context, uint8_t *out, size_t len)
{
    struct end *e = context;
    ck_assert_uint_le(len, e->random_len - e->random_used);
    memcpy(out, e->random + e->random_used, len);
    e->random_used += len;
    return true;
}

static void check_same(const struct end *e, const char *what, struct bytes got, struct bytes want)
{
    struct vectors v = { .path = e->path };
    ck_assert_msg(got.len == want.len, "%s: %s has %zu bytes, want %zu", e->path, what, got.len,
                  want.len);
    check_bytes(&v, what, got.at, want);
}

/* Our ClientHello says less than the recorded one, but has the same random, share and cookie. */
static void check_essence(const struct end *e, struct bytes ours, struct bytes theirs)
{
    struct client_hello a, b;
    struct fault fault;
    struct bytes ours_share, theirs_share;
    ck_assert(!client_hello_decode(&a, &fault, bytes_of(ours.at + 4, ours.len - 4)));
    ck_assert(!client_hello_decode(&b, &fault, bytes_of(theirs.at + 4, theirs.len - 4)));
    ck_assert(!decode_key_shares(&ours_share, &fault,
                                 extensions_body(&a.extensions, EXT_KEY_SHARE)));
    ck_assert(!decode_key_shares(&theirs_share, &fault,
                                 extensions_body(&b.extensions, EXT_KEY_SHARE)));
    check_same(e, "ClientHello.random", a.random, b.random);
    check_same(e, "ClientHello.key_share", ours_share, theirs_share);
    check_same(e, "ClientHello.cookie", extensions_body(&a.extensions, EXT_COOKIE),
               extensions_body(&b.extensions, EXT_COOKIE));
}

/* Our nth message leaves as the recorded actor's nth: by itself, or with the editor's help. */
static size_t edit(void *context, uint8_t *ours, size_t len, size_t cap)
{
    struct end *e = context;
    struct bytes theirs = message(e->path, e->actor, e->messages_sent++);
    bool retry = ours[0] == SERVER_HELLO
                 && memcmp(ours + 6, hello_retry_random, HELLO_RANDOM_LEN) == 0;
    if (ours[0] == CLIENT_HELLO)
        check_essence(e, bytes_of(ours, len), theirs);
    else if (ours[0] != ENCRYPTED_EXTENSIONS && !retry)
        check_same(e, handshake_type_name(ours[0]), bytes_of(ours, len), theirs);
    ck_assert_uint_le(theirs.len, cap);
    ck_assert_uint_eq(ours[0], theirs.at[0]);
    memcpy(ours, theirs.at, theirs.len);
    return theirs.len;
}

static void see_secret(struct end *e, const struct observation *what)
{
    static const char *const extracted[] = { "early", "handshake", "master" };
    char action[80];
    bool extract = false;
    for (size_t i = 0; i < COUNT(extracted); i++)
        extract |= strcmp(what->label, extracted[i]) == 0;
    snprintf(action, sizeof action, extract ? "extract secret \"%s\""
                                            : "derive secret \"tls13 %s\"", what->label);
    if (strcmp(what->label, "res master") == 0
        && recorded(e->path, "server", action, 0, "hash").len == 0)
        return;                              /* sections 5 and 7 end before it */
    check_same(e, action, what->bytes,
               recorded(e->path, "server", action, 0, extract ? "secret" : "expanded"));
    if (!extract)
        check_same(e, action, what->transcript_hash,
                   recorded(e->path, "server", action, 0, "hash"));
    check_same(e, "client_random", what->client_random,
               bytes_of(message(e->path, "client", 0).at + 6, HELLO_RANDOM_LEN));
    e->secrets_seen++;
}

static void see(void *context, const struct observation *what)
{
    struct end *e = context;
    if (what->kind == OBSERVE_SECRET)
        see_secret(e, what);
    if (what->kind == OBSERVE_MESSAGE)
        check_same(e, "message", what->bytes, message(e->path, NULL, e->messages_seen++));
}

/* ---- the replay ---- */

static struct bytes private_key(const struct end *e, size_t n)
{
    return recorded(e->path, e->actor, "create an ephemeral", n, "private_key");
}

static struct bytes hello_random(const struct end *e, size_t n)
{
    return bytes_of(message(e->path, e->actor, n).at + 6, HELLO_RANDOM_LEN);
}

/* The order in which the engine draws: random, (session id,) private keys. A session id is
 * overwritten by the recorded ClientHello. */
static void write_script(struct end *e, bool retry)
{
    static const uint8_t session_id[SESSION_ID_MAX];
    script(e, hello_random(e, e->is_server && retry ? 1 : 0));
    if (!e->is_server)
        script(e, bytes_of(session_id, sizeof session_id));
    script(e, private_key(e, 0));
    if (!e->is_server && retry)
        script(e, private_key(e, 1));
}

static struct bytes certificate_of(struct bytes m)
{
    return bytes_of(m.at + CERTIFICATE_HEADER, m.len - CERTIFICATE_HEADER - CERTIFICATE_TAIL);
}

static struct tls_settings settings(struct end *e, const struct algorithms *algorithms)
{
    struct bytes m;
    for (size_t n = 0; (m = message(e->path, "server", n)).at[0] != CERTIFICATE; n++)
        continue;
    e->source = (struct random_source){ fill_from_script, e };
    e->editor = (struct tls_editor){ edit, e };
    e->observer = (struct observer){ see, e };
    e->certificate = certificate_of(m);
    e->credential = (struct tls_credential){
        .chain = &e->certificate, .chain_count = 1, .schemes = schemes, .scheme_count = 1,
        .signer = { sign_recorded, NULL },
    };
    return (struct tls_settings){
        .algorithms = algorithms, .random = &e->source, .now = clock_2018,
        .observers = &e->observer, .observer_count = 1, .editor = &e->editor,
        .server_name = "server",
        .insecure_accept_any_certificate = !e->is_server,  /* no trust makes RSA-1024 good */
        .credentials = &e->credential, .credential_count = 1,
    };
}

static void start(struct end *e, const struct algorithms *algorithms, bool retry)
{
    const char *reason;
    struct tls_settings s = settings(e, algorithms);
    prepare_signature(e->path);
    write_script(e, retry);
    ck_assert((e->is_server ? tls_config_server : tls_config_client)(&e->config, &s, &reason));
    tls_start(&e->t, &e->config, &e->handshake, e->incoming, sizeof e->incoming,
              e->outgoing, sizeof e->outgoing);
}

static void collect_output(struct end *e)
{
    e->out_len += tls_output(&e->t, e->out + e->out_len, sizeof e->out - e->out_len);
}

static void expect_output(struct end *e, struct bytes record)
{
    ck_assert_uint_le(record.len, e->out_len - e->out_used);
    check_same(e, "a record that we send", bytes_of(e->out + e->out_used, record.len), record);
    e->out_used += record.len;
}

/* What the recorded actor sends of its own accord; a flight is on its way out already. This
 * engine has no tickets: the recorded one is sealed with the connection's own record layer. */
static void act(struct end *e, struct vectors *v)
{
    uint8_t *out = e->out + e->out_len;
    size_t room = sizeof e->out - e->out_len, taken;
    struct bytes payload = vector(v, "payload");
    if (step_is(v, NULL, "send alert"))
        tls_close(&e->t);
    else if (step_is(v, NULL, "send application_data"))
        e->out_len += tls_seal(&e->t, out, room, payload, &taken);
    else if (payload.at[0] == NEW_SESSION_TICKET)
        e->out_len += record_seal(&e->t.write, out, HANDSHAKE, payload, 0);
    collect_output(e);
}

static void feed(struct end *e, struct vectors *v)
{
    uint8_t record[2048];
    struct tls_received received;
    struct bytes whole = vector(v, "complete_record");
    memcpy(record, whole.at, whole.len);
    enum tls_event event = tls_receive(&e->t, record, whole.len, &received);
    ck_assert_msg(event != TLS_FAILED, "%s: line %zu: %s", e->path, v->line,
                  tls_failure(&e->t).reason);
    ck_assert_uint_eq(received.used, whole.len);
    e->connected |= event == TLS_CONNECTED;
    if (step_is(v, NULL, "send application_data")) {
        ck_assert_int_eq(event, TLS_DATA);
        check_same(e, "application data", received.data, vector(v, "payload"));
    }
    ck_assert_int_eq(event == TLS_PEER_CLOSED, step_is(v, NULL, "send alert"));
    collect_output(e);
}

/* Record by record, in the order of the trace. */
static void run(struct end *e)
{
    struct vectors v = vectors_open(e->path);
    collect_output(e);
    while (vectors_next(&v)) {
        if (!step_is(&v, NULL, "send "))
            continue;
        if (step_is(&v, e->actor, "")) {
            act(e, &v);
            expect_output(e, vector(&v, "complete_record"));
        } else {
            feed(e, &v);
        }
    }
    vectors_close(&v);
}

static void check_end(const struct end *e, bool retry)
{
    struct tls_facts facts = tls_facts(&e->t);
    ck_assert(e->connected && tls_handshake_over(&e->t) && !tls_failed(&e->t));
    ck_assert_uint_eq(e->out_used, e->out_len);
    ck_assert_uint_eq(e->random_used, e->random_len);
    ck_assert_uint_eq(e->secrets_seen, 8);
    ck_assert_ptr_null(message(e->path, NULL, e->messages_seen + (e->ticket ? 1 : 0)).at);
    ck_assert_uint_eq(facts.suite->code_point, 0x1301);
    ck_assert_uint_eq(facts.group->code_point, retry ? 0x0017 : 0x001d);
    ck_assert_uint_eq(facts.scheme->code_point, 0x0804);
    ck_assert_int_eq(facts.hello_retry, retry);
}

static struct end end;                       /* too large for some stacks */

static void replay(const char *path, bool is_server, bool retry, bool ticket)
{
    struct algorithms algorithms = algorithms_default;
    algorithms.schemes = schemes;
    algorithms.scheme_count = COUNT(schemes);
    /* the traces know no hybrid; in section 5 the server insists on P-256 */
    const struct named_group *groups[] = { group_find(&algorithms, 0x001d),
                                           group_find(&algorithms, 0x0017) };
    bool insists = is_server && retry;
    algorithms.groups = groups + (insists ? 1 : 0);
    algorithms.group_count = insists ? 1 : 2;
    end = (struct end){ .path = path, .actor = is_server ? "server" : "client",
                        .is_server = is_server, .ticket = ticket };
    start(&end, &algorithms, retry);
    run(&end);
    check_end(&end, retry);
}

START_TEST(section_3_client)
{
    replay("vectors/rfc/rfc8448_section3.txt", false, false, true);
}
END_TEST

START_TEST(section_3_server)
{
    replay("vectors/rfc/rfc8448_section3.txt", true, false, true);
}
END_TEST

START_TEST(section_5_client)
{
    replay("vectors/rfc/rfc8448_section5.txt", false, true, false);
}
END_TEST

START_TEST(section_5_server)
{
    replay("vectors/rfc/rfc8448_section5.txt", true, true, false);
}
END_TEST

START_TEST(section_7_client)
{
    replay("vectors/rfc/rfc8448_section7.txt", false, false, false);
}
END_TEST

START_TEST(section_7_server)
{
    replay("vectors/rfc/rfc8448_section7.txt", true, false, false);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rfc8448_engine");
    TCase *c = tcase_create("engines");
    tcase_add_test(c, section_3_client);
    tcase_add_test(c, section_3_server);
    tcase_add_test(c, section_5_client);
    tcase_add_test(c, section_5_server);
    tcase_add_test(c, section_7_client);
    tcase_add_test(c, section_7_server);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
