/* smtp/log_io.h - one event, one line: a word, then key=value.
 *
 *     struct log_line l = log_line("auth");
 *     log_text(&l, "sid", s->sid);
 *     log_bytes(&l, "user", name);
 *     log_number(&l, "count", 3);
 *     log_write(log, &l);
 *
 * Values may come from anybody: what is not printable ASCII, and `"` and `\`, becomes \xHH; a value
 * with a blank in it (or none at all) stands in quotes; it is cut after 256 bytes. So a line is one
 * event, whatever a peer sends. Secrets have no business here.
 */
#ifndef SEALPOST_SMTP_LOG_IO_H
#define SEALPOST_SMTP_LOG_IO_H

#include "crypto/bytes.h"

enum { LOG_LINE_MAX = 2048, LOG_VALUE_MAX = 256 };

struct log_line {
    size_t len;
    char text[LOG_LINE_MAX];
};

struct log_line log_line(const char *event);
void log_bytes(struct log_line *l, const char *key, struct bytes value);
void log_text(struct log_line *l, const char *key, const char *value);
void log_number(struct log_line *l, const char *key, uint64_t value);

/* A log goes to a file (appended to, made 0600), each line with the time in front, or, with path
 * "", to standard error, where whoever keeps it adds a time. */
struct log { int fd; };

/* False with errno set; the log is then as it was. A file that is open already is reopened under
 * its name, after a rotation. */
bool log_open(struct log *log, const char *path);
void log_close(struct log *log);

/* One write. A log that cannot be written does not stop the mail. */
void log_write(const struct log *log, const struct log_line *l);

#endif
