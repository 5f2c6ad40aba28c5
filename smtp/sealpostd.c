/* smtp/sealpostd.c - the submission server.
 *
 *     sealpostd --config FILE [--check]      serve; or print the effective configuration
 *     sealpostd user add FILE NAME           a user, with a password from the terminal or stdin
 *
 * Signals: TERM and INT end it in order (every session gets its 421, what was acknowledged is on
 * disk); HUP reads certificate, key and users again and keeps the old ones if that fails, and
 * reopens the log file.
 *
 * Exit status (sysexits.h): 0, 64 usage, 69 address in use, 71 system, 77 not permitted, 78
 * configuration.
 */
#include "crypto/version.h"
#include "crypto/wipe.h"
#include "smtp/service_io.h"
#include "tls13/standard_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

enum { BACKLOG = 128, ACCEPT_AT_ONCE = 16, RETRY_ACCEPT_MS = 1000, PASSWORD_MAX = 1024 };

struct listener {
    struct daemon *daemon;
    struct loop_watch watch;
    bool implicit_tls, watched;
};

struct daemon {
    struct service service;
    struct config config;
    struct listener listeners[CONFIG_LISTENERS_MAX];
    struct loop_watch signals;
    struct loop_timer retry;             /* accepting has stopped: try again */
    bool full;
};

static const char usage[] =
    "usage: sealpostd --config FILE [--check]\n"
    "       sealpostd user add FILE NAME\n"
    "       sealpostd --version | --help\n"
    "\n"
    "  --config FILE   serve mail submission as FILE says\n"
    "  --check         read everything that FILE names, print the effective configuration, end\n"
    "  user add        add NAME to the users file FILE, or give it a new password, which is\n"
    "                  read from the terminal, or from the first line of standard input\n";

/* ---- accepting ---- */

static void watch_listeners(struct daemon *d, bool on)
{
    for (size_t i = 0; i < d->config.listener_count; i++) {
        struct listener *l = &d->listeners[i];
        if (on && !l->watched)
            l->watched = loop_watch(&d->service.loop, &l->watch);
        if (!on && l->watched) {
            loop_unwatch(&d->service.loop, &l->watch);
            l->watched = false;
        }
    }
}

/* No descriptors are left: to go on listening would be to spin. A session that ends, or a second
 * that passes, makes it worth another try. */
static void stop_accepting(struct daemon *d, int error)
{
    struct log_line line = log_line("full");

    log_text(&line, "reason", strerror(error));
    if (!d->full)
        log_write(&d->service.log, &line);
    d->full = true;
    watch_listeners(d, false);
    loop_set_timer(&d->service.loop, &d->retry, RETRY_ACCEPT_MS);
}

static void accept_again(void *context)
{
    struct daemon *d = context;

    loop_clear_timer(&d->service.loop, &d->retry);
    if (d->full && !d->service.stopping)
        watch_listeners(d, true);
    d->full = false;
}

static void on_connection(void *context, uint32_t events)
{
    struct listener *l = context;

    (void)events;
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        int fd = accept4(l->watch.fd, (struct sockaddr *)&from, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            service_accept(&l->daemon->service, fd, l->implicit_tls, &from);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            stop_accepting(l->daemon, errno);
        return;
    }
}

static int open_socket(const struct config_listener *c)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(c->port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(c->port) };
    bool v6 = inet_pton(AF_INET, c->host, &in.sin_addr) != 1;
    int yes = 1;
    int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (v6) {
        inet_pton(AF_INET6, c->host, &in6.sin6_addr);
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    }
    int failed = v6 ? bind(fd, (struct sockaddr *)&in6, sizeof in6)
                    : bind(fd, (struct sockaddr *)&in, sizeof in);
    if (failed != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void log_listener(const struct daemon *d, const struct listener *l, const char *host)
{
    struct sockaddr_storage at = { .ss_family = AF_UNSPEC };
    socklen_t len = sizeof at;
    struct log_line line = log_line("listen");

    getsockname(l->watch.fd, (struct sockaddr *)&at, &len);
    in_port_t port = at.ss_family == AF_INET6
        ? ((const struct sockaddr_in6 *)(const void *)&at)->sin6_port
        : ((const struct sockaddr_in *)(const void *)&at)->sin_port;
    log_text(&line, "listener", l->implicit_tls ? "submissions" : "submission");
    log_text(&line, "ip", host);
    log_number(&line, "port", ntohs(port));
    log_write(&d->service.log, &line);
}

/* 0, or the exit status after a word about why. */
static int listen_all(struct daemon *d)
{
    for (size_t i = 0; i < d->config.listener_count; i++) {
        const struct config_listener *c = &d->config.listeners[i];
        struct listener *l = &d->listeners[i];
        l->daemon = d;
        l->implicit_tls = c->implicit_tls;
        l->watch = (struct loop_watch){ .fd = open_socket(c), .events = EPOLLIN,
                                        .ready = on_connection, .context = l };
        if (l->watch.fd < 0) {
            int error = errno;
            fprintf(stderr, "sealpostd: listen %s port %u: %s\n", c->host, c->port,
                    strerror(error));
            return error == EACCES ? EX_NOPERM : EX_UNAVAILABLE;
        }
        log_listener(d, l, c->host);
    }
    watch_listeners(d, true);
    return EX_OK;
}

static void close_listeners(struct daemon *d)
{
    watch_listeners(d, false);
    for (size_t i = 0; i < d->config.listener_count; i++) {
        if (d->listeners[i].daemon != NULL && d->listeners[i].watch.fd >= 0)
            close(d->listeners[i].watch.fd);
        d->listeners[i].watch.fd = -1;
    }
}

/* ---- signals ---- */

/* Certificate, key and users together, or none of them. */
static void reload(struct daemon *d)
{
    char reason[CONFIG_REASON_MAX];
    struct identity *fresh = identity_load(&d->config, reason);
    struct log_line line = log_line("reload");

    if (!log_open(&d->service.log, d->config.log_file))
        log_text(&line, "log", strerror(errno));
    log_text(&line, "result", fresh != NULL ? "ok" : "fail");
    if (fresh != NULL)
        service_renew(&d->service, fresh);
    else
        log_text(&line, "reason", reason);
    log_write(&d->service.log, &line);
}

static void on_signal(void *context, uint32_t events)
{
    struct daemon *d = context;
    struct signalfd_siginfo info;

    (void)events;
    if (read(d->signals.fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (info.ssi_signo == SIGHUP) {
        reload(d);
        return;
    }
    struct log_line line = log_line("stop");
    log_number(&line, "sessions", d->service.session_count);
    log_write(&d->service.log, &line);
    close_listeners(d);
    service_stop(&d->service);
}

static bool watch_signals(struct daemon *d)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);            /* a file size limit is an error of write, no more */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    d->signals = (struct loop_watch){ .fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK),
                                      .events = EPOLLIN, .ready = on_signal, .context = d };
    return d->signals.fd >= 0 && loop_watch(&d->service.loop, &d->signals);
}

/* ---- serving ---- */

/* As many descriptors as we may have, and no core file: it would hold keys and passwords. */
static void set_process_limits(void)
{
    struct rlimit files, none = { 0, 0 };

    umask(077);
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int system_failure(const char *what)
{
    fprintf(stderr, "sealpostd: %s: %s\n", what, strerror(errno));
    return EX_OSERR;
}

static int run(struct daemon *d, struct identity *identity)
{
    d->service.log.fd = -1;
    d->service.session_ended = accept_again;
    d->service.context = d;
    d->retry = (struct loop_timer){ .expired = accept_again, .context = d };
    if (!log_open(&d->service.log, d->config.log_file))
        return system_failure(d->config.log_file);
    if (!service_open(&d->service, &d->config, identity) || !watch_signals(d))
        return system_failure("start");
    int status = listen_all(d);
    if (status == EX_OK && !loop_run(&d->service.loop))
        status = system_failure("epoll");
    close_listeners(d);
    close(d->signals.fd);
    service_close(&d->service);
    log_close(&d->service.log);
    return status;
}

static int serve(const char *path, bool only_check)
{
    static struct daemon daemon;
    char reason[CONFIG_REASON_MAX];
    struct identity *identity = NULL;

    if (config_load(&daemon.config, path, reason))
        identity = identity_load(&daemon.config, reason);
    if (identity == NULL) {
        fprintf(stderr, "sealpostd: %s\n", reason);
        return EX_CONFIG;
    }
    if (only_check) {
        config_print(&daemon.config, stdout);
        identity_release(identity);
        return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
    }
    set_process_limits();
    return run(&daemon, identity);
}

/* ---- users ---- */

static bool read_line(char *out, size_t cap, size_t *len)
{
    bool fits = true;
    char c;
    ssize_t n;

    *len = 0;
    while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
        fits = fits && *len < cap;
        if (fits)
            out[(*len)++] = c;
    }
    if (*len > 0 && out[*len - 1] == '\r')
        (*len)--;
    return fits && n >= 0;
}

static struct termios terminal_before;

/* Ctrl-C at the prompt gives the terminal its echo back before it ends the program. */
static void restore_terminal(int signal_number)
{
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
    raise(signal_number);                                /* SA_RESETHAND: this one ends us */
}

static void silence_terminal(void)
{
    const struct sigaction restore = { .sa_handler = restore_terminal,
                                       .sa_flags = (int)SA_RESETHAND };
    struct termios silent = terminal_before;

    sigaction(SIGINT, &restore, NULL);
    sigaction(SIGTERM, &restore, NULL);
    sigaction(SIGHUP, &restore, NULL);
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
}

static bool read_password(char *out, size_t cap, size_t *len)
{
    bool terminal = tcgetattr(STDIN_FILENO, &terminal_before) == 0;

    if (terminal) {
        silence_terminal();
        fputs("password: ", stderr);
    }
    bool ok = read_line(out, cap, len);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
        fputc('\n', stderr);
    }
    return ok;
}

static int user_add(const char *path, const char *name)
{
    char password[PASSWORD_MAX], reason[USERS_REASON_MAX] = "the password is too long";
    size_t len;

    bool ok = read_password(password, sizeof password, &len)
           && users_set(path, bytes_of_string(name), bytes_of(password, len), reason);
    wipe(password, sizeof password);
    if (ok)
        return EX_OK;
    fprintf(stderr, "sealpostd: %s\n", reason);
    return EX_DATAERR;
}

/* ---- the command line ---- */

static int misused(void)
{
    fputs(usage, stderr);
    return EX_USAGE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "config",  required_argument, NULL, 'c' },
        { "check",   no_argument,       NULL, 'n' },
        { "version", no_argument,       NULL, 'v' },
        { "help",    no_argument,       NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *config = NULL;
    bool check = false;
    int option;

    standard_descriptors_hold();
    while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            config = optarg;
            break;
        case 'n':
            check = true;
            break;
        case 'v':
            puts("sealpostd " SEALPOST_VERSION);
            return EX_OK;
        case 'h':
            fputs(usage, stdout);
            return EX_OK;
        default:
            return misused();
        }
    }
    argc -= optind;
    argv += optind;
    if (config == NULL && argc == 4 && strcmp(argv[0], "user") == 0
        && strcmp(argv[1], "add") == 0)
        return user_add(argv[2], argv[3]);
    if (config == NULL || argc > 0)
        return misused();
    return serve(config, check);
}
