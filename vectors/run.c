/* vectors/run.c - asks, judges, counts. */
#include "vectors/run.h"

#include "vectors/exclusions.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const outcome_name[OUTCOMES] = { "passed", "failed", "skipped", "excluded" };

/* ---- files ---- */

struct file *run_file(struct run *run, const char *path)
{
    run->files = grown(run->files, run->file_count, sizeof *run->files);
    struct file *f = &run->files[run->file_count++];
    *f = (struct file){ .run = run, .claimed = -1 };
    f->path = arena_print(&f->arena, "%s", path);
    return f;
}

void run_free(struct run *run)
{
    for (size_t i = 0; i < run->file_count; i++) {
        arena_free(&run->files[i].arena);
        arena_free(&run->files[i].scratch);
        free(run->files[i].results);
    }
    free(run->files);
}

bool run_over(const struct run *run)
{
    return run->subject->gone || (run->other && run->other->gone);
}

void file_error(struct file *f, const char *place, const char *what)
{
    if (!f->error)
        f->error = arena_print(&f->arena, "%s%s%s", place, *place ? ": " : "", what);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* NULL, or an id that is not that of one case alone: neither reports nor exclusions could tell the
 * two apart. */
static const char *id_of_two(struct file *f)
{
    const char **ids = arena_take(&f->arena, f->result_count * sizeof *ids);
    for (size_t i = 0; i < f->result_count; i++)
        ids[i] = f->results[i].id;
    qsort(ids, f->result_count, sizeof *ids, by_text);
    for (size_t i = 1; i < f->result_count; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0)
            return ids[i];
    return NULL;
}

void file_end(struct file *f)
{
    size_t seen = f->result_count + f->left_out;
    const char *twice = id_of_two(f);
    if (twice)
        file_error(f, "", arena_print(&f->arena, "more than one case is called %s", twice));
    if (seen == 0)
        file_error(f, "", "no case in it");
    else if (f->claimed >= 0 && (uint64_t)f->claimed != seen)
        file_error(f, "", arena_print(&f->arena, "says that it has %lld cases and has %zu",
                                      (long long)f->claimed, seen));
}

/* ---- cases ---- */

static void show_progress(const struct file *f)
{
    if (f->run->progress && f->run->number % 64 == 0)
        fprintf(stderr, "\r\033[K%zu cases, %s", f->run->number, f->path);
}

bool case_begin(struct file *f, const char *id, const char *comment, enum expectation expected)
{
    f->run->number++;
    if (f->run->only && !strstr(id, f->run->only)) {
        f->left_out++;
        return false;
    }
    show_progress(f);
    f->now = (struct result){ .id = arena_print(&f->arena, "%s", id) };
    f->now.comment = comment && *comment ? arena_print(&f->arena, "%s", comment) : NULL;
    f->expected = expected;
    f->checks = f->flag_count = 0;
    return true;
}

/* The first failure stands, and weighs more than anything skipped. */
static void settle(struct file *f, enum outcome outcome, const char *reason)
{
    f->checks++;
    if (outcome == PASSED || f->now.outcome == FAILED
        || (f->now.outcome != PASSED && outcome != FAILED))
        return;
    f->now.outcome = outcome;
    f->now.reason = arena_print(&f->arena, "%s", reason);
}

void case_pass(struct file *f)
{
    settle(f, PASSED, NULL);
}

void case_skip(struct file *f, const char *format, ...)
{
    char reason[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    settle(f, SKIPPED, reason);
}

void case_fail(struct file *f, const char *format, ...)
{
    char reason[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    settle(f, FAILED, reason);
}

void case_flag(struct file *f, const char *flag)
{
    if (f->flag_count < CASE_FLAGS_MAX)
        f->flags[f->flag_count++] = flag;
}

static const char *why_excluded(const struct file *f)
{
    const struct exclusions *e = f->run->exclusions;
    const char *why = exclusions_find(e, f->path, f->now.id);
    for (size_t i = 0; !why && i < f->flag_count; i++)
        why = exclusions_find(e, f->path, f->flags[i]);
    return why;
}

void case_end(struct file *f)
{
    const struct run *run = f->run;
    if (f->checks == 0)
        settle(f, FAILED, "nothing was checked");
    if (f->now.outcome == FAILED && run->mode == MODE_JUDGE) {
        const char *why = why_excluded(f);
        if (why) {
            f->now.outcome = EXCLUDED;
            f->now.reason = arena_print(&f->arena, "%s", why);
        }
    }
    f->count[f->now.outcome]++;
    f->results = grown(f->results, f->result_count, sizeof *f->results);
    f->results[f->result_count++] = f->now;
    arena_free(&f->scratch);
}

/* ---- self-test ---- */

/* Which bit is as good as random, and the same in each run. */
static size_t bit_to_alter(const struct file *f, size_t bits)
{
    return (size_t)(f->run->number * UINT64_C(0x9e3779b97f4a7c15) >> 20) % bits;
}

static struct bytes with_bit_altered(struct file *f, struct bytes b, size_t bit)
{
    struct bytes copy = arena_copy(&f->scratch, b);
    ((uint8_t *)copy.at)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    return copy;
}

struct bytes altered(struct file *f, struct bytes b)
{
    if (f->run->mode != MODE_SELF_TEST || b.len == 0)
        return b;
    return with_bit_altered(f, b, bit_to_alter(f, 8 * b.len));
}

/* One bit of all that is expected; false if that has none. */
static bool alter_wants(struct file *f, struct bytes *want, size_t count)
{
    size_t bits = 0;
    for (size_t i = 0; i < count; i++)
        bits += 8 * want[i].len;
    if (bits == 0)
        return false;
    size_t bit = bit_to_alter(f, bits), i = 0;
    for (; bit >= 8 * want[i].len; i++)
        bit -= 8 * want[i].len;
    want[i] = with_bit_altered(f, want[i], bit);
    return true;
}

/* In a list the first: the certificate in question. */
static bool alter_parameter(struct file *f, struct request *q)
{
    struct parameter *p = q->forge ? (struct parameter *)request_find(q, q->forge) : NULL;
    if (p && p->list_count > 0) {
        struct bytes *list = arena_take(&f->scratch, p->list_count * sizeof *list);
        memcpy(list, p->list, p->list_count * sizeof *list);
        list[0] = altered(f, list[0]);
        p->list = list;
        return true;
    }
    if (!p || p->bytes.len == 0)
        return false;
    p->bytes = altered(f, p->bytes);
    return true;
}

/* ---- judging ---- */

static void put_detail(struct file *f, const struct request *q, const char *answers,
                       const char *expected)
{
    if (!f->now.detail)
        f->now.detail = arena_print(&f->arena, "request   %s\n%s%s",
                                    request_line(&f->scratch, q), answers, expected);
}

static const char *spoken(struct answer *a)
{
    if (a->verdict == ANSWER_INVALID && a->reason)
        return arena_print(a->arena, "invalid (%s)", a->reason);
    return a->verdict == ANSWER_BROKEN ? a->reason : answer_line(a);
}

static const char *wanted_line(struct file *f, const struct bytes *want, size_t count)
{
    if (f->expected == EXPECT_INVALID)
        return "invalid";
    struct answer a = { .arena = &f->scratch, .verdict = count ? ANSWER_VALUE : ANSWER_VALID };
    for (size_t i = 0; i < count; i++)
        a.value[a.value_count++] = want[i];
    return answer_line(&a);
}

static void fail(struct file *f, const struct request *q, struct answer *a,
                 const struct bytes *want, size_t count, const char *reason)
{
    put_detail(f, q, arena_print(&f->scratch, "answer    %s\n", spoken(a)),
               arena_print(&f->scratch, "expected  %s%s\n", wanted_line(f, want, count),
                           f->expected == EXPECT_EITHER ? ", or invalid" : ""));
    settle(f, FAILED, reason);
}

/* NULL, or how the answer's values differ from those wanted. */
static const char *difference(struct file *f, const struct request *q, const struct answer *a,
                              const struct bytes *want, size_t count)
{
    if (a->verdict != (count ? ANSWER_VALUE : ANSWER_VALID))
        return a->verdict == ANSWER_VALUE ? "answered with bytes, where valid was expected"
                                          : "answered valid, where bytes were expected";
    if (a->value_count > count || a->value_count + q->optional < count)
        return arena_print(&f->scratch, "answered with %zu values, not %zu", a->value_count, count);
    for (size_t i = 0; i < a->value_count; i++) {
        struct bytes got = a->value[i];
        if (got.len != want[i].len)
            return arena_print(&f->scratch, "value %zu has %zu bytes, not %zu", i + 1, got.len,
                               want[i].len);
        for (size_t k = 0; k < got.len; k++)
            if (got.at[k] != want[i].at[k])
                return arena_print(&f->scratch, "value %zu differs at byte %zu", i + 1, k);
    }
    return NULL;
}

static void judge(struct file *f, const struct request *q, struct answer *a,
                  const struct bytes *want, size_t count)
{
    const char *differs;
    switch (a->verdict) {
    case ANSWER_UNSUPPORTED:
        settle(f, SKIPPED, a->reason);
        return;
    case ANSWER_BROKEN:
        fail(f, q, a, want, count, a->reason);
        return;
    case ANSWER_INVALID:
        if (f->expected == EXPECT_VALID)
            fail(f, q, a, want, count, "refused, though valid");
        else
            settle(f, PASSED, NULL);
        return;
    case ANSWER_VALUE:
    case ANSWER_VALID:
        break;
    }
    if (f->expected == EXPECT_INVALID) {
        fail(f, q, a, want, count, "accepted, though invalid");
        return;
    }
    differs = difference(f, q, a, want, count);
    if (differs)
        fail(f, q, a, want, count, differs);
    else
        settle(f, PASSED, NULL);
}

/* An altered case must not pass as valid. Where there is nothing to alter, or the answer
 * is a refusal that was allowed anyway, the self-test says nothing about the case. */
static void judge_altered(struct file *f, const struct request *q, struct answer *a,
                          const struct bytes *want, size_t count)
{
    if (a->verdict == ANSWER_UNSUPPORTED)
        settle(f, SKIPPED, a->reason);
    else if (a->verdict == ANSWER_BROKEN)
        fail(f, q, a, want, count, a->reason);
    else if (a->verdict == ANSWER_INVALID && f->expected == EXPECT_EITHER)
        settle(f, SKIPPED, "self-test: refused, as is allowed");
    else if (a->verdict != ANSWER_INVALID && !difference(f, q, a, want, count))
        fail(f, q, a, want, count, "self-test: passes as valid with one bit altered");
    else
        settle(f, PASSED, NULL);
}

static void question(struct file *f, struct subject *s, struct answer *out,
                     const struct request *q)
{
    *out = (struct answer){ .arena = &f->scratch };
    s->ask(s, out, q);
    if (s->gone)
        file_error(f, s->name, arena_print(&f->scratch, "%s, several times in a row", out->reason));
}

/* What both say is the same, however right or wrong. */
static void compare(struct file *f, const struct request *q)
{
    const struct run *run = f->run;
    struct answer a, b;
    question(f, run->subject, &a, q);
    question(f, run->other, &b, q);
    bool differs = a.verdict != b.verdict || a.verdict == ANSWER_BROKEN;
    if (a.verdict == ANSWER_UNSUPPORTED || b.verdict == ANSWER_UNSUPPORTED) {
        bool first = a.verdict == ANSWER_UNSUPPORTED;
        case_skip(f, "%s: %s", (first ? run->subject : run->other)->name,
                  first ? a.reason : b.reason);
        return;
    }
    if (!differs && a.verdict == ANSWER_VALUE) {
        size_t shared = a.value_count < b.value_count ? a.value_count : b.value_count;
        differs = a.value_count != b.value_count && !q->optional;
        for (size_t i = 0; i < shared; i++)
            differs |= !bytes_equal_public(a.value[i], b.value[i]);
    }
    if (!differs) {
        settle(f, PASSED, NULL);
        return;
    }
    put_detail(f, q, arena_print(&f->scratch, "%s  %s\n", run->subject->name, spoken(&a)),
               arena_print(&f->scratch, "%s  %s\n", run->other->name, spoken(&b)));
    settle(f, FAILED, a.verdict == b.verdict ? "the two answer with other bytes"
                                             : "the two answer differently");
}

/* The answer, its last value as long as what is expected of it. */
static void question_cut(struct file *f, struct answer *a, const struct request *q,
                         const struct bytes *want, size_t want_count)
{
    question(f, f->run->subject, a, q);
    struct bytes *last = &a->value[want_count - 1];
    if (a->verdict == ANSWER_VALUE && a->value_count == want_count
        && last->len >= want[want_count - 1].len)
        last->len = want[want_count - 1].len;
}

void check(struct file *f, const struct request *q, const struct bytes *want, size_t want_count)
{
    struct answer a;
    struct request altered_q = *q;
    struct bytes wants[VALUES_MAX] = { { NULL, 0 } };
    for (size_t i = 0; i < want_count; i++)
        wants[i] = want[i];
    if (f->run->mode == MODE_DIFF) {
        compare(f, q);
        return;
    }
    bool self_test = f->run->mode == MODE_SELF_TEST;
    if (self_test && (f->expected == EXPECT_INVALID
                      || !(alter_wants(f, wants, want_count - q->optional)
                           || alter_parameter(f, &altered_q)))) {
        case_skip(f, "self-test: nothing to alter in what is to be refused");
        return;
    }
    if (q->cut)
        question_cut(f, &a, &altered_q, wants, want_count);
    else
        question(f, f->run->subject, &a, &altered_q);
    (self_test ? judge_altered : judge)(f, &altered_q, &a, wants, want_count);
}

void check_mac(struct file *f, const struct request *q, struct bytes want)
{
    struct answer a;
    if (f->run->mode == MODE_DIFF) {
        compare(f, q);
        return;
    }
    question_cut(f, &a, q, &want, 1);
    /* To compute another MAC than the one stated is to refuse it. */
    if (a.verdict == ANSWER_VALUE && f->expected == EXPECT_INVALID
        && difference(f, q, &a, &want, 1))
        a = (struct answer){ .verdict = ANSWER_INVALID, .arena = &f->scratch };
    if (f->run->mode == MODE_JUDGE) {
        judge(f, q, &a, &want, 1);
    } else if (f->expected == EXPECT_INVALID) {
        case_skip(f, "self-test: nothing to alter in what is to be refused");
    } else {
        want = altered(f, want);
        judge_altered(f, q, &a, &want, 1);
    }
}

bool offered(struct file *f, const struct request *q)
{
    struct answer a;
    question(f, f->run->subject, &a, q);
    if (a.verdict != ANSWER_UNSUPPORTED && f->run->mode == MODE_DIFF)
        question(f, f->run->other, &a, q);
    return a.verdict != ANSWER_UNSUPPORTED;
}

bool value_of(struct file *f, struct bytes *out, const struct request *q)
{
    struct answer a;
    question(f, f->run->subject, &a, q);
    if (a.verdict == ANSWER_VALUE && a.value_count == 1) {
        *out = a.value[0];
        return true;
    }
    if (a.verdict == ANSWER_UNSUPPORTED)
        settle(f, SKIPPED, a.reason);
    else
        fail(f, q, &a, NULL, 0, "answered without bytes");
    return false;
}

bool refuses(struct file *f, const struct request *q, struct bytes want)
{
    struct answer a;
    question(f, f->run->subject, &a, q);
    if (a.verdict == ANSWER_UNSUPPORTED)
        settle(f, SKIPPED, a.reason);
    else if (a.verdict == ANSWER_BROKEN)
        fail(f, q, &a, NULL, 0, a.reason);
    return a.verdict != ANSWER_VALUE || difference(f, q, &a, &want, 1);
}
