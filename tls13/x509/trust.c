/* tls13/x509/trust.c - trust that needs no path: pinned keys, in a certificate or bare.
 *
 * Implements  RFC 7250 §3, §4 (raw public keys); pins as RFC 7469 §2.4 forms them.
 * Decides     a bare key has neither names nor dates nor issuer, so it can only be believed where
 *             the key is the whole trust: pins, and no anchor beside them.
 */
#include "tls13/x509/verify.h"

#include "crypto/hash.h"
#include "tls13/x509/key.h"

#include <stdio.h>

void x509_pin(uint8_t out[X509_PIN_LEN], struct bytes spki)
{
    hash_digest(&hash_sha256, out, spki);
}

bool x509_pinned(const struct x509_trust *trust, struct bytes spki)
{
    uint8_t pin[X509_PIN_LEN];
    x509_pin(pin, spki);
    for (size_t i = 0; i < trust->pin_count; i++)
        if (bytes_equal_public(bytes_of(trust->pins[i], X509_PIN_LEN), bytes_of(pin, sizeof pin)))
            return true;
    return false;
}

bool x509_key_supported(const struct algorithms *a, enum key_type type)
{
    for (size_t i = 0; i < a->scheme_count; i++)
        if (a->schemes[i]->signature->key_type == type && !a->schemes[i]->certificates_only)
            return true;
    return false;
}

/* ---- raw public keys ---- */

enum alert x509_spki_decode(struct x509_verdict *out, struct bytes spki)
{
    *out = (struct x509_verdict){ 0 };
    const char *malformed = public_key_decode(&out->key, spki);
    if (malformed) {
        out->key = (struct public_key){ .type = KEY_NONE };
        snprintf(out->reason, sizeof out->reason, "raw public key is malformed: %s", malformed);
        return ALERT_BAD_CERTIFICATE;
    }
    if (out->key.type == KEY_NONE) {
        snprintf(out->reason, sizeof out->reason, "raw public key is of an unknown type");
        return ALERT_UNSUPPORTED_CERTIFICATE;
    }
    return ALERT_NONE;
}

/* The verdict's key is what the caller goes on with: none, when it is refused. */
static enum alert refuse_key(struct x509_verdict *out, enum alert alert, const char *why)
{
    out->key = (struct public_key){ .type = KEY_NONE };
    snprintf(out->reason, sizeof out->reason, "%s", why);
    return alert;
}

enum alert x509_spki_verify(struct x509_verdict *out, const struct x509_trust *trust,
                            const struct algorithms *algorithms, struct bytes spki)
{
    *out = (struct x509_verdict){ 0 };
    if (!trust || trust->pin_count == 0)
        return refuse_key(out, ALERT_INTERNAL_ERROR, "no pin is configured for raw public keys");
    if (trust->anchor_count > 0)
        return refuse_key(out, ALERT_UNSUPPORTED_CERTIFICATE, "raw public key: trust anchors are "
                          "configured beside pins, and a bare key has no path to one");
    TRY(x509_spki_decode(out, spki));
    if (!x509_pinned(trust, spki))
        return refuse_key(out, ALERT_CERTIFICATE_UNKNOWN,
                          "raw public key is not one of the pinned keys (RFC 7250 §4)");
    if (public_key_weak(&out->key))
        return refuse_key(out, ALERT_UNSUPPORTED_CERTIFICATE, "raw public key: RSA key does not "
                          "have 2048 to 8192 bits and an odd exponent (NIST SP 800-131A)");
    if (!x509_key_supported(algorithms, out->key.type))
        return refuse_key(out, ALERT_UNSUPPORTED_CERTIFICATE,
                          "raw public key is of a type that is not supported");
    return ALERT_NONE;
}
