/* tls13/psk.h - pre-shared keys: how they are offered, bound to a hello, and chosen
 * (RFC 8446 §4.2.9, §4.2.11).
 *
 * A PSK is from a ticket (resumption) or was imported (RFC 9258). Both are one thing here: an
 * identity, a hash, and the early secret that the key leads to. The key schedule is all that a PSK is
 * for, so the key itself is not kept.
 *
 * Everything here is pure: bytes in, bytes out. client_psk.h and server_psk.h are what the two
 * machines make of it. Private to tls13/.
 */
#ifndef SEALPOST_TLS13_PSK_H
#define SEALPOST_TLS13_PSK_H

#include "tls13/extensions.h"
#include "tls13/key_schedule.h"
#include "tls13/transcript.h"

struct imported_psk;

enum { PSK_KE = 0, PSK_DHE_KE = 1 };         /* PskKeyExchangeMode */
enum {
    PSK_BINDER_MIN = 32,
    PSK_OFFER_MAX  = 5,                      /* that our client sends: a session, four imported */
    PSK_LOOK_MAX   = 4,                      /* that our server looks at, N7 of the bug classes */
};

struct psk {
    const struct hash *hash;
    const struct imported_psk *imported;     /* NULL: from a ticket */
    struct bytes identity;                   /* as on the wire; a view */
    uint32_t obfuscated_ticket_age;
    struct early_secret early;               /* secret; erased when it has been used */
};

/* `key` is secret, of hash->digest_len bytes. The views are kept. */
void psk_make(struct psk *out, const struct hash *hash, struct bytes identity, struct bytes key);

/* binder_key (§7.1; RFC 9258 §5.2): "res binder" or, imported, "imp binder". */
const char *psk_binder_label(const struct psk *psk);
void psk_binder_key(const struct psk *psk, struct secret *out);

/* PskBinderEntry: hash->digest_len bytes over the transcript hash up to the binders (§4.2.11.2). */
void psk_binder(const struct psk *psk, uint8_t *out, struct bytes transcript_hash);

/* ---- ClientHello ---- */

/* Both extensions of a client that resumes or has PSKs; `count` 0 leaves pre_shared_key out, which
 * must be the last extension. The binders are zeros of the right length: psk_fill_binders. */
void psk_modes_encode(struct writer *w);
void psk_offer_encode(struct writer *w, const struct psk *psks, size_t count);

/* Writes the binders at the end of `hello`, a whole ClientHello with its header. `before` is the
 * transcript that it goes on from: ClientHello1 and HelloRetryRequest, or NULL. */
void psk_fill_binders(uint8_t *hello, size_t hello_len, const struct psk *psks, size_t count,
                      const struct transcript *before);

struct offered_psks {
    struct bytes identities, binders;        /* the insides of their vectors, each well formed */
    size_t count;                            /* of each */
    size_t binders_len;                      /* bytes of the hello that binders are not over */
};
enum alert decode_offered_psks(struct offered_psks *out, struct fault *fault, struct bytes body);

/* The next of each list. */
struct psk_identity { struct bytes identity; uint32_t obfuscated_ticket_age; };
struct psk_identity read_psk_identity(struct reader *r);
struct bytes read_psk_binder(struct reader *r);

/* ke_modes: is psk_dhe_ke among them? */
enum alert decode_psk_modes(bool *dhe, struct fault *fault, struct bytes body);

/* The hash that binders of this hash are over: `before` as above, then the hello without its last
 * binders_len bytes. */
void psk_transcript_hash(uint8_t out[HASH_MAX], const struct hash *hash,
                         const struct transcript *before, struct bytes hello, size_t binders_len);

#endif
