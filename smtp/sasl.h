/* smtp/sasl.h - the two password mechanisms, both sides: PLAIN (RFC 4616) and LOGIN.
 *
 * LOGIN is no standard: the server asks "Username:", then "Password:", the client answers each.
 * Both send the password as it is and are for use under TLS only; who calls sees to that.
 * On the wire every message is one line of base64, strict (RFC 4954 §4, RFC 4648 §4): padding where
 * it belongs, canonical, no other character. Contents are secret: coding takes the same time
 * for all contents of one length.
 */
#ifndef SEALPOST_SMTP_SASL_H
#define SEALPOST_SMTP_SASL_H

#include "crypto/bytes.h"

enum {
    SASL_USER_MAX     = 255,                       /* RFC 4616 §2 */
    SASL_PASSWORD_MAX = 1024,
    SASL_PLAIN_MAX    = 255 + 1 + 255 + 1 + 1024,
    SASL_LINE_MAX     = 12288,                     /* RFC 4954 §4, with CRLF */
};

/* Challenges of LOGIN, in base64 as they are sent. */
#define SASL_LOGIN_USER     "VXNlcm5hbWU6"
#define SASL_LOGIN_PASSWORD "UGFzc3dvcmQ6"

/* Decodes `len` bytes in place; false, with the bytes wiped, unless they are strict base64. */
bool sasl_decode(uint8_t *at, size_t len, size_t *out_len);

/* Appends base64. The writer's memory then holds a secret. */
void sasl_encode(struct writer *w, struct bytes message);

struct sasl_plain { struct bytes authorization, user, password; };

/* message = [authzid] NUL authcid NUL passwd; exactly two NULs, the last two fields not empty, user
 * and authorization at most 255 octets. Views into `message`. */
bool sasl_plain_decode(struct sasl_plain *out, struct bytes message);

/* The client's message with an empty authzid, in base64. False if it does not fit, a field is empty
 * or too long, or holds a NUL. */
bool sasl_plain_write(struct writer *w, struct bytes user, struct bytes password);

/* What a client may send as a user or password: not empty, not too long, no NUL. */
bool sasl_field_is_valid(struct bytes field, size_t max);

#endif
