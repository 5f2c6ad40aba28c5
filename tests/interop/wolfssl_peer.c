/* tests/interop/wolfssl_peer.c - TLS 1.3 by wolfSSL; peer.h has the command line. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "tests/interop/peer.h"

static const struct { const char *name; int group; const char *theirs; } groups[] = {
    { "x25519", WOLFSSL_ECC_X25519, "X25519" },
    { "secp256r1", WOLFSSL_ECC_SECP256R1, "SECP256R1" },
    { "secp384r1", WOLFSSL_ECC_SECP384R1, "SECP384R1" },
};
static const struct { const char *name, *theirs; } suites[] = {
    { "TLS_AES_128_GCM_SHA256", "TLS13-AES128-GCM-SHA256" },
    { "TLS_AES_256_GCM_SHA384", "TLS13-AES256-GCM-SHA384" },
    { "TLS_CHACHA20_POLY1305_SHA256", "TLS13-CHACHA20-POLY1305-SHA256" },
};
enum { GROUPS = 3, SUITES = 3 };

static int parse_groups(const char *list, int out[GROUPS])
{
    int n = 0;
    for (const char *at = list; at && *at && n < GROUPS; at += strspn(at, ",")) {
        size_t len = strcspn(at, ",");
        for (int i = 0; i < GROUPS; i++)
            if (strlen(groups[i].name) == len && strncmp(at, groups[i].name, len) == 0)
                out[n++] = groups[i].group;
        at += len;
    }
    return n;
}

static void must(int result, const char *what)
{
    if (result != WOLFSSL_SUCCESS) {
        printf("failed %s: %d\n", what, result);
        exit(1);
    }
}

static WOLFSSL_CTX *configure(const struct peer *p)
{
    WOLFSSL_METHOD *method = p->both  ? wolfSSLv23_server_method()
                           : p->tls12 ? p->serve ? wolfTLSv1_2_server_method()
                                                 : wolfTLSv1_2_client_method()
                                      : p->serve ? wolfTLSv1_3_server_method()
                                                 : wolfTLSv1_3_client_method();
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method);
    int list[GROUPS], count = parse_groups(p->groups, list);
    if (p->cert) {
        must(wolfSSL_CTX_use_certificate_chain_file(ctx, p->cert), "--cert");
        must(wolfSSL_CTX_use_PrivateKey_file(ctx, p->key, WOLFSSL_FILETYPE_PEM), "--key");
    }
    if (p->ca) {
        must(wolfSSL_CTX_load_verify_locations(ctx, p->ca, NULL), "--ca");
        wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                               NULL);
    } else {
        wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    }
    if (count > 0)
        must(wolfSSL_CTX_set_groups(ctx, list, count), "--groups");
    return ctx;
}

static void tell(WOLFSSL *ssl)
{
    const char *suite = wolfSSL_get_cipher(ssl), *group = wolfSSL_get_curve_name(ssl);
    for (int i = 0; i < SUITES; i++)
        if (strcmp(suite, suites[i].theirs) == 0)
            suite = suites[i].name;
    for (int i = 0; i < GROUPS; i++)
        if (group && strcmp(group, groups[i].theirs) == 0)
            group = groups[i].name;
    printf("connected %s %s %s\n", suite, group ? group : "-",
           wolfSSL_session_reused(ssl) ? "resumed" : "full");
}

static int read_some(void *tls, void *data, int len) { return wolfSSL_read(tls, data, len); }
static int write_all(void *tls, const void *data, int len) { return wolfSSL_write(tls, data, len); }
static int update_keys(void *tls) { return wolfSSL_update_keys(tls) == WOLFSSL_SUCCESS ? 0 : -1; }

static void serve(const struct peer *p, WOLFSSL_CTX *ctx)
{
    for (int listener = peer_listen(p);;) {
        int fd = accept(listener, NULL, NULL);
        WOLFSSL *ssl = wolfSSL_new(ctx);
        wolfSSL_set_fd(ssl, fd);
        if (wolfSSL_accept(ssl) == WOLFSSL_SUCCESS) {
            tell(ssl);
            peer_echo(p, &(struct connection){ ssl, read_some, write_all, update_keys });
            wolfSSL_shutdown(ssl);
        } else {
            printf("failed %d\n", wolfSSL_get_error(ssl, 0));
        }
        wolfSSL_free(ssl);
        close(fd);
    }
}

static WOLFSSL_SESSION *connect_once(const struct peer *p, WOLFSSL_CTX *ctx, WOLFSSL_SESSION *old)
{
    int list[GROUPS], fd = peer_connect(p);
    WOLFSSL *ssl = wolfSSL_new(ctx);
    wolfSSL_set_fd(ssl, fd);
    wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9);
    wolfSSL_check_domain_name(ssl, "localhost");
    if (parse_groups(p->groups, list) > 0)
        must(wolfSSL_UseKeyShare(ssl, (word16)list[0]), "key share");
    if (old)
        must(wolfSSL_set_session(ssl, old), "session");
    if (wolfSSL_connect(ssl) != WOLFSSL_SUCCESS) {
        printf("failed %d\n", wolfSSL_get_error(ssl, 0));
        exit(1);
    }
    tell(ssl);
    const char *wrong = peer_ask_for_echo(
        p, &(struct connection){ ssl, read_some, write_all, update_keys });
    if (wrong) {
        printf("failed %s: %d\n", wrong, wolfSSL_get_error(ssl, 0));
        exit(1);
    }
    WOLFSSL_SESSION *session = wolfSSL_get1_session(ssl);
    wolfSSL_shutdown(ssl);
    wolfSSL_free(ssl);
    close(fd);
    return session;
}

int main(int argc, char **argv)
{
    struct peer p = peer_options(argc, argv);
    wolfSSL_Init();
    WOLFSSL_CTX *ctx = configure(&p);
    if (p.serve)
        serve(&p, ctx);
    WOLFSSL_SESSION *session = connect_once(&p, ctx, NULL);
    if (p.again)
        session = connect_once(&p, ctx, session);
    wolfSSL_SESSION_free(session);
    wolfSSL_CTX_free(ctx);
    return 0;
}
