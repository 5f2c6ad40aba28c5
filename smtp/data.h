/* smtp/data.h - the content of a message on the wire: dots, line ends, the end (RFC 5321 §4.5.2).
 *
 * Receiving: only CR LF . CR LF ends the content. A bare CR or LF is an error at that byte,
 * whatever surrounds it: that is the whole defence against SMTP smuggling (CVE-2023-51764 and its
 * kin), and it needs no look at segments or C strings. Sending: LF and CRLF both become CRLF, a
 * leading dot is doubled, a bare CR is refused: nothing that we send can be read as another end.
 *
 * Both directions take any split of their input. Timing is public.
 */
#ifndef SEALPOST_SMTP_DATA_H
#define SEALPOST_SMTP_DATA_H

#include "crypto/bytes.h"

/* ---- receiving ---- */

enum data_event {
    DATA_MORE,                         /* all input used */
    DATA_CHUNK,                        /* content: a view into the input */
    DATA_END,                          /* the final dot has been read */
    DATA_BARE,                         /* bare CR or LF: no byte behind it may be believed */
};

struct data_decoder { uint8_t state; };

void data_decoder_start(struct data_decoder *d);

/* Takes bytes off `in` as far as one event goes. The CRLF before the final dot is content. */
enum data_event data_decode(struct data_decoder *d, struct bytes in, size_t *used,
                            struct bytes *chunk);

/* ---- sending ---- */

/* What a message file will be on the wire; fill by data_scan over all of it, then data_scan_end. */
struct data_scan {
    uint64_t size;                     /* octets with CRLF, without added dots (RFC 1870 §5) */
    bool has_8bit, has_nul;
    bool has_bare_cr;                  /* cannot be sent */
    size_t longest_line;               /* octets without line end */
    size_t line_len;                   /* of the line that is being scanned */
    bool cr;
};

void data_scan_start(struct data_scan *s);
void data_scan(struct data_scan *s, struct bytes chunk);
void data_scan_end(struct data_scan *s);

struct data_encoder { bool cr, line_start, bad; };

void data_encoder_start(struct data_encoder *e);

/* Encodes as much of `in` as fits `out` (a byte needs up to 2) and returns how many bytes that was.
 * A bare CR sets e->bad, and nothing more is taken. */
size_t data_encode(struct data_encoder *e, struct writer *out, struct bytes in);

enum { DATA_END_ROOM = 8 };

/* Ends an open last line, then ".CRLF"; needs DATA_END_ROOM bytes. False after a bare CR. */
bool data_encode_end(struct data_encoder *e, struct writer *out);

#endif
