/* vectors/report_tap.c - Test Anything Protocol, version 13. */
#include "vectors/report.h"

/* '#' begins a directive, and a line ends at its end: neither may come from a file. */
static void put_text(FILE *out, const char *text)
{
    for (; text && *text; text++)
        fputc(*text == '#' || (unsigned char)*text < ' ' ? '_' : *text, out);
}

static void put_diagnostic(FILE *out, const char *text)
{
    fputs("# ", out);
    for (; text && *text; text++) {
        fputc((unsigned char)*text < ' ' && *text != '\n' ? '_' : *text, out);
        if (*text == '\n' && text[1])
            fputs("# ", out);
    }
}

static void put_case(FILE *out, size_t number, const struct file *f, const struct result *r)
{
    fprintf(out, "%s %zu - ", r->outcome == FAILED ? "not ok" : "ok", number);
    put_text(out, f->path);
    fputs(": ", out);
    put_text(out, r->id);
    if (r->comment) {
        fputs(", ", out);
        put_text(out, r->comment);
    }
    if (r->outcome == SKIPPED || r->outcome == EXCLUDED) {
        fprintf(out, " # SKIP %s", r->outcome == EXCLUDED ? "excluded: " : "");
        put_text(out, r->reason);
    }
    fputc('\n', out);
    if (r->outcome == FAILED) {
        put_diagnostic(out, r->reason);
        fputc('\n', out);
        if (r->detail)
            put_diagnostic(out, r->detail);
    }
}

void report_tap(FILE *out, const struct run *run)
{
    struct totals t = totals_of(run);
    size_t number = 0;
    fprintf(out, "TAP version 13\n1..%zu\n# ", t.cases + t.errors);
    report_title(out, run);
    fputc('\n', out);
    for (size_t i = 0; i < run->file_count; i++) {
        const struct file *f = &run->files[i];
        for (size_t k = 0; k < f->result_count; k++)
            put_case(out, ++number, f, &f->results[k]);
        if (f->error) {
            fprintf(out, "not ok %zu - ", ++number);
            put_text(out, f->path);
            fputs(": ", out);
            put_text(out, f->error);
            fputc('\n', out);
        }
    }
}
