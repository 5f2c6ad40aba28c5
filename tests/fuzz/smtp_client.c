/* tests/fuzz/smtp_client.c - any bytes as a server's side of a session (libFuzzer).
 *
 * The first byte chooses: bit 0 implicit TLS, bit 1 no user, the rest the size of pieces. What may
 * never be: AUTH, MAIL or content written before TLS; a reason that is not one printable line, or
 * that holds the password; success without a 2xx to the final dot.
 */
#include "smtp/client.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct smtp_client c;
static struct smtp_client_settings settings;
static struct smtp_client_recipient to[2];
static const char message[] = "X: y\r\n\r\n.z\n";

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool holds(const struct writer *w, const char *text)
{
    return memmem(w->at, w->len, text, strlen(text)) != NULL;
}

static void check_text(const char *text)
{
    for (; *text; text++)
        check(*text >= 0x20 && *text <= 0x7e);
}

static bool act(enum smtp_client_event event, struct writer *out, bool more)
{
    switch (event) {
    case SMTP_CLIENT_STARTTLS: smtp_client_tls(&c); return true;
    case SMTP_CLIENT_MESSAGE:
        smtp_client_message(&c, bytes_of(message, sizeof message - 1), out);
        check(smtp_client_message_end(&c, out));
        return true;
    case SMTP_CLIENT_WANTS_OUTPUT: return true;
    case SMTP_CLIENT_WANTS_INPUT:  return more;
    case SMTP_CLIENT_DONE:
    case SMTP_CLIENT_FAILED:       return false;
    }
    abort();
}

static bool feed(struct bytes in)
{
    bool go_on = true;
    enum smtp_client_event event = SMTP_CLIENT_WANTS_INPUT;
    while (go_on) {
        uint8_t space[4096];
        struct writer out = writer_of(space, sizeof space);
        size_t used;
        bool was_clear = !c.tls;
        event = smtp_client_step(&c, in, &used, &out);
        check(used <= in.len && writer_done(&out));
        check(!was_clear || !(holds(&out, "AUTH") || holds(&out, "MAIL") || holds(&out, "DATA")));
        in = used ? bytes_of(in.at + used, in.len - used) : in;
        go_on = act(event, &out, in.len > 0);
    }
    check(event != SMTP_CLIENT_DONE || (c.exit_code == 0 && c.code / 100 == 2));
    check(event != SMTP_CLIENT_FAILED || c.exit_code != 0);
    return event == SMTP_CLIENT_WANTS_INPUT;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct data_scan scan;
    if (len < 1)
        return 0;
    data_scan_start(&scan);
    data_scan(&scan, bytes_of(message, sizeof message - 1));
    data_scan_end(&scan);
    to[0].address = to[1].address = bytes_of_string("a@b.test");
    settings = (struct smtp_client_settings){
        .ehlo_name = "client.test", .implicit_tls = data[0] & 1,
        .user = bytes_of_string(data[0] & 2 ? "" : "user"),
        .password = bytes_of_string("pass word"), .sender = bytes_of_string("a@b.test"),
        .recipients = to, .recipient_count = 2, .message = &scan,
    };
    size_t piece = data[0] >> 2 ? data[0] >> 2 : len;
    bool open = true;
    check(smtp_client_start(&c, &settings));
    for (size_t at = 1; at < len && open; at += piece)
        open = feed(bytes_of(data + at, len - at < piece ? len - at : piece));
    smtp_client_end(&c, len % 2);
    check(!feed(bytes_of(NULL, 0)));
    check_text(c.reason);
    check_text(c.reply_text);
    check_text(to[1].text);
    return 0;
}
