/* tests/interop/bearssl_x509.c - chains judged by our x509_verify and by BearSSL's x509_minimal.
 *
 * Reads a case a line: `now client name anchors sent`, the last two DER in hex, certificates joined
 * by commas, "-" for a name or list that is empty. Prints a line for each: 1 or 0 for us, BearSSL's
 * error number (0: believed), and our reason.
 *
 * BearSSL takes a chain in the order sent. It is asked so first and then, since an order that does
 * not help is no divergence worth counting, once more with each certificate behind the one that it
 * has issued, by names. Its settings are those of br_x509_minimal_init_full.
 */
#include "tls13/x509/certificate.h"
#include "tls13/x509/verify.h"

#include <bearssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CERTIFICATES_MAX = 128, UNIX_EPOCH = 719528 };     /* days from year 0 to 1970 */

struct request {
    int64_t now;
    bool client;
    const char *name;
    struct bytes anchors[CERTIFICATES_MAX], sent[CERTIFICATES_MAX];
    size_t anchor_count, sent_count;
};

/* ---- reading ---- */

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* In place: the bytes take half the room of their digits. */
static size_t read_list(struct bytes *out, char *text)
{
    size_t count = 0;
    if (strcmp(text, "-") == 0)
        return 0;
    for (char *one = strtok(text, ","); one; one = strtok(NULL, ",")) {
        size_t len = strlen(one) / 2;
        for (size_t i = 0; i < len; i++)
            one[i] = (char)(digit(one[2 * i]) << 4 | digit(one[2 * i + 1]));
        if (count == CERTIFICATES_MAX)
            exit(2);
        out[count++] = bytes_of(one, len);
    }
    return count;
}

static bool read_request(struct request *r, char *line)
{
    char *field[5];
    size_t count = 0;
    for (char *one = strtok(line, " \n"); one && count < COUNT(field); one = strtok(NULL, " \n"))
        field[count++] = one;
    if (count != COUNT(field))
        return false;
    r->now = strtoll(field[0], NULL, 10);
    r->client = field[1][0] == '1';
    r->name = strcmp(field[2], "-") == 0 ? "" : field[2];
    r->anchor_count = read_list(r->anchors, field[3]);
    r->sent_count = read_list(r->sent, field[4]);
    return true;
}

/* ---- ours ---- */

static bool we_believe(const struct request *r, struct x509_verdict *verdict)
{
    struct x509_anchor anchors[CERTIFICATES_MAX];
    struct x509_trust trust = { .anchors = anchors };
    for (size_t i = 0; i < r->anchor_count; i++) {
        struct x509_certificate c;
        if (x509_certificate_decode(&c, r->anchors[i]) == NULL)
            anchors[trust.anchor_count++] = (struct x509_anchor){ c.der, c.subject };
    }
    struct x509_question q = {
        .trust = &trust, .algorithms = &algorithms_default, .chain = r->sent,
        .chain_count = r->sent_count, .name = bytes_of_string(r->name), .now = r->now,
        .purpose = r->client ? X509_CLIENT : X509_SERVER,
    };
    return x509_verify(verdict, &q) == ALERT_NONE;
}

/* ---- BearSSL's ---- */

struct anchor_memory {
    br_x509_decoder_context decoder;
    unsigned char name[2000];
    size_t name_len;
};

static void keep_name(void *memory, const void *part, size_t len)
{
    struct anchor_memory *m = memory;
    if (len <= sizeof m->name - m->name_len) {
        memcpy(m->name + m->name_len, part, len);
        m->name_len += len;
    }
}

static size_t decode_anchors(br_x509_trust_anchor *out, struct anchor_memory *memory,
                             const struct request *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->anchor_count; i++) {
        struct anchor_memory *m = &memory[count];
        m->name_len = 0;
        br_x509_decoder_init(&m->decoder, keep_name, m);
        br_x509_decoder_push(&m->decoder, r->anchors[i].at, r->anchors[i].len);
        br_x509_pkey *key = br_x509_decoder_get_pkey(&m->decoder);
        if (!key)
            continue;
        out[count++] = (br_x509_trust_anchor){
            .dn = { m->name, m->name_len }, .pkey = *key,
            .flags = br_x509_decoder_isCA(&m->decoder) ? BR_X509_TA_CA : 0,
        };
    }
    return count;
}

static unsigned bearssl_says(const struct request *r, const struct bytes *chain, size_t count)
{
    static br_x509_minimal_context c;
    static struct anchor_memory memory[CERTIFICATES_MAX];
    static br_x509_trust_anchor anchors[CERTIFICATES_MAX];
    br_x509_minimal_init_full(&c, anchors, decode_anchors(anchors, memory, r));
    br_x509_minimal_set_time(&c, (uint32_t)(UNIX_EPOCH + r->now / 86400),
                             (uint32_t)(r->now % 86400));
    const br_x509_class **vtable = &c.vtable;
    (*vtable)->start_chain(vtable, r->client || !*r->name ? NULL : r->name);
    for (size_t i = 0; i < count; i++) {
        (*vtable)->start_cert(vtable, (uint32_t)chain[i].len);
        (*vtable)->append(vtable, chain[i].at, chain[i].len);
        (*vtable)->end_cert(vtable);
    }
    return (*vtable)->end_chain(vtable);
}

static size_t in_order(struct bytes *out, const struct request *r)
{
    struct x509_certificate below, c;
    size_t count = 1;
    bool used[CERTIFICATES_MAX] = { true };
    out[0] = r->sent[0];
    if (x509_certificate_decode(&below, out[0]) != NULL)
        return 1;
    for (size_t i = 1; i < r->sent_count; i++) {
        if (used[i] || x509_certificate_decode(&c, r->sent[i]) != NULL
            || !bytes_equal_public(c.subject, below.issuer))
            continue;
        used[i] = true;
        out[count++] = r->sent[i];
        below = c;
        i = 0;                                            /* from the front again */
    }
    return count;
}

static unsigned bearssl_at_its_best(const struct request *r)
{
    struct bytes ordered[CERTIFICATES_MAX];
    unsigned as_sent = bearssl_says(r, r->sent, r->sent_count);
    if (as_sent == 0)
        return 0;
    return bearssl_says(r, ordered, in_order(ordered, r)) == 0 ? 0 : as_sent;
}

int main(void)
{
    static struct request r;
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        struct x509_verdict verdict;
        if (!read_request(&r, line))
            return 2;
        bool ours = we_believe(&r, &verdict);
        printf("%d %u %s\n", ours, bearssl_at_its_best(&r), verdict.reason);
    }
    free(line);
    return 0;
}
