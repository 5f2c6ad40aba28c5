/* tls13/algorithm_list.h - choosing algorithms by name, as a command line does. */
#ifndef SEALPOST_TLS13_ALGORITHM_LIST_H
#define SEALPOST_TLS13_ALGORITHM_LIST_H

#include "tls13/suite.h"

enum { ALGORITHM_LIST_MAX = 16 };

/* A struct algorithms with its own lists; `algorithms` points into it. */
struct algorithm_list {
    const struct cipher_suite *suites[ALGORITHM_LIST_MAX];
    const struct named_group *groups[ALGORITHM_LIST_MAX];
    const struct signature_scheme *schemes[ALGORITHM_LIST_MAX];
    struct algorithms algorithms;
};

/* Starts as algorithms_default. */
void algorithm_list_init(struct algorithm_list *out);

/* Replaces one list by the names in `names`, comma-separated, in their order, each one of
 * algorithms_default ("x25519,secp256r1"). False if a name is not known, is given twice, or there
 * is none; the list is then unchanged. */
bool algorithm_list_suites(struct algorithm_list *list, const char *names);
bool algorithm_list_groups(struct algorithm_list *list, const char *names);
bool algorithm_list_schemes(struct algorithm_list *list, const char *names);

#endif
