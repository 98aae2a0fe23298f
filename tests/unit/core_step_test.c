/* core_step_test.c - what changes for a session by its age.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

static const struct usher_queue_id sales = {"sales"};
static const struct usher_skill tax5 = {{"tax"}, 5}, tax3 = {{"tax"}, 3};

static int open_hall(void **state)
{
    struct hall *h = hall_open(NULL);
    hall_queue(h, (struct usher_queue_set){.queue = {"other"}, .open = true});
    *state = h;
    return 0;
}

static int shut_hall(void **state)
{
    hall_close(*state);
    return 0;
}

static void sales_with(struct hall *h, const struct usher_step_set *steps, size_t n)
{
    hall_queue(h, (struct usher_queue_set){.queue = {"sales"},
                                           .open = true,
                                           .order = USHER_ORDER_STRICT,
                                           .offering = USHER_OFFERING_AUTO,
                                           .steps = steps,
                                           .n_steps = n});
}

static void hire_able(struct hall *h, int agent, const struct usher_skill *skill)
{
    hall_agent(h, agent,
               (struct usher_agent_set){
                   .queues = &sales, .n_queues = 1, .skills = skill, .n_skills = skill != NULL});
    hall_come(h, agent);
    hall_ready(h, agent, true);
}

/* It waits until the millisecond before, and is ann's at `at`. */
static void anns_at(struct hall *h, int s, uint64_t at)
{
    hall_pass(h, at - 1 - h->now.mono_ms);
    assert_waits(h, s);
    hall_pass(h, 1);
    assert_has(h, ANN, s);
}

static void a_level_is_enough_when_it_is_equal(void **state)
{
    struct hall *h = *state;
    const struct usher_skill four = {{"tax"}, 4};
    sales_with(h, NULL, 0);
    hire_able(h, ANN, &four);
    hall_need(h, 0, "sales", 0, &tax5, 1);
    assert_waits(h, 0);
    hall_need(h, 1, "sales", 0, &four, 1);
    assert_has(h, ANN, 1);
    hall_need(h, 2, "sales", 0, &tax3, 1);
    assert_has(h, ANN, 2);
}

static void a_skill_that_comes_later_makes_it_his_at_once(void **state)
{
    struct hall *h = *state;
    sales_with(h, NULL, 0);
    hire_able(h, BEA, &tax5);
    hall_ready(h, BEA, false);
    hire_able(h, ANN, NULL);
    hall_need(h, 0, "sales", 0, &tax5, 1);
    assert_waits(h, 0);
    hall_agent(
        h, ANN,
        (struct usher_agent_set){.queues = &sales, .n_queues = 1, .skills = &tax5, .n_skills = 1});
    assert_has(h, ANN, 0);
}

static void a_level_falls_at_the_very_millisecond_and_by_so_much(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 1000, .kind = USHER_STEP_LOWER, .by = 1},
        {.after_ms = 2000, .kind = USHER_STEP_LOWER, .by = 1, .skill = {"tax"}}};
    sales_with(h, steps, 2);
    hire_able(h, ANN, &tax3);
    hall_need(h, 0, "sales", 0, &tax5, 1);
    anns_at(h, 0, 2000);
}

static void a_level_that_falls_to_nothing_is_not_needed(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 1000, .kind = USHER_STEP_LOWER, .by = 4},
        {.after_ms = 2000, .kind = USHER_STEP_LOWER, .by = 200}};
    sales_with(h, steps, 2);
    hire_able(h, BEA, &tax5);
    hall_ready(h, BEA, false);
    hire_able(h, ANN, NULL);
    hall_need(h, 0, "sales", 0, &tax5, 1);
    anns_at(h, 0, 2000);
}

static void a_skill_is_dropped_and_others_are_not(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 1000, .kind = USHER_STEP_DROP, .skill = {"tax"}},
        {.after_ms = 3000, .kind = USHER_STEP_DROP}};
    static const struct usher_skill all[2] = {{{"tax"}, 1}, {{"thai"}, 1}};
    sales_with(h, steps, 2);
    hall_agent(
        h, BEA,
        (struct usher_agent_set){.queues = &sales, .n_queues = 1, .skills = all, .n_skills = 2});
    hire_able(h, ANN, NULL);
    hall_need(h, 0, "sales", 0, all, 1);
    hall_need(h, 1, "sales", 0, all, 2);
    anns_at(h, 0, 1000);
    anns_at(h, 1, 3000);
}

static void another_queues_agents_may_have_it_from_then_on(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 1500, .kind = USHER_STEP_WIDEN, .queue = {"other"}}};
    sales_with(h, steps, 1);
    hall_hire(h, ANN, "other", 1);
    hall_pass(h, 77);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 0);
    anns_at(h, 0, 1577);
    hall_end(h, 0);
    assert_has(h, ANN, 1); /* old enough, too */
    hall_end(h, 1);
    hall_start(h, 2, "sales", 0);
    assert_waits(h, 2); /* not yet */
}

static void who_comes_free_later_still_finds_the_widened(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 1500, .kind = USHER_STEP_WIDEN, .queue = {"other"}}};
    sales_with(h, steps, 1);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1499);
    hall_start(h, 1, "sales", 7); /* more urgent, but too young for him */
    hall_hire(h, ANN, "other", 1);
    assert_waits(h, 0);
    hall_pass(h, 1);
    assert_has(h, ANN, 0);
    assert_waits(h, 1);
}

static void a_priority_rises_and_never_falls(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 1000, .kind = USHER_STEP_PRIORITY, .by = 3},
        {.after_ms = 2000, .kind = USHER_STEP_PRIORITY, .by = 2}};
    sales_with(h, steps, 2);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 3);
    hall_start(h, 2, "sales", 7);
    hall_pass(h, 999);
    assert_int_equal(h->sessions[0].priority, 0);
    hall_pass(h, 1);
    assert_int_equal(hall_count(h, USHER_FACT_ESCALATED), 1);
    assert_int_equal(h->sessions[0].priority, 3);
    hall_pass(h, 5000);
    assert_int_equal(h->sessions[0].priority, 3);
    assert_int_equal(h->sessions[2].priority, 7);
    hall_restart_all(h);
    hall_start(h, 3, "sales", 2);
    hall_hire(h, ANN, "sales", 3); /* by 7, then the older of 3, then the other */
    assert_has(h, ANN, 2);
    assert_has(h, ANN, 0);
    assert_has(h, ANN, 1);
    assert_waits(h, 3);
}

static const struct usher_step_set moving[] = {
    {.after_ms = 1000, .kind = USHER_STEP_MOVE, .queue = {"other"}}};

static void it_moves_with_its_age(void **state)
{
    struct hall *h = *state;
    sales_with(h, moving, 1);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1);
    hall_start(h, 1, "other", 0);
    hall_pass(h, 998);
    assert_string_equal(h->sessions[0].queue, "sales");
    hall_pass(h, 1);
    assert_string_equal(h->sessions[0].queue, "other");
    assert_int_equal(hall_count(h, USHER_FACT_MOVED), 1);
    hall_restart_all(h);
    hall_hire(h, ANN, "other", 1);
    assert_offered(h, 0, ANN); /* it came first, to the desk */
}

static void it_does_not_move_to_where_it_is_shut_or_full(void **state)
{
    struct hall *h = *state;
    sales_with(h, moving, 1);
    hall_queue(h, (struct usher_queue_set){.queue = {"other"}});
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1000);
    assert_string_equal(h->sessions[0].queue, "sales");
    hall_queue(h, (struct usher_queue_set){.queue = {"other"}, .open = true, .waiting_max = 2});
    hall_start(h, 1, "other", 0);
    hall_start(h, 2, "sales", 0);
    hall_start(h, 3, "sales", 0);
    hall_pass(h, 1000);
    assert_string_equal(h->sessions[2].queue, "other"); /* to the limit */
    assert_string_equal(h->sessions[3].queue, "sales"); /* and no further */
}

static void it_is_closed_when_it_waited_for_so_long(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {{.after_ms = 5000, .kind = USHER_STEP_CLOSE}};
    sales_with(h, steps, 1);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1000);
    hall_start(h, 1, "sales", 0);
    hall_pass(h, 3999);
    assert_waits(h, 0);
    hall_restart_all(h);
    assert_waits(h, 0);
    hall_pass(h, 1);
    assert_int_equal(h->sessions[0].state, USHER_STATE_CLOSED);
    assert_int_equal(h->sessions[0].cause, USHER_CAUSE_WAITED);
    hall_hire(h, ANN, "sales", 2);
    hall_pass(h, 60000);
    assert_has(h, ANN, 1); /* who has an agent does not wait */
}

static void steps_set_while_they_wait_count_at_once(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {{.after_ms = 1000, .kind = USHER_STEP_DROP}};
    sales_with(h, NULL, 0);
    hire_able(h, BEA, &tax5);
    hall_ready(h, BEA, false);
    hire_able(h, ANN, NULL);
    hall_need(h, 0, "sales", 0, &tax5, 1);
    hall_pass(h, 500);
    hall_need(h, 1, "sales", 0, &tax5, 1);
    hall_pass(h, 500);
    sales_with(h, steps, 1);
    assert_has(h, ANN, 0);
    anns_at(h, 1, 1500);
}

static void circles_are_refused(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set back[] = {
        {.after_ms = 1000, .kind = USHER_STEP_MOVE, .queue = {"sales"}}};
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    sales_with(h, moving, 1);
    ev.as.queue_set =
        (struct usher_queue_set){.queue = {"other"}, .open = true, .steps = back, .n_steps = 1};
    assert_int_equal(usher_step(h->desk, h->now, &ev), USHER_EINVAL);
    ev.as.queue_set =
        (struct usher_queue_set){.queue = {"sales"}, .open = true, .steps = back, .n_steps = 1};
    assert_int_equal(usher_step(h->desk, h->now, &ev), USHER_EINVAL);
}

static void needs_and_age_survive_a_restart(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {
        {.after_ms = 2000, .kind = USHER_STEP_LOWER, .by = 2}};
    sales_with(h, steps, 1);
    hire_able(h, ANN, &tax3);
    hall_need(h, 0, "sales", 0, &tax5, 1);
    hall_pass(h, 1500);
    hall_restart_all(h);
    anns_at(h, 0, 2000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_hall, shut_hall)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_level_is_enough_when_it_is_equal),
        TEST(a_skill_that_comes_later_makes_it_his_at_once),
        TEST(a_level_falls_at_the_very_millisecond_and_by_so_much),
        TEST(a_level_that_falls_to_nothing_is_not_needed),
        TEST(a_skill_is_dropped_and_others_are_not),
        TEST(another_queues_agents_may_have_it_from_then_on),
        TEST(who_comes_free_later_still_finds_the_widened),
        TEST(a_priority_rises_and_never_falls),
        TEST(it_moves_with_its_age),
        TEST(it_does_not_move_to_where_it_is_shut_or_full),
        TEST(it_is_closed_when_it_waited_for_so_long),
        TEST(steps_set_while_they_wait_count_at_once),
        TEST(circles_are_refused),
        TEST(needs_and_age_survive_a_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
