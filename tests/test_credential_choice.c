/* tests/test_credential_choice.c - which of several certificates a server shows: by name (RFC 6066
 * §3, N18), by authority (RFC 8446 §4.2.4), by the signatures in it (§4.2.3, §4.4.2.2).
 */
#include "tests/editor.h"

#include "crypto/hash.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* ---- three certificates for the server's one key ---- */

static struct shown {
    uint8_t der[X509_MAKE_MAX];
    struct bytes chain[1];
    const char *name;
} shown[3];
static uint8_t other_root[X509_MAKE_MAX];
static struct private_key other_key;
static size_t other_len;
static struct tls_credential credentials[3];

static void make(const struct pair *p, size_t i, const char *name, struct x509_issuer issuer)
{
    const char *const names[] = { name };
    size_t len;
    struct x509_recipe r = x509_recipe_server(name, p->party[SERVER].key, issuer, PAIR_NOW - 1000);
    r.dns = names;
    r.dns_count = 1;
    ck_assert(x509_make(shown[i].der, &len, sizeof shown[i].der, &r, &random_system));
    shown[i].chain[0] = bytes_of(shown[i].der, len);
    credentials[i] = p->party[SERVER].credential;
    credentials[i].chain = shown[i].chain;
}

/* A root of the name CN=Other, with a P-256 key; the pair's own is CN=Root, with Ed25519. */
static struct x509_issuer make_other_root(void)
{
    ck_assert(private_key_generate(&other_key, KEY_P256, &random_system));
    struct x509_recipe r = x509_recipe_root("Other", &other_key, PAIR_NOW - 1000);
    ck_assert(x509_make(other_root, &other_len, sizeof other_root, &r, &random_system));
    return (struct x509_issuer){ bytes_of(other_root, other_len), &other_key };
}

/* A pair that is about to begin, the server with these three: two names, and the second name again
 * from the other root. */
static struct pair *start(const struct pair_setup *setup)
{
    struct pair *p = pair_start(setup);
    make(p, 0, "mail.example.org", pair_root());
    make(p, 1, "*.second.example.org", pair_root());
    make(p, 2, "*.second.example.org", make_other_root());
    p->end[SERVER].config.s.credentials = credentials;
    p->end[SERVER].config.s.credential_count = 3;
    return p;
}

static void check_shown(const struct pair *p, size_t i)
{
    uint8_t digest[32];
    hash_digest(&hash_sha256, digest, shown[i].chain[0]);
    struct tls_facts f = tls_facts(&p->end[CLIENT].tls);
    ck_assert(bytes_equal_public(f.peer_identity, bytes_of(digest, sizeof digest)));
}

/* ---- by name ---- */

START_TEST(n18_by_name)
{
    static const struct { const char *name; size_t shown; } cases[] = {
        { "mail.example.org", 0 }, { "MAIL.example.ORG", 0 }, { "a.second.example.org", 1 },
    };
    struct pair_setup s = { .server_name = cases[_i].name, .refuse_unknown_names = true };
    struct pair *p = start(&s);
    pair_run(p);
    pair_connected(p);
    check_shown(p, cases[_i].shown);
}
END_TEST

/* A name that nothing is for: the first certificate, or unrecognized_name, as the server will. */
START_TEST(n18_unknown_name)
{
    struct pair_setup s = { .server_name = "third.example.org", .insecure = true };
    struct pair *p = start(&s);
    pair_run(p);
    pair_connected(p);
    check_shown(p, 0);
    s.refuse_unknown_names = true;
    p = start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "unknown name", ALERT_UNRECOGNIZED_NAME, "RFC 6066");
}
END_TEST

/* The policy holds for a single certificate too; and who asks for nobody gets the first. */
START_TEST(n18_single_certificate_and_no_name)
{
    struct pair_setup s = { .server_name = "third.example.org", .insecure = true,
                            .refuse_unknown_names = true };
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_failed(p, SERVER, "unknown name", ALERT_UNRECOGNIZED_NAME, "RFC 6066");
    s.server_name = "192.0.2.1";                         /* which is never sent */
    p = start(&s);
    pair_run(p);
    pair_connected(p);
    check_shown(p, 0);
}
END_TEST

/* What does not decode is for nobody. */
START_TEST(n18_certificate_that_does_not_decode)
{
    struct pair *p = pair_start(&(struct pair_setup){ .insecure = true,
                                                      .refuse_unknown_names = true });
    p->party[SERVER].chain[0].len--;
    pair_run(p);
    pair_failed(p, SERVER, "cut off", ALERT_UNRECOGNIZED_NAME, "RFC 6066");
}
END_TEST

/* ---- by what the ClientHello says of certificates ---- */

/* The client asks for the second name, with this extension in its hello. */
static struct pair *asking(uint16_t extension, const char *body)
{
    static struct misbehaving m;
    static struct edit edit;
    edit = (struct edit){ EDIT_SET_EXTENSION, CLIENT_HELLO, 0, extension, body };
    struct pair_setup s = { .server_name = "a.second.example.org", .insecure = true };
    misbehave(&m, &edit, 1);
    s.editor[CLIENT] = &m.editor;
    struct pair *p = start(&s);
    pair_run(p);
    return p;
}

static void check_asking(uint16_t extension, const char *body, size_t expected)
{
    struct pair *p = asking(extension, body);
    pair_connected(p);
    check_shown(p, expected);
}

START_TEST(by_certificate_authorities)
{
    check_asking(47, "0014 0012 3010310e300c06035504030c05 4f74686572", 2);      /* CN=Other */
    check_asking(47, "0013 0011 300f310d300b06035504030c04 526f6f74", 1);        /* CN=Root */
    check_asking(47, "0012 0010 300e310c300a06035504030c03 466f6f", 1);          /* neither */
}
END_TEST

/* §4.4.2.2: what the client can check comes first; what it cannot is sent all the same. */
START_TEST(by_signature_algorithms_cert)
{
    check_asking(50, "0002 0403", 2);
    check_asking(50, "0002 0807", 1);
    check_asking(50, "0004 0403 0807", 1);
    check_asking(50, "0002 0401", 1);
}
END_TEST

START_TEST(malformed_wishes)
{
    static const struct { uint16_t extension; const char *body; } cases[] = {
        { 50, "" }, { 50, "0000" }, { 50, "0003 040304" }, { 50, "0002 08" }, { 50, "0002 0403 00" },
        { 47, "" }, { 47, "0000" }, { 47, "0003 0002 30" }, { 47, "0002 0000" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair *p = asking(cases[i].extension, cases[i].body);
        pair_failed(p, SERVER, cases[i].body, ALERT_DECODE_ERROR, "");
    }
}
END_TEST

/* ---- a client whose list for certificates is another one ---- */

static bool said_so;

static size_t look_for_cert_list(void *context, uint8_t *message, size_t len, size_t cap)
{
    static const uint8_t extension[] = { 0, 50, 0, 4, 0, 2, 4, 3 };
    (void)context;
    (void)cap;
    said_so |= message[0] == CLIENT_HELLO && memmem(message, len, extension, sizeof extension);
    return len;
}

/* It says so, and refuses a chain that is signed otherwise. */
START_TEST(client_with_another_list)
{
    static const struct tls_editor see = { look_for_cert_list, NULL };
    static const struct signature_scheme *only[1];
    struct pair_setup s = { .editor = { &see, NULL } };
    struct pair *p = pair_start(&s);
    struct end *e = &p->end[CLIENT];
    ck_assert(!said_so);
    only[0] = scheme_find(&algorithms_default, 0x0403);
    p->algorithms[CLIENT].certificate_schemes = only;
    p->algorithms[CLIENT].certificate_scheme_count = 1;
    tls_start(&e->tls, &e->config, &e->handshake, e->incoming, sizeof e->incoming, e->outgoing,
              sizeof e->outgoing);
    ck_assert(said_so);
    pair_run(p);
    ck_assert(tls_failed(&e->tls) && e->connected == 0);
    pair_failed(p, CLIENT, "signed with Ed25519", ALERT_UNSUPPORTED_CERTIFICATE, "Ed25519");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("credential_choice");
    TCase *c = tcase_create("credential_choice");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, n18_by_name, 0, 3);
    tcase_add_test(c, n18_unknown_name);
    tcase_add_test(c, n18_single_certificate_and_no_name);
    tcase_add_test(c, n18_certificate_that_does_not_decode);
    tcase_add_test(c, by_certificate_authorities);
    tcase_add_test(c, by_signature_algorithms_cert);
    tcase_add_test(c, malformed_wishes);
    tcase_add_test(c, client_with_another_list);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
