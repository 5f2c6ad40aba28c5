/* smtp/log_io.c - log lines that no peer can forge. */
#include "smtp/log_io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void add(struct log_line *l, const char *text, size_t len)
{
    size_t room = LOG_LINE_MAX - 1 - l->len;             /* one is kept for the newline */
    if (len > room)
        len = room;
    memcpy(l->text + l->len, text, len);
    l->len += len;
}

struct log_line log_line(const char *event)
{
    struct log_line l = { .len = 0 };
    add(&l, event, strlen(event));
    return l;
}

static bool is_plain(uint8_t c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void add_escaped(struct log_line *l, struct bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        char hex[8];
        uint8_t c = value.at[i];
        if (is_plain(c))
            add(l, (const char *)&value.at[i], 1);
        else
            add(l, hex, (size_t)snprintf(hex, sizeof hex, "\\x%02x", c));
    }
}

void log_bytes(struct log_line *l, const char *key, struct bytes value)
{
    if (value.len > LOG_VALUE_MAX)
        value.len = LOG_VALUE_MAX;
    bool quote = value.len == 0 || memchr(value.at, ' ', value.len) != NULL;
    add(l, " ", 1);
    add(l, key, strlen(key));
    add(l, "=\"", quote ? 2 : 1);
    add_escaped(l, value);
    add(l, "\"", quote);
}

void log_text(struct log_line *l, const char *key, const char *value)
{
    log_bytes(l, key, bytes_of_string(value));
}

void log_number(struct log_line *l, const char *key, uint64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    log_text(l, key, digits);
}

bool log_open(struct log *log, const char *path)
{
    int fd = STDERR_FILENO;

    if (path[0] != 0)
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    log_close(log);
    log->fd = fd;
    return true;
}

void log_close(struct log *log)
{
    if (log->fd > STDERR_FILENO)
        close(log->fd);
    log->fd = -1;
}

void log_write(const struct log *log, const struct log_line *l)
{
    char line[32 + LOG_LINE_MAX];
    size_t len = 0;
    time_t now = time(NULL);
    struct tm utc;

    if (log->fd != STDERR_FILENO && gmtime_r(&now, &utc) != NULL)
        len = strftime(line, 32, "%Y-%m-%dT%H:%M:%SZ ", &utc);
    memcpy(line + len, l->text, l->len);
    len += l->len;
    line[len++] = '\n';
    while (write(log->fd, line, len) < 0 && errno == EINTR)
        continue;
}
