/* core_take_test.c - which take seals a batch, on a core alone.
 * SPDX-License-Identifier: MIT */
#include "core_world.h"

/* One fact more: ann is ready, or is not. */
static void toggle(struct world *w, bool on)
{
    struct usher_event ev = command(USHER_EV_READY, ANN, "");
    ev.as.ready.on = on;
    assert_int_equal(usher_step(w->desk, w->now, &ev), 0);
}

static void a_batch_stays_open_until_it_is_half_full(void **state)
{
    struct world *w = *state;
    const struct usher_effect *fx = NULL;
    uint32_t n = 0;
    while (fx == NULL && n < 2000) {
        toggle(w, n % 2 == 0);
        n++;
        fx = usher_take_open(w->desk);
        while (fx != NULL && fx->type != USHER_DO_PERSIST) {
            fx = usher_take_open(w->desk);
        }
    }
    assert_non_null(fx);
    assert_int_equal(fx->as.persist.n, n);
    assert_int_equal(n, 1024 / 2 + 1);
}

static void what_comes_between_two_takes_is_saved_together(void **state)
{
    struct world *w = *state;
    toggle(w, true);
    while (usher_take_open(w->desk) != NULL) {
    }
    toggle(w, false);
    const struct usher_effect *fx = usher_take(w->desk);
    assert_non_null(fx);
    assert_int_equal(fx->type, USHER_DO_PERSIST);
    assert_int_equal(fx->as.persist.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_batch_stays_open_until_it_is_half_full, open_desk,
                                        close_desk),
        cmocka_unit_test_setup_teardown(what_comes_between_two_takes_is_saved_together, open_desk,
                                        close_desk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
