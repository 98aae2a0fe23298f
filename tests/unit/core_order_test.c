/* core_order_test.c - which waiting session goes next: orders, ties, bounds, a restart.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

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

static void queue_of_order(struct hall *h, const char *id, enum usher_order order,
                           const uint32_t *order_ms)
{
    struct usher_queue_set set = {
        .open = true, .order = order, .offering = USHER_OFFERING_AUTO, .waiting_max = 100};
    strcpy(set.queue.s, id);
    if (order_ms != NULL) {
        memcpy(set.order_ms, order_ms, sizeof set.order_ms);
    }
    hall_queue(h, set);
}

/* Ann, who takes one at a time, has what waits in the order given; she is hired here. */
static void served_in_order(struct hall *h, const char *queue, const int *order, int n)
{
    hall_hire(h, ANN, queue, 1);
    for (int i = 0; i < n; i++) {
        assert_has(h, ANN, order[i]);
        hall_end(h, order[i]);
    }
}

#define SERVED(h, queue, ...)                                                                      \
    served_in_order((h), (queue), (const int[]){__VA_ARGS__},                                      \
                    (int) (sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

static void fifo_goes_by_age_and_ignores_priority(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_FIFO, NULL);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 7); /* in the same millisecond: who came first */
    hall_pass(h, 1);
    hall_start(h, 2, "sales", 7);
    SERVED(h, "sales", 0, 1, 2);
}

static const uint32_t head_start[USHER_PRIORITIES] = {0, 1000, 0, 0, 0, 0, 0, 5000};

static void a_head_start_of_a_second_overtakes_who_came_less_than_a_second_before(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 999);
    hall_start(h, 1, "sales", 1);
    SERVED(h, "sales", 1, 0);
}

static void a_head_start_that_is_used_up_to_the_millisecond_overtakes_nobody(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1000);
    hall_start(h, 1, "sales", 1); /* as urgent: who came first */
    hall_pass(h, 1);
    hall_start(h, 2, "sales", 1);
    SERVED(h, "sales", 0, 1, 2);
}

static void a_greater_head_start_goes_first_of_those_who_came_together(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 1);
    hall_start(h, 2, "sales", 7);
    hall_start(h, 3, "sales", 2); /* no head start of its own: like 0 */
    SERVED(h, "sales", 2, 1, 0, 3);
}

static void strict_priority_beats_any_age(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_STRICT, NULL);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 1);
    hall_pass(h, 250000);
    hall_start(h, 2, "sales", 7);
    hall_start(h, 3, "sales", 1);
    hall_start(h, 4, "sales", 7);
    SERVED(h, "sales", 2, 4, 1, 3, 0);
}

static const uint32_t deadlines[USHER_PRIORITIES] = {60000, 30000, 10000, 0, 0, 0, 0, 0};

static void who_is_due_first_goes_first(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_DEADLINE, deadlines);
    hall_start(h, 0, "sales", 0); /* due at 60 000 */
    hall_pass(h, 29999);
    hall_start(h, 1, "sales", 1); /* 59 999 */
    hall_pass(h, 1);
    hall_start(h, 2, "sales", 1); /* 60 000 too, but came later */
    hall_pass(h, 19999);
    hall_start(h, 3, "sales", 2); /* 59 999 too, but came later than 1 */
    SERVED(h, "sales", 1, 3, 0, 2);
}

static const uint32_t slopes[USHER_PRIORITIES] = {1000, 2000, 4000, 0, 0, 0, 0, 0};

/* At 2000 both count 2000; a millisecond before the older one is ahead, after it the steeper. */
static void slopes_cross(struct hall *h, uint64_t at, bool steeper_first)
{
    queue_of_order(h, "sales", USHER_ORDER_SLOPE, slopes);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1000);
    hall_start(h, 1, "sales", 1);
    hall_pass(h, at - 1000);
    SERVED(h, "sales", steeper_first, !steeper_first);
}

static void before_two_slopes_cross_the_older_is_ahead(void **state)
{
    slopes_cross(*state, 1999, false);
}

static void where_two_slopes_cross_who_came_first_is_ahead(void **state)
{
    slopes_cross(*state, 2000, false);
}

static void after_two_slopes_crossed_the_steeper_is_ahead(void **state)
{
    slopes_cross(*state, 2001, true);
}

static void a_slope_of_zero_is_one(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_SLOPE, slopes);
    hall_start(h, 0, "sales", 3);
    hall_pass(h, 1);
    hall_start(h, 1, "sales", 0);
    hall_pass(h, 1000);
    SERVED(h, "sales", 0, 1);
}

/* Two queues and one agent for both: there is one order over all. */
static void both_queues_in_order(struct hall *h, const int *order, int n)
{
    static const struct usher_queue_id both[2] = {{"sales"}, {"other"}};
    hall_agent(h, ANN, (struct usher_agent_set){.queues = both, .n_queues = 2, .capacity = 1});
    hall_come(h, ANN);
    hall_ready(h, ANN, true);
    for (int i = 0; i < n; i++) {
        assert_has(h, ANN, order[i]);
        hall_end(h, order[i]);
    }
}

static void two_fifo_queues_are_served_as_one(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_FIFO, NULL);
    queue_of_order(h, "other", USHER_ORDER_FIFO, NULL);
    for (int i = 0; i < 6; i++) {
        hall_start(h, i, i % 3 == 1 ? "sales" : "other", 0);
        hall_pass(h, i % 2 ? 0 : 10);
    }
    both_queues_in_order(h, (const int[]){0, 1, 2, 3, 4, 5}, 6);
}

static void head_start_and_age_compare_across_queues(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    queue_of_order(h, "other", USHER_ORDER_FIFO, NULL);
    hall_start(h, 0, "other", 0);
    hall_pass(h, 4999);
    hall_start(h, 1, "other", 7); /* its priority does not count there */
    hall_start(h, 2, "sales", 7);
    hall_pass(h, 1);
    hall_start(h, 3, "sales", 7); /* as urgent as 0, which came first */
    both_queues_in_order(h, (const int[]){2, 0, 3, 1}, 4);
}

static void a_deadline_compares_with_age_across_queues(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_DEADLINE, deadlines);
    queue_of_order(h, "other", USHER_ORDER_FIFO, NULL);
    hall_start(h, 0, "sales", 2); /* w = age - 10 000 */
    hall_pass(h, 9999);
    hall_start(h, 1, "other", 0);
    hall_pass(h, 1);
    hall_start(h, 2, "other", 0); /* as urgent as 0, which came first */
    hall_pass(h, 1);
    hall_start(h, 3, "other", 0);
    both_queues_in_order(h, (const int[]){1, 0, 2, 3}, 4);
}

static void a_strict_queue_stands_above_all_others(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_STRICT, NULL);
    queue_of_order(h, "other", USHER_ORDER_FIFO, NULL);
    hall_start(h, 0, "other", 7);
    hall_pass(h, 200000);
    hall_start(h, 1, "sales", 0); /* without priority it goes by age like others */
    hall_start(h, 2, "sales", 1);
    hall_start(h, 3, "other", 0);
    both_queues_in_order(h, (const int[]){2, 0, 1, 3}, 4);
}

static void who_comes_later_with_more_than_the_head_start_never_overtakes(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    hall_start(h, 0, "sales", 0);
    for (int i = 1; i <= 60; i++) { /* one a 100 ms, each with a head start of 5 s */
        hall_pass(h, 100);
        hall_start(h, i, "sales", 7);
    }
    hall_hire(h, ANN, "sales", 1);
    for (int i = 1; i < 50; i++) { /* those who came within 5 s go before it */
        assert_has(h, ANN, i);
        hall_end(h, i);
    }
    assert_has(h, ANN, 0);
    hall_end(h, 0);
    assert_has(h, ANN, 50);
}

static void a_queue_of_another_order_from_now_on_orders_those_who_wait(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_FIFO, NULL);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 500);
    hall_start(h, 1, "sales", 1);
    hall_pass(h, 500);
    hall_start(h, 2, "sales", 7);
    queue_of_order(h, "sales", USHER_ORDER_STRICT, NULL);
    hall_hire(h, ANN, "sales", 1);
    assert_has(h, ANN, 2);
    queue_of_order(h, "sales", USHER_ORDER_FIFO, NULL);
    hall_end(h, 2);
    assert_has(h, ANN, 0);
    hall_start(h, 3, "sales", 7);
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    hall_end(h, 0);
    assert_has(h, ANN, 3);
    hall_end(h, 3);
    assert_has(h, ANN, 1);
}

static void a_restart_keeps_age_priority_and_order(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_HEAD_START, head_start);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 999);
    hall_start(h, 1, "sales", 1);
    hall_start(h, 2, "sales", 0);
    hall_pass(h, 1);
    hall_start(h, 3, "sales", 1);
    hall_pass(h, 7);
    hall_restart_all(h);
    hall_start(h, 4, "sales", 1);
    hall_pass(h, 16000); /* each has been told its place by now */
    assert_int_equal(h->sessions[1].place, 1);
    assert_int_equal(h->sessions[0].place, 2);
    assert_int_equal(h->sessions[3].place, 3);
    assert_int_equal(h->sessions[4].place, 4);
    assert_int_equal(h->sessions[2].place, 5);
    SERVED(h, "sales", 1, 0, 3, 4, 2);
}

static void a_restart_keeps_a_strict_order(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_STRICT, NULL);
    for (int i = 0; i < 8; i++) {
        hall_start(h, i, "sales", (uint32_t) i / 2);
    }
    hall_pass(h, 3);
    hall_restart_all(h);
    SERVED(h, "sales", 6, 7, 4, 5, 2, 3, 0, 1);
}

static void a_restart_keeps_slopes_and_deadlines(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_SLOPE, slopes);
    hall_start(h, 0, "sales", 0);
    hall_pass(h, 1000);
    hall_start(h, 1, "sales", 1);
    hall_start(h, 2, "sales", 2);
    hall_pass(h, 900);
    hall_restart_all(h);
    hall_pass(h, 99); /* at 1999: 1999, 1998, 3996 */
    SERVED(h, "sales", 2, 0, 1);
}

static void places_follow_the_order(void **state)
{
    struct hall *h = *state;
    queue_of_order(h, "sales", USHER_ORDER_STRICT, NULL);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 3);
    hall_start(h, 2, "sales", 3);
    hall_start(h, 3, "sales", 7);
    assert_int_equal(h->sessions[3].place, 1); /* at once, when it comes */
    hall_pass(h, 15000);
    assert_int_equal(h->sessions[0].place, 4);
    assert_int_equal(h->sessions[1].place, 2);
    assert_int_equal(h->sessions[2].place, 3);
    hall_end(h, 1);
    hall_pass(h, 14999);
    assert_int_equal(h->sessions[0].place_ms, 15000);
    hall_pass(h, 1);
    assert_int_equal(h->sessions[0].place, 3);
    assert_int_equal(h->sessions[2].place, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_hall, shut_hall)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fifo_goes_by_age_and_ignores_priority),
        TEST(a_head_start_of_a_second_overtakes_who_came_less_than_a_second_before),
        TEST(a_head_start_that_is_used_up_to_the_millisecond_overtakes_nobody),
        TEST(a_greater_head_start_goes_first_of_those_who_came_together),
        TEST(strict_priority_beats_any_age),
        TEST(who_is_due_first_goes_first),
        TEST(before_two_slopes_cross_the_older_is_ahead),
        TEST(where_two_slopes_cross_who_came_first_is_ahead),
        TEST(after_two_slopes_crossed_the_steeper_is_ahead),
        TEST(a_slope_of_zero_is_one),
        TEST(two_fifo_queues_are_served_as_one),
        TEST(head_start_and_age_compare_across_queues),
        TEST(a_deadline_compares_with_age_across_queues),
        TEST(a_strict_queue_stands_above_all_others),
        TEST(who_comes_later_with_more_than_the_head_start_never_overtakes),
        TEST(a_queue_of_another_order_from_now_on_orders_those_who_wait),
        TEST(a_restart_keeps_age_priority_and_order),
        TEST(a_restart_keeps_a_strict_order),
        TEST(a_restart_keeps_slopes_and_deadlines),
        TEST(places_follow_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
