/* smtp/submit_io.h - hands one message to a submission server: connects, secures, sends.
 *
 * Blocking, with a limit of time on every step. All that is decided about the mail is decided by
 * smtp/client.c, all about TLS by tls13/; here are the socket, the file and the words for the user.
 */
#ifndef SEALPOST_SMTP_SUBMIT_IO_H
#define SEALPOST_SMTP_SUBMIT_IO_H

#include "tls13/channel_io.h"
#include "smtp/client.h"

#include <stdio.h>

struct submit_settings {
    const char *host, *port;                 /* whom to connect to; every address is tried */
    const struct tls_config *tls;
    const struct smtp_client_settings *smtp;
    FILE *message;                           /* read from its beginning */
    unsigned timeout;                        /* seconds for each step; 0: each step's own */
};

struct submit_result {
    enum smtp_exit exit_code;
    char reason[SMTP_REASON_MAX + 512];      /* "" if the message was taken */
    char reply[REPLY_TEXT_MAX + 1];          /* the server's last words */
    bool nobody_asked;                       /* the message or an address cannot be sent at all */
    char address[64];                        /* that was connected to; "" if none */
    bool secure;                             /* the handshake was completed: */
    struct tls_facts facts;                  /*   its names are static; its views are not set */
    uint64_t bytes_in, bytes_out;            /* on the wire */
    unsigned handshake_ms, total_ms;
    const char *mechanism;                   /* of AUTH; NULL: none */
};

void submit(struct submit_result *out, const struct submit_settings *settings);

#endif
