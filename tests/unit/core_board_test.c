/* core_board_test.c - pages that a visitor looks at, and a supervisor's board, on a core alone.
 * SPDX-License-Identifier: MIT */
#include "core_world.h"

static void board(struct world *w, uint64_t link, bool on)
{
    struct usher_event ev = command(USHER_EV_BOARD, link, "b1");
    ev.as.board.on = on;
    step(w, &ev);
}

/* Ann is ready, and has accepted the visitor's session. */
static void begin_talk(struct world *w)
{
    ready(w, ANN, "r1", true);
    start(w);
    struct usher_event accept = accepting(w);
    step(w, &accept);
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
    assert_int_equal(w->told.notes[0].type, USHER_NOTE_DONE); /* the answer comes first */
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
    ready(w, ANN, "r1", true);
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

static void who_is_no_supervisor_any_more_sees_no_board(void **state)
{
    struct world *w = *state;
    board(w, SUE, true);
    set_agent(w, "sue", false);
    ready(w, ANN, "r1", true);
    pass(w, 2000);
    assert_int_equal(w->told.n_boards, 0);
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

static void a_closed_queue_and_a_new_agent_are_shown(void **state)
{
    struct world *w = *state;
    board(w, SUE, true);
    struct usher_event queue = {.type = USHER_EV_QUEUE_SET};
    queue.as.queue_set = (struct usher_queue_set){.queue = {"sales"}, .open = false};
    step(w, &queue);
    pass(w, 1000);
    assert_int_equal(w->told.n_queues, 1);
    assert_false(w->told.queues[0].open);
    set_agent(w, "bea", false);
    pass(w, 1000);
    assert_int_equal(w->told.n_agents, 1);
    assert_string_equal(w->told.agents[0].agent.s, "bea");
    assert_false(w->told.agents[0].here);
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
        TEST(who_is_no_supervisor_any_more_sees_no_board),
        TEST(a_long_board_comes_in_several_notes),
        TEST(a_closed_queue_and_a_new_agent_are_shown),
        TEST(hello_tells_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
