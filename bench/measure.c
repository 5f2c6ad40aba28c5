/* bench/measure.c - paired measurements: see measure.h. */
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 31 };
static const double slice = 1.5e6;                  /* nanoseconds that one turn takes, at least */

/* CPU time of this thread: what other processes take in between does not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double time_of(const struct contender *c, size_t times)
{
    double start = now();
    c->run(times);
    return (now() - start) / (double)times;
}

/* The first number of times that fills a slice; warms the caches, too. */
static size_t times_for(const struct contender *c)
{
    size_t times = 1;
    while (time_of(c, times) * (double)times < slice)
        times *= 2;
    return times;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, size_t count)
{
    qsort(x, count, sizeof *x, ascending);
    return x[count / 2];
}

static void print_time(double ns, size_t bytes)
{
    if (ns < 1e4)
        printf(" %7.0f ns", ns);
    else
        printf(" %7.1f us", ns / 1e3);
    if (bytes >= 1024)
        printf(" %6.2f GB/s", (double)bytes / ns);
    else
        printf("            ");
}

static void bench_row(const struct row *row)
{
    double time[CONTENDERS_MAX][ROUNDS], ratio[CONTENDERS_MAX][ROUNDS];
    size_t times[CONTENDERS_MAX], count = 0;
    for (; count < CONTENDERS_MAX && row->contender[count].run; count++)
        times[count] = times_for(&row->contender[count]);
    for (size_t round = 0; round < ROUNDS; round++)
        for (size_t i = 0; i < count; i++) {
            time[i][round] = time_of(&row->contender[i], times[i]);
            ratio[i][round] = time[i][round] / time[0][round];
        }
    printf("%-34s", row->name);
    print_time(median(time[0], ROUNDS), row->bytes);
    for (size_t i = 1; i < count; i++)
        printf("   %s %.2f x", row->contender[i].who, median(ratio[i], ROUNDS));
    printf("\n");
    fflush(stdout);
}

static bool wanted(const struct row *row, char **words, int words_count)
{
    for (int i = 0; i < words_count; i++)
        if (strstr(row->name, words[i]))
            return true;
    return words_count == 0;
}

void bench_rows(const struct row *rows, size_t rows_count, char **words, int words_count)
{
    for (size_t i = 0; i < rows_count; i++)
        if (wanted(&rows[i], words, words_count))
            bench_row(&rows[i]);
}

void bench_require(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "bench: wrong result: %s\n", what);
    exit(1);
}
