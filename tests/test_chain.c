/* tests/test_chain.c - what a peer asks of our chain (tls13/x509/chain.c). */
#include "tls13/x509/chain.h"

#include "tests/party.h"
#include "tests/vectors.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct party root, other, intermediate, leaf;
static const char *const host[] = { "mail.example.org" };

#define P256_SHA256 "\x04\x03"
#define P384_SHA384 "\x05\x03"
#define ED25519     "\x08\x07"

static struct bytes list(const char *schemes)
{
    return bytes_of_string(schemes);
}

/* root (P-256) <- intermediate (Ed25519) <- leaf (P-256) */
static void setup(void)
{
    party_root(&root, "Root");
    party_root(&other, "Other");
    party_generate(&intermediate, KEY_ED25519);
    party_make(&intermediate, party_ca_recipe("Intermediate", &intermediate.key,
                                              party_issuer(&root), NOW));
    party_generate(&leaf, KEY_P256);
    party_make(&leaf, party_server_recipe(&leaf, &intermediate, host));
}

/* ---- signature_algorithms_cert ---- */

START_TEST(each_signature_is_in_the_list)
{
    struct bytes chain[] = { party_der(&leaf), party_der(&intermediate) };
    ck_assert(x509_chain_signed_with(chain, 2, list(P256_SHA256 ED25519)));
    ck_assert(x509_chain_signed_with(chain, 2, list(ED25519 P384_SHA384 P256_SHA256)));
    ck_assert(!x509_chain_signed_with(chain, 2, list(P256_SHA256)));
    ck_assert(!x509_chain_signed_with(chain, 2, list(ED25519)));
    ck_assert(!x509_chain_signed_with(chain, 2, list("")));
    ck_assert(x509_chain_signed_with(chain, 1, list(ED25519)));
}
END_TEST

/* RFC 8446 §4.4.2.2: they are not validated, and may be signed with any algorithm. */
START_TEST(self_signed_are_not_asked)
{
    struct bytes chain[] = { party_der(&leaf), party_der(&intermediate), party_der(&root) };
    struct bytes alone = party_der(&root);
    party_generate(&leaf, KEY_P384);
    party_make(&leaf, x509_recipe_root("Leaf", &leaf.key, NOW));
    struct bytes self = party_der(&leaf);
    ck_assert(x509_chain_signed_with(chain + 2, 1, list(ED25519)));
    ck_assert(x509_chain_signed_with(&alone, 1, list(ED25519)));
    ck_assert(x509_chain_signed_with(&self, 1, list(ED25519)));
}
END_TEST

/* A new key of the same CA, signed by the old one, is issued to itself but not self-signed. */
START_TEST(self_issued_are_asked)
{
    struct party rolled;
    party_generate(&rolled, KEY_ED25519);
    party_make(&rolled, party_ca_recipe("Root", &rolled.key, party_issuer(&root), NOW));
    struct bytes chain = party_der(&rolled);
    ck_assert(x509_chain_signed_with(&chain, 1, list(P256_SHA256)));
    ck_assert(!x509_chain_signed_with(&chain, 1, list(ED25519)));
}
END_TEST

/* The code point has the curve of the issuer's key; the OID in the certificate has not. */
START_TEST(curve_is_the_issuers)
{
    struct vectors v = vectors_open("vectors/x509/ecdsa_pairs.txt");
    size_t seen = 0;
    while (vectors_next(&v)) {
        struct bytes chain[] = { vector(&v, "leaf"), vector(&v, "root") };
        struct x509_certificate issued, issuer;
        ck_assert_ptr_null(x509_certificate_decode(&issued, chain[0]));
        ck_assert_ptr_null(x509_certificate_decode(&issuer, chain[1]));
        bool sha256 = issued.signature_algorithm->code_point == 0x0403;
        bool has_code_point = issuer.key.type == (sha256 ? KEY_P256 : KEY_P384);
        ck_assert_int_eq(x509_chain_signed_with(chain, 2, list(P256_SHA256 P384_SHA384)),
                         has_code_point);
        seen += !has_code_point;
    }
    ck_assert_uint_ge(seen, 2);
    vectors_close(&v);
}
END_TEST

/* The same with each curve, its issuer in the chain, left out, and another one in its place. */
START_TEST(curve_of_an_issuer_that_is_not_there)
{
    static const enum key_type types[] = { KEY_P256, KEY_P384 };
    static const char *const own[] = { P256_SHA256, P384_SHA384 };
    for (size_t i = 0; i < 2; i++) {
        party_generate(&root, types[i]);
        party_make(&root, x509_recipe_root("Root", &root.key, NOW));
        party_make(&leaf, party_server_recipe(&leaf, &root, host));
        struct bytes chain[] = { party_der(&leaf), party_der(&root) };
        struct bytes strangers[] = { party_der(&leaf), party_der(&other) };
        for (size_t count = 1; count <= 2; count++) {
            ck_assert(x509_chain_signed_with(chain, count, list(own[i])));
            ck_assert(!x509_chain_signed_with(chain, count, list(own[!i])));
        }
        ck_assert(x509_chain_signed_with(strangers, 2, list(own[i])));
    }
}
END_TEST

START_TEST(chain_that_does_not_decode)
{
    struct bytes broken = bytes_of(leaf.der, leaf.len - 1);
    struct bytes chain[] = { broken, party_der(&intermediate) };
    struct bytes behind[] = { party_der(&leaf), broken };
    ck_assert(!x509_chain_signed_with(chain, 1, list(ED25519)));
    ck_assert(!x509_chain_signed_with(behind, 2, list(ED25519)));
    ck_assert(!x509_chain_hash_is_broken(chain, 2));
    uint8_t space[500];
    struct writer w = writer_of(space, sizeof space);
    size_t name = write_vec_begin(&w, 2);
    write_bytes(&w, party_certificate(&root).subject);
    write_vec_end(&w, name, 2);
    ck_assert(x509_chain_below(chain, 2, writer_bytes(&w)));
}
END_TEST

#define ECDSA_WITH(last) "\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04" last

#define PSS_WITH_DEFAULTS "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x00"

/* RFC 8446 §4.4.2.4: MD5 and SHA-1 are broken, in a self-signed certificate they mean nothing. An
 * algorithm that we do not know may be in nobody's list, but is not broken for that. */
START_TEST(broken_and_unknown_algorithms)
{
    static const struct { const char *der; bool broken; } cases[] = {
        { ECDSA_WITH("\x01"), true },                     /* SHA-1 */
        { ECDSA_WITH("\x7f"), false },
        { PSS_WITH_DEFAULTS, true },                      /* RFC 4055 §3.1: SHA-1 */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes der = bytes_of(cases[i].der, 2 + (size_t)cases[i].der[1]);
        party_set_algorithm(&leaf, der);
        struct bytes chain[] = { party_der(&leaf), party_der(&intermediate) };
        ck_assert(!x509_chain_signed_with(chain, 2, list(P256_SHA256 P384_SHA384 ED25519)));
        ck_assert_int_eq(x509_chain_hash_is_broken(chain, 2), cases[i].broken);
        party_set_algorithm(&root, der);
        struct bytes self = party_der(&root);
        ck_assert(!x509_chain_hash_is_broken(&self, 1));
    }
}
END_TEST

/* ---- certificate_authorities ---- */

static struct x509_anchor anchor_of(const struct party *p)
{
    return (struct x509_anchor){ party_der(p), party_certificate(p).subject };
}

START_TEST(anchors_are_named_once)
{
    struct x509_anchor anchors[] = { anchor_of(&root), anchor_of(&other), anchor_of(&root) };
    struct x509_trust trust = { .anchors = anchors, .anchor_count = 3 };
    uint8_t space[500];
    struct writer w = writer_of(space, sizeof space);
    struct bytes names;
    x509_authorities_encode(&w, &trust);
    ck_assert(writer_done(&w));
    ck_assert(x509_authorities_decode(&names, writer_bytes(&w)));
    struct reader r = reader_of(names);
    ck_assert(bytes_equal_public(read_vec16(&r, 1), anchors[0].subject));
    ck_assert(bytes_equal_public(read_vec16(&r, 1), anchors[1].subject));
    ck_assert(reader_done(&r));
}
END_TEST

START_TEST(chain_below_a_name)
{
    struct x509_anchor anchors[] = { anchor_of(&root), anchor_of(&intermediate) };
    struct x509_anchor others[] = { anchor_of(&other), anchor_of(&leaf) };
    struct x509_trust trust[] = {
        { .anchors = anchors, .anchor_count = 1 }, { .anchors = anchors + 1, .anchor_count = 1 },
        { .anchors = others, .anchor_count = 2 },
    };
    static const struct { size_t trust, chain_count; bool below; } cases[] = {
        { 0, 2, true },                  /* the root that issued the intermediate */
        { 0, 1, false },                 /* which is not sent */
        { 1, 1, true }, { 1, 2, true },
        { 2, 2, false },
    };
    struct bytes chain[] = { party_der(&leaf), party_der(&intermediate) };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t space[500];
        struct writer w = writer_of(space, sizeof space);
        struct bytes names;
        x509_authorities_encode(&w, &trust[cases[i].trust]);
        ck_assert(x509_authorities_decode(&names, writer_bytes(&w)));
        ck_assert_int_eq(x509_chain_below(chain, cases[i].chain_count, names), cases[i].below);
    }
}
END_TEST

START_TEST(authorities_are_well_formed)
{
    static const struct { const char *data; size_t len; bool good; } cases[] = {
        { "\x00\x04\x00\x02\x30\x00", 6, true },          /* one name, of no RDN */
        { "\x00\x08\x00\x02\x30\x00\x00\x02\x30\x00", 10, true },
        { "\x00\x00", 2, false },                         /* no name */
        { "", 0, false },
        { "\x00\x02\x00\x00", 4, false },                 /* a name of no bytes */
        { "\x00\x04\x00\x02\x30\x00\x00", 7, false },     /* a byte after the list */
        { "\x00\x05\x00\x02\x30\x00\x00", 7, false },     /* half a length */
        { "\x00\x04\x00\x03\x30\x00", 6, false },         /* a name beyond the list */
        { "\x00\x04\x00\x02\x31\x00", 6, false },         /* a SET is no Name */
        { "\x00\x05\x00\x03\x30\x00\x00", 7, false },     /* a byte after the Name */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes names;
        ck_assert_msg(x509_authorities_decode(&names, bytes_of(cases[i].data, cases[i].len))
                      == cases[i].good, "case %zu", i);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("chain");
    TCase *t = tcase_create("chain");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, each_signature_is_in_the_list);
    tcase_add_test(t, self_signed_are_not_asked);
    tcase_add_test(t, self_issued_are_asked);
    tcase_add_test(t, curve_is_the_issuers);
    tcase_add_test(t, curve_of_an_issuer_that_is_not_there);
    tcase_add_test(t, chain_that_does_not_decode);
    tcase_add_test(t, broken_and_unknown_algorithms);
    tcase_add_test(t, anchors_are_named_once);
    tcase_add_test(t, chain_below_a_name);
    tcase_add_test(t, authorities_are_well_formed);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
