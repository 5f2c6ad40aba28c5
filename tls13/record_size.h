/* tls13/record_size.h - how long a record may be, and how long we make it: the record_size_limit
 * extension (RFC 8449) and padding (RFC 8446 §5.4). Private to tls13/.
 *
 * A limit counts the whole TLSInnerPlaintext: content, type and padding. It holds for protected
 * records only, and each end names the one for what it receives.
 */
#ifndef SEALPOST_TLS13_RECORD_SIZE_H
#define SEALPOST_TLS13_RECORD_SIZE_H

#include "tls13/machine.h"

enum { RECORD_SIZE_LIMIT_MIN = 64 };         /* RFC 8449 §4 */

/* ---- negotiation ---- */

/* Client: the server's limit, in EncryptedExtensions; ours holds from now on as well. */
enum alert record_size_limit_accept(struct tls *t, struct bytes body);

/* Server: keeps the client's limit, if it sent one; both hold from our EncryptedExtensions on. */
enum alert record_size_limit_keep(struct tls *t, const struct extensions *e);
void record_size_limit_answer(struct tls *t, struct writer *encrypted_extensions);

/* ---- what follows from it ---- */

/* The most content that one record of ours may have now. */
size_t record_content_max(const struct tls *t);

/* Zeros behind `content_len` bytes and their type, by the configured policy, and not more than the
 * peer's limit and `room` allow. */
size_t record_padding(const struct tls *t, size_t content_len, size_t room);

/* The longest fragment of a protected record that we take. */
size_t record_fragment_max(const struct tls *t);

#endif
