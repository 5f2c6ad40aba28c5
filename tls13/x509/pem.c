/* tls13/x509/pem.c - reading and writing PEM.
 *
 * Implements  RFC 7468 §3 (stricttextualmsg), RFC 4648 §4 (base64, canonical as in its §3.5).
 * Secret      the bytes of private keys: libsodium's base64 has no table look-ups, and what is
 *             left in memory is the caller's to wipe.
 */
#include "tls13/x509/pem.h"

#include <sodium.h>
#include <string.h>

static const char BEGIN[] = "-----BEGIN ", END[] = "-----END ", DASHES[] = "-----";

enum { LINE_CHARACTERS = 64, LINE_BYTES = 48 };

/* The next line without its LF or CRLF. False at the end. */
static bool next_line(struct pem *pem, struct bytes *line)
{
    if (pem->rest.len == 0)
        return false;
    const uint8_t *lf = memchr(pem->rest.at, '\n', pem->rest.len);
    size_t len = lf ? (size_t)(lf - pem->rest.at) : pem->rest.len;
    size_t used = lf ? len + 1 : len;
    if (len > 0 && pem->rest.at[len - 1] == '\r')
        len--;
    *line = bytes_of(pem->rest.at, len);
    pem->rest = bytes_of(pem->rest.at + used, pem->rest.len - used);
    pem->line++;
    return true;
}

static bool begins_with(struct bytes line, const char *keyword)
{
    return line.len >= strlen(keyword) && memcmp(line.at, keyword, strlen(keyword)) == 0;
}

/* The label of `-----BEGIN label-----`; false if the line is no such thing. */
static bool boundary(struct bytes *label, struct bytes line, const char *keyword)
{
    size_t before = strlen(keyword), after = strlen(DASHES);
    if (!begins_with(line, keyword) || line.len < before + after
        || memcmp(line.at + line.len - after, DASHES, after) != 0)
        return false;
    *label = bytes_of(line.at + before, line.len - before - after);
    return true;
}

static const char *decode_line(struct writer *w, struct bytes line)
{
    uint8_t out[LINE_BYTES];
    size_t len = 0;
    if (memchr(line.at, ':', line.len))
        return "the block has headers: of encrypted keys, PKCS #8 is supported";
    if (line.len > LINE_CHARACTERS)
        return "base64 line is longer than 64 characters (RFC 7468 §3)";
    int refused = sodium_base642bin(out, sizeof out, (const char *)line.at, line.len, NULL, &len,
                                    NULL, sodium_base64_VARIANT_ORIGINAL);
    if (!refused)
        write_bytes(w, bytes_of(out, len));
    sodium_memzero(out, sizeof out);         /* what came before a wrong character, too */
    return refused ? "line is not base64 (RFC 4648 §4)" : w->bad ? "block is too long" : NULL;
}

/* The lines up to END. Only the last one may be short. */
static const char *read_block(struct pem *pem, struct pem_block *out, struct writer *w)
{
    struct bytes line, label;
    bool ended = false;
    while (next_line(pem, &line)) {
        if (boundary(&label, line, END)) {
            if (!bytes_equal_public(label, out->label))
                return "END has another label than BEGIN (RFC 7468 §3)";
            out->der = writer_bytes(w);
            return w->len > 0 ? NULL : "block is empty";
        }
        if (ended || line.len == 0)
            return "line follows the last, short line of base64 or is empty (RFC 7468 §3)";
        const char *error = decode_line(w, line);
        if (error)
            return error;
        ended = line.len < LINE_CHARACTERS || line.at[line.len - 1] == '=';
    }
    return "text ends inside of a block";
}

enum pem_result pem_next(struct pem *pem, struct pem_block *out, uint8_t *space, size_t cap,
                         const char **reason)
{
    struct bytes line;
    *out = (struct pem_block){ 0 };
    while (next_line(pem, &line)) {
        if (!begins_with(line, BEGIN))
            continue;
        out->line = pem->line;
        struct writer w = writer_of(space, cap);
        *reason = boundary(&out->label, line, BEGIN) ? read_block(pem, out, &w)
                : "BEGIN line does not end in five dashes (RFC 7468 §3)";
        return *reason ? PEM_BAD : PEM_BLOCK;
    }
    return PEM_END;
}

static void write_boundary(struct writer *w, const char *keyword, const char *label)
{
    write_bytes(w, bytes_of_string(keyword));
    write_bytes(w, bytes_of_string(label));
    write_bytes(w, bytes_of_string(DASHES));
    write_u8(w, '\n');
}

void pem_write(struct writer *w, const char *label, struct bytes der)
{
    char line[LINE_CHARACTERS + 1];
    write_boundary(w, BEGIN, label);
    for (size_t i = 0; i < der.len; i += LINE_BYTES) {
        size_t len = der.len - i < LINE_BYTES ? der.len - i : LINE_BYTES;
        sodium_bin2base64(line, sizeof line, der.at + i, len, sodium_base64_VARIANT_ORIGINAL);
        write_bytes(w, bytes_of_string(line));
        write_u8(w, '\n');
    }
    write_boundary(w, END, label);
    sodium_memzero(line, sizeof line);
}
