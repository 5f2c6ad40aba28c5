/* smtp/command.h - the commands a server knows, and what each needs and forbids, as data.
 *
 * Sources: RFC 5321 §4.1.4 (order), RFC 3207 §4 (STARTTLS), RFC 4954 §4 (AUTH), RFC 6409 §4.3
 * (authentication before mail). A session is a set of facts; a command may run if all that it
 * needs are there and none that it forbids.
 */
#ifndef SEALPOST_SMTP_COMMAND_H
#define SEALPOST_SMTP_COMMAND_H

#include "crypto/bytes.h"

enum fact {
    IDENTIFIED    = 1 << 0,            /* EHLO or HELO, in the present layer */
    ENCRYPTED     = 1 << 1,            /* TLS is up */
    AUTHENTICATED = 1 << 2,
    HAS_SENDER    = 1 << 3,            /* MAIL accepted */
    HAS_RECIPIENT = 1 << 4,            /* at least one RCPT accepted */
};

enum verb {
    VERB_EHLO, VERB_HELO, VERB_STARTTLS, VERB_AUTH, VERB_MAIL, VERB_RCPT, VERB_DATA, VERB_RSET,
    VERB_NOOP, VERB_HELP, VERB_VRFY, VERB_EXPN, VERB_QUIT,
    VERB_NOT_DONE,                     /* SMTP, but not here: 502 */
    VERB_FOREIGN,                      /* another protocol's: the session ends (ALPACA) */
    VERB_COUNT
};

struct command {
    const char *verb;                  /* lower case */
    enum verb id;
    unsigned needs, forbids;           /* sets of facts */
    bool takes_argument;
    bool is_junk;                      /* does no work by itself, so is counted */
};

/* Splits a line into command and argument (blanks at its end are dropped, RFC 5321 §4.1.1); NULL
 * for a verb that is not in the table. */
const struct command *command_find(struct bytes line, struct bytes *argument);

/* For tests that walk the table. */
extern const struct command commands[];
extern const size_t command_count;

/* The first fact, in the order of enum fact, that is missing for the command; 0 if none is. */
enum fact command_lacks(const struct command *c, unsigned facts);

#endif
