/* smtp/mail_io.c - envelope to mailboxes.
 *
 * Trusts      smtp/address.c: recipients are mailboxes of its grammar; mail_user keeps all but
 *             plain user names out of paths.
 */
#include "smtp/mail_io.h"

#include "smtp/users_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH_ROOM   = CONFIG_PATH_MAX + 4 * USERS_NAME_MAX,
    FIELDS_ROOM = 2 * (20 + ADDRESS_TEXT_MAX),       /* Return-Path: and Delivered-To: */
};

bool mail_user(char out[], const struct users *users, struct bytes local)
{
    const uint8_t *plus = local.len > 0 ? memchr(local.at, '+', local.len) : NULL;

    if (users_known(users, local))
        return users_fold(out, local);
    if (plus == NULL)
        return false;
    local.len = (size_t)(plus - local.at);
    return users_known(users, local) && users_fold(out, local);
}

static size_t count_recipients(const struct smtp_server *smtp)
{
    struct reader r = smtp_server_recipients(smtp);
    size_t count = 0;

    while (reader_more(&r) && read_vec8(&r, 1).len > 0)
        count++;
    return count;
}

/* RFC 5321 §4.4: Return-Path goes on top at final delivery. */
static struct bytes write_fields(struct writer *w, struct bytes sender, struct bytes recipient)
{
    size_t from = w->len;

    write_text(w, "Return-Path: <");
    write_bytes(w, sender);
    write_text(w, ">\r\nDelivered-To: ");
    write_bytes(w, recipient);
    write_text(w, "\r\n");
    return bytes_of(w->at + from, w->len - from);
}

/* The mailbox of `recipient`, as text in `w`. */
static const char *write_mailbox(struct writer *w, const struct config *config,
                                 const struct users *users, struct bytes recipient)
{
    char user[USERS_NAME_MAX + 1];
    struct address address;
    const char *at = (const char *)(w->at + w->len);

    if (address_parse(&address, recipient) != ADDRESS_OK
        || !mail_user(user, users, address_local(&address))
        || w->cap - w->len < PATH_ROOM
        || !config_maildir((char *)w->at + w->len, PATH_ROOM, config, user))
        return NULL;
    w->len += strlen(at) + 1;
    return at;
}

static bool fill_copies(struct mail *mail, size_t count, const struct smtp_server *smtp,
                        const struct config *config, const struct users *users)
{
    struct writer w = writer_of(mail->copies + count, count * (PATH_ROOM + FIELDS_ROOM));
    struct reader r = smtp_server_recipients(smtp);

    for (size_t i = 0; i < count; i++) {
        struct bytes to = read_vec8(&r, 1);
        mail->copies[i].maildir = write_mailbox(&w, config, users, to);
        if (mail->copies[i].maildir == NULL)
            return false;
        mail->copies[i].fields = write_fields(&w, smtp_server_sender(smtp), to);
    }
    return writer_done(&w);
}

struct mail *mail_begin(const struct smtp_server *smtp, const struct config *config,
                        const struct users *users, enum maildir_result *result,
                        const char **problem)
{
    size_t count = count_recipients(smtp);
    struct mail *mail = calloc(1, sizeof *mail + count * (sizeof *mail->copies + PATH_ROOM
                                                           + FIELDS_ROOM));
    *result = MAILDIR_FAILED;
    *problem = "out of memory";
    if (mail == NULL)
        return NULL;
    *problem = "a recipient has no mailbox any more";
    if (count == 0 || !fill_copies(mail, count, smtp, config, users)) {
        mail_free(mail);
        return NULL;
    }
    *problem = "less space is free than the sender has announced to need";
    if (!maildir_has_room(mail->copies[0].maildir, smtp->tx.declared_size * count)) {
        *result = MAILDIR_NO_SPACE;
        mail_free(mail);
        return NULL;
    }
    struct writer trace = writer_of(mail->trace, sizeof mail->trace);
    smtp_server_trace(smtp, &trace);
    memcpy(mail->id, smtp_server_message_id(smtp), MESSAGE_ID_LEN + 1);
    mail->began = loop_now();
    if (!maildir_begin(&mail->draft, mail->copies, count, writer_bytes(&trace),
                       config->hostname)) {
        *result = maildir_result(&mail->draft);
        *problem = strerror(mail->draft.error);
        mail_free(mail);
        return NULL;
    }
    return mail;
}

void mail_write(struct mail *mail, struct bytes content)
{
    mail->received += content.len;
    maildir_write(&mail->draft, content);
}

static void run_commit(struct job *job)
{
    struct mail *mail = (struct mail *)job;
    mail->result = maildir_commit(&mail->draft);
}

static void commit_done(struct job *job)
{
    struct mail *mail = (struct mail *)job;
    mail->stored(mail);
}

void mail_commit(struct mail *mail, struct workers *workers)
{
    mail->job = (struct job){ .run = run_commit, .done = commit_done };
    workers_give(workers, &mail->job);
}

void mail_abort(struct mail *mail)
{
    maildir_abort(&mail->draft);
    mail_free(mail);
}

void mail_free(struct mail *mail)
{
    free(mail);
}

enum smtp_store_result mail_store_result(enum maildir_result result)
{
    switch (result) {
    case MAILDIR_STORED:
        return SMTP_STORE_OK;
    case MAILDIR_NO_SPACE:
        return SMTP_STORE_NO_SPACE;
    case MAILDIR_FAILED:
        break;
    }
    return SMTP_STORE_FAILED;
}
