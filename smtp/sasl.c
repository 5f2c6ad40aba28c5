/* smtp/sasl.c - PLAIN and LOGIN messages, and the base64 they travel in.
 *
 * Implements  RFC 4616 §2, RFC 4648 §4 with §3.2-3.5 (strict), over libsodium, whose coder does not
 *             index or branch on the characters.
 * Secret      every message. Whether it is well-formed, and where its NULs are, is public.
 */
#include "smtp/sasl.h"

#include "crypto/ct.h"
#include "crypto/wipe.h"

#include <sodium.h>

/* In place, because three bytes are written only after their four characters have been read. */
bool sasl_decode(uint8_t *at, size_t len, size_t *out_len)
{
    if (sodium_base642bin(at, len, (const char *)at, len, NULL, out_len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) == 0)
        return true;
    wipe(at, len);
    *out_len = 0;
    return false;
}

void sasl_encode(struct writer *w, struct bytes message)
{
    size_t len = sodium_base64_encoded_len(message.len, sodium_base64_VARIANT_ORIGINAL);
    uint8_t *out = write_space(w, len);
    if (!out)
        return;
    sodium_bin2base64((char *)out, len, message.at, message.len, sodium_base64_VARIANT_ORIGINAL);
    w->len--;                                            /* without the NUL it ends in */
}

bool sasl_field_is_valid(struct bytes field, size_t max)
{
    ct_mask has_nul = 0;
    for (size_t i = 0; i < field.len; i++)
        has_nul |= ct_is_zero(field.at[i]);
    return field.len > 0 && field.len <= max && !ct_verdict(has_nul);
}

static struct bytes read_to_nul(struct reader *r)
{
    size_t n = 0;
    while (n < r->rest.len && !ct_verdict(ct_is_zero(r->rest.at[n])))
        n++;
    struct bytes field = read_bytes(r, n);
    read_u8(r);
    return field;
}

bool sasl_plain_decode(struct sasl_plain *out, struct bytes message)
{
    struct reader r = reader_of(message);
    out->authorization = read_to_nul(&r);
    out->user = read_to_nul(&r);
    out->password = r.rest;
    return !r.bad && out->authorization.len <= SASL_USER_MAX
        && sasl_field_is_valid(out->user, SASL_USER_MAX)
        && sasl_field_is_valid(out->password, SASL_PASSWORD_MAX);
}

bool sasl_plain_write(struct writer *w, struct bytes user, struct bytes password)
{
    uint8_t message[SASL_PLAIN_MAX];
    struct writer m = writer_of(message, sizeof message);
    bool valid = sasl_field_is_valid(user, SASL_USER_MAX)
              && sasl_field_is_valid(password, SASL_PASSWORD_MAX);
    if (valid) {
        write_u8(&m, 0);
        write_bytes(&m, user);
        write_u8(&m, 0);
        write_bytes(&m, password);
        sasl_encode(w, writer_bytes(&m));
    }
    wipe(message, sizeof message);
    return valid && writer_done(w);
}
