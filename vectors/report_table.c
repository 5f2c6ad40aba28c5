/* vectors/report_table.c - the report for people. */
#include "vectors/report.h"

#include <stdlib.h>
#include <string.h>

struct totals totals_of(const struct run *run)
{
    struct totals t = { .files = 0 };
    for (size_t i = 0; i < run->file_count; i++) {
        const struct file *f = &run->files[i];
        t.files += !f->ignored;
        t.errors += f->error != NULL;
        t.cases += f->result_count;
        for (int k = 0; k < OUTCOMES; k++)
            t.count[k] += f->count[k];
    }
    return t;
}

void report_title(FILE *out, const struct run *run)
{
    fprintf(out, "sealvec: %s", run->subject->name);
    if (run->mode == MODE_DIFF)
        fprintf(out, " against %s (passed: the same; failed: they differ)", run->other->name);
    if (run->mode == MODE_SELF_TEST)
        fprintf(out, ", self-test (passed: the altered bit was noticed)");
}

/* The end of a path that is too long. */
static const char *shortened(const char *path, size_t width)
{
    size_t n = strlen(path);
    return n > width ? path + n - width : path;
}

enum { PATH_WIDTH = 58 };

static void put_row(FILE *out, const char *name, size_t cases, const size_t count[OUTCOMES])
{
    fprintf(out, "%-*s %7zu %7zu %7zu %7zu %8zu\n", PATH_WIDTH, shortened(name, PATH_WIDTH),
            cases, count[PASSED], count[FAILED], count[SKIPPED], count[EXCLUDED]);
}

static void put_files(FILE *out, const struct run *run)
{
    fprintf(out, "%-*s %7s %7s %7s %7s %8s\n", PATH_WIDTH, "file", "cases", "passed", "failed",
            "skipped", "excluded");
    for (size_t i = 0; i < run->file_count; i++) {
        const struct file *f = &run->files[i];
        if (f->ignored)
            fprintf(out, "%-*s %s\n", PATH_WIDTH, shortened(f->path, PATH_WIDTH), f->ignored);
        else
            put_row(out, f->path, f->result_count, f->count);
    }
    struct totals t = totals_of(run);
    put_row(out, "total", t.cases, t.count);
}

/* ---- failures ---- */

enum { DETAIL_MAX = 600, FAILURES_MAX = 50 };

/* A request may be a megabyte long; whoever wants it whole takes --format json. */
static void put_detail(FILE *out, const char *detail)
{
    for (const char *line = detail; line && *line; ) {
        size_t n = strcspn(line, "\n"), shown = n > DETAIL_MAX ? DETAIL_MAX : n;
        fprintf(out, "    %.*s", (int)shown, line);
        if (shown < n)
            fprintf(out, "... (%zu characters more)", n - shown);
        fputc('\n', out);
        line += n + (line[n] != 0);
    }
}

static void put_failures(FILE *out, const struct run *run)
{
    size_t shown = 0, left = 0;
    for (size_t i = 0; i < run->file_count; i++) {
        const struct file *f = &run->files[i];
        if (f->error)
            fprintf(out, "\nERROR  %s: %s\n", f->path, f->error);
        for (size_t k = 0; k < f->result_count; k++) {
            const struct result *r = &f->results[k];
            if (r->outcome != FAILED)
                continue;
            if (shown == FAILURES_MAX) {
                left++;
                continue;
            }
            shown++;
            fprintf(out, "\nFAILED %s: %s%s%s: %s\n", f->path, r->id, r->comment ? ", " : "",
                    r->comment ? r->comment : "", r->reason);
            put_detail(out, r->detail);
        }
    }
    if (left > 0)
        fprintf(out, "\n%zu more failed; --format tap or json names them all\n", left);
}

/* ---- reasons ---- */

struct reason { const char *text; size_t cases; };

static int most_first(const void *a, const void *b)
{
    const struct reason *x = a, *y = b;
    if (x->cases != y->cases)
        return x->cases < y->cases ? 1 : -1;
    return strcmp(x->text, y->text);
}

static void put_reasons(FILE *out, const struct run *run, enum outcome outcome)
{
    struct reason *reasons = NULL;
    size_t count = 0;
    for (size_t i = 0; i < run->file_count; i++)
        for (size_t k = 0; k < run->files[i].result_count; k++) {
            const struct result *r = &run->files[i].results[k];
            if (r->outcome != outcome)
                continue;
            size_t at = 0;
            while (at < count && strcmp(reasons[at].text, r->reason) != 0)
                at++;
            if (at == count) {
                reasons = grown(reasons, count, sizeof *reasons);
                reasons[count++] = (struct reason){ r->reason, 0 };
            }
            reasons[at].cases++;
        }
    if (count > 0) {
        qsort(reasons, count, sizeof *reasons, most_first);
        fprintf(out, "\n%s, because of:\n", outcome_name[outcome]);
    }
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%7zu  %s\n", reasons[i].cases, reasons[i].text);
    free(reasons);
}

void report_table(FILE *out, const struct run *run)
{
    report_title(out, run);
    fputs("\n\n", out);
    put_files(out, run);
    put_failures(out, run);
    put_reasons(out, run, SKIPPED);
    put_reasons(out, run, EXCLUDED);
    struct totals t = totals_of(run);
    fprintf(out, "\n%zu files, %zu cases: %zu passed, %zu failed, %zu skipped, %zu excluded",
            t.files, t.cases, t.count[PASSED], t.count[FAILED], t.count[SKIPPED],
            t.count[EXCLUDED]);
    if (t.errors > 0)
        fprintf(out, "; %zu files in error", t.errors);
    fputc('\n', out);
}
