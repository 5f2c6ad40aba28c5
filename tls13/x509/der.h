/* tls13/x509/der.h - the Distinguished Encoding Rules (X.690 §8, §10, §11), as far as
 * certificates and keys need them.
 *
 * Reading goes through a struct reader (crypto/bytes.h): a value that is not there, or not in its
 * one canonical form, empties the reader and sticks, so a decoder is a list of reads with one
 * reader_done at its end. Canonical means: definite lengths in the fewest bytes, tag numbers
 * below 31, integers without padding, booleans 00 or FF, no unused bits that are set.
 * Nothing recurses: nesting is as deep as the calls that a decoder spells out.
 *
 * A constructed value is entered with der_enter, which gives a reader of its contents; der_leave
 * makes the outer reader fail unless the inner one was read to its end.
 *
 * Writing goes through a struct writer: der_begin, the contents, der_end.
 * Timing depends on the contents, all of which are public except in private keys; of those only
 * tags and lengths are branched on.
 */
#ifndef SEALPOST_TLS13_X509_DER_H
#define SEALPOST_TLS13_X509_DER_H

#include "crypto/bytes.h"

enum der_tag {
    DER_BOOLEAN          = 0x01,
    DER_INTEGER          = 0x02,
    DER_BIT_STRING       = 0x03,
    DER_OCTET_STRING     = 0x04,
    DER_NULL             = 0x05,
    DER_OID              = 0x06,
    DER_ENUMERATED       = 0x0a,
    DER_UTF8_STRING      = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_IA5_STRING       = 0x16,
    DER_UTC_TIME         = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE         = 0x30,
    DER_SET              = 0x31,
    DER_CONTEXT          = 0x80,         /* | number */
    DER_CONSTRUCTED      = 0x20,
};

/* The contents of an OBJECT IDENTIFIER as an initializer at file scope: OID(0x2b, 0x65, 0x70). */
#define OID(...) { (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) }

/* ---- reading ---- */

/* The next value has this tag. False at the end; never a failure. */
bool der_next_is(const struct reader *r, uint8_t tag);

/* The next value's contents, whatever its tag. */
struct bytes der_read_any(struct reader *r, uint8_t *tag);

/* The contents of the next value, which must have this tag. */
struct bytes der_read(struct reader *r, uint8_t tag);

/* The same, header included. */
struct bytes der_read_whole(struct reader *r, uint8_t tag);

struct reader der_enter(struct reader *r, uint8_t tag);
void der_leave(struct reader *outer, const struct reader *inner);

bool der_read_boolean(struct reader *r);

/* `BOOLEAN DEFAULT FALSE`: absent means false, and an encoded FALSE is a failure (X.690 §11.5). */
bool der_read_default_false(struct reader *r);

/* An INTEGER's contents: at least one byte, minimal, perhaps negative. */
struct bytes der_read_integer(struct reader *r);

/* A non-negative INTEGER, big-endian without the leading zero byte; zero is empty. */
struct bytes der_read_unsigned(struct reader *r);

/* A non-negative INTEGER that is at most `max`. */
uint32_t der_read_small(struct reader *r, uint32_t max);

/* A BIT STRING; *unused is the number of unused bits in the last byte, all zero (X.690 §11.2.1). */
struct bytes der_read_bits(struct reader *r, unsigned *unused);

/* A BIT STRING of whole bytes, as signatures and keys are. */
struct bytes der_read_bit_bytes(struct reader *r);

/* A BIT STRING with named bits (X.690 §11.2.2: no trailing zero bits); bit n becomes 1 << n.
 * At most 16 bits. */
unsigned der_read_named_bits(struct reader *r);

/* An OBJECT IDENTIFIER's contents, minimal in each arc (X.690 §8.19.2). */
struct bytes der_read_oid(struct reader *r);

/* A Time (RFC 5280 §4.1.2.5): UTCTime YYMMDDHHMMSSZ for 1950-2049, GeneralizedTime
 * YYYYMMDDHHMMSSZ for other years. Seconds since 1970-01-01 UTC. */
int64_t der_read_time(struct reader *r);

/* A GeneralizedTime of that form for any year, where there is no choice (RFC 6960 §4.2.2.1). */
int64_t der_read_generalized_time(struct reader *r);

/* ---- time ---- */

struct der_date { int year, month, day, hour, minute, second; };

struct der_date der_date_of(int64_t seconds);

/* ---- writing ---- */

size_t der_begin(struct writer *w, uint8_t tag);
void   der_end(struct writer *w, size_t mark);

void der_write(struct writer *w, uint8_t tag, struct bytes contents);
void der_write_true(struct writer *w);
void der_write_small(struct writer *w, uint32_t value);
void der_write_unsigned(struct writer *w, struct bytes big_endian);
void der_write_bit_bytes(struct writer *w, struct bytes contents);
void der_write_named_bits(struct writer *w, unsigned bits);
void der_write_time(struct writer *w, int64_t seconds);

/* ---- showing ---- */

enum { DER_OID_TEXT_MAX = 80 };

/* The dotted form of an OID's contents, "2.5.29.15"; cut off with "..." if it is longer, or before
 * a number beyond 64 bits, as a UUID is (ITU-T X.667). */
void der_oid_text(char out[DER_OID_TEXT_MAX], struct bytes oid);

#endif
