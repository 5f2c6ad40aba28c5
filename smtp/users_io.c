/* smtp/users_io.c - the users file.
 *
 * Implements  password verification with Argon2id (RFC 9106), through libsodium's
 * crypto_pwhash_str. Trusts      the file, once its mode and owner are right; every line is parsed
 * all the same. Secret      passwords; they are not kept, and the caller wipes its own.
 */
#include "smtp/users_io.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LINE_MAX_LEN = 512,
    HASH_PASSES  = 2,
    HASH_MEMORY  = 19 * 1024 * 1024,
    PATH_LEN_MAX = 1024,
};

struct user {
    char name[USERS_NAME_MAX + 1];
    char hash[crypto_pwhash_STRBYTES];
};

struct users {
    size_t count, cap;
    struct user *users;
    char stand_in[crypto_pwhash_STRBYTES];     /* verified for a name that does not exist */
};

__attribute__((format(printf, 2, 3)))
static bool refuse(char reason[USERS_REASON_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(reason, USERS_REASON_MAX, format, args);
    va_end(args);
    return false;
}

bool users_fold(char out[USERS_NAME_MAX + 1], struct bytes name)
{
    if (name.len == 0 || name.len > USERS_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (i == 0 || c == 0 || strchr("._+-", c) == NULL))
            return false;
        out[i] = (char)c;
    }
    out[name.len] = 0;
    return true;
}

static const struct user *find(const struct users *u, const char *name)
{
    for (size_t i = 0; i < u->count; i++) {
        if (strcmp(u->users[i].name, name) == 0)
            return &u->users[i];
    }
    return NULL;
}

/* ---- reading ---- */

static bool check_file(int fd, const char *path, char reason[USERS_REASON_MAX])
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return refuse(reason, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return refuse(reason, "%s: not a regular file", path);
    if (st.st_mode & 0007)
        return refuse(reason, "%s: mode %04o lets everybody at the password hashes; chmod 600",
                      path, (unsigned)(st.st_mode & 07777));
    if (st.st_mode & 0020)
        return refuse(reason, "%s: mode %04o lets its group change the passwords; chmod 600",
                      path, (unsigned)(st.st_mode & 07777));
    if (st.st_uid != 0 && st.st_uid != geteuid())
        return refuse(reason, "%s: owned by uid %ld; must be root or uid %ld", path,
                      (long)st.st_uid, (long)geteuid());
    return true;
}

static bool is_hash(const char *text)
{
    static const char prefix[] = "$argon2id$";
    size_t len = strlen(text);

    return len < crypto_pwhash_STRBYTES && strncmp(text, prefix, sizeof prefix - 1) == 0
        && crypto_pwhash_str_needs_rehash(text, HASH_PASSES, HASH_MEMORY) >= 0;
}

static bool append(struct users *u, const struct user *user)
{
    if (u->count == u->cap) {
        size_t cap = u->cap == 0 ? 16 : 2 * u->cap;
        struct user *more = realloc(u->users, cap * sizeof *more);
        if (more == NULL)
            return false;
        u->users = more;
        u->cap = cap;
    }
    u->users[u->count++] = *user;
    return true;
}

/* name ":" hash; `line` is cut up. */
static bool take_line(struct users *u, char *line, const char **problem)
{
    struct user user = { .name = "" };
    char *colon = strchr(line, ':');

    *problem = "not `name:$argon2id$...`: there is no colon";
    if (colon == NULL)
        return false;
    *problem = "not a user name: 1 to 64 of a-z 0-9 . _ + -, beginning with a letter or digit";
    if (!users_fold(user.name, bytes_of(line, (size_t)(colon - line))))
        return false;
    *problem = "what follows the name is not an Argon2id hash (`sealpostd user add` makes one)";
    if (!is_hash(colon + 1))
        return false;
    *problem = "this user is in the file already";
    if (find(u, user.name) != NULL)
        return false;
    memcpy(user.hash, colon + 1, strlen(colon + 1));
    *problem = "out of memory";
    return append(u, &user);
}

static bool read_lines(struct users *u, FILE *file, const char *path,
                       char reason[USERS_REASON_MAX])
{
    char line[LINE_MAX_LEN];
    const char *problem;

    for (unsigned number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        size_t len = strlen(line);
        if (len == 0 || (line[len - 1] != '\n' && !feof(file)))
            return refuse(reason, "%s:%u: line is too long or has a NUL", path, number);
        if (line[len - 1] == '\n')
            line[len - 1] = 0;
        if (line[0] == 0 || line[0] == '#')
            continue;
        if (!take_line(u, line, &problem))
            return refuse(reason, "%s:%u: %s", path, number, problem);
    }
    return !ferror(file) || refuse(reason, "%s: %s", path, strerror(errno));
}

/* Some hash of the same cost as the others: the first user's own, whose answer is then not asked
 * for. With no users at all it is one of a password that nobody has. */
static bool make_stand_in(struct users *u)
{
    char nobody[32];

    if (u->count > 0) {
        memcpy(u->stand_in, u->users[0].hash, sizeof u->stand_in);
        return true;
    }
    randombytes_buf(nobody, sizeof nobody);
    return crypto_pwhash_str(u->stand_in, nobody, sizeof nobody, HASH_PASSES, HASH_MEMORY) == 0;
}

static bool load_into(struct users *u, const char *path, char reason[USERS_REASON_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return refuse(reason, "%s: %s", path, strerror(errno));
    FILE *file = check_file(fd, path, reason) ? fdopen(fd, "r") : NULL;
    if (file == NULL) {
        close(fd);
        return false;
    }
    bool ok = read_lines(u, file, path, reason);
    fclose(file);
    if (ok && !make_stand_in(u))
        return refuse(reason, "%s: not enough memory to hash a password", path);
    return ok;
}

struct users *users_load(const char *path, char reason[USERS_REASON_MAX])
{
    struct users *u = calloc(1, sizeof *u);

    if (sodium_init() < 0 || u == NULL) {
        free(u);
        refuse(reason, "%s: out of memory", path);
        return NULL;
    }
    if (!load_into(u, path, reason)) {
        users_free(u);
        return NULL;
    }
    return u;
}

void users_free(struct users *u)
{
    if (u == NULL)
        return;
    free(u->users);
    free(u);
}

/* ---- asking ---- */

bool users_known(const struct users *u, struct bytes name)
{
    char folded[USERS_NAME_MAX + 1];
    return users_fold(folded, name) && find(u, folded) != NULL;
}

bool users_verify(const struct users *u, struct bytes name, struct bytes password)
{
    char folded[USERS_NAME_MAX + 1];
    const struct user *user = users_fold(folded, name) ? find(u, folded) : NULL;
    const char *hash = user != NULL ? user->hash : u->stand_in;
    const char *text = password.len > 0 ? (const char *)password.at : "";

    return crypto_pwhash_str_verify(hash, text, password.len) == 0 && user != NULL;
}

/* ---- writing ---- */

/* Every line as it was, comments too, but for the user's own; a new user comes last. */
static bool write_lines(FILE *to, FILE *from, const struct user *user)
{
    char line[LINE_MAX_LEN], name[USERS_NAME_MAX + 1];
    bool written = false;

    while (from != NULL && fgets(line, sizeof line, from) != NULL) {
        size_t front = strcspn(line, ":");
        line[strcspn(line, "\n")] = 0;
        bool own = users_fold(name, bytes_of(line, front)) && strcmp(name, user->name) == 0;
        if (own)
            fprintf(to, "%s:%s\n", user->name, user->hash);
        else
            fprintf(to, "%s\n", line);
        written = written || own;
    }
    if (!written)
        fprintf(to, "%s:%s\n", user->name, user->hash);
    return (from == NULL || !ferror(from)) && fflush(to) == 0 && !ferror(to);
}

/* The file that will take the place of `path`, locked: whoever else sets a password waits until it
 * has got its name, and then finds that under `fresh` there is another one, or none. What a
 * crash has left is written anew. */
static int open_fresh(const char *fresh)
{
    for (;;) {
        struct stat opened, named;
        int fd = open(fresh, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX) != 0 || fstat(fd, &opened) != 0) {
            close(fd);
            return -1;
        }
        if (stat(fresh, &named) == 0 && opened.st_ino == named.st_ino
            && opened.st_dev == named.st_dev)
            return fd;
        close(fd);
    }
}

static bool sync_folder_of(const char *path)
{
    char folder[PATH_LEN_MAX + 16] = ".";
    const char *slash = strrchr(path, '/');

    if (slash != NULL)
        snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    close(fd);
    return ok;
}

/* `old` is NULL if there is no file yet. Owner, group and mode stay: the daemon reads it. */
static bool write_fresh(FILE *to, FILE *old, const struct user *user)
{
    struct stat st;

    if (old != NULL && (fstat(fileno(old), &st) != 0
                        || fchown(fileno(to), st.st_uid, st.st_gid) != 0
                        || fchmod(fileno(to), st.st_mode & 0777) != 0))
        return false;
    return ftruncate(fileno(to), 0) == 0 && write_lines(to, old, user) && fsync(fileno(to)) == 0;
}

static bool replace_file(const char *fresh, FILE *to, const char *path, const struct user *user,
                         char reason[USERS_REASON_MAX])
{
    struct users old = { 0 };
    FILE *from = fopen(path, "re");

    if (from == NULL && errno != ENOENT)
        return refuse(reason, "%s: %s", path, strerror(errno));
    bool ok = from == NULL || load_into(&old, path, reason);
    if (ok && (!write_fresh(to, from, user) || rename(fresh, path) != 0 || !sync_folder_of(path)))
        ok = refuse(reason, "%s: %s", path, strerror(errno));
    free(old.users);
    if (from != NULL)
        fclose(from);
    return ok;
}

static bool set_user(const char *path, const struct user *user, char reason[USERS_REASON_MAX])
{
    char fresh[PATH_LEN_MAX + 16];

    if (strlen(path) > PATH_LEN_MAX)
        return refuse(reason, "%s: path is too long", path);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd = open_fresh(fresh);
    FILE *to = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (to == NULL) {
        refuse(reason, "%s: %s", fresh, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool ok = replace_file(fresh, to, path, user, reason);
    if (!ok)
        unlink(fresh);
    fclose(to);                                      /* the lock goes with it */
    return ok;
}

bool users_set(const char *path, struct bytes name, struct bytes password,
               char reason[USERS_REASON_MAX])
{
    struct user user = { .name = "" };

    if (sodium_init() < 0)
        return refuse(reason, "libsodium does not start");
    if (!users_fold(user.name, name))
        return refuse(reason, "not a user name: 1 to 64 of a-z 0-9 . _ + -, beginning with a "
                              "letter or digit");
    if (password.len == 0)
        return refuse(reason, "the password is empty");
    if (crypto_pwhash_str(user.hash, (const char *)password.at, password.len, HASH_PASSES,
                          HASH_MEMORY) != 0)
        return refuse(reason, "not enough memory to hash a password");
    return set_user(path, &user, reason);
}
