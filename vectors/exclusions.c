/* vectors/exclusions.c - cases that are argued not to apply. */
#include "vectors/exclusions.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEB_ONLY "a rule of the CA/Browser Forum for the web, not of RFC 5280"
#define KEY_IDS  "key identifiers only order candidates (RFC 5280 §4.2.1.1)"
#define SUFFIXES "no list of public suffixes is kept"

/* x509-limbo: where tls13/x509/path.c does not follow it, and why; tests/test_limbo.c goes by this,
 * too. Words without :: are features of a case, which a library may do without. */
static const struct exclusion ours[] = {
    { "*", "rfc5280::root-non-critical-basic-constraints",
      "binds CAs; RFC 5280 §6.1 has no such check" },
    { "*", "rfc5280::aki::cross-signed-root-missing-aki", KEY_IDS },
    { "*", "webpki::aki::root-with-aki-missing-keyidentifier", KEY_IDS },
    { "*", "webpki::aki::root-with-aki-all-fields", KEY_IDS },
    { "*", "webpki::aki::root-with-aki-ski-mismatch", KEY_IDS },
    { "*", "webpki::cn::ipv4-hex-mismatch", WEB_ONLY },
    { "*", "webpki::cn::ipv6-uppercase-mismatch", WEB_ONLY },
    { "*", "webpki::cn::utf8-vs-punycode-mismatch", WEB_ONLY },
    { "*", "webpki::cn::not-in-san", WEB_ONLY },
    { "*", "webpki::eku::ee-anyeku", WEB_ONLY },
    { "*", "webpki::eku::ee-critical-eku", WEB_ONLY },
    { "*", "webpki::eku::root-has-eku", WEB_ONLY },
    { "*", "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf", WEB_ONLY },
    { "*", "webpki::san::public-suffix-private-namespace-wildcard-san", SUFFIXES },
    { "limbo.txt", "crl::crlnumber-critical", "revocation lists are not read" },
    { "*", "pedantic-rfc5280", KEY_IDS },
    { "*", "pedantic-webpki-eku", WEB_ONLY },
    { "*", "pedantic-webpki-subscriber-key", WEB_ONLY },
    { "*", "pedantic-serial-number", WEB_ONLY },
    { "*", "pedantic-public-suffix-wildcard", SUFFIXES },
    { "*", "rfc5280-incompatible-with-webpki", WEB_ONLY },
};

void exclusions_ours(struct exclusions *e)
{
    e->built_in = ours;
    e->built_in_count = COUNT(ours);
}

static bool add_line(struct exclusions *e, char *line)
{
    char *rest = NULL;
    const char *file = strtok_r(line, " \t\r\n", &rest);
    if (!file || *file == '#')
        return true;
    const char *id = strtok_r(NULL, " \t\r\n", &rest), *reason = strtok_r(NULL, "\r\n", &rest);
    if (!id || !reason || !reason[strspn(reason, " \t")])
        return false;
    e->added = grown(e->added, e->added_count, sizeof *e->added);
    e->added[e->added_count++] = (struct exclusion){
        arena_print(&e->arena, "%s", file), arena_print(&e->arena, "%s", id),
        arena_print(&e->arena, "%s", reason + strspn(reason, " \t")),
    };
    return true;
}

const char *exclusions_read(struct exclusions *e, const char *path)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    const char *wrong = NULL;
    FILE *file = fopen(path, "r");
    if (!file)
        return strerror(errno);
    while (!wrong && getline(&line, &room, file) >= 0) {
        number++;
        if (!add_line(e, line))
            wrong = arena_print(&e->arena, "line %zu: not FILE CASE REASON", number);
    }
    free(line);
    fclose(file);
    return wrong;
}

static const char *find(const struct exclusion *list, size_t count, const char *file,
                        const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(list[i].file, file, 0) == 0 && fnmatch(list[i].id, id, 0) == 0)
            return list[i].reason;
    return NULL;
}

const char *exclusions_find(const struct exclusions *e, const char *file, const char *id)
{
    const char *slash = strrchr(file, '/');
    if (!e)
        return NULL;
    file = slash ? slash + 1 : file;
    const char *reason = find(e->added, e->added_count, file, id);
    return reason ? reason : find(e->built_in, e->built_in_count, file, id);
}

void exclusions_free(struct exclusions *e)
{
    free(e->added);
    arena_free(&e->arena);
}
