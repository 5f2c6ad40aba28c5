/* tests/bogo/witness.c - what the peer said, and the traffic secrets. */
#include "tests/bogo/witness.h"

#include <string.h>

enum { HEADER_LEN = 4 };

static void keep_message(struct witnessed *kept, struct bytes message)
{
    kept->len = message.len <= sizeof kept->byte ? message.len : 0;
    if (kept->len > 0)
        memcpy(kept->byte, message.at, kept->len);
}

/* RFC 8446 §4.6.1: ticket_age_add stands behind ticket_lifetime. */
static void see_message(struct witness *w, enum direction direction, struct bytes message)
{
    if (direction == RECEIVED && message.at[0] == CLIENT_HELLO)
        keep_message(&w->client_hello, message);
    if (direction == RECEIVED && message.at[0] == CERTIFICATE_REQUEST)
        keep_message(&w->certificate_request, message);
    if (direction == RECEIVED && message.at[0] == CERTIFICATE)
        keep_message(&w->certificate, message);
    if (direction == RECEIVED && message.at[0] == NEW_SESSION_TICKET)
        keep_message(&w->ticket, message);
    if (direction == SENT && message.at[0] == NEW_SESSION_TICKET)
        w->ticket_age_add = load_be32(message.at + HEADER_LEN + 4);
}

static void see_secret(struct witness *w, const char *label, struct bytes secret)
{
    struct traffic *kept = strcmp(label, "c ap traffic") == 0 ? &w->client_secret
                         : strcmp(label, "s ap traffic") == 0 ? &w->server_secret : NULL;
    if (!kept)
        return;
    memcpy(kept->byte, secret.at, secret.len);
    kept->len = secret.len;
}

static void see(void *context, const struct observation *what)
{
    if (what->kind == OBSERVE_MESSAGE)
        see_message(context, what->direction, what->bytes);
    if (what->kind == OBSERVE_SECRET)
        see_secret(context, what->label, what->bytes);
}

struct observer witness_observer(struct witness *w)
{
    return (struct observer){ see, w };
}

static struct bytes extension_block(const struct witness *w)
{
    const struct witnessed *kept = w->server ? &w->client_hello : &w->certificate_request;
    struct reader r = reader_of(bytes_of(kept->byte, kept->len));
    read_bytes(&r, HEADER_LEN);
    if (w->server) {                         /* RFC 8446 §4.1.2 */
        read_bytes(&r, 2 + HELLO_RANDOM_LEN);
        read_vec8(&r, 0);
        read_vec16(&r, 0);
    }
    read_vec8(&r, 0);                        /* compression methods; §4.3.2: the context */
    return read_vec16(&r, 0);
}

struct bytes witness_extension(const struct witness *w, uint16_t type)
{
    struct bytes body;
    return extensions_find(&body, extension_block(w), type) ? body : bytes_of(NULL, 0);
}

/* RFC 8446 §4.4.2 */
struct bytes witness_leaf(const struct witness *w)
{
    struct reader r = reader_of(bytes_of(w->certificate.byte, w->certificate.len));
    read_bytes(&r, HEADER_LEN);
    read_vec8(&r, 0);
    struct reader list = reader_of(read_vec24(&r, 0));
    return read_vec24(&list, 1);
}

/* RFC 8446 §4.6.1 */
uint32_t witness_max_early_data(const struct witness *w)
{
    struct reader r = reader_of(bytes_of(w->ticket.byte, w->ticket.len));
    struct bytes body;
    read_bytes(&r, HEADER_LEN + 4 + 4);
    read_vec8(&r, 0);
    read_vec16(&r, 0);
    return extensions_find(&body, read_vec16(&r, 0), EXT_EARLY_DATA) && body.len == 4
               ? load_be32(body.at) : 0;
}

/* RFC 6066 §3: the one name in the list. */
struct bytes witness_server_name(const struct witness *w)
{
    struct bytes name;
    struct fault fault;
    return decode_server_name(&name, &fault, witness_extension(w, EXT_SERVER_NAME)) == ALERT_NONE
               ? name : bytes_of(NULL, 0);
}

uint32_t witness_ticket_age(const struct witness *w, uint32_t ticket_age_add)
{
    struct reader r = reader_of(witness_extension(w, EXT_PRE_SHARED_KEY));
    struct reader identities = reader_of(read_vec16(&r, 0));
    read_vec16(&identities, 0);
    return read_u32(&identities) - ticket_age_add;
}
