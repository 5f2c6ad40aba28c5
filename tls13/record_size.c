/* tls13/record_size.c - how long a record may be, and how long we make it.
 *
 * Implements  RFC 8449 §4, §5; RFC 8446 §5.1, §5.2, §5.4 (lengths, padding).
 * Because our AEADs all add the same 16 bytes, a protected record's header tells the length of what
 * is inside: one that is too long is refused before it is read.
 */
#include "tls13/record_size.h"

static uint16_t at_most(uint16_t a, uint16_t b)
{
    return a < b ? a : b;
}

/* RFC 8449 §4   RecordSizeLimit: u16 */
static enum alert decode(struct tls *t, uint16_t *limit, struct bytes body)
{
    struct reader r = reader_of(body);
    *limit = read_u16(&r);
    t->fault_at = body.at;
    if (!reader_done(&r))
        return fail(t, ALERT_DECODE_ERROR, "malformed record_size_limit (RFC 8449 §4)");
    if (*limit < RECORD_SIZE_LIMIT_MIN)
        return fail(t, ALERT_ILLEGAL_PARAMETER, "record_size_limit: below 64 (RFC 8449 §4)");
    return ALERT_NONE;
}

/* Records that came before we knew that the server keeps to our limit should have kept to it, too:
 * it is all in one flight. */
enum alert record_size_limit_accept(struct tls *t, struct bytes body)
{
    uint16_t limit;
    TRY(decode(t, &limit, body));
    if (limit > RECORD_INNER_MAX)
        return fail(t, ALERT_ILLEGAL_PARAMETER,
                    "record_size_limit: beyond what TLS 1.3 allows (RFC 8449 §4)");
    t->write_limit = limit;
    t->read_limit = t->config->s.record_size_limit;
    if (t->handshake->longest_fragment > record_fragment_max(t))
        return fail(t, ALERT_RECORD_OVERFLOW,
                    "a record before this was longer than our record_size_limit (RFC 8449 §4)");
    return ALERT_NONE;
}

/* RFC 8449 §4: a client may know a later version that allows more; that is no error. */
enum alert record_size_limit_keep(struct tls *t, const struct extensions *e)
{
    uint16_t limit;
    if (!extensions_have(e, EXT_RECORD_SIZE_LIMIT))
        return ALERT_NONE;
    TRY(decode(t, &limit, extensions_body(e, EXT_RECORD_SIZE_LIMIT)));
    t->handshake->client_record_limit = at_most(limit, RECORD_INNER_MAX);
    return ALERT_NONE;
}

void record_size_limit_answer(struct tls *t, struct writer *encrypted_extensions)
{
    if (t->handshake->client_record_limit == 0)
        return;
    t->write_limit = t->handshake->client_record_limit;
    t->read_limit = t->config->s.record_size_limit;
    write_record_size_limit(encrypted_extensions, t->read_limit);
}

size_t record_content_max(const struct tls *t)
{
    return t->write.aead ? t->write_limit - 1u : RECORD_PLAINTEXT_MAX;
}

size_t record_padding(const struct tls *t, size_t content_len, size_t room)
{
    size_t block = t->config->s.pad_records_to, inner = content_len + 1;
    if (block == 0)
        return 0;
    size_t padding = (block - inner % block) % block;
    if (padding > t->write_limit - inner)
        padding = t->write_limit - inner;
    return padding < room ? padding : room;
}

/* §5.2: without the extension up to 2^14 + 256, and record_open looks at what is inside. */
size_t record_fragment_max(const struct tls *t)
{
    return t->read_limit < RECORD_INNER_MAX ? t->read_limit + (size_t)AEAD_TAG_LEN
                                            : RECORD_FRAGMENT_MAX;
}
