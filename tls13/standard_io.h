/* tls13/standard_io.h - the three descriptors that every program takes for granted.
 *
 * Somebody may start us with one of them closed. The next socket or file would then get its number,
 * and what is meant for standard error would be written into a mail or into a connection.
 */
#ifndef SEALPOST_TLS13_STANDARD_IO_H
#define SEALPOST_TLS13_STANDARD_IO_H

/* First thing in main: closed ones of 0, 1 and 2 are opened so that they hold their number; reading
 * and writing still fail on them. */
void standard_descriptors_hold(void);

#endif
