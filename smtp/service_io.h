/* smtp/service_io.h - the server: its sessions, and what they have in common.
 *
 * One service per process. It accepts sessions within limits and owns them; it has the loop, the
 * workers, the lent memory, the log, and the settings that all of them are made from.
 */
#ifndef SEALPOST_SMTP_SERVICE_IO_H
#define SEALPOST_SMTP_SERVICE_IO_H

#include "smtp/config_io.h"
#include "smtp/identity_io.h"
#include "smtp/log_io.h"
#include "smtp/loop_io.h"
#include "smtp/peers.h"
#include "smtp/server.h"
#include "smtp/worker_io.h"
#include "tls13/channel_io.h"

#include <sys/socket.h>

enum { SERVICE_PATHS_LEN = 25600 };  /* 100 recipients of any length: RFC 5321 §4.5.3.1.8 */

struct session;

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
    int64_t stop_by;                           /* when stopping: nobody is waited for longer */
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

/* How much one address may ask for. */
struct peer_limits service_peer_limits(const struct service *v);

#endif
