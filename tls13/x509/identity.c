/* tls13/x509/identity.c - the names in a believed certificate, to compare and to show.
 *
 * Implements  RFC 4514 §2 (distinguished names as text).
 * Decides     alternative names that are malformed are passed over, so that what is handed out can
 *             be compared and logged without another look.
 */
#include "tls13/x509/identity.h"

#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/name.h"

#include <string.h>

/* ---- RFC 4514 ---- */

/* RFC 4514 §3, and the address that older certificates have in their subjects (PKCS #9). */
static const struct { struct bytes oid; const char *name; } attribute_names[] = {
    { OID(0x55, 0x04, 0x03), "CN" }, { OID(0x55, 0x04, 0x06), "C" },
    { OID(0x55, 0x04, 0x07), "L" }, { OID(0x55, 0x04, 0x08), "ST" },
    { OID(0x55, 0x04, 0x09), "STREET" }, { OID(0x55, 0x04, 0x0a), "O" },
    { OID(0x55, 0x04, 0x0b), "OU" },
    { OID(0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01), "UID" },
    { OID(0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19), "DC" },
    { OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01), "emailAddress" },
};

static void write_text(struct writer *w, const char *text)
{
    write_bytes(w, bytes_of_string(text));
}

static void write_hex(struct writer *w, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";
    write_u8(w, (uint8_t)digits[byte >> 4]);
    write_u8(w, (uint8_t)digits[byte & 15]);
}

static void write_type(struct writer *w, struct bytes oid)
{
    for (size_t i = 0; i < COUNT(attribute_names); i++)
        if (bytes_equal_public(oid, attribute_names[i].oid)) {
            write_text(w, attribute_names[i].name);
            return;
        }
    char dotted[DER_OID_TEXT_MAX];
    der_oid_text(dotted, oid);
    write_text(w, dotted);
}

/* RFC 4514 §2.4: what is special is escaped by a backslash, what need not print by its code. */
static void write_string(struct writer *w, struct bytes value)
{
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.at[i];
        bool outer = i == 0 || i == value.len - 1;
        if (c < 0x20 || c >= 0x7f) {
            write_u8(w, '\\');
            write_hex(w, c);
            continue;
        }
        if (strchr("\"+,;<>\\", c) || (outer && c == ' ') || (i == 0 && c == '#'))
            write_u8(w, '\\');
        write_u8(w, c);
    }
}

static void write_attribute(struct writer *w, const struct name_attribute *a)
{
    write_type(w, a->type);
    if (a->tag == DER_UTF8_STRING || a->tag == DER_PRINTABLE_STRING || a->tag == DER_IA5_STRING) {
        write_u8(w, '=');
        write_string(w, a->value);
        return;
    }
    write_text(w, "=#");                                  /* another kind of string: its DER */
    uint8_t space[X509_SUBJECT_TEXT_MAX / 2];
    struct writer der = writer_of(space, sizeof space);
    der_write(&der, a->tag, a->value);
    w->bad |= der.bad;
    for (size_t i = 0; i < der.len && !w->bad; i++)
        write_hex(w, space[i]);
}

/* RelativeDistinguishedName number `n`, its attributes joined by "+"; false if there is none. */
static bool write_rdn(struct writer *w, struct bytes name, size_t n)
{
    struct name_walk walk = name_begin(name);
    struct name_attribute a;
    size_t seen = 0;
    bool found = false;
    while (name_next(&walk, &a)) {
        seen += a.first;
        if (seen != n + 1)
            continue;
        if (found)
            write_u8(w, '+');
        write_attribute(w, &a);
        found = true;
    }
    return found;
}

static size_t count_rdns(struct bytes name)
{
    struct name_walk walk = name_begin(name);
    struct name_attribute a;
    size_t count = 0;
    while (name_next(&walk, &a))
        count += a.first;
    return count;
}

/* RFC 4514 §2.1: the last RDN first. Finding each from the front costs the square of their number,
 * within the room that there is: every RDN takes some of it. */
bool x509_name_write(char *out, size_t cap, struct bytes name)
{
    struct writer w = writer_of(out, cap - 1);
    for (size_t n = count_rdns(name); n > 0 && !w.bad; n--) {
        if (w.len > 0)
            write_u8(&w, ',');
        write_rdn(&w, name, n - 1);
    }
    if (w.bad && w.len + 3 > cap - 1)
        w.len = cap - 4;
    out[w.len] = '\0';
    if (w.bad)
        memcpy(out + w.len, "...", 4);
    return !w.bad;
}

/* ---- alternative names ---- */

static bool mailbox_valid(struct bytes email)
{
    const uint8_t *at = email.len ? memchr(email.at, '@', email.len) : NULL;
    if (!at || at == email.at)
        return false;
    for (size_t i = 0; i < email.len; i++)
        if (email.at[i] <= 0x20 || email.at[i] >= 0x7f)
            return false;
    return dns_name_valid(bytes_of(at + 1, email.len - (size_t)(at + 1 - email.at)));
}

static void find_names(struct x509_identity *out, struct bytes alt_names)
{
    struct reader r = reader_of(alt_names);
    while (reader_more(&r)) {
        struct general_name name = read_general_name(&r);
        if (name.tag == GENERAL_EMAIL && out->email.len == 0 && mailbox_valid(name.value))
            out->email = name.value;
        if (name.tag == GENERAL_DNS && out->dns.len == 0 && dns_name_valid(name.value))
            out->dns = name.value;
    }
}

bool x509_identity_of(struct x509_identity *out, struct bytes leaf)
{
    struct x509_certificate c;
    *out = (struct x509_identity){ 0 };
    if (x509_certificate_decode(&c, leaf) != NULL)
        return false;
    out->subject = c.subject;
    x509_pin(out->key, c.spki);
    find_names(out, c.alt_names);
    x509_name_write(out->text, sizeof out->text, c.subject);
    return true;
}
