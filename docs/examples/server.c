/* server.c - a whole TLS 1.3 server: echoes what each client says, one client after the other.
 *
 *     cc server.c $(pkg-config --cflags --libs sealtls) -o server && ./server PORT CERT.PEM KEY.PEM
 */
#include "tls13/clock_io.h"
#include "tls13/credential_io.h"
#include "tls13/tls.h"

#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct tls tls;                         /* all that a connection costs once it is idle */
static struct tls_handshake handshake;         /* lent until the handshake is over, as these two: */
static uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];
static uint8_t in[TLS_RECORD_MAX], out[TLS_RECORD_MAX];  /* records, while bytes are in flight */

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

/* Sends `data`, in as many records as it takes, and what tls itself has to say. */
static void say(int fd, struct bytes data)
{
    for (size_t n, taken; (n = tls_seal(&tls, out, sizeof out, data, &taken)) > 0
                          || (n = tls_output(&tls, out, sizeof out)) > 0;
         data = bytes_of(data.at + taken, data.len - taken))
        send(fd, out, n, MSG_NOSIGNAL);        /* where this fails, recv says so next */
}

static enum tls_event serve(int fd, const struct tls_config *config)
{
    struct tls_received got;
    tls_start(&tls, config, &handshake, incoming, sizeof incoming, outgoing, sizeof outgoing);
    for (size_t in_len = 0;;) {                /* bytes in `in` that are not taken in yet */
        enum tls_event event = tls_receive(&tls, in, in_len, &got);
        if (event == TLS_PEER_CLOSED)
            tls_close(&tls);
        say(fd, got.data);
        if (event == TLS_PEER_CLOSED || event == TLS_FAILED)
            return event;
        memmove(in, in + got.used, in_len -= got.used);
        ssize_t more = event == TLS_NEED_INPUT ? recv(fd, in + in_len, sizeof in - in_len, 0) : 0;
        if (event == TLS_NEED_INPUT && more <= 0)
            return tls_receive_end(&tls);
        in_len += (size_t)more;
    }
}

int main(int argc, char **argv)
{
    struct tls_config config;
    char error[CREDENTIAL_ERROR_MAX] = "usage: server PORT CERT.PEM KEY.PEM";
    const char *reason = error;
    struct credential *own = argc == 4 ? credential_load(argv[2], argv[3], NULL, error) : NULL;
    if (!own || !tls_config_server(&config, &(struct tls_settings){ .now = clock_system,
                                   .credentials = &own->tls, .credential_count = 1 }, &reason))
        errx(1, "%s", reason);
    for (int listener = listen_on(argv[1]), fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd))
        if (serve(fd, &config) == TLS_FAILED)
            warnx("%s", tls_failure(&tls).reason);
}
