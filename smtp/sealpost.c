/* smtp/sealpost.c - the submission client.
 *
 *     sealpost send --server HOST[:PORT] --from ADDRESS [options] RECIPIENT...
 *
 * Takes a message from a file or standard input and gives it to a server, over TLS or not at all.
 * Exit status as in sysexits.h, see enum smtp_exit in smtp/client.h.
 */
#include "crypto/version.h"
#include "crypto/wipe.h"
#include "smtp/submit_io.h"
#include "tls13/clock_io.h"
#include "tls13/standard_io.h"
#include "tls13/trace_io.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/trust_io.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PASSWORD_MAX = 1024, HOST_MAX = 256, PINS_MAX = 8 };

static const char usage[] =
    "usage: sealpost send --server HOST[:PORT] --from ADDRESS [options] RECIPIENT...\n"
    "\n"
    "  --server HOST[:PORT]      where to; [ADDRESS]:PORT for IPv6; port 465 or 587 by --tls\n"
    "  --tls implicit|starttls   TLS from the first byte, or after STARTTLS; the latter is the\n"
    "                            default on ports 587 and 25\n"
    "  --file FILE               the message; else it is read from standard input\n"
    "  --from ADDRESS            envelope sender; an empty one is the null sender\n"
    "  --user NAME               log in, with the password from one of:\n"
    "  --password-file FILE      its first line; only its owner may have access to it\n"
    "  --password-command CMD    the first line that CMD prints\n"
    "  --ca FILE                 believe these certificate authorities, and no others\n"
    "  --pin sha256/BASE64       believe only a server with this public key; may be repeated\n"
    "  --tls-name NAME           the name that the certificate must have, if not HOST\n"
    "  --ehlo NAME               our name (localhost)\n"
    "  --timeout SECONDS         for each step\n"
    "  --facts                   print a line of facts about the connection to standard error\n"
    "  --trace                   print the TLS handshake, step by step, to standard error\n"
    "  --verbose                 say what was done\n"
    "  --insecure-accept-any-certificate\n"
    "                            talk to whoever answers; everything sent may be read by others\n";

struct certificate_seen { char subject[X509_NAME_TEXT_MAX], pin[PIN_TEXT_MAX]; };

struct options {
    char host[HOST_MAX], port[8];
    const char *server, *tls, *file, *from, *user, *password_file, *password_command, *ca;
    const char *pins[PINS_MAX];
    const char *tls_name, *ehlo, *timeout;
    size_t pin_count;
    int facts, trace, verbose, insecure;
    bool implicit_tls;
};

/* What main sets up; the secret is wiped at its end. */
struct run {
    struct options o;
    struct trust_store trust;
    struct tls_config tls;
    struct observer observers[2];
    struct trace trace;
    struct certificate_seen certificate;
    struct data_scan scan;
    FILE *message;
    char secret[PASSWORD_MAX];
    size_t secret_len;
    struct smtp_client_recipient *recipients;
    size_t recipient_count;
};

__attribute__((format(printf, 2, 3)))
static int refuse(enum smtp_exit code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("sealpost: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return (int)code;
}

static int point_to_help(void)
{
    fputs("`sealpost --help` shows the options\n", stderr);
    return SMTP_EXIT_USAGE;
}

static int misused(const char *why)
{
    fprintf(stderr, "sealpost: %s\n", why);
    return point_to_help();
}

/* ---- options ---- */

static const struct option long_options[] = {
    { "server",           required_argument, NULL, 's' },
    { "tls",              required_argument, NULL, 't' },
    { "file",             required_argument, NULL, 'f' },
    { "from",             required_argument, NULL, 'r' },
    { "user",             required_argument, NULL, 'u' },
    { "password-file",    required_argument, NULL, 'p' },
    { "password-command", required_argument, NULL, 'c' },
    { "ca",               required_argument, NULL, 'a' },
    { "pin",              required_argument, NULL, 'k' },
    { "tls-name",         required_argument, NULL, 'n' },
    { "ehlo",             required_argument, NULL, 'e' },
    { "timeout",          required_argument, NULL, 'w' },
    { "trace",            no_argument,       NULL, 'T' },
    { "facts",            no_argument,       NULL, 'F' },
    { "verbose",          no_argument,       NULL, 'v' },
    { "insecure-accept-any-certificate", no_argument, NULL, 'I' },
    { NULL, 0, NULL, 0 },
};

static const char **text_option(struct options *o, int letter)
{
    switch (letter) {
    case 's': return &o->server;
    case 't': return &o->tls;
    case 'f': return &o->file;
    case 'r': return &o->from;
    case 'u': return &o->user;
    case 'p': return &o->password_file;
    case 'c': return &o->password_command;
    case 'a': return &o->ca;
    case 'n': return &o->tls_name;
    case 'e': return &o->ehlo;
    case 'w': return &o->timeout;
    default:  return NULL;
    }
}

static int *flag_option(struct options *o, int letter)
{
    switch (letter) {
    case 'F': return &o->facts;
    case 'T': return &o->trace;
    case 'v': return &o->verbose;
    case 'I': return &o->insecure;
    default:  return NULL;
    }
}

/* HOST, HOST:PORT or [ADDRESS]:PORT. A bare IPv6 address has more than one colon and no port. */
static bool split_server(struct options *o)
{
    const char *server = o->server, *colon = strrchr(server, ':');
    bool bracketed = server[0] == '[';
    const char *end = bracketed ? strchr(server, ']') : colon;

    if (bracketed && (end == NULL || (end[1] != 0 && end[1] != ':')))
        return false;
    if (!bracketed && (colon == NULL || strchr(server, ':') != colon))
        end = server + strlen(server);
    const char *host = server + bracketed;
    const char *port = bracketed && *end != 0 ? end + 1 : end;
    size_t len = (size_t)(end - host);
    if (len == 0 || len >= sizeof o->host)
        return false;
    memcpy(o->host, host, len);
    if (*port == 0)
        return true;
    len = strspn(port + 1, "0123456789");
    if (len == 0 || len > 5 || port[1 + len] != 0 || atoi(port + 1) > 65535)
        return false;
    memcpy(o->port, port + 1, len);
    return true;
}

static int choose_tls(struct options *o)
{
    bool starttls_port = strcmp(o->port, "587") == 0 || strcmp(o->port, "25") == 0;

    if (o->tls != NULL && strcmp(o->tls, "implicit") != 0 && strcmp(o->tls, "starttls") != 0)
        return misused("--tls is `implicit` or `starttls`");
    o->implicit_tls = o->tls != NULL ? o->tls[0] == 'i' : !starttls_port;
    if (o->port[0] == 0)
        memcpy(o->port, o->implicit_tls ? "465" : "587", 4);
    return 0;
}

static int check_options(struct options *o)
{
    if (o->server == NULL)
        return misused("--server is missing");
    if (o->from == NULL)
        return misused("--from is missing (--from '' is the null sender)");
    if (!split_server(o))
        return misused("--server must be HOST, HOST:PORT or [ADDRESS]:PORT");
    if (o->user == NULL && (o->password_file != NULL || o->password_command != NULL))
        return misused("a password without --user");
    if (o->user != NULL && (o->password_file == NULL) == (o->password_command == NULL))
        return misused("--user needs one of --password-file and --password-command");
    if (o->insecure && (o->ca != NULL || o->pin_count > 0))
        return misused("--insecure-accept-any-certificate contradicts --ca and --pin");
    if (o->timeout != NULL && (strspn(o->timeout, "0123456789") != strlen(o->timeout)
                               || strlen(o->timeout) > 4 || atoi(o->timeout) < 1
                               || atoi(o->timeout) > 3600))
        return misused("--timeout is a number of seconds from 1 to 3600");
    return choose_tls(o);
}

static int read_options(struct options *o, int argc, char **argv)
{
    int letter;

    while ((letter = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        const char **text = text_option(o, letter);
        int *flag = flag_option(o, letter);
        if (text != NULL) {
            *text = optarg;
        } else if (flag != NULL) {
            *flag = 1;
        } else if (letter == 'k') {
            if (o->pin_count == PINS_MAX)
                return misused("too many --pin");
            o->pins[o->pin_count++] = optarg;
        } else {
            return point_to_help();              /* getopt_long has said what is wrong */
        }
    }
    return check_options(o);
}

/* ---- the password ---- */

/* What follows the line is read and forgotten: a command that prints more must not die of it. */
static bool keep_first_line(struct run *r, FILE *from)
{
    char rest[1024];
    size_t len = 0;
    int c;

    while ((c = getc(from)) != EOF && c != '\n' && len < sizeof r->secret)
        r->secret[len++] = (char)c;
    while (fread(rest, 1, sizeof rest, from) > 0)
        continue;
    wipe(rest, sizeof rest);
    r->secret_len = len > 0 && r->secret[len - 1] == '\r' ? len - 1 : len;
    return !ferror(from) && len < sizeof r->secret && r->secret_len > 0;
}

static int password_from_file(struct run *r)
{
    const char *path = r->o.password_file;
    struct stat st;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return refuse(SMTP_EXIT_CONFIG, "%s: %s", path, strerror(errno));
    setvbuf(file, NULL, _IONBF, 0);
    int code = 0;
    if (fstat(fileno(file), &st) != 0 || (st.st_mode & 0077) != 0)
        code = refuse(SMTP_EXIT_CONFIG, "%s: mode %04o: others than its owner have access to "
                      "the password; chmod 600", path, (unsigned)(st.st_mode & 07777));
    else if (!keep_first_line(r, file))
        code = refuse(SMTP_EXIT_CONFIG, "%s: no password in its first line", path);
    fclose(file);
    return code;
}

static int password_from_command(struct run *r)
{
    FILE *pipe = popen(r->o.password_command, "re");

    if (pipe == NULL)
        return refuse(SMTP_EXIT_OS, "--password-command: %s", strerror(errno));
    setvbuf(pipe, NULL, _IONBF, 0);
    bool ok = keep_first_line(r, pipe);
    int status = pclose(pipe);
    if (status != 0)
        return refuse(SMTP_EXIT_CONFIG, "--password-command failed with status %d",
                      WIFEXITED(status) ? WEXITSTATUS(status) : status);
    return ok ? 0 : refuse(SMTP_EXIT_CONFIG, "--password-command printed no password");
}

static int read_password(struct run *r)
{
    if (r->o.user == NULL)
        return 0;
    return r->o.password_file != NULL ? password_from_file(r) : password_from_command(r);
}

/* ---- the message ---- */

/* A message is read twice, so what is not a file goes through one that has no name. */
static FILE *spool(FILE *from)
{
    char piece[16384];
    size_t n;
    FILE *to = tmpfile();

    if (to == NULL)
        return NULL;
    while ((n = fread(piece, 1, sizeof piece, from)) > 0)
        fwrite(piece, 1, n, to);
    if (ferror(from) || fflush(to) != 0 || ferror(to)) {
        fclose(to);
        return NULL;
    }
    return to;
}

static FILE *open_file(const char *path)
{
    struct stat st;
    FILE *file = fopen(path, "re");

    if (file == NULL || (fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode)))
        return file;
    FILE *copy = spool(file);
    fclose(file);
    return copy;
}

static int open_message(struct run *r)
{
    uint8_t piece[16384];
    size_t n;
    const char *name = r->o.file != NULL ? r->o.file : "standard input";

    r->message = r->o.file != NULL ? open_file(r->o.file) : spool(stdin);
    if (r->message == NULL)
        return refuse(r->o.file != NULL ? SMTP_EXIT_USAGE : SMTP_EXIT_IO, "%s: %s", name,
                      strerror(errno));
    rewind(r->message);
    data_scan_start(&r->scan);
    while ((n = fread(piece, 1, sizeof piece, r->message)) > 0)
        data_scan(&r->scan, bytes_of(piece, n));
    data_scan_end(&r->scan);
    if (ferror(r->message))
        return refuse(SMTP_EXIT_IO, "%s: %s", name, strerror(errno));
    if (r->scan.size == 0)
        return refuse(SMTP_EXIT_DATA, "%s: the message is empty", name);
    return 0;
}

/* ---- TLS ---- */

/* Keeps the names of the server's certificate as it goes by. RFC 8446 §4.4.2: a context, then a
 * list of certificates, each with its extensions. */
static void see(void *context, const struct observation *what)
{
    enum { CERTIFICATE_TYPE = 11 };
    struct certificate_seen *seen = context;
    struct x509_certificate certificate;
    struct reader r = reader_of(what->bytes);

    if (what->kind != OBSERVE_MESSAGE || what->direction != RECEIVED
        || read_u8(&r) != CERTIFICATE_TYPE)
        return;
    read_u24(&r);
    read_vec8(&r, 0);
    struct reader list = reader_of(read_vec24(&r, 0));
    struct bytes leaf = read_vec24(&list, 1);
    if (list.bad || x509_certificate_decode(&certificate, leaf) != NULL)
        return;
    x509_name_text(seen->subject, certificate.subject);
    pin_text(seen->pin, certificate.spki);
}

static int load_trust(struct run *r)
{
    char error[TRUST_ERROR_MAX];
    bool ok = true;

    for (size_t i = 0; ok && i < r->o.pin_count; i++)
        ok = trust_add_pin(&r->trust, r->o.pins[i], error);
    if (ok && r->o.ca != NULL)
        ok = trust_add_file(&r->trust, r->o.ca, error);
    if (ok && r->o.ca == NULL && r->o.pin_count == 0 && !r->o.insecure)
        ok = trust_add_system(&r->trust, error);
    return ok ? 0 : refuse(SMTP_EXIT_CONFIG, "%s", error);
}

static int set_up_tls(struct run *r)
{
    const char *reason;

    if (r->o.insecure)
        fputs("sealpost: WARNING: any certificate is accepted; whoever is in between can read "
              "and change everything, the password included\n", stderr);
    r->observers[0] = (struct observer){ .see = see, .context = &r->certificate };
    r->trace = (struct trace){ .to = stderr, .prefix = "" };
    r->observers[1] = trace_observer(&r->trace);
    struct tls_settings settings = {
        .now = clock_system,
        .observers = r->observers, .observer_count = r->o.trace ? 2 : 1,
        .server_name = r->o.tls_name != NULL ? r->o.tls_name : r->o.host,
        .trust = r->o.insecure ? NULL : &r->trust.trust,
        .insecure_accept_any_certificate = r->o.insecure,
    };
    if (!tls_config_client(&r->tls, &settings, &reason))
        return refuse(SMTP_EXIT_CONFIG, "TLS settings: %s", reason);
    return 0;
}

/* ---- sending ---- */

static void print_facts(const struct run *r, const struct submit_result *result)
{
    const struct tls_facts *f = &result->facts;

    fprintf(stderr, "facts server=%s port=%s tls=%s", result->address, r->o.port,
            r->o.implicit_tls ? "implicit" : "starttls");
    if (result->secure)
        fprintf(stderr, " version=TLSv1.3 suite=%s group=%s signature=%s hello_retry=%s"
                " certificate=\"%s\" pin=%s", f->suite->name, f->group->name, f->scheme->name,
                f->hello_retry ? "yes" : "no", r->certificate.subject, r->certificate.pin);
    fprintf(stderr, " auth=%s message=%llu bytes_out=%llu bytes_in=%llu handshake_ms=%u"
            " total_ms=%u\n", result->mechanism != NULL ? result->mechanism : "none",
            (unsigned long long)r->scan.size, (unsigned long long)result->bytes_out,
            (unsigned long long)result->bytes_in, result->handshake_ms, result->total_ms);
}

static void print_refused(const struct run *r)
{
    for (size_t i = 0; i < r->recipient_count; i++) {
        const struct smtp_client_recipient *to = &r->recipients[i];
        if (to->code >= 400)
            fprintf(stderr, "sealpost: %.*s: %u %s\n", (int)to->address.len,
                    (const char *)to->address.at, to->code, to->text);
    }
}

static int report(const struct run *r, const struct submit_result *result)
{
    if (r->o.facts)
        print_facts(r, result);
    if (result->exit_code == SMTP_EXIT_OK) {
        if (r->o.verbose)
            fprintf(stderr, "sealpost: %s took the message: %s\n", r->o.host, result->reply);
        return SMTP_EXIT_OK;
    }
    print_refused(r);
    if (result->nobody_asked)
        return refuse(result->exit_code, "%s", result->reason);
    return refuse(result->exit_code, "%s: %s", r->o.host, result->reason);
}

static int send_it(struct run *r)
{
    static struct submit_result result;
    struct smtp_client_settings smtp = {
        .ehlo_name = r->o.ehlo != NULL ? r->o.ehlo : "localhost",
        .implicit_tls = r->o.implicit_tls,
        .user = r->o.user != NULL ? bytes_of_string(r->o.user) : bytes_of(NULL, 0),
        .password = bytes_of(r->secret, r->secret_len),
        .sender = bytes_of_string(r->o.from),
        .recipients = r->recipients, .recipient_count = r->recipient_count,
        .message = &r->scan,
    };
    struct submit_settings settings = {
        .host = r->o.host, .port = r->o.port, .tls = &r->tls, .smtp = &smtp,
        .message = r->message,
        .timeout = r->o.timeout != NULL ? (unsigned)atoi(r->o.timeout) : 0,
    };
    submit(&result, &settings);
    return report(r, &result);
}

static int take_recipients(struct run *r, int count, char **names)
{
    if (count == 0)
        return misused("there is no recipient");
    r->recipients = calloc((size_t)count, sizeof *r->recipients);
    if (r->recipients == NULL)
        return refuse(SMTP_EXIT_OS, "out of memory");
    r->recipient_count = (size_t)count;
    for (int i = 0; i < count; i++)
        r->recipients[i].address = bytes_of_string(names[i]);
    return 0;
}

static int send_command(int argc, char **argv)
{
    static struct run r;
    int code = read_options(&r.o, argc, argv);

    if (code == 0)
        code = take_recipients(&r, argc - optind, argv + optind);
    if (code == 0)
        code = load_trust(&r);
    if (code == 0)
        code = set_up_tls(&r);
    if (code == 0)
        code = open_message(&r);
    if (code == 0)
        code = read_password(&r);
    if (code == 0) {
        signal(SIGPIPE, SIG_IGN);        /* nobody listens: no reason to break off a message */
        code = send_it(&r);
    }
    wipe(r.secret, sizeof r.secret);
    if (r.message != NULL)
        fclose(r.message);
    trust_free(&r.trust);
    free(r.recipients);
    return code;
}

int main(int argc, char **argv)
{
    static char name[] = "sealpost";             /* in what getopt_long says */

    standard_descriptors_hold();
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("sealpost " SEALPOST_VERSION);
        return SMTP_EXIT_OK;
    }
    if ((argc == 2 || argc == 3) && strcmp(argv[argc - 1], "--help") == 0) {
        fputs(usage, stdout);
        return SMTP_EXIT_OK;
    }
    if (argc < 2 || strcmp(argv[1], "send") != 0) {
        fputs(usage, stderr);
        return SMTP_EXIT_USAGE;
    }
    argv[1] = name;
    return send_command(argc - 1, argv + 1);
}
