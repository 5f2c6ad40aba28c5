/* tls13/starttls_io.c - the few lines of plain text that come before TLS.
 *
 * Implements  RFC 3207 §4 (SMTP), RFC 9051 §6.2.1 (IMAP), RFC 2595 §4 (POP3): as a table of what to
 *             say and what line to wait for.
 */
#include "tls13/starttls_io.h"

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 2048, LINES_MAX = 100 };

/* Say `say` ("": nothing), then read lines until one begins with `until`. A line that begins with
 * none of `until` and `more` is a refusal. */
struct exchange { const char *say, *until, *more; };

struct protocol { const char *name; struct exchange step[3]; };

static const struct protocol protocols[] = {
    { "smtp", { { "",                       "220 ", "220-" },
                { "EHLO sealtls.invalid\r\n", "250 ", "250-" },
                { "STARTTLS\r\n",           "220 ", "220-" } } },
    { "imap", { { "",                       "* OK", "* " },
                { "a1 CAPABILITY\r\n",      "a1 OK", "* " },
                { "a2 STARTTLS\r\n",        "a2 OK", "* " } } },
    { "pop3", { { "",                       "+OK",  "+OK" },
                { "CAPA\r\n",               ".\r\n", "" },
                { "STLS\r\n",               "+OK",  "+OK" } } },
};

struct plain { int fd, timeout_ms; char at[LINE_MAX_LEN]; size_t len; };

static const struct protocol *find(const char *name)
{
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (strcmp(protocols[i].name, name) == 0)
            return &protocols[i];
    return NULL;
}

bool starttls_known(const char *protocol)
{
    return find(protocol) != NULL;
}

static bool starts_with(const char *line, const char *prefix)
{
    return strncmp(line, prefix, strlen(prefix)) == 0;
}

/* One line, with its LF, into `line`; NULL or what went wrong. */
static const char *read_line(struct plain *p, char line[LINE_MAX_LEN])
{
    char *end;
    while (!(end = memchr(p->at, '\n', p->len))) {
        struct pollfd readable = { .fd = p->fd, .events = POLLIN };
        if (p->len == LINE_MAX_LEN - 1)
            return "the server sent a line that is too long";
        if (poll(&readable, 1, p->timeout_ms) <= 0)
            return "the server said nothing in time, before TLS";
        ssize_t n = read(p->fd, p->at + p->len, LINE_MAX_LEN - 1 - p->len);
        if (n <= 0)
            return "the server closed the connection before TLS";
        p->len += (size_t)n;
    }
    size_t n = (size_t)(end + 1 - p->at);
    memcpy(line, p->at, n);
    line[n] = 0;
    p->len -= n;
    memmove(p->at, p->at + n, p->len);
    return NULL;
}

static const char *run(struct plain *p, const struct exchange *e)
{
    char line[LINE_MAX_LEN];
    size_t n = strlen(e->say);
    if (n > 0 && write(p->fd, e->say, n) != (ssize_t)n)
        return "the server closed the connection before TLS";
    for (int lines = 0; lines < LINES_MAX; lines++) {
        const char *trouble = read_line(p, line);
        if (trouble)
            return trouble;
        if (starts_with(line, e->until))
            return NULL;
        if (!starts_with(line, e->more))
            return "the server refused to start TLS";
    }
    return "the server sent too many lines before TLS";
}

const char *starttls(int fd, const char *protocol, int timeout_seconds)
{
    struct plain p = { .fd = fd, .timeout_ms = timeout_seconds * 1000 };
    const struct protocol *known = find(protocol);
    for (size_t i = 0; i < 3; i++) {
        const char *trouble = run(&p, &known->step[i]);
        if (trouble)
            return trouble;
    }
    return p.len > 0 ? "the server sent bytes behind its consent to start TLS (injection?)"
                     : NULL;
}
