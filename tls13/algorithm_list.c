/* tls13/algorithm_list.c - choosing algorithms by name. */
#include "tls13/algorithm_list.h"

#include <string.h>

/* What the three tables have in common: entries that are known by a name. */
typedef const char *(*name_at)(size_t i);

static const char *suite_name(size_t i)
{
    return i < algorithms_default.suite_count ? algorithms_default.suites[i]->name : NULL;
}

static const char *group_name(size_t i)
{
    return i < algorithms_default.group_count ? algorithms_default.groups[i]->name : NULL;
}

static const char *scheme_name(size_t i)
{
    return i < algorithms_default.scheme_count ? algorithms_default.schemes[i]->name : NULL;
}

/* The index of the entry whose name is the first `len` characters of `text`; false if none is. */
static bool find_name(size_t *index, name_at name, const char *text, size_t len)
{
    for (size_t i = 0; name(i); i++)
        if (strlen(name(i)) == len && memcmp(name(i), text, len) == 0) {
            *index = i;
            return true;
        }
    return false;
}

static bool chosen_before(const size_t *chosen, size_t count, size_t index)
{
    for (size_t i = 0; i < count; i++)
        if (chosen[i] == index)
            return true;
    return false;
}

/* Indices of the names in the list; 0 if one is not known or comes twice. */
static size_t choose(size_t chosen[ALGORITHM_LIST_MAX], name_at name, const char *names)
{
    size_t count = 0;
    for (;;) {
        size_t len = strcspn(names, ",");
        size_t index;
        if (count == ALGORITHM_LIST_MAX || !find_name(&index, name, names, len)
            || chosen_before(chosen, count, index))
            return 0;
        chosen[count++] = index;
        if (names[len] == 0)
            return count;
        names += len + 1;
    }
}

void algorithm_list_init(struct algorithm_list *out)
{
    out->algorithms = algorithms_default;
}

bool algorithm_list_suites(struct algorithm_list *list, const char *names)
{
    size_t chosen[ALGORITHM_LIST_MAX];
    size_t count = choose(chosen, suite_name, names);
    for (size_t i = 0; i < count; i++)
        list->suites[i] = algorithms_default.suites[chosen[i]];
    if (count == 0)
        return false;
    list->algorithms.suites = list->suites;
    list->algorithms.suite_count = count;
    return true;
}

bool algorithm_list_groups(struct algorithm_list *list, const char *names)
{
    size_t chosen[ALGORITHM_LIST_MAX];
    size_t count = choose(chosen, group_name, names);
    for (size_t i = 0; i < count; i++)
        list->groups[i] = algorithms_default.groups[chosen[i]];
    if (count == 0)
        return false;
    list->algorithms.groups = list->groups;
    list->algorithms.group_count = count;
    return true;
}

bool algorithm_list_schemes(struct algorithm_list *list, const char *names)
{
    size_t chosen[ALGORITHM_LIST_MAX];
    size_t count = choose(chosen, scheme_name, names);
    for (size_t i = 0; i < count; i++)
        list->schemes[i] = algorithms_default.schemes[chosen[i]];
    if (count == 0)
        return false;
    list->algorithms.schemes = list->schemes;
    list->algorithms.scheme_count = count;
    return true;
}
