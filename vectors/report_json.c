/* vectors/report_json.c - the report for programs. */
#include "vectors/report.h"

#include <jansson.h>

/* Text from a vector file may be of any encoding. */
static json_t *text(const char *s)
{
    json_t *string = s ? json_string(s) : json_null();
    return string ? string : json_string("(not UTF-8)");
}

static json_t *counts(size_t cases, const size_t count[OUTCOMES])
{
    json_t *out = json_object();
    json_object_set_new(out, "cases", json_integer((json_int_t)cases));
    for (int i = 0; i < OUTCOMES; i++)
        json_object_set_new(out, outcome_name[i], json_integer((json_int_t)count[i]));
    return out;
}

static json_t *case_object(const struct result *r)
{
    json_t *out = json_object();
    json_object_set_new(out, "id", text(r->id));
    json_object_set_new(out, "comment", text(r->comment));
    json_object_set_new(out, "outcome", text(outcome_name[r->outcome]));
    json_object_set_new(out, "reason", text(r->reason));
    if (r->detail)
        json_object_set_new(out, "detail", text(r->detail));
    return out;
}

static json_t *file_object(const struct file *f)
{
    json_t *out = counts(f->result_count, f->count), *cases = json_array();
    json_object_set_new(out, "path", text(f->path));
    json_object_set_new(out, "error", text(f->error));
    for (size_t i = 0; i < f->result_count; i++)
        if (f->results[i].outcome != PASSED)
            json_array_append_new(cases, case_object(&f->results[i]));
    json_object_set_new(out, "not_passed", cases);
    return out;
}

void report_json(FILE *out, const struct run *run)
{
    static const char *const modes[] = { "judge", "self-test", "diff" };
    struct totals t = totals_of(run);
    json_t *root = counts(t.cases, t.count), *files = json_array();
    json_object_set_new(root, "subject", text(run->subject->name));
    json_object_set_new(root, "other", text(run->other ? run->other->name : NULL));
    json_object_set_new(root, "mode", text(modes[run->mode]));
    json_object_set_new(root, "errors", json_integer((json_int_t)t.errors));
    for (size_t i = 0; i < run->file_count; i++)
        if (!run->files[i].ignored)
            json_array_append_new(files, file_object(&run->files[i]));
    json_object_set_new(root, "files", files);
    json_dumpf(root, out, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    fputc('\n', out);
    json_decref(root);
}
