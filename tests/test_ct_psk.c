/* Constant time: every secret path of a resumed handshake that is not the record layer's:
 * importing, binders, the key schedule from a PSK on, tickets; with all that is secret marked
 * (crypto/ct.h).
 *
 *     CK_FORK=no valgrind --error-exitcode=99 build-ct/tests/test_ct_psk
 */
#include "crypto/ct.h"
#include "tls13/psk.h"
#include "tls13/psk_importer.h"
#include "tls13/ticket.h"

#include <check.h>
#include <string.h>

static const struct hash *const hashes[] = { &hash_sha256, &hash_sha384 };

static void make_secret(uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(i * 91 + 17);
    ct_secret(out, len);
}

/* Each with another context; `digest` stands for a transcript hash. */
static void from_psk(const struct hash *hash, struct bytes key, const struct imported_psk *imported)
{
    static const uint8_t digest[HASH_MAX] = { 1, 2, 3 };
    uint8_t binder[HASH_MAX], given[HASH_MAX], verify_data[HASH_MAX], shared[32];
    struct bytes transcript = bytes_of(digest, hash->digest_len);
    struct psk psk;
    struct handshake_secret handshake;
    struct master_secret master;
    struct traffic_secret traffic;
    struct secret resumption, next;
    psk_make(&psk, hash, bytes_of("identity", 8), key);
    psk.imported = imported;
    psk_binder(&psk, binder, transcript);
    memcpy(given, binder, sizeof given);
    ct_public(given, sizeof given);                      /* as the peer would have sent it */
    ck_assert(ct_verdict(ct_equal(binder, given, hash->digest_len)));
    given[5] ^= 1;
    ck_assert(!ct_verdict(ct_equal(binder, given, hash->digest_len)));
    make_secret(shared, sizeof shared);
    handshake_secret_make(hash, &handshake, &psk.early, bytes_of(shared, sizeof shared));
    derive_secret(hash, &traffic.s, &handshake.s, "c hs traffic", transcript);
    finished_verify_data(hash, verify_data, &traffic, transcript);
    master_secret_make(hash, &master, &handshake);
    derive_secret(hash, &resumption, &master.s, "res master", transcript);
    hkdf_expand_label(hash, next.byte, hash->digest_len, &resumption, "resumption",
                      bytes_of("\0", 1));
}

START_TEST(resumption)
{
    uint8_t key[SECRET_MAX];
    make_secret(key, sizeof key);
    from_psk(hashes[_i], bytes_of(key, hashes[_i]->digest_len), NULL);
}
END_TEST

START_TEST(imported)
{
    uint8_t key[32];
    struct imported_psk psk;
    const char *reason;
    make_secret(key, sizeof key);
    struct external_psk epsk = { bytes_of("id", 2), bytes_of("context", 7),
                                 bytes_of(key, sizeof key), hashes[!_i] };
    ck_assert(psk_import(&psk, &epsk, hashes[_i], &reason));
    from_psk(hashes[_i], bytes_of(psk.key.byte, hashes[_i]->digest_len), &psk);
}
END_TEST

/* Sealed, a ticket is public; opened, its PSK is secret again. */
START_TEST(tickets)
{
    uint8_t sealed[TICKET_MAX];
    size_t len;
    struct ticket_keys keys;
    struct ticket opened, ticket = { .hash = hashes[_i], .issued = 1000, .lifetime = 100,
                                     .authenticated_until = 2000 };
    ck_assert(ticket_keys_make(&keys, &random_system, 3600, 1000));
    ct_secret(keys.current.key, sizeof keys.current.key);
    make_secret(ticket.psk.byte, ticket.hash->digest_len);
    ck_assert(ticket_seal(&keys, sealed, &len, &ticket, 1000));
    ct_public(sealed, len);
    ck_assert(ticket_open(&keys, &opened, bytes_of(sealed, len), 1050));
    ck_assert(ct_verdict(ct_equal(opened.psk.byte, ticket.psk.byte, ticket.hash->digest_len)));
    sealed[len / 2] ^= 1;
    ck_assert(!ticket_open(&keys, &opened, bytes_of(sealed, len), 1050));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ct_psk");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, resumption, 0, 2);
    tcase_add_loop_test(all, imported, 0, 2);
    tcase_add_loop_test(all, tickets, 0, 2);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
