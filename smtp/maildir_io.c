/* smtp/maildir_io.c - Maildir delivery: tmp/, fsync, new/, fsync of the folder, and only then yes.
 *
 * Implements  the Maildir format (cr.yp.to/proto/maildir.html) with one step more than usual: the
 *             folder is synced as well, since rename alone does not put the name on the disk.
 * Trusts      the caller for mailbox paths: they come from the configuration and a user name that
 *             users_io has checked.
 * Leaves out  removing old files from tmp/ after a crash: the format gives that to mail readers.
 */
#include "smtp/maildir_io.h"

#include "crypto/random.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
    FILE_PATH_MAX = MAILDIR_PATH_MAX + 8 + MAILDIR_NAME_MAX + 32,
    PIECE_LEN     = 16384,
};

static bool fail(struct maildir_draft *d, const char *what)
{
    if (d->error == 0) {
        d->error = errno != 0 ? errno : EIO;
        d->failed = what;
    }
    return false;
}

enum maildir_result maildir_result(const struct maildir_draft *d)
{
    if (d->error == 0)
        return MAILDIR_STORED;
    return d->error == ENOSPC || d->error == EDQUOT ? MAILDIR_NO_SPACE : MAILDIR_FAILED;
}

/* ---- names ---- */

/* SECONDS.MmicrosecondsPpidRrandom.host: unique by the 64 random bits, sorted by the time. A slash
 * and a colon in the host become \057 and \072, as the format asks. */
static bool make_name(struct maildir_draft *d, const char *hostname)
{
    struct timespec now;
    uint8_t random[8];
    char host[4 * MAILDIR_HOST_MAX + 1] = "";
    size_t len = 0;

    if (!random_fill(&random_system, random, sizeof random))
        return false;
    for (size_t i = 0; hostname[i] != 0 && i < MAILDIR_HOST_MAX; i++) {
        bool escape = hostname[i] == '/' || hostname[i] == ':';
        len += (size_t)snprintf(host + len, sizeof host - len, escape ? "\\%03o" : "%c",
                                (unsigned char)hostname[i]);
    }
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(d->name, sizeof d->name, "%lld.M%06ldP%ldR%016llx.%.64s", (long long)now.tv_sec,
             now.tv_nsec / 1000, (long)getpid(), (unsigned long long)load_be64(random), host);
    return true;
}

/* Each copy has a number of its own: two recipients may share a mailbox. */
static void tmp_path(char out[FILE_PATH_MAX], const struct maildir_draft *d, size_t i)
{
    snprintf(out, FILE_PATH_MAX, "%s/tmp/%s.%zu", d->copies[i].maildir, d->name, i);
}

static uint64_t stored_len(struct bytes text);

static void new_path(char out[FILE_PATH_MAX], const struct maildir_draft *d, size_t i)
{
    uint64_t size = stored_len(d->copies[i].fields) + stored_len(d->trace) + d->body_len;
    snprintf(out, FILE_PATH_MAX, "%s/new/%s.%zu,S=%llu", d->copies[i].maildir, d->name, i,
             (unsigned long long)size);
}

static void folder_path(char out[FILE_PATH_MAX], const char *maildir, const char *sub)
{
    snprintf(out, FILE_PATH_MAX, "%s/%s", maildir, sub);
}

/* ---- writing ---- */

static bool write_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? ENOSPC : errno;
            return false;
        }
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* CR LF becomes LF on the way to the file. `held` carries a CR at the end of a piece over to the
 * next one. Adds the bytes written to *written. */
static bool write_lines(int fd, struct bytes text, bool *held, uint64_t *written)
{
    uint8_t out[PIECE_LEN];
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (*held && c != '\n')
            out[len++] = '\r';
        *held = c == '\r';
        if (!*held)
            out[len++] = c;
        if (len >= sizeof out - 2 || i + 1 == text.len) {
            if (!write_all(fd, out, len))
                return false;
            *written += len;
            len = 0;
        }
    }
    return true;
}

static uint64_t stored_len(struct bytes text)
{
    uint64_t len = text.len;
    for (size_t i = 1; i < text.len; i++)
        len -= text.at[i - 1] == '\r' && text.at[i] == '\n';
    return len;
}

/* A whole text, whose last CR is not waiting for anything. */
static bool write_text(int fd, struct bytes text, uint64_t *written)
{
    bool held = false;
    if (!write_lines(fd, text, &held, written))
        return false;
    *written += held;
    return !held || write_all(fd, (const uint8_t *)"\r", 1);
}

/* ---- folders ---- */

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

static bool sync_above(const char *path)
{
    char above[FILE_PATH_MAX];
    snprintf(above, sizeof above, "%s", path);
    char *slash = strrchr(above, '/');
    if (slash == NULL || slash == above)
        return sync_folder("/");
    *slash = 0;
    return sync_folder(above);
}

/* Makes the mailbox if it is not there; a folder is synced into the one above it before anything
 * relies on it, also one that is there: another thread may have made it just now. */
static bool make_mailbox(const char *maildir)
{
    static const char *const subs[] = { "", "tmp", "new", "cur" };

    for (size_t i = 0; i < COUNT(subs); i++) {
        char path[FILE_PATH_MAX];
        folder_path(path, maildir, subs[i]);
        if (subs[i][0] == 0)
            path[strlen(path) - 1] = 0;
        if ((mkdir(path, 0700) != 0 && errno != EEXIST) || !sync_above(path))
            return false;
    }
    return true;
}

static int open_tmp(const struct maildir_draft *d, size_t i)
{
    enum { FLAGS = O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC };
    char path[FILE_PATH_MAX];

    if (strlen(d->copies[i].maildir) >= MAILDIR_PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    tmp_path(path, d, i);
    int fd = open(path, FLAGS, 0600);
    if (fd < 0 && errno == ENOENT && make_mailbox(d->copies[i].maildir))
        fd = open(path, FLAGS, 0600);
    return fd;
}

/* ---- the draft ---- */

static bool write_head(int fd, const struct maildir_draft *d, size_t i, uint64_t *written)
{
    return write_text(fd, d->copies[i].fields, written) && write_text(fd, d->trace, written);
}

/* Removes the first `count` copies, wherever they are. A missing file is what is wanted. */
static void remove_copies(const struct maildir_draft *d, size_t count)
{
    char path[FILE_PATH_MAX];

    for (size_t i = 0; i < count; i++) {
        tmp_path(path, d, i);
        unlink(path);
        new_path(path, d, i);
        unlink(path);
    }
}

/* The file goes at once, so that a full disk is not kept full by what will not be delivered. */
static void drop(struct maildir_draft *d)
{
    if (d->fd < 0)
        return;
    close(d->fd);
    d->fd = -1;
    remove_copies(d, 1);
}

bool maildir_begin(struct maildir_draft *d, const struct maildir_copy *copies, size_t copy_count,
                   struct bytes trace, const char *hostname)
{
    assert(copy_count > 0);
    *d = (struct maildir_draft){ .copies = copies, .copy_count = copy_count, .trace = trace,
                                 .fd = -1 };
    errno = 0;
    if (!make_name(d, hostname))
        return fail(d, "random");
    d->fd = open_tmp(d, 0);
    if (d->fd < 0)
        return fail(d, "open");
    if (!write_head(d->fd, d, 0, &d->head_len)) {
        fail(d, "write");
        drop(d);
        return false;
    }
    return true;
}

void maildir_write(struct maildir_draft *d, struct bytes piece)
{
    if (d->error == 0 && !write_lines(d->fd, piece, &d->held_cr, &d->body_len)) {
        fail(d, "write");
        drop(d);
    }
}

void maildir_abort(struct maildir_draft *d)
{
    drop(d);
}

/* ---- commit ---- */

static bool sync_and_close(int fd)
{
    bool ok = fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && ok)
        return false;
    errno = error;
    return ok;
}

/* The body of the first copy, from where its fields end. */
static bool copy_body(int to, const struct maildir_draft *d)
{
    uint8_t piece[PIECE_LEN];
    off_t at = (off_t)d->head_len;

    for (;;) {
        ssize_t n = pread(d->fd, piece, sizeof piece, at);
        if (n <= 0)
            return n == 0;
        if (!write_all(to, piece, (size_t)n))
            return false;
        at += n;
    }
}

static bool write_copy(struct maildir_draft *d, size_t i)
{
    uint64_t head_len = 0;
    int fd = open_tmp(d, i);

    if (fd < 0)
        return fail(d, "open");
    if (!write_head(fd, d, i, &head_len) || !copy_body(fd, d)) {
        fail(d, "write");
        close(fd);
        return false;
    }
    return sync_and_close(fd) || fail(d, "fsync");
}

static bool write_copies(struct maildir_draft *d)
{
    if (d->held_cr) {
        d->body_len++;
        if (!write_all(d->fd, (const uint8_t *)"\r", 1))
            return fail(d, "write");
    }
    for (size_t i = 1; i < d->copy_count; i++) {
        if (!write_copy(d, i))
            return false;
    }
    int fd = d->fd;
    d->fd = -1;
    return sync_and_close(fd) || fail(d, "fsync");
}

static bool rename_copies(struct maildir_draft *d)
{
    for (size_t i = 0; i < d->copy_count; i++) {
        char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
        tmp_path(from, d, i);
        new_path(to, d, i);
        if (rename(from, to) != 0)
            return fail(d, "rename");
    }
    for (size_t i = 0; i < d->copy_count; i++) {
        char folder[FILE_PATH_MAX];
        folder_path(folder, d->copies[i].maildir, "new");
        if (!sync_folder(folder))
            return fail(d, "fsync of new/");
    }
    return true;
}

/* Nothing gets its final name before all the copies are on disk: a message is in every mailbox or
 * in none, as far as a file system lets us. */
enum maildir_result maildir_commit(struct maildir_draft *d)
{
    if (d->error != 0)
        return maildir_result(d);
    if (!write_copies(d) || !rename_copies(d)) {
        if (d->fd >= 0)
            close(d->fd);
        d->fd = -1;
        remove_copies(d, d->copy_count);
    }
    return maildir_result(d);
}

bool maildir_has_room(const char *folder, uint64_t size)
{
    char path[FILE_PATH_MAX];
    struct statvfs fs;

    snprintf(path, sizeof path, "%s", folder);
    while (statvfs(path, &fs) != 0) {
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash == path)
            return true;
        *slash = 0;
    }
    return fs.f_frsize == 0 || fs.f_bavail > size / fs.f_frsize;
}
