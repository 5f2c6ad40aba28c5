/* vectors/key_forms.c - keys as vector files write them down, taken apart. */
#include "vectors/key_forms.h"

#include "tls13/x509/der.h"
#include "tls13/x509/pem.h"
#include "vectors/names.h"

#include <string.h>

bool pem_decode(struct arena *a, struct bytes *der, const char *text)
{
    const char *reason;
    struct bytes whole = bytes_of_string(text);
    struct pem pem = pem_of(whole);
    struct pem_block block;
    if (pem_next(&pem, &block, arena_take(a, whole.len + 1), whole.len, &reason) != PEM_BLOCK)
        return false;
    *der = block.der;
    return true;
}

static int digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool base64url_decode(struct arena *a, struct bytes *out, const char *text)
{
    size_t len = strlen(text), n = 0;
    uint8_t *bytes = arena_take(a, len + 1);
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < len; i++) {
        int d = digit(text[i]);
        if (d < 0)
            return false;
        bits = bits << 6 | (uint32_t)d;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[n++] = (uint8_t)(bits >> held);
        }
    }
    *out = bytes_of(bytes, n);
    return len % 4 != 1;
}

static bool behind(struct bytes *key, struct bytes der, const uint8_t *header, size_t header_len,
                   size_t key_len)
{
    if (der.len != header_len + key_len || memcmp(der.at, header, header_len) != 0)
        return false;
    *key = bytes_of(der.at + header_len, key_len);
    return true;
}

enum { ID_X25519 = 0x6e, ID_X448 = 0x6f };           /* the last byte of 1.3.101.110 and .111 */

static uint8_t last_of_oid(const char *curve)
{
    return strcmp(curve, "X448") == 0 ? ID_X448 : ID_X25519;
}

bool xdh_from_spki(struct bytes *key, const char *curve, struct bytes der)
{
    uint8_t n = (uint8_t)curve_len(curve);
    const uint8_t header[] = { 0x30, (uint8_t)(n + 10), 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65,
                               last_of_oid(curve), 0x03, (uint8_t)(n + 1), 0x00 };
    return behind(key, der, header, sizeof header, n);
}

bool xdh_from_pkcs8(struct bytes *key, const char *curve, struct bytes der)
{
    uint8_t n = (uint8_t)curve_len(curve);
    const uint8_t header[] = { 0x30, (uint8_t)(n + 14), 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03,
                               0x2b, 0x65, last_of_oid(curve), 0x04, (uint8_t)(n + 2), 0x04, n };
    return behind(key, der, header, sizeof header, n);
}

bool ec_from_pkcs8(struct bytes *scalar, struct bytes der)
{
    struct reader outer = reader_of(der);
    struct reader info = der_enter(&outer, DER_SEQUENCE);
    (void)der_read_unsigned(&info);                               /* version */
    (void)der_read(&info, DER_SEQUENCE);                          /* algorithm */
    struct reader octets = reader_of(der_read(&info, DER_OCTET_STRING));
    struct reader key = der_enter(&octets, DER_SEQUENCE);
    (void)der_read_unsigned(&key);                                /* version */
    *scalar = der_read(&key, DER_OCTET_STRING);
    return !key.bad && !info.bad && scalar->len > 0;
}
