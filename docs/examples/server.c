/* server.c - a whole TLS 1.3 server: echoes what each client says, one client after the other.
 *
 *     cc server.c $(pkg-config --cflags --libs sealtls) -o server && ./server PORT CERT.PEM KEY.PEM
 */
#include "tls13/credential_io.h"
#include "tls13/tls.h"

#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
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

static int listen_on(const char *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 5))
        err(1, "port %s", port);
    return fd;
}

/* One event comes in; data goes back as an echo, and what tls itself has to say goes with it. */
static enum tls_event step(int fd, uint8_t *in, size_t cap, size_t *in_len)
{
    static uint8_t out[TLS_RECORD_MAX + TLS_RECORD_OVERHEAD];
    struct tls_received got;
    size_t taken;
    enum tls_event event = tls_receive(&tls, in, *in_len, &got);
    if (event == TLS_PEER_CLOSED)
        tls_close(&tls);
    size_t n = tls_seal(&tls, out, sizeof out, got.data, &taken);
    do {
        if (send(fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
            return TLS_FAILED;
    } while ((n = tls_output(&tls, out, sizeof out)) > 0);
    memmove(in, in + got.used, *in_len -= got.used);
    if (event != TLS_NEED_INPUT)
        return event;
    ssize_t more = read(fd, in + *in_len, cap - *in_len);
    *in_len += more > 0 ? (size_t)more : 0;
    return more > 0 ? TLS_PROGRESS : tls_receive_end(&tls);
}

static void serve(int fd, const struct tls_config *config)
{
    static uint8_t in[TLS_RECORD_MAX];
    size_t in_len = 0;
    enum tls_event event = TLS_PROGRESS;
    tls_start(&tls, config, &handshake, incoming, sizeof incoming, outgoing, sizeof outgoing);
    while (event != TLS_PEER_CLOSED && event != TLS_FAILED)
        event = step(fd, in, sizeof in, &in_len);
    if (event == TLS_FAILED)
        warnx("%s", tls_failure(&tls).reason);
    close(fd);
}

int main(int argc, char **argv)
{
    struct tls_config config;
    char error[CREDENTIAL_ERROR_MAX];
    const char *reason;
    struct credential *own = argc == 4 ? credential_load(argv[2], argv[3], error) : NULL;
    if (!own)
        errx(1, "%s", argc != 4 ? "usage: server PORT CERT.PEM KEY.PEM" : error);
    struct tls_settings settings = { .now = now, .credentials = &own->tls, .credential_count = 1 };
    if (!tls_config_server(&config, &settings, &reason))
        errx(1, "%s", reason);
    for (int listener = listen_on(argv[1]), fd; (fd = accept(listener, NULL, NULL)) >= 0;)
        serve(fd, &config);
    credential_free(own);
    return 0;
}
