/* core_needs_test.c - what a session needs, by its visitor and by its queue, on a core alone.
 * SPDX-License-Identifier: MIT */
#include "core_world.h"

/* Queue sales adds these needs and this priority. */
static int set_sales(struct world *w, const struct usher_skill *needs, size_t n, uint32_t priority)
{
    struct usher_event ev = {.type = USHER_EV_QUEUE_SET};
    strcpy(ev.as.queue_set.queue.s, "sales");
    ev.as.queue_set.open = true;
    ev.as.queue_set.needs = needs;
    ev.as.queue_set.n_needs = n;
    ev.as.queue_set.priority = priority;
    return usher_step(w->desk, w->now, &ev);
}

static struct usher_event starting(const char *key, const struct usher_skill *needs, size_t n,
                                   uint32_t priority)
{
    struct usher_event ev = command(USHER_EV_START, VISITOR, key);
    strcpy(ev.as.start.queue.s, "sales");
    ev.as.start.body = span("Hello");
    ev.as.start.needs = needs;
    ev.as.start.n_needs = n;
    ev.as.start.priority = priority;
    return ev;
}

static void opened_is(const struct world *w, const char *needs)
{
    assert_true(w->told.n_facts >= 1);
    assert_int_equal(w->told.facts[0].type, USHER_FACT_OPENED);
    assert_int_equal(w->told.facts[0].body.len, strlen(needs));
    assert_memory_equal(w->told.facts[0].body.base, needs, strlen(needs));
}

static void the_higher_level_and_priority_win(void **state)
{
    static const struct usher_skill queue[] = {{{"en"}, 2}, {{"th"}, 1}};
    static const struct usher_skill own[] = {{{"th"}, 3}, {{"en"}, 1}};
    struct world *w = *state;
    assert_int_equal(set_sales(w, queue, 2, 4), 0);
    struct usher_event ev = starting("s1", own, 2, 1);
    step(w, &ev);
    opened_is(w, "priority=4 en=2 th=3");
}

static void an_own_priority_above_the_queue_s_stays(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_sales(w, NULL, 0, 4), 0);
    struct usher_event ev = starting("s1", NULL, 0, 6);
    step(w, &ev);
    opened_is(w, "priority=6");
}

static void an_offer_tells_what_is_needed(void **state)
{
    static const struct usher_skill none[] = {{{"en"}, 2}};
    struct world *w = *state;
    assert_int_equal(set_sales(w, none, 1, 4), 0);
    struct usher_event lower = {.type = USHER_EV_QUEUE_SET};
    static const struct usher_step_set drop = {.kind = USHER_STEP_DROP};
    strcpy(lower.as.queue_set.queue.s, "sales");
    lower.as.queue_set.open = true;
    lower.as.queue_set.needs = none;
    lower.as.queue_set.n_needs = 1;
    lower.as.queue_set.priority = 4;
    lower.as.queue_set.steps = &drop;
    lower.as.queue_set.n_steps = 1;
    step(w, &lower);
    ready(w, ANN, "r1", true);
    struct usher_event ev = starting("s1", NULL, 0, 0);
    step(w, &ev);
    const struct usher_note *n = answer(&w->told, ANN);
    assert_int_equal(n->type, USHER_NOTE_OFFER);
    assert_int_equal(n->as.offer.priority, 4);
    assert_int_equal(n->as.offer.n_needs, 1); /* as it came, though it is dropped at once */
}

static void more_than_eight_together_are_refused(void **state)
{
    static const struct usher_skill queue[] = {{{"a"}, 1}, {{"b"}, 1}, {{"c"}, 1}, {{"d"}, 1},
                                               {{"e"}, 1}, {{"f"}, 1}, {{"g"}, 1}, {{"h"}, 1}};
    static const struct usher_skill again[] = {{{"a"}, 2}, {{"h"}, 1}};
    static const struct usher_skill more = {{"i"}, 1};
    struct world *w = *state;
    assert_int_equal(set_sales(w, &more, 1, 0), 0); /* so that i is known */
    assert_int_equal(set_sales(w, queue, 8, 0), 0);
    struct usher_event ev = starting("s1", &more, 1, 0);
    step(w, &ev);
    assert_int_equal(answer(&w->told, VISITOR)->as.refused.why, USHER_BAD_FIELD);
    ev = starting("s2", again, 2, 0);
    step(w, &ev);
    opened_is(w, "a=2 b=1 c=1 d=1 e=1 f=1 g=1 h=1");
}

/* The queue's part is not the visitor's: his command stays the same when that changes. */
static void a_key_covers_what_the_visitor_said(void **state)
{
    static const struct usher_skill queue[] = {{{"en"}, 1}, {{"th"}, 1}};
    static const struct usher_skill one[] = {{{"th"}, 3}, {{"en"}, 1}};
    static const struct usher_skill turned[] = {{{"en"}, 1}, {{"th"}, 3}};
    static const struct usher_skill other[] = {{{"en"}, 3}, {{"th"}, 1}};
    struct world *w = *state;
    assert_int_equal(set_sales(w, queue, 2, 0), 0);
    struct usher_event ev = starting("s1", one, 2, 0);
    step(w, &ev);
    assert_int_equal(set_sales(w, queue, 1, 7), 0);
    ev = starting("s1", turned, 2, 0);
    step(w, &ev);
    assert_int_equal(answer(&w->told, VISITOR)->type, USHER_NOTE_DONE);
    ev = starting("s1", other, 2, 0);
    step(w, &ev);
    assert_int_equal(answer(&w->told, VISITOR)->as.refused.why, USHER_KEY_CONFLICT);
    ev = starting("s1", NULL, 0, 0);
    step(w, &ev);
    assert_int_equal(answer(&w->told, VISITOR)->as.refused.why, USHER_KEY_CONFLICT);
}

static void a_queue_that_needs_what_cannot_be_is_not_set(void **state)
{
    static const struct usher_skill nameless = {{""}, 1};
    static const struct usher_skill word = {{"priority"}, 1};
    static const struct usher_skill high = {{"th"}, 256};
    static struct usher_skill many[USHER_NEEDS_MAX + 1];
    struct world *w = *state;
    assert_int_equal(set_sales(w, &nameless, 1, 0), USHER_EINVAL);
    assert_int_equal(set_sales(w, &word, 1, 0), USHER_EINVAL);
    assert_int_equal(set_sales(w, &high, 1, 0), USHER_EINVAL);
    assert_int_equal(set_sales(w, many, USHER_NEEDS_MAX + 1, 0), USHER_EINVAL);
    assert_int_equal(set_sales(w, NULL, 0, USHER_PRIORITIES), USHER_EINVAL);
    struct usher_event ev = starting("s1", NULL, 0, 0);
    step(w, &ev);
    opened_is(w, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_higher_level_and_priority_win, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(an_own_priority_above_the_queue_s_stays, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(an_offer_tells_what_is_needed, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(more_than_eight_together_are_refused, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(a_key_covers_what_the_visitor_said, open_desk, close_desk),
        cmocka_unit_test_setup_teardown(a_queue_that_needs_what_cannot_be_is_not_set, open_desk,
                                        close_desk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
