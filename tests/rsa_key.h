/* tests/rsa_key.h - an RSA key for the constant-time suites; nothing here makes one. */
#ifndef SEALPOST_TESTS_RSA_KEY_H
#define SEALPOST_TESTS_RSA_KEY_H

#include "crypto/signature.h"

/* NIST's first one (vectors/nist/rsa.txt, 2048 bits), with p, q, dP, dQ and qInv marked as secret.
 * vectors/x509/rsa_server.txt is its certificate. */
struct private_key rsa_secret_key(void);

#endif
