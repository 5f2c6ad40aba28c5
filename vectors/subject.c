/* vectors/subject.c - finding subjects, serving one over the line protocol, reading parameters. */
#include "vectors/subject.h"

#include "crypto/aes_gcm.h"
#include "crypto/chacha20_poly1305.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- parameters ---- */

struct bytes bytes_in(const struct request *q, const char *name)
{
    const struct parameter *p = request_find(q, name);
    return p && p->bytes.at ? p->bytes : bytes_of("", 0);
}

int64_t number_in(const struct request *q, const char *name)
{
    const struct parameter *p = request_find(q, name);
    return p ? p->number : 0;
}

const char *word_in(const struct request *q, const char *name)
{
    const struct parameter *p = request_find(q, name);
    return p && p->word ? p->word : "";
}

bool word_is(const struct request *q, const char *name, const char *word)
{
    return strcmp(word_in(q, name), word) == 0;
}

void operations_ask(const struct operation *table, size_t count, struct answer *out,
                    const struct request *q)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(table[i].name, q->operation) == 0) {
            table[i].run(out, q);
            return;
        }
    answer_unsupported(out, "operation %s", q->operation);
}

/* ---- subjects ---- */

static const char FORCED[] = "ours:";

static const struct subject *built_in(const char *name)
{
    static const struct subject *const subjects[] = { &subject_ours, &subject_libsodium };
    for (size_t i = 0; i < COUNT(subjects); i++)
        if (strcmp(subjects[i]->name, name) == 0)
            return subjects[i];
    return NULL;
}

/* The variable says aesni for what calls itself AES-NI. */
static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "-");
        b += strspn(b, "-");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

/* Asks for the back end of that name, of AES-GCM or of ChaCha20-Poly1305: no name is in both lists.
 * Which one is used is fixed at the first question for the life of a process, so nothing may have
 * asked before. */
static bool force(const char *name)
{
    const struct aes_gcm *aes;
    const struct chacha20_poly1305 *chacha;
    for (size_t i = 0; (aes = aes_gcm_available(i)) != NULL; i++)
        if (same_name(aes->name, name))
            return setenv("SEALPOST_AES", aes->name, 1) == 0 && aes_gcm_chosen() == aes;
    for (size_t i = 0; (chacha = chacha20_poly1305_available(i)) != NULL; i++)
        if (same_name(chacha->name, name))
            return setenv("SEALPOST_CHACHA", chacha->name, 1) == 0
                   && chacha20_poly1305_chosen() == chacha;
    fprintf(stderr, "sealvec: no back end \"%s\" on this processor; it would be %s and %s\n", name,
            aes_gcm_chosen()->name, chacha20_poly1305_chosen()->name);
    return false;
}

/* A built-in subject in this process; NULL if there is none of that name or it cannot be forced. */
static struct subject *open_here(const char *name)
{
    bool forced = strncmp(name, FORCED, strlen(FORCED)) == 0;
    const struct subject *here = built_in(forced ? "ours" : name);
    if (!here || (forced && !force(name + strlen(FORCED))))
        return NULL;
    struct subject *s = malloc(sizeof *s);
    if (s) {
        *s = *here;
        s->name = name;
    }
    return s;
}

struct subject *subject_open(const char *name, int timeout_seconds, bool only)
{
    const char *const again[] = { "/proc/self/exe", "serve", name, NULL };
    const char *const shell[] = { "/bin/sh", "-c", name, NULL };
    bool forced = strncmp(name, FORCED, strlen(FORCED)) == 0;
    if (built_in(name) || (forced && only))
        return open_here(name);
    if (forced) {
        struct subject *s = subject_program(name, again, timeout_seconds);
        if (s)
            s->ours = true;
        return s;
    }
    return subject_program(name, shell, timeout_seconds);
}

void subject_close(struct subject *s)
{
    if (!s)
        return;
    if (s->close)
        s->close(s);
    free(s);
}

/* ---- serving ---- */

static void serve_line(struct subject *s, struct arena *arena, char *line)
{
    struct request q;
    struct answer a = { .arena = arena };
    const char *wrong = request_parse(arena, &q, line);
    if (wrong)
        answer_unsupported(&a, "request: %s", wrong);
    else
        s->ask(s, &a, &q);
    puts(answer_line(&a));
    fflush(stdout);
}

int subject_serve(const char *name)
{
    struct subject *s = open_here(name);
    if (!s) {
        fprintf(stderr, "sealvec: serve: %s cannot be served; ours, ours:NAME or libsodium can\n",
                name);
        return 2;
    }
    char *line = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getline(&line, &room, stdin)) >= 0; ) {
        struct arena arena = { 0 };
        line[strcspn(line, "\r\n")] = 0;
        serve_line(s, &arena, line);
        arena_free(&arena);
    }
    free(line);
    subject_close(s);
    return 0;
}
