/* vectors/limbo.c - x509-limbo's certificate chains (and BetterTLS's, in the same form). */
#include "vectors/json.h"

#include "tls13/x509/pem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The first certificate of a PEM text; false, and the file is in error, if there is none. */
static bool read_pem(struct place *p, struct bytes *out, const json_t *text)
{
    const char *reason = "holds no PEM block", *pem_text = json_string_value(text);
    struct bytes whole = bytes_of(pem_text ? pem_text : "", json_string_length(text));
    struct pem pem = pem_of(whole);
    struct pem_block block;
    uint8_t *space = arena_take(&p->f->scratch, whole.len + 1);
    if (pem_next(&pem, &block, space, whole.len, &reason) != PEM_BLOCK) {
        file_error(p->f, p->path, reason);
        return false;
    }
    *out = block.der;
    return true;
}

static size_t read_pems(struct place *p, struct bytes *out, size_t cap, const json_t *list)
{
    size_t i;
    const json_t *text;
    json_array_foreach (list, i, text) {
        if (i == cap) {
            file_error(p->f, p->path, "has too many certificates");
            return 0;
        }
        if (!read_pem(p, &out[i], text))
            return 0;
    }
    return json_array_size(list);
}

/* RFC 3339 in UTC, "2024-03-01T00:00:00.999+00:00"; fractions are cut off. */
static int64_t read_time(struct place *p, const json_t *test)
{
    int year, month, day, hour, minute, second;
    const char *text = json_text_or(p, test, "validation_time", NULL);
    if (!text)
        return time(NULL);
    if (sscanf(text, "%d-%d-%dT%d:%d:%d", &year, &month, &day, &hour, &minute, &second) != 6) {
        file_error(p->f, p->path, "validation_time is no RFC 3339 time");
        return 0;
    }
    struct tm when = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
                       .tm_hour = hour, .tm_min = minute, .tm_sec = second };
    return timegm(&when);
}

static bool is_client(const json_t *test)
{
    return json_string_is(test, "validation_kind", "CLIENT");
}

/* Only the usage that the kind stands for can be asked about. */
static bool usual_key_usage(const json_t *test)
{
    const json_t *usages = json_object_get(test, "extended_key_usage");
    const char *usual = is_client(test) ? "clientAuth" : "serverAuth";
    return json_array_size(usages) == 0
        || (json_array_size(usages) == 1 && json_list_has(usages, usual));
}

static void ask_about(struct place *p, const json_t *test)
{
    struct bytes chain[LIST_MAX], anchors[LIST_MAX], crls[LIST_MAX];
    struct request q = { .operation = "x509-verify", .forge = "chain" };
    const json_t *name = json_optional(p, test, "expected_peer_name", JSON_OBJECT);
    const json_t *depth = json_optional(p, test, "max_chain_depth", JSON_INTEGER);
    const json_t *leaf = json_member(p, test, "peer_certificate", JSON_STRING);
    if (!leaf || !read_pem(p, &chain[0], leaf))
        return;
    size_t count = 1 + read_pems(p, chain + 1, LIST_MAX - 1,
                                 json_object_get(test, "untrusted_intermediates"));
    size_t anchor_count = read_pems(p, anchors, LIST_MAX, json_object_get(test, "trusted_certs"));
    size_t crl_count = read_pems(p, crls, LIST_MAX, json_object_get(test, "crls"));
    request_word(&q, "purpose", is_client(test) ? "client" : "server");
    request_bytes(&q, "name", bytes_of_string(name ? json_text(p, name, "value") : ""));
    request_number(&q, "time", read_time(p, test));
    request_list(&q, "anchors", anchors, anchor_count);
    request_list(&q, "chain", chain, count);
    if (depth)
        request_number(&q, "depth", json_integer_value(depth));
    if (crl_count > 0)
        request_list(&q, "crls", crls, crl_count);
    if (p->f->error)
        return;
    if (usual_key_usage(test))
        check(p->f, &q, NULL, 0);
    else
        case_skip(p->f, "extended key usage other than of the kind");
}

static void run_case(struct place *p, const json_t *test)
{
    const char *id = json_text(p, test, "id");
    const char *result = json_text(p, test, "expected_result");
    if (!p->f->error && strcmp(result, "SUCCESS") != 0 && strcmp(result, "FAILURE") != 0)
        file_error(p->f, p->path, "expected_result is neither SUCCESS nor FAILURE");
    if (p->f->error
        || !case_begin(p->f, id, NULL, *result == 'S' ? EXPECT_VALID : EXPECT_INVALID))
        return;
    json_case_flags(p->f, json_object_get(test, "features"));
    ask_about(p, test);
    if (!p->f->error)
        case_end(p->f);
}

void read_limbo(struct file *f, const json_t *root)
{
    struct place p = { .f = f };
    size_t i;
    const json_t *test;
    const json_t *tests = json_member(&p, root, "testcases", JSON_ARRAY);
    json_array_foreach (tests, i, test) {
        place_set(&p, "testcases[%zu]", i);
        if (!f->error)
            run_case(&p, test);
    }
}
