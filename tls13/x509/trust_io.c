/* tls13/x509/trust_io.c - anchors from PEM files, pins from text.
 *
 * Implements  RFC 7468 §5 (certificates); pins in the notation of RFC 7469 §2.1.1, one string each.
 * Trusts      whoever may write the files that it is given.
 */
#include "tls13/x509/trust_io.h"

#include "tls13/x509/certificate.h"
#include "tls13/x509/pem.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUNDLE_MAX      = 8 << 20,           /* bytes; Debian's is 200 KB */
    CERTIFICATE_MAX = 64 << 10,
};

uint8_t *file_read(const char *path, size_t max, size_t *len, char error[TRUST_ERROR_MAX])
{
    FILE *file = fopen(path, "rb");
    uint8_t *text = malloc(max + 1);
    error[0] = '\0';
    if (!file || !text) {
        snprintf(error, TRUST_ERROR_MAX, "%s: %s", path, strerror(errno));
    } else {
        *len = fread(text, 1, max + 1, file);
        if (ferror(file))
            snprintf(error, TRUST_ERROR_MAX, "%s: %s", path, strerror(errno));
        else if (*len > max)
            snprintf(error, TRUST_ERROR_MAX, "%s: file is larger than %zu bytes", path, max);
    }
    if (file)
        fclose(file);
    if (error[0] == '\0')
        return text;
    if (text)
        sodium_memzero(text, max + 1);
    free(text);
    return NULL;
}

/* ---- anchors ---- */

static bool add_anchor(struct trust_store *store, const struct x509_certificate *c)
{
    size_t count = store->trust.anchor_count;
    struct x509_anchor *more = realloc(store->anchors, (count + 1) * sizeof *more);
    if (!more)
        return false;
    store->anchors = more;
    store->trust.anchors = more;
    uint8_t *der = malloc(c->der.len);
    if (!der)
        return false;
    memcpy(der, c->der.at, c->der.len);
    size_t subject = (size_t)(c->subject.at - c->der.at);
    more[count] = (struct x509_anchor){
        .certificate = bytes_of(der, c->der.len),
        .subject = bytes_of(der + subject, c->subject.len),
    };
    store->trust.anchor_count++;
    return true;
}

static void drop_anchors(struct trust_store *store, size_t keep)
{
    while (store->trust.anchor_count > keep)
        free((void *)(uintptr_t)store->anchors[--store->trust.anchor_count].certificate.at);
}

static const char *not_an_anchor(struct x509_certificate *c, const struct pem_block *block)
{
    if (!bytes_equal_public(block->label, bytes_of_string("CERTIFICATE")))
        return "not a CERTIFICATE block";
    return x509_certificate_decode(c, block->der);
}

/* `lenient`: what is malformed is skipped and counted. */
static bool add_text(struct trust_store *store, const char *path, struct bytes text, bool lenient,
                     uint8_t *space, char error[TRUST_ERROR_MAX])
{
    struct pem pem = pem_of(text);
    struct pem_block block;
    struct x509_certificate c;
    const char *reason;
    enum pem_result result;
    size_t number = 0;
    while ((result = pem_next(&pem, &block, space, CERTIFICATE_MAX, &reason)) != PEM_END) {
        number++;
        if (result == PEM_BLOCK)
            reason = not_an_anchor(&c, &block);
        if (reason && lenient) {
            store->skipped++;
        } else if (reason) {
            snprintf(error, TRUST_ERROR_MAX, "%s:%zu: certificate %zu: %s", path,
                     result == PEM_BAD ? pem.line : block.line, number, reason);
            return false;
        } else if (!add_anchor(store, &c)) {
            snprintf(error, TRUST_ERROR_MAX, "%s: out of memory", path);
            return false;
        }
    }
    return true;
}

static bool add_file(struct trust_store *store, const char *path, bool lenient,
                     char error[TRUST_ERROR_MAX])
{
    size_t len, before = store->trust.anchor_count, skipped = store->skipped;
    uint8_t *text = file_read(path, BUNDLE_MAX, &len, error);
    if (!text)
        return false;
    uint8_t *space = malloc(CERTIFICATE_MAX);
    bool good = space && add_text(store, path, bytes_of(text, len), lenient, space, error);
    if (!space)
        snprintf(error, TRUST_ERROR_MAX, "%s: out of memory", path);
    if (good && store->trust.anchor_count == before) {
        snprintf(error, TRUST_ERROR_MAX, "%s: no certificate in this file", path);
        good = false;
    }
    if (!good) {
        drop_anchors(store, before);
        store->skipped = skipped;
    }
    free(space);
    free(text);
    return good;
}

bool trust_add_file(struct trust_store *store, const char *path, char error[TRUST_ERROR_MAX])
{
    return add_file(store, path, false, error);
}

bool trust_add_system(struct trust_store *store, char error[TRUST_ERROR_MAX])
{
    return add_file(store, TRUST_SYSTEM_BUNDLE, true, error);
}

/* ---- pins ---- */

static const char PIN_PREFIX[] = "sha256/";

static bool parse_pin(uint8_t out[X509_PIN_LEN], const char *pin)
{
    size_t len = 0, prefix = strlen(PIN_PREFIX);
    return strncmp(pin, PIN_PREFIX, prefix) == 0
        && sodium_base642bin(out, X509_PIN_LEN, pin + prefix, strlen(pin + prefix), NULL, &len,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0
        && len == X509_PIN_LEN;
}

bool trust_add_pin(struct trust_store *store, const char *pin, char error[TRUST_ERROR_MAX])
{
    uint8_t digest[X509_PIN_LEN];
    if (!parse_pin(digest, pin)) {
        snprintf(error, TRUST_ERROR_MAX, "pin \"%s\" is not sha256/ and 44 characters of base64",
                 pin);
        return false;
    }
    uint8_t (*more)[X509_PIN_LEN] = realloc(store->pins,
                                            (store->trust.pin_count + 1) * sizeof *more);
    if (!more) {
        snprintf(error, TRUST_ERROR_MAX, "pin \"%s\": out of memory", pin);
        return false;
    }
    memcpy(more[store->trust.pin_count++], digest, X509_PIN_LEN);
    store->pins = more;
    store->trust.pins = (const uint8_t (*)[X509_PIN_LEN])more;
    return true;
}

void pin_text(char out[PIN_TEXT_MAX], struct bytes spki)
{
    uint8_t digest[X509_PIN_LEN];
    size_t prefix = strlen(PIN_PREFIX);
    x509_pin(digest, spki);
    memcpy(out, PIN_PREFIX, prefix);
    sodium_bin2base64(out + prefix, PIN_TEXT_MAX - prefix, digest, X509_PIN_LEN,
                      sodium_base64_VARIANT_ORIGINAL);
}

void trust_free(struct trust_store *store)
{
    drop_anchors(store, 0);
    free(store->anchors);
    free(store->pins);
    *store = (struct trust_store){ 0 };
}
