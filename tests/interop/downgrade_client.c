/* tests/interop/downgrade_client.c - our client, with a ClientHello that offers TLS 1.2:
 * downgrade_client PORT.
 *
 * The engine's editor takes supported_versions out of the ClientHello and puts TLS 1.2's suites in,
 * as a man in the middle would who wants less than TLS 1.3. A server of both versions then answers
 * with TLS 1.2 and marks its random (RFC 8446 §4.1.3); one that knows no better just answers.
 * Prints the alert and the reason with which our client stops.
 */
#include "tls13/hello.h"
#include "tls13/tls.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CLIENT_HELLO_TYPE = 1, HELLO_MAX = 4096 };

/* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and _AES_256_GCM_SHA384 (RFC 5289 §3.2). */
static const uint8_t old_suites[] = { 0xc0, 0x2b, 0xc0, 0x2c };

static void copy_extensions(struct writer *w, struct reader block)
{
    size_t mark = write_vec_begin(w, 2);
    while (reader_more(&block)) {
        uint16_t type = read_u16(&block);
        struct bytes body = read_vec16(&block, 0);
        if (type == EXT_SUPPORTED_VERSIONS)
            continue;
        write_u16(w, type);
        write_u16(w, (uint16_t)body.len);
        write_bytes(w, body);
    }
    write_vec_end(w, mark, 2);
}

static size_t edit(void *context, uint8_t *message, size_t len, size_t cap)
{
    uint8_t edited[HELLO_MAX];
    struct reader r = reader_of(bytes_of(message, len));
    struct writer w = writer_of(edited, cap < sizeof edited ? cap : sizeof edited);
    (void)context;
    if (message[0] != CLIENT_HELLO_TYPE)
        return len;
    read_bytes(&r, 4);
    write_u8(&w, CLIENT_HELLO_TYPE);
    size_t whole = write_vec_begin(&w, 3);
    write_bytes(&w, read_bytes(&r, 2 + HELLO_RANDOM_LEN));
    struct bytes session_id = read_vec8(&r, 0);
    write_u8(&w, (uint8_t)session_id.len);
    write_bytes(&w, session_id);
    read_vec16(&r, 0);
    write_u16(&w, sizeof old_suites);
    write_bytes(&w, bytes_of(old_suites, sizeof old_suites));
    write_bytes(&w, read_bytes(&r, 2));                   /* compression methods: null alone */
    struct bytes block = read_vec16(&r, 0);
    copy_extensions(&w, reader_of(block));
    write_vec_end(&w, whole, 3);
    if (!reader_done(&r) || !writer_done(&w))
        abort();
    memcpy(message, edited, w.len);
    return w.len;
}

static int64_t now(void *context)
{
    (void)context;
    return time(NULL);
}

static int connect_to(int port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((in_port_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&to, sizeof to) == 0 ? fd : -1;
}

static void send_output(struct tls *t, int fd)
{
    uint8_t out[4096];
    for (size_t n; (n = tls_output(t, out, sizeof out)) > 0;)
        if (send(fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
            return;
}

static void converse(struct tls *t, int fd)
{
    static uint8_t in[TLS_RECORD_MAX];
    size_t len = 0;
    send_output(t, fd);
    for (ssize_t n; (n = read(fd, in + len, sizeof in - len)) > 0;) {
        struct tls_received got;
        enum tls_event event;
        len += (size_t)n;
        do {
            event = tls_receive(t, in, len, &got);
            len -= got.used;
            memmove(in, in + got.used, len);
            send_output(t, fd);
        } while (event != TLS_NEED_INPUT && event != TLS_FAILED);
        if (event == TLS_FAILED)
            return;
    }
    tls_receive_end(t);
}

int main(int argc, char **argv)
{
    static struct tls_handshake handshake;
    static uint8_t incoming[TLS_INCOMING_LEN], outgoing[TLS_OUTGOING_LEN], scrap[4096];
    static struct tls tls;
    const struct tls_editor editor = { edit, NULL };
    struct tls_settings settings = { .now = now, .server_name = "localhost", .editor = &editor,
                                     .insecure_accept_any_certificate = true };
    struct tls_config config;
    const char *reason;
    int fd = connect_to(argc == 2 ? atoi(argv[1]) : 0);
    if (fd < 0 || !tls_config_client(&config, &settings, &reason))
        return 1;
    tls_start(&tls, &config, &handshake, incoming, sizeof incoming, outgoing, sizeof outgoing);
    converse(&tls, fd);
    struct tls_failure f = tls_failure(&tls);
    printf("%s %s: %s\n", f.received ? "received" : "sent", alert_name((uint8_t)f.alert), f.reason);
    shutdown(fd, SHUT_WR);
    while (read(fd, scrap, sizeof scrap) > 0) { }
    close(fd);
    return 0;
}
