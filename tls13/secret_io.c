/* tls13/secret_io.c - files that hold a secret.
 *
 * Secret      what is in them, in each buffer that it passes through; all are wiped.
 */
#include "tls13/secret_io.h"

#include "crypto/wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- any of them ---- */

static bool system_error(const char *path, char error[SECRET_ERROR_MAX])
{
    snprintf(error, SECRET_ERROR_MAX, "%s: %s", path, strerror(errno));
    return false;
}

/* Not readable, writable or executable by anybody but its owner. */
static bool check_mode(int fd, const char *path, const char *what, char error[SECRET_ERROR_MAX])
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return system_error(path, error);
    if (!S_ISREG(st.st_mode)) {
        snprintf(error, SECRET_ERROR_MAX, "%s: not a regular file", path);
        return false;
    }
    if ((st.st_mode & 077) != 0) {
        const struct passwd *owner = getpwuid(st.st_uid);
        snprintf(error, SECRET_ERROR_MAX, "%s: %s is open to others (mode %04o, owner "
                 "%s): chmod 600 it", path, what, (unsigned)(st.st_mode & 07777),
                 owner ? owner->pw_name : "unknown");
        return false;
    }
    return true;
}

/* Reads all of an open file, at most SECRET_FILE_MAX bytes. */
static bool read_all(int fd, uint8_t *out, size_t *len)
{
    ssize_t n = 1;
    for (*len = 0; *len < SECRET_FILE_MAX && n > 0; *len += (size_t)n) {
        n = read(fd, out + *len, SECRET_FILE_MAX - *len);
        if (n < 0)
            return false;
    }
    return true;
}

bool secret_read(uint8_t out[SECRET_FILE_MAX], size_t *len, const char *path, const char *what,
                 char error[SECRET_ERROR_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return system_error(path, error);
    bool good = check_mode(fd, path, what, error)
             && (read_all(fd, out, len) || system_error(path, error));
    if (good && *len == SECRET_FILE_MAX) {
        snprintf(error, SECRET_ERROR_MAX, "%s: file is too large for a %s", path, what);
        good = false;
    }
    close(fd);
    return good;
}

bool secret_write(const char *path, struct bytes content, char error[SECRET_ERROR_MAX])
{
    char new_path[4096];
    if (snprintf(new_path, sizeof new_path, "%s.new", path) >= (int)sizeof new_path) {
        errno = ENAMETOOLONG;
        return system_error(path, error);
    }
    unlink(new_path);
    int fd = open(new_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return system_error(path, error);
    bool written = write(fd, content.at, content.len) == (ssize_t)content.len;
    if ((close(fd) == 0) & written && rename(new_path, path) == 0)
        return true;
    system_error(path, error);
    unlink(new_path);
    return false;
}

/* ---- sessions ---- */

bool session_take_file(struct tls_session *out, const char *path, char error[SECRET_ERROR_MAX])
{
    uint8_t content[SECRET_FILE_MAX];
    size_t len;
    out->len = 0;
    bool good = secret_read(content, &len, path, "session", error)
             && (unlink(path) == 0 || system_error(path, error));
    if (good && len <= sizeof out->bytes) {
        memcpy(out->bytes, content, len);
        out->len = (uint16_t)len;
    }
    wipe(content, sizeof content);
    return good;
}

/* ---- external PSKs ---- */

/* The next word of a line; empty at its end. */
static struct bytes next_word(struct bytes *line)
{
    while (line->len > 0 && (line->at[0] == ' ' || line->at[0] == '\t'))
        *line = bytes_of(line->at + 1, line->len - 1);
    struct bytes word = bytes_of(line->at, 0);
    while (line->len > 0 && line->at[0] != ' ' && line->at[0] != '\t') {
        word.len++;
        *line = bytes_of(line->at + 1, line->len - 1);
    }
    return word;
}

static int nibble(uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | (c >= 'A' ? 0x20 : 0)) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* In place: a key is half as long as its text. */
static bool unhex(struct bytes *key, uint8_t *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        int high = nibble(text[i]), low = nibble(text[i + 1]);
        if (high < 0 || low < 0)
            return false;
        text[i / 2] = (uint8_t)(high << 4 | low);
    }
    *key = bytes_of(text, len / 2);
    return len % 2 == 0;
}

static bool decode_psk(struct imported_psk out[2], uint8_t *text, size_t len, const char **reason)
{
    uint8_t *end = memchr(text, '\n', len);
    struct bytes line = bytes_of(text, end ? (size_t)(end - text) : len);
    struct external_psk epsk = { .identity = next_word(&line) };
    struct bytes key = next_word(&line);
    epsk.context = next_word(&line);
    *reason = "not one line of identity, key in hexadecimal, and perhaps a context";
    if (next_word(&line).len > 0 || (end && end + 1 != text + len) || key.len == 0
        || !unhex(&epsk.key, text + (key.at - text), key.len))
        return false;
    return psk_import(&out[0], &epsk, &hash_sha256, reason)
           && psk_import(&out[1], &epsk, &hash_sha384, reason);
}

bool psk_load(struct imported_psk out[2], const char *path, char error[SECRET_ERROR_MAX])
{
    uint8_t content[SECRET_FILE_MAX];
    const char *reason;
    size_t len;
    if (!secret_read(content, &len, path, "external PSK", error))
        return false;
    bool good = decode_psk(out, content, len, &reason);
    if (!good)
        snprintf(error, SECRET_ERROR_MAX, "%s: %s", path, reason);
    wipe(content, sizeof content);
    return good;
}
