/* crypto/version.h - the one place that says which release this is; the Makefile reads it too. */
#ifndef SEALPOST_CRYPTO_VERSION_H
#define SEALPOST_CRYPTO_VERSION_H

#define SEALPOST_VERSION "0.3"

#endif
