/* core_case_test.c - cases that went wrong in the field, by their ids (docs/testing.md).
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

static const struct usher_queue_id sales = {"sales"};

static int open_hall(void **state)
{
    struct hall *h = hall_open(NULL);
    hall_queue(h, (struct usher_queue_set){.queue = {"sales"}, .open = true});
    hall_queue(h, (struct usher_queue_set){.queue = {"other"}, .open = true});
    *state = h;
    return 0;
}

static int shut_hall(void **state)
{
    hall_close(*state);
    return 0;
}

static void set_sales(struct hall *h, struct usher_queue_set set)
{
    set.queue = sales;
    set.open = true;
    hall_queue(h, set);
}

/* Two agents take the same session: one has it, the other is told so. */
static void r1_of_several_accepts_one_wins(void **state)
{
    struct hall *h = *state;
    uint64_t numbers[4];
    set_sales(h, (struct usher_queue_set){.fanout = 4});
    for (int i = 0; i < 5; i++) {
        hall_hire(h, i, "sales", 1);
    }
    hall_start(h, 0, "sales", 0);
    assert_int_equal(h->sessions[0].n_offers, 4);
    for (unsigned i = 0; i < 4; i++) {
        numbers[i] = h->sessions[0].offers[i].number;
    }
    int winner = h->sessions[0].offers[2].agent;
    int others[3] = {h->sessions[0].offers[0].agent, h->sessions[0].offers[1].agent,
                     h->sessions[0].offers[3].agent};
    hall_answer(h, winner, numbers[2], true);
    assert_has(h, winner, 0);
    assert_int_equal(hall_count(h, USHER_FACT_JOINED), 1);
    assert_int_equal(hall_count(h, USHER_FACT_OFFER_OVER), 3);
    hall_answer(h, others[0], numbers[0], true);
    assert_int_equal(h->refused, USHER_OFFER_GONE);
    hall_answer(h, others[1], numbers[2], true); /* nor with the winner's number */
    assert_int_equal(h->refused, USHER_OFFER_GONE);
    assert_has(h, winner, 0);
    hall_start(h, 1, "sales", 0); /* the losers have their room back */
    assert_int_equal(h->sessions[1].n_offers, 4);
}

/* More sessions than capacity: never, with equality on both sides. */
static void r2_nobody_has_more_than_he_can_carry(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.cost = 2, .offering = USHER_OFFERING_AUTO});
    hall_hire(h, ANN, "sales", 6);
    hall_hire(h, BEA, "sales", 5);
    hall_hire(h, CYD, "sales", 1);
    for (int i = 0; i < 8; i++) {
        hall_start(h, i, "sales", 0);
    }
    unsigned had[HALL_AGENTS] = {0};
    for (int i = 0; i < 5; i++) {
        had[h->sessions[i].owner]++;
    }
    assert_int_equal(had[ANN], 3); /* 6 of 6 */
    assert_int_equal(had[BEA], 2); /* 4 of 5: 2 do not fit into 1 */
    assert_waits(h, 5);
}

/* The same, answered again: one assignment a change, and a repeat changes nothing. */
static void r3_an_accept_that_is_repeated_assigns_nothing_again(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    uint64_t number = h->sessions[0].offers[0].number;
    hall_answer(h, ANN, number, true);
    size_t n = h->n_facts;
    hall_answer(h, ANN, number, true);
    hall_answer(h, ANN, number, false);
    assert_int_equal(h->n_facts, n);
    assert_has(h, ANN, 0);
}

/* A transfer by hand is not undone by matching, and an old offer does not take it back. */
static void r4_who_was_named_has_it_and_old_offers_are_void(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    uint64_t number = h->sessions[0].offers[0].number;
    hall_accept(h, ANN, 0);
    hall_hire(h, CYD, "sales", 2);
    hall_hire(h, BEA, "other", 2);
    hall_move(h, ANN, 0, NULL, BEA);
    assert_offered(h, 0, BEA);
    hall_answer(h, ANN, number, true);
    assert_int_equal(h->refused, USHER_OFFER_GONE);
    hall_accept(h, BEA, 0);
    hall_pass(h, 100000);
    assert_has(h, BEA, 0);
}

/* Two open sessions of one visitor: no. */
static void r5_a_visitor_has_one_open_session(void **state)
{
    struct hall *h = *state;
    hall_start(h, 0, "sales", 0);
    for (int i = 0; i < 100; i++) {
        struct usher_event ev = {.type = USHER_EV_START, .link = {h->sessions[0].link}};
        ev.session = hall_session_id(1 + i);
        ev.as.start.queue = sales;
        ev.as.start.body = (struct usher_span){"hi", 2};
        hall_step(h, &ev);
        assert_int_equal(h->refused, USHER_TAKEN);
    }
    assert_int_equal(h->sessions[1].state, USHER_STATE_NONE);
}

/* A declined offer does not loop: the same agent is asked later, and each time later still. */
static void r7_a_declined_offer_does_not_loop(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    uint64_t before = 0;
    for (int i = 0; i < 5; i++) {
        uint64_t at = h->now.mono_ms;
        hall_decline(h, ANN, 0);
        assert_waits(h, 0);
        while (h->sessions[0].state == USHER_STATE_WAITING) {
            hall_pass(h, 1000);
        }
        assert_true(h->now.mono_ms - at > before); /* a back-off, and never for ever */
        assert_true(h->now.mono_ms - at <= 300000);
        before = h->now.mono_ms - at;
    }
}

/* The visitor goes while an offer is out: it ends, and its room comes back. */
static void r8_a_visitor_who_leaves_takes_his_offers_with_him(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.fanout = 3});
    for (int i = 0; i < 3; i++) {
        hall_hire(h, i, "sales", 1);
    }
    for (int i = 0; i < 50; i++) {
        hall_start(h, i, "sales", 0);
        assert_int_equal(h->sessions[i].n_offers, 3);
        hall_end(h, i);
        assert_int_equal(h->sessions[i].n_offers, 0);
    }
}

/* Nobody is stuck in an offer: when it ends, for whatever reason, he is asked for the next. */
static void r9_an_agent_is_free_again_however_an_offer_ended(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 0);
    hall_decline(h, ANN, 0);
    assert_offered(h, 1, ANN);
    hall_end(h, 1);
    hall_start(h, 2, "sales", 0);
    assert_offered(h, 2, ANN);
    hall_pass(h, 19999);
    assert_offered(h, 2, ANN); /* the millisecond before its deadline */
    hall_pass(h, 1);
    assert_offered(h, 0, ANN); /* and at it */
    hall_leave(h, ANN);
    assert_waits(h, 0);
    hall_start(h, 3, "sales", 0);
    hall_come(h, ANN);
    assert_int_equal(h->sessions[3].n_offers + h->sessions[0].n_offers + h->sessions[2].n_offers,
                     1);
}

/* Whatever gives an agent room, the oldest that he may have is his in the same step. */
static void q1_the_oldest_goes_first_whenever_there_is_room(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO});
    for (int i = 0; i < 6; i++) {
        hall_start(h, i, "sales", 0);
        hall_pass(h, 10);
    }
    hall_hire(h, ANN, "sales", 1); /* ready */
    assert_has(h, ANN, 0);
    hall_end(h, 0); /* an end */
    assert_has(h, ANN, 1);
    hall_agent(h, ANN, (struct usher_agent_set){.queues = &sales, .n_queues = 1, .capacity = 2});
    assert_has(h, ANN, 2); /* more capacity */
    hall_move(h, ANN, 1, "other", 0);
    assert_has(h, ANN, 3); /* a transfer */
    hall_hire(h, BEA, "other", 2);
    hall_accept(h, BEA, 1);
    hall_agent(h, BEA, (struct usher_agent_set){.queues = &sales, .n_queues = 1, .capacity = 2});
    assert_has(h, BEA, 4); /* a new queue */
    hall_start(h, 6, "sales", 0);
    assert_waits(h, 5);
    assert_waits(h, 6);
}

/* What came while nobody was there is taken, oldest first, by who comes first. */
static void q2_what_came_while_all_were_away_is_taken(void **state)
{
    struct hall *h = *state;
    for (int i = 0; i < 3; i++) {
        hall_start(h, i, "sales", 0);
        hall_pass(h, 1000);
    }
    hall_restart_all(h);
    hall_hire(h, ANN, "sales", 1);
    assert_offered(h, 0, ANN);
}

/* An agent who cannot take anything, first or last, stops nobody. */
static void q5_one_who_is_full_or_away_blocks_nobody(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO});
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_hire(h, CYD, "sales", 1);
    hall_hire(h, BEA, "sales", 1);
    hall_ready(h, BEA, false);
    hall_start(h, 1, "sales", 0);
    assert_has(h, CYD, 1);
    hall_hire(h, DAN, "sales", 1);
    hall_leave(h, DAN);
    hall_hire(h, EVE, "sales", 1);
    hall_start(h, 2, "sales", 0);
    assert_has(h, EVE, 2);
}

/* Each wrap-up ends for itself, at the very millisecond, in all queues of the agent. */
static void q6_each_wrap_up_ends_by_itself(void **state)
{
    struct hall *h = *state;
    static const struct usher_queue_id both[2] = {{"sales"}, {"other"}};
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO, .wrap_ms = 5000});
    for (int i = 0; i < 3; i++) {
        hall_agent(h, i, (struct usher_agent_set){.queues = both, .n_queues = 2, .capacity = 1});
        hall_come(h, i);
        hall_ready(h, i, true);
        hall_start(h, i, "sales", 0);
        assert_has(h, i, i);
    }
    for (int i = 0; i < 3; i++) {
        hall_end(h, i);
        hall_pass(h, 1000);
    }
    for (int i = 3; i < 6; i++) {
        hall_start(h, i, i == 4 ? "other" : "sales", 0);
        assert_waits(h, i);
    }
    hall_pass(h, 1999);
    assert_waits(h, 3);
    hall_pass(h, 1);
    assert_has(h, ANN, 3);
    hall_pass(h, 999);
    assert_waits(h, 4);
    hall_pass(h, 1);
    assert_offered(h, 4, BEA);
    hall_pass(h, 1000);
    assert_has(h, CYD, 5);
}

/* Order is by waiting time, not by who was heard of last. */
static void q7_a_link_that_comes_back_changes_no_order(void **state)
{
    struct hall *h = *state;
    for (int i = 0; i < 4; i++) {
        hall_start(h, i, "sales", 0);
        hall_pass(h, 10);
    }
    for (int i = 3; i >= 0; i--) {
        hall_visitor_leaves(h, i);
        hall_pass(h, 10);
    }
    hall_visitor_comes(h, 3);
    hall_visitor_comes(h, 1);
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO});
    hall_hire(h, ANN, "sales", 1);
    for (int i = 0; i < 2; i++) {
        assert_has(h, ANN, i);
        if (i == 0) {
            hall_visitor_comes(h, 0);
        }
        hall_end(h, i);
    }
    assert_has(h, ANN, 2);
}

/* A transfer says what came of it: it waits there, or it is refused and nothing has changed. */
static void q9_a_transfer_moves_or_is_refused_and_loses_nothing(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    hall_hire(h, BEA, "other", 1);
    hall_start(h, 0, "sales", 0);
    hall_accept(h, ANN, 0);
    hall_ready(h, BEA, false);
    hall_move(h, ANN, 0, NULL, BEA);
    assert_int_equal(h->refused, USHER_FULL);
    assert_has(h, ANN, 0);
    hall_queue(h, (struct usher_queue_set){.queue = {"other"}});
    hall_move(h, ANN, 0, "other", 0);
    assert_true(h->refused != USHER_WHY_NONE || h->sessions[0].state == USHER_STATE_WAITING);
    if (h->refused != USHER_WHY_NONE) {
        assert_has(h, ANN, 0);
    }
    hall_queue(h, (struct usher_queue_set){.queue = {"other"}, .open = true});
    hall_move(h, ANN, 0, "other", 0);
    assert_waits(h, 0);
    assert_string_equal(h->sessions[0].queue, "other");
}

/* What ends a waiting session does not end it once an agent has it, nor after it came back. */
static void q10_an_old_deadline_does_not_end_what_came_back(void **state)
{
    struct hall *h = *state;
    static const struct usher_step_set steps[] = {{.after_ms = 30000, .kind = USHER_STEP_CLOSE}};
    set_sales(
        h, (struct usher_queue_set){.steps = steps, .n_steps = 1, .offering = USHER_OFFERING_AUTO});
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 29000);
    hall_end(h, 0);
    hall_reopen(h, 0);
    hall_pass(h, 29999);
    assert_waits(h, 0);
    hall_hire(h, ANN, "sales", 1);
    hall_pass(h, 100000);
    assert_has(h, ANN, 0);
}

/* Never to an agent who is not there: not a new session, not one that comes back. */
static void p1_nothing_goes_to_an_agent_who_is_away(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO, .sticky_ms = 60000});
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    hall_end(h, 0);
    hall_leave(h, ANN); /* he has time to come back, and is given nothing meanwhile */
    hall_reopen(h, 0);
    hall_start(h, 1, "sales", 0);
    assert_waits(h, 0);
    assert_waits(h, 1);
    hall_hire(h, BEA, "sales", 1);
    assert_has(h, BEA, 1 - (h->sessions[0].state == USHER_STATE_ACTIVE));
    hall_come(h, ANN);
    assert_int_equal(h->sessions[0].state, USHER_STATE_ACTIVE);
    assert_int_equal(h->sessions[1].state, USHER_STATE_ACTIVE);
}

/* Another device makes nobody ready, and neither does a link that comes back. */
static void p2_signing_in_makes_nobody_ready(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    hall_ready(h, ANN, false);
    hall_start(h, 0, "sales", 0);
    uint64_t first = h->agents[ANN].link;
    hall_come(h, ANN);
    assert_waits(h, 0);
    assert_false(h->agents[ANN].ready);
    struct usher_event down = {.type = USHER_EV_LINK_DOWN, .link = {first}};
    hall_step(h, &down);
    assert_waits(h, 0);
    hall_ready(h, ANN, true);
    assert_offered(h, 0, ANN);
}

/* Of several links one may go; with the last he has until the end of his grace, to the millisecond.
 */
static void p3_presence_is_the_last_link_and_a_grace(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    hall_start(h, 0, "sales", 0);
    hall_accept(h, ANN, 0);
    uint64_t first = h->agents[ANN].link;
    hall_come(h, ANN);
    struct usher_event down = {.type = USHER_EV_LINK_DOWN, .link = {first}};
    hall_step(h, &down);
    hall_pass(h, 500000);
    assert_has(h, ANN, 0);
    hall_leave(h, ANN);
    hall_pass(h, 119999);
    assert_has(h, ANN, 0);
    assert_true(h->agents[ANN].ready);
    hall_pass(h, 1);
    assert_waits(h, 0);
    assert_false(h->agents[ANN].ready);
    assert_int_equal(h->agents[ANN].cause, USHER_CAUSE_LOST);
}

/* A link that comes and goes moves no session. */
static void p4_flapping_moves_nothing(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    hall_hire(h, BEA, "sales", 2);
    hall_start(h, 0, "sales", 0);
    hall_accept(h, ANN, 0);
    size_t n = h->n_facts;
    for (int i = 0; i < 20; i++) {
        hall_leave(h, ANN);
        hall_pass(h, 60000);
        hall_come(h, ANN);
        hall_pass(h, 1000);
    }
    assert_int_equal(h->n_facts, n);
    assert_has(h, ANN, 0);
}

/* Whose agent is lost waits again with its age, and is told. */
static void p5_a_lost_agents_session_goes_back_with_its_age(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 1);
    hall_start(h, 0, "sales", 0);
    hall_accept(h, ANN, 0);
    hall_pass(h, 10);
    hall_start(h, 1, "sales", 0);
    hall_leave(h, ANN);
    hall_pass(h, 120000);
    assert_int_equal(hall_count(h, USHER_FACT_LEFT), 1);
    assert_waits(h, 0);
    hall_hire(h, BEA, "sales", 1);
    assert_offered(h, 0, BEA); /* before 1, which came later */
}

/* Agent's, queue's and desk's limits together, each at equality. */
static void p8_the_lowest_limit_holds_at_equality(void **state)
{
    static const uint32_t limits[][4] = {/* agent, queue, desk: how many */
                                         {3, 0, 0, 3}, {3, 3, 3, 3}, {3, 2, 0, 2}, {3, 0, 2, 2},
                                         {3, 4, 4, 3}, {3, 1, 2, 1}, {3, 2, 1, 1}, {1, 2, 2, 1}};
    (void) state;
    for (unsigned i = 0; i < 8; i++) {
        struct usher_config cfg;
        usher_config_init(&cfg);
        cfg.active_max = limits[i][2];
        struct hall *h = hall_open(&cfg);
        set_sales(h, (struct usher_queue_set){.offering = USHER_OFFERING_AUTO,
                                              .active_max = limits[i][1]});
        hall_hire(h, ANN, "sales", limits[i][0]);
        for (int s = 0; s < 6; s++) {
            hall_start(h, s, "sales", 0);
        }
        for (int round = 0; round < 3; round++) { /* and it stays so when one ends */
            for (int s = 0; s < 6; s++) {
                bool has = s >= round && s < round + (int) limits[i][3];
                assert_int_equal(h->sessions[s].state == USHER_STATE_ACTIVE, has);
            }
            hall_end(h, round);
        }
        hall_close(h);
    }
}

/* A queue takes so many, offered ones among them, and not one more; whom an agent has does not
 * count. */
static void p8_a_queue_takes_so_many_and_no_more(void **state)
{
    struct hall *h = *state;
    set_sales(h, (struct usher_queue_set){.waiting_max = 3});
    hall_hire(h, ANN, "sales", 2);
    for (int i = 0; i < 3; i++) {
        hall_start(h, i, "sales", 0);
        assert_int_equal(h->refused, USHER_WHY_NONE);
    }
    hall_start(h, 3, "sales", 0);
    assert_int_equal(h->refused, USHER_FULL);
    hall_accept(h, ANN, 0);
    hall_start(h, 3, "sales", 0);
    assert_int_equal(h->refused, USHER_WHY_NONE);
    hall_start(h, 4, "sales", 0);
    assert_int_equal(h->refused, USHER_FULL);
}

/* The last unit is used, by sessions and offers together, and none beyond it. */
static void p8_an_agents_last_unit_is_used_and_none_beyond(void **state)
{
    struct hall *h = *state;
    hall_hire(h, ANN, "sales", 2);
    for (int i = 0; i < 3; i++) {
        hall_start(h, i, "sales", 0);
    }
    hall_accept(h, ANN, 0);
    assert_offered(h, 1, ANN);
    hall_accept(h, ANN, 1);
    assert_has(h, ANN, 1);
    assert_waits(h, 2);
    hall_end(h, 0);
    assert_offered(h, 2, ANN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_hall, shut_hall)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(r1_of_several_accepts_one_wins),
        TEST(r2_nobody_has_more_than_he_can_carry),
        TEST(r3_an_accept_that_is_repeated_assigns_nothing_again),
        TEST(r4_who_was_named_has_it_and_old_offers_are_void),
        TEST(r5_a_visitor_has_one_open_session),
        TEST(r7_a_declined_offer_does_not_loop),
        TEST(r8_a_visitor_who_leaves_takes_his_offers_with_him),
        TEST(r9_an_agent_is_free_again_however_an_offer_ended),
        TEST(q1_the_oldest_goes_first_whenever_there_is_room),
        TEST(q2_what_came_while_all_were_away_is_taken),
        TEST(q5_one_who_is_full_or_away_blocks_nobody),
        TEST(q6_each_wrap_up_ends_by_itself),
        TEST(q7_a_link_that_comes_back_changes_no_order),
        TEST(q9_a_transfer_moves_or_is_refused_and_loses_nothing),
        TEST(q10_an_old_deadline_does_not_end_what_came_back),
        TEST(p1_nothing_goes_to_an_agent_who_is_away),
        TEST(p2_signing_in_makes_nobody_ready),
        TEST(p3_presence_is_the_last_link_and_a_grace),
        TEST(p4_flapping_moves_nothing),
        TEST(p5_a_lost_agents_session_goes_back_with_its_age),
        TEST(p8_the_lowest_limit_holds_at_equality),
        TEST(p8_a_queue_takes_so_many_and_no_more),
        TEST(p8_an_agents_last_unit_is_used_and_none_beyond),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
