/* smtp/worker_io.h - what takes long (a password hash, a disk) happens beside the event loop.
 *
 * A job is given to a few threads; when one has run it, the loop calls its `done`. The job's memory
 * is its owner's and stays untouched by the loop in between. Jobs are begun in the order in which
 * they were given.
 */
#ifndef SEALPOST_SMTP_WORKER_IO_H
#define SEALPOST_SMTP_WORKER_IO_H

#include "smtp/loop_io.h"

#include <pthread.h>

struct job {
    void (*run)(struct job *job);        /* in a worker thread */
    void (*done)(struct job *job);       /* in the loop's thread */
    struct job *next;
};

struct job_queue { struct job *first, **end; };

enum { WORKER_THREADS_MAX = 4 };

struct workers {
    struct loop *loop;
    struct loop_watch watch;             /* an eventfd that says: something is finished */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct job_queue waiting, finished;
    size_t pending;                      /* given and not yet handed to done */
    bool stopping;
    pthread_t threads[WORKER_THREADS_MAX];
    size_t thread_count;
};

/* False with errno set if threads or descriptors are lacking. */
bool workers_start(struct workers *w, struct loop *loop, size_t thread_count);
void workers_give(struct workers *w, struct job *job);

/* Waits for all jobs given, and calls their `done`. */
void workers_stop(struct workers *w);

#endif
