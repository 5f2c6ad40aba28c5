/* smtp/config_io.c - reads the configuration; a table of settings, a table of limits.
 *
 * Trusts      nothing: a configuration that is not understood completely is not used at all.
 */
#include "smtp/config_io.h"

#include "smtp/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 40, WORD_MAX = CONFIG_PATH_MAX };

struct parse {
    struct config *config;
    const char *name;
    unsigned line;
    char *reason;
    unsigned seen;                     /* settings that were there, one bit each */
    size_t word_count;
    char words[WORDS_MAX][WORD_MAX];
};

__attribute__((format(printf, 2, 3)))
static bool refuse(struct parse *p, const char *format, ...)
{
    int n = p->line > 0 ? snprintf(p->reason, CONFIG_REASON_MAX, "%s:%u: ", p->name, p->line)
                        : snprintf(p->reason, CONFIG_REASON_MAX, "%s: ", p->name);
    va_list args;
    va_start(args, format);
    if (n > 0 && n < CONFIG_REASON_MAX)
        vsnprintf(p->reason + n, (size_t)(CONFIG_REASON_MAX - n), format, args);
    va_end(args);
    return false;
}

/* ---- limits ---- */

static const struct limit {
    const char *name;
    size_t offset;
    uint64_t least, most, standard;
} limits[] = {
#define LIMIT(field) offsetof(struct config_limits, field)
    { "message-size",             LIMIT(message_size),             1024, 1u << 31,   36700160 },
    { "recipients",               LIMIT(recipients),               1,    10000,      500 },
    { "messages",                 LIMIT(messages),                 1,    1000000,    100 },
    { "errors",                   LIMIT(errors),                   1,    1000,       10 },
    { "junk",                     LIMIT(junk),                     5,    1000000,    50 },
    { "auth-failures",            LIMIT(auth_failures),            1,    100,        3 },
    { "auth-failures-per-minute", LIMIT(auth_failures_per_minute), 1,    1000000,    10 },
    { "sessions",                 LIMIT(sessions),                 1,    1000000,    100 },
    { "sessions-per-ip",          LIMIT(sessions_per_ip),          1,    1000000,    10 },
    { "connections-per-minute",   LIMIT(connections_per_minute),   1,    1000000,    30 },
    { "handshake-seconds",        LIMIT(handshake_seconds),        1,    3600,       30 },
    { "idle-seconds",             LIMIT(idle_seconds),             1,    86400,      300 },
#undef LIMIT
};

static uint64_t *limit_at(struct config_limits *l, const struct limit *limit)
{
    return (uint64_t *)(void *)((char *)l + limit->offset);
}

static bool take_number(uint64_t *out, const char *word, uint64_t least, uint64_t most)
{
    size_t len = strlen(word);
    *out = 0;
    if (len == 0 || len > 12 || strspn(word, "0123456789") != len)
        return false;
    *out = strtoull(word, NULL, 10);
    return *out >= least && *out <= most;
}

/* ---- values ---- */

static bool take_path(struct parse *p, char out[CONFIG_PATH_MAX], const char *what,
                      const char *word)
{
    if (word[0] != '/')
        return refuse(p, "%s: `%s` is a relative path; it must begin with /", what, word);
    snprintf(out, CONFIG_PATH_MAX, "%s", word);
    return true;
}

static bool take_domain(struct parse *p, char out[256], const char *what, const char *word)
{
    if (strlen(word) > 255 || !address_is_domain(bytes_of_string(word)))
        return refuse(p, "%s: `%s` is not a domain name", what, word);
    for (size_t i = 0; i <= strlen(word); i++)
        out[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 'a' - 'A' : word[i]);
    return true;
}

static bool is_numeric_host(const char *host, bool bracketed)
{
    struct in6_addr address;
    return inet_pton(bracketed ? AF_INET6 : AF_INET, host, &address) == 1;
}

/* 127.0.0.1:465 or [::1]:465 */
static bool take_endpoint(struct parse *p, struct config_listener *out, const char *word)
{
    uint64_t port;
    const char *colon = strrchr(word, ':');
    bool bracketed = word[0] == '[';
    size_t host_len = colon == NULL ? 0 : (size_t)(colon - word);

    if (bracketed && (host_len < 2 || word[host_len - 1] != ']'))
        host_len = 0;
    if (host_len == 0 || host_len >= sizeof out->host)
        return refuse(p, "listen: `%s` is not ADDRESS:PORT, as 127.0.0.1:465 or [::1]:465", word);
    if (bracketed) {
        word++;
        host_len -= 2;
    }
    memcpy(out->host, word, host_len);
    out->host[host_len] = 0;
    if (!is_numeric_host(out->host, bracketed))
        return refuse(p, "listen: `%s` is not an IP address (IPv6 goes in brackets)", out->host);
    if (!take_number(&port, colon + 1, 0, 65535))
        return refuse(p, "listen: `%s` is not a port", colon + 1);
    out->port = (uint16_t)port;
    return true;
}

/* ---- settings ---- */

static bool set_hostname(struct parse *p)
{
    return take_domain(p, p->config->hostname, "hostname", p->words[1]);
}

static bool set_domain(struct parse *p)
{
    for (size_t i = 1; i < p->word_count; i++) {
        if (p->config->domain_count == CONFIG_DOMAINS_MAX)
            return refuse(p, "domain: more than %d domains", CONFIG_DOMAINS_MAX);
        if (!take_domain(p, p->config->domains[p->config->domain_count], "domain", p->words[i]))
            return false;
        p->config->domain_count++;
    }
    return true;
}

static bool set_tls(struct parse *p)
{
    bool password = p->word_count > 5;
    if (strcmp(p->words[1], "cert") != 0 || strcmp(p->words[3], "key") != 0
        || (password && (p->word_count < 7 || strcmp(p->words[5], "key-password-file") != 0)))
        return refuse(p, "tls: must read `tls cert FILE key FILE [key-password-file FILE]`");
    return take_path(p, p->config->certificate, "tls cert", p->words[2])
        && take_path(p, p->config->key, "tls key", p->words[4])
        && (!password || take_path(p, p->config->key_password_file, "tls key-password-file",
                                   p->words[6]));
}

static bool set_listen(struct parse *p)
{
    struct config_listener *l = &p->config->listeners[p->config->listener_count];

    if (p->config->listener_count == CONFIG_LISTENERS_MAX)
        return refuse(p, "listen: more than %d listeners", CONFIG_LISTENERS_MAX);
    l->implicit_tls = strcmp(p->words[1], "submissions") == 0;
    if (!l->implicit_tls && strcmp(p->words[1], "submission") != 0)
        return refuse(p, "listen: `%s` is not a kind of listener: submission or submissions",
                      p->words[1]);
    p->config->listener_count++;
    return take_endpoint(p, l, p->words[2]);
}

static bool set_users(struct parse *p)
{
    return take_path(p, p->config->users, "users", p->words[1]);
}

static bool set_deliver(struct parse *p)
{
    bool user = false;

    if (strcmp(p->words[1], "maildir") != 0)
        return refuse(p, "deliver: `%s` is not a way of delivery: maildir", p->words[1]);
    for (const char *at = p->words[2]; (at = strchr(at, '%')) != NULL; at += 2) {
        if (at[1] != 'u' && at[1] != '%')
            return refuse(p, "deliver maildir: only %%u and %%%% may follow in a path");
        user = user || at[1] == 'u';
    }
    if (!user)
        return refuse(p, "deliver maildir: `%s` has no %%u: all users would share one mailbox",
                      p->words[2]);
    return take_path(p, p->config->maildir, "deliver maildir", p->words[2]);
}

static bool set_limit(struct parse *p)
{
    for (size_t i = 0; i < COUNT(limits); i++) {
        const struct limit *l = &limits[i];
        if (strcmp(l->name, p->words[1]) != 0)
            continue;
        if (!take_number(limit_at(&p->config->limits, l), p->words[2], l->least, l->most))
            return refuse(p, "limit %s: `%s` is not a number from %llu to %llu", l->name,
                          p->words[2], (unsigned long long)l->least, (unsigned long long)l->most);
        return true;
    }
    return refuse(p, "limit: there is no limit called `%s`", p->words[1]);
}

static bool set_log(struct parse *p)
{
    if (p->word_count == 2 && strcmp(p->words[1], "stderr") == 0)
        return true;
    if (p->word_count == 3 && strcmp(p->words[1], "file") == 0)
        return take_path(p, p->config->log_file, "log file", p->words[2]);
    return refuse(p, "log: must read `log stderr` or `log file PATH`");
}

static const struct setting {
    const char *name, *shape;
    size_t least, most;                /* words, the name included */
    bool again;                        /* may be repeated */
    bool required;
    bool (*set)(struct parse *p);
} settings[] = {
    { "hostname", "hostname NAME",                  2, 2,         false, true,  set_hostname },
    { "domain",   "domain NAME...",                 2, WORDS_MAX, true,  true,  set_domain },
    { "tls",      "tls cert FILE key FILE [key-password-file FILE]",
                                                    5, 7,         false, true,  set_tls },
    { "listen",   "listen submission|submissions ADDRESS:PORT",
                                                    3, 3,         true,  true,  set_listen },
    { "users",    "users FILE",                     2, 2,         false, true,  set_users },
    { "deliver",  "deliver maildir PATH",           3, 3,         false, true,  set_deliver },
    { "limit",    "limit NAME NUMBER",              3, 3,         true,  false, set_limit },
    { "log",      "log stderr|file PATH",           2, 3,         false, false, set_log },
};

static bool apply(struct parse *p)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        const struct setting *s = &settings[i];
        if (strcmp(s->name, p->words[0]) != 0)
            continue;
        if (p->word_count < s->least || p->word_count > s->most)
            return refuse(p, "%s: must read `%s`", s->name, s->shape);
        if (!s->again && (p->seen & 1u << i))
            return refuse(p, "%s: is set a second time", s->name);
        p->seen |= 1u << i;
        return s->set(p);
    }
    return refuse(p, "unknown setting `%s`", p->words[0]);
}

/* ---- lines ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* One word off the front of `line`, with its quotes taken off. */
static bool take_word(struct parse *p, struct bytes *line)
{
    bool quoted = line->at[0] == '"';
    size_t from = quoted, i = from, end;

    while (i < line->len && (quoted ? line->at[i] != '"' : !is_blank(line->at[i])))
        i++;
    end = i;
    if (quoted && i++ == line->len)
        return refuse(p, "a quotation mark is not closed");
    if (i < line->len && !is_blank(line->at[i]))
        return refuse(p, "a quoted word must end with its quotation mark");
    if (p->word_count == WORDS_MAX || end - from >= WORD_MAX)
        return refuse(p, "too many words, or a word is too long");
    memcpy(p->words[p->word_count], line->at + from, end - from);
    p->words[p->word_count++][end - from] = 0;
    *line = bytes_of(line->at + i, line->len - i);
    return true;
}

static bool take_line(struct parse *p, struct bytes line)
{
    p->word_count = 0;
    for (size_t i = 0; i < line.len; i++) {
        if ((line.at[i] < ' ' && !is_blank(line.at[i])) || line.at[i] == 0x7f)
            return refuse(p, "control character \\x%02x", line.at[i]);
    }
    for (;;) {
        while (line.len > 0 && is_blank(line.at[0]))
            line = bytes_of(line.at + 1, line.len - 1);
        if (line.len == 0 || line.at[0] == '#')
            return p->word_count == 0 || apply(p);
        if (!take_word(p, &line))
            return false;
    }
}

static bool check_complete(struct parse *p)
{
    p->line = 0;
    for (size_t i = 0; i < COUNT(settings); i++) {
        if (settings[i].required && !(p->seen & 1u << i))
            return refuse(p, "there is no `%s` line", settings[i].shape);
    }
    return true;
}

bool config_parse(struct config *out, struct bytes text, const char *name,
                  char reason[CONFIG_REASON_MAX])
{
    struct parse p = { .config = out, .name = name, .reason = reason };

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < COUNT(limits); i++)
        *limit_at(&out->limits, &limits[i]) = limits[i].standard;
    while (text.len > 0) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
        size_t used = end != NULL ? len + 1 : len;
        p.line++;
        if (!take_line(&p, bytes_of(text.at, len)))
            return false;
        text = bytes_of(text.at + used, text.len - used);
    }
    return check_complete(&p);
}

bool config_load(struct config *out, const char *path, char reason[CONFIG_REASON_MAX])
{
    FILE *file = fopen(path, "re");
    uint8_t *text = file != NULL ? malloc(CONFIG_TEXT_MAX) : NULL;
    size_t len = 0;
    bool ok = false;

    errno = file != NULL && text == NULL ? ENOMEM : errno;
    if (text != NULL) {
        len = fread(text, 1, CONFIG_TEXT_MAX, file);
        ok = !ferror(file);
    }
    if (!ok)
        snprintf(reason, CONFIG_REASON_MAX, "%s: %s", path, strerror(errno));
    else if (len == CONFIG_TEXT_MAX)
        ok = snprintf(reason, CONFIG_REASON_MAX, "%s: %d bytes or more", path,
                      CONFIG_TEXT_MAX) < 0;
    else
        ok = config_parse(out, bytes_of(text, len), path, reason);
    free(text);
    if (file != NULL)
        fclose(file);
    return ok;
}

/* ---- the other way ---- */

static void print_path(FILE *to, const char *path)
{
    fprintf(to, strpbrk(path, " \t#") != NULL ? " \"%s\"" : " %s", path);
}

void config_print(const struct config *c, FILE *to)
{
    struct config_limits values = c->limits;

    fprintf(to, "hostname %s\n", c->hostname);
    for (size_t i = 0; i < c->domain_count; i++)
        fprintf(to, "domain %s\n", c->domains[i]);
    fputs("tls cert", to);
    print_path(to, c->certificate);
    fputs(" key", to);
    print_path(to, c->key);
    if (*c->key_password_file) {
        fputs(" key-password-file", to);
        print_path(to, c->key_password_file);
    }
    fputc('\n', to);
    for (size_t i = 0; i < c->listener_count; i++) {
        const struct config_listener *l = &c->listeners[i];
        bool brackets = strchr(l->host, ':') != NULL;
        fprintf(to, "listen %s %s%s%s:%u\n", l->implicit_tls ? "submissions" : "submission",
                brackets ? "[" : "", l->host, brackets ? "]" : "", l->port);
    }
    fputs("users", to);
    print_path(to, c->users);
    fputs("\ndeliver maildir", to);
    print_path(to, c->maildir);
    fputs(c->log_file[0] != 0 ? "\nlog file" : "\nlog stderr", to);
    if (c->log_file[0] != 0)
        print_path(to, c->log_file);
    fputc('\n', to);
    for (size_t i = 0; i < COUNT(limits); i++)
        fprintf(to, "limit %s %llu\n", limits[i].name,
                (unsigned long long)*limit_at(&values, &limits[i]));
}

bool config_maildir(char *out, size_t cap, const struct config *c, const char *user)
{
    size_t len = 0;

    for (const char *at = c->maildir; *at != 0; at++) {
        char plain[] = { *at, 0 };
        const char *piece = plain;
        if (*at == '%')
            piece = *++at == 'u' ? user : "%";
        size_t n = strlen(piece);
        if (len + n + 1 > cap)
            return false;
        memcpy(out + len, piece, n);
        len += n;
    }
    out[len] = 0;
    return true;
}
