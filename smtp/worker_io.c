/* smtp/worker_io.c - a queue in, a queue out, and an eventfd between the threads and the loop.
 *
 * Trusts      nothing but its own lock: a job belongs to exactly one side at any time.
 */
#include "smtp/worker_io.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void push(struct job_queue *q, struct job *job)
{
    job->next = NULL;
    *q->end = job;
    q->end = &job->next;
}

static struct job *pop(struct job_queue *q)
{
    struct job *job = q->first;
    if (job != NULL) {
        q->first = job->next;
        if (q->first == NULL)
            q->end = &q->first;
    }
    return job;
}

static void tell_loop(const struct workers *w)
{
    uint64_t one = 1;
    ssize_t n;
    do
        n = write(w->watch.fd, &one, sizeof one);
    while (n < 0 && errno == EINTR);
}

static void *work(void *context)
{
    struct workers *w = context;
    struct job *job;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while ((job = pop(&w->waiting)) == NULL && !w->stopping)
            pthread_cond_wait(&w->wake, &w->lock);
        if (job == NULL)
            break;
        pthread_mutex_unlock(&w->lock);
        job->run(job);
        pthread_mutex_lock(&w->lock);
        push(&w->finished, job);
        tell_loop(w);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static void hand_back(struct workers *w)
{
    struct job *job;

    for (;;) {
        pthread_mutex_lock(&w->lock);
        job = pop(&w->finished);
        pthread_mutex_unlock(&w->lock);
        if (job == NULL)
            return;
        w->pending--;
        job->done(job);
    }
}

static void on_finished(void *context, uint32_t events)
{
    struct workers *w = context;
    uint64_t count;

    (void)events;
    if (read(w->watch.fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
        return;
    hand_back(w);
}

/* Signals are for the loop's thread: the workers are started with all of them blocked. */
static bool start_threads(struct workers *w, size_t count)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (w->thread_count < count) {
        int error = pthread_create(&w->threads[w->thread_count], NULL, work, w);
        if (error != 0) {
            errno = error;
            break;
        }
        w->thread_count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return w->thread_count == count;
}

bool workers_start(struct workers *w, struct loop *loop, size_t thread_count)
{
    *w = (struct workers){ .loop = loop };
    w->waiting.end = &w->waiting.first;
    w->finished.end = &w->finished.first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    w->watch = (struct loop_watch){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                    .events = EPOLLIN, .ready = on_finished, .context = w };
    return w->watch.fd >= 0 && loop_watch(loop, &w->watch) && start_threads(w, thread_count);
}

void workers_give(struct workers *w, struct job *job)
{
    w->pending++;
    pthread_mutex_lock(&w->lock);
    push(&w->waiting, job);
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void workers_stop(struct workers *w)
{
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    hand_back(w);
    if (w->watch.fd >= 0) {
        loop_unwatch(w->loop, &w->watch);
        close(w->watch.fd);
    }
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
}
