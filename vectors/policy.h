/* vectors/policy.h - which "acceptable" cases this project refuses.
 *
 * A vector file may call a case acceptable: an implementation may take it or leave it. For TLS 1.3
 * some of these are decided; --policy tls, the default for our own subject, holds to that.
 */
#ifndef SEALPOST_VECTORS_POLICY_H
#define SEALPOST_VECTORS_POLICY_H

#include "vectors/json.h"

static inline bool policy_refuses(const json_t *flags)
{
    return json_list_has(flags, "ZeroSharedSecret")      /* RFC 8446 §7.4.2 */
        || json_list_has(flags, "MissingNull");          /* RFC 8017 A.2.4: NULL shall be there */
}

#endif
