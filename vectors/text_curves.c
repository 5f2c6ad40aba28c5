/* vectors/text_curves.c - records for elliptic curves: keys, agreement, signatures. */
#include "vectors/text.h"

#include "vectors/der_write.h"

#include <string.h>

/* ---- names in sections: [P-256], [P-256,SHA-256], [EC - SHA256] ---- */

/* The part of the section before or behind its comma. FIPS 186-2 names no hash: it has SHA-1. */
static const char *section_part(struct text *t, bool behind)
{
    struct bytes s = t->r.section;
    const uint8_t *comma = memchr(s.at, ',', s.len);
    size_t first = comma ? (size_t)(comma - s.at) : s.len;
    if (behind && !comma)
        return "SHA-1";
    return behind ? arena_print(&t->f->scratch, "%.*s", (int)(s.len - first - 1),
                                (const char *)comma + 1)
                  : arena_print(&t->f->scratch, "%.*s", (int)first, (const char *)s.at);
}

static const char *section_curve(struct text *t)
{
    return curve_name(&t->f->scratch, section_part(t, false));
}

static const char *section_hash(struct text *t)
{
    return hash_name(&t->f->scratch, section_part(t, true));
}

/* Ours name the curve in their opening comment. */
static const char *about_curve(const struct text *t)
{
    static const char *const names[] = { "P-256", "P-384", "P-521" };
    for (size_t i = 0; i < COUNT(names); i++)
        if (about_has(t, names[i]))
            return names[i];
    return "-";
}

/* ---- points ---- */

/* 04 || x || y. A coordinate above what the curve's bytes hold makes the encoding too long, and
 * that is to be refused as well. */
static struct bytes point(struct text *t, const char *curve, const char *x, const char *y)
{
    struct bytes part[2] = { field_bytes(t, x), field_bytes(t, y) };
    size_t coordinate = curve_len(curve), len = 1;
    if (coordinate == 0)
        coordinate = part[0].len > part[1].len ? part[0].len : part[1].len;
    uint8_t *out = arena_take(&t->f->scratch, 1 + part[0].len + part[1].len + 2 * coordinate);
    out[0] = 4;
    for (size_t i = 0; i < 2; i++) {
        while (part[i].len > coordinate && part[i].at[0] == 0)
            part[i] = bytes_of(part[i].at + 1, part[i].len - 1);
        size_t pad = part[i].len < coordinate ? coordinate - part[i].len : 0;
        memset(out + len, 0, pad);
        memcpy(out + len + pad, part[i].at, part[i].len);
        len += pad + part[i].len;
    }
    return bytes_of(out, len);
}

/* "P (0 )" or "F (2 - Point not on curve)". */
static void expect_result(struct text *t)
{
    const char *result = field_text(t, "Result");
    if (*result != 'P' && *result != 'F')
        file_error(t->f, "Result", "is neither P nor F");
    t->f->expected = *result == 'P' ? EXPECT_VALID : EXPECT_INVALID;
}

static void check_public(struct text *t, const char *curve, const char *private,
                         struct bytes want)
{
    struct request q = { .operation = "ec-public" };
    request_word(&q, "curve", curve);
    request_bytes(&q, "private", field_bytes(t, private));
    if (!t->f->error)
        check(t->f, &q, &want, 1);
}

static void on_key_pair(struct text *t)
{
    const char *curve = section_curve(t);
    check_public(t, curve, "d", point(t, curve, "Qx", "Qy"));
}

static void on_public_key(struct text *t)
{
    struct request q = { .operation = "ec-check", .forge = "public" };
    const char *curve = section_curve(t);
    request_word(&q, "curve", curve);
    request_bytes(&q, "public", point(t, curve, "Qx", "Qy"));
    expect_result(t);
    if (!t->f->error)
        check(t->f, &q, NULL, 0);
}

/* ---- key agreement ---- */

static void ecdh_request(struct text *t, struct request *q, const char *curve,
                         const char *private, struct bytes public)
{
    *q = (struct request){ .operation = "ecdh" };
    request_word(q, "curve", curve);
    request_bytes(q, "private", field_bytes(t, private));
    request_bytes(q, "public", public);
}

/* KASVS: the section's letters are those of the parameter sets in the file's head. */
static const char *parameter_set_curve(struct text *t)
{
    static const char *const curves[] = { "P-192", "P-224", "P-256", "P-384", "P-521" };
    const uint8_t *s = t->r.section.at;
    if (t->r.section.len < 2 || s[0] != 'E' || s[1] < 'A' || s[1] > 'E')
        return "-";
    return curves[s[1] - 'A'];
}

static const char *parameter_set_hash(struct text *t)
{
    struct bytes s = t->r.section;
    const uint8_t *dash = memchr(s.at, '-', s.len);
    if (!dash)
        return "-";
    size_t skip = (size_t)(dash - s.at) + 1;
    while (skip < s.len && s.at[skip] == ' ')
        skip++;
    return hash_name(&t->f->scratch, arena_print(&t->f->scratch, "%.*s", (int)(s.len - skip),
                                                 (const char *)s.at + skip));
}

/* A record is valid if our own key pair belongs together, the agreement gives Z, and Z has that
 * hash; it is invalid if one of these does not hold. */
static void on_kas(struct text *t)
{
    const char *curve = parameter_set_curve(t);
    struct request own = { .operation = "ec-public" }, agree, hash = { .operation = "hash" };
    struct bytes ours = point(t, curve, "QsIUTx", "QsIUTy");
    struct bytes theirs = point(t, curve, "QsCAVSx", "QsCAVSy");
    struct bytes z = field_bytes(t, "Z"), hashed = field_bytes(t, "CAVSHashZZ");
    request_word(&own, "curve", curve);
    request_bytes(&own, "private", field_bytes(t, "dsIUT"));
    ecdh_request(t, &agree, curve, "dsIUT", theirs);
    request_word(&hash, "algorithm", parameter_set_hash(t));
    request_bytes(&hash, "message", z);
    expect_result(t);
    if (t->f->error)
        return;
    if (t->f->expected == EXPECT_VALID || t->f->run->mode != MODE_JUDGE) {
        check(t->f, &own, &ours, 1);
        check(t->f, &agree, &z, 1);
        check(t->f, &hash, &hashed, 1);
    } else if (refuses(t->f, &own, ours) || refuses(t->f, &agree, z)
               || refuses(t->f, &hash, hashed)) {
        case_pass(t->f);
    } else {
        case_fail(t->f, "keys, Z and its hash belong together, though invalid");
    }
}

/* SP 800-56A §5.7.1.2, the primitive alone. */
static void on_cdh(struct text *t)
{
    struct request q;
    const char *curve = section_curve(t);
    struct bytes z = field_bytes(t, "ZIUT");
    ecdh_request(t, &q, curve, "dIUT", point(t, curve, "QCAVSx", "QCAVSy"));
    if (!t->f->error)
        check(t->f, &q, &z, 1);
}

static void on_xdh(struct text *t, const char *scalar, const char *u, const char *result)
{
    struct request q = { .operation = "xdh" };
    struct bytes want = field_bytes(t, result);
    request_word(&q, "curve", want.len == 56 ? "X448" : "X25519");
    request_bytes(&q, "private", field_bytes(t, scalar));
    request_bytes(&q, "public", field_bytes(t, u));
    if (!t->f->error)
        check(t->f, &q, &want, 1);
}

/* RFC 7748 §5.2: k and u begin as `start`; each time k becomes X25519(k, u) and u the old k. */
static void on_xdh_iterated(struct text *t)
{
    struct bytes k = field_bytes(t, "start"), u = k, next, want = field_bytes(t, "result");
    int64_t times = field_number(t, "times");
    for (int64_t i = 1; i <= times && !t->f->error; i++) {
        struct request q = { .operation = "xdh" };
        request_word(&q, "curve", "X25519");
        request_bytes(&q, "private", k);
        request_bytes(&q, "public", u);
        if (i == times)
            check(t->f, &q, &want, 1);
        else if (!value_of(t->f, &next, &q))
            return;
        u = k;
        k = next;
    }
}

static void on_xdh_nist(struct text *t)
{
    on_xdh(t, "INPUT_SCALAR", "INPUT_U", "OUTPUT_U");
}

static void on_xdh_ours(struct text *t)
{
    on_xdh(t, "scalar", "u", "result");
}

/* ---- signatures ---- */

static void check_ecdsa(struct text *t, const char *curve, const char *hash, struct bytes public,
                        struct bytes message, struct bytes r, struct bytes s)
{
    struct request q = { .operation = "ecdsa-verify", .forge = "signature" };
    request_word(&q, "curve", curve);
    request_word(&q, "hash", hash);
    request_word(&q, "format", "der");
    request_bytes(&q, "public", public);
    request_bytes(&q, "message", message);
    request_bytes(&q, "signature", der_two_integers(&t->f->scratch, r, s));
    if (!t->f->error)
        check(t->f, &q, NULL, 0);
}

static void on_ecdsa(struct text *t)
{
    const char *curve = section_curve(t);
    if (field_has(t, "Result"))
        expect_result(t);
    check_ecdsa(t, curve, section_hash(t), point(t, curve, "Qx", "Qy"), field_bytes(t, "Msg"),
                field_bytes(t, "R"), field_bytes(t, "S"));
}

/* RFC 6979: the private key x gives the public key, the signature is the one stated, and it
 * verifies. */
static void on_rfc6979(struct text *t)
{
    const char *curve = about_curve(t), *hash = hash_name(&t->f->scratch, field_text(t, "hash"));
    struct bytes public = point(t, curve, "Ux", "Uy"), message = field_bytes(t, "message");
    struct bytes r = field_bytes(t, "r"), s = field_bytes(t, "s");
    struct bytes der = der_two_integers(&t->f->scratch, r, s);
    struct request q = { .operation = "ecdsa-sign" };
    request_word(&q, "curve", curve);
    request_word(&q, "hash", hash);
    request_bytes(&q, "private", field_bytes(t, "x"));
    request_bytes(&q, "message", message);
    check_public(t, curve, "x", public);
    if (!t->f->error)
        check(t->f, &q, &der, 1);
    check_ecdsa(t, curve, hash, public, message, r, s);
}

static void on_multiple(struct text *t)
{
    const char *curve = about_curve(t);
    check_public(t, curve, "k", point(t, curve, "x", "y"));
}

static void on_ed25519(struct text *t)
{
    struct request public = { .operation = "eddsa-public" }, sign = { .operation = "eddsa-sign" };
    struct request verify = { .operation = "eddsa-verify", .forge = "signature" };
    struct request *const all[] = { &public, &sign, &verify };
    struct bytes key = field_bytes(t, "public_key"), signature = field_bytes(t, "signature");
    for (size_t i = 0; i < COUNT(all); i++)
        request_word(all[i], "curve", "Ed25519");
    request_bytes(&public, "private", field_bytes(t, "seed"));
    request_bytes(&sign, "private", field_bytes(t, "seed"));
    request_bytes(&sign, "message", field_bytes(t, "message"));
    request_bytes(&verify, "public", key);
    request_bytes(&verify, "message", field_bytes(t, "message"));
    request_bytes(&verify, "signature", signature);
    if (t->f->error)
        return;
    check(t->f, &public, &key, 1);
    check(t->f, &sign, &signature, 1);
    check(t->f, &verify, NULL, 0);
}

const struct record_kind curve_kinds[] = {
    { "dsIUT QsIUTx QsIUTy QsCAVSx QsCAVSy Z CAVSHashZZ Result", on_kas          },
    { "QCAVSx QCAVSy dIUT ZIUT",                                 on_cdh          },
    { "Msg Qx Qy R S",                                           on_ecdsa        },
    { "d Qx Qy",                                                 on_key_pair     },
    { "Qx Qy Result",                                            on_public_key   },
    { "x Ux Uy hash message r s",                                on_rfc6979      },
    { "k x y",                                                   on_multiple     },
    { "INPUT_SCALAR INPUT_U OUTPUT_U",                           on_xdh_nist     },
    { "scalar u result",                                         on_xdh_ours     },
    { "start times result",                                      on_xdh_iterated },
    { "seed public_key message signature",                       on_ed25519      },
    { NULL, NULL },
};
