/* tests/shape.c - feeds decoders with inputs that are cut short or too long. */
#include "tests/shape.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static enum alert decode_exactly(decode_function *decode, struct bytes input)
{
    uint8_t *copy = malloc(input.len ? input.len : 1);
    ck_assert_ptr_nonnull(copy);
    if (input.len > 0)
        memcpy(copy, input.at, input.len);
    enum alert alert = decode(bytes_of(copy, input.len));
    free(copy);
    return alert;
}

void check_decoding(decode_function *decode, struct bytes input, enum alert want)
{
    enum alert got = decode_exactly(decode, input);
    ck_assert_msg(got == want, "%zu bytes: %s, want %s", input.len, alert_name((uint8_t)got),
                  alert_name((uint8_t)want));
}

void check_shape(decode_function *decode, struct bytes good, long whole_too)
{
    check_decoding(decode, good, ALERT_NONE);
    for (size_t n = 0; n < good.len; n++)
        check_decoding(decode, bytes_of(good.at, n),
                       (long)n == whole_too ? ALERT_NONE : ALERT_DECODE_ERROR);
    uint8_t *longer = calloc(1, good.len + 1);
    ck_assert_ptr_nonnull(longer);
    memcpy(longer, good.at, good.len);
    check_decoding(decode, bytes_of(longer, good.len + 1), ALERT_DECODE_ERROR);
    free(longer);
}
