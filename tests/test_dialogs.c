/* tests/test_dialogs.c - plays the scripts in tests/dialogs against the server session.
 *
 * A script is lines:
 *     listener submission | submissions    how it begins: in the clear, or with TLS up
 *     whole                                the script is about segments: not fed byte by byte
 *     logged in                            EHLO and AUTH have been done
 *     C: text                              a line to the server; consecutive ones are one segment
 *     C| text                              the same without CRLF
 *     S: text                              exactly this reply line; * at the end: anything
 *     tls                                  TLS comes up
 *     M: text                              a line of the content stored last, in order
 *     closed | open                        whether the server has closed
 *     stored N                             messages stored so far
 *     # comment
 * Text knows \r \n \0 \\ and \xHH. The id that ends 4xx and 5xx replies is left out of S:. The S:
 * lines of a group, and nothing else, must have been said before the next C:. Each script is played
 * whole and, unless it says otherwise, one byte at a time.
 */
#include "smtp/line.h"
#include "tests/mailroom.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct play {
    const char *path;
    unsigned line;
    bool bytewise, skip;
    struct mailroom *m;
    char segment[1 << 16]; size_t segment_len;
    const char *heard;                             /* replies not yet compared */
    size_t content_read;
};

static size_t unescape(char *out, const char *text)
{
    size_t len = 0;
    unsigned byte;
    for (; *text; text++) {
        if (text[0] == '\\' && text[1] == 'x' && sscanf(text + 2, "%2x", &byte) == 1) {
            out[len++] = (char)byte;
            text += 3;
        } else if (text[0] == '\\' && text[1]) {
            text++;
            out[len++] = *text == 'r' ? '\r' : *text == 'n' ? '\n' : *text == '0' ? 0 : *text;
        } else {
            out[len++] = *text;
        }
    }
    return len;
}

static void send_segment(struct play *p)
{
    for (size_t i = 0; p->bytewise && i < p->segment_len; i++)
        mailroom_feed(p->m, bytes_of(p->segment + i, 1));
    if (!p->bytewise && p->segment_len > 0)
        mailroom_feed(p->m, bytes_of(p->segment, p->segment_len));
    if (p->segment_len > 0)
        p->heard = mailroom_said(p->m);
    p->segment_len = 0;
}

static void nothing_left(struct play *p)
{
    send_segment(p);
    ck_assert_msg(*p->heard == 0, "%s:%u: not expected: %s", p->path, p->line, p->heard);
}

static void expect_reply(struct play *p, const char *want)
{
    char line[1024];
    send_segment(p);
    const char *end = strstr(p->heard, "\r\n");
    ck_assert_msg(end != NULL, "%s:%u: no reply, wanted %s", p->path, p->line, want);
    snprintf(line, sizeof line, "%.*s", (int)(end - p->heard), p->heard);
    char *id = strstr(line, " [");
    if (line[0] >= '4' && id)
        *id = 0;
    size_t len = strlen(want);
    bool same = len > 0 && want[len - 1] == '*' ? strncmp(line, want, len - 1) == 0
                                                : strcmp(line, want) == 0;
    ck_assert_msg(same, "%s:%u: got %s, wanted %s", p->path, p->line, line, want);
    p->heard = end + 2;
}

static void expect_content(struct play *p, const char *text)
{
    char want[1024];
    size_t len = unescape(want, text);
    memcpy(want + len, "\r\n", 2);
    len += 2;
    send_segment(p);
    ck_assert_msg(p->content_read + len <= p->m->stored_len
                      && memcmp(p->m->stored + p->content_read, want, len) == 0,
                  "%s:%u: stored content differs", p->path, p->line);
    p->content_read += len;
}

static void begin(struct play *p, bool implicit)
{
    p->m = mailroom_new(implicit);
    mailroom_open(p->m);
    p->heard = mailroom_said(p->m);
}

static void client_line(struct play *p, const char *text, bool crlf)
{
    if (p->segment_len == 0)
        nothing_left(p);
    p->segment_len += unescape(p->segment + p->segment_len, text);
    if (crlf) {
        memcpy(p->segment + p->segment_len, "\r\n", 2);
        p->segment_len += 2;
    }
    p->content_read = 0;
}

static void directive(struct play *p, const char *line)
{
    unsigned count;
    if (strncmp(line, "listener ", 9) == 0) {
        begin(p, strcmp(line + 9, "submissions") == 0);
    } else if (strcmp(line, "whole") == 0) {
        p->skip = p->bytewise;
    } else if (strcmp(line, "logged in") == 0) {
        mailroom_login(p->m);
        p->heard = "";
    } else if (strcmp(line, "tls") == 0) {
        nothing_left(p);
        ck_assert_msg(p->m->wants_tls, "%s:%u: TLS was not asked for", p->path, p->line);
        mailroom_tls(p->m);
        p->heard = mailroom_said(p->m);
    } else if (strcmp(line, "closed") == 0 || strcmp(line, "open") == 0) {
        nothing_left(p);
        ck_assert_msg(p->m->closed == (line[0] == 'c'), "%s:%u: not %s", p->path, p->line, line);
    } else if (sscanf(line, "stored %u", &count) == 1) {
        send_segment(p);
        ck_assert_msg(p->m->stored_count == count, "%s:%u: stored %u", p->path, p->line,
                      p->m->stored_count);
    } else if (line[0] && line[0] != '#') {
        ck_abort_msg("%s:%u: %s?", p->path, p->line, line);
    }
}

static void play_line(struct play *p, const char *line)
{
    if (strncmp(line, "C:", 2) == 0 || strncmp(line, "C|", 2) == 0)
        client_line(p, line[2] ? line + 3 : "", line[1] == ':');
    else if (strncmp(line, "S:", 2) == 0)
        expect_reply(p, line + 3);
    else if (strncmp(line, "M:", 2) == 0)
        expect_content(p, line[2] ? line + 3 : "");
    else
        directive(p, line);
}

static void play_file(const char *path, bool bytewise)
{
    struct play *p = calloc(1, sizeof *p);
    char line[4096];
    FILE *f = fopen(path, "r");
    p->path = path;
    p->bytewise = bytewise;
    ck_assert_msg(f != NULL, "%s", path);
    while (!p->skip && fgets(line, sizeof line, f)) {
        p->line++;
        line[strcspn(line, "\n")] = 0;
        play_line(p, line);
    }
    if (!p->skip)
        nothing_left(p);
    fclose(f);
    if (p->m)
        free(p->m);
    free(p);
}

static unsigned play_all(bool bytewise)
{
    unsigned count = 0;
    DIR *d = opendir("tests/dialogs");
    ck_assert(d != NULL);
    for (struct dirent *e; (e = readdir(d)); ) {
        char path[512];
        size_t len = strlen(e->d_name);
        if (len < 4 || strcmp(e->d_name + len - 4, ".txt") != 0)
            continue;
        snprintf(path, sizeof path, "tests/dialogs/%s", e->d_name);
        play_file(path, bytewise);
        count++;
    }
    closedir(d);
    return count;
}

START_TEST(dialogs_whole)
{
    ck_assert_uint_gt(play_all(false), 10);
}
END_TEST

START_TEST(dialogs_one_byte_at_a_time)
{
    ck_assert_uint_gt(play_all(true), 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dialogs");
    TCase *cases = tcase_create("dialogs");
    tcase_add_test(cases, dialogs_whole);
    tcase_add_test(cases, dialogs_one_byte_at_a_time);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
