/* tests/test_pem.c - the textual encoding, strictly (tls13/x509/pem.c: RFC 7468 §3). */
#include "tls13/x509/pem.h"

#include "tests/stack.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t space[4096];
static struct pem pem;
static struct pem_block block;
static const char *reason;

static enum pem_result first(const char *text)
{
    pem = pem_of(bytes_of_string(text));
    reason = NULL;
    return pem_next(&pem, &block, space, sizeof space, &reason);
}

static void refused(const char *text, const char *why, size_t line)
{
    ck_assert_int_eq(first(text), PEM_BAD);
    ck_assert_msg(strstr(reason, why) != NULL, "\"%s\" not in: %s", why, reason);
    ck_assert_uint_eq(pem.line, line);
}

#define BEGIN "-----BEGIN X-----\n"
#define END "-----END X-----\n"
#define LINE_48 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

START_TEST(blocks_are_read)
{
    ck_assert_int_eq(first("a comment\n" BEGIN "Zm9vYg==\n" END "between\n" BEGIN LINE_48 "Zm9v\n"
                           END "after"), PEM_BLOCK);
    ck_assert(bytes_equal_public(block.label, bytes_of_string("X")));
    ck_assert(bytes_equal_public(block.der, bytes_of_string("foob")));
    ck_assert_uint_eq(block.line, 2);
    ck_assert_int_eq(pem_next(&pem, &block, space, sizeof space, &reason), PEM_BLOCK);
    ck_assert_uint_eq(block.der.len, 51);
    ck_assert_uint_eq(block.line, 6);
    ck_assert_int_eq(pem_next(&pem, &block, space, sizeof space, &reason), PEM_END);
}
END_TEST

START_TEST(crlf_and_a_missing_last_newline)
{
    ck_assert_int_eq(first("-----BEGIN X-----\r\nZm9v\r\n-----END X-----"), PEM_BLOCK);
    ck_assert(bytes_equal_public(block.der, bytes_of_string("foo")));
}
END_TEST

START_TEST(nothing_there)
{
    ck_assert_int_eq(first(""), PEM_END);
    ck_assert_int_eq(first("text\n" END), PEM_END);
    ck_assert_int_eq(first(" " BEGIN "Zm9v\n" END), PEM_END);
}
END_TEST

START_TEST(refusals)
{
    refused(BEGIN "Zm9v\n-----END Y-----\n", "another label", 3);
    refused(BEGIN "Zm9v\n", "text ends inside", 2);
    refused(BEGIN, "text ends inside", 1);
    refused(BEGIN END, "empty", 2);
    refused(BEGIN "Zm9v\n\n" END, "empty", 3);
    refused(BEGIN "\nZm9v\n" END, "empty", 2);
    refused(BEGIN "Zm9v\nZm9v\n" END, "short line", 3);
    refused(BEGIN "Zm9vYg==\nZm9v\n" END, "short line", 3);
    refused(BEGIN "Zm9vYh==\n" END, "not base64", 2);                /* bits in the padding */
    refused(BEGIN "Zm9vYg=\n" END, "not base64", 2);
    refused(BEGIN "Zm9vYg\n" END, "not base64", 2);
    refused(BEGIN "Zm9v=\n" END, "not base64", 2);
    refused(BEGIN "Zm9v \n" END, "not base64", 2);
    refused(BEGIN "Zm9-\n" END, "not base64", 2);
    refused(BEGIN "AAAA" LINE_48 END, "longer than 64", 2);
    refused("-----BEGIN X----- \nZm9v\n" END, "five dashes", 1);       /* no comment */
    refused("-----BEGIN X\nZm9v\n" END, "five dashes", 1);
    refused("-----BEGIN ----\nZm9v\n" END, "five dashes", 1);
    refused(BEGIN "Proc-Type: 4,ENCRYPTED\n" END, "headers", 2);
}
END_TEST

START_TEST(reading_goes_on_after_a_refusal)
{
    ck_assert_int_eq(first(BEGIN "?\n" END BEGIN "Zm9v\n" END), PEM_BAD);
    ck_assert_int_eq(pem_next(&pem, &block, space, sizeof space, &reason), PEM_BLOCK);
    ck_assert(bytes_equal_public(block.der, bytes_of_string("foo")));
}
END_TEST

/* Below what the end of a thread writes over. */
static void read_deep(const char *text)
{
    volatile uint8_t deep[8192] = { 0 };
    (void)first(text);
    (void)deep[0];
}

/* 45 bytes of 5e, and a character that is not base64. */
static void read_damaged(void)
{
    read_deep(BEGIN "Xl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5eXl5e?\n" END);
}

static void read_nothing(void)
{
    read_deep(BEGIN "?\n" END);
}

START_TEST(refused_line_leaves_nothing)
{
    if (getenv("SEALPOST_QUICK") != NULL) {
        printf("skipped: refused_line_leaves_nothing: memcheck guards a thread's stack\n");
        return;
    }
    size_t by_chance = stack_left(read_nothing, 0x5e);
    ck_assert_uint_le(stack_left(read_damaged, 0x5e), by_chance + 16);
}
END_TEST

START_TEST(room_is_respected)
{
    pem = pem_of(bytes_of_string(BEGIN LINE_48 "Zm9v\n" END));
    struct pem again = pem;
    ck_assert_int_eq(pem_next(&pem, &block, space, 50, &reason), PEM_BAD);
    ck_assert_int_eq(pem_next(&again, &block, space, 51, &reason), PEM_BLOCK);
}
END_TEST

START_TEST(what_is_written_is_read)
{
    uint8_t in[200], text[PEM_LEN(200)];
    for (size_t len = 1; len <= sizeof in; len++) {
        for (size_t i = 0; i < len; i++)
            in[i] = (uint8_t)(i * 7 + len);
        struct writer w = writer_of(text, PEM_LEN(len));
        pem_write(&w, "ENCRYPTED PRIVATE KEY", bytes_of(in, len));
        ck_assert(writer_done(&w));
        pem = pem_of(writer_bytes(&w));
        ck_assert_int_eq(pem_next(&pem, &block, space, sizeof space, &reason), PEM_BLOCK);
        ck_assert(bytes_equal_public(block.der, bytes_of(in, len)));
        ck_assert_int_eq(pem_next(&pem, &block, space, sizeof space, &reason), PEM_END);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("pem");
    TCase *t = tcase_create("pem");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, blocks_are_read);
    tcase_add_test(t, crlf_and_a_missing_last_newline);
    tcase_add_test(t, nothing_there);
    tcase_add_test(t, refusals);
    tcase_add_test(t, reading_goes_on_after_a_refusal);
    tcase_add_test(t, refused_line_leaves_nothing);
    tcase_add_test(t, room_is_respected);
    tcase_add_test(t, what_is_written_is_read);
    suite_add_tcase(s, t);
    SRunner *runner = srunner_create(s);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
