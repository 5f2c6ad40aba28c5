/* tests/interop/bearssl_server.c - a TLS 1.2 server of BearSSL for one connection:
 * bearssl_server PORT CERTIFICATE.der SCALAR, the P-256 key's 32 bytes in hexadecimal.
 *
 * Prints the number of BearSSL's last error: 512 + an alert that it sent, 256 + one that it got.
 */
#include <bearssl.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int read_some(void *fd, unsigned char *data, size_t len)
{
    ssize_t n = read(*(int *)fd, data, len);
    return n > 0 ? (int)n : -1;
}

static int write_some(void *fd, const unsigned char *data, size_t len)
{
    ssize_t n = send(*(int *)fd, data, len, MSG_NOSIGNAL);
    return n > 0 ? (int)n : -1;
}

static size_t read_file(const char *path, unsigned char *out, size_t cap)
{
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(out, 1, cap, f) : 0;
    if (f)
        fclose(f);
    return n;
}

static int accept_one(int port)
{
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((in_port_t)port) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1) != 0)
        return -1;
    int fd = accept(listener, NULL, NULL);
    close(listener);
    return fd;
}

int main(int argc, char **argv)
{
    static br_ssl_server_context server;
    static unsigned char buffer[BR_SSL_BUFSIZE_BIDI], der[4096], scalar[32];
    br_sslio_context io;
    if (argc != 4 || strlen(argv[3]) != 64)
        return 2;
    for (size_t i = 0; i < sizeof scalar; i++)
        sscanf(argv[3] + 2 * i, "%2hhx", &scalar[i]);
    br_x509_certificate chain = { der, read_file(argv[2], der, sizeof der) };
    br_ec_private_key key = { BR_EC_secp256r1, scalar, sizeof scalar };
    int fd = accept_one(atoi(argv[1]));
    if (fd < 0) {
        perror("accept");
        return 1;
    }
    br_ssl_server_init_full_ec(&server, &chain, 1, BR_KEYTYPE_EC, &key);
    br_ssl_engine_set_buffer(&server.eng, buffer, sizeof buffer, 1);
    br_ssl_server_reset(&server);
    br_sslio_init(&io, &server.eng, read_some, &fd, write_some, &fd);
    unsigned char byte;
    br_sslio_read(&io, &byte, 1);
    printf("last error %d\n", br_ssl_engine_last_error(&server.eng));
    shutdown(fd, SHUT_WR);                   /* and read on: a reset would eat the alert */
    while (read(fd, &byte, 1) > 0) { }
    close(fd);
    return 0;
}
