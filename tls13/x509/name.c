/* tls13/x509/name.c - distinguished names, alternative names, and matching hosts.
 *
 * Implements  RFC 9525 §6 (matching), RFC 5280 §4.1.2.4 (Name), §4.2.1.6 (GeneralName).
 * Trusts      nothing: presented names are bytes from a stranger.
 * Leaves out  the common name as a host name (RFC 9525 §2), U-labels (the caller gives A-labels),
 *             SRV-ID and URI-ID.
 */
#include "tls13/x509/name.h"

#include "tls13/x509/der.h"
#include "tls13/x509/verify.h"

#include <arpa/inet.h>
#include <string.h>

/* ---- distinguished names ---- */

struct name_walk name_begin(struct bytes name)
{
    struct reader r = reader_of(name);
    return (struct name_walk){ .rdns = der_enter(&r, DER_SEQUENCE) };
}

/* RFC 5280 §4.1.2.4   Name: SEQUENCE OF RelativeDistinguishedName: SET SIZE (1..MAX) OF
 *                     AttributeTypeAndValue: type OID, value ANY */
bool name_next(struct name_walk *walk, struct name_attribute *out)
{
    out->first = !reader_more(&walk->set);
    if (out->first) {
        if (!reader_more(&walk->rdns))
            return false;
        walk->set = der_enter(&walk->rdns, DER_SET);
    }
    struct reader in = der_enter(&walk->set, DER_SEQUENCE);
    out->type = der_read_oid(&in);
    out->value = der_read_any(&in, &out->tag);
    der_leave(&walk->set, &in);
    if (walk->set.bad)
        walk->rdns.bad = true;
    return !walk->set.bad;
}

bool name_well_formed(struct bytes name)
{
    struct reader r = reader_of(name);
    der_read(&r, DER_SEQUENCE);
    struct name_walk walk = name_begin(name);
    struct name_attribute attribute;
    while (name_next(&walk, &attribute))
        ;
    return reader_done(&r) && !walk.rdns.bad;
}

bool name_empty(struct bytes name)
{
    struct name_walk walk = name_begin(name);
    return walk.rdns.rest.len == 0;
}

struct bytes name_find(struct bytes name, struct bytes type)
{
    struct name_walk walk = name_begin(name);
    struct name_attribute attribute;
    while (name_next(&walk, &attribute))
        if (bytes_equal_public(attribute.type, type))
            return attribute.value;
    return (struct bytes){ 0 };
}

/* ---- general names ---- */

static bool is_ascii(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] >= 0x80)
            return false;
    return true;
}

struct general_name read_general_name(struct reader *r)
{
    struct general_name name = { 0 };
    name.value = der_read_any(r, &name.tag);
    bool good = false;
    switch (name.tag) {
    case GENERAL_EMAIL: case GENERAL_DNS: case GENERAL_URI:
        good = is_ascii(name.value);
        break;
    case GENERAL_DIRECTORY:
        good = name_well_formed(name.value);
        break;
    case GENERAL_OTHER: case GENERAL_X400: case GENERAL_EDI_PARTY: case GENERAL_IP:
    case GENERAL_ID:
        good = true;
        break;
    }
    if (!good)
        *r = (struct reader){ .bad = true };
    return r->bad ? (struct general_name){ 0 } : name;
}

/* ---- hosts ---- */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 'a' - 'A') : c;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_ldh(uint8_t c)
{
    return is_digit(c) || c == '-' || (lower(c) >= 'a' && lower(c) <= 'z');
}

bool equal_ignoring_case(struct bytes a, struct bytes b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return false;
    return true;
}

/* Takes the label in front, and its dot. */
static struct bytes next_label(struct bytes *name)
{
    size_t len = 0;
    while (len < name->len && name->at[len] != '.')
        len++;
    struct bytes label = bytes_of(name->at, len);
    size_t used = len < name->len ? len + 1 : len;
    *name = bytes_of(name->at + used, name->len - used);
    return label;
}

/* RFC 5890 §2.3.1: an LDH label is letters, digits and inner hyphens, 1 to 63 of them. */
static bool label_valid(struct bytes label)
{
    if (label.len < 1 || label.len > 63 || label.at[0] == '-' || label.at[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!is_ldh(label.at[i]))
            return false;
    return true;
}

enum { DNS_NAME_MAX = 253 };           /* RFC 1035 §2.3.4: 255 on the wire, less root and length */

bool dns_name_valid(struct bytes name)
{
    if (name.len == 0 || name.len > DNS_NAME_MAX || name.at[name.len - 1] == '.')
        return false;
    while (name.len > 0)
        if (!label_valid(next_label(&name)))
            return false;
    return true;
}

/* What stands below the star; empty if it is not a wildcard with two labels or more. */
static struct bytes below_wildcard(struct bytes pattern)
{
    if (pattern.len < 2 || pattern.at[0] != '*' || pattern.at[1] != '.')
        return (struct bytes){ 0 };
    struct bytes base = bytes_of(pattern.at + 2, pattern.len - 2);
    bool two_labels = base.len > 0 && memchr(base.at, '.', base.len) != NULL;
    return two_labels && dns_name_valid(base) ? base : (struct bytes){ 0 };
}

bool dns_pattern_valid(struct bytes pattern)
{
    return dns_name_valid(pattern) || below_wildcard(pattern).len > 0;
}

bool dns_name_matches(struct bytes presented, struct bytes reference)
{
    struct bytes base = below_wildcard(presented);
    if (base.len == 0)
        return dns_name_valid(presented) && equal_ignoring_case(presented, reference);
    next_label(&reference);                               /* the star is one whole label */
    return equal_ignoring_case(base, reference);
}

size_t ip_parse(uint8_t out[16], struct bytes text)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof copy || memchr(text.at, '\0', text.len))
        return 0;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, out) == 1)
        return 4;
    return inet_pton(AF_INET6, copy, out) == 1 ? 16 : 0;
}

void ip_text(char out[IP_TEXT_MAX], struct bytes address)
{
    out[0] = '\0';
    if (address.len == 4 || address.len == 16)
        inet_ntop(address.len == 4 ? AF_INET : AF_INET6, address.at, out, IP_TEXT_MAX);
}

bool alt_names_match(struct bytes alt_names, struct bytes reference)
{
    uint8_t address[16];
    struct bytes ip = bytes_of(address, ip_parse(address, reference));
    struct reader r = reader_of(alt_names);
    while (reader_more(&r)) {
        struct general_name name = read_general_name(&r);
        if (ip.len > 0 && name.tag == GENERAL_IP && bytes_equal_public(name.value, ip))
            return true;
        if (ip.len == 0 && name.tag == GENERAL_DNS && dns_name_matches(name.value, reference))
            return true;
    }
    return false;
}

bool x509_name_is_ip(struct bytes name)
{
    uint8_t address[16];
    return ip_parse(address, name) > 0;
}

/* RFC 1123 §2.1: a name that ends in a number would be read as an address by somebody else. */
static bool ends_in_number(struct bytes name)
{
    size_t i = name.len;
    while (i > 0 && is_digit(name.at[i - 1]))
        i--;
    return i < name.len && (i == 0 || name.at[i - 1] == '.');
}

bool x509_name_usable(struct bytes name, const char **reason)
{
    *reason = NULL;
    if (name.len == 0)
        *reason = "the name is empty";
    else if (x509_name_is_ip(name))
        return true;
    else if (!is_ascii(name))
        *reason = "the name is not ASCII: give the A-label form, xn--... (RFC 9525 §6.3)";
    else if (name.len > DNS_NAME_MAX + 1)
        *reason = "the name is longer than 253 characters (RFC 1035 §2.3.4)";
    else if (name.at[name.len - 1] == '.')
        *reason = "the name ends in a dot: leave it out";
    else if (!dns_name_valid(name))
        *reason = "the name is not made of letters, digits and hyphens in labels of 1 to 63 "
                  "(RFC 5890 §2.3.1)";
    else if (ends_in_number(name))
        *reason = "the name ends in a number but is not an IP address";
    return *reason == NULL;
}
