/* vectors/traces.c - rfc8448_traces.json: the traces of RFC 8448, transcribed field by field. */
#include "vectors/json.h"

#include "vectors/trace.h"

#include <stdio.h>
#include <string.h>

static void read_fields(struct place *p, struct step *s, const json_t *fields)
{
    size_t i;
    const json_t *item;
    json_array_foreach (fields, i, item) {
        if (s->field_count == STEP_FIELDS_MAX) {
            file_error(p->f, p->path, "has too many fields");
            return;
        }
        s->field[s->field_count].name = json_text(p, item, "name");
        /* the early secret's salt is written as text, "0 (all zero octets)": HMAC's empty key */
        s->field[s->field_count].value = json_string_value(json_object_get(item, "hex"))
            ? json_hex(p, item, "hex") : bytes_of("", 0);
        s->field_count++;
    }
}

/* Steps that only say that the other side does the same have no fields and are no cases. */
static void read_trace(struct place *p, const json_t *trace, size_t number)
{
    size_t i, count = 0;
    const json_t *item, *steps = json_member(p, trace, "steps", JSON_ARRAY);
    const char *section = json_text(p, trace, "section");
    struct step *list = arena_take(&p->f->arena, (json_array_size(steps) + 1) * sizeof *list);
    json_array_foreach (steps, i, item) {
        place_set(p, "traces[%zu].steps[%zu]", number, i);
        struct step s = { .server = json_string_is(item, "actor", "server"),
                          .action = json_text(p, item, "action") };
        read_fields(p, &s, json_optional(p, item, "fields", JSON_ARRAY));
        if (p->f->error)
            return;
        if (s.field_count > 0)
            list[count++] = s;
    }
    if (!p->f->error)
        trace_run(p->f, arena_print(&p->f->arena, "%.20s.", section), list, count);
}

void read_traces(struct file *f, const json_t *root)
{
    struct place p = { .f = f };
    size_t i;
    const json_t *trace;
    const json_t *traces = json_member(&p, root, "traces", JSON_ARRAY);
    json_array_foreach (traces, i, trace) {
        place_set(&p, "traces[%zu]", i);
        if (!f->error)
            read_trace(&p, trace, i);
    }
}
