/* vectors/text_symmetric.c - records for hashes, MACs, key derivation and ciphers. */
#include "vectors/text.h"

#include <string.h>

/* ---- hashes (NIST: the SHA validation systems) ---- */

/* `Len` is in bits, and a Len of 0 has Msg = 00. False, and the case is skipped, if it is not whole
 * bytes. */
static bool message_in(struct text *t, struct bytes *out)
{
    *out = field_bytes(t, "Msg");
    if (!field_has(t, "Len"))
        return true;
    int64_t bits = field_number(t, "Len");
    if (bits % 8 != 0) {
        case_skip(t->f, "message that is not whole bytes");
        return false;
    }
    if (bits < 0 || (uint64_t)bits / 8 > out->len)
        file_error(t->f, "Len", "is more than Msg has");
    else
        out->len = (size_t)bits / 8;
    return true;
}

static bool is_shake(const char *name)
{
    return strncmp(name, "SHAKE", 5) == 0;
}

static void hash_request(struct request *q, const char *name, struct bytes message,
                         int64_t output_len)
{
    *q = (struct request){ .operation = is_shake(name) ? "xof" : "hash" };
    request_word(q, "algorithm", name);
    if (is_shake(name))
        request_number(q, "length", output_len);
    request_bytes(q, "message", message);
}

static void on_digest(struct text *t, const char *field)
{
    struct request q;
    struct bytes message, want = field_bytes(t, field);
    if (!message_in(t, &message) || t->f->error)
        return;
    hash_request(&q, about_hash(t), message, (int64_t)want.len);
    check(t->f, &q, &want, 1);
}

static void on_md(struct text *t)
{
    on_digest(t, "MD");
}

static void on_output(struct text *t)
{
    on_digest(t, "Output");
}

enum { MONTE_ROUNDS = 1000 };

static bool chain_starts(struct text *t, const char *field)
{
    if (!t->chained.at)
        t->chained = arena_copy(&t->f->arena, field_bytes(t, field));
    return !t->f->error;
}

/* Even if a record fails, the next one starts from what this one should have given. */
static void chain_goes_on(struct text *t, struct bytes want)
{
    t->chained = arena_copy(&t->f->arena, want);
}

/* SHAVS 6.4: each message is the last three digests; SHA3VS 6.2.3: the last digest. */
static void on_monte(struct text *t)
{
    struct request q;
    struct bytes want = field_bytes(t, "MD"), digest;
    const char *name = about_hash(t);
    if (!chain_starts(t, "Seed"))
        return;
    size_t n = t->chained.len, pieces = strncmp(name, "SHA3", 4) == 0 ? 1 : 3;
    uint8_t *message = arena_take(&t->f->scratch, pieces * n);
    for (size_t i = 0; i < pieces; i++)
        memcpy(message + i * n, t->chained.at, n);
    bool going = true;
    for (int i = 1; going && i < MONTE_ROUNDS; i++) {
        hash_request(&q, name, bytes_of(message, pieces * n), 0);
        going = value_of(t->f, &digest, &q);
        if (going && digest.len != n) {
            case_fail(t->f, "digest has %zu bytes, not %zu", digest.len, n);
            going = false;
        }
        if (going) {
            memmove(message, message + n, (pieces - 1) * n);
            memcpy(message + (pieces - 1) * n, digest.at, n);
        }
    }
    hash_request(&q, name, bytes_of(message, pieces * n), 0);
    if (going)
        check(t->f, &q, &want, 1);
    chain_goes_on(t, want);
}

/* SHA3VS 6.3.3: each message is the first 128 bits of the last output, and the last 16 bits of that
 * say how long the next one is. */
static int64_t next_shake_len(struct text *t, struct bytes output)
{
    int64_t least = field_number(t, "Minimum Output Length (bits)") / 8;
    int64_t most = field_number(t, "Maximum Output Length (bits)") / 8;
    if (output.len < 2 || least < 0 || most < least)
        return most;
    int64_t last = output.at[output.len - 2] << 8 | output.at[output.len - 1];
    return least + last % (most - least + 1);
}

static void shake_message(uint8_t message[16], struct bytes output)
{
    memset(message, 0, 16);
    memcpy(message, output.at, output.len < 16 ? output.len : 16);
}

static void on_shake_monte(struct text *t)
{
    struct request q;
    uint8_t message[16];
    struct bytes want = field_bytes(t, "Output"), output;
    if (!t->chained.at)
        t->chained_len = field_number(t, "Maximum Output Length (bits)") / 8;
    if (!chain_starts(t, "Msg"))
        return;
    bool going = true;
    output = t->chained;
    for (int i = 1; going && i < MONTE_ROUNDS; i++) {
        shake_message(message, output);
        hash_request(&q, about_hash(t), bytes_of(message, 16), t->chained_len);
        going = value_of(t->f, &output, &q);
        t->chained_len = next_shake_len(t, output);
    }
    shake_message(message, output);
    hash_request(&q, about_hash(t), bytes_of(message, 16), t->chained_len);
    if (going)
        check(t->f, &q, &want, 1);
    t->chained_len = next_shake_len(t, want);
    chain_goes_on(t, want);
}

/* A message for all records above them is what a Monte Carlo chain starts from. */
static void on_variable_len(struct text *t)
{
    if (field_number(t, "Outputlen") % 8 != 0)
        case_skip(t->f, "output that is not whole bytes");
    else if (records_find(&t->r, "Msg")->shared)
        on_shake_monte(t);
    else
        on_output(t);
}

/* Ours: a hash that the record names, of a message that is repeated. */
static void on_repeated(struct text *t)
{
    struct request q;
    struct bytes piece = field_bytes(t, "message"), want = field_bytes(t, "digest");
    int64_t times = field_number(t, "times");
    if (times < 0 || times > 1 << 24 || piece.len * (uint64_t)times > 1 << 24)
        file_error(t->f, "times", "is too much");
    if (t->f->error)
        return;
    uint8_t *message = arena_take(&t->f->scratch, piece.len * (size_t)times);
    for (size_t i = 0; i < (size_t)times; i++)
        memcpy(message + i * piece.len, piece.at, piece.len);
    hash_request(&q, hash_name(&t->f->scratch, field_text(t, "hash")),
                 bytes_of(message, piece.len * (size_t)times), 0);
    check(t->f, &q, &want, 1);
}

static void on_kind(struct text *t)
{
    struct request q;
    struct bytes want = field_bytes(t, "output");
    hash_request(&q, hash_name(&t->f->scratch, field_text(t, "kind")), field_bytes(t, "message"),
                 (int64_t)want.len);
    if (!t->f->error)
        check(t->f, &q, &want, 1);
}

/* ---- MACs ---- */

static void check_hmac(struct text *t, const char *hash, struct bytes message, struct bytes want)
{
    struct request q = { .operation = "hmac" };
    request_word(&q, "hash", hash);
    request_bytes(&q, "key", field_bytes(t, "Key"));
    request_bytes(&q, "message", message);
    if (!t->f->error)
        check_mac(t->f, &q, want);
}

static void on_hmac(struct text *t)
{
    struct bytes message;
    if (message_in(t, &message))
        check_hmac(t, about_hash(t), message, field_bytes(t, "MD"));
}

/* HMACVS: [L = bytes of the digest]; Klen is checked, so that a long key was not cut. */
static void on_hmac_vs(struct text *t)
{
    static const struct { int64_t len; const char *hash; } hashes[] = {
        { 20, "SHA-1" }, { 28, "SHA-224" }, { 32, "SHA-256" }, { 48, "SHA-384" },
        { 64, "SHA-512" },
    };
    const char *hash = "-";
    for (size_t i = 0; i < COUNT(hashes); i++)
        if (field_number(t, "L") == hashes[i].len)
            hash = hashes[i].hash;
    check_hmac(t, hash, field_bytes(t, "Msg"), field_bytes(t, "Mac"));
}

/* Ours: one key and text, and what each hash makes of it. */
static void on_hmac_of_each(struct text *t)
{
    static const char *const hashes[] = { "SHA-256", "SHA-384", "SHA-512" };
    for (size_t i = 0; i < COUNT(hashes); i++)
        check_hmac(t, hashes[i], field_bytes(t, "data"), field_bytes(t, hashes[i]));
}

static void on_mac(struct text *t)
{
    struct request q = { .operation = "mac" };
    struct bytes want = field_bytes(t, "TAG");
    request_word(&q, "algorithm", about_has(t, "poly1305") ? "POLY1305" : "unnamed");
    request_bytes(&q, "key", field_bytes(t, "KEY"));
    request_bytes(&q, "message", field_bytes(t, "MSG"));
    if (!t->f->error)
        check_mac(t->f, &q, want);
}

/* ---- key derivation ---- */

static void on_hkdf(struct text *t)
{
    struct bytes okm = field_bytes(t, "OKM");
    const char *hash = field_has(t, "Hash") ? hash_name(&t->f->scratch, field_text(t, "Hash"))
                                            : about_hash(t);
    struct request extract = { .operation = "hkdf-extract" }, q = { .operation = "hkdf" };
    struct request *const both[] = { &extract, &q };
    for (size_t i = 0; i < 2; i++) {
        request_word(both[i], "hash", hash);
        request_bytes(both[i], "ikm", field_bytes(t, "IKM"));
        request_bytes(both[i], "salt", field_bytes(t, "salt"));
    }
    request_bytes(&q, "info", field_bytes(t, "info"));
    request_number(&q, "length", (int64_t)okm.len);
    if (field_has(t, "L") && field_number(t, "L") != (int64_t)okm.len)
        file_error(t->f, "L", "is not the length of OKM");
    if (t->f->error)
        return;
    check(t->f, &q, &okm, 1);
    if (field_has(t, "PRK") && offered(t->f, &extract)) {
        struct bytes prk = field_bytes(t, "PRK");
        check(t->f, &extract, &prk, 1);
    }
}

static void on_pbkdf2(struct text *t)
{
    struct request q = { .operation = "pbkdf2" };
    struct bytes dk = field_bytes(t, "dk");
    request_word(&q, "hash", about_hash(t));
    request_bytes(&q, "password", field_bytes(t, "password"));
    request_bytes(&q, "salt", field_bytes(t, "salt"));
    request_number(&q, "iterations", field_number(t, "iterations"));
    request_number(&q, "length", (int64_t)dk.len);
    if (!t->f->error)
        check(t->f, &q, &dk, 1);
}

/* ---- block ciphers, by themselves (ECB) and in a mode with an IV ---- */

/* One step in one direction; `mode` is NULL for ECB. */
struct block {
    const char *cipher, *mode;
    bool encrypt;
    struct bytes iv, in;
};

static void block_request(struct text *t, struct request *q, const struct block *b)
{
    *q = (struct request){ .operation = b->mode ? b->encrypt ? "cipher-encrypt" : "cipher-decrypt"
                                                : b->encrypt ? "block-encrypt" : "block-decrypt" };
    request_word(q, "algorithm", !b->mode ? b->cipher
                                 : arena_print(&t->f->scratch, "%s-%s", b->cipher, b->mode));
    request_bytes(q, "key", field_bytes(t, "KEY"));
    if (b->mode)
        request_bytes(q, "iv", b->iv);
    request_bytes(q, "input", b->in);
}

enum { BLOCK_ROUNDS = 1000 };

/* AESAVS 6.4: a thousand times. In ECB mode what comes out goes in again; in CBC mode that which
 * came out before it does, and at first the IV. */
static void block_monte(struct text *t, struct block b, struct bytes want)
{
    struct request q;
    struct bytes out, before = b.iv;
    for (int i = 1; i < BLOCK_ROUNDS; i++) {
        block_request(t, &q, &b);
        if (!value_of(t->f, &out, &q))
            return;
        b.iv = b.encrypt ? out : b.in;
        b.in = b.mode ? before : out;
        before = out;
    }
    block_request(t, &q, &b);
    check(t->f, &q, &want, 1);
}

/* With the same key and IV either direction is the other's inverse, so that a known answer for one
 * is one for the other, too: that is asked of a subject that goes one way only. */
static void block_either(struct text *t, struct block b, struct bytes want)
{
    struct request there, back;
    struct block inverse = { b.cipher, b.mode, !b.encrypt, b.iv, want };
    block_request(t, &there, &b);
    block_request(t, &back, &inverse);
    if (!offered(t->f, &there) && offered(t->f, &back))
        check(t->f, &back, &b.in, 1);
    else
        check(t->f, &there, &want, 1);
}

/* NULL if the file names none. Its name weighs more than its comment: CAST5's vectors tell there
 * that they were made from those of AES in CBC mode. */
static const char *about_one_of(struct text *t, const char *const *names, size_t count)
{
    char *file = arena_print(&t->f->scratch, "%s", t->about);
    file[strcspn(file, "\n")] = 0;
    for (size_t i = 0; i < count; i++)
        if (strcasestr(file, names[i]))
            return names[i];
    for (size_t i = 0; i < count; i++)
        if (about_has(t, names[i]))
            return names[i];
    return NULL;
}

static const char *const block_ciphers[] = { "CAST5", "CAMELLIA", "IDEA", "SM4", "AES" };
static const char *const block_modes[] = { "CFB128", "CFB8", "CFB1", "CBC", "OFB", "CTR" };

static void on_block(struct text *t)
{
    struct bytes plain = field_bytes(t, "PLAINTEXT"), cipher = field_bytes(t, "CIPHERTEXT");
    struct block b = { .encrypt = !record_text_is(t->r.section, "DECRYPT") };
    b.in = b.encrypt ? plain : cipher;
    b.cipher = about_one_of(t, block_ciphers, COUNT(block_ciphers));
    if (field_has(t, "IV")) {
        b.mode = about_one_of(t, block_modes, COUNT(block_modes));
        b.iv = field_bytes(t, "IV");
    }
    bool monte = about_has(t, "MCT");
    if (t->f->error)
        return;
    if (!b.cipher || (field_has(t, "IV") && !b.mode))
        case_skip(t->f, "a block cipher or mode that the file does not name");
    else if (field_has(t, "AAD"))
        case_skip(t->f, "authenticated encryption other than with key, nonce and tag");
    else if (b.mode && strcmp(b.mode, "CFB1") == 0)
        case_skip(t->f, "CFB1, whose text is single bits");
    else if (b.mode && monte && strcmp(b.mode, "CBC") != 0)
        case_skip(t->f, "Monte Carlo test in %s mode", b.mode);
    else
        (monte ? block_monte : block_either)(t, b, b.encrypt ? cipher : plain);
}

/* ---- other ciphers ---- */

static void on_stream(struct text *t)
{
    struct request q = { .operation = "stream" };
    struct bytes cipher = field_bytes(t, "CIPHERTEXT");
    request_word(&q, "algorithm", about_has(t, "chacha20") ? "CHACHA20" : "unnamed");
    request_bytes(&q, "key", field_bytes(t, "KEY"));
    request_bytes(&q, "nonce", field_bytes(t, "NONCE"));
    request_number(&q, "counter", field_number(t, "INITIAL_BLOCK_COUNTER"));
    request_bytes(&q, "input", field_bytes(t, "PLAINTEXT"));
    if (!t->f->error)
        check(t->f, &q, &cipher, 1);
}

static const char *either(const struct text *t, const char *a, const char *b)
{
    return field_has(t, a) ? a : b;
}

/* A record of GCMVS's encryption, with a tag for which the subject has no form. A shorter tag is the
 * first bytes of the whole one (SP 800-38D §7.1, step 6). */
static void check_seal_cut(struct text *t, struct request *seal, const struct bytes *ct_and_tag)
{
    enum { WHOLE_TAG = 16 };
    struct parameter *length = &seal->parameter[seal->parameter_count - 1];
    if (ct_and_tag[1].len < WHOLE_TAG && !offered(t->f, seal)) {
        length->number = WHOLE_TAG;
        seal->cut = true;
    }
    check(t->f, seal, ct_and_tag, 2);
}

/* One that has another one's name in it comes first. */
static const char *about_aead(const struct text *t)
{
    static const struct { const char *word, *name; } aeads[] = {
        { "sm4", "SM4-GCM" },                   { "gcm-siv", "AES-GCM-SIV" },
        { "xchacha20", "XCHACHA20-POLY1305" },  { "chacha20", "CHACHA20-POLY1305" },
        { "gcm", "AES-GCM" },
    };
    for (size_t i = 0; i < COUNT(aeads); i++)
        if (about_has(t, aeads[i].word))
            return aeads[i].name;
    return "unnamed";
}

/* A record that ends in FAIL, or has a Result, which is an error, is to be refused; the others are
 * opened and sealed, but for those of an encryption with a tag that is cut, which may be sealed
 * only. */
static void on_aead(struct text *t)
{
    struct request open = { .operation = "aead-open", .forge = "tag" };
    struct request seal = { .operation = "aead-seal" };
    struct request *const both[] = { &open, &seal };
    bool bad = field_has(t, "FAIL") || field_has(t, "Result");
    struct bytes ct = field_bytes(t, either(t, "CT", "Ciphertext"));
    struct bytes tag = field_bytes(t, "Tag"), pt = { (const uint8_t *)"", 0 };
    if (!bad)
        pt = field_bytes(t, either(t, "PT", "Plaintext"));
    for (size_t i = 0; i < 2; i++) {
        request_word(both[i], "algorithm", about_aead(t));
        request_bytes(both[i], "key", field_bytes(t, "Key"));
        request_bytes(both[i], "nonce", field_bytes(t, either(t, "IV", "nonce")));
        request_bytes(both[i], "aad", field_bytes(t, "AAD"));
    }
    request_bytes(&open, "ciphertext", ct);
    request_bytes(&open, "tag", tag);
    request_bytes(&seal, "plaintext", pt);
    request_number(&seal, "tag-length", (int64_t)tag.len);
    if (t->f->error)
        return;
    t->f->expected = bad ? EXPECT_INVALID : EXPECT_VALID;
    if (bad || !about_has(t, "encrypt") || offered(t->f, &open))
        check(t->f, &open, &pt, 1);
    if (!bad)
        check_seal_cut(t, &seal, (struct bytes[]){ ct, tag });
}

const struct record_kind symmetric_kinds[] = {
    { "INITIAL_BLOCK_COUNTER KEY NONCE PLAINTEXT CIPHERTEXT", on_stream        },
    { "Key IV|nonce AAD CT|Ciphertext Tag PT|Plaintext|FAIL", on_aead          },
    { "KEY MSG TAG",                                          on_mac           },
    { "Klen Tlen Key Msg Mac L",                              on_hmac_vs       },
    { "Key Msg MD",                                           on_hmac          },
    { "key data SHA-256 SHA-384 SHA-512",                     on_hmac_of_each  },
    { "IKM salt info OKM",                                    on_hkdf          },
    { "password salt iterations dk",                          on_pbkdf2        },
    { "Len Msg MD",                                           on_md            },
    { "COUNT MD Seed",                                        on_monte         },
    { "Len Msg Output",                                       on_output        },
    { "COUNT Outputlen Output Msg",                           on_variable_len  },
    { "hash message times digest",                            on_repeated      },
    { "kind message output",                                  on_kind          },
    { "KEY PLAINTEXT CIPHERTEXT",                             on_block         },
    { NULL, NULL },
};
