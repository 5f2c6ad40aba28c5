/* tests/test_tls_config.c - settings that could not be secure do not build, and say why. */
#include "tls13/tls.h"

#include "tests/party.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t pins[1][X509_PIN_LEN] = { { 1 } };
static const struct x509_trust trust = { .pins = pins, .pin_count = 1 };
static const struct bytes chain[X509_CHAIN_MAX + 1];

static int64_t now(void *context)
{
    (void)context;
    return 0;
}

static enum sign_result sign(void *context, const struct signature_scheme *scheme,
                             struct bytes content, uint8_t signature[SIGNATURE_MAX],
                             size_t *signature_len)
{
    (void)context;
    (void)scheme;
    (void)content;
    (void)signature;
    (void)signature_len;
    return SIGN_FAILED;
}

/* Settings that build, for a test to spoil. */
static struct tls_credential credential;
static struct tls_settings s;

static void good_settings(void)
{
    credential = (struct tls_credential){
        .chain = chain, .chain_count = 1, .signer = { sign, NULL },
        .schemes = algorithms_default.schemes, .scheme_count = 1,
    };
    s = (struct tls_settings){
        .now = now, .server_name = "mail.example.org", .trust = &trust,
        .credentials = &credential, .credential_count = 1,
    };
}

static void check_client_refused(const char *why)
{
    struct tls_config config;
    const char *reason = NULL;
    ck_assert(!tls_config_client(&config, &s, &reason));
    ck_assert_msg(reason && strstr(reason, why), "reason: %s", reason);
    good_settings();
}

/* The same settings for a server that asks its clients for nothing. */
static void as_server(void)
{
    s.trust = NULL;
    s.verifier = NULL;
    s.insecure_accept_any_certificate = false;
}

static void check_server_refused(const char *why)
{
    struct tls_config config;
    const char *reason = NULL;
    as_server();
    ck_assert(!tls_config_server(&config, &s, &reason));
    ck_assert_msg(reason && strstr(reason, why), "reason: %s", reason);
    good_settings();
}

static void check_both_refused(const char *why)
{
    struct tls_settings spoiled = s;
    check_client_refused(why);
    s = spoiled;
    check_server_refused(why);
}

static void check_both_build(void)
{
    struct tls_config config;
    const char *reason = NULL;
    ck_assert_msg(tls_config_client(&config, &s, &reason), "%s", reason);
    ck_assert(!config.is_server);
    as_server();
    ck_assert_msg(tls_config_server(&config, &s, &reason), "%s", reason);
    ck_assert(config.is_server);
    good_settings();
}

START_TEST(defaults)
{
    struct tls_config config;
    const char *reason;
    check_both_build();
    ck_assert(tls_config_client(&config, &s, &reason));
    ck_assert_ptr_eq(config.s.algorithms, &algorithms_default);
    ck_assert_ptr_eq(config.s.random, &random_system);
    ck_assert_uint_eq(config.s.limits.key_updates_in_a_row, 32);
    ck_assert_uint_eq(config.s.limits.empty_records_in_a_row, 32);
    ck_assert_uint_eq(config.s.limits.change_cipher_specs, 4);
    ck_assert_uint_eq(config.s.limits.user_canceled_in_a_row, 4);
    ck_assert_uint_eq(config.s.limits.early_data_skipped, 16384);
    s.limits = (struct tls_limits){ 1, 2, 3, 4, 5, 6 };
    ck_assert(tls_config_client(&config, &s, &reason));
    ck_assert_uint_eq(config.s.limits.key_updates_in_a_row, 1);
    ck_assert_uint_eq(config.s.limits.empty_records_in_a_row, 2);
    ck_assert_uint_eq(config.s.limits.user_canceled_in_a_row, 3);
    ck_assert_uint_eq(config.s.limits.change_cipher_specs, 4);
    ck_assert_uint_eq(config.s.limits.records_per_key, 5);
    ck_assert_uint_eq(config.s.limits.early_data_skipped, 6);
}
END_TEST

START_TEST(no_clock)
{
    s.now = NULL;
    check_both_refused("now: a clock is required");
}
END_TEST

START_TEST(empty_algorithm_lists)
{
    struct algorithms a = algorithms_default;
    s.algorithms = &a;
    a.suite_count = 0;
    check_both_refused("algorithms: a list is empty");
    a = algorithms_default;
    s.algorithms = &a;
    a.group_count = 0;
    check_both_refused("algorithms: a list is empty");
    a = algorithms_default;
    s.algorithms = &a;
    a.scheme_count = 0;
    check_both_refused("algorithms: a list is empty");
}
END_TEST

/* RFC 9846 §4.3.7: no group twice; and so no share of one either. */
START_TEST(group_twice)
{
    struct algorithms a = algorithms_default;
    const struct named_group *groups[] = { a.groups[0], a.groups[2], a.groups[0] };
    a.groups = groups;
    a.group_count = 3;
    s.algorithms = &a;
    check_both_refused("algorithms: a group is there twice");
}
END_TEST

/* One record per key would be all KeyUpdates. */
START_TEST(too_few_records_per_key)
{
    s.limits.records_per_key = 1;
    check_both_refused("limits: ");
    s.limits.records_per_key = 2;
    check_both_build();
}
END_TEST

/* RFC 8449 §4 */
START_TEST(record_size_limits)
{
    static const struct { uint16_t limit; bool good; } cases[] = {
        { 0, true }, { 1, false }, { 63, false }, { 64, true }, { 16384, true }, { 16385, true },
        { 16386, false }, { 65535, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        s.record_size_limit = cases[i].limit;
        if (cases[i].good)
            check_both_build();
        else
            check_both_refused("record_size_limit");
    }
}
END_TEST

START_TEST(protocol_names)
{
    static uint8_t name[256];
    static const struct { size_t len; bool good; } cases[] = {
        { 0, false }, { 1, true }, { 255, true }, { 256, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct bytes names[] = { { name, 4 }, { name, cases[i].len } };
        s.alpn = names;
        s.alpn_count = COUNT(names);
        if (cases[i].good)
            check_both_build();
        else
            check_both_refused("alpn: ");
    }
}
END_TEST

/* ---- client ---- */

START_TEST(no_name)
{
    s.server_name = NULL;
    check_client_refused("server_name: ");
    s.server_name = NULL;
    s.trust = NULL;
    s.insecure_accept_any_certificate = true;
    check_client_refused("server_name: ");
}
END_TEST

START_TEST(unusable_names)
{
    static const char *const names[] = {
        "", ".", "a b", "a..b", ".example.org", "*.example.org", "mail_.example.org/", "a@b",
        "m\xc3\xa9l.example.org", "1.2.3", "256.1.1.1", "::g", "mail.example.org:25",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        struct tls_config config;
        const char *reason = NULL;
        s.server_name = names[i];
        ck_assert_msg(!tls_config_client(&config, &s, &reason), "\"%s\" was taken", names[i]);
        ck_assert(reason && *reason);
    }
}
END_TEST

START_TEST(usable_names)
{
    static const char *const names[] = {
        "localhost", "mail.example.org", "xn--ml-bja.example.org", "192.0.2.1", "2001:db8::1",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        s.server_name = names[i];
        check_both_build();
    }
}
END_TEST

START_TEST(no_trust)
{
    static const struct x509_trust nothing;
    s.trust = NULL;
    check_client_refused("trust: ");
    s.trust = &nothing;
    check_client_refused("trust: ");
}
END_TEST

START_TEST(anchors_or_pins_or_both)
{
    static const struct x509_anchor anchor;
    struct x509_trust t = { .anchors = &anchor, .anchor_count = 1 };
    s.trust = &t;
    check_both_build();
    t.pins = pins;
    t.pin_count = 1;
    s.trust = &t;
    check_both_build();
}
END_TEST

/* It is said on its own, and never hidden beside a trust that it would void. */
START_TEST(x6_insecure)
{
    s.insecure_accept_any_certificate = true;
    check_client_refused("insecure_accept_any_certificate: ");
    s.insecure_accept_any_certificate = true;
    s.trust = NULL;
    check_both_build();
}
END_TEST

/* Nor is a judgement of the caller's own. */
START_TEST(verifier)
{
    static const struct tls_verifier nobody = { 0 };
    s.verifier = &nobody;
    check_client_refused("verifier: ");
    s.verifier = &nobody;
    s.trust = NULL;
    s.insecure_accept_any_certificate = true;
    check_client_refused("insecure_accept_any_certificate: ");
    s.verifier = &nobody;
    s.trust = NULL;
    check_both_build();
}
END_TEST

/* RFC 7250 §4: a bare key is believed because somebody has pinned it, or not at all. */
START_TEST(raw_public_keys_need_pins)
{
    static const struct x509_anchor anchor;
    static const struct tls_verifier nobody = { 0 };
    static const struct x509_trust others[] = { { &anchor, 1, NULL, 0 }, { &anchor, 1, pins, 1 } };
    for (size_t i = 0; i < COUNT(others); i++) {
        s.peer_certificates = PEER_RAW_PUBLIC_KEY;
        s.trust = &others[i];
        check_client_refused("peer_certificates: ");
    }
    s.peer_certificates = PEER_RAW_PUBLIC_KEY;
    s.trust = NULL;
    s.verifier = &nobody;
    check_client_refused("peer_certificates: ");
    s.peer_certificates = PEER_RAW_PUBLIC_KEY;
    s.trust = NULL;
    s.insecure_accept_any_certificate = true;
    check_both_build();
    s.peer_certificates = PEER_RAW_PUBLIC_KEY;           /* with the pins of the good settings */
    check_both_build();
}
END_TEST

/* Trust in certificates without a name to look for in them, beside PSKs. */
START_TEST(psks_do_not_stand_for_a_name)
{
    static const struct imported_psk psk;
    s.psks = &psk;
    s.psk_count = 1;
    s.server_name = NULL;
    check_client_refused("server_name: ");
}
END_TEST

/* As many as a hello, or a flight, has room for. */
START_TEST(psks_and_tickets_are_bounded)
{
    static struct ticket_keys ticket_keys;
    static const struct imported_psk psks[PSK_OFFER_MAX];
    struct tls_config config;
    const char *reason = "";
    s.psks = psks;
    s.psk_count = PSK_OFFER_MAX;
    check_client_refused("psks: a client offers at most four");
    s.ticket_keys = &ticket_keys;
    s.tickets = TLS_TICKETS_MAX + 1;
    check_server_refused("tickets: more than eight");
    s.tickets = 1;
    check_server_refused("without ticket_keys");
    s.ticket_keys = &ticket_keys;
    s.tickets = TLS_TICKETS_MAX;
    as_server();
    ck_assert_msg(tls_config_server(&config, &s, &reason), "%s", reason);
    good_settings();
}
END_TEST

/* N20: a response that nobody could judge is not asked for. */
START_TEST(n20_status_that_nobody_judges)
{
    static const struct x509_anchor anchor;
    static const struct tls_verifier nobody = { 0 };
    struct x509_trust both = { &anchor, 1, pins, 1 };
    s.request_status = true;                             /* with pins alone */
    check_client_refused("request_status: ");
    s.request_status = true;
    s.trust = NULL;
    s.verifier = &nobody;
    check_client_refused("request_status: ");
    s.request_status = true;
    s.trust = NULL;
    s.insecure_accept_any_certificate = true;
    check_client_refused("request_status: ");
    s.request_status = true;
    s.trust = &both;
    check_both_build();
}
END_TEST

static void fingerprint(uint8_t out[FINGERPRINT_LEN], bool server)
{
    struct tls_config config;
    const char *reason = "";
    if (server)
        as_server();
    ck_assert_msg(server ? tls_config_server(&config, &s, &reason)
                         : tls_config_client(&config, &s, &reason), "%s", reason);
    memcpy(out, config.fingerprint, FINGERPRINT_LEN);
}

/* N8: a session is no good where more is demanded than when it began. */
START_TEST(n8_other_demands)
{
    static const struct x509_anchor anchor;
    struct x509_trust anchors = { .anchors = &anchor, .anchor_count = 1 };
    struct algorithms fewer = algorithms_default, more = algorithms_default;
    uint8_t before[FINGERPRINT_LEN], again[FINGERPRINT_LEN], after[FINGERPRINT_LEN];
    fewer.scheme_count--;
    more.certificate_schemes = algorithms_default.schemes;
    more.certificate_scheme_count = 1;
    s.trust = &anchors;
    fingerprint(before, _i == 4);
    fingerprint(again, _i == 4);
    ck_assert_mem_eq(before, again, sizeof before);
    s.request_status = _i == 0;
    s.never_anonymous = _i == 1;
    s.algorithms = _i == 2 ? &fewer : _i == 3 ? &more : NULL;
    s.refuse_unknown_names = _i == 4;
    fingerprint(after, _i == 4);
    ck_assert(memcmp(before, after, sizeof before) != 0);
}
END_TEST

/* N8: nor where something else is believed; where an anchor ends is a part of that. */
START_TEST(n8_other_trust)
{
    static const uint8_t der[30], keys[2][X509_PIN_LEN] = { { 1 }, { 2 } };
    const struct x509_anchor parts[] = { { .certificate = bytes_of(der, 10) },
                                         { .certificate = bytes_of(der, 20) },
                                         { .certificate = bytes_of(der, 10) } };
    const struct x509_trust all[] = {
        { .anchors = parts, .anchor_count = 1 }, { .anchors = parts, .anchor_count = 2 },
        { .anchors = parts + 1, .anchor_count = 2 }, { .pins = keys, .pin_count = 1 },
        { .pins = keys, .pin_count = 2 }, { .pins = keys + 1, .pin_count = 1 },
        { .anchors = parts, .anchor_count = 1, .pins = keys, .pin_count = 1 },
    };
    enum { TRUSTS = sizeof all / sizeof *all };
    uint8_t print[TRUSTS][FINGERPRINT_LEN];
    for (size_t i = 0; i < TRUSTS; i++) {
        s.trust = &all[i];
        fingerprint(print[i], false);
        for (size_t j = 0; j < i; j++)
            ck_assert(memcmp(print[i], print[j], sizeof print[i]) != 0);
    }
}
END_TEST

/* What only a server needs, a client does not. */
START_TEST(client_without_credentials)
{
    struct tls_config config;
    const char *reason = NULL;
    s.credentials = NULL;
    s.credential_count = 0;
    ck_assert_msg(tls_config_client(&config, &s, &reason), "%s", reason);
}
END_TEST

/* ---- server ---- */

START_TEST(no_credential)
{
    s.credential_count = 0;
    check_server_refused("credentials: a server needs");
}
END_TEST

START_TEST(cookies_need_keys)
{
    s.demand_cookie = true;
    check_server_refused("demand_cookie");
}
END_TEST

START_TEST(chains)
{
    credential.chain_count = 0;
    check_server_refused("credentials: a chain");
    credential.chain_count = X509_CHAIN_MAX + 1;
    check_server_refused("credentials: a chain");
    credential.chain_count = X509_CHAIN_MAX;
    check_both_build();
}
END_TEST

START_TEST(keys_that_cannot_sign)
{
    credential.scheme_count = 0;
    check_server_refused("credentials: a key without");
    credential.signer.sign = NULL;
    check_server_refused("credentials: a key without");
}
END_TEST

/* RFC 8446 §4.2.3: rsa_pkcs1_* signs certificates and never a handshake. */
START_TEST(schemes_for_certificates_only)
{
    static const struct signature_scheme pkcs1 = {
        0x0401, "rsa_pkcs1_sha256", &signature_ed25519, true,
    };
    const struct signature_scheme *const schemes[] = { algorithms_default.schemes[0], &pkcs1 };
    credential.schemes = schemes;
    credential.scheme_count = 2;
    check_server_refused("credentials: a key without");
}
END_TEST

START_TEST(each_credential_is_checked)
{
    struct tls_credential two[2] = { credential, credential };
    s.credentials = two;
    s.credential_count = 2;
    check_both_build();
    two[1].signer.sign = NULL;
    s.credentials = two;
    s.credential_count = 2;
    check_server_refused("credentials: ");
}
END_TEST

/* RFC 9846 §4.5.1.2: a certificate to be shown has to allow its key to sign. */
START_TEST(leaf_that_may_not_sign)
{
    static const char *const host[] = { "mail.example.org" };
    static struct party root, leaf;
    party_root(&root, "Root");
    party_generate(&leaf, KEY_P256);
    for (unsigned i = 0; i < 2; i++) {
        struct x509_recipe r = party_server_recipe(&leaf, &root, host);
        r.key_usage = i ? X509_DIGITAL_SIGNATURE : X509_CRL_SIGN;
        party_make(&leaf, r);
        struct bytes der = party_der(&leaf);
        credential.chain = &der;
        if (i) {
            check_both_build();
            continue;
        }
        check_client_refused("digitalSignature");
        credential.chain = &der;
        check_server_refused("digitalSignature");
    }
}
END_TEST

/* RFC 9846 §4.5.1.2: a server may show what the client did not ask for, but nothing that SHA-1 has
 * signed. ecdsa-with-SHA256 becomes ecdsa-with-SHA1, in both places. */
START_TEST(chain_signed_with_sha1)
{
    static const char *const host[] = { "mail.example.org" };
    static const uint8_t sha256[] = { 0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2 };
    static const uint8_t sha1[] = { 0x30, 9, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1 };
    static struct party root, leaf;
    uint8_t der[X509_MAKE_MAX], *at;
    party_root(&root, "Root");
    party_generate(&leaf, KEY_P256);
    party_make(&leaf, party_server_recipe(&leaf, &root, host));
    size_t len = leaf.len;
    memcpy(der, leaf.der, len);
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_nonnull(at = memmem(der, len, sha256, sizeof sha256));
        memmove(at + sizeof sha1, at + sizeof sha256, len - (size_t)(at - der) - sizeof sha256);
        memcpy(at, sha1, sizeof sha1);
        len--;
    }
    store_be16(der + 2, (uint16_t)(load_be16(der + 2) - 2));
    store_be16(der + 6, (uint16_t)(load_be16(der + 6) - 1));
    struct bytes chain_of_two[] = { party_der(&leaf), bytes_of(der, len) };
    struct x509_certificate c;
    ck_assert_ptr_null(x509_certificate_decode(&c, chain_of_two[1]));
    credential.chain = chain_of_two;
    check_both_build();
    credential.chain = chain_of_two;
    credential.chain_count = 2;
    check_server_refused("SHA-1");
}
END_TEST

START_TEST(server_without_name_and_trust)
{
    struct tls_config config;
    const char *reason = NULL;
    s.server_name = NULL;
    s.trust = NULL;
    ck_assert_msg(tls_config_server(&config, &s, &reason), "%s", reason);
}
END_TEST

/* ---- client certificates: N20, no authentication that falls silent ---- */

static void check_asking_server(const char *why)
{
    struct tls_config config;
    const char *reason = "";
    bool good = tls_config_server(&config, &s, &reason);
    ck_assert_msg(why ? !good && strstr(reason, why) : good, "%s", reason);
    good_settings();
}

START_TEST(n20_asking_without_trust)
{
    static const struct x509_trust nothing;
    for (int asked = CLIENT_CERTIFICATE_OPTIONAL; asked <= CLIENT_CERTIFICATE_REQUIRED; asked++) {
        s.client_certificate = (enum tls_client_certificate)asked;
        s.trust = NULL;
        check_asking_server("trust: ");
        s.client_certificate = (enum tls_client_certificate)asked;
        s.trust = &nothing;
        check_asking_server("trust: ");
        s.client_certificate = (enum tls_client_certificate)asked;
        s.insecure_accept_any_certificate = true;
        check_asking_server("insecure_accept_any_certificate: ");
        s.client_certificate = (enum tls_client_certificate)asked;
        check_asking_server(NULL);
    }
}
END_TEST

/* §4.2.4: the anchors beside a server's verifier are named; a client's would be for nothing. */
START_TEST(server_verifier_beside_anchors)
{
    static const struct tls_verifier nobody = { 0 };
    static const struct x509_trust nothing;
    s.client_certificate = CLIENT_CERTIFICATE_REQUIRED;
    s.verifier = &nobody;
    check_asking_server(NULL);
    s.client_certificate = CLIENT_CERTIFICATE_REQUIRED;
    s.verifier = &nobody;
    s.trust = &nothing;
    check_asking_server("trust: ");
}
END_TEST

START_TEST(names_refused_and_ignored)
{
    s.refuse_unknown_names = s.ignore_server_name = true;
    check_server_refused("refuse_unknown_names: ");
}
END_TEST

/* Whoever says whom to trust means to have them prove it. */
START_TEST(n20_trust_without_asking)
{
    static const struct tls_verifier nobody = { 0 };
    check_asking_server("trust: ");
    s.trust = NULL;
    s.insecure_accept_any_certificate = true;
    check_asking_server("trust: ");
    s.trust = NULL;
    s.verifier = &nobody;
    check_asking_server("trust: ");
}
END_TEST

START_TEST(a_client_that_asks)
{
    s.client_certificate = CLIENT_CERTIFICATE_OPTIONAL;
    check_client_refused("client_certificate: ");
}
END_TEST

START_TEST(client_credentials_are_checked)
{
    credential.signer.sign = NULL;
    check_client_refused("credentials: a key without");
    credential.chain_count = 0;
    check_client_refused("credentials: a chain");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tls_config");
    TCase *c = tcase_create("tls_config");
    tcase_add_checked_fixture(c, good_settings, NULL);
    tcase_add_test(c, defaults);
    tcase_add_test(c, no_clock);
    tcase_add_test(c, empty_algorithm_lists);
    tcase_add_test(c, group_twice);
    tcase_add_test(c, too_few_records_per_key);
    tcase_add_test(c, record_size_limits);
    tcase_add_test(c, protocol_names);
    tcase_add_test(c, no_name);
    tcase_add_test(c, unusable_names);
    tcase_add_test(c, usable_names);
    tcase_add_test(c, no_trust);
    tcase_add_test(c, anchors_or_pins_or_both);
    tcase_add_test(c, x6_insecure);
    tcase_add_test(c, verifier);
    tcase_add_test(c, raw_public_keys_need_pins);
    tcase_add_test(c, psks_do_not_stand_for_a_name);
    tcase_add_test(c, psks_and_tickets_are_bounded);
    tcase_add_test(c, n20_status_that_nobody_judges);
    tcase_add_loop_test(c, n8_other_demands, 0, 5);
    tcase_add_test(c, n8_other_trust);
    tcase_add_test(c, client_without_credentials);
    tcase_add_test(c, no_credential);
    tcase_add_test(c, cookies_need_keys);
    tcase_add_test(c, chains);
    tcase_add_test(c, keys_that_cannot_sign);
    tcase_add_test(c, schemes_for_certificates_only);
    tcase_add_test(c, each_credential_is_checked);
    tcase_add_test(c, leaf_that_may_not_sign);
    tcase_add_test(c, chain_signed_with_sha1);
    tcase_add_test(c, server_without_name_and_trust);
    tcase_add_test(c, n20_asking_without_trust);
    tcase_add_test(c, server_verifier_beside_anchors);
    tcase_add_test(c, names_refused_and_ignored);
    tcase_add_test(c, n20_trust_without_asking);
    tcase_add_test(c, a_client_that_asks);
    tcase_add_test(c, client_credentials_are_checked);
    suite_add_tcase(suite, c);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
