/* tests/editor.c - the editing peer. */
#include "tests/editor.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { HEADER_LEN = 4 };

size_t unhex(uint8_t *out, size_t cap, const char *hex)
{
    size_t n = 0;
    for (const char *h = hex ? hex : ""; *h;) {
        unsigned byte;
        if (*h == ' ') {
            h++;
            continue;
        }
        if (sscanf(h, "%2x", &byte) != 1 || !h[1] || n >= cap)
            ck_abort_msg("not hex, or too long: %s", hex);
        out[n++] = (uint8_t)byte;
        h += 2;
    }
    return n;
}

unsigned type_of_message(struct bytes message)
{
    bool retry = message.at[0] == SERVER_HELLO && message.len >= 6 + HELLO_RANDOM_LEN
              && memcmp(message.at + 6, hello_retry_random, HELLO_RANDOM_LEN) == 0;
    return retry ? HELLO_RETRY_REQUEST : message.at[0];
}

/* ---- one message ---- */

/* A message in room of its own, and how to cut and paste in it. */
struct text { uint8_t *at; size_t len, cap; };

static void splice(struct text *t, size_t at, size_t remove, struct bytes with)
{
    if (at + remove > t->len || t->len - remove + with.len > t->cap)
        ck_abort_msg("an edit outside of the message");
    memmove(t->at + at + with.len, t->at + at + remove, t->len - at - remove);
    if (with.len > 0)
        memcpy(t->at + at, with.at, with.len);
    t->len = t->len - remove + with.len;
}

/* Adds `delta` to the length of `bytes` bytes at `at`. */
static void adjust(struct text *t, size_t at, unsigned bytes, size_t delta)
{
    for (unsigned i = bytes; i-- > 0;) {
        delta += t->at[at + i];
        t->at[at + i] = (uint8_t)delta;
        delta >>= 8;
    }
}

static void fix_header(struct text *t)
{
    size_t body = t->len - HEADER_LEN;
    t->at[1] = (uint8_t)(body >> 16);
    store_be16(t->at + 2, (uint16_t)body);
}

static size_t load24(const uint8_t *in)
{
    return (size_t)in[0] << 16 | load_be16(in + 1);
}

/* Where things are in a hello: offsets into the message. */
enum { SESSION_ID_AT = HEADER_LEN + 2 + HELLO_RANDOM_LEN };

static size_t suites_at(const struct text *t)
{
    return SESSION_ID_AT + 1u + t->at[SESSION_ID_AT];
}

static size_t compression_at(const struct text *t)
{
    size_t at = suites_at(t);
    return at + 2u + (t->at[0] == CLIENT_HELLO ? load_be16(t->at + at) : 0);
}

/* The u16 length of the extension block (of the first entry, in a Certificate). */
static size_t block_at(const struct text *t)
{
    switch (t->at[0]) {
    case CLIENT_HELLO:
        return compression_at(t) + 1u + t->at[compression_at(t)];
    case SERVER_HELLO:
        return compression_at(t) + 1;
    case ENCRYPTED_EXTENSIONS:
        return HEADER_LEN;
    case CERTIFICATE_REQUEST:
        return HEADER_LEN + 1u + t->at[HEADER_LEN];
    case NEW_SESSION_TICKET: {
        size_t ticket = HEADER_LEN + 4 + 4 + 1u + t->at[HEADER_LEN + 8];
        return ticket + 2 + load_be16(t->at + ticket);
    }
    case CERTIFICATE: {
        size_t entry = HEADER_LEN + 1u + t->at[HEADER_LEN] + 3u;
        return entry + 3 + load24(t->at + entry);
    }
    default:
        ck_abort_msg("no extensions in message %d", t->at[0]);
        return 0;
    }
}

/* Replaces bytes inside the extension block, with all the lengths around them. */
static void splice_block(struct text *t, size_t at, size_t remove, struct bytes with)
{
    size_t block = block_at(t);
    size_t delta = with.len - remove;                    /* modulo 2^64, as adjust adds */
    splice(t, at, remove, with);
    adjust(t, block, 2, delta);
    if (t->at[0] == CERTIFICATE)
        adjust(t, HEADER_LEN + 1u + t->at[HEADER_LEN], 3, delta);
    fix_header(t);
}

/* Offset and whole length of an extension; at the end of the block and 0 if there is none. */
static size_t find_extension(const struct text *t, size_t type, size_t *len)
{
    size_t at = block_at(t) + 2;
    size_t end = at + load_be16(t->at + at - 2);
    for (; at < end; at += *len) {
        *len = 4u + load_be16(t->at + at + 2);
        if (load_be16(t->at + at) == type)
            return at;
    }
    *len = 0;
    return end;
}

static struct bytes extension(uint8_t *out, size_t type, struct bytes body)
{
    store_be16(out, (uint16_t)type);
    store_be16(out + 2, (uint16_t)body.len);
    if (body.len > 0)
        memcpy(out + 4, body.at, body.len);
    return bytes_of(out, 4 + body.len);
}

static void edit_extension(struct text *t, const struct edit *e, struct bytes with)
{
    uint8_t whole[16384];
    size_t len, at = find_extension(t, e->at, &len);
    struct bytes made = extension(whole, e->at, with);
    switch (e->kind) {
    case EDIT_SET_EXTENSION:
        splice_block(t, at, len, made);
        break;
    case EDIT_ADD_EXTENSION:
        splice_block(t, find_extension(t, 0x10000, &len), 0, made);
        break;
    case EDIT_FIRST_EXTENSION:
        splice_block(t, block_at(t) + 2, 0, made);
        break;
    case EDIT_REMOVE_EXTENSION:
        ck_assert_msg(len > 0, "no extension %zu to remove", e->at);
        splice_block(t, at, len, bytes_of(NULL, 0));
        break;
    default:
        splice_block(t, block_at(t) + 2, load_be16(t->at + block_at(t)), with);
        break;
    }
}

/* The inside of a vector with a length of `bytes` bytes. */
static void set_vector(struct text *t, size_t at, unsigned bytes, struct bytes with)
{
    size_t len = bytes == 1 ? t->at[at] : load_be16(t->at + at);
    splice(t, at + bytes, len, with);
    adjust(t, at, bytes, with.len - len);
    fix_header(t);
}

static void edit_field(struct text *t, const struct edit *e, struct bytes with)
{
    bool client = t->at[0] == CLIENT_HELLO;
    if (e->kind == EDIT_SESSION_ID)
        set_vector(t, SESSION_ID_AT, 1, with);
    else if (e->kind == EDIT_SUITES && client)
        set_vector(t, suites_at(t), 2, with);
    else if (e->kind == EDIT_SUITES)
        memcpy(t->at + suites_at(t), with.at, 2);
    else if (client)
        set_vector(t, compression_at(t), 1, with);
    else
        t->at[compression_at(t)] = with.at[0];
}

size_t edit_message(const struct edit *e, uint8_t *message, size_t len, size_t cap)
{
    static uint8_t scratch[70000];
    struct text t = { message, len, cap };
    struct bytes with = bytes_of(scratch, unhex(scratch, sizeof scratch, e->with));
    switch (e->kind) {
    case EDIT_NOTHING:
    case EDIT_SWAP:
        return len;
    case EDIT_FLIP:
        message[e->at / 8] ^= (uint8_t)(1 << e->at % 8);
        return len;
    case EDIT_DROP:
        return 0;
    case EDIT_REPEAT:
        memcpy(scratch, message, len);
        splice(&t, len, 0, bytes_of(scratch, len));
        return t.len;
    case EDIT_CUT:
        return e->at;
    case EDIT_KEEP:
        t.len = HEADER_LEN + e->at;
        break;
    case EDIT_INSERT:
        splice(&t, HEADER_LEN + e->at, 0, with);
        break;
    case EDIT_APPEND:
        splice(&t, len, 0, with);
        break;
    case EDIT_OVERWRITE:
        memcpy(message + HEADER_LEN + e->at, with.at, with.len);
        break;
    case EDIT_BODY:
        splice(&t, HEADER_LEN, len - HEADER_LEN, with);
        break;
    case EDIT_BEFORE:
        splice(&t, 0, 0, with);
        return t.len;
    case EDIT_BEHIND:
        splice(&t, len, 0, with);
        return t.len;
    case EDIT_SESSION_ID:
    case EDIT_SUITES:
    case EDIT_COMPRESSION:
        edit_field(&t, e, with);
        break;
    default:
        edit_extension(&t, e, with);
        break;
    }
    fix_header(&t);
    return t.len;
}

/* ---- at the sender ---- */

static size_t misbehave_once(void *context, uint8_t *message, size_t len, size_t cap)
{
    struct misbehaving *m = context;
    if (type_of_message(bytes_of(message, len)) != m->edit->message
        || m->seen++ != m->edit->nth)
        return len;
    m->done = true;
    for (size_t i = 0; i < m->count && len > 0; i++)
        len = edit_message(&m->edit[i], message, len, cap);
    return len;
}

void misbehave(struct misbehaving *m, const struct edit *edit, size_t count)
{
    *m = (struct misbehaving){ .edit = edit, .count = count, .editor = { misbehave_once, m } };
}

/* ---- in the middle ---- */

void plain_for(struct pair *p, unsigned to, uint8_t type, struct bytes content)
{
    static uint8_t record[TLS_RECORD_MAX];
    size_t n = record_write_plaintext(record, type, VERSION_TLS12, content);
    end_deliver(&p->end[to], p->setup.bite, bytes_of(record, n));
}

void seal_for(struct pair *p, unsigned to, uint8_t type, struct bytes content, size_t padding)
{
    static uint8_t record[TLS_RECORD_MAX];
    struct record_keys *keys = &p->end[to].tap.keys[RECEIVED];
    if (!keys->aead) {                                   /* it could not be opened anyway */
        plain_for(p, to, APPLICATION_DATA, content);
        return;
    }
    size_t n = record_seal(keys, record, type, content, padding);
    end_deliver(&p->end[to], p->setup.bite, bytes_of(record, n));
}

void hex_for(struct pair *p, unsigned to, uint8_t type, const char *hex)
{
    uint8_t content[2048];
    seal_for(p, to, type, bytes_of(content, unhex(content, sizeof content, hex)), 0);
}

static uint8_t *arena_room(struct middle *m, size_t len)
{
    if (m->arena_len + len > sizeof m->arena)
        ck_abort_msg("the arena is full");
    m->arena_len += len;
    return m->arena + m->arena_len - len;
}

static void add_item(struct middle *m, struct items *items, uint8_t type, bool protected,
                     struct bytes content)
{
    uint8_t *copy = arena_room(m, content.len);
    if (items->count == ITEMS_MAX)
        ck_abort_msg("too many items");
    if (content.len > 0)
        memcpy(copy, content.at, content.len);
    items->item[items->count++] = (struct item){ type, protected, bytes_of(copy, content.len) };
}

/* Handshake records become whole messages; others are items of their own. */
static void collect(struct middle *m, unsigned from, struct items *items)
{
    struct tap *tap = &m->pair->end[from].tap;
    uint8_t *pending = m->pending[from];
    size_t *len = &m->pending_len[from];
    for (size_t i = 0; i < tap->record_count; i++) {
        const struct sent_record *r = &tap->record[i];
        if (r->type != HANDSHAKE) {
            add_item(m, items, r->type, r->protected, r->content);
            continue;
        }
        if (*len + r->content.len > sizeof m->pending[0])
            ck_abort_msg("a message longer than a middle can hold");
        memcpy(pending + *len, r->content.at, r->content.len);
        *len += r->content.len;
        while (*len >= HEADER_LEN && *len >= HEADER_LEN + load24(pending + 1)) {
            size_t n = HEADER_LEN + load24(pending + 1);
            add_item(m, items, HANDSHAKE, r->protected, bytes_of(pending, n));
            memmove(pending, pending + n, *len - n);
            *len -= n;
        }
    }
    tap->record_count = tap->arena_len = 0;
}

/* With the next handshake message behind it, if there is one. */
static bool swap_with_next(struct items *items, size_t i)
{
    for (size_t j = i + 1; j < items->count; j++)
        if (items->item[j].type == HANDSHAKE) {
            struct item other = items->item[j];
            items->item[j] = items->item[i];
            items->item[i] = other;
            return true;
        }
    return false;
}

static void edit_items(struct middle *m, struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        struct item *item = &items->item[i];
        if (item->type != HANDSHAKE || type_of_message(item->content) != m->edit->message
            || m->seen++ != m->edit->nth)
            continue;
        size_t cap = item->content.len * 2 + 4096;
        uint8_t *copy = arena_room(m, cap);
        memcpy(copy, item->content.at, item->content.len);
        size_t n = edit_message(m->edit, copy, item->content.len, cap);
        item->content = bytes_of(copy, n);
        m->done = m->edit->kind != EDIT_SWAP || swap_with_next(items, i);
        return;
    }
}

static void send_piece(struct middle *m, unsigned to, const struct item *item, struct bytes piece)
{
    if (item->protected)
        seal_for(m->pair, to, item->type, piece, m->padding);
    else
        plain_for(m->pair, to, item->type, piece);
}

static void send_item(struct middle *m, unsigned to, const struct item *item)
{
    size_t most = item->type == HANDSHAKE && m->fragment ? m->fragment
                                                         : RECORD_PLAINTEXT_MAX - m->padding;
    struct bytes rest = item->content;
    do {
        size_t n = rest.len < most ? rest.len : most;
        if (rest.len > 0 || item->type != HANDSHAKE)     /* a dropped message leaves no record */
            send_piece(m, to, item, bytes_of(rest.at, n));
        rest = bytes_of(rest.at + n, rest.len - n);
    } while (rest.len > 0);
}

/* Neighbours of one protection become one item. */
static void join_items(struct middle *m, struct items *items)
{
    size_t kept = 0;
    for (size_t i = 0; i < items->count; i++) {
        struct item *last = kept ? &items->item[kept - 1] : NULL;
        const struct item *next = &items->item[i];
        if (!last || last->type != HANDSHAKE || next->type != HANDSHAKE
            || last->protected != next->protected) {
            items->item[kept++] = *next;
            continue;
        }
        uint8_t *both = arena_room(m, last->content.len + next->content.len);
        memcpy(both, last->content.at, last->content.len);
        memcpy(both + last->content.len, next->content.at, next->content.len);
        last->content.at = both;
        last->content.len += next->content.len;
    }
    items->count = kept;
}

static void carry_edited(struct pair *p, unsigned from, struct bytes out)
{
    struct middle *m = p->carry_context;
    struct items items = { .count = 0 };
    (void)out;
    m->arena_len = 0;
    collect(m, from, &items);
    if (m->edit && from == m->from)
        edit_items(m, &items);
    if (m->change)
        m->change(m, from, &items);
    if (m->together)
        join_items(m, &items);
    for (size_t i = 0; i < items.count; i++)
        send_item(m, !from, &items.item[i]);
}

void middle_join(struct middle *m, struct pair *p)
{
    m->seen = 0;
    m->done = false;
    m->pair = p;
    m->pending_len[0] = m->pending_len[1] = m->arena_len = 0;
    p->carry = carry_edited;
    p->carry_context = m;
    for (unsigned i = 0; i < 2; i++)
        p->end[i].tap.opens_records = true;
}
