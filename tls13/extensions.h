/* tls13/extensions.h - extension blocks, and which extension belongs in which message
 * (RFC 8446 §4.2's table as data).
 *
 * Decoding an extension block finds each known extension's body; judging bodies is the business of
 * the message that carries them.
 */
#ifndef SEALPOST_TLS13_EXTENSIONS_H
#define SEALPOST_TLS13_EXTENSIONS_H

#include "crypto/bytes.h"
#include "tls13/alert.h"

/* The messages of §4.2's table, as a set. */
enum {
    IN_CH  = 1 << 0,        /* ClientHello */
    IN_SH  = 1 << 1,        /* ServerHello */
    IN_EE  = 1 << 2,        /* EncryptedExtensions */
    IN_CT  = 1 << 3,        /* Certificate */
    IN_CR  = 1 << 4,        /* CertificateRequest */
    IN_NST = 1 << 5,        /* NewSessionTicket */
    IN_HRR = 1 << 6,        /* HelloRetryRequest */
};

struct extension_rule { uint16_t type; const char *name; unsigned allowed; };

/* One row per extension that this stack recognises; the row's index is the extension's bit. */
extern const struct extension_rule extension_rules[];
enum { EXTENSION_COUNT = 23 };

struct extensions {
    uint32_t present;                        /* bit i: extension_rules[i] is there */
    struct bytes body[EXTENSION_COUNT];
    uint16_t last_type;                      /* §4.2.11: pre_shared_key comes last */
    bool has_unknown;                        /* at least one that this stack does not recognise */
};

struct fault { const char *reason; const uint8_t *at; };       /* why, and where in the input */

/* Decodes `block`, the content of an extensions vector, as part of `message` (one IN_ value).
 * decode_error for bad syntax; illegal_parameter for a second extension of one type, or for a
 * recognised one that has no place in this message; and, in a message that answers
 * (SH, HRR, EE, CT), unsupported_extension for one that is not in `offered` or is unknown.
 * A cookie in HRR needs no offer. Unknown ones elsewhere are ignored (§4.2). */
enum alert extensions_decode(struct extensions *out, struct fault *fault, struct bytes block,
                             unsigned message, uint32_t offered);

bool extensions_have(const struct extensions *e, uint16_t type);

/* The body of one that is there; empty if it is not. */
struct bytes extensions_body(const struct extensions *e, uint16_t type);

/* Looks for one type in a block that nothing is known of yet: true, and its body, if it is reached
 * before the block ends or turns out malformed. */
bool extensions_find(struct bytes *body, struct bytes block, uint16_t type);

/* Its bit in `present`, 0 for an unknown type. */
uint32_t extension_bit(uint16_t type);

#endif
