/* tests/test_psk.c - resumption and PSKs in whole handshakes (RFC 8446 §2.2, §4.2.9 to §4.2.11).
 *
 * Names begin with the class of bug that a test is about, where there is one.
 */
#include "tests/editor.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct ticket_keys keys;
static struct tls_session session, kept[3];
static uint64_t random_state;

/* A counter through a multiplication: other bytes each time, the same in each run. */
static bool fill(void *context, uint8_t *out, size_t len)
{
    uint64_t *state = context;
    for (size_t i = 0; i < len; i++) {
        *state = *state * 6364136223846793005 + 1442695040888963407;
        out[i] = (uint8_t)(*state >> 56);
    }
    return true;
}

static const struct random_source random_source = { fill, &random_state };

static void fresh(void)
{
    random_state = 7;
    memset(kept, 0, sizeof kept);
    ck_assert(ticket_keys_make(&keys, &random_source, 86400, PAIR_NOW));
}

/* A connection on which the client gets a ticket; `session` is what it keeps of it. */
static struct pair *first_connection(const struct pair_setup *setup)
{
    struct pair_setup s = *setup;
    s.resumption = (struct tls_resumption){ .keep = kept, .keep_count = 1 };
    s.ticket_keys = &keys;
    s.tickets = 1;
    struct pair *p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
    ck_assert_uint_gt(kept[0].len, 0);
    session = kept[0];
    return p;
}

/* One that offers it. */
static struct pair *second_connection(const struct pair_setup *setup)
{
    struct pair_setup s = *setup;
    s.resumption = (struct tls_resumption){ .offer = &session, .keep = kept, .keep_count = 1 };
    s.ticket_keys = s.ticket_keys ? s.ticket_keys : &keys;
    s.tickets = 1;
    return pair_start(&s);
}

static void is_resumed(struct pair *p, bool resumed)
{
    pair_connected(p);
    for (unsigned i = 0; i < 2; i++) {
        struct tls_facts f = tls_facts(&p->end[i].tls);
        ck_assert_int_eq(f.resumed, resumed);
        ck_assert_ptr_null(f.imported_psk);
        ck_assert_int_eq(f.scheme == NULL, resumed);
    }
    pair_send(p, CLIENT, bytes_of("hello", 5));
    pair_send(p, SERVER, bytes_of("world", 5));
}

/* ---- resumption that works ---- */

/* The caller's judgement is asked for again, without a chain. */
struct judgement { enum alert alert; size_t asked, empty; };

static enum alert judge(void *context, const struct bytes *chain, size_t chain_count,
                        const char **reason)
{
    struct judgement *j = context;
    (void)chain;
    j->asked++;
    j->empty += chain_count == 0;
    if (chain_count > 0 || j->alert == ALERT_NONE)
        return ALERT_NONE;
    *reason = "the record was withdrawn";
    return j->alert;
}

START_TEST(judged_again_when_resumed)
{
    struct judgement j = { .alert = _i ? ALERT_CERTIFICATE_UNKNOWN : ALERT_NONE };
    struct tls_verifier verifier = { judge, &j };
    struct pair_setup s = { .verifier = &verifier };
    fresh();
    first_connection(&s);
    struct pair *p = second_connection(&s);
    pair_run(p);
    ck_assert_uint_eq(j.asked, 2);
    ck_assert_uint_eq(j.empty, 1);
    if (_i == 0)
        is_resumed(p, true);
    else
        pair_failed(p, CLIENT, "judged again", ALERT_CERTIFICATE_UNKNOWN, "withdrawn");
}
END_TEST

static const uint16_t suites[] = { 0x1301, 0x1302, 0x1303 };

START_TEST(every_suite)
{
    fresh();
    struct pair_setup s = { .suite = suites[_i % 3], .hello_retry = _i >= 3 };
    is_resumed(first_connection(&s), false);
    for (int again = 0; again < 3; again++) {            /* by the ticket of the one before */
        struct pair *p = second_connection(&s);
        ck_assert_uint_eq(session.len, 0);
        pair_run(p);
        is_resumed(p, true);
        ck_assert(tls_facts(&p->end[SERVER].tls).hello_retry == s.hello_retry);
        ck_assert_uint_eq(p->end[CLIENT].tickets, 1);
        session = kept[0];
    }
}
END_TEST

/* At every size of what is pulled and fed. */
START_TEST(in_pieces)
{
    static const size_t sizes[][2] = { { 64, 1 }, { 65, 2 }, { 100, 7 }, { 1000, 100 } };
    struct pair_setup s = { .cap = sizes[_i][0], .bite = sizes[_i][1], .hello_retry = true };
    fresh();
    first_connection(&s);
    struct pair *p = second_connection(&s);
    pair_run(p);
    is_resumed(p, true);
}
END_TEST

/* §4.6.1: "a cipher suite that has the same KDF hash algorithm", and not the same suite. */
START_TEST(another_suite_of_the_same_hash)
{
    fresh();
    first_connection(&(struct pair_setup){ .suite = 0x1301 });
    struct pair *p = second_connection(&(struct pair_setup){ .suite = 0x1303 });
    pair_run(p);
    is_resumed(p, true);
}
END_TEST

START_TEST(n5_another_hash_is_a_full_handshake)
{
    struct pair_setup other = { .suite = 0x1302, .hello_retry = _i };
    fresh();
    first_connection(&(struct pair_setup){ .suite = 0x1301 });
    struct pair *p = second_connection(&other);
    pair_run(p);
    is_resumed(p, false);
    ck_assert_uint_eq(session.len, 0);                   /* it was offered, and so is used up */
}
END_TEST

int main(void)
{
    Suite *s = suite_create("psk");
    TCase *c = tcase_create("resumption");
    tcase_add_loop_test(c, every_suite, 0, 6);
    tcase_add_loop_test(c, judged_again_when_resumed, 0, 2);
    tcase_add_loop_test(c, in_pieces, 0, 4);
    tcase_add_test(c, another_suite_of_the_same_hash);
    tcase_add_loop_test(c, n5_another_hash_is_a_full_handshake, 0, 2);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
