/* vectors/names.c - the names of algorithms, as the line protocol spells them. */
#include "vectors/names.h"

#include <ctype.h>
#include <string.h>

/* Letters and digits only, in lower case: SHA-512/256 and sha512_256 are the same name. */
static char *folded(struct arena *a, const char *text)
{
    char *out = arena_take(a, strlen(text) + 1), *end = out;
    for (; *text; text++)
        if (isalnum((unsigned char)*text))
            *end++ = (char)tolower((unsigned char)*text);
    *end = 0;
    return out;
}

/* A word of the line protocol: nothing that would end it. */
static const char *one_word(struct arena *a, const char *text)
{
    char *out = arena_print(a, "%s", *text ? text : "-");
    for (char *c = out; *c; c++)
        if (!isgraph((unsigned char)*c))
            *c = '_';
    return out;
}

const char *hash_name(struct arena *a, const char *text)
{
    static const char *const names[] = {
        "SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512", "SHA-512/224", "SHA-512/256",
        "SHA3-224", "SHA3-256", "SHA3-384", "SHA3-512", "SHAKE128", "SHAKE256", "SM3", "MD5",
    };
    const char *name = folded(a, text);
    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(name, folded(a, names[i])) == 0)
            return names[i];
    return one_word(a, text);
}

static const struct { const char *text, *name; size_t len; } curves[] = {
    { "secp192r1", "P-192", 24 },        { "p192", "P-192", 24 },
    { "secp224r1", "P-224", 28 },        { "p224", "P-224", 28 },
    { "secp256r1", "P-256", 32 },        { "p256", "P-256", 32 },
    { "secp384r1", "P-384", 48 },        { "p384", "P-384", 48 },
    { "secp521r1", "P-521", 66 },        { "p521", "P-521", 66 },
    { "secp256k1", "secp256k1", 32 },    { "p256k", "secp256k1", 32 },
    { "k163", "K-163", 21 },             { "b163", "B-163", 21 },
    { "k233", "K-233", 30 },             { "b233", "B-233", 30 },
    { "k283", "K-283", 36 },             { "b283", "B-283", 36 },
    { "k409", "K-409", 52 },             { "b409", "B-409", 52 },
    { "k571", "K-571", 72 },             { "b571", "B-571", 72 },
    { "curve25519", "X25519", 32 },      { "x25519", "X25519", 32 },
    { "curve448", "X448", 56 },          { "x448", "X448", 56 },
    { "edwards25519", "Ed25519", 32 },   { "ed25519", "Ed25519", 32 },
    { "edwards448", "Ed448", 57 },       { "ed448", "Ed448", 57 },
};

const char *curve_name(struct arena *a, const char *text)
{
    const char *name = folded(a, text);
    for (size_t i = 0; i < COUNT(curves); i++)
        if (strcmp(name, curves[i].text) == 0)
            return curves[i].name;
    return one_word(a, text);
}

size_t curve_len(const char *name)
{
    for (size_t i = 0; i < COUNT(curves); i++)
        if (strcmp(name, curves[i].name) == 0)
            return curves[i].len;
    return 0;
}

const char *cipher_name(struct arena *a, const char *text)
{
    char *out = (char *)one_word(a, text);
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return out;
}
