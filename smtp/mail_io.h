/* smtp/mail_io.h - a message on its way from a session into the mailboxes of its recipients.
 *
 * Made when DATA is accepted, filled while the content comes in, and then given to a worker that
 * makes it durable. It lives on its own: when the session dies in between, the message is
 * finished all the same (its end had been reported), and only nobody is told.
 */
#ifndef SEALPOST_SMTP_MAIL_IO_H
#define SEALPOST_SMTP_MAIL_IO_H

#include "smtp/config_io.h"
#include "smtp/maildir_io.h"
#include "smtp/server.h"
#include "smtp/worker_io.h"

struct mail {
    struct job job;                    /* first: the worker's view of it */
    struct maildir_draft draft;
    enum maildir_result result;
    void *session;                     /* whom to tell; NULL if it has gone */
    void (*stored)(struct mail *mail); /* called in the loop; frees it with mail_free */
    void *context;
    int64_t began;                     /* loop_now */
    uint64_t received;                 /* bytes of content */
    char id[MESSAGE_ID_LEN + 1];
    char trace[MESSAGE_TRACE_MAX];
    struct maildir_copy copies[];      /* their texts lie behind them */
};

/* A user's mailbox name for a recipient: the local part if `known` has it, else what stands before
 * its first '+'. False if neither is a user. */
struct users;
bool mail_user(char out[], const struct users *users, struct bytes local);

/* Opens the store for the message that `smtp` has announced by MESSAGE_BEGIN. NULL, and *result
 * and *problem (a phrase for the log), if that does not work. */
struct mail *mail_begin(const struct smtp_server *smtp, const struct config *config,
                        const struct users *users, enum maildir_result *result,
                        const char **problem);

void mail_write(struct mail *mail, struct bytes content);

/* Gives it to the workers; `stored` will be called once. */
void mail_commit(struct mail *mail, struct workers *workers);

/* Removes what is in the store. Not after mail_commit. */
void mail_abort(struct mail *mail);
void mail_free(struct mail *mail);

enum smtp_store_result mail_store_result(enum maildir_result result);

#endif
