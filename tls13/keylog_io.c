/* tls13/keylog_io.c - the observer that writes a key log.
 *
 * Implements  RFC 9850 §2: "label client_random secret", in hexadecimal, a line a secret.
 */
#include "tls13/keylog_io.h"

#include <fcntl.h>
#include <unistd.h>

FILE *keylog_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    FILE *to = fd < 0 ? NULL : fdopen(fd, "a");
    if (fd >= 0 && !to)
        close(fd);
    return to;
}

static void write_hex(FILE *to, struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        fprintf(to, "%02x", b.at[i]);
}

static void see(void *context, const struct observation *o)
{
    FILE *to = context;
    if (o->kind != OBSERVE_SECRET || !o->key_log_label)
        return;
    fprintf(to, "%s ", o->key_log_label);
    write_hex(to, o->client_random);
    fputc(' ', to);
    write_hex(to, o->bytes);
    fputc('\n', to);
    fflush(to);
}

struct observer keylog_observer(FILE *to)
{
    return (struct observer){ see, to };
}
