/* tls13/starttls_io.h - the few lines of plain text that come before TLS in SMTP, IMAP and POP3.
 *
 * For trying a server out (`sealtls connect --starttls`); the mail client has its own session. Lines
 * are bounded, and bytes that a server sends behind its consent are refused: they would be taken
 * for protected ones (CVE-2021-38371 and its kin).
 */
#ifndef SEALPOST_TLS13_STARTTLS_IO_H
#define SEALPOST_TLS13_STARTTLS_IO_H

#include <stdbool.h>

/* "smtp", "imap" or "pop3". */
bool starttls_known(const char *protocol);

/* Talks on the blocking socket `fd` until TLS may begin. NULL, or what went wrong. */
const char *starttls(int fd, const char *protocol, int timeout_seconds);

#endif
