/* tests/shape.h - what every decoder has to do with inputs that are cut short or too long.
 *
 * A test wraps its decoder as a function from input to alert. Inputs are handed over in
 * heap memory of exactly their length, so that a sanitizer sees any byte read beyond them.
 */
#ifndef SEALPOST_TESTS_SHAPE_H
#define SEALPOST_TESTS_SHAPE_H

#include "crypto/bytes.h"
#include "tls13/alert.h"

typedef enum alert decode_function(struct bytes input);

/* Fails the running test unless decoding `input` ends in `want`. */
void check_decoding(decode_function *decode, struct bytes input, enum alert want);

/* `good` decodes; each shorter piece of it, and `good` with one more byte, are decode_error.
 * `whole_too` is the length of a shorter piece that is complete in itself, or NO_OTHER. */
enum { NO_OTHER = -1 };
void check_shape(decode_function *decode, struct bytes good, long whole_too);

#endif
