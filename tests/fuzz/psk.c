/* tests/fuzz/psk.c - what PSKs come in, and any bytes in its place (libFuzzer).
 *
 * Input: one byte that says what the rest is: a pre_shared_key extension, a ticket, a genuine
 * ticket with bytes changed (offset, value), or a stored session.
 * What may never be: a list whose parts do not add up, a ticket that opens and is not the one that
 * was sealed, a session that is good for ever.
 */
#include "tls13/psk.h"
#include "tls13/session.h"
#include "tls13/ticket.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { NOW = 1790000000 };

static void must(bool what)
{
    if (!what)
        abort();
}

static bool fill(void *context, uint8_t *out, size_t len)
{
    (void)context;
    memset(out, 0x3c, len);
    return true;
}

static const struct random_source random_source = { fill, NULL };

static void offered(struct bytes body)
{
    struct offered_psks o;
    struct fault fault;
    bool dhe;
    (void)decode_psk_modes(&dhe, &fault, body);
    if (decode_offered_psks(&o, &fault, body) != ALERT_NONE)
        return;
    struct reader identities = reader_of(o.identities), binders = reader_of(o.binders);
    for (size_t i = 0; i < o.count; i++) {
        must(read_psk_identity(&identities).identity.len > 0);
        must(read_psk_binder(&binders).len >= PSK_BINDER_MIN);
    }
    must(reader_done(&identities) && reader_done(&binders));
    must(o.count > 0 && o.binders_len == o.binders.len + 2);
    must(o.identities.len + 2 + o.binders_len == body.len);
}

static void ticket(struct bytes body)
{
    struct ticket_keys keys;
    struct ticket out;
    must(ticket_keys_make(&keys, &random_source, 3600, NOW));
    must(!ticket_open(&keys, &out, body, NOW));
}

static void changed_ticket(struct bytes changes)
{
    struct ticket_keys keys;
    struct ticket out, in = { .hash = &hash_sha256, .issued = NOW, .lifetime = 3600,
                              .authenticated_until = NOW + 3600 };
    uint8_t sealed[TICKET_MAX], genuine[TICKET_MAX];
    size_t len;
    must(ticket_keys_make(&keys, &random_source, 3600, NOW));
    must(ticket_seal(&keys, sealed, &len, &in, NOW));
    memcpy(genuine, sealed, len);
    for (size_t i = 0; i + 1 < changes.len; i += 2)
        sealed[changes.at[i] % len] ^= changes.at[i + 1];
    bool same = memcmp(sealed, genuine, len) == 0;
    must(ticket_open(&keys, &out, bytes_of(sealed, len), NOW) == same);
}

static void stored(struct bytes body)
{
    static struct tls_session in;
    static struct tls_config config;
    struct session s;
    in.len = (uint16_t)(body.len < sizeof in.bytes ? body.len : sizeof in.bytes);
    if (in.len > 0)
        memcpy(in.bytes, body.at, in.len);
    config.s.algorithms = &algorithms_default;
    if (session_decode(&s, &in) && session_fits(&s, &config, NOW))
        must(!session_fits(&s, &config, NOW + TICKET_LIFETIME_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static void (*const targets[])(struct bytes) = { offered, ticket, changed_ticket, stored };
    if (len > 0)
        targets[data[0] % COUNT(targets)](bytes_of(data + 1, len - 1));
    return 0;
}
