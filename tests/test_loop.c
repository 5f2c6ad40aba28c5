/* tests/test_loop.c - smtp/loop_io, worker_io, peers, log_io: the daemon's small parts. */
#include "smtp/log_io.h"
#include "smtp/peers.h"
#include "smtp/worker_io.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct loop loop;

static void open_loop(void) { ck_assert(loop_open(&loop)); }
static void close_loop(void) { loop_close(&loop); }

/* ---- timers ---- */

static int order[200], order_count;
static int *slot_of(void *context) { return context; }

static void note(void *context)
{
    order[order_count++] = *slot_of(context);
}

static void stop(void *context)
{
    (void)context;
    loop_stop(&loop);
}

START_TEST(timers_run_in_order)
{
    static struct loop_timer timers[150];
    static int ids[150];
    static int64_t due[150];
    struct loop_timer last = { .expired = stop };

    order_count = 0;
    for (int i = 0; i < 150; i++) {
        ids[i] = (i * 37) % 150;
        timers[i] = (struct loop_timer){ .expired = note, .context = &ids[i] };
        ck_assert(loop_set_timer(&loop, &timers[i], ids[i] * 2));
        due[ids[i]] = timers[i].at;          /* on a slow machine not in the order of the ids */
    }
    for (int i = 0; i < 150; i += 3)
        loop_clear_timer(&loop, &timers[i]);
    ck_assert(loop_set_timer(&loop, &last, 1000));
    ck_assert(loop_run(&loop));
    ck_assert_int_eq(order_count, 100);
    for (int i = 1; i < order_count; i++)
        ck_assert_int_le(due[order[i - 1]], due[order[i]]);
    ck_assert_uint_eq(loop.timer_count, 0);
}
END_TEST

START_TEST(a_timer_that_is_moved)
{
    int id = 1;
    struct loop_timer t = { .expired = note, .context = &id }, last = { .expired = stop };
    order_count = 0;
    ck_assert(loop_set_timer(&loop, &t, 60000));
    ck_assert(loop_set_timer(&loop, &last, 30));
    ck_assert(loop_set_timer(&loop, &t, 1));
    ck_assert(loop_run(&loop));
    ck_assert_int_eq(order_count, 1);
    loop_clear_timer(&loop, &t);
}
END_TEST

/* ---- watches ---- */

static struct loop_watch pair[2];
static int ready_count;

static void on_one(void *context, uint32_t events)
{
    ck_assert(events & EPOLLIN);
    ready_count++;
    loop_unwatch(&loop, context);                          /* the other one, ready as well */
    loop_stop(&loop);
}

START_TEST(a_watch_removed_in_its_batch)
{
    int a[2], b[2];
    struct loop_timer last = { .expired = stop };
    ck_assert(pipe(a) == 0 && pipe(b) == 0);
    ck_assert(write(a[1], "x", 1) == 1 && write(b[1], "x", 1) == 1);
    pair[0] = (struct loop_watch){ a[0], EPOLLIN, on_one, &pair[1] };
    pair[1] = (struct loop_watch){ b[0], EPOLLIN, on_one, &pair[0] };
    ck_assert(loop_watch(&loop, &pair[0]) && loop_watch(&loop, &pair[1]));
    ck_assert(loop_set_timer(&loop, &last, 50));
    ready_count = 0;
    loop_run(&loop);
    ck_assert_int_eq(ready_count, 1);
    loop_clear_timer(&loop, &last);
    close(a[0]), close(a[1]), close(b[0]), close(b[1]);
}
END_TEST

/* ---- workers ---- */

struct counted { struct job job; int value; };
static int done_count, done_sum;

static void run_job(struct job *job) { ((struct counted *)job)->value *= 2; }

static void job_done(struct job *job)
{
    done_sum += ((struct counted *)job)->value;
    if (++done_count == 100)
        loop_stop(&loop);
}

static void give_hundred(struct workers *w, struct counted jobs[100])
{
    done_count = done_sum = 0;
    for (int i = 0; i < 100; i++) {
        jobs[i] = (struct counted){ { run_job, job_done, NULL }, i };
        workers_give(w, &jobs[i].job);
    }
}

START_TEST(jobs_come_back_to_the_loop)
{
    static struct counted jobs[100];
    struct workers w;
    ck_assert(workers_start(&w, &loop, 3));
    give_hundred(&w, jobs);
    ck_assert(loop_run(&loop));
    ck_assert_int_eq(done_sum, 99 * 100);
    ck_assert_uint_eq(w.pending, 0);
    workers_stop(&w);
}
END_TEST

START_TEST(stopping_waits_for_all_jobs)
{
    static struct counted jobs[100];
    struct workers w;
    ck_assert(workers_start(&w, &loop, 2));
    give_hundred(&w, jobs);
    workers_stop(&w);
    ck_assert_int_eq(done_count, 100);
}
END_TEST

/* ---- peers ---- */

static struct peer table[64];
static struct peers peers;
static const struct peer_limits limits = { 2, 5, 3 };

static void clear_peers(void)
{
    memset(table, 0, sizeof table);
    peers = (struct peers){ table, 64, 0x123456789abcdefu };
}

static uint64_t v4(uint8_t last)
{
    uint8_t address[4] = { 192, 0, 2, last };
    return peers_key(bytes_of(address, 4));
}

START_TEST(open_connections_are_bounded)
{
    clear_peers();
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 1000), PEERS_WELCOME);
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 1000), PEERS_WELCOME);
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 1000), PEERS_TOO_MANY_OPEN);
    ck_assert_int_eq(peers_enter(&peers, v4(2), &limits, 1000), PEERS_WELCOME);
    peers_leave(&peers, v4(1));
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 1000), PEERS_WELCOME);
}
END_TEST

START_TEST(connections_in_a_minute_are_bounded)
{
    clear_peers();
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 100000), PEERS_WELCOME);
        peers_leave(&peers, v4(1));
    }
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 159999), PEERS_TOO_FAST);
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 160000), PEERS_WELCOME);
}
END_TEST

START_TEST(failed_logins_are_bounded)
{
    clear_peers();
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 100000), PEERS_WELCOME);
    for (int i = 0; i < 3; i++) {
        ck_assert(peers_may_authenticate(&peers, v4(1), &limits, 100000));
        peers_auth_failed(&peers, v4(1), 100000);
    }
    ck_assert(!peers_may_authenticate(&peers, v4(1), &limits, 100001));
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 100002), PEERS_GUESSING);
    ck_assert(peers_may_authenticate(&peers, v4(1), &limits, 160000));
}
END_TEST

START_TEST(keys_of_addresses)
{
    uint8_t a[16] = { 0x20, 1, 0xd, 0xb8, [7] = 2, 1 }, b[16] = { 0x20, 1, 0xd, 0xb8, [7] = 2, 9 };
    uint8_t c[16] = { 0x20, 1, 0xd, 0xb8, [7] = 3 }, zero[16] = { 0 };
    uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 7 };
    ck_assert_uint_eq(peers_key(bytes_of(a, 16)), peers_key(bytes_of(b, 16)));
    ck_assert_uint_ne(peers_key(bytes_of(a, 16)), peers_key(bytes_of(c, 16)));
    ck_assert_uint_eq(peers_key(bytes_of(mapped, 16)), v4(7));
    ck_assert_uint_ne(peers_key(bytes_of(zero, 16)), 0);
}
END_TEST

/* Far more addresses than entries: those that are connected stay known. */
START_TEST(a_full_table_forgets_the_idle)
{
    clear_peers();
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 1), PEERS_WELCOME);
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 1), PEERS_WELCOME);
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t address[4] = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i };
        uint64_t key = peers_key(bytes_of(address, 4));
        if (peers_enter(&peers, key, &limits, 2 + i) == PEERS_WELCOME)
            peers_leave(&peers, key);
    }
    ck_assert_int_eq(peers_enter(&peers, v4(1), &limits, 6000), PEERS_TOO_MANY_OPEN);
}
END_TEST

/* ---- log ---- */

static const char *shown(struct log_line *l)
{
    l->text[l->len] = 0;
    return l->text;
}

START_TEST(log_lines_cannot_be_forged)
{
    struct log_line l = log_line("auth");
    log_bytes(&l, "user", bytes_of("a\"\n\\\x80\0", 6));
    log_text(&l, "reason", "two words");
    log_text(&l, "empty", "");
    log_number(&l, "n", UINT64_MAX);
    ck_assert_str_eq(shown(&l), "auth user=a\\x22\\x0a\\x5c\\x80\\x00 reason=\"two words\" "
                                "empty=\"\" n=18446744073709551615");
}
END_TEST

START_TEST(log_values_and_lines_are_cut)
{
    static uint8_t big[5000];
    struct log_line l = log_line("x");
    memset(big, 'a', sizeof big);
    log_bytes(&l, "k", bytes_of(big, sizeof big));
    ck_assert_uint_eq(l.len, strlen("x k=") + LOG_VALUE_MAX);
    memset(big, 1, sizeof big);
    for (int i = 0; i < 10; i++)
        log_bytes(&l, "k", bytes_of(big, sizeof big));
    ck_assert_uint_eq(l.len, LOG_LINE_MAX - 1);
}
END_TEST

START_TEST(log_to_a_file)
{
    char path[] = "/tmp/sealpost-log-XXXXXX", text[256] = "";
    close(mkstemp(path));
    struct log log = { .fd = -1 };
    ck_assert(log_open(&log, path));
    struct log_line l = log_line("event");
    log_write(&log, &l);
    log_close(&log);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(fgets(text, sizeof text, file));
    fclose(file);
    ck_assert_str_eq(text + strlen("2026-01-01T00:00:00Z "), "event\n");
    unlink(path);
    ck_assert(!log_open(&log, "/nonexistent/log"));
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("loop");
    tcase_add_checked_fixture(c, open_loop, close_loop);
    tcase_add_test(c, timers_run_in_order);
    tcase_add_test(c, a_timer_that_is_moved);
    tcase_add_test(c, a_watch_removed_in_its_batch);
    tcase_add_test(c, jobs_come_back_to_the_loop);
    tcase_add_test(c, stopping_waits_for_all_jobs);
    TCase *p = tcase_create("peers and log");
    tcase_add_test(p, open_connections_are_bounded);
    tcase_add_test(p, connections_in_a_minute_are_bounded);
    tcase_add_test(p, failed_logins_are_bounded);
    tcase_add_test(p, keys_of_addresses);
    tcase_add_test(p, a_full_table_forgets_the_idle);
    tcase_add_test(p, log_lines_cannot_be_forged);
    tcase_add_test(p, log_values_and_lines_are_cut);
    tcase_add_test(p, log_to_a_file);
    Suite *s = suite_create("loop");
    suite_add_tcase(s, c);
    suite_add_tcase(s, p);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
