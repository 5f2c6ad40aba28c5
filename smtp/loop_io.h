/* smtp/loop_io.h - one thread, many descriptors: epoll, timers and finished jobs.
 *
 * The caller owns watches and timers, usually inside the thing that they are for. A handler may
 * remove any watch and any timer, its own included; nothing that was removed is called again.
 * Times are milliseconds of the monotonic clock.
 */
#ifndef SEALPOST_SMTP_LOOP_IO_H
#define SEALPOST_SMTP_LOOP_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

struct loop_watch {
    int fd;
    uint32_t events;                                 /* EPOLLIN, EPOLLOUT as asked for */
    void (*ready)(void *context, uint32_t events);   /* EPOLLHUP and EPOLLERR come unasked */
    void *context;
};

struct loop_timer {
    int64_t at;
    size_t slot;                                     /* place in the heap + 1; 0: not set */
    void (*expired)(void *context);
    void *context;
};

enum { LOOP_BATCH = 64 };

struct loop {
    int epoll;
    bool stopped;
    struct loop_timer **timers;                      /* heap, the earliest first */
    size_t timer_count, timer_cap;
    struct epoll_event batch[LOOP_BATCH];
    int batch_at, batch_count;
};

/* False with errno set. */
bool loop_open(struct loop *l);
void loop_close(struct loop *l);

/* Until loop_stop, or an error of epoll itself (false, errno). */
bool loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* Begins to watch w->fd for w->events, or changes what it is watched for. False with errno. */
bool loop_watch(struct loop *l, struct loop_watch *w);
bool loop_change(struct loop *l, struct loop_watch *w, uint32_t events);
void loop_unwatch(struct loop *l, struct loop_watch *w);

/* (Re)sets a timer to `ms` from now. False only if there is no memory for it. */
bool loop_set_timer(struct loop *l, struct loop_timer *t, int64_t ms);
void loop_clear_timer(struct loop *l, struct loop_timer *t);

int64_t loop_now(void);

#endif
