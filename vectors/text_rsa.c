/* vectors/text_rsa.c - records for RSA signatures. */
#include "vectors/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_public(struct text *t, struct request *q, const char *hash, bool pss,
                       int64_t salt_len)
{
    request_word(q, "hash", hash);
    if (pss) {
        request_word(q, "mgf-hash", hash);
        request_number(q, "salt-length", salt_len);
    }
    request_bytes(q, "modulus", field_bytes(t, "n"));
    request_bytes(q, "exponent", field_bytes(t, "e"));
}

static void check_verify(struct text *t, const char *hash, bool pss, int64_t salt_len,
                         struct bytes message)
{
    struct request q = { .operation = pss ? "rsa-pss-verify" : "rsa-pkcs1-verify",
                         .forge = "signature" };
    add_public(t, &q, hash, pss, salt_len);
    request_bytes(&q, "message", message);
    request_bytes(&q, "signature", field_bytes(t, "S"));
    if (!t->f->error)
        check(t->f, &q, NULL, 0);
}

/* NIST's SigGen for PSS says in its head how long the salts are; SigVer gives each. */
static int64_t nist_salt_len(struct text *t)
{
    static const char head[] = "Salt len:";
    const char *at = strstr(t->about, head);
    if (field_has(t, "SaltVal"))
        return (int64_t)field_bytes(t, "SaltVal").len;
    return at ? strtoll(at + strlen(head), NULL, 10) : 0;
}

static void on_nist(struct text *t)
{
    const char *hash = hash_name(&t->f->scratch, field_text(t, "SHAAlg"));
    records_hold_one(&t->r, "e");                /* FIPS 186-2: in the first record of its key */
    if (about_has(t, "X9.31")) {
        case_skip(t->f, "RSA signature of ANSI X9.31");
        return;
    }
    if (field_has(t, "Result")) {
        const char *result = field_text(t, "Result");
        t->f->expected = *result == 'P' ? EXPECT_VALID : EXPECT_INVALID;
        if (*result != 'P' && *result != 'F')
            file_error(t->f, "Result", "is neither P nor F");
    }
    check_verify(t, hash, about_has(t, "PSS"), nist_salt_len(t), field_bytes(t, "Msg"));
}

/* Ours: a signature to verify, and to make where the private numbers are there. */
static void on_ours(struct text *t)
{
    static const char *const numbers[] = { "p", "q", "dP", "dQ", "qInv" };
    static const char *const names[] = { "p", "q", "dp", "dq", "qinv" };
    const char *hash = hash_name(&t->f->scratch, field_text(t, "hash"));
    bool pss = field_has(t, "padding") && strcmp(field_text(t, "padding"), "pss") == 0;
    struct bytes message = field_bytes(t, "message"), signature = field_bytes(t, "S");
    struct request q = { .operation = pss ? "rsa-pss-sign" : "rsa-pkcs1-sign" };
    struct bytes salt = { (const uint8_t *)"", 0 };
    if (pss && field_has(t, "salt"))
        salt = field_bytes(t, "salt");
    check_verify(t, hash, pss, field_has(t, "salt") ? (int64_t)salt.len : 32, message);
    if (!field_has(t, "qInv") || (pss && !field_has(t, "salt")))
        return;
    add_public(t, &q, hash, pss, (int64_t)salt.len);
    for (size_t i = 0; i < COUNT(numbers); i++)
        request_bytes(&q, names[i], field_bytes(t, numbers[i]));
    request_bytes(&q, "message", message);
    if (pss)
        request_bytes(&q, "salt", salt);
    if (!t->f->error)
        check(t->f, &q, &signature, 1);
}

const struct record_kind rsa_kinds[] = {
    { "SHAAlg Msg S n e",   on_nist },
    { "hash message S n e", on_ours },
    { NULL, NULL },
};

/* ---- pss-vect.txt ---- */

/* The file is lines `# Name:` with hex below; a line that begins otherwise ends the value. A name
 * is taken by what it begins with: a key's first modulus and exponent are the public ones. */
struct pss_vect {
    struct file *f;
    size_t line, cases;
    struct bytes modulus, exponent, message, salt;
    bool fresh_key;
};

static void on_pss_example(struct pss_vect *v, struct bytes signature)
{
    char id[24], where[40];
    struct request q = { .operation = "rsa-pss-verify", .forge = "signature" };
    snprintf(id, sizeof id, "%zu", ++v->cases);
    snprintf(where, sizeof where, "ends at line %zu", v->line);
    if (!case_begin(v->f, id, where, EXPECT_VALID))
        return;
    request_word(&q, "hash", "SHA-1");
    request_word(&q, "mgf-hash", "SHA-1");
    request_number(&q, "salt-length", (int64_t)v->salt.len);
    request_bytes(&q, "modulus", v->modulus);
    request_bytes(&q, "exponent", v->exponent);
    request_bytes(&q, "message", v->message);
    request_bytes(&q, "signature", signature);
    check(v->f, &q, NULL, 0);
    case_end(v->f);
}

static void on_pss_value(struct pss_vect *v, const char *name, struct bytes value)
{
    if (strncmp(name, "Modulus", 7) == 0 && v->fresh_key)
        v->modulus = value;
    else if (strncmp(name, "Exponent", 8) == 0 && v->fresh_key) {
        v->exponent = value;
        v->fresh_key = false;
    } else if (strncmp(name, "Message", 7) == 0)
        v->message = value;
    else if (strncmp(name, "Salt", 4) == 0)
        v->salt = value;
    else if (strncmp(name, "Signature", 9) == 0)
        on_pss_example(v, value);
}

bool looks_like_pss_vect(struct bytes text)
{
    static const char head[] = "Test vectors for RSA-PSS";
    return text.len >= strlen(head) && memcmp(text.at, head, strlen(head)) == 0;
}

/* Appends a line's hex digits, in pairs with spaces between them; false if it is another line. */
static bool take_hex_line(struct arena *arena, uint8_t *out, size_t *len, char *line)
{
    char *rest = NULL;
    size_t before = *len;
    for (char *pair = strtok_r(line, " \r", &rest); pair; pair = strtok_r(NULL, " \r", &rest)) {
        struct bytes byte;
        if (strlen(pair) != 2 || !hex_decode(arena, &byte, pair, 2)) {
            *len = before;
            return false;
        }
        out[(*len)++] = byte.at[0];
    }
    return *len > before;
}

void read_pss_vect(struct file *f, struct bytes text)
{
    struct pss_vect v = { .f = f };
    char *copy = arena_print(&f->arena, "%.*s", (int)text.len, (const char *)text.at), *rest = copy;
    uint8_t *value = arena_take(&f->arena, text.len + 1);
    size_t len = 0;
    const char *name = "";
    for (char *line; (line = strsep(&rest, "\n")); ) {
        v.line++;
        bool comment = line[0] == '#' && line[1] == ' ';
        if (!comment && take_hex_line(&f->arena, value, &len, line))
            continue;
        if (len > 0)
            on_pss_value(&v, name, bytes_of(value, len));
        value += len;
        len = 0;
        if (comment && strncmp(line + 2, "Example", 7) == 0)
            v.fresh_key = true;
        if (comment)
            name = line + 2;
    }
    if (v.cases == 0)
        file_error(f, "", "no example in it");
}
