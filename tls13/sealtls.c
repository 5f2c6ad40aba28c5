/* tls13/sealtls.c - the program that shows the TLS layer: a client, a server, a small CA. */
#include "tls13/sealtls.h"

#include "crypto/aes_gcm.h"
#include "crypto/chacha20_poly1305.h"
#include "crypto/version.h"
#include "tls13/sealtls_cert.h"
#include "tls13/standard_io.h"

#include <signal.h>
#include <string.h>

static const char help[] =
    "usage: sealtls COMMAND [ARGUMENT ...]\n"
    "\n"
    "  connect HOST:PORT   speak TLS 1.3 with a server: standard input goes to it, what it\n"
    "                      sends to standard output (as openssl s_client)\n"
    "  serve [ADDR:]PORT   serve TLS 1.3: echo, or one small HTTP page (as openssl s_server)\n"
    "  cert ...            make and show certificates: a root, servers, clients\n"
    "\n"
    "Each command has its own --help. --version says which release this is.\n";

int main(int argc, char **argv)
{
    static const struct { const char *name; int (*run)(int, char **); } commands[] = {
        { "connect", sealtls_connect },
        { "serve",   sealtls_serve },
        { "cert",    sealtls_cert },
    };
    standard_descriptors_hold();
    signal(SIGPIPE, SIG_IGN);
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(help, stdout);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("sealtls " SEALPOST_VERSION);
        return 0;
    }
    if (aes_gcm_refused_wish())
        fprintf(stderr, "sealtls: SEALPOST_AES=%s: this processor has no such AES-GCM; using %s\n",
                aes_gcm_refused_wish(), aes_gcm_chosen()->name);
    if (chacha20_poly1305_refused_wish())
        fprintf(stderr,
                "sealtls: SEALPOST_CHACHA=%s: not on this processor; ChaCha20-Poly1305 by %s\n",
                chacha20_poly1305_refused_wish(), chacha20_poly1305_chosen()->name);
    for (size_t i = 0; argc >= 2 && i < COUNT(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fputs(help, stderr);
    return EXIT_USAGE;
}
