/* tests/test_cookie.c - cookies, and servers that forget (RFC 8446 §4.2.2; S9 of the bug
 * classes). */
#include "tests/editor.h"
#include "tests/stride.h"

#include "crypto/hash.h"
#include "crypto/hmac.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { LIFETIME = 60 };

static struct cookie_keys keys;

static bool no_bytes(void *context, uint8_t *out, size_t len)
{
    (void)context;
    (void)out;
    (void)len;
    return false;
}

/* ---- cookies by themselves ---- */

static const struct bytes here = { (const uint8_t *)"192.0.2.1:1234", 14 };
static const struct bytes there = { (const uint8_t *)"192.0.2.1:1235", 14 };

static struct cookie some_cookie(uint8_t digest_len)
{
    struct cookie c = { .suite = 0x1302, .group = 0x001d, .early_data = true,
                        .digest_len = digest_len };
    memset(c.hello_digest, 0xa1, digest_len);
    memset(c.fixed_part, 0xb2, digest_len);
    return c;
}

static uint8_t sealed[COOKIE_MAX];
static size_t sealed_len;

static void make(int64_t now)
{
    struct cookie c = some_cookie(32);
    ck_assert(cookie_make(&keys, sealed, &sealed_len, &c, here, now));
}

static bool reads(struct bytes cookie, struct bytes context, int64_t now)
{
    struct cookie out;
    return cookie_read(&keys, &out, cookie, context, now);
}

static struct bytes cookie(void)
{
    return bytes_of(sealed, sealed_len);
}

START_TEST(s9_comes_back_as_it_was)
{
    static const uint8_t lengths[] = { 32, 48 };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        struct cookie out, in = some_cookie(lengths[i]);
        ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000));
        ck_assert(cookie_make(&keys, sealed, &sealed_len, &in, here, 1000));
        ck_assert(cookie_read(&keys, &out, cookie(), here, 1000));
        ck_assert_mem_eq(&in, &out, sizeof in);
    }
}
END_TEST

START_TEST(s9_every_bit_and_length_counts)
{
    static uint8_t changed[COOKIE_MAX + 1];
    ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000));
    make(1000);
    for (size_t bit = 0; bit < 8 * sealed_len; bit += stride(7)) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!reads(cookie(), here, 1000));
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    memcpy(changed, sealed, sealed_len);
    for (size_t len = 0; len <= sealed_len + 1; len++)
        ck_assert(reads(bytes_of(changed, len), here, 1000) == (len == sealed_len));
    ck_assert(!reads(bytes_of(changed, sizeof changed), here, 1000));
}
END_TEST

/* The tag, made by hand: HMAC over the length of the context, the context, and the content. */
static void tag_again(size_t content_len)
{
    struct hmac m;
    uint8_t context_len[4], tag[HASH_MAX];
    store_be32(context_len, (uint32_t)here.len);
    hmac_init(&m, &hash_sha256, bytes_of(keys.current.key, sizeof keys.current.key));
    hmac_update(&m, bytes_of(context_len, sizeof context_len));
    hmac_update(&m, here);
    hmac_update(&m, bytes_of(sealed, content_len));
    hmac_final(&m, tag);
    memcpy(sealed + content_len, tag, COOKIE_TAG_LEN);
    sealed_len = content_len + COOKIE_TAG_LEN;
}

/* What is not of this format is not read, even if our key has made it. */
START_TEST(s9_another_format)
{
    enum { LENGTHS = 14 };                                /* where the first digest begins */
    static const struct { size_t at; uint8_t is; size_t content_len; bool good; } cases[] = {
        { 0, 1, LENGTHS + 33 + 33, true },
        { 0, 2, LENGTHS + 33 + 33, false },               /* another version */
        { LENGTHS, 31, LENGTHS + 33 + 33, false },
        { LENGTHS, 65, LENGTHS + 66, false },             /* longer than any digest */
        { LENGTHS + 33, 31, LENGTHS + 33 + 32, false },   /* two lengths */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000));
        make(1000);
        ck_assert_uint_eq(sealed_len, LENGTHS + 33 + 33 + COOKIE_TAG_LEN);
        sealed[cases[i].at] = cases[i].is;
        tag_again(cases[i].content_len);
        ck_assert_msg(reads(cookie(), here, 1000) == cases[i].good, "case %zu", i);
    }
}
END_TEST

START_TEST(s9_bound_to_its_context)
{
    ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000));
    make(1000);
    ck_assert(reads(cookie(), here, 1000));
    ck_assert(!reads(cookie(), there, 1000));
    ck_assert(!reads(cookie(), bytes_of(NULL, 0), 1000));
    ck_assert(!reads(cookie(), bytes_of(here.at, here.len - 1), 1000));
}
END_TEST

/* Good for its lifetime, and not before it was made; nor when the clock goes anywhere else. */
START_TEST(s9_expires)
{
    static const struct { int64_t after; bool good; } cases[] = {
        { 0, true }, { 1, true }, { LIFETIME - 1, true }, { LIFETIME, false },
        { 10 * LIFETIME, false }, { -1, false }, { INT64_MAX - 1000, false },
    };
    for (int64_t age_of_key = 0; age_of_key < LIFETIME; age_of_key += LIFETIME - 1)
        for (size_t i = 0; i < COUNT(cases); i++) {
            ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000 - age_of_key));
            make(1000);
            ck_assert(reads(cookie(), here, 1000 + cases[i].after) == cases[i].good);
        }
}
END_TEST

/* N9: keys are random, and turn; two believe, one makes. */
START_TEST(s9_keys_turn)
{
    uint8_t zeros[COOKIE_KEY_LEN] = { 0 }, first[COOKIE_KEY_LEN];
    ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000));
    ck_assert_mem_ne(keys.current.key, zeros, sizeof zeros);
    memcpy(first, keys.current.key, sizeof first);
    make(1000 + LIFETIME - 1);
    ck_assert_mem_eq(keys.current.key, first, sizeof first);
    ck_assert(reads(cookie(), here, 1000 + LIFETIME));
    ck_assert_mem_ne(keys.current.key, first, sizeof first);
    ck_assert_mem_eq(keys.previous.key, first, sizeof first);
    make(1000 + 2 * LIFETIME);
    ck_assert(!memmem(&keys, sizeof keys, first, sizeof first));
    cookie_keys_wipe(&keys);
    ck_assert(!keys.current.usable && !keys.previous.usable);
}
END_TEST

START_TEST(s9_no_key_without_random_bytes)
{
    static const struct random_source none = { no_bytes, NULL };
    struct cookie c = some_cookie(32);
    ck_assert(!cookie_keys_make(&keys, &none, LIFETIME, 1000));
    ck_assert(!cookie_make(&keys, sealed, &sealed_len, &c, here, 1000));
    ck_assert(!cookie_keys_make(&keys, &random_system, 0, 1000));
    ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, 1000));
    make(1000);
    keys.random = &none;
    ck_assert(reads(cookie(), here, 1000 + LIFETIME - 1));
    ck_assert(!cookie_make(&keys, sealed, &sealed_len, &c, here, 1000 + LIFETIME));
    ck_assert(!reads(cookie(), here, 1000 + 3 * LIFETIME));
}
END_TEST

/* ---- connections ---- */

static struct pair_setup with_cookies(unsigned flags)
{
    ck_assert(cookie_keys_make(&keys, &random_system, LIFETIME, PAIR_NOW));
    return (struct pair_setup){
        .suite = flags & 1 ? 0x1302 : 0x1301, .hello_retry = flags & 2, .forget = flags & 4,
        .demand_cookie = flags & 8, .resumed = flags & 16, .cookie_keys = &keys,
        .cookie_context = here,
    };
}

/* Each suite's hash, a retry for a group or for the cookie alone, with memory and without; and the
 * same of a session that is resumed, whose binder is over all of it (N6). */
START_TEST(s9_connects_with_a_cookie)
{
    unsigned flags = (unsigned)_i;
    struct pair_setup setup = with_cookies(flags);
    struct pair *p = pair_start(&setup);
    pair_run(p);
    pair_connected(p);
    bool retried = flags & (2 | 8);
    ck_assert(tls_facts(&p->end[CLIENT].tls).hello_retry == retried);
    ck_assert(tls_facts(&p->end[SERVER].tls).hello_retry == retried);
    ck_assert(tls_facts(&p->end[SERVER].tls).resumed == setup.resumed);
    pair_send(p, CLIENT, bytes_of_string("there"));
    pair_send(p, SERVER, bytes_of_string("and back"));
}
END_TEST

/* §4.2.2, §5: what a client sends in the middle comes before the first thing that the server
 * sees. */
START_TEST(s9_early_data_and_change_cipher_spec_between)
{
    static const struct edit offer = { EDIT_SET_EXTENSION, CLIENT_HELLO, 0, EXT_EARLY_DATA, "" };
    static const uint8_t early[1000];
    static struct misbehaving m;
    uint8_t out[4000];
    struct pair_setup setup = with_cookies(2 | 4);
    misbehave(&m, &offer, 1);
    setup.editor[CLIENT] = &m.editor;
    struct pair *p = pair_start(&setup);
    size_t n = tls_output(&p->end[CLIENT].tls, out, sizeof out);
    end_deliver(&p->end[SERVER], 0, bytes_of(out, n));
    ck_assert(!tls_may_forget(&p->end[SERVER].tls));      /* the retry is not out yet */
    n = tls_output(&p->end[SERVER].tls, out, sizeof out);
    ck_assert(tls_may_forget(&p->end[SERVER].tls));
    pair_run(p);                             /* it forgets */
    plain_for(p, SERVER, APPLICATION_DATA, bytes_of(early, sizeof early));
    plain_for(p, SERVER, CHANGE_CIPHER_SPEC, bytes_of("\1", 1));
    for (unsigned i = 0; i < 15; i++)
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(early, sizeof early));
    end_deliver(&p->end[CLIENT], 0, bytes_of(out, n));
    pair_run(p);
    pair_connected(p);
}
END_TEST

START_TEST(s9_too_much_between)
{
    static const uint8_t early[10000];
    struct pair_setup setup = with_cookies(2 | 4);
    struct pair *p = pair_start(&setup);
    for (unsigned i = 0; i < 2; i++)
        plain_for(p, SERVER, APPLICATION_DATA, bytes_of(early, sizeof early));
    pair_run(p);
    pair_failed(p, SERVER, "20,000 bytes", ALERT_UNEXPECTED_MESSAGE, "more early data");
}
END_TEST

/* A second hello with this done to its cookie. */
static struct pair *edited(struct edit edit, unsigned flags)
{
    static struct misbehaving m;
    struct pair_setup setup = with_cookies(flags);
    edit.message = CLIENT_HELLO;
    edit.nth = 1;
    misbehave(&m, &edit, 1);
    setup.editor[CLIENT] = &m.editor;
    struct pair *p = pair_start(&setup);
    pair_run(p);
    ck_assert(m.done);
    return p;
}

START_TEST(s9_edited_and_left_out)
{
    for (unsigned flags = 2; flags < 16; flags++) {
        if (!(flags & (2 | 8)))
            continue;
        struct pair *p = edited((struct edit){ EDIT_SET_EXTENSION, .at = EXT_COOKIE,
                                               .with = "0003 616263" }, flags);
        pair_failed(p, SERVER, "another cookie", ALERT_ILLEGAL_PARAMETER, "not ours");
        p = edited((struct edit){ EDIT_SET_EXTENSION, .at = EXT_COOKIE, .with = "0000" }, flags);
        pair_failed(p, SERVER, "an empty cookie", ALERT_DECODE_ERROR, "");
        p = edited((struct edit){ EDIT_REMOVE_EXTENSION, .at = EXT_COOKIE }, flags);
        if (flags & 4) {                                 /* nobody can know: a first hello again */
            ck_assert(!p->end[SERVER].connected || !(flags & 8));
            if (flags & 8)
                pair_failed(p, CLIENT, "a second retry", ALERT_UNEXPECTED_MESSAGE,
                            "no transition");
        } else {
            pair_failed(p, SERVER, "no cookie", ALERT_ILLEGAL_PARAMETER, "without the cookie");
        }
    }
}
END_TEST

/* Where only the cookie was asked for, the shares have to stay. */
START_TEST(s8_shares_stay_without_a_group)
{
    for (unsigned flags = 8; flags < 16; flags += 4) {
        struct pair *p = edited((struct edit){ EDIT_SET_EXTENSION, .at = EXT_KEY_SHARE,
                                               .with = "0000" }, flags);
        pair_failed(p, SERVER, "shares changed", ALERT_ILLEGAL_PARAMETER, "differs");
    }
}
END_TEST

/* ---- one connection's cookie at another ---- */

static uint8_t kept[COOKIE_MAX];
static size_t kept_len;

/* The cookie of a HelloRetryRequest, as the client gets to see it. */
static void keep_cookie(struct middle *m, unsigned from, struct items *items)
{
    (void)m;
    for (size_t i = 0; from == SERVER && i < items->count; i++) {
        struct bytes message = items->item[i].content, body;
        if (items->item[i].type != HANDSHAKE || type_of_message(message) != HELLO_RETRY_REQUEST)
            continue;
        size_t block = 4 + 2 + 32 + 1 + message.at[38] + 3 + 2;
        ck_assert(extensions_find(&body, bytes_of(message.at + block, message.len - block),
                                  EXT_COOKIE));
        kept_len = body.len - 2;
        memcpy(kept, body.at + 2, kept_len);
    }
}

static void keep_one(const struct pair_setup *setup)
{
    static struct middle middle;
    struct pair *p = pair_start(setup);
    middle = (struct middle){ .change = keep_cookie };
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
}

static const char *hex_of_kept(void)
{
    static char hex[4 + 2 * COOKIE_MAX + 1];
    int n = snprintf(hex, sizeof hex, "%04zx", kept_len);
    for (size_t i = 0; i < kept_len; i++)
        n += snprintf(hex + n, sizeof hex - (size_t)n, "%02x", kept[i]);
    return hex;
}

/* Both connections are alive, under the same keys: it is the hello that differs. */
START_TEST(s9_of_another_connection)
{
    const struct edit name = { EDIT_SET_EXTENSION, CLIENT_HELLO, 1, EXT_SERVER_NAME,
                                      "0005 00 0002 6162" };
    static struct misbehaving m;
    struct pair_setup setup = with_cookies(2 | (_i ? 4 : 0));
    keep_one(&setup);
    /* the random is the same, since the pair repeats: the name makes it another hello */
    const struct edit both[2] = {
        { EDIT_SET_EXTENSION, CLIENT_HELLO, 1, EXT_COOKIE, hex_of_kept() }, name,
    };
    misbehave(&m, both, 2);
    setup.editor[CLIENT] = &m.editor;
    struct pair *p = pair_start(&setup);
    pair_run(p);
    ck_assert(m.done);
    pair_failed(p, SERVER, "another's cookie", ALERT_ILLEGAL_PARAMETER, "differs");
}
END_TEST

/* From elsewhere, and too late; and again in time, which is no more than a first time. */
START_TEST(s9_replayed)
{
    for (unsigned i = 0; i < 3; i++) {
        struct pair_setup setup = with_cookies(2 | 4);
        keep_one(&setup);
        struct edit swap = { EDIT_SET_EXTENSION, CLIENT_HELLO, 1, EXT_COOKIE, hex_of_kept() };
        static struct misbehaving m;
        misbehave(&m, &swap, 1);
        setup.editor[CLIENT] = &m.editor;
        setup.clock = i == 1 ? LIFETIME : 0;
        setup.cookie_context = i == 2 ? there : here;
        struct pair *p = pair_start(&setup);
        pair_run(p);
        if (i == 0)
            pair_connected(p);
        else
            pair_failed(p, SERVER, "replayed", ALERT_ILLEGAL_PARAMETER, "not ours");
    }
}
END_TEST

/* A client never begins with a cookie; one that does, with what is no cookie, is not let in. */
START_TEST(s9_in_a_first_hello)
{
    static const struct edit first = { EDIT_ADD_EXTENSION, CLIENT_HELLO, 0, EXT_COOKIE, "0001 61" };
    static struct misbehaving m;
    struct pair_setup setup = with_cookies(2);
    misbehave(&m, &first, 1);
    setup.editor[CLIENT] = &m.editor;
    struct pair *p = pair_start(&setup);
    pair_run(p);
    pair_failed(p, SERVER, "a cookie at once", ALERT_ILLEGAL_PARAMETER, "not ours");
}
END_TEST

/* ---- what may have become of the server meanwhile ---- */

static const struct cipher_suite *other_suites[2];
static size_t other_suite_count;
static const struct named_group *other_groups[1];

/* The retry is on its way: the server's list of suites, or of groups, becomes another one. */
static void carry_and_reconfigure(struct pair *p, unsigned from, struct bytes out)
{
    if (from == SERVER && other_suite_count == 0)
        p->algorithms[SERVER].groups = other_groups;
    if (from == SERVER && other_suite_count > 0) {
        p->algorithms[SERVER].suites = other_suites;
        p->algorithms[SERVER].suite_count = other_suite_count;
    }
    end_deliver(&p->end[!from], 0, out);
}

/* §4.1.4: suite and group stay as they were; where they cannot, the connection ends. */
START_TEST(s8_other_settings_at_the_second_hello)
{
    static const char *const reasons[] = { "our algorithms", "our algorithms", "our settings" };
    struct pair_setup setup = with_cookies(2 | 4);
    struct pair *p = pair_start(&setup);
    other_suites[0] = suite_find(&algorithms_default, 0x1302);
    other_suites[1] = suite_find(&algorithms_default, 0x1301);
    other_groups[0] = group_find(&algorithms_default, 0x0018);
    other_suite_count = (size_t)_i;
    p->carry = carry_and_reconfigure;
    pair_run(p);
    pair_failed(p, SERVER, "reconfigured", ALERT_ILLEGAL_PARAMETER, reasons[_i]);
}
END_TEST

/* Nothing may be forgotten that no cookie brings back; and after the handshake there is no place
 * for a cookie any more. */
START_TEST(s9_nothing_to_forget)
{
    struct pair *p = pair_start(&(struct pair_setup){ .hello_retry = true });
    ck_assert(pair_step(p));
    ck_assert(!tls_may_forget(&p->end[SERVER].tls));
    pair_run(p);
    pair_connected(p);
    ck_assert(!tls_may_forget(&p->end[SERVER].tls));
    tls_bind_cookie(&p->end[SERVER].tls, here);
    pair_send(p, CLIENT, bytes_of("and on it goes", 14));
}
END_TEST

START_TEST(s9_no_cookie_without_random_bytes)
{
    static const struct random_source none = { no_bytes, NULL };
    struct pair_setup setup = with_cookies(2);
    keys.random = &none;
    keys.current.made = PAIR_NOW - LIFETIME;
    struct pair *p = pair_start(&setup);
    pair_run(p);
    pair_failed(p, SERVER, "no key", ALERT_INTERNAL_ERROR, "cookie key");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cookie");
    TCase *c = tcase_create("cookies");
    tcase_add_test(c, s9_comes_back_as_it_was);
    tcase_add_test(c, s9_every_bit_and_length_counts);
    tcase_add_test(c, s9_another_format);
    tcase_add_test(c, s9_bound_to_its_context);
    tcase_add_test(c, s9_expires);
    tcase_add_test(c, s9_keys_turn);
    tcase_add_test(c, s9_no_key_without_random_bytes);
    suite_add_tcase(s, c);
    c = tcase_create("connections");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, s9_connects_with_a_cookie, 0, 32);
    tcase_add_test(c, s9_early_data_and_change_cipher_spec_between);
    tcase_add_test(c, s9_too_much_between);
    tcase_add_test(c, s9_edited_and_left_out);
    tcase_add_test(c, s8_shares_stay_without_a_group);
    tcase_add_loop_test(c, s9_of_another_connection, 0, 2);
    tcase_add_test(c, s9_replayed);
    tcase_add_test(c, s9_in_a_first_hello);
    tcase_add_loop_test(c, s8_other_settings_at_the_second_hello, 0, 3);
    tcase_add_test(c, s9_no_cookie_without_random_bytes);
    tcase_add_test(c, s9_nothing_to_forget);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
