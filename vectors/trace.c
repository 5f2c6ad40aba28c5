/* vectors/trace.c - the traces of RFC 8448: key schedule and record layer, step by step.
 *
 * All traces use TLS_AES_128_GCM_SHA256, so SHA-256 and AES-128-GCM stand here as constants.
 */
#include "vectors/trace.h"

#include <stdio.h>
#include <string.h>

static const char HASH[] = "SHA-256", AEAD[] = "AES-128-GCM";
enum { CLIENT, SERVER, HASH_LEN = 32, KEY_LEN = 16, IV_LEN = 12 };
enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

struct trace {
    struct file *f;
    const struct step *steps, *now;
    size_t count;
    struct { bool on; struct bytes secret; int64_t sequence; } write[2];
    size_t records[2];                   /* sent by each side */
    bool x25519;                         /* the key pairs made last are of that, or of P-256 */
    struct bytes public[2], private[2];
};

/* The RFC's field names have spaces, and those of our own files underscores. */
static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '_' && *b == ' ') && !(*a == ' ' && *b == '_'))
            return false;
    return *a == *b;
}

static bool step_has(const struct step *s, const char *name)
{
    for (size_t i = 0; i < s->field_count; i++)
        if (same_name(s->field[i].name, name))
            return true;
    return false;
}

static struct bytes field(struct trace *t, const char *name)
{
    const struct step *s = t->now;
    for (size_t i = 0; i < s->field_count; i++)
        if (same_name(s->field[i].name, name))
            return s->field[i].value;
    file_error(t->f, s->action, arena_print(&t->f->arena, "no field \"%s\"", name));
    return bytes_of("", 0);
}

static bool action_has(const struct step *s, const char *words)
{
    return strstr(s->action, words) != NULL;
}

/* ---- transcript (RFC 8446 §4.4.1) ---- */

static bool is_message(const struct step *s)
{
    return action_has(s, "construct a") && s->field_count > 0 && s->field[0].value.len >= 4
        && s->field[0].value.at[0] != 4;                     /* NewSessionTicket is no part of it */
}

/* A ClientHello with a PSK is stated without its binders; the record that sends it has them. */
static struct bytes message_at(const struct trace *t, size_t i)
{
    struct bytes stated = t->steps[i].field[0].value;
    size_t len = 4 + (size_t)(stated.at[1] << 16 | stated.at[2] << 8 | stated.at[3]);
    for (; stated.len < len && i < t->count; i++) {
        struct bytes sent = t->steps[i].field[0].value;
        if (action_has(&t->steps[i], "send handshake") && sent.len >= len
            && bytes_equal_public(bytes_of(sent.at, stated.len), stated))
            return bytes_of(sent.at, len);
    }
    return stated;
}

/* RFC 8446 §4.1.3: the random of a ServerHello that is a HelloRetryRequest begins so. */
static bool is_hello_retry_request(struct bytes message)
{
    static const uint8_t random[] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11 };
    return message.len > 6 + sizeof random && message.at[0] == 2
        && memcmp(message.at + 6, random, sizeof random) == 0;
}

static void hash_request(struct request *q, struct bytes message)
{
    *q = (struct request){ .operation = "hash" };
    request_word(q, "algorithm", HASH);
    request_bytes(q, "message", message);
}

/* The messages before step `end`, as they are hashed. False if the subject does not hash. */
static bool transcript(struct trace *t, size_t end, struct bytes *out)
{
    size_t room = HASH_LEN + 4, len = 0;
    for (size_t i = 0; i < end; i++)
        room += is_message(&t->steps[i]) ? message_at(t, i).len : 0;
    uint8_t *all = arena_take(&t->f->scratch, room);
    for (size_t i = 0; i < end; i++) {
        if (!is_message(&t->steps[i]))
            continue;
        struct bytes message = message_at(t, i);
        if (is_hello_retry_request(message)) {
            struct request q;
            struct bytes first;
            hash_request(&q, bytes_of(all, len));
            if (!value_of(t->f, &first, &q) || first.len != HASH_LEN)
                return false;
            memcpy(all, (uint8_t[]){ 254, 0, 0, HASH_LEN }, 4);       /* message_hash */
            memcpy(all + 4, first.at, HASH_LEN);
            len = 4 + HASH_LEN;
        }
        memcpy(all + len, message.at, message.len);
        len += message.len;
    }
    *out = bytes_of(all, len);
    return true;
}

/* Does this step state a transcript hash? */
static bool states_transcript(const struct step *s)
{
    return action_has(s, "derive secret") && !action_has(s, "tls13 derived")
        && step_has(s, "hash");
}

static void check_transcript(struct trace *t, size_t end, struct bytes want)
{
    struct request q;
    struct bytes all;
    if (!transcript(t, end, &all))
        return;
    hash_request(&q, all);
    check(t->f, &q, &want, 1);
}

/* A message is right if the next transcript hash that is stated comes out with it. */
static void on_message(struct trace *t)
{
    size_t from = (size_t)(t->now - t->steps);
    for (size_t i = from; i < t->count && is_message(t->now); i++)
        if (states_transcript(&t->steps[i])) {
            const struct step *message = t->now;
            t->now = &t->steps[i];
            struct bytes want = field(t, "hash");
            t->now = message;
            check_transcript(t, i, want);
            return;
        }
    case_skip(t->f, "trace: a message that is part of no transcript hash");
}

/* ---- keys ---- */

static void agreement_request(struct trace *t, struct request *q, const char *xdh, const char *ec)
{
    *q = (struct request){ .operation = t->x25519 ? xdh : ec };
    request_word(q, "curve", t->x25519 ? "X25519" : "P-256");
}

static void on_key_pair(struct trace *t)
{
    struct request q;
    struct bytes public = field(t, "public key"), private = field(t, "private key");
    t->x25519 = action_has(t->now, "x25519");
    t->public[t->now->server] = public;
    t->private[t->now->server] = private;
    agreement_request(t, &q, "xdh-public", "ec-public");
    request_bytes(&q, "private", private);
    check(t->f, &q, &public, 1);
}

/* The input of "handshake" is what both key pairs agree on. */
static void on_extract(struct trace *t)
{
    struct request q = { .operation = "hkdf-extract" }, agree;
    struct bytes ikm = field(t, "IKM"), secret = field(t, "secret");
    request_word(&q, "hash", HASH);
    request_bytes(&q, "salt", field(t, "salt"));
    request_bytes(&q, "ikm", ikm);
    check(t->f, &q, &secret, 1);
    for (int side = CLIENT; action_has(t->now, "handshake") && side <= SERVER; side++) {
        agreement_request(t, &agree, "xdh", "ecdh");
        request_bytes(&agree, "private", t->private[side]);
        request_bytes(&agree, "public", t->public[!side]);
        check(t->f, &agree, &ikm, 1);
    }
}

/* HKDF-Expand with the whole HkdfLabel that the trace states; and, for a subject that has it,
 * HKDF-Expand-Label with its parts, so that the encoding of HkdfLabel is checked as well. */
static void check_expand(struct trace *t, const char *label, struct bytes context,
                         struct bytes info, struct bytes want)
{
    struct request q = { .operation = "hkdf-expand" };
    struct request by_label = { .operation = "tls13-expand-label" };
    request_word(&q, "hash", HASH);
    request_bytes(&q, "prk", field(t, "PRK"));
    request_bytes(&q, "info", info);
    request_number(&q, "length", (int64_t)want.len);
    check(t->f, &q, &want, 1);
    request_word(&by_label, "hash", HASH);
    request_bytes(&by_label, "secret", field(t, "PRK"));
    request_bytes(&by_label, "label", bytes_of_string(label));
    request_bytes(&by_label, "context", context);
    request_number(&by_label, "length", (int64_t)want.len);
    if (offered(t->f, &by_label))
        check(t->f, &by_label, &want, 1);
}

/* The label stands in the action: derive secret "tls13 c hs traffic" */
static void on_derive(struct trace *t)
{
    char label[32] = "";
    const char *quoted = strstr(t->now->action, "\"tls13 ");
    if (!quoted || sscanf(quoted, "\"tls13 %31[^\"]", label) != 1) {
        file_error(t->f, t->now->action, "no label in the action");
        return;
    }
    check_expand(t, label, field(t, "hash"), field(t, "info"), field(t, "expanded"));
    if (states_transcript(t->now))
        check_transcript(t, (size_t)(t->now - t->steps), field(t, "hash"));
}

static void check_hmac(struct trace *t, struct bytes key, struct bytes message, struct bytes want)
{
    struct request q = { .operation = "hmac" };
    request_word(&q, "hash", HASH);
    request_bytes(&q, "key", key);
    request_bytes(&q, "message", message);
    check_mac(t->f, &q, want);
}

/* RFC 8446 §4.4.4: the HMAC, under the key expanded, of the transcript so far. */
static void on_finished(struct trace *t)
{
    struct request q;
    struct bytes all, digest;
    check_expand(t, "finished", field(t, "hash"), field(t, "info"), field(t, "expanded"));
    if (!transcript(t, (size_t)(t->now - t->steps), &all))
        return;
    hash_request(&q, all);
    if (value_of(t->f, &digest, &q))
        check_hmac(t, field(t, "expanded"), digest, field(t, "finished"));
}

/* RFC 8446 §4.2.11.2: the same over a ClientHello without its binders. */
static void on_binder(struct trace *t)
{
    struct request q;
    struct bytes digest = field(t, "binder hash");
    hash_request(&q, field(t, "ClientHello prefix"));
    check(t->f, &q, &digest, 1);
    check_expand(t, "finished", field(t, "hash"), field(t, "info"), field(t, "expanded"));
    check_hmac(t, field(t, "expanded"), digest, field(t, "finished"));
}

/* "read" keys are the other side's writing keys. */
static void on_traffic_keys(struct trace *t)
{
    struct bytes none = { (const uint8_t *)"", 0 };
    int writer = t->now->server == action_has(t->now, "write") ? SERVER : CLIENT;
    check_expand(t, "key", none, field(t, "key info"), field(t, "key expanded"));
    check_expand(t, "iv", none, field(t, "iv info"), field(t, "iv expanded"));
    t->write[writer].on = true;
    t->write[writer].secret = field(t, "PRK");
    t->write[writer].sequence = 0;
}

/* ---- records ---- */

static int64_t content_type(const struct step *s)
{
    return action_has(s, "change_cipher_spec") ? CHANGE_CIPHER_SPEC
         : action_has(s, "alert") ? ALERT
         : action_has(s, "handshake") ? HANDSHAKE : APPLICATION_DATA;
}

/* RFC 8446 §5.1: only the first ClientHello's record may say 0x0301; change_cipher_spec is never
 * protected. */
static void on_record(struct trace *t)
{
    int side = t->now->server ? SERVER : CLIENT;
    struct bytes want = field(t, "complete record");
    int64_t type = content_type(t->now);
    bool protected = t->write[side].on && type != CHANGE_CIPHER_SPEC;
    struct request q = { .operation = protected ? "tls13-record" : "tls13-plaintext-record" };
    if (protected) {
        request_word(&q, "algorithm", AEAD);
        request_word(&q, "hash", HASH);
        request_bytes(&q, "secret", t->write[side].secret);
        request_number(&q, "sequence", t->write[side].sequence++);
    } else {
        request_number(&q, "version", side == CLIENT && t->records[side] == 0 ? 0x0301 : 0x0303);
    }
    request_number(&q, "type", type);
    request_bytes(&q, "content", field(t, "payload"));
    t->records[side]++;
    check(t->f, &q, &want, 1);
}

/* ---- the whole ---- */

static const struct { const char *action; void (*run)(struct trace *t); } kinds[] = {
    { "create an ephemeral",  on_key_pair     },
    { "construct a",          on_message      },
    { "extract secret",       on_extract      },
    { "derive secret",        on_derive       },
    { "generate resumption",  on_derive       },
    { "derive write traffic", on_traffic_keys },
    { "derive read traffic",  on_traffic_keys },
    { "calculate finished",   on_finished     },
    { "calculate PSK binder", on_binder       },
    { "send ",                on_record       },
};

static void run_step(struct trace *t)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strncmp(t->now->action, kinds[i].action, strlen(kinds[i].action)) == 0) {
            kinds[i].run(t);
            return;
        }
    case_skip(t->f, "trace: a step that states no derived value");
}

void trace_run(struct file *f, const char *prefix, const struct step *steps, size_t count)
{
    struct trace t = { .f = f, .steps = steps, .count = count };
    char id[64];
    for (size_t i = 0; i < count && !f->error; i++) {
        t.now = &steps[i];
        snprintf(id, sizeof id, "%s%zu", prefix, i + 1);
        int action_len = (int)strcspn(t.now->action, ":");
        if (!case_begin(f, id, arena_print(&f->arena, "%s: %.*s",
                                           t.now->server ? "server" : "client",
                                           action_len > 100 ? 100 : action_len, t.now->action),
                        EXPECT_VALID))
            continue;
        run_step(&t);
        if (!f->error)
            case_end(f);
    }
}
