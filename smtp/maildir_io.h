/* smtp/maildir_io.h - puts messages into Maildirs so that an acknowledged one cannot get lost.
 *
 * A message is a draft until maildir_commit has said MAILDIR_STORED; then every copy of it is
 * synced to disk under its final name in new/, and so is the name. Before that, and after any
 * failure, no reader of the mailboxes sees any of it:
 *
 *     maildir_begin     opens tmp/NAME in the first mailbox and writes its fields
 *     maildir_write     appends a piece of the message, as often as there are pieces
 *     maildir_commit    writes the copies for further mailboxes, syncs each file, renames each
 *                       from tmp/ to new/, syncs each new/
 *     maildir_abort     instead of commit: removes what there is
 *
 * An fsync that failed is never tried again: the kernel may have dropped the dirty pages and would
 * then say yes to the second one. The message counts as lost, and the sender keeps it.
 *
 * In the Maildir lines end in LF, as the format's readers expect: CR LF becomes LF, all other bytes
 * stay. Files are 0600, folders that are missing are made 0700; the folder above a mailbox
 * has to be there.
 */
#ifndef SEALPOST_SMTP_MAILDIR_IO_H
#define SEALPOST_SMTP_MAILDIR_IO_H

#include "crypto/bytes.h"

enum {
    MAILDIR_PATH_MAX = 1024,     /* of a mailbox folder, with its NUL */
    MAILDIR_NAME_MAX = 192,      /* of a file name */
    MAILDIR_HOST_MAX = 64,       /* of the host part of a file name; a longer one is cut */
};

enum maildir_result {
    MAILDIR_STORED,
    MAILDIR_NO_SPACE,            /* ENOSPC or EDQUOT: 452 4.3.1 */
    MAILDIR_FAILED,              /* anything else: 451 4.3.0 */
};

/* One mailbox that gets the message, and the fields on top of this copy. All texts are views that
 * the caller keeps until commit or abort; their lines end in CR LF or LF. */
struct maildir_copy {
    const char *maildir;
    struct bytes fields;
};

struct maildir_draft {
    const struct maildir_copy *copies;
    size_t copy_count;
    struct bytes trace;                  /* fields below each copy's own */
    int fd;                              /* the first copy in tmp/; -1: none */
    int error;                           /* errno of the first thing that failed, or 0 */
    const char *failed;                  /* what failed: "open", "write", "fsync", ... */
    bool held_cr;                        /* a CR came last: waits for its LF */
    uint64_t head_len, body_len;         /* bytes stored: fields of the first copy; message */
    char name[MAILDIR_NAME_MAX];
};

/* Begins a message for `copy_count` >= 1 mailboxes, with `trace` on top of it in all of them;
 * `hostname` goes into the file names. False if the first file cannot be made; the draft then
 * has error and failed, and needs no abort. */
bool maildir_begin(struct maildir_draft *d, const struct maildir_copy *copies, size_t copy_count,
                   struct bytes trace, const char *hostname);

/* Appends. After an error (see d->error) nothing is written any more, the file is gone already, and
 * commit will say so. */
void maildir_write(struct maildir_draft *d, struct bytes piece);

/* May take as long as the disk does; safe to call from another thread than the one that wrote. */
enum maildir_result maildir_commit(struct maildir_draft *d);

void maildir_abort(struct maildir_draft *d);

/* The result that the draft's error stands for. */
enum maildir_result maildir_result(const struct maildir_draft *d);

/* False if the file system of `folder` (or the nearest folder above it) has less than `size` bytes
 * free for us. What cannot be found out counts as room. */
bool maildir_has_room(const char *folder, uint64_t size);

#endif
