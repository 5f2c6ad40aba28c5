/* smtp/session_io.h - sessions on sockets: the glue of channel, SMTP session, store and passwords.
 *
 * One service per process; it owns its sessions. A session is driven by whatever happens to it: its
 * socket, its timer, a password that has been verified, a message that has been stored. Between
 * these it holds no buffer.
 */
#ifndef SEALPOST_SMTP_SESSION_IO_H
#define SEALPOST_SMTP_SESSION_IO_H

#include "tls13/channel_io.h"
#include "smtp/config_io.h"
#include "smtp/log_io.h"
#include "smtp/loop_io.h"
#include "smtp/peers.h"
#include "smtp/server.h"
#include "smtp/users_io.h"
#include "smtp/worker_io.h"

#include <sys/socket.h>

/* What a reload replaces: certificate, key and users, all or nothing. Sessions that began with one
 * keep it; it goes with the last of them. */
struct identity;
struct identity *identity_load(const struct config *config, char reason[CONFIG_REASON_MAX]);
void identity_release(struct identity *identity);

struct service {
    struct loop loop;
    const struct config *config;
    struct identity *identity;
    struct log log;
    struct channel_memory memory;
    struct lender paths;                       /* for the recipients of a transaction */
    struct workers passwords, store;
    struct peers peers;
    struct smtp_server_settings submission, submissions;
    struct session *first;
    size_t session_count;
    bool stopping;
    void (*session_ended)(void *context);      /* after one has gone: there is room for another */
    void *context;
};

/* `config` and `identity` stay the caller's to replace; the log is open. False with errno. */
bool service_open(struct service *v, const struct config *config, struct identity *identity);
void service_close(struct service *v);

/* Takes over a socket that was accepted, or refuses it with a word where that can be read, and
 * closes it. */
void service_accept(struct service *v, int fd, bool implicit_tls,
                    const struct sockaddr_storage *from);

/* New sessions and new handshakes use `identity` from now on. */
void service_renew(struct service *v, struct identity *identity);

/* Ends every session: 421 to those that are not in the middle of an answer. The loop stops when
 * the last one has gone. */
void service_stop(struct service *v);

#endif
