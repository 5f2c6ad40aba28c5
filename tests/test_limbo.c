/* tests/test_limbo.c - x509-limbo's chains (vectors/x509/limbo.txt) against tls13/x509/path.c.
 *
 * Where we differ from limbo the case stands in vectors/exclusions.c with the reason. A difference
 * that is not explained fails the test, and so does an entry that no longer differs.
 */
#include "tls13/x509/verify.h"

#include "tests/vectors.h"
#include "tls13/x509/certificate.h"
#include "vectors/exclusions.h"

#include <check.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fills `out` with the fields name1, name2, ... of the present case. */
static size_t numbered(struct vectors *v, const char *name, struct bytes *out, size_t cap)
{
    char field[32];
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

static bool names_a_case(const struct exclusion *e)
{
    return strstr(e->id, "::") != NULL;
}

START_TEST(limbo)
{
    struct vectors v = vectors_open("vectors/x509/limbo.txt");
    struct exclusions ledger = { 0 };
    size_t used[64] = { 0 };
    exclusions_ours(&ledger);
    ck_assert_uint_le(ledger.built_in_count, COUNT(used));
    while (vectors_next(&v)) {
        struct x509_verdict verdict;
        char id[100];
        struct bytes name = vector(&v, "id");
        snprintf(id, sizeof id, "%.*s", (int)name.len, (const char *)name.at);
        bool ours = believed(&v, &verdict), theirs = vector_number(&v, "believed");
        ck_assert_msg((ours != theirs) == (exclusions_find(&ledger, "limbo.txt", id) != NULL),
                      "%s: %s: %s", id, ours ? "believed" : "refused", verdict.reason);
        for (size_t i = 0; i < ledger.built_in_count; i++)
            used[i] += fnmatch(ledger.built_in[i].id, id, 0) == 0;
    }
    for (size_t i = 0; i < ledger.built_in_count; i++)
        ck_assert_msg(used[i] || !names_a_case(&ledger.built_in[i]), "no such case: %s",
                      ledger.built_in[i].id);
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
