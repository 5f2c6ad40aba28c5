/* tests/test_config.c - smtp/config_io: the grammar, and the place and reason of each refusal. */
#include "smtp/config_io.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define BASE \
    "hostname Mail.Example.org\n" \
    "domain example.org  Example.net\n" \
    "tls cert /c.pem key /k.pem\n" \
    "listen submissions 127.0.0.1:465\n" \
    "users /users\n" \
    "deliver maildir /var/mail/%u\n"

static struct config config;
static char reason[CONFIG_REASON_MAX];

static bool parse(const char *text)
{
    reason[0] = 0;
    return config_parse(&config, bytes_of_string(text), "conf", reason);
}

/* `line` added to a good configuration is refused as line 7, with these words. */
static void refused(const char *line, const char *words)
{
    char text[2048];
    snprintf(text, sizeof text, "%s%s\n", BASE, line);
    ck_assert_msg(!parse(text), "`%s` was taken", line);
    ck_assert_msg(strncmp(reason, "conf:7: ", 8) == 0, "%s", reason);
    ck_assert_msg(strstr(reason, words) != NULL, "`%s` does not say `%s`", reason, words);
}

START_TEST(everything_is_taken_in)
{
    ck_assert_msg(parse(BASE "# note\n\n  listen\tsubmission [::1]:0   # any port\n"
                        "domain third.test\nlimit recipients 7\nlog file \"/var/my log\"\r\n"),
                  "%s", reason);
    ck_assert_str_eq(config.hostname, "mail.example.org");
    ck_assert_uint_eq(config.domain_count, 3);
    ck_assert_str_eq(config.domains[1], "example.net");
    ck_assert_str_eq(config.certificate, "/c.pem");
    ck_assert_str_eq(config.key, "/k.pem");
    ck_assert_uint_eq(config.listener_count, 2);
    ck_assert(config.listeners[0].implicit_tls && !config.listeners[1].implicit_tls);
    ck_assert_uint_eq(config.listeners[0].port, 465);
    ck_assert_str_eq(config.listeners[1].host, "::1");
    ck_assert_uint_eq(config.limits.recipients, 7);
    ck_assert_uint_eq(config.limits.message_size, 36700160);
    ck_assert_str_eq(config.log_file, "/var/my log");
}
END_TEST

START_TEST(unknown_and_repeated)
{
    refused("colour blue", "unknown setting `colour`");
    refused("Hostname x", "unknown setting `Hostname`");
    refused("hostname other.test", "second time");
    refused("users /other", "second time");
    refused("limit speed 3", "no limit called `speed`");
    refused("log syslog", "log stderr");
    refused("listen mx 127.0.0.1:25", "`mx` is not a kind of listener");
    refused("deliver lmtp /x", "second time");
}
END_TEST

START_TEST(wrong_shapes)
{
    refused("limit recipients", "must read `limit NAME NUMBER`");
    refused("limit recipients 7 8", "must read");
    refused("domain", "must read");
    refused("domain ex_ample.org", "not a domain name");
    refused("listen submission localhost:25", "not an IP address");
    refused("listen submission 127.0.0.1", "not ADDRESS:PORT");
    refused("listen submission 127.0.0.1:65536", "not a port");
    refused("listen submission 127.0.0.1:", "not a port");
    refused("listen submission ::1:25", "not an IP address");
    refused("listen submission [::1:25", "not ADDRESS:PORT");
    refused("listen submission []:25", "not an IP address");
    refused("listen submission [127.0.0.1]:25", "not an IP address");
    refused("log \"file", "not closed");
    refused("log \"file\"x /y", "end with its quotation mark");
    refused("log \x01", "control character");
    refused("log file relative/path", "relative path");
}
END_TEST

START_TEST(limits_on_both_sides)
{
    ck_assert(parse(BASE "limit recipients 1\n"));
    ck_assert(parse(BASE "limit recipients 10000\n"));
    refused("limit recipients 0", "not a number from 1 to 10000");
    refused("limit recipients 10001", "not a number from 1 to 10000");
    refused("limit recipients 99999999999999999999", "not a number");
    refused("limit recipients 1x", "not a number");
    refused("limit recipients -1", "not a number");
}
END_TEST

static void refused_alone(const char *text, const char *want)
{
    ck_assert(!parse(text));
    ck_assert_str_eq(reason, want);
}

START_TEST(paths_and_delivery)
{
    refused_alone("users etc/users\n",
                  "conf:1: users: `etc/users` is a relative path; it must begin with /");
    refused_alone("\ntls cert c.pem key /k\n",
                  "conf:2: tls cert: `c.pem` is a relative path; it must begin with /");
    refused_alone("tls key /k cert /c\n", "conf:1: tls: must read `tls cert FILE key "
                  "FILE [key-password-file FILE]`");
    refused_alone("tls cert /c key /k password /p\n", "conf:1: tls: must read `tls cert FILE key "
                  "FILE [key-password-file FILE]`");
    refused_alone("tls cert /c key /k key-password-file\n", "conf:1: tls: must read `tls cert "
                  "FILE key FILE [key-password-file FILE]`");
    refused_alone("tls cert /c key /k key-password-file p\n", "conf:1: tls key-password-file: `p` "
                  "is a relative path; it must begin with /");
    ck_assert(!parse("deliver maildir /var/mail/all\n"));
    ck_assert_ptr_nonnull(strstr(reason, "has no %u"));
    ck_assert(!parse("deliver maildir /var/mail/%d/%u\n"));
    ck_assert_ptr_nonnull(strstr(reason, "only %u and %%"));
    ck_assert(!parse("deliver maildir /var/mail/%u%\n"));
}
END_TEST

START_TEST(what_is_missing_is_named)
{
    static const char *const lines[] = {
        "hostname a.test\n", "domain a.test\n", "tls cert /c key /k\n",
        "listen submission 127.0.0.1:1\n", "users /u\n", "deliver maildir /%u\n",
    };
    static const char *const names[] = { "hostname", "domain", "tls", "listen", "users",
                                         "deliver" };
    for (size_t without = 0; without < COUNT(lines); without++) {
        char text[512] = "";
        for (size_t i = 0; i < COUNT(lines); i++)
            strcat(text, i == without ? "" : lines[i]);
        ck_assert(!parse(text));
        ck_assert_msg(strncmp(reason, "conf: there is no `", 19) == 0
                      && strncmp(reason + 19, names[without], strlen(names[without])) == 0,
                      "%s", reason);
    }
}
END_TEST

START_TEST(too_many_of_them)
{
    static char text[8192];
    strcpy(text, BASE);
    for (int i = 0; i < CONFIG_LISTENERS_MAX - 1; i++)
        strcat(text, "listen submission 127.0.0.1:1\n");
    ck_assert(parse(text));
    strcat(text, "listen submission 127.0.0.1:1\n");
    ck_assert(!parse(text));
    ck_assert_ptr_nonnull(strstr(reason, "more than 16 listeners"));
    strcpy(text, BASE);
    for (int i = 0; i < CONFIG_DOMAINS_MAX - 1; i++)
        strcat(text, "domain a.test\n");
    ck_assert(!parse(text));
    ck_assert_ptr_nonnull(strstr(reason, "more than 32 domains"));
}
END_TEST

START_TEST(a_word_at_its_bound)
{
    static char text[4096];
    char path[CONFIG_PATH_MAX + 2];
    memset(path, 'p', sizeof path);
    path[0] = '/';
    path[CONFIG_PATH_MAX - 1] = 0;
    snprintf(text, sizeof text, "%slog file %s\n", BASE, path);
    ck_assert(parse(text));
    ck_assert_str_eq(config.log_file, path);
    path[CONFIG_PATH_MAX - 1] = 'p';
    path[CONFIG_PATH_MAX] = 0;
    snprintf(text, sizeof text, "%slog file %s\n", BASE, path);
    ck_assert(!parse(text));
}
END_TEST

/* What is printed is read back to the same. */
START_TEST(printing_and_reading_back)
{
    char *text;
    size_t len;
    ck_assert(parse(BASE "listen submission [::1]:587\nlog file \"/a b\"\nlimit junk 9\n"));
    struct config before = config;
    FILE *to = open_memstream(&text, &len);
    config_print(&before, to);
    fclose(to);
    ck_assert_msg(parse(text), "%s in %s", reason, text);
    ck_assert_mem_eq(&before, &config, sizeof config);
    free(text);
}
END_TEST

START_TEST(mailbox_paths)
{
    char path[64];
    ck_assert(parse("hostname a.test\ndomain a.test\ntls cert /c key /k\nusers /u\n"
                    "listen submission 127.0.0.1:1\ndeliver maildir /m/%u/100%%\n"));
    ck_assert(config_maildir(path, sizeof path, &config, "alice"));
    ck_assert_str_eq(path, "/m/alice/100%");
    ck_assert(config_maildir(path, 14, &config, "alice"));
    ck_assert(!config_maildir(path, 13, &config, "alice"));
}
END_TEST

START_TEST(files)
{
    ck_assert(!config_load(&config, "/nonexistent/conf", reason));
    ck_assert_str_eq(reason, "/nonexistent/conf: No such file or directory");
    ck_assert(!config_load(&config, "/dev/zero", reason));
    ck_assert_ptr_nonnull(strstr(reason, "/dev/zero: 65536 bytes or more"));
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("config");
    tcase_add_test(c, everything_is_taken_in);
    tcase_add_test(c, unknown_and_repeated);
    tcase_add_test(c, wrong_shapes);
    tcase_add_test(c, limits_on_both_sides);
    tcase_add_test(c, paths_and_delivery);
    tcase_add_test(c, what_is_missing_is_named);
    tcase_add_test(c, too_many_of_them);
    tcase_add_test(c, a_word_at_its_bound);
    tcase_add_test(c, printing_and_reading_back);
    tcase_add_test(c, mailbox_paths);
    tcase_add_test(c, files);
    Suite *s = suite_create("config");
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
