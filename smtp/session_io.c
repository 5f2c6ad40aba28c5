/* smtp/session_io.c - drives each session as far as it goes, then says what it waits for.
 *
 * A session's phases: STARTING (its last plain bytes go out) -> SECURING -> SPEAKING -> LEAVING
 * (its last bytes go out) -> DRAINING (what the peer still sends is thrown away, so that a reset
 * does not overtake our last words or alert). `drive` is the only place that moves it.
 *
 * Trusts      smtp/server.c for what to say, tls13/ for what to believe.
 * Secret      passwords, from the session's line to the job that verifies them; wiped by both.
 */
#include "smtp/session_io.h"

#include "crypto/wipe.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROUNDS_AT_ONCE    = 64,          /* steps before another session gets its turn */
    AUTH_FLOOR_MS     = 1000,        /* a wrong password is answered no sooner */
    PAUSE_MS          = 1000,
    LAST_WORDS_MS     = 10000,       /* for LEAVING and DRAINING together */
    DRAIN_MAX         = 1 << 20,
    STRANGER_MS       = 600000,      /* from connect to a successful AUTH */
    MESSAGE_MS        = 1800000,     /* for one message's content */
    RATE_MS           = 60000,       /* its average speed is looked at this often */
    RATE_MIN          = 500,         /* octets a second */
};

/* A password that is being verified; outlives its session if need be. */
struct login {
    struct job job;                  /* first */
    struct session *session;         /* NULL: has gone */
    struct identity *identity;
    int64_t began;
    bool right;
    struct bytes user, password;     /* views into `text` */
    size_t text_len;
    uint8_t text[];
};

/* ---- the end of a session ---- */

static void leave(struct session *s)
{
    channel_finish(&s->channel);
    s->phase = LEAVING;
    s->deadline = loop_now() + LAST_WORDS_MS;
}

static void drop_mail(struct session *s)
{
    if (s->mail != NULL)
        mail_abort(s->mail);
    s->mail = NULL;
}

/* The session ends without a word that could be sent. */
static void end_silently(struct session *s, enum smtp_end why)
{
    uint8_t unsent[CHANNEL_WRITE_MAX];
    enum smtp_server_event event;

    smtp_server_end(&s->smtp, why);
    do {
        struct writer out = writer_of(unsent, sizeof unsent);
        struct bytes data;
        size_t used;
        event = smtp_server_step(&s->smtp, bytes_of(NULL, 0), &used, &out, &data);
        if (event == SMTP_SERVER_MESSAGE_ABORT)
            drop_mail(s);
    } while (event != SMTP_SERVER_CLOSE);
}

static void give_paths(struct session *s)
{
    smtp_server_lend(&s->smtp, NULL, 0);
    lender_give(&s->service->paths, s->paths);
    s->paths = NULL;
}

static void unlink_session(struct session *s)
{
    struct service *v = s->service;

    *s->link = s->next;
    if (s->next != NULL)
        s->next->link = s->link;
    v->session_count--;
    peers_leave(&v->peers, s->peer);
}

/* A job that is under way keeps its own memory, and finds nobody to tell. */
static void destroy(struct session *s)
{
    struct service *v = s->service;

    if (s->phase <= SPEAKING)
        end_silently(s, SMTP_END_TRUNCATED);
    if (s->mail != NULL)
        s->mail->session = NULL;
    if (s->login != NULL)
        s->login->session = NULL;
    if (s->watched)
        loop_unwatch(&v->loop, &s->watch);
    loop_clear_timer(&v->loop, &s->timer);
    if (s->paths != NULL)
        give_paths(s);
    channel_close(&s->channel);
    unlink_session(s);
    identity_release(s->identity);
    wipe(s, sizeof *s);
    free(s);
    if (v->stopping && v->session_count == 0)
        loop_stop(&v->loop);
    v->session_ended(v->context);
}

/* ---- passwords ---- */

static void drive(struct session *s);
static bool set_timer(struct session *s);

static void free_login(struct login *login)
{
    identity_release(login->identity);
    wipe(login->text, login->text_len);
    free(login);
}

static void run_login(struct job *job)
{
    struct login *login = (struct login *)job;
    login->right = users_verify(login->identity->users, login->user, login->password);
}

static void finish_login(struct session *s)
{
    struct login *login = s->login;
    bool right = login->right;

    s->login = NULL;
    s->login_wrong = false;
    free_login(login);
    if (!right)
        peers_auth_failed(&s->service->peers, s->peer, loop_now());
    smtp_server_authenticated(&s->smtp, right ? SMTP_AUTH_OK : SMTP_AUTH_WRONG);
    drive(s);
}

/* A wrong password and an unknown user get the same answer after the same time. */
static void login_done(struct job *job)
{
    struct login *login = (struct login *)job;
    struct session *s = login->session;

    if (s == NULL) {
        free_login(login);
    } else if (login->right || loop_now() - login->began >= AUTH_FLOOR_MS) {
        finish_login(s);
    } else {
        s->login_wrong = true;
        if (!set_timer(s))
            finish_login(s);
    }
}

static struct login *make_login(struct session *s)
{
    struct bytes user = smtp_server_user(&s->smtp), password = smtp_server_password(&s->smtp);
    struct login *login = calloc(1, sizeof *login + user.len + password.len);

    if (login == NULL)
        return NULL;
    struct writer w = writer_of(login->text, user.len + password.len);
    write_bytes(&w, user);
    write_bytes(&w, password);
    login->text_len = w.len;
    login->user = bytes_of(login->text, user.len);
    login->password = bytes_of(login->text + user.len, password.len);
    login->session = s;
    login->identity = identity_hold(s->identity);
    login->began = loop_now();
    login->job = (struct job){ .run = run_login, .done = login_done };
    return login;
}

static enum need on_authenticate(struct session *s)
{
    struct service *v = s->service;
    struct peer_limits limits = service_peer_limits(v);
    bool may = peers_may_authenticate(&v->peers, s->peer, &limits, loop_now());

    s->login = may ? make_login(s) : NULL;
    if (s->login == NULL) {
        smtp_server_authenticated(&s->smtp, SMTP_AUTH_LATER);
        return NEED_TURN;
    }
    workers_give(&v->passwords, &s->login->job);
    return NEED_ANSWER;
}

/* ---- messages ---- */

/* The message is in its mailboxes, or nowhere. */
static void on_stored(struct mail *mail)
{
    struct service *v = mail->context;
    struct session *s = mail->session;
    enum smtp_store_result result = mail_store_result(mail->result);

    if (result != SMTP_STORE_OK) {
        struct log_line l = log_line("store");
        log_text(&l, "id", mail->id);
        log_text(&l, "result", "fail");
        log_text(&l, "stage", mail->draft.failed);
        log_text(&l, "reason", strerror(mail->draft.error));
        log_write(&v->log, &l);
    }
    if (s == NULL) {
        struct log_line l = log_line("store");
        log_text(&l, "id", mail->id);
        log_text(&l, "reply", "lost");
        log_write(&v->log, &l);
    }
    mail_free(mail);
    if (s != NULL) {
        s->mail = NULL;
        smtp_server_stored(&s->smtp, result);
        drive(s);
    }
}

static void on_message_begin(struct session *s)
{
    struct service *v = s->service;
    enum maildir_result result = MAILDIR_STORED;
    const char *problem = "";

    s->mail = mail_begin(&s->smtp, v->config, v->identity->users, &result, &problem);
    if (s->mail == NULL) {
        session_log_trouble(s, "store", problem);
        smtp_server_opened(&s->smtp, mail_store_result(result));
        return;
    }
    s->mail->session = s;
    s->mail->context = v;
    s->mail->stored = on_stored;
    smtp_server_opened(&s->smtp, SMTP_STORE_OK);
}

/* ---- speaking ---- */

/* NEED_TURN: step again. */
static enum need on_event(struct session *s, enum smtp_server_event event, struct bytes data)
{
    switch (event) {
    case SMTP_SERVER_WANTS_INPUT:
    case SMTP_SERVER_WANTS_OUTPUT:
        return NEED_TURN;
    case SMTP_SERVER_WAITS:
        return NEED_ANSWER;
    case SMTP_SERVER_PAUSE:
        return NEED_PAUSE;
    case SMTP_SERVER_STARTTLS:
        s->phase = STARTING;
        return NEED_TURN;
    case SMTP_SERVER_AUTHENTICATE:
        return on_authenticate(s);
    case SMTP_SERVER_MESSAGE_BEGIN:
        on_message_begin(s);
        return NEED_TURN;
    case SMTP_SERVER_MESSAGE_BYTES:
        mail_write(s->mail, data);
        return NEED_TURN;
    case SMTP_SERVER_MESSAGE_END:
        mail_commit(s->mail, &s->service->store);
        return NEED_ANSWER;
    case SMTP_SERVER_MESSAGE_ABORT:
        drop_mail(s);
        return NEED_TURN;
    case SMTP_SERVER_CLOSE:
        s->phase = LEAVING;
        return NEED_TURN;
    }
    return NEED_TURN;
}

/* The session has used what there was: get more, or tell it that there is no more. */
static enum need hear(struct session *s)
{
    if (s->service->stopping) {
        smtp_server_end(&s->smtp, SMTP_END_SHUTDOWN);
        return NEED_TURN;
    }
    switch (channel_receive(&s->channel)) {
    case CHANNEL_WAITS:
        return NEED_INPUT;
    case CHANNEL_BYTES:
    case CHANNEL_SECURED:
        return NEED_TURN;
    case CHANNEL_ENDED:
        smtp_server_end(&s->smtp, SMTP_END_CLOSED);
        return NEED_TURN;
    case CHANNEL_BROKEN:
        if (s->channel.secure && !s->channel.truncated)
            session_log_tls_failure(s, NULL);
        smtp_server_end(&s->smtp, SMTP_END_TRUNCATED);
        return NEED_TURN;
    }
    return NEED_TURN;
}

/* Memory for recipients, while somebody who may send is talking. */
static void lend_paths(struct session *s)
{
    if (s->paths != NULL || s->smtp.user_len == 0 || channel_input(&s->channel).len == 0
        || smtp_server_in_transaction(&s->smtp))
        return;
    s->paths = lender_take(&s->service->paths);
    if (s->paths != NULL)
        smtp_server_lend(&s->smtp, s->paths, SERVICE_PATHS_LEN);
}

/* Steps until something is needed that is not at hand, collecting replies: they leave together. */
static enum need converse(struct session *s, struct writer *out)
{
    for (;;) {
        struct bytes data = { NULL, 0 };
        size_t used = 0;

        lend_paths(s);
        enum smtp_server_event event = smtp_server_step(&s->smtp, channel_input(&s->channel),
                                                        &used, out, &data);
        enum need need = on_event(s, event, data);
        channel_use(&s->channel, used);
        if (need != NEED_TURN || s->phase != SPEAKING || event == SMTP_SERVER_WANTS_OUTPUT)
            return need;
        if (event == SMTP_SERVER_WANTS_INPUT)
            return out->len > 0 ? NEED_TURN : hear(s);
    }
}

static enum need on_speaking(struct session *s)
{
    uint8_t text[CHANNEL_WRITE_MAX];
    struct writer out = writer_of(text, sizeof text);
    enum need need = converse(s, &out);

    if (s->paths != NULL && !smtp_server_in_transaction(&s->smtp))
        give_paths(s);
    bool said = channel_write(&s->channel, writer_bytes(&out)) == out.len;
    if (s->phase == LEAVING)
        leave(s);
    return said || s->phase == LEAVING ? need : NEED_NOTHING_MORE;
}

/* ---- the other phases ---- */

static enum need on_starting(struct session *s)
{
    if (!channel_start_tls(&s->channel, &s->identity->tls)) {
        leave(s);
        return NEED_TURN;
    }
    s->phase = SECURING;
    s->deadline = loop_now() + (int64_t)s->service->config->limits.handshake_seconds * 1000;
    return NEED_TURN;
}

static void on_secured(struct session *s)
{
    struct tls_facts f = tls_facts(&s->channel.tls);
    struct smtp_tls_facts names = { f.suite->name, f.group->name, f.scheme->name };

    session_log_secured(s, &f);
    smtp_server_tls(&s->smtp, &names);
    s->phase = SPEAKING;
}

static enum need on_securing(struct session *s)
{
    switch (channel_receive(&s->channel)) {
    case CHANNEL_WAITS:
        return channel_has_output(&s->channel) ? NEED_TURN : NEED_INPUT;
    case CHANNEL_SECURED:
        on_secured(s);
        return NEED_TURN;
    case CHANNEL_BYTES:
    case CHANNEL_ENDED:
    case CHANNEL_BROKEN:
        break;
    }
    session_log_tls_failure(s, NULL);
    end_silently(s, SMTP_END_CLOSED);
    leave(s);
    return NEED_TURN;
}

static enum need on_leaving(struct session *s)
{
    s->phase = DRAINING;
    return NEED_TURN;
}

static enum need on_draining(struct session *s)
{
    return channel_drain(&s->channel, DRAIN_MAX) ? NEED_NOTHING_MORE : NEED_INPUT;
}

static enum need (*const phases[])(struct session *s) = {
    [STARTING]  = on_starting,
    [SECURING] = on_securing,
    [SPEAKING]  = on_speaking,
    [LEAVING]   = on_leaving,
    [DRAINING]  = on_draining,
};

/* A phase begins only when all that was said before has been sent. */
static enum need advance(struct session *s)
{
    enum need need = NEED_TURN;

    for (int round = 0; round < ROUNDS_AT_ONCE; round++) {
        enum channel_sent sent = channel_flush(&s->channel);
        if (sent == CHANNEL_LOST)
            return NEED_NOTHING_MORE;
        if (sent == CHANNEL_BLOCKED)
            return NEED_OUTPUT;
        if (need != NEED_TURN)
            return need;
        need = phases[s->phase](s);
    }
    return channel_has_output(&s->channel) ? NEED_TURN : need;
}

/* ---- time ---- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* RFC 5321 §4.5.3.2.7 and the limits above: when is this peer too slow? Called whenever it has done
 * something. */
static void set_deadline(struct session *s)
{
    int64_t now = loop_now();
    unsigned idle = smtp_server_idle_seconds(&s->smtp);
    unsigned line = smtp_server_line_seconds(&s->smtp);
    uint64_t most = s->service->config->limits.idle_seconds;

    if (s->phase != SPEAKING)
        return;
    s->deadline = now + (int64_t)(idle > 0 && idle < most ? idle : most) * 1000;
    if (line_is_empty(&s->smtp.line))
        s->line_began = 0;
    else if (s->line_began == 0)
        s->line_began = now;
    if (s->line_began != 0 && line > 0)
        s->deadline = earlier(s->deadline, s->line_began + (int64_t)line * 1000);
    if (s->smtp.user_len == 0)
        s->deadline = earlier(s->deadline, s->began + STRANGER_MS);
    if (s->mail != NULL)
        s->deadline = earlier(s->deadline, s->mail->began + MESSAGE_MS);
    if (s->service->stopping)
        s->deadline = earlier(s->deadline, s->service->stop_by);
}

/* When the message's speed is looked at next: whole RATE_MS after its beginning, however often
 * something comes in between. */
static int64_t next_look(const struct mail *mail, int64_t now)
{
    return mail->began + ((now - mail->began) / RATE_MS + 1) * RATE_MS;
}

static int64_t timer_ms(const struct session *s)
{
    int64_t now = loop_now();

    if (s->login_wrong)
        return s->login->began + AUTH_FLOOR_MS - now;
    switch (s->need) {
    case NEED_TURN:
        return 0;
    case NEED_PAUSE:
        return PAUSE_MS;
    case NEED_ANSWER:
        return INT64_MAX;
    case NEED_INPUT:
    case NEED_OUTPUT:
    case NEED_NOTHING_MORE:
        break;
    }
    return earlier(s->deadline, s->mail != NULL ? next_look(s->mail, now) : s->deadline) - now;
}

/* False if there is no memory for a timer: then the session cannot stay. */
static bool set_timer(struct session *s)
{
    int64_t ms = timer_ms(s);

    if (ms != INT64_MAX)
        return loop_set_timer(&s->service->loop, &s->timer, ms < 0 ? 0 : ms);
    loop_clear_timer(&s->service->loop, &s->timer);
    return true;
}

static bool too_slow(const struct session *s, int64_t now)
{
    int64_t seconds = s->mail != NULL ? (now - s->mail->began) / 1000 : 0;

    return now >= s->deadline
        || (seconds >= RATE_MS / 1000 && s->mail->received < (uint64_t)(RATE_MIN * seconds));
}

static void on_time_out(struct session *s)
{
    if (s->phase == SPEAKING && s->need == NEED_INPUT) {
        smtp_server_end(&s->smtp, SMTP_END_TIMEOUT);
        drive(s);
        return;
    }
    if (s->phase == SECURING)
        session_log_tls_failure(s, "the handshake took too long");
    destroy(s);
}

static void on_timer(void *context)
{
    struct session *s = context;

    if (s->login_wrong)
        finish_login(s);
    else if (s->need == NEED_TURN || s->need == NEED_PAUSE)
        drive(s);
    else if (too_slow(s, loop_now()) || !set_timer(s))
        on_time_out(s);
}

/* ---- driving ---- */

/* A socket that nothing is wanted of is not watched at all: else a hang-up would be reported over
 * and over. */
static bool set_watch(struct session *s)
{
    struct loop *loop = &s->service->loop;
    uint32_t events = s->need == NEED_INPUT ? EPOLLIN : s->need == NEED_OUTPUT ? EPOLLOUT : 0;

    if (events == 0) {
        if (s->watched)
            loop_unwatch(loop, &s->watch);
        s->watched = false;
        return true;
    }
    if (s->watched)
        return loop_change(loop, &s->watch, events);
    s->watch.events = events;
    s->watched = loop_watch(loop, &s->watch);
    return s->watched;
}

static void drive(struct session *s)
{
    s->need = advance(s);
    if (s->need == NEED_NOTHING_MORE || !set_watch(s)) {
        destroy(s);
        return;
    }
    set_deadline(s);
    if (!set_timer(s))
        destroy(s);
}

static void on_ready(void *context, uint32_t events)
{
    (void)events;
    drive(context);
}

/* ---- beginning and stopping ---- */

static void link_session(struct session *s, struct service *v)
{
    s->link = &v->first;
    s->next = v->first;
    if (s->next != NULL)
        s->next->link = &s->next;
    v->first = s;
    v->session_count++;
}

void session_begin(struct session *s, struct service *v, int fd, bool implicit_tls)
{
    s->service = v;
    s->identity = identity_hold(v->identity);
    s->watch = (struct loop_watch){ .fd = fd, .ready = on_ready, .context = s };
    s->timer = (struct loop_timer){ .expired = on_timer, .context = s };
    s->began = loop_now();
    s->phase = implicit_tls ? STARTING : SPEAKING;
    channel_open(&s->channel, fd, &v->memory);
    link_session(s, v);
    if (!smtp_server_start(&s->smtp, implicit_tls ? &v->submissions : &v->submission)) {
        s->phase = DRAINING;             /* nothing has begun: nothing ends */
        destroy(s);
        return;
    }
    s->smtp.user_data = s;
    session_log_connect(s, implicit_tls);
    drive(s);
}

void session_stop(struct session *s)
{
    if (s->phase == SECURING) {
        end_silently(s, SMTP_END_SHUTDOWN);
        leave(s);
    }
    if (s->need == NEED_INPUT || s->need == NEED_PAUSE) {
        drive(s);
    } else if (s->need == NEED_OUTPUT) {             /* a peer that does not read is not told */
        s->deadline = earlier(s->deadline, s->service->stop_by);
        if (!set_timer(s))
            destroy(s);
    }
}
