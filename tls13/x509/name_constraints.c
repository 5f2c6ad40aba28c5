/* tls13/x509/name_constraints.c - the names that a CA may speak for.
 *
 * Implements  RFC 5280 §4.2.1.10 for DNS, IP, directory and e-mail names (RFC 4291 §2.3 prefixes).
 * Decides     where a comparison can go two ways, for the strict side: a wildcard is excluded if
 *             any of its names is, a permitted one has all of them permitted; a directory
 *             attribute in an encoding that cannot be compared is excluded and not permitted;
 *             a name that is not valid, or of a kind that is not compared, is refused as soon as
 *             there is a constraint on its kind, critical or not.
 */
#include "tls13/x509/name.h"

#include "tls13/x509/der.h"

#include <string.h>

const char NAMES_TOO_MANY[] = "too many name constraint comparisons";

/* ---- decoding ---- */

/* An address and a mask of the same length, the mask a prefix. */
static bool ip_constraint_valid(struct bytes b)
{
    if (b.len != 8 && b.len != 32)
        return false;
    bool ended = false;
    for (size_t i = 8 * b.len / 2; i < 8 * b.len; i++) {
        bool one = b.at[i / 8] & 0x80 >> i % 8;
        if (one && ended)
            return false;
        ended = !one;
    }
    return true;
}

static bool constraint_valid(struct general_name base)
{
    if (base.tag == GENERAL_DNS)
        return base.value.len == 0 || dns_name_valid(base.value);
    if (base.tag == GENERAL_IP)
        return ip_constraint_valid(base.value);
    return true;
}

/* GeneralSubtrees: SEQUENCE SIZE (1..MAX) OF GeneralSubtree: base, [0] minimum DEFAULT 0,
 * [1] maximum OPTIONAL; minimum and maximum MUST NOT be used. */
static struct bytes read_subtrees(struct reader *r, uint8_t tag)
{
    if (!der_next_is(r, tag))
        return (struct bytes){ 0 };
    struct reader list = der_enter(r, tag);
    struct bytes all = list.rest;
    bool good = reader_more(&list);
    while (reader_more(&list)) {
        struct reader one = der_enter(&list, DER_SEQUENCE);
        struct general_name base = read_general_name(&one);
        good = good && reader_done(&one) && constraint_valid(base);
    }
    if (!good)
        *r = (struct reader){ .bad = true };
    return all;
}

bool name_constraints_decode(struct bytes *permitted, struct bytes *excluded, struct bytes value)
{
    struct reader r = reader_of(value);
    struct reader in = der_enter(&r, DER_SEQUENCE);
    *permitted = read_subtrees(&in, DER_CONTEXT | DER_CONSTRUCTED | 0);
    *excluded = read_subtrees(&in, DER_CONTEXT | DER_CONSTRUCTED | 1);
    der_leave(&r, &in);
    return reader_done(&r) && permitted->len + excluded->len > 0;
}

/* ---- comparing ---- */

/* `name` is `tree`, or ends in "." and that. An empty tree holds every name. */
static bool in_domain(struct bytes name, struct bytes tree)
{
    if (tree.len == 0)
        return true;
    if (name.len < tree.len)
        return false;
    struct bytes tail = bytes_of(name.at + (name.len - tree.len), tree.len);
    return equal_ignoring_case(tail, tree)
        && (name.len == tree.len || name.at[name.len - tree.len - 1] == '.');
}

/* The base of a wildcard stands for it: all its names are in a tree just when the base is, and
 * some may be, too, when the tree lies below the base. */
static bool dns_in_tree(struct bytes name, struct bytes tree, bool strict)
{
    if (name.at[0] != '*')
        return in_domain(name, tree);
    struct bytes base = bytes_of(name.at + 2, name.len - 2);
    return in_domain(base, tree) || (strict && in_domain(tree, base));
}

static bool ip_in_tree(struct bytes address, struct bytes tree)
{
    if (tree.len != 2 * address.len)
        return false;
    for (size_t i = 0; i < address.len; i++)
        if ((address.at[i] ^ tree.at[i]) & tree.at[address.len + i])
            return false;
    return true;
}

/* Splits local@host; false unless there is one @ with something before and a host after it. */
static bool split_email(struct bytes *local, struct bytes *host, struct bytes email)
{
    const uint8_t *at = email.len ? memchr(email.at, '@', email.len) : NULL;
    if (!at)
        return false;
    *local = bytes_of(email.at, (size_t)(at - email.at));
    *host = bytes_of(at + 1, email.len - local->len - 1);
    return local->len > 0 && dns_name_valid(*host);
}

/* A mailbox, a host, or with a leading dot the hosts below a domain. */
static bool email_in_tree(struct bytes email, struct bytes tree)
{
    struct bytes local, host, tree_local, tree_host;
    if (!split_email(&local, &host, email))
        return false;
    if (split_email(&tree_local, &tree_host, tree))
        return bytes_equal_public(local, tree_local) && equal_ignoring_case(host, tree_host);
    if (tree.len > 0 && tree.at[0] == '.')
        return host.len > tree.len && in_domain(host, bytes_of(tree.at + 1, tree.len - 1));
    return tree.len == 0 || equal_ignoring_case(host, tree);
}

/* RFC 5280 §7.1 for ASCII: case folded, outer spaces dropped, inner ones one. */
static int next_folded(struct reader *r)
{
    bool space = false;
    while (reader_more(r) && r->rest.at[0] == ' ') {
        read_u8(r);
        space = true;
    }
    if (!reader_more(r))
        return -1;
    if (space)
        return ' ';
    uint8_t c = read_u8(r);
    return c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c;
}

static bool text_equal(struct bytes a, struct bytes b)
{
    struct reader ra = reader_of(a), rb = reader_of(b);
    while (reader_more(&ra) && ra.rest.at[0] == ' ')
        read_u8(&ra);
    while (reader_more(&rb) && rb.rest.at[0] == ' ')
        read_u8(&rb);
    for (;;) {
        int ca = next_folded(&ra), cb = next_folded(&rb);
        if (ca != cb)
            return false;
        if (ca < 0)
            return true;
    }
}

static bool is_text(uint8_t tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING;
}

static bool attribute_equal(const struct name_attribute *a, const struct name_attribute *b,
                            bool strict)
{
    if (!bytes_equal_public(a->type, b->type))
        return false;
    if (is_text(a->tag) && is_text(b->tag))
        return text_equal(a->value, b->value);
    return a->tag == b->tag ? bytes_equal_public(a->value, b->value) : strict;
}

/* The tree's RDNs are the first ones of the name. */
static bool directory_in_tree(struct bytes name, struct bytes tree, bool strict)
{
    struct name_walk in_name = name_begin(name), in_tree = name_begin(tree);
    struct name_attribute a, b;
    while (name_next(&in_tree, &b)) {
        if (!name_next(&in_name, &a) || a.first != b.first || !attribute_equal(&a, &b, strict))
            return false;
    }
    return !name_next(&in_name, &a) || a.first;
}

static bool name_in_tree(struct general_name name, struct bytes tree, bool strict)
{
    switch (name.tag) {
    case GENERAL_DNS:       return dns_in_tree(name.value, tree, strict);
    case GENERAL_IP:        return ip_in_tree(name.value, tree);
    case GENERAL_EMAIL:     return email_in_tree(name.value, tree);
    case GENERAL_DIRECTORY: return directory_in_tree(name.value, tree, strict);
    }
    return false;
}

/* ---- judging ---- */

struct search { bool same_kind, found; };

/* Looks for `name` in the subtrees of its kind, if it can be compared. */
static struct search search_subtrees(struct bytes subtrees, struct general_name name, bool can,
                                     bool strict, unsigned *budget)
{
    struct search s = { 0 };
    struct reader r = reader_of(subtrees);
    while (reader_more(&r) && !s.found && *budget > 0) {
        struct reader one = der_enter(&r, DER_SEQUENCE);
        struct general_name base = read_general_name(&one);
        --*budget;
        if (base.tag != name.tag)
            continue;
        s.same_kind = true;
        s.found = can && name_in_tree(name, base.value, strict);
    }
    return s;
}

static bool comparable(struct general_name name)
{
    struct bytes local, host;
    switch (name.tag) {
    case GENERAL_DNS:       return dns_pattern_valid(name.value);
    case GENERAL_EMAIL:     return split_email(&local, &host, name.value);
    case GENERAL_IP:        return true;
    case GENERAL_DIRECTORY: return true;
    }
    return false;
}

static const char *refuse_name(struct bytes permitted, struct bytes excluded,
                               struct general_name name, unsigned *budget)
{
    bool can = comparable(name);
    struct search in = search_subtrees(permitted, name, can, false, budget);
    struct search out = search_subtrees(excluded, name, can, true, budget);
    if (*budget == 0)
        return NAMES_TOO_MANY;
    if (!can && (in.same_kind || out.same_kind))
        return "holds a name that cannot be compared with a name constraint (RFC 5280 §4.2.1.10)";
    if (out.found)
        return "holds a name that is in an excluded subtree (RFC 5280 §4.2.1.10)";
    if (in.same_kind && !in.found)
        return "holds a name that is in no permitted subtree (RFC 5280 §4.2.1.10)";
    return NULL;
}

static const uint8_t email_address_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01 };

const char *name_constraints_refuse(struct bytes permitted, struct bytes excluded,
                                    struct bytes subject, struct bytes alt_names,
                                    unsigned *budget)
{
    const char *why = NULL;
    if (!name_empty(subject))
        why = refuse_name(permitted, excluded,
                          (struct general_name){ GENERAL_DIRECTORY, subject }, budget);

    /* The legacy attribute counts as an e-mail name, each one of it. */
    struct bytes email_address = bytes_of(email_address_oid, sizeof email_address_oid);
    struct name_attribute a;
    for (struct name_walk walk = name_begin(subject); !why && name_next(&walk, &a);)
        if (bytes_equal_public(a.type, email_address))
            why = refuse_name(permitted, excluded,
                              (struct general_name){ GENERAL_EMAIL, a.value }, budget);

    struct reader r = reader_of(alt_names);
    while (!why && reader_more(&r))
        why = refuse_name(permitted, excluded, read_general_name(&r), budget);
    return why;
}
