/* tests/interop/bearssl_signatures.h - signatures by BearSSL under the interface of ours. */
#ifndef SEALPOST_TESTS_INTEROP_BEARSSL_SIGNATURES_H
#define SEALPOST_TESTS_INTEROP_BEARSSL_SIGNATURES_H

#include "crypto/signature.h"

extern const struct signature bearssl_ecdsa_p256, bearssl_ecdsa_p384;
extern const struct signature bearssl_pss_sha256, bearssl_pss_sha384, bearssl_pss_sha512;
extern const struct signature bearssl_pkcs1_sha256, bearssl_pkcs1_sha384, bearssl_pkcs1_sha512;

#endif
