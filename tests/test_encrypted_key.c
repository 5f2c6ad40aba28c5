/* tests/test_encrypted_key.c - private keys under a password (tls13/x509/encrypted_key.c,
 * tls13/encrypted_key_io.c): OpenSSL's, and every parameter wrong in turn.
 */
#include "tls13/encrypted_key_io.h"

#include "crypto/aes_cbc.h"
#include "tests/vectors.h"
#include "tls13/x509/der.h"
#include "tls13/x509/encrypted_key.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

static struct private_key key;

static void refused(const char *reason, const char *want)
{
    ck_assert_msg(reason && strstr(reason, want), "%s, and not: %s", reason ? reason : "taken",
                  want);
}

/* ---- OpenSSL's ---- */

static void check_key(struct vectors *v)
{
    if (key.type == KEY_RSA)
        check_bytes(v, "modulus", key.rsa.n, vector(v, "modulus"));
    else
        check_bytes(v, "secret", key.secret, vector(v, "secret"));
}

START_TEST(keys_of_openssl)
{
    struct vectors v = vectors_open("vectors/x509/encrypted_keys.txt");
    while (vectors_next(&v)) {
        char want[80];
        struct bytes reason = vector(&v, "reason");
        snprintf(want, sizeof want, "%.*s", (int)reason.len, (const char *)reason.at);
        const char *wrong = encrypted_private_key_decode(&key, vector(&v, "der"),
                                                         vector(&v, "password"));
        if (reason.len > 0)
            refused(wrong, want);
        else if (wrong)
            ck_abort_msg("%s:%zu: %s", v.path, v.line, wrong);
        else
            check_key(&v);
    }
    ck_assert_uint_eq(v.cases, 14);
    vectors_close(&v);
}
END_TEST

/* Another password; one byte of the last blocks changed; cut off anywhere; a byte too many. */
START_TEST(altered_keys_of_openssl)
{
    struct vectors v = vectors_open("vectors/x509/encrypted_keys.txt");
    while (vectors_next(&v)) {
        uint8_t copy[2048];
        struct bytes der = vector(&v, "der"), password = vector(&v, "password");
        if (vector(&v, "reason").len > 0)
            continue;
        refused(encrypted_private_key_decode(&key, der, bytes_of(password.at, password.len - 1)),
                "wrong password, or the encrypted key is damaged");
        ck_assert_uint_lt(der.len, sizeof copy);
        memcpy(copy, der.at, der.len);
        copy[der.len] = 0;
        for (size_t len = 0; len <= der.len + 1; len++)
            if (len != der.len)
                refused(encrypted_private_key_decode(&key, bytes_of(copy, len), password),
                        "malformed (RFC 5958 §3)");
        copy[der.len - 17] ^= 1;                       /* turns a bit of the last block's padding */
        refused(encrypted_private_key_decode(&key, bytes_of(copy, der.len), password),
                "wrong password, or the encrypted key is damaged");
    }
    vectors_close(&v);
}
END_TEST

/* ---- made here, with a mistake each ---- */

#define PBES2  "06092a864886f70d01050d"
#define PBKDF2 "06092a864886f70d01050c"
#define SCRYPT "06092b06010401da47040b"
#define SALT   "04020102"
#define SHA256 "300c06082a864886f70d02090500"
#define AES128 "0609608648016503040102"
#define AES256 "060960864801650304012a"
#define IV     "041000000000000000000000000000000000"
#define BLOCK  "041000112233445566778899aabbccddeeff"

/* Hex, in which {..} is a SEQUENCE of what is in it. */
static void write_hex(struct writer *w, const char **text)
{
    while (**text && **text != '}') {
        if (**text == '{') {
            size_t mark = der_begin(w, DER_SEQUENCE);
            ++*text;
            write_hex(w, text);
            der_end(w, mark);
            ++*text;
        } else {
            char digits[3] = { (*text)[0], (*text)[1], 0 };
            write_u8(w, (uint8_t)strtoul(digits, NULL, 16));
            *text += 2;
        }
    }
}

static struct bytes der_of(const char *text)
{
    static uint8_t space[ENCRYPTED_KEY_MAX + 512];
    struct writer w = writer_of(space, sizeof space);
    write_hex(&w, &text);
    ck_assert(writer_done(&w) && !*text);
    return writer_bytes(&w);
}

static const char *decode(struct encrypted_key *out, const char *text)
{
    return encrypted_key_decode(out, der_of(text));
}

#define KDF(kdf) "{{" PBES2 "{" kdf "{" AES256 IV "}}}" BLOCK "}"
#define WITH_PBKDF2(parameters) KDF("{" PBKDF2 "{" parameters "}}")
#define WITH_SCRYPT(parameters) KDF("{" SCRYPT "{" parameters "}}")
#define WITH_CIPHER(cipher) "{{" PBES2 "{{" PBKDF2 "{" SALT "020101" SHA256 "}}" cipher "}}" BLOCK "}"
#define WITH_DATA(data) "{{" PBES2 "{{" PBKDF2 "{" SALT "020101" SHA256 "}}{" AES128 IV "}}}" data "}"

static const struct { const char *text, *reason; } rows[] = {
    /* the bounds, from both sides */
    { WITH_PBKDF2(SALT "020101" SHA256), NULL },
    { WITH_PBKDF2("0400" "0203989680" SHA256), "parameters are malformed" },     /* negative */
    { WITH_PBKDF2("0400" "020400989680" SHA256), NULL },                         /* 10,000,000 */
    { WITH_PBKDF2("0400" "020400989681" SHA256), "iterations are not 1 to 10,000,000" },
    { WITH_PBKDF2(SALT "020100" SHA256), "iterations are not 1 to 10,000,000" },
    { WITH_PBKDF2(SALT "02050100000001" SHA256), "parameters are malformed" },   /* 2^32 + 1 */
    { WITH_PBKDF2(SALT "02020001" SHA256), "parameters are malformed" },         /* BER */
    { WITH_SCRYPT(SALT "020102" "020101" "020101"), NULL },
    { WITH_SCRYPT(SALT "020200ff" "020101" "020101"), "no power of two" },
    { WITH_SCRYPT(SALT "020101" "020101" "020101"), "no power of two" },
    { WITH_SCRYPT(SALT "020100" "020101" "020101"), "no power of two" },
    { WITH_SCRYPT(SALT "02028000" "020101" "020101"), "malformed" },             /* negative */
    { WITH_SCRYPT(SALT "0203008000" "020101" "020101"), NULL },              /* N < 2^(128 r / 8) */
    { WITH_SCRYPT(SALT "0203010000" "020101" "020101"), "no power of two below 2^(16 r)" },
    { WITH_SCRYPT(SALT "0203010000" "020102" "020101"), NULL },
    { WITH_SCRYPT(SALT "020102" "020100" "020101"), "ask for too much" },
    { WITH_SCRYPT(SALT "020102" "020101" "020100"), "ask for too much" },
    { WITH_SCRYPT(SALT "0203010000" "020108" "020104"), NULL },              /* 64 MiB, four times */
    { WITH_SCRYPT(SALT "0203010000" "020108" "020105"), "ask for too much" },
    { WITH_SCRYPT(SALT "0203010000" "020109" "020101"), "ask for too much" },
    { WITH_SCRYPT(SALT "0203020000" "020108" "020101"), "ask for too much" },
    { WITH_SCRYPT(SALT "020102" "020500ffffffff" "020101"), "ask for too much" },
    { WITH_SCRYPT(SALT "02050080000000" "020101" "020101"), "ask for too much" },
    /* keyLength */
    { WITH_PBKDF2(SALT "020101" "020120" SHA256), NULL },
    { WITH_PBKDF2(SALT "020101" "020110" SHA256), "keyLength is not the cipher's" },
    { WITH_PBKDF2(SALT "020101" "0201f0" SHA256), "parameters are malformed" },  /* negative */
    { WITH_SCRYPT(SALT "020102" "020101" "020101" "020120"), NULL },
    { WITH_SCRYPT(SALT "020102" "020101" "020101" "020121"), "keyLength is not the cipher's" },
    /* the shape of the parameters */
    { WITH_PBKDF2(SALT "020101"), "PBKDF2 with HMAC-SHA-1 is not supported" },
    { WITH_PBKDF2(SALT "020101" "300a06082a864886f70d0209"), "PBKDF2 parameters are malformed" },
    { WITH_PBKDF2(SALT "020101" "300d06082a864886f70d0209050100"), "parameters are malformed" },
    { WITH_PBKDF2(SALT "020101" SHA256 "0500"), "PBKDF2 parameters are malformed" },
    { WITH_PBKDF2("{}" "020101" SHA256), "PBKDF2 parameters are malformed" },    /* otherSource */
    { WITH_PBKDF2(""), "PBKDF2 parameters are malformed" },
    { WITH_SCRYPT(SALT "020102" "020101"), "scrypt parameters are malformed" },
    { WITH_SCRYPT(SALT "020102" "020101" "020101" "0500"), "scrypt parameters are malformed" },
    { WITH_SCRYPT(""), "scrypt parameters are malformed" },
    { KDF("{" PBKDF2 "{" SALT "020101" SHA256 "}0500}"), "keyDerivationFunc is malformed" },
    { KDF("{" PBES2 "{}}"), "another derivation than PBKDF2 and scrypt" },
    { WITH_CIPHER("{" AES128 IV "}"), NULL },
    { WITH_CIPHER("{0609608648016503040116" IV "}"), "another cipher" },         /* AES-192 */
    { WITH_CIPHER("{" AES128 "}"), "IV is malformed" },
    { WITH_CIPHER("{" AES128 "040f000000000000000000000000000000}"), "IV is malformed" },
    { WITH_CIPHER("{" AES128 IV "0500}"), "IV is malformed" },
    { WITH_CIPHER("{" AES128 IV "}0500"), "PBES2 parameters are malformed" },
    { "{{06092a864886f70d010503}" BLOCK "}", "another scheme than PBES2" },
    { "{{" PBES2 "}" BLOCK "}", "PBES2 parameters are malformed" },
    { "{{0500}" BLOCK "}", "malformed (RFC 5958 §3)" },
    /* the data */
    { WITH_DATA(BLOCK), NULL },
    { WITH_DATA("0400"), "not whole blocks" },
    { WITH_DATA("040f00112233445566778899aabbccddee"), "not whole blocks" },
    { WITH_DATA(BLOCK "0500"), "malformed (RFC 5958 §3)" },
    { WITH_DATA("0500"), "malformed (RFC 5958 §3)" },
};

START_TEST(parameters)
{
    struct encrypted_key k;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *reason = decode(&k, rows[i].text);
        if (rows[i].reason)
            refused(reason, rows[i].reason);
        else
            ck_assert_msg(!reason, "%s: %s", rows[i].text, reason);
    }
}
END_TEST

/* As much as there is room for, and a block more. */
START_TEST(largest)
{
    static char text[2 * ENCRYPTED_KEY_MAX + 512];
    for (int len = ENCRYPTED_KEY_MAX; len <= ENCRYPTED_KEY_MAX + 16; len += 16) {
        snprintf(text, sizeof text, WITH_DATA("0482%04x%0*d"), (unsigned)len, 2 * len, 0);
        refused(encrypted_private_key_decode(&key, der_of(text), bytes_of("password", 8)),
                len > ENCRYPTED_KEY_MAX ? "too large" : "wrong password");
    }
}
END_TEST

static bool can_map(size_t len)
{
    void *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED && munmap(memory, len) == 0;
}

/* The system does not give the 64 MiB that the file asks for. */
START_TEST(no_memory_for_scrypt)
{
    struct rlimit before, none = { 0 };
    if (getenv("SEALPOST_QUICK") != NULL) {
        printf("skipped: no_memory_for_scrypt: memcheck needs memory of its own\n");
        return;
    }
    refused(encrypted_private_key_decode(&key, der_of(WITH_DATA(BLOCK)), bytes_of("password", 8)),
            "wrong password");                          /* the stack has grown as far as it will */
    struct bytes der = der_of(WITH_SCRYPT(SALT "0203010000" "020108" "020101"));
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    none.rlim_max = before.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &none), 0);
    bool limited = !can_map(64 << 20);
    const char *wrong = limited ? encrypted_private_key_decode(&key, der, bytes_of("password", 8))
                                : NULL;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
    if (limited)
        refused(wrong, "no memory for scrypt");
    else
        printf("skipped: no_memory_for_scrypt: this system does not limit memory\n");
}
END_TEST

START_TEST(what_is_decoded)
{
    struct encrypted_key k;
    ck_assert_ptr_null(decode(&k, WITH_PBKDF2("0401aa" "020107" SHA256)));
    ck_assert(k.salt.len == 1 && k.salt.at[0] == 0xaa && k.iterations == 7 && k.key_len == 32);
    ck_assert_ptr_null(decode(&k, WITH_SCRYPT("0401bb" "020110" "020103" "020105")));
    ck_assert(k.salt.at[0] == 0xbb && k.iterations == 0 && k.n == 16 && k.r == 3 && k.p == 5);
    ck_assert_ptr_null(decode(&k, WITH_CIPHER("{" AES128 IV "}")));
    ck_assert(k.key_len == 16 && k.iv.len == 16 && k.data.len == 16);
}
END_TEST

/* ---- padding ---- */

/* Two blocks that decrypt to `plaintext`: SP 800-38A §6.2, C_j = E(P_j XOR C_j-1), no IV. */
static const char *open_blocks(size_t *len, const uint8_t plaintext[32])
{
    static const uint8_t secret[16] = { 1, 2, 3 }, zeros[16];
    uint8_t data[32], batch[AES_BATCH_LEN], out[32];
    struct aes_key aes;
    struct aes_schedule schedule;
    aes_key_init(&aes, secret, sizeof secret);
    aes_schedule_init(&schedule, &aes);
    for (size_t at = 0; at < 32; at += 16) {
        memset(batch, 0, sizeof batch);
        for (size_t i = 0; i < 16; i++)
            batch[i] = plaintext[at + i] ^ (at ? data[i] : 0);
        aes_encrypt(&schedule, batch, batch);
        memcpy(data + at, batch, 16);
    }
    struct encrypted_key k = { .iv = { zeros, 16 }, .data = { data, 32 }, .key_len = 16 };
    *len = 0;
    return encrypted_key_open(out, len, &k, secret);
}

/* A SEQUENCE of 32 - n bytes, and n bytes of n; or another number, or a byte of them changed. */
START_TEST(padding)
{
    size_t len;
    for (size_t n = 0; n <= 255; n++) {
        uint8_t block[32] = { 0x30, (uint8_t)(30 - n) };
        size_t padded = n < 30 ? n : 30;
        memset(block + 32 - padded, (int)n, padded);
        block[31] = (uint8_t)n;
        const char *reason = open_blocks(&len, block);
        ck_assert_msg(!reason == (n >= 1 && n <= 16), "%zu: %s", n, reason ? reason : "taken");
        if (reason)
            continue;
        ck_assert_uint_eq(len, 32 - n);
        for (size_t i = 0; i < n; i++) {
            block[31 - i] ^= 0x20;
            refused(open_blocks(&len, block), "wrong password");
            block[31 - i] ^= 0x20;
        }
        block[1]++;                                     /* not one SEQUENCE any more */
        refused(open_blocks(&len, block), "wrong password");
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("encrypted_key");
    TCase *t = tcase_create("encrypted_key");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, keys_of_openssl);
    tcase_add_test(t, altered_keys_of_openssl);
    tcase_add_test(t, parameters);
    tcase_add_test(t, largest);
    tcase_add_test(t, no_memory_for_scrypt);
    tcase_add_test(t, what_is_decoded);
    tcase_add_test(t, padding);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
