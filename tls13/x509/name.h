/* tls13/x509/name.h - does a certificate speak for this host? (RFC 9525, RFC 5280 §4.2.1.6, §7)
 *
 * The reference name is a DNS name of LDH labels or an IP literal; x509_name_usable (verify.h)
 * says whether it is. A DNS name matches a dNSName, an IP literal an iPAddress, nothing else: the
 * common name is never looked at (RFC 9525 §2). Presented names are bytes with a length, so that a
 * NUL or any other character outside of LDH makes an entry that matches nothing.
 */
#ifndef SEALPOST_TLS13_X509_NAME_H
#define SEALPOST_TLS13_X509_NAME_H

#include "crypto/bytes.h"

enum general_name_tag {                  /* RFC 5280 §4.2.1.6, implicit tags */
    GENERAL_OTHER     = 0xa0,
    GENERAL_EMAIL     = 0x81,
    GENERAL_DNS       = 0x82,
    GENERAL_X400      = 0xa3,
    GENERAL_DIRECTORY = 0xa4,            /* explicit, since Name is a CHOICE; value: a Name */
    GENERAL_EDI_PARTY = 0xa5,
    GENERAL_URI       = 0x86,
    GENERAL_IP        = 0x87,
    GENERAL_ID        = 0x88,
};

struct general_name { uint8_t tag; struct bytes value; };

/* The next GeneralName: one of the nine kinds, text ASCII, a directory name well formed. The length
 * of an address is not looked at: constraints have other ones. */
struct general_name read_general_name(struct reader *r);

/* ---- distinguished names ---- */

/* One AttributeTypeAndValue of a Name; `first` of its RelativeDistinguishedName. */
struct name_attribute { bool first; struct bytes type; uint8_t tag; struct bytes value; };

/* Walks a Name: reader_of(name), name_begin, then name_next until it is false. A Name that was
 * checked by name_well_formed does not fail. */
struct name_walk { struct reader rdns, set; };
struct name_walk name_begin(struct bytes name);
bool name_next(struct name_walk *walk, struct name_attribute *out);

bool name_well_formed(struct bytes name);
bool name_empty(struct bytes name);

/* The value of the first attribute of that type; empty if there is none. */
struct bytes name_find(struct bytes name, struct bytes type);

/* ---- hosts ---- */

/* An IPv4 or IPv6 literal as 4 or 16 bytes; returns that length, or 0 if it is not exactly one. */
size_t ip_parse(uint8_t out[16], struct bytes text);

/* The other way, for messages; `address` has 4 or 16 bytes. */
enum { IP_TEXT_MAX = 46 };
void ip_text(char out[IP_TEXT_MAX], struct bytes address);

/* LDH labels of 1 to 63 characters, 253 in all, no trailing dot. */
bool dns_name_valid(struct bytes name);

/* The same, or one whole left-most "*" above at least two such labels (RFC 9525 §6.3). */
bool dns_pattern_valid(struct bytes pattern);

/* ASCII letters compare without case (RFC 4343, RFC 5890 §2.3.2.4). */
bool equal_ignoring_case(struct bytes a, struct bytes b);

/* `reference` is a valid DNS name, `presented` any dNSName. */
bool dns_name_matches(struct bytes presented, struct bytes reference);

/* One of the alternative names (GeneralNames, contents) is for this usable reference name. */
bool alt_names_match(struct bytes alt_names, struct bytes reference);

/* ---- constraints (RFC 5280 §4.2.1.10) ---- */

/* What a set of constraints says about one certificate's subject and alternative names: NULL, or
 * why they are outside. DNS, IP, directory and e-mail names are compared; a constrained name of
 * another kind is refused. Each comparison costs one of *budget; at zero the answer is
 * NAMES_TOO_MANY. */
extern const char NAMES_TOO_MANY[];
const char *name_constraints_refuse(struct bytes permitted, struct bytes excluded,
                                    struct bytes subject, struct bytes alt_names,
                                    unsigned *budget);

/* The contents of a NameConstraints value are well formed; gives its two lists. */
bool name_constraints_decode(struct bytes *permitted, struct bytes *excluded, struct bytes value);

#endif
