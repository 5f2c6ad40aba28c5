/* tests/aes_gcm_emulated.h - crypto/aes_gcm_vaes512.c for processors without AVX-512. */
#ifndef SEALPOST_TESTS_AES_GCM_EMULATED_H
#define SEALPOST_TESTS_AES_GCM_EMULATED_H

#include "crypto/aes_gcm.h"

/* The same code with vectors of four blocks, each operation done by AES-NI lane by lane. It needs
 * what aes_gcm_aesni needs, so valgrind can run it as well. x86-64 only. */
extern const struct aes_gcm aes_gcm_emulated512;

#endif
