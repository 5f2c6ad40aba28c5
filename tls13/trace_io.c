/* tls13/trace_io.c - the observer that tells a handshake as text.
 *
 *     --> record     handshake, 5 + 232 bytes, in the clear
 *     --> message    ClientHello, 232 bytes
 *         secret     "c hs traffic" over ClientHello..ServerHello 9f86d081..
 *
 * `-->` is what this end sends, `<--` what it receives. Secrets appear by label only.
 */
#include "tls13/trace_io.h"

#include "tls13/codepoints.h"
#include "tls13/machine.h"

#include <inttypes.h>
#include <stdarg.h>

static const char *arrow(const struct observation *o)
{
    return o->direction == SENT ? "-->" : "<--";
}

static const char *content_type_name(uint8_t type)
{
    switch (type) {
    case CHANGE_CIPHER_SPEC: return "change_cipher_spec";
    case ALERT:              return "alert";
    case HANDSHAKE:          return "handshake";
    case APPLICATION_DATA:   return "application_data";
    default:                 return "unknown content type";
    }
}

static void line(const struct trace *trace, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void line(const struct trace *trace, const char *format, ...)
{
    va_list arguments;
    fputs(trace->prefix, trace->to);
    va_start(arguments, format);
    vfprintf(trace->to, format, arguments);
    va_end(arguments);
    fputc('\n', trace->to);
}

static void trace_record(const struct trace *trace, const struct observation *o)
{
    if (o->protected)
        line(trace, "%s record     %s, %zu bytes, protected as number %" PRIu64 " in 5 + %zu",
             arrow(o), content_type_name(o->content_type), o->content_len, o->sequence,
             o->bytes.len - 5);
    else
        line(trace, "%s record     %s, 5 + %zu bytes, in the clear", arrow(o),
             content_type_name(o->content_type), o->bytes.len - 5);
}

static void trace_message(const struct trace *trace, const struct observation *o)
{
    unsigned type = handshake_message_type(o->bytes);
    line(trace, "%s message    %s, %zu bytes", arrow(o), handshake_type_name(type), o->bytes.len);
}

/* The first bytes of the hash are enough to compare two ends by eye. */
static void trace_secret(const struct trace *trace, const struct observation *o)
{
    struct bytes h = o->transcript_hash;
    if (h.len < 4)
        line(trace, "    secret     \"%s\"", o->label);
    else
        line(trace, "    secret     \"%s\", transcript hash %02x%02x%02x%02x..", o->label,
             h.at[0], h.at[1], h.at[2], h.at[3]);
}

static void see(void *context, const struct observation *o)
{
    const struct trace *trace = context;
    switch (o->kind) {
    case OBSERVE_RECORD:  trace_record(trace, o); break;
    case OBSERVE_MESSAGE: trace_message(trace, o); break;
    case OBSERVE_SECRET:  trace_secret(trace, o); break;
    case OBSERVE_STATE:   line(trace, "    state      %s", o->label); break;
    case OBSERVE_ALERT:
        line(trace, "%s alert      %s (%u)%s%s", arrow(o), alert_name(o->alert), o->alert,
             *o->reason ? ": " : "", o->reason);
        break;
    case OBSERVE_KEYS:
        line(trace, "    keys       %s keys for %s", o->label,
             o->direction == SENT ? "sending" : "receiving");
        break;
    }
    fflush(trace->to);
}

struct observer trace_observer(struct trace *trace)
{
    return (struct observer){ see, trace };
}
