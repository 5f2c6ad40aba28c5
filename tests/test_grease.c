/* tests/test_grease.c - values that nobody knows, sent and passed over (RFC 8701). What a server
 * chooses of them is refused; that is in test_edits.c for every other value too.
 */
#include "tests/editor.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static bool is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

/* ---- what the client sends ---- */

static uint8_t hello[2][4096];
static size_t hello_len[2], hellos;

static void keep_hellos(struct middle *m, unsigned from, struct items *items)
{
    (void)m;
    for (size_t i = 0; i < items->count; i++) {
        struct bytes message = items->item[i].content;
        if (from != CLIENT || items->item[i].type != HANDSHAKE || message.at[0] != CLIENT_HELLO)
            continue;
        ck_assert_uint_lt(hellos, 2);
        hello_len[hellos] = message.len - 4;
        memcpy(hello[hellos++], message.at + 4, message.len - 4);
    }
}

static struct pair *connect_with(struct pair_setup setup)
{
    static struct middle middle;
    setup.grease = true;
    hellos = 0;
    struct pair *p = pair_start(&setup);
    middle = (struct middle){ .change = keep_hellos };
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    return p;
}

static unsigned grease_in(struct bytes list)
{
    unsigned n = 0;
    for (struct reader r = reader_of(list); reader_more(&r);)
        n += is_grease(read_u16(&r));
    return n;
}

static unsigned grease_shares(struct bytes list)
{
    unsigned n = 0;
    for (struct reader r = reader_of(list); reader_more(&r);)
        n += is_grease(read_key_share(&r).group);
    return n;
}

/* The types of extensions, which client_hello_decode does not keep. */
static unsigned grease_extensions(const struct client_hello *h, size_t i)
{
    struct bytes before = h->legacy_compression_methods;
    const uint8_t *at = before.at + before.len + 2;
    uint16_t first = 0;
    unsigned n = 0;
    for (struct reader r = reader_of(bytes_of(at, (size_t)(hello[i] + hello_len[i] - at)));
         reader_more(&r);) {
        uint16_t type = read_u16(&r);
        read_vec16(&r, 0);
        ck_assert(!is_grease(type) || type != first);    /* §5: not the same twice */
        first = is_grease(type) ? type : first;
        n += is_grease(type);
    }
    return n;
}

/* Every place of §3.1 that our hello has; a share of one byte, unless a retry has asked for one. */
static void check_hello(size_t i, unsigned shares)
{
    struct client_hello h;
    struct fault fault = { 0 };
    struct bytes list;
    ck_assert_int_eq(client_hello_decode(&h, &fault, bytes_of(hello[i], hello_len[i])),
                     ALERT_NONE);
    ck_assert_uint_eq(grease_in(h.cipher_suites), 1);
    decode_u16_list(&list, &fault, extensions_body(&h.extensions, EXT_SUPPORTED_GROUPS));
    ck_assert_uint_eq(grease_in(list), 1);
    decode_u16_list(&list, &fault, extensions_body(&h.extensions, EXT_SIGNATURE_ALGORITHMS));
    ck_assert_uint_eq(grease_in(list), 1);
    decode_supported_versions(&list, &fault,
                              extensions_body(&h.extensions, EXT_SUPPORTED_VERSIONS));
    ck_assert_uint_eq(grease_in(list), 1);
    decode_key_shares(&list, &fault, extensions_body(&h.extensions, EXT_KEY_SHARE));
    ck_assert_uint_eq(grease_shares(list), shares);
    decode_alpn(&list, &fault, extensions_body(&h.extensions, EXT_ALPN));
    ck_assert(list.at[0] == 2 && is_grease(load_be16(list.at + 1)));
    ck_assert_uint_eq(grease_extensions(&h, i), 2);
}

START_TEST(sent_everywhere)
{
    struct pair *p = connect_with((struct pair_setup){
        .hello_retry = _i == 1, .client_alpn = { "smtp" }, .server_alpn = { "smtp" } });
    ck_assert_uint_eq(hellos, _i ? 2 : 1);
    check_hello(0, 1);
    if (_i)
        check_hello(1, 0);
    pair_send(p, CLIENT, bytes_of_string("there"));
}
END_TEST

/* §4.1.2: where only a cookie was asked for, the shares stay, this one as well. */
START_TEST(stays_beside_a_cookie)
{
    static struct cookie_keys keys;
    ck_assert(cookie_keys_make(&keys, &random_system, 60, PAIR_NOW));
    connect_with((struct pair_setup){ .cookie_keys = &keys, .demand_cookie = true, .forget = true,
                                      .client_alpn = { "smtp" }, .server_alpn = { "smtp" } });
    ck_assert_uint_eq(hellos, 2);
    check_hello(0, 1);
    check_hello(1, 1);
}
END_TEST

/* All sixteen digits in every place: the client's random is what chooses them. */
START_TEST(every_value)
{
    static const struct bytes protocols[] = { { (const uint8_t *)"smtp", 4 } };
    uint8_t random[HELLO_RANDOM_LEN] = { 0 };
    struct client_offer offer = {
        .random = bytes_of(random, sizeof random), .algorithms = &algorithms_default,
        .alpn = protocols, .alpn_count = 1, .grease = true, .grease_share = true,
        .shares = { { 0x001d, bytes_of_string("share") } }, .share_count = 1,
    };
    for (unsigned digit = 0; digit < 16; digit++) {
        struct writer w = writer_of(hello[0], sizeof hello[0]);
        memset(random, (int)(digit << 4), sizeof random);
        client_hello_encode(&w, &offer);
        ck_assert(writer_done(&w));
        hello_len[0] = w.len;
        check_hello(0, 1);
    }
}
END_TEST

START_TEST(none_unless_asked_for)
{
    static struct middle middle;
    struct client_hello h;
    struct fault fault = { 0 };
    hellos = 0;
    struct pair *p = pair_start(&(struct pair_setup){ 0 });
    middle = (struct middle){ .change = keep_hellos };
    middle_join(&middle, p);
    pair_run(p);
    ck_assert_int_eq(client_hello_decode(&h, &fault, bytes_of(hello[0], hello_len[0])),
                     ALERT_NONE);
    ck_assert_uint_eq(grease_in(h.cipher_suites), 0);
    ck_assert_uint_eq(grease_extensions(&h, 0), 0);
}
END_TEST

/* ---- what the server sends (§4.1) ---- */

static unsigned requests, tickets;

/* The types of extensions in a block that are GREASE. */
static unsigned grease_in_block(struct bytes block)
{
    unsigned n = 0;
    for (struct reader r = reader_of(block); reader_more(&r);) {
        n += is_grease(read_u16(&r));
        read_vec16(&r, 0);
    }
    return n;
}

static void look_at_server(struct middle *m, unsigned from, struct items *items)
{
    for (size_t i = 0; from == SERVER && i < items->count; i++) {
        struct bytes message = items->item[i].content, body, list;
        struct reader r = reader_of(message);
        struct fault fault;
        unsigned expected = m->pair->setup.grease;
        read_bytes(&r, 4);
        if (items->item[i].type == HANDSHAKE && message.at[0] == CERTIFICATE_REQUEST) {
            read_vec8(&r, 0);
            requests++;
            struct bytes block = read_vec16(&r, 0);
            ck_assert_uint_eq(grease_in_block(block), expected);
            ck_assert(extensions_find(&body, block, EXT_SIGNATURE_ALGORITHMS));
            ck_assert_int_eq(decode_u16_list(&list, &fault, body), ALERT_NONE);
            ck_assert_uint_eq(grease_in(list), expected);
        }
        if (items->item[i].type == HANDSHAKE && message.at[0] == NEW_SESSION_TICKET) {
            read_bytes(&r, 4 + 4);
            read_vec8(&r, 0);
            read_vec16(&r, 0);
            tickets++;
            ck_assert_uint_eq(grease_in_block(read_vec16(&r, 0)), expected);
        }
    }
}

/* In a CertificateRequest and in each ticket, which stays one that can be used. */
START_TEST(sent_by_a_server)
{
    static struct middle middle;
    static struct tls_session kept[2], session;
    struct pair_setup s = { .grease = _i, .client_key = KEY_P256, .tickets = 2,
                            .client_certificate = CLIENT_CERTIFICATE_REQUIRED,
                            .resumption = { .keep = kept, .keep_count = 2 } };
    requests = tickets = 0;
    struct pair *p = pair_start(&s);
    middle = (struct middle){ .change = look_at_server };
    middle_join(&middle, p);
    pair_run(p);
    pair_connected(p);
    ck_assert(requests == 1 && tickets == 2);
    session = kept[0];
    s.resumption.offer = &session;
    p = pair_start(&s);
    pair_run(p);
    pair_connected(p);
    ck_assert(tls_facts(&p->end[SERVER].tls).resumed);
}
END_TEST

/* ---- what a server must not choose, and a client refuses (§3.1) ---- */

/* `text` with ?? replaced. */
static void put_value(char *out, size_t cap, const char *text, const char *value)
{
    const char *mark = strstr(text, "??");
    snprintf(out, cap, "%.*s%s%s", (int)(mark - text), text, value, mark + 2);
}

START_TEST(chosen_by_the_server)
{
    static const struct { struct edit edit; enum alert alert; } cases[] = {
        { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_SUPPORTED_VERSIONS, "??" },
          ALERT_ILLEGAL_PARAMETER },
        { { EDIT_SUITES, SERVER_HELLO, 0, 0, "??" }, ALERT_ILLEGAL_PARAMETER },
        { { EDIT_SET_EXTENSION, SERVER_HELLO, 0, EXT_KEY_SHARE, "?? 0001 00" },
          ALERT_ILLEGAL_PARAMETER },
        { { EDIT_SET_EXTENSION, HELLO_RETRY_REQUEST, 0, EXT_KEY_SHARE, "??" },
          ALERT_ILLEGAL_PARAMETER },
        { { EDIT_SET_EXTENSION, ENCRYPTED_EXTENSIONS, 0, EXT_ALPN, "0003 02??" },
          ALERT_ILLEGAL_PARAMETER },
        { { EDIT_OVERWRITE, CERTIFICATE_VERIFY, 0, 0, "??" }, ALERT_ILLEGAL_PARAMETER },
    };
    static struct misbehaving m;
    char value[5], with[40];
    for (unsigned digit = 0; digit < 16; digit++)
        for (size_t i = 0; i < COUNT(cases); i++) {
            struct edit edit = cases[i].edit;
            snprintf(value, sizeof value, "%xa%xa", digit, digit);
            put_value(with, sizeof with, edit.with, value);
            edit.with = with;
            misbehave(&m, &edit, 1);
            struct pair *p = pair_start(&(struct pair_setup){
                .grease = true, .hello_retry = edit.message == HELLO_RETRY_REQUEST,
                .client_alpn = { "smtp" }, .server_alpn = { "smtp" },
                .editor = { NULL, &m.editor } });
            pair_run(p);
            pair_failed(p, CLIENT, with, cases[i].alert, "");
        }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("grease");
    TCase *c = tcase_create("grease");
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, sent_everywhere, 0, 2);
    tcase_add_test(c, stays_beside_a_cookie);
    tcase_add_test(c, every_value);
    tcase_add_loop_test(c, sent_by_a_server, 0, 2);
    tcase_add_test(c, none_unless_asked_for);
    tcase_add_test(c, chosen_by_the_server);
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
