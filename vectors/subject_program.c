/* vectors/subject_program.c - any program that speaks the line protocol (docs/sealvec.md).
 *
 * It is started once and gets one request at a time. One that dies, is late or answers nonsense
 * fails the case at hand and is started again for the next; after several such in a row it is given
 * up, and the run ends.
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
    char why[120];                       /* it was lost last */
};

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
        execv(p->argv[0], p->argv);
        _exit(127);
    }
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

/* Returns how it ended, as waitpid says it. A closed input ends any program that reads; one that
 * is stuck is killed. */
static int stop(struct program *p, bool now)
{
    int status = 0;
    close(p->in);
    close(p->out);
    for (int waits = 0; !now && waits < 100; waits++) {
        if (waitpid(p->pid, &status, WNOHANG) != 0) {
            p->pid = 0;
            return status;
        }
        nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
    }
    kill(p->pid, SIGKILL);
    waitpid(p->pid, &status, 0);
    p->pid = 0;
    return status;
}

static void lose(struct program *p, const char *why)
{
    int status = stop(p, why != NULL);
    p->lost++;
    if (why)
        snprintf(p->why, sizeof p->why, "%s", why);
    else if (WIFSIGNALED(status))
        snprintf(p->why, sizeof p->why, "the subject was ended by signal %d", WTERMSIG(status));
    else
        snprintf(p->why, sizeof p->why, "the subject ended with exit status %d",
                 WEXITSTATUS(status));
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Without blocking, so that a subject that does not read is late rather than in the way. */
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
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        if (left <= 0 || poll(&ready, 1, (int)left) == 0)
            return false;
    }
    return true;
}

/* Appends what there is to p->line. False, after p was lost, if there is nothing more. */
static bool receive(struct program *p, int64_t deadline)
{
    int64_t left = deadline - milliseconds();
    struct pollfd ready = { .fd = p->out, .events = POLLIN };
    if (left <= 0 || poll(&ready, 1, (int)left) == 0) {
        char why[60];
        snprintf(why, sizeof why, "no answer in %d seconds", p->timeout_seconds);
        lose(p, why);
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

static void ask(struct subject *s, struct answer *out, const struct request *q)
{
    struct program *p = s->program;
    char *line = NULL;
    if (p->pid == 0 && p->lost < LOST_MAX)
        start(p);
    if (p->pid != 0) {
        if (send_line(p, request_line(out->arena, q)))
            line = receive_line(p);
        else
            lose(p, NULL);
    }
    if (!line) {
        out->verdict = ANSWER_BROKEN;
        out->reason = arena_print(out->arena, "%s", p->why);
        s->gone = p->lost >= LOST_MAX;
        return;
    }
    p->lost = 0;
    answer_parse(out, line);
}

static void close_program(struct subject *s)
{
    struct program *p = s->program;
    if (p->pid != 0)
        stop(p, false);
    for (size_t i = 0; i < ARGUMENTS_MAX; i++)
        free(p->argv[i]);
    free(p->line);
    free(p);
}

struct subject *subject_program(const char *name, const char *const *argv, int timeout_seconds)
{
    struct subject *s = malloc(sizeof *s);
    struct program *p = calloc(1, sizeof *p);
    if (!s || !p) {
        free(s);
        free(p);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i + 1 < ARGUMENTS_MAX && argv[i]; i++)
        p->argv[i] = strdup(argv[i]);
    p->timeout_seconds = timeout_seconds;
    strcpy(p->why, "the subject cannot be started");
    *s = (struct subject){ .name = name, .ask = ask, .close = close_program, .program = p };
    return s;
}
