/* core_explain_test.c - why a session waits, from C and over a link.
 * SPDX-License-Identifier: MIT */
#include "core_world.h"

static struct usher_explanation of;
static struct usher_explained rows[8];
static size_t n;

static void explain(struct world *w)
{
    struct usher_session_id id = {{9}};
    assert_int_equal(usher_explain(w->desk, &id, &of, rows, 8, &n), 0);
}

static const struct usher_explained *row(const char *agent)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].agent.s, agent) == 0) {
            return &rows[i];
        }
    }
    fail_msg("no row of %s", agent);
    return NULL;
}

static void set_queue(struct world *w, const struct usher_queue_set *set)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set = *set;
    ev.as.queue_set.queue = (struct usher_queue_id){"sales"};
    ev.as.queue_set.open = true;
    step(w, &ev);
}

static void set_skilled(struct world *w, const char *id, uint32_t level)
{
    static const struct usher_queue_id sales = {"sales"};
    struct usher_skill skill = {{"th"}, level};
    struct usher_event ev = {.type = USHER_EV_AGENT_SET};
    strcpy(ev.as.agent_set.agent.s, id);
    ev.as.agent_set.queues = &sales;
    ev.as.agent_set.n_queues = 1;
    ev.as.agent_set.skills = &skill;
    ev.as.agent_set.n_skills = 1;
    step(w, &ev);
}

static void each_agent_has_his_reason(void **state)
{
    struct world *w = *state;
    static const struct usher_skill th = {{"th"}, 3};
    static const struct usher_step_set drop = {.after_ms = 30000, .kind = USHER_STEP_DROP};
    set_queue(w, &(struct usher_queue_set){.steps = &drop, .n_steps = 1});
    set_skilled(w, "ann", 1);
    set_skilled(w, "bea", 3);
    struct usher_event ev = command(USHER_EV_START, VISITOR, "k1");
    strcpy(ev.as.start.queue.s, "sales");
    ev.as.start.body = span("Sawasdee");
    ev.as.start.needs = &th;
    ev.as.start.n_needs = 1;
    step(w, &ev);
    ready(w, ANN, "r1", true);
    explain(w);
    assert_int_equal(of.state, USHER_STATE_WAITING);
    assert_int_equal(of.place, 1);
    assert_int_equal(of.n_can, 0);
    assert_int_equal(of.n_agents, 3);
    assert_int_equal(row("ann")->why, USHER_TOO_EARLY);
    assert_int_equal(row("ann")->ms, 30000);
    assert_int_equal(row("bea")->why, USHER_NOT_READY);
    assert_int_equal(row("sue")->why, USHER_OTHER_QUEUE);
    assert_int_equal(of.next_ms, 30000);
    pass(w, 29999);
    explain(w);
    assert_int_equal(of.state, USHER_STATE_WAITING);
    assert_int_equal(of.next_ms, 1);
    pass(w, 1);
    explain(w);
    assert_int_equal(of.state, USHER_STATE_OFFERED);
    assert_int_equal(row("ann")->why, USHER_IS_OFFERED);
    assert_int_equal(row("ann")->ms, 20000);
    pass(w, 20000);
    explain(w);
    assert_int_equal(row("ann")->why, USHER_IS_KEPT);
    assert_int_equal(row("ann")->ms, 5000);
    assert_int_equal(of.next_ms, 5000);
}

static void a_queue_may_be_what_hinders(void **state)
{
    struct world *w = *state;
    set_queue(w, &(struct usher_queue_set){.offering = USHER_OFFERING_MANUAL});
    ready(w, ANN, "r1", true);
    start(w);
    explain(w);
    assert_int_equal(of.hindrance, USHER_BY_HAND);
    assert_int_equal(row("ann")->why, USHER_CAN);
    assert_string_equal(rows[0].agent.s, "ann"); /* who can comes first */
    assert_int_equal(of.n_can, 1);
    assert_int_equal(of.next_ms, USHER_NEVER);
}

static void whose_affair_it_is_not_is_told_nothing(void **state)
{
    struct world *w = *state;
    start(w);
    struct usher_event ev = command(USHER_EV_EXPLAIN, ANN, "e1");
    step(w, &ev);
    assert_int_equal(answer(&w->told, ANN)->type, USHER_NOTE_EXPLAINED);
    assert_int_equal(answer(&w->told, ANN)->as.explained.of.n_agents, 2);
    ev = command(USHER_EV_EXPLAIN, SUE, "e2"); /* a supervisor may ask about all */
    step(w, &ev);
    assert_int_equal(answer(&w->told, SUE)->type, USHER_NOTE_EXPLAINED);
    ev.session.b[0] = 8;
    ev.key = span("e3");
    step(w, &ev);
    assert_int_equal(answer(&w->told, SUE)->as.refused.why, USHER_UNKNOWN);
    ev = command(USHER_EV_EXPLAIN, VISITOR, "e4");
    assert_int_equal(usher_step(w->desk, w->now, &ev), USHER_EINVAL);
    ready(w, ANN, "r1", true);
    struct usher_event accept = accepting(w);
    step(w, &accept);
    ev = command(USHER_EV_EXPLAIN, ANN, "e5");
    step(w, &ev);
    assert_int_equal(answer(&w->told, ANN)->as.refused.why, USHER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_agent_has_his_reason, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(a_queue_may_be_what_hinders, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(whose_affair_it_is_not_is_told_nothing, open_desk,
                                        close_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
