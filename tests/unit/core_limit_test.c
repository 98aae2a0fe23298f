/* core_limit_test.c - limits of the desk while agents keep free, and settings that are refused.
 * SPDX-License-Identifier: MIT */
#include "core_hall.h"

static void set_queue(struct hall *h, const char *id, struct usher_queue_set set)
{
    strcpy(set.queue.s, id);
    set.open = true;
    set.offering = USHER_OFFERING_AUTO;
    hall_queue(h, set);
}

static struct hall *open_limited(uint32_t active_max, uint32_t classes)
{
    struct usher_config cfg;
    usher_config_init(&cfg);
    cfg.active_max = active_max;
    cfg.limits =
        (struct usher_limits){.sessions = 64, .links = 64, .agents = 8, .classes = classes};
    return hall_open(&cfg);
}

/* The place is for the first in the order; who only looks for it makes nobody keep free. */
static void a_limit_asks_nobody_to_keep_free(void **state)
{
    (void) state;
    struct hall *h = open_limited(2, 0);
    static const struct usher_queue_id both[2] = {{"sales"}, {"heavy"}};
    set_queue(h, "sales", (struct usher_queue_set){.order = USHER_ORDER_STRICT});
    set_queue(h, "heavy", (struct usher_queue_set){.cost = 2, .drain_ms = 1000});
    hall_agent(h, ANN, (struct usher_agent_set){.queues = both, .n_queues = 2, .capacity = 2});
    hall_come(h, ANN);
    hall_ready(h, ANN, true);
    hall_start(h, 0, "sales", 0);
    hall_start(h, 1, "sales", 0);
    hall_start(h, 2, "sales", 0);
    hall_start(h, 3, "heavy", 0);
    hall_start(h, 4, "sales", 1);
    hall_pass(h, 2000);
    hall_end(h, 0);
    assert_int_equal(h->sessions[4].state, USHER_STATE_ACTIVE);
    assert_int_equal(h->sessions[2].state, USHER_STATE_WAITING);
    assert_int_equal(h->sessions[3].state, USHER_STATE_WAITING);
    hall_close(h);
}

/* Kinds of sessions of which only closed ones are left make room for others. */
static void closed_sessions_give_up_their_kinds(void **state)
{
    (void) state;
    struct hall *h = open_limited(0, 2);
    set_queue(h, "sales", (struct usher_queue_set){0});
    for (int i = 0; i < USHER_PRIORITIES; i++) {
        hall_start(h, i, "sales", (uint32_t) i);
        assert_int_equal(h->sessions[i].state, USHER_STATE_WAITING);
        hall_end(h, i);
    }
    hall_close(h);
}

static void a_refused_setting_makes_no_skill_known(void **state)
{
    (void) state;
    struct hall *h = hall_open(NULL);
    static const struct usher_skill th = {{"th"}, 1};
    static const struct usher_step_set steps[2] = {
        {.after_ms = 1, .kind = USHER_STEP_DROP, .skill = {"th"}},
        {.after_ms = 2, .kind = USHER_STEP_PRIORITY, .by = USHER_PRIORITIES}};
    set_queue(h, "sales", (struct usher_queue_set){0});
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set = (struct usher_queue_set){
        .queue = {"sales"}, .open = true, .steps = steps, .n_steps = 2};
    assert_int_equal(usher_step(h->desk, h->now, &ev), USHER_EINVAL);
    hall_need(h, 0, "sales", 0, &th, 1);
    assert_int_equal(h->refused, USHER_UNKNOWN);
    hall_close(h);
}

static void what_would_overflow_is_refused(void **state)
{
    (void) state;
    struct hall *h = hall_open(NULL);
    struct usher_config cfg;
    struct usher *desk = NULL;
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    ev.as.queue_set = (struct usher_queue_set){.queue = {"sales"}, .order = USHER_ORDER_SLOPE};
    ev.as.queue_set.order_ms[3] = 1000001;
    assert_int_equal(usher_step(h->desk, h->now, &ev), USHER_EINVAL);
    ev.as.queue_set.order_ms[3] = 1000000;
    assert_int_equal(usher_step(h->desk, h->now, &ev), 0);
    usher_config_init(&cfg);
    cfg.window_ms = 999;
    assert_int_equal(usher_new(&desk, &cfg), USHER_EINVAL);
    hall_close(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_asks_nobody_to_keep_free),
        cmocka_unit_test(closed_sessions_give_up_their_kinds),
        cmocka_unit_test(a_refused_setting_makes_no_skill_known),
        cmocka_unit_test(what_would_overflow_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
