/* tests/bogo/flags.c - the command line of the shim, as a table.
 *
 * A flag that is not here makes the test one that we do not run, never one that we run with less
 * than it asks for.
 */
#include "tests/bogo/flags.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    YES,               /* no value; sets a bool */
    NUMBER, TEXT,
    CODE_POINT,        /* appends to a list */
    NEW_X509, NEW_RPK, NEW_PSK,    /* a credential, which the flags that follow are about */
    X509_YES, X509_TEXT, X509_CODE_POINT, PSK_YES, PSK_TEXT,
    NO_MATTER,         /* asks for what we always do, or forbids what we never do */
};

struct flag { const char *name; enum kind kind; size_t offset; };

#define FLAG(name, kind, field) { name, kind, offsetof(struct flags, field) }
#define X509_FLAG(name, kind, field) { name, kind, offsetof(struct x509_flags, field) }
#define PSK_FLAG(name, kind, field) { name, kind, offsetof(struct psk_flags, field) }

static const struct flag table[] = {
    FLAG("-port",                            NUMBER,     port),
    FLAG("-shim-id",                         NUMBER,     shim_id),
    FLAG("-ipv6",                            YES,        ipv6),
    FLAG("-server",                          YES,        server),
    FLAG("-is-handshaker-supported",         YES,        is_handshaker_supported),
    FLAG("-resume-count",                    NUMBER,     resume_count),
    X509_FLAG("-cert-file",                  X509_TEXT,  cert_file),
    X509_FLAG("-key-file",                   X509_TEXT,  key_file),
    X509_FLAG("-signing-prefs",              X509_CODE_POINT, signing_prefs),
    X509_FLAG("-must-match-issuer",          X509_YES,   must_match_issuer),
    X509_FLAG("-ocsp-response",              X509_TEXT,  ocsp_response),
    FLAG("-decline-ocsp-callback",           YES,        decline_ocsp_callback),
    FLAG("-trust-cert",                      TEXT,       trust_cert),
    FLAG("-async",                           YES,        async),

    { "-new-x509-credential",                NEW_X509,   0 },
    { "-new-rpk-credential",                 NEW_RPK,    0 },
    { "-new-psk-credential",                 NEW_PSK,    0 },
    PSK_FLAG("-psk-importer-key",            PSK_TEXT,   key),
    PSK_FLAG("-psk-importer-identity",       PSK_TEXT,   identity),
    PSK_FLAG("-psk-importer-context",        PSK_TEXT,   context),
    PSK_FLAG("-psk-importer-sha384",         PSK_YES,    sha384),
    { "-psk-importer-sha256",                NO_MATTER,  0 },

    FLAG("-min-version",                     NUMBER,     min_version),
    FLAG("-max-version",                     NUMBER,     max_version),
    FLAG("-no-tls13",                        YES,        no_tls13),
    FLAG("-enable-grease",                   YES,        enable_grease),
    FLAG("-curves",                          CODE_POINT, curves),
    FLAG("-verify-prefs",                    CODE_POINT, verify_prefs),

    FLAG("-host-name",                       TEXT,       host_name),
    FLAG("-no-server-name-ack",              YES,        no_server_name_ack),
    FLAG("-advertise-alpn",                  TEXT,       advertise_alpn),
    FLAG("-select-alpn",                     TEXT,       select_alpn),
    FLAG("-decline-alpn",                    YES,        decline_alpn),
    FLAG("-reject-alpn",                     YES,        reject_alpn),

    FLAG("-require-any-client-certificate",  YES,        require_any_client_certificate),
    FLAG("-verify-peer",                     YES,        verify_peer),
    FLAG("-verify-fail",                     YES,        verify_fail),
    FLAG("-use-custom-verify-callback",      YES,        use_custom_verify_callback),
    FLAG("-reverify-on-resume",              YES,        reverify_on_resume),
    FLAG("-accepted-peer-cert-types",        CODE_POINT, accepted_peer_cert_types),
    FLAG("-use-client-ca-list",              TEXT,       use_client_ca_list),

    FLAG("-no-ticket",                       YES,        no_ticket),
    FLAG("-resumption-delay",                NUMBER,     resumption_delay),

    FLAG("-shim-writes-first",               YES,        shim_writes_first),
    FLAG("-read-with-unfinished-write",      YES,        read_with_unfinished_write),
    FLAG("-shim-shuts-down",                 YES,        shim_shuts_down),
    FLAG("-check-close-notify",              YES,        check_close_notify),
    FLAG("-send-alert",                      YES,        send_alert),
    FLAG("-key-update",                      YES,        key_update),
    FLAG("-max-send-fragment",               NUMBER,     max_send_fragment),
    FLAG("-max-cert-list",                   NUMBER,     max_cert_list),
    FLAG("-read-size",                       NUMBER,     read_size),
    FLAG("-export-keying-material",          NUMBER,     export_keying_material),
    FLAG("-export-label",                    TEXT,       export_label),
    FLAG("-export-context",                  TEXT,       export_context),

    FLAG("-export-traffic-secrets",          YES,        export_traffic_secrets),

    FLAG("-expect-version",                  NUMBER,     expect_version),
    FLAG("-expect-curve-id",                 NUMBER,     expect_curve_id),
    FLAG("-expect-cipher",                   NUMBER,     expect_cipher),
    FLAG("-expect-cipher-aes",               NUMBER,     expect_cipher_aes),
    FLAG("-expect-cipher-no-aes",            NUMBER,     expect_cipher_no_aes),
    FLAG("-expect-peer-signature-algorithm", NUMBER,     expect_peer_signature_algorithm),
    FLAG("-expect-peer-verify-pref",         CODE_POINT, expect_peer_verify_pref),
    FLAG("-expect-ticket-age-skew",          NUMBER,     expect_ticket_age_skew),
    FLAG("-expect-hrr",                      YES,        expect_hrr),
    FLAG("-expect-no-hrr",                   YES,        expect_no_hrr),
    FLAG("-expect-session-miss",             YES,        expect_session_miss),
    FLAG("-expect-no-session",               YES,        expect_no_session),
    FLAG("-expect-ticket-supports-early-data", YES,      expect_ticket_supports_early_data),
    FLAG("-expect-verify-result",            YES,        expect_verify_result),
    FLAG("-expect-alpn",                     TEXT,       expect_alpn),
    FLAG("-expect-server-name",              TEXT,       expect_server_name),
    FLAG("-expect-advertised-alpn",          TEXT,       expect_advertised_alpn),
    FLAG("-expect-client-ca-list",           TEXT,       expect_client_ca_list),
    FLAG("-expect-peer-cert-file",           TEXT,       expect_peer_cert_file),
    FLAG("-expect-no-peer-cert",             YES,        expect_no_peer_cert),
    FLAG("-expect-peer-certificate-type",    TEXT,       expect_peer_certificate_type),
    FLAG("-expect-peer-rpk-sha256",          TEXT,       expect_peer_rpk_sha256),
    FLAG("-expect-selected-credential",      TEXT,       expect_selected_credential),
    FLAG("-expect-early-data-reason",        TEXT,       expect_early_data_reason),

    { "-no-tls1",                            NO_MATTER,  0 },
    { "-no-tls11",                           NO_MATTER,  0 },
    { "-no-tls12",                           NO_MATTER,  0 },
    { "-implicit-handshake",                 NO_MATTER,  0 },
    { "-no-op-extra-handshake",              NO_MATTER,  0 },
    { "-server-preference",                  NO_MATTER,  0 },
    { "-use-export-context",                 NO_MATTER,  0 },   /* RFC 8446 §7.5: none is empty */
    { "-expect-no-session-id",               NO_MATTER,  0 },   /* a server keeps no sessions */
    { "-use-old-client-cert-callback",       NO_MATTER,  0 },
    { "-use-early-callback",                 NO_MATTER,  0 },   /* what it sets is there before */
    { "-use-ocsp-callback",                  NO_MATTER,  0 },
    { "-set-ocsp-in-callback",               NO_MATTER,  0 },
};

static bool parse_number(int *out, const char *text)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (*text == 0 || *end != 0 || errno || n < INT_MIN || n > INT_MAX)
        return false;
    *out = (int)n;
    return true;
}

static bool append(struct code_points *list, const char *text)
{
    int n;
    if (list->count == LIST_MAX || !parse_number(&n, text) || n < 0 || n > 0xffff)
        return false;
    list->at[list->count++] = (uint16_t)n;
    return true;
}

static bool new_psk(struct flags *flags)
{
    if (flags->psk_count == PSKS_MAX)
        return false;
    flags->psk[flags->psk_count++].number = ++flags->credential_count;
    return true;
}

static bool new_x509(struct flags *flags, bool raw_public_key)
{
    if (flags->x509_count == X509_MAX)
        return false;
    struct x509_flags *x509 = &flags->x509[++flags->x509_count];
    x509->number = ++flags->credential_count;
    x509->raw_public_key = raw_public_key;
    return true;
}

static bool set_x509(struct flags *flags, const struct flag *flag, const char *value)
{
    void *field = (char *)&flags->x509[flags->x509_count] + flag->offset;
    if (flag->kind == X509_CODE_POINT)
        return append(field, value);
    if (flag->kind == X509_YES)
        *(bool *)field = true;
    else
        *(const char **)field = value;
    return true;
}

/* Of the PSK that came last. */
static bool set_psk(struct flags *flags, const struct flag *flag, const char *value)
{
    if (flags->psk_count == 0)
        return false;
    void *field = (char *)&flags->psk[flags->psk_count - 1] + flag->offset;
    if (flag->kind == PSK_YES)
        *(bool *)field = true;
    else
        *(const char **)field = value;
    return true;
}

static bool set(struct flags *flags, const struct flag *flag, const char *value)
{
    void *field = (char *)flags + flag->offset;
    switch (flag->kind) {
    case YES:        *(bool *)field = true; return true;
    case TEXT:       *(const char **)field = value; return true;
    case NUMBER:     return parse_number(field, value);
    case CODE_POINT: return append(field, value);
    case NEW_X509:   return new_x509(flags, false);
    case NEW_RPK:    return new_x509(flags, true);
    case NEW_PSK:    return new_psk(flags);
    case X509_YES:
    case X509_TEXT:
    case X509_CODE_POINT: return set_x509(flags, flag, value);
    case PSK_YES:
    case PSK_TEXT:   return set_psk(flags, flag, value);
    default:         return true;
    }
}

static bool has_value(enum kind kind)
{
    return kind == NUMBER || kind == TEXT || kind == CODE_POINT || kind == X509_TEXT
        || kind == X509_CODE_POINT || kind == PSK_TEXT;
}

static const struct flag *find(const char *name)
{
    for (size_t i = 0; i < COUNT(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

static bool take_prefix(const char **name, const char *prefix)
{
    size_t len = strlen(prefix);
    if (strncmp(*name, prefix, len) != 0 || (*name)[len] != '-')
        return false;
    *name += len;
    return true;
}

/* "-on-retry" settings are for what follows a refusal of early data, which we never send;
 * "-on-handshaker" ones for a process that we do not have. */
const char *flags_parse(struct flag_sets *out, int argc, char **argv)
{
    *out = (struct flag_sets){ 0 };
    for (int i = 1; i < argc; i++) {
        const char *whole = argv[i], *name = whole, *value = NULL;
        take_prefix(&name, "-on-shim");
        bool initial = take_prefix(&name, "-on-initial");
        bool resume = take_prefix(&name, "-on-resume");
        bool neither = take_prefix(&name, "-on-handshaker") || take_prefix(&name, "-on-retry");
        const struct flag *flag = find(name);
        if (!flag)
            return whole;
        if (has_value(flag->kind))
            value = ++i < argc ? argv[i] : "";
        if (!resume && !neither && !set(&out->initial, flag, value))
            return whole;
        if (!initial && !neither && !set(&out->resume, flag, value))
            return whole;
    }
    return NULL;
}
