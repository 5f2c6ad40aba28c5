/* tests/editor.h - the editing peer: changes any handshake message, record or byte on its way.
 *
 * An edit says which message and what becomes of it. It can be made in two places:
 *
 *   at its sender (struct misbehaving): the message is changed before it is hashed, so that both
 *     transcripts agree, as when a peer misbehaves on purpose. What refuses it is the check of
 *     that very message.
 *
 *   between the two (struct middle): a man in the middle who has learned the traffic secrets of
 *     both ends opens every record, changes it, and seals it again with the keys that the receiver
 *     expects at that moment. Records always open; what refuses the change is the message's own
 *     check, or the transcript.
 */
#ifndef SEALPOST_TESTS_EDITOR_H
#define SEALPOST_TESTS_EDITOR_H

#include "tests/pair.h"

enum edit_kind {
    EDIT_NOTHING,
    EDIT_FLIP,                   /* bit `at` of the message, its header included */
    EDIT_DROP,
    EDIT_REPEAT,
    EDIT_SWAP,                   /* with the message behind it (in the middle only) */
    EDIT_KEEP,                   /* the first `at` bytes of the body; the header says so */
    EDIT_CUT,                    /* the first `at` bytes of the message; the header as it was */
    EDIT_INSERT,                 /* `with` before byte `at` of the body */
    EDIT_APPEND,                 /* `with` to the body */
    EDIT_OVERWRITE,              /* the body from byte `at` on, by `with` */
    EDIT_BODY,                   /* the body becomes `with` */
    EDIT_BEFORE, EDIT_BEHIND,    /* whole messages `with` before or behind it */
    /* These keep every length around them right. */
    EDIT_SET_EXTENSION,          /* body of extension `at`, in place; or added at the end */
    EDIT_ADD_EXTENSION,          /* at the end, even if there is one already */
    EDIT_FIRST_EXTENSION,        /* added in front of the others */
    EDIT_REMOVE_EXTENSION,
    EDIT_EXTENSION_BLOCK,        /* the whole inside of the block becomes `with` */
    EDIT_SESSION_ID,             /* the inside of these vectors of a hello */
    EDIT_SUITES,                 /* of a ClientHello; the one suite of a ServerHello */
    EDIT_COMPRESSION,
};

struct edit {
    enum edit_kind kind;
    unsigned message;            /* enum handshake_type, HELLO_RETRY_REQUEST included */
    unsigned nth;                /* 0: the first such message, 1: the second (ClientHello) */
    size_t at;
    const char *with;            /* hex */
};

/* Changes one message of `len` bytes in room for `cap`; returns the new length. */
size_t edit_message(const struct edit *e, uint8_t *message, size_t len, size_t cap);

/* HELLO_RETRY_REQUEST for a ServerHello with that random. */
unsigned type_of_message(struct bytes message);

/* Hex to bytes; returns their number. Blanks are passed over. */
size_t unhex(uint8_t *out, size_t cap, const char *hex);

/* ---- at the sender ---- */

struct misbehaving {
    const struct edit *edit;
    size_t count;                /* edits of the same message, one after the other */
    unsigned seen;
    bool done;                   /* the message came by, and was changed */
    struct tls_editor editor;    /* for pair_setup */
};

/* Makes `m` a sender that makes these edits of the message that the first of them names. */
void misbehave(struct misbehaving *m, const struct edit *edit, size_t count);

/* ---- in the middle ---- */

/* What travels: a whole handshake message, or the content of another record. */
struct item {
    uint8_t type;                /* enum content_type */
    bool protected;
    struct bytes content;        /* in the middle's arena */
};

enum { ITEMS_MAX = 64 };

struct items { struct item item[ITEMS_MAX]; size_t count; };

struct middle {
    const struct edit *edit;
    unsigned from;               /* whose messages are edited */
    void (*change)(struct middle *m, unsigned from, struct items *items);     /* or by a function */
    size_t fragment;             /* handshake bytes per record; 0: a record for each message */
    bool together;               /* as many messages to a record as fit */
    size_t padding;              /* of protected records */

    /* state */
    unsigned seen;
    bool done;
    struct pair *pair;
    uint8_t pending[2][40000];   /* a message that is not complete yet */
    size_t pending_len[2];
    uint8_t arena[1 << 19];
    size_t arena_len;
};

/* Puts `m` between the two ends of a pair that has just been started. */
void middle_join(struct middle *m, struct pair *p);

/* One record for one end, as its peer would have sealed it at this moment: protected with the keys
 * that it reads with, if it has any. */
void seal_for(struct pair *p, unsigned to, uint8_t type, struct bytes content, size_t padding);

/* One record in the clear, or with any header. */
void plain_for(struct pair *p, unsigned to, uint8_t type, struct bytes content);
void hex_for(struct pair *p, unsigned to, uint8_t type, const char *hex);      /* seal_for */

#endif
