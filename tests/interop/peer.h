/* tests/interop/peer.h - what the peer programs in C share: one command line, sockets, the echo.
 *
 *   PEER serve PORT [OPTION ...]     echoes, one connection after another, until it is stopped
 *   PEER connect PORT [OPTION ...]   sends some 100 kB, wants them back, and ends
 *
 *   --cert FILE --key FILE   its own chain and key, PEM
 *   --ca FILE                whom it trusts; a server then requires a client certificate
 *   --groups NAME[,NAME]     these alone, best first; a client sends a share of the first alone
 *   --again                  client: connect twice, the second time with the first one's ticket
 *   --update-keys            ask for new keys in both directions after the first bytes
 *   --tls12, --both          speak TLS 1.2 and nothing later, or either
 *
 * Each connection is a line on standard output: "connected SUITE GROUP full|resumed", with "-" for
 * what the library does not tell, or "failed WHY".
 * The peers in other languages take the same options and print the same lines.
 */
#ifndef SEALPOST_TESTS_INTEROP_PEER_H
#define SEALPOST_TESTS_INTEROP_PEER_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
    bool serve, again, update_keys, tls12, both;
    int port;
    const char *cert, *key, *ca, *groups;
};

static inline struct peer peer_options(int argc, char **argv)
{
    struct peer p = { 0 };
    if (argc < 3) {
        fprintf(stderr, "usage: %s serve|connect PORT [OPTION ...]\n", argv[0]);
        exit(2);
    }
    p.serve = strcmp(argv[1], "serve") == 0;
    p.port = atoi(argv[2]);
    const struct { const char *name; const char **value; } valued[] = {
        { "--cert", &p.cert }, { "--key", &p.key }, { "--ca", &p.ca },
        { "--groups", &p.groups },
    };
    const struct { const char *name; bool *on; } flags[] = {
        { "--again", &p.again }, { "--update-keys", &p.update_keys }, { "--tls12", &p.tls12 },
        { "--both", &p.both },
    };
    for (int i = 3; i < argc; i++) {
        for (size_t k = 0; k < sizeof valued / sizeof valued[0]; k++)
            if (strcmp(argv[i], valued[k].name) == 0 && i + 1 < argc)
                *valued[k].value = argv[++i];
        for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
            if (strcmp(argv[i], flags[k].name) == 0)
                *flags[k].on = true;
    }
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    return p;
}

static inline struct sockaddr_in peer_address(const struct peer *p)
{
    return (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((in_port_t)p->port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static inline int peer_socket(void)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static inline int peer_listen(const struct peer *p)
{
    struct sockaddr_in at = peer_address(p);
    int fd = peer_socket();
    if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 8) != 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}

static inline int peer_connect(const struct peer *p)
{
    struct sockaddr_in to = peer_address(p);
    int fd = peer_socket();
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

/* What a TLS library gives for one connection. Reading and writing return bytes, or <= 0. */
struct connection {
    void *tls;
    int (*read)(void *tls, void *data, int len);
    int (*write)(void *tls, const void *data, int len);
    int (*update_keys)(void *tls);
};

static inline void peer_echo(const struct peer *p, const struct connection *c)
{
    static unsigned char data[16384];
    bool update = p->update_keys;
    for (int n; (n = c->read(c->tls, data, sizeof data)) > 0; update = false)
        if ((update && c->update_keys(c->tls) != 0) || c->write(c->tls, data, n) != n)
            return;
}

/* Sends seven full records and wants each back before the next; what went wrong, or NULL. */
static inline const char *peer_ask_for_echo(const struct peer *p, const struct connection *c)
{
    static unsigned char out[16384], in[sizeof out];
    for (int piece = 0; piece < 7; piece++) {
        memset(out, piece, sizeof out);
        if (c->write(c->tls, out, sizeof out) != sizeof out)
            return "writing";
        for (int got = 0, n; got < (int)sizeof in; got += n)
            if ((n = c->read(c->tls, in + got, (int)sizeof in - got)) <= 0)
                return "reading";
        if (memcmp(in, out, sizeof out) != 0)
            return "another echo";
        if (piece == 0 && p->update_keys && c->update_keys(c->tls) != 0)
            return "updating keys";
    }
    return NULL;
}

#endif
