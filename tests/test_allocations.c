/* tests/test_allocations.c - the engine allocates nothing.
 *
 * This program has a malloc of its own in front of libc's, which counts while it is told to; whole
 * connections run under it. AddressSanitizer has its own malloc already, and offers a hook.
 */
#include "tests/pair.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static volatile bool counting;               /* volatile: malloc is thought to change nothing */
static volatile size_t allocations;

#ifdef __SANITIZE_ADDRESS__                  /* gcc */
#define UNDER_ASAN
#elif defined(__has_feature)                 /* clang */
#if __has_feature(address_sanitizer)
#define UNDER_ASAN
#endif
#endif

#ifdef UNDER_ASAN

int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *memory, size_t size)
{
    (void)memory, (void)size;
    allocations += counting ? 1 : 0;
}

static void on_free(const volatile void *memory)
{
    (void)memory;
}

static void start_counter(void)
{
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}

#else

static void start_counter(void)
{
}

/* The own names, in glibc and musl, of what is interposed below. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
    allocations += counting ? 1 : 0;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations += counting ? 1 : 0;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    allocations += counting ? 1 : 0;
    return __libc_realloc(old, size);
}

void free(void *memory)
{
    __libc_free(memory);
}

#ifdef __GLIBC__                             /* musl's call malloc */

void *__libc_memalign(size_t alignment, size_t size);

void *aligned_alloc(size_t alignment, size_t size)
{
    allocations += counting ? 1 : 0;
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    allocations += counting ? 1 : 0;
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12;
}

#endif
#endif

START_TEST(the_counter_counts)
{
    allocations = 0;
    counting = true;
    void *volatile a = malloc(100);
    void *volatile b = calloc(3, 100);
    a = realloc(a, 1000);
    counting = false;
    ck_assert_uint_ge(allocations, 3);
    free(a);
    free(b);
}
END_TEST

/* Everything that a connection does between its first and its last byte. */
static void live(const struct pair_setup *setup)
{
    static uint8_t data[20000];
    struct pair *p = pair_start(setup);
    pair_run(p);
    pair_connected(p);
    for (unsigned i = 0; i < 2; i++) {
        pair_send(p, i, bytes_of(data, sizeof data));
        tls_update_keys(&p->end[i].tls, true);
        pair_run(p);
        pair_send(p, i, bytes_of(data, 1));
    }
    for (unsigned i = 0; i < 2; i++) {
        tls_close(&p->end[i].tls);
        pair_run(p);
    }
}

static const uint16_t suites[] = { 0x1301, 0x1302, 0x1303 };

START_TEST(nothing_is_allocated)
{
    struct pair_setup s = {
        .suite = suites[_i % 3], .group = _i / 3 % 2 ? 0x0017 : 0x001d,
        .key = _i / 6 % 2 ? KEY_P256 : KEY_ED25519, .hello_retry = _i / 12,
        .client_alpn = { "smtp" }, .server_alpn = { "smtp" }, .limits.records_per_key = 4,
    };
    pair_start(&s);                                      /* makes the certificates, once */
    allocations = 0;
    counting = true;
    live(&s);
    counting = false;
    ck_assert_uint_eq(allocations, 0);
}
END_TEST

/* Nor by a handshake that fails. */
START_TEST(nor_in_failing)
{
    struct pair_setup s = { .server_name = "other.example.org" };
    pair_start(&s);
    allocations = 0;
    counting = true;
    struct pair *p = pair_start(&s);
    pair_run(p);
    counting = false;
    ck_assert_uint_eq(allocations, 0);
    ck_assert(tls_failed(&p->end[CLIENT].tls) && tls_failed(&p->end[SERVER].tls));
}
END_TEST

int main(void)
{
    start_counter();
    Suite *s = suite_create("allocations");
    TCase *c = tcase_create("none");
    tcase_add_test(c, the_counter_counts);
    tcase_add_loop_test(c, nothing_is_allocated, 0, 24);
    tcase_add_test(c, nor_in_failing);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
