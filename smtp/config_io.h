/* smtp/config_io.h - the configuration of sealpostd: one setting a line, one grammar.
 *
 *     # a comment, from a '#' that begins a word to the end of the line
 *     hostname   mail.example.org
 *     domain     example.org example.net             whose mail is taken; may be repeated
 *     tls        cert /etc/sealpost/cert.pem key /etc/sealpost/key.pem
 *                [key-password-file /etc/sealpost/password]       if the key is encrypted
 *     listen     submissions 0.0.0.0:465             implicit TLS; may be repeated
 *     listen     submission  [::1]:587               STARTTLS required
 *     users      /etc/sealpost/users                 see smtp/users_io.h
 *     deliver    maildir /var/mail/%u                %u: the user's name; %%: a percent sign
 *     limit      message-size 36700160               see config_limits below; may be repeated
 *     log        stderr                              or: file /var/log/sealpostd
 *
 * Words are separated by blanks; "..." around a word lets it hold blanks, and does nothing else.
 * What is not in this grammar is refused with file, line and reason: unknown or repeated settings,
 * numbers out of bounds, relative paths. Ports may be 0 for "any free one".
 */
#ifndef SEALPOST_SMTP_CONFIG_IO_H
#define SEALPOST_SMTP_CONFIG_IO_H

#include "crypto/bytes.h"

#include <stdio.h>

enum {
    CONFIG_TEXT_MAX      = 65536,
    CONFIG_PATH_MAX      = 768,
    CONFIG_DOMAINS_MAX   = 32,
    CONFIG_LISTENERS_MAX = 16,
    CONFIG_REASON_MAX    = 1400,
};

struct config_listener {
    bool implicit_tls;
    char host[64];                     /* numeric, without brackets */
    uint16_t port;
};

/* The defaults stand in config_io.c, with the bounds. */
struct config_limits {
    uint64_t message_size;             /* octets of one message */
    uint64_t recipients;               /* of one message */
    uint64_t messages;                 /* of one session */
    uint64_t errors, junk;             /* of one session */
    uint64_t auth_failures;            /* of one connection */
    uint64_t auth_failures_per_minute; /* of one address: IPv4, or the /64 of IPv6 */
    uint64_t sessions;                 /* at a time */
    uint64_t sessions_per_ip;          /* at a time, from one address */
    uint64_t connections_per_minute;   /* new ones, from one address */
    uint64_t handshake_seconds;        /* for TLS */
    uint64_t idle_seconds;             /* without a command */
};

struct config {
    char hostname[256];
    char domains[CONFIG_DOMAINS_MAX][256];
    size_t domain_count;
    char certificate[CONFIG_PATH_MAX], key[CONFIG_PATH_MAX];
    char key_password_file[CONFIG_PATH_MAX];       /* empty: the key is not encrypted */
    struct config_listener listeners[CONFIG_LISTENERS_MAX];
    size_t listener_count;
    char users[CONFIG_PATH_MAX];
    char maildir[CONFIG_PATH_MAX];     /* with %u in it */
    char log_file[CONFIG_PATH_MAX];    /* "": standard error */
    struct config_limits limits;
};

/* `name` is what the reason calls the text. */
bool config_parse(struct config *out, struct bytes text, const char *name,
                  char reason[CONFIG_REASON_MAX]);
bool config_load(struct config *out, const char *path, char reason[CONFIG_REASON_MAX]);

/* The effective configuration, defaults included, in the grammar above. */
void config_print(const struct config *c, FILE *to);

/* The mailbox folder of a user; false if the path gets too long. */
bool config_maildir(char *out, size_t cap, const struct config *c, const char *user);

#endif
