/* tls13/hello.c - ClientHello, ServerHello and HelloRetryRequest.
 *
 * Implements  RFC 8446 §4.1.2, §4.1.3, §4.1.4 and the negotiating extensions of §4.2; RFC 6066 §3
 *             (server_name); RFC 7301 §3.1 (ALPN).
 * Decoding never decides: it checks the syntax, and the state machines judge.
 */
#include "tls13/hello.h"

#include "tls13/certificate.h"
#include "tls13/x509/verify.h"

#include <string.h>

/* check: SHA-256("HelloRetryRequest") */
const uint8_t hello_retry_random[HELLO_RANDOM_LEN] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool random_has_downgrade_sentinel(struct bytes random)
{
    static const uint8_t tls12[8] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D', 1 };
    static const uint8_t tls11[8] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D', 0 };
    const uint8_t *end = random.at + HELLO_RANDOM_LEN - 8;
    return memcmp(end, tls12, 8) == 0 || memcmp(end, tls11, 8) == 0;
}

/* One end for all the decoders: nothing failed and nothing is left over, or where it went wrong. */
static enum alert finish(const struct reader *r, struct fault *fault, const char *reason)
{
    if (reader_done(r))
        return ALERT_NONE;
    *fault = (struct fault){ reason, r->rest.at };
    return ALERT_DECODE_ERROR;
}

/* RFC 8446 §4.1.2   ClientHello: u16 legacy_version, random[32], legacy_session_id <0..32>,
 *                   cipher_suites <2..2^16-2>, legacy_compression_methods <1..2^8-1>,
 *                   extensions <8..2^16-1>
 * The extensions are missing altogether in hellos older than them (§4.1.2, last paragraph). */
enum alert client_hello_decode(struct client_hello *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    out->legacy_version = read_u16(&r);
    out->random = read_bytes(&r, HELLO_RANDOM_LEN);
    out->legacy_session_id = read_vec8(&r, 0);
    out->cipher_suites = read_vec16(&r, 2);
    out->legacy_compression_methods = read_vec8(&r, 1);
    struct bytes block = reader_more(&r) ? read_vec16(&r, 0) : bytes_of(NULL, 0);
    TRY(finish(&r, fault, "malformed ClientHello (RFC 8446 §4.1.2)"));
    if (out->legacy_session_id.len > SESSION_ID_MAX || out->cipher_suites.len % 2) {
        *fault = (struct fault){ "ClientHello: session id too long, or half a cipher suite "
                                 "(RFC 8446 §4.1.2)", out->legacy_session_id.at };
        return ALERT_DECODE_ERROR;
    }
    return extensions_decode(&out->extensions, fault, block, IN_CH, 0);
}

/* RFC 8446 §4.1.3   ServerHello: u16 legacy_version, random[32], legacy_session_id_echo <0..32>,
 *                   u16 cipher_suite, u8 legacy_compression_method, extensions <6..2^16-1>
 * A server of TLS 1.2 may leave the extensions out; then there is no supported_versions either. */
enum alert server_hello_decode(struct server_hello *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    out->legacy_version = read_u16(&r);
    out->random = read_bytes(&r, HELLO_RANDOM_LEN);
    out->legacy_session_id_echo = read_vec8(&r, 0);
    out->cipher_suite = read_u16(&r);
    out->legacy_compression_method = read_u8(&r);
    out->extension_block = reader_more(&r) ? read_vec16(&r, 0) : bytes_of(NULL, 0);
    TRY(finish(&r, fault, "malformed ServerHello (RFC 8446 §4.1.3)"));
    if (out->legacy_session_id_echo.len > SESSION_ID_MAX) {
        *fault = (struct fault){ "ServerHello: session id too long (RFC 8446 §4.1.3)",
                                 out->legacy_session_id_echo.at };
        return ALERT_DECODE_ERROR;
    }
    out->is_retry = memcmp(out->random.at, hello_retry_random, HELLO_RANDOM_LEN) == 0;
    return ALERT_NONE;
}

bool list_has_u16(struct bytes list, uint16_t code_point)
{
    for (struct reader r = reader_of(list); reader_more(&r);)
        if (read_u16(&r) == code_point && !r.bad)
            return true;
    return false;
}

static enum alert check_even(struct bytes list, struct fault *fault)
{
    if (list.len % 2 == 0)
        return ALERT_NONE;
    *fault = (struct fault){ "a list of 16-bit values with an odd length", list.at };
    return ALERT_DECODE_ERROR;
}

/* §4.2.3, §4.2.7   <2..2^16-2> of u16 */
enum alert decode_u16_list(struct bytes *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_vec16(&r, 2);
    TRY(finish(&r, fault, "malformed list of code points (RFC 8446 §4.2.3, §4.2.7)"));
    return check_even(*out, fault);
}

/* §4.2.1   versions <2..254> of u16 */
enum alert decode_supported_versions(struct bytes *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_vec8(&r, 2);
    TRY(finish(&r, fault, "malformed supported_versions (RFC 8446 §4.2.1)"));
    return check_even(*out, fault);
}

/* §4.2.8   KeyShareEntry: u16 group, key_exchange <1..2^16-1> */
struct key_share_entry read_key_share(struct reader *r)
{
    struct key_share_entry entry;
    entry.group = read_u16(r);
    entry.key_exchange = read_vec16(r, 1);
    return entry;
}

/* §4.2.8   client_shares <0..2^16-1>; an empty list asks for a HelloRetryRequest */
enum alert decode_key_shares(struct bytes *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_vec16(&r, 0);
    TRY(finish(&r, fault, "malformed key_share (RFC 8446 §4.2.8)"));
    struct reader entries = reader_of(*out);
    while (reader_more(&entries))
        read_key_share(&entries);
    return finish(&entries, fault, "malformed KeyShareEntry (RFC 8446 §4.2.8)");
}

enum alert decode_key_share_entry(struct key_share_entry *out, struct fault *fault,
                                  struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_key_share(&r);
    return finish(&r, fault, "malformed KeyShareEntry (RFC 8446 §4.2.8)");
}

/* RFC 6066 §3   server_name_list <1..2^16-1> of { u8 name_type, host_name <1..2^16-1> }
 * One name, and it is a host_name: no other type was ever defined. */
enum alert decode_server_name(struct bytes *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    struct reader list = reader_of(read_vec16(&r, 1));
    TRY(finish(&r, fault, "malformed server_name (RFC 6066 §3)"));
    uint8_t name_type = read_u8(&list);
    *out = read_vec16(&list, 1);
    if (!list.bad && name_type == 0 && list.rest.len > 0) {
        *fault = (struct fault){ "server_name: more than one name (RFC 6066 §3)", list.rest.at };
        return ALERT_ILLEGAL_PARAMETER;
    }
    TRY(finish(&list, fault, "malformed server_name (RFC 6066 §3)"));
    const char *why;
    if (name_type != 0 || !x509_name_usable(*out, &why) || x509_name_is_ip(*out)) {
        *fault = (struct fault){ "server_name: not a DNS host name (RFC 6066 §3)", body.at };
        return ALERT_ILLEGAL_PARAMETER;
    }
    return ALERT_NONE;
}

/* RFC 7301 §3.1   protocol_name_list <2..2^16-1> of opaque <1..2^8-1> */
enum alert decode_alpn(struct bytes *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_vec16(&r, 2);
    TRY(finish(&r, fault, "malformed ALPN (RFC 7301 §3.1)"));
    struct reader names = reader_of(*out);
    while (reader_more(&names))
        read_vec8(&names, 1);
    return finish(&names, fault, "malformed ALPN protocol name (RFC 7301 §3.1)");
}

/* §4.2.2   cookie <1..2^16-1> */
enum alert decode_cookie(struct bytes *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_vec16(&r, 1);
    return finish(&r, fault, "malformed cookie (RFC 8446 §4.2.2)");
}

/* §4.2.4   authorities <3..2^16-1> of opaque DistinguishedName <1..2^16-1> */
enum alert decode_certificate_authorities(struct bytes *out, struct fault *fault,
                                          struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_vec16(&r, 3);
    TRY(finish(&r, fault, "malformed certificate_authorities (RFC 8446 §4.2.4)"));
    struct reader names = reader_of(*out);
    while (reader_more(&names))
        read_vec16(&names, 1);
    return finish(&names, fault, "malformed DistinguishedName (RFC 8446 §4.2.4)");
}

/* §4.2.1 selected_version, §4.2.8 selected_group */
enum alert decode_selected_u16(uint16_t *out, struct fault *fault, struct bytes body)
{
    struct reader r = reader_of(body);
    *out = read_u16(&r);
    return finish(&r, fault, "a single 16-bit value was expected (RFC 8446 §4.2.1, §4.2.8)");
}

/* ---- encoding ---- */

struct extension { size_t mark; };

static struct extension extension_begin(struct writer *w, uint16_t type)
{
    write_u16(w, type);
    return (struct extension){ write_vec_begin(w, 2) };
}

static void extension_end(struct writer *w, struct extension e)
{
    write_vec_end(w, e.mark, 2);
}

void write_extension(struct writer *w, uint16_t type, struct bytes body)
{
    struct extension e = extension_begin(w, type);
    write_bytes(w, body);
    extension_end(w, e);
}

/* RFC 6066 §3 */
static void write_server_name(struct writer *w, struct bytes name)
{
    struct extension e = extension_begin(w, EXT_SERVER_NAME);
    size_t list = write_vec_begin(w, 2);
    write_u8(w, 0);                                      /* host_name */
    size_t host_name = write_vec_begin(w, 2);
    write_bytes(w, name);
    write_vec_end(w, host_name, 2);
    write_vec_end(w, list, 2);
    extension_end(w, e);
}

/* RFC 8701 §5: at random, yet the same in both hellos; so the client's random chooses, which is as
 * public. */
uint16_t grease_code_point(const uint8_t random[HELLO_RANDOM_LEN], enum grease_place place)
{
    unsigned digit = random[place] >> 4;
    if (place == GREASE_LAST_EXTENSION && digit == random[GREASE_FIRST_EXTENSION] >> 4)
        digit ^= 1;                                      /* no extension twice */
    return (uint16_t)((digit << 4 | 0xa) * 0x0101);
}

static uint16_t grease_value(const struct client_offer *offer, enum grease_place place)
{
    return grease_code_point(offer->random.at, place);
}

static void write_grease(struct writer *w, const struct client_offer *offer,
                         enum grease_place place)
{
    if (offer->grease)
        write_u16(w, grease_value(offer, place));
}

static void write_grease_extension(struct writer *w, const struct client_offer *offer,
                                   enum grease_place place, struct bytes body)
{
    if (offer->grease)
        write_extension(w, grease_value(offer, place), body);
}

/* §4.2.7 */
void write_supported_groups(struct writer *w, const struct algorithms *a, uint16_t grease)
{
    struct extension e = extension_begin(w, EXT_SUPPORTED_GROUPS);
    size_t list = write_vec_begin(w, 2);
    if (grease)
        write_u16(w, grease);
    for (size_t i = 0; i < a->group_count; i++)
        write_u16(w, a->groups[i]->code_point);
    write_vec_end(w, list, 2);
    extension_end(w, e);
}

static void write_schemes(struct writer *w, uint16_t type,
                          const struct signature_scheme *const *schemes, size_t count,
                          uint16_t grease)
{
    struct extension e = extension_begin(w, type);
    size_t list = write_vec_begin(w, 2);
    if (grease)
        write_u16(w, grease);
    for (size_t i = 0; i < count; i++)
        write_u16(w, schemes[i]->code_point);
    write_vec_end(w, list, 2);
    extension_end(w, e);
}

/* §4.2.3: without signature_algorithms_cert the first list counts for certificates too */
void write_signature_algorithms(struct writer *w, const struct algorithms *a, uint16_t grease)
{
    write_schemes(w, EXT_SIGNATURE_ALGORITHMS, a->schemes, a->scheme_count, grease);
    if (a->certificate_scheme_count > 0)
        write_schemes(w, EXT_SIGNATURE_ALGORITHMS_CERT, a->certificate_schemes,
                      a->certificate_scheme_count, grease);
}

/* RFC 7301 §3.1 */
static void write_alpn(struct writer *w, const struct client_offer *offer)
{
    struct extension e = extension_begin(w, EXT_ALPN);
    size_t list = write_vec_begin(w, 2);
    if (offer->grease)
        write_u8(w, 2);
    write_grease(w, offer, GREASE_PROTOCOL);
    for (size_t i = 0; i < offer->alpn_count; i++) {
        size_t name = write_vec_begin(w, 1);
        write_bytes(w, offer->alpn[i]);
        write_vec_end(w, name, 1);
    }
    write_vec_end(w, list, 2);
    extension_end(w, e);
}

/* §4.2.1: TLS 1.3 and nothing else that we know */
static void write_supported_versions(struct writer *w, const struct client_offer *offer)
{
    struct extension e = extension_begin(w, EXT_SUPPORTED_VERSIONS);
    size_t list = write_vec_begin(w, 1);
    write_grease(w, offer, GREASE_VERSION);
    write_u16(w, VERSION_TLS13);
    write_vec_end(w, list, 1);
    extension_end(w, e);
}

static void write_key_share_entry(struct writer *w, const struct key_share_entry *share)
{
    write_u16(w, share->group);
    size_t key_exchange = write_vec_begin(w, 2);
    write_bytes(w, share->key_exchange);
    write_vec_end(w, key_exchange, 2);
}

/* §4.2.8: in the order of supported_groups, of which they are a subset */
static void write_client_shares(struct writer *w, const struct client_offer *offer)
{
    struct extension e = extension_begin(w, EXT_KEY_SHARE);
    size_t list = write_vec_begin(w, 2);
    if (offer->grease_share)
        write_key_share_entry(w, &(struct key_share_entry){ grease_value(offer, GREASE_GROUP),
                                                            bytes_of("\0", 1) });
    for (size_t i = 0; i < offer->share_count; i++)
        write_key_share_entry(w, &offer->shares[i]);
    write_vec_end(w, list, 2);
    extension_end(w, e);
}

/* §4.2.2 */
static void write_cookie(struct writer *w, struct bytes cookie)
{
    struct extension e = extension_begin(w, EXT_COOKIE);
    size_t vector = write_vec_begin(w, 2);
    write_bytes(w, cookie);
    write_vec_end(w, vector, 2);
    extension_end(w, e);
}

static void write_u16_extension(struct writer *w, uint16_t type, uint16_t value)
{
    struct extension e = extension_begin(w, type);
    write_u16(w, value);
    extension_end(w, e);
}

void write_record_size_limit(struct writer *w, uint16_t limit)
{
    write_u16_extension(w, EXT_RECORD_SIZE_LIMIT, limit);
}

static void write_client_extensions(struct writer *w, const struct client_offer *offer)
{
    size_t block = write_vec_begin(w, 2);
    write_grease_extension(w, offer, GREASE_FIRST_EXTENSION, bytes_of(NULL, 0));
    if (offer->server_name.len > 0)
        write_server_name(w, offer->server_name);
    write_supported_groups(w, offer->algorithms,
                           offer->grease ? grease_value(offer, GREASE_GROUP) : 0);
    if (!offer->no_certificate)
        write_signature_algorithms(w, offer->algorithms,
                                   offer->grease ? grease_value(offer, GREASE_SCHEME) : 0);
    if (offer->request_status)
        write_status_request(w);
    write_bytes(w, offer->certificate_types);
    if (offer->alpn_count > 0)
        write_alpn(w, offer);
    write_supported_versions(w, offer);
    write_client_shares(w, offer);
    write_record_size_limit(w, offer->record_size_limit);
    if (offer->cookie.len > 0)
        write_cookie(w, offer->cookie);
    write_grease_extension(w, offer, GREASE_LAST_EXTENSION, bytes_of("\0", 1));
    if (offer->psk_modes)
        psk_modes_encode(w);
    psk_offer_encode(w, offer->psks, offer->psk_count);  /* §4.2.11: the last one */
    write_vec_end(w, block, 2);
}

static void write_vec8(struct writer *w, struct bytes b)
{
    size_t mark = write_vec_begin(w, 1);
    write_bytes(w, b);
    write_vec_end(w, mark, 1);
}

/* §4.1.2 */
void client_hello_encode(struct writer *w, const struct client_offer *offer)
{
    write_u16(w, VERSION_TLS12);
    write_bytes(w, offer->random);
    write_vec8(w, offer->session_id);
    size_t suites = write_vec_begin(w, 2);
    write_grease(w, offer, GREASE_SUITE);
    for (size_t i = 0; i < offer->algorithms->suite_count; i++)
        write_u16(w, offer->algorithms->suites[i]->code_point);
    write_vec_end(w, suites, 2);
    write_vec8(w, bytes_of("\0", 1));                    /* no compression */
    write_client_extensions(w, offer);
}

/* §4.1.3, §4.1.4 */
void server_hello_encode(struct writer *w, const struct server_answer *answer)
{
    write_u16(w, VERSION_TLS12);
    write_bytes(w, answer->random);
    write_vec8(w, answer->session_id_echo);
    write_u16(w, answer->cipher_suite);
    write_u8(w, 0);
    size_t block = write_vec_begin(w, 2);
    if (!answer->is_retry) {
        struct extension e = extension_begin(w, EXT_KEY_SHARE);
        write_key_share_entry(w, &answer->share);
        extension_end(w, e);
    } else if (answer->share.group != 0) {
        write_u16_extension(w, EXT_KEY_SHARE, answer->share.group);
    }
    if (answer->psk)
        write_u16_extension(w, EXT_PRE_SHARED_KEY, answer->selected_identity);
    write_u16_extension(w, EXT_SUPPORTED_VERSIONS, VERSION_TLS13);
    if (answer->cookie.len > 0)
        write_cookie(w, answer->cookie);
    write_vec_end(w, block, 2);
}
