/* vectors/key_forms.h - keys as vector files write them down, taken apart for subjects that take
 * only what is inside: X25519, X448 and EC keys as DER, PEM and JWK.
 *
 * Only the one usual form of each is known. False for any other, which sealvec then skips: whether
 * a hostile one is refused can only be asked of a subject that reads that form.
 */
#ifndef SEALPOST_VECTORS_KEY_FORMS_H
#define SEALPOST_VECTORS_KEY_FORMS_H

#include "vectors/memory.h"

bool pem_decode(struct arena *a, struct bytes *der, const char *text);
bool base64url_decode(struct arena *a, struct bytes *out, const char *text);     /* RFC 4648 §5 */

/* Keys of X25519 or X448, RFC 8410 §4 and §7. */
bool xdh_from_spki(struct bytes *key, const char *curve, struct bytes der);
bool xdh_from_pkcs8(struct bytes *key, const char *curve, struct bytes der);

/* The scalar of a PKCS #8 key with an ECPrivateKey (RFC 5915) inside. */
bool ec_from_pkcs8(struct bytes *scalar, struct bytes der);

#endif
