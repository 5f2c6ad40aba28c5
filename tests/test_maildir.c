/* tests/test_maildir.c - smtp/maildir_io: what is acknowledged is there, the rest leaves nothing.
 *
 * Faults are the system's own: a folder without write permission in the way, a file size limit. But
 * for fsync, which never fails on a good disk: here it and rename are ours, count and can fail.
 */
#include "smtp/maildir_io.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char root[64], box_a[80], box_b[80];

static char calls[2048];                 /* "sync PATH", "rename", in their order */
static int syncs_until_failure;          /* 1: the next one fails; 0: none does */

static void note(const char *what)
{
    size_t len = strlen(calls);
    snprintf(calls + len, sizeof calls - len, "%s\n", what);
}

/* In place of libc's. The folder of a file stands for it, a folder for itself. */
int fsync(int fd)
{
    char link[32], path[512], text[560];
    struct stat st;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        *strrchr(path, '/') = 0;
    snprintf(text, sizeof text, "sync %s%s", S_ISREG(st.st_mode) ? "file in " : "",
             path + strlen(root));
    note(text);
    if (syncs_until_failure > 0 && --syncs_until_failure == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    note("rename");
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

static void make_root(void)
{
    syncs_until_failure = 0;
    strcpy(root, "/tmp/sealpost-maildir-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(box_a, sizeof box_a, "%s/alice", root);
    snprintf(box_b, sizeof box_b, "%s/bob", root);
}

static void remove_root(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", root);
    ck_assert_int_eq(system(command), 0);
}

/* Files in a mailbox's folder; the name of the last one seen goes to `name`. */
static int count_files(const char *maildir, const char *sub, char name[512])
{
    char path[128];
    int count = 0;

    snprintf(path, sizeof path, "%s/%s", maildir, sub);
    DIR *d = opendir(path);
    if (d == NULL)
        return 0;
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        count++;
        if (name != NULL)
            snprintf(name, 512, "%s/%s", path, e->d_name);
    }
    closedir(d);
    return count;
}

static void check_content(const char *maildir, const char *want)
{
    char name[512], got[4096];

    ck_assert_int_eq(count_files(maildir, "new", name), 1);
    ck_assert_int_eq(count_files(maildir, "tmp", NULL), 0);
    FILE *file = fopen(name, "r");
    size_t len = fread(got, 1, sizeof got - 1, file);
    got[len] = 0;
    fclose(file);
    ck_assert_str_eq(got, want);
    char size[32];
    snprintf(size, sizeof size, ",S=%zu", len);
    ck_assert_msg(strstr(name, size) != NULL, "%s does not say %s", name, size);
    struct stat st;
    ck_assert_int_eq(stat(name, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0600);
}

static struct bytes text(const char *s) { return bytes_of_string(s); }

static const struct maildir_copy *two_copies(void)
{
    static struct maildir_copy copies[2];
    copies[0] = (struct maildir_copy){ box_a, text("Delivered-To: a\r\n") };
    copies[1] = (struct maildir_copy){ box_b, text("Delivered-To: bb\r\n") };
    return copies;
}

static void begin(struct maildir_draft *d, size_t count)
{
    ck_assert(maildir_begin(d, two_copies(), count, text("Received: x\r\n"), "mail.test"));
}

START_TEST(one_message)
{
    struct maildir_draft d;
    begin(&d, 1);
    ck_assert_int_eq(count_files(box_a, "tmp", NULL), 1);
    maildir_write(&d, text("Subject: hi\r\n\r\nbody\r\n"));
    ck_assert_int_eq(count_files(box_a, "new", NULL), 0);
    ck_assert_int_eq(maildir_commit(&d), MAILDIR_STORED);
    check_content(box_a, "Delivered-To: a\nReceived: x\nSubject: hi\n\nbody\n");
    ck_assert_int_eq(count_files(box_a, "cur", NULL), 0);
}
END_TEST

START_TEST(every_recipient_has_a_copy)
{
    struct maildir_draft d;
    begin(&d, 2);
    maildir_write(&d, text("body\r\n"));
    ck_assert_int_eq(maildir_commit(&d), MAILDIR_STORED);
    check_content(box_a, "Delivered-To: a\nReceived: x\nbody\n");
    check_content(box_b, "Delivered-To: bb\nReceived: x\nbody\n");
}
END_TEST

START_TEST(two_copies_in_one_mailbox)
{
    const struct maildir_copy same[2] = { { box_a, text("A: 1\n") }, { box_a, text("A: 2\n") } };
    struct maildir_draft d;
    ck_assert(maildir_begin(&d, same, 2, text(""), "mail.test"));
    ck_assert_int_eq(maildir_commit(&d), MAILDIR_STORED);
    ck_assert_int_eq(count_files(box_a, "new", NULL), 2);
}
END_TEST

/* A CR LF may come in two pieces; other CRs are content. */
START_TEST(line_ends_at_every_split)
{
    static const char sent[] = "a\r\nb\rc\r\r\n\nd\r";
    static const char want[] = "A: 1\na\nb\rc\r\n\nd\r";

    for (size_t split = 0; split < sizeof sent; split++) {
        struct maildir_draft d;
        const struct maildir_copy copy = { box_a, text("A: 1\r\n") };
        ck_assert(maildir_begin(&d, &copy, 1, text(""), "mail.test"));
        maildir_write(&d, bytes_of(sent, split));
        maildir_write(&d, bytes_of(sent + split, sizeof sent - 1 - split));
        ck_assert_int_eq(maildir_commit(&d), MAILDIR_STORED);
        check_content(box_a, want);
        remove_root();
        ck_assert_int_eq(mkdir(root, 0700), 0);
    }
}
END_TEST

START_TEST(pieces_longer_than_a_buffer)
{
    static char line[70000];
    struct maildir_draft d;
    char name[512];
    struct stat st;

    memset(line, 'x', sizeof line);
    line[16382] = '\r';                     /* around the end of the module's own buffer */
    line[16383] = '\n';
    begin(&d, 2);
    maildir_write(&d, bytes_of(line, sizeof line));
    ck_assert_int_eq(maildir_commit(&d), MAILDIR_STORED);
    ck_assert_int_eq(count_files(box_b, "new", name), 1);
    ck_assert_int_eq(stat(name, &st), 0);
    size_t fields = strlen("Delivered-To: bb\nReceived: x\n");
    ck_assert_uint_eq((size_t)st.st_size, sizeof line - 1 + fields);
}
END_TEST

START_TEST(an_aborted_draft_leaves_nothing)
{
    struct maildir_draft d;
    begin(&d, 2);
    maildir_write(&d, text("half"));
    maildir_abort(&d);
    ck_assert_int_eq(count_files(box_a, "tmp", NULL) + count_files(box_a, "new", NULL), 0);
    ck_assert_int_eq(count_files(box_b, "tmp", NULL) + count_files(box_b, "new", NULL), 0);
}
END_TEST

START_TEST(no_mailbox_no_draft)
{
    struct maildir_draft d;
    const struct maildir_copy copy = { "/nonexistent/place/alice", text("") };
    ck_assert(!maildir_begin(&d, &copy, 1, text(""), "mail.test"));
    ck_assert_int_eq(d.error, ENOENT);
    ck_assert_int_eq(maildir_result(&d), MAILDIR_FAILED);
}
END_TEST

START_TEST(a_path_that_is_too_long)
{
    static char path[MAILDIR_PATH_MAX + 10];
    struct maildir_draft d;
    const struct maildir_copy copy = { path, text("") };
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    ck_assert(!maildir_begin(&d, &copy, 1, text(""), "mail.test"));
    ck_assert_int_eq(d.error, ENAMETOOLONG);
}
END_TEST

/* The second mailbox cannot be made: the first must not have the message either. */
START_TEST(all_recipients_or_none)
{
    struct maildir_draft d;
    FILE *in_the_way = fopen(box_b, "w");
    fclose(in_the_way);
    begin(&d, 2);
    maildir_write(&d, text("body\r\n"));
    ck_assert_int_eq(maildir_commit(&d), MAILDIR_FAILED);
    ck_assert_str_eq(d.failed, "open");
    ck_assert_int_eq(count_files(box_a, "tmp", NULL) + count_files(box_a, "new", NULL), 0);
}
END_TEST

static enum maildir_result deliver_to_both(void)
{
    struct maildir_copy copies[] = { { box_a, text("") }, { box_b, text("") } };
    struct maildir_draft d;

    if (!maildir_begin(&d, copies, 2, text(""), "h"))
        return maildir_result(&d);
    maildir_write(&d, text("x\r\n"));
    return maildir_commit(&d);
}

/* Folders that are made are synced into those above; no file gets its name before all are synced;
 * then the names are. */
START_TEST(the_order_of_a_delivery)
{
    calls[0] = 0;
    ck_assert_int_eq(deliver_to_both(), MAILDIR_STORED);
    ck_assert_str_eq(calls, "sync \nsync /alice\nsync /alice\nsync /alice\n"
                            "sync \nsync /bob\nsync /bob\nsync /bob\n"
                            "sync file in /bob/tmp\nsync file in /alice/tmp\nrename\nrename\n"
                            "sync /alice/new\nsync /bob/new\n");
    calls[0] = 0;
    ck_assert_int_eq(deliver_to_both(), MAILDIR_STORED);
    ck_assert_str_eq(calls, "sync file in /bob/tmp\nsync file in /alice/tmp\nrename\nrename\n"
                            "sync /alice/new\nsync /bob/new\n");
}
END_TEST

START_TEST(each_sync_that_fails)
{
    enum { SYNCS = 12 };
    for (int i = 1; i <= SYNCS + 1; i++) {
        remove_root();
        ck_assert_int_eq(mkdir(root, 0700), 0);
        syncs_until_failure = i;
        ck_assert_int_eq(deliver_to_both(), i <= SYNCS ? MAILDIR_FAILED : MAILDIR_STORED);
        for (int box = 0; box < 2; box++) {
            const char *at = box == 0 ? box_a : box_b;
            ck_assert_int_eq(count_files(at, "tmp", NULL), 0);
            ck_assert_int_eq(count_files(at, "new", NULL), i > SYNCS);
        }
    }
}
END_TEST

/* new/ of the second is a file, so its rename fails after the first one's has worked. */
START_TEST(a_rename_that_fails_is_undone)
{
    struct maildir_draft d;
    char path[128];

    begin(&d, 2);
    ck_assert_int_eq(mkdir(box_b, 0700), 0);
    snprintf(path, sizeof path, "%s/tmp", box_b);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/new", box_b);
    fclose(fopen(path, "w"));
    ck_assert_int_eq(maildir_commit(&d), MAILDIR_FAILED);
    ck_assert_str_eq(d.failed, "rename");
    ck_assert_int_eq(count_files(box_a, "tmp", NULL) + count_files(box_a, "new", NULL), 0);
    ck_assert_int_eq(count_files(box_b, "tmp", NULL), 0);
}
END_TEST

/* A write that fails (the file size limit) removes the file at once, and stays failed. */
START_TEST(a_write_that_fails)
{
    struct rlimit before, small;
    struct maildir_draft d;
    static char line[32768];

    signal(SIGXFSZ, SIG_IGN);
    memset(line, 'x', sizeof line);
    begin(&d, 1);
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 20000;
    setrlimit(RLIMIT_FSIZE, &small);
    maildir_write(&d, bytes_of(line, sizeof line));
    maildir_write(&d, bytes_of(line, 10));
    enum maildir_result result = maildir_commit(&d);
    setrlimit(RLIMIT_FSIZE, &before);
    ck_assert_int_eq(result, MAILDIR_FAILED);
    ck_assert_int_eq(d.error, EFBIG);
    ck_assert_int_eq(count_files(box_a, "tmp", NULL) + count_files(box_a, "new", NULL), 0);
}
END_TEST

START_TEST(a_full_disk_is_no_space)
{
    struct maildir_draft d = { .error = ENOSPC };
    ck_assert_int_eq(maildir_result(&d), MAILDIR_NO_SPACE);
    d.error = EDQUOT;
    ck_assert_int_eq(maildir_result(&d), MAILDIR_NO_SPACE);
    d.error = EIO;
    ck_assert_int_eq(maildir_result(&d), MAILDIR_FAILED);
}
END_TEST

/* A slash or colon in the host part of a file name would be a path or a flag. */
START_TEST(host_in_the_file_name)
{
    struct maildir_draft d;
    const struct maildir_copy copy = { box_a, text("") };
    ck_assert(maildir_begin(&d, &copy, 1, text(""), "a/b:c"));
    ck_assert_ptr_nonnull(strstr(d.name, ".a\\057b\\072c"));
    maildir_abort(&d);
}
END_TEST

START_TEST(two_messages_never_share_a_name)
{
    struct maildir_draft a, b;
    begin(&a, 1);
    begin(&b, 1);
    ck_assert_str_ne(a.name, b.name);
    maildir_abort(&a);
    maildir_abort(&b);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("maildir");
    tcase_add_checked_fixture(c, make_root, remove_root);
    tcase_add_test(c, one_message);
    tcase_add_test(c, every_recipient_has_a_copy);
    tcase_add_test(c, two_copies_in_one_mailbox);
    tcase_add_test(c, line_ends_at_every_split);
    tcase_add_test(c, pieces_longer_than_a_buffer);
    tcase_add_test(c, an_aborted_draft_leaves_nothing);
    tcase_add_test(c, no_mailbox_no_draft);
    tcase_add_test(c, a_path_that_is_too_long);
    tcase_add_test(c, all_recipients_or_none);
    tcase_add_test(c, the_order_of_a_delivery);
    tcase_add_test(c, each_sync_that_fails);
    tcase_add_test(c, a_rename_that_fails_is_undone);
    tcase_add_test(c, a_write_that_fails);
    tcase_add_test(c, a_full_disk_is_no_space);
    tcase_add_test(c, host_in_the_file_name);
    tcase_add_test(c, two_messages_never_share_a_name);
    Suite *s = suite_create("maildir");
    suite_add_tcase(s, c);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
