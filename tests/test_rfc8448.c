/* tests/test_rfc8448.c - RFC 8448 sections 3, 4, 5 and 7, step by step, through the modules.
 *
 * Each step of a trace that states a value is replayed with the inputs that the trace gives:
 * key pairs, transcript, extracted and derived secrets, keys, IVs, Finished values and records.
 * A step that no row of the table below knows fails the test. The whole engines
 * replay all but section 4, which has early data, in test_rfc8448_engine.c.
 */
#include "tests/vectors.h"

#include "crypto/group.h"
#include "crypto/hkdf.h"
#include "tls13/codepoints.h"
#include "tls13/hello.h"
#include "tls13/psk.h"
#include "tls13/record.h"
#include "tls13/transcript.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum side { CLIENT, SERVER };

struct replay {
    struct vectors v;
    enum side side;                          /* the actor of this step */
    const char *action;
    struct transcript transcript;
    struct early_secret early;
    struct handshake_secret handshake;
    struct master_secret master;
    uint8_t verify_data[HASH_MAX];           /* computed last */
    const struct group *group;               /* of the key pairs made last */
    uint8_t private[2][GROUP_PRIVATE_MAX];
    uint8_t public[2][GROUP_ENCAPSULATION_KEY_MAX];
    struct record_keys write[2];
    size_t records[2];                       /* sent by each side */
    struct psk psk;                          /* section 4 */
    uint8_t hello[512];
    size_t hello_len;                        /* of one with binders that is to be sent */
};

static const struct hash *const hash = &hash_sha256;         /* of the traces' one suite */

static struct bytes field(struct replay *r, const char *name)
{
    return vector(&r->v, name);
}

static struct secret secret_field(struct replay *r, const char *name)
{
    struct secret s = { { 0 } };
    struct bytes b = field(r, name);
    ck_assert_uint_eq(b.len, hash->digest_len);
    memcpy(s.byte, b.at, b.len);
    return s;
}

static void check_field(struct replay *r, const char *name, const uint8_t *got, size_t got_len)
{
    ck_assert_uint_eq(got_len, field(r, name).len);
    check_bytes(&r->v, name, got, field(r, name));
}

/* ---- key pairs and messages ---- */

static bool fill_from_script(void *context, uint8_t *out, size_t len)
{
    const struct bytes *script = context;
    ck_assert_uint_eq(len, script->len);
    memcpy(out, script->at, len);
    return true;
}

static void on_key_pair(struct replay *r)
{
    struct bytes private = field(r, "private_key");
    struct random_source random = { fill_from_script, &private };
    r->group = strstr(r->action, "P-256") ? &group_secp256r1 : &group_x25519;
    ck_assert(r->group->generate(r->private[r->side], r->public[r->side], &random));
    check_field(r, "public_key", r->public[r->side], r->group->encapsulation_key_len);
}

/* A HelloRetryRequest first turns what there is into message_hash (§4.4.1); a NewSessionTicket is
 * not part of the handshake; a ClientHello that still lacks its binders has its own step. The
 * message is the field behind actor and action. */
static void on_message(struct replay *r)
{
    struct bytes message = vector_own(&r->v, 2);
    if (message.at[0] == NEW_SESSION_TICKET || load_be16(message.at + 2) + 4u > message.len)
        return;
    if (message.at[0] == SERVER_HELLO
        && memcmp(message.at + 6, hello_retry_random, HELLO_RANDOM_LEN) == 0)
        transcript_replace_with_message_hash(&r->transcript);
    if (message.at[0] == FINISHED)
        check_bytes(&r->v, "verify_data", r->verify_data, bytes_of(message.at + 4,
                                                                   message.len - 4));
    transcript_add(&r->transcript, message);
}

/* ---- the key schedule ---- */

static void check_extract(struct replay *r, const struct secret *stage)
{
    uint8_t prk[HASH_MAX];
    hkdf_extract(hash, prk, field(r, "salt"), field(r, "IKM"));
    check_field(r, "secret", prk, hash->digest_len);
    check_field(r, "secret", stage->byte, hash->digest_len);
}

static void on_early_secret(struct replay *r)
{
    static const uint8_t zeros[32];
    bool psk = !bytes_equal_public(field(r, "IKM"), bytes_of(zeros, sizeof zeros));
    early_secret_make(hash, &r->early, psk ? field(r, "IKM") : bytes_of(NULL, 0));
    check_extract(r, &r->early.s);
    if (psk)
        psk_make(&r->psk, hash, bytes_of(NULL, 0), field(r, "IKM"));
}

static void on_handshake_secret(struct replay *r)
{
    uint8_t shared[GROUP_SHARED_MAX];
    for (enum side side = CLIENT; side <= SERVER; side++) {
        struct bytes peers = bytes_of(r->public[!side], r->group->ciphertext_len);
        ck_assert(r->group->decapsulate(shared, r->private[side], peers));
        check_field(r, "IKM", shared, r->group->shared_len);
    }
    handshake_secret_make(hash, &r->handshake, &r->early,
                          bytes_of(shared, r->group->shared_len));
    check_extract(r, &r->handshake.s);
}

static void on_master_secret(struct replay *r)
{
    master_secret_make(hash, &r->master, &r->handshake);
    check_extract(r, &r->master.s);
}

/* HKDF-Expand-Label with this label, and HKDF-Expand with the trace's whole HkdfLabel, both give
 * what the trace says: so the encoding of HkdfLabel is the trace's, too. */
static void check_expand(struct replay *r, const char *label, struct bytes context,
                         const char *info, const char *expanded)
{
    uint8_t out[HASH_MAX];
    struct secret prk = secret_field(r, "PRK");
    size_t len = field(r, expanded).len;
    hkdf_expand_label(hash, out, len, &prk, label, context);
    check_field(r, expanded, out, len);
    hkdf_expand(hash, out, len, prk.byte, field(r, info));
    check_field(r, expanded, out, len);
}

/* The label stands in the action: ... "tls13 c hs traffic" */
static void on_derive_secret(struct replay *r)
{
    char label[32];
    uint8_t context[HASH_MAX];
    ck_assert_int_eq(sscanf(strstr(r->action, "\"tls13 "), "\"tls13 %31[^\"]", label), 1);
    if (strcmp(label, "derived") == 0)
        hash_digest(hash, context, bytes_of(NULL, 0));
    else
        transcript_hash(&r->transcript, context);
    check_field(r, "hash", context, hash->digest_len);
    check_expand(r, label, field(r, "hash"), "info", "expanded");
}

/* RFC 8446 §4.6.1: the PSK of a ticket; the context is its nonce. */
static void on_resumption(struct replay *r)
{
    check_expand(r, "resumption", field(r, "hash"), "info", "expanded");
}

static void on_finished(struct replay *r)
{
    uint8_t digest[HASH_MAX];
    struct traffic_secret base = { secret_field(r, "PRK") };
    check_expand(r, "finished", field(r, "hash"), "info", "expanded");
    transcript_hash(&r->transcript, digest);
    finished_verify_data(hash, r->verify_data, &base, bytes_of(digest, hash->digest_len));
    check_field(r, "finished", r->verify_data, hash->digest_len);
}

/* §4.2.11.2: over the hello as it stands, whose lengths already count the binders. */
static void on_binder(struct replay *r)
{
    struct secret binder_key;
    uint8_t digest[HASH_MAX], binder[HASH_MAX];
    struct bytes prefix = field(r, "ClientHello_prefix");
    psk_transcript_hash(digest, hash, NULL, prefix, 0);
    check_field(r, "binder_hash", digest, hash->digest_len);
    psk_binder_key(&r->psk, &binder_key);
    check_field(r, "PRK", binder_key.byte, hash->digest_len);
    psk_binder(&r->psk, binder, field(r, "binder_hash"));
    check_field(r, "finished", binder, hash->digest_len);
    r->hello_len = 4u + load_be16(prefix.at + 2);
    ck_assert_uint_eq(r->hello_len, prefix.len + 2 + 1 + hash->digest_len);
    memcpy(r->hello, prefix.at, prefix.len);
    psk_fill_binders(r->hello, r->hello_len, &r->psk, 1, NULL);
    transcript_add(&r->transcript, bytes_of(r->hello, r->hello_len));
}

/* ---- keys and records ---- */

static void make_keys(struct replay *r, enum side writer)
{
    struct traffic_secret secret = { secret_field(r, "PRK") };
    check_expand(r, "key", bytes_of(NULL, 0), "key_info", "key_expanded");
    check_expand(r, "iv", bytes_of(NULL, 0), "iv_info", "iv_expanded");
    record_keys_make(&r->write[writer], &aead_aes_128_gcm, hash, &secret);
    check_field(r, "iv_expanded", r->write[writer].iv, AEAD_NONCE_LEN);
}

static void on_write_keys(struct replay *r)
{
    make_keys(r, r->side);
}

static void on_read_keys(struct replay *r)
{
    make_keys(r, !r->side);
}

/* What one side seals is the record of the trace, and the other opens it to the payload. */
static void check_protected(struct replay *r, uint8_t content_type)
{
    uint8_t record[2048], type;
    struct bytes content, payload = field(r, "payload"), whole = field(r, "complete_record");
    struct record_keys read = r->write[r->side];
    size_t n = record_seal(&r->write[r->side], record, content_type, payload, 0);
    check_field(r, "complete_record", record, n);
    ck_assert_int_eq(record_open(&read, record, whole.len, &type, &content), ALERT_NONE);
    ck_assert_uint_eq(type, content_type);
    check_field(r, "payload", content.at, content.len);
}

static void check_plain(struct replay *r, uint8_t content_type)
{
    uint8_t record[2048];
    bool first_hello = r->side == CLIENT && r->records[CLIENT] == 0;
    size_t n = record_write_plaintext(record, content_type,
                                      first_hello ? VERSION_TLS10 : VERSION_TLS12,
                                      field(r, "payload"));
    check_field(r, "complete_record", record, n);
}

static void on_handshake_record(struct replay *r)
{
    if (r->hello_len > 0)
        check_field(r, "payload", r->hello, r->hello_len);
    r->hello_len = 0;
    (r->write[r->side].aead ? check_protected : check_plain)(r, HANDSHAKE);
    r->records[r->side]++;
}

static void on_change_cipher_spec(struct replay *r)
{
    check_plain(r, CHANGE_CIPHER_SPEC);      /* RFC 8446 §5: never protected */
    r->records[r->side]++;
}

static void on_application_data(struct replay *r)
{
    check_protected(r, APPLICATION_DATA);
}

static void on_alert(struct replay *r)
{
    check_protected(r, ALERT);
}

/* ---- the replay ---- */

static const struct { const char *action; void (*replay)(struct replay *r); } steps[] = {
    { "create an ephemeral",              on_key_pair           },
    { "construct a",                      on_message            },
    { "extract secret \"early\"",         on_early_secret       },
    { "extract secret \"handshake\"",     on_handshake_secret   },
    { "extract secret \"master\"",        on_master_secret      },
    { "derive secret ",                   on_derive_secret      },
    { "calculate PSK binder",             on_binder             },
    { "derive write traffic keys",        on_write_keys         },
    { "derive read traffic keys",         on_read_keys          },
    { "calculate finished",               on_finished           },
    { "generate resumption secret",       on_resumption         },
    { "send handshake record",            on_handshake_record   },
    { "send change_cipher_spec record",   on_change_cipher_spec },
    { "send application_data record",     on_application_data   },
    { "send alert record",                on_alert              },
};

static void replay_step(struct replay *r)
{
    for (size_t i = 0; i < COUNT(steps); i++)
        if (strncmp(r->action, steps[i].action, strlen(steps[i].action)) == 0) {
            steps[i].replay(r);
            return;
        }
    ck_abort_msg("%s: a step that this test does not know: %s", r->v.path, r->action);
}

static void replay(const char *path, size_t step_count)
{
    struct replay r = { .v = vectors_open(path) };
    transcript_start(&r.transcript, hash);
    while (vectors_next(&r.v)) {
        r.side = strcmp((const char *)field(&r, "actor").at, "client") == 0 ? CLIENT : SERVER;
        r.action = (const char *)field(&r, "action").at;
        replay_step(&r);
    }
    ck_assert_uint_eq(r.v.cases, step_count);
    vectors_close(&r.v);
}

START_TEST(section_3_simple_handshake)
{
    replay("vectors/rfc/rfc8448_section3.txt", 38);
}
END_TEST

/* Resumed, with early data: the records of that too are replayed. */
START_TEST(section_4_resumed_handshake)
{
    replay("vectors/rfc/rfc8448_section4.txt", 40);
}
END_TEST

/* The ticket of section 3 is the PSK of section 4: §4.6.1. */
START_TEST(section_4_resumes_section_3)
{
    struct vectors three = vectors_open("vectors/rfc/rfc8448_section3.txt");
    struct vectors four = vectors_open("vectors/rfc/rfc8448_section4.txt");
    struct offered_psks offered;
    struct client_hello hello;
    struct fault fault;
    while (vectors_next(&three)
           && !strstr((const char *)vector(&three, "action").at, "generate resumption secret"))
        continue;
    ck_assert(vectors_next(&four) && vectors_next(&four));
    check_bytes(&four, "IKM", vector(&four, "IKM").at, vector(&three, "expanded"));
    ck_assert(vectors_next(&three));
    struct bytes ticket = vector(&three, "NewSessionTicket");
    while (!vector_has(&four, "complete_record"))
        ck_assert(vectors_next(&four));
    struct bytes message = vector(&four, "payload");
    ck_assert(!client_hello_decode(&hello, &fault, bytes_of(message.at + 4, message.len - 4)));
    ck_assert(!decode_offered_psks(&offered, &fault,
                                   extensions_body(&hello.extensions, EXT_PRE_SHARED_KEY)));
    ck_assert_uint_eq(offered.count, 1);
    struct reader r = reader_of(offered.identities);
    struct psk_identity identity = read_psk_identity(&r);
    ck_assert_ptr_nonnull(memmem(ticket.at, ticket.len, identity.identity.at,
                                 identity.identity.len));
    vectors_close(&three);
    vectors_close(&four);
}
END_TEST

START_TEST(section_5_hello_retry_request)
{
    replay("vectors/rfc/rfc8448_section5.txt", 38);
}
END_TEST

START_TEST(section_7_compatibility_mode)
{
    replay("vectors/rfc/rfc8448_section7.txt", 35);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("rfc8448");
    TCase *c = tcase_create("modules");
    tcase_add_test(c, section_3_simple_handshake);
    tcase_add_test(c, section_4_resumed_handshake);
    tcase_add_test(c, section_4_resumes_section_3);
    tcase_add_test(c, section_5_hello_retry_request);
    tcase_add_test(c, section_7_compatibility_mode);
    suite_add_tcase(s, c);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
