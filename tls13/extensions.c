/* tls13/extensions.c - extension blocks, and which extension belongs in which message.
 *
 * Implements  RFC 8446 §4.2 (the table, duplicates, unsolicited answers), RFC 9846 §4.3.
 */
#include "tls13/extensions.h"

#include "tls13/codepoints.h"
#include "tls13/u16_set.h"

#include <assert.h>

const struct extension_rule extension_rules[] = {
    /* RFC 8446 §4.2, in its order; record_size_limit, RFC 8449; server_name's CR, RFC 9846 §4.3 */
    { EXT_SERVER_NAME,               "server_name",               IN_CH | IN_EE | IN_CR },
    { EXT_MAX_FRAGMENT_LENGTH,       "max_fragment_length",       IN_CH | IN_EE },
    { EXT_STATUS_REQUEST,            "status_request",            IN_CH | IN_CR | IN_CT },
    { EXT_SUPPORTED_GROUPS,          "supported_groups",          IN_CH | IN_EE },
    { EXT_SIGNATURE_ALGORITHMS,      "signature_algorithms",      IN_CH | IN_CR },
    { EXT_USE_SRTP,                  "use_srtp",                  IN_CH | IN_EE },
    { EXT_HEARTBEAT,                 "heartbeat",                 IN_CH | IN_EE },
    { EXT_ALPN,                      "application_layer_protocol_negotiation", IN_CH | IN_EE },
    { EXT_SIGNED_CERTIFICATE_TIMESTAMP, "signed_certificate_timestamp",
                                                                  IN_CH | IN_CR | IN_CT },
    { EXT_CLIENT_CERTIFICATE_TYPE,   "client_certificate_type",   IN_CH | IN_EE },
    { EXT_SERVER_CERTIFICATE_TYPE,   "server_certificate_type",   IN_CH | IN_EE },
    { EXT_PADDING,                   "padding",                   IN_CH },
    { EXT_KEY_SHARE,                 "key_share",                 IN_CH | IN_SH | IN_HRR },
    { EXT_PRE_SHARED_KEY,            "pre_shared_key",            IN_CH | IN_SH },
    { EXT_PSK_KEY_EXCHANGE_MODES,    "psk_key_exchange_modes",    IN_CH },
    { EXT_EARLY_DATA,                "early_data",                IN_CH | IN_EE | IN_NST },
    { EXT_COOKIE,                    "cookie",                    IN_CH | IN_HRR },
    { EXT_SUPPORTED_VERSIONS,        "supported_versions",        IN_CH | IN_SH | IN_HRR },
    { EXT_CERTIFICATE_AUTHORITIES,   "certificate_authorities",   IN_CH | IN_CR },
    { EXT_OID_FILTERS,               "oid_filters",               IN_CR },
    { EXT_POST_HANDSHAKE_AUTH,       "post_handshake_auth",       IN_CH },
    { EXT_SIGNATURE_ALGORITHMS_CERT, "signature_algorithms_cert", IN_CH | IN_CR },
    { EXT_RECORD_SIZE_LIMIT,         "record_size_limit",         IN_CH | IN_EE },
};
_Static_assert(COUNT(extension_rules) == EXTENSION_COUNT, "EXTENSION_COUNT");

static size_t rule_index(uint16_t type)
{
    size_t i = 0;
    while (i < EXTENSION_COUNT && extension_rules[i].type != type)
        i++;
    return i;
}

uint32_t extension_bit(uint16_t type)
{
    size_t i = rule_index(type);
    return i < EXTENSION_COUNT ? (uint32_t)1 << i : 0;
}

bool extensions_have(const struct extensions *e, uint16_t type)
{
    return (e->present & extension_bit(type)) != 0;
}

struct bytes extensions_body(const struct extensions *e, uint16_t type)
{
    size_t i = rule_index(type);
    assert(i < EXTENSION_COUNT);
    return e->present >> i & 1 ? e->body[i] : bytes_of(NULL, 0);
}

bool extensions_find(struct bytes *body, struct bytes block, uint16_t type)
{
    for (struct reader r = reader_of(block); reader_more(&r);) {
        uint16_t found = read_u16(&r);
        *body = read_vec16(&r, 0);
        if (!r.bad && found == type)
            return true;
    }
    return false;
}

/* Whether an extension of this type may stand in `message` (§4.2, last paragraphs). */
static enum alert judge_type(struct fault *fault, uint16_t type, unsigned message,
                             uint32_t offered)
{
    size_t i = rule_index(type);
    bool answers = (message & (IN_SH | IN_HRR | IN_EE | IN_CT)) != 0;
    if (i < EXTENSION_COUNT && !(extension_rules[i].allowed & message)) {
        fault->reason = "a recognised extension in a message that it is not specified for "
                        "(RFC 8446 §4.2)";
        return ALERT_ILLEGAL_PARAMETER;
    }
    if (type == EXT_COOKIE && message == IN_HRR)
        return ALERT_NONE;
    if (answers && !(extension_bit(type) & offered)) {
        fault->reason = "an extension that answers no offer of ours (RFC 8446 §4.2)";
        return ALERT_UNSUPPORTED_EXTENSION;
    }
    return ALERT_NONE;
}

/* RFC 8446 §4.2   Extension: u16 extension_type, extension_data <0..2^16-1> */
enum alert extensions_decode(struct extensions *out, struct fault *fault, struct bytes block,
                             unsigned message, uint32_t offered)
{
    struct reader r = reader_of(block);
    struct u16_set seen = { { 0 } };                     /* unknown types too */
    *out = (struct extensions){ 0 };
    while (reader_more(&r)) {
        fault->at = r.rest.at;
        uint16_t type = read_u16(&r);
        struct bytes body = read_vec16(&r, 0);
        if (r.bad)
            break;
        if (u16_set_has(&seen, type)) {
            fault->reason = "two extensions of one type (RFC 8446 §4.2)";
            return ALERT_ILLEGAL_PARAMETER;
        }
        u16_set_add(&seen, type);
        TRY(judge_type(fault, type, message, offered));
        size_t i = rule_index(type);
        if (i < EXTENSION_COUNT) {
            out->present |= (uint32_t)1 << i;
            out->body[i] = body;
        } else {
            out->has_unknown = true;
        }
        out->last_type = type;
    }
    if (!reader_done(&r)) {
        fault->reason = "malformed extension block (RFC 8446 §4.2)";
        return ALERT_DECODE_ERROR;
    }
    return ALERT_NONE;
}
