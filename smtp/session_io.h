/* smtp/session_io.h - one session on a socket: channel, SMTP session, store and passwords.
 *
 * Driven by whatever happens to it: its socket, its timer, a password that has been verified, a
 * message that has been stored. Between these it holds no buffer. Made and owned by the service
 * (smtp/service_io.h); it frees itself when it is over.
 */
#ifndef SEALPOST_SMTP_SESSION_IO_H
#define SEALPOST_SMTP_SESSION_IO_H

#include "smtp/mail_io.h"
#include "smtp/service_io.h"

#include <netinet/in.h>

/* Where it is: its last plain bytes go out; TLS is being set up; SMTP; its last bytes go out; what
 * the peer still sends is thrown away, so that a reset does not overtake our last words. */
enum phase { STARTING, SECURING, SPEAKING, LEAVING, DRAINING };

/* What it needs before it can go on. */
enum need { NEED_INPUT, NEED_OUTPUT, NEED_ANSWER, NEED_TURN, NEED_PAUSE, NEED_NOTHING_MORE };

struct login;

struct session {
    struct service *service;
    struct session *next, **link;
    struct identity *identity;
    struct loop_watch watch;
    struct loop_timer timer;
    bool watched;
    enum phase phase;
    enum need need;
    int64_t began, deadline, line_began;
    struct login *login;
    bool login_wrong;                /* verified, and waiting for the floor */
    struct mail *mail;               /* open: being received; or given to the store */
    uint8_t *paths;                  /* lent */
    uint64_t peer;
    uint16_t port;
    char ip[INET6_ADDRSTRLEN];
    struct channel channel;
    struct smtp_server smtp;
};

/* Begins one on a socket that was accepted and is now its own; s->ip, port and peer are set, the
 * rest is zero. */
void session_begin(struct session *s, struct service *service, int fd, bool implicit_tls);

/* The service ends: says goodbye if it can be said now. */
void session_stop(struct session *s);

/* ---- log lines (session_log_io.c) ---- */

void session_log_connect(const struct session *s, bool implicit_tls);
void session_log_secured(const struct session *s, const struct tls_facts *facts);

/* The handshake failed, or a record did later on; `why` if TLS itself has no reason. */
void session_log_tls_failure(const struct session *s, const char *why);

/* smtp_server_settings.log; the context is the service. */
void session_log_smtp(void *context, const struct smtp_server *smtp, const struct smtp_log *e);

void session_log_trouble(const struct session *s, const char *event, const char *problem);

#endif
