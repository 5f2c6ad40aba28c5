/* Suite for ChaCha20-Poly1305: libsodium's, those that this processor can run beside it, and the
 * AEAD made of whichever was chosen. */
#include "crypto/chacha20_poly1305.h"

#include "tests/stride.h"
#include "tests/vectors.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 2200, IMPLEMENTATIONS_MAX = 3 };

/* The implementations on this machine: libsodium's first. */
static const struct chacha20_poly1305 *implementations[IMPLEMENTATIONS_MAX];
static int implementation_count;

static void find_implementations(void)
{
    const struct chacha20_poly1305 *next;
    for (size_t i = 0; (next = chacha20_poly1305_available(i)) != NULL; i++)
        implementations[implementation_count++] = next;
    if (implementation_count == 1)
        printf("skipped: ChaCha20-Poly1305 with AVX2: this processor has none\n");
}

START_TEST(the_table)
{
    ck_assert_uint_eq(aead_chacha20_poly1305.key_len, 32);
    ck_assert_uint_eq(aead_chacha20_poly1305.record_limit, UINT64_MAX);      /* RFC 8446 §5.5 */
}
END_TEST

static struct aead_key expanded(const uint8_t *key_bytes)
{
    struct aead_key key;
    memset(&key, 0, sizeof key);
    aead_chacha20_poly1305.init(&key, key_bytes);
    return key;
}

START_TEST(rfc8439)
{
    const struct chacha20_poly1305 *chacha = implementations[_i];
    struct vectors v = vectors_open("vectors/rfc/chacha20_poly1305.txt");
    while (vectors_next(&v)) {
        uint8_t out[512], back[512];
        struct bytes plaintext = vector(&v, "plaintext");
        const uint8_t *nonce = vector(&v, "nonce").at;
        struct aead_key key = expanded(vector(&v, "key").at);
        ck_assert_uint_le(plaintext.len + AEAD_TAG_LEN, sizeof out);
        chacha->seal(&key, out, nonce, vector(&v, "aad"), plaintext);
        check_bytes(&v, "ciphertext", out, vector(&v, "ciphertext"));
        check_bytes(&v, "tag", out + plaintext.len, vector(&v, "tag"));
        ck_assert(chacha->open(&key, back, nonce, vector(&v, "aad"),
                               bytes_of(out, plaintext.len + AEAD_TAG_LEN)));
        check_bytes(&v, "plaintext", back, plaintext);
    }
    ck_assert_uint_eq(v.cases, 2);
    vectors_close(&v);
}
END_TEST

static const uint8_t key_bytes[32] = { 1, 2, 3 }, nonce[AEAD_NONCE_LEN] = { 4, 5, 6 };
static uint8_t text[LONGEST];

static void start(struct aead_key *key)
{
    *key = expanded(key_bytes);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 31 + i / 256 * 5 + 7);
}

/* By each implementation, apart and in place, and not a byte beyond: what libsodium makes of it.
 * No address is aligned. */
static void agree(const struct aead_key *key, struct bytes aad, struct bytes plaintext)
{
    static uint8_t room[3][LONGEST + AEAD_TAG_LEN + 2];
    uint8_t *want = room[0] + 1, *sealed = room[1] + 1, *back = room[2] + 1;
    size_t len = plaintext.len, sealed_len = len + AEAD_TAG_LEN;
    implementations[0]->seal(key, want, nonce, aad, plaintext);
    for (int i = 0; i < implementation_count; i++) {
        const struct chacha20_poly1305 *chacha = implementations[i];
        memset(room[1], 0xa5, sizeof room[1]);
        chacha->seal(key, sealed, nonce, aad, plaintext);
        ck_assert_mem_eq(sealed, want, sealed_len);
        ck_assert_uint_eq(sealed[sealed_len], 0xa5);
        memset(room[2], 0xa5, sizeof room[2]);
        ck_assert(chacha->open(key, back, nonce, aad, bytes_of(sealed, sealed_len)));
        ck_assert_mem_eq(back, plaintext.at, len);
        ck_assert_uint_eq(back[len], 0xa5);
        chacha->seal(key, back, nonce, aad, bytes_of(back, len));
        ck_assert_mem_eq(back, want, sealed_len);
        ck_assert(chacha->open(key, back, nonce, aad, bytes_of(back, sealed_len)));
        ck_assert_mem_eq(back, plaintext.at, len);
    }
}

/* Over four strides of the widest implementation. */
START_TEST(every_length_in_place_and_apart)
{
    struct aead_key key;
    start(&key);
    for (size_t len = 0; len <= LONGEST; len += len % 64 < 2 || len % 64 > 62 ? 1 : stride(21))
        agree(&key, bytes_of(text, len % 37), bytes_of(text, len));
}
END_TEST

START_TEST(every_length_of_additional_data)
{
    struct aead_key key;
    start(&key);
    for (size_t len = 0; len <= 600; len += len < 50 ? 1 : stride(9))
        for (size_t text_len = 0; text_len <= 600; text_len += 150)
            agree(&key, bytes_of(text, len), bytes_of(text, text_len));
}
END_TEST

/* The counter of blocks passes 2^8 and 2^16. */
START_TEST(counter_carries)
{
    enum { LEN = 65600 * 64 + 1, SEALED = LEN + AEAD_TAG_LEN };
    struct aead_key key;
    uint8_t *want = calloc(1, SEALED), *got = calloc(1, SEALED);
    ck_assert(want && got);
    start(&key);
    implementations[0]->seal(&key, want, nonce, bytes_of(text, 5), bytes_of(want, LEN));
    for (int i = 1; i < implementation_count; i++) {
        implementations[i]->seal(&key, got, nonce, bytes_of(text, 5), bytes_of(got, LEN));
        ck_assert(memcmp(got, want, SEALED) == 0);
        ck_assert(implementations[i]->open(&key, got, nonce, bytes_of(text, 5),
                                           bytes_of(got, SEALED)));
        ck_assert(got[0] == 0 && memcmp(got, got + 1, LEN - 1) == 0);
    }
    free(want);
    free(got);
}
END_TEST

static void refused(const struct chacha20_poly1305 *chacha, const struct aead_key *key,
                    const uint8_t *n, struct bytes aad, struct bytes sealed)
{
    static const uint8_t zeros[sizeof text];
    uint8_t out[sizeof text + AEAD_TAG_LEN];
    size_t len = sealed.len < AEAD_TAG_LEN ? 0 : sealed.len - AEAD_TAG_LEN;
    memset(out, 0xa5, sizeof out);
    ck_assert(!chacha->open(key, out, n, aad, sealed));
    ck_assert_mem_eq(out, zeros, len);
    ck_assert_uint_eq(out[len], 0xa5);
}

START_TEST(every_flipped_bit_is_refused)
{
    const struct chacha20_poly1305 *chacha = implementations[_i];
    struct aead_key key;
    uint8_t sealed[100 + AEAD_TAG_LEN], aad[5] = { 9 }, n[AEAD_NONCE_LEN];
    start(&key);
    memcpy(n, nonce, sizeof n);
    chacha->seal(&key, sealed, n, bytes_of(aad, 5), bytes_of(text, 100));
    struct { uint8_t *at; size_t len; } const parts[] = {
        { sealed, sizeof sealed }, { aad, sizeof aad }, { n, sizeof n },
    };
    for (size_t p = 0; p < COUNT(parts); p++)
        for (size_t bit = 0; bit < 8 * parts[p].len; bit++) {
            parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            refused(chacha, &key, n, bytes_of(aad, 5), bytes_of(sealed, sizeof sealed));
            parts[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    uint8_t out[100];
    ck_assert(chacha->open(&key, out, n, bytes_of(aad, 5), bytes_of(sealed, sizeof sealed)));
}
END_TEST

START_TEST(other_lengths_are_refused)
{
    const struct chacha20_poly1305 *chacha = implementations[_i];
    struct aead_key key;
    uint8_t sealed[100 + AEAD_TAG_LEN + 1] = { 0 };
    start(&key);
    chacha->seal(&key, sealed, nonce, bytes_of(text, 5), bytes_of(text, 100));
    for (size_t len = 0; len <= sizeof sealed; len++)
        if (len != 100 + AEAD_TAG_LEN)
            refused(chacha, &key, nonce, bytes_of(text, 5), bytes_of(sealed, len));
    for (size_t len = 0; len <= 20; len++)
        if (len != 5)
            refused(chacha, &key, nonce, bytes_of(text, len), bytes_of(sealed, 100 + AEAD_TAG_LEN));
}
END_TEST

START_TEST(refused_in_place_leaves_zeros)
{
    const struct chacha20_poly1305 *chacha = implementations[_i];
    static const uint8_t zeros[1500];
    struct aead_key key;
    uint8_t buffer[1500 + AEAD_TAG_LEN];
    start(&key);
    chacha->seal(&key, buffer, nonce, bytes_of(NULL, 0), bytes_of(text, 1500));
    buffer[1499] ^= 1;
    ck_assert(!chacha->open(&key, buffer, nonce, bytes_of(NULL, 0),
                            bytes_of(buffer, sizeof buffer)));
    ck_assert_mem_eq(buffer, zeros, sizeof zeros);
}
END_TEST

/* ---- the AEAD, and the choice ---- */

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
            setenv("SEALPOST_CHACHA", wish, 1);
        else
            unsetenv("SEALPOST_CHACHA");
        const char *name = chacha20_poly1305_chosen()->name;
        const char *refused = chacha20_poly1305_refused_wish();
        int len = snprintf(answer, sizeof answer, "%s%s", name, refused ? " refused" : "");
        _exit(write(ends[1], answer, (size_t)len + 1) == len + 1 ? 0 : 1);
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
    char refused_name[64];
    const char *best = implementations[implementation_count - 1]->name;
    for (int i = 0; i < implementation_count; i++)
        ck_assert_str_eq(chosen_with(implementations[i]->name), implementations[i]->name);
    ck_assert_ptr_eq(chacha20_poly1305_available(0), &chacha20_poly1305_libsodium);
    ck_assert_str_eq(chosen_with(NULL), best);
    snprintf(refused_name, sizeof refused_name, "%s refused", best);
    ck_assert_str_eq(chosen_with("anything else"), refused_name);
    ck_assert_str_eq(chosen_with(""), refused_name);
}
END_TEST

START_TEST(aead_is_the_chosen_implementation)
{
    const struct aead *aead = &aead_chacha20_poly1305;
    struct aead_key key;
    uint8_t want[100 + AEAD_TAG_LEN], sealed[100 + AEAD_TAG_LEN], back[100];
    start(&key);
    chacha20_poly1305_chosen()->seal(&key, want, nonce, bytes_of(text, 5), bytes_of(text, 100));
    aead->seal(&key, sealed, nonce, bytes_of(text, 5), bytes_of(text, 100));
    ck_assert_mem_eq(sealed, want, sizeof want);
    ck_assert(aead->open(&key, back, nonce, bytes_of(text, 5), bytes_of(sealed, sizeof sealed)));
    ck_assert_mem_eq(back, text, sizeof back);
    sealed[0] ^= 1;
    ck_assert(!aead->open(&key, back, nonce, bytes_of(text, 5), bytes_of(sealed, sizeof sealed)));
}
END_TEST

int main(void)
{
    find_implementations();
    Suite *s = suite_create("chacha20_poly1305");
    TCase *t = tcase_create("chacha20_poly1305");
    tcase_add_test(t, the_table);
    tcase_add_test(t, environment_chooses);
    tcase_add_test(t, aead_is_the_chosen_implementation);
    tcase_add_loop_test(t, rfc8439, 0, implementation_count);
    tcase_add_test(t, every_length_in_place_and_apart);
    tcase_add_test(t, every_length_of_additional_data);
    tcase_add_test(t, counter_carries);
    tcase_add_loop_test(t, every_flipped_bit_is_refused, 0, implementation_count);
    tcase_add_loop_test(t, other_lengths_are_refused, 0, implementation_count);
    tcase_add_loop_test(t, refused_in_place_leaves_zeros, 0, implementation_count);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
