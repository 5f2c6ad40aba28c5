/* tests/test_users.c - smtp/users_io: the users file, its rules, and passwords. */
#include "smtp/users_io.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char path[64], reason[USERS_REASON_MAX];

static void make_path(void)
{
    strcpy(path, "/tmp/sealpost-users-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void remove_path(void) { unlink(path); }

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

static struct bytes t(const char *s) { return bytes_of_string(s); }

/* "PATH:LINE: ..." with these words somewhere behind. */
static void check_refused(const char *content, int line, const char *words)
{
    char front[96];
    write_file(content);
    reason[0] = 0;
    ck_assert_ptr_null(users_load(path, reason));
    snprintf(front, sizeof front, line > 0 ? "%s:%d: " : "%s: ", path, line);
    ck_assert_msg(strncmp(reason, front, strlen(front)) == 0, "%s", reason);
    ck_assert_msg(strstr(reason, words) != NULL, "%s: no `%s`", reason, words);
}

#define HASH "$argon2id$v=19$m=19456,t=2,p=1$3ay/HCpvBl9juCeGQZaDmg$" \
             "xKkaz2XSYTe+3/zvA7A/LcVDUrIj/W1cLHESjKmgzWo"           /* of "secret" */

START_TEST(passwords_are_verified)
{
    write_file("# people\n\nalice:" HASH "\nbob:" HASH "\n");
    struct users *u = users_load(path, reason);
    ck_assert_msg(u != NULL, "%s", reason);
    ck_assert(users_known(u, t("alice")) && users_known(u, t("ALICE")));
    ck_assert(!users_known(u, t("carol")) && !users_known(u, t("")) && !users_known(u, t("ali")));
    ck_assert(users_verify(u, t("alice"), t("secret")));
    ck_assert(users_verify(u, t("Bob"), t("secret")));
    ck_assert(!users_verify(u, t("alice"), t("Secret")));
    ck_assert(!users_verify(u, t("alice"), t("secret ")));
    ck_assert(!users_verify(u, t("alice"), t("secre")));
    ck_assert(!users_verify(u, t("alice"), bytes_of(NULL, 0)));
    ck_assert(!users_verify(u, t("alice"), bytes_of("secret\0x", 8)));
    ck_assert(!users_verify(u, bytes_of("alice\0", 6), t("secret")));
    users_free(u);
}
END_TEST

/* The stand-in hash is the first user's: its password opens nothing under another name. */
START_TEST(an_unknown_user_is_never_verified)
{
    write_file("alice:" HASH "\n");
    struct users *u = users_load(path, reason);
    ck_assert(!users_verify(u, t("mallory"), t("secret")));
    ck_assert(!users_verify(u, t("../alice"), t("secret")));
    users_free(u);
}
END_TEST

static double seconds(const struct users *u, const char *name)
{
    struct timespec a, b;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
    users_verify(u, t(name), t("wrong"));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
    return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* Hashing dominates; without a stand-in the factor would be thousands. */
START_TEST(time_does_not_tell_who_exists)
{
    write_file("alice:" HASH "\n");
    struct users *u = users_load(path, reason);
    seconds(u, "alice");
    double known = seconds(u, "alice"), unknown = seconds(u, "nobody");
    users_free(u);
    write_file("");
    u = users_load(path, reason);
    double empty = seconds(u, "nobody");
    users_free(u);
    ck_assert_msg(unknown > known / 5 && unknown < known * 5, "%f %f", known, unknown);
    ck_assert_msg(empty > known / 5 && empty < known * 5, "%f %f", known, empty);
}
END_TEST

START_TEST(malformed_lines)
{
    check_refused("alice\n", 1, "no colon");
    check_refused("# x\n\nalice:secret\n", 3, "not an Argon2id hash");
    check_refused("alice:\n", 1, "not an Argon2id hash");
    check_refused("alice:$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA\n", 1, "not an Argon2id hash");
    check_refused("alice:$argon2id$v=19$m=19456,t=2,p=1\n", 1, "not an Argon2id hash");
    check_refused("alice:" HASH " \n", 1, "not an Argon2id hash");
    check_refused(":" HASH "\n", 1, "not a user name");
    check_refused("../x:" HASH "\n", 1, "not a user name");
    check_refused(".x:" HASH "\n", 1, "not a user name");
    check_refused("a/b:" HASH "\n", 1, "not a user name");
    check_refused("a b:" HASH "\n", 1, "not a user name");
    check_refused("alice:" HASH "\nAlice:" HASH "\n", 2, "already");
}
END_TEST

START_TEST(names_at_their_bounds)
{
    char folded[USERS_NAME_MAX + 1], name[USERS_NAME_MAX + 2];
    memset(name, 'A', sizeof name);
    ck_assert(users_fold(folded, bytes_of(name, USERS_NAME_MAX)));
    ck_assert_int_eq(folded[0], 'a');
    ck_assert_uint_eq(strlen(folded), USERS_NAME_MAX);
    ck_assert(!users_fold(folded, bytes_of(name, USERS_NAME_MAX + 1)));
    ck_assert(!users_fold(folded, bytes_of(name, 0)));
    ck_assert(users_fold(folded, t("0a._+-")));
    ck_assert(!users_fold(folded, t("-a")));
    ck_assert(!users_fold(folded, t("a\xc3\xa4")));
    ck_assert(!users_fold(folded, bytes_of("a\0b", 3)));
}
END_TEST

START_TEST(a_line_that_is_too_long)
{
    char text[1200] = "alice:";
    memset(text + 6, '$', 1000);
    text[1006] = 0;
    check_refused(text, 1, "too long");
}
END_TEST

START_TEST(modes_and_files)
{
    write_file("alice:" HASH "\n");
    chmod(path, 0604);
    ck_assert_ptr_null(users_load(path, reason));
    ck_assert_msg(strstr(reason, path) && strstr(reason, "0604") && strstr(reason, "everybody"),
                  "%s", reason);
    chmod(path, 0620);
    ck_assert_ptr_null(users_load(path, reason));
    ck_assert_ptr_nonnull(strstr(reason, "0620"));
    chmod(path, 0640);
    struct users *u = users_load(path, reason);
    ck_assert_ptr_nonnull(u);
    users_free(u);
    ck_assert_ptr_null(users_load("/tmp", reason));
    ck_assert_ptr_nonnull(strstr(reason, "regular file"));
    ck_assert_ptr_null(users_load("/nonexistent/users", reason));
    ck_assert_ptr_nonnull(strstr(reason, "/nonexistent/users: No such file"));
}
END_TEST

START_TEST(setting_a_password)
{
    struct stat st;
    unlink(path);
    ck_assert(users_set(path, t("Alice"), t("one"), reason));
    ck_assert(users_set(path, t("bob"), t("two"), reason));
    ck_assert(users_set(path, t("alice"), t("three"), reason));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0600);
    struct users *u = users_load(path, reason);
    ck_assert_msg(u != NULL, "%s", reason);                 /* a name twice is refused */
    ck_assert(users_verify(u, t("alice"), t("three")));
    ck_assert(!users_verify(u, t("alice"), t("one")));
    ck_assert(users_verify(u, t("bob"), t("two")));
    users_free(u);
}
END_TEST

START_TEST(setting_what_cannot_be)
{
    ck_assert(!users_set(path, t("a/b"), t("x"), reason));
    ck_assert(!users_set(path, t("alice"), t(""), reason));
    ck_assert(!users_set("/nonexistent/users", t("alice"), t("x"), reason));
    ck_assert_ptr_nonnull(strstr(reason, "/nonexistent/users"));
    write_file("broken\n");
    ck_assert(!users_set(path, t("alice"), t("x"), reason));
    ck_assert_ptr_nonnull(strstr(reason, ":1: "));
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("users");
    tcase_add_checked_fixture(c, make_path, remove_path);
    tcase_set_timeout(c, 60);
    tcase_add_test(c, passwords_are_verified);
    tcase_add_test(c, an_unknown_user_is_never_verified);
    tcase_add_test(c, time_does_not_tell_who_exists);
    tcase_add_test(c, malformed_lines);
    tcase_add_test(c, names_at_their_bounds);
    tcase_add_test(c, a_line_that_is_too_long);
    tcase_add_test(c, modes_and_files);
    tcase_add_test(c, setting_a_password);
    tcase_add_test(c, setting_what_cannot_be);
    Suite *s = suite_create("users");
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
