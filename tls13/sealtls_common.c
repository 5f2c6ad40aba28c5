/* tls13/sealtls_common.c - what the subcommands of the sealtls program share. */
#include "tls13/clock_io.h"
#include "tls13/sealtls.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char sealtls_common_help[] =
    "  --alpn NAME[,NAME]      application protocols, best first\n"
    "  --suites, --groups, --schemes NAME[,NAME]\n"
    "                          only these, in this order, by their RFC 8446 names\n"
    "  --key-password-file FILE\n"
    "                          the password of keys that are encrypted: the first line of FILE\n"
    "  --psk FILE              prove by an external PSK, imported as RFC 9258 says; FILE has one\n"
    "                          line: identity, key in hexadecimal, and perhaps a context\n"
    "  --trace                 tell the handshake on standard error\n"
    "  --keylog FILE           append the connection's secrets to FILE (RFC 9850): whoever\n"
    "                          has the file can read the connection\n"
    "  --record-size-limit N   take no protected record of more than N bytes (64 to 16385)\n"
    "  --pad N                 pad what is sent to a multiple of N bytes\n"
    "  --records-per-key N     update the sending key after so many records\n"
    "  --export LABEL          once connected, print 32 bytes of keying material for LABEL\n"
    "  --timeout SECONDS       give up when nothing happens for so long (30)\n"
    "  --help                  this text\n";

int sealtls_error(int status, const char *format, ...)
{
    va_list arguments;
    fputs("sealtls: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return status;
}

void sealtls_common_init(struct sealtls_common *c)
{
    *c = (struct sealtls_common){ .timeout = 30, .trace = { .to = stderr, .prefix = "" } };
    algorithm_list_init(&c->list);
}

static int set_trace(struct sealtls_common *c)
{
    c->tracing = true;
    c->observers[c->observer_count++] = trace_observer(&c->trace);
    return 0;
}

static int set_keylog(struct sealtls_common *c, const char *path)
{
    c->keylog = keylog_open(path);
    if (!c->keylog)
        return sealtls_error(EXIT_NO_INPUT, "--keylog %s: %s", path, strerror(errno));
    c->observers[c->observer_count++] = keylog_observer(c->keylog);
    return 0;
}

static int set_alpn(struct sealtls_common *c, char *names)
{
    for (char *rest = names, *name; (name = strsep(&rest, ",")) != NULL;) {
        if (c->alpn_count == ALPN_MAX || strlen(name) < 1 || strlen(name) > 255)
            return sealtls_error(EXIT_USAGE, "--alpn: up to 8 names of 1 to 255 bytes");
        c->alpn[c->alpn_count++] = bytes_of_string(name);
    }
    return 0;
}

static int set_number(int *out, const char *option, const char *text, int least, int most)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || number < least || number > most)
        return sealtls_error(EXIT_USAGE, "%s %s: not a number from %d to %d", option, text, least,
                             most);
    *out = (int)number;
    return 0;
}

static int set_record_length(uint16_t *out, const char *option, const char *text, int least,
                             int most)
{
    int number = 0, status = set_number(&number, option, text, least, most);
    *out = (uint16_t)number;
    return status;
}

static int set_psk(struct sealtls_common *c, const char *path)
{
    char error[SECRET_ERROR_MAX];
    if (c->psk_count == PSKS_MAX)
        return sealtls_error(EXIT_USAGE, "--psk: at most %d", PSKS_MAX / 2);
    if (!psk_load(&c->psks[c->psk_count], path, error))
        return sealtls_error(EXIT_NO_INPUT, "%s", error);
    c->psk_count += 2;
    return 0;
}

int sealtls_common_option(struct sealtls_common *c, int option, char *argument)
{
    bool known = true;
    switch (option) {
    case OPTION_TRACE:
        return c->tracing ? sealtls_error(EXIT_USAGE, "--trace: twice") : set_trace(c);
    case OPTION_KEYLOG:
        return c->keylog ? sealtls_error(EXIT_USAGE, "--keylog: twice") : set_keylog(c, argument);
    case OPTION_ALPN:
        return set_alpn(c, argument);
    case OPTION_KEY_PASSWORD:
        c->key_password_file = argument;
        return 0;
    case OPTION_PSK:
        return set_psk(c, argument);
    case OPTION_TIMEOUT:
        return set_number(&c->timeout, "--timeout", argument, 1, 86400);
    case OPTION_RECORD_SIZE_LIMIT:
        return set_record_length(&c->record_size_limit, "--record-size-limit", argument, 64, 16385);
    case OPTION_PAD:
        return set_record_length(&c->pad_records_to, "--pad", argument, 1, 16384);
    case OPTION_RECORDS_PER_KEY:
        return set_number(&c->records_per_key, "--records-per-key", argument, 2, 1 << 24);
    case OPTION_EXPORT:
        c->export_label = argument;
        return strlen(argument) <= 249
                   ? 0 : sealtls_error(EXIT_USAGE, "--export: at most 249 bytes");
    case OPTION_SUITES:
        known = algorithm_list_suites(&c->list, argument);
        break;
    case OPTION_GROUPS:
        known = algorithm_list_groups(&c->list, argument);
        break;
    case OPTION_SCHEMES:
        known = algorithm_list_schemes(&c->list, argument);
        break;
    default:
        return EXIT_USAGE;
    }
    return known ? 0 : sealtls_error(EXIT_USAGE, "%s: a name that is not known, or comes twice",
                                     argument);
}

struct tls_settings sealtls_common_settings(const struct sealtls_common *c)
{
    return (struct tls_settings){
        .algorithms = &c->list.algorithms, .now = clock_system, .alpn = c->alpn,
        .alpn_count = c->alpn_count, .observers = c->observers,
        .observer_count = c->observer_count, .record_size_limit = c->record_size_limit,
        .pad_records_to = c->pad_records_to,
        .limits.records_per_key = (uint64_t)c->records_per_key,
        .psks = c->psks, .psk_count = c->psk_count,
    };
}

void sealtls_facts(char *out, size_t cap, const struct tls *t)
{
    struct tls_facts f = tls_facts(t);
    const char *proof = f.resumed ? "resumed" : f.imported_psk ? "external PSK" : f.scheme->name;
    const char *client = f.client_scheme ? f.client_scheme->name : "";
    const char *of = *client && t->config->is_server ? f.peer_subject : "";
    snprintf(out, cap, "TLS 1.3, %s, %s, %s%s%s%s%s%s%.*s%s%.*s%s%s", f.suite->name, f.group->name,
             proof, *client ? ", client " : "", client, *of ? " of " : "", of,
             f.alpn.len ? ", ALPN " : "", (int)f.alpn.len,
             f.alpn.len ? (const char *)f.alpn.at : "", f.server_name.len ? ", name " : "",
             (int)f.server_name.len, f.server_name.len ? (const char *)f.server_name.at : "",
             f.hello_retry ? ", after HelloRetryRequest" : "", f.status_good ? ", OCSP good" : "");
}

void sealtls_export(const struct sealtls_common *c, const struct tls *t)
{
    uint8_t out[32];
    if (!c->export_label || !tls_export(t, out, sizeof out, c->export_label, bytes_of(NULL, 0)))
        return;
    fputs("exported: ", stderr);
    for (size_t i = 0; i < sizeof out; i++)
        fprintf(stderr, "%02x", out[i]);
    fputc('\n', stderr);
}

void sealtls_failure(char *out, size_t cap, const struct channel *c)
{
    char buffer[256];
    struct tls_failure f = tls_failure(&c->tls);
    const char *reason = channel_reason(c, buffer, sizeof buffer);
    if (c->trouble || f.received || f.alert == ALERT_NONE)
        snprintf(out, cap, "%s", reason);
    else
        snprintf(out, cap, "%s: %s%s%s", alert_name((uint8_t)f.alert), reason,
                 *f.message ? ", in " : "", f.message);
}

bool sealtls_split_address(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');
    *host = colon ? text : NULL;
    *port = colon ? colon + 1 : text;
    if (colon)
        *colon = 0;
    size_t n = *host ? strlen(*host) : 0;
    if (n >= 2 && (*host)[0] == '[' && (*host)[n - 1] == ']') {
        (*host)[n - 1] = 0;
        (*host)++;
    }
    return **port >= '0' && **port <= '9' && strspn(*port, "0123456789") == strlen(*port)
           && (!*host || **host);
}
