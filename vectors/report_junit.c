/* vectors/report_junit.c - the XML that continuous integration reads. */
#include "vectors/report.h"

/* Bytes that XML 1.0 has no way to write, or that are no ASCII, become '?'. */
static void put_text(FILE *out, const char *text)
{
    for (; text && *text; text++) {
        unsigned char c = (unsigned char)*text;
        switch (c) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        default:  fputc((c < ' ' && c != '\n' && c != '\t') || c > '~' ? '?' : c, out);
        }
    }
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    put_text(out, text);
    fputc('"', out);
}

static void put_case(FILE *out, const struct file *f, const struct result *r)
{
    fputs("  <testcase", out);
    put_attribute(out, "classname", f->path);
    put_attribute(out, "name", r->id);
    if (r->outcome == PASSED) {
        fputs("/>\n", out);
        return;
    }
    fputs(r->outcome == FAILED ? "><failure" : "><skipped", out);
    fprintf(out, " message=\"%s", r->outcome == EXCLUDED ? "excluded: " : "");
    put_text(out, r->reason);
    fputs("\">", out);
    put_text(out, r->detail);
    fprintf(out, "</%s></testcase>\n", r->outcome == FAILED ? "failure" : "skipped");
}

void report_junit(FILE *out, const struct run *run)
{
    struct totals t = totals_of(run);
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%zu\" "
            "failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\">\n", t.cases + t.errors,
            t.count[FAILED], t.errors, t.count[SKIPPED] + t.count[EXCLUDED]);
    for (size_t i = 0; i < run->file_count; i++) {
        const struct file *f = &run->files[i];
        if (f->ignored)
            continue;
        fputs(" <testsuite", out);
        put_attribute(out, "name", f->path);
        fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\">\n",
                f->result_count + (f->error != NULL), f->count[FAILED], f->error != NULL,
                f->count[SKIPPED] + f->count[EXCLUDED]);
        for (size_t k = 0; k < f->result_count; k++)
            put_case(out, f, &f->results[k]);
        if (f->error) {
            fputs("  <testcase", out);
            put_attribute(out, "classname", f->path);
            fputs(" name=\"the file itself\"><error", out);
            put_attribute(out, "message", f->error);
            fputs("/></testcase>\n", out);
        }
        fputs(" </testsuite>\n", out);
    }
    fputs("</testsuites>\n", out);
}
