#include "tests/rsa_key.h"

#include "crypto/ct.h"
#include "tests/vectors.h"

#include <check.h>

struct private_key rsa_secret_key(void)
{
    struct vectors v = vectors_open("vectors/nist/rsa.txt");
    struct private_key key = { .type = KEY_RSA };
    ck_assert(vectors_next(&v));
    struct rsa_numbers numbers = {
        .n = vector(&v, "n"), .e = vector(&v, "e"), .p = vector(&v, "p"), .q = vector(&v, "q"),
        .dP = vector(&v, "dP"), .dQ = vector(&v, "dQ"), .qInv = vector(&v, "qInv"),
    };
    const struct bytes secrets[] = { numbers.p, numbers.q, numbers.dP, numbers.dQ, numbers.qInv };
    for (size_t i = 0; i < COUNT(secrets); i++)
        ct_secret(secrets[i].at, secrets[i].len);
    ck_assert(rsa_private_key_make(&key.rsa, &numbers));
    while (vectors_next(&v))
        continue;
    vectors_close(&v);
    return key;
}
