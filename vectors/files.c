/* vectors/files.c - files and folders of vectors: which reader takes which. */
#include "vectors/files.h"

#include "vectors/json.h"
#include "vectors/text.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 28 };

static bool ends_with(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, ending) == 0;
}

static bool has_ending(const char *path)
{
    static const char *const endings[] = { ".json", ".rsp", ".fax", ".txt" };
    for (size_t i = 0; i < COUNT(endings); i++)
        if (ends_with(path, endings[i]))
            return true;
    return false;
}

/* The whole file in f->arena, with a NUL behind it. To open a FIFO would be to wait for its other
 * end, but for O_NONBLOCK. */
static bool load(struct file *f, struct bytes *out)
{
    struct stat info;
    int fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *file = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (!file || fstat(fd, &info) < 0 || !S_ISREG(info.st_mode) || info.st_size > FILE_MAX) {
        file_error(f, "", !file ? strerror(errno) : "no regular file, or larger than 256 MB");
        if (file)
            fclose(file);
        else if (fd >= 0)
            close(fd);
        return false;
    }
    size_t len = (size_t)info.st_size;
    uint8_t *text = arena_take(&f->arena, len + 1);
    bool whole = fread(text, 1, len, file) == len;
    fclose(file);
    text[len] = 0;
    *out = bytes_of(text, len);
    if (!whole)
        file_error(f, "", "cannot be read to its end");
    return whole;
}

/* Response files are for nothing else; a .txt in a folder may be about anything. */
static bool looks_like_records(struct file *f, struct bytes text, bool in_folder)
{
    return text.len > 0 && !memchr(text.at, 0, text.len)
        && (!(in_folder && ends_with(f->path, ".txt")) || text_known(f, text));
}

static bool looks_like_json(struct file *f, struct bytes text)
{
    size_t i = 0;
    while (i < text.len && isspace(text.at[i]))
        i++;
    return i < text.len && (text.at[i] == '{' || ends_with(f->path, ".json"));
}

static void run_one(struct run *run, const char *path, bool in_folder)
{
    struct bytes text;
    if (run_over(run))
        return;
    struct file *f = run_file(run, path);
    if (!load(f, &text))
        return;
    bool known = true;
    if (looks_like_json(f, text))
        known = read_json(f, (const char *)text.at, text.len);
    else if (looks_like_pss_vect(text))
        read_pss_vect(f, text);
    else if (looks_like_records(f, text, in_folder))
        read_text(f, text);
    else
        known = text.len == 0;
    if (known)
        file_end(f);
    else if (in_folder)
        f->ignored = "of no known kind";
    else
        file_error(f, "", "of no known kind");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Those that a file is in, so that a link back to one of them is not followed for ever. */
struct folder { const struct folder *above; struct stat info; };

static bool is_folder(const char *path, struct folder *out)
{
    return stat(path, &out->info) == 0 && S_ISDIR(out->info.st_mode);
}

static bool is_inside_itself(const struct folder *folder)
{
    for (const struct folder *f = folder->above; f; f = f->above)
        if (f->info.st_dev == folder->info.st_dev && f->info.st_ino == folder->info.st_ino)
            return true;
    return false;
}

static void run_folder(struct run *run, const char *path, const struct folder *folder)
{
    struct dirent **entries;
    if (is_inside_itself(folder))
        return;
    int count = scandir(path, &entries, is_visible, by_name);
    if (count < 0)
        file_error(run_file(run, path), "", strerror(errno));
    for (int i = 0; i < count; i++) {
        char *inner = malloc(strlen(path) + strlen(entries[i]->d_name) + 2);
        if (inner) {
            struct folder below = { .above = folder };
            sprintf(inner, "%s/%s", path, entries[i]->d_name);
            if (is_folder(inner, &below))
                run_folder(run, inner, &below);
            else if (has_ending(inner))
                run_one(run, inner, true);
        }
        free(inner);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

void files_run(struct run *run, const char *path)
{
    size_t before = run->file_count;
    struct folder folder = { .above = NULL };
    if (!is_folder(path, &folder)) {
        run_one(run, path, false);
        return;
    }
    run_folder(run, path, &folder);
    while (before < run->file_count && run->files[before].ignored)
        before++;
    if (before == run->file_count)
        file_error(run_file(run, path), "", "a folder without a file of vectors");
}
