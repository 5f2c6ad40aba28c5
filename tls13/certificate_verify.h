/* tls13/certificate_verify.h - the CertificateVerify message (RFC 8446 §4.4.3). */
#ifndef SEALPOST_TLS13_CERTIFICATE_VERIFY_H
#define SEALPOST_TLS13_CERTIFICATE_VERIFY_H

#include "tls13/extensions.h"
#include "crypto/hash.h"

struct certificate_verify { uint16_t algorithm; struct bytes signature; };

enum alert certificate_verify_decode(struct certificate_verify *out, struct fault *fault,
                                     struct bytes body);
void certificate_verify_encode(struct writer *w, const struct certificate_verify *cv);

/* What is signed: 64 spaces, the context string of the signing side, a zero, the transcript
 * hash. Fills `out` and returns the view of it. */
enum { SIGNED_CONTENT_MAX = 64 + 33 + 1 + HASH_MAX };
struct bytes certificate_verify_content(uint8_t out[SIGNED_CONTENT_MAX], bool server_signs,
                                        struct bytes transcript_hash);

#endif
