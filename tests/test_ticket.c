/* tests/test_ticket.c - a server's tickets, sealed and opened; their keys (N9, N10, N11). */
#include "tls13/ticket.h"

#include "crypto/aead.h"
#include "tests/stride.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { NOW = 1790000000, LIFETIME = 3600 };

static uint64_t random_state;
static bool random_works;

static bool fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len && random_works; i++) {
        random_state = random_state * 6364136223846793005 + 1442695040888963407;
        out[i] = (uint8_t)(random_state >> 56);
    }
    return random_works;
}

static const struct random_source random_source = { fill, NULL };
static bool fill_names_only(void *context, uint8_t *out, size_t len)
{
    return len == TICKET_KEY_NAME_LEN && fill(context, out, len);
}

static struct ticket_keys keys;
static struct ticket content, opened;
static uint8_t sealed[TICKET_MAX + 1];
static size_t sealed_len;

static void begin(void)
{
    random_state = 1;
    random_works = true;
    ck_assert(ticket_keys_make(&keys, &random_source, LIFETIME, NOW));
    content = (struct ticket){ .hash = &hash_sha256, .issued = NOW, .lifetime = LIFETIME,
                               .authenticated_until = NOW + 10 * LIFETIME };
    memset(content.psk.byte, 0xa1, 32);
    memset(content.binding, 0xb2, sizeof content.binding);
    memset(content.client_identity, 0xc3, sizeof content.client_identity);
}

static void seal_at(int64_t now)
{
    ck_assert(ticket_seal(&keys, sealed, &sealed_len, &content, now));
    ck_assert_uint_le(sealed_len, TICKET_MAX);
}

static bool opens_at(int64_t now)
{
    static const struct ticket nothing;
    bool good = ticket_open(&keys, &opened, bytes_of(sealed, sealed_len), now);
    if (!good)
        ck_assert_mem_eq(&opened, &nothing, sizeof opened);
    return good;
}

/* ---- sealing and opening ---- */

START_TEST(what_is_sealed_can_be_opened)
{
    begin();
    content.hash = _i ? &hash_sha384 : &hash_sha256;
    memset(content.psk.byte, 0xa1, content.hash->digest_len);
    seal_at(NOW);
    ck_assert_uint_eq(sealed_len, _i ? TICKET_MAX : TICKET_MAX - 16);
    ck_assert(opens_at(NOW));
    ck_assert_ptr_eq(opened.hash, content.hash);
    ck_assert_mem_eq(opened.psk.byte, content.psk.byte, content.hash->digest_len);
    ck_assert_int_eq(opened.issued, content.issued);
    ck_assert_uint_eq(opened.lifetime, content.lifetime);
    ck_assert_int_eq(opened.authenticated_until, content.authenticated_until);
    ck_assert_mem_eq(opened.binding, content.binding, sizeof content.binding);
    ck_assert_mem_eq(opened.client_identity, content.client_identity,
                     sizeof content.client_identity);
}
END_TEST

START_TEST(nothing_of_it_can_be_read)
{
    begin();
    seal_at(NOW);
    for (size_t i = 0; i < 3; i++) {
        uint8_t run[4];
        memset(run, "\xa1\xb2\xc3"[i], sizeof run);
        ck_assert_ptr_null(memmem(sealed, sealed_len, run, sizeof run));
    }
}
END_TEST

START_TEST(every_bit_counts)
{
    begin();
    seal_at(NOW);
    for (size_t bit = 0; bit < 8 * sealed_len; bit += stride(37)) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!opens_at(NOW));
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert(opens_at(NOW));
}
END_TEST

START_TEST(every_length_counts)
{
    begin();
    seal_at(NOW);
    size_t whole = sealed_len;
    for (sealed_len = 0; sealed_len <= TICKET_MAX + 1; sealed_len++)
        ck_assert_int_eq(opens_at(NOW), sealed_len == whole);
    static uint8_t longer[2 * TICKET_MAX];
    struct ticket opened_too;
    memcpy(longer, sealed, TICKET_MAX);
    ck_assert(!ticket_open(&keys, &opened_too, bytes_of(longer, sizeof longer), NOW));
}
END_TEST

/* A format that is not ours, even under our own key: it is versioned. */
START_TEST(another_format)
{
    static const struct { size_t at; uint8_t is, longer; } wrong[] = {
        { 0, 2, 0 }, { 1, 31, 0 }, { 1, 48, 0 }, { 1, 40, 8 },
    };
    struct aead_key key;
    begin();
    seal_at(NOW);
    uint8_t *body = sealed + 28, *nonce = sealed + 16;
    aead_aes_256_gcm.init(&key, keys.current.key);
    ck_assert(aead_aes_256_gcm.open(&key, body, nonce, bytes_of(sealed, 16),
                                    bytes_of(body, sealed_len - 28)));
    ck_assert_uint_eq(body[0], 1);
    ck_assert_uint_eq(body[1], 32);
    body[wrong[_i].at] = wrong[_i].is;
    memset(body + sealed_len - 28 - 16, 0, wrong[_i].longer);
    sealed_len += wrong[_i].longer;
    aead_aes_256_gcm.seal(&key, body, nonce, bytes_of(sealed, 16),
                          bytes_of(body, sealed_len - 28 - 16));
    ck_assert(!opens_at(NOW));
}
END_TEST

/* ---- keys, N9 ---- */

static bool all_zero(const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (b[i])
            return false;
    return true;
}

/* GnuTLS CVE-2020-13777: the first key was zeros until the first rotation. */
START_TEST(n9_random_from_the_start)
{
    uint8_t zeros[TICKET_KEY_LEN] = { 0 }, out[TICKET_MAX];
    struct aead_key key;
    begin();
    ck_assert(!all_zero(keys.current.key, TICKET_KEY_LEN));
    ck_assert(!all_zero(keys.current.name, TICKET_KEY_NAME_LEN));
    seal_at(NOW);
    aead_aes_256_gcm.init(&key, zeros);
    ck_assert(!aead_aes_256_gcm.open(&key, out, sealed + 16, bytes_of(sealed, 16),
                                     bytes_of(sealed + 28, sealed_len - 28)));
}
END_TEST

/* No random bytes, no keys; keys that were not made seal and open nothing, not even what was sealed
 * under zeros. */
START_TEST(n9_no_keys_without_randomness)
{
    struct aead_key key;
    begin();
    random_works = false;
    ck_assert(!ticket_keys_make(&keys, &random_source, LIFETIME, NOW));
    ck_assert(!ticket_seal(&keys, sealed, &sealed_len, &content, NOW));
    random_works = true;
    static const struct random_source names_only = { fill_names_only, NULL };
    ck_assert(!ticket_keys_make(&keys, &names_only, LIFETIME, NOW));
    ck_assert(!ticket_seal(&keys, sealed, &sealed_len, &content, NOW));
    memset(&keys, 0, sizeof keys);
    keys.random = &random_source;
    random_works = false;
    aead_aes_256_gcm.init(&key, keys.current.key);
    memset(sealed, 0, sizeof sealed);
    aead_aes_256_gcm.seal(&key, sealed + 28, sealed + 16, bytes_of(sealed, 16),
                          bytes_of(sealed + 28, TICKET_MAX - 16 - 28 - 16));
    sealed_len = TICKET_MAX - 16;
    ck_assert(!opens_at(NOW));
}
END_TEST

START_TEST(n9_no_lifetime_beyond_a_week)
{
    begin();
    ck_assert(!ticket_keys_make(&keys, &random_source, 0, NOW));
    ck_assert(ticket_keys_make(&keys, &random_source, 604800, NOW));
    ck_assert(!ticket_keys_make(&keys, &random_source, 604801, NOW));
    ck_assert(!ticket_keys_make(&keys, &random_source, UINT32_MAX, NOW));
}
END_TEST

/* Two keys open, one seals; after two turns the first is gone. */
START_TEST(n9_keys_turn)
{
    uint8_t first[TICKET_MAX], name[TICKET_KEY_NAME_LEN];
    begin();
    content.lifetime = 10 * LIFETIME;                    /* so that only the key is in question */
    seal_at(NOW);
    memcpy(name, keys.current.name, sizeof name);
    memcpy(first, sealed, sealed_len);
    seal_at(NOW + LIFETIME - 1);
    ck_assert_mem_eq(sealed, name, sizeof name);
    seal_at(NOW + LIFETIME);
    ck_assert_mem_ne(sealed, name, sizeof name);
    ck_assert(opens_at(NOW + LIFETIME));
    memcpy(sealed, first, sealed_len);
    ck_assert(opens_at(NOW + 2 * LIFETIME - 1));
    ck_assert(!opens_at(NOW + 2 * LIFETIME));
    ck_assert_ptr_null(memmem(&keys, sizeof keys, name, sizeof name));
}
END_TEST

/* What was sealed last under a key can be opened for all of its lifetime. */
START_TEST(n9_a_turn_costs_nobody_a_ticket)
{
    begin();
    content.issued = NOW + LIFETIME - 1;
    seal_at(NOW + LIFETIME - 1);
    for (int64_t t = NOW + LIFETIME - 1; t < NOW + 2 * LIFETIME - 1; t += 7)
        ck_assert(opens_at(t));
    ck_assert(opens_at(NOW + 2 * LIFETIME - 2));
}
END_TEST

/* Nothing happened for long: the key that is there has had its turn. */
START_TEST(n9_a_key_that_slept)
{
    begin();
    content.lifetime = 100 * LIFETIME;
    seal_at(NOW);
    ck_assert(!opens_at(NOW + 2 * LIFETIME));
    ck_assert(!keys.previous.usable);
    ck_assert_int_eq(keys.current.made, NOW + 2 * LIFETIME);
}
END_TEST

/* SP 800-38D §8.3: so many messages under one key with random nonces, and then another. */
START_TEST(n9_messages_under_one_key)
{
    uint8_t name[TICKET_KEY_NAME_LEN];
    begin();
    ck_assert_uint_eq(keys.seal_limit, UINT32_MAX);
    keys.seal_limit = 3;
    seal_at(NOW);
    memcpy(name, sealed, sizeof name);
    seal_at(NOW);
    seal_at(NOW);
    ck_assert_mem_eq(sealed, name, sizeof name);
    seal_at(NOW);
    ck_assert_mem_ne(sealed, name, sizeof name);
}
END_TEST

START_TEST(n9_nonces_are_new)
{
    uint8_t nonces[64][AEAD_NONCE_LEN];
    begin();
    for (size_t i = 0; i < 64; i++) {
        seal_at(NOW);
        memcpy(nonces[i], sealed + TICKET_KEY_NAME_LEN, AEAD_NONCE_LEN);
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(nonces[i], nonces[j], AEAD_NONCE_LEN);
    }
}
END_TEST

/* It cannot turn: the old key seals no more, and opens as long as it would have. */
START_TEST(n9_randomness_fails_later)
{
    begin();
    seal_at(NOW);
    random_works = false;
    ck_assert(!ticket_seal(&keys, sealed, &sealed_len, &content, NOW));  /* no nonce */
    begin();
    content.lifetime = 10 * LIFETIME;
    seal_at(NOW);
    random_works = false;
    ck_assert(opens_at(NOW + LIFETIME));
    ck_assert(!keys.current.usable);
    random_works = true;
    seal_at(NOW + LIFETIME + 1);
    ck_assert(opens_at(NOW + LIFETIME + 1));
}
END_TEST

START_TEST(n9_wiped)
{
    static const struct ticket_keys nothing;
    begin();
    ticket_keys_wipe(&keys);
    ck_assert_mem_eq(&keys, &nothing, sizeof keys);
}
END_TEST

/* ---- time, N10 ---- */

static const struct { int64_t issued, until; uint32_t lifetime; int64_t now; bool good; } times[] = {
    { NOW, NOW + 99, LIFETIME, NOW, true },
    { NOW, NOW + 99, LIFETIME, NOW + 98, true },
    { NOW, NOW + 99, LIFETIME, NOW + 99, false },        /* the certificate was too long ago */
    { NOW, NOW + 99999, 50, NOW + 49, true },
    { NOW, NOW + 99999, 50, NOW + 50, false },
    { NOW, NOW + 99999, 0, NOW, false },
    { NOW, NOW + 99999, 604800, NOW + 10, true },
    { NOW, NOW + 99999, 604801, NOW + 10, false },
    { NOW, NOW + 99999, UINT32_MAX, NOW + 10, false },
    { NOW + 1, NOW + 99, LIFETIME, NOW, false },         /* the clock was set back */
    { NOW - 50 * 86400, NOW + 99, 604800, NOW, false },
    { INT64_MAX, INT64_MAX, LIFETIME, NOW, false },
    { 0, INT64_MAX, LIFETIME, NOW, false },
    { NOW, INT64_MIN, LIFETIME, NOW, false },
};

START_TEST(n10_times)
{
    begin();
    content.issued = times[_i].issued;
    content.lifetime = times[_i].lifetime;
    content.authenticated_until = times[_i].until;
    seal_at(NOW);
    ck_assert_int_eq(opens_at(times[_i].now), times[_i].good);
}
END_TEST

/* A clock that is set back to before the key was made ends that key, and nothing worse. */
START_TEST(n10_clock_set_back)
{
    begin();
    seal_at(NOW);
    ck_assert(!opens_at(NOW - 1));
    ck_assert_int_eq(keys.current.made, NOW - 1);
    content.issued = NOW - 1;
    seal_at(NOW - 1);
    ck_assert(opens_at(NOW - 1));
    ck_assert(!ticket_open(&keys, &opened, bytes_of(sealed, sealed_len), INT64_MIN + 1));
    ck_assert(!ticket_open(&keys, &opened, bytes_of(sealed, sealed_len), INT64_MAX));
}
END_TEST

/* N11: the server keeps nothing of a ticket. */
START_TEST(n11_nothing_is_kept)
{
    begin();
    struct ticket_keys before = keys;
    for (unsigned i = 0; i < 1000; i++) {
        seal_at(NOW);
        ck_assert(opens_at(NOW));
    }
    before.current.sealed = 1000;
    ck_assert_mem_eq(&keys, &before, sizeof keys);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ticket");
    TCase *c = tcase_create("all");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, what_is_sealed_can_be_opened, 0, 2);
    tcase_add_test(c, nothing_of_it_can_be_read);
    tcase_add_test(c, every_bit_counts);
    tcase_add_test(c, every_length_counts);
    tcase_add_loop_test(c, another_format, 0, 4);
    tcase_add_test(c, n9_random_from_the_start);
    tcase_add_test(c, n9_no_keys_without_randomness);
    tcase_add_test(c, n9_no_lifetime_beyond_a_week);
    tcase_add_test(c, n9_keys_turn);
    tcase_add_test(c, n9_a_turn_costs_nobody_a_ticket);
    tcase_add_test(c, n9_a_key_that_slept);
    tcase_add_test(c, n9_messages_under_one_key);
    tcase_add_test(c, n9_nonces_are_new);
    tcase_add_test(c, n9_randomness_fails_later);
    tcase_add_test(c, n9_wiped);
    tcase_add_loop_test(c, n10_times, 0, (int)COUNT(times));
    tcase_add_test(c, n10_clock_set_back);
    tcase_add_test(c, n11_nothing_is_kept);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
