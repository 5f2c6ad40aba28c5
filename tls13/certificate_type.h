/* tls13/certificate_type.h - X.509 certificates or raw public keys, agreed on for each side
 * (RFC 7250). Private to tls13/.
 */
#ifndef SEALPOST_TLS13_CERTIFICATE_TYPE_H
#define SEALPOST_TLS13_CERTIFICATE_TYPE_H

#include "tls13/machine.h"

/* Client: the two extensions of its ClientHello, where X.509 is not all that there is to say. */
void certificate_types_offer(const struct tls *t, struct writer *w);

/* Server: takes the first type that the client lists and that there is for each side;
 * unsupported_certificate if there is none. */
enum alert certificate_types_choose(struct tls *t, const struct extensions *e);

/* Server: the answers in EncryptedExtensions, to what was offered. */
void certificate_types_answer(const struct tls *t, struct writer *w);

/* Client: what the server has taken; illegal_parameter if it was not offered. */
enum alert certificate_types_accept(struct tls *t, const struct extensions *e);

/* Whether we take that type of certificate from the peer; it is X.509 where nothing was agreed. */
bool certificate_type_taken(const struct tls *t, enum certificate_type type);

#endif
