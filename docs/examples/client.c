/* client.c - a whole TLS 1.3 client: says "hello" to a server and prints what comes back.
 *
 *     cc client.c $(pkg-config --cflags --libs sealtls) -o client && ./client HOST PORT CA.PEM
 */
#include "tls13/clock_io.h"
#include "tls13/tls.h"
#include "tls13/x509/trust_io.h"

#include <err.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static struct tls tls;                         /* all that a connection costs once it is idle */
static struct tls_handshake handshake;         /* lent until the handshake is over, as these two: */
static uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN];
static uint8_t in[TLS_RECORD_MAX], out[TLS_RECORD_MAX];  /* records, while bytes are in flight */

static int dial(const char *host, const char *port)
{
    struct addrinfo *a, hints = { .ai_socktype = SOCK_STREAM };
    int fd, failed = getaddrinfo(host, port, &hints, &a);
    for (; !failed && a; a = a->ai_next)
        if (!connect(fd = socket(a->ai_family, SOCK_STREAM, 0), a->ai_addr, a->ai_addrlen))
            return fd;
    errx(1, "%s port %s: %s", host, port, failed ? gai_strerror(failed) : strerror(errno));
}

/* One event comes in; data is printed as it comes. */
static enum tls_event receive(int fd)
{
    static size_t in_len;                      /* bytes in `in` that are not taken in yet */
    struct tls_received got;
    enum tls_event event = tls_receive(&tls, in, in_len, &got);
    fwrite(got.data.at, 1, got.data.len, stdout);
    memmove(in, in + got.used, in_len -= got.used);
    if (event != TLS_NEED_INPUT)
        return event;
    ssize_t n = recv(fd, in + in_len, sizeof in - in_len, 0);
    in_len += n > 0 ? (size_t)n : 0;
    return n > 0 ? TLS_PROGRESS : tls_receive_end(&tls);
}

int main(int argc, char **argv)
{
    struct tls_config config;
    struct trust_store ca = { 0 };
    struct tls_settings s = { .now = clock_system, .server_name = argv[1], .trust = &ca.trust };
    char error[TRUST_ERROR_MAX] = "usage: client HOST PORT CA.PEM";
    const char *reason = error;
    if (argc != 4 || !trust_add_file(&ca, argv[3], error)
        || !tls_config_client(&config, &s, &reason))
        errx(1, "%s", reason);
    int fd = dial(argv[1], argv[2]);
    tls_start(&tls, &config, &handshake, incoming, sizeof incoming, outgoing, sizeof outgoing);
    for (enum tls_event event = TLS_PROGRESS; event != TLS_PEER_CLOSED; event = receive(fd)) {
        size_t n = 0, taken;
        if (event == TLS_CONNECTED) {
            n = tls_seal(&tls, out, sizeof out, bytes_of_string("hello\n"), &taken);
            tls_close(&tls);                   /* we have said all; the server may go on */
        }
        do
            if (send(fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
                err(1, "send");
        while ((n = tls_output(&tls, out, sizeof out)) > 0);
        if (event == TLS_FAILED)
            errx(1, "%s", tls_failure(&tls).reason);         /* its alert has gone out */
    }
}
