/* core_offer_test.c - offers and what holds an agent's units, at their exact bounds.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

static const struct usher_queue_id two[2] = {{"sales"}, {"heavy"}};

static int open_hall(void **state)
{
    *state = hall_open(NULL);
    return 0;
}

static int shut_hall(void **state)
{
    hall_close(*state);
    return 0;
}

static void set_sales(struct hall *h, struct usher_queue_set set)
{
    set.queue = two[0];
    set.open = true;
    hall_queue(h, set);
}

static void an_offer_ends_at_its_deadline_and_not_before(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offer_ms = 3000});
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 2999);
    assert_offered(h, 0, ANN);
    hall_accept(h, ANN, 0); /* in the last millisecond */
    assert_has(h, ANN, 0);
    hall_end(h, 0);
    hall_start(h, 1, "sales", 0);
    uint64_t number = h->sessions[1].offers[0].number;
    hall_pass(h, 3000);
    assert_waits(h, 1);
    hall_answer(h, ANN, number, true);
    assert_int_equal(h->refused, USHER_OFFER_GONE);
}

static void misses_running_make_not_ready_and_an_accept_starts_anew(void **state)
{
    (void) state;
    struct usher_config cfg;
    usher_config_init(&cfg);
    cfg.missed_max = 3;
    struct hall *h = hall_open(&cfg);
    set_sales(h, (struct usher_queue_set){.offer_ms = 1000});
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 0);
    hall_pass(h, 1000);
    assert_offered(h, 1, ANN);
    hall_pass(h, 1000); /* two missed */
    assert_true(h->agents[ANN].ready);
    hall_start(h, 2, "sales", 0);
    hall_accept(h, ANN, 2);
    hall_end(h, 2);
    hall_pass(h, 20000); /* two more, and a third */
    assert_false(h->agents[ANN].ready);
    assert_int_equal(h->agents[ANN].cause, USHER_CAUSE_MISSED);
    unsigned missed = 0;
    for (size_t i = 0; i < h->n_facts; i++) {
        missed +=
            h->facts[i].type == USHER_FACT_OFFER_OVER && h->facts[i].cause == USHER_CAUSE_MISSED;
    }
    assert_int_equal(missed, 5);
    hall_close(h);
}

static void a_fan_out_asks_so_many_and_no_more(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.fanout = 3});
    for (int i = 0; i < 5; i++) {
        hall_hire(h, i, "sales", 2);
    }
    hall_start(h, 0, "sales", 0);
    assert_int_equal(h->sessions[0].n_offers, 3);
    int first = h->sessions[0].offers[0].agent;
    hall_decline(h, first, 0);
    assert_int_equal(h->sessions[0].state, USHER_STATE_OFFERED); /* the others are still asked */
    assert_false(hall_is_offered(h, 0, first));
    hall_start(h, 1, "sales", 0);
    for (unsigned i = 0; i < h->sessions[1].n_offers; i++) {
        assert_false(hall_is_offered(h, 0, h->sessions[1].offers[i].agent)); /* one at a time */
    }
    hall_ready(h, h->sessions[0].offers[0].agent, false);
    assert_int_equal(h->sessions[0].state, USHER_STATE_OFFERED);
    hall_accept(h, h->sessions[0].offers[0].agent, 0);
    assert_int_equal(h->sessions[0].n_offers, 0);
}

static void who_goes_not_ready_loses_his_offer_and_keeps_his_sessions(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){0});
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    hall_accept(h, ANN, 0);
    hall_start(h, 1, "sales", 0);
    hall_hire(h, BEA, "sales", 2);
    assert_offered(h, 1, ANN);
    hall_ready(h, ANN, false);
    assert_offered(h, 1, BEA);
    assert_has(h, ANN, 0);
    hall_start(h, 2, "sales", 0);
    hall_pass(h, 1000);
    assert_false(hall_is_offered(h, 2, ANN));
}

static void wrap_up_holds_the_units_to_the_millisecond(void **state)
{
    struct hall *h = *state;
    set_sales(
        h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO, .cost = 2, .wrap_ms = 4000});
    hall_hire(h, ANN, "sales", 5);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 0);
    hall_pass(h, 100);
    hall_end(h, 0);
    hall_start(h, 2, "sales", 0);
    hall_pass(h, 3999);
    assert_waits(h, 2);
    hall_pass(h, 1);
    assert_has(h, ANN, 2);
}

static void who_comes_back_waits_for_his_last_agent_alone(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO, .sticky_ms = 3000});
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_end(h, 0);
    hall_start(h, 1, "sales", 0); /* ann is full */
    hall_hire(h, BEA, "sales", 9);
    hall_reopen(h, 0);
    hall_pass(h, 2999);
    assert_waits(h, 0);
    hall_pass(h, 1);
    assert_has(h, BEA, 0);
    hall_ready(h, ANN, true);
    hall_end(h, 1);
    hall_start(h, 2, "sales", 0);
    hall_start(h, 3, "sales", 0);
    int last = h->sessions[2].owner;
    hall_end(h, 2);
    hall_reopen(h, 2);
    assert_has(h, last, 2); /* he has room: at once */
}

static void it_waits_no_longer_when_he_leaves(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO, .sticky_ms = 60000});
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_end(h, 0);
    hall_start(h, 1, "sales", 0);
    hall_hire(h, BEA, "sales", 9);
    hall_reopen(h, 0);
    assert_waits(h, 0);
    hall_ready(h, ANN, false);
    assert_has(h, BEA, 0);
    hall_end(h, 0);
    hall_reopen(h, 0);
    assert_has(h, BEA, 0);
}

static void a_heavy_session_is_not_starved_by_light_ones(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO});
    hall_queue(h, (struct usher_queue_set){.queue = {"heavy"},
                                           .open = true,
                                           .cost = 2,
                                           .drain_ms = 5000,
                                           .offering = USHER_OFFERING_AUTO});
    hall_agent(h, ANN, (struct usher_agent_set){.queues = two, .n_queues = 2, .capacity = 2});
    hall_come(h, ANN);
    hall_ready(h, ANN, true);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "heavy", 0);
    hall_start(h, 2, "sales", 0);
    assert_has(h, ANN, 2); /* it does not fit, and who does goes before it */
    hall_start(h, 3, "sales", 0);
    hall_pass(h, 4999);
    hall_end(h, 0);
    assert_has(h, ANN, 3);
    hall_start(h, 4, "sales", 0);
    hall_pass(h, 1); /* it has waited for so long: ann is kept for it */
    hall_end(h, 2);
    assert_waits(h, 4);
    hall_pass(h, 60000);
    assert_waits(h, 4);
    hall_end(h, 3);
    assert_has(h, ANN, 1);
    hall_end(h, 1);
    assert_has(h, ANN, 4);
}

static void who_was_kept_is_free_again_when_the_heavy_one_goes(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO});
    hall_queue(h, (struct usher_queue_set){.queue = {"heavy"},
                                           .open = true,
                                           .cost = 2,
                                           .drain_ms = 1000,
                                           .offering = USHER_OFFERING_AUTO});
    hall_agent(h, ANN, (struct usher_agent_set){.queues = two, .n_queues = 2, .capacity = 2});
    hall_come(h, ANN);
    hall_ready(h, ANN, true);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "heavy", 0);
    hall_pass(h, 1000);
    hall_start(h, 2, "sales", 0);
    assert_waits(h, 2);
    hall_end(h, 1);
    assert_has(h, ANN, 2);
}

static void who_was_kept_is_free_again_when_its_queue_wants_what_he_cannot_give(void **state)
{
    struct hall *h = *state;
    struct usher_queue_set heavy = {.queue = {"heavy"},
                                    .open = true,
                                    .cost = 2,
                                    .drain_ms = 1000,
                                    .offering = USHER_OFFERING_AUTO};
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO});
    hall_queue(h, heavy);
    hall_agent(h, ANN, (struct usher_agent_set){.queues = two, .n_queues = 2, .capacity = 2});
    hall_come(h, ANN);
    hall_ready(h, ANN, true);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "heavy", 0);
    hall_pass(h, 1000);
    hall_start(h, 2, "sales", 0);
    assert_waits(h, 2);
    heavy.cost = 3;
    hall_queue(h, heavy);
    assert_has(h, ANN, 2);
    assert_waits(h, 1);
}

static void a_session_in_a_queue_by_hand_waits(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_MANUAL});
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 60000);
    assert_waits(h, 0);
    set_sales(h, (struct usher_queue_set){0});
    assert_offered(h, 0, ANN);
}

static void offers_end_with_a_restart_and_sessions_keep_their_agents(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){0});
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    hall_accept(h, ANN, 0);
    hall_start(h, 1, "sales", 0);
    hall_pass(h, 5);
    hall_start(h, 2, "sales", 0);
    hall_restart(h);
    assert_has(h, ANN, 0);
    assert_waits(h, 1);
    hall_come(h, ANN); /* ready as before */
    assert_offered(h, 1, ANN);
    hall_accept(h, ANN, 1);
    assert_waits(h, 2); /* both units are taken */
    hall_restart(h);
    hall_pass(h, 119999);
    assert_has(h, ANN, 1);
    hall_pass(h, 1); /* he did not come back in time */
    assert_waits(h, 0);
    assert_waits(h, 1);
    hall_hire(h, BEA, "sales", 1);
    assert_offered(h, 0, BEA);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_hall, shut_hall)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_offer_ends_at_its_deadline_and_not_before),
        cmocka_unit_test(misses_running_make_not_ready_and_an_accept_starts_anew),
        TEST(a_fan_out_asks_so_many_and_no_more),
        TEST(who_goes_not_ready_loses_his_offer_and_keeps_his_sessions),
        TEST(wrap_up_holds_the_units_to_the_millisecond),
        TEST(who_comes_back_waits_for_his_last_agent_alone),
        TEST(it_waits_no_longer_when_he_leaves),
        TEST(a_heavy_session_is_not_starved_by_light_ones),
        TEST(who_was_kept_is_free_again_when_the_heavy_one_goes),
        TEST(who_was_kept_is_free_again_when_its_queue_wants_what_he_cannot_give),
        TEST(a_session_in_a_queue_by_hand_waits),
        TEST(offers_end_with_a_restart_and_sessions_keep_their_agents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
