/* smtp/session_log_io.c - what sessions say in the log, event by event.
 *
 * Every line has the session's id; those about logins and refusals have the address too, so that
 * one pattern finds a guesser:  ^auth .*result=fail .*ip=ADDRESS
 */
#include "smtp/session_io.h"

static struct log_line session_line(const char *event, const struct session *s)
{
    struct log_line l = log_line(event);
    log_text(&l, "sid", s->smtp.sid);
    return l;
}

static void log_address(struct log_line *l, const char *key, struct bytes address)
{
    uint8_t text[ADDRESS_TEXT_MAX + 2];
    struct writer w = writer_of(text, sizeof text);

    write_u8(&w, '<');
    write_bytes(&w, address);
    write_u8(&w, '>');
    log_bytes(l, key, writer_bytes(&w));
}

void session_log_connect(const struct session *s, bool implicit_tls)
{
    struct log_line l = session_line("connect", s);
    log_text(&l, "ip", s->ip);
    log_number(&l, "port", s->port);
    log_text(&l, "listener", implicit_tls ? "submissions" : "submission");
    log_write(&s->service->log, &l);
}

void session_log_secured(const struct session *s, const struct tls_facts *f)
{
    struct log_line l = session_line("tls", s);
    log_text(&l, "version", "TLSv1.3");
    log_text(&l, "suite", f->suite->name);
    log_text(&l, "group", f->group->name);
    log_text(&l, "sig", f->scheme->name);
    log_bytes(&l, "sni", f->server_name.len > 0 ? f->server_name : bytes_of_string("-"));
    log_bytes(&l, "alpn", f->alpn.len > 0 ? f->alpn : bytes_of_string("-"));
    log_number(&l, "ms", (uint64_t)(loop_now() - s->began));
    log_write(&s->service->log, &l);
}

void session_log_tls_failure(const struct session *s, const char *why)
{
    char buffer[320];
    struct tls_failure f = tls_failure(&s->channel.tls);
    struct log_line l = session_line("tls", s);

    log_text(&l, "result", "fail");
    if (f.alert != ALERT_NONE) {
        log_text(&l, "alert", alert_name((uint8_t)f.alert));
        log_text(&l, "by", f.received ? "peer" : "us");
    }
    log_text(&l, "reason", why != NULL ? why : channel_reason(&s->channel, buffer, sizeof buffer));
    log_text(&l, "ip", s->ip);
    log_write(&s->service->log, &l);
}

static void log_auth(struct log_line *l, const struct session *s, const struct smtp_log *e)
{
    log_text(l, "result", e->code == 235 ? "ok" : "fail");
    if (e->mechanism != NULL && e->mechanism[0] != 0)
        log_text(l, "mech", e->mechanism);
    if (e->code != 235)
        log_text(l, "reason", e->reason);
    log_bytes(l, "user", e->user);
    log_text(l, "ip", s->ip);
    log_number(l, "count", e->count);
}

static void log_mail(struct log_line *l, const struct session *s, const struct smtp_log *e)
{
    log_text(l, "id", e->id);
    log_address(l, "from", e->from);
    log_number(l, "size", e->size);
    log_number(l, "rcpt", e->count);
    log_bytes(l, "user", e->user);
    log_text(l, "proto", s->smtp.esmtp ? "ESMTPSA" : "SMTP");
    log_text(l, "result", "stored");
}

static void log_reject(struct log_line *l, const struct session *s, const struct smtp_log *e)
{
    log_text(l, "stage", e->stage);
    log_number(l, "code", e->code);
    log_text(l, "esc", e->enhanced);
    if (e->from.len > 0)
        log_address(l, "from", e->from);
    if (e->to.len > 0)
        log_address(l, "to", e->to);
    log_text(l, "ip", s->ip);
    log_text(l, "reason", e->reason);
}

static void log_disconnect(struct log_line *l, const struct session *s, const struct smtp_log *e)
{
    log_text(l, "reason", e->reason);
    log_number(l, "cmds", s->smtp.commands);
    log_number(l, "errors", s->smtp.errors);
    log_number(l, "in", s->channel.bytes_in);
    log_number(l, "out", s->channel.bytes_out);
    log_number(l, "ms", (uint64_t)(loop_now() - s->began));
}

void session_log_smtp(void *context, const struct smtp_server *smtp, const struct smtp_log *e)
{
    static const struct {
        const char *event;
        void (*fill)(struct log_line *l, const struct session *s, const struct smtp_log *e);
    } kinds[] = {
        [SMTP_LOG_AUTH]       = { "auth",       log_auth },
        [SMTP_LOG_MAIL]       = { "mail",       log_mail },
        [SMTP_LOG_REJECT]     = { "reject",     log_reject },
        [SMTP_LOG_DISCONNECT] = { "disconnect", log_disconnect },
    };
    const struct service *v = context;
    const struct session *s = smtp->user_data;
    struct log_line l = session_line(kinds[e->kind].event, s);

    kinds[e->kind].fill(&l, s, e);
    log_write(&v->log, &l);
}

void session_log_trouble(const struct session *s, const char *event, const char *problem)
{
    struct log_line l = session_line(event, s);
    log_text(&l, "reason", problem);
    log_write(&s->service->log, &l);
}
