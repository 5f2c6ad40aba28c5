/* tests/test_limbo.c - x509-limbo's chains (vectors/x509/limbo.txt) against tls13/x509/path.c.
 *
 * Where we differ from limbo the case stands in the ledger below with the reason. An unexplained
 * difference fails the test, and so does an entry that no longer differs.
 */
#include "tls13/x509/verify.h"

#include "tests/vectors.h"
#include "tls13/x509/certificate.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum why {
    NO_CRL,                /* revocation lists are not read */
    NOT_A_VERDICT,         /* key identifiers only order candidates (RFC 5280 §4.2.1.1) */
    NOT_IN_6_1,            /* binds CAs; RFC 5280 §6.1 has no such check */
    WEB_ONLY,              /* a rule of the CA/Browser Forum for the web, not of RFC 5280 */
};

static const struct { const char *id; enum why why; } ledger[] = {
    { "crl::crlnumber-critical", NO_CRL },
    { "rfc5280::aki::cross-signed-root-missing-aki", NOT_A_VERDICT },
    { "rfc5280::root-non-critical-basic-constraints", NOT_IN_6_1 },
    { "webpki::aki::root-with-aki-missing-keyidentifier", NOT_A_VERDICT },
    { "webpki::aki::root-with-aki-all-fields", NOT_A_VERDICT },
    { "webpki::aki::root-with-aki-ski-mismatch", NOT_A_VERDICT },
    { "webpki::cn::ipv4-hex-mismatch", WEB_ONLY },
    { "webpki::cn::ipv6-uppercase-mismatch", WEB_ONLY },
    { "webpki::cn::utf8-vs-punycode-mismatch", WEB_ONLY },
    { "webpki::cn::not-in-san", WEB_ONLY },
    { "webpki::eku::ee-anyeku", WEB_ONLY },
    { "webpki::eku::ee-critical-eku", WEB_ONLY },
    { "webpki::eku::root-has-eku", WEB_ONLY },
    { "webpki::san::public-suffix-private-namespace-wildcard-san", WEB_ONLY },
    { "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf", WEB_ONLY },
};

static bool in_ledger(struct bytes id)
{
    for (size_t i = 0; i < COUNT(ledger); i++)
        if (bytes_equal_public(id, bytes_of_string(ledger[i].id)))
            return true;
    return false;
}

/* Fills `out` with the fields name1, name2, ... of the present case. */
static size_t numbered(struct vectors *v, const char *name, struct bytes *out, size_t cap)
{
    char field[16];
    size_t count = 0;
    while (count < cap) {
        snprintf(field, sizeof field, "%s%zu", name, count + 1);
        if (!vector_has(v, field))
            break;
        out[count++] = vector(v, field);
    }
    return count;
}

static bool believed(struct vectors *v, struct x509_verdict *verdict)
{
    struct bytes sent[X509_CHAIN_MAX], trusted[X509_CHAIN_MAX];
    struct x509_anchor anchors[X509_CHAIN_MAX];
    struct x509_budget budget = x509_budget_default;
    struct x509_trust trust = { .anchors = anchors };
    size_t count = numbered(v, "anchor", trusted, X509_CHAIN_MAX);
    for (size_t i = 0; i < count; i++) {
        struct x509_certificate c;
        if (!x509_certificate_decode(&c, trusted[i]))
            anchors[trust.anchor_count++] = (struct x509_anchor){ c.der, c.subject };
    }
    if (vector_has(v, "depth"))
        budget.intermediates = (unsigned)vector_number(v, "depth");
    struct x509_question q = {
        .trust = &trust, .budget = &budget, .algorithms = &algorithms_default, .chain = sent,
        .chain_count = numbered(v, "sent", sent, X509_CHAIN_MAX),
        .name = vector(v, "name"), .now = vector_number(v, "now"),
        .purpose = vector_number(v, "client") ? X509_CLIENT : X509_SERVER,
    };
    return x509_verify(verdict, &q) == ALERT_NONE;
}

START_TEST(limbo)
{
    struct vectors v = vectors_open("vectors/x509/limbo.txt");
    size_t explained = 0;
    while (vectors_next(&v)) {
        struct x509_verdict verdict;
        struct bytes id = vector(&v, "id");
        bool ours = believed(&v, &verdict), theirs = vector_number(&v, "believed");
        ck_assert_msg((ours != theirs) == in_ledger(id), "%.*s: %s: %s", (int)id.len,
                      (const char *)id.at, ours ? "believed" : "refused", verdict.reason);
        explained += ours != theirs;
    }
    ck_assert_uint_eq(explained, COUNT(ledger));
    vectors_close(&v);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("limbo");
    TCase *t = tcase_create("limbo");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, limbo);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
