/* vectors/request.h - one question to an implementation, and its answer; and both as lines of text.
 *
 * This is the line protocol of docs/sealvec.md, which lists the operations and their parameters. In
 * the program a request is this struct, whoever answers it; a subject that is another process gets
 * it as a line. All memory is the arena's or the caller's; nothing here owns any.
 */
#ifndef SEALPOST_VECTORS_REQUEST_H
#define SEALPOST_VECTORS_REQUEST_H

#include "vectors/memory.h"

enum { PARAMETERS_MAX = 16, LIST_MAX = 256, VALUES_MAX = 2 };

/* What a value is follows from the parameter's name (request.c has the table). */
enum parameter_kind { PARAMETER_HEX, PARAMETER_NUMBER, PARAMETER_WORD, PARAMETER_LIST };

struct parameter {
    const char *name;
    struct bytes bytes;                  /* hex */
    int64_t number;
    const char *word;
    const struct bytes *list;            /* hex strings with commas between them */
    size_t list_count;
};

struct request {
    const char *operation;
    struct parameter parameter[PARAMETERS_MAX];
    size_t parameter_count;
    /* Not part of the question: */
    const char *forge;                   /* the parameter that --self-test alters where the expected
                                            answer is only "valid" or has no bytes */
    size_t optional;                     /* so many of the last values may be missing */
    bool cut;                            /* of the last value, only the first bytes are stated */
};

void request_bytes(struct request *q, const char *name, struct bytes value);
void request_number(struct request *q, const char *name, int64_t value);
void request_word(struct request *q, const char *name, const char *value);
void request_list(struct request *q, const char *name, const struct bytes *list, size_t count);

const struct parameter *request_find(const struct request *q, const char *name);

enum verdict {
    ANSWER_VALUE,                        /* bytes */
    ANSWER_VALID,
    ANSWER_INVALID,                      /* refused: a bad signature, tag, key, length */
    ANSWER_UNSUPPORTED,                  /* `reason` names what */
    ANSWER_BROKEN,                       /* the subject died, was late or talks nonsense */
};

struct answer {
    enum verdict verdict;
    struct bytes value[VALUES_MAX];
    size_t value_count;
    const char *reason;
    struct arena *arena;                 /* where values and reason are */
};

/* Copies the bytes; a second time, it is the second value. */
void answer_value(struct answer *a, const void *bytes, size_t len);
void answer_verdict(struct answer *a, bool valid);
void answer_unsupported(struct answer *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- as lines, without the LF ---- */

char *hex_of(struct arena *arena, struct bytes b);

/* Digits in either case, an even number of them. */
bool hex_decode(struct arena *arena, struct bytes *out, const char *text, size_t len);

char *request_line(struct arena *arena, const struct request *q);

/* NULL, or what is wrong. `line` is cut up. */
const char *request_parse(struct arena *arena, struct request *out, char *line);

char *answer_line(const struct answer *a);
void answer_parse(struct answer *out, const char *line);

#endif
