/* tests/bogo/expect.c - the -expect-* flags against the facts of a connection. */
#include "tests/bogo/expect.h"

#include "crypto/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TLS13 = 0x0304 };

bool met(bool condition, const char *what)
{
    if (!condition)
        fprintf(stderr, "expected otherwise: %s\n", what);
    return condition;
}

/* 0: nothing is expected. */
static bool number_met(int expected, int found, const char *what)
{
    return expected == 0 || met(expected == found, what);
}

/* NULL: nothing is expected. */
static bool text_met(const char *expected, struct bytes found, const char *what)
{
    return !expected || met(bytes_equal_public(bytes_of_string(expected), found), what);
}

static bool algorithms_met(const struct flags *f, const struct tls_facts *facts)
{
    int cipher = cpu_has_aes_ni() ? f->expect_cipher_aes : f->expect_cipher_no_aes;
    int expected_scheme = facts->resumed ? 0 : f->expect_peer_signature_algorithm;
    const struct signature_scheme *scheme = f->server ? facts->client_scheme : facts->scheme;
    return number_met(f->expect_version, TLS13, "version")
        && number_met(f->expect_cipher, facts->suite->code_point, "cipher suite")
        && number_met(cipher, facts->suite->code_point, "cipher suite for this processor")
        && number_met(f->expect_curve_id, facts->group->code_point, "group")
        && number_met(expected_scheme, scheme ? scheme->code_point : 0, "the peer's signature");
}

/* ---- what the peer said ---- */

static bool schemes_met(const struct code_points *expected, struct bytes extension)
{
    struct reader r = reader_of(extension);
    struct reader list = reader_of(read_vec16(&r, 2));
    bool same = true;
    if (expected->count == 0)
        return true;
    for (size_t i = 0; i < expected->count; i++)
        same &= read_u16(&list) == expected->at[i];
    return met(same && reader_done(&list), "the peer's signature_algorithms");
}

/* "\x03foo\x03bar": as it stands within the extension. */
static bool advertised_met(const char *expected, struct bytes extension)
{
    struct reader r = reader_of(extension);
    return text_met(expected, read_vec16(&r, 2), "the client's protocols");
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
static bool authorities_met(const char *expected, struct bytes extension)
{
    struct reader r = reader_of(extension);
    struct reader names = reader_of(read_vec16(&r, 0));
    bool same = true;
    while (expected && *expected) {
        size_t len = strcspn(expected, ",");
        same &= hex_is(expected, len, read_vec16(&names, 1));
        expected += len + (expected[len] == ',');
    }
    return met(same && (!expected || reader_done(&names)), "certificate_authorities");
}

/* In seconds: by how much the client's age of a ticket is more than ours. */
static bool age_met(const struct endpoint *e, bool again)
{
    const struct memory *m = e->memory;
    int64_t claimed = witness_ticket_age(&e->witness, m->ticket_age_add) / 1000;
    return !again || e->flags->expect_ticket_age_skew == 0
        || met(claimed - (m->clock - m->ticket_given) == e->flags->expect_ticket_age_skew,
               "ticket age");
}

static bool peer_met(const struct endpoint *e, bool again)
{
    const struct flags *f = e->flags;
    const struct witness *w = &e->witness;
    return schemes_met(&f->expect_peer_verify_pref, witness_extension(w, EXT_SIGNATURE_ALGORITHMS))
        && advertised_met(f->expect_advertised_alpn, witness_extension(w, EXT_ALPN))
        && authorities_met(f->expect_client_ca_list,
                           witness_extension(w, EXT_CERTIFICATE_AUTHORITIES))
        && met(!e->chain_differs, "the peer's chain")
        && age_met(e, again);
}

/* Which of the -new- ones was used, counted from 0; -1: none of them. */
static int selected_credential(const struct endpoint *e, const struct tls_facts *facts)
{
    int number = e->signed_by;
    if (facts->imported_psk)
        number = e->flags->psk[(facts->imported_psk - e->psks) / 2].number;
    return number > 0 ? number - 1 : -1;
}

static bool credentials_met(const struct endpoint *e, const struct tls_facts *facts)
{
    const struct flags *f = e->flags;
    return met(!f->expect_selected_credential
               || atoi(f->expect_selected_credential) == selected_credential(e, facts),
               "the credential that was used")
        && met(!f->expect_no_peer_cert || !(f->server ? facts->client_scheme : facts->scheme),
               "no certificate");
}

bool expectations_met(const struct endpoint *e, const struct tls *t, bool again)
{
    const struct flags *f = e->flags;
    struct tls_facts facts = tls_facts(t);
    const char *alpn = f->server ? f->select_alpn : f->expect_alpn;
    return algorithms_met(f, &facts)
        && peer_met(e, again)
        && credentials_met(e, &facts)
        && text_met(alpn ? alpn : "", facts.alpn, "ALPN")
        && text_met(f->expect_server_name, facts.server_name, "server name")
        && text_met(f->expect_early_data_reason, bytes_of_string("disabled"), "early data")
        && met(facts.resumed == (again && !f->expect_session_miss), "resumption")
        && met(!f->expect_verify_result || f->verify_fail == e->memory->disbelieved, "verdict")
        && met(!f->expect_hrr || facts.hello_retry, "HelloRetryRequest")
        && met(!f->expect_no_hrr || !facts.hello_retry, "no HelloRetryRequest");
}
