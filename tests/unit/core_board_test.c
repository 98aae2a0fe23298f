/* core_board_test.c - pages that a visitor looks at, and a supervisor's board, on a core alone.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "usher/core.h"

enum { VISITOR = 1, ANN = 2, SUE = 3, SUE_AGAIN = 4 };
#define AT INT64_C(1790000000000)

/* What the desk told since it was last asked to forget. */
struct told {
    unsigned n_facts, n_notes, n_boards;
    struct usher_fact facts[16]; /* bodies point into `bodies` */
    uint64_t fact_link[16];
    char bodies[16][64];
    struct usher_note notes[64];
    uint64_t note_link[64];
    char note_keys[64][8];
    struct usher_board_queue queues[8];
    struct usher_board_agent agents[64];
    unsigned n_queues, n_agents;
};

struct world {
    struct usher *desk;
    struct usher_now now;
    struct told told;
};

static struct usher_span span(const char *text)
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
    assert_true(t->n_notes < 64 && n->key.len < 8);
    t->notes[t->n_notes] = *n;
    memcpy(t->note_keys[t->n_notes], n->key.base == NULL ? "" : n->key.base, n->key.len);
    t->note_link[t->n_notes++] = fx->link.v;
    if (n->type == USHER_NOTE_BOARD) {
        t->n_boards++;
        for (size_t i = 0; i < n->as.board.n_queues; i++) {
            t->queues[t->n_queues++] = n->as.board.queues[i];
        }
        for (size_t i = 0; i < n->as.board.n_agents; i++) {
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
        } else {
            hear(w, fx);
        }
    }
    if (usher_audit(w->desk, &why) != 0) {
        fail_msg("%s", why.text);
    }
}

static void step(struct world *w, const struct usher_event *ev)
{
    memset(&w->told, 0, sizeof w->told);
    assert_int_equal(usher_step(w->desk, w->now, ev), 0);
    drain(w);
}

static void pass(struct world *w, uint64_t ms)
{
    struct usher_event tick = {.type = USHER_EV_TICK};
    w->now.mono_ms += ms;
    w->now.wall_ms += (int64_t) ms;
    step(w, &tick);
}

static void set_agent(struct world *w, const char *id, bool supervisor)
{
    static const struct usher_queue_id sales = {"sales"};
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    strcpy(ev.as.agent_set.agent.s, id);
    ev.as.agent_set.queues = &sales;
    ev.as.agent_set.n_queues = supervisor ? 0 : 1;
    ev.as.agent_set.supervisor = supervisor;
    step(w, &ev);
}

static void sign_in(struct world *w, uint64_t link, const char *agent)
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

static struct usher_event command(enum usher_event_type type, uint64_t link, const char *key)
{
    struct usher_event ev = {.type = type, .link = {link}, .key = span(key)};
    ev.session.b[0] = 9;
    return ev;
}

static void start(struct world *w)
{
    struct usher_event ev = command(USHER_EV_START, VISITOR, "k1");
    strcpy(ev.as.start.queue.s, "sales");
    ev.as.start.body = span("Is it blue?");
    step(w, &ev);
}

static void board(struct world *w, uint64_t link, bool on)
{
    struct usher_event ev = command(USHER_EV_BOARD, link, "b1");
    ev.as.board.on = on;
    step(w, &ev);
}

/* Ann is ready, and has accepted the visitor's session. */
static void begin_talk(struct world *w)
{
    struct usher_event ready = command(USHER_EV_READY, ANN, "r1");
    ready.as.ready.on = true;
    step(w, &ready);
    start(w);
    struct usher_event accept = command(USHER_EV_ACCEPT, ANN, "a1");
    for (unsigned i = 0; i < w->told.n_notes; i++) {
        if (w->told.notes[i].type == USHER_NOTE_OFFER) {
            accept.as.answer.offer = w->told.notes[i].as.offer.number;
        }
    }
    step(w, &accept);
}

static int open_desk(void **state)
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

static int close_desk(void **state)
{
    struct world *w = *state;
    usher_free(w->desk);
    return 0;
}

static unsigned count_notes(const struct told *t, enum usher_note_type type, uint64_t link)
{
    unsigned n = 0;
    for (unsigned i = 0; i < t->n_notes; i++) {
        n += t->notes[i].type == type && t->note_link[i] == link;
    }
    return n;
}

static const struct usher_note *answer(const struct told *t, uint64_t link)
{
    assert_int_equal(t->n_notes, 1);
    assert_int_equal(t->note_link[0], link);
    return &t->notes[0];
}

static void visit(struct world *w, const char *key, const char *url, const char *title)
{
    struct usher_event ev = command(USHER_EV_VISIT, VISITOR, key);
    ev.as.visit.url = span(url);
    ev.as.visit.title = span(title);
    step(w, &ev);
}

static void a_page_is_shown_to_the_agent_alone(void **state)
{
    struct world *w = *state;
    begin_talk(w);
    visit(w, "v1", "http://shop/mug", "Mug");
    assert_int_equal(w->told.n_facts, 1);
    assert_int_equal(w->told.fact_link[0], ANN);
    assert_int_equal(w->told.facts[0].type, USHER_FACT_VISITED);
    assert_int_equal(w->told.facts[0].log, USHER_LOG_INTERNAL);
    assert_int_equal(w->told.facts[0].index, 1);
    assert_int_equal(w->told.facts[0].after, 3); /* opened, said, joined */
    assert_int_equal(w->told.facts[0].body.len, strlen("http://shop/mug\nMug"));
    assert_memory_equal(w->told.facts[0].body.base, "http://shop/mug\nMug", 19);
    /* The visitor's answer does not tell that there is another log. */
    assert_int_equal(answer(&w->told, VISITOR)->type, USHER_NOTE_DONE);
    assert_int_equal(answer(&w->told, VISITOR)->as.done.was, 0);
    visit(w, "v1", "http://shop/mug", "Mug");
    assert_int_equal(w->told.n_facts, 0);
    assert_int_equal(answer(&w->told, VISITOR)->type, USHER_NOTE_DONE);
    assert_int_equal(answer(&w->told, VISITOR)->as.done.was, 0);
    visit(w, "v1", "http://shop/mug", "");
    assert_int_equal(answer(&w->told, VISITOR)->as.refused.why, USHER_KEY_CONFLICT);
    visit(w, "v2", "http://shop/", "");
    assert_memory_equal(w->told.facts[0].body.base, "http://shop/", w->told.facts[0].body.len);
}

static void a_page_is_refused_where_there_is_no_session(void **state)
{
    struct world *w = *state;
    visit(w, "v1", "http://shop/", "");
    assert_int_equal(answer(&w->told, VISITOR)->as.refused.why, USHER_UNKNOWN);
    start(w);
    struct usher_event close = command(USHER_EV_CLOSE, VISITOR, "c1");
    step(w, &close);
    visit(w, "v2", "http://shop/", "");
    assert_int_equal(answer(&w->told, VISITOR)->as.refused.why, USHER_CLOSED);
    struct usher_event ev = command(USHER_EV_VISIT, ANN, "v3");
    ev.as.visit.url = span("http://shop/");
    assert_int_equal(usher_step(w->desk, w->now, &ev), USHER_EINVAL);
    char url[USHER_URL_MAX + 1];
    memset(url, 'a', sizeof url);
    ev.link.v = VISITOR;
    ev.as.visit.url = (struct usher_span){url, sizeof url};
    assert_int_equal(usher_step(w->desk, w->now, &ev), USHER_EINVAL);
}

static void a_board_shows_all_and_then_what_changed(void **state)
{
    struct world *w = *state;
    board(w, SUE, true);
    assert_int_equal(w->told.n_boards, 1);
    assert_int_equal(w->told.n_queues, 1);
    assert_int_equal(w->told.n_agents, 2);
    assert_true(w->told.queues[0].open);
    assert_int_equal(w->told.queues[0].ready + w->told.queues[0].waiting, 0);
    assert_int_equal(count_notes(&w->told, USHER_NOTE_DONE, SUE), 1);
    start(w);
    assert_int_equal(w->told.n_boards, 0); /* at most once a second */
    pass(w, 1000);
    assert_int_equal(w->told.n_boards, 1);
    assert_int_equal(w->told.n_queues, 1);
    assert_int_equal(w->told.n_agents, 0);
    assert_int_equal(w->told.queues[0].waiting, 1);
    assert_int_equal(w->told.queues[0].oldest_ms, AT);
    pass(w, 5000);
    assert_int_equal(w->told.n_boards, 0); /* nothing changed */
    struct usher_event ready = command(USHER_EV_READY, ANN, "r1");
    ready.as.ready.on = true;
    step(w, &ready);
    pass(w, 1);
    assert_int_equal(w->told.n_agents, 1);
    assert_string_equal(w->told.agents[0].agent.s, "ann");
    assert_true(w->told.agents[0].ready && w->told.agents[0].here);
    assert_int_equal(w->told.agents[0].load, 1); /* the offer holds a slot */
    assert_int_equal(w->told.queues[0].ready, 1);
    assert_int_equal(w->told.queues[0].waiting, 1); /* offered, but nobody's yet */
    assert_int_equal(w->told.queues[0].oldest_ms, 0);
    board(w, SUE, false);
    start(w); /* taken: nothing changes, and nobody looks */
    pass(w, 5000);
    assert_int_equal(w->told.n_boards, 0);
}

static void an_accepted_session_is_active_on_the_board(void **state)
{
    struct world *w = *state;
    begin_talk(w);
    board(w, SUE, true);
    assert_int_equal(w->told.queues[0].active, 1);
    assert_int_equal(w->told.queues[0].waiting, 0);
    struct usher_event close = command(USHER_EV_CLOSE, ANN, "c1");
    step(w, &close);
    pass(w, 1000);
    assert_int_equal(w->told.queues[0].active, 0);
    assert_int_equal(w->told.agents[0].load, 0);
}

static void a_board_is_for_supervisors_and_bounded(void **state)
{
    struct world *w = *state;
    board(w, ANN, true);
    assert_int_equal(answer(&w->told, ANN)->as.refused.why, USHER_UNKNOWN);
    struct usher_event ev = command(USHER_EV_BOARD, VISITOR, "b1");
    assert_int_equal(usher_step(w->desk, w->now, &ev), USHER_EINVAL);
    sign_in(w, SUE_AGAIN, "sue");
    sign_in(w, 5, "sue");
    board(w, SUE, true);
    board(w, SUE_AGAIN, true);
    board(w, SUE, true); /* anew, in its own place */
    assert_int_equal(w->told.n_boards, 1);
    board(w, 5, true);
    assert_int_equal(answer(&w->told, 5)->as.refused.why, USHER_FULL);
    struct usher_event down = {.type = USHER_EV_LINK_DOWN, .link = {SUE}};
    step(w, &down);
    board(w, 5, true);
    assert_int_equal(w->told.n_boards, 1);
}

static void a_long_board_comes_in_several_notes(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 38; i++) {
        char id[8];
        snprintf(id, sizeof id, "a%d", i);
        set_agent(w, id, false);
    }
    board(w, SUE, true);
    assert_int_equal(w->told.n_boards, 2);
    assert_int_equal(w->told.n_agents, 40);
    struct usher_event full = {.type = USHER_EV_LINK_FULL, .link = {SUE}};
    struct usher_event clear = {.type = USHER_EV_LINK_CLEAR, .link = {SUE}};
    step(w, &full);
    set_agent(w, "a1", false);
    pass(w, 2000);
    assert_int_equal(w->told.n_boards, 0);
    step(w, &clear);
    assert_int_equal(w->told.n_agents, 1);
}

static void hello_tells_the_time(void **state)
{
    struct world *w = *state;
    pass(w, 2345);
    sign_in(w, 6, "ann");
    assert_int_equal(w->told.notes[0].type, USHER_NOTE_HELLO);
    assert_int_equal(w->told.notes[0].as.hello.now_ms, AT + 2345);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_desk, close_desk)
        TEST(a_page_is_shown_to_the_agent_alone),
        TEST(a_page_is_refused_where_there_is_no_session),
        TEST(a_board_shows_all_and_then_what_changed),
        TEST(an_accepted_session_is_active_on_the_board),
        TEST(a_board_is_for_supervisors_and_bounded),
        TEST(a_long_board_comes_in_several_notes),
        TEST(hello_tells_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
