/* smtp/command.c - the verb table (see smtp/command.h). */
#include "smtp/command.h"

#include "smtp/line.h"

enum {
    SECURED = IDENTIFIED | ENCRYPTED,
    READY   = IDENTIFIED | ENCRYPTED | AUTHENTICATED,
    BOTH    = HAS_SENDER | HAS_RECIPIENT,
};

const struct command commands[] = {
    /* verb        id             needs               forbids                     argument junk */
    { "ehlo",     VERB_EHLO,      0,                  0,                          true,  true  },
    { "helo",     VERB_HELO,      0,                  0,                          true,  true  },
    { "starttls", VERB_STARTTLS,  IDENTIFIED,         ENCRYPTED | HAS_SENDER,     false, false },
    { "auth",     VERB_AUTH,      SECURED,            AUTHENTICATED | HAS_SENDER, true,  false },
    { "mail",     VERB_MAIL,      READY,              HAS_SENDER,                 true,  false },
    { "rcpt",     VERB_RCPT,      READY | HAS_SENDER, 0,                          true,  false },
    { "data",     VERB_DATA,      READY | BOTH,       0,                          false, false },
    { "rset",     VERB_RSET,      0,                  0,                          false, true  },
    { "noop",     VERB_NOOP,      0,                  0,                          true,  true  },
    { "help",     VERB_HELP,      0,                  0,                          true,  true  },
    { "vrfy",     VERB_VRFY,      0,                  0,                          true,  true  },
    { "expn",     VERB_EXPN,      0,                  0,                          true,  true  },
    { "quit",     VERB_QUIT,      0,                  0,                          false, false },
    { "bdat",     VERB_NOT_DONE,  0, 0, true, true },          /* RFC 3030 */
    { "etrn",     VERB_NOT_DONE,  0, 0, true, true },          /* RFC 1985 */
    { "turn",     VERB_NOT_DONE,  0, 0, true, true },          /* RFC 5321 Appendix F */
    { "send",     VERB_NOT_DONE,  0, 0, true, true },
    { "soml",     VERB_NOT_DONE,  0, 0, true, true },
    { "saml",     VERB_NOT_DONE,  0, 0, true, true },
    { "get",      VERB_FOREIGN,   0, 0, true, true },          /* RFC 9110 §9, RFC 1459 */
    { "head",     VERB_FOREIGN,   0, 0, true, true },
    { "post",     VERB_FOREIGN,   0, 0, true, true },
    { "put",      VERB_FOREIGN,   0, 0, true, true },
    { "delete",   VERB_FOREIGN,   0, 0, true, true },
    { "connect",  VERB_FOREIGN,   0, 0, true, true },
    { "options",  VERB_FOREIGN,   0, 0, true, true },
    { "user",     VERB_FOREIGN,   0, 0, true, true },
};
const size_t command_count = COUNT(commands);

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

const struct command *command_find(struct bytes line, struct bytes *argument)
{
    while (line.len > 0 && is_blank(line.at[line.len - 1]))
        line.len--;
    struct reader r = reader_of(line);
    struct bytes verb = read_until(&r, ' ');
    *argument = r.rest;
    for (size_t i = 0; i < command_count; i++)
        if (text_is(verb, commands[i].verb))
            return &commands[i];
    return NULL;
}

enum fact command_lacks(const struct command *c, unsigned facts)
{
    unsigned missing = c->needs & ~facts;
    return (enum fact)(missing & (~missing + 1));
}
