/* vectors/exclusions.h - cases that are argued not to apply, each with its reason.
 *
 * An exclusion never hides a case: it is run, and only if it fails it counts as excluded, with the
 * reason, instead of failed.
 */
#ifndef SEALPOST_VECTORS_EXCLUSIONS_H
#define SEALPOST_VECTORS_EXCLUSIONS_H

#include "vectors/memory.h"

/* `file` and `id` are fnmatch patterns; `id` may match the id or one of the case's flags. */
struct exclusion { const char *file, *id, *reason; };

struct exclusions {
    const struct exclusion *built_in;
    size_t built_in_count;
    struct exclusion *added;
    size_t added_count;
    struct arena arena;
};

/* What this project's own implementation is excused from. */
void exclusions_ours(struct exclusions *e);

/* Lines of FILE CASE REASON; `#` begins a comment. NULL, or what is wrong. */
const char *exclusions_read(struct exclusions *e, const char *path);

/* NULL, or the reason why a case of this file is excluded that has this id, or flag. `file` is
 * matched by its last component. */
const char *exclusions_find(const struct exclusions *e, const char *file, const char *id);

void exclusions_free(struct exclusions *e);

#endif
