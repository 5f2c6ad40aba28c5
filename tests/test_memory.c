/* tests/test_memory.c - the figures of docs/memory.md, measured.
 *
 * A row of its tables that begins with a name in backquotes is measured here, and has to be right
 * to the byte; but for stack, where the page says the most that any build may take.
 */
#include "tests/pair.h"
#include "tests/stack.h"
#include "tls13/channel_io.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a connection has to be lent ---- */

static size_t longest[2];                    /* record that each end received, header included */

static void measure_record(struct pair *p, unsigned from, struct bytes out)
{
    for (struct bytes rest = out; rest.len > 0;) {
        size_t len = 5 + ((size_t)rest.at[3] << 8 | rest.at[4]);
        if (len > longest[!from])
            longest[!from] = len;
        rest = bytes_of(rest.at + len, rest.len - len);
    }
    end_deliver(&p->end[!from], 0, out);
}

static const struct pair_setup usual = {
    .groups = { { 0x11ec, 0x001d }, { 0x11ec, 0x001d } }, .key = KEY_P256,
};

static size_t longest_record(unsigned who, uint16_t record_size_limit)
{
    struct pair_setup s = usual;
    s.record_size_limit[who] = record_size_limit;
    struct pair *p = pair_start(&s);
    longest[who] = 0;
    p->carry = measure_record;
    pair_run(p);
    pair_connected(p);
    return longest[who];
}

enum { LEAST_INCOMING = 4096, LEAST_OUTGOING = 4096 };

static size_t defaults(void)
{
    return sizeof(struct tls) + sizeof(struct tls_handshake) + TLS_INCOMING_LEN + TLS_OUTGOING_LEN
         + TLS_RECORD_MAX;
}

static size_t small(unsigned who)
{
    return sizeof(struct tls) + sizeof(struct tls_handshake) + LEAST_INCOMING + LEAST_OUTGOING
         + longest_record(who, 1025);
}

/* ---- stack ---- */

static void connect_(void)
{
    pair_run(pair_start(&usual));
}

static void send_(void)
{
    static uint8_t data[16384];
    struct pair *p = pair_start(&usual);
    pair_run(p);
    pair_send(p, CLIENT, bytes_of(data, sizeof data));
}

/* ---- the page ---- */

static size_t measured(const char *name)
{
    if (strcmp(name, "struct tls") == 0)              return sizeof(struct tls);
    if (strcmp(name, "struct tls_handshake") == 0)    return sizeof(struct tls_handshake);
    if (strcmp(name, "struct tls_config") == 0)       return sizeof(struct tls_config);
    if (strcmp(name, "struct tls_session") == 0)      return sizeof(struct tls_session);
    if (strcmp(name, "struct channel") == 0)          return sizeof(struct channel);
    if (strcmp(name, "handshake, defaults") == 0)     return defaults();
    if (strcmp(name, "client handshake, small") == 0) return small(CLIENT);
    if (strcmp(name, "server handshake, small") == 0) return small(SERVER);
    if (strcmp(name, "receiving, full records") == 0) return sizeof(struct tls) + TLS_RECORD_MAX;
    if (strcmp(name, "receiving, limit 1025") == 0)
        return sizeof(struct tls) + TLS_RECORD_LEN(1025);
    if (strcmp(name, "stack, handshake") == 0)        return stack_used(connect_);
    if (strcmp(name, "stack, 16 KiB of data") == 0)   return stack_used(send_);
    ck_abort_msg("docs/memory.md: nothing measures `%s`", name);
    return 0;
}

/* The last number of a table's row, with its commas. */
static size_t figure_of(const char *row)
{
    size_t n = 0, last = 0;
    for (bool in_number = false; *row; row++) {
        bool digit = *row >= '0' && *row <= '9';
        if (digit)
            n = (in_number ? n : 0) * 10 + (size_t)(*row - '0');
        in_number = digit || (in_number && *row == ',');
        last = digit ? n : last;
    }
    return last;
}

static bool exact_builds(void)
{
#if defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)       /* clang */
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
#if defined(__x86_64__) && defined(__OPTIMIZE__) && !SANITIZED
    return getenv("SEALPOST_QUICK") == NULL;             /* memcheck guards a thread's stack */
#else
    return false;
#endif
}

START_TEST(page)
{
    char row[400], name[60];
    size_t rows = 0;
    FILE *f = fopen("docs/memory.md", "r");
    ck_assert_ptr_nonnull(f);
    pair_run(pair_start(&usual));                        /* makes the certificates, once */
    while (fgets(row, sizeof row, f)) {
        if (sscanf(row, "| `%59[^`]` |", name) != 1)
            continue;
        bool stack = strncmp(name, "stack", 5) == 0;
        rows++;
        if (stack && !exact_builds())
            continue;
        size_t figure = figure_of(row), found = measured(name);
        if (stack ? found > figure || found < figure / 2 : sizeof(void *) == 8 && found != figure)
            ck_abort_msg("docs/memory.md: `%s` is %zu, not %zu", name, found, figure);
    }
    fclose(f);
    ck_assert_uint_ge(rows, 12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *t = tcase_create("all");
    tcase_add_test(t, page);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
