/* tls13/sealtls_serve.c - `sealtls serve`: a TLS 1.3 server for a person, as openssl s_server.
 *
 * One thread, up to CONNECTIONS_MAX connections side by side. A connection that breaks is told so
 * by an alert, half-closed and drained so that the alert arrives, and is forgotten: the server goes
 * on.
 */
#include "tls13/sealtls.h"

#include "tls13/credential_io.h"
#include "tls13/x509/trust_io.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: sealtls serve [ADDR:]PORT --cert FILE --key FILE [OPTION ...]\n"
    "       sealtls serve [ADDR:]PORT --psk FILE [OPTION ...]\n"
    "\n"
    "Serves TLS 1.3 on ADDR (127.0.0.1) until it is stopped.\n"
    "\n"
    "  --cert FILE             certificate chain, PEM, the server's own first\n"
    "  --key FILE              its private key, PEM, readable by its owner alone;\n"
    "                          --cert and --key may be given again, for another key type or name\n"
    "  --ocsp FILE             staple this OCSP response (DER) to the last --cert before it, for\n"
    "                          clients that ask\n"
    "  --raw-public-key        show keys bare (RFC 7250) to clients that take them so; clients that\n"
    "                          are asked have to show theirs bare, and be pinned\n"
    "  --client-ca FILE        ask clients for a certificate: of one of the authorities in FILE\n"
    "  --client-pin sha256/BASE64\n"
    "                          ... or with this public key; may be given several times\n"
    "  --require-client-certificate\n"
    "                          refuse clients that have none\n"
    "  --tickets N             give each client N tickets to resume by (0)\n"
    "  --echo                  send back what comes (the default)\n"
    "  --http                  answer each request that ends in an empty line with one small\n"
    "                          page of facts about the connection\n"
    "  --update-keys           ask for new keys in both directions once connected\n"
    "  --cookie                ask every client for a cookie first, and forget it meanwhile\n"
    "  --count N               end after N connections\n"
    "  --quiet                 say nothing but errors\n";

enum { OPTION_CERT = OPTION_OWN, OPTION_KEY, OPTION_OCSP, OPTION_RAW, OPTION_CLIENT_CA,
       OPTION_CLIENT_PIN, OPTION_REQUIRE, OPTION_TICKETS, OPTION_COOKIE, OPTION_ECHO, OPTION_HTTP,
       OPTION_UPDATE_KEYS, OPTION_COUNT, OPTION_QUIET };

static const struct option long_options[] = {
    SEALTLS_COMMON_OPTIONS,
    { "cert",        required_argument, NULL, OPTION_CERT },
    { "key",         required_argument, NULL, OPTION_KEY },
    { "ocsp",        required_argument, NULL, OPTION_OCSP },
    { "raw-public-key", no_argument,    NULL, OPTION_RAW },
    { "client-ca",   required_argument, NULL, OPTION_CLIENT_CA },
    { "client-pin",  required_argument, NULL, OPTION_CLIENT_PIN },
    { "require-client-certificate", no_argument, NULL, OPTION_REQUIRE },
    { "tickets",     required_argument, NULL, OPTION_TICKETS },
    { "echo",        no_argument,       NULL, OPTION_ECHO },
    { "http",        no_argument,       NULL, OPTION_HTTP },
    { "update-keys", no_argument,       NULL, OPTION_UPDATE_KEYS },
    { "cookie",      no_argument,       NULL, OPTION_COOKIE },
    { "count",       required_argument, NULL, OPTION_COUNT },
    { "quiet",       no_argument,       NULL, OPTION_QUIET },
    { NULL, 0, NULL, 0 },
};

enum {
    CREDENTIALS_MAX = 4,
    CLIENT_PINS_MAX = 8,
    CONNECTIONS_MAX = 64,
    DRAIN_MAX = 65536,                       /* bytes thrown away after an alert */
    DRAIN_SECONDS = 2,
    TICKET_LIFETIME = 86400,                 /* seconds */
    COOKIE_SECONDS = 30,
    PAGE_MAX = 1024,
};

/* What stands between us and the end of a request: an empty line, its CR optional. */
enum line_state { IN_LINE, LINE_BEGINS };

enum phase { UNUSED, TALKING, DRAINING };

struct connection {
    enum phase phase;
    struct channel channel;
    enum line_state line;
    time_t deadline;
    uint8_t address[sizeof(struct sockaddr_storage)];            /* the client's, for its cookie */
    size_t address_len;
    uint8_t page[PAGE_MAX];                  /* bytes page_at..page_len wait to be taken */
    size_t page_at, page_len;
};

struct server {
    struct sealtls_common common;
    const char *certs[CREDENTIALS_MAX], *keys[CREDENTIALS_MAX], *staples[CREDENTIALS_MAX];
    size_t cert_count, key_count;
    const char *client_ca, *client_pins[CLIENT_PINS_MAX];
    size_t client_pin_count;
    struct trust_store clients;
    bool raw_public_key, require_client_certificate;
    char *host, *port;
    long tickets;
    bool http, update_keys, cookie, quiet;
    struct cookie_keys cookie_keys;
    long count;                              /* connections still to serve; -1: no end */
    int listener;
    struct tls_config config;
    struct ticket_keys ticket_keys;
    struct channel_memory memory;
    struct connection connections[CONNECTIONS_MAX];
};

/* ---- the command line ---- */

static int own_option(struct server *s, int option)
{
    char *end;
    switch (option) {
    case OPTION_CERT:
    case OPTION_KEY: {
        size_t *count = option == OPTION_CERT ? &s->cert_count : &s->key_count;
        if (*count == CREDENTIALS_MAX)
            return sealtls_error(EXIT_USAGE, "at most %d certificates", CREDENTIALS_MAX);
        (option == OPTION_CERT ? s->certs : s->keys)[(*count)++] = optarg;
        return 0;
    }
    case OPTION_OCSP:
        if (s->cert_count == 0)
            return sealtls_error(EXIT_USAGE, "--ocsp: for which --cert?");
        s->staples[s->cert_count - 1] = optarg;
        return 0;
    case OPTION_CLIENT_PIN:
        if (s->client_pin_count == CLIENT_PINS_MAX)
            return sealtls_error(EXIT_USAGE, "--client-pin: at most %d", CLIENT_PINS_MAX);
        s->client_pins[s->client_pin_count++] = optarg;
        return 0;
    case OPTION_RAW:         s->raw_public_key = true; return 0;
    case OPTION_CLIENT_CA:   s->client_ca = optarg; return 0;
    case OPTION_REQUIRE:     s->require_client_certificate = true; return 0;
    case OPTION_ECHO:        s->http = false; return 0;
    case OPTION_HTTP:        s->http = true; return 0;
    case OPTION_UPDATE_KEYS: s->update_keys = true; return 0;
    case OPTION_COOKIE:      s->cookie = true; return 0;
    case OPTION_QUIET:       s->quiet = true; return 0;
    case OPTION_TICKETS:
        s->tickets = strtol(optarg, &end, 10);
        return *optarg && *end == 0 && s->tickets >= 0 && s->tickets <= TLS_TICKETS_MAX
                   ? 0 : sealtls_error(EXIT_USAGE, "--tickets %s: not a number from 0 to %d",
                                       optarg, TLS_TICKETS_MAX);
    case OPTION_COUNT:
        s->count = strtol(optarg, &end, 10);
        return *optarg && *end == 0 && s->count > 0
                   ? 0 : sealtls_error(EXIT_USAGE, "--count %s: not a positive number", optarg);
    default:
        return sealtls_common_option(&s->common, option, optarg);
    }
}

static bool asks_clients(const struct server *s)
{
    return s->client_ca || s->client_pin_count > 0;
}

/* 0 to go on; -1 to end well (--help); else the exit status. */
static int parse(struct server *s, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            printf("%s%s", help, sealtls_common_help);
            return -1;
        }
        int status = own_option(s, option);
        if (status != 0)
            return status;
    }
    if (optind + 1 != argc || !sealtls_split_address(argv[optind], &s->host, &s->port))
        return sealtls_error(EXIT_USAGE, "serve needs one [ADDR:]PORT (see --help)");
    bool bare = s->raw_public_key && s->cert_count == 0;
    if ((s->key_count == 0 && s->common.psk_count == 0) || (!bare && s->cert_count != s->key_count))
        return sealtls_error(EXIT_USAGE, "serve needs --cert FILE and --key FILE, or --psk FILE "
                                         "(see --help)");
    if (s->require_client_certificate && !asks_clients(s))
        return sealtls_error(EXIT_USAGE, "--require-client-certificate: say whose, by --client-ca "
                                         "or --client-pin");
    return 0;
}

static int open_listener(struct server *s)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE }, *a;
    const char *host = s->host ? s->host : "127.0.0.1";
    int one = 1;
    int trouble = getaddrinfo(host, s->port, &hints, &a);
    if (trouble != 0)
        return sealtls_error(EXIT_USAGE, "%s: %s", host, gai_strerror(trouble));
    s->listener = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool listening = s->listener >= 0
        && setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0
        && bind(s->listener, a->ai_addr, a->ai_addrlen) == 0 && listen(s->listener, 128) == 0;
    freeaddrinfo(a);
    return listening ? 0 : sealtls_error(EXIT_UNAVAILABLE, "%s:%s: %s", host, s->port,
                                         strerror(errno));
}

/* The port that it got, for whoever asked for port 0. */
static void say_listening(const struct server *s)
{
    struct sockaddr_storage at;
    socklen_t len = sizeof at;
    char port[8] = "?";
    getsockname(s->listener, (struct sockaddr *)&at, &len);
    getnameinfo((struct sockaddr *)&at, len, NULL, 0, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    if (!s->quiet)
        fprintf(stderr, "listening on %s:%s\n", s->host ? s->host : "127.0.0.1", port);
}

/* ---- one connection ---- */

static void say(const struct server *s, const char *what, const char *detail)
{
    if (!s->quiet)
        fprintf(stderr, "%s: %s\n", what, detail);
}

static void on_secured(struct server *s, struct connection *c)
{
    char facts[512];
    sealtls_facts(facts, sizeof facts, &c->channel.tls);
    say(s, "connected", facts);
    sealtls_export(&s->common, &c->channel.tls);
    c->line = LINE_BEGINS;
    if (s->update_keys)
        tls_update_keys(&c->channel.tls, true);
}

static void make_page(struct connection *c)
{
    char facts[512], body[640];
    sealtls_facts(facts, sizeof facts, &c->channel.tls);
    int body_len = snprintf(body, sizeof body, "<!DOCTYPE html><title>sealtls</title><p>%s\n",
                            facts);
    int n = snprintf((char *)c->page, sizeof c->page,
                     "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                     "Content-Length: %d\r\n\r\n%s", body_len, body);
    c->page_at = 0;
    c->page_len = (size_t)n;
}

/* Looks for the end of a request; true at an empty line. Takes the bytes up to there. */
static bool request_ends(struct connection *c, size_t *used)
{
    struct bytes in = channel_input(&c->channel);
    for (*used = 0; *used < in.len;) {
        uint8_t byte = in.at[(*used)++];
        if (byte == '\n' && c->line == LINE_BEGINS)
            return true;
        if (byte != '\r')
            c->line = byte == '\n' ? LINE_BEGINS : IN_LINE;
    }
    return false;
}

/* Uses what has come as far as there is room for the answer. */
static void answer(const struct server *s, struct connection *c)
{
    size_t used;
    if (!s->http) {
        channel_use(&c->channel, channel_write(&c->channel, channel_input(&c->channel)));
        return;
    }
    if (request_ends(c, &used))
        make_page(c);
    channel_use(&c->channel, used);
    if (c->page_at < c->page_len)
        c->page_at += channel_write(&c->channel, bytes_of(c->page + c->page_at,
                                                          c->page_len - c->page_at));
}

static void drop(struct server *s, struct connection *c)
{
    channel_close(&c->channel);
    c->phase = UNUSED;
    if (s->count > 0)
        s->count--;
}

/* What is left to say is said; then our side is closed and theirs is drained. */
static void begin_end(struct connection *c)
{
    c->phase = DRAINING;
    c->deadline = time(NULL) + DRAIN_SECONDS;
}

/* Works on a connection until it has to wait for its socket. */
static void work(struct server *s, struct connection *c)
{
    char why[512];
    while (c->phase == TALKING) {
        if (channel_flush(&c->channel) != CHANNEL_SENT)
            return;                          /* BLOCKED; a LOST one shows when it is read */
        if (tls_may_forget(&c->channel.tls)) {
            channel_forget(&c->channel, &s->config);
            tls_bind_cookie(&c->channel.tls, bytes_of(c->address, c->address_len));
        }
        switch (channel_receive(&c->channel)) {
        case CHANNEL_WAITS:
            return;
        case CHANNEL_SECURED:
            on_secured(s, c);
            break;
        case CHANNEL_BYTES:
            answer(s, c);
            break;
        case CHANNEL_ENDED:
            channel_finish(&c->channel);
            begin_end(c);
            break;
        case CHANNEL_BROKEN:
            sealtls_failure(why, sizeof why, &c->channel);
            say(s, "broken", why);
            begin_end(c);
            break;
        }
    }
}

/* The alert or close_notify goes out, the rest of what comes is thrown away; then it is over. */
static void end(struct server *s, struct connection *c)
{
    enum channel_sent sent = channel_flush(&c->channel);
    if (sent == CHANNEL_LOST
        || (sent == CHANNEL_SENT && channel_drain(&c->channel, DRAIN_MAX)))
        drop(s, c);
}

/* ---- all of them ---- */

static struct connection *free_connection(struct server *s)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (s->connections[i].phase == UNUSED)
            return &s->connections[i];
    return NULL;
}

static void accept_one(struct server *s)
{
    int one = 1;
    struct connection *c = free_connection(s);
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    int fd = accept4(s->listener, (struct sockaddr *)&from, &from_len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *c = (struct connection){ .phase = TALKING, .deadline = time(NULL) + s->common.timeout };
    memcpy(c->address, &from, from_len);
    c->address_len = from_len;
    channel_open(&c->channel, fd, &s->memory);
    if (!channel_start_tls(&c->channel, &s->config))
        drop(s, c);
    else
        tls_bind_cookie(&c->channel.tls, bytes_of(c->address, c->address_len));
}

static struct pollfd watch(struct connection *c)
{
    short events = POLLIN;
    if (channel_has_output(&c->channel))
        events = c->phase == DRAINING ? POLLIN | POLLOUT : POLLOUT;
    return (struct pollfd){ .fd = c->phase == UNUSED ? -1 : c->channel.fd, .events = events };
}

static void serve_ready(struct server *s, struct connection *c, bool ready, time_t now)
{
    if (c->phase == UNUSED)
        return;
    if (ready) {
        if (c->phase == TALKING)
            c->deadline = now + s->common.timeout;
        work(s, c);
        if (c->phase == DRAINING)
            end(s, c);
    } else if (now > c->deadline) {
        say(s, "dropped", "nothing happened in time");
        drop(s, c);
    }
}

static int serve(struct server *s)
{
    struct pollfd fds[1 + CONNECTIONS_MAX];
    while (s->count != 0) {
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            fds[1 + i] = watch(&s->connections[i]);
        fds[0] = (struct pollfd){ .fd = free_connection(s) ? s->listener : -1, .events = POLLIN };
        if (poll(fds, COUNT(fds), 1000) < 0 && errno != EINTR)
            return sealtls_error(EXIT_OS_ERROR, "poll: %s", strerror(errno));
        time_t now = time(NULL);
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            serve_ready(s, &s->connections[i], fds[1 + i].revents != 0, now);
        if (fds[0].revents)
            accept_one(s);
    }
    return 0;
}

static int load_credentials(const struct server *s, struct credential *loaded[CREDENTIALS_MAX])
{
    char error[CREDENTIAL_ERROR_MAX];
    for (size_t i = 0; i < s->key_count; i++) {
        const char *password = s->common.key_password_file;
        loaded[i] = s->cert_count > 0
            ? credential_load(s->certs[i], s->keys[i], password, error)
            : credential_load_raw(s->keys[i], password, error);
        if (!loaded[i] || (s->staples[i] && !credential_staple(loaded[i], s->staples[i], error)))
            return sealtls_error(EXIT_NO_INPUT, "%s", error);
        if (s->raw_public_key)
            credential_show_bare(loaded[i]);
    }
    return 0;
}

/* Whom among the clients to believe. */
static int load_clients(struct server *s)
{
    char error[TRUST_ERROR_MAX];
    bool good = !s->client_ca || trust_add_file(&s->clients, s->client_ca, error);
    for (size_t i = 0; good && i < s->client_pin_count; i++)
        good = trust_add_pin(&s->clients, s->client_pins[i], error);
    return good ? 0 : sealtls_error(EXIT_NO_INPUT, "%s", error);
}

static void ask_clients(const struct server *s, struct tls_settings *settings)
{
    if (!asks_clients(s))
        return;
    settings->trust = &s->clients.trust;
    settings->client_certificate = s->require_client_certificate ? CLIENT_CERTIFICATE_REQUIRED
                                                                 : CLIENT_CERTIFICATE_OPTIONAL;
    settings->peer_certificates = s->raw_public_key ? PEER_RAW_PUBLIC_KEY : PEER_X509;
}

static int run(struct server *s, struct credential *const *loaded)
{
    struct tls_credential credentials[CREDENTIALS_MAX];
    const char *reason;
    for (size_t i = 0; i < s->key_count; i++)
        credentials[i] = loaded[i]->tls;
    struct tls_settings settings = sealtls_common_settings(&s->common);
    settings.credentials = credentials;
    settings.credential_count = s->key_count;
    ask_clients(s, &settings);
    settings.tickets = (unsigned)s->tickets;
    settings.ticket_keys = s->tickets > 0 ? &s->ticket_keys : NULL;
    if (s->tickets > 0 && !ticket_keys_make(&s->ticket_keys, &random_system, TICKET_LIFETIME,
                                            time(NULL)))
        return sealtls_error(EXIT_OS_ERROR, "no random bytes for the ticket keys");
    if (s->cookie && !cookie_keys_make(&s->cookie_keys, &random_system, COOKIE_SECONDS, time(NULL)))
        return sealtls_error(EXIT_OS_ERROR, "no random bytes");
    settings.cookie_keys = s->cookie ? &s->cookie_keys : NULL;
    settings.demand_cookie = s->cookie;
    if (!tls_config_server(&s->config, &settings, &reason))
        return sealtls_error(EXIT_USAGE, "%s", reason);
    int status = open_listener(s);
    if (status != 0)
        return status;
    say_listening(s);
    s->memory = channel_memory(CONNECTIONS_MAX);
    status = serve(s);
    channel_memory_free(&s->memory);
    ticket_keys_wipe(&s->ticket_keys);
    cookie_keys_wipe(&s->cookie_keys);
    close(s->listener);
    return status;
}

int sealtls_serve(int argc, char **argv)
{
    static struct server server;
    struct credential *loaded[CREDENTIALS_MAX] = { NULL };
    server.count = -1;
    sealtls_common_init(&server.common);
    int status = parse(&server, argc, argv);
    if (status == 0)
        status = load_credentials(&server, loaded);
    if (status == 0)
        status = load_clients(&server);
    if (status == 0)
        status = run(&server, loaded);
    for (size_t i = 0; i < CREDENTIALS_MAX; i++)
        credential_free(loaded[i]);
    trust_free(&server.clients);
    if (server.common.keylog)
        fclose(server.common.keylog);
    return status < 0 ? 0 : status;
}
