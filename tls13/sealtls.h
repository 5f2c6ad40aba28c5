/* tls13/sealtls.h - what the subcommands of the sealtls program share. */
#ifndef SEALPOST_TLS13_SEALTLS_H
#define SEALPOST_TLS13_SEALTLS_H

#include "tls13/algorithm_list.h"
#include "tls13/channel_io.h"
#include "tls13/keylog_io.h"
#include "tls13/secret_io.h"
#include "tls13/tls.h"
#include "tls13/trace_io.h"

#include <getopt.h>

/* Exit statuses, from sysexits.h. */
enum {
    EXIT_USAGE       = 64,
    EXIT_NO_INPUT    = 66,
    EXIT_UNAVAILABLE = 69,
    EXIT_OS_ERROR    = 71,
    EXIT_PROTOCOL    = 76,
    EXIT_CONFIG      = 78,
};

/* Observers: the trace, the key log, and one of the subcommand's own. */
enum { ALPN_MAX = 8, PSKS_MAX = 4, OBSERVERS_MAX = 3 };

/* Options that connect and serve have in common, and what becomes of them. */
struct sealtls_common {
    struct algorithm_list list;
    struct bytes alpn[ALPN_MAX];
    size_t alpn_count;
    struct imported_psk psks[PSKS_MAX];  /* two of each file */
    size_t psk_count;
    struct trace trace;
    bool tracing;
    FILE *keylog;
    struct observer observers[OBSERVERS_MAX];
    size_t observer_count;
    int timeout;                         /* seconds */
    uint16_t record_size_limit, pad_records_to;
    int records_per_key;                 /* 0: as many as the AEAD allows */
    const char *export_label;            /* NULL: nothing to export */
    const char *key_password_file;       /* NULL: keys are not encrypted */
};

/* getopt_long values of the common options; a subcommand's own begin at OPTION_OWN. */
enum { OPTION_TRACE = 256, OPTION_KEYLOG, OPTION_ALPN, OPTION_SUITES, OPTION_GROUPS,
       OPTION_SCHEMES, OPTION_KEY_PASSWORD, OPTION_PSK, OPTION_TIMEOUT, OPTION_RECORD_SIZE_LIMIT,
       OPTION_PAD, OPTION_RECORDS_PER_KEY, OPTION_EXPORT, OPTION_HELP, OPTION_OWN };
#define SEALTLS_COMMON_OPTIONS                                    \
    { "trace",   no_argument,       NULL, OPTION_TRACE },         \
    { "keylog",  required_argument, NULL, OPTION_KEYLOG },        \
    { "alpn",    required_argument, NULL, OPTION_ALPN },          \
    { "suites",  required_argument, NULL, OPTION_SUITES },        \
    { "groups",  required_argument, NULL, OPTION_GROUPS },        \
    { "schemes", required_argument, NULL, OPTION_SCHEMES },       \
    { "key-password-file", required_argument, NULL, OPTION_KEY_PASSWORD }, \
    { "psk",     required_argument, NULL, OPTION_PSK },           \
    { "timeout", required_argument, NULL, OPTION_TIMEOUT },       \
    { "record-size-limit", required_argument, NULL, OPTION_RECORD_SIZE_LIMIT }, \
    { "pad",     required_argument, NULL, OPTION_PAD },           \
    { "records-per-key", required_argument, NULL, OPTION_RECORDS_PER_KEY }, \
    { "export",  required_argument, NULL, OPTION_EXPORT },        \
    { "help",    no_argument,       NULL, OPTION_HELP }
extern const char sealtls_common_help[];

void sealtls_common_init(struct sealtls_common *c);

/* Takes one common option. 0, or the exit status after a message on stderr. */
int sealtls_common_option(struct sealtls_common *c, int option, char *argument);

/* What the options come to, as settings; add the rest. */
struct tls_settings sealtls_common_settings(const struct sealtls_common *c);

/* "TLS 1.3, suite, group, proof" of a connection that is connected. */
void sealtls_facts(char *out, size_t cap, const struct tls *t);

/* What --export asks for, in hex on standard error. */
void sealtls_export(const struct sealtls_common *c, const struct tls *t);

/* Why a connection failed, in one line: our alert, the reason, the message that it was about. */
void sealtls_failure(char *out, size_t cap, const struct channel *c);

/* "HOST:PORT", "[v6]:PORT" or "PORT" into its parts, in place. False if it has no port. */
bool sealtls_split_address(char *text, char **host, char **port);

/* Says "sealtls: ..." on stderr and returns `status`. */
int sealtls_error(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

int sealtls_connect(int argc, char **argv);
int sealtls_serve(int argc, char **argv);

#endif
