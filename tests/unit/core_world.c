/* core_world.c - a core alone, with a disk that saves at once, and all that it tells.
 * SPDX-License-Identifier: MIT */
#include "core_world.h"

struct usher_span span(const char *text)
{
    return (struct usher_span){text, strlen(text)};
}

static void hear(struct world *w, const struct usher_effect *fx)
{
    struct told *t = &w->told;
    if (fx->type == USHER_DO_FACT) {
        const struct usher_fact *f = fx->as.fact.fact;
        assert_true(t->n_facts < 16 && f->body.len < 64);
        t->facts[t->n_facts] = *f;
        memcpy(t->bodies[t->n_facts], f->body.base, f->body.len);
        t->facts[t->n_facts].body.base = t->bodies[t->n_facts];
        t->fact_link[t->n_facts++] = fx->link.v;
        return;
    }
    const struct usher_note *n = &fx->as.note;
    assert_int_equal(fx->type, USHER_DO_NOTE);
    assert_true(t->n_notes < 64);
    t->notes[t->n_notes] = *n;
    t->note_link[t->n_notes++] = fx->link.v;
    if (n->type == USHER_NOTE_BOARD) {
        t->n_boards++;
        for (size_t i = 0; i < n->as.board.n_queues; i++) {
            assert_true(t->n_queues < 8);
            t->queues[t->n_queues++] = n->as.board.queues[i];
        }
        for (size_t i = 0; i < n->as.board.n_agents; i++) {
            assert_true(t->n_agents < 64);
            t->agents[t->n_agents++] = n->as.board.agents[i];
        }
    }
}

/* Take everything; what is to be saved is durable at once. */
static void drain(struct world *w)
{
    const struct usher_effect *fx;
    struct usher_fault why;
    while ((fx = usher_take(w->desk)) != NULL) {
        if (fx->type == USHER_DO_PERSIST) {
            struct usher_event saved = {.type = USHER_EV_PERSISTED};
            saved.as.persisted.upto = fx->as.persist.first + fx->as.persist.n - 1;
            assert_int_equal(usher_step(w->desk, w->now, &saved), 0);
        } else if (fx->type == USHER_DO_FIND) {
            w->told.n_finds++;
            w->found.type = USHER_EV_FOUND;
            w->found.as.found.ticket = fx->as.find.ticket;
            assert_int_equal(usher_step(w->desk, w->now, &w->found), 0);
        } else {
            hear(w, fx);
        }
    }
    if (usher_audit(w->desk, &why) != 0) {
        fail_msg("%s", why.text);
    }
}

void step(struct world *w, const struct usher_event *ev)
{
    memset(&w->told, 0, sizeof w->told);
    int rv;
    while ((rv = usher_step(w->desk, w->now, ev)) == USHER_EWAIT) {
        drain(w);
    }
    assert_int_equal(rv, 0);
    drain(w);
}

void pass(struct world *w, uint64_t ms)
{
    struct usher_event tick = {.type = USHER_EV_TICK};
    w->now.mono_ms += ms;
    w->now.wall_ms += (int64_t) ms;
    step(w, &tick);
}

void set_agent(struct world *w, const char *id, bool supervisor)
{
    static const struct usher_queue_id sales = {"sales"};
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    strcpy(ev.as.agent_set.agent.s, id);
    ev.as.agent_set.queues = &sales;
    ev.as.agent_set.n_queues = supervisor ? 0 : 1;
    ev.as.agent_set.supervisor = supervisor;
    step(w, &ev);
}

void sign_in(struct world *w, uint64_t link, const char *agent)
{
    struct usher_event up = {.type = USHER_EV_LINK_UP, .link = {link}};
    struct usher_event in = {.type = USHER_EV_SIGN_IN_VISITOR, .link = {link}};
    in.as.visitor.visitor.b[0] = 7;
    in.as.visitor.token_hash[0] = 7;
    in.as.visitor.same_epoch = true;
    if (agent != NULL) {
        memset(&in.as, 0, sizeof in.as);
        in.type = USHER_EV_SIGN_IN_AGENT;
        strcpy(in.as.agent.agent.s, agent);
        in.as.agent.same_epoch = true;
    }
    step(w, &up);
    step(w, &in);
}

struct usher_event command(enum usher_event_type type, uint64_t link, const char *key)
{
    struct usher_event ev = {.type = type, .link = {link}, .key = span(key)};
    ev.session.b[0] = 9;
    return ev;
}

void start(struct world *w)
{
    struct usher_event ev = command(USHER_EV_START, VISITOR, "k1");
    strcpy(ev.as.start.queue.s, "sales");
    ev.as.start.body = span("Is it blue?");
    step(w, &ev);
}

void ready(struct world *w, uint64_t link, const char *key, bool on)
{
    struct usher_event ev = command(USHER_EV_READY, link, key);
    ev.as.ready.on = on;
    step(w, &ev);
}

struct usher_event accepting(const struct world *w)
{
    struct usher_event accept = command(USHER_EV_ACCEPT, ANN, "a1");
    for (unsigned i = 0; i < w->told.n_notes; i++) {
        if (w->told.notes[i].type == USHER_NOTE_OFFER) {
            accept.as.answer.offer = w->told.notes[i].as.offer.number;
        }
    }
    return accept;
}

int open_desk(void **state)
{
    static struct world w;
    struct usher_config cfg;
    usher_config_init(&cfg);
    cfg.limits = (struct usher_limits){.links = 16, .sessions = 16, .agents = 40, .boards = 2};
    memset(&w, 0, sizeof w);
    w.now = (struct usher_now){.mono_ms = 1000, .wall_ms = AT};
    assert_int_equal(usher_new(&w.desk, &cfg), 0);
    struct usher_event loaded = {.type = USHER_EV_LOADED};
    loaded.as.loaded.epoch = 1;
    step(&w, &loaded);
    struct usher_event queue = {.type = USHER_EV_QUEUE_SET};
    queue.as.queue_set = (struct usher_queue_set){.queue = {"sales"}, .open = true};
    step(&w, &queue);
    set_agent(&w, "ann", false);
    set_agent(&w, "sue", true);
    sign_in(&w, VISITOR, NULL);
    sign_in(&w, ANN, "ann");
    sign_in(&w, SUE, "sue");
    *state = &w;
    return 0;
}

int close_desk(void **state)
{
    struct world *w = *state;
    usher_free(w->desk);
    return 0;
}

unsigned count_notes(const struct told *t, enum usher_note_type type, uint64_t link)
{
    unsigned n = 0;
    for (unsigned i = 0; i < t->n_notes; i++) {
        n += t->notes[i].type == type && t->note_link[i] == link;
    }
    return n;
}

const struct usher_note *answer(const struct told *t, uint64_t link)
{
    assert_int_equal(t->n_notes, 1);
    assert_int_equal(t->note_link[0], link);
    return &t->notes[0];
}
