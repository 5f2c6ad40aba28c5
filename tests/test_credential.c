/* tests/test_credential.c - chains, keys, anchors and pins from files, and `sealtls cert`
 * (tls13/credential_io.c, tls13/x509/trust_io.c, tls13/sealtls_cert.c).
 */
#include "tls13/credential_io.h"

#include "tests/vectors.h"
#include "tls13/sealtls_cert.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/key.h"
#include "tls13/x509/make.h"
#include "tls13/x509/pem.h"
#include "tls13/x509/trust_io.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static char dir[] = "/tmp/test_credential.XXXXXX";
static char error[CREDENTIAL_ERROR_MAX];

/* A path in the folder of this test; eight may be in use at once. */
static const char *in_dir(const char *name)
{
    static char path[8][128];
    static unsigned turn;
    char *p = path[turn++ % 8];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

static int quietly(char **argv)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    fflush(NULL);
    int out = dup(1), err = dup(2), nowhere = open("/dev/null", O_WRONLY);
    ck_assert(out >= 0 && err >= 0 && nowhere >= 0);
    dup2(nowhere, 1);
    dup2(nowhere, 2);
    int code = sealtls_cert(argc, argv);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    close(nowhere);
    return code;
}

#define CERT(...) quietly((char *[]){ (char *)"cert", __VA_ARGS__, NULL })
#define S(text) ((char *)(uintptr_t)(text))

/* A CA and a server certificate in the folder. */
static void setup(void)
{
    memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(dir));
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("Test CA"), S("--out-dir"), dir), EX_OK);
    ck_assert_int_eq(CERT(S("server"), S("--ca"), S(in_dir("ca.crt")), S("--ca-key"),
                          S(in_dir("ca.key")), S("--dns"), S("localhost"), S("--out-dir"), dir),
                     EX_OK);
}

static void teardown(void)
{
    static const char *const names[] = { "ca.crt", "ca.key", "server.crt", "server.key",
                                         "client.crt", "client.key", "other", "password" };
    for (size_t i = 0; i < COUNT(names); i++)
        unlink(in_dir(names[i]));
    rmdir(dir);
}

static void write_text(const char *name, mode_t mode, const char *text)
{
    FILE *file = fopen(in_dir(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    ck_assert_int_eq(chmod(in_dir(name), mode), 0);
}

/* ---- credentials ---- */

START_TEST(credential_signs)
{
    struct credential *c = credential_load(in_dir("server.crt"), in_dir("server.key"), NULL, error);
    ck_assert_msg(c != NULL, "%s", error);
    ck_assert_uint_eq(c->tls.chain_count, 1);
    ck_assert_uint_eq(c->tls.scheme_count, 1);
    ck_assert_uint_eq(c->tls.schemes[0]->code_point, 0x0403);
    uint8_t signature[SIGNATURE_MAX];
    size_t signature_len;
    struct bytes content = bytes_of_string("what is signed");
    ck_assert_int_eq(c->tls.signer.sign(c->tls.signer.context, c->tls.schemes[0], content,
                                        signature, &signature_len), SIGN_DONE);
    struct x509_certificate leaf;
    ck_assert_ptr_null(x509_certificate_decode(&leaf, c->tls.chain[0]));
    ck_assert(signature_ecdsa_p256_sha256.verify(&leaf.key, content,
                                                 bytes_of(signature, signature_len)));
    ck_assert_int_eq(c->tls.signer.sign(c->tls.signer.context,
                                        scheme_find(&algorithms_default, 0x0807), content,
                                        signature, &signature_len), SIGN_FAILED);
    credential_free(c);
    credential_free(NULL);
}
END_TEST

static void refused(const char *chain, const char *key, const char *why)
{
    ck_assert_ptr_null(credential_load(in_dir(chain), in_dir(key), NULL, error));
    ck_assert_msg(strstr(error, why) != NULL, "\"%s\" not in: %s", why, error);
}

/* RFC 7250: the key of a certificate, or a key alone, is the same SubjectPublicKeyInfo. */
START_TEST(bare_keys)
{
    struct x509_certificate leaf;
    struct credential *c = credential_load(in_dir("server.crt"), in_dir("server.key"), NULL, error);
    struct credential *bare = credential_load_raw(in_dir("server.key"), NULL, error);
    ck_assert(c && bare);
    ck_assert_ptr_null(x509_certificate_decode(&leaf, c->tls.chain[0]));
    ck_assert_uint_eq(c->tls.public_key.len, 0);
    credential_show_bare(c);
    credential_show_bare(bare);
    ck_assert(bytes_equal_public(c->tls.public_key, leaf.spki));
    ck_assert(bytes_equal_public(bare->tls.public_key, leaf.spki));
    ck_assert_uint_eq(bare->tls.chain_count, 0);
    ck_assert_uint_eq(bare->tls.scheme_count, 1);
    credential_free(c);
    credential_free(bare);
    ck_assert_ptr_null(credential_load_raw(in_dir("server.crt"), NULL, error));
}
END_TEST

START_TEST(staples_that_are_none)
{
    struct credential *c = credential_load(in_dir("server.crt"), in_dir("server.key"), NULL, error);
    ck_assert_ptr_nonnull(c);
    ck_assert(!credential_staple(c, in_dir("missing"), error));
    write_text("other", 0600, "no DER");
    ck_assert(!credential_staple(c, in_dir("other"), error));
    ck_assert_ptr_nonnull(strstr(error, "other: "));
    ck_assert_uint_eq(c->tls.ocsp_response.len, 0);
    credential_free(c);
}
END_TEST

START_TEST(key_file_open_to_others)
{
    static const mode_t modes[] = { 0640, 0604, 0620, 0601, 0644 };
    for (size_t i = 0; i < COUNT(modes); i++) {
        ck_assert_int_eq(chmod(in_dir("server.key"), modes[i]), 0);
        refused("server.crt", "server.key", "private key is open to others (mode 06");
        ck_assert_ptr_nonnull(strstr(error, "owner "));
        ck_assert_ptr_nonnull(strstr(error, "server.key"));
    }
    ck_assert_int_eq(chmod(in_dir("server.key"), 0400), 0);
    struct credential *c = credential_load(in_dir("server.crt"), in_dir("server.key"), NULL, error);
    ck_assert_ptr_nonnull(c);
    credential_free(c);
}
END_TEST

/* A key of vectors/x509/encrypted_keys.txt; whose certificate is not here. */
static bool load_encrypted(struct private_key *key, const char *password)
{
    write_text("password", 0600, password);
    return private_key_load(key, in_dir("other"), in_dir("password"), error);
}

static bool is_reason(const char *reason)
{
    return strstr(error, in_dir("other:1: ")) == error && strstr(error, reason) != NULL;
}

START_TEST(encrypted_keys)
{
    uint8_t text[1024] = { 0 };
    struct writer w = writer_of(text, sizeof text - 1);
    struct private_key key;
    struct vectors v = vectors_open("vectors/x509/encrypted_keys.txt");
    ck_assert(vectors_next(&v));                         /* "correct horse" */
    pem_write(&w, "ENCRYPTED PRIVATE KEY", vector(&v, "der"));
    ck_assert(writer_done(&w));
    write_text("other", 0600, (const char *)text);

    ck_assert_msg(load_encrypted(&key, "correct horse\nis the first line"), "%s", error);
    check_bytes(&v, "secret", key.secret, vector(&v, "secret"));
    ck_assert(load_encrypted(&key, "correct horse\r\n"));
    ck_assert(load_encrypted(&key, "correct horse"));
    ck_assert(!load_encrypted(&key, "correct horse \n"));
    ck_assert(is_reason("wrong password, or the encrypted key is damaged"));
    ck_assert(!load_encrypted(&key, "\ncorrect horse\n"));
    ck_assert(is_reason("the first line of the password file is empty"));
    ck_assert(!load_encrypted(&key, ""));
    ck_assert(is_reason("the first line of the password file is empty"));
    ck_assert(!private_key_load(&key, in_dir("other"), NULL, error));
    ck_assert(is_reason("the key is encrypted, and no file with its password is given"));
    ck_assert(!private_key_load(&key, in_dir("other"), in_dir("missing"), error));
    ck_assert_ptr_nonnull(strstr(error, "/missing: No such file"));
    write_text("password", 0644, "correct horse\n");
    ck_assert(!private_key_load(&key, in_dir("other"), in_dir("password"), error));
    ck_assert_ptr_nonnull(strstr(error, "/password: password is open to others (mode 0644"));
    ck_assert(private_key_load(&key, in_dir("server.key"), in_dir("missing"), error));
    vectors_close(&v);
}
END_TEST

START_TEST(files_that_are_wrong)
{
    refused("server.crt", "ca.key", "does not belong to the first certificate");
    refused("ca.crt", "server.key", "does not belong");
    refused("none.crt", "server.key", "none.crt: No such file");
    refused("server.crt", "none.key", "none.key: No such file");
    refused("server.crt", ".", "not a regular file");
    refused("server.key", "server.key", "server.key:1: certificate 1: not a CERTIFICATE block");
    ck_assert_int_eq(chmod(in_dir("server.crt"), 0600), 0);
    refused("server.crt", "server.crt", "server.crt:1: not a private key");
    write_text("other", 0600, "nothing\n");
    refused("other", "server.key", "no certificate in this file");
    refused("server.crt", "other", "no private key in this file");
    write_text("other", 0600, "\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
               "-----END ENCRYPTED PRIVATE KEY-----\n");
    refused("server.crt", "other", "other:2: the key is encrypted, and no file with its password");
    write_text("other", 0600, "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n");
    refused("server.crt", "other", "other:2: the block has headers: of encrypted keys");
    write_text("other", 0600, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n"
               "-----END RSA PRIVATE KEY-----\n");
    refused("server.crt", "other", "other:1: RSAPrivateKey is malformed");
    write_text("other", 0600, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    refused("server.crt", "other", "PKCS #8 key is malformed");
    write_text("other", 0600, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    refused("other", "server.key", "other:1: certificate 1: it is not the DER");
}
END_TEST

START_TEST(credential_from_memory_checks_too)
{
    struct private_key key;
    struct bytes none = { 0 };
    ck_assert(private_key_generate(&key, KEY_ED25519, &random_system));
    uint8_t der[X509_MAKE_MAX];
    size_t len;
    struct x509_recipe r = x509_recipe_server("x", &key, (struct x509_issuer){ 0 }, time(NULL));
    ck_assert(x509_make(der, &len, sizeof der, &r, &random_system));
    struct bytes chain[X509_CHAIN_MAX + 1] = { bytes_of(der, len) };
    struct credential *c = credential_from_memory(chain, 1, &key, error);
    ck_assert_ptr_nonnull(c);
    ck_assert_uint_eq(c->tls.schemes[0]->code_point, 0x0807);
    ck_assert_ptr_ne(c->tls.chain[0].at, der);
    credential_free(c);
    ck_assert_ptr_null(credential_from_memory(chain, 0, &key, error));
    ck_assert_ptr_null(credential_from_memory(chain, X509_CHAIN_MAX + 1, &key, error));
    ck_assert_ptr_null(credential_from_memory(&none, 1, &key, error));
    key.secret[0] ^= 1;
    ck_assert_ptr_null(credential_from_memory(chain, 1, &key, error));
}
END_TEST

/* ---- trust ---- */

static enum alert verify_server(const struct x509_trust *trust)
{
    struct credential *c = credential_load(in_dir("server.crt"), in_dir("server.key"), NULL, error);
    ck_assert_ptr_nonnull(c);
    struct x509_verdict verdict;
    struct x509_question q = {
        .trust = trust, .algorithms = &algorithms_default, .chain = c->tls.chain,
        .chain_count = c->tls.chain_count, .name = bytes_of_string("localhost"),
        .now = time(NULL),
    };
    enum alert alert = x509_verify(&verdict, &q);
    credential_free(c);
    return alert;
}

START_TEST(anchors_from_a_file)
{
    struct trust_store store = { 0 };
    ck_assert_msg(trust_add_file(&store, in_dir("ca.crt"), error), "%s", error);
    ck_assert_uint_eq(store.trust.anchor_count, 1);
    ck_assert_int_eq(verify_server(&store.trust), ALERT_NONE);
    ck_assert(!trust_add_file(&store, in_dir("ca.key"), error));
    ck_assert_ptr_nonnull(strstr(error, "ca.key:1: certificate 1: not a CERTIFICATE block"));
    ck_assert(!trust_add_file(&store, in_dir("none"), error));
    ck_assert_ptr_nonnull(strstr(error, "No such file"));
    write_text("other", 0644, "\n-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n");
    ck_assert(!trust_add_file(&store, in_dir("other"), error));
    ck_assert_ptr_nonnull(strstr(error, "other:3: certificate 1: line is not base64"));
    write_text("other", 0644, "");
    ck_assert(!trust_add_file(&store, in_dir("other"), error));
    ck_assert_ptr_nonnull(strstr(error, "no certificate"));
    ck_assert_uint_eq(store.trust.anchor_count, 1);
    trust_free(&store);
    ck_assert_uint_eq(store.trust.anchor_count, 0);
}
END_TEST

START_TEST(anchors_of_the_system)
{
    struct trust_store store = { 0 };
    if (access(TRUST_SYSTEM_BUNDLE, R_OK) != 0)
        return;
    ck_assert_msg(trust_add_system(&store, error), "%s", error);
    ck_assert_uint_gt(store.trust.anchor_count, 50);
    ck_assert_uint_lt(store.skipped, 10);
    ck_assert_int_eq(verify_server(&store.trust), ALERT_UNKNOWN_CA);
    trust_free(&store);
}
END_TEST

START_TEST(pins_from_text)
{
    struct trust_store store = { 0 };
    struct credential *c = credential_load(in_dir("server.crt"), in_dir("server.key"), NULL, error);
    struct x509_certificate leaf;
    char pin[PIN_TEXT_MAX];
    ck_assert_ptr_nonnull(c);
    ck_assert_ptr_null(x509_certificate_decode(&leaf, c->tls.chain[0]));
    pin_text(pin, leaf.spki);
    credential_free(c);
    static const char *const bad[] = {
        "", "sha256/", "sha256/AAAA", "sha1/AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=",
        "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "SHA256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        ck_assert_msg(!trust_add_pin(&store, bad[i], error), "%s", bad[i]);
        ck_assert_ptr_nonnull(strstr(error, "is not sha256/"));
    }
    ck_assert(trust_add_pin(&store, "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                            error));
    ck_assert_int_eq(verify_server(&store.trust), ALERT_CERTIFICATE_UNKNOWN);
    ck_assert(trust_add_pin(&store, pin, error));
    ck_assert_uint_eq(store.trust.pin_count, 2);
    ck_assert_int_eq(verify_server(&store.trust), ALERT_NONE);
    trust_free(&store);
}
END_TEST

/* ---- sealtls cert ---- */

START_TEST(files_are_not_overwritten)
{
    struct stat before, after;
    ck_assert_int_eq(stat(in_dir("ca.key"), &before), 0);
    ck_assert_int_eq(before.st_mode & 07777, 0600);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("Other"), S("--out-dir"), dir), EX_CANTCREAT);
    ck_assert_int_eq(verify_server(&(struct x509_trust){ 0 }), ALERT_INTERNAL_ERROR);
    struct trust_store store = { 0 };
    ck_assert(trust_add_file(&store, in_dir("ca.crt"), error));
    ck_assert_int_eq(verify_server(&store.trust), ALERT_NONE);
    trust_free(&store);

    ck_assert_int_eq(chmod(in_dir("ca.key"), 0644), 0);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("Other"), S("--out-dir"), dir, S("--force")),
                     EX_OK);
    ck_assert_int_eq(stat(in_dir("ca.key"), &after), 0);
    ck_assert_int_eq(after.st_mode & 07777, 0600);
    ck_assert(trust_add_file(&store, in_dir("ca.crt"), error));
    ck_assert_int_ne(verify_server(&store.trust), ALERT_NONE);
    trust_free(&store);
}
END_TEST

/* When the second file cannot be written, the first does not stay behind. */
START_TEST(key_without_certificate_does_not_stay)
{
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--cert"), S(in_dir("ca.crt")),
                          S("--key"), S(in_dir("other"))), EX_CANTCREAT);
    ck_assert_int_ne(access(in_dir("other"), F_OK), 0);
}
END_TEST

START_TEST(client_certificates)
{
    ck_assert_int_eq(CERT(S("client"), S("--ca"), S(in_dir("ca.crt")), S("--ca-key"),
                          S(in_dir("ca.key")), S("--name"), S("alice@example.org"),
                          S("--out-dir"), dir, S("--algorithm"), S("ed25519"), S("--days"),
                          S("7")), EX_OK);
    struct credential *c = credential_load(in_dir("client.crt"), in_dir("client.key"), NULL, error);
    ck_assert_msg(c != NULL, "%s", error);
    struct x509_certificate leaf;
    ck_assert_ptr_null(x509_certificate_decode(&leaf, c->tls.chain[0]));
    ck_assert_uint_eq(leaf.extended_key_usage, X509_EKU_CLIENT);
    ck_assert_int_le(leaf.not_after - time(NULL), 7 * 86400);
    credential_free(c);
}
END_TEST

START_TEST(exit_codes)
{
    char *ca = S(in_dir("ca.crt")), *ca_key = S(in_dir("ca.key"));
    ck_assert_int_eq(quietly((char *[]){ S("cert"), NULL }), EX_USAGE);
    ck_assert_int_eq(CERT(S("--help")), EX_OK);
    ck_assert_int_eq(CERT(S("root"), S("--help")), EX_OK);
    ck_assert_int_eq(CERT(S("sign")), EX_USAGE);
    ck_assert_int_eq(CERT(S("root")), EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--bogus")), EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--out-dir"), dir, S("extra")),
                     EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--days"), S("0")), EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--days"), S("1x")), EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--algorithm"), S("rsa")), EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--cert"), S("a"), S("--key"), S("a")),
                     EX_USAGE);
    ck_assert_int_eq(CERT(S("root"), S("--name"), S("x"), S("--out-dir"), S("/nonexistent")),
                     EX_CANTCREAT);
    ck_assert_int_eq(CERT(S("server"), S("--dns"), S("a_b"), S("--out-dir"), dir), EX_USAGE);
    ck_assert_int_eq(CERT(S("server"), S("--dns"), S("*.org"), S("--out-dir"), dir), EX_USAGE);
    ck_assert_int_eq(CERT(S("server"), S("--dns"), S("127.0.0.1"), S("--out-dir"), dir), EX_USAGE);
    ck_assert_int_eq(CERT(S("server"), S("--ip"), S("localhost"), S("--out-dir"), dir), EX_USAGE);
    ck_assert_int_eq(CERT(S("server"), S("--dns"), S("a"), S("--out-dir"), dir), EX_USAGE);
    ck_assert_int_eq(CERT(S("client"), S("--ca"), ca, S("--ca-key"), S(in_dir("server.key")),
                          S("--name"), S("x"), S("--out-dir"), dir), EX_DATAERR);
    ck_assert_int_eq(CERT(S("client"), S("--ca"), S(in_dir("server.crt")), S("--ca-key"), ca_key,
                          S("--name"), S("x"), S("--out-dir"), dir), EX_DATAERR);
    ck_assert_int_eq(CERT(S("client"), S("--ca"), S("/nonexistent"), S("--ca-key"), ca_key,
                          S("--name"), S("x"), S("--out-dir"), dir), EX_NOINPUT);
    ck_assert_int_eq(CERT(S("show"), S("/nonexistent")), EX_NOINPUT);
    ck_assert_int_eq(CERT(S("show"), S(in_dir("ca.key"))), EX_DATAERR);
    ck_assert_int_eq(CERT(S("show"), S(in_dir("ca.crt"))), EX_OK);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("credential");
    TCase *t = tcase_create("credential");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, credential_signs);
    tcase_add_test(t, bare_keys);
    tcase_add_test(t, staples_that_are_none);
    tcase_add_test(t, key_file_open_to_others);
    tcase_add_test(t, encrypted_keys);
    tcase_add_test(t, files_that_are_wrong);
    tcase_add_test(t, credential_from_memory_checks_too);
    tcase_add_test(t, anchors_from_a_file);
    tcase_add_test(t, anchors_of_the_system);
    tcase_add_test(t, pins_from_text);
    tcase_add_test(t, files_are_not_overwritten);
    tcase_add_test(t, key_without_certificate_does_not_stay);
    tcase_add_test(t, client_certificates);
    tcase_add_test(t, exit_codes);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
