/* tests/bogo/expect.c - the -expect-* flags against the facts of a connection. */
#include "tests/bogo/expect.h"

#include "crypto/cpu.h"
#include "tls13/certificate_type.h"
#include "tls13/x509/certificate.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TLS13 = 0x0304 };

void expect(bool condition, const char *what)
{
    if (!condition)
        broken(what);
}

/* 0: nothing is expected. */
static void expect_number(int expected, int found, const char *what)
{
    expect(expected == 0 || expected == found, what);
}

/* NULL: nothing is expected. */
static void expect_text(const char *expected, struct bytes found, const char *what)
{
    expect(!expected || bytes_equal_public(bytes_of_string(expected), found), what);
}

static void check_algorithms(const struct flags *f, const struct tls_facts *facts)
{
    int cipher = cpu_supports(CPU_AES_NI) ? f->expect_cipher_aes : f->expect_cipher_no_aes;
    const struct signature_scheme *scheme = f->server ? facts->client_scheme : facts->scheme;
    expect_number(f->expect_version, TLS13, "version");
    expect_number(f->expect_cipher, facts->suite->code_point, "cipher suite");
    expect_number(cipher, facts->suite->code_point, "cipher suite for this processor");
    expect_number(f->expect_curve_id, facts->group->code_point, "group");
    if (!facts->resumed)
        expect_number(f->expect_peer_signature_algorithm, scheme ? scheme->code_point : 0,
                      "the peer's signature");
}

/* ---- what the peer said ---- */

static void check_schemes(const struct code_points *expected, struct bytes extension)
{
    struct reader r = reader_of(extension);
    struct reader list = reader_of(read_vec16(&r, 2));
    for (size_t i = 0; i < expected->count; i++)
        expect(read_u16(&list) == expected->at[i], "a scheme of the peer's");
    expect(expected->count == 0 || reader_done(&list), "all schemes of the peer's");
}

/* "\x03foo\x03bar": as it stands within the extension. */
static void check_advertised(const char *expected, struct bytes extension)
{
    struct reader r = reader_of(extension);
    expect_text(expected, read_vec16(&r, 2), "the client's protocols");
}

static bool hex_is(const char *hex, size_t hex_len, struct bytes name)
{
    bool same = hex_len == 2 * name.len;
    for (size_t i = 0; same && i < name.len; i++) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02x", name.at[i]);
        same = strncasecmp(digits, hex + 2 * i, 2) == 0;
    }
    return same;
}

/* Names in hex, with commas between them. */
static void check_authorities(const char *expected, struct bytes extension)
{
    struct reader r = reader_of(extension);
    struct reader names = reader_of(read_vec16(&r, 0));
    if (!expected)
        return;
    while (*expected) {
        size_t len = strcspn(expected, ",");
        expect(hex_is(expected, len, read_vec16(&names, 1)), "certificate_authorities");
        expected += len + (expected[len] == ',');
    }
    expect(reader_done(&names), "the end of certificate_authorities");
}

/* In seconds: by how much the client's age of a ticket is more than ours. */
static void check_age(const struct endpoint *e)
{
    const struct memory *m = e->memory;
    int64_t claimed = witness_ticket_age(&e->witness, m->ticket_age_add) / 1000;
    expect_number(e->flags->expect_ticket_age_skew,
                  (int)(claimed - (m->clock - m->ticket_given)), "ticket age");
}

static void check_peer(const struct endpoint *e, bool again)
{
    const struct flags *f = e->flags;
    const struct witness *w = &e->witness;
    check_schemes(&f->expect_peer_verify_pref, witness_extension(w, EXT_SIGNATURE_ALGORITHMS));
    check_advertised(f->expect_advertised_alpn, witness_extension(w, EXT_ALPN));
    check_authorities(f->expect_client_ca_list,
                      witness_extension(w, EXT_CERTIFICATE_AUTHORITIES));
    expect(!e->chain_differs, "the peer's chain");
    if (again)
        check_age(e);
}

/* ---- who was believed ---- */

/* A session that is resumed has no Certificate, and still knows whose it was. */
static void check_type(const struct endpoint *e, const struct tls_facts *facts)
{
    const struct flags *f = e->flags;
    struct x509_certificate certificate;
    uint8_t digest[CLIENT_IDENTITY_LEN] = { 0 };
    size_t len = 0;
    bool bare = x509_certificate_decode(&certificate, witness_leaf(&e->witness)) != NULL;
    if (f->expect_peer_certificate_type && !facts->resumed)
        expect(atoi(f->expect_peer_certificate_type)
                   == (bare ? CERTIFICATE_RAW_PUBLIC_KEY : CERTIFICATE_X509),
               "the type of the peer's certificate");
    if (!f->expect_peer_rpk_sha256)
        return;
    expect(sodium_base642bin(digest, sizeof digest, f->expect_peer_rpk_sha256,
                             strlen(f->expect_peer_rpk_sha256), NULL, &len, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0
               && bytes_equal_public(facts->peer_identity, bytes_of(digest, len)),
           "the peer's raw public key");
}

/* Which of the -new- ones was used, counted from 0; -1: none of them. */
static int selected_credential(const struct endpoint *e, const struct tls_facts *facts)
{
    int number = e->signed_by;
    if (facts->imported_psk)
        number = e->flags->psk[(facts->imported_psk - e->psks) / 2].number;
    return number > 0 ? number - 1 : -1;
}

static void check_credentials(const struct endpoint *e, const struct tls_facts *facts)
{
    const struct flags *f = e->flags;
    expect(!f->expect_selected_credential
           || atoi(f->expect_selected_credential) == selected_credential(e, facts),
           "the credential that was used");
    expect(!f->expect_no_peer_cert || !(f->server ? facts->client_scheme : facts->scheme),
           "no certificate");
    expect(!f->expect_verify_result || f->verify_fail == e->memory->disbelieved, "verdict");
}

void check_connection(const struct endpoint *e, const struct tls *t, bool again)
{
    const struct flags *f = e->flags;
    struct tls_facts facts = tls_facts(t);
    const char *alpn = f->server ? f->select_alpn : f->expect_alpn;
    check_algorithms(f, &facts);
    check_peer(e, again);
    check_credentials(e, &facts);
    check_type(e, &facts);
    expect_text(alpn ? alpn : "", facts.alpn, "ALPN");
    expect_text(f->expect_server_name, witness_server_name(&e->witness), "server name");
    expect_text(f->expect_early_data_reason, bytes_of_string("disabled"), "early data");
    expect(facts.resumed == (again && !f->expect_session_miss), "resumption");
    expect(!f->expect_hrr || facts.hello_retry, "HelloRetryRequest");
    expect(!f->expect_no_hrr || !facts.hello_retry, "no HelloRetryRequest");
}
