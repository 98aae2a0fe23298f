/* uv_world.c - a whole desk in a test: loop, storage with trouble, people on local links.
 * SPDX-License-Identifier: MIT */
#include "uv_world.h"

static void world_run_out(uv_timer_t *timer)
{
    (void) timer;
    fail_msg("waited for what never came");
}

static void world_who(void *ctx, struct usher_uv *rt, uint64_t ticket,
                      struct usher_span token)
{
    struct world *w = ctx;
    char agent[32] = "";
    /* The token of agent ann is "ann-token". */
    if (token.len > 6 && token.len < sizeof agent) {
        memcpy(agent, token.base, token.len - 6);
    }
    bool good = token.len > 6
             && memcmp((const char *) token.base + token.len - 6, "-token", 6) == 0;
    if (w->answer_later) {
        assert_true(w->n_tickets < WORLD_TICKETS_MAX);
        w->tickets[w->n_tickets++] = ticket;
        return;
    }
    usher_uv_signed_in(rt, ticket, good ? agent : NULL);
}

static void world_tell(void *ctx, const struct usher_fact *f)
{
    struct world *w = ctx;
    assert_true(w->n_told < WORLD_TOLD_MAX);
    w->told[w->n_told++] = f->seq;
    if (w->on_tell != NULL) {
        w->on_tell(w, f);
    }
}

static void world_started(void *ctx, struct usher_uv *rt, const struct usher_fault *why)
{
    struct world *w = ctx;
    w->rt = rt;
    w->started = true;
    w->start_fault = *why;
    if (w->on_started != NULL) {
        w->on_started(w);
    }
}

static void world_saving(void *ctx, const struct usher_fault *why)
{
    struct world *w = ctx;
    w->saving_lost += why->err != 0 ? 1 : 0;
    w->saving_back += why->err == 0 ? 1 : 0;
    w->saving_err = why->err != 0 ? why->err : w->saving_err;
}

static void world_log(void *ctx, enum usher_level level, const char *line)
{
    struct world *w = ctx;
    size_t len = strlen(w->log);
    assert_true(strlen(line) <= 1024);
    snprintf(w->log + len, sizeof w->log - len, "%d %s\n", (int) level, line);
}

void world_init(struct world *w)
{
    memset(w, 0, sizeof *w);
    assert_int_equal(uv_loop_init(&w->loop), 0);
    uv_timer_init(&w->loop, &w->patience);
    uv_timer_start(&w->patience, world_run_out, WORLD_PATIENCE_MS, 0);
    uv_unref((uv_handle_t *) &w->patience);
    assert_int_equal(usher_shelf_new(&w->shelf), 0);
    usher_uv_config_init(&w->cfg);
    w->cfg.loop = &w->loop;
    w->cfg.core.limits.links = 64;
    w->cfg.core.limits.sessions = 64;
    w->cfg.core.limits.keys = 1024;
    strcpy(w->queues[0].queue.s, "sales");
    w->queues[0].open = true;
    strcpy(w->agents[0].agent.s, "ann");
    w->agents[0].name = (struct usher_span){"Ann", 3};
    w->agents[0].queues = &w->queues[0].queue;
    w->agents[0].n_queues = 1;
    w->agents[1] = w->agents[0];
    strcpy(w->agents[1].agent.s, "bea");
    w->agents[1].name = (struct usher_span){"Bea", 3};
    w->cfg.queues = w->queues;
    w->cfg.n_queues = 1;
    w->cfg.agents = w->agents;
    w->cfg.n_agents = 2;
    w->cfg.transports = w->transports;
    w->cfg.n_transports = 1;
    w->cfg.who = world_who;
    w->cfg.tell = world_tell;
    w->cfg.started = world_started;
    w->cfg.saving = world_saving;
    w->cfg.log = world_log;
    w->cfg.ctx = w;
}

void world_begin(struct world *w)
{
    struct usher_storage *memory = NULL;
    assert_int_equal(usher_memory_open(&memory, w->shelf), 0);
    trouble_init(&w->t, memory);
    w->t.load_hangs = w->load_hangs;
    w->t.mute = w->mute;
    w->t.load_fails = w->load_fails;
    w->t.load_lies = w->load_lies;
    w->t.reads_fail = w->reads_fail;
    assert_int_equal(usher_local_new(&w->local, &w->loop), 0);
    w->transports[0] = w->local;
    w->cfg.storage = &w->t.storage;
    w->started = false;
    w->stopped = false;
    w->n_told = 0;
    assert_int_equal(usher_uv_start(&w->rt, &w->cfg, NULL), 0);
}

void world_until(struct world *w, const bool *what)
{
    while (!*what) {
        assert_true(uv_run(&w->loop, UV_RUN_ONCE) != 0 || *what);
    }
}

void world_open(struct world *w)
{
    world_begin(w);
    world_until(w, &w->started);
    if (w->start_fault.err != 0) {
        fail_msg("not started: %s", w->start_fault.text);
    }
}

void world_stopped(void *ctx)
{
    struct world *w = ctx;
    w->stopped = true;
}

void world_clear(struct world *w)
{
    assert_true(w->t.closed);
    trouble_done(&w->t);
    usher_local_free(w->local);
    w->rt = NULL;
}

void world_stop(struct world *w)
{
    usher_uv_stop(w->rt, world_stopped, w);
    world_until(w, &w->stopped);
    world_clear(w);
}

void world_done(struct world *w)
{
    assert_int_equal(uv_run(&w->loop, UV_RUN_NOWAIT), 0);
    uv_close((uv_handle_t *) &w->patience, NULL);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w->loop), 0);
    usher_shelf_free(w->shelf);
}

static void person_message(void *ctx, struct usher_local *l, struct usher_span message)
{
    struct person *p = ctx;
    (void) l;
    p->got = realloc(p->got, p->len + message.len + 2);
    assert_non_null(p->got);
    memcpy(p->got + p->len, message.base, message.len);
    p->len += message.len;
    p->got[p->len++] = '\n';
    p->got[p->len] = 0;
    p->messages++;
}

static void person_closed(void *ctx, struct usher_local *l, int code)
{
    struct person *p = ctx;
    (void) l;
    assert_false(p->closed);
    p->closed = true;
    p->code = code;
    p->l = NULL;
}

int person_try(struct world *w, struct person *p, const char *address)
{
    *p = (struct person){.w = w};
    struct usher_local_user user = {person_message, person_closed, p};
    return usher_local_open(w->local, &user, address, &p->l);
}

void person_open(struct world *w, struct person *p)
{
    assert_int_equal(person_try(w, p, NULL), 0);
}

void person_done(struct person *p)
{
    if (p->l != NULL) {
        usher_local_close(p->l, 1000);
        world_until(p->w, &p->closed);
    }
    free(p->got);
    *p = (struct person){0};
}

void person_send(struct person *p, const char *frame)
{
    assert_int_equal(usher_local_send(p->l, (struct usher_span){frame, strlen(frame)}), 0);
}

const char *person_find(struct person *p, const char *a, const char *b)
{
    char *line = p->got == NULL ? NULL : p->got + p->read;
    while (line != NULL && *line != 0) {
        char *end = strchr(line, '\n');
        *end = 0;
        bool found = strstr(line, a) != NULL && (b == NULL || strstr(line, b) != NULL);
        *end = '\n';
        if (found) {
            p->read = (size_t) (end + 1 - p->got);
            return line;
        }
        line = end + 1;
    }
    return NULL;
}

const char *person_wait(struct person *p, const char *a, const char *b)
{
    const char *line = person_find(p, a, b);
    while (line == NULL) {
        if (p->closed) {
            fail_msg("closed %d before %s %s; got: %s", p->code, a, b == NULL ? "" : b,
                     p->got == NULL ? "" : p->got);
        }
        assert_int_not_equal(uv_run(&p->w->loop, UV_RUN_ONCE), 0);
        line = person_find(p, a, b);
    }
    return line;
}

void person_wait_closed(struct person *p, int code)
{
    world_until(p->w, &p->closed);
    assert_int_equal(p->code, code);
}

void line_member(const char *line, const char *name, char *out, size_t size)
{
    char start[64];
    snprintf(start, sizeof start, "\"%s\":\"", name);
    const char *at = strstr(line, start);
    const char *stop = strchr(line, '\n');
    assert_non_null(at);
    assert_true(at < stop);
    at += strlen(start);
    size_t len = (size_t) (strchr(at, '"') - at);
    assert_true(len < size);
    memcpy(out, at, len);
    out[len] = 0;
}

int person_count(const struct person *p, const char *part)
{
    int n = 0;
    const char *at = p->got == NULL ? NULL : strstr(p->got, part);
    while (at != NULL) {
        n++;
        at = strchr(at, '\n');
        at = at == NULL ? NULL : strstr(at, part);
    }
    return n;
}

void person_until(struct person *p, const char *part)
{
    while (person_count(p, part) == 0) {
        assert_false(p->closed);
        assert_int_not_equal(uv_run(&p->w->loop, UV_RUN_ONCE), 0);
    }
}

void world_settle(struct world *w)
{
    for (int i = 0; i < 20; i++) {
        uv_run(&w->loop, UV_RUN_NOWAIT);
    }
}

static void world_alarm(uv_timer_t *timer)
{
    *(bool *) timer->data = true;
}

void world_pass(struct world *w, uint64_t ms)
{
    uv_timer_t timer;
    bool over = false;
    uv_timer_init(&w->loop, &timer);
    timer.data = &over;
    uv_timer_start(&timer, world_alarm, ms, 0);
    world_until(w, &over);
    uv_close((uv_handle_t *) &timer, NULL);
    uv_run(&w->loop, UV_RUN_NOWAIT);
}

void visitor_in(struct world *w, struct person *p, const char *token,
                char out[64])
{
    char frame[256];
    person_open(w, p);
    if (token == NULL) {
        person_send(p, "{\"type\":\"hello\",\"as\":\"visitor\"}");
    } else {
        snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"visitor\",\"token\":\"%s\"}",
                 token);
        person_send(p, frame);
    }
    line_member(person_wait(p, "\"type\":\"hello\"", NULL), "token", out, 64);
}

void agent_in(struct world *w, struct person *p, const char *name)
{
    char frame[256];
    person_open(w, p);
    snprintf(frame, sizeof frame, "{\"type\":\"hello\",\"as\":\"agent\",\"token\":\"%s-token\"}",
             name);
    person_send(p, frame);
    person_wait(p, "\"type\":\"hello\"", name);
}

void agent_ready(struct person *p)
{
    person_send(p, "{\"type\":\"ready\",\"key\":\"ready-1\",\"on\":true}");
    person_wait(p, "\"type\":\"done\"", "ready-1");
}

void visitor_start(struct person *p, const char *key, char session[40])
{
    char frame[256];
    snprintf(frame, sizeof frame,
             "{\"type\":\"start\",\"key\":\"%s\",\"queue\":\"sales\",\"body\":\"hello\"}", key);
    person_send(p, frame);
    line_member(person_wait(p, "\"type\":\"opened\"", key), "session", session, 40);
}

void person_say(struct person *p, const char *session, const char *key,
                const char *body)
{
    char frame[512];
    snprintf(frame, sizeof frame,
             "{\"type\":\"say\",\"key\":\"%s\",\"session\":\"%s\",\"body\":\"%s\"}", key, session,
             body);
    person_send(p, frame);
}

void agent_accept(struct person *p)
{
    char offer[32];
    char frame[128];
    line_member(person_wait(p, "\"type\":\"offer\"", NULL), "offer", offer, sizeof offer);
    snprintf(frame, sizeof frame, "{\"type\":\"accept\",\"key\":\"a-%s\",\"offer\":\"%s\"}", offer,
             offer);
    person_send(p, frame);
    person_wait(p, "\"type\":\"joined\"", NULL);
}
