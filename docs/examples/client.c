/* client.c - a whole TLS 1.3 client: says "hello" to a server and prints what comes back.
 *
 *     cc client.c $(pkg-config --cflags --libs sealtls) -o client && ./client HOST PORT CA.PEM
 */
#include "tls13/tls.h"
#include "tls13/x509/trust_io.h"

#include <err.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct tls tls;                         /* all that a connection costs once it is idle */
static struct tls_handshake handshake;         /* lent until the handshake is over, as these two: */
static uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];

static int64_t now(void *context)
{
    (void)context;
    return time(NULL);
}

static int dial(const char *host, const char *port)
{
    struct addrinfo *a, hints = { .ai_socktype = SOCK_STREAM };
    int fd, failed = getaddrinfo(host, port, &hints, &a);
    if (failed)
        errx(1, "%s: %s", host, gai_strerror(failed));
    if ((fd = socket(a->ai_family, SOCK_STREAM, 0)) < 0 || connect(fd, a->ai_addr, a->ai_addrlen))
        err(1, "%s port %s", host, port);
    freeaddrinfo(a);
    return fd;
}

/* What tls has to say goes out, then one event comes in. Data is printed as it comes. */
static enum tls_event step(int fd)
{
    static uint8_t in[TLS_RECORD_MAX], out[TLS_RECORD_MAX];
    static size_t in_len;                      /* bytes in `in` that are not taken in yet */
    struct tls_received got;
    for (size_t n; (n = tls_output(&tls, out, sizeof out)) > 0;)
        if (send(fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
            err(1, "send");
    enum tls_event event = tls_receive(&tls, in, in_len, &got);
    fwrite(got.data.at, 1, got.data.len, stdout);
    memmove(in, in + got.used, in_len -= got.used);
    if (event != TLS_NEED_INPUT)
        return event;
    ssize_t n = read(fd, in + in_len, sizeof in - in_len);
    in_len += n > 0 ? (size_t)n : 0;
    return n > 0 ? TLS_PROGRESS : tls_receive_end(&tls);
}

static void say(int fd, const char *text)
{
    uint8_t record[256];
    size_t taken, n = tls_seal(&tls, record, sizeof record, bytes_of_string(text), &taken);
    if (send(fd, record, n, MSG_NOSIGNAL) != (ssize_t)n)
        err(1, "send");
    tls_close(&tls);                           /* we have said all; the server may go on */
}

int main(int argc, char **argv)
{
    struct trust_store trust = { 0 };
    struct tls_config config;
    char error[TRUST_ERROR_MAX];
    const char *reason;
    if (argc != 4 || !trust_add_file(&trust, argv[3], error))
        errx(1, "%s", argc != 4 ? "usage: client HOST PORT CA.PEM" : error);
    struct tls_settings settings = { .now = now, .server_name = argv[1], .trust = &trust.trust };
    if (!tls_config_client(&config, &settings, &reason))
        errx(1, "%s", reason);
    int fd = dial(argv[1], argv[2]);
    tls_start(&tls, &config, &handshake, incoming, sizeof incoming, outgoing, sizeof outgoing);
    for (enum tls_event event = TLS_PROGRESS; event != TLS_PEER_CLOSED;) {
        event = step(fd);
        if (event == TLS_CONNECTED)
            say(fd, "hello\n");
        else if (event == TLS_FAILED)
            step(fd), errx(1, "%s", tls_failure(&tls).reason);       /* its alert goes out first */
    }
    trust_free(&trust);
    return 0;
}
