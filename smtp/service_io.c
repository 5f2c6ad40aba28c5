/* smtp/service_io.c - accepts sessions within limits, and has what they share.
 *
 * Trusts      smtp/peers.c for who has had too much.
 */
#include "smtp/session_io.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    PASSWORD_THREADS  = 1,
    STORE_THREADS     = 2,
    RECORDS_KEPT      = 16,          /* sessions' worth of buffers, held for the next one */
    PATHS_KEPT        = 8,
    STOP_MS           = 10000,
};

/* ---- policy ---- */

static bool is_ours(const struct config *config, struct bytes domain)
{
    for (size_t i = 0; i < config->domain_count; i++) {
        if (bytes_equal_public(domain, bytes_of_string(config->domains[i])))
            return true;
    }
    return false;
}

static enum smtp_verdict on_recipient(void *context, struct bytes user, const struct address *to)
{
    const struct service *v = context;
    char mailbox[USERS_NAME_MAX + 1];

    (void)user;
    if (to->domain_len > 0 && !is_ours(v->config, address_domain(to)))
        return SMTP_RELAY_DENIED;
    return mail_user(mailbox, v->identity->users, address_local(to)) ? SMTP_ACCEPT
                                                                     : SMTP_UNKNOWN_USER;
}

/* ---- settings ---- */

static int64_t now_milliseconds(void *context)
{
    struct timespec t;

    (void)context;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static struct smtp_server_settings settings_of(struct service *v, bool implicit_tls)
{
    const struct config_limits *l = &v->config->limits;

    return (struct smtp_server_settings){
        .hostname = v->config->hostname,
        .implicit_tls = implicit_tls,
        .limits = { .message_size = l->message_size, .recipients = (unsigned)l->recipients,
                    .messages = (unsigned)l->messages, .errors = (unsigned)l->errors,
                    .junk = (unsigned)l->junk, .auth_failures = (unsigned)l->auth_failures },
        .policy = { .recipient = on_recipient, .context = v },
        .now = now_milliseconds,
        .log = session_log_smtp, .log_context = v,
    };
}

struct peer_limits service_peer_limits(const struct service *v)
{
    const struct config_limits *l = &v->config->limits;
    return (struct peer_limits){ l->sessions_per_ip, l->connections_per_minute,
                                 l->auth_failures_per_minute };
}

/* ---- accepting ---- */

static void describe(struct session *s, const struct sockaddr_storage *from)
{
    if (from->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)from;
        inet_ntop(AF_INET6, &in6->sin6_addr, s->ip, sizeof s->ip);
        s->port = ntohs(in6->sin6_port);
        s->peer = peers_key(bytes_of(&in6->sin6_addr, 16));
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
        inet_ntop(AF_INET, &in->sin_addr, s->ip, sizeof s->ip);
        s->port = ntohs(in->sin_port);
        s->peer = peers_key(bytes_of(&in->sin_addr, 4));
    }
}

/* NULL if welcome, else the words of a 421. */
static const char *unwelcome(struct service *v, const struct session *s)
{
    struct peer_limits limits = service_peer_limits(v);

    if (v->session_count >= v->config->limits.sessions)
        return "4.3.2 too many sessions, try again later";
    switch (peers_enter(&v->peers, s->peer, &limits, loop_now())) {
    case PEERS_WELCOME:
        return NULL;
    case PEERS_TOO_MANY_OPEN:
        return "4.7.0 too many sessions from your address";
    case PEERS_TOO_FAST:
        return "4.7.0 too many connections from your address, slow down";
    case PEERS_GUESSING:
        return "4.7.0 too many failed logins from your address";
    }
    return NULL;
}

static void turn_away(struct service *v, int fd, bool implicit_tls, const struct session *s,
                      const char *why)
{
    char reply[160];
    struct log_line l = log_line("refuse");

    log_text(&l, "ip", s->ip);
    log_text(&l, "reason", why);
    log_write(&v->log, &l);
    int n = snprintf(reply, sizeof reply, "421 %s\r\n", why);
    if (!implicit_tls && n > 0)
        send(fd, reply, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

void service_accept(struct service *v, int fd, bool implicit_tls,
                    const struct sockaddr_storage *from)
{
    struct session *s = calloc(1, sizeof *s);
    int yes = 1;

    if (s == NULL) {
        close(fd);
        return;
    }
    describe(s, from);
    const char *why = unwelcome(v, s);
    if (why != NULL) {
        turn_away(v, fd, implicit_tls, s, why);
        free(s);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    session_begin(s, v, fd, implicit_tls);
}

/* ---- life ---- */

/* Four entries for each session that may be open, so that an address is found in few probes. */
static bool make_peers(struct service *v)
{
    size_t size = 1024;
    uint8_t seed[8];

    while (size < 4 * v->config->limits.sessions)
        size *= 2;
    v->peers.table = calloc(size, sizeof *v->peers.table);
    v->peers.size = size;
    if (v->peers.table == NULL || !random_fill(&random_system, seed, sizeof seed))
        return false;
    v->peers.seed = load_be64(seed);
    return true;
}

bool service_open(struct service *v, const struct config *config, struct identity *identity)
{
    v->config = config;
    v->identity = identity;
    v->memory = channel_memory(RECORDS_KEPT);
    v->paths = (struct lender){ .size = SERVICE_PATHS_LEN, .keep = PATHS_KEPT };
    v->submission = settings_of(v, false);
    v->submissions = settings_of(v, true);
    return make_peers(v) && loop_open(&v->loop)
        && workers_start(&v->passwords, &v->loop, PASSWORD_THREADS)
        && workers_start(&v->store, &v->loop, STORE_THREADS);
}

void service_close(struct service *v)
{
    workers_stop(&v->passwords);
    workers_stop(&v->store);
    loop_close(&v->loop);
    channel_memory_free(&v->memory);
    lender_free(&v->paths);
    identity_release(v->identity);
    free(v->peers.table);
}

void service_renew(struct service *v, struct identity *identity)
{
    identity_release(v->identity);
    v->identity = identity;
}

void service_stop(struct service *v)
{
    struct session *next;

    v->stopping = true;
    v->stop_by = loop_now() + STOP_MS;
    if (v->session_count == 0)
        loop_stop(&v->loop);
    for (struct session *s = v->first; s != NULL; s = next) {
        next = s->next;
        session_stop(s);
    }
}
