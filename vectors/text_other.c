/* vectors/text_other.c - records of our own: any request, ML-KEM, certificate chains, RFC 8448. */
#include "vectors/text.h"

#include "vectors/trace.h"

#include <stdio.h>
#include <string.h>

/* ---- any request of the line protocol: `operation`, its parameters, `result`, `answer` ---- */

static void add_parameter(struct text *t, struct request *q, const struct record_field *field)
{
    const char *name = arena_print(&t->f->scratch, "%.*s", (int)field->name.len,
                                   (const char *)field->name.at);
    if (q->parameter_count == PARAMETERS_MAX)
        file_error(t->f, name, "is one parameter too many");
    else if (field->value.len > 0 && field->value.at[0] == '"')
        request_word(q, name, field_text(t, name));
    else if (field->value.len > 0 && field->value.at[0] == '+')
        request_number(q, name, field_number(t, name));
    else
        request_bytes(q, name, field_bytes(t, name));
}

static void tell_flags(struct text *t)
{
    char *rest = NULL, *flags = arena_print(&t->f->scratch, "%s", field_text(t, "flags"));
    for (char *flag = strtok_r(flags, " ", &rest); flag; flag = strtok_r(NULL, " ", &rest))
        case_flag(t->f, flag);
}

static void expect_stated(struct text *t)
{
    static const char *const results[] = { "valid", "invalid", "acceptable" };
    const char *result = field_text(t, "result");
    for (size_t i = 0; i < COUNT(results); i++)
        if (strcmp(result, results[i]) == 0) {
            t->f->expected = (enum expectation)i;
            return;
        }
    file_error(t->f, "result", "is not valid, invalid or acceptable");
}

static void on_request(struct text *t)
{
    static const char *const not_asked[] = { "operation", "result", "answer", "answer2", "id",
                                            "note", "flags" };
    struct request q = { .operation = field_text(t, "operation") };
    struct bytes want[VALUES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < t->r.field_count; i++) {
        size_t k = 0;
        while (k < COUNT(not_asked) && !record_text_is(t->r.field[i].name, not_asked[k]))
            k++;
        if (k == COUNT(not_asked))
            add_parameter(t, &q, &t->r.field[i]);
    }
    for (size_t i = 2; i < 4; i++)
        if (field_has(t, not_asked[i]))
            want[count++] = field_bytes(t, not_asked[i]);
    q.forge = request_find(&q, "signature") ? "signature" : "tag";
    expect_stated(t);
    if (field_has(t, "flags"))
        tell_flags(t);
    if (!t->f->error && strcmp(q.operation, "hmac") == 0 && count == 1)
        check_mac(t->f, &q, want[0]);
    else if (!t->f->error)
        check(t->f, &q, want, count);
}

/* ---- ML-KEM-768: `seed` with ek, or with c and K; ek, m, c and K; m and what is refused; and the
 *      known answers that its authors' program prints ---- */

static void on_mlkem_keygen(struct text *t)
{
    struct request q = { .operation = "mlkem-keygen" };
    struct bytes key = field_bytes(t, "ek");
    request_word(&q, "algorithm", "ML-KEM-768");
    request_bytes(&q, "seed", field_bytes(t, "seed"));
    if (!t->f->error)
        check(t->f, &q, &key, 1);
}

static void on_mlkem_decaps(struct text *t)
{
    struct request q = { .operation = "mlkem-decaps" };
    struct bytes shared = field_bytes(t, "K");
    request_word(&q, "algorithm", "ML-KEM-768");
    request_bytes(&q, "seed", field_bytes(t, "seed"));
    request_bytes(&q, "ciphertext", field_bytes(t, "c"));
    if (!t->f->error)
        check(t->f, &q, &shared, 1);
}

static void encapsulate(struct text *t, const char *key, const struct bytes *want, size_t count)
{
    struct request q = { .operation = "mlkem-encaps" };
    request_word(&q, "algorithm", "ML-KEM-768");
    request_bytes(&q, "public", field_bytes(t, key));
    request_bytes(&q, "random", field_bytes(t, "m"));
    if (!t->f->error)
        check(t->f, &q, want, count);
}

static void on_mlkem_encaps(struct text *t)
{
    encapsulate(t, "ek", (struct bytes[]){ field_bytes(t, "c"), field_bytes(t, "K") }, 2);
}

static void on_mlkem_refused(struct text *t)
{
    t->f->expected = EXPECT_INVALID;
    encapsulate(t, "refused", NULL, 0);
}

static const char *about_mlkem(const struct text *t)
{
    static const struct { const char *word, *name; } sets[] = {
        { "1024", "ML-KEM-1024" }, { "768", "ML-KEM-768" }, { "512", "ML-KEM-512" },
    };
    for (size_t i = 0; i < COUNT(sets); i++)
        if (about_has(t, sets[i].word))
            return sets[i].name;
    return "unnamed";
}

/* z and d, pk and sk; msg, ct and ss; ct_n, refused implicitly (FIPS 203 §6.3), and ss_n. */
static void on_mlkem_known_answer(struct text *t)
{
    struct request make = { .operation = "mlkem-keygen", .optional = 1 };
    struct request encaps = { .operation = "mlkem-encaps" };
    struct request decaps = { .operation = "mlkem-decaps" }, refuse = decaps;
    struct request *const all[] = { &make, &encaps, &decaps, &refuse };
    struct bytes d = field_bytes(t, "d"), z = field_bytes(t, "z");
    struct bytes pk = field_bytes(t, "pk"), ct = field_bytes(t, "ct"), ss = field_bytes(t, "ss");
    struct bytes ct_n = field_bytes(t, "ct_n"), ss_n = field_bytes(t, "ss_n");
    uint8_t *seed = arena_take(&t->f->scratch, d.len + z.len);
    memcpy(seed, d.at, d.len);
    memcpy(seed + d.len, z.at, z.len);
    for (size_t i = 0; i < COUNT(all); i++) {
        request_word(all[i], "algorithm", about_mlkem(t));
        if (all[i] != &encaps)
            request_bytes(all[i], "seed", bytes_of(seed, d.len + z.len));
    }
    request_bytes(&encaps, "public", pk);
    request_bytes(&encaps, "random", field_bytes(t, "msg"));
    request_bytes(&decaps, "ciphertext", ct);
    request_bytes(&refuse, "ciphertext", ct_n);
    struct bytes keys[] = { pk, field_bytes(t, "sk") };
    if (t->f->error)
        return;
    check(t->f, &make, keys, COUNT(keys));
    check(t->f, &encaps, (struct bytes[]){ ct, ss }, 2);
    check(t->f, &decaps, &ss, 1);
    check(t->f, &refuse, &ss_n, 1);
}

/* ---- certificates: anchor1, anchor2, ..., sent1, sent2, ... ---- */

static size_t numbered(struct text *t, const char *name, struct bytes *out)
{
    char field[24];
    for (size_t i = 0; i < LIST_MAX; i++) {
        snprintf(field, sizeof field, "%s%zu", name, i + 1);
        if (!field_has(t, field))
            return i;
        out[i] = field_bytes(t, field);
    }
    return LIST_MAX;
}

static void on_chain(struct text *t)
{
    struct request q = { .operation = "x509-verify", .forge = "chain" };
    struct bytes chain[LIST_MAX], anchors[LIST_MAX];
    size_t chain_count = numbered(t, "sent", chain), anchor_count = numbered(t, "anchor", anchors);
    t->f->expected = field_number(t, "believed") ? EXPECT_VALID : EXPECT_INVALID;
    request_word(&q, "purpose", field_number(t, "client") ? "client" : "server");
    request_bytes(&q, "name", field_bytes(t, "name"));
    request_number(&q, "time", field_number(t, "now"));
    request_list(&q, "anchors", anchors, anchor_count);
    request_list(&q, "chain", chain, chain_count);
    if (field_has(t, "depth"))
        request_number(&q, "depth", field_number(t, "depth"));
    if (!t->f->error)
        check(t->f, &q, NULL, 0);
}

const struct record_kind other_kinds[] = {
    { "operation result",                  on_request       },
    { "id name now client believed sent1", on_chain         },
    { "z d msg pk sk ct_n ss_n ct ss",     on_mlkem_known_answer },
    { "seed c K",                          on_mlkem_decaps  },
    { "seed ek",                           on_mlkem_keygen  },
    { "refused m",                         on_mlkem_refused },
    { "ek m c K",                          on_mlkem_encaps  },
    { NULL, NULL },
};

/* ---- RFC 8448 ---- */

static void add_step(struct text *t, struct step *s)
{
    *s = (struct step){ .server = strcmp(field_text(t, "actor"), "server") == 0,
                        .action = arena_print(&t->f->arena, "%s", field_text(t, "action")) };
    for (size_t i = 0; i < t->r.field_count; i++) {
        struct record_field field = t->r.field[i];
        if (record_text_is(field.name, "actor") || record_text_is(field.name, "action"))
            continue;
        if (s->field_count == STEP_FIELDS_MAX) {
            file_error(t->f, s->action, "has too many fields");
            return;
        }
        const char *name = arena_print(&t->f->arena, "%.*s", (int)field.name.len,
                                       (const char *)field.name.at);
        s->field[s->field_count].name = name;
        s->field[s->field_count++].value = arena_copy(&t->f->arena, field_bytes(t, name));
    }
}

void read_text_trace(struct text *t)
{
    size_t count = 0;
    struct records all = t->r;
    while (records_next(&all))
        count++;
    struct step *steps = arena_take(&t->f->arena, (count + 1) * sizeof *steps);
    for (count = 0; !t->f->error && records_next(&t->r); count++)
        add_step(t, &steps[count]);
    if (!t->f->error && !t->r.error)
        trace_run(t->f, "", steps, count);
}
