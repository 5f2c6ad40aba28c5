/* tls13/server_retry.c - HelloRetryRequest, from the server's side.
 *
 * Implements  RFC 8446 §4.1.4, §4.2.2 (cookies, and operating without state), §4.4.1 (the
 *             transcript across a retry); §4.1.2 and RFC 9846 §4.2.2 on what the second
 *             ClientHello repeats.
 */
#include "tls13/server_retry.h"

#include "tls13/cookie.h"
#include "tls13/server.h"

#include <string.h>

static void digest_u16_and(struct tls *t, struct hash_state *state, uint16_t x, struct bytes b)
{
    uint8_t head[6] = { (uint8_t)(x >> 8), (uint8_t)x };
    store_be32(head + 2, (uint32_t)b.len);
    t->suite->hash->update(state, bytes_of(head, sizeof head));
    t->suite->hash->update(state, b);
}

/* §4.1.2: a second ClientHello repeats the first except for early_data, cookie, pre_shared_key and
 * padding, and for key_share if a share was asked for. */
static bool may_change(const struct tls *t, uint16_t type)
{
    return type == EXT_EARLY_DATA || type == EXT_COOKIE || type == EXT_PRE_SHARED_KEY
        || type == EXT_PADDING || (type == EXT_KEY_SHARE && t->handshake->retry_group != 0);
}

/* The digest is over everything else. Extensions MAY appear in any order (§4.2), and wolfSSL's do
 * in its second hello: so each is hashed by itself, and added bit by bit. */
static void digest_fixed_part(struct tls *t, uint8_t out[HASH_MAX],
                              const struct client_hello *hello, struct bytes extension_block)
{
    const struct hash *hash = t->suite->hash;
    struct hash_state state;
    uint8_t one[HASH_MAX];
    hash->init(&state);
    digest_u16_and(t, &state, hello->legacy_version, hello->random);
    digest_u16_and(t, &state, 0, hello->legacy_session_id);
    digest_u16_and(t, &state, 0, hello->cipher_suites);
    digest_u16_and(t, &state, 0, hello->legacy_compression_methods);
    hash->final(&state, out);
    for (struct reader r = reader_of(extension_block); reader_more(&r);) {
        uint16_t type = read_u16(&r);
        struct bytes body = read_vec16(&r, 0);
        if (may_change(t, type))
            continue;
        hash->init(&state);
        digest_u16_and(t, &state, type, body);
        hash->final(&state, one);
        for (size_t i = 0; i < hash->digest_len; i++)
            out[i] ^= one[i];
    }
}

/* The extension block stands at the end of the body, behind the compression methods. */
static struct bytes extension_block(const struct client_hello *hello, struct bytes body)
{
    struct bytes before = hello->legacy_compression_methods;
    const uint8_t *start = before.at + before.len + 2;
    return bytes_of(start, (size_t)(body.at + body.len - start));
}

/* ---- the request ---- */

static int64_t now(const struct tls *t)
{
    return t->config->s.now(t->config->s.now_context);
}

/* The transcript is Hash(ClientHello1) and nothing else. */
static bool make_cookie(struct tls *t, const struct client_hello *hello, struct bytes hello_digest,
                        uint8_t out[COOKIE_MAX], size_t *out_len)
{
    struct tls_handshake *h = t->handshake;
    struct cookie cookie = {
        .suite = t->suite->code_point, .group = h->retry_group,
        .early_data = extensions_have(&hello->extensions, EXT_EARLY_DATA),
        .digest_len = t->suite->hash->digest_len,
    };
    memcpy(cookie.hello_digest, hello_digest.at, hello_digest.len);
    memcpy(cookie.fixed_part, h->first_hello_digest, cookie.digest_len);
    return cookie_make(t->config->s.cookie_keys, out, out_len, &cookie, h->cookie_context, now(t));
}

static struct server_answer retry_answer(const struct tls *t, struct bytes cookie)
{
    const struct tls_handshake *h = t->handshake;
    return (struct server_answer){
        .random = bytes_of(hello_retry_random, HELLO_RANDOM_LEN),
        .session_id_echo = bytes_of(h->session_id, h->session_id_len),
        .cipher_suite = t->suite->code_point, .is_retry = true,
        .share = { .group = h->retry_group }, .cookie = cookie,
    };
}

enum alert send_hello_retry_request(struct tls *t, struct message *m,
                                    const struct client_hello *hello, bool wants_share)
{
    struct tls_handshake *h = t->handshake;
    uint8_t cookie[COOKIE_MAX], digest[HASH_MAX];
    size_t cookie_len = 0;
    h->retry_group = wants_share ? t->group->code_point : 0;
    digest_fixed_part(t, h->first_hello_digest, hello, extension_block(hello, m->body));
    transcript_add(&h->transcript, m->whole);
    transcript_hash(&h->transcript, digest);
    if (t->config->s.cookie_keys
        && !make_cookie(t, hello, bytes_of(digest, t->suite->hash->digest_len), cookie,
                        &cookie_len))
        return fail(t, ALERT_INTERNAL_ERROR, "no random bytes for a cookie key");
    transcript_replace_with_message_hash(&h->transcript);
    h->hello_retry = t->hello_retry = true;
    struct server_answer answer = retry_answer(t, bytes_of(cookie, cookie_len));
    struct outgoing out = message_begin(t, SERVER_HELLO);
    server_hello_encode(out.w, &answer);
    TRY(message_end(t, out));
    m->other_arrow = true;
    return flight_change_cipher_spec(t);
}

/* ---- the second hello ---- */

bool has_cookie_of_ours(const struct tls *t, const struct client_hello *hello)
{
    return t->config->s.cookie_keys && extensions_have(&hello->extensions, EXT_COOKIE);
}

static enum alert read_cookie(struct tls *t, struct bytes *sealed, struct cookie *cookie,
                              const struct client_hello *hello)
{
    struct fault fault = { 0 };
    struct bytes body = extensions_body(&hello->extensions, EXT_COOKIE);
    enum alert alert = decode_cookie(sealed, &fault, body);
    if (alert != ALERT_NONE)
        return fail_fault(t, alert, &fault);
    t->fault_at = body.at;
    if (!cookie_read(t->config->s.cookie_keys, cookie, *sealed, t->handshake->cookie_context,
                     now(t)))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "ClientHello: a cookie that is not ours, or not any more (RFC 8446 §4.2.2)");
    return ALERT_NONE;
}

static enum alert check_repeats(struct tls *t, const struct message *m,
                                const struct client_hello *hello, const uint8_t *fixed_part)
{
    uint8_t digest[HASH_MAX];
    digest_fixed_part(t, digest, hello, extension_block(hello, m->body));
    if (memcmp(digest, fixed_part, t->suite->hash->digest_len) != 0)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: differs from the first where it may not "
                    "(RFC 8446 §4.1.2)");
    if (extensions_have(&hello->extensions, EXT_EARLY_DATA))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: early_data is not allowed (RFC 8446 §4.1.2)");
    return ALERT_NONE;
}

/* We know the first hello; if we gave a cookie, it has to be that one all the same. */
enum alert check_second_hello(struct tls *t, const struct message *m,
                              const struct client_hello *hello)
{
    struct cookie cookie;
    struct bytes sealed;
    TRY(check_repeats(t, m, hello, t->handshake->first_hello_digest));
    if (!t->config->s.cookie_keys)
        return ALERT_NONE;
    if (!has_cookie_of_ours(t, hello))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: without the cookie (RFC 8446 §4.2.2)");
    TRY(read_cookie(t, &sealed, &cookie, hello));
    return check_repeats(t, m, hello, cookie.fixed_part);
}

/* The choice that the first hello led to; this one, repeating it, would lead to the same. */
static enum alert restore_choice(struct tls *t, const struct cookie *cookie)
{
    const struct algorithms *a = t->config->s.algorithms;
    t->suite = suite_find(a, cookie->suite);
    t->group = group_find(a, cookie->group);
    t->handshake->retry_group = cookie->group;
    if (!t->suite || (!t->group && cookie->group != 0))
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "second ClientHello: our algorithms are others than at the first");
    return ALERT_NONE;
}

enum alert resume_from_cookie(struct tls *t, const struct message *m,
                              const struct client_hello *hello)
{
    struct tls_handshake *h = t->handshake;
    uint8_t request[4 + COOKIE_MAX + 128];
    struct writer w = writer_of(request, sizeof request);
    struct cookie cookie;
    struct bytes sealed;
    TRY(read_cookie(t, &sealed, &cookie, hello));
    TRY(restore_choice(t, &cookie));
    TRY(check_repeats(t, m, hello, cookie.fixed_part));
    h->hello_retry = t->hello_retry = true;
    h->sent_change_cipher_spec = true;                   /* behind the HelloRetryRequest */
    struct server_answer answer = retry_answer(t, sealed);
    write_u8(&w, SERVER_HELLO);
    size_t length = write_vec_begin(&w, 3);
    server_hello_encode(&w, &answer);
    write_vec_end(&w, length, 3);
    transcript_start(&h->transcript, t->suite->hash);
    transcript_add_message_hash(&h->transcript, bytes_of(cookie.hello_digest, cookie.digest_len));
    transcript_add(&h->transcript, writer_bytes(&w));
    return ALERT_NONE;
}

bool tls_may_forget(const struct tls *t)
{
    return t->state == WAIT_SECOND_CH && t->config->s.cookie_keys && flight_sent(t->handshake);
}

void tls_bind_cookie(struct tls *t, struct bytes context)
{
    if (t->handshake)
        t->handshake->cookie_context = context;
}
