/* smtp/address.h - mailboxes and paths as SMTP writes them (RFC 5321 §4.1.2).
 *
 * Parsing is by an allow-list grammar and comes before any defaulting: what is not in the grammar
 * is refused, so no byte of an address ever needs a second look by a shell, a file name or a log
 * (CVE-2020-7247 came from a check that an empty domain skipped). ASCII only: the addresses of
 * SMTPUTF8 (RFC 6531) are not in the grammar. A source route is parsed and forgotten, as Appendix C
 * has it: what counts is the mailbox behind it.
 *
 * Two local parts that differ only in quoting are the same (§4.1.2): a parsed address holds the
 * local part without quotes, and address_write puts them back where they are needed. The domain is
 * held in lower case (§2.4), the local part as written. Timing is public.
 */
#ifndef SEALPOST_SMTP_ADDRESS_H
#define SEALPOST_SMTP_ADDRESS_H

#include "crypto/bytes.h"

enum {
    ADDRESS_LOCAL_MAX  = 64,       /* RFC 5321 §4.5.3.1.1; as written, quotes included */
    ADDRESS_DOMAIN_MAX = 255,      /* §4.5.3.1.2 */
    ADDRESS_TEXT_MAX   = 254,      /* §4.5.3.1.3: a path is 256 octets with its brackets */
};

struct address {
    uint8_t local[ADDRESS_LOCAL_MAX];      /* unquoted: printable ASCII, and spaces */
    uint8_t domain[ADDRESS_DOMAIN_MAX];    /* lower case; or "[...]", an address literal */
    uint8_t local_len, domain_len;         /* domain_len 0: only <postmaster> has that */
};

enum address_error {
    ADDRESS_OK,
    ADDRESS_SYNTAX,                /* not in the grammar, or a part too long */
    ADDRESS_NO_DOMAIN,             /* a local part alone */
};

/* Mailbox: "alice@example.org", "\"a b\"@example.org", "alice@[192.0.2.1]". All of `text`. */
enum address_error address_parse(struct address *out, struct bytes text);

/* Reads a path with its angle brackets off the front of `r`. Reverse: "<>" is the null path, which
 * gives local_len == domain_len == 0. Forward: "<postmaster>" in any case needs no domain
 * (RFC 5321 §4.5.1). On an error the reader is spent. */
enum address_error address_read_reverse_path(struct reader *r, struct address *out);
enum address_error address_read_forward_path(struct reader *r, struct address *out);

/* The mailbox with no more quotes than it needs, without brackets; nothing for the null path.
 * At most ADDRESS_TEXT_MAX bytes: what would need more does not parse. */
void address_write(struct writer *w, const struct address *a);

/* A domain name (letters, digits, inner hyphens, labels of 1..63) or an address literal
 * (RFC 5321 §4.1.3), as EHLO takes them. */
bool address_is_domain(struct bytes text);
bool address_is_literal(struct bytes text);

static inline bool address_is_null(const struct address *a)
{
    return a->local_len == 0 && a->domain_len == 0;
}

static inline struct bytes address_local(const struct address *a)
{
    return bytes_of(a->local, a->local_len);
}

static inline struct bytes address_domain(const struct address *a)
{
    return bytes_of(a->domain, a->domain_len);
}

#endif
