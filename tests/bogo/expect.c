/* tests/bogo/expect.c - the -expect-* flags against the facts of a connection. */
#include "tests/bogo/expect.h"

#include "crypto/cpu.h"

#include <stdio.h>
#include <string.h>

enum { TLS13 = 0x0304 };

bool met(bool condition, const char *what)
{
    if (!condition)
        fprintf(stderr, "expected otherwise: %s\n", what);
    return condition;
}

/* 0: nothing is expected. */
static bool number_met(int expected, int found, const char *what)
{
    return expected == 0 || met(expected == found, what);
}

/* NULL: nothing is expected. */
static bool text_met(const char *expected, struct bytes found, const char *what)
{
    return !expected || met(bytes_equal_public(bytes_of_string(expected), found), what);
}

static bool algorithms_met(const struct flags *f, const struct tls_facts *facts)
{
    int cipher = cpu_has_aes_ni() ? f->expect_cipher_aes : f->expect_cipher_no_aes;
    return number_met(f->expect_version, TLS13, "version")
         & number_met(f->expect_cipher, facts->suite->code_point, "cipher suite")
         & number_met(cipher, facts->suite->code_point, "cipher suite for this processor")
         & number_met(f->expect_curve_id, facts->group->code_point, "group");
}

bool expectations_met(const struct flags *f, const struct tls *t, bool again,
                      const struct memory *memory)
{
    struct tls_facts facts = tls_facts(t);
    const char *alpn = f->server ? f->select_alpn : f->expect_alpn;
    return algorithms_met(f, &facts)
         & text_met(alpn ? alpn : "", facts.alpn, "ALPN")
         & text_met(f->expect_server_name, facts.server_name, "server name")
         & text_met(f->expect_early_data_reason, bytes_of_string("disabled"), "early data")
         & met(facts.resumed == (again && !f->expect_session_miss), "resumption")
         & met(!f->expect_verify_result || f->verify_fail == memory->disbelieved, "verdict")
         & met(!f->expect_hrr || facts.hello_retry, "HelloRetryRequest")
         & met(!f->expect_no_hrr || !facts.hello_retry, "no HelloRetryRequest");
}
