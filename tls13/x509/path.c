/* tls13/x509/path.c - from the peer's certificate to a trust anchor.
 *
 * Implements  RFC 5280 §6.1 (validation), without policies; path building in the spirit of
 *             RFC 4158; RFC 8446 §4.4.2 (certificates in any order, some of no use).
 * Method      a depth-first search. Each certificate that is reached has candidates for its issuer:
 *             the anchors and the certificates sent that have the right name, those with the right
 *             key identifier first. A candidate that breaks a rule is passed over and the
 *             refusal remembered; the one that came furthest is what is reported. A CA comes once
 *             in a path: the one that goes through it twice has a shorter one with fewer rules.
 * Bounds      the budget of the question. Beyond it the answer is no: too complex. A certificate
 *             that joins the path has cost a signature check, and looks twice at all anchors and
 *             all that was sent: besides the budget, (signatures + 1) * 2 * (anchors + sent)
 *             comparisons of names, and decodings where they agree.
 * Decides     names chain byte for byte (CAs MUST copy them so, RFC 5280 §4.1.2.6); an anchor is
 *             judged like any CA (dates, uses, constraints; compare RFC 5937), except that it may
 *             be version 1 and have any serial number, and that its signature proves nothing;
 *             the peer's own certificate may be an anchor itself, and only then a CA (a key that
 *             issues certificates for the world has no business on a server); not yet valid is
 *             certificate_expired.
 */
#include "tls13/x509/verify.h"

#include "tls13/x509/certificate.h"
#include "tls13/x509/der.h"
#include "tls13/x509/key.h"
#include "tls13/x509/name.h"
#include "tls13/x509/ocsp.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct x509_budget x509_budget_default = {
    .signatures = 100, .candidates = 1000, .comparisons = 10000, .intermediates = 6,
};

enum { PATH_MAX_LEN = X509_INTERMEDIATES_MAX + 1 };       /* without the anchor */

struct search {
    const struct x509_question *question;
    struct x509_verdict *out;
    struct { struct bytes subject; const char *malformed; } sent[X509_CHAIN_MAX];

    struct x509_certificate path[PATH_MAX_LEN];          /* the peer's first; all of them sent */
    size_t path_number[PATH_MAX_LEN];                    /* which of those sent */
    size_t next_candidate[PATH_MAX_LEN];                 /* where the search goes on, per level */
    bool had_candidate[PATH_MAX_LEN];
    size_t path_len;

    struct x509_certificate candidate;                   /* the one being looked at */
    size_t candidate_number;                             /* which of those sent, or ANCHOR */

    struct x509_budget left;
    enum alert alert;                                    /* of the refusal in out->reason */
    size_t refused_at;                                   /* how far the path had come */
    bool wanting;                                        /* it is only that no issuer was found */
    bool exhausted;                                      /* a budget is used up: the answer is no */
};

enum { ANCHOR = X509_CHAIN_MAX };

/* ---- refusing ---- */

/* Whether this refusal is the one to report: the first among those that came furthest. A broken rule
 * says more than a dead end: cross-signs lead to roots that nobody here knows. */
static bool more_telling(const struct search *s, size_t position)
{
    return s->alert == ALERT_NONE || s->wanting || position > s->refused_at;
}

static void describe(char out[X509_NAME_TEXT_MAX + 40], const struct search *s,
                     const struct x509_certificate *c)
{
    char name[X509_NAME_TEXT_MAX];
    size_t number = c == &s->candidate ? s->candidate_number : s->path_number[c - s->path];
    x509_name_text(name, c->subject);
    if (number == ANCHOR)
        snprintf(out, X509_NAME_TEXT_MAX + 40, "\"%s\" (trust anchor)", name);
    else
        snprintf(out, X509_NAME_TEXT_MAX + 40, "\"%s\" (certificate %zu of %zu)", name,
                 number + 1, s->question->chain_count);
}

/* Remembers why `c`, at that position of a path, will not do: a sentence, then which it is. */
__attribute__((format(printf, 5, 6)))
static enum alert refuse(struct search *s, const struct x509_certificate *c, size_t position,
                         enum alert alert, const char *format, ...)
{
    if (!more_telling(s, position))
        return alert;
    char who[X509_NAME_TEXT_MAX + 40], why[X509_REASON_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    describe(who, s, c);
    int room = (int)(X509_REASON_MAX - 3 - strlen(who));
    snprintf(s->out->reason, X509_REASON_MAX, "%.*s: %s", room, why, who);
    s->alert = alert;
    s->refused_at = position;
    s->wanting = false;
    return alert;
}

static enum alert too_complex(struct search *s)
{
    const struct x509_budget *all = s->question->budget;
    snprintf(s->out->reason, X509_REASON_MAX, "certificates are too complex: no path within "
             "%u signature checks, %u candidates and %u name comparisons",
             all->signatures, all->candidates, all->comparisons);
    s->exhausted = true;
    s->alert = ALERT_CERTIFICATE_UNKNOWN;
    return s->alert;
}

/* ---- what every certificate must be ---- */

/* RFC 5280 §4.1.2.2: positive, at most 20 octets. */
static bool serial_valid(struct bytes serial)
{
    bool zero = serial.len == 1 && serial.at[0] == 0;
    return !zero && serial.at[0] < 0x80 && serial.len <= 20;
}

static enum alert judge_dates(struct search *s, const struct x509_certificate *c, size_t position)
{
    int64_t now = s->question->now;
    if (now < c->not_before) {
        struct der_date d = der_date_of(c->not_before);
        return refuse(s, c, position, ALERT_CERTIFICATE_EXPIRED,
                      "certificate is not valid before %04d-%02d-%02d (RFC 5280 §6.1.3)",
                      d.year, d.month, d.day);
    }
    if (now > c->not_after) {
        struct der_date d = der_date_of(c->not_after);
        return refuse(s, c, position, ALERT_CERTIFICATE_EXPIRED,
                      "certificate expired %04d-%02d-%02d (RFC 5280 §6.1.3)",
                      d.year, d.month, d.day);
    }
    return ALERT_NONE;
}

static enum alert judge_extended_key_usage(struct search *s, const struct x509_certificate *c,
                                           size_t position)
{
    bool server = s->question->purpose == X509_SERVER;
    unsigned wanted = server ? X509_EKU_SERVER : X509_EKU_CLIENT;
    if (!c->has_extended_key_usage || (c->extended_key_usage & (wanted | X509_EKU_ANY)))
        return ALERT_NONE;
    return refuse(s, c, position, ALERT_UNSUPPORTED_CERTIFICATE,
                  "extKeyUsage does not allow %s (RFC 5280 §4.2.1.12)",
                  server ? "serverAuth" : "clientAuth");
}

static enum alert judge_key_strength(struct search *s, const struct x509_certificate *c,
                                     size_t position)
{
    if (!public_key_weak(&c->key))
        return ALERT_NONE;
    return refuse(s, c, position, ALERT_UNSUPPORTED_CERTIFICATE, "RSA key (%zu bytes) does not "
                  "have 2048 to 8192 bits and an odd exponent from 3 to 2^33 (NIST SP 800-131A)",
                  c->key.modulus.len);
}

static enum alert judge_any(struct search *s, const struct x509_certificate *c, size_t position)
{
    char oid[DER_OID_TEXT_MAX];
    bool anchor = c == &s->candidate && s->candidate_number == ANCHOR;
    if (c->version != 3 && !(anchor && c->version == 1))
        return refuse(s, c, position, ALERT_UNSUPPORTED_CERTIFICATE,
                      "certificate is version %u, not 3 (RFC 5280 §4.1.2.1)", c->version);
    if (!anchor && !serial_valid(c->serial))
        return refuse(s, c, position, ALERT_BAD_CERTIFICATE,
                      "serialNumber is not positive or longer than 20 octets (RFC 5280 §4.1.2.2)");
    TRY(judge_dates(s, c, position));
    TRY(judge_key_strength(s, c, position));
    if (c->unknown_critical.len > 0) {
        der_oid_text(oid, c->unknown_critical);
        return refuse(s, c, position, ALERT_UNSUPPORTED_CERTIFICATE,
                      "critical extension %s is not known (RFC 5280 §4.2)", oid);
    }
    return judge_extended_key_usage(s, c, position);
}

/* ---- the peer's own certificate ---- */

/* The alternative names, for a person to see what the certificate is for. */
static void list_names(char *out, size_t cap, struct bytes alt_names)
{
    size_t len = 0;
    struct reader r = reader_of(alt_names);
    out[0] = '\0';
    while (reader_more(&r)) {
        struct general_name name = read_general_name(&r);
        char text[IP_TEXT_MAX];
        if (name.tag == GENERAL_IP)
            ip_text(text, name.value);
        else if (name.tag != GENERAL_DNS)
            continue;
        struct bytes shown = name.tag == GENERAL_IP ? bytes_of_string(text) : name.value;
        if (name.tag == GENERAL_DNS && !dns_pattern_valid(shown))
            shown = bytes_of_string("(malformed)");
        else if (name.tag == GENERAL_DNS && x509_name_is_ip(shown))
            shown = bytes_of_string("(an address as a dNSName)");
        if (len + shown.len + 6 > cap) {
            snprintf(out + len, cap - len, ", ...");
            return;
        }
        len += (size_t)snprintf(out + len, cap - len, "%s%.*s", len ? ", " : "", (int)shown.len,
                                (const char *)shown.at);
    }
}

/* RFC 9525 §6: only alternative names count. */
static enum alert judge_name(struct search *s, const struct x509_certificate *c)
{
    struct bytes name = s->question->name;
    char names[60];
    if (s->question->purpose == X509_CLIENT && name.len == 0)
        return ALERT_NONE;
    if (alt_names_match(c->alt_names, name))
        return ALERT_NONE;
    if (!c->has_alt_names)
        return refuse(s, c, 0, ALERT_BAD_CERTIFICATE, "certificate has no subjectAltName, and a "
                      "common name does not count (RFC 9525 §2)");
    list_names(names, sizeof names, c->alt_names);
    return refuse(s, c, 0, ALERT_BAD_CERTIFICATE, "certificate is not for %.*s but for %s "
                  "(RFC 9525 §6)",
                  name.len > 64 ? 64 : (int)name.len, (const char *)name.at,
                  names[0] ? names : "no host");
}

static bool may_sign(const struct x509_certificate *c)
{
    return !c->has_key_usage || (c->key_usage & X509_DIGITAL_SIGNATURE);
}

static const char may_not_sign[] =
    "keyUsage does not allow digitalSignature (RFC 8446 §4.4.2.2)";

static enum alert judge_peer_key(struct search *s, const struct x509_certificate *c)
{
    if (!x509_key_supported(s->question->algorithms, c->key.type))
        return refuse(s, c, 0, ALERT_UNSUPPORTED_CERTIFICATE,
                      "subjectPublicKeyInfo: key of type %s is not supported (RFC 8446 §4.2.3)",
                      key_type_name(c->key.type));
    return ALERT_NONE;
}

static enum alert judge_peer(struct search *s, const struct x509_certificate *c)
{
    TRY(judge_any(s, c, 0));
    TRY(judge_peer_key(s, c));
    if (!may_sign(c))
        return refuse(s, c, 0, ALERT_UNSUPPORTED_CERTIFICATE, "%s", may_not_sign);
    if ((c->key_usage & X509_KEY_CERT_SIGN) && !c->is_ca)
        return refuse(s, c, 0, ALERT_BAD_CERTIFICATE, "keyUsage has keyCertSign, but "
                      "basicConstraints no cA (RFC 5280 §4.2.1.9)");
    if (c->has_name_constraints && !c->is_ca)
        return refuse(s, c, 0, ALERT_BAD_CERTIFICATE,
                      "nameConstraints are not those of a CA (RFC 5280 §4.2.1.10)");
    if (name_empty(c->subject) && !(c->has_alt_names && c->alt_names_critical))
        return refuse(s, c, 0, ALERT_BAD_CERTIFICATE, "subject is empty and subjectAltName not "
                      "critical (RFC 5280 §4.2.1.6)");
    return judge_name(s, c);
}

/* ---- a candidate for the issuer ---- */

/* RFC 5280 §6.1.4 (l): self-issued certificates do not count, neither for pathLenConstraint nor for
 * the limit that we set. */
static size_t count_intermediates(const struct search *s)
{
    size_t count = 0;
    for (size_t i = 1; i < s->path_len; i++)
        count += !x509_self_issued(&s->path[i]);
    return count;
}

/* RFC 5280 §6.1.4 (h)-(n) */
static enum alert judge_issuer_uses(struct search *s, const struct x509_certificate *c)
{
    size_t position = s->path_len, between = count_intermediates(s);
    if (c->version == 1)
        return ALERT_NONE;                               /* an anchor, which has no extensions */
    if (!c->is_ca)
        return refuse(s, c, position, ALERT_BAD_CERTIFICATE, "issuer is not a CA: basicConstraints "
                      "%s (RFC 5280 §6.1.4)", c->has_basic_constraints ? "says so" : "is missing");
    if (c->has_path_len && between > c->path_len)
        return refuse(s, c, position, ALERT_BAD_CERTIFICATE, "path has %zu CAs below this one, "
                      "pathLenConstraint allows %u (RFC 5280 §4.2.1.9)", between, c->path_len);
    if (c->has_key_usage && !(c->key_usage & X509_KEY_CERT_SIGN))
        return refuse(s, c, position, ALERT_UNSUPPORTED_CERTIFICATE,
                      "keyUsage of the issuer does not allow keyCertSign (RFC 5280 §4.2.1.3)");
    return ALERT_NONE;
}

static enum alert judge_signature(struct search *s, const struct x509_certificate *child,
                                  const struct x509_certificate *issuer)
{
    size_t position = s->path_len - 1;
    const struct x509_signature_algorithm *algorithm = child->signature_algorithm;
    const struct x509_question *q = s->question;
    const struct signature *signature = signature_verifier(q->algorithms, algorithm,
                                                           issuer->key.type, q->offered_only);
    if (!signature) {
        char oid[DER_OID_TEXT_MAX];
        der_oid_text(oid, child->signature_oid);
        if (algorithm && algorithm->code_point == 0)
            return refuse(s, child, position, ALERT_BAD_CERTIFICATE, "signature algorithm %s is "
                          "broken (RFC 8446 §4.4.2.4)", algorithm->name);
        return refuse(s, child, position, ALERT_UNSUPPORTED_CERTIFICATE,
                      "signature algorithm %s is not supported (RFC 8446 §4.4.2.2)",
                      algorithm ? algorithm->name : oid);
    }
    if (signature->key_type != issuer->key.type)
        return refuse(s, child, position, ALERT_UNSUPPORTED_CERTIFICATE, "signature algorithm %s "
                      "does not go with the issuer's %s key (RFC 5280 §4.1.1.2)", algorithm->name,
                      key_type_name(issuer->key.type));
    if (s->left.signatures == 0)
        return too_complex(s);
    s->left.signatures--;
    if (!signature->verify(&issuer->key, child->tbs, child->signature))
        return refuse(s, child, position, ALERT_BAD_CERTIFICATE,
                      "signature does not verify with the issuer's key (RFC 5280 §6.1.3)");
    return ALERT_NONE;
}

/* RFC 5280 §6.1.3 (b), (c): every certificate below, except self-issued ones between. */
static enum alert judge_names_below(struct search *s, const struct x509_certificate *issuer)
{
    for (size_t i = 0; issuer->has_name_constraints && i < s->path_len; i++) {
        const struct x509_certificate *c = &s->path[i];
        if (i > 0 && x509_self_issued(c))
            continue;
        const char *why = name_constraints_refuse(issuer->permitted, issuer->excluded, c->subject,
                                                  c->alt_names, &s->left.comparisons);
        if (why == NAMES_TOO_MANY)
            return too_complex(s);
        if (why)
            return refuse(s, c, s->path_len, ALERT_BAD_CERTIFICATE, "certificate %s", why);
    }
    return ALERT_NONE;
}

/* RFC 7633 §4.2.2: what is issued below offers the same features, or more. */
static enum alert judge_features(struct search *s, const struct x509_certificate *child,
                                 const struct x509_certificate *issuer)
{
    if (!issuer->must_staple || child->must_staple)
        return ALERT_NONE;
    return refuse(s, child, s->path_len - 1, ALERT_BAD_CERTIFICATE,
                  "tlsFeature of the issuer is missing in the certificate (RFC 7633 §4.2.2)");
}

static enum alert judge_issuer(struct search *s, const struct x509_certificate *issuer)
{
    TRY(judge_any(s, issuer, s->path_len));
    TRY(judge_issuer_uses(s, issuer));
    TRY(judge_features(s, &s->path[s->path_len - 1], issuer));
    TRY(judge_signature(s, &s->path[s->path_len - 1], issuer));
    return judge_names_below(s, issuer);
}

/* ---- the search ---- */

/* RFC 5280 §4.2.1.1, as a hint: identifiers that are there and differ put a candidate last. */
static bool key_ids_differ(const struct x509_certificate *child,
                           const struct x509_certificate *issuer)
{
    return child->authority_key_id.len > 0 && issuer->subject_key_id.len > 0
        && !bytes_equal_public(child->authority_key_id, issuer->subject_key_id);
}

/* The candidate is a CA that the path has been through: the same name and key. The peer's own
 * certificate does not count, which may carry the name and key of its issuer. */
static bool in_path(const struct search *s)
{
    const struct x509_certificate *c = &s->candidate;
    for (size_t i = 1; i < s->path_len; i++)
        if (bytes_equal_public(s->path[i].subject, c->subject)
            && bytes_equal_public(s->path[i].spki, c->spki))
            return true;
    return false;
}

/* Fills s->candidate with number n for the issuer of `child`: first the anchors, then what was sent,
 * and then both again for those whose key identifiers differ. False if n is none. */
static bool take_candidate(struct search *s, size_t n, const struct x509_certificate *child)
{
    const struct x509_question *q = s->question;
    size_t round = q->trust->anchor_count + q->chain_count, i = n % round;
    bool anchor = i < q->trust->anchor_count;
    if (!anchor)
        i -= q->trust->anchor_count;
    if (!bytes_equal_public(anchor ? q->trust->anchors[i].subject : s->sent[i].subject,
                            child->issuer)
        || (!anchor && (s->sent[i].malformed || i == s->path_number[s->path_len - 1])))
        return false;
    struct bytes der = anchor ? q->trust->anchors[i].certificate : q->chain[i];
    if (x509_certificate_decode(&s->candidate, der) != NULL || (!anchor && in_path(s)))
        return false;
    s->candidate_number = anchor ? ANCHOR : i;
    return key_ids_differ(child, &s->candidate) == (n >= round);
}

static bool is_anchor(const struct search *s, const struct x509_certificate *c)
{
    const struct x509_trust *trust = s->question->trust;
    for (size_t i = 0; i < trust->anchor_count; i++)
        if (bytes_equal_public(trust->anchors[i].certificate, c->der))
            return true;
    return false;
}

/* It was among the certificates sent, and so in the path below. */
static bool in_a_circle(const struct search *s, const struct x509_certificate *c)
{
    for (size_t i = 0; i < s->question->chain_count; i++)
        if (bytes_equal_public(s->sent[i].subject, c->issuer))
            return true;
    return false;
}

static void refuse_for_want_of_issuer(struct search *s, const struct x509_certificate *c)
{
    char issuer[X509_NAME_TEXT_MAX];
    if (s->alert != ALERT_NONE && (!s->wanting || s->path_len <= s->refused_at))
        return;
    x509_name_text(issuer, c->issuer);
    for (size_t i = 0; i < s->question->chain_count; i++)
        if (s->sent[i].malformed) {
            refuse(s, c, s->path_len, ALERT_BAD_CERTIFICATE, "certificate %zu is malformed: %s; "
                   "no other issuer was found", i + 1, s->sent[i].malformed);
            return;
        }
    if (x509_self_issued(c))
        refuse(s, c, s->path_len, ALERT_UNKNOWN_CA, "certificate is self-signed and is not a trust "
               "anchor (RFC 5280 §6.1)");
    else if (in_a_circle(s, c))
        refuse(s, c, s->path_len, ALERT_UNKNOWN_CA, "issuer \"%s\" has been issued by this "
               "certificate, in a circle (RFC 5280 §6.1)", issuer);
    else
        refuse(s, c, s->path_len, ALERT_UNKNOWN_CA, "issuer \"%s\" is neither a trust anchor nor "
               "among the certificates sent (RFC 5280 §6.1)", issuer);
    s->wanting = true;
}

/* The candidate, believed, becomes the top of the path. */
static void go_on(struct search *s)
{
    size_t top = s->path_len, count = count_intermediates(s) + !x509_self_issued(&s->candidate);
    unsigned allowed = s->question->budget->intermediates;
    if (count > allowed || top == PATH_MAX_LEN) {
        refuse(s, &s->candidate, top, ALERT_CERTIFICATE_UNKNOWN,
               "path has more than %u intermediate certificates (our limit)",
               count > allowed ? allowed : X509_INTERMEDIATES_MAX);
        return;
    }
    s->path[top] = s->candidate;
    s->path_number[top] = s->candidate_number;
    s->next_candidate[top] = 0;
    s->had_candidate[top] = false;
    s->path_len++;
}

/* Tries the next candidate on top of the path: ends the search, goes one level on or one back. */
static bool step(struct search *s)
{
    size_t top = s->path_len - 1;
    size_t round = s->question->trust->anchor_count + s->question->chain_count;
    const struct x509_certificate *child = &s->path[top];
    if (s->next_candidate[top] == 2 * round) {
        if (!s->had_candidate[top])
            refuse_for_want_of_issuer(s, child);
        s->path_len--;
        return false;
    }
    if (!take_candidate(s, s->next_candidate[top]++, child))
        return false;
    s->had_candidate[top] = true;
    if (s->left.candidates == 0) {
        too_complex(s);
        return false;
    }
    s->left.candidates--;
    if (judge_issuer(s, &s->candidate) != ALERT_NONE)
        return false;
    if (s->candidate_number == ANCHOR)
        return true;
    go_on(s);
    return false;
}

static enum alert find_path(struct search *s)
{
    while (s->path_len > 0 && !s->exhausted)
        if (step(s))
            return ALERT_NONE;
    return s->alert != ALERT_NONE ? s->alert : ALERT_INTERNAL_ERROR;    /* no way out is silent */
}

/* ---- revocation ---- */

/* Of the peer's certificate, by the issuer that the path has: what is stapled must satisfy (RFC 6066
 * §8), and must be there where the certificate says so (RFC 7633 §4.2.3.1). */
static enum alert judge_revocation(struct search *s)
{
    const struct x509_question *q = s->question;
    const struct x509_certificate *leaf = &s->path[0];
    char why[OCSP_REASON_MAX];
    if (q->ocsp_response.len == 0) {
        if (!leaf->must_staple || !q->status_requested)
            return ALERT_NONE;
        return refuse(s, leaf, 0, ALERT_BAD_CERTIFICATE_STATUS_RESPONSE, "tlsFeature asks for an "
                      "OCSP response, and none was stapled (RFC 7633 §4.2.3.1)");
    }
    struct ocsp_question status = {
        .response = q->ocsp_response, .certificate = leaf,
        .issuer = s->path_len > 1 ? &s->path[1] : &s->candidate,
        .algorithms = q->algorithms, .offered_only = q->offered_only, .now = q->now,
        .signatures_left = &s->left.signatures,
    };
    enum alert alert = ocsp_verify(why, &status);
    if (alert != ALERT_NONE)
        return refuse(s, leaf, 0, alert, "%s", why);
    s->out->status_good = true;
    return ALERT_NONE;
}

/* ---- the questions of verify.h ---- */

static enum alert decode_leaf(struct x509_verdict *out, struct x509_certificate *leaf,
                              struct bytes der)
{
    char name[X509_NAME_TEXT_MAX];
    const char *malformed = x509_certificate_decode(leaf, der);
    if (!malformed)
        return ALERT_NONE;
    x509_name_text(name, leaf->subject);                 /* as far as the decoder had come */
    snprintf(out->reason, sizeof out->reason, "certificate is malformed: %s: \"%s\" (certificate 1)",
             malformed, name);
    return ALERT_BAD_CERTIFICATE;
}

enum alert x509_leaf_key(struct x509_verdict *out, struct bytes leaf)
{
    struct x509_certificate c;
    *out = (struct x509_verdict){ 0 };
    TRY(decode_leaf(out, &c, leaf));
    if (!may_sign(&c)) {
        snprintf(out->reason, sizeof out->reason, "%s (certificate 1)", may_not_sign);
        return ALERT_UNSUPPORTED_CERTIFICATE;
    }
    out->key = c.key;
    return ALERT_NONE;
}

static enum alert judge_pins(struct search *s, const struct x509_certificate *leaf)
{
    const struct x509_trust *trust = s->question->trust;
    if (trust->pin_count == 0 || x509_pinned(trust, leaf->spki))
        return ALERT_NONE;
    return refuse(s, leaf, 0, ALERT_CERTIFICATE_UNKNOWN,
                  "subjectPublicKeyInfo is not one of the pinned keys (RFC 7469 §2.6)");
}

/* What makes the question itself unanswerable. */
static const char *question_refused(const struct x509_question *q)
{
    const char *reason = NULL;
    if (!q->trust || q->trust->anchor_count + q->trust->pin_count == 0)
        return "no trust anchor and no pin is configured";
    if (q->trust->anchor_count > 0 && (q->purpose == X509_SERVER || q->name.len > 0)
        && !x509_name_usable(q->name, &reason))
        return reason;
    return NULL;
}

static enum alert verify(struct search *s)
{
    const struct x509_question *q = s->question;
    const struct x509_certificate *leaf = &s->path[0];
    TRY(decode_leaf(s->out, &s->path[0], q->chain[0]));
    s->path_len = 1;
    TRY(judge_pins(s, leaf));
    if (q->trust->anchor_count == 0) {
        TRY(judge_key_strength(s, leaf, 0));
        return judge_peer_key(s, leaf);
    }
    TRY(judge_peer(s, leaf));
    if (is_anchor(s, leaf))
        return ALERT_NONE;
    for (size_t i = 0; i < q->chain_count; i++) {
        s->sent[i].malformed = x509_certificate_decode(&s->candidate, q->chain[i]);
        s->sent[i].subject = s->candidate.subject;
    }
    TRY(find_path(s));
    s->alert = ALERT_NONE;                               /* of candidates that were passed over */
    if (leaf->is_ca)
        return refuse(s, leaf, 0, ALERT_UNSUPPORTED_CERTIFICATE, "certificate is a CA's: "
                      "basicConstraints say so, and it is no trust anchor (RFC 5280 §4.2.1.9)");
    return judge_revocation(s);
}

static enum alert refuse_question(struct x509_verdict *out, enum alert alert, const char *why)
{
    snprintf(out->reason, sizeof out->reason, "%s", why);
    return alert;
}

/* With pins alone there is no path, and nobody looks at dates. */
static int64_t first_not_after(const struct search *s)
{
    int64_t first = s->path[0].not_after;
    if (s->question->trust->anchor_count == 0)
        return 0;
    for (size_t i = 1; i < s->path_len; i++)
        if (s->path[i].not_after < first)
            first = s->path[i].not_after;
    return first;
}

enum alert x509_verify(struct x509_verdict *out, const struct x509_question *question)
{
    struct x509_question q = *question;
    if (!q.budget)
        q.budget = &x509_budget_default;
    if (q.chain_count > X509_CHAIN_MAX)
        q.chain_count = X509_CHAIN_MAX;                  /* what is beyond is not looked at */
    struct search s = { .question = &q, .out = out, .left = *q.budget };
    *out = (struct x509_verdict){ 0 };
    const char *refused = question_refused(&q);
    if (refused)
        return refuse_question(out, ALERT_INTERNAL_ERROR, refused);
    if (q.chain_count == 0)
        return refuse_question(out, ALERT_BAD_CERTIFICATE, "no certificate was sent");
    enum alert alert = verify(&s);
    if (alert != ALERT_NONE)
        return alert;
    out->reason[0] = '\0';                               /* of candidates that were passed over */
    out->key = s.path[0].key;
    out->good_until = first_not_after(&s);
    return ALERT_NONE;
}
