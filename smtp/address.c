/* smtp/address.c - the grammar of RFC 5321 §4.1.2 and §4.1.3, one function per production.
 *
 * Trusts      nothing: every byte is foreign.
 * Leaves out  SMTPUTF8, and General-address-literal (§4.1.3): no tag is registered but IPv6.
 */
#include "smtp/address.h"

#include "smtp/line.h"

#include <string.h>

static bool is_let_dig(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322 §3.2.3   atext */
static bool is_atext(uint8_t c)
{
    return is_let_dig(c) || (c > 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static uint8_t peek(const struct reader *r)
{
    return reader_more(r) ? r->rest.at[0] : 0;
}

static bool accept(struct reader *r, uint8_t c)
{
    if (!reader_more(r) || peek(r) != c)
        return false;
    read_u8(r);
    return true;
}

static void put_local(struct address *a, struct reader *r, uint8_t c)
{
    if (a->local_len == ADDRESS_LOCAL_MAX)
        r->bad = true;
    else
        a->local[a->local_len++] = c;
}

/* Dot-string = Atom *("." Atom) */
static void read_dot_string(struct reader *r, struct address *out)
{
    do {
        if (out->local_len > 0)
            put_local(out, r, '.');
        if (!is_atext(peek(r)))
            r->bad = true;
        while (is_atext(peek(r)))
            put_local(out, r, read_u8(r));
    } while (accept(r, '.'));
}

/* Quoted-string = DQUOTE *QcontentSMTP DQUOTE; the opening quote has been read. An empty one is in
 * the grammar, but no mailbox has that name and it would look like the null path: refused. */
static void read_quoted_string(struct reader *r, struct address *out)
{
    while (reader_more(r) && peek(r) != '"') {
        uint8_t c = read_u8(r);
        if (c == '\\')
            c = read_u8(r);
        if (c < 32 || c > 126)
            r->bad = true;
        put_local(out, r, c);
    }
    if (!accept(r, '"') || out->local_len == 0)
        r->bad = true;
}

/* Local-part = Dot-string / Quoted-string */
static void read_local_part(struct reader *r, struct address *out)
{
    size_t before = r->rest.len;
    if (accept(r, '"'))
        read_quoted_string(r, out);
    else
        read_dot_string(r, out);
    if (before - r->rest.len > ADDRESS_LOCAL_MAX)
        r->bad = true;
}

/* sub-domain = Let-dig [Ldh-str]; RFC 1035 §2.3.4: 63 octets */
static bool is_sub_domain(struct bytes label)
{
    if (label.len < 1 || label.len > 63)
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!is_let_dig(label.at[i]) && label.at[i] != '-')
            return false;
    return label.at[0] != '-' && label.at[label.len - 1] != '-';
}

/* Domain = sub-domain *("." sub-domain) */
bool address_is_domain(struct bytes text)
{
    if (text.len < 1 || text.len > ADDRESS_DOMAIN_MAX || text.at[text.len - 1] == '.')
        return false;
    struct reader r = reader_of(text);
    while (reader_more(&r))
        if (!is_sub_domain(read_until(&r, '.')))
            return false;
    return true;
}

/* IPv4-address-literal = Snum 3("." Snum) */
static bool is_ipv4(struct bytes text)
{
    struct reader r = reader_of(text);
    for (int i = 0; i < 4; i++) {
        uint64_t octet;
        struct bytes number = i < 3 ? read_until(&r, '.') : r.rest;
        if (number.len > 3 || !text_number(number, &octet) || octet > 255)
            return false;
    }
    return true;
}

static bool is_ipv6_hex(struct bytes group)
{
    if (group.len < 1 || group.len > 4)
        return false;
    for (size_t i = 0; i < group.len; i++)
        if (!group.at[i] || !strchr("0123456789abcdefABCDEF", group.at[i]))
            return false;
    return true;
}

/* IPv6-addr: groups of 16 bits between colons, 8 of them or fewer around one "::", and an IPv4
 * address for the last two. */
static bool is_ipv6(struct bytes text)
{
    struct reader r = reader_of(text);
    size_t groups = 0, empty = 0;
    if (text.len < 2 || text.len > 45 || (text.at[0] == ':' && text.at[1] != ':')
        || (text.at[text.len - 1] == ':' && text.at[text.len - 2] != ':'))
        return false;
    if (text.at[0] == ':')
        read_u8(&r);
    while (reader_more(&r)) {
        struct bytes group = read_until(&r, ':');
        if (group.len == 0)
            empty++;
        else if (is_ipv6_hex(group))
            groups++;
        else if (is_ipv4(group) && reader_done(&r))
            groups += 2;
        else
            return false;
    }
    return empty == 1 ? groups <= 6 : empty == 0 && groups == 8;
}

/* address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]" */
bool address_is_literal(struct bytes text)
{
    if (text.len < 3 || text.at[0] != '[' || text.at[text.len - 1] != ']')
        return false;
    struct bytes inner = bytes_of(text.at + 1, text.len - 2);
    if (inner.len > 5 && text_is(bytes_of(inner.at, 5), "ipv6:"))
        return is_ipv6(bytes_of(inner.at + 5, inner.len - 5));
    return is_ipv4(inner);
}

static bool in_domain(uint8_t c)
{
    return is_let_dig(c) || c == '-' || c == '.';
}

static void read_domain(struct reader *r, struct address *out)
{
    struct bytes rest = r->rest;
    size_t n = 0;
    if (peek(r) == '[') {
        while (n < rest.len && rest.at[n] != ']')
            n++;
        n += n < rest.len;
    } else {
        while (n < rest.len && in_domain(rest.at[n]))
            n++;
    }
    struct bytes domain = read_bytes(r, n);
    if (domain.len > ADDRESS_DOMAIN_MAX
        || !(address_is_domain(domain) || address_is_literal(domain))) {
        r->bad = true;
        return;
    }
    for (size_t i = 0; i < domain.len; i++) {
        uint8_t c = domain.at[i];
        out->domain[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out->domain_len = (uint8_t)domain.len;
}

/* Mailbox = Local-part "@" ( Domain / address-literal ) */
static enum address_error read_mailbox(struct reader *r, struct address *out)
{
    size_t before = r->rest.len;
    *out = (struct address){ 0 };
    read_local_part(r, out);
    if (r->bad)
        return ADDRESS_SYNTAX;
    if (!reader_more(r) || peek(r) == '>')
        return ADDRESS_NO_DOMAIN;
    if (!accept(r, '@'))
        return ADDRESS_SYNTAX;
    read_domain(r, out);
    return r->bad || before - r->rest.len > ADDRESS_TEXT_MAX ? ADDRESS_SYNTAX : ADDRESS_OK;
}

enum address_error address_parse(struct address *out, struct bytes text)
{
    struct reader r = reader_of(text);
    enum address_error error = read_mailbox(&r, out);
    return error == ADDRESS_OK && !reader_done(&r) ? ADDRESS_SYNTAX : error;
}

/* A-d-l = At-domain *( "," At-domain ), then ":" */
static void skip_source_route(struct reader *r)
{
    struct address ignored;
    do {
        if (!accept(r, '@'))
            r->bad = true;
        read_domain(r, &ignored);
    } while (accept(r, ','));
    if (!accept(r, ':'))
        r->bad = true;
}

/* Path = "<" [ A-d-l ":" ] Mailbox ">"; after a mere local part the ">" is still checked. */
static enum address_error read_path(struct reader *r, struct address *out)
{
    size_t before = r->rest.len;
    enum address_error error = ADDRESS_SYNTAX;
    if (accept(r, '<')) {
        if (peek(r) == '@')
            skip_source_route(r);
        if (!r->bad)
            error = read_mailbox(r, out);
    }
    if (error == ADDRESS_SYNTAX || !accept(r, '>')
        || before - r->rest.len > ADDRESS_TEXT_MAX + 2) {
        *r = (struct reader){ .bad = true };
        return ADDRESS_SYNTAX;
    }
    return error;
}

enum address_error address_read_reverse_path(struct reader *r, struct address *out)
{
    *out = (struct address){ 0 };
    if (r->rest.len >= 2 && r->rest.at[0] == '<' && r->rest.at[1] == '>') {
        read_bytes(r, 2);
        return ADDRESS_OK;
    }
    enum address_error error = read_path(r, out);
    if (error != ADDRESS_OK)
        *r = (struct reader){ .bad = true };
    return error;
}

enum address_error address_read_forward_path(struct reader *r, struct address *out)
{
    enum address_error error = read_path(r, out);
    if (error == ADDRESS_NO_DOMAIN && text_is(address_local(out), "postmaster"))
        return ADDRESS_OK;
    if (error != ADDRESS_OK)
        *r = (struct reader){ .bad = true };
    return error;
}

static bool needs_quotes(struct bytes local)
{
    bool after_dot = true;
    for (size_t i = 0; i < local.len; i++) {
        bool dot = local.at[i] == '.';
        if (dot ? after_dot : !is_atext(local.at[i]))
            return true;
        after_dot = dot;
    }
    return after_dot;
}

void address_write(struct writer *w, const struct address *a)
{
    bool quote = a->local_len > 0 && needs_quotes(address_local(a));
    if (quote)
        write_u8(w, '"');
    for (size_t i = 0; i < a->local_len; i++) {
        if (quote && (a->local[i] == '"' || a->local[i] == '\\'))
            write_u8(w, '\\');
        write_u8(w, a->local[i]);
    }
    if (quote)
        write_u8(w, '"');
    if (a->domain_len > 0) {
        write_u8(w, '@');
        write_bytes(w, address_domain(a));
    }
}
