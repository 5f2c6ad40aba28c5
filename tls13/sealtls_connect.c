/* tls13/sealtls_connect.c - `sealtls connect`: a TLS 1.3 client for a person, as openssl s_client.
 *
 * Standard input goes to the server and what the server sends to standard output; everything this
 * program itself has to say goes to standard error. At the end of standard input it sends
 * close_notify and goes on reading until the server has closed as well.
 */
#include "tls13/sealtls.h"

#include "crypto/wipe.h"
#include "tls13/certificate.h"
#include "tls13/credential_io.h"
#include "tls13/machine.h"
#include "tls13/starttls_io.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/trust_io.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char help[] =
    "usage: sealtls connect HOST:PORT [OPTION ...]\n"
    "\n"
    "Speaks TLS 1.3 with the server: standard input goes to it, what it sends to standard\n"
    "output, facts to standard error. The server's certificate has to be valid for HOST and lead\n"
    "to the system's trust anchors, unless an option says otherwise.\n"
    "\n"
    "  --ca FILE               trust the certificates in FILE (PEM), and only those\n"
    "  --pin sha256/BASE64     trust this public key (as `sealtls cert show` prints it);\n"
    "                          may be given several times\n"
    "  --name NAME             whom the certificate must be for, instead of HOST\n"
    "  --cert FILE, --key FILE our own certificate chain and private key (PEM), for a server that\n"
    "                          asks who we are\n"
    "  --raw-public-key        the server shows its key without a certificate (RFC 7250), which has\n"
    "                          to be pinned; and so do we, if it takes that: --key is then enough\n"
    "  --ocsp                  ask for a stapled OCSP response, which must say good if it comes\n"
    "  --insecure-accept-any-certificate\n"
    "                          believe any certificate: anybody may be at the other end\n"
    "  --starttls PROTOCOL     first ask for TLS in plain text: smtp, imap or pop3\n"
    "  --session-out FILE      keep in FILE what it takes to resume, once a ticket has come\n"
    "  --session-in FILE       resume by what FILE holds, which is then removed: it is used once\n"
    "  --grease                offer what nobody knows, too (RFC 8701)\n"
    "  --update-keys           ask for new keys in both directions once connected\n"
    "  --quiet                 say nothing but errors\n";

enum { OPTION_CA = OPTION_OWN, OPTION_CERT, OPTION_KEY, OPTION_RAW, OPTION_OCSP, OPTION_PIN,
       OPTION_NAME, OPTION_INSECURE, OPTION_STARTTLS, OPTION_SESSION_IN, OPTION_SESSION_OUT,
       OPTION_UPDATE_KEYS, OPTION_GREASE, OPTION_QUIET };

static const struct option long_options[] = {
    SEALTLS_COMMON_OPTIONS,
    { "ca",          required_argument, NULL, OPTION_CA },
    { "cert",        required_argument, NULL, OPTION_CERT },
    { "key",         required_argument, NULL, OPTION_KEY },
    { "raw-public-key", no_argument,    NULL, OPTION_RAW },
    { "ocsp",        no_argument,       NULL, OPTION_OCSP },
    { "pin",         required_argument, NULL, OPTION_PIN },
    { "name",        required_argument, NULL, OPTION_NAME },
    { "insecure-accept-any-certificate", no_argument, NULL, OPTION_INSECURE },
    { "starttls",    required_argument, NULL, OPTION_STARTTLS },
    { "session-in",  required_argument, NULL, OPTION_SESSION_IN },
    { "session-out", required_argument, NULL, OPTION_SESSION_OUT },
    { "grease",      no_argument,       NULL, OPTION_GREASE },
    { "update-keys", no_argument,       NULL, OPTION_UPDATE_KEYS },
    { "quiet",       no_argument,       NULL, OPTION_QUIET },
    { NULL, 0, NULL, 0 },
};

enum { PINS_MAX = 8 };

struct request {
    struct sealtls_common common;
    char *host, *port;
    const char *name, *ca, *cert, *key, *starttls, *session_in, *session_out;
    const char *pins[PINS_MAX];
    size_t pin_count;
    struct credential *credential;           /* ours, if there is one */
    bool insecure, raw_public_key, ocsp, update_keys, grease, quiet;
    char peer[3 * X509_NAME_TEXT_MAX];       /* whose certificate came */
};

/* ---- the command line ---- */

static int own_option(struct request *r, int option)
{
    switch (option) {
    case OPTION_CA:          r->ca = optarg; return 0;
    case OPTION_CERT:        r->cert = optarg; return 0;
    case OPTION_KEY:         r->key = optarg; return 0;
    case OPTION_RAW:         r->raw_public_key = true; return 0;
    case OPTION_OCSP:        r->ocsp = true; return 0;
    case OPTION_NAME:        r->name = optarg; return 0;
    case OPTION_INSECURE:    r->insecure = true; return 0;
    case OPTION_SESSION_IN:  r->session_in = optarg; return 0;
    case OPTION_SESSION_OUT: r->session_out = optarg; return 0;
    case OPTION_GREASE:      r->grease = true; return 0;
    case OPTION_UPDATE_KEYS: r->update_keys = true; return 0;
    case OPTION_QUIET:       r->quiet = true; return 0;
    case OPTION_PIN:
        if (r->pin_count == PINS_MAX)
            return sealtls_error(EXIT_USAGE, "--pin: at most %d", PINS_MAX);
        r->pins[r->pin_count++] = optarg;
        return 0;
    case OPTION_STARTTLS:
        r->starttls = optarg;
        return starttls_known(optarg) ? 0 : sealtls_error(
            EXIT_USAGE, "--starttls %s: smtp, imap or pop3", optarg);
    default:
        return sealtls_common_option(&r->common, option, optarg);
    }
}

/* 0 to go on; -1 to end well (--help); else the exit status. */
static int parse(struct request *r, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            printf("%s%s", help, sealtls_common_help);
            return -1;
        }
        int status = own_option(r, option);
        if (status != 0)
            return status;
    }
    if (optind + 1 != argc || !sealtls_split_address(argv[optind], &r->host, &r->port)
        || !r->host)
        return sealtls_error(EXIT_USAGE, "connect needs one HOST:PORT (see --help)");
    if (!r->name)
        r->name = r->host;
    if ((r->cert && !r->key) || (r->key && !r->cert && !r->raw_public_key))
        return sealtls_error(EXIT_USAGE, "--cert and --key go together; --key alone with "
                                         "--raw-public-key");
    if (r->insecure && (r->ca || r->pin_count > 0))
        return sealtls_error(EXIT_USAGE, "--insecure-accept-any-certificate makes no sense "
                                         "beside --ca or --pin");
    return 0;
}

/* ---- the socket ---- */

static bool connect_in_time(int fd, const struct addrinfo *to, int seconds)
{
    int error = 0;
    socklen_t len = sizeof error;
    struct pollfd writable = { .fd = fd, .events = POLLOUT };
    if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    if (poll(&writable, 1, seconds * 1000) <= 0) {
        errno = ETIMEDOUT;
        return false;
    }
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    errno = error;
    return error == 0;
}

/* A non-blocking socket that is connected to one of the host's addresses; -1 after a message. */
static int open_socket(const struct request *r)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all;
    int trouble = getaddrinfo(r->host, r->port, &hints, &all);
    int fd = -1;
    if (trouble != 0) {
        sealtls_error(0, "%s: %s", r->host, gai_strerror(trouble));
        return -1;
    }
    for (struct addrinfo *a = all; a && fd < 0; a = a->ai_next) {
        int one = 1;
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd >= 0 && !connect_in_time(fd, a, r->common.timeout)) {
            int error = errno;
            close(fd);
            fd = -1;
            errno = error;
        }
        if (fd >= 0)
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    if (fd < 0)
        sealtls_error(0, "%s:%s: %s", r->host, r->port, strerror(errno));
    freeaddrinfo(all);
    return fd;
}

/* ---- the conversation ---- */

/* Remembers whose certificate came, for the facts. */
static void see_certificate(void *context, const struct observation *o)
{
    struct request *r = context;
    struct certificate_message message;
    struct x509_certificate leaf;
    struct fault fault;
    char subject[X509_NAME_TEXT_MAX], issuer[X509_NAME_TEXT_MAX];
    if (o->kind != OBSERVE_MESSAGE || o->direction != RECEIVED
        || handshake_message_type(o->bytes) != CERTIFICATE)
        return;
    if (certificate_decode(&message, &fault, bytes_of(o->bytes.at + 4, o->bytes.len - 4), 0)
        || message.chain_count == 0 || x509_certificate_decode(&leaf, message.chain[0]))
        return;
    x509_name_text(subject, leaf.subject);
    x509_name_text(issuer, leaf.issuer);
    snprintf(r->peer, sizeof r->peer, "certificate of \"%s\" by \"%s\"", subject, issuer);
}

static void say_connected(const struct request *r, const struct channel *c)
{
    char facts[512];
    sealtls_facts(facts, sizeof facts, &c->tls);
    if (!r->quiet)
        fprintf(stderr, "connected: %s\n%s%s%s", facts, *r->peer ? "           " : "", r->peer,
                *r->peer ? "\n" : "");
}

static bool write_all(int fd, struct bytes b)
{
    while (b.len > 0) {
        ssize_t n = write(fd, b.at, b.len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            b = bytes_of(b.at + n, b.len - (size_t)n);
    }
    return true;
}

struct conversation {
    const struct request *request;
    struct channel *channel;
    bool connected, input_ended;
};

/* Moves a piece of standard input into the channel; at its end, says so to the peer. */
static void take_input(struct conversation *v)
{
    uint8_t piece[CHANNEL_WRITE_MAX];
    ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
    if (n > 0) {
        channel_write(v->channel, bytes_of(piece, (size_t)n));
    } else if (n == 0 || errno != EINTR) {
        v->input_ended = true;
        channel_finish(v->channel);
    }
}

/* Everything that has arrived. -1 to go on, else the exit status. */
static int take_network(struct conversation *v)
{
    struct channel *c = v->channel;
    char why[512];
    for (;;) {
        switch (channel_receive(c)) {
        case CHANNEL_WAITS:
            return -1;
        case CHANNEL_SECURED:
            v->connected = true;
            say_connected(v->request, c);
            sealtls_export(&v->request->common, &c->tls);
            if (v->request->update_keys)
                tls_update_keys(&c->tls, true);
            break;
        case CHANNEL_BYTES:
            if (!write_all(STDOUT_FILENO, channel_input(c)))
                return sealtls_error(EXIT_OS_ERROR, "standard output: %s", strerror(errno));
            channel_use(c, channel_input(c).len);
            break;
        case CHANNEL_ENDED:
            return 0;
        case CHANNEL_BROKEN:
            sealtls_failure(why, sizeof why, c);
            return sealtls_error(EXIT_PROTOCOL, "%s", why);
        }
    }
}

/* Until one side has ended; the exit status. */
static int converse(struct conversation *v)
{
    struct channel *c = v->channel;
    for (;;) {
        enum channel_sent sent = channel_flush(c);
        bool wants_input = v->connected && !v->input_ended && !channel_has_output(c);
        struct pollfd fds[2] = {
            { .fd = c->fd, .events = (short)(POLLIN | (sent == CHANNEL_BLOCKED ? POLLOUT : 0)) },
            { .fd = wants_input ? STDIN_FILENO : -1, .events = POLLIN },
        };
        int ready = poll(fds, 2, v->request->common.timeout * 1000);
        if (ready == 0 && wants_input)
            continue;                        /* a person may think for as long as they like */
        if (ready == 0)
            return v->input_ended ? 0 : sealtls_error(EXIT_UNAVAILABLE,
                                                      "the server said nothing in time");
        if (fds[1].revents)
            take_input(v);
        if (fds[0].revents) {
            int status = take_network(v);
            if (status >= 0)
                return status;
        }
    }
}

/* 0, or the exit status after a message: the sessions to offer and to keep. */
static int take_session(const struct request *r, struct tls_session *offer)
{
    char error[SECRET_ERROR_MAX];
    if (!r->session_in || session_take_file(offer, r->session_in, error))
        return 0;
    return sealtls_error(EXIT_NO_INPUT, "%s", error);
}

static int keep_session(const struct request *r, const struct tls_session *kept)
{
    char error[SECRET_ERROR_MAX];
    if (kept->len == 0 || secret_write(r->session_out, bytes_of(kept->bytes, kept->len), error))
        return 0;
    return sealtls_error(EXIT_OS_ERROR, "%s", error);
}

static int secure(const struct request *r, int fd, const struct tls_config *config)
{
    struct channel_memory memory = channel_memory(1);
    struct channel channel;
    struct conversation v = { .request = r, .channel = &channel };
    struct tls_session offer = { .len = 0 }, kept = { .len = 0 };
    struct tls_resumption resumption = { .offer = &offer, .keep = &kept,
                                         .keep_count = r->session_out ? 1 : 0 };
    channel_open(&channel, fd, &memory);
    int status = take_session(r, &offer);
    if (status == 0)
        status = channel_start_resuming(&channel, config, &resumption)
                     ? converse(&v) : sealtls_error(EXIT_OS_ERROR, "out of memory");
    if (!v.input_ended)
        channel_finish(&channel);
    channel_flush(&channel);
    channel_close(&channel);
    channel_memory_free(&memory);
    if (status == 0)
        status = keep_session(r, &kept);
    wipe(&offer, sizeof offer);
    wipe(&kept, sizeof kept);
    return status;
}

/* The plain preface is spoken with blocking calls. */
static const char *preface(const struct request *r, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (!r->starttls)
        return NULL;
    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    const char *trouble = starttls(fd, r->starttls, r->common.timeout);
    fcntl(fd, F_SETFL, flags);
    return trouble;
}

static int run(struct request *r, const struct x509_trust *trust)
{
    struct tls_config config;
    const char *reason;
    r->common.observers[r->common.observer_count++] =
        (struct observer){ see_certificate, r };
    struct tls_settings settings = sealtls_common_settings(&r->common);
    settings.grease = r->grease;
    settings.server_name = r->name;
    settings.trust = trust;
    settings.insecure_accept_any_certificate = r->insecure;
    settings.peer_certificates = r->raw_public_key ? PEER_RAW_PUBLIC_KEY : PEER_X509;
    settings.request_status = r->ocsp;
    settings.credentials = r->credential ? &r->credential->tls : NULL;
    settings.credential_count = r->credential ? 1 : 0;
    if (!tls_config_client(&config, &settings, &reason))
        return sealtls_error(EXIT_USAGE, "%s: %s", r->name, reason);
    int fd = open_socket(r);
    if (fd < 0)
        return EXIT_UNAVAILABLE;
    const char *trouble = preface(r, fd);
    if (trouble) {
        close(fd);
        return sealtls_error(EXIT_PROTOCOL, "%s", trouble);
    }
    return secure(r, fd, &config);
}

/* ---- trust ---- */

/* Does the server have to show a certificate? Not where an external PSK is all that is said. */
static bool wants_trust(const struct request *r)
{
    return !r->insecure && (r->ca || r->pin_count > 0 || r->common.psk_count == 0);
}

/* What the options say is to be believed; the system's anchors if they say nothing. */
static int load_trust(const struct request *r, struct trust_store *store)
{
    char error[TRUST_ERROR_MAX];
    bool good = true;
    if (r->ca)
        good = trust_add_file(store, r->ca, error);
    for (size_t i = 0; good && i < r->pin_count; i++)
        good = trust_add_pin(store, r->pins[i], error);
    if (good && !r->ca && r->pin_count == 0 && wants_trust(r))
        good = trust_add_system(store, error);
    return good ? 0 : sealtls_error(EXIT_NO_INPUT, "%s", error);
}

/* Who we are, if that is said. */
static int load_credential(struct request *r)
{
    char error[CREDENTIAL_ERROR_MAX];
    if (!r->key)
        return 0;
    r->credential = r->cert
        ? credential_load(r->cert, r->key, r->common.key_password_file, error)
        : credential_load_raw(r->key, r->common.key_password_file, error);
    if (!r->credential)
        return sealtls_error(EXIT_NO_INPUT, "%s", error);
    if (r->raw_public_key)
        credential_show_bare(r->credential);
    return 0;
}

int sealtls_connect(int argc, char **argv)
{
    struct request r = { 0 };
    struct trust_store store = { 0 };
    sealtls_common_init(&r.common);
    int status = parse(&r, argc, argv);
    if (status == 0)
        status = load_trust(&r, &store);
    if (status == 0)
        status = load_credential(&r);
    if (status == 0)
        status = run(&r, wants_trust(&r) ? &store.trust : NULL);
    trust_free(&store);
    credential_free(r.credential);
    if (r.common.keylog)
        fclose(r.common.keylog);
    return status < 0 ? 0 : status;
}
