/* tests/interop/bearssl_client.c - a TLS 1.2 client of BearSSL, to be refused: bearssl_client PORT.
 *
 * Prints the number of BearSSL's last error: 256 + an alert that was received.
 */
#include <bearssl.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
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

int main(int argc, char **argv)
{
    static br_ssl_client_context client;
    static br_x509_minimal_context x509;
    static unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
    br_sslio_context io;
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((in_port_t)atoi(argc == 2 ? argv[1] : "0")) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        perror("connect");
        return 1;
    }
    br_ssl_client_init_full(&client, &x509, NULL, 0);
    br_ssl_engine_set_buffer(&client.eng, buffer, sizeof buffer, 1);
    br_ssl_client_reset(&client, "localhost", 0);
    br_sslio_init(&io, &client.eng, read_some, &fd, write_some, &fd);
    br_sslio_flush(&io);
    unsigned char byte;
    br_sslio_read(&io, &byte, 1);
    printf("last error %d\n", br_ssl_engine_last_error(&client.eng));
    close(fd);
    return 0;
}
