/* tls13/authentication.h - Certificate and CertificateVerify, sent and judged, in both roles
 * (RFC 8446 §4.3.2, §4.4.2, §4.4.3). Private to tls13/.
 */
#ifndef SEALPOST_TLS13_AUTHENTICATION_H
#define SEALPOST_TLS13_AUTHENTICATION_H

#include "tls13/credential_choice.h"

/* ---- the request ---- */

/* Server: asks for a certificate, with what the configuration says of signatures and trust. */
enum alert send_certificate_request(struct tls *t);

/* Client: chooses what to answer with. */
enum alert on_certificate_request(struct tls *t, struct message *m);

/* ---- the peer's proofs: handlers of both machines ---- */

enum alert on_certificate(struct tls *t, struct message *m);
enum alert on_certificate_verify(struct tls *t, struct message *m);

/* What the caller's verifier, if there is one, thinks of this chain; an empty one for a session that
 * is resumed. */
enum alert ask_verifier(struct tls *t, const struct bytes *chain, size_t chain_count);

/* ---- ours ---- */

/* The chain of the chosen credential; an empty list if there is none. */
enum alert send_certificate(struct tls *t);

/* Asks the signer. On SIGN_LATER the state stays, and certificate_verify_end goes on. */
enum alert certificate_verify_begin(struct tls *t);

/* CertificateVerify with this signature, and what follows it; an empty one is internal_error. */
enum alert certificate_verify_end(struct tls *t, struct bytes signature);

#endif
