/* smtp/loop_io.c - the event loop.
 *
 * Timers are a binary heap of pointers; each timer knows its slot, so that moving one is O(log n)
 * and an idle connection's timer costs eight bytes here. Events come in batches; a watch that is
 * removed while a batch is worked off is taken out of the batch as well.
 */
#include "smtp/loop_io.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int64_t loop_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool loop_open(struct loop *l)
{
    *l = (struct loop){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
    return l->epoll >= 0;
}

void loop_close(struct loop *l)
{
    close(l->epoll);
    free(l->timers);
    *l = (struct loop){ .epoll = -1 };
}

void loop_stop(struct loop *l)
{
    l->stopped = true;
}

/* ---- watches ---- */

static bool control(struct loop *l, int operation, struct loop_watch *w)
{
    struct epoll_event e = { .events = w->events, .data.ptr = w };
    return epoll_ctl(l->epoll, operation, w->fd, &e) == 0;
}

bool loop_watch(struct loop *l, struct loop_watch *w)
{
    return control(l, EPOLL_CTL_ADD, w);
}

bool loop_change(struct loop *l, struct loop_watch *w, uint32_t events)
{
    if (w->events == events)
        return true;
    w->events = events;
    return control(l, EPOLL_CTL_MOD, w);
}

void loop_unwatch(struct loop *l, struct loop_watch *w)
{
    control(l, EPOLL_CTL_DEL, w);
    for (int i = l->batch_at; i < l->batch_count; i++) {
        if (l->batch[i].data.ptr == w)
            l->batch[i].data.ptr = NULL;
    }
}

/* ---- timers ---- */

static void place(struct loop *l, size_t slot, struct loop_timer *t)
{
    l->timers[slot] = t;
    t->slot = slot + 1;
}

static void sift_up(struct loop *l, size_t slot)
{
    struct loop_timer *t = l->timers[slot];
    while (slot > 0 && l->timers[(slot - 1) / 2]->at > t->at) {
        place(l, slot, l->timers[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    place(l, slot, t);
}

static void sift_down(struct loop *l, size_t slot)
{
    struct loop_timer *t = l->timers[slot];
    for (;;) {
        size_t child = 2 * slot + 1;
        if (child + 1 < l->timer_count && l->timers[child + 1]->at < l->timers[child]->at)
            child++;
        if (child >= l->timer_count || l->timers[child]->at >= t->at)
            break;
        place(l, slot, l->timers[child]);
        slot = child;
    }
    place(l, slot, t);
}

static bool grow(struct loop *l)
{
    size_t cap = l->timer_cap == 0 ? 64 : 2 * l->timer_cap;
    struct loop_timer **more = realloc(l->timers, cap * sizeof *more);
    if (more == NULL)
        return false;
    l->timers = more;
    l->timer_cap = cap;
    return true;
}

bool loop_set_timer(struct loop *l, struct loop_timer *t, int64_t ms)
{
    t->at = loop_now() + ms;
    if (t->slot == 0) {
        if (l->timer_count == l->timer_cap && !grow(l))
            return false;
        place(l, l->timer_count++, t);
    }
    sift_up(l, t->slot - 1);
    sift_down(l, t->slot - 1);
    return true;
}

void loop_clear_timer(struct loop *l, struct loop_timer *t)
{
    if (t->slot == 0)
        return;
    size_t slot = t->slot - 1;
    struct loop_timer *last = l->timers[--l->timer_count];
    t->slot = 0;
    if (last == t)
        return;
    place(l, slot, last);
    sift_up(l, slot);
    sift_down(l, last->slot - 1);
}

static void run_timers(struct loop *l)
{
    int64_t now = loop_now();
    while (l->timer_count > 0 && l->timers[0]->at <= now && !l->stopped) {
        struct loop_timer *t = l->timers[0];
        loop_clear_timer(l, t);
        t->expired(t->context);
    }
}

static int wait_ms(const struct loop *l)
{
    if (l->timer_count == 0)
        return -1;
    int64_t ms = l->timers[0]->at - loop_now();
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

/* ---- running ---- */

bool loop_run(struct loop *l)
{
    while (!l->stopped) {
        int n = epoll_wait(l->epoll, l->batch, LOOP_BATCH, wait_ms(l));
        if (n < 0 && errno != EINTR)
            return false;
        l->batch_count = n < 0 ? 0 : n;
        l->batch_at = 0;
        while (l->batch_at < l->batch_count && !l->stopped) {
            struct epoll_event e = l->batch[l->batch_at++];
            const struct loop_watch *w = e.data.ptr;
            if (w != NULL)
                w->ready(w->context, e.events);
        }
        l->batch_count = 0;
        run_timers(l);
    }
    return true;
}
