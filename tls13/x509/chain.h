/* tls13/x509/chain.h - is this chain of ours one that the peer asked for?
 *
 * A peer may say which authorities it knows (certificate_authorities, RFC 8446 §4.2.4) and which
 * signatures in certificates it can check (signature_algorithms_cert, or signature_algorithms
 * without that one, §4.2.3). Whoever has several credentials chooses by these two. Nothing is
 * verified here: the chain is our own.
 */
#ifndef SEALPOST_TLS13_X509_CHAIN_H
#define SEALPOST_TLS13_X509_CHAIN_H

#include "crypto/bytes.h"
#include "tls13/x509/verify.h"

/* Every signature in the chain (DER, leaf first), but the one of a self-signed certificate, is of a
 * scheme in the list: code points as on the wire, without the length in front (RFC 8446 §4.4.2.2).
 * False for a chain that does not decode. */
bool x509_chain_signed_with(const struct bytes *chain, size_t chain_count, struct bytes schemes);

/* One of those signatures is made with SHA-1 or MD5, which is not to be shown to anybody who has not
 * asked for it (RFC 9846 §4.5.1.2). What does not decode is passed over. */
bool x509_chain_hash_is_broken(const struct bytes *chain, size_t chain_count);

/* The extension_data of certificate_authorities: two bytes of length, then names. False unless it
 * is one name or more, each the DER of a Name; `out` is then a list for x509_chain_below. */
bool x509_authorities_decode(struct bytes *out, struct bytes extension_data);

/* One of the certificates was issued under a name in the list. */
bool x509_chain_below(const struct bytes *chain, size_t chain_count, struct bytes authorities);

/* Appends that extension_data for the anchors of `trust`, each name once. At least one anchor. */
void x509_authorities_encode(struct writer *w, const struct x509_trust *trust);

#endif
