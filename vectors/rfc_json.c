/* vectors/rfc_json.c - rfc6979_p256_p384.json and rfc8032_ed25519.json. */
#include "vectors/json.h"

#include "vectors/der_write.h"
#include "vectors/names.h"

#include <stdio.h>
#include <string.h>

/* ---- RFC 6979 A.2.5, A.2.6: deterministic ECDSA ---- */

struct curve_key { const char *curve; struct bytes private, public; };

static struct bytes uncompressed(struct arena *a, struct bytes x, struct bytes y)
{
    uint8_t *out = arena_take(a, 1 + x.len + y.len);
    out[0] = 4;
    memcpy(out + 1, x.at, x.len);
    memcpy(out + 1 + x.len, y.at, y.len);
    return bytes_of(out, 1 + x.len + y.len);
}

static void run_6979(struct place *p, const struct curve_key *key, const json_t *test, size_t i)
{
    struct request sign = { .operation = "ecdsa-sign" };
    struct request verify = { .operation = "ecdsa-verify", .forge = "signature" };
    struct request *const both[] = { &sign, &verify };
    struct file *f = p->f;
    const char *message = json_text(p, test, "message_ascii");
    struct bytes der = der_two_integers(&f->arena, json_hex(p, test, "r"), json_hex(p, test, "s"));
    for (size_t k = 0; k < 2; k++) {
        request_word(both[k], "curve", key->curve);
        request_word(both[k], "hash", hash_name(&f->arena, json_text(p, test, "hash")));
        request_bytes(both[k], "message", bytes_of_string(message));
    }
    request_bytes(&sign, "private", key->private);
    request_word(&verify, "format", "der");
    request_bytes(&verify, "public", key->public);
    request_bytes(&verify, "signature", der);
    if (f->error || !case_begin(f, arena_print(&f->arena, "%s.%zu", key->curve, i + 1), message,
                                EXPECT_VALID))
        return;
    check(f, &sign, &der, 1);
    check(f, &verify, NULL, 0);
    case_end(f);
}

void read_rfc6979(struct file *f, const json_t *root)
{
    struct place p = { .f = f };
    size_t i, k;
    const json_t *curve, *test;
    const json_t *curves = json_member(&p, root, "curves", JSON_ARRAY);
    json_array_foreach (curves, i, curve) {
        place_set(&p, "curves[%zu]", i);
        const json_t *numbers = json_member(&p, curve, "key", JSON_OBJECT);
        const json_t *tests = json_member(&p, curve, "signatures", JSON_ARRAY);
        if (f->error)
            return;
        struct curve_key key = {
            .curve = curve_name(&f->arena, json_text(&p, curve, "curve")),
            .private = json_hex(&p, numbers, "x"),
            .public = uncompressed(&f->arena, json_hex(&p, numbers, "Ux"),
                                   json_hex(&p, numbers, "Uy")),
        };
        json_array_foreach (tests, k, test) {
            place_set(&p, "curves[%zu].signatures[%zu]", i, k);
            if (!f->error)
                run_6979(&p, &key, test, k);
        }
    }
}

/* ---- RFC 8032 §7.1: Ed25519 ---- */

static void run_8032(struct place *p, const json_t *test)
{
    struct request public = { .operation = "eddsa-public" }, sign = { .operation = "eddsa-sign" };
    struct request verify = { .operation = "eddsa-verify", .forge = "signature" };
    struct request *const all[] = { &public, &sign, &verify };
    struct bytes private = json_hex(p, test, "secret_key"), key = json_hex(p, test, "public_key");
    struct bytes message = json_hex(p, test, "message"), signature = json_hex(p, test, "signature");
    for (size_t i = 0; i < COUNT(all); i++)
        request_word(all[i], "curve", "Ed25519");
    request_bytes(&public, "private", private);
    request_bytes(&sign, "private", private);
    request_bytes(&sign, "message", message);
    request_bytes(&verify, "public", key);
    request_bytes(&verify, "message", message);
    request_bytes(&verify, "signature", signature);
    if (p->f->error || !case_begin(p->f, json_text(p, test, "name"), NULL, EXPECT_VALID))
        return;
    check(p->f, &public, &key, 1);
    check(p->f, &sign, &signature, 1);
    check(p->f, &verify, NULL, 0);
    case_end(p->f);
}

void read_rfc8032(struct file *f, const json_t *root)
{
    struct place p = { .f = f };
    size_t i;
    const json_t *test;
    const json_t *tests = json_member(&p, root, "tests", JSON_ARRAY);
    json_array_foreach (tests, i, test) {
        place_set(&p, "tests[%zu]", i);
        if (!f->error)
            run_8032(&p, test);
    }
}
