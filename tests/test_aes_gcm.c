/* Suite for AES-GCM: the portable implementation, those that this processor can run, and the widest
 * one in an emulation; and the two AEADs made of whichever this machine chose. */
#include "crypto/aes_gcm.h"

#include "crypto/cpu.h"
#include "tests/aes_gcm_emulated.h"
#include "tests/cavp.h"
#include "tests/vectors.h"
#include "tests/stride.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 4096, ROOM = LONGEST + 2 * AEAD_TAG_LEN };

enum { IMPLEMENTATIONS_MAX = 6 };

/* The implementations on this machine: portable first. */
static const struct aes_gcm *implementations[IMPLEMENTATIONS_MAX];
static int implementation_count;

static void find_implementations(void)
{
    const struct aes_gcm *next;
    for (size_t i = 0; (next = aes_gcm_available(i)) != NULL; i++)
        implementations[implementation_count++] = next;
#if CPU_X86_64
    if (cpu_supports(CPU_AES_NI))
        implementations[implementation_count++] = &aes_gcm_emulated512;
#endif
    for (int i = 0; i < implementation_count; i++)
        printf("AES-GCM: %s\n", implementations[i]->name);
    if (implementation_count == 1)
        printf("skipped: accelerated AES-GCM: this processor has none\n");
}

/* The same bytes in every run: xorshift64, from a seed that is written here. */
static void fill(uint8_t *out, size_t len)
{
    static uint64_t x = 0x5ea1905751a7e5ed;
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        out[i] = (uint8_t)(x >> 32);
    }
}

/* ---- vectors ---- */

static void seal_and_open(const struct aes_gcm *gcm, struct vectors *v)
{
    struct aead_key key;
    uint8_t out[128], back[128];
    struct bytes plaintext = vector(v, "plaintext"), aad = vector(v, "aad");
    gcm->init(&key, vector(v, "key").at, vector(v, "key").len);
    gcm->seal(&key, out, vector(v, "nonce").at, aad, plaintext);
    check_bytes(v, "ciphertext", out, vector(v, "ciphertext"));
    check_bytes(v, "tag", out + plaintext.len, vector(v, "tag"));
    ck_assert(gcm->open(&key, back, vector(v, "nonce").at, aad,
                        bytes_of(out, plaintext.len + AEAD_TAG_LEN)));
    check_bytes(v, "plaintext", back, plaintext);
}

START_TEST(gcm_specification)
{
    struct vectors v = vectors_open("vectors/nist/aes_gcm.txt");
    while (vectors_next(&v))
        seal_and_open(implementations[_i], &v);
    ck_assert_uint_eq(v.cases, 8);
    vectors_close(&v);
}
END_TEST

/* Test case 1 of the specification, with no pointer where there are no bytes: nothing is added to
 * NULL, which only a sanitizer sees. */
START_TEST(nothing_at_all)
{
    static const uint8_t zeros[16 + AEAD_NONCE_LEN];
    static const uint8_t tag[AEAD_TAG_LEN] = {
        0x58, 0xe2, 0xfc, 0xce, 0xfa, 0x7e, 0x30, 0x61,
        0x36, 0x7f, 0x1d, 0x57, 0xa4, 0xe7, 0x45, 0x5a,
    };
    const struct aes_gcm *gcm = implementations[_i];
    const struct bytes nothing = { NULL, 0 };
    struct aead_key key;
    uint8_t out[AEAD_TAG_LEN];
    gcm->init(&key, zeros, 16);
    gcm->seal(&key, out, zeros, nothing, nothing);
    ck_assert_mem_eq(out, tag, sizeof tag);
    ck_assert(gcm->open(&key, NULL, zeros, nothing, bytes_of(tag, sizeof tag)));
    out[15] ^= 1;
    ck_assert(!gcm->open(&key, NULL, zeros, nothing, bytes_of(out, sizeof out)));
}
END_TEST

/* What TLS uses of GCM: a 96-bit nonce and a 128-bit tag (RFC 8446 §5.3, RFC 5116 §5.1). */
static bool cavp_expressible(struct cavp *c)
{
    return cavp_number(c, "IVlen") == 96 && cavp_number(c, "Taglen") == 128;
}

START_TEST(cavp_encrypt_128)
{
    struct cavp c;
    uint8_t out[256];
    if (!cavp_open(&c, "nist/aes_gcm/gcmEncryptExtIV128.rsp"))
        return;
    while (cavp_next(&c)) {
        if (!cavp_expressible(&c)) {
            c.skipped++;
            continue;
        }
        struct aead_key key;
        struct bytes plaintext = cavp_bytes(&c, "PT"), k = cavp_bytes(&c, "Key");
        implementations[_i]->init(&key, k.at, k.len);
        implementations[_i]->seal(&key, out, cavp_bytes(&c, "IV").at, cavp_bytes(&c, "AAD"),
                                  plaintext);
        cavp_check(&c, "CT", bytes_of(out, plaintext.len));
        cavp_check(&c, "Tag", bytes_of(out + plaintext.len, AEAD_TAG_LEN));
        c.passed++;
    }
    ck_assert_uint_gt(c.passed, 0);
    cavp_close(&c, 7875);
    printf("(%s; skipped: nonce other than 96 bits or tag other than 128)\n",
           implementations[_i]->name);
}
END_TEST

START_TEST(cavp_decrypt_256)
{
    struct cavp c;
    uint8_t sealed[256], out[256];
    if (!cavp_open(&c, "nist/aes_gcm/gcmDecrypt256.rsp"))
        return;
    while (cavp_next(&c)) {
        if (!cavp_expressible(&c)) {
            c.skipped++;
            continue;
        }
        struct aead_key key;
        struct bytes ct = cavp_bytes(&c, "CT"), k = cavp_bytes(&c, "Key");
        memcpy(sealed, ct.at, ct.len);
        memcpy(sealed + ct.len, cavp_bytes(&c, "Tag").at, AEAD_TAG_LEN);
        implementations[_i]->init(&key, k.at, k.len);
        bool ok = implementations[_i]->open(&key, out, cavp_bytes(&c, "IV").at,
                                            cavp_bytes(&c, "AAD"),
                                            bytes_of(sealed, ct.len + AEAD_TAG_LEN));
        ck_assert_int_eq(ok, !cavp_has(&c, "FAIL"));
        if (ok)
            cavp_check(&c, "PT", bytes_of(out, ct.len));
        c.passed++;
    }
    ck_assert_uint_gt(c.passed, 0);
    cavp_close(&c, 7875);
    printf("(%s; skipped: nonce other than 96 bits or tag other than 128)\n",
           implementations[_i]->name);
}
END_TEST

/* ---- the implementations against each other ---- */

/* All seal the same, apart and in place, and each opens what the portable one sealed, apart and in
 * place; nothing is written past the end. */
static void agree(size_t key_len, struct bytes aad, struct bytes plaintext)
{
    static uint8_t sealed[IMPLEMENTATIONS_MAX][ROOM], back[ROOM];
    const size_t sealed_len = plaintext.len + AEAD_TAG_LEN;
    uint8_t key_bytes[AEAD_KEY_MAX], nonce[AEAD_NONCE_LEN];
    struct aead_key key[IMPLEMENTATIONS_MAX];
    ck_assert_uint_le(plaintext.len, LONGEST);
    fill(key_bytes, key_len);
    fill(nonce, sizeof nonce);
    for (int i = 0; i < implementation_count; i++) {
        implementations[i]->init(&key[i], key_bytes, key_len);
        memset(sealed[i], 0xa5, sealed_len + 1);
        implementations[i]->seal(&key[i], sealed[i], nonce, aad, plaintext);
        ck_assert_uint_eq(sealed[i][sealed_len], 0xa5);
        ck_assert_mem_eq(sealed[i], sealed[0], sealed_len);

        memcpy(back, plaintext.at, plaintext.len);
        implementations[i]->seal(&key[i], back, nonce, aad, bytes_of(back, plaintext.len));
        ck_assert_mem_eq(back, sealed[0], sealed_len);
        ck_assert(implementations[i]->open(&key[i], back, nonce, aad,
                                           bytes_of(back, sealed_len)));
        ck_assert_mem_eq(back, plaintext.at, plaintext.len);

        memset(back, 0xa5, plaintext.len + 1);
        ck_assert(implementations[i]->open(&key[i], back, nonce, aad,
                                           bytes_of(sealed[0], sealed_len)));
        ck_assert_mem_eq(back, plaintext.at, plaintext.len);
        ck_assert_uint_eq(back[plaintext.len], 0xa5);
    }
}

static uint8_t text[LONGEST];

START_TEST(agree_at_every_length)
{
    for (size_t len = (size_t)_i; len <= LONGEST; len += 4 * stride(7)) {
        fill(text, sizeof text);
        agree(len % 3 ? 16 : 32, bytes_of(text, len % 29), bytes_of(text, len));
    }
}
END_TEST

/* Every place for the border between additional data and plaintext. */
START_TEST(agree_at_every_split)
{
    for (size_t len = (size_t)_i; len <= 300; len += 5 * stride(7)) {
        fill(text, len);
        for (size_t cut = 0; cut <= len; cut++)
            agree(cut % 2 ? 16 : 32, bytes_of(text, cut), bytes_of(text + cut, len - cut));
    }
}
END_TEST

START_TEST(agree_at_splits_of_long_texts)
{
    for (size_t len = 301; len <= LONGEST; len += 271 * stride(3)) {
        fill(text, len);
        for (size_t cut = len % 7; cut <= len; cut += 127)
            agree(16, bytes_of(text, cut), bytes_of(text + cut, len - cut));
    }
}
END_TEST

/* A record of TLS's full size, and one larger than anything in TLS. */
START_TEST(agree_on_large_texts)
{
    const size_t lengths[] = { 16384, 16384 + 256, 1 << 20, (1 << 20) + 77 };
    uint8_t key_bytes[32], nonce[AEAD_NONCE_LEN];
    struct aead_key key[IMPLEMENTATIONS_MAX];
    uint8_t *large = malloc(2 << 20), *sealed[IMPLEMENTATIONS_MAX];
    for (int i = 0; i < implementation_count; i++)
        sealed[i] = malloc(2 << 20);
    fill(large, 2 << 20);
    fill(key_bytes, sizeof key_bytes);
    fill(nonce, sizeof nonce);
    for (size_t n = 0; n < COUNT(lengths); n++) {
        for (int i = 0; i < implementation_count; i++) {
            implementations[i]->init(&key[i], key_bytes, sizeof key_bytes);
            implementations[i]->seal(&key[i], sealed[i], nonce, bytes_of(nonce, 5),
                                     bytes_of(large, lengths[n]));
            ck_assert_mem_eq(sealed[i], sealed[0], lengths[n] + AEAD_TAG_LEN);
            ck_assert(implementations[i]->open(&key[i], sealed[i], nonce, bytes_of(nonce, 5),
                                               bytes_of(sealed[i], lengths[n] + AEAD_TAG_LEN)));
            ck_assert_mem_eq(sealed[i], large, lengths[n]);
            implementations[i]->seal(&key[i], sealed[i], nonce, bytes_of(nonce, 5),
                                     bytes_of(large, lengths[n]));
        }
    }
    free(large);
    for (int i = 0; i < implementation_count; i++)
        free(sealed[i]);
}
END_TEST

/* ---- refusals ---- */

static void refused(const struct aes_gcm *gcm, const struct aead_key *key,
                    const uint8_t nonce[AEAD_NONCE_LEN], struct bytes aad, struct bytes sealed)
{
    static const uint8_t zeros[ROOM];
    uint8_t out[ROOM];
    size_t plaintext_len = sealed.len < AEAD_TAG_LEN ? 0 : sealed.len - AEAD_TAG_LEN;
    memset(out, 0xa5, sizeof out);
    ck_assert(!gcm->open(key, out, nonce, aad, sealed));
    ck_assert_mem_eq(out, zeros, plaintext_len);
    ck_assert_uint_eq(out[plaintext_len], 0xa5);
}

/* One bit of ciphertext, tag, additional data or nonce, at lengths around the strides. */
START_TEST(c6_every_flipped_bit_is_refused)
{
    const size_t lengths[] = { 0, 1, 15, 16, 17, 95, 96, 97, 112, 113, 127, 128, 129, 300 };
    const struct aes_gcm *gcm = implementations[_i];
    struct aead_key key;
    uint8_t key_bytes[16], nonce[AEAD_NONCE_LEN], aad[5], sealed[400];
    fill(key_bytes, sizeof key_bytes);
    fill(nonce, sizeof nonce);
    fill(aad, sizeof aad);
    gcm->init(&key, key_bytes, sizeof key_bytes);
    for (size_t n = 0; n < COUNT(lengths); n++) {
        struct bytes all = { sealed, lengths[n] + AEAD_TAG_LEN }, a = { aad, sizeof aad };
        fill(sealed, lengths[n]);
        gcm->seal(&key, sealed, nonce, a, bytes_of(sealed, lengths[n]));
        struct { uint8_t *at; size_t len; } const parts[] = {
            { sealed, all.len }, { aad, sizeof aad }, { nonce, sizeof nonce },
        };
        for (size_t p = 0; p < COUNT(parts); p++)
            for (size_t bit = 0; bit < 8 * parts[p].len; bit += stride(5)) {
                parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
                refused(gcm, &key, nonce, a, all);
                parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            }
        uint8_t out[400];
        ck_assert(gcm->open(&key, out, nonce, a, all));      /* all bits are back */
    }
}
END_TEST

START_TEST(other_lengths_are_refused)
{
    const struct aes_gcm *gcm = implementations[_i];
    struct aead_key key;
    uint8_t zero[32] = { 0 }, sealed[200 + AEAD_TAG_LEN + 1] = { 0 };
    gcm->init(&key, zero, 16);
    gcm->seal(&key, sealed, zero, bytes_of(zero, 5), bytes_of(sealed, 200));
    for (size_t len = 0; len <= sizeof sealed; len++)
        if (len != 200 + AEAD_TAG_LEN)
            refused(gcm, &key, zero, bytes_of(zero, 5), bytes_of(sealed, len));
    for (size_t len = 0; len <= 20; len++)
        if (len != 5)
            refused(gcm, &key, zero, bytes_of(zero, len), bytes_of(sealed, 200 + AEAD_TAG_LEN));
}
END_TEST

/* In place, a refused text is gone too. */
START_TEST(c6_refused_in_place_leaves_zeros)
{
    const struct aes_gcm *gcm = implementations[_i];
    static const uint8_t zeros[500];
    uint8_t buffer[500 + AEAD_TAG_LEN] = { 7 }, zero[32] = { 0 };
    struct aead_key key;
    gcm->init(&key, zero, 32);
    gcm->seal(&key, buffer, zero, bytes_of(NULL, 0), bytes_of(buffer, 500));
    buffer[499] ^= 1;
    ck_assert(!gcm->open(&key, buffer, zero, bytes_of(NULL, 0),
                         bytes_of(buffer, sizeof buffer)));
    ck_assert_mem_eq(buffer, zeros, sizeof zeros);
}
END_TEST

/* ---- the AEADs, and the choice ---- */

START_TEST(the_table)
{
    ck_assert_uint_eq(aead_aes_128_gcm.key_len, 16);
    ck_assert_uint_eq(aead_aes_256_gcm.key_len, 32);
    ck_assert_uint_eq(aead_aes_128_gcm.record_limit, 23726566);      /* RFC 8446 §5.5: 2^24.5 */
    ck_assert_uint_eq(aead_aes_256_gcm.record_limit, 23726566);
}
END_TEST

START_TEST(aeads_are_the_chosen_implementation)
{
    const struct aead *const aeads[] = { &aead_aes_128_gcm, &aead_aes_256_gcm };
    uint8_t key_bytes[32], nonce[AEAD_NONCE_LEN], a[100 + 16], b[100 + 16];
    fill(key_bytes, sizeof key_bytes);
    fill(nonce, sizeof nonce);
    for (size_t i = 0; i < COUNT(aeads); i++) {
        struct aead_key key;
        fill(text, 100);
        aeads[i]->init(&key, key_bytes);
        aeads[i]->seal(&key, a, nonce, bytes_of(nonce, 5), bytes_of(text, 100));
        ck_assert(aeads[i]->open(&key, b, nonce, bytes_of(nonce, 5), bytes_of(a, sizeof a)));
        ck_assert_mem_eq(b, text, 100);
        aes_gcm_portable.init(&key, key_bytes, aeads[i]->key_len);
        aes_gcm_portable.seal(&key, b, nonce, bytes_of(nonce, 5), bytes_of(text, 100));
        ck_assert_mem_eq(a, b, sizeof a);
    }
}
END_TEST

/* The name of what is chosen in a process of its own, which has not chosen yet; "refused" behind it
 * if that was not the wish. */
static const char *chosen_with(const char *wish)
{
    static char answer[64];
    int status, ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        if (wish)
            setenv("SEALPOST_AES", wish, 1);
        else
            unsetenv("SEALPOST_AES");
        const char *name = aes_gcm_chosen()->name, *refused = aes_gcm_refused_wish();
        bool same = !refused || strcmp(refused, wish) == 0;
        setenv("SEALPOST_AES", strcmp(name, "portable") == 0 ? "" : "portable", 1);   /* too late */
        same = same && aes_gcm_chosen()->name == name;
        int len = snprintf(answer, sizeof answer, "%s%s", name, refused ? " refused" : "");
        same = same && write(ends[1], answer, (size_t)len + 1) == len + 1;
        _exit(same ? 0 : 1);
    }
    close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_gt(read(ends[0], answer, sizeof answer), 0);
    close(ends[0]);
    return answer;
}

START_TEST(environment_chooses)
{
    const struct aes_gcm *best = &aes_gcm_portable, *next;
    char refused[64];
    for (size_t i = 0; (next = aes_gcm_available(i)) != NULL; i++) {
        best = next;
        ck_assert_str_eq(chosen_with(next->name), next->name);
    }
    ck_assert_ptr_eq(aes_gcm_available(0), &aes_gcm_portable);
    ck_assert_str_eq(chosen_with(NULL), best->name);
    snprintf(refused, sizeof refused, "%s refused", best->name);
    ck_assert_str_eq(chosen_with("anything else"), refused);
    ck_assert_str_eq(chosen_with(""), refused);
}
END_TEST

int main(void)
{
    find_implementations();
    Suite *s = suite_create("aes_gcm");
    TCase *t = tcase_create("aes_gcm");
    tcase_set_timeout(t, 120);
    tcase_add_test(t, the_table);
    tcase_add_test(t, environment_chooses);
    tcase_add_test(t, aeads_are_the_chosen_implementation);
    tcase_add_loop_test(t, gcm_specification, 0, implementation_count);
    tcase_add_loop_test(t, nothing_at_all, 0, implementation_count);
    tcase_add_loop_test(t, cavp_encrypt_128, 0, implementation_count);
    tcase_add_loop_test(t, cavp_decrypt_256, 0, implementation_count);
    tcase_add_loop_test(t, agree_at_every_length, 0, 4);
    tcase_add_loop_test(t, agree_at_every_split, 0, 5);
    tcase_add_test(t, agree_at_splits_of_long_texts);
    tcase_add_test(t, agree_on_large_texts);
    tcase_add_loop_test(t, c6_every_flipped_bit_is_refused, 0, implementation_count);
    tcase_add_loop_test(t, other_lengths_are_refused, 0, implementation_count);
    tcase_add_loop_test(t, c6_refused_in_place_leaves_zeros, 0, implementation_count);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
