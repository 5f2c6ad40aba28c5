/* tls13/sealtls_cert.c - `sealtls cert`: make a root, server and client certificates, show one.
 *
 * Implements  the command line over x509/make.h (RFC 5280) and x509/pem.h (RFC 7468).
 * Secret      the private keys: generated here, written to files that their owner alone can read
 *             (0600, never over an existing file without --force), and wiped.
 * Leaves out  revocation, certificate requests, keys made elsewhere.
 */
#include "tls13/sealtls_cert.h"

#include "crypto/wipe.h"
#include "tls13/credential_io.h"
#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/make.h"
#include "tls13/x509/name.h"
#include "tls13/x509/pem.h"
#include "tls13/x509/trust_io.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum {
    NAMES_MAX       = 64,                /* of each kind */
    DAYS_MAX        = 36500,
    COMMON_NAME_MAX = 64,                /* ub-common-name, RFC 5280 Appendix A.1 */
    CA_FILE_MAX     = 1 << 16,
    SHOW_FILE_MAX   = 8 << 20,
    DAY             = 86400,
};

static const char USAGE[] =
    "usage: sealtls cert root    --name NAME  --out-dir DIR | --cert FILE --key FILE\n"
    "       sealtls cert server  --ca FILE --ca-key FILE  --dns NAME ... | --ip ADDRESS ...\n"
    "                            --out-dir DIR | --cert FILE --key FILE\n"
    "       sealtls cert client  --ca FILE --ca-key FILE  --name NAME\n"
    "                            --out-dir DIR | --cert FILE --key FILE\n"
    "       sealtls cert show FILE\n";

static const char HELP[] =
    "\n"
    "A small certification authority, to try TLS with or for a closed group of machines.\n"
    "\n"
    "  root     makes a self-signed root certificate and its key\n"
    "  server   makes a key and a server certificate, signed by a root\n"
    "  client   makes a key and a client certificate, signed by a root\n"
    "  show     prints what the certificates in a PEM file say, and their pins\n"
    "\n"
    "options:\n"
    "  --name NAME         whom it is for: \"My test CA\", alice@example.org\n"
    "  --dns NAME          a host name of the server, or \"*.example.org\"; may be repeated\n"
    "  --ip ADDRESS        an IP address of the server, may be repeated\n"
    "  --ca FILE           the certificate of the CA that signs, PEM\n"
    "  --ca-key FILE       its private key, PEM\n"
    "  --ca-key-password-file FILE\n"
    "                      its password, if it is encrypted: the first line of FILE\n"
    "  --cert FILE         where the certificate goes\n"
    "  --key FILE          where the private key goes (mode 0600)\n"
    "  --out-dir DIR       both, as ca.crt and ca.key, server.crt ..., client.crt ...\n"
    "  --days N            how long it is valid: root 3650, others 365\n"
    "  --algorithm NAME    p256 (default), p384 or ed25519\n"
    "  --force             replace files that exist\n"
    "  --help              this text\n"
    "\n"
    "example:\n"
    "  sealtls cert root --name \"My test CA\" --out-dir .\n"
    "  sealtls cert server --ca ca.crt --ca-key ca.key --dns localhost --out-dir .\n";

/* ---- options ---- */

enum kind { ROOT, SERVER, CLIENT };

struct options {
    enum kind kind;
    const char *name, *ca, *ca_key, *ca_key_password_file, *cert, *key, *out_dir;
    const char *dns[NAMES_MAX], *ip[NAMES_MAX];
    size_t dns_count, ip_count;
    enum key_type algorithm;
    int days;
    bool force, help;
    char cert_path[PATH_MAX], key_path[PATH_MAX];
};

static bool complain(const char *what, const char *which)
{
    fprintf(stderr, "sealtls cert: %s%s%s\n", what, which ? ": " : "", which ? which : "");
    return false;
}

static bool parse_days(struct options *o, const char *text)
{
    char *end;
    errno = 0;
    long days = strtol(text, &end, 10);
    if (errno || end == text || *end || days < 1 || days > DAYS_MAX)
        return complain("--days takes a number from 1 to 36500, not", text);
    o->days = (int)days;
    return true;
}

static bool parse_algorithm(struct options *o, const char *text)
{
    static const struct { const char *name; enum key_type type; } names[] = {
        { "p256", KEY_P256 }, { "p384", KEY_P384 }, { "ed25519", KEY_ED25519 },
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(text, names[i].name) == 0) {
            o->algorithm = names[i].type;
            return true;
        }
    return complain("--algorithm is p256, p384 or ed25519, not", text);
}

static bool add_dns(struct options *o, const char *text)
{
    const char *reason = "the star must be a whole label above two others";
    struct bytes name = bytes_of_string(text);
    if (!dns_pattern_valid(name) && (text[0] == '*' || !x509_name_usable(name, &reason)))
        return complain(text, reason);
    if (x509_name_is_ip(name))
        return complain("this is an address: use --ip", text);
    if (o->dns_count == NAMES_MAX)
        return complain("more than 64 names", NULL);
    o->dns[o->dns_count++] = text;
    return true;
}

static bool add_ip(struct options *o, const char *text)
{
    if (!x509_name_is_ip(bytes_of_string(text)))
        return complain("not an IPv4 or IPv6 address", text);
    if (o->ip_count == NAMES_MAX)
        return complain("more than 64 addresses", NULL);
    o->ip[o->ip_count++] = text;
    return true;
}

static bool parse_option(struct options *o, int option, const char *value)
{
    switch (option) {
    case 'n': o->name = value;    return true;
    case 'a': o->ca = value;      return true;
    case 'A': o->ca_key = value;  return true;
    case 'p': o->ca_key_password_file = value; return true;
    case 'c': o->cert = value;    return true;
    case 'k': o->key = value;     return true;
    case 'o': o->out_dir = value; return true;
    case 'f': o->force = true;    return true;
    case 'h': o->help = true;     return true;
    case 'd': return add_dns(o, value);
    case 'i': return add_ip(o, value);
    case 'D': return parse_days(o, value);
    case 'g': return parse_algorithm(o, value);
    }
    return false;                                         /* getopt_long has complained */
}

static bool parse_options(struct options *o, int argc, char **argv)
{
    static const struct option known[] = {
        { "name", required_argument, NULL, 'n' },    { "dns", required_argument, NULL, 'd' },
        { "ip", required_argument, NULL, 'i' },      { "ca", required_argument, NULL, 'a' },
        { "ca-key-password-file", required_argument, NULL, 'p' },
        { "ca-key", required_argument, NULL, 'A' },  { "cert", required_argument, NULL, 'c' },
        { "key", required_argument, NULL, 'k' },     { "out-dir", required_argument, NULL, 'o' },
        { "days", required_argument, NULL, 'D' },    { "algorithm", required_argument, NULL, 'g' },
        { "force", no_argument, NULL, 'f' },         { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;
    optind = 0;                                           /* GNU: begin anew */
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        if (!parse_option(o, option, optarg))
            return false;
    return optind == argc || complain("unexpected argument", argv[optind]);
}

static bool name_usable(const char *name)
{
    size_t len = strlen(name);
    return len >= 1 && len <= COMMON_NAME_MAX;
}

/* What each verb needs; fills in the two paths. */
static bool check_options(struct options *o)
{
    static const char *const stems[] = { [ROOT] = "ca", [SERVER] = "server", [CLIENT] = "client" };
    if (o->kind == SERVER && o->dns_count + o->ip_count == 0)
        return complain("a server needs --dns NAME or --ip ADDRESS", NULL);
    if (o->kind != SERVER && o->dns_count + o->ip_count > 0)
        return complain("--dns and --ip are for servers", NULL);
    if (o->kind != SERVER && !o->name)
        return complain("--name is missing", NULL);
    if (o->name && !name_usable(o->name))
        return complain("--name takes 1 to 64 characters", NULL);
    if (o->kind == ROOT && (o->ca || o->ca_key))
        return complain("a root signs itself: no --ca, no --ca-key", NULL);
    if (o->kind != ROOT && (!o->ca || !o->ca_key))
        return complain("--ca and --ca-key are missing: who signs?", NULL);
    if (o->out_dir ? o->cert || o->key : !o->cert || !o->key)
        return complain("say where it goes: --out-dir DIR, or --cert FILE and --key FILE", NULL);

    const char *dir = o->out_dir ? o->out_dir : "", *slash = o->out_dir ? "/" : "";
    int a = snprintf(o->cert_path, PATH_MAX, "%s%s%s%s", dir, slash,
                     o->out_dir ? stems[o->kind] : o->cert, o->out_dir ? ".crt" : "");
    int b = snprintf(o->key_path, PATH_MAX, "%s%s%s%s", dir, slash,
                     o->out_dir ? stems[o->kind] : o->key, o->out_dir ? ".key" : "");
    if (a >= PATH_MAX || b >= PATH_MAX)
        return complain("path is too long", NULL);
    return strcmp(o->cert_path, o->key_path) != 0
        || complain("--cert and --key are the same file", NULL);
}

/* ---- files ---- */

static bool write_all(int fd, struct bytes text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.at, text.len);
        if (n < 0)
            return false;
        text = bytes_of(text.at + n, text.len - (size_t)n);
    }
    return true;
}

/* A new file of that mode. With `force` an old one goes first, so that neither its mode nor a link
 * in its place is taken over. */
static bool write_new_file(const char *path, mode_t mode, bool force, struct bytes text)
{
    if (force && unlink(path) != 0 && errno != ENOENT)
        return complain(path, strerror(errno));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return complain(path, errno == EEXIST ? "exists already; --force replaces it"
                                              : strerror(errno));
    bool good = fchmod(fd, mode) == 0 && write_all(fd, text) && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && good) {
        good = false;
        error = errno;
    }
    if (!good) {
        complain(path, strerror(error));
        unlink(path);
    }
    return good;
}

static bool write_key_file(const struct options *o, const struct private_key *key)
{
    uint8_t der[PRIVATE_KEY_DER_MAX], text[PEM_LEN(PRIVATE_KEY_DER_MAX)];
    struct writer d = writer_of(der, sizeof der), t = writer_of(text, sizeof text);
    private_key_encode(&d, key);
    pem_write(&t, "PRIVATE KEY", writer_bytes(&d));
    bool good = writer_done(&d) && writer_done(&t)
             && write_new_file(o->key_path, 0600, o->force, writer_bytes(&t));
    wipe(der, sizeof der);
    wipe(text, sizeof text);
    return good;
}

/* The certificate, and below it the CA's if that is not a root: a peer needs both. */
static bool write_cert_file(const struct options *o, struct bytes der, struct bytes ca)
{
    static uint8_t text[PEM_LEN(X509_MAKE_MAX) + PEM_LEN(CA_FILE_MAX)];
    struct writer t = writer_of(text, sizeof text);
    struct x509_certificate c;
    pem_write(&t, "CERTIFICATE", der);
    if (ca.len > 0 && !x509_certificate_decode(&c, ca) && !x509_self_issued(&c))
        pem_write(&t, "CERTIFICATE", ca);
    return writer_done(&t) && write_new_file(o->cert_path, 0644, o->force, writer_bytes(&t));
}

/* ---- the CA ---- */

struct ca {
    uint8_t space[CA_FILE_MAX];
    struct x509_certificate certificate;
    struct private_key key;
};

static int ca_refuse(const char *path, const char *why)
{
    complain(path, why);
    return EX_DATAERR;
}

static int load_ca_certificate(struct ca *ca, const char *path)
{
    char error[TRUST_ERROR_MAX];
    size_t len;
    uint8_t *text = file_read(path, CA_FILE_MAX, &len, error);
    if (!text) {
        complain(error, NULL);
        return EX_NOINPUT;
    }
    struct pem pem = pem_of(bytes_of(text, len));
    struct pem_block block;
    const char *reason = "no certificate in this file";
    enum pem_result result = pem_next(&pem, &block, ca->space, sizeof ca->space, &reason);
    free(text);
    if (result != PEM_BLOCK)
        return ca_refuse(path, reason);
    reason = x509_certificate_decode(&ca->certificate, block.der);
    if (reason)
        return ca_refuse(path, reason);
    const struct x509_certificate *c = &ca->certificate;
    if (!c->is_ca || (c->has_key_usage && !(c->key_usage & X509_KEY_CERT_SIGN)))
        return ca_refuse(path, "this certificate is not a CA's: it may not sign others");
    if (time(NULL) > c->not_after || time(NULL) < c->not_before)
        return ca_refuse(path, "the CA's certificate is expired or not valid yet");
    return EX_OK;
}

static int load_ca(struct ca *ca, const struct options *o)
{
    char error[CREDENTIAL_ERROR_MAX];
    uint8_t point[PUBLIC_POINT_MAX];
    size_t point_len = 0;
    int status = load_ca_certificate(ca, o->ca);
    if (status != EX_OK)
        return status;
    if (!private_key_load(&ca->key, o->ca_key, o->ca_key_password_file, error)) {
        complain(error, NULL);
        return EX_NOINPUT;
    }
    if (!private_key_public(point, &point_len, &ca->key)
        || !bytes_equal_public(ca->certificate.key.point, bytes_of(point, point_len)))
        return ca_refuse(o->ca_key, "this key does not belong to the CA's certificate");
    return EX_OK;
}

/* ---- making ---- */

static struct x509_recipe recipe_for(const struct options *o, const struct private_key *key,
                                     const struct ca *ca, const char *const *email)
{
    struct x509_issuer issuer = { ca->certificate.der, &ca->key };
    int64_t now = time(NULL);
    struct x509_recipe r;
    if (o->kind == ROOT) {
        r = x509_recipe_root(o->name, key, now);
    } else if (o->kind == CLIENT) {
        r = x509_recipe_client(o->name, key, issuer, now);
        r.email = email;
        r.email_count = strchr(o->name, '@') != NULL;
    } else {
        const char *name = o->name ? o->name : o->dns_count ? o->dns[0] : o->ip[0];
        r = x509_recipe_server(name_usable(name) ? name : NULL, key, issuer, now);
        r.dns = o->dns;
        r.dns_count = o->dns_count;
        r.ip = o->ip;
        r.ip_count = o->ip_count;
    }
    if (o->days > 0)
        r.not_after = now + (int64_t)o->days * DAY;
    if (o->kind != ROOT && r.not_after > ca->certificate.not_after)
        r.not_after = ca->certificate.not_after;          /* it would not be believed longer */
    return r;
}

static void report(const struct options *o, struct bytes der)
{
    struct x509_certificate c;
    char pin[PIN_TEXT_MAX];
    if (x509_certificate_decode(&c, der) != NULL)
        return;
    struct der_date until = der_date_of(c.not_after);
    pin_text(pin, c.spki);
    printf("%s: certificate, valid until %04d-%02d-%02d\n%s: private key\npin %s\n", o->cert_path,
           until.year, until.month, until.day, o->key_path, pin);
}

static int make_with(const struct options *o, const struct private_key *key, const struct ca *ca)
{
    static uint8_t der[X509_MAKE_MAX];
    size_t der_len;
    struct x509_recipe r = recipe_for(o, key, ca, &o->name);
    if (!x509_make(der, &der_len, sizeof der, &r, &random_system)) {
        complain("the certificate could not be made: too many names?", NULL);
        return EX_SOFTWARE;
    }
    if (!write_key_file(o, key))
        return EX_CANTCREAT;
    if (!write_cert_file(o, bytes_of(der, der_len), ca->certificate.der)) {
        unlink(o->key_path);
        return EX_CANTCREAT;
    }
    report(o, bytes_of(der, der_len));
    return EX_OK;
}

static int make(const struct options *o)
{
    static struct ca ca;
    struct private_key key = { .type = KEY_NONE };
    int status = o->kind == ROOT ? EX_OK : load_ca(&ca, o);
    if (status == EX_OK && !private_key_generate(&key, o->algorithm, &random_system)) {
        complain("no random bytes", NULL);
        status = EX_OSERR;
    }
    if (status == EX_OK)
        status = make_with(o, &key, &ca);
    wipe(&key, sizeof key);
    wipe(&ca, sizeof ca);
    return status;
}

/* ---- showing ---- */

/* Foreign text for a terminal: what is not printable ASCII becomes \xHH. */
static void print_text(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 0x20 && text.at[i] < 0x7f && text.at[i] != '\\')
            putchar(text.at[i]);
        else
            printf("\\x%02x", text.at[i]);
}

static void print_name(const char *label, struct bytes name)
{
    static const struct { const char *oid, *shown; } types[] = {
        { "2.5.4.3", "CN" }, { "2.5.4.6", "C" },  { "2.5.4.7", "L" },
        { "2.5.4.8", "ST" }, { "2.5.4.10", "O" }, { "2.5.4.11", "OU" },
    };
    struct name_walk walk = name_begin(name);
    struct name_attribute a;
    const char *separator = "";
    printf("  %-12s", label);
    while (name_next(&walk, &a)) {
        char oid[DER_OID_TEXT_MAX];
        der_oid_text(oid, a.type);
        const char *shown = oid;
        for (size_t i = 0; i < COUNT(types); i++)
            if (strcmp(oid, types[i].oid) == 0)
                shown = types[i].shown;
        printf("%s%s=", separator, shown);
        print_text(a.value);
        separator = ", ";
    }
    printf("%s\n", *separator ? "" : "(empty)");
}

static void print_time(const char *label, int64_t seconds, const char *note)
{
    struct der_date d = der_date_of(seconds);
    printf("  %-12s%04d-%02d-%02d %02d:%02d:%02d UTC%s\n", label, d.year, d.month, d.day, d.hour,
           d.minute, d.second, note);
}

static void print_alt_names(struct bytes alt_names)
{
    struct reader r = reader_of(alt_names);
    const char *label = "names";
    while (reader_more(&r)) {
        struct general_name name = read_general_name(&r);
        char ip[IP_TEXT_MAX];
        printf("  %-12s", label);
        label = "";
        if (name.tag == GENERAL_IP) {
            ip_text(ip, name.value);
            printf("IP %s", ip);
        } else if (name.tag == GENERAL_DNS || name.tag == GENERAL_EMAIL
                   || name.tag == GENERAL_URI) {
            printf("%s ", name.tag == GENERAL_DNS ? "DNS" : name.tag == GENERAL_URI ? "URI"
                                                                                    : "e-mail");
            print_text(name.value);
        } else {
            printf("another kind of name");
        }
        printf("\n");
    }
}

static void print_set(const char *label, unsigned set, const char *const names[], size_t count)
{
    const char *separator = "";
    printf("  %-12s", label);
    for (size_t i = 0; i < count; i++)
        if (set & 1u << i && names[i]) {
            printf("%s%s", separator, names[i]);
            separator = ", ";
        }
    printf("\n");
}

static void print_uses(const struct x509_certificate *c)
{
    static const char *const usages[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
        "keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly",
    };
    static const char *const purposes[] = { "serverAuth", "clientAuth", "any", "others" };
    if (c->is_ca && c->has_path_len)
        printf("  %-12syes, with at most %u CAs below it\n", "CA", c->path_len);
    else
        printf("  %-12s%s\n", "CA", c->is_ca ? "yes" : "no");
    if (c->has_key_usage)
        print_set("key usage", c->key_usage, usages, COUNT(usages));
    if (c->has_extended_key_usage)
        print_set("purposes", c->extended_key_usage, purposes, COUNT(purposes));
    if (c->has_name_constraints)
        printf("  %-12sthe names below it are constrained\n", "constraints");
}

static void print_certificate(const struct x509_certificate *c)
{
    char pin[PIN_TEXT_MAX], oid[DER_OID_TEXT_MAX];
    der_oid_text(oid, c->signature_oid);
    pin_text(pin, c->spki);
    print_name("subject", c->subject);
    print_name("issuer", c->issuer);
    printf("  %-12s", "serial");
    for (size_t i = 0; i < c->serial.len; i++)
        printf("%02x", c->serial.at[i]);
    printf("\n");
    print_time("valid from", c->not_before, c->not_before > time(NULL) ? "  (not yet)" : "");
    print_time("valid until", c->not_after, c->not_after < time(NULL) ? "  (expired)" : "");
    printf("  %-12s%s\n", "key", key_type_name(c->key.type));
    printf("  %-12s%s\n", "signed with", c->signature_algorithm ? c->signature_algorithm->name
                                                               : oid);
    print_uses(c);
    print_alt_names(c->alt_names);
    printf("  %-12s%s\n", "pin", pin);
}

static int show_text(const char *path, struct bytes text, uint8_t *space)
{
    struct pem pem = pem_of(text);
    struct pem_block block;
    struct x509_certificate c;
    const char *reason;
    enum pem_result result;
    size_t number = 0;
    int status = EX_OK;
    while ((result = pem_next(&pem, &block, space, text.len, &reason)) != PEM_END) {
        if (result == PEM_BLOCK)
            reason = bytes_equal_public(block.label, bytes_of_string("CERTIFICATE"))
                   ? x509_certificate_decode(&c, block.der) : "not a certificate";
        if (reason) {
            fprintf(stderr, "sealtls cert: %s:%zu: %s\n", path,
                    result == PEM_BAD ? pem.line : block.line, reason);
            status = EX_DATAERR;
            continue;
        }
        printf("%scertificate %zu\n", number ? "\n" : "", number + 1);
        number++;
        print_certificate(&c);
    }
    if (number == 0 && status == EX_OK)
        status = ca_refuse(path, "no certificate in this file");
    return status;
}

static int show(const char *path)
{
    char error[TRUST_ERROR_MAX];
    size_t len;
    uint8_t *text = file_read(path, SHOW_FILE_MAX, &len, error);
    if (!text) {
        complain(error, NULL);
        return EX_NOINPUT;
    }
    uint8_t *space = malloc(len + 1);
    int status = space ? show_text(path, bytes_of(text, len), space) : EX_OSERR;
    free(space);
    free(text);
    return status;
}

/* ---- the command ---- */

static int usage(FILE *to, int status)
{
    fprintf(to, "%s%s", USAGE, to == stdout ? HELP : "try: sealtls cert --help\n");
    return status;
}

int sealtls_cert(int argc, char **argv)
{
    static const char *const verbs[] = { [ROOT] = "root", [SERVER] = "server",
                                         [CLIENT] = "client" };
    struct options o = { .algorithm = KEY_P256 };
    if (argc < 2)
        return usage(stderr, EX_USAGE);
    if (strcmp(argv[1], "--help") == 0)
        return usage(stdout, EX_OK);
    if (strcmp(argv[1], "show") == 0 && argc == 3)
        return strcmp(argv[2], "--help") == 0 ? usage(stdout, EX_OK) : show(argv[2]);
    size_t kind = 0;
    while (kind < COUNT(verbs) && strcmp(argv[1], verbs[kind]) != 0)
        kind++;
    if (kind == COUNT(verbs))
        return usage(stderr, EX_USAGE);
    o.kind = (enum kind)kind;
    if (!parse_options(&o, argc - 1, argv + 1))
        return usage(stderr, EX_USAGE);
    if (o.help)
        return usage(stdout, EX_OK);
    if (!check_options(&o))
        return usage(stderr, EX_USAGE);
    return make(&o);
}
