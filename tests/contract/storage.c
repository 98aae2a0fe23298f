/* storage.c - the contract of storages, as a test suite that any storage can be put through.
 * SPDX-License-Identifier: MIT */
#include "storage.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storage_desk.h"

enum { TESTS_MAX = 40 };

static void any_history_comes_back_as_the_model_says(void **state)
{
    struct ush_desk *d = *state;
    struct ush_dice dice = ush_dice_new("any_history_comes_back_as_the_model_says");
    for (int round = 0; round < 6; round++) {
        ush_desk_setup(state);
        ush_desk_load(d, 7);
        for (int i = 0; i < 40; i++) {
            const uint32_t n = 1 + ush_dice_below(&dice, ush_dice_below(&dice, 8) == 0 ? 60 : 8);
            for (uint32_t j = 0; j < n; j++) {
                ush_model_happen(&d->model, &dice);
            }
            if (ush_dice_below(&dice, 6) == 0) {
                struct usher_batch wrong = ush_model_batch(&d->model);
                wrong.first += 1;
                ush_desk_refused(d, wrong);
            }
            if (ush_dice_below(&dice, 8) == 0) {
                ush_model_undo(&d->model);
                continue;
            }
            ush_model_save(&d->model, d->s);
            if (ush_dice_below(&dice, 10) == 0) {
                ush_desk_reopen(d);
            }
            if (ush_dice_below(&dice, 5) == 0) {
                ush_model_check(&d->model, d->s, &dice);
            }
        }
        ush_model_check(&d->model, d->s, &dice);
        ush_desk_teardown(state);
    }
}

/* Sessions that go on while thousands of other facts are stored. */
static void a_session_may_lie_far_apart_in_the_history(void **state)
{
    struct ush_desk *d = *state;
    ush_desk_load(d, 7);
    ush_desk_add(d, ush_fact_visitor(1));
    ush_desk_add(d, ush_fact_opened(1, 1));
    ush_desk_add(d, ush_fact_opened(2, 1));
    ush_model_save(&d->model, d->s);
    for (int i = 0; i < 12; i++) {
        for (int j = 0; j < 1000; j++) {
            struct usher_fact fact = ush_fact_agent("bea", j % 2 == 0);
            ush_desk_add(d, fact);
        }
        struct usher_fact said = ush_fact_said(1, 1, "still here");
        said.key = ush_span(i % 2 == 0 ? "even" : "odd");
        said.digest = (uint64_t) i + 1;
        ush_desk_add(d, said);
        ush_desk_add(d, ush_fact_whispered(1, "bea", "he is still here"));
        ush_model_save(&d->model, d->s);
    }
    struct usher_fetch what = {.session = ush_session_of(1)};
    for (what.after = 0; what.after < 14; what.after += 3) {
        for (what.before = 2; what.before < 17; what.before += 3) {
            for (what.facts_max = 2; what.facts_max < 40; what.facts_max += 5) {
                what.bytes_max = 100 * what.facts_max;
                what.internal = false;
                what.log = USHER_LOG_PUBLIC;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.log = USHER_LOG_INTERNAL;
                ush_model_check_fetch(&d->model, d->s, &what);
                what.internal = true;
                ush_model_check_fetch(&d->model, d->s, &what);
            }
        }
    }
    static const char *const keys[] = {"even", "odd", "never"};
    for (size_t i = 0; i < 3; i++) {
        const struct usher_find find = {.by = ush_fact_said(1, 1, "").by, .key = ush_span(keys[i])};
        ush_model_check_key(&d->model, d->s, &find);
    }
}

/* Put tests behind the n that are there, each with the desk; gives the new n. */
static size_t take(struct CMUnitTest *tests, size_t n, const struct CMUnitTest *more, size_t n_more,
                   struct ush_desk *desk)
{
    assert(n + n_more <= TESTS_MAX);
    for (size_t i = 0; i < n_more; i++) {
        tests[n + i] = more[i];
        tests[n + i].setup_func = ush_desk_setup;
        tests[n + i].teardown_func = ush_desk_teardown;
        tests[n + i].initial_state = desk;
    }
    return n + n_more;
}

int ush_contract_storage(struct ush_storage_maker maker)
{
    static const struct CMUnitTest last[] = {
        cmocka_unit_test(any_history_comes_back_as_the_model_says),
        cmocka_unit_test(a_session_may_lie_far_apart_in_the_history),
    };
    struct ush_desk desk = {.maker = &maker};
    struct CMUnitTest tests[TESTS_MAX];
    size_t n = take(tests, 0, ush_storage_keeps, ush_storage_keeps_n, &desk);
    n = take(tests, n, ush_storage_answers, ush_storage_answers_n, &desk);
    n = take(tests, n, last, sizeof last / sizeof *last, &desk);
    return _cmocka_run_group_tests(maker.name, tests, n, NULL, NULL);
}
