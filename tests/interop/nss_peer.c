/* tests/interop/nss_peer.c - TLS 1.3 by NSS; peer.h has the command line.
 *
 * NSS keeps certificates and keys in databases, not in files: --cert and --ca each name one that
 * certutil made, in which the own certificate is called "own", and no --key is needed.
 */
#include <nspr.h>
#include <nss.h>
#include <pk11pub.h>
#include <private/pprio.h>
#include <ssl.h>
#include <sslexp.h>
#include <sslproto.h>

#include "tests/interop/peer.h"

static const struct { const char *name; SSLNamedGroup group; } groups[] = {
    { "x25519", ssl_grp_ec_curve25519 },
    { "secp256r1", ssl_grp_ec_secp256r1 },
    { "secp384r1", ssl_grp_ec_secp384r1 },
};
static const struct { const char *name; PRUint16 suite; } suites[] = {
    { "TLS_AES_128_GCM_SHA256", TLS_AES_128_GCM_SHA256 },
    { "TLS_AES_256_GCM_SHA384", TLS_AES_256_GCM_SHA384 },
    { "TLS_CHACHA20_POLY1305_SHA256", TLS_CHACHA20_POLY1305_SHA256 },
};
enum { GROUPS = 3, SUITES = 3 };

static void must(SECStatus status, const char *what)
{
    if (status != SECSuccess) {
        printf("failed %s: %s\n", what, PR_ErrorToName(PR_GetError()));
        exit(1);
    }
}

static unsigned parse_groups(const char *list, SSLNamedGroup out[GROUPS])
{
    unsigned n = 0;
    for (const char *at = list; at && *at && n < GROUPS; at += strspn(at, ",")) {
        size_t len = strcspn(at, ",");
        for (int i = 0; i < GROUPS; i++)
            if (strlen(groups[i].name) == len && strncmp(at, groups[i].name, len) == 0)
                out[n++] = groups[i].group;
        at += len;
    }
    return n;
}

/* An NSS socket over `fd` with everything of the command line but the certificate. */
static PRFileDesc *wrap(const struct peer *p, int fd)
{
    PRFileDesc *tls = SSL_ImportFD(NULL, PR_ImportTCPSocket(fd));
    const PRUint16 old = SSL_LIBRARY_VERSION_TLS_1_2, new = SSL_LIBRARY_VERSION_TLS_1_3;
    SSLVersionRange range = { p->tls12 || p->both ? old : new, p->tls12 ? old : new };
    SSLNamedGroup list[GROUPS];
    unsigned count = parse_groups(p->groups, list);
    must(SSL_VersionRangeSet(tls, &range), "version");
    must(SSL_OptionSet(tls, SSL_ENABLE_SESSION_TICKETS, PR_TRUE), "tickets");
    must(SSL_OptionSet(tls, SSL_ENABLE_TLS13_COMPAT_MODE, PR_TRUE), "compatibility");
    if (count > 0)
        must(SSL_NamedGroupConfig(tls, list, count), "--groups");
    return tls;
}

static void tell(PRFileDesc *tls)
{
    SSLChannelInfo info;
    const char *suite = "-", *group = "-";
    must(SSL_GetChannelInfo(tls, &info, sizeof info), "channel");
    for (int i = 0; i < SUITES; i++)
        if (suites[i].suite == info.cipherSuite)
            suite = suites[i].name;
    for (int i = 0; i < GROUPS; i++)
        if (groups[i].group == info.keaGroup)
            group = groups[i].name;
    printf("connected %s %s %s\n", suite, group, info.resumed ? "resumed" : "full");
}

static int read_some(void *tls, void *data, int len) { return PR_Read(tls, data, len); }
static int write_all(void *tls, const void *data, int len) { return PR_Write(tls, data, len); }
static int update_keys(void *tls) { return SSL_KeyUpdate(tls, PR_TRUE) == SECSuccess ? 0 : -1; }

static void serve(const struct peer *p)
{
    CERTCertificate *cert = PK11_FindCertFromNickname("own", NULL);
    SECKEYPrivateKey *key = cert ? PK11_FindKeyByAnyCert(cert, NULL) : NULL;
    must(SSL_ConfigServerSessionIDCache(0, 0, 0, "."), "cache");
    for (int listener = peer_listen(p);;) {
        PRFileDesc *tls = wrap(p, accept(listener, NULL, NULL));
        must(SSL_ConfigServerCert(tls, cert, key, NULL, 0), "--cert");
        SSL_OptionSet(tls, SSL_REQUEST_CERTIFICATE, p->ca != NULL);
        SSL_OptionSet(tls, SSL_REQUIRE_CERTIFICATE, p->ca ? SSL_REQUIRE_ALWAYS : SSL_REQUIRE_NEVER);
        SSL_ResetHandshake(tls, PR_TRUE);
        if (SSL_ForceHandshake(tls) == SECSuccess) {
            tell(tls);
            peer_echo(p, &(struct connection){ tls, read_some, write_all, update_keys });
        } else {
            printf("failed %s\n", PR_ErrorToName(PR_GetError()));
        }
        PR_Close(tls);
    }
}

static void connect_once(const struct peer *p)
{
    PRFileDesc *tls = wrap(p, peer_connect(p));
    SSL_SetURL(tls, "localhost");
    if (p->cert)
        SSL_GetClientAuthDataHook(tls, NSS_GetClientAuthData, "own");
    SSL_ResetHandshake(tls, PR_FALSE);
    must(SSL_ForceHandshake(tls), "handshake");
    tell(tls);
    const char *wrong = peer_ask_for_echo(
        p, &(struct connection){ tls, read_some, write_all, update_keys });
    must(wrong ? SECFailure : SECSuccess, wrong);
    PR_Close(tls);
}

int main(int argc, char **argv)
{
    struct peer p = peer_options(argc, argv);
    must(NSS_Init(p.cert ? p.cert : p.ca), "database");
    if (p.serve)
        serve(&p);
    connect_once(&p);
    if (p.again)
        connect_once(&p);
    return 0;
}
