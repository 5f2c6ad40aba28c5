/* vectors/subject_program.c - any program that speaks the line protocol (docs/sealvec.md).
 *
 * It is started once and gets one request at a time. One that dies, is late, answers nonsense or
 * speaks unasked fails the case at hand and is started again for the next; after several such in a
 * row it is given up, and the run ends.
 */
#include "vectors/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOST_MAX = 5, ARGUMENTS_MAX = 4, ANSWER_MAX = 1 << 22 };

struct program {
    char *argv[ARGUMENTS_MAX];
    int timeout_seconds;
    pid_t pid;                           /* 0: not running */
    int in, out;                         /* our ends of its standard input and output */
    char *line;                          /* what came and is not yet answered with */
    size_t line_len, line_room;
    unsigned lost;                       /* in a row */
    char why[200];                       /* it was lost last */
    volatile sig_atomic_t *group;        /* of its processes; 0: not running */
};

/* Of the two subjects of --diff. */
static volatile sig_atomic_t groups[2];

/* A Ctrl-C at the terminal does not reach groups of their own. */
static void end_with_subjects(int signal_number)
{
    for (size_t i = 0; i < 2; i++)
        if (groups[i])
            kill(-(pid_t)groups[i], SIGKILL);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void start(struct program *p)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) < 0)
        return;
    if (pipe2(from, O_CLOEXEC) < 0) {
        close(to[0]);
        close(to[1]);
        return;
    }
    p->pid = fork();
    if (p->pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        signal(SIGPIPE, SIG_DFL);
        setpgid(0, 0);                   /* what a command starts is ended with it */
        execv(p->argv[0], p->argv);
        _exit(127);
    }
    if (p->pid > 0)
        setpgid(p->pid, p->pid);         /* whoever of the two comes first */
    *p->group = p->pid > 0 ? p->pid : 0;
    close(to[0]);
    close(from[1]);
    fcntl(to[1], F_SETFL, O_NONBLOCK);
    p->in = to[1];
    p->out = from[0];
    p->line_len = 0;
    if (p->pid < 0) {
        close(p->in);
        close(p->out);
        p->pid = 0;
    }
}

/* A closed input ends any program that reads; one that is stuck is killed, and so is what it
 * started. True, and *status is as waitpid says it, if it ended by itself. */
static bool stop(struct program *p, bool now, int *status)
{
    bool ended = false;
    close(p->in);
    close(p->out);
    for (int waits = 0; !now && !ended && waits < 100; waits++) {
        ended = waitpid(p->pid, status, WNOHANG) != 0;
        if (!ended)
            nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    if (!ended) {
        kill(-p->pid, SIGKILL);
        waitpid(p->pid, status, 0);
    }
    *p->group = p->pid = 0;
    return ended;
}

static void lose(struct program *p, const char *why)
{
    int status = 0;
    bool ended = stop(p, why != NULL, &status);
    p->lost++;
    if (why)
        snprintf(p->why, sizeof p->why, "%s", why);
    else if (!ended)
        snprintf(p->why, sizeof p->why, "the subject closed its input or output");
    else if (WIFSIGNALED(status))
        snprintf(p->why, sizeof p->why, "the subject was ended by signal %d", WTERMSIG(status));
    else
        snprintf(p->why, sizeof p->why, "the subject ended with exit status %d",
                 WEXITSTATUS(status));
}

static void lose_late(struct program *p, const char *what)
{
    char why[80];
    snprintf(why, sizeof why, "%s in %d seconds", what, p->timeout_seconds);
    lose(p, why);
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Without blocking, so that a subject that does not read is late rather than in the way. False,
 * after p was lost, if it did not take all. */
static bool send_line(struct program *p, const char *line)
{
    int64_t deadline = milliseconds() + p->timeout_seconds * INT64_C(1000);
    size_t len = strlen(line), done = 0;
    while (done <= len) {
        ssize_t n = done < len ? write(p->in, line + done, len - done) : write(p->in, "\n", 1);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        struct pollfd ready = { .fd = p->in, .events = POLLOUT };
        int64_t left = deadline - milliseconds();
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            lose(p, NULL);
            return false;
        }
        if (left <= 0 || poll(&ready, 1, (int)left) == 0) {
            lose_late(p, "the request was not read");
            return false;
        }
    }
    return true;
}

/* Appends what there is to p->line. False, after p was lost, if there is nothing more. */
static bool receive(struct program *p, int64_t deadline)
{
    int64_t left = deadline - milliseconds();
    struct pollfd ready = { .fd = p->out, .events = POLLIN };
    if (left <= 0 || poll(&ready, 1, (int)left) == 0) {
        lose_late(p, "no answer");
        return false;
    }
    if (p->line_room - p->line_len < 4096) {
        p->line_room = p->line_room * 2 + 8192;
        char *larger = p->line_room > ANSWER_MAX ? NULL : realloc(p->line, p->line_room);
        if (!larger) {
            p->line_room = 0;
            free(p->line);
            p->line = NULL;
            lose(p, "an answer without an end");
            return false;
        }
        p->line = larger;
    }
    ssize_t n = read(p->out, p->line + p->line_len, p->line_room - p->line_len - 1);
    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0) {
        lose(p, NULL);
        return false;
    }
    p->line_len += (size_t)n;
    return true;
}

/* The line, its end cut off; NULL if it was lost. */
static char *receive_line(struct program *p)
{
    int64_t deadline = milliseconds() + p->timeout_seconds * INT64_C(1000);
    for (size_t seen = 0;;) {
        char *end = p->line ? memchr(p->line + seen, '\n', p->line_len - seen) : NULL;
        if (end) {
            bool more = end + 1 != p->line + p->line_len;
            *end = 0;
            p->line_len = 0;
            if (end > p->line && end[-1] == '\r')
                end[-1] = 0;
            if (!more)
                return p->line;
            lose(p, "more than one line in answer to one request");
            return NULL;
        }
        seen = p->line_len;
        if (!receive(p, deadline))
            return NULL;
    }
}

/* What is there before the request would be taken for its answer. */
static bool speaks_unasked(struct program *p)
{
    struct pollfd ready = { .fd = p->out, .events = POLLIN };
    return poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN);
}

/* False, after p was lost, without an answer that is one. */
static bool ask_once(struct program *p, struct answer *out, const struct request *q)
{
    if (speaks_unasked(p)) {
        lose(p, "the subject speaks without being asked");
        return false;
    }
    char *line = send_line(p, request_line(out->arena, q)) ? receive_line(p) : NULL;
    if (line)
        answer_parse(out, line);
    if (line && out->verdict == ANSWER_BROKEN)
        lose(p, out->reason);
    return line && out->verdict != ANSWER_BROKEN;
}

static void ask(struct subject *s, struct answer *out, const struct request *q)
{
    struct program *p = s->program;
    if (p->pid == 0 && p->lost < LOST_MAX)
        start(p);
    if (p->pid != 0 && ask_once(p, out, q)) {
        p->lost = 0;
        return;
    }
    out->verdict = ANSWER_BROKEN;
    out->reason = arena_print(out->arena, "%s", p->why);
    s->gone = p->lost >= LOST_MAX;
}

static void close_program(struct subject *s)
{
    struct program *p = s->program;
    int status;
    if (p->pid != 0)
        stop(p, false, &status);
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        free(p->argv[i]);
    free(p->line);
    free(p);
}

struct subject *subject_program(const char *name, const char *const *argv, int timeout_seconds)
{
    static size_t opened;
    struct subject *s = malloc(sizeof *s);
    struct program *p = calloc(1, sizeof *p);
    if (!s || !p) {
        free(s);
        free(p);
        return NULL;
    }
    p->group = &groups[opened++ % 2];
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, end_with_subjects);
    signal(SIGTERM, end_with_subjects);
    for (size_t i = 0; i + 1 < ARGUMENTS_MAX && argv[i]; i++)
        p->argv[i] = strdup(argv[i]);
    p->timeout_seconds = timeout_seconds;
    strcpy(p->why, "the subject cannot be started");
    *s = (struct subject){ .name = name, .ask = ask, .close = close_program, .program = p };
    return s;
}
